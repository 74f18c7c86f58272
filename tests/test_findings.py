"""Every generated sentence is held against its figures: it claims nothing that they do not carry."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cx import findings
from cx.catalog import Catalog
from cx.estimates import FEW
from cx.figures import Answer
from cx.settings import PROJECT

CATALOG = Catalog((PROJECT / "queries",))
METRICS = CATALOG.metrics()
LANGUAGES = ["ko", "en"]


def label(column: str, value: Any) -> str:
    return f"«{value}»"


def answer(name: str, rows: list[Mapping[str, Any]], *metrics: str, **question: Any) -> Answer:
    asked = CATALOG.question(name)
    if question:
        asked = replace(asked, **question)
    return Answer(asked, pd.DataFrame(rows), {one: METRICS[one] for one in metrics}, False, 0.0, "s")


def numbers(sentence: str) -> list[float]:
    return [float(text.replace(",", "")) for text in re.findall(r"\d[\d,]*\.?\d*", re.sub("«[^»]*»", "", sentence))]


VERDICT = st.sampled_from(["real", "noise", "few", ""])
CHANGE = st.floats(-80, 80).filter(lambda value: abs(value) > 0.05)


@st.composite
def moved_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    count = draw(st.integers(1, 8))
    return [
        {
            "metric": draw(st.sampled_from(["nps", "csat"])),
            "dimension": draw(st.sampled_from(["region", "tier", "channel", "language", "wording_version"])),
            "segment": f"v{number}",
            "value": draw(st.floats(0, 90)),
            "n": draw(st.integers(1, 5_000)),
            "change": draw(CHANGE),
            "verdict": draw(VERDICT),
        }
        for number in range(count)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@given(rows=moved_rows())
@settings(max_examples=60, deadline=None)
def test_a_finding_repeats_a_real_change_of_its_own_row_in_the_right_direction(language: Any, rows: Any) -> None:
    asked = answer("overview/moved", rows, "nps", "csat")
    found = findings.moved(asked, None, language, lambda column, value: label(column, value))
    assert len(found) <= findings.MOST
    assert len({finding.column for finding in found}) == len(found)
    for finding in found:
        row = next(row for row in rows if row["segment"] == finding.value and row["dimension"] == finding.column)
        metric = METRICS[row["metric"]]
        assert row["verdict"] == "real"
        assert finding.column not in findings.NOT_A_PLACE
        size, reached, counted = numbers(finding.sentence)[:3]
        assert size == pytest.approx(abs(row["change"]), abs=0.051)
        assert reached == pytest.approx(row["value"], abs=0.051)
        assert counted == row["n"]
        rose = "rose" in finding.sentence or "올라" in finding.sentence
        assert rose == (row["change"] > 0)
        assert finding.better == ((row["change"] > 0) == (metric.direction == "higher"))
        assert f"«{row['segment']}»" in finding.sentence


@pytest.mark.parametrize("language", LANGUAGES)
@given(rows=st.lists(st.tuples(VERDICT, CHANGE, st.floats(0, 90)), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_the_theme_complained_about_is_that_of_the_largest_real_change(language: Any, rows: Any) -> None:
    told = [
        {"theme": f"v{number}", "value": value, "n": 900, "change": change, "verdict": verdict}
        for number, (verdict, change, value) in enumerate(rows)
    ]
    found = findings.voiced(answer("voice/complaints", told, "complaints"), language, label)
    real = [row for row in told if row["verdict"] == "real"]
    if found is None:
        assert not real
        return
    row = next(row for row in told if row["theme"] == found.value)
    assert row in real and abs(row["change"]) == max(abs(one["change"]) for one in real)
    assert f"«{row['theme']}»" in found.sentence and found.better == (row["change"] < 0)
    size, reached = numbers(found.sentence)
    assert size == pytest.approx(abs(row["change"]), abs=0.051) and reached == pytest.approx(row["value"], abs=0.051)
    assert ("rose" in found.sentence or "올라" in found.sentence) == (row["change"] > 0)


def blamed(brand: str, theme: str, change: float, verdict: str = "real", n: int = 100) -> dict[str, Any]:
    return {"brand": brand, "theme": theme, "value": 30.0, "n": n, "change": change, "verdict": verdict}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([blamed("B", "price", 9.0), blamed("C", "app", 12.0)], "C"),  # the one that rose most
        ([blamed("B", "price", -20.0), blamed("C", "app", 12.0)], "C"),  # less blame is no finding
        ([blamed("B", "price", -20.0)], ""),
        ([blamed("B", "price", -20.0), blamed("C", "price", -19.0)], ""),
        ([blamed("B", "price", 20.0, "noise")], ""),
        ([blamed("B", "price", 20.0), blamed("C", "price", 5.0)], ""),  # a quarter of it elsewhere: the season's
        ([blamed("B", "price", 20.0), blamed("C", "price", 4.9)], "B"),
        # C weighs ten times as much as D, which has no row of the theme and counts as unmoved.
        ([blamed("B", "price", 20.0), blamed("C", "price", 5.4, n=1_000), blamed("D", "app", 0.0)], "B"),
        ([blamed("B", "price", 20.0), blamed("C", "price", 5.6, n=1_000), blamed("D", "app", 0.0)], ""),
        # What is the season's does not hide what another one is blamed for.
        ([blamed("B", "price", 20.0), blamed("C", "price", 19.0), blamed("C", "app", 3.0)], "C"),
        ([blamed("A", "price", 20.0), blamed("B", "app", 3.0)], "B"),  # A is our own brand
    ],
)
def test_a_rival_is_told_of_where_complaints_rose_for_real_and_there_alone(rows: Any, told: str) -> None:
    found = findings.rival_blamed(answer("competitors/newly_blamed", rows, "complaints"), "en", label, "A")
    assert (found.brand if found else "") == told


def test_where_two_meet_the_change_of_more_people_is_told_before_a_larger_one() -> None:
    rows = [
        {"segment": "gold", "segment_2": "app", "value": 10.0, "n": 40, "change": -30.0, "verdict": "real"},
        {"segment": "basic", "segment_2": "web", "value": 20.0, "n": 4_000, "change": -5.0, "verdict": "real"},
    ]
    crossed = answer("segments/crossed", rows, "nps")
    told = findings.title(crossed, "en", label)
    assert "«basic» × «web»" in told and "5.0" in told


@pytest.mark.parametrize("language", LANGUAGES)
@given(verdicts=st.lists(VERDICT, min_size=3, max_size=3), changes=st.lists(CHANGE, min_size=3, max_size=3))
@settings(max_examples=60, deadline=None)
def test_the_headline_claims_a_change_only_when_one_is_real(language: Any, verdicts: Any, changes: Any) -> None:
    rows = [
        {"metric": name, "value": 40.0, "n": 900, "change": change, "verdict": verdict}
        for name, verdict, change in zip(("nps", "csat", "ces"), verdicts, changes, strict=True)
    ]
    title, lead = findings.headline(answer("overview/kpi", rows, "nps", "csat", "ces"), language)
    real = [row for row in rows if row["verdict"] == "real"]
    if not real:
        assert not re.search("rose|fell|올랐|떨어졌", title + lead)
        return
    first = real[0]
    assert ("rose" in title or "올랐" in title) == (first["change"] > 0)
    decimals = METRICS[first["metric"]].decimals
    assert numbers(title)[-1] == pytest.approx(abs(first["change"]), abs=0.6 * 10**-decimals)
    for row in rows:
        if row["verdict"] == "noise":
            assert METRICS[row["metric"]].label[language] in lead


@pytest.mark.parametrize("language", LANGUAGES)
@given(rows=st.lists(st.tuples(st.floats(1, 5), st.floats(0.01, 1), st.integers(1, 400)), min_size=2, max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_leader_is_named_only_when_the_intervals_do_not_touch(language: Any, rows: Any) -> None:
    brands = [
        {
            "brand": "ours" if place == 0 else f"b{place}",
            "value": value,
            "low": value - reach,
            "high": value + reach,
            "n": n,
        }
        for place, (value, reach, n) in enumerate(rows)
    ]
    asked = answer("competitors/rating", brands, "rating")
    title = findings.title(asked, language, label, own="ours")
    ours, rivals = brands[0], [brand for brand in brands[1:] if brand["n"] >= FEW]
    ahead = [brand for brand in rivals if brand["low"] > ours["high"]]
    if ahead:
        best = max(brand["value"] for brand in ahead)
        assert any(f"«{brand['brand']}»" in title for brand in ahead if brand["value"] == best)
    elif title:
        assert all(brand["high"] < ours["low"] for brand in rivals)
    told = findings.standing(asked, language, label, "ours")
    if told:
        firm = sorted((brand for brand in brands if brand["n"] >= FEW), key=lambda brand: -brand["value"])
        better = sum(brand["value"] > ours["value"] for brand in firm)
        place = re.search(r"number (\d+)|(\d+)위", told)
        assert (int(place.group(1) or place.group(2)) if place else 1) == better + 1


@pytest.mark.parametrize(("language", "rest"), [("en", "and 7 more"), ("ko", "외 7개")])
def test_of_many_quiet_metrics_the_first_are_named_and_the_others_counted(language: Any, rest: str) -> None:
    known = [CATALOG.metrics()[name] for name in ("nps", "csat", "ces", "rating", "response_rate")]
    assert findings._names(known, language).count(",") == 4
    assert findings._names(known * 2, language).endswith(rest)


def test_nobody_is_ahead_where_no_rival_has_answers_enough_to_be_judged() -> None:
    rows = [
        {"brand": brand, "value": value, "low": value - 0.4, "high": value + 0.4, "n": n}
        for brand, value, n in (("ours", 2.9, 40), ("theirs", 4.7, 18), ("others", 2.1, 24))
    ]
    asked = answer("competitors/rating", rows, "rating")
    assert findings.title(asked, "en", label, own="ours") == ""


@pytest.mark.parametrize("language", LANGUAGES)
@given(rows=st.lists(st.tuples(st.floats(10, 90), st.floats(0.1, 30)), min_size=2, max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_weakest_step_lies_clearly_below_every_other(language: Any, rows: Any) -> None:
    steps = [
        {"touchpoint": f"t{place}", "value": value, "low": value - reach, "high": value + reach, "n": 100}
        for place, (value, reach) in enumerate(rows)
    ]
    title = findings.title(answer("journey/touchpoints", steps, "csat"), language, label)
    steps.sort(key=lambda step: step["value"])
    apart = [
        many
        for many in (1, 2)
        if len(steps) >= 2 * many
        and max(step["high"] for step in steps[:many]) < min(step["value"] for step in steps[many:])
    ]
    named = [step["touchpoint"] for step in steps if f"«{step['touchpoint']}»" in title]
    assert named == [step["touchpoint"] for step in steps[: min(apart, default=0)]]
    assert bool(title) == bool(named)


def test_two_steps_that_lie_together_below_all_others_are_named_both() -> None:
    steps = [
        {"touchpoint": name, "value": value, "low": value - 7, "high": value + 7, "n": 100}
        for name, value in (("help", 10.4), ("return", 11.1), ("pay", 40.3), ("use", 46.5))
    ]

    def said(rows: list[dict[str, Any]], language: Any) -> str:
        return findings.title(answer("journey/touchpoints", rows, "csat"), language, label)

    assert said(steps, "en") == "«help» and «return» are the weakest steps"
    assert said(steps, "ko") == "«help»과(와) «return»이(가) 가장 약한 단계입니다"
    assert said(steps[:3], "en") == "", "two of three are most of them"
    assert said(steps[1:], "en") == "«return» is the weakest step"


@pytest.mark.parametrize("language", LANGUAGES)
@given(rows=st.lists(st.tuples(st.floats(10, 90), VERDICT, st.integers(30, 3000)), min_size=2, max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_difference_is_claimed_only_of_a_row_that_is_apart(language: Any, rows: Any) -> None:
    parts = [
        {"metric": "csat", "segment": f"s{place}", "value": value, "n": n, "apart": verdict}
        for place, (value, verdict, n) in enumerate(rows)
    ]
    title = findings.title(answer("segments/breakdown", parts, "csat"), language, label)
    named = re.search("«([^»]*)»", title)
    if named:
        part = next(part for part in parts if part["segment"] == named.group(1))
        overall = sum(part["value"] * part["n"] for part in parts) / sum(part["n"] for part in parts)
        assert part["apart"] == "real"
        below = "below" in title or "낮습" in title
        assert below == (part["value"] < overall)
    elif title:
        assert not any(part["apart"] == "real" for part in parts)


@pytest.mark.parametrize("language", LANGUAGES)
@given(values=st.lists(st.floats(10, 90), min_size=4, max_size=12), reach=st.floats(0.5, 30))
@settings(max_examples=60, deadline=None)
def test_a_lowest_period_lies_below_the_middle_by_more_than_its_interval(
    language: Any, values: Any, reach: float
) -> None:
    months = pd.date_range("2025-01-01", periods=len(values), freq="MS")
    rows = [
        {"period": month, "value": value, "low": value - reach, "high": value + reach, "n": 500}
        for month, value in zip(months, values, strict=True)
    ]
    title = findings.title(answer("overview/trend", rows, "csat"), language, label)
    apart = min(values) + reach < np.median(values)
    assert bool(numbers(title)) == apart
    if not apart:
        assert (
            title
            == {"ko": "나머지보다 뚜렷하게 낮은 달이 없습니다", "en": "No month is clearly lower than the rest"}[
                language
            ]
        )
    else:
        assert numbers(title)[-1] == pytest.approx(min(values), abs=0.051)


def test_nothing_is_claimed_of_an_empty_answer() -> None:
    for name, question in CATALOG.questions().items():
        if question.finding:
            empty = Answer(question, pd.DataFrame(), {}, False, 0.0, "s")
            assert findings.title(empty, "en", label) == "", name
