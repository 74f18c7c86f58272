"""One run of a benchmark in a process of its own, whose memory nothing else has raised."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from cx import settings


def measured(benchmark: str, *arguments: str) -> dict[str, float]:
    """Run `cx bench` with these arguments, and return what `tell` printed there; SystemExit where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "cx", "bench", benchmark, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=settings.PROJECT,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def tell(work: Callable[[], Mapping[str, float]]) -> None:
    """Do the work and print its wall and processor seconds, the most memory held in MB, and what the work returns."""
    started, used = time.perf_counter(), time.process_time()
    returned = work()
    taken = {
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - used,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(taken | dict(returned)))
