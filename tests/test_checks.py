"""Checks of an answer beyond the file's own tests: rows that count more answers than there are, figures that cannot be."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import YEAR as WHOLE

from cx import catalog, checks, settings
from cx.__main__ import main
from cx.engine import Engine
from cx.errors import QueryFileError
from cx.scope import Filters

if TYPE_CHECKING:
    from conftest import Company

YEAR = Filters(WHOLE)
TALLY = "tally(n, w, w2, wx, wx2)"
ONES = "tally(1, w, w * w, w * x, w * x * x)"


def fill(company: "Company") -> "Company":
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


changes = pytest.mark.usefixtures("own")
"""A test that changes more than the questions under custom/ has a company of its own."""


@pytest.fixture
def own(copied: Callable[..., "Company"]) -> "Company":
    return copied("checked", fill)


@pytest.fixture(scope="module")
def shared(make: Callable[[str], "Company"], open_engine: Any) -> tuple["Company", Engine]:
    company = fill(make("checked"))
    return company, open_engine(company)[0]


@pytest.fixture
def filled(request: pytest.FixtureRequest, shared: tuple["Company", Engine]) -> Iterator["Company"]:
    """The three answers, and no question of a test before."""
    if "own" in request.fixturenames:
        yield request.getfixturevalue("own")
        return
    yield shared[0]
    shutil.rmtree(shared[0].queries / "custom", ignore_errors=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest, filled: "Company", shared: tuple["Company", Engine]) -> Iterator[Engine]:
    """The engine over them."""
    if "own" not in request.fixturenames:
        yield shared[1]
        return
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
    assert "warning: questions/custom/asked.sql:3: The row value = " in said and "1 file in order" in said
    assert main([*options, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "ok" and told["warnings"][0]["line"] == 3


# --- figures that cannot be ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "sql", "line", "says"),
    [
        (
            "",
            "select\n  channel,\n  tally(-n, w, w2, wx, wx2) as figure\nfrom scores where metric = 'nps' group by all "
            "order by all",
            5,
            "n is -1, and it counts answers, in the row channel = app, and 1 more.",
        ),
        (
            "",
            "select\n  channel,\n  tally(n, w, w2, 9 * wx, wx2) as figure\nfrom scores where metric = 'nps' group by all "
            "order by all",
            5,
            "value is 900, outside of the metric's `range`, in the row channel = app.",
        ),
        (
            "chart: {kind: scatter, x: a, y: m}",
            "select 1 as a,\n 50 as m,\n 60 as low, 70 as high",
            5,
            "m is 50, outside of low … high, in the row a = 1.",
        ),
        ("", "select 'p' as a,\n 60 as low, 40 as high", 4, "low is 60, above high, in the row a = p."),
        (
            "",
            "select null::varchar as a,\n 1 / 0 as m",
            4,
            "m is infinite, as after a division by 0, in the row a = –.",
        ),
    ],
)
def test_a_figure_that_cannot_be_is_named_with_its_line_and_a_row(
    filled: "Company", engine: Engine, header: str, sql: str, line: int, says: str
) -> None:
    (problem, *others) = checked(filled, engine, sql, header).problems
    assert problem.message == says and not others
    assert problem.place == f"questions/custom/asked.sql:{line}" and problem.hint and problem.excerpt


@pytest.mark.parametrize(
    "sql",
    [
        f"select customer_id, {ONES} as figure from single_answers where metric = 'nps' group by all",
        "select tally(1, 1, 1.5, -1, 1) as figure from (select n from scores where metric = 'nps' limit 1)",
        "select 50 as value, null as low, null as high, 0 as n",
        "select 'p' as a, 60 as low_share, 40 as high_share",
    ],
)
def test_intervals_of_a_single_answer_and_columns_of_other_names_are_no_mistake(
    filled: "Company", engine: Engine, sql: str
) -> None:
    assert not checked(filled, engine, sql).problems


def test_a_chart_whose_column_is_empty_in_every_row_is_a_warning(filled: "Company", engine: Engine) -> None:
    sql = "select channel, 0::double / 0 as share from responses group by all"
    found = checked(filled, engine, sql, "chart: {kind: bar, x: channel, y: share}")
    (warning,) = found.warnings
    assert not found.problems
    assert "“share” is empty in every row" in warning.message and warning.place == "questions/custom/asked.sql:3"


@pytest.mark.parametrize(
    ("header", "where", "says", "remedy"),
    [
        ("", "channel = 'wbe'", "No channel is “wbe”", "“web”"),
        ("", "channel in ('web', 'App')", "No channel is “App”", "“app”"),
        ("", "metric = 'npss'", "No metric is “npss”", "“nps”"),
        ("by: channel", "segment = 'wbe'", "No segment is “wbe”", "“web”"),
    ],
)
def test_a_text_that_a_where_keeps_and_that_is_nowhere_is_a_warning_with_the_nearest(
    filled: "Company", engine: Engine, header: str, where: str, says: str, remedy: str
) -> None:
    named = "segment, " if header else ""
    found = checked(
        filled, engine, f"select {named}sum(n)::bigint as n\nfrom scores\nwhere {where}\ngroup by all", header
    )
    (warning,) = found.warnings
    assert says in warning.message and remedy in warning.hint
    assert warning.place == f"questions/custom/asked.sql:{6 if header else 5}"


@pytest.mark.parametrize(
    "where",
    [
        "channel = 'web'",
        "metric = 'nps'",
        "channel <> 'wbe'",
        "channel not in ('wbe')",
        "channel not like 'wb%'",
        "upper(channel) = 'WEB'",
        "channel ilike 'W%'",
        "strftime(day, '%Y') = '2026'",
        "day > date '2026-01-01'",
    ],
)
def test_a_text_that_is_there_or_not_kept_to_is_no_warning(filled: "Company", engine: Engine, where: str) -> None:
    assert not checked(filled, engine, f"select sum(n)::bigint as n from scores where {where}").warnings


@pytest.mark.parametrize(
    ("sql", "says", "remedy"),
    [
        ("select count(*) as a from events\nwhere kind = 'contacts'", "No kind is “contacts”", "“contact”"),
        ("select count(*) as a from events\nwhere starts_with(kind, 'Cont')", "is like “Cont” here", "“contact”"),
        ("select count(*) as a from responses\nwhere lower(channel) = 'wbe'", "is like “wbe” here", "“web”"),
        ("select count(*) as a from responses\nwhere channel like 'We%'", "is like “We%” here", "“web”"),
        ("select\n count(*) filter (where channel = 'Web') as a from responses", "No channel is “Web”", "“web”"),
        ("select\n case when channel = 'Web' then 1 else 0 end as a from responses", "No channel is “Web”", "“web”"),
        (
            "with kept as (select channel from responses) select count(*) as a from kept\nwhere channel = 'Web'",
            "No channel is “Web”",
            "“web”",
        ),
        (
            "select count(*) as a from events as e join responses as r using (customer_id)\nwhere r.channel = 'Web'",
            "No channel is “Web”",
            "“web”",
        ),
    ],
)
def test_a_text_that_is_nowhere_is_a_warning_wherever_the_sql_compares_to_it(
    filled: "Company", engine: Engine, sql: str, says: str, remedy: str
) -> None:
    (warning,) = checked(filled, engine, sql).warnings
    assert says in warning.message and remedy in warning.hint and warning.column
    assert warning.place == "questions/custom/asked.sql:4"


def test_of_several_texts_only_the_one_that_is_nowhere_is_named(filled: "Company", engine: Engine) -> None:
    for where, says in (
        ("channel in ('web', 'fax')", "No channel is “fax” in what was published."),
        ("channel = 'fax'", "No channel is “fax” in what was published, so this is true of no row."),
    ):
        (warning,) = checked(filled, engine, f"select sum(n) as a from scores where {where}").warnings
        assert warning.message == says


def test_a_text_that_a_part_of_a_union_makes_up_is_no_warning(filled: "Company", engine: Engine) -> None:
    sql = "with both_kinds as (select channel from responses union all select 'all' as channel) "
    assert not checked(filled, engine, sql + "select count(*) as a from both_kinds where channel = 'all'").warnings


def test_a_text_that_another_question_makes_up_is_no_warning(filled: "Company", engine: Engine) -> None:
    filled.question("custom/sides", "select channel, 'ours' as side from responses")
    sql = "select count(*) as a from sides where side = 'ours' and channel = 'web'"
    assert not checked(filled, engine, sql, "uses: [custom/sides]").warnings


@pytest.mark.parametrize(
    ("test", "line", "says", "remedy"),
    [
        ("given: {score: []}\n    expect: []", 4, "rows of “score”", "“scores”"),
        ("given: {scores: [{chanel: app, x: 1}]}\n    expect: []", 4, "“chanel”, which is no column", "“channel”"),
        ("given: {scores: [{score: 3,0, x: 1}]}\n    expect: []", 4, "“0”, which is no column", "with a point"),
        ("given:\n      scores:\n        - score: 3,0\n    expect: []", 6, "“3,0” as score", "with a point"),
        ("given: {scores: []}\n    expect: [{answer: 1}]", 5, "expects “answer”, which is no column", "“answers”"),
        ("range: {column: answer, min: 0}", 4, "“answer” is not in the answer", "“answers”"),
    ],
)
def test_what_a_test_names_wrongly_is_told_at_its_line_with_the_nearest(
    filled: "Company", engine: Engine, test: str, line: int, says: str, remedy: str
) -> None:
    sql = "select channel, sum(n)::bigint as answers from scores where metric = 'nps' group by all"
    (problem,) = checked(filled, engine, sql, f"tests:\n  - {test}").problems
    assert says in problem.message and remedy in problem.hint
    assert problem.place == f"questions/custom/asked.sql:{line}" and problem.excerpt


def test_a_figure_of_texts_without_a_metric_is_told_which_metrics_read_texts(filled: "Company", engine: Engine) -> None:
    (problem,) = checked(filled, engine, "select tally(1, w, w * w, w, w) as figure from comments").problems
    assert "mix metrics" in problem.message and "`-- metric: …`" in problem.hint and "complaints" in problem.hint
    (problem,) = checked(filled, engine, f"select {TALLY} as figure from scores").problems
    assert "mix metrics" in problem.message and "`where metric = 'nps'`" in problem.hint


@changes
def test_a_name_in_cx_toml_that_nothing_bears_is_a_warning_at_its_line(filled: "Company", engine: Engine) -> None:
    filled.text("cx.toml", 'language = "en"\nkpis = [\n  "nps",\n  "csta",\n]\n')
    (found,) = checks.check(engine, YEAR, ["cx.toml"])
    (warning,) = found.warnings
    assert warning.place == "cx.toml:4" and "“csta”" in warning.message and "“csat”" in warning.hint
    filled.text("cx.toml", 'language = "en"\nkpis = ["nps", "broken"]\n')
    (filled.queries / "metrics" / "broken.sql").write_text("-- label: Broken\nselect 1", "utf-8")
    engine.catalog.refresh()
    assert "cx.toml" in checks.named(engine) and not next(checks.check(engine, YEAR, ["cx.toml"])).warnings


@pytest.mark.parametrize(
    ("sql", "says", "line"),
    [
        ("select channel,\n count(*) as answers from scores group by all", "count(*) counts combinations of scores", 4),
        ("select\n  count(score) as answers from ratings", "count() counts combinations of ratings", 4),
        (
            "with kept as (select * from scores where score > 6)\nselect count(*) as a from kept",
            "count(*) counts combinations of scores",
            4,
        ),
    ],
)
def test_a_count_of_combinations_is_a_warning(
    filled: "Company", engine: Engine, sql: str, says: str, line: int
) -> None:
    (warning,) = checked(filled, engine, sql).warnings
    assert says in warning.message and "`sum(n)`" in warning.hint and warning.column
    assert warning.place == f"questions/custom/asked.sql:{line}"


@pytest.mark.parametrize(
    "sql",
    [
        "select count(distinct channel) as a from scores",
        "select count(*) as a from (select channel from scores group by all)",
        "select channel, sum(n)::bigint as n from scores group by all having count(*) > 0",
        "select count(*) as a from responses",
    ],
)
def test_a_count_of_values_groups_or_answers_is_no_warning(filled: "Company", engine: Engine, sql: str) -> None:
    assert not checked(filled, engine, sql).warnings


def test_several_rows_for_one_mark_of_the_chart_are_a_warning(filled: "Company", engine: Engine) -> None:
    sql = f"select channel, customer_id, {ONES} as figure from single_answers where metric = 'nps' group by all"
    header = "chart: {kind: bar, x: channel}"
    (warning,) = checked(filled, engine, sql, header).warnings
    assert warning.message == "Several rows have channel = web, of which the chart draws one mark."
    assert "`customer_id` tells them apart" in warning.hint and warning.place == "questions/custom/asked.sql:3"
    assert not checked(filled, engine, sql, "chart: {kind: bar, x: channel, color: customer_id}").warnings
    assert not checked(filled, engine, sql, "chart: {kind: table}").warnings


def test_an_answer_without_a_row_is_a_warning_at_its_condition(filled: "Company", engine: Engine) -> None:
    (warning,) = checked(filled, engine, "select comment from responses\nwhere comment like '%late%'").warnings
    assert "answers no row" in warning.message and warning.place == "questions/custom/asked.sql:4"
    (warning,) = checked(filled, engine, "select title from reviews where title like '%late%'").warnings
    assert warning.message == "Nothing was published in reviews, so the question answers no row."


def test_an_empty_answer_of_the_command_line_says_which_text_is_nowhere(
    filled: "Company", capsys: pytest.CaptureFixture[str]
) -> None:
    filled.question(
        "custom/asked", "select channel, sum(n)::bigint as n\nfrom scores\nwhere channel = 'wbe'\ngroup by all"
    )
    assert main(["query", "custom/asked", "--data", str(filled.data), "--queries", str(filled.queries)]) == 0
    said = capsys.readouterr()
    assert "(no rows)" in said.out
    assert "note: questions/custom/asked.sql:5: No channel is “wbe”" in said.err and "“web”" in said.err


def test_an_unknown_metric_is_named_at_its_line_with_the_nearest(filled: "Company", engine: Engine) -> None:
    for sql, header, line in (
        (f"select {TALLY} as figure\nfrom scores\nwhere metric = 'npss'", "", 5),
        (f"select {TALLY} as figure from scores", "metric: npss", 3),
        (f"select {TALLY} as figure from scores where metric = $metric", "params: {metric: {default: npss}}", 3),
    ):
        (problem,) = checked(filled, engine, sql, header).problems
        assert problem.message == "There is no metric “npss”." and problem.hint == "Did you mean “nps”?"
        assert problem.place == f"questions/custom/asked.sql:{line}"


# --- metrics whose keys do not fit ------------------------------------------------------------------------------

EASE = {
    "label": "Ease",
    "variant": "top two of 1-7",
    "answers": "ces",
    "scale": "[1, 7]",
    "factor": "100",
    "range": "[0, 100]",
    "unit": '"%"',
    "interval": "share",
}
TOP = "case when score >= 6 then 1 else 0 end as x"


def ease(company: "Company", x: str = TOP, **keys: str) -> None:
    """Publish answers of all scores and a metric of them; a key without a text is left out."""
    company.answers(
        [{"response_id": f"c{score}", "score": score, "metric": "ces"} for score in range(1, 8)], "responses/c.parquet"
    )
    header = "\n".join(f"-- {key}: {text}" for key, text in (EASE | keys).items() if text)
    path = company.queries / "metrics" / "ease.sql"
    path.write_text(f"{header}\nselect *, {x} from answers\n", "utf-8")
    company.publish()


@changes
@pytest.mark.parametrize(
    ("keys", "x", "key", "says", "remedy"),
    [
        ({"answers": "cess"}, TOP, "answers", "No answer is about “cess”", "“ces”"),
        ({"factor": ""}, TOP, "unit", "50 % would be shown as 0.5 %", "`factor: 100`"),
        ({}, "score / 7 as x", "interval", "`interval: share` is right for an x of 0 or 1", "`interval: mean`"),
        ({"interval": "nps"}, "score / 7 as x", "interval", "is right for an x of -1, 0 or 1", "`interval: mean`"),
        ({"interval": "nps"}, TOP, "interval", "does not fit an x that is always one of 0, 1", "`interval: share`"),
        ({"interval": "mean"}, TOP, "interval", "does not fit an x that is always one of 0, 1", "`interval: share`"),
        ({}, "case when score >= 6 then 1 end as x", "interval", "so the figure is always 100", "`else 0`"),
        ({}, "score / (score - score) as x", "answers", "x is empty in every answer about “ces”", "a division by 0"),
    ],
)
def test_a_key_of_a_metric_that_does_not_fit_its_x_is_a_warning_at_its_line(
    filled: "Company", engine: Engine, keys: dict[str, str], x: str, key: str, says: str, remedy: str
) -> None:
    ease(filled, x, **keys)
    engine.catalog.refresh()
    (found,) = checks.check(engine, YEAR, ["metrics/ease"])
    (warning,) = found.warnings
    assert says in warning.message and remedy in warning.hint and not found.problems
    written = [name for name, text in (EASE | keys).items() if text]
    assert warning.place == f"questions/metrics/ease.sql:{written.index(key) + 1}"


@changes
def test_a_metric_that_leaves_its_own_range_is_the_problem_and_no_question_is(
    filled: "Company", engine: Engine
) -> None:
    ease(filled, range="[0, 1]")
    engine.catalog.refresh()
    (found,) = checks.check(engine, YEAR, ["metrics/ease"])
    (problem,) = found.problems
    assert "figures from 0 to 100 (x from 0 to 1, times `factor`), outside of `range`: 0 to 1" in problem.message
    assert problem.place == "questions/metrics/ease.sql:6"
    sql = f"select score, {TALLY} as figure from scores where metric = 'ease' group by all"
    assert not checked(filled, engine, sql).problems


@changes
def test_an_x_that_is_no_number_is_told_at_its_line(filled: "Company", engine: Engine) -> None:
    ease(filled, "case when score >= 6 then 'yes' end as x")
    engine.catalog.refresh()
    (found,) = checks.check(engine, YEAR, ["metrics/ease"])
    (problem,) = found.problems
    assert problem.message == "x holds something that is no number." and "then 1 else 0 end as x" in problem.hint
    assert problem.place == f"questions/metrics/ease.sql:{len(EASE) + 1}" and "'yes'" in problem.excerpt


@changes
@pytest.mark.parametrize(
    "x", ["score * weight as x", "coalesce(weight, 1) * score as x", "score * coalesce(weight, 1) as x"]
)
def test_an_x_that_holds_the_weight_is_a_warning_at_its_line(filled: "Company", engine: Engine, x: str) -> None:
    ease(filled, x, factor="", range="[0, 7]", unit="", interval="mean")
    engine.catalog.refresh()
    (found,) = checks.check(engine, YEAR, ["metrics/ease"])
    (warning,) = [one for one in found.warnings if "count twice" in one.message]
    assert warning.hint == "Leave `weight` out of x." and warning.line == len(EASE) - 1


@changes
def test_metrics_that_fit_are_no_doubt_nor_are_those_of_few_answers(filled: "Company", engine: Engine) -> None:
    names = [name for name in checks.named(engine) if name.startswith("metrics/")]
    assert [found.warnings for found in checks.check(engine, YEAR, names) if found.warnings] == []
    ease(filled)
    engine.catalog.refresh()
    assert [found.warnings for found in checks.check(engine, YEAR, [*names, "metrics/ease"]) if found.warnings] == []


# --- what a chart lacks, and what DuckDB says ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chart", "sql", "says", "remedy"),
    [
        ("{kind: bar, x: channel}", f"select channel, {TALLY} as nps", "draws the figure", "`y: nps_value`"),
        ("{kind: bar, x: channel}", "select channel, sum(n)::bigint as answers", "draws the figure", "`y: answers`"),
        ("{kind: bar, x: channel}", "select channel, 1.5 as figure", "draws the figure", "not made by `tally`"),
        ("{kind: change, x: channel}", f"select channel, {TALLY} as figure", "no figure_before", "scores_before"),
        (
            "{kind: crosstab, x: channel}",
            f"select channel, {TALLY} as figure",
            "crosstab chart needs `color`",
            "color: …",
        ),
        (
            "{kind: funnel, x: channel}",
            f"select channel, {TALLY} as figure",
            "limit_low, limit_high",
            "analysis: ranking",
        ),
        ("{kind: waterfall, x: channel}", f"select channel, {TALLY} as figure", "rate, mix", "analysis: contributions"),
    ],
)
def test_a_chart_that_lacks_what_it_draws_says_where_it_comes_from(
    filled: "Company", engine: Engine, chart: str, sql: str, says: str, remedy: str
) -> None:
    sql = f"{sql} from scores where metric = 'nps' group by all"
    (problem,) = checked(filled, engine, sql, f"chart: {chart}").problems
    assert says in problem.message and remedy in problem.hint
    assert problem.place == "questions/custom/asked.sql:3"


@pytest.mark.parametrize(
    ("sql", "remedy"),
    [
        ("select channel, n from scores group by channel", "group by all"),
        ("select sum(avg(score)) as a from responses", "in a step first"),
        ("select channel from scores union select channel, score from scores", "union all by name"),
        ('select channel from scores where metric = "nps"', "'nps'"),
        (f"select figure.value as v from (select {TALLY} as figure from scores where metric = 'nps')", "n, w, w2"),
        (f"select {TALLY} from scores where metric = 'nps'", "as figure"),
    ],
)
def test_what_duckdb_says_comes_with_what_to_do(filled: "Company", engine: Engine, sql: str, remedy: str) -> None:
    (problem,) = checked(filled, engine, sql).problems
    assert remedy in problem.hint


@changes
def test_contributions_of_several_metrics_are_refused(filled: "Company", engine: Engine) -> None:
    filled.answers([{"response_id": "c", "score": 5, "metric": "csat", "channel": "app"}], "responses/b.parquet")
    filled.publish()
    sql = f"select metric, channel, {TALLY} as figure, {TALLY} as figure_before from scores group by all"
    (problem,) = checked(filled, engine, sql, "analysis: contributions").problems
    assert "is about one metric" in problem.message and problem.place == "questions/custom/asked.sql:3"


@pytest.mark.parametrize(
    ("header", "sql", "line", "says", "remedy"),
    [
        (
            "params: {several: {default: [app], multi: true}}",
            "where channel = $several",
            4,
            "DuckDB says",
            "in $several`",
        ),
        (
            "params: {several: {default: [app], multi: true}}",
            "where channel in ($several)",
            4,
            "DuckDB",
            "without brackets",
        ),
        ("params: {since: {type: date, default: 2026-13-01}}", "where day > $since", 3, "“2026-13-01”", "2026-11-22"),
        ("params: {top: {type: integer, default: three}}", "limit $top", 3, "no integer", "Give an integer."),
        ("chart: bar", "", 3, "“chart” is “bar”", "{kind: bar, x: …}"),
        ("chart: barr", "", 3, "“chart” is “barr”", "“bar”"),
        ("analysis: rest", "", 3, "needs the column figure", "as figure"),
        ("params: {metric: {default: nps}}\nmetric: $metrik", "where metric = $metric", 4, "$metrik", "“metric”"),
        ("uses: [custom/othre]", "", 3, "no working question", "“custom/other”"),
    ],
)
def test_what_a_header_says_wrongly_is_told_at_its_line(
    filled: "Company", engine: Engine, header: str, sql: str, line: int, says: str, remedy: str
) -> None:
    filled.question("custom/other", "select 1 as a")
    (problem,) = checked(filled, engine, f"select channel from scores {sql}", header).problems
    assert says in problem.message and remedy in problem.hint
    assert problem.place == f"questions/custom/asked.sql:{line}"


def test_a_tally_with_a_filter_says_where_to_filter(filled: "Company", engine: Engine) -> None:
    sql = f"select {TALLY} filter (where score > 6) as figure from scores where metric = 'nps'"
    (problem,) = checked(filled, engine, sql).problems
    assert "neither FILTER" in problem.message and "in a step first" in problem.hint and problem.line == 3


@pytest.mark.parametrize(
    ("sql", "remedy"),
    [
        ("select channel from scores where metric = ‘nps’", "‘ is no sign of SQL: write ' instead."),
        ("select channel， sum(n) as n from scores group by channel", "， is no sign of SQL: write , instead."),
        ("select channel, sum（n） as n from scores group by channel", "（ is no sign of SQL: write ( instead."),
        ("select channel from scores where metric = :metric", "A parameter is written `$name`, and declared under"),
        ("select channel from scores where metric = {{metric}}", "A parameter is written `$name`, and declared under"),
        ("select channel from scores where metric = @metric", "A parameter is written `$name`, and declared under"),
        ("select channel from scores where metric = “nps”", "a text stands in single quotes: 'nps'."),
        ("select channel as 고객 채널 from scores", 'A name with a blank stands in double quotes: "고객 채널".'),
        ("select 고객 채널 as channel from scores", 'A name with a blank stands in double quotes: "고객 채널".'),
        (
            f"with a as (select {TALLY} as figure from scores where metric = 'nps') select a.value from a",
            "value and interval are worked out afterwards",
        ),
        ("select top 10 channel from scores", "Write `limit 10` at the end, after an `order by`."),
        ("select nvl(channel, '-') as a from scores", "Here it is `coalesce(…, 0)`."),
        ("select date_format(day, '%Y') as a from scores", "Here it is `strftime(day, '%Y-%m')`."),
        ("select channel from scores where sum(n) > 3 group by channel", "`having …` after `group by`"),
        ("select channel, (select n from scores) as a from scores", "Aggregate within the brackets"),
        ("select channel from scores where day > '2026/13/01'", "write days as '2026-11-22'"),
    ],
)
def test_signs_of_another_keyboard_and_words_of_another_database_are_told_with_those_of_here(
    filled: "Company", engine: Engine, sql: str, remedy: str
) -> None:
    (problem,) = checked(filled, engine, sql).problems
    assert remedy in problem.hint and problem.line in (0, 3)


def test_a_parameter_between_quotes_is_told_to_stand_without(filled: "Company", engine: Engine) -> None:
    for text in ("$metric", "{{metric}}", ":metric"):
        found = checked(
            filled, engine, f"select channel, {TALLY} as figure from scores where metric = '{text}' group by 1"
        )
        assert any(
            "A parameter stands without quotes" in warning.hint for warning in (*found.warnings, *found.problems)
        )


def test_one_of_two_parameters_between_quotes_is_told_where_metrics_would_mix(
    filled: "Company", engine: Engine
) -> None:
    sql = (
        f"with a as (select {TALLY} as figure from scores where metric = 'nps'),\n"
        f"b as (select {TALLY} as figure from scores where metric = '$metric')\n"
        "select a.figure, b.figure as figure_before from a, b"
    )
    (problem,) = checked(filled, engine, sql).problems
    assert problem.hint == "A parameter stands without quotes: `$metric`, declared under `params`."


def test_a_parameter_that_is_used_and_stands_in_quotes_too_is_named_there() -> None:
    header = "-- title: t\n-- grain: g\n-- params: {metric: {default: nps}}\n"
    sql = "select channel from scores\nwhere metric = $metric or metric = '$metric'\n"
    with pytest.raises(QueryFileError, match=re.escape("'$metric' is a text.")) as caught:
        catalog.question("custom/asked", Path("asked.sql"), header + sql, "custom/asked.sql")
    assert caught.value.line == 5 and "without quotes" in caught.value.hint
    said = header + sql.replace("or metric = '$metric'", "and channel <> 'the $metric'")
    catalog.question("custom/asked", Path("asked.sql"), said, "custom/asked.sql")


def test_such_a_sign_within_a_text_is_not_to_blame(filled: "Company", engine: Engine) -> None:
    (problem,) = checked(filled, engine, "select '‘a’' as said channel from scores").problems
    assert problem.hint == "Look just before the place named."


def test_several_values_are_compared_with_in(filled: "Company", engine: Engine) -> None:
    header = "params: {several: {default: [app], multi: true}}"
    found = checked(filled, engine, "select channel from scores where channel in $several group by all", header)
    assert not found.problems and found.rows == 1


# --- sources ------------------------------------------------------------------------------------------------

SHOP = "id,date,score,amount,Branch Name\n1,2026-03-02,9,10,a\n2,2026-03-02,n.a.,4,b\n"


@changes
@pytest.mark.parametrize(
    ("chosen", "header", "told", "hint"),
    [
        ("ammount as score", "", "no column “ammount”", "Did you mean “amount”? The file has the columns id, date,"),
        ('"Branch Nme" as branch, score', "", "no column “Branch Nme”", "Did you mean “Branch Name”? The file has"),
        ("zzz as score", "", "no column “zzz”", "Branch Name. What only other files have stands under `columns`"),
        ("score", 'delimiter: ";"', "no column “id”", "The file has one column only, “id,date,"),
        (
            "score as scores",
            "",
            "gives no column “score or comment”",
            "Did you mean “scores”? Rename it in the source.",
        ),
        ("score", "reader: json", "cannot be read as json", "By its ending it is csv: look at the `reader`"),
    ],
)
def test_a_source_that_does_not_fit_its_file_is_a_problem_that_names_the_files_columns(
    filled: "Company", capsys: pytest.CaptureFixture[str], chosen: str, header: str, told: str, hint: str
) -> None:
    filled.text("shop/a.csv", SHOP)
    body = f"select id as response_id, date as responded_at, 'nps' as metric, {chosen} from raw"
    filled.source("s", body, f"table: responses\nfiles: shop/*.csv\n{header}".strip())
    command = ["check", "sources/s", "--data", str(filled.data), "--queries", str(filled.queries)]
    assert main(command) == 1
    out = capsys.readouterr().out
    assert told in out and hint in out and "Known here" not in out


@changes
def test_a_source_without_files_is_a_warning_that_names_globs_which_find_some(
    filled: "Company", capsys: pytest.CaptureFixture[str]
) -> None:
    filled.text("shop/a.csv", SHOP)
    filled.source("s", "select * from raw", "table: responses\nfiles: shopp/*.csv")
    assert main(["check", "sources/s", "--data", str(filled.data), "--queries", str(filled.queries)]) == 0
    said = "Source s: no file matches shopp/*.csv."
    out = capsys.readouterr().out
    assert f"warning: {said}" in out and "Did you mean “shop/*.csv”?" in out
    assert f"{said} Did you mean “shop/*.csv”?" in filled.current().notes


@changes
def test_rows_of_a_sources_newest_file_that_would_be_set_aside_are_a_warning(
    filled: "Company", capsys: pytest.CaptureFixture[str]
) -> None:
    filled.text("shop/a.csv", SHOP)
    body = "select id as response_id, date as responded_at, 'nps' as metric, score from raw"
    filled.source("s", body, "table: responses\nfiles: shop/*.csv")
    command = ["check", "sources/s", "--data", str(filled.data), "--queries", str(filled.queries)]
    assert main(command) == 0
    assert "1 of 2 rows would be set aside, such as row 2: “score” not a number." in capsys.readouterr().out


# --- what is asked of the wrong rows ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spoken(make: "Callable[[str], Company]") -> "Company":
    """Answers with and without comments, and reviews of its own brand and of another one."""
    made = make("spoken")
    (made.queries / "themes").mkdir()
    shutil.copy(settings.PROJECT / "queries" / "themes" / "delivery.yaml", made.queries / "themes")
    made.text("cx.toml", 'brand = "Ours"\n')
    scores: list[dict[str, Any]] = [{"score": 10, "channel": "app"}, {"score": 0, "channel": "web", "comment": "late"}]
    made.answers([*scores, {"score": 1, "metric": "csat"}])
    body = {"body": "The delivery was late", "reviewed_at": "2026-03-02T12:00:00+09:00"}
    brands = enumerate(("Ours", "Theirs", "Theirs"), 1)
    made.write("reviews/a.parquet", [body | {"review_id": f"v{n}", "brand": brand, "rating": n} for n, brand in brands])
    made.publish()
    return made


@pytest.fixture(scope="module")
def spoken_engine(spoken: "Company", open_engine: "Callable[..., tuple[Engine, Any]]") -> Engine:
    return open_engine(spoken)[0]


OVER_TEXTS = "tally(1, w, w * w, w * x, w * x * x) as figure"
COMPLAINING = "tally(base.n, base.w, base.w2, said.w, said.w) as figure"


@pytest.mark.parametrize(
    ("header", "sql", "says", "remedy", "line"),
    [
        (
            "metric: nps",
            f"select\n  {OVER_TEXTS}\nfrom comments\nwhere metric = 'nps' and own",
            "The figure is nps, and is made of comments: only of those who wrote something.",
            "Read `scores`",
            6,
        ),
        (
            "metric: complaints",
            f"select\n  {OVER_TEXTS}\nfrom comments\nwhere metric = 'csat' and own",
            "x in comments is what the metric of the answer makes of its score, and the figure is complaints.",
            "among all texts",
            5,
        ),
        (
            "metric: nps",
            f"select channel, {TALLY} as figure\nfrom scores where channel is not null group by all",
            "Nothing keeps the rows of scores to nps",
            "`where metric = 'nps'`",
            3,
        ),
        (
            "metric: nps",
            f"select {TALLY} as figure\nfrom scores where metric = 'csat'",
            "The header says that the figure is nps, and the SQL keeps the rows of csat.",
            "same metric",
            3,
        ),
        (
            "",
            "select\n  origin,\n  count(*) as texts\nfrom mentions where own group by all",
            "a text counts once for each of its themes",
            "`where theme = …`",
            6,
        ),
        ("", "select\n  count(*) as texts\nfrom comments", "comments holds all 2 brands", "`where own`", 5),
        ("", "select avg(rating) as rating\nfrom reviews", "reviews holds all 2 brands", "`where brand = 'Ours'`", 4),
        (
            "chart: {kind: bar, x: shop}",
            f"select\n  brand as shop,\n  {TALLY} as figure\nfrom ratings where metric = 'rating' group by all",
            "The chart's x “shop” holds brands under another name",
            "`x: brand`",
            5,
        ),
        (
            "chart: {kind: bar, x: channel}\nby: channel",
            f"select channel, {TALLY} as figure from scores where metric = 'nps' group by all",
            "`by: channel` splits nothing",
            "take `by` out",
            4,
        ),
        (
            "chart: {kind: bar, x: segment}",
            f"select segment, {TALLY} as figure from scores where metric = 'nps' group by all",
            "the header has no `by`",
            "`-- by: channel`",
            3,
        ),
        (
            "chart: {kind: bar}",
            f"select channel, {TALLY} as figure from scores where metric = 'nps' group by all",
            "The bar chart has no `x`: its 2 rows",
            "`x: channel`",
            3,
        ),
        (
            "chart: {kind: bar, x: channel}",
            f"with kept as (select * from scores where metric = 'nps' and channel = 'app')\n"
            f"select all_of.channel,\n {TALLY} as figure\nfrom (select distinct channel from scores) as all_of\n"
            "left join kept on all_of.channel = kept.channel where all_of.channel is not null group by all",
            "Nothing is drawn in the row channel = web: an outer join found nothing for it.",
            "inner join",
            6,
        ),
        ("", "select label from calendar", "Nothing was published in calendar", "Add an export", 3),
        (
            "",
            "select\n  avg(score) as mean\nfrom responses",
            "responses holds answers to 2 metrics, and avg() takes their scores together.",
            "return `metric`",
            4,
        ),
        (
            "",
            "select\n  100 * sum(n) filter (where score >= 4) / sum(n) as good\nfrom scores",
            "scores holds answers to 2 metrics, and sum() takes their scores together.",
            "return `metric`",
            4,
        ),
        (
            "",
            "select\n  strftime(date_trunc('month', day), 'YYYY-MM') as month,\n  count(*) as answers\nfrom responses "
            "group by all order by all",
            "strftime() finds no % in the format 'YYYY-MM'",
            "Write '%Y-%m'.",
            4,
        ),
        (
            "chart: {kind: change, x: channel}",
            f"with earlier as (select channel, {TALLY} as figure from scores where metric = 'nps' group by all)\n"
            f"select scores.channel,\n {TALLY} as figure,\n any_value(earlier.figure) as figure_before\n"
            "from scores inner join earlier on scores.channel = earlier.channel where metric = 'nps' group by all",
            "figure_before is made of the same days as the figure",
            "`scores_before`",
            7,
        ),
        (
            "",
            "select channel, sum(n) as answers from scores\nwhere channel is not null group by all\nlimit 1",
            "No ORDER BY stands before this LIMIT",
            "order by",
            5,
        ),
        (
            "chart: {kind: line, x: month, y: answers}",
            "select\n month,\n 1 as answers from (select unnest(['a', 'b', 'c']) as month)",
            "The line goes along “month”, texts in the order of the rows",
            "`order by`",
            5,
        ),
        (
            'chart: {kind: bar, x: channel, y: share, unit: "%"}',
            "select channel,\n sum(n) filter (where score > 6) / sum(n) as share from scores\n"
            "where metric = 'nps' group by all",
            "The unit is %, and share goes from 1 to 1",
            "`100 * … as share`",
            5,
        ),
        (
            "params:\n  channel: {default: shop}",
            "select sum(n)::bigint as n from scores where channel = $channel",
            "The parameter channel is “shop” at first, and no channel is that",
            "app, web",
            4,
        ),
        (
            "",
            "select sum(n)::bigint as n from scores\nwhere touchpoint = 'delivery'",
            "No row has a touchpoint in what was published",
            "page Data",
            4,
        ),
    ],
)
def test_a_question_about_other_rows_than_it_seems_is_a_warning_at_its_line(
    spoken: "Company", spoken_engine: Engine, header: str, sql: str, says: str, remedy: str, line: int
) -> None:
    found = checked(spoken, spoken_engine, sql, header)
    (warning,) = found.warnings
    assert says in warning.message and remedy in warning.hint and not found.problems
    assert warning.place == f"questions/custom/asked.sql:{line}" and warning.excerpt


@pytest.mark.parametrize(
    ("header", "sql"),
    [
        (
            "metric: nps",
            f"select kind, {OVER_TEXTS} from comments where metric = 'nps' and x is not null group by all",
        ),
        ("", "select theme, count(*) as texts from mentions where own group by all"),
        ("", "select count(distinct comment_id) as texts from mentions where own"),
        ("", "select brand, count(*) as texts from comments group by all"),
        ("", "select count(*) as texts from comments where metric = 'nps'"),
        ("", "select * from reviews"),
        ("metric: rating", f"select {TALLY} as figure from scores where metric = 'rating'"),
        ("", "select avg(score) as mean from responses where metric = 'nps'"),
        ("", "select metric, avg(score) as mean from responses group by all"),
        ("", "select sum(n) as answers from scores limit 1"),
        ("", "select * from (select channel, sum(n) as n from scores group by all order by n) limit 1"),
        ('chart: {kind: bar, x: a, y: b, unit: "%"}', "select 'p' as a, 40.5 as b"),
        (
            "params:\n  channel: {default: ''}",
            "select sum(n) as n from scores where $channel = '' or channel = $channel",
        ),
        (
            "params: {metric: {default: nps}}\nmetric: $metric",
            f"select {TALLY} as figure from scores where metric = $metric",
        ),
        (
            "chart: {kind: bar, x: segment}\nby: channel",
            f"select segment, {TALLY} as figure from scores where metric = 'nps' group by all",
        ),
        (
            "chart: {kind: line, x: period, color: segment}",
            "select date_trunc('month', day) as period, segment, "
            f"{TALLY} as figure from scores where metric = 'nps' group by all",
        ),
        ("chart: {kind: bar}", f"select {TALLY} as figure from scores where metric = 'nps'"),
        (
            "metric: complaints\nchart: {kind: bar, x: origin}",
            "with base as (select origin, count(*) as n, sum(w) as w, sum(w * w) as w2 from comments where own "
            "group by all), said as (select origin, sum(w) as w from comments where own and kind = 'complaint' "
            f"and origin = 'reviews' group by all) select base.origin, {COMPLAINING} from base "
            "left join said on base.origin = said.origin group by all",
        ),
    ],
)
def test_a_question_that_asks_the_right_rows_is_no_doubt(
    spoken: "Company", spoken_engine: Engine, header: str, sql: str
) -> None:
    found = checked(spoken, spoken_engine, sql, header)
    assert not found.problems and not found.warnings


def test_every_brand_is_no_doubt_where_the_company_names_none_as_its_own(filled: "Company", engine: Engine) -> None:
    reviews = [{"review_id": brand, "brand": brand, "rating": 3, "reviewed_at": "2026-03-02"} for brand in "ab"]
    filled.write("reviews/a.parquet", reviews)
    filled.publish()
    assert not checked(filled, engine, "select count(*) as reviews from reviews").warnings
