"""Every bad input of the list comes to the end that the list says: a file or its rows set aside, or accepted with a word."""

import multiprocessing
import os
import re
import resource
import signal
import subprocess
import time
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as encryption
import pytest
from conftest import marks
from test_publish import command, newer, refused

from cx import checksums, intake, publish, snapshot
from cx.catalog import Catalog
from cx.publish import half_days, listing, manifest, parts
from cx.settings import PROJECT
from cx.translation import translated

if TYPE_CHECKING:
    from conftest import Company

NUMBERS = [f"B{number}" for number in range(1, 60)]
DOCS = (PROJECT / "docs" / "bad_inputs.md").read_text("utf-8")
ROW = re.compile(r"^\| (B\d+) \| (.+?) \| (.+?) \| (.+?) \|$", flags=re.MULTILINE)
SEOUL = ZoneInfo("Asia/Seoul")


# --- the list -------------------------------------------------------------------------------------------


def test_the_docs_name_every_bad_input_with_its_outcome_and_its_tests() -> None:
    rows = {number: (outcome, tests) for number, _what, outcome, tests in ROW.findall(DOCS)}
    assert list(rows) == NUMBERS
    tried: dict[str, set[str]] = {}
    for number, test in marks("bad_input"):
        tried.setdefault(number, set()).add(test)
    for number, (outcome, tests) in rows.items():
        assert set(re.findall(r"`(test_[\w.]+)`", tests)) == tried.get(number), number
        assert outcome.startswith(("file set aside", "rows set aside", "accepted", "held", "the last good"))


# --- files ------------------------------------------------------------------------------------------------

MANY = [
    {"response_id": f"r{number}", "score": number % 11, "channel": ("app", "web")[number % 2]} for number in range(400)
]


def checked(company: "Company", file: str, rows: Sequence[Mapping[str, Any]] = MANY) -> Path:
    """Answers whose pages hold checksums."""
    path = company.answers(rows, file)
    pq.write_table(pq.read_table(path), path, write_page_checksum=True, compression="none")
    return path


def inside(path: Path, share: float) -> int:
    """A place within the pages of a file: before its footer, after its first bytes."""
    end = path.stat().st_size - 8 - int.from_bytes(path.read_bytes()[-8:-4], "little")
    return 4 + int((end - 8) * share)


@pytest.mark.bad_input("B5")
@pytest.mark.parametrize("share", [0.05, 0.3, 0.55, 0.8, 0.95])
def test_one_flipped_bit_is_noticed_where_pages_hold_checksums(company: "Company", share: float) -> None:
    company.scores(9, file="responses/good.parquet", response_id="good")
    path = checked(company, "responses/hurt.parquet")
    assert company.file("responses/hurt.parquet")["kept"] == len(MANY)
    content = bytearray(path.read_bytes())
    content[inside(path, share)] ^= 4
    path.write_bytes(content)
    newer(path)
    file = company.file("responses/hurt.parquet")
    assert file["state"] == "kept" and file["reason"] and file["hint"]
    assert company.current().rows("responses") == len(MANY) + 1, "its last good rows stay"


@pytest.mark.bad_input("B5", "B6")
def test_any_change_is_noticed_where_a_checksum_lies_beside_the_file(company: "Company") -> None:
    company.scores(9, file="responses/good.parquet", response_id="good")
    path = company.answers(MANY, "responses/hurt.parquet")
    pq.write_table(pq.read_table(path), path, compression="none")
    told = subprocess.run(["sha256sum", path.name], cwd=path.parent, capture_output=True, text=True, check=True).stdout
    beside = company.text("responses/hurt.parquet.sha256", told)
    assert "r123" in company.published("responses", "response_id")
    path.write_bytes(path.read_bytes().replace(b"r123", b"R123"))
    assert "hurt.parquet.sha256" in company.file("responses/hurt.parquet")["reason"]
    assert "r123" in company.published("responses", "response_id"), "its last good rows stay"
    beside.write_text("nothing of the kind", "utf-8")
    assert company.file("responses/hurt.parquet")["state"] == "kept"
    beside.unlink()
    assert "R123" in company.published("responses", "response_id"), "without a checksum nothing tells"


@pytest.mark.bad_input("B6")
def test_a_zeroed_range_is_noticed_where_pages_hold_checksums(company: "Company") -> None:
    company.scores(9, file="responses/good.parquet", response_id="good")
    path = checked(company, "responses/hurt.parquet", MANY * 20)
    content = bytearray(path.read_bytes())
    at = inside(path, 0.3)
    content[at : at + 4096] = bytes(4096)
    path.write_bytes(content)
    file = refused(company, "responses/hurt.parquet")
    assert re.search("checksum|page|column", file["reason"])


@pytest.mark.bad_input("B6")
@pytest.mark.parametrize("column", ["experienced_at", "weight", "comment", "region"])
def test_damage_in_any_column_stops_no_other_file(company: "Company", column: str) -> None:
    """Some columns are read only when the part is made."""
    company.scores(9, file="responses/good.parquet", response_id="good")
    path = company.answers(
        [
            row
            | {
                "experienced_at": datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=97 * number),
                "weight": 1 + number / 7,
                "comment": f"comment {number * 7919 % 400}",
                "region": f"region {number % 40}",
            }
            for number, row in enumerate(MANY)
        ],
        "responses/hurt.parquet",
    )
    chunks = pq.read_metadata(path).row_group(0)
    (chunk,) = [chunks.column(at) for at in range(chunks.num_columns) if chunks.column(at).path_in_schema == column]
    content = bytearray(path.read_bytes())
    at = (chunk.dictionary_page_offset or chunk.data_page_offset) + 60
    content[at : at + 200] = b"\xff" * 200
    path.write_bytes(content)
    assert refused(company, "responses/hurt.parquet")
    assert company.published("responses", "score") == [9]


class Keys(encryption.KmsClient):  # type: ignore[misc]
    """Keeps keys in the open."""

    def __init__(self, _configuration: object) -> None:
        super().__init__()

    def wrap_key(self, key: bytes, _name: str) -> str:
        """A key as text."""
        return key.hex()

    def unwrap_key(self, wrapped: str, _name: str) -> bytes:
        """A key from its text."""
        return bytes.fromhex(wrapped)


@pytest.mark.bad_input("B8")
@pytest.mark.parametrize("footer_in_the_open", [False, True])
def test_an_encrypted_file_is_set_aside_and_named_so(company: "Company", footer_in_the_open: bool) -> None:
    company.scores(9)
    table = pq.read_table(company.data / "responses" / "a.parquet")
    how = encryption.EncryptionConfiguration(
        footer_key="k", column_keys={"c": ["score"]}, plaintext_footer=footer_in_the_open
    )
    properties = encryption.CryptoFactory(Keys).file_encryption_properties(encryption.KmsConnectionConfig(), how)
    with pq.ParquetWriter(
        company.data / "responses" / "b.parquet", table.schema, encryption_properties=properties
    ) as writer:
        writer.write_table(table)
    assert "encrypted" in refused(company, "responses/b.parquet")["reason"]


@pytest.mark.bad_input("B9")
def test_a_file_that_grows_is_waited_for_and_set_aside_after_ten_minutes(
    company: "Company", monkeypatch: pytest.MonkeyPatch
) -> None:
    company.scores(9, file="responses/good.parquet", response_id="good")
    path = company.text("responses/growing.parquet", b"PAR1 and more to come")
    monkeypatch.setattr(listing, "SETTLED_SECONDS", 60.0)

    def grow(_seconds: float) -> None:
        with path.open("ab") as stream:
            stream.write(b"more")

    monkeypatch.setattr(listing.time, "sleep", grow)
    file = company.file("responses/growing.parquet")
    assert (file["state"], file["kept"]) == ("waiting", 0) and file["hint"]
    assert company.published("responses", "score") == [9], "the others go on"
    monkeypatch.setattr(listing, "MOST_WAITING", timedelta(0))
    assert "still being written after" in refused(company, "responses/growing.parquet")["reason"]
    monkeypatch.setattr(listing.time, "sleep", lambda _seconds: None)
    company.scores(3, file="responses/growing.parquet")
    assert company.published("responses", "score") == [3, 9]


@pytest.mark.bad_input("B9")
def test_a_file_that_was_waited_for_is_read_once_it_stays_as_it_is(
    company: "Company", monkeypatch: pytest.MonkeyPatch
) -> None:
    company.scores(9, file="responses/good.parquet", response_id="good")
    path = company.scores(3, file="responses/late.parquet")
    monkeypatch.setattr(listing, "SETTLED_SECONDS", 60.0)
    monkeypatch.setattr(listing.time, "sleep", lambda _seconds: newer(path))
    assert company.file("responses/late.parquet")["state"] == "waiting"
    monkeypatch.setattr(listing.time, "sleep", lambda _seconds: None)
    held = company.publish().snapshot
    assert {file["file"]: file["state"] for file in held.files} == {
        "responses/good.parquet": "published",
        "responses/late.parquet": "published",
    }


@pytest.mark.bad_input("B12")
@pytest.mark.parametrize("moment", ["_open", "_judge"])
def test_a_file_that_goes_while_it_is_read_is_passed_over(
    company: "Company", monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    company.scores(9, file="responses/a.parquet", response_id="good")
    path = company.scores(3, file="responses/b.parquet")
    whole = getattr(intake.Intake, moment)

    def gone(self: intake.Intake, file: intake.File, *others: Any) -> Any:
        if file.shown == "responses/b.parquet":
            path.unlink(missing_ok=True)
        return whole(self, file, *others)

    with monkeypatch.context() as reading:
        reading.setattr(intake.Intake, moment, gone)
        held = company.publish().snapshot
    assert [file["file"] for file in held.files] == ["responses/a.parquet"]
    company.scores(4, file="responses/b.parquet")
    assert company.published("responses", "score") == [4, 9], "it is tried again"


@pytest.mark.bad_input("B13")
def test_a_file_written_over_while_it_is_read_waits_and_harms_nothing(
    company: "Company", monkeypatch: pytest.MonkeyPatch
) -> None:
    company.scores(9, file="responses/a.parquet", response_id="good")
    first = company.publish().snapshot
    path = company.scores(3, file="responses/b.parquet")
    content = path.read_bytes()
    whole = intake.Intake.rows

    def written(self: intake.Intake, files: Sequence[intake.File], month: str) -> str:
        if any(file.shown == "responses/b.parquet" for file in files) and path.read_bytes() == content:
            path.write_bytes(content[:-1] + b"2")
        return whole(self, files, month)

    with monkeypatch.context() as reading:
        reading.setattr(intake.Intake, "rows", written)
        held = company.publish().snapshot
    assert {file["file"]: file["state"] for file in held.files} == {
        "responses/a.parquet": "published",
        "responses/b.parquet": "waiting",
    }
    assert held.rows("responses") == 1
    assert snapshot.open_snapshot(company.data, first.id).rows("responses") == 1, "who reads the last one goes on"
    path.write_bytes(content)
    assert company.published("responses", "score") == [3, 9]


@pytest.mark.bad_input("B15")
def test_a_full_disk_leaves_the_last_good_snapshot_and_says_so(company: "Company") -> None:
    company.answers(MANY)
    good = company.publish().snapshot
    rows = [
        {"response_id": f"new {number}", "score": number % 11, "basket": os.urandom(60).hex()}
        for number in range(20_000)
    ]
    company.answers(rows, "responses/b.parquet")
    small = 600_000

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (small, small))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = subprocess.run(
        command(company), cwd=PROJECT, capture_output=True, text=True, check=False, preexec_fn=limited
    )
    assert done.returncode == 1 and "Publishing stopped" in done.stderr and "still served" in done.stderr
    held = snapshot.current(company.data)
    assert held is not None and held.id == good.id and held.rows("responses") == len(MANY)
    assert company.publish().snapshot.rows("responses") == len(MANY) + len(rows)


@pytest.mark.bad_input("B16")
def test_a_file_that_may_not_be_read_is_set_aside_and_the_others_go_on(
    company: "Company", monkeypatch: pytest.MonkeyPatch
) -> None:
    company.scores(9, file="responses/a.parquet", response_id="good")
    company.scores(3, file="responses/b.parquet")
    whole = Path.open

    def forbidden(self: Path, *arguments: Any, **options: Any) -> Any:
        if self.name == "b.parquet":
            raise PermissionError(13, "Permission denied", str(self))
        return whole(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", forbidden)
    assert "rights" in refused(company, "responses/b.parquet")["hint"]
    assert company.published("responses", "score") == [9]


@pytest.mark.bad_input("B18")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("서울.parquet", unicodedata.normalize("NFD", "서울.parquet")),
        ("Seoul.parquet", "seoul.PARQUET"),
    ],
)
def test_of_two_names_that_are_spelled_alike_the_second_is_set_aside(company: "Company", one: str, other: str) -> None:
    company.scores(9, file=f"responses/{one}")
    second = company.scores(3, file=f"responses/{other}")
    newer(second)
    assert one in refused(company, f"responses/{other}")["reason"]
    assert company.published("responses", "score") == [9]
    (company.data / "responses" / one).unlink()
    assert company.published("responses", "score") == [3], "once alone, it counts"


# --- columns --------------------------------------------------------------------------------------------------


@pytest.mark.bad_input("B20")
def test_a_further_column_of_a_closed_table_is_left_out_with_a_word(company: "Company") -> None:
    company.scores(9)
    company.write("units/a.parquet", [{"unit_id": "u1", "colour": "red"}])
    file = company.file("units/a.parquet")
    assert file["state"] == "published" and "“colour”" in file["notes"][0]


@pytest.mark.bad_input("B21")
@pytest.mark.parametrize("name", ["Channel", "channel ", "ＣＨＡＮＮＥＬ", "Unit ID"])
def test_a_column_spelled_in_another_way_sets_the_file_aside_until_it_is_mapped(company: "Company", name: str) -> None:
    company.scores(9)
    company.answers([{"response_id": "x", "score": 3, name: "app"}], "responses/b.parquet")
    file = refused(company, "responses/b.parquet")
    assert f"“{name}”" in file["reason"] and "source" in file["hint"]
    (company.data / "other").mkdir()
    (company.data / "responses" / "b.parquet").rename(company.data / "other" / "b.parquet")
    company.source(
        "other",
        f'select * exclude ("{name}"), "{name}" as unit_id from raw',
        "table: responses\nfiles: other/*.parquet",
    )
    assert company.published("responses", "unit_id") == ["app", None]


@pytest.mark.bad_input("B25")
def test_scores_that_are_all_but_whole_are_judged_as_they_stand_and_named(company: "Company") -> None:
    company.answers([{"score": 8.999999}, {"score": 7.0}, {"score": 6.5}])
    assert company.published("responses", "score") == [6.5, 7, 8.999999]
    assert company.file("responses/a.parquet")["notes"] == [
        "Scores that are all but whole (such as 8.999999) are judged as they stand (1); "
        "round them in a source where the export meant whole ones."
    ]


@pytest.mark.bad_input("B29")
def test_times_of_96_bits_are_the_same_instant(company: "Company") -> None:
    path = company.answers(
        [{"score": 9, "responded_at": datetime(2026, 3, 1, 15, 30, tzinfo=UTC)}], responded_at=pa.timestamp("ns", "UTC")
    )
    pq.write_table(pq.read_table(path), path, use_deprecated_int96_timestamps=True)
    company.text("cx.toml", 'export_time_zone = "UTC"')
    assert company.published("responses", "responded_at", "day") == [
        (datetime(2026, 3, 1, 15, 30, tzinfo=UTC), date(2026, 3, 2))
    ]


@pytest.mark.bad_input("B30")
@pytest.mark.parametrize(
    ("zone", "day"),
    [("Pacific/Kiritimati", date(2026, 3, 2)), ("Etc/GMT+12", date(2026, 2, 28)), ("UTC", date(2026, 3, 1))],
)
def test_the_ends_of_the_world_have_their_own_day(company: "Company", zone: str, day: date) -> None:
    company.text("cx.toml", f'time_zone = "{zone}"')
    company.answers([{"score": 9, "responded_at": "2026-03-01T11:00:00Z"}])
    assert company.published("responses", "day") == [day]


@pytest.mark.bad_input("B30")
def test_the_hour_that_comes_twice_is_one_day_and_both_answers_count(company: "Company") -> None:
    company.text("cx.toml", 'time_zone = "Europe/Berlin"\nexport_time_zone = "Europe/Berlin"')
    moment = datetime(2026, 10, 25, 2, 30)
    company.answers(
        [
            {"response_id": "a", "score": 9, "responded_at": moment},
            {"response_id": "b", "score": 3, "responded_at": moment},
        ],
        responded_at=pa.timestamp("us"),
    )
    assert company.published("responses", "day") == [date(2026, 10, 25)] * 2


@pytest.mark.bad_input("B31")
def test_a_date_of_the_year_one_is_set_aside(company: "Company") -> None:
    company.answers([{"score": 9}, {"response_id": "x", "score": 9, "responded_at": "0001-01-01T00:00:00Z"}])
    assert company.published("responses", "score") == [9]
    assert company.file("responses/a.parquet")["problems"][0]["rule"] == "before 1990"


@pytest.mark.bad_input("B32")
@pytest.mark.parametrize("value", [[1, 2], {"a": 1}, [{"a": 1}]], ids=["list", "struct", "list of structs"])
def test_lists_and_objects_in_a_column_set_the_file_aside_until_a_source_takes_values_out(
    company: "Company", value: Any
) -> None:
    company.scores(9)
    company.answers([{"response_id": "x", "score": 3, "more": value}], "responses/b.parquet")
    assert "“more”" in refused(company, "responses/b.parquet")["reason"]
    (company.data / "other").mkdir()
    (company.data / "responses" / "b.parquet").rename(company.data / "other" / "b.parquet")
    company.source("other", "select * exclude (more) from raw", "table: responses\nfiles: other/*.parquet")
    assert company.published("responses", "score") == [3, 9]


@pytest.mark.bad_input("B32")
def test_a_map_is_an_object(company: "Company") -> None:
    company.scores(9)
    company.answers(
        [{"response_id": "x", "score": 3, "more": [("a", "b")]}],
        "responses/b.parquet",
        more=pa.map_("string", "string"),
    )
    assert "“more”" in refused(company, "responses/b.parquet")["reason"]


@pytest.mark.bad_input("B33")
def test_a_dictionary_of_a_million_values_is_no_segment_and_harms_nothing(company: "Company") -> None:
    rows = 1_000_000
    codes = pa.array(range(rows), "int32")
    company.write(
        "responses/a.parquet",
        pa.table(
            {
                "response_id": pa.array(range(rows)).cast("string"),
                "responded_at": pa.repeat(pa.scalar("2026-03-02T12:00:00Z"), rows),
                "metric": pa.repeat(pa.scalar("nps"), rows),
                "score": pa.repeat(pa.scalar(9, "int8"), rows),
                "code": pa.DictionaryArray.from_arrays(codes, pa.array(range(rows)).cast("string")),
            }
        ),
    )
    held = company.publish().snapshot
    assert held.rows("responses") == rows and "code" not in held.segments["responses"]
    assert any("“code” has too many different values" in note for note in company.file("responses/a.parquet")["notes"])


@pytest.mark.bad_input("B34")
def test_two_columns_of_one_name_set_the_file_aside(company: "Company") -> None:
    company.scores(9)
    table = pq.read_table(company.data / "responses" / "a.parquet")
    for file, again in (("b", "score"), ("c", "SCORE")):
        pq.write_table(table.append_column(again, table["score"]), company.data / "responses" / f"{file}.parquet")
        assert "“score” stands in it twice" in refused(company, f"responses/{file}.parquet")["reason"]
    assert company.published("responses", "score") == [9]


@pytest.mark.bad_input("B35")
def test_two_thousand_columns_set_the_file_aside(company: "Company") -> None:
    company.scores(9)
    company.answers(
        [{"response_id": "x", "score": 3} | {f"q{number}": "a" for number in range(2_000)}], "responses/b.parquet"
    )
    assert "2,004 columns" in refused(company, "responses/b.parquet")["reason"]


@pytest.mark.bad_input("B36")
def test_an_empty_column_is_named(company: "Company") -> None:
    company.answers([{"score": 9, "channel": None}], channel=pa.string())
    assert company.file("responses/a.parquet")["notes"] == ["The column “channel” is empty in all of its rows."]


def again(company: "Company", rows: int, day: str = "2026-03-02") -> dict[str, Any]:
    """The same file again with so many rows, and what the next snapshot says of it."""
    moment = f"{day}T12:00:00+09:00"
    company.answers([{"response_id": f"a{row}", "score": 9, "responded_at": moment} for row in range(rows)])
    return company.file("responses/a.parquet")


def test_a_file_that_comes_again_with_less_than_half_its_rows_goes_on_with_those_it_had(company: "Company") -> None:
    again(company, 40)
    file = again(company, 15)
    assert (file["state"], file["kept"]) == ("kept", 40) and company.current().rows("responses") == 40
    assert file["reason"].startswith("It has 15 rows and nothing newer, 40 were published of it before")
    assert again(company, 14)["state"] == "kept", "and goes on with them however often it comes so"
    assert company.publish(release=True).snapshot.rows("responses") == 14
    assert company.file("responses/a.parquet")["state"] == "published", "and stays let in"


def test_a_file_of_the_current_month_may_begin_anew(company: "Company") -> None:
    again(company, 40)
    file = again(company, 3, "2026-04-01")
    assert file["state"] == "published" and company.current().rows("responses") == 3
    assert file["notes"] == ["It has 3 rows, 40 were published of it before."]


def test_a_file_that_lost_some_of_its_rows_is_named(company: "Company") -> None:
    again(company, 40)
    file = again(company, 30)
    assert file["state"] == "published" and "It has 30 rows, 40 were published of it before." in file["notes"]
    assert again(company, 29)["notes"] == []


@pytest.mark.bad_input("B36")
def test_a_column_that_is_suddenly_emptier_than_before_is_named(company: "Company") -> None:
    def month(number: int, filled: int) -> None:
        company.answers(
            [
                {"response_id": f"{number}-{row}", "score": 9, "channel": "app" if row < filled else None}
                for row in range(40)
            ],
            f"responses/{number}.parquet",
        )

    month(1, 38)
    company.publish()
    month(2, 31)
    company.publish()
    month(3, 10)
    notes = {file["file"]: file["notes"] for file in company.publish().snapshot.files}
    assert notes == {
        "responses/1.parquet": [],
        "responses/2.parquet": [],
        "responses/3.parquet": ["The column “channel” is empty in 75% of its rows, 14% in the files before it."],
    }


# --- rows -----------------------------------------------------------------------------------------------------


@pytest.mark.bad_input("B37")
def test_no_rows_are_no_data_and_not_a_score_of_nought(company: "Company", open_engine: Any) -> None:
    company.answers([{"score": 9, "response_id": "a", "responded_at": "2025-03-02T12:00:00+09:00"}])
    company.write("responses/b.parquet", pq.read_table(company.data / "responses" / "a.parquet").slice(0, 0))
    assert company.file("responses/b.parquet")["notes"] == ["It holds no rows."]
    _, ask = open_engine(company)
    answer = ask("select metric, tally(n, w, w2, wx, wx2) as figure from scores group by all")
    assert len(answer.frame) == 0, "2026 has no answers"


@pytest.mark.bad_input("B38")
def test_an_exact_copy_under_another_name_counts_once(company: "Company") -> None:
    path = company.answers(MANY)
    before = company.published("responses", "response_id", "score")
    company.text("responses/copy.parquet", path.read_bytes())
    assert company.published("responses", "response_id", "score") == before
    assert company.current().rows("responses") == len(MANY)


@pytest.mark.bad_input("B39")
def test_of_an_edited_row_the_newest_counts_and_its_file_is_known(company: "Company") -> None:
    company.answers([{"response_id": "a", "score": 3}, {"response_id": "b", "score": 9}], "responses/1.parquet")
    newer(company.answers([{"response_id": "a", "score": 10}], "responses/2.parquet"))
    held = company.current()
    (part,) = held.parts["responses"]
    with duckdb.connect(str(held.parts_folder / f"{part.name}.duckdb"), read_only=True) as connection:
        rows = connection.execute("select response_id, score, cx_file from rows order by all").fetchall()
    assert rows == [("a", 10, "responses/2.parquet"), ("b", 9, "responses/1.parquet")]
    assert held.replaced["responses"] == 1


@pytest.mark.bad_input("B40")
def test_a_late_answer_restates_its_month_and_no_other(company: "Company") -> None:
    for month in ("01", "02"):
        company.scores(9, 3, file=f"responses/{month}.parquet", responded_at=f"2026-{month}-10T12:00:00+09:00")
    first = {part.month: part.name for part in company.publish().snapshot.parts["responses"]}
    late = {"response_id": "late", "score": 0, "responded_at": "2026-01-31T12:00:00+09:00"}
    company.answers([late], "responses/late.parquet")
    held = company.publish().snapshot
    months = {
        month: sum(part.rows for part in held.parts["responses"] if part.month == month)
        for month in ("2026-01", "2026-02")
    }
    assert months == {"2026-01": 3, "2026-02": 2}
    assert [(one["month"], one["added"]) for one in held.changes] == [("2026-01", 1)]
    assert [part.name for part in held.parts["responses"] if part.month == "2026-02"] == [first["2026-02"]]


@pytest.mark.bad_input("B42")
def test_a_value_that_is_not_known_is_shown_as_unmapped_and_its_rows_are_listed(company: "Company") -> None:
    company.text(
        "cx.toml",
        '[segments]\nknown = ["region"]\n[labels.region.values]\nseoul = "Seoul"\nbusan = "Busan"\njeju = "Jeju"\n',
    )
    company.answers(
        [
            {"score": 9, "region": "seoul"},
            {"score": 3, "region": "Seol"},
            {"score": 5},
            {"score": 7, "region": "busan "},
        ]
    )
    held = company.publish().snapshot
    assert company.published("responses", "score", "region") == [
        (3, "(unmapped)"),
        (5, None),
        (7, "busan"),
        (9, "seoul"),
    ]
    assert set(held.values["region"]) == {"(unmapped)", "busan", "seoul"}
    (row,) = snapshot.set_aside(held)
    assert (row.row, row.column, row.value, row.rule) == (2, "region", "Seol", "unknown, shown as (unmapped)")
    assert "“Seol”" in company.file("responses/a.parquet")["notes"][0]
    company.text(
        "cx.toml", '[segments]\nknown = ["region"]\n[labels.region.values]\nseoul = "S"\nbusan = "B"\nSeol = "S"\n'
    )
    assert "(unmapped)" not in company.current().values["region"]


@pytest.mark.bad_input("B44")
def test_a_comment_of_ten_megabytes_is_cut_and_counted(company: "Company") -> None:
    company.answers([{"score": 9, "comment": "가" * 5_000_000}, {"score": 3, "comment": "short"}])
    assert sorted(map(len, company.published("responses", "comment"))) == [5, intake.LONGEST_TEXT]
    assert company.file("responses/a.parquet")["notes"] == [
        "“comment” is cut at 10,000 letters where it is longer: 1 text."
    ]


def damaged_text() -> pa.Array:
    """Two texts, the first of which is no UTF-8."""
    places = pa.py_buffer(b"".join(number.to_bytes(4, "little") for number in (0, 2, 4)))
    return pa.Array.from_buffers(pa.string(), 2, [None, places, pa.py_buffer(b"\xff\xfeok")])


@pytest.mark.bad_input("B45")
@pytest.mark.parametrize("column", ["comment", "channel", "further"])
def test_a_text_that_is_no_utf_8_sets_its_file_aside(company: "Company", column: str) -> None:
    company.scores(9)
    table = pq.read_table(company.answers([{"response_id": name, "score": 3} for name in "xy"], "responses/b.parquet"))
    pq.write_table(table.append_column(column, damaged_text()), company.data / "responses" / "b.parquet")
    assert "UTF" in refused(company, "responses/b.parquet")["reason"]
    assert company.published("responses", "score") == [9]


@pytest.mark.bad_input("B45", "B46")
def test_half_a_sign_in_json_sets_its_file_aside(company: "Company") -> None:
    company.scores(9)
    company.text("given/a.json", '[{"id": "x", "why": "good \\ud83d"}]')
    company.source(
        "given",
        "select id as response_id, '2026-03-02' as responded_at, 'nps' as metric, 3 as score, why as comment from raw",
        "table: responses\nfiles: given/*.json",
    )
    assert refused(company, "given/a.json")["reason"]


@pytest.mark.bad_input("B46")
def test_signs_that_turn_the_writing_are_spelled_out_and_joined_emoji_stay(company: "Company") -> None:
    family = "👩\u200d👧"
    company.answers([{"score": 9, "comment": f"pay \u202eevil\u202c \x00{family}"}])
    assert company.published("responses", "comment") == [f"pay \\u202eevil\\u202c {family}"]


@pytest.mark.bad_input("B49")
def test_a_row_group_that_unpacks_to_gigabytes_is_set_aside_before_it_is_read(
    company: "Company", monkeypatch: pytest.MonkeyPatch
) -> None:
    company.scores(9)
    pq.write_table(
        pq.read_table(company.data / "responses" / "a.parquet").take(pa.repeat(0, 1_000_000)),
        company.data / "responses" / "b.parquet",
        use_dictionary=False,
        compression="zstd",
    )
    size = (company.data / "responses" / "b.parquet").stat().st_size
    monkeypatch.setattr(checksums, "LARGEST_GROUP", 20 * size)
    assert "unpacked" in refused(company, "responses/b.parquet")["reason"]


def publish_and_end(data: Path, folders: tuple[Path, ...]) -> None:
    """A process that ends over a file named bomb.parquet as if the system had killed it for want of memory."""
    listing.SETTLED_SECONDS = 0.0
    whole = intake.Intake._open

    def ended(self: intake.Intake, file: intake.File) -> None:
        if file.path.name == "bomb.parquet":
            os.kill(os.getpid(), signal.SIGKILL)
        whole(self, file)

    intake.Intake._open = ended  # type: ignore[method-assign]
    publish.publish(data, Catalog(folders))


@pytest.mark.bad_input("B49")
def test_a_file_on_which_the_process_ends_twice_is_set_aside_and_tried_again_on_demand(company: "Company") -> None:
    company.scores(9, file="responses/good.parquet", response_id="good")
    company.answers([{"response_id": "bomb", "score": 3}], "responses/bomb.parquet")
    ended = []
    for _ in range(3):
        process = multiprocessing.get_context("spawn").Process(
            target=publish_and_end, args=(company.data, company.folders)
        )
        process.start()
        process.join(60)
        ended.append(process.exitcode)
    assert ended == [-signal.SIGKILL, -signal.SIGKILL, 0]
    file = company.file("responses/bomb.parquet")
    assert file["state"] == "refused" and "ended over it twice" in file["reason"]
    assert company.published("responses", "score") == [9]
    assert company.publish(again=True).snapshot.rows("responses") == 2


@pytest.mark.bad_input("B50")
def test_many_tiny_files_become_few_parts(company: "Company") -> None:
    for number in range(80):
        company.answers([{"response_id": f"r{number}", "score": 9}], f"responses/{number}.parquet")
    held = company.publish().snapshot
    assert held.rows("responses") == 80 and len(held.parts["responses"]) == 1
    for number in range(80, 110, 3):
        for more in range(3):
            company.answers([{"response_id": f"r{number + more}", "score": 9}], f"responses/{number + more}.parquet")
        held = company.publish().snapshot
        assert len(held.parts["responses"]) <= parts.MOST_DELTAS
    assert held.rows("responses") == 110


def test_rows_that_two_sources_make_alike_of_one_file_are_said_to_count_twice(company: "Company") -> None:
    company.text("shop/a.csv", "id,score,ease\n1,9,5\n2,3,4\n")
    company.text("shop/b.csv", "id,score,ease\n3,9,5\n")
    asked = "select id as response_id, '2026-03-02' as responded_at, 'nps' as metric, score from raw"
    company.source("first", asked, "table: responses\nfiles: shop/*.csv")
    eased = "select id as response_id, '2026-03-02' as responded_at, 'ces' as metric, ease as score from raw"
    company.source("eased", eased, "table: responses\nfiles: shop/*.csv")
    people = "select id as customer_id from raw"
    company.source("people", people, "table: customers\nfiles: shop/*.csv")
    assert not [note for note in company.current().notes if "twice" in note]
    company.source("second", asked, "table: responses\nfiles: shop/*.csv")
    (note,) = [note for note in company.current().notes if "twice" in note]
    assert note == (
        "Counted twice in responses: 3 rows of shop/a.csv and 1 more, which the sources first and second read alike. "
        "Remove one of the two, or let their `files` name different files."
    )
    assert "소스 first과(와) second" in translated(note, "ko") and "외 1개" in translated(note, "ko")


@pytest.mark.bad_input("B51")
def test_the_same_ids_of_two_sources_are_different_answers(company: "Company") -> None:
    for region, score in (("kr", 9), ("jp", 3)):
        company.text(f"{region}/a.csv", f"id,customer,score\n1,c1,{score}\n")
        company.source(
            region,
            "select id as response_id, '2026-03-02' as responded_at, 'nps' as metric, score, "
            f"'{region}-' || customer as customer_id from raw",
            f"table: responses\nfiles: {region}/*.csv",
        )
    assert company.published("responses", "response_id", "score", "customer_id") == [
        ("1", 3, "jp-c1"),
        ("1", 9, "kr-c1"),
    ]


@pytest.mark.bad_input("B54")
def test_a_file_of_tomorrow_is_no_newer_than_its_rows_and_does_not_win_for_ever(company: "Company") -> None:
    path = company.answers([{"response_id": "a", "score": 3}], "responses/z.parquet")
    newer(path, 400 * 86_400)
    held = company.publish().snapshot
    assert held.as_of == date(2026, 3, 2) and held.created_at <= datetime.now(UTC)
    assert any("responses/z.parquet was written in the future" in note for note in held.notes)
    time.sleep(0.02)
    company.answers([{"response_id": "a", "score": 10}], "responses/a.parquet")
    assert company.published("responses", "score") == [10]


PEOPLE = {
    "e-mail": "hong{}@naver.com",
    "telephone": "010-1234-{:04}",
    "telephone without dashes": "010123456{:02}",
    "abroad": "+82 10 1234 {:04}",
    "resident": "900101-12345{:02}",
    "card": "4111 1111 1111 1{:02}",
}


def with_check_digit(number: str) -> str:
    """A card's number with the last digit that makes it one."""
    digits = [int(sign) for sign in reversed(number.replace(" ", ""))]
    total = sum(sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits))
    return f"{number}{-total % 10}"


@pytest.mark.bad_input("B53")
@pytest.mark.parametrize("pattern", PEOPLE.values(), ids=PEOPLE)
@pytest.mark.parametrize("table", ["responses", "units"])
def test_a_column_about_people_that_the_contract_does_not_know_sets_the_file_aside(
    company: "Company", pattern: str, table: str
) -> None:
    company.scores(9)
    base = {"responses": {"responded_at": "2026-03-02T12:00:00Z", "metric": "nps", "score": 3}, "units": {}}[table]
    key = {"responses": "response_id", "units": "unit_id"}[table]
    rows = [base | {key: f"x{number}", "reach": pattern.format(number)} for number in range(10, 30)]
    if pattern == PEOPLE["card"]:
        rows = [row | {"reach": with_check_digit(str(row["reach"]))} for row in rows]
    company.write(f"{table}/b.parquet", rows)
    assert "“reach”" in refused(company, f"{table}/b.parquet")["reason"]
    (company.data / "other").mkdir()
    (company.data / table / "b.parquet").rename(company.data / "other" / "b.parquet")
    company.source("other", "select * exclude (reach) from raw", f"table: {table}\nfiles: other/*.parquet")
    assert company.current().rows(table) >= 20


@pytest.mark.bad_input("B53")
@pytest.mark.parametrize(
    "pattern", ["2026-03-{:02}", "17012312{:03}00", "20260302-00{:02}", "02-123-4567 x{}", "A{:03}"]
)
def test_numbers_of_things_set_no_file_aside(company: "Company", pattern: str) -> None:
    company.answers(
        [{"response_id": str(number), "score": 9, "code": pattern.format(number)} for number in range(10, 30)]
    )
    assert company.current().rows("responses") == 20


# --- rows of delimited text that cannot be cut into columns ---------------------------------------------------------

CSV = "select id as response_id, '2026-03-02' as responded_at, 'nps' as metric, score, why as comment from raw"


def test_a_row_with_too_many_cells_is_set_aside_and_no_other(company: "Company") -> None:
    """Its number is its place in the file; those of the others count the rows that the source gives."""
    company.text(
        "given/a.csv", 'id,score,why\n1,9,"two\nlines"\n2,8,slow,very\n3,77,x\n4,7,"a ""b"" c" d\n5,N/A,z\n6,1,\n'
    )
    company.source("given", CSV, "table: responses\nfiles: given/*.csv")
    assert company.published("responses", "response_id", "score") == [("1", 9), ("6", 1)]
    held = company.current()
    assert [(row.row, row.column, row.value, row.rule) for row in snapshot.set_aside(held)] == [
        (4, "", '4,7,"a ""b"" c" d', "a quote within a quoted cell"),
        (2, "", "2,8,slow,very", "more cells than columns"),
        (3, "score", "N/A", "not a number"),
        (2, "score", "77", "outside the scale 0–10 of nps"),
    ]
    file = company.file("given/a.csv")
    assert (file["read"], file["kept"]) == (6, 2)


def test_the_numbers_of_the_other_rows_stay_what_they_are_in_the_file(company: "Company") -> None:
    company.text("given/a.csv", "id,score\na,9\nb,8,surplus\nc,7\nd,6\ne,5,surplus\nf,4\n")
    company.source(
        "given",
        "select row_number as response_id, '2026-03-02' as responded_at, 'nps' as metric, score from raw",
        "table: responses\nfiles: given/*",
    )
    assert company.published("responses", "response_id", "score") == [("1", 9), ("3", 7), ("4", 6), ("6", 4)]


def test_a_surplus_cell_of_a_survey_tool_sets_its_row_aside(company: "Company") -> None:
    company.text(
        "given/a.csv",
        "RespondentID,Score,Why\n11,9,fast\n12,8,slow,and more\n13,7,\n",
    )
    company.source(
        "given",
        "select RespondentID as response_id, '2026-03-02' as responded_at, 'nps' as metric, score from raw",
        "table: responses\nfiles: given/*\nreader: surveymonkey",
    )
    assert company.published("responses", "response_id", "score") == [("11", 9), ("13", 7)]
    (row,) = snapshot.set_aside(company.current())
    assert (row.row, row.value, row.rule) == (2, "12, 8, slow, and more", "more cells than columns")


def test_a_file_most_of_whose_rows_have_too_many_cells_is_not_understood(company: "Company") -> None:
    company.scores(9)
    company.text("given/a.csv", "id,score,why\n" + "1,9,a,b,c\n" * 5 + "2,8,x\n")
    company.source("given", CSV, "table: responses\nfiles: given/*.csv")
    file = refused(company, "given/a.csv")
    assert "5 of its 6 rows" in file["reason"] and "delimiter" in file["hint"]


@pytest.mark.bad_input("B2")
def test_a_text_file_that_ends_within_a_quoted_cell_was_cut_off(company: "Company") -> None:
    company.scores(9)
    company.text("given/a.csv", 'id,score,why\n1,9,"good, all"\n2,8,"and then the copy st\n3,7,x\n')
    company.source("given", CSV, "table: responses\nfiles: given/*.csv")
    assert "ends within a quoted cell" in refused(company, "given/a.csv")["reason"]
    company.text("given/a.csv", 'id,score,why\n1,9,a 5" screen\n2,8,"fine"\n')
    assert company.published("responses", "comment") == ['a 5" screen', "fine", None]


@pytest.mark.bad_input("B2")
def test_a_text_file_that_ends_within_a_row_was_cut_off_and_its_last_good_rows_stay(company: "Company") -> None:
    whole = "id,score,why\n1,9,good\n2,8,late\n3,7,slow\n"
    company.text("given/a.csv", whole)
    company.source("given", CSV, "table: responses\nfiles: given/*.csv")
    assert company.published("responses", "comment") == ["good", "late", "slow"]
    company.text("given/a.csv", whole[: whole.index(",late")])
    assert "last line has 2 of 3 cells" in company.file("given/a.csv")["reason"]
    assert company.published("responses", "comment") == ["good", "late", "slow"]
    company.text("given/a.csv", whole.rstrip("\n"))
    assert company.published("responses", "comment") == ["good", "late", "slow"], "a whole last line may lack its end"
    company.text("given/a.csv", "id,score,why\n1,9\n2,8\n3,7")
    assert company.published("responses", "score") == [7, 8, 9], "where all rows are short, none was cut off"


# --- half days ------------------------------------------------------------------------------------------------------

NOW = datetime(2025, 9, 1, 15, tzinfo=SEOUL)
"""A Monday, the first of a month."""


class Clock(datetime):
    """Stands still at NOW."""

    @classmethod
    def now(cls, tz: Any = None) -> Self:
        """NOW in a zone."""
        return NOW.astimezone(tz)  # type: ignore[return-value]


@pytest.fixture
def feed(company: "Company", monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes so many answers per day of the weeks before NOW: `feed(file, {days ago: answers})`."""
    for module in (half_days, listing, manifest):
        monkeypatch.setattr(module, "datetime", Clock)

    def written(file: str, days: Mapping[int, int]) -> None:
        company.answers(
            [
                {
                    "response_id": f"{ago}-{number}",
                    "score": 9,
                    "responded_at": (NOW - timedelta(days=ago, hours=3)).isoformat(),
                }
                for ago, answers in days.items()
                for number in range(answers)
            ],
            f"responses/{file}.parquet",
        )

    return written


def days(company: "Company") -> tuple[date, int]:
    """The last published day and the number of published answers."""
    held = company.publish().snapshot
    assert held.as_of is not None
    return held.as_of, held.rows("responses")


USUAL = dict.fromkeys(range(1, 64), 30)
ALL = sum(USUAL.values())


@pytest.mark.bad_input("B41")
def test_a_newest_day_of_far_fewer_rows_than_usual_is_held_with_a_warning(company: "Company", feed: Any) -> None:
    feed("before", USUAL)
    feed("today", {0: 14})
    assert days(company) == (date(2025, 8, 31), ALL)
    held = company.current()
    (one,) = held.held
    assert one == {"table": "responses", "source": "", "day": "2025-09-01", "rows": 14, "usual": 30}
    assert any("2025-09-01 has 14 rows so far, 30 are usual" in note and "--release" in note for note in held.notes)
    assert not company.publish().changed, "it stays held without being read again"


@pytest.mark.bad_input("B41")
def test_a_held_day_is_let_in_when_the_rest_comes(company: "Company", feed: Any) -> None:
    feed("before", USUAL)
    feed("today", {0: 14})
    company.publish()
    feed("today", {0: 29})
    assert days(company) == (date(2025, 9, 1), ALL + 29)
    assert company.current().held == ()


@pytest.mark.bad_input("B41")
def test_a_held_day_within_a_longer_file_takes_only_that_day_out(company: "Company", feed: Any) -> None:
    feed("all", {1: 14} | dict.fromkeys(range(2, 64), 30))
    assert days(company) == (date(2025, 8, 30), ALL - 30)
    feed("all", {0: 30, 1: 14} | dict.fromkeys(range(2, 64), 30))
    assert days(company) == (date(2025, 9, 1), ALL + 14), "a later day lets it in as it is"


@pytest.mark.bad_input("B41")
def test_a_held_day_is_let_in_when_someone_says_so(company: "Company", feed: Any) -> None:
    feed("before", USUAL)
    feed("today", {0: 3})
    company.publish()
    assert company.publish(release=True).snapshot.rows("responses") == ALL + 3
    feed("more", {5: 31})
    assert days(company) == (date(2025, 9, 1), ALL + 4), "and stays let in"


@pytest.mark.bad_input("B41")
@pytest.mark.parametrize(
    ("what", "counts"),
    [
        ("half of what is usual", {0: 15} | USUAL),
        ("a weekday that is always quiet", {0: 4} | {ago: 4 if ago % 7 == 0 else 30 for ago in range(1, 64)}),
        ("few answers", {0: 1} | dict.fromkeys(range(1, 64), 10)),
        ("three weeks of history", {0: 1} | dict.fromkeys(range(1, 22), 30)),
        ("older than three days", {4: 1} | dict.fromkeys(range(5, 70), 30)),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_a_newest_day_that_is_not_far_from_usual_is_published(
    company: "Company", feed: Any, what: str, counts: dict[int, int]
) -> None:
    feed("all", counts)
    held = company.publish().snapshot
    assert held.held == () and held.rows("responses") == sum(counts.values()), what


@pytest.mark.bad_input("B41")
def test_exports_that_overlap_do_not_make_a_day_seem_half(company: "Company", feed: Any) -> None:
    for last in (21, 14, 7, 0):
        feed(str(last), dict.fromkeys(range(last, 64), 30))
    assert days(company) == (date(2025, 9, 1), ALL + 30)


# --- times that are none ---------------------------------------------------------------------------------------


@pytest.mark.bad_input("B55")
def test_a_time_that_may_be_empty_and_is_none_leaves_its_row_and_is_told_with_its_value(company: "Company") -> None:
    review = {"reviewed_at": "2026-03-02T12:00:00+09:00", "brand": "A"}
    rows = [
        review | {"review_id": "a", "rating": 5.0, "replied_at": "2026-03-03T09:00:00+09:00", "verified": "true"},
        review | {"review_id": "b", "rating": 4.0, "replied_at": "사흘 뒤", "verified": "예"},
        review | {"review_id": "c", "rating": 9.0, "replied_at": "soon", "verified": ""},
        review | {"review_id": "d", "rating": 3.0, "replied_at": " ", "verified": None},
    ]
    company.write("reviews/a.parquet", rows)
    held = company.publish().snapshot
    assert company.published("reviews", "review_id", "verified") == [("a", True), ("b", None), ("d", None)]
    listed = [(row.row, row.column, row.value, row.rule) for row in snapshot.set_aside(held)]
    assert sorted(listed) == [
        (2, "replied_at", "사흘 뒤", "no time, left empty"),
        (2, "verified", "예", "no yes or no, left empty"),
        (3, "rating", "9.0", "above the most stars possible"),
    ]
    notes = [note for note in company.file("reviews/a.parquet")["notes"] if "no time" in note]
    assert notes[0] == (
        "“replied_at” holds no time in some rows, such as “사흘 뒤” in row 2, and is left empty there (rows: 1). "
        "Write “replied_at” like 2026-11-22T09:30:00+09:00, or read it with try_strptime in a source."
    )
    assert "비워 둡니다(예: 2행의 “사흘 뒤”, 모두 1행)" in translated(notes[0], "ko")


@pytest.mark.bad_input("B56")
@pytest.mark.parametrize(
    ("read", "value", "hint"),
    [
        ("coalesce(try_strptime(day, '%d/%m/%Y')::varchar, day)", "31/31/2026", "2026-11-22T09:30:00+09:00"),
        ("try_strptime(day, '%d/%m/%Y')", "", "write coalesce(try_strptime(…)::varchar, …)"),
    ],
)
def test_a_time_that_a_source_does_not_read_is_set_aside_with_its_value_or_with_how_to_see_it(
    company: "Company", read: str, value: str, hint: str
) -> None:
    company.text("shop/a.csv", "id,day,score\n1,02/03/2026,9\n2,31/31/2026,8\n")
    company.source(
        "shop",
        f"select id as response_id, {read} as responded_at, 'nps' as metric, score from raw",
        "table: responses\nfiles: shop/*.csv\nzone: Asia/Seoul",
    )
    company.publish()
    assert company.published("responses", "response_id") == ["1"]
    (problem,) = company.file("shop/a.csv")["problems"]
    assert (problem["row"], problem["column"], problem["value"]) == (2, "responded_at", value)
    assert hint in problem["hint"]


@pytest.mark.parametrize(
    ("header", "select", "reason", "hint"),
    [
        ("", "번호 as response_id, 일시 as responded_at, '점수' as score", "none can be used", "write the column"),
        (
            "",
            "번호 as response_id, 점수 as score",
            "no column “responded_at”",
            "Give it in the source: `… as responded_at`.",
        ),
        (
            "",
            "번호 as response_id, strptime(일시, '%d/%m/%Y') as responded_at, 점수 as score",
            "Could not parse",
            "coalesce(try_strptime(…)::varchar, …) in questions/sources/shop.sql",
        ),
        (
            "encoding: utf-8",
            "번호 as response_id, 일시 as responded_at, 점수 as score",
            "It is not written in utf-8",
            "By its letters it is cp949: write `encoding: cp949`",
        ),
        (
            "",
            "번호 as response_id, 일시 as responded_at, 점수 * 1 as score",
            "No function matches",
            "`try_cast(… as double)`",
        ),
    ],
)
def test_a_mistake_of_a_source_is_told_with_what_to_write_in_the_source(
    company: "Company", header: str, select: str, reason: str, hint: str
) -> None:
    company.scores(9)
    path = company.data / "shop" / "a.csv"
    path.parent.mkdir()
    path.write_bytes(
        "번호,일시,점수,의견\n1,2026-03-02 09:15,9,친절해요\n2,2026-03-03 10:15,8,오래 기다렸어요\n".encode("cp949")
    )
    company.source(
        "shop",
        f"select {select}, 'nps' as metric from raw",
        f"table: responses\nfiles: shop/*.csv\nzone: Asia/Seoul\n{header}".strip(),
    )
    company.publish()
    file = company.file("shop/a.csv")
    assert file["state"] == "refused" and reason in file["reason"] and hint in file["hint"]
    assert translated(file["hint"], "ko") != file["hint"]


def test_a_metric_that_no_file_defines_is_told_with_the_one_that_is_spelled_alike(company: "Company") -> None:
    company.answers([{"score": 9, "metric": "NPS"}, {"score": 9, "metric": "weather"}])
    notes = [note for note in company.publish().snapshot.notes if "no file queries/metrics/" in note]
    assert [note.partition("no page shows it.")[2] for note in sorted(notes)] == [" Did you mean “nps”?", ""]
