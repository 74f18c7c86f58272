"""What one run of a page holds on to, and how it asks: the view, its cards, answers and words."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from cx import charts, findings, periods, scope, settings, words
from cx.analyses import OTHER
from cx.catalog import Metric, Question
from cx.engine import Engine
from cx.errors import CxError
from cx.exports import Watch
from cx.figures import Answer
from cx.periods import Period
from cx.scope import NO_VALUE, Filters
from cx.snapshot import Snapshot
from cx.words import Language, say

EXPLAINED = "overview/explained"
"""The question that says which dimension explains each metric's change."""


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


def answered(view: View) -> list[str]:
    """The metrics that have at least one answer or review, in their order."""
    asked = view.held.values.get("metric", ())
    return [
        name
        for name, metric in view.engine.catalog.metrics().items()
        if (metric.answers in asked if metric.table == "responses" else view.held.has(metric.table))
    ]


def asked_of_steps(view: View) -> list[str]:
    """The answered metrics that were asked about touchpoints, most answers first."""
    metrics, asked = view.engine.catalog.metrics(), view.held.journey_metrics
    known = [name for name in answered(view) if metrics[name].table == "responses" and metrics[name].answers in asked]
    return sorted(known, key=lambda name: asked.index(metrics[name].answers))


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
    question = view.engine.catalog.question(asked.name)
    params = {name: value for name, value in asked.params.items() if name in question.params}
    if "grain" in question.params and "grain" not in params:
        params["grain"] = view.grain
    answer = view.engine.answer(asked.name, filters_for(view, asked), params, held=view.held)
    if asked.metric and "metric" in answer.frame:
        kept = answer.frame[answer.frame["metric"] == asked.metric].reset_index(drop=True)
        metrics = {name: metric for name, metric in answer.metrics.items() if name == asked.metric}
        answer = replace(answer, frame=kept, metrics=metrics)
    return answer


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
    needed = {"ratings": "reviews"}
    optional = {"scores", *scope.UNITED, "metrics", "touchpoints", "targets", "customers"}
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


def on_phone() -> bool:
    """Whether the browser says that it is a phone's."""
    return "Mobi" in st.context.headers.get("User-Agent", "")


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
    if error.excerpt:
        st.code(error.excerpt, language="sql")
