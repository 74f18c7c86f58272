"""The customers' course over touchpoints, across or downwards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cx import words
from cx.catalog import Chart
from cx.charts.rows import Row, hover_text, number_text, present_numbers, signed_text, stands_for, word_of, wrapped
from cx.charts.sheet import Sheet, column_width, draw_band, row_axis, value_axis, with_gaps
from cx.charts.style import (
    ACCENT,
    BAD,
    BAD_TEXT,
    BARE_AXIS,
    GREY,
    HEAD,
    LINE_FIGURE,
    LINE_HEIGHT,
    MAX_STEPS_ACROSS,
    ROW_HEIGHT,
    WIDE,
    Figure,
    Style,
)


def draw_journey(rows: list[Row], chart: Chart, style: Style) -> Figure:
    """The steps in the order they happen; the weakest one stands out, the comparison is grey."""
    room = (style.width - 52) / len(rows)
    texts = [wrapped(row.said, room, 3) for row in rows]
    # Many steps, or long names, run downwards: a phone has height, and turned words cannot be read.
    cut = any(line.endswith("…") for lines in texts for line in lines)
    most = MAX_STEPS_ACROSS if style.width < WIDE else 2 * MAX_STEPS_ACROSS
    down = len(rows) > most or (cut and len(rows) > 1)
    sheet = Sheet(style)
    worst = _worst(rows, style)
    _course(sheet, rows, chart, worst, down=down)
    axis = value_axis(rows, style)
    return _downwards(sheet, rows, worst, axis) if down else _rightwards(sheet, rows, worst, axis, texts)


def _worst(rows: Sequence[Row], style: Style) -> int | None:
    """The weakest step among those with enough answers; none when it cannot be compared with another."""
    firm = [index for index, row in enumerate(rows) if row.firm]
    weakest = min if style.higher_is_better else max
    return weakest(firm, key=lambda index: rows[index].value) if len(firm) > 1 else None


def _course(sheet: Sheet, rows: Sequence[Row], chart: Chart, worst: int | None, *, down: bool) -> None:
    """Band, comparison and steps of a journey, to the right or downwards."""
    at = list(range(len(rows)))
    draw_band(sheet, rows, at, lying=down)
    before, values = (with_gaps(row.previous for row in rows), with_gaps(row.value for row in rows))
    x, y = (before, at) if down else (at, before)
    sheet.line("previous", x, y, GREY, 1.5)
    colors = [GREY if row.few else BAD if index == worst else ACCENT for index, row in enumerate(rows)]
    sheet.trace(
        "value",
        *((values, at) if down else (at, values)),
        mode="lines+markers",
        line={"color": ACCENT, "width": 2.5},
        marker={"size": 9, "color": colors},
        hovertext=[hover_text(row, row.said, sheet.style) for row in rows],
        customdata=[stands_for(chart.x, row.x) for row in rows],
    )


def _rightwards(
    sheet: Sheet, rows: Sequence[Row], worst: int | None, axis: dict[str, Any], texts: list[list[str]]
) -> Figure:
    style, last = sheet.style, len(rows) - 1
    low, high = axis["range"]
    top, bottom = 28, 10 + LINE_HEIGHT * max(len(lines) for lines in texts)
    deepest = low
    for index, row in enumerate(rows):
        if math.isnan(row.value):
            sheet.note(words.NO_VALUE, index, low, yanchor="bottom")
            continue
        lines = [number_text(row.value, style), *(_remark(row, style) if index == worst else ())]
        below, shift = _free_side([near.value for near in rows], index)
        if index == worst:
            below, shift = style.higher_is_better, 0
        anchor = "center"
        if len(lines) > 1 and index in (0, last):
            anchor, shift = ("left", -12) if index == 0 else ("right", 12)
        place: dict[str, Any] = {"yanchor": "top" if below else "bottom", "yshift": -8 if below else 8}
        place |= {"xanchor": anchor, "xshift": shift, "align": anchor}
        color = sheet.tone(BAD_TEXT) if index == worst else "" if row.firm else GREY
        text = "<br>".join([f"<b>{lines[0]}</b>" if row.firm else lines[0], *lines[1:]])
        sheet.note(text, index, row.value, color=color, **place)
        need = (LINE_HEIGHT * len(lines) + 12) / (LINE_FIGURE - top - bottom) if below else 0
        deepest = min(deepest, (row.value - need * high) / (1 - need))
    # The weakest step says beside itself how far it is from before, so that its neighbours have no room for it.
    free = [place for place in (last, 0) if worst is None or abs(place - worst) > 1]
    named = next((place for place in free if not math.isnan(rows[place].previous)), None)
    if named is not None:
        under = not rows[named].previous > rows[named].value
        beside: dict[str, Any] = {"yanchor": "top" if under else "bottom", "yshift": -6 if under else 6}
        beside |= {"xanchor": "right", "xshift": 14} if named else {"xanchor": "left", "xshift": -14}
        sheet.note(word_of(style, "previous"), named, rows[named].previous, **beside)
    names = {"range": [-0.5, last + 0.5], "tickvals": list(range(len(rows)))}
    names["ticktext"] = ["<br>".join(lines) for lines in texts]
    margin = {"t": top, "b": bottom}
    return sheet.figure(LINE_FIGURE, margin, names, axis | {"range": [deepest, high]}, hoverdistance=60)


def _free_side(values: Sequence[float], index: int) -> tuple[bool, int]:
    """Where a number does not meet its line (below?, shift): below in a valley, else off the slope."""
    before = values[index - 1] if index > 0 else math.nan
    after = values[index + 1] if index + 1 < len(values) else math.nan
    here = values[index]
    if (before > here or math.isnan(before)) and (after > here or math.isnan(after)):
        return bool(before > here and after > here), -8 if after > here else 8 if before > here else 0
    return False, 10 if before > here else -10 if after > here else 0


def _remark(row: Row, style: Style) -> list[str]:
    """What is said of the weakest step: its name, and how far it is from before."""
    change = row.change if not math.isnan(row.change) else row.value - row.previous
    against = word_of(style, "against")
    told = f"{against} {signed_text(change, style)}" if against and not math.isnan(change) else ""
    return [part for part in (word_of(style, "worst"), told) if part]


def _downwards(sheet: Sheet, rows: Sequence[Row], worst: int | None, axis: dict[str, Any]) -> Figure:
    style = sheet.style
    values, head = [number_text(row.value, style) for row in rows], word_of(style, "value")
    right = column_width(head, values)
    tones = [sheet.tone(BAD_TEXT) if i == worst else "" if row.firm else GREY for i, row in enumerate(rows)]
    sheet.column(head, values, right, bold=[row.firm for row in rows], colors=tones)
    before = present_numbers(*(row.previous for row in rows[:1]))
    for value in before:
        sheet.reference(word_of(style, "previous"), value, axis["range"])
    top = HEAD if head or before else 12
    names = row_axis([row.said for row in rows], style=style) | {"showgrid": True}
    x = dict(range=axis["range"], **BARE_AXIS)
    tall = ROW_HEIGHT if any("<br>" in name for name in names["ticktext"]) else 34
    return sheet.figure(top + tall * len(rows) + 6, {"r": right, "t": top}, x, names, hoverdistance=60)
