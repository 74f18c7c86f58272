"""The answers behind a figure: a dialog that any mark and any card's menu opens, drawn only then."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from cx import evidence, scope, words
from cx.catalog import SINGLE, Metric
from cx.errors import CxError
from cx.evidence import Evidence
from cx.figures import Answer
from cx.scope import NO_VALUE, Filters
from cx.ui.choices import offered_columns
from cx.ui.view import (
    Card,
    View,
    csv,
    current_view,
    error_card,
    filters_for,
    group_parts,
    labels_of,
    name_of,
    outcome_of,
    params_for,
    plain,
)
from cx.words import say

STEP = 10
"""Answers shown at first, and added each time."""

MOST_MARKS = 500
"""Figures of a card that can be chosen from; a click reaches the others."""

ORDERS = ("random", "newest", "lowest")

FIRST = ("touchpoint", "channel", "brand", "source", "unit_id")
"""Dimensions of an answer that are told before all others."""


@dataclass(frozen=True)
class Wanted:
    """What was opened: a card, what it was filtered by, and the mark that was clicked, by columns and values."""

    asked: Card
    filters: Filters
    values: Mapping[str, Any] = field(default_factory=dict)


def look_behind(asked: Card, values: Mapping[str, Any] | None = None, menu: str = "") -> None:
    """Open the answers behind a mark, or behind a card, in the run that follows; the menu that it came from closes."""
    if menu:
        st.session_state[menu] = False
    st.session_state["cx_behind"] = Wanted(asked, current_view().filters, values or {})


def has_answers(view: View, asked: Card) -> bool:
    """Whether single answers stand behind a card at all."""
    try:
        catalog = view.engine.catalog
        return bool(evidence.source(catalog.tables(catalog.question(asked.name))))
    except CxError:
        return False


def draw_behind() -> None:
    """The dialog, where one was opened."""
    wanted = st.session_state.pop("cx_behind", None)
    if wanted is None:
        return
    # A page may show less than the filter bar says: the texts of one brand.
    view = replace(current_view(), filters=wanted.filters)
    turn = st.session_state["cx_behind_turn"] = st.session_state.get("cx_behind_turn", 0) + 1
    st.dialog(say("behind.title", view.language), width="large")(partial(_dialog, view, wanted, turn))()


@dataclass(frozen=True)
class _Mark:
    """One figure of a card: its row, its words, and the scores that it is about where it is a group of them."""

    row: Mapping[str, Any] | None
    label: str
    scores: tuple[float, float] | None = None


def _dialog(view: View, wanted: Wanted, turn: int) -> None:
    language = view.language
    answer = outcome_of(view, wanted.asked)
    if isinstance(answer, CxError):
        error_card(answer, language, wanted.asked.name)
        return
    try:
        _answers(view, wanted, answer, turn)
    except CxError as error:
        error_card(error, language)


def _answers(view: View, wanted: Wanted, answer: Answer, turn: int) -> None:
    """What to show, then the answers."""
    language, asked = view.language, wanted.asked
    st.markdown(f"##### {plain(name_of(view, asked, answer.question))}")
    marks: list[_Mark] = view.worked_out(("marks", repr(asked)), (answer,), partial(_marks, view, asked, answer))
    clicked = _clicked(view, asked, answer, wanted.values) if wanted.values else None
    options = [*([clicked] if clicked else []), *marks]
    chosen = options[0] if options else None
    if len(options) > 1:
        place = st.selectbox(
            say("behind.figure", language),
            range(len(options)),
            format_func=lambda place: options[place].label,
            key=f"behind mark {turn}",
        )
        chosen = options[place or 0]
    if chosen is None:
        st.caption(plain(say("behind.none", language)))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = st.segmented_control(
            say("behind.order", language),
            ORDERS,
            format_func=lambda name: say(f"behind.{name}", language),
            default="random",
            required=True,
            key=f"behind order {turn}",
        )
        text = st.text_input(say("behind.search", language), key=f"behind words {turn}", max_chars=100, width=200)
        commented = st.toggle(say("behind.commented", language), key=f"behind commented {turn}")
    take = st.session_state.get(f"behind take {turn}", STEP)
    further = {"order": order, "words": text.strip(), "commented": commented, "take": take}
    usual = {"order": "random", "words": "", "commented": False, "take": STEP}
    found = view.engine.behind(
        asked.name,
        filters_for(view, asked),
        params_for(view, asked),
        chosen.row,
        metric=answer.metric.name if answer.metric else "",
        scores=chosen.scores,
        held=view.held,
        **{name: value for name, value in further.items() if value != usual[name]},
    )
    if found is None:
        st.caption(plain(say("behind.none", language)))
        return
    _shown(view, chosen, *found, turn=turn, take=take)


def _shown(view: View, chosen: _Mark, behind: Evidence, drawn: Answer, *, turn: int, take: int) -> None:
    """How many there are, ways on, and the answers themselves."""
    language, frame = view.language, drawn.frame
    if behind.whole and chosen.row is not None:
        st.info(plain(say("behind.whole", language)), icon=":material/info:")
    if drawn.facts.get("hidden"):
        minimum = words.count(drawn.facts["minimum"], language)
        st.caption(plain(say("behind.hidden", language, minimum=minimum)))
        return
    st.caption(plain(_told(view, behind, drawn)))
    with st.container(horizontal=True):
        offered = offered_columns(view.held, view.about)
        for column, value in behind.marked:
            if column in offered and (value in view.held.values.get(column, ()) or value == NO_VALUE):
                st.button(
                    plain(say("behind.filter", language, value=view.label(column, value))),
                    icon=":material/filter_alt:",
                    key=f"behind filter {column} {turn}",
                    on_click=_filter_by,
                    args=(column, value),
                )
        if len(frame):
            st.download_button(
                say("card.download", language),
                csv(_export(frame)),
                file_name=f"{drawn.question.name.replace('/', '-')}.csv",
                mime="text/csv",
                on_click="ignore",
                key=f"behind csv {turn}",
            )
    if st.session_state.pop("cx_behind_filtered", False):
        st.rerun()
    if not len(frame):
        st.caption(plain(say("behind.empty", language)))
        return
    shown = view.worked_out(("answers", behind.metric), (drawn,), partial(_rows, view, behind, drawn))
    for head, said in shown:
        with st.container(border=True, gap="xxsmall"):
            st.caption(head)
            if said:
                st.markdown(said)
    if len(frame) == take:
        st.button(
            say("behind.more", language),
            key=f"behind more {turn}",
            on_click=_more,
            args=(f"behind take {turn}", take),
        )


def _more(key: str, take: int) -> None:
    st.session_state[key] = take + STEP


def _filter_by(column: str, value: str) -> None:
    st.session_state[column] = [value]
    st.session_state["cx_behind_filtered"] = True


def _told(view: View, behind: Evidence, drawn: Answer) -> str:
    """How many answers there are, of when, and what was filtered."""
    language = view.language
    parts = [view.engine.catalog.metrics()[behind.metric].label[language]]
    parts.append(say("n", language, n=words.count(drawn.facts["base"], language)))
    parts.append(words.date_range(behind.filters.period, language))
    for column, values in view.filters.where:
        if column in behind.filters.columns():
            parts.append(f"{view.column(column)} {', '.join(view.label(column, value) for value in values[:3])}")
    return " · ".join(parts)


def _rows(view: View, behind: Evidence, drawn: Answer) -> list[tuple[str, str]]:
    """Each answer as two texts: who, when and where; and what was said."""
    language, known = view.language, view.engine.catalog.metrics()
    metric = known[behind.metric]
    dimensions = scope.dimensions(view.held, SINGLE)
    ordered = [*(name for name in FIRST if name in dimensions), *(name for name in dimensions if name not in FIRST)]
    untold = {*view.about.segments_hidden, "wording_version", "language"}
    told = [name for name in ordered if name in drawn.frame and name not in untold]
    found = []
    for row in drawn.rows():
        parts = []
        if isinstance(row["day"], date):
            parts.append(words.day(row["day"], language))
        parts += [view.label(name, row[name]) for name in told if isinstance(row[name], str)]
        if isinstance(row.get("customer_id"), str):
            parts.append(f"{view.column('customer_id')} {row['customer_id']}")
        said = words.legible(row["comment"] if isinstance(row["comment"], str) else "").strip()
        if not said:
            parts.append(say("behind.unsaid", language))
        score = _score(view, known.get(str(row["metric"]), metric), row["score"])
        told_of = " · ".join(plain(words.legible(part)) for part in parts)
        found.append((f"**{plain(score)}** · {told_of}", plain(said)))
    return found


def _score(view: View, metric: Metric, score: Any) -> str:
    """A score as it was given, with the name of its group."""
    if score is None or pd.isna(score):
        return words.NO_VALUE
    shown = words.number(score, view.language, 0 if float(score).is_integer() else 1)
    group = next((one for one in metric.groups if score <= one.to), None)
    return f"{shown} · {group.label[view.language]}" if group else shown


def _export(frame: pd.DataFrame) -> pd.DataFrame:
    """The answers for a file: without what is only about drawing them, and no text that hides or reorders others."""
    kept = [name for name in frame if name not in ("weight", "counts_as") and frame[name].notna().any()]
    return frame[kept].map(lambda value: words.legible(value) if isinstance(value, str) else value)


def _marks(view: View, asked: Card, answer: Answer) -> list[_Mark]:
    """All figures of a card; before them the whole card where it is about one metric."""
    names = _telling(view, answer)
    rows = answer.rows()
    several = len(answer.metrics) > 1
    found = [] if several or len(rows) == 1 else [_Mark(None, say("behind.card", view.language))]
    return [*found, *(_Mark(row, _label(view, asked, answer, names, row)) for row in rows[:MOST_MARKS])]


def _telling(view: View, answer: Answer) -> list[str]:
    """The columns that tell a card's figures apart."""
    known = {*scope.dimensions(view.held, SINGLE), "metric", "score", "day", "segment", "segment_2", "value", "value_2"}
    known |= {"theme", "kind"}
    if len(answer.metrics) == 1:
        known -= {"metric"}
    provenance = answer.question.reading.provenance
    return [
        str(name)
        for name in answer.frame
        if any(one.column in known and one.made != "count" for one in provenance.get(name, ()))
        and answer.frame[name].notna().any()
    ]


def _label(view: View, asked: Card, answer: Answer, names: Sequence[str], row: Mapping[str, Any]) -> str:
    """The words for one figure, with its answers."""
    label, language = labels_of(view, asked, answer.question), view.language
    provenance = answer.question.reading.provenance
    crossed = {
        name: str(row[one.column.replace("value", "dimension")])
        for name in names
        for one in provenance[name]
        if one.column in ("value", "value_2") and one.column.replace("value", "dimension") in row
    }
    parts = []
    for name in names:
        if isinstance(row[name], date):
            grain = str(params_for(view, asked).get("grain", "month"))
            parts.append(words.period_label(pd.Timestamp(row[name]).date(), grain, language))
        elif name in crossed:
            parts.append(f"{view.column(crossed[name])} {view.label(crossed[name], row[name])}")
        else:
            parts.append(label(name, row[name]))
    if not pd.isna(row.get("n", float("nan"))):
        parts.append(say("n", language, n=words.count(row["n"], language)))
    return words.legible(" · ".join(parts))[:120] or say("behind.card", language)


def _clicked(view: View, asked: Card, answer: Answer, values: Mapping[str, Any]) -> _Mark | None:
    """The figure that a clicked mark stands for: one row, or the sum of those of a group of scores."""
    metric = answer.metric
    parts = {part: group for group, part in group_parts(metric).items()} if metric else {}
    group = parts.get(str(values.get("score")), "")
    same = {name: value for name, value in values.items() if not (group and name == "score")}
    rows = [row for row in answer.rows() if all(_is(row.get(name), value) for name, value in same.items())]
    scores = None
    if group and metric:
        scores = bounds(metric, group)
        rows = [row for row in rows if scores[0] <= row["score"] <= scores[1]]
    if not rows:
        return None
    row = dict(rows[0])
    names = _telling(view, answer)
    if group and metric:
        counted = [
            name
            for name, found in answer.question.reading.provenance.items()
            if any(one.made == "count" for one in found)
        ]
        row |= {name: sum(other[name] for other in rows) for name in counted}
        row["score"] = None
        names = [name for name in names if name != "score"]
    label = _label(view, asked, answer, names, row)
    if group and metric:
        named = next(one.label[view.language] for one in metric.groups if one.name == group)
        label = f"{named} · {label}"
    return _Mark(row, label, scores)


def bounds(metric: Metric, group: str) -> tuple[float, float]:
    """The lowest and the highest score of a group of a metric's scale."""
    low = -math.inf
    for one in metric.groups:
        if one.name == group:
            return low, one.to
        low = math.nextafter(one.to, math.inf)
    return low, math.inf


def _is(value: Any, clicked: Any) -> bool:
    """Whether a row's value is the one that a mark carries through the browser."""
    if clicked is None or value is None or (not isinstance(value, str) and pd.isna(value)):
        return clicked is None and (value is None or bool(pd.isna(value)))
    if isinstance(value, date):
        return bool(pd.Timestamp(value).date().isoformat() == str(clicked)[:10])
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return bool(float(value) == float(clicked))
        except (TypeError, ValueError):
            return False
    return str(value) == str(clicked)
