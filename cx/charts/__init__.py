"""Answers become Plotly figures: one small function per kind of chart, all drawn with the same few tokens.

This module owns how a figure looks and nothing else: it judges no figures and knows neither the screen's
library nor the database. Every figure can be read without hovering, from 358 px wide, in both themes and
languages.
"""

from __future__ import annotations

from collections.abc import Callable

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
    GOOD,
    GREY,
    LINE_HEIGHT,
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
    if not any(row.shown for row in rows):
        return blank(style)
    return DRAWERS[chart.kind](rows, chart, style)


def rows_left_out(frame: pd.DataFrame, chart: Chart) -> int:
    """How many rows the chart leaves out because of its limit: what "n more" beneath it says."""
    if chart.kind in DOTS:
        return max(0, len(frame) - min(chart.limit, MAX_DOTS))
    if chart.kind == "funnel":
        return max(0, len(frame) - MAX_UNITS)
    column = {"bar": "", "change": "", "stacked": chart.x, "heatmap": chart.color}.get(chart.kind)
    if column is None:
        return 0
    return max(0, (frame[column].nunique(dropna=False) if column else len(frame)) - chart.limit)


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
