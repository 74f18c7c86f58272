"""The command line: `python -m cx publish|erase|close|check|query|new|schema|demo|bench`.

Exit codes: 0 all well, 1 something a person has to mend, 2 the command was written wrongly.
"""

import argparse
import ast
import getpass
import json
import os
import runpy
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cx import checks, closing, description, erasure, progress, publish, scaffold, scope, settings, snapshot
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
MOST_CHANGES = 12
"""So many months of changes are printed, the latest."""


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
    added.add_argument("--release", action="store_true", help="publish held days and files that shrank too")
    added.add_argument("--quiet", action="store_true", help="say only what went wrong")

    added = command("erase", _erase, "Put customers on the list of those erased from every snapshot, and publish.")
    folders(added)
    added.add_argument("customers", nargs="+", metavar="ID", help="customers, as the exports name them")
    added.add_argument("--by", default="", metavar="NAME", help="who enters it (default: who is logged in)")
    added.add_argument("--reason", default="", metavar="TEXT", help="why it was asked for, or why the rows are held")
    added.add_argument("--held-until", metavar="DATE", help="a legal hold: erased after this day only")

    added = command("close", _close, "Keep the figures of a month as they were reported.")
    folders(added)
    added.add_argument("month", metavar="MONTH", help="the month, such as 2026-09")
    added.add_argument("--by", default="", metavar="NAME", help="who closes it (default: who is logged in)")
    added.add_argument("--note", default="", metavar="TEXT", help="what to remember of it")

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

    tell: progress.Telling = (lambda step: None) if options.quiet else progress.printer()
    try:
        report = publish.publish(data, catalog, again=options.again, release=options.release, tell=tell)
    finally:
        progress.cleared()
    if not options.quiet:
        held = report.snapshot
        state = "published" if report.changed else "unchanged, still"
        print(f"{state} {held.id} in {report.seconds:.1f} s ({report.rebuilt} parts written)")
        for table, parts in sorted(held.parts.items()):
            days = held.days(table)
            age = (datetime.now(ZoneInfo(held.time_zone)).date() - days[1]).days if days else 0
            span = f", {days[0]} … {days[1]}, {max(age, 0)} days old" if days else ""
            again = sum(part.replaced for part in parts)
            came = f", {again:,} more that came again and count once" if again else ""
            print(f"  {table}: {held.rows(table):,} rows in {len(parts)} parts{span}{came}")
        for table, rows in sorted(report.erased.items()):
            print(f"  erased from {table}: {rows:,} rows")
        if report.changed:
            _print_changes(held)
        for note in held.notes:
            print(f"  note: {note}")
        _print_closed(data, options)
    _print_aside(report.snapshot)
    catalog.refuse(report.snapshot.broken)
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


def _print_changes(held: snapshot.Snapshot) -> None:
    """What is not as in the snapshot before: rows per table and month, columns, and days without a row."""
    for change in held.changes[-MOST_CHANGES:]:
        told = [f"{change[kind]:,} {kind}" for kind in ("added", "restated", "removed") if change[kind]]
        print(f"  {change['table']} {change['month']}: {', '.join(told)}")
    if len(held.changes) > MOST_CHANGES:
        print(f"  and {len(held.changes) - MOST_CHANGES} more months, on the Data page")
    for found in held.drift:
        for kind in ("new", "lost"):
            if found[kind]:
                where = found["source"] or found["table"]
                print(f"  columns of {where}, {kind}: {', '.join(found[kind])}")
    shares = [f"{entry['aside'] / max(entry['read'], 1):.2%}" for entry in held.history[-2:]]
    before = f", {shares[0]} at the publication before" if len(shares) > 1 else ""
    print(f"  set aside: {held.history[-1]['aside']:,} of {held.history[-1]['read']:,} rows, {shares[-1]}{before}")
    for table, gaps in sorted(snapshot.gaps(held).items()):
        if gaps:
            print(f"  {table}: no rows on {len(gaps)} days inside its span, last on {gaps[-1]}")


def _print_closed(data: Path, options: argparse.Namespace) -> None:
    """What is not as it was reported of the closed months."""
    closed = closing.closings(data)
    if not closed:
        return
    engine = Engine(data, settings.query_folders(data, options.queries))
    try:
        for month in closed:
            found = closing.differences(engine, month)
            for one in closing.whole(found):
                told = ", now ".join("nothing" if side is None else _reported(side) for side in (one.then, one.now))
                why = " (its file has changed since)" if one.redefined else ""
                print(f"  closed {month.month}: {one.place[0]} reported {told}{why}")
            parts = len(found) - len(closing.whole(found))
            if parts:
                print(f"  closed {month.month}: {parts} figures of segments differ too, see the Data page")
    finally:
        engine.close()


def _reported(figure: closing.Reported) -> str:
    return f"{'hidden' if figure.value is None else f'{figure.value:,.2f}'} (n {figure.n:,})"


def _person(given: str) -> str:
    """Who does it: the one named, else who is logged in."""
    if given:
        return given
    with suppress(OSError, KeyError):
        return getpass.getuser()
    return ""


def _erase(options: argparse.Namespace) -> int:
    data = settings.data_folder(options.data)
    until = _day(options.held_until, "--held-until") if options.held_until else None
    today = erasure.today()
    by = _person(options.by)
    erasure.add(data, [erasure.Entry(name, today, by, until, options.reason) for name in options.customers])
    print(f"{len(options.customers)} on the list {data / erasure.FILE}")
    if until and until >= today:
        print(f"held until {until}: their rows stay until then")
        return 0
    report = publish.publish(data, Catalog(settings.query_folders(data, options.queries)), tell=progress.printer())
    progress.cleared()
    rows = ", ".join(f"{rows:,} of {table}" for table, rows in sorted(report.erased.items()))
    print(f"erased: {rows or 'nothing was published of them'}; {report.snapshot.id} is served")
    return 0


def _close(options: argparse.Namespace) -> int:
    engine = _engine(options)
    try:
        closed = closing.close(engine, options.month, _person(options.by), options.note)
    finally:
        engine.close()
    for (metric, dimension, _), figure in closed.figures.items():
        if not dimension:
            print(f"  {metric}: {_reported(figure)}")
    print(f"closed {closed.month}: {len(closed.figures):,} figures kept in {settings.CLOSED}/{closed.month}.json")
    return 0


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
        why_empty = checks.absent(engine, answer.question) if answer.empty else []
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
    for told in why_empty:
        print(f"note: {told}", file=sys.stderr)
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
        name = name.removesuffix(".yaml") if name.startswith("themes/") else name
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
            for kind, told in (("", found.problems), ("warning: ", found.warnings)):
                for problem in told:
                    print(f"{kind}{problem}")
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
