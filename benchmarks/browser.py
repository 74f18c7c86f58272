"""Filter change to last chart painted, in headless Chromium, beside the floor of the same page.

    python -m cx bench browser [--data DIR] [--changes 24] [PAGE …]

For each page (Overview and Trends by default): starts the dashboard, records what it sends for some periods, and starts
an app that sends the same messages without any work behind them: Streamlit and Plotly alone, the same layout and marks.
Then changes filters in both, turn about, in one run: the period, the comparison, and the first value of one segment
after the other. Prints milliseconds from the click to the last change of a chart, key figure or heading.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

from driven import APPS, ROOT, browser, opened, painted, percentile, served, spread, streamlit
from driven.floor import recorded

PERIODS = (
    "Last 30 days",
    "Last 12 months",
    "Last month",
    "Last quarter",
    "Last half-year",
    "Year to date",
    "All time",
    "Last 90 days",
)
COMPARISONS = ("Year ago", "Previous period")
RECORDED = ("Last 30 days", "Last quarter", "Last 12 months", "Last half-year")


def choose(page: Any, place: int, name: str) -> None:
    """Pick another entry of the filter bar's lists."""
    page.locator(".st-key-filter_bar [data-testid=stSelectbox]").nth(place).click()
    option = page.get_by_role("option", name=name, exact=True)
    option.wait_for()
    option.click()


def segment(page: Any, place: int, *, clear: bool) -> None:
    """Pick the first value of a segment, or take it away again."""
    lists = page.locator("[data-testid=stPopoverBody] [data-testid=stMultiSelect]")
    if not lists.first.is_visible():
        page.locator(".st-key-filter_bar [data-testid=stPopover] button").first.click()
        lists.first.wait_for()
    chosen = lists.nth(place % lists.count())
    if clear:
        chosen.get_by_role("button", name="Clear all").click()
        return
    chosen.locator("input").click()
    option = page.get_by_role("option").filter(has_not_text="Select all").first
    option.wait_for()
    option.click()


def changes(page: Any, many: int) -> Iterator[Callable[[], None]]:
    """So many changes, over any one filter."""
    periods = cycle(PERIODS)
    for number in range(many):
        turn, round_ = number % 6, number // 6
        if turn in (0, 1, 4):
            yield partial(choose, page, 0, next(periods))
        elif turn == 5:
            yield partial(choose, page, 1, COMPARISONS[round_ % len(COMPARISONS)])
        else:
            yield partial(segment, page, round_, clear=turn == 3)


def compared(chromium: Any, data: str, name: str, many: int, folder: Path) -> None:
    """Print both lines of one page."""
    recording = folder / f"{name or 'overview'}.floor"
    with served(streamlit("dashboard.py"), CX_DATA=data) as app:
        charts = recorded(app.address, name, RECORDED, recording)
        floor_app = streamlit(APPS / "floor_app.py")
        with served(floor_app, CX_FLOOR=str(recording), PYTHONPATH=str(APPS.parent)) as floor:
            pages = {
                "dashboard": opened(chromium, f"{app.address}/{name}?lang=en"),
                "floor": opened(chromium, floor.address),
            }
            took: dict[str, list[float]] = {place: [] for place in pages}
            both = zip(*(changes(page, many) for page in pages.values()), strict=True)
            for clicks in both:
                for place, click in zip(pages, clicks, strict=True):
                    milliseconds = painted(pages[place], click)
                    if milliseconds > 0:
                        took[place].append(milliseconds)
            for page in pages.values():
                page.close()
    for place, values in took.items():
        print(f"{name or 'overview':10} {place:10} {charts} charts, {len(values)} changes, ms: {spread(values)}")
    ratio = percentile(took["dashboard"], 0.5) / percentile(took["floor"], 0.5)
    print(f"{name or 'overview':10} p50 is {ratio:.2f} times the floor", flush=True)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("pages", nargs="*", default=["", "trends"], metavar="PAGE")
    options.add_argument("--data", default=str(ROOT / "data"))
    options.add_argument("--changes", type=int, default=24)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        for name in chosen.pages:
            compared(chromium, chosen.data, "" if name == "overview" else name, chosen.changes, Path(folder))


if __name__ == "__main__":
    main()
