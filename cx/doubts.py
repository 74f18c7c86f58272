"""Doubts: what of a question may be wrong although it answers, and is for a person to judge."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

import pandas as pd

from cx import contract, gate, reading_doubts, scope, sentiment, settings, themes
from cx.catalog import METRIC_TABLES, PANEL, QUESTION_TABLES, SINGLE, SPOKEN, SUMMED, Question
from cx.engine import Engine
from cx.errors import CxError, nearest, nearest_text
from cx.figures import Answer
from cx.reading_doubts import told as _doubt
from cx.scope import Filters
from cx.words import NO_VALUE
from cx.workers.process import StatementFailed

ONE_MARK = frozenset(("line", "bar", "heatmap", "change", "journey", "waterfall", "funnel", "crosstab"))
"""Charts that draw a mark for each value of `x`, of `color` and `label` where they have one."""
WITH_X = ONE_MARK - {"crosstab"} | {"stacked"}
"""Charts that draw without `x`, and should not."""
CHOSEN = ("metric", "dimension", "dimension_2")
"""Columns of which a page shows one value at a time."""


def of_answer(engine: Engine, question: Question, answer: Answer, filters: Filters) -> list[CxError]:
    """What of a question and of its answer over the published data a person should look at."""
    found = absent(engine, question)
    found += [] if found else _empty(engine, question, answer)
    found += [] if question.reading.counts else _counted_twice(engine, question, answer, filters)
    return found + at_a_glance(engine, question, answer)


def at_a_glance(engine: Engine, question: Question, answer: Answer) -> list[CxError]:
    """What of it is told without asking anything more: few enough milliseconds for a page."""
    return [
        *reading_doubts.of_question(engine, question),
        *_combinations(question),
        *_marks(question, answer),
        *_nameless(question, answer),
        *_jumbled(question, answer),
        *_percent(question, answer),
        *_nothing_found(engine, question, answer),
    ]


def absent(engine: Engine, question: Question) -> list[CxError]:
    """Texts to which the SQL compares a column, and that are nowhere in what was published."""
    found: dict[tuple[str, ...], CxError] = {}
    for one in question.reading.comparisons:
        there = _values(engine, question, one.table, one.column)
        if _unfilled(engine, one.table, one.column):
            told = f"No row has a {one.column} in what was published, so this is true of none."
            hint = "Look on the page Data whether the exports bring it, and under which name."
            found[one.column, ""] = _doubt(question, told, hint, one.line, one.place)
        if not 0 < len(there) < scope.MOST_VALUES:
            continue
        missing = [text for text in one.texts if text not in there] if one.plain else []
        for text in missing:
            none = ", so this is true of no row" if len(missing) == len(one.texts) else ""
            found[one.column, text] = _doubt(
                question,
                f"No {one.column} is “{text}” in what was published{none}.",
                nearest_text(text, there),
                one.line,
                one.place,
            )
        if not one.plain and not gate.fitting(one, there):
            told = " or ".join(f"“{text}”" for text in one.texts)
            near = nearest(one.texts[0].strip("%_"), there)
            found[one.column, one.condition] = _doubt(
                question, f"No {one.column} in what was published is like {told} here.", near, one.line, one.place
            )
    return [*found.values(), *_defaults(engine, question)]


def _defaults(engine: Engine, question: Question) -> list[CxError]:
    """Parameters that a column has to be, with a default that is nowhere in what was published."""
    found: dict[str, CxError] = {}
    for table, columns in question.reading.kept.items():
        for column, values in columns.items():
            there = _values(engine, question, table, column)
            for name in sorted(text for kind, text in values if kind == "parameter"):
                parameter = question.params.get(name)
                default = parameter.default if parameter else None
                if isinstance(default, str) and default and 0 < len(there) < scope.MOST_VALUES and default not in there:
                    found[name] = _doubt(
                        question,
                        f"The parameter {name} is “{default}” at first, and no {column} is that in what was published.",
                        nearest(default, there),
                        question.line_of(name),
                    )
    return list(found.values())


def _unfilled(engine: Engine, table: str, column: str) -> bool:
    """Whether a column by which answers are split is surely empty in every row."""
    held = engine.snapshot()
    split = scope.twin(table)[0] in (*SUMMED, PANEL, SINGLE) and column in scope.dimensions(held)
    return split and column not in held.uncoded and not held.values.get(column)


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
        if shipped:
            # A question that was made for all companies is not to blame where one has no data of a kind.
            return []
        absent_tables = [table for table in sorted(tables) if not _published(engine, table)]
        if absent_tables:
            told = f"Nothing was published in {' and '.join(absent_tables)}, so the question answers no row."
            hint = "Add an export or a source of it; the page Data tells what was set aside."
            return [_doubt(question, told, hint, reading_doubts.line_reading(question, absent_tables[0]))]
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
            f"The row {row_of(answer.frame, place)} counts {row['n']:,.0f} answers, where {most:,} "
            f"{'is' if most == 1 else 'are'} of its kind.",
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


def _nameless(question: Question, answer: Answer) -> list[CxError]:
    """Marks of a chart that has no column for what they stand for."""
    chart, frame = question.chart, answer.frame
    if chart.kind not in WITH_X or chart.x or len(frame) < 2:
        return []
    drawn = {"value" if chart.y == "figure" else chart.y, chart.color, chart.label}
    named = [str(name) for name in frame if name not in drawn and not pd.api.types.is_numeric_dtype(frame[name])]
    return [
        _doubt(
            question,
            f"The {chart.kind} chart has no `x`: its {len(frame):,} rows are drawn without a name of their own.",
            f"Say what they stand for: `x: {named[0] if named else '…'}`.",
            question.line_of("chart"),
        )
    ]


def _jumbled(question: Question, answer: Answer) -> list[CxError]:
    """A line along texts that come in no order."""
    chart, frame = question.chart, answer.frame
    texts = chart.kind == "line" and chart.x in frame and any(isinstance(one, str) for one in frame[chart.x])
    if not texts or question.reading.ordered or frame[chart.x].nunique() < 3:
        return []
    return [
        _doubt(
            question,
            f"The line goes along “{chart.x}”, texts in the order of the rows, and the SQL says none.",
            "Return days, such as `date_trunc('month', day)`, or add an `order by`.",
            question.reading.made.get(chart.x, question.line_of("chart")),
        )
    ]


def _percent(question: Question, answer: Answer) -> list[CxError]:
    """Parts of a whole that are shown as if they were hundredths."""
    chart, frame = question.chart, answer.frame
    drawn = frame[chart.y] if chart.y != "figure" and chart.y in frame else pd.Series(dtype=float)
    if chart.unit != "%" or not pd.api.types.is_float_dtype(drawn) or drawn.dropna().empty:
        return []
    low, high = float(drawn.min()), float(drawn.max())
    if not (low >= 0 and 0 < high <= 1):
        return []
    return [
        _doubt(
            question,
            f"The unit is %, and {chart.y} goes from {low:g} to {high:g}, so that 50 % would be shown as 0.5 %.",
            f"Multiply it by 100: `100 * … as {chart.y}`.",
            question.reading.made.get(chart.y, question.line_of("chart")),
        )
    ]


def _nothing_found(engine: Engine, question: Question, answer: Answer) -> list[CxError]:
    """Rows that an outer join keeps although it found nothing for them, so that nothing is drawn there."""
    chart, frame = question.chart, answer.frame
    outer = any(step.reading.outer for step in (*engine.catalog.chain(question), question))
    drawn = "value" if chart.y == "figure" else chart.y
    if not outer or drawn not in frame or answer.facts.get("hidden"):
        return []
    empty = frame[drawn].isna()
    if drawn == "value":
        empty &= frame["n"] == 0 if "n" in frame else False
    if not empty.any() or empty.all():
        return []
    told = row_of(frame, int(empty.to_numpy().argmax()))
    more = f", nor in {int(empty.sum()) - 1:,} more" if empty.sum() > 1 else ""
    return [
        _doubt(
            question,
            f"Nothing is drawn in the row {told}{more}: an outer join found nothing for it.",
            "Leave such rows out with an inner join. Where nothing found means 0, write `coalesce(…, 0)`, and give "
            "`tally` the n and w of what it is a share of.",
            question.reading.made.get("figure" if drawn == "value" else drawn, 1),
        )
    ]


def row_of(frame: pd.DataFrame, place: int) -> str:
    """What tells a row from the others, in words: its first texts and days, else its first column."""
    told = [str(name) for name in frame if not pd.api.types.is_numeric_dtype(frame[name])][:3] or [*frame][:1]
    return ", ".join(f"{name} = {_told(frame[name].iloc[place])}" for name in told)


def _told(value: Any) -> str:
    return NO_VALUE if pd.isna(value) is True else str(value)
