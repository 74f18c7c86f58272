"""From sums to figures: the one place where answers are judged, on the way out of the engine.

A question returns structs of the five sums n, w = Σw, w2 = Σw², wx = Σwx, wx2 = Σwx² (made by
`tally`). Here each becomes value, 95 % interval and n; beside a `_before` twin also the change, its
interval, p and verdict. What may not be shown is hidden here, and the analysis a question asks for is done.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from cx import analyses, periods, privacy
from cx.catalog import Metric, Question
from cx.errors import QueryError
from cx.estimates import FEW, SUM_FIELDS, difference, estimate, verdicts
from cx.periods import Period

PAGE_LEVEL = 0.97
"""How sure a page is of all it claims together: stricter than one answer, so that not one quiet week in twenty
claims a change even when luck is bad."""

APPROXIMATE = 1.05
"""From this design effect on, intervals are said to be approximate: the same people answered repeatedly."""


_OWNER = "its metric"


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
        """All answers behind the figures (each counted where it is shown)."""
        return int(self.frame["n"].sum()) if "n" in self.frame and len(self.frame) else 0

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        if not len(self.frame):
            return True
        return "value" in self.frame and "n" in self.frame and not self.frame["n"].fillna(0).any()


def nobody(frame: pd.DataFrame, twin: str) -> pd.Series | None:
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
    protected: bool = False
    """Whether the question reads single answers to which the minimum applies."""
    people: Callable[[pd.DataFrame, str], pd.Series | None] = nobody
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
    folds = (
        table.column("folds").to_pylist() if "drivers" in question.analysis and "folds" in table.column_names else []
    )
    frame = _plain(table.drop_columns([*names, *(["folds"] if folds else [])]) if names or folds else table)
    if not names:
        return _counted(frame, question, metrics, params, around)
    of_row = _metric_of_rows(frame, question, metrics, params, len(table))
    sums = {name: _sums(table, name) for name in names}
    facts = _widen(sums, frame, of_row, around)
    frame, sums, of_row, secret = _hide(frame, sums, of_row, metrics, question, around)
    if secret:
        facts |= {"minimum": max(around.minimum, question.minimum), "hidden": secret}
    _figures(frame, sums, of_row, metrics, around)
    frame, found = _analysed(frame, sums, of_row, metrics, question, folds, around)
    facts |= found
    return Finished(frame, {name: metrics[name] for name in dict.fromkeys(of_row) if name in metrics}, facts)


def _figures(
    frame: pd.DataFrame,
    sums: Mapping[str, pd.DataFrame],
    of_row: Sequence[str],
    metrics: Mapping[str, Metric],
    around: Circumstances,
) -> None:
    """Add value, interval and n of each tally, and the change where it has a twin."""
    tested: dict[str, pd.DataFrame] = {}
    for name, own in sums.items():
        if name.endswith(("_before", "_year")) and name.rpartition("_")[0] in sums:
            continue
        stem = "" if name == "figure" else f"{name}_"
        figures = estimate(own, of_row, metrics)
        frame[f"{stem}value"] = figures["value"]
        frame[f"{stem}low"], frame[f"{stem}high"] = figures["low"], figures["high"]
        frame[f"{stem}n"] = own["n"].fillna(0).astype("int64")
        for suffix, previous, change in (("_before", "previous", "change"), ("_year", "year", "year_change")):
            if name + suffix in sums:
                verdict = f"{stem}verdict" if change == "change" else f"{stem}{change}_verdict"
                reworded = _reworded(frame, of_row, around, around.before if suffix == "_before" else around.year)
                tested[verdict] = _compare(
                    frame, stem, own, sums[name + suffix], of_row, metrics, previous, change, reworded
                )
    _judge(frame, tested)


def _analysed(
    frame: pd.DataFrame,
    sums: Mapping[str, pd.DataFrame],
    of_row: Sequence[str],
    metrics: Mapping[str, Metric],
    question: Question,
    folds: Sequence[Any],
    around: Circumstances,
) -> tuple[pd.DataFrame, dict[str, float]]:
    """The frame with what the question's analysis adds, and what that says of the whole."""
    asked = question.analysis
    facts: dict[str, float] = {}
    for wanted in asked:
        for name in analyses.NEEDS[wanted]:
            if name not in sums:
                raise QueryError(
                    f"The analysis “{wanted}” of {question.name} needs the column {name}.",
                    f"Return it: `tally(n, w, w2, wx, wx2) as {name}`.",
                    file=question.file,
                    line=1,
                )
    if "period" in frame and around.period and _dated(frame["period"]):
        _lines(frame, of_row, around)
    own = sums.get("figure", next(iter(sums.values())))
    if "rest" in asked:
        analyses.rest(frame, own, of_row, metrics)
    chart = question.chart
    if chart.kind == "crosstab" and {chart.x, chart.color} <= set(frame):
        analyses.letters(frame, own, of_row, metrics, chart.x, chart.color)
    if "unusual" in asked:
        analyses.unusual(frame, own, of_row, metrics)
    if "ranking" in asked:
        analyses.ranking(frame, own, of_row, metrics)
    if "bayesian_average" in asked:
        analyses.bayesian_average(frame, own, of_row, metrics)
    if "contributions" in asked:
        facts |= analyses.contributions(frame, own, sums["figure_before"], of_row, metrics)
    if "effect" in asked:
        analyses.effect(frame, sums, of_row, metrics)
    if "explanations" in asked:
        frame = analyses.explanations(frame, own, sums["figure_before"], of_row, metrics)
    if "drivers" in asked:
        frame, found = analyses.drivers(frame, folds)
        facts |= found
    return frame, facts


def _widen(
    sums: Mapping[str, pd.DataFrame], frame: pd.DataFrame, of_row: Sequence[str], around: Circumstances
) -> dict[str, float]:
    """Enlarge w2, and so every variance, by the design effect: the same people answering repeatedly say less."""
    if not around.design_effects:
        return {}
    effects = np.ones(len(frame))
    own = [column for column in ("dimension", "dimension_2") if column in frame]
    by_row = frame[own].to_numpy(object)
    for place, name in enumerate(of_row):
        known = around.design_effects.get(name)
        if known:
            apart = around.dimensions.union(by_row[place])
            effects[place] = max(1.0, min(known[column] for column in ("", *apart) if column in known))
    if not len(effects) or effects.max() < APPROXIMATE:
        return {}
    for table in sums.values():
        table["w2"] = table["w2"] * effects
    return {"widened": float(np.sqrt(effects.max()))}


def _hide(
    frame: pd.DataFrame,
    sums: dict[str, pd.DataFrame],
    of_row: list[str],
    metrics: Mapping[str, Metric],
    question: Question,
    around: Circumstances,
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], list[str], int]:
    """Take away the sums that may not be shown; parts of a change are pooled instead, so that they still sum."""
    private = [name in metrics and metrics[name].table == "responses" for name in of_row]
    minimum = max(around.minimum, question.minimum)
    if question.minimum:
        private = [True] * len(of_row)
    if not minimum or not any(private):
        return frame, sums, of_row, 0
    names, masks = privacy.keys(frame), {}
    for name, table in sums.items():
        twin = next((suffix for suffix in ("_before", "_year") if name.endswith(suffix)), "")
        counted = table["n"].where(private)
        masks[name] = privacy.hidden(frame, names, counted, minimum, around.people(frame, twin))
    secret = int(np.any(list(masks.values()), axis=0).sum())
    if not secret:
        return frame, sums, of_row, 0
    if {"contributions", "explanations"} & set(question.analysis):
        frame, sums, of_row = _pooled(frame, sums, of_row, np.any(list(masks.values()), axis=0))
        for name, table in sums.items():
            sums[name] = table.mask((table["n"] > 0) & (table["n"] < minimum), 0.0)
        return frame, sums, of_row, secret
    for name, mask in masks.items():
        sums[name] = sums[name].mask(pd.Series(mask, index=sums[name].index), 0.0)
    mask = masks.get("figure", next(iter(masks.values())))
    _empty(frame, mask, around)
    frame["hidden"] = mask
    return frame, sums, of_row, secret


def _empty(frame: pd.DataFrame, mask: np.ndarray, around: Circumstances) -> None:
    """Leave hidden rows nothing but what they are about: a text or a score may be somebody's answer."""
    kept = {"metric", "dimension", "dimension_2", "segment", "segment_2", *around.dimensions}
    for name in frame:
        day = name in privacy.keys(frame[[name]]) and name != "score" and not pd.api.types.is_string_dtype(frame[name])
        if name not in kept and not day:
            frame[name] = frame[name].astype("Float64" if pd.api.types.is_numeric_dtype(frame[name]) else object)
            frame.loc[mask, name] = None


def _pooled(
    frame: pd.DataFrame, sums: Mapping[str, pd.DataFrame], of_row: Sequence[str], mask: np.ndarray
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], list[str]]:
    """All hidden rows of a metric (and dimension) as one row called `(other)`."""
    value = "segment" if "segment" in frame else privacy.keys(frame)[-1]
    owners = pd.Series(list(of_row), index=frame.index, dtype=object)
    groups = [column for column in ("metric", "dimension") if column in frame]
    pooled = frame.assign(**{_OWNER: owners})
    pooled.loc[mask, value] = analyses.OTHER
    by = [_OWNER, *groups, value]
    first = pooled.groupby(by, dropna=False, sort=False, as_index=False).first()
    summed = {
        name: table.assign(**{column: pooled[column] for column in by})
        .groupby(by, dropna=False, sort=False)[list(SUM_FIELDS)]
        .sum()
        .reset_index(drop=True)
        for name, table in sums.items()
    }
    return first[list(frame)], summed, [str(name) for name in first[_OWNER]]


def _counted(
    frame: pd.DataFrame,
    question: Question,
    metrics: Mapping[str, Metric],
    params: Mapping[str, Any],
    around: Circumstances,
) -> Finished:
    """An answer without tallies: numbers that its `base` (or `n`) answers stand behind, or no figures at all."""
    if "metric" in frame:
        found = _occurring(frame, metrics)
    else:
        named = named_metric(question, params)
        found = {named: metrics[named]} if named in metrics else {}
    if not around.minimum or not around.protected:
        return Finished(frame, found)
    base = next((name for name in ("base", "n") if name in frame), "")
    if not base:
        raise QueryError(
            f"{question.name} does not say how many answers stand behind each row.",
            f"Fewer than {around.minimum} answers are hidden here: return `sum(n) as n`, or the base as `base`.",
            file=question.file,
            line=1,
        )
    names = privacy.keys(frame)
    mask = privacy.hidden(frame, names, frame[base], around.minimum, around.people(frame, ""))
    if not mask.any():
        return Finished(frame, found)
    _empty(frame, mask, around)
    frame["hidden"] = mask
    return Finished(frame, found, {"minimum": around.minimum, "hidden": int(mask.sum())})


def _dated(column: pd.Series) -> bool:
    """Whether a column holds days or instants and nothing else."""
    return bool(pd.api.types.is_datetime64_any_dtype(column) or column.map(lambda day: isinstance(day, date)).all())


def _lines(frame: pd.DataFrame, of_row: Sequence[str], around: Circumstances) -> None:
    """Add `cut` (a new wording begins here: the line is interrupted) and `partial` (days are missing)."""
    assert around.period is not None
    starts = pd.to_datetime(frame["period"]).dt.date
    last = min(around.period.last, around.as_of or around.period.last)
    frame["partial"] = [
        start < around.period.start or periods.next_start(start, around.grain) > last + periods.ONE_DAY
        for start in starts
    ]
    frame["cut"] = [
        any(start <= day < periods.next_start(start, around.grain) for day in around.breaks.get(name, ()))
        for start, name in zip(starts, of_row, strict=True)
    ]


def _is_tally(kind: pa.DataType) -> bool:
    return pa.types.is_struct(kind) and [kind.field(i).name for i in range(kind.num_fields)] == list(SUM_FIELDS)


def _plain(table: pa.Table) -> pd.DataFrame:
    """A frame of plain types: whole decimals as integers, other decimals as floats, days as dates."""
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_decimal(column.type):
            column = column.cast(pa.int64() if column.type.scale == 0 else pa.float64())
        columns[name] = column
    if len(set(table.column_names)) < len(table.column_names):
        twice = next(name for name in table.column_names if table.column_names.count(name) > 1)
        raise QueryError(f"The answer has two columns named “{twice}”.", "Rename one with `as`.")
    return pa.table(columns).to_pandas(date_as_object=True) if columns else pd.DataFrame(index=range(len(table)))


def _occurring(frame: pd.DataFrame, metrics: Mapping[str, Metric]) -> dict[str, Metric]:
    return {name: metrics[name] for name in dict.fromkeys(frame["metric"].dropna()) if name in metrics}


def _metric_of_rows(
    frame: pd.DataFrame,
    question: Question,
    metrics: Mapping[str, Metric],
    params: Mapping[str, Any],
    rows: int,
) -> list[str]:
    if "metric" in frame:
        return [str(name) for name in frame["metric"]]
    name = named_metric(question, params)
    if not name:
        raise QueryError(
            f"{question.name} would mix metrics in one figure.",
            "Add `where metric = 'nps'`, or return the column metric and group by it.",
            file=question.file,
            line=1,
        )
    if name not in metrics:
        raise QueryError(f"There is no metric “{name}”.", f"Known here: {', '.join(metrics)}.")
    return [name] * rows


def named_metric(question: Question, params: Mapping[str, Any]) -> str:
    """The one metric that a question's header or its `where metric = …` names, or an empty text."""
    named = {str(params.get(name[1:], name)) if name.startswith("$") else name for name in question.reading.metrics}
    chosen = str(params.get(question.metric[1:], "")) if question.metric.startswith("$") else question.metric
    return chosen or (named.pop() if len(named) == 1 else "")


def _sums(table: pa.Table, name: str) -> pd.DataFrame:
    column = table.column(name).combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    return pd.DataFrame(
        {
            field: column.field(number).to_numpy(zero_copy_only=False).astype(float)
            for number, field in enumerate(SUM_FIELDS)
        }
    )


def _compare(
    frame: pd.DataFrame,
    stem: str,
    now: pd.DataFrame,
    before: pd.DataFrame,
    of_row: Sequence[str],
    metrics: Mapping[str, Metric],
    previous: str,
    change: str,
    reworded: pd.Series,
) -> pd.DataFrame:
    """Add previous value, change, its interval and p for two independent sets of answers; return what is judged."""
    frame[f"{stem}{previous}"] = estimate(before, of_row, metrics)["value"]
    frame[f"{stem}{previous}_n"] = before["n"].fillna(0).astype("int64")
    frame[f"{stem}{change}"] = frame[f"{stem}value"] - frame[f"{stem}{previous}"]
    result = difference(now, before, of_row, metrics)
    frame.loc[reworded, f"{stem}{change}"] = np.nan
    result.loc[reworded] = np.nan
    for name in ("low", "high", "margin", "p"):
        frame[f"{stem}{change}_{name}"] = result[name].to_numpy()
    few = (now["n"].fillna(0) < FEW) | (before["n"].fillna(0) < FEW)
    return pd.DataFrame(
        {
            "p": result["p"].to_numpy(),
            "few": few.to_numpy(),
            "change": frame[f"{stem}{change}"].to_numpy(),
            "reworded": reworded.to_numpy(),
        }
    )


def _reworded(frame: pd.DataFrame, of_row: Sequence[str], around: Circumstances, then: Period | None) -> pd.Series:
    """Rows whose question was worded differently in the two windows: a new wording is not a trend."""
    if around.period is None or then is None or not around.breaks:
        return pd.Series(False, index=frame.index)
    back = around.period.start - then.start
    windows = [(then.start, around.period.end)] * len(frame)
    if "period" in frame:
        starts = pd.to_datetime(frame["period"]).dt.date
        windows = [(start - back, periods.next_start(start, around.grain)) for start in starts]
    crossed = [
        any(first < day < end for day in around.breaks.get(name, ()))
        for (first, end), name in zip(windows, of_row, strict=True)
    ]
    return pd.Series(crossed, index=frame.index, dtype=bool)


def _judge(frame: pd.DataFrame, tested: Mapping[str, pd.DataFrame]) -> None:
    """Add the verdict columns: all comparisons of one answer are one family and corrected together."""
    if not tested:
        return
    family = pd.concat(tested.values(), keys=tested.keys())
    family["verdict"] = verdicts(family["p"].to_numpy(), family["few"].to_numpy(bool), family["change"].to_numpy())
    family.loc[family["reworded"], "verdict"] = "reworded"
    for name in tested:
        frame[name] = family.loc[name, "verdict"].to_numpy() if len(frame) else []


def together(answers: Sequence[Answer]) -> list[Answer]:
    """The answers with their verdicts judged as one family: what is read together is corrected together.

    Each answer gets the same share of the error that may be made, however many comparisons it holds
    (weighted Benjamini–Hochberg; Genovese, Roeder and Wasserman 2006), so that a few key figures are not
    drowned by hundreds of segments beside them.
    """
    found = []
    for number, answer in enumerate(answers):
        for column in [name for name in answer.frame if name.endswith("verdict") and len(answer.frame)]:
            stem = "year_change" if "year_change" in column else "change"
            prefix = column.removesuffix("year_change_verdict" if stem == "year_change" else "verdict")
            if f"{prefix}{stem}_p" not in answer.frame:
                continue
            verdict = answer.frame[column]
            tested = verdict.isin(["real", "noise"]) & answer.frame[f"{prefix}{stem}_p"].notna()
            found.append(
                pd.DataFrame(
                    {
                        "answer": number,
                        "column": column,
                        "row": answer.frame.index,
                        "p": answer.frame[f"{prefix}{stem}_p"],
                    }
                )[tested]
            )
    family = pd.concat(found, ignore_index=True) if found else pd.DataFrame()
    if family.empty:
        return list(answers)
    sizes = family.groupby("answer")["p"].transform("size")
    weights = len(family) / (family["answer"].nunique() * sizes)
    p = np.minimum(family["p"] / weights, 1.0).to_numpy(float)
    family["verdict"] = verdicts(p, np.zeros(len(p), bool), np.ones(len(p)), level=PAGE_LEVEL)
    judged = []
    for number, answer in enumerate(answers):
        frame = answer.frame.copy()
        for column, part in family[family["answer"] == number].groupby("column"):
            frame.loc[part["row"], str(column)] = part["verdict"].to_numpy()
        judged.append(replace(answer, frame=frame))
    return judged


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
