"""The app of the floor, run by Streamlit."""

import os
import pickle
from pathlib import Path

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx


@st.cache_resource
def views() -> list[list[bytes]]:
    """What was recorded."""
    found: list[list[bytes]] = pickle.loads(Path(os.environ["CX_FLOOR"]).read_bytes())  # noqa: S301 - our own file
    return found


number = st.session_state["number"] = st.session_state.get("number", -1) + 1
context = get_script_run_ctx()
assert context is not None
for message in views()[number % len(views())]:
    context.enqueue(ForwardMsg.FromString(message))
