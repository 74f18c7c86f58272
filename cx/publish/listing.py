"""Listing: the export files of a data folder, oldest first, each looked at from outside before any is read.

What is no plain readable file inside the folder, is still being written or is not what its checksum was made of is
left out here.
"""

import hashlib
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

from cx import checksums, contract, erasure, readers, settings, snapshot
from cx.catalog import Source
from cx.errors import DataError, nearest
from cx.intake import File
from cx.publish.recall import Recall
from cx.publish.run import Run

SETTLED_SECONDS = 2.0
"""A file that was written to less than this ago is looked at again before it is read."""
MOST_WAITING = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
NO_EXPORTS = (snapshot.FOLDER, settings.CLOSED, "queries")
"""Folders inside the data folder that hold no exports."""


class Broken(Exception):
    """An export that passed cannot be read to its end: it is damaged, or (no reason given) was written to meanwhile."""

    def __init__(self, file: File, reason: str = "") -> None:
        super().__init__(file.shown)
        self.file = file.shown
        self.reason = reason


def listed(
    run: Run, recall: Recall, failed: Mapping[str, str], meanwhile: Callable[[], None]
) -> tuple[list[File], list[str]]:
    """All export files, those in the contract's folders and those that sources name, and what is to be said of them.

    `failed` are the files over which an earlier attempt broke off, as `Broken` tells of them; `meanwhile` is done
    where one has to wait for files to settle.
    """
    of_sources, notes = _of_sources(run.data, run.catalog.sources().values())
    found = [*_in_folders(run.data), *of_sources]
    for file in found:
        _look(file, run, recall)
    _settle(found, recall, failed, meanwhile)
    now = time.time_ns()
    for file in found:
        if file.stat and file.stat[1] > now:
            notes.append(f"{file.shown} was written in the future; it counts as written when it came here.")
    found.sort(key=lambda file: (_written(file, now), file.shown))
    for order, file in enumerate(found):
        file.order = order
    _refuse_same_names(found)
    return found, notes


def unwritten(file: File) -> bool:
    """Whether a file is still the one that was looked at."""
    try:
        return _stat(file.path) == file.stat
    except OSError:
        return False


def refuse_written(files: Iterable[File]) -> None:
    """Raise Broken where an export was written to while it was read."""
    for file in files:
        if file.state == "published" and not unwritten(file):
            raise Broken(file)


def _in_folders(data: Path) -> Iterator[File]:
    """The files in the contract's folders."""
    for table in contract.TABLES:
        for path in sorted((data / table).rglob("*")):
            if (path.is_dir() and path.suffix != ".parquet") or readers.ignored(path):
                continue
            file = File(path, path.relative_to(data).as_posix(), table, None, state="new")
            if path.suffix.lower() != ".parquet":
                file.state, file.reason = "refused", f"It is no Parquet file (its name ends in “{path.suffix}”)."
                file.hint = "Export Parquet here, or keep it elsewhere in the data folder and write a source for it."
            yield file


def matched(data: Path, source: Source) -> list[Path]:
    """The files that a source names, those of the product and leftovers of programs aside."""
    stem, dot, ending = source.files.rpartition(".")
    # Some programs write the ending in capitals.
    either = {source.files, f"{stem}{dot}{ending.upper()}" if ending.isalnum() else source.files}
    found = sorted({path for glob in either for path in data.glob(glob) if not readers.ignored(path)})
    return [path for path in found if path.relative_to(data).parts[0] not in NO_EXPORTS and path != data / erasure.FILE]


def unmatched(data: Path, source: Source) -> DataError:
    """What is wrong with a source that names no file: the globs that find some are the ones to choose from."""
    there = {
        (path.relative_to(data).parent / f"*{path.suffix}").as_posix()
        for path in data.rglob("*")
        if path.is_file() and not readers.ignored(path) and path.relative_to(data).parts[0] not in NO_EXPORTS
    }
    there -= {"*.toml", *(f"{table}/*.parquet" for table in contract.TABLES)}
    return DataError(f"Source {source.name}: no file matches {source.files}.", nearest(source.files, there))


def _of_sources(data: Path, sources: Iterable[Source]) -> tuple[list[File], list[str]]:
    """The files that sources name, and a note of every source that names none."""
    found: list[File] = []
    notes: list[str] = []
    for source in sources:
        paths = matched(data, source)
        if not paths:
            none = unmatched(data, source)
            notes.append(f"{none.message} {none.hint}")
        found += [File(path, path.relative_to(data).as_posix(), source.table, source, state="new") for path in paths]
    return found, notes + _beside(data, found)


def _beside(data: Path, found: Sequence[File]) -> list[str]:
    """Notes of the exports that lie beside those of a source and that none reads: next month's, named otherwise."""
    read = {file.path for file in found}
    told = []
    for folder in sorted({path.parent for path in read} - {data}):
        unread = [
            path.relative_to(data).as_posix()
            for path in sorted(folder.iterdir())
            if path not in read and not readers.ignored(path) and (readers.is_export(path) and path.is_file())
        ]
        if unread:
            more = f" and {len(unread) - 1:,} more" if len(unread) > 1 else ""
            told.append(
                f"No source reads {unread[0]}{more}, beside files that one reads. "
                "Name it like those, or let `files` in the source find it too."
            )
    return told


# --- looking at one file ----------------------------------------------------------------------------------------


def _look(file: File, run: Run, recall: Recall) -> None:
    """Note a file's state and digest; refuse what is no plain readable file inside the folder."""
    if file.state != "new":
        return
    try:
        if not file.path.resolve().is_relative_to(run.data) or not file.path.is_file():
            file.state, file.reason = "refused", "It is not a plain file inside the data folder."
            file.hint = "Copy the file itself here; links to elsewhere are not followed."
            return
        file.stat = _stat(file.path)
        before = recall.before(file)
        if before and tuple(before["stat"]) == file.stat and not run.again:
            file.digest = before["digest"]
        else:
            with file.path.open("rb") as stream:
                file.digest = hashlib.file_digest(stream, "sha256").hexdigest()[:24]
        _compare_checksum(file)
    except FileNotFoundError:
        file.state = "gone"
    except OSError as error:
        file.state, file.reason = "refused", f"It cannot be opened: {error.strerror}."
        file.hint = "Correct its rights so that the dashboard may read it."


def _compare_checksum(file: File) -> None:
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


def _stat(path: Path) -> tuple[int, ...]:
    """What of a file tells that it was written to."""
    info = path.stat()
    return (info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)


def _written(file: File, now: int) -> int:
    """When a file was written; when it came here, where the clock that wrote it goes ahead."""
    if not file.stat:
        return 0
    return file.stat[1] if file.stat[1] <= now else file.stat[2]


# --- looking at all of them -------------------------------------------------------------------------------------


def _settle(files: Sequence[File], recall: Recall, failed: Mapping[str, str], meanwhile: Callable[[], None]) -> None:
    """Leave out files that are being written to: those that change within a moment after they were looked at."""
    fresh = time.time_ns() - int(SETTLED_SECONDS * 1e9)
    young = {
        file.shown for file in files if file.state == "new" and max(file.stat[1:3]) > fresh and not recall.same(file)
    }
    if young:
        Thread(target=meanwhile).start()
        time.sleep(SETTLED_SECONDS)
    for file in files:
        changed = file.shown in young and not unwritten(file)
        if file.state == "new" and (changed or failed.get(file.shown) == ""):
            _wait(file, recall)


def _wait(file: File, recall: Recall) -> None:
    """Leave a file out until it is written to no more; after a while it is refused."""
    now = datetime.now(UTC)
    before = recall.before(file) or {}
    file.waiting_since = before.get("waiting_since") or now.isoformat(timespec="seconds")
    waited = now - datetime.fromisoformat(file.waiting_since)
    file.passing = True
    file.state, file.reason = "waiting", "It is still being written."
    file.hint = "It is read once it stays as it is."
    if waited >= MOST_WAITING:
        file.state, file.reason = "refused", f"It is still being written after {waited // MINUTE} minutes."
        file.hint = "Write it elsewhere, and move it here when it is complete."


def _refuse_same_names(files: Iterable[File]) -> None:
    """Of files whose names differ in spelling only, as copies between systems leave them, the first is read."""
    seen: dict[tuple[str, str], File] = {}
    for file in files:
        name = unicodedata.normalize("NFC", file.shown).casefold()
        first = seen.setdefault((name, file.source_name), file)
        if first is not file and file.state == "new":
            file.passing = True
            file.state, file.reason = "refused", f"Its name is that of {first.shown}, spelled in another way."
            file.hint = "Remove one of the two, or give it another name."
