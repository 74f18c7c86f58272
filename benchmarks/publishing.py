"""Publishing, beside DuckDB's own sorted table of the same rows: `python -m cx bench publishing --data DIR`.

DIR is a folder of `cx bench exports` with `--extra-day`. Both run in processes of their own over the same Parquet
files: `create table as` with an ENUM for each column of few values, sorted by metric and day; and `cx publish` into a
copy of the folder. Then the file of one more day is added and published. Wall and processor seconds, most memory held.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

import alone
import duckdb

from cx import publish, settings
from cx.catalog import Catalog
from cx.quoting import literal, quoted

FEW = 2_000


def reference(data: Path, work: Path) -> int:
    """DuckDB's own table: every column as it is, those of few values as ENUMs, sorted."""
    rows = 0
    with duckdb.connect(str(work / "reference.duckdb"), config={"threads": 2, "memory_limit": "4GB"}) as connection:
        connection.execute(f"set temp_directory = {literal(str(work / 'spill'))}")
        for table in ("responses", "reviews"):
            if not (data / table).exists():
                continue
            source = f"read_parquet({literal(f'{data}/{table}/*.parquet')})"
            columns = {row[0]: row[1] for row in connection.execute(f"describe from {source}").fetchall()}
            enums = []
            for name in [name for name, kind in columns.items() if kind == "VARCHAR"]:
                counted = connection.execute(f"select approx_count_distinct({name}) from {source}").fetchone()
                if not counted or counted[0] > FEW:
                    continue
                found = connection.execute(f"select distinct {name} from {source} where {name} is not null").fetchall()
                values = ", ".join(literal(row[0]) for row in found)
                enums.append(f"{quoted(name)}::enum ({values}) as {quoted(name)}")
            by = "metric, day" if "metric" in columns else "day"
            time_column = "responded_at" if table == "responses" else "reviewed_at"
            connection.execute(
                f"create table {table} as select * replace ({', '.join(enums)}), {time_column}::date as day "
                f"from {source} order by {by}"
            )
            counted = connection.execute(f"select count(*) from {table}").fetchone()
            rows += counted[0] if counted else 0
    return rows


def published(data: Path) -> int:
    """Our own publishing."""
    folder = settings.data_folder(str(data))
    return publish.publish(folder, Catalog(settings.query_folders(folder))).rebuilt


def main() -> None:
    """Measure, or (with --run) be measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--work",
        type=Path,
        help="where to write and to leave what was published (default: a folder beside the data, removed again)",
    )
    parser.add_argument("--run", choices=("reference", "publish"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        alone.tell(
            lambda: {
                "count": (
                    reference(options.data, options.work) if options.run == "reference" else published(options.data)
                )
            }
        )
        return
    work = options.work or Path(tempfile.mkdtemp(prefix="publishing-", dir=options.data.resolve().parent))
    work.mkdir(exist_ok=True)
    try:
        company = work / "company"
        company.mkdir()
        for name in ("responses", "reviews"):
            if (options.data / name).exists():
                shutil.copytree(options.data / name, company / name)
        shutil.copy(options.data / "cx.toml", company)

        def measured(what: str) -> dict[str, float]:
            return alone.measured("publishing", "--run", what, "--data", str(company), "--work", str(work))

        found = {"DuckDB's sorted table": measured("reference"), "cx publish": measured("publish")}
        (work / "reference.duckdb").unlink()
        for file in options.data.glob("daily-*.parquet"):
            shutil.copy(file, company / "responses" / file.name)
            found["cx publish, one more day"] = measured("publish")
        print("| | wall s | processor s | most memory MB |\n|---|---|---|---|")
        for name, one in found.items():
            print(f"| {name} | {one['seconds']:.1f} | {one['processor']:.1f} | {one['memory']:.0f} |")
        ratio = found["cx publish"]["seconds"] / found["DuckDB's sorted table"]["seconds"]
        print(f"\npublish / sorted table: {ratio:.2f}")
    finally:
        if not options.work:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
