"""Too few people behind a figure hide it, wherever it would appear, and what is left does not give it away."""

import csv
import io
import math
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cx import privacy
from cx.__main__ import main
from cx.engine import Engine
from cx.errors import QueryError
from cx.figures import Answer
from cx.periods import Period
from cx.scope import NO_VALUE, Scope
from cx.settings import Minimum, Privacy

if TYPE_CHECKING:
    from conftest import Company

pytestmark = pytest.mark.xdist_group("privacy")  # its companies are published once

Ask = Callable[..., Answer]
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
FEBRUARY = Period(date(2026, 2, 1), date(2026, 3, 1))
TALLY = "tally(n, w, w2, wx, wx2) as figure"
ENTITLED = Scope("entitled", single_answers=True)


# --- how many are too few --------------------------------------------------------------------------------------


def test_the_strictest_minimum_of_the_surveys_in_an_answer_holds() -> None:
    rules = Privacy(Minimum(3, 4), {"exit": Minimum(5, 8), "orders": Minimum(0, 0)})
    assert rules.minimum(["exit"], others=False) == Minimum(5, 8)
    assert rules.minimum(["orders"], others=False) == Minimum(0, 0)
    assert rules.minimum(["orders", "exit"], others=False) == Minimum(5, 8)
    assert rules.minimum(["orders", "pulse"], others=False) == Minimum(3, 4), "a survey not named has that of every one"
    assert rules.minimum(["orders"]) == Minimum(3, 4), "answers of other surveys may be in it"
    assert rules.minimum([], others=False) == Minimum(3, 4)
    assert Privacy().minimum(["orders"]) == Minimum(0, 0), "without a setting nothing is hidden"


def hidden(frame: pd.DataFrame, n: Sequence[float], minimum: int = 5, people: Sequence[float] | None = None) -> str:
    """Which rows are hidden, as a word of x and dots."""
    counted = None if people is None else pd.Series(people, dtype=float)
    mask = privacy.hidden(frame, privacy.keys(frame), pd.Series(n, dtype=float), minimum, counted)
    return "".join("x" if secret else "." for secret in mask)


def segments(count: int) -> pd.DataFrame:
    return pd.DataFrame({"metric": "nps", "segment": [f"s{number}" for number in range(count)]})


@pytest.mark.parametrize(
    ("n", "word"),
    [
        ((40, 20, 5, 30), "...."),
        ((40, 20, 4, 30), ".xx."),  # the sum of all less the others would tell the one: the next smallest goes too
        ((40, 4, 4, 30), ".xx."),  # two that stand for eight together
        ((40, 2, 2, 30), ".xxx"),  # two that stand for four together: the third smallest goes too
        ((40, 0, 4, 30), "..xx"),  # nobody is nothing to hide behind
        ((4, 0, 0, 0), "x..."),  # there is nothing left to hide
        ((math.nan, 40, 4, 30), "..xx"),
    ],
)
def test_a_hidden_row_is_never_alone_in_its_sum(n: tuple[float, ...], word: str) -> None:
    assert hidden(segments(4), n) == word


def test_people_count_where_they_are_known_and_answers_where_not() -> None:
    assert hidden(segments(3), (40, 20, 9), people=(30, 18, 1)) == ".xx"
    assert hidden(segments(3), (40, 20, 9), people=(30, 18, math.nan)) == ".xx"
    assert hidden(segments(3), (40, 20, 9), people=(90, 90, 90)) == "...", "a person is at most an answer"


def test_figures_of_two_metrics_or_dimensions_are_no_parts_of_one_sum() -> None:
    frame = pd.DataFrame({"metric": ["nps", "csat", "ces"]})
    assert hidden(frame, (40, 4, 20)) == ".x."
    frame = pd.DataFrame({"metric": "nps", "dimension": [*"aabb"], "segment": [*"wxyz"]})
    assert hidden(frame, (40, 4, 30, 20)) == "xx.."


def test_in_a_table_of_two_dimensions_every_row_and_column_keeps_its_secret() -> None:
    frame = pd.DataFrame([(row, column) for row in "abc" for column in "xyz"], columns=["segment", "segment_2"])
    # Only a × x is small; beside it y and below it b are the next smallest; b × y closes the rectangle.
    assert hidden(frame, (2, 10, 50, 11, 12, 50, 50, 50, 50)) == "xx.xx...."


def test_a_cell_alone_in_its_row_and_its_column_is_still_a_part_of_the_total() -> None:
    cells = [("a", "x"), ("b", "y"), ("b", "z"), ("c", "y")]
    assert hidden(pd.DataFrame(cells, columns=["segment", "segment_2"]), (3, 20, 40, 60)) == "xxxx"


def test_a_column_that_only_describes_another_does_not_keep_rows_apart() -> None:
    """A step with its stage and owner: the three still sum to the total of all steps."""
    frame = pd.DataFrame({"touchpoint": [*"abc"], "stage": ["buy", "use", "end"], "owner": ["Kim", "Lee", "Park"]})
    assert hidden(frame, (40, 20, 3)) == ".xx"
    steps = [(step, f"stage of {step}", channel) for step in "abc" for channel in ("app", "web")]
    frame = pd.DataFrame(steps, columns=["touchpoint", "stage", "channel"])
    assert hidden(frame, (40, 40, 20, 30, 3, 10)) == "..xxxx", "each channel, too, has a total"


def test_rows_that_only_a_number_keeps_apart_have_a_sum_too() -> None:
    assert hidden(pd.DataFrame({"hour": [9, 10, 11], "mean": [1.0, 2.0, 3.0]}), (40, 20, 3)) == ".xx"
    frame = pd.DataFrame({"segment": [*"aaabbb"], "hour": [9, 10, 11] * 2})
    assert hidden(frame, (40, 20, 3, 50, 60, 2)) == ".xxx.x", "each segment's hours sum to it"


def test_the_keys_of_a_row_are_its_texts_days_and_score_and_no_number_or_list() -> None:
    frame = pd.DataFrame(
        {
            "segment": ["a"],
            "period": [date(2026, 3, 1)],
            "score": [9.0],
            "there": [True],
            "value": [1.5],
            "n": [3],
            "scores": [[9, 10]],
            "sums": [{"n": 3}],
        }
    )
    assert privacy.keys(frame) == ["segment", "period", "score", "there"]


COUNTS = st.integers(0, 12) | st.integers(0, 400)


@st.composite
def tables(draw: st.DrawFn) -> tuple[pd.DataFrame, list[int], list[int]]:
    """A table of one or two dimensions with all margins shown, and answers and people per cell."""
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    cells = [(f"r{row}", f"c{column}") for row in range(rows) for column in range(columns)]
    cells = [cell for cell in cells if draw(st.integers(0, 5))]
    n = [draw(COUNTS) for _ in cells]
    people = [draw(st.integers(min(count, 1), count)) for count in n]
    return pd.DataFrame(cells, columns=["segment", "segment_2"]), n, people


@given(tables(), st.integers(2, 10))
@hypothesis_settings(max_examples=300, deadline=None)
def test_no_hidden_cell_of_a_table_with_margins_can_be_found_by_subtraction(table: Any, minimum: int) -> None:
    frame, n, people = table
    answers, known = np.array(n), np.array(people)
    mask = privacy.hidden(frame, privacy.keys(frame), pd.Series(n), minimum, pd.Series(people))
    assert mask[(answers > 0) & (known < minimum)].all(), "what stands on too few is hidden"
    assert not mask[answers == 0].any(), "where nobody answered is nothing to hide"
    assert mask.any() == ((answers > 0) & (known < minimum)).any(), "and nothing is hidden for its own sake"
    lines = [group.index for column in frame for _, group in frame.groupby(column)]
    for line in [frame.index, *lines]:
        secret = mask[line]
        left = (answers[line] > 0) & ~secret
        if secret.any() and left.any():
            assert secret.sum() >= 2
            assert known[line][secret].sum() >= minimum


# --- the whole way -----------------------------------------------------------------------------------------------

CHANGE = f"""
with now as (select segment, {TALLY} from scores where metric = 'nps' group by all),
earlier as (select segment, {TALLY} from scores_before where metric = 'nps' group by all)
select coalesce(now.segment, earlier.segment) as segment, now.figure as figure, earlier.figure as figure_before
from now full join earlier on now.segment = earlier.segment order by segment
"""


PLAIN = "select region, sum(n) as n, sum(wx) / sum(w) as mean from scores where metric = 'nps' group by region"


def fill(company: "Company") -> None:
    """NPS answers of named people by region and month, one region of one busy person; reviews of two brands."""
    company.text("cx.toml", "[privacy]\nscores = 5\nsurveys = { orders = { scores = 0 } }\n")
    rows: list[dict[str, Any]] = []

    def add(month: int, region: str, scores: Sequence[int], people: int = 0, **more: str) -> None:
        for score in scores:
            person = f"p{len(rows) % people}" if people else f"c{len(rows)}"
            moment = f"2026-{month:02}-10T12:00:00+09:00"
            row = {"score": score, "region": region, "responded_at": moment, "customer_id": person}
            rows.append(row | {"survey": None, "touchpoint": None} | more)

    add(3, "seoul", [9] * 40)
    add(3, "busan", [9] * 12 + [3] * 8)
    add(3, "jeju", [0] * 3)
    add(2, "seoul", [9] * 4)
    add(2, "busan", [3] * 20)
    add(2, "jeju", [9] * 30)
    add(5, "seoul", [9] * 40)
    add(5, "busan", [3] * 30)
    add(5, "jeju", [9] * 5, people=1)
    for step, many in (("home", 40), ("shop", 20), ("help", 3)):
        add(7, "daegu", [9] * many, touchpoint=step)
    add(8, "ulsan", [9] * 3, survey="orders")
    add(9, "ulsan", [9] * 40)
    add(9, "busan", [3] * 3)
    company.answers(rows)
    steps = [("home", "browse", "Kim"), ("shop", "buy", "Lee"), ("help", "after", "Park")]
    company.write(
        "touchpoints/a.parquet",
        [
            {"touchpoint": step, "position": float(place), "stage": stage, "owner": owner}
            for place, (step, stage, owner) in enumerate(steps, 1)
        ],
    )
    reviews = [("A", 5.0), ("A", 4.0), ("B", 1.0)]
    company.write(
        "reviews/a.parquet",
        [
            {"review_id": f"v{place}", "reviewed_at": "2026-03-02T12:00:00+09:00", "brand": brand, "rating": rating}
            for place, (brand, rating) in enumerate(reviews)
        ],
    )


@pytest.fixture(scope="module")
def guarded(make: Any, open_engine: Any) -> tuple["Company", Engine, Ask]:
    company: Company = make("guarded")
    fill(company)
    company.question("own/change", CHANGE)
    company.question("own/plain", PLAIN)
    company.publish()
    return (company, *open_engine(company))


@pytest.fixture
def ask(guarded: tuple["Company", Engine, Ask]) -> Ask:
    return guarded[2]


def by_segment(answer: Answer, column: str = "value", key: str = "segment") -> dict[Any, Any]:
    return {
        place: None if pd.isna(value) else value
        for place, value in zip(answer.frame[key], answer.frame[column], strict=True)
    }


def test_a_figure_below_the_minimum_and_the_next_smallest_are_hidden(ask: Ask) -> None:
    found = ask(CHANGE, by="region", period=MARCH)
    assert by_segment(found) == {"busan": None, "jeju": None, "seoul": 100}
    assert by_segment(found, "n") == {"busan": 0, "jeju": 0, "seoul": 40}
    assert by_segment(found, "hidden") == {"busan": True, "jeju": True, "seoul": False}
    assert found.frame.loc[:1, ["low", "high"]].isna().all(axis=None)
    assert (found.facts["minimum"], found.facts["hidden"]) == (5, 2)


def test_a_previous_figure_is_hidden_by_its_own_answers_and_its_change_with_it(ask: Ask) -> None:
    found = ask(CHANGE, by="region", period=MARCH, before=FEBRUARY)
    assert by_segment(found, "value") == {"busan": None, "jeju": None, "seoul": 100}
    assert by_segment(found, "previous") == {"busan": None, "jeju": 100, "seoul": None}
    assert by_segment(found, "previous_n") == {"busan": 0, "jeju": 30, "seoul": 0}
    assert found.frame[["change", "change_low", "change_high", "change_margin", "change_p"]].isna().all(axis=None)
    assert found.frame["verdict"].tolist() == [""] * 3
    now = ask(CHANGE, by="region", period=FEBRUARY)
    assert by_segment(now) == by_segment(found, "previous"), "what is hidden now stays so when it is looked back at"


def test_where_all_stand_on_enough_nothing_is_hidden(ask: Ask) -> None:
    found = ask(CHANGE, by="region", period=MARCH, where={"region": ["seoul", "busan"]})
    assert by_segment(found) == {"busan": pytest.approx(20), "seoul": 100}
    assert "hidden" not in found.facts and "hidden" not in found.frame


def test_csv_holds_no_hidden_figure(guarded: tuple["Company", Engine, Ask], capsys: pytest.CaptureFixture[str]) -> None:
    company = guarded[0]

    def printed(name: str, *options: str) -> list[dict[str, str]]:
        folders = ["--data", str(company.data), "--queries", str(company.queries)]
        period = ["--from", "2026-03-01", "--to", "2026-04-01", "--format", "csv"]
        assert main(["query", *folders, *period, *options, name]) == 0
        return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))

    rows = {row["segment"]: row for row in printed("own/change", "--by", "region")}
    assert (rows["seoul"]["value"], rows["seoul"]["n"]) == ("100.0", "40")
    for region in ("busan", "jeju"):
        shown = {name for name, text in rows[region].items() if text not in ("", "0")}
        assert shown <= {"segment", "hidden", "previous", "previous_n"}
    plain = {row["region"]: row for row in printed("own/plain")}
    assert plain["seoul"] == {"region": "seoul", "n": "40.0", "mean": "1.0", "hidden": "False"}
    assert plain["jeju"] == {"region": "jeju", "n": "", "mean": "", "hidden": "True"}
    assert plain["busan"]["mean"] == ""


def test_plain_numbers_of_a_question_of_ones_own_are_hidden_by_its_n(ask: Ask) -> None:
    sql = "select region, count(*) as n, avg(score) as mean, list(score) as scores from responses where metric = 'nps'"
    found = ask(f"{sql} group by region", period=MARCH)
    assert by_segment(found, "mean", "region") == {"seoul": 9, "busan": None, "jeju": None}
    assert by_segment(found, "n", "region") == {"seoul": 40, "busan": None, "jeju": None}
    lists = dict(zip(found.frame["region"], found.frame["scores"], strict=True))
    assert lists["jeju"] is None and lists["busan"] is None and len(lists["seoul"]) == 40
    assert (found.facts["minimum"], found.facts["hidden"]) == (5, 2)


@pytest.mark.parametrize("table", ["scores", "responses"])
def test_a_question_of_ones_own_must_say_how_many_answers_stand_behind_its_rows(ask: Ask, table: str) -> None:
    with pytest.raises(QueryError, match="does not say how many answers") as caught:
        ask(f"select region, max(score) as mean from {table} group by region", period=MARCH)
    assert "sum(n) as n" in caught.value.hint and "`base`" in caught.value.hint and "5" in caught.value.hint
    assert (caught.value.file, caught.value.line) == ("questions/custom/asked.sql", 1)


def test_a_question_that_reads_no_single_answers_needs_no_n(ask: Ask) -> None:
    assert ask("select touchpoint, stage from touchpoints order by position").frame["touchpoint"].tolist() == [
        "home",
        "shop",
        "help",
    ]


def test_public_reviews_are_not_hidden(ask: Ask) -> None:
    found = ask(f"select brand, {TALLY} from ratings where metric = 'rating' group by brand", period=MARCH)
    assert by_segment(found, key="brand") == {"A": 4.5, "B": 1}
    plain = ask("select brand, avg(rating) as mean from reviews group by brand order by brand", period=MARCH)
    assert plain.frame["mean"].tolist() == [4.5, 1]


def test_a_viewer_entitled_to_single_answers_sees_all(ask: Ask) -> None:
    found = ask(CHANGE, by="region", period=MARCH, before=FEBRUARY, viewer=ENTITLED)
    assert by_segment(found) == {"busan": pytest.approx(20), "jeju": -100, "seoul": 100}
    assert by_segment(found, "previous") == {"busan": -100, "jeju": 100, "seoul": 100}
    assert "hidden" not in found.facts
    sql = "select region, avg(score) as mean from responses group by region"
    assert by_segment(ask(sql, period=MARCH, viewer=ENTITLED), "mean", "region")["jeju"] == 0
    assert by_segment(ask(CHANGE, by="region", period=MARCH))["jeju"] is None, "and the next viewer does not"


def test_five_answers_of_one_customer_are_one_person(ask: Ask) -> None:
    may = Period(date(2026, 5, 1), date(2026, 6, 1))
    assert by_segment(ask(CHANGE, by="region", period=may)) == {"busan": None, "jeju": None, "seoul": 100}
    june = Period(date(2026, 6, 1), date(2026, 7, 1))
    before = ask(CHANGE, by="region", period=june, before=may)
    assert by_segment(before, "previous") == {"busan": None, "jeju": None, "seoul": 100}


def test_beyond_ninety_days_answers_stand_for_people(ask: Ask) -> None:
    days = {90: Period(date(2026, 4, 1), date(2026, 6, 30)), 91: Period(date(2026, 4, 1), date(2026, 7, 1))}
    assert {number: period.days for number, period in days.items()} == {90: 90, 91: 91}
    assert by_segment(ask(CHANGE, by="region", period=days[90]))["jeju"] is None
    assert by_segment(ask(CHANGE, by="region", period=days[91]))["jeju"] == 100


def test_a_survey_of_ones_own_minimum_is_judged_by_it_where_only_it_is_asked_for(ask: Ask) -> None:
    august = Period(date(2026, 8, 1), date(2026, 9, 1))

    def value(**options: Any) -> Any:
        return by_segment(ask(CHANGE, by="region", period=august, **options))["ulsan"]

    assert value() is None, "other surveys may be in it"
    assert value(where={"survey": ["orders"]}) == 100
    assert value(where={"survey": ["orders", NO_VALUE]}) is None


def test_steps_with_their_stage_are_hidden_as_parts_of_the_journey(ask: Ask) -> None:
    sql = """
    select scores.touchpoint, touchpoints.stage, touchpoints.owner,
        tally(scores.n, scores.w, scores.w2, scores.wx, scores.wx2) as figure
    from scores left join touchpoints on scores.touchpoint = touchpoints.touchpoint
    where scores.metric = 'nps' group by all
    """
    july = Period(date(2026, 7, 1), date(2026, 8, 1))
    found = ask(sql, period=july)
    assert by_segment(found, key="touchpoint") == {"home": 100, "shop": None, "help": None}


def test_hidden_parts_of_a_change_are_pooled_and_still_sum_to_it(ask: Ask) -> None:
    september = Period(date(2026, 9, 1), date(2026, 10, 1))
    found = ask(CHANGE, "analysis: contributions", by="region", period=september, before=MARCH)
    # Now: ulsan 40, busan 3. Before: seoul 40, busan 20, jeju 3. Hidden are jeju (and with it busan), busan and ulsan.
    parts = found.frame.set_index("segment")
    assert set(parts.index) == {"seoul", "(other)"}
    assert (parts.loc["(other)", "n"], parts.loc["(other)", "previous_n"]) == (43, 23)
    assert (parts.loc["seoul", "n"], parts.loc["seoul", "previous_n"]) == (0, 40)
    start, end = found.facts["start"], found.facts["end"]
    assert (start, end) == (pytest.approx(100 * (40 + 12 - 8 - 3) / 63), pytest.approx(100 * 37 / 43))
    assert parts[["rate", "mix"]].to_numpy().sum() == pytest.approx(end - start)
    assert parts["share"].sum() == pytest.approx(100) and parts["share_before"].sum() == pytest.approx(100)


BARS = """
select metric, score, sum(n)::bigint as answers, sum(sum(n)) over (partition by metric)::bigint as base
from scores where metric = 'nps' group by metric, score order by score
"""


def test_a_bar_is_judged_by_all_answers_of_its_figure_and_not_by_its_own(ask: Ask) -> None:
    found = ask(BARS, period=Period(date(2026, 9, 1), date(2026, 10, 1)))
    assert by_segment(found, "answers", "score") == {3: 3, 9: 40}, "three of forty-three may be shown"
    alone = ask(BARS, period=MARCH, where={"region": ["jeju"]})
    assert alone.frame[["answers", "base"]].isna().all(axis=None)


def test_without_a_minimum_the_smallest_figure_is_shown(company: "Company", ask_freely: Ask) -> None:
    company.scores(0, 0, region="jeju")
    company.publish()
    found = ask_freely(CHANGE, by="region", period=MARCH)
    assert by_segment(found) == {"jeju": -100}
    assert by_segment(
        ask_freely("select region, max(score) as mean from scores group by region"), "mean", "region"
    ) == {"jeju": 0}


@pytest.fixture
def ask_freely(company: "Company", engine: Engine, asking: Callable[..., Ask]) -> Ask:
    return asking(company, engine)


def test_a_minimum_that_is_set_later_holds_at_once(company: "Company", ask_freely: Ask) -> None:
    company.scores(0, 0, region="jeju")
    company.publish()
    assert by_segment(ask_freely(CHANGE, by="region", period=MARCH)) == {"jeju": -100}
    company.text("cx.toml", "[privacy]\nscores = 3\n")
    assert by_segment(ask_freely(CHANGE, by="region", period=MARCH)) == {"jeju": None}


def test_numbers_and_texts_beside_a_hidden_figure_are_hidden_too(ask: Ask) -> None:
    plain = "sum(n)::bigint as answers, max(score) as best, sum(wx) / sum(w) as mean, any_value(upper(region)) as said"
    found = ask(f"select metric, segment, {TALLY}, {plain} from scores group by all", by="region", period=MARCH).frame
    shown = found[found["metric"] == "nps"].set_index("segment")[["answers", "best", "mean", "said"]]
    assert shown.loc[["busan", "jeju"]].isna().all(axis=None)
    assert shown.loc["seoul"].tolist() == [40, 9, 1, "SEOUL"]


def test_a_hidden_row_tells_neither_who_answered_nor_what(ask: Ask) -> None:
    single = "select customer_id, score, response_id as said, count(*) as n from responses where metric = 'nps'"
    found = ask(f"{single} and region = 'jeju' group by all", period=MARCH).frame
    assert found.drop(columns="hidden").isna().all(axis=None)
    bars = ask(BARS, period=MARCH, where={"region": ["jeju"]}).frame
    assert bars[["score", "answers", "base"]].isna().all(axis=None)


def test_a_rest_pooled_from_too_few_is_not_shown(ask: Ask) -> None:
    jeju = {"region": ["jeju"]}
    found = ask(CHANGE, "analysis: contributions", by="region", period=MARCH, before=FEBRUARY, where=jeju)
    assert found.frame.loc[0, "n"] == 0 and math.isnan(found.frame.loc[0, "value"])


def test_a_column_called_owner_may_stand_beside_pooled_parts(ask: Ask) -> None:
    september = Period(date(2026, 9, 1), date(2026, 10, 1))
    sql = CHANGE.replace("select coalesce", "select 'Kim' as owner, coalesce")
    found = ask(sql, "analysis: contributions", by="region", period=september, before=MARCH)
    assert set(found.frame["segment"]) == {"seoul", "(other)"}


def test_where_no_metric_is_named_people_of_all_metrics_count(ask: Ask) -> None:
    sql = "select region, count(*) as n, avg(score) as mean from responses group by region"
    may = Period(date(2026, 5, 1), date(2026, 6, 1))
    for period in (MARCH, may):
        found = by_segment(ask(sql, period=period), "mean", "region")
        assert found == {"seoul": 9, "busan": None, "jeju": None}


def test_people_are_counted_also_where_a_month_or_a_text_stands_beside_the_dimension(ask: Ask) -> None:
    more = "date_trunc('month', day) as month, upper(region) as said"
    sql = f"select region, {more}, {TALLY} from scores where metric = 'nps' group by all"
    found = ask(sql, period=Period(date(2026, 5, 1), date(2026, 6, 1)))
    assert by_segment(found, key="region") == {"seoul": 100, "busan": None, "jeju": None}


def test_two_viewers_of_one_name_do_not_share_answers(ask: Ask) -> None:
    entitled = ask(CHANGE, by="region", period=MARCH, viewer=Scope(Scope().id, single_answers=True))
    assert by_segment(entitled)["jeju"] == -100
    assert by_segment(ask(CHANGE, by="region", period=MARCH))["jeju"] is None


# --- what customers wrote ----------------------------------------------------------------------------------------

WRITTEN = "select region, comment, count(*) over () as base from responses where comment is not null"


@pytest.fixture(scope="module")
def written(make: Any, open_engine: Any) -> Ask:
    """Comments of nine people in Seoul, of two in Jeju and of one busy person in Busan; eight people it takes."""
    company: Company = make("written")
    company.text("cx.toml", "[privacy]\ncomments = 8\nsurveys = { orders = { comments = 0 } }\n")
    rows: list[dict[str, Any]] = []

    def add(region: str, people: Sequence[str], **more: Any) -> None:
        for person in people:
            said = {"comment": f"{region} {len(rows)}", "score": 9, "customer_id": person, "region": region}
            rows.append(said | {"survey": None, "responded_at": "2026-03-10T12:00:00+09:00"} | more)

    add("seoul", [f"s{number}" for number in range(9)])
    add("jeju", ["j1", "j2"])
    add("busan", ["b1"] * 12)
    add("ulsan", ["u1", "u2"], survey="orders", responded_at="2026-05-10T12:00:00+09:00")
    add("seoul", [f"a{number}" for number in range(7)], responded_at="2026-06-10T12:00:00+09:00")
    rows += [row | {"response_id": f"n{place}", "customer_id": None} for place, row in enumerate(rows[:3])]
    company.answers(rows)
    review = {"review_id": "v", "reviewed_at": "2026-03-10T12:00:00+09:00", "brand": "A", "rating": 5.0, "body": "fine"}
    company.write("reviews/a.parquet", [review])
    company.publish()
    ask: Ask = open_engine(company)[1]
    return ask


def regions(answer: Answer) -> dict[str, int]:
    """Whose comments were answered, which begin with their region's name."""
    texts = answer.frame["comment" if "comment" in answer.frame else "text"].dropna()
    return {str(region): int(count) for region, count in texts.str.split().str[0].value_counts().items()}


def test_comments_are_shown_where_enough_people_stand_behind_them(written: Ask) -> None:
    assert regions(written(WRITTEN, period=MARCH)) == {"seoul": 12}, "twelve answers of one person are one person"


def test_a_comment_whose_region_is_not_told_has_all_regions_behind_it(written: Ask) -> None:
    sql = "select comment, count(*) over () as base from responses where comment is not null"
    assert regions(written(sql, period=MARCH)) == {"seoul": 12, "jeju": 2, "busan": 12}
    assert regions(written(sql, period=MARCH, where={"region": ["jeju"]})) == {}, "nor by a filter"
    forged = "select comment, 100 as base from responses where comment is not null and region = 'jeju'"
    assert regions(written(forged, period=MARCH)) == {}, "nor by a condition of the question, whatever base it tells"


def test_a_split_by_a_dimension_sets_people_apart(written: Ask) -> None:
    sql = "select segment, comment, count(*) over () as base from responses where comment is not null"
    assert regions(written(sql, by="region", period=MARCH)) == {"seoul": 12}


def test_seven_people_are_too_few_whatever_is_done_with_their_words(written: Ask) -> None:
    june = Period(date(2026, 6, 1), date(2026, 7, 1))
    assert regions(written(WRITTEN, period=june)) == {}
    sql = "select length(min(comment)) as letters, 100 as base from responses"
    assert written(sql, period=june).frame["letters"].isna().all()
    assert not written(sql, period=MARCH).frame["letters"].isna().any()


def test_a_survey_that_promised_nothing_shows_the_comments_of_two(written: Ask) -> None:
    may = Period(date(2026, 5, 1), date(2026, 6, 1))
    assert regions(written(WRITTEN, period=may)) == {}
    assert regions(written(WRITTEN, period=may, where={"survey": ["orders"]})) == {"ulsan": 2}


def test_who_is_entitled_to_single_answers_reads_every_comment(written: Ask) -> None:
    assert regions(written(WRITTEN, period=MARCH, viewer=ENTITLED)) == {"seoul": 12, "jeju": 2, "busan": 12}


def test_the_voices_of_few_are_not_read_among_public_reviews_either(written: Ask) -> None:
    sql = "select region, text, 100 as base from comments where text is not null or words is not null"
    assert regions(written(sql, period=MARCH)) == {"seoul": 12, "fine": 1}
    june = Period(date(2026, 6, 1), date(2026, 7, 1))
    assert regions(written(sql, period=june)) == {}
