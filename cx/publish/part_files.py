"""Part files: where the rows of a table in one month lie, and what each file says of itself.

Beside its `rows` every file holds `facts` and `counts`, so that a manifest can be written without reading rows again.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from cx.contract import Table
from cx.cursors import Cursors
from cx.intake import coded_columns
from cx.quoting import literal, quoted

STEPS = "(steps)"
"""Stands among a part's counted columns for the metrics that were asked about a step."""

Parts = dict[str, list[dict[str, Any]]]
"""Per table, its parts as the manifest describes them."""
Counts = dict[str, dict[str, dict[str, int]]]
"""Per table and column with a dictionary, how often each value occurs, most often first."""


class PartFiles:
    """The written parts, as one database sees them."""

    def __init__(self, cursors: Cursors, folder: Path) -> None:
        self._cursors = cursors
        self._folder = folder

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection of this thread."""
        return self._cursors.own

    def path(self, name: str) -> Path:
        """Where a part lies, or will."""
        return self._folder / f"{name}.duckdb"

    def attach(self, name: str) -> None:
        """Open a written part for reading, under its own name."""
        self.connection.execute(f"attach if not exists {literal(str(self.path(name)))} as {quoted(name)} (read_only)")

    def note_facts(self, part: str, table: Table, coded: Iterable[str], total: int) -> None:
        """Write into a part, attached under this name, what the manifest needs to know of it.

        `coded` are its columns with a dictionary, `total` its rows together with those that newer ones replaced.
        """
        days = "min(day), max(day)" if table.time else "null::date, null::date"
        self.connection.execute(
            f"create table {part}.facts as select * from "
            f"(select count(*), {days}, $total::bigint - count(*) from {part}.rows) "
            "as counted(rows, first, last, replaced)",
            {"total": total},
        )
        counts = [
            f"select {literal(name)} as name, value::varchar as value, n from "
            f"(select {quoted(name)} as value, count(*) as n from {part}.rows group by 1) where value is not null"
            for name in coded
        ]
        if "touchpoint" in coded and "metric" in coded:
            counts.append(
                f"select {literal(STEPS)}, metric::varchar, n from "
                f"(select metric, count(touchpoint) as n from {part}.rows group by 1) where n > 0"
            )
        nothing = "select null::varchar as name, null::varchar as value, 0 as n where false"
        self.connection.execute(f"create table {part}.counts as {' union all '.join(counts or [nothing])}")

    def describe(self, name: str, month: str, inputs: Iterable[str]) -> dict[str, Any]:
        """A written part as the manifest describes it, by what it says of itself."""
        self.connection.execute(f"attach {literal(str(self.path(name)))} as part (read_only)")
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
            "inputs": list(inputs),
        }

    def counted(self, parts: Mapping[str, Sequence[Mapping[str, Any]]]) -> Counts:
        """How often the values of columns with a dictionary occur in some parts."""
        found: Counts = {}
        for table, entries in parts.items():
            if not coded_columns(table, ("any",)):
                continue
            for entry in entries:
                self.attach(entry["name"])
            union = " union all ".join(f"select * from {quoted(entry['name'])}.counts" for entry in entries)
            counted: dict[str, dict[str, int]] = {}
            for name, value, n in self.connection.execute(
                f"select name, value, sum(n)::bigint from ({union}) group by all order by 3 desc, 2"
            ).fetchall():
                counted.setdefault(name, {})[value] = n
            found[table] = counted
        return found


def as_texts(columns: Iterable[str]) -> str:
    """SQL of columns as texts, so that rows of different parts compare."""
    return ", ".join(f"{quoted(column)}::varchar" for column in columns)
