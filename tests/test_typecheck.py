"""Columns of the wrong type: named with file, line, type and what is wanted, before anything is judged or drawn."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cx import checks, figures
from cx.engine import Engine
from cx.errors import Defect, QueryFileError
from cx.figures import Answer
from cx.scope import Filters

if TYPE_CHECKING:
    from conftest import Company

from conftest import YEAR as WHOLE

YEAR = Filters(WHOLE)
TALLY = "tally(n, w, w2, wx, wx2)"
NPS = "from scores where metric = 'nps' group by all"


@pytest.fixture(scope="module")
def shared(make: Callable[[str], "Company"], open_engine: Any) -> tuple["Company", Engine]:
    company = make("typed")
    company.answers([{"score": 10, "channel": "app"}, {"score": 0, "channel": "web"}])
    company.publish()
    return company, open_engine(company)[0]


@pytest.fixture
def company(shared: tuple["Company", Engine]) -> "Company":
    """Two answers; a test writes its one question into it."""
    return shared[0]


@pytest.fixture
def engine(shared: tuple["Company", Engine]) -> Engine:
    return shared[1]


def asked(company: "Company", engine: Engine, sql: str, header: str = "") -> Answer:
    company.question("custom/asked", sql, header)
    return engine.answer("custom/asked", YEAR)


@pytest.mark.parametrize(
    ("header", "sql", "line", "says", "remedy"),
    [
        ("", "select\n  1 as a,\n  interval 3 days as took", 5, "took is INTERVAL", "date_diff"),
        ("", "select\n  '1'::blob as raw_text", 4, "raw_text is BLOB", "raw_text::varchar"),
        ("", "select date 'infinity' as until", 3, "until holds a day", "isfinite"),
        ("", "select timestamptz 'infinity' as until", 3, "until holds a day", "isfinite"),
        ("", "select list(metric) as metric, 1 as a from responses", 3, "metric is VARCHAR[]", "Return it"),
        ("", "select 'many' as n", 3, "n is VARCHAR; it has to be a number", "sum(n)"),
        ("", f"select channel, {TALLY} as figure,\n 3 as figure_before {NPS}", 4, "figure_before is INTEGER", "tally"),
        ("", f"select channel, [day] as period, {TALLY} as figure {NPS}", 3, "period is DATE[]", "date_trunc"),
        ("analysis: unusual", f"select {TALLY} as figure {NPS}", 3, "needs the column period", "date_trunc"),
        (
            "analysis: drivers",
            f"select channel, '*' as other, 1 as folds, {TALLY} as figure {NPS}",
            4,
            "folds is INTEGER",
            "list(struct_pack(",
        ),
        (
            "analysis: emerging",
            f"select channel as word, 'x' as tested, {TALLY} as figure, {TALLY} as figure_before {NPS}",
            4,
            "tested is VARCHAR",
            "count(*)",
        ),
    ],
)
def test_a_column_that_cannot_be_judged_is_named_with_its_type_and_line(
    company: "Company", engine: Engine, header: str, sql: str, line: int, says: str, remedy: str
) -> None:
    with pytest.raises(QueryFileError) as caught:
        asked(company, engine, sql, header)
    assert caught.value.place == f"questions/custom/asked.sql:{line}"
    assert says in caught.value.message and remedy in caught.value.hint
    assert caught.value.excerpt


@pytest.mark.parametrize(
    ("chart", "sql", "says"),
    [
        (
            "{kind: bar, x: a, y: b}",
            "select 'p' as a, 'q' as b",
            "y “b” holds text (VARCHAR); a bar chart draws numbers",
        ),
        ("{kind: bar, x: a, y: b}", "select 'p' as a, date '2026-01-01' as b", "y “b” holds days (DATE)"),
        ("{kind: bar, x: a, y: b}", "select ['p'] as a, 1 as b", "x “a” holds lists; a bar chart draws one text"),
        ("{kind: line, x: a, y: b}", "select {'k': 1} as a, 1 as b", "x “a” holds structs"),
        ("{kind: scatter, x: a, y: b}", "select 'p' as a, 1 as b", "x “a” holds text (VARCHAR); a scatter chart"),
        ("{kind: bar, x: a, y: b, columns: [c]}", "select 'p' as a, 1 as b, 'c' as c", "further column “c” holds text"),
    ],
)
def test_a_column_that_a_chart_cannot_draw_is_named_at_the_charts_line(
    company: "Company", engine: Engine, chart: str, sql: str, says: str
) -> None:
    company.question("custom/asked", sql, f"chart: {chart}")
    engine.catalog.refresh()
    (found,) = checks.check(engine, YEAR, ["custom/asked"])
    (problem,) = found.problems
    assert says in problem.message and problem.place == "questions/custom/asked.sql:3"


@pytest.mark.parametrize("value", ["true", "null", "1.5::decimal(38, 10)", "sum(n)"])
def test_what_can_be_drawn_as_a_number_is_left_alone(company: "Company", engine: Engine, value: str) -> None:
    company.question("custom/asked", f"select 'p' as a, {value} as b from scores", "chart: {kind: bar, x: a, y: b}")
    engine.catalog.refresh()
    (found,) = checks.check(engine, YEAR, ["custom/asked"])
    assert not found.problems


def test_whole_numbers_beyond_64_bits_are_shown_all_the_same(company: "Company", engine: Engine) -> None:
    assert asked(company, engine, "select 12345678901234567890123::hugeint as a").frame["a"].tolist() == [
        pytest.approx(1.2345678901234568e22)
    ]


def test_a_period_that_is_no_date_is_compared_without_looking_for_new_wordings(
    company: "Company", engine: Engine
) -> None:
    sql = f"select 'Q1' as period, {TALLY} as figure, {TALLY} as figure_before {NPS}"
    assert asked(company, engine, sql).frame["change"].tolist() == [0]


def test_a_defect_of_ours_is_told_as_ours_and_written_into_the_log(
    company: "Company", engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_given: object) -> None:
        raise TypeError("secret value")

    monkeypatch.setattr(figures, "finish", broken)
    with caplog.at_level(logging.ERROR, "cx"), pytest.raises(Defect) as caught:
        asked(company, engine, "select 1 as a")
    assert not isinstance(caught.value, QueryFileError) and not caught.value.file
    assert "The product itself failed while judging the answer of custom/asked" in caught.value.message
    assert "secret" not in str(caught.value)
    assert "secret value" in caplog.text and "Traceback" in caplog.text


def test_every_type_of_an_answer_has_a_name_in_sql(tmp_path: Path) -> None:
    import duckdb

    from cx.typecheck import sql_name

    kinds = "bigint double varchar date time blob interval boolean integer[] decimal(4,2) timestamptz timestamp".split()
    with duckdb.connect() as connection:
        for kind in kinds:
            table = connection.execute(f"select null::{kind} as a").to_arrow_table()
            told = sql_name(table.schema.field(0).type).replace(" WITH TIME ZONE", "TZ").replace(", ", ",")
            assert told == kind.upper()
