"""The Data page for analysts: hold out an export, get a source proposed, see what it would publish, take it over.

What is uploaded is looked at in a folder that is gone afterwards. Only a click writes it into the data folder, under
names that are not there yet; publishing then takes it like any other export.
"""

import hashlib
import re
from pathlib import Path

import pandas as pd
import streamlit as st

from cx import packed, scaffold
from cx.errors import CxError, marked
from cx.proposal import Preview, short
from cx.readers import KINDS
from cx.scaffold import Known
from cx.translation import translated
from cx.ui.view import View, error_card, plain
from cx.words import number, say

LOOKED_AT = "upload looked at"
WRITTEN = "upload written"
TAKEN = "uploads taken"


def draw_upload(view: View) -> None:
    """Uploader and name; below, for what was uploaded, the proposal beside what it would publish."""
    language = view.language
    st.markdown(f"##### {plain(say('upload', language))}")
    st.caption(plain(say("upload.about", language)))
    written = st.session_state.pop(WRITTEN, "")
    if written:
        st.success(plain(say("upload.written", language, name=written)))
    held = st.file_uploader(
        say("upload.files", language),
        type=[ending.removeprefix(".") for ending in (*KINDS, *packed.READ)],
        accept_multiple_files=True,
        # Once taken, the files are gone from here.
        key=f"upload files {st.session_state.get(TAKEN, 0)}",
    )
    if not held:
        return
    given = {file.name: file.getvalue() for file in held}
    name = st.text_input(say("upload.name", language), _name(next(iter(given))), max_chars=60, key="upload name")
    known = Known(view.engine.data.resolve(), view.engine.catalog, view.about, view.held)
    contents = [(file, hashlib.sha256(content).digest()) for file, content in given.items()]
    key = hashlib.sha256(repr((name, contents)).encode()).hexdigest()[:16]
    try:
        proposal = st.session_state.get(LOOKED_AT)
        if proposal is None or proposal[0] != key:
            with st.spinner(say("upload.looking", language)):
                proposal = (key, *scaffold.proposed(name, given, known))
            st.session_state[LOOKED_AT] = proposal
    except CxError as error:
        error_card(error, language)
        return
    _, proposed, seen = proposal
    writing, looking = st.columns([3, 2])
    with writing:
        text = st.text_area(say("upload.text", language), proposed, height=440, max_chars=100_000, key=f"upload {key}")
        with st.container(horizontal=True, vertical_alignment="center"):
            again = st.button(say("upload.again", language), icon=":material/refresh:")
            take = st.button(say("upload.take", language), type="primary", icon=":material/add:")
            st.download_button(
                say("workbench.download", language),
                text.encode(),
                file_name=f"{name}.sql",
                mime="application/sql",
                on_click="ignore",
                type="tertiary",
            )
    try:
        if again:
            _, seen = scaffold.proposed(name, given, known, text)
            st.session_state[LOOKED_AT] = (key, proposed, seen)
        if take:
            scaffold.taken(name, text, given, known)
            st.session_state[WRITTEN] = name
            st.session_state[TAKEN] = st.session_state.get(TAKEN, 0) + 1
            st.session_state.pop(LOOKED_AT, None)
            st.rerun()
    except CxError as error:
        with looking:
            error_card(marked(error, text), language)
        return
    with looking:
        _draw_preview(view, seen)


def _draw_preview(view: View, seen: Preview) -> None:
    """The first rows, a column a line, and what became of each file."""
    language = view.language
    for file in seen.files:
        counted = say(
            "upload.kept", language, kept=number(file.kept, language), read=number(file.read, language), file=file.shown
        )
        st.markdown(plain(counted))
        said = [f"{translated(file.reason, language)} {translated(file.hint, language)}"] if file.reason else []
        said += [
            f"{number(problem['rows'], language)} × “{problem['column']}” {translated(problem['rule'], language)}"
            + (f" ({problem['value']})" if problem["value"] else "")
            for problem in file.problems
        ]
        for line in [*said, *(translated(note, language) for note in file.notes)]:
            st.caption(plain(line))
    if seen.rows:
        turned = {say("workbench.columns", language): list(seen.columns)}
        turned |= {str(place): [short(value) for value in row] for place, row in enumerate(seen.rows, 1)}
        st.dataframe(pd.DataFrame(turned), hide_index=True)


def _name(file: str) -> str:
    """A name for the source made of a file's: letters, digits and `_`, without a date at its end."""
    stem = re.sub(r"[\W_]*\d[\d\W_]*$", "", Path(file).stem)
    return re.sub(r"\W+", "_", stem.lower()).strip("_") or "export"
