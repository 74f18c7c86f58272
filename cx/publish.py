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
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from cx import contract, readers, rollups, scope, settings, snapshot
from cx.catalog import Catalog, Source
from cx.contract import Table
from cx.errors import CxError, DataError, nearest
from cx.readers import literal, quoted

FEW_VALUES = 50
"""Up to this many different values make a segment however few rows there are."""
LONGEST_TEXT = 10_000
STEPS = "(steps)"
"""Stands among a part's counted columns for the metrics that were asked about a step."""
EARLIEST = "1990-01-01"
RESERVED = frozenset(
    (
        "day",
        "metric",
        "segment",
        "segment_2",
        "dimension",
        "value",
        "figure",
        "x",
        *scope.SUMS,
        "brand",
        "present",
        "score",
        "weight",
    )
)

FULL_WIDTH = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000"
HALF_WIDTH = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)) + " "
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
FOLDED_SIGNS = "\uff01-\uff5e\u3000" + INVISIBLE

Progress = Callable[[str, float], None]


@dataclass
class File:
    """One export file and what became of it."""

    path: Path
    shown: str
    table: str
    source: Source | None
    order: int = 0
    digest: str = ""
    stat: tuple[int, ...] = ()
    state: str = "published"
    reason: str = ""
    hint: str = ""
    read: int = 0
    kept: int = 0
    months: list[str] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    first: str = ""
    last: str = ""

    def entry(self) -> dict[str, Any]:
        """What the manifest keeps of it."""
        return {
            "file": self.shown,
            "table": self.table,
            "source": self.source.name if self.source else "",
            "digest": self.digest,
            "stat": list(self.stat),
            "state": self.state,
            "reason": self.reason,
            "hint": self.hint,
            "read": self.read,
            "kept": self.kept,
            "months": self.months,
            "problems": self.problems,
            "notes": self.notes,
            "first": self.first,
            "last": self.last,
        }


@dataclass(frozen=True)
class Report:
    """What one run of publishing did."""

    snapshot: snapshot.Snapshot
    changed: bool
    seconds: float
    rebuilt: int
    """Parts written in this run; all others were found again."""


def state(data: Path, queries: tuple[Path, ...]) -> str:
    """A cheap digest of everything publishing depends on: names, sizes and times, no contents."""
    seen = hashlib.sha256()
    names = [data / "cx.toml"]
    for folder in queries:
        names += [*sorted((folder / "metrics").glob("*.sql")), *sorted((folder / "sources").glob("*.sql"))]
    names += [
        path for path in sorted(data.rglob("*")) if path.relative_to(data).parts[0] not in (snapshot.FOLDER, "queries")
    ]
    for path in names:
        try:
            info = path.stat()
        except OSError:
            continue
        if path.is_file():
            seen.update(f"{path}|{info.st_size}|{info.st_mtime_ns}|{info.st_ino}\n".encode())
    return seen.hexdigest()[:16]


def publish(
    data: Path, catalog: Catalog, *, again: bool = False, progress: Progress = lambda words, share: None
) -> Report:
    """Publish what the data folder holds; a snapshot equal to the current one is not written again.

    `again` rebuilds every part. Raises DataError when there is nothing valid and nothing published.
    """
    started = time.monotonic()
    with _lock(data):
        return _Publisher(data, catalog, again, progress, started).run()


@contextmanager
def _lock(data: Path) -> Iterator[None]:
    folder = snapshot.published(data)
    try:
        (folder / "parts").mkdir(parents=True, exist_ok=True)
        stream = (folder / "lock").open("w")
    except OSError as error:
        raise DataError(
            f"Publishing cannot write to {folder}: {error.strerror}.", "Make the data folder writable."
        ) from error
    with stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


class _Publisher:
    def __init__(self, data: Path, catalog: Catalog, again: bool, progress: Progress, started: float) -> None:
        self.data = data
        self.catalog = catalog
        self.settings = settings.load(data)
        self.metrics = catalog.metrics()
        self.again = again
        self.progress = progress
        self.started = started
        self.folder = snapshot.published(data)
        self.work = self.folder / f"work-{os.getpid()}"
        self.state = state(data, catalog.folders)
        self.notes: list[str] = []
        self.extras: dict[str, dict[str, str]] = {}
        self.rebuilt = 0
        try:
            self.previous = snapshot.current(data)
        except DataError:
            self.previous = None
        before = self.previous
        self.lineage = before.lineage if before else f"{time.time_ns():x}"
        self.codes = {column: list(values) for column, values in before.codes.items()} if before else {}
        self.uncoded = set(before.uncoded) if before else set()

    def run(self) -> Report:
        for leftover in self.folder.glob("work-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        self.work.mkdir()
        try:
            with duckdb.connect(str(self.work / "staging.duckdb")) as connection:
                self.connection = connection
                self._configure()
                return self._publish()
        except (OSError, duckdb.Error) as error:
            raise DataError(
                f"Publishing stopped: {getattr(error, 'strerror', '') or str(error).splitlines()[0]}.",
                "What was published before is still served. Free some space or correct the rights, then publish again.",
            ) from error
        finally:
            shutil.rmtree(self.work, ignore_errors=True)

    def _configure(self) -> None:
        for statement in (
            "set autoinstall_known_extensions = false",
            "set autoload_known_extensions = false",
            f"set temp_directory = {literal(str(self.work / 'spill'))}",
            "set memory_limit = '3GB'",
            f"set TimeZone = {literal(self.settings.time_zone)}",
        ):
            self.connection.execute(statement)

    def _publish(self) -> Report:
        files = self._files()
        self._recall(files)
        for number, file in enumerate(files):
            self.progress(file.shown, number / max(len(files), 1) * 0.6)
            if file.state == "new":
                self._stage(file, None)
        files = [file for file in files if file.state != "gone"]
        self._keep_last_good(files)
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
        self.progress("rollups", 0.8)
        self._rollups(self._draft(manifest, target), manifest)
        manifest["seconds"] = round(time.monotonic() - self.started, 2)
        written = snapshot.write(self.data, manifest)
        self.progress("done", 1.0)
        return Report(written, True, time.monotonic() - self.started, self.rebuilt)

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
                if snapshot.FOLDER not in path.parts:
                    found.append(File(path, path.relative_to(self.data).as_posix(), source.table, source, state="new"))
        for file in found:
            self._look(file)
        found.sort(key=lambda file: (file.stat[1] if file.stat else 0, file.shown))
        for order, file in enumerate(found):
            file.order = order
        return found

    def _look(self, file: File) -> None:
        """Note a file's state and digest; refuse what is no plain readable file inside the folder."""
        if file.state != "new":
            return
        try:
            if not file.path.resolve().is_relative_to(self.data) or not file.path.is_file():
                file.state, file.reason = "refused", "It is not a plain file inside the data folder."
                file.hint = "Copy the file itself here; links to elsewhere are not followed."
                return
            info = file.path.stat()
            file.stat = (info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)
            before = self._before(file)
            if before and tuple(before["stat"]) == file.stat and not self.again:
                file.digest = before["digest"]
                return
            with file.path.open("rb") as stream:
                file.digest = hashlib.file_digest(stream, "sha256").hexdigest()[:24]
        except FileNotFoundError:
            file.state = "gone"
        except OSError as error:
            file.state, file.reason = "refused", f"It cannot be opened: {error.strerror}."
            file.hint = "Correct its rights so that the dashboard may read it."

    def _before(self, file: File) -> dict[str, Any] | None:
        name = file.source.name if file.source else ""
        for entry in self.previous.files if self.previous else ():
            if entry["file"] == file.shown and entry["source"] == name and entry["table"] == file.table:
                return dict(entry)
        return None

    def _rules(self, table: str, source: Source | None) -> str:
        """A digest of every rule that shapes the rows of a table."""
        asked = [metric for metric in self.metrics.values() if metric.table == table == "responses"]
        scales = {metric.answers: metric.scale for metric in asked}
        return hashlib.sha256(
            json.dumps(
                [
                    snapshot.FORMAT,
                    repr(contract.TABLES[table]),
                    self.settings.time_zone,
                    self.settings.export_time_zone,
                    source.digest if source else "",
                    sorted((name, scale) for name, scale in scales.items()),
                ],
                default=str,
            ).encode()
        ).hexdigest()[:12]

    def _input(self, file: File) -> str:
        return f"{file.source.name if file.source else ''}:{self._rules(file.table, file.source)}:{file.digest}"

    def _recall(self, files: list[File]) -> None:
        """Take over what is known of unchanged files, so that they are not read again."""
        for file in files:
            before = self._before(file)
            if file.state != "new" or self.again or not before or before.get("input") != self._input(file):
                continue
            file.state, file.reason, file.hint = before["state"], before["reason"], before["hint"]
            if file.state == "kept":
                file.state = "new"
                continue
            for name in ("read", "kept", "months", "problems", "notes", "first", "last"):
                setattr(file, name, before[name])

    def _keep_last_good(self, files: list[File]) -> None:
        """A file that was good and is now damaged goes on with the rows it had."""
        for file in files:
            before = self._before(file)
            if file.state == "refused" and before and before["state"] in ("published", "kept") and before["months"]:
                file.state = "kept"
                file.months, file.kept = before["months"], before["kept"]
                file.first, file.last = before["first"], before["last"]
                file.notes = [*file.notes, "The rows it had before are still shown."]

    # --- staging -------------------------------------------------------------------------------------

    def _stage(self, file: File, months: set[str] | None) -> None:
        """Read one file into the staging table; with `months`, only its rows of those months."""
        link = self.work / f"file{file.order}{file.path.suffix.lower()}"
        try:
            if not link.exists():
                link.symlink_to(file.path)
            self._read(file, link, months)
            if months is None:
                file.state = "published"
                if file.read and not file.kept:
                    raise DataError(f"None of its {file.read:,} rows can be used.", file.problems[0]["hint"])
        except CxError as error:
            file.state, file.reason, file.hint = "refused", error.message, error.hint
        except duckdb.Error as error:
            first = " ".join(str(error).split("\n")[:2]).replace(
                str(link), file.shown
            )  # the second line names the cause
            file.state, file.reason = "refused", f"DuckDB cannot read it: {first}"
            file.hint = (
                f"Correct {file.source.file} or the file."
                if file.source
                else "Export it again; see that the copy is complete."
            )
        finally:
            self.connection.execute("drop table if exists incoming")

    def _read(self, file: File, link: Path, months: set[str] | None) -> None:
        source = file.source
        if source:
            readers.open_raw(
                self.connection,
                link,
                file.shown,
                reader=source.reader,
                columns=source.columns,
                encoding=source.encoding,
                delimiter=source.delimiter,
            )
            body = f"({source.text}\n)"
            found = {row[0]: row[1] for row in self.connection.execute(f"describe select * from {body}").fetchall()}
        else:
            found = readers.open_raw(self.connection, link, file.shown)
            body = "raw"
        table = contract.TABLES[file.table]
        self._check_columns(table, found, source)
        file.notes = [] if months is None else file.notes
        expressions = self._expressions(table, found, file)
        extras = self._extras(table, found, file)
        chosen = ", ".join(
            [f"{expression} as {quoted(name)}" for name, expression in expressions.items()]
            + [f"{expression} as {quoted(name)}" for name, expression in extras.items()]
        )
        raw_names = ", ".join(f"{quoted(name)} as {quoted('raw ' + name)}" for name in found if table.column(name))
        self.connection.execute(
            f"create temp table incoming as select *, {self._verdict(table, found)} as cx_problem from "
            f"(select {chosen}, {raw_names}, row_number() over () as cx_row from {body})"
        )
        segments = self._few_valued(list(extras), file)
        if months is None:
            self._note_problems(file, table)
        self._keep(file, table, list(expressions), segments, months)

    def _check_columns(self, table: Table, found: dict[str, str], source: Source | None) -> None:
        missing = [name for name in table.required if name not in found]
        if table.either:
            present = [name for name in table.either if name in found]
            missing = [name for name in missing if name not in table.either]
            if not present:
                missing.append(" or ".join(table.either))
        if missing:
            where = f"The source {source.name} gives" if source else "The file has"
            raise DataError(
                f"{where} no column “{missing[0]}”, which {table.name} must have.",
                nearest(missing[0], found)
                + (
                    " Rename it in the source."
                    if source
                    else " Rename it in the export, or write a source that maps it."
                ),
            )

    def _expressions(self, table: Table, found: dict[str, str], file: File) -> dict[str, str]:
        expressions: dict[str, str] = {}
        for column in table.columns:
            if column.name not in found:
                continue
            kind = found[column.name]
            name = quoted(column.name)
            if column.type == "text":
                cleaned = clean(name, kind, fold=column.name not in ("comment", "title", "body", "question"))
                expressions[column.name] = cleaned
            elif column.type == "number":
                expressions[column.name] = _number(name, kind)
            elif column.type == "integer":
                expressions[column.name] = f"try_cast({_number(name, kind)} as bigint)"
            elif column.type == "boolean":
                expressions[column.name] = f"try_cast({name} as boolean)"
            elif column.type == "date":
                expressions[column.name] = (
                    f"cast({name} as date)" if kind.startswith("TIMESTAMP") else f"try_cast({name} as date)"
                )
            else:
                expressions[column.name] = self._instant(column.name, kind, file)
        return expressions

    def _instant(self, column: str, kind: str, file: File) -> str:
        """A timestamp column as an instant; a zone must be in the value, the source or cx.toml."""
        name = quoted(column)
        zone = (file.source.zone if file.source else "") or self.settings.export_time_zone
        naive = f"timezone({literal(zone)}, {{0}})" if zone else "null::timestamptz"
        if kind == "TIMESTAMP WITH TIME ZONE" or kind.startswith("TIMESTAMPTZ"):
            return f"{name}::timestamptz"
        if kind == "DATE":
            return f"timezone({literal(self.settings.time_zone)}, {name}::timestamp)"
        if kind.startswith("TIMESTAMP"):
            if not zone:
                raise DataError(
                    f"The times in “{column}” carry no time zone.",
                    "Export them with a zone, declare `zone:` in the source, or set export_time_zone in cx.toml.",
                )
            return naive.format(f"{name}::timestamp")
        text = f"trim({name}::varchar)"
        day_only = f"timezone({literal(self.settings.time_zone)}, try_cast({text} as timestamp))"
        return (
            f"case when regexp_full_match({text}, '\\d{{4}}-\\d{{1,2}}-\\d{{1,2}}') then {day_only} "
            f"when regexp_matches({text}, '\\d.*([zZ]|[+-]\\d{{2}}(:?\\d{{2}})?)$') and {text} like '%:%' "
            f"then try_cast({text} as timestamptz) "
            f"else {naive.format(f'try_cast({text} as timestamp)')} end"
        )

    def _extras(self, table: Table, found: dict[str, str], file: File) -> dict[str, str]:
        """Unknown columns that could be segments, cleaned; the others are named and left out."""
        if not table.open:
            return {}
        extras: dict[str, str] = {}
        for name, kind in found.items():
            if table.column(name) or name in ("filename", "row_number"):
                continue
            plain = (kind.startswith(("VARCHAR", "BOOLEAN", "ENUM")) or "INT" in kind) and not kind.endswith("]")
            segment = column_name(name)
            own = not segment or segment in RESERVED or segment.startswith("cx_")
            if not plain or own or table.column(segment) or segment in extras:
                why = "its type" if not plain else "its name, which the product uses itself"
                file.notes.append(f"The column “{name}” is no segment because of {why}.")
                continue
            extras[segment] = clean(quoted(name), kind, fold=True)
        return extras

    def _few_valued(self, names: list[str], file: File) -> list[str]:
        """Those of the possible segments that have few different values."""
        if not names:
            return []
        counts = ", ".join(f"approx_count_distinct({quoted(name)}), count({quoted(name)})" for name in names)
        counted = self.connection.execute(f"select {counts} from incoming").fetchone() or ()
        kept = []
        for name, different, filled in zip(names, counted[::2], counted[1::2], strict=True):
            if different > scope.MOST_VALUES or (different > FEW_VALUES and different > filled / 2):
                file.notes.append(f"The column “{name}” has too many different values ({different:,}) to be a segment.")
            else:
                kept.append(name)
        return kept

    def _verdict(self, table: Table, found: dict[str, str]) -> str:
        """The first rule a row breaks, as `rule|column|value`, or null for a good row."""
        cases: list[str] = []

        def rule(name: str, column: str, condition: str) -> None:
            shown = f"coalesce(left({quoted('raw ' + column)}::varchar, 60), '')" if column in found else "''"
            cases.append(f"when {condition} then {literal(name + '|' + column + '|')} || {shown}")

        for column in table.columns:
            if column.name not in found:
                continue
            name, raw = quoted(column.name), quoted("raw " + column.name)
            given = f"({raw} is not null and trim({raw}::varchar) <> '')"
            if column.type in ("number", "integer"):
                rule("not a number", column.name, f"{given} and {name} is null")
            elif column.type in ("timestamp", "date") and column.required:
                rule("not a time with a zone", column.name, f"{given} and {name} is null")
            if column.required and column.name not in table.either:
                rule("empty", column.name, f"{name} is null")
            if column.low is not None:
                rule(f"below {column.low:g}", column.name, f"{name} < {column.low}")
            if column.name == table.time:
                rule("before 1990", column.name, f"{name} < timestamptz '{EARLIEST} 00:00:00+00'")
                rule("in the future", column.name, f"{name} > now() + interval 1 day")
        if table.name == "responses" and "score" in found:
            for metric in self.metrics.values():
                if metric.table == "responses" and metric.scale:
                    low, high = metric.scale
                    rule(
                        f"outside the scale {low:g}–{high:g} of {metric.answers}",
                        "score",
                        f"metric = {literal(metric.answers)} and (score < {low} or score > {high})",
                    )
        if table.name == "reviews" and "rating" in found:
            most = "coalesce(rating_max, 5)" if "rating_max" in found else "5"
            rule("above the most stars possible", "rating", f"rating > {most}")
        if table.either:
            present = [quoted(name) for name in table.either if name in found]
            first = next(name for name in table.either if name in found)
            rule("nothing in it", first, " and ".join(f"{name} is null" for name in present))
        return f"case {' '.join(cases)} end" if cases else "null::varchar"

    def _note_problems(self, file: File, table: Table) -> None:
        counted = self.connection.execute(
            "select split_part(cx_problem, '|', 1), split_part(cx_problem, '|', 2), count(*), min(cx_row), "
            "arg_min(substr(cx_problem, length(split_part(cx_problem, '|', 1)) + length(split_part(cx_problem, '|', 2)) + 3), cx_row) "
            "from incoming where cx_problem is not null group by all order by 3 desc"
        ).fetchall()
        file.problems = [
            {
                "rule": rule,
                "column": column,
                "rows": number,
                "row": row,
                "value": value,
                "hint": _remedy(rule, column),
            }
            for rule, column, number, row, value in counted
        ]
        total = self.connection.execute("select count(*) from incoming").fetchone()
        file.read = total[0] if total else 0

    def _keep(self, file: File, table: Table, names: list[str], extras: list[str], months: set[str] | None) -> None:
        staged = f"staged_{table.name}"
        day = f"cast({quoted(table.time)} as date)" if table.time else "null::date"
        self.connection.execute(f"create table if not exists {staged} ({_staged_columns(table)})")
        known = self.extras.setdefault(table.name, {})
        for extra in extras:
            if extra not in known:
                self.connection.execute(f"alter table {staged} add column {quoted(extra)} varchar")
                known[extra] = "varchar"
        chosen = ", ".join(quoted(name) for name in [*names, *extras])
        month = f"strftime({day}, '%Y-%m')" if table.time else "'all'"
        wanted = ""
        if months is not None:
            wanted = f" and {month} in ({', '.join(literal(name) for name in sorted(months))})"
        self.connection.execute(
            f"insert into {staged} by name select {chosen}, {day + ' as day, ' if table.time else ''}{month} as cx_month, "
            f"$source as cx_source, $file as cx_file, $order as cx_order, cx_row from incoming "
            f"where cx_problem is null{wanted}",
            {"source": file.source.name if file.source else "", "file": file.shown, "order": file.order},
        )
        if months is not None:
            return
        kept = self.connection.execute(
            f"select count(*), {'min(day), max(day)' if table.time else 'null, null'}, list(distinct cx_month order by cx_month) from {staged} "
            "where cx_file = $file and cx_source = $source",
            {"file": file.shown, "source": file.source.name if file.source else ""},
        ).fetchone()
        file.kept, first, last, months_kept = kept or (0, None, None, None)
        file.months = list(months_kept or [])
        file.first, file.last = str(first or ""), str(last or "")

    # --- parts ---------------------------------------------------------------------------------------

    def _parts(self, files: list[File]) -> dict[str, list[dict[str, Any]]]:
        wanted: dict[tuple[str, str], list[File]] = {}
        for file in files:
            for month in file.months if file.state in ("published", "kept") else []:
                wanted.setdefault((file.table, month), []).append(file)
        names = {key: self._part_name(key, inputs) for key, inputs in wanted.items()}
        missing = {
            key for key, name in names.items() if self.again or not (self.folder / "parts" / f"{name}.duckdb").exists()
        }
        self._stage_again(files, missing)
        parts: dict[str, list[dict[str, Any]]] = {}
        for number, key in enumerate(sorted(wanted)):
            self.progress(f"{key[0]} {key[1]}", 0.6 + 0.25 * number / len(wanted))
            if key in missing:
                self._build(key, names[key], wanted[key])
            inputs = [self._kept_input(file) for file in wanted[key]]
            parts.setdefault(key[0], []).append(self._describe(names[key], key[1], inputs))
        self._derive(parts)
        return parts

    def _part_name(self, key: tuple[str, str], inputs: list[File]) -> str:
        table, month = key
        kept = [self._kept_input(file) for file in sorted(inputs, key=lambda file: file.order)]
        digest = hashlib.sha256("\n".join([self.lineage, *kept]).encode())
        return f"{table}-{month}-{digest.hexdigest()[:12]}"

    def _kept_input(self, file: File) -> str:
        before = self._before(file)
        return str(before["input"]) if file.state == "kept" and before else self._input(file)

    def _stage_again(self, files: list[File], missing: set[tuple[str, str]]) -> None:
        """Read unchanged files once more for the months that have to be rebuilt."""
        staged = {row[0] for row in self.connection.execute("select table_name from duckdb_tables()").fetchall()}
        for file in files:
            months = {month for table, month in missing if table == file.table} & set(file.months)
            if not months or file.state not in ("published", "kept"):
                continue
            if f"staged_{file.table}" in staged and self._is_staged(file):
                continue
            if file.state == "published":
                notes = file.notes
                file.notes = []
                self._stage(file, months)
                file.notes = notes
            else:
                self._carry_over(file, months)

    def _is_staged(self, file: File) -> bool:
        row = self.connection.execute(
            f"select 1 from staged_{file.table} where cx_file = $file and cx_source = $source limit 1",
            {"file": file.shown, "source": file.source.name if file.source else ""},
        ).fetchone()
        return row is not None

    def _carry_over(self, file: File, months: set[str]) -> None:
        """Take the rows of a now damaged file from the parts published before."""
        assert self.previous is not None
        for part in self.previous.parts.get(file.table, ()):
            if part.month not in months:
                continue
            path = self.folder / "parts" / f"{part.name}.duckdb"
            self.connection.execute(f"attach {literal(str(path))} as old (read_only)")
            try:
                table = contract.TABLES[file.table]
                extras = [
                    name
                    for name in part.columns
                    if not table.column(name) and not name.startswith("cx_") and name != "day"
                ]
                self.connection.execute(
                    "create temp table incoming as select *, null as cx_problem, 0 as cx_row from old.rows "
                    "where cx_file = $file and cx_source = $source",
                    {"file": file.shown, "source": file.source.name if file.source else ""},
                )
                self._keep(file, table, [n for n in part.columns if table.column(n)], extras, months)
            finally:
                self.connection.execute("drop table if exists incoming")
                self.connection.execute("detach old")

    def _build(self, key: tuple[str, str], name: str, inputs: list[File]) -> None:
        table = contract.TABLES[key[0]]
        partial = self.work / f"{name}.duckdb"
        partial.unlink(missing_ok=True)
        # Two sources may number their answers alike, but a customer or a step described twice is one: it is joined to.
        identity = ", ".join([*(["cx_source"] if table.time else []), *(quoted(column) for column in table.key)])
        newest = f"cx_order desc, {quoted(table.time) + ' desc, ' if table.time else ''}cx_row desc"
        sorted_by = ", ".join(
            [
                *(["metric"] if table.column("metric") else []),
                *(["day"] if table.time else []),
                quoted(table.key[0]),
            ]
        )
        columns = [row[0] for row in self.connection.execute(f"describe staged_{table.name}").fetchall()]
        coded = [
            name
            for name in rollups.coded_columns(table.name, self.extras.get(table.name, ()))
            if name in columns and self._coded(name, f"staged_{table.name} where cx_month = {literal(key[1])}")
        ]
        shown = [
            f"{quoted(name)}::{_dictionary_type(self.codes[name])} as {quoted(name)}" if name in coded else quoted(name)
            for name in columns
            if name not in ("cx_order", "cx_row", "cx_month")
        ]
        self.connection.execute(f"attach {literal(str(partial))} as part")
        try:
            self.connection.execute(
                f"create table part.rows as select {', '.join(shown)} from (select * from staged_{table.name} "
                f"where cx_month = $month qualify row_number() over (partition by {identity} order by {newest}) = 1 "
                f"order by {sorted_by})",
                {"month": key[1]},
            )
            counted = self.connection.execute(
                f"select (select count(*) from staged_{table.name} where cx_month = $month) - (select count(*) from part.rows)",
                {"month": key[1]},
            ).fetchone()
            self._note_facts(table, coded, counted[0] if counted else 0)
        finally:
            self.connection.execute("detach part")
        rollups.durable(partial, self.folder / "parts" / f"{name}.duckdb")
        self.rebuilt += 1

    def _name_metrics(self) -> None:
        """Give every metric a code, also those that nobody answered yet."""
        known = self.codes.setdefault("metric", [])
        known += sorted(name for name in self.metrics if name not in known)

    def _coded(self, column: str, source: str) -> bool:
        """Add a column's new values to its dictionary; False where it has too many for one."""
        if column in self.uncoded:
            return False
        known = self.codes.get(column, [])
        found = self.connection.execute(
            f"select distinct {quoted(column)} from (from {source}) where {quoted(column)} is not null "
            f"limit {rollups.LONGEST_DICTIONARY + 1}"
        ).fetchall()
        new = sorted({row[0] for row in found}.difference(known))
        if len(known) + len(new) > rollups.LONGEST_DICTIONARY:
            self.uncoded.add(column)
            self.codes.pop(column, None)
            return False
        self.codes[column] = [*known, *new]
        return bool(self.codes[column])

    def _note_facts(self, table: Table, coded: list[str], replaced: int) -> None:
        """Write what the manifest needs to know of the attached part, so that its rows need not be read again."""
        days = "min(day), max(day)" if table.time else "null::date, null::date"
        self.connection.execute(
            "create table part.facts as select * from "
            f"(select count(*), {days}, $replaced::bigint from part.rows) as counted(rows, first, last, replaced)",
            {"replaced": replaced},
        )
        counts = [
            f"select {literal(name)} as name, {quoted(name)}::varchar as value, count(*) as n from part.rows "
            f"where {quoted(name)} is not null group by 2"
            for name in coded
        ]
        if "touchpoint" in coded and "metric" in coded:
            counts.append(
                f"select {literal(STEPS)}, metric::varchar, count(*) from part.rows where touchpoint is not null group by 2"
            )
        nothing = "select null::varchar as name, null::varchar as value, 0 as n where false"
        self.connection.execute(f"create table part.counts as {' union all '.join(counts or [nothing])}")

    def _describe(self, name: str, month: str, inputs: list[str]) -> dict[str, Any]:
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
                    "inputs": inputs,
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
            "inputs": inputs,
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
            named = sorted(self._counts({"responses": parts["responses"]})["responses"].get("touchpoint", {}))
            steps = [(name, position, None, None, None, None) for position, name in enumerate(named[:200], 1)]
        if not steps:
            return
        digest = hashlib.sha256(repr(steps).encode()).hexdigest()[:12]
        name = f"touchpoints-all-{digest}"
        if not (self.folder / "parts" / f"{name}.duckdb").exists():
            table = contract.TABLES["touchpoints"]
            self.connection.execute(f"create or replace table staged_touchpoints ({_staged_columns(table)})")
            self.connection.executemany(
                "insert into staged_touchpoints values (?, ?, ?, ?, ?, ?, 'all', '', 'cx.toml', 0, 0)", steps
            )
            self._build(("touchpoints", "all"), name, [])
        parts["touchpoints"] = [self._describe(name, "all", [])]

    def _open(self, part: dict[str, Any]) -> None:
        """Open a written part for reading."""
        path = self.folder / "parts" / f"{part['name']}.duckdb"
        self.connection.execute(f"attach if not exists {literal(str(path))} as {quoted(part['name'])} (read_only)")

    # --- manifest and rollups ------------------------------------------------------------------------

    def _manifest(self, files: list[File], parts: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
        entries = []
        for file in files:
            entry = file.entry()
            entry["input"] = self._kept_input(file) if file.state == "kept" else self._input(file)
            entries.append(entry)
        counted = self._counts(parts)
        segments, values = self._segments(parts, counted)
        answered = counted.get("responses", {})
        content = [
            snapshot.FORMAT,
            sorted(part["name"] for table in parts.values() for part in table),
            sorted((metric.name, metric.digest) for metric in self.metrics.values()),
            self.settings.time_zone,
            self.settings.brand,
            sorted((entry["file"], entry["source"], entry["state"], entry["digest"]) for entry in entries),
            sorted(self._mentioned()),
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
            "replaced": {table: sum(part["replaced"] for part in entries) for table, entries in parts.items()},
        }

    def _counts(self, parts: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, dict[str, int]]]:
        """Per table and column with a dictionary, how often each value occurs, most often first."""
        found: dict[str, dict[str, dict[str, int]]] = {}
        for table, entries in parts.items():
            if not rollups.coded_columns(table, ("any",)):
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
                for value, *texts in self.connection.execute(
                    f"select {', '.join([column, *wanted])} from part.rows "
                    f"order by {'position' if table == 'touchpoints' else column}"
                ).fetchall():
                    named = {name[-2:]: text for name, text in zip(wanted, texts, strict=True) if text}
                    if named:
                        labels.setdefault(column, {})[value] = named
                self.connection.execute("detach part")
        return labels

    def _mentioned(self) -> set[tuple[str, tuple[str, ...]]]:
        """The sets of columns that questions mention together, for rollups made to measure."""
        found = set()
        for question in self.catalog.questions().values():
            for table in question.reading.tables:
                name, _, _ = scope.twin(table)
                if name in ("scores", "ratings"):
                    found.add((name, tuple(sorted(question.reading.columns))))
        return found

    def _draft(self, manifest: dict[str, Any], target: Path) -> snapshot.Snapshot:
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
            lineage=self.lineage,
            parts=parts,
            sums=(),
            rollups=(),
            codes={column: tuple(values) for column, values in self.codes.items()},
            uncoded=frozenset(self.uncoded),
            segments=manifest["segments"],
            values={k: tuple(v) for k, v in manifest["values"].items()},
            labels={},
            files=(),
        )

    def _rollups(self, draft: snapshot.Snapshot, manifest: dict[str, Any]) -> None:
        """Make all sums of the snapshot, and what judging needs to know of its answers."""
        for column, values in draft.codes.items():
            if values:
                self.connection.execute(
                    f"create or replace type {quoted(f'code_{column}')} as {_dictionary_type(values)}"
                )
        builder = rollups.Builder(
            self.connection,
            draft,
            self.previous,
            self.metrics,
            self._mentioned(),
            brand=self.settings.brand,
            lineage=self.lineage,
            work=self.work,
        )
        sums = builder.sums()
        self.progress("rollups", 0.9)
        found = builder.rollups(sums)
        manifest |= rollups.entries(sums, found)
        manifest["design_effects"] = builder.design_effects()
        manifest["breaks"] = [
            {"metric": name, "survey": survey, "day": day.isoformat()} for name, survey, day in builder.breaks()
        ]
        manifest["choices"] = builder.choices
        builder.close()


def _staged_columns(table: Table) -> str:
    columns = [f"{quoted(column.name)} {contract.SQL_TYPES[column.type]}" for column in table.columns]
    columns += ["day date"] if table.time else []
    columns += [
        "cx_month varchar",
        "cx_source varchar",
        "cx_file varchar",
        "cx_order integer",
        "cx_row bigint",
    ]
    return ", ".join(columns)


def _dictionary_type(values: Sequence[str]) -> str:
    """The type of a column that holds these values."""
    return f"enum ({', '.join(literal(value) for value in values)})"


def column_name(name: str) -> str:
    """An export's column name as a segment's: lower case, other signs than letters and digits as `_`."""
    folded = "".join(sign if sign.isalnum() else "_" for sign in name.strip().lower())
    return folded.strip("_")


def clean(name: str, kind: str, *, fold: bool) -> str:
    """SQL that makes one text of many spellings: NFC, no NUL or invisible signs, trimmed, empty as null.

    With `fold`, full-width letters become plain ones, as segment values and codes need.
    """
    text = f"replace({name}::varchar, chr(0), '')"
    text = f"nfc_normalize({text})"
    if fold:
        # translate() is slow, so it runs only on the few texts that hold such a sign.
        folded = f"translate({text}, {literal(FULL_WIDTH + INVISIBLE)}, {literal(HALF_WIDTH)})"
        text = f"case when regexp_matches({text}, {literal('[' + FOLDED_SIGNS + ']')}) then {folded} else {text} end"
        return f"nullif(trim(regexp_replace({text}, '\\s+', ' ', 'g')), '')"
    return f"nullif(regexp_replace(left({text}, {LONGEST_TEXT}), '^\\s+|\\s+$', '', 'g'), '')"


def _number(name: str, kind: str) -> str:
    """SQL for a finite number; a decimal keeps its digits, a text that is none becomes null."""
    number = f"try_cast(trim({name}) as double)" if kind.startswith("VARCHAR") else f"try_cast({name} as double)"
    return f"case when isfinite({number}) then {number} end"


def _remedy(rule: str, column: str) -> str:
    """What to do about rows that break a rule."""
    remedies = {
        "not a number": f"Export numbers in “{column}”; leave it empty where there is none.",
        "not a time with a zone": f"Write “{column}” like 2026-11-22T09:30:00+09:00, or declare the zone.",
        "empty": f"Fill “{column}” in the export.",
        "before 1990": f"Look how “{column}” is exported: such dates usually stand for “unknown”.",
        "in the future": f"Look at the clock or the zone of “{column}”.",
        "nothing in it": "Leave such rows out of the export.",
        "above the most stars possible": "Give `rating_max` where the scale is not five stars.",
    }
    if rule.startswith("outside the scale"):
        return "Map codes that mean “no answer” to empty in a source, or correct the scale in the metric's file."
    return remedies.get(rule, f"Look at “{column}” in the export.")
