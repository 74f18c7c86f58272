"""Sums made at publishing: what each answer is to the metrics, and its sums by the columns that are asked together.

Every part of answers gets a narrow file of its own (day, metric, dimensions as codes, score, weight and value). The
rollup file holds sums of those by some of the columns, per day and per third of a month. New answers are added to it; a month that
was rebuilt is taken out and put in again; nothing else is touched.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb

from cx import periods, scope
from cx.catalog import METRIC_TABLES, PANEL, Metric
from cx.cursors import AT_ONCE, Cursors
from cx.errors import CxError, QueryFileError, explain, marked
from cx.periods import ONE_DAY
from cx.quoting import literal, quoted
from cx.snapshot import FORMAT, RECENT, Part, Rollup, Snapshot, Sums

SHARE = 20
"""Sums are kept where they have at most one row in this many of the answers they sum …"""
FEW_ROWS = 100_000
"""… or at most so many rows; and nothing is made of sums that have no more."""
BASE_ROWS = 2_000_000
"""Up to so many answers the whole of them is one table of the rollup file: one table is planned far quicker than
the scans of many parts."""
GAIN = 3
"""Sums are worth keeping where they have at most one row in this many of the next larger ones."""
ROW_GROUP = 16_384
"""Rows that are read or skipped together: a window of days is a small part of most rollups."""
MOST_TRIPLES = 40
"""Sums by three columns that no question mentions are made for so many groups, those of the fewest rows."""
MOST_STONES = 10
"""Up to so many columns, groups of four are looked at as steps between the answers and what is kept."""
SAMPLED = 300_000
"""Answers of about so many are enough to tell how much the same people answering repeatedly widens a variance."""
PANEL_ROWS = 2_000_000
"""Answers of about so many are enough to see what a customer's answers have to do with each other: from here on, only
some customers are in the panel."""
GROWTH = 1.05
"""Below this growth of all answers, what was learnt from the sample still holds."""

SHARED = 3
"""Sums by up to so many columns share a table with the others of as many: questions over all dimensions read one."""

Group = frozenset[str]


class Unmeasurable(Exception):
    """Some metrics' SQL fails on the answers there are: `found` says of each, by name, what is wrong."""

    def __init__(self, found: Mapping[str, CxError]) -> None:
        super().__init__(", ".join(found))
        self.found = found


class Builder:
    """Makes the sums of one snapshot from its parts, as far as the snapshot before has not made them already."""

    def __init__(
        self,
        cursors: Cursors,
        draft: Snapshot,
        previous: Snapshot | None,
        metrics: Mapping[str, Metric],
        mentioned: Iterable[tuple[str, tuple[str, ...]]],
        *,
        brand: str,
        lineage: str,
        work: Path,
        tell: Callable[[str, str, int, int], None] = lambda stage, what, done, total: None,
    ) -> None:
        self.cursors = cursors
        self.draft = draft
        self.previous = previous
        self.metrics = metrics
        self.mentioned = sorted(mentioned)
        self.brand = brand
        self.lineage = lineage
        self.work = work
        self.tell = tell
        """Told what is being made: the stage, its name, and how many of how many."""
        self.coded = frozenset(draft.codes)
        names = sorted((metric.name, metric.table) for metric in metrics.values())
        self.measures = hashlib.sha256(json.dumps(names).encode()).hexdigest()[:12]
        self.one_in = 1
        while draft.rows("responses") > PANEL_ROWS * self.one_in:
            self.one_in *= 2
        self.places = {part.name: (table, part.month) for table, parts in draft.parts.items() for part in parts}
        self.attached: set[str] = set()
        self.made: list[Rollup] = []
        self.stones: dict[bool, list[Group]] = {}
        self.laid: list[tuple[int, str, Group, bool]] = []
        """The stepping stones in place: rows, name, columns, and whether they are sums per third of a month."""
        self.choices: dict[str, tuple[str, int]] = {}
        """Per summed table, a digest of the groups among which was chosen, and of how many answers."""

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection of this thread."""
        return self.cursors.own

    # --- one narrow file per part --------------------------------------------------------------------

    def sums(self) -> tuple[Sums, ...]:
        """The narrow file of every part of answers, made where it is not there yet."""
        known = {one.name: one for one in self.previous.sums} if self.previous else {}
        named: list[tuple[str, Part, str, Path]] = []
        for table in METRIC_TABLES:
            for part in self.draft.parts.get(table, ()):
                name = self._sums_name(table, part)
                named.append((table, part, name, self.draft.parts_folder / f"{name}.duckdb"))
        missing = [one for one in named if one[2] not in known or not one[3].exists()]
        for part in (*self.draft.parts.get("customers", ()), *(part for _, part, _, _ in missing)):
            self.attach(part.name, self.draft.parts_folder)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            written = pool.map(lambda one: self._narrow_or_tell(*one), missing)
            for number, ((table, part, name, _), one) in enumerate(zip(missing, written, strict=True), 1):
                self.tell("sums", f"{table} {part.month}", number, len(missing))
                known[name] = one
        return tuple(known[name] for _, _, name, _ in named)

    def _narrow_or_tell(self, table: str, part: Part, name: str, file: Path) -> Sums:
        """Write a narrow file; Unmeasurable where metrics cannot be made of the answers in it."""
        try:
            return self._narrow(table, part, name, file)
        except duckdb.Error as error:
            found = self._culprits(table, part)
            if not found:
                raise
            raise Unmeasurable(found) from error

    def _sums_name(self, table: str, part: Part) -> str:
        joined = "customer_id" in part.columns and table != "reviews"
        segments = self.draft.segments.get("customers", {}) if joined else {}
        depends = [
            FORMAT,
            self.lineage,
            sorted((metric.name, metric.digest) for metric in self.metrics.values() if metric.table == table),
            self.brand if table == "reviews" else "",
            # By their exports, not by their parts: who was erased from these has no answers left either.
            [one.inputs for one in self.draft.parts.get("customers", ())] if segments else [],
            sorted(segments),
            sorted(self.coded & {*part.columns, *segments}),
            self.one_in if table == "responses" else 1,
        ]
        digest = hashlib.sha256(json.dumps(depends).encode()).hexdigest()[:10]
        return f"sums-{part.name}-{digest}"

    def _narrow(self, table: str, part: Part, name: str, file: Path) -> Sums:
        """Write the narrow file of one part."""
        customers = self.draft.parts.get("customers", ())
        alone = replace(self.draft, parts={table: (part,), "customers": customers})
        held = set(part.columns)
        if "customer_id" in held and table != "reviews":
            held |= set(self.draft.segments.get("customers", {}))
        narrow = quoted(f"unfinished {name}")
        partial = self.work / f"{name}.duckdb"
        partial.unlink(missing_ok=True)
        self.connection.execute(f"attach {literal(str(partial))} as {narrow}")
        rows, columns = {}, frozenset[str]()
        try:
            for summed in ("scores", "ratings") if table == "reviews" else ("scores",):
                dims = [column for column in scope.dimensions(self.draft, summed) if column in held]
                columns |= frozenset(dims)
                measured = scope.measured(
                    alone, self.metrics, summed, frozenset((*dims, "score")), brand=self.brand, coded=self.coded
                )
                chosen = ", ".join(["day", "metric", *map(quoted, dims), "score", "w", "x"])
                self.connection.execute(
                    f"create table {narrow}.{summed} as select {chosen} from ({measured}) order by metric, day"
                )
                counted = self.connection.execute(f"select count(*) from {narrow}.{summed}").fetchone()
                rows[summed] = counted[0] if counted else 0
            if table == "responses" and "customer_id" in part.columns:
                rows[PANEL] = self._sample(part, columns, narrow)
        finally:
            self.connection.execute(f"detach {narrow}")
        durable(partial, file)
        return Sums(name, part.name, part.first, part.last, columns, rows)

    def _culprits(self, table: str, part: Part) -> dict[str, CxError]:
        """The metrics that cannot be made of the answers of a part, with what DuckDB says of each."""
        alone = replace(self.draft, parts={table: (part,), "customers": self.draft.parts.get("customers", ())})
        found: dict[str, CxError] = {}
        for metric in self.metrics.values():
            statement = scope.measured(alone, {metric.name: metric}, "scores", frozenset(), brand=self.brand)
            try:
                self.connection.execute(f"select sum(x) from ({statement})")
            except duckdb.Error as error:
                columns = scope.columns(alone, metric.table)
                told = explain(str(error), statement, file=metric.file, text=metric.text, columns=columns)
                if told.line > len(metric.text.splitlines()):
                    # What follows the file's own text makes a number of its x.
                    told = QueryFileError(
                        "x holds something that is no number.",
                        "Make it one: `case when … then 1 else 0 end as x`; an empty x does not count.",
                        file=metric.file,
                        line=metric.line_of_x(),
                    )
                found[metric.name] = marked(told, metric.text)
        return found

    def _sample(self, part: Part, dims: Group, narrow: str) -> int:
        """Add the answers of the customers who are in the panel to the narrow file; return how many."""
        # Taken out of the rows before the metrics look at them, each of which would read all customers' names.
        name = f"{PANEL} {part.name}"
        self.connection.execute(f"attach ':memory:' as {quoted(name)}")
        try:
            sampled = f"hash(customer_id) % {self.one_in} = 0" if self.one_in > 1 else "true"
            self.connection.execute(
                f"create table {quoted(name)}.rows as select * from {quoted(part.name)}.rows "
                f"where customer_id is not null and {sampled}"
            )
            customers = self.draft.parts.get("customers", ())
            alone = replace(self.draft, parts={"responses": (replace(part, name=name),), "customers": customers})
            measured = scope.measured(
                alone, self.metrics, "scores", dims | {"score", "customer_id"}, brand=self.brand, coded=self.coded
            )
            chosen = ", ".join(["day", "metric", "customer_id", *map(quoted, sorted(dims)), "score", "w", "x"])
            self.connection.execute(f"create table {narrow}.{PANEL} as select {chosen} from ({measured}) order by day")
            counted = self.connection.execute(f"select count(*) from {narrow}.{PANEL}").fetchone()
            return counted[0] if counted else 0
        finally:
            self.connection.execute(f"detach {quoted(name)}")

    # --- the rollup file -----------------------------------------------------------------------------

    def rollups(self, sums: Sequence[Sums], *, compact: bool = False) -> tuple[Rollup, ...]:
        """Write the rollup file of the draft and say what it holds.

        With `compact` it is written once more at the end, so that no block of it holds what was taken out.
        """
        self.draft = replace(self.draft, sums=tuple(sums))
        carried = self._carry_over()
        self.connection.execute(
            f"attach {literal(str(self.draft.rollup_file))} as {self._alias} (row_group_size {ROW_GROUP})"
        )
        try:
            self._write_codes()
            found: list[Rollup] = []
            for table in ("scores", "ratings"):
                found += self._of_table(table, [rollup for rollup in carried if rollup.table == table])
            self._panel(bool(carried))
            self.connection.execute(f"checkpoint {self._alias}")
            if compact and carried:
                self._compact()
        except BaseException:
            self.draft = replace(self.draft, rollups=())
            raise
        self.draft = replace(self.draft, rollups=tuple(found))
        return tuple(found)

    def _compact(self) -> None:
        fresh = self.work / "rollups.duckdb"
        fresh.unlink(missing_ok=True)
        self.connection.execute(f"attach {literal(str(fresh))} as fresh (row_group_size {ROW_GROUP})")
        self.connection.execute(f"copy from database {self._alias} to fresh")
        self.connection.execute(f"detach fresh; detach {self._alias}")
        os.replace(fresh, self.draft.rollup_file)
        self.connection.execute(f"attach {literal(str(self.draft.rollup_file))} as {self._alias}")

    @property
    def _alias(self) -> str:
        return scope.rollup_alias(self.draft)

    def close(self) -> None:
        """Let go of the rollup file."""
        self.connection.execute(f"detach database if exists {self._alias}")

    def _carry_over(self) -> tuple[Rollup, ...]:
        """Copy the rollup file before where most of what it sums is still there."""
        before = self.previous
        if before is None or not before.rollup_file.exists() or before.measures != self.measures:
            return ()
        kept = {one.name for one in before.sums} & {one.name for one in self.draft.sums}
        if 2 * len(kept) <= len(before.sums):
            return ()
        shutil.copyfile(before.rollup_file, self.draft.rollup_file)
        return before.rollups

    def _write_codes(self) -> None:
        self.connection.execute(
            f"create or replace table {self._alias}.codes (name varchar, code uinteger, value varchar)"
        )
        for column, values in self.draft.codes.items():
            self.connection.execute(
                f"insert into {self._alias}.codes select $name, 0, null union all "
                "select $name, row_number() over (), value from (select unnest($values) as value)",
                {"name": column, "values": list(values)},
            )

    def _of_table(self, table: str, carried: Sequence[Rollup]) -> list[Rollup]:
        """The rollups of one summed table: those carried over brought up to date, the others made."""
        sums = [one for one in self.draft.sums if one.rows.get(table)]
        total = sum(one.rows[table] for one in sums)
        chosen = self._choice(table, sums, total, carried)
        known = {rollup.columns: rollup for rollup in carried}
        for rollup in carried:
            if rollup.columns not in chosen:
                self._drop(rollup)
        changes = self._changes(table) if carried else ((), ())
        fitting = {
            columns: rollup
            for columns, rollup in known.items()
            if chosen.get(columns) == (bool(rollup.rows), bool(rollup.third_rows))
        }
        found = self._update_shared([rollup for rollup in fitting.values() if rollup.place], *changes)
        self._lay_stones(table, sums)
        ordered = sorted(chosen.items(), key=lambda item: (-len(item[0]), sorted(item[0])))
        for number, (columns, (by_day, by_third)) in enumerate(ordered, 1):
            self.tell("rollups", "", number, len(ordered))
            if columns in fitting:
                if not fitting[columns].place:
                    found.append(self._update(fitting[columns], *changes))
                continue
            if columns in known:
                self._drop(known[columns])
            found.append(self._make(table, columns, by_day, by_third, found, sums))
        self._lift_stones()
        return found

    def _panel(self, carried: bool) -> None:
        """Bring the panel of the rollup file up to date."""
        sums = [one for one in self.draft.sums if one.rows.get(PANEL)]
        dims = sorted(frozenset().union(*(one.columns for one in sums)))
        target = f"{self._alias}.{PANEL}"
        fixed = {"day": "date", "metric": "uinteger", "customer_id": "varchar"}
        numbers = dict.fromkeys(("score", "w", "x"), "double")
        kinds = {**fixed, **{name: "uinteger" if name in self.coded else "varchar" for name in dims}, **numbers}
        added, gone = self._changes(PANEL) if carried else (sums, ())
        there: dict[str, str] = {}
        if carried:
            there = {row[0]: row[1].lower() for row in self.connection.execute(f"describe {target}").fetchall()}
        if there != kinds or self.previous is None or self.previous.panel != self.one_in:
            columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in kinds.items())
            self.connection.execute(f"create or replace table {target} ({columns})")
            added, gone = sums, ()
        for _, month in gone:
            first = date.fromisoformat(f"{month}-01")
            self.connection.execute(
                f"delete from {target} where day >= $first and day < $past",
                {"first": first, "past": periods.next_start(first, "month")},
            )
        for one in added:
            self.attach(one.name, self.draft.parts_folder)
            shown = [
                quoted(name)
                if name in (*fixed, *numbers, *one.columns)
                else f"{'0' if name in self.coded else 'null'} as {quoted(name)}"
                for name in kinds
            ]
            self.connection.execute(f"insert into {target} select {', '.join(shown)} from {quoted(one.name)}.{PANEL}")

    def _lay_stones(self, table: str, sums: Sequence[Sums]) -> None:
        for thirds, groups in self.stones.items():
            for number, group in enumerate(groups):
                name = f"stone_{number}{'_thirds' if thirds else ''}"
                statement = self._summed(table, group, sums, thirds)
                self.connection.execute(f"create temp table {name} as {statement}")
                counted = self.connection.execute(f"select count(*) from {name}").fetchone()
                self.laid.append((counted[0] if counted else 0, name, group, thirds))

    def _lift_stones(self) -> None:
        for _, name, _, _ in self.laid:
            self.connection.execute(f"drop table {name}")
        self.laid.clear()
        self.stones.clear()

    def _choice(
        self, table: str, sums: Sequence[Sums], total: int, carried: Sequence[Rollup]
    ) -> dict[Group, tuple[bool, bool]]:
        """Per group of columns whether its sums are kept per day and per third of a month: what was chosen before, where that
        still fits, else chosen anew by the size that the largest part promises."""
        dims = [column for column in scope.dimensions(self.draft, table) if self.draft.values.get(column)]
        dims = [column for column in dims if column in self.coded and any(column in one.columns for one in sums)]
        if not sums:
            return {}
        candidates = self._candidates(table, dims)
        depends = [total <= BASE_ROWS, sorted(map(sorted, candidates)), sorted(scope.crossed(self.draft))]
        signature = hashlib.sha256(json.dumps(depends).encode()).hexdigest()[:12]
        known, answers = self.previous.choices.get(table, ("", 0)) if self.previous else ("", 0)
        if carried and known == signature and answers / 2 < total < answers * 2:
            self.choices[table] = (known, answers)
            return {rollup.columns: (bool(rollup.rows), bool(rollup.third_rows)) for rollup in carried}
        self.choices[table] = (signature, total)
        if total <= BASE_ROWS:
            base = {frozenset((*dims, "score")): (True, total > FEW_ROWS)}
            return base | self._always(table, candidates, sums, total)
        return self._fitting(table, candidates, sums, total)

    def _asked(self, table: str, names: set[str]) -> set[Group]:
        return {frozenset(columns) & frozenset(names) for name, columns in self.mentioned if name == table}

    def _candidates(self, table: str, dims: Sequence[str]) -> list[Group]:
        """Groups of columns that may be asked together: what questions mention, and up to any three."""
        groups = dict.fromkeys(self._asked(table, {*dims, "score"}))
        for source in METRIC_TABLES if table == "scores" else ("reviews",):
            # No answer has both a column of surveys and one of reviews: such a group would be made for nothing.
            held = scope.own_dimensions(self.draft, source)
            names = [*(column for column in dims if column in held), "score"]
            for size in (0, 1, 2, 3):
                groups.update(dict.fromkeys(frozenset(group) for group in combinations(names, size)))
            groups[frozenset(names) - {"score"}] = None
        return list(groups)

    def _fitting(
        self, table: str, candidates: Sequence[Group], sums: Sequence[Sums], total: int
    ) -> dict[Group, tuple[bool, bool]]:
        """The groups whose sums are so much shorter than what they could be made from that they pay."""
        names = {column for group in candidates for column in group}
        stones = combinations(sorted(names), 4) if len(names) <= MOST_STONES else ()
        groups = dict.fromkeys((*candidates, *map(frozenset, stones)))
        sizes = self._sizes(table, list(groups), sums)
        limit = max(total / SHARE, FEW_ROWS)
        asked = self._asked(table, {column for group in candidates for column in group})
        triples = sorted(
            (group for group in candidates if len(group) == 3 and group not in asked), key=sizes.__getitem__
        )
        left_out = set(triples[MOST_TRIPLES:])
        kept: dict[Group, tuple[float, float]] = {}
        for group in sorted(candidates, key=lambda group: (-len(group), sorted(group))):
            if group in left_out:
                continue
            day, third = sizes[group]
            wider = [kept[other] for other in kept if group < other]
            next_day = min((size for size, _ in wider if size), default=float(total))
            next_third = min((size for _, size in wider if size), default=float(total))
            short = len(group) <= 2 or group in asked
            by_day = short and day <= limit and next_day > FEW_ROWS and day * GAIN <= next_day
            next_third = min(next_third, day if by_day else next_day)
            by_third = third <= limit and next_third > FEW_ROWS and third * GAIN <= next_third
            if by_day or by_third:
                kept[group] = (day if by_day else 0, third if by_third else 0)
        for group, (by_day, by_third) in self._always(table, candidates, sums, total, sizes).items():
            day, third = sizes[group]
            before = kept.get(group, (0, 0))
            kept[group] = (max(before[0], day * by_day), max(before[1], third * by_third))
        self.stones = self._stepping_stones(kept, sizes, limit)
        return {group: (bool(day), bool(third)) for group, (day, third) in kept.items()}

    def _always(
        self,
        table: str,
        candidates: Sequence[Group],
        sums: Sequence[Sums],
        total: int,
        sizes: Mapping[Group, tuple[float, float]] | None = None,
    ) -> dict[Group, tuple[bool, bool]]:
        """The single dimensions and pairs that questions over all dimensions ask for, where summing shortens them."""
        if table != "scores":
            return {}
        crossed = set(scope.crossed(self.draft))
        groups = [group for group in candidates if "score" not in group and 1 <= len(group) <= 2]
        # A filter on one dimension makes pairs of it with every other.
        groups = [group for group in groups if len(group) == 1 or group & crossed]
        sizes = sizes or self._sizes(table, groups, sums)
        limit = max(total / SHARE, FEW_ROWS)
        chosen = {
            group: tuple(
                size * GAIN <= total and (len(group) == 1 or group <= crossed or size <= limit) for size in sizes[group]
            )
            for group in groups
        }
        return {group: (day, third) for group, (day, third) in chosen.items() if day or third}

    def _sizes(self, table: str, candidates: Sequence[Group], sums: Sequence[Sums]) -> dict[Group, tuple[float, float]]:
        """About how many rows the sums by each group have per day and per third of a month: those of the largest part of each
        table, in every month."""
        found = dict.fromkeys(candidates, (0.0, 0.0))
        for source in {self.places[one.part][0] for one in sums}:
            own = [one for one in sums if self.places[one.part][0] == source]
            largest = max(own, key=lambda one: one.rows[table])
            months = len({self.places[one.part][1] for one in own})
            self.attach(largest.name, self.draft.parts_folder)
            for start in range(0, len(candidates), 30):
                batch = candidates[start : start + 30]
                counts = []
                for group in batch:
                    names = [quoted(name) for name in sorted(group) if name in ("score", *largest.columns)]
                    counts.append(f"approx_count_distinct(hash({', '.join(['metric', 'day', *names])}))")
                    counts.append(f"approx_count_distinct(hash({', '.join(['metric', scope.FIRST_OF_THIRD, *names])}))")
                row = self.connection.execute(
                    f"select {', '.join(counts)} from {quoted(largest.name)}.{table}"
                ).fetchone()
                for group, day, third in zip(batch, (row or ())[::2], (row or ())[1::2], strict=True):
                    before = found[group]
                    found[group] = (before[0] + day * months, before[1] + third * months)
        return found

    def _stepping_stones(
        self, kept: Mapping[Group, tuple[float, float]], sizes: Mapping[Group, tuple[float, float]], limit: float
    ) -> dict[bool, list[Group]]:
        """Per grain (False for days, True for thirds), wider groups from which several are made sooner than from the
        answers; they are not kept."""
        stones: dict[bool, list[Group]] = {False: [], True: []}
        for thirds in stones:
            made = [group for group, size in kept.items() if size[thirds]]
            # What has a wider one among those kept is made from it.
            waiting = {group for group in made if not any(group < other for other in made)}
            fitting = [group for group, size in sizes.items() if group not in kept and size[thirds] <= limit]
            while waiting:
                covered = {group: sum(one < group for one in waiting) for group in fitting}
                best = max(fitting, key=lambda group: (covered[group], -sizes[group][thirds]), default=frozenset())
                if covered.get(best, 0) < 2:
                    break
                stones[thirds].append(best)
                waiting = {group for group in waiting if not group < best}
        return stones

    def _changes(self, table: str) -> tuple[tuple[Sums, ...], tuple[tuple[str, str], ...]]:
        """The narrow files to be added, and the (table, month) whose sums have to be taken out before."""
        assert self.previous is not None
        before = {one.name: one for one in self.previous.sums if one.rows.get(table)}
        now = {one.name: one for one in self.draft.sums if one.rows.get(table)}
        old_places = {part.name: (name, part.month) for name, parts in self.previous.parts.items() for part in parts}
        gone = {old_places[before[name].part] for name in before.keys() - now.keys()}
        added = [one for name, one in now.items() if name not in before or self.places[one.part] in gone]
        return tuple(added), tuple(sorted(gone))

    def _take_out(self, target: str, gone: Sequence[tuple[str, str]], among: str = "true") -> None:
        """Take the months that were rebuilt out of a table of sums."""
        codes = scope.code_numbers(self.draft.codes["metric"])
        for source, month in gone:
            own = ", ".join(str(codes[metric.name]) for metric in self.metrics.values() if metric.table == source)
            first = date.fromisoformat(f"{month}-01")
            self.connection.execute(
                f"delete from {target} where {among} and metric in ({own}) and day >= $first and day < $past",
                {"first": first, "past": periods.next_start(first, "month")},
            )

    def _update(self, rollup: Rollup, added: Sequence[Sums], gone: Sequence[tuple[str, str]]) -> Rollup:
        """Take out of a rollup's own tables the months that were rebuilt, and add what is new."""
        sizes = {False: 0, True: 0}
        for thirds, there in ((False, rollup.rows), (True, rollup.third_rows)):
            if not there:
                continue
            target = f"{self._alias}.{quoted(rollup.table_name(thirds=thirds))}"
            self._take_out(target, gone)
            if added:
                self.connection.execute(
                    f"insert into {target} by name {self._summed(rollup.table, rollup.columns, added, thirds)}"
                )
            counted = self.connection.execute(f"select count(*) from {target}").fetchone()
            sizes[thirds] = counted[0] if counted else 0
        return replace(rollup, rows=sizes[False], third_rows=sizes[True])

    def _update_shared(
        self, there: Sequence[Rollup], added: Sequence[Sums], gone: Sequence[tuple[str, str]]
    ) -> list[Rollup]:
        """Bring the tables that rollups share up to date, each table at once."""
        counted: dict[tuple[int, int, bool], int] = {}
        for size in range(1, SHARED + 1):
            own = [rollup for rollup in there if len(rollup.columns) == size]
            for thirds in (False, True):
                within = [rollup for rollup in own if (rollup.third_rows if thirds else rollup.rows)]
                if not within:
                    continue
                target = f"{self._alias}.{within[0].table_name(thirds=thirds)}"
                places = f"place in ({', '.join(str(rollup.place) for rollup in within)})"
                self._take_out(target, gone, places)
                if added:
                    columns = frozenset().union(*(rollup.columns for rollup in within))
                    answers = self._answers(within[0].table, columns, added, thirds)
                    self.connection.execute(
                        f"insert into {target} by name {scope.by_sets(within, answers)} order by place, metric, day"
                    )
                for place, rows in self.connection.execute(
                    f"select place, count(*) from {target} where {places} group by place"
                ).fetchall():
                    counted[size, place, thirds] = rows
        return [
            replace(
                rollup,
                rows=counted.get((len(rollup.columns), rollup.place, False), 0),
                third_rows=counted.get((len(rollup.columns), rollup.place, True), 0),
            )
            for rollup in there
        ]

    def _make(
        self,
        table: str,
        columns: Group,
        by_day: bool,
        by_third: bool,
        made: Sequence[Rollup],
        sums: Sequence[Sums],
    ) -> Rollup:
        """Make the sums by some columns from the smallest that have them all, or from the answers."""
        name = f"{table}_{'_'.join(sorted(columns))}" if columns else table
        name = name if len(name) < 60 else f"{table}_{hashlib.sha256(name.encode()).hexdigest()[:12]}"
        shared = table == "scores" and 1 <= len(columns) <= SHARED and "score" not in columns
        found = Rollup(name, table, columns, 0, place=self._free_place(len(columns)) if shared else 0)
        sizes = [0, 0]
        for place, thirds in ((0, False),) * by_day + ((1, True),) * by_third:
            there = [rollup for rollup in made if columns < rollup.columns]
            wider = [(rollup.rows, scope.summed_in(rollup, self._alias)) for rollup in there if rollup.rows]
            wider += [
                (size, stone) for size, stone, group, by in self.laid if columns < group and by in (False, thirds)
            ]
            if thirds:
                wider += [
                    (rollup.third_rows, scope.summed_in(rollup, self._alias, thirds=True))
                    for rollup in there
                    if rollup.third_rows
                ]
                wider += [(sizes[0], scope.summed_in(found, self._alias))] if sizes[0] else []
            if wider:
                statement = self._grouped(columns, min(wider)[1], thirds=thirds)
            else:
                statement = self._summed(table, columns, sums, thirds)
            target = f"{self._alias}.{quoted(found.table_name(thirds=thirds))}"
            if shared:
                self._share(target, len(columns))
                values = ", ".join(
                    f"{quoted(column)} as {value}"
                    for column, value in zip(sorted(columns), scope.value_names(len(columns)), strict=True)
                )
                counted = self.connection.execute(
                    f"insert into {target} by name select {found.place} as place, day, metric, {values}, "
                    f"{', '.join(scope.SUMS)} from ({statement}) order by metric, day"
                ).fetchone()
            else:
                self.connection.execute(f"create table {target} as {statement} order by metric, day")
                counted = self.connection.execute(f"select count(*) from {target}").fetchone()
            sizes[place] = counted[0] if counted else 0
        self.made.append(found)
        return replace(found, rows=sizes[0], third_rows=sizes[1])

    def _free_place(self, size: int) -> int:
        """A number that no rollup of so many columns has."""
        known = self.previous.rollups if self.previous else ()
        taken = [rollup.place for rollup in (*known, *self.made) if len(rollup.columns) == size]
        return max(taken, default=0) + 1

    def _share(self, target: str, size: int) -> None:
        """Make a table that rollups of so many columns share, where it is not there yet."""
        values = ", ".join(f"{value} uinteger" for value in scope.value_names(size))
        sums = ", ".join(f"{name} {'bigint' if name == 'n' else 'double'}" for name in scope.SUMS)
        self.connection.execute(
            f"create table if not exists {target} (place uinteger, day date, metric uinteger, {values}, {sums})"
        )

    def _summed(self, table: str, columns: Group, sums: Sequence[Sums], thirds: bool) -> str:
        """SQL of the sums by some columns of the answers in some narrow files."""
        return self._grouped(columns, f"({self._answers(table, columns, sums, thirds)})", thirds=False)

    def _answers(self, table: str, columns: Group, sums: Sequence[Sums], thirds: bool) -> str:
        """SQL of the five sums of each answer in some narrow files."""
        pieces = []
        for one in sums:
            self.attach(one.name, self.draft.parts_folder)
            shown = [
                quoted(name) if name == "score" or name in one.columns else f"0::uinteger as {quoted(name)}"
                for name in sorted(columns)
            ]
            day = f"{_first_of_third(self.places[one.part][1])} as day" if thirds else "day"
            pieces.append(f"select {', '.join(['metric', day, *shown, scope.TERMS])} from {quoted(one.name)}.{table}")
        return " union all ".join(pieces)

    def _grouped(self, columns: Group, source: str, *, thirds: bool) -> str:
        keys = ["metric", f"{scope.FIRST_OF_THIRD} as day" if thirds else "day"]
        keys += [quoted(name) for name in sorted(columns)]
        sums = [f"sum({name})::{'bigint' if name == 'n' else 'double'} as {name}" for name in scope.SUMS]
        return f"select {', '.join([*keys, *sums])} from {source} group by all"

    def _drop(self, rollup: Rollup) -> None:
        for thirds, there in ((False, rollup.rows), (True, rollup.third_rows)):
            target = f"{self._alias}.{quoted(rollup.table_name(thirds=thirds))}"
            if there and rollup.place:
                self.connection.execute(f"delete from {target} where place = {rollup.place}")
            elif there:
                self.connection.execute(f"drop table if exists {target}")

    # --- what judging needs to know ------------------------------------------------------------------

    def breaks(self) -> list[tuple[str, str, date]]:
        """Per metric and survey, the days from which a question was worded differently than before."""
        known = {column for one in self.draft.sums for column in one.columns}
        if "wording_version" not in known or "wording_version" not in self.coded:
            return []
        columns = [name for name in ("survey", "wording_version") if name in known & self.coded]
        days = self.draft.days(*METRIC_TABLES)
        if days is None:
            return []
        builder = scope.Builder(
            self.draft, self.metrics, scope.Filters(periods.Period(days[0], days[1] + ONE_DAY)), brand=self.brand
        )
        builder.add("scores", frozenset(("day", "metric", *columns)), False)
        self._attach_sums()
        survey = "survey" if "survey" in columns else "null"
        worded = self.connection.execute(
            f"with {builder.relations.steps[0]} select metric, {survey}, wording_version, min(day), max(day) "
            "from scores where wording_version is not null group by all order by all",
            builder.relations.values,
        ).fetchall()
        found: set[tuple[str, str, date]] = set()
        for name, asked in dict.fromkeys((row[0], row[1]) for row in worded):
            spans = [(first, last) for metric, where, _, first, last in worded if (metric, where) == (name, asked)]
            began, ended = min(first for first, _ in spans), max(last for _, last in spans)
            found |= {(name, asked or "", first) for first, _ in spans if first > began}
            found |= {(name, asked or "", last + ONE_DAY) for _, last in spans if last < ended}
        return sorted(found)

    def design_effects(self) -> dict[str, dict[str, dict[str, float]]]:
        """Per window, metric and dimension, what the same people answering repeatedly do to the variance.

        Learnt from all answers of a sample of people, and carried over while little is new.
        """
        total = sum(sum(one.rows.values()) for one in self.draft.sums)
        before = self.previous
        dims = [column for column in scope.dimensions(self.draft) if self.draft.values.get(column)]
        if before and before.design_effects:
            known = sum(sum(one.rows.values()) for one in before.sums)
            same = {column for by_metric in before.design_effects["all"].values() for column in by_metric} - {""}
            if total > SAMPLED and known <= total < known * GROWTH and same <= set(dims):
                return {
                    window: {k: dict(v) for k, v in found.items()} for window, found in before.design_effects.items()
                }
        for table in (*METRIC_TABLES, "customers"):
            for part in self.draft.parts.get(table, ()):
                self.attach(part.name, self.draft.parts_folder)
        base = scope.scored(self.draft, self.metrics, "scores", frozenset((*dims, "respondent")), brand=self.brand)
        one_in = max(1, total // SAMPLED)
        sampled = f"where hash(respondent) % {one_in} = 0" if one_in > 1 else ""
        self.connection.execute(f"create or replace temp table sampled as select * from ({base}) {sampled}")
        since = self.draft.as_of and self.draft.as_of - RECENT
        found: dict[str, dict[str, dict[str, float]]] = {"recent": {}, "all": {}}
        for window, start in (("recent", since), ("all", None)) if self._correlated() else ():
            for column in ("", *dims):
                for name, effect in self.connection.execute(scope.repeated("sampled", column, start)).fetchall():
                    found[window].setdefault(name, {})[column] = round(effect, 4)
        self.connection.execute("drop table sampled")
        return found

    def _correlated(self) -> bool:
        """Whether anybody answered twice, or weights differ: else all effects are 1, which is that of none."""
        told = self.connection.execute(
            "select count(*) > count(distinct (metric, respondent)) or min(w) < max(w) from sampled"
        ).fetchone()
        return bool(told and told[0])

    # --- files ---------------------------------------------------------------------------------------

    def attach(self, name: str, folder: Path) -> None:
        """Open a part for reading, once."""
        if name not in self.attached:
            path = folder / f"{name}.duckdb"
            self.connection.execute(f"attach if not exists {literal(str(path))} as {quoted(name)} (read_only)")
            self.attached.add(name)

    def _attach_sums(self) -> None:
        for one in self.draft.sums:
            self.attach(one.name, self.draft.parts_folder)


def _first_of_third(month: str) -> str:
    """SQL of the day on which the third of a month begins, where all days are of that month: quicker than for any day."""
    first, second, third = (f"date '{month}-{day:02}'" for day in scope.THIRDS)
    return f"case when day < {second} then {first} when day < {third} then {second} else {third} end"


def durable(partial: Path, target: Path) -> None:
    """Give a finished file its name so that after a crash it is there whole or not at all."""
    descriptor = os.open(partial, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(partial, target)


def entries(sums: Iterable[Sums], rollups: Iterable[Rollup]) -> dict[str, Any]:
    """What the manifest keeps of them."""
    return {
        "sums": [
            {
                "name": one.name,
                "part": one.part,
                "first": str(one.first or ""),
                "last": str(one.last or ""),
                "columns": sorted(one.columns),
                "rows": dict(one.rows),
            }
            for one in sums
        ],
        "rollups": [
            {
                "name": one.name,
                "table": one.table,
                "columns": sorted(one.columns),
                "rows": one.rows,
                "third_rows": one.third_rows,
                "place": one.place,
            }
            for one in rollups
        ],
    }
