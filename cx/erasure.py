"""Erasure: customers of whom nothing may stay published, and those held back from it for a while by law.

The list is `erasures.csv` in the data folder, one row per customer, so that it outlives every snapshot: whoever stands
on it is taken out of all of them, and stays out when a later export brings the customer back.
"""

import csv
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from cx.errors import DataError, QueryError, nearest

FILE = "erasures.csv"
COLUMNS: dict[str, str] = {
    "customer_id": "The customer, as the exports name them.",
    "asked_on": "The day on which erasure was asked for.",
    "asked_by": "Who entered it.",
    "held_until": "The last day of a legal hold: until then the customer's rows stay.",
    "reason": "Why it was asked for, or why the rows are held.",
}


@dataclass(frozen=True)
class Entry:
    """One row of the list."""

    customer_id: str
    asked_on: date | None = None
    asked_by: str = ""
    held_until: date | None = None
    reason: str = ""

    def held(self, today: date) -> bool:
        """Whether the law still wants the customer's rows kept."""
        return self.held_until is not None and today <= self.held_until


def today() -> date:
    """The day on which holds are judged; in UTC, so that every process comes to the same."""
    return datetime.now(UTC).date()


def entries(data: Path) -> tuple[Entry, ...]:
    """The list, in its order; empty where there is none.

    A list that cannot be understood is an error and stops publishing: to go on without it would bring back
    who was erased.
    """
    file = data / FILE
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, csv.Error) as error:
        raise _wrong(0, f"It cannot be read: {error}.", "Save it as CSV in UTF-8.") from error
    if not any(cell.strip() for row in rows for cell in row):
        return ()
    names = [cell.strip().lower() for cell in rows[0]]
    for name in names:
        if name not in COLUMNS:
            raise _wrong(1, f"“{name}” is no column of it.", nearest(name, COLUMNS))
    if "customer_id" not in names:
        raise _wrong(1, "It has no column “customer_id”.", f"Begin it with the line {','.join(COLUMNS)}.")
    return tuple(_entry(line, names, row) for line, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row))


def _entry(line: int, names: Sequence[str], row: Sequence[str]) -> Entry:
    if len(row) > len(names):
        raise _wrong(line, f"It has {len(row)} cells, but {len(names)} columns are named.", "Quote texts with commas.")
    cells = {name: cell.strip() for name, cell in zip(names, row, strict=False)}
    if not cells["customer_id"]:
        raise _wrong(line, "No customer is named.", "Name one, or delete the line.")
    days: dict[str, date | None] = {}
    for name in ("asked_on", "held_until"):
        try:
            days[name] = date.fromisoformat(cells[name]) if cells.get(name) else None
        except ValueError as error:
            raise _wrong(line, f"“{name}” is “{cells[name]}”, which is no date.", "Write it as 2026-12-31.") from error
    return Entry(
        cells["customer_id"], days["asked_on"], cells.get("asked_by", ""), days["held_until"], cells.get("reason", "")
    )


def _wrong(line: int, message: str, hint: str) -> DataError:
    where = f"{FILE}, line {line}" if line else FILE
    return DataError(f"{where}: {message}", f"{hint} Nothing is published until the list of erasures can be read.")


def due(listed: Iterable[Entry], day: date) -> tuple[str, ...]:
    """The customers of whom nothing may be published on that day: a hold goes before any other entry."""
    found = list(listed)
    held = {entry.customer_id for entry in found if entry.held(day)}
    return tuple(sorted({entry.customer_id for entry in found} - held))


def digest(customers: Iterable[str]) -> str:
    """A name for a set of customers, from which none of them can be read; empty for nobody."""
    names = "\n".join(customers)
    return hashlib.sha256(names.encode()).hexdigest()[:12] if names else ""


def add(data: Path, added: Sequence[Entry]) -> None:
    """Put customers on the list; a crash leaves the old list or the new one."""
    if not all(entry.customer_id.strip() for entry in added):
        raise QueryError(
            "An empty text names no customer.", "Name them as the exports do; nothing was put on the list."
        )
    file = data / FILE
    rows = [list(COLUMNS)]
    for entry in (*entries(data), *added):
        days = [str(day or "") for day in (entry.asked_on, entry.held_until)]
        rows.append([entry.customer_id, days[0], entry.asked_by, days[1], entry.reason])
    partial = file.with_name(f".{FILE}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, file)
    except OSError as error:
        raise DataError(f"{file} cannot be written: {error.strerror}.", "Make the data folder writable.") from error
