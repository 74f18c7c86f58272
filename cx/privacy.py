"""Privacy: which figures of an answer are hidden because too few people stand behind them.

Two minimums must not be confused. *Reliability* greys a figure of fewer than 30 answers and shows it; *privacy*
hides one of fewer than the survey's minimum, wherever it would appear. This is the one place that decides, on
the way out of the engine: charts, hover, tables, exports and custom questions get what is left.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

NOT_AN_AXIS = frozenset(("metric", "dimension"))
"""Columns over which nothing sums to a shown margin: figures of two metrics or two dimensions are no parts."""


def keys(frame: pd.DataFrame) -> list[str]:
    """The columns that say what a row is about: texts, days, and the score of a distribution."""
    return [
        str(name)
        for name in frame
        if name == "score" or not (pd.api.types.is_numeric_dtype(frame[name]) and frame[name].dtype != bool)
    ]


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
    """Positions of the rows that differ in one key column only, for each such column."""
    place = np.arange(len(frame))
    lines = []
    for axis in names:
        if axis in NOT_AN_AXIS:
            continue
        others = [name for name in names if name != axis]
        if not others:
            lines.append(place)
            continue
        codes = frame.groupby(others, dropna=False, sort=False).ngroup().to_numpy()
        lines += [place[codes == code] for code in np.unique(codes)]
    return [line for line in lines if len(line) > 1]
