"""What the sums of a whole answer say together: published fixtures, hand arithmetic, and how often chance is believed.

Every simulation has a fixed seed, so that a verdict on the code does not depend on luck.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations, permutations
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy import stats

from cx import analyses, estimates, figures, findings, scope
from cx.catalog import Catalog, Metric
from cx.figures import Answer
from cx.settings import PROJECT

if TYPE_CHECKING:
    from conftest import Company

CATALOG = Catalog((PROJECT / "queries",))
METRICS: Mapping[str, Metric] = CATALOG.metrics()
NPS = (1.0, 0.0, -1.0)
ALIKE = (0.35, 0.35, 0.30)


def sums(n: Any, wx: Any, wx2: Any) -> pd.DataFrame:
    """The five sums of rows whose answers all weigh 1."""
    table = pd.DataFrame({"n": n, "w": n, "w2": n, "wx": wx, "wx2": wx2})
    return table.astype(float)


def counted(counts: Any, answers: Sequence[float] = NPS) -> pd.DataFrame:
    """The five sums of rows that hold so many of each answer."""
    many, x = np.asarray(counts), np.array(answers)
    return sums(many.sum(axis=-1), many @ x, many @ x**2)


def of(metric: str, rows: pd.DataFrame) -> tuple[list[str], Mapping[str, Metric]]:
    return [metric] * len(rows), METRICS


# --- what moved the total ----------------------------------------------------------------------------------


def test_a_change_is_taken_apart_as_published() -> None:
    """Every segment rose by two to four points, and the total fell, because of who answered."""
    before = sums([500, 300, 200], [200, 60, -20], [350, 210, 140])  # scores 40, 20, −10
    now = sums([350, 300, 350], [154, 66, -28], [245, 210, 245])  # scores 44, 22, −8
    frame = pd.DataFrame({"segment": list("abc")})
    added, facts = analyses.contributions(frame, now, before, *of("nps", now))
    frame = frame.assign(**added)
    assert (facts["start"], facts["end"]) == (pytest.approx(24), pytest.approx(19.2))
    assert frame["rate"].tolist() == pytest.approx([1.7, 0.6, 0.55])
    assert frame["mix"].tolist() == pytest.approx([-3.06, 0, -4.59])
    assert frame["share_before"].tolist() == pytest.approx([50, 30, 20])
    assert frame["share"].tolist() == pytest.approx([35, 30, 35])


PART = st.tuples(st.floats(0.1, 1_000), st.floats(-1, 1))


@given(st.lists(st.tuples(st.none() | PART, st.none() | PART), min_size=1, max_size=12))
@hypothesis_settings(max_examples=200, deadline=None)
def test_the_parts_sum_to_the_change_also_with_weights_and_values_of_one_period(rows: list[Any]) -> None:
    def table(parts: list[Any]) -> pd.DataFrame:
        known = [(math.nan, math.nan) if part is None else (part[0], part[0] * part[1]) for part in parts]
        return pd.DataFrame(known, columns=["w", "wx"])

    before, now = table([row[0] for row in rows]), table([row[1] for row in rows])
    columns, start, end = analyses.parts_of_change(now, before)
    parts = pd.DataFrame(columns)
    if before["w"].isna().all() or now["w"].isna().all():
        assert parts.isna().all(axis=None) and math.isnan(start) and math.isnan(end)
        return
    assert start == pytest.approx(before["wx"].sum() / before["w"].sum())
    assert parts.to_numpy().sum() == pytest.approx(end - start, rel=1e-9, abs=1e-12)
    once = before["w"].isna() | now["w"].isna()
    assert (parts.loc[once, "rate"] == 0).all(), "what only one period has counts as mix alone"


def test_a_reworded_question_is_not_taken_apart() -> None:
    now = counted([[50, 30, 20], [20, 30, 50]])
    frame = pd.DataFrame({"segment": ["a", "b"], "verdict": ["reworded", "reworded"]})
    added, facts = analyses.contributions(frame, now, now, *of("nps", now))
    assert facts == {}
    assert pd.DataFrame(added)[["rate", "mix", "share", "share_before"]].isna().all(axis=None)


# --- which dimension explains it -----------------------------------------------------------------------------


def explained(now: pd.DataFrame, before: pd.DataFrame, metric: str = "nps", verdict: str = "") -> str:
    frame = pd.DataFrame({"dimension": ["d"] * len(now), "verdict": verdict})
    found = analyses.explanations(frame, now, before, *of(metric, now))
    return str(found["explains"][0]) if len(found["explains"]) else "left out"


@pytest.mark.parametrize(
    ("metric", "answers", "shares", "each", "runs"),
    [
        ("nps", NPS, ALIKE, 40, 500),
        ("ces", range(1, 8), (1 / 7,) * 7, 5, 200),  # so few that some values' answers are all alike by luck
    ],
)
def test_a_random_dimension_of_sixty_values_explains_nothing_19_times_in_20(
    metric: str, answers: Sequence[float], shares: Sequence[float], each: int, runs: int
) -> None:
    dice = np.random.default_rng(4)
    sizes = dice.multinomial(60 * each, [1 / 60] * 60, size=(runs, 2))
    found = [
        explained(*(counted(dice.multinomial(size, shares), answers) for size in pair), metric=metric) for pair in sizes
    ]
    assert 0 < sum(map(bool, found)) <= 0.05 * runs


def test_a_dimension_with_one_value_that_truly_moved_is_named() -> None:
    before = counted([[40, 30, 30]] * 6)
    now = counted([[40, 30, 30]] * 5 + [[10, 30, 60]])
    assert explained(now, before) == "rate"
    assert explained(before, before) == ""


def test_values_that_all_moved_alike_explain_nothing() -> None:
    assert explained(counted([[300, 300, 400]] * 5), counted([[400, 300, 300]] * 5)) == ""


def test_a_shifted_mix_is_named_as_such() -> None:
    """Simpson: each value rose by four points, the total fell by eight."""
    before = counted([[700, 200, 100], [300, 200, 500]])  # 60 and −20, halves
    now = counted([[504, 128, 68], [416, 260, 624]])  # 62.3 and −16, thirty-five of a hundred and sixty-five
    parts, start, end = analyses.parts_of_change(now, before)
    assert (parts["rate"] > 0).all() and end < start
    assert explained(now, before) == "mix"


def test_versions_that_replace_each_other_are_no_shifted_mix() -> None:
    before = counted([[700, 200, 100], [300, 200, 500], [0, 0, 0]])
    now = counted([[350, 100, 50], [0, 0, 0], [300, 200, 1000]])
    assert analyses.turnover(now, before) == pytest.approx(0.75)
    assert explained(now, before) == ""


def test_a_mix_that_shifts_among_values_with_equal_scores_explains_nothing_19_times_in_20() -> None:
    dice = np.random.default_rng(5)
    found = Counter(
        explained(*(counted(dice.multinomial(dice.multinomial(2000, mix), ALIKE)) for mix in ([0.2, 0.8], [0.7, 0.3])))
        for _ in range(200)
    )
    assert found["mix"] + found["both"] <= 10


def test_a_reworded_metric_is_left_out_of_the_explanations() -> None:
    before, now = counted([[40, 30, 30]] * 2), counted([[40, 30, 30], [10, 30, 60]])
    assert explained(now, before) == "rate"
    assert explained(now, before, verdict="reworded") == "left out"


def test_all_dimensions_of_all_metrics_are_one_family() -> None:
    """A shift at p .01 is named alone, and not among nineteen dimensions in which nothing moved."""
    before = counted([[40, 30, 30]] * 2)
    moved, still = counted([[44, 30, 26], [24, 30, 46]]), before

    def named(quiet: int) -> list[str]:
        frame = pd.DataFrame({"dimension": [name for number in range(quiet + 1) for name in [f"d{number:02}"] * 2]})
        now = pd.concat([moved, *[still] * quiet], ignore_index=True)
        then = pd.concat([before] * (quiet + 1), ignore_index=True)
        found = pd.DataFrame(analyses.explanations(frame, now, then, *of("nps", now))).set_index("dimension")
        assert 0.05 / 40 < found.loc["d00", "p_rate"] < 0.05 / 2, "two tests a dimension: by rate, by mix"
        return [str(name) for name in found["explains"] if name]

    assert named(0) == ["rate"]
    assert named(19) == []


# --- groups against the rest ---------------------------------------------------------------------------------


def test_a_group_is_not_judged_against_a_rest_of_two_answers() -> None:
    """Two answers of 7 have no spread of their own and would make anything differ."""
    scores = sums([100, 2], [500, 14], [2600, 98])
    assert analyses.rest(scores, *of("ces", scores))["apart"] == ["few", "few"]


def test_a_letter_stands_at_the_higher_of_two_cells_also_where_the_difference_is_barely_real() -> None:
    """91 % of 430 and 81 % of 47: p .0497 by the adjusted test, though the interval of the raw change reaches zero."""
    cells = counted([[393, 37], [38, 9]], (1.0, 0.0))
    assert estimates.difference(cells[:1], cells[1:].reset_index(drop=True), ["csat"], METRICS).low[0] < 0
    frame = pd.DataFrame({"segment": ["all", "all"], "segment_2": ["app", "web"]})
    found = analyses.letters(frame, cells, *of("csat", cells), "segment", "segment_2")
    assert found == {"letter": ["A", "B"], "above": ["B", ""]}


# --- unusual points ------------------------------------------------------------------------------------------


def kinds(*z: float, error: float = 1.0) -> list[str]:
    return analyses.signals(np.array(z, float), np.full(len(z), error))[0]


CALM = (0.5, -0.5, 0.4, -0.6, 0.6, -0.4, 0.5, -0.5, 0.4, -0.5)


def test_a_step_is_outside_the_limits() -> None:
    assert kinds(*CALM, 5.0) == [""] * 10 + ["outside"]
    assert kinds(*CALM, -5.0)[-1] == "outside"


def test_eight_in_a_row_on_one_side_are_a_run() -> None:
    found = kinds(*CALM, *[1.3] * 8)
    assert found[-1] == "run"
    assert "run" not in found[:-1]


def test_points_on_the_middle_itself_are_on_no_side() -> None:
    assert kinds(*[50.0] * 30) == [""] * 30


def test_a_slow_drift_is_seen_though_no_point_is_outside() -> None:
    steady = kinds(*CALM, *CALM, *(0.2 * step for step in range(1, 14)))
    assert "outside" not in steady and steady[-1] == "run"
    assert not any(steady[:20])
    crossing = kinds(*CALM, *CALM, *[2.5, 2.5, 2.5, -0.3] * 2)
    assert crossing[20:].count("drift") >= 3 and set(crossing) == {"", "drift"}, "no eight in a row, yet too high"


@pytest.mark.parametrize(
    ("metric", "answers", "shares", "n"),
    [("nps", NPS, ALIKE, 100), ("csat", (0.0, 1.0), (0.02, 0.98), 5), ("ces", range(1, 8), (1 / 7,) * 7, 3)],
)
def test_of_lines_without_change_two_points_in_a_hundred_seem_unusual_at_most(
    metric: str, answers: Sequence[float], shares: Sequence[float], n: int
) -> None:
    dice = np.random.default_rng(6)
    frame = pd.DataFrame(
        {"segment": np.repeat([f"{number}" for number in range(300)], 30), "period": [*range(30)] * 300}
    )
    points = counted(dice.multinomial(n, shares, size=len(frame)), answers)
    frame = frame.assign(**analyses.unusual(frame, points, *of(metric, points)))
    assert (frame["unusual"] != "").mean() <= 0.02


def test_limits_are_three_standard_errors_where_earlier_points_vary_by_no_more_than_chance() -> None:
    """Five of ten each time: ± 2.66 × 2/√π × √(¼/10), the error of the share as it is drawn."""
    frame, points = pd.DataFrame({"period": range(10)}), counted([[5, 5]] * 10, (0.0, 1.0))
    frame = frame.assign(**analyses.unusual(frame, points, *of("csat", points)))
    reach = 100 * 2.66 * 2 / math.sqrt(math.pi) * math.sqrt(0.25 / 10)
    assert frame.loc[9, ["unusual_low", "unusual_high"]].tolist() == pytest.approx([50 - reach, 50 + reach])


@pytest.mark.parametrize(("metric", "answers"), [("nps", (0.0, 1.0)), ("csat", (0.0, 1.0)), ("ces", (3.0, 4.0))])
def test_limits_come_from_earlier_points_alone(metric: str, answers: Sequence[float]) -> None:
    counts = np.random.default_rng(7).multinomial(50, [0.5, 0.5], size=30)
    points = counted(counts, answers)
    counts[20:] = [0, 50]
    later = counted(counts, answers)
    frames = []
    for table in (points, later):
        frame = pd.DataFrame({"period": range(30)})
        frame = frame.assign(**analyses.unusual(frame, table, *of(metric, table)))
        frames.append(frame)
    pd.testing.assert_frame_equal(frames[0].iloc[:20], frames[1].iloc[:20])
    assert frames[0]["unusual_low"].isna().sum() == analyses.SHORTEST_BASELINE
    assert frames[1].loc[20:, "unusual"].tolist() != frames[0].loc[20:, "unusual"].tolist()


def test_lines_of_a_column_of_ones_own_are_judged_apart() -> None:
    """Two branches thirty points from each other, interleaved: neither is unusual."""
    frame = pd.DataFrame({"branch": ["a", "b"] * 20, "period": np.repeat(range(20), 2)})
    points = counted([[50, 30, 20], [30, 30, 40]] * 20)
    frame = frame.assign(**analyses.unusual(frame, points, *of("nps", points)))
    assert frame["unusual"].unique().tolist() == [""]
    middle = (frame["unusual_low"] + frame["unusual_high"]) / 2
    assert middle[16:18].tolist() == pytest.approx([30, -10])


def test_a_line_that_stays_at_the_top_while_answers_multiply_is_not_unusual() -> None:
    frame, points = pd.DataFrame({"period": range(24)}), counted([[20, 0, 0]] * 12 + [[400, 0, 0]] * 12)
    frame = frame.assign(**analyses.unusual(frame, points, *of("nps", points)))
    assert frame["unusual"].unique().tolist() == [""]
    assert frame.loc[8:, "unusual_high"].tolist() == [100] * 16


def test_a_new_wording_begins_a_new_line() -> None:
    frame = pd.DataFrame({"period": range(20), "cut": [False] * 12 + [True] + [False] * 7})
    points = counted([[50, 30, 20]] * 12 + [[10, 30, 60]] * 8)
    frame = frame.assign(**analyses.unusual(frame, points, *of("nps", points)))
    assert frame["unusual"].unique().tolist() == [""]
    assert frame.loc[12:, "unusual_low"].isna().all()


# --- many units ----------------------------------------------------------------------------------------------


def ranked(points: pd.DataFrame, metric: str = "nps") -> pd.DataFrame:
    return pd.DataFrame(analyses.ranking(points, *of(metric, points)))


def test_a_funnel_and_shrunken_values_of_three_units_are_those_worked_out_by_hand() -> None:
    """Values 60, 30 and 0 of 100 answers each; of all 300, promoters less detractors are 90, and both together 190."""
    found = ranked(counted([[70, 20, 10], [40, 50, 10], [30, 40, 30]]))
    variance = 190 / 300 - 0.3**2
    error = 100 * math.sqrt(variance / 100)
    for low, high, reach in (("limit_low", "limit_high", 1.959964), ("limit_low_outer", "limit_high_outer", 3.090232)):
        assert found[low].tolist() == pytest.approx([30 - reach * error] * 3)
        assert found[high].tolist() == pytest.approx([30 + reach * error] * 3)
    assert found["verdict"].tolist() == ["real", "noise", "real"]
    # Equal n: what is kept of a difference is 1 − error²/variance among the units (900 here).
    kept = 1 - error**2 / 900
    assert found["shrunken"].tolist() == pytest.approx([30 + 30 * kept, 30, 30 - 30 * kept])
    assert found["rank"].tolist() == [1, 2, 3]
    assert found[["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 1], [2, 2], [3, 3]]


def test_where_less_is_better_the_lowest_unit_is_first() -> None:
    lower = {"nps": replace(METRICS["nps"], direction="lower")}
    points = counted([[700, 200, 100], [300, 400, 300]])
    assert analyses.ranking(points, ["nps"] * 2, lower)["rank"].tolist() == [2, 1]


def test_a_shrunken_value_lies_between_its_own_and_the_overall_one() -> None:
    dice = np.random.default_rng(8)
    shares = np.clip(dice.normal(0.3, 0.08, size=80), 0.05, 0.6)
    sizes = dice.integers(5, 400, size=80)
    points = counted([dice.multinomial(n, (0.7 - d, 0.3, d)) for n, d in zip(sizes, shares, strict=True)])
    found, own = ranked(points), 100 * points["wx"] / points["w"]
    overall = 100 * points["wx"].sum() / points["w"].sum()
    assert ((found["shrunken"] - overall) * (found["shrunken"] - own) <= 0).all()
    pulled = ((found["shrunken"] - own) / (overall - own)).iloc[np.argsort(sizes)]
    assert (np.diff(pulled) <= 1e-9).all() and pulled.iloc[0] > 2 * pulled.iloc[-1], "few answers are pulled most"
    assert (found["verdict"] == "few").tolist() == (sizes < 30).tolist()
    assert (found["rank_low"] <= found["rank_high"]).all()


def test_units_that_do_not_differ_stay_in_the_funnel_and_have_no_rank() -> None:
    dice = np.random.default_rng(9)
    outside, wide = [], []
    for counts in dice.multinomial(60, ALIKE, size=(60, 50)):
        found = ranked(counted(counts))
        outside.append((found["verdict"] == "real").mean())
        wide.append((found["rank_high"] - found["rank_low"]).median())
    assert np.mean(outside) <= 0.004  # 0.2 % by the limits' own promise
    assert np.median(wide) >= 40, "any of fifty ranks, nearly"


def test_units_whose_answers_are_all_the_same_are_one() -> None:
    found = ranked(sums([50, 40, 2], [50, 40, 2], [50, 40, 2]), "csat")
    assert found["shrunken"].tolist() == [100] * 3
    assert found[["rank", "rank_low", "rank_high"]].to_numpy().tolist() == [[1, 1, 3]] * 3
    assert found["verdict"].tolist() == ["noise", "noise", "few"]


@pytest.mark.parametrize(("mean", "votes", "adjusted"), [(5.0, 3, 3.962), (4.4, 400, 4.344)])
def test_a_bayesian_average_is_the_published_one(mean: float, votes: int, adjusted: float) -> None:
    found = analyses.weighted_rating(np.array([mean]), np.array([float(votes)]), 3.9, 50)
    assert found.tolist() == pytest.approx([adjusted], abs=0.0006)


def test_three_perfect_votes_do_not_top_a_ranking() -> None:
    """The mean of all 453 answers is 4.342…, the median number of votes 50."""
    points = sums([3, 50, 400], [15, 190, 1760], [75, 800, 8000])
    adjusted = analyses.bayesian_average(points, *of("rating", points))["adjusted"]
    overall = 1965 / 453
    assert adjusted.tolist() == pytest.approx(
        [(3 * 5 + 50 * overall) / 53, (50 * 3.8 + 50 * overall) / 100, (400 * 4.4 + 50 * overall) / 450]
    )
    assert adjusted.argmax() == 2


# --- drivers -------------------------------------------------------------------------------------------------

WORTH = (0, 0.1064, 0.1254, 0.1807, 0.1288, 0.1700, 0.1873, 0.2144)
"""Of no driver, the first, the second, both, the third, the first and third, the second and third, all."""


def matrix(count: int, seed: int) -> np.ndarray:
    """The correlations of so many drivers and an outcome that goes with all of them."""
    dice = np.random.default_rng(seed)
    drivers = dice.normal(size=(500, count)) + dice.normal(size=(500, 1))
    return np.corrcoef(np.column_stack([drivers, drivers @ dice.uniform(0, 1, count) + 3 * dice.normal(size=500)]).T)


def r_squared(correlations: np.ndarray) -> float:
    outer = correlations[:-1, -1]
    return float(outer @ np.linalg.solve(correlations[:-1, :-1], outer))


def test_shapley_shares_are_the_published_ones() -> None:
    found = analyses.shapley_of(np.array(WORTH))
    assert found.tolist() == pytest.approx([0.06058, 0.07873, 0.07508], abs=6e-6)


@pytest.mark.parametrize("seed", range(3))
def test_shapley_by_subset_and_by_order_agree_and_share_out_r_squared(seed: int) -> None:
    whole = matrix(6, seed)
    exact, drawn = analyses._by_subset(whole, 6), analyses._by_order(whole, 6)
    assert drawn.tolist() == pytest.approx(exact.tolist(), abs=0.015)
    assert exact.sum() == pytest.approx(r_squared(whole))
    assert drawn.sum() == pytest.approx(r_squared(whole), abs=1e-6)
    assert analyses.relative_weights(whole).sum() == pytest.approx(r_squared(whole))


def test_more_drivers_than_subsets_can_be_tried_for_also_share_out_r_squared() -> None:
    whole = matrix(analyses.MOST_DRIVERS_BY_SUBSET + 1, 3)
    assert analyses.shapley(whole).sum() == pytest.approx(r_squared(whole), abs=1e-6)


def test_twelve_drivers_have_exact_shares() -> None:
    whole = matrix(12, 3)
    assert analyses.shapley(whole).tolist() == pytest.approx(analyses._by_subset(whole, 12).tolist())


def test_as_many_drivers_as_subsets_are_tried_for_have_exact_shares() -> None:
    whole = matrix(14, 3)
    assert analyses.shapley(whole).tolist() == pytest.approx(analyses._by_subset(whole, 14).tolist())


def test_drivers_that_do_not_correlate_share_what_each_explains_alone() -> None:
    whole = np.array([[1, 0, 0.5], [0, 1, 0.3], [0.5, 0.3, 1]])
    assert analyses.shapley(whole).tolist() == pytest.approx([0.25, 0.09])
    assert analyses.relative_weights(whole).tolist() == pytest.approx([0.25, 0.09])


def pairs(answers: pd.DataFrame) -> tuple[pd.DataFrame, list[Any]]:
    """The rows that a question for drivers returns: the sums of every pair of columns in forty folds of people."""
    fold = np.arange(len(answers)) % 40
    rows, folds = [], []
    for one, two in [(one, two) for place, one in enumerate(answers) for two in list(answers)[place:]]:
        both = answers[[one, two]].notna().all(axis=1)
        table = pd.DataFrame({"fold": fold, "x": answers[one], "y": answers[two]})[both]
        table = table.assign(n=1, xx=table["x"] ** 2, yy=table["y"] ** 2, xy=table["x"] * table["y"])
        summed = table.groupby("fold", as_index=False).sum()
        rows.append({"touchpoint": one, "other": two, "value": answers[one].mean() if one == two else None, "n": 1})
        folds.append(summed.to_dict("records"))
    return pd.DataFrame(rows), folds


def driving(answers: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, float]]:
    rows, folds = pairs(answers)
    found, facts = analyses.drivers({name: column.to_numpy() for name, column in rows.items()}, folds)
    return pd.DataFrame(found), facts


def surveyed(people: int, seed: int) -> pd.DataFrame:
    """Steps of which one matters much, one less and one not at all; all are coloured by the same mood."""
    dice = np.random.default_rng(seed)
    mood, strong, weak, idle = dice.normal(size=(4, people))
    steps = pd.DataFrame({"idle": idle + mood, "strong": strong + mood, "weak": weak + mood})
    # The outcome follows what each step adds to the mood: weighed so that `idle` goes with it by nothing.
    return steps.assign(**{"*": 2 * strong + 0.8 * weak + 2 * dice.normal(size=people)})


def test_drivers_come_from_pairs_with_their_n_and_never_from_those_who_rated_everything() -> None:
    """Everybody rated two of the three steps: listwise deletion would leave nobody."""
    answers = surveyed(1500, 10)
    for place, step in enumerate(("idle", "strong", "weak")):
        answers.loc[np.arange(1500) % 3 == place, step] = np.nan
    assert answers.dropna().empty
    found, facts = driving(answers)
    found = found.set_index("touchpoint")
    assert found["verdict"].to_dict() == {"idle": "noise", "strong": "real", "weak": "real"}
    assert found["n"].to_dict() == {"idle": 1000, "strong": 1000, "weak": 1000}
    assert found["importance"].sum() == pytest.approx(100)
    assert found["importance"].idxmax() == "strong"
    assert (found["low"] <= found["importance"]).all() and (found["importance"] <= found["high"]).all()
    assert found.loc["strong", "low"] > found.loc["weak", "high"]
    reference = answers.corr()  # pandas, too, takes all who answered both
    assert found["correlation"].tolist() == pytest.approx(reference.loc[found.index, "*"].tolist())
    between = [reference.loc[one, two] for one, two in combinations(["idle", "strong", "weak"], 2)]
    assert facts["halo"] == pytest.approx(np.mean(between))
    assert facts["halo"] > 0.4
    assert found["performance"].tolist() == pytest.approx(answers[found.index].mean().tolist())


def test_shares_of_complete_answers_are_those_of_ordinary_regression_over_all_orders() -> None:
    answers = surveyed(400, 11)
    steps = ["idle", "strong", "weak"]

    def fit(chosen: tuple[str, ...]) -> float:
        return float(sm.OLS(answers["*"], sm.add_constant(answers[list(chosen)])).fit().rsquared) if chosen else 0.0

    gains = dict.fromkeys(steps, 0.0)
    for order in permutations(steps):
        for place, step in enumerate(order):
            gains[step] += (fit(order[: place + 1]) - fit(order[:place])) / 6
    found, facts = driving(answers)
    assert facts["explained"] == pytest.approx(fit(tuple(steps)))
    expected = [100 * gains[step] / facts["explained"] for step in steps]
    assert found["importance"].tolist() == pytest.approx(expected)


def test_a_step_that_hardly_anybody_rated_says_few_and_silences_no_other() -> None:
    answers = surveyed(600, 12)
    answers["new"] = np.where(np.arange(600) < 29, answers["strong"], np.nan)
    answers = answers[["idle", "new", "strong", "weak", "*"]]
    found, facts = driving(answers)
    assert found.set_index("touchpoint")["verdict"].to_dict() == {
        "idle": "noise",
        "new": "few",
        "strong": "real",
        "weak": "real",
    }
    assert found.set_index("touchpoint")["n"].to_dict() == {"idle": 600, "new": 29, "strong": 600, "weak": 600}
    assert found.loc[1, ["importance", "correlation"]].isna().all()
    without, same = driving(answers.drop(columns="new"))
    assert facts == pytest.approx(same)
    kept = found[found["touchpoint"] != "new"]["importance"].tolist()
    assert kept == pytest.approx(without["importance"].tolist())


def test_steps_that_hardly_anybody_rated_together_do_not_explain_everything() -> None:
    """Forty people rated each step and the outcome, three at a time rated two steps: any such pair correlates."""
    answers = surveyed(120, 13)
    for place, step in enumerate(("idle", "strong", "weak")):
        answers.loc[(np.arange(120) // 40 != place) & (np.arange(120) % 40 != 0), step] = np.nan
    found, facts = driving(answers)
    assert found["verdict"].tolist() == ["few"] * 3
    assert (found["n"] >= 30).all() and facts == {}


# --- actions -------------------------------------------------------------------------------------------------


def four(**groups: pd.DataFrame) -> dict[str, pd.DataFrame]:
    names = ("figure", "figure_baseline", "figure_rest", "figure_rest_baseline")
    return dict(zip(names, groups.values(), strict=True))


def test_an_effect_is_the_change_there_less_the_change_elsewhere() -> None:
    after, baseline = counted([[60, 20, 20]]), counted([[40, 20, 40]])  # 40 from 0
    rest, rest_baseline = counted([[500, 300, 200]]), counted([[450, 300, 250]])  # 30 from 20
    found = analyses.effect(four(a=after, b=baseline, c=rest, d=rest_baseline), *of("nps", after))
    error = 0.0
    for promoters, passives, detractors in ((60, 20, 20), (40, 20, 40), (500, 300, 200), (450, 300, 250)):
        n = promoters + passives + detractors + 3
        p, d = (promoters + 0.75) / n, (detractors + 0.75) / n
        error += (p + d - (p - d) ** 2) / n
    reach = 100 * 1.959964 * math.sqrt(error)
    interval = [float(found[name][0]) for name in ("effect", "effect_low", "effect_high")]
    assert interval == pytest.approx([30, 30 - reach, 30 + reach])
    assert found["verdict"] == ["real"]
    early = counted([[20, 5, 4]])
    found = analyses.effect(four(a=early, b=baseline, c=rest, d=rest_baseline), *of("nps", early))
    assert found["verdict"] == ["few"], "twenty-nine answers are too early"


def acting_on_the_worst(leave_out: bool, runs: int = 1000) -> pd.DataFrame:
    """The effect of nothing, done to the worst 6 of 60 equal units by the window right before; one row per run."""
    dice = np.random.default_rng(12)
    chosen, after, earlier = dice.multinomial(60, ALIKE, size=(3, runs, 60))
    order = np.argsort(chosen[..., 0] - chosen[..., 2], axis=1, kind="stable")
    baseline = earlier if leave_out else chosen

    def summed(counts: np.ndarray, units: np.ndarray) -> pd.DataFrame:
        return counted(np.take_along_axis(counts, units[..., None], axis=1).sum(axis=1))

    worst, rest = order[:, :6], order[:, 6:]
    groups = four(a=summed(after, worst), b=summed(baseline, worst), c=summed(after, rest), d=summed(baseline, rest))
    return pd.DataFrame(analyses.effect(groups, ["nps"] * runs, METRICS))


def test_acting_on_the_worst_units_seems_to_work_if_the_window_that_chose_them_is_the_baseline() -> None:
    found = acting_on_the_worst(leave_out=False)
    assert found["effect"].mean() > 13
    assert (found["effect_p"] < 0.05).mean() > 0.59


def test_a_baseline_without_the_window_that_chose_the_units_claims_no_effect_where_there_is_none() -> None:
    found = acting_on_the_worst(leave_out=True)
    assert abs(found["effect"].mean()) < 0.6
    assert (found["effect_p"] < 0.05).mean() <= 0.06
    held = (found["effect_low"] <= 0) & (found["effect_high"] >= 0)
    assert held.mean() >= 0.94


# --- a whole page in which nothing moved ---------------------------------------------------------------------

OVERVIEW = {
    "nps": (NPS, (0.4, 0.35, 0.25)),
    "csat": ((0.0, 1.0), (0.2, 0.8)),
    "ces": (tuple(range(1, 8)), (0.05, 0.05, 0.1, 0.1, 0.2, 0.3, 0.2)),
    "rating": (tuple(range(1, 6)), (0.1, 0.1, 0.2, 0.2, 0.4)),
    "response_rate": ((0.0, 1.0), (0.7, 0.3)),
}
DIMENSIONS = {"region": 10, "channel": 6, "tier": 4}
WEEKS = 200


def quiet_weeks(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Comparisons of so many weeks without change, of five key figures and of their hundred segments.

    Answers of both windows and of a year ago come from the same people; every dimension shares out the same ones.
    """
    dice = np.random.default_rng(seed)
    cards, segments = [], []
    for metric, (answers, shares) in OVERVIEW.items():
        now, before, year = dice.multinomial(2_000, shares, size=(3, WEEKS))
        owner = [metric] * WEEKS
        compared = [
            estimates.difference(counted(now, answers), counted(then, answers), owner, METRICS).p
            for then in (before, year)
        ]
        card = {"week": range(WEEKS), "metric": metric, "change_p": compared[0], "year_change_p": compared[1]}
        cards.append(pd.DataFrame(card))
        for dimension, values in DIMENSIONS.items():
            split = [
                counted(
                    dice.multinomial(window, [1 / values] * values).transpose(0, 2, 1).reshape(-1, len(shares)), answers
                )
                for window in (now, before)
            ]
            p = estimates.difference(*split, [metric] * (WEEKS * values), METRICS).p
            place = {"week": np.repeat(range(WEEKS), values), "metric": metric, "dimension": dimension}
            segments.append(pd.DataFrame({**place, "change_p": p}))
    told = {"verdict": "noise", "year_change_verdict": "noise"}
    return pd.concat(cards).assign(**told), pd.concat(segments).assign(verdict="noise")


def shown(name: str, frame: pd.DataFrame) -> Answer:
    return Answer(CATALOG.question(name), frame.reset_index(drop=True), METRICS, False, 0.0, "s")


def test_of_two_hundred_weeks_without_change_nineteen_in_twenty_say_so() -> None:
    """A page claims at a stricter level than one answer: about 3 weeks in 100 say more than they should."""
    cards, segments = quiet_weeks(25)
    assert (len(cards), len(segments)) == (5 * WEEKS, 100 * WEEKS)
    alone = together = 0
    for week in range(WEEKS):
        page = [
            shown("overview/kpi", cards[cards["week"] == week]),
            shown("overview/moved", segments[segments["week"] == week]),
        ]
        judged = figures.together(page)
        claims = [frame.filter(like="verdict").eq("real").any(axis=None) for frame in (one.frame for one in judged)]
        together += any(claims)
        alone += bool((page[0].frame[["change_p", "year_change_p"]] < 0.05).any(axis=None))
    assert together <= 0.05 * WEEKS
    assert alone > 0.3 * WEEKS, "uncorrected, five cards with two comparisons each often claim something"


def test_a_key_figure_that_moved_is_not_drowned_by_a_hundred_segments() -> None:
    cards, segments = (frame[frame["week"] == 3] for frame in quiet_weeks(14))
    cards = cards.assign(change_p=[0.001, 0.9, 0.9, 0.9, 0.9], year_change_p=0.9)
    kpi, moved = figures.together(
        [shown("overview/kpi", cards), shown("overview/moved", segments.assign(change_p=0.9))]
    )
    assert kpi.frame["verdict"].tolist() == ["real"] + ["noise"] * 4
    assert moved.frame["verdict"].eq("noise").all()


def test_what_moved_most_is_not_picked_from_the_smallest_segments() -> None:
    """Ninety segments of 40 to 4,000 answers, each with a true change of some points: raw change picks the smallest."""
    dice = np.random.default_rng(15)
    sizes = np.geomspace(40, 4_000, 90).round()
    by_raw = by_finding = 0
    for _ in range(60):
        change = dice.normal(0, 6, size=90) + dice.normal(size=90) * 100 * np.sqrt(2 * 0.61 / sizes)
        p = 2 * stats.norm.sf(np.abs(change) / (100 * np.sqrt(2 * 0.61 / sizes)))
        frame = pd.DataFrame({"metric": "nps", "dimension": "unit_id", "segment": [f"u{place}" for place in range(90)]})
        verdict = estimates.verdicts(p, np.zeros(90, bool), change)
        frame = frame.assign(value=30.0, n=sizes, change=change, verdict=verdict)
        told = findings.moved(shown("overview/moved", frame), None, "en", lambda column, value: str(value))
        by_raw += int(np.abs(change).argmax() < 30)
        by_finding += int(told[0].n < sizes[30])
    assert by_raw > 0.8 * 60
    assert by_finding <= 0.05 * 60


# --- the same people answering repeatedly ----------------------------------------------------------------------

Said = tuple[str, str, float, float]


def effects(said: Sequence[Said], column: str = "", since: date | None = None) -> dict[str, float]:
    """Design effect per metric of answers (respondent, channel, x, weight), the first half in 2025."""
    rows = [
        (f"{2025 + (2 * place >= len(said))}-06-01", "nps", who, channel, w, w * w, w * x, w * x * x)
        for place, (who, channel, x, w) in enumerate(said)
    ]
    with duckdb.connect() as connection:
        connection.execute(
            "create table answers (day date, metric varchar, respondent varchar, channel varchar, "
            "w double, w2 double, wx double, wx2 double)"
        )
        connection.executemany("insert into answers values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        return dict(connection.execute(scope.repeated("answers", column, since)).fetchall())


TWICE: list[Said] = [
    (who, channel, x, 1.0) for channel in ("app", "web") for who, x in (("a", 1), ("b", 1), ("c", -1), ("d", -1))
]


def test_four_people_who_say_the_same_twice_count_as_four_answers() -> None:
    """Mean 0. Eight answers as if independent: 8 × 1; four people with sums of 2 or −2: 4 × 4 = 16. Twice as much."""
    assert effects(TWICE) == {"nps": 2}


def test_apart_by_a_column_or_a_year_in_which_each_answered_once_nothing_repeats() -> None:
    assert effects(TWICE, "channel") == {"nps": 1}
    assert effects(TWICE, since=date(2026, 1, 1)) == {"nps": 1}


def test_people_who_contradict_themselves_say_more_not_less() -> None:
    assert effects([(who, "app", x, 1.0) for who in "abcd" for x in (1, -1)]) == {"nps": 0}


def test_a_design_effect_counts_weights() -> None:
    """Mean (3 + 3 − 1 − 1)/8 = ½; alone: Σw² = 20 times variance ¾; together: 2 people of ±3 and ∓3 around the mean."""
    said = [("a", "app", 1.0, 3.0), ("a", "app", 1.0, 3.0), ("b", "app", -1.0, 1.0), ("b", "app", -1.0, 1.0)]
    assert effects(said) == {"nps": pytest.approx((3**2 + 3**2) / (20 * 0.75))}


def test_figures_of_people_who_answered_twice_have_the_intervals_of_single_answers(
    company: "Company", ask: Callable[..., Answer]
) -> None:
    scores = [9] * 25 + [7] * 15 + [3] * 10
    once = [{"response_id": f"s{place}", "score": score} for place, score in enumerate(scores)]
    twice = [
        {"response_id": f"t{place}-{again}", "customer_id": f"c{place}", "score": score, "metric": "csat"}
        for place, score in enumerate([5] * 30 + [2] * 20)
        for again in range(2)
    ]
    company.answers([*once, *twice])
    company.publish()
    sql = "select metric, tally(n, w, w2, wx, wx2) as figure from scores group by metric order by metric"
    found = ask(sql)
    assert found.facts["widened"] == pytest.approx(math.sqrt(2))
    csat, nps = found.frame.to_dict("records")
    assert (csat["n"], nps["n"]) == (100, 50)
    plain = estimates.estimate(counted([[30, 20]], (1.0, 0.0)), ["csat"], METRICS)
    assert [csat["value"], csat["low"], csat["high"]] == pytest.approx([float(part[0]) for part in plain])
    alone = estimates.estimate(counted([[25, 15, 10]]), ["nps"], METRICS)
    assert [nps["value"], nps["low"], nps["high"]] == pytest.approx([float(part[0]) for part in alone])


def test_intervals_of_people_who_answered_twice_cover_as_promised_once_widened() -> None:
    """A design effect of two turns a nominal 95 % into 83 %."""
    people = np.random.default_rng(16).multinomial(200, (0.5, 0.3, 0.2), size=10_000)
    answers = counted(2 * people)

    def covered(table: pd.DataFrame) -> float:
        found = estimates.estimate(table, *of("nps", table))
        return float(((found.low <= 30) & (found.high >= 30)).mean())

    assert covered(answers) == pytest.approx(0.83, abs=0.015)
    assert 0.94 <= covered(answers.assign(w2=2 * answers["w2"])) <= 0.96


# --- what a theme costs ------------------------------------------------------------------------------------


def impact_of(*rows: tuple[Any, Any, Any, Any]) -> pd.DataFrame:
    """Each row: counts of promoters, passives and detractors with the theme, without it, and both before."""
    parts = {
        name: estimates.taken(counted([row[place] for row in rows]))
        for place, name in enumerate(analyses.NEEDS["impact"])
    }
    added, order = analyses.impact(parts, *of("nps", pd.DataFrame(index=range(len(rows)))))
    return pd.DataFrame(added).iloc[order]


def test_a_theme_costs_the_score_without_it_less_the_score() -> None:
    """40 of 100 answers name it at −50, the others stand at +50: the score is 10, without the theme 50."""
    found = impact_of(([5, 10, 25], [35, 20, 5], [5, 10, 25], [35, 20, 5])).iloc[0]
    assert found["impact"] == pytest.approx(40)
    assert found["reach"] == pytest.approx(40)
    assert found["impact_low"] < 40 < found["impact_high"]
    assert (found["verdict"], found["trend"]) == ("real", 1.0)
    assert found["priority"] == pytest.approx(40 * 40)


def test_a_theme_that_grew_weighs_more_and_at_most_twice() -> None:
    rows = [20, 20, 60], [600, 200, 100]
    grown = impact_of((*rows, [10, 10, 30], [650, 200, 100])).iloc[0]
    assert grown["trend"] == pytest.approx((100 / 1000) / (50 / 1000), abs=1e-9) or grown["trend"] == 2
    new = impact_of((*rows, [1, 1, 3], [695, 200, 100])).iloc[0]
    assert new["trend"] == analyses.MOST_TREND


def test_a_backlog_begins_with_what_is_beyond_noise_and_costs_most() -> None:
    small = [4, 2, 4], [300, 100, 100], [4, 2, 4], [300, 100, 100]
    costly = [10, 20, 70], [250, 100, 60], [10, 20, 70], [250, 100, 60]
    cheap = [20, 30, 50], [250, 100, 60], [20, 30, 50], [250, 100, 60]
    praised = [90, 5, 5], [150, 150, 110], [90, 5, 5], [150, 150, 110]
    found = impact_of(small, cheap, praised, costly)
    assert found.index.tolist() == [3, 1, 2, 0]
    assert found["verdict"].tolist() == ["real", "real", "real", "few"]
    assert found["impact"].tolist()[2] < 0
    assert found["priority"].tolist()[2] == 0


def test_a_theme_named_for_the_first_time_has_no_trend_that_is_no_number() -> None:
    found = impact_of(([5, 10, 25], [35, 20, 5], [0, 0, 0], [0, 0, 0])).iloc[0]
    assert found["trend"] == 1
    assert math.isfinite(found["priority"])
