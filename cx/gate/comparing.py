"""Which texts the conditions of a question compare columns with."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from cx.gate import nodes
from cx.gate.functions import AGGREGATES
from cx.gate.lineage import Origin, Provenance, Step, own_steps, visible


@dataclass(frozen=True)
class Comparison:
    """A condition on one column of an outside table and on texts written out, wherever in the SQL it stands."""

    table: str
    column: str
    texts: tuple[str, ...]
    plain: bool
    """Whether it wants the column to be one of the texts, and nothing is made of either."""
    line: int
    place: int
    """The 1-based place in that line."""
    condition: str
    """The condition on a column `value`, as DuckDB serialises it."""


class Comparing(Origin):
    """Finds the conditions on texts that a column of an outside table has to be, or to be like.

    What stands under NOT is none: to leave out a text that is not there is no mistake.
    """

    def __init__(self, text: str) -> None:
        super().__init__(frozenset())
        self.text = text

    def of_all(self, query: Any, steps: Mapping[str, Step]) -> Iterator[Comparison]:
        """The comparisons of a query and of all within it."""
        for step in own_steps(query, steps):
            yield from self.of_all(step.node, step.steps)
        steps = visible(query, steps)
        if query["type"] == "SELECT_NODE":
            for condition in nodes.conditions([child for name, child in query.items() if name != "cte_map"]):
                yield from self._of_one(condition, query, steps)
        for inner in nodes.inner_queries(query):
            yield from self.of_all(inner, steps)

    def _of_one(self, condition: Any, select: Any, steps: Mapping[str, Step]) -> Iterator[Comparison]:
        """What a condition compares, where it is about one column and nothing that is bound later."""
        columns = [*nodes.references(condition)]
        texts = [*nodes.texts(condition)]
        if len(columns) != 1 or not texts or any(kind == "parameter" for kind, _ in texts):
            return
        if any(
            call["class"] == "WINDOW" or call["function_name"].lower() in AGGREGATES for call in nodes.calls(condition)
        ):
            return
        made = self._of_expression(columns[0], select, steps)
        if len(made) != 1 or not isinstance(made[0], Provenance):
            return
        inner = [*nodes.children(condition.get("children") or [condition.get("left"), condition.get("right")])]
        within = len(self.text.encode())
        places = [place for place in nodes.locations(condition) if place < within]
        line, place = nodes.line_and_column(self.text, min(places, default=0))
        alone = {**columns[0], "column_names": ["value"]}
        yield Comparison(
            made[0].table,
            made[0].column,
            tuple(dict.fromkeys(text for _, text in texts)),
            condition.get("class") != "FUNCTION"
            and all(part is columns[0] or (part or {}).get("class") == "CONSTANT" for part in inner),
            line,
            place,
            json.dumps(nodes.replaced(condition, columns[0], alone)),
        )

    def _of_parts(self, node: Any, column: str, steps: Mapping[str, Step]) -> list[Any]:
        found = super()._of_parts(node, column, steps)
        if node["type"] != "SET_OPERATION_NODE":
            return found
        # What one part of a union makes up is in none of its tables.
        same = all(isinstance(one, Provenance) and one == found[0] for one in found)
        return found[:1] if same else [node]

    def _named(self, item: Any, found: Any) -> Any:
        return found

    def _outside(self, node: Any, column: str) -> Any:
        return Provenance(node["table_name"].lower(), column)


def fitting(comparison: Comparison, values: Iterable[str]) -> bool:
    """Whether the condition of a comparison is true of any of the values; so it is where that cannot be told."""
    template = {"text": "select 1 from (select unnest($values) as value) where true"}
    try:
        with nodes.PARSING:
            (serialised,) = nodes.PARSER.execute("select json_serialize_sql($text)", template).fetchone() or ("",)
            whole = json.loads(serialised)
            whole["statements"][0]["node"]["where_clause"] = json.loads(comparison.condition)
            (statement,) = nodes.PARSER.execute(
                "select json_deserialize_sql($whole::json)", {"whole": json.dumps(whole)}
            ).fetchone() or ("",)
            return nodes.PARSER.execute(statement, {"values": [*values]}).fetchone() is not None
    except duckdb.Error:
        return True
