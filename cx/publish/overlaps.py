"""Overlaps: the same rows of the same file, made by two sources and so counted twice.

Nothing is left out for it: which of the two is meant only a person knows, and the half that was dropped would be
missed by nobody. Rows that two sources make of one file under identifiers of their own, one per question perhaps, are
none.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from cx import contract
from cx.errors import counted
from cx.intake import File
from cx.publish.part_files import PartFiles, as_texts
from cx.quoting import literal, quoted


def notes(files: Iterable[File], built: Mapping[str, Sequence[Mapping[str, Any]]], part_files: PartFiles) -> list[str]:
    """What is to be said of sources that fill one table from the same files with the same rows."""
    read: dict[tuple[str, str], list[str]] = {}
    for file in files:
        if file.state in ("published", "kept") and contract.TABLES[file.table].time:
            read.setdefault((file.table, file.shown), []).append(file.source_name)
    shared: dict[tuple[str, str, str], list[str]] = {}
    for (table, shown), sources in read.items():
        for one, other in combinations(sorted(sources), 2):
            shared.setdefault((table, one, other), []).append(shown)
    told = []
    for (table, one, other), names in shared.items():
        again = _again(table, one, other, names, [part["name"] for part in built.get(table, ())], part_files)
        if again:
            more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
            whose = f"the sources {one} and {other}" if one else f"the folder {table}/ and the source {other}"
            told.append(
                f"Counted twice in {table}: {counted(again, 'row')} of {names[0]}{more}, which {whose} read alike. "
                "Remove one of the two, or let their `files` name different files."
            )
    return told


def _again(table: str, one: str, other: str, names: Sequence[str], parts: Sequence[str], part_files: PartFiles) -> int:
    """How many rows of some files two sources made with the same identity."""
    connection = part_files.connection
    key = contract.TABLES[table].key
    pieces = []
    for name in parts:
        part_files.attach(name)
        there = {row[0] for row in connection.execute(f"describe {quoted(name)}.rows").fetchall()}
        identity = as_texts(column for column in key if column in there)
        listed = ", ".join(map(literal, names))
        pieces.append(
            f"select cx_source::varchar as source, hash(cx_file, {identity}) as id from {quoted(name)}.rows "
            f"where cx_source in ({literal(one)}, {literal(other)}) and cx_file in ({listed})"
        )
    if not pieces:
        return 0
    rows = " union all ".join(pieces)
    counted = connection.execute(
        f"select count(*) from (select id from ({rows}) group by id having count(distinct source) = 2)"
    ).fetchone()
    return counted[0] if counted else 0
