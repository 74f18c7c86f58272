"""Watching the exports: publish at start and whenever they change, in a process of its own.

The web process never reads an export; a file that harms the reader ends the publishing process only.
"""

import subprocess
import sys
import threading
import time
from pathlib import Path

from cx import publish, settings, snapshot
from cx.errors import CxError

PAUSE_SECONDS = 5.0
"""How often the folder is looked at."""

SETTLED_SECONDS = 2.0
"""A folder that changed less than this ago may still be being written; it is looked at again first."""


class Watch:
    """A thread that publishes a data folder when it changed; `running` and `error` say how it stands."""

    def __init__(self, data: Path, queries: tuple[Path, ...], given_queries: Path | None) -> None:
        self.data = data
        self.queries = queries
        self.given_queries = given_queries
        self.running = True
        self.error = ""
        self._published = ""
        held = self._current()
        if held:
            self._published = held.state
        threading.Thread(target=self._watch, daemon=True).start()

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
            if state == self._published:
                return
            self.running = True
            if snapshot.current_id(self.data) and self._published:
                time.sleep(SETTLED_SECONDS)
                if publish.state(self.data, self.queries) != state:
                    return
            self.error = self._publish()
            self._published = state
        except (OSError, CxError) as error:
            self.error = str(error)
        finally:
            self.running = False

    def _publish(self) -> str:
        """Run the command and return what went wrong, or an empty text."""
        command = [sys.executable, "-m", "cx", "publish", "--quiet", "--data", str(self.data)]
        if self.given_queries:
            command += ["--queries", str(self.given_queries)]
        done = subprocess.run(  # noqa: S603 - our own command, no shell
            command,
            cwd=settings.PROJECT,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode == 0:
            return ""
        lines = [line for line in done.stderr.splitlines() if line.startswith("cx:") or line.strip().startswith("→")]
        return "\n".join(lines).removeprefix("cx: ") or "Publishing ended without a word."
