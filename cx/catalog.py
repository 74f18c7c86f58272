"""The catalog: every `.sql` file under `queries/`, read, checked and kept fresh.

A file's leading `--` lines are its header (YAML, read as texts); the rest is one SELECT. The catalog
turns files into `Question`, `Metric` and `Source` objects, re-reads a file when it changes, and keeps
a broken file as a problem of its own so that it harms no other.
"""

import codecs
import hashlib
import os
import re
import threading
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any

from cx import contract, gate, tokens
from cx.errors import CxError, QueryError, QueryFileError, marked, misnamed, nearest, unreadable
from cx.header import Header, Words, place_of_key, right_key, shown, words
from cx.reference import (
    ANALYSES,
    CHART_KEYS,
    CHARTS,
    FINDINGS,
    FORMATS,
    METRIC_KEYS,
    PAGE_KEYS,
    PARAM_KEYS,
    QUESTION_KEYS,
    SOURCE_KEYS,
    TEST_KEYS,
)
from cx.settings import nearest_zone, zones

SUMMED = ("scores", "ratings", "segments", "crossings")
"""Tables that hold the five sums; each has twins for the comparison window and for a year ago."""

TWINS = ("", "_before", "_year")

MOST_REMEMBERED = 2048
"""So many files of a kind are kept as they were read: publishing, checks and pages have a catalogue each."""

PANEL = "panel"
"""The answers of some customers, each with all of theirs: what a customer's answers have to do with each other."""

SPOKEN = ("comments", "mentions")
"""What customers wrote, a row per text, and the same once for each theme that a text carries."""

SINGLE = "single_answers"
"""One row per answer, review or invitation and metric: what stands behind a figure, one by one."""

ALIASES = "aliases"
"""One row per brand and name by which people call it."""

TIMED = (*(name for name, table in contract.TABLES.items() if table.time), PANEL, SINGLE, *SPOKEN)

QUESTION_TABLES = frozenset(
    [name + twin for name in (*SUMMED, *TIMED) for twin in TWINS]
    + [name for name in contract.TABLES if name not in TIMED]
    + ["metrics", ALIASES]
)

METRIC_TABLES = ("responses", "reviews", "invitations")
"""Tables whose rows a metric can give an x to be summed at publishing."""

METRIC_CHOICES = (*METRIC_TABLES, "comments")
"""What a metric can be a mean over; one over comments is only shown by questions that name it."""

SUMMED_TABLES = frozenset(name + twin for name in SUMMED for twin in TWINS)

TEST_PARTS: Mapping[str, tuple[str, ...]] = {
    "range": ("column", "min", "max"),
    "accepted": ("column", "values"),
    "rows": ("min", "max"),
}
"""What is said of the tests that are mappings."""

PARAMETER_TYPES = ("text", "number", "integer", "date", "boolean", "words")

PERIOD_PARAMETERS = frozenset(("period_from", "period_to"))
"""Bound for every question: the first day shown and the day after the last."""


@dataclass(frozen=True)
class Chart:
    """How an answer is drawn, as the header's `chart` says; columns are named, never positions."""

    kind: str = "table"
    x: str = ""
    y: str = "figure"
    color: str = ""
    sort: str = "value"
    limit: int = 12
    size: str = ""
    label: str = ""
    unit: str = ""
    decimals: int = 1
    columns: tuple[str, ...] = ()
    facets: str = ""
    format: str = "number"
    target: float | None = None
    reference: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Parameter:
    """One typed parameter of a question."""

    name: str
    type: str
    default: Any
    choices: tuple[Any, ...] = ()
    low: Any = None
    high: Any = None
    label: Words = field(default_factory=dict)
    multi: bool = False
    """Whether it takes several values, bound as a list."""
    source: tuple[str, str] = ("", "")
    """Question and column that its choices come from."""

    def check(self, value: Any) -> Any:
        """The value with this parameter's type; QueryError says what would be right."""
        if self.multi:
            several = value.split(",") if isinstance(value, str) else value
            if not isinstance(several, list | tuple):
                raise QueryError(f"The parameter {self.name} is “{value}”.", "Give a list, such as a,b.")
            return tuple(self._one(one) for one in several if one != "")
        return self._one(value)

    def _one(self, value: Any) -> Any:
        typed = self._typed(value)
        if self.choices and typed not in self.choices:
            raise QueryError(f"The parameter {self.name} is “{value}”.", nearest(str(value), map(str, self.choices)))
        if (self.low is not None and typed < self.low) or (self.high is not None and typed > self.high):
            bounds = f"between {self.low} and {self.high}"
            if self.low is None or self.high is None:
                bounds = f"at least {self.low}" if self.high is None else f"at most {self.high}"
            raise QueryError(f"The parameter {self.name} is {value}.", f"It should be {bounds}.")
        return typed

    def _typed(self, value: Any) -> Any:
        try:
            return _as_type(value, self.type)
        except (TypeError, ValueError) as error:
            raise QueryError(
                f"The parameter {self.name} is “{value}”, which is no {self.type}.",
                {"date": "Write it as 2026-11-22.", "boolean": "Write true or false."}.get(
                    self.type, f"Give {'an' if self.type == 'integer' else 'a'} {self.type}."
                ),
            ) from error


def _as_type(value: Any, kind: str) -> Any:
    if kind == "integer":
        return int(value)
    if kind == "number":
        number = float(value)
        if not isfinite(number):
            raise ValueError(value)
        return number
    if kind == "date":
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    if kind == "boolean":
        if isinstance(value, bool):
            return value
        return (
            {"true": True, "false": False}[str(value).lower()] if str(value).lower() in ("true", "false") else int("")
        )
    if kind == "words" and isinstance(value, tuple):
        return value
    if not isinstance(value, str):
        raise TypeError
    return tokens.sought(value) if kind == "words" else value


@dataclass(frozen=True)
class Question:
    """One checked question file."""

    name: str
    file: str
    path: Path
    text: str
    digest: str
    title: Words
    grain: str
    chart: Chart
    reading: gate.Reading
    description: Words = field(default_factory=dict)
    note: Words = field(default_factory=dict)
    params: Mapping[str, Parameter] = field(default_factory=dict)
    by: str = ""
    by_2: str = ""
    window: str = ""
    metric: str = ""
    uses: tuple[str, ...] = ()
    finding: str = ""
    analysis: tuple[str, ...] = ()
    minimum: int = 0
    owner: str = ""
    tests: tuple[Mapping[str, Any], ...] = ()

    @property
    def folder(self) -> str:
        """The page the file belongs to: the folder part of its name."""
        return self.name.rpartition("/")[0]

    def line_of(self, key: str) -> int:
        """The line of a header key, or the first one."""
        lines = enumerate(self.text.splitlines(), 1)
        return next((number for number, line in lines if line.startswith("--") and f"{key}:" in line), 1)

    def line_with(self, written: str) -> int:
        """The line of the SQL that holds this text first, or the first one."""
        lines = enumerate(self.text.splitlines(), 1)
        return next((number for number, line in lines if not line.startswith("--") and written in line), 1)

    def place_of(self, key: str, line: int) -> tuple[int, int]:
        """Line and column of the first such key in the header from a line on; that line where there is none."""
        for number, written in enumerate(self.text.splitlines()[line - 1 :], line):
            found = place_of_key(key, written)
            if found and written.startswith("--"):
                return number, found
        return line, 0

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters with their checked values; unknown names are errors."""
        for name in given:
            if name not in self.params:
                hint = nearest(name, self.params) if self.params else "Filter with --where COLUMN=VALUE instead."
                raise QueryError(f"The question {self.name} has no parameter “{name}”.", hint)
        return {
            name: parameter.check(given[name]) if name in given else parameter.default
            for name, parameter in self.params.items()
        }


@dataclass(frozen=True)
class Group:
    """A named part of a metric's scale, such as detractors (answers up to `to`)."""

    name: str
    to: float
    label: Words


@dataclass(frozen=True)
class Metric:
    """One checked metric file: how an answer becomes a value x, and how its mean is shown."""

    name: str
    file: str
    text: str
    digest: str
    label: Words
    variant: Words
    description: Words = field(default_factory=dict)
    table: str = "responses"
    answers: str = ""
    scale: tuple[float, float] | None = None
    factor: float = 1.0
    range: tuple[float, float] | None = None
    unit: Words = field(default_factory=dict)
    change_unit: Words = field(default_factory=dict)
    decimals: int = 1
    direction: str = "higher"
    interval: str = "mean"
    groups: tuple[Group, ...] = ()
    position: int = 99
    columns: frozenset[str] = frozenset()
    """Columns of an answer that the body reads besides those it passes on."""

    def line_of_x(self) -> int:
        """The line that names the column x, or the first one."""
        lines = enumerate(self.text.splitlines(), 1)
        return next((number for number, line in lines if re.search(r"\bas\s+x\b", line, re.IGNORECASE)), 1)


READERS = ("parquet", "csv", "xlsx", "json", "qualtrics", "surveymonkey")
"""The kinds of files that a source can name."""


@dataclass(frozen=True)
class Reading:
    """How the files of a source are to be read; what is empty is told from each file."""

    reader: str = ""
    columns: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    quote: str = ""
    escape: str = ""
    header_row: int = 0
    sheet: str = ""
    records: str = ""


@dataclass(frozen=True)
class Source:
    """One checked source file: how a foreign export becomes rows of a contract table."""

    name: str
    file: str
    text: str
    digest: str
    table: str
    files: str
    zone: str = ""
    upsert: bool = False
    """Whether a row whose key comes again takes the earlier one's place in whatever month that stands."""
    reading: Reading = Reading()
    """How its files are to be read."""
    description: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Folder:
    """A page made of a folder under `queries/custom/`: its words, and how its questions are laid out."""

    name: str
    """The folder's name, which is the page's place in the address."""
    title: Words
    intro: Words = field(default_factory=dict)
    order: float = 99
    tabs: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    """Rows of full question names per tab; one tab without a name where there are no tabs."""
    file: str = ""
    """Its `page.yaml` as people see it, where there is one."""
    problem: CxError | None = None
    """What is wrong with its `page.yaml`; the page is then laid out as if there were none."""


Entry = Question | Metric | Source


def _digest(*texts: str) -> str:
    return hashlib.sha256("\x00".join(texts).encode()).hexdigest()[:16]


def _choices_from(raw: Any) -> tuple[str, str]:
    """The question and column of `choices_from: {question: …, column: …}`."""
    if raw is None:
        return "", ""
    if not isinstance(raw, dict) or set(raw) != {"question", "column"}:
        raise ValueError("choices_from is written as {question: folder/name, column: name}")
    return str(raw["question"]), str(raw["column"])


def _parameter(header: Header, name: str, raw: Any) -> Parameter:
    if not isinstance(raw, dict):
        raise header.wrong(name, f"The parameter {name} is {shown(raw)}.", "Write `name: {type: number, default: 3}`.")
    for key in raw:
        if key not in PARAM_KEYS:
            raise header.wrong(key, f"The parameter {name} has no key “{key}”.", right_key(key, PARAM_KEYS))
    kind = raw.get("type", "text")
    if kind not in PARAMETER_TYPES:
        raise header.wrong("type", f"The parameter {name} has the type “{kind}”.", nearest(kind, PARAMETER_TYPES))
    if "default" not in raw:
        raise header.wrong(name, f"The parameter {name} has no default.", "Add `default: …`.")
    if not name.isidentifier() or name in PERIOD_PARAMETERS or name.startswith("cx_"):
        raise header.wrong(name, f"A parameter may not be named “{name}”.", "Use a short word of your own.")
    try:
        parameter = Parameter(
            name=name,
            type=kind,
            default=None,
            choices=tuple(_as_type(choice, kind) for choice in raw.get("choices", ())),
            low=_as_type(raw["min"], kind) if "min" in raw else None,
            high=_as_type(raw["max"], kind) if "max" in raw else None,
            multi=_as_type(raw.get("multi", "false"), "boolean"),
            source=_choices_from(raw.get("choices_from")),
            label=words(raw.get("label", name), lambda message, hint: header.wrong("label", message, hint)),
        )
        default = parameter.check(raw["default"])
    except QueryError as error:
        raise header.wrong(name, f"The default of {name} does not fit: {error.message}", error.hint) from error
    except (TypeError, ValueError) as error:
        told = f"The parameter {name} contradicts itself: {error}"
        raise header.wrong(name, told, f"Make choices, bounds and default of the type {kind}.") from error
    return Parameter(**{**parameter.__dict__, "default": default})


@lru_cache(MOST_REMEMBERED)
def question(name: str, path: Path, text: str, file: str) -> Question:
    """Check one question file and read its header."""
    header = Header(text, file, QUESTION_KEYS)
    for key in ("title", "grain"):
        header.required(key)
    uses = header.names("uses")
    steps = frozenset(used.rpartition("/")[2].lower() for used in uses)
    for step in sorted(steps & QUESTION_TABLES):
        raise header.wrong("uses", f"A used question is named “{step}”, like a table.", "Give its file another name.")
    reading = gate.read(text, QUESTION_TABLES | steps, file=file, summed=SUMMED_TABLES)
    params = {key: _parameter(header, key, raw) for key, raw in header.mapping("params").items()}
    for parameter in sorted(reading.parameters - PERIOD_PARAMETERS):
        if parameter not in params:
            raise header.wrong(
                f"${parameter}",
                f"${parameter} is not declared.",
                f"Add `--   {parameter}: {{default: …}}` under params.",
            )
    for parameter in params:
        used = parameter in reading.parameters
        quoted = _in_quotes(header, text, parameter, whole=used)
        if quoted or not used:
            raise quoted or header.wrong(
                parameter, f"The parameter {parameter} is never used.", f"Use ${parameter} or remove it."
            )
    told = header.text("metric")
    if told.startswith("$") and told[1:] not in params:
        raise header.wrong(told, f"“metric” is {told}, which is no parameter.", nearest(told[1:], params))
    tests = _tests(header)
    return Question(
        name=name,
        file=file,
        path=path,
        text=gate.unended(text),
        digest=_digest(text),
        title=header.words("title"),
        grain=header.text("grain"),
        chart=_chart(header),
        reading=reading,
        description=header.words("description"),
        note=header.words("note"),
        params=params,
        by=header.text("by"),
        by_2=header.text("by_2"),
        window=_window(header),
        metric=header.text("metric"),
        uses=uses,
        finding=header.choice("finding", FINDINGS, ""),
        analysis=_analysis(header),
        minimum=_whole(header, "minimum"),
        owner=header.text("owner"),
        tests=tests,
    )


def _tests(header: Header) -> tuple[Mapping[str, Any], ...]:
    tests = header.values.get("tests", [])
    tests = tests if isinstance(tests, list) else [tests]
    for test in tests:
        unknown = [key for key in test if key not in TEST_KEYS] if isinstance(test, dict) else ["tests"]
        if unknown:
            raise header.wrong(unknown[0], f"{shown(test)} is not a test.", right_key(unknown[0], TEST_KEYS))
        if ("given" in test) != ("expect" in test):
            raise header.wrong("tests", "A test has only one of `given` and `expect`.", "Write both, side by side.")
        for kind, wanted in test.items():
            if isinstance(wanted, dict) != (kind in (*TEST_PARTS, "given")):
                raise header.wrong(kind, f"The test {kind} is {shown(wanted)}.", f"Write {TEST_KEYS[kind].en}")
            if kind in TEST_PARTS:
                _test_parts(header, kind, wanted)
    return tuple(tests)


def _test_parts(header: Header, kind: str, wanted: Mapping[str, Any]) -> None:
    """Refuse a test that says what it is not asked, or not what it needs."""
    for key, value in wanted.items():
        if key not in TEST_PARTS[kind]:
            raise header.wrong(key, f"The test {kind} has no key “{key}”.", right_key(key, TEST_PARTS[kind]))
        if key in ("min", "max"):
            try:
                float(value)
            except (TypeError, ValueError) as error:
                told = f"“{key}” of the test {kind} is {shown(value)}, not a number."
                raise header.wrong(key, told, "Write a number, its decimals with a point.") from error
        if key == "values" and not isinstance(value, list):
            raise header.wrong(key, f"“values” of the test {kind} is {shown(value)}.", "Write a list, such as [a, b].")
    for key in TEST_PARTS[kind]:
        if key in ("column", "values") and key not in wanted:
            raise header.wrong(kind, f"The test {kind} has no “{key}”.", f"Write `{TEST_KEYS[kind].example}`.")


def _whole(header: Header, key: str) -> int:
    number = header.number(key, 0)
    if number < 0 or number != int(number):
        raise header.wrong(key, f"“{key}” is {header.values[key]}.", "Write a whole number.")
    return int(number)


def _analysis(header: Header) -> tuple[str, ...]:
    names = header.names("analysis")
    for name in names:
        if name not in ANALYSES:
            raise header.wrong("analysis", f"There is no analysis “{name}”.", nearest(name, ANALYSES))
    return names


def _window(header: Header) -> str:
    text = header.text("window")
    number, _, unit = text.partition(" ")
    if text and (
        not number.isdecimal() or not 1 <= int(number) <= 1_200 or unit not in ("week", "weeks", "month", "months")
    ):
        raise header.wrong("window", f"“window” is “{text}”.", "Write it as `13 weeks` or `18 months`.")
    return text


def _references(header: Header, raw: Any) -> tuple[tuple[float, str], ...]:
    try:
        return tuple((float(line["value"]), str(line.get("label", ""))) for line in raw)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise header.wrong(
            "reference", f"“reference” is {shown(raw)}.", "Write a list, such as [{value: 50, label: Industry}]."
        ) from error


def _chart(header: Header) -> Chart:
    alone = header.values.get("chart")
    if isinstance(alone, str):
        hint = f"Write `chart: {{kind: {alone}, x: …}}`." if alone in CHARTS else nearest(alone, CHARTS)
        raise header.wrong("chart", f"“chart” is “{alone}”, without what it draws.", hint)
    raw = header.mapping("chart", CHART_KEYS)
    columns = raw.get("columns", [])
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        raise header.wrong("columns", f"“columns” is {shown(columns)}.", "Write a list, such as [adjusted].")
    for key, value in raw.items():
        if key not in ("columns", "reference") and not isinstance(value, str):
            raise header.wrong(key, f"“{key}” is {shown(value)}.", "Write one word.")
    kind = raw.get("kind", "table")
    if kind not in CHARTS:
        raise header.wrong("kind", f"There is no chart “{kind}”.", nearest(str(kind), CHARTS))
    if raw.get("sort", "value") not in ("value", "own"):
        raise header.wrong("sort", f"“sort” is “{raw['sort']}”.", "Write value or own.")
    if raw.get("format", "number") not in FORMATS:
        raise header.wrong("format", f"“format” is “{raw['format']}”.", nearest(str(raw["format"]), FORMATS))
    numbers: dict[str, Any] = {"reference": _references(header, raw.get("reference", []))}
    if "target" in raw:
        try:
            numbers["target"] = float(raw["target"])
        except ValueError as error:
            raise header.wrong("target", f"“target” is “{raw['target']}”.", "Write a number.") from error
    for key in ("limit", "decimals"):
        if key in raw:
            try:
                numbers[key] = int(raw[key])
            except ValueError as error:
                raise header.wrong(key, f"“{key}” is “{raw[key]}”.", "Write a whole number.") from error
    return Chart(**{**raw, **numbers, "columns": tuple(columns)})


def folder_page(name: str, questions: Sequence[str], text: str, file: str) -> Folder:
    """A page from a folder's questions and its `page.yaml` (an empty text where there is none).

    What the file does not lay out follows below, two cards a row, so that no question is ever lost.
    """
    header = Header(text, file, PAGE_KEYS, yaml_file=True)
    named = name.replace("_", " ").strip().capitalize()
    prefix = f"custom/{name}/"

    def rows(value: Any, key: str) -> tuple[tuple[str, ...], ...]:
        lists = [[row] if isinstance(row, str) else row for row in value] if isinstance(value, list) else None
        if lists is None or not all(
            isinstance(row, list) and all(isinstance(one, str) for one in row) for row in lists
        ):
            raise header.wrong(
                key, f"“{key}” is {shown(value)}.", "Write a list of rows, such as [[first, second], [third]]."
            )
        known = {question.removeprefix(prefix) for question in questions}
        for one in (one for row in lists for one in row):
            if one not in known:
                told = f"There is no question “{one}” in {prefix}."
                raise header.wrong(key, told, nearest(one, known), value=one)
        return tuple(tuple(prefix + one for one in row) for row in lists if row)

    tabs: dict[str, tuple[tuple[str, ...], ...]] = {}
    if {"tabs", "layout"} <= header.values.keys():
        told = "The page has both `tabs` and `layout`, and only one can say where its questions stand."
        raise header.wrong("layout", told, "Remove one of them; without tabs, `layout` is right.")
    if "tabs" in header.values:
        tabs = {title: rows(value, "tabs") for title, value in header.mapping("tabs").items()}
    elif "layout" in header.values:
        tabs = {"": rows(header.values["layout"], "layout")}
    placed = {one for layout in tabs.values() for row in layout for one in row}
    left = [question for question in questions if question not in placed]
    rest = tuple(tuple(left[place : place + 2]) for place in range(0, len(left), 2))
    if rest:
        first = next(iter(tabs), "")
        tabs = {first: (*tabs.get(first, ()), *rest), **{title: rows for title, rows in tabs.items() if title != first}}
    return Folder(
        name=name,
        title=header.words("title") or {"en": named, "ko": named},
        intro=header.words("intro"),
        order=header.number("order", 99),
        tabs=tabs,
        file=file,
    )


GROUP_KEYS = ("name", "to", "ko", "en")
"""What a group of a metric's scale says of itself."""


def _in_quotes(header: Header, text: str, parameter: str, *, whole: bool) -> QueryFileError | None:
    """What is wrong where a parameter stands within a quoted text of the SQL, which nothing is put into.

    With `whole` only where the text is nothing else: beside a use of the parameter, a text may speak of it.
    """
    other = "" if whole else r"""[^'"\n]*"""
    found = re.compile(rf"""(['"]){other}\${re.escape(parameter)}(?!\w){other}\1""")
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("--") and (quoted := found.search(line)):
            never = "" if whole else f", so that the parameter {parameter} is never used"
            told = f"{quoted[0]} is a text{never}."
            part = "" if quoted[0][1:-1] == f"${parameter}" else f"; join it to texts: `'…' || ${parameter}`"
            error = QueryFileError(
                told, f"A parameter stands without quotes: `${parameter}`{part}.", file=header.file, line=number
            )
            error.column = quoted.start() + 1
            return error
    return None


def _without_parameters(header: Header, reading: gate.Reading, kind: str) -> None:
    """Refuse parameters where nobody can choose a value."""
    for parameter in sorted(reading.parameters):
        told = f"A {kind} has no parameters, so that ${parameter} stands for nothing."
        raise header.wrong(f"${parameter}", told, "Write the value itself; a text stands in single quotes.")


@lru_cache(MOST_REMEMBERED)
def metric(name: str, text: str, file: str) -> Metric:
    """Check one metric file and read its header."""
    header = Header(text, file, METRIC_KEYS)
    left_out = "Without it the metric is left out of all pages and questions; the other metrics go on."
    header.required("label", without=left_out)
    header.required("variant", _variant_line(header, text), f"It tells readers how this one counts. {left_out}")
    reading = gate.read(text, frozenset(("answers",)), file=file)
    _without_parameters(header, reading, "metric")
    if "x" not in reading.outputs:
        raise QueryFileError(
            "A metric adds the column x to each answer.",
            "Write `select *, case … end as x from answers`.",
            file=file,
            line=1,
        )
    if not reading.star or reading.fewer:
        raise QueryFileError(
            "A metric passes each answer on with all its columns; this one leaves "
            + ("answers out or makes one of many." if reading.fewer else "out the `*`."),
            "Write `select *, case … end as x from answers`, without LIMIT and aggregates; an empty x does not count.",
            file=file,
            line=reading.made.get("x", 1),
        )
    if not header.number("factor", 1):
        raise header.wrong("factor", "“factor” is 0, and with it every figure.", "Write 1, or 100 for shares.")
    table = header.choice("table", METRIC_CHOICES, "responses")
    unit = header.words("unit")
    return Metric(
        name=name,
        file=file,
        text=gate.unended(text),
        digest=_digest(text),
        label=header.words("label"),
        variant=header.words("variant"),
        description=header.words("description"),
        table=table,
        answers=header.text("answers", name),
        scale=header.pair("scale"),
        factor=header.number("factor", 1),
        range=header.pair("range"),
        unit=unit,
        change_unit=header.words("change_unit") or unit,
        decimals=int(header.number("decimals", 1)),
        direction=header.choice("direction", ("higher", "lower", "neither"), "higher"),
        interval=header.choice("interval", ("nps", "share", "mean"), "mean"),
        groups=_groups(header, header.pair("scale")),
        position=int(header.number("position", 99)),
        columns=reading.columns,
    )


def _variant_line(header: Header, text: str) -> str:
    """How the variant of this very metric may be written, from the scale, interval and bound that its file has."""
    scale, interval = header.pair("scale"), header.text("interval")
    low, high = (f"{end:g}" for end in scale) if scale else ("", "")
    of, among = (f" of {low}–{high}", f"{low}–{high}점 척도에서 ") if scale else ("", "")
    bound = re.search(r"\bscore\s*(>=?)\s*(\d+(?:\.\d+)?)", text)
    if interval == "nps":
        en, ko = f"highest group minus lowest group{of}", f"{among}가장 높은 집단에서 가장 낮은 집단을 뺀 비율"
    elif interval == "share" and bound:
        above, score = bound[1] == ">", bound[2]
        en = f"share of scores {'above' if above else 'from'} {score}{'' if above else ' on'}{of}"
        ko = f"{among}{score}점 {'초과' if above else '이상'} 응답의 비율"
    elif interval == "share":
        en, ko = f"share of the answers that count{of}", f"{among}해당하는 응답의 비율"
    else:
        en, ko = f"mean of the answers{of}", f"{among}낸 응답의 평균"
    return f'variant: {{en: "{en}", ko: "{ko}"}}'


def _groups(header: Header, scale: tuple[float, float] | None) -> tuple[Group, ...]:
    """The parts of a metric's scale, each of which ends above the one before; together they hold every score."""
    given = header.values.get("groups", [])
    groups = tuple(_group(header, one) for one in (given if isinstance(given, list) else [given]))
    for before, after in pairwise(groups):
        if after.to <= before.to:
            told = f"The group {after.name} ends at {after.to:g}, which is not above the end of {before.name}."
            raise header.wrong(
                "groups", told, "Write the groups from the lowest scores to the highest.", f"name: {after.name}"
            )
    twice = next((name for name, times in Counter(one.name for one in groups).items() if times > 1), "")
    if twice:
        hint = f"Give each a name of its own; {twice} comes twice."
        raise header.wrong("groups", "Two groups have one name.", hint, f"name: {twice}")
    if groups and scale and groups[0].to < scale[0]:
        told = f"The group {groups[0].name} ends at {groups[0].to:g}, and the scale begins at {scale[0]:g}."
        raise header.wrong("groups", told, "Write in `to` the highest score of the group.", f"name: {groups[0].name}")
    if groups and scale and groups[-1].to < scale[1]:
        told = f"Scores above {groups[-1].to:g} are in no group: the scale ends at {scale[1]:g}."
        raise header.wrong("groups", told, f"Let the last group end there: `to: {scale[1]:g}`.")
    return groups


def _group(header: Header, raw: Any) -> Group:
    unknown = sorted(set(raw) - {*GROUP_KEYS}) if isinstance(raw, dict) else ()
    if unknown:
        told = f"A group has no key “{unknown[0]}”."
        raise header.wrong("groups", told, nearest(unknown[0], GROUP_KEYS), f"name: {raw.get('name', '')}")
    if not isinstance(raw, dict) or "name" not in raw or "to" not in raw:
        raise header.wrong("groups", f"{shown(raw)} is not a group.", "Write {name: detractor, to: 6, ko: …, en: …}.")
    name = str(raw["name"])
    label = {"ko": str(raw.get("ko", name)), "en": str(raw.get("en", name))}
    try:
        return Group(name, float(raw["to"]), label)
    except ValueError as error:
        raise header.wrong(
            "groups", f"“to” of {name} is {shown(raw['to'])}.", "Write the highest score of the group."
        ) from error


@lru_cache(MOST_REMEMBERED)
def source(name: str, text: str, file: str) -> Source:
    """Check one source file and read its header."""
    header = Header(text, file, SOURCE_KEYS)
    for key in ("table", "files"):
        header.required(key)
    _without_parameters(header, gate.read(text, frozenset(("raw",)), file=file), "source")
    table = header.choice("table", contract.TABLES, "")
    files = header.text("files")
    if files.startswith(("/", "~")) or ".." in Path(files).parts:
        raise header.wrong("files", f"“{files}” lies outside the data folder.", "Name files inside the data folder.")
    zone = header.text("zone")
    if zone and zone not in zones():
        raise header.wrong("zone", f"“{zone}” is no time zone.", nearest_zone(zone))
    return Source(
        name=name,
        file=file,
        text=gate.unended(text),
        digest=_digest(text),
        table=table,
        files=files,
        zone=zone,
        upsert=header.flag("upsert"),
        reading=_reading(header),
        description=header.words("description"),
    )


def _reading(header: Header) -> Reading:
    """What a source says about how its files are to be read."""
    encoding = header.text("encoding")
    if encoding:
        try:
            codecs.lookup(encoding)
        except LookupError as error:
            raise header.wrong(
                "encoding", f"“{encoding}” is no encoding.", "Write utf-8, utf-16, cp949, cp1252 or another."
            ) from error
    signs = {key: header.text(key).replace("\\t", "\t") for key in ("delimiter", "quote", "escape")}
    for key, sign in signs.items():
        if len(sign) > 1:
            raise header.wrong(key, f"“{key}” is “{sign}”, more than one sign.", f'Write one sign, such as {key}: ";".')
    row = header.number("header_row", 0)
    if row != int(row) or row < 0:
        raise header.wrong("header_row", f"“header_row” is {row:g}.", "Write the number of a row, from 1.")
    return Reading(
        reader=header.choice("reader", READERS, ""),
        columns=header.names("columns"),
        encoding=encoding,
        header_row=int(row),
        sheet=header.text("sheet"),
        records=header.text("records"),
        **signs,
    )


def _circle(asked: Question, entries: Mapping[str, Entry]) -> QueryFileError | None:
    """What is said of a question that leads back to itself by what it uses, None of another one."""
    ways: list[tuple[str, ...]] = [(asked.name, used) for used in asked.uses]
    known: set[str] = set()
    while ways:
        way = ways.pop()
        if way[-1] == asked.name:
            told = ", which uses ".join(way[1:])
            return QueryFileError(
                f"{asked.name} uses {told}: it leads back to itself.",
                "Remove one `uses`.",
                file=asked.file,
                line=asked.line_of("uses"),
            )
        entry = entries.get(way[-1])
        if isinstance(entry, Question) and way[-1] not in known:
            known.add(way[-1])
            ways += [(*way, used) for used in entry.uses]
    return None


def _chain(asked: Question, entries: Mapping[str, Entry], broken: Collection[str] = ()) -> tuple[Question, ...]:
    result: dict[str, Question] = {}
    if circle := _circle(asked, entries):
        raise circle
    for used in asked.uses:
        entry = entries.get(used)
        if not isinstance(entry, Question):
            known = [name for name, other in entries.items() if isinstance(other, Question)]
            raise QueryFileError(
                f"{asked.name} uses “{used}”, which is no working question.",
                "It has a problem of its own: mend that first." if used in broken else nearest(used, known),
                file=asked.file,
                line=asked.line_of("uses"),
            )
        for deeper in (*_chain(entry, entries, broken), entry):
            result[deeper.name] = deeper
    short = [name.rpartition("/")[2].lower() for name in result]
    for name in short:
        if short.count(name) > 1:
            raise QueryFileError(
                f"{asked.name} uses two questions named “{name}”.", "Rename one of the files.", file=asked.file, line=1
            )
    return tuple(result.values())


def _source(asked: Question, chain: Sequence[Question]) -> Question:
    """The question of a chain whose rows `asked` passes on as they are, else itself."""
    for used in chain:
        if used.name in asked.uses and used.name.rpartition("/")[2].lower() == asked.reading.passes_on:
            return _source(used, chain)
    return asked


def _passed_on(asked: Question, entries: Mapping[str, Entry]) -> gate.Reading:
    """What a question that passes another's rows on reads: what that one does, of which no line stands in this file."""
    source = _source(asked, _chain(asked, entries))
    if source is asked:
        return asked.reading
    told = replace(source.reading, lines={}, made={}, counts=(), comparisons=(), limited=0)
    return replace(told, passes_on=asked.reading.passes_on)


PAGE_FILES = ("page.yaml", "page.yml")
"""What a page file may be meant to be named; the first is right."""

FileState = tuple[str, int, int, int]
"""Path, time of its text, time of its entry in the folder, size.

The entry's own time counts too: a file put in place of another may carry any time and size, but not that one.
"""


def _states(folder: str) -> Iterator[FileState]:
    """The questions and page files below a folder, without following links to folders.

    Every answer looks whether a file changed, so this is made of as few calls as possible.
    """
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _states(entry.path)
            elif entry.name.lower().endswith((".sql", *PAGE_FILES)):
                info = entry.stat()
                yield entry.path, info.st_mtime_ns, info.st_ctime_ns, info.st_size
        except OSError:
            continue


def _of_other_scales(metrics: Sequence[Metric]) -> dict[str, CxError]:
    """Metrics that read the same answers as another one and give them another scale, which would leave out its answers.

    The scale is that of the metric that has the answers' own name, else of the first.
    """
    found: dict[str, CxError] = {}
    first: dict[str, tuple[str, tuple[float, float]]] = {}
    for one in sorted(metrics, key=lambda entry: entry.name != entry.answers):
        if one.table != "responses" or one.scale is None:
            continue
        name, scale = first.setdefault(one.answers, (one.name, one.scale))
        if one.scale != scale:
            lines = enumerate(one.text.splitlines(), 1)
            line = next((number for number, text in lines if text.startswith("--") and "scale:" in text), 1)
            error = QueryFileError(
                f"`scale` differs from that of metrics/{name}.sql, which reads the same answers ({one.answers}).",
                f"Write `scale: [{scale[0]:g}, {scale[1]:g}]`, and what you count in the CASE of its SQL.",
                file=one.file,
                line=line,
            )
            found[one.name] = marked(error, one.text)
    return found


class Catalog:
    """The files of some folders, later folders on top, re-read when they change.

    `entries` and `problems` are keyed by name (`trends/over_time`, `metrics/nps`, `sources/orders`).
    """

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders
        self._seen: dict[str, tuple[FileState, Entry | CxError]] = {}
        self._working: tuple[dict[str, Entry], dict[str, CxError], dict[str, Metric]] = ({}, {}, {})
        self._refused: Mapping[str, tuple[str, CxError]] = {}
        self._refreshing = threading.Lock()
        self._pages: list[FileState] = []
        self.version = 0
        """Grows whenever a file was added, changed or removed."""
        self.refresh()

    @property
    def entries(self) -> dict[str, Entry]:
        """All working files by name."""
        return self._working[0]

    @property
    def problems(self) -> dict[str, CxError]:
        """What is wrong with the others, and with those that publishing could not use."""
        return self._working[1] | self._unusable()

    def refuse(self, found: Mapping[str, tuple[str, CxError]]) -> None:
        """Take over what publishing found: per name, the digest of the metric or source, and what is wrong with it.

        It stands until the file changes, or another snapshot says otherwise.
        """
        if found != self._refused:
            self._refused = dict(found)
            self.version += 1

    def _unusable(self) -> dict[str, CxError]:
        """What publishing could not use of the files as they stand."""
        entries = self.entries
        return {
            name: error
            for name, (digest, error) in self._refused.items()
            if name in entries and entries[name].digest == digest
        }

    def refresh(self) -> None:
        """Read files that are new or changed and forget those that are gone; readers see old or new, never half."""
        with self._refreshing:
            found: dict[str, FileState] = {}
            pages: list[FileState] = []
            for folder in map(str, self.folders):
                for state in sorted(_states(folder)):
                    if state[0].endswith(".sql"):
                        found[state[0][len(folder) + 1 : -len(".sql")].replace(os.sep, "/")] = state
                    elif state[0].lower().endswith(".sql"):
                        found[state[0][len(folder) + 1 :].replace(os.sep, "/")] = state
                    else:
                        pages.append(state)
            self.version += pages != self._pages
            self._pages, known = pages, self._seen
            if found == {name: state for name, (state, _) in known.items()}:
                return
            self._seen = {
                name: known[name]
                if name in known and known[name][0] == state
                else (state, self._read(name, Path(state[0])))
                for name, state in found.items()
            }
            entries = {name: entry for name, (_, entry) in self._seen.items() if not isinstance(entry, CxError)}
            problems = {name: entry for name, (_, entry) in self._seen.items() if isinstance(entry, CxError)}
            asked = [entry for entry in entries.values() if isinstance(entry, Question)]
            circles = {entry.name: circle for entry in asked if (circle := _circle(entry, entries))}
            problems |= circles
            entries = {name: entry for name, entry in entries.items() if name not in circles}
            for name, entry in list(entries.items()):
                try:
                    if isinstance(entry, Question):
                        _chain(entry, entries, problems)
                except CxError as error:
                    problems[name] = error
                    del entries[name]
            for name, entry in list(entries.items()):
                if isinstance(entry, Question) and entry.reading.passes_on:
                    entries[name] = replace(entry, reading=_passed_on(entry, entries))
            metrics = [entry for entry in entries.values() if isinstance(entry, Metric)]
            metrics.sort(key=lambda entry: (entry.position, entry.name))
            for name, told in _of_other_scales(metrics).items():
                problems[f"metrics/{name}"] = told
                del entries[f"metrics/{name}"]
            metrics = [entry for entry in metrics if f"metrics/{entry.name}" in entries]
            self._working = (entries, problems, {entry.name: entry for entry in metrics})
            self.version += 1

    def _read(self, name: str, path: Path) -> Entry | CxError:
        file, text = self.shown(path), ""
        if path.suffix != ".sql":
            return misnamed(file, f"{path.stem}.sql")
        try:
            text = self._text(path)
            kind, _, rest = name.partition("/")
            if kind == "metrics":
                return metric(rest, text, file)
            if kind == "sources":
                return source(rest, text, file)
            return question(name, path, text, file)
        except CxError as error:
            return marked(error, text)
        except (OSError, UnicodeDecodeError) as error:
            return unreadable(error, file)
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            return QueryFileError(
                f"The header cannot be understood: {error}.", "Compare it with that of a file that works.", file=file
            )

    def _text(self, path: Path) -> str:
        """A file's text; what a link leads to outside of the folders can change without anybody looking."""
        if not any(path.resolve().is_relative_to(folder.resolve()) for folder in self.folders):
            raise QueryFileError("The file is a link to outside.", "Copy the file itself here.", file=self.shown(path))
        return path.read_text(encoding="utf-8-sig")

    def shown(self, path: Path) -> str:
        """A file's path as people see it: from `queries/` on."""
        for folder in self.folders:
            if path.is_relative_to(folder):
                return f"{folder.name}/{path.relative_to(folder).as_posix()}"
        return path.name

    def chain(self, asked: Question) -> tuple[Question, ...]:
        """The questions that `asked` builds on, deepest first; cycles and unknown names are errors."""
        return _chain(asked, self.entries, self.problems)

    def source(self, asked: Question) -> Question:
        """The question whose SQL gives a question's rows: the one that it passes on as it is, else itself."""
        return _source(asked, self.chain(asked))

    def is_passed_on(self, asked: Question) -> bool:
        """Whether another question passes the rows of this one on as they are."""
        others = (entry for entry in self.entries.values() if isinstance(entry, Question) and asked.name in entry.uses)
        return any(asked.name.rpartition("/")[2].lower() == other.reading.passes_on for other in others)

    def tables(self, asked: Question) -> frozenset[str]:
        """The tables that a question reads, itself or through the questions it uses."""
        read = (step.reading.tables for step in (*self.chain(asked), asked))
        found: frozenset[str] = frozenset().union(*read)
        return found & QUESTION_TABLES

    def questions(self) -> dict[str, Question]:
        """All working questions by name."""
        return {name: entry for name, entry in sorted(self.entries.items()) if isinstance(entry, Question)}

    def metrics(self, *, unusable: bool = False) -> dict[str, Metric]:
        """All working metrics by name, in their order; those that publishing could not use only when asked for."""
        left_out = () if unusable else self._unusable()
        return {name: entry for name, entry in self._working[2].items() if f"metrics/{name}" not in left_out}

    def folders_of_own(self) -> list[Folder]:
        """The pages that folders under `custom/` make, in their order."""
        named: dict[str, list[str]] = {}
        for name in sorted({*self.entries, *self.problems}):
            kind, _, rest = name.partition("/")
            folder, _, question_name = rest.partition("/")
            if kind == "custom" and question_name and "/" not in question_name:
                named.setdefault(folder, []).append(name)
        pages = []
        for folder, questions in named.items():
            path = self._page_file(folder)
            file, text = self.shown(path) if path else "", ""
            try:
                if path and path.name != PAGE_FILES[0]:
                    raise misnamed(file, PAGE_FILES[0])
                text = self._text(path) if path else ""
                pages.append(folder_page(folder, questions, text, file))
            except CxError as error:
                pages.append(replace(folder_page(folder, questions, "", file), problem=marked(error, text)))
            except (OSError, UnicodeDecodeError) as error:
                pages.append(replace(folder_page(folder, questions, "", file), problem=unreadable(error, file)))
        return sorted(pages, key=lambda page: (page.order, page.name))

    def _page_file(self, folder: str) -> Path | None:
        """A folder's `page.yaml`, or what is meant as one, in the last of the folders that has one."""
        for base in reversed(self.folders):
            place = base / "custom" / folder
            if (place / PAGE_FILES[0]).exists():
                return place / PAGE_FILES[0]
            meant = [path for path in sorted(place.glob("*.*")) if path.name.lower() in PAGE_FILES]
            if meant:
                return meant[0]
        return None

    def sources(self) -> dict[str, Source]:
        """All working sources by name."""
        found = [entry for entry in self.entries.values() if isinstance(entry, Source)]
        return {entry.name: entry for entry in sorted(found, key=lambda entry: entry.name)}

    def question(self, name: str) -> Question:
        """The question of that name; its own problem, or the nearest names, when there is none."""
        entries, problems, _ = self._working
        if name in problems:
            raise problems[name]
        entry = entries.get(name)
        if not isinstance(entry, Question):
            raise QueryError(f"There is no question “{name}”.", nearest(name, self.questions()))
        return entry
