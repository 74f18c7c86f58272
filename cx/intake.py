"""Intake: one export file as rows that keep the contract, each judged, with what is wrong told to a person.

A file is opened as a relation of cleaned columns with `cx_row` (its place in the file) and `cx_problem` (the first
rule it breaks, or nothing). A plain Parquet file stays where it is and is read as often as needed; anything else is read
once into a table. Texts are cleaned only where a look at their different values shows that there is something to clean.
"""

import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

from cx import checksums, contract, encodings, masking, packed, readers, scope
from cx.catalog import Metric, Source
from cx.contract import Column, Table
from cx.cursors import Cursors
from cx.errors import CxError, DataError, counted, explain, nearest
from cx.quoting import literal, quoted
from cx.settings import Settings

RENAME = "Rename it in the export or in a source."
"""What to do about a column whose name is taken."""
UNREAD = {
    "timestamp": ("time", "Write “{}” like 2026-11-22T09:30:00+09:00, or read it with try_strptime in a source."),
    "date": ("day", "Write “{}” like 2026-11-22, or read it with try_strptime in a source."),
    "boolean": ("yes or no", "Write “{}” as true or false."),
}
"""What a text of a column that may be empty may not be, and what to do about it."""
UNREAD_HERE = "try_strptime"
"""A function of sources that makes nothing of a text that it cannot read."""
UNSHOWN = "Where it is filled, the source does not read it: write coalesce(try_strptime(…)::varchar, …), and its value is shown."
"""How a source keeps such a text."""
NAMED_OTHERWISE = (
    "The source takes it from the file's name, which is not like the other files' names: mend the name, or the pattern in "
    "the source."
)
"""What to do where a source finds nothing in a file's name."""
IN_QUOTES = "In single quotes “{}” is a text: write the column in the source without them."
"""A column that was written as a text."""
UNPARSED = "Read it with coalesce(try_strptime(…)::varchar, …) in {}: what that cannot read is set aside row by row."
"""How a source reads times of which some are written otherwise."""
FEW_VALUES = 50
"""Up to this many different values make a segment however few rows there are."""
LONGEST_DICTIONARY = 20_000
"""A column of more values is kept as text: nobody chooses among so many, and sums by it would not be shorter."""
LONGEST_TEXT = 10_000
EARLIEST = "1990-01-01"
MOST_MONTHS = 4
"""A file of more months is read into a table, so that not every month reads it again."""
MOST_NAMED = 30
"""So many columns of a file are named where a source names one that it has not."""
LONGEST_HEADER = 60
SMALL_BYTES = 4_000_000
"""A smaller file is read once, into a table: opening it for every look would take far longer than the look."""
SMALL_ROWS = 200_000
"""The good rows of a file of no more are put together with those of others: thousands of relations would take far
longer to plan than to read."""
FEW_ROWS = 2_000
"""The texts of so few rows are looked at here: the database would plan longer than it looks."""
MOST_REMEMBERED = 200_000
"""Of so many values it is remembered how they are spelled."""
LOOKED_AT = 200_000
MOST_AT_A_LOOK = 10_000
"""A column that has more different values in so many first rows is no column of few values."""
MOST_COLUMNS = 1_500
ALL_BUT_WHOLE = 0.001
"""A score this near to a whole number was probably meant to be one."""
MOST_SPELLINGS = 200
"""Up to so many values that need cleaning are replaced one by one; more are cleaned row by row."""

RESERVED = frozenset(
    (
        "day",
        "metric",
        "segment",
        "segment_2",
        "dimension",
        "value",
        "figure",
        "x",
        *scope.SUMS,
        "brand",
        "present",
        "score",
        "weight",
    )
)

FULL_WIDTH = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000"
HALF_WIDTH = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)) + " "
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
FOLDED_SIGNS = "\uff01-\uff5e\u3000" + INVISIBLE
INCOMING = "incoming"
"""The database in memory in which the files stand open: every thread sees it."""
ERASED = f"{INCOMING}.erased"
"""The customers of whom no rows are read."""
Spelled = tuple[tuple[str, str | None], ...]
"""Values that cleaning changes, with what they become."""
PLAIN = re.compile("[!-~]+")
"""A text that is spelled in one way only."""
FREE_TEXTS = ("comment", "title", "body", "question")
KEYS_AND_CODES = ("metric", "brand", "language", "country")
"""Texts that name nobody; with those whose name ends in `_id` they are what rows are joined by, and stay as they are."""
NESTED = ("STRUCT", "MAP", "UNION")
LOOKED_INTO = 2_000
PERSONAL_SHARE = 0.3
"""Above this share of the different values in so many rows, a column that the contract does not know is about people."""
UNMAPPED = "(unmapped)"
"""What a value becomes that `cx.toml` does not know, where it says that it knows all of a column."""
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Signs that turn the direction of what is written after them, and so can make a text look like another."""


@dataclass(frozen=True)
class Problem:
    """A rule that rows of a file break: how many do, and the first of them."""

    rule: str
    column: str
    rows: int
    row: int
    value: str
    hint: str


@dataclass
class File:
    """One export file and what became of it."""

    path: Path
    shown: str
    table: str
    source: Source | None
    order: int = 0
    digest: str = ""
    stat: tuple[int, ...] = ()
    state: str = "published"
    reason: str = ""
    hint: str = ""
    read: int = 0
    kept: int = 0
    months: list[str] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    first: str = ""
    last: str = ""
    given: tuple[str, ...] = ()
    """The columns that the file, or the source made of it, had when it was last read."""
    header: tuple[str, ...] = ()
    """The columns of the file itself, where a source reads it."""
    days: dict[date, int] = field(default_factory=dict)
    """Its good rows per day, where it was judged in this run."""
    columns: tuple[str, ...] = ()
    """The columns of its rows, once it is open."""
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The values of its columns of few values, once it is open."""
    unreadable: list[readers.Unreadable] = field(default_factory=list)
    """Its rows that could not be cut into columns, once it is open."""
    empty: dict[str, int] = field(default_factory=dict)
    """Per column of the contract that it has, how many of its rows hold nothing there."""
    passing: bool = False
    """Whether it was left out for what is around it, so that it is looked at again though it stays the same."""
    waiting_since: str = ""
    """Since when it has been written to whenever it was looked at."""
    unmapped: dict[str, str] = field(default_factory=dict)
    """Per column of which only some values are known, SQL of its own values, once it is open and has others."""
    unread: dict[str, str] = field(default_factory=dict)
    """Per column that may be empty and is of times, days, or true and false: SQL that tells a text that is none."""
    held: str = ""
    """The day that is kept out of what is published until the rest of it comes."""

    raw_columns: tuple[str, ...] = ()
    """The columns of the file itself, where a source opened it."""
    few: frozenset[str] = frozenset()
    """Its text columns that may have few values."""
    plain: frozenset[str] = frozenset()
    """Those of the others that need no cleaning."""
    unmasked: list[str] = field(default_factory=list)
    """Those whose values are masked row by row."""
    seen: dict[str, set[str | None]] = field(default_factory=dict)
    """The different values of its text columns, while it is being opened and has few rows."""
    gathered: bool = False
    """Whether its good rows lie with those of other small files."""

    @property
    def source_name(self) -> str:
        """The name of its source; empty where it has none."""
        return self.source.name if self.source else ""

    @property
    def relation(self) -> str:
        """The name of its judged rows, once it is open."""
        return f"{INCOMING}.file_{self.order}"

    @property
    def body(self) -> str:
        """The name of its rows as they came, once it is open."""
        return f"{INCOMING}.body_{self.order}"

    def entry(self) -> dict[str, Any]:
        """What the manifest keeps of it."""
        return {
            "file": self.shown,
            "table": self.table,
            "source": self.source_name,
            "digest": self.digest,
            "stat": list(self.stat),
            "state": self.state,
            "reason": self.reason,
            "hint": self.hint,
            "read": self.read,
            "kept": self.kept,
            "months": self.months,
            "problems": self.problems,
            "notes": self.notes,
            "first": self.first,
            "last": self.last,
            "empty": self.empty,
            "passing": self.passing,
            "waiting_since": self.waiting_since,
            "given": list(self.given),
            "header": list(self.header),
        }


def _together(table: str) -> str:
    """The name of the good rows of a contract table's small files."""
    return f"{INCOMING}.together_{table}"


def _whole(file: File) -> str:
    """The name of an open file's rows with those of erased customers."""
    return f"whole_body_{file.order}"


def coded_columns(table: str, extras: Iterable[str]) -> tuple[str, ...]:
    """The columns of a table whose values are few enough for a dictionary."""
    own = {
        "responses": ("metric", *scope.RESPONSE_DIMENSIONS),
        "reviews": ("brand", *scope.REVIEW_DIMENSIONS),
        "invitations": scope.INVITATION_DIMENSIONS,
        "customers": (),
    }
    return (*own[table], *extras) if table in own else ()


class Intake:
    """Opens export files in one connection."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, settings: Settings, metrics: Mapping[str, Metric], work: Path
    ) -> None:
        self.cursors = Cursors(connection)
        self.settings = settings
        self.metrics = metrics
        self.work = work
        self.offset = fixed_offset(settings.zone)
        connection.execute(f"attach if not exists ':memory:' as {INCOMING}")
        connection.execute(
            f"create or replace table {INCOMING}.set_aside "
            '(file varchar, source varchar, "row" bigint, "column" varchar, value varchar, rule varchar, remedy varchar)'
        )
        self.broken: dict[str, tuple[str, CxError]] = {}
        """The sources whose SQL cannot be run on their files, with their digests, and why not."""
        self.erasing: tuple[str, ...] = ()
        """The customers whose rows are not read; the table `erased` names them too."""
        self.together: dict[str, dict[str, None]] = {}
        """Per contract table the columns of the good rows of its small files, which lie together."""
        self.gathering = Lock()
        self.spelled: dict[str, str | None] = {}
        """What cleaning makes of values that were seen."""
        self.made: dict[str, str] = {}
        """The relations of open files: tables and views."""
        self.suspicion = ""
        """Matches the texts that have to go through the masker; empty where nothing is masked."""
        if settings.privacy.mask:
            self._prepare_masking(settings.privacy.names)

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection of this thread: files are opened at the same time."""
        return self.cursors.own

    def erase(self, customers: Sequence[str]) -> None:
        """From here on, read no rows of these customers."""
        self.erasing = tuple(customers)
        self.connection.execute(
            f"create or replace table {ERASED} as select distinct {clean('id', fold=True)} as id "
            "from (select unnest($ids::varchar[]) as id)",
            {"ids": list(customers)},
        )

    def check(self, file: File) -> None:
        """Open a file and judge all of its rows; what cannot be used is refused with a reason."""
        try:
            if readers.kind_of(file.path, file.source.reading.reader if file.source else "") == "parquet":
                checksums.verify(file.path)
            self._open(file)
            self._judge(file)
            file.state = "published"
            if file.read and not file.kept:
                raise DataError(f"Of its {counted(file.read, 'row')} none can be used.", file.problems[0]["hint"])
        except FileNotFoundError:
            file.state = "gone"
        except CxError as error:
            file.state, file.reason, file.hint = "refused", error.message, error.hint
        except duckdb.BinderException as error:
            if not file.source:
                raise
            text = file.source.text
            told = explain(str(error), f"\n{text}", file=file.source.file, text=text, columns=file.raw_columns)
            listed = told.hint.startswith("Known here")
            told.hint = _about_columns(file) if listed else f"{told.hint} {_about_columns(file)}"
            self.broken[f"sources/{file.source.name}"] = (file.source.digest, told)
            file.state, file.reason, file.hint = "refused", f"{told.place}: {told.message}", told.hint
        except duckdb.Error as error:
            file.state, file.reason = "refused", _first_lines(error, self._link(file), file)
            file.hint = f"Correct {file.source.file} or the file." if file.source else checksums.AGAIN
            if file.source and "Could not parse string" in str(error):
                file.hint = UNPARSED.format(file.source.file)
        if file.state == "refused" and not file.path.exists():
            file.state = "gone"

    def open_again(self, file: File) -> None:
        """Open a file whose rows were judged by an earlier publishing."""
        if not file.columns:
            notes = file.notes
            self._open(file)
            file.notes = notes

    def gather(self, file: File) -> None:
        """Put the good rows of an open small file with those of others, and let go of it."""
        if file.gathered or file.kept > SMALL_ROWS:
            return
        if file.kept:
            with self.gathering:
                self._put_together(file)
        self._let_go(file)
        file.gathered = True

    def _put_together(self, file: File) -> None:
        name, columns = _together(file.table), ", ".join(map(quoted, file.columns))
        rows = (
            f"select {columns}, {literal(file.source_name)} as cx_source, {literal(file.shown)} as cx_file, "
            f"{file.order} as cx_order, cx_row from {file.relation} where cx_problem is null"
        )
        known = self.together.setdefault(file.table, {})
        new = [column for column in file.columns if column not in known]
        if not known:
            self.connection.execute(f"create table {name} as {rows}")
        else:
            kinds = (
                dict(
                    self.connection.execute(
                        f"select column_name, column_type from (describe {file.relation})"
                    ).fetchall()
                )
                if new
                else {}
            )
            for column in new:
                self.connection.execute(f"alter table {name} add column {quoted(column)} {kinds[column]}")
            self.connection.execute(f"insert into {name} by name {rows}")
        known.update(dict.fromkeys(new))

    def _small(self, link: Path) -> bool:
        """Whether a Parquet file is small, by its size and by the rows that it says it has."""
        if link.stat().st_size > SMALL_BYTES:
            return False
        try:
            counted = self.connection.execute(f"select count(*) from read_parquet({literal(str(link))})").fetchone()
        except duckdb.Error:
            return False  # the reader says better what is wrong with it
        return counted is not None and counted[0] <= SMALL_ROWS

    def _let_go(self, file: File) -> None:
        """Drop the relations of an open file."""
        for name in (file.relation, file.body, f"{INCOMING}.{_whole(file)}"):
            kind = self.made.pop(name, "")
            if kind:
                self.connection.execute(f"drop {kind} {name}")

    def _make(self, kind: str, name: str, statement: str) -> int:
        """Create a relation of the file being opened, in place of one of an earlier try; return a table's rows."""
        known = self.made.pop(name, "")
        if known:
            self.connection.execute(f"drop {known} {name}")
        created = self.connection.execute(f"create {kind} {name} as {statement}").fetchone()
        self.made[name] = kind
        return int(created[0]) if created else 0

    def carry_over(self, file: File, old: Sequence[tuple[str, Mapping[str, str]]]) -> None:
        """Open the rows that a now damaged file had in these attached parts (name, columns)."""
        if file.columns or not old:
            return
        own = {"file": file.shown, "source": file.source_name}
        kinds = {name: kind for _, held in old for name, kind in held.items() if not name.startswith("cx_")}
        columns = [*kinds]
        texts = [name for name, kind in kinds.items() if kind in ("VARCHAR", "ENUM") and self._masks(name)]
        masks = ", ".join(f"{self._masked(f'{quoted(name)}::varchar')} as {quoted(name)}" for name in texts)
        pieces = " union all by name ".join(f"select * from {quoted(name)}.rows" for name, _ in old)
        chosen = ", ".join(quoted(name) for name in columns)
        self.connection.execute(
            f"create or replace table {file.relation} as select * {f'replace ({masks})' if masks else ''} "
            f"from (select {chosen}, row_number() over () as cx_row, null::varchar as cx_problem "
            f"from ({pieces}) where cx_file = $file and cx_source = $source)",
            own,
        )
        extras = [name for name in columns if not contract.TABLES[file.table].column(name) and name != "day"]
        for name in coded_columns(file.table, extras):
            if name in columns:
                self._note_values(file, name, file.relation, quoted(name))
        file.columns = tuple(columns)

    def rows(self, files: Sequence[File], month: str) -> str:
        """SQL of the good rows of some open files in one month (`all` where the table has no time)."""
        pieces = []
        in_month = []
        if month != "all":
            first = date.fromisoformat(f"{month}-01")
            past = (first + timedelta(days=31)).replace(day=1)
            in_month = [f"day >= date '{first}' and day < date '{past}'"]
        gathered = [file for file in files if file.gathered]
        if gathered:
            columns = ", ".join(
                quoted(name) for name in dict.fromkeys(name for file in gathered for name in file.columns)
            )
            orders = ", ".join(str(file.order) for file in gathered)
            conditions = [f"cx_order in ({orders})", *in_month]
            conditions += [
                f"not (cx_order = {file.order} and day = date {literal(file.held)})" for file in gathered if file.held
            ]
            pieces.append(
                f"select {columns}, cx_source, cx_file, cx_order, cx_row from {_together(gathered[0].table)} "
                f"where {' and '.join(conditions)}"
            )
        for file in files:
            if file.gathered:
                continue
            conditions = ["cx_problem is null"] if file.problems else []
            if file.held:
                conditions.append(f"day <> date {literal(file.held)}")
            if file.months != [month]:
                conditions += in_month
            columns = ", ".join(quoted(name) for name in file.columns)
            held = f" where {' and '.join(conditions)}" if conditions else ""
            source = literal(file.source_name)
            pieces.append(
                f"select {columns}, {source} as cx_source, {literal(file.shown)} as cx_file, "
                f"{file.order} as cx_order, cx_row from {file.relation}{held}"
            )
        return " union all by name ".join(pieces)

    def _link(self, file: File) -> Path:
        return self.work / f"file{file.order}{packed.ending(file.path.name).lower()}"

    def _open(self, file: File) -> None:
        """Make the relation of a file's cleaned and judged rows."""
        link = self._link(file)
        if not link.exists():
            link.symlink_to(file.path)
        table, source = contract.TABLES[file.table], file.source
        body = file.body
        file.unmasked = []
        if source:
            opened = readers.open_raw(self.connection, link, file.shown, source.reading, work=self.work)
            file.raw_columns = tuple(opened.columns)
            file.header = tuple(name for name in file.raw_columns if name not in source.reading.columns)
            rows = self._make("table", body, f"select *, row_number() over () as cx_row from (\n{source.text}\n)")
            found = {row[0]: row[1] for row in self.connection.execute(f"describe {body}").fetchall()}
            found = self._named(table, found, body)
        else:
            small = self._small(link)
            opened = readers.open_raw(self.connection, link, file.shown, work=self.work, name="raw" if small else body)
            found = opened.columns
            rows = self._make("table", body, "from raw") if small else SMALL_ROWS + 1
            self.made.setdefault(body, "view")
        self._check_columns(table, found, source)
        self._refuse_personal(table, found, body)
        file.given = tuple(name for name in found if name not in ("filename", "row_number"))
        file.notes = list(opened.notes)
        file.unreadable = opened.unreadable
        file.unmapped, file.unread = {}, {}
        if self.erasing and "customer_id" in found and table.column("customer_id"):
            self._leave_out_erased(file)
        self._look(file, table, found, body, few_rows=rows <= FEW_ROWS)
        expressions = self._expressions(table, found, file, body)
        extras = self._extras(table, found, file, body)
        chosen = [f"{expression} as {quoted(name)}" for name, expression in (expressions | extras).items()]
        if table.time:
            chosen.append(f"{self._day(expressions[table.time])} as day")
        chosen += [f"{quoted(name)} as {quoted('raw ' + name)}" for name in found if table.column(name)]
        raw = ", ".join(quoted("raw " + name) for name in found if table.column(name))
        place = "cx_row" if source else "row_number as cx_row"
        file.columns = (*expressions, *extras, *(["day"] if table.time else []))
        file.seen = {}
        left = [name for name in file.unmasked if name in file.columns]
        masks = ", ".join(f"{self._masked(quoted(name))} as {quoted(name)}" for name in left)
        self._make(
            # Planning all the rules takes longer than a few rows do, so it is done once for these.
            "table" if rows <= SMALL_ROWS else "view",
            file.relation,
            f"select * exclude ({raw}) {f'replace ({masks})' if masks else ''}, "
            f"{self._verdict(table, found)} as cx_problem "
            f"from (select {', '.join(chosen)}, {place} from {body})",
        )

    def _leave_out_erased(self, file: File) -> None:
        """Look at an open file's rows without those of erased customers, who thus get into no list and no dictionary."""
        given = "customer_id::varchar"
        cleaned = f"case when {_needs_cleaning(given, 'VARCHAR')} then {clean(given, fold=True)} else {given} end"
        gone = f"coalesce({cleaned} in (select id from {ERASED}), false)"
        found = self.connection.execute(f"select count(*) from {file.body} where {gone}").fetchone()
        if not found or not found[0]:
            return
        file.notes.append(f"Left out: {counted(found[0], 'row')} of erased customers.")
        kind, whole = self.made.pop(file.body), _whole(file)
        self.connection.execute(f"alter {kind} {file.body} rename to {whole}")
        self.made[f"{INCOMING}.{whole}"] = kind
        self._make("view", file.body, f"select * from {INCOMING}.{whole} where not {gone}")

    def _judge(self, file: File) -> None:
        """Count a file's rows by day, and what is wrong with the others."""
        table = contract.TABLES[file.table]
        counted = self.connection.execute(
            f"select {'day' if table.time else 'null::date'}, count(*), count(cx_problem) "
            f"from {file.relation} group by 1 order by 1"
        ).fetchall()
        file.read = sum(n for _, n, _ in counted)
        good = {day: n - bad for day, n, bad in counted if n > bad}
        file.kept = sum(good.values())
        file.days = {day: n for day, n in good.items() if day}
        file.months = list(dict.fromkeys(f"{day:%Y-%m}" if day else "all" for day in good))
        file.first, file.last = str(min(file.days, default="")), str(max(file.days, default=""))
        file.problems = []
        if file.kept < file.read:
            self._note_problems(file)
        for one in file.unreadable:
            file.read += one.rows
            number, content = one.listed[0]
            self._set_aside(file, Problem(one.rule, "", one.rows, number, content, one.hint), one.listed)
        self._note_oddities(file, table)
        self._note_unmapped(file)
        self._note_unread(file, table)
        if len(file.months) > MOST_MONTHS and file.kept > SMALL_ROWS:
            _, _, name = file.relation.partition(".")
            self.connection.execute(f"create or replace table {INCOMING}.whole_{name} as select * from {file.relation}")
            self._let_go(file)
            self.connection.execute(f"alter table {INCOMING}.whole_{name} rename to {name}")
            self.made[file.relation] = "table"

    def _named(self, table: Table, found: dict[str, str], body: str) -> dict[str, str]:
        """The columns that a source gives, those of the contract spelled its way: SQL does not mind capitals."""
        for name in found:
            plain = name.lower()
            if plain != name and table.column(plain) and plain not in found:
                self.connection.execute(f"alter table {body} rename column {quoted(name)} to {quoted(plain)}")
        named = {row[0]: row[1] for row in self.connection.execute(f"describe {body}").fetchall()}
        named.pop("cx_row")
        return named

    def readable(self, file: File) -> str:
        """What is wrong with an open file that cannot be read to its end; an empty text where it can."""
        columns = ", ".join(f"hash({quoted(name)})" for name in file.columns)
        try:
            self.connection.execute(f"select max(hash({columns})) from ({self.rows([file], 'all')})")
        except duckdb.Error as error:
            return _first_lines(error, self._link(file), file)
        return ""

    def _note_oddities(self, file: File, table: Table) -> None:
        """Note what is accepted and yet worth a word: no rows, empty columns, cut texts, numbers that are all but whole."""
        if not file.read:
            file.notes.append("It holds no rows.")
            return
        body = file.body
        found = {row[0]: row[1] for row in self.connection.execute(f"describe {body}").fetchall()}
        known = [name for name in found if table.column(name) or (table.open and column_name(name) in file.columns)]
        texts = [name for name in known if name in FREE_TEXTS]
        long = [
            f"strlen({quoted(name)}::varchar) > {LONGEST_TEXT} and length({quoted(name)}::varchar) > {LONGEST_TEXT}"
            for name in texts
        ]
        near = []
        if table.name == "responses" and found.get("score", "").startswith(("DOUBLE", "FLOAT", "DECIMAL", "VARCHAR")):
            score = "try_cast(score as double)"
            near = [f"abs({score} - round({score})) between 1e-12 and {ALL_BUT_WHOLE}"]
        measured = self.connection.execute(
            f"select {', '.join(['count(*)', *(f'count({quoted(name)})' for name in known)])}"
            + "".join(f", count_if({condition})" for condition in (*long, *near))
            + f" from {body}"
        ).fetchone()
        rows, *numbers = measured or (0,)
        file.empty = {name: rows - number for name, number in zip(known, numbers, strict=False)}
        file.notes += [
            f"The column “{name}” is empty in all of its rows."
            for name, number in file.empty.items()
            if number == rows and not (table.column(name) or Column("", "text", "")).required
        ]
        numbers = numbers[len(known) :]
        file.notes += [
            f"“{name}” is cut at {LONGEST_TEXT:,} letters where it is longer: {counted(number, 'text')}."
            for name, number in zip(texts, numbers, strict=False)
            if number
        ]
        if near and numbers[-1]:
            file.notes.append(
                f"Scores that are all but whole (such as 8.999999) are judged as they stand ({numbers[-1]:,}); "
                "round them in a source where the export meant whole ones."
            )

    def _look(self, file: File, table: Table, found: dict[str, str], body: str, *, few_rows: bool) -> None:
        """Learn which text columns may have few values, and whether the others need any cleaning."""
        texts = [
            name
            for name, kind in found.items()
            if (_kind(table, name) == "text" if table.column(name) else _plain(kind))
        ]
        texts = [name for name in texts if name not in FREE_TEXTS and name not in ("filename", "row_number", "cx_row")]
        file.values, file.few, file.plain = {}, frozenset(), frozenset()
        if not texts:
            return
        if few_rows:
            cells = ", ".join(f"{quoted(name)}::varchar" for name in texts)
            rows = self.connection.execute(f"select {cells} from {body}").fetchall()
            file.seen = {
                quoted(name): set(values) for name, values in zip(texts, zip(*rows, strict=True), strict=False)
            }
            file.few = frozenset(texts) if rows else frozenset()
            return
        estimates = ", ".join(f"approx_count_distinct({quoted(name)})" for name in texts)
        row = self.connection.execute(f"select {estimates} from (from {body} limit {LOOKED_AT})").fetchone()
        counted = zip(texts, row or (), strict=True)
        file.few = frozenset(name for name, different in counted if different <= MOST_AT_A_LOOK)
        others = [name for name in texts if name not in file.few]
        # What is safe in an address needs no cleaning, and is told far faster than signs are looked at one by one.
        for doubtful in (_needs_encoding, _needs_cleaning):
            if others:
                tests = ", ".join(f"coalesce(bool_or({doubtful(quoted(name), found[name])}), false)" for name in others)
                row = self.connection.execute(f"select {tests} from {body}").fetchone()
                told = zip(tuple(others), row or (), strict=True)
                others = [name for name, needed in told if needed]
        file.plain = frozenset(texts) - file.few - frozenset(others)

    def _note_values(self, file: File, name: str, source: str, expression: str) -> Spelled | None:
        """Note the different values of a column, and return those that cleaning changes with what they become.

        None, and nothing noted, where there are too many for a dictionary.
        """
        if expression in file.seen:
            values = [value for value in file.seen[expression] if value is not None]
        else:
            found = self.connection.execute(
                f"select distinct {expression}::varchar as value from {source} where {expression} is not null "
                f"limit {LONGEST_DICTIONARY + 1}"
            ).fetchall()
            values = [row[0] for row in found]
        if len(values) > LONGEST_DICTIONARY:
            return None
        new = [value for value in values if value not in self.spelled and not PLAIN.fullmatch(value)]
        told: dict[str, str | None] = {}
        if new:
            told = dict(
                self.connection.execute(
                    f"select value, {clean('value', fold=True)} from (select unnest($values::varchar[]) as value)",
                    {"values": new},
                ).fetchall()
            )
            if len(self.spelled) < MOST_REMEMBERED:
                self.spelled.update(told)
        cleaned = [(value, told[value] if value in told else self.spelled.get(value, value)) for value in values]
        if self._masks(name):
            masked = masking.masked([after or "" for _, after in cleaned], self.settings.privacy.names)
            cleaned = [(before, mark or None) for (before, _), mark in zip(cleaned, masked, strict=True)]
        file.values[name] = tuple(sorted({after for _, after in cleaned if after is not None}))
        return tuple((before, after) for before, after in cleaned if before != after)

    def _cleaned(self, file: File, name: str, kind: str, body: str, segment: str) -> str:
        """SQL that cleans a column of codes: only what needs it, where its values are few enough to look at."""
        text = quoted(name) if kind == "VARCHAR" else f"{quoted(name)}::varchar"
        if name in file.few:
            changed = self._note_values(file, segment, body, quoted(name))
            if changed == ():
                return text
            if changed is not None and len(changed) <= MOST_SPELLINGS:
                cases = " ".join(
                    f"when {literal(before)} then {'null' if after is None else literal(after)}"
                    for before, after in changed
                    if "\x00" not in before
                )
                if cases and all("\x00" not in before for before, _ in changed):
                    return f"case {text} {cases} else {text} end"
        if self._masks(segment):
            file.unmasked.append(segment)
        return f"nullif({text}, '')" if name in file.plain else clean(quoted(name), fold=True)

    def _prepare_masking(self, names: tuple[str, ...]) -> None:
        """Make the masker known to SQL, and the pattern of the texts that have to go through it."""

        def masked(texts: pa.ChunkedArray) -> pa.Array:
            return pa.array(masking.masked(texts.to_pylist(), names), pa.string())

        self.connection.create_function("cx_masked", masked, ["VARCHAR"], "VARCHAR", type=PythonUDFType.ARROW)
        self.suspicion = "|".join([masking.suspicion(), *masking.plainly(names)])

    def _masks(self, column: str) -> bool:
        """Whether personal data in a text column is masked."""
        return bool(self.suspicion) and not column.endswith("_id") and column not in KEYS_AND_CODES

    def _masked(self, text: str) -> str:
        """SQL of a text with personal data masked; only what may hold some goes through Python."""
        return f"case when regexp_matches({text}, {literal(self.suspicion)}) then cx_masked({text}) else {text} end"

    def _check_columns(self, table: Table, found: dict[str, str], source: Source | None) -> None:
        """Refuse a file whose columns are not what the contract says, however many of its rows could be used."""
        mended = " Rename it in the source." if source else " Rename it in the export, or write a source that maps it."
        if len(found) > MOST_COLUMNS:
            raise DataError(
                f"It has {len(found):,} columns, more than {MOST_COLUMNS:,}.",
                "Write a source that takes those that are wanted.",
            )
        for name, kind in found.items():
            if kind.endswith("]") or kind.startswith(NESTED):
                raise DataError(
                    f"The column “{name}” holds lists or objects, not single values.",
                    "Leave it out, or write a source that takes single values out of it (unnest, dots).",
                )
            plain = "_".join(unicodedata.normalize("NFKC", name).split()).casefold()
            if plain != name and table.column(plain) and plain not in found:
                raise DataError(f"The column “{name}” is spelled “{plain}” in {table.name}.", mended.strip())
        missing = [name for name in table.required if name not in found]
        if table.either:
            present = [name for name in table.either if name in found]
            missing = [name for name in missing if name not in table.either]
            if not present:
                missing.append(" or ".join(table.either))
        if missing:
            where = f"The source {source.name} gives" if source else "The file has"
            # A column that the table knows is no other one misspelt.
            others = [name for name in found if not table.column(name)]
            hints = [nearest(name, others) for name in missing[0].split(" or ")]
            hint = next((f"{hint}{mended}" for hint in hints if hint.startswith("Did you mean")), "")
            if not hint and source:
                hint = f"Give it in the source: `… as {missing[0].split(' or ')[0]}`."
            hint = hint or nearest("", found) + mended
            raise DataError(f"{where} no column “{missing[0]}”, which {table.name} must have.", hint)

    def _refuse_personal(self, table: Table, found: dict[str, str], body: str) -> None:
        """Refuse a file with a column that the contract does not know and whose values are phones, addresses or the like."""
        names = [name for name, kind in found.items() if not table.column(name) and _plain(kind)]
        if not names:
            return
        chosen = ", ".join(f"{quoted(name)}::varchar" for name in names)
        rows = self.connection.execute(f"select {chosen} from {body} limit {LOOKED_INTO}").fetchall()
        for name, values in zip(names, zip(*rows, strict=True), strict=False):
            different = {value.strip() for value in values if value}
            kinds = Counter(
                kind
                for value in different
                for start, past, kind in masking.found(value)
                if (start, past) == (0, len(value))
            )
            if kinds.total() > PERSONAL_SHARE * len(different):
                raise DataError(
                    f"The column “{name}”, which {table.name} does not know, holds what names people "
                    f"({kinds.most_common(1)[0][0]}).",
                    "Leave it out of the export, or write a source that leaves it out.",
                )

    def _expressions(self, table: Table, found: dict[str, str], file: File, body: str) -> dict[str, str]:
        expressions: dict[str, str] = {}
        for column in table.columns:
            if column.name not in found:
                continue
            kind = found[column.name]
            name = quoted(column.name)
            if column.type == "text":
                if column.name in FREE_TEXTS:
                    expressions[column.name] = clean(name, fold=False)
                    file.unmasked += [column.name] if self._masks(column.name) else []
                else:
                    cleaned = self._cleaned(file, column.name, kind, body, column.name)
                    expressions[column.name] = self._mapped(file, column.name, cleaned)
            elif column.type == "number":
                expressions[column.name] = _number(name, kind)
            elif column.type == "integer":
                expressions[column.name] = f"try_cast({_number(name, kind)} as bigint)"
            elif column.type == "boolean":
                expressions[column.name] = f"try_cast({name} as boolean)"
            elif column.type == "date":
                expressions[column.name] = (
                    f"cast({name} as date)" if kind.startswith("TIMESTAMP") else f"try_cast({name} as date)"
                )
            else:
                expressions[column.name] = self._instant(column.name, kind, file)
            if column.type in UNREAD and not column.required and kind.startswith("VARCHAR"):
                file.unread[column.name] = f"trim({name}) <> '' and {expressions[column.name]} is null"
        return expressions

    def _day(self, instant: str) -> str:
        """SQL for the day of an instant in the reporting zone; by arithmetic where the zone never shifts."""
        if self.offset is None:
            return f"cast({instant} as date)"
        moved = f"((epoch_us({instant}) + {self.offset * 1_000_000}) // 86400000000)"
        return f"case when isfinite({instant}) then date '1970-01-01' + {moved}::integer end"

    def _instant(self, column: str, kind: str, file: File) -> str:
        """A timestamp column as an instant; a zone must be in the value, the source or cx.toml."""
        name = quoted(column)
        zone = (file.source.zone if file.source else "") or self.settings.export_time_zone
        naive = f"timezone({literal(zone)}, {{0}})" if zone else "null::timestamptz"
        if kind == "TIMESTAMP WITH TIME ZONE" or kind.startswith("TIMESTAMPTZ"):
            return f"{name}::timestamptz"
        if kind == "DATE":
            return f"timezone({literal(self.settings.time_zone)}, {name}::timestamp)"
        if kind.startswith("TIMESTAMP"):
            if not zone:
                raise DataError(
                    f"The times in “{column}” carry no time zone.",
                    "Export them with a zone, declare `zone:` in the source, or set export_time_zone in cx.toml.",
                )
            return naive.format(f"{name}::timestamp")
        text = f"trim({name}::varchar)"
        day_only = f"timezone({literal(self.settings.time_zone)}, try_cast({text} as timestamp))"
        return (
            f"case when regexp_full_match({text}, '\\d{{4}}-\\d{{1,2}}-\\d{{1,2}}') then {day_only} "
            f"when regexp_matches({text}, {literal(NAMES_ITS_ZONE)}) then {zoned(text)} "
            # DuckDB passes over what stands behind a time: PM or the name of a zone.
            f"when regexp_full_match({text}, {literal(BARE)}) then {naive.format(f'try_cast({text} as timestamp)')} end"
        )

    def _extras(self, table: Table, found: dict[str, str], file: File, body: str) -> dict[str, str]:
        """Unknown columns of few values, cleaned: they are segments; the others are named and left out."""
        if not table.open:
            file.notes += [
                f"The column “{name}” is none of {table.name} and left out."
                for name in found
                if not table.column(name) and name not in ("filename", "row_number")
            ]
            return {}
        extras: dict[str, str] = {}
        for name, kind in found.items():
            if table.column(name) or name in ("filename", "row_number"):
                continue
            plain = _plain(kind)
            segment = column_name(name)
            own = not segment or segment in RESERVED or segment.startswith("cx_")
            if not plain or own or table.column(segment) or segment in extras:
                why = "its type" if not plain else "its name, which the product uses itself"
                remedy = RENAME if plain else "Make it a text or a whole number in a source."
                told = f"The column “{name}” is no segment because of {why}."
                file.notes.append(f"{told} {remedy}")
                continue
            expression = self._cleaned(file, name, kind, body, segment) if name in file.few else ""
            values = file.values.get(segment)
            different = len(values) if values is not None else LONGEST_DICTIONARY
            if different > FEW_VALUES:
                filled = self.connection.execute(f"select count({quoted(name)}) from {body}").fetchone()
                many = different > scope.MOST_VALUES or not filled or different > filled[0] / 2
            else:
                many = False
            if many:
                file.values.pop(segment, None)
                told = f"{different:,}" if values is not None else f"over {scope.MOST_VALUES:,}"
                file.notes.append(f"The column “{name}” has too many different values ({told}) to be a segment.")
            else:
                extras[segment] = self._mapped(file, segment, expression)
                if segment in contract.ADDRESS:
                    told = (
                        f"The column “{name}” is a segment of questions and no filter, because addresses use its name."
                    )
                    file.notes.append(f"{told} {RENAME}")
        return extras

    def _mapped(self, file: File, column: str, expression: str) -> str:
        """SQL of a column with a word for all values that are not known, where `cx.toml` says which are."""
        if column not in self.settings.segments_known:
            return expression
        known = self.settings.value_labels[column]
        values = file.values.get(column)
        if values is not None:
            if known.keys() >= set(values):
                return expression
            file.values[column] = tuple(sorted({*(value for value in values if value in known), UNMAPPED}))
        file.unmapped[column] = expression
        listed = ", ".join(map(literal, known))
        return f"case when {expression} not in ({listed}) then {literal(UNMAPPED)} else {expression} end"

    def _verdict(self, table: Table, found: dict[str, str]) -> str:
        """The first rule a row breaks, as `rule|column|value`, or null for a good row."""
        cases: list[str] = []

        def rule(name: str, column: str, condition: str) -> None:
            shown = (
                f"coalesce(left({quoted('raw ' + column)}::varchar, {readers.LONGEST_LOOKED}), '')"
                if column in found
                else "''"
            )
            cases.append(f"when {condition} then {literal(name + '|' + column + '|')} || {shown}")

        for column in table.columns:
            if column.name not in found:
                continue
            name, raw = quoted(column.name), quoted("raw " + column.name)
            given = f"({raw} is not null and trim({raw}::varchar) <> '')"
            kind = found[column.name]
            if column.type in ("number", "integer") and not ("INT" in kind and column.type == "number"):
                rule("not a number", column.name, f"{given} and {name} is null")
            elif column.type in ("timestamp", "date") and column.required and kind != "TIMESTAMP WITH TIME ZONE":
                rule("not a time with a zone", column.name, f"{given} and {name} is null")
            if column.required and column.name not in table.either:
                rule("empty", column.name, f"{name} is null")
            if column.low is not None:
                rule(f"below {column.low:g}", column.name, f"{name} < {column.low}")
            if column.name == table.time:
                rule("before 1990", column.name, f"{name} < timestamptz '{EARLIEST} 00:00:00+00'")
                rule("in the future", column.name, f"{name} > now() + interval 1 day")
        if table.name == "responses" and "score" in found:
            for metric in self.metrics.values():
                if metric.table == "responses" and metric.scale:
                    low, high = metric.scale
                    rule(
                        f"outside the scale {low:g}–{high:g} of {metric.answers}",
                        "score",
                        f"metric = {literal(metric.answers)} and (score < {low} or score > {high})",
                    )
        if table.name == "reviews" and "rating" in found:
            most = "coalesce(rating_max, 5)" if "rating_max" in found else "5"
            rule("above the most stars possible", "rating", f"rating > {most}")
        if table.either:
            present = [quoted(name) for name in table.either if name in found]
            first = next(name for name in table.either if name in found)
            rule("nothing in it", first, " and ".join(f"{name} is null" for name in present))
        return f"case {' '.join(cases)} end" if cases else "null::varchar"

    def _note_problems(self, file: File) -> None:
        """Note which rules a file's rows break: their number as a whole, and the rows themselves up to a number."""
        self.connection.execute(
            "create or replace temp table breaking as select cx_row, split_part(cx_problem, '|', 1) as rule, "
            "split_part(cx_problem, '|', 2) as place, "
            "substr(cx_problem, length(split_part(cx_problem, '|', 1)) + length(split_part(cx_problem, '|', 2)) + 3) "
            f"as given from {file.relation} where cx_problem is not null"
        )
        counted = self.connection.execute(
            "select rule, place, count(*), min(cx_row), arg_min(given, cx_row) from breaking group by all order by 3 desc, 4"
        ).fetchall()
        for rule, column, number, row, value in counted:
            listed = self.connection.execute(
                "select cx_row, given from breaking where rule = $rule and place = $place "
                f"order by cx_row limit {readers.MOST_LISTED}",
                {"rule": rule, "place": column},
            ).fetchall()
            remedy = _remedy(rule, column)
            if rule == "empty" and file.source and UNREAD_HERE in file.source.text:
                remedy = f"{remedy} {UNSHOWN}"
            if rule == "empty" and file.source and number == file.read and _by_filename(file.source.text, column):
                remedy = NAMED_OTHERWISE
            if value and file.source and value in file.raw_columns and f"'{value}'" in file.source.text:
                remedy = IN_QUOTES.format(value)
            if rule == "not a time with a zone" and UNZONED.fullmatch((value or "").strip()):
                remedy = IN_SOURCE if file.source else IN_SETTINGS
            self._set_aside(file, Problem(rule, column, number, row, value or "", remedy), listed)

    def _note_unmapped(self, file: File) -> None:
        """Note rows with a value that is not known: they are published under another word, and listed."""
        for column, expression in file.unmapped.items():
            known = ", ".join(map(literal, self.settings.value_labels[column]))
            number = "cx_row" if file.source else "row_number"
            found = self.connection.execute(
                f"select {number}, left({expression}, {readers.LONGEST_LOOKED}), count(*) over () "
                f"from {file.body} where {expression} not in ({known}) order by 1 limit {readers.MOST_LISTED}"
            ).fetchall()
            if found:
                total, (row, value, _) = found[0][2], found[0]
                rule = f"unknown, shown as {UNMAPPED}"
                hint = f"Name it in [labels.{column}.values], or correct it in the export."
                self._list(
                    file, Problem(rule, column, total, row, value, hint), [(row, text) for row, text, _ in found]
                )
                file.notes.append(
                    f"Unknown “{column}” in {counted(total, 'row')}, such as “{self._scrubbed(value)}”: "
                    f"shown as {UNMAPPED}."
                )

    def _note_unread(self, file: File, table: Table) -> None:
        """Note rows that are published without what they say of a time, a day or a yes, because it is none."""
        good = f"and cx_place not in (select cx_row from {file.relation} where cx_problem is not null)"
        for column, unread in file.unread.items():
            number = "cx_row" if file.source else "row_number"
            found = self.connection.execute(
                f"select cx_place, value, count(*) over () from (select {number} as cx_place, "
                f"left({quoted(column)}, {readers.LONGEST_LOOKED}) as value from {file.body} where {unread}) "
                f"where true {good if file.problems else ''} order by 1 limit {readers.MOST_LISTED}"
            ).fetchall()
            if found:
                total, (row, value, _) = found[0][2], found[0]
                what, hint = UNREAD[_kind(table, column)]
                problem = Problem(f"no {what}, left empty", column, total, row, value, hint.format(column))
                self._list(file, problem, [(row, text) for row, text, _ in found])
                told = (
                    f"“{column}” holds no {what} in some rows, such as “{self._scrubbed(value)}” in row {row:,}, and is "
                    f"left empty there (rows: {total:,})."
                )
                file.notes.append(f"{told} {hint.format(column)}")

    def _set_aside(self, file: File, problem: Problem, listed: Sequence[tuple[int, str]]) -> None:
        """Note rows of a file that break one rule: how many, and those that are listed (number and value)."""
        file.problems.append(asdict(problem) | {"value": self._scrubbed(problem.value)})
        self._list(file, problem, listed)

    def _scrubbed(self, value: str) -> str:
        """A value as it may be listed: masked, and short; a row that could not be cut into columns may name an erased
        customer."""
        if any(name in value for name in self.erasing):
            return ""
        masked = masking.masked([value], self.settings.privacy.names)[0] if self.suspicion else value
        return masked[: readers.LONGEST_SHOWN]

    def _list(self, file: File, problem: Problem, listed: Sequence[tuple[int, str]]) -> None:
        self.connection.execute(
            f"insert into {INCOMING}.set_aside select $file, $source, unnest($rows::bigint[]), $column, "
            "unnest($values::varchar[]), $rule, $remedy",
            {
                "file": file.shown,
                "source": file.source_name,
                "rows": [row for row, _ in listed],
                "column": problem.column,
                "values": [self._scrubbed(value) for _, value in listed],
                "rule": problem.rule,
                "remedy": problem.hint,
            },
        )


NAMES_ITS_ZONE = (
    r"\d:\d.*(?:\d[zZ]|\d ?[+-]\d{2}(?::?\d{2})?| (?:UTC|GMT)(?:[+-]\d{1,2}(?::?\d{2})?)?"
    r"| (?:CET|EET|WET|EST|MST|PST|KST|JST|CEST|EEST|WEST|EDT|CDT|MDT|PDT|AEST|AEDT)| [A-Z][a-z]+/[A-Za-z_/]+)$"
)
"""A time of day with the zone behind it: an offset, or a name that stands for one zone only."""
ABBREVIATED = {
    **{"KST": "+09:00", "JST": "+09:00", "CEST": "+02:00", "EEST": "+03:00", "WEST": "+01:00", "AEST": "+10:00"},
    **{"AEDT": "+11:00", "EDT": "-04:00", "CDT": "-05:00", "MDT": "-06:00", "PDT": "-07:00"},
}
"""Such names that DuckDB does not know, and what each stands for."""
BARE = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[ tT]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d*)?)?)?"
"""A time with nothing behind it."""
UNZONED = re.compile(r"\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?")
"""A time that lacks nothing but its zone."""
IN_SOURCE = "It carries no zone: add the line `-- zone: Asia/Seoul` to the source, or that of the system that wrote it."
IN_SETTINGS = "It carries no zone: name that of the exports as `export_time_zone` in cx.toml."


def zoned(text: str) -> str:
    """SQL of an instant that is written with its zone."""
    for name, offset in ABBREVIATED.items():
        text = f"replace({text}, ' {name}', '{offset}')"
    return f"try_cast(regexp_replace({text}, '(\\d) ([+-]\\d{{2}})', '\\1\\2') as timestamptz)"


def _about_columns(file: File) -> str:
    """What a source's file calls its columns, for somebody who called one otherwise."""
    names = file.raw_columns
    if len(names) == 1 and any(sign in names[0] for sign in encodings.DELIMITERS):
        return f"The file has one column only, “{names[0][:LONGEST_HEADER]}”: look at the `delimiter` in the source."
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    named = ", ".join(names[:MOST_NAMED]) + more
    return f"The file has the columns {named}. What only other files have stands under `columns` in the source."


@contextmanager
def aside(settings: Settings, metrics: Mapping[str, Metric]) -> Iterator["Intake"]:
    """An intake of which nothing is published: to see what publishing would make of a file."""
    with tempfile.TemporaryDirectory() as work, duckdb.connect() as connection:
        connection.execute(f"set timezone = {literal(settings.time_zone)}")
        yield Intake(connection, settings, metrics, Path(work))


def _first_lines(error: duckdb.Error, link: Path, file: File) -> str:
    """What DuckDB says of a file: the second line often names the cause."""
    return f"DuckDB cannot read it: {' '.join(str(error).splitlines()[:2]).replace(str(link), file.shown)}"


@cache
def fixed_offset(zone: ZoneInfo) -> int | None:
    """The seconds that a zone is ahead of UTC where they never change after EARLIEST, else None."""
    first = datetime.fromisoformat(EARLIEST).replace(tzinfo=UTC)
    seen = {(first + timedelta(days=20 * step)).astimezone(zone).utcoffset() for step in range(1_000)}
    only = seen.pop() if len(seen) == 1 else None
    return None if only is None else int(only.total_seconds())


def _plain(kind: str) -> bool:
    """Whether a column of this type could be a segment."""
    return (kind.startswith(("VARCHAR", "BOOLEAN", "ENUM")) or "INT" in kind) and not kind.endswith("]")


def _kind(table: Table, name: str) -> str:
    column = table.column(name)
    return column.type if column else ""


def _needs_encoding(name: str, kind: str) -> str:
    """SQL that tells whether a text holds anything but plain letters, digits and `-._~`."""
    return f"url_encode({name}) <> {name}" if kind == "VARCHAR" else _needs_cleaning(name, kind)


def _needs_cleaning(name: str, kind: str) -> str:
    """SQL that tells whether a text could be spelled in another way: signs beyond ASCII, or blanks of any kind."""
    if kind.startswith("ENUM"):
        name = f"{name}::varchar"
    elif kind != "VARCHAR":
        return "false" if "INT" in kind or kind == "BOOLEAN" else "true"
    return f"regexp_matches({name}, '[^!-~]')"


def column_name(name: str) -> str:
    """An export's column name as a segment's: lower case, other signs than letters and digits as `_`."""
    folded = "".join(sign if sign.isalnum() else "_" for sign in name.strip().lower())
    return folded.strip("_")


def clean(name: str, *, fold: bool) -> str:
    """SQL that makes one text of many spellings: NFC, no NUL or invisible signs, trimmed, empty as null.

    With `fold`, full-width letters become plain ones, as segment values and codes need; without, signs that turn the
    direction of writing are spelled out.
    """
    text = f"replace({name}::varchar, chr(0), '')"
    text = f"nfc_normalize({text})"
    if fold:
        # translate() is slow, so it runs only on the few texts that hold such a sign.
        folded = f"translate({text}, {literal(FULL_WIDTH + INVISIBLE)}, {literal(HALF_WIDTH)})"
        text = f"case when regexp_matches({text}, {literal('[' + FOLDED_SIGNS + ']')}) then {folded} else {text} end"
        return f"nullif(trim(regexp_replace({text}, '\\s+', ' ', 'g')), '')"
    shown = text
    for sign in TURNING:
        shown = f"replace({shown}, {literal(sign)}, '\\u{ord(sign):04x}')"
    text = f"case when regexp_matches({text}, {literal(f'[{TURNING}]')}) then {shown} else {text} end"
    return f"nullif(regexp_replace(left({text}, {LONGEST_TEXT}), '^\\s+|\\s+$', '', 'g'), '')"


def _number(name: str, kind: str) -> str:
    """SQL for a finite number; a decimal keeps its digits, a text that is none becomes null."""
    if "INT" in kind and not kind.endswith("]"):
        return f"{name}::double"
    number = f"try_cast(trim({name}) as double)" if kind.startswith("VARCHAR") else f"try_cast({name} as double)"
    return f"case when isfinite({number}) then {number} end"


def _by_filename(text: str, column: str) -> bool:
    """Whether a source makes a column of the file's name."""
    return bool(re.search(rf"\bfilename\b.* as {re.escape(column)}\b", text))


def _remedy(rule: str, column: str) -> str:
    """What to do about rows that break a rule."""
    remedies = {
        "not a number": f"Export numbers in “{column}”; leave it empty where there is none.",
        "not a time with a zone": (
            f"Write “{column}” like 2026-11-22T09:30:00+09:00, or like 2026-11-22 09:30 with its zone declared; "
            "a source reads other ways with `try_strptime`."
        ),
        "empty": f"Fill “{column}” in the export.",
        "before 1990": f"Look how “{column}” is exported: such dates usually stand for “unknown”.",
        "in the future": f"Look at the clock or the zone of “{column}”.",
        "nothing in it": "Leave such rows out of the export, or with `where` in a source.",
        "above the most stars possible": "Give `rating_max` where the scale is not five stars.",
    }
    if rule.startswith("outside the scale"):
        return "Map codes that mean “no answer” to empty in a source, or correct the scale in the metric's file."
    return remedies.get(rule, f"Look at “{column}” in the export.")
