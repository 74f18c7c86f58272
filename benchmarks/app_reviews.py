"""How well reviews of app stores are read: their themes, the judgement of each theme, their kinds and their polarity.

    python -m cx bench app_reviews [--half seen|held|later|last] [--misses]

`labelled/app_reviews.tsv` holds reviews without stars. They go through what publishing does with a text, once as they
are and, for the judgement of themes, once with one star or five as the whole review judges. One half was in view when
words and patterns were mended (`seen`), and so were later those that were written after that (`later`); the other half
(`held`) and those written in the end (`last`) never, so that `--misses` lists them only where `--half` asks for them.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from cx import sentiment, settings, texts, themes
from cx.themes import Matcher
from cx.tokens import Tokeniser

LABELLED = Path(__file__).with_name("labelled") / "app_reviews.tsv"
PARTS = ("seen", "held", "later", "last")
FIELDS = ("shopping", "delivery", "brokerage")


@dataclass(frozen=True)
class Review:
    """A labelled review: what it says of each theme is +, -, or a dot where nothing is judged."""

    half: str
    field: str
    judgement: str
    kind: str
    themes: dict[str, str]
    text: str


@dataclass(frozen=True)
class Reading:
    """What publishing makes of a review: its polarity, its kind, and the sentiment of each theme, without and with
    stars."""

    tone: float
    kind: str
    themes: dict[str, float]
    starred: dict[str, float]


def labelled() -> list[Review]:
    """The reviews of the file."""
    found = []
    for line in LABELLED.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            half, field, judgement, kind, about, text = line.split("\t")
            said = dict(one.split(":") for one in about.split() if one != "-")
            found.append(Review(half, field, judgement, kind, said, text))
    return found


def read(reviews: Sequence[Review]) -> list[Reading]:
    """Read the reviews as publishing does."""
    tokeniser = Tokeniser()
    matcher = Matcher(themes.load((settings.PROJECT / "queries",)).working, tokeniser)
    rows = list(texts.read([(place, one.text, None) for place, one in enumerate(reviews)], tokeniser))
    given = [tuple(row[name] for name in ("row", "words", "breaks", "tones")) for row in rows]
    mentions = pa.Table.from_pylist(list(texts.mentioned(given, matcher)), texts.MENTIONED)
    stars = {"+": 1.0, "-": -1.0}
    tones = [row["tone"] for row in rows]
    starred = [stars.get(one.judgement, tone) for one, tone in zip(reviews, tones, strict=True)]
    readings = [Reading(row["tone"], row["kind"] or "none", {}, {}) for row in rows]
    with duckdb.connect() as connection:
        connection.register("mentioned", mentions)
        for sentiments, kept in ((tones, "themes"), (starred, "starred")):
            connection.register("comments", pa.table({"row": range(len(rows)), "sentiment": sentiments}))
            joined = "mentioned inner join comments on mentioned.row = comments.row"
            asked = f"select mentioned.row, theme, {texts.of_theme()} from {joined}"
            for row, name, tone in connection.execute(asked).fetchall():
                getattr(readings[row], kept)[name] = tone
    return readings


def sign(tone: float, border: float) -> str:
    """A number as + or -, or 0 where it is nearer to zero than the border."""
    return "0" if abs(tone) < border else "+" if tone > 0 else "-"


def shown(name: str, right: int, found: int, wanted: int) -> None:
    """One line of figures."""
    precision = f"{right / found:6.1%}" if found else "     –"
    recall = f"{right / wanted:6.1%}" if wanted else "     –"
    print(f"  {name:24} precision {precision} ({right} of {found})  recall {recall} ({right} of {wanted})")


def counted(name: str, pairs: Iterable[tuple[set[str], set[str]]], single: bool = False) -> None:
    """Precision and recall of what was found beside what is wanted, of all and, if asked, of each."""
    numbers: Counter[tuple[str, str]] = Counter()
    for wanted, found in pairs:
        for kind, some in (("right", wanted & found), ("found", found), ("wanted", wanted)):
            for one in some:
                numbers.update({(kind, name): 1, (kind, one): 1})
    names = sorted({one for _, one in numbers} - {name}) if single else []
    for one in (name, *names):
        shown(one, *(numbers[kind, one] for kind in ("right", "found", "wanted")))


def measured(title: str, reviews: list[Review], readings: list[Reading], each: bool) -> None:
    """Print the figures of some reviews."""
    pairs = list(zip(reviews, readings, strict=True))
    print(f"{title}: {len(pairs)} reviews")
    counted("themes", [(set(one.themes), set(said.themes)) for one, said in pairs], each)
    both = [
        (true, said.themes[name])
        for one, said in pairs
        for name, true in one.themes.items()
        if true in "+-" and name in said.themes
    ]
    right = sum(true == sign(tone, 0) for true, tone in both)
    clear = [(true, tone) for true, tone in both if abs(tone) >= texts.NEITHER]
    sure = sum(true == sign(tone, 0) for true, tone in clear)
    print(f"  judgement of a theme     right {right / max(len(both), 1):.1%} of {len(both)} found themes;", end=" ")
    print(f"where Voice counts it {sure / max(len(clear), 1):.1%} of {len(clear)}")
    for which, name in (("-", "complaints"), ("+", "praise")):
        wanted = [{theme for theme, true in one.themes.items() if true == which} for one, _ in pairs]
        for heard, stars in (("themes", ""), ("starred", ", stars")):
            found = [
                {theme for theme, tone in getattr(said, heard).items() if sign(tone, texts.NEITHER) == which}
                for _, said in pairs
            ]
            counted(f"themes: {name}{stars}", zip(wanted, found, strict=True))
    judged = [(one.judgement, said.tone) for one, said in pairs if one.judgement in "+-"]
    right = sum(true == sign(tone, 0) for true, tone in judged)
    print(f"  polarity                 right {right / max(len(judged), 1):.1%} of {len(judged)}")
    for kind in (*sentiment.KINDS, "none"):
        true, told = [one.kind == kind for one, _ in pairs], [said.kind == kind for _, said in pairs]
        shown(kind, sum(a and b for a, b in zip(true, told, strict=True)), sum(told), sum(true))


def missed(reviews: Iterable[Review], readings: Iterable[Reading]) -> None:
    """List what was read otherwise than labelled."""
    for one, said in zip(reviews, readings, strict=True):
        wrong = [f"+{name}" for name in sorted(said.themes.keys() - one.themes.keys())]
        wrong += [f"-{name}" for name in sorted(one.themes.keys() - said.themes.keys())]
        for name, true in one.themes.items():
            if true in "+-" and name in said.themes and true != sign(said.themes[name], texts.NEITHER):
                wrong.append(f"{name}:{said.themes[name]:+.2f}")
        if one.judgement in "+-" and one.judgement != sign(said.tone, 0):
            wrong.append(f"polarity:{said.tone:+.2f}")
        if one.kind != said.kind:
            wrong.append(f"{said.kind}, not {one.kind}")
        if wrong:
            print(f"{'; '.join(wrong):50} {one.text}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=PARTS, default="")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--each", action="store_true", help="the figures of each theme too")
    options = parser.parse_args()
    reviews = labelled()
    readings = read(reviews)
    halves = (options.half,) if options.half else PARTS
    for half in halves:
        chosen = [place for place, one in enumerate(reviews) if one.half == half]
        measured(half, [reviews[place] for place in chosen], [readings[place] for place in chosen], options.each)
    if options.half:
        reviews, readings = map(
            list, zip(*((a, b) for a, b in zip(reviews, readings, strict=True) if a.half == options.half), strict=True)
        )
    else:
        measured("all", reviews, readings, options.each)
        for field in FIELDS:
            chosen = [place for place, one in enumerate(reviews) if one.field == field]
            measured(field, [reviews[place] for place in chosen], [readings[place] for place in chosen], False)
    if options.misses:
        seen = [(a, b) for a, b in zip(reviews, readings, strict=True) if options.half or a.half in ("seen", "later")]
        missed([a for a, _ in seen], [b for _, b in seen])


if __name__ == "__main__":
    main()
