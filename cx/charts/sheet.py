"""A sheet to draw on: traces, notes and rules, axes with round steps, names at the ends of lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import median
from typing import Any

from cx.charts.rows import Row, number_text, present_numbers, widest_text, word_of, wrapped
from cx.charts.style import (
    ACCENT,
    BAD,
    BAND,
    CLEAR,
    FONT,
    GOOD,
    GREY,
    GRID,
    HEAD,
    HOVER,
    LINE_HEIGHT,
    PALETTE,
    ROW_LABEL,
    RULE,
    TEXT,
    WIDE,
    WIDE_ROW_LABEL,
    Figure,
    Style,
    rgb,
)


class Sheet:
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
        return right - column_width(head, texts)

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


def column_width(head: str, texts: Sequence[str]) -> float:
    """The pixels that a column of texts takes with its head."""
    return widest_text([head, *texts]) + 14


def head_height(heads: Iterable[str]) -> float:
    """The room above the plot that names of columns take."""
    return HEAD + LINE_HEIGHT * max((head.count("<br>") for head in heads), default=0)


def blank(style: Style) -> Figure:
    """Nothing to show: a quiet sheet; what was asked and what to do stands beside it."""
    sheet = Sheet(style)
    sheet.note(word_of(style, "empty"), 0.5, 0.5, page_x=True, page_y=True)
    return sheet.figure(120, {}, {"visible": False}, {"visible": False})


def round_steps(low: float, high: float, most: int) -> list[float]:
    """At most so many round steps that cover the range, ends included."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    steps = (size * power for size in (1, 2, 5, 10, 20))
    step = next(step for step in steps if math.ceil(high / step) - math.floor(low / step) <= most)
    return [
        round(index * step, 12) for index in range(math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9) + 1)
    ]


def tick_marks(values: Sequence[float], style: Style) -> dict[str, Any]:
    """Tick marks with their words, with only as many decimals as the steps need."""
    step = min((after - before for before, after in pairwise(values)), default=1.0)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return {"tickvals": list(values), "ticktext": [number_text(value, style, decimals) for value in values]}


def value_axis(rows: Sequence[Row], style: Style) -> dict[str, Any]:
    """A value axis cut to the data, but at least three intervals high, and never beyond what is possible."""
    seen = [n for row in rows if row.shown for n in present_numbers(row.value, row.low, row.high, row.previous)]
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
    values = [value for value in round_steps(low, high, 5) if floor - 1e-9 <= value <= ceiling + 1e-9]
    return dict(range=[min([low, *values]), max([high, *values])], showgrid=True, **tick_marks(values, style))


def label_room(style: Style) -> int:
    """The pixels that a row's name may take: a card as wide as the page need not cut long ones."""
    return WIDE_ROW_LABEL if style.width >= WIDE else ROW_LABEL


def row_axis(texts: Sequence[str], own: Sequence[bool] = (), *, style: Style) -> dict[str, Any]:
    """Row names at the left, the first row on top, the own brand in bold."""
    names = ["<br>".join(wrapped(text, label_room(style))) for text in texts]
    if own:
        names = [f"<b>{name}</b>" if bold else name for name, bold in zip(names, own, strict=True)]
    return {"range": [len(texts) - 0.5, -0.5], "tickvals": list(range(len(texts))), "ticktext": names}


def draw_band(sheet: Sheet, rows: Sequence[Row], at: Sequence[Any], *, lying: bool = False) -> None:
    """The intervals as one surface, broken where there is no figure."""
    along: list[Any] = []
    across: list[Any] = []
    run: list[tuple[Any, Row]] = []
    for place, row in [*zip(at, rows, strict=True), (None, None)]:
        if run and (row is None or row.cut or not row.sure):
            along += [*(place for place, _ in run), *(place for place, _ in reversed(run)), None]
            across += [*(row.low for _, row in run), *(row.high for _, row in reversed(run)), None]
            run = []
        if row is not None and row.sure:
            run.append((place, row))
    x, y = (across, along) if lying else (along, across)
    sheet.line("band", x, y, CLEAR, 0, fill="toself", fillcolor=sheet.tone(BAND))


def with_gaps(values: Iterable[float]) -> list[float | None]:
    """Values for a line that is broken where one is missing."""
    return [None if math.isnan(value) else value for value in values]


def standing_alone(values: Sequence[float]) -> set[int]:
    """Figures between two gaps, which a line alone would not show."""
    there = [False, *(not math.isnan(value) for value in values), False]
    return {i for i in range(len(values)) if there[i + 1] and not there[i] and not there[i + 2]}


def lonely_rows(rows: Sequence[Row]) -> set[int]:
    """The figures that a line alone would not show, for gaps or a new wording on both sides."""
    starts = [0, *(index for index in range(1, len(rows)) if rows[index].cut), len(rows)]
    pieces = (range(start, end) for start, end in pairwise(starts))
    return {piece[place] for piece in pieces for place in standing_alone([rows[index].value for index in piece])}


def set_apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
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


@dataclass(frozen=True)
class End:
    """What is written beside the end of a line."""

    value: float
    lines: list[str]
    bold: bool = False


def draw_end_names(sheet: Sheet, ends: Sequence[End], span: Sequence[float], height: float) -> None:
    """What is written right of the plot, pushed apart."""
    wanted = [(end.value - span[0]) / (span[1] - span[0]) * height for end in ends]
    # Labels can be placed in pixels because the height, unlike the width, is known.
    for end, y in zip(ends, set_apart(wanted, [LINE_HEIGHT * len(end.lines) + 1 for end in ends]), strict=True):
        place: dict[str, Any] = {
            "page_x": True,
            "page_y": True,
            "xanchor": "left",
            "xshift": 10,
            "align": "left",
        }
        sheet.note("<br>".join(end.lines), 1, y / height, bold=end.bold, yanchor="middle", **place)


def better_color(change: float, style: Style) -> str:
    """The colour of a change; what does not change is neither better nor worse."""
    if change and style.neutral:
        return ACCENT
    return GREY if change == 0 else GOOD if (change > 0) == style.higher_is_better else BAD


def _pale(color: str, style: Style) -> str:
    red, green, blue = rgb(color)
    return f"rgba({red},{green},{blue},{0.42 if style.dark else 0.26})"


def padded(values: Sequence[float], share: float) -> tuple[float, float]:
    """The range of some values with room at both ends, as a share of it."""
    low, high = min(values), max(values)
    room = (high - low) * share or abs(high) * share or 1.0
    return low - room, high + room
