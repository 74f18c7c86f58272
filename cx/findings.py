"""Findings: sentences that figures carry, in Korean and English.

Each function reads a finished answer and returns a sentence only where the figures support it: a change
that is real after correction, a step whose interval lies below the rest. Otherwise it returns an
empty text, and the card keeps its neutral title. Nothing here computes a statistic.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cx.catalog import Metric
from cx.figures import FEW, Answer
from cx.words import Language, answers, josa, number, period_label

Label = Callable[[str, Any], str]

MOST = 3
"""Findings an executive is asked to read."""

NOT_A_PLACE = frozenset(("wording_version", "survey", "language"))
"""Dimensions that describe the asking, not the customer: a change there is no place to go to."""

NEARLY_ALL = 0.6
"""A value with a larger share of the answers only repeats what the key figures say."""


@dataclass(frozen=True)
class Finding:
    """One thing that moved: where, by how much, and how many answers say so."""

    sentence: str
    metric: str
    column: str
    value: str
    change: float
    n: int
    better: bool


def better(metric: Metric, change: float) -> bool:
    """Whether a change of that sign is an improvement of the metric."""
    return (change > 0) == (metric.direction == "higher")


def amount(metric: Metric, change: float, language: Language) -> str:
    """The size of a change with its unit, without a sign."""
    unit = metric.change_unit.get(language, "")
    space = "\u00a0" if language == "en" and unit[:1].isalpha() else ""
    return f"{number(abs(change), language, metric.decimals)}{space}{unit}"


def level(metric: Metric, value: float, language: Language) -> str:
    """A figure with its unit where the unit is a sign or a Korean one."""
    unit = metric.unit.get(language, "")
    return number(value, language, metric.decimals) + (unit if language == "ko" or unit == "%" else "")


def short(metric: Metric, language: Language) -> str:
    """The metric's name as a sentence uses it."""
    return metric.label[language]


def headline(kpi: Answer, language: Language) -> tuple[str, str]:
    """Title and lead of the Overview: what changed for real, first metric first, then the rest."""
    frame = kpi.frame
    if "verdict" not in frame or not len(frame) or not frame["change"].notna().any():
        return "", ""
    real = frame[frame["verdict"] == "real"]
    rest = frame[frame["verdict"].isin(["noise"])]
    quiet = _names([kpi.metrics[name] for name in rest["metric"]], language)
    if real.empty:
        if rest.empty:
            return "", ""
        title = "오차를 넘는 변화가 없습니다" if language == "ko" else "Nothing moved beyond noise"
        lead = (
            f"{josa(quiet, '은/는')} 모두 오차 범위 안에서 움직였습니다."
            if language == "ko"
            else f"{quiet} stayed within what so many answers can vary by chance."
        )
        return title, lead
    first, others = real.iloc[0], real.iloc[1:]
    metric = kpi.metrics[first["metric"]]
    title = _moved(short(metric, language), metric, first["change"], language)
    parts = [_moved_to(kpi.metrics[row["metric"]], row, language) for _, row in others.iterrows()]
    if language == "ko":
        lead = " ".join(f"{part}." for part in parts) + (
            f" {josa(quiet, '은/는')} 오차 범위 안입니다." if quiet else ""
        )
    else:
        lead = " ".join(f"{part}." for part in parts) + (f" {quiet}: within noise." if quiet else "")
    return title, lead.strip()


def _names(metrics: list[Metric], language: Language) -> str:
    names = [short(metric, language) for metric in metrics]
    return ", ".join(names)


def _moved(subject: str, metric: Metric, change: float, language: Language) -> str:
    size = amount(metric, change, language)
    if language == "ko":
        return f"{josa(subject, '이/가')} {size} {'올랐습니다' if change > 0 else '떨어졌습니다'}"
    return f"{subject} {'rose' if change > 0 else 'fell'} {size}"


def _moved_to(metric: Metric, row: Mapping[str, Any], language: Language) -> str:
    moved = _moved(short(metric, language), metric, row["change"], language)
    reached = level(metric, row["value"], language)
    if language == "ko":
        return moved.replace("올랐습니다", f"올라 {reached}입니다").replace("떨어졌습니다", f"떨어져 {reached}입니다")
    return f"{moved} to {reached}"


def moved(answer: Answer, language: Language, label: Label) -> list[Finding]:
    """At most three findings: real changes, ranked by size on the metric's scale × answers reached.

    One per dimension, so that the same story is not told three times.
    """
    frame = answer.frame
    if "verdict" not in frame:
        return []
    whole = frame.groupby(["metric", "dimension"])["n"].transform("sum")
    part = (frame["n"] <= whole * NEARLY_ALL) & ~frame["dimension"].isin(NOT_A_PLACE)
    real = frame[(frame["verdict"] == "real") & part].copy()
    if real.empty:
        return []
    widths = {
        name: (metric.range[1] - metric.range[0]) if metric.range else 1.0 for name, metric in answer.metrics.items()
    }
    real["weight"] = [abs(row.change) / widths[row.metric] * row.n for row in real.itertuples()]
    found: list[Finding] = []
    for row in real.sort_values(["weight", "n"], ascending=False).to_dict("records"):
        if any(row["dimension"] == finding.column for finding in found):
            continue
        metric = answer.metrics[row["metric"]]
        place = label(row["dimension"], row["segment"])
        found.append(
            Finding(
                sentence=_finding(place, metric, row, language),
                metric=row["metric"],
                column=row["dimension"],
                value=row["segment"],
                change=row["change"],
                n=int(row["n"]),
                better=better(metric, row["change"]),
            )
        )
        if len(found) == MOST:
            break
    return found


def _finding(place: str, metric: Metric, row: Mapping[str, Any], language: Language) -> str:
    size, reached, told = (
        amount(metric, row["change"], language),
        level(metric, row["value"], language),
        answers(int(row["n"]), language),
    )
    if language == "ko":
        way = "올라" if row["change"] > 0 else "떨어져"
        return f"{place}: {josa(short(metric, language), '이/가')} {size} {way} {reached}입니다. {told}."
    return f"{place}: {short(metric, language)} {'rose' if row['change'] > 0 else 'fell'} {size} to {reached}, {told}."


def standing(answer: Answer, language: Language, label: Label, own: str) -> str:
    """Our place among the brands with enough reviews, who leads, and whether the lead is beyond noise."""
    frame = answer.frame[answer.frame["value"].notna() & (answer.frame["n"] >= FEW)]
    ranked = frame.sort_values("value", ascending=False, kind="stable").reset_index(drop=True)
    metric = answer.metric
    if metric is None or len(ranked) < 2 or own not in set(ranked["brand"]):
        return ""
    ours = ranked[ranked["brand"] == own].iloc[0]
    other = ranked[ranked["brand"] != own].iloc[0]
    place = int((ranked["value"] > ours["value"]).sum())
    clear = ours["low"] > other["high"] if place == 0 else other["low"] > ours["high"]
    name, reached = label("brand", other["brand"]), number(other["value"], language, metric.decimals)
    ours_at = number(ours["value"], language, metric.decimals)
    if language == "ko":
        noise = "" if clear else " 차이는 오차 범위 안입니다."
        if place == 0:
            return (
                f"{josa(short(metric, language), '은/는')} {len(ranked)}곳 중 1위({ours_at})이며 "
                f"다음은 {name} {reached}입니다.{noise}"
            )
        return (
            f"{josa(short(metric, language), '은/는')} {len(ranked)}곳 중 {place + 1}위({ours_at})이며 "
            f"1위는 {name} {reached}입니다.{noise}"
        )
    noise = "" if clear else " The gap is within noise."
    if place == 0:
        return f"{short(metric, language)} {ours_at} is first of {len(ranked)}; {name} follows with {reached}.{noise}"
    where = f"number {place + 1} of {len(ranked)}"
    return f"{short(metric, language)} {ours_at} is {where}; {name} leads with {reached}.{noise}"


def nothing_moved(language: Language) -> str:
    """What is said when no segment moved for real."""
    if language == "ko":
        return "어느 세그먼트도 오차를 넘어 움직이지 않았습니다."
    return "No segment moved beyond noise."


def title(
    answer: Answer, language: Language, label: Label, *, own: str = "", grain: str = "month", kind: str = ""
) -> str:
    """The finding that may title a card, by the question's `finding`; empty where there is none.

    `kind` is the chart drawn where it differs from the file's: dots of change are titled by change, a
    table is not titled by a finding.
    """
    makers = {
        "change": _changed,
        "different": _different,
        "weakest": _weakest,
        "leader": _leader,
        "trend": _trend,
    }
    wanted = {"change": "change", "table": "", "": answer.question.finding}.get(kind, answer.question.finding)
    maker = makers.get(wanted)
    if maker is None or answer.empty or answer.metric is None:
        return ""
    return maker(answer, answer.metric, language, label, own, grain)


def _entity(answer: Answer) -> str:
    return answer.question.chart.x


def _changed(answer: Answer, metric: Metric, language: Language, label: Label, own: str, grain: str) -> str:
    column = _entity(answer)
    frame = answer.frame
    if "verdict" not in frame or column not in frame or not (frame["verdict"] != "").any():
        return ""
    real = frame[frame["verdict"] == "real"]
    if real.empty:
        return "오차를 넘는 변화가 없습니다" if language == "ko" else "Nothing moved beyond noise"
    largest = real.loc[real["change"].abs().idxmax()]
    place = label(largest.get("dimension", column), largest[column])
    return _moved(place, metric, largest["change"], language)


def _different(answer: Answer, metric: Metric, language: Language, label: Label, own: str, grain: str) -> str:
    frame = answer.frame
    column = _entity(answer)
    if "apart" not in frame or not (frame["apart"] != "").any():
        return ""
    real = frame[(frame["apart"] == "real") & frame[column].notna()]
    if real.empty:
        return "오차를 넘는 차이가 없습니다" if language == "ko" else "No difference beyond noise"
    overall = (frame["value"] * frame["n"]).sum() / frame["n"].sum()
    worst = real.loc[(real["value"] if metric.direction == "higher" else -real["value"]).idxmin()]
    below = (worst["value"] < overall) if metric.direction == "higher" else (worst["value"] > overall)
    if not below:
        worst = real.loc[(real["value"] - overall).abs().idxmax()]
    place = label(column, worst[column])
    low = worst["value"] < overall
    if language == "ko":
        return f"{josa(place, '이/가')} 나머지보다 뚜렷하게 {'낮습니다' if low else '높습니다'}"
    return f"{place} is clearly {'below' if low else 'above'} the rest"


def _weakest(answer: Answer, metric: Metric, language: Language, label: Label, own: str, grain: str) -> str:
    frame = answer.frame[answer.frame["value"].notna()]
    if len(frame) < 2 or answer.question.chart.kind == "heatmap":
        return ""
    column = _entity(answer)
    higher = metric.direction == "higher"
    ordered = frame.sort_values("value", ascending=higher, kind="stable")
    worst, others = ordered.iloc[0], ordered.iloc[1:]
    apart = worst["high"] < others["value"].min() if higher else worst["low"] > others["value"].max()
    if not apart:
        return ""
    place = label(column, worst[column])
    if language == "ko":
        return (
            f"{josa(place, '이/가')} 가장 약한 단계입니다"
            if column == "touchpoint"
            else f"{josa(place, '이/가')} 가장 낮습니다"
        )
    return f"{place} is the weakest step" if column == "touchpoint" else f"{place} is the lowest"


def _leader(answer: Answer, metric: Metric, language: Language, label: Label, own: str, grain: str) -> str:
    frame = answer.frame
    if "period" in frame:
        return _overtaken(frame, language, label, own)
    column = _entity(answer)
    ranked = frame[frame["value"].notna()].sort_values("value", ascending=False, kind="stable").reset_index(drop=True)
    if len(ranked) < 2 or own not in set(ranked[column]):
        return ""
    ours = ranked[ranked[column] == own].iloc[0]
    ranked = ranked[(ranked["n"] >= FEW) | (ranked[column] == own)]
    ahead = ranked[(ranked[column] != own) & (ranked["low"] > ours["high"])]
    behind = ranked[(ranked[column] != own) & (ranked["high"] < ours["low"])]
    if not ahead.empty:
        place = label(column, ahead.iloc[0][column])
        return (
            f"{josa(place, '이/가')} 뚜렷하게 앞서 있습니다" if language == "ko" else f"{place} is clearly ahead of us"
        )
    if len(behind) == len(ranked) - 1:
        return (
            f"{josa(label(column, own), '이/가')} 뚜렷하게 앞서 있습니다"
            if language == "ko"
            else "We are clearly ahead"
        )
    return ""


def _overtaken(frame: pd.DataFrame, language: Language, label: Label, own: str) -> str:
    """The rival whose line crossed ours: clearly below at the start, clearly above at the end."""
    if own not in set(frame["brand"]):
        return ""
    ours = frame[frame["brand"] == own].set_index("period")
    for brand in frame["brand"].unique():
        theirs = frame[frame["brand"] == brand].set_index("period")
        shared = ours.index.intersection(theirs.index)
        if brand == own or len(shared) < 4:
            continue
        third = max(len(shared) // 3, 1)
        first, last = shared[:third], shared[-third:]
        if min(lines.loc[part, "n"].sum() for lines in (ours, theirs) for part in (first, last)) < FEW:
            continue
        was_below = (theirs.loc[first, "value"] < ours.loc[first, "value"]).all()
        is_above = (theirs.loc[last, "low"] > ours.loc[last, "value"]).mean() > 0.5 and (
            theirs.loc[last, "value"] > ours.loc[last, "value"]
        ).all()
        if was_below and is_above:
            place = label("brand", brand)
            return f"{josa(place, '이/가')} 우리를 앞질렀습니다" if language == "ko" else f"{place} has overtaken us"
    return ""


def _trend(answer: Answer, metric: Metric, language: Language, label: Label, own: str, grain: str) -> str:
    """The one period that lies clearly on the bad side of the others' middle, or nothing."""
    frame = answer.frame
    if "segment" in frame and frame["segment"].notna().any():
        return ""
    frame = frame[frame["value"].notna() & (frame["n"] >= 30)]
    if len(frame) < 4:
        return ""
    higher = metric.direction == "higher"
    worst = frame.loc[frame["value"].idxmin() if higher else frame["value"].idxmax()]
    middle = frame["value"].median()
    apart = worst["high"] < middle if higher else worst["low"] > middle
    if not apart:
        return ""
    when = period_label(pd.Timestamp(worst["period"]).date(), grain, language)
    reached = level(metric, worst["value"], language)
    if language == "ko":
        return f"{when}에 {josa(reached, '으로/로')} 가장 {'낮았습니다' if higher else '높았습니다'}"
    return f"{'Lowest' if higher else 'Highest'} in {when}: {reached}"
