"""Many viewers at once on one process: how long a change of a filter takes, and from how many on it takes a second.

    python -m cx bench viewers [--data DIR] [--viewers 1,5,10,25,50,100] [--seconds 40] [--think 5]

Starts the dashboard and opens so many sessions over Streamlit's own websocket, without a browser, half of them on the
Overview and half on Trends. Each thinks for an exponentially distributed time, then picks another period, comparison
or segment and waits for the end of the rerun. Prints reruns, p50 and p95 of their milliseconds, errors, and what the
process with its worker used; stops adding viewers once p95 has passed two seconds.
"""

import argparse
import asyncio
import random
from dataclasses import dataclass, field

from driven import ROOT, Served, percentile, served, streamlit
from driven.session import Session

PAGES = ("", "trends")
MOST = 200
"""Sessions at once that one run may open."""


@dataclass
class Seen:
    """What all viewers of one round saw."""

    took: list[float] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    errors: int = 0


def another(session: Session, chance: random.Random) -> tuple[str, str | list[str]]:
    """A choice that differs from what stands there."""
    label = chance.choice(sorted(session.widgets))
    widget = session.widgets[label]
    now = session.chosen.get(widget.id)
    options = [option for option in list(widget.options)[:12] if option not in (now, "Custom")]
    chosen = chance.choice(options)
    if hasattr(widget, "max_selections"):
        return label, [] if now else [chosen]
    return label, chosen


async def viewer(
    address: str, number: int, together: asyncio.Barrier, seconds: float, think: float, seen: Seen
) -> None:
    """One viewer: opens the page, waits for all others to have done so, and goes on until the round is over."""
    chance = random.Random(number)  # noqa: S311 - dice of a benchmark
    clock = asyncio.get_running_loop()
    async with Session(address, PAGES[number % len(PAGES)]) as session:
        await session.run()
        await together.wait()
        until = clock.time() + seconds
        await asyncio.sleep(chance.uniform(0, think))
        while clock.time() < until:
            try:
                took = await session.run(*another(session, chance))
            except (TimeoutError, OSError):
                seen.errors += 1
                return
            seen.took.append(1000 * took)
            seen.size.append(session.size)
            await asyncio.sleep(chance.expovariate(1 / think))
        seen.errors += session.errors


async def measured(app: Served, many: int, seconds: float, think: float) -> float:
    """Print one round's line; returns its p95."""
    seen = Seen()
    clock = asyncio.get_running_loop()
    # All open the page first; what counts is what they do then.
    together = asyncio.Barrier(many + 1)
    viewers = [
        asyncio.create_task(viewer(app.address, number, together, seconds, think, seen)) for number in range(many)
    ]
    await asyncio.wait_for(together.wait(), 120)
    _, before = app.used()
    started = clock.time()
    outcomes = await asyncio.gather(*viewers, return_exceptions=True)
    seen.errors += sum(isinstance(outcome, BaseException) for outcome in outcomes)
    memory, after = app.used()
    late = percentile(seen.took, 0.95) if seen.took else float("inf")
    print(
        f"{many:4} viewers: {len(seen.took)} reruns, p50 {percentile(seen.took, 0.5):.0f} ms, p95 {late:.0f} ms, "
        f"{seen.errors} errors, {sum(seen.size) / max(len(seen.size), 1) / 1000:.0f} kB a rerun, "
        f"{(after - before) / (clock.time() - started):.2f} cores, {memory:.0f} MB",
        flush=True,
    )
    return late


def main() -> None:
    """Measure round by round."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", default=str(ROOT / "data"))
    options.add_argument("--viewers", default="1,5,10,25,50,100")
    options.add_argument("--seconds", type=float, default=40)
    options.add_argument("--think", type=float, default=5)
    chosen = options.parse_args()
    with served(streamlit("dashboard.py"), CX_DATA=chosen.data) as app:
        for many in (min(int(text), MOST) for text in chosen.viewers.split(",")):
            if asyncio.run(measured(app, many, min(chosen.seconds, 600), chosen.think)) > 2_000:
                break


if __name__ == "__main__":
    main()
