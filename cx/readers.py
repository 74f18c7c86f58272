"""Readers: one exported file of any known kind as the relation `raw`.

Each reader creates the view `raw` in a DuckDB connection: every column of the file, plus `filename`
(its path inside the data folder) and `row_number` (from 1, in file order).
"""

from pathlib import Path

import duckdb

from cx.errors import DataError

KINDS = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
}

IGNORED = (".tmp", ".crc", ".partial", ".part", ".crdownload")


def ignored(path: Path) -> bool:
    """Whether a file is a leftover of some program rather than an export."""
    name = path.name
    return name.startswith((".", "_", "~$")) or name.endswith(IGNORED) or name in ("Thumbs.db", "desktop.ini")


def quoted(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a SQL literal, for the few places where DuckDB binds no parameter."""
    return "'" + text.replace("'", "''") + "'"


def kind_of(path: Path, declared: str = "") -> str:
    """The reader for a file: the declared one, else by the file's ending."""
    kind = declared or KINDS.get(path.suffix.lower(), "")
    if not kind:
        raise DataError(
            f"Nothing here reads files ending in “{path.suffix}”.",
            "Name a reader in the source: parquet, csv or json.",
        )
    return kind


def open_raw(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    shown: str,
    *,
    reader: str = "",
    columns: tuple[str, ...] = (),
    encoding: str = "utf-8",
    delimiter: str = "",
    name: str = "raw",
) -> dict[str, str]:
    """Create the view `raw` (or of another name) over one file and return its columns with their DuckDB types.

    `path` must hold no glob characters; `shown` is what the column `filename` says. `columns` that
    the file lacks are added empty. Raises DataError when the file is not what it should be.
    """
    kind = kind_of(path, reader)
    if kind == "parquet":
        scan = f"read_parquet({literal(str(path))}, hive_partitioning = false, file_row_number = true)"
    elif kind == "csv":
        # One thread, because DuckDB pads short rows beside quoted newlines only then.
        options = [
            "header = true",
            "all_varchar = true",
            "hive_partitioning = false",
            "null_padding = true",
            "parallel = false",
        ]
        options.append(f"encoding = {literal(encoding)}")
        if delimiter:
            options.append(f"delim = {literal(delimiter)}")
        scan = f"read_csv({literal(str(path))}, {', '.join(options)})"
    else:
        scan = f"read_json_auto({literal(str(path))}, hive_partitioning = false)"
    try:
        found = connection.execute(f"describe select * from {scan}").fetchall()
    except duckdb.Error as error:
        first = str(error).split("\n", 1)[0].replace(str(path), shown)
        raise DataError(
            f"It cannot be read as {kind}: {first}", "Export it again; see that the copy is complete."
        ) from error
    names = {row[0]: row[1] for row in found}
    place = "row_number() over ()"
    if kind == "parquet" and names.pop("file_row_number", ""):
        place = "file_row_number + 1"
    lowered = [name.lower() for name in names]
    twice = sorted({name for name in lowered if lowered.count(name) > 1})
    if twice:
        raise DataError(f"The column “{twice[0]}” stands in it twice.", "Rename one of them in the export.")
    missing = [column for column in columns if column.lower() not in lowered]
    added = "".join(f", null::varchar as {quoted(column)}" for column in missing)
    for extra, expression in (("filename", literal(shown)), ("row_number", place)):
        if extra not in lowered:
            added += f", {expression} as {extra}"
    shown = "* exclude (file_row_number)" if place.startswith("file") else "*"
    connection.execute(f"create or replace temp view {name} as select {shown}{added} from {scan}")
    return {**names, **dict.fromkeys(missing, "VARCHAR")}
