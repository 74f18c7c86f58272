"""Mutated SQL against the gate and a locked worker: what is refused, by whom, and that nothing escapes.

    python benchmarks/fuzz_gate.py [--count 5000] [--seed 7]

Mutates every shipped question and every attack of tests/test_gate.py (tokens dropped, doubled, swapped,
replaced, two texts spliced, comments and odd signs put in). What the gate lets through is run the way a
question is. Counts as an escape: a file written anywhere under the data folder or beside it, the canary's
words in an answer or a message, a changed catalogue of the worker, or the end of this process.
"""

import argparse
import importlib.util
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from cx import catalog, demo, publish, settings
from cx.catalog import Catalog
from cx.engine import Engine
from cx.errors import CxError, QueryFileError
from cx.periods import Period
from cx.scope import Filters

CANARY = "canary-4711-words"
SIGNS = ["--", "/*", "*/", ";", "'", '"', "$x", "$$", "\u00a0", "\ufeff", "\x00", "::", "(", ")", "{", "}", "*", ","]
WORDS = [
    "read_csv('CANARY')", "read_text('CANARY')", "from 'CANARY'", "copy (select 1) to 'OUT/x.csv'", "attach 'OUT/x.db'",
    "install httpfs", "pragma database_list", "duckdb_settings()", "getenv('HOME')", "query('select 1')", "delete",
    "insert into", "create table t as", "set threads=1", "union all", "with recursive", "lateral", "natural join",
    "pivot", "unpivot", "qualify", "exclude", "replace", "columns(*)", "unnest", "range(9)", "main.",
    "information_schema.tables",
]  # fmt: skip
CATALOGUE = """
    select database_name, schema_name, table_name as name from duckdb_tables()
    union all select database_name, schema_name, view_name from duckdb_views()
    union all select database_name, schema_name, function_name from duckdb_functions() where not internal order by all
"""


def attacks() -> list[str]:
    """The attack texts of the gate's own tests."""
    spec = importlib.util.spec_from_file_location("test_gate", settings.PROJECT / "tests" / "test_gate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return [text for _, *pair in module.ATTACKS for text in pair]


def mutated(text: str, other: str, dice: random.Random, canary: Path, out: Path) -> str:
    """A text with one to four mutations."""
    tokens = re.findall(r"\s+|\w+|[^\w\s]", text)
    for _ in range(dice.randint(1, 4)):
        if not tokens:
            break
        place = dice.randrange(len(tokens))
        kind = dice.randrange(7)
        if kind == 0:
            del tokens[place]
        elif kind == 1:
            tokens.insert(place, tokens[place])
        elif kind == 2:
            second = dice.randrange(len(tokens))
            tokens[place], tokens[second] = tokens[second], tokens[place]
        elif kind == 3:
            tokens[place] = dice.choice(SIGNS)
        elif kind == 4:
            tokens.insert(place, f" {dice.choice(WORDS)} ")
        elif kind == 5:
            more = re.findall(r"\s+|\w+|[^\w\s]", other)
            start = dice.randrange(len(more) or 1)
            tokens[place:place] = more[start : start + dice.randint(1, 12)]
        else:
            tokens[place] = dice.choice(tokens)
    return "".join(tokens).replace("CANARY", str(canary)).replace("OUT", str(out))


def main() -> int:
    """Run so many mutants and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    dice = random.Random(options.seed)  # noqa: S311 - mutants, no secrets
    home = Path(tempfile.mkdtemp(prefix="fuzz-"))
    data, canary = home / "data", home / "canary.csv"
    canary.write_text(f"a\n{CANARY}\n")
    demo.write(data, answers=2_000)
    publish.publish(data, Catalog(settings.query_folders(data)))
    engine = Engine(data, settings.query_folders(data), seconds=1.0)
    held = engine.snapshot()
    days = held.days("responses")
    assert days
    filters = Filters(Period(days[0], days[1]))
    texts = [question.text for question in engine.catalog.questions().values()]
    texts += [f"-- title: A\n-- grain: one row\n{text}\n" for text in attacks()]
    before = sorted(path.relative_to(home).as_posix() for path in home.rglob("*"))
    catalogue = engine.run(held, CATALOGUE, {})[0].to_pylist()
    became: Counter[str] = Counter()
    escapes: list[str] = []
    restarts = 0
    started = time.perf_counter()
    worker = engine._workers[next(iter(engine._workers))]
    for number in range(options.count):
        text = mutated(dice.choice(texts), dice.choice(texts), dice, canary, home)
        told = ""
        try:
            question = catalog.question("custom/fuzz", Path("fuzz.sql"), text, "fuzz.sql")
        except CxError as error:
            became["refused by the gate or header"] += 1
            told = f"{error}".replace(str(canary), "")
        else:
            try:
                answer = engine.ask(question, filters, held=held)
                became["answered"] += 1
                told = answer.frame.to_csv()
            except QueryFileError as error:
                became["refused by DuckDB"] += 1
                told = str(error)
            except CxError as error:
                became["stopped or not judged"] += 1
                told = str(error)
        if CANARY in told:
            escapes.append(text)
        now = engine._workers.get(next(iter(engine._workers)))
        restarts += now is not worker
        worker = now if now is not None else worker
        if number % 500 == 499:
            if engine.run(held, CATALOGUE, {})[0].to_pylist() != catalogue:
                escapes.append(f"the catalogue changed before mutant {number}")
            print(f"{number + 1}: {dict(became)}", file=sys.stderr)
    after = sorted(path.relative_to(home).as_posix() for path in home.rglob("*"))
    if after != before:
        escapes.append(f"files changed: {sorted(set(after) ^ set(before))[:5]}")
    seconds = time.perf_counter() - started
    engine.close()
    shutil.rmtree(home)
    print(f"{options.count} mutants in {seconds:.0f} s: {dict(became)}, worker replaced {restarts} times")
    print(f"escapes: {len(escapes)}")
    for text in escapes[:5]:
        print("---", text, sep="\n")
    return 1 if escapes else 0


if __name__ == "__main__":
    sys.exit(main())
