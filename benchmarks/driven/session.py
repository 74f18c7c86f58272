"""One viewer without a browser: Streamlit's own websocket protocol, spoken by hand."""

import asyncio
import time
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect


class Session:
    """A session on a page: what was sent to it, its widgets, and its reruns."""

    def __init__(self, address: str, page: str = "", query: str = "lang=en") -> None:
        self.address, self.page, self.query = address, page, query
        self.widgets: dict[str, Any] = {}
        """What the page offers to choose with, by label."""
        self.chosen: dict[str, Any] = {}
        self.received: list[ForwardMsg] = []
        """The messages of the last run."""
        self.size = 0
        self.errors = 0
        self.hash = ""

    async def __aenter__(self) -> "Session":
        self.link = await connect(
            self.address.replace("http", "ws") + "/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            origin=self.address,  # type: ignore[arg-type]
            max_size=None,
            compression=None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.link.close()

    async def run(self, label: str = "", value: str | list[str] | None = None) -> float:
        """Run the page, with a choice made in the widget of that label; returns the seconds it took."""
        if label:
            self.chosen[self.widgets[label].id] = value
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = self.page
        message.rerun_script.page_script_hash = self.hash
        for identity, chosen in self.chosen.items():
            state = message.rerun_script.widget_states.widgets.add(id=identity)
            if isinstance(chosen, str):
                state.string_value = chosen
            else:
                state.string_array_value.data.extend(chosen)
        started = time.perf_counter()
        await self.link.send(message.SerializeToString())
        await asyncio.wait_for(self._finished(), 60)
        return time.perf_counter() - started

    async def _finished(self) -> None:
        self.received, self.size = [], 0
        while True:
            raw = await self.link.recv()
            self.size += len(raw)
            message = ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.received = []
                self.hash = message.new_session.page_script_hash
            elif kind == "delta":
                self._note(message.delta)
            elif kind == "page_info_changed":
                # The page says its choices in the address; another address would be taken for the reader's.
                self.query = message.page_info_changed.query_string
            self.received.append(message)
            if kind == "script_finished":
                # A run that another one overtook is not the last.
                if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    self.errors += 1
                    return

    def _note(self, delta: Any) -> None:
        if delta.WhichOneof("type") != "new_element":
            return
        kind = delta.new_element.WhichOneof("type")
        if kind in ("selectbox", "multiselect"):
            widget = getattr(delta.new_element, kind)
            self.widgets[widget.label] = widget
        elif kind == "exception":
            self.errors += 1
