"""Everything around a page: configuration, navigation, filter bar; then the page itself."""

import gc
import importlib
import inspect
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import net_util

from cx import periods, settings, words
from cx.catalog import Folder
from cx.engine import Engine
from cx.errors import CxError, DataError
from cx.exports import Watch
from cx.ui.behind import draw_behind
from cx.ui.cards import picture
from cx.ui.choices import adopt_link, chosen_so_far, default_language, filter_bar, language_now, write_link
from cx.ui.data import draw_progress
from cx.ui.explore import draw_folder
from cx.ui.view import current_view, engine_of, error_card, plain, watch_of
from cx.words import Language, say

# Streamlit asks an outside service for this machine's address when a foreign page knocks; nothing here may.
net_util.get_external_ip = lambda: None

WHOLE_WORDS = ":root :is(h1, h2, h3, h4, h5, h6, p, li) { word-break: keep-all; overflow-wrap: anywhere; }"
"""Lines end between words, in Korean too; a word that is longer than its line may still be broken."""
OUT_OF_SIGHT = ".st-key-ahead { position: absolute; visibility: hidden; contain: strict; width: 1px; height: 1px; }"
"""What is there only for the browser to load what draws it."""
FIVE_FIGURES = (
    "@media (min-width: 700px) and (max-width: 1023px) {"
    " .st-key-figures.st-key-figures { grid-template-columns: repeat(6, 1fr); }"
    " .st-key-figures > * { grid-column: span 2; } .st-key-figures > :nth-child(n + 4) { grid-column: span 3; } }"
)
"""Five key figures as three above two where five have no room: Streamlit would leave the fifth alone in its row."""
CHOICES_AHEAD = ".st-key-choices [data-testid=stSkeleton] { height: 4.25rem; }"
"""What stands for a choice until the browser has loaded it is as high as one with its name."""
DOTS_ALONE = "[data-testid=stPopoverButton]:has(img) [aria-hidden=true] { display: none; }"
"""Three dots say that they open something; Streamlit sets an arrow beside each label that is no icon of its own."""

PAGES = ("overview", "trends", "segments", "competitors", "journey", "voice", "explore", "data")
ICONS = {
    "overview": ":material/space_dashboard:",
    "trends": ":material/show_chart:",
    "segments": ":material/group:",
    "competitors": ":material/compare_arrows:",
    "journey": ":material/route:",
    "voice": ":material/forum:",
    "explore": ":material/search:",
    "data": ":material/database:",
}


def frame(folder: str = "pages") -> None:
    """Everything around a page: configuration, navigation, filter bar; then the page itself."""
    configure()
    ahead = load_ahead()
    framed(folder)
    ahead.empty()


def framed(folder: str) -> None:
    """Navigation, filter bar and page; or what is wrong."""
    try:
        data = settings.data_folder()
        queries = settings.query_folders(data)
        engine = engine_of(data, queries)
        engine.catalog.refresh()
        own = engine.catalog.folders_of_own()
        about = engine.settings
    except CxError as error:
        language = language_now(default_language())
        navigation(folder, language, [])
        error_card(error, language)
        return
    chosen = navigation(folder, language_now(about.language), own)
    adopt_link(chosen.url_path)
    language = language_now(about.language)
    try:
        given = Path(os.environ["CX_QUERIES"]).resolve() if os.environ.get("CX_QUERIES") else None
        watch = watch_of(data, queries, given)
        try:
            held = engine.snapshot()
        except DataError:
            _not_yet(watch, language)
            return
        if about.analysts:
            st.session_state["cx_catalog"] = engine.catalog.version
            _follow(engine)
        filter_bar(engine, held, about, watch)
        draw_behind()
        if "cx_go" in st.session_state:
            # With its parameters at once: the way back is one step then, and not through an address that tells nothing.
            st.switch_page(f"{folder}/{st.session_state.pop('cx_go')}.py", query_params=chosen_so_far())
        st.session_state["cx_framed"] = True
        chosen.run()
        shown = (chosen.url_path, st.session_state.get("view"))
        current_view().draw(first=st.session_state.get("cx_drawn") != shown)
        st.session_state["cx_drawn"] = shown
        write_link()
        _keep_for_good(chosen.url_path)
    except CxError as error:
        error_card(error, language)


def prepare() -> None:
    """Read the questions and start the worker before the first visit; what is wrong, that one will say."""
    with suppress(CxError):
        data = settings.data_folder()
        engine = engine_of(data, settings.query_folders(data))
        engine.prepare()
    # The library reads the calendars of all countries before it answers for one.
    periods.moving_holidays(periods.Period(date.min, date.min + timedelta(days=1)))
    # Streamlit looks at a process's first element for who started it, which resolves the path of every loaded module.
    inspect.stack()
    # And at the first chart.
    importlib.import_module("plotly.tools")


@cache
def _keep_for_good(page: str) -> None:
    """Take what a page brought into memory at its first run, its modules above all, out of the garbage collector's way.

    Streamlit collects garbage after every run and would walk over all of it each time, which takes longer than the run.
    """
    gc.freeze()


def configure() -> None:
    """Title, icon and width of the browser page, and how it breaks lines."""
    st.set_page_config(page_title="CX", page_icon=str(settings.PROJECT / "cx" / "icon.png"), layout="wide")
    # Signs within the text that forbid a break would be copied along with it.
    st.html(f"<style>{WHOLE_WORDS} {OUT_OF_SIGHT} {FIVE_FIGURES} {CHOICES_AHEAD} {DOTS_ALONE}</style>")


def load_ahead() -> Any:
    """Have the browser read what draws charts, which takes it a second, while the first answers are worked out.

    Returns the place, which nobody sees and which is to be emptied once the page is drawn.
    """
    # Its own height holds until the browser has read the style, which it does after drawing what follows.
    with st.container(key="ahead", height=1, border=False):
        place = st.empty()
    if "cx_drawn" not in st.session_state:
        with place.container():
            picture({"data": []}, "ahead", "")
            st.metric(" ", 0, chart_data=[0, 1])
    return place


def navigation(folder: str, language: Language, own: Sequence[Folder]) -> Any:
    """The pages on top: the shipped ones in their order, any other file in the folder, then the analysts' folders."""
    found = sorted(path.stem for path in (settings.PROJECT / folder).glob("*.py"))
    shipped = [
        st.Page(
            f"{folder}/{name}.py",
            title=page_name(name, language),
            icon=ICONS.get(name, ":material/article:"),
            default=name == "overview",
        )
        for name in (*PAGES, *(name for name in found if name not in PAGES))
    ]
    if not own:
        return st.navigation(shipped, position="top")
    folders = [
        st.Page(
            partial(draw_folder, page),
            title=page.title[language],
            icon=":material/folder_open:",
            url_path=page.name,
        )
        for page in own
    ]
    return st.navigation({"": shipped, say("page.own", language): folders}, position="top")


def page_name(name: str, language: Language) -> str:
    """A page's name: its words where there are some, else its file's."""
    return say(f"page.{name}", language) if f"page.{name}" in words.WORDS else words.column_label(name, language)


@st.fragment(run_every=1)
def _follow(engine: Engine) -> None:
    """Run the page again as soon as a query file was saved."""
    engine.catalog.refresh()
    if engine.catalog.version != st.session_state.get("cx_catalog"):
        st.rerun()


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
    st.title(plain(say("state.publishing", language)), anchor=False)
    st.caption(plain(say("state.publishing.detail", language)))
    draw_progress(watch.data, language)
    st.skeleton(height=120)
    st.skeleton(height=300)
