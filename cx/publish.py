"""Publishing: from exports to a snapshot.

Every file is checked against the contract; what fails is set aside with a reason a person can act on.
Rows land in immutable month parts whose name is a digest of everything they were made from, so a month
that no new row touches is found again and not rebuilt. One rename then makes the snapshot current.
"""

import fcntl
import hashlib
import json
import os
import shutil
import threading
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cx import (
    checksums,
    contract,
    erasure,
    masking,
    readers,
    rollups,
    scope,
    sentiment,
    settings,
    snapshot,
    texts,
    themes,
)
from cx.catalog import METRIC_TABLES, Catalog, Metric, Source
from cx.contract import Table
from cx.cursors import AT_ONCE, Cursors
from cx.errors import CxError, DataError, explain
from cx.intake import ERASED, INCOMING, LONGEST_DICTIONARY, File, Intake, coded_columns
from cx.progress import LOCK, Course, Telling
from cx.readers import literal, quoted
from cx.rollups import durable
from cx.tokens import Tokeniser

STEPS = "(steps)"
"""Stands among a part's counted columns for the metrics that were asked about a step."""
MOST_ASIDE = 100_000
"""So many rows that were set aside are listed one by one, whatever their files; all are counted."""
MOST_DELTAS = 6
"""So many parts a month may have: new answers get one of their own, and beyond that the month is made anew."""

SETTLED_SECONDS = 2.0
"""A file that was written to less than this ago is looked at again before it is read."""
MOST_WAITING = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
READING = "reading"
"""The note of what is being read."""
MOST_ENDS = 2
"""A file on which the process that read it ended so often is read no more."""
FEWEST, MOST_EARLIER, MORE_EMPTY = 30, 30, 0.2
"""A column is said to be emptier than before where its share of empty rows rose by a fifth, in a file of thirty rows
or more, against up to thirty files before it."""
FILES_AT_ONCE = 100
"""So many files are read in one statement where all new ones are."""
HELD_FOR = timedelta(days=3)
HELD_WEEKS, FEWEST_WEEKS = 8, 4
HELD_SHARE, HELD_FEWEST = 0.5, 20
"""A newest day of less than half the rows that are usual on its weekday is held, where twenty or more are usual."""
NO_EXPORTS = (snapshot.FOLDER, settings.CLOSED, "queries")
"""Folders inside the data folder that hold no exports."""
LONGEST_HISTORY = 100
"""So many publications are remembered for the trend of the data's quality."""
DAYS = pa.schema(
    [
        ("table", pa.string()),
        ("source", pa.string()),
        ("file", pa.string()),
        ("day", pa.date32()),
        ("rows", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Report:
    """What one run of publishing did."""

    snapshot: snapshot.Snapshot
    changed: bool
    seconds: float
    rebuilt: int
    """Parts written in this run; all others were found again."""
    erased: Mapping[str, int] = field(default_factory=dict)
    """Per table, rows of erased customers that this run took out of what was published."""


def state(data: Path, queries: tuple[Path, ...]) -> str:
    """A cheap digest of everything publishing depends on: names, sizes and times, no contents.

    A legal hold that ended changes it too, so that the customer is erased on that day.
    """
    seen = hashlib.sha256()
    with suppress(DataError):
        seen.update(erasure.digest(erasure.due(erasure.entries(data), erasure.today())).encode())
    names = [data / "cx.toml"]
    for folder in queries:
        names += [*sorted((folder / "metrics").glob("*.sql")), *sorted((folder / "sources").glob("*.sql"))]
    names += themes.files(queries).values()
    names += [path for path in sorted(data.rglob("*")) if path.relative_to(data).parts[0] not in NO_EXPORTS]
    for path in names:
        try:
            info = path.stat()
        except OSError:
            continue
        if path.is_file():
            seen.update(f"{path}|{info.st_size}|{info.st_mtime_ns}|{info.st_ino}\n".encode())
    return seen.hexdigest()[:16]


class _Broken(Exception):
    """An export that passed cannot be read to its end: it is damaged, or (without a reason) was written to meanwhile."""

    def __init__(self, file: File, reason: str = "") -> None:
        super().__init__(file.shown)
        self.file = file.shown
        self.reason = reason


def publish(
    data: Path,
    catalog: Catalog,
    *,
    again: bool = False,
    release: bool = False,
    tell: Telling = lambda step: None,
) -> Report:
    """Publish what the data folder holds; a snapshot equal to the current one is not written again.

    `again` rebuilds every part; `release` publishes the days that are held too. Raises DataError when there is nothing
    valid and nothing published.
    """
    started = time.monotonic()
    failed: dict[str, str] = {}
    with _lock(data):
        course = Course(data, tell, started)
        try:
            while True:
                publisher = _Publisher(data, catalog, again, course, started)
                publisher.release = release
                publisher.failed = failed
                try:
                    return publisher.run()
                except _Broken as error:
                    # What is built already is found again; the file itself is left out this time.
                    failed[error.file] = error.reason
        finally:
            course.over()


@contextmanager
def _lock(data: Path) -> Iterator[None]:
    folder = snapshot.published(data)
    try:
        (folder / "parts").mkdir(parents=True, exist_ok=True)
        stream = (folder / LOCK).open("w")
    except OSError as error:
        raise DataError(
            f"Publishing cannot write to {folder}: {error.strerror}.", "Make the data folder writable."
        ) from error
    with stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


class _Publisher:
    def __init__(self, data: Path, catalog: Catalog, again: bool, course: Course, started: float) -> None:
        self.data = data
        self.catalog = catalog
        self.settings = settings.load(data)
        self.metrics = catalog.metrics(unusable=True)
        self.sound = self.metrics
        """The metrics that can be measured on what is published."""
        self.broken: dict[str, tuple[str, CxError]] = {}
        self.again = again
        self.course = course
        self.started = started
        self.folder = snapshot.published(data)
        self.work = self.folder / f"work-{os.getpid()}"
        self.state = state(data, catalog.folders)
        self.notes: list[str] = []
        self.extras: dict[str, dict[str, str]] = {}
        self.release = False
        self.failed: dict[str, str] = {}
        """Files over which an earlier attempt of this run broke off, with the reason; without one they were written to."""
        self.files: list[File] = []
        self.held: list[dict[str, Any]] = []
        """Days kept out because they seem half exported: table, source, day, its rows and how many are usual."""
        self.released: set[tuple[str, str, str]] = set()
        self.checked: set[tuple[str, str]] = set()
        """The files that were judged in this run, each with its source."""
        self.rebuilt = 0
        self.noting = threading.Lock()
        self.reading: dict[str, list[Any] | None] = {}
        self.left = self._left_reading()
        self.counts: dict[str, dict[str, dict[str, int]]] | None = None
        self.customers = erasure.due(erasure.entries(data), erasure.today())
        """Those of whom nothing may be published."""
        self.erased: dict[str, int] = {}
        self.rules: dict[tuple[str, str], str] = {}
        privacy = self.settings.privacy
        self.masking = masking.rules(privacy.names) if privacy.mask else "plain"
        try:
            self._follow(snapshot.current(data))
        except DataError:
            self._follow(None)

    def _follow(self, before: snapshot.Snapshot | None) -> None:
        """Go on from what is published: its dictionaries, its parts, what it knows of files."""
        self.previous = before
        entries = before.files if before else ()
        self.known = {(entry["file"], entry["source"], entry["table"]): dict(entry) for entry in entries}
        if before and not before.lineage.endswith(f"-{self.masking}"):
            # Dictionaries hold texts too: what was masked in another way begins a lineage of its own.
            before = None
        self.lineage = before.lineage if before else f"{time.time_ns():x}-{self.masking}"
        self.codes = {column: list(values) for column, values in before.codes.items()} if before else {}
        self.uncoded = set(before.uncoded) if before else set()

    def run(self) -> Report:
        for leftover in self.folder.glob("work-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        self.work.mkdir()
        try:
            with duckdb.connect(str(self.work / "staging.duckdb")) as connection:
                self.cursors = Cursors(connection)
                self._configure()
                self.intake = Intake(connection, self.settings, self.metrics, self.work)
                try:
                    self._erase()
                    report = self._publish()
                except (OSError, duckdb.Error) as error:
                    self._blame(error)
                    raise
                if self.customers:
                    self._forget()
                return report
        except (OSError, duckdb.Error) as error:
            raise DataError(
                f"Publishing stopped: {getattr(error, 'strerror', '') or str(error).splitlines()[0]}.",
                "What was published before is still served. Free some space or correct the rights, then publish again.",
            ) from error
        finally:
            (self.folder / READING).unlink(missing_ok=True)
            shutil.rmtree(self.work, ignore_errors=True)

    def _blame(self, error: Exception) -> None:
        """Name the file over which publishing broke off, if it was one."""
        for file in self.files:
            if file.state == "published" and not _unwritten(file):
                raise _Broken(file) from error
            damage = self.intake.readable(file) if file.state == "published" and file.columns else ""
            if damage:
                raise _Broken(file, damage) from error

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection of this thread."""
        return self.cursors.own

    def _configure(self) -> None:
        for statement in (
            "set autoinstall_known_extensions = false",
            "set autoload_known_extensions = false",
            f"set temp_directory = {literal(str(self.work / 'spill'))}",
            "set memory_limit = '3GB'",
            f"set global TimeZone = {literal(self.settings.time_zone)}",
            # It halves the time to write a part, and texts are read faster; the files grow by as much.
            "set disabled_compression_methods = 'dict_fsst'",
        ):
            self.connection.execute(statement)

    def _publish(self) -> Report:
        self.course.at("looking")
        self.files = files = self._files()
        self._recall(files)
        self._read([file for file in files if file.state == "new"])
        files = [file for file in files if file.state != "gone"]
        self._note_emptier(files)
        self._keep_last_good(files)
        self._hold(files)
        if not any(file.state in ("published", "kept") and file.table in ("responses", "reviews") for file in files):
            self._refuse_empty(files)
        self._name_metrics()
        parts = self._parts(files)
        manifest = self._manifest(files, parts)
        if (
            self.previous
            and self.previous.id.rpartition("-")[2] == manifest["id"].rpartition("-")[2]
            and not self.again
        ):
            return Report(self.previous, False, time.monotonic() - self.started, self.rebuilt)
        target = self.folder / manifest["id"]
        target.mkdir(exist_ok=True)
        self._list_aside(files, target)
        self._list_days(files, target)
        manifest["changes"] = self._changes(parts)
        manifest["drift"] = self._drift(files)
        self._rollups(manifest, target, None if self.again else self.previous)
        self._texts(manifest, target, None if self.again else self.previous)
        manifest["seconds"] = round(time.monotonic() - self.started, 2)
        manifest["history"] = self._history(manifest)
        written = snapshot.write(self.data, manifest)
        return Report(written, True, time.monotonic() - self.started, self.rebuilt, self.erased)

    def _refuse_empty(self, files: list[File]) -> None:
        refused = [file for file in files if file.state == "refused"]
        if refused:
            first = refused[0]
            raise DataError(
                f"No export of responses or reviews could be used. {first.shown}: {first.reason}", first.hint
            )
        for name, error in sorted(self.catalog.problems.items()):
            if name.startswith("sources/"):
                raise error
        raise DataError(
            " ".join([f"There are no exports in {self.data}.", *self.notes]),
            "Put Parquet files into responses/ or reviews/ there, or write a source for files of another shape; "
            "`python -m cx demo FOLDER` writes a demo company to look at.",
        )

    # --- files ---------------------------------------------------------------------------------------

    def _files(self) -> list[File]:
        """All export files: those in the contract's folders, then those that sources name."""
        found: list[File] = []
        for table in contract.TABLES:
            for path in sorted((self.data / table).rglob("*")):
                if (path.is_dir() and path.suffix != ".parquet") or readers.ignored(path):
                    continue
                file = File(path, path.relative_to(self.data).as_posix(), table, None, state="new")
                if path.suffix.lower() != ".parquet":
                    file.state, file.reason = (
                        "refused",
                        f"It is no Parquet file (its name ends in “{path.suffix}”).",
                    )
                    file.hint = (
                        "Export Parquet here, or keep it elsewhere in the data folder and write a source for it."
                    )
                found.append(file)
        for source in self.catalog.sources().values():
            matched = sorted(path for path in self.data.glob(source.files) if not readers.ignored(path))
            if not matched:
                self.notes.append(f"Source {source.name}: no file matches {source.files}.")
            for path in matched:
                inside = path.relative_to(self.data)
                if inside.parts[0] not in NO_EXPORTS and inside.as_posix() != erasure.FILE:
                    found.append(File(path, path.relative_to(self.data).as_posix(), source.table, source, state="new"))
        for file in found:
            self._look(file)
        self._settle(found)
        now = time.time_ns()
        for file in found:
            if file.stat and file.stat[1] > now:
                self.notes.append(f"{file.shown} was written in the future; it counts as written when it came here.")
        found.sort(key=lambda file: (_written(file, now), file.shown))
        for order, file in enumerate(found):
            file.order = order
        self._refuse_same_names(found)
        return found

    def _settle(self, files: list[File]) -> None:
        """Leave out files that are being written to: those that change within a moment after they were looked at."""
        fresh = time.time_ns() - int(SETTLED_SECONDS * 1e9)
        young = {
            file.shown for file in files if file.state == "new" and max(file.stat[1:3]) > fresh and not self._same(file)
        }
        if young:
            time.sleep(SETTLED_SECONDS)
        for file in files:
            changed = file.shown in young and not _unwritten(file)
            if file.state == "new" and (changed or self.failed.get(file.shown) == ""):
                self._wait(file)

    def _same(self, file: File) -> bool:
        """Whether a file is what it was at the last publishing."""
        before = self._before(file)
        return bool(before and before["digest"] == file.digest)

    def _wait(self, file: File) -> None:
        """Leave a file out until it is written to no more; after a while it is refused."""
        now = datetime.now(UTC)
        before = self._before(file) or {}
        file.waiting_since = before.get("waiting_since") or now.isoformat(timespec="seconds")
        waited = now - datetime.fromisoformat(file.waiting_since)
        file.passing = True
        file.state, file.reason = "waiting", "It is still being written."
        file.hint = "It is read once it stays as it is."
        if waited >= MOST_WAITING:
            file.state, file.reason = "refused", f"It is still being written after {waited // MINUTE} minutes."
            file.hint = "Write it elsewhere, and move it here when it is complete."

    def _refuse_same_names(self, files: list[File]) -> None:
        """Of files whose names differ in spelling only, as copies between systems leave them, the first is read."""
        seen: dict[tuple[str, str], File] = {}
        for file in files:
            name = unicodedata.normalize("NFC", file.shown).casefold()
            first = seen.setdefault((name, file.source.name if file.source else ""), file)
            if first is not file and file.state == "new":
                file.passing = True
                file.state, file.reason = "refused", f"Its name is that of {first.shown}, spelled in another way."
                file.hint = "Remove one of the two, or give it another name."

    # --- reading -------------------------------------------------------------------------------------

    def _read(self, files: list[File]) -> None:
        """Judge new files, some at the same time; those over which the process ended once come first, each alone."""
        for file in files:
            if self.failed.get(file.shown):
                file.state, file.reason, file.hint = "refused", self.failed[file.shown], checksums.AGAIN
            elif self._ends(file) >= MOST_ENDS:
                file.state, file.reason = "refused", "The process ended over it twice, perhaps for want of memory."
                file.hint = "Export it in smaller files. `python -m cx publish --again` tries it once more."
        unread = [file for file in files if file.state == "new"]
        for file in unread:
            if self._ends(file):
                self._check(file)
        at_once = [file for file in unread if not self._ends(file)]
        tasks = [(file.shown, partial(self._check, file)) for file in at_once]
        self._at_once("reading", tasks, [_weight(file) for file in at_once])
        self.checked = {(file.shown, file.source.name if file.source else "") for file in unread}

    def _check(self, file: File) -> None:
        """Judge one file, and leave a note of it meanwhile, by which the next process knows over what this one ended."""
        self._note_reading({file.shown: [file.digest, self._ends(file)]})
        self.intake.check(file)
        if file.state == "published":
            self.intake.gather(file)
        self._note_reading({file.shown: None})

    def _note_reading(self, changed: dict[str, list[Any] | None]) -> None:
        with self.noting:
            self.reading = {name: told for name, told in (self.reading | changed).items() if told}
            (self.folder / READING).write_text(json.dumps(self.reading), encoding="utf-8")

    def _left_reading(self) -> dict[str, list[Any]]:
        """What the last process was reading when it ended, with digests and how often it had ended before."""
        try:
            left = json.loads((self.folder / READING).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return left if isinstance(left, dict) else {}

    def _ends(self, file: File) -> int:
        """How often in a row the process ended while it read a file."""
        digest, ends = self.left.get(file.shown, ("", 0))
        return int(ends) + 1 if digest == file.digest and not self.again else 0

    def _look(self, file: File) -> None:
        """Note a file's state and digest; refuse what is no plain readable file inside the folder."""
        if file.state != "new":
            return
        try:
            if not file.path.resolve().is_relative_to(self.data) or not file.path.is_file():
                file.state, file.reason = "refused", "It is not a plain file inside the data folder."
                file.hint = "Copy the file itself here; links to elsewhere are not followed."
                return
            file.stat = _stat(file.path)
            before = self._before(file)
            if before and tuple(before["stat"]) == file.stat and not self.again:
                file.digest = before["digest"]
            else:
                with file.path.open("rb") as stream:
                    file.digest = hashlib.file_digest(stream, "sha256").hexdigest()[:24]
            self._compare_checksum(file)
        except FileNotFoundError:
            file.state = "gone"
        except OSError as error:
            file.state, file.reason = "refused", f"It cannot be opened: {error.strerror}."
            file.hint = "Correct its rights so that the dashboard may read it."

    def _compare_checksum(self, file: File) -> None:
        """Refuse a file that is not what the checksum beside it was made of."""
        beside = file.path.with_name(file.path.name + readers.CHECKSUM)
        try:
            told = beside.read_text(encoding="utf-8", errors="replace").split()
        except OSError:
            return  # there is none, nor could there be one of so long a name
        if not told or told[0].lower()[: len(file.digest)] != file.digest:
            file.passing = True
            file.state, file.reason = "refused", f"It is not what its checksum in {beside.name} was made of."
            file.hint = checksums.AGAIN

    def _before(self, file: File) -> dict[str, Any] | None:
        return self.known.get((file.shown, file.source_name, file.table))

    def _rules(self, table: str, source: Source | None) -> str:
        """A digest of every rule that shapes the rows of a table."""
        key = (table, source.name if source else "")
        if key not in self.rules:
            self.rules[key] = self._digest_of_rules(table, source)
        return self.rules[key]

    def _digest_of_rules(self, table: str, source: Source | None) -> str:
        asked = [metric for metric in self.metrics.values() if metric.table == table == "responses"]
        scales = {metric.answers: metric.scale for metric in asked}
        return hashlib.sha256(
            json.dumps(
                [
                    snapshot.FORMAT,
                    repr(contract.TABLES[table]),
                    self.settings.time_zone,
                    self.settings.export_time_zone,
                    self.masking,
                    source.digest if source else "",
                    sorted((name, scale) for name, scale in scales.items()),
                    [(name, sorted(self.settings.value_labels[name])) for name in self.settings.segments_known],
                ],
                default=str,
            ).encode()
        ).hexdigest()[:12]

    def _input(self, file: File) -> str:
        return f"{file.source_name}:{self._rules(file.table, file.source)}:{file.digest}"

    def _recall(self, files: list[File]) -> None:
        """Take over what is known of unchanged files, so that they are not read again."""
        for file in files:
            before = self._before(file)
            if file.state != "new" or self.again or not before or before.get("input") != self._input(file):
                continue
            if before.get("passing"):
                continue
            file.state, file.reason, file.hint = before["state"], before["reason"], before["hint"]
            if file.state == "kept":
                file.state = "new"
                continue
            for name in ("read", "kept", "months", "problems", "notes", "first", "last", "empty", "given"):
                setattr(file, name, before.get(name, getattr(file, name)))

    def _keep_last_good(self, files: list[File]) -> None:
        """A file that was good and is now damaged goes on with the rows it had."""
        for file in files:
            before = self._before(file)
            if (
                file.state in ("refused", "waiting")
                and before
                and before["state"] in ("published", "kept")
                and before["months"]
            ):
                file.state = "kept"
                file.months, file.kept = before["months"], before["kept"]
                file.first, file.last, file.given = before["first"], before["last"], before["given"]
                file.notes = [*file.notes, "The rows it had before are still shown."]

    def _note_emptier(self, files: list[File]) -> None:
        """Note columns of newly read files that hold nothing far more often than in the files before them."""
        earlier: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for entry in self.previous.files if self.previous else ():
            if entry["state"] == "published" and entry.get("empty") and entry["read"]:
                earlier.setdefault((entry["table"], entry["source"]), []).append(dict(entry))
        for file in files:
            source = file.source.name if file.source else ""
            if file.state != "published" or file.read < FEWEST or (file.shown, source) not in self.checked:
                continue
            before = [one for one in earlier.get((file.table, source), [])[-MOST_EARLIER:] if one["file"] != file.shown]
            for name, number in file.empty.items():
                with_it = [one for one in before if name in one["empty"]]
                rows = sum(one["read"] for one in with_it)
                if rows < FEWEST:
                    continue
                usual, now = sum(one["empty"][name] for one in with_it) / rows, number / file.read
                if now - usual > MORE_EMPTY:
                    file.notes.append(
                        f"The column “{name}” is empty in {now:.0%} of its rows, {usual:.0%} in the files before it."
                    )

    # --- half days -----------------------------------------------------------------------------------

    def _hold(self, files: list[File]) -> None:
        """Keep out the newest day of a kind of export where it seems half exported, until the rest of it comes.

        It is held while it has less than half as many rows as is usual on that weekday (the median of the eight
        before it), is at most three days old, and nobody released it. A later day of the same kind lets it in.
        """
        before = {(one["table"], one["source"]): dict(one) for one in self.previous.held} if self.previous else {}
        today = datetime.now(self.settings.zone).date()
        released = self.previous.released if self.previous else ()
        self.released = {one for one in released if today - date.fromisoformat(one[2]) <= HELD_FOR}
        if self.release:
            self.released |= {(table, source, one["day"]) for (table, source), one in before.items()}
        kinds: dict[tuple[str, str], list[File]] = {}
        for file in files:
            if file.state in ("published", "kept") and file.last:
                kinds.setdefault((file.table, file.source.name if file.source else ""), []).append(file)
        for (table, source), members in kinds.items():
            newest = max(file.last for file in members)
            if today - date.fromisoformat(newest) > HELD_FOR or (table, source, newest) in self.released:
                continue
            held = before.get((table, source))
            if self._changed(table, source, members):
                held = self._half(table, source, members, newest)
            if held and held["day"] == newest:
                self.held.append(held)
                for file in members:
                    file.held = newest if file.last == newest else ""
        self.notes += [
            f"{one['table']}{' of ' + one['source'] if one['source'] else ''}: {one['day']} has {one['rows']:,} rows so "
            f"far, {one['usual']:,} are usual on that weekday. The day is held until the rest of it comes; "
            "`python -m cx publish --release` publishes it as it is."
            for one in self.held
        ]

    def _changed(self, table: str, source: str, members: list[File]) -> bool:
        """Whether any file of a kind came, changed or went since the last publishing."""
        known = self.previous.files if self.previous else ()
        were = {
            entry["file"]
            for entry in known
            if (entry["table"], entry["source"]) == (table, source) and entry["state"] in ("published", "kept")
        }
        are = {file.shown for file in members}
        return are != were or any((name, source) in self.checked for name in are)

    def _half(self, table: str, source: str, members: list[File], newest: str) -> dict[str, Any] | None:
        """What is to be said of the newest day where it has far fewer rows than usual."""
        day = date.fromisoformat(newest)
        start = day - timedelta(weeks=HELD_WEEKS)
        key = quoted(contract.TABLES[table].key[0])
        unread = [
            file
            for file in members
            if file.state == "published"
            and file.last >= str(start)
            and ((file.shown, source) in self.checked or file.last == newest)
        ]
        self._ready((table, ""), unread)
        self.connection.execute("create or replace temp table recent (day date, id varchar)")
        for at in range(0, len(unread), FILES_AT_ONCE):
            rows = self.intake.rows(unread[at : at + FILES_AT_ONCE], "all")
            self.connection.execute(
                f"insert into recent select day, {key}::varchar from ({rows}) where day >= $start", {"start": start}
            )
        for part in self.previous.parts.get(table, ()) if self.previous else ():
            if part.last and part.last >= start:
                self._open({"name": part.name})
                self.connection.execute(
                    f"insert into recent select day, {key}::varchar from {quoted(part.name)}.rows "
                    "where day >= $start and cx_source = $source and cx_file not in (select unnest($read::varchar[]))",
                    {"start": start, "source": source, "read": [file.shown for file in unread]},
                )
        counted = dict(self.connection.execute("select day, count(distinct id) from recent group by day").fetchall())
        first = min(counted, default=day)
        weeks = [day - timedelta(weeks=week) for week in range(1, HELD_WEEKS + 1)]
        earlier = [counted.get(one, 0) for one in weeks if one >= first]
        if len(earlier) < FEWEST_WEEKS:
            return None
        usual, rows = int(median(earlier)), counted.get(day, 0)
        if usual < HELD_FEWEST or rows >= HELD_SHARE * usual:
            return None
        return {"table": table, "source": source, "day": newest, "rows": rows, "usual": usual}

    # --- parts ---------------------------------------------------------------------------------------

    def _parts(self, files: list[File]) -> dict[str, list[dict[str, Any]]]:
        wanted: dict[tuple[str, str], list[File]] = {}
        for file in files:
            for month in file.months if file.state in ("published", "kept") else []:
                if file.held[:7] == month and max(file.first, f"{month}-01") == file.held:
                    continue  # nothing of it but the day that is held
                wanted.setdefault((file.table, month), []).append(file)
        named: list[tuple[tuple[str, str], str, tuple[str, ...]]] = []
        to_write: list[tuple[str, Callable[[], None]]] = []
        for key in sorted(wanted):
            inputs = {self._part_input(file, key[1]): file for file in sorted(wanted[key], key=lambda file: file.order)}
            held = self._held(key, inputs)
            there = {name for part in held for name in part.inputs}
            new = {name: file for name, file in inputs.items() if name not in there}
            if held and new and self._meets(key, list(new.values()), held):
                held, new = [], inputs
            named += [(key, part.name, part.inputs) for part in held]
            if new:
                name = self._part_name(key, new)
                if self.again or not self._part_file(name).exists():
                    to_write.append((f"{key[0]} {key[1]}", self._to_build(key, name, list(new.values()))))
                named.append((key, name, tuple(new)))
        self._at_once("months", to_write)
        parts: dict[str, list[dict[str, Any]]] = {}
        for (table, month), name, made_of in named:
            parts.setdefault(table, []).append(self._describe(name, month, made_of))
        self._derive(parts)
        return parts

    def _part_name(self, key: tuple[str, str], inputs: Iterable[str]) -> str:
        table, month = key
        # A month that is made anew without an erased customer must not be taken for the one made before.
        digest = hashlib.sha256("\n".join([self.lineage, *inputs, erasure.digest(self.customers)]).encode())
        return f"{table}-{month}-{digest.hexdigest()[:12]}"

    def _part_input(self, file: File, month: str) -> str:
        """What a file gives to the part of a month."""
        held = f" without {file.held}" if file.held[:7] == month else ""
        return self._kept_input(file) + held

    def _kept_input(self, file: File) -> str:
        before = self._before(file)
        return str(before["input"]) if file.state == "kept" and before else self._input(file)

    def _held(self, key: tuple[str, str], inputs: Mapping[str, File]) -> list[snapshot.Part]:
        """The parts of a month that can stay as they are: all of them, or none."""
        table, month = key
        before = self.previous if self.previous and self.previous.lineage == self.lineage else None
        found = [part for part in before.parts.get(table, ()) if part.month == month] if before else []
        whole = all(
            part.inputs and set(part.inputs) <= inputs.keys() and self._part_file(part.name).exists() for part in found
        )
        complete = {name for part in found for name in part.inputs} == inputs.keys()
        fitting = complete or (month != "all" and len(found) < MOST_DELTAS)
        return found if found and whole and fitting and not self.again else []

    def _part_file(self, name: str) -> Path:
        return self.folder / "parts" / f"{name}.duckdb"

    def _meets(self, key: tuple[str, str], files: list[File], held: list[snapshot.Part]) -> bool:
        """Whether a row of new files is one that is there already: then the newest has to be found among all."""
        self._ready(key, files)
        identity = self._identity(contract.TABLES[key[0]], files)
        shared = [name for name in identity if all(name in part.columns for part in held)]
        for part in held:
            self._open({"name": part.name})
        chosen = ", ".join(quoted(name) for name in shared)
        there = " union all ".join(f"select {chosen} from {quoted(part.name)}.rows" for part in held)
        met = self.connection.execute(
            f"select 1 from (select hash({_as_texts(shared)}) as row from ({there})) "
            f"semi join (select hash({_as_texts(shared)}) as row from ({self.intake.rows(files, key[1])})) using (row) limit 1"
        ).fetchone()
        return met is not None

    def _identity(self, table: Table, files: list[File]) -> list[str]:
        """The columns that tell rows apart. Two sources may number their answers alike, but a customer or a step
        described twice is one: it is joined to."""
        columns = {name for file in files for name in file.columns}
        return [*(["cx_source"] if table.time else []), *(name for name in table.key if name in columns)]

    def _ready(self, key: tuple[str, str], files: list[File]) -> None:
        """Open files whose rows are needed."""
        for file in files:
            if file.state == "published":
                self.intake.open_again(file)
                self.intake.gather(file)
            elif self.previous is not None:
                old = [part for part in self.previous.parts.get(file.table, ()) if part.month in file.months]
                for part in old:
                    self._open({"name": part.name})
                self.intake.carry_over(file, [(part.name, part.columns) for part in old])

    def _at_once(
        self, stage: str, tasks: Sequence[tuple[str, Callable[[], None]]], weights: Sequence[int] = ()
    ) -> None:
        """Run named tasks that do not depend on each other, some at the same time; `weights` say how long each takes."""
        weights = weights or [1] * len(tasks)
        whole, past = sum(weights), 0
        if tasks:
            self.course.at(stage, tasks[0][0], 1, len(tasks))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            done = pool.map(lambda task: task[1](), tasks)
            for number, ((name, _), weight, _) in enumerate(zip(tasks, weights, done, strict=True), 1):
                past += weight
                self.course.at(stage, name, number, len(tasks), past / whole)

    def _to_build(self, key: tuple[str, str], name: str, files: list[File]) -> Callable[[], None]:
        """What will write one part: the rows of some files in one month, each row once."""
        table = contract.TABLES[key[0]]
        self._ready(key, files)
        return self._to_write(table, name, self.intake.rows(files, key[1]), self._identity(table, files), files)

    def _to_write(
        self, table: Table, name: str, rows: str, identity: list[str], files: list[File]
    ) -> Callable[[], None]:
        """What will write rows as a part; of those that are one, the newest.

        Dictionaries grow here, in the order of the parts, so that they do not depend on which is written first.
        """
        columns = [row[0] for row in self.connection.execute(f"describe {rows}").fetchall()]
        extras = [column for column in columns if not table.column(column) and column != "day" and column[:3] != "cx_"]
        coded = [
            column for column in coded_columns(table.name, extras) if column in columns and self._coded(column, files)
        ]
        shown = [
            f"{quoted(column)}::{_dictionary_type(self.codes[column])} as {quoted(column)}"
            if column in coded
            else quoted(column)
            for column in columns
            if column not in ("cx_order", "cx_row")
        ]
        return partial(self._write, table, name, rows, identity, files, coded, shown)

    def _write(
        self,
        table: Table,
        name: str,
        rows: str,
        identity: list[str],
        files: list[File],
        coded: list[str],
        shown: list[str],
    ) -> None:
        """Write a part: `shown` of the rows, of which `coded` are columns with a dictionary."""
        unfinished = self.work / f"{name}.duckdb"
        unfinished.unlink(missing_ok=True)
        part = quoted(f"unfinished {name}")
        total, different = self._different(rows, identity, table.key[0])
        if different < total:
            newest = f"cx_order desc, {quoted(table.time) + ' desc, ' if table.time else ''}cx_row desc"
            apart = ", ".join(map(quoted, identity))
            rows = f"select * from ({rows}) qualify row_number() over (partition by {apart} order by {newest}) = 1"
        if different < total or not table.time:
            rows += f" order by {', '.join(quoted(column) for column in identity)}"
        self.connection.execute(f"attach {literal(str(unfinished))} as {part}")
        try:
            self.connection.execute(f"create table {part}.rows as select {', '.join(shown)} from ({rows})")
            self._note_facts(part, table, coded, total)
        finally:
            self.connection.execute(f"detach {part}")
        self._still_the_same(files)
        durable(unfinished, self._part_file(name))
        self.rebuilt += 1

    def _different(self, rows: str, identity: list[str], key: str) -> tuple[int, int]:
        """How many rows there are, and how many of them differ."""
        ordered = f"select {quoted(key)}::varchar > lag({quoted(key)}::varchar) over () as later from ({rows})"
        total, risen = self.connection.execute(
            f"select count(*), coalesce(count_if(later), 0) from ({ordered})"
        ).fetchone() or (
            0,
            0,
        )
        if risen >= total - 1:
            # Names that only ever rise, as most systems number them, need no comparing with each other.
            return total, total
        counted = self.connection.execute(
            f"select count(distinct hash({_as_texts(identity)})) from ({rows})"
        ).fetchone()
        return total, counted[0] if counted else 0

    def _still_the_same(self, files: list[File]) -> None:
        """Drop a part whose exports were written to while they were read."""
        for file in files:
            if file.state == "published" and not _unwritten(file):
                raise _Broken(file)

    def _name_metrics(self) -> None:
        """Give every metric a code, also those that nobody answered yet."""
        known = self.codes.setdefault("metric", [])
        summed = [name for name, metric in self.metrics.items() if metric.table in METRIC_TABLES]
        known += sorted(name for name in summed if name not in known)

    def _coded(self, column: str, files: list[File]) -> bool:
        """Add a column's new values to its dictionary; False where it has too many for one."""
        if column in self.uncoded:
            return False
        known = self.codes.get(column, [])
        there = [file.values.get(column) for file in files if column in file.columns]
        new = sorted({value for values in there for value in values or ()}.difference(known))
        if None in there or len(known) + len(new) > LONGEST_DICTIONARY:
            self.uncoded.add(column)
            self.codes.pop(column, None)
            return False
        self.codes[column] = [*known, *new]
        return bool(self.codes[column])

    def _note_facts(self, part: str, table: Table, coded: list[str], total: int) -> None:
        """Write what the manifest needs to know of an attached part, so that its rows need not be read again."""
        days = "min(day), max(day)" if table.time else "null::date, null::date"
        self.connection.execute(
            f"create table {part}.facts as select * from "
            f"(select count(*), {days}, $total::bigint - count(*) from {part}.rows) as counted(rows, first, last, replaced)",
            {"total": total},
        )
        counts = [
            f"select {literal(name)} as name, value::varchar as value, n from "
            f"(select {quoted(name)} as value, count(*) as n from {part}.rows group by 1) where value is not null"
            for name in coded
        ]
        if "touchpoint" in coded and "metric" in coded:
            counts.append(
                f"select {literal(STEPS)}, metric::varchar, n from "
                f"(select metric, count(touchpoint) as n from {part}.rows group by 1) where n > 0"
            )
        nothing = "select null::varchar as name, null::varchar as value, 0 as n where false"
        self.connection.execute(f"create table {part}.counts as {' union all '.join(counts or [nothing])}")

    def _describe(self, name: str, month: str, inputs: tuple[str, ...]) -> dict[str, Any]:
        path = self.folder / "parts" / f"{name}.duckdb"
        for part in self.previous.parts.get(name.split("-", 1)[0], ()) if self.previous else ():
            if part.name == name and not self.again:
                return {
                    "name": name,
                    "month": month,
                    "rows": part.rows,
                    "first": str(part.first or ""),
                    "last": str(part.last or ""),
                    "columns": dict(part.columns),
                    "replaced": part.replaced,
                    "inputs": list(inputs),
                }
        self.connection.execute(f"attach {literal(str(path))} as part (read_only)")
        try:
            facts = self.connection.execute("select rows, first, last, replaced from part.facts").fetchone()
            found = self.connection.execute("describe part.rows").fetchall()
        finally:
            self.connection.execute("detach part")
        rows, first, last, replaced = facts or (0, None, None, 0)
        return {
            "name": name,
            "month": month,
            "rows": rows,
            "first": str(first or ""),
            "last": str(last or ""),
            "columns": {row[0]: "ENUM" if row[1].startswith("ENUM") else row[1] for row in found},
            "replaced": replaced,
            "inputs": list(inputs),
        }

    def _derive(self, parts: dict[str, list[dict[str, Any]]]) -> None:
        """The journey of cx.toml, or of the answers' own touchpoints, where no export brings one."""
        if "touchpoints" in parts:
            return
        steps: list[tuple[Any, ...]] = [
            (step.touchpoint, position, step.stage, step.owner, step.en, step.ko)
            for position, step in enumerate(self.settings.journey, 1)
        ]
        if not steps and "responses" in parts:
            named = sorted(self._counted(parts)["responses"].get("touchpoint", {}))
            steps = [(name, position, None, None, None, None) for position, name in enumerate(named[:200], 1)]
        if not steps:
            return
        digest = hashlib.sha256(repr(steps).encode()).hexdigest()[:12]
        name = f"touchpoints-all-{digest}"
        if not self._part_file(name).exists():
            table = contract.TABLES["touchpoints"]
            names = (*table.names, "cx_source", "cx_file", "cx_order", "cx_row")
            kinds = {column.name: contract.SQL_TYPES[column.type] for column in table.columns}
            typed = ", ".join(f"{quoted(column)} {kinds.get(column, 'varchar')}" for column in names)
            self.connection.execute(f"create or replace temp table steps ({typed})")
            self.connection.executemany("insert into steps values (?, ?, ?, ?, ?, ?, '', 'cx.toml', 0, 0)", steps)
            self._to_write(table, name, "select * from steps", ["touchpoint"], [])()
        parts["touchpoints"] = [self._describe(name, "all", ())]

    def _open(self, part: dict[str, Any]) -> None:
        """Open a written part for reading."""
        path = self.folder / "parts" / f"{part['name']}.duckdb"
        self.connection.execute(f"attach if not exists {literal(str(path))} as {quoted(part['name'])} (read_only)")

    # --- erasure ---------------------------------------------------------------------------------------

    def _erase(self) -> None:
        """Take erased customers out of every kept snapshot, and let nothing read from here on bring them back."""
        if not self.customers:
            return
        self.intake.erase(self.customers)
        serving = snapshot.current_id(self.data)
        names = snapshot.identities(self.data)
        known: dict[str, dict[str, Any]] = {}
        for number, name in enumerate(names, 1):
            self.course.at("erasing", "", number, len(names))
            try:
                manifest = snapshot.manifest_of(self.data, name)
                if manifest["erased"] != erasure.digest(self.customers):
                    self._rewrite(name, manifest, known, serving=name == serving)
            except (DataError, duckdb.Error, OSError, ValueError, LookupError, TypeError, AttributeError):
                # What cannot be read cannot be looked through either; the one being served goes when another is.
                if name != serving:
                    shutil.rmtree(self.folder / name, ignore_errors=True)
                else:
                    self.previous = None
        snapshot.prune(self.data)
        self._follow(snapshot.current(self.data) if self.previous else None)
        if self._named_in_dictionaries():
            # Codes are for ever, so everything is made anew from the exports, with dictionaries of its own.
            self._follow(None)

    def _rewrite(self, name: str, manifest: dict[str, Any], known: dict[str, dict[str, Any]], *, serving: bool) -> None:
        """Put a snapshot without the erased customers in the place of one that may hold them.

        `known` are the parts looked through so far, by name, as manifests describe what became of them.
        """
        before = snapshot.open_snapshot(self.data, name)
        parts: dict[str, list[dict[str, Any]]] = {}
        for table, entries in manifest["parts"].items():
            for entry in entries:
                if entry["name"] not in known:
                    known[entry["name"]] = self._part_without(table, entry)
                kept = known[entry["name"]]
                parts[table] = [*parts.get(table, []), kept]
                if serving and kept["rows"] < entry["rows"]:
                    self.erased[table] = self.erased.get(table, 0) + entry["rows"] - kept["rows"]
        self.counts = None
        segments, values = self._segments(parts, self._counted(parts))
        self.counts = None
        stamp = name.rpartition("-")[0]
        digest = hashlib.sha256(f"{name} {erasure.digest(self.customers)}".encode()).hexdigest()[:10]
        manifest |= {
            "id": f"{stamp}-{digest}",
            "parts": parts,
            "segments": segments,
            "values": values,
            "erased": erasure.digest(self.customers),
            "files": [self._scrubbed(entry) for entry in manifest["files"]],
        }
        target = self.folder / manifest["id"]
        target.mkdir(exist_ok=True)
        if before.days_file.exists():
            shutil.copyfile(before.days_file, target / before.days_file.name)
        if before.aside_file.exists():
            named = f"exists (select 1 from {ERASED} where contains(value, id))"
            self.connection.execute(
                f"copy (select * replace (case when {named} then '' else value end as value) "
                f"from read_parquet({literal(str(before.aside_file))})) "
                f"to {literal(str(target / before.aside_file.name))}"
            )
        self._rollups(manifest, target, before, stage="erasing", compact=True)
        self._texts(manifest, target, before, stage="erasing")
        snapshot.keep(self.data, manifest)
        if serving:
            snapshot.serve(self.data, manifest["id"])
        shutil.rmtree(before.folder, ignore_errors=True)

    def _part_without(self, table: str, entry: dict[str, Any]) -> dict[str, Any]:
        """Write a part without the erased customers and describe it; a part that holds none of them stays as it is."""
        if "customer_id" not in entry["columns"]:
            return entry
        self._open(entry)
        old = quoted(entry["name"])
        found = self.connection.execute(
            f"select count(*) from {old}.rows where customer_id in (select id from {ERASED})"
        ).fetchone()
        if not found or not found[0]:
            return entry
        digest = hashlib.sha256(f"{entry['name']} {erasure.digest(self.customers)}".encode()).hexdigest()[:12]
        name = f"{table}-{entry['month']}-{digest}"
        unfinished = self.work / f"{name}.duckdb"
        unfinished.unlink(missing_ok=True)
        coded = [column for column, kind in entry["columns"].items() if kind == "ENUM"]
        self.connection.execute(f"attach {literal(str(unfinished))} as part")
        try:
            self.connection.execute(
                f"create table part.rows as select * from {old}.rows "
                f"where not coalesce(customer_id in (select id from {ERASED}), false)"
            )
            self._note_facts("part", contract.TABLES[table], coded, entry["rows"] - found[0] + entry["replaced"])
        finally:
            self.connection.execute("detach part")
        durable(unfinished, self._part_file(name))
        return self._describe(name, entry["month"], tuple(entry["inputs"]))

    def _scrubbed(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """What a manifest keeps of a file, without an erased customer as the example of a problem."""
        problems = [
            problem | {"value": ""} if any(one in str(problem["value"]) for one in self.customers) else problem
            for problem in entry["problems"]
        ]
        return {**entry, "problems": problems}

    def _named_in_dictionaries(self) -> bool:
        """Whether an erased customer's name is a segment value too that only they had."""
        if not self.previous:
            return False
        named = {row[0] for row in self.connection.execute(f"select id from {ERASED}").fetchall()}
        left = {value for values in self.previous.values.values() for value in values}
        return any(value in named and value not in left for values in self.codes.values() for value in values)

    def _forget(self) -> None:
        """Remove every snapshot that may still hold an erased customer, with the parts that only it names."""
        for name in snapshot.identities(self.data):
            try:
                clean_of_all = snapshot.manifest_of(self.data, name)["erased"] == erasure.digest(self.customers)
                fitting = snapshot.manifest_of(self.data, name)["lineage"] == self.lineage
            except (OSError, ValueError, LookupError, TypeError):
                clean_of_all = fitting = False
            if not (clean_of_all and fitting) and name != snapshot.current_id(self.data):
                shutil.rmtree(self.folder / name, ignore_errors=True)
        snapshot.prune(self.data)

    # --- what is said of a snapshot ----------------------------------------------------------------------

    def _list_days(self, files: list[File], target: Path) -> None:
        """Write how many rows each file brought for each day: of this run, and of files that are as they were."""
        read = [file for file in files if file.state == "published" and (file.shown, file.source_name) in self.checked]
        rows: dict[str, list[Any]] = {name: [] for name in DAYS.names}
        for file in read:
            rows["table"] += [file.table] * len(file.days)
            rows["source"] += [file.source_name] * len(file.days)
            rows["file"] += [file.shown] * len(file.days)
            rows["day"] += file.days.keys()
            rows["rows"] += file.days.values()
        found = pa.table(rows, DAYS)
        if self.previous and self.previous.days_file.exists():
            unread = {f"{file.source_name}\n{file.shown}" for file in files} - {
                f"{file.source_name}\n{file.shown}" for file in read
            }
            known = pq.read_table(self.previous.days_file, schema=DAYS)
            named = pc.binary_join_element_wise(known["source"], known["file"], "\n")
            found = pa.concat_tables([known.filter(pc.is_in(named, pa.array(sorted(unread), pa.string()))), found])
        pq.write_table(found.combine_chunks(), target / "days.parquet")

    def _changes(self, parts: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
        """Rows added, restated and removed per table and month, against the snapshot before."""
        if not self.previous:
            return []
        before = {
            (table, part.month): [one for one in held if one.month == part.month]
            for table, held in self.previous.parts.items()
            for part in held
        }
        after: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for table, entries in parts.items():
            for entry in entries:
                after.setdefault((table, entry["month"]), []).append(entry)
        found = []
        for key in sorted(before.keys() | after.keys()):
            old = {part.name: part.rows for part in before.get(key, [])}
            new = {entry["name"]: entry["rows"] for entry in after.get(key, [])}
            if old.keys() <= new.keys() or new.keys() <= old.keys():
                counted = (sum(new[name] for name in new.keys() - old), 0, sum(old[name] for name in old.keys() - new))
            else:
                counted = self._difference(key[0], sorted(old.keys() - new), sorted(new.keys() - old))
            if any(counted):
                found.append(
                    dict(zip(("table", "month", "added", "restated", "removed"), (*key, *counted), strict=True))
                )
        return found

    def _difference(self, table: str, old: Sequence[str], new: Sequence[str]) -> tuple[int, int, int]:
        """How many rows of some parts are not in others, are there with other values, and are there only."""
        columns: list[set[str]] = []
        for name in (*old, *new):
            self._open({"name": name})
            columns.append({row[0] for row in self.connection.execute(f"describe {quoted(name)}.rows").fetchall()})
        shared = sorted(set.intersection(*columns) - {"cx_file", "cx_source"})
        key = contract.TABLES[table].key
        identity = [name for name in shared if name in key] + (["cx_source"] if contract.TABLES[table].time else [])

        def hashed(names: Sequence[str]) -> str:
            pieces = " union all ".join(
                f"select hash({_as_texts(identity)}) as id, hash({_as_texts(shared)}) as content from {quoted(name)}.rows"
                for name in names
            )
            return f"({pieces})"

        counted = self.connection.execute(
            "select count_if(old.id is null), count_if(old.id is not null and new.id is not null and "
            f"old.content <> new.content), count_if(new.id is null) from {hashed(old)} as old "
            f"full join {hashed(new)} as new on old.id = new.id"
        ).fetchone()
        return (counted[0], counted[1], counted[2]) if counted else (0, 0, 0)

    def _drift(self, files: Sequence[File]) -> list[dict[str, Any]]:
        """Columns that newly read files have or lack against the file of the same kind before them."""
        found: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
        last: dict[tuple[str, str], set[str]] = {}
        for file in files:
            kind, given = (file.table, file.source_name), set(file.given)
            if file.state != "published" or not given:
                continue
            before = self._before(file)
            earlier = set(before["given"]) if before else last.get(kind)
            if earlier and (file.shown, file.source_name) in self.checked:
                new, lost = found.setdefault(kind, (set(), set()))
                new |= given - earlier
                lost |= earlier - given
            last[kind] = given
        return [
            {"table": table, "source": source, "new": sorted(new), "lost": sorted(lost)}
            for (table, source), (new, lost) in sorted(found.items())
            if (new or lost) and self.previous
        ]

    def _history(self, manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The quality of the snapshots before, and of this one."""
        entries = manifest["files"]
        changes = manifest["changes"]
        now = {
            "at": manifest["created_at"],
            "files": len(entries),
            "refused": sum(entry["state"] != "published" for entry in entries),
            "read": sum(entry["read"] for entry in entries),
            "aside": sum(entry["read"] - (entry["kept"] if entry["state"] == "published" else 0) for entry in entries),
            "added": sum(change["added"] for change in changes),
            "restated": sum(change["restated"] for change in changes),
            "seconds": manifest["seconds"],
        }
        before = self.previous.history if self.previous else ()
        return [*map(dict, before[1 - LONGEST_HISTORY :]), now]

    # --- manifest and rollups ------------------------------------------------------------------------

    def _manifest(self, files: list[File], parts: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
        entries = []
        for file in files:
            entry = file.entry()
            entry["input"] = self._kept_input(file) if file.state == "kept" else self._input(file)
            entries.append(entry)
        counted = self._counted(parts)
        segments, values = self._segments(parts, counted)
        self._leave_out_unmeasurable(segments)
        answered = counted.get("responses", {})
        content = [
            snapshot.FORMAT,
            sorted(part["name"] for table in parts.values() for part in table),
            sorted((metric.name, metric.digest) for metric in self.sound.values()),
            sorted(self.broken),
            self.settings.time_zone,
            self.settings.brand,
            sorted((entry["file"], entry["source"], entry["state"], entry["digest"]) for entry in entries),
            sorted(self._mentioned()),
            sorted((one["table"], one["source"], one["day"]) for one in self.held),
            erasure.digest(self.customers),
            [Tokeniser().version, sentiment.version(), themes.digest(self.catalog.folders)],
        ]
        digest = hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()[:10]
        now = datetime.now(UTC)
        return {
            "format": snapshot.FORMAT,
            "id": f"{now:%Y%m%dT%H%M%S%f}-{digest}",
            "created_at": now.isoformat(timespec="seconds"),
            "time_zone": self.settings.time_zone,
            "lineage": self.lineage,
            "parts": parts,
            "codes": self.codes,
            "uncoded": sorted(self.uncoded),
            "segments": segments,
            "values": values,
            "labels": self._labels(parts),
            "files": entries,
            "notes": [*self.notes, *self._unknown_metrics(answered.get("metric", {}))],
            "journey_metrics": list(answered.get(STEPS, {})),
            "state": self.state,
            "held": self.held,
            "released": sorted(self.released),
            "replaced": {table: sum(part["replaced"] for part in entries) for table, entries in parts.items()},
            "erased": erasure.digest(self.customers),
        }

    def _list_aside(self, files: list[File], target: Path) -> None:
        """Write the rows that were set aside: those of this run, and those of files that are as they were."""
        rows = f"select * from {INCOMING}.set_aside"
        known: dict[str, list[str]] = {}
        if self.previous and self.previous.lineage == self.lineage and self.previous.aside_file.exists():
            own = [(file.shown, file.source.name if file.source else "") for file in files]
            unread = [one for one in own if one not in self.checked]
            known = {"files": [name for name, _ in unread], "sources": [source for _, source in unread]}
            rows += (
                f" union all by name select * from read_parquet({literal(str(self.previous.aside_file))}) "
                "semi join (select unnest($files::varchar[]) as file, unnest($sources::varchar[]) as source) "
                "using (file, source)"
            )
        self.connection.execute(
            f'create or replace temp table listed as from ({rows}) order by file, rule, "row" limit {MOST_ASIDE}', known
        )
        self.connection.execute(f"copy listed to {literal(str(target / 'set_aside.parquet'))}")

    def _counted(self, parts: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, dict[str, int]]]:
        """Per table and column with a dictionary, how often each value occurs, most often first."""
        if self.counts is not None:
            return self.counts
        found: dict[str, dict[str, dict[str, int]]] = {}
        for table, entries in parts.items():
            if not coded_columns(table, ("any",)):
                continue
            for entry in entries:
                self._open(entry)
            union = " union all ".join(f"select * from {quoted(entry['name'])}.counts" for entry in entries)
            counted: dict[str, dict[str, int]] = {}
            for name, value, n in self.connection.execute(
                f"select name, value, sum(n)::bigint from ({union}) group by all order by 3 desc, 2"
            ).fetchall():
                counted.setdefault(name, {})[value] = n
            found[table] = counted
        self.counts = found
        return found

    def _segments(
        self, parts: dict[str, list[dict[str, Any]]], counted: dict[str, dict[str, dict[str, int]]]
    ) -> tuple[dict[str, dict[str, int]], dict[str, list[str]]]:
        """Segment columns per table with their number of values, and the values of every filter column."""
        segments: dict[str, dict[str, int]] = {}
        values: dict[str, dict[str, int]] = {}
        for table, entries in parts.items():
            definition = contract.TABLES[table]
            extras = dict.fromkeys(
                name
                for entry in entries
                for name in entry["columns"]
                if not definition.column(name) and not name.startswith("cx_") and name != "day"
            )
            segments[table] = {} if table in counted else dict.fromkeys(extras, 0)
            for column, counts in counted.get(table, {}).items():
                if column == STEPS:
                    continue
                if column in extras:
                    if len(counts) > scope.MOST_VALUES:
                        continue
                    segments[table][column] = len(counts)
                total = values.setdefault(column, {})
                for value, n in list(counts.items())[: scope.MOST_VALUES]:
                    total[value] = total.get(value, 0) + n
            segments[table] = {name: segments[table][name] for name in extras if name in segments[table]}
        return segments, {
            column: sorted(counts, key=lambda value: (-counts[value], value)) for column, counts in values.items()
        }

    def _unknown_metrics(self, counted: dict[str, int]) -> list[str]:
        known = {metric.answers for metric in self.metrics.values() if metric.table == "responses"}
        return [
            f"The metric “{name}” has {number:,} answers but no file queries/metrics/{name}.sql, so no page shows it."
            for name, number in counted.items()
            if name not in known
        ]

    def _labels(self, parts: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, dict[str, str]]]:
        labels: dict[str, dict[str, dict[str, str]]] = {}
        for table, column in (("touchpoints", "touchpoint"), ("units", "unit_id")):
            for part in parts.get(table, ()):
                path = self.folder / "parts" / f"{part['name']}.duckdb"
                self.connection.execute(f"attach if not exists {literal(str(path))} as part (read_only)")
                wanted = [name for name in ("label_en", "label_ko") if name in part["columns"]]
                for value, *given in self.connection.execute(
                    f"select {', '.join([column, *wanted])} from part.rows "
                    f"order by {'position' if table == 'touchpoints' else column}"
                ).fetchall():
                    named = {name[-2:]: text for name, text in zip(wanted, given, strict=True) if text}
                    if named:
                        labels.setdefault(column, {})[value] = named
                self.connection.execute("detach part")
        return labels

    def _leave_out_unmeasurable(self, segments: Mapping[str, Mapping[str, int]]) -> None:
        """Set aside the metrics whose SQL names what no answer has: a mistake in one file harms no other metric."""
        # Files that did not change are not read again; what is wrong with their source still is.
        sources = {f"sources/{name}": source.digest for name, source in self.catalog.sources().items()}
        known = self.previous.broken if self.previous and not self.again else {}
        self.broken = {name: found for name, found in known.items() if sources.get(name) == found[0]}
        self.broken |= self.intake.broken
        for metric in self.metrics.values():
            answers = scope.no_answers(metric, segments)
            statement = f"with answers as ({answers})\n{metric.text}\nlimit 0"
            try:
                found = [row[0] for row in self.connection.execute(f"describe {answers}").fetchall()]
                self.connection.execute(f"select x::double from (\n{statement}\n)")
            except duckdb.Error as error:
                self._set_aside(
                    metric,
                    explain(
                        str(error),
                        f"select x::double from (\n{statement}\n)",
                        file=metric.file,
                        text=metric.text,
                        columns=found,
                    ),
                )

    def _set_aside(self, metric: Metric, error: CxError) -> None:
        self.broken[f"metrics/{metric.name}"] = (metric.digest, error)
        self.sound = {name: other for name, other in self.sound.items() if name != metric.name}

    def _mentioned(self) -> set[tuple[str, tuple[str, ...]]]:
        """The sets of columns that questions mention together, for rollups made to measure."""
        found = set()
        for question in self.catalog.questions().values():
            for table in question.reading.tables:
                name, _, _ = scope.twin(table)
                if name in ("scores", "ratings"):
                    found.add((name, tuple(sorted(question.reading.columns))))
        return found

    def _draft(self, manifest: Mapping[str, Any], target: Path) -> snapshot.Snapshot:
        """The snapshot as far as it stands, to build its rollups from."""
        parts = {
            table: tuple(
                snapshot.Part(
                    part["name"],
                    part["month"],
                    part["rows"],
                    date.fromisoformat(part["first"]) if part["first"] else None,
                    date.fromisoformat(part["last"]) if part["last"] else None,
                    part["columns"],
                    inputs=tuple(part["inputs"]),
                )
                for part in entries
            )
            for table, entries in manifest["parts"].items()
        }
        return snapshot.Snapshot(
            id=manifest["id"],
            folder=target,
            created_at=datetime.now(UTC),
            time_zone=manifest["time_zone"],
            lineage=manifest["lineage"],
            parts=parts,
            sums=(),
            rollups=(),
            codes={column: tuple(values) for column, values in manifest["codes"].items()},
            uncoded=frozenset(manifest["uncoded"]),
            segments=manifest["segments"],
            values={k: tuple(v) for k, v in manifest["values"].items()},
            labels={},
            files=(),
        )

    def _rollups(
        self,
        manifest: dict[str, Any],
        target: Path,
        previous: snapshot.Snapshot | None,
        *,
        stage: str = "",
        compact: bool = False,
    ) -> None:
        """Make all sums of a snapshot, and what judging needs to know of its answers."""
        draft = self._draft(manifest, target)
        for column, values in draft.codes.items():
            if values:
                self.connection.execute(
                    f"create or replace type {quoted(f'code_{column}')} as {_dictionary_type(values)}"
                )

        def builder_of_sums() -> rollups.Builder:
            return rollups.Builder(
                self.cursors,
                draft,
                previous,
                self.sound,
                self._mentioned(),
                brand=self.settings.brand,
                lineage=draft.lineage,
                work=self.work,
                tell=lambda made, what, done, total: self.course.at(stage or made, what, done, total),
            )

        builder = builder_of_sums()
        while True:
            try:
                sums = builder.sums()
                break
            except rollups.Unmeasurable as error:
                for name, problem in error.found.items():
                    self._set_aside(self.metrics[name], problem)
                builder = builder_of_sums()
        manifest["broken"] = {name: (digest, error.told()) for name, (digest, error) in self.broken.items()}
        found = builder.rollups(sums, compact=compact)
        manifest |= rollups.entries(sums, found)
        manifest["design_effects"] = builder.design_effects()
        manifest["breaks"] = [
            {"metric": name, "survey": survey, "day": day.isoformat()} for name, survey, day in builder.breaks()
        ]
        manifest["choices"] = builder.choices
        manifest["panel"] = builder.one_in
        manifest["measures"] = builder.measures
        builder.close()

    def _texts(
        self, manifest: dict[str, Any], target: Path, previous: snapshot.Snapshot | None, *, stage: str = "words"
    ) -> None:
        """Take apart the texts of a snapshot, and note the themes they may carry."""
        builder = texts.Builder(
            self.connection,
            self._draft(manifest, target),
            previous,
            self.sound,
            self.catalog.folders,
            work=self.work,
            tell=lambda what, done, total: self.course.at(stage, what, done, total),
        )
        manifest["texts"] = texts.entries(builder.texts())
        manifest["labels"] = {**manifest["labels"], "theme": builder.labels}
        said = [f"A theme file is not used: {problem}" for problem in builder.problems]
        if not builder.tokeniser.korean and any(one["rows"] for one in manifest["texts"]):
            said.append(
                "Korean words are found as they are written, without their particles: install kiwipiepy to find all forms."
            )
        manifest["notes"] = list(dict.fromkeys([*manifest["notes"], *said]))


def _weight(file: File) -> int:
    """About how long a file takes to read: its size, and opening it at all."""
    return (file.stat[0] if file.stat else 0) + 100_000


def _stat(path: Path) -> tuple[int, ...]:
    """What of a file tells that it was written to."""
    info = path.stat()
    return (info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)


def _unwritten(file: File) -> bool:
    """Whether a file is still the one that was looked at."""
    try:
        return _stat(file.path) == file.stat
    except OSError:
        return False


def _written(file: File, now: int) -> int:
    """When a file was written; when it came here, where the clock that wrote it goes ahead."""
    if not file.stat:
        return 0
    return file.stat[1] if file.stat[1] <= now else file.stat[2]


def _as_texts(columns: Iterable[str]) -> str:
    """SQL of columns as texts, so that rows of different parts compare."""
    return ", ".join(f"{quoted(column)}::varchar" for column in columns)


def _dictionary_type(values: Sequence[str]) -> str:
    """The type of a column that holds these values."""
    return f"enum ({', '.join(literal(value) for value in values)})"
