"""A column as it was seen in a sample, and as the proposed SELECT has it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from cx import intake
from cx.proposal.spelling import sql_name, without_accents
from cx.proposal.times import AND, OWN, SINCE_1970, Order, parsed
from cx.proposal.vocabulary import (
    AS_A_WHOLE,
    EARLIER,
    HEADS,
    JUDGED,
    LABELS,
    MEANINGS,
    METRIC_STEMS,
    NO_ANSWER,
    NUMBERED,
    NUMBERED_QUESTION,
    NUMBERS_PEOPLE,
    NUMBERS_ROWS,
    OUR_OWN,
    PERSONAL,
    SAME_MEANING,
    SEVEN_STEPS,
    SHORT,
    SYNONYMS,
    WRAPPERS,
    YES_AND_NO,
    ZONE,
    ZONES,
)
from cx.quoting import quoted

ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+?\d{2}", re.IGNORECASE)
"""A number as a spreadsheet shows it that has no room for all of its digits."""
FEW_VALUES = 50
FEWEST_STEPS, MOSTLY = 3, 0.75
"""So many words for steps at least, and so many of all answers, tell a scale that has words of its own beside them."""
LONG = 20
"""Mean length from which a text is somebody's own words."""


@dataclass(frozen=True)
class Seen:
    """What a sample says about one column of a foreign file."""

    name: str
    kind: str
    filled: int
    different: int
    length: float
    """Mean length of its values as texts."""
    values: tuple[str, ...]
    """Some of its different values: all of them where they are few."""
    low: float | None = None
    """Nearly the lowest and the highest of its numbers, where it holds numbers."""
    high: float | None = None
    whole: bool = False
    spelling: str | None = None
    """How its times are spelled, an empty text where publishing reads them; None where it holds no times."""
    order: Order | None = None
    """How else its days may be read, where the day and the month may change places."""
    daily: bool = False
    """Whether its times are days without a time of day."""
    iso: bool = False
    """Whether publishing reads its days as such, because they are written like 2026-11-03."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How often each value occurs, where they are few."""
    cleaning: str = ""
    """SQL that makes numbers of its values where they are written as people write them, with `{}` for a value."""
    turned: bool = False
    """Whether its lowest step is the best by its words: its cleaning turns them."""
    merged: bool = False
    """Whether merged cells left only the first row of each block filled."""
    others: tuple["Seen", ...] = ()
    """The same column as other files have it."""
    rescaled: tuple[tuple[str, "Seen"], ...] = ()
    """Files in which the column of this name has another scale, and it as it is there."""
    unmerged: "Seen | None" = None
    """It as it was before what other files say was added."""

    @property
    def pieces(self) -> tuple["Seen", ...]:
        """It as each file that differs has it, on its own."""
        every = (self.unmerged or self, *self.others, *(there for _, there in self.rescaled))
        return tuple(replace(one, others=(), rescaled=(), unmerged=None) for one in every)

    @property
    def elsewhere(self) -> tuple[str, ...]:
        """What other files call it."""
        return tuple(one.name for one in self.others)

    @cached_property
    def labels(self) -> Mapping[str, int]:
        """What its words for the steps of a scale mean, from 1."""
        said = {value.lower() for value in self.counts} - NO_ANSWER
        if said <= YES_AND_NO.keys() and JUDGED.search(self.plain):
            return YES_AND_NO
        # The step that five have not stands between two others.
        seven = (labels for labels in SEVEN_STEPS if {2, 3} <= {labels.get(one) for one in said})
        return next((labels for labels in seven if {5, 6} <= {labels.get(one) for one in said}), LABELS)

    @property
    def top(self) -> int:
        """How many steps the scale of its words has."""
        return max(5, *self.labels.values())

    @property
    def labelled(self) -> bool:
        """Whether its values are words for the steps of a scale."""
        said = {value.lower(): count for value, count in self.counts.items() if value.lower() not in NO_ANSWER}
        steps = {value: count for value, count in said.items() if value in self.labels}
        # A word that is none of the steps stays as it is, to be set aside with its value.
        odd = len(steps) >= FEWEST_STEPS and sum(steps.values()) >= MOSTLY * sum(said.values())
        return self.words and len(said) > 1 and (odd or len(steps) == len(said))

    @property
    def given(self) -> str:
        """It as it is, as SQL: under whichever name a file has it."""
        names = [sql_name(name) for name in (self.name, *self.elsewhere)]
        return names[0] if len(names) == 1 else f"coalesce({', '.join(names)})"

    @property
    def sql(self) -> str:
        """It as SQL: numbers without what people write around them, merged cells filled down."""
        every = (self, *self.others)
        either = next((one.cleaning for one in every if one.cleaning), "{}").replace("{}", self.given)
        if any(one.merged for one in every):
            return f"last_value({either} ignore nulls) over (partition by filename, sheet order by row_number)"
        return either

    @property
    def personal(self) -> bool:
        """Whether it probably says who somebody is or where somebody lives, which no dashboard needs."""
        return any(PERSONAL.search(name) for name in (self.plain, *self.shorter))

    @property
    def plain(self) -> str:
        """Its name as names of different systems are compared: lower case, `_` for other signs, no number before it."""
        return without_accents(intake.column_name(NUMBERED_QUESTION.sub("", self.name)))

    @cached_property
    def shorter(self) -> tuple[str, ...]:
        """What is left of its name without what stands in brackets, around it in a JSON object, or for the review."""
        levels = [re.sub(r"^\w+:", "", level) for level in self.name.split(".")]
        while len(levels) > 1 and levels[-1].lower() in WRAPPERS:
            levels.pop()
        names = [re.sub(r"\s*[(\[（].*?[)\]）]\s*", " ", ".".join(levels[-many:])) for many in (2, 1)]
        plain = [without_accents(intake.column_name(name)) for name in names]
        plain += [re.sub(r"^(?:review|리뷰|후기|상품평)_?", "", name) for name in plain]
        return tuple(name for name in dict.fromkeys(plain) if name and name != self.plain)

    @cached_property
    def meanings(self) -> frozenset[str]:
        """What a column's name says in any of the languages, of what its values may be."""
        name = self.plain.strip("_")
        found = {role for role, words in MEANINGS.items() if words.fullmatch(name)}
        if not self.time or self.personal or EARLIER.search(name):
            found.discard("responded_at")
        if not self.number:
            found.discard("weight")
        if self.one_each and self.numbers_rows:
            found.add("response_id")
        if "comment" in found and (not self.words or (self.repeats and self.length < LONG)):
            found.discard("comment")
        # Without a word for its number a column of few values is a kind of customer rather than one.
        if (
            "customer_id" in found
            and self.repeats
            and not re.search(rf"(?:^|_)(?:{NUMBERED}|ref|reference)(?:_|$)", name)
        ):
            found.discard("customer_id")
        if self.number:
            words = [word for word in name.split("_") if word]
            found |= {metric for metric in METRIC_STEMS if says_metric(words, metric)}
        return frozenset(found)

    @property
    def rounded(self) -> bool:
        """Whether a spreadsheet rounded its long numbers, 2.02600E+10: different ones look the same."""
        return bool(self.values) and all(ROUNDED.fullmatch(value) for value in self.values)

    @property
    def number(self) -> bool:
        """Whether it holds numbers."""
        return self.low is not None

    @property
    def time(self) -> bool:
        """Whether it holds times."""
        return self.spelling is not None

    @property
    def share(self) -> bool:
        """Whether its numbers are parts of a whole, as percent cells of a spreadsheet are: 0.75 for 75 %."""
        return self.low is not None and self.high is not None and not self.whole and self.low >= 0 and self.high <= 1

    @property
    def words(self) -> bool:
        """Whether it holds texts."""
        return self.filled > 0 and not self.number and not self.time

    @property
    def numbers_rows(self) -> bool:
        """Whether it is called what numbers rows, and no people."""
        named = bool(NUMBERS_ROWS.search(self.plain)) or self.name.strip() in ("#", "№")
        return named and not self.personal and not NUMBERS_PEOPLE.search(self.plain)

    @property
    def one_each(self) -> bool:
        """Whether each row has a value of its own, as an identifier does."""
        return 0 < self.filled == self.different and not self.time

    @property
    def repeats(self) -> bool:
        """Whether its values stand for groups rather than for single answers."""
        return 0 < self.different <= min(FEW_VALUES, 0.7 * self.filled)


@dataclass(frozen=True)
class Mapped:
    """One column of the proposed SELECT."""

    expression: str
    name: str
    guess: str = ""

    def line(self, indent: str) -> str:
        """It as a line of SQL."""
        named = self.expression if self.expression == self.name else f"{self.expression} as {self.name}"
        return f"{indent}{named}," + (f" -- guess: {self.guess}" if self.guess else "")


def turned(one: Seen, why: str = "") -> Seen:
    """A column whose days are read the other way."""
    assert one.order is not None and one.spelling is not None
    return replace(one, spelling=one.order.other, order=one.order.turned(one.spelling, why))


def says_metric(words: Iterable[str], metric: str) -> bool:
    """Whether one of the words of a column's name tells that it answers a metric."""
    stems, short = METRIC_STEMS.get(metric, ()), SHORT.get(metric, frozenset())
    return any(word.startswith(stems) or word in short or AS_A_WHOLE.sub("", word).startswith(stems) for word in words)


class Columns:
    """The columns of a file, each of which is put to one use at most."""

    def __init__(self, seen: Sequence[Seen]) -> None:
        self.seen = seen
        self.used: list[Seen] = []

    def take(self, one: Seen | None) -> Seen | None:
        """Put a column to use."""
        if one:
            self.used.append(one)
        return one

    def left(self) -> list[Seen]:
        """The columns without a use so far."""
        # By identity: comparing all that is known of each takes seconds in a wide survey.
        used = {id(one) for one in self.used}
        return [one for one in self.seen if id(one) not in used]

    def named(self, role: str, fits: Callable[[Seen], bool]) -> Seen | None:
        """The column that is called what the contract or another system calls this, if its values fit."""
        called = (role, *SYNONYMS.get(role, ()))
        same: tuple[Callable[[str, str], bool], ...] = (
            lambda plain, name: plain == name,
            lambda plain, name: plain.replace("_", "") == name.replace("_", ""),
            lambda plain, name: name in HEADS and plain.endswith(name),
        )
        for alike in same:
            for name in called:
                for one in self.left():
                    if alike(one.plain, name) and fits(one):
                        return one
        for name in called:
            for one in self.left():
                ours = role != "replied_at" and OUR_OWN.search(one.plain)
                if not ours and any(same[1](shorter, name) for shorter in one.shorter) and fits(one):
                    return one
        meant = SAME_MEANING.get(role, role)
        return next((one for one in self.left() if meant in one.meanings and fits(one)), None)

    def like(self, fits: Callable[[Seen], bool]) -> Seen | None:
        """The first column whose values fit, whatever it is called."""
        return next((one for one in self.left() if fits(one)), None)


def column_sql(seen: Sequence[Seen], name: str) -> str:
    """A column (lower case) as SQL, under whichever name a file has it."""
    for one in seen:
        if name in (one.name.lower(), *(other.lower() for other in one.elsewhere)):
            return one.given
    return quoted(name)


def number_sql(one: Seen) -> str:
    """A column as a number in SQL."""
    return f"try_cast({one.sql} as double)" if one.kind == "VARCHAR" else one.sql


def are_timed(columns: Columns) -> bool:
    """Whether a used column has times of day, which only a zone makes an instant."""
    return any(one.time and not one.daily and one.spelling not in SINCE_1970 for one in columns.used)


def zone_named(columns: Columns) -> str:
    """The zone that the names of used columns of times tell, an empty text where none or several do."""
    timed = [one.name for one in columns.used if one.time and not one.daily]
    found = {ZONES[told[0].upper()] for name in timed if (told := ZONE.search(name))}
    return found.pop() if len(found) == 1 else ""


def moment_sql(one: Seen) -> str:
    """A column of times as SQL that publishing reads; a text that is no such time stays, to be told with its value."""
    read = _moment(one)
    texts = [replace(each, others=()).sql for each in (one, *one.others) if each.kind == "VARCHAR"]
    return f"coalesce(({read})::varchar, {', '.join(texts)})" if texts and read != one.sql else read


def _moment(one: Seen) -> str:
    """A column of times as they are read: days as days, which no zone may shift."""
    if any((other.spelling, other.daily) != (one.spelling, one.daily) for other in one.others):
        kind = "date" if one.daily and all(other.daily for other in one.others) else "timestamp"
        if any(each.spelling in SINCE_1970 for each in (one, *one.others)):
            kind = "timestamptz"
        pieces = (replace(single, others=()) for single in (one, *one.others))
        # What publishing reads itself stays a text: cast here, it would lose the zone that it may name.
        each = [
            _moment(single) for single in pieces if single.spelling or single.kind != "VARCHAR" or kind != "timestamp"
        ]
        if len(each) < 2:
            return each[0] if each else one.sql
        return f"coalesce({', '.join(f'try_cast({moment} as {kind})' for moment in each)})"
    spelling = one.spelling
    if spelling and one.kind == "VARCHAR" and not one.daily:
        spelling = AND.join(part for part in spelling.split(AND) if part != OWN)
    if spelling:
        return parsed(one.sql, spelling) + ("::date" if one.daily else "")
    return f"try_cast({one.sql} as date)" if one.daily and not one.iso else one.sql


def mapped_as(one: Seen, name: str, why: str) -> Mapped:
    """A column as it is, under a name of the contract."""
    # An identifier that was kept as a decimal number is written without its point.
    whole = one.whole and one.kind in ("DOUBLE", "FLOAT") and name.endswith("_id")
    if one.whole and one.kind == "VARCHAR" and name.endswith("_id") and all(value[-2:] == ".0" for value in one.values):
        return Mapped(f"regexp_replace({one.sql}, '\\.0$', '')", name, why)
    return Mapped(f"{one.sql}::bigint" if whole else one.sql, name, "" if one.name == name else why)
