"""Answers become Plotly figures: one small function per kind of chart, all drawn with the same few tokens.

This module owns how a figure looks and nothing else: it judges no figures and knows neither the screen's
library nor the database. Every figure can be read without hovering, from 358 px wide, in both themes and
languages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from cx.catalog import Chart
from cx.charts.bars import draw_bar, draw_change, draw_waterfall
from cx.charts.dots import draw_funnel, draw_scatter
from cx.charts.fitting import DOTS, NEEDED, lacking, misfit
from cx.charts.heat import calendar, draw_heatmap
from cx.charts.journey import draw_journey
from cx.charts.lines import draw_line
from cx.charts.rows import Row, rows_of
from cx.charts.sheet import blank
from cx.charts.stacked import draw_stacked
from cx.charts.style import (
    ACCENT,
    BAD,
    CLEAR,
    FEW,
    GOOD,
    GREY,
    LINE_HEIGHT,
    MAX_COLOURED,
    MAX_DOTS,
    MAX_UNITS,
    MIDDLE,
    PAPER,
    PHONE,
    THREE_PARTS,
    Figure,
    Style,
    palette_color,
)
from cx.errors import CxError, nearest

__all__ = (
    "ACCENT",
    "BAD",
    "CLEAR",
    "DRAWERS",
    "GOOD",
    "GREY",
    "LINE_HEIGHT",
    "MIDDLE",
    "NEEDED",
    "PAPER",
    "PHONE",
    "THREE_PARTS",
    "Figure",
    "Style",
    "calendar",
    "draw",
    "few_left_out",
    "lacking",
    "misfit",
    "palette_color",
    "rows_left_out",
)


def draw(frame: pd.DataFrame, chart: Chart, style: Style) -> Figure:
    """Draw the rows of an answer. Raises CxError for a kind or a column that is not there."""
    if chart.kind not in DRAWERS:
        raise CxError(f"“{chart.kind}” is not a chart that can be drawn.", nearest(chart.kind, DRAWERS))
    rows = rows_of(frame, chart, style)
    left_out = few_left_out(frame, chart, style.own)
    if left_out:
        column = NAMED_BY[chart.kind]
        rows = [row for row in rows if getattr(row, column) not in left_out]
    if not any(row.shown for row in rows):
        return blank(style)
    return DRAWERS[chart.kind](rows, chart, style)


NAMED_BY = {"bar": "x", "change": "x", "stacked": "x", "heatmap": "color", "line": "color"}
"""By which of its columns a chart names the things that it compares."""

LEAST_NAMED = 5
"""So many things stand in a chart even where few answered about the last of them."""


def few_left_out(frame: pd.DataFrame, chart: Chart, own: str | None = None) -> set[Any]:
    """What a chart that has not room for all leaves out because few answered about it; never the own brand.

    Among a hundred brands, most of them with one review, the few that can be compared would not be seen.
    """
    column = getattr(chart, NAMED_BY.get(chart.kind, ""), "")
    counted = chart.y if chart.kind == "stacked" else "n"
    if not column or chart.sort == "own" or not {column, counted} <= set(frame.columns):
        return set()
    answers = frame.groupby(column, sort=False)[counted].sum().sort_values(ascending=False, kind="stable")
    room = MAX_COLOURED if chart.kind == "line" else chart.limit
    if len(answers) <= room or not (answers >= FEW).any():
        return set()
    return {value for value, n in answers.iloc[LEAST_NAMED:].items() if n < FEW and value != own}


def rows_left_out(frame: pd.DataFrame, chart: Chart, few: int = 0) -> int:
    """How many rows the chart leaves out because of its limit, beside the `few`: what "n more" beneath it says."""
    if chart.kind in DOTS:
        return max(0, len(frame) - min(chart.limit, MAX_DOTS))
    if chart.kind == "funnel":
        return max(0, len(frame) - MAX_UNITS)
    column = {"bar": "", "change": "", "stacked": chart.x, "heatmap": chart.color}.get(chart.kind)
    if column is None:
        return 0
    return max(0, (frame[column].nunique(dropna=False) if column else len(frame)) - few - chart.limit)


DRAWERS: dict[str, Callable[[list[Row], Chart, Style], Figure]] = {
    "line": draw_line,
    "bar": draw_bar,
    "stacked": draw_stacked,
    "heatmap": draw_heatmap,
    "scatter": draw_scatter,
    "priority": draw_scatter,
    "change": draw_change,
    "journey": draw_journey,
    "waterfall": draw_waterfall,
    "funnel": draw_funnel,
}
"""What draws each kind; `table` and `kpi` are the screen's own."""
