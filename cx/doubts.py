"""Doubts: what of a question may be wrong although it answers, and is for a person to judge."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

import pandas as pd

from cx import contract, gate, scope, sentiment, settings, themes
from cx.catalog import METRIC_TABLES, PANEL, QUESTION_TABLES, SINGLE, SPOKEN, SUMMED, Question
from cx.engine import Engine
from cx.engine.process import StatementFailed
from cx.errors import CxError, QueryError, marked, nearest
from cx.figures import Answer
from cx.scope import Filters
from cx.words import NO_VALUE

ONE_MARK = frozenset(("line", "bar", "heatmap", "change", "journey", "waterfall", "funnel", "crosstab"))
"""Charts that draw a mark for each value of `x`, of `color` and `label` where they have one."""
CHOSEN = ("metric", "dimension", "dimension_2")
"""Columns of which a page shows one value at a time."""


def of_answer(engine: Engine, question: Question, answer: Answer, filters: Filters) -> list[CxError]:
    """What of a question and of its answer over the published data a person should look at."""
    found = absent(engine, question)
    found += [] if found else _empty(engine, question, answer)
    found += _combinations(question) or _counted_twice(engine, question, answer, filters)
    return found + _marks(question, answer)


def absent(engine: Engine, question: Question) -> list[CxError]:
    """Texts to which the SQL compares a column, and that are nowhere in what was published."""
    found: dict[tuple[str, ...], CxError] = {}
    for one in question.reading.comparisons:
        there = _values(engine, question, one.table, one.column)
        if not 0 < len(there) < scope.MOST_VALUES:
            continue
        missing = [text for text in one.texts if text not in there] if one.plain else []
        for text in missing:
            none = ", so this is true of no row" if len(missing) == len(one.texts) else ""
            found[one.column, text] = _doubt(
                question,
                f"No {one.column} is “{text}” in what was published{none}.",
                nearest(text, there),
                one.line,
                one.place,
            )
        if not one.plain and not gate.fitting(one, there):
            told = " or ".join(f"“{text}”" for text in one.texts)
            near = nearest(one.texts[0].strip("%_"), there)
            found[one.column, one.condition] = _doubt(
                question, f"No {one.column} in what was published is like {told} here.", near, one.line, one.place
            )
    return list(found.values())


def _values(engine: Engine, question: Question, table: str, column: str) -> Collection[str]:
    """What a column of a table may hold, as far as that is known; empty where it is not."""
    held, name = engine.snapshot(), scope.twin(table)[0]
    if table not in QUESTION_TABLES or column not in (*scope.columns(held, name), "segment", "segment_2"):
        return ()
    if name in (*SUMMED, PANEL, SINGLE, *SPOKEN, "responses", "reviews"):
        metrics = engine.catalog.metrics(unusable=True)
        known = {
            "metric": {*metrics, *held.values.get("metric", ()), *(metric.answers for metric in metrics.values())},
            "segment": held.values.get(question.by, ()),
            "segment_2": held.values.get(question.by_2, ()),
        }
        if name in SPOKEN:
            known |= {"origin": METRIC_TABLES, "kind": sentiment.KINDS, "theme": {*themes.files(engine.queries)}}
        if name in scope.UNITED:
            dimensions = {*scope.dimensions(held), *scope.dimensions(held, "ratings")}
            kept = question.reading.kept.get(table, {})
            for numbered in ("", "_2"):
                named = [text for kind, text in kept.get(f"dimension{numbered}", ()) if kind == "value"]
                known |= {
                    f"dimension{numbered}": dimensions,
                    f"value{numbered}": {value for one in named or dimensions for value in held.values.get(one, ())},
                }
        return known.get(column, held.values.get(column, ()))
    names_single_rows = column.endswith("_id") and column != "unit_id"
    if name in contract.TABLES and held.has(name) and not names_single_rows:
        definition = contract.table(name).column(column)
        if definition.type == "text" if definition else column in held.segments.get(name, {}):
            with suppress(CxError, StatementFailed):
                return engine.values(name, column)
    return ()


def _empty(engine: Engine, question: Question, answer: Answer) -> list[CxError]:
    """An answer without a row, although there are rows to read."""
    chart, frame = question.chart, answer.frame
    if not len(frame):
        tables = {scope.twin(table)[0] for table in engine.catalog.tables(question)}
        shipped = question.path.is_relative_to(settings.PROJECT / "queries")
        if shipped or not all(_published(engine, table) for table in tables):
            # A company that has no data of a kind is not to blame, nor is a question that was made for all of them.
            return []
        told = "The question answers no row over all that was published."
        hint = "Look at its conditions and joins: leave one out at a time, and ask again."
        return [_doubt(question, told, hint, _line_of_condition(question))]
    drawn = "value" if chart.y == "figure" else chart.y
    if chart.kind not in ("table", "kpi") and drawn in frame and frame[drawn].isna().all():
        told = f"The chart's column “{drawn}” is empty in every row, so nothing is drawn."
        hint = "0 / 0 and whatever is computed with an empty value are empty."
        return [_doubt(question, told, hint, question.line_of("chart"))]
    return []


def _published(engine: Engine, table: str) -> bool:
    """Whether a table has rows, as far as a snapshot tells."""
    return engine.snapshot().has(table) if table in (*contract.TABLES, *SPOKEN) else True


def _line_of_condition(question: Question) -> int:
    """The line of the last condition of the SQL, or the first line."""
    lines = [
        number
        for number, line in enumerate(question.text.splitlines(), 1)
        if not line.startswith("--") and line.strip().lower().startswith(("where", "having", "qualify"))
    ]
    return lines[-1] if lines else 1


def _counted_twice(engine: Engine, question: Question, answer: Answer, filters: Filters) -> list[CxError]:
    """A row that counts more answers than there are of its kind."""
    combined = any(step.reading.combines for step in (*engine.catalog.chain(question), question))
    if not combined or "n" not in answer.frame or not pd.api.types.is_numeric_dtype(answer.frame["n"]):
        return []
    counted = answer.frame["n"].astype("Float64").fillna(0).to_numpy(float)
    if not counted.size:
        return []
    place = int(counted.argmax())
    row = answer.rows()[place]
    most = None
    with suppress(CxError):
        # A folder of one's own in place of the shipped questions has none that counts what stands behind.
        most = engine.most_behind(question, filters, row)
    # What nothing was found behind was looked for in vain: no join repeats an answer that is not there.
    if not most or row["n"] <= most:
        return []
    return [
        _doubt(
            question,
            f"The row {row_of(answer.frame, place)} counts {row['n']:,.0f} answers, where {most:,} are of its kind.",
            "A join or a union repeats them: join what a step has made one row per key, or ask `where … in "
            "(select …)`. Where n counts something else, give it another name; where a row is about more days than it "
            "names, return them as `first_day` and `last_day`.",
            question.reading.made.get("figure", question.reading.made.get("n", 1)),
        )
    ]


def _combinations(question: Question) -> list[CxError]:
    """Counts of rows where a row is a combination of answers."""
    return [
        _doubt(
            question,
            f"{function} counts combinations of {table}, not answers.",
            "Write `sum(n)` for the number of answers, `count(distinct …)` for that of different values.",
            line,
            place,
        )
        for function, table, line, place in question.reading.counts
    ]


def _marks(question: Question, answer: Answer) -> list[CxError]:
    """Several rows for one mark of the chart."""
    chart, frame = question.chart, answer.frame
    named = [*dict.fromkeys(filter(None, (chart.x, chart.color, chart.label, chart.facets)))]
    if chart.kind not in ONE_MARK or chart.x in ("", "value") or not {*named} <= {*frame.columns}:
        return []
    repeated = frame.duplicated([*named, *(name for name in CHOSEN if name in frame and name not in named)])
    if not repeated.any():
        return []
    place = int(repeated.to_numpy().argmax())
    mark = ", ".join(f"{name} = {_told(frame[name].iloc[place])}" for name in named)
    texts = [str(name) for name in frame if name not in named and not pd.api.types.is_numeric_dtype(frame[name])]
    apart = next((name for name in texts if not frame.duplicated([*named, name]).any()), "")
    others = f" `{apart}` tells them apart: draw it as `color`, or leave it out of the rows." if apart else ""
    return [
        _doubt(
            question,
            f"Several rows have {mark}, of which the chart draws one mark.",
            f"Group by what the chart shows.{others}",
            question.line_of("chart"),
        )
    ]


def row_of(frame: pd.DataFrame, place: int) -> str:
    """What tells a row from the others, in words: its first texts and days, else its first column."""
    told = [str(name) for name in frame if not pd.api.types.is_numeric_dtype(frame[name])][:3] or [*frame][:1]
    return ", ".join(f"{name} = {_told(frame[name].iloc[place])}" for name in told)


def _told(value: Any) -> str:
    return NO_VALUE if pd.isna(value) is True else str(value)


def _doubt(question: Question, message: str, hint: str, line: int, place: int = 0) -> CxError:
    """What is said at a place of a question's file."""
    error = QueryError(message, hint, file=question.file, line=line)
    error.column = place
    return marked(error, question.text)
