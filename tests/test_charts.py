"""Charts are tested by what a reader would see or click: words, colours, marks, and what they carry."""

import itertools
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from cx import catalog, charts, reference
from cx.catalog import Chart
from cx.charts import ACCENT, BAD, CLEAR, DRAWERS, GOOD, GREY, Style, few_left_out, rows_left_out
from cx.charts.rows import text_width
from cx.errors import CxError, QueryFileError

MARKUP = "<b>x</b><script>"
ESCAPED = "&lt;b&gt;x&lt;/b&gt;&lt;script&gt;"
MONTHS = [date(2025 + month // 12, month % 12 + 1, 1) for month in range(14)]
NAMES = {"value": "NPS", "n": "n", "total": "All", "target": "Target", "previous": "Last year", "net": "NPS"}
NAMES |= {"against": "vs last year"}
NAMES |= {"worst": "Lowest", "fix": "Fix first", "keep": "Keep", "watch": "Watch", "over": "Overserved"}
NAMES |= {"start": "Before", "end": "Now", "rate": "Own change", "mix": "Shift", "rest": "Others"}
NAMES |= {"cut": "New wording", "partial": "Not over yet", "adjusted": "Adjusted", "share": "Share"}
NAMES |= {"unusual_outside": "Unusual", "unusual_run": "Eight in a row", "unusual_drift": "Slow drift"}
ENGLISH = Style(language="en", domain=(-100, 100), own="s1", total=41.0, target=43.0, names=NAMES)
CHARTS = {
    "line": Chart("line", x="month"),
    "lines": Chart("line", x="month", color="segment"),
    "steps": Chart("line", x="segment"),
    "bar": Chart("bar", x="segment"),
    "stacked": Chart("stacked", x="segment", y="n", color="part"),
    "heatmap": Chart("heatmap", x="month", color="segment"),
    "scatter": Chart("scatter", x="influence", label="segment", size="n"),
    "priority": Chart("priority", x="influence", label="segment", size="n"),
    "change": Chart("change", x="segment"),
    "journey": Chart("journey", x="segment"),
    "waterfall": Chart("waterfall", x="segment"),
    "funnel": Chart("funnel", x="segment"),
}
KEYS = {
    "line": ["month"],
    "lines": ["month", "segment"],
    "stacked": ["segment", "part"],
    "heatmap": ["month", "segment"],
}


def answer(segments: int = 5, months: int = 12) -> pd.DataFrame:
    """An answer with every column that any kind of chart reads."""
    rows = []
    for number in range(segments):
        for place, month in enumerate(MONTHS[:months]):
            value = 40 + 3 * math.sin(number) + place / 4
            change = 6.0 - 3 * number
            rows.append(
                {
                    "month": month,
                    "segment": f"s{number}",
                    "part": ("detractor", "passive", "promoter")[place % 3],
                    "influence": 0.2 + number / 10,
                    "value": value,
                    "low": value - 2,
                    "high": value + 2,
                    "n": 900 - 10 * number,
                    "previous": value - 1,
                    "change": change,
                    "change_low": change - 2,
                    "change_high": change + 2,
                    "verdict": "real" if abs(change) > 2 else "noise",
                    "rate": 2.0 - number,
                    "mix": 0.5,
                    "limit_low": 38.0,
                    "limit_high": 42.0,
                    "limit_low_outer": 37.0,
                    "limit_high_outer": 43.0,
                }
            )
    return pd.DataFrame(rows)


def rows_for(case: str, frame: pd.DataFrame) -> pd.DataFrame:
    """One row for each mark of that chart."""
    return frame.drop_duplicates(KEYS.get(case, ["segment"])).reset_index(drop=True)


def draw(frame: pd.DataFrame, chart: Chart, style: Style) -> go.Figure:
    """The figure, checked by Plotly itself: a key or value that it does not know is an error."""
    drawn = charts.draw(frame, chart, style)
    figure = go.Figure(drawn, skip_invalid=False)
    if "template" not in drawn["layout"]:
        # Plotly would add its default, which is Streamlit's once any test has loaded that; the product sends none.
        figure.layout.template = None
    return figure


def picture(case: str, frame: pd.DataFrame, style: Style = ENGLISH) -> dict[str, Any]:
    """The figure as the browser gets it."""
    figure: dict[str, Any] = json.loads(draw(rows_for(case, frame), CHARTS[case], style).to_json())
    return figure


def traces(figure: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The traces of that name."""
    return [trace for trace in figure["data"] if trace.get("name") == name]


def words_of(figure: dict[str, Any]) -> list[str]:
    """Every text that Plotly would read tags in."""
    layout = figure["layout"]
    found = [note["text"] for note in layout.get("annotations", [])]
    found += [text for axis in ("xaxis", "yaxis") for text in layout[axis].get("ticktext", [])]
    for trace in figure["data"]:
        found += [
            *trace.get("hovertext", []),
            *(text for text in trace.get("text", [])),
            trace.get("name", ""),
        ]
    return found


def leaves(thing: Any) -> Iterator[Any]:
    """Every single value in nested lists and dictionaries."""
    if isinstance(thing, dict | list):
        for inner in thing.values() if isinstance(thing, dict) else thing:
            yield from leaves(inner)
    else:
        yield thing


every_case = pytest.mark.parametrize("case", CHARTS)


def test_every_kind_is_drawn_here_or_belongs_to_the_screen() -> None:
    """A kind that nobody draws would be found by a reader, not by a test."""
    assert {*DRAWERS, "crosstab", "table", "kpi"} == set(reference.CHARTS)


@every_case
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("dark", [False, True])
def test_every_kind_draws_in_both_languages_and_themes(case: str, language: str, dark: bool) -> None:
    """Nothing is drawn too small to read, and something can be clicked."""
    figure = picture(case, answer(), replace(ENGLISH, language=language, dark=dark))  # type: ignore[arg-type]
    assert figure["layout"]["height"] >= 100
    assert any("customdata" in trace for trace in figure["data"])


@every_case
def test_one_row_is_enough(case: str) -> None:
    """A company's first month has one row."""
    assert draw(answer().head(1), CHARTS[case], ENGLISH).data


@every_case
def test_no_rows_give_an_empty_sheet(case: str) -> None:
    """The sentence about it stands beside the chart."""
    assert not draw(answer().head(0), CHARTS[case], ENGLISH).data


@every_case
def test_hidden_figures_are_not_drawn_as_zero(case: str) -> None:
    """A value held back for privacy is a gap or a dash."""
    frame = answer().astype({"n": float})
    hidden = frame["segment"] == "s2"
    hidden_columns = ["value", "low", "high", "previous", "change", "change_low", "change_high", "rate", "mix"]
    frame.loc[hidden, hidden_columns] = math.nan
    figure = picture(case, frame)
    numbers = [leaf for trace in traces(figure, "value") + traces(figure, "bar") for leaf in trace["y"] + trace["x"]]
    assert "NaN" not in json.dumps(figure)
    if case in ("steps", "bar", "journey"):
        assert None in numbers


@every_case
def test_all_figures_hidden_give_an_empty_sheet(case: str) -> None:
    """There is no axis to draw without one number."""
    frame = answer()
    frame[["value", "change", "n"]] = math.nan
    assert not draw(frame, CHARTS[case], ENGLISH).data


@every_case
def test_forty_segments_stay_readable(case: str) -> None:
    """Rows, colours and names are limited; what is left out is counted."""
    frame = rows_for(case, answer(segments=40))
    figure = json.loads(draw(frame, CHARTS[case], ENGLISH).to_json())
    assert figure["layout"]["height"] < 1500
    if case in ("bar", "change", "stacked", "heatmap"):
        assert len(figure["layout"]["yaxis"]["ticktext"]) == 12
        assert rows_left_out(frame, CHARTS[case]) == 28


@every_case
def test_markup_in_data_is_shown_as_text(case: str) -> None:
    """Plotly follows some tags in every text it draws."""
    frame = answer().replace("s2", MARKUP)
    style = replace(ENGLISH, events=((MONTHS[3], MARKUP),), names={**NAMES, "total": MARKUP, "previous": MARKUP})
    texts = words_of(picture(case, frame, style))
    assert not [text for text in texts if "<script" in text or "<b>x" in text]
    assert any(ESCAPED in text or "&lt;b&gt;" in text for text in texts)


@every_case
def test_no_color_is_a_placeholder_of_streamlit(case: str) -> None:
    """Streamlit would replace #0000xx by colours of its own."""
    found = [leaf for leaf in leaves(picture(case, answer())) if isinstance(leaf, str)]
    assert not [color for color in found if color.lower().startswith("#0000") and color != "#000000"]


@every_case
def test_every_click_says_which_column_and_value(case: str) -> None:
    """The first two members are a column of the answer and a value it holds."""
    frame = rows_for(case, answer())
    carried = [mark for trace in picture(case, frame)["data"] for mark in trace.get("customdata", [])]
    values = {column: set(map(str, frame[column])) for column in frame.columns}
    assert carried
    assert all(str(value) in values[column] for column, value, *_ in carried)


@every_case
def test_the_answer_is_left_as_it_was(case: str) -> None:
    """The same rows are shown as a table and exported."""
    frame = rows_for(case, answer())
    before = frame.copy(deep=True)
    draw(frame, CHARTS[case], ENGLISH)
    pd.testing.assert_frame_equal(frame, before)


@every_case
def test_a_finger_can_scroll_over_every_chart(case: str) -> None:
    """Charts neither zoom nor show legends, and their words are never turned."""
    layout = picture(case, answer())["layout"]
    assert layout["xaxis"]["fixedrange"] and layout["yaxis"]["fixedrange"]
    assert layout["dragmode"] is False and layout["showlegend"] is False
    assert layout["xaxis"]["tickangle"] == 0 and "title" not in layout


def test_the_own_brand_is_the_thickest_line() -> None:
    """And drawn last, on top, in the accent colour, named in bold."""
    figure = picture("lines", answer())
    widths = {trace["name"]: trace["line"]["width"] for trace in figure["data"]}
    assert widths["s1"] == 3.5 == max(widths.values())
    assert list(widths)[-1] == "s1" and figure["data"][-1]["line"]["color"] == ACCENT
    bold = [note["text"] for note in figure["layout"]["annotations"] if note["font"]["weight"] == 600]
    assert len(bold) == 1 and bold[0].startswith("s1 ")


def test_more_than_five_lines_leave_the_rest_grey() -> None:
    """The own brand first, then the largest."""
    figure = picture("lines", answer(segments=9))
    colored = {trace["name"] for trace in figure["data"] if trace["line"]["color"] != GREY}
    assert colored == {"s0", "s1", "s2", "s3", "s4"}


def test_end_labels_do_not_overlap() -> None:
    """Five lines that end at the same value are still five names."""
    frame = answer().assign(value=40.0, low=38.0, high=42.0)
    figure = picture("lines", frame, replace(ENGLISH, target=None))
    heights = sorted(note["y"] for note in figure["layout"]["annotations"] if note["text"].startswith("s"))
    plot = figure["layout"]["height"] - figure["layout"]["margin"]["t"] - figure["layout"]["margin"]["b"]
    assert len(heights) == 5
    assert min(b - a for a, b in itertools.pairwise(heights)) * plot >= charts.LINE_HEIGHT


def test_the_band_is_broken_where_the_line_is() -> None:
    """A surface across a gap would show intervals nobody computed."""
    frame = rows_for("line", answer())
    frame.loc[5, ["value", "low", "high"]] = math.nan
    figure = picture("line", frame)
    (band,) = traces(figure, "band")
    assert band["fill"] == "toself" and band["x"].count(None) == 2
    assert traces(figure, "value")[0]["y"][5] is None


def test_a_line_axis_is_at_least_three_intervals_high() -> None:
    """A cut axis must not turn noise into mountains."""
    frame = rows_for("line", answer()).assign(value=40.0, low=35.0, high=45.0, previous=math.nan)
    low, high = picture("line", frame, replace(ENGLISH, target=None))["layout"]["yaxis"]["range"]
    assert high - low >= 30


def test_an_axis_never_shows_what_is_impossible() -> None:
    """A mean of 1 to 5 has no six."""
    frame = rows_for("line", answer()).assign(value=4.9, low=4.7, high=5.1, previous=math.nan)
    style = replace(ENGLISH, domain=(1, 5), target=None)
    assert picture("line", frame, style)["layout"]["yaxis"]["range"][1] <= 5


def test_bars_start_at_zero() -> None:
    """Their length is the value."""
    assert picture("bar", answer())["layout"]["xaxis"]["range"][0] == 0
    negative = answer().assign(value=-8.0, low=-9.0, high=-7.0)
    low, high = picture("bar", negative)["layout"]["xaxis"]["range"]
    assert low < -9 and high > 0


def test_only_real_differences_are_accented() -> None:
    """The own brand is bold, but its bar is coloured by the test alone."""
    frame = rows_for("bar", answer()).assign(verdict=["noise", "noise", "real", "", "few"])
    figure = picture("bar", frame)
    (bar,) = traces(figure, "bar")
    accented = [
        mark[1] for mark, color in zip(bar["customdata"], bar["marker"]["color"], strict=True) if color == ACCENT
    ]
    assert accented == ["s2"]
    assert "<b>s1</b>" in figure["layout"]["yaxis"]["ticktext"]


def test_the_own_brand_is_never_the_row_left_out() -> None:
    """The last of twenty is the one the reader looks for."""
    frame = rows_for("bar", answer(segments=20)).assign(value=list(range(20, 0, -1)))
    figure = json.loads(draw(frame, CHARTS["bar"], replace(ENGLISH, own="s19")).to_json())
    assert "<b>s19</b>" in figure["layout"]["yaxis"]["ticktext"]


@pytest.mark.parametrize("kind", ["bar", "change", "stacked"])
def test_where_not_all_have_room_those_of_few_answers_are_left_out_but_the_largest_and_our_own(kind: str) -> None:
    """Forty brands, three of them with a hundred reviews: the others' single ones would fill the chart."""
    frame = rows_for(kind, answer(segments=40))
    n = [100 if name in ("s7", "s8", "s9") else 9 if name == "s30" else 1 for name in frame["segment"]]
    frame = frame.assign(n=n)
    chart = CHARTS[kind]
    few = few_left_out(frame, chart, "s39")
    assert (len(few), rows_left_out(frame, chart, len(few))) == (34, 0)
    names = json.loads(draw(frame, chart, replace(ENGLISH, own="s39")).to_json())["layout"]["yaxis"]["ticktext"]
    assert {*names} >= {"s7", "s8", "s9", "s30", "<b>s39</b>"} and len(names) == 6
    assert few_left_out(frame.head(5), chart) == set(), "where all have room, all are shown"


@pytest.mark.parametrize(("things", "left_out"), [(5, 0), (6, 1)])
def test_lines_have_room_for_as_many_as_have_a_colour(things: int, left_out: int) -> None:
    frame = pd.DataFrame({"segment": [f"s{number}" for number in range(things)], "month": MONTHS[0]})
    frame = frame.assign(value=40.0, n=[100] * 5 + [1] * (things - 5))
    assert len(few_left_out(frame, CHARTS["lines"])) == left_out


def test_where_all_have_few_answers_or_keep_their_order_none_is_left_out() -> None:
    frame = rows_for("bar", answer(segments=40)).assign(n=1)
    assert few_left_out(frame, CHARTS["bar"]) == set()
    frame.loc[0, "n"] = 100
    assert len(few_left_out(frame, CHARTS["bar"])) == 35
    assert few_left_out(frame, replace(CHARTS["bar"], sort="own")) == set()


def test_stacked_bars_count_the_answers_that_they_show() -> None:
    frame = pd.DataFrame(
        {"segment": [f"s{number}" for number in range(40)], "part": "all", "texts": [100] * 3 + [1] * 37}
    )
    assert len(few_left_out(frame, Chart("stacked", x="segment", y="texts", color="part"))) == 35


def test_groups_keep_their_colours_and_their_net_where_nobody_is_in_one_of_them() -> None:
    """Passives alone are no new kind of thing, and neither bad nor good."""
    frame = pd.DataFrame(
        {"segment": ["s0", "s0", "s2"], "part": ["promoter", "passive", "passive"], "n": [30.0, 10.0, 20.0]}
    )
    whole = json.loads(draw(frame, CHARTS["stacked"], ENGLISH).to_json())
    assert [trace["name"] for trace in whole["data"]] == ["passive", "promoter"], "from bad to good"
    alone = json.loads(draw(frame[2:], CHARTS["stacked"], ENGLISH).to_json())
    (left,), (passive, promoter) = alone["data"], whole["data"]
    assert left["marker"]["color"] == passive["marker"]["color"] == charts.style.MIDDLE[0]
    assert promoter["marker"]["color"] == GOOD
    assert "+75.0" in [note["text"] for note in whole["layout"]["annotations"]]


def test_of_handfuls_that_have_not_all_room_the_largest_come_first() -> None:
    frame = rows_for("bar", answer(segments=4)).assign(n=[1, 9, 5, 100], value=[90.0, 50.0, 60.0, 10.0])
    cut = draw(frame, replace(CHARTS["bar"], limit=3), replace(ENGLISH, own=None))
    whole = draw(frame, CHARTS["bar"], replace(ENGLISH, own=None))
    names = [json.loads(figure.to_json())["layout"]["yaxis"]["ticktext"] for figure in (cut, whole)]
    assert [{*one} for one in names] == [{"s3", "s1", "s2"}, {"s0", "s1", "s2", "s3"}]


def test_a_map_of_changes_colours_only_what_is_real_and_writes_its_sign() -> None:
    """A fall within noise must not look like one."""
    frame = rows_for("heatmap", answer())
    figure = json.loads(draw(frame, replace(CHARTS["heatmap"], y="change"), replace(ENGLISH, total=0.0)).to_json())
    (heat,) = traces(figure, "heat")
    coloured = {name for name, line in zip(figure["layout"]["yaxis"]["ticktext"], heat["z"], strict=True) if line[0]}
    assert coloured == set(frame[frame["verdict"] == "real"]["segment"].replace("s1", "<b>s1</b>"))
    assert {text[0] for cell in traces(figure, "cell") for text in cell["text"]} <= {*"+−0"}


def test_a_map_of_changes_leaves_a_large_one_within_noise_without_colour() -> None:
    frame = pd.DataFrame(
        [
            {"a": "x", "b": "y", "value": 9.0, "n": 90, "change": 9.0, "verdict": "real"},
            {"a": "z", "b": "y", "value": 8.0, "n": 90, "change": 8.0, "verdict": "noise"},
        ]
    )
    chart = Chart("heatmap", x="a", y="change", color="b")
    (heat,) = traces(json.loads(draw(frame, chart, replace(ENGLISH, total=0.0)).to_json()), "heat")
    assert heat["z"] == [[1.0, None]]


def test_two_lines_of_one_chart_never_have_the_same_colour() -> None:
    """Of a hundred brands several keep the same one."""
    style = replace(ENGLISH, color=lambda column, value: charts.palette_color(1))
    figure = picture("lines", answer(segments=3), style)
    colors = [trace["line"]["color"] for trace in figure["data"] if trace["name"] in ("s0", "s1", "s2")]
    assert len({*colors} - {GREY, CLEAR}) == 3


def test_the_own_line_has_its_colour_whichever_one_is_kept_for_it() -> None:
    style = replace(ENGLISH, color=lambda column, value: charts.palette_color(3))
    figure = picture("lines", answer(segments=3), style)
    colors = {trace["name"]: trace["line"]["color"] for trace in figure["data"] if trace["line"]["color"] != CLEAR}
    assert colors["s1"] == ACCENT and ACCENT not in (colors["s0"], colors["s2"])


def test_a_change_is_filled_only_when_real() -> None:
    """Good and bad follow the metric's direction."""
    frame = rows_for("change", answer())
    (dots,) = traces(picture("change", frame), "dot")
    by_name = dict(zip([mark[1] for mark in dots["customdata"]], dots["marker"]["color"], strict=True))
    assert (by_name["s0"], by_name["s4"]) == (GOOD, BAD)
    assert by_name["s2"] not in (GOOD, BAD, GREY)
    (dots,) = traces(picture("change", frame, replace(ENGLISH, higher_is_better=False)), "dot")
    assert dots["marker"]["color"][0] == BAD
    (dots,) = traces(picture("change", frame, replace(ENGLISH, neutral=True)), "dot")
    assert dots["marker"]["color"][0] == ACCENT, "what is neither better nor worse"


def test_the_strongest_falls_survive_the_limit() -> None:
    """Twelve rises would hide what needs help."""
    frame = answer(segments=40).drop_duplicates("segment")
    figure = json.loads(draw(frame, CHARTS["change"], ENGLISH).to_json())
    assert "s39" in figure["layout"]["yaxis"]["ticktext"]


def test_shares_of_a_row_make_one_hundred() -> None:
    """Whatever the counts are."""
    figure = picture("stacked", answer())
    assert [trace["marker"]["color"] for trace in figure["data"]] == [BAD, charts.MIDDLE[0], GOOD]
    totals = [sum(shares) for shares in zip(*(trace["x"] for trace in figure["data"]), strict=True)]
    assert totals == pytest.approx([100.0] * 5)


@pytest.mark.parametrize("width", [charts.PHONE, 470])
def test_the_names_of_parts_stand_above_the_headings_where_both_do_not_fit_a_tablet(width: int) -> None:
    """A card of 470 pixels on a desk is one of 330 on a tablet, where “promoter” would stand on “NPS”."""

    def lifts(rows: pd.DataFrame) -> tuple[float, float]:
        notes = json.loads(draw(rows, CHARTS["stacked"], replace(ENGLISH, width=width)).to_json())["layout"]
        key, heading = ([one for one in notes["annotations"] if text in one["text"]] for text in ("⬤", "<b>NPS"))
        return key[0]["yshift"], next(iter(heading), {"yshift": 4})["yshift"]

    names, headings = lifts(rows_for("stacked", answer()))
    assert names >= headings + 16
    names, headings = lifts(pd.DataFrame({"segment": "s0", "part": ["1", "2"], "n": [5, 5]}))
    assert names == headings, "short ones stand beside it"


def test_no_bar_of_shares_leaves_the_axis_where_nothing_is_written_on_it() -> None:
    """26, 10, 19, 66 and 280 of 401 are 100.00000000000001 % when they are added one by one."""
    frame = pd.DataFrame({"segment": "Nuri", "part": ["1", "2", "3", "4", "5"], "n": [26, 10, 19, 66, 280]})
    figure = json.loads(draw(frame, CHARTS["stacked"], ENGLISH).to_json())
    end = 0.0
    for trace in figure["data"]:
        end += trace["x"][0]
    assert 100 < end <= figure["layout"]["xaxis"]["range"][1]


def test_a_heat_map_is_symmetric_around_the_total() -> None:
    """As far above is as strong as below; too few answers have no colour but a number."""
    frame = pd.DataFrame({"month": MONTHS[:3], "segment": "s0", "value": [31.0, 41.0, 51.0], "n": [90, 90, 9]})
    figure = json.loads(draw(frame, CHARTS["heatmap"], ENGLISH).to_json())
    heat = next(trace for trace in figure["data"] if trace["type"] == "heatmap")
    assert (heat["zmin"], heat["zmax"]) == (-1, 1) and heat["z"] == [[-1.0, 0.0, None]]
    assert any("51.0" in trace.get("text", []) for trace in figure["data"])


def test_a_heat_map_shows_the_last_eight_months() -> None:
    """A phone has room for eight columns."""
    figure = picture("heatmap", answer(months=14))
    assert len(figure["layout"]["xaxis"]["ticktext"]) == 8
    assert figure["layout"]["xaxis"]["ticktext"][-1] == "Feb"


def test_names_over_a_heat_map_never_meet_on_a_phone() -> None:
    """Long names of rows take room from the columns, whose own names are broken between words."""
    brands, themes = ("Nuri Mall", "Daon Market", "Semo Store", "Hanbit Mall"), ("Returns and refunds", "Coupons")
    rows = [(brand, theme) for theme in themes for brand in brands]
    frame = pd.DataFrame(rows, columns=["brand", "theme"]).assign(value=20.0, low=15.0, high=25.0, n=90)
    chart = Chart(kind="heatmap", x="brand", color="theme")
    heads = json.loads(draw(frame, chart, replace(ENGLISH, width=charts.PHONE)).to_json())["layout"]["xaxis"][
        "ticktext"
    ]
    assert heads == ["Nuri Mall", "Daon<br>Market", "Semo<br>Store", "Hanbit<br>Mall"]


def test_names_over_narrow_columns_stand_upright_instead_of_being_cut() -> None:
    steps = ("Browse", "Order", "Pay", "Delivery", "Receive", "Use", "Help", "Return")
    frame = pd.DataFrame({"step": steps, "region": "Gwangju", "value": 20.0, "low": 15.0, "high": 25.0, "n": 90})
    for width, turned in ((charts.PHONE, -90), (1200, 0)):
        figure = json.loads(
            draw(frame, Chart("heatmap", x="step", color="region"), replace(ENGLISH, width=width)).to_json()
        )
        axis = figure["layout"]["xaxis"]
        assert axis["tickangle"] == turned and axis["ticktext"] == list(steps)


def test_days_over_narrow_columns_lie_flat_and_are_left_out_instead() -> None:
    days = [date(2026, 1, 5) + timedelta(weeks=number) for number in range(12)]
    frame = pd.DataFrame({"week": days, "theme": "배송", "value": 20.0, "low": 15.0, "high": 25.0, "n": 90})
    figure = json.loads(draw(frame, Chart("heatmap", x="week", color="theme"), replace(ENGLISH, width=250)).to_json())
    assert figure["layout"]["xaxis"]["tickangle"] == 0


def test_weeks_over_a_heat_map_are_named_as_far_as_a_phone_has_room() -> None:
    days = [date(2026, 9, 7) + timedelta(weeks=number) for number in range(8)]
    frame = pd.DataFrame({"week": days, "theme": "배송", "value": 20.0, "low": 15.0, "high": 25.0, "n": 90})
    for width, named in ((charts.PHONE, 4), (1200, 8)):
        style = replace(ENGLISH, language="ko", grain="week", width=width)
        figure = json.loads(draw(frame, Chart("heatmap", x="week", color="theme"), style).to_json())
        heads = figure["layout"]["xaxis"]["ticktext"]
        assert len(heads) == 8 and sum(bool(head) for head in heads) == named and heads[0] == "2026년<br>9월 2주차"


@pytest.mark.parametrize(("columns", "written"), [(3, "7.3%"), (8, "7.3"), (12, "7.3")])
def test_numbers_in_a_heat_map_never_meet_on_a_phone(columns: int, written: str) -> None:
    weeks = [date(2026, 9, 7) + timedelta(weeks=number) for number in range(columns)]
    frame = pd.DataFrame({"week": weeks, "theme": "상품 구색·품절", "value": 7.3, "low": 5.0, "high": 9.0, "n": 90})
    style = replace(ENGLISH, language="ko", grain="week", unit="%", width=charts.PHONE)
    figure = json.loads(draw(frame, Chart("heatmap", x="week", color="theme"), style).to_json())
    assert {text for trace in traces(figure, "cell") for text in trace["text"]} == {written}


def test_heat_map_clicks_are_carried_by_unseen_squares() -> None:
    """Heat maps themselves pass on no clicks."""
    cells = traces(picture("heatmap", answer()), "cell")
    assert all(trace["marker"]["opacity"] == 0 and trace["hoverinfo"] == "text" for trace in cells)


def test_the_weakest_step_with_enough_answers_stands_out() -> None:
    """A step of twelve answers is not called the weakest."""
    frame = rows_for("journey", answer()).assign(value=[40.0, 20.0, 35.0, 10.0, 50.0], n=[90, 90, 90, 12, 90])
    (steps,) = traces(picture("journey", frame), "value")
    assert steps["marker"]["color"] == [ACCENT, BAD, ACCENT, GREY, ACCENT]


@pytest.mark.parametrize(("weakest", "named"), [(1, 4), (3, 0), (4, 0), (0, 4), (2, 4)])
def test_the_comparison_of_a_journey_is_named_where_the_weakest_step_says_nothing(weakest: int, named: int) -> None:
    frame = rows_for("journey", answer()).assign(
        value=[10.0 if place == weakest else 40.0 for place in range(5)], n=90, previous=45.0
    )
    style = replace(ENGLISH, names={"previous": "previous period"})
    figure = json.loads(draw(frame, Chart("journey", x="segment"), style).to_json())
    notes = [note for note in figure["layout"]["annotations"] if note["text"] == "previous period"]
    assert [note["x"] for note in notes] == [named]


def test_a_long_journey_runs_downwards() -> None:
    """Twelve names do not fit side by side on a phone."""
    figure = picture("journey", answer(segments=12))
    assert len(figure["layout"]["yaxis"]["ticktext"]) == 12
    assert traces(figure, "value")[0]["y"] == list(range(12))


def test_the_year_is_said_once_on_a_date_axis() -> None:
    """Under its first tick."""
    texts = picture("line", answer(months=14))["layout"]["xaxis"]["ticktext"]
    assert sum("2025" in text for text in texts) == 1 and sum("2026" in text for text in texts) == 1
    assert len(texts) <= 5


def test_events_too_near_each_other_keep_their_lines_but_not_their_names() -> None:
    """Hover tells the rest."""
    events = tuple((date(2025, 6, day), f"Something happened {day}") for day in range(1, 9))
    figure = picture("line", answer(), replace(ENGLISH, events=events))
    named = [note for note in figure["layout"]["annotations"] if note["text"].startswith("Something")]
    assert 1 <= len(named) <= 2
    assert len([rule for rule in figure["layout"]["shapes"] if rule["x0"] == rule["x1"]]) == 8
    assert any("Something happened 8" in text for text in traces(figure, "value")[0]["hovertext"])


def test_names_of_events_have_room_beside_each_other_on_a_tablet() -> None:
    """Half of a page is as narrow there as a phone."""
    events = tuple((MONTHS[month], f"An event of month {month}") for month in (2, 6, 9))
    named = []
    for width in (470, charts.PHONE):
        notes = picture("line", answer(), replace(ENGLISH, events=events, width=width))["layout"]["annotations"]
        named.append([note["text"] for note in notes if note["text"].startswith("An event")])
    assert named[0] == named[1] and 1 <= len(named[0]) < 3


def test_long_names_of_rows_are_whole_where_a_card_is_as_wide_as_the_page() -> None:
    name = "Handing over the old appliance and its papers"
    frame = rows_for("bar", answer()).assign(segment=[f"{name} {place}" for place in range(5)])
    shown = [
        picture("bar", frame, replace(ENGLISH, width=width))["layout"]["yaxis"]["ticktext"][0].replace("<br>", " ")
        for width in (470, 900)
    ]
    assert shown[1].startswith(name) and "…" in shown[0]


def test_line_points_can_be_clicked_though_they_are_not_seen() -> None:
    """Selections fire on markers only."""
    (line,) = traces(picture("line", answer()), "value")
    assert line["mode"] == "lines+markers" and CLEAR in line["marker"]["color"]


def test_a_missing_column_is_named_with_the_nearest_one() -> None:
    """A typing error in a question file is found by its message."""
    with pytest.raises(CxError, match="segmnt") as caught:
        draw(answer(), Chart("bar", x="segmnt"), ENGLISH)
    assert "segment" in caught.value.hint


def test_a_kind_that_the_screen_draws_itself_is_refused() -> None:
    """Tables and key figures are no Plotly charts."""
    with pytest.raises(CxError, match="table"):
        draw(answer(), Chart("table"), ENGLISH)


def test_large_counts_are_short_in_each_language() -> None:
    """Plotly does not know 만."""
    frame = pd.DataFrame({"segment": ["s0", "s1"], "mentions": [12431, 800]})
    chart = Chart("bar", x="segment", y="mentions")
    for language, text in (("ko", "1.2만"), ("en", "12.4k")):
        figure = draw(frame, chart, Style(language=language, decimals=0))  # type: ignore[arg-type]
        assert text in [note.text for note in figure.layout.annotations]


def test_infinite_numbers_count_as_absent() -> None:
    """A ratio over nothing must not break a card."""
    frame = pd.DataFrame({"segment": ["s0", "s1"], "value": [math.inf, 40.0]})
    (bar,) = traces(json.loads(draw(frame, CHARTS["bar"], ENGLISH).to_json()), "bar")
    assert bar["x"] == [40.0, None]


# --- waterfalls ---------------------------------------------------------------------------------------------

MOVED = pd.DataFrame(
    {
        "segment": ["app", "web", None],
        "rate": [-4.0, 3.0, 0.5],
        "mix": [1.0, -1.0, 0.25],
        "value": [30.0, 45.0, 38.0],
        "previous": [40.0, 41.0, 37.0],
        "n": [900, 800, 90],
        "verdict": ["real", "noise", "real"],
    }
)
FROM_TO = replace(ENGLISH, start=40.0, end=39.75)


def waterfall(frame: pd.DataFrame = MOVED, style: Style = FROM_TO, **keys: Any) -> dict[str, Any]:
    figure: dict[str, Any] = json.loads(draw(frame, Chart("waterfall", x="segment", **keys), style).to_json())
    return figure


def notes_of(figure: dict[str, Any]) -> list[str]:
    return [note["text"] for note in figure["layout"]["annotations"]]


def test_floating_bars_lead_from_the_start_to_the_end() -> None:
    """Each bar begins where the one before it ended."""
    figure = waterfall()
    (rate,), (mix,), (total,) = (traces(figure, name) for name in ("rate", "mix", "total"))
    at = 40.0
    for place in range(3):
        assert rate["base"][place] == at
        assert mix["base"][place] == at + rate["x"][place]
        at += rate["x"][place] + mix["x"][place]
    assert at == 39.75
    assert total["x"] == [40.0, 39.75] and total["y"] == [0, 4]
    assert total["marker"]["symbol"] == "diamond"
    assert figure["layout"]["yaxis"]["ticktext"] == ["Before", "app", "web", "–", "Now"]


def test_connectors_stand_where_a_row_ends() -> None:
    """The eye follows them down to the next row."""
    (connector,) = traces(waterfall(), "connector")
    assert connector["x"][::3] == [40.0, 37.0, 39.0, 39.75]
    down = list(zip(connector["y"][::3], connector["y"][1::3], strict=True))
    assert all(above < below for above, below in down) and (down[0][0], down[-1][1]) == (0, 4)


def test_a_waterfall_is_solid_only_where_the_change_is_real() -> None:
    """Better and worse follow the metric; a shift in shares is neither."""
    (rate,) = traces(waterfall(), "rate")
    assert (rate["marker"]["color"][0], rate["marker"]["line"]["color"]) == (BAD, [BAD, GOOD, GOOD])
    assert rate["marker"]["color"][1] not in (GOOD, BAD)
    assert traces(waterfall(), "mix")[0]["marker"]["color"] == GREY
    (rate,) = traces(waterfall(style=replace(FROM_TO, higher_is_better=False)), "rate")
    assert rate["marker"]["line"]["color"] == [GOOD, BAD, BAD]


def test_a_waterfall_writes_both_parts_at_the_right() -> None:
    """Signed, under their names, and not beside the totals."""
    texts = notes_of(waterfall())
    assert {"Own change", "Shift", "−4.0", "+3.0", "−1.0", "+1.0", "40.0", "39.8"} <= set(texts)


def test_a_waterfall_is_sorted_by_what_a_row_moved() -> None:
    """Whatever its direction; rows in their own order stay."""
    frame = MOVED.iloc[[2, 1, 0]]
    named = [mark[1] for mark in traces(waterfall(frame), "rate")[0]["customdata"]]
    assert named == ["app", "web", None]
    named = [mark[1] for mark in traces(waterfall(frame, sort="own"), "rate")[0]["customdata"]]
    assert named == [None, "web", "app"]


def test_the_rest_of_a_waterfall_keeps_the_sum() -> None:
    """Rows beyond the limit are one row, which no click filters by."""
    rates = [5.0, -4.0, 1.0, 0.5, -0.25]
    frame = pd.DataFrame({"segment": list("abcde"), "rate": rates, "mix": 0.125, "value": 40.0, "n": 100})
    figure = waterfall(frame, replace(FROM_TO, end=40 + 2.25 + 5 * 0.125), limit=2)
    (rate,), (mix,) = traces(figure, "rate"), traces(figure, "mix")
    assert (rate["x"], mix["x"]) == ([5.0, -4.0, 1.25], [0.125, 0.125, 0.375])
    assert sum(rate["x"]) + sum(mix["x"]) == 2.25 + 5 * 0.125
    assert figure["layout"]["yaxis"]["ticktext"] == ["Before", "a", "b", "Others", "Now"]
    assert rate["customdata"][2] == [] and "n 300" in rate["hovertext"][2]
    assert rows_left_out(frame, Chart("waterfall", x="segment", limit=2)) == 0


def test_one_row_beyond_the_limit_is_not_pooled() -> None:
    """It takes no more room than a rest of one."""
    assert waterfall(limit=2)["layout"]["yaxis"]["ticktext"] == ["Before", "app", "web", "–", "Now"]


def test_a_waterfall_without_totals_draws_only_the_rows() -> None:
    """Their sum still shows, from zero."""
    figure = waterfall(style=replace(ENGLISH, start=40.0))
    assert not traces(figure, "total")
    assert traces(figure, "rate")[0]["base"][0] == 0
    assert figure["layout"]["yaxis"]["ticktext"] == ["app", "web", "–"]


def test_hovering_a_waterfall_tells_the_value_before_and_now() -> None:
    """Besides both parts and the number of answers."""
    (hover, *_) = traces(waterfall(), "rate")[0]["hovertext"]
    assert hover == "<b>app</b><br>Own change −4.0<br>Shift +1.0<br>40.0 → 30.0<br>n 900"


def test_a_waterfall_without_its_parts_says_so() -> None:
    """The file names a kind whose columns the answer lacks."""
    with pytest.raises(CxError, match="mix"):
        waterfall(MOVED.drop(columns="mix"))


# --- funnels ------------------------------------------------------------------------------------------------


def funnel(style: Style = ENGLISH, **columns: Any) -> dict[str, Any]:
    """Four units; one far below, one far above, and one that is out of order by n."""
    n = [400.0, 100.0, 25.0, 1600.0]
    frame = pd.DataFrame({"unit": ["low", "usual", "small", "high"], "value": [20.0, 42.0, 30.0, 60.0], "n": n})
    for name, reach in (("", 200), ("_outer", 300)):
        frame[f"limit_low{name}"] = [41 - reach / size**0.5 for size in n]
        frame[f"limit_high{name}"] = [41 + reach / size**0.5 for size in n]
    frame["verdict"] = ["real", "noise", "few", "real"]
    figure: dict[str, Any] = json.loads(draw(frame.assign(**columns), Chart("funnel", x="unit"), style).to_json())
    return figure


def test_funnel_curves_run_in_the_order_of_n() -> None:
    """Two pairs of them, the outer one solid."""
    curves = traces(funnel(), "limit")
    assert [curve["line"]["dash"] for curve in curves] == ["dot", "dot", "solid", "solid"]
    assert all(curve["x"] == sorted(curve["x"]) for curve in curves)
    assert curves[0]["y"] == [1.0, 21.0, 31.0, 36.0] and curves[3]["y"] == [101.0, 71.0, 56.0, 48.5]
    assert {"95%", "99.8%", "All 41"} <= set(notes_of(funnel()))


def test_only_units_outside_the_funnel_are_coloured_and_named() -> None:
    """The others are small and grey, and told by the hover."""
    (dots,) = traces(funnel(), "dot")
    by_name = dict(zip([mark[1] for mark in dots["customdata"]], dots["marker"]["color"], strict=True))
    assert by_name == {"low": BAD, "high": GOOD, "usual": GREY, "small": GREY}
    assert {"low", "high"} <= set(notes_of(funnel())) and not {"usual", "small"} & set(notes_of(funnel()))
    (dots,) = traces(funnel(replace(ENGLISH, higher_is_better=False)), "dot")
    assert dict(zip([mark[1] for mark in dots["customdata"]], dots["marker"]["color"], strict=True))["low"] == GOOD


def test_a_wide_range_of_answers_is_drawn_in_powers() -> None:
    """With ticks in people's numbers; a narrow one stays as it is."""
    wide = funnel()
    assert sorted(traces(wide, "dot")[0]["x"]) == pytest.approx([math.log10(n) for n in (25, 100, 400, 1600)])
    assert wide["layout"]["xaxis"]["ticktext"] == ["50", "100", "200", "500", "1,000"]
    narrow = funnel(n=[400, 100, 90, 1600])
    assert sorted(traces(narrow, "dot")[0]["x"]) == [90, 100, 400, 1600]


def test_a_funnel_draws_two_thousand_units() -> None:
    """More would be a blot; they are counted."""
    frame = pd.concat([answer().head(1)] * 2001, ignore_index=True)
    (dots,) = traces(json.loads(draw(frame, CHARTS["funnel"], ENGLISH).to_json()), "dot")
    assert len(dots["x"]) == 2000 and rows_left_out(frame, CHARTS["funnel"]) == 1
    assert rows_left_out(frame.head(2000), CHARTS["funnel"]) == 0


def test_a_funnel_without_limits_says_so() -> None:
    """Dots alone would invite a ranking."""
    with pytest.raises(CxError, match="limit_low"):
        draw(answer().drop(columns=["limit_low"]), CHARTS["funnel"], ENGLISH)


# --- new wordings, open periods, unusual points -------------------------------------------------------------


def line_with(**columns: Any) -> dict[str, Any]:
    """Twelve months with further columns, and no other references."""
    return picture("line", rows_for("line", answer()).assign(**columns), replace(ENGLISH, target=None))


def only(*places: int) -> list[bool]:
    return [place in places for place in range(12)]


def test_a_new_wording_interrupts_line_and_band() -> None:
    """And is named at a hairline, like an event."""
    figure = line_with(cut=only(5))
    (line,), (band,) = traces(figure, "value"), traces(figure, "band")
    assert line["y"].index(None) == 5 and len(line["y"]) == 13
    assert line["x"][6] == MONTHS[5].isoformat()
    assert band["x"].count(None) == 2
    assert [rule["x0"] for rule in figure["layout"]["shapes"]] == [MONTHS[5].isoformat()]
    assert "New wording" in notes_of(figure)
    assert "New wording" in line["hovertext"][6]


def test_a_new_wording_on_the_first_day_interrupts_nothing() -> None:
    """There is no line before it."""
    assert None not in traces(line_with(cut=only(0)), "value")[0]["y"]
    assert "shapes" not in line_with(cut=only(0))["layout"]


def test_a_figure_between_two_wordings_is_a_dot() -> None:
    """A line of one point cannot be seen."""
    (line,) = traces(line_with(cut=only(5, 6)), "value")
    assert [color for color in line["marker"]["color"] if color != CLEAR] == [ACCENT, ACCENT]
    assert line["marker"]["color"][line["x"].index(MONTHS[5].isoformat())] == ACCENT


def test_several_lines_are_interrupted_too() -> None:
    """Each where its own question was worded anew."""
    frame = answer(segments=2)
    frame["cut"] = (frame["segment"] == "s1") & (frame["month"] == MONTHS[4])
    figure = picture("lines", frame)
    assert traces(figure, "s1")[0]["y"].index(None) == 4
    assert None not in traces(figure, "s0")[0]["y"]
    assert "New wording" in notes_of(figure)


@pytest.mark.parametrize(("case", "name", "color"), [("line", "value", ACCENT), ("lines", "s1", ACCENT)])
def test_a_period_that_is_not_over_is_hollow_and_dotted(case: str, name: str, color: str) -> None:
    """Its figure may still move."""
    frame = rows_for(case, answer(segments=2))
    frame["partial"] = frame["month"] == MONTHS[11]
    figure = picture(case, frame)
    (line,) = traces(figure, name)
    dotted = traces(figure, "partial")[-1]
    assert dotted["line"]["dash"] == "dot" and dotted["x"] == [day.isoformat() for day in MONTHS[10:12]]
    assert line["y"][11] is None and line["y"][12] == dotted["y"][1]
    assert line["marker"]["color"][-1] == charts.PAPER[0] and line["marker"]["line"]["color"][-1] == color
    assert "Not over yet" in line["hovertext"][-1]


def test_what_is_unusual_is_ringed() -> None:
    """By its side of what is usual there; of points that are so only together, the first."""
    kinds = ["", "outside", "outside", "", "run", "run", "run", "", "drift", "drift", "run", ""]
    usual = {"unusual_low": [50.0] * 4 + [30.0] * 8, "unusual_high": [60.0] * 4 + [40.0] * 8}
    figure = line_with(unusual=kinds, **usual)
    (rings,) = traces(figure, "unusual")
    assert rings["x"] == [MONTHS[place].isoformat() for place in (1, 2, 4, 8, 10)]
    assert rings["marker"]["line"]["color"] == [BAD, BAD, GOOD, GOOD, GOOD]
    assert (rings["marker"]["size"], rings["marker"]["color"], rings["hoverinfo"]) == (12, CLEAR, "skip")
    hovers = traces(figure, "value")[0]["hovertext"]
    assert "Unusual (50.0 to 60.0)" in hovers[1] and "Eight in a row (30.0 to 40.0)" in hovers[6]
    assert "Eight in a row" not in hovers[3]


def test_a_ring_without_limits_takes_no_side() -> None:
    """Nothing says what it is better than."""
    figure = line_with(unusual=["outside"] + [""] * 11, unusual_low=math.nan, unusual_high=math.nan)
    assert traces(figure, "unusual")[0]["marker"]["line"]["color"] == [GREY]
    assert "Unusual<br>" in traces(figure, "value")[0]["hovertext"][0]


def test_columns_without_anything_to_say_change_nothing() -> None:
    """Nor do absent ones."""
    calm = line_with(cut=[None] * 12, partial=False, unusual="", unusual_low=math.nan, unusual_high=math.nan)
    assert calm == line_with()


# --- medians, whiskers, further columns ---------------------------------------------------------------------

DRIVERS = pd.DataFrame(
    {
        "segment": list("abcde"),
        "influence": [0.1, 0.2, 0.3, 0.4, 0.9],
        "score": [4.8, 4.6, 4.0, 3.6, 1.0],
        "low": [0.05, 0.1, 0.2, 0.3, 0.7],
        "high": [0.15, 0.3, 0.4, 0.5, 1.0],
        "n": [100, 100, 100, 100, 100],
    }
)
SCORED = Chart("priority", x="score", y="influence", label="segment", size="n")


def drivers(**columns: Any) -> dict[str, Any]:
    figure: dict[str, Any] = json.loads(draw(DRIVERS.assign(**columns), SCORED, ENGLISH).to_json())
    return figure


def test_a_priority_matrix_is_cut_at_its_medians_and_fixes_first_what_matters_and_is_weak() -> None:
    """The mean score, 3.6, which e alone pulls down, would let d off."""
    figure = drivers()
    assert [rule["x0"] for rule in figure["layout"]["shapes"] if rule["x0"] == rule["x1"]] == [4.0]
    assert [rule["y0"] for rule in figure["layout"]["shapes"] if rule["y0"] == rule["y1"]] == [0.3]
    (dots,) = traces(figure, "dot")
    red = [mark[1] for mark, color in zip(dots["customdata"], dots["marker"]["color"], strict=True) if color == BAD]
    assert red == ["d", "e"]


def test_what_may_be_noise_is_hollow_and_never_fixed_first() -> None:
    """So is what has too few answers."""
    (dots,) = traces(drivers(verdict=["real", "real", "real", "noise", "few"]), "dot")
    assert dots["marker"]["color"] == [ACCENT] * 3 + [charts.PAPER[0]] * 2
    assert dots["marker"]["line"]["color"][3:] == [GREY, GREY]
    assert dots["marker"]["line"]["width"] == [0, 0, 0, 1.8, 1.8]


def test_a_scatter_of_a_plain_number_has_its_intervals() -> None:
    """Beside a figure, low and high are the figure's."""
    whiskers = traces(drivers(), "whisker")
    assert [(line["x"], line["y"]) for line in whiskers[:1]] == [([4.8, 4.8], [0.05, 0.15])]
    assert len(whiskers) == 5
    assert not traces(drivers(value=40.0), "whisker")
    assert not traces(picture("scatter", answer()), "whisker")


def test_bars_write_further_columns_at_the_right() -> None:
    """On a phone there is room for the first alone."""
    frame = rows_for("bar", answer()).assign(adjusted=[7.25] * 5, share=[99.5] * 5)
    chart = Chart("bar", x="segment", columns=("adjusted", "share"))
    narrow = notes_of(json.loads(draw(frame, chart, ENGLISH).to_json()))
    wide = notes_of(json.loads(draw(frame, chart, replace(ENGLISH, width=900)).to_json()))
    assert narrow.count("7.3") == wide.count("7.3") == wide.count("99.5") == 5
    assert {"Adjusted", "Share"} <= set(wide) and "Share" not in narrow and "99.5" not in narrow


def test_on_a_phone_a_further_column_gives_way_to_long_names() -> None:
    """Bars, names and the number of answers stay whole."""
    frame = rows_for("bar", answer()).assign(adjusted=[7.25] * 5)
    frame["segment"] = [f"쿠폰·적립·이벤트{number}" for number in range(5)]
    chart = Chart("bar", x="segment", columns=("adjusted",))
    narrow = notes_of(json.loads(draw(frame, chart, ENGLISH).to_json()))
    wide = notes_of(json.loads(draw(frame, chart, replace(ENGLISH, width=900)).to_json()))
    assert "7.3" not in narrow and "n" in narrow and "7.3" in wide


def test_the_columns_at_the_right_of_bars_do_not_overlap() -> None:
    """Value, further columns and n, from left to right."""
    frame = rows_for("bar", answer()).assign(adjusted=7.25)
    figure = draw(frame, Chart("bar", x="segment", columns=("adjusted",)), ENGLISH)
    ends = {note.text: note.xshift for note in figure.layout.annotations if note.text in ("NPS", "Adjusted", "n")}
    assert ends["NPS"] + text_width("Adjusted") < ends["Adjusted"] < ends["n"] == figure.layout.margin.r


def test_a_card_beside_another_keeps_its_columns_inside_a_narrow_window() -> None:
    """An n that is the same in every row gives way to the further column; 326 pixels are inside such a card."""
    frame = rows_for("bar", answer()).assign(mentioned=[7.25] * 5, n=1249)
    chart, style = Chart("bar", x="segment", columns=("mentioned",)), replace(ENGLISH, width=470)
    figure = draw(frame, chart, style)
    assert "7.3" in notes_of(json.loads(figure.to_json())) and "1,249" not in notes_of(json.loads(figure.to_json()))
    assert figure.layout.margin.l + figure.layout.margin.r < 326 - 40
    assert "1,249" in notes_of(json.loads(draw(frame, Chart("bar", x="segment"), style).to_json()))


def test_a_further_column_that_is_missing_is_named() -> None:
    """Like any other that the header names."""
    with pytest.raises(CxError, match="ajusted") as caught:
        draw(answer().assign(adjusted=1.0), Chart("bar", x="segment", columns=("ajusted",)), ENGLISH)
    assert "adjusted" in caught.value.hint


def header_chart(keys: str) -> Chart:
    lines = ("title: t", "grain: g", f"chart: {{{keys}}}")
    text = "".join(f"-- {line}\n" for line in lines) + "select channel, count(*) as n from responses group by channel"
    return catalog.question("custom/q", Path("q.sql"), text, "q.sql").chart


def test_a_header_lists_the_further_columns() -> None:
    """One is a list too; a word alone is refused, with its line."""
    assert header_chart("kind: bar, columns: [adjusted, share]").columns == ("adjusted", "share")
    assert header_chart("kind: bar").columns == ()
    for wrong in ("adjusted", "[[adjusted]]", "{adjusted: share}"):
        with pytest.raises(QueryFileError, match="columns") as caught:
            header_chart(f"kind: bar, columns: {wrong}")
        assert caught.value.line == 3 and "[adjusted]" in caught.value.hint


@pytest.mark.parametrize(
    ("language", "currency", "texts"),
    [
        ("ko", "KRW", ["1.2억 원", "350만 원", "9,800원"]),
        ("en", "KRW", ["₩120M", "₩3.5M", "₩9,800"]),
        ("en", "USD", ["$120M", "$3.5M", "$9,800"]),
    ],
)
def test_money_is_shortened_and_carries_the_sign_of_its_currency(
    language: Any, currency: str, texts: list[str]
) -> None:
    frame = pd.DataFrame({"segment": ["a", "b", "c"], "spent": [120_000_000, 3_500_000, 9_800]})
    figure = draw(frame, Chart("bar", x="segment", y="spent"), Style(language, currency=currency, names=NAMES))
    written = [note.text for note in figure.layout.annotations] + [
        text for trace in figure.data for text in (trace.text if isinstance(trace.text, tuple) else ())
    ]
    assert [text for text in written if text in texts] == texts


# --- calendar -------------------------------------------------------------------------------------------------


def calendar_of(days: dict[date, int], months: list[date], style: Style = ENGLISH) -> dict[str, Any]:
    """The calendar as the browser gets it, checked by Plotly itself."""
    figure = go.Figure(charts.calendar(days, months, style), skip_invalid=False)
    found: dict[str, Any] = json.loads(figure.to_json())
    return found


def test_a_calendar_has_a_line_a_month_latest_first_and_marks_days_without_rows() -> None:
    days = {date(2026, 1, 30): 10, date(2026, 2, 2): 100}
    figure = calendar_of(days, [date(2026, 1, 1), date(2026, 2, 1)])
    (heat,) = traces(figure, "days")
    february, january = heat["z"]
    assert list(figure["layout"]["yaxis"]["ticktext"]) == ["Feb 2026", "Jan 2026"]
    assert january[28:] == [None, pytest.approx(0.2 + 0.8 * math.sqrt(0.1)), -1.0]
    assert february[:3] == [-1.0, 1.0, None]
    assert february[28:] == [None, None, None], "29, 30 and 31 February are no days"
    assert heat["hovertext"][0][0] == "<b>1 Feb 2026</b><br>n 0"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_calendar_fits_a_phone_in_both_languages_and_themes(language: Any, dark: bool) -> None:
    months = [date(2026, month, 1) for month in range(1, 13)]
    days = {date(2026, month, day): month * day for month in range(1, 13) for day in range(1, 28)}
    figure = calendar_of(days, months, replace(ENGLISH, language=language, dark=dark))
    assert figure["layout"]["height"] < 320
    assert not figure["layout"]["dragmode"]


def test_a_calendar_of_nothing_is_an_empty_sheet() -> None:
    assert not calendar_of({}, [date(2026, 1, 1)])["data"]
