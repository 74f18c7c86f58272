"""From sums to figures: the one place where statistics happen, on the way out of the engine.

A question returns structs of the five sums n, w = Σw, w2 = Σw², wx = Σwx, wx2 = Σwx² (made by
`tally`). Here each becomes value, 95 % interval and n; beside a `_before` twin also the change, its
interval, p and verdict. Formulas: NPS adjusted Wald (Rocks 2016), shares Wilson (1927), means by
their variance with Student's t, effective n after Kish.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from cx.catalog import Metric, Question
from cx.errors import QueryError

FEW = 30
"""Below this many answers a figure is shown greyed: it is unreliable."""

LEVEL = 0.95
Z = float(stats.norm.ppf(1 - (1 - LEVEL) / 2))

SUM_FIELDS = ("n", "w", "w2", "wx", "wx2")


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


def finish(
    table: pa.Table, question: Question, metrics: Mapping[str, Metric], params: Mapping[str, Any]
) -> tuple[pd.DataFrame, dict[str, Metric]]:
    """Turn the engine's table into a frame of figures, and name the metrics in it."""
    names = [field.name for field in table.schema if _is_tally(field.type)]
    frame = _plain(table.drop_columns(names) if names else table)
    if not names:
        if "metric" in frame:
            return frame, _occurring(frame, metrics)
        named = _named_metric(question, params)
        return frame, {named: metrics[named]} if named in metrics else {}
    of_row = _metric_of_rows(frame, question, metrics, params, len(table))
    tested: dict[str, pd.DataFrame] = {}
    for name in names:
        if name.endswith(("_before", "_year")) and name.rpartition("_")[0] in names:
            continue
        stem = "" if name == "figure" else f"{name}_"
        sums = _sums(table, name)
        figures = estimate(sums, of_row, metrics)
        frame[f"{stem}value" if stem else "value"] = figures["value"]
        frame[f"{stem}low"], frame[f"{stem}high"] = figures["low"], figures["high"]
        frame[f"{stem}n"] = sums["n"].fillna(0).astype("int64")
        if name == "figure" and question.finding == "different":
            against_rest(frame, sums, of_row, metrics)
        for suffix, previous, change in (("_before", "previous", "change"), ("_year", "year", "year_change")):
            if name + suffix in names:
                verdict = f"{stem}verdict" if change == "change" else f"{stem}{change}_verdict"
                tested[verdict] = _compare(
                    frame, stem, sums, _sums(table, name + suffix), of_row, metrics, previous, change
                )
    _judge(frame, tested)
    return frame, {name: metrics[name] for name in dict.fromkeys(of_row) if name in metrics}


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
    name = _named_metric(question, params)
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


def _named_metric(question: Question, params: Mapping[str, Any]) -> str:
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


def estimate(sums: pd.DataFrame, of_row: Sequence[str], metrics: Mapping[str, Metric]) -> pd.DataFrame:
    """Value, low and high of each row's five sums, scaled and clipped as the row's metric says."""
    result = pd.DataFrame({"value": np.nan, "low": np.nan, "high": np.nan}, index=sums.index)
    owners = pd.Series(list(of_row), index=sums.index, dtype=object)
    for name in dict.fromkeys(of_row):
        metric = metrics.get(name)
        rows = owners.index[(owners == name) & (sums["w"].fillna(0) > 0)]
        if metric is None or not len(rows):
            continue
        part = sums.loc[rows]
        mean, low, high = interval(part, metric.interval)
        bounds = metric.range or (-np.inf, np.inf)
        low, high = np.round(low, 12), np.round(high, 12)
        result.loc[rows, "value"] = mean * metric.factor
        result.loc[rows, "low"] = np.clip(low * metric.factor, *bounds)
        result.loc[rows, "high"] = np.clip(high * metric.factor, *bounds)
    return result


def interval(sums: pd.DataFrame, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of x and its 95 % interval; empty for a mean of fewer than two answers."""
    mean, variance, n = moments(sums)
    if kind == "nps":
        centre, error = _adjusted_wald(sums, n)
        return mean, centre - Z * error, centre + Z * error
    if kind == "share":
        share = np.clip(mean, 0, 1)
        low, high = proportion_confint(share * n, n, alpha=1 - LEVEL, method="wilson")
        return mean, np.asarray(low), np.asarray(high)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(variance / (n - 1))
        reach = np.where(n > 1, stats.t.ppf(1 - (1 - LEVEL) / 2, np.maximum(n - 1, 1)) * error, np.nan)
    return mean, mean - reach, mean + reach


def moments(sums: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and variance of x, and the effective number of answers w²/w2 (Kish)."""
    w, w2, wx, wx2 = (sums[name].to_numpy(float) for name in ("w", "w2", "wx", "wx2"))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = wx / w
        variance = np.maximum(wx2 / w - mean**2, 0)
        return mean, variance, w**2 / w2


def _adjusted_wald(sums: pd.DataFrame, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre and standard error of an NPS with ¾, 1½ and ¾ answers added (Rocks 2016)."""
    w, wx, wx2 = (sums[name].to_numpy(float) for name in ("w", "wx", "wx2"))
    with np.errstate(divide="ignore", invalid="ignore"):
        promoters = (wx2 + wx) / 2 / w * n + 0.75
        detractors = (wx2 - wx) / 2 / w * n + 0.75
        total = n + 3
        p, d = promoters / total, detractors / total
        return p - d, np.sqrt(np.maximum(p + d - (p - d) ** 2, 0) / total)


def spread(sums: pd.DataFrame, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """The value tested in comparisons, and its standard error; means carry the n−1 correction."""
    mean, variance, n = moments(sums)
    if kind == "nps":
        return _adjusted_wald(sums, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "share":
            # One answer of each kind added keeps a share of 0 or 1 from having no error (Agresti & Caffo).
            adjusted = (np.clip(mean, 0, 1) * n + 1) / (n + 2)
            return adjusted, np.sqrt(adjusted * (1 - adjusted) / (n + 2))
        return mean, np.sqrt(variance / (n - 1))


def _compare(
    frame: pd.DataFrame,
    stem: str,
    now: pd.DataFrame,
    before: pd.DataFrame,
    of_row: Sequence[str],
    metrics: Mapping[str, Metric],
    previous: str,
    change: str,
) -> pd.DataFrame:
    """Add previous value, change, its interval and p for two independent sets of answers; return what is judged."""
    frame[f"{stem}{previous}"] = estimate(before, of_row, metrics)["value"]
    frame[f"{stem}{previous}_n"] = before["n"].fillna(0).astype("int64")
    frame[f"{stem}{change}"] = frame[f"{stem}value"] - frame[f"{stem}{previous}"]
    result = difference(now, before, of_row, metrics)
    reworded = _reworded(frame, "before" if change == "change" else "year")
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


def _reworded(frame: pd.DataFrame, twin: str) -> pd.Series:
    """Rows whose question was worded differently in the two windows: a new wording is not a trend.

    A question says so by returning the wordings in use as `wording` and `wording_before` or `wording_year`.
    """
    if not {"wording", f"wording_{twin}"} <= set(frame):
        return pd.Series(False, index=frame.index)
    now, then = frame["wording"], frame[f"wording_{twin}"]
    return now.notna() & then.notna() & (now != then)


def _judge(frame: pd.DataFrame, tested: Mapping[str, pd.DataFrame]) -> None:
    """Add the verdict columns: all comparisons of one answer are one family and corrected together."""
    if not tested:
        return
    family = pd.concat(tested.values(), keys=tested.keys())
    family["verdict"] = verdicts(family["p"].to_numpy(), family["few"].to_numpy(bool), family["change"].to_numpy())
    family.loc[family["reworded"], "verdict"] = "reworded"
    for name in tested:
        frame[name] = family.loc[name, "verdict"].to_numpy() if len(frame) else []
    for name in {"wording", "wording_before", "wording_year"} & set(frame):
        del frame[name]


def difference(
    now: pd.DataFrame, before: pd.DataFrame, of_row: Sequence[str], metrics: Mapping[str, Metric]
) -> pd.DataFrame:
    """Interval of a change around the raw change, the smallest change that could show, and two-sided p."""
    result = pd.DataFrame({"low": np.nan, "high": np.nan, "margin": np.nan, "p": np.nan}, index=now.index)
    owners = pd.Series(list(of_row), index=now.index, dtype=object)
    for name in dict.fromkeys(of_row):
        metric = metrics.get(name)
        rows = owners.index[(owners == name) & (now["w"].fillna(0) > 0) & (before["w"].fillna(0) > 0)]
        if metric is None or not len(rows):
            continue
        first, error = spread(now.loc[rows], metric.interval)
        second, error_before = spread(before.loc[rows], metric.interval)
        raw = moments(now.loc[rows])[0] - moments(before.loc[rows])[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            total = np.sqrt(error**2 + error_before**2)
            p = 2 * stats.norm.sf(np.abs((first - second) / total))
        result.loc[rows, "low"] = (raw - Z * total) * metric.factor
        result.loc[rows, "high"] = (raw + Z * total) * metric.factor
        result.loc[rows, "margin"] = Z * total * metric.factor
        result.loc[rows, "p"] = p
    return result


def verdicts(p: np.ndarray, few: np.ndarray, change: np.ndarray) -> list[str]:
    """“real”, “noise”, “few” or nothing per row; what is tested together is corrected together (BH)."""
    tested = ~few & ~np.isnan(p) & ~np.isnan(change)
    real = np.zeros(len(p), bool)
    if tested.any():
        real[tested] = multipletests(p[tested], alpha=1 - LEVEL, method="fdr_bh")[0]
    return [
        "" if np.isnan(step) else "few" if scarce else "real" if clear else "noise"
        for step, scarce, clear in zip(change, few, real, strict=True)
    ]


def against_rest(frame: pd.DataFrame, sums: pd.DataFrame, of_row: Sequence[str], metrics: Mapping[str, Metric]) -> None:
    """Add `apart`: whether each row differs from all other rows together (BH-corrected within a metric)."""
    owners = pd.Series(list(of_row), index=sums.index, dtype=object)
    rest = sums.groupby(owners).transform("sum") - sums
    result = difference(sums, rest, of_row, metrics)
    few = (sums["n"] < FEW).to_numpy(bool)
    frame["apart"] = verdicts(result["p"].to_numpy(float), few, result["margin"].to_numpy(float))


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
