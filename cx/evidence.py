"""Which answers stand behind a figure: the filters, metric and scores that a row of an answer is about.

What a column of a row means is read from the question's own parse tree (`gate.Reading.provenance`), never guessed
from its name; whether the answers found so are those of the figure is seen from their number, which must be the
figure's own n. Nothing here reads data.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from cx import figures, periods, scope
from cx.analyses import OTHER
from cx.catalog import PANEL, SINGLE, SPOKEN, Metric, Question
from cx.periods import Period
from cx.scope import NO_VALUE, Filters
from cx.snapshot import Snapshot

OWN = ("scores", *scope.UNITED, PANEL)
"""Tables about ourselves: of the reviews only those of the own brand."""

BEHIND = "voice/behind"
"""The question that shows single answers behind a figure."""

SAID = "voice/said"
"""The one that shows what was written, behind a figure about texts."""

TONES = {"complaints": ("negative", "complaint"), "praise": ("positive", "praise")}
"""How the texts that count for a share judge a theme, and of what kind they are where it is about none."""

ANSWERING = (*OWN, "ratings", SINGLE, *SPOKEN, "reviews", "responses", "invitations")
"""Tables whose rows are answers or sums of answers; the first that a question reads is the one its figures are from."""


@dataclass(frozen=True)
class Evidence:
    """What to ask for to see the answers behind a figure."""

    metric: str
    filters: Filters
    score_from: float = -math.inf
    score_to: float = math.inf
    n: int | None = None
    """The answers that the figure itself says it stands on."""
    marked: tuple[tuple[str, str], ...] = ()
    """The columns and values that tell the figure from the others of its card."""
    whole: bool = True
    """Whether these are the answers of the whole card."""
    question: str = BEHIND
    """The question that shows them."""
    texts: Mapping[str, Any] = field(default_factory=dict)
    """What `voice/said` is asked with, where the figure is about texts."""

    def params(self) -> dict[str, Any]:
        """What the question about single answers is asked with."""
        named = self.texts if self.question == SAID else {"metric": self.metric}
        bounds = {"score_from": self.score_from, "score_to": self.score_to}
        return {**named, **{name: value for name, value in bounds.items() if math.isfinite(value)}}


@dataclass(frozen=True)
class Asked:
    """A question as it was asked: what the answers behind its figures depend on."""

    question: Question
    tables: frozenset[str]
    kept: Mapping[str, Mapping[str, frozenset[str]]]
    filters: Filters
    params: Mapping[str, Any]
    held: Snapshot
    metrics: Mapping[str, Metric]
    brand: str = ""
    metric: str = ""
    """The one metric of the card, where its question has several."""
    below: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Per unit those directly below it: a parent's row is about their answers too."""

    @property
    def source(self) -> str:
        """The table that the figures are from, or an empty text where no answers stand behind the question."""
        return source(self.tables)


def source(tables: frozenset[str]) -> str:
    """The table, of those that a question reads, that its figures are from; empty where none holds answers."""
    return next((table for table in ANSWERING if table in tables), "")


def of_figure(asked: Asked, row: Mapping[str, Any] | None, scores: tuple[float, float] | None = None) -> list[Evidence]:
    """What may stand behind one row of an answer (`None`: behind all of it), the likeliest first; the whole comes last.

    `scores` are the lowest and the highest score that the figure is about where its row does not say so.
    """
    if not asked.source:
        return []
    metric = _metric(asked, row or {})
    if metric is None:
        return []
    if asked.tables & set(SPOKEN):
        return _texts(asked, metric, row)
    whole = Evidence(metric.name, _narrowed(asked, metric, {}, None))
    if row is None:
        return [whole]
    marks = _marks(asked, row)
    if marks is None:
        return [whole]
    low, high = scores or _scores(asked, row)
    found = []
    for conditions in _with_units(asked, marks):
        filters = _narrowed(asked, metric, conditions, _days(asked, row))
        marked = tuple((column, values[0]) for column, values in marks.items())
        found.append(Evidence(metric.name, filters, low, high, _counted(asked.question, row), marked, whole=False))
    return [*found, whole]


def _texts(asked: Asked, metric: Metric, row: Mapping[str, Any] | None) -> list[Evidence]:
    """What may have been written behind one row about texts, or behind all: shares count all texts, others mentions."""
    table = next(name for name in SPOKEN if name in asked.tables)
    kept = [*set().union(*(asked.kept.get(name, {}).get("metric", ()) for name in SPOKEN))]
    origins = asked.kept.get(table, {}).get("origin", frozenset())
    asked_for: dict[str, Any] = {"own": "own" in asked.question.reading.filled.get(table, ())}
    asked_for |= {"score_of": kept[0]} if kept else {}
    asked_for |= {"origin": next(iter(origins))} if len(origins) == 1 else {}
    bounds = tuple(
        float(asked.params.get(name, end)) for name, end in (("score_from", -math.inf), ("score_to", math.inf))
    )
    low, high = bounds

    def evidence(conditions: Mapping[str, Sequence[str]], days: Period | None, **further: Any) -> Evidence:
        filters = _narrowed(asked, metric, conditions, days, table)
        return Evidence(metric.name, filters, low, high, question=SAID, texts=asked_for | further)

    whole = evidence({}, None)
    marks = _marks(asked, row) if row is not None else None
    if row is None or marks is None:
        return [whole]
    told = {
        name: str(row[column])
        for name in ("theme", "kind")
        for column in _from(asked.question, name)
        if isinstance(row.get(column), str)
    }
    if isinstance(row.get("word"), str):
        told["stem"] = row["word"]
    elif "word" in row and isinstance(row.get("theme"), str):
        # A topic is found by a word or by a theme, which its question writes in a way of its own.
        told["theme"] = row["theme"]
    tone, kind = TONES.get(metric.name, ("any", ""))
    told |= {"tone": tone} if "theme" in told else {"kind": kind} if kind and "kind" not in told else {}
    if row.get("tone") == "complaint":
        told["tone"] = "negative"
    found = []
    for counted in ("comments", "mentions"):
        one = evidence(marks, _days(asked, row), counted=counted, **told)
        marked = tuple((column, values[0]) for column, values in marks.items())
        found.append(replace(one, n=_counted(asked.question, row), marked=marked, whole=False))
    return [*found, whole]


def _metric(asked: Asked, row: Mapping[str, Any]) -> Metric | None:
    """The metric of a row: its own, the question's, or the only one of the table that is read."""
    metrics, table = asked.metrics, asked.source
    own = [row[name] for name in _from(asked.question, "metric") if isinstance(row.get(name), str)]
    kept = asked.kept.get(table, {}).get("metric", frozenset())
    named = [*own, asked.metric, figures.named_metric(asked.question, asked.params), *(kept if len(kept) == 1 else ())]
    of_table = {"ratings": "reviews", "scores": ""}.get(table, table)
    for name in filter(None, named):
        if name in metrics:
            return metrics[name]
        # Exports name what was asked; a metric may have another name.
        answered = [one for one in metrics.values() if one.table == of_table and one.answers == name]
        if answered:
            return answered[0]
    only = [one for one in metrics.values() if one.table == of_table]
    return only[0] if len(only) == 1 and not any(named) else None


def _from(question: Question, column: str) -> list[str]:
    """The output columns that show a column of an outside table as it is."""
    return [
        name
        for name, found in question.reading.provenance.items()
        if any(one.column == column and not one.made for one in found)
    ]


def _stands_for(asked: Asked, name: str, row: Mapping[str, Any]) -> str:
    """The dimension whose values an output column shows, or an empty text."""
    question, filters = asked.question, asked.filters
    chosen = {"segment": filters.by or question.by, "segment_2": filters.by_2 or question.by_2}
    known = {*scope.dimensions(asked.held, SINGLE)}
    for one in question.reading.provenance.get(name, ()):
        if one.made:
            continue
        column = chosen.get(one.column, one.column)
        if scope.twin(one.table)[0] in scope.UNITED and one.column in ("value", "value_2"):
            told = _from(question, one.column.replace("value", "dimension"))
            column = next((str(row[other]) for other in told if row.get(other)), "")
        if column in known:
            return column
    return ""


def _marks(asked: Asked, row: Mapping[str, Any]) -> dict[str, list[str]] | None:
    """The values of dimensions that a row is about; None where it pools several."""
    found: dict[str, list[str]] = {}
    for name, value in row.items():
        column = _stands_for(asked, name, row)
        if not column:
            continue
        if isinstance(value, str) and value == OTHER:
            return None
        found[column] = [NO_VALUE if _missing(value) else str(value)]
    return found


def _missing(value: Any) -> bool:
    return value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _with_units(asked: Asked, marks: Mapping[str, list[str]]) -> Iterator[Mapping[str, list[str]]]:
    """The marks as they are, then with the units below the one named: a parent's row may be about those too."""
    known = {*asked.held.values.get("unit_id", ()), NO_VALUE}
    named = marks.get("unit_id", [])
    if known.issuperset(named):
        yield marks
    below = [unit for one in named for unit in asked.below.get(one, ()) if unit in known]
    if below:
        yield {**marks, "unit_id": [*(one for one in named if one in known), *below]}


def _days(asked: Asked, row: Mapping[str, Any]) -> Period | None:
    """The days that a row is about: those it names itself, or of its period; None where it is about all."""
    first, last = row.get("first_day"), row.get("last_day")
    if not _missing(first) and not _missing(last):
        return Period(_day(first), _day(last) + periods.ONE_DAY)
    for name, found in asked.question.reading.provenance.items():
        for one in found:
            if one.column != "day" or scope.twin(one.table)[0] not in ANSWERING or _missing(row.get(name)):
                continue
            start = _day(row[name])
            unit = str(asked.params.get(one.made[1:], "")) if one.made.startswith("$") else one.made
            if unit in periods.GRAINS or not unit:
                return Period(start, periods.next_start(start, unit or "day"))
    return None


def _day(value: Any) -> date:
    day: date = pd.Timestamp(value).date()
    return day


def _scores(asked: Asked, row: Mapping[str, Any]) -> tuple[float, float]:
    """The lowest and the highest score that a row is about."""
    for name in (*_from(asked.question, "score"), *_from(asked.question, "rating")):
        if not _missing(row.get(name)):
            return float(row[name]), float(row[name])
    return -math.inf, math.inf


def _counted(question: Question, row: Mapping[str, Any]) -> int | None:
    """The answers that a row says it stands on."""
    counts = [name for name, found in question.reading.provenance.items() if any(one.made == "count" for one in found)]
    # A figure's n, that of the step's own score beside what drives an outcome; without one, what the row counts.
    own = ["performance_n"] if "drivers" in question.analysis else ["n"] if "n" in row else counts
    return next((int(row[name]) for name in own if not _missing(row.get(name))), None)


def _narrowed(
    asked: Asked,
    metric: Metric,
    conditions: Mapping[str, Sequence[str]],
    days: Period | None,
    table: str = "",
) -> Filters:
    """The question's own filters, narrowed to what a row is about: what is asked for here can only be less."""
    filters, held, table = asked.filters, asked.held, table or asked.source
    period = scope.looking_back(filters.period, asked.question.window)
    if days is not None and days.start < period.end and period.start < days.end:
        period = Period(max(period.start, days.start), min(period.end, days.end))
    without = scope.ignored(filters, asked.tables, held)
    where = [pair for pair in filters.where if pair[0] not in without]
    known = {*scope.dimensions(held, SINGLE)}
    kept = asked.kept.get(table, {})
    where += [(column, tuple(sorted(values))) for column, values in kept.items() if column in known]
    named = dict(conditions)
    if table in OWN and metric.table == "reviews" and asked.brand:
        named["brand"] = [asked.brand]
    for column in _filled(asked, table):
        # “Has a value” is a filter like any other: all the values that there are.
        if column not in named and 0 < len(held.values.get(column, ())) < scope.MOST_VALUES:
            named[column] = list(held.values[column])
    where += [(column, tuple(values)) for column, values in named.items()]
    return replace(filters, period=period, before=None, where=tuple(where), by="", by_2="")


def _filled(asked: Asked, table: str) -> Iterator[str]:
    """The dimensions that must have a value wherever the question reads its answers."""
    chosen = {"segment": asked.filters.by or asked.question.by, "segment_2": asked.filters.by_2 or asked.question.by_2}
    known = {*scope.dimensions(asked.held, SINGLE)}
    for column in sorted(asked.question.reading.filled.get(table, ())):
        if chosen.get(column, column) in known:
            yield chosen.get(column, column)
