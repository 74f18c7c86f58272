"""Whether an answer fits its chart: the columns that a kind draws, of a kind that it can draw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

import pandas as pd

from cx.catalog import Chart
from cx.charts.style import FIGURE
from cx.errors import CxError, nearest

LIMITS = ("limit_low", "limit_high", "limit_low_outer", "limit_high_outer")
PARTS = ("rate", "mix")
DOTS = ("scatter", "priority")
NEEDED = {"waterfall": PARTS, "funnel": ("n", *LIMITS)}
"""Columns without which a kind has nothing to draw, besides those that the chart names."""
BRINGS = {"waterfall": "Add `-- analysis: contributions`.", "funnel": "Add `-- analysis: ranking`."}
"""What brings the columns that a kind needs."""
IN_SQL: Mapping[type, str] = {
    str: "text (VARCHAR)",
    date: "days (DATE)",
    time: "times (TIME)",
    dict: "structs (STRUCT)",
}
NUMBERS_IN_SQL = "numbers (DOUBLE)"


def lacking(frame: pd.DataFrame, chart: Chart) -> list[CxError]:
    """What the chart draws and the answer does not have, each as an error that says where it comes from."""
    if chart.kind in ("table", "kpi"):
        return []
    found: list[CxError] = []
    columns = list(map(str, frame.columns))
    for key in ("x", "color") if chart.kind == "crosstab" else ("x",) if chart.kind in DOTS else ():
        if not getattr(chart, key):
            found.append(CxError(f"A {chart.kind} chart needs `{key}`.", f"Name a column: `{key}: …`."))
    absent = [name for name in NEEDED.get(chart.kind, ()) if name not in columns]
    if absent:
        told = f"A {chart.kind} chart draws the columns {', '.join(absent)}, which the answer does not have."
        found.append(CxError(told, BRINGS[chart.kind]))
    if chart.y == FIGURE and "value" not in columns:
        told = "The chart draws the figure, and the answer has none."
        found.append(CxError(told, _instead_of_a_figure(frame, chart)))
    elif chart.y == FIGURE and chart.kind == "change" and "change" not in columns:
        told = "A change chart draws the change of the figure, and the answer has no figure_before."
        found.append(
            CxError(told, "Return it: `tally(b.n, b.w, b.w2, b.wx, b.wx2) as figure_before` of `scores_before`.")
        )
    named = (chart.x, chart.color, chart.size, chart.label, "" if chart.y == FIGURE else chart.y, chart.facets)
    for name in dict.fromkeys(filter(None, (*named, *(chart.columns if chart.kind == "bar" else ())))):
        if name not in columns:
            told = f"The chart wants the column “{name}”, which the answer does not have."
            found.append(CxError(told, nearest(name, columns)))
    return found


def _instead_of_a_figure(frame: pd.DataFrame, chart: Chart) -> str:
    """What to draw of an answer without a figure."""
    if "figure" in frame.columns:
        return "The column figure is not made by `tally`: give it another name and draw it, `y: …`."
    named = [str(name) for name in frame.columns if str(name).endswith("_value")]
    if named:
        return f"Name the tally `figure`, or draw it as it is: `y: {named[0]}`."
    others = {chart.x, chart.color, chart.size, chart.label, chart.facets}
    numbers = [str(name) for name in frame.columns if str(name) not in others and _held(frame[name]) == NUMBERS_IN_SQL]
    return (
        f"Say which number is drawn: `y: {numbers[0]}`." if numbers else "Return `tally(n, w, w2, wx, wx2) as figure`."
    )


def misfit(frame: pd.DataFrame, chart: Chart) -> CxError | None:
    """The first column that the chart draws and whose values are not of a kind that it can draw, as an error."""
    if chart.kind in ("table", "kpi"):
        return None
    numbers = ["value" if chart.y == FIGURE else chart.y, chart.size, *chart.columns, *NEEDED.get(chart.kind, ())]
    numbers += [chart.x] if chart.kind in DOTS else []
    for name in dict.fromkeys(filter(None, (*numbers, chart.x, chart.color, chart.label, chart.facets))):
        held = _held(frame[name]) if name in frame.columns else ""
        key = next((key for key in ("y", "x", "color", "size", "label", "facets") if getattr(chart, key) == name), "")
        said = f"The chart's {key or 'further column'} “{name}” holds {held}; a {chart.kind} chart"
        if name in numbers and held not in ("", NUMBERS_IN_SQL):
            cast = f", or cast it: `{name}::double`" if held == IN_SQL[str] else ""
            return CxError(f"{said} draws numbers there.", f"Name a column of numbers{cast}.")
        if held in ("lists", IN_SQL[dict]):
            return CxError(
                f"{said} draws one text, number or day a mark.",
                "Return a row per value with `unnest(…)`, or one text with `string_agg(…, ', ')`.",
            )
    return None


def _held(column: pd.Series[Any]) -> str:
    """What the values of a column are, or an empty text where it has none."""
    if pd.api.types.is_numeric_dtype(column):
        return NUMBERS_IN_SQL
    if pd.api.types.is_datetime64_any_dtype(column):
        return "instants (TIMESTAMP)"
    first = next((value for value in column if not (pd.api.types.is_scalar(value) and pd.isna(value))), None)
    return next((words for kind, words in IN_SQL.items() if isinstance(first, kind)), "" if first is None else "lists")
