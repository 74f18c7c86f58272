"""The workbench on Explore: write a question in the browser, see its answer, download it as a file.

What is written here passes the same gate, runs in the same worker under the same limits and is judged and
drawn by the same code as a file; nothing is stored.
"""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from cx import catalog, scope
from cx.catalog import QUESTION_TABLES, Question
from cx.errors import CxError, marked
from cx.figures import Answer
from cx.ui.cards import draw_card
from cx.ui.explore import parameters
from cx.ui.view import Card, View, error_card, filters_for, heading, plain
from cx.words import number, say

NAME = "custom/workbench"
START = """-- title: {en: "A new question", ko: "새 질문"}
-- grain: one row per channel
-- chart: {kind: bar, x: channel}
select
    channel,
    tally(n, w, w2, wx, wx2) as figure,
from scores
where metric = 'nps'
group by channel
"""


def draw_workbench(view: View) -> None:
    """Editor and schema side by side, then answer, timing and plan."""
    language = view.language
    st.markdown(f"##### {heading(say('workbench', language), language)}")
    st.caption(heading(say("workbench.about", language), language))
    writing, looking = st.columns([3, 2])
    with looking:
        _draw_schema(view)
    with writing:
        text = st.text_area(say("workbench.text", language), START, height=330, max_chars=100_000, key="workbench text")
        with st.container(horizontal=True, vertical_alignment="center"):
            run = st.button(say("workbench.run", language), type="primary", icon=":material/play_arrow:")
            st.download_button(
                say("workbench.download", language),
                text.encode(),
                file_name=f"{_file_name(text)}.sql",
                mime="application/sql",
                on_click="ignore",
                type="tertiary",
            )
    if run:
        st.session_state["workbench asked"] = text
    asked = st.session_state.get("workbench asked")
    if asked:
        _draw_answer(view, asked)


def _file_name(text: str) -> str:
    """A file name made of the English title."""
    found = re.search(r'^-- title:.*?(?:en: *"?)?([A-Za-z][^",}\n]*)', text, flags=re.MULTILINE)
    words = re.findall(r"[a-z0-9]+", found.group(1).lower()) if found else []
    return "_".join(words[:8]) or "question"


def _draw_schema(view: View) -> None:
    """The tables of this scope with their columns, and the values of the columns one filters by."""
    language = view.language
    with st.container(height=420):
        names = sorted(name for name in QUESTION_TABLES if not name.endswith(("_before", "_year")))
        table = st.selectbox(say("data.table", language), names, index=names.index("scores"), key="workbench table")
        values = view.held.values
        rows = [
            {
                say("workbench.column", language): column,
                say("data.example", language): ", ".join(values.get(column, ())[:4]),
            }
            for column in scope.columns(view.held, table)
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, height=290)


def _draw_answer(view: View, text: str) -> None:
    language = view.language
    try:
        question = catalog.question(NAME, Path(f"{NAME}.sql"), text, say("workbench", language))
        asked = Card(NAME, parameters(view, question), alone=True)
        filters = filters_for(view, asked)
        answer = view.engine.ask(question, filters, asked.params, held=view.held)
    except CxError as error:
        error_card(marked(error, text), language)
        return
    with st.container(border=True):
        draw_card(view, asked, answer)
    _draw_facts(view, question, asked, answer)


def _draw_facts(view: View, question: Question, asked: Card, answer: Answer) -> None:
    """Rows, milliseconds, the figures behind the chart and how DuckDB went about it."""
    language = view.language
    seconds = number(1000 * answer.seconds, language)
    st.caption(heading(say("workbench.took", language, n=len(answer.frame), seconds=seconds), language))
    figures, plan = st.tabs([plain(say("card.data", language)), plain(say("workbench.plan", language))])
    with figures:
        shown: Any = answer.frame
        st.dataframe(shown, hide_index=True, height=320)
    with plan:
        try:
            st.code(view.engine.plan(question, filters_for(view, asked), asked.params, held=view.held), language=None)
        except CxError as error:
            error_card(error, language)
