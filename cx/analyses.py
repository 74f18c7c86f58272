"""Analyses: what the sums of a whole answer say together, on the way out of the engine.

A question asks for one by its header key `analysis`. Each function here takes the answer's frame with the
five sums of its rows and adds columns, or replaces the rows by what was asked: which groups differ from the
rest, what moved the total, what drives an outcome, which points are unusual, how units rank.
Nothing here knows a database or a screen.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb, sqrt
from string import ascii_uppercase
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from cx.catalog import Metric
from cx.estimates import FEW, LEVEL, SUM_FIELDS, Z, difference, estimate, moments, spread, verdicts

OTHER = "(other)"
"""The row that holds what may not be shown, or is left over, so that parts still sum to the whole."""

OUTER_Z = float(stats.norm.ppf(0.999))
"""Control limits of a funnel plot: three standard errors, 3.09 to be exact (Spiegelhalter 2005)."""

BASELINE = 24
"""Points before a point, at most, from which its natural limits come: old history must not judge today."""
SHORTEST_BASELINE = 8
XMR = 2.660
"""Natural limits are the mean ± 2.660 mean moving ranges (Wheeler)."""
RUN = 8
"""So many points in a row on one side of the middle are no chance, where they are clear of it together."""
ADDED = {"nps": 3, "share": 2, "mean": 0}
"""Answers that `spread` adds to those given; a line is drawn without them."""
EWMA_WEIGHT, EWMA_LIMIT = 0.25, 3.0

BOOTSTRAPS = 200
MOST_DRIVERS_BY_SUBSET = 9
"""Up to so many drivers Shapley shares are exact (every subset); beyond, they are drawn from orders."""
OUTCOME = "*"
"""How a question for drivers names the outcome among its items."""

NEEDS: Mapping[str, tuple[str, ...]] = {
    "rest": ("figure",),
    "unusual": ("figure",),
    "ranking": ("figure",),
    "bayesian_average": ("figure",),
    "contributions": ("figure", "figure_before"),
    "explanations": ("figure", "figure_before"),
    "drivers": ("figure",),
    "effect": ("figure", "figure_baseline", "figure_rest", "figure_rest_baseline"),
}
"""The tallies that each analysis reads."""

TURNOVER = 0.1
"""A mix can only shift among values that both periods have: app versions replace each other."""

SHIFT = 0.1
"""The smallest shift of a mix worth a word: Cohen's w of a small effect."""


# --- Groups against the rest ------------------------------------------------------------------------


def rest(frame: pd.DataFrame, sums: pd.DataFrame, of_row: Sequence[str], metrics: Mapping[str, Metric]) -> None:
    """Add `apart`: whether each row differs from all other rows together (BH-corrected within a metric)."""
    owners = pd.Series(list(of_row), index=sums.index, dtype=object)
    others = sums.groupby(owners).transform("sum") - sums
    result = difference(sums, others, of_row, metrics)
    few = ((sums["n"] < FEW) | (others["n"] < FEW)).to_numpy(bool)
    frame["apart_p"] = result["p"].to_numpy(float)
    frame["apart"] = verdicts(result["p"].to_numpy(float), few, result["margin"].to_numpy(float))


def letters(
    frame: pd.DataFrame, sums: pd.DataFrame, of_row: Sequence[str], metrics: Mapping[str, Metric], row: str, column: str
) -> None:
    """Add `letter` (of the row's column) and `above`: the letters of columns that the cell truly exceeds.

    The banner table of market research: within each table row every pair of columns is compared, and all
    pairs of the whole table are corrected together (Benjamini–Hochberg). Cells of fewer than 30 answers
    neither get nor give a letter.
    """
    heads = list(dict.fromkeys(frame[column]))
    named = {head: ascii_uppercase[place % 26] * (place // 26 + 1) for place, head in enumerate(heads)}
    frame["letter"] = [named[head] for head in frame[column]]
    pairs = [
        (one, two)
        for _, part in frame.groupby([pd.Series(list(of_row), index=frame.index), row], dropna=False, sort=False)
        for one, two in combinations(part.index, 2)
    ]
    frame["above"] = ""
    if not pairs:
        return
    first, second = (list(side) for side in zip(*pairs, strict=True))
    owners = pd.Series(list(of_row), index=frame.index, dtype=object)
    left = sums.loc[first].reset_index(drop=True)
    right = sums.loc[second].reset_index(drop=True)
    found = difference(left, right, list(owners.loc[first]), metrics)
    few = ((left["n"] < FEW) | (right["n"] < FEW)).to_numpy(bool)
    judged = verdicts(found["p"].to_numpy(float), few, found["margin"].to_numpy(float))
    above: dict[Any, list[str]] = {place: [] for place in frame.index}
    for (one, two), verdict, change in zip(pairs, judged, found["low"] + found["high"], strict=True):
        if verdict == "real":
            more, less = (one, two) if change > 0 else (two, one)
            above[more].append(frame.loc[less, "letter"])
    frame["above"] = [" ".join(sorted(above[place])) for place in frame.index]


# --- What moved the total ---------------------------------------------------------------------------


def parts_of_change(now: pd.DataFrame, before: pd.DataFrame) -> tuple[pd.DataFrame, float, float]:
    """Kitagawa's exact split of a change of a mean into rate and mix per row (1955), in units of x.

    Returns columns `rate` and `mix`, whose grand total is after − before, and both totals. A row present
    in one period only takes that period's rate for the other, so that it counts as mix alone.
    """
    w0, w1 = before["w"].fillna(0).to_numpy(float), now["w"].fillna(0).to_numpy(float)
    x0, x1 = before["wx"].fillna(0).to_numpy(float), now["wx"].fillna(0).to_numpy(float)
    if not w0.sum() or not w1.sum():
        empty = np.full(len(now), np.nan)
        return pd.DataFrame({"rate": empty, "mix": empty}, index=now.index), np.nan, np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        r0, r1 = x0 / w0, x1 / w1
    r0, r1 = np.where(w0 > 0, r0, r1), np.where(w1 > 0, r1, r0)
    r0, r1 = np.nan_to_num(r0), np.nan_to_num(r1)
    share0, share1 = w0 / w0.sum(), w1 / w1.sum()
    total0, total1 = x0.sum() / w0.sum(), x1.sum() / w1.sum()
    rate = (share0 + share1) / 2 * (r1 - r0)
    mix = (share1 - share0) * ((r0 + r1) / 2 - (total0 + total1) / 2)
    return pd.DataFrame({"rate": rate, "mix": mix}, index=now.index), float(total0), float(total1)


def contributions(
    frame: pd.DataFrame,
    now: pd.DataFrame,
    before: pd.DataFrame,
    of_row: Sequence[str],
    metrics: Mapping[str, Metric],
) -> dict[str, float]:
    """Add `rate`, `mix`, `share` and `share_before` per row of one metric.

    Returns `start` and `end` of the total, and what `explanations` says of a dimension: `rate`, `mix`,
    `p_rate`, `p_mix`, `shift`, `turnover`, `spread`. A question that was reworded in between is not taken apart.
    """
    names = list(dict.fromkeys(of_row))
    reworded = "verdict" in frame and (frame["verdict"] == "reworded").any()
    if len(names) != 1 or names[0] not in metrics or reworded:
        for column in ("rate", "mix", "share", "share_before"):
            frame[column] = np.nan
        return {}
    factor = metrics[names[0]].factor
    parts, start, end = parts_of_change(now, before)
    frame["rate"], frame["mix"] = parts["rate"] * factor, parts["mix"] * factor
    for column, sums in (("share", now), ("share_before", before)):
        weights = sums["w"].fillna(0)
        frame[column] = 100 * weights / weights.sum() if weights.sum() else np.nan
    found = _explained(now, before, metrics[names[0]])
    facts = {name: float(found[name]) for name in ("rate", "mix", "p_rate", "p_mix", "shift", "turnover", "spread")}
    return {"start": start * factor, "end": end * factor, **facts}


def explanations(
    frame: pd.DataFrame,
    now: pd.DataFrame,
    before: pd.DataFrame,
    of_row: Sequence[str],
    metrics: Mapping[str, Metric],
) -> pd.DataFrame:
    """One row per metric and dimension: does it explain how the metric's total moved?

    Every exact split sums to the change, so sums of parts prove nothing. A dimension explains by *rate*
    where its values changed more differently than sampling gives (Cochran's Q against its degrees of
    freedom), by *mix* where the shares of its values shifted (χ², Cohen's w of at least 0.1) and moved the
    total beyond sampling. All dimensions of all metrics are one family, corrected together. Columns:
    metric, dimension, n, change, rate (the change had the mix stayed), mix, values (how many), spread (the
    standard deviation of the values' changes that sampling leaves over), shift (Cohen's w), turnover, p_rate, p_mix,
    explains (`rate`, `mix`, `both` or nothing) and `strength`, by which to rank.
    """
    owners = pd.Series(list(of_row), index=frame.index, dtype=object)
    rows = []
    for (name, dimension), part in frame.groupby([owners, "dimension"], sort=False):
        metric = metrics.get(str(name))
        reworded = "verdict" in part and (part["verdict"] == "reworded").any()
        if metric is None or reworded:
            continue
        rows.append(
            {"metric": name, "dimension": dimension} | _explained(now.loc[part.index], before.loc[part.index], metric)
        )
    columns = ["metric", "dimension", "n", "change", "rate", "mix", "values", "spread", "shift", "turnover"]
    columns += ["p_rate", "p_mix", "explains", "strength"]
    result = pd.DataFrame(rows, columns=columns)
    if not len(result):
        return result
    p = result[["p_rate", "p_mix"]].to_numpy(float).ravel()
    real = np.zeros(len(p), bool)
    tested = ~np.isnan(p)
    if tested.any():
        real[tested] = multipletests(p[tested], alpha=1 - LEVEL, method="fdr_bh")[0]
    by_rate, by_mix = real.reshape(-1, 2).T
    by_mix &= ((result["shift"] >= SHIFT) & (result["turnover"] <= TURNOVER)).to_numpy(bool)
    result["explains"] = np.select([by_rate & by_mix, by_rate, by_mix], ["both", "rate", "mix"], "")
    return result.sort_values(["metric", "strength"], ascending=[True, False], kind="stable").reset_index(drop=True)


def _explained(now: pd.DataFrame, before: pd.DataFrame, metric: Metric) -> dict[str, Any]:
    """The figures of one metric and dimension, without the verdict that all dimensions get together."""
    parts, start, end = parts_of_change(now, before)
    rate, mix = parts["rate"].sum() * metric.factor, parts["mix"].sum() * metric.factor
    both = (now["w"].fillna(0) > 0) & (before["w"].fillna(0) > 0)
    first, error = _steady(now[both], metric.interval)
    second, error_before = _steady(before[both], metric.interval)
    change, variance = first - second, error**2 + error_before**2
    usable = np.isfinite(change) & np.isfinite(variance) & (variance > 0)
    heterogeneity, freedom, deviation = _heterogeneity(change[usable], variance[usable])
    shift, p_mix, log_mix = _mix(now, before)
    log_rate = stats.chi2.logsf(heterogeneity, freedom) if freedom else np.nan
    return {
        "n": int(now["n"].fillna(0).sum()),
        "change": (end - start) * metric.factor,
        "rate": rate,
        "mix": mix,
        "values": int((now["w"].fillna(0) > 0).sum()),
        "spread": deviation * metric.factor,
        "shift": shift,
        "turnover": turnover(now, before),
        "p_rate": float(np.exp(log_rate)) if freedom else np.nan,
        "p_mix": p_mix,
        "explains": "",
        "strength": -float(np.nanmin([log_rate, log_mix, 0.0])),
    }


def _steady(sums: pd.DataFrame, kind: str, *, so_far: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Value and standard error of rows that are tested together.

    Few answers that happen to be alike would give a mean an error near nothing and so a weight beyond measure:
    each row's own variance is averaged with the rows' common one, which counts as 30 answers (`so_far`: that of
    the rows up to it).
    """
    value, error = spread(sums, kind)
    if kind != "mean":
        return value, error
    _, variance, n = moments(sums)
    known = n > 1
    squares, freedom = np.where(known, variance * n, 0.0), np.where(known, n - 1, 0.0)
    all_squares, all_freedom = (np.cumsum(part) if so_far else part.sum() for part in (squares, freedom))
    with np.errstate(divide="ignore", invalid="ignore"):
        common = all_squares / all_freedom
        return value, np.where(known, np.sqrt((squares + FEW * common) / (freedom + FEW) / n), np.nan)


def _heterogeneity(change: np.ndarray, variance: np.ndarray) -> tuple[float, int, float]:
    """Cochran's Q of changes, its degrees of freedom, and the standard deviation that noise leaves over."""
    if len(change) < 2:
        return 0.0, 0, 0.0
    weight = 1 / variance
    middle = (weight * change).sum() / weight.sum()
    q = float((weight * (change - middle) ** 2).sum())
    freedom = len(change) - 1
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return q, freedom, sqrt(max(0.0, (q - freedom) / scale))


def _mix(now: pd.DataFrame, before: pd.DataFrame) -> tuple[float, float, float]:
    """Cohen's w of the shift of shares, p and log p that it moved the total by chance alone."""
    w1, w0 = now["w"].fillna(0).to_numpy(float), before["w"].fillna(0).to_numpy(float)
    x1, x0 = now["wx"].fillna(0).to_numpy(float), before["wx"].fillna(0).to_numpy(float)
    n1, n0 = _effective(now), _effective(before)
    if len(w1) < 2 or not n1 or not n0:
        return 0.0, np.nan, 0.0
    share1, share0 = w1 / w1.sum(), w0 / w0.sum()
    expected = (share1 * n1 + share0 * n0) / (n1 + n0)
    some = expected > 0
    counts = np.vstack([share1 * n1, share0 * n0])[:, some]
    chi2 = ((counts - np.outer([n1, n0], expected[some])) ** 2 / np.outer([n1, n0], expected[some])).sum()
    shift = sqrt(((share1[some] - share0[some]) ** 2 / expected[some]).sum())
    p_shares = stats.chi2.logsf(chi2, some.sum() - 1) if some.sum() > 1 else 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        r1, r0 = x1 / w1, x0 / w0
        e1 = _variance(now) * now["w2"].to_numpy(float) / w1**2
        e0 = _variance(before) * before["w2"].to_numpy(float) / w0**2
    level = np.nan_to_num((np.where(w1 > 0, r1, r0) + np.where(w0 > 0, r0, r1)) / 2)
    # A level is the mean of two periods' answers; where only one has some, it is that one's.
    unsure = np.nan_to_num(np.where((w1 > 0) & (w0 > 0), (e1 + e0) / 4, np.where(w1 > 0, e1, e0)))
    variance = (expected * level**2).sum() - (expected * level).sum() ** 2
    # Both the shares and the levels are known from samples: equal levels, however the mix shifts, move nothing.
    error = sqrt(max(variance, 0) * (1 / n1 + 1 / n0) + float(((share1 - share0) ** 2 * unsure).sum()))
    moved = float(((share1 - share0) * level).sum())
    p_moved = np.log(2) + stats.norm.logsf(abs(moved) / error) if error > 0 else 0.0
    # Both must hold: the shares shifted, and the shift moved the total.
    log_p = float(max(p_shares, min(p_moved, 0.0)))
    return shift, float(np.exp(log_p)), log_p


def turnover(now: pd.DataFrame, before: pd.DataFrame) -> float:
    """The larger share, of either period, of answers with a value that the other period does not have."""
    w1, w0 = now["w"].fillna(0).to_numpy(float), before["w"].fillna(0).to_numpy(float)
    if not w1.sum() or not w0.sum():
        return 1.0
    return float(max(w1[w0 == 0].sum() / w1.sum(), w0[w1 == 0].sum() / w0.sum()))


def _variance(sums: pd.DataFrame) -> float:
    """Variance of one answer among all rows together."""
    w, wx, wx2 = (sums[name].fillna(0).sum() for name in ("w", "wx", "wx2"))
    return float(max(wx2 / w - (wx / w) ** 2, 0.0)) if w else 0.0


def _effective(sums: pd.DataFrame) -> float:
    """Effective number of answers of all rows together (Kish)."""
    w, w2 = sums["w"].fillna(0).sum(), sums["w2"].fillna(0).sum()
    return float(w**2 / w2) if w2 else 0.0


# --- Unusual points ---------------------------------------------------------------------------------


def unusual(frame: pd.DataFrame, sums: pd.DataFrame, of_row: Sequence[str], metrics: Mapping[str, Metric]) -> None:
    """Add `unusual` (outside, run, drift or nothing) with `unusual_low` and `unusual_high`, the natural limits.

    Every line (one per combination of the other columns) is judged by itself, in the order of `period`.
    Points have unequal n, so the chart of individuals and moving ranges (XmR, Wheeler) is drawn on
    z = (value − middle)/standard error; its limits come from the 8 to 24 points before, or a slowly
    drifting line with many answers would flag every third week. Slow drift is left to an exponentially
    weighted moving average (NIST handbook), eight in a row on one side to the run rule.
    """
    frame["unusual"], frame["unusual_low"], frame["unusual_high"] = "", np.nan, np.nan
    if "period" not in frame or not len(frame):
        return
    owners = pd.Series(list(of_row), index=frame.index, dtype=object)
    texts = [str(name) for name in frame if pd.api.types.is_string_dtype(frame[name])]
    keys = [name for name in texts if name not in ("metric", "apart", "unusual") and not name.endswith("verdict")]
    for (name, *_), part in frame.groupby([owners, *keys], dropna=False, sort=False):
        metric = metrics.get(str(name))
        if metric is None:
            continue
        part = part.sort_values("period")
        rows = part.index[(sums.loc[part.index, "n"].fillna(0) >= 2).to_numpy(bool)]
        # A reworded question begins a new line: the old one says nothing about it.
        lines = frame.loc[rows, "cut"].cumsum() if "cut" in frame else pd.Series(0, index=rows)
        for _, line in lines.groupby(lines):
            kinds, low, high = signals(*_points(sums.loc[line.index], metric.interval))
            frame.loc[line.index, "unusual"] = kinds
            frame.loc[line.index, "unusual_low"] = low * metric.factor
            frame.loc[line.index, "unusual_high"] = high * metric.factor
    bounds = [metrics[name].range if name in metrics else None for name in of_row]
    floor = np.array([bound[0] if bound else -np.inf for bound in bounds])
    ceiling = np.array([bound[1] if bound else np.inf for bound in bounds])
    frame["unusual_low"] = np.clip(frame["unusual_low"], floor, ceiling)
    frame["unusual_high"] = np.clip(frame["unusual_high"], floor, ceiling)


def _points(sums: pd.DataFrame, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """The values of a line as they are drawn, with standard errors that even a share of 100 % has."""
    value, _, n = moments(sums)
    error = _steady(sums, kind, so_far=True)[1]
    return value, error * np.sqrt((n + ADDED[kind]) / n)


def signals(value: np.ndarray, error: np.ndarray) -> tuple[list[str], np.ndarray, np.ndarray]:
    """What is unusual in one series of values with their standard errors, and the natural limits of each."""
    kinds = [""] * len(value)
    low, high = np.full(len(value), np.nan), np.full(len(value), np.nan)
    side, level, run = 0, 0.0, [0.0]
    for place in range(SHORTEST_BASELINE, len(value)):
        earlier = slice(max(0, place - BASELINE), place)
        known = (error[earlier] > 0) & np.isfinite(value[earlier])
        if known.sum() < SHORTEST_BASELINE or not error[place] > 0:
            continue
        weight = 1 / error[earlier][known] ** 2
        middle = float((weight * value[earlier][known]).sum() / weight.sum())
        z = (value[earlier][known] - middle) / error[earlier][known]
        # Sampling alone gives moving ranges of 2/√π on average; a lucky calm baseline must not narrow the limits.
        ranges = max(float(np.abs(np.diff(z)).mean()), 2 / sqrt(np.pi))
        reach = XMR * ranges * error[place]
        low[place], high[place] = middle - reach, middle + reach
        here = (value[place] - middle) / error[place]
        now = int(np.sign(round(here, 9)))
        run = [*run, here] if now == side else [here]
        level = (1 - EWMA_WEIGHT) * level + EWMA_WEIGHT * here
        side = now
        deviation = ranges / (2 / sqrt(np.pi))
        # The middle comes from a short baseline and wobbles too: its own variance widens what may drift.
        wobble = sqrt(EWMA_WEIGHT / (2 - EWMA_WEIGHT) + (1 / error[place] ** 2) / weight.sum())
        if abs(value[place] - middle) > reach:
            kinds[place] = "outside"
        elif len(run) >= RUN and abs(sum(run[-RUN:])) > Z * sqrt(RUN) * deviation:
            kinds[place] = "run"
        elif abs(level) > EWMA_LIMIT * wobble * deviation:
            kinds[place] = "drift"
    return kinds, low, high


# --- Many units -------------------------------------------------------------------------------------


def ranking(frame: pd.DataFrame, sums: pd.DataFrame, of_row: Sequence[str], metrics: Mapping[str, Metric]) -> None:
    """Judge rows that invite ranking: funnel limits, shrunken value and the interval of each rank.

    Adds `limit_low`, `limit_high` (1.96 standard errors around the overall value at the row's own number of
    answers), `limit_low_outer`, `limit_high_outer` (3.09), `verdict` (`real` beyond the outer limits;
    Spiegelhalter 2005), `shrunken` (empirical Bayes: pulled to the overall value by as much as chance
    explains), and `rank`, `rank_low`, `rank_high` (95 %, 1 is best).
    """
    added = [
        "limit_low",
        "limit_high",
        "limit_low_outer",
        "limit_high_outer",
        "shrunken",
        "rank",
        "rank_low",
        "rank_high",
    ]
    for column in added:
        frame[column] = np.nan
    frame["verdict"] = ""
    owners = pd.Series(list(of_row), index=frame.index, dtype=object)
    for name, part in frame.groupby(owners, sort=False):
        metric = metrics.get(str(name))
        rows = part.index[(sums.loc[part.index, "n"].fillna(0) > 0).to_numpy(bool)]
        if metric is not None and len(rows):
            _ranked(frame, sums.loc[rows], metric)


def _ranked(frame: pd.DataFrame, sums: pd.DataFrame, metric: Metric) -> None:
    rows, bounds = sums.index, metric.range or (-np.inf, np.inf)
    _, _, n = moments(sums)
    whole = sums[list(SUM_FIELDS)].sum().to_frame().T
    (middle,), (variance,), _ = moments(whole)
    value = moments(sums)[0]
    for suffix, reach in (("", Z), ("_outer", OUTER_Z)):
        away = reach * np.sqrt(variance / n)
        frame.loc[rows, f"limit_low{suffix}"] = np.clip((middle - away) * metric.factor, *bounds)
        frame.loc[rows, f"limit_high{suffix}"] = np.clip((middle + away) * metric.factor, *bounds)
    outside = np.abs(value - middle) > OUTER_Z * np.sqrt(variance / n)
    few = (sums["n"] < FEW).to_numpy(bool)
    frame.loc[rows, "verdict"] = np.where(few, "few", np.where(outside, "real", "noise"))
    error = np.sqrt(variance / n)
    between = _heterogeneity(value, error**2)[2] if variance > 0 else 0.0
    kept = between**2 / (between**2 + error**2) if between else np.zeros(len(value))
    shrunken = middle + kept * (value - middle)
    frame.loc[rows, "shrunken"] = shrunken * metric.factor
    best_first = -1 if metric.direction == "higher" else 1
    frame.loc[rows, "rank"] = stats.rankdata(best_first * shrunken if between else best_first * value, method="min")
    low, high = _rank_interval(shrunken, np.sqrt(kept) * error, best_first)
    frame.loc[rows, "rank_low"], frame.loc[rows, "rank_high"] = low, high


def _rank_interval(value: np.ndarray, error: np.ndarray, best_first: int) -> tuple[np.ndarray, np.ndarray]:
    """The 95 % interval of each rank, from drawing all units' true values a thousand times."""
    if not error.any():
        return np.ones(len(value)), np.full(len(value), float(len(value)))
    drawn = np.random.default_rng(1).normal(value, error, size=(1000, len(value)))
    ranks = stats.rankdata(best_first * drawn, axis=1)
    low, high = np.quantile(ranks, [(1 - LEVEL) / 2, 1 - (1 - LEVEL) / 2], axis=0)
    return np.floor(low), np.ceil(high)


def bayesian_average(
    frame: pd.DataFrame, sums: pd.DataFrame, of_row: Sequence[str], metrics: Mapping[str, Metric]
) -> None:
    """Add `adjusted`: (v/(v+m))·R + (m/(v+m))·C, so that three perfect votes do not top a ranking.

    v and R are the row's number of answers and mean, C the mean of all rows' answers, m the median v.
    """
    frame["adjusted"] = np.nan
    owners = pd.Series(list(of_row), index=frame.index, dtype=object)
    for name, part in frame.groupby(owners, sort=False):
        metric = metrics.get(str(name))
        rows = part.index[(sums.loc[part.index, "n"].fillna(0) > 0).to_numpy(bool)]
        if metric is None or not len(rows):
            continue
        mine = sums.loc[rows]
        mean = moments(mine)[0]
        frame.loc[rows, "adjusted"] = metric.factor * weighted_rating(
            mean, mine["n"].to_numpy(float), mine["wx"].sum() / mine["w"].sum(), float(mine["n"].median())
        )


def weighted_rating(mean: np.ndarray, votes: np.ndarray, overall: float, prior: float) -> np.ndarray:
    """The true Bayesian estimate of a rating, in the form that IMDb made known."""
    return np.asarray((votes * mean + prior * overall) / (votes + prior))


# --- Drivers ----------------------------------------------------------------------------------------


def drivers(frame: pd.DataFrame, folds: Sequence[Any]) -> tuple[pd.DataFrame, dict[str, float]]:
    """Which items move the outcome: Shapley shares of R² with bootstrap intervals, one row per item.

    `frame` has one row per pair of items: its first column and `other` (the outcome is called `*`); `folds`
    holds for each the list of sums n, x, y, xx, yy, xy over respondents who answered both, in folds of
    respondents. Pairs use all who answered both, never only those who answered everything; `n` is the pair with
    the outcome. Items that too few rated say `few`; a pair of items that too few rated both of is taken to
    correlate as the others do.
    Adds `importance` (percent of the explained variance), its `low` and `high`, `correlation`, `p` and
    `verdict` (`real` where the item's correlation with the outcome is beyond noise, all items corrected
    together), keeps the item's own figure as `performance` …, and returns R² and `halo`, the mean
    correlation among the items: where it is high, people answer all items alike.
    """
    item = str(frame.columns[0])
    items = sorted({name for name in frame[item] if name != OUTCOME})
    order = [*items, OUTCOME]
    sums = _pair_sums(frame, folds, order)
    figures = frame[frame[item] == frame["other"]].set_index(item)
    found = figures.reindex(items).drop(columns="other").rename_axis(item).reset_index()
    found = found.rename(columns={name: f"performance_{name}" for name in ("low", "high", "n") if name in found})
    found = found.rename(columns={"value": "performance"})
    for name in ("importance", "low", "high", "relative_weight", "correlation", "p"):
        found[name] = np.nan
    found["verdict"] = "few"
    pairs = sums[:-1, -1, 0].sum(axis=-1) if sums is not None else np.zeros(len(items))
    found["n"] = pairs.astype("int64")
    kept = _judgeable(_weak(sums)) if sums is not None else []
    if sums is None or len(kept) < 2:
        return found, {}
    sums = sums[np.ix_([*kept, -1], [*kept, -1])]
    weak = _weak(sums)
    whole = _possible(_filled(correlations(sums.sum(axis=-1)), weak))
    judged, facts = _driving(whole, _filled(_bootstrap(sums), weak))
    for name, values in judged.items():
        found.loc[kept, name] = values
    return found, facts


def _weak(sums: np.ndarray) -> np.ndarray:
    """Which pairs too few people rated both of, or rated all alike, to have a correlation."""
    whole = sums.sum(axis=-1)
    weak = np.asarray((whole[:, :, 0] < FEW) | np.isnan(correlations(whole)))
    np.fill_diagonal(weak, False)
    return weak


def _judgeable(weak: np.ndarray) -> list[int]:
    """The items that make no weak pair with the outcome, nor with most of the other such items.

    One step that hardly anybody rated must not silence the others; steps that hardly anybody rated together
    would explain everything.
    """
    kept = [place for place, lost in enumerate(weak[:-1, -1]) if not lost]
    while kept:
        lost = weak[np.ix_(kept, kept)].sum(axis=1)
        if 2 * lost.max() <= len(kept) - 1:
            break
        del kept[int(lost.argmax())]
    return kept


def _filled(matrix: np.ndarray, weak: np.ndarray) -> np.ndarray:
    """Correlation matrices in which weak pairs of items correlate as the other pairs do on average."""
    if not weak.any():
        return matrix
    known = np.triu(~weak, 1)
    known[:, -1] = False
    return np.asarray(np.where(weak, matrix[..., known].mean(axis=-1)[..., None, None], matrix))


def _driving(whole: np.ndarray, drawn: np.ndarray) -> tuple[dict[str, Any], dict[str, float]]:
    """The columns that a correlation matrix (outcome last) gives, with intervals from resampled ones, and facts."""
    count = len(whole) - 1
    shares = shapley(whole)
    enough = drawn if count <= MOST_DRIVERS_BY_SUBSET else drawn[: BOOTSTRAPS // 4]
    spread_of = np.array([shapley(_possible(matrix)) for matrix in enough])
    explained = shares.sum()
    importance = 100 * shares / explained if explained else np.full(count, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = 100 * spread_of / spread_of.sum(axis=1, keepdims=True)
    low, high = np.nanquantile(percent, [(1 - LEVEL) / 2, 1 - (1 - LEVEL) / 2], axis=0)
    weights = relative_weights(whole)
    correlation = whole[:-1, -1]
    error = np.arctanh(np.clip(drawn[:, :-1, -1], -0.999999, 0.999999)).std(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stats.norm.sf(np.abs(np.arctanh(np.clip(correlation, -0.999999, 0.999999))) / error)
    among = whole[:-1, :-1][np.triu_indices(count, 1)]
    return {
        "importance": importance,
        # Shares cannot fall below zero, so drawn ones lie above a small share: the interval still holds the point.
        "low": np.minimum(low, importance),
        "high": np.maximum(high, importance),
        "relative_weight": 100 * weights / weights.sum() if weights.sum() else np.nan,
        "correlation": correlation,
        "p": p,
        "verdict": verdicts(p, np.zeros(count, bool), correlation),
    }, {"explained": float(explained), "halo": float(among.mean())}


def _pair_sums(frame: pd.DataFrame, folds: Sequence[Any], order: list[str]) -> np.ndarray | None:
    """Sums n, x, y, xx, yy, xy of every ordered pair of items in every fold; None without an outcome."""
    place = {name: number for number, name in enumerate(order)}
    item = frame.columns[0]
    if OUTCOME not in set(frame[item]) | set(frame["other"]):
        return None
    number = max((entry["fold"] for pair in folds for entry in pair), default=0) + 1
    sums = np.zeros((len(order), len(order), 6, number))
    for name, other, pair in zip(frame[item], frame["other"], folds, strict=True):
        one, two = place[name], place[other]
        for entry in pair:
            n, x, y, xx, yy, xy = (float(entry[name] or 0) for name in ("n", "x", "y", "xx", "yy", "xy"))
            sums[one, two, :, entry["fold"]] = n, x, y, xx, yy, xy
            sums[two, one, :, entry["fold"]] = n, y, x, yy, xx, xy
    return sums


def correlations(sums: np.ndarray) -> np.ndarray:
    """Pearson correlations of every pair from its sums, last axis but one n, x, y, xx, yy, xy."""
    n, x, y, xx, yy, xy = np.moveaxis(sums, 2, 0) if sums.ndim == 3 else np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (n * xy - x * y) / np.sqrt((n * xx - x**2) * (n * yy - y**2))
    # An item without variance has no correlation; dividing by what rounding left of it would give infinity.
    r = np.clip(np.where(np.isinf(r), np.nan, r), -1, 1)
    index = np.arange(r.shape[-1])
    r[..., index, index] = 1.0
    return r


def _possible(matrix: np.ndarray) -> np.ndarray:
    """The nearest correlation matrix that data could have: pairs from different people may contradict."""
    values, vectors = np.linalg.eigh(matrix)
    if values.min() > 1e-8:
        return matrix
    fixed = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    scale = np.sqrt(np.diag(fixed))
    return np.asarray(fixed / np.outer(scale, scale))


def _bootstrap(sums: np.ndarray) -> np.ndarray:
    """Correlation matrices of resampled folds: respondents stay whole, so their answers stay together."""
    folds = sums.shape[-1]
    draws = np.random.default_rng(1).multinomial(folds, np.full(folds, 1 / folds), size=BOOTSTRAPS)
    return np.asarray(np.nan_to_num(correlations(np.einsum("ijkf,bf->bijk", sums, draws))))


def shapley(matrix: np.ndarray) -> np.ndarray:
    """Each driver's Shapley share of R² (Lindeman, Merenda and Gold): its gain averaged over all orders.

    `matrix` holds the correlations of the drivers and, last, the outcome.
    """
    count = len(matrix) - 1
    return _by_subset(matrix, count) if count <= MOST_DRIVERS_BY_SUBSET else _by_order(matrix, count)


def _by_subset(matrix: np.ndarray, count: int) -> np.ndarray:
    explained: dict[tuple[int, ...], float] = {(): 0.0}
    for size in range(1, count + 1):
        subsets = list(combinations(range(count), size))
        index = np.array(subsets)
        inner = matrix[index[:, :, None], index[:, None, :]]
        outer = matrix[index, -1]
        solved = np.linalg.solve(inner, outer[..., None])[..., 0]
        explained |= dict(zip(subsets, (outer * solved).sum(axis=1).tolist(), strict=True))
    return shapley_of(explained, count)


def shapley_of(explained: Mapping[tuple[int, ...], float], count: int) -> np.ndarray:
    """Shapley values of `count` players from the worth of every (sorted) subset of them."""
    shares = np.zeros(count)
    for subset, worth in explained.items():
        for player in range(count):
            if player not in subset:
                joined = tuple(sorted((*subset, player)))
                shares[player] += (explained[joined] - worth) / (count * comb(count - 1, len(subset)))
    return shares


def _by_order(matrix: np.ndarray, count: int, orders: int = 400) -> np.ndarray:
    """The same from random orders and their reverses: the gains are squares of a Cholesky factor's last row."""
    random = np.random.default_rng(1)
    drawn = np.array([random.permutation(count) for _ in range(orders // 2)])
    drawn = np.concatenate([drawn, drawn[:, ::-1]])
    whole = np.concatenate([drawn, np.full((len(drawn), 1), count)], axis=1)
    ordered = matrix[whole[:, :, None], whole[:, None, :]] + np.eye(count + 1) * 1e-10
    gains = np.linalg.cholesky(ordered)[:, -1, :-1] ** 2
    shares = np.zeros(count)
    np.add.at(shares, drawn.ravel(), gains.ravel())
    return shares / len(drawn)


def relative_weights(matrix: np.ndarray) -> np.ndarray:
    """Johnson's relative weights (2000), which come close to Shapley shares at the cost of one matrix root."""
    values, vectors = np.linalg.eigh(matrix[:-1, :-1])
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    beta = np.linalg.solve(root, matrix[:-1, -1])
    return np.asarray(root**2 @ beta**2)


# --- Actions ----------------------------------------------------------------------------------------


def effect(
    frame: pd.DataFrame,
    sums: Mapping[str, pd.DataFrame],
    of_row: Sequence[str],
    metrics: Mapping[str, Metric],
) -> None:
    """Add `effect`, its interval and `verdict`: the change where something was done less the change elsewhere.

    Difference in differences (Card and Krueger) of four independent groups of answers: `after` and
    `baseline` where it was done, `after_rest` and `baseline_rest` elsewhere. Rows with fewer than 30
    answers in one of the four say “too early”.
    """
    owners = pd.Series(list(of_row), index=frame.index, dtype=object)
    for column in ("effect", "effect_low", "effect_high", "effect_p"):
        frame[column] = np.nan
    groups = ("figure", "figure_baseline", "figure_rest", "figure_rest_baseline")
    few = np.any([(sums[group]["n"].fillna(0) < FEW).to_numpy(bool) for group in groups], axis=0)
    for name in dict.fromkeys(of_row):
        metric = metrics.get(name)
        rows = owners.index[owners == name]
        if metric is None:
            continue
        values = [
            estimate(sums[group].loc[rows], [name] * len(rows), metrics)["value"].to_numpy(float) for group in groups
        ]
        tested = [spread(sums[group].loc[rows], metric.interval) for group in groups]
        found = (values[0] - values[1]) - (values[2] - values[3])
        error = np.sqrt(sum(part[1] ** 2 for part in tested))
        centre = (tested[0][0] - tested[1][0]) - (tested[2][0] - tested[3][0])
        frame.loc[rows, "effect"] = found
        frame.loc[rows, "effect_low"] = found - Z * error * metric.factor
        frame.loc[rows, "effect_high"] = found + Z * error * metric.factor
        with np.errstate(divide="ignore", invalid="ignore"):
            frame.loc[rows, "effect_p"] = 2 * stats.norm.sf(np.abs(centre) / error)
    frame["verdict"] = verdicts(frame["effect_p"].to_numpy(float), few, frame["effect"].to_numpy(float))
