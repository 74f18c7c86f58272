"""Doubts about metrics: whether a file's keys fit what its SQL makes of the published answers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from cx.catalog import Metric
from cx.engine import Engine
from cx.errors import CxError, QueryFileError, marked, nearest
from cx.scope import Filters
from cx.workers.process import StatementFailed

SLACK = 1e-6
"""Sums of many numbers are off by as much."""
WEIGHTED = re.compile(r"[*/]\s*(?:coalesce\(\s*)?weight\b|\bweight\s*(?:,\s*1\s*\)\s*)?[*/]", re.IGNORECASE)
"""A product with the weight."""
SIGNS = frozenset((-1.0, 0.0, 1.0))


@dataclass(frozen=True)
class Spread:
    """What a metric's file makes of the published answers."""

    scores: frozenset[float]
    """The different answers."""
    means: frozenset[float]
    """The means of x, one for each of these."""
    single: bool
    """Whether all answers of one score have one x."""
    shares: bool
    """Whether x is 0 or 1 in every answer."""

    @property
    def low(self) -> float:
        """The lowest mean."""
        return min(self.means)

    @property
    def high(self) -> float:
        """The highest mean."""
        return max(self.means)

    def recoded(self, metric: Metric) -> bool:
        """Whether several scores surely come to one x: the ends of the scale are among the answers."""
        ends = metric.scale is not None and {*metric.scale} <= self.scores
        return ends and self.single and len(self.means) < len(self.scores)


def spreads(engine: Engine, filters: Filters) -> dict[str, Spread]:
    """What each metric's file makes of the answers of the filters; nothing where they cannot be measured."""
    rows: dict[str, list[Mapping[str, float]]] = {}
    try:
        measured = engine.measured(filters)
    except (CxError, StatementFailed):
        # A metric that was saved since the last publishing, and cannot be measured: publishing says why.
        return {}
    for row in measured:
        if row["w"] and row["score"] is not None:
            rows.setdefault(row["metric"], []).append(row)
    return {
        name: Spread(
            frozenset(row["score"] for row in own),
            frozenset(round(row["wx"] / row["w"], 9) for row in own),
            all(_near(row["wx2"] * row["w"], row["wx"] ** 2) for row in own),
            all(_near(row["wx2"], row["wx"]) for row in own),
        )
        for name, own in rows.items()
    }


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= SLACK * max(abs(one), abs(other), 1)


def out_of_range(metric: Metric, spread: Spread | None) -> CxError | None:
    """What is wrong where figures of the metric leave its own `range`."""
    if metric.range is None or spread is None:
        return None
    low, high = sorted(metric.factor * end + 0.0 for end in (spread.low, spread.high))
    if metric.range[0] - SLACK <= low and high <= metric.range[1] + SLACK:
        return None
    made = f" (x from {spread.low:g} to {spread.high:g}, times `factor`)" if metric.factor != 1 else ""
    return _told(
        metric,
        "range",
        f"The answers come to figures from {low:g} to {high:g}{made}, outside of `range`: {metric.range[0]:g} to "
        f"{metric.range[1]:g}.",
        "Correct `range`, `factor` or the SQL that makes x.",
    )


def of_metric(engine: Engine, metric: Metric, spreads: Mapping[str, Spread]) -> list[CxError]:
    """What of a metric a person should look at, by what is made of the answers of each."""
    spread = spreads.get(metric.name)
    found = [*_answers(engine, metric, unmeasured=bool(spreads) and spread is None), *_weighted_twice(metric)]
    return found + ([*_keys(metric, spread)] if spread else [])


def _answers(engine: Engine, metric: Metric, *, unmeasured: bool) -> Iterator[CxError]:
    """A metric that reads answers which neither an export nor another file names, or of which none has an x."""
    there = engine.snapshot().values.get("metric", ())
    others = (one.name for one in engine.catalog.metrics(unusable=True).values() if one.table == "responses")
    known = {*there, *others} - {metric.name}
    if metric.table == "responses" and there and metric.answers not in {*known, metric.name}:
        told = f"No answer is about “{metric.answers}” in what was published, so the metric stays empty."
        yield _told(metric, "answers", told, nearest(metric.answers, known))
    elif metric.table == "responses" and metric.answers in there and unmeasured:
        told = f"x is empty in every answer about “{metric.answers}”, so the metric stays empty."
        yield _told(metric, "answers", told, "Look at what makes x: a CASE without ELSE, a division by 0.")


def _weighted_twice(metric: Metric) -> Iterator[CxError]:
    """An x that holds the weight, by which each answer counts anyway."""
    for number, line in enumerate(metric.text.splitlines(), 1):
        if not line.startswith("--") and WEIGHTED.search(re.sub(r"--.*|'[^']*'", "", line)):
            told = "x holds `weight`, by which the figure counts each answer anyway: it would count twice."
            error = QueryFileError(told, "Leave `weight` out of x.", file=metric.file, line=number)
            yield marked(error, metric.text)
            return


def _keys(metric: Metric, spread: Spread) -> Iterator[CxError]:
    """Keys that do not fit x."""
    goes = f"here x goes from {spread.low:g} to {spread.high:g}"
    wrong = partial(_told, metric)
    percent = "%" in metric.unit.values()
    if metric.interval != "mean" and len(spread.means) == 1 and _case_without_else(metric.text):
        told = (
            f"x is {spread.low:g} in every answer that counts, so the figure is always {metric.factor * spread.low:g}."
        )
        yield wrong("interval", told, "A CASE without ELSE leaves x empty, which does not count: write `else 0`.")
    if percent and metric.factor == 1 and 0 <= spread.low < spread.high <= 1:
        told = f"The unit is %, and {goes}, so that 50 % would be shown as 0.5 %."
        yield wrong("unit", told, "Write `factor: 100`.")
    if metric.interval == "share" and not spread.shares:
        told = f"`interval: share` is right for an x of 0 or 1; {goes}."
        yield wrong("interval", told, "Make x 0 or 1, and scale it by `factor`; or write `interval: mean`.")
    elif metric.interval == "nps" and not (spread.single and spread.means <= SIGNS):
        told = f"`interval: nps` is right for an x of -1, 0 or 1; {goes}."
        yield wrong("interval", told, "Make x -1, 0 or 1, and scale it by `factor`; or write `interval: mean`.")
    elif metric.interval in ("nps", "mean") and spread.recoded(metric) and spread.means <= SIGNS:
        kind = "share" if spread.shares else "nps"
        if kind != metric.interval:
            values = ", ".join(f"{x:g}" for x in sorted(spread.means))
            told = f"`interval: {metric.interval}` does not fit an x that is always one of {values}."
            yield wrong("interval", told, f"Write `interval: {kind}`.")


def _case_without_else(text: str) -> bool:
    """Whether the SQL of a file leaves x empty where no WHEN holds."""
    sql = re.sub(r"--.*|'[^']*'", "", text.lower())
    return bool(re.search(r"\bcase\b", sql)) and not re.search(r"\belse\b", sql)


def _told(metric: Metric, key: str, message: str, hint: str) -> CxError:
    """What is said at the line of a key, or of the first line where the file leaves the key out."""
    lines = enumerate(metric.text.splitlines(), 1)
    line = next((number for number, text in lines if text.replace(" ", "").startswith(f"--{key}:")), 1)
    return marked(QueryFileError(message, hint, file=metric.file, line=line), metric.text)
