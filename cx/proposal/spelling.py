"""Names and texts as SQL and YAML write them, and as they are compared and listed."""

import json
import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import duckdb

from cx.quoting import quoted


def listing(names: Sequence[str], most: int = 12) -> str:
    """Names as a person reads them, the first of many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(" ".join(name.split())[:60] for name in names[:most]) + more


def shared_start(names: Sequence[str]) -> int:
    """How many signs some names share at their start."""
    first, last = min(names), max(names)
    return next((at for at, sign in enumerate(first) if sign != last[at]), len(first))


def without_accents(name: str) -> str:
    """A name without accents: what was typed on another keyboard is the same name."""
    signs = unicodedata.normalize("NFD", name)
    return unicodedata.normalize("NFC", "".join(sign for sign in signs if not unicodedata.combining(sign)))


def yaml_text(text: str) -> str:
    """A text as a quoted YAML scalar on one line."""
    return json.dumps(text, ensure_ascii=False)


def yaml_plain(text: str) -> str:
    """A text as a YAML scalar, in quotes only where it has to be."""
    return text if re.fullmatch(r"\w[\w./*-]*", text) else yaml_text(text)


def sql_name(column: str) -> str:
    """A column's name as SQL writes it: in quotes only where it has to be."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", column) and column.lower() not in _keywords()
    return column if plain else quoted(column)


@cache
def _keywords() -> frozenset[str]:
    """The words that DuckDB keeps for itself."""
    with duckdb.connect() as connection:
        found = connection.execute("from duckdb_keywords()").fetchall()
    return frozenset(word for word, kind in found if kind != "unreserved")
