"""The watch publishes what settled, does not wait for ever, starts again what was killed, and lets held days go."""

import os
import signal
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from cx import exports, snapshot
from cx.exports import Watch

if TYPE_CHECKING:
    from conftest import Company

Watching = Callable[[], Watch]


@pytest.fixture
def watching(company: "Company", monkeypatch: pytest.MonkeyPatch) -> Watching:
    """Opens a watch over a published company that looks only when it is told to, and counts what it publishes."""
    company.scores(9)
    company.publish()
    monkeypatch.setattr(exports.threading, "Thread", lambda **_options: SimpleNamespace(start=lambda: None))
    return lambda: Watch(company.data, company.folders, company.queries)


def counted(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that grows with every publishing."""
    done: list[str] = []
    monkeypatch.setattr(watch, "_publish", lambda: done.append("published") or "")
    return done


def test_a_folder_that_is_as_it_was_is_not_published(watching: Watching, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = watching()
    done = counted(watch, monkeypatch)
    watch._look()
    assert done == [] and not watch.running


def test_files_written_again_as_they_were_are_looked_at_once_and_then_known(
    company: "Company", watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in company.data.rglob("*.parquet"):
        os.utime(path, (0, 0))
    before = snapshot.current_id(company.data)
    monkeypatch.setattr(exports.time, "sleep", lambda _seconds: None)
    for expected in ([before], []):
        watch = watching()
        done: list[str] = []
        monkeypatch.setattr(watch, "_publish", lambda done=done: done.append(company.publish().snapshot.id) or "")
        watch._look()
        assert done == expected


def test_a_folder_that_never_keeps_still_is_published_all_the_same_after_a_while(
    company: "Company", watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = watching()
    done = counted(watch, monkeypatch)
    written: list[int] = []

    def grow(_seconds: float) -> None:
        written.append(len(written))
        company.text("responses/growing.parquet", b"x" * len(written))

    monkeypatch.setattr(exports.time, "sleep", grow)
    grow(0)
    watch._look()
    assert done == []
    monkeypatch.setattr(exports, "PATIENCE_SECONDS", 0.0)
    watch._look()
    assert done == ["published"]


@pytest.mark.parametrize(
    ("ends", "runs", "said"),
    [
        ([0], 1, ""),
        ([-signal.SIGKILL, 0], 2, ""),
        ([-signal.SIGKILL] * 9, 3, "Publishing ended without a word."),
        ([1], 1, "no space"),
    ],
)
def test_publishing_that_was_killed_is_started_again_and_one_that_failed_is_not(
    watching: Watching, monkeypatch: pytest.MonkeyPatch, ends: list[int], runs: int, said: str
) -> None:
    watch = watching()
    left = list(ends)

    def run(command: list[str], **_options: Any) -> subprocess.CompletedProcess[str]:
        code = left.pop(0)
        return subprocess.CompletedProcess(command, code, "", "cx: no space" if code == 1 else "")

    monkeypatch.setattr(exports.subprocess, "run", run)
    assert watch._publish() == said
    assert len(ends) - len(left) == runs


@pytest.mark.parametrize(("days", "published"), [(3, 0), (4, 1)])
def test_a_held_day_is_let_in_after_three_days_though_nothing_changed(
    watching: Watching, monkeypatch: pytest.MonkeyPatch, days: int, published: int
) -> None:
    watch = watching()
    done = counted(watch, monkeypatch)
    watch._held = (date.today() - timedelta(days=days),)
    watch._look()
    watch._look()
    assert len(done) == published


def test_a_held_day_is_let_in_once_when_somebody_releases_it(
    watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = watching()
    commands: list[list[str]] = []

    def run(command: list[str], **_options: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(exports.subprocess, "run", run)
    watch.release()
    watch._look()
    watch._look()
    assert [command[-1] for command in commands] == ["--release"]
