"""What one run of a page holds on to, and how it asks: the view, its cards, answers and words."""

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from cx import charts, closing, findings, periods, scope, settings, words
from cx.analyses import OTHER
from cx.catalog import ALIASES, METRIC_TABLES, SINGLE, Metric, Parameter, Question
from cx.engine import MOST_ROWS, ROW_CAP, Engine
from cx.errors import CxError
from cx.exports import Watch
from cx.figures import Answer, harmless
from cx.periods import Period
from cx.scope import NO_VALUE, Filters
from cx.snapshot import Snapshot
from cx.translation import translated
from cx.words import Language, say

_AHEAD = ThreadPoolExecutor(max_workers=4, thread_name_prefix="ahead")
"""Answers cards before they are drawn; the engine shares an answer under way with whoever asks for it again."""

LIKE = {
    "from_brand": "brand",
    "to_brand": "brand",
    "named": "brand",
    "complaint_theme": "theme",
    "praise_theme": "theme",
}
"""Columns whose values are those of another one, and are called the same."""

MEANT = {"kind": {"complaint": charts.BAD, "praise": charts.GOOD}}
"""Values that say good or bad, in the colours that say so everywhere."""

PATIENCE = 0.2
"""Seconds that a part of a page that was not there before may take until its place is shown as a grey box."""


HEIGHT_OF_ROW = 440
"""Pixels of a usual row of cards."""


class Memory:
    """What was worked out of some objects for the screen, kept while it is asked for; safe between threads.

    It holds on to the objects themselves, so that what was made of an answer is found again for exactly that
    answer and never for another one.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[tuple[object, ...], Any]] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: Hashable, sources: tuple[object, ...], make: Callable[[], Any]) -> Any:
        """What `make` returned for the same key and the same objects, or what it returns now."""
        place = (key, *map(id, sources))
        with self._guard:
            if place in self._kept:
                self._kept.move_to_end(place)
                return self._kept[place][1]
        made = make()
        with self._guard:
            self._kept[place] = (sources, made)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


_MEMORY = Memory(1_000)


@dataclass(frozen=True)
class Part:
    """A part of a page: its place, what it will ask, and how it is drawn."""

    place: Any
    asked: tuple["Card", ...]
    draw: Callable[[], None]
    rare: bool = False
    """Whether it may turn out to hold nothing."""
    leads: bool = False
    """Whether those after it say what they say because of it."""
    height: int = HEIGHT_OF_ROW
    """The pixels that it will take, about: what stands below it should not jump when it is there."""


@dataclass(frozen=True)
class View:
    """One page run: the engine, the snapshot held, what was asked for, and how it is said."""

    engine: Engine
    held: Snapshot
    filters: Filters
    language: Language
    preset: str
    compare: str
    grain: str
    dark: bool
    phone: bool
    """Whether the browser says that it is a phone's."""
    about: settings.Settings
    watch: Watch
    judged: dict[str, Answer] = field(default_factory=dict)
    """Answers of this run that were judged together with others as one family, by `Card.key`."""
    under_way: dict[str, Future[Answer]] = field(default_factory=dict)
    """What this run has begun to ask, by `Card.key`."""
    parts: list[Part] = field(default_factory=list)
    """What the page consists of, in its order."""

    def later(
        self,
        draw: Callable[[], None],
        *asked: "Card",
        rare: bool = False,
        leads: bool = False,
        height: int = HEIGHT_OF_ROW,
    ) -> None:
        """Keep the place for a part of the page, and begin to answer what it asks.

        Of a `rare` part, which may turn out to hold nothing, no gap is left then. One that `leads` is drawn before
        those after it. For one without a height, which draws nothing, stands no grey box.
        A page names all of its parts before the first is drawn, so that they are answered at the same time.
        """
        for one in asked:
            if one.key not in self.under_way:
                self.under_way[one.key] = _AHEAD.submit(_answer, self, one)
        self.parts.append(Part(st.empty() if rare else st.container(), asked, draw, rare, leads, height))

    def draw(self, *, first: bool) -> None:
        """Draw each part when what it asks is there; at the `first` visit grey boxes stand for those that take a while.

        A slow answer so holds up its own part only.
        """
        boxes: dict[int, Any] = {}
        for part in self.parts:
            if part.asked and part.height:
                with part.place:
                    boxes[id(part)] = part.place if part.rare else st.empty()
        grey = False
        while self.parts:
            leading = next((place for place, part in enumerate(self.parts) if part.leads), len(self.parts) - 1)
            waiting = self.parts[: leading + 1]
            pending = [future for part in waiting for future in self._asked(part) if not future.done()]
            chosen = next((part for part in waiting if all(future.done() for future in self._asked(part))), None)
            if chosen is None and first and not grey:
                if wait(pending, PATIENCE, FIRST_COMPLETED).done:
                    continue
                grey = True
                for part in self.parts:
                    if id(part) in boxes:
                        boxes[id(part)].skeleton(height=part.height)
            if chosen is None and not any(map(Future.running, pending)):
                # Others keep those who answer ahead busy, so what has not begun is answered here.
                chosen = waiting[0]
            if chosen is None:
                wait(pending, return_when=FIRST_COMPLETED)
                continue
            self.parts.remove(chosen)
            if grey and id(chosen) in boxes:
                boxes[id(chosen)].empty()
            with chosen.place:
                chosen.draw()

    def _asked(self, part: Part) -> list[Future[Answer]]:
        """What a part waits for."""
        return [self.under_way[one.key] for one in part.asked]

    def give_up(self) -> None:
        """Take back what was asked and has not begun: the reader has gone on."""
        for future in self.under_way.values():
            future.cancel()

    def worked_out(self, what: Hashable, answers: Sequence[Answer | None], make: Callable[[], Any]) -> Any:
        """What `make` makes of these answers for this view, shared by all who look at the same."""
        said = (
            self.filters,
            self.language,
            self.preset,
            self.compare,
            self.grain,
            self.dark,
            self.phone,
            self.engine.catalog.version,
        )
        return _MEMORY.get((what, said), (self.about, self.held, *answers), make)

    def label(self, column: str, value: Any) -> str:
        """The words for a value of a column."""
        if value is None or (isinstance(value, float) and pd.isna(value)) or value == NO_VALUE or value is pd.NaT:
            return say("caption.no_value", self.language)
        text, column = str(value), LIKE.get(column, column)
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
        if value in MEANT.get(column, {}):
            return MEANT[column][value]
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


def csv(frame: pd.DataFrame) -> bytes:
    """A frame as CSV that spreadsheets open in UTF-8 and in which no text runs as a formula."""
    return ("\ufeff" + str(harmless(frame).to_csv(index=False))).encode()


@st.cache_resource(show_spinner=False)
def engine_of(data: Path, queries: tuple[Path, ...]) -> Engine:
    """The engine of a data folder, shared by all sessions."""
    return Engine(data, queries)


@st.cache_resource(show_spinner=False)
def watch_of(data: Path, queries: tuple[Path, ...], given: Path | None) -> Watch:
    """The thread that publishes when exports of a data folder change, shared by all sessions."""
    return Watch(data, queries, given)


def current_view() -> View:
    """The view of the run in progress."""
    view: View = st.session_state["cx_view"]
    return view


def look_through(view: View) -> View:
    """Make a view that of the run in progress."""
    st.session_state["cx_view"] = view
    return view


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
    title: str = ""
    """The key in `WORDS` of a name of its own, where a page shows the question more than once."""
    alone: bool = False
    """The only card of its row, and so as wide as the page."""
    every: bool = False
    """Whether all its rows are wanted, more than are ever drawn: what is found among them must not be cut off."""

    @property
    def key(self) -> str:
        """What its answer depends on, as a text."""
        asked = (self.name, sorted(self.params.items()), self.by, self.by_2, self.metric, self.window, self.period)
        return repr((*asked, self.every))


def card(
    name: str,
    *,
    by: str = "",
    by_2: str = "",
    metric: str = "",
    chart: Mapping[str, Any] | None = None,
    window: str = "",
    title: str = "",
    every: bool = False,
    **params: Any,
) -> Card:
    """A card for a question.

    `metric` is passed on where the question has such a parameter, and keeps one metric of an answer
    that has several; `chart` replaces keys of the file's chart; `window` looks back further than the
    period (`12 months`); `title` is the key in `WORDS` of another name, where a page asks the question twice; with
    `every` no rows are cut off, because something is sought among them.
    """
    given = {"metric": metric, **params} if metric else params
    return Card(name, given, by, by_2, metric, chart or {}, window=window, title=title, every=every)


EXPLAINED = card("overview/explained", every=True)
"""The question that says which dimension explains each metric's change."""


def answered(view: View) -> list[str]:
    """The metrics that have at least one answer or review, in their order."""
    asked = view.held.values.get("metric", ())
    return [
        name
        for name, metric in view.engine.catalog.metrics().items()
        if metric.table in METRIC_TABLES
        and (metric.answers in asked if metric.table == "responses" else view.held.has(metric.table))
    ]


def asked_of_steps(view: View) -> list[str]:
    """The answered metrics that were asked about touchpoints, most answers first."""
    metrics, asked = view.engine.catalog.metrics(), view.held.journey_metrics
    known = [name for name in answered(view) if metrics[name].table == "responses" and metrics[name].answers in asked]
    return sorted(known, key=lambda name: asked.index(metrics[name].answers))


def filtered_by(view: View) -> list[str]:
    """The chosen values, column by column, as far as a line has room for them."""
    return [
        f"{view.column(column)} {', '.join(view.label(column, value) for value in values[:3])}"
        + (f" {say('filter.more', view.language, n=len(values) - 3)}" if len(values) > 3 else "")
        for column, values in view.filters.where
    ]


def sentence(view: View, n: int | None = None, *, known: bool = True) -> str:
    """What is shown, in one line: period, filters, answers, comparison (or that none is `known`), date of the data."""
    language = view.language
    parts = [words.date_range(view.filters.period, language)]
    parts += filtered_by(view) or [say("filter.everyone", language)]
    if n is not None:
        parts.append(words.answers(n, language))
    if view.filters.before:
        known = known and not nothing_before(view)
        parts.append(compared_with(view, view.filters.before, known=known))
        korean = view.about.time_zone == "Asia/Seoul" and known
        distorted = periods.holiday_distortion(view.filters.period, view.filters.before) if korean else None
        if distorted:
            parts.append(say("caption.holiday", language, holiday=say(f"holiday.{distorted}", language)))
    else:
        parts.append(say("caption.not_compared", language))
    months = _restated_months(view)
    if months:
        parts.append(say("caption.restated", language, months=", ".join(months)))
    if view.held.as_of:
        parts.append(say("caption.as_of", language, day=words.day(view.held.as_of, language)))
    return " · ".join(parts)


def nothing_before(view: View) -> bool:
    """Whether the filters compare with nothing, or with a time of which there are no data."""
    days, before = view.held.days("responses", "reviews"), view.filters.before
    return before is None or days is None or before.end <= days[0]


def compared_with(view: View, before: Period, *, known: bool) -> str:
    """The dates that are compared with, or that nothing is `known` of them."""
    told = "caption.compared" if known else "caption.nothing_before"
    return say(told, view.language, period=words.date_range(before, view.language))


def closed_months(view: View) -> Sequence[closing.Closing]:
    """The months that were closed, oldest first."""
    data = view.engine.data
    found: Sequence[closing.Closing] = _MEMORY.get(
        ("closed", data, closing.state(data)), (), lambda: closing.closings(data)
    )
    return found


def restated(view: View, month: closing.Closing) -> list[closing.Difference]:
    """What is not as it was reported of a closed month."""
    found: list[closing.Difference] = _MEMORY.get(
        ("restated", view.engine.catalog.version),
        (view.held, month),
        lambda: closing.differences(view.engine, month, view.held),
    )
    return found


def _restated_months(view: View) -> list[str]:
    """The closed months of the period whose figures are no longer as reported; what is wrong, the Data page says."""
    found: list[str] = []
    with suppress(CxError):
        for month in closed_months(view):
            shown = month.period.start < view.filters.period.end and view.filters.period.start < month.period.end
            if shown and restated(view, month):
                found.append(words.period_label(month.period.start, "month", view.language))
    return found


def filters_for(view: View, asked: Card) -> Filters:
    """The filters of this run with a card's own split and window."""
    chosen = replace(view.filters, by=asked.by, by_2=asked.by_2)
    if asked.period or asked.window:
        chosen = replace(chosen, period=scope.looking_back(asked.period or chosen.period, asked.window))
    return chosen


def ask(view: View, asked: Card) -> Answer:
    """The answer to a card's question, cut to its metric where one is named."""
    if asked.key in view.judged:
        return view.judged[asked.key]
    future = view.under_way.get(asked.key)
    # What has not begun is cheaper to answer here than to wait for behind others.
    if future is not None and not future.cancel():
        return future.result()
    return _answer(view, asked)


def params_for(view: View, asked: Card) -> dict[str, Any]:
    """The parameters that a card's question is asked with."""
    question = view.engine.catalog.question(asked.name)
    params = {name: value for name, value in asked.params.items() if name in question.params}
    if "grain" in question.params:
        params.setdefault("grain", _fitting_grain(view.grain, question.params["grain"]))
    return params


def _fitting_grain(grain: str, parameter: Parameter) -> str:
    """The grain that suits the period, or the next coarser one that the question knows."""
    coarser = periods.GRAINS[periods.GRAINS.index(grain) :]
    return next((one for one in coarser if not parameter.choices or one in parameter.choices), str(parameter.default))


def _answer(view: View, asked: Card) -> Answer:
    # What a metric's rows are cut from must hold them all.
    answer = view.engine.answer(
        asked.name,
        filters_for(view, asked),
        params_for(view, asked),
        held=view.held,
        row_cap=MOST_ROWS if asked.every or asked.metric else ROW_CAP,
    )
    most = MOST_ROWS if asked.every else ROW_CAP
    if len(answer.frame) <= most and not (asked.metric and "metric" in answer.frame):
        return answer
    cut: Answer = _MEMORY.get(("cut", asked.metric, most), (answer,), lambda: _cut(answer, asked.metric, most))
    return cut


def _cut(answer: Answer, metric: str, most: int) -> Answer:
    """So many rows of an answer, of one metric where it has several."""
    if metric and "metric" in answer.frame:
        kept = answer.frame[answer.frame["metric"] == metric].reset_index(drop=True)
        metrics = {name: found for name, found in answer.metrics.items() if name == metric}
        answer = replace(answer, frame=kept, metrics=metrics)
    if len(answer.frame) <= most:
        return answer
    return replace(answer, frame=_of_the_largest(answer.frame, most), truncated=True)


def _of_the_largest(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """So many rows at most: all rows of the segments with the most answers, or the first ones where there are none."""
    counted = next((name for name in ("n", "answers") if name in frame), "")
    if "segment" not in frame or not counted:
        return frame.head(most)
    sizes = frame.groupby("segment", dropna=False)[counted].agg(["sum", "size"])
    sizes = sizes.sort_values("sum", ascending=False, kind="stable")
    kept = sizes.index[(sizes["size"].cumsum() <= most).to_numpy()]
    return frame[frame["segment"].isin(kept)].head(most).reset_index(drop=True)


def ask_calmly(view: View, asked: Card) -> Answer | None:
    """An answer for a header or a side note; its error is shown by the card itself."""
    try:
        return ask(view, asked)
    except CxError:
        return None


def labels_of(view: View, asked: Card, question: Question) -> Callable[[str, Any], str]:
    """Labels in which `segment` means the dimension it stands for."""
    stands = {"segment": asked.by or question.by, "segment_2": asked.by_2 or question.by_2}
    metric = view.engine.catalog.metrics().get(asked.metric)
    groups = {group_parts(metric).get(group.name, group.name): group.label for group in metric.groups} if metric else {}

    def label(column: str, value: Any) -> str:
        if column == "score" and value in groups:
            return groups[value][view.language]
        return view.label(stands.get(column, column), value)

    return label


def name_of(view: View, asked: Card, question: Question) -> str:
    """What a card is called where no finding titles it."""
    return say(asked.title, view.language) if asked.title else question.title[view.language]


def title_of(view: View, asked: Card, answer: Answer) -> str:
    """The finding that may title a card, or an empty text."""
    return findings.title(
        answer,
        view.language,
        labels_of(view, asked, answer.question),
        own=view.about.brand,
        grain=str(asked.params.get("grain", view.grain if "grain" in answer.question.params else "month")),
        kind=str(asked.chart.get("kind", "")),
        dimension=_dimension_words(view, asked, answer.question),
    )


def answers_behind(answer: Answer) -> int:
    """The answers of an answer's figures, without invitations: they are no answers."""
    frame = answer.frame
    if "metric" not in frame or "n" not in frame:
        return answer.n
    sent = [name for name, metric in answer.metrics.items() if metric.table == "invitations"]
    return int(frame.loc[~frame["metric"].isin(sent), "n"].sum())


def _dimension_words(view: View, asked: Card, question: Question) -> str:
    """The words for the column `segment`."""
    return view.column(asked.by or question.by) if (asked.by or question.by) not in ("", "none") else ""


def told_of(view: View, asked: Card, answer: Answer) -> str:
    """The sentence above a chart that takes a change or an outcome apart."""
    label, language = labels_of(view, asked, answer.question), view.language
    if answer.question.finding == "explained":
        return findings.explanation(answer, language, label, _dimension_words(view, asked, answer.question))[1]
    return findings.driving(answer, language, label)[1] if answer.question.finding == "drivers" else ""


def answerable(view: View, asked: Card) -> bool:
    """Whether something was published for each kind of table that a card's question reads."""
    try:
        catalog = view.engine.catalog
        tables = {scope.twin(table)[0] for table in catalog.tables(catalog.question(asked.name))}
    except CxError:
        return True
    needed = {"ratings": "reviews", "panel": "responses"}
    optional = {"scores", *scope.UNITED, SINGLE, "metrics", ALIASES, "touchpoints", "targets", "customers"}
    return all(view.held.has(needed.get(table, table)) for table in tables - optional)


def last_good(view: View, asked: Card) -> Answer | None:
    """The answer of a broken file as it stood when it last worked, on what is asked now."""
    question = view.engine.last_good(asked.name)
    if question is None:
        return None
    params = {name: value for name, value in asked.params.items() if name in question.params}
    if "grain" in question.params:
        params.setdefault("grain", view.grain)
    try:
        return view.engine.ask(question, filters_for(view, asked), params, held=view.held)
    except CxError:
        return None


def outcome_of(view: View, asked: Card) -> Answer | CxError:
    """A card's answer, or the error that stands in its place."""
    try:
        return ask(view, asked)
    except CxError as error:
        return error


def group_parts(metric: Metric) -> dict[str, str]:
    """A metric's three groups as the chart's bad, middle and good part."""
    if len(metric.groups) != len(charts.THREE_PARTS[1]):
        return {}
    return dict(zip((group.name for group in metric.groups), charts.THREE_PARTS[1], strict=True))


def error_card(error: CxError, language: Language, name: str = "") -> None:
    """What went wrong, where, and what to do: calm, and never a stack trace."""
    st.markdown(f"##### {plain(say('state.error', language))}")
    rows = []
    if error.place or name:
        rows.append((say("state.error.place", language), error.place or name))
    rows.append((say("state.error.problem", language), translated(error.message, language)))
    if error.hint:
        rows.append((say("state.error.remedy", language), translated(error.hint, language)))
    for title, text in rows:
        st.markdown(f"**{plain(title)}** {plain(text)}")
    if error.excerpt:
        st.code(error.excerpt, language="sql")
