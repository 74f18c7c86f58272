"""The catalog: every `.sql` file under `queries/`, read, checked and kept fresh.

A file's leading `--` lines are its header (YAML, read as texts); the rest is one SELECT. The catalog
turns files into `Question`, `Metric` and `Source` objects, re-reads a file when it changes, and keeps
a broken file as a problem of its own so that it harms no other.
"""

import hashlib
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import yaml

from cx import contract, gate
from cx.errors import CxError, QueryError, QueryFileError, nearest

Words = Mapping[str, str]

SUMMED = ("scores", "ratings", "segments", "crossings")
"""Tables that hold the five sums; each has twins for the comparison window and for a year ago."""

TWINS = ("", "_before", "_year")

TIMED = tuple(name for name, table in contract.TABLES.items() if table.time)

QUESTION_TABLES = frozenset(
    [name + twin for name in (*SUMMED, *TIMED) for twin in TWINS]
    + [name for name in contract.TABLES if name not in TIMED]
    + ["metrics"]
)

METRIC_TABLES = ("responses", "reviews", "invitations")
"""Tables whose rows a metric can give an x."""

PERIOD_PARAMETERS = frozenset(("period_from", "period_to"))
"""Bound for every question: the first day shown and the day after the last."""

CHART_KINDS = (
    "line",
    "bar",
    "stacked",
    "heatmap",
    "scatter",
    "priority",
    "change",
    "journey",
    "waterfall",
    "funnel",
    "table",
    "kpi",
)

CHART_KEYS: dict[str, str] = {
    "kind": "What is drawn: " + ", ".join(CHART_KINDS) + ".",
    "x": "The column along the x axis (for bars: the rows).",
    "y": "The figure or number drawn; `figure` where it is left out.",
    "color": "The column that splits the marks: a line each, a part of each bar, the rows of a heat map.",
    "sort": "`value` (largest first) or `own` (the order of the rows).",
    "limit": "How many bars or rows at most; the rest is counted in a note.",
    "size": "Scatter: the column of the dot's size.",
    "label": "Scatter and funnel: the column that names a dot.",
    "columns": "Bars: further number columns written at the right, such as [adjusted].",
    "unit": "The unit written after a plain number (a figure brings its metric's).",
    "decimals": "Decimals of a plain number.",
}

FINDINGS = ("change", "trend", "different", "weakest", "leader", "outliers", "explained", "drivers")

ANALYSES: dict[str, str] = {
    "rest": "Whether each row differs from all others together: adds apart and apart_p.",
    "contributions": "What each row did to the change of the total: adds rate, mix, share, share_before.",
    "explanations": "Which dimension explains the change of each metric; needs the column dimension.",
    "unusual": "Points outside what the earlier ones give: adds unusual, unusual_low, unusual_high; needs period.",
    "ranking": "Units that invite ranking: adds funnel limits, shrunken, rank, rank_low, rank_high and verdict.",
    "bayesian_average": "Adds adjusted, the mean pulled to that of all rows where answers are few.",
    "drivers": "Which items move an outcome: one row per item with importance; needs item, other and folds.",
    "effect": "Difference in differences: adds effect, its interval and verdict; needs four tallies.",
}

QUESTION_KEYS: dict[str, str] = {
    "title": "The card's title: a text, or {en, ko}. Required.",
    "description": "What the question answers, for the list on Explore.",
    "note": "A sentence under the chart: a caveat, a rounding, what is left out.",
    "grain": "What one row is. Required.",
    "chart": "How it is drawn; a table where it is left out. Keys: " + ", ".join(CHART_KEYS) + ".",
    "params": "Typed parameters, bound as $name.",
    "by": "The dimension put in for the column `segment` until the reader chooses another; `none` for no split.",
    "by_2": "The same for the column `segment_2`.",
    "window": "How far to look back from the end of the period instead of the period itself: `13 weeks`, `18 months`.",
    "metric": "The metric of the figure, where the SQL neither names one nor returns a metric column.",
    "uses": "Other questions whose answers are tables here, by their name after the slash.",
    "finding": "Which finding may title the card: " + ", ".join(FINDINGS) + ".",
    "analysis": "What is worked out of all rows together: " + ", ".join(ANALYSES) + ". One, or a list.",
    "owner": "Who answers for the file.",
    "tests": "Checks run by `python -m cx check`: unique, not_null, range, accepted, rows.",
}

METRIC_KEYS: dict[str, str] = {
    "label": "The metric's name: a text, or {en, ko}. Required.",
    "description": "The definition shown behind the question mark.",
    "variant": "Which variant of the metric this is, in words. Required.",
    "table": "What it is a mean over: responses (default), reviews or invitations.",
    "answers": "The value of the column `metric` in the export; the file's name where left out.",
    "scale": "Lowest and highest possible answer, such as [0, 10]. Answers outside are set aside.",
    "factor": "The mean of x is multiplied by this: 100 for NPS and shares.",
    "range": "Lowest and highest possible figure, such as [-100, 100].",
    "unit": "The unit of the figure, a text or {en, ko}.",
    "change_unit": "The unit of a change, such as %p; the unit where left out.",
    "decimals": "Decimals shown.",
    "direction": "`higher` or `lower`: which is better.",
    "interval": "How its interval is computed: nps, share or mean.",
    "groups": "Answers in order from bad to good: a list of {name, to, ko, en}; `to` is the highest score.",
    "position": "Its place among the metrics, from 1.",
}

SOURCE_KEYS: dict[str, str] = {
    "table": "The contract table it fills. Required.",
    "files": "A glob under the data folder, such as sfo_customer_survey/2017*.csv. Required.",
    "reader": "parquet, csv or json; by the file's ending where left out.",
    "zone": "The time zone of timestamps without one, such as Asia/Seoul.",
    "columns": "Columns the body names that some files lack; there they are empty.",
    "encoding": "CSV: utf-8 (default), utf-16, latin-1 …",
    "delimiter": "CSV: the delimiter; detected where left out.",
    "description": "What the files are and where they come from.",
}

PARAM_KEYS: dict[str, str] = {
    "type": "text, number, integer, date or boolean; text where left out.",
    "choices": "The values allowed, in order.",
    "default": "The value until another is chosen. Required.",
    "min": "The lowest number or date allowed.",
    "max": "The highest number or date allowed.",
    "label": "The widget's label: a text, or {en, ko}.",
}

TEST_KEYS: dict[str, str] = {
    "unique": "Columns whose values together occur once.",
    "not_null": "Columns that are never empty.",
    "range": "{column, min, max}: bounds of a number.",
    "accepted": "{column, values}: the only values allowed.",
    "rows": "{min, max}: how many rows.",
}


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

    def check(self, value: Any) -> Any:
        """The value with this parameter's type; QueryError says what would be right."""
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
                    self.type, f"Give a {self.type}."
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
    if not isinstance(value, str):
        raise TypeError
    return value


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
    owner: str = ""
    tests: tuple[Mapping[str, Any], ...] = ()

    @property
    def folder(self) -> str:
        """The page the file belongs to: the folder part of its name."""
        return self.name.rpartition("/")[0]

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


@dataclass(frozen=True)
class Source:
    """One checked source file: how a foreign export becomes rows of a contract table."""

    name: str
    file: str
    text: str
    digest: str
    table: str
    files: str
    reader: str = ""
    zone: str = ""
    columns: tuple[str, ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ""
    description: Words = field(default_factory=dict)


Entry = Question | Metric | Source


class _Texts(yaml.SafeLoader):
    """YAML in which every scalar is a text and a repeated key is an error."""


def _mapping(loader: _Texts, node: yaml.MappingNode) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        if key in result:
            raise yaml.constructor.ConstructorError(None, None, f"“{key}” is given twice", key_node.start_mark)
        result[key] = loader.construct_object(value_node, deep=True)
    return result


_Texts.yaml_implicit_resolvers = {}
_Texts.add_constructor("tag:yaml.org,2002:map", _mapping)


def split_header(text: str, file: str) -> dict[str, Any]:
    """The header of a file: its leading `--` lines as YAML, every scalar a text."""
    lines = []
    for line in text.removeprefix("\ufeff").splitlines():
        if not line.startswith("--"):
            break
        lines.append(line[3:] if line.startswith("-- ") else line[2:])
    try:
        header = yaml.load("\n".join(lines), Loader=_Texts)  # noqa: S506 - a SafeLoader that only makes texts
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise QueryFileError(
            f"The header is not valid YAML: {problem}.",
            "Write `-- key: value`; put texts with colons or braces in quotes.",
            file=file,
            line=mark.line + 1 if mark else 1,
        ) from error
    if not isinstance(header, dict):
        raise QueryFileError(
            "The file has no header.",
            "Begin it with lines such as `-- title: {en: …, ko: …}`.",
            file=file,
            line=1,
        )
    return header


class _Header:
    """Typed access to one header, with errors that name file, line and the nearest right word."""

    def __init__(self, text: str, file: str, keys: Mapping[str, str]) -> None:
        self.values = split_header(text, file)
        self.file = file
        self.lines = text.splitlines()
        for key in self.values:
            if key not in keys:
                raise self.wrong(key, f"“{key}” is not a header key.", nearest(key, keys))

    def wrong(self, key: str, message: str, hint: str) -> QueryFileError:
        found = (number for number, line in enumerate(self.lines, 1) if f"{key}:" in line)
        return QueryFileError(message, hint, file=self.file, line=next(found, 1))

    def text(self, key: str, default: str = "") -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, f"“{key}” is not a text.", f"Write `-- {key}: …`.")
        return value

    def required(self, key: str) -> None:
        if key not in self.values:
            raise QueryFileError(f"The header has no “{key}”.", f"Add a line `-- {key}: …`.", file=self.file, line=1)

    def choice(self, key: str, choices: Iterable[str], default: str) -> str:
        value = self.text(key, default)
        if value and value not in choices:
            raise self.wrong(key, f"“{key}” is “{value}”.", nearest(value, choices))
        return value

    def words(self, key: str) -> Words:
        return words(self.values.get(key), lambda message, hint: self.wrong(key, message, hint))

    def number(self, key: str, default: float) -> float:
        try:
            return float(self.values.get(key, default))
        except (TypeError, ValueError) as error:
            raise self.wrong(key, f"“{key}” is {self.values[key]!r}, not a number.", "Write a number.") from error

    def pair(self, key: str) -> tuple[float, float] | None:
        value = self.values.get(key)
        if value is None:
            return None
        try:
            low, high = (float(part) for part in value)
        except (TypeError, ValueError) as error:
            raise self.wrong(key, f"“{key}” is {value!r}.", "Write two numbers, such as [0, 10].") from error
        if low >= high:
            raise self.wrong(key, f"“{key}” begins at {low} and ends at {high}.", "Write the lower number first.")
        return low, high

    def names(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise self.wrong(key, f"“{key}” is {value!r}.", "Write a list, such as [first, second].")
        return tuple(value)

    def mapping(self, key: str, keys: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"“{key}” is {value!r}.", f"Write `-- {key}: {{name: value}}`.")
        for name in value:
            if keys is not None and name not in keys:
                raise self.wrong(name, f"“{key}” has no key “{name}”.", nearest(name, keys))
        return value


def words(value: Any, wrong: Any) -> Words:
    """A text for both languages, or {en, ko}."""
    if value is None:
        return {}
    if isinstance(value, str):
        return {"en": value, "ko": value}
    if not isinstance(value, dict) or not value or set(value) - {"en", "ko"}:
        raise wrong(f"{value!r} is not a text in one or two languages.", "Write a text or {en: …, ko: …}.")
    one = str(next(iter(value.values())))
    return {"en": value.get("en", one), "ko": value.get("ko", one)}


def _digest(*texts: str) -> str:
    return hashlib.sha256("\x00".join(texts).encode()).hexdigest()[:16]


def _parameter(header: _Header, name: str, raw: Any) -> Parameter:
    if not isinstance(raw, dict):
        raise header.wrong(name, f"The parameter {name} is {raw!r}.", "Write `name: {type: number, default: 3}`.")
    for key in raw:
        if key not in PARAM_KEYS:
            raise header.wrong(key, f"The parameter {name} has no key “{key}”.", nearest(key, PARAM_KEYS))
    kind = raw.get("type", "text")
    if kind not in ("text", "number", "integer", "date", "boolean"):
        raise header.wrong(
            "type",
            f"The parameter {name} has the type “{kind}”.",
            nearest(kind, ("text", "number", "integer", "date", "boolean")),
        )
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
            label=words(raw.get("label", name), lambda message, hint: header.wrong("label", message, hint)),
        )
        default = parameter.check(raw["default"])
    except (TypeError, ValueError, QueryError) as error:
        raise header.wrong(
            name,
            f"The parameter {name} contradicts itself: {error}",
            f"Make choices, bounds and default a {kind}.",
        ) from error
    return Parameter(**{**parameter.__dict__, "default": default})


def question(name: str, path: Path, text: str, file: str) -> Question:
    """Check one question file and read its header."""
    header = _Header(text, file, QUESTION_KEYS)
    for key in ("title", "grain"):
        header.required(key)
    uses = header.names("uses")
    steps = frozenset(used.rpartition("/")[2].lower() for used in uses)
    for step in sorted(steps & QUESTION_TABLES):
        raise header.wrong("uses", f"A used question is named “{step}”, like a table.", "Give its file another name.")
    reading = gate.read(text, QUESTION_TABLES | steps, file=file)
    params = {key: _parameter(header, key, raw) for key, raw in header.mapping("params").items()}
    for parameter in sorted(reading.parameters - PERIOD_PARAMETERS):
        if parameter not in params:
            raise header.wrong(
                f"${parameter}",
                f"${parameter} is not declared.",
                f"Add `--   {parameter}: {{default: …}}` under params.",
            )
    for parameter in params:
        if parameter not in reading.parameters:
            raise header.wrong(
                parameter, f"The parameter {parameter} is never used.", f"Use ${parameter} or remove it."
            )
    tests = header.values.get("tests", [])
    for test in tests if isinstance(tests, list) else [tests]:
        if not isinstance(test, dict) or set(test) - set(TEST_KEYS):
            raise header.wrong("tests", f"{test!r} is not a test.", nearest(str(next(iter(test), "")), TEST_KEYS))
        for kind, wanted in test.items():
            if isinstance(wanted, dict) != (kind in ("range", "accepted", "rows")):
                raise header.wrong(kind, f"The test {kind} is {wanted!r}.", f"Write {TEST_KEYS[kind]}")
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
        owner=header.text("owner"),
        tests=tuple(tests),
    )


def _analysis(header: _Header) -> tuple[str, ...]:
    names = header.names("analysis")
    for name in names:
        if name not in ANALYSES:
            raise header.wrong("analysis", f"There is no analysis “{name}”.", nearest(name, ANALYSES))
    return names


def _window(header: _Header) -> str:
    text = header.text("window")
    number, _, unit = text.partition(" ")
    if text and (
        not number.isdecimal() or not 1 <= int(number) <= 1_200 or unit not in ("week", "weeks", "month", "months")
    ):
        raise header.wrong("window", f"“window” is “{text}”.", "Write it as `13 weeks` or `18 months`.")
    return text


def _chart(header: _Header) -> Chart:
    raw = header.mapping("chart", CHART_KEYS)
    columns = raw.get("columns", [])
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        raise header.wrong("columns", f"“columns” is {columns!r}.", "Write a list, such as [adjusted].")
    for key, value in raw.items():
        if key != "columns" and not isinstance(value, str):
            raise header.wrong(key, f"“{key}” is {value!r}.", "Write one word.")
    kind = raw.get("kind", "table")
    if kind not in CHART_KINDS:
        raise header.wrong("kind", f"There is no chart “{kind}”.", nearest(str(kind), CHART_KINDS))
    if raw.get("sort", "value") not in ("value", "own"):
        raise header.wrong("sort", f"“sort” is “{raw['sort']}”.", "Write value or own.")
    numbers = {}
    for key in ("limit", "decimals"):
        if key in raw:
            try:
                numbers[key] = int(raw[key])
            except ValueError as error:
                raise header.wrong(key, f"“{key}” is “{raw[key]}”.", "Write a whole number.") from error
    return Chart(**{**raw, **numbers, "columns": tuple(columns)})


def metric(name: str, text: str, file: str) -> Metric:
    """Check one metric file and read its header."""
    header = _Header(text, file, METRIC_KEYS)
    for key in ("label", "variant"):
        header.required(key)
    reading = gate.read(text, frozenset(("answers",)), file=file)
    if "x" not in reading.outputs:
        raise QueryFileError(
            "A metric adds the column x to each answer.",
            "Write `select *, case … end as x from answers`.",
            file=file,
            line=1,
        )
    groups = header.values.get("groups", [])
    table = header.choice("table", METRIC_TABLES, "responses")
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
        direction=header.choice("direction", ("higher", "lower"), "higher"),
        interval=header.choice("interval", ("nps", "share", "mean"), "mean"),
        groups=tuple(_group(header, group) for group in (groups if isinstance(groups, list) else [groups])),
        position=int(header.number("position", 99)),
        columns=reading.columns,
    )


def _group(header: _Header, raw: Any) -> Group:
    if not isinstance(raw, dict) or set(raw) - {"name", "to", "ko", "en"} or "name" not in raw or "to" not in raw:
        raise header.wrong("groups", f"{raw!r} is not a group.", "Write {name: detractor, to: 6, ko: …, en: …}.")
    name = str(raw["name"])
    label = {"ko": str(raw.get("ko", name)), "en": str(raw.get("en", name))}
    try:
        return Group(name, float(raw["to"]), label)
    except ValueError as error:
        raise header.wrong(
            "groups", f"“to” of {name} is {raw['to']!r}.", "Write the highest score of the group."
        ) from error


def source(name: str, text: str, file: str) -> Source:
    """Check one source file and read its header."""
    header = _Header(text, file, SOURCE_KEYS)
    for key in ("table", "files"):
        header.required(key)
    gate.read(text, frozenset(("raw",)), file=file)
    table = header.choice("table", contract.TABLES, "")
    files = header.text("files")
    if files.startswith(("/", "~")) or ".." in Path(files).parts:
        raise header.wrong("files", f"“{files}” lies outside the data folder.", "Name files inside the data folder.")
    zone = header.text("zone")
    if zone and zone not in available_timezones():
        raise header.wrong("zone", f"“{zone}” is no time zone.", nearest(zone, available_timezones()))
    return Source(
        name=name,
        file=file,
        text=gate.unended(text),
        digest=_digest(text),
        table=table,
        files=files,
        reader=header.choice("reader", ("parquet", "csv", "json"), ""),
        zone=zone,
        columns=header.names("columns"),
        encoding=header.text("encoding", "utf-8"),
        delimiter=header.text("delimiter"),
        description=header.words("description"),
    )


def _chain(asked: Question, entries: Mapping[str, Entry], above: tuple[str, ...] = ()) -> tuple[Question, ...]:
    result: dict[str, Question] = {}
    for used in asked.uses:
        if used in (*above, asked.name):
            raise QueryFileError(
                f"{asked.name} uses {used}, which leads back to itself.",
                "Remove one `uses`.",
                file=asked.file,
                line=1,
            )
        entry = entries.get(used)
        if not isinstance(entry, Question):
            known = [name for name, other in entries.items() if isinstance(other, Question)]
            raise QueryFileError(
                f"{asked.name} uses “{used}”, which is no working question.",
                nearest(used, known),
                file=asked.file,
                line=1,
            )
        for deeper in (*_chain(entry, entries, (*above, asked.name)), entry):
            result[deeper.name] = deeper
    short = [name.rpartition("/")[2].lower() for name in result]
    for name in short:
        if short.count(name) > 1:
            raise QueryFileError(
                f"{asked.name} uses two questions named “{name}”.", "Rename one of the files.", file=asked.file, line=1
            )
    return tuple(result.values())


class Catalog:
    """The files of some folders, later folders on top, re-read when they change.

    `entries` and `problems` are keyed by name (`trends/over_time`, `metrics/nps`, `sources/orders`).
    """

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders
        self._seen: dict[str, tuple[tuple[Path, int, int], Entry | CxError]] = {}
        self._working: tuple[dict[str, Entry], dict[str, CxError]] = ({}, {})
        self._refreshing = threading.Lock()
        self.refresh()

    @property
    def entries(self) -> dict[str, Entry]:
        """All working files by name."""
        return self._working[0]

    @property
    def problems(self) -> dict[str, CxError]:
        """What is wrong with the others."""
        return self._working[1]

    def refresh(self) -> None:
        """Read files that are new or changed and forget those that are gone; readers see old or new, never half."""
        with self._refreshing:
            found: dict[str, tuple[Path, int, int]] = {}
            for folder in self.folders:
                for path in sorted(folder.rglob("*.sql")):
                    try:
                        info = path.stat()
                    except OSError:
                        continue
                    found[path.relative_to(folder).with_suffix("").as_posix()] = (path, info.st_mtime_ns, info.st_size)
            known = self._seen
            if found == {name: state for name, (state, _) in known.items()}:
                return
            self._seen = {
                name: known[name] if name in known and known[name][0] == state else (state, self._read(name, state[0]))
                for name, state in found.items()
            }
            entries = {name: entry for name, (_, entry) in self._seen.items() if not isinstance(entry, CxError)}
            problems = {name: entry for name, (_, entry) in self._seen.items() if isinstance(entry, CxError)}
            for name, entry in list(entries.items()):
                try:
                    if isinstance(entry, Question):
                        _chain(entry, entries)
                except CxError as error:
                    problems[name] = error
                    del entries[name]
            self._working = (entries, problems)

    def _read(self, name: str, path: Path) -> Entry | CxError:
        file = self.shown(path)
        try:
            if path.is_symlink() and not any(path.resolve().is_relative_to(folder) for folder in self.folders):
                raise QueryFileError("The file is a link to outside.", "Copy the file itself here.", file=file)
            text = path.read_text(encoding="utf-8-sig")
            kind, _, rest = name.partition("/")
            if kind == "metrics":
                return metric(rest, text, file)
            if kind == "sources":
                return source(rest, text, file)
            return question(name, path, text, file)
        except CxError as error:
            return error
        except (OSError, UnicodeDecodeError) as error:
            return QueryFileError(f"The file cannot be read: {error}.", "Save it as UTF-8 text.", file=file)
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            return QueryFileError(
                f"The header cannot be understood: {error}.", "Compare it with that of a file that works.", file=file
            )

    def shown(self, path: Path) -> str:
        """A file's path as people see it: from `queries/` on."""
        for folder in self.folders:
            if path.is_relative_to(folder):
                return f"{folder.name}/{path.relative_to(folder).as_posix()}"
        return path.name

    def chain(self, asked: Question) -> tuple[Question, ...]:
        """The questions that `asked` builds on, deepest first; cycles and unknown names are errors."""
        return _chain(asked, self.entries)

    def tables(self, asked: Question) -> frozenset[str]:
        """The tables that a question reads, itself or through the questions it uses."""
        read = (step.reading.tables for step in (*self.chain(asked), asked))
        found: frozenset[str] = frozenset().union(*read)
        return found & QUESTION_TABLES

    def questions(self) -> dict[str, Question]:
        """All working questions by name."""
        return {name: entry for name, entry in sorted(self.entries.items()) if isinstance(entry, Question)}

    def metrics(self) -> dict[str, Metric]:
        """All working metrics by name, in their order."""
        found = [entry for entry in self.entries.values() if isinstance(entry, Metric)]
        return {entry.name: entry for entry in sorted(found, key=lambda entry: (entry.position, entry.name))}

    def sources(self) -> dict[str, Source]:
        """All working sources by name."""
        found = [entry for entry in self.entries.values() if isinstance(entry, Source)]
        return {entry.name: entry for entry in sorted(found, key=lambda entry: entry.name)}

    def question(self, name: str) -> Question:
        """The question of that name; its own problem, or the nearest names, when there is none."""
        entries, problems = self._working
        if name in problems:
            raise problems[name]
        entry = entries.get(name)
        if not isinstance(entry, Question):
            raise QueryError(f"There is no question “{name}”.", nearest(name, self.questions()))
        return entry
