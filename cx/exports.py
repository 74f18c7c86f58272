"""Watching the exports: publish at start and whenever they change, in a process of its own.

The web process never reads an export; a file that harms the reader ends the publishing process only.
"""

import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

from cx import publish, settings, snapshot
from cx.errors import CxError
from cx.publish import admission, half_days, listing

PAUSE_SECONDS = 5.0
"""How often the folder is looked at."""

PATIENCE_SECONDS = 60.0
"""A folder that never keeps still is published after this all the same, without the file that is being written."""


class Watch:
    """A thread that publishes a data folder when it changed; `running` and `error` say how it stands."""

    def __init__(self, data: Path, queries: tuple[Path, ...], given_queries: Path | None) -> None:
        self.data = data
        self.queries = queries
        self.given_queries = given_queries
        self.running = True
        self.error = ""
        self._published = ""
        self._restless_since = 0.0
        self._held: tuple[date, ...] = ()
        self._released = False
        held = self._current()
        if held:
            self._published = held.state
            self._note_held()
        threading.Thread(target=self._watch, daemon=True).start()

    def release(self) -> None:
        """Publish the days that are held at the next look, as they are."""
        self._released = True

    def _current(self) -> snapshot.Snapshot | None:
        try:
            return snapshot.current(self.data)
        except CxError:
            return None

    def _watch(self) -> None:
        while True:
            self._look()
            time.sleep(PAUSE_SECONDS)

    def _look(self) -> None:
        """Publish if the folder differs from what was last published and has stopped changing."""
        try:
            state = publish.state(self.data, self.queries)
            if state == self._published and not (self._overdue() or self._released):
                self._restless_since = 0.0
                return
            self.running = True
            if snapshot.current_id(self.data) and self._published:
                self._restless_since = self._restless_since or time.monotonic()
                time.sleep(listing.SETTLED_SECONDS)
                patient = time.monotonic() - self._restless_since < PATIENCE_SECONDS
                if patient and publish.state(self.data, self.queries) != state:
                    return
            self._restless_since = 0.0
            self._held = ()
            self.error = self._publish()
            self._released = False
            self._published = state
            self._note_held()
        except (OSError, CxError) as error:
            self.error = str(error)
        finally:
            self.running = False

    def _note_held(self) -> None:
        held = None if self.error else self._current()
        self._held = tuple(date.fromisoformat(one["day"]) for one in held.held) if held else ()

    def _overdue(self) -> bool:
        """Whether a day that is held was held long enough."""
        return any(date.today() - day > half_days.HELD_FOR for day in self._held)

    def _publish(self) -> str:
        """Run the command and return what went wrong, or an empty text."""
        command = [sys.executable, "-m", "cx", "publish", "--quiet", "--data", str(self.data)]
        if self.given_queries:
            command += ["--queries", str(self.given_queries)]
        if self._released:
            command += ["--release"]
        for _ in range(admission.MOST_ENDS + 1):
            done = subprocess.run(  # noqa: S603 - our own command, no shell
                command,
                cwd=settings.PROJECT,
                capture_output=True,
                text=True,
                check=False,
                stdin=subprocess.DEVNULL,
            )
            # A file on which the process ends again and again is left out then.
            if done.returncode >= 0:
                break
        if done.returncode == 0:
            return ""
        lines = [line for line in done.stderr.splitlines() if line.startswith("cx:") or line.strip().startswith("→")]
        return "\n".join(lines).removeprefix("cx: ") or "Publishing ended without a word."
