"""Tables of an answer hold only what was asked; which rollup was read never shows in a figure."""

import dataclasses
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pytest

from cx import rollups, scope
from cx.engine import Engine
from cx.errors import QueryError
from cx.periods import Period
from cx.scope import NO_VALUE, Filters
from cx.snapshot import Rollup

if TYPE_CHECKING:
    from conftest import Company

pytestmark = pytest.mark.xdist_group("scope")  # its companies are published once

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
FEBRUARY = Period(date(2026, 2, 1), date(2026, 3, 1))


# --- filters, periods and twins ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared(make: Any, open_engine: Any) -> tuple["Company", Engine, Any]:
    """Twelve answers: region × channel, February and March, one of each without a region."""
    company: Company = make("answered")
    rows = [
        {
            "score": score,
            "region": region,
            "channel": channel,
            "customer_id": f"c{score}",
            "responded_at": f"2026-{month}-10T12:00:00+09:00",
        }
        for month, base in (("02", 0), ("03", 1))
        for score, region, channel in [
            (base, "서울", "app"),
            (base + 2, "서울", "web"),
            (base + 4, "부산", "app"),
            (base + 6, "부산", "web"),
            (base + 8, None, "app"),
            (base + 9, "O'Brien; drop table x", "app"),
        ]
    ]
    company.answers(rows)
    company.publish()
    return company, *open_engine(company)


@pytest.fixture
def ask(request: pytest.FixtureRequest, shared: tuple["Company", Engine, Any], asking: Any) -> Any:
    """Asks a question of the twelve answers, or of a test's own company where it names one."""
    if "company" in request.fixturenames:
        return asking(request.getfixturevalue("company"), request.getfixturevalue("engine"))
    return shared[2]


SCORES = "select list(score order by score) as found from scores"


def found(answer: Any) -> list[float]:
    value = answer.frame.loc[0, "found"]
    return [] if value is None else list(value)


def test_a_table_holds_the_asked_period_only_first_day_in_last_day_out(ask: Any) -> None:
    assert found(ask(SCORES, period=MARCH)) == [1, 3, 5, 7, 9, 10]
    assert found(ask(SCORES, period=Period(date(2026, 3, 10), date(2026, 3, 11)))) == [1, 3, 5, 7, 9, 10]
    assert found(ask(SCORES, period=Period(date(2026, 3, 9), date(2026, 3, 10)))) == []
    assert found(ask(SCORES, period=Period(date(2026, 3, 11), date(2026, 3, 12)))) == []


@pytest.mark.parametrize("table", ["scores", "responses"])
@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ({"region": ["서울"]}, [1, 3]),
        ({"region": ["서울", "부산"]}, [1, 3, 5, 7]),
        ({"region": ["서울"], "channel": ["web"]}, [3]),
        ({"region": [NO_VALUE]}, [9]),
        ({"region": [NO_VALUE, "서울"]}, [1, 3, 9]),
        ({"region": ["O'Brien; drop table x"]}, [10]),
        ({"region": []}, []),
        ({"metric": ["nps"]}, [1, 3, 5, 7, 9, 10]),
        ({"metric": ["csat"]}, []),
        ({"region": ["서울"] * 500 + ["부산"]}, [1, 3, 5, 7]),
    ],
)
def test_a_filter_narrows_by_value_and_a_value_is_only_a_value(
    ask: Any, table: str, where: Mapping[str, list[str]], wanted: list[float]
) -> None:
    """A35: quotes and SQL in a value find nothing but themselves."""
    assert found(ask(SCORES.replace("scores", table), where=where, period=MARCH)) == wanted


@pytest.mark.parametrize(
    "value", ["' or 1=1 --", "서울') or ('1'='1", "$cx_from", "x" * 1_000_000, "\x00", "서울\udcff", ""]
)
def test_a_value_that_no_row_has_is_refused_in_a_few_words(ask: Any, value: str) -> None:
    """A35."""
    with pytest.raises(QueryError, match="“region” has no value") as caught:
        ask(SCORES, where={"region": [value]})
    assert "서울" in caught.value.hint and len(str(caught.value)) < 300


@pytest.mark.parametrize("value", ["' or 1=1 --", "$cx_from", "x" * 1_000_000, "\x00", ""])
def test_a_value_of_a_column_without_a_list_of_values_is_only_a_value(ask: Any, value: str) -> None:
    """A35: the customers' ids are too many to list, so any text is asked for, and found nowhere."""
    assert found(ask(SCORES.replace("scores", "responses"), where={"customer_id": [value]})) == []
    assert found(ask(SCORES.replace("scores", "responses"), where={"customer_id": ["c3", value]})) == [3]


def test_a_filter_or_split_by_an_unknown_column_names_the_nearest(ask: Any) -> None:
    for asked in ({"where": {"regoin": ["서울"]}}, {"by": "regoin"}, {"by_2": "regoin"}):
        with pytest.raises(QueryError, match="“regoin”") as caught:
            ask("select segment, segment_2 from scores", **asked)
        assert "“region”" in caught.value.hint


@pytest.mark.parametrize("column", ["cx_file", "cx_source", '"; drop table x; --', "region = '서울' or region"])
def test_what_is_no_dimension_cannot_be_filtered_or_split_by(ask: Any, column: str) -> None:
    with pytest.raises(QueryError, match="no segment"):
        ask(SCORES, where={column: ["1"]})
    with pytest.raises(QueryError, match="no segment"):
        ask("select segment from scores", by=column)


def test_a_before_table_holds_the_comparison_and_nothing_without_one(ask: Any) -> None:
    sql = SCORES.replace("scores", "scores_before")
    assert found(ask(sql, period=MARCH, before=FEBRUARY)) == [0, 2, 4, 6, 8, 9]
    assert found(ask(sql, period=MARCH, before=FEBRUARY, where={"region": ["서울"]})) == [0, 2]
    assert found(ask(sql, period=MARCH)) == []
    assert found(ask(SCORES.replace("scores", "responses_before"), period=MARCH, before=FEBRUARY)) == [0, 2, 4, 6, 8, 9]


def test_a_year_table_holds_the_same_days_a_year_earlier(company: "Company", ask: Any) -> None:
    company.answers(
        [
            {"score": 1, "responded_at": "2025-03-31T12:00:00+09:00"},
            {"score": 2, "responded_at": "2025-04-01T12:00:00+09:00"},
            {"score": 9},
        ]
    )
    company.publish()
    assert found(ask(SCORES.replace("scores", "scores_year"), period=MARCH)) == [1]


def test_the_split_puts_a_column_in_for_segment(ask: Any) -> None:
    sql = "select segment, segment_2, sum(n) as n from scores group by all order by all nulls last"
    rows = ask(sql, period=MARCH, by="channel", by_2="region").frame
    assert [list(row) for row in rows.fillna("-").itertuples(index=False)] == [
        ["app", "O'Brien; drop table x", 1],
        ["app", "부산", 1],
        ["app", "서울", 1],
        ["app", "-", 1],
        ["web", "부산", 1],
        ["web", "서울", 1],
    ]
    assert ask(sql, period=MARCH).frame["segment"].isna().all(), "no split is one segment without a name"
    assert list(ask(sql, "by: channel", period=MARCH).frame["segment"].unique()) == ["app", "web"], (
        "the question's own split"
    )
    assert ask(sql, "by: channel", period=MARCH, by="none").frame["segment"].isna().all()


def test_a_window_looks_back_from_the_end_of_the_period(ask: Any) -> None:
    assert found(ask(SCORES, "window: 2 months", period=MARCH)) == [*range(11)]
    assert found(ask(SCORES, "window: 1 month", period=MARCH)) == [1, 3, 5, 7, 9, 10]
    assert found(ask(SCORES, "window: 2 weeks", period=MARCH)) == []
    assert found(ask(SCORES, "window: 4 weeks", period=MARCH)) == [1, 3, 5, 7, 9, 10]
    sql = "select $period_from as first, $period_to as past from scores limit 1"
    assert ask(sql, "window: 2 months", period=MARCH).frame.iloc[0].tolist() == [date(2026, 2, 1), date(2026, 4, 1)]


@pytest.mark.parametrize(
    ("window", "start"),
    [
        ("", date(2026, 3, 10)),
        ("1 month", date(2026, 3, 1)),
        ("3 months", date(2026, 1, 1)),
        ("13 weeks", date(2025, 12, 16)),
    ],
)
def test_a_window_begins_on_the_first_of_a_month_or_so_many_weeks_ago(window: str, start: date) -> None:
    period = Period(date(2026, 3, 10), date(2026, 3, 17))
    assert scope.looking_back(period, window) == Period(start, period.end)


def test_segments_hold_every_dimension_in_one_table(ask: Any) -> None:
    rows = ask("select dimension, value, sum(n) as n from segments group by all order by all", period=MARCH).frame
    assert [list(row) for row in rows.itertuples(index=False)] == [
        ["channel", "app", 4],
        ["channel", "web", 2],
        ["region", "O'Brien; drop table x", 1],
        ["region", "부산", 2],
        ["region", "서울", 2],
    ]
    only = ask(
        "select sum(n) as n from segments where dimension = 'channel'", period=MARCH, where={"region": ["서울"]}
    ).frame
    assert only["n"].tolist() == [2]


def test_metrics_hold_one_row_per_metric_with_its_target(company: "Company", ask: Any) -> None:
    company.scores(9)
    company.text("cx.toml", "[targets]\nnps = 40")
    company.write(
        "targets/a.parquet",
        [
            {"metric": "csat", "value": 80.0, "from": date(2026, 1, 1), "to": date(2026, 12, 31)},
            {"metric": "csat", "value": 1.0, "from": date(2020, 1, 1), "to": date(2020, 12, 31)},
        ],
    )
    company.publish()
    rows = ask("select metric, position, target, factor, scale_low, scale_high from metrics order by position").frame
    assert rows["metric"].tolist() == ["nps", "csat", "ces", "rating", "response_rate"]
    assert rows["target"].fillna(-1).tolist() == [40, 80, -1, -1, -1]
    assert rows.loc[0, ["factor", "scale_low", "scale_high"]].tolist() == [100, 0, 10]


def test_own_reviews_are_scores_and_every_brands_are_ratings(company: "Company", ask: Any) -> None:
    company.text("cx.toml", 'brand = "우리"')
    base = {"reviewed_at": "2026-03-02T12:00:00Z"}
    company.write(
        "reviews/a.parquet",
        [
            base | {"review_id": "1", "brand": "우리", "rating": 5.0},
            base | {"review_id": "2", "brand": "남", "rating": 1.0},
        ],
    )
    company.publish()
    assert ask("select list(score) as found from scores where metric = 'rating'").frame.loc[0, "found"].tolist() == [5]
    assert ask("select list(score order by score) as found from ratings").frame.loc[0, "found"].tolist() == [1, 5]


# --- invitations ----------------------------------------------------------------------------------------


RATE = "select {0}, tally(n, w, w2, wx, wx2) as figure from scores where metric = 'response_rate' group by all order by all"


@pytest.fixture(scope="module")
def invited(make: Any, open_engine: Any) -> tuple["Company", Engine, Any]:
    """Ten invitations, four answered; the customers' tier is in another table, and only answers have a region."""
    company: Company = make("invited")
    company.answers(
        [
            {"score": 9, "region": "서울", "channel": "app", "touchpoint": "pay", "customer_id": "c0"},
            {"score": 3, "region": "부산", "channel": "app", "touchpoint": "pay", "customer_id": "c5"},
        ]
    )
    company.write(
        "customers/a.parquet",
        [{"customer_id": f"c{number}", "tier": "gold" if number < 5 else "basic"} for number in range(9)],
    )
    company.write(
        "invitations/a.parquet",
        [
            {
                "invitation_id": f"i{number}",
                "sent_at": "2026-03-31T15:30:00Z" if number == 9 else "2026-03-02T12:00:00+09:00",
                "customer_id": f"c{number}",
                "touchpoint": "pay" if number < 5 else "use",
                "channel": "email" if number < 6 else "sms",
                "reminder": "yes" if number % 2 else "no",
                "response_id": f"r{number}" if number in (0, 1, 2, 6) else None,
            }
            for number in range(10)
        ],
    )
    company.publish()
    return company, *open_engine(company)


def shares(answer: Any) -> dict[Any, tuple[float, int]]:
    """Per segment: the share in per cent, and of how many invitations."""
    return {None if pd.isna(row.key) else row.key: (round(row.value, 4), row.n) for row in answer.frame.itertuples()}


def test_an_answered_invitation_is_one_and_any_other_nothing(invited: tuple["Company", Engine, Any]) -> None:
    row = invited[2](RATE.format("metric")).frame.iloc[0]
    assert (row["value"], row["n"]) == (40, 10)
    assert (round(row["low"], 1), round(row["high"], 1)) == (16.8, 68.7), "Wilson's interval of 4 of 10"


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        ("channel", {"email": (50, 6), "sms": (25, 4)}),
        ("touchpoint", {"pay": (60, 5), "use": (20, 5)}),
        ("reminder", {"yes": (20, 5), "no": (60, 5)}),
        ("tier", {"gold": (60, 5), "basic": (25, 4), None: (0, 1)}),
        ("score", {0: (0, 6), 1: (100, 4)}),
        ("day", {date(2026, 3, 2): (44.4444, 9), date(2026, 4, 1): (0, 1)}),
        ("region", {None: (40, 10)}),
        ("unit_id", {None: (40, 10)}),
    ],
)
def test_the_response_rate_of_each_segment(
    invited: tuple["Company", Engine, Any], column: str, wanted: Mapping[Any, tuple[float, int]]
) -> None:
    """Their own columns, the customers' (one is not listed there), and those that only answers have: empty."""
    answer = invited[2](RATE.format(f"{column} as key"))
    found = {key.date() if isinstance(key, pd.Timestamp) else key: value for key, value in shares(answer).items()}
    assert found == wanted
    if column not in ("score", "day"):
        assert shares(invited[2](RATE.format("segment as key"), by=column)) == wanted


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ({"channel": ["email"]}, {"response_rate": (50, 6)}),
        ({"channel": ["app"]}, {"nps": (0, 2)}),
        ({"reminder": ["yes"]}, {"response_rate": (20, 5)}),
        ({"tier": ["gold"]}, {"nps": (100, 1), "response_rate": (60, 5)}),
        ({"tier": ["basic"], "touchpoint": ["use"]}, {"response_rate": (25, 4)}),
        ({"region": ["서울"]}, {"nps": (100, 1)}),
        ({"region": [NO_VALUE]}, {"response_rate": (40, 10)}),
        ({"metric": ["response_rate"]}, {"response_rate": (40, 10)}),
    ],
)
def test_a_filter_leaves_invitations_that_have_the_value(
    invited: tuple["Company", Engine, Any],
    where: Mapping[str, list[str]],
    wanted: Mapping[str, tuple[float, int]],
) -> None:
    """A filter by what only answers have leaves no invitation, and is no error."""
    sql = "select metric as key, metric, tally(n, w, w2, wx, wx2) as figure from scores group by all"
    assert shares(invited[2](sql, where=where)) == wanted


def test_rollups_and_rows_of_invitations_give_the_same(invited: tuple["Company", Engine, Any]) -> None:
    _, engine, ask = invited
    held = engine.snapshot()
    for column in ("channel", "tier", "reminder", "region", "score"):
        summed = ask(RATE.format(f"{column} as key"))
        assert '"sums-' not in summed.sql
        question, filters = engine.catalog.question("custom/asked"), Filters(Period(date(2026, 1, 1), date(2027, 1, 1)))
        bare = engine.ask(question, filters, held=dataclasses.replace(held, rollups=()))
        assert '"sums-' in bare.sql
        pd.testing.assert_frame_equal(summed.frame, bare.frame, check_dtype=False)


def test_the_segments_of_invitations_can_be_filtered_by_and_lead_to_what_moved(
    invited: tuple["Company", Engine, Any],
) -> None:
    _, engine, ask = invited
    held = engine.snapshot()
    assert scope.dimensions(held).index("reminder") > scope.dimensions(held).index("tier")
    assert {"reminder", "tier", "channel", "touchpoint"} <= set(scope.present(held))
    assert set(held.values["channel"]) == {"app", "email", "sms"}
    assert held.journey_metrics == ("nps",), "the steps' metrics are those that were asked"
    found = ask(
        "select dimension || ' ' || value as key, tally(n, w, w2, wx, wx2) as figure from segments "
        "where metric = 'response_rate' group by all"
    )
    assert shares(found) == {
        "channel email": (50, 6),
        "channel sms": (25, 4),
        "touchpoint pay": (60, 5),
        "touchpoint use": (20, 5),
        "tier gold": (60, 5),
        "tier basic": (25, 4),
        "reminder yes": (20, 5),
        "reminder no": (60, 5),
    }


def test_without_invitations_there_is_no_response_rate(shared: tuple["Company", Engine, Any]) -> None:
    _, engine, ask = shared
    assert ask("select metric, sum(n) as n from scores group by all").frame["metric"].tolist() == ["nps"]
    assert ask(RATE.format("channel as key")).frame.empty
    assert set(engine.snapshot().values["channel"]) == {"app", "web"}
    assert "response_rate" not in scope.scored(
        engine.snapshot(), engine.catalog.metrics(), "scores", frozenset(("channel", "score"))
    )


def test_an_invitation_without_a_customer_touchpoint_or_channel_is_one_too(company: "Company", ask: Any) -> None:
    company.scores(9)
    company.write(
        "invitations/a.parquet",
        [{"invitation_id": name, "sent_at": "2026-03-02T12:00:00+09:00"} for name in ("i1", "i2")],
    )
    company.publish()
    assert shares(ask(RATE.format("channel as key"))) == {None: (0, 2)}
    assert shares(ask(RATE.format("touchpoint as key"), where={"channel": [NO_VALUE]})) == {None: (0, 2)}


@pytest.mark.parametrize(
    "table", ["reviews", "events", "customers", "units", "benchmarks", "actions", "calendar", "invitations", "targets"]
)
def test_a_table_that_nobody_exports_is_empty_and_has_its_columns(ask: Any, table: str) -> None:
    frame = ask(f"select * from {table}").frame
    assert len(frame) == 0 and len(frame.columns) >= 3


def test_a_question_finds_the_columns_that_scope_promises(ask: Any, shared: tuple["Company", Engine, Any]) -> None:
    held = shared[1].snapshot()
    for table in (
        "scores",
        "ratings",
        "segments",
        "metrics",
        "responses",
        "responses_before",
        "customers",
        "touchpoints",
    ):
        promised = scope.columns(held, table)
        names = ", ".join(f'"{name}"' for name in promised)
        assert ask(f"select {names} from {table}", period=MARCH).frame.columns.tolist() == list(promised)


def test_one_row_of_scores_is_one_combination_of_the_columns_mentioned(ask: Any) -> None:
    assert ask("select count(*) as k, sum(n) as n from scores", period=MARCH).frame.iloc[0].tolist() == [1, 6]
    assert ask("select count(*) as k, count(distinct channel) as c, sum(n) as n from scores", period=MARCH).frame.iloc[
        0
    ].tolist() == [2, 2, 6]


# --- rollups -------------------------------------------------------------------------------------------


def test_the_smallest_rollup_that_has_every_column_is_chosen() -> None:
    rollups = [
        Rollup("a", "scores", frozenset(), 1),
        Rollup("b", "scores", frozenset({"channel"}), 5),
        Rollup("c", "scores", frozenset({"channel", "region"}), 20),
        Rollup("d", "scores", frozenset({"channel", "tier"}), 10),
        Rollup("e", "ratings", frozenset({"channel", "region", "tier"}), 2),
    ]

    def chosen(*needed: str) -> str:
        rollup = scope.smallest(rollups, "scores", frozenset(needed))
        return rollup.name if rollup else ""

    assert [chosen(), chosen("channel"), chosen("tier"), chosen("channel", "region"), chosen("region", "tier")] == [
        "a",
        "b",
        "d",
        "c",
        "",
    ]


def answers_of(dice: random.Random, first: int, count: int) -> list[dict[str, Any]]:
    """Weighted answers of February and March, as one export brings them."""
    rows = []
    for number in range(first, first + count):
        metric = "nps" if number % 2 else "csat"
        rows.append(
            {
                "response_id": f"r{number}",
                "responded_at": f"2026-{2 + number % 2:02}-{1 + dice.randrange(10):02}T12:00:00+09:00",
                "metric": metric,
                "score": dice.choice([None, *range(11)]) if metric == "nps" else dice.randint(1, 5),
                "comment": "words",
                "weight": dice.choice([None, 0.5, 1.0, 3.0]),
                "channel": dice.choice(["app", "web", None]),
                "region": dice.choice(["서울", "부산", "대구"]),
                "tier": dice.choice(["vip", "basic"]),
                "customer_id": f"c{number % 40}",
            }
        )
    return rows


SETTINGS = ("as shipped", "many rollups", "added bit by bit", "a month made anew")
"""How the same answers are published: their sums must be the same each time."""


@pytest.fixture(scope="module", params=SETTINGS)
def many(request: pytest.FixtureRequest, make: Any, open_engine: Any) -> Iterator[Engine]:
    """20,000 weighted answers and 6,000 reviews of 20 days."""
    made: Company = make(f"many{SETTINGS.index(request.param)}")
    dice = random.Random(11)
    rows = answers_of(dice, 0, 20_000)
    made.write(
        "customers/a.parquet",
        [{"customer_id": f"c{number}", "country": ("KR", "JP", None)[number % 3]} for number in range(40)],
    )
    reviews = [
        {
            "review_id": f"v{number}",
            "reviewed_at": f"2026-03-{1 + number % 10:02}T12:00:00+09:00",
            "brand": f"B{dice.randrange(3)}",
            "rating": dice.randint(1, 5),
            "source": dice.choice(["naver", "appstore"]),
        }
        for number in range(6_000)
    ]
    made.write("reviews/a.parquet", reviews)
    made.question("custom/first", "select 1 as a")
    with pytest.MonkeyPatch.context() as patched:
        if request.param != "as shipped":
            patched.setattr(rollups, "BASE_ROWS", 0)
            patched.setattr(rollups, "FEW_ROWS", 500)
        if request.param in ("as shipped", "many rollups"):
            made.answers(rows)
            made.publish()
        elif request.param == "added bit by bit":
            for file, start in (("a", 0), ("b", 12_000), ("c", 16_000), ("d", 19_000)):
                end = {"a": 12_000, "b": 16_000, "c": 19_000, "d": 20_000}[file]
                made.answers(rows[start:end], f"responses/{file}.parquet")
                made.publish()
        else:
            other = [row | {"score": 1.0, "tier": "basic"} for row in rows[15_000:]]
            made.answers([*rows[:15_000], *other], "responses/a.parquet")
            made.publish()
            made.answers(rows[15_000:], "responses/b.parquet")
            made.publish()
    engine: Engine = open_engine(made, seconds=20)[0]
    yield engine


def test_sums_of_any_way_of_publishing_are_those_of_the_exports(many: Engine) -> None:
    """Against the exports themselves, read by nothing of ours."""
    dice = random.Random(11)
    rows = [row for row in answers_of(dice, 0, 20_000) if row["metric"] == "csat" and row["region"] == "부산"]
    path = Path(many.queries[0]) / "custom" / "asked.sql"
    sql = "select channel, sum(n) as n, sum(w) as w, sum(wx) as wx from scores"
    path.write_text(
        f"-- title: t\n-- grain: g\n{sql} where metric = 'csat' and region = '부산' group by all\n", "utf-8"
    )
    many.catalog.refresh()
    for start, end in ((date(2026, 2, 1), date(2026, 4, 1)), (date(2026, 2, 4), date(2026, 3, 9))):
        wanted: dict[Any, list[float]] = {}
        for row in rows:
            if str(start) <= row["responded_at"][:10] < str(end):
                weight = 1.0 if row["weight"] is None else row["weight"]
                sums = wanted.setdefault(row["channel"], [0.0, 0.0, 0.0])
                for place, term in enumerate((1, weight, weight * (row["score"] >= 4))):
                    sums[place] += term
        answer = many.ask(many.catalog.question("custom/asked"), Filters(Period(start, end)))
        found = {
            None if pd.isna(row.channel) else row.channel: [row.n, row.w, row.wx] for row in answer.frame.itertuples()
        }
        assert found == wanted


DIMENSIONS = {"scores": ["channel", "region", "tier", "country"], "ratings": ["brand", "source"]}
VALUES = {
    "channel": ["app", "web", NO_VALUE],
    "region": ["서울", "부산", NO_VALUE],
    "tier": ["vip", "basic"],
    "country": ["KR", NO_VALUE],
    "brand": ["B1"],
    "source": ["naver"],
}


def random_question(dice: random.Random) -> tuple[str, Filters]:
    table = dice.choice(["scores", "scores", "scores_before", "ratings", "segments"])
    plain = table.removesuffix("_before")
    dims = DIMENSIONS.get(plain, ["dimension", "value"])
    keys = ["metric", *dice.sample([*dims, "day", *(["score"] if plain != "segments" else [])], dice.randint(0, 2))]
    if plain == "segments":
        keys = ["metric", "dimension", "value", *(["day"] if "day" in keys else [])]
    elif dice.random() < 0.3:
        keys.append("segment")
    sums = dice.choice(
        [
            "tally(n, w, w2, wx, wx2) as figure",
            "sum(n) as n, sum(w) as w, sum(w2) as w2, sum(wx) as wx, sum(wx2) as wx2",
            "count(*) as k, sum(wx) / sum(w) as mean",
        ]
    )
    start = date(2026, dice.choice([2, 3]), dice.choice([1, 1, 1, *range(2, 10)]))
    period = Period(start, dice.choice([date(2026, 4, 1), date(2026, 3, dice.randint(10, 20))]))
    where = tuple(
        (column, tuple(dice.sample(VALUES[column], 1)))
        for column in dice.sample(list(VALUES), dice.choice([0, 0, 1, 2]))
    )
    names = ", ".join(keys)
    split = dice.choice(["", *DIMENSIONS["scores"]])
    return f"select {names}, {sums} from {table} group by {names} order by all", Filters(
        period, FEBRUARY, where, by=split if "segment" in keys else ""
    )


def test_rollups_and_rows_give_the_same_figures_on_random_questions(
    many: Engine, request: pytest.FixtureRequest
) -> None:
    dice = random.Random(20260322)
    held = many.snapshot()
    bare = dataclasses.replace(held, rollups=())
    read: Counter[str] = Counter()
    rows = 0
    path = Path(many.queries[0]) / "custom" / "asked.sql"
    for number in range(40):
        sql, filters = random_question(dice)
        path.write_text(f"-- title: t\n-- grain: question {number}\n{sql}\n", encoding="utf-8")
        many.catalog.refresh()
        question = many.catalog.question("custom/asked")
        summed, from_rows = (many.ask(question, filters, held=state) for state in (held, bare))
        read["rows" if '"sums-' in summed.sql else "rollup"] += 1
        read["thirds"] += "_thirds" in summed.sql
        assert "_thirds" not in from_rows.sql
        rows += len(summed.frame)
        pd.testing.assert_frame_equal(summed.frame, from_rows.frame, check_dtype=False, rtol=1e-9, obj=sql)
    assert read["rollup"] >= 20, read
    if "as shipped" not in request.node.name:
        assert len(held.rollups) >= 6 and read["thirds"] > 0, read
    assert rows > 300, "most questions find something"


@pytest.mark.parametrize("table", ["scores", "ratings", "segments", "crossings"])
def test_two_windows_read_in_one_scan_hold_what_each_holds_alone(many: Engine, table: str) -> None:
    dice = random.Random(table)
    path = Path(many.queries[0]) / "custom" / "asked.sql"
    keys = {"segments": ["dimension", "value"], "crossings": ["dimension", "value", "dimension_2", "value_2"]}.get(
        table
    )
    read: Counter[str] = Counter()
    for number in range(4):
        named = ", ".join(["metric", *(keys or dice.sample(DIMENSIONS[table], dice.randint(1, 2)))])
        start = date(2026, 3, dice.choice([1, 1, 4, 11, 15]))
        ends = [start + timedelta(days=3)] if number == 0 else [start, date(2026, 2, 21)]
        before = Period(date(2026, 2, dice.choice([1, 9])), dice.choice(ends))
        where = tuple((name, (dice.choice(VALUES[name]),)) for name in dice.sample(list(VALUES), dice.choice([0, 1])))
        filters = Filters(Period(start, date(2026, 4, 1)), before, where)
        figures = f"{named}, tally(n, w, w2, wx, wx2) as figure"
        apart, both = [], ""
        for place, name in enumerate((table, f"{table}_before")):
            sql = f"select {place} as place, {figures} from {name} group by all"
            both += f"{' union all ' if both else ''}{sql}"
            path.write_text(f"-- title: t\n-- grain: {number}\n{sql} order by all\n", encoding="utf-8")
            many.catalog.refresh()
            apart.append(many.ask(many.catalog.question("custom/asked"), filters).frame)
        path.write_text(f"-- title: t\n-- grain: {number}\n{both} order by all\n", encoding="utf-8")
        many.catalog.refresh()
        together = many.ask(many.catalog.question("custom/asked"), filters)
        overlap = before.end > start
        assert (f'"cx_{table}"' in together.sql) != overlap
        read["overlap" if overlap else "one scan"] += 1
        read["rows"] += len(together.frame)
        wanted = pd.concat(apart, ignore_index=True)
        assert Counter(wanted["place"]) == Counter(together.frame["place"])
        order = ["place", *named.split(", ")]
        wanted, got = (one.sort_values(order).reset_index(drop=True) for one in (wanted, together.frame))
        sums = [name for name in wanted if name in order or name == "figure_value" or name in ("value", "n")]
        pd.testing.assert_frame_equal(got[sums], wanted[sums], check_dtype=False, rtol=1e-9, obj=both)
    assert read["one scan"] and read["overlap"] and read["rows"] > 10, read


def test_three_windows_read_in_one_scan_hold_what_each_holds_alone(company: "Company", ask: Any) -> None:
    """Each has its first and its last day answered, and the day after."""
    days = ("2025-03-01", "2025-03-31", "2025-04-01", "2026-02-01", "2026-02-28", "2026-03-01", "2026-03-31")
    company.answers(
        [{"score": score, "responded_at": f"{day}T12:00:00+09:00"} for score, day in enumerate((*days, "2026-04-01"))]
    )
    company.publish()
    twins = ("scores", "scores_before", "scores_year")
    sql = " union all ".join(f"select {place} as place, score from {name}" for place, name in enumerate(twins))
    answer = ask(f"{sql} order by all", period=MARCH, before=FEBRUARY)
    assert answer.frame[["place", "score"]].values.tolist() == [[0, 5], [0, 6], [1, 3], [1, 4], [2, 0], [2, 1]]
    assert '"cx_scores"' in answer.sql


def test_windows_of_which_different_values_are_kept_are_narrowed_each_by_its_own(ask: Any) -> None:
    sql = """
        with now as (select sum(n) as n from scores where channel = 'app'),
        earlier as (select sum(n) as n from scores_before where channel = 'web')
        select now.n as n, earlier.n as n_before from now cross join earlier
    """
    assert ask(sql, period=MARCH, before=FEBRUARY).frame.iloc[0].tolist() == [4, 2]


def test_windows_of_which_everything_is_asked_have_all_their_columns(ask: Any) -> None:
    sql = "select * from scores union all select * from scores_before"
    found = ask(sql, period=MARCH, before=FEBRUARY).frame
    assert len(found) == 12 and {"day", "region", "channel", "score"} <= set(found)


def test_windows_asked_by_day_are_read_apart(ask: Any) -> None:
    sql = "select day, sum(n) as n from scores group by all union all select day, sum(n) as n from scores_before group by all"
    answer = ask(f"{sql} order by all", period=MARCH, before=FEBRUARY)
    assert answer.frame["n"].tolist() == [6, 6] and '"cx_scores"' not in answer.sql


@pytest.mark.parametrize("groups", [[("a",), ("b",), ("c",)], [("a", "b"), ("a", "c"), ("b", "c")]])
def test_rows_told_once_for_each_group_sum_up_to_the_sums_of_the_groups(groups: list[tuple[str, ...]]) -> None:
    source = (
        "select i % 2 as a, i % 3 as b, i % 5 as c, i as n, 2 as w, 3 as w2, i as wx, 1 as wx2 from range(20) as r(i)"
    )
    numbers, names = [str(place) for place in range(3)], scope.value_names(len(groups[0]))
    keys = ", ".join(["number", *names])
    sums = ", ".join(f"sum({column})::double" for column in scope.SUMS)
    each, summed = (
        duckdb.sql(f"select {keys}, {sums} from ({sql}) group by all order by all").fetchall()
        for sql in (
            scope._each_group(groups, numbers, source, []),
            scope.by_groups(groups, {"number": numbers}, source, []),
        )
    )
    assert each == summed and len(each) > 9


def test_sums_are_kept_only_where_they_are_much_shorter_than_the_answers(
    many: Engine, request: pytest.FixtureRequest
) -> None:
    """What is added bit by bit is summed bit by bit, so that a day may have a row for each."""
    held = many.snapshot()
    parts = len(held.parts["responses"]) if "bit by bit" in request.node.name else 1
    answers = {"scores": held.rows("responses"), "ratings": held.rows("reviews")}
    share = {True: rollups.GAIN, False: 1 if "as shipped" in request.node.name else rollups.SHARE}
    for rollup in held.rollups:
        most = answers[rollup.table] * 1.3 * parts / share[bool(rollup.place)]
        assert max(rollup.rows, rollup.third_rows) <= most, rollup


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        ("2026-02-01", "2026-04-01", ("2026-02-01", "2026-04-01")),
        ("2026-02-02", "2026-04-30", ("2026-02-11", "2026-04-21")),
        ("2026-02-12", "2026-03-31", ("2026-02-21", "2026-03-21")),
        ("2026-02-21", "2026-03-01", ("2026-02-21", "2026-03-01")),
        ("2026-02-22", "2026-03-10", None),
        ("2025-12-31", "2026-01-01", None),
        ("2025-12-01", "2026-01-01", ("2025-12-01", "2026-01-01")),
    ],
)
def test_whole_thirds_of_months_in_a_window(start: str, end: str, wanted: tuple[str, str] | None) -> None:
    found = scope.whole_thirds(Period(date.fromisoformat(start), date.fromisoformat(end)))
    assert (found and tuple(map(str, found))) == wanted


def test_the_third_of_a_month_begins_on_the_first_eleventh_or_twenty_first() -> None:
    months = ("2024-02", "2024-03")
    with duckdb.connect() as connection:
        connection.execute(
            "create table days as select unnest(range(date '2024-02-01', date '2024-04-01', interval 1 day))::date as day"
        )
        found = connection.execute(f"select distinct {scope.FIRST_OF_THIRD} from days order by 1").fetchall()
        for month in months:
            alike = f"bool_and({rollups._first_of_third(month)} = {scope.FIRST_OF_THIRD})"
            of_month = f"where strftime(day, '%Y-%m') = '{month}'"
            assert connection.execute(f"select {alike}, count(*) from days {of_month}").fetchall()[0][0]
    assert [str(day) for (day,) in found] == [f"{month}-{day:02}" for month in months for day in scope.THIRDS]
