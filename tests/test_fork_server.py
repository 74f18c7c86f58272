"""Workers are forks of one process that has loaded what they need: quick to start, and strangers to each other."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cx.errors import DataError
from cx.workers.fork_server import WORKERS
from cx.workers.process import Worker

ROOT = Path(__file__).resolve().parent.parent

STARTS_ONE_AND_IS_INTERRUPTED = """
import os, signal
from cx.workers.process import Worker
worker = Worker({}, "UTC")
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.killpg(0, signal.SIGINT)
print(worker.ask("select 6 * 7 as a", {}, 5)[0]["a"][0].as_py(), flush=True)
os._exit(0)
"""

STARTS_ONE_AND_ENDS = """
import os
from cx.workers.fork_server import WORKERS
from cx.workers.process import Worker
print(Worker({}, "UTC").pid, WORKERS._process.pid, flush=True)
os._exit(0)
"""


def answer(worker: Worker) -> int:
    """What a worker makes of six times seven."""
    table, _ = worker.ask("select 6 * 7 as a", {}, 5)
    return int(table["a"][0].as_py())


def gone(pid: int) -> bool:
    """Whether a process ends within two seconds and leaves nothing in the list of processes."""
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.02)
    return False


def test_a_worker_that_is_killed_leaves_the_others_at_work() -> None:
    first, second = Worker({}, "UTC"), Worker({}, "UTC")
    try:
        first.kill()
        assert gone(first.pid) and answer(second) == 42
    finally:
        second.close()
    assert gone(second.pid) and not second.killed


def test_each_worker_holds_the_line_to_its_own_page_only() -> None:
    """A second end would keep a line open that the dashboard has closed, and could listen to it."""
    workers = [Worker({}, "UTC") for _ in range(3)]
    try:
        for worker in workers:
            held = [os.readlink(f"/proc/{worker.pid}/fd/{name}") for name in os.listdir(f"/proc/{worker.pid}/fd")]
            assert sum(target.startswith("socket:") for target in held) == 1
    finally:
        for worker in workers:
            worker.close()


def test_a_server_of_forks_that_was_killed_is_started_anew_while_its_workers_go_on() -> None:
    before = Worker({}, "UTC")
    assert WORKERS._process
    os.kill(WORKERS._process.pid, signal.SIGKILL)
    after = Worker({}, "UTC")
    try:
        assert answer(before) == answer(after) == 42
    finally:
        before.close()
        after.close()
    assert gone(before.pid) and gone(after.pid)


def test_a_worker_whose_server_is_gone_can_still_be_killed() -> None:
    worker = Worker({}, "UTC")
    WORKERS.close()
    worker.kill()
    assert gone(worker.pid)


def test_nothing_is_left_of_a_dashboard_that_ended_without_a_word() -> None:
    started = subprocess.run(
        [sys.executable, "-c", STARTS_ONE_AND_ENDS], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert all(gone(int(pid)) for pid in started.stdout.split())
    assert not started.stderr


def test_an_interrupt_from_the_terminal_is_left_to_the_dashboard_and_shows_no_trace() -> None:
    told = subprocess.run(
        [sys.executable, "-c", STARTS_ONE_AND_IS_INTERRUPTED],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
        start_new_session=True,
    )
    assert (told.stdout.strip(), told.stderr) == ("42", "")


def test_a_worker_that_cannot_be_made_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cx.workers.fork_server.sys.executable", "/bin/false")
    WORKERS.close()
    with pytest.raises(DataError, match="did not start"):
        Worker({}, "UTC")


def test_a_file_that_is_no_snapshot_ends_its_worker_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "part.duckdb").write_bytes(b"no database" * 1000)
    with pytest.raises(DataError, match="cannot be opened"):
        Worker({"part": tmp_path / "part.duckdb"}, "UTC")
