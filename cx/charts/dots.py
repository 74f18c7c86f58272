"""Dots between two axes: scatter, priority matrix, and funnels of units against their size."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from cx import words
from cx.catalog import Chart
from cx.charts.rows import (
    Row,
    cut_short,
    falling,
    hover_text,
    named_number,
    number_text,
    present_numbers,
    safe_text,
    stands_for,
    text_width,
    value_text,
    widest_text,
    word_of,
)
from cx.charts.sheet import End, Sheet, better_color, blank, draw_end_names, padded, round_steps, tick_marks, with_gaps
from cx.charts.style import (
    ACCENT,
    BAD,
    BAD_TEXT,
    FIGURE,
    GREY,
    LINE_HEIGHT,
    LOG_FROM,
    MAX_DOTS,
    MAX_UNITS,
    PAPER,
    SCATTER_FIGURE,
    Box,
    Figure,
    Span,
    Style,
)

CORNERS = 0.08
"""By how much of its height a figure with named corners is taller: one line."""


def draw_scatter(rows: list[Row], chart: Chart, style: Style) -> Figure:
    """Two numbers against each other, cut at their medians.

    A `priority` matrix has performance across and importance upwards: what matters and scores low is coloured.
    """
    rows = [row for row in rows if len(present_numbers(row.across, row.value)) == 2]
    rows = sorted(rows, key=lambda row: falling(row.size))[: min(chart.limit, MAX_DOTS)]
    if not rows:
        return blank(style)
    sheet = Sheet(style)
    # One extreme dot would shift a mean and with it the verdict on all others (Martilla & James 1977).
    middle = median(row.across for row in rows), median(row.value for row in rows)
    whiskers = [row for row in rows if chart.y != FIGURE and row.sure]
    ends = [end for row in whiskers for end in (row.low, row.high)]
    fixing = chart.kind == "priority"
    low, high = padded([*(row.value for row in rows), *ends], 0.18)
    # Below the lowest dots there is room for their names above those of the corners.
    spans = (padded([row.across for row in rows], 0.16), (low - CORNERS * (high - low) if fixing else low, high))
    biggest = max(1.0, *present_numbers(0, *(row.size for row in rows)))
    sizes = [12 if math.isnan(row.size) else 8 + 14 * math.sqrt(max(row.size, 0) / biggest) for row in rows]
    calm = GREY if any(row.own for row in rows) else ACCENT
    colors = []
    hollow = [row.verdict in ("noise", "few") for row in rows]
    for row, unsure in zip(rows, hollow, strict=True):
        first = fixing and row.value > middle[1] and (row.across < middle[0]) == style.higher_is_better
        colors.append(GREY if unsure or not row.firm else BAD if first else ACCENT if row.own else calm)
    fills = [sheet.tone(PAPER) if unsure else color for color, unsure in zip(colors, hollow, strict=True)]
    edges = {"color": colors, "width": [1.8 if unsure else 0 for unsure in hollow]}
    x_name, y_name = word_of(style, chart.x), word_of(style, chart.y)
    x_style = replace(style, decimals=2, unit="", currency="", domain=None)
    sheet.rule(x=middle[0])
    sheet.rule(y=middle[1])
    for row in whiskers:
        sheet.line("whisker", [row.across] * 2, [row.low, row.high], colors[rows.index(row)], 1)
    sheet.trace(
        "dot",
        [row.across for row in rows],
        [row.value for row in rows],
        mode="markers",
        marker={"size": sizes, "color": fills, "line": edges, "opacity": 0.9},
        hovertext=[
            hover_text(row, row.part, style, f"{x_name} {number_text(row.across, x_style)}".strip()) for row in rows
        ],
        customdata=[stands_for(chart.label, row.label) for row in rows],
    )
    top, bottom = 28 if y_name else 10, 30 + LINE_HEIGHT * bool(x_name)
    plot = style.width - 48.0, float(SCATTER_FIGURE - top - bottom)
    boxes = _quadrants(sheet, plot) if fixing else []
    for row in whiskers:
        (left, bottom_end), (_, top_end) = (_pixels(row.across, end, spans, plot) for end in (row.low, row.high))
        boxes.append((left - 1, bottom_end, left + 1, top_end))
    _dot_names(sheet, rows, sizes, spans, plot, boxes)
    _axis_names(sheet, x_name, y_name)
    axes = (_number_axis(span, own) for span, own in zip(spans, (x_style, style), strict=True))
    return sheet.figure(SCATTER_FIGURE, {"t": top, "b": bottom}, *axes)


def _axis_names(sheet: Sheet, x_name: str, y_name: str) -> None:
    """What two axes of numbers mean, where neither name meets a tick."""
    sheet.head(y_name, 0, page_x=True, xanchor="left", yshift=8)
    sheet.note(x_name, 1, 0, page_x=True, page_y=True, xanchor="right", yanchor="top", yshift=-26)


def _number_axis(span: tuple[float, float], style: Style) -> dict[str, Any]:
    inside = [value for value in round_steps(*span, 6) if span[0] <= value <= span[1]]
    return dict(range=list(span), **tick_marks(inside, style))


def _pixels(across: float, value: float, spans: tuple[Span, Span], plot: tuple[float, float]) -> tuple[float, float]:
    """Where a dot stands on a phone, from the lower left corner."""
    (x_low, x_high), (y_low, y_high) = spans
    return (across - x_low) / (x_high - x_low) * plot[0], (value - y_low) / (y_high - y_low) * plot[1]


def _quadrants(sheet: Sheet, plot: tuple[float, float]) -> list[Box]:
    """Names the four corners; returns where on a phone they stand."""
    upper, lower = ("fix", "keep"), ("watch", "over")
    if not sheet.style.higher_is_better:
        upper, lower = upper[::-1], lower[::-1]
    boxes = []
    for y, keys in ((1, upper), (0, lower)):
        for x, key in enumerate(keys):
            name = word_of(sheet.style, key)
            wide = text_width(html.unescape(name))
            place: dict[str, Any] = {"page_x": True, "page_y": True, "xshift": 4 - 8 * x}
            place |= {"xanchor": ("left", "right")[x], "yanchor": ("bottom", "top")[y]}
            sheet.note(name, x, y, color=sheet.tone(BAD_TEXT) if key == "fix" else "", **place)
            left, under = (plot[0] - wide) * x, (plot[1] - LINE_HEIGHT) * y
            boxes.append((left, under, left + wide, under + LINE_HEIGHT))
    return boxes


def _dot_names(
    sheet: Sheet,
    rows: Sequence[Row],
    sizes: Sequence[float],
    spans: tuple[Span, Span],
    plot: tuple[float, float],
    taken: list[Box],
    named: Iterable[int] | None = None,
) -> None:
    """Names beside their dots (or those named), where a phone has room; what finds none is left to the hover."""
    centres = [_pixels(row.across, row.value, spans, plot) for row in rows]
    radii = [size / 2 for size in sizes]
    dots = [(x - r, y - r, x + r, y + r) for (x, y), r in zip(centres, radii, strict=True)]
    for index in range(len(rows)) if named is None else named:
        row = rows[index]
        # Away from the limit that the dot is beneath.
        up = -1 if row.value < row.limit_low else 1
        sides = [(0, up), (0, -up), (1, 0), (-1, 0), (1, 0.8 * up), (-1, 0.8 * up), (1, -0.8 * up), (-1, -0.8 * up)]
        text = cut_short(row.part, 110)
        wide, away = text_width(text) / 2, radii[index] + 3
        others = [*taken, *dots[:index], *dots[index + 1 :]]
        for side_x, side_y in sides:
            beside = side_x * away * (1 if side_y == 0 else 0.6)
            x = centres[index][0] + side_x * wide + beside
            y = centres[index][1] + side_y * (away + 7)
            box = (x - wide, y - 7, x + wide, y + 7)
            inside = box[0] >= 0 and box[2] <= plot[0] and box[1] >= 0 and box[3] <= plot[1]
            if inside and not any(_meet(box, other) for other in others):
                anchor = {1: "left", -1: "right"}.get(side_x, "center")
                place: dict[str, Any] = {"xanchor": anchor, "xshift": beside, "yshift": y - centres[index][1]}
                sheet.note(safe_text(text), row.across, row.value, bold=row.own, **place)
                taken.append((box[0] - 5, box[1], box[2] + 5, box[3]))
                break


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def draw_funnel(rows: list[Row], chart: Chart, style: Style) -> Figure:
    """Many units by their number of answers, within the limits of chance; what lies outside is named."""
    column = chart.label or chart.x
    rows = [row for row in rows if row.n > 0 and not math.isnan(row.value)]
    rows = [replace(row, part=value_text(style, column, _unit_of(row, chart))) for row in rows]
    rows = sorted(rows, key=lambda row: (row.verdict != "real", not row.own, -row.n))[:MAX_UNITS]
    if not rows:
        return blank(style)
    few, many = min(row.n for row in rows), max(row.n for row in rows)
    in_powers = many > LOG_FROM * few
    # Powers instead of Plotly's own scale, which would place words by powers but marks by numbers.
    rows = [replace(row, across=math.log10(row.n) if in_powers else row.n) for row in rows]
    sheet = Sheet(style)
    ordered = sorted(rows, key=lambda row: row.n)
    colors = [_unit_color(row, style) for row in rows]
    spans = padded([row.across for row in rows], 0.05), _funnel_span(ordered, style)
    ends = _limits(sheet, ordered)
    if style.total is not None:
        sheet.rule(y=style.total)
        ends.insert(0, End(style.total, [named_number(style, "total", style.total)]))
    small = 7 if len(rows) <= 100 else 5 if len(rows) <= 400 else 4
    sizes = [small if color == GREY else 11 for color in colors]
    # Grey first, for what is drawn last lies on top.
    order = sorted(range(len(rows)), key=lambda index: colors[index] != GREY)
    sheet.trace(
        "dot",
        [rows[index].across for index in order],
        [rows[index].value for index in order],
        mode="markers",
        marker={"size": [sizes[i] for i in order], "color": [colors[i] for i in order], "opacity": 0.9},
        hovertext=[hover_text(rows[index], rows[index].part, style) for index in order],
        customdata=[stands_for(column, _unit_of(rows[index], chart)) for index in order],
    )
    top, bottom, right = 28, 30 + LINE_HEIGHT, 18 + widest_text(line for end in ends for line in end.lines)
    plot = style.width - 44 - right, float(SCATTER_FIGURE - top - bottom)
    named = sorted((i for i, color in enumerate(colors) if color != GREY), key=lambda i: -_outlying(rows[i], style))
    _dot_names(sheet, rows, sizes, spans, plot, [], named[:MAX_DOTS])
    draw_end_names(sheet, _rising(ends, spans[1], plot[1]), spans[1], plot[1])
    _axis_names(sheet, word_of(style, "n"), word_of(style, "value"))
    margin = {"t": top, "b": bottom, "r": right}
    return sheet.figure(SCATTER_FIGURE, margin, _count_axis(spans[0], style, in_powers), _number_axis(spans[1], style))


def _unit_of(row: Row, chart: Chart) -> Any:
    return row.label if chart.label else row.x


def _middle_of(row: Row, style: Style) -> float:
    return style.total if style.total is not None else (row.limit_low + row.limit_high) / 2


def _unit_color(row: Row, style: Style) -> str:
    """Coloured is what chance does not explain, and our own."""
    if row.verdict == "real":
        return better_color(row.value - _middle_of(row, style), style)
    return ACCENT if row.own else GREY


def _outlying(row: Row, style: Style) -> float:
    """How far out a unit is, measured by what chance would allow it."""
    away = abs(row.value - _middle_of(row, style)) / ((row.limit_high_outer - row.limit_low_outer) or math.nan)
    return 0.0 if math.isnan(away) else away


def _limits(sheet: Sheet, rows: Sequence[Row]) -> list[End]:
    """Both pairs of control limits over rows in the order of n; the upper ones are named."""
    percent = Style(sheet.style.language, unit="%")
    ends = []
    for share, decimals, dash in ((95.0, 0, "dot"), (99.8, 1, "solid")):
        low, high = _limits_of(rows, outer=share > 99)
        for limit in (low, high):
            line = {"color": GREY, "width": 1, "dash": dash}
            sheet.trace("limit", [row.across for row in rows], with_gaps(limit), mode="lines", line=line)
        ends += [End(end, [number_text(share, percent, decimals)]) for end in present_numbers(*high)[-1:]]
    return ends


def _rising(ends: Sequence[End], span: Span, height: float) -> list[End]:
    """Names from below upwards, each pushed only up: the first, the total's, stays beside its rule."""
    step = (span[1] - span[0]) / height * (LINE_HEIGHT + 1)
    placed: list[End] = []
    for end in ends:
        least = placed[-1].value + step if placed else end.value
        placed.append(replace(end, value=max(end.value, least)))
    return placed


def _limits_of(rows: Sequence[Row], *, outer: bool) -> tuple[list[float], list[float]]:
    if outer:
        return [row.limit_low_outer for row in rows], [row.limit_high_outer for row in rows]
    return [row.limit_low for row in rows], [row.limit_high for row in rows]


def _funnel_span(rows: Sequence[Row], style: Style) -> Span:
    """High enough for every dot and for the limits of half the rows: a funnel's mouth would flatten all else."""
    half = rows[len(rows) // 2 :]
    ends = [end for row in half[:1] for end in (row.limit_low_outer, row.limit_high_outer)]
    middle = [] if style.total is None else [style.total]
    low, high = padded(present_numbers(*(row.value for row in rows), *ends, *middle), 0.13)
    floor, ceiling = style.domain or (-math.inf, math.inf)
    return max(low, floor), min(high, ceiling)


def _count_axis(span: Span, style: Style, in_powers: bool) -> dict[str, Any]:
    """Numbers of answers as people write them, a few on a phone."""
    if in_powers:
        powers = range(max(0, math.floor(span[0])), math.ceil(span[1]) + 1)
        choices = [[n * 10**power for power in powers for n in steps] for steps in ((1, 2, 5), (1, 3), (1,))]
        inside = [[n for n in choice if span[0] <= math.log10(n) <= span[1]] for choice in choices]
        ticks = [float(n) for n in next((few for few in inside if len(few) <= 5), inside[-1])]
        places = [math.log10(tick) for tick in ticks]
    else:
        steps = [tick for tick in round_steps(*span, 5) if span[0] <= tick <= span[1]]
        places = ticks = [tick for tick in steps if tick == round(tick)]
    texts = [words.count(tick, style.language) for tick in ticks]
    return {"range": list(span), "tickvals": places, "ticktext": texts}
