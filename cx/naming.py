"""Naming: what people call brands, and whether a text about one brand names another.

The second is told once, at publishing, so that a question about rivals reads the few texts that name one.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

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


def told(known: Names, text: str, brand: str) -> str:
    """SQL of whether a text names another brand than its own; both are SQL too.

    It may say yes where a name only begins another word, never no where a brand is named, and nothing where brands
    have more names than can be looked for.
    """
    called = {one: [name for name in some if len(name) >= SHORTEST] for one, some in known.items()}
    patterns = {one: _any_of(some) for one, some in called.items() if some}
    if not patterns:
        return "false"
    if sum(map(len, called.values())) > MOST:
        return "null::boolean"
    lower = f"lower({text})"
    others = " or ".join(
        f"(({brand}) is distinct from {literal(one)} and regexp_matches({lower}, {pattern}))"
        for one, pattern in patterns.items()
    )
    # Most texts name nobody: one look for all names spares a look for each.
    anybody = _any_of([name for some in called.values() for name in some])
    return f"case when regexp_matches({lower}, {anybody}) then {others} else false end"


def _any_of(called: Sequence[str]) -> str:
    """SQL of a pattern that finds any of these names, as DuckDB itself lowers and escapes them."""
    return f"concat_ws('|', {', '.join(f'regexp_escape(lower(nfc_normalize({literal(name)})))' for name in called)})"
