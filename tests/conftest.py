"""Tiny companies in a temporary folder: exports written with pyarrow, questions written as text, real DuckDB."""

import ast
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cx import publish, scope, settings, snapshot
from cx.catalog import Catalog
from cx.engine import Engine
from cx.figures import Answer
from cx.periods import Period
from cx.publish import listing
from cx.scope import Filters
from cx.snapshot import Snapshot

PROJECT = Path(__file__).resolve().parent.parent
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
NOON = "2026-03-02T12:00:00+09:00"


@pytest.fixture(scope="session", autouse=True)
def own_environment() -> Iterator[None]:
    """Keep the developer's own folders and limits out of the tests, and do not wait for files that nobody writes."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CX_DATA", "CX_QUERIES", "CX_SECONDS"):
            patch.delenv(name, raising=False)
        patch.setattr(listing, "SETTLED_SECONDS", 0.0)
        yield


class Company:
    """A data folder and a folder of questions that holds the shipped metrics only."""

    def __init__(self, folder: Path, like: Path | None = None) -> None:
        """An empty company, or a copy of the folder of another with what it published."""
        self.data = (folder / "data").resolve()
        self.queries = (folder / "questions").resolve()
        if like:
            shutil.copytree(like, folder, dirs_exist_ok=True)
        else:
            self.data.mkdir(parents=True)
            shutil.copytree(PROJECT / "queries" / "metrics", self.queries / "metrics")
        self._catalog: Catalog | None = None
        self._published = ("", "")
        self._ticks = 0

    # --- exports ---------------------------------------------------------------------------------

    def write(self, file: str, rows: Sequence[Mapping[str, Any]] | pa.Table, **types: pa.DataType) -> Path:
        """Write one Parquet file inside the data folder; `types` name the columns that Arrow would guess wrongly."""
        path = self.data / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(rows, pa.Table):
            names = list(dict.fromkeys(name for row in rows for name in row))
            rows = pa.table({name: pa.array([row.get(name) for row in rows], types.get(name)) for name in names})
        pq.write_table(rows, path)
        return path

    def answers(
        self, rows: Sequence[Mapping[str, Any]], file: str = "responses/a.parquet", **types: pa.DataType
    ) -> Path:
        """Write answers; what a row does not say is r0, r1 …, NPS, noon of 2 March 2026 in Seoul."""
        return self.write(
            file,
            [
                {"response_id": f"r{number}", "responded_at": NOON, "metric": "nps"} | dict(row)
                for number, row in enumerate(rows)
            ],
            **types,
        )

    def scores(self, *scores: float, file: str = "responses/a.parquet", **same: Any) -> Path:
        """Write one answer per score, all else the same."""
        return self.answers([{"score": score} | same for score in scores], file)

    def text(self, file: str, content: str | bytes) -> Path:
        """Write any other file inside the data folder."""
        path = self.data / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    # --- questions -------------------------------------------------------------------------------

    def question(self, name: str, sql: str, header: str = "") -> Path:
        """Write one question file with a title, a grain and further header lines."""
        path = self.queries / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = ["title: A title", "grain: one row", *filter(None, header.splitlines())]
        path.write_text("\n".join(f"-- {line}" for line in lines) + f"\n{sql}\n", encoding="utf-8")
        # Tests write faster than a file system's clock ticks; no person does.
        self._ticks += 1_000_000
        later = path.stat().st_mtime_ns + self._ticks
        os.utime(path, ns=(later, later))
        return path

    def source(self, name: str, sql: str, header: str) -> Path:
        """Write one source file."""
        path = self.queries / "sources" / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(f"-- {line}" for line in header.splitlines()) + f"\n{sql}\n", encoding="utf-8")
        return path

    # --- what became of them -----------------------------------------------------------------------

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders of question files."""
        return settings.query_folders(self.data, self.queries)

    @property
    def catalog(self) -> Catalog:
        """The question files as they are now."""
        if self._catalog is None or self._catalog.folders != self.folders:
            self._catalog = Catalog(self.folders)
        self._catalog.refresh()
        return self._catalog

    def publish(self, **options: Any) -> publish.Report:
        """Publish what is there now."""
        return publish.publish(self.data, self.catalog, **options)

    def current(self) -> Snapshot:
        """The snapshot of what is there now, published if it has to be."""
        now = (publish.state(self.data, self.folders), snapshot.current_id(self.data))
        if now != self._published:
            self._published = (now[0], self.publish().snapshot.id)
        return snapshot.open_snapshot(self.data, self._published[1])

    def published(self, table: str, *columns: str) -> list[Any]:
        """The published rows of a table: values of one column, tuples of several, in order."""
        held = self.current()
        statement = scope.rows(held, table, frozenset(columns))
        with duckdb.connect() as connection:
            connection.execute(f"set TimeZone = '{held.time_zone}'")
            for part in held.parts.get(table, ()) + (held.parts.get("customers", ()) if table != "customers" else ()):
                connection.execute(f"attach '{held.parts_folder / part.name}.duckdb' as \"{part.name}\" (read_only)")
            chosen = ", ".join(f'"{column}"' for column in columns)
            rows = connection.execute(f"select {chosen} from ({statement}) order by all").fetchall()
        return [row[0] for row in rows] if len(columns) == 1 else rows

    def file(self, name: str) -> dict[str, Any]:
        """What the current snapshot says about one export file."""
        return next(dict(file) for file in self.current().files if file["file"] == name)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """An empty company."""
    return Company(tmp_path)


@pytest.fixture
def engine(company: Company) -> Iterator[Engine]:
    """An engine over the company; publish before asking."""
    made = Engine(company.data, company.folders, seconds=10)
    yield made
    made.close()


def asker(company: Company, engine: Engine) -> Callable[..., Answer]:
    """Writes a question and answers it over all of 2026: `ask(sql, header, params, by=…, where={…}, period=…)`."""

    def asked(
        sql: str,
        header: str = "",
        params: Mapping[str, Any] | None = None,
        *,
        period: Period = YEAR,
        before: Period | None = None,
        where: Mapping[str, Sequence[str]] | None = None,
        by: str = "",
        by_2: str = "",
        **options: Any,
    ) -> Answer:
        company.question("custom/asked", sql, header)
        pairs = tuple((column, tuple(values)) for column, values in (where or {}).items())
        filters = Filters(period, before, pairs, by=by, by_2=by_2)
        return engine.answer("custom/asked", filters, params, **options)

    return asked


@pytest.fixture
def asking() -> Callable[..., Any]:
    """`asker` itself, for modules that share a company between their tests."""
    return asker


@pytest.fixture
def ask(company: Company, engine: Engine) -> Callable[..., Answer]:
    """`asker` over the company."""
    return asker(company, engine)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Company]:
    """Makes companies that live as long as a module's tests, which only read them."""
    return lambda name: Company(tmp_path_factory.mktemp(name))


@pytest.fixture(scope="module")
def open_engine() -> Iterator[Callable[..., tuple[Engine, Callable[..., Answer]]]]:
    """Opens engines over such companies, and closes them; gives engine and `asker`."""
    opened: list[Engine] = []

    def opening(company: Company, **options: Any) -> tuple[Engine, Callable[..., Answer]]:
        engine = Engine(company.data, company.folders, **options)
        opened.append(engine)
        return engine, asker(company, engine)

    yield opening
    for engine in opened:
        engine.close()


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Fills a folder once for all test processes, which only read it: `once(name, fill)`."""

    def filled(name: str, fill: Callable[[Path], None]) -> Path:
        own = tmp_path_factory.getbasetemp()
        shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
        shared.mkdir(exist_ok=True)
        folder, done = shared.resolve() / name, shared / f"{name}.done"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                fill(folder)
                done.touch()
        return folder

    return filled


@pytest.fixture
def copied(once: Callable[..., Path], tmp_path: Path) -> Callable[[str, Callable[[Company], Any]], Company]:
    """A company of the test's own that is published already: `copied(name, fill)`, filled once for all tests."""
    return lambda name, fill: Company(tmp_path, once(name, lambda folder: fill(Company(folder))))


@pytest.fixture(scope="session")
def demo(once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """The committed demo company, published with the shipped questions. Read it only."""

    def fill(data: Path) -> None:
        shutil.copytree(PROJECT / "data", data, ignore=shutil.ignore_patterns(".published"))
        publish.publish(data, Catalog(settings.query_folders(data)))

    return once("demo", fill)


@pytest.fixture(scope="session")
def demo_engine(demo: Path) -> Iterator[Engine]:
    """An engine over the published demo company."""
    made = Engine(demo, settings.query_folders(demo), seconds=20)
    yield made
    made.close()


@pytest.fixture(scope="session")
def one_answer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published company whose only export is one answer."""
    tiny = Company(tmp_path_factory.mktemp("one") / "company")
    tiny.scores(9)
    publish.publish(tiny.data, Catalog(settings.query_folders(tiny.data)))
    return tiny.data


@cache
def marks(name: str) -> tuple[tuple[str, str], ...]:
    """What every mark of this name in the tests says, with the test."""
    found = []
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            for mark in getattr(function, "decorator_list", ()):
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == f"pytest.mark.{name}":
                    test = f"{path.stem}.{function.name}"  # type: ignore[attr-defined]
                    found += [(ast.literal_eval(said), test) for said in mark.args]
    return tuple(found)
