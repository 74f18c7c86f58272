"""The worker process of one scope: opens the parts read-only, locks itself, answers statements.

Started as a script of its own with a socket's number, so that it loads nothing but DuckDB and Arrow; over that socket
others are handed to it, and a fork of it serves each (`cx.workers.fork_server`). A fork speaks length-prefixed
messages over its own: the first opens the files; each later one is a statement with bound values. It ends when the
other side closes. Nothing it sends is ever unpickled.
"""

import gc
import io
import json
import os
import resource
import signal
import socket
import sys
import threading
import time
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from functools import lru_cache
from multiprocessing.connection import Connection
from typing import Any

import duckdb
import pyarrow as pa

from cx.quoting import literal, quoted
from cx.workers import NUMBER

THREADS = 16
"""Statements answered at the same time; waiting for a place would count against a question's time."""

BYTES = 64 * 2**20
"""An answer may be so large: 5,000 rows of the longest comments fit. The page's own process has no limit of memory."""

READ = 256
"""So many statements are kept as they were read."""

READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
"""A second statement could end the read-only transaction and change what all later questions see."""

TALLY = (
    "create macro tally(n, w, w2, wx, wx2) as struct_pack(n := sum(n)::bigint, w := sum(w)::double, "
    "w2 := sum(w2)::double, wx := sum(wx)::double, wx2 := sum(wx2)::double, "
    "without_x := coalesce(sum(n) filter (wx is null), 0)::bigint)"
)
"""The five sums, and how many answers among them have no x: they would count as answers of nought."""


def connect(opening: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """A database that holds the opened files and can reach nothing else."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": opening["threads"],
            "memory_limit": opening["memory"],
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
        },
    )
    connection.execute("set temp_directory = ''")
    connection.execute(f"set global TimeZone = {literal(opening['time_zone'])}")
    connection.execute(TALLY)
    for name, path in opening["files"].items():
        connection.execute(f"attach {literal(path)} as {quoted(name)} (read_only)")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    try:
        connection.execute("select * from read_csv('/etc/passwd')")
    except duckdb.PermissionException:
        return connection
    raise SystemExit("The database did not lock itself; no question is answered.")


@lru_cache(maxsize=READ)
def read(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The one statement of a request, which only reads. The same text comes again with other values bound, and
    DuckDB's parser takes a quarter of the time that a question takes."""
    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type not in READING:
        raise duckdb.PermissionException("Permission Error: A request is one statement that only reads.")
    return statements[0]


def answer(connection: duckdb.DuckDBPyConnection, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Run one statement on its own cursor and read-only transaction, under its time limit."""
    cursor = connection.cursor()
    started = time.perf_counter()
    late = threading.Event()

    def interrupt() -> None:
        late.set()
        cursor.interrupt()

    timer = threading.Timer(request["seconds"], interrupt)
    timer.daemon = True
    timer.start()
    try:
        statement = read(connection, request["sql"])
        cursor.execute("begin transaction read only")
        # A relation would plan the statement twice, and leaves the line out of its errors; an answer is small to copy.
        table: pa.Table = cursor.execute(statement, _values(request["values"])).to_arrow_table()
        if table.nbytes > BYTES:
            told = f"The answer holds {table.nbytes >> 20:,} MB, and {BYTES >> 20} MB are the most that is shown."
            raise duckdb.OutOfMemoryException(f"Out of Memory Error: {told}")
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return {"id": request["id"], "seconds": time.perf_counter() - started}, sink.getvalue()
    except (duckdb.Error, pa.ArrowException, RuntimeError, MemoryError, ValueError, TypeError, OverflowError) as error:
        kind = "time" if late.is_set() else "memory" if isinstance(error, duckdb.OutOfMemoryException) else "sql"
        return {"id": request["id"], "error": str(error), "kind": kind}, b""
    finally:
        timer.cancel()
        cursor.close()


def _values(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in raw.items()}


def _value(raw: Any) -> Any:
    return date.fromisoformat(raw["date"]) if isinstance(raw, dict) else raw


def serve(link: Connection) -> None:
    """Answer what is asked over one socket until it closes."""
    try:
        opening = json.loads(link.recv_bytes())
    except EOFError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit = int(opening["address_space"])
    if limit:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    sending = threading.Lock()

    def reply(head: dict[str, Any], body: bytes) -> None:
        with sending:
            link.send_bytes(json.dumps(head).encode() + b"\n" + body)

    try:
        connection = connect(opening)
    except duckdb.Error as error:
        reply({"id": 0, "error": str(error), "kind": "open"}, b"")
        return
    reply({"id": 0}, b"")

    def answered(request: dict[str, Any]) -> None:
        try:
            reply(*answer(connection, request))
        except OSError:
            os._exit(0)

    pool = ThreadPoolExecutor(THREADS)
    while True:
        try:
            request = json.loads(link.recv_bytes())
        except (EOFError, OSError):
            return
        pool.submit(answered, request)


def fork(control: socket.socket, handed: int) -> int:
    """The process id of a new worker, which serves the socket that was handed over; 0 where none can be made."""
    try:
        pid = os.fork()
    except OSError:
        os.close(handed)
        return 0
    if pid:
        os.close(handed)
        return pid
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    control.close()
    ending = 1
    try:
        serve(Connection(handed))
        ending = 0
    finally:
        if ending:
            traceback.print_exc()
        # Statements may still run in threads, which nobody waits for any more.
        os._exit(ending)


def main() -> None:
    """Make workers, and end them, as the other side asks until it closes."""
    warnings.filterwarnings("ignore", "Arrow output on a DB-API result")
    control = socket.socket(fileno=int(sys.argv[1]))
    living: set[int] = set()

    def bury(*_: Any) -> None:
        for pid in [*living]:
            with suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0]:
                    living.discard(pid)

    # Ctrl-C in a terminal is meant for the dashboard, whose end closes the sockets here.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # One that ended stays in the way of its number until it is waited for.
    signal.signal(signal.SIGCHLD, bury)
    # Looking for garbage would write into memory that forks otherwise share.
    gc.freeze()
    while True:
        asked, handed, _, _ = socket.recv_fds(control, NUMBER.size, 1)
        if not asked:
            os._exit(0)
        (number,) = NUMBER.unpack(asked)
        if handed:
            number = fork(control, handed[0])
            living |= {number} - {0}
        elif number in living:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(number, signal.SIGKILL)
                os.waitpid(number, 0)
            living.discard(number)
        control.sendall(NUMBER.pack(number))


if __name__ == "__main__":
    main()
