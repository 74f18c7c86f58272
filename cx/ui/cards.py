"""Cards: a question drawn as title, caption, menu, chart or table, and notes."""

import contextlib
import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from plotly.basedatatypes import BaseFigure

from cx import charts, figures, findings, scope, words
from cx.catalog import SUMMED, TIMED, Chart, Metric, Question
from cx.engine import ROW_CAP
from cx.errors import CxError, QueryFileError, defect, marked
from cx.estimates import FEW
from cx.figures import Answer
from cx.periods import Period
from cx.ui.behind import has_answers, look_behind
from cx.ui.choices import offered_columns, reset_filters
from cx.ui.view import (
    Card,
    View,
    ask_calmly,
    csv,
    current_view,
    error_card,
    filtered_by,
    group_parts,
    labels_of,
    last_good,
    name_of,
    nothing_before,
    outcome_of,
    plain,
    title_of,
    told_of,
)
from cx.words import Language, say

CHART_WORDS = ("start", "end", "rate", "mix", "rest", "cut", "partial", "fix", "keep", "watch", "over")
MOST_DECIMALS = 4
ROW_OF_TABLE, MOST_HIGH = 35, 434
"""Pixels of a table's row, and of the highest table on a card."""
WRITTEN = ("text", "comment")
"""Columns that hold what people wrote."""
TEXTS_AT_FIRST = 10
DRAWN_DOTS = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="18" height="18" viewBox="0 0 18 18" fill="#7f8896">'
    '<circle cx="3" cy="9" r="1.7"/><circle cx="9" cy="9" r="1.7"/><circle cx="15" cy="9" r="1.7"/></svg>'
)
THREE_DOTS = f"data:image/svg+xml;base64,{b64encode(DRAWN_DOTS.encode()).decode()}"
"""The sign of a card's menu, in a grey that both themes show."""
PLOT = {"displayModeBar": False, "responsive": True, "scrollZoom": False}
DETAILS = (
    "change_p",
    "change_margin",
    "apart_p",
    "p_rate",
    "p_mix",
    "relative_weight",
    "shift",
    "first_day",
    "last_day",
    "base",
    "answer_id",
    "comment_id",
    "impact_p",
    "effect_p",
    "reach_low",
    "reach_high",
)
"""Columns for those who ask: shown where a card's data are opened, not on the card."""
LEFT_OUT_ON_PHONES = (
    "low",
    "high",
    "previous",
    "stage",
    "owner",
    "action_id",
    "effect_low",
    "effect_high",
)
"""Beside a figure: a phone has no room for them, and they would push its change and verdict off the screen."""
LAST_ON_PHONES = ("n", "metric", "touchpoint", "started")
"""Columns that stand behind the verdict there, unless one leads its table."""


def draw_row(view: View, cards: Sequence[Card]) -> None:
    """Cards side by side, each in a cell of equal height."""
    grid = st.grid(max(len(cards), 1), min_column_width=330, border=True)
    for place, asked in enumerate(cards):
        with grid.cell():
            draw_card(view, replace(asked, alone=len(cards) == 1), outcome_of(view, asked), place)


def draw_rare(view: View, cards: Sequence[Card]) -> None:
    """Cards side by side, those of them that have something to show."""
    outcomes = ((asked, outcome_of(view, asked)) for asked in cards)
    shown = [asked for asked, outcome in outcomes if not isinstance(outcome, Answer) or len(outcome.frame)]
    if shown:
        draw_row(view, shown)


class _Figure(BaseFigure):  # type: ignore[misc]
    """A figure as it was made: Streamlit would let Plotly check a plain one part by part, on every run."""

    def __init__(self, text: str) -> None:
        self._text = text

    def to_dict(self) -> charts.Figure:
        """What Streamlit asks a figure for."""
        figure: charts.Figure = json.loads(self._text)
        return figure


@dataclass(frozen=True)
class _Picture:
    """A chart ready to be sent: its heading where it is one of several, its words, and what a click filters by."""

    figure: str
    """As JSON: one text instead of thousands of objects that the garbage collector would walk over."""
    alt: str
    heading: str
    stands: Mapping[str, str]
    part: Mapping[str, Any] = field(default_factory=dict)
    """The value of the facet column that it is about, where it is one of several."""


@dataclass(frozen=True)
class _Face:
    """What a card shows of an answer, worked out once for all who look at the same."""

    title: str
    caption: str
    told: str
    moved: str = ""
    """What moved, where `told` says it beneath a chart of levels."""
    pictures: Sequence[_Picture] = ()
    table: pd.DataFrame | None = None
    texts: Sequence[tuple[str, str]] = ()
    """Instead of the table, on a phone: what is told of each row, and what was written."""
    compared: bool = True
    notes: Sequence[str] = ()
    problem: CxError | None = None


def draw_card(view: View, asked: Card, outcome: Answer | CxError, place: int = 0) -> None:
    """One card: title, caption, menu, chart or table, note; or its error, calmly."""
    language = view.language
    if isinstance(outcome, CxError):
        _draw_problem(view, asked, outcome, place)
        return
    answer = outcome
    question = answer.question
    events = _events_behind(view, answer) if _chart(asked, answer).kind == "line" else None
    try:
        face: _Face = view.worked_out(repr(asked), (answer, events), partial(_drawn, view, asked, answer, events))
    except CxError as error:
        error_card(error, language)
        return
    key = f"{asked.name} {hashlib.sha256(repr((asked, place)).encode()).hexdigest()[:8]}"
    with st.container(horizontal=True, wrap=False, vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall"):
            found = "" if face.title == st.session_state.get("cx_heading") else face.title
            st.markdown(f"##### {plain(found or name_of(view, asked, question))}")
            st.caption(face.caption)
        draw_menu(view, asked, answer, key)
    if answer.empty and face.compared:
        # Where the finding says that there is nothing, no filter is to blame.
        if not face.title:
            _empty(view, asked, key, answer)
        return
    # What the page's title says is not said once more.
    if face.told and (not face.moved or face.moved != st.session_state.get("cx_heading")):
        st.markdown(face.told)
    if not face.compared:
        st.caption(plain(say("caption.not_compared", language)))
        return
    if face.texts:
        _draw_texts(view, face.texts, key)
    elif face.table is not None:
        draw_table(face.table, min(table_height(len(face.table)), MOST_HIGH), key=f"table {key}")
    elif face.problem is not None:
        error_card(face.problem, language)
    else:
        _draw_pictures(view, asked, face.pictures, key)
    for note in face.notes:
        st.caption(note)


def _chart(asked: Card, answer: Answer) -> Chart:
    """The chart of the file, with what the card wants otherwise."""
    return replace(answer.question.chart, **asked.chart) if asked.chart else answer.question.chart


def _drawn(view: View, asked: Card, answer: Answer, events: Answer | None) -> _Face:
    """The card's face; one that we fail to draw takes no other card of the page with it."""
    try:
        return _face(view, asked, answer, events)
    except CxError:
        raise
    except Exception as error:
        raise defect(f"drawing {asked.name}", error) from error


def _face(view: View, asked: Card, answer: Answer, events: Answer | None) -> _Face:
    language, chart = view.language, _chart(asked, answer)
    found, told = title_of(view, asked, answer), told_of(view, asked, answer)
    caption, moved = _caption(view, answer, chart, asked), ""
    if found and answer.question.finding == "change" and chart.kind == "bar":
        # Bars of levels keep their name, and what is said beneath it says that it is about their change.
        before = say(f"comparison.{view.compare}", language).lower()
        found, moved, told = "", found, f"{say('card.changed', language, before=before, found=found)}."
    if answer.question.finding == "change" and chart.kind == "heatmap" and chart.y != "change":
        # Neither does a map of levels show what moved; the map of changes beside it does.
        found = ""
    face = _Face(found, plain(caption), plain(told), moved)
    changes = chart.kind in ("change", "waterfall") or chart.y == "change"
    if answer.empty:
        return replace(face, compared=not (changes and nothing_before(view)))
    wrong = next(iter(charts.lacking(answer.frame, chart)), charts.misfit(answer.frame, chart))
    if wrong:
        return replace(face, problem=_of_chart(wrong, answer.question))
    if changes and not answer.frame.get("change", pd.Series(dtype=float)).notna().any():
        return replace(face, compared=False)
    face = replace(face, notes=[plain(note) for note in _notes(view, answer, chart)])
    if chart.kind == "crosstab":
        return replace(face, table=_crosstab(view, asked, answer, chart))
    if chart.kind in ("table", "kpi"):
        table = shown_table(view, asked, answer)
        return replace(face, table=table, texts=_texts(view, answer, table) if view.phone else ())
    alt = f"{found or name_of(view, asked, answer.question)}. {caption}"
    try:
        return replace(face, pictures=_pictures(view, asked, answer, chart, events, alt))
    except CxError as error:
        return replace(face, problem=_of_chart(error, answer.question))


def _of_chart(error: CxError, question: Question) -> CxError:
    """An error about a chart, at its line in the file."""
    return marked(CxError(error.message, error.hint, file=question.file, line=question.line_of("chart")), question.text)


def _texts(view: View, answer: Answer, table: pd.DataFrame) -> list[tuple[str, str]]:
    """A table of what people wrote as texts that may be read whole, each below what else its row tells."""
    written = next((view.column(name) for name in WRITTEN if name in answer.frame), "")
    if written not in table:
        return []
    found = []
    for row in table.to_dict("records"):
        said = row.pop(written)
        told = [
            value
            if isinstance(value, str)
            else f"{title.strip()} {words.number(value, view.language, 0 if float(value).is_integer() else 1)}"
            for title, value in row.items()
            if value != "" and not pd.isna(value)
        ]
        found.append((plain(words.legible(" · ".join(told))), plain(words.legible(said)).strip()))
    return found


def _draw_texts(view: View, texts: Sequence[tuple[str, str]], key: str) -> None:
    """The first of the texts, and a button for further ones."""
    counted = f"texts {key}"
    take = st.session_state.get(counted, TEXTS_AT_FIRST)
    for told, said in texts[:take]:
        with st.container(border=True, gap="xxsmall"):
            st.caption(told)
            if said:
                st.markdown(said)
    if len(texts) > take:
        st.button(
            say("behind.more", view.language),
            key=f"more {key}",
            on_click=st.session_state.update,
            args=({counted: take + TEXTS_AT_FIRST},),
        )


def _draw_pictures(view: View, asked: Card, pictures: Sequence[_Picture], key: str) -> None:
    """The chart, or small ones side by side."""
    small = any(picture.heading for picture in pictures)
    grid = st.grid(3, min_column_width=240) if small else None
    for place, picture in enumerate(pictures):
        with grid.cell() if grid else contextlib.nullcontext():
            if small:
                st.caption(picture.heading)
            _draw_picture(view, asked, picture, f"{key} {place}" if small else key)


def _draw_picture(view: View, asked: Card, picture: _Picture, key: str) -> None:
    # After a click it is a new chart: in the old one the same mark would be taken back by the next click.
    clicked = f"plot {key} {st.session_state.get(f'clicks {key}', 0)}"
    # A chart that takes clicks lets no finger scroll the page over it, so phones filter by the bar alone.
    st.plotly_chart(
        _Figure(picture.figure),
        theme=None,
        key=clicked,
        on_select="ignore" if view.phone else partial(_click, asked, key, clicked, picture),
        selection_mode="points",
        config=PLOT,
        alt=picture.alt,
    )


def picture(figure: charts.Figure, key: str, alt: str) -> None:
    """A chart that takes no clicks."""
    st.plotly_chart(_Figure(json.dumps(figure, default=str)), theme=None, key=f"plot {key}", config=PLOT, alt=alt)


def _draw_problem(view: View, asked: Card, error: CxError, place: int) -> None:
    """What is wrong, in full for those who can mend it; and the last good answer where there was one."""
    language = view.language
    mending = view.about.analysts or not isinstance(error, QueryFileError)
    kept = last_good(view, asked) if isinstance(error, QueryFileError) else None
    if mending:
        error_card(error, language, asked.name)
    elif kept is None:
        st.markdown(f"##### {plain(say('state.error', language))}")
        st.caption(plain(say("state.being_mended", language)))
    if kept is not None:
        st.caption(plain(say("state.last_good", language)))
        draw_card(view, asked, kept, place)


def _caption(view: View, answer: Answer, chart: Chart, asked: Card) -> str:
    """Unit and scale · n · period · band, as far as each applies."""
    language, metric = view.language, answer.metric
    parts = []
    if metric:
        bounds = ""
        if metric.range:
            low, high = (words.number(bound, language) for bound in metric.range)
            bounds = f" ({low}–{high})"
        parts.append(f"{metric.label[language]}{bounds}")
    split = (asked.by or answer.question.by, asked.by_2 or answer.question.by_2)
    columns = " × ".join(view.column(column) for column in split if column not in ("", "none"))
    if columns:
        parts.append(say("card.by", language, columns=columns.lower() if language == "en" else columns))
    frame = answer.frame
    if "n" in frame and len(frame):
        parts.append(say("n", language, n=words.count(answer.n, language)))
    elif "score" in (chart.x, chart.color) and "answers" in frame and len(frame):
        # Each answer has one score.
        parts.append(say("n", language, n=words.count(frame["answers"].sum(), language)))
    window = answer.question.window or asked.window
    period = asked.period or view.filters.period
    parts.append(words.date_range(scope.looking_back(period, window), language))
    if "low" in answer.frame and chart.kind in ("line", "journey") and not _several_lines(answer, chart):
        parts.append(say("card.band", language))
    if "low" in answer.frame and chart.kind in ("bar", "change"):
        parts.append(say("card.whisker", language))
    return " · ".join(parts)


def _several_lines(answer: Answer, chart: Chart) -> bool:
    """Whether there are lines of several values, which are drawn without their bands."""
    return chart.color in answer.frame and bool(answer.frame[chart.color].notna().any())


def _notes(view: View, answer: Answer, chart: Chart) -> list[str]:
    language = view.language
    notes = []
    if answer.question.note:
        notes.append(answer.question.note[language])
    if chart.kind == "change" and "verdict" in answer.frame:
        notes.append(say("card.change.key", language))
    if chart.kind == "heatmap" and chart.y == "change":
        notes.append(say("card.change.map", language))
    frame, facts = answer.frame, answer.facts
    if chart.kind == "line":
        for column, key in (("partial", "filling"), ("cut", "cut"), ("unusual", "unusual")):
            if column in frame and frame[column].astype(bool).any():
                notes.append(say(f"card.{key}", language))
    if "adjusted" in frame and chart.kind == "bar":
        notes.append(say("card.adjusted", language))
        absent = [brand for brand in view.held.values.get("brand", ()) if brand not in set(frame.get("brand", ()))]
        if absent and "brand" in frame:
            named = ", ".join(view.label("brand", brand) for brand in absent[:5])
            more = f" {say('filter.more', language, n=len(absent) - 5)}" if len(absent) > 5 else ""
            notes.append(say("card.no_reviews", language, brands=named + more))
    if "brand" in frame and _across(chart) == "brand":
        others = len(set(view.held.values.get("brand", ())) - set(frame["brand"]))
        if others and "brand" not in view.filters.columns():
            notes.append(say("card.brands_left_out", language, n=others))
    if facts.get("hidden"):
        hidden, minimum = (words.count(facts[name], language) for name in ("hidden", "minimum"))
        notes.append(say("card.privacy", language, n=hidden, minimum=minimum))
    if chart.kind == "crosstab":
        notes.append(say("card.crosstab", language))
    if "widened" in facts:
        notes.append(say("card.approximate", language, factor=words.number(facts["widened"], language, 2)))
    if chart.kind == "bar" and "apart" in answer.frame and (answer.frame["apart"] == "real").any():
        notes.append(say("card.bar.key", language))
    few = len(charts.few_left_out(answer.frame, chart, view.about.brand)) if chart.kind not in ("table", "kpi") else 0
    if few:
        notes.append(say("card.few_left_out", language, n=few, least=FEW))
    left_out = charts.rows_left_out(answer.frame, chart, few) if chart.kind not in ("table", "kpi") else 0
    if left_out:
        notes.append(say("card.rows_left_out", language, n=left_out))
    if answer.truncated:
        told = "state.largest" if "segment" in answer.frame else "state.truncated"
        notes.append(say(told, language, n=words.count(len(answer.frame), language)))
    tables = view.engine.catalog.tables(answer.question)
    if view.held.panel > 1 and "panel" in tables:
        notes.append(say("card.panel", language, n=words.count(view.held.panel, language)))
    dated = any(scope.twin(table)[0] in (*SUMMED, *TIMED) for table in tables)
    ignored = scope.ignored(view.filters, tables, view.held) if dated else ()
    if ignored:
        notes.append(say("filter.not_here", language, columns=", ".join(view.column(column) for column in ignored)))
    return notes


def _across(chart: Chart) -> str:
    """The column whose values stand beside each other in a table of two."""
    return {"crosstab": chart.color, "heatmap": chart.x}.get(chart.kind, "")


def _crosstab(view: View, asked: Card, answer: Answer, chart: Chart) -> pd.DataFrame:
    """The banner table: rows by columns with a letter each; a cell names the letters that it truly exceeds."""
    label, language, metric = labels_of(view, asked, answer.question), view.language, answer.metric
    frame = answer.frame
    table: dict[str, list[str]] = {" ": [label(chart.x, row) for row in dict.fromkeys(frame[chart.x])]}
    places = {row: place for place, row in enumerate(dict.fromkeys(frame[chart.x]))}
    for head, part in frame.groupby(chart.color, sort=False, dropna=False):
        title = f"{label(chart.color, head)} ({part['letter'].iloc[0]})"
        cells = [words.NO_VALUE] * len(places)
        for row in part.to_dict("records"):
            text = words.number(row["value"], language, metric.decimals if metric else chart.decimals)
            few = " ·" if row["n"] < FEW else ""
            cells[places[row[chart.x]]] = f"{text}{few} {row['above']}".strip()
        table[title] = cells
    return pd.DataFrame(table)


def _pictures(view: View, asked: Card, answer: Answer, chart: Chart, events: Answer | None, alt: str) -> list[_Picture]:
    """The chart, or a small one for each value of the facet column, all on one scale."""
    stands = {"segment": asked.by or answer.question.by, "segment_2": asked.by_2 or answer.question.by_2}
    if not chart.facets or chart.facets not in answer.frame:
        figure = _figure(view, asked, answer, chart, stands, _events(view, events))
        return [_Picture(json.dumps(figure), alt, "", stands)]
    shown = "value" if chart.y == "figure" else chart.y
    ends = answer.frame[[column for column in (shown, "low", "high") if column in answer.frame]]
    span = (float(ends.min().min()), float(ends.max().max()))
    label = labels_of(view, asked, answer.question)
    found: list[_Picture] = []
    for value, part in answer.frame.groupby(chart.facets, sort=False, dropna=False):
        if len(found) == chart.limit:
            break
        name, rows = label(chart.facets, value), replace(answer, frame=part.reset_index(drop=True))
        figure = _figure(view, asked, rows, chart, stands, (), span)
        found.append(_Picture(json.dumps(figure), f"{alt} {name}", plain(name), stands, {chart.facets: value}))
    return found


def _figure(
    view: View,
    asked: Card,
    answer: Answer,
    chart: Chart,
    stands: Mapping[str, str],
    events: tuple[tuple[date, str], ...],
    span: tuple[float, float] | None = None,
) -> charts.Figure:
    metric, language, question = answer.metric, view.language, answer.question
    frame = _for_drawing(answer, chart)
    if chart.kind == "heatmap" and chart.sort == "value":
        for column in (chart.x, chart.color):
            frame = _in_order(view, frame, column, stands.get(column, column))
    if chart.color in frame and frame[chart.color].isna().all():
        chart = replace(chart, color="")
    label = labels_of(view, asked, question)
    grain = str(asked.params.get("grain", view.grain if "grain" in question.params else "month"))
    style = charts.Style(
        language=language,
        dark=view.dark,
        decimals=metric.decimals if metric and chart.y in ("figure", "change") else chart.decimals,
        unit=_unit(metric, chart, language),
        currency=view.about.currency if chart.format == "money" and chart.y != "figure" else "",
        domain=metric.range if metric and chart.y == "figure" else None,
        higher_is_better=metric is None or metric.direction != "lower",
        neutral=metric is not None and metric.direction == "neither",
        grain=grain,
        label=label,
        color=lambda column, value: view.color(stands.get(column, column), value),
        own=view.about.brand if "brand" in (chart.x, chart.color, chart.label) else None,
        target=chart.target
        if chart.target is not None
        else _target(view, metric)
        if chart.kind == "line" and not chart.color.startswith("brand")
        else None,
        events=events,
        total=0.0 if chart.y == "change" else _total(answer, chart),
        span=span,
        references=chart.reference if chart.kind == "line" else (),
        start=answer.facts.get("start"),
        end=answer.facts.get("end"),
        width=charts.PHONE if span else _width(view, asked),
        names={
            "target": say("target", language),
            **_before_words(view, answer),
            "n": "n",
            "total": say("filter.all", language),
            "value": metric.label[language] if metric and chart.y == "figure" else view.column(chart.y),
            "empty": say("state.empty", language),
            **{name: say(f"chart.{name}", language) for name in CHART_WORDS},
            **{f"unusual_{kind}": say(f"unusual.{kind}", language) for kind in ("outside", "run", "drift")},
            **{name: view.column(name) for name in (*chart.columns, chart.x, chart.y) if name in answer.frame},
            **({"net": metric.label[language]} if metric and metric.interval == "nps" else {}),
        },
    )
    return charts.draw(frame, chart, style)


def _width(view: View, asked: Card) -> int:
    """Pixels that a card surely has: the page cannot know the window, but a phone says that it is one."""
    return charts.PHONE if view.phone else 900 if asked.alone else 470


def _in_order(view: View, frame: pd.DataFrame, column: str, meant: str) -> pd.DataFrame:
    """Rows in the order in which the company lists a column's values: tiers upwards, steps as they follow."""
    listed = list(view.about.value_labels.get(meant) or view.held.labels.get(meant) or ())
    if column not in frame or not listed:
        return frame
    place = frame[column].map({value: number for number, value in enumerate(listed)}).fillna(len(listed))
    return frame.assign(place=place).sort_values("place", kind="stable").drop(columns="place")


def _for_drawing(answer: Answer, chart: Chart) -> pd.DataFrame:
    """The frame as charts read it: `previous` is the year ago where only that is there; `apart` judges bars."""
    frame = answer.frame.copy()
    if chart.format == "percent" and chart.y in frame:
        frame[chart.y] = 100 * frame[chart.y]
    if chart.kind == "bar":
        # A bar's strength says how it stands to the rest, not to its own past.
        frame = frame.drop(columns="verdict", errors="ignore")
        if "apart" in frame:
            frame["verdict"] = frame["apart"]
    if chart.kind == "stacked" and chart.color == "score" and answer.metric:
        frame = figures.grouped(frame, chart.color, chart.y, answer.metric)
        frame[chart.color] = frame[chart.color].replace(group_parts(answer.metric))
    if "previous" not in frame and "year" in frame:
        frame["previous"] = frame["year"]
    if chart.x in ("segment", "segment_2") and chart.kind in ("bar", "stacked") and frame[chart.x].notna().any():
        frame = frame[frame[chart.x].notna()].reset_index(drop=True)
    return frame


def _unit(metric: Metric | None, chart: Chart, language: Language) -> str:
    if chart.y != "figure":
        return "%" if chart.format == "percent" else chart.unit
    if metric is None:
        return ""
    return (
        metric.change_unit[language]
        if chart.kind == "change" and metric.change_unit
        else ("%" if metric.unit.get(language) == "%" else "")
    )


def _target(view: View, metric: Metric | None) -> float | None:
    return view.engine.targets(view.held).get(metric.name) if metric else None


def _total(answer: Answer, chart: Chart) -> float | None:
    """What all answers together give."""
    frame = answer.frame
    if chart.kind == "bar" and chart.x == "theme":
        # Each of the same texts counts with every theme: their mean is no share of all texts.
        return None
    if "value" not in frame or "n" not in frame or answer.metric is None or not frame["n"].sum():
        return None
    return float((frame["value"].fillna(0) * frame["n"]).sum() / frame["n"].sum())


def _before_words(view: View, answer: Answer) -> dict[str, str]:
    """The name of what a chart compares with, and what is said before a change from it."""
    last_year = view.compare != "previous" or ("previous" not in answer.frame and "year" in answer.frame)
    named, against = (
        ("caption.last_year", "against.year") if last_year else ("caption.previous_period", "against.previous")
    )
    return {"previous": say(named, view.language), "against": say(against, view.language)}


def _events_behind(view: View, answer: Answer) -> Answer | None:
    """The calendar over the time that lines cover."""
    if "period" not in answer.frame or answer.empty or not view.held.has("calendar"):
        return None
    days = pd.to_datetime(answer.frame["period"])
    window = Period(days.min().date(), max(view.filters.period.end, days.max().date() + timedelta(days=1)))
    return ask_calmly(view, Card("trends/events", period=window))


def _events(view: View, events: Answer | None) -> tuple[tuple[date, str], ...]:
    """Calendar events inside the lines, in the reader's language."""
    if events is None:
        return ()
    name = "label_en" if view.language == "en" else "label"
    rows = events.frame[events.frame["kind"] != "holiday"] if len(events.frame) > 6 else events.frame
    return tuple(
        (pd.Timestamp(row["day"]).date(), str(row[name] if isinstance(row[name], str) else row["label"]))
        for row in rows.to_dict("records")
    )


def _click(asked: Card, key: str, clicked: str, picture: _Picture) -> None:
    """Open the answers behind a clicked mark; where none stand behind it, filter by what it stands for."""
    number = st.session_state.get(f"clicks {key}", 0)
    if clicked != f"plot {key} {number}":
        # Streamlit tells of a click on a chart that is gone once more when a button in the dialog is pressed.
        return
    st.session_state[f"clicks {key}"] = number + 1
    points = st.session_state.get(clicked, {}).get("selection", {}).get("points", [])
    for point in points[:1]:
        found = point.get("customdata")
        if isinstance(found, dict):
            found = [found[name] for name in sorted(found, key=int)]
        if not found or len(found) < 2:
            continue
        values = dict(zip(found[::2], found[1::2], strict=False))
        view = current_view()
        if has_answers(view, asked):
            look_behind(asked, {**values, **picture.part})
            continue
        column, value = picture.stands.get(str(found[0]), str(found[0])), str(found[1])
        if column in offered_columns(view.held, view.about) and value in view.held.values.get(column, ()):
            st.session_state[column] = [value]


def draw_menu(view: View, asked: Card, answer: Answer, key: str) -> None:
    """Data, download, SQL and definition, drawn only while it is open."""
    language, question = view.language, answer.question
    called = f"{say('card.menu', language)}: {name_of(view, asked, question)}"
    opened = st.popover(
        # Of a font's icon the button would be called "more_horiz"; a picture is called what it is described by.
        f"![{plain(called)}]({THREE_DOTS})",
        help=say("card.menu", language),
        type="tertiary",
        # Three dots are too narrow for a finger.
        width=44 if view.phone else "content",
        key=f"menu {key}",
        on_change="rerun",
    )
    if not opened.open:
        return
    with opened:
        if has_answers(view, asked):
            st.button(
                say("behind.title", language),
                icon=":material/forum:",
                key=f"behind {key}",
                on_click=look_behind,
                args=(asked, None, f"menu {key}"),
            )
        data, sql, meaning = st.tabs(
            [say("card.data", language), say("card.sql", language), say("card.definition", language)]
        )
        with data:
            first = replace(answer, frame=answer.frame.head(ROW_CAP))
            shown = shown_table(view, asked, first, details=True)
            draw_table(shown, min(table_height(len(shown)), 320))
            st.download_button(
                say("card.download", language),
                csv(answer.frame),
                file_name=f"{question.name.replace('/', '-')}.csv",
                mime="text/csv",
                on_click="ignore",
                key=f"csv {key}",
            )
        with sql:
            st.code(question.text, language="sql")
        with meaning:
            _definition(view, asked, answer)


def _definition(view: View, asked: Card, answer: Answer) -> None:
    """What the figure is: definition, variant, formula, n, period, question file, snapshot."""
    language, question = view.language, answer.question
    lines = [plain(question.description.get(language, ""))] if question.description else []
    for metric in answer.metrics.values():
        lines.append(
            f"**{plain(metric.label[language])}** {plain(metric.description.get(language, ''))} "
            f"({plain(metric.variant[language])})"
        )
        lines.append(f"{say('card.formula', language)}: {plain(say(f'card.formula.{metric.interval}', language))}")
    window = scope.looking_back(asked.period or view.filters.period, question.window or asked.window)
    lines.append(f"{say('card.period', language)}: {plain(words.date_range(window, language))}")
    if "n" in answer.frame:
        lines.append(plain(say("n", language, n=words.count(answer.n, language))))
    lines.append(f"{say('card.grain', language)}: {plain(question.grain)}")
    lines.append(f"{say('card.question', language)}: `{question.file}`")
    if question.owner:
        lines.append(f"{say('card.owner', language)}: {plain(question.owner)}")
    lines.append(f"{say('card.snapshot', language)}: `{answer.snapshot}`")
    for line in lines:
        st.markdown(line)


def table_height(rows: int) -> int:
    """The pixels of a table of so many rows: with more, a strip without a row would stand beneath them."""
    return ROW_OF_TABLE * (rows + 1) + 2


def draw_table(table: pd.DataFrame, height: int, key: str | None = None) -> None:
    """A table on the screen, with the same number of decimals in every row of a column."""
    if current_view().phone:
        # Without a mouse the table's own buttons always stand above it, and would cover the caption.
        st.space("small")
    formats = {}
    for name in table.select_dtypes("float"):
        numbers = table[name].dropna()
        decimals = next((few for few in range(MOST_DECIMALS) if numbers.round(few).eq(numbers).all()), MOST_DECIMALS)
        if decimals:
            formats[name] = st.column_config.NumberColumn(format=f"%.{decimals}f")
    st.dataframe(
        table, hide_index=True, placeholder=words.NO_VALUE, height=height, column_config=formats or None, key=key
    )


def shown_table(view: View, asked: Card, answer: Answer, *, details: bool = False) -> pd.DataFrame:
    """The answer as a table for people: labelled values, figures rounded as their metric says."""
    language = view.language
    label = labels_of(view, asked, answer.question)
    stands = {"segment": asked.by or answer.question.by, "segment_2": asked.by_2 or answer.question.by_2}
    hidden = (
        "change_low",
        "change_high",
        "year_change_low",
        "year_change_high",
        "year_change_p",
        "year_change_margin",
        "previous_n",
        "year_n",
        "cut",
        "partial",
        "unusual_low",
        "unusual_high",
        "limit_low",
        "limit_high",
        "limit_low_outer",
        "limit_high_outer",
        "hidden",
        "strength",
        "tested",
        # The rows stand in that order already.
        "position",
        *(() if details else DETAILS),
        *(LEFT_OUT_ON_PHONES if view.phone and not details and "value" in answer.frame else ()),
    )
    metric = answer.metric
    shown: dict[str, Any] = {}
    frame = answer.frame
    chosen = answer.question.chart.columns if answer.question.chart.kind == "table" and not details else ()
    if chosen:
        frame = frame[[name for name in chosen if name in frame]]
    elif details:
        # A narrow table shows its first columns.
        frame = frame[sorted(frame, key=lambda name: name in DETAILS)]
    elif view.phone and "verdict" in frame:
        first, *others = frame
        frame = frame[[first, *sorted(others, key=lambda name: name in LAST_ON_PHONES)]]
    if "emerging" in answer.question.analysis and {"theme", "word"} <= set(answer.frame):
        topics = [
            findings.topic_name(row["word"], row["theme"], row.get("tone"), label, language) for row in answer.rows()
        ]
        topics = [
            name[:1].upper() + name[1:] if isinstance(theme, str) else name
            for name, theme in zip(topics, answer.frame["theme"], strict=True)
        ]
        frame = frame.assign(word=topics).drop(columns=["theme", "tone"], errors="ignore")
    if "emerging" in answer.question.analysis and {"period", "unit"} <= set(answer.frame):
        # Each row may be of a week or of a month.
        named = zip(answer.frame["period"], answer.frame["unit"], strict=True)
        frame = frame.assign(
            period=[words.period_in_words(pd.Timestamp(one).date(), unit, language) for one, unit in named]
        ).drop(columns="unit", errors="ignore")
    for name in ("label", "title"):
        # An export may name a thing in both languages; one of them is shown.
        if {name, f"{name}_en"} <= set(frame):
            named = frame[f"{name}_en"].fillna(frame[name]) if language == "en" else frame[name]
            frame = frame.assign(**{name: named}).drop(columns=f"{name}_en")
    if {"unit_id", "depth"} <= set(frame):
        names = [
            ("\u2003" * (int(depth) - 1)) + label("unit_id", unit)
            for unit, depth in zip(frame["unit_id"], frame["depth"], strict=True)
        ]
        frame = frame.assign(unit_id=names).drop(columns="depth")
    for name in frame:
        column = frame[name]
        if column.isna().all() and name not in ("value", "n"):
            continue
        if name in hidden or name.startswith("figure_") or (name in ("segment", "segment_2") and column.isna().all()):
            continue
        title = view.column(stands.get(name, name) if stands.get(name) not in ("", "none", None) else name)
        if name == "value" and metric:
            title = metric.label[language]
        if name in ("verdict", "apart", "year_change_verdict", "reach_verdict"):
            column = column.map(
                {
                    "real": say("verdict.clear", language),
                    "noise": say("verdict.noise", language),
                    "few": say("verdict.few", language),
                    "reworded": say("verdict.reworded", language),
                }
            ).fillna("")
        elif name == answer.question.chart.y and answer.question.chart.format == "money":
            column = column.map(lambda value: words.money(value, language, view.about.currency))
        elif name == answer.question.chart.y and answer.question.chart.format == "percent":
            column = column.map(lambda value: words.number(100 * value, language, answer.question.chart.decimals) + "%")
        elif pd.api.types.is_float_dtype(column):
            decimals = 4 if name.endswith("_p") or name.startswith("p_") else metric.decimals if metric else 2
            column = column.round(0 if column.dropna().mod(1).eq(0).all() else decimals)
        elif not pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_datetime64_any_dtype(column):
            column = column.map(lambda value, name=name: _cell(value, partial(label, name)))
        elif pd.api.types.is_datetime64_any_dtype(column):
            column = column.dt.strftime("%Y-%m-%d").fillna("")
        while title in shown:
            title += " "
        shown[title] = column
    return pd.DataFrame(shown)


def _cell(value: Any, label: Callable[[Any], str]) -> str:
    """A value as a table shows it: days as they are written everywhere, a list with commas between its values."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_cell(one, label)}" for name, one in value.items())
    if not pd.api.types.is_scalar(value):
        return ", ".join(_cell(one, label) for one in value)
    if pd.isna(value):
        return ""
    return value.isoformat() if isinstance(value, date) else label(value)


def _empty(view: View, asked: Card, key: str, answer: Answer) -> None:
    """Why there is nothing: the time, the search, the filters, or that the data know nothing of it; and a way out."""
    language = view.language
    total, unread = sum(one.rows for one in view.held.texts), sum(one.unread for one in view.held.texts)
    if "mentions" in view.engine.catalog.tables(answer.question) and 2 * unread > total:
        # Not the filters are to blame where the texts are in a language that nothing here reads.
        counted = {"n": words.count(unread, language), "total": words.count(total, language)}
        st.markdown(plain(say("state.unread", language)))
        st.caption(plain(say("voice.unread", language, **counted)))
        return
    st.markdown(plain(say("state.empty", language)))
    days, period, chosen = view.held.days("responses", "reviews"), view.filters.period, filtered_by(view)
    outside = days is not None and (period.end <= days[0] or period.start > days[1])
    if days and outside:
        available = words.date_range(Period(days[0], days[1] + timedelta(days=1)), language)
        when = " · ".join([words.date_range(period, language), *chosen])
        told = say("state.empty.detail", language, asked=when, available=available)
    elif asked.params.get("search"):
        told = say("state.empty.search", language, words=asked.params["search"])
    elif chosen:
        told = say("state.empty.filtered", language, asked=" · ".join(chosen))
    else:
        told = say("state.empty.card", language)
    st.caption(plain(told))
    if outside or chosen:
        st.button(
            say("state.empty.reset", language),
            key=f"reset {key}",
            on_click=reset_filters,
            args=(offered_columns(view.held, view.about),),
        )
