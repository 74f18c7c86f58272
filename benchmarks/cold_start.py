"""Process start to Overview painted, with a published snapshot, beside an empty Streamlit page with one Plotly chart.

    python -m cx bench cold_start [--data DIR] [--runs 5]

Starts both apps turn about, each from nothing, in a browser that already runs, and prints the seconds from the start
of the process to the last change of a chart, key figure or heading: medians, best and worst. One run of each before
that is not counted; it leaves Python's compiled files in a folder of their own.
"""

import argparse
import statistics
import tempfile

from driven import APPS, ROOT, browser, opened, served, streamlit


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", default=str(ROOT / "data"))
    options.add_argument("--runs", type=int, default=5)
    chosen = options.parse_args()
    apps = {"dashboard": "dashboard.py", "empty page": APPS / "empty_app.py"}
    took: dict[str, list[float]] = {name: [] for name in apps}
    with browser() as chromium, tempfile.TemporaryDirectory() as compiled:
        environment = {"CX_DATA": chosen.data, "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
        for number in range(1 + chosen.runs):
            for name, script in apps.items():
                with served(streamlit(script), **environment) as app:
                    page = opened(chromium, f"{app.address}/?lang=en")
                    if number:
                        took[name].append(page.evaluate("() => window.__painted_at") / 1000 - app.started)
                    page.close()
    for name, values in took.items():
        print(f"{name:10} {statistics.median(values):.2f} s (best {min(values):.2f}, worst {max(values):.2f})")
    print(
        f"the dashboard takes {statistics.median(took['dashboard']) / statistics.median(took['empty page']):.2f} times"
    )


if __name__ == "__main__":
    main()
