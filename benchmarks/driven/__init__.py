"""What the benchmarks of the screen share: servers that are started and stopped, a browser that tells when it painted.

`served` starts an app on a free port of 127.0.0.1 and ends it again; `painted` clicks and returns the milliseconds
to the last change of a chart, key figure or heading. A test driver of the browser and Chromium are needed for it.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = Path(__file__).resolve().parent
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
WATCH = """(() => {
  window.__painted = 0; window.__painted_at = 0; window.__clicked = 0;
  const parts = '.js-plotly-plot, [data-testid=stMetric], h1';
  const seen = changes => changes.some(change => !change.target.closest?.('.st-key-ahead') && (
    change.target.closest?.(parts) || [...change.addedNodes].some(node => node.querySelector?.(parts))));
  document.addEventListener('DOMContentLoaded', () => new MutationObserver(changes => {
    if (seen(changes)) { window.__painted = performance.now(); window.__painted_at = Date.now(); }
  }).observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true,
                             attributeFilter: ['d', 'transform']}));
  document.addEventListener('click', () => { window.__clicked = performance.now() }, true);
})()"""
QUIET = """() => !document.querySelector('[data-testid=stStatusWidget]')
  && [...document.querySelectorAll('.main-svg')].some(drawn => !drawn.closest('.st-key-ahead'))
  && performance.now() - window.__painted > 700
  && (window.__painted > window.__clicked || performance.now() - window.__clicked > 5000)"""


@dataclass(frozen=True)
class Served:
    """A running app: where it is, and what its processes use."""

    address: str
    started: float
    """Seconds since the epoch."""
    process: subprocess.Popen[bytes]

    def used(self) -> tuple[float, float]:
        """Resident MB and CPU seconds so far of the app and all processes it started."""
        memory, seconds = 0, 0.0
        for pid in _family(self.process.pid):
            with suppress(OSError, IndexError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                memory += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
                seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return memory / 1e6, seconds


def _family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


@contextmanager
def served(
    command: Sequence[str], *, health: str = "_stcore/health", seconds: float = 60.0, **environment: str
) -> Iterator[Served]:
    """Start an app, wait until it answers, and end it afterwards. `{port}` in the command becomes its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = time.time()
    process = subprocess.Popen(
        [part.replace("{port}", str(port)) for part in command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/{health}", seconds, process)
        yield Served(f"http://127.0.0.1:{port}", started, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def streamlit(script: str | Path, *options: str) -> list[str]:
    """The command that runs a Streamlit app."""
    return [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", "{port}", *options]


def _wait_for(address: str, seconds: float, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - this machine
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit("The app did not start.")


@contextmanager
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CX_CHROMIUM") or shutil.which("chromium"), args=list(FLAGS)
        )
        yield chromium
        chromium.close()


def opened(chromium: Any, address: str) -> Any:
    """A page on which everything is painted."""
    page = chromium.new_page(viewport={"width": 1440, "height": 2000})
    page.add_init_script(WATCH)
    page.goto(address)
    page.wait_for_function(QUIET, polling=50, timeout=180_000)
    return page


def painted(page: Any, click: Callable[[], None]) -> float:
    """Milliseconds from a click to the last chart, key figure or heading that it changed; negative for none."""
    click()
    page.wait_for_function(QUIET, polling=50, timeout=120_000)
    return float(page.evaluate("() => window.__painted - window.__clicked"))


def percentile(values: Sequence[float], share: float) -> float:
    """By nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def spread(values: Sequence[float]) -> str:
    """p50, p95, best and worst in milliseconds."""
    parts = (("p50", percentile(values, 0.5)), ("p95", percentile(values, 0.95)), ("best", min(values)))
    return ", ".join(f"{name} {value:.0f}" for name, value in (*parts, ("worst", max(values))))
