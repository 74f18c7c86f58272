"""A SQL text as the nodes of DuckDB's own parse tree, and what is found below a node."""

import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import duckdb

from cx.errors import QueryFileError, mistyped, pointed_at
from cx.gate.functions import AGGREGATES, LIKENESSES

PARSER = duckdb.connect(":memory:", config={"threads": 1})
PARSING = threading.Lock()


def unended(text: str) -> str:
    """A judged text without the semicolon that ends it, so that it fits between brackets."""
    raw = text.encode()
    for place in _semicolons(text):
        raw = raw[:place] + b" " + raw[place + 1 :]
    return raw.decode()


def _semicolons(text: str) -> Iterator[int]:
    """The byte positions of the semicolons that end statements, not of those in texts and comments."""
    raw = text.encode()
    for place, kind in duckdb.tokenize(text):
        if kind == duckdb.token_type.operator and raw[place : place + 1] == b";":
            yield place


def one_select(text: str, file: str) -> frozenset[str]:
    """The parameters of the text, once it is known to be exactly one SELECT."""
    if len(text) > 100_000:
        raise QueryFileError("The file is longer than 100,000 characters.", "Split the question.", file=file)
    if "\x00" in text:
        raise QueryFileError("The file holds a NUL character.", "Save it as plain UTF-8 text.", file=file)
    try:
        with PARSING:
            statements = PARSER.extract_statements(text)
    except (duckdb.Error, UnicodeError, RecursionError) as error:
        raise syntax_error(str(error), text, file) from error
    if not statements:
        raise QueryFileError("The file holds no SQL.", "Write one SELECT below the header lines.", file=file, line=1)
    if len(statements) > 1:
        several = QueryFileError(
            f"The file holds {len(statements)} statements.",
            "Keep one SELECT; use `with name as (…)` for steps before it.",
            file=file,
        )
        several.line, several.column = line_and_column(text, next(_semicolons(text)))
        raise several
    if statements[0].type != duckdb.StatementType.SELECT:
        raise QueryFileError(
            f"The statement is {statements[0].type.name}, not a SELECT.",
            "A file only reads: write one SELECT.",
            file=file,
            line=1,
        )
    return frozenset(statements[0].named_parameters)


def parsed(text: str, file: str) -> Any:
    """The tree of a text that is one SELECT."""
    try:
        with PARSING:
            row = PARSER.execute("select json_serialize_sql($text)", {"text": text}).fetchone()
    except duckdb.Error as error:
        raise syntax_error(str(error), text, file) from error
    parsed: Any = json.loads(row[0]) if row else {"error": True, "error_message": "nothing was parsed"}
    if parsed["error"]:
        raise QueryFileError(
            f"DuckDB cannot read this: {parsed['error_message']}.",
            "Write one plain SELECT; a PIVOT needs its IN list.",
            file=file,
            line=line_and_column(text, int(parsed.get("position") or 0))[0],
        )
    return parsed["statements"][0]["node"]


def syntax_error(driver: str, text: str, file: str) -> QueryFileError:
    """DuckDB's parser message as one of ours, with the line it points at."""
    first = driver.split("\n", 1)[0].replace("Parser Error: ", "")
    marker = driver.find("LINE ")
    line = 0
    if marker >= 0:
        digits = driver[marker + 5 : driver.find(":", marker)]
        line = int(digits) if digits.isdigit() else 0
    lines = text.splitlines()
    hint = mistyped(lines[line - 1]) if 0 < line <= len(lines) else ""
    near = re.search(r'at or near "(.+)"', first)
    hint = hint or (_blank_in_name(lines[line - 1], near[1]) if near and 0 < line <= len(lines) else "")
    hint = hint or "Look just before the place named."
    error = QueryFileError(f"The SQL is not well formed: {first}.", hint, file=file, line=line)
    error.column = pointed_at(driver, text, line)
    return error


def _blank_in_name(line: str, near: str) -> str:
    """A remedy where two words stand as one name: Korean columns often have a blank, and no word of SQL is Korean."""
    words = r"(\w+)\s+(\w+)\s+as\b" if near.lower() == "as" else rf"\bas\s+(\w+)\s+({re.escape(near)})"
    names = (f"{found[1]} {found[2]}" for found in re.finditer(words, line, re.IGNORECASE))
    name = next((name for name in names if not name.isascii()), "")
    return f'A name with a blank stands in double quotes: "{name}".' if name else ""


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """The 1-based line and column of a byte position in the text."""
    before = text.encode()[: max(position, 0)].decode(errors="ignore")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _outermost(tree: Any) -> Any:
    """The outermost SELECT; the first part of a union."""
    node = tree
    while node.get("type") in ("SET_OPERATION_NODE", "CTE_NODE", "RECURSIVE_CTE_NODE"):
        node = node.get("left") or (node.get("children") or [None])[0] or node.get("child")
        if node is None:
            return {}
    return node


def select_list(tree: Any) -> list[Any]:
    """The outermost select list; that of the first part of a union."""
    return list(_outermost(tree).get("select_list", ()))


def returns_fewer(tree: Any) -> bool:
    """Whether the outermost SELECT makes one row of all that it reads, or leaves some out by LIMIT."""
    select = _outermost(tree)
    modifiers = {one.get("type") for one in (*tree.get("modifiers", ()), *select.get("modifiers", ()))}
    return bool({"LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER"} & modifiers) or (
        not has_groups(select) and has_aggregates(select)
    )


def passes_on(tree: Any) -> str:
    """The one table that a SQL text passes on as it is, `select * from name`; an empty text where it does more."""
    source = tree.get("from_table") or {}
    (item, *others) = tree.get("select_list") or [{}]
    kept = item.get("class") == "STAR" and not any(
        item.get(key) for key in ("relation_name", "exclude_list", "replace_list", "rename_list", "columns", "expr")
    )
    more = ("modifiers", "where_clause", "group_expressions", "group_sets", "having", "sample", "qualify")
    plain = not others and not tree["cte_map"]["map"] and not any(tree.get(key) for key in more)
    named = source.get("type") == "BASE_TABLE" and not any(
        source.get(key) for key in ("sample", "column_name_alias", "schema_name", "catalog_name", "at_clause")
    )
    return str(source["table_name"]).lower() if kept and plain and named else ""


def is_ordered(node: Any) -> bool:
    """Whether a query says in which order its rows come."""
    return any(one.get("type") == "ORDER_MODIFIER" for one in node.get("modifiers") or ())


def limit_without_order(node: Any, text: str) -> int:
    """The line of a LIMIT on rows that come in no order, or 0; one row of all needs none."""
    limit = next((one for one in node.get("modifiers") or () if one.get("type") == "LIMIT_MODIFIER"), None)
    inner = ((node.get("from_table") or {}).get("subquery") or {}).get("node") or {}
    single = node["type"] == "SELECT_NODE" and not has_groups(node) and has_aggregates(node)
    if not limit or not limit.get("limit") or is_ordered(node) or is_ordered(inner) or single:
        return 0
    return line_and_column(text, min(locations(limit), default=0))[0]


def outputs(tree: Any) -> tuple[str, ...]:
    """The names of the outermost select list, an empty text for an unnamed expression or a star."""
    names = []
    for item in select_list(tree):
        name = item.get("alias") or (item["column_names"][-1] if item.get("class") == "COLUMN_REF" else "")
        names.append(name.lower())
    return tuple(names)


def lines_of_outputs(tree: Any, text: str) -> dict[str, int]:
    """The line of each named output column: that of the first place in it which the parser keeps."""
    found: dict[str, int] = {}
    for item, name in zip(select_list(tree), outputs(tree), strict=True):
        places = [place for place in locations(item) if place < len(text.encode())]
        if name and places:
            found.setdefault(name, line_and_column(text, min(places))[0])
    return found


def locations(node: Any) -> Iterator[int]:
    """The byte positions in the text that the parser keeps of a node and of all below it."""
    if isinstance(node, dict) and isinstance(node.get("query_location"), int):
        yield node["query_location"]
    for child in children(node):
        yield from locations(child)


CONTAINERS = (dict, list)


def children(node: Any) -> list[Any]:
    """The parts of a node that have parts of their own."""
    parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [part for part in parts if part and isinstance(part, CONTAINERS)]


EQUALITIES = frozenset(("COMPARE_EQUAL", "COMPARE_IN", "COMPARE_NOT_DISTINCT_FROM"))


def as_written(call: Any) -> str:
    """A function as its author writes it."""
    return {"count_star": "count(*)"}.get(call["function_name"], f"{call['function_name']}()")


def inner_queries(node: Any) -> Iterator[Any]:
    """The queries directly inside of one, but for the steps of its `with`."""
    for name, child in node.items() if isinstance(node, dict) else enumerate(node):
        if not child or name == "cte_map" or not isinstance(child, CONTAINERS):
            continue
        if isinstance(child, dict) and str(child.get("type", "")).endswith("_NODE") and "cte_map" in child:
            yield child
        else:
            yield from inner_queries(child)


def is_grouped(select: Any) -> bool:
    """Whether a SELECT makes one row of many."""
    return has_groups(select) or has_aggregates(select)


def has_groups(select: Any) -> bool:
    """Whether a SELECT has a GROUP BY."""
    return bool(select.get("group_sets")) or select.get("aggregate_handling", "") == "FORCE_AGGREGATES"


def has_aggregates(select: Any) -> bool:
    """Whether the select list of a SELECT calls an aggregate."""
    return any(
        call["class"] == "FUNCTION" and call["function_name"].lower() in AGGREGATES
        for item in select.get("select_list", ())
        for call in calls(item)
    )


def conditions(node: Any) -> Iterator[Any]:
    """The comparisons below a node that may be true of some text, not those under NOT or of queries within it."""
    if isinstance(node, dict):
        if "cte_map" in node or node.get("type") == "OPERATOR_NOT":
            return
        called = str(node.get("function_name")).lower() if node.get("class") == "FUNCTION" else ""
        if called in LIKENESSES or node.get("type") in EQUALITIES:
            yield node
    for child in children(node):
        yield from conditions(child)


def texts(node: Any) -> Iterator[tuple[str, str]]:
    """The texts and parameters of an expression."""
    found = text_of(node) if isinstance(node, dict) else None
    if found:
        yield found
    for child in children(node):
        yield from texts(child)


def replaced(node: Any, old: Any, new: Any) -> Any:
    """A tree with another part in place of one of its own."""
    if node is old:
        return new
    if isinstance(node, dict):
        return {name: replaced(child, old, new) for name, child in node.items()}
    return [replaced(child, old, new) for child in node] if isinstance(node, list) else node


def names_of(item: Any) -> Iterator[str]:
    """The last parts of the columns that an expression names."""
    return (reference["column_names"][-1].lower() for reference in references(item))


def references(node: Any) -> Iterator[Any]:
    """The columns that an expression names."""
    if isinstance(node, dict) and node.get("class") == "COLUMN_REF":
        yield node
    for child in children(node):
        yield from references(child)


def lowered(names: Any) -> tuple[str, ...]:
    """Names in lower case, as DuckDB compares them."""
    return tuple(name.lower() for name in names or ())


def calls(node: Any) -> Iterator[Any]:
    """The function calls of an expression, not those of a subquery in it."""
    if isinstance(node, dict):
        if node.get("class") == "SUBQUERY":
            return
        if node.get("class") in ("FUNCTION", "WINDOW") and node.get("function_name"):
            yield node
    for child in children(node):
        yield from calls(child)


def plain_sources(node: Any) -> Iterator[tuple[str, str]]:
    """The tables of a FROM with their aliases, as long as only joins that keep a WHERE's meaning stand between them.

    A positional or as-of join pairs rows by what stands beside them: leaving some out would pair others.
    """
    if node.get("sample"):
        return
    if node.get("type") == "BASE_TABLE" and not node.get("column_name_alias"):
        yield node["table_name"].lower(), (node.get("alias") or "").lower()
    if node.get("type") == "JOIN" and node.get("ref_type") in ("REGULAR", "CROSS"):
        for side in (node["left"], node["right"]):
            yield from plain_sources(side)


def equalities(node: Any) -> Iterator[tuple[list[str], frozenset[tuple[str, str]]]]:
    """Columns that a condition keeps to texts, with these; what stands under OR, NOT or CASE keeps nothing."""
    if not isinstance(node, dict):
        return
    if node.get("type") == "CONJUNCTION_AND":
        for part in node["children"]:
            yield from equalities(part)
    pairs: list[tuple[Any, list[Any]]] = []
    if node.get("type") == "COMPARE_EQUAL":
        pairs = [(node["left"], [node["right"]]), (node["right"], [node["left"]])]
    elif node.get("type") == "COMPARE_IN":
        pairs = [(node["children"][0], node["children"][1:])]
    for column, values in pairs:
        texts = [text_of(value) for value in values]
        if column.get("class") == "COLUMN_REF" and None not in texts:
            yield column["column_names"], frozenset(text for text in texts if text is not None)


def filled_columns(node: Any) -> Iterator[list[str]]:
    """Columns that a condition keeps to rows with a value; what stands under OR, NOT or CASE keeps nothing."""
    if isinstance(node, dict) and node.get("type") == "CONJUNCTION_AND":
        for part in node["children"]:
            yield from filled_columns(part)
    elif isinstance(node, dict) and node.get("class") == "COLUMN_REF":
        # A column that is a condition by itself is true.
        yield node["column_names"]
    if isinstance(node, dict) and node.get("type") == "OPERATOR_IS_NOT_NULL":
        yield from (part["column_names"] for part in node["children"] if part.get("class") == "COLUMN_REF")


def text_of(node: Any) -> tuple[str, str] | None:
    """A constant text or a parameter, or None for anything else."""
    if node.get("class") == "CONSTANT" and (node.get("literal") or {}).get("kind") == "STRING":
        return ("value", str(node["literal"]["text"]))
    return ("parameter", str(node["identifier"])) if node.get("class") == "PARAMETER" else None


def direct_tables(node: Any, names: set[str], aliases: set[str]) -> None:
    """Add the tables of a FROM, not those of queries in it, with their aliases."""
    if isinstance(node, dict):
        if node.get("type") == "BASE_TABLE":
            names.add(node["table_name"].lower())
            aliases.add((node.get("alias") or "").lower())
            return
        if node.get("type") in ("SUBQUERY", "SELECT_NODE"):
            return
    for child in children(node):
        direct_tables(child, names, aliases)


def has_star(node: Any) -> bool:
    """A star among the wanted columns; the star that `count(*)` parses to is a function of its own."""
    if isinstance(node, dict):
        if node.get("class") == "STAR":
            return True
        if node.get("class") == "SUBQUERY":
            return False
    return any(has_star(child) for child in children(node))


def bare_columns(node: Any) -> Iterator[str]:
    """The columns that an expression names without their table; such a name may be a table's, for its whole row."""
    if isinstance(node, dict):
        if node.get("class") == "COLUMN_REF" and len(node["column_names"]) == 1:
            yield node["column_names"][0].lower()
        if node.get("class") == "SUBQUERY":
            return
    for child in children(node):
        yield from bare_columns(child)
