"""Doubts about what a question reads: rows that are not those its figure is said to be about.

All of it is told from the file and from what the snapshot lists, so that it costs a page nothing.
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial

from cx import figures, gate, scope
from cx.catalog import METRIC_TABLES, PANEL, SINGLE, SPOKEN, SUMMED, TIMED, Metric, Question
from cx.engine import Engine
from cx.errors import CxError, QueryError, marked

MEASURED = (*SUMMED, PANEL, SINGLE, *SPOKEN)
"""Tables whose rows belong to a metric each, and bring what its file makes of them."""
OF_EVERY_BRAND = ("ratings", "reviews", SINGLE, *SPOKEN)
"""Tables that hold the reviews of every brand."""
ABOUT_TEXTS = frozenset("kind sentiment words text theme names_other_brand".split())
"""Columns that only texts have: who names one asks about texts."""
OF_ANSWERS = ("scores", "responses", PANEL, SINGLE, *SPOKEN)
"""Tables of answers to all metrics, one by one or as sums."""
NO_FORMAT = re.compile(
    r"\b(?P<function>(?:try_)?strptime|strftime)\b.*?'(?P<format>[A-Za-z][^'%]*)'\s*\)", re.IGNORECASE
)
"""A day that is written or read by a format without a sign of one."""
SIGNS = {
    "YYYY": "%Y",
    "YY": "%y",
    "MON": "%b",
    "MM": "%m",
    "DD": "%d",
    "HH24": "%H",
    "HH": "%H",
    "MI": "%M",
    "SS": "%S",
}
"""What other databases write in such formats."""
SPLITS = (("by", "segment"), ("by_2", "segment_2"))


def of_question(engine: Engine, question: Question) -> list[CxError]:
    """What a person should look at before the question is asked."""
    steps = (*engine.catalog.chain(question), question)
    return [
        *_metrics(engine, question, steps),
        *_mixed_scores(engine, question),
        *_windows(question, steps),
        *_limits(question),
        *_themes(question),
        *_brands(engine, question),
        *_splits(question, steps),
        *_formats(question),
    ]


def told(question: Question, message: str, hint: str, line: int, place: int = 0) -> CxError:
    """What is said at a place of a question's file."""
    error = QueryError(message, hint, file=question.file, line=line)
    error.column = place
    return marked(error, question.text)


def _metrics(engine: Engine, question: Question, steps: Sequence[Question]) -> Iterator[CxError]:
    """Figures under the name of a metric that the rows are not, or not all, about."""
    made = {function for step in steps for function in step.reading.functions}
    name = figures.named_metric(question, question.values({}))
    metric = engine.catalog.metrics(unusable=True).get(name)
    if metric is None or "tally" not in made or "metric" in question.reading.outputs:
        return
    read = [table for step in steps for table in sorted(step.reading.tables) if scope.twin(table)[0] in MEASURED]
    spoken = [table for table in read if scope.twin(table)[0] in SPOKEN]
    named = {column for step in steps for column in step.reading.columns}
    if metric.table == "comments":
        yield from _x_of_answers(question, metric, spoken)
        return
    if spoken and spoken == read and not named & ABOUT_TEXTS and _no_rows_of_exports(steps):
        yield told(
            question,
            f"The figure is {name}, and is made of {spoken[0]}: only of those who wrote something.",
            "Read `scores` for all who answered. For what the texts say name a metric of texts, such as "
            "`-- metric: complaints`.",
            line_reading(question, spoken[0]),
        )
    kept = {text for step in steps for text in _metrics_kept(step)}
    line = _line_of(question, "metric")
    if question.metric and read and not kept:
        yield told(
            question,
            f"Nothing keeps the rows of {read[0]} to {name}: those of other metrics are counted as {name} too.",
            f"Write `where metric = '{name}'`.",
            line,
        )
    elif question.metric and read and name not in kept:
        yield told(
            question,
            f"The header says that the figure is {name}, and the SQL keeps the rows of {' and '.join(sorted(kept))}.",
            "Name the same metric in both.",
            line,
        )


def _x_of_answers(question: Question, metric: Metric, spoken: Sequence[str]) -> Iterator[CxError]:
    """A figure of texts made of x, which is that of the answer the text came with."""
    if spoken and "x" in question.reading.columns and "x" not in question.reading.outputs:
        yield told(
            question,
            f"x in {spoken[0]} is what the metric of the answer makes of its score, and the figure is {metric.name}.",
            "Count what is sought among all texts: `tally(base.n, base.w, base.w2, said.w, said.w)`, as in "
            "queries/voice/complaints.sql.",
            question.reading.lines.get("x", 1),
        )


def _no_rows_of_exports(steps: Sequence[Question]) -> bool:
    """Whether no step reads the rows of answers, reviews or invitations."""
    return not any(scope.twin(table)[0] in METRIC_TABLES for step in steps for table in step.reading.tables)


def _metrics_kept(step: Question) -> set[str]:
    """The metrics to which the conditions of a step keep rows, as texts."""
    values = step.values({})
    named = {str(values.get(one[1:], one)) if one.startswith("$") else one for one in step.reading.metrics}
    for columns in step.reading.kept.values():
        pairs = columns.get("metric", frozenset())
        named |= {str(values.get(text, text)) if kind == "parameter" else text for kind, text in pairs}
    return named


def _mixed_scores(engine: Engine, question: Question) -> Iterator[CxError]:
    """Scores of several metrics, each on a scale of its own, taken together."""
    reading, metrics = question.reading, engine.snapshot().values.get("metric", ())
    aggregates = sorted(reading.functions & (gate.PER_ROW | gate.ADDING))
    if "score" not in reading.columns or "metric" in reading.columns or len(metrics) < 2 or not aggregates:
        return
    for table in sorted(reading.tables - reading.everything):
        if scope.twin(table)[0] in OF_ANSWERS:
            yield told(
                question,
                f"{table} holds answers to {len(metrics)} metrics, and {aggregates[0]}() takes their scores together.",
                "Keep one (`where metric = 'nps'`), or return `metric` and group by it.",
                reading.lines.get("score", line_reading(question, table)),
            )


def _windows(question: Question, steps: Sequence[Question]) -> Iterator[CxError]:
    """A figure called an earlier one that is made of the same days."""
    read = {table for step in steps for table in step.reading.tables}
    timed = any(scope.twin(table)[0] in (*MEASURED, *TIMED) for table in read)
    # Who names days makes windows of their own.
    own = any("day" in step.reading.columns for step in steps)
    if not timed or own or any(table.endswith(("_before", "_year")) for table in read):
        return
    for name in ("figure_before", "figure_year"):
        if name in question.reading.outputs:
            twin = f"scores{name.removeprefix('figure')}"
            yield told(
                question,
                f"{name} is made of the same days as the figure, because no table of other days is read.",
                f"Make it of `{twin}`, or of the twin of that name of the table you read.",
                question.reading.made.get(name, 1),
            )


def _limits(question: Question) -> Iterator[CxError]:
    """Rows left out by chance."""
    if question.reading.limited:
        yield told(
            question,
            "No ORDER BY stands before this LIMIT: which rows it keeps may differ from one answer to the next.",
            "Say which come first, such as `order by n desc`.",
            question.reading.limited,
        )


def _themes(question: Question) -> Iterator[CxError]:
    """Texts that count once for each of their themes."""
    reading = question.reading
    for table in sorted(reading.tables):
        alone = scope.twin(table)[0] == "mentions" and table not in reading.everything
        if alone and not {"theme", "comment_id"} & reading.columns:
            yield told(
                question,
                f"A row of {table} is one theme of a text, and the question names no `theme`: a text counts once for "
                "each of its themes.",
                "Read `comments`, keep one theme (`where theme = …`), or count texts: `count(distinct comment_id)`.",
                line_reading(question, table),
            )


def _brands(engine: Engine, question: Question) -> Iterator[CxError]:
    """Reviews of other brands among ours, and brands in a column that the chart does not know as such."""
    brand, brands = engine.settings.brand, engine.snapshot().values.get("brand", ())
    if brand not in brands or len(brands) < 2:
        return
    reading, metrics = question.reading, engine.catalog.metrics(unusable=True)
    kept = [metrics[name].table for name in _metrics_kept(question) if name in metrics]
    only_ours = bool(kept) and "reviews" not in kept
    for table in sorted(reading.tables):
        name = scope.twin(table)[0]
        texts = name in SPOKEN
        ours = only_ours or (texts and ("value", "responses") in reading.kept.get(table, {}).get("origin", ()))
        if name in OF_EVERY_BRAND and not ours and table not in reading.everything | {"single_answers"}:
            if {"brand", "own"} & reading.columns:
                continue
            keep = "`where own`" if texts else f"`where brand = '{brand}'`"
            yield told(
                question,
                f"{table} holds all {len(brands)} brands, and nothing in the question tells ours from the others.",
                f"Keep ours ({keep}), or return `brand` and group by it.",
                line_reading(question, table),
            )
    chart = question.chart
    for key, column in (("x", chart.x), ("color", chart.color), ("label", chart.label)):
        if column != "brand" and any(one.column == "brand" and not one.made for one in _shown(question, column)):
            yield told(
                question,
                f"The chart's {key} “{column}” holds brands under another name, so that ours does not stand out and no "
                "brand has its label.",
                f"Return the column as `brand`, and write `{key}: brand`.",
                reading.made.get(column, _line_of(question, "chart")),
            )


def _splits(question: Question, steps: Sequence[Question]) -> Iterator[CxError]:
    """A split that has no column, and a column of the chart that nothing splits."""
    named = {column for step in steps for column in step.reading.columns}
    for key, column in SPLITS:
        by, line = getattr(question, key), partial(_line_of, question)
        if by and column not in named:
            yield told(
                question,
                f"`{key}: {by}` splits nothing, because the SQL names no column `{column}`.",
                f"Return `{column}` and group by it, or take `{key}` out of the header.",
                line(key),
            )
        elif not by and question.chart.x == column and any(one.column == column for one in _shown(question, column)):
            yield told(
                question,
                f"The chart's x is `{column}`, and the header has no `{key}`: until a reader chooses one, one mark "
                "without a name is drawn.",
                f"Add a line such as `-- {key}: channel`.",
                line("chart"),
            )


def _formats(question: Question) -> Iterator[CxError]:
    """Days written as other databases do: the text comes out as it stands there."""
    for number, line in enumerate(question.text.splitlines(), 1):
        found = None if line.startswith("--") else NO_FORMAT.search(line)
        if found:
            function, written = found["function"].lower(), found["format"]
            meant = re.sub("|".join(SIGNS), lambda sign: SIGNS[sign.group().upper()], written, flags=re.IGNORECASE)
            yield told(
                question,
                f"{function}() finds no % in the format '{written}', which stands for itself then.",
                f"Write '{meant}'." if "%" in meant else "Write signs such as '%Y-%m-%d'.",
                number,
                found.start("format"),
            )


def _shown(question: Question, column: str) -> tuple[gate.Provenance, ...]:
    """The columns of tables whose values a column of the answer shows."""
    return question.reading.provenance.get(column, ())


def _line_of(question: Question, key: str) -> int:
    """The line of a key of the header itself, or the first one."""
    lines = enumerate(question.text.splitlines(), 1)
    return next((number for number, line in lines if re.match(rf"--\s?{key}\s*:", line)), 1)


def line_reading(question: Question, table: str) -> int:
    """The line of the SQL that reads a table first, or the first one."""
    lines = enumerate(question.text.splitlines(), 1)
    word = re.compile(rf"\b{table}\b", re.IGNORECASE)
    return next((number for number, line in lines if not line.startswith("--") and word.search(line)), 1)
