"""The dashboard: `streamlit run dashboard.py` serves it, and each visit runs this file again."""

import gc
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st

from cx.workers.fork_server import WORKERS


def prepare() -> None:
    """What the first visit needs, made ready while the browser still loads."""
    WORKERS.begin()
    # Nothing of what is loaded is garbage, and looking through it takes time again and again.
    gc.disable()
    try:
        from cx import ui
    finally:
        gc.enable()
    ui.prepare()


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Begin to prepare as soon as the server starts."""
    threading.Thread(target=prepare, daemon=True).start()
    yield


if __name__ == "__main__":
    from cx import ui

    ui.frame()
else:
    app = st.App(__file__, lifespan=lifespan)
