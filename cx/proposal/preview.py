"""What publishing would make of files with a source, without publishing anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cx import catalog, intake
from cx.catalog import Metric
from cx.errors import counted
from cx.quoting import quoted
from cx.settings import Settings

FIRST_ROWS = 5
"""Rows that a preview shows."""
MOST_FILES = 20
"""Files that a preview reads."""


@dataclass(frozen=True)
class Preview:
    """What publishing would make of a source's files."""

    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]
    """The first rows that would be published."""
    files: list[intake.File]
    """Each file with what was read, kept and set aside of it, and why."""
    others: int = 0
    """Further files, which were not read for it."""


def preview(
    text: str, name: str, files: Sequence[Path], data: Path, settings: Settings, metrics: Mapping[str, Metric]
) -> Preview:
    """Read files as publishing would with this source, without publishing anything."""
    source = catalog.source(name, text, f"{name}.sql")
    columns: tuple[str, ...] = ()
    rows: list[tuple[object, ...]] = []
    checked = []
    with intake.aside(settings, metrics) as judge:
        for order, path in enumerate(files[:MOST_FILES]):
            shown = path.resolve().relative_to(data).as_posix()
            file = intake.File(path.resolve(), shown, source.table, source, order=order)
            judge.check(file)
            checked.append(file)
            if file.kept and not rows:
                columns = file.columns
                chosen = ", ".join(quoted(column) for column in columns)
                rows = judge.connection.execute(
                    f"select {chosen} from {file.relation} where cx_problem is null limit {FIRST_ROWS}"
                ).fetchall()
    return Preview(columns, rows, checked, len(files) - len(checked))


def told(seen: Preview) -> str:
    """A preview as lines of text: the first rows a column a line, and what happens to each file."""
    lines = []
    if seen.rows:
        lines.append("The first rows it would publish, a column a line:")
        width = max(len(column) for column in seen.columns)
        for column, *values in zip(seen.columns, *seen.rows, strict=True):
            shown = " | ".join(short(value) for value in values)
            lines.append(f"  {column:{width}}  {shown}")
    for file in seen.files:
        lines.append(f"{file.shown}: {file.kept:,} of {counted(file.read, 'row')} would be published.")
        if file.reason:
            lines.append(f"  set aside: {file.reason} → {file.hint}")
        for problem in file.problems:
            example = f"row {problem['row']}" + (f": {problem['value']!r}" if problem["value"] else "")
            column = f"“{problem['column']}” " if problem["column"] else ""
            lines.append(f"  set aside: {counted(problem['rows'], 'row')}, {column}{problem['rule']} ({example})")
        lines += [f"  note: {note}" for note in file.notes]
    if seen.others:
        lines.append(
            f"{counted(seen.others, 'more file')} {'was' if seen.others == 1 else 'were'} looked at for columns only."
        )
    return "\n".join(lines)


def short(value: object) -> str:
    """A value of a preview in a few signs."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    text = "" if value is None else " ".join(f"{value:g}".split() if isinstance(value, float) else str(value).split())
    return text if len(text) <= 24 else text[:23] + "…"
