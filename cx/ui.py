"""The screen: the only module that knows Streamlit.

`frame` draws what every page shares (navigation, filter bar, language) and returns the page to run.
A page then asks, draws and says: `page()` gives it a `Page` with header, choices, key figures and
rows of cards. Session state, caching and error cards live here and nowhere else.
"""

import hashlib
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from streamlit import net_util

from cx import charts, figures, findings, periods, scope, settings, words
from cx.analyses import OTHER
from cx.catalog import SUMMED, TIMED, Chart, Metric, Parameter, Question
from cx.engine import Engine
from cx.errors import CxError, DataError
from cx.estimates import FEW
from cx.exports import Watch
from cx.figures import Answer, harmless
from cx.periods import Period
from cx.scope import NO_VALUE, Filters
from cx.snapshot import Snapshot
from cx.words import Language, say

# Streamlit asks an outside service for this machine's address when a foreign page knocks; nothing here may.
net_util.get_external_ip = lambda: None

PAGES = ("overview", "trends", "segments", "competitors", "journey", "explore", "data")
ICONS = {
    "overview": ":material/space_dashboard:",
    "trends": ":material/show_chart:",
    "segments": ":material/group:",
    "competitors": ":material/compare_arrows:",
    "journey": ":material/route:",
    "explore": ":material/search:",
    "data": ":material/database:",
}
EXPLAINED = "overview/explained"
"""The question that says which dimension explains each metric's change."""
DEFAULT_PRESET = "last_90_days"
PRESETS = (*periods.PRESETS, "custom")
RESERVED_KEYS = frozenset(("period", "compare", "from", "to", "lang", "grain", "metric", "by", "by2", "brand"))
MOST_OPTIONS = 2_000
ADDRESS_SECONDS = 5.0
"""How long after rewriting the address an old one may still arrive with a click."""
CHART_WORDS = ("start", "end", "rate", "mix", "rest", "cut", "partial", "fix", "keep", "watch", "over")
PLOT = {"displayModeBar": False, "responsive": True, "scrollZoom": False}


# --- What a run of the page holds on to ------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """One page run: the engine, the snapshot held, what was asked for, and how it is said."""

    engine: Engine
    held: Snapshot
    filters: Filters
    language: Language
    preset: str
    grain: str
    about: settings.Settings
    watch: Watch
    judged: dict[str, Answer] = field(default_factory=dict)
    """Answers of this run that were judged together with others as one family, by `Card.key`."""

    def label(self, column: str, value: Any) -> str:
        """The words for a value of a column."""
        if value is None or (isinstance(value, float) and pd.isna(value)) or value == NO_VALUE or value is pd.NaT:
            return say("caption.no_value", self.language)
        text = str(value)
        if text == OTHER:
            return say("chart.other", self.language)
        named = self.about.value_labels.get(column, {}).get(text) or self.held.labels.get(column, {}).get(text)
        if named:
            return named.get(self.language) or next(iter(named.values()))
        if text in words.VALUE_LABELS.get(column, {}):
            return words.VALUE_LABELS[column][text][self.language]
        if column == "metric" and text in self.engine.catalog.metrics():
            return self.engine.catalog.metrics()[text].label[self.language]
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        if isinstance(value, bool):
            return text.lower()
        return text

    def column(self, column: str) -> str:
        """The words for a column."""
        named = self.about.column_labels.get(column, {})
        return named.get(self.language) or next(iter(named.values()), "") or words.column_label(column, self.language)

    def color(self, column: str, value: Any) -> str:
        """The mark colour that a value keeps on every page; the own brand has the accent."""
        known = sorted(self.held.values.get(column, ()))
        if column == "brand" and self.about.brand in known:
            known.remove(self.about.brand)
            known.insert(0, self.about.brand)
        if value in known:
            return charts.palette_color(known.index(value))
        return charts.palette_color(int(hashlib.sha256(str(value).encode()).hexdigest(), 16) % 8)


def plain(text: str) -> str:
    """Text from exports or files as Markdown that shows it letter by letter."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>$:~&^@])", r"\\\1", text.replace("\n", " "))


def heading(text: str, language: Language) -> str:
    """A heading or caption: literal, and in Korean unbroken within words."""
    return plain(words.keep_words(text) if language == "ko" else text)


@st.cache_resource(show_spinner=False)
def _engine(data: Path, queries: tuple[Path, ...]) -> Engine:
    return Engine(data, queries)


@st.cache_resource(show_spinner=False)
def _watch(data: Path, queries: tuple[Path, ...], given: Path | None) -> Watch:
    return Watch(data, queries, given)


def _view() -> View:
    view: View = st.session_state["cx_view"]
    return view


# --- The frame -------------------------------------------------------------------------------------


def frame(folder: str = "pages") -> None:
    """Everything around a page: configuration, navigation, filter bar; then the page itself."""
    _configure()
    language = _language_now()
    chosen = _navigation(folder, language)
    _adopt_link(chosen.url_path)
    language = _language_now()
    try:
        data = settings.data_folder()
        queries = settings.query_folders(data)
        given = Path(os.environ["CX_QUERIES"]).resolve() if os.environ.get("CX_QUERIES") else None
        engine, watch = _engine(data, queries), _watch(data, queries, given)
        about = engine.settings
        try:
            held = engine.snapshot()
        except DataError:
            _not_yet(watch, language)
            return
        engine.catalog.refresh()
        _filter_bar(engine, held, about, watch)
        if "cx_go" in st.session_state:
            st.switch_page(f"{folder}/{st.session_state.pop('cx_go')}.py")
        st.session_state["cx_framed"] = True
        chosen.run()
        _write_link()
    except CxError as error:
        error_card(error, language)


def _language_now() -> Language:
    """The language before its widget is drawn: chosen, else the link's, else the company's."""
    asked = st.session_state.get("lang") or st.query_params.get("lang")
    if asked in words.LANGUAGES:
        return "ko" if asked == "ko" else "en"
    return _default_language()


def _configure() -> None:
    st.set_page_config(page_title="CX", page_icon=str(settings.PROJECT / "cx" / "icon.png"), layout="wide")


def _navigation(folder: str, language: Language) -> Any:
    found = sorted(path.stem for path in (settings.PROJECT / folder).glob("*.py"))
    return st.navigation(
        [
            st.Page(
                f"{folder}/{name}.py",
                title=_page_name(name, language),
                icon=ICONS.get(name, ":material/article:"),
                default=name == "overview",
            )
            for name in (*PAGES, *(name for name in found if name not in PAGES))
        ],
        position="top",
    )


def _page_name(name: str, language: Language) -> str:
    """A page's name: its words where there are some, else its file's."""
    return say(f"page.{name}", language) if f"page.{name}" in words.WORDS else words.column_label(name, language)


def _adopt_link(place: str) -> None:
    """Take over an address that the reader changed (back button, edited link) within the same page.

    Going to another page empties the address; what was chosen stays and is written there again.

    Widgets are not bound to the address by Streamlit itself because it would write their labels there,
    and a link would mean nothing to a reader of the other language.
    """
    now = {name: tuple(st.query_params.get_all(name)) for name in st.query_params}
    written = st.session_state.get("cx_written")
    same_page = st.session_state.get("cx_place") == place
    st.session_state["cx_place"] = place
    # A click made while the address was still being rewritten brings the one before along.
    late = now == st.session_state.get("cx_written_before") and time.monotonic() < st.session_state.get("cx_fresh", 0)
    if written is not None and same_page and now != written and not late:
        for name in {*now, *written}:
            if now.get(name) != written.get(name):
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


def _write_link() -> None:
    """Make the address say what is shown, so that a copied link opens the same view."""
    wanted = {name: values for name, values in st.session_state["cx_link"].items() if values}
    now = {name: tuple(st.query_params.get_all(name)) for name in st.query_params}
    if wanted != st.session_state.get("cx_written"):
        st.session_state["cx_written_before"] = st.session_state.get("cx_written")
        st.session_state["cx_fresh"] = time.monotonic() + ADDRESS_SECONDS
    if now != wanted:
        st.query_params.from_dict({name: list(values) for name, values in wanted.items()})
    st.session_state["cx_written"] = wanted


def _default_language() -> Language:
    try:
        return "en" if settings.load(settings.data_folder()).language == "en" else "ko"
    except CxError:
        return "ko" if (st.context.locale or "ko").startswith("ko") else "en"


@st.fragment(run_every=2)
def _not_yet(watch: Watch, language: Language) -> None:
    """Nothing published yet: what is happening, and the error if it went wrong; looks again by itself."""
    from cx import snapshot

    if snapshot.current_id(watch.data):
        st.rerun()
    if watch.error and not watch.running:
        message, _, hint = watch.error.partition("\n")
        error_card(DataError(message, hint.strip().removeprefix("→ ")), language)
        return
    st.subheader(heading(say("state.publishing", language), language), anchor=False)
    st.caption(heading(say("state.publishing.detail", language), language))
    st.skeleton(height=120)
    st.skeleton(height=300)


def _filter_bar(engine: Engine, held: Snapshot, about: settings.Settings, watch: Watch) -> None:
    """One row: period, comparison, segments, reset, language. Sets the view of this run."""
    days = held.days("responses", "reviews")
    if days is None:
        raise DataError(
            "Nothing that was published has a date.", "Look at the Data page or run `python -m cx publish`."
        )
    first, last = days
    language = _language_now()
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
        offered = _offered(held, about)
        state = _segment_state(held, about, language, offered)
        with st.popover(state or say("filter.filters", language), icon=":material/tune:"):
            for column in offered:
                _segment_filter(column, held, about, language)
        st.button(say("filter.reset", language), type="tertiary", on_click=_reset, args=(offered,))
        st.space("stretch")
        st.segmented_control(
            say("filter.language", language),
            words.LANGUAGES,
            key=_kept("lang", words.LANGUAGES, _default_language()),
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
    st.session_state["cx_view"] = View(engine, held, filters, language, chosen, grain, about, watch)
    if watch.error and not watch.running:
        when = held.created_at.astimezone(about.zone)
        st.info(heading(say("state.publish_failed", language, day=words.day(when.date(), language)), language))


def _offered(held: Snapshot, about: settings.Settings) -> list[str]:
    """The columns one may filter by, in the company's order; those with one value say nothing."""
    known = [column for column in scope.present(held) if len(held.values.get(column, ())) > 1]
    known = [column for column in known if column not in about.segments_hidden and column not in RESERVED_KEYS]
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


def _reset(offered: Sequence[str]) -> None:
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


# --- Cards -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Card:
    """A question to be drawn: its name, what it is asked with, and how it differs from its file."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
    by_2: str = ""
    metric: str = ""
    chart: Mapping[str, Any] = field(default_factory=dict)
    window: str = ""
    period: Period | None = None
    alone: bool = False
    """The only card of its row, and so as wide as the page."""

    @property
    def key(self) -> str:
        """What its answer depends on, as a text."""
        return repr((self.name, sorted(self.params.items()), self.by, self.by_2, self.metric, self.window, self.period))


def card(
    name: str,
    *,
    by: str = "",
    by_2: str = "",
    metric: str = "",
    chart: Mapping[str, Any] | None = None,
    window: str = "",
    **params: Any,
) -> Card:
    """A card for a question.

    `metric` is passed on where the question has such a parameter, and keeps one metric of an answer
    that has several; `chart` replaces keys of the file's chart; `window` looks back further than the
    period (`12 months`).
    """
    return Card(name, {"metric": metric, **params} if metric else params, by, by_2, metric, chart or {}, window=window)


@dataclass(frozen=True)
class Page:
    """What a page draws with."""

    view: View
    name: str

    def has(self, *tables: str) -> bool:
        """Whether all tables were published; where not, the page says so calmly and is over."""
        for table in tables:
            if not self.view.held.has(table):
                st.title(heading(_page_name(self.name, self.view.language), self.view.language), anchor=False)
                st.caption(heading(say("state.absent", self.view.language, table=table), self.view.language))
                return False
        return True

    def header(self, source: Card | None = None, note: str = "") -> None:
        """The page's finding as its title, and the sentence that says what is shown."""
        view = self.view
        text, lead, n = _page_name(self.name, view.language), "", None
        if source is not None:
            answer = _ask_calmly(view, source)
            if answer is not None:
                n = _answers_behind(answer)
                if answer.question.chart.kind == "kpi":
                    found, lead = findings.headline(answer, view.language, _mixes(view))
                    text = found or say("overview.title", view.language)
                else:
                    text = _title(view, source, answer) or text
        st.session_state["cx_heading"] = text
        st.title(heading(text, view.language), anchor=False)
        if lead:
            st.markdown(heading(lead, view.language))
        st.caption(heading(sentence(view, n), view.language))
        if note:
            st.caption(heading(note, view.language))

    def metric(self, *, journey: bool = False) -> str:
        """A choice among the metrics that were answered (with `journey`: about steps); kept in the URL."""
        view = self.view
        known = _asked_of_steps(view) if journey else answered(view)
        leading = self.leading(journey=journey)
        return _choose(
            view, "filter.metric", "metric", known or [leading], leading, lambda name: view.label("metric", name)
        )

    def leading(self, *, journey: bool = False) -> str:
        """The metric that matters most to the company among those answered (with `journey`: about steps)."""
        view = self.view
        steps = _asked_of_steps(view)
        if journey and steps:
            return steps[0]
        known = answered(view)
        ranked = [name for name in view.about.kpis if name in known] + known
        return ranked[0] if ranked else next(iter(view.engine.catalog.metrics()))

    def drivers(self, name: str, metric: str) -> Card:
        """The card of what drives the leading metric: by the steps' scores of another metric, never its own."""
        outcome = self.leading()
        others = [other for other in (metric, *_asked_of_steps(self.view)) if other != outcome]
        return card(name, metric=others[0] if others else metric, outcome=outcome)

    def dimension(
        self,
        key: str = "by",
        default: str = "",
        *,
        table: str = "scores",
        without: str = "",
        none: bool = False,
    ) -> str:
        """A choice among the dimensions; kept in the URL."""
        view = self.view
        known = [column for column in scope.dimensions(view.held, table) if len(view.held.values.get(column, ())) > 1]
        known = [
            column
            for column in known
            if column != without and column not in view.about.segments_hidden and column != "brand"
        ]
        ordered = [column for column in view.about.segment_order if column in known]
        known = ordered + [column for column in known if column not in ordered]
        if none:
            known = ["none", *known]
        if not known:
            return "none"
        first = default if default in known else known[0]
        words_key = "filter.crossed" if key == "by2" else "filter.breakdown"
        return _choose(
            view,
            words_key,
            key,
            known,
            first,
            lambda name: say("filter.none", view.language) if name == "none" else view.column(name),
            wide=True,
        )

    def grain(self) -> str:
        """A choice of the time unit; kept in the URL."""
        view = self.view
        suggested = periods.suggest_grain(view.filters.period)
        return _choose(
            view,
            "filter.grain",
            "grain",
            list(periods.GRAINS),
            suggested,
            lambda name: say(f"grain.{name}", view.language),
        )

    def key_figures(self, source: str, sparkline: str) -> None:
        """The cards of the metrics that the company chose."""
        _key_figures(self.view, card(source), card(sparkline))

    def family(self, *cards: Card) -> None:
        """Judge these answers as one family: what a page shows together is corrected together."""
        _family(self.view, cards)

    def moved(self, source: str, crossed: Card, actions: str, rivals: str) -> None:
        """At most three findings, and what is expected of the reader next."""
        _moved(self.view, card(source), crossed, actions, rivals)

    def why(self, name: str, metric: str) -> None:
        """The change of a metric taken apart by the dimension that explains it best, if one does."""
        _why(self.view, name, metric)

    def row(self, *cards: Card) -> None:
        """Cards side by side, below each other on a phone; a card whose table nobody exported is left out."""
        wanted = [asked for asked in cards if _answerable(self.view, asked)]
        if wanted:
            draw_row(self.view, wanted)

    def choices(self) -> Any:
        """A horizontal place for choices, on the page above its cards."""
        return st.container(horizontal=True, vertical_alignment="top")

    def own_questions(self) -> None:
        """Every question in custom/, working or not."""
        _own_questions(self.view)

    def published(self) -> None:
        """What was published, when, from which files, and what was set aside."""
        _published(self.view)


def answered(view: View) -> list[str]:
    """The metrics that have at least one answer or review, in their order."""
    asked = view.held.values.get("metric", ())
    return [
        name
        for name, metric in view.engine.catalog.metrics().items()
        if (metric.answers in asked if metric.table == "responses" else view.held.has(metric.table))
    ]


def _asked_of_steps(view: View) -> list[str]:
    """The answered metrics that were asked about touchpoints, most answers first."""
    metrics, asked = view.engine.catalog.metrics(), view.held.journey_metrics
    known = [name for name in answered(view) if metrics[name].table == "responses" and metrics[name].answers in asked]
    return sorted(known, key=lambda name: asked.index(metrics[name].answers))


def page(name: str) -> Page:
    """The page that is being run."""
    if not st.session_state.pop("cx_framed", False):
        # A server's very first visit, by a link to a page: Streamlit runs that page without the frame
        # because there is a pages/ folder, until someone has called st.navigation.
        _configure()
        _navigation("pages", _default_language())
        st.rerun()
    return Page(_view(), name)


def sentence(view: View, n: int | None = None) -> str:
    """What is shown, in one line: period, filters, answers, comparison, date of the data."""
    language = view.language
    parts = [words.date_range(view.filters.period, language)]
    chosen = [
        f"{view.column(column)} {', '.join(view.label(column, value) for value in values[:3])}"
        + (f" {say('filter.more', language, n=len(values) - 3)}" if len(values) > 3 else "")
        for column, values in view.filters.where
    ]
    parts += chosen or [say("filter.everyone", language)]
    if n is not None:
        parts.append(words.answers(n, language))
    if view.filters.before:
        parts.append(say("caption.compared", language, period=words.date_range(view.filters.before, language)))
        korean = view.about.time_zone == "Asia/Seoul"
        distorted = periods.holiday_distortion(view.filters.period, view.filters.before) if korean else None
        if distorted:
            parts.append(say("caption.holiday", language, holiday=say(f"holiday.{distorted}", language)))
    else:
        parts.append(say("caption.not_compared", language))
    if view.held.as_of:
        parts.append(say("caption.as_of", language, day=words.day(view.held.as_of, language)))
    return " · ".join(parts)


def _choose(
    view: View,
    key_words: str,
    key: str,
    options: list[str],
    default: str,
    label: Callable[[str], str],
    *,
    wide: bool = False,
) -> str:
    text = say(key_words, view.language)
    _kept(key, options, default)
    if wide or len(options) > 5:
        st.selectbox(text, options, format_func=label, key=key, width=200)
    else:
        st.segmented_control(text, options, format_func=lambda name: plain(label(name)), key=key, required=True)
    return str(st.session_state[key] or default)


def _filters_for(view: View, asked: Card) -> Filters:
    chosen = replace(view.filters, by=asked.by, by_2=asked.by_2)
    if asked.period or asked.window:
        chosen = replace(chosen, period=scope.looking_back(asked.period or chosen.period, asked.window))
    return chosen


def ask(view: View, asked: Card) -> Answer:
    """The answer to a card's question, cut to its metric where one is named."""
    if asked.key in view.judged:
        return view.judged[asked.key]
    question = view.engine.catalog.question(asked.name)
    params = {name: value for name, value in asked.params.items() if name in question.params}
    if "grain" in question.params and "grain" not in params:
        params["grain"] = view.grain
    answer = view.engine.answer(asked.name, _filters_for(view, asked), params, held=view.held)
    if asked.metric and "metric" in answer.frame:
        kept = answer.frame[answer.frame["metric"] == asked.metric].reset_index(drop=True)
        metrics = {name: metric for name, metric in answer.metrics.items() if name == asked.metric}
        answer = replace(answer, frame=kept, metrics=metrics)
    return answer


def _ask_calmly(view: View, asked: Card) -> Answer | None:
    """An answer for a header or a side note; its error is shown by the card itself."""
    try:
        return ask(view, asked)
    except CxError:
        return None


def _names(view: View, asked: Card, question: Question) -> Callable[[str, Any], str]:
    """Labels in which `segment` means the dimension it stands for."""
    stands = {"segment": asked.by or question.by, "segment_2": asked.by_2 or question.by_2}
    metric = view.engine.catalog.metrics().get(asked.metric)
    groups = {_parts(metric).get(group.name, group.name): group.label for group in metric.groups} if metric else {}

    def label(column: str, value: Any) -> str:
        if column == "score" and value in groups:
            return groups[value][view.language]
        return view.label(stands.get(column, column), value)

    return label


def _title(view: View, asked: Card, answer: Answer) -> str:
    return findings.title(
        answer,
        view.language,
        _names(view, asked, answer.question),
        own=view.about.brand,
        grain=str(asked.params.get("grain", view.grain if "grain" in answer.question.params else "month")),
        kind=str(asked.chart.get("kind", "")),
        dimension=_dimension_words(view, asked, answer.question),
    )


def _answers_behind(answer: Answer) -> int:
    """The answers of an answer's figures, without invitations: they are no answers."""
    frame = answer.frame
    if "metric" not in frame or "n" not in frame:
        return answer.n
    sent = [name for name, metric in answer.metrics.items() if metric.table == "invitations"]
    return int(frame.loc[~frame["metric"].isin(sent), "n"].sum())


def _dimension_words(view: View, asked: Card, question: Question) -> str:
    """The words for the column `segment`."""
    return view.column(asked.by or question.by) if (asked.by or question.by) not in ("", "none") else ""


def _told(view: View, asked: Card, answer: Answer) -> str:
    """The sentence above a chart that takes a change or an outcome apart."""
    label, language = _names(view, asked, answer.question), view.language
    if answer.question.finding == "explained":
        return findings.explanation(answer, language, label, _dimension_words(view, asked, answer.question))[1]
    return findings.driving(answer, language, label)[1] if answer.question.finding == "drivers" else ""


def draw_row(view: View, cards: Sequence[Card]) -> None:
    """Ask all cards at the same time, then draw each in a cell of equal height."""
    cards = [replace(asked, alone=len(cards) == 1) for asked in cards]
    with st.skeleton(height=360), ThreadPoolExecutor(max_workers=max(len(cards), 1)) as pool:
        answers = list(pool.map(lambda asked: _outcome(view, asked), cards))
    grid = st.grid(max(len(cards), 1), min_column_width=330, border=True)
    for place, (asked, outcome) in enumerate(zip(cards, answers, strict=True)):
        with grid.cell():
            draw_card(view, asked, outcome, place)


def _answerable(view: View, asked: Card) -> bool:
    """Whether something was published for each kind of table that a card's question reads."""
    try:
        catalog = view.engine.catalog
        tables = {scope.twin(table)[0] for table in catalog.tables(catalog.question(asked.name))}
    except CxError:
        return True
    needed = {"ratings": "reviews"}
    optional = {"scores", *scope.UNITED, "metrics", "touchpoints", "targets", "customers"}
    return all(view.held.has(needed.get(table, table)) for table in tables - optional)


def _outcome(view: View, asked: Card) -> Answer | CxError:
    try:
        return ask(view, asked)
    except CxError as error:
        return error


def draw_card(view: View, asked: Card, outcome: Answer | CxError, place: int = 0) -> None:
    """One card: title, caption, menu, chart or table, note; or its error, calmly."""
    if isinstance(outcome, CxError):
        error_card(outcome, view.language, asked.name)
        return
    answer, language = outcome, view.language
    question = answer.question
    chart = replace(question.chart, **asked.chart) if asked.chart else question.chart
    key = f"{asked.name} {hashlib.sha256(repr((asked, place)).encode()).hexdigest()[:8]}"
    with st.container(horizontal=True, wrap=False, vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall"):
            found = _title(view, asked, answer)
            found = "" if found == st.session_state.get("cx_heading") else found
            st.markdown(f"##### {heading(found or question.title[language], language)}")
            st.caption(heading(_caption(view, answer, chart, asked), language))
        _menu(view, asked, answer, key)
    if answer.empty:
        _empty(view, key)
        return
    told = _told(view, asked, answer)
    if told:
        st.markdown(heading(told, language))
    if chart.kind in ("change", "waterfall") and not answer.frame.get("change", pd.Series(dtype=float)).notna().any():
        st.caption(heading(say("caption.not_compared", language), language))
        return
    if chart.kind in ("table", "kpi"):
        shown = _shown(view, asked, answer)
        st.dataframe(shown, hide_index=True, height=min(36 * (len(shown) + 1) + 2, 434), key=f"table {key}")
    else:
        try:
            _plot(view, asked, answer, chart, key)
        except CxError as error:
            error_card(CxError(error.message, error.hint, file=question.file, line=1), language)
    for note in _notes(view, answer, chart):
        st.caption(heading(note, language))


def _caption(view: View, answer: Answer, chart: Chart, asked: Card) -> str:
    """Unit and scale · n · period · band, as far as each applies."""
    language, metric = view.language, answer.metric
    parts = []
    if metric:
        bounds = ""
        if metric.range:
            low, high = (words.number(bound, language) for bound in metric.range)
            bounds = f" ({low}–{high})"
        parts.append(f"{metric.label[language]}{bounds}")
    if "n" in answer.frame:
        parts.append(say("n", language, n=words.count(answer.n, language)))
    window = answer.question.window or asked.window
    period = asked.period or view.filters.period
    parts.append(words.date_range(scope.looking_back(period, window), language))
    if "low" in answer.frame and chart.kind in ("line", "journey"):
        parts.append(say("card.band", language))
    if "low" in answer.frame and chart.kind in ("bar", "change"):
        parts.append(say("card.whisker", language))
    return " · ".join(parts)


def _notes(view: View, answer: Answer, chart: Chart) -> list[str]:
    language = view.language
    notes = []
    if answer.question.note:
        notes.append(answer.question.note[language])
    if chart.kind == "change" and "verdict" in answer.frame:
        notes.append(say("card.change.key", language))
    frame, facts = answer.frame, answer.facts
    if chart.kind == "line":
        for column, key in (("partial", "filling"), ("cut", "cut"), ("unusual", "unusual")):
            if column in frame and frame[column].astype(bool).any():
                notes.append(say(f"card.{key}", language))
    if "adjusted" in frame and chart.kind == "bar":
        notes.append(say("card.adjusted", language))
        absent = [brand for brand in view.held.values.get("brand", ()) if brand not in set(frame.get("brand", ()))]
        if absent and "brand" in frame:
            named = ", ".join(view.label("brand", brand) for brand in absent[:5])
            more = f" {say('filter.more', language, n=len(absent) - 5)}" if len(absent) > 5 else ""
            notes.append(say("card.no_reviews", language, brands=named + more))
    if facts.get("hidden"):
        hidden, minimum = (words.count(facts[name], language) for name in ("hidden", "minimum"))
        notes.append(say("card.privacy", language, n=hidden, minimum=minimum))
    if "widened" in facts:
        notes.append(say("card.approximate", language, factor=words.number(facts["widened"], language, 2)))
    if chart.kind == "bar" and "apart" in answer.frame and (answer.frame["apart"] == "real").any():
        notes.append(say("card.bar.key", language))
    left_out = charts.rows_left_out(answer.frame, chart) if chart.kind not in ("table", "kpi") else 0
    if left_out:
        notes.append(say("card.rows_left_out", language, n=left_out))
    if answer.truncated:
        notes.append(say("state.truncated", language, n=words.count(len(answer.frame), language)))
    tables = view.engine.catalog.tables(answer.question)
    dated = any(scope.twin(table)[0] in (*SUMMED, *TIMED) for table in tables)
    ignored = scope.ignored(view.filters, tables, view.held) if dated else ()
    if ignored:
        notes.append(say("filter.not_here", language, columns=", ".join(view.column(column) for column in ignored)))
    return notes


def _plot(view: View, asked: Card, answer: Answer, chart: Chart, key: str) -> None:
    metric, language, question = answer.metric, view.language, answer.question
    stands = {"segment": asked.by or question.by, "segment_2": asked.by_2 or question.by_2}
    frame = _for_drawing(answer, chart)
    if chart.kind == "heatmap" and chart.sort == "value":
        for column in (chart.x, chart.color):
            frame = _in_order(view, frame, column, stands.get(column, column))
    if chart.color in frame and frame[chart.color].isna().all():
        chart = replace(chart, color="")
    label = _names(view, asked, question)
    grain = str(asked.params.get("grain", view.grain if "grain" in question.params else "month"))
    style = charts.Style(
        language=language,
        dark=(st.context.theme.type or "light") == "dark",
        decimals=metric.decimals if metric and chart.y == "figure" else chart.decimals,
        unit=_unit(metric, chart, language),
        domain=metric.range if metric and chart.y == "figure" else None,
        higher_is_better=metric is None or metric.direction == "higher",
        grain=grain,
        label=label,
        color=lambda column, value: view.color(stands.get(column, column), value),
        own=view.about.brand if "brand" in (chart.x, chart.color) else None,
        target=_target(view, metric) if chart.kind == "line" and not chart.color.startswith("brand") else None,
        events=_events(view, answer) if chart.kind == "line" else (),
        total=_total(answer),
        start=answer.facts.get("start"),
        end=answer.facts.get("end"),
        width=_width(asked),
        names={
            "target": say("target", language),
            "previous": _before_words(view, answer),
            "n": "n",
            "total": say("filter.all", language),
            "value": metric.label[language] if metric and chart.y == "figure" else view.column(chart.y),
            "empty": say("state.empty", language),
            **{name: say(f"chart.{name}", language) for name in CHART_WORDS},
            **{f"unusual_{kind}": say(f"unusual.{kind}", language) for kind in ("outside", "run", "drift")},
            **{name: view.column(name) for name in (*chart.columns, chart.x, chart.y) if name in answer.frame},
            **({"net": metric.label[language]} if metric and metric.interval == "nps" else {}),
        },
    )
    figure = charts.draw(frame, chart, style)
    text = f"{_title(view, asked, answer) or question.title[language]}. {_caption(view, answer, chart, asked)}"
    clicked = f"plot {key} {hashlib.sha256(repr((view.filters, language, asked)).encode()).hexdigest()[:8]}"
    # A chart that takes clicks lets no finger scroll the page over it, so phones filter by the bar alone.
    st.plotly_chart(
        figure,
        theme=None,
        key=clicked,
        on_select="ignore" if on_phone() else lambda: _click(clicked, stands),
        selection_mode="points",
        config=PLOT,
        alt=text,
    )


def _parts(metric: Metric) -> dict[str, str]:
    """A metric's three groups as the chart's bad, middle and good part."""
    if len(metric.groups) != len(charts.THREE_PARTS[1]):
        return {}
    return dict(zip((group.name for group in metric.groups), charts.THREE_PARTS[1], strict=True))


def on_phone() -> bool:
    """Whether the browser says that it is a phone's."""
    return "Mobi" in st.context.headers.get("User-Agent", "")


def _width(asked: Card) -> int:
    """Pixels that a card surely has: the page cannot know the window, but a phone says that it is one."""
    return charts.PHONE if on_phone() else 900 if asked.alone else 470


def _in_order(view: View, frame: pd.DataFrame, column: str, meant: str) -> pd.DataFrame:
    """Rows in the order in which the company lists a column's values: tiers upwards, steps as they follow."""
    listed = list(view.about.value_labels.get(meant) or view.held.labels.get(meant) or ())
    if column not in frame or not listed:
        return frame
    place = frame[column].map({value: number for number, value in enumerate(listed)}).fillna(len(listed))
    return frame.assign(place=place).sort_values("place", kind="stable").drop(columns="place")


def _for_drawing(answer: Answer, chart: Chart) -> pd.DataFrame:
    """The frame as charts read it: `previous` is the year ago where only that is there; `apart` judges bars."""
    frame = answer.frame.copy()
    if chart.kind == "bar":
        # A bar's strength says how it stands to the rest, not to its own past.
        frame = frame.drop(columns="verdict", errors="ignore")
        if "apart" in frame:
            frame["verdict"] = frame["apart"]
    if chart.kind == "stacked" and chart.color == "score" and answer.metric:
        frame = figures.grouped(frame, chart.color, chart.y, answer.metric)
        frame[chart.color] = frame[chart.color].replace(_parts(answer.metric))
    if "previous" not in frame and "year" in frame:
        frame["previous"] = frame["year"]
    if chart.x in ("segment", "segment_2") and chart.kind in ("bar", "stacked") and frame[chart.x].notna().any():
        frame = frame[frame[chart.x].notna()].reset_index(drop=True)
    return frame


def _unit(metric: Metric | None, chart: Chart, language: Language) -> str:
    if chart.y != "figure":
        return chart.unit
    if metric is None:
        return ""
    return (
        metric.change_unit[language]
        if chart.kind == "change" and metric.change_unit
        else ("%" if metric.unit.get(language) == "%" else "")
    )


def _target(view: View, metric: Metric | None) -> float | None:
    return view.engine.targets(view.held).get(metric.name) if metric else None


def _total(answer: Answer) -> float | None:
    frame = answer.frame
    if "value" not in frame or "n" not in frame or answer.metric is None or not frame["n"].sum():
        return None
    return float((frame["value"].fillna(0) * frame["n"]).sum() / frame["n"].sum())


def _before_words(view: View, answer: Answer) -> str:
    if "previous" not in answer.frame and "year" in answer.frame:
        return say("caption.last_year", view.language)
    compare = st.session_state.get("compare") or "previous"
    return say("caption.previous_period" if compare == "previous" else "caption.last_year", view.language)


def _events(view: View, answer: Answer) -> tuple[tuple[date, str], ...]:
    """Calendar events inside the lines, in the reader's language."""
    if "period" not in answer.frame or not view.held.has("calendar"):
        return ()
    days = pd.to_datetime(answer.frame["period"])
    window = Period(days.min().date(), max(view.filters.period.end, days.max().date() + timedelta(days=1)))
    found = _ask_calmly(view, Card("trends/events", period=window))
    if found is None:
        return ()
    name = "label_en" if view.language == "en" else "label"
    rows = found.frame[found.frame["kind"] != "holiday"] if len(found.frame) > 6 else found.frame
    return tuple(
        (pd.Timestamp(row["day"]).date(), str(row[name] if isinstance(row[name], str) else row["label"]))
        for row in rows.to_dict("records")
    )


def _click(key: str, stands: Mapping[str, str]) -> None:
    """Filter by what a clicked mark stands for."""
    points = st.session_state.get(key, {}).get("selection", {}).get("points", [])
    for point in points[:1]:
        found = point.get("customdata")
        if isinstance(found, dict):
            found = [found.get("0"), found.get("1")]
        if not found or len(found) < 2 or found[1] is None:
            continue
        column = stands.get(str(found[0]), str(found[0]))
        view = _view()
        if column in _offered(view.held, view.about) and str(found[1]) in view.held.values.get(column, ()):
            st.session_state[column] = [str(found[1])]


def _menu(view: View, asked: Card, answer: Answer, key: str) -> None:
    """Data, download, SQL and definition, drawn only while it is open."""
    language, question = view.language, answer.question
    opened = st.popover(
        ":material/more_horiz:",
        help=say("card.menu", language),
        type="tertiary",
        key=f"menu {key}",
        on_change="rerun",
    )
    if not opened.open:
        return
    with opened:
        data, sql, meaning = st.tabs(
            [say("card.data", language), say("card.sql", language), say("card.definition", language)]
        )
        with data:
            shown = _shown(view, asked, answer, details=True)
            st.dataframe(shown, hide_index=True, height=min(38 * (len(shown) + 1), 320))
            st.download_button(
                say("card.download", language),
                csv(answer.frame),
                file_name=f"{question.name.replace('/', '-')}.csv",
                mime="text/csv",
                on_click="ignore",
                key=f"csv {key}",
            )
        with sql:
            st.code(question.text, language="sql")
        with meaning:
            _definition(view, asked, answer)


def csv(frame: pd.DataFrame) -> bytes:
    """A frame as CSV that spreadsheets open in UTF-8 and in which no text runs as a formula."""
    return ("\ufeff" + str(harmless(frame).to_csv(index=False))).encode()


def _definition(view: View, asked: Card, answer: Answer) -> None:
    """What the figure is: definition, variant, formula, n, period, question file, snapshot."""
    language, question = view.language, answer.question
    lines = [plain(question.description.get(language, ""))] if question.description else []
    for metric in answer.metrics.values():
        lines.append(
            f"**{plain(metric.label[language])}** {plain(metric.description.get(language, ''))} "
            f"({plain(metric.variant[language])})"
        )
        lines.append(f"{say('card.formula', language)}: {plain(say(f'card.formula.{metric.interval}', language))}")
    window = scope.looking_back(asked.period or view.filters.period, question.window or asked.window)
    lines.append(f"{say('card.period', language)}: {plain(words.date_range(window, language))}")
    if "n" in answer.frame:
        lines.append(plain(say("n", language, n=words.count(answer.n, language))))
    lines.append(f"{say('card.grain', language)}: {plain(question.grain)}")
    lines.append(f"{say('card.question', language)}: `{question.file}`")
    lines.append(f"{say('card.snapshot', language)}: `{answer.snapshot}`")
    for line in lines:
        st.markdown(line)


DETAILS = ("change_p", "change_margin", "apart_p", "p_rate", "p_mix", "relative_weight", "shift")
"""Columns for those who ask: shown where a card's data are opened, not on the card."""


def _shown(view: View, asked: Card, answer: Answer, *, details: bool = False) -> pd.DataFrame:
    """The answer as a table for people: labelled values, figures rounded as their metric says."""
    language = view.language
    label = _names(view, asked, answer.question)
    stands = {"segment": asked.by or answer.question.by, "segment_2": asked.by_2 or answer.question.by_2}
    hidden = (
        "change_low",
        "change_high",
        "year_change_low",
        "year_change_high",
        "year_change_p",
        "year_change_margin",
        "previous_n",
        "year_n",
        "cut",
        "partial",
        "unusual_low",
        "unusual_high",
        "limit_low",
        "limit_high",
        "limit_low_outer",
        "limit_high_outer",
        "hidden",
        "strength",
        *(() if details else DETAILS),
    )
    metric = answer.metric
    shown: dict[str, Any] = {}
    frame = answer.frame
    if {"label", "label_en"} <= set(frame):
        # An export may name a thing in both languages; one of them is shown.
        frame = frame.assign(label=frame["label_en"].fillna(frame["label"]) if language == "en" else frame["label"])
        frame = frame.drop(columns="label_en")
    if {"unit_id", "depth"} <= set(frame):
        names = [
            ("\u2003" * (int(depth) - 1)) + label("unit_id", unit)
            for unit, depth in zip(frame["unit_id"], frame["depth"], strict=True)
        ]
        frame = frame.assign(unit_id=names).drop(columns="depth")
    for name in frame:
        column = frame[name]
        if column.isna().all() and name not in ("value", "n"):
            continue
        if name in hidden or name.startswith("figure_") or (name in ("segment", "segment_2") and column.isna().all()):
            continue
        title = view.column(stands.get(name, name) if stands.get(name) not in ("", "none", None) else name)
        if name in ("verdict", "apart", "year_change_verdict"):
            column = column.map(
                {
                    "real": say("verdict.clear", language),
                    "noise": say("verdict.noise", language),
                    "few": say("verdict.few", language),
                    "reworded": say("verdict.reworded", language),
                }
            ).fillna("")
        elif pd.api.types.is_float_dtype(column):
            decimals = 4 if name.endswith("_p") or name.startswith("p_") else metric.decimals if metric else 2
            column = column.round(0 if column.dropna().mod(1).eq(0).all() else decimals)
        elif not pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_datetime64_any_dtype(column):
            dated = column.map(lambda value: isinstance(value, date)).any()
            column = column.map(
                lambda value, name=name, dated=dated: (
                    "" if value is None or pd.isna(value) else value.isoformat() if dated else label(name, value)
                )
            )
        elif pd.api.types.is_datetime64_any_dtype(column):
            column = column.dt.strftime("%Y-%m-%d").fillna("")
        while title in shown:
            title += " "
        shown[title] = column
    return pd.DataFrame(shown)


def _empty(view: View, key: str) -> None:
    language = view.language
    st.markdown(heading(say("state.empty", language), language))
    days = view.held.days("responses", "reviews")
    if days:
        st.caption(
            heading(
                say(
                    "state.empty.detail",
                    language,
                    asked=words.date_range(view.filters.period, language),
                    available=words.date_range(Period(days[0], days[1] + timedelta(days=1)), language),
                ),
                language,
            )
        )
    st.button(
        say("state.empty.reset", language),
        key=f"reset {key}",
        on_click=_reset,
        args=(_offered(view.held, view.about),),
    )


def error_card(error: CxError, language: Language, name: str = "") -> None:
    """What went wrong, where, and what to do: calm, and never a stack trace."""
    st.markdown(f"##### {heading(say('state.error', language), language)}")
    rows = []
    if error.place or name:
        rows.append((say("state.error.place", language), error.place or name))
    rows.append((say("state.error.problem", language), error.message))
    if error.hint:
        rows.append((say("state.error.remedy", language), error.hint))
    for title, text in rows:
        st.markdown(f"**{plain(title)}** {plain(text)}")


# --- Overview --------------------------------------------------------------------------------------


def _key_figures(view: View, source: Card, sparkline: Card) -> None:
    outcome = _outcome(view, source)
    if isinstance(outcome, CxError):
        error_card(outcome, view.language, source.name)
        return
    lines = _ask_calmly(view, sparkline)
    rows = {row["metric"]: row for row in outcome.frame.to_dict("records")}
    known = view.engine.catalog.metrics()
    chosen = [name for name in view.about.kpis if name in known] or answered(view)
    chosen += [name for name in known if name not in chosen and name in rows]
    grid = st.grid(min(max(len(chosen), 1), 5), min_column_width=160, border=True)
    for name in chosen:
        with grid.cell():
            _key_figure(view, known[name], rows.get(name), lines)
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        st.caption(heading(_compared_with(view), view.language))
        _menu(view, source, outcome, "key figures")


def _compared_with(view: View) -> str:
    """Both windows that the key figures are compared with, by their dates."""
    language = view.language
    parts = []
    if view.filters.before:
        parts.append(say("caption.compared", language, period=words.date_range(view.filters.before, language)))
    year = periods.comparison(view.filters.period, "year")
    if year:
        parts.append(f"{say('caption.last_year', language)} {words.date_range(year, language)}")
    return " · ".join(parts) or say("caption.not_compared", language)


def _key_figure(view: View, metric: Metric, row: Mapping[str, Any] | None, lines: Answer | None) -> None:
    language = view.language
    help_text = f"{plain(metric.description.get(language, ''))} {plain(metric.variant[language])}"
    if row is None or not row["n"]:
        st.metric(plain(metric.label[language]), "–", help=help_text)
        st.caption(heading(say("answers.none", language), language))
        return
    points = None
    if lines is not None:
        line = lines.frame[lines.frame["metric"] == metric.name].sort_values("period")
        points = line["value"].dropna().round(metric.decimals).tolist()[-12:]
    change, verdict = row.get("change"), row.get("verdict", "")
    if verdict == "reworded":
        change = None
    unit = metric.change_unit.get(language, "")
    told = change is not None and not pd.isna(change)
    st.metric(
        plain(metric.label[language]),
        words.number(row["value"], language, metric.decimals) + ("%" if metric.unit.get(language) == "%" else ""),
        delta=words.delta_text(change, language, metric.decimals, unit) if told else None,
        delta_color=("normal" if metric.direction == "higher" else "inverse") if verdict == "real" else "off",
        delta_description=say({"real": "verdict.clear", "few": "verdict.few"}.get(verdict, "verdict.noise"), language)
        if told
        else None,
        help=help_text,
        chart_data=points if points and len(points) > 1 else None,
    )
    with st.container(gap="xxsmall"):
        for line in _key_captions(view, metric, row):
            st.caption(heading(line, language))


def _key_captions(view: View, metric: Metric, row: Mapping[str, Any]) -> list[str]:
    """Last year and target; n and margin; few answers."""
    language = view.language
    first = []
    if row.get("year_change") is not None and not pd.isna(row["year_change"]):
        moved = words.signed(row["year_change"], language, metric.decimals, metric.change_unit.get(language, ""))
        first.append(f"{say('caption.last_year', language)} {moved}")
    if row.get("target") is not None and not pd.isna(row["target"]):
        met = row["value"] >= row["target"] if metric.direction == "higher" else row["value"] <= row["target"]
        goal = say(
            "target.value",
            language,
            value=words.number(row["target"], language, 0 if float(row["target"]).is_integer() else metric.decimals),
        )
        first.append(f"{goal} {say('target.met' if met else 'target.missed', language).split(' ')[-1]}")
    if row.get("verdict") == "reworded":
        first.append(say("verdict.reworded", language))
    second = [say("n", language, n=words.count(row["n"], language))]
    if not pd.isna(row["low"]):
        second.append(
            say(
                "caption.margin",
                language,
                margin=words.number((row["high"] - row["low"]) / 2, language, metric.decimals),
            )
        )
    if row["n"] < FEW:
        second.append(say("state.few", language))
    third = []
    if row.get("verdict") == "noise" and not pd.isna(row.get("change_margin")):
        margin = words.number(row["change_margin"], language, metric.decimals)
        third.append(say("verdict.within", language, margin=margin))
    mix = _mixes(view).get(metric.name)
    if mix and row.get("verdict") in ("real", "noise"):
        told = words.signed(mix.adjusted, language, metric.decimals, metric.change_unit.get(language, ""))
        third.append(say("key.mix", language, dimension=mix.dimension, change=told))
    return [" · ".join(part) for part in (first, second, third) if part]


def _mixes(view: View) -> dict[str, findings.Mix]:
    """Per metric, a shifted mix of who answered that moved its figure; none without a comparison."""
    explained = _ask_calmly(view, card(EXPLAINED)) if view.filters.before else None
    return findings.mixes(explained, view.column) if explained else {}


def _family(view: View, cards: Sequence[Card]) -> None:
    """Ask all cards at the same time and judge what came back as one family."""
    wanted = [asked for asked in cards if _answerable(view, asked)]
    with ThreadPoolExecutor(max_workers=max(len(wanted), 1)) as pool:
        outcomes = list(pool.map(lambda asked: _outcome(view, asked), wanted))
    answered_ones = [(asked, found) for asked, found in zip(wanted, outcomes, strict=True) if isinstance(found, Answer)]
    together = figures.together([found for _, found in answered_ones])
    view.judged.update({asked.key: found for (asked, _), found in zip(answered_ones, together, strict=True)})


def _why(view: View, name: str, metric: str) -> None:
    """The waterfall of a metric by the dimension that explains it, or by the first one where none does."""
    if not view.filters.before:
        return
    explained = _ask_calmly(view, card(EXPLAINED))
    by = ""
    if explained is not None and len(explained.frame):
        frame = explained.frame
        mine = frame[(frame["metric"] == metric) & (frame["explains"] != "")]
        mine = mine[~mine["dimension"].isin(findings.NOT_A_PLACE)]
        by = str(mine.iloc[0]["dimension"]) if len(mine) else ""
    offered = [column for column in _offered(view.held, view.about) if column not in findings.NOT_A_PLACE]
    by = by or next(iter(offered), "")
    if by:
        draw_row(view, [card(name, metric=metric, by=by)])


def _moved(view: View, source: Card, crossed: Card, actions: str, rivals: str) -> None:
    """The findings as sentences with a way to the place itself, then what is under way."""
    language = view.language
    outcome = _outcome(view, source)
    if isinstance(outcome, CxError):
        error_card(outcome, language, source.name)
        return
    explained = _ask_calmly(view, card(EXPLAINED)) if view.filters.before else None
    found = findings.moved(
        outcome,
        explained,
        language,
        lambda column, value: f"{view.column(column)} {view.label(column, value)}",
        _ask_calmly(view, crossed) if view.filters.before else None,
    )
    grid = st.grid(2, min_column_width=330, border=True)
    with grid.cell():
        with st.container(horizontal=True, wrap=False, vertical_alignment="top"):
            st.markdown(f"##### {heading(say('overview.findings', language), language)}")
            st.space("stretch")
            _menu(view, source, outcome, "findings")
        compared = outcome.frame.get("change", pd.Series(dtype=float)).notna().any()
        if not found:
            nothing = findings.nothing_moved(language) if compared else say("caption.not_compared", language)
            st.markdown(heading(nothing, language))
        for place, finding in enumerate(found):
            mark = ":green[▲]" if finding.better else ":red[▼]"
            arrow = mark if finding.better == (finding.change > 0) else (":green[▼]" if finding.better else ":red[▲]")
            with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
                st.markdown(f"{arrow} {heading(finding.sentence, language)}")
                st.button(
                    say("overview.look", language),
                    key=f"look {place}",
                    type="tertiary",
                    on_click=_look_closer,
                    args=(finding,),
                )
        _standing(view, rivals)
    with grid.cell():
        _expected(view, found, actions, bool(compared))


def _standing(view: View, rivals: str) -> None:
    """Where our own rating stands among the brands, when there are any."""
    if not view.held.has("reviews") or not view.about.brand:
        return
    answer = _ask_calmly(view, card(rivals))
    told = findings.standing(answer, view.language, view.label, view.about.brand) if answer else ""
    if told:
        st.markdown(heading(told, view.language))


def _look_closer(finding: findings.Finding) -> None:
    for column, value in ((finding.column, finding.value), finding.also):
        if column:
            st.session_state[column] = [value]
    st.session_state["metric"] = finding.metric
    st.session_state["cx_go"] = "segments"


def _expected(view: View, found: Sequence[findings.Finding], actions: str, compared: bool) -> None:
    """What is expected of the reader next: open actions, and who answers for the step that moved."""
    language = view.language
    st.markdown(f"##### {heading(say('overview.next', language), language)}")
    for sentence_text in next_steps(view, found, compared):
        st.markdown(f"- {heading(sentence_text, language)}")
    if view.held.has("actions"):
        answer = _ask_calmly(view, card(actions))
        if answer is not None and len(answer.frame):
            st.caption(heading(say("overview.actions", language, n=words.count(len(answer.frame), language)), language))
            shown = _shown(view, card(actions), answer).head(5)
            st.dataframe(shown, hide_index=True, height=36 * (len(shown) + 1) + 2)


def next_steps(view: View, found: Sequence[findings.Finding], compared: bool) -> list[str]:
    """One sentence per finding: what to do about it now."""
    language = view.language
    if not compared:
        return [
            "비교할 자료가 있는 기간을 고릅니다."
            if language == "ko"
            else "Choose a period that has something to compare with."
        ]
    if not found:
        return [
            "지금 바꿀 것은 없습니다. 진행 중인 조치를 이어 갑니다."
            if language == "ko"
            else "Nothing calls for a change. Carry on with what is under way."
        ]
    steps = []
    for finding in found:
        place = view.label(finding.column, finding.value)
        if finding.also[0]:
            place = f"{place} × {view.label(*finding.also)}"
        if finding.by_mix:
            dimension = view.column(finding.column)
            steps.append(
                f"{dimension} 구성이 왜 바뀌었는지 확인하고, 그때까지는 구성을 보정한 값으로 판단합니다."
                if language == "ko"
                else f"Find out why the mix by {dimension.lower()} shifted; until then judge at the same mix."
            )
        elif finding.better:
            steps.append(
                f"{place}에서 나아진 까닭을 확인해 다른 곳에 옮깁니다."
                if language == "ko"
                else f"Find out what improved at {place} and carry it elsewhere."
            )
        else:
            steps.append(
                f"{place}의 답변을 읽고 원인과 담당을 이번 주에 정합니다."
                if language == "ko"
                else f"Read the answers from {place}; settle cause and owner this week."
            )
    return steps


# --- Explore and Data ------------------------------------------------------------------------------


def _own_questions(view: View) -> None:
    catalog, language = view.engine.catalog, view.language
    names = sorted(name for name in {*catalog.entries, *catalog.problems} if name.startswith("custom/"))
    if not names:
        st.markdown(heading(say("explore.empty", language), language))
    for name in names:
        with st.container(border=True):
            if name in catalog.problems:
                error_card(catalog.problems[name], language, name)
                continue
            question = catalog.question(name)
            if question.description:
                st.caption(heading(question.description[language], language))
            params = _parameters(view, question)
            by = ""
            if "segment" in question.reading.columns:
                known = ["none", *(column for column in scope.present(view.held))]
                by = st.selectbox(
                    say("filter.breakdown", language),
                    known,
                    index=known.index(question.by) if question.by in known else 0,
                    format_func=lambda column: (
                        say("filter.none", language) if column == "none" else view.column(column)
                    ),
                    key=f"by {name}",
                    width=200,
                )
            asked = Card(name, params, by)
            draw_card(view, asked, _outcome(view, asked))
            with st.expander(say("card.sql", language)):
                st.code(question.text, language="sql")


def _parameters(view: View, question: Question) -> dict[str, Any]:
    """The parameters of a question as widgets."""
    if not question.params:
        return {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return {name: _widget(view, question, parameter) for name, parameter in question.params.items()}


def _widget(view: View, question: Question, parameter: Parameter) -> Any:
    label = plain(parameter.label.get(view.language, parameter.name))
    key = f"param {question.name} {parameter.name}"
    if parameter.choices:
        return st.selectbox(
            label, parameter.choices, index=parameter.choices.index(parameter.default), key=key, width=200
        )
    if parameter.name == "metric":
        known = list(view.engine.catalog.metrics())
        return st.selectbox(
            label,
            known,
            index=known.index(parameter.default) if parameter.default in known else 0,
            key=key,
            width=200,
            format_func=lambda name: view.label("metric", name),
        )
    if parameter.type == "boolean":
        return st.toggle(label, parameter.default, key=key)
    if parameter.type == "date":
        return st.date_input(
            label, parameter.default, min_value=parameter.low, max_value=parameter.high, key=key, width=200
        )
    if parameter.type in ("integer", "number"):
        step = 1 if parameter.type == "integer" else None
        return st.number_input(label, parameter.low, parameter.high, parameter.default, step=step, key=key, width=200)
    return st.text_input(label, parameter.default, max_chars=200, key=key, width=200)


def _published(view: View) -> None:
    held, language = view.held, view.language
    when = held.created_at.astimezone(view.about.zone)
    st.caption(
        heading(
            say("data.published", language, day=words.day(when.date(), language), time=f"{when:%H:%M}"),
            language,
        )
        + f" `{held.id}`"
    )
    if view.watch.error and not view.watch.running:
        message, _, hint = view.watch.error.partition("\n")
        error_card(DataError(message, hint.strip().removeprefix("→ ")), language)
    _section(
        view,
        "data.tables",
        pd.DataFrame(
            [
                {
                    say("data.table", language): table,
                    say("data.rows", language): held.rows(table),
                    say("data.parts", language): len(parts),
                    say("data.first", language): str((held.days(table) or ("", ""))[0]),
                    say("data.last", language): str((held.days(table) or ("", ""))[1]),
                    say("data.replaced", language): held.replaced.get(table, 0),
                }
                for table, parts in sorted(held.parts.items())
            ]
        ),
    )
    aside = [
        {
            say("data.file", language): file["file"],
            say("data.rows", language): problem["rows"],
            say("data.reason", language): f"{problem['column']}: {problem['rule']}",
            say("data.example", language): problem["value"],
            say("data.remedy", language): problem["hint"],
        }
        for file in held.files
        for problem in file["problems"]
    ] + [
        {
            say("data.file", language): file["file"],
            say("data.rows", language): file["read"],
            say("data.reason", language): file["reason"],
            say("data.example", language): "",
            say("data.remedy", language): file["hint"],
        }
        for file in held.files
        if file["reason"]
    ]
    if aside:
        _section(view, "data.aside", pd.DataFrame(aside))
    else:
        st.markdown(f"##### {heading(say('data.aside', language), language)}")
        st.caption(heading(say("data.aside.none", language), language))
    notes = [*held.notes, *(f"{file['file']}: {note}" for file in held.files for note in file["notes"])]
    if notes:
        _section(view, "data.notes", pd.DataFrame({say("data.notes", language): notes}))
    problems = view.engine.catalog.problems
    if problems:
        st.markdown(f"##### {heading(say('data.questions', language), language)}")
        for name, error in sorted(problems.items()):
            with st.container(border=True):
                error_card(error, language, name)
    _section(
        view,
        "data.files",
        pd.DataFrame(
            [
                {
                    say("data.file", language): file["file"],
                    say("data.table", language): file["table"],
                    say("data.source", language): file["source"],
                    say("data.state", language): say(f"data.state.{file['state']}", language),
                    say("data.read", language): file["read"],
                    say("data.kept", language): file["kept"],
                    say("data.first", language): file["first"],
                    say("data.last", language): file["last"],
                }
                for file in held.files
            ]
        ),
    )


def _section(view: View, title: str, table: pd.DataFrame) -> None:
    st.markdown(f"##### {heading(say(title, view.language), view.language)}")
    st.dataframe(table, hide_index=True, height=min(36 * (len(table) + 1) + 2, 420))
    st.download_button(
        say("card.download", view.language),
        csv(table),
        file_name=f"{title.replace('.', '-')}.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"csv {title}",
        type="tertiary",
    )
