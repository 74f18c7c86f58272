"""Closed months: their figures as they were reported, and what the exports say of them today.

A month that is closed gets a file of its own in the data folder, `closed/2026-09.json`, that nothing changes any more.
It is not part of what is published, so that it outlives every snapshot.
"""

import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cx import settings
from cx.engine import MOST_ROWS, Engine
from cx.errors import DataError, QueryError
from cx.periods import Period, next_start
from cx.scope import Filters
from cx.snapshot import Snapshot

QUESTIONS = ("closing/metrics", "closing/segments")
"""What is kept of a month: their answers' figures."""
KEYS = ("metric", "dimension", "segment", "value", "low", "high", "n")
SAME = 1e-6
"""Figures that differ by less are the same: sums of floating numbers differ by the order they are summed in."""

Place = tuple[str, str, str]
"""What a figure is about: metric, dimension and value; the last two empty for the metric as a whole."""


@dataclass(frozen=True)
class Reported:
    """One figure with its interval and its answers; the value is None where too few answered to show it."""

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Closing:
    """A closed month: when and by whom, and its figures as reported."""

    month: str
    closed_at: datetime
    closed_by: str
    note: str
    metrics: Mapping[str, str]
    """A digest of each metric's file at that time."""
    figures: Mapping[Place, Reported]

    @property
    def period(self) -> Period:
        """The days of the month."""
        return month_of(self.month)


@dataclass(frozen=True)
class Difference:
    """A figure that is not what was reported: both, None where one of them is not there."""

    place: Place
    then: Reported | None
    now: Reported | None
    redefined: bool
    """Whether the metric's own file has changed since."""


def month_of(text: str) -> Period:
    """The days of a month written as 2026-09."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise QueryError(f"“{text}” is no month.", "Write it as 2026-09.")
    first = date.fromisoformat(f"{text}-01")
    return Period(first, next_start(first, "month"))


def closings(data: Path) -> tuple[Closing, ...]:
    """The closed months, oldest first. A file that cannot be understood is an error: it holds what was reported."""
    found = []
    for file in sorted((data / settings.CLOSED).glob("*.json")):
        try:
            raw = json.loads(file.read_text(encoding="utf-8"))
            figures = {
                (row[0], row[1], row[2]): Reported(row[3], row[4], row[5], int(row[6])) for row in raw["figures"]
            }
            month_of(raw["month"])
            closed_at = datetime.fromisoformat(raw["closed_at"])
            found.append(Closing(raw["month"], closed_at, raw["closed_by"], raw["note"], dict(raw["metrics"]), figures))
        except (OSError, ValueError, LookupError, TypeError, AttributeError, QueryError) as error:
            raise DataError(
                f"The closed month {settings.CLOSED}/{file.name} cannot be read: {error}.",
                "Bring the file back from a backup; what was reported stands nowhere else.",
            ) from error
    return tuple(found)


def state(data: Path) -> tuple[tuple[str, int], ...]:
    """What tells whether a month was closed, or one opened again, since the last look."""
    return tuple((file.name, file.stat().st_mtime_ns) for file in sorted((data / settings.CLOSED).glob("*.json")))


def figures(engine: Engine, period: Period, held: Snapshot | None = None) -> dict[Place, Reported]:
    """The figures of some days as the exports give them today."""
    found: dict[Place, Reported] = {}
    for name in QUESTIONS:
        for row in engine.answer(name, Filters(period, None), held=held, row_cap=MOST_ROWS).rows():
            place = (str(row["metric"]), _text(row.get("dimension")), _text(row.get("segment")))
            value, low, high, n = (_number(row[key]) for key in ("value", "low", "high", "n"))
            found[place] = Reported(value, low, high, int(n or 0))
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def close(engine: Engine, month: str, by: str, note: str) -> Closing:
    """Keep the figures of a month as they are now. Raises QueryError where it is closed already or not over."""
    period, held = month_of(month), engine.snapshot()
    file = engine.data / settings.CLOSED / f"{month}.json"
    if file.exists():
        raise QueryError(
            f"{month} is closed already.",
            f"What was reported stays. To close it anew, move {settings.CLOSED}/{file.name} to your records first.",
        )
    if held.as_of is None or held.as_of < period.last:
        until = f"The data reach {held.as_of}" if held.as_of else "There are no data yet"
        raise QueryError(f"{month} is not over: {until}.", f"Close it once the exports of {period.last} are published.")
    found = figures(engine, period, held)
    if not found:
        raise QueryError(
            f"{month} has no figures.", "Look at the dates of the exports: `python -m cx publish` lists them."
        )
    raw = {
        "month": month,
        "closed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "closed_by": by,
        "note": note,
        "snapshot": held.id,
        "columns": KEYS,
        "metrics": {name: metric.digest for name, metric in engine.catalog.metrics().items()},
        "figures": [[*place, one.value, one.low, one.high, one.n] for place, one in found.items()],
    }
    partial = file.with_name(f".{file.name}.partial")
    try:
        file.parent.mkdir(exist_ok=True)
        with partial.open("w", encoding="utf-8") as stream:
            stream.write(_lines(raw))
            stream.flush()
            os.fsync(stream.fileno())
        os.link(partial, file)
        partial.unlink()
    except FileExistsError as error:
        raise QueryError(f"{month} was closed by someone else just now.", "Look at it on the Data page.") from error
    except OSError as error:
        raise DataError(f"{file} cannot be written: {error.strerror}.", "Make the data folder writable.") from error
    return next(one for one in closings(engine.data) if one.month == month)


def _lines(raw: Mapping[str, Any]) -> str:
    """JSON with one figure a line: such a record is read by people and compared line by line."""
    rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in raw["figures"])
    head = json.dumps({**raw, "figures": []}, ensure_ascii=False, indent=1)
    return head.replace('"figures": []', f'"figures": [\n{rows}\n ]') + "\n"


def differences(engine: Engine, closing: Closing, held: Snapshot | None = None) -> list[Difference]:
    """What is not as it was reported: whole metrics first."""
    now = figures(engine, closing.period, held)
    known = {name: metric.digest for name, metric in engine.catalog.metrics().items()}
    found = []
    for place in sorted(closing.figures.keys() | now.keys(), key=lambda place: (place[1] != "", place)):
        one, other = closing.figures.get(place), now.get(place)
        if one is None or other is None or one.n != other.n or not _same(one.value, other.value):
            redefined = closing.metrics.get(place[0]) != known.get(place[0])
            found.append(Difference(place, one, other, redefined))
    return found


def _same(one: float | None, other: float | None) -> bool:
    return one is other or (one is not None and other is not None and abs(one - other) <= SAME * max(1.0, abs(one)))


def whole(found: Sequence[Difference]) -> list[Difference]:
    """The differences of whole metrics."""
    return [one for one in found if not one.place[1]]
