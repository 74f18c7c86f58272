"""Recall: what the snapshot before knows of each export file.

An unchanged file is not read again, and one that is damaged now goes on with the rows it had.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from cx import contract, snapshot
from cx.catalog import Source
from cx.intake import NAMES_ITS_ZONE, File, Intake
from cx.publish.part_files import PartFiles
from cx.publish.run import Run

FILE_NAME = re.compile(r"\bfilename\b", re.IGNORECASE)
"""What a source calls the name of a file."""


class Recall:
    """The snapshot before, asked about the files of today."""

    def __init__(self, run: Run, previous: snapshot.Snapshot | None) -> None:
        self.previous = previous
        self._run = run
        self._known = {
            (entry["file"], entry["source"], entry["table"]): dict(entry)
            for entry in (previous.files if previous else ())
        }
        self._rules: dict[tuple[str, str], str] = {}

    def before(self, file: File) -> dict[str, Any] | None:
        """What was known of a file at the last publishing; None where it is new."""
        return self._known.get((file.shown, file.source_name, file.table))

    def same(self, file: File) -> bool:
        """Whether a file is what it was at the last publishing."""
        before = self.before(file)
        return bool(before and before["digest"] == file.digest)

    def input(self, file: File) -> str:
        """Names the rows that a file gives: its source, its rules and its bytes, or those it goes on with.

        Where the source takes something from the file's name, the same bytes under another name are other rows.
        """
        before = self.before(file)
        if file.state == "kept" and before:
            return str(before["input"])
        named = f":{file.shown}" if file.source and FILE_NAME.search(file.source.text) else ""
        return f"{file.source_name}:{self._digest_of_rules(file.table, file.source)}:{file.digest}{named}"

    def take_over(self, files: Iterable[File]) -> None:
        """Take over what is known of unchanged files, so that they are not read again."""
        for file in files:
            before = self.before(file)
            if file.state != "new" or self._run.again or not before or before.get("input") != self.input(file):
                continue
            # What is kept of a file that was damaged, or of a source that was broken, says nothing of it as it is now.
            if before.get("passing") or before["state"] == "kept":
                continue
            file.state, file.reason, file.hint = before["state"], before["reason"], before["hint"]
            for name in ("read", "kept", "months", "problems", "notes", "first", "last", "empty", "given", "header"):
                setattr(file, name, before.get(name, getattr(file, name)))

    def keep_last_good(self, files: Iterable[File]) -> None:
        """Let a file that was good and is now damaged go on with the rows it had."""
        for file in files:
            before = self.before(file)
            if (
                file.state in ("refused", "waiting")
                and before
                and before["state"] in ("published", "kept")
                and before["months"]
            ):
                file.state = "kept"
                file.months, file.kept = before["months"], before["kept"]
                file.first, file.last, file.given = before["first"], before["last"], before["given"]
                file.notes = [*file.notes, "The rows it had before are still shown."]

    def open_rows(self, files: Iterable[File], intake: Intake, part_files: PartFiles) -> None:
        """Open files whose rows are needed: their own, or those they go on with."""
        for file in files:
            if file.state == "published":
                intake.open_again(file)
                intake.gather(file)
            elif self.previous is not None:
                old = [part for part in self.previous.parts.get(file.table, ()) if part.month in file.months]
                for part in old:
                    part_files.attach(part.name)
                intake.carry_over(file, [(part.name, part.columns) for part in old])

    def _digest_of_rules(self, table: str, source: Source | None) -> str:
        """A digest of every rule that shapes the rows of a table."""
        key = (table, source.name if source else "")
        if key not in self._rules:
            asked = [metric for metric in self._run.metrics.values() if metric.table == table == "responses"]
            scales = {metric.answers: metric.scale for metric in asked}
            rules = [
                snapshot.FORMAT,
                repr(contract.TABLES[table]),
                self._run.settings.time_zone,
                self._run.settings.export_time_zone,
                NAMES_ITS_ZONE,
                self._run.masking,
                source.digest if source else "",
                sorted((name, scale) for name, scale in scales.items()),
                [(name, sorted(self._run.settings.value_labels[name])) for name in self._run.settings.segments_known],
            ]
            self._rules[key] = hashlib.sha256(json.dumps(rules, default=str).encode()).hexdigest()[:12]
        return self._rules[key]
