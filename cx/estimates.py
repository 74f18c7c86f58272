"""Estimates: from the five sums to value, 95 % interval, difference and verdict.

Sums are n, w = Σw, w2 = Σw², wx = Σwx, wx2 = Σwx². Formulas: NPS adjusted Wald (Rocks 2016), shares
Wilson (1927), means by their variance with Student's t, effective n after Kish, many comparisons after
Benjamini and Hochberg (1995).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri, stdtrit

from cx.catalog import Metric

FEW = 30
"""Below this many answers a figure is shown greyed: it is unreliable."""

LEVEL = 0.95
Z = float(ndtri(1 - (1 - LEVEL) / 2))

SUM_FIELDS = ("n", "w", "w2", "wx", "wx2")
WITHOUT_X = "without_x"
"""The field of a figure beside its five sums: answers without an x, which these take for answers of nought."""


class Sums(Mapping[str, np.ndarray]):
    """The five sums by name, one place per row of an answer each; a missing sum is 0."""

    def __init__(self, block: np.ndarray) -> None:
        self.block = block
        """One row per sum, in the order of SUM_FIELDS."""

    def __getitem__(self, name: str) -> np.ndarray:
        """The sum of that name of every row."""
        return np.asarray(self.block[_PLACE[name]])

    def __iter__(self) -> Iterator[str]:
        """The names of the sums."""
        return iter(SUM_FIELDS)

    def __len__(self) -> int:
        """How many sums there are."""
        return len(SUM_FIELDS)


_PLACE = {name: place for place, name in enumerate(SUM_FIELDS)}

Table = Mapping[str, Any]
"""The five sums by name: `Sums`, or a frame that has them as columns."""

Columns = dict[str, Any]
"""An answer's columns by name, arrays or lists with one place per row: a frame is made of them once, at the end."""


class Estimate(NamedTuple):
    """Value and 95 % interval of each row."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Difference(NamedTuple):
    """Interval of each row's change, the smallest change that could show, and the two-sided p."""

    low: np.ndarray
    high: np.ndarray
    margin: np.ndarray
    p: np.ndarray


def taken(sums: Table, rows: Any = slice(None)) -> Sums:
    """The five sums of some rows, given by place, as a mask or as a slice."""
    if isinstance(sums, Sums):
        return Sums(sums.block[:, rows])
    return Sums(np.nan_to_num(np.array([np.asarray(sums[name], float)[rows] for name in SUM_FIELDS]), nan=0.0))


def stacked(tables: Sequence[Sums]) -> Sums:
    """The rows of several tables one after the other: one call on many rows costs hardly more than on few."""
    return tables[0] if len(tables) == 1 else Sums(np.concatenate([table.block for table in tables], axis=1))


def numbered(columns: Sequence[Any]) -> tuple[np.ndarray, int]:
    """A number per row for its combination of the columns' values, by first appearance, and how many there are.

    A missing value is one of its own.
    """
    found: np.ndarray | None = None
    count = 1
    for column in columns:
        values = column if hasattr(column, "dtype") else np.array(column, object)
        own, different = pd.factorize(values, use_na_sentinel=False)
        if found is not None:
            own, different = pd.factorize(found * len(different) + own)
        found, count = own, len(different)
    return (np.zeros(0, int) if found is None else found), count


def by_kind(of_row: Sequence[str], metrics: Mapping[str, Metric], wanted: np.ndarray) -> Iterator[tuple[str, Any]]:
    """Each kind of interval with the places of the wanted rows whose metric has it."""
    known = {name: metrics[name].interval for name in dict.fromkeys(of_row) if name in metrics}
    kinds = dict.fromkeys(known.values())
    if len(kinds) == 1 and len(known) == len(set(of_row)):
        places: Any = slice(None) if wanted.all() else np.flatnonzero(wanted)
        if wanted.any():
            yield next(iter(kinds)), places
        return
    row_kinds = np.array([known.get(name, "") for name in of_row], object)
    for kind in kinds:
        rows = np.flatnonzero((row_kinds == kind) & wanted)
        if len(rows):
            yield kind, rows


def of_metrics(of_row: Sequence[str], of_metric: Mapping[str, float]) -> np.ndarray:
    """A number of each row's metric; NaN for rows without one."""
    if len(set(of_row)) == 1:
        return np.full(len(of_row), of_metric.get(of_row[0], np.nan))
    return np.array([of_metric.get(name, np.nan) for name in of_row], float)


def factors(of_row: Sequence[str], metrics: Mapping[str, Metric]) -> np.ndarray:
    """What each row's mean is multiplied by."""
    return of_metrics(of_row, {name: metric.factor for name, metric in metrics.items()})


def bounds(of_row: Sequence[str], metrics: Mapping[str, Metric]) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest figure that each row's metric can have."""
    pairs = {name: metric.range or (-np.inf, np.inf) for name, metric in metrics.items()}
    low = of_metrics(of_row, {name: pair[0] for name, pair in pairs.items()})
    return low, of_metrics(of_row, {name: pair[1] for name, pair in pairs.items()})


def estimate(sums: Table, of_row: Sequence[str], metrics: Mapping[str, Metric]) -> Estimate:
    """Value, low and high of each row's five sums, scaled and clipped as the row's metric says."""
    found, sums = np.full((3, len(of_row)), np.nan), taken(sums)
    for kind, rows in by_kind(of_row, metrics, sums["w"] > 0):
        found[:, rows] = interval(taken(sums, rows), kind)
    found[1:] = np.round(found[1:], 12)
    found *= factors(of_row, metrics)
    found[1:] = np.clip(found[1:], *bounds(of_row, metrics))
    return Estimate(*found)


def means(sums: Table, of_row: Sequence[str], metrics: Mapping[str, Metric]) -> np.ndarray:
    """The value alone of each row's five sums."""
    return np.asarray(moments(sums)[0] * factors(of_row, metrics))


def interval(sums: Table, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of x and its 95 % interval; empty for a mean of fewer than two answers."""
    mean, variance, n = moments(sums)
    if kind == "nps":
        centre, error = _adjusted_wald(sums, n)
        return mean, centre - Z * error, centre + Z * error
    if kind == "share":
        return mean, *wilson(np.clip(mean, 0, 1), n)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(variance / (n - 1))
        reach = np.where(n > 1, stdtrit(np.maximum(n - 1, 1), 1 - (1 - LEVEL) / 2) * error, np.nan)
    return mean, mean - reach, mean + reach


def wilson(share: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 95 % interval of a share of n answers (Wilson 1927)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = 1 + Z**2 / n
        centre = (share + Z**2 / (2 * n)) / whole
        reach = Z * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / whole
    return np.clip(centre - reach, 0, 1), np.clip(centre + reach, 0, 1)


def moments(sums: Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and variance of x, and the effective number of answers w²/w2 (Kish)."""
    w, w2, wx, wx2 = (np.asarray(sums[name], float) for name in ("w", "w2", "wx", "wx2"))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = wx / w
        variance = np.maximum(wx2 / w - mean**2, 0)
        return mean, variance, w**2 / w2


def _adjusted_wald(sums: Table, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre and standard error of an NPS with ¾, 1½ and ¾ answers added (Rocks 2016)."""
    w, wx, wx2 = (np.asarray(sums[name], float) for name in ("w", "wx", "wx2"))
    with np.errstate(divide="ignore", invalid="ignore"):
        promoters = (wx2 + wx) / 2 / w * n + 0.75
        detractors = (wx2 - wx) / 2 / w * n + 0.75
        total = n + 3
        p, d = promoters / total, detractors / total
        return p - d, np.sqrt(np.maximum(p + d - (p - d) ** 2, 0) / total)


def spread(sums: Table, kind: str) -> tuple[np.ndarray, np.ndarray]:
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


def two_sided(z: np.ndarray) -> np.ndarray:
    """The two-sided p of a standard normal z."""
    return np.asarray(2 * ndtr(-np.abs(z)))


def difference(now: Table, before: Table, of_row: Sequence[str], metrics: Mapping[str, Metric]) -> Difference:
    """Interval of a change around the raw change, the smallest change that could show, and two-sided p."""
    low, high, margin, p = found = np.full((4, len(of_row)), np.nan)
    now, before = taken(now), taken(before)
    both = (now["w"] > 0) & (before["w"] > 0)
    for kind, rows in by_kind(of_row, metrics, both):
        mine, theirs = taken(now, rows), taken(before, rows)
        first, error = spread(mine, kind)
        second, error_before = spread(theirs, kind)
        raw = moments(mine)[0] - moments(theirs)[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            total = np.sqrt(error**2 + error_before**2)
            p[rows] = two_sided((first - second) / total)
        low[rows], high[rows], margin[rows] = raw - Z * total, raw + Z * total, Z * total
    found[:3] *= factors(of_row, metrics)
    return Difference(*found)


def clear(p: np.ndarray, alpha: float) -> np.ndarray:
    """Which of many p are small enough when all are tested together (Benjamini and Hochberg)."""
    order = np.argsort(p)
    below = np.flatnonzero(p[order] <= np.arange(1, len(p) + 1) / max(len(p), 1) * alpha)
    found = np.zeros(len(p), bool)
    found[order[: below[-1] + 1 if len(below) else 0]] = True
    return found


def verdicts(p: np.ndarray, few: np.ndarray, change: np.ndarray, *, level: float = LEVEL) -> list[str]:
    """“real”, “noise”, “few” or nothing per row; what is tested together is corrected together (BH)."""
    tested = ~few & ~np.isnan(p) & ~np.isnan(change)
    real = np.zeros(len(p), bool)
    real[tested] = clear(p[tested], 1 - level)
    said = np.where(np.isnan(change), "", np.where(few, "few", np.where(real, "real", "noise")))
    return [str(verdict) for verdict in said.tolist()]
