"""A handle on one worker process: starts it, asks it, and kills it when a statement will not end."""

import json
import os
import socket
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa

from cx.errors import DataError, QueryError
from cx.workers.fork_server import WORKERS

GRACE_SECONDS = 1.0
"""After its limit a statement has this long to let itself be interrupted; then the process is killed."""

PATIENCE_SECONDS = 2.0
"""So long a process that is told to end may take to do so by itself."""

MEMORY = "2GB"
ADDRESS_SPACE = 12 * 2**30


class WorkerGone(Exception):
    """The process ended while a statement was running, for a reason of its own or of another statement."""


class StatementFailed(Exception):
    """DuckDB refused or failed a statement; the text is DuckDB's."""


class Worker:
    """One worker process over one snapshot and scope."""

    def __init__(self, files: dict[str, Path], time_zone: str) -> None:
        ours, theirs = socket.socketpair()
        self.socket = ours
        self.link = Connection(os.dup(ours.fileno()))
        with theirs:
            try:
                self.pid = WORKERS.start(theirs)
            except OSError as error:
                ours.close()
                self.link.close()
                raise not_started() from error
        self.killed = False
        self.pending: dict[int, Future[tuple[pa.Table, float]]] = {}
        self.guard = threading.Lock()
        self.sending = threading.Lock()
        self.last = 0
        self.alive = True
        opening = {
            "files": {name: str(path) for name, path in files.items()},
            "time_zone": time_zone,
            "threads": max(2, os.cpu_count() or 2),
            "memory": MEMORY,
            "address_space": ADDRESS_SPACE,
        }
        try:
            self.link.send_bytes(json.dumps(opening).encode())
            ready = json.loads(self.link.recv_bytes())
        except (EOFError, OSError) as error:
            self._end()
            raise not_started() from error
        if "error" in ready:
            self._end()
            raise DataError(
                f"The snapshot cannot be opened: {ready['error'].splitlines()[0]}",
                "Run `python -m cx publish --again`.",
            )
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def ask(self, sql: str, values: dict[str, Any], seconds: float) -> tuple[pa.Table, float]:
        """Run one statement and return its table and the seconds it took.

        Raises StatementFailed with DuckDB's text, QueryError past the time limit, WorkerGone when
        the process ended for another reason.
        """
        future: Future[tuple[pa.Table, float]] = Future()
        with self.guard:
            self.last += 1
            number = self.last
            self.pending[number] = future
        raw = {
            name: {"date": value.isoformat()} if isinstance(value, date) else value for name, value in values.items()
        }
        request = {"id": number, "sql": sql, "values": raw, "seconds": seconds}
        try:
            with self.sending:
                self.link.send_bytes(json.dumps(request).encode())
            return future.result(timeout=seconds + GRACE_SECONDS)
        except Late:
            self.kill()
            raise too_slow(seconds) from None
        except (OSError, ValueError) as error:
            self.alive = False
            raise WorkerGone from error
        finally:
            self.pending.pop(number, None)

    def _listen(self) -> None:
        while True:
            try:
                message = self.link.recv_bytes()
            except (EOFError, OSError):
                break
            head, _, body = message.partition(b"\n")
            reply = json.loads(head)
            future = self.pending.get(reply["id"])
            if future is None or future.done():
                continue
            if "error" in reply:
                future.set_exception(too_slow(0) if reply["kind"] == "time" else StatementFailed(reply["error"]))
            else:
                table = pa.ipc.open_stream(pa.BufferReader(body)).read_all()
                future.set_result((table, reply["seconds"]))
        self.alive = False
        self.link.close()
        for future in list(self.pending.values()):
            if not future.done():
                future.set_exception(WorkerGone())

    def kill(self) -> None:
        """End the process at once; whatever was running is lost."""
        self.alive = False
        self.killed = True
        WORKERS.kill(self.pid)
        self.socket.close()

    def close(self) -> None:
        """Let the process end by itself, and make sure that it does."""
        self.alive = False
        with suppress(OSError):  # already cut from the other side
            # Closing alone would not end it: our own listener still holds the line, on which the end is heard.
            self.socket.shutdown(socket.SHUT_WR)
        self.listener.join(PATIENCE_SECONDS)
        if self.listener.is_alive():
            self.kill()
        self.socket.close()

    def _end(self) -> None:
        """Clear away a process that never came to answer anything."""
        self.kill()
        self.link.close()


def not_started() -> DataError:
    """The error of a worker that was not made or ended before it was ready."""
    return DataError("The question worker did not start.", "Start the dashboard again; see its log.")


def too_slow(seconds: float) -> QueryError:
    """The error of a statement that ran past its time limit."""
    limit = f" ({seconds:g} s)" if seconds else ""
    return QueryError(
        f"The question took longer than it may{limit} and was stopped.",
        "Ask for a shorter period, fewer columns, or sums instead of single rows.",
    )
