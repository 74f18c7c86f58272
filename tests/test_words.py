"""Words, numbers and days in Korean and English, by tables of what a reader should see."""

import math
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx import contract, words
from cx.errors import CxError
from cx.periods import COMPARISONS, GRAINS, MOVING_HOLIDAYS, PRESETS, Period
from cx.words import (
    COLUMN_LABELS,
    LANGUAGES,
    MINUS,
    NO_VALUE,
    WORDS,
    Language,
    column_label,
    count,
    date_range,
    day,
    delta_text,
    josa,
    money,
    number,
    percent,
    period_in_words,
    period_label,
    placeholders,
    say,
    signed,
)

MISSING = [None, math.nan, math.inf, -math.inf, Decimal("NaN")]


def span(first: str, last: str) -> Period:
    """Return the period from the first to the last day, both inclusive."""
    return Period(date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1))


@pytest.mark.parametrize("key", WORDS)
def test_every_key_speaks_both_languages_with_the_same_placeholders(key: str) -> None:
    assert tuple(WORDS[key]) == LANGUAGES
    assert all(text and text == text.strip() for text in WORDS[key].values())
    assert placeholders(WORDS[key]["ko"]) == placeholders(WORDS[key]["en"])


@pytest.mark.parametrize("column", COLUMN_LABELS)
def test_every_column_has_a_label_in_both_languages(column: str) -> None:
    assert tuple(COLUMN_LABELS[column]) == LANGUAGES
    assert re.search("[가-힣]", COLUMN_LABELS[column]["ko"])
    assert COLUMN_LABELS[column]["en"].isascii()


@pytest.mark.parametrize("key", [key for key in WORDS if WORDS[key]["ko"].endswith(".")])
def test_korean_sentences_are_polite_and_meet_english_sentences(key: str) -> None:
    assert WORDS[key]["ko"].endswith("니다.")
    assert WORDS[key]["en"].endswith(".")


@pytest.mark.parametrize(
    "key",
    [
        *(f"preset.{name}" for name in (*PRESETS, "custom")),
        *(f"comparison.{name}{tail}" for name in COMPARISONS for tail in ("", ".help")),
        *(f"grain.{name}" for name in GRAINS),
        *(f"holiday.{name}" for name in MOVING_HOLIDAYS),
        *(f"language.{name}" for name in LANGUAGES),
    ],
)
def test_whatever_a_person_can_choose_has_words(key: str) -> None:
    assert key in WORDS


@pytest.mark.parametrize("verdict", ["clear", "noise", "few"])
def test_verdicts_fit_beside_an_arrow_on_a_phone(verdict: str) -> None:
    assert len(re.findall("[가-힣]", say(f"verdict.{verdict}", "ko"))) <= 4
    assert len(say(f"verdict.{verdict}", "en")) <= 6


def test_say_puts_values_in_their_places() -> None:
    assert say("target.value", "ko", value="45.0점") == "목표 45.0점"
    assert say("target.value", "en", value="{45}") == "Target {45}"
    assert say("page.overview", "ko") == "한눈에"


def test_say_refuses_an_unknown_key_and_names_the_nearest() -> None:
    with pytest.raises(CxError, match=r"page\.overveiw") as caught:
        say("page.overveiw", "en")
    assert "page.overview" in caught.value.hint


def test_say_refuses_a_missing_value_and_an_unknown_language() -> None:
    with pytest.raises(CxError, match="value"):
        say("target.value", "en")
    with pytest.raises(CxError, match="'fr'"):
        say("page.overview", "fr")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("column", "language", "label"),
    [
        ("region", "ko", "지역"),
        ("region", "en", "Region"),
        ("loyalty_group", "en", "Loyalty group"),
        ("회원_구분", "ko", "회원 구분"),
        ("NPS_wave", "en", "NPS wave"),
        ("_", "en", ""),
    ],
)
def test_a_column_has_a_label_even_when_nobody_gave_it_one(column: str, language: Language, label: str) -> None:
    assert column_label(column, language) == label


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (0, 0, "0"),
        (8210, 0, "8,210"),
        (1234567.891, 2, "1,234,567.89"),
        (-12.34, 1, "−12.3"),
        (62.5, 0, "63"),
        (0.285, 2, "0.29"),
        (-62.5, 0, "−63"),
        (-0.04, 1, "0.0"),
        (Decimal("4.125"), 2, "4.13"),
        (1e300, 0, f"{10**300:,}"),
    ],
)
def test_numbers_have_groups_a_true_minus_and_halves_rounded_away_from_zero(
    value: float | Decimal, decimals: int, written: str
) -> None:
    assert number(value, "ko", decimals) == number(value, "en", decimals) == written


@pytest.mark.parametrize(
    ("n", "korean", "english"),
    [
        (0, "0", "0"),
        (8210, "8,210", "8,210"),
        (9999, "9,999", "9,999"),
        (10000, "1만", "10k"),
        (12431, "1.2만", "12.4k"),
        (124310, "12.4만", "124k"),
        (950000, "95만", "950k"),
        (999999, "100만", "1M"),
        (1234567, "123만", "1.2M"),
        (3100000, "310만", "3.1M"),
        (99999999, "1억", "100M"),
        (312000000, "3.1억", "312M"),
        (1234567890, "12.3억", "1.2B"),
        (2500000000000, "2.5조", "2.5T"),
        (25 * 10**18, "25,000,000조", "25,000,000T"),
        (-12431, "−1.2만", "−12.4k"),
    ],
)
def test_counts_are_short_from_ten_thousand_up(n: int, korean: str, english: str) -> None:
    assert count(n, "ko") == korean
    assert count(n, "en") == english


@pytest.mark.parametrize(
    ("n", "korean", "english"),
    [
        (None, "응답 없음", "no answers"),
        (0, "응답 없음", "no answers"),
        (1, "응답 1건", "1 answer"),
        (8210, "응답 8,210건", "8,210 answers"),
        (12431, "응답 1.2만 건", "12.4k answers"),
    ],
)
def test_answers_are_counted_as_people_say_it(n: int | None, korean: str, english: str) -> None:
    assert words.answers(n, "ko") == korean
    assert words.answers(n, "en") == english


@pytest.mark.parametrize(
    ("value", "currency", "korean", "english"),
    [
        (9800, "KRW", "9,800원", "₩9,800"),
        (320_000_000, "KRW", "3.2억 원", "₩320M"),
        (-52_000, "KRW", "−5.2만 원", "−₩52k"),
        (1250, "USD", "1,250달러", "$1,250"),
        (1250, "CHF", "1,250 CHF", "CHF\u00a01,250"),
    ],
)
def test_money_is_written_as_each_language_does(value: int, currency: str, korean: str, english: str) -> None:
    assert money(value, "ko", currency) == korean
    assert money(value, "en", currency) == english


@pytest.mark.parametrize(
    ("value", "decimals", "language", "unit", "caption", "delta"),
    [
        (2.34, 1, "ko", "점", "+2.3점", "+2.3점"),
        (-1.2, 1, "ko", "%p", "−1.2%p", "-1.2%p"),
        (-1.2, 1, "en", "pp", "−1.2\u00a0pp", "-1.2\u00a0pp"),
        (0.5, 0, "en", "%", "+1%", "+1%"),
        (1234.5, 1, "en", "", "+1,234.5", "+1,234.5"),
        (0.04, 1, "ko", "점", "0.0점", "0"),
        (-0.04, 1, "ko", "점", "0.0점", "0"),
    ],
)
def test_changes_carry_their_sign_and_unit(
    value: float, decimals: int, language: Language, unit: str, caption: str, delta: str
) -> None:
    assert signed(value, language, decimals, unit) == caption
    assert delta_text(value, language, decimals, unit) == delta


@given(value=st.floats(-1e6, 1e6), decimals=st.integers(0, 3), language=st.sampled_from(LANGUAGES))
def test_a_delta_never_has_a_sign_that_streamlit_reads_the_wrong_way(
    value: float, decimals: int, language: Language
) -> None:
    text = delta_text(value, language, decimals, "점")
    assert MINUS not in text
    assert text == "0" or text[0] == ("-" if value < 0 else "+")


@pytest.mark.parametrize(
    ("share", "decimals", "written"),
    [(0.62, 0, "62%"), (0.285, 1, "28.5%"), (1, 0, "100%"), (-0.05, 0, "−5%")],
)
def test_shares_are_written_in_percent(share: float, decimals: int, written: str) -> None:
    assert percent(share, "ko", decimals) == percent(share, "en", decimals) == written


@pytest.mark.parametrize("value", MISSING)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("written", [number, count, money, signed, percent])
def test_a_missing_value_is_a_dash(
    value: float | None, language: Language, written: Callable[[float | None, Language], str]
) -> None:
    assert written(value, language) == NO_VALUE


@pytest.mark.parametrize("value", MISSING)
def test_a_missing_change_is_no_delta_at_all(value: float | None) -> None:
    assert delta_text(value, "ko", 1, "점") == ""


def test_a_day_is_written_in_full() -> None:
    assert day(date(2026, 11, 21), "ko") == "2026년 11월 21일"
    assert day(date(2026, 11, 21), "en") == "21 Nov 2026"


@pytest.mark.parametrize(
    ("period", "korean", "english"),
    [
        (span("2026-08-24", "2026-11-21"), "2026년 8월 24일 – 11월 21일", "24 Aug – 21 Nov 2026"),
        (span("2026-11-01", "2026-11-22"), "2026년 11월 1일 – 22일", "1 – 22 Nov 2026"),
        (
            span("2025-11-23", "2026-11-22"),
            "2025년 11월 23일 – 2026년 11월 22일",
            "23 Nov 2025 – 22 Nov 2026",
        ),
        (
            span("2025-11-22", "2026-11-22"),
            "2025년 11월 22일 – 2026년 11월 22일",
            "22 Nov 2025 – 22 Nov 2026",
        ),
        (span("2026-11-21", "2026-11-21"), "2026년 11월 21일", "21 Nov 2026"),
        (span("2026-11-01", "2026-11-30"), "2026년 11월", "November 2026"),
        (span("2026-12-01", "2026-12-31"), "2026년 12월", "December 2026"),
        (span("2026-01-01", "2026-12-31"), "2026년", "2026"),
        (span("2026-07-01", "2026-09-30"), "2026년 7월 1일 – 9월 30일", "1 Jul – 30 Sep 2026"),
        (span("2025-01-01", "2026-12-31"), "2025년 1월 1일 – 2026년 12월 31일", "1 Jan 2025 – 31 Dec 2026"),
    ],
)
def test_a_period_is_written_without_repeating_itself(period: Period, korean: str, english: str) -> None:
    assert date_range(period, "ko") == korean
    assert date_range(period, "en") == english


@pytest.mark.parametrize(
    ("start", "grain", "korean", "english"),
    [
        ("2026-11-21", "day", "11월 21일", "21 Nov"),
        ("2026-11-16", "week", "11월 3주차", "W47 2026"),
        # The Thursday decides: 30 November 2026 belongs to 3 December, 1 November to 29 October.
        ("2026-11-30", "week", "12월 1주차", "W49 2026"),
        ("2026-10-26", "week", "10월 5주차", "W44 2026"),
        ("2026-11-01", "week", "10월 5주차", "W44 2026"),
        ("2026-12-28", "week", "12월 5주차", "W53 2026"),
        ("2027-01-01", "week", "12월 5주차", "W53 2026"),
        ("2024-12-30", "week", "1월 1주차", "W1 2025"),
        ("2026-11-01", "month", "2026년 11월", "Nov 2026"),
        ("2026-10-01", "quarter", "2026년 4분기", "Q4 2026"),
        ("2026-01-01", "year", "2026년", "2026"),
    ],
)
def test_a_point_in_time_is_named_as_people_name_it(start: str, grain: str, korean: str, english: str) -> None:
    assert period_label(date.fromisoformat(start), grain, "ko") == korean
    assert period_label(date.fromisoformat(start), grain, "en") == english


@pytest.mark.parametrize(
    ("start", "grain", "korean", "english"),
    [
        ("2026-08-10", "week", "2026년 8월 2주차", "week of 10 Aug 2026"),
        ("2024-12-30", "week", "2025년 1월 1주차", "week of 30 Dec 2024"),
        ("2026-11-01", "month", "2026년 11월", "Nov 2026"),
    ],
)
def test_in_a_sentence_a_week_has_its_year_and_no_number_that_nobody_counts(
    start: str, grain: str, korean: str, english: str
) -> None:
    assert period_in_words(date.fromisoformat(start), grain, "ko") == korean
    assert period_in_words(date.fromisoformat(start), grain, "en") == english


def test_a_point_in_time_of_an_unknown_grain_is_refused() -> None:
    with pytest.raises(CxError, match="'decade'"):
        period_label(date(2026, 1, 1), "decade", "en")


@pytest.mark.parametrize(
    ("word", "pair", "attached"),
    [
        ("부산", "은/는", "부산은"),
        ("대구", "은/는", "대구는"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("대구", "으로/로", "대구로"),
        ("서울", "을/를", "서울을"),
        ("배송", "과/와", "배송과"),
        ("문의", "이/가", "문의가"),
        ("\u1109\u1165\u110b\u116e\u11af", "은/는", "\u1109\u1165\u110b\u116e\u11af은"),
        # Digits as Koreans read them: 영 일 이 삼 사 오 육 칠 팔 구, 십 백 천 만 조.
        *((digit, "이/가", digit + "이") for digit in "013678"),
        *((digit, "이/가", digit + "가") for digit in "2459"),
        *((digit, "으로/로", digit + "로") for digit in "1245789"),
        *((digit, "으로/로", digit + "으로") for digit in "036"),
        ("8,210", "으로/로", "8,210으로"),
        ("42.5", "은/는", "42.5는"),
        ("1,000,000,000,000", "이/가", "1,000,000,000,000가"),
        ("100,000,000", "이/가", "100,000,000이"),
        ("0000000000000", "이/가", "0000000000000이"),
        ("62%", "이/가", "62%가"),
        ("2.3%p", "이/가", "2.3%p가"),
        ("45.0점", "으로/로", "45.0점으로"),
        ("1.2만", "을/를", "1.2만을"),
        # Abbreviations by the names of their letters, words by how they sound.
        ("NPS", "은/는", "NPS는"),
        ("CSAT", "은/는", "CSAT는"),
        ("URL", "으로/로", "URL로"),
        ("VR", "은/는", "VR은"),
        ("ATM", "은/는", "ATM은"),
        ("LAN", "으로/로", "LAN으로"),
        ("Gold", "이/가", "Gold가"),
        ("Silver", "이/가", "Silver가"),
        ("Platinum", "이/가", "Platinum이"),
        ("email", "으로/로", "email로"),
        ("mobile", "은/는", "mobile은"),
        ("online", "으로/로", "online으로"),
        ("marketing", "은/는", "marketing은"),
        ("app", "이/가", "app이"),
        ("web", "이/가", "web이"),
        ("Chatbot", "은/는", "Chatbot은"),
        ("kiosk", "은/는", "kiosk는"),
        ("store", "을/를", "store를"),
        # Quotation marks and parentheses do not count.
        ("‘골드’", "은/는", "‘골드’는"),
        ("서울(Seoul)", "으로/로", "서울(Seoul)로"),
        ("“부산 (1번)”", "은/는", "“부산 (1번)”은"),
        ("(서울)", "은/는", "(서울)은"),
        # Not known how it is read: both.
        ("東京", "은/는", "東京은(는)"),
        ("", "으로/로", "(으)로"),
        ("...", "이/가", "...이(가)"),
    ],
)
def test_the_particle_fits_the_word(word: str, pair: str, attached: str) -> None:
    assert josa(word, pair) == attached


def test_an_unknown_particle_pair_is_refused() -> None:
    with pytest.raises(CxError, match="에서"):
        josa("서울", "에서")


@given(word=st.text(), pair=st.sampled_from(["은/는", "으로/로"]))
def test_any_word_at_all_keeps_its_text_in_front_of_the_particle(word: str, pair: str) -> None:
    assert josa(word, pair).startswith(word)
    assert len(josa(word, pair)) > len(word)


# --- What strangers wrote ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("좋아요 \u202egnp.exe\u202c", "좋아요 gnp.exe"),
        ("a\u200bb\ufeffc\u2066d\u2069", "abcd"),
        ("one\ntwo\x00\x1b[31m", "one two  [31m"),
        ("가족 👨\u200d👩\u200d👧", "가족 👨\u200d👩\u200d👧"),
        ("Z" + "\u0301" * 40 + "!", "Z" + "\u0301" * 3 + "!"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_what_a_stranger_wrote_turns_and_hides_nothing(written: str, shown: str) -> None:
    assert words.legible(written) == shown


@pytest.mark.parametrize("table", contract.TABLES.values(), ids=lambda table: table.name)
def test_every_column_of_the_contract_has_words_in_both_languages(table: contract.Table) -> None:
    assert [name for name in table.names if set(words.COLUMN_LABELS.get(name, {})) != {"ko", "en"}] == []
