"""How times are spelled that publishing does not read by itself, and SQL that reads them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import duckdb

from cx import intake
from cx.proposal.spelling import without_accents
from cx.quoting import literal

CLOCK = ("%H시 %M분 %S초", "%H시 %M분", "%H시", "%p %I시 %M분 %S초", "%p %I시 %M분", "%p %I시")
"""Times of day as Korean says them: 오후 3시 5분."""
_DAYS_AND_TIMES = (
    ("%d/%m/%Y", "%H:%M:%S", "%H:%M", "%Hh%M", "%I:%M %p"),
    ("%m/%d/%Y", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p"),
    ("%d.%m.%Y", "%H:%M:%S", "%H:%M"),
    ("%d-%m-%Y", "%H:%M:%S", "%H:%M"),
    ("%Y.%m.%d", "%H:%M:%S", "%H:%M", "%p %I:%M:%S", "%p %I:%M"),
    ("%Y.%m.%d.", "%H:%M:%S", "%H:%M", "%p %I:%M:%S", "%p %I:%M"),
    ("%Y. %m. %d.", "%H:%M:%S", "%H:%M", "%p %I:%M:%S", "%p %I:%M"),
    ("%Y. %m. %d", "%H:%M:%S", "%H:%M", "%p %I:%M:%S", "%p %I:%M"),
    ("%y.%m.%d", "%H:%M:%S", "%H:%M"),
    ("%y.%m.%d.", "%H:%M:%S", "%H:%M"),
    ("%y. %m. %d.", "%H:%M"),
    ("%y-%m-%d", "%H:%M"),
    ("%y/%m/%d", "%H:%M"),
    ("%Y-%m-%d", "%p %I:%M:%S", "%p %I:%M", "%I:%M:%S %p", "%I:%M %p"),
    ("%Y/%m/%d", "%p %I:%M:%S", "%p %I:%M", "%I:%M:%S %p", "%I:%M %p"),
    ("%Y년 %m월 %d일", "%H:%M:%S", "%H:%M", *CLOCK, "%p %I:%M:%S", "%p %I:%M"),
    ("%Y년%m월%d일", "%H:%M"),
    ("%m월 %d일, %Y", "%H:%M:%S", "%H:%M", "%p %I:%M:%S", "%p %I:%M"),
    ("%m월 %d일 %Y", "%H:%M", "%p %I:%M"),
    ("%d일 %m월 %Y", "%H:%M", "%p %I:%M"),
    ("%m/%d/%y", "%H:%M", "%I:%M %p"),
    ("%d/%m/%y", "%H:%M"),
    ("%d.%m.%y", "%H:%M"),
    ("%d %b %Y", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p"),
    ("%d %B %Y", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p"),
    ("%d-%b-%Y", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p"),
    ("%d-%b-%y", "%H:%M", "%I:%M %p"),
    ("%b %d, %Y", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "at %I:%M %p"),
    ("%B %d, %Y", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "at %I:%M %p"),
    ("%a, %d %b %Y", "%H:%M:%S"),
    ("요일 %Y-%m-%d", "%H:%M:%S", "%H:%M"),
    ("요일 %Y.%m.%d", "%H:%M:%S", "%H:%M"),
    ("요일 %Y. %m. %d", "%H:%M"),
    ("요일 %y.%m.%d", "%H:%M"),
    ("요일 %Y년 %m월 %d일", "%H:%M"),
    ("on %d %B %Y",),
    ("on %B %d, %Y",),
)
"""Days as they are spelled, each with the times of day that follow it."""
SPELLINGS = tuple(spelled for day, *times in _DAYS_AND_TIMES for spelled in (*(f"{day} {time}" for time in times), day))
"""Spellings of a time that publishing does not read by itself.

오전 and 오후 are read as AM and PM; after 요일 a day of the week is passed over, after `on` whatever stands before the
last “on”.
"""
MONTHS = {
    "German months": "jan feb mar apr mai jun jul aug sep okt nov dez".split(),
    "French months": "jan fev mar avr mai jui jul aou sep oct nov dec".split(),
    "Spanish months": "ene feb mar abr may jun jul ago sep oct nov dic".split(),
    "Italian months": "gen feb mar apr mag giu lug ago set ott nov dic".split(),
    "Portuguese months": "jan fev mar abr mai jun jul ago set out nov dez".split(),
}
"""Days with the month in words, 3. März 2025, by language: how the months begin, without accents."""
JUILLET = {"juil": "jul"}
"""What begins like another month."""
OWN = "as publishing reads it"
"""What stands among several spellings of one column for the one that publishing reads by itself."""
BEHIND = r"\d[:h]\d.*(?:[A-Z]{2,5}|[+-]\d{2}:?\d{2})$"
"""What stands behind a time of day that changes it."""
AGO = "ago"
"""What stands among them for days that are told from the one on which a file was written: 3일 전, yesterday."""
QUARTERS = "quarters"
"""What stands among them for quarters of a year, which begin with their first day: 2026Q1, 1분기 2026."""
AND = " and "
"""What stands between the spellings of a column that has several."""
FILE_DAY = "{day of the file}"
"""What stands in SQL for the day on which a file was written."""
MOST_TOGETHER = 6
"""So many spellings at most are read in one column."""
LOOKED_AT = 500
"""So many values tell which spellings may occur at all."""
COMPACT = {"%Y%m%d": 8, "%Y%m%d%H%M": 12, "%Y%m%d%H%M%S": 14, "%Y%m": 6, "%y%m%d": 6}
"""Times without a sign between their numbers, and their length."""
SINCE_1970 = {
    "seconds since 1970": (1, 9e8, 2.1e9),
    "milliseconds since 1970": (1000, 9e11, 2.1e12),
    "microseconds since 1970": (1_000_000, 9e14, 2.1e15),
}
"""Times as numbers: what divides them into seconds, the lowest and the highest that are taken for one."""
SERIAL = "days since 1900"
"""Times as spreadsheets count them, some of them perhaps written as days."""
SERIALS = (30_000, 60_000)
"""The days that are taken for such times, from 1982 to 2064: other numbers are none."""
CALLED_TIME = re.compile(
    r"time|date|datum|fecha|stamp|epoch|wave|quarter|분기|created|updated|submitted|(?:^|_)(?:at|on|ts|day|data)$|일시|일자|날짜|시각|타임스탬프|일$"
)
"""What columns of times are called: other numbers of that size are no times."""


@dataclass(frozen=True)
class Order:
    """How else a column's days may be read: all of them fit with the day first and with the month first."""

    other: str
    """The other spelling."""
    example: str
    """A value that is another day by it."""
    read: tuple[str, str, str]
    """The example's day, the first and the last of the column, as they are read."""
    instead: tuple[str, str, str]
    """Those days by the other spelling."""
    monthly: bool
    """Whether one of the two makes each a month's first: months in a row are as plausible then as days in a row."""
    why: str = ""
    """What says that they are read rightly, where more than the days themselves do."""

    def turned(self, spelling: str, why: str = "") -> "Order":
        """It for a column that is read the other way; `spelling` is the one that it had."""
        return Order(spelling, self.example, self.instead, self.read, self.monthly, why)

    def told(self, name: str, spelling: str) -> str:
        """It as a guess."""
        first = "month" if day_first(spelling) else "day"
        day, begins, ends = self.read
        return (
            f"-- guess: {name}: {self.example} is read as {day}, {begins} to {ends} in all{self.why}; "
            f"if the {first} comes first, write {literal(self.other)} for {literal(spelling)}: "
            f"{self.instead[0]}, {self.instead[1]} to {self.instead[2]}."
        )


def day_first(spelling: str) -> bool | None:
    """Whether the day stands before the month in a spelling; None where the year leads or months have names."""
    numbers = re.findall("%[dmyYbB]", spelling)
    return None if numbers[:2] not in (["%d", "%m"], ["%m", "%d"]) else numbers[0] == "%d"


def turned_spelling(spelling: str) -> str:
    """A spelling with the day in the place of the month, where there is such a one; else nothing."""
    other = re.sub("%[dm]", lambda sign: "%d" if sign.group() == "%m" else "%m", spelling)
    return other if day_first(spelling) is not None and other in SPELLINGS else ""


def order_of(connection: duckdb.DuckDBPyConnection, value: str, spelling: str) -> Order | None:
    """How else the days of a column may be read; None where they are sure."""
    other = turned_spelling(spelling)
    if not other:
        return None
    one, two = parsed("value", spelling), parsed("value", other)
    row = connection.execute(
        f"""
        with moments as (
            select value, {one} as one, {two} as two
            from (select distinct {value} as value from sample where {value} is not null)
        )
        select
            bool_and(two is not null),
            arg_max(value, one) filter (one <> two),
            max(one) filter (one <> two),
            min(one),
            max(one),
            arg_max(two, one) filter (one <> two),
            min(two),
            max(two),
            count(*) > 2 and (bool_and(day(one) = 1) or bool_and(day(two) = 1)),
        from moments
        where one is not null
        """
    ).fetchone()
    if not row or not row[0] or row[1] is None:
        return None
    days = [f"{moment:%Y-%m-%d}" for moment in (*row[2:5], *row[5:8])]
    return Order(other, row[1], (days[0], days[1], days[2]), (days[3], days[4], days[5]), row[8])


def parsed(value: str, spelling: str) -> str:
    """SQL of a time that is spelled in a way of its own, or in several."""
    if AND in spelling:
        # Of 24.03.05 a long year would make the year 24, so the short years come first.
        every = sorted(spelling.split(AND), key=lambda one: (one == AGO, "%y" not in one, one == OWN))
        return f"coalesce({', '.join(parsed(value, one) for one in every)})"
    if spelling == OWN:
        return f"try_cast({value} as timestamp)"
    if spelling == AGO:
        return _days_ago(value)
    if spelling == QUARTERS:
        return _quarter(value)
    if spelling in MONTHS:
        return _month_in_words(value, MONTHS[spelling])
    if spelling in SINCE_1970:
        per_second = SINCE_1970[spelling][0]
        return f"to_timestamp(try_cast({value} as double){f' / {per_second}' if per_second > 1 else ''})"
    if spelling == SERIAL:
        number = f"try_cast({value} as double)"
        days = f"case when {number} between {SERIALS[0]} and {SERIALS[1]} then {number} end"
        counted = f"timestamp '1899-12-30' + to_seconds(round(86400 * {days})::bigint)"
        return f"coalesce({counted}, try_cast({value} as timestamp))"
    if spelling.startswith("요일 "):
        day_of_week = r"\s*\([월화수목금토일]\)\s*|\s+[월화수목금토일]요일\s*|\.\s?[월화수목금토일]$"
        value, spelling = f"trim(regexp_replace({value}, '{day_of_week}', ' '))", spelling.removeprefix("요일 ")
    if spelling.startswith("on "):
        value, spelling = f"regexp_extract({value}, '^.* on (.+)$', 1)", spelling.removeprefix("on ")
    if "%p" in spelling:
        value = f"replace(replace({value}, '오전', 'AM'), '오후', 'PM')"
    return f"try_strptime({value}, {literal(spelling)})"


def _quarter(value: str) -> str:
    """SQL of the first day of a quarter."""
    year = f"regexp_extract({value}, '(?:19|20)\\d{{2}}')"
    behind = f"nullif(regexp_extract({value}, '[Qq] ?([1-4])(?:\\D|$)', 1), '')"
    before = f"regexp_extract({value}, '([1-4]) ?(?:[Qq]|분기)', 1)"
    month = f"3 * try_cast(coalesce({behind}, {before}) as integer) - 2"
    return f"try_strptime(concat_ws('-', {year}, {month}, 1), '%Y-%m-%d')"


def _month_in_words(value: str, months: Sequence[str]) -> str:
    """SQL of a day whose month is a word before its year, with the time of day where there is one."""
    word = f"strip_accents(lower(regexp_extract({value}, '(\\pL{{3,}})\\.?(?: de[l]?)? *\\d{{4}}', 1)))"
    for written, begins in JUILLET.items():
        word = f"replace({word}, '{written}', '{begins}')" if begins in months and written[:3] in months else word
    month = f"list_position({list(months)}, left({word}, 3))"
    year = f"regexp_extract({value}, '\\pL{{3,}}\\.?(?: de[l]?)? *(\\d{{4}})', 1)"
    day = f"concat_ws('-', {year}, {month}, regexp_extract({value}, '\\d{{1,2}}'))"
    time = f"nullif(replace(regexp_extract({value}, '\\d{{1,2}}[:h]\\d{{2}}'), 'h', ':'), '')"
    told = f"try_strptime(concat_ws(' ', {day}, {time}), ['%Y-%m-%d %H:%M', '%Y-%m-%d'])"
    # A zone that is written behind it, or an afternoon, would be lost.
    return f"case when not regexp_matches({value}, {literal(BEHIND)}) then {told} end"


def _named_months(texts: Iterable[str]) -> list[str]:
    """The languages whose months stand in some of these texts."""
    words = {without_accents(word) for text in texts for word in re.findall(r"[^\W\d_]{3,}", text)}
    found = {JUILLET.get(word[:4], word[:3]) for word in words}
    return [language for language, months in MONTHS.items() if found & set(months)]


def _days_ago(value: str) -> str:
    """SQL of a day that is told from the one on which the file was written; a part of a day is none."""
    number = f"coalesce(try_cast(regexp_extract({value}, '^\\d+') as integer), 1)"
    told = (
        (r"^(방금|오늘|just now|today)|^(\d+|an?|one)\s*(초|분|시간|sec|min|hour|hr)", "0"),
        (r"^(어제|yesterday)", "1"),
        (r"^(그제|그저께)", "2"),
        (r"^(\d+|an?|one)\s*(일|days?)\s*(전|ago)", number),
        (r"^(\d+|an?|one)\s*(주|weeks?)\s*(일|간)?\s*(전|ago)", f"7 * {number}"),
        (r"^(\d+|an?|one)\s*(개월|달|months?)\s*(전|ago)", f"30 * {number}"),
        (r"^(\d+|an?|one)\s*(년|years?)\s*(전|ago)", f"365 * {number}"),
    )
    cases = " ".join(f"when regexp_matches({value}, '{pattern}', 'i') then {days}" for pattern, days in told)
    return f"(({FILE_DAY}::date - case {cases} end)::timestamp)"


def _narrowest(connection: duckdb.DuckDBPyConnection, value: str, spellings: Sequence[str]) -> str:
    """Of several spellings that fit, the one by which a file covers the fewest days: 05/03/24 and 06/03/24 are two days
    of a March rather than of two months or years. Twelve of them that are all firsts of months are a year."""
    if len(spellings) == 1:
        return spellings[0]
    moments = [parsed(value, spelled).replace(FILE_DAY, "current_date") for spelled in spellings]
    spans = ", ".join(
        f"case when count(distinct {moment}) = 12 and bool_and(day({moment}) = 1) filter ({moment} is not null) then 0 "
        f"else date_diff('day', min({moment}), max({moment})) end"
        for moment in moments
    )
    row = connection.execute(f"select {spans} from sample").fetchone() or ()
    return min(zip(row, range(len(spellings)), spellings, strict=True))[2]


def _signs(text: str) -> frozenset[str]:
    """The signs and Korean letters of a text."""
    return frozenset(re.findall(r"[^\w\s]|[가-힣]", text))


@cache
def _written(spelling: str) -> frozenset[str]:
    """Those that every time spelled so has."""
    return _signs(re.sub("%[a-zA-Z]", "", spelling.removeprefix("요일 ").removeprefix("on ")))


def _possible(texts: Iterable[str]) -> list[str]:
    """The spellings that some of these texts may have, by their signs: planning a statement of all takes longer."""
    looks = {
        (_signs(text), bool(re.search("[a-z]{3}", text)), bool(re.search("[ap]m|오[전후]", text))) for text in texts
    }
    return [
        spelling
        for spelling in SPELLINGS
        if any(
            _written(spelling) <= signs
            and (named or not re.search("%[abB]", spelling))
            and (halved or "%p" not in spelling)
            and (spelling.startswith(("요일 ", "on ")) or all(map(str.isalpha, signs - _written(spelling))))
            for signs, named, halved in looks
        )
    ]


def spelling_of(
    connection: duckdb.DuckDBPyConnection, value: str, called_time: bool, enough: int, expected: str | None = None
) -> str | None:
    """How the times of a column are spelled; None where it holds no times."""

    def counted(spellings: Sequence[str], some: str = "") -> list[int]:
        def read(spelled: str) -> str:
            moment = parsed("value", spelled).replace(FILE_DAY, "current_date")
            # A version such as 5.1.2 is no day of a short year.
            short = " and length(value) = 8" if "%y" in spelled and not called_time else ""
            return f"coalesce(count_if(year({moment}) between 1970 and 2100{short}), 0)"

        counts = ", ".join(map(read, spellings))
        rows = f"(select {value} as value from sample where {value} is not null) {some}"
        return list(connection.execute(f"select {counts} from {rows}").fetchone() or ())

    # Planning so many spellings takes longer than this look, which spares most texts from them.
    row = connection.execute(
        f"select count({value}), count_if(regexp_matches({value}, '[0-9]')) from sample"
    ).fetchone()
    if not row or 2 * row[1] < row[0]:
        return None
    if expected and expected not in (*COMPACT, *SINCE_1970, SERIAL) and counted([expected])[0] >= enough:
        return expected
    some = f"using sample reservoir({LOOKED_AT} rows) repeatable (1)"
    looks = connection.execute(
        "select distinct regexp_replace(lower(left(value, 200)), '[0-9\\s]+', ' ', 'g') "
        f"from (select {value} as value from sample where {value} is not null) {some}"
    ).fetchall()
    texts = [look for (look,) in looks]
    every = _possible(texts) + _named_months(texts) + ([AGO, OWN, SERIAL] if called_time else [])
    every += [QUARTERS] if called_time and any(re.search("q|분기", text) for text in texts) else []
    first = counted(every, some) if every else []
    maybe = [spelled for spelled, count in zip(every, first, strict=True) if count]
    if maybe:
        counts = counted(maybe)
        if fitting := [
            spelled
            for spelled, count in zip(maybe, counts, strict=True)
            if count >= enough and spelled not in (OWN, SERIAL)
        ]:
            return _narrowest(connection, value, fitting)
    if not called_time:
        return None
    chosen: list[str] = []
    read = 0
    while len(chosen) < MOST_TOGETHER and read < enough:
        # Of a column with days both ways round nothing tells which way 03/05 is meant.
        barred = {*chosen, *map(turned_spelling, chosen)}
        further = [AND.join([*chosen, spelled]) for spelled in maybe if spelled not in barred]
        if not further:
            return None
        counts = counted(further)
        best = max(range(len(further)), key=lambda place: counts[place])
        if counts[best] <= read:
            return None
        chosen, read = further[best].split(AND), counts[best]
    return AND.join(chosen) if read >= enough else None


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
    days = f"{number} between {SERIALS[0]} and {SERIALS[1]}"
    serial = f"count_if({days})"
    spelled = f"count_if({days} or try_cast({value} as timestamp) is not null)"
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
    moment = moment.replace(FILE_DAY, "current_date")
    # A text that names its zone is an instant, even at midnight.
    zoned = f"regexp_matches({value}, {literal(intake.NAMES_ITS_ZONE)})"
    midnight = f"bool_and({moment} = date_trunc('day', {moment}) and not {zoned}) filter ({moment} is not null)"
    written = f"bool_and(regexp_full_match({value}, '\\d{{4}}-\\d{{1,2}}-\\d{{1,2}}'))"
    row = connection.execute(f"select coalesce({midnight}, false), coalesce({written}, false) from sample").fetchone()
    return (bool(row[0]), bool(row[1])) if row else (False, False)
