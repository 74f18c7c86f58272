"""Periods, presets, comparisons, grains and moving holidays, by tables a person can check on a calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx.errors import CxError
from cx.periods import (
    COMPARISONS,
    GRAINS,
    PRESETS,
    Period,
    comparison,
    holiday_distortion,
    moving_holidays,
    period_start,
    preset,
    suggest_grain,
)


def span(first: str, last: str) -> Period:
    """Return the period from the first to the last day, both inclusive, as people write them."""
    return Period(date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1))


days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
periods = st.builds(lambda start, length: Period(start, start + timedelta(days=length)), days, st.integers(1, 1500))


def test_a_period_knows_its_days_its_last_day_and_what_it_contains() -> None:
    november = Period(date(2026, 11, 1), date(2026, 12, 1))
    assert november.days == 30
    assert november.last == date(2026, 11, 30)
    assert november.contains(date(2026, 11, 1)) and november.contains(date(2026, 11, 30))
    assert not november.contains(date(2026, 10, 31)) and not november.contains(date(2026, 12, 1))


@pytest.mark.parametrize("end", [date(2026, 11, 1), date(2026, 10, 31)])
def test_a_period_without_a_day_is_refused_with_a_remedy(end: date) -> None:
    with pytest.raises(CxError, match="2026-11-01") as caught:
        Period(date(2026, 11, 1), end)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "as_of", "first", "last"),
    [
        # 22 November 2026 is a Sunday.
        ("last_7_days", "2026-11-22", "2026-11-16", "2026-11-22"),
        ("last_30_days", "2026-11-22", "2026-10-24", "2026-11-22"),
        ("last_90_days", "2026-11-21", "2026-08-24", "2026-11-21"),
        ("last_week", "2026-11-21", "2026-11-09", "2026-11-15"),
        ("last_week", "2026-11-22", "2026-11-16", "2026-11-22"),
        ("last_week", "2026-11-23", "2026-11-16", "2026-11-22"),
        ("last_week", "2027-01-03", "2026-12-28", "2027-01-03"),
        ("last_month", "2026-11-22", "2026-10-01", "2026-10-31"),
        ("last_month", "2026-11-30", "2026-11-01", "2026-11-30"),
        ("last_month", "2026-01-15", "2025-12-01", "2025-12-31"),
        ("last_quarter", "2026-11-22", "2026-07-01", "2026-09-30"),
        ("last_quarter", "2026-12-31", "2026-10-01", "2026-12-31"),
        ("last_quarter", "2026-02-28", "2025-10-01", "2025-12-31"),
        ("last_half_year", "2026-11-22", "2026-01-01", "2026-06-30"),
        ("last_half_year", "2026-12-31", "2026-07-01", "2026-12-31"),
        ("last_half_year", "2026-06-29", "2025-07-01", "2025-12-31"),
        ("month_to_date", "2026-11-22", "2026-11-01", "2026-11-22"),
        ("month_to_date", "2026-11-01", "2026-11-01", "2026-11-01"),
        ("quarter_to_date", "2026-11-22", "2026-10-01", "2026-11-22"),
        ("year_to_date", "2026-11-22", "2026-01-01", "2026-11-22"),
        ("last_12_months", "2026-11-22", "2025-11-23", "2026-11-22"),
        ("last_12_months", "2026-11-30", "2025-12-01", "2026-11-30"),
        ("last_12_months", "2024-02-28", "2023-03-01", "2024-02-28"),
        ("last_12_months", "2024-02-29", "2023-03-01", "2024-02-29"),
        ("last_12_months", "2025-02-28", "2024-03-01", "2025-02-28"),
        ("all_time", "2026-11-22", "2024-09-01", "2026-11-22"),
    ],
)
def test_a_preset_means_the_days_a_person_expects(name: str, as_of: str, first: str, last: str) -> None:
    chosen = preset(name, date.fromisoformat(as_of), first=date(2024, 9, 1))
    assert chosen == span(first, last)


def test_every_preset_has_a_row_in_the_table_above() -> None:
    (table,) = test_a_preset_means_the_days_a_person_expects.pytestmark  # type: ignore[attr-defined]
    assert {row[0] for row in table.args[1]} == set(PRESETS)


def test_an_unknown_preset_is_refused_and_the_nearest_is_named() -> None:
    with pytest.raises(CxError, match="last_fortnight"):
        preset("last_fortnight", date(2026, 11, 22))
    with pytest.raises(CxError) as caught:
        preset("last_wek", date(2026, 11, 22))
    assert "last_week" in caught.value.hint


def test_all_time_without_a_first_day_is_refused() -> None:
    with pytest.raises(CxError, match="whole data range"):
        preset("all_time", date(2026, 11, 22))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_beyond_the_calendar_is_an_error_with_a_remedy(name: str) -> None:
    with pytest.raises(CxError, match="leaves the calendar") as caught:
        preset(name, date.max, first=date(2024, 9, 1))
    assert caught.value.hint


@given(name=st.sampled_from(PRESETS), as_of=days)
def test_no_preset_reaches_past_the_last_day_with_data(name: str, as_of: date) -> None:
    assert preset(name, as_of, first=date(1980, 1, 1)).last <= as_of


@pytest.mark.parametrize(
    ("period", "preset_name", "expected"),
    [
        # A month, quarter or year to date: the same elapsed days of the one before.
        (span("2026-11-01", "2026-11-22"), "month_to_date", span("2026-10-01", "2026-10-22")),
        (span("2026-03-01", "2026-03-30"), "month_to_date", span("2026-02-01", "2026-02-28")),
        (span("2026-02-01", "2026-02-28"), "month_to_date", span("2026-01-01", "2026-01-31")),
        (span("2026-10-01", "2026-11-22"), "quarter_to_date", span("2026-07-01", "2026-08-22")),
        (span("2026-10-01", "2026-10-31"), "quarter_to_date", span("2026-07-01", "2026-07-31")),
        (span("2026-10-01", "2026-12-31"), "quarter_to_date", span("2026-07-01", "2026-09-30")),
        (span("2026-04-01", "2026-06-29"), "quarter_to_date", span("2026-01-01", "2026-03-31")),
        (span("2026-01-01", "2026-11-22"), "year_to_date", span("2025-01-01", "2025-11-22")),
        (span("2026-01-01", "2026-12-31"), "year_to_date", span("2025-01-01", "2025-12-31")),
        (span("2024-01-01", "2024-12-30"), "year_to_date", span("2023-01-01", "2023-12-31")),
        # A name that the dates contradict, or that says nothing, changes nothing.
        (span("2026-11-03", "2026-11-22"), "month_to_date", span("2026-10-14", "2026-11-02")),
        (span("2026-10-01", "2026-11-22"), "month_to_date", span("2026-08-09", "2026-09-30")),
        (span("2026-11-01", "2026-11-22"), "custom", span("2026-10-01", "2026-10-22")),
        # Whole calendar months.
        (span("2026-10-01", "2026-10-31"), None, span("2026-09-01", "2026-09-30")),
        (span("2026-03-01", "2026-03-31"), None, span("2026-02-01", "2026-02-28")),
        (span("2026-07-01", "2026-09-30"), None, span("2026-04-01", "2026-06-30")),
        (span("2026-01-01", "2026-06-30"), None, span("2025-07-01", "2025-12-31")),
        (span("2025-12-01", "2026-11-30"), None, span("2024-12-01", "2025-11-30")),
        # From the 1st, within one month.
        (span("2026-11-01", "2026-11-22"), None, span("2026-10-01", "2026-10-22")),
        (span("2026-03-01", "2026-03-30"), None, span("2026-02-01", "2026-02-28")),
        (span("2026-11-01", "2026-11-01"), None, span("2026-10-01", "2026-10-01")),
        # Weeks and everything else: as many days immediately before.
        (span("2026-11-16", "2026-11-22"), "last_week", span("2026-11-09", "2026-11-15")),
        (span("2026-11-16", "2026-11-22"), None, span("2026-11-09", "2026-11-15")),
        (span("2026-08-24", "2026-11-21"), "last_90_days", span("2026-05-26", "2026-08-23")),
        (span("2026-11-01", "2026-12-05"), None, span("2026-09-27", "2026-10-31")),
    ],
)
def test_previous_is_what_came_just_before(period: Period, preset_name: str | None, expected: Period) -> None:
    assert comparison(period, "previous", preset_name) == expected


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (span("2026-11-01", "2026-11-22"), span("2025-11-01", "2025-11-22")),
        (span("2026-11-01", "2026-11-30"), span("2025-11-01", "2025-11-30")),
        (span("2024-02-01", "2024-02-29"), span("2023-02-01", "2023-02-28")),
        (span("2025-02-01", "2025-02-28"), span("2024-02-01", "2024-02-29")),
        (span("2024-02-29", "2024-02-29"), span("2023-02-28", "2023-02-28")),
        (span("2024-02-15", "2024-02-28"), span("2023-02-15", "2023-02-28")),
        (span("2025-02-15", "2025-02-28"), span("2024-02-15", "2024-02-28")),
        (span("2024-02-29", "2024-03-06"), span("2023-02-28", "2023-03-06")),
        (span("2025-12-01", "2026-11-30"), span("2024-12-01", "2025-11-30")),
        (span("2025-11-23", "2026-11-22"), span("2024-11-23", "2025-11-22")),
    ],
)
def test_year_is_the_same_dates_one_year_earlier(period: Period, expected: Period) -> None:
    assert comparison(period, "year") == expected


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (span("2026-11-16", "2026-11-22"), span("2025-11-17", "2025-11-23")),
        (span("2026-11-01", "2026-11-30"), span("2025-11-02", "2025-12-01")),
        # 364 days would overlap a whole year by a day, and over a year weekdays even out.
        (span("2025-12-01", "2026-11-30"), span("2024-12-01", "2025-11-30")),
    ],
)
def test_year_weekdays_sets_mondays_against_mondays(period: Period, expected: Period) -> None:
    assert comparison(period, "year_weekdays") == expected


@pytest.mark.parametrize("mode", ["year", "year_weekdays"])
def test_more_than_a_year_is_not_compared_with_a_window_that_overlaps_it(mode: str) -> None:
    assert comparison(span("2024-09-01", "2026-11-22"), mode) is None


@pytest.mark.parametrize("mode", COMPARISONS)
def test_a_comparison_before_the_calendar_begins_is_none(mode: str) -> None:
    assert comparison(span("0001-01-01", "0001-01-20"), mode) is None


def test_none_compares_with_nothing_and_an_unknown_mode_is_refused() -> None:
    assert comparison(span("2026-11-01", "2026-11-22"), "none") is None
    with pytest.raises(CxError, match="prevous") as caught:
        comparison(span("2026-11-01", "2026-11-22"), "prevous")
    assert "previous" in caught.value.hint


@given(period=periods, preset_name=st.sampled_from([None, *PRESETS]))
def test_previous_always_exists_and_never_overlaps_the_period(period: Period, preset_name: str | None) -> None:
    other = comparison(period, "previous", preset_name)
    assert other is not None and other.end <= period.start


@given(period=periods, preset_name=st.sampled_from([None, *PRESETS]))
def test_previous_of_a_period_that_starts_inside_a_month_is_as_long_and_adjoins(
    period: Period, preset_name: str | None
) -> None:
    if period.start.day != 1:
        other = comparison(period, "previous", preset_name)
        assert other is not None and other.days == period.days and other.end == period.start


@given(name=st.sampled_from(["month_to_date", "quarter_to_date", "year_to_date"]), as_of=days)
def test_previous_of_a_period_to_date_has_the_same_elapsed_days_or_its_whole_unit(name: str, as_of: date) -> None:
    period = preset(name, as_of)
    other = comparison(period, "previous", name)
    assert other is not None
    assert other.days == period.days or other.end == period.start


@given(period=periods)
def test_the_same_weekdays_a_year_ago_are_as_long_and_start_on_the_same_weekday(period: Period) -> None:
    other = comparison(period, "year_weekdays")
    if period.days <= 364:
        assert other is not None
        assert other.days == period.days and other.start.weekday() == period.start.weekday()


@given(period=periods, mode=st.sampled_from(COMPARISONS), preset_name=st.sampled_from([None, *PRESETS]))
def test_no_comparison_ever_overlaps_its_period(period: Period, mode: str, preset_name: str | None) -> None:
    other = comparison(period, mode, preset_name)
    assert other is None or other.end <= period.start


@pytest.mark.parametrize(
    ("length", "grain"),
    [
        (1, "day"),
        (31, "day"),
        (32, "week"),
        (190, "week"),
        (191, "month"),
        (900, "month"),
        (901, "quarter"),
        (3650, "quarter"),
    ],
)
def test_the_suggested_grain_follows_the_length(length: int, grain: str) -> None:
    assert suggest_grain(Period(date(2024, 1, 1), date(2024, 1, 1) + timedelta(days=length))) == grain


@pytest.mark.parametrize(
    ("grain", "start"),
    [
        ("day", "2026-11-22"),
        ("week", "2026-11-16"),
        ("month", "2026-11-01"),
        ("quarter", "2026-10-01"),
        ("year", "2026-01-01"),
    ],
)
def test_a_grain_starts_where_people_start_it(grain: str, start: str) -> None:
    assert period_start(date(2026, 11, 22), grain) == date.fromisoformat(start)


@given(day=days, grain=st.sampled_from(GRAINS))
def test_the_start_of_a_start_is_itself_and_never_later_than_the_day(day: date, grain: str) -> None:
    start = period_start(day, grain)
    assert start <= day
    assert period_start(start, grain) == start


def test_an_unknown_grain_is_refused_and_the_nearest_is_named() -> None:
    with pytest.raises(CxError) as caught:
        period_start(date(2026, 11, 22), "weeks")
    assert "week" in caught.value.hint


@pytest.mark.parametrize(
    ("period", "names"),
    [
        # Seollal: 16–18 February 2026, 6–9 February 2027 (9th: substitute). Chuseok: 24–26 September 2026.
        (span("2026-02-16", "2026-02-16"), ["seollal"]),
        (span("2026-02-18", "2026-02-28"), ["seollal"]),
        (span("2026-02-19", "2026-09-23"), []),
        (span("2026-09-01", "2026-09-30"), ["chuseok"]),
        (span("2026-01-01", "2026-12-31"), ["seollal", "chuseok"]),
        (span("2026-09-26", "2027-02-06"), ["seollal", "chuseok"]),
        (span("2027-02-09", "2027-02-09"), ["seollal"]),
        (span("1900-01-01", "1900-12-31"), []),
    ],
)
def test_moving_holidays_are_found_with_their_eve_and_substitute_days(period: Period, names: list[str]) -> None:
    assert moving_holidays(period) == names


@pytest.mark.parametrize(
    ("period", "other", "name"),
    [
        # Seollal: 28–30 January 2025, 16–18 February 2026. Chuseok: 5–8 October 2025, 24–26 September 2026.
        (span("2026-02-01", "2026-02-28"), span("2025-02-01", "2025-02-28"), "seollal"),
        (span("2026-01-01", "2026-01-31"), span("2025-01-01", "2025-01-31"), "seollal"),
        (span("2026-10-01", "2026-10-31"), span("2026-09-01", "2026-09-30"), "chuseok"),
        (span("2026-01-01", "2026-03-31"), span("2025-01-01", "2025-03-31"), None),
        (span("2026-11-01", "2026-11-22"), span("2026-10-01", "2026-10-22"), None),
        (span("2026-01-01", "2026-12-31"), span("2025-01-01", "2025-12-31"), None),
    ],
)
def test_a_holiday_in_only_one_of_two_periods_distorts_their_comparison(
    period: Period, other: Period, name: str | None
) -> None:
    assert holiday_distortion(period, other) == name
    assert holiday_distortion(other, period) == name
