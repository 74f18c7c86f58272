"""Numbers as people write them: drawn, said, with decimal commas, thousands set apart or signs of money."""

import re
from collections.abc import Iterable
from math import ceil

import duckdb

from cx import intake
from cx.proposal.spelling import without_accents
from cx.proposal.vocabulary import LABELS, NO_ANSWER
from cx.quoting import literal

NEARLY_ALL = 0.95
"""Share of a column's values that has to be of a type, so that codes for “no answer” do not hide it."""
PLAIN_DIGITS = "translate({}, '０１２３４５６７８９．', '0123456789.')"
MOST_STEPS = 50
"""More different values are no steps of a scale."""
CURRENCIES = ("[₩￦원]|KRW", "€|EUR", "US\\$|USD|\\$", "£|GBP", "¥|JPY|CNY", "CHF", "AUD", "CAD")
"""How currencies are written beside a number, each in its own ways."""
BLANK = "\\s"
BELOW = "^\\(.*\\d.*\\)$|^[−▲△].*\\d|\\d-$"
"""How bookkeepers write what is less than nothing: (1,000), △1,000, 1,000-."""
NEGATIVE = "regexp_replace({}, '^\\((.*)\\)$|^[−▲△](.*)$|^(.*)-$', '-\\1\\2\\3')"
ANSWERED = re.compile(
    r"별점|평점|점수|만족|추천|rating|stars?|score|satisf|recom|likel|nps|csat|ces|effort|zufried|empfehl|note"
    r"|sterne|eas[ey]|수월|쉬|노력|aufwand|esfuerzo|facil"
)
"""What columns of answers are called: elsewhere a number before words is no answer."""


def _as_answered(connection: duckdb.DuckDBPyConnection, value: str) -> str:
    """SQL that makes numbers of answers that are drawn (★★★☆☆) or said (4점, 4/5, 10 - very likely)."""
    number = r"\s*(\d{1,3}([.]\d+)?)"
    drawn = f"regexp_full_match({value}, '[★☆⭐✩✭\\s]+')"
    words_after = r"(점|개|stars?|점?\s*/\s*\d+\s*점?|out of.*|점?\s*[-–:=]\s*\D.*|점?\s*[(].*|\.\s+\D.*)?"
    said = f"regexp_full_match({value}, '{number}\\s*{words_after}')"
    plain = f"try_cast({value} as double) is not null"
    row = connection.execute(
        f"select count({value}), count_if({drawn}), count_if({said}), count_if({plain}) from sample"
    ).fetchone()
    if not row or not row[0]:
        return ""
    total, stars, words, numbers = row
    enough = ceil(NEARLY_ALL * total)
    # What is neither drawn nor begins with a number stays as it is, to be set aside with its value.
    begins = f"coalesce(nullif(regexp_extract({{}}, '^{number}', 1), ''), {{}})" if words > numbers else "{}"
    if stars and stars + words >= enough:
        filled = "length(regexp_replace({}, '[^★⭐]', '', 'g'))::varchar"
        return f"case when regexp_matches({{}}, '[★☆⭐✩✭]') then {filled} else {begins} end"
    return begins if words >= enough > numbers else ""


def _in_percent(connection: duckdb.DuckDBPyConnection, value: str) -> str:
    """SQL that makes parts of a whole of answers in percent, 75%; empty where they are none."""
    said = f"regexp_full_match({value}, '\\d{{1,3}}(\\.\\d+)?\\s*%')"
    row = connection.execute(f"select count({value}), count_if({said}) from sample").fetchone()
    if not row or not row[1] or row[1] < ceil(NEARLY_ALL * row[0]):
        return ""
    return "coalesce((try_cast(rtrim(trim({}), ' %') as double) / 100)::varchar, {})"


def cleaning_of(connection: duckdb.DuckDBPyConnection, name: str, value: str) -> str:
    """SQL that makes numbers of values as people write them: decimal commas, thousands set apart, signs of money,
    digits of full width."""
    answered = bool(ANSWERED.search(without_accents(intake.column_name(name))))
    if answered:
        value = answered_only(value)
    for odd, plainly in (("[０-９]", PLAIN_DIGITS), (BELOW, NEGATIVE)):
        row = connection.execute(f"select count_if(regexp_matches({value}, '{odd}')) from sample").fetchone()
        if row and row[0] and not (answered and plainly == NEGATIVE):
            plain = plainly.replace("{}", value)
            if how := _cleaning(connection, plain, answered):
                return how.replace("{}", plainly)
            return plainly if _written(connection, plain) is not None else ""
    return _cleaning(connection, value, answered)


def currencies(values: Iterable[str]) -> set[str]:
    """Which currencies are written beside the numbers of some texts."""
    numbers = [value for value in values if re.search(r"\d", value) and not re.search(r"[a-z]{2}", value)]
    return {one for one in CURRENCIES if any(re.search(one, value) for value in numbers)}


STEP = r"(\d{1,2})\s*(?:점|번)?\s*[-–:=.)(]\s*"
"""A step of a scale before the words for it."""


def turned(connection: duckdb.DuckDBPyConnection, name: str, value: str, cleaning: str) -> str:
    """SQL that turns the steps of a scale round, empty where its lowest is not the best: by the words behind its
    numbers, “1 - very satisfied”, or in its name, “(1 = very satisfied, 5 = very dissatisfied)”."""
    said = [*re.findall(STEP + r"([^\d~,/;()\[\]]+)", name)]
    if cleaning:
        rows = connection.execute(f"select distinct {value} from sample where {value} is not null limit {MOST_STEPS}")
        said += [found.groups() for (text,) in rows.fetchall() if (found := re.fullmatch(STEP + r"(.+?)\)?\s*", text))]
    steps = {int(number): LABELS[words] for number, text in said if (words := text.strip(" .-–").lower()) in LABELS}
    low, high = (min(steps), max(steps)) if len(steps) > 1 else (0, 0)
    if not steps or low == high or steps[low] <= steps[high]:
        return ""
    step = cleaning or "{}"
    number = f"try_cast({step} as double)"
    return f"case when {number} between {low} and {high} then ({low + high} - {number})::varchar else {step} end"


def answered_only(value: str) -> str:
    """SQL of a value, null where it says in words that there is no answer."""
    words = ", ".join(map(literal, sorted(NO_ANSWER)))
    return f"case when lower({value}) not in ({words}) then {value} end"


def _cleaning(connection: duckdb.DuckDBPyConnection, value: str, answered: bool) -> str:
    """SQL that makes numbers of values in plain digits; empty where they are numbers already, or none."""
    if answered and (how := _as_answered(connection, value) or _in_percent(connection, value)):
        return how
    seen = ", ".join(f"coalesce(bool_or(regexp_matches({value}, '{one}')), false)" for one in CURRENCIES)
    found = connection.execute(f"select {seen} from sample").fetchone() or ()
    used = [one for one, there in zip(CURRENCIES, found, strict=False) if there]
    # Money of several currencies is nothing to add up.
    if len(used) > 1:
        return ""
    without = f"regexp_replace({{}}, '{'|'.join([*used, BLANK])}', '', 'g')"
    bare = without.replace("{}", value)
    row = connection.execute(f"select count({value}), count_if({bare} <> {value}) from sample").fetchone()
    if not row or not row[0]:
        return ""
    signs = 2 * row[1] > row[0]
    written = _written(connection, bare if signs else value)
    if written is None or not (written or signs):
        return ""
    return written.replace("{}", without) if signs and written else (written or without)


def _written(connection: duckdb.DuckDBPyConnection, value: str) -> str | None:
    """How numbers are written: SQL that makes them plain, empty where they are; None where they are none.

    Three digits after a comma are thousands unless other values say that it is the decimal one.
    """
    patterns = (
        r"-?\d+(,\d+)?",
        r"-?\d+,(\d{1,2}|\d{4,})|-?0,\d+",
        r"-?\d+(\.\d+)?|-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?",
        r"-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?",
        r"-?\d+(,\d+)?|-?[1-9]\d{0,2}(\.\d{3})+(,\d+)?",
        r"-?[1-9]\d{0,2}(\.\d{3})+(,\d+)?",
        r"-?[1-9]\d{0,2}(\.\d{3})+,\d+|-?[1-9]\d{0,2}(\.\d{3}){2,}|-?\d{3}",
        r"-?\d+(\.\d+)?",
    )
    counted = ", ".join(f"count_if(regexp_full_match({value}, '{pattern}'))" for pattern in patterns)
    row = connection.execute(f"select count({value}), {counted} from sample").fetchone()
    if not row or not row[0]:
        return None
    total, comma, decimal, english, grouped, continental, dotted, sure, plain = row
    enough = ceil(NEARLY_ALL * total)
    if decimal and comma >= enough:
        return "replace({}, ',', '.')"
    if grouped and english >= enough:
        return "replace({}, ',', '')"
    # 1.234 alone may be either; beside 980 or 1.234,50 it is a thousand.
    if dotted and sure and continental >= enough:
        return "replace(replace({}, '.', ''), ',', '.')"
    return "" if plain >= enough else None
