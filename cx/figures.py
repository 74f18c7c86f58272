"""From sums to figures: the one place where answers are judged, on the way out of the engine.

A question returns structs of the five sums n, w = Σw, w2 = Σw², wx = Σwx, wx2 = Σwx² (made by
`tally`). Here each becomes value, 95 % interval and n; beside a `_before` twin also the change, its
interval, p and verdict. What may not be shown is hidden here, and the analysis a question asks for is done.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from cx import analyses, periods, privacy, typecheck
from cx.catalog import SPOKEN, TWINS, Metric, Question
from cx.errors import QueryError, QueryFileError, counted, nearest_text
from cx.estimates import (
    FEW,
    SUM_FIELDS,
    WITHOUT_X,
    Columns,
    Sums,
    difference,
    estimate,
    means,
    numbered,
    stacked,
    taken,
    verdicts,
)
from cx.periods import Period

PAGE_LEVEL = 0.97
"""How sure a page is of all it claims together: stricter than one answer, so that not one quiet week in twenty
claims a change even when luck is bad."""

TEXT = pd.StringDtype(na_value=np.nan)
"""How a frame holds texts."""

TOLD = ("theme", "kind", "word")
"""What one comment can be several of."""

APPROXIMATE = 1.05
"""From this design effect on, intervals are said to be approximate: the same people answered repeatedly."""


@dataclass(frozen=True)
class Answer:
    """What a question returned, finished: every figure with value, interval, n and change."""

    question: Question
    frame: pd.DataFrame
    metrics: Mapping[str, Metric]
    """The metrics that occur in the answer, by name."""
    truncated: bool
    seconds: float
    snapshot: str
    sql: str = ""
    facts: Mapping[str, float] = field(default_factory=dict)
    """What holds for the answer as a whole: `start` and `end` of a change, `explained` (R²) and `halo` of
    drivers, `widened` (by what the same people answering repeatedly widened the intervals), `minimum` and
    `hidden` (rows hidden for privacy)."""

    @property
    def metric(self) -> Metric | None:
        """The one metric of the answer, or None when it has several or none."""
        return next(iter(self.metrics.values())) if len(self.metrics) == 1 else None

    @property
    def n(self) -> int:
        """All answers behind the figures (each counted where it is shown).

        Shares of comments have the same comments behind all rows of a group: those whose n is one.
        """
        if "n" not in self.frame or not len(self.frame):
            return 0
        if self.metric is not None and self.metric.table == "comments":
            chart = self.question.chart
            apart = dict.fromkeys(("period", "segment", "brand", chart.x, chart.color))
            groups = [name for name in apart if name in self.frame and name not in TOLD]
            told = self.frame.dropna(subset="n")
            behind = [part["n"] for _, part in told.groupby(groups, dropna=False)] if groups else [told["n"]]
            if all(part.nunique() == 1 for part in behind):
                return int(sum(part.iloc[0] for part in behind))
        return int(self.frame["n"].sum())

    def rows(self) -> list[dict[str, Any]]:
        """The rows, each by its columns' names: pandas' own way costs ten times as much."""
        names = [str(name) for name in self.frame]
        values = zip(*(self.frame[name].tolist() for name in names), strict=True)
        return [dict(zip(names, row, strict=True)) for row in values]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        if not len(self.frame):
            return True
        return "value" in self.frame and "n" in self.frame and not self.frame["n"].fillna(0).any()


def nobody(columns: Columns, twin: str) -> np.ndarray | None:
    """The default of `Circumstances.people`: people are not counted, answers stand for them."""
    return None


@dataclass(frozen=True)
class Circumstances:
    """What judging needs to know besides the sums."""

    period: Period | None = None
    """The days that the answer looks at."""
    before: Period | None = None
    year: Period | None = None
    """The days that the twins `_before` and `_year` look at."""
    breaks: Mapping[str, Sequence[date]] = field(default_factory=dict)
    """Per metric, the days from which its question was worded differently: no comparison reaches across."""
    as_of: date | None = None
    """The last day with data: a period that contains a later one is still filling up."""
    grain: str = "month"
    design_effects: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Per metric and dimension, by what the same people answering repeatedly multiplies the variance."""
    dimensions: frozenset[str] = frozenset()
    """The dimensions by which the answer's rows are set apart or filtered."""
    minimum: int = 0
    """Answers (and people) below which a figure is hidden; nothing is hidden where it is 0."""
    comments: int = 0
    """The same for what was said."""
    protected: bool = False
    """Whether the question reads single answers to which the minimum applies."""
    people: Callable[[Columns, str], np.ndarray | None] = nobody
    """Counts the different people behind each row (of the window named: empty, `_before`, `_year`)."""


@dataclass(frozen=True)
class Finished:
    """A judged frame, the metrics in it, and what holds for all of it."""

    frame: pd.DataFrame
    metrics: dict[str, Metric]
    facts: dict[str, float] = field(default_factory=dict)


def finish(
    table: pa.Table,
    question: Question,
    metrics: Mapping[str, Metric],
    params: Mapping[str, Any],
    circumstances: Circumstances | None = None,
) -> Finished:
    """Turn the engine's table into a frame of figures, judged and without what may not be shown."""
    around = circumstances or Circumstances()
    names = [column.name for column in table.schema if _is_tally(column.type)]
    typecheck.check(table, question, names)
    apart = ["folds"] if "drivers" in question.analysis and "folds" in table.column_names else []
    folds = _whole(table, "folds") if apart else []
    columns = _plain(table.drop_columns([*names, *apart]) if names or apart else table)
    if not names:
        columns, found, facts = _counted(columns, len(table), question, metrics, params, around)
        return Finished(_framed(columns, len(table), table.schema), found, facts)
    of_row = _metric_of_rows(columns, question, metrics, params, len(table))
    sums = {name: _sums(table, name) for name in names}
    for name in names:
        _refuse_without_x(table, name, columns, of_row, metrics, question)
    facts = _widen(sums, columns, of_row, around)
    columns, sums, of_row, secret = _hide(columns, sums, of_row, metrics, question, around)
    if secret:
        facts |= {"minimum": max(around.minimum, question.minimum), "hidden": secret}
    columns |= _figures(columns, sums, of_row, metrics, around)
    columns, rows, more = _analysed(columns, sums, of_row, metrics, question, folds, around)
    found = {name: metrics[name] for name in dict.fromkeys(of_row) if name in metrics}
    return Finished(_framed(columns, rows, table.schema), found, facts | more)


def _framed(columns: Columns, rows: int, schema: pa.Schema) -> pd.DataFrame:
    """The one frame of an answer: putting columns into one after the other costs more than judging them.

    Texts become Arrow's at once, and names stay Python's, which pandas would otherwise guess and convert.
    """
    texts = {column.name for column in schema if _is_text(column.type)}
    whole = {
        place: TEXT.__from_arrow__(pa.array(values, pa.large_string(), from_pandas=True))
        if isinstance(values, list) or (name in texts and isinstance(values, np.ndarray) and values.dtype == object)
        else values
        for place, (name, values) in enumerate(columns.items())
    }
    frame = pd.DataFrame(whole, index=pd.RangeIndex(rows), copy=False)
    frame.columns = pd.Index([*columns], dtype=object)
    return frame


def _figures(
    columns: Columns,
    sums: Mapping[str, Sums],
    of_row: Sequence[str],
    metrics: Mapping[str, Metric],
    around: Circumstances,
) -> Columns:
    """Value, interval and n of each tally, and the change where it has a twin."""
    added: Columns = {}
    compared: dict[str, tuple[Sums, Sums, np.ndarray]] = {}
    windows = (("_before", "previous", "change", around.before), ("_year", "year", "year_change", around.year))
    for name, own in sums.items():
        if name.endswith(("_before", "_year")) and name.rpartition("_")[0] in sums:
            continue
        stem = "" if name == "figure" else f"{name}_"
        figures = estimate(own, of_row, metrics)
        added |= {f"{stem}{column}": part for column, part in figures._asdict().items()}
        added[f"{stem}n"] = own["n"].astype("int64")
        for suffix, previous, change, then in windows:
            if name + suffix in sums:
                before, reworded = sums[name + suffix], _reworded(columns, of_row, around, then)
                earlier = means(before, of_row, metrics)
                added[f"{stem}{previous}"], added[f"{stem}{previous}_n"] = earlier, before["n"].astype("int64")
                added[f"{stem}{change}"] = np.where(reworded, np.nan, figures.value - earlier)
                added |= {f"{stem}{change}_{column}": None for column in ("low", "high", "margin", "p")}
                compared[f"{stem}{change}"] = (own, before, reworded)
    return added | _compared(compared, added, of_row, metrics)


def _compared(
    compared: Mapping[str, tuple[Sums, Sums, np.ndarray]],
    added: Columns,
    of_row: Sequence[str],
    metrics: Mapping[str, Metric],
) -> Columns:
    """Interval, p and verdict of each change: all comparisons of one answer are one family and corrected together."""
    if not compared:
        return {}
    owns, befores, where = zip(*compared.values(), strict=True)
    now, before, reworded = stacked(owns), stacked(befores), np.concatenate(where)
    found = difference(now, before, list(of_row) * len(compared), metrics)
    for part in found:
        part[reworded] = np.nan
    few = (now["n"] < FEW) | (before["n"] < FEW)
    said = np.array(verdicts(found.p, few, np.concatenate([added[change] for change in compared])), object)
    said[reworded] = "reworded"
    result: Columns = {}
    for place, change in enumerate(compared):
        rows = slice(place * len(of_row), (place + 1) * len(of_row))
        result |= {f"{change}_{column}": part[rows] for column, part in found._asdict().items()}
    for place, change in enumerate(compared):
        verdict = f"{change}_verdict" if change.endswith("year_change") else f"{change.removesuffix('change')}verdict"
        result[verdict] = said[place * len(of_row) : (place + 1) * len(of_row)].tolist()
    return result


def _analysed(
    columns: Columns,
    sums: Mapping[str, Sums],
    of_row: Sequence[str],
    metrics: Mapping[str, Metric],
    question: Question,
    folds: Sequence[Any],
    around: Circumstances,
) -> tuple[Columns, int, dict[str, float]]:
    """The columns with what the question's analysis adds, how many rows they have, and what that says of the whole."""
    asked = question.analysis
    facts: dict[str, float] = {}
    for wanted in asked:
        for name in analyses.NEEDS[wanted]:
            if name not in sums:
                raise QueryError(
                    f"The analysis “{wanted}” of {question.name} needs the column {name}.",
                    f"Return it: `tally(n, w, w2, wx, wx2) as {name}`.",
                    file=question.file,
                    line=question.line_of("analysis"),
                )
    rows = len(of_row)
    if "period" in columns and around.period and _dated(columns["period"]):
        columns |= _lines(columns, of_row, around)
    own = sums.get("figure", next(iter(sums.values())))
    if "rest" in asked:
        columns |= analyses.rest(own, of_row, metrics)
    chart = question.chart
    if chart.kind == "crosstab" and {chart.x, chart.color} <= set(columns):
        columns |= analyses.letters(columns, own, of_row, metrics, chart.x, chart.color)
    if "unusual" in asked:
        columns |= analyses.unusual(columns, own, of_row, metrics)
    if "ranking" in asked:
        columns |= analyses.ranking(own, of_row, metrics)
    if "bayesian_average" in asked:
        columns |= analyses.bayesian_average(own, of_row, metrics)
    if "contributions" in asked:
        if len(set(of_row)) > 1:
            raise QueryError(
                f"The analysis “contributions” of {question.name} is about one metric; the answer has several.",
                "Keep one: `where metric = $metric`.",
                file=question.file,
                line=question.line_of("analysis"),
            )
        added, facts = analyses.contributions(columns, own, sums["figure_before"], of_row, metrics)
        columns |= added
    if "effect" in asked:
        columns |= analyses.effect(sums, of_row, metrics)
    if "emerging" in asked:
        added, order = analyses.emerging(columns, own, sums["figure_before"])
        columns |= added
        columns.pop(analyses.CARRIERS, None)
        columns, rows = {name: _ordered(values, order) for name, values in columns.items()}, len(order)
    if "impact" in asked:
        added, order = analyses.impact(sums, of_row, metrics)
        columns = {name: _ordered(values, order) for name, values in (columns | added).items()}
    if "explanations" in asked:
        columns = analyses.explanations(columns, own, sums["figure_before"], of_row, metrics)
        rows = len(columns["metric"])
    if "drivers" in asked:
        columns, found = analyses.drivers(columns, folds)
        rows = len(columns["verdict"])
        facts |= found
    return columns, rows, facts


def _ordered(values: Any, order: np.ndarray) -> Any:
    """The values of a column in another order."""
    if values is None:
        return None
    return [values[place] for place in order] if isinstance(values, list) else values[order]


def _widen(
    sums: Mapping[str, Sums], columns: Columns, of_row: Sequence[str], around: Circumstances
) -> dict[str, float]:
    """Enlarge w2, and so every variance, by the design effect: the same people answering repeatedly say less."""
    if not around.design_effects:
        return {}
    known = {name: around.design_effects[name] for name in dict.fromkeys(of_row) if around.design_effects.get(name)}
    own = [columns[column].tolist() for column in ("dimension", "dimension_2") if column in columns]
    found: dict[tuple[Any, ...], float] = {}
    effects = np.ones(len(of_row))
    for place, row in enumerate(zip(of_row, *own, strict=True)) if known else ():
        if row not in found:
            of_columns = known.get(row[0], {})
            apart = ("", *around.dimensions, *row[1:])
            found[row] = max(1.0, min((of_columns[column] for column in apart if column in of_columns), default=1.0))
        effects[place] = found[row]
    if not len(effects) or effects.max() < APPROXIMATE:
        return {}
    for table in sums.values():
        table["w2"][:] *= effects
    return {"widened": float(np.sqrt(effects.max()))}


def _hide(
    columns: Columns,
    sums: dict[str, Sums],
    of_row: list[str],
    metrics: Mapping[str, Metric],
    question: Question,
    around: Circumstances,
) -> tuple[Columns, dict[str, Sums], list[str], int]:
    """Take away the sums that may not be shown; parts of a change are pooled instead, so that they still sum."""
    minimum = max(around.minimum, question.minimum)
    if not minimum:
        return columns, sums, of_row, 0
    answers = {name for name, metric in metrics.items() if metric.table in ("responses", "comments")}
    private = np.array([bool(question.minimum) or name in answers for name in of_row], bool)
    if not private.any():
        return columns, sums, of_row, 0
    names, masks = privacy.keys(columns), {}
    for name, table in sums.items():
        twin = next((suffix for suffix in ("_before", "_year") if name.endswith(suffix)), "")
        counted = np.where(private, table["n"], 0.0)
        masks[name] = privacy.hidden(columns, names, counted, minimum, around.people(columns, twin))
    secret = int(np.any(list(masks.values()), axis=0).sum())
    if not secret:
        return columns, sums, of_row, 0
    if {"contributions", "explanations"} & set(question.analysis):
        columns, sums, of_row = _pooled(columns, sums, of_row, np.any(list(masks.values()), axis=0))
        sums = {name: _without(table, (table["n"] > 0) & (table["n"] < minimum)) for name, table in sums.items()}
        return columns, sums, of_row, secret
    sums = {name: _without(table, masks[name]) for name, table in sums.items()}
    mask = masks.get("figure", next(iter(masks.values())))
    columns |= _emptied(columns, mask, around) | {"hidden": mask}
    return columns, sums, of_row, secret


def _without(sums: Sums, mask: np.ndarray) -> Sums:
    """The sums with nothing left of some rows."""
    return Sums(np.where(mask, 0.0, sums.block))


def _emptied(columns: Columns, mask: np.ndarray, around: Circumstances) -> Columns:
    """Columns whose hidden rows keep nothing but what they are about: a text or a score may be somebody's answer."""
    kept = {"metric", "dimension", "dimension_2", "segment", "segment_2", *around.dimensions}
    keys = set(privacy.keys(columns)) - {"score"}
    found: Columns = {}
    for name, values in columns.items():
        day = name in keys and not pd.api.types.is_string_dtype(pd.Series(values))
        if name not in kept and not day:
            numbers = pd.api.types.is_numeric_dtype(values)
            emptied = pd.Series(values).astype("Float64" if numbers else object)
            emptied[mask] = None
            found[name] = emptied
    return found


def _pooled(
    columns: Columns, sums: Mapping[str, Sums], of_row: Sequence[str], mask: np.ndarray
) -> tuple[Columns, dict[str, Sums], list[str]]:
    """All hidden rows of a metric (and dimension) as one row called `(other)`."""
    value = "segment" if "segment" in columns else privacy.keys(columns)[-1]
    pooled = columns | {value: np.where(mask, analyses.OTHER, np.asarray(columns[value], object))}
    groups, count = numbered(
        [of_row, *(pooled[column] for column in ("metric", "dimension", value) if column in columns)]
    )
    summed: dict[str, Sums] = {
        name: Sums(np.array([np.bincount(groups, column, count) for column in table.block]))
        for name, table in sums.items()
    }
    places = np.unique(groups, return_index=True)[1]
    first = {name: _first(values, groups, places) for name, values in pooled.items()}
    return first, summed, [of_row[place] for place in places]


def _first(values: Any, groups: np.ndarray, places: np.ndarray) -> Any:
    """Of each group the first value that is there; a missing one where there is none."""
    there = np.flatnonzero(~pd.isna(values))
    known, at = np.unique(groups[there], return_index=True)
    chosen = places.copy()
    chosen[known] = there[at]
    return values[chosen]


def _counted(
    columns: Columns,
    rows: int,
    question: Question,
    metrics: Mapping[str, Metric],
    params: Mapping[str, Any],
    around: Circumstances,
) -> tuple[Columns, dict[str, Metric], dict[str, float]]:
    """An answer without tallies: numbers that its `base` (or `n`) answers stand behind, or no figures at all."""
    if "metric" in columns:
        names = dict.fromkeys(columns["metric"].tolist())
    else:
        names = dict.fromkeys([named_metric(question, params)])
    found = {name: metrics[name] for name in names if name in metrics}
    said = {name for name in columns if name in privacy.SAID or _shows(question, name, privacy.SAID)}
    minimum = max(around.minimum, around.comments) if said else around.minimum
    if not minimum or not around.protected or (found and all(one.table == "reviews" for one in found.values())):
        return columns, found, {}
    base = next((name for name in ("base", "n") if name in columns), "")
    if not base:
        raise QueryError(
            f"{question.name} does not say how many answers stand behind each row.",
            f"Fewer than {minimum} answers are hidden here: return `sum(n) as n`, or the base as `base`.",
            file=question.file,
            line=1,
        )
    if said:
        # Each row is one answer of those that `base` counts: they are shown together or not at all, and name nobody.
        mask = privacy.too_few(columns[base], minimum, around.people({}, ""))
        kept = {*privacy.OF_A_COMMENT, *said, base}
        columns |= {name: np.full(rows, None, object) for name in columns if name not in kept}
    else:
        mask = privacy.hidden(columns, privacy.keys(columns), columns[base], minimum, around.people(columns, ""))
    if not mask.any():
        return columns, found, {}
    columns |= _emptied(columns, mask, around) | {"hidden": mask}
    return columns, found, {"minimum": minimum, "hidden": int(mask.sum())}


def _shows(question: Question, name: str, hidden: Collection[str]) -> bool:
    """Whether an output column shows one of these columns of a table under another name."""
    return any(one.column in hidden for one in question.reading.provenance.get(name, ()))


def _dated(values: Any) -> bool:
    """Whether a column holds days or instants and nothing else."""
    return bool(pd.api.types.is_datetime64_any_dtype(values)) or all(isinstance(day, date) for day in values.tolist())


def _days(values: Any) -> list[date]:
    """The days that a column's periods begin on."""
    starts: list[Any] = values.tolist()
    if all(type(start) is date for start in starts):
        return starts
    found: list[date] = pd.to_datetime(pd.Series(values)).dt.date.tolist()
    return found


def _lines(columns: Columns, of_row: Sequence[str], around: Circumstances) -> Columns:
    """`cut` (a new wording begins here: the line is interrupted) and `partial` (days are missing)."""
    assert around.period is not None
    starts = _days(columns["period"])
    ends = {start: periods.next_start(start, around.grain) for start in dict.fromkeys(starts)}
    last = min(around.period.last, around.as_of or around.period.last)
    partial = {start: start < around.period.start or end > last + periods.ONE_DAY for start, end in ends.items()}
    cut = [
        any(start <= day < ends[start] for day in around.breaks.get(name, ()))
        for start, name in zip(starts, of_row, strict=True)
    ]
    return {"partial": np.array([partial[start] for start in starts], bool), "cut": np.array(cut, bool)}


def _is_tally(kind: pa.DataType) -> bool:
    fields = [kind.field(place).name for place in range(kind.num_fields)] if pa.types.is_struct(kind) else []
    return fields[: len(SUM_FIELDS)] == list(SUM_FIELDS) and fields[len(SUM_FIELDS) :] in ([], [WITHOUT_X])


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _plain(table: pa.Table) -> Columns:
    """Columns of plain types: texts of Python, whole decimals as integers, other decimals as floats, days as dates."""
    if len(set(table.column_names)) < len(table.column_names):
        twice = next(name for name in table.column_names if table.column_names.count(name) > 1)
        raise QueryError(f"The answer has two columns named “{twice}”.", "Rename one with `as`.")
    return {name: _values(column) for name, column in zip(table.column_names, table.columns, strict=True)}


def _values(column: pa.ChunkedArray) -> Any:
    """The values of one column."""
    if pa.types.is_decimal(column.type):
        column = _narrowed(column)
    if _is_text(column.type):
        return column.to_numpy()
    series = column.to_pandas(date_as_object=True)
    return series.to_numpy() if isinstance(series.dtype, np.dtype) else series.array


def _narrowed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Decimals as numbers of Python: whole ones stay exact as far as they fit."""
    if column.type.scale == 0:
        with suppress(pa.ArrowInvalid):
            return column.cast(pa.int64())
    return column.cast(pa.float64())


def _metric_of_rows(
    columns: Columns,
    question: Question,
    metrics: Mapping[str, Metric],
    params: Mapping[str, Any],
    rows: int,
) -> list[str]:
    if "metric" in columns:
        return [str(name) for name in columns["metric"].tolist()]
    name = named_metric(question, params)
    if not name:
        raise QueryError(
            f"{question.name} would mix metrics in one figure.",
            _one_metric(question, metrics),
            file=question.file,
            line=1,
        )
    if name not in metrics:
        raise QueryError(
            f"There is no metric “{name}”.",
            nearest_text(name, metrics),
            file=question.file,
            line=question.line_of("metric") if question.metric else question.line_with(f"'{name}'"),
        )
    return [name] * rows


def _one_metric(question: Question, metrics: Mapping[str, Metric]) -> str:
    """How a question comes to one metric: in rows of texts the column metric is that of the answer, not of its text."""
    unbound = sorted(
        name for name in question.reading.metrics if name.startswith("$") and name[1:] not in question.params
    )
    if unbound:
        return f"A parameter stands without quotes: `{unbound[0]}`, declared under `params`."
    of_texts = [name for name, one in metrics.items() if one.table == "comments"]
    if of_texts and question.reading.tables & {name + twin for name in SPOKEN for twin in TWINS}:
        return f"Add a line `-- metric: …` to the header; metrics of texts are {', '.join(of_texts)}."
    return "Add `where metric = 'nps'`, or return the column metric and group by it."


def named_metric(question: Question, params: Mapping[str, Any]) -> str:
    """The one metric that a question's header or its `where metric = …` names, or an empty text."""
    named = {str(params.get(name[1:], name)) if name.startswith("$") else name for name in question.reading.metrics}
    chosen = str(params.get(question.metric[1:], "")) if question.metric.startswith("$") else question.metric
    return chosen or (named.pop() if len(named) == 1 else "")


def _whole(table: pa.Table, name: str) -> pa.Array:
    """A column in one piece."""
    column = table.column(name).combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    return column


def _sums(table: pa.Table, name: str) -> Sums:
    column = _whole(table, name)
    fields = (column.field(number).to_numpy(zero_copy_only=False) for number in range(len(SUM_FIELDS)))
    return taken(dict(zip(SUM_FIELDS, fields, strict=True)))


def _refuse_without_x(
    table: pa.Table,
    name: str,
    columns: Columns,
    of_row: Sequence[str],
    metrics: Mapping[str, Metric],
    question: Question,
) -> None:
    """Refuse a figure in which answers have no x: of a share they are those who did not say it, of any other metric
    nought would be what they answered."""
    column = _whole(table, name)
    if column.type.get_field_index(WITHOUT_X) < 0:
        return
    without = np.nan_to_num(column.field(WITHOUT_X).to_numpy(zero_copy_only=False).astype(float))
    shares = {one for one, metric in metrics.items() if metric.interval == "share"}
    wrong = [place for place in np.flatnonzero(without).tolist() if of_row[place] not in shares]
    if not wrong:
        return
    label = next((one for one in columns if one != "metric"), "")
    where = f" in the row {label} = {columns[label][wrong[0]]}" if label else ""
    more = f" and in {counted(len(wrong) - 1, 'more row')}" if len(wrong) > 1 else ""
    raise QueryFileError(
        f"Some answers behind {name}{where}{more} have no x and would count as answers of 0: a join found nothing for "
        "them, or what is summed is empty there.",
        "Leave them out, with an inner join or `where … is not null`; where nothing found means 0, write "
        "`coalesce(…, 0)` for x and its square.",
        file=question.file,
        line=question.reading.made.get(name.lower(), 1),
    )


def _reworded(columns: Columns, of_row: Sequence[str], around: Circumstances, then: Period | None) -> np.ndarray:
    """Rows whose question was worded differently in the two windows: a new wording is not a trend."""
    found = np.zeros(len(of_row), bool)
    if around.period is None or then is None or not any(around.breaks.get(name) for name in dict.fromkeys(of_row)):
        return found
    back = around.period.start - then.start
    dated = "period" in columns and _dated(columns["period"])
    starts: list[date | None] = [*_days(columns["period"])] if dated else [None] * len(of_row)
    known: dict[tuple[date | None, str], bool] = {}
    for place, row in enumerate(zip(starts, of_row, strict=True)):
        if row not in known:
            start, name = row
            first, end = (
                (start - back, periods.next_start(start, around.grain))
                if start is not None
                else (then.start, around.period.end)
            )
            known[row] = any(first < day < end for day in around.breaks.get(name, ()))
        found[place] = known[row]
    return found


def together(answers: Sequence[Answer]) -> list[Answer]:
    """The answers with their verdicts judged as one family: what is read together is corrected together.

    Each answer gets the same share of the error that may be made, however many comparisons it holds
    (weighted Benjamini–Hochberg; Genovese, Roeder and Wasserman 2006), so that a few key figures are not
    drowned by hundreds of segments beside them.
    """
    frames = [answer.frame for answer in answers]
    family: list[tuple[int, str, np.ndarray, np.ndarray]] = []
    for number, frame in enumerate(frames):
        for column in [str(name) for name in frame if name.endswith("verdict") and len(frame)]:
            stem = "year_change" if "year_change" in column else "change"
            prefix = column.removesuffix("year_change_verdict" if stem == "year_change" else "verdict")
            if f"{prefix}{stem}_p" not in frame:
                continue
            p = frame[f"{prefix}{stem}_p"].to_numpy(float)
            told = np.array([word in ("real", "noise") for word in frame[column].tolist()], bool)
            tested = np.flatnonzero(told & ~np.isnan(p))
            family.append((number, column, tested, p[tested]))
    sizes = np.zeros(len(answers), int)
    for number, _, tested, _ in family:
        sizes[number] += len(tested)
    if not sizes.sum():
        return list(answers)
    weights = sizes.sum() / (np.count_nonzero(sizes) * np.maximum(sizes, 1))
    p = np.concatenate([np.minimum(part / weights[number], 1.0) for number, _, _, part in family])
    said = verdicts(p, np.zeros(len(p), bool), np.ones(len(p)), level=PAGE_LEVEL)
    changed: list[dict[str, list[str]]] = [{} for _ in answers]
    reached = 0
    for number, column, tested, _ in family:
        words = frames[number][column].tolist()
        for place in tested.tolist():
            words[place] = said[reached]
            reached += 1
        changed[number][column] = words
    return [
        replace(answer, frame=answer.frame.assign(**columns)) for answer, columns in zip(answers, changed, strict=True)
    ]


def grouped(frame: pd.DataFrame, column: str, counted: str, metric: Metric) -> pd.DataFrame:
    """Counts per score as counts per group of the metric's scale (detractors, passives, promoters)."""
    if not metric.groups:
        return frame
    bounds = [-np.inf, *(group.to for group in metric.groups)]
    names = [group.name for group in metric.groups]
    kept = frame[frame[column].notna()]
    place = pd.cut(kept[column].astype(float), bounds, labels=names)
    others = [name for name in kept.columns if name not in (column, counted)]
    summed = (
        kept.assign(**{column: place.astype(object)})
        .groupby([*others, column], dropna=False, sort=False)[counted]
        .sum()
        .reset_index()
    )
    order = {name: position for position, name in enumerate(names)}
    return summed.assign(place=summed[column].map(order)).sort_values("place", kind="stable").drop(columns="place")


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy for CSV in which no text begins like a spreadsheet formula: an apostrophe stands before it."""
    copy = frame.copy()
    for name in copy:
        if copy[name].dtype == object or pd.api.types.is_string_dtype(copy[name]):
            copy[name] = copy[name].map(
                lambda value: (
                    "'" + value
                    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n")
                    else value
                )
            )
    return copy
