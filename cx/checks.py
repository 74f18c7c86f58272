"""Whether files are in order: what is wrong with a file, and what its answer breaks of its chart and its own tests."""

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from cx import charts, themes
from cx.catalog import Question
from cx.engine import Engine, given
from cx.errors import CxError, QueryError, marked, nearest
from cx.figures import Answer
from cx.scope import Filters
from cx.tokens import Tokeniser

CHECKED_KEYS: Mapping[str, str] = {
    "name": "The file's name, such as custom/nps_by_tier or themes/delivery.",
    "file": "Where it stands, from `queries/` on.",
    "status": "`ok` or `problem`.",
    "seconds": "How long asking and testing it took; null where nothing was asked.",
    "rows": "Rows of the answer; null where there is none.",
    "problems": "What is wrong, a list: file, line, column, message, hint, excerpt.",
    "warnings": "What may be wrong and is for a person to judge, a list of the same.",
}
"""What `python -m cx check --json` prints for each file."""


@dataclass(frozen=True)
class Checked:
    """What a check of one file found."""

    name: str
    file: str
    problems: tuple[CxError, ...] = ()
    seconds: float | None = None
    rows: int | None = None
    warnings: tuple[CxError, ...] = ()

    def told(self) -> dict[str, Any]:
        """The finding as plain values, by CHECKED_KEYS."""
        return {
            "name": self.name,
            "file": self.file,
            "status": "problem" if self.problems else "ok",
            "seconds": None if self.seconds is None else round(self.seconds, 3),
            "rows": self.rows,
            "problems": [problem.told() for problem in self.problems],
            "warnings": [warning.told() for warning in self.warnings],
        }


def named(engine: Engine) -> set[str]:
    """The names of all files that can be checked; a page file is named by its path."""
    pages = {f"custom/{page.name}/page.yaml" for page in engine.catalog.folders_of_own() if page.file}
    topics = {f"themes/{name}" for name in themes.files(engine.queries)}
    return {*engine.catalog.entries, *engine.catalog.problems, *pages, *topics}


def check(engine: Engine, filters: Filters, wanted: Collection[str] = ()) -> Iterator[Checked]:
    """Check every file, or those wanted, by name: read it, ask it, run its tests."""
    catalog = engine.catalog
    pages = {f"custom/{page.name}/page.yaml": page for page in catalog.folders_of_own() if page.file}
    yield from _themes(engine, wanted)
    for name in sorted(wanted or named(engine)):
        if name.startswith("themes/"):
            continue
        if name in pages:
            page = pages[name]
            yield Checked(name, page.file, (page.problem,) if page.problem else ())
        elif name in catalog.problems:
            yield Checked(name, catalog.problems[name].file, (catalog.problems[name],))
        elif isinstance(catalog.entries[name], Question):
            yield _asked(engine, catalog.question(name), filters)
        else:
            yield Checked(name, catalog.entries[name].file)


def _themes(engine: Engine, wanted: Collection[str]) -> Iterator[Checked]:
    """Check the theme files: read them, and read the sentences of their tests."""
    files = themes.files(engine.queries)
    asked = [name for name in sorted(files) if not wanted or f"themes/{name}" in wanted]
    if not asked:
        return
    found = themes.load(engine.queries)
    matcher = themes.Matcher(found.working, Tokeniser())
    working = {one.name: one for one in found.working}
    for name in asked:
        started = time.perf_counter()
        if name in found.problems:
            problem = found.problems[name]
            yield Checked(f"themes/{name}", problem.file, (problem,))
            continue
        problems = themes.failures(working[name], matcher, files[name].read_text(encoding="utf-8-sig"))
        yield Checked(f"themes/{name}", working[name].file, tuple(problems), time.perf_counter() - started)


def _asked(engine: Engine, question: Question, filters: Filters) -> Checked:
    started, rows = time.perf_counter(), None
    problems: list[CxError] = []
    warnings: list[CxError] = []
    try:
        answer = engine.answer(question.name, filters)
        rows = len(answer.frame)
        problems += failures(question, answer.frame)
        warnings += doubts(engine, question, answer, filters)
        problems += given_failures(engine, question)
    except CxError as error:
        error.file = error.file or question.file
        problems.append(error)
    return Checked(question.name, question.file, tuple(problems), time.perf_counter() - started, rows, tuple(warnings))


def doubts(engine: Engine, question: Question, answer: Answer, filters: Filters) -> list[CxError]:
    """What of the answer a person should look at: a row that counts more answers than there are of its kind."""
    combined = any(step.reading.combines for step in (*engine.catalog.chain(question), question))
    if not combined or "n" not in answer.frame or not pd.api.types.is_numeric_dtype(answer.frame["n"]):
        return []
    counted = answer.frame["n"].astype("Float64").fillna(0).to_numpy(float)
    if not counted.size:
        return []
    row = answer.rows()[int(counted.argmax())]
    most = None
    with suppress(CxError):
        # A folder of one's own in place of the shipped questions has none that counts what stands behind.
        most = engine.most_behind(question, filters, row)
    if most is None or row["n"] <= most:
        return []
    line = question.reading.made.get("figure", question.reading.made.get("n", 1))
    error = QueryError(
        f"The row {shown(row)} counts {row['n']:,.0f} answers, where {most:,} are of its kind.",
        "A join or a union repeats them: join what a step has made one row per key, or ask `where … in (select …)`. "
        "Where n counts something else, give it another name; where a row is about more days than it names, return "
        "them as `first_day` and `last_day`.",
        file=question.file,
        line=line,
    )
    marked(error, question.text)
    return [error]


def shown(row: Mapping[str, Any]) -> str:
    """What tells a row from the others, in words: its first texts and days, else its first column."""
    parts = [f"{name} = {value}" for name, value in row.items() if isinstance(value, str | date) and value != ""]
    return ", ".join(parts[:3]) or ", ".join(f"{name} = {value}" for name, value in [*row.items()][:1])


def failures(question: Question, frame: pd.DataFrame) -> list[QueryError]:
    """What the answer over the published data breaks."""
    found = []
    chart = question.chart
    marks = (chart.x, chart.color, chart.size, chart.label, "value" if chart.y == "figure" else chart.y)
    drawn = (*marks, chart.facets, *chart.columns, *charts.NEEDED.get(chart.kind, ()))
    for name in drawn if chart.kind not in ("table", "kpi") else ():
        if name and name not in frame:
            hint = nearest(name, map(str, frame.columns))
            found.append(_failure(question, "chart", f"The chart names “{name}”, which is not returned.", hint))
    wrong = charts.misfit(frame, chart)
    if wrong:
        found.append(_failure(question, "chart", wrong.message, wrong.hint))
    for test in question.tests:
        for kind, wanted in test.items():
            if kind in ("given", "expect"):
                continue
            try:
                broken = _broken(kind, wanted, frame)
            except KeyError as error:
                broken = f"the column {error} is not in the answer"
            except (TypeError, ValueError) as error:
                broken = f"it cannot be read: {error}"
            if broken:
                found.append(_failure(question, kind, f"Test {kind}: {broken}.", "Correct the SQL or the test."))
    return found


def given_failures(engine: Engine, question: Question) -> list[CxError]:
    """What the answers over the rows that the file's own tests give break."""
    found: list[CxError] = []
    for number, test in enumerate(question.tests, 1):
        if "given" not in test:
            continue
        try:
            broken = given.mismatch(test["expect"], engine.given(question, test["given"]).frame)
        except CxError as error:
            error.file = error.file or question.file
            found.append(error)
            continue
        if broken:
            told = f"Test {number}, given rows: {broken}."
            found.append(_failure(question, "given", told, "Correct the SQL or the test."))
    return found


def _failure(question: Question, key: str, message: str, hint: str) -> QueryError:
    """The error at the header line of a key."""
    error = QueryError(message, hint, file=question.file, line=question.line_of(key))
    marked(error, question.text)
    return error


def _broken(kind: str, wanted: Any, frame: pd.DataFrame) -> str:
    """How an answer breaks one test, or an empty text."""
    if kind == "unique":
        names = [wanted] if isinstance(wanted, str) else list(wanted)
        twice = int(frame.duplicated(names).sum())
        return f"{twice} rows repeat {', '.join(names)}" if twice else ""
    if kind == "not_null":
        names = [wanted] if isinstance(wanted, str) else list(wanted)
        empty = [name for name in names if frame[name].isna().any()]
        return f"{', '.join(empty)} is empty in places" if empty else ""
    if kind == "range":
        values = frame[wanted["column"]].dropna()
        low, high = float(wanted.get("min", "-inf")), float(wanted.get("max", "inf"))
        outside = int(((values < low) | (values > high)).sum())
        return f"{outside} values of {wanted['column']} lie outside {low:g} … {high:g}" if outside else ""
    if kind == "accepted":
        others = set(frame[wanted["column"]].dropna().astype(str)) - set(wanted["values"])
        return f"{wanted['column']} also holds {', '.join(sorted(others)[:3])}" if others else ""
    low, high = float(wanted.get("min", 0)), float(wanted.get("max", "inf"))
    return "" if low <= len(frame) <= high else f"there are {len(frame)} rows, not {low:g} … {high:g}"
