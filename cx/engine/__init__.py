"""The engine: a question, a scope, filters and parameters in; a finished answer out.

It builds one statement (the scope's tables as a `with` list of bound values, then the question's own
text, wrapped), runs it in the scope's worker process under a row cap and a time limit, and lets
`cx.figures` judge the sums. DuckDB's errors become ours here and nowhere else.
"""

import os
import re
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cx import evidence, figures, naming, privacy, scope, settings, snapshot
from cx.catalog import (
    ALIASES,
    PANEL,
    PERIOD_PARAMETERS,
    QUESTION_TABLES,
    SINGLE,
    SPOKEN,
    TIMED,
    Catalog,
    Parameter,
    Question,
)
from cx.engine import given
from cx.engine.remembered import Remembered
from cx.errors import CxError, DataError, QueryError, QueryFileError, SettingsError, defect, explain, marked, nearest
from cx.estimates import Columns
from cx.evidence import Evidence
from cx.figures import Answer, Circumstances
from cx.periods import comparison
from cx.quoting import quoted
from cx.scope import NO_VALUE, Filters, Scope
from cx.settings import Minimum, Settings
from cx.snapshot import Snapshot
from cx.workers.process import StatementFailed, Worker, WorkerGone

ROW_CAP = 5_000
"""Rows a question may return to a page: more than any chart can show."""

MOST_ROWS = 100_000
"""Rows of an answer of which all are wanted though none is drawn: every value of every dimension, of each metric."""

SECONDS = 20.0
"""How long one question may take."""

PRIVATE = frozenset(("scores", *scope.UNITED, "responses", PANEL, SINGLE, *SPOKEN))
"""Tables that hold what single people answered; public reviews need no privacy."""

PEOPLE_DAYS = 90
"""Up to so many days the people behind a figure are counted one by one where a privacy minimum asks for it."""

MONTHLY = re.compile(r'"(?:sums-|texts-)?(?:responses|reviews|invitations|events)-\d{4}-\d{2}-')
"""Names the files of single months; a text of an author's that looks alike costs no more than the larger worker."""

WIDER = 20
"""By how much more answers are looked through where those drawn from held too few of what is wanted."""

REMEMBERED = 400
"""Answers kept in memory, of so many times ROW_CAP rows together."""

PASSED_ON = 40
"""Of so many questions whose rows another one passes on, these are kept as they are not judged yet."""


class Engine:
    """Answers questions over one data folder. Safe to share between threads."""

    def __init__(self, data: Path, queries: tuple[Path, ...], *, seconds: float = SECONDS) -> None:
        self.data = data
        self.queries = queries
        self.seconds = _seconds(os.environ.get("CX_SECONDS", ""), seconds)
        self.catalog = Catalog(queries)
        self._workers: dict[str, Worker] = {}
        self._starting = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._settings: tuple[float, Settings] | None = None
        self._goals: tuple[str, dict[str, float]] = ("", {})
        self._below: tuple[str, dict[str, list[str]]] = ("", {})
        self._listed: dict[tuple[str, str, str], tuple[str, ...]] = {}
        self._answers: Remembered[Answer] = Remembered(
            REMEMBERED, lambda answer: len(answer.frame), REMEMBERED * ROW_CAP
        )
        self._passed_on: Remembered[tuple[Any, float]] = Remembered(
            PASSED_ON, lambda answered: int(answered[0].num_rows), PASSED_ON * ROW_CAP
        )
        self._good: dict[str, Question] = {}

    @property
    def settings(self) -> Settings:
        """The data folder's `cx.toml`, re-read when it changed."""
        return self._look()

    def _look(self) -> Settings:
        try:
            changed = os.stat(self.data / "cx.toml").st_mtime
        except FileNotFoundError:
            changed = 0.0
        if self._settings is None or self._settings[0] != changed:
            self._settings = (changed, settings.load(self.data))
        return self._settings[1]

    @property
    def _about(self) -> Settings:
        """The settings as last looked at, which whoever begins a run does by asking for its snapshot.

        Each look lets go of the interpreter, and waits for it while other questions of a page hold it.
        """
        return self._settings[1] if self._settings else self._look()

    def snapshot(self) -> Snapshot:
        """The snapshot being served now, by the settings of now; DataError when nothing was published yet."""
        self._look()
        identity = snapshot.current_id(self.data)
        held = self._snapshot
        if held is None or held.id != identity:
            found = snapshot.current(self.data)
            if found is None:
                raise DataError(
                    f"Nothing has been published from {self.data} yet.",
                    "Run `python -m cx publish`, or start the dashboard.",
                )
            held = self._snapshot = found
            self.catalog.refuse(found.broken)
        return held

    def targets(self, held: Snapshot) -> dict[str, float]:
        """The figure each metric should reach: rows of the targets export over those of cx.toml."""
        return dict(self._about.targets) | self._exported_targets(held)

    def _exported_targets(self, held: Snapshot) -> dict[str, float]:
        """The rows of the targets export that hold today, asked once per snapshot."""
        known, goals = self._goals
        if known == held.id:
            return goals
        goals = {}
        if held.has("targets") and held.as_of:
            goal_rows = scope.rows(held, "targets", frozenset(("metric", "value", "from", "to")))
            statement = (
                f"select metric, value from ({goal_rows}) "
                'where coalesce("from", $day) <= $day and coalesce("to", $day) >= $day order by "from" nulls first'
            )
            table, _ = self.run(held, statement, {"day": held.as_of})
            goals = {row["metric"]: row["value"] for row in table.to_pylist()}
        self._goals = (held.id, goals)
        return goals

    def answer(
        self,
        name: str,
        filters: Filters,
        params: Mapping[str, Any] | None = None,
        *,
        held: Snapshot | None = None,
        viewer: Scope | None = None,
        row_cap: int = ROW_CAP,
    ) -> Answer:
        """Answer a question by name; the same answer is computed once and shared.

        `held` pins a snapshot for a whole page run; files that changed are then read by whoever began the run, so
        that all its answers come from the same ones. Raises QueryFileError for a broken file,
        QueryError for wrong parameters, a failing statement or one that takes too long.
        """
        if held is None:
            self.catalog.refresh()
            held = self.snapshot()
        question = self.catalog.question(name)
        viewer = viewer or Scope()
        about = self._about
        key = (
            held.id,
            viewer,
            tuple(step.digest for step in (*self.catalog.chain(question), question)),
            tuple(metric.digest for metric in self.catalog.metrics().values()),
            filters,
            tuple(sorted(question.values(_asked(question, filters, params)).items())),
            about.brand,
            tuple(sorted(about.targets.items())),
            repr(about.privacy),
            repr(about.aliases),
            row_cap,
            name,
        )

        def answered() -> Answer:
            found = self.ask(question, filters, params, held=held, viewer=viewer, row_cap=row_cap)
            self._good[name] = question
            return found

        return self._answers.get(key, answered)

    def forget(self) -> None:
        """Forget all answers, so that each is worked out again."""
        self._answers.clear()
        self._passed_on.clear()

    def last_good(self, name: str) -> Question | None:
        """The question as it stood when it last answered: what is shown while its file is broken."""
        return self._good.get(name)

    def behind(
        self,
        name: str,
        filters: Filters,
        params: Mapping[str, Any] | None = None,
        row: Mapping[str, Any] | None = None,
        *,
        metric: str = "",
        scores: tuple[float, float] | None = None,
        held: Snapshot | None = None,
        viewer: Scope | None = None,
        **wanted: Any,
    ) -> tuple[Evidence, Answer] | None:
        """Single answers behind one row of a question's answer, or behind all of it where `row` is None.

        `metric` is the one that is looked at where the question has several, `scores` are the lowest and highest score
        that the row's mark is about, `wanted` further parameters of `voice/behind`. Where the answers found for the
        row are not as many as its own n, those of the whole are returned,
        which the evidence then says. None where no answers of one metric stand behind the question.
        """
        if held is None:
            self.catalog.refresh()
            held = self.snapshot()
        question = self.catalog.question(name)
        asked = self._as_asked(question, filters, question.values(_asked(question, filters, params)), held, metric)
        for found in evidence.of_figure(asked, row, scores):
            first = self._drawn(found, held, viewer, {})
            base = int(first.facts["base"])
            if not found.whole and "hidden" not in first.facts and base != found.n:
                continue
            return found, self._drawn(found, held, viewer, wanted, base) if wanted else first
        return None

    def most_behind(self, question: Question, filters: Filters, row: Mapping[str, Any]) -> int | None:
        """The most answers that can stand behind a row of a question's answer, of all metrics where it names none.

        None where no answers do, or so few that they are hidden.
        """
        held = self.snapshot()
        asked = self._as_asked(question, filters, question.values({}), held)
        metrics = [""]
        if not evidence.of_figure(asked, row):
            metrics = list(
                {one.answers: one.name for one in asked.metrics.values() if one.table == "responses"}.values()
            )
        total: int | None = None
        for metric in metrics:
            found = evidence.of_figure(replace(asked, metric=metric), row)
            facts = [self._drawn(one, held, None, {}).facts for one in [f for f in found if not f.whole] or found]
            if any("hidden" in one for one in facts):
                return None
            if facts:
                total = (total or 0) + max(int(one["base"]) for one in facts)
        return total

    def _as_asked(
        self, question: Question, filters: Filters, given: Mapping[str, Any], held: Snapshot, metric: str = ""
    ) -> evidence.Asked:
        """A question as it was asked, for what stands behind it."""
        tables = self.catalog.tables(question)
        return evidence.Asked(
            question=question,
            tables=tables,
            kept=self._kept(question, given),
            filters=filters,
            params=given,
            held=held,
            metrics=self.catalog.metrics(),
            brand=self._about.brand,
            metric=metric,
            below=self._units(held) if "units" in tables else {},
        )

    def _drawn(
        self, found: Evidence, held: Snapshot, viewer: Scope | None, wanted: Mapping[str, Any], whole: int = 0
    ) -> Answer:
        """The answers asked for, from as many of the `whole` as it takes to find them."""
        question = self.catalog.question(found.question)
        asked = found.params() | dict(wanted)
        params = question.values({name: value for name, value in asked.items() if name in question.params})
        if "pool" in params and params["order"] != "random" and "pool" not in wanted:
            # A lot wants many to draw from; an order only those that come first.
            params["pool"] //= WIDER
        while True:
            drawn = self.answer(found.question, found.filters, params, held=held, viewer=viewer)
            if len(drawn.frame) >= params["take"] or params.get("pool", whole) >= whole:
                return _counted(drawn)
            params["pool"] *= WIDER

    def _units(self, held: Snapshot) -> dict[str, list[str]]:
        """Per unit those directly below it, asked once per snapshot."""
        known, below = self._below
        if known != held.id:
            unit_rows = scope.rows(held, "units", frozenset(("unit_id", "parent_id", "valid_from")))
            table, _ = self.run(held, f"select * from ({unit_rows}) order by valid_from nulls first", {})
            parents = {row["unit_id"]: row["parent_id"] for row in table.to_pylist()}
            below = {}
            for unit, parent in parents.items():
                if parent:
                    below.setdefault(parent, []).append(unit)
            self._below = (held.id, below)
        return below

    def values(self, table: str, column: str) -> tuple[str, ...]:
        """The different texts in a column of all published rows, up to as many as a snapshot lists of any column."""
        held = self.snapshot()
        key = (held.id, table, column)
        if key not in self._listed:
            rows = scope.rows(held, table, frozenset((column,)))
            statement = (
                f"select distinct {quoted(column)} as value from ({rows}) where {quoted(column)} is not null "
                f"limit {scope.MOST_VALUES}"
            )
            found, _ = self.run(held, statement, {})
            self._listed[key] = tuple(found.to_pydict()["value"])
        return self._listed[key]

    def measured(self, filters: Filters) -> list[dict[str, Any]]:
        """The sums of each metric and score: what the metrics' files make of the published answers."""
        held = self.snapshot()
        builder = scope.Builder(held, self.catalog.metrics(), filters, brand=self._about.brand)
        builder.add("scores", frozenset(("metric", "score", *scope.SUMS)), everything=False)
        statement = (
            f"with {', '.join(builder.relations.steps)} "
            "select metric, score, sum(w) as w, sum(wx) as wx, sum(wx2) as wx2 from scores group by all"
        )
        table, _ = self.run(held, statement, builder.relations.named())
        found: list[dict[str, Any]] = table.to_pylist()
        return found

    def choices(
        self, parameter: Parameter, filters: Filters, given: Mapping[str, Any], *, held: Snapshot | None = None
    ) -> tuple[Any, ...]:
        """What a parameter may be: its own choices, or what the question named in `choices_from` returns.

        `given` are the values of the parameters before it; those that the other question has are passed on.
        """
        name, column = parameter.source
        if not name:
            return parameter.choices
        question = self.catalog.question(name)
        passed = {key: value for key, value in given.items() if key in question.params}
        frame = self.answer(name, filters, passed, held=held).frame
        if column not in frame:
            raise QueryError(f"{name} returns no column “{column}”.", nearest(column, map(str, frame.columns)))
        return tuple(dict.fromkeys(value for value in frame[column] if isinstance(value, str)))

    def ask(
        self,
        question: Question,
        filters: Filters,
        params: Mapping[str, Any] | None = None,
        *,
        held: Snapshot | None = None,
        viewer: Scope | None = None,
        row_cap: int = ROW_CAP,
    ) -> Answer:
        """Answer a question object, as `answer` does by name."""
        held = held or self.snapshot()
        given = question.values(_asked(question, filters, params))
        metrics = self.catalog.metrics()
        scope.check(filters, held, metrics)
        _check_split(question, filters, self.catalog.chain(question), held)
        if "metric" in given and given["metric"] not in metrics:
            own = given["metric"] == question.params["metric"].default
            raise QueryError(
                f"There is no metric “{given['metric']}”.",
                nearest(str(given["metric"]), metrics),
                file=question.file if own else "",
                line=question.line_of("metric") if own else 0,
            )
        # An analysis of a part of the rows would be of something else.
        wanted = max(row_cap, MOST_ROWS) if question.analysis else row_cap
        statement, values = self.statement(question, filters, given, held, wanted, viewer)
        source = self.catalog.source(question)
        run = partial(self.run, held, statement, values, viewer or Scope())
        same = (held.id, viewer or Scope(), statement, repr(sorted(values.items())))
        try:
            table, seconds = self._passed_on.get(same, run) if self.catalog.is_passed_on(source) else run()
        except StatementFailed as error:
            raise self._explained(error, source, statement, held) from error
        around = self._circumstances(question, filters, given, held, viewer or Scope())
        finished = self._finished(table.slice(0, wanted), question, given, around)
        truncated = table.num_rows > wanted or len(finished.frame) > row_cap
        frame = finished.frame.head(row_cap)
        return Answer(question, frame, finished.metrics, truncated, seconds, held.id, statement, finished.facts)

    def _explained(self, error: StatementFailed, question: Question, statement: str, held: Snapshot) -> QueryFileError:
        """What DuckDB said, as an error in the question's file."""
        found = explain(
            str(error),
            statement,
            file=question.file,
            text=question.text,
            columns=self._columns(held, question),
            lines=question.reading.lines,
        )
        written = question.text.splitlines()[found.line - 1] if found.line else ""
        several = [name for name, one in question.params.items() if one.multi and f"${name}" in written]
        if several and "cannot be turned into" in found.message:
            found.hint = f"${several[0]} is a list: write `column in ${several[0]}`, without brackets around it."
        return found

    def _finished(
        self, table: Any, question: Question, params: Mapping[str, Any], around: Circumstances
    ) -> figures.Finished:
        """The judged table; what the file may be blamed for is checked before, so that any other failure is ours."""
        try:
            return figures.finish(table, question, self.catalog.metrics(), params, around)
        except CxError as error:
            raise marked(error, question.text) from error.__cause__
        except Exception as error:
            raise defect(f"judging the answer of {question.name}", error) from error

    def _circumstances(
        self, question: Question, filters: Filters, params: Mapping[str, Any], held: Snapshot, viewer: Scope
    ) -> Circumstances:
        """What judging the sums of this answer needs to know."""
        chain = (*self.catalog.chain(question), question)
        named: frozenset[str] = frozenset().union(*(step.reading.columns for step in chain))
        tables = {scope.twin(table)[0] for table in self.catalog.tables(question)}
        period = scope.looking_back(filters.period, question.window)
        split = {"segment": _split(filters.by, question.by), "segment_2": _split(filters.by_2, question.by_2)}
        apart = {*(split[name] for name in split if name in named), *named, *filters.columns()}
        protected = bool(tables & PRIVATE) and not viewer.single_answers
        minimum = self._minimum(filters, held) if protected else Minimum()

        def people(columns: Columns, twin: str) -> np.ndarray | None:
            return self._people(question, filters, params, held, viewer, columns, twin, split)

        # A point of a line holds the answers of its own days only.
        points = "period" in question.reading.outputs and params.get("grain") != "year"
        short = points or period.days <= snapshot.RECENT.days + 1
        surveys = set(dict(filters.where).get("survey", ()))
        breaks: dict[str, tuple[date, ...]] = {}
        for metric, survey, day in held.breaks:
            if not surveys or survey in surveys:
                breaks[metric] = (*breaks.get(metric, ()), day)
        return Circumstances(
            period=period,
            before=filters.before,
            year=comparison(period, "year"),
            breaks=breaks,
            as_of=held.as_of,
            grain=str(params.get("grain", "month")),
            design_effects=held.design_effects.get("recent" if short else "all", {}),
            dimensions=frozenset(apart & set(scope.dimensions(held))),
            minimum=max(minimum.scores, minimum.comments) if tables & set(SPOKEN) else minimum.scores,
            comments=minimum.comments,
            protected=protected,
            people=people,
        )

    def _minimum(self, filters: Filters, held: Snapshot) -> Minimum:
        """The privacy minimums of every survey that may be in the answer."""
        asked = dict(filters.where).get("survey", ())
        named = [survey for survey in asked if survey != NO_VALUE]
        others = not asked or NO_VALUE in asked
        return self._about.privacy.minimum(named or held.values.get("survey", ()), others=others)

    def _people(
        self,
        question: Question,
        filters: Filters,
        params: Mapping[str, Any],
        held: Snapshot,
        viewer: Scope,
        judged: Columns,
        twin: str,
        split: Mapping[str, str],
    ) -> np.ndarray | None:
        """The different people behind each row, or (more) behind all rows of its dimensions, counted exactly.

        A row is told apart by more than dimensions where it has a period, a score, a stage: then people are those of
        its dimensions, which are no fewer. Beyond 90 days answers stand for them.
        """
        if filters.period.days > PEOPLE_DAYS or question.window:
            return None
        tables = {scope.twin(table)[0] for table in self.catalog.tables(question)}
        table = next((name for name in SPOKEN if name in tables), "scores")
        known = (
            {"metric", *scope.dimensions(held)} if table == "scores" else {"brand", "theme", *scope.dimensions(held)}
        )
        known &= {"metric", *scope.columns(held, table)}
        means = {name: split.get(name, name) for name in privacy.keys(judged)}
        means = {name: column for name, column in means.items() if column in known}
        one = "" if "metric" in means or table in SPOKEN else figures.named_metric(question, params)
        builder = scope.Builder(held, self.catalog.metrics(), filters, brand=self._about.brand)
        columns = list(dict.fromkeys([*means.values(), *(["metric"] if one else [])]))
        statement = builder.people(columns, twin, table)
        answered, _ = self.run(held, statement, builder.relations.values, viewer)
        counted = answered.to_pydict()
        people = counted["people"]
        if one:
            people = [number if name == one else 0 for name, number in zip(counted["metric"], people, strict=True)]
        if not means:
            return np.array(float(sum(people)))
        found: dict[tuple[Any, ...], int] = {}
        for *key, number in zip(*(counted[column] for column in means.values()), people, strict=True):
            found[tuple(key)] = found.get(tuple(key), 0) + number
        rows = zip(*(judged[name].tolist() for name in means), strict=True)
        return np.array([found.get(row, 0) for row in rows], float)

    def given(self, question: Question, rows: Mapping[str, Any], params: Mapping[str, Any] | None = None) -> Answer:
        """A question's answer on given rows per table instead of the published ones, judged as always."""
        held = self.snapshot()
        chain = (*self.catalog.chain(question), question)
        columns: frozenset[str] = frozenset().union(*(step.reading.columns for step in chain))
        steps, values = given.relations(self.catalog.tables(question), columns, rows, held)
        asked = question.values(params or {})
        steps += [
            f"{quoted(step.name.rpartition('/')[2])} as not materialized (\n{step.text}\n)" for step in chain[:-1]
        ]
        for step in chain[:-1]:
            values.update(step.values({}))
        values.update(asked)
        named = PERIOD_PARAMETERS & {parameter for step in chain for parameter in step.reading.parameters}
        values.update({name: date(1, 1, 1) if name == "period_from" else date(9999, 12, 31) for name in named})
        prefix = f"with {', '.join(steps)} " if steps else ""
        statement = f"{prefix}select * from (\n{question.text}\n) limit {ROW_CAP}"
        try:
            table, seconds = self.run(held, statement, values)
        except StatementFailed as error:
            raise self._explained(error, question, statement, held) from error
        finished = self._finished(table, question, asked, Circumstances())
        return Answer(question, finished.frame, finished.metrics, False, seconds, held.id, statement, finished.facts)

    def plan(
        self,
        question: Question,
        filters: Filters,
        params: Mapping[str, Any] | None = None,
        *,
        held: Snapshot | None = None,
        viewer: Scope | None = None,
    ) -> str:
        """How DuckDB would answer a question, as its own drawing of the plan."""
        held = held or self.snapshot()
        given = question.values(_asked(question, filters, params))
        statement, values = self.statement(question, filters, given, held, ROW_CAP, viewer)
        try:
            table, _ = self.run(held, f"explain {statement}", values, viewer or Scope())
        except StatementFailed as error:
            raise self._explained(error, question, statement, held) from error
        return "\n".join(str(row.get("explain_value", "")) for row in table.to_pylist())

    def statement(
        self,
        question: Question,
        filters: Filters,
        params: Mapping[str, Any],
        held: Snapshot,
        row_cap: int,
        viewer: Scope | None = None,
    ) -> tuple[str, dict[str, Any]]:
        """The one statement that answers a question, and the values bound in it."""
        entitled = viewer is not None and viewer.single_answers
        chain = (*self.catalog.chain(question), question)
        wanted: frozenset[str] = frozenset().union(*(step.reading.columns for step in chain))
        everything: frozenset[str] = frozenset().union(*(step.reading.everything for step in chain))
        tables = self.catalog.tables(question)
        builder = scope.Builder(
            held,
            self.catalog.metrics(),
            filters,
            brand=self._about.brand,
            targets=self.targets(held) if "metrics" in tables else {},
            aliases=naming.names(held, self._about) if tables & {ALIASES, *SPOKEN} else {},
            by=_split(filters.by, question.by),
            by_2=_split(filters.by_2, question.by_2),
            window=question.window,
            fewest=0 if entitled else self._minimum(filters, held).comments,
        )
        kept = self._kept(question, params)
        builder.add_all(tables, wanted, everything, kept)
        values = builder.relations.named()
        source = self.catalog.source(question)
        # What passes another's rows on is the same statement, and is not asked for again.
        for step in chain[: chain.index(source)]:
            builder.relations.steps.append(
                f"{quoted(step.name.rpartition('/')[2])} as not materialized (\n{step.text}\n)"
            )
        for step in chain[:-1]:
            values.update(step.values({}))
        values.update(params)
        periods = {"period_from": builder.period.start, "period_to": builder.period.end}
        used = {parameter for step in chain for parameter in step.reading.parameters}
        values.update({name: periods[name] for name in PERIOD_PARAMETERS & used})
        prefix = f"with {', '.join(builder.relations.steps)} " if builder.relations.steps else ""
        return f"{prefix}select * from (\n{source.text}\n) limit {int(row_cap) + 1}", values

    def _kept(self, question: Question, params: Mapping[str, Any]) -> dict[str, dict[str, frozenset[str]]]:
        """Per table and column, the only values that can matter to the answer: what each step that reads it keeps."""
        found: dict[str, dict[str, frozenset[str]]] = {}
        for step in (*self.catalog.chain(question), question):
            bound = params if step is question else step.values({})
            for table in step.reading.tables:
                own: dict[str, frozenset[str]] = {}
                for column, values in step.reading.kept.get(table, {}).items():
                    texts = [bound.get(text) if kind == "parameter" else text for kind, text in values]
                    named = frozenset(text for text in texts if isinstance(text, str))
                    if all(isinstance(text, str) for text in texts):
                        own[column] = named
                before = found.get(table)
                found[table] = (
                    own if before is None else {name: own[name] | before[name] for name in own.keys() & before.keys()}
                )
        return found

    def run(
        self, held: Snapshot, statement: str, values: Mapping[str, Any], viewer: Scope | None = None
    ) -> tuple[Any, float]:
        """Run one statement in the scope's worker; a worker that another statement broke is replaced once."""
        bound = dict(values)
        for attempt in (1, 2):
            worker = self._worker(held, viewer or Scope(), reads_rows=bool(MONTHLY.search(statement)))
            try:
                return worker.ask(statement, bound, self.seconds)
            except WorkerGone:
                if attempt == 2:
                    break
        raise QueryError(
            "The question ended its worker process, so it was stopped.",
            "Ask for less at once; if it comes back, tell whoever looks after the dashboard.",
        )

    def prepare(self) -> None:
        """Start the worker of the snapshot being served before anybody asks."""
        self._worker(self.snapshot(), Scope(), reads_rows=False)

    def _worker(self, held: Snapshot, viewer: Scope, *, reads_rows: bool) -> Worker:
        """The worker of a snapshot and viewer: one for what sums answer, which opens few files and so is there at
        once, and one for what needs the rows of months, started when first asked."""
        key = f"{held.id}|{viewer.id}|{'rows' if reads_rows else 'sums'}"
        with self._starting:
            worker = self._workers.get(key)
            if worker is None or not worker.alive:
                if worker is not None:
                    worker.close()
                names = [part.name for parts in held.parts.values() for part in parts if reads_rows or not part.last]
                names += [one.name for one in held.sums if reads_rows]
                names += [one.name for one in held.texts if reads_rows and one.rows]
                files = {name: held.parts_folder / f"{name}.duckdb" for name in names}
                if held.rollup_file.exists():
                    files[scope.rollup_alias(held).strip('"')] = held.rollup_file
                worker = self._workers[key] = Worker(files, held.time_zone)
                self._retire(held)
            return worker

    def _retire(self, newest: Snapshot) -> None:
        """Close workers of old snapshots, but for the last one before, once nothing runs in them any more."""
        old = list(dict.fromkeys(key.partition("|")[0] for key in self._workers if not key.startswith(newest.id)))
        for key in [key for key in self._workers if key.partition("|")[0] in old[:-1]]:
            if not self._workers[key].pending:
                self._workers.pop(key).close()

    def close(self) -> None:
        """End all worker processes."""
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()

    def _columns(self, held: Snapshot, question: Question) -> set[str]:
        names = {"segment", "segment_2"}
        for table in question.reading.tables & QUESTION_TABLES:
            names.update(scope.columns(held, table))
        return names


def _counted(drawn: Answer) -> Answer:
    """The answers that were drawn, with what their question says of all of them among the facts.

    `base` are the answers behind the figure, `found` those that were sought among those looked through.
    """
    told = drawn.frame[["base", "found"]].dropna(how="all").head(1).fillna(0)
    facts = {name: float(told[name].iloc[0]) if len(told) else 0.0 for name in told}
    frame = drawn.frame[drawn.frame["position"].notna()].drop(columns=["base", "found", "position"])
    return replace(drawn, frame=frame.reset_index(drop=True), facts={**drawn.facts, **facts})


def _asked(question: Question, filters: Filters, params: Mapping[str, Any] | None) -> dict[str, Any]:
    """The parameters asked for; a filter on one metric also sets a question's parameter `metric`."""
    given = dict(params or {})
    metrics = dict(filters.where).get("metric", ())
    if "metric" in question.params and "metric" not in given and len(metrics) == 1:
        given["metric"] = metrics[0]
    return given


def _check_split(question: Question, filters: Filters, chain: tuple[Question, ...], held: Snapshot) -> None:
    """Refuse a split that the question has no place for, and a header's own that is no dimension."""
    known = {*scope.RESPONSE_DIMENSIONS, *scope.dimensions(held), *scope.dimensions(held, "ratings"), "none", ""}
    for column in (question.by, question.by_2):
        if column not in known:
            raise QueryFileError(
                f"`by` names “{column}”, which is no dimension.",
                nearest(column, known - {""}),
                file=question.file,
                line=question.line_of("by" if column == question.by else "by_2"),
            )
    steps = (*chain, question)
    named = frozenset().union(*(step.reading.columns for step in steps))
    for asked, column in ((filters.by, "segment"), (filters.by_2, "segment_2")):
        if asked not in ("", "none") and column not in named:
            raise QueryError(
                f"{question.name} cannot be split by {asked}: it names no column `{column}`.",
                "Leave the dimension out, or filter with --where.",
            )
        rows = {table for step in steps for table in step.reading.tables if scope.twin(table)[0] in TIMED}
        if asked not in known and not any(asked in scope.columns(held, table) for table in rows):
            raise QueryError(
                f"{question.name} cannot be split by {asked}, which is no segment.",
                nearest(asked, known - {"", "none"}),
            )


def _seconds(asked: str, default: float) -> float:
    """The time limit that CX_SECONDS asks for, or the default."""
    try:
        seconds = float(asked or default)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 3600:
        raise SettingsError(f"CX_SECONDS is “{asked}”.", "Give the seconds one question may take, such as 20.")
    return seconds


def _split(asked: str, default: str) -> str:
    """The dimension of a breakdown: the asked one, else the question's own; `none` means no split."""
    chosen = asked or default
    return "" if chosen == "none" else chosen
