"""Given rows instead of published ones: what a question's own tests run on.

A test in a header names rows per table and what they should come to. The rows become relations with the
columns that the question mentions; everything after them is the question's own text, judged as always.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from cx import contract, scope
from cx.catalog import PANEL, SINGLE, SPOKEN, SUMMED, TIMED
from cx.errors import QueryError, counted, nearest
from cx.header import right_key, shown
from cx.quoting import quoted
from cx.snapshot import Snapshot

NUMBERS = dict.fromkeys(("score", "w", "w2", "wx", "wx2", "x"), "double") | {
    "n": "bigint",
    "answered_at": "timestamptz",
}
"""The types of what is no text in summed tables; a row with only `x` stands for one answer of weight one."""


class Misgiven(QueryError):
    """A test gives what its question cannot read; `named` is what it writes there."""

    def __init__(self, message: str, hint: str, named: str) -> None:
        super().__init__(message, hint)
        self.named = named


def relations(
    tables: Iterable[str], columns: frozenset[str], rows: Mapping[str, Any], snapshot: Snapshot
) -> tuple[list[str], dict[str, Any]]:
    """The `with` steps that hold the given rows, empty for tables without any, and their bound values."""
    known = set(tables)
    for name in rows:
        if name not in known:
            told = f"The test gives rows of “{name}”, which the question does not read."
            raise Misgiven(told, nearest(name, known), name)
    steps: list[str] = []
    values: dict[str, Any] = {}
    for place, table in enumerate(sorted(known)):
        given = rows.get(table, [])
        if not isinstance(given, list) or not all(isinstance(row, Mapping) for row in given):
            told = f"The rows given of “{table}” are no list of mappings."
            raise Misgiven(told, "Write `- {column: value}`.", table)
        _refuse_unknown(table, columns, given, snapshot)
        types = _types(
            table, columns, [_summed(row) if scope.twin(table)[0] in SUMMED else row for row in given], snapshot
        )
        pieces = []
        for number, row in enumerate(given):
            full = _summed(row) if scope.twin(table)[0] in SUMMED else dict(row)
            cells = []
            for column, kind in types.items():
                name = f"given_{place}_{number}_{len(values)}"
                values[name] = None if full.get(column) in (None, "null") else str(full[column])
                cells.append(f"cast(${name} as {kind}) as {quoted(column)}")
            pieces.append(f"select {', '.join(cells)}")
        if not pieces:
            empty = ", ".join(f"cast(null as {kind}) as {quoted(column)}" for column, kind in types.items())
            pieces.append(f"select {empty} where false")
        steps.append(f"{quoted(table)} as not materialized ({' union all '.join(pieces)})")
    return steps, values


def _refuse_unknown(
    table: str, columns: frozenset[str], given: Sequence[Mapping[str, Any]], snapshot: Snapshot
) -> None:
    """Refuse a column that neither the table has nor the question names, and a text where a number belongs.

    A company without some segment still runs the tests of questions that name it.
    """
    known = {*scope.columns(snapshot, table), "segment", "segment_2"}
    if scope.twin(table)[0] in SUMMED:
        known.add("x")
    types = _types(table, columns, given, snapshot)
    for row in given:
        for column, value in row.items():
            if column not in known | columns:
                raise Misgiven(
                    f"The test gives “{column}”, which is no column of {table}.", right_key(column, known), column
                )
            if value in (None, "", "null") or types[column] not in ("double", "bigint", "integer"):
                continue
            try:
                float(value)
            except (TypeError, ValueError) as error:
                told = f"The test gives {shown(value)} as {column}, which is a number."
                raise Misgiven(told, "Write a number, its decimals with a point.", column) from error


def refuse_unexpected(expected: Sequence[Mapping[str, Any]], frame: pd.DataFrame) -> None:
    """Refuse a column that rows are expected to have and the answer has not."""
    for column in (column for wanted in expected for column in wanted if column not in frame):
        told = f"The test expects “{column}”, which is no column of the answer."
        raise Misgiven(told, right_key(column, map(str, frame.columns)), column)


def mismatch(expected: Sequence[Mapping[str, Any]], frame: pd.DataFrame) -> str:
    """How an answer differs from the rows expected of it, in any order; an empty text where it does not."""
    if len(expected) != len(frame):
        return (
            f"{counted(len(frame), 'row')} came out, {len(expected)} {'was' if len(expected) == 1 else 'were'} expected"
        )
    left = frame.to_dict("records")
    for wanted in expected:
        found = next((row for row in left if all(_same(value, row[column]) for column, value in wanted.items())), None)
        if found is None:
            told = ", ".join(f"{column} {value}" for column, value in wanted.items())
            near = next((row for row in left if any(_same(value, row[name]) for name, value in wanted.items())), None)
            instead = ", ".join(f"{column} {near[column]}" for column in wanted) if near else "no row that is near it"
            return f"a row with {told} was expected; there is {instead}"
        left.remove(found)
    return ""


def _same(wanted: Any, found: Any) -> bool:
    """Whether a value is the expected one: numbers to the decimals that were written."""
    empty = bool(found is None or (isinstance(found, float) and found != found) or found is pd.NaT)
    if str(wanted) in ("", "null") or empty:
        return bool(empty and str(wanted) in ("", "null"))
    try:
        decimals = len(str(wanted).partition(".")[2])
        return bool(abs(float(found) - float(wanted)) <= 0.5 * 10**-decimals + 1e-9)
    except (TypeError, ValueError):
        return str(found) == str(wanted) or str(found).startswith(f"{wanted} 00:00:00")


def _summed(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a summed table; one that says only `x` is one answer of weight one."""
    full = dict(row)
    if "x" in full:
        x = float(full.pop("x"))
        full = {"n": 1, "w": 1, "w2": 1, "wx": x, "wx2": x * x} | full
    return full


def _types(
    table: str, columns: frozenset[str], rows: Sequence[Mapping[str, Any]], snapshot: Snapshot
) -> dict[str, str]:
    """The columns of a given table with their types: those it mentions and those that the question does."""
    name = scope.twin(table)[0]
    possible = {*scope.columns(snapshot, table), "segment", "segment_2"}
    wanted = [*dict.fromkeys(column for row in rows for column in row), *sorted(columns & possible)]
    types: dict[str, str] = {}
    for column in dict.fromkeys(wanted):
        if column == "day":
            types[column] = "date"
        elif name in SPOKEN:
            types[column] = scope.COMMENT_COLUMNS.get(column, "varchar")
        elif name in (*SUMMED, PANEL, SINGLE):
            types[column] = NUMBERS.get(column, "varchar")
        elif name == "metrics":
            types[column] = "varchar" if column in ("metric", "direction") else "double"
        else:
            found = contract.table(name).column(column) if name in contract.TABLES else None
            types[column] = contract.SQL_TYPES[found.type] if found else "varchar"
    if name in TIMED and "day" in columns:
        types.setdefault("day", "date")
    return types or {"present": "integer"}
