"""Damaged Parquet exports by the thousand: `python -m cx bench mutated_exports [--mutants 3000] [--seed 7]`.

One export of 4,000 answers is damaged in four ways in turn (a bit flipped, 4 kB zeroed, cut off, bytes of its footer
changed), once with checksums in its pages and once without. Each mutant is judged as publishing judges a file, in a
process of its own that goes on until it ends: noticed (set aside with a reason and a remedy), harmless (every row comes
out as it was), or a silent change (other rows come out). A few go through the whole of publishing too.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cx import settings, snapshot
from cx.catalog import Catalog
from cx.intake import File, Intake
from cx.publish import listing

ROWS = 4_000
WAYS = ("bit flipped", "4 kB zeroed", "cut off", "footer changed")
ZEROED = 4_096
THROUGH = 30
"""So many mutants go through the whole of publishing."""
LONGEST = 60.0
"""A decision that takes longer than this is a process that ended."""


def original(path: Path, checksums: bool) -> None:
    """Write the export that is damaged."""
    dice = random.Random(1)  # noqa: S311 - made-up answers, no secret
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    words = ("pay", "queue", "slow", "friendly", "good", "앱이", "자꾸", "꺼져요", "배송", "빨라요")
    table = pa.table(
        {
            "response_id": [f"r{number:06}" for number in range(ROWS)],
            "responded_at": pa.array(
                [begin + timedelta(minutes=20 * number) for number in range(ROWS)], pa.timestamp("us", "UTC")
            ),
            "metric": [dice.choice(("nps", "csat")) for _ in range(ROWS)],
            "score": pa.array([dice.randint(1, 5) for _ in range(ROWS)], pa.int32()),
            "channel": [dice.choice(("app", "web", "store")) for _ in range(ROWS)],
            "customer_id": [f"c{dice.randrange(900)}" for _ in range(ROWS)],
            "comment": [" ".join(dice.choices(words, k=6)) if dice.random() < 0.3 else None for _ in range(ROWS)],
        }
    )
    pq.write_table(table, path, write_page_checksum=checksums, row_group_size=1_000, data_page_size=4_096)


def mutants(content: bytes, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many damaged copies, each with how it was damaged."""
    dice = random.Random(seed)  # noqa: S311 - repeatable damage, no secret
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    for number in range(count):
        way = WAYS[number % len(WAYS)]
        hurt = bytearray(content)
        if way == "bit flipped":
            hurt[dice.randrange(4, footer)] ^= 1 << dice.randrange(8)
        elif way == "4 kB zeroed":
            at = dice.randrange(4, max(footer - ZEROED, 5))
            hurt[at : at + ZEROED] = bytes(len(hurt[at : at + ZEROED]))
        elif way == "cut off":
            del hurt[dice.randrange(len(hurt)) :]
        else:
            for _ in range(dice.randint(1, 3)):
                hurt[dice.randrange(footer, len(hurt))] = dice.randrange(256)
        yield way, bytes(hurt)


def judge(data: Path) -> None:
    """Judge the files whose names are given, one a line, until there are no more; print what became of each."""
    metrics = Catalog(settings.query_folders(data)).metrics()
    about = settings.load(data)
    for line in sys.stdin:
        path = Path(line.strip())
        started = time.perf_counter()
        with tempfile.TemporaryDirectory(dir=data) as work, duckdb.connect() as connection:
            connection.execute("set TimeZone = 'Asia/Seoul'")
            intake = Intake(connection, about, metrics, Path(work))
            file = File(path, path.name, "responses", None, state="new")
            intake.check(file)
            rows = None
            if file.state == "published":
                columns = ", ".join(f'hash("{name}")' for name in sorted(file.columns))
                try:
                    rows = connection.execute(
                        f"select count(*), sum(hash({columns})::hugeint)::varchar from ({intake.rows([file], 'all')})"
                    ).fetchone()
                except duckdb.Error as error:
                    file.state, file.reason, file.hint = "refused", str(error), "while the part is made"
        said = {"rows": rows, "state": file.state, "told": bool(file.reason and file.hint)}
        print(json.dumps(said | {"seconds": time.perf_counter() - started}), flush=True)


class Judge:
    """A process that judges, started anew when it ended."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.exits = 0
        self.start()

    def start(self) -> None:
        """Start the process."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cx", "bench", "mutated_exports", "--judge", str(self.data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __call__(self, path: Path) -> dict[str, object] | None:
        """What became of a file; None where the process ended over it."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if line:
            found: dict[str, object] = json.loads(line)
            return found
        self.exits += 1
        self.process.wait()
        self.start()
        return None

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def measured(data: Path, checksums: bool, count: int, seed: int) -> None:
    """Damage one export so many times and print a table of what became of it."""
    path = data / "export.parquet"
    original(path, checksums)
    content = path.read_bytes()
    ask = Judge(data)
    good = ask(path)
    assert good is not None and good["state"] == "published"
    outcomes: Counter[tuple[str, str]] = Counter()
    seconds = []
    for way, hurt in mutants(content, count, seed):
        path.write_bytes(hurt)
        found = ask(path)
        if found is None:
            outcome = "process ended"
        elif found["state"] != "published":
            outcome = "noticed" if found["told"] else "noticed without a word"
        else:
            outcome = "harmless" if found["rows"] == good["rows"] else "silent change"
        outcomes[way, outcome] += 1
        if found:
            seconds.append(float(str(found["seconds"])))
    ask.close()
    print(f"\n{'with' if checksums else 'without'} checksums in the pages ({len(content):,} bytes)\n")
    print("| damage | noticed | harmless | silent change | process ended |\n|---|---|---|---|---|")
    for way in WAYS:
        counts = [outcomes[way, name] for name in ("noticed", "harmless", "silent change", "process ended")]
        print(f"| {way} | {' | '.join(map(str, counts))} |")
    unsaid = sum(number for (_, outcome), number in outcomes.items() if outcome == "noticed without a word")
    seconds.sort()
    middle, late = (seconds[int(len(seconds) * share)] for share in (0.5, 0.99))
    print(f"\nseconds a decision: p50 {middle:.3f}, p99 {late:.3f}, most {seconds[-1]:.3f}; without a reason: {unsaid}")


def through(data: Path, count: int, seed: int) -> None:
    """Send some mutants through the whole of publishing, beside a good file."""
    folder = data / "responses"
    folder.mkdir()
    original(folder / "good.parquet", checksums=True)
    hurt_file = folder / "hurt.parquet"
    ended = wrong = 0
    slowest = 0.0
    content = (folder / "good.parquet").read_bytes().replace(b"r00", b"x00")
    for _, hurt in mutants(content, count, seed):
        hurt_file.write_bytes(hurt)
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "cx", "publish", "--data", str(data)], capture_output=True)
        slowest = max(slowest, time.perf_counter() - started)
        ended += done.returncode != 0
        held = snapshot.current(data)
        wrong += held is None or held.rows("responses") not in (ROWS, 2 * ROWS)
    print(
        f"\nthrough the whole of publishing: {count}, ended {ended}, neither with nor without all rows {wrong}, ",
        end="",
    )
    print(f"most seconds {slowest:.1f} (of them {listing.SETTLED_SECONDS:g} waiting whether the file still grows)")


def main() -> None:
    """Measure, or (with --judge) judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.judge:
        judge(options.judge)
        return
    data = Path(tempfile.mkdtemp(prefix="mutated-"))
    try:
        for checksums in (True, False):
            measured(data, checksums, options.mutants, options.seed)
        (data / "export.parquet").unlink()
        through(data, min(THROUGH, options.mutants), options.seed)
    finally:
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
