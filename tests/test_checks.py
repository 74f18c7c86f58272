"""Checks of an answer beyond the file's own tests: rows that count more answers than there are, figures that cannot be."""

import json
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from conftest import YEAR as WHOLE

from cx import checks, settings
from cx.__main__ import main
from cx.engine import Engine
from cx.scope import Filters

if TYPE_CHECKING:
    from conftest import Company

YEAR = Filters(WHOLE)
TALLY = "tally(n, w, w2, wx, wx2)"
ONES = "tally(1, w, w * w, w * x, w * x * x)"


@pytest.fixture
def filled(company: "Company") -> "Company":
    """Three answers of two customers who had two contacts each."""
    shutil.copytree(settings.PROJECT / "queries" / "voice", company.queries / "voice")
    company.answers(
        [
            {"score": 10, "channel": "app", "customer_id": "a"},
            {"score": 0, "channel": "web", "customer_id": "b"},
            {"score": 9, "channel": "web", "customer_id": "a"},
        ]
    )
    day = "2026-03-02T12:00:00+09:00"
    company.write(
        "events/a.parquet",
        [
            {"event_id": f"e{number}", "kind": "contact", "occurred_at": day, "customer_id": name}
            for number, name in enumerate("aabb")
        ],
    )
    company.publish()
    return company


@pytest.fixture
def engine(filled: "Company") -> Iterator[Engine]:
    made = Engine(filled.data, filled.folders)
    yield made
    made.close()


def checked(filled: "Company", engine: Engine, sql: str, header: str = "") -> checks.Checked:
    filled.question("custom/asked", sql, header)
    engine.catalog.refresh()
    (found,) = checks.check(engine, YEAR, ["custom/asked"])
    return found


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        (
            f"select\n  a.channel,\n  {ONES} as figure\nfrom single_answers as a join events using (customer_id)\n"
            "where metric = 'nps' group by all",
            "The row channel = web counts 4 answers, where 2 are of its kind.",
        ),
        (
            "select\n  r.channel,\n  count(*) as n\nfrom responses as r join events using (customer_id) group by all",
            "The row channel = web counts 4 answers, where 2 are of its kind.",
        ),
        (
            f"select\n  channel,\n  {TALLY} as figure\nfrom scores, range(5) where metric = 'nps' group by all",
            "The row channel = web counts 10 answers, where 2 are of its kind.",
        ),
        (
            f"select\n  channel,\n  {TALLY} as figure\nfrom (from scores union all from scores)\n"
            "where metric = 'nps' group by all",
            "The row channel = web counts 4 answers, where 2 are of its kind.",
        ),
    ],
)
def test_a_join_that_repeats_answers_is_a_warning_at_the_line_of_the_figure(
    filled: "Company", engine: Engine, sql: str, says: str
) -> None:
    found = checked(filled, engine, sql)
    (warning,) = found.warnings
    assert not found.problems
    assert warning.message == says and warning.place == "questions/custom/asked.sql:5" and warning.hint


@pytest.mark.parametrize(
    "sql",
    [
        f"with once as (select distinct customer_id from events) select channel, {ONES} as figure "
        "from single_answers join once using (customer_id) where metric = 'nps' group by all",
        f"select channel, {TALLY} as figure from scores join (select 'web' as channel) using (channel) "
        "where metric = 'nps' group by all",
        f"select 'x' as a, {TALLY} as figure from scores join (select 'web' as channel) using (channel) "
        "where metric = 'nps'",
        "select r.channel, count(*) as contacts from responses as r join events using (customer_id) group by all",
        f"select metric, {TALLY} as figure from scores group by all union all by name "
        f"select metric, {TALLY} as figure from scores where channel = 'web' group by all",
    ],
)
def test_a_join_that_repeats_nothing_is_no_warning(filled: "Company", engine: Engine, sql: str) -> None:
    found = checked(filled, engine, sql)
    assert not found.problems and not found.warnings


def test_a_warning_is_printed_and_changes_no_exit_code(filled: "Company", capsys: pytest.CaptureFixture[str]) -> None:
    filled.question("custom/asked", f"select {TALLY} as figure from scores, range(5) where metric = 'nps'")
    options = ["check", "custom/asked", "--data", str(filled.data), "--queries", str(filled.queries)]
    assert main(options) == 0
    said = capsys.readouterr().out
    assert "warning: questions/custom/asked.sql:3: The row value = " in said and "1 files in order" in said
    assert main([*options, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "ok" and told["warnings"][0]["line"] == 3
