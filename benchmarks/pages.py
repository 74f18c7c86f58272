"""Filter change to all figures of a page ready on the server, without drawing them, beside the same SQL run bare.

    python -m cx bench pages --data DIR [--page overview …]

Every shipped page file runs as it is; its parts ask and judge what the real ones do, at the same time and each when
it is there, and draw nothing. Each round has a filter nobody asked for yet (another period, each single dimension,
another comparison) and an empty memory. `bare` runs the statements of that round on the same worker, four at a time.
Nothing is printed where an answer differs from that of the same question on the plain rows.
"""

import argparse
import contextlib
import dataclasses
import importlib
import runpy
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd

from cx import findings, periods, settings, ui
from cx.engine import Engine
from cx.figures import Answer
from cx.periods import Period, comparison
from cx.scope import Filters
from cx.snapshot import Snapshot
from cx.ui import choices, overview
from cx.ui.page import Page
from cx.ui.view import Card, View, ask_calmly, outcome_of, title_of, told_of

PAGES = (
    "overview",
    "trends",
    "segments",
    "competitors/ratings",
    "competitors/themes",
    "competitors/reviews",
    "journey",
    "voice/themes",
    "voice/impact",
    "voice/spread",
    "voice/texts",
)
"""Pages, and what is shown of those that have several views."""
CHECKED = 3
"""Rounds of each page whose answers are compared with those of the plain rows."""


def ask_header(view: View, name: str, source: Card | None, note: str, moved: Card | None = None) -> None:
    """What `draw_header` does before it draws."""
    answer = ask_calmly(view, source) if source else None
    if moved and view.filters.before:
        ask_calmly(view, moved)
    if source and answer:
        overview._header(view, source, answer)


def ask_key_figures(view: View, source: Card, sparkline: Card) -> None:
    """What `draw_key_figures` does before it draws."""
    outcome = outcome_of(view, source)
    if isinstance(outcome, Answer):
        overview._key_figures(view, outcome, ask_calmly(view, sparkline))


def ask_moved(
    view: View, source: Card, crossed: Card, actions: Card, rivals: Card, complaints: Card, blamed: Card
) -> None:
    """What `draw_moved` does before it draws: ask for everything that the findings are made of, and make them."""
    outcome, meeting = outcome_of(view, source), ask_calmly(view, crossed) if view.filters.before else None
    if isinstance(outcome, Answer):
        found = findings.moved(outcome, overview.explained_of(view), view.language, view.label, meeting)
        spoken = [*overview.heard(view, complaints), *overview.heard_of_rivals(view, blamed)]
        overview.next_steps(view, [*found, *spoken], compared=bool(view.filters.before), judged=True)
    standing = ask_calmly(view, rivals) if view.held.has("reviews") else None
    if standing and view.about.brand:
        findings.standing(standing, view.language, view.label, view.about.brand)
    if view.held.has("actions"):
        ask_calmly(view, actions)


def ask_row(view: View, cards: Sequence[Card]) -> None:
    """What `draw_row` does before it draws."""
    for asked in cards:
        outcome = outcome_of(view, asked)
        if isinstance(outcome, Answer):
            title_of(view, asked, outcome)
            told_of(view, asked, outcome)


def filters_of(held: Snapshot, about: settings.Settings, first: Period) -> Iterator[Filters]:
    """Filters nobody asked for yet: periods, each single dimension, another comparison."""
    lengths = (7, 30, 90, 180, 365)
    for number, days in enumerate(lengths):
        for shift in (0, 3):
            end = first.end - timedelta(days=shift + number)
            period = Period(end - timedelta(days=days), end)
            for mode in ("previous", "year", "none")[: 3 if shift else 1]:
                yield Filters(period, comparison(period, mode))
    for column in choices.offered_columns(held, about):
        for value in held.values[column][:2]:
            yield Filters(first, comparison(first, "previous"), ((column, (value,)),))


@contextlib.contextmanager
def undrawn(view: View, section: str = "") -> Iterator[None]:
    """Pages that ask with this view and draw nothing; of a page of several views the named one."""

    def choose(view: View, words: str, key: str, options: Sequence[str], first: str, label: Any, **more: Any) -> str:
        return section if key == "view" and section else first

    pages, views = (importlib.import_module(f"cx.ui.{name}") for name in ("page", "view"))
    instead = {
        "draw_header": ask_header,
        "draw_key_figures": ask_key_figures,
        "draw_moved": ask_moved,
        "draw_rare": ask_row,
    }
    with contextlib.ExitStack() as stack:
        for name, ask in {**instead, "draw_row": ask_row, "draw_rare": ask_row}.items():
            stack.enter_context(mock.patch.object(pages, name, ask))
        stack.enter_context(mock.patch.object(overview, "draw_row", ask_row))
        stack.enter_context(mock.patch.object(ui, "page", lambda name: Page(view, name)))
        stack.enter_context(mock.patch.object(views.st, "container", lambda **_: contextlib.nullcontext()))
        stack.enter_context(mock.patch.object(pages, "choose", choose))
        stack.enter_context(mock.patch.object(pages, "write", lambda view, words, key, told: ""))
        yield


def differs(engine: Engine, held: Snapshot, asked: Sequence[tuple[Any, ...]]) -> str:
    """The question whose figures from sums differ from those of the plain rows, or an empty text."""
    bare = dataclasses.replace(held, rollups=())
    for question, filters, params in asked:
        fast, plain = (engine.ask(question, filters, params, held=state).frame for state in (held, bare))
        shown = [name for name in fast if name == "value" or name == "n" or name.endswith(("_value", "_n"))]
        keys = [name for name in fast if not pd.api.types.is_numeric_dtype(fast[name])]
        keys = [name for name in keys if name in ("metric", "period") or name.startswith(("dimension", "segment"))]
        fast, plain = (frame.sort_values([*keys, *shown])[shown].to_numpy(float) for frame in (fast, plain))
        if fast.shape != plain.shape or not np.allclose(fast, plain, rtol=1e-9, atol=1e-9, equal_nan=True):
            return f"{question.name} with {filters}"
    return ""


def measure(engine: Engine, name: str, rounds: Sequence[Filters]) -> str:
    """One page's line: p50 and p95 of the page and of its statements alone."""
    held, about = engine.snapshot(), engine.settings
    statements: list[tuple[str, dict[str, Any]]] = []
    asked: list[tuple[Any, ...]] = []
    run, ask = engine.run, engine.ask
    whole, alone, cards = [], [], 0
    file, _, section = name.partition("/")

    def kept_run(state: Snapshot, statement: str, values: Any, viewer: Any = None) -> Any:
        statements.append((statement, dict(values)))
        return run(state, statement, values, viewer)

    def kept_ask(question: Any, filters: Filters, params: Any = None, **more: Any) -> Answer:
        asked.append((question, filters, params))
        return ask(question, filters, params, **more)

    for number, filters in enumerate(rounds):
        grain = periods.suggest_grain(filters.period)
        view = View(engine, held, filters, "en", "", "previous", grain, False, False, about, mock.Mock())
        statements.clear()
        asked.clear()
        engine.forget()
        with (
            mock.patch.object(engine, "run", kept_run),
            mock.patch.object(engine, "ask", kept_ask),
            undrawn(view, section),
        ):
            started = time.perf_counter()
            engine.catalog.refresh()
            runpy.run_path(str(settings.PROJECT / "pages" / f"{file}.py"))
            for part in view.parts:
                part.draw()
            whole.append(1000 * (time.perf_counter() - started))
        cards = max(cards, len(asked))
        with ThreadPoolExecutor(4) as pool:
            started = time.perf_counter()
            list(pool.map(lambda one: run(held, *one), list(statements)))
            alone.append(1000 * (time.perf_counter() - started))
        if number % max(len(rounds) // CHECKED, 1) == 0:
            wrong = differs(engine, held, list(asked))
            if wrong:
                raise SystemExit(f"Sums and rows differ, so nothing is printed: {wrong}")
    whole, alone = whole[1:], alone[1:]
    middle, bare = statistics.median(whole), statistics.median(alone)
    return (
        f"| {name} | {cards} | {middle:.0f} | {np.quantile(whole, 0.95):.0f} | {bare:.0f} | "
        f"{np.quantile(alone, 0.95):.0f} | {statistics.median(w / a for w, a in zip(whole, alone, strict=True)):.2f} |"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--page", nargs="*", default=PAGES, choices=PAGES)
    parser.add_argument("--filters", type=int, default=100, help="at most so many filters a page")
    options = parser.parse_args()
    data = options.data or settings.data_folder()
    engine = Engine(data, settings.query_folders(data))
    held = engine.snapshot()
    assert held.as_of
    first = Period(held.as_of - timedelta(days=89), held.as_of + timedelta(days=1))
    rounds = [Filters(first, comparison(first, "previous")), *filters_of(held, engine.settings, first)]
    rounds = rounds[: options.filters + 1]
    lines = [measure(engine, name, rounds) for name in options.page]
    print(f"{len(rounds) - 1} filters a page, ms")
    print("| page | answers | p50 | p95 | bare p50 | bare p95 | page over bare |\n|---|---|---|---|---|---|---|")
    print("\n".join(lines))
    engine.close()


if __name__ == "__main__":
    main()
