"""The house keeps its order: who may import whom, what a page may hold, where SQL stands, what the docs must name."""

import ast
import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cx import checks, reference, scaffold, settings
from cx.__main__ import _parser
from cx.contract import TABLES

PROJECT = settings.PROJECT
MODULES = sorted(path for path in (PROJECT / "cx").rglob("*.py"))
MUTANTS = runpy.run_path(str(PROJECT / "benchmarks" / "guard_mutants.py"))
PAGES = sorted((PROJECT / "pages").glob("*.py"))

FLOORS = (  # imports go one way, from a later floor to an earlier one
    {"cursors", "errors", "demo", "quoting", "reference", "masking", "sentiment"},
    {
        "checksums",
        "contract",
        "encodings",
        "packed",
        "surveys",
        "periods",
        "settings",
        "snapshot",
        "gate",
        "header",
        "erasure",
        "workers",
    },
    {"tokens"},
    {"catalog", "words", "themes", "web_tables", "cell_formats"},
    {"readers", "progress", "translation"},
    {"naming"},
    {"scope", "estimates", "charts"},
    {"analyses", "privacy", "typecheck"},
    {"figures", "intake", "rollups"},
    {"evidence", "findings", "texts"},
    {"publish"},
    {"engine", "exports"},
    {"metric_doubts", "reading_doubts"},
    {"doubts"},
    {"checks", "closing", "description", "proposal"},
    {"scaffold"},
    {"commands"},
    {"__main__"},
    {"ui"},
)
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}

WITH_SQL = {
    "cursors",
    "naming",
    "engine",
    "workers",
    "scope",
    "publish",
    "intake",
    "rollups",
    "readers",
    "gate",
    "snapshot",
    "proposal",
    "scaffold",
    "texts",
}


def module_name(path: Path) -> str:
    """`cx/workers/worker.py` is part of `workers`."""
    inner = path.relative_to(PROJECT / "cx").with_suffix("").parts
    return "cx" if inner == ("__init__",) else inner[0]


def imported(path: Path) -> set[str]:
    """The modules of ours that a file imports, at whatever depth of it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "cx":
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cx."):
            names.add((node.module or "").split(".")[1])
        elif isinstance(node, ast.Import):
            names.update(alias.name.split(".")[1] for alias in node.names if alias.name.startswith("cx."))
    return names


# --- modules ------------------------------------------------------------------------------------------------


def test_every_module_has_its_floor() -> None:
    assert {module_name(path) for path in MODULES} - {"cx"} == set(FLOOR)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_imports_go_one_way(path: Path) -> None:
    own = module_name(path)
    for other in imported(path) - {own}:
        assert FLOOR[other] < FLOOR[own], f"{own} imports {other}"


@pytest.fixture(scope="module")
def loaded() -> dict[str, bool]:
    """Whether importing each module (in a process that imports them all, lowest floors first) loads Streamlit."""
    names = [name for floor in FLOORS for name in sorted(floor) if name != "ui"]
    code = (
        "import importlib, json, sys\nfound = {}\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module('cx.' + name)\n    found[name] = 'streamlit' in sys.modules\n"
        "print(json.dumps(found))"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    found: dict[str, bool] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", sorted(set(FLOOR) - {"ui"}))
def test_nothing_below_the_screen_loads_streamlit(name: str, loaded: dict[str, bool]) -> None:
    assert not loaded[name]


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if module_name(path) != "ui"],
    ids=lambda path: path.relative_to(PROJECT).as_posix(),
)
def test_nothing_but_the_screen_names_streamlit_or_its_state(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"^\s*(import|from) streamlit", text, re.MULTILINE)
    assert "session_state" not in text


def test_the_worker_process_loads_nothing_of_ours_but_how_names_are_quoted_and_workers_asked_for() -> None:
    """It has to start in a moment; 1.1 s of imports were lost here once."""
    code = "import runpy, sys\nsys.argv = ['worker', 'x']\ntry: runpy.run_path(sys.argv[0] + '.py', run_name='worker')\nfinally: print(*sorted(name for name in sys.modules if name.partition('.')[0] in ('cx', 'pandas', 'scipy')))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT / "cx" / "workers",
        env={**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["cx", "cx.quoting", "cx.workers"]


def test_publishing_loads_no_pandas_scipy_or_chart() -> None:
    """Every new day's file waits for what its command loads."""
    code = (
        "import sys, cx.__main__, cx.commands.publishing; print(*{'pandas', 'scipy', 'cx.charts'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_modules_are_nouns_of_the_field_and_say_what_they_own(path: Path) -> None:
    assert path.stem not in ("utils", "util", "helpers", "helper", "common", "misc", "tools")
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "path", [*MODULES, *PAGES, PROJECT / "dashboard.py"], ids=lambda path: path.relative_to(PROJECT).as_posix()
)
def test_sql_stands_only_where_it_is_built(path: Path) -> None:
    if path.is_relative_to(PROJECT / "cx") and module_name(path) in WITH_SQL:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.match(r"\s*\(*\s*(select|SELECT|insert into|create table|delete from)\s", node.value), (
                f"line {node.lineno}"
            )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_nothing_is_unpickled_or_evaluated(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names} | {getattr(node, "module", "") or ""}
            assert not names & {"pickle", "marshal", "shelve", "dill"}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("eval", "exec")


# --- pages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_is_a_table_of_contents(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) <= 50
    assert ast.get_docstring(tree)
    assert imported(path) == {"ui"}
    forbidden = (
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.Lambda,
        ast.Try,
        ast.For,
        ast.While,
        ast.BinOp,
        ast.ListComp,
        ast.JoinedStr,
    )
    for node in ast.walk(tree):
        assert not isinstance(node, forbidden), f"line {getattr(node, 'lineno', 0)}: {type(node).__name__}"
    for word in ("session_state", "streamlit", "set_page_config", "sys.path"):
        assert word not in text
    assert not re.search(r"\bselect\b", text, re.IGNORECASE)


def test_the_frame_is_short() -> None:
    text = (PROJECT / "dashboard.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 60 and "session_state" not in text


# --- docs ---------------------------------------------------------------------------------------------------


DOCS = sorted((PROJECT / "docs").glob("*.md"))
KEYS = {
    **{
        f"{kind}: {key}": key
        for kind, keys in {
            "question": reference.QUESTION_KEYS,
            "chart": reference.CHART_KEYS,
            "parameter": reference.PARAM_KEYS,
            "test": reference.TEST_KEYS,
            "metric": reference.METRIC_KEYS,
            "source": reference.SOURCE_KEYS,
            "theme": reference.THEME_KEYS,
            "setting": settings.KEYS,
            "table": TABLES,
            "chart kind": dict.fromkeys(reference.CHARTS),
            "finding": dict.fromkeys(reference.FINDINGS),
            "page": reference.PAGE_KEYS,
            "format": dict.fromkeys(reference.FORMATS),
            "analysis": reference.ANALYSES,
            "kind of new chart": scaffold.SHAPES,
            "check": checks.CHECKED_KEYS,
        }.items()
        for key in keys
    },
}
COMMANDS = next(action for action in _parser()._actions if action.choices).choices or {}


@pytest.fixture(scope="module")
def documented() -> str:
    if not (PROJECT / "docs" / "queries.md").exists():
        pytest.skip("the docs are still being written: there is no docs/queries.md")
    return "\n".join(path.read_text(encoding="utf-8") for path in [*DOCS, PROJECT / "README.md"])


@pytest.mark.parametrize("key", KEYS)
def test_every_key_table_and_choice_has_a_sentence_in_the_docs(key: str, documented: str) -> None:
    assert re.search(rf"`(--\s*)?{KEYS[key]}(:[^`]*)?`", documented), f"no `{KEYS[key]}` in docs/*.md or README.md"


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_and_option_is_in_the_docs(command: str, documented: str) -> None:
    assert re.search(rf"`[^`]*\b(cx )?{command}\b[^`]*`", documented)
    for action in COMMANDS[command]._actions:  # type: ignore[index]
        for option in action.option_strings:
            if option.startswith("--") and option != "--help":
                assert option in documented, f"{command} {option}"


def test_the_server_of_workers_can_be_begun_before_anything_heavy_is_loaded() -> None:
    code = (
        "import sys\nfrom cx.workers.fork_server import WORKERS\nWORKERS.begin()\n"
        "print(*{'duckdb', 'pyarrow', 'numpy', 'cx.engine'} & set(sys.modules))\nassert WORKERS._process.poll() is None"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("guard", MUTANTS["GUARDS"], ids=lambda guard: guard.name)
def test_a_guard_that_the_benchmark_takes_away_stands_where_it_looks_for_it(guard: Any) -> None:
    assert (PROJECT / guard.file).read_text("utf-8").count(guard.found) == 1
