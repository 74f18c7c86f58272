"""Publishing thousands of small files: `python -m cx bench small_files [--files 10000]`.

One file a day and shop, as tills export them, half of them Parquet in a table's own folder, half CSV through a source.
They are published, published again unchanged, and once more with one file added. Wall and processor seconds and most
memory, each run in a process of its own; the rows that came out are counted against those that were written.
"""

import argparse
import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path

import alone
import duckdb

from cx import publish, settings
from cx.catalog import Catalog
from cx.quoting import literal

LAST = date(2026, 10, 31)
SHOPS = 20
SOURCE = """\
-- table: responses
-- files: tills/*.csv
-- zone: Asia/Seoul
select
    answer_id as response_id,
    answered as responded_at,
    'csat' as metric,
    stars as score,
    member as customer_id,
    shop,
    channel,
    words as comment,
from raw
"""


def write(folder: Path, files: int, rows: int) -> None:
    """Write a company of that many files of so many rows."""
    (folder / "responses").mkdir(parents=True)
    (folder / "tills").mkdir()
    (folder / "queries" / "sources").mkdir(parents=True)
    (folder / "queries" / "sources" / "tills.sql").write_text(SOURCE, encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'Asia/Seoul'")
        for number in range(files):
            write_one(connection, folder, number, rows)


def write_one(connection: duckdb.DuckDBPyConnection, folder: Path, number: int, rows: int) -> None:
    """Write the file of one shop and day."""
    day, shop = LAST - timedelta(days=number // SHOPS), number % SHOPS
    name = f"{day}-shop{shop:02d}"
    moment = f"timestamp '{day} 09:00:00' + i * interval 90 second"
    customer = f"'c' || (hash(i + {number} * 1000) % 50000)"
    drawn = f"hash(i * 7 + {number})"
    channel = f"case when {drawn} % 3 = 0 then 'app' else 'shop' end"
    if number % 2:
        body = (
            f"select 't-{name}-' || i as answer_id, {moment} as answered, 1 + {drawn} % 5 as stars, "
            f"{customer} as member, 'shop{shop:02d}' as shop, {channel} as channel, "
            f"case when i % 5 = 0 then '친절하고 빨라요' end as words from range({rows}) t(i)"
        )
        connection.execute(f"copy ({body}) to {literal(str(folder / 'tills' / f'{name}.csv'))} (header)")
        return
    body = (
        f"select 'p-{name}-' || i as response_id, timezone('Asia/Seoul', {moment}) as responded_at, 'nps' as metric, "
        f"({drawn} % 11)::integer as score, {customer} as customer_id, 'shop{shop:02d}' as shop, "
        f"{channel} as channel, case when i % 5 = 0 then 'quick and easy' end as comment from range({rows}) t(i)"
    )
    connection.execute(f"copy ({body}) to {literal(str(folder / 'responses' / f'{name}.parquet'))} (format parquet)")


def run(data: Path) -> dict[str, float]:
    """Publish; how many rows there are, and how many parts were written."""
    folder = settings.data_folder(str(data))
    report = publish.publish(folder, Catalog(settings.query_folders(folder)))
    return {"rows": report.snapshot.rows("responses"), "parts": report.rebuilt}


def main() -> None:
    """Measure, or (with --run) be measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=100, help="rows of each file")
    parser.add_argument("--data", type=Path, help="a folder to keep (default: one that is removed again)")
    parser.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        alone.tell(lambda: run(options.data))
        return
    work = options.data or Path(tempfile.mkdtemp(prefix="small-files-"))
    company = work / "company"
    try:
        if not company.exists():
            write(company, options.files, options.rows)
        asked = ("small_files", "--run", "--data", str(company))
        found = {name: alone.measured(*asked) for name in (f"{options.files:,} files", "the same again")}
        with duckdb.connect() as connection:
            write_one(connection, company, options.files, options.rows)
        found["one file more"] = alone.measured(*asked)
        print("| | wall s | processor s | most memory MB | parts written |\n|---|---|---|---|---|")
        for name, one in found.items():
            print(
                f"| {name} | {one['seconds']:.1f} | {one['processor']:.1f} | {one['memory']:.0f} | {one['parts']:.0f} |"
            )
        wanted = (options.files + 1) * options.rows
        if found["one file more"]["rows"] != wanted:
            raise SystemExit(f"{found['one file more']['rows']:,.0f} rows came out, {wanted:,} were written")
    finally:
        if not options.data:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
