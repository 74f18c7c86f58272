"""The command line: `python -m cx publish|erase|close|check|query|new|schema|demo|bench`.

Exit codes: 0 all well, 1 something a person has to mend, 2 the command was written wrongly.
"""

import argparse
import ast
import importlib
import os
import runpy
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from cx import scaffold, settings, snapshot
from cx.catalog import Catalog
from cx.errors import CxError, QueryError, nearest
from cx.periods import DEFAULT_PRESET


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except CxError as error:
        print(f"cx: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m cx", description="The customer-experience dashboard's command line."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: str | Callable[[argparse.Namespace], int], help_text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_text, description=help_text)
        if isinstance(run, str):
            run = partial(_run, run, name)
        added.set_defaults(run=run)
        return added

    def folders(added: argparse.ArgumentParser) -> None:
        added.add_argument("--data", metavar="DIR", help="the data folder (default: CX_DATA, else data/)")
        added.add_argument(
            "--queries", metavar="DIR", help="questions in place of the shipped ones (default: CX_QUERIES)"
        )

    added = command("publish", "publishing", "Check the exports and publish what is valid as a new snapshot.")
    folders(added)
    added.add_argument("--again", action="store_true", help="rebuild everything, unchanged files too")
    added.add_argument("--release", action="store_true", help="publish held days and files that shrank too")
    added.add_argument("--quiet", action="store_true", help="say only what went wrong")

    added = command("erase", "publishing", "Put customers on the list of those erased everywhere, and publish.")
    folders(added)
    added.add_argument("customers", nargs="+", metavar="ID", help="customers, as the exports name them")
    added.add_argument("--by", default="", metavar="NAME", help="who enters it (default: who is logged in)")
    added.add_argument("--reason", default="", metavar="TEXT", help="why it was asked for, or why the rows are held")
    added.add_argument("--held-until", metavar="DATE", help="a legal hold: erased after this day only")

    added = command("close", "asking", "Keep the figures of a month as they were reported.")
    folders(added)
    added.add_argument("month", metavar="MONTH", help="the month, such as 2026-09")
    added.add_argument("--by", default="", metavar="NAME", help="who closes it (default: who is logged in)")
    added.add_argument("--note", default="", metavar="TEXT", help="what to remember of it")

    added = command("check", "asking", "Check every file under queries/ and run every question with its tests.")
    folders(added)
    added.add_argument("names", nargs="*", metavar="FILE", help="only these, by question name or path (default: all)")
    added.add_argument("--json", action="store_true", help="one JSON object per file instead of text")

    added = command("new", _new, "Write a working question, metric, source or page to start from.")
    folders(added)
    added.add_argument("kind", choices=scaffold.KINDS, help="what to write")
    added.add_argument("name", metavar="NAME", help="its name, such as late_orders or returns/by_region")
    added.add_argument("files", nargs="*", metavar="FILE", help="for a source: files of the shape it should read")
    added.add_argument("--by", default="", metavar="DIMENSION", help="the column that the question splits by")
    added.add_argument("--metric", default="", metavar="NAME", help="the metric of the question's figure")
    added.add_argument(
        "--chart",
        default="",
        choices=["", *scaffold.SHAPES],
        metavar="KIND",
        help="how it is drawn: " + ", ".join(scaffold.SHAPES),
    )

    added = command("schema", "asking", "Print tables, columns, metrics and segments, or the keys of a header.")
    folders(added)
    added.add_argument(
        "topic", nargs="?", default="", metavar="TOPIC", help="header, functions, reference or one table"
    )
    added.add_argument("--lang", default="en", choices=["ko", "en"], help="language of the sentences")
    added.add_argument("--json", action="store_true", help="as JSON")

    added = command("query", "asking", "Print the answer to one question, as the page draws it.")
    folders(added)
    added.add_argument("name", metavar="NAME", help="the question, such as overview/kpi")
    added.add_argument("--from", dest="start", metavar="DATE", help="first day, inclusive (with --to)")
    added.add_argument("--to", dest="end", metavar="DATE", help="last day, exclusive (with --from)")
    added.add_argument(
        "--period", metavar="NAME", help=f"a named period, such as last_month (default: {DEFAULT_PRESET})"
    )
    added.add_argument(
        "--compare", default="previous", choices=["previous", "year", "none"], help="what to compare with"
    )
    added.add_argument("--where", action="append", default=[], metavar="COLUMN=VALUE", help="a filter; may be repeated")
    added.add_argument("--by", default="", metavar="DIMENSION", help="split by this dimension, or none")
    added.add_argument(
        "--by2", default="", metavar="DIMENSION", help="a second dimension, where the question crosses two"
    )
    added.add_argument("--set", action="append", default=[], metavar="PARAM=VALUE", help="a parameter of the question")
    added.add_argument("--lang", default="en", choices=["ko", "en"], help="language of the sentence on standard error")
    added.add_argument("--format", default="table", choices=["table", "csv", "json", "parquet"], help="how to print")

    added = command("demo", _demo, "Write the exports of a fictional company into a folder.")
    added.add_argument("folder", metavar="DIR", help="a new or empty folder")
    added.add_argument(
        "--answers",
        type=_positive,
        default=60_000,
        metavar="N",
        help="survey answers, about (default: 60000)",
    )

    added = command("bench", _bench, "Run one of the benchmarks of a checkout; without a name, list them.")
    added.add_argument("name", nargs="?", default="", metavar="NAME", help="a file of benchmarks/, without .py")
    added.add_argument("rest", nargs=argparse.REMAINDER, metavar="…", help="what the benchmark itself takes")
    return parser


def _run(module: str, name: str, options: argparse.Namespace) -> int:
    """Run a command of a module that is loaded now."""
    return int(getattr(importlib.import_module(f"cx.commands.{module}"), name)(options))


def _bench(options: argparse.Namespace) -> int:
    """Run a benchmark as if its file had been started by itself."""
    folder = Path(__file__).resolve().parent.parent / "benchmarks"
    known = {file.stem: file for file in sorted(folder.glob("*.py"))}
    if not options.name:
        for name, file in known.items():
            said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
            print(f"{name:16} {said.splitlines()[0] if said else ''}")
        return 0
    if options.name not in known:
        raise QueryError(f"There is no benchmark “{options.name}”.", nearest(options.name, known))
    sys.argv = [str(known[options.name]), *options.rest]
    sys.path.insert(0, str(folder))
    runpy.run_path(sys.argv[0], run_name="__main__")
    return 0


def _positive(text: str) -> int:
    number = int(text.replace("_", "").replace(",", ""))
    if number < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return number


def _new(options: argparse.Namespace) -> int:
    data = settings.data_folder(options.data)
    files = Catalog(settings.query_folders(data, options.queries))
    known = scaffold.Known(data.resolve(), files, settings.load(data), snapshot.current(data))
    asked = {key: getattr(options, key) for key in ("by", "metric", "chart")}
    written = scaffold.new(options.kind, options.name, asked, [Path(file) for file in options.files], known)
    for path in written:
        print(f"wrote {path}")
    if options.kind == "source":
        print(scaffold.previewed(written[0], [Path(file) for file in options.files], known))
    name = written[-1].relative_to(known.data / "queries").with_suffix("").as_posix()
    print(scaffold.NEXT[options.kind].format(name=name))
    return 0


def _demo(options: argparse.Namespace) -> int:
    from cx import demo

    folder = Path(options.folder)
    if folder.exists() and any(folder.iterdir()):
        raise QueryError(f"The folder {folder} is not empty.", "Name a new one, so that no export is overwritten.")
    demo.write(folder, options.answers)
    print(f"Wrote a demo company to {folder}. Look at it: CX_DATA={folder} streamlit run dashboard.py")
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # DuckDB's binding complains on standard error when Python takes its objects apart at the end.
    os._exit(code)
