"""How often the 95 % intervals hold the truth, in simulated surveys.

    PYTHONPATH=. .venv/bin/python benchmarks/coverage.py [--runs 20000] [--seed 1]

Prints a Markdown table: NPS of three mixes, shares and means at several numbers of answers, and NPS of people who
answered twice the same (a design effect of two), before and after the widening that the dashboard does. `below` and
`above` say where the truth lay when it was missed, `width` the mean width of the interval in the metric's unit.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cx import estimates
from cx.catalog import Catalog, Metric
from cx.settings import PROJECT

SIZES = (10, 30, 100, 1000)
NPS = (1.0, 0.0, -1.0)
SHARE = (1.0, 0.0)
SCORES = tuple(map(float, range(1, 8)))


@dataclass(frozen=True)
class Case:
    """A population: the metric, what it is called here, possible answers and their shares."""

    metric: str
    label: str
    answers: Sequence[float]
    shares: Sequence[float]
    repeated: int = 1
    """How often each person says the same."""
    widened: bool = False


CASES = (
    Case("nps", "NPS, 50/30/20", NPS, (0.5, 0.3, 0.2)),
    Case("nps", "NPS, 80/15/5", NPS, (0.8, 0.15, 0.05)),
    Case("nps", "NPS, 10/30/60", NPS, (0.1, 0.3, 0.6)),
    Case("csat", "share of 50 %", SHARE, (0.5, 0.5)),
    Case("csat", "share of 90 %", SHARE, (0.9, 0.1)),
    Case("csat", "share of 98 %", SHARE, (0.98, 0.02)),
    Case("ces", "mean, flat 1–7", SCORES, (1 / 7,) * 7),
    Case("ces", "mean, skewed 1–7", SCORES, (0.02, 0.02, 0.03, 0.05, 0.13, 0.25, 0.5)),
    Case("nps", "NPS, 50/30/20, everybody twice, as if independent", NPS, (0.5, 0.3, 0.2), 2),
    Case("nps", "NPS, 50/30/20, everybody twice, widened", NPS, (0.5, 0.3, 0.2), 2, True),
)


def tallies(case: Case, n: int, runs: int, dice: np.random.Generator) -> pd.DataFrame:
    """The five sums of so many simulated surveys of n answers each."""
    counts = case.repeated * dice.multinomial(n // case.repeated, case.shares, size=runs)
    answers, x = counts.sum(axis=1).astype(float), np.array(case.answers)
    effect = case.repeated if case.widened else 1
    return pd.DataFrame({"n": answers, "w": answers, "w2": effect * answers, "wx": counts @ x, "wx2": counts @ x**2})


def line(case: Case, n: int, runs: int, dice: np.random.Generator, metrics: dict[str, Metric]) -> str:
    """One row of the table."""
    truth = metrics[case.metric].factor * float(np.dot(case.shares, case.answers))
    found = estimates.estimate(tallies(case, n, runs, dice), [case.metric] * runs, metrics)
    below, above = (truth < found.low).mean(), (truth > found.high).mean()
    # Answers that are all alike have no interval of their mean: it holds nothing.
    covered = ((found.low <= truth) & (truth <= found.high)).mean()
    width = (found.high - found.low).mean()
    return f"| {case.label} | {n:,} | {covered:.1%} | {below:.1%} | {above:.1%} | {width:.2f} |"


def table(runs: int, seed: int) -> Iterator[str]:
    """The lines of the Markdown table."""
    dice, metrics = np.random.default_rng(seed), dict(Catalog((PROJECT / "queries",)).metrics())
    yield "| figure | answers | holds the truth | truth below | truth above | width |"
    yield "|---|--:|--:|--:|--:|--:|"
    for case in CASES:
        for n in SIZES:
            yield line(case, n, runs, dice, metrics)


def main() -> None:
    """Simulate and print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--runs", type=int, default=20_000, help="surveys per row (default: 20000)")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    for text in table(chosen.runs, chosen.seed):
        print(text)


if __name__ == "__main__":
    main()
