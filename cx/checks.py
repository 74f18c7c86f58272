"""Whether files are in order: what is wrong with a file, and what its answer breaks of its chart and its own tests."""

import re
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cx import charts, doubts, intake, metric_doubts, themes
from cx.catalog import Metric, Question, Source
from cx.engine import Engine, given
from cx.errors import CxError, DataError, QueryError, counted, marked, nearest
from cx.estimates import FEW
from cx.publish import listing, unknown_names
from cx.scope import Filters
from cx.tokens import Tokeniser

CHECKED_KEYS: Mapping[str, str] = {
    "name": "The file's name, such as custom/nps_by_tier or themes/delivery.",
    "file": "Where it stands, from `queries/` on; `cx.toml` for the settings.",
    "status": "`ok` or `problem`.",
    "seconds": "How long asking and testing it took; null where nothing was asked.",
    "rows": "Rows of the answer; null where there is none.",
    "problems": "What is wrong, a list: file, line, column, message, hint, excerpt.",
    "warnings": "What may be wrong and is for a person to judge, a list of the same.",
}
"""What `python -m cx check --json` prints for each file."""


LARGEST_TRIED = 50_000_000
"""Bytes of the largest file of a source that is read to check it, if there are smaller ones."""
SETTINGS = unknown_names.FILE
"""The settings are checked under the name of their file."""

SUMS_HINT = (
    "Look at what `tally` is given: n answers, w = Σ weight, w2 = Σ weight², wx = Σ weight·x, wx2 = Σ weight·x²."
)
"""What to do about a figure that cannot be."""


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
    topics = {f"themes/{name}" for name in {**themes.files(engine.queries), **themes.misnamed(engine.queries)}}
    settings = {SETTINGS} if (engine.data / SETTINGS).exists() else set()
    return {*engine.catalog.entries, *engine.catalog.problems, *pages, *topics, *settings}


def check(engine: Engine, filters: Filters, wanted: Collection[str] = ()) -> Iterator[Checked]:
    """Check every file, or those wanted, by name: read it, ask it, run its tests."""
    catalog = engine.catalog
    pages = {f"custom/{page.name}/page.yaml": page for page in catalog.folders_of_own() if page.file}
    yield from _themes(engine, wanted)
    if SETTINGS in (wanted or named(engine)):
        yield Checked(SETTINGS, SETTINGS, warnings=tuple(_settings(engine)))
    names = sorted(wanted or named(engine))
    asked = any(isinstance(catalog.entries.get(name), Question | Metric) for name in names)
    spreads = metric_doubts.spreads(engine, filters) if asked else {}
    for name in names:
        if name.startswith("themes/") or name == SETTINGS:
            continue
        if name in pages:
            page = pages[name]
            yield Checked(name, page.file, (page.problem,) if page.problem else ())
        elif name in catalog.problems:
            yield Checked(name, catalog.problems[name].file, (catalog.problems[name],))
        elif isinstance(catalog.entries[name], Question):
            yield _asked(engine, catalog.question(name), filters, spreads)
        elif isinstance(source := catalog.entries[name], Source):
            yield _tried(engine, source)
        else:
            entry = catalog.entries[name]
            yield _measured(engine, entry, spreads) if isinstance(entry, Metric) else Checked(name, entry.file)


def _settings(engine: Engine) -> Iterator[CxError]:
    """What `cx.toml` names that nothing published bears; a `cx.toml` that cannot be read has ended the check before."""
    text = (engine.data / SETTINGS).read_text(encoding="utf-8-sig")
    held = engine.snapshot()
    standing = unknown_names.standing_in(
        [held.parts_folder / f"{part.name}.duckdb" for parts in held.parts.values() for part in parts]
    )
    for error in unknown_names.found(engine.settings, held.values, engine.catalog, text, standing):
        yield marked(error, text)


def _tried(engine: Engine, source: Source) -> Checked:
    """Read one file of a source as publishing would, and say what it would refuse or set aside."""
    started = time.perf_counter()
    paths = listing.matched(engine.data, source)
    if not paths:
        return Checked(f"sources/{source.name}", source.file, warnings=(listing.unmatched(engine.data, source),))
    sizes = {path: path.stat().st_size for path in paths}
    # The newest tells most; a check need not wait for a year's answers.
    small = [path for path in paths if sizes[path] <= LARGEST_TRIED] or [min(paths, key=lambda path: sizes[path])]
    path = max(small, key=lambda path: path.stat().st_mtime)
    file = intake.File(path.resolve(), path.relative_to(engine.data).as_posix(), source.table, source)
    with intake.aside(engine.settings, engine.catalog.metrics()) as judge:
        judge.check(file)
    problems = [DataError(f"{file.shown}: {file.reason}", file.hint, file=source.file)] if file.reason else []
    warnings = [
        DataError(
            f"{file.shown}: {told['rows']:,} of {counted(file.read, 'row')} would be set aside, such as row "
            f"{told['row']:,}: “{told['column']}” {told['rule']}.",
            told["hint"],
            file=source.file,
        )
        for told in file.problems
        if not file.reason
    ]
    seconds = time.perf_counter() - started
    return Checked(f"sources/{source.name}", source.file, tuple(problems), seconds, file.kept, tuple(warnings))


def _themes(engine: Engine, wanted: Collection[str]) -> Iterator[Checked]:
    """Check the theme files: read them, and read the sentences of their tests."""
    files = themes.files(engine.queries) | themes.misnamed(engine.queries)
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


def _measured(engine: Engine, metric: Metric, spreads: Mapping[str, metric_doubts.Spread]) -> Checked:
    spread = spreads.get(metric.name)
    problem = metric_doubts.out_of_range(metric, spread)
    warnings = metric_doubts.of_metric(engine, metric, spreads)
    return Checked(f"metrics/{metric.name}", metric.file, (problem,) if problem else (), warnings=tuple(warnings))


def _asked(
    engine: Engine, question: Question, filters: Filters, spreads: Mapping[str, metric_doubts.Spread]
) -> Checked:
    started, rows = time.perf_counter(), None
    problems: list[CxError] = []
    warnings: list[CxError] = []
    try:
        answer = engine.answer(question.name, filters)
        rows = len(answer.frame)
        misfits = {name for name, one in answer.metrics.items() if metric_doubts.out_of_range(one, spreads.get(name))}
        problems += failures(question, answer.frame, answer.metrics, misfits)
        warnings += doubts.of_answer(engine, question, answer, filters)
        problems += given_failures(engine, question)
    except CxError as error:
        error.file = error.file or question.file
        problems.append(error)
    return Checked(question.name, question.file, tuple(problems), time.perf_counter() - started, rows, tuple(warnings))


def failures(
    question: Question,
    frame: pd.DataFrame,
    metrics: Mapping[str, Metric] | None = None,
    misfits: Collection[str] = (),
) -> list[QueryError]:
    """What the answer over the published data breaks; `metrics` are those in it, whose ranges its figures keep.

    Where single answers leave the range of a metric, one of the `misfits`, no question is to blame.
    """
    found = []
    chart = question.chart
    for wrong in (*charts.lacking(frame, chart), charts.misfit(frame, chart)):
        if wrong:
            found.append(_failure(question, "chart", wrong.message, wrong.hint))
    found += [_failure_of(question, *told) for told in _impossible(question, frame, metrics or {}, misfits)]
    for test in question.tests:
        for kind, wanted in test.items():
            if kind in ("given", "expect"):
                continue
            missing = next((name for name in _tested(kind, wanted) if name not in frame), "")
            if missing:
                told = f"Test {kind}: the column “{missing}” is not in the answer."
                found.append(_failure(question, kind, told, nearest(missing, map(str, frame.columns))))
                continue
            try:
                broken = _broken(kind, wanted, frame)
            except TypeError:
                broken = f"{wanted['column']} holds no numbers"
            if broken:
                found.append(_failure(question, kind, f"Test {kind}: {broken}.", "Correct the SQL or the test."))
    return found


def _impossible(
    question: Question, frame: pd.DataFrame, metrics: Mapping[str, Metric], misfits: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """Figures that cannot be: the column, what is wrong with an example, and what to do."""
    numbers = {str(name): _numbers(frame[name]) for name in frame if pd.api.types.is_numeric_dtype(frame[name])}

    def told(name: str, wrong: np.ndarray, what: str, hint: str = SUMS_HINT) -> Iterator[tuple[str, str, str]]:
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            more = f", and {int(wrong.sum()) - 1} more" if wrong.sum() > 1 else ""
            yield (
                name,
                f"{name} {what.format(numbers[name][place])} in the row {doubts.row_of(frame, place)}{more}.",
                hint,
            )

    for name, values in numbers.items():
        if name in ("n", "base") or name.endswith("_n"):
            yield from told(name, values < 0, "is {:g}, and it counts answers,")
        yield from told(
            name,
            np.isinf(values),
            "is infinite, as after a division by 0,",
            "Divide by `nullif(…, 0)`: the row is then empty.",
        )
    ranges = [metrics[name].range if name in metrics else None for name in _metric_of(frame, metrics)]
    low, high = (np.array([one[end] if one else np.nan for one in ranges], float) for end in (0, 1))
    value = numbers.get("value", np.full(len(frame), np.nan))
    beyond = (value < low - 1e-6) | (value > high + 1e-6)
    blamed = np.array([name not in misfits for name in _metric_of(frame, metrics)], bool)
    yield from told("value", beyond & blamed, "is {:g}, outside of the metric's `range`,")
    for stem in [
        name.removesuffix("low") for name in numbers if name.endswith("low") and name[:-3] + "high" in numbers
    ]:
        low, high = numbers[f"{stem}low"], numbers[f"{stem}high"]
        plain = not stem and "value" not in numbers
        own = question.chart.y if plain else f"{stem}value"
        yield from told(f"{stem}low", low > high, f"is {{:g}}, above {stem}high,", "Swap the two.")
        if own in numbers:
            # The interval of one answer, or of few, ends short of its value: it leans to the middle of the scale.
            slack = (0 if plain else 0.05) * np.maximum(np.abs(numbers[own]), 1) + 1e-9
            outside = (low <= high) & ((numbers[own] < low - slack) | (numbers[own] > high + slack))
            if not plain and f"{stem}n" in numbers:
                outside &= numbers[f"{stem}n"] >= FEW
            hint = "Return an interval that holds the value, or none." if plain else SUMS_HINT
            outside &= ~beyond if own == "value" else True
            yield from told(own, outside, f"is {{:g}}, outside of {stem}low … {stem}high,", hint)


def _metric_of(frame: pd.DataFrame, metrics: Mapping[str, Metric]) -> list[str]:
    """The metric of each row, where that is known."""
    if "metric" in frame:
        return [str(name) for name in frame["metric"].tolist()]
    return [next(iter(metrics), "") if len(metrics) == 1 else ""] * len(frame)


def _numbers(column: Any) -> np.ndarray:
    return np.asarray(column.astype("Float64").to_numpy(float, na_value=np.nan))


def _failure_of(question: Question, column: str, message: str, hint: str) -> QueryError:
    """The error at the line where a column is made, or the figure it belongs to."""
    made = question.reading.made
    stem = column.rpartition("_")[0]
    line = next((made[name] for name in (column, stem, "figure") if name in made), 1)
    error = QueryError(message, hint, file=question.file, line=line)
    marked(error, question.text)
    return error


def given_failures(engine: Engine, question: Question) -> list[CxError]:
    """What the answers over the rows that the file's own tests give break."""
    found: list[CxError] = []
    lines = [number for number, line in enumerate(question.text.splitlines(), 1) if re.match(r"--.*\bgiven:", line)]
    given_tests = [(number, test) for number, test in enumerate(question.tests, 1) if "given" in test]
    for place, (number, test) in enumerate(given_tests):
        line = lines[min(place, len(lines) - 1)] if lines else 1
        try:
            frame = engine.given(question, test["given"]).frame
            given.refuse_unexpected(test["expect"], frame)
        except given.Misgiven as error:
            error.file = question.file
            error.line, error.column = question.place_of(error.named, line)
            found.append(marked(error, question.text))
            continue
        except CxError as error:
            error.file, error.line = error.file or question.file, error.line or line
            found.append(error)
            continue
        broken = given.mismatch(test["expect"], frame)
        if broken:
            told = QueryError(f"Test {number}, given rows: {broken}.", "Correct the SQL or the test.")
            told.file, told.line = question.file, line
            found.append(marked(told, question.text))
    return found


def _failure(question: Question, key: str, message: str, hint: str) -> QueryError:
    """The error at the header line of a key."""
    error = QueryError(message, hint, file=question.file, line=question.line_of(key))
    marked(error, question.text)
    return error


def _tested(kind: str, wanted: Any) -> list[str]:
    """The columns that a test is about."""
    if kind in ("unique", "not_null"):
        return [wanted] if isinstance(wanted, str) else list(wanted)
    return [wanted["column"]] if kind in ("range", "accepted") else []


def _broken(kind: str, wanted: Any, frame: pd.DataFrame) -> str:
    """How an answer breaks one test, or an empty text."""
    if kind == "unique":
        names = _tested(kind, wanted)
        twice = int(frame.duplicated(names).sum())
        return f"{counted(twice, 'row')} {'repeats' if twice == 1 else 'repeat'} {', '.join(names)}" if twice else ""
    if kind == "not_null":
        empty = [name for name in _tested(kind, wanted) if frame[name].isna().any()]
        return f"{', '.join(empty)} is empty in places" if empty else ""
    if kind == "range":
        values = frame[wanted["column"]].dropna()
        low, high = float(wanted.get("min", "-inf")), float(wanted.get("max", "inf"))
        outside = int(((values < low) | (values > high)).sum())
        lie = "lies" if outside == 1 else "lie"
        return f"{counted(outside, 'value')} of {wanted['column']} {lie} outside {low:g} … {high:g}" if outside else ""
    if kind == "accepted":
        others = set(frame[wanted["column"]].dropna().astype(str)) - set(wanted["values"])
        return f"{wanted['column']} also holds {', '.join(sorted(others)[:3])}" if others else ""
    low, high = float(wanted.get("min", 0)), float(wanted.get("max", "inf"))
    if low <= len(frame) <= high:
        return ""
    return f"there {'is' if len(frame) == 1 else 'are'} {counted(len(frame), 'row')}, not {low:g} … {high:g}"
