"""Publishing: from exports to a snapshot.

Every file is checked against the contract; what fails is set aside with a reason a person can act on.
Rows land in immutable month parts whose name is a digest of everything they were made from, so a month
that no new row touches is found again and not rebuilt. One rename then makes the snapshot current.
"""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from cx import erasure, snapshot, themes
from cx.catalog import Catalog
from cx.cursors import Cursors
from cx.errors import DataError
from cx.intake import File, Intake
from cx.progress import LOCK, Course, Telling
from cx.publish import admission, drift, listing, manifest, moved, overlaps, parts, unknown_names
from cx.publish.derivation import Derivation
from cx.publish.dictionaries import Dictionaries
from cx.publish.half_days import HalfDays, Held
from cx.publish.part_files import Counts, PartFiles, Parts
from cx.publish.purging import Purge
from cx.publish.recall import Recall
from cx.publish.run import Run, begin
from cx.quoting import literal


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
    names += [*themes.files(queries).values(), *themes.misnamed(queries).values()]
    names += [path for path in sorted(data.rglob("*")) if path.relative_to(data).parts[0] not in listing.NO_EXPORTS]
    for path in names:
        try:
            info = path.stat()
        except OSError:
            continue
        if path.is_file():
            seen.update(f"{path}|{info.st_size}|{info.st_mtime_ns}|{info.st_ino}\n".encode())
    return seen.hexdigest()[:16]


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
        work = snapshot.published(data) / f"work-{os.getpid()}"
        try:
            while True:
                run = begin(data, catalog, work, course, again=again, release=release)
                try:
                    return _attempt(run, failed, started)
                except listing.Broken as error:
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


def _attempt(run: Run, failed: Mapping[str, str], started: float) -> Report:
    """Publish without the files over which an earlier attempt broke off; raises Broken where there is another one."""
    seen = state(run.data, run.catalog.folders)
    for leftover in run.folder.glob("work-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    run.work.mkdir()
    try:
        with duckdb.connect(str(run.work / "staging.duckdb")) as connection:
            _configure(connection, run)
            return _Publisher(run, connection, failed, seen, started).publish()
    except (OSError, duckdb.Error) as error:
        raise DataError(
            f"Publishing stopped: {getattr(error, 'strerror', '') or str(error).splitlines()[0]}.",
            "What was published before is still served. Free some space or correct the rights, then publish again.",
        ) from error
    finally:
        admission.forget_reading(run.folder)
        shutil.rmtree(run.work, ignore_errors=True)


def _configure(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    for statement in (
        "set autoinstall_known_extensions = false",
        "set autoload_known_extensions = false",
        f"set temp_directory = {literal(str(run.work / 'spill'))}",
        "set memory_limit = '3GB'",
        f"set global TimeZone = {literal(run.settings.time_zone)}",
        # It halves the time to write a part, and texts are read faster; the files grow by as much.
        "set disabled_compression_methods = 'dict_fsst'",
    ):
        connection.execute(statement)


@dataclass(frozen=True)
class _Exports:
    """The export files of one attempt, judged."""

    files: Sequence[File]
    checked: admission.Checked
    held: Held
    notes: Sequence[str]


class _Publisher:
    """Conducts one attempt: who does what, and in which order."""

    def __init__(
        self, run: Run, connection: duckdb.DuckDBPyConnection, failed: Mapping[str, str], seen: str, started: float
    ) -> None:
        self._run = run
        self._failed = failed
        self._seen = seen
        """What `state` said before anything was looked at."""
        self._started = started
        self._cursors = Cursors(connection)
        self._intake = Intake(connection, run.settings, run.metrics, run.work)
        self._part_files = PartFiles(self._cursors, run.folder / "parts")
        self._derivation = Derivation(run, self._cursors)
        self._purge = Purge(run, self._cursors, self._intake, self._part_files)
        self._files: Sequence[File] = ()

    def publish(self) -> Report:
        """Publish, after erased customers are out of what is published already."""
        try:
            previous, dictionaries = self._before()
            report = self._publish(Recall(self._run, previous), dictionaries)
        except (OSError, duckdb.Error) as error:
            self._blame(error)
            raise
        if self._run.customers:
            self._purge.forget(dictionaries.lineage)
        return report

    def _before(self) -> tuple[snapshot.Snapshot | None, Dictionaries]:
        """What to go on from: the snapshot before, and its dictionaries."""
        previous = None
        with suppress(DataError):
            previous = snapshot.current(self._run.data)
        if self._run.customers:
            return self._purge.purge(previous)
        return previous, Dictionaries(previous, self._run.masking)

    def _publish(self, recall: Recall, dictionaries: Dictionaries) -> Report:
        """Publish what differs from what went before."""
        previous = recall.previous
        exports = self._exports(recall)
        dictionaries.name_metrics(self._run.metrics)
        builder = parts.Builder(self._run, self._cursors, self._intake, recall, self._part_files, dictionaries)
        built = builder.parts(exports.files)
        counted = self._part_files.counted(built)
        if "touchpoints" not in built and (journey := builder.journey(counted)):
            built["touchpoints"] = journey
        made = self._manifest(exports, built, counted, recall, dictionaries)
        if previous and previous.id.rpartition("-")[2] == made["id"].rpartition("-")[2] and not self._run.again:
            if previous.state != self._seen:
                # Of files that only lie elsewhere or were written again, or every start would publish them anew; and of
                # a source that found no file.
                known = snapshot.manifest_of(self._run.data, previous.id)
                now = {"state": self._seen, "files": made["files"], "notes": made["notes"]}
                snapshot.keep(self._run.data, known | now)
                previous = snapshot.open_snapshot(self._run.data, previous.id)
            return Report(previous, False, time.monotonic() - self._started, builder.written)
        target = self._run.folder / made["id"]
        target.mkdir(exist_ok=True)
        same_lineage = previous if previous and previous.lineage == dictionaries.lineage else None
        manifest.list_aside(self._cursors.own, exports.files, exports.checked, same_lineage, target)
        manifest.list_days(exports.files, exports.checked, previous, target)
        made["changes"] = drift.changes(built, previous, self._part_files)
        made["drift"] = drift.columns(exports.files, exports.checked, recall)
        carried_on = None if self._run.again else previous
        self._derivation.add_rollups(made, target, carried_on)
        self._derivation.add_texts(made, target, carried_on)
        made["seconds"] = round(time.monotonic() - self._started, 2)
        made["history"] = drift.history(made, previous)
        written = snapshot.write(self._run.data, made)
        return Report(written, True, time.monotonic() - self._started, builder.written, self._purge.erased)

    def _exports(self, recall: Recall) -> _Exports:
        """Look at all files and judge those that are new; raises DataError where none can be published."""
        self._run.course.at("looking")
        self._files, notes = listing.listed(
            self._run, recall, self._failed, partial(self._derivation.make_ready, recall.previous)
        )
        recall.take_over(self._files)
        new = [file for file in self._files if file.state == "new"]
        checked = admission.Admission(self._run, self._intake).admit(new, self._failed)
        files = [file for file in self._files if file.state != "gone"]
        drift.note_emptier(files, checked, recall.previous)
        drift.note_renamed(files, checked, recall.previous)
        drift.hold_smaller(files, checked, recall, release=self._run.release)
        recall.keep_last_good(files)
        held = HalfDays(self._run, self._cursors, self._intake, recall, self._part_files).hold(files, checked)
        notes += held.notes
        if not any(file.state in ("published", "kept") and file.table in ("responses", "reviews") for file in files):
            self._refuse_empty(files, notes)
        return _Exports(files, checked, held, notes)

    def _manifest(
        self, exports: _Exports, built: Parts, counted: Counts, recall: Recall, dictionaries: Dictionaries
    ) -> dict[str, Any]:
        """The manifest of what was built, after metrics that cannot be measured on it were set aside."""
        segments, values = manifest.filters(built, counted)
        known = recall.previous.broken if recall.previous and not self._run.again else {}
        self._derivation.leave_out_unmeasurable(segments, self._intake.broken, known)
        described = manifest.described(exports.files, recall)
        written = [self._part_files.path(part["name"]) for entries in built.values() for part in entries]
        standing = unknown_names.standing_in(written)
        unknown = unknown_names.notes(self._run.settings, values, self._run.catalog, standing)
        return manifest.compose(
            self._run,
            files=described,
            parts=built,
            counted=counted,
            segments=segments,
            values=values,
            labels=manifest.labels_of(built, self._part_files),
            dictionaries=dictionaries,
            held=exports.held,
            notes=[
                *exports.notes,
                *overlaps.notes(exports.files, built, self._part_files),
                *moved.notes(built, self._part_files),
                *unknown,
            ],
            state=self._seen,
            digest=manifest.digest_of(
                self._run,
                files=described,
                parts=built,
                held=exports.held,
                sound=self._derivation.sound,
                broken=self._derivation.broken,
                mentioned=self._derivation.mentioned(),
                unknown=unknown,
            ),
        )

    def _refuse_empty(self, files: Sequence[File], notes: Sequence[str]) -> None:
        """Say why there is nothing to publish."""
        refused = [file for file in files if file.state == "refused"]
        if refused:
            # A file that nobody meant as an export (notes.csv) says the least.
            first = min(refused, key=lambda file: file.source is None and file.path.suffix != ".parquet")
            raise DataError(
                f"No export of responses or reviews could be used. {first.shown}: {first.reason}", first.hint
            )
        for name, error in sorted(self._run.catalog.problems.items()):
            if name.startswith("sources/"):
                raise error
        others = sorted({file.table for file in files if file.state == "published"})
        if others:
            raise DataError(
                f"There are rows of {', '.join(others)}, but none of responses or reviews, and one has to be there.",
                "Add an export of answers or of reviews; examples/online_retail makes answers of order lines.",
            )
        raise DataError(
            " ".join([f"There are no exports in {self._run.data}.", *notes]),
            "Put Parquet files into responses/ or reviews/ there, or write a source for files of another shape; "
            "`python -m cx demo FOLDER` writes a demo company to look at.",
        )

    def _blame(self, error: Exception) -> None:
        """Name the file over which publishing broke off, if it was one."""
        for file in self._files:
            if file.state == "published" and not listing.unwritten(file):
                raise listing.Broken(file) from error
            damage = self._intake.readable(file) if file.state == "published" and file.columns else ""
            if damage:
                raise listing.Broken(file, damage) from error
