"""Dictionaries: the values of columns of few values, each with a code that it keeps from snapshot to snapshot."""

import time
from collections.abc import Iterable, Mapping, Sequence

from cx.catalog import METRIC_TABLES, Metric
from cx.intake import LONGEST_DICTIONARY, File
from cx.quoting import literal
from cx.snapshot import Snapshot


class Dictionaries:
    """The dictionaries of one lineage, which new values make longer."""

    def __init__(self, before: Snapshot | None, masking: str) -> None:
        """Go on from those of a snapshot; without one, or where its texts were masked in another way, begin anew."""
        if before and not before.lineage.endswith(f"-{masking}"):
            before = None  # dictionaries hold texts too
        self.lineage = before.lineage if before else f"{time.time_ns():x}-{masking}"
        self.codes: dict[str, list[str]] = (
            {column: list(values) for column, values in before.codes.items()} if before else {}
        )
        """Per column, its values in the order of their codes."""
        self.uncoded = set(before.uncoded) if before else set()
        """Columns of too many values for a dictionary."""

    def take_in(self, column: str, files: Iterable[File]) -> bool:
        """Add a column's new values to its dictionary; False where it has too many for one."""
        if column in self.uncoded:
            return False
        known = self.codes.get(column, [])
        there = [file.values.get(column) for file in files if column in file.columns]
        new = sorted({value for values in there for value in values or ()}.difference(known))
        if None in there or len(known) + len(new) > LONGEST_DICTIONARY:
            self.uncoded.add(column)
            self.codes.pop(column, None)
            return False
        self.codes[column] = [*known, *new]
        return bool(self.codes[column])

    def name_metrics(self, metrics: Mapping[str, Metric]) -> None:
        """Give every metric a code, also those that nobody answered yet."""
        known = self.codes.setdefault("metric", [])
        summed = [name for name, metric in metrics.items() if metric.table in METRIC_TABLES]
        known += sorted(name for name in summed if name not in known)


def type_of(values: Sequence[str]) -> str:
    """The type of a column that holds these values."""
    return f"enum ({', '.join(literal(value) for value in values)})"
