"""The tables an answer may read: a scope, the asked filters, and the SQL of both.

A question names tables (`scores`, `responses`, …); this module turns each name into a relation over the
snapshot's parts or its smallest fitting rollup, holding only the asked period and segments. Filter
values are always bound. Nothing here reads data.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations, pairwise
from re import findall
from typing import Any

from cx import contract, naming
from cx.catalog import ALIASES, METRIC_TABLES, PANEL, SINGLE, SPOKEN, SUMMED, TIMED, Metric
from cx.errors import QueryError, nearest
from cx.periods import ONE_DAY, Period, comparison
from cx.quoting import literal, quoted
from cx.snapshot import Part, Rollup, Snapshot, Sums, Texts

RESPONSE_DIMENSIONS = ("touchpoint", "channel", "unit_id", "survey", "wording_version", "language")
REVIEW_DIMENSIONS = ("source", "country", "product", "version", "language")
INVITATION_DIMENSIONS = ("touchpoint", "channel")
WORDS = {"responses": (("comment",), "response_id"), "comments": (("text", "words"), "comment_id")}
"""Tables that hold what single customers wrote: in which columns, and what tells rows apart that name no customer."""
SUMS = ("n", "w", "w2", "wx", "wx2")
IDENTITY = ("answer_id", "answered_at", "customer_id", "comment")
"""What a single answer has besides its dimensions: its own name and instant, who gave it, what was said."""
TERMS = "1::bigint as n, w, w * w as w2, w * x as wx, w * x * x as wx2"
"""The five sums of a single answer of weight w and value x."""
COMMENT_COLUMNS = {
    "comment_id": "varchar",
    "origin": "varchar",
    "day": "date",
    "metric": "varchar",
    "brand": "varchar",
    "own": "boolean",
    "customer_id": "varchar",
    "score": "double",
    "w": "double",
    "x": "double",
    "kind": "varchar",
    "sentiment": "double",
    "words": "varchar",
    "text": "varchar",
    "rating_max": "double",
    "verified": "boolean",
    "incentivised": "boolean",
    "replied_at": "timestamptz",
    naming.COLUMN: "boolean",
}
"""The columns of `comments` besides all dimensions of answers and reviews."""
MENTION_COLUMNS = {"theme": "varchar"} | {
    name: kind for name, kind in COMMENT_COLUMNS.items() if name not in ("words", "text")
}
"""Those of `mentions`, where the sentiment is that of the theme."""
MOST_VALUES = 2_000
"""Values of a column that a snapshot lists; a column with more is no segment."""
MOST_CROSSED = 12
"""Dimensions of more values are not crossed with others: their pairs have too few answers to say anything."""
MOST_READS = 4
"""Groups of dimensions that have one rollup in common are read from it one by one up to so many, else in one scan."""
UNCROSSED = frozenset(("wording_version", "survey", "language", "version", "unit_id"))
UNITED = {"segments": 1, "crossings": 2}
"""Tables that unite what all dimensions, or all pairs of them, say."""
Span = tuple[date, date]
"""A first day and the day after a last one."""
Spans = tuple[Span, ...]
"""Days that are read in one scan."""
THIRDS = (1, 11, 21)
"""The days of a month on which its thirds begin: windows end within a third more seldom, and leave fewer single days,
than within a month; sums of single days by three columns would be many times as long."""
FIRST_OF_THIRD = "(date_trunc('month', day)::date + 10 * least((day(day) - 1) // 10, 2)::integer)"
"""SQL of the day on which the third of a month with `day` begins."""
WINDOW = "cx_window"
"""The column that tells rows of several windows apart where they are read in one scan: the windows' places in time."""
NO_VALUE = "(none)"
"""How a filter names rows that have no value in its column."""


@dataclass(frozen=True)
class Scope:
    """What a viewer may read at all; the unrestricted one reads the published parts themselves."""

    id: str = "all"
    single_answers: bool = False
    """Whether the viewer is entitled to single answers, so that no privacy minimum hides anything."""


@dataclass(frozen=True)
class Filters:
    """What a reader asked for: period, comparison, values per column, and the split."""

    period: Period
    before: Period | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    by: str = ""
    by_2: str = ""

    def columns(self) -> tuple[str, ...]:
        """The columns filtered by."""
        return tuple(column for column, _ in self.where)


@dataclass
class Relations:
    """The `with` list of one answer, and the values bound in it."""

    steps: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def bind(self, name: str, value: Any) -> str:
        """Bind a value under a name and return its placeholder."""
        self.values[name] = value
        return f"${name}"

    def value(self, value: Any) -> str:
        """The placeholder of a value, bound once however often it is asked for."""
        known = next((name for name, other in self.values.items() if type(other) is type(value) and other == value), "")
        return f"${known}" if known else self.bind(f"cx_{len(self.values)}", value)

    def named(self) -> dict[str, Any]:
        """The values that a step names: where nothing was published, conditions are made that none needs."""
        used = {name for step in self.steps for name in findall(r"\$(\w+)", step)}
        return {name: value for name, value in self.values.items() if name in used}


def dimensions(snapshot: Snapshot, table: str = "scores") -> tuple[str, ...]:
    """The columns by which a summed table (or the single answers) can be split and filtered, contract columns first."""
    own = RESPONSE_DIMENSIONS if table != "ratings" else ()
    names = dict.fromkeys(own)
    if table != "ratings":
        names.update(dict.fromkeys(snapshot.segments.get("responses", {})))
        names.update(dict.fromkeys(snapshot.segments.get("customers", {})))
        names.update(dict.fromkeys(snapshot.segments.get("invitations", {})))
    if table != "scores":
        names["brand"] = None
    names.update(dict.fromkeys(REVIEW_DIMENSIONS))
    names.update(dict.fromkeys(snapshot.segments.get("reviews", {})))
    return tuple(names)


def present(snapshot: Snapshot) -> tuple[str, ...]:
    """The dimensions of `scores` that hold at least one value."""
    return tuple(column for column in dimensions(snapshot) if snapshot.values.get(column))


def columns(snapshot: Snapshot, table: str) -> tuple[str, ...]:
    """The columns a question finds in a table."""
    name, _, _ = twin(table)
    if name in ("scores", "ratings"):
        return ("day", "metric", *dimensions(snapshot, name), "score", *SUMS)
    if name == PANEL:
        return ("day", "metric", "customer_id", *dimensions(snapshot), "score", "w", "x")
    if name == SINGLE:
        return ("day", "metric", *dimensions(snapshot, name), "score", *IDENTITY, "w", "x")
    if name in UNITED:
        return (*_grouped_names(UNITED[name]), "day", "metric", *SUMS)
    if name == "metrics":
        return ("metric", "position", "direction", "factor", "scale_low", "scale_high", "decimals", "target")
    if name in SPOKEN:
        return tuple(_spoken_types(snapshot, name))
    if name == ALIASES:
        return ("brand", "alias")
    known = dict.fromkeys(contract.table(name).names)
    known.update(dict.fromkeys(snapshot.segments.get(name, {})))
    if name in TIMED:
        known["day"] = None
        if "customer_id" in known:
            known.update(dict.fromkeys(snapshot.segments.get("customers", {})))
    return tuple(known)


def _spoken_types(snapshot: Snapshot, name: str) -> dict[str, str]:
    """The columns of `comments` or `mentions` with their types."""
    own = COMMENT_COLUMNS if name == "comments" else MENTION_COLUMNS
    return own | {column: "varchar" for column in dimensions(snapshot) if column not in own}


def crossed(snapshot: Snapshot) -> tuple[str, ...]:
    """The dimensions whose pairs are compared: those of few values that tell people or places apart."""
    return tuple(
        column
        for column in present(snapshot)
        if column in snapshot.codes and column not in UNCROSSED and 1 < len(snapshot.values[column]) <= MOST_CROSSED
    )


def value_names(size: int) -> tuple[str, ...]:
    """The columns in which a table of shared rollups holds the values of so many dimensions."""
    return ("value", "value_2", "value_3")[:size]


def _grouped_names(size: int) -> tuple[str, ...]:
    """The columns that name what a row of `segments` (1) or `crossings` (2) is about."""
    return ("dimension", "value", "dimension_2", "value_2")[: 2 * size]


def twin(table: str) -> tuple[str, str, bool]:
    """A table name as (plain name, twin suffix, whether it is a twin)."""
    for suffix in ("_before", "_year"):
        if table.endswith(suffix):
            return table.removesuffix(suffix), suffix, True
    return table, "", False


def check(filters: Filters, snapshot: Snapshot, metrics: Mapping[str, Metric]) -> None:
    """Refuse filters and splits over columns or values that do not exist, naming the nearest."""
    segments = {*dimensions(snapshot), *dimensions(snapshot, "ratings")}
    known = segments | {"metric"}
    known.update(name for table in TIMED if snapshot.has(table) for name in columns(snapshot, table))
    for column in (*filters.columns(), filters.by, filters.by_2):
        if column not in ("", "none") and column not in known:
            raise QueryError(f"There is no segment “{column}”.", nearest(column, segments))
    for column, asked in filters.where:
        values = tuple(metrics) if column == "metric" else snapshot.values.get(column, ())
        for value in asked:
            if values and value not in values and value != NO_VALUE and len(values) < MOST_VALUES:
                raise QueryError(f"“{column}” has no value “{value[:60]}”.", nearest(value[:60], values))


def ignored(filters: Filters, tables: Iterable[str], snapshot: Snapshot) -> tuple[str, ...]:
    """Filtered columns that none of a question's tables has, and so change nothing in its answer."""
    known: set[str] = set()
    for table in tables:
        name, _, _ = twin(table)
        known.update(dimensions(snapshot) if name in UNITED else columns(snapshot, table))
    return tuple(column for column in filters.columns() if column not in known)


class Builder:
    """Builds the relations of one answer over one snapshot."""

    def __init__(
        self,
        snapshot: Snapshot,
        metrics: Mapping[str, Metric],
        filters: Filters,
        *,
        brand: str = "",
        targets: Mapping[str, float] | None = None,
        aliases: Mapping[str, Sequence[str]] | None = None,
        by: str = "",
        by_2: str = "",
        window: str = "",
        fewest: int = 0,
    ) -> None:
        self.snapshot = snapshot
        self.metrics = metrics
        self.filters = filters
        self.brand = brand
        self.targets = dict(targets or {})
        self.aliases = dict(aliases or {})
        self.by = {"segment": by, "segment_2": by_2}
        self.relations = Relations()
        self.period = looking_back(filters.period, window)
        self.fewest = fewest
        """Behind a comment that may be read stand so many people at least."""

    @property
    def _brands_chosen(self) -> bool:
        """Whether a filter names brands: then the texts about these are meant by `own`."""
        return "brand" in self.filters.columns()

    def window(self, suffix: str) -> Period | None:
        """The days a table or its twin holds; None when no comparison was asked."""
        if suffix == "_before":
            return self.filters.before
        if suffix == "_year":
            return comparison(self.period, "year")
        return self.period

    def add_all(
        self,
        tables: Iterable[str],
        wanted: frozenset[str],
        everything: frozenset[str],
        kept: Mapping[str, Mapping[str, frozenset[str]]],
    ) -> None:
        """Add the relations of all tables of a question, as `add` does: what it reads of several windows in one scan."""
        apart = sorted(tables)
        for name in sorted(SUMMED):
            timed = [
                (window, table) for table in apart if twin(table)[0] == name and (window := self.window(twin(table)[1]))
            ]
            ordered = sorted(timed, key=lambda one: one[0].start)
            windows, twins = [window for window, _ in ordered], [table for _, table in ordered]
            overlap = any(one.end > other.start for one, other in pairwise(windows))
            # What is kept for all that read it cannot be narrowed by one of them, and days are many.
            unlike = any(kept.get(table) != kept.get(twins[0]) or table in everything for table in twins)
            if len(twins) < 2 or overlap or unlike or "day" in wanted:
                continue
            body = self._body(name, windows, wanted, False, self._conditions(name, kept.get(twins[0], {})))
            together = quoted(f"cx_{name}")
            self.relations.steps.append(f"{together} as materialized ({body})")
            for place, table in enumerate(twins):
                one = f"select * exclude ({WINDOW}) from {together} where {WINDOW} = {place}"
                self.relations.steps.append(f"{quoted(table)} as not materialized ({one})")
            apart = [table for table in apart if table not in twins]
        for table in apart:
            self.add(table, wanted, table in everything, kept.get(table))

    def add(
        self,
        table: str,
        wanted: frozenset[str],
        everything: bool,
        kept: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        """Add the relation of one table, holding at least the wanted columns.

        `kept` are, per column, the only values that the question itself lets through: rows of others may be missing.
        """
        name, suffix, _ = twin(table)
        if name in SUMMED:
            window = self.window(suffix)
            conditions = self._conditions(name, kept or {})
            body = self._body(name, [window] if window else [], wanted, everything, conditions)
        elif name == "metrics":
            body = self._metrics()
        elif name == ALIASES:
            body = self._aliases()
        elif name == PANEL:
            body = self._panel(suffix, wanted, everything, self._conditions(name, kept or {}))
        elif name == SINGLE:
            body = self._single(suffix, wanted, everything, (kept or {}).get("metric"))
        else:
            body = self._plain(name, suffix, wanted, everything)
        self.relations.steps.append(f"{quoted(table)} as not materialized ({body})")

    def _dates(self, suffix: str, window: Period) -> str:
        start = self.relations.bind(f"cx_from{suffix}", window.start)
        end = self.relations.bind(f"cx_to{suffix}", window.end)
        return f"day >= {start} and day < {end}"

    def _where(self, available: Iterable[str]) -> str:
        """The asked values of the columns that this table has, as one condition of bound values."""
        conditions = ["true"]
        known = set(available)
        for column, values in self.filters.where:
            if column not in known:
                continue
            either = [f"{quoted(column)} is null"] if NO_VALUE in values else []
            named = [self.relations.value(value) for value in values if value != NO_VALUE]
            if named:
                either.append(f"{quoted(column)} in ({', '.join(named)})")
            conditions.append(f"({' or '.join(either)})" if either else "false")
        return " and ".join(conditions)

    def _conditions(self, name: str, kept: Mapping[str, frozenset[str]]) -> dict[str, str]:
        """Per column of a summed table, the condition of what was asked and of what the question itself keeps."""
        found: dict[str, str] = {}
        known_here = {*dimensions(self.snapshot, "ratings" if name == "ratings" else "scores"), "metric"}
        wanted: list[tuple[str, Sequence[str]]] = [pair for pair in self.filters.where if pair[0] in known_here]
        wanted += [
            (column, sorted(values))
            for column, values in kept.items()
            if column in known_here and column in self.snapshot.codes
        ]
        for column, values in wanted:
            known = self.snapshot.codes.get(column)
            either: list[str] = []
            if known is None:
                either += [f"{quoted(column)} is null"] if NO_VALUE in values else []
                named = [self.relations.value(value) for value in values if value != NO_VALUE]
            else:
                numbers = code_numbers(known)
                codes = [0 if value == NO_VALUE else numbers.get(value) for value in values]
                named = [self.relations.value(code) for code in codes if code is not None]
            if named:
                either.append(f"{quoted(column)} in ({', '.join(named)})")
            condition = f"({' or '.join(either)})" if either else "false"
            found[column] = f"{found[column]} and {condition}" if column in found else condition
        return found

    def _body(
        self,
        name: str,
        windows: Sequence[Period],
        wanted: frozenset[str],
        everything: bool,
        conditions: Mapping[str, str],
    ) -> str:
        """A summed table over windows that follow each other; of several each row says of which it is."""
        if name in UNITED:
            return self._united(name, windows, wanted, conditions)
        return self._summed(name, windows, wanted, everything, conditions)

    def _summed(
        self,
        name: str,
        windows: Sequence[Period],
        wanted: frozenset[str],
        everything: bool,
        conditions: Mapping[str, str],
    ) -> str:
        known = dimensions(self.snapshot, name)
        shown = [column for column in ("day", "metric", *known, "score") if everything or column in wanted]
        split = {alias: column if column in known else "" for alias, column in self.by.items() if alias in wanted}
        if not windows:
            nothing = [f"null::{_type(column)} as {quoted(column)}" for column in (*shown, *split)]
            return f"select {', '.join([*nothing, *(f'null::{_type(column)} as {column}' for column in SUMS)])} where false"
        keys = list(dict.fromkeys((*shown, *filter(None, split.values()))))
        summed = self._sums(name, keys, windows, conditions)
        picked = [(column, column) for column in shown] + list(split.items())
        return self._decoded(summed, picked + [(WINDOW, WINDOW)] * (len(windows) > 1))

    def _panel(self, suffix: str, wanted: frozenset[str], everything: bool, conditions: Mapping[str, str]) -> str:
        """The answers of the sampled customers, one by one."""
        known = dimensions(self.snapshot)
        shown = [column for column in columns(self.snapshot, PANEL) if everything or column in wanted] or ["day"]
        split = {alias: column if column in known else "" for alias, column in self.by.items() if alias in wanted}
        picked = [(column, column) for column in shown] + list(split.items())
        window = self.window(suffix)
        if window is None:
            return f"select {', '.join(f'null::{_type(name)} as {quoted(name)}' for name, _ in picked)} where false"
        read = dict.fromkeys((*shown, *filter(None, split.values())))
        sampled = [one.columns for one in self.snapshot.sums if one.rows.get(PANEL)]
        there = {"day", "metric", "customer_id", "score", "w", "x"}.union(*sampled)
        # What no sampled answer has is empty in all of them, to a filter too.
        empty = [
            f"{'0::uinteger' if name in self.snapshot.codes else 'null::varchar'} as {quoted(name)}"
            for name in dict.fromkeys((*read, *conditions))
            if name not in there
        ]
        held = " and ".join([self._dates(suffix, window), *conditions.values()])
        rows_here = (
            f"select {', '.join(map(quoted, read))} from "
            f"(select {', '.join(['*', *empty])} from {rollup_alias(self.snapshot)}.{PANEL}) where {held}"
        )
        return self._decoded(rows_here, picked, ())

    def _single(self, suffix: str, wanted: frozenset[str], everything: bool, asked: frozenset[str] | None) -> str:
        """The answers, reviews of every brand and invitations, one by one, with what each is to the asked metrics."""
        known = columns(self.snapshot, SINGLE)
        shown = [column for column in known if everything or column in wanted] or ["day"]
        split = {alias: column if column in known else "" for alias, column in self.by.items() if alias in wanted}
        window = self.window(suffix)
        filtered = [column for column in self.filters.columns() if column in known]
        needed = frozenset((*shown, *filter(None, split.values()), *filtered))
        metrics = {name: one for name, one in self.metrics.items() if asked is None or name in asked}
        base = measured(self.snapshot, metrics, SINGLE, needed, window=window)
        picked = [quoted(column) for column in shown]
        picked += [f"{quoted(column) if column else 'null::varchar'} as {alias}" for alias, column in split.items()]
        held = "false" if window is None else f"{self._dates(suffix, window)} and {self._where(known)}"
        return f"select {', '.join(picked)} from ({base}) where {held}"

    def _sums(self, name: str, keys: Sequence[str], windows: Sequence[Period], conditions: Mapping[str, str]) -> str:
        """The five sums by some columns, as codes where they have a dictionary, over the days of windows."""
        needed = frozenset((*keys, *conditions)) - {"day", "metric"}
        held = " and ".join(["true", *conditions.values()])
        read = ", ".join([*map(quoted, keys), *self._turn(windows), *SUMS])
        parts = [
            f"select {read} from {relation} where {self._during(spans)} and {held}"
            for rollup, thirds, spans in self._spans(name, needed, windows, by_day="day" in keys)
            for relation in self._relations(rollup, thirds, spans, name, needed)
        ]
        apart = [*map(quoted, keys), *([WINDOW] if len(windows) > 1 else [])]
        if not parts:
            nothing = [
                f"0::uinteger as {quoted(key)}"
                if key in self.snapshot.codes
                else f"null::{_type(key)} as {quoted(key)}"
                for key in keys
            ]
            nothing += [f"0 as {WINDOW}"] * (len(apart) - len(keys))
            parts = [
                f"select {', '.join([*nothing, *(f'null::{_type(column)} as {column}' for column in SUMS)])} where false"
            ]
        grouped = f" group by {', '.join(apart)}" if apart else ""
        sums = [f"sum({column}) as {column}" for column in SUMS]
        return f"select {', '.join([*apart, *sums])} from ({' union all '.join(parts)}){grouped}"

    def _spans(
        self, name: str, needed: frozenset[str], windows: Sequence[Period], *, by_day: bool
    ) -> list[tuple[Rollup | None, bool, Spans]]:
        """The parts of windows, each with the rollup that holds its sums (or none) and whether those are per third of a month.

        Whole thirds come from the sums per third where no single day is asked for; what is left, or everything,
        from the smallest sums per day that have all columns, or from the answers themselves.
        """
        by_third = None if by_day else smallest(self.snapshot.rollups, name, needed, thirds=True)
        daily = smallest(self.snapshot.rollups, name, needed)
        whole: list[Span] = []
        edges: list[Span] = []
        for window in windows:
            inner = whole_thirds(window)
            whole += [inner] if inner else []
            outer = [(window.start, inner[0]), (inner[1], window.end)] if inner else [(window.start, window.end)]
            edges += [span for span in outer if span[0] < span[1]]
        if by_third is None or not whole or (daily is not None and by_third.third_rows >= daily.rows):
            return [(daily, False, tuple((window.start, window.end) for window in windows))]
        return [(by_third, True, tuple(whole)), *([(daily, False, tuple(edges))] if edges else [])]

    def _relations(
        self, rollup: Rollup | None, thirds: bool, spans: Spans, name: str, needed: frozenset[str]
    ) -> list[str]:
        """The sums of a rollup as SQL, or those of the answers of every part that has days of the spans."""
        if rollup is not None:
            return [summed_in(rollup, rollup_alias(self.snapshot), thirds=thirds)]
        return [
            self._narrow(one, name, needed)
            for one in self.snapshot.sums
            if one.rows.get(name) and any(_overlaps(one, Period(*span)) for span in spans)
        ]

    def _during(self, spans: Spans) -> str:
        within = [f"day >= {self.relations.value(start)} and day < {self.relations.value(end)}" for start, end in spans]
        return within[0] if len(within) == 1 else f"({' or '.join(within)})"

    def _narrow(self, one: Sums, name: str, needed: frozenset[str]) -> str:
        """The answers of one part as sums of one answer each."""
        columns_here = [
            quoted(column)
            if column in one.columns or column == "score"
            else f"0::uinteger as {quoted(column)}"
            if column in self.snapshot.codes
            else f"null::varchar as {quoted(column)}"
            for column in sorted(needed)
        ]
        return f"(select {', '.join(['day', 'metric', *columns_here, TERMS])} from {quoted(one.name)}.{quoted(name)})"

    def _decoded(self, summed: str, picked: Sequence[tuple[str, str]], sums: Sequence[str] = SUMS) -> str:
        """Coded rows (with their sums) with the values that the codes stand for; `picked` are names with the columns behind them."""
        coded = list(dict.fromkeys(column for _, column in picked if column in self.snapshot.codes))
        codes = f"{rollup_alias(self.snapshot)}.codes"
        joins = "".join(
            f" inner join {codes} as code_{place} on code_{place}.name = {literal(column)} "
            f"and code_{place}.code = coded.{quoted(column)}"
            for place, column in enumerate(coded)
        )
        shown = [
            f"code_{coded.index(column)}.value as {quoted(name)}"
            if column in coded
            else f"coded.{quoted(column)} as {quoted(name)}"
            if column
            else f"null::varchar as {quoted(name)}"
            for name, column in picked
        ]
        return f"select {', '.join([*shown, *sums])} from ({summed}) as coded{joins}"

    def _groups(self, name: str) -> list[tuple[str, ...]]:
        """By which dimensions the rows of a uniting table are: each of them, or every two of few values."""
        if UNITED[name] == 2:
            return list(combinations(sorted(crossed(self.snapshot)), 2))
        return [(column,) for column in present(self.snapshot) if column in self.snapshot.codes]

    def _turn(self, windows: Sequence[Period]) -> list[str]:
        """The column that says in which of several windows, one after the other, a day lies; none where there is one."""
        later = [
            f"when day >= {self.relations.value(window.start)} then {place}"
            for place, window in reversed([*enumerate(windows)][1:])
        ]
        return [f"case {' '.join(later)} else 0 end as {WINDOW}"] if later else []

    def _united(
        self,
        name: str,
        windows: Sequence[Period],
        wanted: frozenset[str],
        conditions: Mapping[str, str],
    ) -> str:
        """What the answers of windows say by each group of dimensions, one below the other: of each window, if several."""
        groups = self._groups(name)
        turn = self._turn(windows)
        also = [column for column in ("day", "metric") if column in wanted] + [WINDOW] * len(turn)
        met: list[tuple[int, tuple[str, ...]]] = []
        shared: dict[tuple[bool, Spans, tuple[int, ...], tuple[int, ...]], list[tuple[Rollup, int]]] = {}
        apart: dict[tuple[Rollup | None, bool, Spans], list[tuple[tuple[str, ...], int]]] = {}
        for number, group in enumerate(groups if windows else ()):
            if not self._may_meet(group, conditions):
                continue
            met.append((number, group))
            needed = frozenset((*group, *conditions)) - {"metric"}
            for rollup, thirds, spans in self._spans("scores", needed, windows, by_day="day" in also):
                if rollup and rollup.place and rollup.columns == needed:
                    order = sorted(needed)
                    places = tuple(map(order.index, group))
                    filtered = tuple(order.index(column) for column in conditions if column != "metric")
                    shared.setdefault((thirds, spans, places, filtered), []).append((rollup, number))
                else:
                    apart.setdefault((rollup, thirds, spans), []).append((group, number))
        pieces = [self._shared(some, *key, also, turn, conditions) for key, some in shared.items()]
        for apart_key, some_groups in apart.items():
            pieces += self._apart(some_groups, *apart_key, also, turn, conditions)
        if not pieces:
            nothing = [f"null::varchar as {name}" for name in _grouped_names(2)]
            nothing += [f"null::{_type(column)} as {column}" for column in ("day", "metric", *SUMS)]
            nothing += [f"0 as {WINDOW}"] * len(turn)
            return f"select {', '.join(nothing)} where false"
        codes = f"{rollup_alias(self.snapshot)}.codes"
        named, values = _grouped_names(UNITED[name])[::2], value_names(UNITED[name])
        shown = [*(f"named.{name}" for name in named), *(f"code_{value}.value as {value}" for value in values)]
        shown += ["code_metric.value as metric" if column == "metric" else f"coded.{column}" for column in also]
        rows = ", ".join(f"({number}, {', '.join(map(literal, group))})" for number, group in met)
        joins = f" inner join (values {rows}) as named(number, {', '.join(named)}) on named.number = coded.number"
        joins += "".join(
            f" inner join {codes} as code_{value} on code_{value}.name = named.{dimension} "
            f"and code_{value}.code = coded.{value}"
            for dimension, value in zip(named, values, strict=True)
        )
        if "metric" in also:
            joins += (
                f" inner join {codes} as code_metric on code_metric.name = 'metric' and code_metric.code = coded.metric"
            )
        sums = ", ".join(f"sum({column}) as {column}" for column in SUMS)
        keys = ", ".join(("number", *values, *also))
        summed = f"select {keys}, {sums} from ({' union all '.join(pieces)}) group by {keys}"
        return f"select {', '.join([*shown, *SUMS])} from ({summed}) as coded{joins}"

    def _shared(
        self,
        rollups: Sequence[tuple[Rollup, int]],
        thirds: bool,
        spans: Spans,
        places: tuple[int, ...],
        filtered: tuple[int, ...],
        also: Sequence[str],
        turn: Sequence[str],
        conditions: Mapping[str, str],
    ) -> str:
        """What numbered rollups of one shared table say, in one scan: `places` are where a group's values stand in it,
        `filtered` where those of the columns with a condition do."""
        first = rollups[0][0]
        values = value_names(len(first.columns))
        columns_asked = (column for column in conditions if column != "metric")
        as_columns = [f"{values[place]} as {quoted(name)}" for place, name in zip(filtered, columns_asked, strict=True)]
        named = [f"{values[place]} as {name}" for place, name in zip(places, value_names(len(places)), strict=True)]
        held = " and ".join([*conditions.values(), *(f"{values[place]} <> 0" for place in places)])
        numbers = " ".join(f"when {rollup.place} then {number}" for rollup, number in rollups)
        return (
            f"select {', '.join([f'case place {numbers} end as number', *named, *also, *SUMS])} "
            f"from (select {', '.join(['*', *turn, *as_columns])} "
            f"from {rollup_alias(self.snapshot)}.{first.table_name(thirds=thirds)} "
            f"where place in ({', '.join(str(rollup.place) for rollup, _ in rollups)}) and {self._during(spans)}) "
            f"where {held}"
        )

    def _apart(
        self,
        groups: Sequence[tuple[tuple[str, ...], int]],
        rollup: Rollup | None,
        thirds: bool,
        spans: Spans,
        also: Sequence[str],
        turn: Sequence[str],
        conditions: Mapping[str, str],
    ) -> list[str]:
        """What one rollup, or the answers, say by numbered groups of dimensions: a scan each, or one for all."""
        together = rollup is None or len(groups) > MOST_READS
        held = " and ".join(["true", *conditions.values()])
        found = []
        for some in [groups] if together else [[group] for group in groups]:
            needed = frozenset((*(column for group, _ in some for column in group), *conditions)) - {"metric"}
            chosen = ", ".join(["day", "metric", *map(quoted, sorted(needed)), *turn, *SUMS])
            source = " union all ".join(
                f"select {chosen} from {piece} where {self._during(spans)} and {held}"
                for piece in self._relations(rollup, thirds, spans, "scores", needed)
            )
            if source:
                there = " and ".join(f"{value} <> 0" for value in value_names(len(some[0][0])))
                numbers, names = [str(number) for _, number in some], [group for group, _ in some]
                summed = (
                    by_groups(names, {"number": numbers}, source, also)
                    if rollup is None
                    else _each_group(names, numbers, source, also)
                )
                found.append(f"select * from ({summed}) where {there}")
        return found

    def _may_meet(self, group: tuple[str, ...], conditions: Mapping[str, str]) -> bool:
        """Whether any answer can have these columns and what was asked: none has one of surveys and one of reviews."""
        empty = {column for column, values in self.filters.where if NO_VALUE in values}
        return any(
            set(group) <= own and set(conditions) <= {*own, *empty, "metric"}
            for own in (own_dimensions(self.snapshot, table) for table in METRIC_TABLES)
        )

    def people(self, keys: Sequence[str], suffix: str, table: str = "scores") -> str:
        """SQL that counts the different people behind each combination of keys, as `people`; those who wrote, where
        the table holds texts."""
        window = self.window(suffix)
        if window is None:
            return f"select {', '.join(f'null as {quoted(key)}' for key in keys)}, 0 as people where false"
        own = columns(self.snapshot, table) if table in SPOKEN else (*dimensions(self.snapshot), "metric")
        needed = {*keys, *(column for column in self.filters.columns() if column in own)} - {"metric"}
        if table in SPOKEN:
            who = "coalesce(customer_id, origin || comment_id)"
            read = frozenset((*needed, "day", "customer_id", "origin", "comment_id"))
            base = spoken(self.snapshot, table, read, window, brand=self.brand, all_own=self._brands_chosen)
        else:
            who, read = "respondent", frozenset((*needed, "respondent"))
            base = scored(self.snapshot, self.metrics, "scores", read, brand=self.brand, window=window)
        chosen = "".join(f"{quoted(key)}, " for key in keys)
        return (
            f"select {chosen}count(distinct {who}) as people from ({base}) where {self._dates(suffix, window)} "
            f"and {self._where(own)} group by all"
        )

    def _aliases(self) -> str:
        """Every name of every brand, bound as values: a company may be called anything."""
        pairs = [(brand, alias) for brand, names in self.aliases.items() for alias in names]
        named = [f"({self.relations.value(brand)}, {self.relations.value(alias)})" for brand, alias in pairs]
        if not named:
            return "select null::varchar as brand, null::varchar as alias where false"
        return f"select brand::varchar as brand, alias::varchar as alias from (values {', '.join(named)}) as named(brand, alias)"

    def _metrics(self) -> str:
        rows = []
        summed = [metric for metric in self.metrics.values() if metric.table in METRIC_TABLES]
        for position, metric in enumerate(summed, 1):
            low, high = metric.scale or (None, None)
            target = self.targets.get(metric.name)
            figures = ", ".join("null" if value is None else repr(float(value)) for value in (low, high))
            rows.append(
                f"({literal(metric.name)}, {position}, {literal(metric.direction)}, {metric.factor!r}::double, {figures}, "
                f"{metric.decimals}, {'null' if target is None else repr(float(target))}::double)"
            )
        names = "metric, position, direction, factor, scale_low, scale_high, decimals, target"
        if not rows:
            return "select null::varchar as metric, 0 as position, '' as direction where false"
        return f"select * from (values {', '.join(rows)}) as metric_list({names})"

    def _plain(self, name: str, suffix: str, wanted: frozenset[str], everything: bool) -> str:
        known = columns(self.snapshot, name)
        chosen = known if everything else tuple(column for column in known if column in wanted)
        split = [alias for alias in self.by if alias in wanted and name in TIMED]
        needed = {*chosen, *(column for column in self.filters.columns() if column in known)}
        needed |= {self.by[alias] for alias in split if self.by[alias] in known}
        timed = name in TIMED
        if timed:
            needed.add("day")
        window = self.window(suffix) if timed else None
        picked = [quoted(column) for column in chosen] or ["1 as present"]
        words, row = WORDS.get(name, ((), ""))
        shown = [column for column in words if column in chosen] if self.fewest else []
        if shown:
            needed |= {"customer_id", row, *(["origin"] if name in SPOKEN else [])}
            alike = [column for column in (*chosen, *map(self.by.__getitem__, split)) if column in known]
            for column in shown:
                picked[chosen.index(column)] = self._protected(column, row, alike, public=name in SPOKEN)
        for alias in split:
            column = self.by[alias]
            picked.append(f"{quoted(column)} as {alias}" if column in known else f"null::varchar as {alias}")
        base = (
            spoken(
                self.snapshot,
                name,
                frozenset(needed),
                window,
                brand=self.brand,
                all_own=self._brands_chosen,
                called=self.aliases,
            )
            if name in SPOKEN
            else rows(self.snapshot, name, frozenset(needed), window)
        )
        if not timed:
            return f"select {', '.join(picked)} from ({base})"
        if window is None:
            return f"select {', '.join(picked)} from ({base}) where false"
        return f"select {', '.join(picked)} from ({base}) where {self._dates(suffix, window)} and {self._where(known)}"

    def _protected(self, words: str, row: str, mentioned: Sequence[str], *, public: bool) -> str:
        """SQL of what a customer wrote, or nothing where too few people stand behind it.

        These are the people within the filters who are alike in every dimension that the question names: it may show
        dimensions beside the comment, or pick by them. Where public reviews lie among the answers, they neither need
        that nor do they count.
        """
        known = {"metric", *dimensions(self.snapshot)}
        alike = dict.fromkeys(quoted(column) for column in mentioned if column in known)
        apart = f"partition by {', '.join(alike)}" if alike else ""
        own, free = (" filter (where origin = 'responses')", "origin <> 'responses' or ") if public else ("", "")
        people = f"count(distinct coalesce(customer_id, {quoted(row)})){own} over ({apart})"
        return f"case when {free}{people} >= {int(self.fewest)} then {quoted(words)} end as {quoted(words)}"


def looking_back(period: Period, window: str) -> Period:
    """The period of a question with a `window`: so many weeks or whole months, up to the period's end."""
    if not window:
        return period
    number, _, unit = window.partition(" ")
    if unit.startswith("week"):
        return Period(period.end - timedelta(weeks=int(number)), period.end)
    index = period.last.year * 12 + period.last.month - int(number)
    return Period(date(index // 12, index % 12 + 1, 1), period.end)


def repeated(answers: str, column: str, since: date | None) -> str:
    """SQL for the design effect of each metric when answers are set apart by a column (or not at all).

    Rows: metric, and the variance of the cells' means with the answers of one respondent taken together,
    over that with all answers taken as independent (Liang and Zeger's estimate over Kish's, pooled over
    cells). `answers` is a table of `scored` rows with `respondent`.
    """
    cell = quoted(column) if column else "'all'"
    period = f" and day >= {literal(since.isoformat())}::date" if since else ""
    return (
        f"with answers as (select metric, {cell} as cell, respondent, w, w2, wx, wx2 from {answers} "
        f"where {cell} is not null{period}), "
        "people as (select metric, cell, respondent, sum(w) as w, sum(wx) as wx from answers group by all), "
        "cells as (select metric, cell, sum(wx) / sum(w) as mean, "
        "(sum(wx2) / sum(w) - pow(sum(wx) / sum(w), 2)) * sum(w2) as alone from answers group by all having sum(w) > 0), "
        "together as (select people.metric, people.cell, sum(pow(people.wx - cells.mean * people.w, 2)) as clustered "
        "from people join cells on people.metric = cells.metric and people.cell = cells.cell group by all) "
        "select cells.metric, sum(clustered) / sum(alone) as effect from cells "
        "join together on cells.metric = together.metric and cells.cell = together.cell "
        "group by cells.metric having sum(alone) > 0"
    )


def summed_in(rollup: Rollup, alias: str, *, thirds: bool = False) -> str:
    """The sums of a rollup per day, or per third of a month, as a relation with the columns' own names."""
    table = f"{alias}.{quoted(rollup.table_name(thirds=thirds))}"
    if not rollup.place:
        return table
    values = zip(value_names(len(rollup.columns)), sorted(rollup.columns), strict=True)
    named = ", ".join(f"{value} as {quoted(column)}" for value, column in values)
    return f"(select day, metric, {named}, {', '.join(SUMS)} from {table} where place = {rollup.place})"


def by_groups(
    groups: Sequence[Sequence[str]], told: Mapping[str, Sequence[str]], source: str, also: Sequence[str]
) -> str:
    """SQL that sums the rows of a source by each group of columns in turn, in one scan.

    `told` are columns that hold one constant (as SQL) per group; the group's own columns come as `value`, `value_2` ….
    """
    columns = list(dict.fromkeys(column for group in groups for column in group))
    apart = "".join(f"{name}, " for name in also)
    sets = ", ".join(f"({apart}{', '.join(map(quoted, group))})" for group in groups)
    # grouping() has one bit per column, the first one highest: 0 where it is grouped by.
    mask = f"grouping({', '.join(map(quoted, columns))})"
    bits = [sum(1 << (len(columns) - 1 - columns.index(c)) for c in columns if c not in group) for group in groups]

    def case(chosen: Sequence[str], name: str) -> str:
        return f"case {mask} {' '.join(f'when {bit} then {one}' for bit, one in zip(bits, chosen, strict=True))} end as {name}"

    named = [case(constants, name) for name, constants in told.items()]
    values = enumerate(value_names(len(groups[0])))
    named += [case([quoted(group[place]) for group in groups], name) for place, name in values]
    sums = ", ".join(f"sum({column})::{'bigint' if column == 'n' else 'double'} as {column}" for column in SUMS)
    return f"select {', '.join(named)}, {apart}{sums} from ({source}) group by grouping sets ({sets})"


def _each_group(groups: Sequence[Sequence[str]], numbers: Sequence[str], source: str, also: Sequence[str]) -> str:
    """SQL of the rows of a source once for each numbered group of columns: quicker than sums of these where rows are few."""
    values = []
    for place, name in enumerate(value_names(len(groups[0]))):
        each = " ".join(
            f"when {number} then {quoted(group[place])}" for number, group in zip(numbers, groups, strict=True)
        )
        values.append(f"case number {each} end as {name}")
    listed = ", ".join(f"({number})" for number in numbers)
    return f"select number, {', '.join([*values, *also, *SUMS])} from ({source}) cross join (values {listed}) as asked(number)"


def by_sets(rollups: Sequence[Rollup], answers: str) -> str:
    """SQL of the rows that answers add to the table which these rollups share."""
    groups = [sorted(rollup.columns) for rollup in rollups]
    return by_groups(groups, {"place": [str(rollup.place) for rollup in rollups]}, answers, ("metric", "day"))


def smallest(rollups: Iterable[Rollup], table: str, needed: frozenset[str], *, thirds: bool = False) -> Rollup | None:
    """The rollup of a table with the fewest rows (per day, or per third of a month) that has all needed columns.

    Of equally many it is the one with the fewest columns, whose table it shares with others that are read in one scan.
    """
    sized = [(rollup.third_rows if thirds else rollup.rows, rollup) for rollup in rollups if rollup.table == table]
    fitting = [(size, rollup) for size, rollup in sized if size and needed <= rollup.columns]
    return min(fitting, key=lambda pair: (pair[0], len(pair[1].columns)), default=(0, None))[1]


def whole_thirds(window: Period) -> tuple[date, date] | None:
    """The first day of the first whole third of a month in a window and the day after its last one; None without any."""
    first, past = window.start, window.end
    while first.day not in THIRDS:
        first += ONE_DAY
    while past.day not in THIRDS:
        past -= ONE_DAY
    return (first, past) if first < past else None


def code_numbers(values: Sequence[str]) -> dict[str, int]:
    """The code of each value of a dictionary."""
    return {value: code for code, value in enumerate(values, 1)}


def rollup_alias(snapshot: Snapshot) -> str:
    """The name under which the engine attaches the rollup file."""
    return quoted(f"rollups-{snapshot.id}")


def _type(column: str) -> str:
    return {"day": "date", "n": "bigint", "answered_at": "timestamptz"}.get(
        column, "double" if column in ("score", "x", *SUMS) else "varchar"
    )


def _overlaps(part: Part | Sums | Texts, window: Period | None) -> bool:
    if window is None or part.first is None or part.last is None:
        return True
    return part.first < window.end and part.last >= window.start


def rows(
    snapshot: Snapshot,
    table: str,
    wanted: frozenset[str],
    window: Period | None = None,
    coded: frozenset[str] = frozenset(),
) -> str:
    """The rows of a table as SQL: the parts that overlap the window, customers' segments joined on.

    A column that a part lacks is empty there; the answer's own value wins over the customer's. Columns that are
    `coded` come as the numbers of their dictionary, 0 for none.
    """
    definition = contract.table(table)
    types = {column.name: contract.SQL_TYPES[column.type] for column in definition.columns}
    types.update(dict.fromkeys(snapshot.segments.get(table, {}), "varchar"))
    if definition.time:
        types["day"] = "date"
    from_customers: list[str] = []
    if definition.time and "customer_id" in types:
        from_customers = [column for column in snapshot.segments.get("customers", {}) if column in wanted]
    names = [column for column in types if column in wanted]
    if from_customers and "customer_id" not in names:
        names.append("customer_id")
    names = names or [next(iter(types))]

    def read(name: str, part: Part | None) -> str:
        known = part is not None and name in part.columns
        if name in coded:
            # A part's column is no ENUM while nobody had a value yet.
            named = part is not None and part.columns.get(name) == "ENUM"
            stored = f"coalesce(enum_code({quoted(name)})::uinteger + 1, 0)" if named else "0"
            return f"({stored})::uinteger as {quoted(name)}"
        if not known:
            return f"null::{types[name]} as {quoted(name)}"
        stored = part.columns[name] if part else ""
        return f"{quoted(name)}::varchar as {quoted(name)}" if stored == "ENUM" else quoted(name)

    pieces = [
        f"select {', '.join(read(name, part) for name in names)} from {quoted(part.name)}.rows"
        for part in snapshot.parts.get(table, ())
        if _overlaps(part, window)
    ] or [f"select {', '.join(read(name, None) for name in names)} where false"]
    union = " union all ".join(pieces)
    return _of_customers(snapshot, union, names, from_customers, coded) if from_customers else union


def _of_customers(
    snapshot: Snapshot,
    union: str,
    names: Sequence[str],
    from_customers: Sequence[str],
    coded: frozenset[str] = frozenset(),
) -> str:
    """Rows with the segments of their customers joined on; the row's own value wins."""
    own = [quoted(name) for name in names if name not in from_customers]
    joined = []
    for name in from_customers:
        theirs, ours = f"customers.{quoted(name)}", f"answers.{quoted(name)}"
        if name in coded:
            theirs = f"coalesce({theirs}, 0)::uinteger"
            ours = f"nullif({ours}, 0)"
        joined.append(f"{f'coalesce({ours}, {theirs})' if name in names else theirs} as {quoted(name)}")
    customers = rows(snapshot, "customers", frozenset(("customer_id", *from_customers)), coded=coded)
    chosen = ", ".join([*(f"answers.{name}" for name in own), *joined])
    return f"select {chosen} from ({union}) as answers left join ({customers}) as customers using (customer_id)"


def spoken(
    snapshot: Snapshot,
    name: str,
    wanted: frozenset[str],
    window: Period | None = None,
    *,
    brand: str = "",
    all_own: bool = False,
    called: naming.Names | None = None,
) -> str:
    """The rows of `comments` or `mentions` as SQL: the files of texts that overlap the window.

    An answer's text is about the own brand, which `own` tells of every row; where no brand is named, or `all_own`, all is.
    """
    types = _spoken_types(snapshot, name)
    from_customers = [column for column in snapshot.segments.get("customers", {}) if column in wanted]
    names = [column for column in types if column in wanted and column not in ("brand", "own")]
    if from_customers and "customer_id" not in names:
        names.append("customer_id")
    names = names or ["day"]
    branded = [column for column in ("brand", "own") if column in wanted]
    looked_for = naming.digest(called or {}, brand) if naming.COLUMN in wanted else ""

    def read(column: str, one: Texts) -> str:
        unknown = column not in one.columns and column != "theme"
        if unknown or (column == naming.COLUMN and one.naming != looked_for):
            return f"null::{types[column]} as {quoted(column)}"
        return f"{quoted(column)}::{types[column]} as {quoted(column)}"

    def labelled(one: Texts) -> list[str]:
        ours, told = f"{literal(brand)}::varchar" if brand else "null::varchar", one.columns.get("brand", "")
        found = {
            "brand": f"{'brand::varchar' if told else ours} as brand",
            "own": f"{f'brand::varchar = {literal(brand)}' if told and brand and not all_own else 'true'} as own",
        }
        return [found[column] for column in branded]

    pieces = [
        f"select {', '.join([*(read(column, one) for column in names), *labelled(one)])} from {quoted(one.name)}.{name}"
        for one in snapshot.texts
        if one.rows and _overlaps(one, window)
    ]
    names += branded
    empty = ", ".join(f"null::{types[column]} as {quoted(column)}" for column in names)
    union = " union all ".join(pieces) or f"select {empty} where false"
    return _of_customers(snapshot, union, names, from_customers) if from_customers else union


def scored(
    snapshot: Snapshot,
    metrics: Mapping[str, Metric],
    table: str,
    needed: frozenset[str],
    *,
    brand: str = "",
    window: Period | None = None,
) -> str:
    """The five sums of each answer as SQL, for `scores` (our own) or `ratings` (every brand)."""
    answers = measured(snapshot, metrics, table, needed, brand=brand, window=window)
    return f"select * exclude (w, x), {TERMS} from ({answers})"


def own_dimensions(snapshot: Snapshot, table: str) -> set[str]:
    """The dimensions that answers of a table can have: its own and, but for reviews, their customers'."""
    own = {
        "responses": {*RESPONSE_DIMENSIONS},
        "reviews": {"brand", *REVIEW_DIMENSIONS},
        "invitations": {*INVITATION_DIMENSIONS},
    }[table]
    own |= set(snapshot.segments.get(table, {}))
    return own | (set() if table == "reviews" else set(snapshot.segments.get("customers", {})))


def no_answers(metric: Metric, segments: Mapping[str, Mapping[str, int]]) -> str:
    """SQL of no rows, with every column that `answers` may have for this metric: to see whether its SQL fits."""
    if metric.table in SPOKEN:
        own = {"responses": RESPONSE_DIMENSIONS, "reviews": REVIEW_DIMENSIONS, "customers": ()}
        dims = [name for table, names in own.items() for name in (*names, *segments.get(table, {}))]
        types = dict.fromkeys(dims, "varchar") | COMMENT_COLUMNS
    else:
        types = {column.name: contract.SQL_TYPES[column.type] for column in contract.table(metric.table).columns}
        types |= dict.fromkeys(segments.get(metric.table, {}), "varchar")
    if metric.table != "reviews":
        types |= {name: "varchar" for name in segments.get("customers", {}) if name not in types}
    types |= {"day": "date", "weight": "double"} | ({"score": "double"} if metric.table == "reviews" else {})
    return f"select {', '.join(f'null::{kind} as {quoted(name)}' for name, kind in types.items())} where false"


def _beside(table: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What each answer of a table has besides its dimensions and sums, as SQL, with the columns that it is read from."""
    defined = contract.table(table)
    identity = defined.names[0]
    person = "customer_id" if "customer_id" in defined.names else ""
    said = {"responses": ("comment",), "reviews": ("title", "body")}.get(table, ())
    return {
        "respondent": (f"coalesce({person or identity}, {identity})", (identity, person or identity)),
        "customer_id": (person or "null::varchar", tuple(filter(None, (person,)))),
        "answer_id": (identity, (identity,)),
        "answered_at": (defined.time, (defined.time,)),
        "comment": (f"nullif(concat_ws(chr(10), {', '.join(said)}), '')" if said else "null::varchar", said),
    }


def measured(
    snapshot: Snapshot,
    metrics: Mapping[str, Metric],
    table: str,
    needed: frozenset[str],
    *,
    brand: str = "",
    window: Period | None = None,
    coded: frozenset[str] = frozenset(),
) -> str:
    """Each answer's weight w and value x by each metric as SQL, for `scores` (our own), `ratings` or `single_answers`.

    One row per answer (or review, or invitation) and metric: day, metric, the needed dimensions, score, w, x, and
    what of `_beside` is needed. A dimension that the metric's table lacks is empty. `respondent` tells people apart:
    the customer, or the answer itself where nobody is named; `customer_id` is empty there. Columns that are `coded`
    come as numbers of their dictionary; the types `code_NAME` must exist for those that a metric reads itself.
    """
    dims = [column for column in dimensions(snapshot, table) if column in needed]
    pieces = []
    for metric in metrics.values():
        if metric.table not in METRIC_TABLES or not snapshot.has(metric.table):
            continue
        if table == "ratings" and metric.table != "reviews":
            continue
        own = own_dimensions(snapshot, metric.table)
        as_text = {*metric.columns, *(("brand",) if table == "scores" else ())}
        read = {*(column for column in dims if column in own), "day"}
        read |= {column for column in metric.columns if column in columns(snapshot, metric.table)}
        read |= {
            "responses": {"metric", "score", "weight"},
            "reviews": {"rating", "rating_max", "brand"},
            "invitations": set(),
        }[metric.table]
        beside = {name: told for name, told in _beside(metric.table).items() if name in needed}
        read |= {column for _, named in beside.values() for column in named}
        source = rows(snapshot, metric.table, frozenset(read), window, coded - as_text)
        given = "score"
        if metric.table == "reviews":
            ours = f" and brand = {literal(brand)}" if table == "scores" and brand else ""
            answers = (
                f"select * replace (coalesce(rating_max, 5) as rating_max), rating as score, 1::double as weight "
                f"from ({source}) where rating is not null{ours}"
            )
        elif metric.table == "invitations":
            given = "x"
            answers = f"select *, 1::double as weight from ({source})"
        else:
            asked = literal(metric.answers)
            if "metric" in coded - as_text:
                asked = str(code_numbers(snapshot.codes["metric"]).get(metric.answers, 0))
            answers = f"select * from ({source}) where metric = {asked} and score is not null"

        def shown(column: str, own: set[str] = own, as_text: set[str] = as_text) -> str:
            if column not in own:
                return f"{'0::uinteger' if column in coded else 'null::varchar'} as {quoted(column)}"
            if column not in coded or column not in as_text:
                return quoted(column)
            return f"coalesce(enum_code({quoted(column)}::{quoted(f'code_{column}')})::uinteger + 1, 0)::uinteger as {quoted(column)}"

        chosen = "".join(f"{shown(column)}, " for column in dims)
        name = literal(metric.name)
        if "metric" in coded:
            name = f"{code_numbers(snapshot.codes['metric'])[metric.name]}::uinteger"
        score = f"{given}::double as score, " if "score" in needed else ""
        score += "".join(f"{expression} as {name}, " for name, (expression, _) in beside.items())
        pieces.append(
            f"select day, {name} as metric, {chosen}{score}coalesce(weight, 1)::double as w, x::double as x "
            f"from (with answers as ({answers})\n{metric.text}\n) where isfinite(x::double)"
        )
    if not pieces:
        empty = "".join(f"null::varchar as {quoted(column)}, " for column in dims)
        empty += "".join(f"null::{_type(name)} as {name}, " for name in _beside("responses") if name in needed)
        return (
            f"select null::date as day, null::varchar as metric, {empty}null::double as score, "
            "null::double as w, null::double as x where false"
        )
    return " union all ".join(pieces)
