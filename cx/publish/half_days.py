"""Half days: a newest day that seems half exported is kept out until the rest of it comes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

import duckdb

from cx import contract
from cx.cursors import Cursors
from cx.errors import counted
from cx.intake import File, Intake
from cx.publish.admission import Checked
from cx.publish.part_files import PartFiles
from cx.publish.recall import Recall
from cx.publish.run import Run
from cx.quoting import quoted

FILES_AT_ONCE = 100
"""So many files are read in one statement where all new ones are."""
HELD_FOR = timedelta(days=3)
HELD_WEEKS, FEWEST_WEEKS = 8, 4
HELD_SHARE, HELD_FEWEST = 0.5, 20
"""A newest day of less than half the rows that are usual on its weekday is held, where twenty or more are usual."""


@dataclass(frozen=True)
class Held:
    """The days that are held, and those that are not because somebody released them."""

    days: tuple[dict[str, Any], ...]
    """Each with its table, source, day, its rows and how many are usual."""
    released: frozenset[tuple[str, str, str]]
    """Table, source and day."""

    @property
    def notes(self) -> list[str]:
        """What is to be said of the days that are held."""
        return [
            f"{one['table']}{' of ' + one['source'] if one['source'] else ''}: {one['day']} has "
            f"{counted(one['rows'], 'row')} so far, {one['usual']:,} are usual on that weekday. "
            "The day is held until the rest of it comes; `python -m cx publish --release` publishes it as it is."
            for one in self.days
        ]


class HalfDays:
    """Looks for half days among the files of one run."""

    def __init__(self, run: Run, cursors: Cursors, intake: Intake, recall: Recall, part_files: PartFiles) -> None:
        self._run = run
        self._cursors = cursors
        self._intake = intake
        self._recall = recall
        self._part_files = part_files

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection of this thread."""
        return self._cursors.own

    def hold(self, files: Iterable[File], checked: Checked) -> Held:
        """Keep out the newest day of a kind of export where it seems half exported, until the rest of it comes.

        It is held while it has less than half as many rows as is usual on that weekday (the median of the eight
        before it), is at most three days old, and nobody released it. A later day of the same kind lets it in.
        Each file is told which day of it is held; `checked` are the files that were judged in this run.
        """
        previous = self._recall.previous
        before = {(one["table"], one["source"]): dict(one) for one in previous.held} if previous else {}
        today = datetime.now(self._run.settings.zone).date()
        known = previous.released if previous else ()
        released = {one for one in known if today - date.fromisoformat(one[2]) <= HELD_FOR}
        if self._run.release:
            released |= {(table, source, one["day"]) for (table, source), one in before.items()}
        kinds: dict[tuple[str, str], list[File]] = {}
        for file in files:
            if file.state in ("published", "kept") and file.last:
                kinds.setdefault((file.table, file.source_name), []).append(file)
        days: list[dict[str, Any]] = []
        for (table, source), members in kinds.items():
            newest = max(file.last for file in members)
            if today - date.fromisoformat(newest) > HELD_FOR or (table, source, newest) in released:
                continue
            held = before.get((table, source))
            if self._changed(table, source, members, checked):
                held = self._half(table, source, members, newest, checked)
            if held and held["day"] == newest:
                days.append(held)
                for file in members:
                    file.held = newest if file.last == newest else ""
        return Held(tuple(days), frozenset(released))

    def _changed(self, table: str, source: str, members: Sequence[File], checked: Checked) -> bool:
        """Whether any file of a kind came, changed or went since the last publishing."""
        known = self._recall.previous.files if self._recall.previous else ()
        were = {
            entry["file"]
            for entry in known
            if (entry["table"], entry["source"]) == (table, source) and entry["state"] in ("published", "kept")
        }
        are = {file.shown for file in members}
        return are != were or any((name, source) in checked for name in are)

    def _half(
        self, table: str, source: str, members: Sequence[File], newest: str, checked: Checked
    ) -> dict[str, Any] | None:
        """What is to be said of the newest day where it has far fewer rows than usual."""
        day = date.fromisoformat(newest)
        start = day - timedelta(weeks=HELD_WEEKS)
        counted = self._rows_per_day(table, source, members, newest, start, checked)
        first = min(counted, default=day)
        weeks = [day - timedelta(weeks=week) for week in range(1, HELD_WEEKS + 1)]
        earlier = [counted.get(one, 0) for one in weeks if one >= first]
        if len(earlier) < FEWEST_WEEKS:
            return None
        usual, rows = int(median(earlier)), counted.get(day, 0)
        if usual < HELD_FEWEST or rows >= HELD_SHARE * usual:
            return None
        return {"table": table, "source": source, "day": newest, "rows": rows, "usual": usual}

    def _rows_per_day(
        self,
        table: str,
        source: str,
        members: Sequence[File],
        newest: str,
        start: date,
        checked: Checked,
    ) -> dict[date, int]:
        """How many different rows each day since `start` has, in the files that are new and in published parts."""
        key = quoted(contract.TABLES[table].key[0])
        unread = [
            file
            for file in members
            if file.state == "published"
            and file.last >= str(start)
            and ((file.shown, source) in checked or file.last == newest)
        ]
        self._recall.open_rows(unread, self._intake, self._part_files)
        self.connection.execute("create or replace temp table recent (day date, id varchar)")
        for at in range(0, len(unread), FILES_AT_ONCE):
            rows = self._intake.rows(unread[at : at + FILES_AT_ONCE], "all")
            self.connection.execute(
                f"insert into recent select day, {key}::varchar from ({rows}) where day >= $start", {"start": start}
            )
        previous = self._recall.previous
        for part in previous.parts.get(table, ()) if previous else ():
            if part.last and part.last >= start:
                self._part_files.attach(part.name)
                self.connection.execute(
                    f"insert into recent select day, {key}::varchar from {quoted(part.name)}.rows "
                    "where day >= $start and cx_source = $source and cx_file not in (select unnest($read::varchar[]))",
                    {"start": start, "source": source, "read": [file.shown for file in unread]},
                )
        return dict(self.connection.execute("select day, count(distinct id) from recent group by day").fetchall())
