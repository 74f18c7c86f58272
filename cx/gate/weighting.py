"""Where a row of a summed table, which stands for many answers, is taken for one."""

from collections.abc import Iterator, Mapping
from typing import Any

from cx.gate import nodes
from cx.gate.functions import ADDING, AROUND, COUNTING, PER_ROW, SUMS
from cx.gate.lineage import Origin, Provenance, Step, own_steps, visible


class Weighting(Origin):
    """Finds what gives each row of a summed table the weight of one answer.

    A step that only picks rows and columns hands such rows on, so that the next one is judged like the first.
    """

    def __init__(self, summed: frozenset[str]) -> None:
        super().__init__(frozenset())
        self.summed = summed
        self.counts: dict[int, tuple[Any, str]] = {}
        """The calls that count rows of summed tables, by identity, with the table."""
        self.returned: list[Any] = []
        """Those of them that stand in a select list."""
        self.kept: dict[int, set[str]] = {}
        """What each query hands on, so that steps that read the one before them twice take no longer."""

    def misuses(self, query: Any, steps: Mapping[str, Step]) -> Iterator[tuple[Any, str, str]]:
        """Each wrong call of a query and of all within it, with the table and its kind: mean, sum or divisor."""
        for step in own_steps(query, steps):
            yield from self.misuses(step.node, step.steps)
        steps = visible(query, steps)
        if query["type"] == "SELECT_NODE":
            yield from self._of_one(query, steps)
        for inner in nodes.inner_queries(query):
            yield from self.misuses(inner, steps)

    def _of_one(self, node: Any, steps: Mapping[str, Step]) -> Iterator[tuple[Any, str, str]]:
        source = node.get("from_table") or {}
        pivoted = source.get("aggregates", [])
        for item in (*node["select_list"], node.get("having"), node.get("qualify"), node.get("modifiers"), pivoted):
            for called in nodes.calls(item):
                name, given = called["function_name"].lower(), [one["expression"] for one in called["arguments"]]
                rows = self._rows_under(called, node, steps)
                if name in PER_ROW and rows and not self._answers_alone(given, node, steps, source):
                    yield called, rows, "mean"
                elif name in PER_ROW | ADDING and given:
                    table = self._score_alone(given[0], node, steps, rows)
                    if table:
                        yield called, table, "mean" if name in PER_ROW else "sum"
                elif name in COUNTING:
                    self._count(called, node, steps)
                    if id(called) in self.counts and any(item is one for one in node["select_list"]):
                        self.returned.append(called)
                elif name in ("/", "//") and len(given) == 2 and {*nodes.names_of(given[0])} != {"n"}:
                    for counted in self._divisors(given[1], node, steps):
                        yield *counted, "divisor"

    def _rows_under(self, call: Any, node: Any, steps: Mapping[str, Step]) -> str:
        """The summed table whose rows a call takes, or an empty text; over groups, a window takes the groups."""
        if call["class"] == "WINDOW" and nodes.is_grouped(node):
            return ""
        return min(self._rows_of(node.get("from_table") or {}, steps), default="")

    def _answers_alone(self, given: list[Any], node: Any, steps: Mapping[str, Step], source: Any) -> bool:
        """Whether a step hands on nothing but numbers of answers: where it names the day alone, those are per day."""
        names: set[str] = set()
        nodes.direct_tables(source, names, set())
        leaves = [leaf for item in given for leaf in nodes.references(item)]
        found = [one for leaf in leaves for one in self._of_expression(leaf, node, steps) or [leaf]]
        return not names & self.summed and bool(found) and all(getattr(one, "column", "") == "n" for one in found)

    def _score_alone(self, item: Any, node: Any, steps: Mapping[str, Step], whole: str) -> str:
        """The summed table whose scores an expression holds without how many gave them, or an empty text.

        Where rows were grouped before, only the score itself is surely wrong: groups may be what is counted.
        """
        plain = item["child"] if item.get("class") == "CAST" else item
        if not whole and plain.get("class") != "COLUMN_REF":
            return ""
        found = [one for leaf in nodes.references(item) for one in self._of_expression(leaf, node, steps) or [leaf]]
        known = [one for one in found if isinstance(one, Provenance) and one.table in self.summed]
        scores = [one.table for one in known if one.column == "score"]
        return scores[0] if scores and len(known) == len(found) and not {one.column for one in known} & {*SUMS} else ""

    def _divisors(self, item: Any, node: Any, steps: Mapping[str, Step]) -> Iterator[tuple[Any, str]]:
        """The counts of combinations that a divisor is."""
        if item.get("class") == "CAST":
            yield from self._divisors(item["child"], node, steps)
        elif item.get("class") == "COLUMN_REF":
            made = self._of_expression(item, node, steps)
            yield from (self.counts[id(one)] for one in made if id(one) in self.counts)
        elif item.get("type") == "OPERATOR_COALESCE":
            yield from self._divisors(item["children"][0], node, steps)
        elif item.get("class") in ("FUNCTION", "WINDOW"):
            name = item["function_name"].lower()
            if name in COUNTING:
                self._count(item, node, steps)
                yield from [self.counts[id(item)]] if id(item) in self.counts else []
            elif name in AROUND and item["arguments"]:
                yield from self._divisors(item["arguments"][0]["expression"], node, steps)

    def _count(self, call: Any, node: Any, steps: Mapping[str, Step]) -> None:
        """Note a call that counts rows of a summed table."""
        rows = self._rows_under(call, node, steps)
        if rows and not call.get("distinct"):
            self.counts[id(call)] = call, rows

    def _rows_of(self, source: Any, steps: Mapping[str, Step]) -> set[str]:
        """The summed tables whose rows a FROM yields."""
        kind = source.get("type")
        if kind == "JOIN":
            return self._rows_of(source["left"], steps) | self._rows_of(source["right"], steps)
        if kind == "PIVOT":
            return self._rows_of(source["source"], steps)
        if kind == "SUBQUERY":
            return self._handed_on(source["subquery"]["node"], steps)
        if kind != "BASE_TABLE":
            return set()
        name = source["table_name"].lower()
        if name in steps:
            return self._handed_on(steps[name].node, steps[name].steps)
        return {name} & self.summed

    def _handed_on(self, query: Any, steps: Mapping[str, Step]) -> set[str]:
        """The summed tables whose rows a query hands on one by one."""
        if id(query) not in self.kept:
            self.kept[id(query)] = self._passed(query, steps)
        return self.kept[id(query)]

    def _passed(self, query: Any, steps: Mapping[str, Step]) -> set[str]:
        steps = visible(query, steps)
        if query["type"] == "SET_OPERATION_NODE":
            found: set[str] = set()
            return found.union(*(self._handed_on(part, steps) for part in query["children"]))
        distinct = any(one.get("type") == "DISTINCT_MODIFIER" for one in query.get("modifiers") or ())
        if query["type"] != "SELECT_NODE" or distinct or nodes.is_grouped(query):
            return set()
        return self._rows_of(query.get("from_table") or {}, steps)

    def _named(self, item: Any, found: Any) -> Any:
        return found

    def _outside(self, node: Any, column: str) -> Any:
        return Provenance(node["table_name"].lower(), column)

    def _of_expression(self, item: Any, node: Any, steps: Mapping[str, Step]) -> list[Any]:
        if item.get("class") == "CAST":
            return self._of_expression(item["child"], node, steps)
        return super()._of_expression(item, node, steps)
