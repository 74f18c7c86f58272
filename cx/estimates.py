"""Estimates: from the five sums to value, 95 % interval, difference and verdict.

Sums are n, w = Σw, w2 = Σw², wx = Σwx, wx2 = Σwx². Formulas: NPS adjusted Wald (Rocks 2016), shares
Wilson (1927), means by their variance with Student's t, effective n after Kish, many comparisons after
Benjamini and Hochberg (1995).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from cx.catalog import Metric

FEW = 30
"""Below this many answers a figure is shown greyed: it is unreliable."""

LEVEL = 0.95
Z = float(stats.norm.ppf(1 - (1 - LEVEL) / 2))

SUM_FIELDS = ("n", "w", "w2", "wx", "wx2")


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
    w, w2, wx, wx2 = (np.asarray(sums[name], float) for name in ("w", "w2", "wx", "wx2"))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = wx / w
        variance = np.maximum(wx2 / w - mean**2, 0)
        return mean, variance, w**2 / w2


def _adjusted_wald(sums: pd.DataFrame, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre and standard error of an NPS with ¾, 1½ and ¾ answers added (Rocks 2016)."""
    w, wx, wx2 = (np.asarray(sums[name], float) for name in ("w", "wx", "wx2"))
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


def verdicts(p: np.ndarray, few: np.ndarray, change: np.ndarray, *, level: float = LEVEL) -> list[str]:
    """“real”, “noise”, “few” or nothing per row; what is tested together is corrected together (BH)."""
    tested = ~few & ~np.isnan(p) & ~np.isnan(change)
    real = np.zeros(len(p), bool)
    if tested.any():
        real[tested] = multipletests(p[tested], alpha=1 - level, method="fdr_bh")[0]
    return [
        "" if np.isnan(step) else "few" if scarce else "real" if clear else "noise"
        for step, scarce, clear in zip(change, few, real, strict=True)
    ]
