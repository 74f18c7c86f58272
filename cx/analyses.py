"""Analyses: what the sums of a whole answer say together, on the way out of the engine.

A question asks for one by its header key `analysis`. Each function here takes the five sums of an answer's rows,
and where it needs them the answer's columns, and returns columns to add or the rows that were asked for: which
groups differ from the rest, what moved the total, what drives an outcome, which points are unusual, how units rank.
Nothing here knows a database or a screen.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from math import comb, sqrt
from string import ascii_uppercase
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.special import betainc, chdtrc, log_ndtr, ndtri, xlogy
from threadpoolctl import threadpool_limits

from cx.catalog import Metric
from cx.estimates import (
    FEW,
    LEVEL,
    Columns,
    Sums,
    Table,
    Z,
    bounds,
    by_kind,
    clear,
    difference,
    factors,
    means,
    moments,
    numbered,
    of_metrics,
    spread,
    taken,
    two_sided,
    verdicts,
    wilson,
)

# Hundreds of small matrices: handing each to a second core costs more than it saves, and disturbs the workers.
threadpool_limits(1, "blas")

OTHER = "(other)"
"""The row that holds what may not be shown, or is left over, so that parts still sum to the whole."""

OUTER_Z = float(ndtri(0.999))
"""Control limits of a funnel plot: three standard errors, 3.09 to be exact (Spiegelhalter 2005)."""

BASELINE = 24
"""Points before a point, at most, from which its natural limits come: old history must not judge today."""
SHORTEST_BASELINE = 8
XMR = 2.660
"""Natural limits are the mean ± 2.660 mean moving ranges (Wheeler)."""
RUN = 8
"""So many points in a row on one side of the middle are no chance, where they are clear of it together."""
ADDED = {"nps": 3, "share": 2, "mean": 0}
"""Answers that `spread` adds to those given; a line is drawn without them."""
EWMA_WEIGHT, EWMA_LIMIT = 0.25, 3.0

BOOTSTRAPS = 200
ORDERS = 400
"""Orders drawn where there are too many drivers for every subset."""
MOST_DRIVERS_BY_SUBSET = 14
"""Up to so many drivers Shapley shares are exact (every subset), which is quicker than drawing orders as well."""
MOST_DRIVERS_OFTEN = 10
"""Of more drivers fewer resamples are taken, since each of them takes longer."""
OUTCOME = "*"
"""How a question for drivers names the outcome among its items."""

NEEDS: Mapping[str, tuple[str, ...]] = {
    "rest": ("figure",),
    "unusual": ("figure",),
    "ranking": ("figure",),
    "bayesian_average": ("figure",),
    "contributions": ("figure", "figure_before"),
    "explanations": ("figure", "figure_before"),
    "drivers": ("figure",),
    "emerging": ("figure", "figure_before"),
    "effect": ("figure", "figure_baseline", "figure_rest", "figure_rest_baseline"),
    "impact": ("figure", "figure_rest", "figure_earlier", "figure_rest_earlier"),
}
"""The tallies that each analysis reads."""

MOST_TREND = 2.0
"""A theme that doubled, or halved, weighs so much more or less in a backlog, and one that grew tenfold no more."""

SHORT_LIST = 10
"""So many words are shown where fewer are new."""
OF_ONE_EVENT = 5
"""So many new topics of one brand and period are shown."""
CARRIERS = "carriers"
"""The column of the numbers of the texts behind each row, by lot, or of the smallest of them; it groups rows only."""
MOST_CARRIERS = 500
"""So many of a row's numbers are given; where there are fewer, they are all."""
ALL_LOTS = 2**64
"""Above every number of a text."""
SAME_TEXTS = 0.4
"""From this share of the fewer texts on, what rose in the same period is one topic …"""
BEYOND_CHANCE = 3.0
"""… where that is so many times what texts drawn by lot would share, or half the way from that to all of them."""
MOST_TEXTS = 0.5
"""From this share on it is one topic where the larger one is seldom spoken of at other times: whoever reads the one
has read the other, though of two loud events chance alone would share as much."""
MOST_RELATED = 5
"""So many words are told of a topic beside the strongest."""
EVERYWHERE = 1 / 4
"""What rose at the other brands by this part of its own rise is the season's."""
OF_ONE_SEASON = 2
"""So many topics of a season are shown, of all brands together."""
NEARLY = 0.8
"""A theme names a topic where it is behind nearly as many further texts as the word that is behind most."""
COMPLAINED = 50.0
"""A topic is a complaint where more than so many of a hundred texts are."""
SAYS_NOTHING = frozenset(
    "하다 되다 있다 없다 받다 주다 보다 가다 오다 같다 어떻다 그렇다 이렇다 너무 정말 진짜 "
    "안 못 다 더 또 좀 잘 왜 것 거 수 때 "
    "이후 이전 이번 이제 지금 요즘 오늘 어제 그냥 계속 자꾸 아직 "
    "다시 바로 매번 항상 맨날 아주 매우 완전 많이 제일 가장 때문 정도 경우".split()
)
"""Words that tell of nothing by themselves, nor two of them together."""
TURNOVER = 0.1
"""A mix can only shift among values that both periods have: app versions replace each other."""

SHIFT = 0.1
"""The smallest shift of a mix worth a word: Cohen's w of a small effect."""


# --- Groups against the rest ------------------------------------------------------------------------


def rest(sums: Table, of_row: Sequence[str], metrics: Mapping[str, Metric]) -> Columns:
    """`apart`: whether each row differs from all other rows together (BH-corrected within a metric)."""
    own, owners, count = taken(sums), *numbered([of_row])
    others = Sums(np.array([_total(column, owners, count)[owners] - column for column in own.block]))
    result = difference(own, others, of_row, metrics)
    few = (own["n"] < FEW) | (others["n"] < FEW)
    return {"apart_p": result.p, "apart": verdicts(result.p, few, result.margin)}


def letters(
    columns: Mapping[str, Any],
    sums: Table,
    of_row: Sequence[str],
    metrics: Mapping[str, Metric],
    row: str,
    column: str,
) -> Columns:
    """`letter` (of the row's column) and `above`: the letters of columns that the cell truly exceeds.

    The banner table of market research: within each table row every pair of columns is compared, and all
    pairs of the whole table are corrected together (Benjamini–Hochberg). Cells of fewer than 30 answers
    neither get nor give a letter.
    """
    heads = columns[column].tolist()
    named = {head: ascii_uppercase[place % 26] * (place // 26 + 1) for place, head in enumerate(dict.fromkeys(heads))}
    given = [named[head] for head in heads]
    above: list[list[str]] = [[] for _ in given]
    parts = _parts(*numbered([of_row, columns[row]]))
    pairs = [part[np.transpose(np.triu_indices(len(part), 1))] for part in parts]
    places = np.concatenate(pairs or [np.empty((0, 2), int)])
    if len(places):
        first, second = places.T
        left, right = taken(sums, first), taken(sums, second)
        found = difference(left, right, [of_row[place] for place in first], metrics)
        few = (left["n"] < FEW) | (right["n"] < FEW)
        judged = np.array(verdicts(found.p, few, found.margin))
        change = found.low + found.high
        for number in np.flatnonzero(judged == "real"):
            more, less = places[number] if change[number] > 0 else places[number, ::-1]
            above[more].append(given[less])
    return {"letter": given, "above": [" ".join(sorted(exceeded)) for exceeded in above]}


def _parts(codes: np.ndarray, count: int) -> list[np.ndarray]:
    """The places of each group's rows, groups in order."""
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes, minlength=count))[:-1]) if len(codes) else []


def _total(values: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """The sum of each group's values."""
    return np.bincount(group, values, count)


def emerging(columns: Mapping[str, Any], now: Table, before: Table) -> tuple[Columns, np.ndarray]:
    """`verdict`, `change_p` and `times` of shares that were picked for having changed most, and their order.

    Words are rare, so that the likelihood ratio of two binomials (Dunning 1993) tells more than a difference over its
    error: it orders them, and the exact binomial test judges them. They were chosen among all that `tested` counts, and
    are corrected among as many (Benjamini–Hochberg), themes among themes. With `carriers`, what rose in the same texts
    is one topic, only real ones are kept, and the correction is Bonferroni's, each row by its own `tested`: beside a
    loud event of a hundred words some false ones would stand as topics of their own. Without, words that are no more
    than noise fill up a short list.
    """
    said, base, said_before, base_before = (sums[name] for sums in (now, before) for name in ("wx", "w"))
    with np.errstate(divide="ignore", invalid="ignore"):
        rate, rate_before, both = said / base, said_before / base_before, (said + said_before) / (base + base_before)
        ratio = 2 * (
            _likelihood(said, base, rate)
            + _likelihood(said_before, base_before, rate_before)
            - _likelihood(said, base, both)
            - _likelihood(said_before, base_before, both)
        )
        times = ((said + 0.5) / (base + 1)) / ((said_before + 0.5) / (base_before + 1))
    strength = np.sqrt(np.maximum(np.nan_to_num(ratio), 0))
    grouped = CARRIERS in columns
    p = _exact(said, said + said_before, base / (base + base_before)) * (1 if grouped else 2)
    p = np.minimum(p, 1.0)
    real = np.zeros(len(p), bool)
    tested = np.nan_to_num(np.asarray(columns.get("tested", np.zeros(len(p))), float))
    words = [_words(columns, row) for row in range(len(p))]
    themed = np.array([not some for some in words], bool)
    telling = np.array([not some or not some <= SAYS_NOTHING for some in words], bool)
    # Themes are few and were named beforehand; they are not lost among the thousands of words that were not.
    for family in (themed, ~themed):
        if grouped:
            real[family] = p[family] * np.maximum(tested[family], family.sum()) <= 1 - LEVEL
        else:
            others = max(int(max([0.0, *tested[family].tolist()])) - int(family.sum()), 0)
            real[family] = clear(np.concatenate([p[family], np.ones(others)]), 1 - LEVEL)[: family.sum()]
    real &= telling
    verdict = np.where(real, "real", "noise").astype(object)
    times = np.where(said_before > 0, times, np.nan)
    added: Columns = {"verdict": verdict.tolist(), "change_p": p, "times": times}
    if grouped:
        topics = _topics(columns, strength, real, base, np.nan_to_num(rate_before))
        shown = _first_things_first(columns, topics, 100 * np.nan_to_num(rate - rate_before))
        related: list[str | None] = [None] * len(p)
        examples = list(columns.get("comment", [None] * len(p)))
        for topic in shown:
            clearest = topic.first
            topic.name(columns, said - base * np.nan_to_num(rate_before))
            related[topic.first] = ", ".join(topic.others(columns, said)) or None
            # A theme is also in texts of every day; what is new is in those of the clearest word.
            examples[topic.first] = examples[clearest]
        return added | {"related": related, "comment": examples}, np.array([topic.first for topic in shown], int)
    order = np.lexsort((-strength, ~real))
    return added, order[telling[order]][: max(int(real.sum()), SHORT_LIST)]


@dataclass
class _Topic:
    """Rows that rose in the same texts, the strongest first, and these texts."""

    rows: list[int]
    texts: "_Texts"

    @property
    def first(self) -> int:
        """The row that the topic is shown by."""
        return self.rows[0]

    def said_in(self, columns: Mapping[str, Any]) -> set[str]:
        """The single words and the themes that it was found by."""
        return {one for row in self.rows for one in (_words(columns, row) or {f"theme {columns['theme'][row]}"})}

    def name(self, columns: Mapping[str, Any], excess: np.ndarray) -> None:
        """Let the row stand first that is behind most of the texts; a theme, if nearly so many: its name says more."""
        period, brand = columns["period"][self.first], columns["brand"][self.first]
        own = [row for row in self.rows if (columns["period"][row], columns["brand"][row]) == (period, brand)]
        most = max(own, key=lambda row: excess[row] * (NEARLY if _words(columns, row) else 1))
        self.rows.remove(most)
        self.rows.insert(0, most)

    def others(self, columns: Mapping[str, Any], said: np.ndarray) -> list[str]:
        """The words that are not in the strongest row or in each other, those said most first."""
        told = {str(columns["word"][self.first])}
        found: list[str] = []
        # Of equally frequent ones the longer says more.
        for row in sorted(self.rows[1:], key=lambda row: (-said[row], -len(_words(columns, row)))):
            words = _words(columns, row)
            if words and not any(words & _split(other) for other in told):
                told.add(str(columns["word"][row]))
                found.append(str(columns["word"][row]))
        return found[:MOST_RELATED]


@dataclass(frozen=True)
class _Texts:
    """Those of some texts whose number by lot is below a bound: all, or a fair part of them."""

    lots: frozenset[int]
    below: int

    @classmethod
    def of(cls, carriers: Sequence[int] | None) -> "_Texts":
        """The texts of a row."""
        lots = frozenset(() if carriers is None else map(int, carriers))
        return cls(lots, ALL_LOTS if len(lots) < MOST_CARRIERS else max(lots) + 1)

    def up_to(self, bound: int) -> "_Texts":
        """Those below another bound."""
        return self if bound >= self.below else _Texts(frozenset(lot for lot in self.lots if lot < bound), bound)

    def with_all(self, other: "_Texts") -> "_Texts":
        """These and the others."""
        bound = min(self.below, other.below)
        return _Texts(self.up_to(bound).lots | other.up_to(bound).lots, bound)

    def are(self, other: "_Texts", base: float, usual: float) -> bool:
        """Whether they have far more in common with others than chance gives, both drawn from `base` texts.

        `usual` is the share of all texts that the more frequent one has at other times.
        """
        bound = min(self.below, other.below)
        one, two = self.up_to(bound).lots, other.up_to(bound).lots
        fewer, drawn = min(len(one), len(two)), base * bound / ALL_LOTS
        if not fewer or not drawn:
            return False
        shared, by_chance = len(one & two) / fewer, max(len(one), len(two)) / drawn
        if shared > MOST_TEXTS and shared > BEYOND_CHANCE * usual:
            return True
        return shared >= SAME_TEXTS and shared > min(BEYOND_CHANCE * by_chance, (1 + by_chance) / 2)


def _split(word: str) -> set[str]:
    return set(word.split(" "))


def _words(columns: Mapping[str, Any], row: int) -> set[str]:
    """The words of a row; none where it is a theme."""
    word = columns["word"][row] if "word" in columns else str(row)
    return set() if pd.isna(word) else _split(str(word))


def _topics(
    columns: Mapping[str, Any], strength: np.ndarray, real: np.ndarray, base: np.ndarray, usual: np.ndarray
) -> list[_Topic]:
    """The real rows, each with the stronger ones of its brand and time whose texts it shares."""
    topics: dict[Any, list[_Topic]] = {}
    lengths = [len(_words(columns, row)) for row in range(len(strength))]
    for row in np.lexsort((-np.array(lengths, int), -strength)).tolist():
        if real[row]:
            alone = _Topic([row], _Texts.of(columns[CARRIERS][row]))
            _join(columns, base, usual, topics.setdefault(columns["brand"][row], []), alone)
    for brand, found in topics.items():
        # What a weaker row brought in may hold the texts of a topic that stood alone.
        again: list[_Topic] = []
        for topic in found:
            _join(columns, base, usual, again, topic)
        topics[brand] = again
    return [topic for some in topics.values() for topic in some]


def _join(columns: Mapping[str, Any], base: np.ndarray, usual: np.ndarray, known: list[_Topic], topic: _Topic) -> None:
    """Add a topic to the first of those known whose texts it shares, or to them as another one."""
    for other in known:
        # Of a week and its month, the month's texts are those that both were drawn from.
        drawn_from = max(float(base[other.first]), float(base[topic.first]))
        at_other_times = max(float(usual[other.first]), float(usual[topic.first]))
        if _at_once(columns, other.first, topic.first) and other.texts.are(topic.texts, drawn_from, at_other_times):
            other.rows += topic.rows
            other.texts = other.texts.with_all(topic.texts)
            return
    known.append(topic)


def _at_once(columns: Mapping[str, Any], one: int, other: int) -> bool:
    """Whether the periods of two rows have a day in common: a week lies in its month."""
    first, last = columns["first_day"], columns["last_day"]
    return bool(first[one] <= last[other] and first[other] <= last[one])


def _first_things_first(columns: Mapping[str, Any], topics: Sequence[_Topic], rise: np.ndarray) -> list[_Topic]:
    """Topics in their order: complaints about one brand, then about several, then what else rose, the season's last.

    Of topics alike the strongest of each brand and period comes first, then the second of each, up to a few: one loud
    event does not hide another. What rose at several brands at once in the same words is one topic: it is told of the
    brand where it rose most clearly, and of each period's season there are few.
    """
    turns: list[tuple[int, int, int, _Topic]] = []
    events: dict[tuple[Any, ...], int] = {}
    seasons: list[_Topic] = []
    for place, topic in enumerate(sorted(topics, key=lambda one: -_of(columns, "strength", one.first))):
        row = topic.first
        complaint = _of(columns, "complaining", row) > COMPLAINED
        excess = _of(columns, "elsewhere", row) - _of(columns, "elsewhere_before", row)
        season = bool(excess >= EVERYWHERE * rise[row])
        if season:
            told = topic.said_in(columns)
            same = next(
                (one for one in seasons if _at_once(columns, one.first, row) and told & one.said_in(columns)), None
            )
            if same:
                same.rows += topic.rows
                continue
            seasons.append(topic)
        event = (columns["period"][row],) if season else (columns["brand"][row], columns["period"][row])
        turn = events[event] = events.get(event, 0) + 1
        if turn <= (OF_ONE_SEASON if season else OF_ONE_EVENT):
            turns.append((2 * (not complaint) + season, turn, place, topic))
    return [topic for *_, topic in sorted(turns, key=lambda one: one[:3])]


def _of(columns: Mapping[str, Any], name: str, row: int) -> float:
    """A number of a row; zero where it is not told."""
    value = columns[name][row] if name in columns else None
    return 0.0 if value is None or pd.isna(value) else float(value)


def _exact(said: np.ndarray, total: np.ndarray, share: np.ndarray) -> np.ndarray:
    """How likely chance gives so many of a total to this share of the texts, or more; or fewer where they are few.

    The binomial test that conditions on the total: of rare words the normal curve would promise too much.
    """
    with np.errstate(invalid="ignore"):
        more = np.where(said > 0, betainc(np.maximum(said, 1e-9), total - said + 1, share), 1.0)
        fewer = np.where(said < total, 1 - betainc(said + 1, np.maximum(total - said, 1e-9), share), 1.0)
    found: np.ndarray = np.where(said >= total * share, more, fewer)
    found[np.isnan(found)] = 1.0
    return found


def _likelihood(said: np.ndarray, base: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """The log-likelihood of so many among a base, without the part that two rates share."""
    return np.asarray(xlogy(said, rate) + xlogy(base - said, 1 - rate))


# --- What moved the total ---------------------------------------------------------------------------


def parts_of_change(now: Table, before: Table) -> tuple[Columns, float, float]:
    """Kitagawa's exact split of a change of a mean into rate and mix per row (1955), in units of x.

    Returns columns `rate` and `mix`, whose grand total is after − before, and both totals. A row present
    in one period only takes that period's rate for the other, so that it counts as mix alone.
    """
    one = np.zeros(len(now["w"]), int)
    rate, mix, start, end = _rate_and_mix(now, before, one, 1)
    return {"rate": rate, "mix": mix}, float(start[0]), float(end[0])


def _rate_and_mix(
    now: Table, before: Table, group: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The parts of each row's change within its group, and each group's totals before and now."""
    w0, x0, w1, x1 = (
        np.nan_to_num(np.asarray(sums[name], float), nan=0.0) for sums in (before, now) for name in ("w", "wx")
    )
    all0, all1 = _total(w0, group, count), _total(w1, group, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        r0, r1 = x0 / w0, x1 / w1
        r0, r1 = np.where(w0 > 0, r0, r1), np.where(w1 > 0, r1, r0)
        r0, r1 = np.nan_to_num(r0), np.nan_to_num(r1)
        share0, share1 = w0 / all0[group], w1 / all1[group]
        total0, total1 = _total(x0, group, count) / all0, _total(x1, group, count) / all1
        rate = (share0 + share1) / 2 * (r1 - r0)
        mix = (share1 - share0) * ((r0 + r1) / 2 - ((total0 + total1) / 2)[group])
    empty = (all0 == 0) | (all1 == 0)
    total0[empty], total1[empty] = np.nan, np.nan
    rate[empty[group]], mix[empty[group]] = np.nan, np.nan
    return rate, mix, total0, total1


def contributions(
    columns: Mapping[str, Any],
    now: Table,
    before: Table,
    of_row: Sequence[str],
    metrics: Mapping[str, Metric],
) -> tuple[Columns, dict[str, float]]:
    """`rate`, `mix`, `share` and `share_before` per row of one metric.

    Beside them `start` and `end` of the total, and what `explanations` says of a dimension: `rate`, `mix`,
    `p_rate`, `p_mix`, `shift`, `turnover`, `spread`. A question that was reworded in between is not taken apart.
    """
    names = list(dict.fromkeys(of_row))
    if len(names) != 1 or names[0] not in metrics or "reworded" in list(columns.get("verdict", ())):
        return {name: np.full(len(of_row), np.nan) for name in ("rate", "mix", "share", "share_before")}, {}
    metric, one = metrics[names[0]], np.zeros(len(of_row), int)
    now, before = taken(now), taken(before)
    rate, mix, start, end = _rate_and_mix(now, before, one, 1)
    added: Columns = {"rate": rate * metric.factor, "mix": mix * metric.factor}
    for column, sums in (("share", now), ("share_before", before)):
        weights = sums["w"]
        added[column] = 100 * weights / weights.sum() if weights.sum() else np.full(len(weights), np.nan)
    found = _explained(now, before, one, [metric])
    facts = {name: float(found[name][0]) for name in ("rate", "mix", "p_rate", "p_mix", "shift", "turnover", "spread")}
    return added, {"start": float(start[0]) * metric.factor, "end": float(end[0]) * metric.factor, **facts}


def explanations(
    columns: Mapping[str, Any],
    now: Table,
    before: Table,
    of_row: Sequence[str],
    metrics: Mapping[str, Metric],
) -> Columns:
    """One row per metric and dimension: does it explain how the metric's total moved?

    Every exact split sums to the change, so sums of parts prove nothing. A dimension explains by *rate*
    where its values changed more differently than sampling gives (Cochran's Q against its degrees of
    freedom), by *mix* where the shares of its values shifted (χ², Cohen's w of at least 0.1) and moved the
    total beyond sampling. All dimensions of all metrics are one family, corrected together. Columns:
    metric, dimension, n, change, rate (the change had the mix stayed), mix, values (how many), spread (the
    standard deviation of the values' changes that sampling leaves over), shift (Cohen's w), turnover, p_rate, p_mix,
    explains (`rate`, `mix`, `both` or nothing) and `strength`, by which to rank.
    """
    dimension = np.asarray(columns["dimension"], object)
    group, count = numbered([of_row, dimension])
    left_out = pd.isna(dimension) | np.array([name not in metrics for name in of_row], bool)
    if "verdict" in columns:
        left_out |= np.asarray(columns["verdict"], object) == "reworded"
    rows = np.flatnonzero(np.bincount(group, left_out, count)[group] == 0)
    wanted = ["metric", "dimension", "n", "change", "rate", "mix", "values", "spread", "shift", "turnover"]
    wanted += ["p_rate", "p_mix", "explains", "strength"]
    if not len(rows):
        return {name: np.zeros(0, object) for name in wanted}
    _, first, group = np.unique(group[rows], return_index=True, return_inverse=True)
    first = rows[first]
    names = [of_row[place] for place in first]
    found = _explained(taken(now, rows), taken(before, rows), group, [metrics[name] for name in names])
    p = np.stack([found["p_rate"], found["p_mix"]], axis=1)
    real = np.zeros(p.shape, bool)
    tested = ~np.isnan(p)
    real[tested] = clear(p[tested], 1 - LEVEL)
    by_rate, by_mix = real.T
    by_mix &= (found["shift"] >= SHIFT) & (found["turnover"] <= TURNOVER)
    explains = np.select([by_rate & by_mix, by_rate, by_mix], ["both", "rate", "mix"], "")
    by_name = np.unique(np.array(names), return_inverse=True)[1]
    order = np.lexsort((-found["strength"], by_name))
    texts = {"metric": np.array(names, object), "dimension": dimension[first], "explains": explains.astype(object)}
    whole = texts | found
    return {name: whole[name][order].tolist() if name in texts else whole[name][order] for name in wanted}


def _explained(now: Sums, before: Sums, group: np.ndarray, metrics: Sequence[Metric]) -> dict[str, np.ndarray]:
    """The figures of each group (one metric and dimension), without the verdict that all dimensions get together."""
    count, factor = len(metrics), np.array([metric.factor for metric in metrics], float)
    rate, mix, start, end = _rate_and_mix(now, before, group, count)
    change, variance = np.full((2, len(group)), np.nan)
    both = (now["w"] > 0) & (before["w"] > 0)
    for kind in dict.fromkeys(metric.interval for metric in metrics):
        chosen = np.array([metric.interval == kind for metric in metrics])
        rows = np.flatnonzero(both & chosen[group])
        first, error = _steady(taken(now, rows), kind, group[rows])
        second, error_before = _steady(taken(before, rows), kind, group[rows])
        change[rows], variance[rows] = first - second, error**2 + error_before**2
    usable = np.isfinite(change) & np.isfinite(variance) & (variance > 0)
    heterogeneity, freedom, deviation = _heterogeneity(change[usable], variance[usable], group[usable], count)
    shift, p_mix, log_mix = _mix(now, before, group, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_rate = np.where(freedom > 0, np.log(chdtrc(np.maximum(freedom, 1), heterogeneity)), np.nan)
    return {
        "n": _total(now["n"], group, count).astype("int64"),
        "change": (end - start) * factor,
        "rate": _total(np.nan_to_num(rate), group, count) * factor,
        "mix": _total(np.nan_to_num(mix), group, count) * factor,
        "values": np.bincount(group, now["w"] > 0, count).astype("int64"),
        "spread": deviation * factor,
        "shift": shift,
        "turnover": _turnover(now, before, group, count),
        "p_rate": np.exp(log_rate),
        "p_mix": p_mix,
        "strength": -np.minimum(np.fmin(log_rate, log_mix), 0.0),
    }


def _steady(sums: Sums, kind: str, group: np.ndarray, *, so_far: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Value and standard error of rows that are tested together with those of their group.

    Few answers that happen to be alike would give a mean an error near nothing and so a weight beyond measure:
    each row's own variance is averaged with the group's common one, which counts as 30 answers (`so_far`: that of
    the group's rows up to it; groups then follow each other).
    """
    value, error = spread(sums, kind)
    if kind != "mean" or not len(group):
        return value, error
    _, variance, n = moments(sums)
    known = n > 1
    squares, freedom = np.where(known, variance * n, 0.0), np.where(known, n - 1, 0.0)
    if so_far:
        begins = np.r_[True, np.diff(group) != 0]
        before = np.maximum.accumulate(np.where(begins, np.arange(len(group)), 0))
        all_squares, all_freedom = (np.cumsum(part) - (np.cumsum(part) - part)[before] for part in (squares, freedom))
    else:
        all_squares, all_freedom = (_total(part, group, int(group.max()) + 1)[group] for part in (squares, freedom))
    with np.errstate(divide="ignore", invalid="ignore"):
        common = all_squares / all_freedom
        return value, np.where(known, np.sqrt((squares + FEW * common) / (freedom + FEW) / n), np.nan)


def _heterogeneity(
    change: np.ndarray, variance: np.ndarray, group: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each group's Cochran's Q of changes, degrees of freedom, and standard deviation that noise leaves over."""
    weight = 1 / variance
    all_weights = _total(weight, group, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = _total(weight * change, group, count) / all_weights
        q = _total(weight * (change - middle[group]) ** 2, group, count)
        freedom = np.maximum(np.bincount(group, minlength=count) - 1, 0)
        scale = all_weights - _total(weight**2, group, count) / all_weights
        left = np.sqrt(np.maximum(0.0, (q - freedom) / scale))
    some = freedom > 0
    return np.where(some, q, 0.0), freedom, np.where(some, left, 0.0)


def _mix(now: Sums, before: Sums, group: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each group's Cohen's w of the shift of shares, p and log p that it moved the total by chance alone."""

    def total(values: np.ndarray) -> np.ndarray:
        return _total(values, group, count)

    w1, w0, x1, x0 = now["w"], before["w"], now["wx"], before["wx"]
    n1, n0 = _effective(now, group, count), _effective(before, group, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        share1, share0 = w1 / total(w1)[group], w0 / total(w0)[group]
        expected = (share1 * n1[group] + share0 * n0[group]) / (n1 + n0)[group]
        some = expected > 0
        chi2 = sum(
            total(np.where(some, ((share - expected) * n[group]) ** 2 / (n[group] * expected), 0.0))
            for share, n in ((share1, n1), (share0, n0))
        )
        shift = np.sqrt(total(np.where(some, (share1 - share0) ** 2 / expected, 0.0)))
        values = total(some.astype(float))
        log_shares = np.where(values > 1, np.log(chdtrc(np.maximum(values - 1, 1), chi2)), 0.0)
        e1 = (_variance(now, group, count)[group] * now["w2"]) / w1**2
        e0 = (_variance(before, group, count)[group] * before["w2"]) / w0**2
        r1, r0 = x1 / w1, x0 / w0
        level = np.nan_to_num((np.where(w1 > 0, r1, r0) + np.where(w0 > 0, r0, r1)) / 2)
        # A level is the mean of two periods' answers; where only one has some, it is that one's.
        unsure = np.nan_to_num(np.where((w1 > 0) & (w0 > 0), (e1 + e0) / 4, np.where(w1 > 0, e1, e0)))
        variance = total(expected * level**2) - total(expected * level) ** 2
        # Both the shares and the levels are known from samples: equal levels, however the mix shifts, move nothing.
        error = np.sqrt(np.maximum(variance, 0) * (1 / n1 + 1 / n0) + total((share1 - share0) ** 2 * unsure))
        moved = total((share1 - share0) * level)
        log_moved = np.where(error > 0, np.log(2) + log_ndtr(-np.abs(moved) / error), 0.0)
    # Both must hold: the shares shifted, and the shift moved the total.
    log_p = np.maximum(log_shares, np.minimum(log_moved, 0.0))
    known = (np.bincount(group, minlength=count) > 1) & (n1 > 0) & (n0 > 0)
    return np.where(known, shift, 0.0), np.where(known, np.exp(log_p), np.nan), np.where(known, log_p, 0.0)


def turnover(now: Table, before: Table) -> float:
    """The larger share, of either period, of answers with a value that the other period does not have."""
    now, before = taken(now), taken(before)
    return float(_turnover(now, before, np.zeros(len(now["w"]), int), 1)[0])


def _turnover(now: Sums, before: Sums, group: np.ndarray, count: int) -> np.ndarray:
    w1, w0 = now["w"], before["w"]
    all1, all0 = _total(w1, group, count), _total(w0, group, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        new, gone = (_total(w * (other == 0), group, count) for w, other in ((w1, w0), (w0, w1)))
        return np.where((all1 > 0) & (all0 > 0), np.maximum(new / all1, gone / all0), 1.0)


def _variance(sums: Sums, group: np.ndarray, count: int) -> np.ndarray:
    """Variance of one answer among all rows of each group together."""
    w, wx, wx2 = (_total(sums[name], group, count) for name in ("w", "wx", "wx2"))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(w > 0, np.maximum(wx2 / w - (wx / w) ** 2, 0.0), 0.0)


def _effective(sums: Sums, group: np.ndarray, count: int) -> np.ndarray:
    """Effective number of answers of all rows of each group together (Kish)."""
    w, w2 = _total(sums["w"], group, count), _total(sums["w2"], group, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(w2 > 0, w**2 / w2, 0.0)


# --- Unusual points ---------------------------------------------------------------------------------


def unusual(columns: Mapping[str, Any], sums: Table, of_row: Sequence[str], metrics: Mapping[str, Metric]) -> Columns:
    """`unusual` (outside, run, drift or nothing) with `unusual_low` and `unusual_high`, the natural limits.

    Every line (one per combination of the other columns) is judged by itself, in the order of `period`.
    Points have unequal n, so the chart of individuals and moving ranges (XmR, Wheeler) is drawn on
    z = (value − middle)/standard error; its limits come from the 8 to 24 points before, or a slowly
    drifting line with many answers would flag every third week. Slow drift is left to an exponentially
    weighted moving average (NIST handbook), eight in a row on one side to the run rule.
    """
    count = len(of_row)
    kinds = np.full(count, "", object)
    low, high = np.full((2, count), np.nan)
    if "period" in columns and count:
        keys = [
            values
            for name, values in columns.items()
            if name not in ("metric", "apart", "unusual")
            and not name.endswith("verdict")
            and pd.api.types.infer_dtype(values, skipna=True) == "string"
        ]
        line, _ = numbered([of_row, *keys])
        periods = pd.factorize(columns["period"], sort=True)[0]
        order = np.lexsort((np.where(periods < 0, count, periods), line))
        some = taken(sums)["n"] >= 2
        order = order[some[order]]
        line = line[order]
        if "cut" in columns:
            # A reworded question begins a new line: the old one says nothing about it.
            line = np.cumsum(np.r_[False, np.diff(line) != 0] | np.asarray(columns["cut"], bool)[order])
        own = taken(sums, order)
        value, error = np.full((2, len(order)), np.nan)
        for kind, rows in by_kind([of_row[place] for place in order], metrics, np.ones(len(order), bool)):
            value[rows], error[rows] = _points(taken(own, rows), kind, line[rows])
        judged, below, above = signals(value, error, line)
        kinds[order], low[order], high[order] = judged, below, above
    factor, (floor, ceiling) = factors(of_row, metrics), bounds(of_row, metrics)
    return {
        "unusual": kinds.tolist(),
        "unusual_low": np.clip(low * factor, floor, ceiling),
        "unusual_high": np.clip(high * factor, floor, ceiling),
    }


def _points(sums: Sums, kind: str, line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The values of lines as they are drawn, with standard errors that even a share of 100 % has."""
    value, _, n = moments(sums)
    error = _steady(sums, kind, line, so_far=True)[1]
    return value, error * np.sqrt((n + ADDED[kind]) / n)


def signals(
    value: np.ndarray, error: np.ndarray, line: np.ndarray | None = None
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """What is unusual in series of values with their standard errors, and the natural limits of each.

    `line` numbers the series that follow each other; without it all values are one.
    """
    count = len(value)
    kinds, low, high = [""] * count, np.full(count, np.nan), np.full(count, np.nan)
    line = np.zeros(count, int) if line is None else line
    known = (error > 0) & np.isfinite(value)
    places = np.flatnonzero(known)
    begins = np.searchsorted(line, line)
    first = np.searchsorted(places, np.maximum(begins, np.arange(count) - BASELINE))
    many = np.searchsorted(places, np.arange(count)) - first
    judged = np.flatnonzero((many >= SHORTEST_BASELINE) & (error > 0))
    if not len(judged):
        return kinds, low, high
    # One row per judged point: its baseline, that is, the known ones among the points before it.
    window = first[judged, None] + np.arange(BASELINE)
    there = np.arange(BASELINE) < many[judged, None]
    window = places[np.minimum(window, len(places) - 1)]
    weight = np.where(there, 1 / error[window] ** 2, 0.0)
    all_weights = weight.sum(axis=1)
    middle = (weight * value[window]).sum(axis=1) / all_weights
    z = (value[window] - middle[:, None]) / error[window]
    steps = np.where(there[:, 1:], np.abs(np.diff(z, axis=1)), 0.0).sum(axis=1) / (many[judged] - 1)
    # Sampling alone gives moving ranges of 2/√π on average; a lucky calm baseline must not narrow the limits.
    ranges = np.maximum(steps, 2 / sqrt(np.pi))
    reach = XMR * ranges * error[judged]
    low[judged], high[judged] = middle - reach, middle + reach
    away = (value[judged] - middle) / error[judged]
    deviation = ranges / (2 / sqrt(np.pi))
    # The middle comes from a short baseline and wobbles too: its own variance widens what may drift.
    wobble = np.sqrt(EWMA_WEIGHT / (2 - EWMA_WEIGHT) + (1 / error[judged] ** 2) / all_weights)
    outside = np.abs(value[judged] - middle) > reach
    drifts, runs = EWMA_LIMIT * wobble * deviation, Z * sqrt(RUN) * deviation
    side, level, run, current = 0, 0.0, [0.0], -1
    for number, (place, here) in enumerate(zip(judged.tolist(), away.tolist(), strict=True)):
        if line[place] != current:
            side, level, run, current = 0, 0.0, [0.0], line[place]
        rounded = round(here, 9)
        now = (rounded > 0) - (rounded < 0)
        run = [*run, here] if now == side else [here]
        level = (1 - EWMA_WEIGHT) * level + EWMA_WEIGHT * here
        side = now
        if outside[number]:
            kinds[place] = "outside"
        elif len(run) >= RUN and abs(sum(run[-RUN:])) > runs[number]:
            kinds[place] = "run"
        elif abs(level) > drifts[number]:
            kinds[place] = "drift"
    return kinds, low, high


# --- Many units -------------------------------------------------------------------------------------


def ranking(sums: Table, of_row: Sequence[str], metrics: Mapping[str, Metric]) -> Columns:
    """Judge rows that invite ranking: funnel limits, shrunken value and the interval of each rank.

    Returns `limit_low`, `limit_high` (1.96 standard errors around the overall value at the row's own number of
    answers), `limit_low_outer`, `limit_high_outer` (3.09), `verdict` (`real` beyond the outer limits;
    Spiegelhalter 2005), `shrunken` (empirical Bayes: pulled to the overall value by as much as chance
    explains), and `rank`, `rank_low`, `rank_high` (95 %, 1 is best).
    """
    names = ("limit_low", "limit_high", "limit_low_outer", "limit_high_outer", "shrunken")
    added: Columns = {name: np.full(len(of_row), np.nan) for name in (*names, "rank", "rank_low", "rank_high")}
    verdict = np.full(len(of_row), "", object)
    for metric, rows in _of_each(sums, of_row, metrics):
        found, verdict[rows] = _ranked(taken(sums, rows), metric)
        for name, values in found.items():
            added[name][rows] = values
    return added | {"verdict": verdict.tolist()}


def _of_each(sums: Table, of_row: Sequence[str], metrics: Mapping[str, Metric]) -> Iterator[tuple[Metric, np.ndarray]]:
    """Each metric with the places of its rows that hold answers."""
    some, owners = taken(sums)["n"] > 0, np.asarray(of_row, object)
    for name in dict.fromkeys(of_row):
        rows = np.flatnonzero((owners == name) & some)
        if name in metrics and len(rows):
            yield metrics[name], rows


def _ranked(sums: Sums, metric: Metric) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The columns of one metric's units, and their verdicts."""
    ends = metric.range or (-np.inf, np.inf)
    value, _, n = moments(sums)
    (middle,), (variance,), _ = moments(Sums(sums.block.sum(axis=1, keepdims=True)))
    error = np.sqrt(variance / n)
    found = {}
    for suffix, reach in (("", Z), ("_outer", OUTER_Z)):
        found[f"limit_low{suffix}"] = np.clip((middle - reach * error) * metric.factor, *ends)
        found[f"limit_high{suffix}"] = np.clip((middle + reach * error) * metric.factor, *ends)
    outside = np.abs(value - middle) > OUTER_Z * error
    verdict = np.where(sums["n"] < FEW, "few", np.where(outside, "real", "noise"))
    between = _heterogeneity(value, error**2, np.zeros(len(n), int), 1)[2][0] if variance > 0 else 0.0
    kept = between**2 / (between**2 + error**2) if between else np.zeros(len(value))
    shrunken = middle + kept * (value - middle)
    found["shrunken"] = shrunken * metric.factor
    best_first = -1 if metric.direction != "lower" else 1
    ranked = best_first * (shrunken if between else value)
    found["rank"] = np.where(np.isnan(ranked), np.nan, np.searchsorted(np.sort(ranked), ranked) + 1.0)
    found["rank_low"], found["rank_high"] = _rank_interval(shrunken, np.sqrt(kept) * error, best_first)
    return found, verdict


def _rank_interval(value: np.ndarray, error: np.ndarray, best_first: int) -> tuple[np.ndarray, np.ndarray]:
    """The 95 % interval of each rank, from drawing all units' true values a thousand times."""
    if not error.any():
        return np.ones(len(value)), np.full(len(value), float(len(value)))
    drawn = np.random.default_rng(1).normal(value, error, size=(1000, len(value)))
    draws, units = drawn.shape
    # Drawn values are never alike, so that places in order are ranks; the draws of one unit then lie side by side.
    order = np.argsort(best_first * drawn, axis=1) + units * np.arange(draws)[:, None]
    ranks = np.empty(draws * units, np.int32)
    ranks[order.ravel()] = np.tile(np.arange(1, units + 1, dtype=np.int32), draws)
    ranks = np.ascontiguousarray(ranks.reshape(draws, units).T)
    low, high = np.quantile(ranks, [(1 - LEVEL) / 2, 1 - (1 - LEVEL) / 2], axis=1)
    missing = np.where(np.isnan(value), np.nan, 0.0)
    return np.floor(low) + missing, np.ceil(high) + missing


def bayesian_average(sums: Table, of_row: Sequence[str], metrics: Mapping[str, Metric]) -> Columns:
    """`adjusted`: (v/(v+m))·R + (m/(v+m))·C, so that three perfect votes do not top a ranking.

    v and R are the row's number of answers and mean, C the mean of all rows' answers, m the median v.
    """
    adjusted = np.full(len(of_row), np.nan)
    for metric, rows in _of_each(sums, of_row, metrics):
        mine = taken(sums, rows)
        overall, prior = mine["wx"].sum() / mine["w"].sum(), float(np.median(mine["n"]))
        adjusted[rows] = metric.factor * weighted_rating(moments(mine)[0], mine["n"], overall, prior)
    return {"adjusted": adjusted}


def weighted_rating(mean: np.ndarray, votes: np.ndarray, overall: float, prior: float) -> np.ndarray:
    """The true Bayesian estimate of a rating, in the form that IMDb made known."""
    return np.asarray((votes * mean + prior * overall) / (votes + prior))


# --- Drivers ----------------------------------------------------------------------------------------


def drivers(columns: Columns, folds: Sequence[Any]) -> tuple[Columns, dict[str, float]]:
    """Which items move the outcome: Shapley shares of R² with bootstrap intervals, one row per item.

    `columns` have one row per pair of items: the first column and `other` (the outcome is called `*`); `folds`
    holds for each the list of sums n, x, y, xx, yy, xy over respondents who answered both, in folds of
    respondents. Pairs use all who answered both, never only those who answered everything; `n` is the pair with
    the outcome. Items that too few rated say `few`; a pair of items that too few rated both of is taken to
    correlate as the others do.
    Adds `importance` (percent of the explained variance), its `low` and `high`, `correlation`, `p` and
    `verdict` (`real` where the item's correlation with the outcome is beyond noise, all items corrected
    together), keeps the item's own figure as `performance` …, and returns R² and `halo`, the mean
    correlation among the items: where it is high, people answer all items alike.
    """
    item, one, two = next(iter(columns)), *(columns[name].tolist() for name in (next(iter(columns)), "other"))
    items = sorted({name for name in one if name != OUTCOME})
    sums = _pair_sums(one, two, folds, [*items, OUTCOME])
    own = {name: place for place, (name, other) in enumerate(zip(one, two, strict=True)) if name == other}
    places = np.array([own.get(name, -1) for name in items], int)
    words = {name: f"performance_{name}" for name in ("low", "high", "n")} | {"value": "performance"}
    found: Columns = {item: items}
    for name, values in columns.items():
        if name not in (item, "other"):
            found[words.get(name, name)] = _placed(values, places)
    for name in ("importance", "low", "high", "relative_weight", "correlation", "p"):
        found[name] = np.full(len(items), np.nan)
    verdict = np.full(len(items), "few", object)
    found["verdict"] = verdict.tolist()
    pairs = sums[:-1, -1, 0].sum(axis=-1) if sums is not None else np.zeros(len(items))
    found["n"] = pairs.astype("int64")
    kept = _judgeable(_weak(sums)) if sums is not None else []
    if sums is None or len(kept) < 2:
        return found, {}
    sums = sums[np.ix_([*kept, -1], [*kept, -1])]
    weak = _weak(sums)
    whole = _possible(_filled(correlations(sums.sum(axis=-1)), weak))
    judged, facts = _driving(whole, _filled(_bootstrap(sums), weak))
    verdict[kept] = judged.pop("verdict")
    for name, values in judged.items():
        found[name][kept] = values
    return found | {"verdict": verdict.tolist()}, facts


def _placed(values: Any, places: np.ndarray) -> Any:
    """The values at some places; a missing one where the place is -1."""
    if (places >= 0).all():
        return values[places]
    there = pd.Series(values).reindex(places)
    return there.to_numpy() if isinstance(there.dtype, np.dtype) else there.array


def _weak(sums: np.ndarray) -> np.ndarray:
    """Which pairs too few people rated both of, or rated all alike, to have a correlation."""
    whole = sums.sum(axis=-1)
    weak = np.asarray((whole[:, :, 0] < FEW) | np.isnan(correlations(whole)))
    np.fill_diagonal(weak, False)
    return weak


def _judgeable(weak: np.ndarray) -> list[int]:
    """The items that make no weak pair with the outcome, nor with most of the other such items.

    One step that hardly anybody rated must not silence the others; steps that hardly anybody rated together
    would explain everything.
    """
    kept = [place for place, lost in enumerate(weak[:-1, -1]) if not lost]
    while kept:
        lost = weak[np.ix_(kept, kept)].sum(axis=1)
        if 2 * lost.max() <= len(kept) - 1:
            break
        del kept[int(lost.argmax())]
    return kept


def _filled(matrix: np.ndarray, weak: np.ndarray) -> np.ndarray:
    """Correlation matrices in which weak pairs of items correlate as the other pairs do on average."""
    if not weak.any():
        return matrix
    known = np.triu(~weak, 1)
    known[:, -1] = False
    return np.asarray(np.where(weak, matrix[..., known].mean(axis=-1)[..., None, None], matrix))


def _driving(whole: np.ndarray, drawn: np.ndarray) -> tuple[dict[str, Any], dict[str, float]]:
    """The columns that a correlation matrix (outcome last) gives, with intervals from resampled ones, and facts."""
    count = len(whole) - 1
    enough = drawn if count <= MOST_DRIVERS_OFTEN else drawn[: BOOTSTRAPS // 4]
    shares, spread_of = np.split(shapley(np.concatenate([whole[None], _possible(enough)])), [1])
    shares = shares[0]
    explained = shares.sum()
    importance = 100 * shares / explained if explained else np.full(count, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = 100 * spread_of / spread_of.sum(axis=1, keepdims=True)
    quantile = np.nanquantile if np.isnan(percent).any() else np.quantile
    low, high = quantile(percent, [(1 - LEVEL) / 2, 1 - (1 - LEVEL) / 2], axis=0)
    weights = relative_weights(whole)
    correlation = whole[:-1, -1]
    error = np.arctanh(np.clip(drawn[:, :-1, -1], -0.999999, 0.999999)).std(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = two_sided(np.arctanh(np.clip(correlation, -0.999999, 0.999999)) / error)
    among = whole[:-1, :-1][np.triu_indices(count, 1)]
    return {
        "importance": importance,
        # Shares cannot fall below zero, so drawn ones lie above a small share: the interval still holds the point.
        "low": np.minimum(low, importance),
        "high": np.maximum(high, importance),
        "relative_weight": 100 * weights / weights.sum() if weights.sum() else np.nan,
        "correlation": correlation,
        "p": p,
        "verdict": verdicts(p, np.zeros(count, bool), correlation),
    }, {"explained": float(explained), "halo": float(among.mean())}


def _pair_sums(
    items: Sequence[str], others: Sequence[str], folds: Sequence[Any], order: list[str]
) -> np.ndarray | None:
    """Sums n, x, y, xx, yy, xy of every ordered pair of items in every fold; None without an outcome."""
    place = {name: number for number, name in enumerate(order)}
    if OUTCOME not in {*items, *others}:
        return None
    entries = pa.array(folds)
    if len(entries) != len(items):
        raise ValueError(len(entries))
    pair = np.repeat(np.arange(len(entries)), entries.value_lengths().fill_null(0).to_numpy())
    inside = entries.flatten()
    fold, n, x, y, xx, yy, xy = (
        np.nan_to_num(inside.field(name).to_numpy(zero_copy_only=False).astype(float))
        for name in ("fold", "n", "x", "y", "xx", "yy", "xy")
    )
    fold = fold.astype(int)
    sums = np.zeros((len(order), len(order), 6, int(fold.max(initial=0)) + 1))
    one = np.array([place[name] for name in items], int)[pair]
    two = np.array([place[name] for name in others], int)[pair]
    sums[one, two, :, fold] = np.stack([n, x, y, xx, yy, xy], axis=1)
    sums[two, one, :, fold] = np.stack([n, y, x, yy, xx, xy], axis=1)
    return sums


def correlations(sums: np.ndarray) -> np.ndarray:
    """Pearson correlations of every pair from its sums, last axis but one n, x, y, xx, yy, xy."""
    n, x, y, xx, yy, xy = np.moveaxis(sums, 2, 0) if sums.ndim == 3 else np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (n * xy - x * y) / np.sqrt((n * xx - x**2) * (n * yy - y**2))
    # An item without variance has no correlation; dividing by what rounding left of it would give infinity.
    r = np.clip(np.where(np.isinf(r), np.nan, r), -1, 1)
    index = np.arange(r.shape[-1])
    r[..., index, index] = 1.0
    return r


def _possible(matrix: np.ndarray) -> np.ndarray:
    """The nearest correlation matrices that data could have: pairs from different people may contradict."""
    with suppress(np.linalg.LinAlgError):
        # It fails where one of them is none; finding the nearest costs ten times as much.
        np.linalg.cholesky(matrix - 1e-8 * np.eye(matrix.shape[-1]))
        return matrix
    values, vectors = np.linalg.eigh(matrix)
    fixed = (vectors * np.maximum(values, 1e-6)[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    scale = np.sqrt(np.diagonal(fixed, axis1=-2, axis2=-1))
    fixed = fixed / (scale[..., :, None] * scale[..., None, :])
    return np.asarray(np.where((values.min(axis=-1) > 1e-8)[..., None, None], matrix, fixed))


@cache
def _draws(folds: int) -> np.ndarray:
    """How often each fold is in each resample."""
    drawn = np.random.default_rng(1).multinomial(folds, np.full(folds, 1 / folds), size=BOOTSTRAPS)
    return np.asarray(drawn, float)


def _bootstrap(sums: np.ndarray) -> np.ndarray:
    """Correlation matrices of resampled folds: respondents stay whole, so their answers stay together."""
    folds = sums.shape[-1]
    drawn = _draws(folds) @ sums.reshape(-1, folds).T
    return np.asarray(np.nan_to_num(correlations(drawn.reshape(BOOTSTRAPS, *sums.shape[:-1]))))


def shapley(matrix: np.ndarray) -> np.ndarray:
    """Each driver's Shapley share of R² (Lindeman, Merenda and Gold): its gain averaged over all orders.

    `matrix` holds the correlations of the drivers and, last, the outcome; or several such matrices do.
    """
    count = matrix.shape[-1] - 1
    if count <= MOST_DRIVERS_BY_SUBSET:
        return _by_subset(matrix, count)
    if matrix.ndim == 2:
        return _by_order(matrix, count)
    return np.array([_by_order(one, count) for one in matrix])


def _by_subset(matrix: np.ndarray, count: int) -> np.ndarray:
    """Every subset's R²: each driver in turn is swept out of what the outcome leaves unexplained, or is not."""
    # Subsets and matrices stand last, side by side: one operation on thousands, not thousands on small matrices.
    left = np.ascontiguousarray(np.moveaxis(matrix.reshape(-1, count + 1, count + 1), 0, -1))[:, :, None]
    whole = left[-1, -1]
    for _ in range(count):
        first, pivot, rest = left[0, 0], left[0, 1:], left[1:, 1:]
        size = left.shape[2]
        left = np.empty((*rest.shape[:2], 2 * size, rest.shape[3]))
        left[:, :, :size], swept = rest, left[:, :, size:]
        np.multiply(pivot[:, None], pivot / first, out=swept)
        np.subtract(rest, swept, out=swept)
    return np.asarray(np.moveaxis(shapley_of(whole - left[0, 0]), 0, -1).reshape(*matrix.shape[:-2], count))


def shapley_of(worth: np.ndarray) -> np.ndarray:
    """Shapley values of players from the worth of every subset of them, a number or many at once along further axes.

    The place of a subset is a binary number with a digit per player, the first one's last.
    """
    return np.asarray(np.tensordot(_parts_of_worth(len(worth).bit_length() - 1), worth, axes=1))


@cache
def _parts_of_worth(count: int) -> np.ndarray:
    """What the worth of each subset adds to each player's share: with the player as a gain, without as a loss."""
    subsets = np.arange(2**count)
    inside = (subsets >> np.arange(count)[:, None]) & 1 == 1
    others = inside.sum(axis=0) - inside
    orders = np.array([1 / (count * comb(count - 1, size)) for size in range(count)])
    return np.asarray(np.where(inside, 1.0, -1.0) * orders[others])


def _by_order(matrix: np.ndarray, count: int) -> np.ndarray:
    """The same from random orders and their reverses: the gains are squares of a Cholesky factor's last row."""
    whole, places = _orders(count)
    ordered = matrix[whole[:, :, None], whole[:, None, :]] + np.eye(count + 1) * 1e-10
    gains = np.linalg.cholesky(ordered)[:, -1, :-1] ** 2
    return np.asarray(np.take_along_axis(gains, places, axis=1).mean(axis=0))


@cache
def _orders(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Drawn orders of drivers and their reverses with the outcome last, and each driver's place in every order."""
    random = np.random.default_rng(1)
    drawn = np.array([random.permutation(count) for _ in range(ORDERS // 2)])
    drawn = np.concatenate([drawn, drawn[:, ::-1]])
    return np.concatenate([drawn, np.full((len(drawn), 1), count)], axis=1), np.argsort(drawn, axis=1)


def relative_weights(matrix: np.ndarray) -> np.ndarray:
    """Johnson's relative weights (2000), which come close to Shapley shares at the cost of one matrix root."""
    values, vectors = np.linalg.eigh(matrix[:-1, :-1])
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    beta = np.linalg.solve(root, matrix[:-1, -1])
    return np.asarray(root**2 @ beta**2)


# --- Actions ----------------------------------------------------------------------------------------


def effect(sums: Mapping[str, Table], of_row: Sequence[str], metrics: Mapping[str, Metric]) -> Columns:
    """`effect`, its interval and `verdict`: the change where something was done less the change elsewhere.

    Difference in differences (Card and Krueger) of four independent groups of answers: `after` and
    `baseline` where it was done, `after_rest` and `baseline_rest` elsewhere. Rows with fewer than 30
    answers in one of the four say “too early”.
    """
    groups = ("figure", "figure_baseline", "figure_rest", "figure_rest_baseline")
    parts = [taken(sums[group]) for group in groups]
    few = np.any([part["n"] < FEW for part in parts], axis=0)
    after, baseline, after_rest, baseline_rest = (means(part, of_row, metrics) for part in parts)
    found = (after - baseline) - (after_rest - baseline_rest)
    centre, error = np.full((2, len(of_row)), np.nan)
    for kind, rows in by_kind(of_row, metrics, np.ones(len(of_row), bool)):
        tested = [spread(taken(part, rows), kind) for part in parts]
        error[rows] = np.sqrt(sum(part[1] ** 2 for part in tested))
        centre[rows] = (tested[0][0] - tested[1][0]) - (tested[2][0] - tested[3][0])
    reach = Z * error * factors(of_row, metrics)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = two_sided(centre / error)
    interval = {"effect": found, "effect_low": found - reach, "effect_high": found + reach}
    return interval | {"effect_p": p, "verdict": verdicts(p, few, found)}


def impact(
    sums: Mapping[str, Table], of_row: Sequence[str], metrics: Mapping[str, Metric]
) -> tuple[Columns, np.ndarray]:
    """What each theme costs: the score of all answers without it less the score of all, ranked as a backlog.

    `figure` are the answers that name the theme, `figure_rest` all others. The score without it less the score of
    all is reach × (rest − theme), whose error is that of the difference times the reach. `reach` is the share of
    answers that name it (Wilson), `trend` by how much that share grew since `…_earlier` (1 where the two do not
    clearly differ). `priority` is impact × reach × trend, and makes the order of the rows, which comes second; what is
    not beyond noise follows.
    """
    names = NEEDS["impact"]
    theme, rest_of, earlier, rest_earlier = (taken(sums[name]) for name in names)
    reach, n = _reach(theme, rest_of)
    before, n_before = _reach(earlier, rest_earlier)
    raw = means(rest_of, of_row, metrics) - means(theme, of_row, metrics)
    found = difference(rest_of, theme, of_row, metrics)
    few = (theme["n"] < FEW) | (rest_of["n"] < FEW)
    verdict = verdicts(found.p, few, raw)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (theme["w"] + earlier["w"]) / (theme["w"] + rest_of["w"] + earlier["w"] + rest_earlier["w"])
        z = (reach - before) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / n_before))
        grown = np.clip(reach / before, 1 / MOST_TREND, MOST_TREND)
    grew = verdicts(two_sided(z), (theme["n"] + earlier["n"] < FEW) | (rest_earlier["n"] < FEW), z)
    trend = np.where(np.array(grew) == "real", grown, 1.0)
    cost = raw * reach
    better = of_metrics(of_row, {name: 1.0 if one.direction != "lower" else -1.0 for name, one in metrics.items()})
    priority = np.nan_to_num(np.maximum(cost * better, 0) * reach * 100 * trend)
    low, high = wilson(reach, n)
    added: Columns = {
        "impact": cost,
        "impact_low": found.low * reach,
        "impact_high": found.high * reach,
        "impact_p": found.p,
        "verdict": verdict,
        "reach": 100 * reach,
        "reach_low": 100 * low,
        "reach_high": 100 * high,
        "reach_before": 100 * before,
        "reach_verdict": [said or None for said in grew],
        "trend": trend,
        "priority": priority,
    }
    place = {"real": 0, "noise": 1}
    order = sorted(range(len(of_row)), key=lambda row: (place.get(verdict[row], 2), -priority[row]))
    return added, np.array(order, int)


def _reach(some: Sums, others: Sums) -> tuple[np.ndarray, np.ndarray]:
    """The weighted share of some answers among all, and the effective number of all (Kish)."""
    w, w2 = some["w"] + others["w"], some["w2"] + others["w2"]
    with np.errstate(divide="ignore", invalid="ignore"):
        return some["w"] / w, w**2 / w2
