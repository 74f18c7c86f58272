"""Answers become Plotly figures: one small function per kind of chart, all drawn with the same few tokens.

This module owns how a figure looks and nothing else: it judges no figures and knows neither the screen's
library nor the database. Every figure can be read without hovering, from 358 px wide, in both themes and
languages.
"""

from __future__ import annotations

import html
import math
import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from itertools import accumulate, pairwise
from statistics import fmean, median
from typing import Any

import pandas as pd

from cx import words
from cx.catalog import Chart
from cx.errors import CxError, nearest

Figure = dict[str, Any]
"""What Plotly draws in the browser: `data` and `layout`, plain values only. Its Python classes would check each
figure again, which takes longer than drawing it; the tests let them check one of every kind instead."""

FIGURE = "figure"
FEW = 30
"""Below this many answers a figure is greyed: unreliable, though not secret."""

FONT = "'Source Sans','Apple SD Gothic Neo','Malgun Gothic','Noto Sans KR','Noto Sans CJK KR',sans-serif"
PALETTE = ("#3D6BDC", "#D38000", "#8C4598", "#1A9DD7", "#CF3A4E", "#337109", "#AE8B82", "#73767E")
ACCENT, GOOD, BAD, GREY = PALETTE[0], "#0B7A75", "#C2470B", "#8C94A1"
RULE, CLEAR = "rgba(127,135,149,.55)", "rgba(0,0,0,0)"
# Pairs are (light, dark). Marks have one colour for both: a switched theme redraws nothing until a click.
PAPER, TEXT, BAD_TEXT = (("#FFFFFF", "#0F1217"), ("#5B6370", "#8E97A5"), ("#B03F08", "#FF9A63"))
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
"""The narrowest card in pixels. What fits there fits everywhere: text keeps its size, distances only grow."""
WIDE = 700
LINE_HEIGHT, ROW_HEIGHT, ROW_LABEL, HEAD = 17, 38, 104, 30
LINE_FIGURE, LINE_BOTTOM, SCATTER_FIGURE = 300, 44, 340
MAX_COLUMNS, MAX_COLOURED, MAX_EVENTS, MAX_DOTS, MAX_STEPS_ACROSS, MAX_UNITS = 8, 5, 4, 15, 8, 2000
COLUMN_HEAD = 76
SHORTEST_BAR = 130
"""So much of a card is left to bars and the card's own edges; further columns give way."""
LOG_FROM = 20
"""How many times the smallest the largest must be for an axis to go in powers."""
BARE_AXIS: Mapping[str, Any] = {"showticklabels": False, "ticks": ""}


def _plain(_column: str, value: Any) -> str:
    return words.NO_VALUE if value is None else str(value)


@dataclass(frozen=True)
class Style:
    """What a figure needs beyond its rows: language, theme, the metric's nature, words and references."""

    language: words.Language
    dark: bool = False
    decimals: int = 1
    unit: str = ""
    currency: str = ""
    """The currency of money amounts; empty where the numbers are none."""
    domain: tuple[float, float] | None = None
    higher_is_better: bool = True
    grain: str = "month"
    label: Callable[[str, Any], str] = _plain
    """(column, raw value) to the words shown; None stands for "no value"."""
    color: Callable[[str, Any], str] | None = None
    """(column, raw value) to the colour which that value keeps everywhere."""
    own: str | None = None
    width: int = PHONE
    """Pixels that the card surely has: what fits there fits everywhere wider."""
    target: float | None = None
    events: tuple[tuple[date, str], ...] = ()
    total: float | None = None
    references: tuple[tuple[float, str], ...] = ()
    """Values with their names that a line chart marks."""
    span: tuple[float, float] | None = None
    """What the value axis covers at least: small charts side by side share it."""
    start: float | None = None
    """Where a waterfall comes from; `end` is where it arrives."""
    end: float | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """value, n, total, target, previous, net, worst, empty, fix, keep, watch, over; a scatter's columns, and
    those that bars write at the right. Lines: cut, partial, unusual_outside, unusual_run, unusual_drift.
    Waterfalls: start, end, rate, mix, rest."""


def palette_color(index: int) -> str:
    """The mark colour of the index-th value; after eight they begin again."""
    return PALETTE[index % len(PALETTE)]


def draw(frame: pd.DataFrame, chart: Chart, style: Style) -> Figure:
    """Draw the rows of an answer. Raises CxError for a kind or a column that is not there."""
    if chart.kind not in DRAWERS:
        raise CxError(f"“{chart.kind}” is not a chart that can be drawn.", nearest(chart.kind, DRAWERS))
    rows = _rows(frame, chart, style)
    if not any(row.shown for row in rows):
        return _blank(style)
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


# Rows -------------------------------------------------------------------------------------------------------

NUMBERS = ("value", "low", "high", "n", "previous", "change", "change_low", "change_high")
LIMITS = ("limit_low", "limit_high", "limit_low_outer", "limit_high_outer")
PARTS = ("rate", "mix")
FURTHER = (*PARTS, *LIMITS, "unusual_low", "unusual_high")
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
TEXTS, FLAGS = ("verdict", "unusual"), ("cut", "partial")


@dataclass(frozen=True)
class _Row:
    """One row of an answer in plain Python; an absent name is None, an absent number NaN."""

    x: Any
    color: Any
    label: Any
    across: float
    size: float
    value: float
    low: float
    high: float
    n: float
    previous: float
    change: float
    change_low: float
    change_high: float
    rate: float
    mix: float
    limit_low: float
    limit_high: float
    limit_low_outer: float
    limit_high_outer: float
    unusual_low: float
    unusual_high: float
    further: tuple[float, ...]
    """The numbers of the chart's further columns."""
    verdict: str
    unusual: str
    cut: bool
    partial: bool
    said: str
    """The words for x, not yet escaped; so is `part` for colour and label."""
    part: str
    own: bool

    @property
    def shown(self) -> bool:
        return not math.isnan(self.value) or not math.isnan(self.change)

    @property
    def few(self) -> bool:
        return self.n < FEW

    @property
    def firm(self) -> bool:
        """Whether there is a value of enough answers; plain numbers, which have no n, count as such."""
        return not math.isnan(self.value) and not self.few

    @property
    def real(self) -> bool:
        """Whether a change is there beyond noise."""
        return self.verdict == "real" and not self.few

    @property
    def sure(self) -> bool:
        """Whether there is an interval to draw."""
        return not math.isnan(self.value + self.low + self.high)


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


def _rows(frame: pd.DataFrame, chart: Chart, style: Style) -> list[_Row]:
    origin = {name: name for name in NUMBERS}
    if chart.y != FIGURE:
        origin = {"value": chart.y, "n": "n"} | ({"change": chart.y} if chart.kind == "change" else {})
        # Beside a figure, `low` and `high` are the figure's own.
        if chart.kind in DOTS and (chart.y == "value" or "value" not in frame.columns):
            origin |= {"low": "low", "high": "high"}
    origin |= {name: name for name in FURTHER}
    further = chart.columns if chart.kind == "bar" else ()
    for wrong in (*lacking(frame, chart), misfit(frame, chart)):
        if wrong:
            raise wrong
    absent = [math.nan] * len(frame)
    columns: dict[str, list[Any]] = dict.fromkeys((*NUMBERS, *FURTHER), absent)
    columns |= {name: _floats(frame[source]) for name, source in origin.items() if source in frame.columns}
    for name, source in (("x", chart.x), ("color", chart.color), ("label", chart.label)):
        columns[name] = _raws(frame, source)
    columns["across"] = _floats(frame[chart.x]) if chart.kind in DOTS and chart.x else absent
    columns["size"] = _floats(frame[chart.size]) if chart.size else columns["n"]
    columns["further"] = list(zip(*(_floats(frame[name]) for name in further), strict=True)) or [()] * len(frame)
    columns |= {name: ["" if said is None else str(said) for said in _raws(frame, name)] for name in TEXTS}
    columns |= {name: [bool(flag) for flag in _raws(frame, name)] for name in FLAGS}
    columns["said"] = [_said(style, chart.x, value) for value in columns["x"]]
    other, key = (chart.color, "color") if chart.color else (chart.label, "label")
    columns["part"] = [_said(style, other, value) if other else "" for value in columns[key]]
    keys = zip(columns["x"], columns["color"], columns["label"], strict=True)
    columns["own"] = [style.own is not None and style.own in names for names in keys]
    return [_Row(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _floats(column: pd.Series[Any]) -> list[float]:
    numbers = pd.to_numeric(column, errors="coerce").astype("Float64").to_numpy(float, na_value=math.nan)
    return [float(number) if math.isfinite(number) else math.nan for number in numbers]


def _raw(value: Any) -> Any:
    """The value as plain Python: what a click hands back must be what the tables hold."""
    if pd.isna(value):
        return None
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    return value.item() if hasattr(value, "item") else value


def _raws(frame: pd.DataFrame, column: str) -> list[Any]:
    """The column's values, or nothing per row where the answer has no such column."""
    return [_raw(value) for value in frame[column]] if column in frame.columns else [None] * len(frame)


def _stands_for(*pairs: Any) -> list[Any]:
    """What a mark carries for a click: the column and raw value that it stands for, then what it crosses."""
    return [part.isoformat() if isinstance(part, date) else part for part in pairs]


def _falling(number: float) -> tuple[bool, float]:
    """Sorts the largest first and what is absent last."""
    return (True, 0.0) if math.isnan(number) else (False, -number)


def _ranked(rows: list[_Row], chart: Chart, rank: Callable[[_Row], float]) -> list[_Row]:
    """The rows in drawing order, cut to the limit; the own brand is never the one that is cut."""
    # A handful of answers tops no ranking: such rows come after all others.
    ordered = sorted(rows, key=lambda row: (row.few, _falling(rank(row)))) if chart.sort == "value" else rows
    own = [row for row in ordered[chart.limit :] if row.own]
    return [*ordered[: max(0, chart.limit - len(own))], *own]


def _present(*numbers: float) -> list[float]:
    return [number for number in numbers if not math.isnan(number)]


# Words ------------------------------------------------------------------------------------------------------


def _safe(text: str) -> str:
    """Words from data as literal text: Plotly would follow some of the tags in them."""
    return html.escape(" ".join(text.split()), quote=False)


def _name(style: Style, key: str) -> str:
    return _safe(style.names.get(key, ""))


def _column_name(style: Style, key: str) -> str:
    """The name above a column of numbers; a long one takes two lines, so that the marks keep their room."""
    return "<br>".join(_wrap(style.names.get(key, ""), COLUMN_HEAD))


def _number(value: float, style: Style, decimals: int | None = None, *, unit: bool = False) -> str:
    """The number as people of that language write it; large counts are shortened."""
    if math.isnan(value):
        return words.NO_VALUE
    if style.currency:
        return _safe(words.money(value, style.language, style.currency))
    if style.decimals == 0 and not style.unit and abs(value) >= 10_000:
        return words.count(value, style.language)
    text = words.number(value, style.language, style.decimals if decimals is None else decimals)
    ending = style.unit if unit or style.unit == "%" else ""
    return text + ("\u00a0" if ending.isascii() and ending.isalpha() else "") + _safe(ending)


def _signed(value: float, style: Style) -> str:
    if style.currency:
        return ("+" if round(value) > 0 else "") + _number(value, style)
    return words.signed(value, style.language, style.decimals)


def _named(style: Style, key: str, value: float | None) -> str:
    """A reference with its name: "Target 43"."""
    whole = value is not None and float(value).is_integer()
    return "" if value is None else f"{_name(style, key)} {_number(value, style, 0 if whole else None)}".strip()


def _said(style: Style, column: str, value: Any) -> str:
    if isinstance(value, date):
        return words.period_label(value, style.grain, style.language)
    return style.label(column, value)


def _date_texts(days: Sequence[date], style: Style) -> list[tuple[str, str]]:
    """Each period without its year, and the year where it begins to hold."""
    texts = []
    for index, day in enumerate(days):
        year = words.period_label(date(day.year, 1, 1), "year", style.language)
        whole = words.period_label(day, style.grain, style.language)
        short = re.sub(rf"\b{day.year}(년|-)?", "", whole).strip(" ,·-") or whole
        new = short != year and (index == 0 or days[index - 1].year != day.year)
        texts.append((_safe(short), _safe(year) if new else ""))
    return texts


def _width(text: str, size: float = 13) -> float:
    """About how many pixels the text takes: Hangul is nearly square, Latin half as wide."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    slim = sum(letter in "iljtf.,:;|'·! " for letter in text)
    broad = sum(letter in "mwMW%@" for letter in text)
    return size * (0.92 * wide + 0.28 * slim + 0.8 * broad + 0.53 * (len(text) - wide - slim - broad))


def _widest(texts: Iterable[str]) -> float:
    lines = (line for text in texts for line in re.sub("</?b>", "", text).split("<br>"))
    return max((_width(html.unescape(line)) for line in lines), default=0)


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


def _interval(value: float, low: float, high: float, style: Style) -> str:
    if math.isnan(value + low + high):
        return ""
    if abs(value - (low + high) / 2) < 0.6 * 10**-style.decimals:
        return f" ±{_number((high - low) / 2, style)}"
    return _between(low, high, style)


def _between(low: float, high: float, style: Style) -> str:
    if math.isnan(low + high):
        return ""
    to = " ~ " if style.language == "ko" else " to "
    return f" ({_number(low, style)}{to}{_number(high, style)})"


def _lines(title: str, *parts: str) -> str:
    return "<br>".join([f"<b>{_safe(title)}</b>", *filter(None, parts)])


def _hover(row: _Row, title: str, style: Style, *more: str) -> str:
    """All that a mark stands for, in words: name, value with its interval, what it is compared with, n."""
    value = _number(row.value, style, unit=True) + _interval(row.value, row.low, row.high, style)
    before = "" if math.isnan(row.previous) else f"{_name(style, 'previous')} {_number(row.previous, style)}"
    n = "" if math.isnan(row.n) else f"n {words.count(row.n, style.language)}"
    return _lines(title, *more, value, before.strip(), n)


# Paper ------------------------------------------------------------------------------------------------------


class _Sheet:
    """What a drawing collects before it becomes one figure."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.traces: list[dict[str, Any]] = []
        self.notes: list[dict[str, Any]] = []
        self.rules: list[dict[str, Any]] = []

    def tone(self, pair: Sequence[Any]) -> Any:
        """The member of a (light, dark) pair that this theme needs."""
        return pair[self.style.dark]

    def trace(self, name: str, x: Any, y: Any, **parts: Any) -> None:
        """A scatter trace, or another type; a click never dims the other marks."""
        shared: dict[str, Any] = {"type": "scatter", "name": name, "x": x, "y": y}
        shared["hoverinfo"] = "text" if "hovertext" in parts else "skip"
        if parts.get("type") != "heatmap":
            # Without these, Plotly outlines and pales markers whose sizes differ.
            marker = {"opacity": 1, "line": {"width": 0}} | parts.pop("marker", {})
            calm: dict[str, Any] = {"marker": {"opacity": marker["opacity"]}}
            if "text" in parts.get("mode", ""):
                calm["textfont"] = {"color": parts["textfont"]["color"]}
            shared |= {"cliponaxis": False, "marker": marker, "unselected": calm}
        self.traces.append(shared | parts)

    def line(self, name: str, x: Any, y: Any, color: str, width: float, **parts: Any) -> None:
        """A line that nothing asks about: context, or an interval."""
        self.trace(name, x, y, mode="lines", line={"color": color, "width": width}, **parts)

    def note(self, text: str, x: Any, y: Any, *, bold: bool = False, color: str = "", **place: Any) -> None:
        """Words on the figure, escaped already; `page_x` and `page_y` mean shares of the whole plot."""
        font = {"color": color or self.tone(TEXT), "weight": 600 if bold else 400, "size": 13}
        refs = {f"{axis}ref": "paper" for axis in "xy" if place.pop(f"page_{axis}", False)}
        look = {"text": text, "x": x, "y": y, "showarrow": False, "borderpad": 0, "font": font}
        if text:
            self.notes.append(look | refs | place)

    def head(self, text: str, x: Any, **place: Any) -> None:
        """Words above the plot."""
        self.note(text, x, 1, page_y=True, **{"yanchor": "bottom", "yshift": 4, **place})

    def rule(self, *, x: Any = None, y: Any = None, dash: str = "solid") -> None:
        """A reference line across the plot, beneath the marks."""
        ends = {"x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper"}
        if x is None:
            ends = {"x0": 0, "x1": 1, "xref": "paper", "y0": y, "y1": y}
        line = {"color": RULE, "width": 1 if dash == "solid" else 1.5, "dash": dash}
        self.rules.append(ends | {"type": "line", "layer": "below", "line": line})

    def column(self, head: str, texts: Sequence[str], right: float, bold: Any = (), colors: Any = ()) -> float:
        """A column of numbers that ends so far right of the plot; returns where the one before it ends."""
        place: dict[str, Any] = {"page_x": True, "xanchor": "right", "xshift": right, "align": "right"}
        self.head(head, 1, **place)
        for index, text in enumerate(texts):
            strong, color = bool(bold and bold[index]), colors[index] if colors else ""
            self.note(text, 1, index, bold=strong, color=color, **place)
        return right - _column_width(head, texts)

    def reference(self, text: str, at: float, span: Sequence[float]) -> None:
        """A name above the plot, kept inside it at both ends."""
        share = (at - span[0]) / (span[1] - span[0])
        self.head(text, at, xanchor="left" if share < 0.25 else "right" if share > 0.75 else "center")

    def figure(self, height: float, margin: Mapping[str, float], x: Any, y: Any, **layout: Any) -> Figure:
        """The finished figure, with the layout that all kinds share."""
        axis: dict[str, Any] = {
            "automargin": True,
            "fixedrange": True,
            "showgrid": False,
            "showline": False,
            "zeroline": False,
        }
        axis |= {
            "gridcolor": self.tone(GRID),
            "tickangle": 0,
            "ticks": "outside",
            "ticklen": 6,
            "tickcolor": CLEAR,
        }
        # Spikes get a white casing on transparent paper, which glares in the dark.
        axis["showspikes"] = False
        back, front = self.tone(HOVER)
        font = {"family": FONT, "size": 13, "color": self.tone(TEXT)}
        label = {"bgcolor": back, "bordercolor": back, "align": "left", "font": font | {"color": front}}
        shared: dict[str, Any] = {
            "height": round(height),
            "margin": {"l": 4, "r": 8, "t": 8, "b": 4} | dict(margin),
            "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR,
            "font": font,
            "colorway": PALETTE,
            "showlegend": False,
            "dragmode": False,
            "hovermode": "closest",
            "hoverdistance": 40,
            "hoverlabel": label,
            "bargap": 0.42,
            "separators": ".,",
            "annotations": self.notes,
            "shapes": self.rules,
        }
        return {"data": self.traces, "layout": shared | {"xaxis": axis | x, "yaxis": axis | y} | layout}


def _column_width(head: str, texts: Sequence[str]) -> float:
    return _widest([head, *texts]) + 14


def _head_height(heads: Iterable[str]) -> float:
    """The room above the plot that names of columns take."""
    return HEAD + LINE_HEIGHT * max((head.count("<br>") for head in heads), default=0)


def _blank(style: Style) -> Figure:
    """Nothing to show: a quiet sheet; what was asked and what to do stands beside it."""
    sheet = _Sheet(style)
    sheet.note(_name(style, "empty"), 0.5, 0.5, page_x=True, page_y=True)
    return sheet.figure(120, {}, {"visible": False}, {"visible": False})


def _round_steps(low: float, high: float, most: int) -> list[float]:
    """At most so many round steps that cover the range, ends included."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    steps = (size * power for size in (1, 2, 5, 10, 20))
    step = next(step for step in steps if math.ceil(high / step) - math.floor(low / step) <= most)
    return [
        round(index * step, 12) for index in range(math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9) + 1)
    ]


def _ticks(values: Sequence[float], style: Style) -> dict[str, Any]:
    """Tick marks with their words, with only as many decimals as the steps need."""
    step = min((after - before for before, after in pairwise(values)), default=1.0)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return {"tickvals": list(values), "ticktext": [_number(value, style, decimals) for value in values]}


def _value_axis(rows: Sequence[_Row], style: Style) -> dict[str, Any]:
    """A value axis cut to the data, but at least three intervals high, and never beyond what is possible."""
    seen = [n for row in rows if row.shown for n in _present(row.value, row.low, row.high, row.previous)]
    seen += [] if style.target is None else [style.target]
    seen += [*(value for value, _ in style.references), *(style.span or ())]
    low, high = min(seen), max(seen)
    floor, ceiling = style.domain or (0.0 if low >= 0 else -math.inf, math.inf)
    widths = [row.high - row.low for row in rows if row.sure]
    least = max(3 * median(widths) if widths else 0.0, 4 * 10**-style.decimals)
    # Small charts side by side have one scale: what one of them alone would need must not move it.
    spare = 0.0 if style.span else max(0.0, least - (high - low)) / 2
    low, high = max(floor, low - spare), min(ceiling, high + spare)
    if high <= low:
        low, high = low - least / 2, high + least / 2
    values = [value for value in _round_steps(low, high, 5) if floor - 1e-9 <= value <= ceiling + 1e-9]
    return dict(range=[min([low, *values]), max([high, *values])], showgrid=True, **_ticks(values, style))


def _row_axis(texts: Sequence[str], own: Sequence[bool] = ()) -> dict[str, Any]:
    """Row names at the left, the first row on top, the own brand in bold."""
    names = ["<br>".join(_wrap(text, ROW_LABEL)) for text in texts]
    if own:
        names = [f"<b>{name}</b>" if bold else name for name, bold in zip(names, own, strict=True)]
    return {"range": [len(texts) - 0.5, -0.5], "tickvals": list(range(len(texts))), "ticktext": names}


def _band(sheet: _Sheet, rows: Sequence[_Row], at: Sequence[Any], *, lying: bool = False) -> None:
    """The intervals as one surface, broken where there is no figure."""
    along: list[Any] = []
    across: list[Any] = []
    run: list[tuple[Any, _Row]] = []
    for place, row in [*zip(at, rows, strict=True), (None, None)]:
        if run and (row is None or row.cut or not row.sure):
            along += [*(place for place, _ in run), *(place for place, _ in reversed(run)), None]
            across += [*(row.low for _, row in run), *(row.high for _, row in reversed(run)), None]
            run = []
        if row is not None and row.sure:
            run.append((place, row))
    x, y = (across, along) if lying else (along, across)
    sheet.line("band", x, y, CLEAR, 0, fill="toself", fillcolor=sheet.tone(BAND))


def _gaps(values: Iterable[float]) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values]


def _alone(values: Sequence[float]) -> set[int]:
    """Figures between two gaps, which a line alone would not show."""
    there = [False, *(not math.isnan(value) for value in values), False]
    return {i for i in range(len(values)) if there[i + 1] and not there[i] and not there[i + 2]}


def _lonely(rows: Sequence[_Row]) -> set[int]:
    """The figures that a line alone would not show, for gaps or a new wording on both sides."""
    starts = [0, *(index for index in range(1, len(rows)) if rows[index].cut), len(rows)]
    pieces = (range(start, end) for start, end in pairwise(starts))
    return {piece[place] for piece in pieces for place in _alone([rows[index].value for index in piece])}


def _apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Centres nearest to the wanted ones, in their order, at which boxes of these heights do not overlap."""
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    gaps = ((heights[below] + heights[above]) / 2 for below, above in pairwise(order))
    offsets = list(accumulate(gaps, initial=0.0))[: len(order)]
    blocks: list[tuple[float, int]] = []
    for index, offset in zip(order, offsets, strict=True):
        total, count = wanted[index] - offset, 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / count:
            more, many = blocks.pop()
            total, count = total + more, count + many
        blocks.append((total, count))
    places = [total / count for total, count in blocks for _ in range(count)]
    centres = {index: place + offset for index, place, offset in zip(order, places, offsets, strict=True)}
    return [centres[index] for index in range(len(wanted))]


# Lines ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Along:
    """The x axis of a line: where each value stands, and what is written beneath."""

    at: Mapping[Any, Any]
    axis: dict[str, Any]
    days: tuple[date, ...] = ()


@dataclass(frozen=True)
class _End:
    """What is written beside the end of a line."""

    value: float
    lines: list[str]
    bold: bool = False


def _along(rows: Sequence[_Row], style: Style) -> _Along:
    said = {row.x: row.said for row in rows}
    days = tuple(sorted(value for value in said if isinstance(value, date)))
    if days and len(days) == len(said):
        first = days[0] if len(days) > 1 else date.fromordinal(days[0].toordinal() - 30)
        axis = dict(type="date", range=[first.isoformat(), days[-1].isoformat()], **_date_ticks(days, style))
        return _Along({day: day.isoformat() for day in days}, axis, days)
    values = list(said)
    shown = range(0, len(values), math.ceil(len(values) / 6))
    texts = ["<br>".join(_wrap(said[values[index]], 290 / len(shown))) for index in shown]
    axis = {"range": [min(0, len(values) - 2), len(values) - 1], "tickvals": list(shown), "ticktext": texts}
    return _Along({value: index for index, value in enumerate(values)}, axis)


def _date_ticks(days: Sequence[date], style: Style) -> dict[str, Any]:
    """A few round dates; the year stands once, beneath its first."""
    chosen = list(reversed(days[::-1][:: math.ceil(len(days) / 4)]))
    if style.grain in ("month", "quarter"):
        every = ([d for d in days if (d.year * 12 + d.month - 1) % step == 0] for step in (1, 2, 3, 6, 12, 24, 60))
        chosen = next((choice for choice in every if 0 < len(choice) <= 5), chosen)
    texts = [f"{text}<br>{year}" if year else text for text, year in _date_texts(chosen, style)]
    return {"tickvals": [day.isoformat() for day in chosen], "ticktext": texts}


def _line(rows: list[_Row], chart: Chart, style: Style) -> Figure:
    """A course over time: one with its band, or several by name."""
    sheet = _Sheet(style)
    along = _along(rows, style)
    axis = _value_axis(rows, style)
    ends = (_several if chart.color else _single)(sheet, rows, chart, along)
    right = 14 + min(112.0, max(36.0, *(_widest(end.lines) for end in ends)))
    top = 28 if _events(sheet, along, right, _cuts(rows, style)) else 12
    low, high = axis["range"]
    height = LINE_FIGURE - top - LINE_BOTTOM
    _end_names(sheet, ends, (low, high), height)
    _target(sheet, rows)
    for value, name in style.references:
        sheet.rule(y=value, dash="dot")
        text = f"{_safe(name)} {_number(value, style, 0 if value.is_integer() else None)}".strip()
        sheet.note(text, 0, value, page_x=True, xanchor="left", yanchor="bottom", yshift=2)
    margin = {"r": right, "t": top, "b": LINE_BOTTOM}
    mode = "closest" if chart.color else "x"
    return sheet.figure(LINE_FIGURE, margin, along.axis, axis, hovermode=mode, hoverdistance=60)


def _end_names(sheet: _Sheet, ends: Sequence[_End], span: Sequence[float], height: float) -> None:
    """What is written right of the plot, pushed apart."""
    wanted = [(end.value - span[0]) / (span[1] - span[0]) * height for end in ends]
    # Labels can be placed in pixels because the height, unlike the width, is known.
    for end, y in zip(ends, _apart(wanted, [LINE_HEIGHT * len(end.lines) + 1 for end in ends]), strict=True):
        place: dict[str, Any] = {
            "page_x": True,
            "page_y": True,
            "xanchor": "left",
            "xshift": 10,
            "align": "left",
        }
        sheet.note("<br>".join(end.lines), 1, y / height, bold=end.bold, yanchor="middle", **place)


def _single(sheet: _Sheet, rows: Sequence[_Row], chart: Chart, along: _Along) -> list[_End]:
    style = sheet.style
    at = [along.at[row.x] for row in rows]
    _band(sheet, rows, at)
    before = [row.previous for row in rows]
    if _present(*before):
        dots = [GREY if index in _alone(before) else CLEAR for index in range(len(rows))]
        line, marker = {"color": GREY, "width": 1.5}, {"size": 6, "color": dots}
        sheet.trace("previous", at, _gaps(before), mode="lines+markers", line=line, marker=marker)
    lonely = sorted(_lonely(rows))
    spans = [(rows[index].low, rows[index].high, math.nan) for index in lonely]
    places = [at[index] for index in lonely for _ in range(3)]
    sheet.line("interval", places, _gaps(end for span in spans for end in span), ACCENT, 1.5)
    last = max(index for index, row in enumerate(rows) if row.shown)
    visible = {*lonely, last}
    dots = [GREY if row.few else ACCENT if i in visible else CLEAR for i, row in enumerate(rows)]
    following = [*along.days[1:], date.max]
    happened = [
        [_safe(name) for day, name in (*_cuts(rows, style), *style.events) if start <= day < end]
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
        hovertext=[_hover(row, row.said, style, *told.get(row.x, ()), *_warnings(row, style)) for row in rows],
        customdata=[_stands_for(chart.x, row.x) for row in rows],
    )
    _rings(sheet, rows, at)
    ends = [_End(rows[last].value, [_number(rows[last].value, style)], bold=True)]
    if _present(*before) and "previous" in style.names:
        ends.append(_End(_present(*before)[-1], _wrap(style.names["previous"], 92)))
    return ends


def _several(sheet: _Sheet, rows: Sequence[_Row], chart: Chart, along: _Along) -> list[_End]:
    style = sheet.style
    groups: dict[Any, list[_Row]] = {}
    for row in rows:
        groups.setdefault(row.color, []).append(row)
    order = sorted(groups, key=lambda key: (not groups[key][0].own, -sum(_present(*(r.n for r in groups[key])))))
    order = order[: max(chart.limit, MAX_COLOURED)]
    coloured = [key for key in order if any(row.shown for row in groups[key])][:MAX_COLOURED]
    ends = []
    # What is drawn last lies on top: first the grey ones, at the very end the own brand.
    for key in [*(key for key in order if key not in coloured), *reversed(coloured)]:
        group, own, named = groups[key], groups[key][0].own, key in coloured
        color = GREY
        if named:
            kept = style.color(chart.color, key) if style.color else palette_color(coloured.index(key))
            color = ACCENT if own else kept
        last = max((index for index, row in enumerate(group) if row.shown), default=-1)
        visible = _lonely(group) | ({last} if named else set())
        _thread(
            sheet,
            _safe(group[0].part),
            group,
            [along.at[row.x] for row in group],
            line={"color": color, "width": 3.5 if own else 2 if named else 1},
            opacity=1 if named else 0.5,
            sizes=[8 if own else 6] * len(group),
            colors=[color if i in visible else CLEAR for i in range(len(group))],
            hovertext=[_hover(row, row.part, style, _safe(row.said), *_unfinished(row, style)) for row in group],
            customdata=[_stands_for(chart.color, key, chart.x, row.x) for row in group],
        )
        if named:
            text = f"{group[0].part} {_number(group[last].value, style)}"
            ends.append(_End(group[last].value, _wrap(text, 98), bold=own))
    return ends


def _thread(
    sheet: _Sheet,
    name: str,
    rows: Sequence[_Row],
    at: Sequence[Any],
    *,
    line: Mapping[str, Any],
    sizes: Sequence[float],
    colors: Sequence[str],
    opacity: float = 1,
    **marks: Sequence[Any],
) -> None:
    """A line through its figures: broken at a new wording, dotted and hollow where a period is not over."""
    values = _gaps(row.value for row in rows)
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


def _rings(sheet: _Sheet, rows: Sequence[_Row], at: Sequence[Any]) -> None:
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


def _side_color(row: _Row, style: Style) -> str:
    """Better or worse than the middle of what is usual there."""
    away = row.value - (row.unusual_low + row.unusual_high) / 2
    if math.isnan(away):
        return GREY
    return GOOD if (away > 0) == style.higher_is_better else BAD


def _warnings(row: _Row, style: Style) -> list[str]:
    """What hovering adds where the period is not over, or where the point is unusual."""
    named = _name(style, f"unusual_{row.unusual}") if row.unusual else ""
    limits = _between(row.unusual_low, row.unusual_high, style) if row.unusual else ""
    return [*_unfinished(row, style), f"{named}{limits}".strip()]


def _unfinished(row: _Row, style: Style) -> list[str]:
    return [_name(style, "partial")] if row.partial else []


def _cuts(rows: Sequence[_Row], style: Style) -> list[tuple[date, str]]:
    """The days from which a question is worded anew; on the first day there is nothing to interrupt."""
    days = sorted({row.x for row in rows if isinstance(row.x, date)})
    begins = {row.x for row in rows if row.cut}
    return [(day, style.names.get("cut", "")) for day in days[1:] if day in begins]


def _events(sheet: _Sheet, along: _Along, right: float, cuts: Sequence[tuple[date, str]]) -> bool:
    """Hairlines at what happened, named left and right by turns where there is room; tells whether any is."""
    if len(along.days) < 2:
        return False
    first, last = along.days[0], along.days[-1]
    grain = last - along.days[-2]
    # A line that breaks off for no visible reason is worse than an event without its name.
    happened = (*cuts, *sorted(sheet.style.events))
    inside = [(min(day, last), name) for day, name in happened if first <= day < last + grain]
    plot = sheet.style.width - 44 - right
    taken: list[tuple[float, float]] = []
    for index, (day, name) in enumerate(inside):
        sheet.rule(x=day.isoformat())
        text = _cut(name, 110)
        at, wide = (day - first) / (last - first) * plot, _width(text)
        for anchor in ("right", "left")[:: 1 if index % 2 == 0 else -1]:
            start, end = (at - wide, at) if anchor == "right" else (at, at + wide)
            free = all(end + 8 < other or done + 8 < start for other, done in taken)
            if free and start >= -8 and end <= plot + right and len(taken) < MAX_EVENTS:
                sheet.head(_safe(text), day.isoformat(), xanchor=anchor, yshift=2)
                taken.append((start, end))
                break
    return bool(taken)


def _target(sheet: _Sheet, rows: Sequence[_Row]) -> None:
    """The target as a dotted line, named at that end and side where the course leaves most room."""
    target = sheet.style.target
    if target is None:
        return
    sheet.rule(y=target, dash="dot")
    shown = [row for row in rows if row.shown]
    third = max(1, len(shown) // 3)
    room: dict[tuple[str, str], float] = {}
    for side, near in (("left", shown[:third]), ("right", shown[-third:])):
        edges = [edge - target for row in near for edge in _present(row.value, row.low, row.high, row.previous)]
        room |= {(side, "bottom"): -max(edges), (side, "top"): min(edges)}
    side, anchor = max(room, key=room.__getitem__)
    place: dict[str, Any] = {"page_x": True, "xanchor": side, "yanchor": anchor}
    shift = 2 if anchor == "bottom" else -2
    sheet.note(_named(sheet.style, "target", target), int(side == "right"), target, yshift=shift, **place)


# Rows across ------------------------------------------------------------------------------------------------


def _bar(rows: list[_Row], chart: Chart, style: Style) -> Figure:
    """Values by name from zero, with their intervals; accent only where the difference is real."""
    rows = _ranked(rows, chart, lambda row: row.value)
    sheet = _Sheet(style)
    tested = any(row.verdict for row in rows)
    strong = [row.firm and (row.verdict == "real" if tested else row.own) for row in rows]
    colors = [ACCENT if accent else GREY for accent in strong]
    sure = any(row.sure for row in rows)
    at, x = list(range(len(rows))), _gaps(row.value for row in rows)
    marks = {
        "hovertext": [_hover(row, row.said, style) for row in rows],
        "customdata": [_stands_for(chart.x, row.x) for row in rows],
    }
    look: dict[str, Any] = {"color": colors, "cornerradius": 3}
    look["opacity"] = 0.8 if not sure else 0.42 if style.dark else 0.26
    sheet.trace("bar", x, at, type="bar", orientation="h", marker=look, **marks)
    if sure:
        _intervals(sheet, [(row.low, row.high) for row in rows], colors)
        _dots(sheet, x, at, colors, [row.firm for row in rows], 9, **marks)
    numbers = [_number(row.value, style) for row in rows]
    counts = [words.count(row.n, style.language) for row in rows] if _present(*(row.n for row in rows)) else []
    value, n = _name(style, "value"), _name(style, "n")
    further = [
        (_column_name(style, name), [_number(row.further[place], style) for row in rows])
        for place, name in enumerate(chart.columns if style.width >= WIDE else chart.columns[:1])
    ]
    tones = ["" if row.firm else GREY for row in rows]
    right = _column_width(value, numbers) + (_column_width(n, counts) if counts else 0)
    label = min(ROW_LABEL, _widest(row.said for row in rows))
    while further and label + right + sum(_column_width(*one) for one in further) > style.width - SHORTEST_BAR:
        del further[-1]
    right += sum(_column_width(head, texts) for head, texts in further)
    next_right = sheet.column(n, counts, right, colors=[GREY] * len(rows)) if counts else right
    for head, texts in reversed(further):
        next_right = sheet.column(head, texts, next_right, colors=tones)
    sheet.column(value, numbers, next_right, bold=strong, colors=tones)
    ends = [0.0, *(n for row in rows for n in _present(row.value, row.low, row.high))]
    ends += [] if style.total is None else [style.total]
    low, high = min(ends), max(ends)
    room = (high - low) * 0.02 or 1.0
    span = [low - room if low < 0 else 0.0, high + room]
    if low < 0:
        sheet.rule(x=0)
    if style.total is not None:
        sheet.rule(x=style.total, dash="dot")
        sheet.reference(_named(style, "total", style.total), style.total, span)
    heads = [head for head, _ in further]
    top = _head_height(heads) if style.total is not None or value or any(heads) else 8
    names = _row_axis([row.said for row in rows], [row.own for row in rows])
    height = top + ROW_HEIGHT * len(rows) + 6
    return sheet.figure(height, {"r": right, "t": top}, dict(range=span, **BARE_AXIS), names)


def _intervals(sheet: _Sheet, spans: Sequence[tuple[float, float]], colors: Sequence[str]) -> None:
    """Horizontal intervals, one trace for each colour."""
    for color in dict.fromkeys(colors):
        mine = [(i, span) for i, span in enumerate(spans) if colors[i] == color and len(_present(*span)) == 2]
        x = [end for _, span in mine for end in (*span, None)]
        sheet.line("interval", x, [at for i, _ in mine for at in (i, i, None)], color, 2)


def _dots(
    sheet: _Sheet, x: Any, y: Any, colors: Sequence[str], filled: Sequence[bool], size: int, **marks: Any
) -> None:
    """Dots on intervals: filled where there is something to rely on, else hollow."""
    fills = [color if full else sheet.tone(PAPER) for color, full in zip(colors, filled, strict=True)]
    marker = {"size": size, "color": fills, "line": {"color": list(colors), "width": 1.8}}
    sheet.trace("dot", x, y, mode="markers", marker=marker, **marks)


def _change(rows: list[_Row], chart: Chart, style: Style) -> Figure:
    """What moved: filled and coloured where the change is real, hollow where it may be noise."""
    # The limit keeps the strongest moves of both directions, not the twelve largest rises.
    strongest = sorted(rows, key=lambda row: (row.verdict != "real", _falling(abs(row.change))))[: chart.limit]
    rows = _ranked([row for row in rows if row in strongest], chart, lambda row: row.change)
    sheet = _Sheet(style)
    real = [row.real for row in rows]
    better = [GOOD if (row.change > 0) == style.higher_is_better else BAD for row in rows]
    colors = [color if clear else GREY for color, clear in zip(better, real, strict=True)]
    _intervals(sheet, [(row.change_low, row.change_high) for row in rows], [GREY] * len(rows))
    marks = {
        "hovertext": [
            _hover(
                row,
                row.said,
                style,
                f"<b>{_signed(row.change, style)}</b>" + _interval(row.change, row.change_low, row.change_high, style),
            )
            for row in rows
        ],
        "customdata": [_stands_for(chart.x, row.x) for row in rows],
    }
    _dots(sheet, _gaps(row.change for row in rows), list(range(len(rows))), colors, real, 11, **marks)
    seen = [0.0]
    for index, row in enumerate(rows):
        ends = _present(row.change, row.change_low, row.change_high) or [0.0]
        seen += ends
        side, anchor, shift = (min, "right", -10) if row.change < 0 else (max, "left", 10)
        text = _signed(row.change, style)
        sheet.note(text, side(ends), index, bold=real[index], xanchor=anchor, xshift=shift)
    sheet.rule(x=0)
    room = 0.24 * ((max(seen) - min(seen)) or 1)
    fallen = any(row.change < 0 for row in rows)
    span = [min(seen) - (room if fallen else room / 6), max(seen) + room]
    names = _row_axis([row.said for row in rows], [row.own for row in rows])
    return sheet.figure(12 + ROW_HEIGHT * len(rows), {}, dict(range=span, **BARE_AXIS), names)


# Waterfall --------------------------------------------------------------------------------------------------

RATE_LANE, MIX_LANE = (-0.27, 0.36), (0.09, 0.14)
"""Where in its row a bar begins, and how thick it is; beneath each other, for a part may take back the other."""


def _waterfall(rows: list[_Row], chart: Chart, style: Style) -> Figure:
    """How a total went from its start to its end, row by row; the totals are diamonds on a cut axis."""
    rows, rest = _pooled([row for row in rows if not math.isnan(row.rate)], chart, style)
    if not rows:
        return _blank(style)
    totals = [] if style.start is None or style.end is None else [style.start, style.end]
    levels = list(accumulate((row.rate + row.mix for row in rows), initial=totals[0] if totals else 0.0))
    first = 1 if totals else 0
    at = [first + index for index in range(len(rows))]
    sheet = _Sheet(style)
    _connectors(sheet, levels, at, whole=bool(totals))
    marks = {
        "hovertext": [_hover_parts(row, style) for row in rows],
        "customdata": [_stands_for() if row is rest else _stands_for(chart.x, row.x) for row in rows],
    }
    _floating(sheet, rows, levels, at, marks)
    span = _padded([*levels, *(level + row.rate for level, row in zip(levels, rows, strict=False)), *totals], 0.06)
    said, own = [row.said for row in rows], [row.own for row in rows]
    if totals:
        said, own = [style.names.get("start", ""), *said, style.names.get("end", "")], [False, *own, False]
        _diamonds(sheet, totals, [0, len(said) - 1], span)
    else:
        sheet.rule(x=0)
    right, heads = _part_columns(sheet, rows, first)
    top = _head_height(heads)
    height = top + ROW_HEIGHT * len(said) + 6
    x = dict(range=list(span), **BARE_AXIS)
    return sheet.figure(height, {"r": right, "t": top}, x, _row_axis(said, own), barmode="overlay")


def _pooled(rows: list[_Row], chart: Chart, style: Style) -> tuple[list[_Row], _Row | None]:
    """The rows in drawing order; those beyond the limit are one last row, so that the parts still sum."""
    rows = [replace(row, mix=sum(_present(row.mix))) for row in rows]
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
        n=sum(_present(*(row.n for row in pooled))) or math.nan,
        verdict="",
    )
    return [*(row for row in (strongest if chart.sort == "value" else rows) if row in kept), rest], rest


def _connectors(sheet: _Sheet, levels: Sequence[float], at: Sequence[int], *, whole: bool) -> None:
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
    sheet: _Sheet,
    rows: Sequence[_Row],
    levels: Sequence[float],
    at: Sequence[int],
    marks: Mapping[str, Any],
) -> None:
    """Two bars a row: what the segment did, then what its share did, each from where the last one ended."""
    style = sheet.style
    colors = [_better_color(row.rate, style) for row in rows]
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


def _better_color(change: float, style: Style) -> str:
    """The colour of a change; what does not change is neither better nor worse."""
    return GREY if change == 0 else GOOD if (change > 0) == style.higher_is_better else BAD


def _pale(color: str, style: Style) -> str:
    red, green, blue = _rgb(color)
    return f"rgba({red},{green},{blue},{0.42 if style.dark else 0.26})"


def _diamonds(sheet: _Sheet, totals: Sequence[float], at: Sequence[int], span: Sequence[float]) -> None:
    """The totals with their numbers, on that side where the plot has room."""
    marker = {"symbol": "diamond", "size": 12, "color": ACCENT}
    sheet.trace("total", list(totals), list(at), mode="markers", marker=marker)
    for total, place in zip(totals, at, strict=True):
        left = total - span[0] > span[1] - total
        anchor, shift = ("right", -12) if left else ("left", 12)
        sheet.note(_number(total, sheet.style), total, place, bold=True, xanchor=anchor, xshift=shift)


def _part_columns(sheet: _Sheet, rows: Sequence[_Row], first: int) -> tuple[float, list[str]]:
    """Both parts as signed numbers at the right; returns the room they take and what stands above them."""
    style = sheet.style
    above = [""] * first
    rates = [*above, *(_signed(row.rate, style) for row in rows)]
    mixes = [*above, *(_signed(row.mix, style) for row in rows)]
    heads = [_column_name(style, name) for name in PARTS]
    right = _column_width(heads[0], rates) + _column_width(heads[1], mixes)
    edge = sheet.column(heads[1], mixes, right, colors=[GREY] * len(mixes))
    sheet.column(heads[0], rates, edge, bold=[*([False] * first), *(row.real for row in rows)])
    return right, heads


def _hover_parts(row: _Row, style: Style) -> str:
    """Both parts of what a row contributed, its value before and now, and n."""
    parts = (
        f"{_name(style, name)} {_signed(part, style)}".strip()
        for name, part in zip(PARTS, (row.rate, row.mix), strict=True)
    )
    moved = "" if math.isnan(row.value) else _number(row.value, style, unit=True)
    if moved and not math.isnan(row.previous):
        moved = f"{_number(row.previous, style)} → {moved}"
    n = "" if math.isnan(row.n) else f"n {words.count(row.n, style.language)}"
    return _lines(row.said, *parts, moved, n)


# Shares and cells -------------------------------------------------------------------------------------------


def _stacked(rows: list[_Row], chart: Chart, style: Style) -> Figure:
    """Shares of one hundred per row, part by part."""
    parts = {row.color: row.part for row in rows}
    if all(isinstance(part, int | float) for part in parts):
        parts = dict(sorted(parts.items()))
    counts: dict[Any, dict[Any, float]] = {row.x: dict.fromkeys(parts, 0.0) for row in rows}
    for row in rows:
        counts[row.x][row.color] += sum(_present(row.value))
    totals = {key: sum(part.values()) for key, part in counts.items()}
    shares = {key: [n / (totals[key] or math.nan) * 100 for n in part.values()] for key, part in counts.items()}
    order = list(counts)
    if chart.sort == "value" and len(order) > chart.limit:
        order = sorted(order, key=lambda key: (key != style.own, -totals[key]))[: chart.limit]
    if chart.sort == "value":
        # The mean place of a part: for detractors, passives, promoters this is the order of the NPS.
        order.sort(key=lambda key: _falling(sum(place * share for place, share in enumerate(shares[key]))))
    order = order[: chart.limit]
    said = {row.x: row.said for row in rows}
    sheet = _Sheet(style)
    colors = _part_colors(list(parts), chart, style)
    percent = Style(style.language, decimals=0, unit="%")
    ns = {key: words.count(totals[key], style.language) for key in order}
    for index, (part, name) in enumerate(parts.items()):
        values = [shares[key][index] for key in order]
        texts = [_number(value, percent) for value in values]
        sheet.trace(
            _safe(name),
            _gaps(values),
            list(range(len(order))),
            type="bar",
            orientation="h",
            marker={"color": colors[index]},
            text=texts,
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": _ink(colors[index])},
            hovertext=[
                _lines(said[key], f"{_safe(name)} {text}", f"n {ns[key]}")
                for key, text in zip(order, texts, strict=True)
            ],
            customdata=[_stands_for(chart.x, key, chart.color, part) for key in order],
        )
    columns = [(_name(style, "n"), list(ns.values()), False)]
    if _is_three(parts) and "net" in style.names:
        net = [_signed(shares[key][-1] - shares[key][0], style) for key in order]
        columns.append((_name(style, "net"), net, True))
    right = edge = sum(_column_width(head, texts) for head, texts, _ in columns)
    for head, texts, bold in columns:
        edge = sheet.column(head, texts, edge, bold=[bold] * len(texts), colors=["" if bold else GREY] * len(texts))
    top = _key(sheet, list(zip(parts.values(), colors, strict=True)), right)
    names = _row_axis([said[key] for key in order], [key == style.own for key in order])
    # Shares that do not fit are left out by the browser, which alone knows the width.
    layout = {"barmode": "stack", "uniformtext": {"minsize": 12, "mode": "hide"}, "bargap": 0.34}
    height = top + ROW_HEIGHT * len(order) + 4
    return sheet.figure(height, {"r": right, "t": top}, dict(range=[0, 100], **BARE_AXIS), names, **layout)


def _is_three(parts: Iterable[Any]) -> bool:
    return tuple(str(part).lower().removesuffix("s") for part in parts) in THREE_PARTS


def _part_colors(parts: list[Any], chart: Chart, style: Style) -> list[str]:
    """Bad to good where the parts are an order, else the colours that the values keep."""
    if _is_three(parts):
        return [BAD, MIDDLE[style.dark], GOOD]
    if len(parts) > 1 and all(re.fullmatch(r"\d+(\.0)?", str(part)) for part in parts):
        order = sorted(parts, key=float, reverse=not style.higher_is_better)
        stops = (*DIVERGING[style.dark][:4], MIDDLE[style.dark], *DIVERGING[style.dark][5:])
        return [_shade(2 * order.index(part) / (len(parts) - 1) - 1, stops) for part in parts]
    return [style.color(chart.color, part) if style.color else palette_color(i) for i, part in enumerate(parts)]


def _key(sheet: _Sheet, parts: Sequence[tuple[str, str]], right: float) -> float:
    """The parts' names with their colours above the rows; returns the height they take."""
    texts = [_cut(name, 120) for name, _ in parts]
    widths = [_width(text) + 26 for text in texts]
    room = sheet.style.width - ROW_LABEL
    beside = sum(widths) <= room - right
    lines, used = [""], 0.0
    for text, (_, color), wide in zip(texts, parts, widths, strict=True):
        if used and used + wide > room + 20:
            lines, used = [*lines, ""], 0.0
        lines[-1] += f'<span style="color:{color};font-size:11px">⬤</span> {_safe(text)}\u2003'
        used += wide
    lift = 4 if beside else 4 + LINE_HEIGHT
    sheet.head("<br>".join(lines), 0, page_x=True, xanchor="left", yshift=lift, align="left")
    return lift + 8 + LINE_HEIGHT * len(lines)


def _shade(place: float, stops: Sequence[str]) -> str:
    """The diverging colour of a place from minus one (bad) to one (good)."""
    at = (min(1.0, max(-1.0, place)) + 1) / 2 * (len(stops) - 1)
    left = min(int(at), len(stops) - 2)
    pairs = zip(_rgb(stops[left]), _rgb(stops[left + 1]), strict=True)
    return "#" + "".join(f"{round(low + (high - low) * (at - left)):02X}" for low, high in pairs)


def _rgb(color: str) -> list[int]:
    return [int(color[start : start + 2], 16) for start in (1, 3, 5)]


def _ink(color: str) -> str:
    """Black or white on this colour, whichever contrasts more."""
    parts = [part / 255 for part in _rgb(color)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (light + 0.05) ** 2 > 0.05 * 1.05 else "#FFFFFF"


def _most_answered(rows: list[_Row], chart: Chart) -> dict[Any, str]:
    """The rows of a crossing in their order; where the limit cuts, those with most answers and our own stay."""
    names = {row.color: row.part for row in rows}
    if len(names) <= chart.limit or chart.sort == "own":
        return dict(list(names.items())[: chart.limit])
    weight: dict[Any, tuple[bool, float]] = {}
    for row in rows:
        own, answers = weight.get(row.color, (False, 0.0))
        weight[row.color] = (own or row.own, answers + sum(_present(row.n)))
    kept = set(sorted(weight, key=lambda key: weight[key], reverse=True)[: chart.limit])
    return {key: name for key, name in names.items() if key in kept}


def _heatmap(rows: list[_Row], chart: Chart, style: Style) -> Figure:
    """Two columns crossed, coloured by the distance from the total, alike on both sides."""
    across = {row.x: row.said for row in rows}
    dated = all(isinstance(value, date) for value in across)
    most = MAX_COLUMNS if style.width < WIDE else 2 * MAX_COLUMNS
    shown = sorted(across)[-most:] if dated else list(across)[:most]
    down = _most_answered(rows, chart)
    column = {value: index for index, value in enumerate(shown)}
    line = {value: index for index, value in enumerate(down)}
    cells = [row for row in rows if row.x in column and row.color in line]
    firm = [row for row in cells if row.firm]
    centre = style.total if style.total is not None else _mean(firm)
    widths = [row.high - row.low for row in firm if row.sure]
    # Differences smaller than the intervals stay pale: colour must not promise more than the answers do.
    reach = max([1e-9, *(abs(row.value - centre) for row in firm), *([median(widths)] if widths else [])])
    sign = 1 if style.higher_is_better else -1
    depth = {(row.x, row.color): sign * (row.value - centre) / reach for row in firm}
    stops = DIVERGING[style.dark]
    sheet = _Sheet(style)
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
    inks: dict[str, list[_Row]] = {}
    for row in cells:
        place = depth.get((row.x, row.color))
        inks.setdefault(GREY if place is None else _ink(_shade(place, stops)), []).append(row)
    for ink, group in inks.items():
        sheet.trace(
            "cell",
            [column[row.x] for row in group],
            [line[row.color] for row in group],
            mode="markers+text",
            # Heat maps pass no clicks on: unseen squares carry them.
            marker={"symbol": "square", "size": 30, "opacity": 0, "color": GREY},
            text=[_number(row.value, style) for row in group],
            textfont={"color": ink, "size": 12 if len(shown) > 6 else 13},
            hovertext=[_hover(row, row.part, style, _safe(row.said)) for row in group],
            customdata=[_stands_for(chart.color, row.color, chart.x, row.x) for row in group],
        )
    names = _row_axis(list(down.values()), [style.own is not None and key == style.own for key in down])
    room = (style.width - _widest(names["ticktext"]) - 52) / max(len(shown), 1)
    heads = ["<br>".join(_wrap(across[value], room - 4, 3)) for value in shown]
    if dated:
        texts = _date_texts(shown, style)
        # Of weeks on a phone only every second or third has room for its name.
        step = math.ceil((_widest(text for text, _ in texts) + 6) / room)
        named = [(text if index % step == 0 else "", year) for index, (text, year) in enumerate(texts)]
        heads = [f"{year}<br>{text}" if year else text for text, year in named]
    top = 10 + LINE_HEIGHT * max(head.count("<br>") + 1 for head in heads)
    x = {
        "range": [-0.5, len(shown) - 0.5],
        "tickvals": list(column.values()),
        "ticktext": heads,
        "side": "top",
    }
    return sheet.figure(top + 40 * len(down) + 4, {"t": top}, x | {"ticklen": 2}, names, hoverdistance=100)


def _mean(rows: Sequence[_Row]) -> float:
    """The mean weighted by answers, or the plain one where there are none to weigh by."""
    answers = sum(_present(*(row.n for row in rows)))
    if not answers:
        return fmean([row.value for row in rows] or [0.0])
    return sum(row.value * row.n for row in rows if row.n > 0) / answers


# Calendar ---------------------------------------------------------------------------------------------------


def calendar(days: Mapping[date, int], months: Sequence[date], style: Style) -> Figure:
    """How many rows there are for each day: a line per month, latest first; days without any stand out.

    A day counts as missing between the first and the last of `days`, also where `months` show only some of them.
    """
    if not days or not months:
        return _blank(style)
    first, last, most = min(days), max(days), max(days.values())
    shown = sorted(months, reverse=True)
    cells = [
        [
            date(month.year, month.month, number) if number <= monthrange(month.year, month.month)[1] else None
            for number in range(1, 32)
        ]
        for month in shown
    ]
    sheet = _Sheet(style)
    pale = sheet.tone(MIDDLE)

    def depth(day: date | None) -> float | None:
        if day is None or not first <= day <= last:
            return None
        # By roots, because a quiet Sunday and the day of a campaign are both days with rows.
        return 0.2 + 0.8 * math.sqrt(days[day] / most) if days.get(day) else -1.0

    def told(day: date | None) -> str:
        if day is None or not first <= day <= last:
            return ""
        return _lines(
            words.day(day, style.language), f"{_name(style, 'n')} {words.number(days.get(day, 0), style.language)}"
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


# Journey ----------------------------------------------------------------------------------------------------


def _journey(rows: list[_Row], chart: Chart, style: Style) -> Figure:
    """The steps in the order they happen; the weakest one stands out, the comparison is grey."""
    room = (style.width - 52) / len(rows)
    texts = [_wrap(row.said, room, 3) for row in rows]
    # Many steps, or long names, run downwards: a phone has height, and turned words cannot be read.
    cut = any(line.endswith("…") for lines in texts for line in lines)
    most = MAX_STEPS_ACROSS if style.width < WIDE else 2 * MAX_STEPS_ACROSS
    down = len(rows) > most or (cut and len(rows) > 1)
    sheet = _Sheet(style)
    worst = _worst(rows, style)
    _course(sheet, rows, chart, worst, down=down)
    axis = _value_axis(rows, style)
    return _downwards(sheet, rows, worst, axis) if down else _rightwards(sheet, rows, worst, axis, texts)


def _worst(rows: Sequence[_Row], style: Style) -> int | None:
    """The weakest step among those with enough answers; none when it cannot be compared with another."""
    firm = [index for index, row in enumerate(rows) if row.firm]
    weakest = min if style.higher_is_better else max
    return weakest(firm, key=lambda index: rows[index].value) if len(firm) > 1 else None


def _course(sheet: _Sheet, rows: Sequence[_Row], chart: Chart, worst: int | None, *, down: bool) -> None:
    """Band, comparison and steps of a journey, to the right or downwards."""
    at = list(range(len(rows)))
    _band(sheet, rows, at, lying=down)
    before, values = (_gaps(row.previous for row in rows), _gaps(row.value for row in rows))
    x, y = (before, at) if down else (at, before)
    sheet.line("previous", x, y, GREY, 1.5)
    colors = [GREY if row.few else BAD if index == worst else ACCENT for index, row in enumerate(rows)]
    sheet.trace(
        "value",
        *((values, at) if down else (at, values)),
        mode="lines+markers",
        line={"color": ACCENT, "width": 2.5},
        marker={"size": 9, "color": colors},
        hovertext=[_hover(row, row.said, sheet.style) for row in rows],
        customdata=[_stands_for(chart.x, row.x) for row in rows],
    )


def _rightwards(
    sheet: _Sheet, rows: Sequence[_Row], worst: int | None, axis: dict[str, Any], texts: list[list[str]]
) -> Figure:
    style, last = sheet.style, len(rows) - 1
    low, high = axis["range"]
    top, bottom = 28, 10 + LINE_HEIGHT * max(len(lines) for lines in texts)
    deepest = low
    for index, row in enumerate(rows):
        if math.isnan(row.value):
            sheet.note(words.NO_VALUE, index, low, yanchor="bottom")
            continue
        lines = [_number(row.value, style), *(_remark(row, style) if index == worst else ())]
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
    old = rows[last]
    if not math.isnan(old.previous) and worst != last:
        under = not old.previous > old.value
        place = {"yanchor": "top" if under else "bottom", "yshift": -6 if under else 6}
        sheet.note(_name(style, "previous"), last, old.previous, xanchor="right", xshift=14, **place)
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


def _remark(row: _Row, style: Style) -> list[str]:
    """What is said of the weakest step: its name, and how far it is from before."""
    change = row.change if not math.isnan(row.change) else row.value - row.previous
    named = _name(style, "previous")
    told = f"{named} {_signed(change, style)}" if named and not math.isnan(change) else ""
    return [part for part in (_name(style, "worst"), told) if part]


def _downwards(sheet: _Sheet, rows: Sequence[_Row], worst: int | None, axis: dict[str, Any]) -> Figure:
    style = sheet.style
    values, head = [_number(row.value, style) for row in rows], _name(style, "value")
    right = _column_width(head, values)
    tones = [sheet.tone(BAD_TEXT) if i == worst else "" if row.firm else GREY for i, row in enumerate(rows)]
    sheet.column(head, values, right, bold=[row.firm for row in rows], colors=tones)
    before = _present(*(row.previous for row in rows[:1]))
    for value in before:
        sheet.reference(_name(style, "previous"), value, axis["range"])
    top = HEAD if head or before else 12
    names = _row_axis([row.said for row in rows]) | {"showgrid": True}
    x = dict(range=axis["range"], **BARE_AXIS)
    return sheet.figure(top + 34 * len(rows) + 6, {"r": right, "t": top}, x, names, hoverdistance=60)


# Scatter ----------------------------------------------------------------------------------------------------

Box = tuple[float, float, float, float]
Span = tuple[float, float]


def _scatter(rows: list[_Row], chart: Chart, style: Style) -> Figure:
    """Two numbers against each other, cut at their medians.

    A `priority` matrix has performance across and importance upwards: what matters and scores low is coloured.
    """
    rows = [row for row in rows if len(_present(row.across, row.value)) == 2]
    rows = sorted(rows, key=lambda row: _falling(row.size))[: min(chart.limit, MAX_DOTS)]
    if not rows:
        return _blank(style)
    sheet = _Sheet(style)
    # One extreme dot would shift a mean and with it the verdict on all others (Martilla & James 1977).
    middle = median(row.across for row in rows), median(row.value for row in rows)
    whiskers = [row for row in rows if chart.y != FIGURE and row.sure]
    ends = [end for row in whiskers for end in (row.low, row.high)]
    spans = (_padded([row.across for row in rows], 0.16), _padded([*(row.value for row in rows), *ends], 0.18))
    biggest = max(1.0, *_present(0, *(row.size for row in rows)))
    sizes = [12 if math.isnan(row.size) else 8 + 14 * math.sqrt(max(row.size, 0) / biggest) for row in rows]
    fixing = chart.kind == "priority"
    calm = GREY if any(row.own for row in rows) else ACCENT
    colors = []
    hollow = [row.verdict in ("noise", "few") for row in rows]
    for row, unsure in zip(rows, hollow, strict=True):
        first = fixing and row.value > middle[1] and (row.across < middle[0]) == style.higher_is_better
        colors.append(GREY if unsure or not row.firm else BAD if first else ACCENT if row.own else calm)
    fills = [sheet.tone(PAPER) if unsure else color for color, unsure in zip(colors, hollow, strict=True)]
    edges = {"color": colors, "width": [1.8 if unsure else 0 for unsure in hollow]}
    x_name, y_name = _name(style, chart.x), _name(style, chart.y)
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
        hovertext=[_hover(row, row.part, style, f"{x_name} {_number(row.across, x_style)}".strip()) for row in rows],
        customdata=[_stands_for(chart.label, row.label) for row in rows],
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


def _axis_names(sheet: _Sheet, x_name: str, y_name: str) -> None:
    """What two axes of numbers mean, where neither name meets a tick."""
    sheet.head(y_name, 0, page_x=True, xanchor="left", yshift=8)
    sheet.note(x_name, 1, 0, page_x=True, page_y=True, xanchor="right", yanchor="top", yshift=-26)


def _number_axis(span: tuple[float, float], style: Style) -> dict[str, Any]:
    inside = [value for value in _round_steps(*span, 6) if span[0] <= value <= span[1]]
    return dict(range=list(span), **_ticks(inside, style))


def _pixels(across: float, value: float, spans: tuple[Span, Span], plot: tuple[float, float]) -> tuple[float, float]:
    """Where a dot stands on a phone, from the lower left corner."""
    (x_low, x_high), (y_low, y_high) = spans
    return (across - x_low) / (x_high - x_low) * plot[0], (value - y_low) / (y_high - y_low) * plot[1]


def _padded(values: Sequence[float], share: float) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = (high - low) * share or abs(high) * share or 1.0
    return low - room, high + room


def _quadrants(sheet: _Sheet, plot: tuple[float, float]) -> list[Box]:
    """Names the four corners; returns where on a phone they stand."""
    upper, lower = ("fix", "keep"), ("watch", "over")
    if not sheet.style.higher_is_better:
        upper, lower = upper[::-1], lower[::-1]
    boxes = []
    for y, keys in ((1, upper), (0, lower)):
        for x, key in enumerate(keys):
            name = _name(sheet.style, key)
            wide = _width(html.unescape(name))
            place: dict[str, Any] = {"page_x": True, "page_y": True, "xshift": 4 - 8 * x}
            place |= {"xanchor": ("left", "right")[x], "yanchor": ("bottom", "top")[y]}
            sheet.note(name, x, y, color=sheet.tone(BAD_TEXT) if key == "fix" else "", **place)
            left, under = (plot[0] - wide) * x, (plot[1] - LINE_HEIGHT) * y
            boxes.append((left, under, left + wide, under + LINE_HEIGHT))
    return boxes


def _dot_names(
    sheet: _Sheet,
    rows: Sequence[_Row],
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
        text = _cut(row.part, 110)
        wide, away = _width(text) / 2, radii[index] + 3
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
                sheet.note(_safe(text), row.across, row.value, bold=row.own, **place)
                taken.append((box[0] - 5, box[1], box[2] + 5, box[3]))
                break


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


# Funnel -----------------------------------------------------------------------------------------------------


def _funnel(rows: list[_Row], chart: Chart, style: Style) -> Figure:
    """Many units by their number of answers, within the limits of chance; what lies outside is named."""
    column = chart.label or chart.x
    rows = [row for row in rows if row.n > 0 and not math.isnan(row.value)]
    rows = [replace(row, part=_said(style, column, _unit_of(row, chart))) for row in rows]
    rows = sorted(rows, key=lambda row: (row.verdict != "real", not row.own, -row.n))[:MAX_UNITS]
    if not rows:
        return _blank(style)
    few, many = min(row.n for row in rows), max(row.n for row in rows)
    in_powers = many > LOG_FROM * few
    # Powers instead of Plotly's own scale, which would place words by powers but marks by numbers.
    rows = [replace(row, across=math.log10(row.n) if in_powers else row.n) for row in rows]
    sheet = _Sheet(style)
    ordered = sorted(rows, key=lambda row: row.n)
    colors = [_unit_color(row, style) for row in rows]
    spans = _padded([row.across for row in rows], 0.05), _funnel_span(ordered, style)
    ends = _limits(sheet, ordered)
    if style.total is not None:
        sheet.rule(y=style.total)
        ends.insert(0, _End(style.total, [_named(style, "total", style.total)]))
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
        hovertext=[_hover(rows[index], rows[index].part, style) for index in order],
        customdata=[_stands_for(column, _unit_of(rows[index], chart)) for index in order],
    )
    top, bottom, right = 28, 30 + LINE_HEIGHT, 18 + _widest(line for end in ends for line in end.lines)
    plot = style.width - 44 - right, float(SCATTER_FIGURE - top - bottom)
    named = sorted((i for i, color in enumerate(colors) if color != GREY), key=lambda i: -_outlying(rows[i], style))
    _dot_names(sheet, rows, sizes, spans, plot, [], named[:MAX_DOTS])
    _end_names(sheet, _rising(ends, spans[1], plot[1]), spans[1], plot[1])
    _axis_names(sheet, _name(style, "n"), _name(style, "value"))
    margin = {"t": top, "b": bottom, "r": right}
    return sheet.figure(SCATTER_FIGURE, margin, _count_axis(spans[0], style, in_powers), _number_axis(spans[1], style))


def _unit_of(row: _Row, chart: Chart) -> Any:
    return row.label if chart.label else row.x


def _middle_of(row: _Row, style: Style) -> float:
    return style.total if style.total is not None else (row.limit_low + row.limit_high) / 2


def _unit_color(row: _Row, style: Style) -> str:
    """Coloured is what chance does not explain, and our own."""
    if row.verdict == "real":
        return _better_color(row.value - _middle_of(row, style), style)
    return ACCENT if row.own else GREY


def _outlying(row: _Row, style: Style) -> float:
    """How far out a unit is, measured by what chance would allow it."""
    away = abs(row.value - _middle_of(row, style)) / ((row.limit_high_outer - row.limit_low_outer) or math.nan)
    return 0.0 if math.isnan(away) else away


def _limits(sheet: _Sheet, rows: Sequence[_Row]) -> list[_End]:
    """Both pairs of control limits over rows in the order of n; the upper ones are named."""
    percent = Style(sheet.style.language, unit="%")
    ends = []
    for share, decimals, dash in ((95.0, 0, "dot"), (99.8, 1, "solid")):
        low, high = _limits_of(rows, outer=share > 99)
        for limit in (low, high):
            line = {"color": GREY, "width": 1, "dash": dash}
            sheet.trace("limit", [row.across for row in rows], _gaps(limit), mode="lines", line=line)
        ends += [_End(end, [_number(share, percent, decimals)]) for end in _present(*high)[-1:]]
    return ends


def _rising(ends: Sequence[_End], span: Span, height: float) -> list[_End]:
    """Names from below upwards, each pushed only up: the first, the total's, stays beside its rule."""
    step = (span[1] - span[0]) / height * (LINE_HEIGHT + 1)
    placed: list[_End] = []
    for end in ends:
        least = placed[-1].value + step if placed else end.value
        placed.append(replace(end, value=max(end.value, least)))
    return placed


def _limits_of(rows: Sequence[_Row], *, outer: bool) -> tuple[list[float], list[float]]:
    if outer:
        return [row.limit_low_outer for row in rows], [row.limit_high_outer for row in rows]
    return [row.limit_low for row in rows], [row.limit_high for row in rows]


def _funnel_span(rows: Sequence[_Row], style: Style) -> Span:
    """High enough for every dot and for the limits of half the rows: a funnel's mouth would flatten all else."""
    half = rows[len(rows) // 2 :]
    ends = [end for row in half[:1] for end in (row.limit_low_outer, row.limit_high_outer)]
    middle = [] if style.total is None else [style.total]
    low, high = _padded(_present(*(row.value for row in rows), *ends, *middle), 0.13)
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
        steps = [tick for tick in _round_steps(*span, 5) if span[0] <= tick <= span[1]]
        places = ticks = [tick for tick in steps if tick == round(tick)]
    texts = [words.count(tick, style.language) for tick in ticks]
    return {"range": list(span), "tickvals": places, "ticktext": texts}


DRAWERS: dict[str, Callable[[list[_Row], Chart, Style], Figure]] = {
    "line": _line,
    "bar": _bar,
    "stacked": _stacked,
    "heatmap": _heatmap,
    "scatter": _scatter,
    "priority": _scatter,
    "change": _change,
    "journey": _journey,
    "waterfall": _waterfall,
    "funnel": _funnel,
}
"""What draws each kind; `table` and `kpi` are the screen's own."""
