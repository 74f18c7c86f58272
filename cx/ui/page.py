"""What a page file works with: header, choices, key figures and rows of cards."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cx import findings, periods, scope
from cx.ui.cards import draw_row
from cx.ui.choices import choose, default_language
from cx.ui.data import draw_published
from cx.ui.explore import draw_own_questions
from cx.ui.frame import configure, navigation, page_name
from cx.ui.overview import draw_key_figures, draw_moved, draw_why, judge_together, mixes_of
from cx.ui.view import (
    Card,
    View,
    answerable,
    answered,
    answers_behind,
    ask_calmly,
    asked_of_steps,
    card,
    current_view,
    heading,
    outcome_of,
    sentence,
    title_of,
)
from cx.ui.workbench import draw_workbench
from cx.words import say

_AHEAD = ThreadPoolExecutor(max_workers=4, thread_name_prefix="ahead")
"""Answers cards before they are drawn; the engine shares an answer under way with whoever asks for it again."""


@dataclass(frozen=True)
class Page:
    """What a page draws with."""

    view: View
    name: str

    def has(self, *tables: str) -> bool:
        """Whether all tables were published; where not, the page says so calmly and is over."""
        for table in tables:
            if not self.view.held.has(table):
                st.title(heading(page_name(self.name, self.view.language), self.view.language), anchor=False)
                st.caption(heading(say("state.absent", self.view.language, table=table), self.view.language))
                return False
        return True

    def header(self, source: Card | None = None, note: str = "") -> None:
        """The page's finding as its title, and the sentence that says what is shown."""
        view = self.view
        text, lead, n = page_name(self.name, view.language), "", None
        if source is not None:
            answer = ask_calmly(view, source)
            if answer is not None:
                n = answers_behind(answer)
                if answer.question.chart.kind == "kpi":
                    found, lead = findings.headline(answer, view.language, mixes_of(view))
                    text = found or say("overview.title", view.language)
                else:
                    text = title_of(view, source, answer) or text
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
        known = asked_of_steps(view) if journey else answered(view)
        leading = self.leading(journey=journey)
        return choose(
            view, "filter.metric", "metric", known or [leading], leading, lambda name: view.label("metric", name)
        )

    def leading(self, *, journey: bool = False) -> str:
        """The metric that matters most to the company among those answered (with `journey`: about steps)."""
        view = self.view
        steps = asked_of_steps(view)
        if journey and steps:
            return steps[0]
        known = answered(view)
        ranked = [name for name in view.about.kpis if name in known] + known
        return ranked[0] if ranked else next(iter(view.engine.catalog.metrics()))

    def drivers(self, name: str, metric: str) -> Card:
        """The card of what drives the leading metric: by the steps' scores of another metric, never its own."""
        outcome = self.leading()
        others = [other for other in (metric, *asked_of_steps(self.view)) if other != outcome]
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
        return choose(
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
        return choose(
            view,
            "filter.grain",
            "grain",
            list(periods.GRAINS),
            suggested,
            lambda name: say(f"grain.{name}", view.language),
        )

    def key_figures(self, source: str, sparkline: str) -> None:
        """The cards of the metrics that the company chose."""
        draw_key_figures(self.view, card(source), card(sparkline))

    def family(self, *cards: Card) -> None:
        """Judge these answers as one family: what a page shows together is corrected together."""
        judge_together(self.view, cards)

    def ahead(self, *cards: Card) -> None:
        """Begin to answer cards that come further down; drawing them then waits for what is under way."""
        for asked in cards:
            if answerable(self.view, asked):
                _AHEAD.submit(outcome_of, self.view, asked)

    def moved(self, source: str, crossed: Card, actions: str, rivals: str) -> None:
        """At most three findings, and what is expected of the reader next."""
        draw_moved(self.view, card(source), crossed, actions, rivals)

    def why(self, name: str, metric: str) -> None:
        """The change of a metric taken apart by the dimension that explains it best, if one does."""
        draw_why(self.view, name, metric)

    def row(self, *cards: Card) -> None:
        """Cards side by side, below each other on a phone; a card whose table nobody exported is left out."""
        wanted = [asked for asked in cards if answerable(self.view, asked)]
        if wanted:
            draw_row(self.view, wanted)

    def choices(self) -> Any:
        """A horizontal place for choices, on the page above its cards."""
        return st.container(horizontal=True, vertical_alignment="top")

    def own_questions(self) -> None:
        """Every question in custom/, working or not."""
        if self.view.about.analysts:
            draw_workbench(self.view)
        draw_own_questions(self.view)

    def published(self) -> None:
        """What was published, when, from which files, and what was set aside."""
        draw_published(self.view)


def page(name: str) -> Page:
    """The page that is being run."""
    if not st.session_state.pop("cx_framed", False):
        # A server's very first visit, by a link to a page: Streamlit runs that page without the frame
        # because there is a pages/ folder, until someone has called st.navigation.
        configure()
        navigation("pages", default_language(), [])
        st.rerun()
    return Page(current_view(), name)
