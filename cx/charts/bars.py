"""Bars, changes and waterfalls: values by name, one row each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from cx import words
from cx.catalog import Chart
from cx.charts.fitting import PARTS
from cx.charts.rows import (
    Row,
    falling,
    hover_lines,
    hover_text,
    interval_text,
    named_number,
    number_text,
    present_numbers,
    ranked,
    signed_text,
    stands_for,
    widest_text,
    word_of,
    word_of_column,
)
from cx.charts.sheet import (
    Sheet,
    _pale,
    better_color,
    blank,
    column_width,
    head_height,
    label_room,
    padded,
    row_axis,
    with_gaps,
)
from cx.charts.style import (
    ACCENT,
    BARE_AXIS,
    GREY,
    NARROWEST,
    PAPER,
    ROW_HEIGHT,
    SHORTEST_BAR,
    STUB,
    WIDE,
    Figure,
    Style,
)


def draw_bar(rows: list[Row], chart: Chart, style: Style) -> Figure:
    """Values by name from zero, with their intervals; accent only where the difference is real."""
    rows = ranked(rows, chart, lambda row: row.value)
    sheet = Sheet(style)
    tested = any(row.verdict for row in rows)
    strong = [row.firm and (row.verdict == "real" if tested else row.own) for row in rows]
    colors = [ACCENT if accent else GREY for accent in strong]
    sure = any(row.sure for row in rows)
    at, x = list(range(len(rows))), with_gaps(row.value for row in rows)
    marks = {
        "hovertext": [hover_text(row, row.said, style) for row in rows],
        "customdata": [stands_for(chart.x, row.x) for row in rows],
    }
    look: dict[str, Any] = {"color": colors, "cornerradius": 3}
    look["opacity"] = 0.8 if not sure else 0.42 if style.dark else 0.26
    sheet.trace("bar", x, at, type="bar", orientation="h", marker=look, **marks)
    if sure:
        _intervals(sheet, [(row.low, row.high) for row in rows], colors)
        _dots(sheet, x, at, colors, [row.firm for row in rows], 9, **marks)
    numbers = [number_text(row.value, style) for row in rows]
    counts = [words.count(row.n, style.language) for row in rows] if present_numbers(*(row.n for row in rows)) else []
    value, n = word_of(style, "value"), word_of(style, "n")
    if style.width < WIDE and chart.columns:
        value = value.replace(" ", "<br>", 1)
        # The caption says it where it is the same in every row.
        counts = counts if len(set(counts)) > 1 else []
    further = [
        (word_of_column(style, name), [number_text(row.further[place], style) for row in rows])
        for place, name in enumerate(chart.columns if style.width >= WIDE else chart.columns[:1])
    ]
    tones = ["" if row.firm else GREY for row in rows]
    right = column_width(value, numbers) + (column_width(n, counts) if counts else 0)
    label = min(label_room(style), widest_text(row.said for row in rows))
    room = style.width - SHORTEST_BAR if style.width >= WIDE else min(style.width - SHORTEST_BAR, NARROWEST - STUB)
    while further and label + right + sum(column_width(*one) for one in further) > room:
        del further[-1]
    right += sum(column_width(head, texts) for head, texts in further)
    next_right = sheet.column(n, counts, right, colors=[GREY] * len(rows)) if counts else right
    for head, texts in reversed(further):
        next_right = sheet.column(head, texts, next_right, colors=tones)
    sheet.column(value, numbers, next_right, bold=strong, colors=tones)
    ends = [0.0, *(n for row in rows for n in present_numbers(row.value, row.low, row.high))]
    ends += [] if style.total is None else [style.total]
    low, high = min(ends), max(ends)
    gap = (high - low) * 0.02 or 1.0
    span = [low - gap if low < 0 else 0.0, high + gap]
    if low < 0:
        sheet.rule(x=0)
    if style.total is not None:
        sheet.rule(x=style.total, dash="dot")
        sheet.reference(named_number(style, "total", style.total), style.total, span)
    heads = [value, *(head for head, _ in further)]
    top = head_height(heads) if style.total is not None or value or any(heads) else 8
    names = row_axis([row.said for row in rows], [row.own for row in rows], style=style)
    height = top + ROW_HEIGHT * len(rows) + 6
    return sheet.figure(height, {"r": right, "t": top}, dict(range=span, **BARE_AXIS), names)


def _intervals(sheet: Sheet, spans: Sequence[tuple[float, float]], colors: Sequence[str]) -> None:
    """Horizontal intervals, one trace for each colour."""
    for color in dict.fromkeys(colors):
        mine = [(i, span) for i, span in enumerate(spans) if colors[i] == color and len(present_numbers(*span)) == 2]
        x = [end for _, span in mine for end in (*span, None)]
        sheet.line("interval", x, [at for i, _ in mine for at in (i, i, None)], color, 2)


def _dots(sheet: Sheet, x: Any, y: Any, colors: Sequence[str], filled: Sequence[bool], size: int, **marks: Any) -> None:
    """Dots on intervals: filled where there is something to rely on, else hollow."""
    fills = [color if full else sheet.tone(PAPER) for color, full in zip(colors, filled, strict=True)]
    marker = {"size": size, "color": fills, "line": {"color": list(colors), "width": 1.8}}
    sheet.trace("dot", x, y, mode="markers", marker=marker, **marks)


def draw_change(rows: list[Row], chart: Chart, style: Style) -> Figure:
    """What moved: filled and coloured where the change is real, hollow where it may be noise."""
    # The limit keeps the strongest moves of both directions, not the twelve largest rises.
    strongest = sorted(rows, key=lambda row: (row.verdict != "real", falling(abs(row.change))))[: chart.limit]
    rows = ranked([row for row in rows if row in strongest], chart, lambda row: row.change)
    sheet = Sheet(style)
    real = [row.real for row in rows]
    better = [better_color(row.change, style) for row in rows]
    colors = [color if clear else GREY for color, clear in zip(better, real, strict=True)]
    _intervals(sheet, [(row.change_low, row.change_high) for row in rows], [GREY] * len(rows))
    marks = {
        "hovertext": [
            hover_text(
                row,
                row.said,
                style,
                f"<b>{signed_text(row.change, style)}</b>"
                + interval_text(row.change, row.change_low, row.change_high, style),
            )
            for row in rows
        ],
        "customdata": [stands_for(chart.x, row.x) for row in rows],
    }
    _dots(sheet, with_gaps(row.change for row in rows), list(range(len(rows))), colors, real, 11, **marks)
    seen = [0.0]
    for index, row in enumerate(rows):
        ends = present_numbers(row.change, row.change_low, row.change_high) or [0.0]
        seen += ends
        side, anchor, shift = (min, "right", -10) if row.change < 0 else (max, "left", 10)
        text = signed_text(row.change, style)
        sheet.note(text, side(ends), index, bold=real[index], xanchor=anchor, xshift=shift)
    sheet.rule(x=0)
    room = 0.24 * ((max(seen) - min(seen)) or 1)
    fallen = any(row.change < 0 for row in rows)
    span = [min(seen) - (room if fallen else room / 6), max(seen) + room]
    names = row_axis([row.said for row in rows], [row.own for row in rows], style=style)
    return sheet.figure(12 + ROW_HEIGHT * len(rows), {}, dict(range=span, **BARE_AXIS), names)


RATE_LANE, MIX_LANE = (-0.27, 0.36), (0.09, 0.14)
"""Where in its row a bar begins, and how thick it is; beneath each other, for a part may take back the other."""


def draw_waterfall(rows: list[Row], chart: Chart, style: Style) -> Figure:
    """How a total went from its start to its end, row by row; the totals are diamonds on a cut axis."""
    rows, rest = _pooled([row for row in rows if not math.isnan(row.rate)], chart, style)
    if not rows:
        return blank(style)
    totals = [] if style.start is None or style.end is None else [style.start, style.end]
    levels = list(accumulate((row.rate + row.mix for row in rows), initial=totals[0] if totals else 0.0))
    first = 1 if totals else 0
    at = [first + index for index in range(len(rows))]
    sheet = Sheet(style)
    _connectors(sheet, levels, at, whole=bool(totals))
    marks = {
        "hovertext": [_hover_parts(row, style) for row in rows],
        "customdata": [stands_for() if row is rest else stands_for(chart.x, row.x) for row in rows],
    }
    _floating(sheet, rows, levels, at, marks)
    span = padded([*levels, *(level + row.rate for level, row in zip(levels, rows, strict=False)), *totals], 0.06)
    said, own = [row.said for row in rows], [row.own for row in rows]
    if totals:
        said, own = [style.names.get("start", ""), *said, style.names.get("end", "")], [False, *own, False]
        _diamonds(sheet, totals, [0, len(said) - 1], span)
    else:
        sheet.rule(x=0)
    right, heads = _part_columns(sheet, rows, first)
    top = head_height(heads)
    height = top + ROW_HEIGHT * len(said) + 6
    x = dict(range=list(span), **BARE_AXIS)
    return sheet.figure(height, {"r": right, "t": top}, x, row_axis(said, own, style=style), barmode="overlay")


def _pooled(rows: list[Row], chart: Chart, style: Style) -> tuple[list[Row], Row | None]:
    """The rows in drawing order; those beyond the limit are one last row, so that the parts still sum."""
    rows = [replace(row, mix=sum(present_numbers(row.mix))) for row in rows]
    strongest = sorted(rows, key=lambda row: -abs(row.rate + row.mix))
    kept = sorted(strongest, key=lambda row: not row.own)[: chart.limit]
    pooled = [row for row in rows if row not in kept]
    # One row alone takes no more room than a rest of one.
    if len(pooled) < 2:
        return (strongest if chart.sort == "value" else rows), None
    rest = replace(
        pooled[0],
        x=None,
        said=style.names.get("rest", "…"),
        rate=math.fsum(row.rate for row in pooled),
        mix=math.fsum(row.mix for row in pooled),
        value=math.nan,
        previous=math.nan,
        n=sum(present_numbers(*(row.n for row in pooled))) or math.nan,
        verdict="",
    )
    return [*(row for row in (strongest if chart.sort == "value" else rows) if row in kept), rest], rest


def _connectors(sheet: Sheet, levels: Sequence[float], at: Sequence[int], *, whole: bool) -> None:
    """Hairlines along which the running total goes down to the next row."""
    stops = [(0.0, at[0] + RATE_LANE[0], levels[0])] if whole else []
    for place, level in zip(at, levels[1:], strict=True):
        if whole or place < at[-1]:
            below = place + 1 if place == at[-1] else place + 1 + RATE_LANE[0]
            stops.append((place + sum(MIX_LANE), below, level))
    x = [place for _, _, level in stops for place in (level, level, None)]
    y = [place for above, below, _ in stops for place in (above, below, None)]
    sheet.line("connector", x, y, GREY, 1)


def _floating(
    sheet: Sheet,
    rows: Sequence[Row],
    levels: Sequence[float],
    at: Sequence[int],
    marks: Mapping[str, Any],
) -> None:
    """Two bars a row: what the segment did, then what its share did, each from where the last one ended."""
    style = sheet.style
    colors = [better_color(row.rate, style) for row in rows]
    fills = [
        color if real else _pale(color, style) for color, real in zip(colors, (row.real for row in rows), strict=True)
    ]
    shared: dict[str, Any] = {"type": "bar", "orientation": "h", **marks}
    begins = levels[:-1]
    sheet.trace(
        "rate",
        [row.rate for row in rows],
        at,
        base=begins,
        offset=RATE_LANE[0],
        width=RATE_LANE[1],
        marker={"color": fills, "line": {"color": colors, "width": 1}},
        **shared,
    )
    sheet.trace(
        "mix",
        [row.mix for row in rows],
        at,
        base=[level + row.rate for level, row in zip(begins, rows, strict=True)],
        offset=MIX_LANE[0],
        width=MIX_LANE[1],
        marker={"color": GREY},
        **shared,
    )
    # Bars of a pixel's length could hardly be met: unseen dots carry them too.
    middle = [level + (row.rate + row.mix) / 2 for level, row in zip(begins, rows, strict=True)]
    sheet.trace("cell", middle, at, mode="markers", marker={"size": 26, "opacity": 0, "color": GREY}, **marks)


def _diamonds(sheet: Sheet, totals: Sequence[float], at: Sequence[int], span: Sequence[float]) -> None:
    """The totals with their numbers, on that side where the plot has room."""
    marker = {"symbol": "diamond", "size": 12, "color": ACCENT}
    sheet.trace("total", list(totals), list(at), mode="markers", marker=marker)
    for total, place in zip(totals, at, strict=True):
        left = total - span[0] > span[1] - total
        anchor, shift = ("right", -12) if left else ("left", 12)
        sheet.note(number_text(total, sheet.style), total, place, bold=True, xanchor=anchor, xshift=shift)


def _part_columns(sheet: Sheet, rows: Sequence[Row], first: int) -> tuple[float, list[str]]:
    """Both parts as signed numbers at the right; returns the room they take and what stands above them."""
    style = sheet.style
    above = [""] * first
    rates = [*above, *(signed_text(row.rate, style) for row in rows)]
    mixes = [*above, *(signed_text(row.mix, style) for row in rows)]
    heads = [word_of_column(style, name) for name in PARTS]
    right = column_width(heads[0], rates) + column_width(heads[1], mixes)
    edge = sheet.column(heads[1], mixes, right, colors=[GREY] * len(mixes))
    sheet.column(heads[0], rates, edge, bold=[*([False] * first), *(row.real for row in rows)])
    return right, heads


def _hover_parts(row: Row, style: Style) -> str:
    """Both parts of what a row contributed, its value before and now, and n."""
    parts = (
        f"{word_of(style, name)} {signed_text(part, style)}".strip()
        for name, part in zip(PARTS, (row.rate, row.mix), strict=True)
    )
    moved = "" if math.isnan(row.value) else number_text(row.value, style, unit=True)
    if moved and not math.isnan(row.previous):
        moved = f"{number_text(row.previous, style)} → {moved}"
    n = "" if math.isnan(row.n) else f"n {words.count(row.n, style.language)}"
    return hover_lines(row.said, *parts, moved, n)
