"""Purging: erased customers taken out of every kept snapshot, so that no byte of what is published holds them.

Whom the list of erasures names is told by `cx/erasure.py`. A snapshot that may hold one of them is written again
without them and takes the old one's place.
"""

import hashlib
import shutil
from collections.abc import Mapping
from typing import Any

import duckdb

from cx import contract, erasure, snapshot
from cx.cursors import Cursors
from cx.errors import DataError
from cx.intake import ERASED, Intake
from cx.publish import manifest, moved
from cx.publish.derivation import Derivation
from cx.publish.dictionaries import Dictionaries
from cx.publish.part_files import PartFiles, Parts
from cx.publish.run import Run
from cx.quoting import literal, quoted
from cx.rollups import durable


class Purge:
    """Takes the erased customers of one run out of what is published already."""

    def __init__(self, run: Run, cursors: Cursors, intake: Intake, part_files: PartFiles) -> None:
        self._run = run
        self._cursors = cursors
        self._intake = intake
        self._part_files = part_files
        self._digest = erasure.digest(run.customers)
        self._known: dict[str, dict[str, Any]] = {}
        """The parts looked through so far, by name, as manifests describe what became of them."""
        self.erased: dict[str, int] = {}
        """Per table, how many rows it took out of the snapshot being served."""

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection of this thread."""
        return self._part_files.connection

    def purge(self, previous: snapshot.Snapshot | None) -> tuple[snapshot.Snapshot | None, Dictionaries]:
        """Write kept snapshots again without erased customers, and let nothing read from here on bring them back.

        Returns what to go on from in place of the snapshot before.
        """
        self._intake.erase(self._run.customers)
        serving = snapshot.current_id(self._run.data)
        names = snapshot.identities(self._run.data)
        for number, name in enumerate(names, 1):
            self._run.course.at("erasing", "", number, len(names))
            try:
                found = snapshot.manifest_of(self._run.data, name)
                if found["erased"] != self._digest:
                    self._rewrite(name, found, serving=name == serving)
            except (DataError, duckdb.Error, OSError, ValueError, LookupError, TypeError, AttributeError):
                # What cannot be read cannot be looked through either; the one being served goes when another is.
                if name != serving:
                    shutil.rmtree(self._run.folder / name, ignore_errors=True)
                else:
                    previous = None
        snapshot.prune(self._run.data)
        previous = snapshot.current(self._run.data) if previous else None
        dictionaries = Dictionaries(previous, self._run.masking)
        if previous and self._named_in(dictionaries, previous):
            # Codes are for ever, so everything is made anew from the exports, with dictionaries of its own.
            return None, Dictionaries(None, self._run.masking)
        return previous, dictionaries

    def forget(self, lineage: str) -> None:
        """Remove every snapshot that may still hold an erased customer, with the parts that only it names.

        `lineage` is that of the dictionaries from which they are gone.
        """
        for name in snapshot.identities(self._run.data):
            try:
                found = snapshot.manifest_of(self._run.data, name)
                clean = found["erased"] == self._digest and found["lineage"] == lineage
            except (OSError, ValueError, LookupError, TypeError):
                clean = False
            if not clean and name != snapshot.current_id(self._run.data):
                shutil.rmtree(self._run.folder / name, ignore_errors=True)
        snapshot.prune(self._run.data)

    def _rewrite(self, name: str, made: dict[str, Any], *, serving: bool) -> None:
        """Put a snapshot without the erased customers in the place of one that may hold them."""
        before = snapshot.open_snapshot(self._run.data, name)
        parts: Parts = {}
        for table, entries in made["parts"].items():
            for entry in entries:
                if entry["name"] not in self._known:
                    self._known[entry["name"]] = self._part_without(table, entry)
                kept = self._known[entry["name"]]
                parts[table] = [*parts.get(table, []), kept]
                if serving and kept["rows"] < entry["rows"]:
                    self.erased[table] = self.erased.get(table, 0) + entry["rows"] - kept["rows"]
        segments, values = manifest.filters(parts, self._part_files.counted(parts))
        stamp = name.rpartition("-")[0]
        digest = hashlib.sha256(f"{name} {self._digest}".encode()).hexdigest()[:10]
        made |= {
            "id": f"{stamp}-{digest}",
            "parts": parts,
            "segments": segments,
            "values": values,
            "erased": self._digest,
            "files": [self._scrubbed(entry) for entry in made["files"]],
        }
        target = self._run.folder / made["id"]
        target.mkdir(exist_ok=True)
        if before.days_file.exists():
            shutil.copyfile(before.days_file, target / before.days_file.name)
        if before.aside_file.exists():
            named = f"exists (select 1 from {ERASED} where contains(value, id))"
            self.connection.execute(
                f"copy (select * replace (case when {named} then '' else value end as value) "
                f"from read_parquet({literal(str(before.aside_file))})) "
                f"to {literal(str(target / before.aside_file.name))}"
            )
        # What cannot be measured on an old snapshot may be on the new one: each has a derivation of its own.
        derivation, said = Derivation(self._run, self._cursors), made.get("broken", {})
        derivation.add_rollups(made, target, before, stage="erasing", compact=True)
        derivation.add_texts(made, target, before, stage="erasing")
        made["broken"] = {**said, **made["broken"]}
        snapshot.keep(self._run.data, made)
        if serving:
            snapshot.serve(self._run.data, made["id"])
        shutil.rmtree(before.folder, ignore_errors=True)

    def _part_without(self, table: str, entry: dict[str, Any]) -> dict[str, Any]:
        """Write a part without the erased customers and describe it; a part that holds none of them stays as it is."""
        if "customer_id" not in entry["columns"]:
            return entry
        self._part_files.attach(entry["name"])
        old = quoted(entry["name"])
        found = self.connection.execute(
            f"select count(*) from {old}.rows where customer_id in (select id from {ERASED})"
        ).fetchone()
        if not found or not found[0]:
            return entry
        digest = hashlib.sha256(f"{entry['name']} {self._digest}".encode()).hexdigest()[:12]
        name = f"{table}-{entry['month']}-{digest}"
        unfinished = self._run.work / f"{name}.duckdb"
        unfinished.unlink(missing_ok=True)
        coded = [column for column, kind in entry["columns"].items() if kind == "ENUM"]
        self.connection.execute(f"attach {literal(str(unfinished))} as part")
        try:
            self.connection.execute(
                f"create table part.rows as select * from {old}.rows "
                f"where not coalesce(customer_id in (select id from {ERASED}), false)"
            )
            left = entry["rows"] - found[0]
            self._part_files.note_facts("part", contract.TABLES[table], coded, left + entry["replaced"])
            moved.note_identities(self.connection, "part", contract.TABLES[table], [*entry["columns"]])
        finally:
            self.connection.execute("detach part")
        durable(unfinished, self._part_files.path(name))
        return self._part_files.describe(name, entry["month"], entry["inputs"])

    def _scrubbed(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """What a manifest keeps of a file, without an erased customer as the example of a problem."""
        problems = [
            problem | {"value": ""} if any(one in str(problem["value"]) for one in self._run.customers) else problem
            for problem in entry["problems"]
        ]
        return {**entry, "problems": problems}

    def _named_in(self, dictionaries: Dictionaries, previous: snapshot.Snapshot) -> bool:
        """Whether an erased customer's name is a segment value too that only they had."""
        named = {row[0] for row in self.connection.execute(f"select id from {ERASED}").fetchall()}
        left = {value for values in previous.values.values() for value in values}
        return any(value in named and value not in left for values in dictionaries.codes.values() for value in values)
