"""How times are spelled that publishing does not read by itself, and SQL that reads them."""

import re

import duckdb

from cx.readers import literal

SPELLINGS = (
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%Y.%m.%d %H:%M",
    "%Y.%m.%d",
    "%y.%m.%d",
    "%y-%m-%d",
    "%y/%m/%d",
    "%Y년 %m월 %d일",
    "%Y. %m. %d.",
    "%Y.%m.%d %p %I:%M:%S",
    "%Y.%m.%d %p %I:%M",
    "%Y. %m. %d. %p %I:%M:%S",
    "%Y. %m. %d. %p %I:%M",
    "%Y-%m-%d %p %I:%M:%S",
    "%Y-%m-%d %p %I:%M",
    "%Y/%m/%d %p %I:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%y %I:%M %p",
    "%m/%d/%y %H:%M",
    "%m/%d/%y",
    "%Y년 %m월 %d일 %H:%M",
    "%Y년 %m월 %d일 %p %I:%M",
    "%a, %d %b %Y %H:%M:%S",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d, %Y %I:%M %p",
    "요일 %Y-%m-%d %H:%M:%S",
    "요일 %Y-%m-%d %H:%M",
    "요일 %Y-%m-%d",
    "요일 %Y.%m.%d %H:%M",
    "요일 %Y.%m.%d",
    "요일 %Y년 %m월 %d일",
)
"""Spellings of a time that publishing does not read by itself; 오전 and 오후 are read as AM and PM, and after 요일 a
day of the week is passed over."""
COMPACT = {"%Y%m%d": 8, "%Y%m%d%H%M": 12, "%Y%m%d%H%M%S": 14}
"""Times without a sign between their numbers, and their length."""
SINCE_1970 = {"seconds since 1970": (1, 9e8, 2.1e9), "milliseconds since 1970": (1000, 9e11, 2.1e12)}
"""Times as numbers: what divides them into seconds, the lowest and the highest that are taken for one."""
SERIAL = "days since 1900"
"""Times as spreadsheets count them, some of them perhaps written as days."""
CALLED_TIME = re.compile(
    r"time|date|datum|fecha|stamp|epoch|created|updated|submitted|(?:^|_)(?:at|on|ts|day|data)$|일시|일자|날짜|시각|일$"
)
"""What columns of times are called: other numbers of that size are no times."""


def parsed(value: str, spelling: str) -> str:
    """SQL of a time that is spelled in a way of its own."""
    if spelling in SINCE_1970:
        per_second = SINCE_1970[spelling][0]
        return f"to_timestamp(try_cast({value} as double){f' / {per_second}' if per_second > 1 else ''})"
    if spelling == SERIAL:
        counted = f"timestamp '1899-12-30' + to_seconds(round(86400 * try_cast({value} as double))::bigint)"
        return f"coalesce({counted}, try_cast({value} as timestamp))"
    if spelling.startswith("요일 "):
        day_of_week = r"\s*\([월화수목금토일]\)\s*|\s+[월화수목금토일]요일\s*"
        value, spelling = f"trim(regexp_replace({value}, '{day_of_week}', ' '))", spelling.removeprefix("요일 ")
    if "%p" in spelling:
        value = f"replace(replace({value}, '오전', 'AM'), '오후', 'PM')"
    return f"try_strptime({value}, {literal(spelling)})"


def counted_time(connection: duckdb.DuckDBPyConnection, value: str, numbers: bool, enough: int) -> str | None:
    """How a column counts its times; None where it does not."""
    number = f"try_cast({value} as double)"
    compact = ", ".join(
        f"coalesce(count_if(length({value}) = {length} and "
        f"year(try_strptime({value}, {literal(spelled)})) between 1970 and 2100), 0)"
        for spelled, length in COMPACT.items()
    )
    dense = connection.execute(f"select {compact} from sample").fetchone() or ()
    for spelled, count in zip(COMPACT, dense, strict=False):
        if count >= enough:
            return spelled
    counted = [f"count_if({number} between {low} and {high})" for _, low, high in SINCE_1970.values()]
    serial = f"count_if({number} between 30000 and 60000)"
    spelled = f"count_if({number} between 30000 and 60000 or try_cast({value} as timestamp) is not null)"
    row = connection.execute(f"select {', '.join([*counted, serial, spelled])} from sample").fetchone() or ()
    for found, count in zip(SINCE_1970, row, strict=False):
        if numbers and count >= enough:
            return found
    return SERIAL if row and row[-2] and row[-1] >= enough else None


def days_of(connection: duckdb.DuckDBPyConnection, value: str, kind: str, spelling: str | None) -> tuple[bool, bool]:
    """Whether times are days, midnight throughout, and whether all of them are written like 2026-11-03."""
    if kind == "DATE":
        return True, True
    if spelling in SINCE_1970:
        return False, False
    if kind.startswith("TIMESTAMP WITH") or kind == "TIMESTAMPTZ":
        return False, False
    moment = parsed(value, spelling) if spelling else f"try_cast({value} as timestamp)"
    # A text that names its zone is an instant, even at midnight.
    zoned = f"({value} like '%:%' and regexp_matches({value}, '([zZ]|[+-]\\d{{2}}(:?\\d{{2}})?)$'))"
    midnight = f"bool_and({moment} = date_trunc('day', {moment}) and not {zoned}) filter ({moment} is not null)"
    written = f"bool_and(regexp_full_match({value}, '\\d{{4}}-\\d{{1,2}}-\\d{{1,2}}'))"
    row = connection.execute(f"select coalesce({midnight}, false), coalesce({written}, false) from sample").fetchone()
    return (bool(row[0]), bool(row[1])) if row else (False, False)
