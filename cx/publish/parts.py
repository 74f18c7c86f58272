"""Parts: the rows of all exports, per table and month, each row once.

A part is immutable and its name is a digest of everything it was made from, so that a month which no new row touches is
found again. New rows of a month get a part of their own, unless one of them is there already: then the month is made
anew, and of rows that are one the newest stays.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import duckdb

from cx import contract, erasure
from cx.contract import Table
from cx.cursors import Cursors
from cx.intake import File, Intake, coded_columns
from cx.publish import listing, moved
from cx.publish.dictionaries import Dictionaries, type_of
from cx.publish.part_files import Counts, PartFiles, Parts, as_texts
from cx.publish.recall import Recall
from cx.publish.run import Run
from cx.quoting import literal, quoted
from cx.rollups import durable
from cx.snapshot import Part

MOST_DELTAS = 6
"""So many parts a month may have: new answers get one of their own, and beyond that the month is made anew."""

Month = tuple[str, str]
"""A table and a month of it, `all` where the table has no time."""


class Builder:
    """Makes the parts of one snapshot, as far as they are not there already."""

    def __init__(
        self,
        run: Run,
        cursors: Cursors,
        intake: Intake,
        recall: Recall,
        part_files: PartFiles,
        dictionaries: Dictionaries,
    ) -> None:
        self._run = run
        self._cursors = cursors
        self._intake = intake
        self._recall = recall
        self._part_files = part_files
        self._dictionaries = dictionaries
        self._upserting: dict[tuple[str, str], list[File]] = {}
        """Of each table and source whose rows take the place of earlier ones in any month, all files."""
        self._among: dict[tuple[str, str], str] = {}
        """A digest of these files: which of their rows stay is for all of them to say."""
        self.written = 0
        """How many parts were written; all others were found again."""

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection of this thread."""
        return self._cursors.own

    def parts(self, files: Iterable[File]) -> Parts:
        """The parts that hold the good rows of some files."""
        wanted: dict[Month, list[File]] = {}
        good = [file for file in files if file.state in ("published", "kept")]
        for file in good:
            if file.source and file.source.upsert:
                self._upserting.setdefault((file.table, file.source_name), []).append(file)
        for source, every in self._upserting.items():
            given = sorted(f"{self._recall.input(file)} {file.held}" for file in every)
            self._among[source] = hashlib.sha256("\n".join(given).encode()).hexdigest()[:12]
        for file in good:
            for month in file.months:
                if file.held[:7] == month and max(file.first, f"{month}-01") == file.held:
                    continue  # nothing of it but the day that is held
                wanted.setdefault((file.table, month), []).append(file)
        named: list[tuple[Month, str, tuple[str, ...]]] = []
        to_write: list[tuple[str, Callable[[], None]]] = []
        for key in sorted(wanted):
            inputs = {self._input(file, key[1]): file for file in sorted(wanted[key], key=lambda file: file.order)}
            staying = self._staying(key, inputs)
            there = {name for part in staying for name in part.inputs}
            new = {name: file for name, file in inputs.items() if name not in there}
            if staying and new and self._meets(key, list(new.values()), staying):
                staying, new = [], inputs
            named += [(key, part.name, part.inputs) for part in staying]
            if new:
                name = self._name(key, new)
                if self._run.again or not self._part_files.path(name).exists():
                    to_write.append((f"{key[0]} {key[1]}", self._to_build(key, name, list(new.values()))))
                named.append((key, name, tuple(new)))
        self._run.at_once("months", to_write)
        parts: Parts = {}
        for (table, month), name, made_of in named:
            part = self._described(table, month, name, made_of)
            # All rows of a month may have moved into others.
            if part["rows"]:
                parts.setdefault(table, []).append(part)
        return parts

    def journey(self, counted: Counts) -> list[dict[str, Any]]:
        """The part of the journey of cx.toml, or of the answers' own touchpoints, for where no export brings one."""
        steps: list[tuple[Any, ...]] = [
            (step.touchpoint, position, step.stage, step.owner, step.en, step.ko)
            for position, step in enumerate(self._run.settings.journey, 1)
        ]
        if not steps:
            named = sorted(counted.get("responses", {}).get("touchpoint", {}))
            steps = [(name, position, None, None, None, None) for position, name in enumerate(named[:200], 1)]
        if not steps:
            return []
        digest = hashlib.sha256(repr(steps).encode()).hexdigest()[:12]
        name = f"touchpoints-all-{digest}"
        if not self._part_files.path(name).exists():
            table = contract.TABLES["touchpoints"]
            names = (*table.names, "cx_source", "cx_file", "cx_order", "cx_row")
            kinds = {column.name: contract.SQL_TYPES[column.type] for column in table.columns}
            typed = ", ".join(f"{quoted(column)} {kinds.get(column, 'varchar')}" for column in names)
            self.connection.execute(f"create or replace temp table steps ({typed})")
            self.connection.executemany("insert into steps values (?, ?, ?, ?, ?, ?, '', 'cx.toml', 0, 0)", steps)
            self._to_write(table, name, "select * from steps", ["touchpoint"], [])()
        return [self._described("touchpoints", "all", name, ())]

    # --- which parts --------------------------------------------------------------------------------------------

    def _name(self, key: Month, inputs: Iterable[str]) -> str:
        table, month = key
        # A month that is made anew without an erased customer must not be taken for the one made before.
        depends = [self._dictionaries.lineage, *inputs, erasure.digest(self._run.customers)]
        digest = hashlib.sha256("\n".join(depends).encode())
        return f"{table}-{month}-{digest.hexdigest()[:12]}"

    def _input(self, file: File, month: str) -> str:
        """What a file gives to the part of a month."""
        held = f" without {file.held}" if file.held[:7] == month else ""
        among = f" among {self._among[file.table, file.source_name]}" if _upserts(file) else ""
        return self._recall.input(file) + held + among

    def _staying(self, key: Month, inputs: Mapping[str, File]) -> list[Part]:
        """The parts of a month that can stay as they are: all of them, or none."""
        table, month = key
        previous = self._recall.previous
        before = previous if previous and previous.lineage == self._dictionaries.lineage else None
        found = [part for part in before.parts.get(table, ()) if part.month == month] if before else []
        whole = all(
            part.inputs and set(part.inputs) <= inputs.keys() and self._part_files.path(part.name).exists()
            for part in found
        )
        complete = {name for part in found for name in part.inputs} == inputs.keys()
        fitting = complete or (month != "all" and len(found) < MOST_DELTAS)
        return found if found and whole and fitting and not self._run.again else []

    def _meets(self, key: Month, files: Sequence[File], staying: Sequence[Part]) -> bool:
        """Whether a row of new files is one that is there already: then the newest has to be found among all."""
        self._open_rows(files)
        identity = _identity(contract.TABLES[key[0]], files)
        shared = [name for name in identity if all(name in part.columns for part in staying)]
        for part in staying:
            self._part_files.attach(part.name)
        chosen = ", ".join(quoted(name) for name in shared)
        there = " union all ".join(f"select {chosen} from {quoted(part.name)}.rows" for part in staying)
        met = self.connection.execute(
            f"select 1 from (select hash({as_texts(shared)}) as row from ({there})) "
            f"semi join (select hash({as_texts(shared)}) as row from ({self._intake.rows(files, key[1])})) "
            "using (row) limit 1"
        ).fetchone()
        return met is not None

    def _open_rows(self, files: Iterable[File]) -> None:
        self._recall.open_rows(files, self._intake, self._part_files)

    def _described(self, table: str, month: str, name: str, inputs: Iterable[str]) -> dict[str, Any]:
        """A part as the manifest describes it; of one that was published before, opening it is spared."""
        previous = self._recall.previous
        for part in previous.parts.get(table, ()) if previous else ():
            if part.name == name and not self._run.again:
                return {
                    "name": name,
                    "month": month,
                    "rows": part.rows,
                    "first": str(part.first or ""),
                    "last": str(part.last or ""),
                    "columns": dict(part.columns),
                    "replaced": part.replaced,
                    "inputs": list(inputs),
                }
        return self._part_files.describe(name, month, inputs)

    # --- writing ------------------------------------------------------------------------------------------------

    def _to_build(self, key: Month, name: str, files: Sequence[File]) -> Callable[[], None]:
        """What will write one part: the rows of some files in one month, each row once."""
        table = contract.TABLES[key[0]]
        self._open_rows(files)
        every = self._intake.rows(files, key[1])
        rows = self._staying_rows(key, files) if table.time and any(map(_upserts, files)) else every
        return self._to_write(table, name, rows, _identity(table, files), files, every)

    def _staying_rows(self, key: Month, files: Sequence[File]) -> str:
        """SQL of the rows of some files in one month without those whose place a newer row takes in whatever month."""
        table = contract.TABLES[key[0]]
        plain = [file for file in files if not _upserts(file)]
        pieces = [self._intake.rows(plain, key[1])] if plain else []
        for source in sorted({file.source_name for file in files if _upserts(file)}):
            every = self._upserting[key[0], source]
            self._open_rows(every)
            newest = _newest(self._intake.rows(every, "all"), _identity(table, every), table)
            pieces.append(f"select * from ({newest}) where strftime(day, '%Y-%m') = {literal(key[1])}")
        return " union all by name ".join(pieces)

    def _to_write(
        self,
        table: Table,
        name: str,
        rows: str,
        identity: Sequence[str],
        files: Sequence[File],
        every: str = "",
    ) -> Callable[[], None]:
        """What will write rows as a part; of those that are one, the newest. `every` counts those that were replaced.

        Dictionaries grow here, in the order of the parts, so that they do not depend on which is written first.
        """
        columns = [row[0] for row in self.connection.execute(f"describe {rows}").fetchall()]
        extras = [column for column in columns if not table.column(column) and column != "day" and column[:3] != "cx_"]
        coded = [
            column
            for column in coded_columns(table.name, extras)
            if column in columns and self._dictionaries.take_in(column, files)
        ]
        shown = [
            f"{quoted(column)}::{type_of(self._dictionaries.codes[column])} as {quoted(column)}"
            if column in coded
            else quoted(column)
            for column in columns
            if column not in ("cx_order", "cx_row")
        ]
        return partial(self._write, table, name, rows, identity, files, coded, shown, columns, every or rows)

    def _write(
        self,
        table: Table,
        name: str,
        rows: str,
        identity: Sequence[str],
        files: Sequence[File],
        coded: Sequence[str],
        shown: Sequence[str],
        columns: Sequence[str],
        brought: str,
    ) -> None:
        """Write a part: `shown` of the rows that stay of all `brought`; `coded` are columns with a dictionary."""
        unfinished = self._run.work / f"{name}.duckdb"
        unfinished.unlink(missing_ok=True)
        part = quoted(f"unfinished {name}")
        every = apart = ""
        total, different = self._different(rows, identity, table.key[0])
        if different < total:
            every, apart = rows, ", ".join(map(quoted, identity))
            rows = _newest(rows, identity, table)
        if different < total or not table.time:
            rows += f" order by {', '.join(quoted(column) for column in identity)}"
        self.connection.execute(f"attach {literal(str(unfinished))} as {part}")
        try:
            self.connection.execute(f"create table {part}.rows as select {', '.join(shown)} from ({rows})")
            self._part_files.note_facts(part, table, coded, total if rows == brought else self._count(brought))
            moved.note_identities(self.connection, part, table, columns)
            if different < total and table.time:
                moved.note_retimed(self.connection, part, table, every, apart)
        finally:
            self.connection.execute(f"detach {part}")
        listing.refuse_written(files)
        durable(unfinished, self._part_files.path(name))
        self.written += 1

    def _count(self, rows: str) -> int:
        counted = self.connection.execute(f"select count(*) from ({rows})").fetchone()
        return counted[0] if counted else 0

    def _different(self, rows: str, identity: Sequence[str], key: str) -> tuple[int, int]:
        """How many rows there are, and how many of them differ."""
        ordered = f"select {quoted(key)}::varchar > lag({quoted(key)}::varchar) over () as later from ({rows})"
        row = self.connection.execute(f"select count(*), coalesce(count_if(later), 0) from ({ordered})").fetchone()
        total, risen = row or (0, 0)
        if risen >= total - 1:
            # Names that only ever rise, as most systems number them, need no comparing with each other.
            return total, total
        counted = self.connection.execute(f"select count(distinct hash({as_texts(identity)})) from ({rows})").fetchone()
        return total, counted[0] if counted else 0


def _upserts(file: File) -> bool:
    """Whether a file's rows take the place of earlier ones in any month."""
    return bool(file.source and file.source.upsert)


def _newest(rows: str, identity: Sequence[str], table: Table) -> str:
    """SQL of rows without those that come again newer."""
    newest = f"cx_order desc, {quoted(table.time) + ' desc, ' if table.time else ''}cx_row desc"
    apart = ", ".join(map(quoted, identity))
    return f"select * from ({rows}) qualify row_number() over (partition by {apart} order by {newest}) = 1"


def _identity(table: Table, files: Iterable[File]) -> list[str]:
    """The columns that tell rows apart. Two sources may number their answers alike, but a customer or a step
    described twice is one: it is joined to."""
    columns = {name for file in files for name in file.columns}
    return [*(["cx_source"] if table.time else []), *(name for name in table.key if name in columns)]
