"""The locks behind the gate, each alone: with the others off it still holds, and with it off too the attack works."""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from cx.workers import worker
from cx.workers.process import ADDRESS_SPACE, Worker

HARMLESS = "select 1 as a"


@pytest.fixture
def shared() -> duckdb.DuckDBPyConnection:
    """A database as a worker has it, with one table in memory that others read later."""
    connection = worker.connect({"threads": 1, "memory": "256MB", "time_zone": "UTC", "files": {}})
    connection.execute("create table kept as select 1 as a")
    return connection


def told(connection: duckdb.DuckDBPyConnection, sql: str, seconds: float = 20) -> dict[str, Any]:
    """What the worker replies to one statement."""
    return worker.answer(connection, {"id": 1, "sql": sql, "values": {}, "seconds": seconds})[0]


@pytest.mark.parametrize(
    "sql",
    [
        "insert into kept values (2)",
        "create table other as select 1 as a",
        "copy kept to 'x.csv'",
        "commit; insert into kept values (2)",
        "select 1; select 2",
        "set threads = 1",
        "",
    ],
)
def test_a_request_that_is_not_one_reading_statement_is_refused(shared: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert "one statement that only reads" in told(shared, sql)["error"]
    assert "error" not in told(shared, HARMLESS)


def test_without_that_the_read_only_transaction_still_refuses(
    shared: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "READING", tuple(duckdb.StatementType.__members__.values()))
    assert "read-only" in told(shared, "create table other as select 1 as a")["error"]
    cursor = shared.cursor()
    cursor.execute("create table other as select 1 as a")
    assert cursor.execute("select a from other").fetchall() == [(1,)], "outside of it the same text works"


def test_only_the_lock_keeps_files_out_of_reach(shared: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_text("a\n42\n")
    attack = f"select * from read_csv('{outside}')"
    assert "disabled by configuration" in told(shared, attack)["error"]
    open_one = duckdb.connect()
    assert "error" not in told(open_one, attack)


def test_the_lock_cannot_be_opened_again(shared: duckdb.DuckDBPyConnection) -> None:
    for setting in ("enable_external_access = true", "memory_limit = '9GB'", "lock_configuration = false"):
        with pytest.raises(duckdb.Error, match=r"locked|cannot be|Cannot"):
            shared.execute(f"set {setting}")


def test_a_statement_is_interrupted_at_its_limit_and_not_before(shared: duckdb.DuckDBPyConnection) -> None:
    endless = "select count(*) from range(100000000000) as a(i), range(1000000) as b(j)"
    assert told(shared, endless, seconds=0.3)["kind"] == "time"
    assert "error" not in told(shared, HARMLESS, seconds=0.3)


def test_an_answer_too_large_for_a_page_is_refused_whole(
    shared: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = "select repeat('x', 1000000) as a from range(100)"
    reply = told(shared, wide)
    assert reply["kind"] == "memory" and "MB are the most" in reply["error"]
    monkeypatch.setattr(worker, "BYTES", 2**40)
    assert "error" not in told(shared, wide)


def test_memory_has_a_limit_of_its_own(shared: duckdb.DuckDBPyConnection) -> None:
    assert (
        told(shared, "select count(*) from (select distinct i, repeat('x', 100) || i from range(9000000) t(i))")["kind"]
        == "memory"
    )


def test_no_variable_of_the_process_is_a_table(
    shared: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "leaked", pa.table({"a": [42]}), raising=False)
    attack = "select a from leaked"
    assert "leaked does not exist" in told(shared, attack)["error"]
    assert "error" not in told(duckdb.connect(), attack)


def test_variables_as_tables_are_switched_off_for_themselves_too(shared: duckdb.DuckDBPyConnection) -> None:
    """Without outside access DuckDB does not look for them either; each lock should hold alone."""
    assert shared.execute("select current_setting('python_enable_replacements')").fetchall() == [(False,)]


def test_nothing_is_spilled_to_disk(shared: duckdb.DuckDBPyConnection) -> None:
    assert shared.execute("select current_setting('temp_directory')").fetchall() == [("",)]


def test_published_files_are_opened_to_read_only(tmp_path: Path) -> None:
    part = tmp_path / "part.duckdb"
    with duckdb.connect(str(part)) as made:
        made.execute("create table rows as select 1 as a")
    opening = {"threads": 1, "memory": "256MB", "time_zone": "UTC", "files": {"part": str(part)}}
    connection = worker.connect(opening)
    with pytest.raises(duckdb.Error, match="read-only"):
        connection.execute("insert into part.rows values (2)")
    assert connection.execute("select a from part.rows").fetchall() == [(1,)]


def test_a_database_that_did_not_lock_itself_answers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unlocked:
        """A connection on which the locks change nothing."""

        def execute(self, _sql: str) -> None:
            return None

    monkeypatch.setattr(duckdb, "connect", lambda *_args, **_options: Unlocked())
    with pytest.raises(SystemExit, match="did not lock itself"):
        worker.connect({"threads": 1, "memory": "256MB", "time_zone": "UTC", "files": {}})


def test_a_worker_process_has_an_address_space_of_its_own_and_leaves_no_core_file() -> None:
    """Memory that DuckDB takes outside of its own count ends there, and what was in memory is not written down."""
    started = Worker({}, "UTC")
    try:
        limits = Path(f"/proc/{started.pid}/limits").read_text().splitlines()
        found = {line[:26].strip(): line[26:].split()[0] for line in limits}
    finally:
        started.close()
    assert found["Max address space"] == str(ADDRESS_SPACE) and found["Max core file size"] == "0"
