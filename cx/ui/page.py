"""What a page file works with: header, choices, key figures and rows of cards."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from cx import periods, scope
from cx.snapshot import MANY_UNREAD
from cx.ui.cards import draw_rare, draw_row
from cx.ui.choices import choose, default_language, write
from cx.ui.data import draw_published
from cx.ui.explore import draw_own_questions
from cx.ui.frame import configure, navigation, page_name
from cx.ui.overview import draw_header, draw_key_figures, draw_moved, draw_why, judge_together
from cx.ui.upload import draw_upload
from cx.ui.view import (
    EXPLAINED,
    HEIGHT_OF_ROW,
    Card,
    View,
    answerable,
    answered,
    asked_of_steps,
    card,
    current_view,
    look_through,
    plain,
)
from cx.ui.workbench import draw_workbench
from cx.words import count, say

HEIGHT_OF_HEADER, HEIGHT_OF_FIGURES = (92, 193), (370, 1020)
"""Pixels, about, at a desk and on a phone."""


@dataclass(frozen=True)
class Page:
    """What a page draws with."""

    view: View
    name: str

    def has(self, *tables: str) -> bool:
        """Whether all tables were published; where not, the page says so calmly and is over."""
        for table in tables:
            if not self.view.held.has(table):
                st.title(plain(page_name(self.name, self.view.language)), anchor=False)
                st.caption(plain(say("state.absent", self.view.language, table=table)))
                return False
        return True

    def has_steps(self) -> bool:
        """Whether any answer tells a step of the journey; where none does, the page says so calmly and is over."""
        return bool(asked_of_steps(self.view)) or self._lacks("state.absent.steps")

    def has_dimensions(self) -> bool:
        """Whether answers differ in anything to break them down by; where not, the page says so and is over."""
        return bool(self._dimensions("scores")) or self._lacks("state.absent.segments")

    def _lacks(self, told: str) -> bool:
        st.title(plain(page_name(self.name, self.view.language)), anchor=False)
        st.caption(plain(say(told, self.view.language)))
        return False

    def header(self, source: Card | None = None, note: str = "", moved: Card | None = None) -> None:
        """The page's finding as its title, what `moved` for real first, and the sentence that says what is shown."""
        name = page_name(self.name, self.view.language)
        draw = partial(draw_header, self.view, name, source, note, moved)
        height = HEIGHT_OF_HEADER[self.view.phone]
        self.view.later(draw, *(asked for asked in (source, moved) if asked), leads=True, height=height)

    def section(self, *names: str, ours: str = "") -> str:
        """The part of a long page that is shown, the first unless another was chosen; kept in the URL.

        What the others would show is not asked; the one named `ours` tells nothing of another brand.
        """
        language, offered = self.view.language, [name for name in names if self._own or name != ours]
        return choose(
            self.view, "filter.section", "view", offered, offered[0], lambda name: say(f"section.{name}", language)
        )

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

    def worst(self, name: str, metric: str) -> Card:
        """A card about the lowest group, or two fifths, of a metric's scale: detractors, the dissatisfied."""
        asked = self.view.engine.catalog.metrics()[metric]
        low, high = asked.scale or asked.range or (0.0, 0.0)
        return card(name, metric=metric, score_to=asked.groups[0].to if asked.groups else low + 0.4 * (high - low))

    def best(self, name: str, metric: str) -> Card:
        """A card about the answers in the highest group, or fifth, of a metric's scale: promoters, the satisfied."""
        asked = self.view.engine.catalog.metrics()[metric]
        low, high = asked.scale or asked.range or (0.0, 0.0)
        above = math.nextafter(asked.groups[-2].to, math.inf) if len(asked.groups) > 1 else low + 0.8 * (high - low)
        return card(name, metric=metric, score_from=above)

    def table_of(self, metric: str) -> str:
        """The table whose dimensions a metric's answers carry."""
        return "ratings" if self.view.engine.catalog.metrics()[metric].table == "reviews" else "scores"

    def dimension(
        self,
        key: str = "by",
        default: str = "",
        *,
        table: str = "scores",
        without: str = "",
        none: bool = False,
    ) -> str:
        """A choice among the dimensions, of another brand those of its reviews; kept in the URL."""
        view = self.view
        if not self._own:
            table, default = "ratings", "source"
        known = [column for column in self._dimensions(table) if column != without]
        if none:
            known = ["none", *known]
        if not known:
            return "none"
        # A dimension of which the filters leave one value shows nothing beside another.
        single = {column for column, values in view.filters.where if len(values) == 1}
        wanted = [column for column in (default, *known) if column in known]
        first = next((column for column in wanted if column not in single), wanted[0])
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

    def _dimensions(self, table: str) -> list[str]:
        """The dimensions of a table that have more than one value, in the company's order."""
        held, about = self.view.held, self.view.about
        known = [column for column in scope.dimensions(held, table) if len(held.values.get(column, ())) > 1]
        known = [column for column in known if column not in about.segments_hidden and column != "brand"]
        ordered = [column for column in about.segment_order if column in known]
        return ordered + [column for column in known if column not in ordered]

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

    def brand(self) -> str:
        """A choice among the brands that were reviewed; empty for all of them; kept in the URL."""
        view = self.view
        every = "*"
        known = sorted(view.held.values.get("brand", ()))
        chosen = choose(
            view,
            "filter.brand",
            "reviews_of",
            [every, *known],
            every,
            lambda name: say("filter.all", view.language) if name == every else view.label("brand", name),
            wide=True,
        )
        return "" if chosen == every else chosen

    def about_brand(self) -> "Page":
        """A choice of whose texts are read, the own brand's first; the page about them. Kept in the URL."""
        view, own = self.view, self.view.about.brand
        others = sorted(name for name in view.held.values.get("brand", ()) if name != own)
        if not own or not others:
            return self
        chosen = choose(
            view, "filter.brand", "voice_of", [own, *others], own, lambda name: view.label("brand", name), wide=True
        )
        if chosen == own:
            return self
        filters = replace(view.filters, where=(*view.filters.where, ("brand", (chosen,))))
        return Page(look_through(replace(view, filters=filters)), self.name)

    @property
    def _own(self) -> bool:
        """Whether the page is about the own brand: what surveys tell is known of no other."""
        return "brand" not in self.view.filters.columns()

    def search(self) -> str:
        """What the reader looks for in comments; kept in the URL."""
        plain = any(":plain:" in one.reading for one in self.view.held.texts)
        return write(
            self.view,
            "filter.search",
            "search",
            say("filter.search.plain" if plain else "filter.search.help", self.view.language),
        )

    def unread(self) -> None:
        """Say it where many texts are in a language that nothing here reads: no theme in them is no sign of calm."""
        held, language = self.view.held.texts, self.view.language
        total, unread = sum(one.rows for one in held), sum(one.unread for one in held)
        if unread and unread >= MANY_UNREAD * total:
            told = say("voice.unread", language, n=count(unread, language), total=count(total, language))
            st.caption(plain(told))

    def key_figures(self, source: str, sparkline: str) -> None:
        """The cards of the metrics that the company chose."""
        self._later(draw_key_figures, card(source), card(sparkline), height=HEIGHT_OF_FIGURES[self.view.phone])

    def family(self, *cards: Card) -> None:
        """Judge these answers as one family: what a page shows together is corrected together."""
        wanted = self._answerable(*cards)
        self.view.later(partial(judge_together, self.view, wanted), *wanted, leads=True, height=0)

    def moved(self, source: Card, crossed: Card, actions: str, rivals: str, complaints: str, blamed: str) -> None:
        """At most three findings, what else is complained about at us and at a rival, and what is expected next."""
        others = (card(name) for name in (actions, rivals, complaints, blamed))
        self._later(draw_moved, source, crossed, *others)

    def why(self, name: str, metric: str) -> None:
        """The change of a metric taken apart by the dimension that explains it best, if one does."""
        draw = partial(draw_why, self.view, name, metric)
        self.view.later(draw, *self._answerable(EXPLAINED))

    def row(self, *cards: Card) -> None:
        """Cards side by side, below each other on a phone; a card whose table nobody exported is left out."""
        wanted = self._answerable(*cards)
        if wanted:
            height = HEIGHT_OF_ROW * (len(wanted) if self.view.phone else 1)
            self.view.later(partial(draw_row, self.view, wanted), *wanted, height=height)

    def ours(self, *cards: Card) -> None:
        """A row of cards about our own customers, left out where the page is about another brand."""
        if self._own:
            self.row(*cards)

    def among_brands(self, name: str) -> None:
        """A row of a question that looks at all brands, and shows the one that was chosen, here or in the filter bar.

        What all of them say at a time is the season's, which a single one could not tell.
        """
        filters = self.view.filters
        chosen = next((values for column, values in reversed(filters.where) if column == "brand"), ())
        if len(chosen) != 1 or chosen[0] not in self.view.held.values.get("brand", ()):
            self.row(card(name))
            return
        others = tuple((column, values) for column, values in filters.where if column != "brand")
        everyone = replace(self.view, filters=replace(filters, where=others))
        Page(everyone, self.name).row(card(name, brand=chosen[0]))

    def rare(self, *cards: Card) -> None:
        """A row of cards about what seldom happens: those without a row in their answer are left out."""
        wanted = self._answerable(*cards)
        if wanted:
            self.view.later(partial(draw_rare, self.view, wanted), *wanted, rare=True)

    def _answerable(self, *cards: Card) -> tuple[Card, ...]:
        return tuple(asked for asked in cards if answerable(self.view, asked))

    def _later(self, draw: Callable[..., None], *cards: Card, height: int = HEIGHT_OF_ROW) -> None:
        """Draw these cards as one part."""
        self.view.later(partial(draw, self.view, *cards), *self._answerable(*cards), height=height)

    def choices(self) -> Any:
        """A horizontal place for choices, on the page above its cards."""
        return st.container(horizontal=True, vertical_alignment="top", key="choices")

    def own_questions(self) -> None:
        """Every question in custom/, working or not."""
        if self.view.about.analysts:
            self._later(draw_workbench)
        self._later(draw_own_questions)

    def published(self) -> None:
        """What was published, when, from which files, and what was set aside."""
        self._later(draw_published)
        if self.view.about.analysts:
            self._later(draw_upload)


def page(name: str) -> Page:
    """The page that is being run."""
    if not st.session_state.pop("cx_framed", False):
        # A server's very first visit, by a link to a page: Streamlit runs that page without the frame
        # because there is a pages/ folder, until someone has called st.navigation.
        configure()
        navigation("pages", default_language(), [])
        st.rerun()
    return Page(current_view(), name)
