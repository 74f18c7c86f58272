"""Questions that nobody foresaw, and single rows, at any size: `python -m cx bench unforeseen --data DIR`.

Over all days and over ninety: sums by every three dimensions (some have a rollup per month, none per day), by day and
two, the first rows with a comment, and different customers. Sums are first compared with DuckDB's own over the Parquet
files; nothing is printed where they differ. Medians of fresh periods on the worker, whole way.
"""

import argparse
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import duckdb

from cx import settings
from cx.catalog import Catalog
from cx.engine import Engine
from cx.periods import Period
from cx.scope import Filters

DIMENSIONS = ("channel", "region", "tier", "age_band", "touchpoint")


def question(catalog: Catalog, folder: Path, name: str, sql: str) -> None:
    """Write a question file and let the catalog read it."""
    file = folder / "custom" / f"{name}.sql"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"-- title: {name}\n-- grain: one row per combination\n{sql}\n", encoding="utf-8")
    catalog.refresh()


def equal(engine: Engine, data: Path, names: tuple[str, ...], period: Period) -> bool:
    """Whether the sums by some dimensions are those of the Parquet files."""
    chosen = ", ".join(names)
    found = engine.answer(f"custom/by_{'_'.join(names)}", Filters(period)).frame
    ours = {tuple(row[: len(names)]): (int(row.n), round(row.value, 9)) for row in found.itertuples(index=False)}
    theirs = {
        tuple(row[:-2]): (row[-2], round(row[-1], 9))
        for row in duckdb.execute(
            f"select {chosen}, count(*), 100 * avg(case when score >= 9 then 1 when score <= 6 then -1 else 0 end) "
            f"from read_parquet('{data}/responses/*.parquet') where metric = 'nps' and score is not null "
            f"and timezone('UTC', responded_at) >= $start and timezone('UTC', responded_at) < $end group by all",
            {"start": period.start, "end": period.end},
        ).fetchall()
    }
    return ours == theirs


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    data = settings.data_folder(options.data)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        engine = Engine(data, (*settings.query_folders(data), folder))
        try:
            ask(engine, folder, data, options.rounds)
        finally:
            engine.close()


def ask(engine: Engine, folder: Path, data: Path, rounds: int) -> None:
    """Compare, time and print."""
    first, last = engine.snapshot().days("responses") or (None, None)
    assert first and last
    triples = [names for names in combinations(DIMENSIONS, 3) if set(names) <= set(engine.snapshot().values)]
    sums = "tally(n, w, w2, wx, wx2) as figure from scores where metric = 'nps' group by all"
    asked: dict[str, str] = {}
    for names in triples:
        asked[f"by_{'_'.join(names)}"] = f"select {', '.join(names)}, {sums}"
    asked["by_day_and_two"] = f"select day, channel, tier, {sums}"
    asked["rows"] = (
        "select day, score, touchpoint, comment from responses where metric = 'nps' and comment is not null "
        "order by day desc limit 100"
    )
    asked["customers"] = "select count(distinct customer_id) as n from responses where metric = 'nps'"
    for name, sql in asked.items():
        question(engine.catalog, folder, name, sql)
    everything, ninety = (
        Period(first, last + timedelta(days=1)),
        Period(last - timedelta(days=89), last + timedelta(days=1)),
    )
    for names in triples[:2]:
        if not equal(engine, data, names, ninety):
            sys.exit(f"The sums by {names} are not those of the exports: nothing is printed.")
    print("| question | days | median ms | worst ms |\n|---|---|---|---|")
    for label, whole in (("all", everything), ("90", ninety)):
        times: dict[str, list[float]] = {}
        for number in range(rounds + 1):
            for name in asked:
                kind = "three dimensions" if name.startswith("by_") and name != "by_day_and_two" else name
                period = Period(whole.start - timedelta(days=0), whole.end - timedelta(days=number + 1))
                started = time.perf_counter()
                engine.answer(f"custom/{name}", Filters(period))
                if number:
                    times.setdefault(kind, []).append(1000 * (time.perf_counter() - started))
        for kind, found in times.items():
            print(f"| {kind} | {label} | {statistics.median(found):.0f} | {max(found):.0f} |")


if __name__ == "__main__":
    main()
