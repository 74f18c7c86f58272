"""The workbench on Explore: write a question in the browser, see its answer, download it as a file.

What is written here passes the same gate, runs in the same worker under the same limits and is judged and
drawn by the same code as a file; nothing is stored.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from cx import catalog, gate, reference, scope
from cx.catalog import QUESTION_TABLES
from cx.errors import CxError, marked
from cx.ui.cards import draw_card
from cx.ui.explore import chosen, draw_doubts
from cx.ui.view import View, error_card, filters_for, plain
from cx.words import number, say

NAME = "custom/workbench"
TEXT = "workbench text"
START = """-- title: {en: "A new question", ko: "새 질문"}
-- grain: one row per channel
-- chart: {kind: bar, x: channel}
select
    channel,
    tally(n, w, w2, wx, wx2) as figure,
from scores
where metric = 'nps'
group by all
order by channel
"""


def draw_workbench(view: View) -> None:
    """Editor and schema side by side, then chart and rows side by side, then timing and plan."""
    language = view.language
    st.markdown(f"##### {plain(say('workbench', language))}")
    st.caption(plain(say("workbench.about", language)))
    writing, looking = st.columns([3, 2])
    with writing:
        text = st.text_area(
            say("workbench.text", language),
            START,
            height=440,
            max_chars=100_000,
            key=TEXT,
            persist_state="session",
        )
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
    with looking:
        _draw_schema(view)
    if run:
        st.session_state["workbench asked"] = text
    asked = st.session_state.get("workbench asked")
    if asked:
        _draw_answer(view, asked)


def with_column(text: str, column: str) -> str:
    """The text with a column more in its outermost SELECT, which stands above the last FROM at the margin."""
    lines = text.splitlines()
    places = [number for number, line in enumerate(lines) if re.match(r"from\b", line, flags=re.IGNORECASE)]
    if not places:
        return f"{text.rstrip()}\n{column}\n"
    last = places[-1] - 1
    if lines[last].strip() and not lines[last].rstrip().endswith(",") and lines[last].strip().lower() != "select":
        lines[last] = lines[last].rstrip() + ","
    return "\n".join([*lines[: last + 1], f"    {column},", *lines[last + 1 :]]) + "\n"


def with_key(text: str, key: str) -> str:
    """The text with one line more at the end of its header, as the key's example writes it."""
    lines = text.splitlines()
    end = next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return "\n".join([*lines[:end], f"-- {reference.QUESTION_KEYS[key].example}", *lines[end:]]) + "\n"


def _file_name(text: str) -> str:
    """A file name made of the English title."""
    found = re.search(r'^-- title:.*?(?:en: *"?)?([A-Za-z][^",}\n]*)', text, flags=re.MULTILINE)
    words = re.findall(r"[a-z0-9]+", found.group(1).lower()) if found else []
    return "_".join(words[:8]) or "question"


def _draw_schema(view: View) -> None:
    """Columns of this scope's tables with values one filters by, header keys, functions; a click writes one down."""
    language = view.language
    with st.container(border=True):
        tables, header, functions = st.tabs(
            [plain(say(f"workbench.{tab}", language)) for tab in ("tables", "header", "functions")]
        )
        with tables:
            names = sorted(name for name in QUESTION_TABLES if not name.endswith(("_before", "_year")))
            table = st.selectbox(say("data.table", language), names, index=names.index("scores"), key="workbench table")
            st.caption(plain(reference.TABLES[table].told(language).replace("`", "")))
            columns = list(scope.columns(view.held, table))
            examples = [", ".join(view.held.values.get(column, ())[:4]) for column in columns]
            _draw_list(view, "columns", with_column, columns, examples, say("data.example", language))
        with header:
            keys = list(reference.QUESTION_KEYS)
            meanings = [reference.QUESTION_KEYS[key].told(language) for key in keys]
            _draw_list(view, "keys", with_key, keys, meanings, say("workbench.meaning", language))
        with functions:
            st.caption(plain(reference.MACROS["tally"].told(language)))
            st.code(reference.MACROS["tally"].example, language="sql")
            st.dataframe(
                pd.DataFrame({say("workbench.function", language): sorted(gate.FUNCTIONS)}), hide_index=True, height=210
            )


def _draw_list(
    view: View,
    name: str,
    written: Callable[[str, str], str],
    entries: Sequence[str],
    meanings: Sequence[str],
    title: str,
) -> None:
    """A list of names with their meaning; a clicked one is written into the text."""
    # A key of its own after each click lets go of the clicked cell, so that the same one can be clicked again.
    key = f"workbench {name} {st.session_state.get(f'workbench {name} clicks', 0)}"

    def write() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        if cells:
            st.session_state[TEXT] = written(st.session_state[TEXT], entries[cells[0][0]])
            st.session_state[f"workbench {name} clicks"] = st.session_state.get(f"workbench {name} clicks", 0) + 1

    st.caption(plain(say("workbench.click", view.language)))
    st.dataframe(
        pd.DataFrame({say(f"workbench.{name}", view.language): list(entries), title: list(meanings)}),
        hide_index=True,
        height=230,
        key=key,
        on_select=write,
        selection_mode="single-cell",
    )


def _draw_answer(view: View, text: str) -> None:
    language = view.language
    try:
        question = catalog.question(NAME, Path(f"{NAME}.sql"), text, say("workbench", language))
        asked = chosen(view, question)
        filters = filters_for(view, asked)
        answer = view.engine.ask(question, filters, asked.params, held=view.held)
    except CxError as error:
        error_card(marked(error, text), language)
        return
    drawing, rows = st.columns([3, 2])
    with drawing, st.container(border=True):
        draw_card(view, asked, answer)
        draw_doubts(view, answer)
    with rows:
        seconds = number(1000 * answer.seconds, language)
        st.caption(plain(say("workbench.took", language, n=len(answer.frame), seconds=seconds)))
        shown: Any = answer.frame
        st.dataframe(shown, hide_index=True, height=320)
        with st.expander(plain(say("workbench.plan", language))):
            try:
                st.code(view.engine.plan(question, filters, asked.params, held=view.held), language=None)
            except CxError as error:
                error_card(error, language)
