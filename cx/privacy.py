"""Privacy: which figures of an answer are hidden because too few people stand behind them.

Two minimums must not be confused. *Reliability* greys a figure of fewer than 30 answers and shows it; *privacy*
hides one of fewer than the survey's minimum, wherever it would appear. This is the one place that decides, on
the way out of the engine: charts, hover, tables, exports and custom questions get what is left.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

NOT_AN_AXIS = frozenset(("metric", "dimension", "dimension_2"))
"""Columns over which nothing sums to a shown margin: figures of two metrics or two dimensions are no parts."""


def keys(frame: pd.DataFrame) -> list[str]:
    """The columns that say what a row is about: texts, days, and the score of a distribution."""
    return [str(name) for name in frame if name == "score" or not (_number(frame[name]) or _nested(frame[name]))]


def _number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column)) and column.dtype != bool


def _nested(column: pd.Series) -> bool:
    return column.dtype == object and bool(column.map(lambda value: isinstance(value, list | dict | np.ndarray)).any())


def hidden(
    frame: pd.DataFrame, names: Sequence[str], n: pd.Series, minimum: int, people: pd.Series | None = None
) -> np.ndarray:
    """Which rows of a table may not be shown: those below the minimum, and those that would give them away.

    `n` are the answers of each row's base, `people` the different people behind them where they were
    counted. Along each key column the rows form lines whose sum a reader may know (a margin). In a line
    with hidden rows, the hidden ones must be at least two and stand for at least the minimum together;
    otherwise the next smallest is hidden too, until nothing changes.
    """
    counted = n.fillna(0).to_numpy(float)
    known = counted if people is None else np.minimum(counted, people.fillna(0).to_numpy(float))
    mask: np.ndarray = np.asarray((counted > 0) & (known < minimum))
    if not mask.any():
        return mask
    lines = _lines(frame, names)
    changed = True
    while changed:
        changed = False
        for line in lines:
            secret = mask[line]
            if not secret.any() or (secret.sum() > 1 and known[line][secret].sum() >= minimum):
                continue
            open_rows = line[~secret & (counted[line] > 0)]
            if len(open_rows):
                mask[open_rows[np.argmin(counted[open_rows])]] = True
                changed = True
    return mask


def _lines(frame: pd.DataFrame, names: Sequence[str]) -> list[np.ndarray]:
    """Positions of rows that sum to a figure which may be shown elsewhere.

    Those are all rows (of one metric and dimension), those that differ in one key column only, and those that no
    key tells apart. A column that says no more than another one (the stage of a step) holds no rows apart.
    """
    apart = [name for name in names if name in NOT_AN_AXIS]
    groupings = [apart, list(names)]
    for axis in names:
        if axis not in NOT_AN_AXIS:
            others = [name for name in names if name != axis]
            groupings += [others, [name for name in others if name in apart or not _told_by(frame, axis, name)]]
    lines = []
    for grouping in dict.fromkeys(map(tuple, groupings)):
        codes = _codes(frame, grouping)
        order = np.argsort(codes, kind="stable")
        lines += np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    return [line for line in lines if len(line) > 1]


def _codes(frame: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """One number per combination of the columns."""
    if not names:
        return np.zeros(len(frame), int)
    return np.asarray(frame.groupby(list(names), dropna=False, sort=False).ngroup())


def _told_by(frame: pd.DataFrame, axis: str, name: str) -> bool:
    """Whether each value of one column has one value of the other."""
    return bool(_codes(frame, [axis]).max() == _codes(frame, [axis, name]).max())
