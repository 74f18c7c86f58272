"""Findings: sentences that figures carry, in Korean and English.

Each function reads a finished answer and returns a sentence only where the figures support it: a change
that is real after correction, a step whose interval lies below the rest. Otherwise it returns an
empty text, and the card keeps its neutral title. Nothing here computes a statistic.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cx.analyses import EVERYWHERE, SHIFT, TURNOVER
from cx.catalog import Metric
from cx.estimates import FEW
from cx.figures import Answer
from cx.words import MINUS, Language, answers, josa, number, period_in_words, period_label

Label = Callable[[str, Any], str]

MOST = 3
"""Findings an executive is asked to read."""

MOST_NAMED = 5
"""Metrics that a sentence names one by one; of more it names the first and counts the others."""

NOTHING_MOVED: Mapping[Language, str] = {"ko": "오차를 넘는 변화가 없습니다", "en": "Nothing moved beyond noise"}

NO_DIFFERENCE: Mapping[Language, str] = {"ko": "오차를 넘는 차이가 없습니다", "en": "No difference beyond noise"}

NOT_A_PLACE = frozenset(("wording_version", "survey", "language"))
"""Dimensions that describe the asking, not the customer: a change there is no place to go to."""

NEARLY_ALL = 0.6
"""A value with a larger share of the answers only repeats what the key figures say."""


def mix_matters(mix: float, rate: float) -> bool:
    """Whether a shifted mix moved a total enough to be told: at least a quarter of what the scores did."""
    return abs(mix) >= abs(rate) / 4


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
    also: tuple[str, str] = ("", "")
    """The second column and value where two meet."""
    by_mix: bool = False
    """Whether the total moved because the mix of who answered shifted, not because scores did."""
    brand: str = ""
    """The rival that it is about; empty where it is about ourselves."""


def better(metric: Metric, change: float) -> bool:
    """Whether a change of that sign is an improvement of the metric."""
    return (change > 0) == (metric.direction != "lower")


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


def headline(kpi: Answer, language: Language, mixes: Mapping[str, "Mix"] | None = None) -> tuple[str, str]:
    """Title and lead of the Overview: what changed for real, first metric first, then the rest.

    Where the mix of who answered moved the first one, the lead says what it would be without that.
    """
    frame = kpi.frame
    if "verdict" not in frame or not len(frame) or not frame["change"].notna().any():
        return "", ""
    rows = kpi.rows()
    real = [row for row in rows if row["verdict"] == "real"]
    rest = [row for row in rows if row["verdict"] == "noise"]
    quiet = _names([kpi.metrics[row["metric"]] for row in rest], language)
    if not real:
        if not rest:
            return "", ""
        title = NOTHING_MOVED[language]
        lead = (
            f"{josa(quiet, '은/는')} 모두 오차 범위 안에서 움직였습니다."
            if language == "ko"
            else f"{quiet} stayed within what so many answers can vary by chance."
        )
        return title, lead
    first, *others = real
    metric = kpi.metrics[first["metric"]]
    title = _moved(short(metric, language), metric, first["change"], language)
    moved_too = [(kpi.metrics[row["metric"]], row) for row in others]
    parts = [_moved_to(short(other, language), other, row, language) for other, row in moved_too]
    if language == "ko":
        lead = " ".join(f"{part}." for part in parts) + (
            f" {josa(quiet, '은/는')} 오차 범위 안입니다." if quiet else ""
        )
    else:
        lead = " ".join(f"{part}." for part in parts) + (f" {quiet}: within noise." if quiet else "")
    mix = (mixes or {}).get(metric.name)
    if mix:
        lead = f"{_without_mix(metric, mix, first['change'], language)} {lead}"
    return title, lead.strip()


@dataclass(frozen=True)
class Mix:
    """A shift of who answered that moved a metric's total: by which dimension, and the change without it."""

    dimension: str
    """In the reader's words."""
    moved: float
    adjusted: float


def mixes(explained: Answer, name: Callable[[str], str]) -> dict[str, Mix]:
    """Per metric, the dimension whose shifted mix moved the total most; only where it mattered.

    `name` gives a dimension's words.
    """
    return {row["metric"]: Mix(name(row["dimension"]), row["mix"], row["rate"]) for row in _mixed(explained.rows())}


def _mixed(explained: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each metric the dimension whose shifted mix moved the total most; only where it mattered."""
    found: dict[str, dict[str, Any]] = {}
    by_mix = [row for row in explained if row["explains"] in ("mix", "both") and row["dimension"] not in NOT_A_PLACE]
    for row in sorted(by_mix, key=lambda row: -abs(row["mix"])):
        if row["metric"] not in found and mix_matters(row["mix"], row["rate"]):
            found[row["metric"]] = row
    return list(found.values())


def _without_mix(metric: Metric, mix: Mix, change: float, language: Language) -> str:
    """What the first figure would have done had the same kinds of people answered."""
    if language == "ko":
        way = "올랐을" if mix.adjusted > 0 else "떨어졌을"
        size = amount(metric, mix.adjusted, language)
        why = "응답한 사람의 구성이 바뀐 영향이 큽니다"
        return f"{why}: {mix.dimension} 구성이 그대로였다면 {size} {way} 것입니다."
    size = amount(metric, mix.adjusted, language)
    way = "risen" if mix.adjusted > 0 else "fallen"
    return f"Who answered has shifted: with the same mix by {mix.dimension.lower()} it would have {way} {size}."


def _names(metrics: list[Metric], language: Language) -> str:
    names = [short(metric, language) for metric in metrics]
    if len(names) > MOST_NAMED:
        left = len(names) - MOST
        names = [*names[: MOST - 1], f"{names[MOST - 1]} {f'외 {left}개' if language == 'ko' else f'and {left} more'}"]
    return ", ".join(names)


def _moved(subject: str, metric: Metric, change: float, language: Language) -> str:
    size = amount(metric, change, language)
    if language == "ko":
        return f"{josa(subject, '이/가')} {size} {'올랐습니다' if change > 0 else '떨어졌습니다'}"
    return f"{subject} {'rose' if change > 0 else 'fell'} {size}"


def _moved_to(subject: str, metric: Metric, row: Mapping[str, Any], language: Language) -> str:
    moved = _moved(subject, metric, row["change"], language)
    reached = level(metric, row["value"], language)
    if language == "ko":
        return moved.replace("올랐습니다", f"올라 {reached}입니다").replace("떨어졌습니다", f"떨어져 {reached}입니다")
    return f"{moved} to {reached}"


def moved(
    answer: Answer, explained: Answer | None, language: Language, label: Label, crossed: Answer | None = None
) -> list[Finding]:
    """At most three findings: real changes, ranked by size on the metric's scale × answers reached.

    A value is named only where its dimension explains the metric's change (its values moved more
    differently than sampling gives), or every value would be named when all moved alike; a shifted mix
    is named as such. `crossed` adds places where two values meet that moved far more than either of the
    two. One per dimension, so that the same story is not told three times.
    """
    frame = answer.frame
    if "verdict" not in frame or not len(frame):
        return []
    why = _explains(explained)
    rows = answer.rows()
    whole: dict[tuple[str, str], float] = {}
    for row in rows:
        whole[_pair(row)] = whole.get(_pair(row), 0) + row["n"]
    widths = {
        name: (metric.range[1] - metric.range[0]) if metric.range else 1.0 for name, metric in answer.metrics.items()
    }
    ranked = [
        row | {"weight": abs(row["change"]) / widths[row["metric"]] * row["n"]}
        for row in rows
        if row["verdict"] == "real"
        and isinstance(row["dimension"], str)
        and row["dimension"] not in NOT_A_PLACE
        and row["n"] <= whole[_pair(row)] * NEARLY_ALL
        # Whoever did not answer was not reached: how many answered stands with the key figures.
        and answer.metrics[row["metric"]].table != "invitations"
        and (explained is None or why.get(_pair(row), "") in ("rate", "both"))
    ]
    ranked += [*_shifted(answer, rows, explained, widths), *_meeting(rows, crossed, widths)]
    found: list[Finding] = []
    for row in sorted(ranked, key=lambda row: (-row["weight"], -row["n"])):
        second = row["dimension_2"] if isinstance(row.get("dimension_2"), str) else ""
        if any({row["dimension"], second} & {finding.column, finding.also[0]} - {""} for finding in found):
            continue
        metric = answer.metrics[row["metric"]]
        if row.get("by_mix") is True:
            found.append(
                Finding(
                    sentence=_mix_finding(label(row["dimension"], row["segment"]), answer.metrics, row, language),
                    metric=row["metric"],
                    column=row["dimension"],
                    value=row["segment"],
                    change=row["change"],
                    n=int(row["n"]),
                    better=better(metric, row["change"]),
                    by_mix=True,
                )
            )
            if len(found) == MOST:
                break
            continue
        place = label(row["dimension"], row["segment"])
        if second:
            place = f"{place} × {label(second, row['segment_2'])}"
        found.append(
            Finding(
                also=(second, row["segment_2"] if second else ""),
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


TWICE = 2.0
"""Where two values meet, the change counts as a place of its own from twice what either value did alone."""


def _meeting(single: list[dict[str, Any]], crossed: Answer | None, widths: Mapping[str, float]) -> list[dict[str, Any]]:
    """Real changes where two values meet, that neither of the two explains by itself."""
    if crossed is None or "verdict" not in crossed.frame:
        return []
    alone = {(*_pair(row), row["segment"]): row["change"] for row in single}
    found = []
    for row in crossed.rows():
        if row["verdict"] != "real":
            continue
        own = [
            alone.get((row["metric"], row[f"dimension{end}"], row[f"segment{end}"]), 0.0) * (row["change"] > 0 or -1)
            for end in ("", "_2")
        ]
        if row["metric"] in widths and abs(row["change"]) >= TWICE * max(own):
            found.append(row | {"weight": abs(row["change"]) / widths[row["metric"]] * row["n"]})
    return found


def _pair(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["metric"], row["dimension"]


def _explains(explained: Answer | None) -> dict[tuple[str, str], str]:
    """What each metric's dimension explains, by metric and dimension."""
    return {} if explained is None else {_pair(row): row["explains"] for row in explained.rows()}


def _shifted(
    answer: Answer, rows: list[dict[str, Any]], explained: Answer | None, widths: Mapping[str, float]
) -> list[dict[str, Any]]:
    """One row per metric whose total moved by a shifted mix: the value whose share grew or shrank most."""
    found: list[dict[str, Any]] = []
    for row in [] if explained is None else _mixed(explained.rows()):
        name = row["metric"]
        if name not in widths or answer.metrics[name].table == "invitations":
            continue
        part = [one for one in rows if _pair(one) == _pair(row)]
        all_now, all_before = sum(one["n"] for one in part), sum(one["previous_n"] for one in part)
        if not all_now or not all_before:
            continue
        shares = [(one["n"] / all_now, one["previous_n"] / all_before, one["segment"]) for one in part]
        share, before, value = max(shares, key=lambda pair: abs(pair[0] - pair[1]))
        found.append(
            {
                "metric": name,
                "dimension": row["dimension"],
                "segment": value,
                "change": row["mix"],
                "n": all_now,
                "weight": abs(row["mix"]) / widths[name] * all_now,
                "share": 100 * share,
                "share_before": 100 * before,
                "by_mix": True,
                "also": [],
            }
        )
    # The same people shift every metric alike: that is one finding, told of the metric it moved most.
    told: dict[tuple[str, Any], dict[str, Any]] = {}
    for one in sorted(found, key=lambda row: -row["weight"]):
        first = told.setdefault((one["dimension"], one["segment"]), one)
        if first is not one:
            first["also"].append(one)
    return list(told.values())


def _mix_finding(place: str, metrics: Mapping[str, Metric], row: Mapping[str, Any], language: Language) -> str:
    """One sentence for a shifted mix and all the metrics that it moved."""
    before, now = number(row["share_before"], language), number(row["share"], language)
    also = row["also"]
    up = [entry for entry in (row, *also) if entry["change"] > 0]
    down = [entry for entry in (row, *also) if entry["change"] < 0]

    def sized(entries: list[Mapping[str, Any]], pattern: str) -> str:
        names = [(short(metrics[entry["metric"]], language), entry) for entry in entries]
        return ", ".join(
            pattern.format(
                name=josa(name, "을/를") if language == "ko" else name,
                size=amount(metrics[entry["metric"]], entry["change"], language),
            )
            for name, entry in names
        )

    if language == "ko":
        moved_it = [f"{sized(down, '{name} {size}')} 낮췄습니다"] if down else []
        moved_it += [f"{sized(up, '{name} {size}')} 올렸습니다"] if up else []
        return f"응답 구성: {place} 비중이 {before}%에서 {now}%로 바뀌어 {', '.join(moved_it)}."
    moved_it = [f"lowered {sized(down, '{name} by {size}')}"] if down else []
    moved_it += [f"lifted {sized(up, '{name} by {size}')}"] if up else []
    return f"Mix of answers: {place} went from {before}% to {now}%, which {' and '.join(moved_it)}."


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
    known = [row for row in answer.rows() if not pd.isna(row["value"]) and row["n"] >= FEW]
    ranked = sorted(known, key=lambda row: -row["value"])
    metric = answer.metric
    ours = next((row for row in ranked if row["brand"] == own), None)
    other = next((row for row in ranked if row["brand"] != own), None)
    if metric is None or ours is None or other is None:
        return ""
    place = sum(row["value"] > ours["value"] for row in ranked)
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


def nothing_moved(language: Language, *, judged: bool = True) -> str:
    """What is said when no segment moved for real, or when all have too few answers to be `judged`."""
    if not judged:
        return (
            "응답이 적어 무엇이 움직였는지 판단할 수 없습니다."
            if language == "ko"
            else "Too few answers to tell what moved."
        )
    if language == "ko":
        return "어느 세그먼트도 오차를 넘어 움직이지 않았습니다."
    return "No segment moved beyond noise."


def title(
    answer: Answer,
    language: Language,
    label: Label,
    *,
    own: str = "",
    grain: str = "month",
    kind: str = "",
    dimension: str = "",
) -> str:
    """The finding that may title a card, by the question's `finding`; empty where there is none.

    `kind` is the chart drawn where it differs from the file's: dots of change are titled by change, a
    table is not titled by a finding. `dimension` are the words for the column `segment`.
    """
    makers = {
        "change": _changed,
        "different": _different,
        "weakest": _weakest,
        "leader": _leader,
        "trend": _trend,
        "outliers": _outliers,
        "emerging": _emerging,
    }
    wanted = {"change": "change", "table": "", "": answer.question.finding}.get(kind, answer.question.finding)
    if wanted in ("explained", "drivers") and len(answer.frame) and answer.metric is not None:
        said = (
            explanation(answer, language, label, dimension)
            if wanted == "explained"
            else driving(answer, language, label)
        )
        return said[0]
    maker = makers.get(wanted)
    # That nothing is new is an answer too.
    if maker is None or answer.metric is None or (answer.empty and wanted != "emerging"):
        return ""
    found = maker(answer, answer.metric, language, label, own, grain)
    if found == NO_DIFFERENCE[language] and dimension:
        # Between which values, a reader who comes to look closer at a change has to know.
        return f"{dimension}: {found[:1].lower()}{found[1:]}"
    return found


ALIKE = 0.05
"""Above this p the values of a dimension moved no more differently than sampling gives."""


def explanation(answer: Answer, language: Language, label: Label, dimension: str) -> tuple[str, str]:
    """Title and sentence of a total's change taken apart by one dimension; empty where there is nothing to say."""
    facts, frame, metric = answer.facts, answer.frame, answer.metric
    if metric is None or "start" not in facts or pd.isna(facts["end"] - facts["start"]):
        return "", ""
    shown = frame[frame["rate"].notna() & (frame["rate"].abs() + frame["mix"].abs() > 0)]
    if len(shown) < 2 or ("n" in shown and shown["n"].sum() < FEW):
        # A single value, or a handful of answers, tells nothing of how values differ.
        return "", ""
    change = facts["end"] - facts["start"]
    differently = facts["p_rate"] < ALIKE
    mixed = (
        facts["p_mix"] < ALIKE
        and facts["shift"] >= SHIFT
        and facts["turnover"] <= TURNOVER
        and mix_matters(facts["mix"], facts["rate"])
    )
    if mixed:
        return _by_mix(shown, metric, change, facts, language, label, dimension)
    if not differently:
        if language == "ko":
            return (
                f"{dimension}: 값마다 비슷하게 움직였습니다",
                f"{josa(dimension, '으로/로')}는 이 변화를 설명할 수 없습니다. 값 사이의 차이가 오차 범위 안입니다.",
            )
        return (
            f"{dimension}: all moved alike",
            f"{dimension} does not explain the change: its values differ no more than sampling gives.",
        )
    moved_most = shown.loc[shown["rate"].abs().idxmax()]
    place = label("segment", moved_most["segment"])
    size, whole = amount(metric, moved_most["rate"], language), amount(metric, change, language)
    if language == "ko":
        return (
            f"{josa(place, '이/가')} 가장 크게 움직였습니다",
            f"전체 변화 {_sign(change)}{whole} 가운데 {place}의 점수 변화가 {_sign(moved_most['rate'])}{size}입니다.",
        )
    return (
        f"{place} moved the total most",
        f"Of the total change of {_sign(change)}{whole}, {place} contributes {_sign(moved_most['rate'])}{size}.",
    )


def _by_mix(
    shown: pd.DataFrame,
    metric: Metric,
    change: float,
    facts: Mapping[str, float],
    language: Language,
    label: Label,
    dimension: str,
) -> tuple[str, str]:
    """A change made by who answered: with Simpson's case said plainly where all values went the other way."""
    grown = shown.loc[(shown["share"] - shown["share_before"]).abs().idxmax()]
    place = label("segment", grown["segment"])
    before, now = number(grown["share_before"], language), number(grown["share"], language)
    own = shown["change"].dropna() if "change" in shown else pd.Series(dtype=float)
    against = len(own) > 1 and bool((own * change < 0).all())
    adjusted = amount(metric, facts["rate"], language)
    rose, risen = change > 0, facts["rate"] > 0
    if language == "ko":
        each, whole = ("떨어졌지만", "올랐습니다") if rose else ("올랐지만", "떨어졌습니다")
        first = f"{josa(dimension, '은/는')} 모두 {each} 전체는 {whole}"
        title_text = first if against else f"{dimension} 구성이 바뀌어 움직였습니다"
        why = f"{place}의 비중이 {before}%에서 {now}%로 바뀌었습니다."
        instead = f"구성이 그대로였다면 {adjusted} {'올랐을' if risen else '떨어졌을'} 것입니다."
        return title_text, f"{why} {instead}"
    first = f"Every {dimension.lower()} {'fell' if rose else 'rose'}, yet the total {'rose' if rose else 'fell'}"
    title_text = first if against else f"The mix by {dimension.lower()} moved it"
    why = f"The share of {place} went from {before}% to {now}%."
    instead = f"With the same mix it would have {'risen' if risen else 'fallen'} {adjusted}."
    return title_text, f"{why} {instead}"


def _sign(change: float) -> str:
    return "+" if change > 0 else MINUS if change < 0 else ""


def _entity_of_drivers(frame: pd.DataFrame) -> str:
    """The column of what may matter: the first one."""
    return str(frame.columns[0])


HALO = 0.5
"""From this mean correlation among steps on, people rate all of them alike."""


def driving(answer: Answer, language: Language, label: Label) -> tuple[str, str]:
    """Title and sentence of key drivers: the step that matters most among those beyond noise."""
    frame = answer.frame
    if "importance" not in frame or "explained" not in answer.facts:
        few = (
            "함께 평가한 고객이 적어 판단하지 않습니다."
            if language == "ko"
            else "Too few customers rated both to judge."
        )
        return "", few
    real = frame[frame["verdict"] == "real"].sort_values("importance", ascending=False, kind="stable")
    explained = number(100 * answer.facts["explained"], language)
    if language == "ko":
        told = f"단계 점수가 고객 간 차이의 {explained}%를 설명합니다."
        told += " 단계 점수가 서로 비슷하게 움직여 몫을 나누기 어렵습니다." if answer.facts["halo"] >= HALO else ""
    else:
        told = f"The steps explain {explained}% of the difference between customers."
        told += (
            " Their scores move together, so their shares are hard to tell apart."
            if answer.facts["halo"] >= HALO
            else ""
        )
    if real.empty:
        return ("오차를 넘는 단계가 없습니다" if language == "ko" else "No step stands out beyond noise"), told
    place = label(_entity_of_drivers(frame), real.iloc[0].iloc[0])
    return (f"{josa(place, '이/가')} 가장 중요합니다" if language == "ko" else f"{place} matters most"), told


def _entity(answer: Answer) -> str:
    return answer.question.chart.x


def _changed(answer: Answer, metric: Metric, language: Language, label: Label, own: str, grain: str) -> str:
    column = _entity(answer)
    frame = answer.frame
    if "verdict" not in frame or column not in frame or not (frame["verdict"] != "").any():
        return ""
    real = frame[frame["verdict"] == "real"]
    if real.empty:
        return NOTHING_MOVED[language]
    crossed = "segment_2" in real and "dimension" not in real
    # Where two meet, a few answers move far: what reached more people is told, as on the Overview.
    size = real["change"].abs() * real["n"] if crossed else real["change"].abs()
    largest = real.loc[size.idxmax()]
    place = label(largest.get("dimension", column), largest[column])
    if crossed:
        place = f"{label('segment', largest['segment'])} × {label('segment_2', largest['segment_2'])}"
    if metric.table == "comments":
        place = _said_of(place, metric, language)
    if column != "brand" and "brand" in largest:
        place = f"{label('brand', largest['brand'])}: {place}"
    return _moved(place, metric, largest["change"], language)


def _said_of(theme: str, metric: Metric, language: Language) -> str:
    """What rises or falls of a theme: what is said about it."""
    name = short(metric, language)
    return f"{theme} {name}" if language == "ko" else f"{name} about {theme.lower()}"


def voiced(answer: Answer, language: Language, label: Label) -> Finding | None:
    """The theme about which complaints moved most for real, if any did."""
    metric = answer.metric
    real = [row for row in answer.rows() if row.get("verdict") == "real"]
    if metric is None or not real:
        return None
    return _of_theme(max(real, key=lambda row: abs(row["change"])), metric, language, label)


def _of_theme(row: Mapping[str, Any], metric: Metric, language: Language, label: Label, rival: str = "") -> Finding:
    """How far what is said about a theme moved, of us or of a rival."""
    subject = _said_of(label("theme", row["theme"]), metric, language)
    named = f"{label('brand', rival)}: {subject}" if rival else subject
    return Finding(
        sentence=f"{_moved_to(named, metric, row, language)}.",
        metric=metric.name,
        column="theme",
        value=row["theme"],
        change=row["change"],
        n=int(row["n"]),
        better=better(metric, row["change"]),
        brand=rival,
    )


def rival_blamed(answer: Answer, language: Language, label: Label, own: str) -> Finding | None:
    """The rival and the theme about which complaints rose most for real, where they did not rise at the others too.

    What rises everywhere at once is the season's. That a rival is blamed less is told on the page Competitors.
    """
    metric = answer.metric
    if metric is None:
        return None
    rows = [row for row in answer.rows() if not pd.isna(row.get("change", float("nan")))]
    answered = {row["brand"]: row["n"] for row in rows}
    risen = [row for row in rows if row["verdict"] == "real" and row["change"] > 0 and row["brand"] != own]
    for row in sorted(risen, key=lambda row: -row["change"]):
        others = [one for one in rows if one["theme"] == row["theme"] and one["brand"] != row["brand"]]
        # A brand of which nobody complained about it has no row of it, and counts as unmoved.
        elsewhere = sum(one["change"] * one["n"] for one in others)
        elsewhere /= max(sum(answered.values()) - answered[row["brand"]], 1)
        if elsewhere >= EVERYWHERE * row["change"]:
            continue
        return _of_theme(row, metric, language, label, row["brand"])
    return None


MOST_TOLD = 3
"""So many further words of what is new stand in a title."""


def _emerging(answer: Answer, metric: Metric, language: Language, label: Label, own: str, grain: str) -> str:
    real = answer.frame[answer.frame["verdict"] == "real"]
    if real.empty:
        return "새로 떠오른 말이 없습니다" if language == "ko" else "Nothing new stands out"
    events = real.drop_duplicates([name for name in ("brand", "period") if name in real]).head(2)
    return " · ".join(_new_word(row, language, label) for _, row in events.iterrows())


def topic_name(word: Any, theme: Any, tone: Any, label: Label, language: Language) -> str:
    """What a topic that is new is called: the word that rose most clearly, or the theme or the complaints about it."""
    if isinstance(word, str):
        return word
    name = label("theme", theme)
    if tone != "complaint":
        return name
    return f"{name} 불만" if language == "ko" else f"complaints about {name.lower()}"


def _new_word(row: pd.Series, language: Language, label: Label) -> str:
    """What one brand's customers say that they did not say before, and when."""
    ko = language == "ko"
    parts = [label("brand", row["brand"])] if row.get("brand") else []
    if isinstance(row.get("unit"), str):
        when = period_in_words(pd.Timestamp(row["period"]).date(), row["unit"], language)
        parts.append(when if parts else when[:1].upper() + when[1:])
    place = f"{(' ' if ko else ', ').join(parts)}: " if parts else ""
    told = topic_name(row["word"], row["theme"], row.get("tone"), label, language)
    said = f"‘{told}’" if ko else f"“{told}”"
    if isinstance(row.get("related"), str):
        said += f" ({', '.join(row['related'].split(', ')[:MOST_TOLD])})"
    if pd.isna(row["times"]):
        return place + (f"{said} 언급이 처음 나왔습니다" if ko else f"{said} is said for the first time")
    times = number(row["times"], language, 0 if row["times"] >= 10 else 1)
    return place + (
        f"{said} 언급이 평소의 {times}배입니다" if ko else f"{said} is said {times} times as often as usual"
    )


def _different(answer: Answer, metric: Metric, language: Language, label: Label, own: str, grain: str) -> str:
    frame = answer.frame
    column = _entity(answer)
    if "apart" not in frame or not (frame["apart"] != "").any():
        return ""
    real = frame[(frame["apart"] == "real") & frame[column].notna()]
    if real.empty:
        return NO_DIFFERENCE[language]
    overall = (frame["value"] * frame["n"]).sum() / frame["n"].sum()
    worst = real.loc[(real["value"] if metric.direction != "lower" else -real["value"]).idxmin()]
    below = (worst["value"] < overall) if metric.direction != "lower" else (worst["value"] > overall)
    if not below:
        worst = real.loc[(real["value"] - overall).abs().idxmax()]
    place = label(column, worst[column])
    low = worst["value"] < overall
    if language == "ko":
        return f"{josa(place, '이/가')} 나머지보다 뚜렷하게 {'낮습니다' if low else '높습니다'}"
    return f"{place} is clearly {'below' if low else 'above'} the rest"


def _weakest(answer: Answer, metric: Metric, language: Language, label: Label, own: str, grain: str) -> str:
    """The one step, or the two, that lie clearly on the bad side of every other."""
    frame = answer.frame[answer.frame["value"].notna()]
    if answer.question.chart.kind == "heatmap":
        return ""
    column = _entity(answer)
    higher = metric.direction != "lower"
    ordered = frame.sort_values("value", ascending=higher, kind="stable")
    for many in (1, 2):
        worst, others = ordered.iloc[:many], ordered.iloc[many:]
        # Two of three would be most of them.
        if len(others) < many:
            return ""
        if worst["high"].max() < others["value"].min() if higher else worst["low"].min() > others["value"].max():
            break
    else:
        return ""
    places = [label(column, value) for value in worst[column]]
    steps = column == "touchpoint"
    if language == "ko":
        named = josa(" ".join([*(josa(place, "과/와") for place in places[:-1]), places[-1]]), "이/가")
        return f"{named} 가장 약한 단계입니다" if steps else f"{named} 가장 낮습니다"
    named = f"{' and '.join(places)} {'is' if many == 1 else 'are'} the"
    return f"{named} weakest step{'s' * (many - 1)}" if steps else f"{named} lowest"


def _outliers(answer: Answer, metric: Metric, language: Language, label: Label, own: str, grain: str) -> str:
    """Units beyond the outer control limits of a funnel plot, the worst first; or that there is none."""
    frame, column = answer.frame, _entity(answer)
    if "limit_low_outer" not in frame or not (frame["verdict"] != "few").any():
        return ""
    outside = frame[frame["verdict"] == "real"]
    if outside.empty:
        return "우연이라 보기 어려운 곳이 없습니다" if language == "ko" else "None differs by more than chance"
    ordered = outside.sort_values("value", ascending=metric.direction != "lower", kind="stable")
    worst = ordered.iloc[0]
    place, low = label(column, worst[column]), worst["value"] < worst["limit_low_outer"]
    if language == "ko":
        return f"{josa(place, '이/가')} 뚜렷하게 {'낮습니다' if low else '높습니다'}"
    return f"{place} is clearly {'lower' if low else 'higher'}"


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
    # Where no rival has answers enough to be judged, nobody is ahead of anybody.
    if not behind.empty and len(behind) == len(ranked) - 1:
        return (
            f"{josa(label(column, own), '이/가')} 뚜렷하게 앞서 있습니다"
            if language == "ko"
            else "We are clearly ahead"
        )
    return ""


def _overtaken(frame: pd.DataFrame, language: Language, label: Label, own: str) -> str:
    """The rival whose line crossed ours: clearly below at the start, clearly above at the end."""
    lines: dict[Any, dict[Any, dict[str, Any]]] = {}
    for row in frame[["brand", "period", "value", "low", "n"]].to_dict("records"):
        lines.setdefault(row["brand"], {})[row["period"]] = row
    ours = lines.get(own, {})
    for brand, theirs in lines.items():
        shared = [period for period in ours if period in theirs]
        if brand == own or len(shared) < 4:
            continue
        third = max(len(shared) // 3, 1)
        first, last = shared[:third], shared[-third:]
        if min(sum(line[period]["n"] for period in part) for line in (ours, theirs) for part in (first, last)) < FEW:
            continue
        was_below = all(theirs[period]["value"] < ours[period]["value"] for period in first)
        apart = sum(theirs[period]["low"] > ours[period]["value"] for period in last)
        is_above = apart > len(last) / 2 and all(theirs[period]["value"] > ours[period]["value"] for period in last)
        if was_below and is_above:
            place = label("brand", brand)
            return f"{josa(place, '이/가')} 우리를 앞질렀습니다" if language == "ko" else f"{place} has overtaken us"
    return ""


PERIODS_AS_SUBJECT = {"day": "날이", "week": "주가", "month": "달이", "quarter": "분기가", "year": "해가"}


def _trend(answer: Answer, metric: Metric, language: Language, label: Label, own: str, grain: str) -> str:
    """The one period that lies clearly on the bad side of the others' middle, or that there is none."""
    frame = answer.frame
    if "segment" in frame and frame["segment"].notna().any():
        return ""
    frame = frame[frame["value"].notna() & (frame["n"] >= 30)]
    if len(frame) < 4:
        return ""
    higher = metric.direction != "lower"
    worst = frame.loc[frame["value"].idxmin() if higher else frame["value"].idxmax()]
    middle = frame["value"].median()
    apart = worst["high"] < middle if higher else worst["low"] > middle
    if not apart:
        if language == "ko":
            return f"나머지보다 뚜렷하게 {'낮은' if higher else '높은'} {PERIODS_AS_SUBJECT[grain]} 없습니다"
        return f"No {grain} is clearly {'lower' if higher else 'higher'} than the rest"
    when = period_label(pd.Timestamp(worst["period"]).date(), grain, language)
    reached = level(metric, worst["value"], language)
    if language == "ko":
        return f"{when}에 {josa(reached, '으로/로')} 가장 {'낮았습니다' if higher else '높았습니다'}"
    return f"{'Lowest' if higher else 'Highest'} {'on' if grain == 'day' else 'in'} {when} at {reached}"
