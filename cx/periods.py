"""Days as people mean them: periods, presets, what they are compared with, how finely they are cut.

This module owns calendar arithmetic and nothing else: no words, no queries, no clock. Every day
here is a day of the reporting time zone, and "today" is always the last day that has data, handed
in by the caller.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

from cx.errors import CxError, nearest

PRESETS: tuple[str, ...] = (
    "last_7_days",
    "last_30_days",
    "last_90_days",
    "last_week",
    "last_month",
    "last_quarter",
    "last_half_year",
    "month_to_date",
    "quarter_to_date",
    "year_to_date",
    "last_12_months",
    "all_time",
)
DEFAULT_PRESET = "last_90_days"
COMPARISONS: tuple[str, ...] = ("previous", "year", "year_weekdays", "none")
GRAINS: tuple[str, ...] = ("day", "week", "month", "quarter", "year")
MOVING_HOLIDAYS: tuple[str, ...] = ("seollal", "chuseok")

ONE_DAY = timedelta(days=1)
FIFTY_TWO_WEEKS = timedelta(weeks=52)

_MONTHS_OF = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_UNIT_TO_DATE = {"month_to_date": "month", "quarter_to_date": "quarter", "year_to_date": "year"}
_UNIT_COMPLETE = {"last_month": "month", "last_quarter": "quarter", "last_half_year": "half_year"}
_DAYS_BACK = {"last_7_days": 7, "last_30_days": 30, "last_90_days": 90}
_HOLIDAY_IN_ENGLISH = {"Korean New Year": "seollal", "Chuseok": "chuseok"}


@dataclass(frozen=True)
class Period:
    """Some whole days in a row, of the reporting time zone.

    Raises CxError when there is not at least one day in it.
    """

    start: date
    """The first day."""
    end: date
    """The day after the last one."""

    def __post_init__(self) -> None:
        """Refuse an empty or a backward period."""
        if self.start >= self.end:
            raise CxError(
                f"The period from {self.start} (inclusive) to {self.end} (exclusive) holds no day.",
                "Choose a first day that comes before the end.",
            )

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """The last day that still belongs to the period."""
        return self.end - ONE_DAY

    def contains(self, day: date) -> bool:
        """Say whether the day belongs to the period."""
        return self.start <= day < self.end


def preset(name: str, as_of: date, first: date | None = None) -> Period:
    """Return the period that a preset means on the last day that has data (`as_of`, inclusive).

    A week, month, quarter or half-year that ends exactly on `as_of` is complete. `first`, the first
    day that has data, is needed for `all_time` only. Raises CxError for an unknown name, a missing
    `first`, or days past the calendar.
    """
    if name not in PRESETS:
        raise CxError(f"There is no period called {name!r}.", nearest(name, PRESETS))
    try:
        return _preset(name, as_of, first)
    except (OverflowError, ValueError) as error:
        raise CxError(
            f"The period {name!r} around {as_of} leaves the calendar.",
            f"Check whether {as_of} is really the last day of the data.",
        ) from error


def _preset(name: str, as_of: date, first: date | None) -> Period:
    end = as_of + ONE_DAY
    if name == "all_time":
        if first is None:
            raise CxError("The whole data range is not known.", "Give the first day that has data.")
        return Period(first, end)
    if name in _DAYS_BACK:
        return Period(end - timedelta(days=_DAYS_BACK[name]), end)
    if name in _UNIT_TO_DATE:
        return Period(_unit_start(as_of, _UNIT_TO_DATE[name]), end)
    if name in _UNIT_COMPLETE:
        unit = _UNIT_COMPLETE[name]
        # The unit that holds the day *after* the data is the first one that is not complete.
        end = _unit_start(end, unit)
        return Period(_months_later(end, -_MONTHS_OF[unit]), end)
    if name == "last_week":
        end = period_start(end, "week")
        return Period(end - timedelta(days=7), end)
    if end.day == 1:
        return Period(_months_later(end, -12), end)
    # Counted from the last day, not from the end: 12 months up to 28 February 2024 begin on 1 March 2023.
    return Period(_months_later(as_of, -12) + ONE_DAY, end)


def comparison(period: Period, mode: str, preset_name: str | None = None) -> Period | None:
    """Return the period to compare with, or None where there is none.

    - `previous`: a month, quarter or year to date goes with the same number of elapsed days of the
      one before (never more than it has, and all of it once the period is over); whole calendar
      months with as many whole months; days from the 1st within one month with the same days of the
      month before; all else with the days immediately before.
    - `year`: the same dates one year earlier; whole months stay whole, 29 February becomes 28
      February.
    - `year_weekdays`: 364 days earlier, so that Mondays meet Mondays. Beyond 364 days, where
      weekdays even out and the two would overlap, the same dates one year earlier.
    - `none`: None.

    None also where the two would overlap (the same answers on both sides cannot be compared) or
    leave the calendar. `preset_name` tells what a person chose: 1–31 October is one month, or the
    first of three. Raises CxError for an unknown mode.
    """
    if mode not in COMPARISONS:
        raise CxError(f"There is no comparison called {mode!r}.", nearest(mode, COMPARISONS))
    if mode == "none":
        return None
    try:
        other = _COMPARE[mode](period, preset_name)
    except (OverflowError, ValueError):
        return None
    return other if other.end <= period.start else None


def _previous(period: Period, preset_name: str | None) -> Period:
    unit = _UNIT_TO_DATE.get(preset_name or "")
    # A preset name that the dates contradict (an edited link) says nothing.
    if unit is not None and _within_one(unit, period):
        return _same_elapsed_days(period, unit)
    if _is_whole_months(period):
        months = _months_between(period.start, period.end)
        return Period(_months_later(period.start, -months), period.start)
    if period.start.day == 1 and _within_one("month", period):
        return _same_elapsed_days(period, "month")
    return Period(period.start - timedelta(days=period.days), period.start)


def _same_elapsed_days(period: Period, unit: str) -> Period:
    months = _MONTHS_OF[unit]
    start = _months_later(period.start, -months)
    if period.end == _months_later(period.start, months):
        return Period(start, period.start)
    return Period(start, min(start + timedelta(days=period.days), period.start))


def _year_earlier(period: Period, _preset_name: str | None) -> Period:
    start = _months_later(period.start, -12)
    if _is_whole_months(period):
        return Period(start, _months_later(period.end, -12))
    # The last day moves, not the end: days up to 28 February 2024 go with days up to 28 February 2023.
    return Period(start, _months_later(period.last, -12) + ONE_DAY)


def _same_weekdays_year_earlier(period: Period, preset_name: str | None) -> Period:
    if period.days > FIFTY_TWO_WEEKS.days:
        return _year_earlier(period, preset_name)
    return Period(period.start - FIFTY_TWO_WEEKS, period.end - FIFTY_TWO_WEEKS)


_COMPARE: dict[str, Callable[[Period, str | None], Period]] = {
    "previous": _previous,
    "year": _year_earlier,
    "year_weekdays": _same_weekdays_year_earlier,
}


def suggest_grain(period: Period) -> str:
    """Return the grain that cuts the period into a readable number of points, some 8 to 40 where possible."""
    if period.days <= 31:
        return "day"
    if period.days <= 190:
        return "week"
    if period.days <= 900:
        return "month"
    return "quarter"


def period_start(day: date, grain: str) -> date:
    """Return the first day of the day, week (Monday), month, quarter or year that holds the day.

    Raises CxError for an unknown grain.
    """
    if grain not in GRAINS:
        raise CxError(f"There is no grain called {grain!r}.", nearest(grain, GRAINS))
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return _unit_start(day, grain)


def next_start(start: date, grain: str) -> date:
    """The first day of the period after the one that begins on `start`."""
    if grain in _MONTHS_OF:
        return _months_later(start, _MONTHS_OF[grain])
    return start + (7 if grain == "week" else 1) * ONE_DAY


def moving_holidays(period: Period) -> list[str]:
    """Return which of "seollal" and "chuseok" have a day off in the period, in that order.

    Both follow the moon and empty the country for days. Known for 1948 to 2100.
    """
    found = {
        name
        for year in range(period.start.year, period.last.year + 1)
        for day, name in _moving_holidays_of(year)
        if period.contains(day)
    }
    return [name for name in MOVING_HOLIDAYS if name in found]


def holiday_distortion(period: Period, other: Period) -> str | None:
    """Return the moving holiday that only one of two compared periods has ("seollal" first), or None."""
    here, there = moving_holidays(period), moving_holidays(other)
    return next((name for name in MOVING_HOLIDAYS if (name in here) != (name in there)), None)


@lru_cache(maxsize=256)
def _moving_holidays_of(year: int) -> tuple[tuple[date, str], ...]:
    # Eve, second day and substitute days carry the name inside a longer one ("The day preceding Chuseok").
    calendar = holidays.country_holidays("KR", years=year, language="en_US")
    return tuple(
        (day, name)
        for day, title in sorted(calendar.items())
        for part, name in _HOLIDAY_IN_ENGLISH.items()
        if part in title
    )


def _unit_start(day: date, unit: str) -> date:
    months = _MONTHS_OF[unit]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _within_one(unit: str, period: Period) -> bool:
    # Begun or in full: the period starts where a unit starts and does not outlast it.
    return _unit_start(period.start, unit) == period.start == _unit_start(period.last, unit)


def _is_whole_months(period: Period) -> bool:
    return period.start.day == period.end.day == 1


def _months_between(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
