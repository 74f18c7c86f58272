"""Publishing keeps the contract: what is good is counted once, what is not is set aside with a reason, nothing is lost."""

import math
import multiprocessing
import os
import random
import re
import signal
import subprocess
import sys
import time
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pytest

from cx import contract, erasure, intake, publish, readers, settings, snapshot, tokens
from cx.__main__ import main
from cx.catalog import Catalog
from cx.errors import CxError, DataError
from cx.publish import dictionaries, drift, listing, manifest, moved, parts, unknown_names
from cx.translation import translated

if TYPE_CHECKING:
    from conftest import Company

SEOUL_TZ = pa.timestamp("us", "Asia/Seoul")

EXAMPLES: dict[contract.Type, Any] = {
    "text": "가 나",
    "number": 1.0,
    "integer": 3,
    "timestamp": datetime(2026, 3, 2, 3, tzinfo=UTC),
    "date": date(2026, 3, 2),
    "boolean": True,
}


def newer(path: Path, seconds: int = 5) -> None:
    """Make a file count as exported later than all others."""
    later = time.time() + seconds
    os.utime(path, (later, later))


def refused(company: "Company", name: str) -> dict[str, Any]:
    """What is said of a file that was set aside; the rest goes on."""
    file = company.file(name)
    assert file["state"] == "refused", file
    assert file["reason"] and file["hint"]
    return file


# --- every table ------------------------------------------------------------------------------------


def test_a_full_row_of_each_table_comes_out_as_it_went_in(company: "Company") -> None:
    rows = {
        table.name: {column.name: EXAMPLES[column.type] for column in table.columns}
        for table in contract.TABLES.values()
    }
    for name, row in rows.items():
        company.write(f"{name}/a.parquet", [row])
    for name, row in rows.items():
        (found,) = company.published(name, *row)
        assert [plain(value) for value in found] == list(row.values()), name
        assert company.file(f"{name}/a.parquet")["problems"] == []


def plain(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def test_a_row_of_each_table_with_the_required_columns_only_is_enough(company: "Company") -> None:
    for table in contract.TABLES.values():
        row = {column.name: EXAMPLES[column.type] for column in table.columns if column.required}
        company.write(f"{table.name}/a.parquet", [row])
    held = company.publish().snapshot
    assert {name: held.rows(name) for name in contract.TABLES} == dict.fromkeys(contract.TABLES, 1)


@pytest.mark.parametrize("table", [name for name in contract.TABLES if name not in ("responses", "reviews")])
def test_every_other_table_alone_is_published_beside_answers(company: "Company", table: str) -> None:
    company.scores(9)
    company.write(
        f"{table}/a.parquet",
        [{name: EXAMPLES[contract.TABLES[table].column(name).type] for name in contract.TABLES[table].required}],
    )  # type: ignore[union-attr]
    assert company.publish().snapshot.rows(table) == 1


# --- once, newest, unchanged --------------------------------------------------------------------------


@pytest.mark.bad_input("B39")
def test_a_row_that_is_exported_again_counts_once_and_the_newest_wins(company: "Company") -> None:
    company.answers([{"response_id": "r1", "score": 3}, {"response_id": "r2", "score": 9}], "responses/old.parquet")
    newer(company.answers([{"response_id": "r1", "score": 10}], "responses/again.parquet"))
    assert company.published("responses", "response_id", "score") == [("r1", 10), ("r2", 9)]
    assert company.publish().snapshot.replaced["responses"] == 1


def test_the_newest_wins_in_a_later_publish_too(company: "Company") -> None:
    company.answers([{"response_id": "r1", "score": 3}], "responses/z.parquet")
    assert company.published("responses", "score") == [3]
    newer(company.answers([{"response_id": "r1", "score": 10}], "responses/a.parquet"))
    assert company.published("responses", "score") == [10]


def test_within_one_file_the_later_row_wins(company: "Company") -> None:
    company.answers([{"response_id": "r1", "score": 3}, {"response_id": "r1", "score": 10}])
    assert company.published("responses", "score") == [10]


def test_one_response_may_answer_several_metrics_touchpoints_and_questions(company: "Company") -> None:
    company.answers(
        [
            {"response_id": "r1", "metric": metric, "touchpoint": touchpoint, "question": question, "score": 5}
            for metric in ("nps", "csat")
            for touchpoint in ("pay", None)
            for question in ("q1", "q2")
        ]
    )
    assert company.publish().snapshot.rows("responses") == 8


def test_replaced_rows_are_counted_right_when_only_one_month_is_rebuilt(company: "Company") -> None:
    for month in ("03", "04"):
        for number in (1, 2):
            rows = [{"response_id": f"r{month}", "score": number, "responded_at": f"2026-{month}-02T12:00:00+09:00"}]
            company.answers(rows, f"responses/{month}-{number}.parquet")
    assert company.publish().snapshot.replaced["responses"] == 2
    company.answers(
        [{"response_id": "new", "score": 1, "responded_at": "2026-04-03T12:00:00+09:00"}], "responses/new.parquet"
    )
    assert company.publish().snapshot.replaced["responses"] == 2
    (company.data / "responses" / "04-1.parquet").unlink()
    assert company.publish().snapshot.replaced["responses"] == 1


def test_publishing_again_without_a_change_writes_nothing(company: "Company") -> None:
    company.scores(9, 3)
    first = company.publish()
    before = {
        path: path.stat().st_mtime_ns for path in snapshot.published(company.data).rglob("*") if path.name != "lock"
    }
    again = company.publish()
    after = {
        path: path.stat().st_mtime_ns for path in snapshot.published(company.data).rglob("*") if path.name != "lock"
    }
    assert (first.changed, again.changed, again.rebuilt) == (True, False, 0)
    assert again.snapshot.id == first.snapshot.id
    assert {path: when for path, when in after.items() if path.is_file()} == {
        path: when for path, when in before.items() if path.is_file()
    }


def test_a_file_that_is_only_touched_or_copied_over_itself_changes_nothing(company: "Company") -> None:
    path = company.scores(9, 3)
    first = company.publish()
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    newer(path)
    assert not company.publish().changed
    assert company.publish().snapshot.id == first.snapshot.id


@pytest.mark.bad_input("B14")
def test_the_same_name_size_and_time_with_other_bytes_is_noticed(company: "Company") -> None:
    """The digest tells them apart."""
    path = company.scores(9)
    company.publish()
    info = path.stat()
    other = company.data / "other.parquet"
    company.scores(3, file="other.parquet")
    assert other.stat().st_size == info.st_size
    os.utime(other, ns=(info.st_atime_ns, info.st_mtime_ns))
    os.replace(other, path)
    assert company.published("responses", "score") == [3]


def test_a_new_file_writes_only_the_months_it_touches(company: "Company") -> None:
    for month in ("01", "02", "03"):
        company.scores(9, file=f"responses/{month}.parquet", responded_at=f"2026-{month}-10T12:00:00+09:00")
    first = company.publish()
    parts = {part.month: part.name for part in first.snapshot.parts["responses"]}
    assert (set(parts), first.rebuilt) == ({"2026-01", "2026-02", "2026-03"}, 3)
    company.answers(
        [{"response_id": "new", "score": 1, "responded_at": "2026-02-11T12:00:00+09:00"}], "responses/new.parquet"
    )
    second = company.publish()
    changed = {part.month for part in second.snapshot.parts["responses"] if part.name != parts[part.month]}
    assert (changed, second.rebuilt) == ({"2026-02"}, 1)


def test_the_rows_of_a_removed_file_go(company: "Company") -> None:
    company.scores(9, file="responses/a.parquet")
    path = company.answers(
        [
            {"response_id": "x", "score": 3},
            {"response_id": "y", "score": 4, "responded_at": "2026-05-02T12:00:00+09:00"},
        ],
        "responses/b.parquet",
    )
    assert company.published("responses", "score") == [3, 4, 9]
    path.unlink()
    assert company.published("responses", "score") == [9]
    assert [part.month for part in company.publish().snapshot.parts["responses"]] == ["2026-03"]


def test_publishing_again_on_demand_rebuilds_everything_and_changes_no_row(company: "Company") -> None:
    company.scores(9, 3)
    before = company.published("responses", "response_id", "score")
    report = company.publish(again=True)
    assert report.changed and report.rebuilt >= 1
    assert company.published("responses", "response_id", "score") == before


def test_a_metric_of_invitations_rebuilds_no_month(company: "Company") -> None:
    """Only scales of answers decide what is set aside."""
    company.scores(9)
    company.write("invitations/a.parquet", [{"invitation_id": "i1", "sent_at": "2026-03-02T12:00:00+09:00"}])
    company.publish()
    shipped = (company.queries / "metrics" / "response_rate.sql").read_text(encoding="utf-8")
    (company.queries / "metrics" / "silence.sql").write_text(shipped.replace("is not null", "is null"), "utf-8")
    report = company.publish()
    assert (report.changed, report.rebuilt, report.snapshot.notes) == (True, 0, ())


@pytest.mark.bad_input("B59")
def test_a_file_beside_those_of_a_source_that_it_does_not_find_is_told_and_one_in_capitals_is_read(
    company: "Company",
) -> None:
    for name in ("a.csv", "b.CSV", "c.tsv", "notes.md"):
        company.text(f"shop/{name}", f"id,day,score\n{name},2026-03-02,9\n")
    company.source(
        "shop",
        "select id as response_id, day as responded_at, 'nps' as metric, score from raw",
        "table: responses\nfiles: shop/*.csv",
    )
    assert company.published("responses", "response_id") == ["a.csv", "b.CSV"]
    (note,) = company.publish().snapshot.notes
    assert note.startswith("No source reads shop/c.tsv, beside") and "files" in note
    assert translated(note, "ko").startswith("소스가 읽는 파일 옆에 있는 shop/c.tsv을(를) 읽는 소스가 없습니다. 다른")


def test_notes_on_a_file_are_said_once_however_often_its_months_are_rebuilt(company: "Company") -> None:
    company.answers([{"score": 9, "spent": 1.5}], "responses/a.parquet")
    assert len(company.file("responses/a.parquet")["notes"]) == 1
    company.answers([{"response_id": "x", "score": 9}], "responses/b.parquet")
    assert len(company.file("responses/a.parquet")["notes"]) == 1


# --- damage -----------------------------------------------------------------------------------------


def damaged(path: Path, how: str) -> None:
    content = path.read_bytes()
    path.write_bytes(
        {
            "B1-empty": b"",
            "B2-truncated-10": content[: len(content) // 10],
            "B2-truncated-50": content[: len(content) // 2],
            "B2-truncated-99": content[: len(content) * 99 // 100],
            "B3-magic-only": b"PAR1",
            "B4-footer-lies": content[:-8] + b"\xff\xff\xff\x7fPAR1",
            "B7-csv": b"response_id,responded_at,metric,score\nr1,2026-03-02T12:00:00+09:00,nps,9\n",
            "B7-html": b"<html>401</html>",
        }[how]
    )
    newer(path)


DAMAGES = [
    "B1-empty",
    "B2-truncated-10",
    "B2-truncated-50",
    "B2-truncated-99",
    "B3-magic-only",
    "B4-footer-lies",
    "B7-csv",
    "B7-html",
]


@pytest.mark.bad_input("B1", "B2", "B3", "B4", "B7")
def test_damaged_files_are_set_aside_and_their_last_good_rows_stay(company: "Company") -> None:
    company.answers([{"response_id": "good", "score": 1}], "responses/good.parquet")
    later = {"score": 6, "responded_at": "2026-04-02T12:00:00+09:00"}
    for how in DAMAGES:
        rows = [{"response_id": how, "score": 5}, {"response_id": f"{how} later"} | later]
        company.answers(rows, f"responses/{how}.parquet")
    before = company.published("responses", "response_id", "score")
    assert len(before) == 1 + 2 * len(DAMAGES)
    for how in DAMAGES:
        damaged(company.data / "responses" / f"{how}.parquet", how)
    assert company.published("responses", "response_id", "score") == before
    for how in DAMAGES:
        file = company.file(f"responses/{how}.parquet")
        assert file["state"] == "kept" and file["reason"] and file["hint"], how
    company.answers([{"response_id": "new", "score": 7}], "responses/new.parquet")
    beside = company.published("responses", "response_id", "score")
    assert beside == sorted([*before, ("new", 7)]), "also when the month is rebuilt beside them"
    for how in DAMAGES:
        newer(company.answers([{"response_id": how, "score": 10}], f"responses/{how}.parquet"), 10)
    mended = company.published("responses", "response_id", "score")
    assert mended == sorted([("good", 1), ("new", 7), *((how, 10) for how in DAMAGES)]), "once mended, they count"


@pytest.mark.bad_input("B1", "B2", "B3", "B4", "B7")
def test_files_that_were_damaged_from_the_start_are_set_aside_and_the_others_go_on(company: "Company") -> None:
    company.scores(9, file="responses/good.parquet")
    for how in DAMAGES:
        damaged(company.scores(3, file=f"responses/{how}.parquet"), how)
    for how in DAMAGES:
        refused(company, f"responses/{how}.parquet")
    assert company.published("responses", "score") == [9]


def test_when_nothing_is_valid_publishing_says_so_and_what_was_published_stays(company: "Company") -> None:
    path = company.text("responses/a.parquet", b"PAR1")
    with pytest.raises(DataError, match=r"responses/a\.parquet") as caught:
        company.publish()
    assert caught.value.hint
    assert snapshot.current(company.data) is None
    company.scores(9)
    good = company.publish().snapshot
    path.unlink()
    with pytest.raises(DataError, match="no exports"):
        company.publish()
    held = snapshot.current(company.data)
    assert held is not None and held.id == good.id and held.rows("responses") == 1


def test_an_empty_folder_names_what_to_put_there(company: "Company") -> None:
    with pytest.raises(DataError, match="no exports") as caught:
        company.publish()
    assert "responses/" in caught.value.hint and "demo" in caught.value.hint


@pytest.mark.bad_input("B10")
def test_leftovers_of_other_programs_are_no_exports(company: "Company") -> None:
    company.scores(9)
    for name in (
        "a.parquet.tmp",
        ".a.parquet.crc",
        "_SUCCESS",
        ".DS_Store",
        "Thumbs.db",
        "~$a.parquet",
        "b.parquet.crdownload",
        "b.parquet.sha256",
    ):
        company.text(f"responses/{name}", b"x")
    assert [file["file"] for file in company.publish().snapshot.files] == ["responses/a.parquet"]


@pytest.mark.bad_input("B11")
def test_links_to_elsewhere_pipes_and_folders_are_refused(company: "Company", tmp_path: Path) -> None:
    company.scores(9)
    outside = tmp_path / "outside.parquet"
    outside.write_bytes((company.data / "responses" / "a.parquet").read_bytes())
    (company.data / "responses" / "link.parquet").symlink_to(outside)
    (company.data / "responses" / "passwd.parquet").symlink_to("/etc/passwd")
    os.mkfifo(company.data / "responses" / "pipe.parquet")
    (company.data / "responses" / "folder.parquet").mkdir()
    for name in ("link", "passwd", "pipe", "folder"):
        refused(company, f"responses/{name}.parquet")
    assert company.published("responses", "score") == [9]


@pytest.mark.bad_input("B16")
@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_without_permission_is_set_aside(company: "Company") -> None:
    company.scores(9, file="responses/a.parquet")
    company.scores(3, file="responses/b.parquet").chmod(0)
    assert "rights" in refused(company, "responses/b.parquet")["hint"]


def test_another_kind_of_file_in_a_tables_folder_is_named(company: "Company") -> None:
    company.scores(9)
    company.text("responses/a.xlsx", b"PK")
    assert "source" in refused(company, "responses/a.xlsx")["hint"]


NAMES = [
    "3월 응답.parquet",
    unicodedata.normalize("NFD", "서울 지점.parquet"),
    'it\'s "quoted".parquet',
    "a*?[b].parquet",
    "[!a].parquet",
    "a;b--c.parquet",
    "한 글/하위 폴더/응답 #1 (최종)_진짜최종.parquet",
    "🙂.parquet",
    "new\nline.parquet",
    "year=2026/month=03/part-0.parquet",
    "a" * 247 + ".parquet",
]


@pytest.mark.bad_input("B17")
def test_a_file_of_any_name_is_read_like_another(company: "Company") -> None:
    """None is skipped, none is read as a pattern for others."""
    company.answers([{"response_id": "pattern", "score": 1}], "responses/axb.parquet")
    for name in NAMES:
        company.answers([{"response_id": name, "score": 9}], f"responses/{name}")
    company.publish()
    for again in (False, True):
        report = company.publish(again=again)
        assert report.snapshot.rows("responses") == len(NAMES) + 1
        assert {file["file"]: file["kept"] for file in report.snapshot.files} == {
            f"responses/{name}": 1 for name in [*NAMES, "axb.parquet"]
        }


# --- columns ----------------------------------------------------------------------------------------


@pytest.mark.bad_input("B19", "B21")
def test_a_missing_required_column_names_the_nearest(company: "Company") -> None:
    company.scores(9)
    company.write(
        "responses/b.parquet",
        [{"responce_id": "r1", "responded_at": "2026-03-02T12:00:00Z", "metric": "nps", "score": 9}],
    )
    file = refused(company, "responses/b.parquet")
    assert "“response_id”" in file["reason"] and "“responce_id”" in file["hint"]


def test_a_file_with_neither_score_nor_comment_is_refused_and_with_a_comment_it_is_not(company: "Company") -> None:
    company.scores(9)
    base = {"response_id": "r9", "responded_at": "2026-03-02T12:00:00Z", "metric": "nps"}
    company.write("responses/none.parquet", [base])
    company.write("responses/words.parquet", [base | {"comment": "good"}])
    assert "score or comment" in refused(company, "responses/none.parquet")["reason"]
    assert company.published("responses", "comment") == ["good", None]


@pytest.mark.bad_input("B22")
def test_columns_in_another_order_are_the_same(company: "Company") -> None:
    company.answers([{"score": 9, "channel": "app"}])
    company.write(
        "responses/b.parquet",
        [{"channel": "web", "score": 3.0, "metric": "nps", "responded_at": "2026-03-02T12:00:00Z", "response_id": "x"}],
    )
    assert company.published("responses", "channel", "score") == [("app", 9), ("web", 3)]


@pytest.mark.bad_input("B24")
def test_files_with_different_types_and_columns_meet(company: "Company") -> None:
    """An integer file beside a decimal one; 8.50 stays 8.5."""
    company.answers([{"response_id": "a", "score": 9}], "responses/a.parquet", score=pa.int8())
    company.answers(
        [{"response_id": "b", "score": Decimal("8.50"), "channel": "app"}],
        "responses/b.parquet",
        score=pa.decimal128(4, 2),
    )
    company.answers([{"response_id": "c", "score": "7"}], "responses/c.parquet", score=pa.string())
    assert company.published("responses", "response_id", "score", "channel") == [
        ("a", 9, None),
        ("b", 8.5, "app"),
        ("c", 7, None),
    ]


@pytest.mark.bad_input("B29")
@pytest.mark.parametrize(
    ("kind", "types"),
    [
        ("ms", pa.timestamp("ms", "UTC")),
        ("us", pa.timestamp("us", "Asia/Seoul")),
        ("ns", pa.timestamp("ns", "America/New_York")),
    ],
)
def test_times_of_any_precision_and_zone_are_the_same_instant(
    company: "Company", kind: str, types: pa.DataType
) -> None:
    company.answers([{"score": 9, "responded_at": datetime(2026, 3, 1, 15, 30, tzinfo=UTC)}], responded_at=types)
    assert company.published("responses", "responded_at", "day") == [
        (datetime(2026, 3, 1, 15, 30, tzinfo=UTC), date(2026, 3, 2))
    ]


# --- rows -------------------------------------------------------------------------------------------


def aside(company: "Company", rule: str, column: str, **row: Any) -> None:
    """One row beside a good one is set aside by a rule that names the column, the row and the value."""
    types = row.pop("types", {})
    company.answers([{"response_id": "good", "score": 9}, {"response_id": "bad", "score": 8} | row], **types)
    assert company.published("responses", "response_id") == ["good"]
    (problem,) = company.file("responses/a.parquet")["problems"]
    assert (problem["column"], problem["rows"], problem["row"]) == (column, 1, 2)
    assert problem["rule"].startswith(rule)
    assert problem["hint"]


@pytest.mark.bad_input("B23")
def test_text_in_a_number_column_sets_the_row_aside_and_not_the_column(company: "Company") -> None:
    company.answers(
        [
            {"response_id": "a", "score": "9"},
            {"response_id": "b", "score": "N/A"},
            {"response_id": "c", "score": " 7 "},
            {"response_id": "d", "score": "", "comment": "words"},
        ]
    )
    assert company.published("responses", "response_id", "score") == [("a", 9), ("c", 7), ("d", None)]
    (problem,) = company.file("responses/a.parquet")["problems"]
    assert (problem["rule"], problem["column"], problem["rows"], problem["row"], problem["value"]) == (
        "not a number",
        "score",
        1,
        2,
        "N/A",
    )


@pytest.mark.bad_input("B27")
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_is_set_aside(company: "Company", value: float) -> None:
    """One NaN would make every mean NaN."""
    company.answers([{"response_id": "good", "score": 9.0}, {"response_id": "bad", "score": value}], score=pa.float64())
    assert company.published("responses", "score") == [9]
    assert company.file("responses/a.parquet")["problems"][0]["rule"] == "not a number"


@pytest.mark.bad_input("B26")
@pytest.mark.parametrize("score", [11, -1, 99])
def test_a_score_outside_the_scale_is_set_aside(company: "Company", score: int) -> None:
    aside(company, "outside the scale 0–10 of nps", "score", score=score)


def test_a_metric_without_a_file_keeps_its_scores_and_a_note_names_it(company: "Company") -> None:
    company.answers([{"score": 9}, {"metric": "mood", "score": 9000}])
    held = company.publish().snapshot
    assert held.rows("responses") == 2
    assert any("“mood”" in note and "queries/metrics/mood.sql" in note for note in held.notes)


@pytest.mark.bad_input("B31")
def test_a_date_of_1970_is_set_aside(company: "Company") -> None:
    aside(company, "before 1990", "responded_at", responded_at="1970-01-01T00:00:00Z")


@pytest.mark.bad_input("B31")
@pytest.mark.parametrize(
    "moment", ["9999-12-31T00:00:00Z", (datetime.now(UTC) + timedelta(days=3)).isoformat()], ids=["9999", "in 3 days"]
)
def test_a_date_to_come_is_set_aside(company: "Company", moment: str) -> None:
    aside(company, "in the future", "responded_at", responded_at=moment)


def test_an_empty_key_is_set_aside(company: "Company") -> None:
    aside(company, "empty", "metric", metric="  ")


def test_a_negative_weight_is_set_aside(company: "Company") -> None:
    aside(company, "below 0", "weight", weight=-1.0)


def test_a_rating_above_its_maximum_is_set_aside(company: "Company") -> None:
    base = {"reviewed_at": "2026-03-02T12:00:00Z", "brand": "A"}
    company.write(
        "reviews/a.parquet",
        [
            base | {"review_id": "a", "rating": 5.0},
            base | {"review_id": "b", "rating": 8.0},
            base | {"review_id": "c", "rating": 8.0, "rating_max": 10.0},
        ],
    )
    assert company.published("reviews", "review_id") == ["a", "c"]


@pytest.mark.bad_input("B26")
def test_an_empty_score_beside_a_comment_stays_and_without_one_it_is_set_aside(company: "Company") -> None:
    company.answers(
        [{"score": None, "comment": "words"}, {"score": None, "comment": " "}, {"score": 9, "comment": None}],
        score=pa.float64(),
    )
    assert company.published("responses", "comment", "score") == [("words", None), (None, 9)]
    assert company.file("responses/a.parquet")["problems"][0]["rule"] == "nothing in it"


@pytest.mark.bad_input("B37")
def test_a_file_without_rows_is_accepted(company: "Company") -> None:
    company.scores(9)
    empty = pa.table(
        {
            "response_id": pa.array([], "string"),
            "responded_at": pa.array([], SEOUL_TZ),
            "metric": pa.array([], "string"),
            "score": pa.array([], "float64"),
        }
    )
    company.write("responses/empty.parquet", empty)
    file = company.file("responses/empty.parquet")
    assert (file["state"], file["read"], file["kept"]) == ("published", 0, 0)
    assert company.publish().snapshot.rows("responses") == 1


@pytest.mark.bad_input("B37")
def test_nothing_but_a_file_without_rows_is_published_calmly(company: "Company") -> None:
    empty = pa.table(
        {
            "response_id": pa.array([], "string"),
            "responded_at": pa.array([], SEOUL_TZ),
            "metric": pa.array([], "string"),
            "score": pa.array([], "float64"),
        }
    )
    company.write("responses/empty.parquet", empty)
    held = company.publish().snapshot
    assert held.rows("responses") == 0 and held.as_of is None


def test_a_file_of_which_no_row_can_be_used_is_set_aside(company: "Company") -> None:
    company.scores(9)
    company.answers([{"response_id": "x", "score": 99}], "responses/b.parquet")
    file = refused(company, "responses/b.parquet")
    assert "1" in file["reason"] and file["problems"]


# --- what was set aside, row by row -------------------------------------------------------------------


def listed(company: "Company") -> list[tuple[Any, ...]]:
    return [
        (one.file, one.row, one.column, one.value, one.rule) for one in snapshot.set_aside(company.publish().snapshot)
    ]


def test_every_row_set_aside_is_listed_with_file_number_column_value_rule_and_remedy(company: "Company") -> None:
    company.scores(9, file="responses/good.parquet")
    company.answers([{"score": "9"}, {"score": "N/A"}, {"score": "12"}, {"score": "x"}], "responses/bad.parquet")
    company.text("responses/hurt.parquet", b"PAR1")
    held = company.publish().snapshot
    (hurt, *rows) = snapshot.set_aside(held)
    assert (hurt.file, hurt.row, hurt.column) == ("responses/hurt.parquet", 0, "") and hurt.rule and hurt.remedy
    assert [(one.row, one.column, one.value, one.rule) for one in rows] == [
        (2, "score", "N/A", "not a number"),
        (4, "score", "x", "not a number"),
        (3, "score", "12", "outside the scale 0–10 of nps"),
    ]
    assert {one.file for one in rows} == {"responses/bad.parquet"} and all(one.remedy for one in rows)


def test_rows_set_aside_stay_listed_while_their_file_stays_as_it_is(company: "Company") -> None:
    company.answers([{"score": 9}, {"score": 99}], "responses/a.parquet")
    company.answers([{"score": 9}, {"score": 98}], "responses/b.parquet")
    first = listed(company)
    assert [(file, row, value) for file, row, _, value, _ in first] == [
        ("responses/a.parquet", 2, "99"),
        ("responses/b.parquet", 2, "98"),
    ]
    company.scores(9, file="responses/c.parquet")
    assert listed(company) == first, "neither file was read again"
    newer(company.answers([{"score": 9}, {"score": 8}], "responses/b.parquet"))
    assert listed(company) == first[:1], "a corrected row is set aside no more"
    (company.data / "responses" / "a.parquet").unlink()
    assert listed(company) == []


def test_so_many_rows_are_listed_and_all_are_counted(company: "Company", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MOST_LISTED", 3)
    company.answers([{"score": 9}, *({"score": 90 + number} for number in range(5))])
    assert [value for _, _, _, value, _ in listed(company)] == ["90", "91", "92"]
    assert company.file("responses/a.parquet")["problems"][0]["rows"] == 5
    monkeypatch.setattr(manifest, "MOST_ASIDE", 2)
    newer(company.answers([{"score": 9}, *({"score": 90 + number} for number in range(6))]))
    assert len(listed(company)) == 2
    assert company.file("responses/a.parquet")["problems"][0]["rows"] == 6


# --- time -------------------------------------------------------------------------------------------


@pytest.mark.bad_input("B28")
def test_times_without_a_zone_are_refused_until_cx_toml_names_one(company: "Company") -> None:
    """Midnight in Seoul belongs to the day that begins there."""
    company.answers(
        [
            {"response_id": "before", "score": 9, "responded_at": datetime(2026, 3, 1, 23, 59, 59)},
            {"response_id": "after", "score": 3, "responded_at": datetime(2026, 3, 2)},
        ],
        responded_at=pa.timestamp("us"),
    )
    with pytest.raises(DataError, match="“responded_at” carry no time zone") as caught:
        company.publish()
    assert "export_time_zone" in caught.value.hint
    company.text("cx.toml", 'export_time_zone = "Asia/Seoul"')
    assert company.published("responses", "response_id", "day") == [
        ("after", date(2026, 3, 2)),
        ("before", date(2026, 3, 1)),
    ]
    company.text("cx.toml", 'export_time_zone = "UTC"')
    assert company.published("responses", "response_id", "day") == [
        ("after", date(2026, 3, 2)),
        ("before", date(2026, 3, 2)),
    ]


def test_the_reporting_zone_decides_day_and_month(company: "Company") -> None:
    company.answers([{"score": 9, "responded_at": "2026-02-28T15:30:00Z"}])
    assert company.published("responses", "day") == [date(2026, 3, 1)]
    assert [part.month for part in company.publish().snapshot.parts["responses"]] == ["2026-03"]
    company.text("cx.toml", 'time_zone = "Europe/London"')
    assert company.published("responses", "day") == [date(2026, 2, 28)]
    assert [part.month for part in company.publish().snapshot.parts["responses"]] == ["2026-02"]


def test_times_written_as_text_are_understood(company: "Company") -> None:
    days = {
        "2026-03-01T15:00:00Z": 2,
        "2026-03-01 14:59:59+00:00": 1,
        "2026-03-02T00:00:00+09:00": 2,
        "2026-03-02T00:00:00+0900": 2,
        "2026-03-02T00:00:00.123456+09": 2,
        "2026-03-02": 2,
        "2026-3-2": 2,
    }
    company.answers([{"response_id": text, "score": 9, "responded_at": text} for text in days])
    assert dict(company.published("responses", "response_id", "day")) == {
        text: date(2026, 3, day) for text, day in days.items()
    }


@pytest.mark.bad_input("B28")
@pytest.mark.parametrize("text", ["2026-03-02T12:00:00", "02/03/2026", "yesterday"])
def test_a_time_written_without_a_zone_or_not_at_all_sets_the_row_aside(company: "Company", text: str) -> None:
    aside(company, "not a time with a zone", "responded_at", responded_at=text)


@pytest.mark.bad_input("B28")
@pytest.mark.parametrize(
    "text",
    [
        *("2026-03-02 03:00:00 UTC", "2026-03-02 12:00:00 +0900", "2026-03-02 12:00 KST", "2026-03-02 12:00+09"),
        *("2026-03-02 04:00 GMT+01:00", "2026-03-01 20:00 PDT", "2026-03-02 12:00:00.000 Asia/Seoul"),
    ],
)
def test_a_zone_behind_a_time_holds_and_not_that_of_the_exports(company: "Company", text: str) -> None:
    company.text("cx.toml", 'export_time_zone = "America/New_York"')
    company.answers([{"score": 9, "responded_at": text}])
    assert company.published("responses", "responded_at") == [datetime(2026, 3, 2, 3, tzinfo=UTC)]


@pytest.mark.bad_input("B28")
@pytest.mark.parametrize("text", ["2026-03-02 2:05:00 PM", "2026-03-02 14:05 CST", "2026-03-02 14:05:00UTC"])
def test_a_time_with_something_behind_it_that_is_not_understood_is_set_aside(company: "Company", text: str) -> None:
    company.text("cx.toml", 'export_time_zone = "Asia/Seoul"')
    aside(company, "not a time with a zone", "responded_at", responded_at=text)


def test_a_time_that_lacks_its_zone_alone_is_told_where_to_name_it(company: "Company") -> None:
    company.scores(9, file="responses/good.parquet", response_id="good")
    company.answers([{"score": 9, "responded_at": "2026-03-02 12:00"}], "responses/a.parquet")
    company.text("shop/a.csv", "id,day,score\n1,2026-03-02 12:00,9\n")
    company.source(
        "shop",
        "select id as response_id, day as responded_at, 'nps' as metric, score from raw",
        "table: responses\nfiles: shop/*.csv",
    )
    company.publish()
    told = {name: company.file(name)["problems"][0]["hint"] for name in ("responses/a.parquet", "shop/a.csv")}
    assert "`export_time_zone` in cx.toml" in told["responses/a.parquet"]
    assert "add the line `-- zone: Asia/Seoul` to the source" in told["shop/a.csv"]


def test_a_day_is_a_day_of_the_reporting_zone(company: "Company") -> None:
    company.answers([{"score": 9, "responded_at": date(2026, 3, 2)}])
    assert company.published("responses", "day") == [date(2026, 3, 2)]


@pytest.mark.bad_input("B30")
@pytest.mark.parametrize(("hour", "day"), [(0, 28), (2, 29), (3, 29), (23, 29)])
def test_days_hold_around_the_change_of_the_clocks(company: "Company", hour: int, day: int) -> None:
    """Berlin's clocks skip 02:00 on 29 March 2026."""
    company.text("cx.toml", 'time_zone = "Europe/Berlin"\nexport_time_zone = "Europe/Berlin"')
    moment = datetime(2026, 3, 28 if hour == 0 else 29, 23 if hour == 0 else hour, 59)
    company.answers([{"score": 9, "responded_at": moment}], responded_at=pa.timestamp("us"))
    assert company.published("responses", "day") == [date(2026, 3, day)]


# --- segments ---------------------------------------------------------------------------------------


@pytest.mark.bad_input("B43")
def test_every_spelling_of_a_segment_value_is_one(company: "Company") -> None:
    spellings = {
        "plain": "서울",
        "NFD": unicodedata.normalize("NFD", "서울"),
        "trailing": "서울 ",
        "around": " 서울\t",
        "full-width space": "서울\u3000",
        "no-break space": "서울\u00a0",
        "invisible": "\u200b서울\ufeff",
        "right to left": "\u202e서울",
        "NUL": "서울\x00",
    }
    company.answers([{"response_id": name, "score": 9, "region": text} for name, text in spellings.items()])
    assert dict(company.published("responses", "response_id", "region")) == dict.fromkeys(spellings, "서울")


@pytest.mark.bad_input("B43")
def test_full_width_letters_are_plain_ones(company: "Company") -> None:
    company.answers([{"score": 9, "tier": "VIP 1"}, {"score": 3, "tier": "ＶＩＰ　１"}])
    assert company.publish().snapshot.values["tier"] == ("VIP 1",)


@pytest.mark.bad_input("B58")
def test_values_that_differ_in_capitals_or_blanks_only_are_told(company: "Company") -> None:
    company.answers(
        [{"score": 9, "tier": tier} for tier in ("Gold", "Gold", "GOLD", "개인 사업자", "개인사업자", "VIP")]
    )
    (note,) = company.publish().snapshot.notes
    assert note.startswith("4 values of “tier” differ from another in capitals or blanks only") and "“GOLD”" in note


@pytest.mark.bad_input("B44", "B46")
def test_a_comment_keeps_its_words_but_not_its_nul_signs(company: "Company") -> None:
    company.answers([{"score": 9, "comment": "＝ａ\x00\nb" + "c" * 20_000}])
    (comment,) = company.published("responses", "comment")
    assert comment.startswith("＝ａ\nb") and len(comment) == intake.LONGEST_TEXT


def test_unknown_columns_of_few_values_become_segments_and_others_do_not(company: "Company") -> None:
    rows = [
        {
            "response_id": f"r{number}",
            "score": number % 11,
            "Region Name": ("서울", "부산")[number % 2],
            "age": number % 3,
            "member": number % 2 == 0,
            "phone": f"010-{number:04}",
            "amount": number * 1.5,
            "nothing": None,
            "metric_": "x",
        }
        for number in range(200)
    ]
    company.answers(rows, nothing=pa.string())
    held = company.publish().snapshot
    assert held.segments["responses"] == {"region_name": 2, "age": 3, "member": 2}
    assert held.values["region_name"] == ("부산", "서울")
    assert set(held.values["member"]) == {"true", "false"}
    notes = " ".join(company.file("responses/a.parquet")["notes"])
    for name in ("phone", "amount", "metric_"):
        assert f"“{name}”" in notes


ROWS: list[tuple[str, dict[str, Any]]] = [
    ("responses", {"response_id": "a", "responded_at": "2026-03-02T12:00:00+09:00", "metric": "nps", "score": 9}),
    ("reviews", {"review_id": "a", "reviewed_at": "2026-03-02T12:00:00+09:00", "brand": "우리", "rating": 5}),
    ("customers", {"customer_id": "a"}),
    ("events", {"event_id": "a", "customer_id": "a", "occurred_at": "2026-03-02T12:00:00+09:00", "kind": "visit"}),
    ("invitations", {"invitation_id": "a", "sent_at": "2026-03-02T12:00:00+09:00"}),
    ("targets", {"metric": "nps", "value": 40.0}),
    ("actions", {"action_id": "a", "title": "t", "started_at": "2026-03-02T12:00:00+09:00"}),
]


def test_the_tables_below_are_all_that_take_further_columns() -> None:
    assert {table for table, _ in ROWS} == {name for name, one in contract.TABLES.items() if one.open}


@pytest.mark.parametrize(("table", "row"), ROWS)
def test_every_open_table_keeps_further_columns_of_few_values(
    company: "Company", table: str, row: Mapping[str, Any]
) -> None:
    company.scores(9, file="responses/first.parquet")
    company.write(f"{table}/a.parquet", [{**row, "Sales Area": " ｎorth "}])
    assert "north" in company.published(table, "sales_area")
    assert company.file(f"{table}/a.parquet")["notes"] == []


OWN_NAMES = [
    "segment",
    "value",
    "dimension",
    "day",
    "n",
    "wx",
    "x",
    "figure",
    "cx_file",
    "cx_month",
    "cx_row",
    "cx_problem",
]


def test_a_column_named_like_one_of_the_products_own_is_no_segment(company: "Company") -> None:
    names = [*OWN_NAMES, "filename", "row_number", "!!"]
    company.answers([dict.fromkeys(names, "a") | {"score": score, "region": "서울"} for score in (9, 3)])
    held = company.publish().snapshot
    assert held.rows("responses") == 2
    assert held.segments["responses"] == {"region": 1}
    notes = " ".join(company.file("responses/a.parquet")["notes"])
    assert all(f"“{name}”" in notes for name in OWN_NAMES)


def test_a_customers_own_score_or_weight_is_no_segment_of_the_answers(company: "Company") -> None:
    company.answers([{"customer_id": "c1", "score": 9}])
    company.write("customers/a.parquet", [{"customer_id": "c1", "score": 1, "weight": 5, "tier": "vip"}])
    assert company.current().segments["customers"] == {"tier": 1}
    assert company.published("responses", "score", "weight", "tier") == [(9, None, "vip")]


def test_customers_segments_are_joined_to_their_answers_and_the_answers_own_value_wins(company: "Company") -> None:
    company.answers(
        [
            {"customer_id": "c1", "score": 9},
            {"customer_id": "c2", "score": 3, "tier": "vip"},
            {"customer_id": "c9", "score": 1},
            {"score": 2},
        ]
    )
    company.write(
        "customers/a.parquet",
        [
            {"customer_id": "c1", "tier": "gold", "country": "KR"},
            {"customer_id": "c2", "tier": "basic", "country": "JP"},
        ],
    )
    assert company.published("responses", "score", "tier", "country") == [
        (1, None, None),
        (2, None, None),
        (3, "vip", "JP"),
        (9, "gold", "KR"),
    ]


def test_a_customer_in_two_exports_does_not_double_the_answers(company: "Company") -> None:
    company.answers([{"customer_id": "c1", "score": 9}])
    company.write("customers/a.parquet", [{"customer_id": "c1", "tier": "gold"}])
    company.write("crm/a.parquet", [{"customer_id": "c1", "tier": "vip"}])
    company.source("crm", "select * from raw", "table: customers\nfiles: crm/*.parquet")
    assert len(company.published("responses", "score", "tier")) == 1


# --- sources ----------------------------------------------------------------------------------------


def test_a_wide_survey_is_turned_long_by_its_source(company: "Company") -> None:
    company.text(
        "survey/2026 3월.csv",
        '\ufeffid,일시,추천,만족,지역,"말"\n'
        '1,2026-03-01 23:30:00,9,5,서울,"좋아요, 정말"\n'
        '2,2026-03-02 00:10:00,99,4,부산,"두 줄\n말"\n'
        "3,2026-03-02 09:00:00,3,,서울,\n",
    )
    company.source(
        "survey",
        """
        with answers as (
            select id, 일시, 지역, 말, metric, answer
            from raw unpivot (answer for metric in (추천 as nps, 만족 as csat))
        )
        select
            id as response_id, 일시 as responded_at, metric, case when answer <> '99' then answer end as score,
            지역 as region, case when metric = 'nps' then 말 end as comment
        from answers
        """,
        "table: responses\nfiles: survey/*.csv\nzone: Asia/Seoul",
    )
    assert company.published("responses", "response_id", "metric", "score", "day", "region", "comment") == [
        ("1", "csat", 5, date(2026, 3, 1), "서울", None),
        ("1", "nps", 9, date(2026, 3, 1), "서울", "좋아요, 정말"),
        ("2", "csat", 4, date(2026, 3, 2), "부산", None),
        ("2", "nps", None, date(2026, 3, 2), "부산", "두 줄\n말"),
        ("3", "nps", 3, date(2026, 3, 2), "서울", None),
    ]


def test_a_column_that_is_only_capitalised_otherwise_has_neither_come_nor_gone(company: "Company") -> None:
    sql = "select id as response_id, day as responded_at, 'nps' as metric, nps as score, area from raw"
    company.source("survey", sql, "table: responses\nfiles: survey/*.csv")
    company.text("survey/2024.csv", "id,day,nps,area,shop\n1,2024-03-01,9,north,a\n")
    company.text("survey/2025.csv", "id,day,NPS,Area,city\n2,2025-03-01,3,south,b\n")
    (found,) = company.publish().snapshot.drift
    assert (found["new"], found["lost"]) == (["city"], ["shop"])


def test_headers_that_some_files_lack_are_declared_by_columns(company: "Company") -> None:
    company.text("survey/2025.csv", "id,score\na,9\n")
    company.text("survey/2026.csv", "id,score,gate\nb,3,D4\n")
    sql = "select id as response_id, '2026-03-02' as responded_at, 'nps' as metric, score, gate from raw"
    company.source("survey", sql, "table: responses\nfiles: survey/*.csv")
    assert "gate" in refused(company, "survey/2025.csv")["reason"]
    company.source("survey", sql, "table: responses\nfiles: survey/*.csv\ncolumns: [gate]")
    assert company.published("responses", "response_id", "gate") == [("a", None), ("b", "D4")]


def test_a_source_may_use_the_file_name_and_the_row_number(company: "Company") -> None:
    company.text("kiosk/강남.csv", "score\n9\n3\n")
    company.source(
        "kiosk",
        "select filename || '#' || row_number as response_id, '2026-03-02' as responded_at, 'nps' as metric, score, "
        "regexp_extract(filename, '([^/]+)\\.csv', 1) as unit_id from raw",
        "table: responses\nfiles: kiosk/*.csv",
    )
    assert company.published("responses", "response_id", "unit_id", "score") == [
        ("kiosk/강남.csv#1", "강남", 9),
        ("kiosk/강남.csv#2", "강남", 3),
    ]


@pytest.mark.parametrize(
    ("name", "content", "header"),
    [
        ("a.tsv", "id\tscore\n서울\t9\n".encode(), ""),
        ("a.csv", "id;score\n서울;9\n".encode(), "delimiter: ;"),
        ("a.csv", "id,score\n서울,9\n".encode("utf-16"), "encoding: utf-16"),
        ("a.json", '[{"id": "서울", "score": 9}]'.encode(), ""),
        ("a.jsonl", '{"id": "서울", "score": 9}\n'.encode(), ""),
        ("a.dat", "id,score\n서울,9\n".encode(), "reader: csv"),
    ],
)
def test_a_source_reads_files_of_other_shapes(company: "Company", name: str, content: bytes, header: str) -> None:
    company.text(f"other/{name}", content)
    sql = "select id as response_id, '2026-03-02' as responded_at, 'nps' as metric, score from raw"
    company.source("other", sql, f"table: responses\nfiles: other/*\n{header}".strip())
    assert company.published("responses", "response_id", "score") == [("서울", 9)]


def test_two_sources_may_map_the_same_file_and_each_change_of_either_is_noticed(company: "Company") -> None:
    company.text("survey/a.csv", "id,recommend,satisfied\n1,9,5\n")
    for metric, column in (("nps", "recommend"), ("csat", "satisfied")):
        company.source(
            metric,
            f"select id as response_id, '2026-03-02' as responded_at, '{metric}' as metric, {column} as score from raw",
            "table: responses\nfiles: survey/*.csv",
        )
    assert company.published("responses", "metric", "score") == [("csat", 5), ("nps", 9)]
    company.source(
        "nps",
        "select id as response_id, '2026-03-02' as responded_at, 'nps' as metric, 1 as score from raw",
        "table: responses\nfiles: survey/*.csv",
    )
    assert company.published("responses", "metric", "score") == [("csat", 5), ("nps", 1)]
    company.source(
        "csat",
        "select id as response_id, '2026-03-02' as responded_at, 'csat' as metric, 2 as score from raw",
        "table: responses\nfiles: survey/*.csv",
    )
    assert company.published("responses", "metric", "score") == [("csat", 2), ("nps", 1)]


def test_names_in_cx_toml_that_nothing_published_bears_are_noted_and_no_longer_once_they_are_right(
    company: "Company",
) -> None:
    reviews = [
        {"review_id": f"v{number}", "reviewed_at": "2026-03-02T12:00:00+09:00", "brand": brand, "rating": 4.0}
        for number, brand in enumerate(["한빛몰", "Hanbit Mall"])
    ]
    company.write("reviews/a.parquet", reviews)
    labels = '[labels.brand.values]\n"한빛몰" = { en = "Hanbit Mall" }\n'
    company.text("cx.toml", 'brand = "한빛 몰"\nkpis = ["nps", "csta"]\ntargets = { cess = 4 }\n' + labels)
    assert company.publish().snapshot.notes == (
        "The own brand “한빛 몰” of cx.toml has no review. Did you mean “한빛몰”?",
        "The metric “csta” that cx.toml names in kpis has no file. Did you mean “csat”?",
        "The metric “cess” that cx.toml names in targets has no file. Did you mean “ces”?",
        "The brand “Hanbit Mall” was published beside “한빛몰”, which cx.toml shows by that name. "
        "It stands in reviews/a.parquet: write “한빛몰” there, or in the source.",
    )
    company.text("cx.toml", 'brand = "한빛몰"\nkpis = ["nps", "csta"]\n')
    assert [note[:18] for note in company.publish().snapshot.notes] == ["The metric “csta” "]
    company.text("cx.toml", 'brand = "한빛몰"\nkpis = ["nps", "csat"]\n')
    assert company.publish().snapshot.notes == ()


def test_a_theme_file_that_is_not_used_is_noted_with_its_line(company: "Company") -> None:
    company.answers([{"score": 3, "comment": "late"}])
    folder = company.queries / "themes"
    folder.mkdir()
    (folder / "late.yaml").write_text("label: Late\nword: [late]\n", "utf-8")
    (note,) = company.publish().snapshot.notes
    told = "questions/themes/late.yaml:2: “word” is not a key of this file. Did you mean “words”?"
    assert note == f"A theme file is not used: {told}"
    (folder / "late.yaml").rename(folder / "late.yml")
    (note,) = company.publish().snapshot.notes
    assert note.endswith("questions/themes/late.yml: A file of this name is not read. Name it late.yaml.")


def test_a_source_that_matches_no_file_is_noted(company: "Company") -> None:
    company.scores(9)
    company.source("survey", "select * from raw", "table: responses\nfiles: survey/*.csv")
    assert any("survey/*.csv" in note for note in company.publish().snapshot.notes)


def test_an_error_in_a_sources_sql_sets_its_files_aside_and_names_the_source(company: "Company") -> None:
    company.scores(9)
    company.text("survey/a.csv", "id,score\n1,9\n")
    company.source("survey", "select idd as response_id from raw", "table: responses\nfiles: survey/*.csv")
    file = refused(company, "survey/a.csv")
    assert "idd" in file["reason"] and "sources/survey.sql:3" in file["reason"] and "“id”" in file["hint"]
    problem = company.current().broken["sources/survey"][1]
    assert problem.line == 3 and problem.excerpt.endswith("^")
    company.scores(8, file="responses/b.parquet")
    assert "sources/survey" in company.current().broken, "its file is not read again, and it is still wrong"
    erasure.add(company.data, [erasure.Entry("somebody", date(2026, 3, 1))])
    assert "sources/survey" in company.current().broken, "somebody was erased, and it is still wrong"


def test_a_column_that_a_source_does_not_give_is_named(company: "Company") -> None:
    company.scores(9)
    company.text("survey/a.csv", "id,score\n1,9\n")
    company.source("survey", "select id as response_id, score from raw", "table: responses\nfiles: survey/*.csv")
    assert "responded_at" in refused(company, "survey/a.csv")["reason"]


# --- the journey --------------------------------------------------------------------------------------


def test_the_journey_comes_from_the_export_else_cx_toml_else_the_answers(company: "Company") -> None:
    company.answers([{"score": 9, "touchpoint": "pay"}, {"score": 9, "touchpoint": "browse"}])
    assert company.published("touchpoints", "touchpoint", "position") == [("browse", 1), ("pay", 2)]
    company.text("cx.toml", 'journey = [{touchpoint = "pay", owner = "Kim", ko = "결제"}, "browse", "return"]')
    assert company.published("touchpoints", "position", "touchpoint", "owner", "label_ko") == [
        (1, "pay", "Kim", "결제"),
        (2, "browse", "", ""),
        (3, "return", "", ""),
    ]
    assert company.publish().snapshot.labels["touchpoint"] == {"pay": {"ko": "결제"}}
    company.write("touchpoints/a.parquet", [{"touchpoint": "pay", "position": 7}])
    assert company.published("touchpoints", "touchpoint", "position") == [("pay", 7)]


# --- crashes and company ---------------------------------------------------------------------------------


def command(company: "Company") -> list[str]:
    return [sys.executable, "-m", "cx", "publish", "--data", str(company.data), "--queries", str(company.queries)]


def test_a_publisher_killed_at_any_moment_leaves_the_current_snapshot_whole(company: "Company") -> None:
    rows = [
        {
            "response_id": f"r{number}",
            "score": number % 11,
            "responded_at": f"2026-{number % 8 + 1:02}-10T12:00:00+09:00",
        }
        for number in range(800)
    ]
    company.answers(rows)
    first = company.publish().snapshot
    assert len(first.parts["responses"]) == 8
    company.answers([row | {"score": 10 - row["score"]} for row in rows])  # every month changes
    for pause in (0.0, 0.1, 0.3):
        started = subprocess.Popen(
            command(company),
            cwd=settings.PROJECT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 10
        while (
            not list(snapshot.published(company.data).glob("work-*"))
            and started.poll() is None
            and time.monotonic() < end
        ):
            time.sleep(0.005)
        time.sleep(pause)
        started.send_signal(signal.SIGKILL)
        started.wait()
        held = snapshot.current(company.data)
        assert held is not None
        assert all(
            (held.parts_folder / f"{part.name}.duckdb").exists() for parts in held.parts.values() for part in parts
        )
        assert held.rows("responses") == 800
    company.publish()
    assert not list(snapshot.published(company.data).glob("work-*")), "leftovers are cleared"
    assert sum(company.published("responses", "score")) == sum(10 - number % 11 for number in range(800))


def test_what_is_said_of_a_source_is_what_is_wrong_with_it_now(company: "Company") -> None:
    """Broken, broken in another way, and mended to what it was: each is told at once, and the rows stay."""
    company.text("crawl/a.csv", "id,written,name,stars\n1,2026. 03. 02.,Ours,5\n")
    good = """
        select id as review_id, strptime(written, '%Y. %m. %d.') as reviewed_at, name as brand, stars::double as rating
        from raw
    """
    header = "table: reviews\nfiles: crawl/*.csv\nzone: Asia/Seoul"

    def told(sql: str) -> tuple[str, str]:
        company.source("crawl", sql, header)
        (file,) = company.publish().snapshot.files
        return file["state"], file["reason"]

    assert told(good) == ("published", "")
    state, first = told(good.replace("name as brand", "name as shop"))
    assert state == "kept" and "brand" in first
    state, second = told(good.replace("stars::double as rating", "stars::double as points"))
    assert state == "kept" and second != first and "brand" not in second
    assert told(good) == ("published", "")
    assert company.published("reviews", "brand", "rating") == [("Ours", 5.0)]


@pytest.mark.parametrize(("comment", "loaded"), [("배송이 늦어요", 1), ("Late again", 0)])
def test_the_korean_model_is_loaded_while_a_file_settles_where_the_last_texts_were_korean(
    company: "Company", monkeypatch: pytest.MonkeyPatch, comment: str, loaded: int
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(tokens, "load_ahead", lambda: begun.append("model"))
    monkeypatch.setattr(listing, "SETTLED_SECONDS", 1.0)
    company.answers([{"comment": comment, "score": 3.0}])
    company.publish()
    assert not begun, "nothing is known of texts before the first publishing"
    company.publish()
    assert not begun, "nothing has to settle"
    company.answers([{"response_id": "later", "comment": comment, "score": 3.0}], "responses/b.parquet")
    company.publish()
    assert len(begun) == loaded


def test_two_publishers_at_once_take_turns(company: "Company") -> None:
    company.scores(*range(11))
    running = [
        subprocess.Popen(
            command(company),
            cwd=settings.PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ended = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0], ended
    assert sorted(out.split()[0] for out, _ in ended) == ["published", "unchanged,"]
    held = snapshot.current(company.data)
    assert held is not None and held.rows("responses") == 11


def test_a_folder_that_cannot_be_written_is_named(company: "Company") -> None:
    company.scores(9)
    company.text(".published", "a file in the way")
    with pytest.raises(DataError, match="cannot write"):
        company.publish()


def test_old_snapshots_are_pruned_and_the_last_few_stay_whole(company: "Company") -> None:
    for score in range(7):
        company.scores(score)
        company.publish()
    folder = snapshot.published(company.data)
    kept = sorted(path.parent.name for path in folder.glob("*/manifest.json"))
    assert snapshot.KEPT <= len(kept) <= snapshot.KEPT + 1
    wanted = {
        part.name
        for name in kept
        for held in [snapshot.open_snapshot(company.data, name)]
        for part in [*held.sums, *(part for parts in held.parts.values() for part in parts)]
    }
    assert {path.stem for path in (folder / "parts").glob("*.duckdb")} == wanted
    assert snapshot.current_id(company.data) == kept[-1]


def test_the_state_of_a_folder_changes_with_exports_settings_metrics_and_sources_only(company: "Company") -> None:
    def state() -> str:
        return publish.state(company.data, company.folders)

    seen = [state()]
    path = company.scores(9)
    seen.append(state())
    company.text("cx.toml", "brand = 'x'")
    seen.append(state())
    company.source("survey", "select * from raw", "table: responses\nfiles: a.csv")
    seen.append(state())
    newer(path)
    seen.append(state())
    assert len(set(seen)) == len(seen)
    company.publish()
    assert state() == seen[-1], "what publishing writes is no export"


def test_the_state_is_seen_wherever_the_folder_lies(tmp_path: Path) -> None:
    data = tmp_path / "queries" / "data"
    (data / "responses").mkdir(parents=True)
    before = publish.state(data, ())
    (data / "responses" / "a.parquet").write_bytes(b"x")
    assert publish.state(data, ()) != before


def test_mutated_files_are_refused_or_read_and_never_end_the_process(company: "Company") -> None:
    """Some bytes flipped or zeroed: the outcome is a published or a refused file, within the process that reads it."""
    dice = random.Random(7)
    company.scores(9, file="responses/good.parquet")
    rows = [{"response_id": f"m{number}", "score": number % 11, "channel": "app"} for number in range(50)]
    content = company.answers(rows, "responses/hurt.parquet").read_bytes()
    path = company.data / "responses" / "hurt.parquet"
    for _ in range(15):
        hurt = bytearray(content)
        for _ in range(dice.randint(1, 4)):
            hurt[dice.randrange(4, len(hurt))] ^= 1 << dice.randrange(8)
        path.write_bytes(bytes(hurt))
        try:
            file = company.file("responses/hurt.parquet")
        except CxError as error:
            pytest.fail(f"publishing stopped: {error}")
        assert file["state"] in ("published", "kept", "refused")
        assert file["state"] == "published" or (file["reason"] and file["hint"])


def test_publishing_in_another_process_is_seen_here(company: "Company") -> None:
    company.scores(9)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(publish_there, (company.data, company.folders))
    held = snapshot.current(company.data)
    assert held is not None and held.rows("responses") == 1


def publish_there(data: Path, folders: tuple[Path, ...]) -> None:
    publish.publish(data, Catalog(folders))


# --- sums -----------------------------------------------------------------------------------------------


def summed(company: "Company", open_engine: Any, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a question over everything that is published now."""
    ask = open_engine(company)[1]
    return [tuple(row) for row in ask(sql).frame.itertuples(index=False)]


def test_a_metric_that_is_gone_leaves_no_sums(company: "Company", open_engine: Any) -> None:
    """Even where most of what was summed is still there and its sums are carried on."""
    sql = "select metric, sum(n) as n from scores group by all order by all"
    for month in ("01", "02", "03"):
        company.scores(9, file=f"responses/{month}.parquet", responded_at=f"2026-{month}-10T12:00:00+09:00")
    shipped = (company.queries / "metrics" / "nps.sql").read_text(encoding="utf-8")
    second = company.queries / "metrics" / "loyalty.sql"
    second.write_text(shipped.replace("-- scale:", "-- answers: nps\n-- scale:"), encoding="utf-8")
    company.publish()
    assert summed(company, open_engine, sql) == [("loyalty", 3), ("nps", 3)]
    second.unlink()
    company.publish()
    assert summed(company, open_engine, sql) == [("nps", 3)]


UNMEASURABLE = {
    "it names no column of the answers": ("case when scor >= 6 then 1 else 0 end", "scor", "“score”"),
    "it fails on the answers there are": ("score / (touchpoint::double)", "cannot be turned", "try_cast"),
}


@pytest.mark.parametrize("formula, told, remedy", UNMEASURABLE.values(), ids=list(UNMEASURABLE))
def test_a_metric_that_cannot_be_measured_harms_no_other(
    company: "Company", open_engine: Any, formula: str, told: str, remedy: str
) -> None:
    company.scores(9, touchpoint="pay")
    shipped = (company.queries / "metrics" / "nps.sql").read_text(encoding="utf-8")
    header = shipped[: shipped.index("select")].replace("-- scale:", "-- answers: nps\n-- scale:")
    ease = company.queries / "metrics" / "ease.sql"
    ease.write_text(f"{header}select\n    *,\n    {formula} as x,\nfrom answers\n", encoding="utf-8")
    sql = "select metric, sum(n) as n from scores group by all order by all"
    company.publish()
    assert summed(company, open_engine, sql) == [("nps", 1)]
    problem = company.current().broken["metrics/ease"][1]
    assert told in problem.message and remedy in problem.hint and problem.file.endswith("metrics/ease.sql")
    engine = open_engine(company)[0]
    engine.snapshot()
    assert "ease" not in engine.catalog.metrics() and engine.catalog.problems["metrics/ease"].message == problem.message
    ease.write_text(f"{header}select\n    *,\n    score as x,\nfrom answers\n", encoding="utf-8")
    company.publish()
    assert summed(company, open_engine, sql) == [("ease", 1), ("nps", 1)]
    assert not company.current().broken


def test_a_value_without_end_is_no_value_of_a_metric(company: "Company", open_engine: Any) -> None:
    company.scores(9, 0)
    shipped = (company.queries / "metrics" / "nps.sql").read_text(encoding="utf-8")
    header = shipped[: shipped.index("select")].replace("-- scale:", "-- answers: nps\n-- scale:")
    loud = company.queries / "metrics" / "loud.sql"
    loud.write_text(f"{header}select *, ln(score) as x from answers\n", encoding="utf-8")
    company.publish()
    assert summed(company, open_engine, "select sum(n) as n from scores where metric = 'loud'") == [(1,)]


def test_a_new_value_keeps_the_codes_of_the_others(company: "Company", open_engine: Any) -> None:
    sql = "select tier, sum(n) as n from scores group by all order by all"
    company.answers([{"score": 9, "tier": "silver", "response_id": "a"}], "responses/a.parquet")
    first = company.publish().snapshot
    later = {"score": 9, "tier": "gold", "response_id": "b", "responded_at": "2026-04-02T12:00:00+09:00"}
    company.answers([later], "responses/b.parquet")
    second = company.publish().snapshot
    assert second.codes["tier"][: len(first.codes["tier"])] == first.codes["tier"] == ("silver",)
    assert second.codes["tier"] == ("silver", "gold") and second.lineage == first.lineage
    assert summed(company, open_engine, sql) == [("gold", 1), ("silver", 1)]


def test_a_column_of_too_many_values_is_kept_as_text_and_asked_for_all_the_same(
    company: "Company", open_engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (intake, dictionaries):
        monkeypatch.setattr(module, "LONGEST_DICTIONARY", 8)
    company.answers([{"score": 9, "channel": name, "response_id": name} for name in "abcdefg"], "responses/a.parquet")
    assert "channel" in company.publish().snapshot.codes
    later = [
        {"score": 9, "channel": name, "response_id": name, "responded_at": "2026-04-02T12:00:00+09:00"} for name in "hi"
    ]
    company.answers(later, "responses/b.parquet")
    held = company.publish().snapshot
    assert "channel" not in held.codes and held.uncoded == {"channel"}
    sql = "select channel, sum(n) as n from scores where channel in ('b', 'h', 'x') group by all order by all"
    assert summed(company, open_engine, sql) == [("b", 1), ("h", 1)]


def test_new_rows_of_a_month_are_a_part_of_their_own_until_there_are_many(company: "Company") -> None:
    for number in range(parts.MOST_DELTAS + 2):
        company.answers([{"score": 9, "response_id": f"r{number}"}], f"responses/{number}.parquet")
        held = company.publish().snapshot
        assert held.rows("responses") == number + 1
        assert len(held.parts["responses"]) == number % parts.MOST_DELTAS + 1


# --- what is said of a snapshot ---------------------------------------------------------------------------


def changed(company: "Company") -> list[tuple[Any, ...]]:
    """What the current snapshot says has changed: table, month, rows added, restated and removed."""
    return [tuple(change.values()) for change in company.current().changes]


def test_what_changed_is_told_by_table_and_month(company: "Company") -> None:
    march = [{"response_id": f"m{n}", "score": n} for n in range(3)]
    april = [{"response_id": "a", "score": 5, "responded_at": "2026-04-02T12:00:00+09:00"}]
    company.answers(march, "responses/march.parquet")
    company.answers(april, "responses/april.parquet")
    assert changed(company) == [], "there is nothing before the first snapshot"
    company.answers([{"response_id": "new", "score": 9}], "responses/new.parquet")
    assert changed(company) == [("responses", "2026-03", 1, 0, 0)]
    newer(company.answers([march[0], march[1] | {"score": 8}], "responses/march.parquet"))
    assert changed(company) == [("responses", "2026-03", 0, 1, 1)]
    newer(company.answers([march[0] | {"score": 7}, {"response_id": "late", "score": 4}], "responses/late.parquet"), 9)
    assert changed(company) == [("responses", "2026-03", 1, 1, 0)]
    (company.data / "responses" / "april.parquet").unlink()
    assert changed(company) == [("responses", "2026-04", 0, 0, 1)]


def test_a_row_is_not_restated_because_another_file_brings_it_unchanged(company: "Company") -> None:
    company.answers([{"response_id": "a", "score": 5}, {"response_id": "b", "score": 6}], "responses/a.parquet")
    company.publish()
    newer(company.answers([{"response_id": "a", "score": 5}], "responses/b.parquet"))
    assert changed(company) == []
    assert company.current().replaced["responses"] == 1


def test_columns_that_come_and_go_are_told_against_the_file_before(company: "Company") -> None:
    company.answers([{"score": 9, "region": "서울"}], "responses/1.parquet")
    assert company.current().drift == ()
    newer(company.answers([{"response_id": "x", "score": 9, "tier": "gold"}], "responses/2.parquet"))
    assert company.current().drift == ({"table": "responses", "source": "", "new": ["tier"], "lost": ["region"]},)
    newer(company.answers([{"response_id": "y", "score": 9, "tier": "gold"}], "responses/3.parquet"), 9)
    assert company.current().drift == ()
    newer(company.answers([{"response_id": "x", "score": 9}], "responses/2.parquet"), 12)
    assert company.current().drift == ({"table": "responses", "source": "", "new": [], "lost": ["tier"]},)


def test_the_quality_of_every_publication_is_remembered(company: "Company") -> None:
    company.answers([{"score": 9}, {"score": 99}], "responses/a.parquet")
    company.text("responses/b.parquet", b"PAR1")
    company.publish()
    company.answers([{"response_id": "x", "score": 9}], "responses/c.parquet")
    held = company.publish().snapshot
    kept = ("files", "refused", "read", "aside", "added", "restated")
    assert [tuple(entry[key] for key in kept) for entry in held.history] == [(2, 1, 2, 1, 0, 0), (3, 1, 3, 1, 1, 0)]
    assert [datetime.fromisoformat(entry["at"]).tzinfo for entry in held.history] == [UTC, UTC]


def test_no_more_publications_are_remembered_than_a_trend_needs(
    company: "Company", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift, "LONGEST_HISTORY", 3)
    for score in range(5):
        company.scores(score)
        held = company.publish().snapshot
    assert len(held.history) == 3
    assert held.history[-1]["at"] == held.created_at.isoformat(timespec="seconds")


def test_the_rows_of_each_file_and_day_are_counted_and_gaps_are_seen(company: "Company") -> None:
    def on(*days: int) -> list[dict[str, Any]]:
        return [
            {"response_id": f"{days}{n}", "score": 9, "responded_at": f"2026-03-{day:02}T12:00:00+09:00"}
            for n, day in enumerate(days)
        ]

    def counted() -> dict[tuple[str, int], int]:
        rows = snapshot.day_counts(company.current()).to_pylist()
        return {(row["file"][10:11], row["day"].day): row["rows"] for row in rows}

    company.answers([*on(1, 1, 2), {"response_id": "bad", "score": 99}], "responses/a.parquet")
    company.answers(on(5), "responses/b.parquet")
    assert counted() == {("a", 1): 2, ("a", 2): 1, ("b", 5): 1}
    assert snapshot.gaps(company.current()) == {"responses": [date(2026, 3, 3), date(2026, 3, 4)]}
    company.answers(on(3), "responses/c.parquet")
    assert counted() == {("a", 1): 2, ("a", 2): 1, ("b", 5): 1, ("c", 3): 1}, "files that are not read again too"
    (company.data / "responses" / "b.parquet").unlink()
    newer(company.answers(on(1), "responses/a.parquet"))
    assert counted() == {("a", 1): 1, ("c", 3): 1}
    company.text("responses/c.parquet", b"PAR1")
    assert counted() == {("a", 1): 1, ("c", 3): 1}, "a damaged file goes on with the rows it had"


# --- many small files ---------------------------------------------------------------------------------------


def test_small_files_of_different_columns_meet_as_large_ones_do(
    company: "Company", monkeypatch: pytest.MonkeyPatch
) -> None:
    company.answers([{"score": 9, "region": "서울", "customer_id": "c1"}], "responses/1.parquet")
    company.answers([{"response_id": "x", "score": 3, "tier": "Ｇold "}], "responses/2.parquet")
    company.answers(
        [
            {"response_id": "y", "score": 99},
            {"response_id": "z", "score": 4, "comment": "느려요", "responded_at": "2026-04-02T12:00:00+09:00"},
        ],
        "responses/3.parquet",
    )
    columns = ("response_id", "score", "region", "tier", "customer_id", "comment")
    together = company.published("responses", *columns)
    assert len(together) == 3 and ("x", 3, None, "Gold", None, None) in together
    monkeypatch.setattr(intake, "SMALL_ROWS", 0)
    monkeypatch.setattr(intake, "SMALL_BYTES", 0)
    company.publish(again=True)
    assert company.published("responses", *columns) == together
    assert [len(company.file(f"responses/{n}.parquet")["problems"]) for n in (1, 2, 3)] == [0, 0, 1]


def test_a_new_small_file_meets_those_that_were_read_before(company: "Company") -> None:
    for number in range(3):
        company.answers([{"response_id": f"r{number}", "score": number}], f"responses/{number}.parquet")
    company.publish()
    newer(company.answers([{"response_id": "r1", "score": 10}], "responses/again.parquet"))
    assert company.published("responses", "response_id", "score") == [("r0", 0), ("r1", 10), ("r2", 2)]


SETTINGS = """[segments]
order = ["channel", "regoin"]
hidden = ["tier", "nowhere"]

[privacy.surveys."After delivery"]
scores = 5

[labels.chanel]
en = "Channel"

[labels.region.values]
"Nrth" = "North"
"Store 1" = "First store"

[[journey]]
touchpoint = "delivry"
"""


def test_names_in_cx_toml_that_no_data_has_are_told_at_their_lines_with_the_nearest(company: "Company") -> None:
    regions = [{"region": region, "score": 9} for region in ("North", "Store 2")]
    company.answers(
        [
            row | {"survey": "After the delivery", "touchpoint": "delivery", "tier": "gold", "channel": "app"}
            for row in regions
        ]
    )
    company.text("cx.toml", SETTINGS)
    held = company.publish().snapshot
    about = settings.load(company.data)
    found = list(unknown_names.found(about, held.values, company.catalog, SETTINGS))
    assert [(error.line, error.message.partition("”")[0].partition("“")[2]) for error in found] == [
        (2, "regoin"),
        (3, "nowhere"),
        (5, "After delivery"),
        (8, "chanel"),
        (12, "Nrth"),
        (16, "delivry"),
    ]
    assert [error.hint for error in found][2:] == [
        "Did you mean “After the delivery”?",
        "Write “channel”.",
        "Write “North”.",
        "Write “delivery”.",
    ]
    assert held.notes == tuple(f"{error.message} {error.hint}" for error in found)
    assert all(re.search("[가-힣]", translated(note, "ko")) for note in held.notes)


def test_names_in_cx_toml_of_what_may_come_are_no_doubt(company: "Company") -> None:
    company.answers([{"score": 9, "region": "North", "touchpoint": "delivery"}])
    company.text(
        "cx.toml",
        '[segments]\norder = ["channel", "region"]\n[labels.region.values]\nSouth = "S"\n'
        '[[journey]]\ntouchpoint = "returns"\n[aliases]\nThem = ["They"]\n',
    )
    assert company.publish().snapshot.notes == ()


def test_columns_of_names_that_are_taken_are_told_with_what_to_do(
    company: "Company", capsys: pytest.CaptureFixture[str]
) -> None:
    for file in ("a", "b"):
        rows = [{"score": 9, "period": "spring", "Dimension": "x", "kept": "y", "response_id": file}]
        company.answers(rows, f"responses/{file}.parquet")
    assert main(["publish", "--data", str(company.data), "--queries", str(company.queries)]) == 0
    said = capsys.readouterr().out
    period = "The column “period” is a segment of questions and no filter, because addresses use its name."
    taken = "The column “Dimension” is no segment because of its name, which the product uses itself."
    for note in (period, taken):
        assert said.count(f"note: responses/a.parquet and 1 more: {note} Rename it in the export or in a source.") == 1
        assert re.search("[가-힣]", translated(note, "ko"))
    assert "kept" not in said


# --- one identity in several months -----------------------------------------------------------------------------


def review(name: str, month: int, **more: Any) -> dict[str, Any]:
    return {"review_id": name, "brand": "A", "rating": 3, "reviewed_at": f"2026-{month:02}-02T12:00:00+09:00"} | more


def test_a_review_that_was_edited_in_another_month_is_told_until_the_older_is_gone(company: "Company") -> None:
    company.write("reviews/a.parquet", [review("v1", 3), review("v2", 3), review("v3", 4)])
    assert company.publish().snapshot.notes == ()
    company.write("reviews/b.parquet", [review("v2", 4, rating=5), review("v3", 4, rating=5)])
    (note,) = company.publish().snapshot.notes
    assert "in each (rows too many: 1), such as review_id “v2” in 2026-03 and 2026-04." in note
    assert "2026-03과 2026-04" in translated(note, "ko")
    company.write("reviews/a.parquet", [review("v1", 3)])
    assert company.publish().snapshot.notes == ()


EDITED = "table: reviews\nfiles: crawl/*.csv\nzone: Asia/Seoul\nupsert: true"


def crawled(company: "Company", file: str, *rows: str) -> None:
    """Reviews as a crawler writes them: number, day, stars."""
    company.text(f"crawl/{file}.csv", "\n".join(["no,day,stars", *rows, ""]))


def stars(company: "Company") -> dict[str, list[tuple[str, float]]]:
    """The reviews of each month by their numbers, with their stars."""
    held = company.current()
    found: dict[str, list[tuple[str, float]]] = {}
    for part in held.parts.get("reviews", ()):
        with duckdb.connect(str(held.parts_folder / f"{part.name}.duckdb"), read_only=True) as connection:
            rows = connection.execute("select review_id, rating from rows order by 1").fetchall()
        found.setdefault(part.month, []).extend(rows)
    return found


def test_an_edited_review_takes_the_earlier_ones_place_in_whatever_month_where_its_source_says_so(
    company: "Company",
) -> None:
    company.source(
        "crawl", "select no as review_id, day as reviewed_at, 'A' as brand, stars as rating from raw", EDITED
    )
    crawled(company, "1", "v1,2026-03-02,3", "v2,2026-03-02,3", "v3,2026-04-02,2", "v4,2026-02-02,1")
    company.publish()
    assert stars(company) == {"2026-02": [("v4", 1)], "2026-03": [("v1", 3), ("v2", 3)], "2026-04": [("v3", 2)]}
    crawled(company, "2", "v2,2026-04-05,5", "v3,2026-04-02,4", "v4,2026-04-06,5")
    report = company.publish()
    assert stars(company) == {"2026-03": [("v1", 3)], "2026-04": [("v2", 5), ("v3", 4), ("v4", 5)]}
    assert report.snapshot.notes == ()
    assert {part.month: part.replaced for part in report.snapshot.parts["reviews"]} == {"2026-03": 1, "2026-04": 1}
    names = [part.name for part in report.snapshot.parts["reviews"]]
    crawled(company, "3", "v9,2026-05-05,5")
    company.publish()
    assert stars(company)["2026-05"] == [("v9", 5)] and stars(company)["2026-03"] == [("v1", 3)]
    (company.data / "crawl" / "3.csv").unlink()
    assert [part.name for part in company.publish().snapshot.parts["reviews"]] == names
    (company.data / "crawl" / "2.csv").unlink()
    company.publish()
    assert stars(company) == {"2026-02": [("v4", 1)], "2026-03": [("v1", 3), ("v2", 3)], "2026-04": [("v3", 2)]}


def test_rows_of_other_sources_stay_beside_those_that_take_others_places(company: "Company") -> None:
    company.source(
        "crawl", "select no as review_id, day as reviewed_at, 'A' as brand, stars as rating from raw", EDITED
    )
    company.write("reviews/a.parquet", [review("v1", 3), review("v2", 4)])
    crawled(company, "1", "v1,2026-03-02,1", "v2,2026-03-02,1")
    crawled(company, "2", "v1,2026-04-02,5")
    company.publish()
    assert stars(company) == {"2026-03": [("v1", 3), ("v2", 1)], "2026-04": [("v1", 5), ("v2", 3)]}
    crawled(company, "2", "v1,2026-04-02,5", "v2,2026-04-03,4")
    company.publish()
    assert {month: sorted(rows) for month, rows in stars(company).items()} == {
        "2026-03": [("v1", 3)],
        "2026-04": [("v1", 5), ("v2", 3), ("v2", 4)],
    }


def test_whether_rows_take_others_places_is_true_or_false(company: "Company") -> None:
    company.source(
        "crawl",
        "select no as review_id, day as reviewed_at, 'A' as brand, stars as rating from raw",
        EDITED.replace("true", "yes please"),
    )
    (problem,) = company.catalog.problems.values()
    assert "“upsert” is" in problem.message and "upsert: true" in problem.hint and problem.line == 4


def test_identities_of_two_sources_and_other_metrics_of_one_answer_are_not_the_same(company: "Company") -> None:
    company.answers([{"response_id": "a", "score": 9}])
    april = {"response_id": "a", "responded_at": "2026-04-02T12:00:00+09:00", "score": 4}
    company.answers([april | {"metric": "csat"}], "responses/b.parquet")
    company.write("shop/a.parquet", [april | {"metric": "nps"}])
    company.source("shop", "select * from raw", "table: responses\nfiles: shop/*.parquet")
    assert company.publish().snapshot.notes == ()


def test_of_many_rows_a_sample_tells_about_how_many_come_again(
    company: "Company", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moved, "MOST_KEPT", 64)
    company.write("reviews/a.parquet", [review(f"v{number}", 3) for number in range(2_000)])
    company.write("reviews/b.parquet", [review(f"v{number}", 4) for number in range(1_500, 2_100)])
    (note,) = company.publish().snapshot.notes
    about = int(note.partition("about ")[2].partition(")")[0].replace(",", ""))
    assert 250 < about < 900 and moved.step_of(2_000) == 32


# --- the same in another language ---------------------------------------------------------------------------------


def test_values_in_another_language_than_in_the_files_before_are_told(company: "Company") -> None:
    steps = {"korean": ("배송", "결제"), "english": ("Delivery", "Payment")}
    for number, (file, names) in enumerate(steps.items()):
        rows = [{"response_id": f"{file}{name}", "score": 9, "touchpoint": name, "tier": "gold"} for name in names]
        company.answers(rows, f"responses/{number}_{file}.parquet")
    company.publish()
    (note,) = company.file("responses/1_english.parquet")["notes"]
    assert note == (
        "None of the values of “touchpoint” (Delivery, Payment) stood in the files before it (결제, 배송). "
        "Where they are the same in another language, make them one in a source."
    )
    assert "하나도 없습니다" in translated(note, "ko")
    company.answers([{"response_id": name, "score": 9, "touchpoint": name} for name in "ab"], "responses/2.parquet")
    company.answers([{"response_id": "c", "score": 9, "touchpoint": "배송"}], "responses/3.parquet")
    company.publish()
    assert company.file("responses/1_english.parquet")["notes"] == [note]
    (told,) = company.file("responses/2.parquet")["notes"]
    assert "(a, b)" in told and company.file("responses/3.parquet")["notes"] == []


def test_a_source_that_is_mended_brings_no_new_columns(company: "Company") -> None:
    company.answers([{"response_id": "r1", "score": 9}])
    company.text("shop/a.csv", "id,day,score\na1,2026-03-02T12:00:00+09:00,9\n")
    header = "table: responses\nfiles: shop/*.csv"
    company.source("shop", "select idd as response_id, day as responded_at, 'nps' as metric, score from raw", header)
    company.publish()
    company.source("shop", "select id as response_id, day as responded_at, 'nps' as metric, score from raw", header)
    assert company.publish().snapshot.rows("responses") == 2
    assert company.current().drift == ()


def test_a_header_in_another_language_is_told_as_columns_that_came_and_went(company: "Company") -> None:
    sql = "select id as response_id, day as responded_at, 'nps' as metric, score, Region as region from raw"
    company.source("shop", sql, "table: responses\nfiles: shop/*.csv\ncolumns: [Region]")
    day = "2026-03-02T12:00:00+09:00"
    company.text("shop/a.csv", "id,day,score,Region\n" + "".join(f"a{n},{day},9,north\n" for n in range(40)))
    company.publish()
    company.text("shop/b.csv", "id,day,score,지역\n" + "".join(f"b{n},{day},9,북부\n" for n in range(40)))
    assert company.publish().snapshot.drift == ({"table": "responses", "source": "shop", "new": ["지역"], "lost": []},)
    notes = company.file("shop/b.csv")["notes"]
    assert "The column “region” is empty in 100% of its rows, 0% in the files before it." in notes


def test_numbers_that_begin_anew_in_each_file_are_told_where_they_replace_each_other(company: "Company") -> None:
    for day in (3, 4):
        rows = [
            {"response_id": f"{number}", "score": number, "responded_at": f"2026-03-0{day}T12:0{number}:00+09:00"}
            for number in range(6)
        ]
        company.answers(rows, f"responses/{day}.parquet")
    (note,) = company.publish().snapshot.notes
    assert note.startswith("Of 6 rows of responses that came again, 6 came with another time, such as response_id “")
    assert "시각이 다릅니다" in translated(note, "ko")


def test_rows_that_come_again_as_they_were_are_no_doubt(company: "Company") -> None:
    for file in ("a", "b"):
        company.answers(
            [{"response_id": f"{number}", "score": number} for number in range(8)], f"responses/{file}.parquet"
        )
    assert company.publish().snapshot.notes == ()
