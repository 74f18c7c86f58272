"""Type checking: of which types the columns of an answer must be before its figures are judged and analysed.

It looks at the table as the worker returns it, and names column, type and what is wanted: what passes here and
fails afterwards is a defect of ours.
"""

from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from cx.catalog import Question
from cx.errors import QueryFileError

Kinds = Mapping[str, tuple[Callable[[pa.DataType], bool], str, str]]
"""Per column the test of its type, what is wanted in words, and an example of how it is written."""

SQL_NAMES: Mapping[str, str] = {
    "bool": "BOOLEAN",
    "int8": "TINYINT",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "uint8": "UTINYINT",
    "uint16": "USMALLINT",
    "uint32": "UINTEGER",
    "uint64": "UBIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "string": "VARCHAR",
    "large_string": "VARCHAR",
    "date32[day]": "DATE",
    "month_day_nano_interval": "INTERVAL",
    "binary": "BLOB",
    "large_binary": "BLOB",
}

DAYS = (-719_162, 2_932_896)
"""The first day of the year 1 and the last of the year 9999, counted from 1970: others have no date in Python."""

DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
"""How many of each unit a day has."""

FOLD = ("fold", "n", "x", "y", "xx", "yy", "xy")
"""The fields of one fold of `analysis: drivers`."""


def is_text(kind: pa.DataType) -> bool:
    """Whether it holds texts, as such or by codes; a column of nothing but NULL may be anything."""
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind))


def is_number(kind: pa.DataType) -> bool:
    """Whether it holds numbers."""
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return bool(number or pa.types.is_null(kind))


def is_plain(kind: pa.DataType) -> bool:
    """Whether each of its values is one text, number, day or time."""
    return not pa.types.is_nested(kind)


def _is_folds(kind: pa.DataType) -> bool:
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)) or not pa.types.is_struct(kind.value_type):
        return False
    fields = {kind.value_type.field(place).name: kind.value_type.field(place).type for place in range(len(FOLD))}
    return set(fields) == set(FOLD) and all(is_number(one) for one in fields.values())


_FOLDS_SQL = "list(struct_pack(fold := …, n := …, x := …, y := …, xx := …, yy := …, xy := …)) as folds"

OF_ANALYSES: Mapping[str, Kinds] = {
    "explanations": {"dimension": (is_text, "a text", "dimension")},
    "unusual": {"period": (is_plain, "a date", "date_trunc('week', day)::date as period")},
    "emerging": {"word": (is_text, "a text", "word"), "tested": (is_number, "a number", "count(*) as tested")},
    "drivers": {
        "other": (is_text, "a text, `*` for the outcome", "'*' as other"),
        "folds": (_is_folds, f"a list of structs of {', '.join(FOLD)}", _FOLDS_SQL),
    },
}
"""The plain columns that an analysis reads; `tested` may be left out."""
OPTIONAL = frozenset(("tested",))


def check(table: pa.Table, question: Question, tallies: list[str]) -> None:
    """Refuse columns that cannot be judged; `tallies` are those made by `tally`. Raises QueryFileError."""
    for column in table.schema:
        kind = column.type
        if pa.types.is_interval(kind):
            raise _wrong(
                question,
                column,
                "a number of days, hours or minutes",
                "Write `date_diff('hour', earlier, later)`, or `epoch(…) / 3600` of an interval.",
            )
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or isinstance(kind, pa.BaseExtensionType):
            raise _wrong(question, column, "a text or a number", f"Write `{column.name}::varchar` or leave it out.")
        if pa.types.is_union(kind):
            raise _wrong(question, column, "of one type", "Take one member out of it.")
        if _beyond_the_calendar(table, column):
            raise QueryFileError(
                f"The column {column.name} holds a day that lies outside of the years 1 to 9999.",
                f"Keep days of the calendar: `where isfinite({column.name})`, or `least(…, date '9999-12-31')`.",
                file=question.file,
                line=question.reading.made.get(column.name.lower(), 1),
            )
    if question.analysis and not tallies:
        raise QueryFileError(
            f"The analysis “{question.analysis[0]}” of {question.name} needs the column figure.",
            "Return it: `tally(n, w, w2, wx, wx2) as figure`.",
            file=question.file,
            line=question.line_of("analysis"),
        )
    if tallies:
        _twins(table, question, tallies)
        nameless = next((name for name in tallies if "(" in name), "")
        if nameless:
            raise QueryFileError(
                f"The figure {nameless} has no name.",
                "Name it: `tally(n, w, w2, wx, wx2) as figure`.",
                file=question.file,
                line=question.line_with("tally"),
            )
    wanted: dict[str, tuple[Callable[[pa.DataType], bool], str, str]] = {
        "metric": (is_text, "a text, the metric's name", "metric")
    }
    wanted |= {"period": (is_plain, "a date", "date_trunc('week', day)::date as period")} if tallies else {}
    wanted |= {} if tallies else {name: (is_number, "a number", f"sum(n)::bigint as {name}") for name in ("n", "base")}
    needed: set[str] = set()
    for analysis in question.analysis if tallies else ():
        wanted |= OF_ANALYSES.get(analysis, {})
        needed |= set(OF_ANALYSES.get(analysis, {})) - OPTIONAL
    for name, (fits, kind_words, example) in wanted.items():
        if name in table.column_names:
            column = table.schema.field(table.column_names.index(name))
            if not fits(column.type):
                raise _wrong(question, column, kind_words, f"Return it so: `{example}`.")
        elif name in needed:
            of = next(analysis for analysis in question.analysis if name in OF_ANALYSES.get(analysis, {}))
            raise QueryFileError(
                f"The analysis “{of}” of {question.name} needs the column {name}.",
                f"Return it: `{example}`.",
                file=question.file,
                line=question.line_of("analysis"),
            )
    if tallies and "drivers" in question.analysis:
        first = table.schema.field(0)
        if not is_text(first.type):
            raise _wrong(question, first, "a text, the item", "Return the item first, such as `touchpoint`.")


def _twins(table: pa.Table, question: Question, tallies: list[str]) -> None:
    """Refuse a plain number that has the name of a figure's twin: no change would be worked out, and nobody told."""
    twins = {f"{name}{suffix}" for name in tallies for suffix in ("_before", "_year")} | {"figure"}
    for column in table.schema:
        if column.name in twins and column.name not in tallies:
            raise _wrong(
                question,
                column,
                "made by `tally`",
                f"Write `tally(n, w, w2, wx, wx2) as {column.name}`, or give the number another name.",
            )


def _beyond_the_calendar(table: pa.Table, column: pa.Field) -> bool:
    kind = column.type
    if not (pa.types.is_date32(kind) or pa.types.is_timestamp(kind)):
        return False
    values = table.column(table.column_names.index(column.name))
    ends = pc.min_max(values.cast(pa.int32() if pa.types.is_date32(kind) else pa.int64())).as_py()
    if ends["min"] is None:
        return False
    unit = 1 if pa.types.is_date32(kind) else DAY[kind.unit]
    return not (DAYS[0] <= ends["min"] // unit and ends["max"] // unit <= DAYS[1])


def _wrong(question: Question, column: pa.Field, wanted: str, hint: str) -> QueryFileError:
    """The error about a column's type, at the line where the column is made."""
    return QueryFileError(
        f"The column {column.name} is {sql_name(column.type)}; it has to be {wanted}.",
        hint,
        file=question.file,
        line=question.reading.made.get(column.name.lower(), 1),
    )


def sql_name(kind: pa.DataType) -> str:
    """A type as SQL names it."""
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision}, {kind.scale})"
    if pa.types.is_dictionary(kind):
        return "ENUM"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP" + (" WITH TIME ZONE" if kind.tz else "")
    if pa.types.is_time(kind):
        return "TIME"
    if pa.types.is_map(kind):
        return "MAP"
    if pa.types.is_struct(kind):
        return f"STRUCT({', '.join(kind.field(place).name for place in range(kind.num_fields))})"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return f"{sql_name(kind.value_type)}[]"
    return SQL_NAMES.get(str(kind), "of a type that no answer can hold" if pa.types.is_union(kind) else str(kind))
