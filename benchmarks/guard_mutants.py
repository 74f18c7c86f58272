"""Each guard between a question file and the machine taken away in turn: the tests must notice.

    python benchmarks/guard_mutants.py [NAME …]

Copies the checkout into a folder of its own, changes one place of the code there, and runs the tests that stand
for that guard until the first failure. A guard whose tests still pass is printed as NOT NOTICED, and the exit code
is 1. Without any change the same tests must pass: that is looked at first.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cx.settings import PROJECT

LONGEST = 600
"""Seconds that the tests of some files may take."""

COPIED = ("cx", "tests", "queries", "pages", "docs", "dashboard.py", "pyproject.toml", "README.md")
GATE, WORKER, ENGINE = ("test_gate", "test_guards"), ("test_worker_guards", "test_engine"), ("test_engine",)


@dataclass(frozen=True)
class Guard:
    """One guard: what it is, where it stands, what stands there without it, and which tests must notice."""

    name: str
    file: str
    found: str
    without: str
    tests: Sequence[str]


def _condition(name: str, file: str, found: str, tests: Sequence[str]) -> Guard:
    """A guard that is the condition of an `if`."""
    return Guard(name, file, f"if {found}:", "if False:", tests)


GATE_FILE, JUDGE_FILE, NODES_FILE = "cx/gate/__init__.py", "cx/gate/judge.py", "cx/gate/nodes.py"
WEIGHTING_FILE, CATALOG_FILE, WORKER_FILE = "cx/gate/weighting.py", "cx/catalog.py", "cx/workers/worker.py"
ENGINE_FILE, ERRORS_FILE, PROCESS_FILE = "cx/engine/__init__.py", "cx/errors.py", "cx/workers/process.py"

GUARDS = (
    _condition("list of node kinds", JUDGE_FILE, "kind not in STRUCTURES", GATE),
    _condition("list of expression kinds", JUDGE_FILE, "kind not in EXPRESSIONS", GATE),
    _condition("list of functions", JUDGE_FILE, "name not in allowed", GATE),
    Guard(
        "list of table functions",
        JUDGE_FILE,
        'if str(function.get("function_name", "")).lower() not in TABLE_FUNCTIONS:',
        "if False:",
        GATE,
    ),
    _condition("list of tables", JUDGE_FILE, "name not in self.allowed", GATE),
    _condition(
        "qualified tables",
        JUDGE_FILE,
        'node.get("schema_name") or node.get("catalog_name") or node.get("at_clause")',
        GATE,
    ),
    _condition("qualified functions", JUDGE_FILE, 'node.get("schema") or node.get("catalog")', GATE),
    _condition("steps named like tables", JUDGE_FILE, "name in self.allowed", GATE),
    Guard(
        "a step does not see itself",
        JUDGE_FILE,
        'steps if name == "left" else steps | recurring',
        "steps | recurring",
        GATE,
    ),
    Guard("one statement", NODES_FILE, "if len(statements) > 1:", "if False:", GATE),
    _condition("statement is a SELECT", NODES_FILE, "statements[0].type != duckdb.StatementType.SELECT", GATE),
    _condition("length of a text", NODES_FILE, "len(text) > 100_000", GATE),
    _condition("NUL characters", NODES_FILE, '"\\x00" in text', GATE),
    Guard("calm about depth", GATE_FILE, "except RecursionError as error:", "except ZeroDivisionError as error:", GATE),
    _condition(
        "averages of combinations",
        WEIGHTING_FILE,
        "name in PER_ROW and rows and not self._answers_alone(given, node, steps, source)",
        GATE,
    ),
    Guard(
        "one metric a figure",
        GATE_FILE,
        "judge.one_metric_a_figure(tree)",
        "pass",
        GATE,
    ),
    _condition("parameters are declared", CATALOG_FILE, "parameter not in params", ("test_attacks",)),
    _condition("parameters are used", CATALOG_FILE, "quoted or not used", ("test_attacks",)),
    Guard(
        "no link to outside",
        CATALOG_FILE,
        "if not any(path.resolve().is_relative_to(folder.resolve()) for folder in self.folders):",
        "if False:",
        ("test_attacks", "test_catalog"),
    ),
    Guard("a replaced file is judged again", CATALOG_FILE, "info.st_ctime_ns, info.st_size", "0, 0", ("test_attacks",)),
    Guard(
        "the wrapper",
        ENGINE_FILE,
        'f"{prefix}select * from (\\n{source.text}\\n) limit {int(row_cap) + 1}"',
        'f"{prefix}{source.text}"',
        ENGINE,
    ),
    Guard("semicolons within the wrapper", NODES_FILE, "for place in _semicolons(text):", "for place in ():", ENGINE),
    Guard("the row cap", ENGINE_FILE, ") limit {int(row_cap) + 1}", ")", ENGINE),
    Guard("the cut at the cap", ENGINE_FILE, "finished.frame.head(row_cap)", "finished.frame", ENGINE),
    Guard(
        "no values in errors",
        ERRORS_FILE,
        'elif not head.startswith(("Binder", "Catalog", "Parser", "Out of Memory")):',
        "elif False:",
        ENGINE,
    ),
    Guard("one statement a request", WORKER_FILE, "len(statements) != 1 or ", "", WORKER),
    Guard("requests only read", WORKER_FILE, " or statements[0].type not in READING", "", WORKER),
    Guard(
        "read-only transaction",
        WORKER_FILE,
        'cursor.execute("begin transaction read only")',
        'cursor.execute("begin transaction")',
        WORKER,
    ),
    Guard("files attached read-only", WORKER_FILE, " (read_only)", "", WORKER),
    Guard(
        "no outside access",
        WORKER_FILE,
        'connection.execute("set enable_external_access = false")',
        "pass",
        WORKER,
    ),
    Guard("the check of the lock", WORKER_FILE, 'raise SystemExit("The database', 'print("The database', WORKER),
    Guard("locked settings", WORKER_FILE, 'connection.execute("set lock_configuration = true")', "pass", WORKER),
    Guard(
        "no variables as tables",
        WORKER_FILE,
        '"python_enable_replacements": False',
        '"python_enable_replacements": True',
        WORKER,
    ),
    Guard("nothing spilled to disk", WORKER_FILE, "connection.execute(\"set temp_directory = ''\")", "pass", WORKER),
    Guard("memory limit", WORKER_FILE, '"memory_limit": opening["memory"],', "", WORKER),
    Guard("address space", WORKER_FILE, "resource.setrlimit(resource.RLIMIT_AS, (limit, limit))", "pass", WORKER),
    _condition("byte cap", WORKER_FILE, "table.nbytes > BYTES", WORKER),
    Guard("interrupt at the limit", WORKER_FILE, "cursor.interrupt()", "pass", WORKER),
    Guard("kill after grace", PROCESS_FILE, "self.kill()\n            raise too_slow", "raise too_slow", ENGINE),
    Guard("waiting no longer than grace", PROCESS_FILE, "timeout=seconds + GRACE_SECONDS", "timeout=60", ENGINE),
)


def main() -> int:
    """Try the guards named, or all."""
    wanted = [guard for guard in GUARDS if not sys.argv[1:] or guard.name in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in COPIED:
            source = PROJECT / name
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, root / name)
        every = list(dict.fromkeys(test for guard in wanted for test in guard.tests))
        told = _tested(root, every)
        if told.returncode:
            print("The tests fail without any change:", told.stdout[-2000:], sep="\n")
            return 1
        missed = [guard.name for guard in wanted if not _noticed(root, guard)]
    print(f"{len(wanted) - len(missed)} of {len(wanted)} guards are missed by tests when taken away.")
    return 1 if missed else 0


def _noticed(root: Path, guard: Guard) -> bool:
    """Whether a test fails without the guard; the code is put right again afterwards."""
    path = root / guard.file
    whole = path.read_text("utf-8")
    if whole.count(guard.found) != 1:
        print(f"{guard.name:34} stands {whole.count(guard.found)} times in {guard.file}, not once")
        return False
    path.write_text(whole.replace(guard.found, guard.without), "utf-8")
    started = time.perf_counter()
    try:
        told = _tested(root, guard.tests)
    finally:
        path.write_text(whole, "utf-8")
    failed = next((line for line in told.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))), "")
    said = failed.split(" - ")[0].removeprefix("FAILED tests/") if told.returncode == 1 else "NOT NOTICED"
    print(f"{guard.name:34} {time.perf_counter() - started:5.1f} s  {said}", flush=True)
    return told.returncode == 1


def _tested(root: Path, tests: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """The tests of some files, until the first failure."""
    files = [f"tests/{name}.py" for name in tests]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:randomly", *files]
    # Two texts written within one tick of the clock must not leave an old byte code behind.
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        return subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        # What runs without end where a limit is gone is noticed too.
        return subprocess.CompletedProcess(command, 1, f"FAILED tests/ did not end within {LONGEST} s", "")


if __name__ == "__main__":
    sys.exit(main())
