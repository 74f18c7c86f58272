"""A proposed source: what a foreign file's columns probably are, each guess marked as one.

It looks at a sample through the same reader as publishing does, matches names and values with the contract,
and writes the SELECT that a person then corrects.
"""

import glob
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from math import ceil
from pathlib import Path

import duckdb

from cx import contract, intake, readers, snapshot
from cx.catalog import Metric
from cx.errors import DataError, QueryError
from cx.readers import literal, quoted
from cx.settings import Settings

SAMPLE = 20_000
"""Rows of a file that a proposal looks at."""
FEW_VALUES = 50
MOST_SEGMENTS = 20
NEARLY_ALL = 0.95
"""Share of a column's values that has to be of a type, so that codes for “no answer” do not hide it."""
LONG = 20
"""Mean length from which a text is somebody's own words."""

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "response_id": ("responseid", "answer_id", "id", "record_id", "respondent_id", "respondent", "ticket", "no"),
    "responded_at": ("recordeddate", "enddate", "submitted_at", "submitted", "answered_at", "timestamp", "date", "day"),
    "score": ("rating", "likelihood", "satisfaction", "stars", "value", "answer"),
    "customer_id": ("customer", "user_id", "member_id", "client_id"),
    "touchpoint": ("step", "stage"),
    "channel": ("medium",),
    "unit_id": ("unit", "store", "branch", "site"),
    "weight": ("wt",),
    "comment": ("text", "body", "content", "feedback", "review", "verbatim", "note", "why"),
    "review_id": ("id", "reviewid", "no"),
    "reviewed_at": ("date", "timestamp", "written_at", "submitted_at", "created_at", "at"),
    "brand": ("company", "app", "airline_name", "shop"),
    "rating": ("stars", "star_rating", "overall_rating"),
    "rating_max": ("max_rating", "stars_max"),
    "source": ("platform",),
    "title": ("headline", "summary"),
    "body": ("text", "content", "review", "review_text", "comment", "document"),
}
"""Names that a column of the contract goes by in other systems, the likeliest first."""

USUAL_TOPS = (5, 7, 10, 100)
"""Where scales of reviews usually end."""

METRIC_WORDS = {
    "nps": ("recommend", "likelihood"),
    "csat": ("satisfaction", "satisfied"),
    "ces": ("effort", "easy"),
}
"""Words in a column's name that tell which of the shipped metrics it answers."""

SPELLINGS = (
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%Y.%m.%d %H:%M",
    "%Y.%m.%d",
    "%y.%m.%d",
    "%y-%m-%d",
    "%y/%m/%d",
    "%Y년 %m월 %d일",
    "%Y. %m. %d.",
)
"""Spellings of a time that publishing does not read by itself."""


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

    @property
    def plain(self) -> str:
        """Its name as names of different systems are compared: lower case, `_` for other signs."""
        return intake.column_name(self.name)

    @property
    def number(self) -> bool:
        """Whether it holds numbers."""
        return self.low is not None

    @property
    def time(self) -> bool:
        """Whether it holds times."""
        return self.spelling is not None

    @property
    def words(self) -> bool:
        """Whether it holds texts."""
        return self.filled > 0 and not self.number and not self.time

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


class _Columns:
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
        return [one for one in self.seen if one not in self.used]

    def named(self, role: str, fits: Callable[[Seen], bool]) -> Seen | None:
        """The column that is called what the contract or another system calls this, if its values fit."""
        for name in (role, *SYNONYMS.get(role, ())):
            for one in self.left():
                if one.plain == name and fits(one):
                    return one
        return None

    def like(self, fits: Callable[[Seen], bool]) -> Seen | None:
        """The first column whose values fit, whatever it is called."""
        return next((one for one in self.left() if fits(one)), None)


def source_text(files: Sequence[Path], data: Path, settings: Settings, metrics: Mapping[str, Metric]) -> str:
    """The text of a source for some files of one shape."""
    pattern, shown = _pattern(files, data)
    seen = _looked_at(files[0], shown[0])
    columns = _Columns(seen)
    asked = {name: metric for name, metric in metrics.items() if metric.table == "responses"}
    rating, body = columns.named("rating", lambda one: one.number), columns.named("body", lambda one: one.words)
    reviews = bool(rating and body and not _metric_columns(columns, asked))
    table = "reviews" if reviews else "responses"
    folder = files[0].resolve().parent.name
    wide: dict[str, Seen] = {}
    if reviews:
        mapped = _reviews(columns, settings, folder)
    else:
        mapped, wide = _responses(columns, asked, shown[0])
    when = contract.TABLES[table].names[1]
    if not any(one.name == when for one in mapped):
        day = datetime.fromtimestamp(files[0].stat().st_mtime, settings.zone).date()
        mapped.insert(1, Mapped(literal(day.isoformat()), when, "no column of times; the day the file was written"))
    mapped += _segments(columns, table)
    lacking = {
        name for path, name_shown in zip(files[1:], shown[1:], strict=True) for name in _lacking(path, name_shown, seen)
    }
    words = ("Reviews", "리뷰") if reviews else ("Answers", "응답")
    told = {"en": f"{words[0]} of {folder}.", "ko": f"{folder}의 {words[1]}입니다."}
    lines = [
        f"table: {table}",
        f"files: {yaml_plain(pattern)}",
        f"reader: {readers.kind_of(files[0])}",
        f"zone: {settings.export_time_zone or settings.time_zone}",
        *(
            [f"columns: [{', '.join(yaml_text(one.name) for one in columns.used if one.name in lacking)}]"]
            if lacking
            else []
        ),
        f"description: {{en: {yaml_text(told['en'])}, ko: {yaml_text(told['ko'])}}}",
    ]
    return "".join(f"-- {line}\n" for line in lines) + "\n" + _body(columns, table, mapped, wide)


def _body(columns: _Columns, table: str, mapped: Sequence[Mapped], wide: Mapping[str, Seen]) -> str:
    """The SELECT with the comments before it; `wide` are columns that each answer a metric of their own."""
    kind = "public reviews" if table == "reviews" else "answers to a survey"
    lines = [
        f"-- guess: these are {kind}, so they fill the table {table}.",
        "-- guess: zone is the company's own; it should be that of the system that wrote the times.",
    ]
    left = [" ".join(one.name.split()) for one in columns.left()]
    if left:
        more = f" and {len(left) - 12} more" if len(left) > 12 else ""
        lines += [f"-- Left out, because no segment and nothing of the contract: {', '.join(left[:12])}{more}."]
    if not wide:
        return "\n".join([*lines, "select", *(one.line("    ") for one in mapped), "from raw", ""])
    answers = [
        Mapped(f"try_cast({sql_name(one.name)} as double)", sql_name(metric), "one column per metric")
        for metric, one in wide.items()
    ]
    names = ", ".join(sql_name(metric) for metric in wide)
    return "\n".join(
        [
            *lines,
            "with forms as (",
            "    select",
            *(one.line("        ") for one in (*mapped, *answers)),
            "    from raw",
            "),",
            "",
            "answered as (",
            f"    unpivot forms on {names} into name metric value score",
            ")",
            "",
            "select *",
            "from answered",
            "",
        ]
    )


# --- What the columns are ----------------------------------------------------------------------------


def _metric_columns(columns: _Columns, metrics: Mapping[str, Metric]) -> dict[str, Seen]:
    """Columns of numbers whose names tell which metric they answer, by what exports call the metric."""
    found: dict[str, Seen] = {}
    for metric in metrics.values():
        named = {metric.name, metric.answers, *METRIC_WORDS.get(metric.name, ())}
        free = [one for one in columns.left() if one.number and one not in found.values()]
        fitting = [one for one in free if named & {one.plain, *one.plain.split("_")}]
        if fitting:
            found[metric.answers] = fitting[0]
    return found


def _by_scale(one: Seen, metrics: Mapping[str, Metric]) -> str:
    """The metric with the narrowest scale that holds a column's values; the first one where none does."""
    fitting = [
        metric
        for metric in metrics.values()
        if metric.scale
        and one.low is not None
        and one.high is not None
        and metric.scale[0] <= one.low
        and one.high <= metric.scale[1]
    ]
    fitting.sort(key=lambda metric: metric.scale[1] - metric.scale[0] if metric.scale else 0)
    return next((metric.answers for metric in [*fitting, *metrics.values()]), "nps")


def _responses(columns: _Columns, metrics: Mapping[str, Metric], shown: str) -> tuple[list[Mapped], dict[str, Seen]]:
    """What fills `responses`, and the score columns where each answers a metric of its own."""
    known = {metric.answers for metric in metrics.values()}
    named = columns.take(
        columns.named("metric", lambda one: 0 < one.different <= FEW_VALUES and known.issuperset(one.values))
    )
    wide = {} if named else _metric_columns(columns, metrics)
    score = next(iter(wide.values()), None)
    if not wide:
        score = columns.named("score", lambda one: one.number)
    mapped = _common(columns, "responses", "comment", taken=[*wide.values(), *([score] if score else [])])
    if not score:
        score = columns.like(
            lambda one: one.number and one.whole and one.repeats and 0 <= (one.low or 0) <= (one.high or 0) <= 10
        )
    if not score and not any(one.name == "comment" for one in mapped):
        raise QueryError(
            f"{shown} has no column that looks like an answer, neither scores nor comments.",
            "Write this source by hand: docs/sources.md goes through it step by step.",
        )
    if len(wide) > 1:
        for one in wide.values():
            columns.take(one)
        return mapped, wide
    if named:
        metric = Mapped(sql_name(named.name), "metric")
    elif wide:
        metric = Mapped(literal(next(iter(wide))), "metric", f"by the name {score.name if score else ''}")
    else:
        metric = Mapped(
            literal(_by_scale(score, metrics) if score else next(iter(known), "nps")), "metric", "by the scale"
        )
    mapped.insert(2, metric)
    if score:
        columns.take(score)
        exact = score.name == "score"
        mapped.insert(3, Mapped(sql_name(score.name), "score", "" if exact else "the answer as given"))
    return mapped, {}


def _reviews(columns: _Columns, settings: Settings, folder: str) -> list[Mapped]:
    """What fills `reviews`."""
    rating = columns.take(columns.named("rating", lambda one: one.number))
    assert rating is not None and rating.high is not None
    mapped = _common(columns, "reviews", "body", taken=[])
    mapped.insert(2, Mapped(sql_name(rating.name), "rating", "" if rating.name == "rating" else "the stars given"))
    names = {one.name for one in mapped}
    if "rating_max" not in names and rating.high > 5:
        top = next((top for top in USUAL_TOPS if rating.high <= top), ceil(rating.high))
        mapped.insert(3, Mapped(str(top), "rating_max", "by the highest ratings"))
    if "brand" not in names:
        whose = "the company's own" if settings.brand else "the folder's name"
        mapped.insert(2, Mapped(literal(settings.brand or folder), "brand", f"no column of brands; {whose}"))
    return mapped


def _common(columns: _Columns, table: str, words: str, *, taken: Sequence[Seen]) -> list[Mapped]:
    """The contract's columns but for scores: identifier and time first, then the others by their names."""
    definition = contract.TABLES[table]
    identifier, when = definition.names[:2]
    for one in taken:
        columns.take(one)
    mapped: list[Mapped] = []
    identity = columns.take(
        columns.named(identifier, lambda one: one.one_each or (one.plain == identifier and one.filled > 0))
    )
    if identity:
        mapped.append(_as(identity, identifier, "it tells rows apart"))
    else:
        mapped.append(
            Mapped(
                "filename || '-' || row_number",
                identifier,
                "no column tells rows apart; rows may only be added at the end",
            )
        )
    moment = columns.take(columns.named(when, lambda one: one.time) or columns.like(lambda one: one.time))
    if moment:
        expression, why = sql_name(moment.name), "" if moment.name == when else "by its times"
        if moment.spelling:
            expression, why = f"try_strptime({expression}, {literal(moment.spelling)})", "by how its times are spelled"
        mapped.append(Mapped(expression, when, why))
    for column in definition.columns[2:]:
        if column.name in ("metric", "score", "rating", words):
            continue
        fits: Callable[[Seen], bool] = {
            "number": lambda one: one.number,
            "timestamp": lambda one: one.time and not one.spelling,
        }.get(column.type, lambda one: one.filled > 0 and not one.time)
        found = columns.take(columns.named(column.name, fits))
        if found:
            mapped.append(_as(found, column.name, "by its name"))
    own = columns.named(words, lambda one: one.words)
    own = columns.take(own or columns.like(lambda one: one.words and one.length >= LONG and not one.repeats))
    if own:
        mapped.append(_as(own, words, "the customer's own words"))
    for one in taken:
        columns.used.remove(one)
    return mapped


def _as(one: Seen, name: str, why: str) -> Mapped:
    return Mapped(sql_name(one.name), name, "" if one.name == name else why)


def _segments(columns: _Columns, table: str) -> list[Mapped]:
    """The other columns whose values are few and repeat."""
    found: dict[str, Mapped] = {}
    for one in columns.left():
        name = one.plain
        own = not name or name in intake.RESERVED or name.startswith("cx_") or contract.TABLES[table].column(name)
        plain = one.kind.startswith(("VARCHAR", "BOOLEAN", "ENUM")) or "INT" in one.kind
        if own or not plain or one.time or (one.number and not one.whole) or not one.repeats or one.length > LONG * 2:
            continue
        if name not in found and name not in ("filename", "row_number") and len(found) < MOST_SEGMENTS:
            found[name] = Mapped(sql_name(one.name), sql_name(name), "a segment")
            columns.take(one)
    return list(found.values())


# --- Looking at files --------------------------------------------------------------------------------


def _pattern(files: Sequence[Path], data: Path) -> tuple[str, list[str]]:
    """The glob of a source for these files, and each file's path inside the data folder."""
    if not files:
        raise QueryError("A source needs a file to look at.", "Write `python -m cx new source NAME FILE…`.")
    shown = []
    for path in files:
        inside = path.resolve()
        if not inside.is_file() or not inside.is_relative_to(data):
            raise QueryError(f"{path} is no file inside {data}.", "Copy the files into a folder of their own there.")
        first = inside.relative_to(data).parts[0]
        if first in (*contract.TABLES, snapshot.FOLDER, "queries"):
            raise QueryError(
                f"{path} lies in {first}/, which is read without a source.", "Move it into a folder of another name."
            )
        shown.append(inside.relative_to(data).as_posix())
    if len(files) == 1:
        return glob.escape(shown[0]), shown
    places = {(Path(one).parent, Path(one).suffix) for one in shown}
    if len(places) > 1:
        raise QueryError("The files lie in different folders or end differently.", "Write a source for each kind.")
    ((folder, suffix),) = places
    return (Path(glob.escape(folder.as_posix())) / f"*{suffix}").as_posix(), shown


@contextmanager
def _opened(path: Path, shown: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, str]]]:
    """The file as the relation `raw`, and its columns with their types."""
    # The reader takes a path for a glob, so the file is read under a name without such signs.
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        link = Path(folder) / f"file{path.suffix}"
        link.symlink_to(path.resolve())
        try:
            yield connection, readers.open_raw(connection, link, shown, work=Path(folder)).columns
        except DataError as error:
            error.file = shown
            raise


def _lacking(path: Path, shown: str, seen: Sequence[Seen]) -> set[str]:
    """The columns of the first file that another one has not."""
    with _opened(path, shown) as (_, kinds):
        names = {name.lower() for name in kinds}
    return {one.name for one in seen if one.name.lower() not in names}


def _looked_at(path: Path, shown: str) -> list[Seen]:
    """What a sample of a file says about each of its columns."""
    with _opened(path, shown) as (connection, kinds):
        found = []
        for name, kind in kinds.items():
            value = f"nullif(trim({quoted(name)}::varchar), '')"
            number = f"try_cast({value} as double)"
            measures = [
                f"count({value})",
                f"count(distinct {value})",
                f"coalesce(avg(length({value})), 0)",
                f"coalesce(list_sort(list(distinct {value}))[:{FEW_VALUES + 1}], [])",
                f"count({number})",
                f"quantile_disc({number}, 0.02)",
                f"quantile_disc({number}, 0.98)",
                f"coalesce(bool_and({number} = floor({number})), false)",
                f"count(try_cast({value} as timestamptz))",
                *(
                    f"coalesce(count_if(year(try_strptime({value}, {literal(spelling)})) between 1970 and 2100), 0)"
                    for spelling in SPELLINGS
                ),
            ]
            try:
                row = connection.execute(f"select {', '.join(measures)} from (from raw limit {SAMPLE})").fetchone()
            except duckdb.Error as error:
                first = str(error).splitlines()[0]
                raise DataError(
                    f"It cannot be read: {first}.", "Save it as UTF-8 text or Parquet.", file=shown
                ) from error
            assert row is not None
            found.append(_seen(name, kind, row))
    return found


def _seen(name: str, kind: str, row: Sequence[object]) -> Seen:
    filled, different, length, values, numbers, low, high, whole, times, *spelled = row
    enough = max(1, ceil(NEARLY_ALL * int(str(filled))))
    number = int(str(numbers)) >= enough and kind != "BOOLEAN"
    spellings = ["", *SPELLINGS]
    read = [spelling for spelling, count in zip(spellings, (times, *spelled), strict=True) if int(str(count)) >= enough]
    return Seen(
        name=name,
        kind=kind,
        filled=int(str(filled)),
        different=int(str(different)),
        length=float(str(length)),
        values=tuple(values) if isinstance(values, list) else (),
        low=float(str(low)) if number else None,
        high=float(str(high)) if number else None,
        whole=bool(whole) and number,
        spelling=None if number or not read else read[0],
    )


# --- Spelling ----------------------------------------------------------------------------------------


def yaml_text(text: str) -> str:
    """A text as a quoted YAML scalar on one line."""
    return json.dumps(text, ensure_ascii=False)


def yaml_plain(text: str) -> str:
    """A text as a YAML scalar, in quotes only where it has to be."""
    return text if re.fullmatch(r"\w[\w./*-]*", text) else yaml_text(text)


def sql_name(column: str) -> str:
    """A column's name as SQL writes it: in quotes only where it has to be."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", column) and column.lower() not in _keywords()
    return column if plain else quoted(column)


@cache
def _keywords() -> frozenset[str]:
    """The words that DuckDB keeps for itself."""
    with duckdb.connect() as connection:
        found = connection.execute("from duckdb_keywords()").fetchall()
    return frozenset(word for word, kind in found if kind != "unreserved")
