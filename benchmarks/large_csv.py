"""Publishing one huge CSV: `python -m cx bench large_csv [--gigabytes 10]`.

One file as a warehouse exports it, all months one after the other, columns named as nobody foresaw, read through a
source. It is published in a process of its own: wall and processor seconds, most memory, most disk beside the export.
No figure is printed unless as many rows come out as were written.
"""

import argparse
import shutil
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path

import alone
import duckdb
import exports

from cx import publish, settings
from cx.catalog import Catalog
from cx.quoting import literal

SOURCE = """\
-- table: responses
-- files: warehouse/*.csv
-- zone: UTC
select
    answer_no as response_id,
    answered_on as responded_at,
    kind as metric,
    points as score,
    member as customer_id,
    channel,
    region,
    tier,
    age as age_band,
    step as touchpoint,
    words as comment,
from raw
"""
NAMES = """
    response_id as answer_no, strftime(responded_at, '%Y-%m-%d %H:%M:%S') as answered_on, metric as kind,
    score as points, customer_id as member, channel, region, tier, age_band as age, touchpoint as step, comment as words
"""
TRIED = 100_000
"""Rows written first, to know how many make up the size."""


def write(folder: Path, gigabytes: float) -> int:
    """Write a company of one CSV of about that size; how many rows it has."""
    (folder / "warehouse").mkdir(parents=True)
    (folder / "queries" / "sources").mkdir(parents=True)
    (folder / "queries" / "sources" / "warehouse.sql").write_text(SOURCE, encoding="utf-8")
    (folder / "cx.toml").write_text('company = "Bench"\ntime_zone = "UTC"\nlanguage = "en"\n', encoding="utf-8")
    months = list(pairwise(exports.month_starts("plain")))
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("set timezone = 'UTC'")

        def copied(rows: int, file: Path) -> None:
            edges = [number * rows // len(months) for number in range(len(months) + 1)]
            bodies = [
                f"({exports.answers_sql(first, last - first, *month, 'plain')})"
                for month, (first, last) in zip(months, pairwise(edges), strict=True)
                if last > first
            ]
            body = f"select {NAMES} from ({' union all '.join(bodies)})"
            connection.execute(f"copy ({body}) to {literal(str(file))} (format csv, header)")

        tried = folder / "tried.csv"
        copied(TRIED, tried)
        rows = int(gigabytes * 1e9 * TRIED / tried.stat().st_size)
        tried.unlink()
        copied(rows, folder / "warehouse" / "all.csv")
    return rows


def size(folder: Path) -> int:
    """Bytes of all files below a folder, those aside that vanish while it is looked through."""
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size
        except FileNotFoundError:
            continue
    return total


def run(data: Path) -> dict[str, float]:
    """Publish; how many rows there are, and the most disk taken beside the export and what is left of it in MB."""
    before, most, ended = size(data), [0], threading.Event()

    def watch() -> None:
        while not ended.wait(1):
            most[0] = max(most[0], size(data) - before)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        report = publish.publish(data, Catalog(settings.query_folders(data)))
    finally:
        ended.set()
        watching.join()
    published = size(data) - before
    return {"disk": most[0] / 1e6, "published": published / 1e6, "rows": report.snapshot.rows("responses")}


def main() -> None:
    """Measure, or (with --run) be measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=10.0)
    parser.add_argument("--work", type=Path, help="a folder on a large disk (default: that of temporary files)")
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        alone.tell(lambda: run(options.run))
        return
    work = Path(tempfile.mkdtemp(prefix="large-csv-", dir=options.work)).resolve()
    try:
        started = time.perf_counter()
        rows = write(work / "company", options.gigabytes)
        written = size(work / "company" / "warehouse")
        print(f"{rows:,} rows, {written / 1e9:.2f} GB, written in {time.perf_counter() - started:.0f} s", flush=True)
        found = alone.measured("large_csv", "--run", str(work / "company"))
        if found["rows"] != rows:
            raise SystemExit(f"{found['rows']:,.0f} rows came out, {rows:,} were written")
        print("| wall s | processor s | most memory MB | most disk MB | published MB |\n|---|---|---|---|---|")
        print(
            f"| {found['seconds']:.0f} | {found['processor']:.0f} | {found['memory']:,.0f} | {found['disk']:,.0f} | "
            f"{found['published']:,.0f} |"
        )
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
