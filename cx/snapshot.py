"""The published snapshot: a manifest that names immutable parts, and the pointer to the current one.

    data/.published/CURRENT            the id of the snapshot being served
    data/.published/<id>/manifest.json what it consists of and how it came about
    data/.published/<id>/rollups.duckdb
    data/.published/<id>/set_aside.parquet    the rows that were set aside, as far as they are listed
    data/.published/<id>/days.parquet  how many rows each file brought for each day
    data/.published/parts/<table>-<month>-<digest>.duckdb
    data/.published/parts/sums-<table>-<month>-<digest>.duckdb
    data/.published/parts/texts-<table>-<month>-<digest>.duckdb

A reader holds a `Snapshot`; publishing never changes what it names.
"""

import json
import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cx.errors import CxError, DataError, QueryFileError

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = ".published"
FORMAT = 4
RECENT = timedelta(weeks=13)
"""The window of the `recent` design effects; longer periods are judged by those of all answers."""
KEPT = 3
"""Snapshots kept besides those still in use: a page that is running finishes on its own."""


@dataclass(frozen=True)
class Part:
    """One immutable DuckDB file: the rows of one table in one month (or all, without a month)."""

    name: str
    month: str
    rows: int
    first: date | None
    last: date | None
    columns: Mapping[str, str]
    """Column names with their DuckDB types."""
    replaced: int = 0
    """Rows that a newer export of the same row replaced."""
    inputs: tuple[str, ...] = ()
    """What it was made from: one text per file, with all rules that shaped its rows."""


@dataclass(frozen=True)
class Sums:
    """One immutable DuckDB file: what the answers of one part are to the metrics, one narrow row each.

    Its tables are those of `rows` (`scores`, `ratings`, and `panel` for answers of known customers), with the
    columns day, metric, the dimensions and score, and the weight w and value x of each answer. Columns with a
    dictionary hold codes.
    """

    name: str
    part: str
    first: date | None
    last: date | None
    columns: frozenset[str]
    """The dimensions it has; any other is empty in all of its rows."""
    rows: Mapping[str, int]


MANY_UNREAD = 0.05
"""Share of texts in other languages from which it is said that they are not read."""


@dataclass(frozen=True)
class Texts:
    """One immutable DuckDB file: the texts of one part taken apart, as tables `comments` and `mentions`.

    A part whose text columns are all empty has an entry of no rows and no file.
    """

    name: str
    part: str
    first: date | None
    last: date | None
    columns: Mapping[str, str]
    """Column names of `comments` with their DuckDB types."""
    rows: int
    mentions: int
    reading: str
    """How the texts were read: the versions of tokeniser and sentiment."""
    naming: str = ""
    """Names the brands' names that were looked for in the texts."""
    unread: int = 0
    """Texts in a language other than Korean and English: no themes are read in them, and only a score judges them."""


@dataclass(frozen=True)
class Rollup:
    """Sums of one summed table (`scores` or `ratings`) by some of its columns, per day and per third of a month.

    `rows` is the size of the table per day, 0 where it was not worth keeping; `third_rows` that of the table per third
    of a month (its first ten days, the next ten, and the rest).
    """

    name: str
    table: str
    columns: frozenset[str]
    rows: int
    third_rows: int = 0
    place: int = 0
    """From 1 on: its number in the table that it shares with all others of as many columns (`by_2`, `by_2_thirds`), in
    which values stand in `value`, `value_2` … in the order of the columns' names. 0: it has tables of its own."""

    def table_name(self, *, thirds: bool) -> str:
        """The table of the rollup file that it stands in."""
        return (f"by_{len(self.columns)}" if self.place else self.name) + ("_thirds" if thirds else "")


@dataclass(frozen=True)
class Snapshot:
    """One published state of all exports."""

    id: str
    folder: Path
    created_at: datetime
    time_zone: str
    lineage: str
    """Names the dictionaries: parts and codes of another lineage do not fit."""
    parts: Mapping[str, tuple[Part, ...]]
    sums: tuple[Sums, ...]
    rollups: tuple[Rollup, ...]
    codes: Mapping[str, tuple[str, ...]]
    """Per column with a dictionary, its values by code: the first has code 1, no value has code 0. New values
    are only ever added at the end, so that a part keeps its meaning."""
    uncoded: frozenset[str]
    """Columns that have too many values for a dictionary and are kept as text."""
    segments: Mapping[str, Mapping[str, int]]
    """Per table, its segment columns with the number of different values."""
    values: Mapping[str, tuple[str, ...]]
    """Per filter column, its values, most frequent first."""
    labels: Mapping[str, Mapping[str, Mapping[str, str]]]
    """Per column, the labels of its values that exports themselves brought."""
    files: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...] = ()
    state: str = ""
    """What `publish.state` said of the exports when they were read."""
    journey_metrics: tuple[str, ...] = ()
    """Metrics answered about a touchpoint, most answers first, as the export names them."""
    held: tuple[Mapping[str, Any], ...] = ()
    """Days kept out because they seem half exported: table, source, day, its rows and how many are usual."""
    released: tuple[tuple[str, str, str], ...] = ()
    """Such days that were published all the same: table, source, day."""
    replaced: Mapping[str, int] = field(default_factory=dict)
    """Per table, rows that a newer export of the same row replaced."""
    design_effects: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    """Per window (`recent`, `all`), metric and dimension (empty for none): by how much the same people
    answering repeatedly widens the variance of a mean."""
    measures: str = ""
    """A digest of the metrics' names and tables: sums of other metrics are not carried on."""
    panel: int = 1
    """Of so many customers one is in the panel, with all answers."""
    choices: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Per summed table, a digest of the groups of columns among which rollups were chosen, and of how many answers."""
    breaks: tuple[tuple[str, str, date], ...] = ()
    """Metric, survey and the day from which its question was worded differently than before."""
    broken: Mapping[str, tuple[str, CxError]] = field(default_factory=dict)
    """Metrics and sources (`metrics/nps`) that could not be used, with their digests, and what is wrong with each."""
    erased: str = ""
    """What `erasure.digest` says of the customers of whom nothing may be in it."""
    changes: tuple[Mapping[str, Any], ...] = ()
    """Per table and month, rows `added`, `restated` and `removed` against the snapshot before."""
    drift: tuple[Mapping[str, Any], ...] = ()
    """Per table and source, columns that newly read files have (`new`) or lack (`lost`) against the file before."""
    history: tuple[Mapping[str, Any], ...] = ()
    """The quality of this and earlier snapshots, oldest first: what was read, set aside, added and restated."""
    texts: tuple[Texts, ...] = ()

    @property
    def parts_folder(self) -> Path:
        """Where the part files lie."""
        return self.folder.parent / "parts"

    @property
    def aside_file(self) -> Path:
        """The file of the rows that were set aside."""
        return self.folder / "set_aside.parquet"

    @property
    def rollup_file(self) -> Path:
        """The file of all rollups."""
        return self.folder / "rollups.duckdb"

    @property
    def days_file(self) -> Path:
        """The file of rows per table, source, file and day."""
        return self.folder / "days.parquet"

    def has(self, table: str) -> bool:
        """Whether anything was published for that table."""
        if table in ("comments", "mentions"):
            return any(one.rows for one in self.texts)
        return any(part.rows for part in self.parts.get(table, ()))

    def rows(self, table: str) -> int:
        """Published rows of a table."""
        return sum(part.rows for part in self.parts.get(table, ()))

    def days(self, *tables: str) -> tuple[date, date] | None:
        """First and last day with rows in any of the tables, or None when there are none."""
        parts = [part for table in tables for part in self.parts.get(table, ()) if part.first and part.last]
        if not parts:
            return None
        return min(part.first for part in parts if part.first), max(part.last for part in parts if part.last)

    @property
    def as_of(self) -> date | None:
        """The last day that has answers or reviews: what “today” means for the figures."""
        days = self.days("responses", "reviews")
        return days[1] if days else None


@dataclass(frozen=True)
class Aside:
    """One row that was set aside, or (row 0) one whole file, with the rule it breaks and what to do."""

    file: str
    row: int
    column: str
    value: str
    rule: str
    remedy: str


def set_aside(held: Snapshot) -> list[Aside]:
    """Whole files first, then single rows by file; of the rows that break one rule in a file the first thousand.

    How many there are altogether is said by the `problems` of each of the snapshot's files.
    """
    # Loaded only where it is needed: the workers import this module too and have to start in a moment.
    import pyarrow.parquet as pq

    files = [Aside(file["file"], 0, "", "", file["reason"], file["hint"]) for file in held.files if file["reason"]]
    try:
        rows = pq.read_table(held.aside_file, columns=list(Aside.__dataclass_fields__)).to_pylist()
    except OSError:
        rows = []  # written by a version that listed none
    return [*files, *(Aside(**row) for row in rows)]


def day_counts(held: Snapshot) -> "pa.Table":
    """How many good rows each file brought for each day: table, source, file, day, rows."""
    # Loaded only where it is needed: the workers import this module too and have to start in a moment.
    import pyarrow.parquet as pq

    return pq.read_table(held.days_file)


def gaps(held: Snapshot) -> dict[str, list[date]]:
    """Per table, the days between its first and its last that no file brought a row for."""
    there: dict[str, set[date]] = {}
    for row in day_counts(held).group_by(["table", "day"]).aggregate([]).to_pylist():
        there.setdefault(row["table"], set()).add(row["day"])
    return {table: missing(days) for table, days in there.items()}


def missing(there: Collection[date]) -> list[date]:
    """The days between the first and the last of some days that are not among them."""
    if not there:
        return []
    first, last = min(there), max(there)
    return [day for day in (first + timedelta(days=step) for step in range((last - first).days)) if day not in there]


def published(data: Path) -> Path:
    """The folder of everything published from a data folder."""
    return data / FOLDER


def current_id(data: Path) -> str:
    """The id of the snapshot being served, or an empty text when nothing was published."""
    try:
        return (published(data) / "CURRENT").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def current(data: Path) -> Snapshot | None:
    """The snapshot being served, or None when nothing was published yet."""
    identity = current_id(data)
    return open_snapshot(data, identity) if identity else None


def open_snapshot(data: Path, identity: str) -> Snapshot:
    """Read one snapshot's manifest."""
    try:
        raw = manifest_of(data, identity)
        if raw["format"] == FORMAT:
            return _read(raw, published(data) / identity)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise DataError(
            f"The snapshot {identity} cannot be read: {error}.", "Run `python -m cx publish --again`."
        ) from error
    raise DataError(f"The snapshot {identity} was written by another version.", "Run `python -m cx publish --again`.")


def _read(raw: Mapping[str, Any], folder: Path) -> Snapshot:
    return Snapshot(
        id=raw["id"],
        folder=folder,
        created_at=datetime.fromisoformat(raw["created_at"]),
        time_zone=raw["time_zone"],
        lineage=raw["lineage"],
        parts={
            table: tuple(
                Part(
                    name=part["name"],
                    month=part["month"],
                    rows=part["rows"],
                    first=_day(part["first"]),
                    last=_day(part["last"]),
                    columns=part["columns"],
                    replaced=part.get("replaced", 0),
                    inputs=tuple(part["inputs"]),
                )
                for part in parts
            )
            for table, parts in raw["parts"].items()
        },
        sums=tuple(
            Sums(
                entry["name"],
                entry["part"],
                _day(entry["first"]),
                _day(entry["last"]),
                frozenset(entry["columns"]),
                entry["rows"],
            )
            for entry in raw["sums"]
        ),
        rollups=tuple(
            Rollup(
                entry["name"],
                entry["table"],
                frozenset(entry["columns"]),
                entry["rows"],
                entry["third_rows"],
                entry.get("place", 0),
            )
            for entry in raw["rollups"]
        ),
        codes={column: tuple(values) for column, values in raw["codes"].items()},
        uncoded=frozenset(raw["uncoded"]),
        segments=raw["segments"],
        values={column: tuple(values) for column, values in raw["values"].items()},
        labels=raw["labels"],
        files=tuple(raw["files"]),
        notes=tuple(raw["notes"]),
        state=raw.get("state", ""),
        journey_metrics=tuple(raw.get("journey_metrics", ())),
        held=tuple(raw.get("held", ())),
        released=tuple((table, source, day) for table, source, day in raw.get("released", ())),
        replaced=raw["replaced"],
        design_effects=raw.get("design_effects", {}),
        measures=raw.get("measures", ""),
        panel=int(raw.get("panel", 1)),
        choices={table: (str(known[0]), int(known[1])) for table, known in raw.get("choices", {}).items()},
        breaks=tuple(
            (entry["metric"], entry["survey"], date.fromisoformat(entry["day"])) for entry in raw.get("breaks", ())
        ),
        broken={
            name: (digest, QueryFileError.from_told(told)) for name, (digest, told) in raw.get("broken", {}).items()
        },
        erased=raw["erased"],
        changes=tuple(raw["changes"]),
        drift=tuple(raw["drift"]),
        history=tuple(raw["history"]),
        texts=tuple(
            Texts(
                entry["name"],
                entry["part"],
                _day(entry["first"]),
                _day(entry["last"]),
                entry["columns"],
                entry["rows"],
                entry["mentions"],
                entry["reading"],
                entry.get("naming", ""),
                entry.get("unread", 0),
            )
            for entry in raw.get("texts", ())
        ),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def write(data: Path, manifest: Mapping[str, Any]) -> Snapshot:
    """Write a manifest beside its rollups and switch to it with one atomic rename."""
    keep(data, manifest)
    serve(data, manifest["id"])
    prune(data)
    return open_snapshot(data, manifest["id"])


def keep(data: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest beside its rollups: from now on the snapshot is whole."""
    # Without indents, because a manifest of ten thousand files would take seconds with them.
    _durable(published(data) / manifest["id"] / "manifest.json", json.dumps(manifest, ensure_ascii=False, default=str))


def serve(data: Path, identity: str) -> None:
    """Switch to a whole snapshot with one atomic rename."""
    _durable(published(data) / "CURRENT", identity)


def identities(data: Path) -> list[str]:
    """The ids of the kept snapshots, oldest first."""
    return sorted(path.parent.name for path in published(data).glob("*/manifest.json"))


def manifest_of(data: Path, identity: str) -> dict[str, Any]:
    """One snapshot's manifest as it was written; raises what reading and parsing raise."""
    raw: dict[str, Any] = json.loads((published(data) / identity / "manifest.json").read_text(encoding="utf-8"))
    return raw


def _durable(file: Path, text: str) -> None:
    """Write a file so that after a crash it is there whole or not at all."""
    partial = file.with_name(file.name + ".partial")
    with partial.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(partial, file)
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def prune(data: Path) -> None:
    """Remove snapshots beyond the kept ones, and parts that no kept snapshot names.

    A snapshot of another lineage than the one being served holds texts that were masked in another way: it goes too.
    """
    folder = published(data)
    serving = current_id(data)
    kept = set(identities(data)[-KEPT:]) | {serving}
    wanted: set[str] = set()
    lineage = ""
    for name in sorted(kept, key=lambda name: name != serving):
        try:
            manifest = manifest_of(data, name)
            lineage = lineage or manifest["lineage"]
            if manifest["lineage"] != lineage:
                kept.remove(name)
                continue
            wanted |= {part["name"] for parts in manifest["parts"].values() for part in parts}
            wanted |= {entry["name"] for key in ("sums", "texts") for entry in manifest.get(key, ())}
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return
    for path in folder.iterdir():
        half_written = path.is_dir() and path.name[:1].isdigit() and path.name not in kept
        if half_written:
            shutil.rmtree(path, ignore_errors=True)
    for path in (folder / "parts").glob("*.duckdb"):
        if path.stem not in wanted:
            path.unlink(missing_ok=True)
