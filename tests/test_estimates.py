"""Sums say what the rows behind them say, and intervals cover as often as they promise."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from cx import estimates
from cx.catalog import Catalog, Metric
from cx.settings import PROJECT

METRICS: Mapping[str, Metric] = Catalog((PROJECT / "queries",)).metrics()
ANSWERS = {"nps": (-1.0, 0.0, 1.0), "csat": (0.0, 1.0), "ces": tuple(map(float, range(1, 8)))}
Z = 1.959964


def tallies(counts: np.ndarray, answers: tuple[float, ...]) -> pd.DataFrame:
    """The five sums of rows that hold so many of each answer, all with weight 1."""
    n, x = counts.sum(axis=-1).astype(float), np.array(answers)
    return pd.DataFrame({"n": n, "w": n, "w2": n, "wx": counts @ x, "wx2": counts @ x**2})


def from_rows(metric: str, x: np.ndarray, w: np.ndarray) -> tuple[float, float, float]:
    """Value and interval by the published formulas, straight from the answers and their weights."""
    n = w.sum() ** 2 / (w**2).sum()
    if metric == "nps":
        promoters, detractors = w[x > 0].sum() / w.sum() * n + 0.75, w[x < 0].sum() / w.sum() * n + 0.75
        p, d = promoters / (n + 3), detractors / (n + 3)
        reach = Z * math.sqrt((p + d - (p - d) ** 2) / (n + 3))
        value = w[x > 0].sum() / w.sum() - w[x < 0].sum() / w.sum()
        return 100 * value, max(100 * (p - d - reach), -100), min(100 * (p - d + reach), 100)
    value = float(np.average(x, weights=w))
    if metric == "csat":
        centre = (value + Z**2 / (2 * n)) / (1 + Z**2 / n)
        reach = Z / (1 + Z**2 / n) * math.sqrt(value * (1 - value) / n + Z**2 / (4 * n**2))
        return 100 * value, max(100 * (centre - reach), 0), min(100 * (centre + reach), 100)
    if n <= 1:
        return value, math.nan, math.nan
    variance = float(np.average((x - value) ** 2, weights=w)) * n / (n - 1)
    reach = float(stats.t.ppf(0.975, max(n - 1, 1))) * math.sqrt(variance / n)
    return value, max(value - reach, 1), min(value + reach, 7)


@pytest.mark.parametrize("metric", list(ANSWERS))
@given(data=st.data())
@hypothesis_settings(max_examples=80, deadline=None)
def test_the_sums_give_the_value_and_interval_that_the_rows_give(metric: str, data: st.DataObject) -> None:
    row = st.tuples(st.sampled_from(ANSWERS[metric]), st.floats(0.05, 20))
    x, w = np.array(data.draw(st.lists(row, min_size=1, max_size=40))).T
    sums = pd.DataFrame(
        [(len(x), w.sum(), (w**2).sum(), (w * x).sum(), (w * x**2).sum())], columns=list(estimates.SUM_FIELDS)
    )
    found = [float(part[0]) for part in estimates.estimate(sums, [metric], METRICS)]
    assert found == pytest.approx(from_rows(metric, x, w), rel=1e-5, abs=1e-4, nan_ok=True)


@pytest.mark.parametrize(
    ("metric", "shares"),
    [("nps", (0.2, 0.3, 0.5)), ("csat", (0.2, 0.8)), ("ces", (0.05, 0.05, 0.1, 0.1, 0.2, 0.3, 0.2))],
)
def test_of_a_hundred_answers_the_interval_holds_the_truth_19_times_in_20(
    metric: str, shares: tuple[float, ...]
) -> None:
    truth = METRICS[metric].factor * float(np.dot(shares, ANSWERS[metric]))
    counts = np.random.default_rng(20260302).multinomial(100, shares, size=10_000)
    found = estimates.estimate(tallies(counts, ANSWERS[metric]), [metric] * len(counts), METRICS)
    assert 0.93 <= ((found.low <= truth) & (truth <= found.high)).mean() <= 0.97


@pytest.mark.parametrize(("metric", "shares"), [("nps", (0.2, 0.3, 0.5)), ("csat", (0.1, 0.9)), ("ces", (1 / 7,) * 7)])
def test_where_nothing_changed_one_comparison_in_twenty_seems_to(metric: str, shares: tuple[float, ...]) -> None:
    dice = np.random.default_rng(20260302)
    now, before = (tallies(dice.multinomial(n, shares, size=10_000), ANSWERS[metric]) for n in (60, 200))
    found = estimates.difference(now, before, [metric] * len(now), METRICS)
    assert 0.035 <= (found.p < 0.05).mean() <= 0.06


@given(st.lists(st.floats(0, 1), max_size=60), st.sampled_from([0.05, 0.03]))
@hypothesis_settings(max_examples=200, deadline=None)
def test_many_comparisons_are_corrected_as_a_reference_library_does(p: list[float], alpha: float) -> None:
    expected = multipletests(p, alpha=alpha, method="fdr_bh")[0].tolist() if p else []
    assert estimates.clear(np.array(p), alpha).tolist() == expected


@given(st.floats(0, 1), st.floats(0.5, 1e7))
@hypothesis_settings(max_examples=200, deadline=None)
def test_intervals_of_shares_are_those_of_a_reference_library(share: float, n: float) -> None:
    low, high = estimates.wilson(np.array([share]), np.array([n]))
    expected = proportion_confint(share * n, n, method="wilson")
    assert (low[0], high[0]) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_quantiles_and_tails_are_those_of_a_reference_library() -> None:
    z = np.linspace(-9, 9, 181)
    assert pytest.approx(stats.norm.ppf(0.975), rel=1e-12) == estimates.Z
    assert estimates.two_sided(z) == pytest.approx(2 * stats.norm.sf(np.abs(z)), rel=1e-12)
    n = np.array([2.0, 2.5, 10, 31, 1_000, 1e6])
    sums = {"n": n, "w": n, "w2": n, "wx": np.zeros(6), "wx2": n}
    reach = stats.t.ppf(0.975, n - 1) / np.sqrt(n - 1)
    assert estimates.interval(estimates.taken(sums), "mean")[2] == pytest.approx(reach, rel=1e-9)
