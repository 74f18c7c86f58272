"""Readers: one exported file of any known kind as the relation `raw`.

Each reader creates the view `raw` in a DuckDB connection: every column of the file, plus `filename`
(its path inside the data folder) and `row_number` (from 1, in file order). Parquet keeps its types; everywhere else
every value is text, so that no value is rounded and no other value changes what a column is. What DuckDB cannot read
itself is rewritten into the work folder first.
"""

import csv
import fnmatch
import json
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cx import cell_formats, checksums, encodings, packed, surveys, web_tables
from cx.catalog import READERS, Reading
from cx.errors import DataError, counted, nearest
from cx.quoting import literal, quoted

KINDS = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), "xlsx"),
}

PACKED = (".7z", ".tar", ".tgz", ".bz2", ".xz", ".rar")
"""How files are packed that are not read; those of `packed` are."""

PACKABLE = tuple(ending for ending, kind in KINDS.items() if kind != "parquet")
"""What is read out of a packed file; the pages of Parquet are packed and checked on their own."""
CHECKSUM = ".sha256"
"""Ends the name of a file that holds the checksum of the one beside it, as `sha256sum FILE > FILE.sha256` makes it."""
IGNORED = (".tmp", ".crc", ".partial", ".part", ".crdownload", CHECKSUM)

NARROWEST = 3
"""In a table of fewer columns a row of one cell may be a row."""
NOTHING = ("NULL", "\\N")
"""What databases write into text files where a cell is empty: as a text it would be a customer or an answer."""
MOST_NOTES = 10
"""So many notes may stand below a table."""
FIRST_ROUNDED, LONGEST_WHOLE = 1e15, 1e22
"""Whole numbers from which a spreadsheet keeps no last digit, and from which they are measures rather than names."""
ROWS_AT_ONCE = 20_000
MOST_MENDED = 100_000
"""So many different rows of too many cells at most are put together: it is the export that should quote more."""
MOST_LISTED = 1_000
"""Of the rows that cannot be read, so many are listed one by one; all are counted."""
LONGEST_LOOKED = 200
"""Letters of such a row that are looked at: more than are shown, so that masking meets no cut number."""
LONGEST_SHOWN = 60
"""Letters of it that are shown."""
TOO_MANY = "more cells than columns"
TWO_ROWS = "Rows {first} and {second} name the columns together."
FEWEST_NAMED = 10
"""From so many objects on that stand under a name each, with a name in common, they are records."""
KEY = "key"
"""The column of the names under which such records stand."""
NAMED_RECORDS = f"Each of its records stands under a name of its own, which is its “{KEY}”."
DEEPEST = 4
"""How many levels of a nested JSON object become columns."""


@dataclass
class Unreadable:
    """Rows that could not be cut into a file's columns, all for the same reason."""

    rule: str
    hint: str
    rows: int = 0
    listed: list[tuple[int, str]] = field(default_factory=list)
    """Number and content of the first of them."""

    def add(self, number: int, content: str) -> None:
        """Count one more row."""
        self.rows += 1
        if self.rows <= MOST_LISTED:
            self.listed.append((number, content[:LONGEST_LOOKED]))


@dataclass
class Raw:
    """What became of a file: its columns with their DuckDB types, and what was told from it rather than declared."""

    columns: dict[str, str]
    notes: list[str] = field(default_factory=list)
    wordings: dict[str, str] = field(default_factory=dict)
    """What was asked, per column of a survey tool's export."""
    found: dict[str, str] = field(default_factory=dict)
    """Per key of a source's header what was told from the file and should be declared."""
    unreadable: list[Unreadable] = field(default_factory=list)
    """The rows that are left out of it."""

    def row_number(self) -> str:
        """SQL for the number of a row in its file, those that are left out counted too."""
        numbers = sorted(number for one in self.unreadable for number, _ in one.listed)
        if not numbers:
            return "file_row_number + 1"
        # A row comes after as many of those left out as lie before its own place among the others.
        passed = [number - place for place, number in enumerate(numbers, 1)]
        return f"file_row_number + 1 + len(list_filter({passed}, lambda gap: gap <= file_row_number))"


def ignored(path: Path) -> bool:
    """Whether a file is a leftover of some program rather than an export."""
    name = path.name
    return name.startswith((".", "_", "~$")) or name.endswith(IGNORED) or name in ("Thumbs.db", "desktop.ini")


def is_export(path: Path) -> bool:
    """Whether a file is of a kind that is read, by its ending."""
    return path.suffix.lower() in KINDS or packed.is_packed(path)


def kind_of(path: Path, declared: str = "") -> str:
    """The reader for a file: the declared one, else by its ending; `packed` where it has to be unpacked first."""
    if packed.is_packed(path):
        return "packed"
    kind = declared or KINDS.get(path.suffix.lower(), "")
    if path.suffix.lower() in PACKED:
        raise DataError("It is packed in a way that is not read.", packed.UNPACK)
    if not kind:
        raise DataError(
            f"Nothing here reads files ending in “{path.suffix}”.",
            f"Name a reader in the source: {', '.join(READERS[:-1])} or {READERS[-1]}.",
        )
    return kind


def is_text(path: Path) -> bool:
    """Whether a file holds text, whatever it is called: many systems call their text files .xls."""
    with path.open("rb") as stream:
        start = stream.read(4096)
    wide = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    return bool(start) and not content_of(path) and (wide or start.count(0) * encodings.FEWEST_LETTERS <= len(start))


def open_raw(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    shown: str,
    reading: Reading | None = None,
    *,
    work: Path,
    name: str = "raw",
) -> Raw:
    """Create the view `raw` (or of another name) over one file and return what it holds.

    `path` must hold no glob characters; `shown` is what the column `filename` says; `work` is a folder for what has to
    be rewritten. Columns that are declared and that the file lacks are added empty. Raises DataError when the file is
    not what it should be.
    """
    reading = reading or Reading()
    kind = kind_of(path, reading.reader)
    if kind == "packed":
        return _open_packed(connection, path, shown, reading, work, name)
    if kind == "xlsx" and not reading.reader and is_text(path):
        kind = "csv"
    try:
        scan, raw = SCANS[kind](connection, path, reading, work)
        names = {row[0]: row[1] for row in connection.execute(f"describe select * from {scan}").fetchall()}
    except duckdb.Error as error:
        first = str(error).split("\n", 1)[0].replace(str(path), shown)
        ending = KINDS.get(path.suffix.lower(), kind)
        remedy = f"By its ending it is {ending}: look at the `reader` in the source."
        again = "Export it again; see that the copy is complete."
        raise DataError(f"It cannot be read as {kind}: {first}", again if ending == kind else remedy) from error
    except OSError as error:
        raise DataError(f"It cannot be read: {error.strerror}.", "Correct the file's rights.") from error
    place = "row_number() over ()"
    if names.pop("file_row_number", ""):
        place = raw.row_number()
    lowered = [column.lower() for column in names]
    _refuse_twice(lowered)
    missing = [column for column in reading.columns if column.lower() not in lowered]
    added = "".join(f", null::varchar as {quoted(column)}" for column in missing)
    for extra, expression in (("filename", literal(shown)), ("row_number", place)):
        if extra not in lowered:
            added += f", {expression} as {extra}"
    kept = "* exclude (file_row_number)" if place.startswith("file") else "*"
    connection.execute(
        f"create or replace {'' if '.' in name else 'temp '}view {name} as select {kept}{added} from {scan}"
    )
    raw.columns = {**names, **dict.fromkeys(missing, "VARCHAR")}
    return raw


def _open_packed(
    connection: duckdb.DuckDBPyConnection, path: Path, shown: str, reading: Reading, work: Path, name: str
) -> Raw:
    """Create the view over all files that lie in a packed one, their rows numbered one after the other."""
    raw = Raw({})
    pieces: list[str] = []
    # Each file leaves tables of its own in the work folder, named after it.
    before = 0
    within = packed.unpacked(path, work, PACKABLE, raw.notes)
    several = len(within) > 1
    for number, inside in enumerate(within):
        view = f"{name}_packed_{number}"
        own = work / f"{path.stem}.packed.{number}"
        own.mkdir(exist_ok=True)
        try:
            opened = open_raw(connection, inside.path, shown, reading, work=own, name=view)
        except DataError as error:
            raise DataError(f"{inside.name}: {error.message}", error.hint) from error
        own_number = any(column.lower() == "row_number" for column in opened.columns)
        pieces.append(f"select *{'' if own_number else f' replace (row_number + {before} as row_number)'} from {view}")
        held = connection.execute(f"select count(*) from {view}").fetchone()
        raw.columns = {**opened.columns, **raw.columns}
        raw.wordings |= opened.wordings
        raw.found |= opened.found
        raw.notes += [f"In {inside.name}: {note}" if several else note for note in opened.notes]
        for one in opened.unreadable:
            one.listed = [(place + before, content) for place, content in one.listed]
            raw.unreadable.append(one)
        before += (held[0] if held else 0) + sum(one.rows for one in opened.unreadable)
    if several:
        raw.notes.append(f"The {len(pieces):,} files packed in it are read as one.")
    created = f"create or replace {'' if '.' in name else 'temp '}view {name}"
    connection.execute(f"{created} as {' union all by name '.join(pieces)}")
    return raw


# --- Parquet -----------------------------------------------------------------------------------------


def _parquet(connection: duckdb.DuckDBPyConnection, path: Path, reading: Reading, work: Path) -> tuple[str, Raw]:
    # DuckDB gives a second column of the same name another name.
    _refuse_twice([name.lower() for name in checksums.footer(path).columns])
    return f"read_parquet({literal(str(path))}, hive_partitioning = false, file_row_number = true)", Raw({})


def _refuse_twice(names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"The column “{twice[0]}” stands in it twice.", "Rename one of them in the export.")


def _rewritten(path: Path, names: Sequence[str], rows: Iterable[Sequence[str]], work: Path, raw: Raw) -> str:
    """Rows of texts as a Parquet file in the work folder, and the scan over it; an empty text is no value."""
    target = work / f"{path.stem}.rows.parquet"
    schema = pa.schema([(name, pa.string()) for name in names])
    width = len(names)
    remaining = enumerate(rows, 1)
    number = 0
    surplus = Unreadable(TOO_MANY, UNREADABLE[TOO_MANY])
    with pq.ParquetWriter(target, schema) as writer:
        while block := list(islice(remaining, ROWS_AT_ONCE)):
            kept = []
            for number, row in block:
                if any(row[width:]):
                    surplus.add(number, ", ".join(row))
                else:
                    kept.append(row)
            cells = [[row[at] or None if at < len(row) else None for row in kept] for at in range(width)]
            writer.write_table(pa.table([pa.array(column, pa.string()) for column in cells], schema))
    _leave_out([surplus], number, width, raw)
    return f"read_parquet({literal(str(target))}, hive_partitioning = false, file_row_number = true)"


def _leave_out(found: Iterable[Unreadable], total: int, width: int, raw: Raw) -> None:
    """Leave out the rows that cannot be read; where those are most of a file, it is the file that is not understood."""
    raw.unreadable = [one for one in found if one.rows]
    number = sum(one.rows for one in raw.unreadable)
    if 2 * number > total:
        first = min(raw.unreadable, key=lambda one: one.listed[0]).listed[0]
        raise DataError(
            f"{number:,} of its {counted(total, 'row')} cannot be cut into the {width} columns that it names, "
            f"first row {first[0]:,}: {first[1]}.",
            "Look at its delimiter and its header; name `delimiter` or `header_row` in the source.",
        )


def notes_below(
    rows: Sequence[Sequence[str | None]], width: int, told: list[str], shape: Callable[[int, int], encodings.Shape]
) -> int:
    """How many of the last rows are notes below a table rather than rows of it: a cell each, and none that its column
    could hold. What may be somebody's answer stays a row, for the rules to judge.

    `shape` tells what the cells of a column look like without so many of the last rows.
    """
    if width < NARROWEST:
        return 0
    lone: list[tuple[int, str]] = []
    for row in reversed(rows):
        filled = [(place, cell) for place, cell in enumerate(row) if cell]
        if len(filled) > 1 or len(lone) == MOST_NOTES:
            break
        lone.append(filled[0] if filled else (-1, ""))
    if len(lone) == len(rows):
        return 0
    notes = 0
    for place, cell in lone:
        if cell and shape(place, len(lone)).fits(cell, ""):
            break
        notes += 1
    first = next((cell for _, cell in reversed(lone[:notes]) if cell), "")
    if first:
        told.append(f"Its last rows hold a cell each and are notes: {notes}, such as “{' '.join(first.split())[:60]}”.")
    return notes if first else 0


def column_names(cells: Iterable[str], notes: list[str]) -> list[str]:
    """What columns are called: on one line, composed, each once; one without a name by its place."""
    found: list[str] = []
    seen: set[str] = set()
    again: list[str] = []
    for place, cell in enumerate(cells, 1):
        plain = " ".join(unicodedata.normalize("NFC", cell).replace("\ufeff", "").replace("\u200b", "").split())
        plain = plain or f"column_{place}"
        name, count = plain, 1
        while name.lower() in seen:
            count += 1
            name = f"{plain}_{count}"
        if count > 1:
            again.append(name)
        seen.add(name.lower())
        found.append(name)
    if again:
        more = f" and {len(again) - 3} more" if len(again) > 3 else ""
        notes.append(f"Columns of one name are told apart by a number: {', '.join(again[:3])}{more}.")
    return found


# --- Delimited text ----------------------------------------------------------------------------------


def _csv(connection: duckdb.DuckDBPyConnection, path: Path, reading: Reading, work: Path) -> tuple[str, Raw]:
    _refuse_other_kinds(path)
    text = encodings.told_by(path, reading.encoding)
    how = encodings.dialect(path, text, reading.delimiter, reading.quote, reading.escape, reading.header_row)
    raw = Raw({}, found=_told(text, how, reading))
    if raw.found:
        raw.notes.append(f"Read as {', '.join(f'{key} {value}' for key, value in raw.found.items())}.")
    if how.two:
        raw.notes.append(TWO_ROWS.format(first=how.record, second=how.record + 1))
    names = column_names(how.header, raw.notes)
    _tell_nuls(text, raw)
    own = (
        text.utf_8 and not text.nuls and how.record == 1 and how.lines == 1 and encodings.one_end(path, text, how.quote)
    )
    target = path
    if not own:
        target = work / f"{path.stem}.utf8.csv"
        # Records that end in several ways are made to end in one; DuckDB stops at the first that differs.
        with (
            encodings.opened(path, text) as given,
            target.open("w", encoding="utf-8", newline="") as written,
        ):
            for line, end in islice(encodings.lines(given, how.quote), how.lines, None):
                written.write(encodings.without_nuls(line) + ("\n" if end else ""))
    encodings.refuse_cut_off(target, how)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    # One thread, because DuckDB pads short rows beside quoted newlines only then.
    options = [
        "auto_detect = false",
        f"header = {'true' if own else 'false'}",
        f"columns = {{{columns}}}",
        f"delim = {literal(how.delimiter)}",
        f"quote = {literal(how.quote)}",
        f"escape = {literal(how.escape or how.quote)}",
        "hive_partitioning = false",
        "null_padding = true",
        f"nullstr = [{', '.join(literal(one) for one in ('', *NOTHING) if not how.escape or how.escape not in one)}]",
        "parallel = false",
        "store_rejects = true",
        "rejects_table = 'rejected'",
        "rejects_scan = 'rejected_scans'",
        "rejects_limit = 0",
    ]
    for table in ("rejected", "rejected_scans"):
        connection.execute(f"drop table if exists {table}")
    rows = work / f"{path.stem}.rows.parquet"
    scan = f"read_csv({literal(str(target))}, {', '.join(options)})"
    # One thread keeps the order by itself; told to keep it, DuckDB would hold all rows until the file's end.
    copied = f"to {literal(str(rows))} (format parquet, preserve_order false)"
    read = connection.execute(f"copy (from {scan}) {copied}").fetchone()
    if whole := _put_together(connection, target, rows, how, work):
        told, places = whole
        held = "”, “".join(names[place] for place in places)
        raw.notes.append(
            f"The delimiter stands in “{held}” without quotes in {counted(told, 'row')}, put together there."
        )
        for table in ("rejected", "rejected_scans"):
            connection.execute(f"drop table if exists {table}")
        scan = scan.replace(literal(str(target)), literal(str(_mended(target, work))))
        read = connection.execute(f"copy (from {scan}) {copied}").fetchone()
    total = read[0] if read else 0
    _leave_out_rejected(connection, total, len(names), 1 if own else 0, raw)
    kept = f"read_parquet({literal(str(rows))}, hive_partitioning = false, file_row_number = true)"
    last = connection.execute(f"from {kept} where file_row_number >= {total - MOST_NOTES - 1}").fetchall()
    notes = notes_below(
        [row[:-1] for row in last],
        len(names),
        raw.notes,
        lambda place, lone: _shape(
            connection, f"(from {kept} where file_row_number < {total - lone})", quoted(names[place])
        ),
    )
    conditions = [f"file_row_number < {total - notes}"] if notes else []
    header = " and ".join(
        f"trim({quoted(name)}) is not distinct from {literal(cell.strip()) if cell.strip() else 'null'}"
        for name, cell in zip(names, how.header, strict=True)
    )
    headers = connection.execute(f"select count(*) from {kept} where {header}").fetchone()
    if headers and headers[0] and not how.two and len(names) > 1:
        _tell_headers(headers[0], raw)
        conditions.append(f"not ({header})")
    return (f"(from {kept} where {' and '.join(conditions)})" if conditions else kept), raw


def _tell_headers(again: int, raw: Raw) -> None:
    """Say how many rows only name the columns once more: on each page of a report, or where files were put together."""
    if again:
        raw.notes.append(f"Left out, because they only name the columns once more: {counted(again, 'row')}.")


def _tell_nuls(text: encodings.Text, raw: Raw) -> None:
    """Say where bytes of zero stood that are left out."""
    if text.nuls == 1:
        raw.notes.append(f"A NUL sign in line {text.first_nul:,} is no letter and left out.")
    elif text.nuls:
        raw.notes.append(f"{text.nuls:,} NUL signs, the first in line {text.first_nul:,}, are no letters and left out.")


def _mended(path: Path, work: Path) -> Path:
    return work / f"{path.stem}.mended.csv"


def _put_together(
    connection: duckdb.DuckDBPyConnection, path: Path, rows: Path, how: encodings.Dialect, work: Path
) -> tuple[int, list[int]] | None:
    """Write a text file anew with the texts in quotes that hold its delimiter without, and return how many rows that
    are and which columns; None where it is plain of none how."""
    found = connection.execute("select csv_line from rejected where error_type = 'TOO MANY COLUMNS'").fetchall()
    lines = {line.rstrip("\r\n") for (line,) in found if line}
    # Of fewer rows that can be read than of those that cannot, nothing is plain.
    if not 0 < len(lines) <= MOST_MENDED or how.escape or len(found) > pq.read_metadata(rows).num_rows:
        return None
    names = [row[0] for row in connection.execute(f"describe from read_parquet({literal(str(rows))})").fetchall()]
    shapes = [_shape(connection, f"read_parquet({literal(str(rows))})", quoted(name)) for name in names]
    if encodings.never_plain(shapes):
        return None
    whole = {line: encodings.put_together(line, how, shapes) for line in lines}
    mended = {line: text for line, (text, _) in whole.items() if text}
    if not mended:
        return None
    places = sorted({place for _, held in whole.values() for place in held})
    count = 0
    with (
        path.open(encoding="utf-8", newline="") as given,
        _mended(path, work).open("w", encoding="utf-8", newline="") as written,
    ):
        for line in given:
            text = line.rstrip("\r\n")
            count += text in mended
            written.write(mended.get(text, text) + line[len(text) :])
    return count, places


def _shape(connection: duckdb.DuckDBPyConnection, rows: str, name: str) -> encodings.Shape:
    """What the cells of a text file's column look like in the rows that can be read."""
    number, letters = "'[0-9]+([.][0-9]+)*', '9', 'g'", "'\\p{L}+', 'a', 'g'"
    pattern = f"regexp_replace(regexp_replace(regexp_replace({name}, '^[-+]', ''), {number}), {letters})"
    written = connection.execute(
        f"select {pattern} as pattern, min(length({name})), max(length({name})), count(*) from {rows} "
        f"where regexp_matches({name}, '[0-9]') group by 1 limit {encodings.MOST_PATTERNS + 1}"
    ).fetchall()
    words = connection.execute(
        f"select {name}, count(*) from {rows} where {name} <> '' and not regexp_matches({name}, '[0-9]') "
        f"group by 1 limit {encodings.MOST_WORDS + 1}"
    ).fetchall()
    patterns = {told: (shortest, longest) for told, shortest, longest, _ in written}
    return encodings.shape_of(patterns, sum(row[3] for row in written), dict(words))


def _leave_out_rejected(connection: duckdb.DuckDBPyConnection, read: int, width: int, headers: int, raw: Raw) -> None:
    """Leave out the rows that DuckDB could not read."""
    found: dict[str, Unreadable] = {}
    rows = connection.execute(
        "select line, any_value(error_type)::varchar, any_value(csv_line) from rejected group by line order by line"
    ).fetchall()
    for line, error, content in rows:
        rule = {"TOO MANY COLUMNS": TOO_MANY, "UNQUOTED VALUE": "a quote within a quoted cell"}.get(
            error, "not readable"
        )
        found.setdefault(rule, Unreadable(rule, UNREADABLE[rule])).add(line - headers, content or "")
    _leave_out(found.values(), read + len(rows), width, raw)


def _told(text: encodings.Text, how: encodings.Dialect, reading: Reading) -> dict[str, str]:
    """What was told from a text file and is not what it is usually written in."""
    found: dict[str, str] = {}
    if not text.told and not text.utf_8:
        found["encoding"] = text.encoding.replace("_", "-")
    if not reading.delimiter and how.delimiter != ",":
        found["delimiter"] = '"\\t"' if how.delimiter == "\t" else f'"{how.delimiter}"'
    if not reading.quote and how.quote != '"':
        found["quote"] = f'"{how.quote}"'
    if not reading.header_row and how.record != 1:
        found["header_row"] = str(how.record)
    return found


UNREADABLE = {
    TOO_MANY: "A text that holds the delimiter has to stand in quotes; correct the row in the export.",
    "a quote within a quoted cell": "Write a quote within a quoted cell twice, or name the `escape` in the source.",
    "not readable": "Correct the row in the export.",
}
"""What to do about rows that cannot be cut into columns."""


ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""What an encrypted workbook is called within a file of an old office program."""
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
SIGNS = (
    (b"PAR1", "Parquet"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (OLD_OFFICE, "a spreadsheet or another file of an old office program"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"SQLite format 3", "a database"),
)
"""How files begin that are no text."""
WEB_PAGE = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<meta", b"<head", b"<body")


def content_of(path: Path) -> str:
    """What a file is by its first bytes, an empty text where nothing says so: a spreadsheet, a PDF, a web page …"""
    with path.open("rb") as stream:
        start = stream.read(64)
    if start.startswith(b"PK\x03\x04"):
        with suppress(OSError, ValueError, zipfile.BadZipFile), zipfile.ZipFile(path) as packed:
            names = packed.namelist()
            if not any(name.startswith("xl/") or name == "content.xml" for name in names):
                return (
                    "a document" if any(name.startswith(("word/", "ppt/")) for name in names) else "a compressed file"
                )
        return "a spreadsheet"
    for sign, kind in SIGNS:
        if start.startswith(sign):
            return kind
    lowered = start.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    return "a web page" if lowered.startswith(WEB_PAGE) else ""


def _refuse_other_kinds(path: Path) -> None:
    """Refuse a file that is named as text and is something else."""
    kind = content_of(path)
    if kind == "a web page":
        raise DataError("It is a web page by its content.", "Export it again: what was saved is probably a login page.")
    if kind in ("a spreadsheet", "Parquet") or "office" in kind:
        raise DataError(f"It is {kind} by its content.", "Give it the ending of what it is, or name its `reader`.")
    if kind:
        raise DataError(f"It is {kind} by its content.", "Export the table itself as CSV, XLSX or JSON.")


# --- Survey tools ------------------------------------------------------------------------------------


def _survey(connection: duckdb.DuckDBPyConnection, path: Path, reading: Reading, work: Path) -> tuple[str, Raw]:
    raw = Raw({})
    rows = iter(_all_rows(path, reading, raw))
    first = list(islice(rows, surveys.MOST_HEADERS))
    header = surveys.HEADERS[reading.reader](first)
    width = len(header.names)
    # Legacy ends every row with a comma, which names a last column of nothing.
    while width and not header.names[width - 1]:
        width -= 1
    names = column_names(header.names[:width], raw.notes)
    raw.wordings = dict(zip(names, header.wordings, strict=False))
    raw.notes.append(f"{header.rows} header {'row' if header.rows == 1 else 'rows'}, {len(names)} columns.")
    answers = (row for row in chain(first[header.rows :], rows) if any(cell.strip() for cell in row))
    return _rewritten(path, names, answers, work, raw), raw


def _all_rows(path: Path, reading: Reading, raw: Raw) -> Iterator[list[str]]:
    """The records of a delimited file or of a sheet, its header among them."""
    if KINDS.get(path.suffix.lower()) == "xlsx":
        yield from _sheets(path, reading.sheet, raw)[0].rows
        return
    _refuse_other_kinds(path)
    text = encodings.told_by(path, reading.encoding)
    how = encodings.dialect(path, text, reading.delimiter, reading.quote, reading.escape, 1)
    raw.found = _told(text, how, reading)
    _tell_nuls(text, raw)
    with encodings.opened(path, text) as stream:
        yield from csv.reader(
            map(encodings.without_nuls, stream),
            delimiter=how.delimiter,
            quotechar=how.quote,
            escapechar=how.escape or None,
            doublequote=not how.escape,
        )


def first_rows(path: Path, reading: Reading) -> list[list[str]]:
    """The first records of a delimited file or a sheet, to see what wrote it."""
    with suppress(DataError):
        return list(islice(_all_rows(path, reading, Raw({})), surveys.MOST_HEADERS))
    return []


# --- Spreadsheets ------------------------------------------------------------------------------------


def _xlsx(connection: duckdb.DuckDBPyConnection, path: Path, reading: Reading, work: Path) -> tuple[str, Raw]:
    raw = Raw({})
    columns: dict[str, str] = {}
    pieces: list[tuple[str, list[str], list[list[str]]]] = []
    headers: dict[str, list[str]] = {}
    zeros: dict[str, None] = {}
    rounded: dict[str, None] = {}
    failed: dict[str, int] = {}
    first: tuple[str, int, str] | None = None
    again = 0
    for sheet in _sheets(path, reading.sheet, raw):
        rows = sheet.rows
        at = encodings.header_at(rows[: encodings.LOOKED_AT], reading.header_row)
        below = encodings.header_below(rows, at)
        if at and not reading.header_row:
            raw.found["header_row"] = str(at + 1)
        if below:
            headers.setdefault(TWO_ROWS.format(first=at + 1, second=at + 2), []).append(sheet.name)
        elif at and not reading.header_row:
            headers.setdefault(f"Row {at + 1} names the columns.", []).append(sheet.name)
        head = below or rows[at]
        filled = [row for row in rows[at + (2 if below else 1) :] if any(row)]
        # Where one column is named, a row may hold its name as an answer.
        whole = filled if sum(map(bool, rows[at])) < NARROWEST - 1 else [row for row in filled if row != rows[at]]
        again += len(filled) - len(whole)
        filled = whole
        named = sum(1 for cell in head if cell)
        body = filled

        def shape(place: int, lone: int, body: Sequence[Sequence[str]] = body) -> encodings.Shape:
            return encodings.shape_of_cells(row[place] for row in body[: len(body) - lone])

        filled = filled[: len(filled) - notes_below(filled[-MOST_NOTES - 1 :], named, raw.notes, shape)]
        used = [place for place, cell in enumerate(head) if cell or any(row[place] for row in filled)]
        names = column_names([head[place] for place in used], raw.notes)
        columns.update({name.lower(): columns.get(name.lower(), name) for name in names})
        for place, name in zip(used, names, strict=True):
            if place in sheet.zeros:
                zeros[name] = None
            if place in sheet.rounded:
                rounded[name] = None
            if errors := {row: shown for row, shown in sheet.failed.get(place, {}).items() if row > at}:
                failed[name] = failed.get(name, 0) + len(errors)
                first = first or next((shown, row + 1, name) for row, shown in errors.items())
        pieces.append(
            (sheet.name, [name.lower() for name in names], [[row[place] for place in used] for row in filled])
        )
    for how, sheets in headers.items():
        which = _named(sheets)
        raw.notes.append(f"Sheet {which}: {how}" if len(sheets) == 1 else f"Sheets {which}: {how}")
    _tell_headers(again, raw)
    if zeros:
        raw.notes.append(f"Numbers are read with the leading zeros that the sheet shows, in {_named(zeros)}.")
    if rounded:
        raw.notes.append(
            f"Of numbers with more than 15 digits a spreadsheet keeps the first 15: such stand in {_named(rounded)}. "
            "Where they tell rows apart, export the column as text."
        )
    if first:
        shown, row_number, name = first
        counts = ", ".join(f"“{name}” ({number:,})" for name, number in failed.items())
        raw.notes.append(
            f"Cells whose formula failed, such as “{shown}” in row {row_number:,} of “{name}”, are read as empty: "
            f"{counts}. Mend the formulas and export the file again where values belong there."
        )
    extra = [] if "sheet" in columns else ["sheet"]

    def united() -> Iterator[list[str]]:
        for sheet, names, rows in pieces:
            places = [names.index(name) if name in names else -1 for name in columns]
            for row in rows:
                yield [*(row[place] if place >= 0 else "" for place in places), *([sheet] if extra else [])]

    return _rewritten(path, [*columns.values(), *extra], united(), work, raw), raw


def _named(names: Iterable[str], most: int = 12) -> str:
    """Names between quotation marks, the first of many."""
    listed = [f"“{name}”" for name in names]
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook, or a table of a web page."""

    name: str
    rows: list[list[str]]
    """Its rows as texts, from its first one, whether something stands in it or not."""
    zeros: Mapping[int, int] = field(default_factory=dict)
    """The columns (from 0) whose numbers are shown with leading zeros, each with its number of digits."""
    rounded: frozenset[int] = frozenset()
    """The columns (from 0) with numbers of more digits than a spreadsheet keeps."""
    failed: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    """By column and row (from 0) what stands in the cells whose formulas failed, and which are read as empty."""


@dataclass(frozen=True)
class SheetHeader:
    """Where a sheet names its columns, and how."""

    at: int
    names: tuple[str, ...]
    filled: int
    """Its filled cells."""


def sheet_headers(path: Path) -> dict[str, SheetHeader]:
    """The header of each sheet of a workbook in which something stands."""
    found = {}
    for sheet in _sheets(path, "*", Raw({})):
        rows = sheet.rows
        at = encodings.header_at(rows[: encodings.LOOKED_AT])
        names = tuple(" ".join(cell.split()).lower() for cell in rows[at] if cell.strip())
        found[sheet.name] = SheetHeader(at, names, sum(1 for row in rows for cell in row if cell))
    return found


def _sheets(path: Path, wanted: str, raw: Raw) -> list[Sheet]:
    """The sheets that a pattern names, the fullest one where there is no pattern, as rows of texts."""
    content = content_of(path)
    if content == "a web page":
        raw.notes.append("It is a web page by its content: its tables are read as sheets.")
        tables = web_tables.tables(path)
        names = list(tables)
        found = [Sheet(name, tables[name]) for name in _chosen(names, wanted)]
    elif content and "spreadsheet" not in content:
        raise DataError(f"It is {content} by its content.", "Export the table itself as CSV, XLSX or JSON.")
    elif is_text(path):
        raise DataError("It is text by its content.", "Write `reader: csv` in the source, or give it the ending .csv.")
    else:
        names, found = _of_workbook(path, wanted)
    found = [sheet for sheet in found if any(any(row) for row in sheet.rows)]
    if not found:
        raise DataError("Its sheets are empty.", "Export it again; see that the copy is complete.")
    if wanted:
        return found
    # A workbook often begins with a cover.
    found = [max(found, key=lambda sheet: sum(1 for row in sheet.rows for cell in row if cell))]
    others = [name for name in names if name != found[0].name]
    if others:
        raw.found["sheet"] = json.dumps(found[0].name, ensure_ascii=False)
        raw.notes.append(f"Read the sheet “{found[0].name}”, not {', '.join(f'“{name}”' for name in others)}.")
    return found


def _chosen(names: Sequence[str], wanted: str) -> list[str]:
    """The names that a pattern fits, all where there is none."""
    chosen = [name for name in names if fnmatch.fnmatchcase(name, wanted)] if wanted else list(names)
    if not chosen:
        raise DataError(f"It has no sheet “{wanted}”.", nearest(wanted, names))
    return chosen


def _offered(book: Any, wanted: str) -> list[str]:
    """The sheets of a workbook among which is chosen: what somebody hid is read by its own name only."""
    from python_calamine import SheetVisibleEnum

    hidden = {sheet.name for sheet in book.sheets_metadata if sheet.visible != SheetVisibleEnum.Visible}
    return [name for name in book.sheet_names if name not in hidden or name == wanted] or list(book.sheet_names)


def _of_workbook(path: Path, wanted: str) -> tuple[list[str], list[Sheet]]:
    """The names of all sheets of a workbook, and those sheets that a pattern names."""
    # Loaded only where there is a spreadsheet: the workers import this module too and have to start in a moment.
    from python_calamine import CalamineError, CalamineWorkbook

    if _has_password(path):
        raise DataError(
            "It is a spreadsheet with a password.",
            "Open it in a spreadsheet program and save it as .xlsx, without one.",
        )
    found = []
    try:
        # By what it is rather than by its ending: many an .xls is called .xlsx.
        with path.open("rb") as stream:
            book = CalamineWorkbook.from_filelike(stream)
            zeros, failed = cell_formats.leading_zeros(path), cell_formats.failed(path)
            for name in _chosen(_offered(book, wanted), wanted):
                # The first row of the sheet is row 1, even where nothing stands in it.
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                rounded = {
                    place
                    for row in rows
                    for place, cell in enumerate(row)
                    if type(cell) is float and abs(cell) >= FIRST_ROUNDED
                }
                texts = [[_cell(cell) for cell in row] for row in rows]
                widths = zeros.get(name, {})
                for place, width in widths.items():
                    for row, given in zip(texts, rows, strict=True):
                        if place < len(row) and isinstance(given[place], int | float) and row[place].isdigit():
                            row[place] = row[place].zfill(width)
                found.append(Sheet(name, texts, widths, frozenset(rounded), failed.get(name, {})))
            return list(book.sheet_names), found
    except (CalamineError, ValueError) as error:
        raise DataError(
            f"It cannot be read as a spreadsheet: {str(error).splitlines()[0].rstrip('.')}.",
            "Open it in a spreadsheet program and save it as .xlsx, without a password.",
        ) from error


def _has_password(path: Path) -> bool:
    """Whether a workbook lies encrypted in a file of an old office program, as it does with a password."""
    with path.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as content:
        return content[: len(OLD_OFFICE)] == OLD_OFFICE and content.find(ENCRYPTED) >= 0


def _cell(cell: Any) -> str:
    """A spreadsheet's cell as text: whole numbers without a point, times as ISO."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < LONGEST_WHOLE else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds())
    return str(cell)


# --- JSON --------------------------------------------------------------------------------------------


def _json(connection: duckdb.DuckDBPyConnection, path: Path, reading: Reading, work: Path) -> tuple[str, Raw]:
    _refuse_other_kinds(path)
    raw = Raw({})
    text = encodings.told_by(path, reading.encoding)
    if not text.told and not text.utf_8:
        raw.found["encoding"] = text.encoding.replace("_", "-")
        raw.notes.append(f"Read as encoding {text.encoding}.")
    target = path
    _tell_nuls(text, raw)
    if not text.utf_8 or text.nuls or text.encoding == "utf-8-sig":
        target = work / f"{path.stem}.utf8.json"
        with encodings.opened(path, text) as given, target.open("w", encoding="utf-8", newline="") as written:
            while block := given.read(encodings.BLOCK):
                written.write(encodings.without_nuls(block))
    target = _unpacked(target, reading.records, work, raw)
    options = "hive_partitioning = false, maximum_object_size = 67108864"
    looked = "sample_size = -1, map_inference_threshold = -1, field_appearance_threshold = 0"
    described = connection.execute(
        f"describe select * from read_json_auto({literal(str(target))}, {options}, {looked})"
    ).fetchall()
    # Every value as text: a column of numbers with one word in it is otherwise read as another type.
    types = {row[0]: _as_text(connection, row[1]) for row in described}
    if not types or list(types) == ["json"]:
        raise DataError("It holds no records.", "Each record must be a JSON object; name their list under `records`.")
    columns = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in types.items())
    scan = f"read_json({literal(str(target))}, {options}, columns = {{{columns}}})"
    chosen: list[tuple[str, str, str]] = []
    for name, kind in types.items():
        chosen += _flat(connection, quoted(name), name, kind, 1)
    names = column_names([name for name, _, _ in chosen], raw.notes)
    lists = [name for name, (_, _, kind) in zip(names, chosen, strict=True) if kind != "VARCHAR"]
    if lists:
        raw.notes.append(f"Lists stay lists, for unnest(…) in a source: {', '.join(f'“{name}”' for name in lists)}.")
    listed = ", ".join(
        f"{expression} as {quoted(name)}" for name, (_, expression, _) in zip(names, chosen, strict=True)
    )
    return f"(select {listed} from {scan})", raw


def _as_text(connection: duckdb.DuckDBPyConnection, kind: str) -> str:
    """A type with text for every simple value in it."""
    kind = kind.strip()
    if kind.startswith("STRUCT(") and kind.endswith(")"):
        fields = ", ".join(f"{quoted(name)} {_as_text(connection, inner)}" for name, inner in _fields(connection, kind))
        return f"STRUCT({fields})"
    return f"{_as_text(connection, kind[:-2])}[]" if kind.endswith("[]") else "VARCHAR"


def _fields(connection: duckdb.DuckDBPyConnection, kind: str) -> list[tuple[str, str]]:
    """The names and types inside a struct's type."""
    rows = connection.execute(f"describe select unnest(null::{kind})").fetchall()
    return [(row[0], row[1]) for row in rows]


def _flat(
    connection: duckdb.DuckDBPyConnection, expression: str, name: str, kind: str, depth: int
) -> list[tuple[str, str, str]]:
    """The columns that a value becomes: one each for the simple values inside objects, `outer.inner`."""
    if not kind.startswith("STRUCT(") or kind.endswith("]") or depth > DEEPEST:
        return [(name, expression, kind)]
    return [
        column
        for inner, inner_kind in _fields(connection, kind)
        for column in _flat(connection, f"{expression}.{quoted(inner)}", f"{name}.{inner}", inner_kind, depth + 1)
    ]


def _unpacked(path: Path, records: str, work: Path, raw: Raw) -> Path:
    """The records of a document that holds them in a list under a name, one a line; other files as they are."""
    with path.open(encoding="utf-8", errors="replace") as stream:
        start = stream.read(1).strip() or stream.readline().strip()[:1]
        stream.seek(0)
        line = stream.readline()
    if start != "{":
        return path
    with suppress(ValueError):
        first = json.loads(line)
        if not records and not _fullest_list(first) and first == _listed(first):
            return path
    try:
        document = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, UnicodeDecodeError):
        return path  # lines of records, or something that the reader itself has to refuse
    inside: Any = document
    listed = _listed(document)
    if not records and isinstance(listed, list):
        raw.notes.append(NAMED_RECORDS)
        inside = listed
    elif not records:
        records = _fullest_list(document) or _fullest_list(listed)
        if not records:
            return path
        raw.found["records"] = records
        raw.notes.append(f"Its records are the list “{records}”.")
    for step in records.split(".") if records else ():
        inside = inside.get(step) if isinstance(inside, Mapping) else None
    if isinstance(inside, Mapping) and isinstance(_listed(inside), list):
        raw.notes.append(NAMED_RECORDS)
        inside = _listed(inside)
    if not isinstance(inside, list):
        raise DataError(f"It has no list “{records}”.", nearest(records, _lists(listed)))
    target = work / f"{path.stem}.records.jsonl"
    with target.open("w", encoding="utf-8") as written:
        for record in inside:
            written.write(json.dumps(record, ensure_ascii=False) + "\n")
    return target


def _fullest_list(document: Any) -> str:
    """The name of the only list of objects in a document, else of the longest one inside its objects; or nothing."""
    if len(outer := _lists(document)) == 1 or not isinstance(document, Mapping):
        return outer[0] if outer else ""
    lengths: dict[str, int] = {}

    def look(inside: Mapping[str, Any], before: str, depth: int) -> None:
        for name in _lists(inside):
            lengths[before + name] = len(inside[name])
        for name, value in inside.items():
            if isinstance(value, Mapping) and depth < DEEPEST:
                look(value, f"{before}{name}.", depth + 1)

    if not outer:
        look(document, "", 1)
    longest = max(lengths.values(), default=0)
    fullest = [name for name, length in lengths.items() if length == longest]
    return fullest[0] if len(fullest) == 1 else ""


def _listed(document: Any, depth: int = 1) -> Any:
    """A document in which records that each stand under a name of their own, as databases of apps write them, are a
    list: many objects with a name in common and nothing beside them."""
    if not isinstance(document, Mapping):
        return document
    values = list(document.values())
    if len(values) >= FEWEST_NAMED and all(isinstance(one, Mapping) for one in values):
        common = set(values[0]).intersection(*values[1:])
        if common:
            return [{KEY: name, **one} for name, one in document.items()]
    return {name: _listed(value, depth + 1) if depth < DEEPEST else value for name, value in document.items()}


def _lists(document: Any) -> list[str]:
    """The names under which a document holds lists of objects."""
    if not isinstance(document, Mapping):
        return []
    return [
        name
        for name, value in document.items()
        if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value)
    ]


SCANS = {
    "parquet": _parquet,
    "csv": _csv,
    "xlsx": _xlsx,
    "json": _json,
    "qualtrics": _survey,
    "surveymonkey": _survey,
}
"""What opens a file of each kind: the scan over it, and what was told from it."""
