"""The tables an answer may read: a scope, the asked filters, and the SQL of both.

A question names tables (`scores`, `responses`, …); this module turns each name into a relation over the
snapshot's parts or its smallest fitting rollup, holding only the asked period and segments. Filter
values are always bound. Nothing here reads data.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from cx import contract
from cx.catalog import SUMMED, TIMED, Metric
from cx.errors import QueryError, nearest
from cx.periods import Period, comparison
from cx.readers import literal, quoted
from cx.snapshot import Part, Rollup, Snapshot

RESPONSE_DIMENSIONS = ("touchpoint", "channel", "unit_id", "survey", "wording_version", "language")
REVIEW_DIMENSIONS = ("source", "country", "product", "version", "language")
INVITATION_DIMENSIONS = ("touchpoint", "channel")
SUMS = ("n", "w", "w2", "wx", "wx2")
MOST_VALUES = 2_000
"""Values of a column that a snapshot lists; a column with more is no segment."""
MOST_CROSSED = 12
"""Dimensions of more values are not crossed with others: their pairs have too few answers to say anything."""
UNCROSSED = frozenset(("wording_version", "survey", "language", "version", "unit_id"))
UNITED = {"segments": 1, "crossings": 2}
"""Tables that unite what all dimensions, or all pairs of them, say."""
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
        """Bind a value and return its placeholder."""
        self.values[name] = value
        return f"${name}"


def dimensions(snapshot: Snapshot, table: str = "scores") -> tuple[str, ...]:
    """The columns by which a summed table can be split and filtered, contract columns first."""
    own = RESPONSE_DIMENSIONS if table == "scores" else ()
    names = dict.fromkeys(own)
    if table == "scores":
        names.update(dict.fromkeys(snapshot.segments.get("responses", {})))
        names.update(dict.fromkeys(snapshot.segments.get("customers", {})))
        names.update(dict.fromkeys(snapshot.segments.get("invitations", {})))
    else:
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
    if name in UNITED:
        return (*_grouped_names(UNITED[name]), "day", "metric", *SUMS)
    if name == "metrics":
        return ("metric", "position", "direction", "factor", "scale_low", "scale_high", "decimals", "target")
    known = dict.fromkeys(contract.table(name).names)
    known.update(dict.fromkeys(snapshot.segments.get(name, {})))
    if name in TIMED:
        known["day"] = None
        if "customer_id" in known:
            known.update(dict.fromkeys(snapshot.segments.get("customers", {})))
    return tuple(known)


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
    known = {*dimensions(snapshot), *dimensions(snapshot, "ratings"), "metric"}
    known.update(name for table in TIMED if snapshot.has(table) for name in columns(snapshot, table))
    for column in (*filters.columns(), filters.by, filters.by_2):
        if column not in ("", "none") and column not in known:
            raise QueryError(f"There is no segment “{column}”.", nearest(column, known))
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
        by: str = "",
        by_2: str = "",
        window: str = "",
    ) -> None:
        self.snapshot = snapshot
        self.metrics = metrics
        self.filters = filters
        self.brand = brand
        self.targets = dict(targets or {})
        self.by = {"segment": by, "segment_2": by_2}
        self.relations = Relations()
        self.period = looking_back(filters.period, window)

    def window(self, suffix: str) -> Period | None:
        """The days a table or its twin holds; None when no comparison was asked."""
        if suffix == "_before":
            return self.filters.before
        if suffix == "_year":
            return comparison(self.period, "year")
        return self.period

    def add(self, table: str, wanted: frozenset[str], everything: bool) -> None:
        """Add the relation of one table, holding at least the wanted columns."""
        name, suffix, _ = twin(table)
        if name in SUMMED:
            united = {"segments": self._segments, "crossings": self._crossings}.get(name)
            body = united(suffix, wanted) if united else self._summed(name, suffix, wanted, everything)
        elif name == "metrics":
            body = self._metrics()
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
        for place, (column, values) in enumerate(self.filters.where):
            if column not in known:
                continue
            either = [f"{quoted(column)} is null"] if NO_VALUE in values else []
            named = [
                self.relations.bind(f"cx_{place}_{number}", value)
                for number, value in enumerate(values)
                if value != NO_VALUE
            ]
            if named:
                either.append(f"{quoted(column)} in ({', '.join(named)})")
            conditions.append(f"({' or '.join(either)})" if either else "false")
        return " and ".join(conditions)

    def _summed(self, name: str, suffix: str, wanted: frozenset[str], everything: bool) -> str:
        split = {alias: column for alias, column in self.by.items() if alias in wanted}
        known = dimensions(self.snapshot, name)
        available = (*known, "score")
        asked = {column for column in available if everything or column in wanted}
        shown = ["day"] if everything or "day" in wanted else []
        shown += ["metric"] if everything or "metric" in wanted else []
        shown += [column for column in available if column in asked]
        picked = [quoted(column) for column in shown]
        for alias, column in split.items():
            if column and column not in known:
                column = ""
            picked.append(f"{quoted(column)} as {alias}" if column else f"null::varchar as {alias}")
        window = self.window(suffix)
        sums = ", ".join(f"sum({column}) as {column}" for column in SUMS)
        if window is None:
            return f"select {', '.join([*picked, *SUMS])} from ({self._empty(name)}) where false"
        needed = asked | {column for column in split.values() if column in known}
        needed |= {column for column in self.filters.columns() if column in known}
        base = self._base(name, frozenset(needed), window)
        return (
            f"select {', '.join([*picked, sums])} from ({base}) "
            f"where {self._dates(suffix, window)} and {self._where((*known, 'metric'))} group by all"
            if picked
            else f"select {sums} from ({base}) where {self._dates(suffix, window)} and {self._where((*known, 'metric'))}"
        )

    def _base(self, name: str, needed: frozenset[str], window: Period) -> str:
        """The smallest rollup with all needed columns, or the rows when no rollup has them."""
        rollup = smallest(self.snapshot.rollups, name, needed)
        if rollup is not None:
            return f"select * from {rollup_alias(self.snapshot)}.{quoted(rollup.name)}"
        return scored(self.snapshot, self.metrics, name, needed, brand=self.brand, window=window)

    def _empty(self, name: str) -> str:
        return scored(self.snapshot, {}, name, frozenset((*dimensions(self.snapshot, name), "score")))

    def _segments(self, suffix: str, wanted: frozenset[str]) -> str:
        """One row per value of every dimension: the union of what each dimension's smallest rollup says."""
        return self._united([(column,) for column in present(self.snapshot)], suffix, wanted)

    def _crossings(self, suffix: str, wanted: frozenset[str]) -> str:
        """One row per pair of values of every two dimensions of few values."""
        few = [
            column
            for column in present(self.snapshot)
            if column not in UNCROSSED and 1 < len(self.snapshot.values[column]) <= MOST_CROSSED
        ]
        segments = self.snapshot.segments
        answered = {*RESPONSE_DIMENSIONS, *segments.get("responses", {}), *segments.get("customers", {})}
        reviewed = {*REVIEW_DIMENSIONS, *segments.get("reviews", {})}
        # No row has both a column of answers and one of reviews: such a pair would be scanned for nothing.
        met = [pair for pair in combinations(few, 2) if set(pair) <= answered or set(pair) <= reviewed]
        return self._united(met, suffix, wanted)

    def _united(self, groups: Sequence[tuple[str, ...]], suffix: str, wanted: frozenset[str]) -> str:
        window = self.window(suffix)
        picked = [column for column in ("day", "metric") if column in wanted]
        sums = ", ".join(f"sum({column}) as {column}" for column in SUMS)
        pieces = []
        filtered = frozenset(name for name in self.filters.columns() if name in dimensions(self.snapshot))
        without_rollup = []
        for group in groups if window else ():
            needed = filtered | set(group)
            if smallest(self.snapshot.rollups, "scores", needed) is None:
                without_rollup.append(group)
            else:
                pieces.append(self._sets([group], needed, suffix, picked, sums))
        if without_rollup:
            needed = filtered.union(*without_rollup)
            pieces.append(self._sets(without_rollup, needed, suffix, picked, sums))
        if not pieces:
            named = ", ".join(f"null::varchar as {name}" for name in _grouped_names(2))
            return (
                f"select {named}, null::date as day, null::varchar as metric, "
                "0::bigint as n, 0::double as w, 0::double as w2, 0::double as wx, 0::double as wx2 where false"
            )
        return " union all by name ".join(pieces)

    def _sets(
        self,
        groups: Sequence[tuple[str, ...]],
        needed: frozenset[str],
        suffix: str,
        picked: Sequence[str],
        sums: str,
    ) -> str:
        """One scan that sums by each group of dimensions in turn."""
        window = self.window(suffix)
        assert window is not None
        columns = list(dict.fromkeys(column for group in groups for column in group))
        size = len(groups[0])
        also = "".join(f"{name}, " for name in picked)
        sets = ", ".join(f"({also}{', '.join(map(quoted, group))})" for group in groups)
        # grouping() has one bit per dimension, the first one highest: 0 where it is grouped by.
        mask = f"grouping({', '.join(map(quoted, columns))})"
        bits = {
            group: sum(1 << (len(columns) - 1 - columns.index(c)) for c in columns if c not in group)
            for group in groups
        }
        named = []
        for place, (dimension, value) in enumerate(
            zip(_grouped_names(size)[::2], _grouped_names(size)[1::2], strict=True)
        ):
            names = " ".join(f"when {bits[group]} then {literal(group[place])}" for group in groups)
            values = " ".join(f"when {bits[group]} then {quoted(group[place])}" for group in groups)
            named += [f"case {mask} {names} end as {dimension}", f"case {mask} {values} end as {value}"]
        there = " and ".join(f"{name} is not null" for name in _grouped_names(size)[1::2])
        return (
            f"select * from (select {', '.join(named)}, {also}{sums} "
            f"from ({self._base('scores', needed, window)}) where {self._dates(suffix, window)} "
            f"and {self._where((*dimensions(self.snapshot), 'metric'))} group by grouping sets ({sets})) where {there}"
        )

    def people(self, keys: Sequence[str], suffix: str) -> str:
        """SQL that counts the different people behind each combination of keys, as `people`."""
        window = self.window(suffix)
        if window is None:
            return f"select {', '.join(f'null as {quoted(key)}' for key in keys)}, 0 as people where false"
        filtered = [column for column in self.filters.columns() if column in dimensions(self.snapshot)]
        needed = frozenset((*keys, *filtered, "respondent")) - {"metric"}
        base = scored(self.snapshot, self.metrics, "scores", needed, brand=self.brand, window=window)
        chosen = "".join(f"{quoted(key)}, " for key in keys)
        return (
            f"select {chosen}count(distinct respondent) as people from ({base}) where {self._dates(suffix, window)} "
            f"and {self._where((*dimensions(self.snapshot), 'metric'))} group by all"
        )

    def _metrics(self) -> str:
        rows = []
        for position, metric in enumerate(self.metrics.values(), 1):
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
        for alias in split:
            column = self.by[alias]
            picked.append(f"{quoted(column)} as {alias}" if column in known else f"null::varchar as {alias}")
        base = rows(self.snapshot, name, frozenset(needed), window)
        if not timed:
            return f"select {', '.join(picked)} from ({base})"
        if window is None:
            return f"select {', '.join(picked)} from ({base}) where false"
        return f"select {', '.join(picked)} from ({base}) where {self._dates(suffix, window)} and {self._where(known)}"


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


def smallest(rollups: Iterable[Rollup], table: str, needed: frozenset[str]) -> Rollup | None:
    """The rollup of a table with the fewest rows that has all needed columns."""
    fitting = [rollup for rollup in rollups if rollup.table == table and needed <= rollup.columns]
    return min(fitting, key=lambda rollup: rollup.rows, default=None)


def rollup_alias(snapshot: Snapshot) -> str:
    """The name under which the engine attaches the rollup file."""
    return quoted(f"rollups-{snapshot.id}")


def _overlaps(part: Part, window: Period | None) -> bool:
    if window is None or part.first is None or part.last is None:
        return True
    return part.first < window.end and part.last >= window.start


def rows(snapshot: Snapshot, table: str, wanted: frozenset[str], window: Period | None = None) -> str:
    """The rows of a table as SQL: the parts that overlap the window, customers' segments joined on.

    A column that a part lacks is empty there; the answer's own value wins over the customer's.
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
    pieces = [
        "select "
        + ", ".join(
            quoted(name) if name in part.columns else f"null::{types[name]} as {quoted(name)}" for name in names
        )
        + f" from {quoted(part.name)}.rows"
        for part in snapshot.parts.get(table, ())
        if _overlaps(part, window)
    ]
    if not pieces:
        pieces = ["select " + ", ".join(f"null::{types[name]} as {quoted(name)}" for name in names) + " where false"]
    union = " union all ".join(pieces)
    if not from_customers:
        return union
    own = [quoted(name) for name in names if name not in from_customers]
    joined = [
        f"coalesce(answers.{quoted(name)}, customers.{quoted(name)}) as {quoted(name)}"
        if name in names
        else f"customers.{quoted(name)}"
        for name in from_customers
    ]
    customers = rows(snapshot, "customers", frozenset(("customer_id", *from_customers)))
    chosen = ", ".join([*(f"answers.{name}" for name in own), *joined])
    return f"select {chosen} from ({union}) as answers left join ({customers}) as customers using (customer_id)"


def scored(
    snapshot: Snapshot,
    metrics: Mapping[str, Metric],
    table: str,
    needed: frozenset[str],
    *,
    brand: str = "",
    window: Period | None = None,
) -> str:
    """The five terms per answer as SQL, for `scores` (our own) or `ratings` (every brand).

    One row per answer (or review, or invitation) and metric: day, metric, the needed dimensions, score, and n, w, w2,
    wx, wx2. A dimension that the metric's table lacks is empty. `respondent`, where needed, tells people apart: the
    customer, or the answer itself where nobody is named.
    """
    dims = [column for column in dimensions(snapshot, table) if column in needed]
    pieces = []
    for metric in metrics.values():
        if (table == "ratings" and metric.table != "reviews") or not snapshot.has(metric.table):
            continue
        own = {
            "responses": {*RESPONSE_DIMENSIONS},
            "reviews": {"brand", *REVIEW_DIMENSIONS},
            "invitations": {*INVITATION_DIMENSIONS},
        }[metric.table]
        own |= set(snapshot.segments.get(metric.table, {}))
        own |= set() if metric.table == "reviews" else set(snapshot.segments.get("customers", {}))
        read = {*(column for column in dims if column in own), "day"}
        read |= {column for column in metric.columns if column in columns(snapshot, metric.table)}
        read |= {
            "responses": {"metric", "score", "weight"},
            "reviews": {"rating", "rating_max", "brand"},
            "invitations": set(),
        }[metric.table]
        identity = contract.table(metric.table).names[0]
        person = "customer_id" if "customer_id" in contract.table(metric.table).names else identity
        read |= {identity, person} if "respondent" in needed else set()
        source = rows(snapshot, metric.table, frozenset(read), window)
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
            answers = f"select * from ({source}) where metric = {literal(metric.answers)} and score is not null"
        chosen = ", ".join(quoted(column) if column in own else f"null::varchar as {quoted(column)}" for column in dims)
        score = f"{given}::double as score, " if "score" in needed else ""
        score += f"coalesce({person}, {identity}) as respondent, " if "respondent" in needed else ""
        pieces.append(
            f"select day, {literal(metric.name)} as metric, {chosen + ', ' if chosen else ''}{score}1::bigint as n, "
            "coalesce(weight, 1)::double as w, (coalesce(weight, 1) * coalesce(weight, 1))::double as w2, "
            "(coalesce(weight, 1) * x)::double as wx, (coalesce(weight, 1) * x * x)::double as wx2 "
            f"from (with answers as ({answers})\n{metric.text}\n) where x is not null"
        )
    if not pieces:
        empty = "".join(f"null::varchar as {quoted(column)}, " for column in dims)
        empty += "null::varchar as respondent, " if "respondent" in needed else ""
        return (
            f"select null::date as day, null::varchar as metric, {empty}null::double as score, 0::bigint as n, "
            "0::double as w, 0::double as w2, 0::double as wx, 0::double as wx2 where false"
        )
    return " union all ".join(pieces)
