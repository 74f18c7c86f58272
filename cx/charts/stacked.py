"""Stacked shares of a whole, negative parts left of the middle."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterable, Sequence
from typing import Any

from cx import words
from cx.catalog import Chart
from cx.charts.rows import (
    Row,
    cut_short,
    falling,
    hover_lines,
    number_text,
    present_numbers,
    safe_text,
    signed_text,
    stands_for,
    text_width,
    word_of,
)
from cx.charts.sheet import Sheet, column_width, row_axis, with_gaps
from cx.charts.style import (
    BAD,
    BARE_AXIS,
    DIVERGING,
    GOOD,
    GREY,
    LINE_HEIGHT,
    MIDDLE,
    ROW_HEIGHT,
    ROW_LABEL,
    THREE_PARTS,
    Figure,
    Style,
    ink_on,
    palette_color,
    shade,
)

TABLET = 330
"""Pixels of half a page's card on a small tablet."""


def draw_stacked(rows: list[Row], chart: Chart, style: Style) -> Figure:
    """Shares of one hundred per row, part by part."""
    parts = {row.color: row.part for row in rows}
    three = _three(parts)
    if three:
        parts = dict(sorted(parts.items(), key=lambda part: three.index(_group(part[0]))))
    elif all(isinstance(part, int | float) for part in parts):
        parts = dict(sorted(parts.items()))
    counts: dict[Any, dict[Any, float]] = {row.x: dict.fromkeys(parts, 0.0) for row in rows}
    for row in rows:
        counts[row.x][row.color] += sum(present_numbers(row.value))
    totals = {key: sum(part.values()) for key, part in counts.items()}
    shares = {key: [n / (totals[key] or math.nan) * 100 for n in part.values()] for key, part in counts.items()}
    order = list(counts)
    if chart.sort == "value" and len(order) > chart.limit:
        order = sorted(order, key=lambda key: (key != style.own, -totals[key]))[: chart.limit]
    if chart.sort == "value":
        # The mean place of a part: for detractors, passives, promoters this is the order of the NPS.
        order.sort(key=lambda key: falling(sum(place * share for place, share in enumerate(shares[key]))))
    order = order[: chart.limit]
    said = {row.x: row.said for row in rows}
    sheet = Sheet(style)
    colors = _part_colors(list(parts), chart, style)
    percent = Style(style.language, decimals=0, unit="%")
    ns = {key: words.count(totals[key], style.language) for key in order}
    for index, (part, name) in enumerate(parts.items()):
        values = [shares[key][index] for key in order]
        texts = [number_text(value, percent) for value in values]
        sheet.trace(
            safe_text(name),
            with_gaps(values),
            list(range(len(order))),
            type="bar",
            orientation="h",
            marker={"color": colors[index]},
            text=texts,
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": ink_on(colors[index])},
            hovertext=[
                hover_lines(said[key], f"{safe_text(name)} {text}", f"n {ns[key]}")
                for key, text in zip(order, texts, strict=True)
            ],
            customdata=[stands_for(chart.x, key, chart.color, part) for key in order],
        )
    columns = [(word_of(style, "n"), list(ns.values()), False)]
    if three and "net" in style.names:
        signs = [three.index(_group(part)) - 1 for part in parts]
        net = [signed_text(sum(map(operator.mul, signs, shares[key])), style) for key in order]
        columns.append((word_of(style, "net"), net, True))
    right = edge = sum(column_width(head, texts) for head, texts, _ in columns)
    for head, texts, bold in columns:
        edge = sheet.column(head, texts, edge, bold=[bold] * len(texts), colors=["" if bold else GREY] * len(texts))
    top = _key(sheet, list(zip(parts.values(), colors, strict=True)), right)
    names = row_axis([said[key] for key in order], [key == style.own for key in order], style=style)
    # Shares that do not fit are left out by the browser, which alone knows the width.
    layout = {"barmode": "stack", "uniformtext": {"minsize": 12, "mode": "hide"}, "bargap": 0.34}
    height = top + ROW_HEIGHT * len(order) + 4
    # Shares may add up to a breath more than the whole, and Plotly writes nothing on a bar that leaves the axis.
    return sheet.figure(height, {"r": right, "t": top}, dict(range=[0, 100.01], **BARE_AXIS), names, **layout)


def _group(part: Any) -> str:
    """The name of a group of scores as `THREE_PARTS` write it."""
    return str(part).lower().removesuffix("s")


def _three(parts: Iterable[Any]) -> tuple[str, ...]:
    """The three groups that these parts are of, also where nobody is in one of them; empty if they are no groups."""
    named = {_group(part) for part in parts}
    return next((three for three in THREE_PARTS if named and named <= set(three)), ())


def _part_colors(parts: list[Any], chart: Chart, style: Style) -> list[str]:
    """Bad to good where the parts are an order, else the colours that the values keep."""
    three = _three(parts)
    if three:
        shown = dict(zip(three, (BAD, MIDDLE[style.dark], GOOD), strict=True))
        return [shown[_group(part)] for part in parts]
    if len(parts) > 1 and all(re.fullmatch(r"\d+(\.0)?", str(part)) for part in parts):
        order = sorted(parts, key=float, reverse=not style.higher_is_better)
        stops = (*DIVERGING[style.dark][:4], MIDDLE[style.dark], *DIVERGING[style.dark][5:])
        return [shade(2 * order.index(part) / (len(parts) - 1) - 1, stops) for part in parts]
    return [style.color(chart.color, part) if style.color else palette_color(i) for i, part in enumerate(parts)]


def _key(sheet: Sheet, parts: Sequence[tuple[str, str]], right: float) -> float:
    """The parts' names with their colours above the rows; returns the height they take."""
    texts = [cut_short(name, 120) for name, _ in parts]
    widths = [text_width(text) + 26 for text in texts]
    room = sheet.style.width - ROW_LABEL
    # Columns' headings stand on the right end of the same line, which comes nearer on a tablet.
    beside = sum(widths) <= min(room, TABLET - ROW_LABEL) - right
    lines, used = [""], 0.0
    for text, (_, color), wide in zip(texts, parts, widths, strict=True):
        if used and used + wide > room + 20:
            lines, used = [*lines, ""], 0.0
        lines[-1] += f'<span style="color:{color};font-size:11px">⬤</span> {safe_text(text)}\u2003'
        used += wide
    lift = 4 if beside else 4 + LINE_HEIGHT
    sheet.head("<br>".join(lines), 0, page_x=True, xanchor="left", yshift=lift, align="left")
    return lift + 8 + LINE_HEIGHT * len(lines)
