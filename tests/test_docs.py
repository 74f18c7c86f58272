"""The recipes of the docs run: every file they name is written beside the demo company, checked and asked."""

import re
from pathlib import Path

import pytest

from cx.checks import failures, given_failures
from cx.engine import Engine
from cx.periods import Period, comparison, preset
from cx.scope import Filters
from cx.settings import PROJECT

GUIDES = ("queries.md", "tutorial.ko.md")
BLOCK = re.compile(r"^`data/queries/(custom/[\w/]+)\.sql`\n\n```sql\n(.*?)```", flags=re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)?(#[^)\s]*)?\)")


def blocks(guide: str) -> dict[str, str]:
    """The last version of every file that a guide names, by question name."""
    return dict(BLOCK.findall((PROJECT / "docs" / guide).read_text("utf-8")))


@pytest.mark.parametrize("guide", GUIDES)
def test_every_recipe_answers_over_the_demo_company(guide: str, demo_engine: Engine, tmp_path: Path) -> None:
    found = blocks(guide)
    assert len(found) >= {"queries.md": 15, "tutorial.ko.md": 3}[guide]
    for name, text in found.items():
        path = tmp_path / "queries" / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    engine = Engine(demo_engine.data, (*demo_engine.queries, tmp_path / "queries"))
    try:
        assert not {name: str(error) for name, error in engine.catalog.problems.items() if name in found}
        as_of = engine.snapshot().as_of
        assert as_of is not None
        period = preset("last_90_days", as_of)
        wide = Filters(Period(period.start.replace(year=period.start.year - 1), period.end))
        for name in found:
            answer = engine.answer(name, Filters(period, comparison(period, "previous", "last_90_days")))
            if not len(answer.frame):
                answer = engine.answer(name, wide)
            assert len(answer.frame), name
            question = engine.catalog.question(name)
            assert not [str(error) for error in failures(question, answer.frame)], name
            assert not [str(error) for error in given_failures(engine, question)], name
    finally:
        engine.close()


def anchors(path: Path) -> set[str]:
    """The places of a document that a link can name."""
    heads = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), flags=re.MULTILINE)
    plain = [re.sub(r"[^\w\s-]", "", head.lower()).strip() for head in heads]
    return {"#" + re.sub(r"\s", "-", head) for head in plain}


@pytest.mark.parametrize(
    "path", [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))], ids=lambda p: p.name
)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(path: Path) -> None:
    for file, anchor in LINK.findall(path.read_text("utf-8")):
        target = (path.parent / file) if file else path
        assert target.exists(), file
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{file}{anchor}"
