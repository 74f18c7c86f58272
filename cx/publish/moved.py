"""Moved rows: one identity in several months, of which each month counts a row.

Rows are one within a month only, because a month is what is made anew. So that looking for the others costs next to
nothing, each part keeps a sample of its identities: those of which a hash is a multiple of its step, which grows with
its rows. An identity that a larger step keeps every smaller one keeps too, so any two parts can be compared.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from cx import contract
from cx.contract import Table
from cx.publish.part_files import PartFiles, Parts
from cx.quoting import literal, quoted

FEWEST_RETIMED = 5
"""So many rows that came again with another time are told: fewer may have been edited."""
MOST_KEPT = 8_192
"""A part of no more rows keeps all of its identities: what is found there is counted exactly."""


def step_of(rows: int) -> int:
    """Of how many identities a part of so many rows keeps one: a power of two."""
    step = 1
    while rows > step * MOST_KEPT:
        step *= 2
    return step


def note_identities(connection: duckdb.DuckDBPyConnection, part: str, table: Table, columns: Sequence[str]) -> None:
    """Write into an attached part the sample of its identities."""
    if not table.time:
        return
    counted = connection.execute(f"select count(*) from {part}.rows").fetchone()
    step = step_of(counted[0] if counted else 0)
    connection.execute(
        f"create table {part}.identities as select {_identity(table, columns)} as id, {step} as step from {part}.rows "
        f"where {_sampled(table, step)}"
    )


def note_retimed(connection: duckdb.DuckDBPyConnection, part: str, table: Table, rows: str, apart: str) -> None:
    """Write into an attached part how many identities its rows, of which each stays once, bring with several times."""
    key, time = quoted(table.key[0]), quoted(table.time)
    connection.execute(
        f"create table {part}.retimed as select count(*) as several, count_if(first <> last) as retimed, "
        f"any_value(example) filter (where first <> last) as example from (select min({time}) as first, "
        f"max({time}) as last, any_value({key}::varchar) as example from ({rows}) group by {apart} having count(*) > 1)"
    )


def notes(parts: Parts, part_files: PartFiles) -> list[str]:
    """What is to be said of rows whose identity stands in several months of their table."""
    several = {table: entries for table, entries in parts.items() if len({entry["month"] for entry in entries}) > 1}
    for entries in several.values():
        for entry in entries:
            part_files.attach(entry["name"])
    found = part_files.connection.execute("select database_name from duckdb_tables() where table_name = 'identities'")
    # A part that an earlier version wrote keeps none.
    keeping = {row[0] for row in found.fetchall()}
    told = (
        _note(table, [entry for entry in entries if entry["name"] in keeping], part_files)
        for table, entries in several.items()
    )
    return [*(said for said in told if said), *_retimed(parts, part_files)]


def _retimed(parts: Parts, part_files: PartFiles) -> list[str]:
    """What is to be said of rows that came again with another time: they may be others of the same number."""
    found = part_files.connection.execute("select database_name from duckdb_tables() where table_name = 'retimed'")
    noting = {row[0] for row in found.fetchall()}
    told = []
    for table, entries in parts.items():
        counts = [
            (*row, entry["month"])
            for entry in entries
            if entry["name"] in noting
            and (row := part_files.connection.execute(f"from {quoted(entry['name'])}.retimed").fetchone())
        ]
        several, retimed = (sum(count[place] for count in counts) for place in (0, 1))
        if retimed >= FEWEST_RETIMED and 2 * retimed > several:
            _, _, example, month = next(count for count in counts if count[1])
            told.append(
                f"Of {several:,} rows of {table} that came again, {retimed:,} came with another time, such as "
                f"{contract.TABLES[table].key[0]} “{example}” in {month}: only the newest of each counts. "
                "If they are others whose numbers begin anew in each file, put the file's name before them in a source."
            )
    return told


def _note(table: str, entries: Sequence[Mapping[str, Any]], part_files: PartFiles) -> str:
    """What is to be said of a table; an empty text where each identity stands in one month."""
    if not entries:
        return ""
    connection = part_files.connection
    kept = " union all ".join(
        f"select id, step, {literal(entry['month'])} as month from {quoted(entry['name'])}.identities"
        for entry in entries
    )
    found = connection.execute(
        "select sum(step * (months - 1))::bigint, max(step), arg_min(id, first), min(first), arg_min(last, first) "
        "from (select id, max(step) as step, count(distinct month) as months, min(month) as first, max(month) as last "
        f"from ({kept}) group by id having count(distinct month) > 1)"
    ).fetchone()
    if not found or not found[0]:
        return ""
    number, step, identity, first, last = found
    about = "" if step == 1 else "about "
    there = [entry for entry in entries if entry["month"] == first]
    example = _named(table, identity, there, part_files)
    key = contract.TABLES[table].key[0]
    return (
        f"Some identities of {table} stand in several months and count in each (rows too many: {about}{number:,}), "
        f"such as {key} “{example}” in {first} and {last}. If they are one, edited or moved, write `upsert: true` in "
        "a source; if numbers begin anew, put the year and month before them in a source."
    )


def _named(table: str, identity: int, entries: Sequence[Mapping[str, Any]], part_files: PartFiles) -> str:
    """What exports call the row of an identity."""
    definition = contract.TABLES[table]
    for entry in entries:
        row = part_files.connection.execute(
            f"select {quoted(definition.key[0])}::varchar from {quoted(entry['name'])}.rows "
            f"where {_identity(definition, [*entry['columns']])} = $identity limit 1",
            {"identity": identity},
        ).fetchone()
        if row:
            return str(row[0])
    return ""


def _identity(table: Table, columns: Sequence[str]) -> str:
    """SQL of a number for what tells a row from others, alike whichever of the columns a part lacks."""
    named = [f"{quoted(name)}::varchar" if name in columns else "null::varchar" for name in ("cx_source", *table.key)]
    return f"hash({', '.join(named)})"


def _sampled(table: Table, step: int) -> str:
    """SQL that tells whether the identity of a row is kept, by its first column alone: one is read faster than all."""
    return f"hash({quoted(table.key[0])}::varchar) % {step} = 0" if step > 1 else "true"
