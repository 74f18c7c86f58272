"""A process that has loaded what every worker needs, and of which each worker is a fork.

Loading DuckDB and Arrow takes several times as long as all else that a worker does before its first answer; here it
is done once for all workers of a web process. It is the worker's own script and nothing of the web process is in it,
so that a fork knows no more than a process started anew.
"""

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from cx.workers import NUMBER


class ForkServer:
    """Starts workers and kills them. Safe to share between threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def begin(self) -> None:
        """Let it load while the rest of this process still does; an error is for who first needs a worker."""
        with self._guard, suppress(OSError):
            self._running()

    def start(self, theirs: socket.socket) -> int:
        """The process id of a new worker, which serves the other end of a socket; OSError where none can be started."""
        with self._guard:
            try:
                return self._asked(theirs)
            except OSError:
                self._end()
                return self._asked(theirs)

    def kill(self, pid: int) -> None:
        """End a worker at once and wait until it has; nothing happens where it ended before."""
        with self._guard:
            if self._control is not None:
                try:
                    self._control.sendall(NUMBER.pack(pid))
                    _answered(self._control)
                    return
                except OSError:
                    pass
        # Its server is gone, so that nobody else can have taken the number in the meantime but by a full turn of them.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """End the server; workers end by their own sockets."""
        with self._guard:
            self._end()

    def _asked(self, theirs: socket.socket) -> int:
        control = self._running()
        socket.send_fds(control, [NUMBER.pack(0)], [theirs.fileno()])
        return _answered(control)

    def _running(self) -> socket.socket:
        if self._control is None:
            self._control, theirs = socket.socketpair()
            root = Path(__file__).resolve().parent.parent.parent
            # A library that computes in threads of its own could not be forked as one that has none.
            environment = {**os.environ, "PYTHONPATH": str(root), "OPENBLAS_NUM_THREADS": "1"}
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                    [sys.executable, "-P", str(Path(__file__).with_name("worker.py")), str(theirs.fileno())],
                    pass_fds=(theirs.fileno(),),
                    cwd=root,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                )
        return self._control

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


def _answered(control: socket.socket) -> int:
    answer = control.recv(NUMBER.size, socket.MSG_WAITALL)
    number: int = NUMBER.unpack(answer)[0] if len(answer) == NUMBER.size else 0
    if not number:
        raise ChildProcessError("No worker was made.")
    return number


WORKERS = ForkServer()
"""Of all engines of this process."""
atexit.register(WORKERS.close)
