"""Filter change to last chart painted, in headless Chromium on the demo company.

    .venv/bin/python benchmarks/filter_change.py [--data DIR] [--changes 20] [PAGE …]

Starts the dashboard on a free port of 127.0.0.1, opens each page (Overview and Trends by default), picks
another period so many times and prints, per page: seconds to the first chart, then p50 and p95 in
milliseconds from the click to the last change of a chart, key figure or heading. Needs what
requirements-dev.txt names, and Chromium.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PERIODS = (
    "Last 30 days",
    "Last 90 days",
    "Last month",
    "Last quarter",
    "Last half-year",
    "Last 12 months",
    "Year to date",
    "Last 7 days",
    "All time",
    "Quarter to date",
)
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
WATCH = """(() => {
  window.__painted = 0; window.__clicked = 0;
  const parts = '.js-plotly-plot, [data-testid=stMetric], h1';
  const seen = changes => changes.some(change =>
    change.target.closest?.(parts) || [...change.addedNodes].some(node => node.querySelector?.(parts)));
  document.addEventListener('DOMContentLoaded', () => new MutationObserver(changes => {
    if (seen(changes)) window.__painted = performance.now();
  }).observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true,
                             attributeFilter: ['d', 'transform']}));
  document.addEventListener('click', () => { window.__clicked = performance.now() }, true);
})()"""
QUIET = """() => !document.querySelector('[data-testid=stStatusWidget]')
  && window.__painted > window.__clicked && performance.now() - window.__painted > 700"""


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("pages", nargs="*", default=["", "trends"], metavar="PAGE")
    options.add_argument("--data", default=str(ROOT / "data"))
    options.add_argument("--changes", type=int, default=20)
    chosen = options.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)],
        cwd=ROOT,
        env={**os.environ, "CX_DATA": chosen.data},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CX_CHROMIUM") or shutil.which("chromium"), args=list(FLAGS)
            )
            for name in chosen.pages:
                page = browser.new_page(viewport={"width": 1440, "height": 2000})
                page.add_init_script(WATCH)
                print(measure(page, f"http://127.0.0.1:{port}/{name}?lang=en", name or "overview", chosen.changes))
                page.close()
            browser.close()
    finally:
        server.terminate()
        server.wait(10)


def wait_for(port: int) -> None:
    """Wait until the server answers, at most a minute."""
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The dashboard did not start within a minute.")


def measure(page: Page, address: str, name: str, changes: int) -> str:
    """One page's line: first chart, then p50, p95, best and worst of the changes."""
    started = time.perf_counter()
    page.goto(address)
    page.wait_for_selector(".main-svg", timeout=120_000)
    first = time.perf_counter() - started
    page.wait_for_timeout(4_000)
    took = []
    for number in range(changes):
        page.locator("[data-testid=stSelectbox]").first.click()
        option = page.get_by_role("option", name=PERIODS[number % len(PERIODS)], exact=True)
        option.wait_for()
        option.click()
        page.wait_for_function(QUIET, polling=50, timeout=60_000)
        took.append(page.evaluate("() => window.__painted - window.__clicked"))
    took.sort()
    p95 = took[min(len(took) - 1, int(0.95 * len(took)))]
    return (
        f"{name}: first chart {first:.1f} s; {changes} changes: p50 {statistics.median(took):.0f} ms, "
        f"p95 {p95:.0f} ms, best {took[0]:.0f} ms, worst {took[-1]:.0f} ms"
    )


if __name__ == "__main__":
    main()
