"""Every shipped question and metric, tested the day it is added: full data, one day, one answer, every split."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest

from cx import checks, publish, scope, settings
from cx.catalog import METRIC_TABLES, Catalog, Metric, Question
from cx.checks import failures
from cx.engine import Engine
from cx.errors import CxError
from cx.figures import Answer
from cx.periods import Period, comparison, preset
from cx.scope import Filters

if TYPE_CHECKING:
    from conftest import Company

pytestmark = pytest.mark.xdist_group("queries")  # companies of hardly any data are published once

QUERIES = settings.PROJECT / "queries"
CATALOG = Catalog((QUERIES,))
QUESTIONS = CATALOG.questions()
METRICS = CATALOG.metrics()
SPLIT = {name: question for name, question in QUESTIONS.items() if "segment" in question.reading.columns}

PROMISED = {  # the issue, under “Names that others rely on”: columns, and what one row is
    "overview/kpi": (["metric", "value", "low", "high", "n", "previous", "change"], ["metric"]),
    "trends/over_time": (["metric", "period", "segment", "value", "n"], ["metric", "period", "segment"]),
    "segments/breakdown": (["metric", "segment", "value", "n"], ["metric", "segment"]),
    "competitors/rating": (["brand", "value", "n"], ["brand"]),
    "journey/touchpoints": (["touchpoint", "position", "value", "n"], ["touchpoint"]),
}


UNHEARD = ("competitors/named", "competitors/switching", "competitors/reasons", "voice/emerging")
"""What the demo company's customers do not speak of: they name no other brand, and say nothing new."""


def ninety_days(engine: Engine) -> Filters:
    as_of = engine.snapshot().as_of
    assert as_of is not None
    period = preset("last_90_days", as_of)
    return Filters(period, comparison(period, "previous"))


def sound(answer: Answer) -> None:
    """What holds for every answer: its own tests, values inside their intervals and ranges, n that counts."""
    assert not failures(answer.question, answer.frame)
    assert not answer.truncated
    frame = answer.frame
    for column in frame.columns:
        assert not str(column).startswith("cx_") and column not in ("w", "w2", "wx", "wx2")
    if {"value", "low", "high", "n"} <= set(frame.columns):
        held = frame.dropna(subset=["value", "low", "high"])
        assert (held["low"] <= held["high"]).all()
        assert (frame.loc[frame["value"].notna(), "n"] > 0).all()
        ranges = [metric.range for metric in answer.metrics.values() if metric.range]
        if ranges and len(held):
            assert held["low"].min() >= min(low for low, _ in ranges) and held["high"].max() <= max(
                high for _, high in ranges
            )


# --- the files ------------------------------------------------------------------------------------------------


def test_every_shipped_file_is_in_order() -> None:
    assert CATALOG.problems == {}
    assert len(QUESTIONS) + len(METRICS) + len(CATALOG.sources()) == len(list(QUERIES.rglob("*.sql")))


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_has_title_and_description_in_both_languages(name: str) -> None:
    question = QUESTIONS[name]
    for words in (question.title, question.description):
        assert words.get("en") and words.get("ko")
        assert re.search("[가-힣]", words["ko"]), "Korean is Korean"
        assert not re.search("[가-힣]", words["en"]), "English is English"
    for parameter in question.params.values():
        assert parameter.label.get("en") and parameter.label.get("ko")


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_says_what_a_row_is_and_tests_it(name: str) -> None:
    question = QUESTIONS[name]
    assert question.grain.startswith("one row per ")
    if question.chart.kind != "table" or "tally" in question.reading.functions:
        assert any("unique" in test for test in question.tests)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_chart_names_columns_that_the_answer_has(name: str, demo_engine: Engine) -> None:
    question = QUESTIONS[name]
    frame = demo_engine.answer(name, ninety_days(demo_engine)).frame
    for column in (question.chart.x, question.chart.color, question.chart.size, question.chart.label):
        assert not column or column in frame, f"{column} in {list(frame.columns)}"
    assert question.chart.kind in ("table", "kpi") or question.chart.y in (*frame.columns, "figure")


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_every_metric_is_whole(metric: Metric) -> None:
    for words in (metric.label, metric.variant, metric.description):
        assert words.get("en") and words.get("ko")
    assert metric.range and metric.range[0] < metric.range[1]
    if metric.table == "responses":
        assert metric.scale and metric.groups
        assert [group.to for group in metric.groups] == sorted(group.to for group in metric.groups)
        assert metric.groups[-1].to == metric.scale[1]


SUMMED = {name: metric for name, metric in METRICS.items() if metric.table in METRIC_TABLES}


@pytest.mark.parametrize("metric", SUMMED.values(), ids=SUMMED)
def test_every_answer_on_a_metrics_scale_gives_a_figure_in_its_range(
    metric: Metric, company: "Company", ask: Any
) -> None:
    low, high = metric.scale or metric.range or (0, 0)
    scores = range(int(low), int(high) + 1)
    if metric.table == "responses":
        company.answers([{"response_id": str(score), "metric": metric.answers, "score": score} for score in scores])
    elif metric.table == "invitations":
        company.scores(9)
        scores = range(2)
        company.write(
            "invitations/a.parquet",
            [
                {"invitation_id": str(score), "sent_at": "2026-03-02T12:00:00Z", "response_id": "r0" if score else None}
                for score in scores
            ],
        )
    else:
        company.write(
            "reviews/a.parquet",
            [
                {"review_id": str(score), "reviewed_at": "2026-03-02T12:00:00Z", "brand": "A", "rating": score}
                for score in scores
            ],
        )
    company.publish()
    frame = ask(
        f"select metric, score, tally(n, w, w2, wx, wx2) as figure from scores where metric = '{metric.name}' group by all order by score"
    ).frame
    assert frame["score"].tolist() == list(scores)
    least, most = metric.range or (0, 0)
    assert frame["value"].min() == least and frame["value"].max() == most
    assert (
        frame["value"].is_monotonic_increasing
        if metric.direction == "higher"
        else frame["value"].is_monotonic_decreasing
    )


# --- full data -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_answers_over_the_demo_company(name: str, demo_engine: Engine) -> None:
    answer = demo_engine.answer(name, ninety_days(demo_engine))
    sound(answer)
    assert len(answer.frame) or name in UNHEARD, "the demo company has something for every card"
    whole = {"explanations", "drivers"} & set(QUESTIONS[name].analysis)
    if "tally" in QUESTIONS[name].reading.functions and not whole:
        assert {"value", "low", "high", "n"} <= set(answer.frame.columns)


@pytest.mark.parametrize("name", PROMISED)
def test_the_names_that_others_rely_on_have_their_columns_and_grain(name: str, demo_engine: Engine) -> None:
    columns, grain = PROMISED[name]
    frame = demo_engine.answer(name, ninety_days(demo_engine)).frame
    assert set(columns) <= set(frame.columns)
    assert not frame.duplicated(grain).any()
    assert frame["value"].notna().all() and (frame["n"] > 0).all()


def test_every_split_of_every_question_that_has_one_adds_up(demo_engine: Engine) -> None:
    """Per metric, the answers of all values of a dimension are the answers without a split."""
    filters = ninety_days(demo_engine)
    dimensions = scope.present(demo_engine.snapshot())
    assert len(dimensions) >= 8
    for name, question in SPLIT.items():
        whole = counted(demo_engine.answer(name, Filters(filters.period, filters.before, by="none")), question)
        for dimension in dimensions:
            second = (
                next(other for other in dimensions if other != dimension)
                if "segment_2" in question.reading.columns
                else ""
            )
            answer = demo_engine.answer(name, Filters(filters.period, filters.before, by=dimension, by_2=second))
            sound(answer)
            if name in ("trends/over_time", "segments/breakdown"):
                assert counted(answer, question) == whole, (name, dimension)


def counted(answer: Answer, question: Question) -> dict[str, int]:
    if not {"metric", "n"} <= set(answer.frame.columns):
        return {}
    found: dict[str, int] = answer.frame.groupby("metric")["n"].sum().to_dict()
    return found


@pytest.mark.parametrize("name", [name for name in QUESTIONS if QUESTIONS[name].params])
def test_every_choice_of_every_parameter_answers(name: str, demo_engine: Engine) -> None:
    filters = ninety_days(demo_engine)
    for parameter in QUESTIONS[name].params.values():
        choices = parameter.choices or (parameter.default,)
        if parameter.name == "metric":
            choices = tuple(metric for metric in METRICS if METRICS[metric].table == "responses")
        for choice in choices:
            sound(demo_engine.answer(name, filters, {parameter.name: choice}))


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
def test_the_periods_of_a_trend_are_the_grains_first_days_and_add_up(grain: str, demo_engine: Engine) -> None:
    filters = ninety_days(demo_engine)
    frame = demo_engine.answer("trends/over_time", filters, {"grain": grain}).frame
    whole = demo_engine.answer("overview/kpi", filters).frame
    assert frame.groupby("metric")["n"].sum().to_dict() == dict(zip(whole["metric"], whole["n"], strict=True))
    firsts = pd.to_datetime(frame["period"])
    held = {
        "week": firsts.dt.day_of_week == 0,
        "month": firsts.dt.day == 1,
        "quarter": (firsts.dt.day == 1) & (firsts.dt.month % 3 == 1),
        "year": firsts.dt.day_of_year == 1,
    }
    assert held.get(grain, firsts.notna()).all()


def test_the_kpi_equals_plain_arithmetic_over_the_exports(demo: Path, demo_engine: Engine) -> None:
    """The export files read once more with pandas, no DuckDB and none of our code."""
    frame = pd.concat([pd.read_parquet(path) for path in sorted((demo / "responses").glob("*.parquet"))])
    days = frame["responded_at"].dt.tz_convert("Asia/Seoul").dt.date
    chosen = frame[(days >= date(2026, 9, 1)) & (days < date(2026, 10, 1)) & frame["score"].notna()]
    chosen = chosen.drop_duplicates(["response_id", "metric", "touchpoint", "question"])
    scores = {metric: chosen.loc[chosen["metric"] == metric, "score"] for metric in ("nps", "csat", "ces")}
    wanted = {
        "nps": 100 * ((scores["nps"] >= 9).mean() - (scores["nps"] <= 6).mean()),
        "csat": 100 * (scores["csat"] >= 4).mean(),
        "ces": scores["ces"].mean(),
    }
    found = demo_engine.answer("overview/kpi", Filters(Period(date(2026, 9, 1), date(2026, 10, 1)))).frame.set_index(
        "metric"
    )
    for metric, value in wanted.items():
        assert found.loc[metric, "value"] == pytest.approx(value)
        assert found.loc[metric, "n"] == len(scores[metric])


def test_the_response_rate_equals_plain_arithmetic_over_the_exports(demo: Path, demo_engine: Engine) -> None:
    """As above, per tier of the customers invited."""
    frame = pd.concat([pd.read_parquet(path) for path in sorted((demo / "invitations").glob("*.parquet"))])
    days = frame["sent_at"].dt.tz_convert("Asia/Seoul").dt.date
    chosen = frame[(days >= date(2026, 9, 1)) & (days < date(2026, 10, 1))].drop_duplicates("invitation_id")
    september = Period(date(2026, 9, 1), date(2026, 10, 1))
    whole = demo_engine.answer("overview/kpi", Filters(september)).frame.set_index("metric").loc["response_rate"]
    assert whole["value"] == pytest.approx(100 * chosen["response_id"].notna().mean())
    assert whole["n"] == len(chosen) > 1000
    customers = pd.concat([pd.read_parquet(path) for path in (demo / "customers").glob("*.parquet")])
    tiers = chosen.merge(customers, on="customer_id").groupby("tier")["response_id"].agg(["count", "size"])
    split = demo_engine.answer("segments/breakdown", Filters(september, by="tier")).frame
    split = split[(split["metric"] == "response_rate") & split["segment"].notna()].set_index("segment").sort_index()
    assert split["n"].to_dict() == tiers["size"].to_dict()
    assert split["value"].to_dict() == pytest.approx((100 * tiers["count"] / tiers["size"]).to_dict())


def test_the_journey_is_about_answers_not_about_who_answered(demo_engine: Engine) -> None:
    """Invitations have touchpoints, but what was not answered says nothing about a step."""
    frame = demo_engine.answer("journey/all_metrics", ninety_days(demo_engine)).frame
    assert set(frame["metric"]) == {"nps", "csat", "ces"} == set(demo_engine.snapshot().journey_metrics)


COMPARED = {
    name: next(list(test["unique"]) for test in question.tests if "unique" in test)
    for name, question in QUESTIONS.items()
    if not question.window
    and question.reading.tables & {"scores_before", "ratings_before"}
    and "impact" not in question.analysis
    and "tally" in question.reading.functions
}


def test_the_questions_that_people_compare_with_are_compared() -> None:
    assert {"overview/kpi", "segments/breakdown", "competitors/rating", "journey/touchpoints"} <= set(COMPARED)


@pytest.mark.parametrize("name", COMPARED)
def test_the_figure_before_is_what_the_earlier_period_itself_gives(name: str, demo_engine: Engine) -> None:
    filters = ninety_days(demo_engine)
    assert filters.before
    now = demo_engine.answer(name, filters).frame.set_index(COMPARED[name])
    then = demo_engine.answer(name, Filters(filters.before)).frame
    if not len(then):  # a question that needs both sides
        then = demo_engine.answer(name, Filters(filters.before, comparison(filters.before, "previous"))).frame
    then = then.set_index(COMPARED[name])
    both = [key for key in now.index if key in then.index]
    assert len(both) > len(now) / 2
    pd.testing.assert_series_equal(now.loc[both, "previous"], then.loc[both, "value"], check_names=False)
    assert now.loc[both, "previous_n"].tolist() == then.loc[both, "n"].tolist()
    changes = (now["value"] - now["previous"]).where(now["verdict"] != "reworded")
    pd.testing.assert_series_equal(now["change"], changes, check_names=False)


def test_the_year_before_is_what_that_year_itself_gives(demo_engine: Engine) -> None:
    filters = ninety_days(demo_engine)
    earlier = comparison(filters.period, "year")
    assert earlier
    now = demo_engine.answer("overview/kpi", filters).frame.set_index("metric")
    then = demo_engine.answer("overview/kpi", Filters(earlier)).frame.set_index("metric")
    assert now["year"].to_dict() == pytest.approx(then["value"].to_dict())


def test_where_two_meet_a_pair_that_is_new_has_no_change_and_one_that_is_gone_no_row(
    company: "Company", engine: Engine
) -> None:
    shutil.copytree(QUERIES / "segments", company.queries / "segments")
    rows = [("03", "gold", "app", 10), ("03", "gold", "web", 10), ("02", "gold", "app", 0), ("02", "basic", "app", 10)]
    company.answers(
        [
            {"score": score, "tier": tier, "channel": channel, "responded_at": f"2026-{month}-10T12:00:00+09:00"}
            for month, tier, channel, score in [*rows, ("03", None, "app", 5), ("03", "gold", None, 5)]
        ]
        # Another metric's answers of such a pair are none of this one.
        + [
            {
                "metric": "csat",
                "score": 5,
                "tier": "gold",
                "channel": "web",
                "responded_at": "2026-02-10T12:00:00+09:00",
            }
        ]
    )
    company.publish()
    march, february = Period(date(2026, 3, 1), date(2026, 4, 1)), Period(date(2026, 2, 1), date(2026, 3, 1))
    found = engine.answer("segments/crossed", Filters(march, february, by="tier", by_2="channel")).frame
    told = found[["segment", "segment_2", "value", "n", "change"]].fillna(0).values.tolist()
    assert told == [["gold", "app", 100, 1, 200], ["gold", "web", 100, 1, 0]]


def test_a_filter_changes_every_question_the_same_way(demo_engine: Engine) -> None:
    held = demo_engine.snapshot()
    region = held.values["region"][0]
    filters = ninety_days(demo_engine)
    narrow = Filters(filters.period, filters.before, (("region", (region,)),))
    whole, part = (
        demo_engine.answer("overview/kpi", asked).frame.set_index("metric")["n"] for asked in (filters, narrow)
    )
    assert 0 < part["nps"] < whole["nps"]
    split = demo_engine.answer("segments/breakdown", Filters(filters.period, filters.before, by="region")).frame
    row = split[(split["metric"] == "nps") & (split["segment"] == region)]
    assert row["n"].tolist() == [part["nps"]]
    for name in QUESTIONS:
        sound(demo_engine.answer(name, narrow))


def test_a_filter_by_a_segment_that_only_reviews_or_only_answers_have_suits_every_question(demo_engine: Engine) -> None:
    held, filters = demo_engine.snapshot(), ninety_days(demo_engine)
    for column in ("source", "tier"):
        narrow = replace(filters, where=((column, tuple(held.values[column][:1])),))
        for name in QUESTIONS:
            sound(demo_engine.answer(name, narrow))


# --- hardly any data ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["one answer", "one review", "one day", "another metric", "an empty file"])
def sparse(request: pytest.FixtureRequest, make: Any, demo: Path) -> Iterator[Engine]:
    """A folder with hardly anything in it, asked with all shipped questions."""
    made: Company = make("sparse")
    if request.param == "one answer":
        made.scores(9)
    elif request.param == "one review":
        made.write(
            "reviews/a.parquet",
            [{"review_id": "v", "reviewed_at": "2026-03-02T12:00:00Z", "brand": "A", "rating": 5.0}],
        )
    elif request.param == "another metric":
        made.answers([{"metric": "mood", "score": 3}])
    elif request.param == "an empty file":
        made.write(
            "responses/a.parquet",
            pa.table(
                {
                    "response_id": pa.array([], "string"),
                    "responded_at": pa.array([], pa.timestamp("us", "UTC")),
                    "metric": pa.array([], "string"),
                    "score": pa.array([], "float64"),
                }
            ),
        )
    else:
        for table in ("responses", "reviews", "events"):
            frame = pd.read_parquet(sorted((demo / table).glob("*.parquet"))[-1])
            column = {"responses": "responded_at", "reviews": "reviewed_at", "events": "occurred_at"}[table]
            days = frame[column].dt.tz_convert("Asia/Seoul").dt.date
            (made.data / table).mkdir()
            frame[days == date(2026, 11, 17)].to_parquet(made.data / table / "a.parquet")
        shutil.copy(demo / "cx.toml", made.data)
    publish.publish(made.data, Catalog((QUERIES,)))
    engine = Engine(made.data, (QUERIES,), seconds=20)
    yield engine
    engine.close()


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_is_calm_where_there_is_hardly_anything(name: str, sparse: Engine) -> None:
    as_of = sparse.snapshot().as_of or date(2026, 3, 2)
    period = preset("last_90_days", as_of)
    for before in (comparison(period, "previous"), None):
        sound(sparse.answer(name, Filters(period, before)))
    sound(sparse.answer(name, Filters(preset("last_7_days", date(2020, 1, 1)))))


def test_checking_all_questions_is_calm_where_there_is_hardly_anything(sparse: Engine) -> None:
    for name in QUESTIONS:
        try:
            sparse.answer(
                name, Filters(Period(date(2026, 3, 2), date(2026, 3, 3)), by="channel" if name in SPLIT else "")
            )
        except CxError as error:
            pytest.fail(f"{name}: {error}")


def test_looking_for_doubts_is_calm_where_there_is_hardly_anything(sparse: Engine) -> None:
    day = sparse.snapshot().as_of or date(2026, 3, 2)
    found = list(checks.check(sparse, Filters(preset("last_90_days", day)), QUESTIONS))
    assert len(found) == len(QUESTIONS) and not [one.problems for one in found if one.problems]


# --- pages ----------------------------------------------------------------------------------------------------------


def named_in(*files: Path) -> set[str]:
    """The question names written in some Python files."""
    return {name for file in files for name in re.findall(r'"([a-z_]+/[a-z_0-9]+)"', file.read_text(encoding="utf-8"))}


PAGES = sorted((settings.PROJECT / "pages").glob("*.py"))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_every_question_that_a_page_names_exists(page: Path) -> None:
    assert named_in(page) <= set(QUESTIONS)


def test_every_shipped_question_is_shown_somewhere() -> None:
    asking = (settings.PROJECT / "cx" / f"{name}.py" for name in ("closing", "evidence"))
    shown = named_in(*PAGES, *(settings.PROJECT / "cx" / "ui").glob("*.py"), *asking)
    shown |= {used for question in QUESTIONS.values() for used in question.uses}
    assert {name for name in QUESTIONS if not name.startswith("custom/")} <= shown


def test_a_chart_column_that_is_not_returned_is_a_failure_that_names_the_nearest() -> None:
    from dataclasses import replace

    import pandas as pd

    from cx.catalog import Catalog
    from cx.checks import failures

    question = Catalog((QUERIES,)).question("competitors/low_ratings")
    frame = pd.DataFrame({"brand": ["a"], "n": [40], "low_share": [3.0]})
    assert failures(question, frame) == []
    broken = replace(question, chart=replace(question.chart, x="bran"))
    (failure,) = failures(broken, frame)
    assert "“bran”" in failure.message
    assert "“brand”" in failure.hint
