"""What the reader chose: the filter bar, the address that says it, and what the session remembers."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import streamlit as st

from cx import charts, contract, periods, scope, settings, words
from cx.charts.rows import text_width
from cx.engine import Engine
from cx.errors import CxError, DataError
from cx.exports import Watch
from cx.periods import DEFAULT_PRESET, Period
from cx.scope import NO_VALUE, Filters
from cx.snapshot import Snapshot
from cx.ui.view import View, current_view, look_through, plain
from cx.words import Language, say

PRESETS = (*periods.PRESETS, "custom")
MOST_OPTIONS = 2_000
BESIDE = 33
"""Pixels of a button of a choice beside its words."""
HALF_A_PHONE = 171
"""Pixels of a list of choices, two of which stand beside each other on a phone."""
ADDRESS_SECONDS = 5.0
"""How long after rewriting the address an old one may still arrive with a click."""


def language_now(default: str) -> Language:
    """The language before its widget is drawn: chosen, else the link's, else the default."""
    asked = st.session_state.get("lang") or st.query_params.get("lang")
    return "ko" if (asked if asked in words.LANGUAGES else default) == "ko" else "en"


def adopt_link(place: str) -> None:
    """Take over an address that the reader changed (back button, edited link) within the same page.

    Going to another page empties the address; what was chosen stays and is written there again. Only the part that
    is shown of a long page is each page's own.

    Widgets are not bound to the address by Streamlit itself because it would write their labels there,
    and a link would mean nothing to a reader of the other language.

    An address without a language changes none: the browser keeps the bare one of each page that was gone to.
    """
    now = {name: tuple(st.query_params.get_all(name)) for name in st.query_params}
    written = st.session_state.get("cx_written")
    left = st.session_state.get("cx_place")
    same_page = left == place
    st.session_state["cx_place"] = place
    if left is not None and not same_page:
        parts = st.session_state.setdefault("cx_parts", {})
        parts[left] = _choices().pop("view", "")
        st.session_state.pop("view", None)
        _choices()["view"] = parts.get(place, "")
    # A click made while the address was still being rewritten brings the one before along.
    late = now == st.session_state.get("cx_written_before") and time.monotonic() < st.session_state.get("cx_fresh", 0)
    st.session_state["cx_adopted"] = False
    if written is not None and same_page and now != written and not late:
        st.session_state["cx_adopted"] = True
        for name in {*now, *written}:
            if now.get(name) != written.get(name) and (name != "lang" or name in now):
                st.session_state.pop(name, None)
                _choices().pop(name, None)
    st.session_state["cx_link"] = {}


def _choices() -> dict[str, Any]:
    """What was chosen so far, by key: Streamlit forgets a widget's value when another page is shown."""
    chosen: dict[str, Any] = st.session_state.setdefault("cx_choices", {})
    return chosen


def _kept(key: str, options: Sequence[str], default: str) -> str:
    """Put a choice's value into the session: the widget's, else the remembered, the link's, the default."""
    candidates = (st.session_state.get(key), _choices().get(key), st.query_params.get(key), default)
    value = next(str(candidate) for candidate in candidates if candidate in options)
    st.session_state[key] = _choices()[key] = value
    _link(key, (value,), (default,))
    return key


def _kept_many(key: str, options: Sequence[str]) -> str:
    """The same for a choice of several values; none is the default."""
    known = set(options)
    candidates = (st.session_state.get(key), _choices().get(key), st.query_params.get_all(key))
    value = next(candidate for candidate in candidates if candidate is not None)
    st.session_state[key] = _choices()[key] = [text for text in value if text in known]
    _link(key, tuple(st.session_state[key]), ())
    return key


def _link(key: str, values: tuple[str, ...], default: tuple[str, ...]) -> None:
    """Note what the address says of a choice: nothing while it has its default."""
    st.session_state["cx_link"][key] = values if values != default else ()


def chosen_so_far() -> dict[str, list[str]]:
    """What the address says of the choices already drawn in this run: those that all pages share."""
    return {name: list(values) for name, values in st.session_state["cx_link"].items() if values}


def write_link() -> None:
    """Make the address say what is shown, so that a copied link opens the same view."""
    wanted = {name: tuple(values) for name, values in chosen_so_far().items()}
    now = {name: tuple(st.query_params.get_all(name)) for name in st.query_params}
    if wanted != st.session_state.get("cx_written"):
        st.session_state["cx_written_before"] = st.session_state.get("cx_written")
        st.session_state["cx_fresh"] = time.monotonic() + ADDRESS_SECONDS
    if st.session_state.get("cx_adopted") and now | {"lang": ()} == wanted | {"lang": ()}:
        # Writing the language there would be a step forward: the reader could never go further back.
        wanted = now
    if now != wanted:
        st.query_params.from_dict({name: list(values) for name, values in wanted.items()})
    st.session_state["cx_written"] = wanted


def default_language() -> Language:
    """The company's language, or the browser's where the settings cannot be read."""
    try:
        return "en" if settings.load(settings.data_folder()).language == "en" else "ko"
    except CxError:
        return "ko" if (st.context.locale or "ko").startswith("ko") else "en"


def filter_bar(engine: Engine, held: Snapshot, about: settings.Settings, watch: Watch) -> None:
    """One row: period, comparison, segments, reset, language. Sets the view of this run."""
    days = held.days("responses", "reviews")
    if days is None:
        raise DataError(
            "Nothing that was published has a date.", "Look at the Data page or run `python -m cx publish`."
        )
    first, last = days
    language = language_now(about.language)
    with st.container(horizontal=True, vertical_alignment="center", key="filter_bar"):
        st.selectbox(
            say("filter.period", language),
            PRESETS,
            key=_kept("period", PRESETS, DEFAULT_PRESET),
            format_func=lambda name: say(f"preset.{name}", language),
            label_visibility="collapsed",
            width=140,
        )
        st.selectbox(
            say("filter.comparison", language),
            periods.COMPARISONS,
            key=_kept("compare", periods.COMPARISONS, "previous"),
            format_func=lambda name: say(f"comparison.{name}", language),
            label_visibility="collapsed",
            width=182,
        )
        offered = offered_columns(held, about)
        state = _segment_state(held, about, language, offered)
        with st.popover(state or say("filter.filters", language), icon=":material/tune:"):
            for column in offered:
                _segment_filter(column, held, about, language)
        st.button(say("filter.reset", language), type="tertiary", on_click=reset_filters, args=(offered,))
        st.space("stretch")
        st.segmented_control(
            say("filter.language", language),
            words.LANGUAGES,
            key=_kept("lang", words.LANGUAGES, about.language),
            format_func=lambda name: say(f"language.{name}", language),
            label_visibility="collapsed",
            required=True,
        )
    chosen = st.session_state.get("period") or DEFAULT_PRESET
    period = _period(chosen, first, last, language)
    compare = st.session_state.get("compare") or "previous"
    where = tuple((column, tuple(st.session_state[column])) for column in offered if st.session_state.get(column))
    filters = Filters(period, periods.comparison(period, compare, chosen), where)
    grain = st.session_state.get("grain") or periods.suggest_grain(period)
    if "cx_view" in st.session_state:
        current_view().give_up()
    look_through(
        View(
            engine,
            held,
            filters,
            language,
            chosen,
            compare,
            grain,
            (st.context.theme.type or "light") == "dark",
            "Mobi" in st.context.headers.get("User-Agent", ""),
            about,
            watch,
        )
    )
    if watch.error and not watch.running:
        when = held.created_at.astimezone(about.zone)
        st.info(plain(say("state.publish_failed", language, day=words.day(when.date(), language))))


def offered_columns(held: Snapshot, about: settings.Settings) -> list[str]:
    """The columns one may filter by, in the company's order; those with one value say nothing."""
    known = [column for column in scope.present(held) if len(held.values.get(column, ())) > 1]
    known = [column for column in known if column not in about.segments_hidden and column not in contract.ADDRESS]
    ordered = [column for column in about.segment_order if column in known]
    return ordered + [column for column in known if column not in ordered]


def _segment_filter(column: str, held: Snapshot, about: settings.Settings, language: Language) -> None:
    view = _Names(held, about, language)
    options = [*held.values[column][:MOST_OPTIONS], NO_VALUE]
    st.multiselect(
        view.column(column),
        options,
        key=_kept_many(column, options),
        format_func=lambda value: view.label(column, value),
        placeholder=say("filter.all", language),
    )


@dataclass(frozen=True)
class _Names:
    """Labels before the view of this run exists."""

    held: Snapshot
    about: settings.Settings
    language: Language

    def label(self, column: str, value: Any) -> str:
        if value == NO_VALUE:
            return say("caption.no_value", self.language)
        named = self.about.value_labels.get(column, {}).get(value) or self.held.labels.get(column, {}).get(value)
        return (named.get(self.language) or next(iter(named.values()))) if named else str(value)

    def column(self, column: str) -> str:
        named = self.about.column_labels.get(column, {})
        return named.get(self.language) or words.column_label(column, self.language)


def _segment_state(held: Snapshot, about: settings.Settings, language: Language, offered: Sequence[str]) -> str:
    """What is filtered by, short enough for a button."""
    names = _Names(held, about, language)
    chosen = [
        names.label(column, value)
        for column in offered
        for value in st.session_state.get(column, _choices().get(column, st.query_params.get_all(column)))
    ]
    if not chosen:
        return ""
    more = f" +{len(chosen) - 1}" if len(chosen) > 1 else ""
    return plain(chosen[0][:18]) + more


def reset_filters(offered: Sequence[str]) -> None:
    """Take all filters away and go back to the default period."""
    for column in offered:
        st.session_state[column] = []
    for name in ("period", "compare"):
        st.session_state[name] = DEFAULT_PRESET if name == "period" else "previous"


def _period(chosen: str, first: date, last: date, language: Language) -> Period:
    if chosen != "custom":
        return periods.preset(chosen, last, first)
    default = periods.preset(DEFAULT_PRESET, last, first)
    earliest = first - timedelta(days=366)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start = st.date_input(
            say("filter.from", language),
            key=_kept_day("from", max(default.start, first), earliest, last),
            min_value=earliest,
            max_value=last,
            width=160,
        )
        end = st.date_input(
            say("filter.to", language),
            key=_kept_day("to", last, earliest, last),
            min_value=earliest,
            max_value=last,
            width=160,
        )
    low, high = sorted((start or default.start, end or last))
    return Period(low, high + timedelta(days=1))


def _kept_day(key: str, default: date, earliest: date, latest: date) -> str:
    """Put a day into the session: its own, else the link's if it is a day in range, else the default."""
    value = st.session_state.get(key) or _choices().get(key)
    if value is None:
        try:
            value = date.fromisoformat(st.query_params.get(key, ""))
        except ValueError:
            value = default
    st.session_state[key] = _choices()[key] = min(max(value, earliest), latest)
    _link(key, (st.session_state[key].isoformat(),), ())
    return key


def choose(
    view: View,
    key_words: str,
    key: str,
    options: list[str],
    default: str,
    label: Callable[[str], str],
    *,
    wide: bool = False,
) -> str:
    """A choice among options, as buttons or, where they are many, as a list; kept in the address."""
    text = say(key_words, view.language)
    _kept(key, options, default)
    # Buttons beyond a phone's edge would be found by nobody.
    beyond = view.phone and sum(text_width(label(name), 14) + BESIDE for name in options) > charts.PHONE
    if wide or beyond or len(options) > 5:
        st.selectbox(text, options, format_func=label, key=key, width=HALF_A_PHONE if view.phone else 200)
    else:
        st.segmented_control(text, options, format_func=lambda name: plain(label(name)), key=key, required=True)
    return str(st.session_state[key] or default)


def write(view: View, key_words: str, key: str, told: str) -> str:
    """A text that the reader writes, with what is told of it; kept in the address."""
    candidates = (st.session_state.get(key), _choices().get(key), st.query_params.get(key), "")
    value = next(str(candidate) for candidate in candidates if candidate is not None)
    st.session_state[key] = _choices()[key] = value
    _link(key, (value,), ("",))
    st.text_input(say(key_words, view.language), key=key, width=260, max_chars=200, help=told)
    return str(st.session_state[key]).strip()
