"""Answers become Plotly figures: one small function per kind of chart, all drawn with the same few tokens.

This module owns how a figure looks and nothing else: it computes no statistics and knows neither the screen's
library nor the database. Every figure is readable without hovering, from 358 px wide, in both themes and languages.
"""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate, pairwise
from statistics import fmean, median
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from cx import words
from cx.errors import CxError, nearest

KINDS = ("line", "bar", "stacked", "heatmap", "scatter", "change", "journey", "table", "kpi")
FIGURE = "figure"
FEW = 30
"""Below this many answers a figure is greyed: unreliable, though not secret."""

FONT = "'Source Sans','Apple SD Gothic Neo','Malgun Gothic','Noto Sans KR','Noto Sans CJK KR',sans-serif"
PALETTE = ("#3D6BDC", "#D38000", "#8C4598", "#1A9DD7", "#CF3A4E", "#337109", "#AE8B82", "#73767E")
ACCENT, GOOD, BAD, GREY = PALETTE[0], "#0B7A75", "#C2470B", "#8C94A1"
RULE = "rgba(127,135,149,.55)"
CLEAR = "rgba(0,0,0,0)"
# Each pair is (light, dark). Marks have one colour for both: a switch of theme redraws nothing until the next click.
TEXT = ("#5B6370", "#8E97A5")
BAD_TEXT = ("#B03F08", "#FF9A63")
GRID = ("rgba(127,135,149,.18)", "rgba(127,135,149,.22)")
BAND = ("rgba(61,107,220,.15)", "rgba(61,107,220,.28)")
MIDDLE = ("#D9DDE4", "#3A414E")
HOVER = (("#10141B", "#FFFFFF"), ("#E8EAEE", "#10141B"))
DIVERGING = (
    ("#C2470B", "#DB8557", "#EDBFA5", "#F7E3D8", "#F1F2F4", "#D6E8E6", "#A5CFCC", "#5CA8A3", "#0B7A75"),
    ("#C2470B", "#97401A", "#6B371F", "#432D26", "#262B34", "#1B3A3C", "#155350", "#106862", "#0B7A75"),
)
THREE_PARTS = (("detractor", "passive", "promoter"), ("negative", "neutral", "positive"))

PHONE = 358
"""The narrowest card in pixels: what fits there fits everywhere, because text keeps its size and distances only grow."""
LINE_HEIGHT = 17
ROW_LABEL = 104
MAX_COLUMNS, MAX_COLOURED, MAX_EVENTS, MAX_DOTS, MAX_STEPS_ACROSS = 8, 5, 4, 15, 8


@dataclass(frozen=True)
class Chart:
    """How a question wants its answer drawn: the `chart:` line of its file."""

    kind: str
    x: str = ""
    y: str = FIGURE
    """`figure` means the columns value, low, high, n, previous, change, verdict; other names are plain numbers."""
    color: str = ""
    sort: str = "value"
    """`value`, or `own` for the order of the rows."""
    limit: int = 12
    size: str = ""
    label: str = ""


def _plain(_column: str, value: Any) -> str:
    return "–" if value is None else str(value)


@dataclass(frozen=True)
class Style:
    """Everything a figure needs beyond its rows: language, theme, the metric's nature, words and references."""

    language: words.Language
    dark: bool = False
    decimals: int = 1
    unit: str = ""
    domain: tuple[float, float] | None = None
    higher_is_better: bool = True
    grain: str = "month"
    label: Callable[[str, Any], str] = _plain
    """(column, raw value) to the words shown; None stands for "no value"."""
    color: Callable[[str, Any], str] | None = None
    """(column, raw value) to the colour that value keeps everywhere."""
    own: str | None = None
    target: float | None = None
    events: tuple[tuple[date, str], ...] = ()
    total: float | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """value, n, total, target, previous, net, worst, empty, fix, keep, watch, over, and the axis names of a scatter."""


def palette_color(index: int) -> str:
    """The mark colour of the index-th value; after eight they begin again."""
    return PALETTE[index % len(PALETTE)]


def draw(frame: pd.DataFrame, chart: Chart, style: Style) -> go.Figure:
    """Draw the rows of an answer. Raises CxError for a kind or a column that is not there."""
    if chart.kind not in DRAWERS:
        raise CxError(f"“{chart.kind}” is not a chart that can be drawn.", nearest(chart.kind, DRAWERS))
    rows = _rows(frame, chart)
    if not any(row.shown for row in rows):
        return _blank(style)
    return DRAWERS[chart.kind](rows, chart, style)


def rows_left_out(frame: pd.DataFrame, chart: Chart) -> int:
    """How many rows the chart does not show because of its limit: what "n more" beneath it says."""
    if chart.kind == "scatter":
        return max(0, len(frame) - min(chart.limit, MAX_DOTS))
    column = {"bar": "", "change": "", "stacked": chart.x, "heatmap": chart.color}.get(chart.kind)
    if column is None:
        return 0
    return max(0, (frame[column].nunique(dropna=False) if column else len(frame)) - chart.limit)


# Rows -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """One row of an answer with plain Python values; what is absent is None (a name) or NaN (a number)."""

    x: Any
    color: Any
    label: Any
    size: float
    value: float
    low: float
    high: float
    n: float
    previous: float
    change: float
    change_low: float
    change_high: float
    verdict: str

    @property
    def shown(self) -> bool:
        return not math.isnan(self.value) or not math.isnan(self.change)

    @property
    def few(self) -> bool:
        return self.n < FEW

    @property
    def sure(self) -> bool:
        """Whether the answer has an interval to draw."""
        return not math.isnan(self.value + self.low + self.high)


def _rows(frame: pd.DataFrame, chart: Chart) -> list[_Row]:
    numbers = ("value", "low", "high", "n", "previous", "change", "change_low", "change_high")
    source = {name: name for name in numbers}
    if chart.y != FIGURE:
        source = {"value": chart.y, "n": "n"}
    wanted = [name for name in (chart.x, chart.color, chart.size, chart.label, source["value"]) if name]
    if chart.kind == "change":
        wanted[-1] = source.get("change", chart.y)
    for name in wanted:
        if name not in frame.columns:
            raise CxError(
                f"The chart wants a column “{name}”, which the answer has not.", nearest(name, frame.columns)
            )
    length = len(frame)
    absent = [math.nan] * length
    columns = {name: absent for name in numbers}
    columns |= {name: _floats(frame[origin]) for name, origin in source.items() if origin in frame.columns}
    for name, origin in (("x", chart.x), ("color", chart.color), ("label", chart.label)):
        columns[name] = [_raw(value) for value in frame[origin]] if origin else [None] * length
    columns["size"] = _floats(frame[chart.size]) if chart.size else columns["n"]
    verdicts = frame["verdict"].fillna("").astype(str) if "verdict" in frame.columns else [""] * length
    columns["verdict"] = list(verdicts)
    return [_Row(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _floats(column: pd.Series) -> list[float]:
    return [
        float(number)
        for number in pd.to_numeric(column, errors="coerce").astype("Float64").to_numpy(float, math.nan)
    ]


def _raw(value: Any) -> Any:
    """The value as plain Python: what a click hands back must be what the tables hold."""
    if pd.isna(value):
        return None
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    return value.item() if hasattr(value, "item") else value


def _stands_for(column: str, value: Any, *more: Any) -> list[Any]:
    """What a mark carries for a click: the column and the raw value that it stands for."""
    return [part.isoformat() if isinstance(part, date) else part for part in (column, value, *more)]


def _ranked(rows: list[_Row], chart: Chart, style: Style, rank: Callable[[_Row], float]) -> list[_Row]:
    """The rows in drawing order, cut to the limit; the own brand is never the one that is cut."""
    ordered = rows
    if chart.sort == "value":
        ordered = sorted(
            rows, key=lambda row: (math.isnan(rank(row)), -rank(row) if not math.isnan(rank(row)) else 0)
        )
    kept = ordered[: chart.limit]
    own = [row for row in ordered[chart.limit :] if style.own is not None and row.x == style.own]
    return [*kept[: len(kept) - len(own)], *own]


# Words ----------------------------------------------------------------------------------------------------------------


def _number(value: float, style: Style, decimals: int | None = None, *, unit: bool = False) -> str:
    """The number as people of that language write it, with a true minus; "—" when there is none."""
    if math.isnan(value):
        return words.NO_VALUE
    places = style.decimals if decimals is None else decimals
    if style.decimals == 0 and not style.unit and abs(value) >= 10_000:
        text = words.count(round(value), style.language)
    else:
        text = words.number(value, style.language, places)
    ending = style.unit if unit or style.unit == "%" else ""
    return text + (" " if ending.isascii() and ending.isalpha() else "") + _safe(ending)


def _signed(value: float, style: Style) -> str:
    return words.signed(None if math.isnan(value) else value, style.language, style.decimals)


def _count(n: float, style: Style) -> str:
    return words.count(None if math.isnan(n) else n, style.language)


def _safe(text: str) -> str:
    """Words from data as literal text: Plotly would follow some of the tags in them."""
    return html.escape(" ".join(text.split()), quote=False)


def _said(style: Style, column: str, value: Any) -> str:
    """The words for a value, not yet escaped."""
    return (
        words.period_label(value, style.grain, style.language)
        if isinstance(value, date)
        else style.label(column, value)
    )


def _short_period(day: date, style: Style) -> str:
    """The period without its year, which an axis says once."""
    label = words.period_label(day, style.grain, style.language)
    return re.sub(rf"\b{day.year}(년|-)?", "", label).strip(" ,·-") or label


def _name(style: Style, key: str) -> str:
    return _safe(style.names.get(key, ""))


def _width(text: str, size: float = 13) -> float:
    """About how many pixels the text takes: Hangul is nearly square, Latin half as wide."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    slim = sum(letter in "iljtf.,:;|'·! " for letter in text)
    return size * (0.92 * wide + 0.28 * slim + 0.53 * (len(text) - wide - slim))


def _cut(text: str, room: float) -> str:
    """The text as far as it fits, never cut without saying so."""
    if _width(text) <= room:
        return text
    while text and _width(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _wrap(text: str, room: float, lines: int = 2) -> list[str]:
    """The text in at most so many escaped lines, broken between words only."""
    wrapped: list[str] = []
    for word in text.split():
        if wrapped and (_width(f"{wrapped[-1]} {word}") <= room or len(wrapped) == lines):
            wrapped[-1] += f" {word}"
        else:
            wrapped.append(word)
    return [_safe(_cut(line, room)) for line in wrapped] or [""]


def _hover(row: _Row, title: str, style: Style, *more: str) -> str:
    """Name, value with its interval, n: everything the mark stands for, in words."""
    value = f"{_number(row.value, style, unit=True)}{_interval(row.value, row.low, row.high, style)}"
    parts = [f"<b>{_safe(title)}</b>", *more, value]
    if not math.isnan(row.n):
        parts.append(f"n {_count(row.n, style)}")
    return "<br>".join(part for part in parts if part)


def _interval(value: float, low: float, high: float, style: Style) -> str:
    if math.isnan(value + low + high):
        return ""
    half = (high - low) / 2
    if abs(value - (low + high) / 2) < 0.6 * 10**-style.decimals:
        return f" ±{_number(half, style)}"
    between = " ~ " if style.language == "ko" else " to "
    return f" ({_number(low, style)}{between}{_number(high, style)})"


# Paper ----------------------------------------------------------------------------------------------------------------


class _Sheet:
    """What a drawing collects before Plotly sees it at once: adding piece by piece re-checks all pieces each time."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.traces: list[dict[str, Any]] = []
        self.notes: list[dict[str, Any]] = []
        self.rules: list[dict[str, Any]] = []

    def tone(self, pair: Sequence[Any]) -> Any:
        """The colour of a (light, dark) pair for this theme."""
        return pair[1] if self.style.dark else pair[0]

    def trace(self, **parts: Any) -> None:
        """A scatter trace, or another type; a click never dims the other marks."""
        shared: dict[str, Any] = {"type": "scatter", "hoverinfo": "skip"}
        if parts.get("type") != "heatmap":
            calm: dict[str, Any] = {"marker": {"opacity": parts.get("marker", {}).get("opacity", 1)}}
            if parts.get("type") != "bar" and "textfont" in parts:
                calm["textfont"] = {"color": parts["textfont"]["color"]}
            shared |= {"cliponaxis": False, "unselected": calm}
        self.traces.append(shared | parts)

    def note(self, text: str, x: Any, y: Any, *, bold: bool = False, color: str = "", **place: Any) -> None:
        """Words on the figure; `text` is escaped already."""
        font = {
            "color": color or self.tone(TEXT),
            "weight": 600 if bold else 400,
            "size": place.pop("size", 13),
        }
        self.notes.append(
            {"text": text, "x": x, "y": y, "showarrow": False, "borderpad": 0, "font": font} | place
        )

    def rule(self, *, dash: str = "solid", width: float = 1, **place: Any) -> None:
        """A straight reference line, beneath the marks."""
        self.rules.append(
            {"type": "line", "layer": "below", "line": {"color": RULE, "width": width, "dash": dash}} | place
        )

    def figure(
        self,
        height: int,
        margin: Mapping[str, int],
        xaxis: dict[str, Any],
        yaxis: dict[str, Any],
        **layout: Any,
    ) -> go.Figure:
        """The finished figure, with the template keys that all kinds share."""
        axis = {
            "automargin": True,
            "fixedrange": True,
            "showgrid": False,
            "showline": False,
            "zeroline": False,
            "gridcolor": self.tone(GRID),
            "tickangle": 0,
            "ticks": "outside",
            "ticklen": 6,
            "tickcolor": CLEAR,
            "spikecolor": GREY,
            "spikethickness": 1,
            "spikedash": "solid",
        }
        back, front = self.tone(HOVER)
        shared: dict[str, Any] = {
            "template": "none",
            "height": height,
            "margin": {"l": 4, "r": 8, "t": 8, "b": 4} | dict(margin),
            "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR,
            "font": {"family": FONT, "size": 13, "color": self.tone(TEXT)},
            "colorway": list(PALETTE),
            "showlegend": False,
            "dragmode": False,
            "hovermode": "closest",
            "hoverdistance": 30,
            "bargap": 0.42,
            "separators": ".,",
            "hoverlabel": {
                "bgcolor": back,
                "bordercolor": back,
                "align": "left",
                "font": {"family": FONT, "size": 13, "color": front},
            },
            "xaxis": axis | xaxis,
            "yaxis": axis | yaxis,
            "annotations": self.notes,
            "shapes": self.rules,
        }
        return go.Figure(data=self.traces, layout=shared | layout)


def _blank(style: Style) -> go.Figure:
    """Nothing to show: a quiet sheet, the sentence about it stands beside the chart."""
    sheet = _Sheet(style)
    sheet.note(_name(style, "empty"), 0.5, 0.5, xref="paper", yref="paper")
    return sheet.figure(120, {}, {"visible": False}, {"visible": False})


def _nice(low: float, high: float, most: int = 5) -> list[float]:
    """At most so many round numbers that cover the range, ends included."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(
        s * power
        for s in (1, 2, 5, 10)
        if math.ceil(high / (s * power)) - math.floor(low / (s * power)) <= most
    )
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def _ticks(values: Sequence[float], style: Style) -> dict[str, Any]:
    """Tick marks with their words; only as many decimals as the steps need."""
    step = min((b - a for a, b in pairwise(values)), default=1.0)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return {"tickvals": list(values), "ticktext": [_number(value, style, decimals) for value in values]}


def _value_axis(rows: Iterable[_Row], style: Style, *more: float) -> dict[str, Any]:
    """A value axis cut to the data, but at least three intervals high, and never beyond what is possible."""
    rows = [row for row in rows if row.shown]
    seen = [n for row in rows for n in (row.value, row.low, row.high, row.previous)] + list(more)
    seen = [number for number in seen if not math.isnan(number)]
    floor, ceiling = style.domain or (0.0 if min(seen) >= 0 else -math.inf, math.inf)
    low, high = min(seen), max(seen)
    widths = [row.high - row.low for row in rows if row.sure]
    least = max(3 * median(widths) if widths else 0, 4 * 10**-style.decimals)
    spare = max(0.0, least - (high - low)) / 2
    low, high = max(floor, low - spare), min(ceiling, high + spare)
    if high <= low:
        low, high = low - least / 2, high + least / 2
    values = [value for value in _nice(low, high) if floor - 1e-9 <= value <= ceiling + 1e-9]
    ends = [min(low, values[0]), max(high, values[-1])]
    return {"range": ends, "showgrid": True, **_ticks(values, style)}


def _band(sheet: _Sheet, rows: Sequence[_Row], at: Sequence[Any], *, lying: bool = False) -> None:
    """The intervals as one surface, broken where there is no figure."""
    along: list[Any] = []
    across: list[float | None] = []
    run: list[tuple[Any, _Row]] = []
    for place, row in [*zip(at, rows, strict=True), (None, None)]:
        if row is not None and row.sure:
            run.append((place, row))
            continue
        if run:
            along += [place for place, _ in run] + [place for place, _ in reversed(run)] + [None]
            across += [row.low for _, row in run] + [row.high for _, row in reversed(run)] + [None]
        run = []
    x, y = (across, along) if lying else (along, across)
    line = {"width": 0}
    sheet.trace(name="band", x=x, y=y, mode="lines", fill="toself", fillcolor=sheet.tone(BAND), line=line)


def _apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Centres nearest to the wanted ones, in their order, at which boxes of these heights do not overlap."""
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    gaps = [(heights[a] + heights[b]) / 2 for a, b in pairwise(order)]
    offsets = list(accumulate(gaps, initial=0.0))[: len(order)]
    blocks: list[tuple[float, int]] = []
    for index, offset in zip(order, offsets, strict=True):
        total, count = wanted[index] - offset, 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / count:
            total, count = total + blocks[-1][0], count + blocks.pop()[1]
        blocks.append((total, count))
    flat = [total / count for total, count in blocks for _ in range(count)]
    centres = {index: place + offset for index, place, offset in zip(order, flat, offsets, strict=True)}
    return [centres[index] for index in range(len(wanted))]


# Lines ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Along:
    """The x axis of a line: where each value of the column stands, and what is written beneath."""

    places: dict[Any, Any]
    axis: dict[str, Any]
    days: tuple[date, ...] = ()

    def at(self, value: Any) -> Any:
        return self.places[value]


def _along(rows: Sequence[_Row], chart: Chart, style: Style) -> _Along:
    values = list(dict.fromkeys(row.x for row in rows))
    days = tuple(sorted(value for value in values if isinstance(value, date)))
    if days and len(days) == len(values):
        ends = [days[0].isoformat(), days[-1].isoformat()]
        axis = {"type": "date", **_date_ticks(days, style)} | ({"range": ends} if len(days) > 1 else {})
        return _Along({day: day.isoformat() for day in days}, axis, days)
    step = math.ceil(len(values) / 6)
    shown = range(0, len(values), step)
    room = 290 / max(1, len(shown))
    texts = ["<br>".join(_wrap(_said(style, chart.x, values[index]), room)) for index in shown]
    ends = [0, len(values) - 1] if len(values) > 1 else [-1, 1]
    axis = {"range": ends, "tickvals": list(shown), "ticktext": texts}
    return _Along({value: index for index, value in enumerate(values)}, axis)


def _date_ticks(days: Sequence[date], style: Style) -> dict[str, Any]:
    """A few round dates; the year stands once, beneath its first."""
    if style.grain in ("month", "quarter"):
        steps = (1, 2, 3, 6, 12, 24, 60, 120)
        choices = [[day for day in days if (day.year * 12 + day.month - 1) % step == 0] for step in steps]
        chosen = next((choice for choice in choices if 0 < len(choice) <= 5), [days[0]])
    else:
        step = math.ceil(len(days) / 4)
        chosen = list(reversed(days[::-1][::step]))
    texts = []
    for index, day in enumerate(chosen):
        short = _safe(_short_period(day, style))
        year = _safe(words.period_label(date(day.year, 1, 1), "year", style.language))
        new = short != year and (index == 0 or chosen[index - 1].year != day.year)
        texts.append(f"{short}<br>{year}" if new else short)
    return {"tickvals": [day.isoformat() for day in chosen], "ticktext": texts}


LINE_HIGH, LINE_BOTTOM = 300, 44


def _line(rows: list[_Row], chart: Chart, style: Style) -> go.Figure:
    """A course over time: one with its band, or several by name."""
    sheet = _Sheet(style)
    along = _along(rows, chart, style)
    more = [] if style.target is None else [style.target]
    axis = _value_axis(rows, style, *more)
    ends = (_several if chart.color else _single)(sheet, rows, chart, style, along)
    right = int(
        min(112, max([36, *(_width(html.unescape(line)) for _, lines, _ in ends for line in lines)])) + 14
    )
    top = _events(sheet, along, style, right)
    _end_labels(sheet, ends, axis["range"], LINE_HIGH - top - LINE_BOTTOM)
    _target(sheet, rows, axis["range"], style)
    layout = {"hovermode": "closest" if chart.color else "x", "hoverdistance": 60}
    xaxis = along.axis | {"showspikes": not chart.color, "spikemode": "across", "spikesnap": "data"}
    return sheet.figure(LINE_HIGH, {"r": right, "t": top, "b": LINE_BOTTOM}, xaxis, axis, **layout)


_Ends = list[tuple[float, list[str], bool]]


def _single(sheet: _Sheet, rows: list[_Row], chart: Chart, style: Style, along: _Along) -> _Ends:
    at = [along.at(row.x) for row in rows]
    _band(sheet, rows, at)
    before = [row for row in rows if not math.isnan(row.previous)]
    if before:
        line = {"color": GREY, "width": 1.5}
        sheet.trace(name="previous", x=at, y=[_gap(row.previous) for row in rows], mode="lines", line=line)
    last = max((index for index, row in enumerate(rows) if row.shown), default=0)
    alone = _alone(rows)
    visible = [index == last or row.few or index in alone for index, row in enumerate(rows)]
    hover = [
        _hover(row, _said(style, chart.x, row.x), style, "").replace("<br><br>", "<br>")
        + (f"<br>{_name(style, 'previous')} {_number(row.previous, style)}" if row in before else "")
        for row in rows
    ]
    sheet.trace(
        name="value",
        x=at,
        y=[_gap(row.value) for row in rows],
        mode="lines+markers",
        line={"color": ACCENT, "width": 2.5},
        marker={
            "size": [9 if index == last else 6 for index in range(len(rows))],
            "color": [
                CLEAR if not show else GREY if row.few else ACCENT for row, show in zip(rows, visible, strict=True)
            ],
        },
        hoverinfo="text",
        hovertext=hover,
        customdata=[_stands_for(chart.x, row.x) for row in rows],
    )
    ends: _Ends = [(rows[last].value, [_number(rows[last].value, style)], True)]
    if before and _name(style, "previous"):
        ends.append((before[-1].previous, _wrap(style.names["previous"], 92), False))
    return ends


def _several(sheet: _Sheet, rows: list[_Row], chart: Chart, style: Style, along: _Along) -> _Ends:
    groups: dict[Any, list[_Row]] = {}
    for row in rows:
        groups.setdefault(row.color, []).append(row)
    weights = {key: sum(row.n for row in group if row.n > 0) for key, group in groups.items()}
    order = sorted(groups, key=lambda key: (key != style.own or style.own is None, -weights[key]))
    coloured = [key for key in order if any(row.shown for row in groups[key])][:MAX_COLOURED]
    ends: _Ends = []
    # Drawn last lies on top: first the grey ones, the own brand at the very end.
    for key in [*(key for key in order if key not in coloured), *reversed(coloured)]:
        group, own = groups[key], key is not None and key == style.own
        index = coloured.index(key) if key in coloured else -1
        color = (
            GREY
            if index < 0
            else ACCENT
            if own
            else style.color(chart.color, key)
            if style.color
            else palette_color(index)
        )
        name = _said(style, chart.color, key)
        alone = _alone(group)
        last = max((i for i, row in enumerate(group) if row.shown), default=0)
        marked = [i in alone or (i == last and index >= 0) for i in range(len(group))]
        sheet.trace(
            name=_safe(name),
            x=[along.at(row.x) for row in group],
            y=[_gap(row.value) for row in group],
            mode="lines+markers",
            line={"color": color, "width": 3.5 if own else 2 if index >= 0 else 1},
            opacity=1 if index >= 0 else 0.5,
            marker={
                "color": color,
                "size": 8 if own else 6,
                "opacity": [1.0 if mark else 0.0 for mark in marked],
            },
            hoverinfo="text",
            hovertext=[_hover(row, name, style, _safe(_said(style, chart.x, row.x))) for row in group],
            customdata=[_stands_for(chart.color, key, chart.x, row.x) for row in group],
        )
        if index >= 0:
            ends.append((group[last].value, _wrap(f"{name} {_number(group[last].value, style)}", 98), own))
    return ends


def _gap(value: float) -> float | None:
    return None if math.isnan(value) else value


def _alone(rows: Sequence[_Row]) -> set[int]:
    """Figures between two gaps, which a line alone would not show."""
    shown = [False, *(row.shown for row in rows), False]
    return {i for i in range(len(rows)) if shown[i + 1] and not shown[i] and not shown[i + 2]}


def _end_labels(sheet: _Sheet, ends: _Ends, span: Sequence[float], height: int) -> None:
    """Names beside the ends of their lines, pushed apart; their distance is known because the height is."""
    wanted = [(value - span[0]) / (span[1] - span[0]) * height for value, _, _ in ends]
    placed = _apart(wanted, [LINE_HEIGHT * len(lines) + 1 for _, lines, _ in ends])
    for (_, lines, bold), y in zip(ends, placed, strict=True):
        where = {
            "xref": "paper",
            "xanchor": "left",
            "xshift": 10,
            "yref": "paper",
            "yanchor": "middle",
            "align": "left",
        }
        sheet.note("<br>".join(lines), 1, y / height, bold=bold, **where)


def _events(sheet: _Sheet, along: _Along, style: Style, right: int) -> int:
    """Hairlines at what happened, named left and right by turns where there is room; returns the top margin."""
    if len(along.days) < 2:
        return 12
    first, last = along.days[0], along.days[-1]
    period = (last - along.days[-2]).days
    inside = [
        (min(day, last), name)
        for day, name in sorted(style.events)
        if first <= day and (day - last).days < period
    ]
    plot = PHONE - 44 - right
    taken: list[tuple[float, float]] = []
    for index, (day, name) in enumerate(inside):
        where = {"x0": day.isoformat(), "x1": day.isoformat(), "y0": 0, "y1": 1, "yref": "paper"}
        sheet.rule(**where)
        text = _cut(name, 110)
        at, wide = (day - first) / (last - first) * plot, _width(text)
        sides = {"right": (at - wide, at), "left": (at, at + wide)}
        for anchor in ("right", "left") if index % 2 == 0 else ("left", "right"):
            start, end = sides[anchor]
            free = all(end + 8 < a or b + 8 < start for a, b in taken)
            if free and start >= -36 and end <= plot + right and len(taken) < MAX_EVENTS:
                sheet.note(
                    _safe(text), day.isoformat(), 1, yref="paper", yanchor="bottom", xanchor=anchor, yshift=2
                )
                taken.append((start, end))
                break
    return 28 if taken else 12


def _target(sheet: _Sheet, rows: Sequence[_Row], span: Sequence[float], style: Style) -> None:
    """The target as a dotted line, named at the end where the course leaves more room."""
    if style.target is None:
        return
    where = {"x0": 0, "x1": 1, "xref": "paper", "y0": style.target, "y1": style.target}
    sheet.rule(dash="dot", width=1.5, **where)
    shown = [row for row in rows if row.shown]
    third = max(1, len(shown) // 3)
    sides = {"left": shown[:third], "right": shown[-third:]}

    def room(side: str, sign: int) -> float:
        edges = [
            sign * (edge - (style.target or 0))
            for row in sides[side]
            for edge in (row.value, row.high, row.low, row.previous)
        ]
        return -max(edge for edge in edges if not math.isnan(edge))

    side, sign = max(((side, sign) for side in sides for sign in (1, -1)), key=lambda choice: room(*choice))
    text = f"{_name(style, 'target')} {_number(style.target, style)}".strip()
    at = {"left": 0, "right": 1}[side]
    anchor = "bottom" if sign > 0 else "top"
    sheet.note(text, at, style.target, xref="paper", xanchor=side, yanchor=anchor, yshift=2 * sign)


# Rows across ----------------------------------------------------------------------------------------------------------

ROW_HIGH = 38


def _row_axis(texts: Sequence[str], own: Sequence[bool] = ()) -> dict[str, Any]:
    """Row names at the left, the first row on top; the own brand in bold."""
    bold = own or [False] * len(texts)
    wrapped = ["<br>".join(_wrap(text, ROW_LABEL)) for text in texts]
    names = [f"<b>{text}</b>" if strong else text for text, strong in zip(wrapped, bold, strict=True)]
    return {"range": [len(texts) - 0.5, -0.5], "tickvals": list(range(len(texts))), "ticktext": names}


def _column(sheet: _Sheet, head: str, texts: Sequence[str], right: float, **look: Any) -> float:
    """A column of numbers at the right edge; returns where the next one to its left ends."""
    wide = max(_width(html.unescape(text)) for text in (head, *texts))
    where = {"xref": "paper", "xanchor": "right", "xshift": right}
    bold = look.get("bold") or [False] * len(texts)
    colors = look.get("colors") or [""] * len(texts)
    if head:
        sheet.note(head, 1, 1, yref="paper", yanchor="bottom", yshift=4, **where)
    for index, text in enumerate(texts):
        sheet.note(text, 1, index, bold=bold[index], color=colors[index], **where)
    return wide


def _columns_width(*columns: Sequence[str]) -> int:
    return int(sum(max(_width(html.unescape(text)) for text in column) + 14 for column in columns if column))


def _bar(rows: list[_Row], chart: Chart, style: Style) -> go.Figure:
    """Values by name from zero, with their intervals; accent only where the difference is real."""
    rows = _ranked(rows, chart, style, lambda row: row.value)
    sheet = _Sheet(style)
    tested = any(row.verdict for row in rows)
    own = [style.own is not None and row.x == style.own for row in rows]
    accent = [row.verdict == "real" if tested else mine for row, mine in zip(rows, own, strict=True)]
    colors = [ACCENT if clear and not row.few else GREY for row, clear in zip(rows, accent, strict=True)]
    hover = [_hover(row, _said(style, chart.x, row.x), style) for row in rows]
    carried = [_stands_for(chart.x, row.x) for row in rows]
    shared: dict[str, Any] = {"hoverinfo": "text", "hovertext": hover, "customdata": carried}
    sure = any(row.sure for row in rows)
    fill = (0.42 if style.dark else 0.26) if sure else 0.8
    sheet.trace(
        type="bar",
        name="bar",
        orientation="h",
        x=[_gap(row.value) for row in rows],
        y=list(range(len(rows))),
        marker={"color": colors, "opacity": fill, "cornerradius": 3},
        **shared,
    )
    if sure:
        _intervals(sheet, [(row.low, row.high, color) for row, color in zip(rows, colors, strict=True)])
        look = {"color": [CLEAR if row.few else c for row, c in zip(rows, colors, strict=True)], "size": 9}
        look["line"] = {"color": colors, "width": 1.5}
        y = list(range(len(rows)))
        sheet.trace(
            name="dot", x=[_gap(row.value) for row in rows], y=y, mode="markers", marker=look, **shared
        )
    values = [_number(row.value, style) for row in rows]
    counts = [_count(row.n, style) for row in rows] if any(not math.isnan(row.n) for row in rows) else []
    strong = [clear and not row.few for row, clear in zip(rows, accent, strict=True)]
    right = _columns_width([_name(style, "value"), *values], [_name(style, "n"), *counts] if counts else [])
    shift = float(right)
    if counts:
        shift -= _column(sheet, _name(style, "n"), counts, shift, colors=[GREY] * len(rows)) + 14
    _column(
        sheet,
        _name(style, "value"),
        values,
        shift,
        bold=strong,
        colors=[GREY if row.few else "" for row in rows],
    )
    ends = [0.0, *(n for row in rows for n in (row.value, row.low, row.high) if not math.isnan(n))]
    ends += [] if style.total is None else [style.total]
    low, high = min(ends), max(ends)
    span = [low - (high - low) * 0.02 * (low < 0), high + ((high - low) * 0.02 or 1)]
    if low < 0:
        sheet.rule(x0=0, x1=0, y0=0, y1=1, yref="paper")
    _reference(sheet, span, style)
    top = 30 if style.total is not None or _name(style, "value") or counts else 8
    axis = {"range": span, "showticklabels": False, "ticks": ""}
    names = _row_axis([_said(style, chart.x, row.x) for row in rows], own)
    return sheet.figure(top + ROW_HIGH * len(rows) + 6, {"r": right, "t": top}, axis, names)


def _intervals(sheet: _Sheet, spans: Sequence[tuple[float, float, str]]) -> None:
    """Horizontal intervals, one trace for each colour."""
    for color in dict.fromkeys(color for _, _, color in spans):
        x: list[float | None] = []
        y: list[int | None] = []
        for index, (low, high, tone) in enumerate(spans):
            if tone == color and not math.isnan(low + high):
                x, y = [*x, low, high, None], [*y, index, index, None]
        sheet.trace(name="interval", x=x, y=y, mode="lines", line={"color": color, "width": 2})


def _reference(sheet: _Sheet, span: Sequence[float], style: Style) -> None:
    """The overall value as a dotted line with its name above."""
    if style.total is None:
        return
    sheet.rule(dash="dot", width=1.5, x0=style.total, x1=style.total, y0=0, y1=1, yref="paper")
    share = (style.total - span[0]) / (span[1] - span[0])
    anchor = "left" if share < 0.25 else "right" if share > 0.75 else "center"
    text = f"{_name(style, 'total')} {_number(style.total, style)}".strip()
    sheet.note(text, style.total, 1, yref="paper", yanchor="bottom", xanchor=anchor, yshift=4)


def _change(rows: list[_Row], chart: Chart, style: Style) -> go.Figure:
    """What moved: filled and coloured where the change is real, hollow where it may be noise."""
    if chart.y != FIGURE:
        rows = [_Row(**{**row.__dict__, "change": row.value}) for row in rows]
    strongest = sorted(
        rows, key=lambda row: (row.verdict != "real", -abs(row.change) if row.change == row.change else 1)
    )
    kept = [row for row in rows if row in strongest[: chart.limit]]
    rows = _ranked(kept, chart, style, lambda row: row.change)
    sheet = _Sheet(style)
    real = [row.verdict == "real" and not row.few for row in rows]
    colors = [
        (GOOD if (row.change > 0) == style.higher_is_better else BAD) if clear else GREY
        for row, clear in zip(rows, real, strict=True)
    ]
    _intervals(sheet, [(row.change_low, row.change_high, GREY) for row in rows])
    paper = ("#FFFFFF", "#0F1217")
    hover = []
    for row in rows:
        change = _signed(row.change, style) + _interval(row.change, row.change_low, row.change_high, style)
        now = _number(row.value, style, unit=True)
        before = (
            f"{_name(style, 'previous')} {_number(row.previous, style)}"
            if not math.isnan(row.previous)
            else ""
        )
        count = f"n {_count(row.n, style)}" if not math.isnan(row.n) else ""
        parts = (f"<b>{_safe(_said(style, chart.x, row.x))}</b>", change, now, before, count)
        hover.append("<br>".join(part for part in parts if part and part != words.NO_VALUE))
    sheet.trace(
        name="change",
        x=[_gap(row.change) for row in rows],
        y=list(range(len(rows))),
        mode="markers",
        marker={
            "size": 11,
            "color": [
                color if clear else sheet.tone(paper) for color, clear in zip(colors, real, strict=True)
            ],
            "line": {"color": colors, "width": 1.8},
        },
        hoverinfo="text",
        hovertext=hover,
        customdata=[_stands_for(chart.x, row.x) for row in rows],
    )
    for index, row in enumerate(rows):
        ends = [n for n in (row.change, row.change_low, row.change_high) if not math.isnan(n)] or [0.0]
        down = row.change < 0
        where = {"xanchor": "right" if down else "left", "xshift": -10 if down else 10}
        sheet.note(
            _signed(row.change, style), min(ends) if down else max(ends), index, bold=real[index], **where
        )
    sheet.rule(x0=0, x1=0, y0=0, y1=1, yref="paper")
    every = [
        0.0,
        *(n for row in rows for n in (row.change, row.change_low, row.change_high) if not math.isnan(n)),
    ]
    room = 0.24 * ((max(every) - min(every)) or 1)
    span = [min(every) - room * any(row.change < 0 for row in rows) - room / 6, max(every) + room]
    own = [style.own is not None and row.x == style.own for row in rows]
    names = _row_axis([_said(style, chart.x, row.x) for row in rows], own)
    return sheet.figure(
        12 + ROW_HIGH * len(rows), {}, {"range": span, "showticklabels": False, "ticks": ""}, names
    )


# Shares and cells -----------------------------------------------------------------------------------------------------


def _stacked(rows: list[_Row], chart: Chart, style: Style) -> go.Figure:
    """Shares of one hundred per row, part by part, the key in the order of the parts."""
    parts = list(dict.fromkeys(row.color for row in rows))
    counts: dict[Any, dict[Any, float]] = {}
    for row in rows:
        part = counts.setdefault(row.x, dict.fromkeys(parts, 0.0))
        part[row.color] += 0.0 if math.isnan(row.value) else row.value
    totals = {key: sum(part.values()) for key, part in counts.items()}
    shares = {
        key: [part[name] / totals[key] * 100 if totals[key] else math.nan for name in parts]
        for key, part in counts.items()
    }
    level = {key: sum(index * share for index, share in enumerate(row)) for key, row in shares.items()}
    order = list(counts)
    if chart.sort == "value":
        order.sort(key=lambda key: (math.isnan(level[key]), -level[key] if level[key] == level[key] else 0))
    order = order[: chart.limit]
    sheet = _Sheet(style)
    colors = _part_colors(parts, chart, style)
    percent = Style(language=style.language, decimals=0, unit="%")
    for index, part in enumerate(parts):
        values = [shares[key][index] for key in order]
        said = _said(style, chart.color, part)
        sheet.trace(
            type="bar",
            name=_safe(said),
            orientation="h",
            x=[_gap(value) for value in values],
            y=list(range(len(order))),
            marker={"color": colors[index]},
            text=[_number(value, percent) for value in values],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": _ink(colors[index])},
            hoverinfo="text",
            hovertext=[
                f"<b>{_safe(_said(style, chart.x, key))}</b><br>{_safe(said)} {_number(value, percent)}"
                f"<br>n {_count(totals[key], style)}"
                for key, value in zip(order, values, strict=True)
            ],
            customdata=[_stands_for(chart.x, key, chart.color, part) for key in order],
        )
    net = [_signed(shares[key][-1] - shares[key][0], style) for key in order] if _is_three(parts) else []
    ns = [_count(totals[key], style) for key in order]
    right = _columns_width([_name(style, "n"), *ns], [_name(style, "net"), *net] if net else [])
    taken = _column(sheet, _name(style, "n"), ns, right, colors=[GREY] * len(ns)) + 14
    if net:
        _column(sheet, _name(style, "net"), net, right - taken, bold=[True] * len(net))
    lines = _key(
        [(_said(style, chart.color, part), color) for part, color in zip(parts, colors, strict=True)], right
    )
    sheet.note(
        "<br>".join(lines),
        0,
        1,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        yshift=4,
        align="left",
    )
    top = 12 + LINE_HEIGHT * len(lines)
    own = [style.own is not None and key == style.own for key in order]
    names = _row_axis([_said(style, chart.x, key) for key in order], own)
    axis = {"range": [0, 100], "showticklabels": False, "ticks": ""}
    layout = {"barmode": "stack", "uniformtext": {"minsize": 12, "mode": "hide"}, "bargap": 0.34}
    return sheet.figure(top + ROW_HIGH * len(order) + 4, {"r": right, "t": top}, axis, names, **layout)


def _is_three(parts: Sequence[Any]) -> bool:
    return tuple(str(part).lower().removesuffix("s") for part in parts) in THREE_PARTS


def _part_colors(parts: Sequence[Any], chart: Chart, style: Style) -> list[str]:
    """Bad to good where the parts are an order, else the colours that the values keep."""
    if _is_three(parts):
        return [BAD, MIDDLE[style.dark], GOOD]
    if all(re.fullmatch(r"\d+(\.0)?", str(part)) for part in parts) and len(parts) > 1:
        order = sorted(parts, key=float, reverse=not style.higher_is_better)
        return [_shade(2 * order.index(part) / (len(parts) - 1) - 1, style) for part in parts]
    if style.color:
        return [style.color(chart.color, part) for part in parts]
    return [palette_color(index) for index in range(len(parts))]


def _key(parts: Sequence[tuple[str, str]], right: int) -> list[str]:
    """The parts' names with their colours, wrapped as a phone needs it."""
    lines, used = [""], 0.0
    for said, color in parts:
        text = _cut(said, 120)
        wide = _width(text) + 28
        if used and used + wide > PHONE - ROW_LABEL - right + 40:
            lines, used = [*lines, ""], 0.0
        lines[-1] += f'<span style="color:{color}">■</span> {_safe(text)}\u2003'
        used += wide
    return lines


def _shade(place: float, style: Style) -> str:
    """The diverging colour at −1 (bad) to 1 (good)."""
    stops = DIVERGING[style.dark]
    at = (min(1.0, max(-1.0, place)) + 1) / 2 * (len(stops) - 1)
    left = min(int(at), len(stops) - 2)
    pairs = zip(_rgb(stops[left]), _rgb(stops[left + 1]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * (at - left)):02X}" for a, b in pairs)


def _rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))


def _ink(color: str) -> str:
    """Black or white on this colour, whichever contrasts more."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (part / 255 for part in _rgb(color))
    ]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (light + 0.05) ** 2 > 0.05 * 1.05 else "#FFFFFF"


def _heatmap(rows: list[_Row], chart: Chart, style: Style) -> go.Figure:
    """Two columns crossed: coloured by the distance from the total, the same at both sides."""
    across = list(dict.fromkeys(row.x for row in rows))
    if all(isinstance(value, date) for value in across):
        across = sorted(across)[-MAX_COLUMNS:]
    across = across[:MAX_COLUMNS]
    down = list(dict.fromkeys(row.color for row in rows))[: chart.limit]
    cells = [row for row in rows if row.x in across and row.color in down]
    firm = [row for row in cells if row.shown and not row.few]
    centre = _centre(firm or [row for row in cells if row.shown]) if style.total is None else style.total
    widths = [row.high - row.low for row in firm if row.sure]
    # Differences smaller than the intervals stay pale: colour must not promise more than the answers do.
    reach = max([abs(row.value - centre) for row in firm] + ([median(widths)] if widths else []) + [1e-9])
    sign = 1 if style.higher_is_better else -1
    depth = {(row.x, row.color): sign * (row.value - centre) / reach for row in firm}
    sheet = _Sheet(style)
    scale = [[index / 8, color] for index, color in enumerate(DIVERGING[style.dark])]
    grid = [[depth.get((x, y)) for x in across] for y in down]
    places = {"x": list(range(len(across))), "y": list(range(len(down)))}
    sheet.trace(
        type="heatmap", z=grid, zmin=-1, zmax=1, colorscale=scale, showscale=False, xgap=3, ygap=3, **places
    )
    inks: dict[str, list[_Row]] = {}
    for row in cells:
        place = depth.get((row.x, row.color))
        inks.setdefault(GREY if place is None else _ink(_shade(place, style)), []).append(row)
    for ink, group in inks.items():
        sheet.trace(
            name="cell",
            x=[across.index(row.x) for row in group],
            y=[down.index(row.color) for row in group],
            mode="markers+text",
            # Heat maps pass on no clicks, so that unseen squares carry them.
            marker={"symbol": "square", "size": 30, "opacity": 0, "color": GREY},
            text=[_number(row.value, style) for row in group],
            textfont={"color": ink, "size": 12 if len(across) > 6 else 13},
            hoverinfo="text",
            hovertext=[
                _hover(row, _said(style, chart.color, row.color), style, _safe(_said(style, chart.x, row.x)))
                for row in group
            ],
            customdata=[_stands_for(chart.color, row.color, chart.x, row.x) for row in group],
        )
    heads = _heads(across, chart, style)
    top = 10 + LINE_HEIGHT * max(text.count("<br>") + 1 for text in heads)
    xaxis = {
        "range": [-0.5, len(across) - 0.5],
        "tickvals": places["x"],
        "ticktext": heads,
        "side": "top",
        "ticklen": 2,
    }
    own = [style.own is not None and value == style.own for value in down]
    names = _row_axis([_said(style, chart.color, value) for value in down], own) | {"ticklen": 4}
    return sheet.figure(top + 40 * len(down) + 4, {"t": top}, xaxis, names, hoverdistance=100)


def _centre(rows: Sequence[_Row]) -> float:
    weights = [row.n if row.n > 0 else 0.0 for row in rows]
    if sum(weights) > 0:
        return sum(row.value * weight for row, weight in zip(rows, weights, strict=True)) / sum(weights)
    return fmean(row.value for row in rows)


def _heads(across: Sequence[Any], chart: Chart, style: Style) -> list[str]:
    """Column names as wide as a phone allows; of dates, the year once."""
    heads = []
    for index, value in enumerate(across):
        if not isinstance(value, date):
            heads.append("<br>".join(_wrap(_said(style, chart.x, value), 264 / len(across), 3)))
            continue
        text = _safe(_short_period(value, style))
        year = _safe(words.period_label(date(value.year, 1, 1), "year", style.language))
        new = index == 0 or across[index - 1].year != value.year
        heads.append(f"{year}<br>{text}" if new and text != year else text)
    return heads


# Journey and scatter --------------------------------------------------------------------------------------------------


JOURNEY_HIGH = 300


def _journey(rows: list[_Row], chart: Chart, style: Style) -> go.Figure:
    """The steps in the order they happen; the weakest one stands out, the comparison is grey."""
    said = [_said(style, chart.x, row.x) for row in rows]
    room = 306 / len(rows)
    fitting = all(_fits(text, room) for text in said)
    # Many steps, or long names, run downwards: a phone has height, but turned words cannot be read.
    lying = len(rows) > MAX_STEPS_ACROSS or not fitting
    sheet = _Sheet(style)
    _course(sheet, rows, chart, style, lying=lying)
    axis = _value_axis(rows, style)
    if lying:
        return _journey_down(sheet, rows, said, axis, style)
    low, high = axis["range"]
    top, bottom = 26, 10 + LINE_HEIGHT * max(len(_wrap(text, room, 3)) for text in said)
    height = JOURNEY_HIGH - top - bottom
    worst = _worst(rows, style)
    for index, row in enumerate(rows):
        if math.isnan(row.value):
            sheet.note(words.NO_VALUE, index, low, yanchor="bottom")
        elif index != worst:
            sheet.note(
                _number(row.value, style), index, row.value, bold=not row.few, yanchor="bottom", yshift=8
            )
    edge = {0: "left", len(rows) - 1: "right"} if len(rows) > 1 else {}
    if worst is not None:
        row = rows[worst]
        down = style.higher_is_better
        lines = [f"<b>{_number(row.value, style)}</b>", *_remark(row, style)]
        anchor = edge.get(worst, "center") if len(lines) > 1 else "center"
        place = {
            "yanchor": "top" if down else "bottom",
            "yshift": -8 if down else 8,
            "xanchor": anchor,
            "align": anchor,
        }
        place["xshift"] = {"left": -12, "right": 12}.get(anchor, 0)
        sheet.note("<br>".join(lines), worst, row.value, color=sheet.tone(BAD_TEXT), **place)
        need = (LINE_HEIGHT * len(lines) + 14) / height
        if down and (row.value - low) < need * (high - low):
            low = (row.value - need * high) / (1 - need)
    named = _name(style, "previous")
    last = rows[-1]
    if named and not math.isnan(last.previous) and worst != len(rows) - 1:
        under = not last.previous > last.value
        place = {
            "yanchor": "top" if under else "bottom",
            "yshift": -6 if under else 6,
            "xanchor": "right",
            "xshift": 14,
        }
        sheet.note(named, len(rows) - 1, last.previous, **place)
    names = {"range": [-0.5, len(rows) - 0.5], "tickvals": list(range(len(rows)))}
    names["ticktext"] = ["<br>".join(_wrap(text, room, 3)) for text in said]
    return sheet.figure(
        JOURNEY_HIGH, {"t": top, "b": bottom}, names, axis | {"range": [low, high]}, hoverdistance=60
    )


def _fits(text: str, room: float) -> bool:
    return len(_wrap(text, room, 3)) <= 3 and not any(line.endswith("…") for line in _wrap(text, room, 3))


def _worst(rows: Sequence[_Row], style: Style) -> int | None:
    """The weakest step among those with enough answers; none when there is nothing to compare it with."""
    firm = [index for index, row in enumerate(rows) if not math.isnan(row.value) and not row.few]
    if len(firm) < 2:
        return None
    return (min if style.higher_is_better else max)(firm, key=lambda index: rows[index].value)


def _remark(row: _Row, style: Style) -> list[str]:
    """What is said about the weakest step: its name, and how far it is from before."""
    drop = row.change if not math.isnan(row.change) else row.value - row.previous
    told = (
        f"{_name(style, 'previous')} {_signed(drop, style)}"
        if not math.isnan(drop) and _name(style, "previous")
        else ""
    )
    return [part for part in (_name(style, "worst"), told) if part]


def _course(sheet: _Sheet, rows: Sequence[_Row], chart: Chart, style: Style, *, lying: bool) -> None:
    """Band, comparison and steps of a journey, to the right or downwards."""
    at = list(range(len(rows)))
    worst = _worst(rows, style)

    def turned(values: Iterable[float]) -> dict[str, Any]:
        numbers = [_gap(value) for value in values]
        return {"x": numbers, "y": at} if lying else {"x": at, "y": numbers}

    _band(sheet, rows, at, lying=lying)
    line = {"color": GREY, "width": 1.5}
    sheet.trace(name="previous", mode="lines", line=line, **turned(row.previous for row in rows))
    named = _name(style, "previous")
    before = [
        "" if math.isnan(row.previous) else f"<br>{named} {_number(row.previous, style)}" for row in rows
    ]
    sheet.trace(
        name="value",
        mode="lines+markers",
        line={"color": ACCENT, "width": 2.5},
        marker={
            "size": 9,
            "color": [GREY if row.few else BAD if i == worst else ACCENT for i, row in enumerate(rows)],
            "opacity": 1,
        },
        hoverinfo="text",
        hovertext=[
            _hover(row, _said(style, chart.x, row.x), style) + old
            for row, old in zip(rows, before, strict=True)
        ],
        customdata=[_stands_for(chart.x, row.x) for row in rows],
        **turned(row.value for row in rows),
    )


def _journey_down(
    sheet: _Sheet, rows: Sequence[_Row], said: Sequence[str], axis: Mapping[str, Any], style: Style
) -> go.Figure:
    values = [_number(row.value, style) for row in rows]
    head = _name(style, "value")
    right = _columns_width([head, *values])
    worst = _worst(rows, style)
    tones = [
        sheet.tone(BAD_TEXT) if index == worst else GREY if row.few else "" for index, row in enumerate(rows)
    ]
    _column(sheet, head, values, right, bold=[not row.few for row in rows], colors=tones)
    top = 30 if head else 12
    first = next((row for row in rows if not math.isnan(row.previous)), None)
    if first and _name(style, "previous"):
        top = 30
        sheet.note(_name(style, "previous"), first.previous, 1, yref="paper", yanchor="bottom", yshift=4)
    names = _row_axis(said) | {"showgrid": True}
    across = {"range": axis["range"], "showticklabels": False, "ticks": ""}
    return sheet.figure(top + 34 * len(rows) + 6, {"r": right, "t": top}, across, names, hoverdistance=60)


SCATTER_HIGH = 340


def _scatter(rows: list[_Row], chart: Chart, style: Style) -> go.Figure:
    """Two numbers against each other, cut at their means; only what to fix first is coloured."""
    dots = [(x, row) for row in rows if not math.isnan(x := _across(row)) and not math.isnan(row.value)]
    dots = sorted(dots, key=lambda dot: -dot[1].size if dot[1].size > 0 else 0)[: min(chart.limit, MAX_DOTS)]
    if not dots:
        return _blank(style)
    sheet = _Sheet(style)
    mean_x, mean_y = fmean(x for x, _ in dots), fmean(row.value for _, row in dots)
    biggest = max(max(row.size for _, row in dots), 1)
    sizes = [
        8 + 14 * math.sqrt(max(row.size, 0) / biggest) if row.size == row.size else 12 for _, row in dots
    ]
    spans = [_padded([x for x, _ in dots], 0.14), _padded([row.value for _, row in dots], 0.16)]
    fix = bool(_name(style, "fix"))
    first = [
        fix and not row.few and x > mean_x and (row.value < mean_y) == style.higher_is_better
        for x, row in dots
    ]
    own = [style.own is not None and row.label == style.own for _, row in dots]
    calm = GREY if any(own) else ACCENT
    colors = [
        GREY if row.few else BAD if f else ACCENT if o else calm
        for (_, row), f, o in zip(dots, first, own, strict=True)
    ]
    sheet.rule(x0=mean_x, x1=mean_x, y0=0, y1=1, yref="paper")
    sheet.rule(x0=0, x1=1, y0=mean_y, y1=mean_y, xref="paper")
    said = [_said(style, chart.label, row.label) if chart.label else "" for _, row in dots]
    x_name, y_name = _name(style, chart.x), _name(style, chart.y)
    axes = [_inner_ticks(span, style) for span in spans]
    sheet.trace(
        name="dot",
        x=[x for x, _ in dots],
        y=[row.value for _, row in dots],
        mode="markers",
        marker={"size": sizes, "color": colors, "opacity": 0.9},
        hoverinfo="text",
        hovertext=[
            _hover(row, text, style, f"{x_name} {_number(x, style, 2)}".strip())
            for (x, row), text in zip(dots, said, strict=True)
        ],
        customdata=[_stands_for(chart.label, row.label) for _, row in dots],
    )
    bottom, top = 30 + LINE_HEIGHT * bool(x_name), 28 if y_name else 10
    height = SCATTER_HIGH - top - bottom
    _dot_names(sheet, [(x, row.value) for x, row in dots], sizes, said, spans, height, own)
    high, low = ("over", "keep"), ("watch", "fix")
    for y, keys in ((1, high), (0, low)) if style.higher_is_better else ((0, high), (1, low)):
        for x, key in enumerate(keys):
            place = {"xanchor": ("left", "right")[x], "yanchor": ("bottom", "top")[y], "xshift": 4 - 8 * x}
            color = sheet.tone(BAD_TEXT) if key == "fix" else ""
            sheet.note(_name(style, key), x, y, xref="paper", yref="paper", size=12, color=color, **place)
    if y_name:
        sheet.note(y_name, 0, 1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=8)
    if x_name:
        sheet.note(x_name, 1, 0, xref="paper", yref="paper", xanchor="right", yanchor="top", yshift=-26)
    return sheet.figure(SCATTER_HIGH, {"t": top, "b": bottom}, axes[0], axes[1])


def _across(row: _Row) -> float:
    try:
        return float(row.x)
    except (TypeError, ValueError):
        return math.nan


def _padded(values: Sequence[float], share: float) -> list[float]:
    low, high = min(values), max(values)
    room = (high - low) * share or abs(high) * share or 1.0
    return [low - room, high + room]


def _inner_ticks(span: Sequence[float], style: Style) -> dict[str, Any]:
    return {
        "range": list(span),
        **_ticks([at for at in _nice(*span, most=5) if span[0] <= at <= span[1]], style),
    }


def _dot_names(
    sheet: _Sheet,
    dots: Sequence[tuple[float, float]],
    sizes: Sequence[float],
    said: Sequence[str],
    spans: Sequence[Sequence[float]],
    height: float,
    own: Sequence[bool],
) -> None:
    """Names at the side of their dot where a phone has room for them; a name without room is left to the hover."""
    wide = PHONE - 48.0
    centres = [
        (
            (x - spans[0][0]) / (spans[0][1] - spans[0][0]) * wide,
            (y - spans[1][0]) / (spans[1][1] - spans[1][0]) * height,
        )
        for x, y in dots
    ]
    boxes = [(x - s / 2, y - s / 2, x + s / 2, y + s / 2) for (x, y), s in zip(centres, sizes, strict=True)]
    for index, (text, (x, y), size) in enumerate(zip(said, centres, sizes, strict=True)):
        shown = _cut(text, 110)
        w, away = _width(shown), size / 2 + 3
        sides = {
            ("center", "bottom", 0, away): (x - w / 2, y + away, x + w / 2, y + away + 14),
            ("center", "top", 0, -away): (x - w / 2, y - away - 14, x + w / 2, y - away),
            ("left", "middle", away, 0): (x + away, y - 7, x + away + w, y + 7),
            ("right", "middle", -away, 0): (x - away - w, y - 7, x - away, y + 7),
        }
        for (xanchor, yanchor, xshift, yshift), box in sides.items():
            others = [other for place, other in enumerate(boxes) if place != index]
            if box[0] >= 0 and box[2] <= wide and not any(_meet(box, other) for other in others):
                place = {"xanchor": xanchor, "yanchor": yanchor, "xshift": xshift, "yshift": yshift}
                sheet.note(_safe(shown), *dots[index], bold=own[index], **place)
                boxes.append(box)
                break


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


DRAWERS: dict[str, Callable[[list[_Row], Chart, Style], go.Figure]] = {
    "line": _line,
    "bar": _bar,
    "stacked": _stacked,
    "heatmap": _heatmap,
    "change": _change,
    "journey": _journey,
    "scatter": _scatter,
}
