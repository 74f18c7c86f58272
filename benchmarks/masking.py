"""How well personal data in texts is found, what is masked by mistake, and what it costs.

    python -m cx bench masking [--texts 1_000_000]

`labelled/personal.tsv` was written together with the masker, which was corrected by it; `labelled/personal_unseen.tsv`
was written afterwards, and the first figure it ever gave stands in docs/benchmarks.md. A number counts as found where
all of it is masked, as a mistake where something is masked that holds nothing of it. The cost is that of publishing:
the pattern in SQL over texts without personal data, and Python over those that it lets through.
"""

import argparse
import re
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from cx import masking
from cx.quoting import literal

LABELLED = Path(__file__).with_name("labelled")
CLEAN = (
    "배송이 예상보다 빨랐어요. 다음에도 이용할게요",
    "이 앱은 정말 편해요 사용하기도 쉽고 오류도 없어요",
    "주문한 지 이틀 만에 25,000원짜리가 왔어요 2026년 11월 22일",
    "The app crashed again after the update, please fix it.",
)


def cases(name: str) -> Iterator[tuple[str, str, list[tuple[int, int]]]]:
    """Kind, text and the places of what is to be masked, of a labelled file."""
    for line in (LABELLED / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, marked = line.replace("↵", "\n").split("\t")
            text, places = "", []
            for piece in re.split("(⟦.*?⟧)", marked, flags=re.DOTALL):
                if piece.startswith("⟦"):
                    places.append((len(text), len(text) + len(piece) - 2))
                text += piece.strip("⟦⟧")
            yield kind, text, places


def measure(name: str, *, told: bool) -> None:
    """Print recall and precision of each kind, and of all."""
    missed: dict[str, int] = {}
    total: dict[str, int] = {}
    right: dict[str, int] = {}
    wrong: dict[str, int] = {}
    negative = kept = 0
    for kind, text, places in cases(name):
        spans = masking.found(text)
        if not places:
            negative, kept = negative + 1, kept + (not spans)
        for first, end in places:
            total[kind] = total.get(kind, 0) + 1
            hit = any(start <= first and past >= end for start, past, _ in spans)
            missed[kind] = missed.get(kind, 0) + (not hit)
            if told and not hit:
                print(f"  not found: {kind}: {text}")
        for start, past, found in spans:
            good = any(start < end and past > first for first, end in places)
            (right if good else wrong)[found] = (right if good else wrong).get(found, 0) + 1
            if told and not good:
                print(f"  by mistake: {found}: {text}")
    print(f"{name}: {sum(total.values())} with personal data, {negative} without, of which {kept} stay as they are")
    for kind in (*total, ""):
        n, lost = (total[kind], missed[kind]) if kind else (sum(total.values()), sum(missed.values()))
        good, bad = (right.get(kind, 0), wrong.get(kind, 0)) if kind else (sum(right.values()), sum(wrong.values()))
        print(
            f"  {kind or 'all':10} recall {1 - lost / n:7.1%} ({n - lost} of {n})  "
            f"precision {good / max(good + bad, 1):7.1%} ({bad} by mistake)"
        )


def cost(texts: int) -> None:
    """Print what the pattern and the masker cost."""
    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        connection.execute(
            "create table texts as select ($clean::varchar[])[1 + number % 4] || ' ' || number % 1000 as text "
            "from range($texts) as made(number)",
            {"clean": list(CLEAN), "texts": texts},
        )
        seconds = {}
        for name, condition in (
            ("reading", "length(text) > 0"),
            ("pattern", f"regexp_matches(text, {literal(masking.suspicion())})"),
        ):
            started = time.process_time()
            let_through = connection.execute(f"select count(*) from texts where {condition}").fetchone()
            seconds[name] = time.process_time() - started
    number = let_through[0] if let_through else 0
    print(
        f"{texts:,} texts without personal data on one core: {seconds['reading']:.2f} s to read, "
        f"{seconds['pattern']:.2f} s with the pattern; {number:,} ({number / texts:.1%}) go through Python"
    )
    many = [text for kind, text, _ in cases("personal") if kind != "-"] * 20
    started = time.process_time()
    masking.masked(many)
    print(f"Python masks {len(many) / (time.process_time() - started):,.0f} texts with personal data a second")


def main() -> None:
    """Print quality and cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=lambda text: int(text.replace("_", "")), default=1_000_000)
    parser.add_argument("--told", action="store_true", help="name each text that was missed or masked by mistake")
    options = parser.parse_args()
    for name in ("personal", "personal_unseen"):
        measure(name, told=options.told)
    cost(options.texts)


if __name__ == "__main__":
    main()
