"""The docs hold: every file they name is written beside the demo company and asked, and every link leads somewhere."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from cx import catalog, description, reference, scope
from cx.catalog import QUESTION_TABLES
from cx.checks import check
from cx.engine import Engine
from cx.periods import Period, comparison, preset
from cx.scope import Filters
from cx.settings import PROJECT

TUTORIALS = ("tutorial.en.md", "tutorial.ko.md")
COOKBOOK = PROJECT / "examples" / "cookbook" / "queries" / "custom"
BLOCK = re.compile(r"^`data/queries/(custom/[\w/]+)\.sql`\n\n```sql\n(.*?)```", flags=re.MULTILINE | re.DOTALL)
PAGE_FILE = re.compile(r"^`data/queries/(custom/[\w/]+\.yaml)`\n\n```yaml\n(.*?)```", flags=re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)?(#[^)\s]*)?\)")
RECIPE = re.compile(r"^## (\d+)\. (.+?)\n\n(.+?)\n\n(.+?)\n", flags=re.MULTILINE)


def document(name: str) -> str:
    return (PROJECT / "docs" / name).read_text("utf-8")


def blocks(guide: str) -> list[tuple[str, str]]:
    """Every file that a guide names, as often as it does, by question name."""
    return BLOCK.findall(document(guide))


def recipes() -> dict[str, str]:
    return {f"custom/{path.stem}": path.read_text("utf-8") for path in sorted(COOKBOOK.glob("*.sql"))}


@pytest.fixture(scope="module")
def beside(demo_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Engine]]:
    """Writes files beside the demo company and opens an engine over both."""
    opened: list[Engine] = []

    def written(files: Mapping[str, str]) -> Engine:
        folder = tmp_path_factory.mktemp("beside") / "queries"
        for name, text in files.items():
            path = folder / (name if "." in name else f"{name}.sql")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        opened.append(Engine(demo_engine.data, (*demo_engine.queries, folder)))
        return opened[-1]

    yield written
    for engine in opened:
        engine.close()


def in_order(engine: Engine, names: Iterable[str]) -> None:
    """Every question is read, answers with rows, and keeps what its own tests say."""
    as_of = engine.snapshot().as_of
    assert as_of is not None
    period = preset("last_90_days", as_of)
    wide = Filters(Period(period.start.replace(year=period.start.year - 1), period.end))
    for filters in (Filters(period, comparison(period, "previous", "last_90_days")), wide):
        found = {checked.name: checked for checked in check(engine, filters, set(names))}
        assert not {name: str(one.problems[0]) for name, one in found.items() if one.problems}
        names = [name for name, one in found.items() if not one.rows]
        if not names:
            return
    pytest.fail(f"no rows: {names}")


def test_every_recipe_of_the_cookbook_answers_over_the_demo_company(beside: Callable[..., Engine]) -> None:
    in_order(beside(recipes()), recipes())


def test_both_cookbooks_hold_the_same_fifteen_recipes_and_every_file() -> None:
    english, korean = (RECIPE.findall(document(f"cookbook.{language}.md")) for language in ("en", "ko"))
    assert [number for number, *_ in english] == [str(number) for number in range(1, 16)]
    assert [(number, links) for number, _, links, _ in english] == [(number, links) for number, _, links, _ in korean]
    named = {f"custom/{Path(file).stem}" for _, _, links, _ in english for file, _ in LINK.findall(links)}
    assert named == set(recipes())
    assert all(re.search("[가-힣]", title) and re.search("[가-힣]", text) for _, title, _, text in korean)


@pytest.mark.parametrize("guide", TUTORIALS)
def test_every_file_of_the_tutorial_works_at_every_step(guide: str, beside: Callable[..., Engine]) -> None:
    steps = blocks(guide)
    assert [name for name, _ in steps] == [
        "custom/nps_by_tier",
        "custom/nps_by_tier",
        "custom/nps_change",
        "custom/low_scores",
    ]
    in_order(beside(dict(steps[:1])), ["custom/nps_by_tier"])
    in_order(beside(dict(steps)), dict(steps))


@pytest.mark.parametrize("guide", TUTORIALS)
def test_the_tutorials_folder_becomes_its_page(guide: str, beside: Callable[..., Engine]) -> None:
    ((file, text),) = PAGE_FILE.findall(document(guide))
    folder = file.removesuffix("/page.yaml")
    moved = {name.replace("custom/", f"{folder}/"): sql for name, sql in blocks(guide)}
    (page,) = beside({file: text, **moved}).catalog.folders_of_own()
    assert page.problem is None and page.title == {"en": "Loyalty", "ko": "충성도"}
    assert page.tabs == {"": ((f"{folder}/nps_by_tier", f"{folder}/nps_change"), (f"{folder}/low_scores",))}


def test_both_tutorials_write_the_same_files() -> None:
    english, korean = (document(guide) for guide in TUTORIALS)
    assert BLOCK.findall(english) == BLOCK.findall(korean)
    assert PAGE_FILE.findall(english) == PAGE_FILE.findall(korean)


def test_the_examples_on_the_page_about_questions_answer_too(beside: Callable[..., Engine]) -> None:
    in_order(beside(dict(blocks("queries.md"))), dict(blocks("queries.md")))


# --- reference -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_reference_is_what_the_product_prints(language: str) -> None:
    assert document(f"reference.{language}.md") == description.document(language)


@pytest.mark.parametrize("kind", [*reference.HEADERS, "tables", "macros"])
def test_every_entry_has_a_sentence_in_both_languages(kind: str) -> None:
    entries = {**reference.HEADERS, "tables": reference.TABLES, "macros": reference.MACROS}[kind]
    for name, entry in entries.items():
        assert entry.en.endswith((".", "…")) and entry.ko.endswith((".", "…")), name
        assert re.search("[가-힣]", entry.ko) and "|" not in entry.en + entry.ko + entry.example, name


def test_every_table_that_a_question_can_read_is_in_the_reference() -> None:
    assert set(reference.TABLES) == {name for name in QUESTION_TABLES if not scope.twin(name)[2]}


@pytest.mark.parametrize(
    ("keys", "key"), [(keys, key) for keys in ("QUESTION_KEYS", "PAGE_KEYS") for key in getattr(reference, keys)]
)
def test_every_example_of_a_key_is_yaml_of_that_key(keys: str, key: str) -> None:
    assert list(yaml.safe_load(getattr(reference, keys)[key].example)) == [key]


@pytest.mark.parametrize("kind", reference.CHARTS)
def test_every_example_of_a_chart_is_read_as_that_kind(kind: str) -> None:
    text = f"-- title: A\n-- grain: g\n-- {reference.CHARTS[kind].example}\nselect 1 as a\n"
    assert catalog.question("custom/a", Path("a.sql"), text, "a.sql").chart.kind == kind


# --- links ---------------------------------------------------------------------------------------------------


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
