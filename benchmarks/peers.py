"""Filter change to last chart painted: the dashboard's Overview, a tutorial's Streamlit app, and Dash with pandas.

    python -m cx bench peers --data DIR [--changes 20] [--dash PYTHON]

The peers show key figures, a trend, a breakdown, a heat map and brands by month, of the same exports, which must have
been published for the dashboard. All run at the same time and are changed turn about: another period, a region, none.
PYTHON is the interpreter of an environment with Dash (`pip install dash pandas pyarrow`); without it Dash is left out.
Prints seconds from the start of a process to its first painting, milliseconds per change, and the resident MB.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

from driven import APPS, ROOT, browser, opened, painted, percentile, served, spread, streamlit

PERIODS = ("Last 30 days", "Last quarter", "All time", "Last half-year", "Last 12 months")
REGION = "region_03"


def choose(page: Any, place: int, name: str) -> None:
    """Pick an entry of one of Streamlit's lists."""
    page.locator(".st-key-filter_bar [data-testid=stSelectbox]").nth(place).click()
    option = page.get_by_role("option", name=name, exact=True)
    option.wait_for()
    option.click()


def segment(page: Any, name: str) -> None:
    """Filter the dashboard by a region, or take the filter away."""
    popover = page.locator("[data-testid=stPopoverBody]")
    regions = popover.locator("[data-testid=stMultiSelect]").filter(has_text="Region")
    if not popover.is_visible():
        page.locator(".st-key-filter_bar [data-testid=stPopover] button").first.click()
        regions.wait_for()
    if name == "All":
        regions.get_by_role("button", name="Clear all").click()
        return
    regions.locator("input").click()
    page.get_by_role("option", name=name, exact=True).click()


def radio(page: Any, place: int, name: str) -> None:
    """Pick one of Dash's buttons."""
    page.locator(("#period", "#region")[place]).get_by_text(name, exact=True).click()


def changes(page: Any, app: str, many: int) -> Iterator[Callable[[], None]]:
    """So many changes: two periods, a region, all regions."""
    for number in range(many):
        turn = number % 4
        if turn < 2:
            name = PERIODS[(number // 4 * 2 + turn) % len(PERIODS)]
            yield partial(radio if app == "dash" else choose, page, 0, name)
        else:
            name = REGION if turn == 2 else "All"
            yield {
                "dash": partial(radio, page, 1, name),
                "tutorial": partial(choose, page, 1, name),
                "dashboard": partial(segment, page, name),
            }[app]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", default=str(ROOT / "data"))
    options.add_argument("--changes", type=int, default=20)
    options.add_argument("--dash", default="", metavar="PYTHON")
    chosen = options.parse_args()
    commands = {"dashboard": streamlit("dashboard.py"), "tutorial": streamlit(APPS / "tutorial_app.py")}
    if chosen.dash:
        commands["dash"] = [chosen.dash, str(APPS / "dash_app.py"), "{port}"]
    with ExitStack() as stack:
        chromium = stack.enter_context(browser())
        apps, pages, first = {}, {}, {}
        for name, command in commands.items():
            health = "" if name == "dash" else "_stcore/health"
            running = served(command, health=health, seconds=300, CX_DATA=chosen.data, PYTHONPATH=str(APPS.parent))
            apps[name] = stack.enter_context(running)
            pages[name] = opened(chromium, f"{apps[name].address}/{'?lang=en' if name == 'dashboard' else ''}")
            first[name] = pages[name].evaluate("() => window.__painted_at") / 1000 - apps[name].started
        took: dict[str, list[float]] = {name: [] for name in apps}
        for clicks in zip(*(changes(page, name, chosen.changes) for name, page in pages.items()), strict=True):
            for name, click in zip(pages, clicks, strict=True):
                milliseconds = painted(pages[name], click)
                if milliseconds > 0:
                    took[name].append(milliseconds)
                time.sleep(0.1)
        for name, values in took.items():
            print(
                f"{name:10} first {first[name]:.1f} s; {len(values)} changes, ms: {spread(values)}; "
                f"{apps[name].used()[0]:.0f} MB"
            )
        for name in list(took)[1:]:
            ratio = percentile(took[name], 0.5) / percentile(took["dashboard"], 0.5)
            print(f"the dashboard is {ratio:.1f} times as fast as {name}")


if __name__ == "__main__":
    main()
