"""Explore: the analysts' own questions with their parameters."""

from typing import Any

import streamlit as st

from cx import scope
from cx.catalog import Parameter, Question
from cx.ui.cards import draw_card
from cx.ui.view import Card, View, error_card, heading, outcome_of, plain
from cx.words import say


def draw_own_questions(view: View) -> None:
    """A card with its parameters for every question in custom/, working or not."""
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
            draw_card(view, asked, outcome_of(view, asked))
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
