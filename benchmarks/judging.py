"""What an answer costs beside its SQL: per shipped question, and loading 500 files.

    python -m cx bench judging [--data DIR] [--runs 15]

Each shipped question is answered by `Engine.answer` for a period nobody asked for yet, and its statement is run bare on
the same worker, turn about; medians in milliseconds. The difference is split: `sql` is DuckDB's own time, `transport`
the way to the worker and back, `judging` what `cx.figures` makes of the sums, `around` the rest (keys, the statement's
text, what the privacy minimum counts). Then a catalog of 500 files: cold, with nothing changed, with one changed.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from cx import figures, settings
from cx.catalog import Catalog
from cx.engine import Engine
from cx.errors import CxError
from cx.periods import Period, comparison
from cx.scope import Filters

COLUMNS = ("whole", "bare", "sql", "transport", "judging", "around")
DAYS = 90


def milliseconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


class Watched:
    """An engine whose statements and judging are timed."""

    def __init__(self, data: Path) -> None:
        self.engine = Engine(data, settings.query_folders(data))
        self.asked: list[tuple[str, dict[str, Any], float, float]] = []
        """Statement, values, seconds of the whole way and seconds of DuckDB, since the last answer began."""
        self.judged = 0.0
        run, finish = self.engine.run, figures.finish

        def timed_run(held: Any, statement: str, values: Any, viewer: Any = None) -> Any:
            started = time.perf_counter()
            table, seconds = run(held, statement, values, viewer)
            self.asked.append((statement, dict(values), time.perf_counter() - started, seconds))
            return table, seconds

        def timed_finish(*given: Any) -> Any:
            started, before = time.perf_counter(), sum(way for _, _, way, _ in self.asked)
            found = finish(*given)
            self.judged += time.perf_counter() - started - (sum(way for _, _, way, _ in self.asked) - before)
            return found

        self.bare = run
        self.engine.run = timed_run  # type: ignore[method-assign]
        figures.finish = timed_finish


def answers(data: Path, runs: int) -> None:
    """Print the table of all shipped questions."""
    watched = Watched(data)
    engine, held = watched.engine, watched.engine.snapshot()
    assert held.as_of
    print(f"| question | rows | {' | '.join(COLUMNS)} |\n|---|---|{'---|' * len(COLUMNS)}")
    for name in engine.catalog.questions():
        took: dict[str, list[float]] = {column: [] for column in COLUMNS}
        rows = 0
        try:
            for number in range(runs + 2):
                end = held.as_of + timedelta(days=1 - number)
                period = Period(end - timedelta(days=DAYS), end)
                filters = Filters(period, comparison(period, "previous"))
                watched.asked, watched.judged = [], 0.0
                started = time.perf_counter()
                rows = len(engine.answer(name, filters, held=held).frame)
                whole = time.perf_counter() - started
                asked, way = list(watched.asked), sum(way for _, _, way, _ in watched.asked)
                sql = sum(seconds for *_, seconds in asked)
                bare = sum(
                    milliseconds(lambda one=one: watched.bare(held, one[0], one[1]))
                    for one in asked  # type: ignore[misc]
                )
                if number < 2:
                    continue
                parts = (whole, bare / 1000, sql, way - sql, watched.judged, whole - way - watched.judged)
                for column, seconds in zip(COLUMNS, parts, strict=True):
                    took[column].append(1000 * seconds)
        except CxError as error:
            print(f"| {name} | {error.message} |")
            continue
        print(f"| {name} | {rows} | {' | '.join(f'{statistics.median(took[column]):.1f}' for column in COLUMNS)} |")
    engine.close()


def loading() -> None:
    """Print how long 500 question files take to be read, cold and again."""
    text = (settings.PROJECT / "queries" / "segments" / "breakdown.sql").read_text("utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "custom"
        folder.mkdir()
        for number in range(500):
            (folder / f"question_{number}.sql").write_text(text.replace("By segment", f"By segment {number}"))
        started = time.perf_counter()
        found = Catalog((Path(name),))
        cold = 1000 * (time.perf_counter() - started)
        assert len(found.questions()) == 500
        unchanged = statistics.median(milliseconds(found.refresh) for _ in range(20))
        changed = []
        for number in range(20):
            (folder / "question_7.sql").write_text(text.replace("By segment", f"Changed {number}"))
            changed.append(milliseconds(found.refresh))
        again = statistics.median(changed)
        print(f"500 files: cold {cold:.0f} ms, nothing changed {unchanged:.1f} ms, one changed {again:.1f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    answers(options.data or settings.data_folder(), options.runs)
    loading()
