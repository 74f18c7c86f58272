"""What analysts write beyond a SELECT: folders, several values, choices from another question, given rows, letters."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cx import catalog, reference
from cx.catalog import Catalog, Question
from cx.engine import Engine, given
from cx.errors import CxError, QueryError, QueryFileError, marked
from cx.figures import Answer
from cx.periods import Period
from cx.scope import Filters
from cx.ui.workbench import START, with_column, with_key

if TYPE_CHECKING:
    from conftest import Company

Ask = Callable[..., Answer]
YEAR = Filters(Period(date(2026, 1, 1), date(2027, 1, 1)))


def read(header: str, sql: str) -> Question:
    text = "\n".join(f"-- {line}" for line in header.splitlines()) + f"\n{sql}\n"
    return catalog.question("custom/asked", Path("asked.sql"), text, "queries/custom/asked.sql")


def own(company: "Company", **texts: str) -> None:
    """Files of the company's own, by name with `__` for a slash."""
    for name, text in texts.items():
        path = company.data / "queries" / "custom" / name.replace("__", "/")
        path = path if path.suffix else path.with_suffix(".sql")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.fixture
def filled(company: "Company") -> "Company":
    """Four answers in two regions and two channels."""
    company.answers(
        [
            {"score": 10, "region": "north", "channel": "app"},
            {"score": 0, "region": "north", "channel": "web"},
            {"score": 10, "region": "south", "channel": "app"},
            {"score": 9, "region": "south", "channel": "web"},
        ]
    )
    company.publish()
    return company


@pytest.fixture
def engine(filled: "Company") -> Iterator[Engine]:
    made = Engine(filled.data, (*filled.folders, filled.data / "queries"))
    yield made
    made.close()


# --- several values, and choices from another question -------------------------------------------------

SEVERAL = """-- title: Chosen
-- grain: one row
-- params:
--   channels: {multi: true, default: [app], choices_from: {question: custom/channels, column: channel}}
select tally(n, w, w2, wx, wx2) as figure
from scores
where metric = 'nps' and (len($channels) = 0 or list_contains($channels, channel))
"""
CHANNELS = """-- title: Channels
-- grain: one row per channel
-- params:
--   region: {default: north}
select distinct channel from scores where region = $region order by channel
"""


@pytest.mark.parametrize(
    ("asked", "n"), [({}, 2), ({"channels": ()}, 4), ({"channels": ("app", "web")}, 4), ({"channels": "web"}, 2)]
)
def test_a_parameter_of_several_values_is_bound_as_a_list(
    filled: "Company", engine: Engine, asked: dict[str, Any], n: int
) -> None:
    own(filled, asked=SEVERAL, channels=CHANNELS)
    assert engine.answer("custom/asked", YEAR, asked).n == n


def test_choices_come_from_another_question_that_follows_the_parameters_above(
    filled: "Company", engine: Engine
) -> None:
    own(filled, asked=SEVERAL, channels=CHANNELS)
    engine.catalog.refresh()
    parameter = engine.catalog.question("custom/asked").params["channels"]
    assert engine.choices(parameter, YEAR, {"region": "south"}) == ("app", "web")
    assert engine.choices(parameter, YEAR, {"region": "nowhere"}) == ()


def test_choices_from_a_column_that_is_not_returned_name_the_nearest(filled: "Company", engine: Engine) -> None:
    own(filled, asked=SEVERAL.replace("column: channel", "column: chanel"), channels=CHANNELS)
    engine.catalog.refresh()
    parameter = engine.catalog.question("custom/asked").params["channels"]
    with pytest.raises(QueryError, match="no column “chanel”") as caught:
        engine.choices(parameter, YEAR, {})
    assert "channel" in caught.value.hint


# --- folders are pages ---------------------------------------------------------------------------------

PLAIN = "-- title: Plain\n-- grain: one row\nselect count(*) as answers from responses\n"


def test_a_folder_without_a_page_file_is_laid_out_two_a_row(tmp_path: Path) -> None:
    folder = tmp_path / "custom" / "late_orders"
    folder.mkdir(parents=True)
    for name in ("a", "b", "c"):
        (folder / f"{name}.sql").write_text(PLAIN)
    (tmp_path / "custom" / "alone.sql").write_text(PLAIN)
    (page,) = Catalog((tmp_path,)).folders_of_own()
    assert page.title == {"en": "Late orders", "ko": "Late orders"}
    assert page.tabs == {"": (("custom/late_orders/a", "custom/late_orders/b"), ("custom/late_orders/c",))}


def test_a_question_that_the_page_file_does_not_place_is_not_lost(tmp_path: Path) -> None:
    folder = tmp_path / "custom" / "returns"
    folder.mkdir(parents=True)
    for name in ("a", "b"):
        (folder / f"{name}.sql").write_text(PLAIN)
    (folder / "page.yaml").write_text("title: {en: Returns, ko: 반품}\norder: 2\ntabs: {First: [[b]], Second: []}\n")
    (page,) = Catalog((tmp_path,)).folders_of_own()
    assert page.tabs == {"First": (("custom/returns/b",), ("custom/returns/a",)), "Second": ()}
    assert (page.title["ko"], page.order) == ("반품", 2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("titel: Returns", "is not a key of this file.\n  → Did you mean “title”"),
        ("tabs: [{A: [[a]]}]", "“tabs” is [{A: [[a]]}].\n  → Write `tabs: {"),
        ("title: a: b", "The file is not valid YAML: mapping values are not allowed here.\n  → Write `key: value`"),
        ("layout: [[nosuch]]", "“nosuch”"),
        ("layout: yes", "a list of rows"),
        ("tabs: {A: [[a]]}\nlayout: [[a]]", "both `tabs` and `layout`"),
        ("- a", "mapping"),
        ("title: [", "YAML"),
    ],
)
def test_a_wrong_page_file_is_named_and_its_questions_are_shown_all_the_same(
    tmp_path: Path, text: str, says: str
) -> None:
    folder = tmp_path / "custom" / "returns"
    folder.mkdir(parents=True)
    (folder / "a.sql").write_text(PLAIN)
    (folder / "page.yaml").write_text(text)
    (page,) = Catalog((tmp_path,)).folders_of_own()
    assert page.problem is not None and says in str(page.problem)
    assert page.tabs == {"": (("custom/returns/a",),)}


def test_a_question_that_a_page_names_wrongly_is_told_where_it_stands(tmp_path: Path) -> None:
    folder = tmp_path / "custom" / "returns"
    folder.mkdir(parents=True)
    (folder / "a.sql").write_text(PLAIN)
    (folder / "page.yaml").write_text("title: Returns\ntabs:\n  First: [[a]]\n  Second: [[a, nosuch]]\n")
    (page,) = Catalog((tmp_path,)).folders_of_own()
    assert page.problem is not None and (page.problem.line, page.problem.column) == (4, 16)


@pytest.mark.parametrize("name", ["page.yml", "Page.yaml"])
def test_a_page_file_of_another_name_is_said_not_to_be_read(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "custom" / "returns"
    folder.mkdir(parents=True)
    (folder / "a.sql").write_text(PLAIN)
    found = Catalog((tmp_path,))
    (folder / name).write_text("title: Back\n")
    before = found.version
    found.refresh()
    (page,) = found.folders_of_own()
    assert found.version > before and page.title["en"] == "Returns"
    assert page.problem is not None and "is not read" in page.problem.message
    assert page.problem.hint == "Name it page.yaml." and page.problem.file.endswith(f"custom/returns/{name}")


def test_a_question_of_another_ending_is_said_not_to_be_read(tmp_path: Path) -> None:
    (tmp_path / "custom").mkdir()
    for name in ("A.SQL", "b.Sql", "b.sql"):
        (tmp_path / "custom" / name).write_text(PLAIN)
    found = Catalog((tmp_path,))
    assert [*found.entries] == ["custom/b"]
    assert [error.hint for error in found.problems.values()] == ["Name it A.sql.", "Name it b.sql."]


def test_a_saved_page_file_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "custom" / "returns"
    folder.mkdir(parents=True)
    (folder / "a.sql").write_text(PLAIN)
    found = Catalog((tmp_path,))
    before = found.version
    found.refresh()
    assert found.version == before
    (folder / "page.yaml").write_text("title: Returns\n")
    found.refresh()
    assert found.version > before


# --- chart keys ----------------------------------------------------------------------------------------


def test_reference_lines_target_and_format_are_read() -> None:
    chart = read(
        "title: A\ngrain: one row\nchart: {kind: line, x: day, y: a, format: percent, target: 80, facets: channel, "
        "reference: [{value: 70, label: Industry}]}\nminimum: 12",
        "select day, channel, 1 as a from scores",
    ).chart
    assert (chart.format, chart.target, chart.facets, chart.reference) == (
        "percent",
        80,
        "channel",
        ((70, "Industry"),),
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("chart: {kind: line, x: day, format: percnt}", "“percent”"),
        ("chart: {kind: line, x: day, target: high}", "Write a number"),
        ("chart: {kind: line, x: day, reference: [70]}", "Write a list"),
        ("minimum: few", "Write a number"),
        ("minimum: 2.5", "whole number"),
        ("analysis: contribution", "“contributions”"),
        ("params: {a: {multi: yes, default: []}}", "contradicts itself"),
        ("params: {a: {choices_from: other, default: x}}", "choices_from is written as"),
    ],
)
def test_wrong_values_of_the_newer_keys_say_what_would_be_right(line: str, says: str) -> None:
    with pytest.raises(QueryFileError) as caught:
        where = " where channel = $a" if line.startswith("params") else ""
        read(f"title: A\ngrain: one row\n{line}", f"select day, 1 as a from scores{where}")
    assert says in str(caught.value)


# --- letters, and few answers --------------------------------------------------------------------------


def test_a_banner_table_gives_letters_only_to_real_differences(company: "Company") -> None:
    rows = []
    for channel, scores in (("app", [10] * 60), ("phone", [0] * 60), ("web", [10] * 59 + [0]), ("visit", [0] * 5)):
        rows += [{"channel": channel, "score": score, "region": "north"} for score in scores]
    company.answers(rows)
    company.publish()
    own(
        company,
        banner="-- title: Banner\n-- grain: one row per region and channel\n"
        "-- chart: {kind: crosstab, x: region, color: channel}\n"
        "select region, channel, tally(n, w, w2, wx, wx2) as figure from scores where metric = 'nps' "
        "group by all order by region, channel\n",
    )
    made = Engine(company.data, (*company.folders, company.data / "queries"))
    try:
        frame = made.answer("custom/banner", YEAR).frame.set_index("channel")
    finally:
        made.close()
    assert frame["letter"].to_dict() == {"app": "A", "phone": "B", "visit": "C", "web": "D"}
    assert frame["above"].to_dict() == {"app": "B", "phone": "", "visit": "", "web": "B"}


def test_a_question_may_ask_for_more_answers_than_privacy_does(filled: "Company", engine: Engine) -> None:
    sql = "select channel, tally(n, w, w2, wx, wx2) as figure from scores where metric = 'nps' group by channel"
    own(filled, asked=f"-- title: A\n-- grain: one row per channel\n-- minimum: 3\n{sql}\n")
    frame = engine.answer("custom/asked", YEAR).frame
    assert frame["hidden"].all() and frame["value"].isna().all()


# --- given rows ----------------------------------------------------------------------------------------

SHARES = "select channel, tally(n, w, w2, wx, wx2) as figure from scores where metric = 'nps' group by channel"


def test_given_rows_take_the_place_of_the_published_ones(engine: Engine) -> None:
    asked = read("title: A\ngrain: one row per channel", SHARES)
    rows = [
        {"metric": "nps", "channel": "app", "x": "1"},
        {"metric": "nps", "channel": "app", "x": "-1"},
        {"metric": "nps", "channel": "web", "n": "4", "w": "4", "w2": "4", "wx": "2", "wx2": "2"},
        {"metric": "csat", "channel": "web", "x": "1"},
    ]
    frame = engine.given(asked, {"scores": rows}).frame
    expected = [{"channel": "web", "value": "50.0", "n": "4"}, {"channel": "app", "value": "0", "n": "2"}]
    assert given.mismatch(expected, frame) == ""
    assert "there is channel app, value 0.0" in given.mismatch([expected[0], {"channel": "app", "value": "10"}], frame)
    assert "2 rows came out" in given.mismatch(expected[:1], frame)
    with pytest.raises(QueryError, match="“chanel”, which is no column") as caught:
        given.refuse_unexpected([{"chanel": "app"}] * 2, frame)
    assert "“channel”" in caught.value.hint


def test_tables_without_given_rows_are_empty(engine: Engine) -> None:
    asked = read("title: A\ngrain: one row", "select count(*) as answers from responses where score > 5")
    assert engine.given(asked, {}).frame["answers"].tolist() == [0]
    rows = [{"response_id": "a", "score": "9"}, {"response_id": "b", "score": "1"}]
    assert engine.given(asked, {"responses": rows}).frame["answers"].tolist() == [1]


def test_rows_given_of_a_table_that_is_not_read_are_refused(engine: Engine) -> None:
    asked = read("title: A\ngrain: one row", "select count(*) as answers from responses")
    with pytest.raises(QueryError, match="does not read"):
        engine.given(asked, {"reviews": []})


def test_a_test_needs_both_what_is_given_and_what_is_expected() -> None:
    with pytest.raises(QueryFileError, match="only one of"):
        read("title: A\ngrain: one row\ntests: [{given: {responses: []}}]", "select count(*) as a from responses")


# --- what a click on the workbench writes ------------------------------------------------------------------


def test_a_clicked_column_joins_the_outermost_select_and_the_text_still_answers(engine: Engine) -> None:
    text = with_column(START, "region")
    assert "    region,\nfrom scores" in text
    stepwise = "-- title: A\n-- grain: g\nwith a as (\n    select 1 as b\n    from scores\n)\nselect\n    b\nfrom a\n"
    assert with_column(stepwise, "c").endswith("select\n    b,\n    c,\nfrom a\n")
    frame = engine.ask(catalog.question("custom/workbench", Path("w.sql"), text, "w.sql"), YEAR).frame
    assert {"channel", "region", "value"} <= set(frame.columns) and len(frame) == 4


@pytest.mark.parametrize("key", reference.QUESTION_KEYS)
def test_a_clicked_header_key_stands_at_the_headers_end(key: str) -> None:
    text = "select 1 as a\n" if key in ("title", "grain") else "-- title: A\n-- grain: g\nselect 1 as a\n"
    lines = with_key(text, key).splitlines()
    assert lines[-2] == f"-- {reference.QUESTION_KEYS[key].example}" and lines[-1] == "select 1 as a"


# --- where exactly -------------------------------------------------------------------------------------


def test_an_error_shows_the_authors_own_line_with_a_mark_under_the_place(filled: "Company", engine: Engine) -> None:
    own(filled, asked="-- title: A\n-- grain: one row\nselect\n    region,\n    regoin,\nfrom responses\n")
    with pytest.raises(CxError) as caught:
        engine.answer("custom/asked", YEAR)
    assert (caught.value.line, caught.value.column) == (5, 5)
    assert caught.value.excerpt == "4 |     region,\n5 |     regoin,\n        ^"


def test_a_mark_needs_a_line_that_is_there() -> None:
    assert marked(CxError("a", file="b", line=9), "one\ntwo").excerpt == ""
    assert marked(CxError("a", file="b", line=1), "one\ntwo").excerpt == "1 | one"


def test_the_last_working_version_of_a_file_is_kept(filled: "Company", engine: Engine) -> None:
    own(filled, asked=PLAIN)
    assert engine.last_good("custom/asked") is None
    engine.answer("custom/asked", YEAR)
    own(filled, asked=PLAIN.replace("responses", "respones"))
    with pytest.raises(QueryFileError):
        engine.answer("custom/asked", YEAR)
    kept = engine.last_good("custom/asked")
    assert kept is not None
    assert engine.ask(kept, YEAR).frame["answers"].tolist() == [4]


def test_a_plan_is_told_without_running_the_question(filled: "Company", engine: Engine) -> None:
    own(filled, asked=PLAIN)
    engine.catalog.refresh()
    assert "scan" in engine.plan(engine.catalog.question("custom/asked"), YEAR).lower()


@pytest.mark.parametrize(
    "column", ["{'a': 1}", "[1, 2]", "cast('12:30' as time)", "map {'a': 1}", "interval 3 days", "'text'", "17"]
)
def test_a_period_of_any_type_is_an_answer_or_a_calm_error(filled: "Company", engine: Engine, column: str) -> None:
    sql = f"select {column} as period, tally(n, w, w2, wx, wx2) as figure from scores where metric = 'nps'"
    own(filled, asked=f"-- title: A\n-- grain: one row\n-- analysis: unusual\n{sql}\n")
    try:
        assert engine.answer("custom/asked", YEAR).n == 4
    except QueryFileError as error:
        assert error.hint
