"""Publishing killed at twenty points: `python -m cx bench killed_publishing [--points 20] [--answers 24000]`.

A company of twelve months is published; then all of its exports change, publishing starts anew and is ended by
`kill -9` after a part of the processor time that it usually takes, from its start to its end. After each kill the
current snapshot has to open, to hold the answers of before or of after and no mixture, and to answer a question of the
Overview; the next publishing has to hold those of after, and to leave nothing lying about.
"""

import argparse
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cx import settings, snapshot
from cx.engine import Engine
from cx.periods import Period
from cx.quoting import literal
from cx.scope import Filters

MONTHS = 12


def write(data: Path, answers: int, round_number: int) -> int:
    """Write the exports of one round, and return the sum of their scores."""
    (data / "responses").mkdir(exist_ok=True)
    total = 0
    each = answers // MONTHS
    for month in range(1, MONTHS + 1):
        scores = [(number * 7 + round_number) % 11 for number in range(each)]
        total += sum(scores)
        table = pa.table(
            {
                "response_id": [f"{month}-{number}" for number in range(each)],
                "responded_at": [f"2025-{month:02}-{number % 28 + 1:02}T12:00:00+09:00" for number in range(each)],
                "metric": ["nps"] * each,
                "score": pa.array(scores, pa.int8()),
                "channel": [("app", "web", "store")[number % 3] for number in range(each)],
                "region": [f"region {number % 9}" for number in range(each)],
                "comment": [f"comment {number} of round {round_number}" for number in range(each)],
            }
        )
        partial = data / f"{month}.tmp"
        pq.write_table(table, partial)
        partial.rename(data / "responses" / f"{month:02}.parquet")
    return total


def started(data: Path) -> subprocess.Popen[bytes]:
    """Publishing in a process of its own."""
    command = [sys.executable, "-m", "cx", "publish", "--quiet", "--data", str(data)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def used(process: subprocess.Popen[bytes]) -> float:
    """The processor seconds that a process has used; without end once it is over."""
    try:
        told = Path(f"/proc/{process.pid}/stat").read_text("ascii").rpartition(") ")[2].split()
    except OSError:
        return float("inf")
    return float("inf") if told[0] == "Z" else (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def killed_after(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """End a process after it has used so many processor seconds; whether it was still at work."""
    while used(process) < seconds:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return process.returncode == -signal.SIGKILL


def served(data: Path, answers: int) -> int:
    """The sum of the scores that the current snapshot serves; every other fault is an error."""
    held = snapshot.current(data)
    assert held is not None, "nothing is served"
    assert held.rows("responses") == answers, f"{held.rows('responses')} answers are served"
    with duckdb.connect() as connection:
        total = 0
        for part in held.parts["responses"]:
            connection.execute(f"attach {literal(str(held.parts_folder / part.name) + '.duckdb')} as part (read_only)")
            found = connection.execute("select count(*), sum(score)::bigint from part.rows").fetchone()
            assert found is not None and found[0] == part.rows, part.name
            total += found[1]
            connection.execute("detach part")
    engine = Engine(data, settings.query_folders(data), seconds=20)
    try:
        days = held.days("responses")
        assert days is not None
        answer = engine.answer("overview/kpi", Filters(Period(days[0], days[1].replace(day=days[1].day + 1))))
        assert answer.n == answers, f"the Overview counts {answer.n} answers"
    finally:
        engine.close()
    return total


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=20)
    parser.add_argument("--answers", type=int, default=24_000)
    options = parser.parse_args()
    answers = options.answers // MONTHS * MONTHS
    data = Path(tempfile.mkdtemp(prefix="killed-")).resolve()
    try:
        before = write(data, answers, 0)
        started(data).communicate()
        assert served(data, answers) == before
        after = write(data, answers, 1)
        begin, spent = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        started(data).communicate()
        took, now = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
        usual = now.ru_utime + now.ru_stime - spent.ru_utime - spent.ru_stime
        assert served(data, answers) == after
        print(f"{answers:,} answers, publishing all of them takes {usual:.1f} processor seconds, {took:.1f} s in all\n")
        print("| killed after processor seconds | ended by it | then served | the next publishing |\n|---|---|---|---|")
        faults = 0
        for point in range(options.points):
            before, after = after, write(data, answers, point + 2)
            moment = usual * (point + 0.5) / options.points
            killed = killed_after(started(data), moment)
            try:
                total = served(data, answers)
                then = {before: "the last good", after: "the new one"}.get(total, "A MIXTURE")
                process = started(data)
                _, said = process.communicate()
                whole = process.returncode == 0 and served(data, answers) == after
                left = list(snapshot.published(data).glob("work-*"))
                following = "whole" if whole and not left else f"NOT WHOLE {said.decode()} {left}"
            except (AssertionError, OSError, duckdb.Error) as error:
                then, following = "FAULT", repr(error)
            faults += then not in ("the last good", "the new one") or following != "whole"
            print(f"| {moment:.2f} | {'yes' if killed else 'no, it was done'} | {then} | {following} |", flush=True)
        print(f"\n{faults} faults at {options.points} points")
        raise SystemExit(1 if faults else 0)
    finally:
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
