"""Readers: files as other programs write them become the relation `raw`, and what was guessed is said."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from cx import catalog, cell_formats, packed, readers
from cx.catalog import READERS, Reading
from cx.errors import DataError, QueryFileError

if TYPE_CHECKING:
    from conftest import Company

Read = Callable[..., "Found"]


class Found:
    """The rows of a file without `filename` and `row_number`, and what was said about it."""

    def __init__(self, rows: list[dict[str, Any]], raw: readers.Raw) -> None:
        self.rows, self.raw = rows, raw

    @property
    def said(self) -> str:
        return " ".join(self.raw.notes)


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Read]:
    with duckdb.connect() as connection:

        def read(name: str, content: bytes | str = b"", **how: Any) -> Found:
            path = tmp_path / name
            if content:
                path.write_bytes(content.encode() if isinstance(content, str) else content)
            work = tmp_path / "work"
            work.mkdir(exist_ok=True)
            raw = readers.open_raw(connection, path, name, Reading(**how), work=work)
            rows = connection.execute("select * exclude (filename, row_number) from raw order by row_number")
            names = [column[0] for column in rows.description or ()]
            return Found([dict(zip(names, row, strict=True)) for row in rows.fetchall()], raw)

        yield read


def test_what_databases_write_for_an_empty_cell_is_empty(read: Read) -> None:
    found = read("a.csv", 'id,customer,note\n1,NULL,\\N\n2,null,"NULL and void"\n3,"",N\n')
    assert [tuple(row.values()) for row in found.rows] == [
        ("1", None, None),
        ("2", "null", "NULL and void"),
        ("3", None, "N"),
    ]


# --- Encodings ---------------------------------------------------------------------------------------

KOREAN = "지점,점수,의견\n서울,9,배송이 빨라요\n부산,3,앱이 자꾸 꺼집니다\n"


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("cp949", "encoding cp949"),
        ("euc-kr", "encoding cp949"),
        ("utf-16", "encoding utf-16"),
        ("utf-16-le", "encoding utf-16-le"),
        ("utf-16-be", "encoding utf-16-be"),
    ],
)
def test_korean_text_of_any_usual_encoding_is_read_and_what_was_detected_is_said(
    read: Read, encoding: str, said: str
) -> None:
    found = read("a.csv", KOREAN.encode(encoding))
    assert found.rows[1] == {"지점": "부산", "점수": "3", "의견": "앱이 자꾸 꺼집니다"}
    assert said in found.said and bool(said) == bool(found.said)


@pytest.mark.parametrize(
    "text", ["name,n\nRené,5\nZoé,2\n", "name,n\nMüller,9\n", "a,n\nCafé,1\n", "a,n\n“gut” – 5 €,1\n"]
)
def test_western_text_without_a_mark_is_read_as_cp1252_which_holds_latin_1(read: Read, text: str) -> None:
    found = read("a.csv", text.encode("cp1252"))
    assert [*found.rows[0].values()] == text.splitlines()[1].split(",")
    assert "encoding cp1252" in found.said


def test_a_declared_encoding_is_taken_and_not_said_again(read: Read) -> None:
    found = read("a.csv", "a\nŁódź\n".encode("cp1250"), encoding="cp1250")
    assert found.rows == [{"a": "Łódź"}] and found.said == ""


def test_a_declared_encoding_that_does_not_fit_refuses_the_file(read: Read) -> None:
    with pytest.raises(DataError, match="not written in utf-16"):
        read("a.csv", b"a,b\n1,2\n3", encoding="utf-16-le")


def test_utf_8_with_a_damaged_line_is_not_taken_for_another_encoding(read: Read) -> None:
    with pytest.raises(DataError, match="line 3 is damaged"):
        read("a.csv", "이름\n서울\n".encode() + b"\xec\x84\n" + "부산\n".encode())


# --- Delimiters, quoting, headers --------------------------------------------------------------------


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_a_delimiter_is_detected_even_where_texts_hold_commas(read: Read, sign: str) -> None:
    text = sign.join(("id", "score", "text")) + "\n" + sign.join(("1", "4,5", "well, yes, no")) + "\n"
    found = read("a.csv", text)
    assert found.rows == [{"id": "1", "score": "4,5", "text": "well, yes, no"}]
    assert "delimiter" in found.said


def test_single_quotes_are_detected_and_a_backslash_has_to_be_told(read: Read) -> None:
    assert read("a.csv", "'id','text'\n'1','a, b'\n").rows == [{"id": "1", "text": "a, b"}]
    told = read("b.csv", 'id,text\n1,"say \\"yes\\", now"\n', escape="\\")
    assert told.rows == [{"id": "1", "text": 'say "yes", now'}]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_do_on_any_system_and_newlines_in_texts_stay(read: Read, end: str) -> None:
    found = read("a.csv", f'id,text{end}1,"one{end}two"{end}2,b{end}')
    assert [row["id"] for row in found.rows] == ["1", "2"]
    assert found.rows[0]["text"].splitlines() == ["one", "two"]


def test_lines_of_several_ends_in_one_file_are_read(read: Read) -> None:
    assert [row["b"] for row in read("a.csv", b"a,b\n1,x\r\n2,y\n").rows] == ["x", "y"]


def test_lines_above_the_header_are_passed_over_and_said(read: Read) -> None:
    found = read("a.csv", "Sales report\nmade on 2026-01-05\n\nid,score,text\n1,9,good\n")
    assert found.rows == [{"id": "1", "score": "9", "text": "good"}]
    assert "header_row 3" in found.said
    assert read("b.csv", "x,y\nid,score\n1,9\n", header_row=2).rows == [{"id": "1", "score": "9"}]


TWO_ROWS = [
    ["번호", "지점", "만족도", "", "", "의견"],
    ["", "", "직원", "시설", "대기", ""],
    ["1", "강남", "5", "4", "3", "친절해요"],
    ["2", "부산", "2", "3", "3", ""],
]


def test_two_rows_of_merged_cells_name_the_columns_together_and_no_name_is_read_as_an_answer(
    read: Read, tmp_path: Path
) -> None:
    workbook(tmp_path / "a.xlsx", {"응답": [["2025년 조사"], *TWO_ROWS]})
    found = read("a.xlsx")
    assert [row["만족도 시설"] for row in found.rows] == ["4", "3"] and "Rows 2 and 3 name" in found.said
    text = read("b.csv", "".join(",".join(row) + "\n" for row in TWO_ROWS))
    assert [row["만족도 대기"] for row in text.rows] == ["3", "3"] and "Rows 1 and 2 name" in text.said


@pytest.mark.parametrize(
    "text",
    [
        "id,text,\n,good,more\n2,bad,\n",
        "id,text,,x\na,good,more,y\n2,bad,,y\n",
        "id,n,,x\n,4,5,\n2,3,3,z\n",
        ",name,city\n0,Kim,Seoul\n1,Lee,Busan\n",
    ],
)
def test_a_row_of_answers_below_nameless_columns_stays_a_row(read: Read, text: str) -> None:
    assert len(read("a.csv", text).rows) == 2


def test_a_header_over_several_lines_becomes_a_name_on_one(read: Read) -> None:
    found = read("a.csv", 'id,"How was\n  it?",Grund\n1,5,x\n')
    assert list(found.rows[0]) == ["id", "How was it?", "Grund"]


def test_a_decomposed_name_is_the_same_name(read: Read) -> None:
    found = read("a.csv", b"\xe1\x84\x8c\xe1\x85\xa5\xe1\x86\xb7\xe1\x84\x89\xe1\x85\xae,b\n5,1\n")
    assert list(found.rows[0]) == ["점수", "b"]


def test_columns_of_one_name_are_told_apart_and_a_nameless_one_is_named_by_its_place(read: Read) -> None:
    found = read("a.csv", "Why,Why,\n1,2,3\n")
    assert found.rows == [{"Why": "1", "Why_2": "2", "column_3": "3"}]
    assert "“Why_2”" in found.said or "Why_2" in found.said


def test_short_rows_are_filled_up_and_empty_cells_hold_nothing(read: Read) -> None:
    assert read("a.csv", 'a,b,c\n1\n2,"",3\n').rows == [
        {"a": "1", "b": None, "c": None},
        {"a": "2", "b": None, "c": "3"},
    ]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"PK\x03\x04....", "spreadsheet"),
        (b"PAR1....", "Parquet"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a picture"),
        (b"%PDF-1.7\n\xe2\xe3", "a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old office program"),
        (b"\x1f\x8b\x08\x00abc", "compressed"),
    ],
)
def test_another_kind_of_file_called_csv_is_refused_by_name(read: Read, content: bytes, word: str) -> None:
    with pytest.raises(DataError, match=word):
        read("a.csv", content)


# --- Packed files ------------------------------------------------------------------------------------


def archive(files: dict[str, bytes], password: bool = False, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A .zip of some files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", packing) as written:
        for name, content in files.items():
            written.writestr(name, content)
    # What an entry says of itself stands before it and in the list at the end.
    return held.getvalue().replace(b"\x14\x00\x00\x00", b"\x14\x00\x01\x00") if password else held.getvalue()


def of_later_format(content: bytes) -> bytes:
    """A .zip whose list says that it needs version 9.9 to be unpacked."""
    place = content.index(b"PK\x01\x02") + 6
    return content[:place] + (99).to_bytes(2, "little") + content[place + 2 :]


def test_a_packed_text_file_is_read_as_if_it_were_not(read: Read) -> None:
    plain = KOREAN.encode("cp949")
    wanted = read("a.csv", plain)
    for found in (read("a.csv.gz", gzip.compress(plain, mtime=0)), read("a.zip", archive({"응답/a.csv": plain}))):
        assert (found.rows, found.said) == (wanted.rows, wanted.said)


def test_the_files_of_one_archive_are_one_relation_by_their_headers(read: Read, tmp_path: Path) -> None:
    workbook(tmp_path / "b.xlsx", {"답": [["id", "score"], [5, 8]]})
    parts = {"1.csv": b"id,score\na,9\nb,8,surplus\nc,7\n", "2.csv": b"score;id;why\n6;d;x\n"}
    extra = {"__MACOSX/._1.csv": b"x", "읽어보기.txt": b"hello", "logo.png": b"x"}
    found = read("a.zip", archive(parts | extra))
    assert [(row["id"], row["score"], row["why"]) for row in found.rows] == [
        ("a", "9", None),
        ("c", "7", None),
        ("d", "6", "x"),
    ]
    assert "not read: 읽어보기.txt, logo.png" in found.said and "The 2 files packed in it are read as one" in found.said
    assert [one.listed for one in found.raw.unreadable] == [[(2, "b,8,surplus")]]
    books = read("b.zip", archive({"b.xlsx": (tmp_path / "b.xlsx").read_bytes()}))
    assert books.rows == [{"id": "5", "score": "8", "sheet": "답"}]


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.zip", b"PK\x03\x04", "cannot be unpacked"),
        ("a.csv.gz", b"\x1f\x8b123", "cannot be unpacked"),
        ("a.csv.gz", gzip.compress(b"id,score\n1,2\n" * 50, mtime=0)[:-9], "cannot be unpacked"),
        ("a.zip", archive({"a.csv": b"id\n1\n", "b.json": b"[]"}), "2 files that end in .csv, .json"),
        ("a.zip", archive({"a.zip": b"PK"}), "nothing in it is read"),
        ("a.zip", archive({"a.csv": b"id\n1\n"}, password=True), "password"),
        ("a.zip", archive({"a.csv": b"id\n1\n"}, packing=zipfile.ZIP_LZMA), "packed in a way that is not read"),
        ("a.zip", archive({"a.csv": b"id\n1\n"}, packing=zipfile.ZIP_BZIP2), "packed in a way that is not read"),
        ("a.zip", of_later_format(archive({"a.csv": b"id\n1\n"})), "cannot be unpacked"),
        ("a.tar.gz", gzip.compress(b"x", mtime=0), "ends in “.tar”"),
        ("a.zip", archive({"../../a.csv": b"id,n\n", "b.csv": b"\x00"}), "b.csv: It is no text"),
    ],
)
def test_what_cannot_be_unpacked_is_refused_with_what_it_is(read: Read, name: str, content: bytes, word: str) -> None:
    with pytest.raises(DataError, match=word):
        read(name, content)


@pytest.mark.bad_input("B49")
@pytest.mark.parametrize("name", ["a.csv.gz", "a.zip"])
def test_a_file_that_unpacks_to_far_more_than_it_is_is_refused_before_it_fills_the_disk(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(packed, "SMALL", 1_000_000)
    bomb = b"id,score\n" + b"1,2\n" * 5_000_000
    with pytest.raises(DataError, match="Unpacked it takes more than"):
        read(name, gzip.compress(bomb, mtime=0) if name.endswith("gz") else archive({"a.csv": bomb}))
    assert sum(path.stat().st_size for path in (tmp_path / "work").rglob("*") if path.is_file()) == 0


# --- Delimiters without quotes -----------------------------------------------------------------------


def table(header: str, line: str, surplus: str, *, rows: int = 20) -> str:
    """Rows of a pattern, with one of too many cells as the third."""
    written = [
        line.format(n=n, score=n % 5 + 1, price=100 * n, area=("북부", "남부")[n % 2]) for n in range(1, rows + 1)
    ]
    return "\n".join([header, *written[:2], surplus, *written[2:], ""])


@pytest.mark.parametrize(
    ("header", "line", "surplus", "column", "text"),
    [
        ("id,score,note", "{n},{score},글 {n} 좋다", "99,4,빠르고, 싸고, 좋다", "note", "빠르고, 싸고, 좋다"),
        ("id,note,score", "{n},글 {n} 좋다,{score}", "99,빠르고, 싸고, 좋다,4", "note", "빠르고, 싸고, 좋다"),
        ("id,note,area,score", "{n},글 {n} 좋다,{area},{score}", "99,싸고,좋다,북부,4", "note", "싸고,좋다"),
        ("id,title,score,note", "{n},제목 {n} 은,{score},글 {n} 좋다", "99,가, 나,4,다, 라", "title", "가, 나"),
        ("id;day;note", "K-{n};2026-08-02;글 {n} 좋다", "K-99;2026-08-02;싸고; 5점", "note", "싸고; 5점"),
    ],
)
def test_a_text_that_holds_the_delimiter_is_put_together_where_it_can_stand_in_one_way_only(
    read: Read, header: str, line: str, surplus: str, column: str, text: str
) -> None:
    found = read("a.csv", table(header, line, surplus))
    assert len(found.rows) == 21 and found.rows[2][column] == text
    assert found.rows[2].get("score", "4") == "4" and "without quotes in 1 row, put together" in found.said


@pytest.mark.parametrize(
    ("header", "line", "surplus"),
    [
        ("id,price,note", "{n},{price},글 {n} 좋다", "99,1,200,빠르다"),
        ("id,note,price", "{n},글 {n} 좋다,{price}", "99,빠르다,1,200"),
        ("id,price,note", "{n},${price},글 {n} 좋다", "99,$1,200,빠르다"),
        ("id,price,note", "{n},{price}원,글 {n} 좋다", "99,1,200원,빠르다"),
        ("id,price,note", "{n},{price}.50,글 {n} 좋다", "99,1,200.50,빠르다"),
        ("id,price,area", "{n},{price},{area}", "99,1,200,북부"),
        ("id,rating,note", "{n},{score},글 {n} 좋다", "99,4,5,빠르다"),
        ("id,note,rating", "{n},글 {n} 좋다,{score}", "99,빠르다,4,5"),
        ("id,title,note", "{n},제목 {n} 은,글 {n} 좋다", "99,빠르다,싸다,좋다"),
        ("id,title,score,note", "{n},제목 {n} 은,{score},글 {n} 좋다", "99,가,나,4,5,다"),
        ("id,score,note", "{n},{score},글 {n} 좋다", "가,나,4,빠르다"),
    ],
)
def test_a_row_whose_surplus_delimiters_may_stand_in_several_columns_is_set_aside_and_moves_no_number(
    read: Read, header: str, line: str, surplus: str
) -> None:
    found = read("a.csv", table(header, line, surplus))
    (aside,) = found.raw.unreadable
    assert (aside.rule, aside.listed) == (readers.TOO_MANY, [(3, surplus)])
    assert len(found.rows) == 20 and "in quotes" in aside.hint


@pytest.mark.parametrize(
    ("last", "kept"),
    [
        ("총 6건,,\n", 6),
        ("※ 2026년 8월 기준,,\n,,\n담당: CS팀,,\n", 6),
        ("21,,\n", 7),
        (",4,\n", 7),
        (",,더 빨랐으면\n", 7),
        ("총 6건,,\n,,다시 올게요\n", 8),
    ],
)
def test_of_the_last_rows_of_one_cell_only_those_that_their_column_cannot_hold_are_notes(
    read: Read, tmp_path: Path, last: str, kept: int
) -> None:
    rows = "".join(f"{n},{n % 5 + 1},글 {n} 좋다\n" for n in range(11, 17))
    found = read("a.csv", "번호,점수,의견\n" + rows + last)
    lines = [line.split(",") for line in ("번호,점수,의견\n" + rows + last).splitlines()]
    workbook(tmp_path / "a.xlsx", {"답": lines})
    again = read("a.xlsx")
    assert (len(found.rows), len(again.rows)) == (kept, kept)
    assert ("are notes" in found.said) == ("are notes" in again.said) == (kept == 6)


@pytest.mark.bad_input("B46")
@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "utf-16"])
def test_a_nul_sign_in_a_text_file_is_left_out_and_its_line_named(read: Read, encoding: str) -> None:
    damaged = KOREAN.replace("앱이 자", "앱이\x00 자")
    found = read("a.csv", damaged.encode(encoding))
    assert [row["의견"] for row in found.rows] == ["배송이 빨라요", "앱이 자꾸 꺼집니다"]
    assert encoding == "utf-16" or "A NUL sign in line 3" in found.said
    records = json.dumps([{"점수": 9, "의견": "빨라요"}], ensure_ascii=False).replace("빨", "빨\x00")
    assert read("b.json", records.encode(encoding)).rows == [{"점수": "9", "의견": "빨라요"}]


@pytest.mark.bad_input("B46")
def test_a_text_file_with_a_stretch_of_nothing_is_damaged(read: Read) -> None:
    half = KOREAN.encode() * 200
    with pytest.raises(DataError, match="damaged: stretches of it from line 601"):
        read("a.csv", half + bytes(600) + half)


# --- Spreadsheets ------------------------------------------------------------------------------------


def workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)


def test_the_fullest_sheet_is_read_below_its_title_and_the_others_are_named(read: Read, tmp_path: Path) -> None:
    workbook(
        tmp_path / "a.xlsx", {"표지": [["만족도 조사"]], "응답": [["2026년"], [], ["번호", "점수"], [1, 9], [2, 7.5]]}
    )
    found = read("a.xlsx")
    assert found.rows == [
        {"번호": "1", "점수": "9", "sheet": "응답"},
        {"번호": "2", "점수": "7.5", "sheet": "응답"},
    ]
    assert "“응답”, not “표지”" in found.said and "Row 3 names the columns" in found.said


def test_several_sheets_are_one_relation_by_their_headers(read: Read, tmp_path: Path) -> None:
    months = {"2026-01": [["id", "score"], [1, 9]], "2026-02": [["score", "id", "why"], [3, 2, "slow"]]}
    workbook(tmp_path / "a.xlsx", {**months, "notes": [["id", "score"], [99, 99]]})
    assert read("a.xlsx", sheet="2026-*").rows == [
        {"id": "1", "score": "9", "why": None, "sheet": "2026-01"},
        {"id": "2", "score": "3", "why": "slow", "sheet": "2026-02"},
    ]
    with pytest.raises(DataError, match="no sheet “2025”"):
        read("a.xlsx", sheet="2025")


def test_dates_booleans_and_long_numbers_of_a_spreadsheet_keep_what_they_say(read: Read, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        sheet = book.add_worksheet("s")
        sheet.write_row(0, 0, ["day", "ok", "number", "code"])
        sheet.write_datetime(1, 0, datetime(2026, 1, 5, 9, 30))
        sheet.write_boolean(1, 1, True)
        sheet.write_number(1, 2, 123456789012)
        sheet.write_string(1, 3, "007")
    assert read("a.xlsx").rows == [
        {"day": "2026-01-05 09:30:00", "ok": "true", "number": "123456789012", "code": "007", "sheet": "s"}
    ]


@pytest.mark.parametrize(
    "page",
    [
        "<html><body><table><tr><th>번호</th><th>의견</th></tr><tr><td>1</td><td>느려요<br>정말</td></tr></table>",
        "<table><tr><td colspan=2>2025년</td></tr><tr><td>번호<td>의견<tr><td>1</td><td>느려요<br/>정말</td></tr></table>",
        '<?xml version="1.0"?><Workbook><Table><Row><Cell><Data>번호</Data></Cell><Cell><Data>의견</Data></Cell></Row>'
        '<Row><Cell><Data>1</Data></Cell><Cell ss:Index="2"><Data>느려요<br/>정말</Data></Cell></Row></Table></Workbook>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_web_page_called_xls_is_read_by_its_table(read: Read, page: str, encoding: str) -> None:
    found = read("a.xls", page.encode(encoding))
    assert [(row["번호"], row["의견"]) for row in found.rows] == [("1", "느려요\n정말")]
    assert "web page by its content" in found.said


def test_a_cell_of_a_web_page_that_reaches_down_leaves_the_ones_below_empty(read: Read) -> None:
    rows = "<tr><td>id<td>shop<td>n<tr><td>1<td rowspan=2>A<td>5<tr><td>2<td>4<tr><td>3<td>B<td>3"
    assert [tuple(row.values())[:3] for row in read("a.xls", f"<table>{rows}</table>").rows] == [
        ("1", "A", "5"),
        ("2", None, "4"),
        ("3", "B", "3"),
    ]


def test_text_called_xls_is_read_as_text_unless_a_spreadsheet_was_declared(read: Read) -> None:
    assert read("a.xls", "번호\t의견\n1\t느려요\n".encode("cp949")).rows == [{"번호": "1", "의견": "느려요"}]
    with pytest.raises(DataError, match="text by its content"):
        read("b.xls", "번호\t의견\n1\t느려요\n", reader="xlsx")


def test_identifiers_keep_the_leading_zeros_that_a_sheet_shows(read: Read, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        padded, plain = book.add_format({"num_format": "00000"}), book.add_format({"num_format": "0.00"})
        book.add_worksheet("표지").write(0, 0, "만족도 조사")
        sheet = book.add_worksheet("응답 & 답")
        sheet.write_row(0, 1, ["고객번호", "점수", "메모"])
        for row, (customer, score) in enumerate([(7, 9), (1042, 3)], 1):
            sheet.write_number(row, 1, customer, padded)
            sheet.write_number(row, 2, score, plain)
            sheet.write_string(row, 3, "12")
    found = read("a.xlsx")
    assert [(row["고객번호"], row["점수"], row["메모"]) for row in found.rows] == [
        ("00007", "9", "12"),
        ("01042", "3", "12"),
    ]
    assert "leading zeros that the sheet shows, in “고객번호”." in found.said


@pytest.mark.bad_input("B57")
def test_cells_whose_formula_failed_are_empty_and_counted_by_column(read: Read, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("응답")
        sheet.write_formula(0, 1, "=1/0", None, "#DIV/0!")
        sheet.write_row(2, 0, ["지점", "점수", "평균"])
        for row, (score, mean) in enumerate([("", ""), ("#N/A", ""), ("", "#DIV/0!"), ("#REF!", "#DIV/0!")], 3):
            sheet.write_row(row, 0, ["서울", 9, 4.5])
            for column, shown in ((1, score), (2, mean)):
                if shown:
                    sheet.write_formula(row, column, '=vlookup(a1,b1:c9,2)&"<"', None, shown)
    found = read("a.xlsx")
    assert [(row["점수"], row["평균"]) for row in found.rows] == [
        ("9", "4.5"),
        (None, "4.5"),
        ("9", None),
        (None, None),
    ]
    said = "such as “#N/A” in row 5 of “점수”, are read as empty: “점수” (2), “평균” (2)."
    assert said in found.said


@pytest.mark.bad_input("B57")
def test_failed_formulas_are_counted_in_sheets_longer_than_what_is_read_at_once(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "score", "note"])
        for row in range(1, 200):
            sheet.write_row(row, 0, [row, 9, "fine"])
            sheet.write_formula(row, 1, "=1/0", None, "#DIV/0!")
    monkeypatch.setattr(cell_formats, "BLOCK", 61)
    assert "are read as empty: “score” (199)." in read("a.xlsx").said


def test_numbers_longer_than_a_spreadsheet_keeps_are_written_out_and_told(read: Read, tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", {"s": [["주문번호", "평점", "금액"], [20261012345678900, 4.5, 12345678901]]})
    found = read("a.xlsx")
    assert found.rows == [{"주문번호": "20261012345678900", "평점": "4.5", "금액": "12345678901", "sheet": "s"}]
    assert "more than 15 digits" in found.said and "in “주문번호”." in found.said


def test_a_workbook_is_read_by_what_it_is_and_not_by_its_ending(read: Read, tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", {"s": [["번호", "점수"], [1, 9]]})
    assert read("a.xls", (tmp_path / "a.xlsx").read_bytes()).rows == [{"번호": "1", "점수": "9", "sheet": "s"}]


def test_a_spreadsheet_with_a_password_is_named_so(read: Read) -> None:
    with pytest.raises(DataError, match="a spreadsheet with a password"):
        read("a.xlsx", readers.OLD_OFFICE + bytes(600) + readers.ENCRYPTED + bytes(600))


def test_what_is_said_of_many_sheets_is_said_once(read: Read, tmp_path: Path) -> None:
    rows = [["조사 결과"], ["번호", "점수"], [1, 9]]
    workbook(tmp_path / "a.xlsx", {f"{month}월": rows for month in (8, 9, 10)})
    found = read("a.xlsx", sheet="*월")
    assert found.raw.notes == ["Sheets “8월”, “9월”, “10월”: Row 2 names the columns."]


def test_a_hidden_sheet_is_read_by_its_own_name_only(read: Read, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("응답").write_row(0, 0, ["번호", "점수"])
        book.get_worksheet_by_name("응답").write_row(1, 0, [1, 9])
        hidden = book.add_worksheet("_raw")
        hidden.hide()
        for number in range(9):
            hidden.write_row(number, 0, [number] * 9)
    assert read("a.xlsx").rows == read("a.xlsx", sheet="*").rows == [{"번호": "1", "점수": "9", "sheet": "응답"}]
    assert "not “_raw”" in read("a.xlsx").said and len(read("a.xlsx", sheet="_raw").rows) == 8


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_a_header_that_comes_again_is_no_row(read: Read, tmp_path: Path, name: str) -> None:
    page = [["번호", "점수", ""], ["1", "9", "좋아요"]]
    rows = [*page, *page, ["2", "점수", ""]]
    workbook(tmp_path / "a.xlsx", {"s": rows})
    lines = "".join(",".join(row) + "\n" for row in rows)
    found = read(name, lines) if name == "a.csv" else read(name)
    assert [(row["번호"], row["점수"]) for row in found.rows] == [("1", "9"), ("1", "9"), ("2", "점수")]
    assert "name the columns once more: 1 row." in found.said


def test_a_damaged_spreadsheet_is_refused(read: Read) -> None:
    with pytest.raises(DataError, match="spreadsheet"):
        read("a.xlsx", b"PK\x03\x04 nothing of the kind")


# --- JSON --------------------------------------------------------------------------------------------


def test_values_of_json_are_text_so_that_none_is_rounded_and_no_word_changes_the_others(read: Read) -> None:
    found = read("a.json", '[{"id": 12345678901234567890, "s": 8}, {"id": 2, "s": 8.5}, {"id": 3, "s": "n/a"}]')
    assert [tuple(row.values()) for row in found.rows] == [("12345678901234567890", "8"), ("2", "8.5"), ("3", "n/a")]


def test_objects_inside_objects_become_columns_and_lists_stay_and_are_named(read: Read) -> None:
    found = read("a.jsonl", '{"id": 1, "by": {"name": "Kim", "at": {"city": "서울"}}, "tags": ["a", "b"]}\n{"id": 2}\n')
    assert found.rows == [
        {"id": "1", "by.name": "Kim", "by.at.city": "서울", "tags": ["a", "b"]},
        {"id": "2", "by.name": None, "by.at.city": None, "tags": None},
    ]
    assert "“tags”" in found.said


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(("around", "told"), [("{}", {}), ('{{"answers": {}, "total": 10}}', {"records": "answers"})])
def test_records_that_stand_under_a_name_each_are_records(
    read: Read, around: str, told: dict[str, str], indent: int | None
) -> None:
    named = json.dumps({f"k{number}": {"nps": number, "at": "2026-03-02"} for number in range(10)}, indent=indent)
    found = read("a.json", around.format(named).encode())
    assert found.rows[1] == {"key": "k1", "nps": "1", "at": "2026-03-02"} and len(found.rows) == 10
    assert found.raw.found == told and "under a name of its own" in found.said


def test_records_in_a_list_of_a_document_are_found_and_said_or_told(read: Read) -> None:
    document = {"count": 2, "tickets": [{"id": 1}, {"id": 2}], "next": None}
    found = read("a.json", json.dumps(document, indent=1))
    assert found.rows == [{"id": "1"}, {"id": "2"}] and "“tickets”" in found.said
    two = json.dumps({"data": {"items": [{"id": 7}]}, "users": [{"id": 1}], "groups": [{"id": 2}]})
    assert read("b.json", two, records="data.items").rows == [{"id": "7"}]
    with pytest.raises(DataError, match="no list “user”"):
        read("b.json", two, records="user")


def test_korean_json_of_another_encoding_is_read(read: Read) -> None:
    assert read("a.json", '[{"의견": "좋아요 정말"}]'.encode("utf-16")).rows == [{"의견": "좋아요 정말"}]
    assert read("b.json", '[{"의견": "좋아요 정말"}]'.encode("utf-8-sig")).rows == [{"의견": "좋아요 정말"}]


# --- Qualtrics and SurveyMonkey ----------------------------------------------------------------------

INSIGHTS = (
    "StartDate,ResponseId,Q1,Q2_1,Q2_1,Q3\n"
    'Start Date,Response ID,"How likely\nis it?",Tea - Hot,Tea - Cold,Why\n'
    + ",".join(f'"{{""ImportId"":""{name}""}}"' for name in ("startDate", "_recordId", "QID1", "a", "b", "c"))
    + '\n2026-01-05 10:00:00,R_1,9,1,2,"good,\nvery"\n2026-01-06 10:00:00,R_2,Very likely,,,\n'
)


def test_three_header_rows_of_qualtrics_are_taken_off_and_tell_what_was_asked(read: Read) -> None:
    found = read("a.csv", INSIGHTS, reader="qualtrics")
    assert [row["ResponseId"] for row in found.rows] == ["R_1", "R_2"]
    assert [row["Q1"] for row in found.rows] == ["9", "Very likely"]
    assert (found.rows[0]["Q2_1"], found.rows[0]["Q2_1_2"], found.rows[0]["Q3"]) == ("1", "2", "good,\nvery")
    assert found.raw.wordings["Q1"] == "How likely is it?" and found.raw.wordings["Q2_1_2"] == "Tea - Cold"
    assert "3 header rows" in found.said


def test_two_header_rows_of_qualtrics_legacy_name_its_own_columns_in_the_second(read: Read) -> None:
    text = "\ufeffV1,V8,Q1,\nResponseID,StartDate,How likely?,\nR_1,2026-01-05 10:00:00,9,\n"
    found = read("a.csv", text, reader="qualtrics")
    assert found.rows == [{"ResponseID": "R_1", "StartDate": "2026-01-05 10:00:00", "Q1": "9"}]
    assert found.raw.wordings["Q1"] == "How likely?"


def test_a_file_of_another_tool_is_not_read_as_qualtrics_or_surveymonkey(read: Read) -> None:
    for reader in ("qualtrics", "surveymonkey"):
        with pytest.raises(DataError, match="does not begin as exports of"):
            read("a.csv", "id,score\n1,9\n", reader=reader)


def test_a_plain_file_whose_first_column_is_called_response_id_keeps_its_first_answer(read: Read) -> None:
    with pytest.raises(DataError, match="no ResponseId in its second row"):
        read("a.csv", "ResponseId,score\nR_1,9\nR_2,3\n", reader="qualtrics")


MONKEY = [
    ["Respondent ID", "Start Date", "Which do you use?", "", "", "How likely <b>is</b> it?", "Why?"],
    ["", "", "App", "Web", "Other (please specify)", "Response", "Open-Ended Response"],
    ["11", "01/05/2026 10:00:00", "App", "", "", "9", "fast"],
    ["12", "01/06/2026 10:00:00", "", "Web", "phone", "3", ""],
]
MONKEY_ROW = {
    "Respondent ID": "12",
    "Start Date": "01/06/2026 10:00:00",
    "Which do you use?: App": None,
    "Which do you use?: Web": "Web",
    "Which do you use?: Other (please specify)": "phone",
    "How likely is it?": "3",
    "Why?": None,
}


def test_two_header_rows_of_surveymonkey_name_a_column_per_choice(read: Read) -> None:
    text = "".join(",".join(row) + "\n" for row in MONKEY)
    found = read("a.csv", text, reader="surveymonkey")
    assert len(found.rows) == 2 and found.rows[1] == MONKEY_ROW
    assert found.raw.wordings["Which do you use?: Web"] == "Which do you use?"


def test_surveymonkey_writes_the_same_as_a_spreadsheet(read: Read, tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", {"Sheet": MONKEY})
    assert read("a.xlsx", reader="surveymonkey").rows[1] == MONKEY_ROW


def test_one_header_row_of_surveymonkey_is_one(read: Read) -> None:
    found = read("a.csv", "RespondentID,Gender\n11,Male\n12,\n", reader="surveymonkey")
    assert found.rows == [{"RespondentID": "11", "Gender": "Male"}, {"RespondentID": "12", "Gender": None}]


def test_every_reader_a_source_can_name_opens_something() -> None:
    assert set(READERS) == set(readers.SCANS)


# --- Drift, through publishing -----------------------------------------------------------------------

MAPPED = """select id as response_id, '2026-03-02' as responded_at, 'nps' as metric, score, club
from raw"""


def test_files_of_other_types_under_one_glob_keep_every_value_and_no_bad_one_changes_the_others(
    company: "Company",
) -> None:
    (company.data / "years").mkdir()
    for year, scores in ((2023, pa.array([8, 9], pa.int32())), (2024, pa.array(["8.50", "n/a"]))):
        table = pa.table({"id": [f"{year}a", f"{year}b"], "score": scores})
        pq.write_table(table, company.data / "years" / f"{year}.parquet")
    company.text("years/2025.csv", "id,score,club\n2025a,7.25,gold\n2025b,oops,gold\n")
    company.text("years/2026.json", '[{"score": 6, "id": "2026a"}, {"score": 6.125, "id": "2026b", "club": "new"}]')
    company.source("years", MAPPED, "table: responses\nfiles: years/*\ncolumns: [club]")
    assert company.published("responses", "response_id", "score", "club") == [
        ("2023a", 8, None),
        ("2023b", 9, None),
        ("2024a", 8.5, None),
        ("2025a", 7.25, "gold"),
        ("2026a", 6, None),
        ("2026b", 6.125, "new"),
    ]
    problems = {
        file["file"]: [(one["rule"], one["value"]) for one in file["problems"]] for file in company.current().files
    }
    assert problems == {
        "years/2023.parquet": [],
        "years/2024.parquet": [("not a number", "n/a")],
        "years/2025.csv": [("not a number", "oops")],
        "years/2026.json": [],
    }


def test_what_was_detected_is_in_the_notes_of_the_published_file(company: "Company") -> None:
    company.text("given/a.csv", "id;score;club\n가;9;서울점\n나;3;부산점\n".encode("cp949"))
    company.source("given", MAPPED, "table: responses\nfiles: given/*.csv")
    assert company.published("responses", "response_id", "score", "club") == [("가", 9, "서울점"), ("나", 3, "부산점")]
    assert [file["notes"] for file in company.current().files] == [['Read as encoding cp949, delimiter ";".']]


def test_a_file_that_comes_in_another_encoding_than_declared_is_set_aside_and_harms_no_other(
    company: "Company",
) -> None:
    company.text("given/a.csv", "id,score,club\n1,9,서울\n".encode())
    company.text("given/b.csv", "id,score,club\n2,9,서울\n".encode("cp949"))
    company.source("given", MAPPED, "table: responses\nfiles: given/*.csv\nencoding: utf-8")
    assert company.published("responses", "response_id") == ["1"]
    assert {file["file"]: file["state"] for file in company.current().files} == {
        "given/a.csv": "published",
        "given/b.csv": "refused",
    }


@pytest.mark.parametrize(
    ("header", "line", "word"),
    [
        ("encoding: martian", 3, "no encoding"),
        ("delimiter: ';;'", 3, "more than one sign"),
        ("header_row: 1.5", 3, "number of a row"),
        ("reader: qualtrix", 3, "qualtrics"),
    ],
)
def test_a_wrong_value_of_a_readers_key_is_an_error_with_its_line(header: str, line: int, word: str) -> None:
    with pytest.raises(QueryFileError, match=word) as caught:
        catalog.source("a", f"-- table: responses\n-- files: a/*.csv\n-- {header}\nselect 1 as a from raw\n", "a.sql")
    assert caught.value.line == line


def test_rows_of_a_long_file_keep_their_places(read: Read) -> None:
    """They are written down as they are read, in pieces of 122,880."""
    found = read("long.csv", "place,word\n" + "".join(f"{place},word {place}\n" for place in range(1, 300_001)))
    assert [int(row["place"]) for row in found.rows] == list(range(1, 300_001))
