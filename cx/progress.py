"""Progress of publishing: what is being done, how much of it is done, and how long the rest may take.

Whoever publishes writes it beside the snapshots a few times a second; every dashboard over the folder can read it.
"""

import fcntl
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO
from unicodedata import east_asian_width

from cx import snapshot
from cx.words import Language, number, say

FILE = "progress.json"
LOCK = "lock"
STAGES = {
    "erasing": 0.05,
    "looking": 0.06,
    "reading": 0.55,
    "months": 0.75,
    "sums": 0.85,
    "rollups": 0.92,
    "words": 1.0,
}
"""What publishing does in turn, and which share of the whole is done after each, about."""
PAUSE_SECONDS = 0.25
"""So long is at least between two steps that are told."""
LOG_SECONDS = 10.0
"""A log gets a line when another stage begins, and else one in so many seconds."""
SURE_SECONDS, SURE_SHARE = 2.0, 0.1
"""Sooner than that nobody can say how long the rest takes."""
BAR = 24
USUAL_COLUMNS = 80


@dataclass(frozen=True)
class Step:
    """How far publishing is."""

    stage: str
    what: str
    """The file or month it is at."""
    done: int
    total: int
    within: float
    """The share of this stage that is done."""
    seconds: float
    """Since publishing began."""

    @property
    def share(self) -> float:
        """The share of everything that is done, about."""
        ends = list(STAGES.values())
        at = list(STAGES).index(self.stage)
        begin = ends[at - 1] if at else 0.0
        return begin + (ends[at] - begin) * min(1.0, self.within)

    @property
    def seconds_left(self) -> float | None:
        """How long the rest may take; None where it is too early to say."""
        if self.seconds < SURE_SECONDS or self.share < SURE_SHARE:
            return None
        return self.seconds * (1 - self.share) / self.share

    def told(self, language: Language) -> str:
        """What is being done and how much remains, in one line."""
        parts = [say(f"progress.{self.stage}", language)]
        if self.total > 1:
            parts.append(
                say("progress.of", language, done=number(self.done, language), total=number(self.total, language))
            )
        if self.what:
            parts.append(self.what)
        left = self.seconds_left
        if left is not None:
            minutes, seconds = round(left / 60), max(1, round(left))
            parts.append(
                say("progress.minutes", language, n=minutes)
                if seconds >= 90
                else say("progress.seconds", language, n=seconds)
            )
        return " · ".join(parts)


Telling = Callable[[Step], None]


class Course:
    """The progress of one run of publishing: written beside the snapshots, and told to whoever started it."""

    def __init__(self, data: Path, tell: Telling, started: float) -> None:
        self._file = snapshot.published(data) / FILE
        self._tell = tell
        self._started = started
        self._last = ("", 0.0)

    def at(self, stage: str, what: str = "", done: int = 0, total: int = 0, within: float | None = None) -> None:
        """Say what is being done now: the `done`-th of `total`, of which the share `within` lies behind.

        Steps that follow each other too quickly are left out.
        """
        now = time.monotonic()
        if stage == self._last[0] and now - self._last[1] < PAUSE_SECONDS:
            return
        self._last = (stage, now)
        share = max(done - 1, 0) / max(total, 1) if within is None else within
        step = Step(stage, what, done, total, share, now - self._started)
        # Nobody loses anything when it cannot be written.
        with suppress(OSError):
            partial = self._file.with_name(FILE + ".partial")
            partial.write_text(json.dumps(asdict(step)), encoding="utf-8")
            os.replace(partial, self._file)
        self._tell(step)

    def over(self) -> None:
        """Publishing is over."""
        self._file.unlink(missing_ok=True)


def under_way(data: Path) -> Step | None:
    """How far publishing of a data folder is, whoever does it; None when nobody publishes."""
    folder = snapshot.published(data)
    try:
        step = Step(**json.loads((folder / FILE).read_text(encoding="utf-8")))
        with (folder / LOCK).open() as stream:
            # A publisher that was killed leaves its file, but not its lock.
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return step if step.stage in STAGES else None
    except (OSError, ValueError, TypeError):
        return None
    return None


def printer(stream: TextIO = sys.stderr) -> Telling:
    """Tells steps to a person: a bar on a terminal, plain lines in a log."""
    return _bar(stream) if stream.isatty() else _lines(stream)


def _bar(stream: TextIO) -> Telling:
    def tell(step: Step) -> None:
        filled = round(BAR * step.share)
        said = f"{step.share:4.0%} {'█' * filled}{'░' * (BAR - filled)} {step.told('en')}"
        print(f"\r\033[K{_fitting(said, _columns(stream) - 1)}", end="", file=stream, flush=True)

    return tell


def _columns(stream: TextIO) -> int:
    """How many letters stand side by side on a terminal."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or USUAL_COLUMNS
    except (OSError, ValueError):
        return USUAL_COLUMNS


def _fitting(text: str, columns: int) -> str:
    """The beginning of a text that fits on a line: of one that breaks, only the last line could be taken off again."""
    for at, sign in enumerate(text):
        columns -= 2 if east_asian_width(sign) in "WF" else 1
        if columns < 0:
            return text[:at]
    return text


def _lines(stream: TextIO) -> Telling:
    stage, at = "", time.monotonic()

    def tell(step: Step) -> None:
        nonlocal stage, at
        now = time.monotonic()
        # What is over within some seconds needs no log.
        if step.seconds < SURE_SECONDS or (step.stage == stage and now - at < LOG_SECONDS):
            return
        stage, at = step.stage, now
        print(f"{step.share:4.0%} {step.told('en')}", file=stream, flush=True)

    return tell


def cleared(stream: TextIO = sys.stderr) -> None:
    """Take the bar off a terminal, so that the report begins on a line of its own."""
    if stream.isatty():
        print("\r\033[K", end="", file=stream, flush=True)
