"""The gate: what a SQL text under `queries/` may consist of, judged on DuckDB's own parse tree.

Everything is an allow-list: statement, node kinds, expression kinds, functions and tables. What the
lists do not name is refused, so a construct that a later DuckDB adds is refused until someone has
looked at it. The engine's wrapper, read-only transaction and locked database stand behind this.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from cx.errors import QueryFileError
from cx.gate import nodes
from cx.gate.comparing import Comparing, Comparison, fitting
from cx.gate.functions import ADDING, DATE_PARTS, FUNCTIONS, PER_ROW
from cx.gate.judge import Judge
from cx.gate.lineage import Lineage, Provenance
from cx.gate.nodes import unended

__all__ = [
    "ADDING",
    "DATE_PARTS",
    "FUNCTIONS",
    "PER_ROW",
    "Comparison",
    "Provenance",
    "Reading",
    "fitting",
    "read",
    "unended",
]


@dataclass(frozen=True)
class Reading:
    """What a SQL text refers to.

    `tables` are the outside tables it names, `columns` every column name that occurs anywhere,
    `everything` the outside tables of which all columns are wanted (a star, NATURAL, PIVOT …),
    `parameters` the names bound with `$`, `functions` all functions called, `metrics` the values
    (constants or `$parameters`) to which a condition that must hold keeps the column `metric`.
    """

    tables: frozenset[str]
    columns: frozenset[str]
    everything: frozenset[str]
    parameters: frozenset[str]
    functions: frozenset[str]
    metrics: frozenset[str]
    outputs: tuple[str, ...]
    """Names of the outermost select list, empty text for an unnamed expression or a star."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """The line where each column is first named: DuckDB often leaves it out of its messages."""
    kept: Mapping[str, Mapping[str, frozenset[tuple[str, str]]]] = field(default_factory=dict)
    """Per outside table and column, the only values that a WHERE lets through wherever the table is read, each as
    (`value`, text) or (`parameter`, name): rows of other values cannot change the answer."""
    filled: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Per outside table, the columns that must have a value wherever the table is read."""
    provenance: Mapping[str, tuple[Provenance, ...]] = field(default_factory=dict)
    """Per output column, the columns of outside tables whose values it shows; none where it is computed otherwise."""
    made: Mapping[str, int] = field(default_factory=dict)
    """The line where each output column is written."""
    star: bool = False
    """Whether the outermost select list passes every column on."""
    passes_on: str = ""
    """The one table that the text passes on as it is, with all its rows and columns; empty where it does more."""
    fewer: bool = False
    """Whether the outermost SELECT makes one row of all, or leaves some out by LIMIT."""
    combines: bool = False
    """Whether rows of several tables come together, by a join or a union, so that an answer may come several times."""
    outer: bool = False
    """Whether a join keeps rows for which it finds nothing."""
    ordered: bool = False
    """Whether the outermost SELECT says in which order its rows come."""
    limited: int = 0
    """The line of the outermost LIMIT where no ORDER BY stands before it, so that it keeps any rows; else 0."""
    comparisons: tuple[Comparison, ...] = ()
    """The conditions that a column is, or is like, some text."""
    counts: tuple[tuple[str, str, int, int], ...] = ()
    """The calls in select lists that count rows of a summed table: function, table, line and place in it."""


@lru_cache(maxsize=1024)
def read(text: str, tables: frozenset[str], *, file: str = "", summed: frozenset[str] = frozenset()) -> Reading:
    """Judge one SQL text and say what it refers to.

    `tables` are the outside tables it may name, `summed` those of them whose rows are combinations with sums
    rather than single answers. Raises QueryFileError with the line in `text`.
    """
    parameters = nodes.one_select(text, file)
    judge = Judge(text, tables, file, summed)
    try:
        tree = nodes.parsed(text, file)
        judge.walk(tree, frozenset())
        judge.answers_not_rows(tree)
        judge.one_metric_a_figure(tree)
        lineage = Lineage(frozenset())
        provenance = {name: lineage.shown(tree, name) for name in nodes.outputs(tree) if name}
        comparisons = tuple(Comparing(text).of_all(tree, {}))
    except RecursionError as error:
        raise QueryFileError(
            "The SQL is nested too deeply.", "Write its inner parts as steps: `with name as (…)`.", file=file
        ) from error
    return Reading(
        tables=frozenset(judge.tables),
        columns=frozenset(judge.columns),
        everything=frozenset(judge.everything),
        parameters=parameters,
        functions=frozenset(judge.functions),
        metrics=frozenset(judge.metrics),
        outputs=nodes.outputs(tree),
        lines=judge.lines,
        kept=judge.kept(),
        filled=judge.filled(),
        provenance=provenance,
        made=nodes.lines_of_outputs(tree, text),
        star=any(nodes.has_star(item) for item in nodes.select_list(tree)),
        passes_on=nodes.passes_on(tree),
        fewer=nodes.returns_fewer(tree),
        combines=judge.combines,
        outer=judge.outer,
        ordered=nodes.is_ordered(tree),
        limited=nodes.limit_without_order(tree, text),
        comparisons=comparisons,
        counts=tuple(judge.counts),
    )
