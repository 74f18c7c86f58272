"""Where the columns of an answer come from, through steps and subqueries."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cx.gate import nodes
from cx.gate.functions import SHOWN_BY


@dataclass(frozen=True)
class Provenance:
    """A column of an outside table that an output column shows.

    `made` says how: empty as it is, `count` where it counts answers, else the unit of a `date_trunc` (a text, or a
    `$parameter`).
    """

    table: str
    column: str
    made: str = ""


@dataclass(frozen=True)
class Step:
    """A query that others read as a table: its tree, the names given to its columns, the steps it sees itself."""

    node: Any
    names: tuple[str, ...]
    steps: Mapping[str, "Step"]


def visible(query: Any, steps: Mapping[str, Step]) -> Mapping[str, Step]:
    """The steps that a query sees: those around it, and those of its own `with`."""
    for entry in (query.get("cte_map") or {}).get("map", ()):
        value = entry["value"]
        step = Step(value["query_node"], nodes.lowered(value.get("aliases")), steps)
        steps = {**steps, entry["key"].lower(): step}
    return steps


def own_steps(query: Any, steps: Mapping[str, Step]) -> list[Step]:
    """The steps of a query's own `with`."""
    return [step for name, step in visible(query, steps).items() if steps.get(name) is not step]


class Origin:
    """Follows an output column down through steps and subqueries to the tables it comes from.

    Each method returns what it finds under a name: nothing where there is no such column, None where it is the
    tables' own or kept to one metric, else the expression that made it up.
    """

    def __init__(self, pinned: frozenset[str]) -> None:
        self.pinned = pinned
        self.known: dict[tuple[int, str], list[Any]] = {}
        """Steps that read the one before them twice would otherwise take twice as long each."""

    def of_query(self, node: Any, column: str, steps: Mapping[str, Step]) -> list[Any]:
        """What an output column of a query is."""
        key = (id(node), column)
        if key not in self.known:
            self.known[key] = self._of_parts(node, column, visible(node, steps))
        return self.known[key]

    def _of_parts(self, node: Any, column: str, steps: Mapping[str, Step]) -> list[Any]:
        if node["type"] == "RECURSIVE_CTE_NODE":
            return self.of_query(node["left"], column, steps)
        if node["type"] != "SET_OPERATION_NODE":
            return self._of_select(node, column, steps)
        first, *others = node["children"]
        names, found = nodes.outputs(first), self.of_query(first, column, steps)
        for part in others:
            inner = nodes.outputs(part)
            by_place = not node["setop_type"].endswith("BY_NAME") and column in names and "" not in (*names, *inner)
            same = inner[names.index(column)] if by_place and column in names[: len(inner)] else column
            found = found + self.of_query(part, same, steps)
        return found

    def _of_select(self, node: Any, column: str, steps: Mapping[str, Step]) -> list[Any]:
        for item, name in zip(node["select_list"], nodes.outputs(node), strict=True):
            if name == column:
                return self._of_expression(item, node, steps)
        found: list[Any] = []
        for star in (item for item in node["select_list"] if item.get("class") == "STAR"):
            renamed = {pair["value"].lower(): pair["key"]["column"].lower() for pair in star.get("rename_list") or []}
            replaced = [pair["value"] for pair in star.get("replace_list") or [] if pair["key"].lower() == column]
            table = (star.get("relation_name") or "").lower()
            found += [one for value in replaced for one in self._of_expression(value, node, steps)] or _one(
                self._of_source(node["from_table"], renamed.get(column, column), table, steps)
            )
        return found

    def _of_expression(self, item: Any, node: Any, steps: Mapping[str, Step]) -> list[Any]:
        if item.get("class") == "COLUMN_REF":
            *table, column = nodes.lowered(item["column_names"])
            found = self._of_source(node["from_table"], column, table[-1] if table else "", steps)
            if not found and not table:
                others = [other for other in node["select_list"] if other is not item and other.get("alias")]
                for other in others:
                    if other["alias"].lower() == column and other.get("class") != "COLUMN_REF":
                        found = self._of_expression(other, node, steps)
            return [self._named(item, one) for one in _one(found)]
        if item.get("type") == "OPERATOR_COALESCE":
            return [found for part in item["children"] for found in self._of_expression(part, node, steps)]
        value = item["literal"]["text"] if item.get("class") == "CONSTANT" and item.get("literal") else None
        value = f"${item.get('identifier')}" if item.get("class") == "PARAMETER" else value
        return [None if value in self.pinned else item]

    def _of_source(self, node: Any, column: str, table: str, steps: Mapping[str, Step]) -> list[Any]:
        """What each table of a FROM (or the one named) that has the column says of it."""
        kind = node["type"]
        if kind == "JOIN":
            sides = (node["left"], node["right"])
            return [found for side in sides for found in self._of_source(side, column, table, steps)]
        if kind == "PIVOT":
            made = [name for pivot in node.get("pivots", []) for name in pivot.get("unpivot_names", [])]
            return [node] if column in nodes.lowered(made) else self._of_source(node["source"], column, "", steps)
        names = nodes.lowered(node.get("column_name_alias"))
        if table and table != (node.get("alias") or node.get("table_name") or "").lower():
            return []
        if kind == "SUBQUERY":
            return self._of_step(Step(node["subquery"]["node"], names, steps), column, node)
        if kind == "BASE_TABLE" and node["table_name"].lower() in steps:
            step = steps[node["table_name"].lower()]
            return self._of_step(Step(step.node, names or step.names, step.steps), column, node)
        if kind == "BASE_TABLE" and column not in names:
            return [self._outside(node, column)]
        return [node] if column in names else []

    def _named(self, item: Any, found: Any) -> Any:
        """What a reference to a column that was found is; a problem is told where it is named."""
        return item if found is not None else None

    def _outside(self, node: Any, column: str) -> Any:
        """What a column of an outside table is."""
        return None if column == "metric" else node

    def _of_step(self, step: Step, column: str, node: Any) -> list[Any]:
        if column in step.names:
            own, place = nodes.outputs(step.node), step.names.index(column)
            if place >= len(own) or "" in own[: place + 1]:
                return [node]
            column = own[place]
        return self.of_query(step.node, column, step.steps)


class Lineage(Origin):
    """Follows an output column down to the columns of outside tables whose values it shows."""

    def __init__(self, pinned: frozenset[str]) -> None:
        super().__init__(pinned)
        self.following: set[int] = set()
        """The expressions on the way: one may have the name of what it is made from."""

    def shown(self, tree: Any, column: str) -> tuple[Provenance, ...]:
        """The columns that an output column shows."""
        return tuple(one for one in self.of_query(tree, column, {}) if isinstance(one, Provenance))

    def _named(self, item: Any, found: Any) -> Any:
        return found

    def _outside(self, node: Any, column: str) -> Any:
        return Provenance(node["table_name"].lower(), column)

    def _of_expression(self, item: Any, node: Any, steps: Mapping[str, Step]) -> list[Any]:
        if id(item) in self.following:
            return []
        self.following.add(id(item))
        found = self._shown_by(item, node, steps)
        self.following.remove(id(item))
        return [one for one in found if isinstance(one, Provenance)]

    def _shown_by(self, item: Any, node: Any, steps: Mapping[str, Step]) -> list[Any]:
        """What an expression shows, by its kind."""
        if item.get("class") == "COLUMN_REF":
            return super()._of_expression(item, node, steps)
        if item.get("type") == "OPERATOR_COALESCE":
            return [found for part in item["children"] for found in self._of_expression(part, node, steps)]
        if item.get("class") == "CAST":
            return self._of_expression(item["child"], node, steps)
        if item.get("class") != "FUNCTION":
            return []
        name = item["function_name"].lower()
        given = [argument["expression"] for argument in item.get("arguments", [])]
        if name == "count_star":
            return [Provenance("", "*", "count")]
        if name == "date_trunc" and len(given) == 2:
            unit = nodes.text_of(given[0])
            made = f"${unit[1]}" if unit and unit[0] == "parameter" else unit[1] if unit else ""
            return [replace(one, made=made) for one in self._of_expression(given[1], node, steps) if made]
        if name == "sum" and not item.get("filter"):
            counted = [one for part in given for one in self._of_expression(part, node, steps)]
            return [replace(one, made="count") for one in counted if one.column in ("n", "*")]
        return self._of_expression(given[0], node, steps) if name in SHOWN_BY and given else []


def _one(found: list[Any]) -> list[Any]:
    """Columns of one name in joined tables: with USING they are one, and the tables' own vouches for the other."""
    return [None] if None in found else found[:1]
