"""Privacy: which figures of an answer are hidden because too few people stand behind them.

Two minimums must not be confused. *Reliability* greys a figure of fewer than 30 answers and shows it; *privacy*
hides one of fewer than the survey's minimum, wherever it would appear. This is the one place that decides, on
the way out of the engine: charts, hover, tables, exports and custom questions get what is left.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cx.estimates import Columns, numbered

NOT_AN_AXIS = frozenset(("metric", "dimension", "dimension_2"))
"""Columns over which nothing sums to a shown margin: figures of two metrics or two dimensions are no parts."""

SAID = frozenset(("comment", "text"))
"""Columns that hold what people wrote."""

OF_A_COMMENT = frozenset(("metric", "day", "score", "kind", "touchpoint", "comment", "position", "found"))
"""What may be shown beside a comment where a minimum holds: nothing that says who wrote it."""


def keys(columns: Columns) -> list[str]:
    """The columns that say what a row is about: texts, days, and the score of a distribution."""
    return [name for name, values in columns.items() if name == "score" or not (_number(values) or _nested(values))]


def _number(values: Any) -> bool:
    return bool(pd.api.types.is_numeric_dtype(values)) and values.dtype != bool


def _nested(values: Any) -> bool:
    return values.dtype == object and any(isinstance(value, list | dict | np.ndarray) for value in values.tolist())


def hidden(columns: Columns, names: Sequence[str], n: Any, minimum: int, people: Any = None) -> np.ndarray:
    """Which rows of a table may not be shown: those below the minimum, and those that would give them away.

    `n` are the answers of each row's base, `people` the different people behind them where they were
    counted. Along each key column the rows form lines whose sum a reader may know (a margin). In a line
    with hidden rows, the hidden ones must be at least two and stand for at least the minimum together;
    otherwise the next smallest is hidden too, until nothing changes.
    """
    counted, known = _known(n, people)
    mask = too_few(n, minimum, people)
    if not mask.any():
        return mask
    lines = _lines(columns, names, len(counted))
    changed = True
    while changed:
        changed = False
        for line, count in lines:
            secret = np.bincount(line[mask], minlength=count)
            told = (secret > 0) & ((secret < 2) | (np.bincount(line[mask], known[mask], count) < minimum))
            next_ones = np.flatnonzero(told[line] & ~mask & (counted > 0))
            if len(next_ones):
                # The smallest of each line, the first one where several are: lines of one kind share no row.
                next_ones = next_ones[np.argsort(counted[next_ones], kind="stable")]
                mask[next_ones[np.unique(line[next_ones], return_index=True)[1]]] = True
                changed = True
    return mask


def too_few(n: Any, minimum: int, people: Any = None) -> np.ndarray:
    """Which bases of n answers (and so many people, where they were counted) are below the minimum."""
    counted, known = _known(n, people)
    return np.asarray((counted > 0) & (known < minimum))


def _known(n: Any, people: Any) -> tuple[np.ndarray, np.ndarray]:
    """The answers of each row, and the people known to stand behind them: answers where nobody was counted."""
    counted = np.nan_to_num(np.asarray(n, float))
    known = counted if people is None else np.minimum(counted, np.nan_to_num(np.asarray(people, float)))
    return counted, known


def _lines(columns: Columns, names: Sequence[str], rows: int) -> list[tuple[np.ndarray, int]]:
    """For each kind of line the line of each row, and how many there are: rows that sum to a figure that may be shown.

    Those are all rows (of one metric and dimension), those that differ in one key column only, and those that no
    key tells apart. A column that says no more than another one (the stage of a step) holds no rows apart.
    """
    apart = [name for name in names if name in NOT_AN_AXIS]
    groupings = [apart, list(names)]
    for axis in names:
        if axis not in NOT_AN_AXIS:
            others = [name for name in names if name != axis]
            groupings += [others, [name for name in others if name in apart or not _told_by(columns, axis, name)]]
    return [_codes(columns, grouping, rows) for grouping in dict.fromkeys(map(tuple, groupings))]


def _codes(columns: Columns, names: Sequence[str], rows: int) -> tuple[np.ndarray, int]:
    """One number per combination of the columns, and how many there are."""
    return numbered([columns[name] for name in names]) if names else (np.zeros(rows, int), 1)


def _told_by(columns: Columns, axis: str, name: str) -> bool:
    """Whether each value of one column has one value of the other."""
    return numbered([columns[axis]])[1] == numbered([columns[axis], columns[name]])[1]
