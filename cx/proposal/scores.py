"""Columns of answers: their scale, their codes for “no answer”, and the metric that each of them answers."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cx import intake
from cx.catalog import Metric
from cx.proposal.columns import Columns, Seen, says_metric
from cx.proposal.numerals import NEARLY_ALL
from cx.proposal.spelling import listing, without_accents
from cx.proposal.vocabulary import (
    AGREES,
    EFFORT,
    GRADES,
    METRIC_STEMS,
    NO_ANSWER,
    OF_A_HUNDRED,
    OVERALL,
    SATISFIED_WITH,
    TOOLS_OWN,
    YES_AND_NO,
)
from cx.quoting import literal

SCALES = ((1, 5), (1, 7), (0, 10), (1, 10))
"""Scales of survey answers, the narrowest first."""
BLANKS = frozenset((-1, 0, 6, 8, 9, 11, 77, 88, 97, 98, 99, 999))
"""Numbers that survey tools write where nothing was answered, wherever they lie outside the scale."""
VERSION = "wording_version"
"""The contract's column that tells apart how a question was asked."""
ANOTHER_SCALE = "a new scale is a new wording: no change is told across it"
"""Why a column tells the scale."""
ASKED_OF = re.compile(r"(?P<question>.+?)(?::\s+|\s*\[)(?P<thing>[^\[\]]+?)\]?")
"""How survey tools call the columns of a question about several things."""
BATTERY = 3
"""As many columns of one scale and of like names are ratings of as many touchpoints."""
ALIKE = 2
"""So are as many whose names ask for the same metric, none of them for the whole."""


HUNDRED = (0, 100)
"""Points of a hundred, which the name has to tell: numbers of that size may be anything."""
GRADED = (6, 1)
"""School grades, from the worst to the best."""
FEWEST_ON_A_SCALE = 20
"""From so many answers on a file tells its scale."""
FACES = (1, 4)
FEWER = (FACES, (1, 3))
"""Scales of fewer steps than the metrics have, such as faces to press: their numbers alone do not tell them."""
FEWEST_ON_FEWER, MANY = 100, 0.2
"""So many answers, and such a share of the highest, tell that nobody could have answered more."""


@dataclass(frozen=True)
class Long:
    """Score columns side by side that become a row each."""

    wide: Mapping[str, tuple[Seen, tuple[float, float] | None]]
    """By metric, the column that answers it and the metric's scale."""
    battery: Sequence[Seen]
    """Columns that each rate a touchpoint."""
    scale: tuple[int, int]
    metric: str
    """What the battery answers."""


def scale_of(one: Seen) -> tuple[int, int] | None:
    """The narrowest scale that holds most of a column's answers and all but codes for “no answer”."""
    if one.labelled:
        return (1, one.top)
    if not one.number or one.plain in TOOLS_OWN:
        return None
    if _of_a_hundred(one):
        return HUNDRED
    values = {int(float(value)): count for value, count in one.counts.items() if _whole(value)}
    answered = one.filled - sum(count for value, count in one.counts.items() if value.lower() in NO_ANSWER)
    if len(values) < 3 or sum(values.values()) < NEARLY_ALL * answered:
        return None
    for low, high in SCALES:
        inside = {value: count for value, count in values.items() if low <= value <= high}
        outside = values.keys() - inside.keys()
        reached = any(value >= high - 1 for value in inside)
        if reached and outside <= BLANKS and 2 * sum(inside.values()) >= sum(values.values()):
            return (low, high)
    return None


def _of_a_hundred(one: Seen) -> bool:
    """Whether a column says that its answers are points of a hundred, and they are beyond every shorter scale."""
    named = OF_A_HUNDRED.search(one.name) or any(says_metric(one.plain.split("_"), metric) for metric in METRIC_STEMS)
    low, high = (bound if bound is not None else -1 for bound in (one.low, one.high))
    # A few of them are codes for “no answer” on a shorter scale.
    beyond = sum(count for value, count in one.counts.items() if _numeric(value) and float(value) > SCALES[-1][1])
    most = not one.counts or 2 * beyond > one.filled
    return bool(named) and most and low >= HUNDRED[0] and HUNDRED[1] / 2 < high <= HUNDRED[1] and not one.share


def _whole(value: str) -> bool:
    return bool(re.fullmatch(r"-?\d{1,9}(\.0+)?", value))


def _numeric(value: str) -> bool:
    return bool(re.fullmatch(r"-?\d{1,9}(\.\d+)?", value))


def blanks_of(one: Seen, scale: tuple[float, float] | None) -> list[str]:
    """The values of a column that stand for “no answer”: what lies outside its scale, words among numbers."""
    if scale is None or one.labelled or one.share:
        return []
    low, high = scale
    return [value for value in one.counts if not (_numeric(value) and low <= float(value) <= high)]


def several_scales(one: Seen) -> bool:
    """Whether a column's scale is another one in other files."""
    return len({scale[1] for piece in one.pieces if (scale := scale_of(piece))}) > 1


def version_of(one: Seen) -> str:
    """SQL that tells on which scale a row was answered, empty where all files have the same one: what was brought from
    one scale to another is no trend."""
    pieces = one.pieces[: len(one.pieces) - len(one.rescaled)]
    tops = [scale[1] if (scale := steps_of(piece)) else 0 for piece in pieces]
    cases = [(f"filename = {literal(shown)}", there) for shown, there in one.rescaled]
    cases += [
        (f"{piece.sql} is not null", piece) for piece, top in zip(pieces[1:], tops[1:], strict=True) if top != tops[0]
    ]
    told = [(condition, scale[1]) for condition, piece in cases if (scale := steps_of(piece))]
    if not tops[0] or not told or not several_scales(one):
        return ""
    whens = " ".join(f"when {condition} then 'up to {top}'" for condition, top in told)
    return f"case {whens} else 'up to {tops[0]}' end"


def steps_of(one: Seen) -> tuple[int, int] | None:
    """The scale on which a column was answered: where nobody answered 0 of 0 to 10, that of 1 to 10."""
    own = scale_of(one)
    return (1, own[1]) if own and own[0] == 0 and own != HUNDRED and "0" not in one.counts else own


def fewer_steps(one: Seen) -> tuple[int, int] | None:
    """The scale of three or four steps on which a column was answered: of so many answers none is beyond them, and
    many are the highest."""
    numbers = {float(value): count for value, count in one.counts.items() if _numeric(value)}
    answered = {number: count for number, count in numbers.items() if number not in BLANKS}
    for low, high in FEWER:
        named = re.search(rf"(?<!\d){low}\s*(?:[-~∼–]|to)\s*{high}(?!\d)", one.name)
        enough = FEWEST_ON_A_SCALE if named else FEWEST_ON_FEWER
        many = sum(answered.values()) >= enough and answered.get(high, 0) >= MANY * sum(answered.values())
        if many and set(answered) == set(range(low, high + 1)):
            return (low, high)
    return None


def off_scale(one: Seen, scale: tuple[float, float] | None) -> tuple[int, int] | None:
    """The scale on which a column was answered where it is longer or shorter than the metric's: steps beyond it are
    answers, and no codes for “no answer”."""
    if scale and GRADES.search(one.plain) and one.whole and 1 <= (one.low or 0) <= (one.high or 0) <= GRADED[0]:
        return None if sorted(scale) == sorted(GRADED) else GRADED
    own = None if not scale or one.labelled or one.share or several_scales(one) else fewer_steps(one) or steps_of(one)
    if not scale or not own or own[1] == scale[1] or (own[1] < scale[1] and one.filled < FEWEST_ON_A_SCALE):
        return None
    return own


def is_text(one: Seen) -> bool:
    """Whether a column's answers are texts: what is no number among them is set aside with its value."""
    return all(each.kind == "VARCHAR" for each in (one, *one.others))


def brought(one: Seen, own: tuple[float, float], scale: tuple[float, float]) -> str:
    """A column's answers on a longer scale, brought to another one."""
    answer = score_sql(one, (min(own), max(own)))
    number = f"try_cast({answer} as double)" if is_text(one) else answer
    if own == FACES and scale == SCALES[0]:
        # Four steps have no middle: two of them are good and two are bad.
        steps = f"{number} + ({number} >= 3)::integer"
        return f"coalesce(({steps})::varchar, {answer})" if is_text(one) else steps
    above = f"({number} - {own[0]:g})" if own[0] else number
    steps = f"{scale[0]:g} + {scale[1] - scale[0]:g} * {above} / {own[1] - own[0]:g}"
    return f"coalesce(({steps})::varchar, {answer})" if is_text(one) else steps


def _on_scale(one: Seen, scale: tuple[float, float]) -> str:
    """A column's answers on a scale: those of a longer one brought to it, those of a shorter one none."""
    own = steps_of(one)
    if own and own[1] < scale[1]:
        return "null"
    return brought(one, own, scale) if own and own[1] > scale[1] else score_sql(one, scale)


def score_sql(one: Seen, scale: tuple[float, float] | None) -> str:
    """A column of answers without its codes for “no answer”; of texts, what is no number stays to be set aside."""
    if scale and several_scales(one):
        names = len(one.pieces) - len(one.rescaled)
        each = [text for piece in one.pieces[:names] if (text := _on_scale(piece, scale)) != "null"]
        either = each[0] if len(each) == 1 else f"coalesce({', '.join(each)})" if each else "null"
        cases = " ".join(
            f"when {literal(shown)} then {_on_scale(piece, scale)}"
            for (shown, _), piece in zip(one.rescaled, one.pieces[names:], strict=True)
        )
        return f"case filename {cases} else {either} end" if cases else either
    if scale and (own := off_scale(one, scale)):
        return brought(one, own, scale)
    if one.labelled:
        low, step = (scale[0], (scale[1] - 1) / (one.top - 1)) if scale and brought_in_words(one, scale) else (1, 1)
        said = {value.lower() for value in one.counts}
        labels = one.labels
        steps = {value: labels.get(value) for value in sorted(said) if value in labels or value in NO_ANSWER}
        cases = " ".join(
            f"when {literal(value)} then " + ("null" if label is None else f"'{low + step * (label - 1):g}'")
            for value, label in steps.items()
        )
        text = one.sql if is_text(one) else f"{one.sql}::varchar"
        return f"case lower({text}) {cases} else {text} end"
    if one.share:
        steps_in_percent = f"1 + 4 * try_cast({one.sql} as double)"
        return f"coalesce(({steps_in_percent})::varchar, {one.sql})" if is_text(one) else steps_in_percent
    answer = one.sql if is_text(one) else f"try_cast({one.sql} as double)"
    blanks = blanks_of(one, scale)
    if len(blanks) == 1:
        return f"nullif({answer}, {literal(blanks[0])})"
    return f"case when {answer} not in ({', '.join(map(literal, blanks))}) then {answer} end" if blanks else answer


def brought_in_words(one: Seen, scale: tuple[float, float]) -> bool:
    """Whether a column's steps in words are others than those of the metric's scale."""
    return scale[1] != one.top and (scale[1] > SCALES[0][1] or one.top > SCALES[0][1])


def in_quarters(one: Seen) -> bool:
    """Whether the parts of a whole are the five steps of a scale: 0, 25, 50, 75 and 100 %."""
    return bool(one.counts) and all(_numeric(value) and 4 * float(value) in range(5) for value in one.counts)


def about_answers(one: Seen, why: str, metric: str, scale: tuple[float, float] | None) -> str:
    """A guess with what stands for “no answer”, and with what else the metric's figure hangs on."""
    told = about_blanks(one, why, scale)
    if metric == "ces" and scale and EFFORT.search(one.plain) and not one.turned:
        turned = f"{scale[0] + scale[1]:g} - …"
        return f"{told}; the highest has to mean the least effort: write {turned} where it means the most"
    return told


def about_blanks(one: Seen, why: str, scale: tuple[float, float] | None) -> str:
    """A guess with what stands for “no answer”."""
    if scale and (own := off_scale(one, scale)):
        if own == FACES and scale == SCALES[0]:
            why = f"{why}; nobody answered 5, so 4 is taken for the best and 3 for good"
        return about_blanks(
            one,
            f"{why}; the answers of {own[0]} to {own[1]} brought to {scale[0]:g} to {scale[1]:g}",
            (min(own), max(own)),
        )
    if one.turned:
        why = f"{why}; by the words 1 is the best, so its steps are turned"
    if scale and several_scales(one):
        tops = sorted({own[1] for piece in one.pieces if (own := scale_of(piece))})
        short = [top for top in tops if top < scale[1]]
        none = f", those up to {' and '.join(map(str, short))} are none of it and left out" if short else ""
        return f"{why}; scales up to {' and '.join(map(str, tops))} brought to {scale[0]:g} to {scale[1]:g}{none}"
    if one.labelled and scale and brought_in_words(one, scale):
        many = "five" if one.top == SCALES[0][1] else "seven"
        return f"{why}; {many} steps in words brought to {scale[0]:g} to {scale[1]:g}"
    if one.labels is YES_AND_NO and one.labelled:
        return f"{why}; yes is a good answer, so that the share of them is the figure of a metric of two good steps"
    if one.share:
        return f"{why}; 0 to 100 % in five steps are 1 to 5"
    blanks = blanks_of(one, scale)
    return f"{why}; {listing(blanks)} {'means' if len(blanks) == 1 else 'mean'} no answer" if blanks else why


def battery_of(columns: Columns, *, beside: bool = False) -> list[Seen]:
    """Columns of the scale 1–5, or of longer ones for satisfaction, beside each other or of like names: ratings of
    touchpoints. So is one alone in words from good to bad, `beside` a question of its own."""
    rated = [
        one
        for one in columns.left()
        if (scale := scale_of(one))
        and (scale in (SCALES[0], HUNDRED) or says_metric(one.plain.split("_"), "csat"))
        and not one.personal
    ]
    groups: dict[str, list[Seen]] = {}
    for place, one in enumerate(columns.seen):
        if one in rated:
            start = re.match(r"[^\W\d_]+\d+", one.plain)
            groups.setdefault(start.group() if start else "", []).append(one)
            before = columns.seen[place - 1] if place else None
            run = groups.get("beside " + before.name, []) if before in rated and before else []
            run.append(one)
            groups["beside " + one.name] = run
    found = {one.name for group in groups.values() if len(group) >= BATTERY for one in group}
    for metric in METRIC_STEMS:
        asking = [one for one in rated if says_metric(one.plain.split("_"), metric)]
        found |= {one.name for one in asking if len(asking) >= ALIKE}
    if beside:
        found |= {
            one.name
            for one in rated
            if one.labelled
            and one.different >= BATTERY
            and one.filled >= FEWEST_ON_A_SCALE
            and not any(map(AGREES.search, one.counts))
        }
    return [one for one in rated if one.name in found]


def _asked(name: str) -> tuple[str, str]:
    """What a column's name asks and of what, two empty texts where it does not tell."""
    if found := ASKED_OF.fullmatch(name):
        return found["question"], found["thing"]
    # Of merged cells above the columns each has the question before its own name: “만족도 (1~5점) 배송”.
    words = name.split()
    plain = [without_accents(intake.column_name(word)) for word in words]
    last = max(
        (at for at, word in enumerate(plain) if any(says_metric([word], one) for one in METRIC_STEMS)), default=-1
    )
    while 0 <= last < len(words) - 1 and not plain[last + 1][:1].isalpha():
        last += 1
    question, thing = " ".join(words[: last + 1]), " ".join(words[last + 1 :])
    return (question, thing) if question and thing else ("", "")


def touchpoints(battery: Sequence[Seen], taken: Collection[str]) -> list[str]:
    """What the columns of a battery rate: of “How was …?: Delivery” or “How was …? [Delivery]” the delivery, where
    the same question stands before several of them; `taken` are the names that other columns have already."""
    parts = [_asked(one.name) for one in battery]
    asked = Counter(question for question, _ in parts)
    names = [
        without_accents(intake.column_name(thing)) if question and asked[question] >= BATTERY else one.plain
        for one, (question, thing) in zip(battery, parts, strict=True)
    ]
    for called in ([SATISFIED_WITH.sub("", name) for name in names], names):
        if all(called) and len(set(called)) == len(called) and not set(called) & set(taken):
            return called
    return [one.plain for one in battery]


def metric_columns(columns: Columns, metrics: Mapping[str, Metric]) -> dict[str, Seen]:
    """Columns of numbers whose names tell which metric they answer, by what exports call the metric."""
    found: dict[str, Seen] = {}
    for metric in metrics.values():
        named = {metric.name, metric.answers}
        free = [
            one
            for one in columns.left()
            if (one.number or (one.labelled and not _from_nought(metric)))
            and not one.share
            and one not in found.values()
        ]
        fitting = [
            one
            for one in free
            if (named & {one.plain, *one.plain.split("_")} and (one.filled < FEWEST_ON_A_SCALE or _holds(metric, one)))
            or (says_metric(one.plain.split("_"), metric.name) and _holds(metric, one))
        ]
        overall = any(OVERALL.search(one.plain) for one in fitting)
        beside = battery_of(columns) if len(fitting) >= ALIKE and not overall else []
        # Several things of which each is rated are touchpoints: the first of them is not the whole.
        if fitting and not all(one in beside for one in fitting):
            found[metric.answers] = next((one for one in fitting if OVERALL.search(one.plain)), fitting[0])
    return found


def _from_nought(metric: Metric) -> bool:
    """Whether a metric's scale begins with 0: five words are no steps of 0 to 10."""
    return metric.scale is not None and metric.scale[0] == 0


def _holds(metric: Metric, one: Seen) -> bool:
    """Whether a column's values may be answers to a metric: yes or no and steps up to its half are none, nor are
    numbers beyond it that are neither a longer scale nor codes."""
    if metric.scale is None or one.high is None:
        return True
    if several_scales(one):
        return any(_holds(metric, piece) for piece in one.pieces)
    low, high = metric.scale
    own = scale_of(one)
    if own and own[1] > high:
        return True
    if own and own[1] < high and one.filled >= FEWEST_ON_A_SCALE and _from_nought(metric):
        return False
    if not one.counts and one.high > high:
        return False
    numbers = {float(value): count for value, count in one.counts.items() if _numeric(value)}
    beyond = sum(count for number, count in numbers.items() if not low <= number <= high and number not in BLANKS)
    if beyond > (1 - NEARLY_ALL) * one.filled:
        return False
    return (not own or low <= own[0]) and one.high > high / 2


def metric_by_scale(one: Seen, metrics: Mapping[str, Metric]) -> str:
    """The metric with the narrowest scale that holds a column's values; the first one where none does."""
    own = scale_of(one)
    scale = SCALES[0] if one.share or own == HUNDRED else own or (one.low, one.high)
    low, high = (bound if bound is not None else 0 for bound in scale)
    fitting = [
        metric for metric in metrics.values() if metric.scale and metric.scale[0] <= low and high <= metric.scale[1]
    ]
    fitting.sort(key=lambda metric: metric.scale[1] - metric.scale[0] if metric.scale else 0)
    return next((metric.answers for metric in [*fitting, *metrics.values()]), "nps")


def stretched_metric(score: Seen, known: Mapping[str, Metric]) -> Metric | None:
    """The metric that a score's name tells and whose scale is shorter than the score's: 10 of 10 for a metric of 1–5.

    By its scale alone a satisfaction of 1 to 10 would be taken for a recommendation.
    """
    scale = scale_of(score)
    for metric in known.values():
        if metric.scale and scale and says_metric(score.plain.split("_"), metric.name):
            return metric if scale[1] > metric.scale[1] else None
    return None


def is_answer(one: Seen) -> bool:
    """Whether its values look like answers, whatever it is called."""
    if one.plain in TOOLS_OWN or one.personal:
        return False
    return scale_of(one) is not None or (one.whole and one.repeats and one.different > 2 and fits_a_scale(one))


def fits_a_scale(one: Seen) -> bool:
    """Whether its numbers could lie on a scale of answers."""
    return 0 <= (one.low or 0) <= (one.high or 0) <= 10
