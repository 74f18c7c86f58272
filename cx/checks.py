"""What an answer breaks: columns that a chart names and the question does not return, and the file's own tests."""

from typing import Any

import pandas as pd

from cx import charts
from cx.catalog import Question
from cx.engine import Engine, given
from cx.errors import CxError, QueryError, nearest


def failures(question: Question, frame: pd.DataFrame) -> list[QueryError]:
    """What the answer over the published data breaks."""
    found = []
    chart = question.chart
    marks = (chart.x, chart.color, chart.size, chart.label, "value" if chart.y == "figure" else chart.y)
    drawn = (*marks, chart.facets, *chart.columns, *charts.NEEDED.get(chart.kind, ()))
    for name in drawn if chart.kind not in ("table", "kpi") else ():
        if name and name not in frame:
            hint = nearest(name, map(str, frame.columns))
            found.append(_failure(question, f"The chart names “{name}”, which is not returned.", hint))
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
                found.append(_failure(question, f"Test {kind}: {broken}.", "Correct the SQL or the test."))
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
            found.append(_failure(question, f"Test {number}, given rows: {broken}.", "Correct the SQL or the test."))
    return found


def _failure(question: Question, message: str, hint: str) -> QueryError:
    return QueryError(message, hint, file=question.file, line=1)


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
