"""What a sample of a file says about each of its columns."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

import duckdb

from cx import intake, readers
from cx.proposal.columns import FEW_VALUES, LONG, Seen
from cx.proposal.numerals import NEARLY_ALL, answered_only, cleaning_of, turned
from cx.proposal.spelling import without_accents
from cx.proposal.times import CALLED_TIME, counted_time, days_of, order_of, spelling_of
from cx.proposal.vocabulary import SYNONYMS, TOTALS, VERSION
from cx.quoting import literal, quoted

MOST_WORDS = 3
"""So many different words among times say why there is none; more of them are texts."""
SAMPLE = 20_000
"""Rows of a file that a proposal looks at."""


def totals_of(connection: duckdb.DuckDBPyConnection, raw: readers.Raw, reader: str) -> dict[str, list[str]]:
    """Where and how rows of a file or of a sheet say that they are totals: the last one, and those between others."""
    if reader not in ("csv", "xlsx"):
        return {}
    names = list(raw.columns)
    chosen = ", ".join(quoted(name) for name in names)
    last = "qualify row_number() over (partition by sheet order by row_number desc) <= 2"
    if reader == "csv":
        last = "order by row_number desc limit 2"
    found: dict[str, list[str]] = {}
    for column, cell in _sums_between(connection, names):
        found.setdefault(column.lower(), []).append(cell)
    for row in connection.execute(f"select {chosen} from raw {last}").fetchall():
        name, cell = next(((name, cell.strip()) for name, cell in zip(names, row, strict=True) if cell), ("", ""))
        if "".join(cell.rstrip(":").split()).lower() in TOTALS and cell not in found.get(name.lower(), ()):
            found.setdefault(name.lower(), []).append(cell)
    return found


def _sums_between(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> list[tuple[str, str]]:
    """The columns and words with which rows begin that sum up those above them, wherever they stand: several such
    rows, all of which hold less than most others, as an answer “Average” does not."""
    cells = [text_of(name) for name in names]
    place = " ".join(f"when {cell} is not null then {at}" for at, cell in enumerate(cells))
    held = " + ".join(f"({cell} is not null)::int" for cell in cells)
    words = ", ".join(map(literal, sorted(TOTALS)))
    first = f"coalesce({', '.join(cells)})"
    rows = connection.execute(
        rf"""
        with rows as (select {first} as cell, case {place} end as place, {held} as held from raw)
        select place, cell from rows
        where lower(regexp_replace(rtrim(cell, ':'), '\s', '', 'g')) in ({words})
        group by all
        having count(*) > 1 and max(held) < (select median(held) from rows)
        order by all
        """
    ).fetchall()
    return [(names[at], cell) for at, cell in rows]


def text_of(name: str) -> str:
    """A column's filled values as texts."""
    return f"nullif(trim({quoted(name)}::varchar), '')"


def seen_in_sample(connection: duckdb.DuckDBPyConnection, name: str, kind: str, expected: str | None = None) -> Seen:
    """What a sample says about one column, whose times are spelled as expected where that fits."""
    value = text_of(name)
    cleaning = cleaning_of(connection, name, value) if kind == "VARCHAR" else ""
    around = turned(connection, name, value, cleaning) if kind == "VARCHAR" else ""
    cleaning = around or cleaning
    if cleaning:
        value = cleaning.replace("{}", value)
    number = f"try_cast({value} as double)"
    measures = (
        f"count({value})",
        f"count(distinct {value})",
        f"coalesce(avg(length({value})), 0)",
        f"count({number})",
        f"quantile_disc({number}, 0.02)",
        f"quantile_disc({number}, 0.98)",
        f"coalesce(bool_and({number} = floor({number})), false)",
        # 05/03/24 is no day of the year 5.
        f"coalesce(count_if(year(try_cast({value} as timestamptz)) between 1900 and 2100), 0)",
        f"count({answered_only(value)})",
        f"coalesce(count_if(not regexp_matches({value}, '[0-9]')), 0)",
        f"count(distinct {value}) filter (not regexp_matches({value}, '[0-9]'))",
    )
    row = connection.execute(f"select {', '.join(measures)} from sample").fetchone()
    assert row is not None
    filled, different, length, numbers, low, high, whole, times, answered, in_words, words = row
    enough = max(1, ceil(NEARLY_ALL * filled))
    # Where half of those who were asked had no answer, the others' answers are numbers all the same.
    said_none = different <= FEW_VALUES and 2 * numbers >= filled
    is_number = numbers >= (max(1, ceil(NEARLY_ALL * answered)) if said_none else enough) and kind != "BOOLEAN"
    plain = without_accents(intake.column_name(name))
    called_time = bool(CALLED_TIME.search(plain)) and not VERSION.search(plain)

    def told(enough: int) -> str | None:
        """How its times are spelled, where so many of its values are times."""
        if called_time and (counts := counted_time(connection, value, is_number, enough)):
            return counts
        if is_number:
            return None
        if times >= enough:
            return ""
        return spelling_of(connection, value, called_time, enough, expected) if 0 < length < 3 * LONG else None

    spelling = told(enough)
    if spelling is None and called_time and 0 < words <= MOST_WORDS and 2 * in_words <= filled:
        # Where a time is still to come a word stands for it: 답변 예정.
        spelling = told(max(1, ceil(NEARLY_ALL * (filled - in_words))))
    is_number = is_number and spelling is None
    daily, iso = days_of(connection, value, kind, spelling) if spelling is not None else (False, False)
    values = connection.execute(
        f"select {value}, count(*) from sample where {value} is not null group by 1 order by 1 limit {FEW_VALUES + 1}"
    ).fetchall()
    return Seen(
        name=name,
        kind=kind,
        filled=filled,
        different=different,
        length=length,
        values=tuple(one for one, _ in values),
        low=low if is_number else None,
        high=high if is_number else None,
        whole=bool(whole) and is_number,
        spelling=spelling,
        order=order_of(connection, value, spelling) if spelling else None,
        cleaning=cleaning,
        turned=bool(around),
        daily=daily,
        iso=iso,
        counts=dict(values) if different <= FEW_VALUES else {},
    )


def filled_down(connection: duckdb.DuckDBPyConnection, one: Seen) -> Seen:
    """A column of a spreadsheet, marked and counted as filled down where merged cells seem to have left it empty.

    Of a block of merged cells only the first has a value, so hardly any two filled ones follow each other.
    """
    rare = not one.number and one.filled >= 2 and one.length < LONG
    if not rare or "comment" in one.meanings or one.plain in SYNONYMS["comment"]:
        return one
    row = connection.execute(
        f"""
        with rows as (
            select {text_of(one.name)} as value, sheet, row_number as place,
                row_number() over (partition by sheet order by row_number) as number
            from sample
        ), cells as (
            select *, lag(value) over (partition by sheet order by place) as above from rows
        ), blocks as (
            select value, lag(value) over (partition by sheet order by place) as before from cells
            where value is not null
        )
        select
            (select count(*) from cells),
            (select count_if(number = 1 and value is null) from cells),
            (select count_if(value is not null and above is not null) from cells),
            (select count_if(value = before) from blocks)
        """
    ).fetchone()
    if row is None:
        return one
    rows, headless, beside, again = row
    few = 2 * one.filled <= rows and not headless
    return replace(one, merged=True, filled=rows) if few and 10 * max(beside, again) <= one.filled else one
