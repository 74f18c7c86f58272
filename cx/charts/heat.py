"""Heat maps of two columns, and the calendar of days."""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from statistics import fmean, median

from cx import words
from cx.catalog import Chart
from cx.charts.rows import (
    Row,
    cut_short,
    date_texts,
    hover_lines,
    hover_text,
    most_answered,
    number_text,
    present_numbers,
    safe_text,
    signed_text,
    stands_for,
    text_width,
    widest_text,
    word_of,
    wrapped,
)
from cx.charts.sheet import Sheet, blank, row_axis
from cx.charts.style import (
    ACCENT,
    BAD,
    DIVERGING,
    GREY,
    LINE_HEIGHT,
    MAX_COLUMNS,
    MIDDLE,
    WIDE,
    Figure,
    Style,
    ink_on,
    shade,
)

LONGEST_UPRIGHT = 110
"""Pixels of a name above its column that stands upright."""


def draw_heatmap(rows: list[Row], chart: Chart, style: Style) -> Figure:
    """Two columns crossed, coloured by the distance from the total, alike on both sides."""
    across = {row.x: row.said for row in rows}
    dated = all(isinstance(value, date) for value in across)
    most = MAX_COLUMNS if style.width < WIDE else 2 * MAX_COLUMNS
    shown = sorted(across)[-most:] if dated else list(across)[:most]
    down = most_answered(rows, chart)
    column = {value: index for index, value in enumerate(shown)}
    line = {value: index for index, value in enumerate(down)}
    cells = [row for row in rows if row.x in column and row.color in line]
    changes = chart.y == "change"
    # Of changes only those beyond noise have a colour.
    firm = [row for row in cells if row.firm and (row.real or not changes)]
    centre = style.total if style.total is not None else _mean(firm)
    widths = [row.high - row.low for row in firm if row.sure]
    # Differences smaller than the intervals stay pale: colour must not promise more than the answers do.
    reach = max([1e-9, *(abs(row.value - centre) for row in firm), *([median(widths)] if widths else [])])
    sign = 1 if style.higher_is_better else -1
    depth = {(row.x, row.color): sign * (row.value - centre) / reach for row in firm}
    stops = DIVERGING[style.dark]
    sheet = Sheet(style)
    sheet.trace(
        "heat",
        list(column.values()),
        list(line.values()),
        type="heatmap",
        z=[[depth.get((x, y)) for x in shown] for y in down],
        zmin=-1,
        zmax=1,
        colorscale=[[index / (len(stops) - 1), color] for index, color in enumerate(stops)],
        showscale=False,
        xgap=3,
        ygap=3,
    )
    names = row_axis(list(down.values()), [style.own is not None and key == style.own for key in down], style=style)
    room = (style.width - widest_text(names["ticktext"]) - 52) / max(len(shown), 1)
    written = _written(cells, style, room, signed=changes)
    inks: dict[str, list[Row]] = {}
    for row in cells:
        place = depth.get((row.x, row.color))
        inks.setdefault(GREY if place is None else ink_on(shade(place, stops)), []).append(row)
    for ink, group in inks.items():
        sheet.trace(
            "cell",
            [column[row.x] for row in group],
            [line[row.color] for row in group],
            mode="markers+text",
            # Heat maps pass no clicks on: unseen squares carry them.
            marker={"symbol": "square", "size": 30, "opacity": 0, "color": GREY},
            text=[written(row.value) for row in group],
            textfont={"color": ink, "size": 12 if len(shown) > 6 else 13},
            hovertext=[hover_text(row, row.part, style, safe_text(row.said)) for row in group],
            customdata=[stands_for(chart.color, row.color, chart.x, row.x) for row in group],
        )
    heads = ["<br>".join(wrapped(across[value], room - 4, 3)) for value in shown]
    if dated:
        texts = date_texts(shown, style)
        # Of weeks on a phone only every second or third has room for its name.
        step = math.ceil((widest_text(text for text, _ in texts) + 6) / room)
        named = [(text if index % step == 0 else "", year) for index, (text, year) in enumerate(texts)]
        heads = [f"{year}<br>{text}" if year else text for text, year in named]
    top, turned = 10 + LINE_HEIGHT * max(head.count("<br>") + 1 for head in heads), 0
    if not dated and any(text_width(word) > room - 4 for value in shown for word in across[value].split()):
        # Names that would be cut stand upright.
        upright = [cut_short(across[value], LONGEST_UPRIGHT) for value in shown]
        heads, top, turned = [safe_text(name) for name in upright], 14 + math.ceil(widest_text(upright)), -90
    x = {
        "range": [-0.5, len(shown) - 0.5],
        "tickvals": list(column.values()),
        "ticktext": heads,
        "side": "top",
        "tickangle": turned,
    }
    return sheet.figure(top + 40 * len(down) + 4, {"t": top}, x | {"ticklen": 2}, names, hoverdistance=100)


def _written(cells: Sequence[Row], style: Style, room: float, *, signed: bool) -> Callable[[float], str]:
    """How all cells write their numbers: as everywhere; without the sign where it has no room; then as whole numbers.

    The card says what the sign says, and the hover text keeps every digit.
    """
    if signed:
        return partial(signed_text, style=style)
    ways: list[Callable[[float], str]] = [
        partial(number_text, style=style),
        partial(number_text, style=replace(style, unit="")),
        partial(number_text, style=replace(style, unit="", decimals=0)),
    ]
    return next((way for way in ways if widest_text(way(row.value) for row in cells) <= room - 6), ways[-1])


def _mean(rows: Sequence[Row]) -> float:
    """The mean weighted by answers, or the plain one where there are none to weigh by."""
    answers = sum(present_numbers(*(row.n for row in rows)))
    if not answers:
        return fmean([row.value for row in rows] or [0.0])
    return sum(row.value * row.n for row in rows if row.n > 0) / answers


def calendar(days: Mapping[date, int], months: Sequence[date], style: Style) -> Figure:
    """How many rows there are for each day: a line per month, latest first; days without any stand out.

    A day counts as missing between the first and the last of `days`, also where `months` show only some of them.
    """
    if not days or not months:
        return blank(style)
    first, last, most = min(days), max(days), max(days.values())
    shown = sorted(months, reverse=True)
    cells = [
        [
            date(month.year, month.month, number) if number <= monthrange(month.year, month.month)[1] else None
            for number in range(1, 32)
        ]
        for month in shown
    ]
    sheet = Sheet(style)
    pale = sheet.tone(MIDDLE)

    def depth(day: date | None) -> float | None:
        if day is None or not first <= day <= last:
            return None
        # By roots, because a quiet Sunday and the day of a campaign are both days with rows.
        return 0.2 + 0.8 * math.sqrt(days[day] / most) if days.get(day) else -1.0

    def told(day: date | None) -> str:
        if day is None or not first <= day <= last:
            return ""
        return hover_lines(
            words.day(day, style.language), f"{word_of(style, 'n')} {words.number(days.get(day, 0), style.language)}"
        )

    sheet.trace(
        "days",
        list(range(1, 32)),
        list(range(len(shown))),
        type="heatmap",
        z=[[depth(day) for day in line] for line in cells],
        zmin=-1,
        zmax=1,
        colorscale=[[0, BAD], [0.499, BAD], [0.5, pale], [1, ACCENT]],
        showscale=False,
        xgap=2,
        ygap=2,
        hovertext=[[told(day) for day in line] for line in cells],
    )
    names = [words.period_label(month, "month", style.language) for month in shown]
    x = {"range": [0.5, 31.5], "tickvals": [1, 8, 15, 22, 29], "side": "top", "ticklen": 2}
    y = {"tickvals": list(range(len(shown))), "ticktext": names, "range": [len(shown) - 0.5, -0.5], "ticklen": 2}
    return sheet.figure(24 + 22 * len(shown) + 4, {"t": 24}, x, y)
