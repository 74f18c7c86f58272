"""What all charts share: colours, sizes, fonts, and what a figure needs beyond its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cx import words

Figure = dict[str, Any]
"""What Plotly draws in the browser: `data` and `layout`, plain values only. Its Python classes would check each
figure again, which takes longer than drawing it; the tests let them check one of every kind instead."""

Box = tuple[float, float, float, float]
Span = tuple[float, float]

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
LINE_HEIGHT, ROW_HEIGHT, ROW_LABEL, WIDE_ROW_LABEL, HEAD = 17, 38, 104, 200, 30
LINE_FIGURE, LINE_BOTTOM, SCATTER_FIGURE = 300, 44, 340
MAX_COLUMNS, MAX_COLOURED, MAX_EVENTS, MAX_DOTS, MAX_STEPS_ACROSS, MAX_UNITS = 8, 5, 4, 15, 8, 2000
COLUMN_HEAD = 76
SHORTEST_BAR = 130
"""So much of a card is left to bars and the card's own edges; further columns give way."""
NARROWEST, STUB = 326, 40
"""The pixels inside a card of a narrow window, which a card beside another becomes there, and the bar left in it."""
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
    neutral: bool = False
    """Whether more is neither better nor worse: what moved is marked, and not judged."""
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
    """value, n, total, target, previous, against, net, worst, empty, fix, keep, watch, over; a scatter's columns, and
    those that bars write at the right. Lines: cut, partial, unusual_outside, unusual_run, unusual_drift.
    Waterfalls: start, end, rate, mix, rest."""


def palette_color(index: int) -> str:
    """The mark colour of the index-th value; after eight they begin again."""
    return PALETTE[index % len(PALETTE)]


def shade(place: float, stops: Sequence[str]) -> str:
    """The diverging colour of a place from minus one (bad) to one (good)."""
    at = (min(1.0, max(-1.0, place)) + 1) / 2 * (len(stops) - 1)
    left = min(int(at), len(stops) - 2)
    pairs = zip(rgb(stops[left]), rgb(stops[left + 1]), strict=True)
    return "#" + "".join(f"{round(low + (high - low) * (at - left)):02X}" for low, high in pairs)


def rgb(color: str) -> list[int]:
    """Red, green and blue of a colour such as #3D6BDC, from 0 to 255."""
    return [int(color[start : start + 2], 16) for start in (1, 3, 5)]


def ink_on(color: str) -> str:
    """Black or white on this colour, whichever contrasts more."""
    parts = [part / 255 for part in rgb(color)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (light + 0.05) ** 2 > 0.05 * 1.05 else "#FFFFFF"
