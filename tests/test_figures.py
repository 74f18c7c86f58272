"""Figures, intervals and verdicts hold against published values and against plain arithmetic."""

import math
import random
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cx import estimates
from cx.catalog import Catalog, Metric
from cx.errors import QueryError, QueryFileError
from cx.figures import Answer
from cx.periods import Period
from cx.settings import PROJECT

if TYPE_CHECKING:
    from conftest import Company

Ask = Callable[..., Answer]
METRICS: Mapping[str, Metric] = Catalog((PROJECT / "queries",)).metrics()
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
FEBRUARY = Period(date(2026, 2, 1), date(2026, 3, 1))


def sums(*groups: Iterable[float], weights: Iterable[float] | None = None) -> pd.DataFrame:
    """The five sums of each group of x."""
    rows = []
    for group in groups:
        values = list(group)
        w = list(weights) if weights is not None else [1.0] * len(values)
        rows.append(
            (
                len(values),
                sum(w),
                sum(u * u for u in w),
                sum(u * x for u, x in zip(w, values, strict=True)),
                sum(u * x * x for u, x in zip(w, values, strict=True)),
            )
        )
    return pd.DataFrame(rows, columns=list(estimates.SUM_FIELDS)).astype(float)


def nps(promoters: int, passives: int, detractors: int) -> list[float]:
    return [1.0] * promoters + [0.0] * passives + [-1.0] * detractors


def figure(metric: str, *groups: Iterable[float], weights: Iterable[float] | None = None) -> pd.DataFrame:
    table = sums(*groups, weights=weights)
    return pd.DataFrame(estimates.estimate(table, [metric] * len(table), METRICS)._asdict())


# --- published values ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "value", "low", "high"),
    [((50, 30, 20), 30, 14.05, 44.20), ((412, 301, 187), 25, 19.85, 29.98), ((30, 0, 0), 100, 78.70, 100)],
)
def test_nps_and_its_interval_are_the_published_ones(
    answers: tuple[int, int, int], value: float, low: float, high: float
) -> None:
    found = figure("nps", nps(*answers)).iloc[0]
    assert found["value"] == pytest.approx(value)
    assert found["low"] == pytest.approx(low, abs=0.006)
    assert found["high"] == pytest.approx(high, abs=0.006)
    assert found["low"] < found["high"], "never zero width"


@pytest.mark.parametrize(("hits", "n", "low", "high"), [(90, 100, 0.826, 0.945), (9, 10, 0.596, 0.982)])
def test_a_share_has_the_published_wilson_interval(hits: int, n: int, low: float, high: float) -> None:
    found = figure("csat", [1.0] * hits + [0.0] * (n - hits)).iloc[0]
    assert found["value"] == pytest.approx(90)
    assert found["low"] == pytest.approx(100 * low, abs=0.06)
    assert found["high"] == pytest.approx(100 * high, abs=0.06)


def test_the_difference_of_two_nps_is_the_published_one() -> None:
    now, before = sums(nps(412, 301, 187)), sums(nps(350, 290, 210))
    (first,), (error,) = estimates.spread(now, "nps")
    (second,), (error_before,) = estimates.spread(before, "nps")
    assert 100 * (first - second) == pytest.approx(8.504, abs=0.0006)
    assert (first - second) / math.hypot(error, error_before) == pytest.approx(2.2666, abs=0.00006)
    found = estimates.difference(now, before, ["nps"], METRICS)
    assert found.p[0] == pytest.approx(0.0234, abs=0.00006)
    assert (found.low[0] + found.high[0]) / 2 == pytest.approx(8.529, abs=0.0006), (
        "the interval stands around the raw change"
    )
    assert found.low[0] > 0


def test_the_smallest_change_that_could_show_is_the_published_one() -> None:
    share = 0.305  # promoters and detractors alike: variance 0.61
    group = nps(round(1000 * share), 390, round(1000 * share))
    found = estimates.difference(sums(group), sums(group), ["nps"], METRICS)
    assert found.margin[0] == pytest.approx(6.8, abs=0.06)
    assert found.p[0] == pytest.approx(1)


def test_effective_answers_are_kishs() -> None:
    _, _, n = estimates.moments(sums([0, 0, 0, 0], weights=[1, 1, 2, 4]))
    assert n[0] == pytest.approx(2.909, abs=0.0006)


def test_a_mean_of_few_answers_has_students_interval() -> None:
    scores = [5.0, 6.0, 7.0, 4.0, 5.0]
    found = figure("ces", scores).iloc[0]
    reach = 2.776445 * stdev(scores) / math.sqrt(5)  # t at .975 with 4 degrees of freedom
    assert found["value"] == pytest.approx(5.4)
    assert found["low"] == pytest.approx(5.4 - reach, abs=1e-5)
    assert found["high"] == pytest.approx(5.4 + reach, abs=1e-5)


# --- edges -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("metric", "x", "value"), [("nps", 1, 100), ("csat", 0, 0), ("ces", 6, 6)])
def test_one_answer_has_its_value_and_an_interval_inside_the_range(metric: str, x: float, value: float) -> None:
    found = figure(metric, [x]).iloc[0]
    low, high = METRICS[metric].range or (0, 0)
    assert found["value"] == value
    if METRICS[metric].interval == "mean":
        assert math.isnan(found["low"]) and math.isnan(found["high"]), "one answer says nothing about spread"
    else:
        assert low <= found["low"] < found["high"] <= high


@pytest.mark.parametrize("metric", METRICS)
def test_no_answers_have_no_figure_and_no_interval(metric: str) -> None:
    assert figure(metric, []).iloc[0].isna().all()
    assert np.isnan(estimates.difference(sums([]), sums([1, 0]), [metric], METRICS)).all()


@pytest.mark.parametrize("metric", METRICS)
def test_answers_that_all_weigh_nothing_have_no_figure(metric: str) -> None:
    assert figure(metric, [1, 1], weights=[0, 0]).iloc[0].isna().all()


@pytest.mark.parametrize("metric", ["nps", "csat", "ces"])
def test_doubling_all_weights_changes_nothing(metric: str) -> None:
    x = [1, 0, 1, 1, 0]
    once, twice = (figure(metric, x, weights=[k, k, 2 * k, 3 * k, k]).iloc[0] for k in (1, 2))
    assert once.tolist() == pytest.approx(twice.tolist(), nan_ok=True)


def test_uneven_weights_widen_the_interval() -> None:
    x = nps(40, 40, 20)
    even, uneven = figure("nps", x).iloc[0], figure("nps", x, weights=[1, 9] * 50).iloc[0]
    assert uneven["high"] - uneven["low"] > 1.2 * (even["high"] - even["low"])


@given(st.lists(st.integers(0, 10), min_size=1, max_size=60), st.sampled_from(["nps", "csat", "ces"]))
@hypothesis_settings(max_examples=150, deadline=None)
def test_the_value_lies_in_its_interval_and_both_in_the_metrics_range(scores: list[int], metric: str) -> None:
    x = {
        "nps": [1.0 if score > 8 else -1.0 if score < 7 else 0.0 for score in scores],
        "csat": [float(score > 7) for score in scores],
        "ces": [float(score % 7 + 1) for score in scores],
    }[metric]
    found = figure(metric, x).iloc[0]
    low, high = METRICS[metric].range or (0, 0)
    assert found["value"] == pytest.approx(mean(x) * METRICS[metric].factor)
    if not math.isnan(found["low"]):
        assert low <= found["low"] <= found["high"] <= high
        if metric != "nps":  # the NPS interval stands around the adjusted score, as published
            assert found["low"] - 1e-9 <= found["value"] <= found["high"] + 1e-9


# --- verdicts --------------------------------------------------------------------------------------


def test_what_is_tested_together_is_corrected_together() -> None:
    p = np.array([0.010, 0.020, 0.030, 0.040, 0.900])
    no, change = np.zeros(5, bool), np.ones(5)
    # Benjamini–Hochberg at .05 with m = 5: thresholds .01 .02 .03 .04 .05, so the first four hold together.
    assert estimates.verdicts(p, no, change) == ["real"] * 4 + ["noise"]
    # A single .04 among twenty that show nothing does not.
    many = np.array([0.04] + [0.9] * 19)
    assert estimates.verdicts(many, np.zeros(20, bool), np.ones(20)) == ["noise"] * 20
    assert estimates.verdicts(np.array([0.04]), np.zeros(1, bool), np.ones(1)) == ["real"]


def test_too_few_answers_are_not_tested_and_nothing_to_compare_has_no_verdict() -> None:
    p = np.array([0.001, 0.04, np.nan])
    assert estimates.verdicts(p, np.array([True, False, False]), np.array([1.0, 1.0, np.nan])) == [
        "few",
        "real",
        "",
    ]


def test_a_change_of_thirty_answers_is_judged_and_one_of_twenty_nine_is_few(company: "Company", ask: Ask) -> None:
    rows = []
    for region, number in (("busan", 29), ("seoul", 30)):
        for day, score in (("2026-02-10", 0), ("2026-03-10", 10)):
            rows += [{"score": score, "region": region, "responded_at": f"{day}T12:00:00+09:00"}] * number
    company.answers(rows)
    company.publish()
    frame = ask(CHANGE, by="region", period=MARCH, before=FEBRUARY).frame.set_index("segment")
    assert frame.loc["seoul", ["value", "previous", "change", "n", "previous_n", "verdict"]].tolist() == [
        100,
        -100,
        200,
        30,
        30,
        "real",
    ]
    assert frame.loc["busan", "verdict"] == "few"


CHANGE = """
with now as (select segment, tally(n, w, w2, wx, wx2) as figure from scores where metric = 'nps' group by all),
earlier as (select segment, tally(n, w, w2, wx, wx2) as figure from scores_before where metric = 'nps' group by all)
select now.segment, now.figure as figure, earlier.figure as figure_before
from now left join earlier on now.segment is not distinct from earlier.segment
order by now.segment
"""


def test_all_comparisons_of_one_answer_are_one_family(company: "Company", ask: Ask) -> None:
    """A change at p .015 is real alone, and within noise among nineteen that did not move."""
    rows: list[dict[str, Any]] = []
    for number in range(20):
        for day, detractors in (("2026-02-10", 30), ("2026-03-10", 17 if number == 0 else 30)):
            scores = [0] * detractors + [10] * (60 - detractors)
            rows += [
                {"score": score, "region": f"r{number:02}", "responded_at": f"{day}T12:00:00+09:00"} for score in scores
            ]
    company.answers(rows)
    company.publish()
    alone = ask(CHANGE, by="region", where={"region": ["r00"]}, period=MARCH, before=FEBRUARY).frame
    together = ask(CHANGE, by="region", period=MARCH, before=FEBRUARY).frame.set_index("segment")
    p = alone.loc[0, "change_p"]
    assert 0.05 / 20 < p < 0.05, "the planted change is one that only correction takes back"
    assert alone.loc[0, "verdict"] == "real"
    assert together.loc["r00", "change_p"] == pytest.approx(p)
    assert together["verdict"].tolist() == ["noise"] * 20


def test_a_figure_without_a_comparison_has_no_change(company: "Company", ask: Ask) -> None:
    company.scores(*[9] * 40)
    company.publish()
    frame = ask(CHANGE, period=MARCH).frame
    assert frame.loc[0, "value"] == 100
    assert math.isnan(frame.loc[0, "previous"]) and math.isnan(frame.loc[0, "change"])
    assert frame.loc[0, "previous_n"] == 0
    assert frame.loc[0, "verdict"] == ""


# --- mixing ----------------------------------------------------------------------------------------

TALLY = "tally(n, w, w2, wx, wx2) as figure"


@pytest.mark.parametrize(
    "sql",
    [
        f"select {TALLY} from scores",
        f"select channel, {TALLY} from scores group by channel",
        f"select {TALLY} from scores where metric = 'nps' or metric = 'csat'",
        f"select {TALLY} from scores where metric <> 'nps'",
    ],
)
def test_a_figure_that_would_mix_metrics_is_refused(company: "Company", ask: Ask, sql: str) -> None:
    company.scores(9, 3, channel="app")
    company.publish()
    with pytest.raises(QueryError, match="mix metrics") as caught:
        ask(sql)
    assert "where metric" in caught.value.hint


def test_a_figure_of_a_metric_that_does_not_exist_names_the_known_ones(company: "Company", ask: Ask) -> None:
    company.scores(9)
    company.publish()
    with pytest.raises(QueryError, match="“npz”") as caught:
        ask(f"select {TALLY} from scores where metric = 'npz'")
    assert "nps" in caught.value.hint


def test_a_parameter_or_the_header_may_name_the_metric(company: "Company", ask: Ask) -> None:
    company.answers([{"metric": "csat", "score": 5}, {"metric": "csat", "score": 1}, {"metric": "nps", "score": 9}])
    company.publish()
    header = "params: {which: {default: csat}}"
    assert ask(f"select {TALLY} from scores where metric = $which", header).frame["value"].tolist() == [50]
    assert ask(f"select {TALLY} from scores where metric = $which", header, {"which": "nps"}).frame[
        "value"
    ].tolist() == [100]
    assert ask(f"select {TALLY} from scores where metric in ('csat')", "metric: csat").frame["value"].tolist() == [50]


def test_every_figure_of_an_answer_brings_its_own_columns(company: "Company", ask: Ask) -> None:
    company.answers([{"score": 9, "channel": "app"}, {"score": 9, "channel": "web"}, {"score": 0, "channel": "web"}])
    company.publish()
    frame = ask(
        f"""
        select {TALLY}, tally(n, w, w2, wx, wx2) filter (where channel = 'web') as web
        from scores where metric = 'nps'
        """.replace(
            "tally(n, w, w2, wx, wx2) filter (where channel = 'web')",
            "(select tally(n, w, w2, wx, wx2) from scores where metric = 'nps' and channel = 'web')",
        )
    ).frame
    assert frame[["value", "n", "web_value", "web_n"]].iloc[0].tolist() == [pytest.approx(100 / 3), 3, 0, 2]


# --- the whole way against plain arithmetic -----------------------------------------------------------

X = {
    "nps": lambda score: 1 if score >= 9 else -1 if score <= 6 else 0,
    "csat": lambda score: int(score >= 4),
    "ces": lambda score: score,
}
SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}


def test_the_sums_of_published_answers_equal_plain_arithmetic(company: "Company", ask: Ask) -> None:
    """Random answers with weights, blanks and three files: n, w, w2, wx and wx2 per metric, channel and month."""
    dice = random.Random(20260302)
    rows = []
    for number in range(600):
        metric = dice.choice(list(X))
        rows.append(
            {
                "response_id": f"r{number}",
                "responded_at": f"2026-{dice.randint(1, 4):02}-{dice.randint(1, 28):02}T{dice.randint(0, 23):02}:30:00+09:00",
                "metric": metric,
                "score": dice.choice([None, *[dice.randint(*SCALES[metric])] * 9]),
                "weight": dice.choice([None, 0.0, 0.5, 1.0, 2.25]),
                "channel": dice.choice(["app", "web", None]),
                "comment": "words",
            }
        )
    for part in range(3):
        company.answers(rows[part::3], f"responses/{part}.parquet")
    company.publish()
    frame = ask(
        "select metric, channel, month(day) as month, sum(n) as n, sum(w) as w, sum(w2) as w2, sum(wx) as wx, sum(wx2) as wx2 "
        "from scores group by all"
    ).frame
    expected: dict[tuple[Any, ...], list[float]] = {}
    for row in rows:
        if row["score"] is None:
            continue
        w = 1.0 if row["weight"] is None else row["weight"]
        x = X[row["metric"]](row["score"])
        total = expected.setdefault((row["metric"], row["channel"], int(row["responded_at"][5:7])), [0.0] * 5)
        for place, value in enumerate((1, w, w * w, w * x, w * x * x)):
            total[place] += value
    found = {
        (row.metric, None if pd.isna(row.channel) else row.channel, row.month): [
            row.n,
            row.w,
            row.w2,
            row.wx,
            row.wx2,
        ]
        for row in frame.itertuples()
    }
    assert found.keys() == expected.keys()
    for key, total in expected.items():
        assert found[key] == pytest.approx(total), key


def test_nps_of_published_answers_is_the_published_nps(company: "Company", ask: Ask) -> None:
    company.scores(*[9] * 50, *[7] * 30, *[6] * 20)
    company.publish()
    frame = ask(f"select metric, {TALLY} from scores group by metric").frame
    assert frame.loc[0, "n"] == 100
    assert frame.loc[0, ["value", "low", "high"]].tolist() == pytest.approx([30, 14.05, 44.20], abs=0.006)


def test_a_rating_is_brought_to_five_stars(company: "Company", ask: Ask) -> None:
    rows = [
        {
            "review_id": f"v{number}",
            "reviewed_at": "2026-03-02T12:00:00+09:00",
            "brand": "A",
            "rating": rating,
            "rating_max": most,
        }
        for number, (rating, most) in enumerate([(5.0, None), (8.0, 10.0), (3.0, 5.0)])
    ]
    company.write("reviews/a.parquet", rows)
    company.publish()
    frame = ask(f"select brand, {TALLY} from ratings where metric = 'rating' group by brand").frame
    assert frame[["value", "n"]].iloc[0].tolist() == [pytest.approx(4), 3]


def test_an_answer_counts_by_its_weight(company: "Company", ask: Ask) -> None:
    company.answers([{"score": 10, "weight": 3.0}, {"score": 0, "weight": 1.0}])
    company.publish()
    assert ask(f"select metric, {TALLY} from scores group by metric").frame["value"].tolist() == [50]


def test_apart_says_which_segment_differs_from_the_rest(company: "Company", ask: Ask) -> None:
    rows = [{"score": score, "region": region} for region in "abc" for score in [9, 3] * 50]
    company.answers(rows + [{"score": 0, "region": "d"}] * 60 + [{"score": 0, "region": "e"}] * 5)
    company.publish()
    frame = ask(
        f"select metric, segment, {TALLY} from scores group by all order by segment",
        "analysis: rest",
        by="region",
    ).frame
    assert frame.set_index("segment")["apart"].to_dict() == {
        "a": "real",
        "b": "real",
        "c": "real",
        "d": "real",
        "e": "few",
    }


def test_a_change_across_a_new_wording_is_not_judged(company: "Company", ask: Ask) -> None:
    """A new wording or scale is no trend."""
    for month, version, score in (("02", "v1", 0), ("03", "v2", 10)):
        rows = [
            {"response_id": f"{month} {number}", "score": score, "wording_version": version} for number in range(40)
        ]
        company.answers(
            [row | {"responded_at": f"2026-{month}-10T12:00:00+09:00"} for row in rows], f"responses/{month}.parquet"
        )
    company.publish()
    sql = """
    with now as (
        select metric, tally(n, w, w2, wx, wx2) as figure from scores group by metric
    ),
    earlier as (
        select metric, tally(n, w, w2, wx, wx2) as figure from scores_before group by metric
    )
    select now.metric, now.figure as figure, earlier.figure as figure_before
    from now join earlier using (metric)
    """
    row = ask(sql, period=MARCH, before=FEBRUARY).frame.iloc[0]
    assert (row["value"], row["previous"], row["verdict"]) == (100, -100, "reworded")
    assert math.isnan(row["change"]) and math.isnan(row["change_p"])
    since = Period(date(2026, 3, 11), date(2026, 3, 21)), Period(date(2026, 3, 10), date(2026, 3, 11))
    same = ask(sql, period=since[1], before=since[1]).frame.iloc[0]
    assert same["verdict"] == "noise"


# --- answers without an x ----------------------------------------------------------------------------------

UNMATCHED = """
with kept as (select channel, sum(wx) as wx, sum(wx2) as wx2 from scores where channel = 'app' group by channel)

select
    scores.channel,
    tally(scores.n, scores.w, scores.w2, {x}, {x2}) as figure,
from scores
left join kept on scores.channel = kept.channel
where scores.metric = '{metric}'
group by scores.channel
order by scores.channel
"""


@pytest.mark.parametrize("metric", ["ces", "nps"])
def test_answers_for_which_a_join_finds_no_x_are_refused_rather_than_counted_as_nought(
    company: "Company", ask: Ask, metric: str
) -> None:
    company.answers([{"metric": metric, "score": 6, "channel": channel} for channel in ("app", "web")])
    company.publish()
    with pytest.raises(QueryFileError) as caught:
        ask(UNMATCHED.format(metric=metric, x="kept.wx", x2="kept.wx2"))
    assert caught.value.message == (
        "Some answers behind figure in the row channel = web have no x and would count as answers of 0: a join found "
        "nothing for them, or what is summed is empty there."
    )
    assert "where … is not null" in caught.value.hint and caught.value.line > 1
    judged = ask(UNMATCHED.format(metric=metric, x="coalesce(kept.wx, 0)", x2="coalesce(kept.wx2, 0)"))
    assert judged.frame["n"].tolist() == [1, 1]


def test_who_did_not_say_it_counts_as_nought_of_a_share(company: "Company", ask: Ask) -> None:
    company.answers([{"metric": "csat", "score": 5, "channel": channel} for channel in ("app", "web")])
    company.publish()
    shares = ask(UNMATCHED.format(metric="csat", x="kept.wx", x2="kept.wx2"))
    assert shares.frame["value"].tolist() == [100, 0]


def test_of_a_comparison_without_an_x_the_first_row_is_named_and_the_others_are_counted(
    company: "Company", ask: Ask
) -> None:
    company.answers([{"metric": "nps", "score": 9, "channel": channel} for channel in ("app", "shop", "web")])
    company.publish()
    with pytest.raises(QueryFileError) as caught:
        ask("""
            with kept as (select channel, sum(wx) as wx from scores where channel = 'app' group by channel)

            select
                scores.metric,
                scores.channel,
                tally(scores.n, scores.w, scores.w2, scores.wx, scores.wx2) as figure,
                tally(scores.n, scores.w, scores.w2, kept.wx, kept.wx) as figure_before,
            from scores
            left join kept on scores.channel = kept.channel
            group by scores.metric, scores.channel
            order by scores.channel
        """)
    assert caught.value.message.startswith(
        "Some answers behind figure_before in the row channel = shop and in 1 more row have no x"
    )
