"""How fast texts are taken apart and tagged with themes, against the bare Korean tokeniser with one worker.

    python -m cx bench words [--texts 20000] [--file texts.txt]

Needs kiwipiepy. Without `--file` (one text a line) the demo company's Korean comments are used. Prints texts a second
of the bare tokeniser with one worker and of publishing's own steps with all cores, their share, and the memory.
"""

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.dataset as ds

from cx import settings, texts, themes
from cx.themes import Matcher
from cx.tokens import HANGUL, Tokeniser

BATCH = texts.BATCH


def sample(number: int, file: str) -> list[str]:
    """Short texts, in turn until there are enough, each different so that none is skipped as already known."""
    if file:
        found = [line.strip() for line in Path(file).read_text(encoding="utf-8").splitlines() if line.strip()]
    else:
        column = ds.dataset(settings.PROJECT / "data" / "responses").to_table(columns=["comment"])["comment"]
        found = [text for text in column.drop_null().unique().to_pylist() if HANGUL.search(text)]
    return [f"{found[place % len(found)]} {place // len(found) or ''}".strip() for place in range(number)]


def seconds(work: Callable[[], object]) -> float:
    """How long something takes, at best of three."""
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started)
    return best


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--file", default="")
    options = parser.parse_args()
    from kiwipiepy import Kiwi

    found = sample(options.texts, options.file)
    print(f"{len(found):,} texts of {sum(map(len, found)) / len(found):.0f} signs on average")
    one = Kiwi(num_workers=1)
    one.tokenize("처음")
    bare = len(found) / seconds(lambda: [None for _ in one.tokenize(iter(found))])
    tokeniser = Tokeniser()
    matcher = Matcher(themes.load((settings.PROJECT / "queries",)).working, tokeniser)
    tokens = len(found) / seconds(lambda: list(tokeniser.clauses(found)))
    rows = [(row, text, None) for row, text in enumerate(found)]

    def published() -> None:
        for start in range(0, len(rows), BATCH):
            read = texts.read(rows[start : start + BATCH], tokeniser)
            tagged = ((one["row"], one["words"], one["breaks"], one["tones"]) for one in read)
            for _ in texts.mentioned(tagged, matcher):
                pass

    whole = len(found) / seconds(published)
    print(f"bare tokeniser, one worker            {bare:8,.0f} texts/s")
    print(f"clauses of stems                      {tokens:8,.0f} texts/s")
    print(f"clauses, sentiment, kinds and themes  {whole:8,.0f} texts/s, {whole / bare:.0%} of the bare tokeniser")
    print(f"memory at most                        {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10:8,} MB")


if __name__ == "__main__":
    main()
