"""What an analyst can look up: the list of themes in the reference and in the schema."""

from pathlib import Path

import pytest

from cx import description, settings
from cx.catalog import Catalog
from cx.engine import Engine

SHIPPED = sorted(path.stem for path in (settings.PROJECT / "queries" / "themes").glob("*.yaml"))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_shipped_theme_is_in_the_reference(language: str) -> None:
    lines = description.document(language).splitlines()
    assert [name for name in SHIPPED if not any(line.startswith(f"| `{name}` | ") for line in lines)] == []


def test_the_schema_of_mentions_names_the_themes_of_the_company(demo_engine: Engine, demo: Path) -> None:
    held = demo_engine.snapshot()
    told = description.schema("mentions", held, Catalog(settings.query_folders(demo)))["mentions"]["theme"]
    assert all(name in told for name in SHIPPED)
