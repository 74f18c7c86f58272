"""Who is on the list of erasures is in no kept snapshot, stays out when exports bring them back, and holds hold."""

import os
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from cx import erasure, publish, snapshot
from cx.__main__ import main
from cx.erasure import Entry
from cx.errors import DataError
from cx.periods import Period
from cx.scope import Filters

if TYPE_CHECKING:
    from conftest import Company

GONE = "kim-unique-4711"
TODAY = date(2026, 11, 27)
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))


def month(number: int, *customers: str, **more: Any) -> list[dict[str, Any]]:
    """An answer of each customer in one month of 2026."""
    return [
        {
            "response_id": f"{number}-{customer}",
            "customer_id": customer,
            "score": 9,
            "responded_at": f"2026-{number:02}-10T12:00:00+09:00",
        }
        | more
        for customer in customers
    ]


def holding(company: "Company", text: str) -> list[str]:
    """The published files whose bytes hold a text."""
    folder = snapshot.published(company.data)
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and text.encode() in path.read_bytes()
    )


def told_by_duckdb(company: "Company", text: str) -> list[str]:
    """The tables of published files in which some text column holds a text, compressed or not."""
    found = []
    for path in snapshot.published(company.data).rglob("*.duckdb"):
        with duckdb.connect(str(path), read_only=True) as connection:
            for table, column in connection.execute(
                "select table_name, column_name from duckdb_columns() where not internal and data_type <> 'DATE'"
            ).fetchall():
                statement = f'select count(*) from "{table}" where contains("{column}"::varchar, $text)'
                (n,) = connection.execute(statement, {"text": text}).fetchone() or (0,)
                if n:
                    found.append(f"{path.name} {table}.{column}")
    return found


def fill(company: "Company") -> None:
    """A company with three snapshots, a customer in five tables of it, and a row of theirs that was set aside."""
    company.answers(month(1, GONE, "a", "b"), "responses/1.parquet")
    company.answers(month(2, "a", "b"), "responses/2.parquet")
    company.write("customers/a.parquet", [{"customer_id": one, "tier": "gold"} for one in (GONE, "a", "b")])
    company.write(
        "events/a.parquet",
        [
            {"event_id": one, "customer_id": one, "occurred_at": "2026-01-01T12:00:00Z", "kind": "visit"}
            for one in (GONE, "a")
        ],
    )
    company.write(
        "invitations/a.parquet", [{"invitation_id": "i", "customer_id": GONE, "sent_at": "2026-01-02T12:00:00Z"}]
    )
    company.publish()
    company.answers(month(3, GONE, "c"), "responses/3.parquet")
    company.publish()
    company.answers(
        [*month(4, "c"), *month(4, GONE, score=99), *month(4, "d", score=9, weight=-1)], "responses/4.parquet"
    )
    company.publish()
    assert len(snapshot.identities(company.data)) == 3


@pytest.fixture
def published(copied: Callable[..., "Company"]) -> "Company":
    return copied("erasing", fill)


def test_an_erased_customer_is_in_no_byte_of_any_kept_snapshot(published: "Company") -> None:
    before = {path.split("/")[0] if path[0].isdigit() else path.split("-")[0] for path in holding(published, GONE)}
    assert {"parts/responses", "parts/sums", "parts/customers", "parts/events", "parts/invitations"} <= before
    assert set(snapshot.identities(published.data)) <= before, "rollups hold the panel"
    assert told_by_duckdb(published, GONE)
    erasure.add(published.data, [Entry(GONE, TODAY)])
    report = published.publish()
    assert dict(report.erased) == {"responses": 2, "customers": 1, "events": 1, "invitations": 1}
    assert holding(published, GONE) == []
    assert told_by_duckdb(published, GONE) == []
    assert len(snapshot.identities(published.data)) == snapshot.KEPT
    assert published.published("responses", "customer_id") == ["a", "a", "b", "b", "c", "c"]
    assert published.published("events", "customer_id") == ["a"]


def test_every_kept_snapshot_still_answers_without_them(published: "Company", open_engine: Any) -> None:
    erasure.add(published.data, [Entry(GONE, TODAY)])
    published.publish()
    published.question("custom/sums", "select metric, tally(n, w, w2, wx, wx2) as figure from scores group by metric")
    published.question("custom/rows", "select customer_id, count(*) as answers from responses group by customer_id")
    engine, _ = open_engine(published)
    engine.catalog.refresh()
    for name in snapshot.identities(published.data):
        held = snapshot.open_snapshot(published.data, name)
        assert engine.answer("custom/sums", Filters(YEAR, None), held=held).n == held.rows("responses"), name
        customers = engine.answer("custom/rows", Filters(YEAR, None), held=held).frame["customer_id"]
        assert {"a", "b"} <= set(customers) and GONE not in set(customers)


def test_months_without_the_customer_are_not_written_again(published: "Company") -> None:
    before = {part.month: part.name for part in published.current().parts["responses"]}
    erasure.add(published.data, [Entry(GONE, TODAY)])
    report = published.publish()
    after = {part.month: part.name for part in report.snapshot.parts["responses"]}
    assert {month for month in before if before[month] != after[month]} == {"2026-01", "2026-03"}
    assert report.rebuilt == 0
    sums = {one.part for one in report.snapshot.sums}
    assert {after["2026-02"], after["2026-04"]} <= sums
    assert published.publish().changed is False


@pytest.mark.bad_input("B52")
def test_an_erased_customer_stays_out_when_an_export_brings_them_back(published: "Company") -> None:
    erasure.add(published.data, [Entry(GONE, TODAY)])
    published.publish()
    published.answers(month(5, GONE, "a", f" {GONE}\u200b"), "responses/5.parquet")
    published.write("customers/b.parquet", [{"customer_id": GONE, "tier": "silver"}])
    report = published.publish()
    assert report.snapshot.rows("responses") == 7
    assert "Left out: 2 rows of erased customers." in published.file("responses/5.parquet")["notes"]
    assert holding(published, GONE) == []
    published.publish(again=True)
    assert published.published("responses", "customer_id") == ["a", "a", "a", "b", "b", "c", "c"]
    assert holding(published, GONE) == []


def test_a_row_that_was_set_aside_leaves_no_trace_of_them(company: "Company") -> None:
    company.answers([*month(1, "a"), *month(1, GONE, responded_at=f"not a time of {GONE}")])
    company.publish()
    assert holding(company, GONE)
    erasure.add(company.data, [Entry(GONE, TODAY)])
    company.publish()
    assert holding(company, GONE) == []


def test_a_segment_value_that_is_their_name_goes_with_them(company: "Company") -> None:
    company.answers([row | {"member": row["customer_id"]} for row in month(1, GONE, "a", "b")])
    company.publish()
    assert GONE in company.current().codes["member"]
    erasure.add(company.data, [Entry(GONE, TODAY)])
    company.publish()
    assert company.current().codes["member"] == ("a", "b")
    assert holding(company, GONE) == []


def test_a_customer_under_a_legal_hold_stays_until_the_day_has_passed(
    company: "Company", monkeypatch: pytest.MonkeyPatch
) -> None:
    company.answers(month(1, GONE, "a"))
    erasure.add(company.data, [Entry(GONE, TODAY, held_until=TODAY, reason="lawsuit"), Entry(GONE, TODAY)])
    monkeypatch.setattr(erasure, "today", lambda: TODAY)
    assert company.published("responses", "customer_id") == ["a", GONE]
    state = publish.state(company.data, company.folders)
    monkeypatch.setattr(erasure, "today", lambda: TODAY + timedelta(days=1))
    assert publish.state(company.data, company.folders) != state, "the dashboard publishes on that day by itself"
    assert company.published("responses", "customer_id") == ["a"]
    assert holding(company, GONE) == []


def test_a_snapshot_that_cannot_be_looked_through_is_removed(published: "Company") -> None:
    first = snapshot.identities(published.data)[0]
    (snapshot.published(published.data) / first / "manifest.json").write_text("{")
    erasure.add(published.data, [Entry(GONE, TODAY)])
    published.publish()
    assert holding(published, GONE) == []
    assert not (snapshot.published(published.data) / first).exists()


def test_an_unreadable_snapshot_that_is_served_is_replaced_and_removed(published: "Company") -> None:
    serving = snapshot.current_id(published.data)
    (snapshot.published(published.data) / serving / "manifest.json").write_text("{")
    erasure.add(published.data, [Entry(GONE, TODAY)])
    published.publish()
    assert holding(published, GONE) == []
    assert published.published("responses", "customer_id") == ["a", "a", "b", "b", "c", "c"]


# --- the list -------------------------------------------------------------------------------------------------


def test_the_list_is_read_as_it_was_written(company: "Company") -> None:
    entries = [Entry("c1", TODAY, "park", None, "asked, twice"), Entry("c2", None, "", date(2027, 1, 31), "소송")]
    erasure.add(company.data, entries[:1])
    erasure.add(company.data, entries[1:])
    assert erasure.entries(company.data) == tuple(entries)
    assert erasure.due(entries, TODAY) == ("c1",)
    assert erasure.due(entries, date(2027, 2, 1)) == ("c1", "c2")


WRONG: Mapping[str, tuple[str, str]] = {
    "no such column": ("customer\nc1\n", "customer_id"),
    "no customers": ("reason\nx\n", "customer_id"),
    "a row without a customer": ("customer_id,reason\n,x\n", "line 2"),
    "a day that is none": ("customer_id,held_until\nc1,soon\n", "line 2"),
    "too many cells": ("customer_id\nc1,x\n", "line 2"),
    "no text": (b"customer_id\n\xff\xfe\n", "UTF-8"),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("case", WRONG)
def test_a_list_that_cannot_be_understood_stops_publishing_and_is_named(company: "Company", case: str) -> None:
    """To go on without it would bring back who was erased."""
    content, told = WRONG[case]
    company.answers(month(1, "a"))
    company.text(erasure.FILE, content)
    with pytest.raises(DataError) as caught:
        company.publish()
    assert erasure.FILE in caught.value.message and told in str(caught.value)
    assert snapshot.current(company.data) is None


def test_an_empty_list_erases_nobody(company: "Company") -> None:
    company.answers(month(1, "a"))
    company.text(erasure.FILE, "\n")
    assert company.published("responses", "customer_id") == ["a"]


def test_the_list_is_no_export_whatever_a_source_names(company: "Company") -> None:
    company.answers(month(1, "a"))
    erasure.add(company.data, [Entry("b", TODAY)])
    company.source("all", "select 1 from raw", "table: responses\nfiles: '*.csv'")
    assert {file["file"] for file in company.publish().snapshot.files} == {"responses/a.parquet"}


# --- the command ----------------------------------------------------------------------------------------------


def folders(company: "Company") -> list[str]:
    return ["--data", str(company.data), "--queries", str(company.queries)]


def test_the_command_erases_and_says_what_went(published: "Company", capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["erase", GONE, "--by", "park", "--reason", "asked", *folders(published)]) == 0
    told = capsys.readouterr().out
    assert "1 of customers, 1 of events, 1 of invitations, 2 of responses" in told
    assert GONE not in told
    assert [(entry.customer_id, entry.asked_by, entry.reason) for entry in erasure.entries(published.data)] == [
        (GONE, "park", "asked")
    ]
    assert holding(published, GONE) == []


def test_the_command_enters_a_hold_and_erases_nothing(published: "Company", capsys: pytest.CaptureFixture[str]) -> None:
    before = snapshot.current_id(published.data)
    assert main(["erase", GONE, "--held-until", "2099-12-31", "--reason", "lawsuit", *folders(published)]) == 0
    assert "held until 2099-12-31" in capsys.readouterr().out
    assert snapshot.current_id(published.data) == before and holding(published, GONE)
    assert main(["erase", GONE, "--held-until", "soon", *folders(published)]) == 1


def test_the_command_refuses_to_erase_nobody_and_leaves_the_list_as_it_was(published: "Company") -> None:
    """A list without a name would stop publishing."""
    assert main(["erase", "a", " ", *folders(published)]) == 1
    assert erasure.entries(published.data) == () and not (published.data / erasure.FILE).exists()


def test_a_list_that_cannot_be_written_is_named(company: "Company") -> None:
    if os.geteuid() == 0:
        Path(company.data / f".{erasure.FILE}.partial").mkdir()
    else:
        company.data.chmod(0o500)
    with pytest.raises(DataError, match="cannot be written"):
        erasure.add(company.data, [Entry("a", TODAY)])
