"""Behind every figure stand its own answers: as many as it says, of its value, and no others."""

import math
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from cx import settings
from cx.catalog import Catalog
from cx.engine import Engine
from cx.evidence import BEHIND, SAID, Evidence
from cx.figures import Answer
from cx.periods import Period, comparison, preset
from cx.scope import Filters, Scope

if TYPE_CHECKING:
    from conftest import Company

QUERIES = settings.PROJECT / "queries"
QUESTIONS = Catalog((QUERIES,)).questions()
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
Behind = Callable[..., tuple[Evidence, Answer]]

NO_FIGURES = {
    "overview/explained": "says what explains a change",
    "competitors/named": "lists the texts themselves",
    "competitors/switching": "counts texts that name two brands",
    "competitors/reasons": "counts texts that name another brand",
}
"""Questions with counts whose rows are no figures of answers."""

LISTS = ("voice/behind", "voice/said", "voice/call_back", "voice/comments", "custom/")
"""Questions that show single answers themselves, and the example of an analyst's own."""


# --- every shipped question -----------------------------------------------------------------------------------


def asked_of_the_demo(engine: Engine) -> Filters:
    as_of = engine.snapshot().as_of
    assert as_of is not None
    period = preset("last_month", as_of)
    return Filters(period, comparison(period, "previous"), (("region", ("seoul", "busan")),))


def some(answer: Answer) -> list[dict[str, Any]]:
    """The first, last and middle figures of each metric, and what has no value in a column."""
    frame = answer.frame[answer.frame["n"] > 0] if "n" in answer.frame else answer.frame
    places: set[int] = set()
    for _, part in frame.groupby("metric") if "metric" in frame else [("", frame)]:
        places |= {part.index[0], part.index[len(part) // 2], part.index[-1]} if len(part) else set()
    rows = answer.rows()
    return [rows[place] for place in sorted(places)]


@pytest.mark.parametrize("name", [name for name in QUESTIONS if not name.startswith(LISTS)])
def test_the_rows_behind_every_shipped_figure_give_its_value_and_its_n(name: str, demo_engine: Engine) -> None:
    filters = asked_of_the_demo(demo_engine)
    answer = demo_engine.answer(name, filters)
    counts = [
        column
        for column, found in answer.question.reading.provenance.items()
        if any(one.made == "count" for one in found)
    ]
    if name in NO_FIGURES or not ({"n", *counts} & set(answer.frame)):
        pytest.skip("its rows are not figures of answers")
    for row in some(answer):
        found = demo_engine.behind(name, filters, None, row, take=5_000, pool=10**9)
        assert found is not None, row
        evidence, drawn = found
        metric = demo_engine.catalog.metrics()[evidence.metric]
        stated = int(row["performance_n"] if "performance_n" in row else row["n"] if "n" in row else row[counts[0]])
        assert not evidence.whole, row
        assert stated == evidence.n == drawn.facts["base"]
        if not answer.question.window:
            assert drawn.frame["day"].map(lambda day: filters.period.start <= day < filters.period.end).all()
        if "region" in evidence.filters.columns():
            assert set(drawn.frame["region"].dropna()) <= {"seoul", "busan"}
        if evidence.question == SAID and metric.interval == "share":
            assert row["value"] == pytest.approx(100 * drawn.facts["found"] / stated)
        elif "value" in row and evidence.question == BEHIND and stated <= 5_000:
            assert len(drawn.frame) == stated == drawn.facts["found"]
            mean = (drawn.frame["weight"] * drawn.frame["counts_as"]).sum() / drawn.frame["weight"].sum()
            assert metric.factor * mean == pytest.approx(row["value"])


# --- a company that a person can count ------------------------------------------------------------------------


def fill(company: "Company") -> None:
    """Twelve NPS answers of two channels in two months, one with a comment each, and reviews of two brands."""
    shutil.copytree(QUERIES / "voice", company.queries / "voice")
    company.text("cx.toml", 'company = "A"\nbrand = "ours"\ntime_zone = "Asia/Seoul"\n')
    scores = [0, 3, 6, 7, 8, 9, 9, 10, 10, 10, 10, 10]
    company.answers(
        [
            {
                "score": score,
                "channel": "app" if place % 3 else "web",
                "responded_at": f"2026-0{3 + place % 2}-{1 + place:02}T12:00:00+09:00",
                "customer_id": f"c{place}",
                "comment": ["배송이 늦어요", "=1+1", None][place % 3],
            }
            for place, score in enumerate(scores)
        ]
    )
    company.write(
        "reviews/a.parquet",
        [
            {"review_id": f"v{place}", "reviewed_at": "2026-03-05T12:00:00+09:00", "brand": brand, "rating": stars}
            | {"title": "제목", "body": f"본문 {place}"}
            for place, (brand, stars) in enumerate([("ours", 5), ("ours", 1), ("theirs", 4)])
        ],
    )
    company.publish()


@pytest.fixture
def company(copied: Callable[..., "Company"]) -> "Company":
    return copied("shop", fill)


@pytest.fixture
def shop(company: "Company") -> "Company":
    """A copy of the shop, which the `engine` asks."""
    return company


@pytest.fixture
def behind(shop: "Company", engine: Engine) -> Behind:
    """Writes a question, answers it over 2026, and looks behind the row with the given values (or behind all)."""

    def look(
        sql: str, header: str = "", values: dict[str, Any] | None = None, *, where: Any = (), **further: Any
    ) -> tuple[Evidence, Answer]:
        shop.question("custom/asked", sql, header)
        shop.current()
        filters = Filters(YEAR, None, tuple(where), by=further.pop("by", ""))
        answer = engine.answer("custom/asked", filters)
        rows = [
            row
            for row in answer.rows()
            if values
            and all(pd.isna(row[name]) if value is None else row[name] == value for name, value in values.items())
        ]
        found = engine.behind("custom/asked", filters, None, rows[0] if values else None, **further)
        assert found is not None
        return found

    return look


NPS = "select channel, tally(n, w, w2, wx, wx2) as figure from scores where metric = 'nps' group by all"


def test_behind_a_bar_stand_the_answers_of_its_value(behind: Behind) -> None:
    evidence, drawn = behind(NPS, values={"channel": "web"})
    assert (evidence.whole, evidence.n) == (False, 4)
    assert sorted(drawn.frame["score"]) == [0, 7, 9, 10]
    assert set(drawn.frame["channel"]) == {"web"}
    assert evidence.marked == (("channel", "web"),)


def test_behind_a_card_stand_all_its_answers(behind: Behind) -> None:
    evidence, drawn = behind(NPS, take=50)
    assert evidence.whole
    assert len(drawn.frame) == drawn.facts["base"] == 12


def test_what_a_column_means_is_read_from_the_sql_and_not_from_its_name(behind: Behind) -> None:
    sql = "with a as (select channel as sort_of, day, n, w, w2, wx, wx2 from scores where metric = 'nps') "
    sql += "select sort_of as label, date_trunc('month', day) as since, tally(n, w, w2, wx, wx2) as figure from a group by all"
    evidence, drawn = behind(sql, values={"label": "web", "since": pd.Timestamp(2026, 3, 1)})
    assert not evidence.whole
    assert sorted(drawn.frame["score"]) == [0, 9]
    assert evidence.filters.period == Period(date(2026, 3, 1), date(2026, 4, 1))


def test_a_row_without_a_value_has_the_answers_without_one(behind: Behind, shop: "Company") -> None:
    shop.answers([{"response_id": "x", "score": 5}], "responses/b.parquet")
    shop.question("custom/asked", NPS)
    shop.current()
    evidence, drawn = behind(NPS, values={"channel": None})
    assert not evidence.whole
    assert drawn.frame["answer_id"].tolist() == ["x"]


def test_a_figure_whose_condition_cannot_be_told_shows_the_whole_card_and_says_so(behind: Behind) -> None:
    sql = "select case when channel = 'web' then 'a' else 'b' end as side, tally(n, w, w2, wx, wx2) as figure "
    evidence, drawn = behind(f"{sql} from scores where metric = 'nps' group by all", values={"side": "a"}, take=50)
    assert evidence.whole
    assert len(drawn.frame) == 12


def test_answers_that_are_not_as_many_as_the_figure_says_are_never_passed_off_as_its_own(behind: Behind) -> None:
    sql = (
        "select channel, tally(n, w, w2, wx, wx2) as figure from scores where metric = 'nps' and score > 6 group by all"
    )
    evidence, _ = behind(sql, values={"channel": "web"})
    assert evidence.whole


def test_a_score_of_a_distribution_has_the_answers_of_that_score(behind: Behind) -> None:
    sql = "select score, sum(n)::bigint as answers from scores where metric = 'nps' group by score"
    evidence, drawn = behind(sql, values={"score": 9.0})
    assert (evidence.whole, evidence.n) == (False, 2)
    assert set(drawn.frame["score"]) == {9}


def test_nothing_outside_of_the_filter_is_shown(behind: Behind) -> None:
    _, drawn = behind(NPS, where=[("channel", ("app",))], take=50)
    assert set(drawn.frame["channel"]) == {"app"}
    _, drawn = behind(NPS, values={"channel": "app"}, where=[("channel", ("app", "web"))], take=50)
    assert len(drawn.frame) == 8


def test_figures_about_ourselves_never_show_a_rivals_review(behind: Behind) -> None:
    sql = "select metric, tally(n, w, w2, wx, wx2) as figure from scores group by metric"
    evidence, drawn = behind(sql, values={"metric": "rating"})
    assert not evidence.whole
    assert set(drawn.frame["brand"]) == {"ours"}
    assert set(drawn.frame["comment"]) == {"제목\n본문 0", "제목\n본문 1"}


def test_of_ratings_each_brand_has_its_own_reviews(behind: Behind) -> None:
    sql = "select brand, tally(n, w, w2, wx, wx2) as figure from ratings where metric = 'rating' group by brand"
    _, drawn = behind(sql, values={"brand": "theirs"})
    assert drawn.frame["score"].tolist() == [4]


def test_answers_are_drawn_by_lot_in_proportion_to_their_scores_and_the_same_each_time(
    behind: Behind, shop: "Company"
) -> None:
    shop.answers(
        [
            {"response_id": f"s{place}", "score": 0 if place < 100 else 9 if place < 400 else 10}
            for place in range(1_000)
        ]
    )
    _, drawn = behind(NPS)
    assert Counter(drawn.frame["score"]) == {0: 1, 9: 3, 10: 6}
    _, twenty = behind(NPS, take=20)
    assert twenty.frame["answer_id"].tolist()[:10] == drawn.frame["answer_id"].tolist()
    assert Counter(twenty.frame["score"]) == {0: 2, 9: 6, 10: 12}
    in_their_order = [f"s{place}" for place in range(1_000)]
    assert drawn.frame["answer_id"].tolist() != sorted(drawn.frame["answer_id"], key=in_their_order.index)


def test_the_newest_and_the_lowest_come_in_their_order(behind: Behind) -> None:
    _, newest = behind(NPS, order="newest", take=3)
    assert newest.frame["day"].tolist() == [date(2026, 4, 12), date(2026, 4, 10), date(2026, 4, 8)]
    _, lowest = behind(NPS, order="lowest", take=4)
    assert lowest.frame["score"].tolist() == [0, 3, 6, 7]


def test_a_small_pool_is_widened_until_what_is_sought_was_found(behind: Behind) -> None:
    _, drawn = behind(NPS, words="늦어", take=4, pool=1)
    assert drawn.frame["comment"].tolist() == ["배송이 늦어요"] * 4
    _, lowest = behind(NPS, order="lowest", take=4, pool=1)
    assert lowest.frame["score"].tolist() == [0, 3, 6, 7]


def test_what_is_searched_for_is_a_text_and_no_pattern_or_sql(behind: Behind) -> None:
    for text in ("%", "' or true --", "."):
        assert not len(behind(NPS, words=text)[1].frame)
    assert behind(NPS, words="=1+", take=9)[1].frame["comment"].tolist() == ["=1+1"] * 4


def test_only_answers_with_a_comment_where_those_are_wanted(behind: Behind) -> None:
    _, drawn = behind(NPS, commented=True, take=50)
    assert drawn.facts["found"] == len(drawn.frame) == 8
    assert drawn.facts["base"] == 12


def test_a_question_about_no_answers_has_none_behind_it(behind: Behind, shop: "Company", engine: Engine) -> None:
    shop.question("custom/days", "select range as day from range(3)")
    shop.current()
    assert engine.behind("custom/days", Filters(YEAR)) is None


# --- privacy --------------------------------------------------------------------------------------------------


@pytest.fixture
def guarded(shop: "Company") -> Iterator[None]:
    """Fewer than five answers hide a figure, fewer than eight what was said."""
    shop.text("cx.toml", 'brand = "ours"\ntime_zone = "Asia/Seoul"\n[privacy]\nscores = 4\ncomments = 8\n')
    yield


def test_what_few_people_said_is_hidden_though_their_figure_is_shown(guarded: None, behind: Behind) -> None:
    evidence, drawn = behind(NPS, values={"channel": "web"})
    assert not evidence.whole
    assert {"minimum": 8, "hidden": 4}.items() <= drawn.facts.items()
    shown = {"metric", "day", "touchpoint", "hidden"}
    assert not drawn.frame[[name for name in drawn.frame if name not in shown]].notna().any(axis=None)


def test_where_a_minimum_holds_nobody_is_named_beside_what_was_said(guarded: None, behind: Behind) -> None:
    _, drawn = behind(NPS, values={"channel": "app"}, take=50)
    assert "hidden" not in drawn.facts
    assert drawn.frame["comment"].notna().any()
    assert not drawn.frame[["customer_id", "answer_id", "answered_at", "channel"]].notna().any(axis=None)


def test_who_is_entitled_to_single_answers_sees_them_whole(guarded: None, behind: Behind) -> None:
    _, drawn = behind(NPS, values={"channel": "web"}, viewer=Scope(single_answers=True))
    assert sorted(drawn.frame["customer_id"]) == ["c0", "c3", "c6", "c9"]


def test_public_reviews_are_shown_whatever_the_minimum(guarded: None, behind: Behind) -> None:
    sql = "select brand, tally(n, w, w2, wx, wx2) as figure from ratings where metric = 'rating' group by brand"
    _, drawn = behind(sql, values={"brand": "theirs"})
    assert drawn.frame["comment"].tolist() == ["제목\n본문 2"]


def test_a_comment_under_another_name_is_guarded_too(
    guarded: None, shop: "Company", ask: Callable[..., Answer]
) -> None:
    shop.current()
    answer = ask("select comment as said, customer_id, count(*) over () as n from responses where channel = 'web'")
    assert answer.facts == {"minimum": 8, "hidden": 4}
    assert not answer.frame["said"].notna().any() and not answer.frame["customer_id"].notna().any()


# --- the list to call back ------------------------------------------------------------------------------------


def test_the_list_to_call_back_has_the_low_scores_of_the_last_day(shop: "Company", engine: Engine) -> None:
    shop.answers(
        [
            {"response_id": "old", "score": 0, "responded_at": "2026-05-01T10:00:00+09:00", "customer_id": "a"},
            {"response_id": "six", "score": 6, "responded_at": "2026-05-02T10:00:00+09:00", "customer_id": "b"},
            {"response_id": "two", "score": 2, "responded_at": "2026-05-02T09:00:00+09:00", "customer_id": "c"},
            {"response_id": "ten", "score": 10, "responded_at": "2026-05-02T11:00:00+09:00", "customer_id": "d"},
        ],
        "responses/b.parquet",
    )
    shop.current()
    answer = engine.answer("voice/call_back", Filters(YEAR))
    assert answer.frame["customer_id"].tolist() == ["c", "b"]
    assert engine.answer("voice/call_back", Filters(YEAR), {"days": 2}).frame["customer_id"].tolist() == ["a", "c", "b"]


def test_single_answers_have_their_metrics_weight_and_value(shop: "Company", ask: Callable[..., Answer]) -> None:
    shop.current()
    frame = ask("select metric, score, w, x from single_answers where metric in ('nps', 'rating') order by all").frame
    assert frame[frame["metric"] == "nps"]["x"].sum() == 7 - 3
    assert sorted(frame[frame["metric"] == "rating"]["x"]) == [1, 4, 5]
    assert not math.isnan(frame["w"].sum())


def test_the_question_that_looks_behind_is_shipped() -> None:
    assert {BEHIND, SAID} <= set(QUESTIONS)
