"""Lines over time, alone with their intervals or several side by side, with cuts, events and a target."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cx.catalog import Chart
from cx.charts.rows import (
    Row,
    between_text,
    cut_short,
    date_texts,
    hover_text,
    named_number,
    number_text,
    present_numbers,
    safe_text,
    stands_for,
    text_width,
    widest_text,
    word_of,
    wrapped,
)
from cx.charts.sheet import (
    End,
    Sheet,
    better_color,
    draw_band,
    draw_end_names,
    lonely_rows,
    standing_alone,
    value_axis,
    with_gaps,
)
from cx.charts.style import (
    ACCENT,
    CLEAR,
    GREY,
    LINE_BOTTOM,
    LINE_FIGURE,
    MAX_COLOURED,
    MAX_EVENTS,
    NARROWEST,
    PAPER,
    WIDE,
    Figure,
    Style,
    palette_color,
)


@dataclass(frozen=True)
class _Along:
    """The x axis of a line: where each value stands, and what is written beneath."""

    at: Mapping[Any, Any]
    axis: dict[str, Any]
    days: tuple[date, ...] = ()


def _along(rows: Sequence[Row], style: Style) -> _Along:
    said = {row.x: row.said for row in rows}
    days = tuple(sorted(value for value in said if isinstance(value, date)))
    if days and len(days) == len(said):
        first = days[0] if len(days) > 1 else date.fromordinal(days[0].toordinal() - 30)
        axis = dict(type="date", range=[first.isoformat(), days[-1].isoformat()], **_date_ticks(days, style))
        return _Along({day: day.isoformat() for day in days}, axis, days)
    values = list(said)
    shown = range(0, len(values), math.ceil(len(values) / 6))
    texts = ["<br>".join(wrapped(said[values[index]], 290 / len(shown))) for index in shown]
    axis = {"range": [min(0, len(values) - 2), len(values) - 1], "tickvals": list(shown), "ticktext": texts}
    return _Along({value: index for index, value in enumerate(values)}, axis)


def _date_ticks(days: Sequence[date], style: Style) -> dict[str, Any]:
    """A few round dates; the year stands once, beneath its first."""
    chosen = list(reversed(days[::-1][:: math.ceil(len(days) / 4)]))
    if style.grain in ("month", "quarter"):
        every = ([d for d in days if (d.year * 12 + d.month - 1) % step == 0] for step in (1, 2, 3, 6, 12, 24, 60))
        chosen = next((choice for choice in every if 0 < len(choice) <= 5), chosen)
    texts = [f"{text}<br>{year}" if year else text for text, year in date_texts(chosen, style)]
    return {"tickvals": [day.isoformat() for day in chosen], "ticktext": texts}


def draw_line(rows: list[Row], chart: Chart, style: Style) -> Figure:
    """A course over time: one with its band, or several by name."""
    sheet = Sheet(style)
    along = _along(rows, style)
    axis = value_axis(rows, style)
    ends = (_several if chart.color else _single)(sheet, rows, chart, along)
    right = 14 + min(112.0, max(36.0, *(widest_text(end.lines) for end in ends)))
    top = 28 if _events(sheet, along, right, _cuts(rows, style)) else 12
    low, high = axis["range"]
    height = LINE_FIGURE - top - LINE_BOTTOM
    draw_end_names(sheet, ends, (low, high), height)
    _target(sheet, rows)
    for value, name in style.references:
        sheet.rule(y=value, dash="dot")
        text = f"{safe_text(name)} {number_text(value, style, 0 if value.is_integer() else None)}".strip()
        sheet.note(text, 0, value, page_x=True, xanchor="left", yanchor="bottom", yshift=2)
    margin = {"r": right, "t": top, "b": LINE_BOTTOM}
    mode = "closest" if chart.color else "x"
    return sheet.figure(LINE_FIGURE, margin, along.axis, axis, hovermode=mode, hoverdistance=60)


def _single(sheet: Sheet, rows: Sequence[Row], chart: Chart, along: _Along) -> list[End]:
    style = sheet.style
    at = [along.at[row.x] for row in rows]
    draw_band(sheet, rows, at)
    before = [row.previous for row in rows]
    if present_numbers(*before):
        dots = [GREY if index in standing_alone(before) else CLEAR for index in range(len(rows))]
        line, marker = {"color": GREY, "width": 1.5}, {"size": 6, "color": dots}
        sheet.trace("previous", at, with_gaps(before), mode="lines+markers", line=line, marker=marker)
    lonely = sorted(lonely_rows(rows))
    spans = [(rows[index].low, rows[index].high, math.nan) for index in lonely]
    places = [at[index] for index in lonely for _ in range(3)]
    sheet.line("interval", places, with_gaps(end for span in spans for end in span), ACCENT, 1.5)
    last = max(index for index, row in enumerate(rows) if row.shown)
    visible = {*lonely, last}
    dots = [GREY if row.few else ACCENT if i in visible else CLEAR for i, row in enumerate(rows)]
    following = [*along.days[1:], date.max]
    happened = [
        [safe_text(name) for day, name in (*_cuts(rows, style), *style.events) if start <= day < end]
        for start, end in zip(along.days, following, strict=False)
    ]
    told = dict(zip(along.days, happened, strict=True))
    _thread(
        sheet,
        "value",
        rows,
        at,
        line={"color": ACCENT, "width": 2.5},
        sizes=[9 if i == last else 6 for i in range(len(rows))],
        colors=dots,
        hovertext=[hover_text(row, row.said, style, *told.get(row.x, ()), *_warnings(row, style)) for row in rows],
        customdata=[stands_for(chart.x, row.x) for row in rows],
    )
    _rings(sheet, rows, at)
    ends = [End(rows[last].value, [number_text(rows[last].value, style)], bold=True)]
    if present_numbers(*before) and "previous" in style.names:
        ends.append(End(present_numbers(*before)[-1], wrapped(style.names["previous"], 92)))
    return ends


def _several(sheet: Sheet, rows: Sequence[Row], chart: Chart, along: _Along) -> list[End]:
    style = sheet.style
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.color, []).append(row)
    order = sorted(groups, key=lambda key: (not groups[key][0].own, -sum(present_numbers(*(r.n for r in groups[key])))))
    order = order[: max(chart.limit, MAX_COLOURED)]
    coloured = [key for key in order if any(row.shown for row in groups[key])][:MAX_COLOURED]
    colors = _colors_of(coloured, chart, style)
    ends = []
    # What is drawn last lies on top: first the grey ones, at the very end the own brand.
    for key in [*(key for key in order if key not in coloured), *reversed(coloured)]:
        group, own, named = groups[key], groups[key][0].own, key in coloured
        color = ACCENT if named and own else colors.get(key, GREY)
        last = max((index for index, row in enumerate(group) if row.shown), default=-1)
        visible = lonely_rows(group) | ({last} if named else set())
        _thread(
            sheet,
            safe_text(group[0].part),
            group,
            [along.at[row.x] for row in group],
            line={"color": color, "width": 3.5 if own else 2 if named else 1},
            opacity=1 if named else 0.5,
            sizes=[8 if own else 6] * len(group),
            colors=[color if i in visible else CLEAR for i in range(len(group))],
            hovertext=[
                hover_text(row, row.part, style, safe_text(row.said), *_unfinished(row, style)) for row in group
            ],
            customdata=[stands_for(chart.color, key, chart.x, row.x) for row in group],
        )
        if named:
            text = f"{group[0].part} {number_text(group[last].value, style)}"
            ends.append(End(group[last].value, wrapped(text, 98), bold=own))
    return ends


def _colors_of(coloured: Sequence[Any], chart: Chart, style: Style) -> dict[Any, str]:
    """The colour that each line keeps on every page; of two that have the same one, the smaller takes a free one."""
    taken: dict[Any, str] = {}
    for place, key in enumerate(coloured):
        kept = style.color(chart.color, key) if style.color else palette_color(place)
        free = (palette_color(number) for number in range(1, 8))
        taken[key] = kept if kept not in taken.values() else next(one for one in free if one not in taken.values())
    return taken


def _thread(
    sheet: Sheet,
    name: str,
    rows: Sequence[Row],
    at: Sequence[Any],
    *,
    line: Mapping[str, Any],
    sizes: Sequence[float],
    colors: Sequence[str],
    opacity: float = 1,
    **marks: Sequence[Any],
) -> None:
    """A line through its figures: broken at a new wording, dotted and hollow where a period is not over."""
    values = with_gaps(row.value for row in rows)
    unsure = [index for index in range(1, len(rows)) if rows[index].partial or rows[index - 1].partial]
    for index in unsure:
        if not rows[index].cut:
            dotted, pair = {**line, "dash": "dot"}, slice(index - 1, index + 1)
            sheet.trace("partial", at[pair], values[pair], mode="lines", line=dotted, opacity=opacity)
    # One trace with gaps: of several, a hover along the x axis would tell the nearest point of each.
    places: list[int | None] = []
    for index, row in enumerate(rows):
        places += [None, index] if index > 0 and (row.cut or index in unsure) else [index]
    marker: dict[str, Any] = {"size": _parted(sizes, places, 0), "color": _parted(colors, places, CLEAR)}
    if any(row.partial for row in rows):
        hollow = [row.partial for row in rows]
        edges = [GREY if row.few else line["color"] for row in rows]
        fills = [sheet.tone(PAPER) if here else color for here, color in zip(hollow, colors, strict=True)]
        marker["size"] = _parted([9 if here else size for here, size in zip(hollow, sizes, strict=True)], places, 0)
        marker["color"] = _parted(fills, places, CLEAR)
        widths = _parted([1.8 if here else 0 for here in hollow], places, 0)
        marker["line"] = {"color": _parted(edges, places, CLEAR), "width": widths}
    sheet.trace(
        name,
        _parted(at, places, None),
        _parted(values, places, None),
        mode="lines+markers",
        line=dict(line),
        opacity=opacity,
        marker=marker,
        **{key: _parted(parts, places, "") for key, parts in marks.items()},
    )


def _parted(parts: Sequence[Any], places: Sequence[int | None], gap: Any) -> list[Any]:
    """The parts at their places, with something that does not show wherever the line is broken."""
    return [gap if place is None else parts[place] for place in places]


def _rings(sheet: Sheet, rows: Sequence[Row], at: Sequence[Any]) -> None:
    """Rings around what is unusual; of points that are so only together, around the first."""
    ringed = []
    for index, row in enumerate(rows):
        goes_on = index > 0 and rows[index - 1].unusual == row.unusual and not row.cut
        if row.unusual and not math.isnan(row.value) and (row.unusual == "outside" or not goes_on):
            ringed.append(index)
    if not ringed:
        return
    colors = [_side_color(rows[index], sheet.style) for index in ringed]
    marker = {"size": 12, "color": CLEAR, "line": {"color": colors, "width": 2}}
    values = [rows[index].value for index in ringed]
    sheet.trace("unusual", [at[index] for index in ringed], values, mode="markers", marker=marker)


def _side_color(row: Row, style: Style) -> str:
    """Better or worse than the middle of what is usual there."""
    away = row.value - (row.unusual_low + row.unusual_high) / 2
    if math.isnan(away):
        return GREY
    return better_color(away, style)


def _warnings(row: Row, style: Style) -> list[str]:
    """What hovering adds where the period is not over, or where the point is unusual."""
    named = word_of(style, f"unusual_{row.unusual}") if row.unusual else ""
    limits = between_text(row.unusual_low, row.unusual_high, style) if row.unusual else ""
    return [*_unfinished(row, style), f"{named}{limits}".strip()]


def _unfinished(row: Row, style: Style) -> list[str]:
    return [word_of(style, "partial")] if row.partial else []


def _cuts(rows: Sequence[Row], style: Style) -> list[tuple[date, str]]:
    """The days from which a question is worded anew; on the first day there is nothing to interrupt."""
    days = sorted({row.x for row in rows if isinstance(row.x, date)})
    begins = {row.x for row in rows if row.cut}
    return [(day, style.names.get("cut", "")) for day in days[1:] if day in begins]


def _events(sheet: Sheet, along: _Along, right: float, cuts: Sequence[tuple[date, str]]) -> bool:
    """Hairlines at what happened, named left and right by turns where there is room; tells whether any is."""
    if len(along.days) < 2:
        return False
    first, last = along.days[0], along.days[-1]
    grain = last - along.days[-2]
    # A line that breaks off for no visible reason is worse than an event without its name.
    happened = (*cuts, *sorted(sheet.style.events))
    inside = [(min(day, last), name) for day, name in happened if first <= day < last + grain]
    # A row of two cards breaks late: on a tablet each is as narrow as on a phone.
    plot = (WIDE if sheet.style.width >= WIDE else NARROWEST) - 44 - right
    taken: list[tuple[float, float]] = []
    for index, (day, name) in enumerate(inside):
        sheet.rule(x=day.isoformat())
        text = cut_short(name, 110)
        at, wide = (day - first) / (last - first) * plot, text_width(text)
        for anchor in ("right", "left")[:: 1 if index % 2 == 0 else -1]:
            start, end = (at - wide, at) if anchor == "right" else (at, at + wide)
            free = all(end + 8 < other or done + 8 < start for other, done in taken)
            if free and start >= -8 and end <= plot + right and len(taken) < MAX_EVENTS:
                sheet.head(safe_text(text), day.isoformat(), xanchor=anchor, yshift=2)
                taken.append((start, end))
                break
    return bool(taken)


def _target(sheet: Sheet, rows: Sequence[Row]) -> None:
    """The target as a dotted line, named at that end and side where the course leaves most room."""
    target = sheet.style.target
    if target is None:
        return
    sheet.rule(y=target, dash="dot")
    shown = [row for row in rows if row.shown]
    third = max(1, len(shown) // 3)
    room: dict[tuple[str, str], float] = {}
    for side, near in (("left", shown[:third]), ("right", shown[-third:])):
        edges = [edge - target for row in near for edge in present_numbers(row.value, row.low, row.high, row.previous)]
        room |= {(side, "bottom"): -max(edges), (side, "top"): min(edges)}
    side, anchor = max(room, key=room.__getitem__)
    place: dict[str, Any] = {"page_x": True, "xanchor": side, "yanchor": anchor}
    shift = 2 if anchor == "bottom" else -2
    sheet.note(named_number(sheet.style, "target", target), int(side == "right"), target, yshift=shift, **place)
