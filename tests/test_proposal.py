"""Exports as they really come: what a source is proposed for them, and that no row of theirs is lost or counted twice."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from cx import proposal, settings
from cx.__main__ import main
from cx.errors import DataError, QueryError
from cx.proposal import Preview, times

if TYPE_CHECKING:
    from conftest import Company

Look = Callable[[Mapping[str, str | bytes]], tuple[str, Preview]]


@pytest.fixture
def look(company: "Company") -> Look:
    """Writes files into the data folder and returns the source that is proposed for them, and its preview."""

    def looked(files: Mapping[str, str | bytes]) -> tuple[str, Preview]:
        paths = [company.text(name, content) for name, content in sorted(files.items())]
        chosen, metrics = settings.load(company.data), company.catalog.metrics()
        text = proposal.source_text(paths, company.data, chosen, metrics)
        return text, proposal.preview(text, "given", paths, company.data, chosen, metrics)

    return looked


def first(seen: Preview, column: str) -> list[str]:
    """A column of the first rows, times as days."""
    place = seen.columns.index(column)
    return [proposal.short(row[place]).removesuffix(" 00:00") for row in seen.rows]


def kept(seen: Preview) -> int:
    """How many rows of all files would be published."""
    return sum(file.kept for file in seen.files)


def reviews(days: list[str], head: str = "번호,별점,작성일,내용") -> str:
    """Reviews of a crawl, one for each day as it is written."""
    texts = ("배송이 늦어요", "앱이 꺼져요", "정말 편해요")
    rows = [f'{place},{1 + place % 5},"{day}",{texts[place % 3]} {place}' for place, day in enumerate(days, 1)]
    return "\n".join([head, *rows, ""])


# --- times --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", times.SPELLINGS)
def test_no_way_of_writing_times_that_is_known_is_passed_over_by_its_signs(spelling: str) -> None:
    written = datetime(2024, 3, 25, 21, 7, 9).strftime(spelling.removeprefix("요일 ").removeprefix("on "))
    if spelling.startswith("요일 "):
        written = written.replace("25일", "25일 (월)") if "일" in written else written.replace("25", "25 (월)")
    said = f"Reviewed in Korea (South) on {written}" if spelling.startswith("on ") else written
    assert spelling in times._possible([said.lower()])
    assert spelling not in times._possible(["배송이 늦어요", "5", ""])


@pytest.mark.parametrize(
    "written",
    [
        *("24.03.0{}.", "24. 3. {}.", "2024.03.0{}. 14:05", "2024. 3. {} 오후 2:05:09", "24.3.{}.화", "{}-Mar-24"),
        *("March {}, 2024 at 02:05 PM", "Reviewed in the United States on March {}, 2024", "2024년 3월 {}일 14시 5분"),
        *("Rated on a phone on {} March 2024", "0{}/03/24 09:30", "2024년3월{}일"),
        *("0{}/03/2024 14h05", "{} mars 2024 à 14h05", "2024-03-0{} 2:05:00 PM", "2024-03-0{} 14:05 +0900"),
    ],
)
def test_days_are_read_as_shops_and_crawlers_write_them(look: Look, written: str) -> None:
    text, seen = look({"crawl/새벽.csv": reviews([written.format(day) for day in range(5, 9)])})
    assert "mend it" not in text and kept(seen) == 4
    assert [day[:10] for day in first(seen, "reviewed_at")] == [f"2024-03-0{day}" for day in range(5, 9)]


def test_days_that_one_column_spells_in_several_ways_are_all_read(look: Look) -> None:
    days = ["2024. 3. 5.", "24.03.06", "2024년 3월 7일", "2024-03-08", "24.03.09"]
    _, seen = look({"crawl/새벽.csv": reviews(days)})
    assert first(seen, "reviewed_at") == [f"2024-03-0{day}" for day in range(5, 10)]


def test_files_that_are_written_in_several_ways_are_each_detected(look: Look) -> None:
    rows = [f"{number},{1 + number % 5},2024-03-0{number},배송이 늦어요 {number}" for number in range(1, 5)]
    table = "\n".join(["번호,별점,작성일,내용", *rows, ""])
    text, seen = look(
        {"crawl/가.csv": table.encode("cp949"), "crawl/나.csv": table.replace(",", ";").encode("utf-8-sig")}
    )
    assert "encoding not the same in all files" in text and kept(seen) == 8


@pytest.mark.parametrize(
    ("head", "cells", "others", "told"),
    [
        ("date", [f"{n:02}/03/2024" for n in range(1, 29)], [f"03/{n:02}/2025" for n in range(1, 29)], "days"),
        (
            "satisfaction",
            ["1 - very dissatisfied", "3", "5 - very satisfied"],
            ["1 - very satisfied", "3", "5 - very dissatisfied"],
            "steps",
        ),
    ],
)
def test_files_of_which_some_are_the_other_way_round_are_refused(
    look: Look, head: str, cells: Sequence[str], others: Sequence[str], told: str
) -> None:
    def year(cells: Sequence[str]) -> str:
        return "\n".join([f"id,nps,{head}", *(f"{n},{n % 11},{cells[n % len(cells)]}" for n in range(60)), ""])

    with pytest.raises(QueryError, match=f"“{head}” has its {told} the other way round in a/2025.csv"):
        look({"a/2024.csv": year(cells), "a/2025.csv": year(others)})


def test_a_column_with_days_both_ways_round_is_no_time(look: Look) -> None:
    days = [f"{day}/03/2024" for day in range(13, 25)] + [f"03/{day}/2024" for day in range(13, 25)]
    text, _ = look({"crawl/가.csv": reviews([*days, "03/05/2024"])})
    assert "nothing here reads the times of 작성일" in text


def test_days_ago_are_counted_from_the_day_in_the_files_name(look: Look) -> None:
    days = ["3시간 전", "어제", "3일 전", "2주 전", "2024.02.01"]
    text, seen = look({"crawl/새벽_20240310.csv": reviews(days)})
    assert first(seen, "reviewed_at") == ["2024-03-10", "2024-03-09", "2024-03-07", "2024-02-25", "2024-02-01"]
    assert "the day in the file's name" in text


@pytest.mark.parametrize(
    ("name", "day"),
    [("202608", "2026-08-15"), ("20260803", "2026-08-03"), ("2026년 8월", "2026-08-15"), ("2026-08", "2026-08-15")],
)
def test_the_period_in_a_files_name_is_read_however_it_is_written(look: Look, name: str, day: str) -> None:
    rows = "번호,별점,내용\n1,5,배송이 빨라요\n2,1,앱이 꺼져요\n"
    _, seen = look({f"crawl/새벽_{name}.csv": rows})
    assert first(seen, "reviewed_at") == [day, day]


def test_the_day_of_a_download_in_all_names_is_not_that_of_the_answers(look: Look) -> None:
    rows = "id,store,nps\n" + "".join(f"{n},north,{n}\n" for n in range(1, 9))
    _, seen = look({f"survey/{year}_visitors_20250817.csv": rows.replace("north", str(year)) for year in (2010, 2011)})
    assert [file.first for file in seen.files] == ["2010-07-01", "2011-07-01"]


@pytest.mark.parametrize(
    ("days", "zone", "read"),
    [
        ([f"01/{month:02}/2024" for month in range(1, 13)], "Asia/Seoul", "2024-12-01"),
        ([f"01/{month:02}/2024" for month in range(1, 8)], "Asia/Seoul", "2024-01-07"),
        ([f"01/{month:02}/2024" for month in range(1, 8)], "Europe/London", "2024-07-01"),
        ([f"01/{month:02}/2024" for month in range(1, 13)], "America/New_York", "2024-01-12"),
        ([f"05/{day:02}/2024" for day in range(2, 8)], "Europe/London", "2024-05-07"),
    ],
)
def test_days_that_may_be_months_are_a_guess_with_both_readings(
    look: Look, company: "Company", days: list[str], zone: str, read: str
) -> None:
    company.text("cx.toml", f'company = "A"\ntime_zone = "{zone}"\n')
    text, seen = look({"crawl/a.csv": reviews(days)})
    (told,) = [line for line in text.splitlines() if " is read as " in line]
    assert f"{days[-1]} is read as {read}" in told and "comes first, write '%" in told
    assert seen.files[0].last == read and kept(seen) == len(days)


def test_a_day_above_the_twelfth_in_another_column_or_file_says_which_number_is_the_month(look: Look) -> None:
    rows = "".join(f"{n},{n % 5 + 1},0{n}/01/2024,{n + 12}/01/2024,글 {n} 좋아요\n" for n in range(1, 9))
    text, seen = look({"a/a.csv": "id,별점,작성일,답변일,내용\n" + rows})
    assert "01 is read as" not in text and "as 답변일 is written" in text and seen.files[0].last == "2024-01-08"
    every = {"b/1.csv": [f"03/0{n}/2024" for n in range(1, 9)], "b/2.csv": [f"{n}/03/2024" for n in range(13, 19)]}
    text, seen = look({name: reviews(days) for name, days in every.items()})
    assert " is read as " not in text and [file.last for file in seen.files] == ["2024-08-03", "2024-03-18"]


@pytest.mark.parametrize("written", ["0{}/03/2024 14h05", "{} mars 2024 à 14h05", "2024-03-0{} 2:05:00 PM"])
def test_the_time_of_day_is_read_however_it_is_written(look: Look, written: str) -> None:
    text, seen = look({"crawl/새벽.csv": reviews([written.format(day) for day in range(5, 9)])})
    assert "-- zone: Asia/Seoul" in text and first(seen, "reviewed_at")[0].endswith(" 14:05")


def test_microseconds_since_1970_are_a_time(look: Look) -> None:
    text, seen = look(
        {"crawl/새벽.csv": reviews([str(1_709_617_500_000_000 + day) for day in range(4)], "번호,별점,ts,내용")}
    )
    assert "microseconds since 1970" in text and first(seen, "reviewed_at")[0].startswith("2024-03-05")


def test_a_zone_behind_a_month_in_words_is_not_passed_over(look: Look) -> None:
    text, _ = look({"crawl/새벽.csv": reviews([f"{day} Nov 2024 14:05 GMT" for day in range(5, 9)])})
    assert "mend it" in text


def test_a_version_is_no_day(look: Look) -> None:
    head = "reviewId,content,score,reviewCreatedVersion,at\n"
    rows = "".join(f"r{n},it crashes {n},{1 + n % 5},5.1.{n},2026-01-05 08:30:00\n" for n in range(1, 7))
    text, _ = look({"play/toss.csv": head + rows})
    assert "reviewCreatedVersion as version" in text


def test_another_years_spelling_of_days_under_the_same_header_is_read_too(look: Look) -> None:
    rows = {2022: "2022-05-0{}", 2023: "0{}/05/2023", 2024: "2024.05.0{}"}
    files = {
        f"survey/{year}.csv": "id,date,nps\n" + "".join(f"{year}-{n},{day.format(n)},{n}\n" for n in range(1, 9))
        for year, day in rows.items()
    }
    _, seen = look(files)
    assert kept(seen) == 24
    assert [file.first for file in seen.files] == ["2022-05-01", "2023-05-01", "2024-05-01"]


# --- what is no number --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("id,date,csat", "{n},2026-08-{n:02},{score}"),
        ("id,date,satisfaction", "{n},2026-08-{n:02},{ten}"),
        ("id,date,nps,csat", "{n},2026-08-{n:02},{ten},{score}"),
        ("id,date,satisfaction", "{n},2026-08-{n:02},{word}"),
        ("id,date,satisfaction", "{n},2026-08-{n:02},{share}"),
        ("id,date,별점,내용", "{n},2026-08-{n:02},{stars},글 {n} 좋아요"),
        ("id,date,별점,내용", "{n},2026-08-{n:02},{said},글 {n} 좋아요"),
    ],
)
def test_a_later_answer_that_is_no_number_is_set_aside_with_its_value(look: Look, header: str, row: str) -> None:
    words = ("very satisfied", "satisfied", "neutral", "dissatisfied", "very dissatisfied")
    given = [
        {"n": n, "score": n % 5 + 1, "ten": n % 10 + 1, "word": words[n % 5], "share": n % 5 / 4}
        | {"stars": "★" * (n % 5 + 1) + "☆" * (4 - n % 5), "said": f"{n % 5 + 1}점"}
        for n in range(1, 26)
    ]
    later = dict.fromkeys(given[0], "aucun") | {"n": 27, "ten": 10 if "csat" in header else "aucun"}
    files = {
        "crawl/1.csv": "\n".join([header, *(row.format(**one) for one in given), ""]),
        "crawl/2.csv": "\n".join([header, row.format(**{**given[0], "n": 26}), row.format(**later), ""]),
    }
    _, seen = look(files)
    assert seen.files[0].problems == [] and not seen.files[1].reason
    assert [(one["rule"], one["value"], one["rows"]) for one in seen.files[1].problems] == [
        ("not a number", "aucun", 1)
    ]


def test_texts_among_answers_that_the_proposal_saw_are_declared_as_no_answer(look: Look) -> None:
    rows = "".join(f"{n},2026-08-{n % 28 + 1:02},{'n.a.' if n == 7 else n % 5 + 1}\n" for n in range(1, 61))
    text, seen = look({"x/a.csv": "id,date,csat\n" + rows})
    assert "nullif(csat, 'n.a.') as score" in text and "n.a. means no answer" in text and kept(seen) == 59


def test_a_price_that_is_no_number_is_set_aside_with_its_value(look: Look) -> None:
    rows = "".join(f"{n},C{n % 7},2026-08-{n:02} 10:00,{n},2.5\n" for n in range(1, 26))
    _, seen = look(
        {"shop/a.csv": "order,customer_id,date,quantity,price\n" + rows + "26,C1,2026-08-26 10:00,1,gratis\n"}
    )
    (told,) = seen.files[0].problems
    assert (told["column"], told["value"], kept(seen)) == ("amount", "gratis", 25)


# --- brands -------------------------------------------------------------------------------------------------


def test_a_folder_for_each_brand_names_it(look: Look) -> None:
    rows = reviews(["2026-08-05", "2026-08-06"])
    files = {f"crawl/{brand}/2026-0{month}.csv": rows for brand in ("배달의민족", "요기요") for month in (8, 9)}
    text, seen = look(files)
    assert "-- files: crawl/*/*.csv" in text and "by the file's folder" in text
    assert first(seen, "brand") == ["배달의민족", "배달의민족"] and kept(seen) == 8


def test_folders_of_a_warehouses_partitions_are_brands_by_their_values_only(look: Look) -> None:
    rows = reviews(["2026-08-05", "2026-08-06"])
    _, seen = look({f"apps/brand={brand}/dt=2026-08/0.csv": rows for brand in ("토스", "케이뱅크")})
    assert first(seen, "brand") == ["케이뱅크", "케이뱅크"]
    text, _ = look({f"unload/dt=2026-0{month}/0.csv": rows for month in (7, 8)})
    assert "'unload' as brand" in text


def test_folders_beside_others_are_no_source(look: Look, company: "Company") -> None:
    company.text("orders/2026.csv", "a,b\n1,2\n")
    rows = reviews(["2026-08-05", "2026-08-06"])
    with pytest.raises(QueryError, match="finds others too"):
        look({"배달의민족/a.csv": rows, "요기요/a.csv": rows})


def test_brands_that_end_alike_keep_their_whole_names(look: Look) -> None:
    rows = reviews(["2026-08-05", "2026-08-06"])
    _, seen = look({"mts/키움증권_202608.csv": rows, "mts/토스증권_202608.csv": rows})
    assert first(seen, "brand") == ["키움증권", "키움증권"]


@pytest.mark.parametrize(
    "name", ["토스_reviews_20261127", "토스_reviews_2026-12", "2026.12_토스_reviews", "토스_reviews (1)"]
)
def test_a_later_file_with_its_month_or_the_number_of_a_copy_in_its_name_is_of_the_same_brand(
    look: Look, company: "Company", name: str
) -> None:
    rows = reviews(["2026-08-05", "2026-08-06"])
    text, _ = look({"apps/토스_reviews.csv": rows, "apps/케이뱅크_reviews.csv": rows})
    later, metrics = company.text(f"apps/{name}.csv", rows), company.catalog.metrics()
    seen = proposal.preview(text, "given", [later], company.data, settings.load(company.data), metrics)
    assert first(seen, "brand") == ["토스", "토스"]


@pytest.mark.parametrize("own", ["", 'brand = "토스"'])
def test_a_later_file_of_another_brand_is_not_taken_for_the_one_that_the_first_is_called_after(
    look: Look, company: "Company", own: str
) -> None:
    company.text("cx.toml", own)
    rows = reviews(["2026-08-05", "2026-08-06"])
    text, seen = look({"apps/토스_reviews_2026-08.csv": rows})
    assert first(seen, "brand") == ["토스", "토스"]
    later = [company.text(f"apps/{name}_reviews_2026-09.csv", rows) for name in ("토스", "케이뱅크")]
    seen = proposal.preview(text, "given", later, company.data, settings.load(company.data), company.catalog.metrics())
    assert [file.kept for file in seen.files] == [2, 0] and "file's name" in seen.files[1].hint


def test_a_file_whose_name_tells_no_brand_is_set_aside_with_what_to_do(look: Look, company: "Company") -> None:
    rows = reviews(["2026-08-05", "2026-08-06"])
    text, _ = look({"apps/토스_reviews.csv": rows, "apps/케이뱅크_reviews.csv": rows})
    later, metrics = company.text("apps/토스_new.csv", rows), company.catalog.metrics()
    seen = proposal.preview(text, "given", [later], company.data, settings.load(company.data), metrics)
    assert "takes it from the file's name" in seen.files[0].hint


def test_a_name_that_says_only_what_is_in_a_folder_is_no_brand(look: Look) -> None:
    _, seen = look({"reviews_play/toss.csv": reviews(["2026-08-05", "2026-08-06"])})
    assert first(seen, "brand") == ["toss", "toss"]


def test_the_console_of_an_app_shop_names_its_columns_after_reviews(look: Look) -> None:
    head = (
        "Package Name,App Version Name,Reviewer Language,Device,Review Submit Date and Time,"
        "Review Last Update Millis Since Epoch,Star Rating,Review Title,Review Text,Developer Reply Date and Time,Review Link"
    )
    rows = "".join(
        f"com.a.shop,8.12.{n},ko,a52q,2026-08-0{n}T20:00:00Z,178563600{n}000,{n % 5 + 1},,앱이 꺼져요 {n},"
        f"2026-08-0{n}T23:00:00Z,\n"
        for n in range(1, 8)
    )
    text, seen = look({"play/reviews_com.a.shop_202608.csv": f"{head}\n{rows}".encode("utf-16")})
    for mapping in (
        '"Package Name" as brand',
        '"App Version Name" as version',
        '"Reviewer Language" as language',
        '"Review Text" as body',
        '"Developer Reply Date and Time" as replied_at',
    ):
        assert mapping in text, mapping
    assert kept(seen) == 7


def test_a_time_of_reply_is_read_where_words_stand_for_those_to_come(look: Look) -> None:
    head = "리뷰ID,작성일,별점,리뷰 내용,답변일"
    replied = ["2026.10.05", "답변 예정", "2026.10.07", "", "답변 예정", "2026.10.09"]
    rows = "".join(f"r{n},2026.10.0{n},{n % 5 + 1},앱이 꺼져요 {n},{day}\n" for n, day in enumerate(replied, 1))
    text, seen = look({"shop/reviews.csv": f"{head}\n{rows}"})
    assert "as replied_at, -- guess: by how its times are spelled" in text and kept(seen) == 6
    assert first(seen, "replied_at") == ["2026-10-05", "", "2026-10-07", "", ""]
    assert "such as “답변 예정” in row 2" in " ".join(note for file in seen.files for note in file.notes)


@pytest.mark.parametrize("column", ["NPS (0-10)", "추천의향(0~10)"])
def test_a_score_of_which_many_had_none_is_a_score(look: Look, column: str) -> None:
    scores = ["10", "n/a", "9", "7", "N/A", "3", "8", "n/a", "10", "6"]
    rows = "".join(f"r{n},2026-10-{n:02},{score}\n" for n, score in enumerate(scores, 1))
    text, seen = look({"shop/a.csv": f"id,date,{column}\n{rows}"})
    assert "'nps' as metric" in text and "N/A, n/a mean no answer" in text
    assert first(seen, "score") == ["10", "9", "7", "3", "8"]


def test_stars_drawn_said_and_in_digits_of_full_width_are_one_rating(look: Look) -> None:
    stars = ["5점", "4.5점", "3점/5점", "★★☆☆☆", "１", "N/A", "4", "5점", "1점", "２점"]
    rows = "".join(f"{n},2026-10-{n:02},{star},앱이 꺼져요 {n}\n" for n, star in enumerate(stars, 1))
    text, seen = look({"shop/리뷰.csv": f"번호,작성일,별점,내용\n{rows}"})
    assert "table: reviews" in text and kept(seen) == 10
    assert first(seen, "rating") == ["5", "4.5", "3", "2", "1"]


def test_dates_of_a_spreadsheet_beside_its_day_numbers_and_texts_are_one_time(look: Look) -> None:
    days = ["2026-10-01 09:00:00", "2026.10.02 10:30", "46298.5", "2026-10-04", "46300", "2026.10.06 08:00"]
    rows = "".join(f"{n},{day},{n % 5 + 1}\n" for n, day in enumerate(days, 1))
    _, seen = look({"shop/a.csv": f"번호,답변일,만족도\n{rows}"})
    assert [day[:10] for day in first(seen, "responded_at")] == [f"2026-10-0{n}" for n in range(1, 6)]
    assert kept(seen) == 6


def test_sums_between_the_rows_are_left_out_and_an_average_answer_stays(look: Look) -> None:
    rows = "".join(
        f"{shop},C{n},2026-10-{n:02},{n % 5 + 1}\n" + ("소계,,,3.1\n" if n % 4 == 0 else "")
        for n, shop in enumerate(["강남", "강남", "부산", "부산"] * 3, 1)
    )
    text, seen = look({"shop/a.csv": f"지점,고객번호,응답일,만족도\n{rows}총계,,,3.2\n"})
    assert "not in ('소계', '총계')" in text and kept(seen) == 12 and not seen.files[0].problems
    said = "".join(f"{('Good', 'Average', 'Poor')[n % 3]},2026-10-{n:02},{n}\n" for n in range(1, 13))
    text, seen = look({"other/a.csv": f"satisfaction,date,id\n{said}"})
    assert "sum up others" not in text and kept(seen) == 12


def test_columns_under_merged_cells_are_known_by_what_stands_below(look: Look) -> None:
    rows = [
        ["응답자", "", "", "만족도 항목", "", "", "기타의견"],
        ["고객번호", "응답일자", "지점", "직원", "매장", "가격", ""],
    ]
    rows += [
        [f"C{n % 4}", f"2026-10-{n:02}", "강남점", n % 5 + 1, n % 4 + 1, n % 3 + 3, "빨라요"] for n in range(1, 13)
    ]
    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    text, seen = look({"shop/a.xlsx": held.getvalue()})
    assert '"응답자 고객번호" as customer_id' in text and '"응답자 지점" as unit_id' in text and kept(seen) == 36


@pytest.mark.parametrize(
    ("head", "steps"),
    [
        ("Vorgangsnummer;Datum;Zufriedenheit", ["sehr zufrieden", "zufrieden", "teils/teils", "unzufrieden"]),
        ("N° réponse;Date;Satisfaction globale", ["Très satisfait", "Satisfait", "Neutre", "Peu satisfait"]),
        ("Id;Fecha;Satisfacción", ["Muy satisfecho", "Satisfecho", "Neutro", "Insatisfecho"]),
    ],
)
def test_steps_in_words_of_other_languages_are_scores(look: Look, head: str, steps: list[str]) -> None:
    rows = "".join(f"V{n};{n:02}.10.2026;{steps[n % 4]}\n" for n in range(1, 17))
    _, seen = look({"shop/a.csv": f"{head}\n{rows}".encode("latin-1")})
    assert first(seen, "score") == ["4", "3", "2", "5", "4"] and first(seen, "response_id")[0] == "V1"


@pytest.mark.parametrize("called", ["How satisfied are you with: {}", "얼마나 만족하세요? [{}]"])
def test_things_that_one_question_asks_about_are_touchpoints_by_their_own_names(look: Look, called: str) -> None:
    head = ",".join(["id", "date", *(called.format(thing) for thing in ("배송", "Price", "Support desk"))])
    rows = "".join(f"r{n},2026-10-{n:02},{n % 5 + 1},{n % 4 + 1},{n % 3 + 3}\n" for n in range(1, 13))
    text, seen = look({"shop/a.csv": f"{head}\n{rows}"})
    assert {*first(seen, "touchpoint")} == {"배송", "price", "support_desk"} and kept(seen) == 36
    assert text.count("-- guess: a touchpoint") == 3


def test_parquet_within_a_packed_file_is_named_so(look: Look) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("part.parquet", b"PAR1")
    with pytest.raises(DataError, match="It holds Parquet") as caught:
        look({"shop/a.zip": held.getvalue()})
    assert caught.value.file == "shop/a.zip"


def test_a_column_of_the_contract_in_which_nothing_stands_so_far_is_mapped_for_later(
    look: Look, company: "Company"
) -> None:
    head = "Review ID,Date,Rating,Text,Developer Reply Date and Time"
    rows = "".join(f"r{n},2026-08-0{n}T20:00:00Z,{n % 5 + 1},앱이 꺼져요 {n},\n" for n in range(1, 8))
    text, seen = look({"shop/reviews_1.csv": f"{head}\n{rows}"})
    assert '"Developer Reply Date and Time" as replied_at, -- guess: by its name; nothing stands in it so far' in text
    assert kept(seen) == 7
    (company.queries / "sources").mkdir()
    (company.queries / "sources" / "shop.sql").write_text(text, "utf-8")
    later = "z1,2026-08-09T20:00:00Z,1,앱이 꺼져요,2026-08-09T23:00:00Z\n"
    company.text("shop/reviews_2.csv", f"{head}\n{later}")
    assert [when is not None for when in company.published("reviews", "replied_at")].count(True) == 1


# --- names --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Numéro", "N°", "Nº", "Nummer", "Identifiant", "Référence", "#", "연번", "番号", "Číslo", "RESPNUM"]
)
def test_a_number_that_each_row_has_for_itself_tells_rows_apart_in_any_language(look: Look, name: str) -> None:
    rows = "".join(f"{1000 + n},2026-08-{n:02},{n % 5 + 1},글 {n} 좋아요\n" for n in range(1, 13))
    text, seen = look({"x/a.csv": f"{name},작성일,별점,내용\n" + rows})
    assert "it tells rows apart" in text and first(seen, "review_id")[0] == "1001"


@pytest.mark.parametrize("name", ["Numéro de client", "Kundennummer", "Téléphone", "Mitglied-Nr."])
def test_a_number_of_people_tells_no_rows_apart(look: Look, name: str) -> None:
    rows = "".join(f"{1000 + n},2026-08-{n:02},{n % 5 + 1},글 {n} 좋아요\n" for n in range(1, 13))
    text, _ = look({"x/a.csv": f"{name},작성일,별점,내용\n" + rows})
    assert "it tells rows apart" not in text


def test_what_stands_in_brackets_or_before_a_name_does_not_hide_it(look: Look) -> None:
    head = "리뷰ID,증권사,리뷰작성일,평점(5점),리뷰 본문\n"
    rows = "".join(f"{n},키움증권,2026-08-0{n},{n % 5 + 1},느려요 {n}\n" for n in range(1, 8))
    text, _ = look({"mts/a.csv": head + rows})
    assert '"리뷰ID" as review_id' in text and '"평점(5점)" as rating' in text and '"증권사" as brand' in text


def test_a_score_in_a_file_called_after_reviews_is_stars(look: Look) -> None:
    text, _ = look({"x/카카오뱅크_리뷰.csv": reviews(["2026-08-05"] * 5, "NO,점수,등록일,내용")})
    assert "-- table: reviews" in text and '"점수" as rating' in text


def test_fields_inside_the_objects_of_a_document_are_recognised_and_the_companys_words_are_not_the_customers(
    look: Look,
) -> None:
    records = [
        {
            "id": str(number),
            "attributes": {
                "rating": number % 5 + 1,
                "review": f"배송이 늦어요 {number}",
                "date": f"2026-08-0{number}T09:00:00Z",
                "userName": "가나",
                "developerResponse": {"id": number, "body": "죄송합니다", "modified": f"2026-08-0{number}T10:00:00Z"},
            },
        }
        for number in range(1, 8)
    ]
    text, seen = look({"appstore/kakaobank.json": json.dumps({"next": "/", "data": records})})
    assert '"attributes.rating" as rating' in text and '"attributes.review" as body' in text
    assert '"attributes.developerResponse.modified" as replied_at' in text
    assert "attributes.userName" in text.split("about persons:")[1].splitlines()[0]
    assert kept(seen) == 7 and first(seen, "body")[0] == "배송이 늦어요 1"


def test_a_feed_with_its_entries_deep_inside_and_each_value_in_an_object_is_read(look: Look) -> None:
    def page(number: int) -> str:
        entries = [
            {
                "author": {"name": {"label": f"nick{place}"}},
                "updated": {"label": f"2026-08-0{place}T09:00:00-07:00"},
                "im:rating": {"label": str(place % 5 + 1)},
                "id": {"label": f"{number}{place}"},
                "content": {"label": f"느려요 {place}", "attributes": {"type": "text"}},
            }
            for place in range(1, 8)
        ]
        return json.dumps({"feed": {"link": [{"rel": "self"}, {"rel": "next"}], "entry": entries}})

    text, seen = look({"rss/page1.json": page(1), "rss/page2.json": page(2)})
    assert "-- records: feed.entry" in text and '"im:rating.label" as rating' in text
    assert kept(seen) == 14 and first(seen, "brand") == ["rss"] * 5 and "author.name.label" in text.split("persons:")[1]


def test_the_time_within_a_reply_that_is_written_as_an_object_is_when_it_was_answered(look: Look) -> None:
    rows = "".join(
        f"2026-08-0{n} 09:00:00,it is slow {n},{n % 5 + 1},\"{{'id': {n}, 'body': 'sorry', "
        f"'modified': '2026-08-0{n}T10:00:00Z'}}\"\n"
        for n in range(1, 8)
    )
    _, seen = look({"appstore/Acme.csv": "date,review,rating,developerResponse\n" + rows})
    assert sorted(first(seen, "replied_at"))[0] == "2026-08-01 19:00"


def test_a_status_of_orders_tells_what_was_cancelled_and_sent_back(look: Look) -> None:
    states = ("결제완료", "배송완료", "주문취소", "반품완료", "결제완료")
    rows = "".join(f"{n},2026-08-0{n} 10:00,M{n % 3},1,{n}000,{states[n % 5]}\n" for n in range(1, 10))
    text, _ = look({"orders/a.csv": "주문번호,주문일시,회원번호,수량,결제금액,주문상태\n" + rows})
    assert "in ('주문취소') then 'cancellation'" in text and "in ('반품완료') then 'return'" in text


# --- the same row again, and numbers that begin anew -----------------------------------------------------------


def published(
    company: "Company", files: Mapping[str, str], query: str, capsys: pytest.CaptureFixture[str]
) -> list[dict]:
    """What a question answers once files and their proposed source are published."""
    paths = [str(company.text(name, content)) for name, content in files.items()]
    assert main(["new", "source", "given", *paths, "--data", str(company.data)]) == 0
    assert main(["publish", "--data", str(company.data)]) == 0
    capsys.readouterr()
    assert main(["query", query, "--data", str(company.data), "--period", "all_time", "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def crawl(numbers: range, stars: int, *, author: str, named: str) -> str:
    """A month's crawl of the reviews of these numbers, with identifiers where there is a name for them."""
    head = ("reviewId," if named else "") + "userName,content,score,thumbsUpCount,at\n"
    rows = [
        f"{f'{named}{n},' if named else ''}{author}{n},배송이 늦어요 {n},{stars},{n * stars},2026-08-{n:02} 08:30:00"
        for n in numbers
    ]
    return head + "\n".join(rows) + "\n"


@pytest.mark.parametrize("named", [True, False])
def test_a_review_in_the_files_of_two_months_counts_once_and_the_newest_wins(
    company: "Company", capsys: pytest.CaptureFixture[str], named: bool
) -> None:
    files = {
        f"crawl/{brand}_20260{month}.csv": crawl(numbers, stars, author=brand[0], named=brand if named else "")
        for brand in ("배달의민족", "요기요")
        for month, numbers, stars in ((8, range(1, 13), 4), (9, range(7, 19), 2))
    }
    answers = published(company, files, "competitors/rating", capsys)
    assert sorted((row["brand"], row["n"], round(row["value"], 3)) for row in answers) == [
        (brand, 18, round((6 * 4 + 12 * 2) / 18, 3)) for brand in ("배달의민족", "요기요")
    ]


def test_reviews_that_come_again_edited_in_another_month_are_proposed_to_take_the_earlier_ones_place(
    company: "Company", look: Look, capsys: pytest.CaptureFixture[str]
) -> None:
    def scraped(numbers: range, edited: str = "") -> str:
        rows = [
            f"r{n},{4 if n != 10 or not edited else 1},{edited if n == 10 and edited else f'2026-03-{1 + n:02}'} 10:00,"
            f"배송이 정말 늦어요 {n}"
            for n in numbers
        ]
        return "\n".join(["reviewId,score,at,content", *rows, ""])

    files = {"crawl/가_1.csv": scraped(range(20)), "crawl/가_2.csv": scraped(range(8, 28), "2026-04-02")}
    (row,) = published(company, files, "competitors/rating", capsys)
    assert (row["n"], round(row["value"], 3)) == (28, round((27 * 4 + 1) / 28, 3))
    text, _ = look(files)
    assert "-- upsert: true" in text
    text, _ = look({"crawl/가_1.csv": scraped(range(20)), "crawl/가_2.csv": scraped(range(20, 28))})
    assert "upsert" not in text, "nothing there comes again"


def test_a_review_that_a_crawler_came_upon_twice_is_one(look: Look) -> None:
    rows = [f"r{n},{1 + n % 5},2024-03-05 10:{n:02},배송이 늦어요 {n}" for n in [*range(40), 39]]
    text, _ = look({"crawl/가.csv": "\n".join(["reviewId,score,at,content", *rows, ""])})
    assert "reviewId as review_id, -- guess: it tells rows apart; of rows with the same the newest counts" in text
    people = [f"p{n % 5},{n % 11},2024-03-05 10:{n:02},빨라요 {n}" for n in range(40)]
    text, _ = look({"survey/가.csv": "\n".join(["id,nps,date,why", *people, ""])})
    assert "id as response_id" not in text


@pytest.mark.parametrize(
    ("names", "prefix"),
    [(("2024", "2025"), "2024-1"), (("gangnam", "jamsil"), "survey/gangnam.csv-1")],
)
def test_numbers_that_begin_anew_in_each_file_do_not_replace_those_of_another(
    look: Look, names: tuple[str, str], prefix: str
) -> None:
    files = {
        f"survey/{name}.csv": "no,date,store,nps,comment\n"
        + "".join(f"{n},2026-08-{n:02},{name},{(n * step) % 11},said {name} {n}\n" for n in range(1, 13))
        for step, name in enumerate(names, 1)
    }
    text, seen = look(files)
    assert first(seen, "response_id")[0] == prefix and "begin anew in other files" in text


def test_numbers_that_begin_anew_with_each_brand_are_told_apart_by_it(look: Look) -> None:
    files = {
        f"crawl/{brand}_20260{month}.csv": "번호,작성일,별점,내용\n"
        + "".join(f"{n},2026-08-{n:02},{n % 5 + 1},{brand} 후기 {n}\n" for n in numbers)
        for brand in ("배달의민족", "요기요")
        for month, numbers in ((8, range(1, 13)), (9, range(5, 19)))
    }
    text, seen = look(files)
    assert first(seen, "review_id")[0] == "배달의민족-1" and "so the brand stands before them" in text


def test_files_of_the_same_bytes_are_two_brands_where_their_names_say_so(
    company: "Company", capsys: pytest.CaptureFixture[str]
) -> None:
    files = dict.fromkeys(("crawl/새벽.csv", "crawl/나무.csv"), crawl(range(1, 13), 4, author="김", named=""))
    answers = published(company, files, "competitors/rating", capsys)
    assert sorted((row["brand"], row["n"]) for row in answers) == [("나무", 12), ("새벽", 12)]


def test_publishing_says_how_many_rows_came_again(company: "Company", capsys: pytest.CaptureFixture[str]) -> None:
    company.scores(9, 8)
    company.scores(3, file="responses/b.parquet")
    assert main(["publish", "--data", str(company.data)]) == 0
    assert "responses: 2 rows in 1 part" in (told := capsys.readouterr().out)
    assert "1 more that came again and counts once" in told


# --- surveys ------------------------------------------------------------------------------------------------


def test_another_years_longer_scale_is_brought_to_the_metrics_and_said_so(look: Look) -> None:
    files = {
        f"survey/{year}.csv": "id,date,satisfaction\n"
        + "".join(f"{year}-{n},{year}-05-{n:02},{n % (top + 1) or (0 if top == 10 else 1)}\n" for n in range(1, 29))
        for year, top in ((2022, 5), (2023, 10))
    }
    text, seen = look(files)
    assert (
        "when 'survey/2023.csv' then coalesce((1 + 4 * " in text and "scales up to 5 and 10 brought to 1 to 5" in text
    )
    assert kept(seen) == 56


def test_a_shorter_scale_is_no_recommendation_of_0_to_10_and_left_out(look: Look) -> None:
    files = {
        f"survey/{year}.csv": "id,date,nps,csat\n"
        + "".join(f"{year}-{n},{year}-05-{n:02},{n % top + 1 - (top > 9)},{n % 5 + 1}\n" for n in range(1, 29))
        for year, top in ((2022, 5), (2023, 11))
    }
    text, seen = look(files)
    assert "those up to 5 are none of it and left out" in text
    assert [file.kept for file in seen.files] == [28, 56]


def test_ease_in_five_words_is_brought_to_seven_steps_and_words_are_no_recommendation(look: Look) -> None:
    words = ("Very easy", "Easy", "Neither easy nor difficult", "Difficult", "Very difficult")
    rows = "".join(
        f"{n},2026-08-{n:02},{words[n % 5]},{'매우 그렇다' if n % 2 else '그렇다'},{n % 5 + 1}\n" for n in range(1, 21)
    )
    text, _ = look({"survey/a.csv": "id,date,How easy was it?,추천 의향,Satisfaction\n" + rows})
    assert "when 'very easy' then '7'" in text and "when 'easy' then '5.5'" in text and " as ces" in text
    assert " as nps" not in text


def test_what_is_asked_in_another_language_in_other_years_is_named_with_the_remedy(look: Look) -> None:
    heads = {2024: "Friendly staff,Clean rooms,Waiting", 2025: "직원,청결,대기"}
    files = {
        f"survey/{year}.csv": f"id,date,{head}\n"
        + "".join(
            f"{year}-{n},{year}-05-{n:02},{n % 5 + 1},{(n + 1) % 5 + 1},{(n + 2) % 5 + 1}\n" for n in range(1, 21)
        )
        for year, head in heads.items()
    }
    text, _ = look(files)
    assert "only some files rate Friendly staff, Clean rooms, Waiting, and only others 직원, 청결, 대기" in text
    assert 'coalesce("Friendly staff", "직원")' in text


def test_a_question_for_ones_own_words_is_the_comment_and_a_time_never_is(look: Look) -> None:
    rows = "".join(f"2026. 8. {n} 오후 2:05:09,{n % 11},더 빨랐으면 {n}\n" for n in range(1, 13))
    text, _ = look({"forms/a.csv": "타임스탬프,추천하시겠습니까? (0~10점),개선할 점을 자유롭게 적어주세요.\n" + rows})
    assert '"개선할 점을 자유롭게 적어주세요." as comment' in text and "as responded_at" in text


# --- around a table ------------------------------------------------------------------------------------------


def test_a_total_and_notes_below_a_table_are_no_answers_and_hide_no_scale(look: Look, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("9월")
        for place, name in enumerate(("조사일", "지점", "직원", "청결", "대기")):
            sheet.write(0, place, name)
        for row in range(1, 13):
            for place, cell in enumerate(
                (f"2026-09-{row:02}", "강남점", row % 5 + 1, (row + 1) % 5 + 1, (row + 2) % 5 + 1)
            ):
                sheet.write(row, place, cell)
        for place, cell in enumerate(("평균", "", 3.2, 3.1, 2.9)):
            sheet.write(13, place, cell)
        sheet.write(15, 0, "※ 5점 척도")
        sheet.write(16, 0, "※ 무응답 제외")
    text, seen = look({"stores/a.xlsx": path.read_bytes()})
    assert [(file.kept, file.read) for file in seen.files] == [(36, 36)]
    assert "not in ('평균')" in text and text.count("a touchpoint") == 3
    assert any("are notes: 2, such as “※ 5점 척도”" in note for note in seen.files[0].notes)


def test_a_note_at_the_end_of_a_text_file_is_no_row(look: Look) -> None:
    _, seen = look({"x/리뷰.csv": reviews(["2026-08-05"] * 6) + "총 6건\n"})
    assert [(file.kept, file.read) for file in seen.files] == [(6, 6)]


@pytest.mark.parametrize("name", ["a.zip", "a.csv.gz", "a.7z", "a.tar.gz"])
def test_a_packed_file_that_cannot_be_read_is_refused_with_what_to_do(look: Look, name: str) -> None:
    with pytest.raises(DataError, match="packed") as told:
        look({f"x/{name}": b"PK\x03\x04"})
    assert "Unpack it" in told.value.hint


def test_a_source_is_proposed_for_packed_exports_as_for_those_in_them(look: Look) -> None:
    plain = reviews(["2026-08-05", "2026-08-06"])
    bare, _ = look({"crawl/새벽.csv": plain})
    packed, seen = look({"packed/새벽.csv.gz": gzip.compress(plain.encode("cp949"))})
    assert "then '새벽' end as brand" in bare and "then '새벽' end as brand" in packed and kept(seen) == 2
    assert "encoding: cp949" in packed and "files: packed/*.gz" in packed


@pytest.mark.parametrize("written", ["{}월 5일, 2024", "{}월 5일 2024", "5일 {}월 2024"])
def test_days_with_the_year_at_their_end_are_read(look: Look, written: str) -> None:
    text, seen = look({"crawl/a.csv": reviews([written.format(month) for month in (3, 4, 11)])})
    assert "mend it" not in text
    assert [day[:10] for day in first(seen, "reviewed_at")] == ["2024-03-05", "2024-04-05", "2024-11-05"]


def test_orders_alone_are_told_to_lack_answers(company: "Company", capsys: pytest.CaptureFixture[str]) -> None:
    company.write(
        "events/a.parquet",
        [{"event_id": "e", "customer_id": "c", "occurred_at": "2026-03-02T12:00:00+09:00", "kind": "purchase"}],
    )
    assert main(["publish", "--data", str(company.data)]) == 1
    assert "There are rows of events, but none of responses or reviews" in capsys.readouterr().err


def test_texts_that_hold_the_delimiter_without_quotes_are_put_together_and_said(look: Look) -> None:
    rows = "".join(
        f"{n},2026-08-{n:02},{n % 5 + 1},{'배송은 빠른데, 포장이 별로, 다시는 안 삼' if n % 4 == 0 else f'정말 편하고 좋아요 {n}'}\r\n"
        for n in range(1, 21)
    )
    _, seen = look({"crawl/무신사.csv": ("번호,작성일,별점,내용\r\n" + rows).encode("cp949")})
    (file,) = seen.files
    assert (file.kept, file.read) == (20, 20) and first(seen, "body")[3] == "배송은 빠른데, 포장이 별로, 다시는 안 삼"
    assert any("The delimiter stands in “내용” without quotes in 5 rows" in note for note in file.notes)


def test_texts_that_hold_the_delimiter_stay_set_aside_where_the_other_cells_do_not_fit(look: Look) -> None:
    rows = "".join(f"{n},2026-08-{n:02},{n % 5 + 1},정말 편하고 좋아요\n" for n in range(1, 21))
    broken = "21,세 번째, 2026-08-21,4,정말 편하고 좋아요\n"
    _, seen = look({"crawl/무신사.csv": "번호,작성일,별점,내용\n" + rows + broken + "22,2026-08-22,4,끝이에요\n"})
    (file,) = seen.files
    assert (file.kept, file.read) == (21, 22) and file.problems[0]["rule"] == "more cells than columns"


def test_no_stars_of_five_are_no_rating_and_nought_of_ten_is_one(look: Look) -> None:
    def given(top: int) -> str:
        rows = [f"{n},{n % (top + 1)},2025-06-01,very good indeed {n}" for n in range(44)]
        return "\n".join(["id,rating,date,text", *rows, ""])

    text, _ = look({"crawl/a.csv": given(5)})
    assert "0 means no answer" in text and "case when rating not in ('0') then rating end as rating" in text
    text, _ = look({"crawl/a.csv": given(10)})
    assert "no answer" not in text and "10 as rating_max" in text


def test_a_few_ratings_of_ten_among_stars_are_of_ten_and_the_others_of_five(look: Look) -> None:
    stars = ["5"] * 30 + ["4"] * 20 + ["1"] * 48
    rows = [
        f"{place},{star},2026-10-{place % 28 + 1:02},배송이 늦어요 {place}"
        for place, star in enumerate([*stars, "9", "10"])
    ]
    text, seen = look({"crawl/a.csv": "\n".join(["번호,별점,작성일,내용", *rows, ""])})
    assert "> 5 then 10 else 5 end as rating_max" in text and kept(seen) == 100
    every = look(
        {"crawl/a.csv": "\n".join(["번호,별점,작성일,내용", *(row.replace(",5,", ",8,") for row in rows), ""])}
    )
    assert "    10 as rating_max" in every[0]


# --- what an analyst's own files taught ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "read"),
    [
        (["3. März 2025", "14. Dezember 2025 09:05", "28. Mai 2025"], "2025-03-03"),
        (["3 mars 2025", "14 juillet 2025", "1er juin 2025 à 09:05"], "2025-03-03"),
        (["3 de marzo de 2025", "14 de enero del 2025", "28 de agosto de 2025"], "2025-03-03"),
        (["lunedì 3 marzo 2025", "14 luglio 2025", "28 ottobre 2025"], "2025-03-03"),
        (["3 de março de 2025", "14 de fevereiro de 2025", "28 de outubro de 2025"], "2025-03-03"),
    ],
)
def test_days_with_their_month_in_words_are_read_in_any_of_the_languages(
    look: Look, days: list[str], read: str
) -> None:
    rows = "".join(f"{place};{day};{place % 11}\n" for place, day in enumerate(days * 10, 1))
    text, seen = look({"shop/a.csv": f"id;datum;nps\n{rows}"})
    assert kept(seen) == 30, text
    assert read in first(seen, "responded_at")


def test_the_only_time_of_a_file_is_that_of_the_others_whatever_its_name_and_spelling(look: Look) -> None:
    rows = "".join(f"a{place},{place + 12}/05/2024 10:00,{place % 11}\n" for place in range(1, 13))
    later = "".join(f"b{place},2025-05-{place:02}T23:30:00Z,{place % 11}\n" for place in range(1, 13))
    text, seen = look(
        {
            "year/2024.csv": f"응답번호,응답일시,추천의향\n{rows}",
            "year/2025.csv": f"ID,마감 시각,추천 의향(0~10)\n{later}",
        }
    )
    assert kept(seen) == 24, text
    assert "-- guess: 마감 시각 of other files is “응답일시” of the first." in text


def test_a_time_that_names_its_zone_keeps_it_beside_others_that_do_not(look: Look) -> None:
    zoned = [f"2025-05-{day:02}T23:30:00Z" for day in range(13, 25)]
    plain = [f"{day}/05/2025 10:00" for day in range(13, 25)]
    rows = "".join(f"{place},{day},9\n" for place, day in enumerate([*zoned, *plain]))
    text, seen = look({"shop/a.csv": f"id,date,nps\n{rows}"})
    assert kept(seen) == 24
    # In Seoul it is the next day already.
    assert set(first(seen, "day")) <= {f"2025-05-{day}" for day in range(14, 26)}, text


def test_a_satisfaction_in_one_word_with_what_it_is_of_is_no_recommendation(look: Look) -> None:
    rows = "".join(f"{place},2025-05-01,{1 + place % 10}\n" for place in range(40))
    text, _ = look({"shop/a.csv": f"번호,응답일,종합만족도\n{rows}"})
    assert "'csat' as metric" in text and "1 + 4 * " in text


@pytest.mark.parametrize(
    "scores",
    [("good", "bad", "offered", "unoffered"), ("Good with comment", "bad_with_comment", "Offered", "Unoffered")],
)
def test_good_and_bad_of_a_help_desk_are_satisfaction_and_what_was_only_offered_is_none(
    look: Look, scores: tuple[str, ...]
) -> None:
    tickets = [
        {
            "ticket": {
                "id": 900 + place,
                "created_at": f"2025-06-01T10:{place:02}:00+09:00",
                "requester": {"id": f"u{place % 7}"},
                "satisfaction_rating": {"score": scores[place % 4]},
            }
        }
        for place in range(40)
    ]
    text, seen = look({"desk/a.jsonl": "".join(json.dumps(one) + "\n" for one in tickets)})
    assert "'csat' as metric" in text and '"ticket.requester.id" as customer_id' in text
    assert kept(seen) == 20 and {row[seen.columns.index("score")] for row in seen.rows} == {4, 2}


def test_tickets_that_nobody_rated_are_left_out_where_they_are_many_and_set_aside_where_they_are_few(
    look: Look,
) -> None:
    def tickets(rated: int) -> str:
        rows = [f"{n},2025-06-01 10:{n:02},{('good', 'bad')[n % 2] if n < rated else 'offered'}" for n in range(40)]
        return "\n".join(["id,created_at,satisfaction", *rows, ""])

    text, seen = look({"desk/a.csv": tickets(10)})
    assert "where score is not null" in text and not seen.files[0].problems and kept(seen) == 10
    text, seen = look({"desk/a.csv": tickets(36)})
    assert "where" not in text and seen.files[0].problems[0]["rows"] == 4 and kept(seen) == 36


def test_a_warehouse_that_numbers_its_customers_in_folders_of_months_is_read(look: Look) -> None:
    rows = "".join(f"{n},2025-06-{n:02},{n % 11},{n % 5},slow\n" for n in range(1, 29))
    head = "answer_key,answered_ts,nps_score,customer_no,verbatim\n"
    text, _ = look({f"unload/month=2025-0{month}/part-0.csv": head + rows for month in (5, 6)})
    assert 'en: "Answers of unload."' in text and "customer_no as customer_id" in text


def test_whoever_answered_is_the_customer_where_the_answer_has_a_number_of_its_own(look: Look) -> None:
    answers = [
        {"id": f"a{n}", "at": f"2025-06-{n:02}", "score": n % 11, "respondent": {"id": f"u{n % 4}"}}
        for n in range(1, 29)
    ]
    text, _ = look({"api/a.json": json.dumps({"data": answers})})
    assert "id as response_id" in text and '"respondent.id" as customer_id' in text


def test_a_forms_numbers_are_no_part_of_its_questions_and_two_things_rated_are_two_touchpoints(look: Look) -> None:
    """As Google writes the answers to a Korean form."""
    head = [
        "타임스탬프",
        "1. 저희를 추천할 의향이 있으신가요? (0~10)",
        "2. 상품 품질에 만족하십니까?",
        "3. 배송에 만족하십니까?",
        "Q4) 연령대",
        "5. 개인정보 수집 및 이용에 동의하십니까?",
    ]
    steps = ("매우 만족", "만족", "보통", "불만족", "매우 불만족")
    rows = [
        f"2026. 3. {1 + n % 28} 오후 2:05:{n:02},{n % 11},{steps[n % 5]},{steps[n % 3]},{20 + 10 * (n % 3)}대,동의합니다"
        for n in range(44)
    ]
    text, seen = look({"form/응답.csv": "\n".join([",".join(head), *rows, ""])})
    assert kept(seen) == 3 * 44
    assert '"Q4) 연령대" as "연령대"' in text and "동의" not in text.partition("select")[2]
    assert 'as "상품_품질", -- guess: a touchpoint' in text and 'as "배송", -- guess: a touchpoint' in text
    found = zip(first(seen, "metric"), first(seen, "touchpoint"), first(seen, "score"), strict=True)
    assert [*found][:3] == [("nps", "", "0"), ("csat", "상품_품질", "5"), ("csat", "배송", "5")]


def test_where_one_asks_for_the_whole_the_other_alone_is_a_touchpoint(look: Look) -> None:
    rows = [f"2026-03-{1 + n % 28:02},{1 + n % 5},{5 - n % 3}" for n in range(44)]
    _, seen = look({"form/a.csv": "\n".join(["응답일,전반적 만족도,배송 만족도", *rows, ""])})
    assert [*zip(first(seen, "touchpoint"), first(seen, "score"), strict=True)][:2] == [("", "1"), ("배송", "5")]


def test_reviews_that_a_shops_seller_exports_are_of_the_company_and_not_of_the_market(
    look: Look, company: "Company"
) -> None:
    company.text("cx.toml", 'company = "Hanbit"\nbrand = "한빛"\ntime_zone = "Asia/Seoul"\n')
    text, _ = look({"shop/스마트스토어_리뷰_20261120.csv": reviews(["2026-08-05", "2026-08-06"])})
    assert "'한빛' as brand" in text


def test_points_of_a_hundred_are_brought_to_the_metrics_scale_where_the_name_tells_them(look: Look) -> None:
    """As Korean banks ask: 종합만족도(100점). Read as no score, all who left no comment were set aside."""
    points = (20, 40, 60, 80, 100)
    rows = [f"{n:04},2026-03-{1 + n % 28:02},{points[n % 5]},{points[n % 3]},{points[2 + n % 3]},99" for n in range(44)]
    head = "접수번호,응대일자,종합만족도(100점),대기시간 만족도(100점),직원친절도(100점),처리건수"
    text, seen = look({"bank/a.csv": "\n".join([head, *rows, ""])})
    assert kept(seen) == 3 * 44 and "the answers of 0 to 100 brought to 1 to 5" in text
    assert "the figure of csat counts “종합만족도(100점)” and the touchpoints" in text
    found = zip(first(seen, "metric"), first(seen, "touchpoint"), first(seen, "score"), strict=True)
    assert [*found][:3] == [("csat", "", "1.8"), ("csat", "대기시간", "1.8"), ("csat", "직원친절도", "3.4")]


def test_one_question_answered_in_words_beside_a_recommendation_is_a_touchpoint(look: Look) -> None:
    steps = ("매우 좋음", "좋음", "보통", "나쁨")
    rows = [f"{n},2026-03-{1 + n % 28:02} 10:00,{n % 11},{steps[n % 4]}" for n in range(44)]
    _, seen = look({"ms/a.csv": "\n".join(["ID,완료 시간,추천하시겠습니까?,직원 응대는 어떠셨나요?", *rows, ""])})
    found = zip(first(seen, "metric"), first(seen, "touchpoint"), first(seen, "score"), strict=True)
    assert [*found][:2] == [("nps", "", "0"), ("csat", "직원_응대", "5")]


def test_the_zone_that_the_name_of_the_times_tells_is_the_sources(look: Look, company: "Company") -> None:
    company.text("cx.toml", 'company = "A"\ntime_zone = "Asia/Seoul"\n')
    rows = [f"r{n},03/{13 + n}/2026 20:00:00,{1 + n % 5},it came late {n},03/{14 + n}/2026 01:00:00" for n in range(9)]
    head = "Review Id,Created Date (UTC),Review Stars,Review Content,Company Reply Date (UTC)"
    text, seen = look({"trust/a.csv": "\n".join([head, *rows, ""])})
    assert "-- zone: UTC" in text and "-- guess: zone as the name of its times says." in text
    assert first(seen, "reviewed_at")[0] == "2026-03-14 05:00" and first(seen, "replied_at")[0] == "2026-03-14 10:00"
    text, _ = look({"more/a.csv": "\n".join([head.replace("UTC", "UTC+9"), *rows, ""])})
    assert "-- zone: Asia/Seoul" in text


def test_a_segment_whose_values_differ_in_capitals_is_written_in_capitals(look: Look) -> None:
    rows = "".join(f"{n},2025-06-{n:02},{n % 11},{('Gold', 'GOLD', 'gold')[n % 3]}\n" for n in range(1, 29))
    text, seen = look({"a/1.csv": f"번호,응답일,추천,등급\n{rows}"})
    assert 'upper("등급") as "등급"' in text and {*first(seen, "등급")} == {"GOLD"}


def test_a_column_called_as_the_product_calls_its_own_is_a_segment_under_another_name(look: Look) -> None:
    rows = "".join(f"{place},2025-05-01,{place % 11},{('B2B', 'B2C')[place % 2]}\n" for place in range(40))
    text, _ = look({"shop/a.csv": f"id,date,nps,Segment\n{rows}"})
    assert "Segment as segment_name, -- guess: a segment; segment is a name of the product's own" in text


def test_the_question_above_merged_cells_is_not_part_of_each_touchpoint(look: Look) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 1, 0, "응답번호")
        sheet.merge_range(0, 1, 1, 1, "응답일시")
        sheet.merge_range(0, 2, 0, 5, "단계별 만족도 (1~5점)")
        sheet.write_row(1, 2, ["상담", "가격 안내", "배송", "설치"])
        for row in range(2, 42):
            sheet.write_row(row, 0, [f"R{row}", "2025-06-01 10:00", *((row + at) % 5 + 1 for at in range(4))])
    text, seen = look({"survey/a.xlsx": stream.getvalue()})
    assert 'unpivot forms on "상담", "가격_안내", "배송", "설치" into' in text
    assert kept(seen) == 160


def test_the_channel_of_later_files_is_that_of_the_first_though_one_word_longer(look: Look) -> None:
    rows = "".join(f"{place},2025-05-01,{place % 11},{('앱', '전화')[place % 2]}\n" for place in range(40))
    text, _ = look({"a/1.csv": f"번호,응답일,추천,접촉채널\n{rows}", "a/2.csv": f"번호,응답일,추천,채널\n{rows}"})
    assert 'coalesce("접촉채널", "채널") as channel' in text


def test_a_year_whose_columns_stand_in_another_order_is_read_like_the_others(look: Look) -> None:
    rows = [(f"{year}-{n}", "Online", str(n % 11), "slow") for year in (2024, 2025) for n in range(1, 23)]
    first_year = ["RespondentID,Channel,NPS,Why", *(",".join(row) for row in rows[:22])]
    second_year = ["Contact channel,NPS,Why,RespondentID", *(",".join((*row[1:], row[0])) for row in rows[22:])]
    text, seen = look({f"s/{year}.csv": "\n".join(lines) for year, lines in ((2024, first_year), (2025, second_year))})
    assert "reader: csv" in text and 'coalesce(Channel, "Contact channel") as channel' in text
    assert kept(seen) == 44


def test_answers_of_a_year_with_another_scale_have_a_wording_of_their_own(look: Look) -> None:
    def year(top: int) -> str:
        days = [f"2025-{1 + place % 12:02}-01" for place in range(60)]
        rows = "".join(f"{place},{day},{1 + place % top},{place % 11}\n" for place, day in enumerate(days))
        return f"번호,응답일,전반적 만족도,추천의향\n{rows}"

    text, seen = look({"survey/2023.csv": year(10), "survey/2024.csv": year(5), "survey/2025.csv": year(10)})
    assert "case when filename = 'survey/2024.csv' then 'up to 5' else 'up to 10' end as csat_scale" in text
    assert "case metric when 'csat' then csat_scale end as wording_version," in text
    assert kept(seen) == 360
    versions = dict(zip(first(seen, "metric"), first(seen, "wording_version"), strict=True))
    assert versions == {"csat": "up to 10", "nps": ""}


def test_a_lone_score_of_a_year_with_another_scale_has_a_wording_of_its_own(look: Look) -> None:
    def year(top: int) -> str:
        return "번호,응답일,만족도\n" + "".join(f"{place},2025-05-01,{1 + place % top}\n" for place in range(60))

    text, _ = look({"survey/2023.csv": year(10), "survey/2024.csv": year(5)})
    assert "then 'up to 5' else 'up to 10' end as wording_version," in text


@pytest.mark.parametrize(
    ("head", "answers", "metric", "score"),
    [
        ("csat", [*range(1, 11)], "csat", "coalesce((1 + 4 * (try_cast(csat as double) - 1) / 9)::varchar, csat)"),
        ("ces", [*range(1, 6)], "ces", "coalesce((1 + 6 * (try_cast(ces as double) - 1) / 4)::varchar, ces)"),
        ("NPS,추천점수", [*(f"-100,{n}" for n in range(7)), "0,7", "0,8", "100,9", "100,10"], "nps", '"추천점수"'),
    ],
)
def test_answers_beyond_the_scale_of_the_metric_in_a_columns_name_are_no_codes(
    look: Look, head: str, answers: Sequence[object], metric: str, score: str
) -> None:
    rows = [f"{n},2025-06-01,{answers[n % len(answers)]}" for n in range(60)]
    text, _ = look({"a/1.csv": "\n".join([f"id,date,{head}", *rows, ""])})
    assert f"'{metric}' as metric" in text and f"{score} as score" in text


def test_a_recommendation_on_five_steps_is_none_of_0_to_10(look: Look) -> None:
    rows = [f"{n},2025-06-01,{1 + n % 5},{1 + n % 7}" for n in range(60)]
    text, _ = look({"a/1.csv": "\n".join(["id,date,nps,ces", *rows, ""])})
    assert "'ces' as metric" in text


def test_the_best_of_german_school_grades_is_1(look: Look) -> None:
    rows = [f"{n},2025-06-01,{1 + n % 6}" for n in range(60)]
    text, seen = look({"a/1.csv": "\n".join(["id,date,Schulnote", *rows, ""])})
    assert "the answers of 6 to 1 brought to 1 to 5" in text and "no answer" not in text
    assert first(seen, "score") == ["5", "4.2", "3.4", "2.6", "1.8"]


def test_stars_of_a_german_shop_are_ratings_and_its_file_is_called_after_no_brand(look: Look) -> None:
    rows = [f"{n};0{n}.03.2026;4,5;gut und schnell {n}" for n in range(1, 10)]
    text, seen = look({"shop/Bewertungen.csv": "\n".join(["id;Datum;Sterne;Text", *rows, ""])})
    assert "-- table: reviews" in text and "'shop' as brand" in text and first(seen, "rating")[0] == "4.5"


def test_steps_of_ease_with_words_at_both_ends_are_scores(look: Look) -> None:
    steps = ["1 (Very difficult)", *"23456", "7 (Very easy)"]
    rows = [f"{n},2025-06-01,{steps[n % 7]}" for n in range(42)]
    text, seen = look({"a/1.csv": "\n".join(["id,date,ease", *rows, ""])})
    assert "'ces' as metric" in text and first(seen, "score") == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("head", "steps"),
    [
        ("satisfaction", ["1 - Very satisfied", "2 - Satisfied", "3", "4 - Dissatisfied", "5 - Very dissatisfied"]),
        ("만족도(1=매우만족 5=매우불만족)", ["1", "2", "3", "4", "5"]),
        ("만족도", ["1점: 매우 만족", "2점", "3점: 보통", "4점", "5점: 매우 불만족"]),
    ],
)
def test_a_scale_whose_lowest_step_is_the_best_by_its_words_is_turned(look: Look, head: str, steps: list[str]) -> None:
    rows = [f"{n},2025-06-01,{steps[n % 5]}" for n in range(40)]
    text, seen = look({"a/1.csv": "\n".join([f"id,date,{head}", *rows, ""])})
    assert "its steps are turned" in text and first(seen, "score") == ["5", "4", "3", "2", "1"]


@pytest.mark.parametrize("step", ["1 - Very dissatisfied|5 - Very satisfied", "1점: 매우 불만족|5점: 매우 만족", "1|5"])
def test_a_scale_whose_highest_step_is_the_best_stays(look: Look, step: str) -> None:
    low, high = step.split("|")
    rows = [f"{n},2025-06-01,{(low, '3', high)[n % 3]}" for n in range(40)]
    text, seen = look(
        {"a/1.csv": "\n".join(["id,date,satisfaction (1: very dissatisfied ~ 5: very satisfied)", *rows, ""])}
    )
    assert "turned" not in text and first(seen, "score")[:3] == ["1", "3", "5"]


def test_errors_that_a_spreadsheet_wrote_into_a_text_file_are_no_answers(look: Look) -> None:
    rows = "".join(
        f"C{place},2025-07-01,{'#N/A' if place % 6 == 0 else place % 11},{'k. A.' if place % 5 == 0 else 1 + place % 5}\n"
        for place in range(60)
    )
    text, seen = look({"shop/a.csv": f"id,date,nps,csat\n{rows}"})
    assert "nullif(nps, '#N/A') as nps, -- guess: one column per metric; #N/A means no answer" in text
    assert kept(seen) == 98 and not any(file.problems for file in seen.files)


def test_of_an_effort_it_is_said_which_end_is_good(look: Look) -> None:
    rows = "".join(f"{place},2025-07-01,{1 + place % 7},{place % 11}\n" for place in range(40))
    text, _ = look({"shop/a.csv": f'id,date,"Effort (1=very easy, 7=very hard)",nps\n{rows}'})
    assert "the highest has to mean the least effort: write 8 - … where it means the most" in text
    alone, _ = look({"other/a.csv": "id,date,effort\n" + "".join(f"{n},2025-07-01,{1 + n % 7}\n" for n in range(40))})
    assert "the highest has to mean the least effort: write 8 - …" in alone


@pytest.mark.parametrize(
    ("name", "content", "remedy"),
    [
        (
            "a.csv",
            "설문번호,응답일,문항,응답\n"
            + "".join(f"{n},2025-07-01,추천,{n % 11}\n{n},2025-07-01,의견,좋아요\n" for n in range(30)),
            "`case \"문항\" when '의견' then … end as metric`",
        ),
        (
            "a.json",
            json.dumps([{"id": n, "date": "2025-07-01", "answers": [{"number": n % 11}]} for n in range(30)]),
            "They may lie in the list “answers”: write this source by hand, with `unnest(answers) as answer`",
        ),
    ],
)
def test_answers_that_lie_in_rows_or_lists_of_their_own_are_told_with_how_to_take_them_out(
    look: Look, name: str, content: str, remedy: str
) -> None:
    with pytest.raises(QueryError) as caught:
        look({f"survey/{name}": content})
    assert remedy in caught.value.hint


def test_a_log_of_what_customers_did_fills_the_events_with_or_without_money(look: Look) -> None:
    rows = [(f"T{n}", f"{n % 7:08}", f"202510{n:02}0930", ("이체", "출금")[n % 2], f'"{n},000"') for n in range(1, 29)]
    table = "\n".join(["거래번호,고객번호,거래일시,거래유형,거래금액", *map(",".join, rows), ""])
    text, seen = look({"log/a.csv": table})
    assert "-- table: events" in text and '"거래유형" as kind' in text and first(seen, "amount")[:2] == ["1000", "2000"]
    log = [
        {"id": row[0], "user_id": row[1], "ts": 1_700_000_000 + n, "event_name": row[3]} for n, row in enumerate(rows)
    ]
    text, seen = look({"clicks/a.jsonl": "".join(json.dumps(one) + "\n" for one in log)})
    assert "-- table: events" in text and "event_name as kind" in text and kept(seen) == 28


def test_a_list_of_members_fills_the_customers(look: Look) -> None:
    def members(months: range) -> str:
        rows = [
            f"M{month}-{n},2022{month:02}05,{'20240301' if n % 5 == 0 else ''},{('일반', 'VIP')[n % 2]},010-1234-5678"
            for month in months
            for n in range(30)
        ]
        return "\n".join(["회원번호,가입일,탈퇴일,등급,휴대폰", *rows, ""])

    text, seen = look({"crm/1.csv": members(range(1, 4)), "crm/2.csv": members(range(3, 6))})
    assert text.startswith("-- table: customers\n") and '"회원번호" as customer_id' in text
    assert "-- Left out, because about persons: 휴대폰." in text
    assert kept(seen) == 180 and first(seen, "joined_at")[0] == "2022-01-05"
    assert first(seen, "churned_at")[:2] == ["2024-03-01", ""]


def test_a_word_beside_the_steps_of_a_scale_is_set_aside_and_hides_no_answer(look: Look) -> None:
    steps = ("매우만족", "만족", "보통", "불만족", "아직 몰라요")
    rows = "".join(f"{n},2025-07-01,{steps[n % 5 if n % 10 else 0]}\n" for n in range(1, 101))
    text, seen = look({"shop/a.csv": f"번호,응답일,만족도\n{rows}"})
    assert "'csat' as metric" in text
    (file,) = seen.files
    assert [(one["rule"], one["value"]) for one in file.problems] == [("not a number", "아직 몰라요")]
    assert file.kept == 80


@pytest.mark.parametrize("verified", ["구매여부", "구매확정여부"])
def test_what_shops_call_a_verified_purchase_and_the_day_of_their_reply_is_known(look: Look, verified: str) -> None:
    rows = "".join(
        f"{n},{1 + n % 5},2025-07-01 10:00,빨라요 {n},{'YN'[n % 2]},감사합니다,2025-07-02\n" for n in range(30)
    )
    text, _ = look({"shop/A몰.csv": f"상품평번호,평점,등록일시,상세내용,{verified},판매자답변,답변등록일\n{rows}"})
    assert f'"{verified}" as verified' in text and "as replied_at" in text


# --- what daily exports, panels, kiosks and invitations taught -------------------------------------------------


def test_rows_of_overlapping_days_are_known_again_though_a_column_came_later_and_scores_became_decimals(
    look: Look,
) -> None:
    def day(numbers: range, head: str, row: str) -> str:
        rows = [row.format(n=n, day=1 + n // 10, score=n % 11, way=("web", "app")[n % 2]) for n in numbers]
        return "\n".join([head, *rows, ""])

    old, new = "{n},2026-11-{day:02}T09:00:00Z,{score},{way}", "{n},2026-11-{day:02}T09:00:00Z,{score}.0,{way},seoul"
    first_file = day(range(30), "response_id,responded_at,nps_score,channel", old)
    second = day(range(10, 60), "response_id,responded_at,nps_score,channel,area", new)
    third = day(range(40, 80), "response_id,responded_at,recommend_score,channel,area", new)
    text, _ = look({"nps/1.csv": first_file, "nps/2.csv": second, "nps/3.csv": third})
    assert "response_id, -- guess: the same in several files is one row, the newest counts" in text
    assert text.count("recommend_score of other files is") == 1 and "nobody answered" not in text


@pytest.mark.parametrize(
    "earlier",
    ["Check-in", "Date of birth", "Discharge Date", "Survey sent at", "방문일", "Start time"],
)
def test_an_answer_is_of_the_day_on_which_it_was_given_and_not_of_an_earlier_one_beside_it(
    look: Look, earlier: str
) -> None:
    rows = "".join(f"S{n},2001-02-{n:02},{n % 11},2026-03-{n:02} 10:00\n" for n in range(1, 29))
    text, seen = look({"stays/a.csv": f"Stay ID,{earlier},Recommend (0-10),Survey completed\n{rows}"})
    assert first(seen, "responded_at")[0] == "2026-03-01 10:00"
    assert '"Survey completed" as responded_at' in text


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2026년 3월 {}일 오후 3시 5분", "15:05"),
        ("2026년 3월 {}일 오전 12시", "00:00"),
        ("2026년 3월 {}일 9시", "09:00"),
    ],
)
def test_times_of_day_as_korean_says_them_are_read(look: Look, written: str, time: str) -> None:
    rows = "".join(f"{n},{written.format(n)},{n % 11}\n" for n in range(1, 29))
    rows += "29,2026년 3월 29일 오전 11시 59분,5\n" if "5분" in written else ""
    _, seen = look({"form/a.csv": f"번호,응답일시,추천 의향\n{rows}"})
    assert proposal.short(seen.rows[0][seen.columns.index("responded_at")]) in (f"2026-03-01 {time}", "2026-03-01")


def test_the_scale_in_brackets_is_no_part_of_a_touchpoints_name_and_a_guest_is_a_customer(look: Look) -> None:
    rows = "".join(
        f"S{n},G{n % 9},2026-03-{n:02},{n % 11},{1 + n % 5},{1 + n % 4},{2 + n % 4},{name}\n"
        for n, name in zip(range(1, 29), "Kim Lee Park Choi".split() * 7, strict=True)
    )
    head = "Stay ID,Guest ID,Date,Recommend (0-10),Room (1-5),Cleanliness (1-5),Staff (1 to 5),Guest name"
    text, seen = look({"stays/a.csv": f"{head}\n{rows}"})
    assert set(first(seen, "touchpoint")) == {"", "room", "cleanliness", "staff"}
    assert '"Guest ID" as customer_id' in text and "Left out, because about persons: Guest name" in text


def test_steps_in_words_with_two_words_for_no_answer_are_all_read(look: Look) -> None:
    steps = ("매우 만족", "만족", "보통", "불만족", "모름/무응답")
    rows = "".join(f"{n},2025-07-01,{steps[n % 5]}\n" for n in range(1, 101))
    _, seen = look({"shop/a.csv": f"번호,응답일,만족도\n{rows}"})
    assert kept(seen) == 80 and not any("not a number" in one["rule"] for one in seen.files[0].problems)


@pytest.mark.parametrize(
    ("said", "scores"),
    [
        ("😠 🙁 😐 😀 🤩".split(), "1 2 3 4 5".split()),
        (["thumbs_down", "thumbs_up"], ["2", "4"]),
        (["Not Recommended", "Recommended"], ["2", "4"]),
    ],
)
def test_faces_and_thumbs_are_answers_and_no_comments(look: Look, said: list[str], scores: list[str]) -> None:
    rows = "".join(f"{n},2026-03-05,{said[n % len(said)] if n % 3 else ''}\n" for n in range(60))
    text, seen = look({"chat/a.csv": f"session_id,closed,feedback\n{rows}"})
    assert "'csat' as metric" in text and kept(seen) == 40
    assert set(first(seen, "score")) <= set(scores) and len(set(first(seen, "score"))) > 1


@pytest.mark.parametrize("column", ["voted_up", "Was this article helpful?", "추천 여부"])
def test_a_yes_to_a_question_that_judges_is_a_good_answer(
    company: "Company", capsys: pytest.CaptureFixture[str], column: str
) -> None:
    rows = [
        {"recommendationid": str(n), "timestamp_created": 1_770_000_000 + n, "review": f"fun {n}", column: n % 4 > 0}
        for n in range(40)
    ]
    (answer,) = published(company, {"games/a.json": json.dumps({"reviews": rows})}, "overview/kpi", capsys)
    assert (answer["metric"], answer["n"], answer["value"]) == ("csat", 40, 75)


def test_seven_steps_in_words_are_seven(look: Look) -> None:
    agreed = ["Strongly disagree", "Disagree", "Somewhat disagree", "Neither agree nor disagree"]
    agreed += ["Somewhat agree", "Agree", "Strongly agree"]
    rows = "".join(f"{n},2026-03-05,{agreed[n % 7]},{n % 11}\n" for n in range(70))
    text, seen = look({"form/a.csv": f"No,Submitted,They made it easy for me,Recommend\n{rows}"})
    assert "when 'somewhat disagree' then '3'" in text and "when 'agree' then '6'" in text and kept(seen) == 140
    five = [one for one in agreed if one not in ("Disagree", "Agree")]
    rows = "".join(f"{n},2026-03-05,{five[n % 5]}\n" for n in range(70))
    text, _ = look({"form5/a.csv": f"No,Submitted,They made it easy for me\n{rows}"})
    assert "when 'somewhat agree' then '5.5'" in text and "five steps in words brought to 1 to 7" in text


def test_four_faces_without_a_middle_are_two_good_and_two_bad_steps(
    company: "Company", capsys: pytest.CaptureFixture[str]
) -> None:
    pressed = [1 + n % 4 for n in range(160)] + [4] * 40
    rows = "".join(f"2026-03-05 10:{n % 60:02},K{n % 3},{face}\n" for n, face in enumerate(pressed))
    (answer,) = published(company, {"kiosk/a.csv": f"timestamp,device,smiley\n{rows}"}, "overview/kpi", capsys)
    assert (answer["n"], answer["value"]) == (200, 60)


def test_few_answers_without_the_highest_step_are_still_of_five(look: Look) -> None:
    rows = "".join(f"2026-03-05 10:{n:02},K{n % 3},{1 + n % 4}\n" for n in range(60))
    text, _ = look({"kiosk/a.csv": f"timestamp,device,satisfaction\n{rows}"})
    assert "satisfaction as score" in text


def test_what_bookkeepers_write_below_nothing_is_a_number_and_several_currencies_are_none(look: Look) -> None:
    below = ("₩1,000", "(₩2,000)", "-₩3,000", "△4,000", "5,000-", "KRW 6,000")
    rows = [f"T{n},C{n % 9},2026-03-05 10:{n:02},Sale,{'9,000원' if n > 5 else below[n]}" for n in range(40)]
    head = "Transaction ID,Customer ID,Time,Type,Amount\n"
    text, seen = look({"till/a.csv": head + "\n".join(rows).replace("₩1,000", '"₩1,000"').replace(",000", "000")})
    assert "-- table: events" in text and kept(seen) == 40
    assert first(seen, "amount") == ["1000", "-2000", "-3000", "-4000", "-5000"]
    mixed = [row.replace("9,000원", "$90") if n % 2 else row.replace("9,000원", "9000원") for n, row in enumerate(rows)]
    with pytest.raises(QueryError) as caught:
        look({"mixed/a.csv": head + "\n".join(mixed).replace(",000", "000")})
    assert "“Amount” holds money of several currencies" in caught.value.hint


@pytest.mark.parametrize(
    "wave", ["{year}Q{quarter}", "Q{quarter} {year}", "{year}년 {quarter}분기", "{quarter}Q{year}"]
)
def test_waves_called_after_quarters_are_of_their_first_days(look: Look, wave: str) -> None:
    rows = "".join(
        f"R{n},{wave.format(year=year, quarter=quarter)},{n % 11}\n"
        for year in (2025, 2026)
        for quarter in (1, 2, 3)
        for n in range(20)
    )
    _, seen = look({"panel/a.csv": f"respid,wave,nps\n{rows}"})
    assert kept(seen) == 120 and first(seen, "responded_at")[0] == "2025-01-01"


def test_of_the_rows_that_tell_a_customers_tiers_the_latest_counts(
    company: "Company", capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"C{n},2024-01-0{1 + n % 9},Silver,2024-01-01,,부산" for n in range(40)]
    rows += [
        f"C{n},2024-01-0{1 + n % 9},Gold,2025-06-01,{'2025-09-01' if n % 10 == 0 else ''},부산" for n in range(0, 40, 4)
    ]
    path = company.text(
        "crm/a.csv", "customer_no,signup_date,tier,tier_since,withdrawal_date,region\n" + "\n".join(rows[::-1])
    )
    assert main(["new", "source", "given", str(path), "--data", str(company.data)]) == 0
    said = capsys.readouterr().out
    assert "40 of 40 rows would be published" in said
    text = (company.data / "queries/sources/given.sql").read_text()
    assert "a customer has several rows here, of which the one with the latest tier_since counts" in text
    answers = company.text(
        "nps/a.csv", "id,customer_id,date,nps\n" + "\n".join(f"{n},C{n},2026-01-05,9" for n in range(40))
    )
    assert main(["new", "source", "nps", str(answers), "--data", str(company.data)]) == 0
    assert main(["publish", "--data", str(company.data)]) == 0
    capsys.readouterr()
    asked = ["--by", "tier", "--where", "metric=nps", "--period", "all_time", "--format", "json"]
    assert main(["query", "segments/breakdown", *asked, "--data", str(company.data)]) == 0
    assert {row["segment"]: row["n"] for row in json.loads(capsys.readouterr().out)} == {"Silver": 30, "Gold": 10}


@pytest.mark.parametrize("told", ["Response ID", "Responded", "Responded at", "Status"])
def test_an_invitation_counts_once_however_often_it_was_reminded_of(
    company: "Company", capsys: pytest.CaptureFixture[str], told: str
) -> None:
    def row(number: int, reminder: int, came: bool) -> str:
        sent = f"2026-0{3 + reminder}-2{number % 10} 10:00"
        brought = {"Response ID": f"R{number}", "Responded": "Yes", "Responded at": "2026-04-30 11:00"}
        state = "Bounced" if number == 1 else "Responded" if came and told == "Status" else "Delivered"
        return ",".join(
            [
                f"I{number}",
                sent,
                state,
                *([] if told == "Status" else [brought[told] if came else {"Responded": "No"}.get(told, "")]),
            ]
        )

    rows = [
        row(number, reminder, came=number % 4 == 0 and reminder == 1) for number in range(41) for reminder in (0, 1)
    ]
    head = "Invitation ID,Sent at,Status" + ("" if told == "Status" else f",{told}")
    sent = company.text("mails/a.csv", head + "\n" + "\n".join(rows))
    answers = company.text(
        "nps/a.csv", "id,date,nps\n" + "\n".join(f"{n},2026-0{3 + n % 3}-0{1 + n % 9},9" for n in range(40))
    )
    for name, path in (("mails", sent), ("nps", answers)):
        assert main(["new", "source", name, str(path), "--data", str(company.data)]) == 0
    assert main(["publish", "--data", str(company.data)]) == 0
    capsys.readouterr()
    assert main(["query", "overview/kpi", "--period", "all_time", "--format", "json", "--data", str(company.data)]) == 0
    rate = {one["metric"]: one for one in json.loads(capsys.readouterr().out)}["response_rate"]
    assert (rate["n"], rate["value"]) == (40, 27.5)


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("metric", ("NPS", "CSAT", "CES")),
        ("Question type", ("NPS", "CSAT", "CES")),
        ("Metric", ("NPS", "Satisfaction", "Effort")),
    ],
)
def test_rows_that_name_their_metric_in_capitals_or_other_words_are_of_that_metric(
    company: "Company", capsys: pytest.CaptureFixture[str], column: str, names: tuple[str, str, str]
) -> None:
    rows = "".join(
        f"S{n},2026-03-05 10:00,{metric},{score}\n"
        for n in range(20)
        for metric, score in zip(names, (10, 5, 1), strict=True)
    )
    files = {"long/a.csv": f"survey_response_id,answered_at,{column},value\n{rows}"}
    answers = published(company, files, "overview/kpi", capsys)
    assert {one["metric"]: (one["n"], one["value"]) for one in answers} == {
        "nps": (20, 100),
        "csat": (20, 100),
        "ces": (20, 1),
    }
    text = (company.data / "queries/sources/given.sql").read_text()
    assert "survey_response_id as response_id" in text


@pytest.mark.parametrize(
    ("written", "day"), [("2603{:02}", "2026-03-01"), ("2026{:02}", "2026-01-01"), ("201{}11", "2011-11-01")]
)
def test_days_of_six_numbers_are_days_of_a_short_year_or_months(look: Look, written: str, day: str) -> None:
    rows = "".join(f"{n},{written.format(1 + n % 9)},{n % 11}점\n" for n in range(40))
    _, seen = look({"nps/a.tsv": f"순번\t응답일\t추천점수\n{rows}".replace(",", "\t")})
    assert kept(seen) == 40 and first(seen, "responded_at")[0] == day


def test_stars_in_halves_of_a_german_export_are_ratings(look: Look) -> None:
    rows = "".join(
        f"{1 + n % 28}. März 2026;{1 + n % 9 / 2:g};Hotel Adler;Sehr schön {n}\n".replace(".5;", ",5;")
        for n in range(40)
    )
    text, seen = look({"hotel/bewertungen.csv": f"Datum;Bewertung;Hotel;Text\n{rows}"})
    assert "-- table: reviews" in text and first(seen, "rating")[:3] == ["1", "1.5", "2"]
    assert "Hotel as brand" in text


def test_numbers_that_a_spreadsheet_rounded_tell_no_rows_and_no_customers_apart(look: Look) -> None:
    rows = "".join(f"2.02600E+10,{1.77e12 + n * 2e8:.5E},1.01E+10,{n % 11}\n" for n in range(60))
    text, seen = look({"nps/a.csv": f"Response ID,Timestamp,Customer ID,NPS\n{rows}"})
    assert len(set(first(seen, "response_id"))) > 1 and "as customer_id" not in text
    assert "a spreadsheet rounded Response ID to 2.02600E+10, so it tells nothing apart and is left out" in text
    assert "rounded Timestamp" in text and kept(seen) == 60


def test_answers_in_percent_of_five_steps_are_answers(company: "Company", capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"Q{n},2026-03-05,{25 * (n % 5)}%\n" for n in range(100))
    (answer,) = published(company, {"csat/a.csv": f"Ref,Date,CSAT score\n{rows}"}, "overview/kpi", capsys)
    assert (answer["metric"], answer["n"], answer["value"]) == ("csat", 100, 40)


def test_an_effort_of_which_1_is_very_low_is_turned(look: Look) -> None:
    head = 'Case ID,Customer Ref,Closed Date,"How much effort was it? (1=very low effort, 5=very high effort)"'
    rows = "".join(f"Q{n},C{n % 20},2026-03-05 10:00,{1 + n % 5}\n" for n in range(60))
    text, seen = look({"ces/a.csv": f"{head}\n{rows}"})
    assert first(seen, "score")[:2] == ["7", "5.5"] and "by the words 1 is the best" in text
    assert '"Customer Ref" as customer_id' in text


def test_a_panels_short_names_tell_its_metrics_and_its_weights_are_those_of_each_wave(
    company: "Company", capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("2026Q1", 9, 5, "0,5"), ("2026Q1", 0, 1, "1,5"), ("2026Q2", 10, 9, "2,0"), ("2026Q2", 98, 2, "0,25")] * 20
    lines = "".join(f"R{n};{';'.join(map(str, row))}\n" for n, row in enumerate(rows))
    answers = published(
        company, {"panel/a.csv": f"respid;wave;q1_ltr;q2_sat;weight\n{lines}"}, "trends/over_time", capsys
    )
    assert {str(row["period"])[:7]: round(row["value"], 3) for row in answers} == {"2026-01": -50, "2026-04": 100}
    asked = ["query", "overview/kpi", "--data", str(company.data), "--period", "all_time", "--format", "json"]
    assert main(asked) == 0
    found = {one["metric"]: (one["n"], round(one["value"], 3)) for one in json.loads(capsys.readouterr().out)}
    assert found == {"nps": (60, 25), "csat": (60, round(100 * 0.5 / 2.25, 3))}
