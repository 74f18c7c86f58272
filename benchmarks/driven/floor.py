"""The floor: pages as the dashboard once sent them, sent again by Streamlit and drawn by Plotly, and nothing else.

`CX_FLOOR` names a file that `recorded` wrote: per view of a page the messages the browser got. Each rerun sends those
of the next view, so everything that differs between two views is painted anew.
"""

import asyncio
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from driven.session import Session


def recorded(address: str, page: str, periods: tuple[str, ...], file: Path) -> int:
    """Write what a page sends for each of these periods; returns how many charts there are."""
    # In a thread of its own, because the browser's driver has an event loop in ours.
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, _record(address, page, periods, file)).result()


async def _record(address: str, page: str, periods: tuple[str, ...], file: Path) -> int:
    views, charts = [], 0
    async with Session(address, page) as session:
        await session.run()
        for period in periods:
            await session.run("Period", period)
            kinds = ("delta", "page_config_changed", "navigation")
            drawn = [message.delta.new_element.WhichOneof("type") == "plotly_chart" for message in session.received]
            charts = max(charts, sum(drawn))
            views.append([_free(message) for message in session.received if message.WhichOneof("type") in kinds])
    file.write_bytes(pickle.dumps(views))
    return charts


def _free(message: ForwardMsg) -> bytes:
    """A message whose widget keeps what the browser chose, whatever it stood at when recorded."""
    element = message.delta.new_element
    widget = getattr(element, element.WhichOneof("type") or "empty")
    if hasattr(widget, "set_value"):
        widget.set_value = False
    return message.SerializeToString()
