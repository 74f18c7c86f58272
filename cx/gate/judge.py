"""What a SQL text may consist of: nodes, expressions, functions and tables, each by an allow-list."""

from collections import Counter
from typing import Any

from cx.errors import QueryFileError, nearest
from cx.gate import nodes
from cx.gate.functions import (
    CLOCK,
    CLOCK_WORDS,
    DATE_PARTS,
    FUNCTIONS,
    OF_DATE_PARTS,
    OF_OTHERS,
    SUMS,
    TABLE_FUNCTIONS,
)
from cx.gate.lineage import Origin
from cx.gate.weighting import Weighting

STRUCTURES = frozenset(
    """
    SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE CTE_NODE BASE_TABLE JOIN SUBQUERY EMPTY
    EXPRESSION_LIST TABLE_FUNCTION PIVOT ORDER_MODIFIER LIMIT_MODIFIER DISTINCT_MODIFIER ORDER_DEFAULT
    ASCENDING DESCENDING ORDER_ASC ORDER_DESC
    """.split()
)
EXPRESSIONS = frozenset(
    """
    COLUMN_REF CONSTANT FUNCTION COMPARISON CONJUNCTION OPERATOR CASE CAST BETWEEN SUBQUERY WINDOW
    LAMBDA STAR PARAMETER COLLATE TYPE
    """.split()
)
TODAY = "The same question has to give the same answer: use `$period_to`, the day after the period's last."
TODAY_OF_ROWS = "The same exports have to give the same rows: take the day from a column."
"""The same in a source or a metric, which know no period."""
ROWS_ALONE = frozenset(("raw", "answers"))
"""What a source and a metric read."""


class Judge:
    """One walk over a parse tree: refuses what the lists do not name, notes what is referred to."""

    def __init__(self, text: str, tables: frozenset[str], file: str, summed: frozenset[str]) -> None:
        self.text = text
        self.allowed = tables
        self.file = file
        self.tables: set[str] = set()
        self.columns: set[str] = set()
        self.everything: set[str] = set()
        self.functions: set[str] = set()
        self.metrics: set[str] = set()
        self.lines: dict[str, int] = {}
        self.summed = summed
        self.times_read: Counter[str] = Counter()
        self.conditions: dict[str, list[dict[str, frozenset[tuple[str, str]]]]] = {}
        self.present: dict[str, list[set[str]]] = {}
        self.combines = False
        self.outer = False
        self.counts: list[tuple[str, str, int, int]] = []

    def refuse(self, node: Any, message: str, hint: str) -> QueryFileError:
        """The error that refuses a node, with its place in the text."""
        position = node.get("query_location") if isinstance(node, dict) else None
        error = QueryFileError(message, hint, file=self.file)
        if isinstance(position, int) and position < 2**60:
            error.line, error.column = nodes.line_and_column(self.text, position)
        return error

    def walk(self, node: Any, steps: frozenset[str]) -> None:
        """Check `node` and all below it; `steps` are the `with` names that are visible here."""
        recurring: frozenset[str] = frozenset()
        if isinstance(node, dict):
            steps = self._steps(node, steps)
            if node.get("cte_name"):
                recurring = frozenset((node["cte_name"].lower(),))
            if "class" in node:
                self._expression(node, steps)
            elif isinstance(node.get("type"), str):
                self._structure(node, steps)
        for name, child in node.items() if isinstance(node, dict) else enumerate(node):
            if child and isinstance(child, nodes.CONTAINERS) and name != "cte_map":
                self.walk(child, steps if name == "left" else steps | recurring)

    def _steps(self, node: dict[str, Any], steps: frozenset[str]) -> frozenset[str]:
        """Check the `with` list of a node and return all names visible after it.

        A step sees those before it; itself (unless it recurs) or a later one would be looked up among
        DuckDB's own tables, which no list here names.
        """
        cte_map = node.get("cte_map")
        for entry in cte_map["map"] if isinstance(cte_map, dict) else ():
            name = entry["key"].lower()
            if name in self.allowed:
                raise self.refuse(
                    node,
                    f"A step is named “{name}”, like a table of the product.",
                    "Give the step another name.",
                )
            self.walk(entry["value"], steps)
            steps = steps | {name}
        return steps

    def _expression(self, node: dict[str, Any], steps: frozenset[str]) -> None:
        kind = node["class"]
        if kind not in EXPRESSIONS:
            raise self.refuse(node, f"{kind.replace('_', ' ').capitalize()} is not allowed here.", "Name a column.")
        if kind == "COLUMN_REF":
            if len(node["column_names"]) == 1 and node["column_names"][0].lower() in CLOCK_WORDS:
                raise self.refuse(node, f"{node['column_names'][0]} reads the machine's clock.", self._today())
            for name in node["column_names"]:
                self.columns.add(name.lower())
                position = node.get("query_location")
                if isinstance(position, int) and position < len(self.text) * 4:
                    self.lines.setdefault(name.lower(), nodes.line_and_column(self.text, position)[0])
        elif kind in ("FUNCTION", "WINDOW") and node.get("function_name"):
            self._function(node, FUNCTIONS)

    def _today(self) -> str:
        """What to write instead of the clock."""
        return TODAY_OF_ROWS if self.allowed <= ROWS_ALONE else TODAY

    def _function(self, node: dict[str, Any], allowed: frozenset[str]) -> None:
        name = node["function_name"].lower()
        if node.get("schema") or node.get("catalog"):
            raise self.refuse(node, f"The function {name}() is named with a schema.", "Name the function alone.")
        if name in CLOCK or (name == "age" and len(node["arguments"]) == 1):
            raise self.refuse(node, f"The function {name}() reads the machine's clock.", self._today())
        if name not in allowed:
            words = {known for known in allowed if known[0].isalpha()}
            hint = f"Here it is {OF_OTHERS[name]}." if name in OF_OTHERS else nearest(name, words)
            raise self.refuse(node, f"The function {name}() is not allowed in a question.", hint)
        if name == "tally":
            if node["class"] == "WINDOW":
                raise self.refuse(
                    node,
                    "tally() sums rows of a group and takes no window.",
                    "Sum each of the five in a step first, `sum(n) over (…) as n` and so on; then tally these.",
                )
            if node.get("filter") or node.get("distinct"):
                raise self.refuse(
                    node,
                    "tally() takes neither FILTER nor DISTINCT.",
                    "Keep the rows in a step first: `with kept as (select * from … where …)`.",
                )
            self._in_order(node)
        if name in OF_DATE_PARTS and node["arguments"]:
            given = nodes.text_of(node["arguments"][0]["expression"])
            if given and given[0] == "value" and given[1].lower() not in DATE_PARTS:
                raise self.refuse(node, f"{name}() knows no “{given[1]}”.", nearest(given[1], DATE_PARTS))
        self.functions.add(name)

    def _in_order(self, node: dict[str, Any]) -> None:
        """Refuse a tally of the five sums in another order: every number of it would be wrong, and look right."""
        if len(node["arguments"]) != len(SUMS):
            told = f"tally() takes five sums, and is given {len(node['arguments'])}."
            raise self.refuse(node, told, "Write `tally(n, w, w2, wx, wx2)`.")
        given = [
            item["expression"]["column_names"] for item in node["arguments"] if "column_names" in item["expression"]
        ]
        named = tuple(names[-1].lower() for names in given)
        if named != SUMS and sorted(named) == sorted(SUMS):
            wrong = next(place for place, name in enumerate(named) if name != SUMS[place])
            raise self.refuse(
                node,
                f"The sums of this tally are swapped: {named[wrong]} stands where {SUMS[wrong]} belongs.",
                "Write them in this order: `tally(n, w, w2, wx, wx2)`.",
            )

    def _pinned(self, node: Any) -> None:
        """Note which metric a condition keeps; what stands under OR, NOT or CASE keeps none."""
        if not isinstance(node, dict):
            return
        if node.get("type") == "CONJUNCTION_AND":
            for part in node["children"]:
                self._pinned(part)
        if node.get("type") != "COMPARE_EQUAL":
            return
        for column, value in ((node["left"], node["right"]), (node["right"], node["left"])):
            if column.get("class") == "COLUMN_REF" and column["column_names"][-1].lower() == "metric":
                if value.get("class") == "CONSTANT":
                    self.metrics.add(str(value.get("literal", {}).get("text", "")))
                elif value.get("class") == "PARAMETER":
                    self.metrics.add("$" + str(value.get("identifier", "")))

    def _structure(self, node: dict[str, Any], steps: frozenset[str]) -> None:
        kind = node["type"]
        if kind not in STRUCTURES:
            words = kind.replace("_", " ").lower().removesuffix(" node").removesuffix(" ref")
            raise self.refuse(
                node,
                f"“{words}” is not allowed in a question.",
                "A question only reads: write one plain SELECT.",
            )
        if kind == "BASE_TABLE":
            self._table(node, steps)
        elif kind == "TABLE_FUNCTION":
            function = node.get("function", {})
            if str(function.get("function_name", "")).lower() not in TABLE_FUNCTIONS:
                raise self.refuse(
                    node,
                    f"The table function {function.get('function_name', '')}() is not allowed in a question.",
                    "Read one of the tables: " + ", ".join(sorted(self.allowed)) + ".",
                )
        for condition in ("where_clause", "having", "qualify", "condition"):
            self._pinned(node.get(condition))
        self.combines |= kind in ("JOIN", "SET_OPERATION_NODE")
        self.outer |= kind == "JOIN" and node.get("join_type") in ("LEFT", "RIGHT", "OUTER")
        if kind == "JOIN":
            # What USING names stands nowhere else in the tree, and the tables have to bring it.
            self.columns.update(nodes.lowered(node.get("using_columns")))
        if kind == "SELECT_NODE":
            self._note_conditions(node, steps)
        if kind in ("SELECT_NODE", "PIVOT", "JOIN"):
            self._wants_everything(node)

    def _table(self, node: dict[str, Any], steps: frozenset[str]) -> None:
        name = node["table_name"].lower()
        if node.get("schema_name") or node.get("catalog_name") or node.get("at_clause"):
            raise self.refuse(node, f"The table “{name}” is named with a schema.", "Name the table alone.")
        if name in steps:
            return
        if name not in self.allowed:
            raise self.refuse(node, f"There is no table “{node['table_name']}”.", nearest(name, self.allowed))
        self.tables.add(name)
        self.times_read[name] += 1
        if node.get("column_name_alias"):
            self.everything.add(name)

    def _note_conditions(self, node: dict[str, Any], steps: frozenset[str]) -> None:
        """Note, for each outside table of a FROM, the values to which the WHERE keeps its columns."""
        for name, alias in nodes.plain_sources(node.get("from_table") or {}):
            if name not in self.allowed or name in steps:
                continue
            alone = node["from_table"]["type"] == "BASE_TABLE"

            def of_this(column: list[str], called: str = alias or name, alone: bool = alone) -> str:
                *qualifier, plain = nodes.lowered(column)
                return plain if (qualifier[-1] == called if qualifier else alone) else ""

            found: dict[str, frozenset[tuple[str, str]]] = {}
            for column, values in nodes.equalities(node.get("where_clause")):
                plain = of_this(column)
                if plain:
                    found[plain] = found[plain] & values if plain in found else values
            self.conditions.setdefault(name, []).append(found)
            there = {of_this(column) for column in nodes.filled_columns(node.get("where_clause"))} - {""}
            self.present.setdefault(name, []).append(there)

    def kept(self) -> dict[str, dict[str, frozenset[tuple[str, str]]]]:
        """Per table and column, the values that are kept wherever the table is read."""
        kept: dict[str, dict[str, frozenset[tuple[str, str]]]] = {}
        for name, noted in self.conditions.items():
            if len(noted) == self.times_read[name]:
                everywhere = set(noted[0]).intersection(*noted[1:])
                kept[name] = {column: frozenset().union(*(one[column] for one in noted)) for column in everywhere}
        return kept

    def filled(self) -> dict[str, frozenset[str]]:
        """Per table, the columns that must have a value wherever the table is read."""
        return {
            name: frozenset(noted[0].intersection(*noted[1:]))
            for name, noted in self.present.items()
            if len(noted) == self.times_read[name]
        }

    def answers_not_rows(self, tree: Any) -> None:
        """Refuse what takes the rows of a summed table for answers, in whatever step it stands."""
        weighting = Weighting(self.summed)
        for wrong, table, kind in weighting.misuses(tree, {}):
            single = {"ratings": "reviews"}.get(table.partition("_")[0], "responses")
            name = nodes.as_written(wrong)
            message, hint = {
                "mean": (
                    f"{name} over {table} takes a combination of answers for one answer.",
                    f"Write `tally(n, w, w2, wx, wx2) as figure`; single scores are in `{single}`.",
                ),
                "sum": (
                    f"{name} adds up the column score of {table} once per combination of answers, not once per answer.",
                    "Write `sum(n)` for how many answers, `sum(score * n)` for the sum of their scores, or "
                    "`tally(n, w, w2, wx, wx2) as figure`.",
                ),
                "divisor": (
                    f"{name} counts combinations of {table}, so what is divided by it is no mean and no share.",
                    "Divide by `sum(n)`, the answers, or write `tally(n, w, w2, wx, wx2) as figure`.",
                ),
            }[kind]
            raise self.refuse(wrong, message, hint)
        for call in weighting.returned:
            place = nodes.line_and_column(self.text, min(nodes.locations(call), default=0))
            self.counts.append((nodes.as_written(call), weighting.counts[id(call)][1], *place))

    def one_metric_a_figure(self, tree: Any) -> None:
        """Refuse a figure whose column `metric` was made up: it would mix metrics under one name."""
        if not ({"tally", "struct_pack"} & self.functions or "figure" in self.columns):
            return
        for wrong in filter(None, Origin(frozenset(self.metrics)).of_query(tree, "metric", {})):
            raise self.refuse(
                wrong,
                "The column metric is made up, so one figure could mix metrics.",
                "Return the column itself and group by it, or write `where metric = 'nps'`.",
            )

    def _wants_everything(self, node: dict[str, Any]) -> None:
        """Note the tables of which a star, PIVOT, NATURAL join or row value takes every column."""
        source = node.get("from_table", node)
        names: set[str] = set()
        aliases: set[str] = set()
        nodes.direct_tables(source, names, aliases)
        star = node["type"] == "PIVOT" or node.get("ref_type") == "NATURAL"
        if node["type"] == "SELECT_NODE":
            chosen = node.get("select_list", [])
            star = any(nodes.has_star(item) for item in chosen) or any(
                reference in names | aliases for item in chosen for reference in nodes.bare_columns(item)
            )
        if star:
            self.everything |= names & self.allowed
