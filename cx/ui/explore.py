"""Explore: the analysts' own questions with their parameters."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from cx import doubts, scope
from cx.catalog import Folder, Parameter, Question
from cx.errors import CxError
from cx.figures import Answer
from cx.ui.cards import draw_card
from cx.ui.view import Card, View, current_view, error_card, outcome_of, plain, sentence
from cx.words import say


def draw_folder(page: Folder) -> None:
    """A page made of a folder: its questions laid out in rows and tabs, broken ones as what is wrong with them."""
    view = current_view()
    language = view.language
    st.title(plain(page.title[language]), anchor=False)
    st.caption(plain(sentence(view)))
    if page.intro:
        st.markdown(plain(page.intro[language]))
    if page.problem:
        error_card(page.problem, language)
    if len(page.tabs) < 2 and "" in page.tabs:
        _draw_rows(view, page.tabs[""])
        return
    # Only the open tab is asked: its neighbours would cost as much again and be drawn into no width.
    tabs = st.tabs([plain(title) for title in page.tabs], key=f"tabs {page.name}", on_change="rerun")
    for tab, rows in zip(tabs, page.tabs.values(), strict=True):
        if tab.open:
            with tab:
                _draw_rows(view, rows)


def _draw_rows(view: View, rows: Sequence[Sequence[str]]) -> None:
    for row in rows:
        grid = st.grid(max(len(row), 1), min_column_width=330, border=True)
        for place, name in enumerate(row):
            with grid.cell():
                draw_question(view, name, place, alone=len(row) == 1)


def draw_own_questions(view: View) -> None:
    """A card with its parameters for every question that stands in custom/ itself, working or not."""
    catalog, language = view.engine.catalog, view.language
    names = [name for name in sorted({*catalog.entries, *catalog.problems}) if name.startswith("custom/")]
    names = [name for name in names if name.count("/") == 1]
    if not names:
        st.markdown(plain(say("explore.empty", language)))
    for name in names:
        with st.container(border=True):
            draw_question(view, name, alone=True)


def draw_question(view: View, name: str, place: int = 0, *, alone: bool = False) -> None:
    """A question of the analysts' own: its parameters as widgets, then its card; or what is wrong with it."""
    catalog = view.engine.catalog
    if name in catalog.problems:
        draw_card(view, Card(name, alone=alone), catalog.problems[name], place)
        return
    asked = chosen(view, catalog.question(name), alone=alone)
    outcome = outcome_of(view, asked)
    draw_card(view, asked, outcome, place)
    if isinstance(outcome, Answer) and view.about.analysts:
        draw_doubts(view, outcome)


def draw_doubts(view: View, answer: Answer) -> None:
    """What of an answer may be wrong, below its card, for those who can mend it."""
    found = doubts.absent(view.engine, answer.question) if answer.empty else []
    for doubt in (*found, *doubts.at_a_glance(view.engine, answer.question, answer)):
        st.caption(f":material/warning: {plain(f'{doubt.place}: {doubt.message} {doubt.hint}')}")


def chosen(view: View, question: Question, *, alone: bool = False) -> Card:
    """The card of a question with what its widgets say: parameters, and splits where it has a place for them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        params = parameters(view, question)
        by = _split(view, question, "segment", question.by)
        by_2 = _split(view, question, "segment_2", question.by_2)
    return Card(question.name, params, by, by_2, alone=alone)


def _split(view: View, question: Question, column: str, default: str) -> str:
    """The dimension chosen for a column that stands for one; nothing where the question does not name it."""
    if column not in question.reading.columns:
        return ""
    known = ["none", *scope.present(view.held)]
    found = st.selectbox(
        say("filter.breakdown", view.language) + (" 2" if column == "segment_2" else ""),
        known,
        index=known.index(default) if default in known else 0,
        format_func=lambda one: say("filter.none", view.language) if one == "none" else view.column(one),
        key=f"{column} {question.name}",
        width=200,
    )
    return str(found)


def parameters(view: View, question: Question) -> dict[str, Any]:
    """The parameters of a question as widgets, in their order: a later one's choices may depend on those before."""
    given: dict[str, Any] = {}
    for name, parameter in question.params.items():
        given[name] = _widget(view, question, parameter, given)
    return given


def _widget(view: View, question: Question, parameter: Parameter, given: Mapping[str, Any]) -> Any:
    label = plain(parameter.label.get(view.language, parameter.name))
    key = f"param {question.name} {parameter.name}"
    choices: Sequence[Any] = parameter.choices
    if parameter.source[0]:
        try:
            choices = view.engine.choices(parameter, view.filters, given, held=view.held)
        except CxError as error:
            error_card(error, view.language, question.name)
    words_of = partial(view.label, parameter.source[1] or parameter.name)
    if parameter.multi:
        known = list(dict.fromkeys([*choices, *parameter.default]))
        chosen = st.multiselect(
            label,
            known,
            [one for one in parameter.default if one in known],
            key=key,
            format_func=words_of,
            placeholder=say("filter.all", view.language),
            accept_new_options=not choices,
            width=280,
        )
        return tuple(chosen)
    if choices:
        known = list(choices) if parameter.default in choices else [parameter.default, *choices]
        # A choice that the parameters before it no longer offer falls back to the first.
        if st.session_state.get(key) not in known:
            st.session_state.pop(key, None)
        return st.selectbox(
            label, known, index=known.index(parameter.default), key=key, width=200, format_func=words_of
        )
    if parameter.name == "metric":
        metrics = list(view.engine.catalog.metrics())
        return st.selectbox(
            label,
            metrics,
            index=metrics.index(parameter.default) if parameter.default in metrics else 0,
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
