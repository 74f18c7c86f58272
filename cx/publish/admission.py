"""Admission: new export files, opened and judged, some at the same time.

A note of what is being read outlives the process, so that a file on which it ends again and again is read no more.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from cx import checksums
from cx.intake import File, Intake
from cx.publish.run import Run

READING = "reading"
"""The note of what is being read."""
MOST_ENDS = 2
"""A file on which the process that read it ended so often is read no more."""

Checked = frozenset[tuple[str, str]]
"""The files that were judged in this run, by name and source."""


class Admission:
    """Lets new files in, or says why not."""

    def __init__(self, run: Run, intake: Intake) -> None:
        self._run = run
        self._intake = intake
        self._noting = threading.Lock()
        self._reading: dict[str, list[Any] | None] = {}
        self._left = _left_reading(run.folder)

    def admit(self, files: Sequence[File], failed: Mapping[str, str]) -> Checked:
        """Judge new files and return those that were.

        Those over which an earlier attempt broke off (`failed`, with the reason) are refused, and those over which the
        process ended once come first, each alone.
        """
        for file in files:
            if failed.get(file.shown):
                file.state, file.reason, file.hint = "refused", failed[file.shown], checksums.AGAIN
            elif self._ends(file) >= MOST_ENDS:
                file.state, file.reason = "refused", "The process ended over it twice, perhaps for want of memory."
                file.hint = "Export it in smaller files. `python -m cx publish --again` tries it once more."
        unread = [file for file in files if file.state == "new"]
        for file in unread:
            if self._ends(file):
                self._check(file)
        at_once = [file for file in unread if not self._ends(file)]
        tasks = [(file.shown, partial(self._check, file)) for file in at_once]
        self._run.at_once("reading", tasks, [_weight(file) for file in at_once])
        return frozenset((file.shown, file.source_name) for file in unread)

    def _check(self, file: File) -> None:
        """Judge one file; a note of it meanwhile tells the next process over what this one ended."""
        self._note({file.shown: [file.digest, self._ends(file)]})
        self._intake.check(file)
        if file.state == "published":
            self._intake.gather(file)
        self._note({file.shown: None})

    def _note(self, changed: Mapping[str, list[Any] | None]) -> None:
        with self._noting:
            self._reading = {name: told for name, told in {**self._reading, **changed}.items() if told}
            (self._run.folder / READING).write_text(json.dumps(self._reading), encoding="utf-8")

    def _ends(self, file: File) -> int:
        """How often in a row the process ended while it read a file."""
        digest, ends = self._left.get(file.shown, ("", 0))
        return int(ends) + 1 if digest == file.digest and not self._run.again else 0


def _left_reading(folder: Path) -> dict[str, list[Any]]:
    """What the last process was reading when it ended, with digests and how often it had ended before."""
    try:
        left = json.loads((folder / READING).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return left if isinstance(left, dict) else {}


def forget_reading(folder: Path) -> None:
    """Nothing is being read any more."""
    (folder / READING).unlink(missing_ok=True)


def _weight(file: File) -> int:
    """About how long a file takes to read: its size, and opening it at all."""
    return (file.stat[0] if file.stat else 0) + 100_000
