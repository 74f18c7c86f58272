"""Rows of an answer as marks of a chart, and the words and numbers written at them."""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from cx import words
from cx.catalog import Chart
from cx.charts.fitting import DOTS, LIMITS, PARTS, lacking, misfit
from cx.charts.style import COLUMN_HEAD, FEW, FIGURE, Style

NUMBERS = ("value", "low", "high", "n", "previous", "change", "change_low", "change_high")
FURTHER = (*PARTS, *LIMITS, "unusual_low", "unusual_high")
TEXTS, FLAGS = ("verdict", "unusual"), ("cut", "partial")


@dataclass(frozen=True)
class Row:
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
        """Whether there is anything to draw."""
        return not math.isnan(self.value) or not math.isnan(self.change)

    @property
    def few(self) -> bool:
        """Whether too few answers stand behind it to rely on."""
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


def rows_of(frame: pd.DataFrame, chart: Chart, style: Style) -> list[Row]:
    """The rows of an answer as marks, with the columns that a chart names."""
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
    columns["said"] = [value_text(style, chart.x, value) for value in columns["x"]]
    other, key = (chart.color, "color") if chart.color else (chart.label, "label")
    columns["part"] = [value_text(style, other, value) if other else "" for value in columns[key]]
    keys = zip(columns["x"], columns["color"], columns["label"], strict=True)
    columns["own"] = [style.own is not None and style.own in names for names in keys]
    return [Row(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


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


def stands_for(*pairs: Any) -> list[Any]:
    """What a mark carries for a click: the column and raw value that it stands for, then what it crosses."""
    return [part.isoformat() if isinstance(part, date) else part for part in pairs]


def falling(number: float) -> tuple[bool, float]:
    """Sorts the largest first and what is absent last."""
    return (True, 0.0) if math.isnan(number) else (False, -number)


def ranked(rows: list[Row], chart: Chart, rank: Callable[[Row], float]) -> list[Row]:
    """The rows in drawing order, cut to the limit; the own brand is never the one that is cut."""
    # A handful of answers tops no ranking: such rows come after all others, and where not all have room the
    # largest handfuls first.
    cut = len(rows) > chart.limit

    def place(row: Row) -> tuple[Any, ...]:
        return row.few, falling(row.n) if cut and row.few else (False, 0.0), falling(rank(row))

    ordered = sorted(rows, key=place) if chart.sort == "value" else rows
    own = [row for row in ordered[chart.limit :] if row.own]
    return [*ordered[: max(0, chart.limit - len(own))], *own]


def present_numbers(*numbers: float) -> list[float]:
    """The numbers that are there."""
    return [number for number in numbers if not math.isnan(number)]


def safe_text(text: str) -> str:
    """Words from data as literal text: Plotly would follow some of the tags in them."""
    return html.escape(" ".join(text.split()), quote=False)


def word_of(style: Style, key: str) -> str:
    """The word that a figure was given for a key; nothing where it was given none."""
    return safe_text(style.names.get(key, ""))


def word_of_column(style: Style, key: str) -> str:
    """The name above a column of numbers; a long one takes two lines, so that the marks keep their room."""
    return "<br>".join(wrapped(style.names.get(key, ""), COLUMN_HEAD))


def number_text(value: float, style: Style, decimals: int | None = None, *, unit: bool = False) -> str:
    """The number as people of that language write it; large counts are shortened."""
    if math.isnan(value):
        return words.NO_VALUE
    if style.currency:
        return safe_text(words.money(value, style.language, style.currency))
    if style.decimals == 0 and not style.unit and abs(value) >= 10_000:
        return words.count(value, style.language)
    text = words.number(value, style.language, style.decimals if decimals is None else decimals)
    ending = style.unit if unit or style.unit == "%" else ""
    return text + ("\u00a0" if ending.isascii() and ending.isalpha() else "") + safe_text(ending)


def signed_text(value: float, style: Style) -> str:
    """A change as text, with its sign."""
    if style.currency:
        return ("+" if round(value) > 0 else "") + number_text(value, style)
    return words.signed(value, style.language, style.decimals)


def named_number(style: Style, key: str, value: float | None) -> str:
    """A reference with its name: "Target 43"."""
    whole = value is not None and float(value).is_integer()
    return "" if value is None else f"{word_of(style, key)} {number_text(value, style, 0 if whole else None)}".strip()


def value_text(style: Style, column: str, value: Any) -> str:
    """A value of a column as people read it."""
    if isinstance(value, date):
        return words.period_label(value, style.grain, style.language)
    return style.label(column, value)


def date_texts(days: Sequence[date], style: Style) -> list[tuple[str, str]]:
    """Each period without its year, and the year where it begins to hold."""
    texts = []
    for index, day in enumerate(days):
        year = words.period_label(date(day.year, 1, 1), "year", style.language)
        whole = words.period_label(day, style.grain, style.language)
        short = re.sub(rf"\b{day.year}(년|-)?", "", whole).strip(" ,·-") or whole
        new = short != year and (index == 0 or days[index - 1].year != day.year)
        texts.append((safe_text(short), safe_text(year) if new else ""))
    return texts


def text_width(text: str, size: float = 13) -> float:
    """About how many pixels the text takes: Hangul is nearly square, Latin half as wide."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    slim = sum(letter in "iljtf.,:;|'·! " for letter in text)
    broad = sum(letter in "mwMW%@" for letter in text)
    return size * (0.92 * wide + 0.28 * slim + 0.8 * broad + 0.53 * (len(text) - wide - slim - broad))


def widest_text(texts: Iterable[str]) -> float:
    """The width in pixels of the widest line of some texts."""
    lines = (line for text in texts for line in re.sub("</?b>", "", text).split("<br>"))
    return max((text_width(html.unescape(line)) for line in lines), default=0)


def cut_short(text: str, room: float) -> str:
    """The text as far as it fits, never cut without saying so."""
    if text_width(text) <= room:
        return text
    while text and text_width(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(text: str, room: float, lines: int = 2) -> list[str]:
    """The text in at most so many escaped lines, broken between words only."""
    wrapped: list[str] = []
    for word in text.split():
        if wrapped and (text_width(f"{wrapped[-1]} {word}") <= room or len(wrapped) == lines):
            wrapped[-1] += f" {word}"
        else:
            wrapped.append(word)
    return [safe_text(cut_short(line, room)) for line in wrapped] or [""]


def interval_text(value: float, low: float, high: float, style: Style) -> str:
    """The interval around a value as text; nothing where there is none."""
    if math.isnan(value + low + high):
        return ""
    if abs(value - (low + high) / 2) < 0.6 * 10**-style.decimals:
        return f" ±{number_text((high - low) / 2, style)}"
    return between_text(low, high, style)


def between_text(low: float, high: float, style: Style) -> str:
    """A lowest and a highest value as text; nothing where one is missing."""
    if math.isnan(low + high):
        return ""
    to = " ~ " if style.language == "ko" else " to "
    return f" ({number_text(low, style)}{to}{number_text(high, style)})"


def hover_lines(title: str, *parts: str) -> str:
    """The lines shown beside the pointer, under a title."""
    return "<br>".join([f"<b>{safe_text(title)}</b>", *filter(None, parts)])


def hover_text(row: Row, title: str, style: Style, *more: str) -> str:
    """All that a mark stands for, in words: name, value with its interval, what it is compared with, n."""
    value = number_text(row.value, style, unit=True) + interval_text(row.value, row.low, row.high, style)
    before = "" if math.isnan(row.previous) else f"{word_of(style, 'previous')} {number_text(row.previous, style)}"
    n = "" if math.isnan(row.n) else f"n {words.count(row.n, style.language)}"
    return hover_lines(title, *more, value, before.strip(), n)


def most_answered(rows: list[Row], chart: Chart) -> dict[Any, str]:
    """The rows of a crossing in their order; where the limit cuts, those with most answers and our own stay."""
    names = {row.color: row.part for row in rows}
    if len(names) <= chart.limit or chart.sort == "own":
        return dict(list(names.items())[: chart.limit])
    weight: dict[Any, tuple[bool, float]] = {}
    for row in rows:
        own, answers = weight.get(row.color, (False, 0.0))
        weight[row.color] = (own or row.own, answers + sum(present_numbers(row.n)))
    kept = set(sorted(weight, key=lambda key: weight[key], reverse=True)[: chart.limit])
    return {key: name for key, name in names.items() if key in kept}
