"""What gate, wrapper and judging cost per answer, against the same SQL on a bare cursor; and loading 500 files.

    python benchmarks/gate_overhead.py [--runs 60]

For each of some shipped questions: the whole way (`Engine.ask`, uncached) and the statement alone on a cursor of a
DuckDB that has the same files attached, turn about in one run; medians. Then a catalog of 500 files: cold, with
nothing changed, and with one file changed.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from cx import scope, settings
from cx.catalog import Catalog
from cx.engine import Engine
from cx.engine.worker import TALLY
from cx.periods import comparison, preset
from cx.readers import literal, quoted
from cx.scope import Filters

QUESTIONS = ("overview/kpi", "segments/breakdown", "trends/over_time", "segments/crossed", "journey/touchpoints")


def milliseconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def overhead(runs: int) -> None:
    """Print both medians per question, measured turn about."""
    data = settings.data_folder()
    engine = Engine(data, settings.query_folders(data))
    held = engine.snapshot()
    assert held.as_of
    period = preset("last_90_days", held.as_of)
    filters = Filters(period, comparison(period, "previous", "last_90_days"))
    bare = duckdb.connect(config={"threads": 2})
    bare.execute(f"set TimeZone = {literal(held.time_zone)}")
    bare.execute(TALLY)
    for parts in held.parts.values():
        for part in parts:
            path = str(held.parts_folder / f"{part.name}.duckdb")
            bare.execute(f"attach {literal(path)} as {quoted(part.name)} (read_only)")
    bare.execute(f"attach {literal(str(held.rollup_file))} as {scope.rollup_alias(held)} (read_only)")
    print("| question | whole way, ms | bare cursor, ms | difference, ms |\n|---|---|---|---|")
    for name in QUESTIONS:
        question = engine.catalog.question(name)
        statement, values = engine.statement(question, filters, question.values({}), held, 5_000)
        whole, alone = [], []
        for number in range(runs + 3):
            first = milliseconds(partial(engine.ask, question, filters, held=held))
            second = milliseconds(partial(_alone, bare, statement, values))
            if number >= 3:
                whole.append(first)
                alone.append(second)
        both = statistics.median(whole), statistics.median(alone)
        print(f"| {name} | {both[0]:.1f} | {both[1]:.1f} | {both[0] - both[1]:.1f} |")
    engine.close()
    bare.close()


def _alone(bare: duckdb.DuckDBPyConnection, statement: str, values: dict[str, Any]) -> None:
    relation = bare.cursor().sql(statement, params=values)
    assert relation is not None
    relation.to_arrow_table()


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
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=60)
    overhead(parser.parse_args().runs)
    loading()
