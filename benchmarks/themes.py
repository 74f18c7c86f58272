"""How well the shipped theme files find what a sentence is about, on sentences labelled by a person.

    python -m cx bench themes [--file labelled.tsv] [--misses]

A line of the file is the themes (`-` for none), a tab, and the text. Prints precision and recall of all mentions, by
language and by theme; `--misses` lists what was found wrongly (+) or not found (-).
"""

import argparse
from collections import Counter
from pathlib import Path

from cx import settings, themes
from cx.themes import Matcher
from cx.tokens import HANGUL, Tokeniser

LABELLED = Path(__file__).with_name("labelled") / "themes.tsv"


def shown(name: str, right: int, found: int, wanted: int) -> None:
    """One line of figures."""
    precision = f"{right / found:7.1%}" if found else "      –"
    recall = f"{right / wanted:7.1%}" if wanted else "      –"
    print(f"{name:16} precision {precision} ({right} of {found})   recall {recall} ({right} of {wanted})")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--file", default=str(LABELLED))
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    lines = Path(options.file).read_text(encoding="utf-8").splitlines()
    labelled = [line.split("\t", 1) for line in lines if line and not line.startswith("#")]
    tokeniser = Tokeniser()
    matcher = Matcher(themes.load((settings.PROJECT / "queries",)).working, tokeniser)
    counted: Counter[tuple[str, str]] = Counter()
    for (names, text), clauses in zip(labelled, tokeniser.clauses(text for _, text in labelled), strict=True):
        wanted = set(names.split()) - {"-"}
        found = set().union(*(matcher.carried(words) for words, _ in clauses), set())
        language = "Korean" if HANGUL.search(text) else "English"
        for kind, some in (("right", wanted & found), ("found", found), ("wanted", wanted)):
            for name in some:
                counted.update({(kind, "all"): 1, (kind, language): 1, (kind, name): 1})
        if options.misses and wanted != found:
            marked = [f"+{name}" for name in sorted(found - wanted)] + [f"-{name}" for name in sorted(wanted - found)]
            print(f"{' '.join(marked):30} {text}   [{' | '.join(' '.join(words) for words, _ in clauses)}]")
    names = sorted({name for _, name in counted} - {"all", "Korean", "English"})
    for name in ("all", "Korean", "English", *names):
        shown(name, *(counted[kind, name] for kind in ("right", "found", "wanted")))


if __name__ == "__main__":
    main()
