"""Derivation: what is made of a snapshot's parts, its sums and its texts, by the metrics that can be measured on them.

A mistake in one metric's file harms no other metric: it is set aside, and the manifest says why.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from cx import rollups, scope, texts, tokens
from cx.catalog import Metric
from cx.cursors import Cursors
from cx.errors import CxError, explain
from cx.publish import manifest
from cx.publish.dictionaries import type_of
from cx.publish.run import Run
from cx.quoting import quoted
from cx.snapshot import MANY_UNREAD, Snapshot

Unusable = Mapping[str, tuple[str, CxError]]
"""Metrics and sources (`metrics/nps`) that cannot be used, with their digests, and what is wrong with each."""


class Derivation:
    """Puts into manifests what is made of their parts; what is wrong with a metric holds for the rest of a run."""

    def __init__(self, run: Run, cursors: Cursors) -> None:
        self._run = run
        self._cursors = cursors
        self._sound = dict(run.metrics)
        self._broken: dict[str, tuple[str, CxError]] = {}

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection of this thread."""
        return self._cursors.own

    @property
    def sound(self) -> Mapping[str, Metric]:
        """The metrics that can be measured on what is published."""
        return self._sound

    @property
    def broken(self) -> Unusable:
        """What cannot be used, as far as it is known."""
        return self._broken

    def mentioned(self) -> set[tuple[str, tuple[str, ...]]]:
        """The sets of columns that questions mention together, for rollups made to measure."""
        found = set()
        for question in self._run.catalog.questions().values():
            for table in question.reading.tables:
                name, _, _ = scope.twin(table)
                if name in ("scores", "ratings"):
                    found.add((name, tuple(sorted(question.reading.columns))))
        return found

    def leave_out_unmeasurable(
        self, segments: Mapping[str, Mapping[str, int]], sources: Unusable, before: Unusable
    ) -> None:
        """Set aside the metrics whose SQL names what no answer has.

        `sources` are those that turned out broken in this run, `before` is what the snapshot before knows.
        """
        # Files that did not change are not read again; what is wrong with their source still is.
        digests = {f"sources/{name}": source.digest for name, source in self._run.catalog.sources().items()}
        self._broken = {name: found for name, found in before.items() if digests.get(name) == found[0]}
        self._broken |= sources
        for metric in self._run.metrics.values():
            answers = scope.no_answers(metric, segments)
            statement = f"with answers as ({answers})\n{metric.text}\nlimit 0"
            try:
                self.connection.execute(f"select x::double from (\n{statement}\n)")
            except duckdb.Error as error:
                found = [row[0] for row in self.connection.execute(f"describe {answers}").fetchall()]
                self._set_aside(
                    metric,
                    explain(
                        str(error),
                        f"select x::double from (\n{statement}\n)",
                        file=metric.file,
                        text=metric.text,
                        columns=found,
                    ),
                )

    def add_rollups(
        self,
        made: dict[str, Any],
        target: Path,
        previous: Snapshot | None,
        *,
        stage: str = "",
        compact: bool = False,
    ) -> None:
        """Make all sums of a snapshot, and what judging needs to know of its answers, and put them into its manifest.

        What `previous` has is not made again; with `compact` nothing that was taken out stays in the file.
        """
        draft = manifest.draft(made, target)
        for column, values in draft.codes.items():
            if values:
                self.connection.execute(f"create or replace type {quoted(f'code_{column}')} as {type_of(values)}")

        def builder_of_sums() -> rollups.Builder:
            return rollups.Builder(
                self._cursors,
                draft,
                previous,
                self._sound,
                self.mentioned(),
                brand=self._run.settings.brand,
                lineage=draft.lineage,
                work=self._run.work,
                tell=lambda own, what, done, total: self._run.course.at(stage or own, what, done, total),
            )

        builder = builder_of_sums()
        while True:
            try:
                sums = builder.sums()
                break
            except rollups.Unmeasurable as error:
                for name, problem in error.found.items():
                    self._set_aside(self._run.metrics[name], problem)
                builder = builder_of_sums()
        made["broken"] = {name: (digest, error.told()) for name, (digest, error) in self._broken.items()}
        found = builder.rollups(sums, compact=compact)
        made |= rollups.entries(sums, found)
        made["design_effects"] = builder.design_effects()
        made["breaks"] = [
            {"metric": name, "survey": survey, "day": day.isoformat()} for name, survey, day in builder.breaks()
        ]
        made["choices"] = builder.choices
        made["panel"] = builder.one_in
        made["measures"] = builder.measures
        builder.close()

    def make_ready(self, previous: Snapshot | None) -> None:
        """Load what Korean texts need before anything is read, where some of the last were Korean."""
        if previous and texts.some_korean(self.connection, previous):
            tokens.load_ahead()

    def add_texts(self, made: dict[str, Any], target: Path, previous: Snapshot | None, *, stage: str = "words") -> None:
        """Take apart the texts of a snapshot, and put them and the themes they may carry into its manifest."""
        builder = texts.Builder(
            self.connection,
            manifest.draft(made, target),
            previous,
            self._sound,
            self._run.catalog.folders,
            self._run.settings,
            work=self._run.work,
            tell=lambda what, done, total: self._run.course.at(stage, what, done, total),
        )
        made["texts"] = texts.entries(builder.texts())
        made["labels"] = {**made["labels"], "theme": builder.labels}
        said = [f"A theme file is not used: {problem}" for problem in builder.problems]
        if not builder.tokeniser.korean and any(one["rows"] for one in made["texts"]):
            said.append(
                "Korean words are found as they are written, without their particles: "
                "install kiwipiepy to find all forms."
            )
        total, unread = (sum(one[count] for one in made["texts"]) for count in ("rows", "unread"))
        if unread and unread >= MANY_UNREAD * total:
            said.append(
                f"Texts that seem to be in a language other than Korean and English: {unread:,} of {total:,}. "
                "Their themes are not read, and only a score tells how they judge."
            )
        made["notes"] = list(dict.fromkeys([*made["notes"], *said]))

    def _set_aside(self, metric: Metric, error: CxError) -> None:
        self._broken[f"metrics/{metric.name}"] = (metric.digest, error)
        self._sound = {name: other for name, other in self._sound.items() if name != metric.name}
