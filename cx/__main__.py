"""The command line: `python -m cx publish|check|query|new|schema|demo|bench`.

Exit codes: 0 all well, 1 something a person has to mend, 2 the command was written wrongly.
"""

import argparse
import ast
import json
import os
import runpy
import sys
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cx import checks, description, publish, scaffold, scope, settings, snapshot
from cx.catalog import Catalog
from cx.engine import Engine
from cx.errors import CxError, DataError, QueryError, nearest
from cx.figures import harmless
from cx.periods import Period, comparison, preset
from cx.scope import NO_VALUE, Filters
from cx.words import answers as count_answers
from cx.words import date_range

DEFAULT_PRESET = "last_90_days"
SHOWN_ROWS = 5
"""So many rows that break a rule are printed; the others are in the snapshot's file."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except CxError as error:
        print(f"cx: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m cx", description="The customer-experience dashboard's command line."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, help_text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_text, description=help_text)
        added.set_defaults(run=run)
        return added

    def folders(added: argparse.ArgumentParser) -> None:
        added.add_argument("--data", metavar="DIR", help="the data folder (default: CX_DATA, else data/)")
        added.add_argument(
            "--queries", metavar="DIR", help="questions in place of the shipped ones (default: CX_QUERIES)"
        )

    added = command("publish", _publish, "Check the exports and publish what is valid as a new snapshot.")
    folders(added)
    added.add_argument("--again", action="store_true", help="rebuild everything, unchanged files too")
    added.add_argument("--release", action="store_true", help="publish days that are held because they seem half too")
    added.add_argument("--quiet", action="store_true", help="say only what went wrong")

    added = command("check", _check, "Check every file under queries/ and run every question with its tests.")
    folders(added)
    added.add_argument("names", nargs="*", metavar="FILE", help="only these, by question name or path (default: all)")
    added.add_argument("--json", action="store_true", help="one JSON object per file instead of text")

    added = command("new", _new, "Write a working question, metric, source or page to start from.")
    folders(added)
    added.add_argument("kind", choices=scaffold.KINDS, help="what to write")
    added.add_argument("name", metavar="NAME", help="its name, such as late_orders or returns/by_region")
    added.add_argument("files", nargs="*", metavar="FILE", help="for a source: files of the shape it should read")
    added.add_argument("--by", default="", metavar="DIMENSION", help="the column that the question splits by")
    added.add_argument("--metric", default="", metavar="NAME", help="the metric of the question's figure")
    added.add_argument(
        "--chart",
        default="",
        choices=["", *scaffold.SHAPES],
        metavar="KIND",
        help="how it is drawn: " + ", ".join(scaffold.SHAPES),
    )

    added = command("schema", _schema, "Print tables, columns, metrics and segments, or the keys of a header.")
    folders(added)
    added.add_argument(
        "topic", nargs="?", default="", metavar="TOPIC", help="header, functions, reference or one table"
    )
    added.add_argument("--lang", default="en", choices=["ko", "en"], help="language of the sentences")
    added.add_argument("--json", action="store_true", help="as JSON")

    added = command("query", _query, "Print the answer to one question, as the page draws it.")
    folders(added)
    added.add_argument("name", metavar="NAME", help="the question, such as overview/kpi")
    added.add_argument("--from", dest="start", metavar="DATE", help="first day, inclusive (with --to)")
    added.add_argument("--to", dest="end", metavar="DATE", help="last day, exclusive (with --from)")
    added.add_argument(
        "--period", metavar="NAME", help=f"a named period, such as last_month (default: {DEFAULT_PRESET})"
    )
    added.add_argument(
        "--compare", default="previous", choices=["previous", "year", "none"], help="what to compare with"
    )
    added.add_argument("--where", action="append", default=[], metavar="COLUMN=VALUE", help="a filter; may be repeated")
    added.add_argument("--by", default="", metavar="DIMENSION", help="split by this dimension, or none")
    added.add_argument(
        "--by2", default="", metavar="DIMENSION", help="a second dimension, where the question crosses two"
    )
    added.add_argument("--set", action="append", default=[], metavar="PARAM=VALUE", help="a parameter of the question")
    added.add_argument("--lang", default="en", choices=["ko", "en"], help="language of the sentence on standard error")
    added.add_argument("--format", default="table", choices=["table", "csv", "json", "parquet"], help="how to print")

    added = command("demo", _demo, "Write the exports of a fictional company into a folder.")
    added.add_argument("folder", metavar="DIR", help="a new or empty folder")
    added.add_argument(
        "--answers",
        type=_positive,
        default=60_000,
        metavar="N",
        help="survey answers, about (default: 60000)",
    )

    added = command("bench", _bench, "Run one of the benchmarks of a checkout; without a name, list them.")
    added.add_argument("name", nargs="?", default="", metavar="NAME", help="a file of benchmarks/, without .py")
    added.add_argument("rest", nargs=argparse.REMAINDER, metavar="…", help="what the benchmark itself takes")
    return parser


def _bench(options: argparse.Namespace) -> int:
    """Run a benchmark as if its file had been started by itself."""
    folder = Path(__file__).resolve().parent.parent / "benchmarks"
    known = {file.stem: file for file in sorted(folder.glob("*.py"))}
    if not options.name:
        for name, file in known.items():
            said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
            print(f"{name:16} {said.splitlines()[0] if said else ''}")
        return 0
    if options.name not in known:
        raise QueryError(f"There is no benchmark “{options.name}”.", nearest(options.name, known))
    sys.argv = [str(known[options.name]), *options.rest]
    sys.path.insert(0, str(folder))
    runpy.run_path(sys.argv[0], run_name="__main__")
    return 0


def _positive(text: str) -> int:
    number = int(text.replace("_", "").replace(",", ""))
    if number < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return number


def _publish(options: argparse.Namespace) -> int:
    data = settings.data_folder(options.data)
    catalog = Catalog(settings.query_folders(data, options.queries))

    def progress(words: str, share: float) -> None:
        if not options.quiet and sys.stderr.isatty():
            print(f"\r{share:4.0%} {words[:60]:60}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)

    report = publish.publish(data, catalog, again=options.again, release=options.release, progress=progress)
    if not options.quiet:
        held = report.snapshot
        state = "published" if report.changed else "unchanged, still"
        print(f"{state} {held.id} in {report.seconds:.1f} s ({report.rebuilt} parts written)")
        for table, parts in sorted(held.parts.items()):
            days = held.days(table)
            span = f", {days[0]} … {days[1]}" if days else ""
            print(f"  {table}: {held.rows(table):,} rows in {len(parts)} parts{span}")
        for note in held.notes:
            print(f"  note: {note}")
    _print_aside(report.snapshot)
    for name, error in sorted(catalog.problems.items()):
        if name.startswith(("metrics/", "sources/")):
            print(f"not used: {error}", file=sys.stderr)
    return 0


def _print_aside(held: snapshot.Snapshot) -> None:
    """Print what was set aside: files, and of rows how many break which rule, with the first of them."""
    listed: dict[tuple[str, str, str], list[str]] = {}
    for row in snapshot.set_aside(held):
        listed.setdefault((row.file, row.column, row.rule), []).append(
            f"row {row.row}: {row.value!r}" if row.value else f"row {row.row}"
        )
    for file in held.files:
        if file["reason"]:
            print(f"set aside: {file['file']}: {file['reason']}\n  → {file['hint']}", file=sys.stderr)
        for problem in file["problems"]:
            rows = listed.get((file["file"], problem["column"], problem["rule"]), [])
            more = "; …" if problem["rows"] > SHOWN_ROWS else ""
            column = f"“{problem['column']}” " if problem["column"] else ""
            print(
                f"set aside: {file['file']}: {problem['rows']:,} rows, {column}{problem['rule']} "
                f"({'; '.join(rows[:SHOWN_ROWS])}{more})\n  → {problem['hint']}",
                file=sys.stderr,
            )
    if listed:
        print(f"the rows, one by one: {held.aside_file}", file=sys.stderr)


def _engine(options: argparse.Namespace) -> Engine:
    data = settings.data_folder(options.data)
    engine = Engine(data, settings.query_folders(data, options.queries))
    held = snapshot.current(data)
    if held is None or held.state != publish.state(data, engine.queries):
        try:
            publish.publish(data, engine.catalog)
        except DataError as error:
            if held is None:
                raise
            print(f"cx: what was published before is used. {error}", file=sys.stderr)
    return engine


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise QueryError(f"{option} is “{text}”, which is no date.", "Write it as 2026-11-22.") from error


def _filters(options: argparse.Namespace, engine: Engine) -> Filters:
    held = engine.snapshot()
    days = held.days("responses", "reviews")
    if days is None:
        raise QueryError("Nothing published has a date.", "Publish answers or reviews first.")
    first, last = days
    if options.start or options.end:
        start = _day(options.start, "--from") if options.start else first
        end = _day(options.end, "--to") if options.end else last + timedelta(days=1)
        if start >= end:
            raise QueryError(
                f"The period begins on {start} and ends before {end}.", "--to is the day after the last one."
            )
        period, name = Period(start, end), None
    else:
        name = options.period or DEFAULT_PRESET
        period = preset(name, last, first)
    pairs: dict[str, tuple[str, ...]] = {}
    for text in options.where:
        column, value = _pair(text, "--where")
        pairs[column] = (*pairs.get(column, ()), value or NO_VALUE)
    return Filters(
        period,
        comparison(period, options.compare, name),
        tuple(pairs.items()),
        by=options.by,
        by_2=options.by2,
    )


def _pair(text: str, option: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise QueryError(f"{option} is “{text}”.", f"Write {option} NAME=VALUE.")
    return name.strip(), value


def _query(options: argparse.Namespace) -> int:
    engine = _engine(options)
    try:
        filters = _filters(options, engine)
        answer = engine.answer(options.name, filters, dict(_pair(text, "--set") for text in options.set))
    finally:
        engine.close()
    compared = f", compared with {date_range(filters.before, 'en')}" if filters.before else ""
    if options.lang == "ko":
        compared = f", 비교: {date_range(filters.before, 'ko')}" if filters.before else ""
    countable = "n" in answer.frame and answer.metric is not None and "dimension" not in answer.frame
    counted = f" · {count_answers(answer.n, options.lang)}" if countable else ""
    ignored = scope.ignored(filters, engine.catalog.tables(answer.question), engine.snapshot())
    if ignored:
        print(
            f"note: the tables of {options.name} have no {', '.join(ignored)}; that filter changes nothing.",
            file=sys.stderr,
        )
    cut = " · cut to the first rows" if answer.truncated else ""
    print(f"{date_range(filters.period, options.lang)}{compared}{counted}{cut}", file=sys.stderr)
    _print(answer.frame, options.format)
    return 0


def _print(frame: pd.DataFrame, form: str) -> None:
    if form == "json":
        rows = json.loads(frame.to_json(orient="records", date_format="iso", force_ascii=False, double_precision=10))
        dates = [name for name in frame if frame[name].map(lambda value: isinstance(value, date)).any()]
        for row, values in zip(rows, frame[dates].itertuples(index=False), strict=True):
            row.update(
                {
                    name: value.isoformat() if value is not None else None
                    for name, value in zip(dates, values, strict=True)
                }
            )
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    elif form == "csv":
        sys.stdout.write(harmless(frame).to_csv(index=False))
    elif form == "parquet":
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), sys.stdout.buffer)
    else:
        with pd.option_context(
            "display.width", 200, "display.max_columns", 40, "display.max_rows", 500, "display.precision", 4
        ):
            print(frame.to_string(index=False) if len(frame) else "(no rows)")


def _wanted(names: Sequence[str], known: Collection[str]) -> set[str]:
    """The files to check, by name or path; all where none is named."""
    found = set()
    for text in names:
        name = text.removesuffix(".sql").rpartition("queries/")[2]
        if name not in known:
            raise QueryError(f"There is no file “{text}”.", nearest(name, known))
        found.add(name)
    return found


def _check(options: argparse.Namespace) -> int:
    engine = _engine(options)
    right = wrong = 0
    try:
        wanted = _wanted(options.names, checks.named(engine))
        days = engine.snapshot().days("responses", "reviews")
        period = Period(days[0], days[1] + timedelta(days=1)) if days else preset(DEFAULT_PRESET, date.today())
        filters = Filters(period, comparison(preset(DEFAULT_PRESET, period.last), "previous"))
        for found in checks.check(engine, filters, wanted):
            right, wrong = (right, wrong + 1) if found.problems else (right + 1, wrong)
            if options.json:
                print(json.dumps(found.told(), ensure_ascii=False), flush=True)
                continue
            for problem in found.problems:
                print(problem)
                for line in problem.excerpt.splitlines():
                    print(f"    {line}")
    finally:
        engine.close()
    if not options.json:
        print(f"{right} files in order, {wrong} with a problem.")
    return 1 if wrong else 0


def _new(options: argparse.Namespace) -> int:
    data = settings.data_folder(options.data)
    files = Catalog(settings.query_folders(data, options.queries))
    known = scaffold.Known(data.resolve(), files, settings.load(data), snapshot.current(data))
    asked = {key: getattr(options, key) for key in ("by", "metric", "chart")}
    written = scaffold.new(options.kind, options.name, asked, [Path(file) for file in options.files], known)
    for path in written:
        print(f"wrote {path}")
    if options.kind == "source":
        print(scaffold.previewed(written[0], [Path(file) for file in options.files], known))
    name = written[-1].relative_to(known.data / "queries").with_suffix("").as_posix()
    print(scaffold.NEXT[options.kind].format(name=name))
    return 0


def _schema(options: argparse.Namespace) -> int:
    if options.topic == "reference":
        print(description.document(options.lang), end="")
        return 0
    data = settings.data_folder(options.data)
    files = Catalog(settings.query_folders(data, options.queries))
    described = description.schema(options.topic, snapshot.current(data), files, options.lang)
    print(description.told(described, as_json=options.json))
    return 0


def _demo(options: argparse.Namespace) -> int:
    from cx import demo

    folder = Path(options.folder)
    if folder.exists() and any(folder.iterdir()):
        raise QueryError(f"The folder {folder} is not empty.", "Name a new one, so that no export is overwritten.")
    demo.write(folder, options.answers)
    print(f"Wrote a demo company to {folder}. Look at it: CX_DATA={folder} streamlit run dashboard.py")
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # DuckDB's binding complains on standard error when Python takes its objects apart at the end.
    os._exit(code)
