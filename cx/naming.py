"""Naming: what people call brands, and whether a text about one brand names another.

The second is told once, at publishing, so that a question about rivals reads the few texts that name one.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from cx.quoting import literal
from cx.settings import Settings
from cx.snapshot import Snapshot

COLUMN = "names_other_brand"
"""The column of `comments` that tells it; empty where the names were others when the text was published."""
SHORTEST = 2
"""Letters that a name must have: a single one stands in too many words."""

MOST = 200
"""Names that are looked for when texts are published: as fast as a few, while a thousand take 300 times as long."""

Names = Mapping[str, Sequence[str]]
"""The names of each brand."""


def given(about: Settings) -> list[Any]:
    """What cx.toml says of the names of brands."""
    return [sorted(about.aliases.items()), sorted(about.value_labels.get("brand", {}).items())]


def names(held: Snapshot, about: Settings) -> dict[str, tuple[str, ...]]:
    """The names of each brand: as reviews name it, as cx.toml labels it, and what else people call it."""
    found = {}
    for brand in dict.fromkeys([*held.values.get("brand", ()), *about.aliases, *filter(None, [about.brand])]):
        labels = about.value_labels.get("brand", {}).get(brand, {}).values()
        found[brand] = tuple(dict.fromkeys([brand, *labels, *about.aliases.get(brand, ())]))
    return found


def digest(known: Names, own: str) -> str:
    """Tells whether texts were read with these names and this own brand."""
    text = json.dumps([own, sorted((brand, sorted(called)) for brand, called in known.items())])
    return hashlib.sha256(text.encode()).hexdigest()[:10]


@dataclass(frozen=True)
class Sought:
    """Names as a text is looked through for them."""

    of_brand: Mapping[str, Sequence[str]]
    """The names of each brand, as DuckDB itself lowers them."""
    anybody: str
    """A pattern that any of them fits; empty where none has a name."""
    too_many: bool


def sought(known: Names, connection: duckdb.DuckDBPyConnection) -> Sought:
    """What to look for, made once: put together within a statement it would be planned again for each month."""
    called = {one: [name for name in some if len(name) >= SHORTEST] for one, some in known.items()}
    given = [name for some in called.values() for name in some]
    if not given or len(given) > MOST:
        return Sought({}, "", too_many=len(given) > MOST)
    rows = connection.execute(
        "select lowered, regexp_escape(lowered) "
        "from (select lower(nfc_normalize(unnest($given::varchar[]))) as lowered)",
        {"given": given},
    ).fetchall()
    lowered = dict(zip(given, (row[0] for row in rows), strict=True))
    of_brand = {one: [lowered[name] for name in some] for one, some in called.items() if some}
    return Sought(of_brand, "|".join(row[1] for row in rows), too_many=False)


def told(names_sought: Sought, text: str, brand: str) -> str:
    """SQL of whether a text names another brand than its own; both are SQL too.

    It may say yes where a name only begins another word, never no where a brand is named, and nothing where brands
    have more names than can be looked for.
    """
    if names_sought.too_many:
        return "null::boolean"
    if not names_sought.anybody:
        return "false"
    lower = f"lower({text})"
    others = " or ".join(
        f"(({brand}) is distinct from {literal(one)} and ("
        + " or ".join(f"contains({lower}, {literal(name)})" for name in dict.fromkeys(some))
        + "))"
        for one, some in names_sought.of_brand.items()
    )
    # Most texts name nobody: one look for all names spares a look for each.
    return f"case when regexp_matches({lower}, {literal(names_sought.anybody)}) then {others} else false end"
