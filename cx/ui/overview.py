"""The Overview's own parts: key figures, findings, why, and what is expected next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any, Literal

import numpy as np
import pandas as pd
import streamlit as st

from cx import figures, findings, periods, scope, words
from cx.catalog import Metric
from cx.errors import CxError
from cx.estimates import FEW
from cx.figures import Answer
from cx.ui.cards import draw_menu, draw_row, draw_table, shown_table, table_height
from cx.ui.choices import offered_columns
from cx.ui.view import (
    EXPLAINED,
    Card,
    View,
    answered,
    answers_behind,
    ask_calmly,
    card,
    compared_with,
    current_view,
    error_card,
    nothing_before,
    outcome_of,
    plain,
    sentence,
    title_of,
)
from cx.words import say

MOST_ACROSS = 5
"""Key figures beside each other; of exactly so many, a tablet shows three above two."""
DELTA_COLORS: Mapping[str, Literal["normal", "inverse", "off"]] = {
    "higher": "normal",
    "lower": "inverse",
    "neither": "off",
}
"""How Streamlit colours a rise, by the direction of its metric."""


def draw_header(view: View, name: str, source: Card | None, note: str, moved: Card | None = None) -> None:
    """A page's finding as its title, first what `moved` for real, and the sentence that says what is shown."""
    text, lead, n, said = "", "", None, ""
    answer = ask_calmly(view, source) if source else None
    if source is not None and answer is not None:
        headline = answer.question.chart.kind == "kpi"
        sources = (answer, explained_of(view) if headline else None)
        text, lead, n, said = view.worked_out("header", sources, partial(_header, view, source, answer))
        if answer.metric and not text:
            name = f"{name}: {answer.metric.label[view.language]}"
    change = ask_calmly(view, moved) if moved and view.filters.before else None
    if moved is not None and change is not None:
        found = title_of(view, moved, change)
        if found and found != findings.NOTHING_MOVED[view.language]:
            text = said = found
    text = text or name
    st.session_state["cx_heading"] = said or text
    st.title(plain(text), anchor=False)
    if lead:
        st.markdown(plain(lead))
    st.caption(plain(sentence(view, n, known=answer is None or _known_before(answer))))
    if note:
        st.caption(plain(note))


def _header(view: View, source: Card, answer: Answer) -> tuple[str, str, int, str]:
    """Title, further sentence, number of answers, and the card's own title that need not be said again.

    The title is empty where nothing is found.
    """
    if answer.question.chart.kind != "kpi":
        text = said = title_of(view, source, answer)
        quiet, course = text == findings.NOTHING_MOVED[view.language], answer.question.finding == "trend"
        if text and (quiet or course) and answer.metric is not None:
            # Above a page that also tells of rivals and of other times, it has to say of what.
            said = text if course else ""
            text = f"{answer.metric.label[view.language]}: {text[:1].lower()}{text[1:]}"
        rivals = [values for column, values in view.filters.where if column == "brand"][-1:]
        if text and rivals and len(rivals[0]) == 1 and rivals[0][0] != view.about.brand:
            text = f"{view.label('brand', rivals[0][0])}: {text}"
        return text, "", answers_behind(answer), said
    found, lead = findings.headline(answer, view.language, mixes_of(view))
    return found or say("overview.title", view.language), lead, answers_behind(answer), ""


def draw_key_figures(view: View, source: Card, sparkline: Card) -> None:
    """A card per metric that the company chose, then for the others that have figures."""
    outcome = outcome_of(view, source)
    if isinstance(outcome, CxError):
        error_card(outcome, view.language, source.name)
        return
    lines = ask_calmly(view, sparkline)
    sources = (outcome, lines, explained_of(view))
    shown = view.worked_out("key figures", sources, partial(_key_figures, view, outcome, lines))
    across = min(max(len(shown), 1), MOST_ACROSS)
    grid = st.grid(across, min_column_width=160, border=True, key="figures" if len(shown) == MOST_ACROSS else None)
    for figure in shown:
        with grid.cell():
            st.metric(**figure.metric)
            with st.container(gap="xxsmall"):
                for line in figure.captions:
                    st.caption(line)
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        st.caption(plain(_compared_with(view, outcome)))
        draw_menu(view, source, outcome, "key figures")


@dataclass(frozen=True)
class _KeyFigure:
    """One metric as Streamlit's own card takes it, and the lines beneath."""

    metric: Mapping[str, Any]
    captions: Sequence[str]


def _key_figures(view: View, outcome: Answer, lines: Answer | None) -> list[_KeyFigure]:
    rows = {row["metric"]: row for row in outcome.rows()}
    points: dict[str, list[float]] = {}
    for row in sorted(lines.rows(), key=itemgetter("period")) if lines else ():
        if not pd.isna(row["value"]):
            points.setdefault(row["metric"], []).append(row["value"])
    known = view.engine.catalog.metrics()
    there = answered(view)
    chosen = [name for name in view.about.kpis if name in there] or there
    chosen += [name for name in known if name not in chosen and name in rows]
    mixes = mixes_of(view)
    return [_key_figure(view, known[name], rows.get(name), points.get(name, [])[-12:], mixes) for name in chosen]


def _known_before(answer: Answer) -> bool:
    """Whether anything is known of the time that an answer compares with."""
    return "previous" not in answer.frame or bool(answer.frame["previous"].notna().any())


def _compared_with(view: View, answer: Answer) -> str:
    """Both windows that the key figures are compared with, by their dates."""
    language, days = view.language, view.held.days("responses", "reviews")
    known = _known_before(answer) and not nothing_before(view)
    parts = [compared_with(view, view.filters.before, known=known)] if view.filters.before else []
    year = periods.comparison(view.filters.period, "year")
    if year and days and year.end > days[0]:
        parts.append(f"{say('caption.last_year', language)} {words.date_range(year, language)}")
    return " · ".join(parts) or say("caption.not_compared", language)


def _key_figure(
    view: View,
    metric: Metric,
    row: Mapping[str, Any] | None,
    points: Sequence[float],
    mixes: Mapping[str, findings.Mix],
) -> _KeyFigure:
    language = view.language
    label = plain(metric.label[language])
    # On the card a long name is cut.
    told = f"**{label}** {plain(metric.description.get(language, ''))} {plain(metric.variant[language])}"
    named = {"label": label, "help": told}
    if row is None or not row["n"]:
        return _KeyFigure(named | {"value": "–"}, [plain(say("answers.none", language))])
    change, verdict = row.get("change"), row.get("verdict", "")
    if verdict == "reworded":
        change = None
    unit = metric.change_unit.get(language, "")
    shown = named | {
        "value": words.number(row["value"], language, metric.decimals)
        + ("%" if metric.unit.get(language) == "%" else ""),
        "delta_color": DELTA_COLORS[metric.direction] if verdict == "real" else "off",
        "chart_data": np.round(points, metric.decimals).tolist() if len(points) > 1 else None,
    }
    if change is not None and not pd.isna(change):
        shown["delta"] = words.delta_text(change, language, metric.decimals, unit)
        verdict_key = {"real": "verdict.clear", "few": "verdict.few"}.get(verdict, "verdict.noise")
        shown["delta_description"] = say(verdict_key, language)
    captions = _key_captions(view, metric, row, mixes.get(metric.name))
    return _KeyFigure(shown, [plain(line) for line in captions])


def _key_captions(view: View, metric: Metric, row: Mapping[str, Any], mix: findings.Mix | None) -> list[str]:
    """Last year and target; n and margin; few answers."""
    language = view.language
    first = []
    if row.get("year_change") is not None and not pd.isna(row["year_change"]):
        moved = words.signed(row["year_change"], language, metric.decimals, metric.change_unit.get(language, ""))
        first.append(f"{say('against.year', language)} {moved}")
    if row.get("target") is not None and not pd.isna(row["target"]):
        met = row["value"] >= row["target"] if metric.direction != "lower" else row["value"] <= row["target"]
        goal = say(
            "target.value",
            language,
            value=words.number(row["target"], language, 0 if float(row["target"]).is_integer() else metric.decimals),
        )
        first.append(f"{goal} {say('target.met' if met else 'target.missed', language).split(' ')[-1]}")
    if row.get("verdict") == "reworded":
        first.append(say("verdict.reworded", language))
    second = [say("n", language, n=words.count(row["n"], language))]
    if not pd.isna(row["low"]):
        second.append(
            say(
                "caption.margin",
                language,
                margin=words.number((row["high"] - row["low"]) / 2, language, metric.decimals),
            )
        )
    if row["n"] < FEW:
        second.append(say("state.few", language))
    third = []
    if row.get("verdict") == "noise" and not pd.isna(row.get("change_margin")):
        margin = words.number(row["change_margin"], language, metric.decimals)
        # Alone it would be real: among so many figures one of this size is to be expected.
        alone = abs(row["change"]) >= row["change_margin"]
        third.append(say("verdict.together" if alone else "verdict.within", language, margin=margin))
    if mix and row.get("verdict") in ("real", "noise"):
        told = words.signed(mix.adjusted, language, metric.decimals, metric.change_unit.get(language, ""))
        dimension = mix.dimension.lower() if language == "en" else mix.dimension
        third.append(say("key.mix", language, dimension=dimension, change=told))
    return [" · ".join(part) for part in (first, second, third) if part]


def explained_of(view: View) -> Answer | None:
    """What explains the change of each metric; nothing without a comparison."""
    return ask_calmly(view, EXPLAINED) if view.filters.before else None


def mixes_of(view: View) -> dict[str, findings.Mix]:
    """Per metric, a shifted mix of who answered that moved its figure; none without a comparison."""
    explained = explained_of(view)
    if explained is None:
        return {}
    found: dict[str, findings.Mix] = view.worked_out(
        "mixes", (explained,), lambda: findings.mixes(explained, view.column)
    )
    return found


def judge_together(view: View, cards: Sequence[Card]) -> None:
    """Judge what came back as one family."""
    outcomes = [(asked, outcome_of(view, asked)) for asked in cards]
    found = [(asked, outcome) for asked, outcome in outcomes if isinstance(outcome, Answer)]
    answers = [outcome for _, outcome in found]
    together = view.worked_out("together", answers, partial(figures.together, answers))
    view.judged.update({asked.key: judged for (asked, _), judged in zip(found, together, strict=True)})


def draw_why(view: View, name: str, metric: str) -> None:
    """The waterfall of a metric by the dimension that explains it, or by the first one where none does."""
    if not view.filters.before:
        return
    explained = ask_calmly(view, EXPLAINED)
    by = ""
    if explained is not None and len(explained.frame):
        by = view.worked_out(("why", metric), (explained,), lambda: _explaining(explained, metric))
    offered = [column for column in offered_columns(view.held, view.about) if column not in findings.NOT_A_PLACE]
    by = by or next(iter(offered), "")
    if by:
        draw_row(view, [card(name, metric=metric, by=by)])


def _explaining(explained: Answer, metric: str) -> str:
    """The dimension that explains a metric's change best, or an empty text."""
    for row in explained.rows():
        if row["metric"] == metric and row["explains"] and row["dimension"] not in findings.NOT_A_PLACE:
            return str(row["dimension"])
    return ""


def draw_moved(
    view: View, source: Card, crossed: Card, actions: Card, rivals: Card, complaints: Card, blamed: Card
) -> None:
    """The findings as sentences with a way to the place itself, then what is under way."""
    language = view.language
    outcome = outcome_of(view, source)
    if isinstance(outcome, CxError):
        error_card(outcome, language, source.name)
        return
    explained = explained_of(view)
    meeting = ask_calmly(view, crossed) if view.filters.before else None

    def named(column: str, value: Any) -> str:
        return f"{view.column(column)} {view.label(column, value)}"

    found: list[findings.Finding] = view.worked_out(
        "moved",
        (outcome, explained, meeting),
        lambda: findings.moved(outcome, explained, language, named, meeting),
    )
    grid = st.grid(2, min_column_width=330, border=True)
    with grid.cell():
        with st.container(horizontal=True, wrap=False, vertical_alignment="top"):
            st.markdown(f"##### {plain(say('overview.findings', language))}")
            st.space("stretch")
            draw_menu(view, source, outcome, "findings")
        spoken = [*heard(view, complaints), *heard_of_rivals(view, blamed)]
        compared = bool(spoken) or bool(outcome.frame.get("change", pd.Series(dtype=float)).notna().any())
        judged = bool(spoken) or not outcome.frame.get("verdict", pd.Series(dtype=str)).eq("few").all()
        if not found:
            nothing = findings.nothing_moved(language, judged=judged)
            st.markdown(plain(nothing if compared else say("caption.not_compared", language)))
        for place, finding in enumerate([*found, *spoken]):
            sign = "▲" if finding.change > 0 else "▼"
            # What rivals are blamed for is neither good nor bad of us.
            arrow = f":{'gray' if finding.brand else 'green' if finding.better else 'red'}[{sign}]"
            with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
                st.markdown(f"{arrow} {plain(finding.sentence)}")
                st.button(
                    say("overview.look", language),
                    key=f"look {place}",
                    type="tertiary",
                    on_click=_look_closer,
                    args=(finding,),
                )
        _standing(view, rivals)
    with grid.cell():
        _expected(view, [*found, *spoken], actions, compared=compared, judged=judged)


def heard(view: View, complaints: Card) -> list[findings.Finding]:
    """The theme whose complaints moved most, as the page Voice says it; none where nobody wrote or nothing moved."""
    answer = ask_calmly(view, complaints) if view.held.has("comments") else None
    if answer is None:
        return []
    told = view.worked_out("heard", (answer,), lambda: findings.voiced(answer, view.language, view.label))
    return [told] if told else []


def heard_of_rivals(view: View, blamed: Card) -> list[findings.Finding]:
    """The rival about which complaints rose suddenly; none beside figures of a group that reviews do not know."""
    about_all = "brand" not in view.filters.columns()
    if not view.held.has("comments") or not view.held.has("reviews") or not view.about.brand or not about_all:
        return []
    answer = ask_calmly(view, blamed)
    if answer is None or scope.ignored(view.filters, view.engine.catalog.tables(answer.question), view.held):
        return []
    told = view.worked_out(
        "heard of rivals",
        (answer,),
        lambda: findings.rival_blamed(answer, view.language, view.label, view.about.brand),
    )
    return [told] if told else []


def _standing(view: View, rivals: Card) -> None:
    """Where our own rating stands among the brands, when there are any."""
    if not view.held.has("reviews") or not view.about.brand:
        return
    answer = ask_calmly(view, rivals)
    if answer is None or scope.ignored(view.filters, view.engine.catalog.tables(answer.question), view.held):
        # Reviews know no tier or region: beside figures of one, those of all would pass for its own.
        return
    told = view.worked_out(
        "standing", (answer,), lambda: findings.standing(answer, view.language, view.label, view.about.brand)
    )
    if told:
        st.markdown(plain(told))


def _look_closer(finding: findings.Finding) -> None:
    if finding.column == "theme":
        st.session_state["voice_of"] = finding.brand or current_view().about.brand
        st.session_state["cx_go"] = "voice"
        return
    if finding.also[0]:
        # Where two meet shows among all others that meet: of the two alone there would be one cell left.
        st.session_state["by"], st.session_state["by2"] = finding.column, finding.also[0]
    else:
        st.session_state[finding.column] = [finding.value]
    st.session_state["metric"] = finding.metric
    st.session_state["cx_go"] = "segments"


def _expected(view: View, found: Sequence[findings.Finding], actions: Card, *, compared: bool, judged: bool) -> None:
    """What is expected of the reader next: open actions, and who answers for the step that moved."""
    language = view.language
    st.markdown(f"##### {plain(say('overview.next', language))}")
    for sentence_text in next_steps(view, found, compared=compared, judged=judged):
        st.markdown(f"- {plain(sentence_text)}")
    if view.held.has("actions"):
        answer = ask_calmly(view, actions)
        if answer is not None and len(answer.frame):
            st.caption(plain(say("overview.actions", language, n=words.count(len(answer.frame), language))))
            shown = view.worked_out("actions", (answer,), lambda: shown_table(view, actions, answer).head(5))
            draw_table(shown, table_height(len(shown)))


def next_steps(view: View, found: Sequence[findings.Finding], *, compared: bool, judged: bool) -> list[str]:
    """One sentence per finding: what to do about it now."""
    language = view.language
    if not compared:
        return [
            "비교할 자료가 있는 기간을 고릅니다."
            if language == "ko"
            else "Choose a period that has something to compare with."
        ]
    if not found and not judged:
        return [
            "기간을 늘리거나 필터를 줄여 판단할 만큼 응답을 모읍니다."
            if language == "ko"
            else "Choose a longer period or fewer filters, so that there are answers enough to judge."
        ]
    if not found:
        return [
            "지금 바꿀 것은 없습니다. 진행 중인 조치를 이어 갑니다."
            if language == "ko"
            else "Nothing calls for a change. Carry on with what is under way."
        ]
    steps = []
    for finding in found:
        # With its column, as the finding names it: what is to be done "at United States" nobody could tell.
        pairs = [(finding.column, finding.value), *([finding.also] if finding.also[0] else [])]
        place = " × ".join(f"{view.column(column)} {view.label(column, value)}" for column, value in pairs)
        theme = view.label(finding.column, finding.value)
        if finding.by_mix:
            dimension = view.column(finding.column)
            steps.append(
                f"{dimension} 구성이 왜 바뀌었는지 확인하고, 그때까지는 구성을 보정한 값으로 판단합니다."
                if language == "ko"
                else f"Find out why the mix by {dimension.lower()} shifted; until then judge at the same mix."
            )
        elif finding.brand:
            rival = view.label("brand", finding.brand)
            steps.append(
                f"{rival}의 {theme} 불만을 읽고 우리에게도 생길 수 있는 일인지 확인합니다."
                if language == "ko"
                else f"Read what {rival} is blamed for about {theme.lower()}; check whether it could happen to us."
            )
        elif finding.column == "theme" and not finding.better:
            steps.append(
                f"{theme} 불만의 글을 읽고 원인과 담당을 이번 주에 정합니다."
                if language == "ko"
                else f"Read the complaints about {theme.lower()}; settle cause and owner this week."
            )
        elif finding.column == "theme":
            steps.append(
                f"{theme} 불만이 줄어든 까닭을 확인해 지켜 갑니다."
                if language == "ko"
                else f"Find out why complaints about {theme.lower()} fell, and keep it so."
            )
        elif finding.better:
            steps.append(
                f"{place}: 나아진 까닭을 확인해 다른 곳에 옮깁니다."
                if language == "ko"
                else f"{place}: find out what improved and carry it elsewhere."
            )
        else:
            steps.append(
                f"{place}: 답변을 읽고 원인과 담당을 이번 주에 정합니다."
                if language == "ko"
                else f"{place}: read the answers; settle cause and owner this week."
            )
    return steps
