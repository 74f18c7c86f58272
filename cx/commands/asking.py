"""The commands that ask questions: `query`, `check`, `close` and `schema`."""

import argparse
import json
import sys
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cx import checks, closing, description, doubts, publish, scope, settings, snapshot
from cx.catalog import Catalog
from cx.commands import day_of, person
from cx.engine import Engine
from cx.errors import DataError, QueryError, counted, nearest
from cx.figures import harmless
from cx.periods import DEFAULT_PRESET, Period, comparison, preset
from cx.scope import NO_VALUE, Filters
from cx.words import answers as count_answers
from cx.words import date_range


def print_closed(data: Path, options: argparse.Namespace) -> None:
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
                differ = f"{counted(parts, 'figure')} of segments {'differs' if parts == 1 else 'differ'} too"
                print(f"  closed {month.month}: {differ}, see the Data page")
    finally:
        engine.close()


def _reported(figure: closing.Reported) -> str:
    return f"{'hidden' if figure.value is None else f'{figure.value:,.2f}'} (n {figure.n:,})"


def close(options: argparse.Namespace) -> int:
    """Keep the figures of a month as they were reported."""
    engine = _engine(options)
    try:
        closed = closing.close(engine, options.month, person(options.by), options.note)
    finally:
        engine.close()
    for (metric, dimension, _), figure in closed.figures.items():
        if not dimension:
            print(f"  {metric}: {_reported(figure)}")
    print(
        f"closed {closed.month}: {counted(len(closed.figures), 'figure')} kept in {settings.CLOSED}/{closed.month}.json"
    )
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


def _filters(options: argparse.Namespace, engine: Engine) -> Filters:
    held = engine.snapshot()
    days = held.days("responses", "reviews")
    if days is None:
        raise QueryError("Nothing published has a date.", "Publish answers or reviews first.")
    first, last = days
    if options.start or options.end:
        start = day_of(options.start, "--from") if options.start else first
        end = day_of(options.end, "--to") if options.end else last + timedelta(days=1)
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


def query(options: argparse.Namespace) -> int:
    """Print the answer to one question."""
    engine = _engine(options)
    try:
        filters = _filters(options, engine)
        answer = engine.answer(options.name, filters, dict(_pair(text, "--set") for text in options.set))
        why_empty = doubts.absent(engine, answer.question) if answer.empty else []
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
        dates = [name for name in frame if any(isinstance(value, date) for value in frame[name])]
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


def check(options: argparse.Namespace) -> int:
    """Check files under queries/, and run their tests."""
    engine = _engine(options)
    right = wrong = 0
    try:
        wanted = _wanted(options.names, checks.named(engine))
        days = engine.snapshot().days("responses", "reviews")
        period = Period(days[0], days[1] + timedelta(days=1)) if days else preset(DEFAULT_PRESET, date.today())
        filters = Filters(period, comparison(preset(DEFAULT_PRESET, period.last), "previous"))
        without: list[str] = []
        for found in checks.check(engine, filters, wanted):
            right, wrong = (right, wrong + 1) if found.problems else (right + 1, wrong)
            without += [found.name] if found.rows == 0 and not (found.warnings or found.problems) else []
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
        if without:
            whose = f"{counted(len(without), 'question')} made for all companies"
            print(f"{whose}, without a row here, which is no mistake where the exports do not hold what is asked:")
            print(f"  {', '.join(without)}")
        print(f"{counted(right, 'file')} in order, {wrong} with a problem.")
    return 1 if wrong else 0


def schema(options: argparse.Namespace) -> int:
    """Print what a question may name."""
    if options.topic == "reference":
        print(description.document(options.lang), end="")
        return 0
    data = settings.data_folder(options.data)
    files = Catalog(settings.query_folders(data, options.queries))
    described = description.schema(options.topic, snapshot.current(data), files, options.lang)
    print(description.told(described, as_json=options.json))
    return 0
