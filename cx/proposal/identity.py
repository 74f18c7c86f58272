"""Identifiers across files: the same row exported again, or a numbering that begins anew in each file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import duckdb

from cx.catalog import Reading
from cx.proposal.brands import ENDED, LAST, NAMED_DAYS, named_period, without_period
from cx.proposal.columns import Mapped, Seen
from cx.proposal.files import opened
from cx.quoting import literal, quoted

MOST_COMPARED = 12
"""So many files are compared with each other."""
ALIKE = 0.5
"""Above this share of equal cells two rows of one identifier are the same row, edited perhaps."""
ENOUGH = 5
"""From so many shared identifiers on, two files tell something."""


@dataclass(frozen=True)
class Shared:
    """How often files share identifiers, and what for."""

    again: Mapping[tuple[int, int], bool]
    """Per two files that share identifiers (their places), whether most of the rows behind them are the same."""


def shared(files: Sequence[Path], shown: Sequence[str], reading: Reading, identity: Seen) -> Shared:
    """Compare the rows of files by an identifier."""
    compared = [*zip(files, shown, strict=True)][:MOST_COMPARED]
    files_rows = [_rows(path, name, reading, identity) for path, name in compared]
    found = {}
    for one, other in combinations(range(len(files_rows)), 2):
        (names, rows), (their_names, their_rows) = files_rows[one], files_rows[other]
        both = rows.keys() & their_rows.keys()
        # A column that came later or is called otherwise says nothing about the rows of files without it.
        cells = [(names.index(name), their_names.index(name)) for name in names if name in their_names]
        if len(both) >= ENOUGH:
            same = sum(_same([(rows[key][ours], their_rows[key][theirs]) for ours, theirs in cells]) for key in both)
            found[one, other] = 2 * same >= len(both)
    return Shared(found)


def told_apart(mapped: Mapped, found: Shared, shown: Sequence[str], brand: str) -> Mapped:
    """An identifier that is one across files: with what tells numberings apart before it, where they begin anew."""
    if all(found.again.values()):
        if found.again:
            return Mapped(mapped.expression, mapped.name, "the same in several files is one row, the newest counts")
        return mapped
    pattern, day = NAMED_DAYS[-1]
    years = [named_period(name, LAST + pattern, day) for name in shown]
    candidates = [
        (years, f"regexp_replace(filename, {literal(NAMED_YEAR)}, '\\1')", "the year in the file's name"),
        ([without_period(name) for name in shown], brand, "the brand"),
        (list(shown), "filename", "the file's name"),
    ]
    for keys, expression, called in candidates:
        fitting = all((keys[one] == keys[other]) == again for (one, other), again in found.again.items())
        if expression and all(keys) and (fitting or expression == "filename"):
            why = (
                f"its numbers begin anew in other files and stand for other rows there, so {called} stands before them"
            )
            return Mapped(f"{expression} || '-' || {mapped.expression}", mapped.name, why)
    return mapped


NAMED_YEAR = rf"^(?:.*/)?{LAST}{NAMED_DAYS[-1][0]}{ENDED}$"
"""A path with a year in the file's name."""


def _rows(
    path: Path, shown: str, reading: Reading, identity: Seen
) -> tuple[list[str], dict[str, tuple[str | None, ...]]]:
    """The columns of a file (lower case), and the cells of each row by its identifier, those of a sample."""
    with opened(path, shown, reading) as (connection, raw):
        names = {name.lower(): name for name in raw.columns}
        key = next((names[one.lower()] for one in (identity.name, *identity.elsewhere) if one.lower() in names), "")
        if not key:
            return [], {}
        others = [name for name in sorted(names.values()) if name != key]
        cells = ", ".join(f"{quoted(name)}::varchar" for name in others)
        try:
            found = connection.execute(
                f"select {quoted(key)}::varchar, {cells or 'null'} from raw where {quoted(key)} is not null limit 20000"
            ).fetchall()
        except duckdb.Error:
            return [], {}
    return [name.lower() for name in others], {row[0]: row[1:] for row in found}


def _same(cells: Sequence[tuple[str | None, str | None]]) -> bool:
    """Whether two rows are probably one: alike in the longest cell, somebody's own words, and in most of all."""
    filled = [(one, other) for one, other in cells if one or other]
    longest = max(filled, key=lambda pair: len(pair[0] or ""), default=(None, None))
    alike = sum(_equal(one, other) for one, other in filled)
    return longest[0] == longest[1] and alike > ALIKE * len(filled)


def _equal(one: str | None, other: str | None) -> bool:
    """Whether two cells say the same: 9 and 9.0 do, as a column that was retyped has them."""
    if one == other or not one or not other:
        return one == other
    try:
        return float(one) == float(other)
    except ValueError:
        return False
