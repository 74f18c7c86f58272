"""What `cx new` writes works at once; `cx schema` tells what there is; `cx check` runs given rows."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from cx import catalog, reference, scaffold, settings
from cx.__main__ import main
from cx.errors import CxError, QueryError
from cx.settings import PROJECT

if TYPE_CHECKING:
    from conftest import Company

Run = Callable[..., tuple[int, str, str]]


def fill(company: "Company") -> None:
    """Forty answers in two regions and two channels."""
    company.answers(
        [
            {"score": score, "region": region, "channel": channel}
            for region in ("north", "south")
            for channel in ("app", "web")
            for score in (10, 9, 8, 3, 0)
        ]
    )
    company.publish()


@pytest.fixture
def filled(copied: Callable[..., "Company"]) -> "Company":
    return copied("scaffold", fill)


@pytest.fixture
def run(filled: "Company", capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on the company; returns exit code, output and errors."""

    def ran(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--data", str(filled.data)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return ran


def test_a_new_question_is_in_order_and_answers_at_once(filled: "Company", run: Run) -> None:
    assert run("new", "question", "by_place", "--by", "region")[0] == 0
    assert (filled.data / "queries" / "custom" / "by_place.sql").exists()
    assert run("check", "custom/by_place") == (0, "1 file in order, 0 with a problem.\n", "")
    code, out, _ = run("query", "custom/by_place", "--format", "json", "--period", "all_time")
    assert code == 0 and {row["region"] for row in json.loads(out)} == {"north", "south"}


def test_a_new_page_is_a_folder_with_a_page_file_and_a_first_question(filled: "Company", run: Run) -> None:
    assert run("new", "page", "follow_up", "--by", "channel")[0] == 0
    (page,) = catalog.Catalog((filled.data / "queries",)).folders_of_own()
    assert (page.name, page.title["en"], page.problem) == ("follow_up", "Follow up", None)
    assert page.tabs == {"": (("custom/follow_up/by_channel",),)}
    assert run("check", "custom/follow_up/by_channel")[0] == 0


def test_a_new_metric_is_a_metric(filled: "Company", run: Run) -> None:
    assert run("new", "metric", "ease")[0] == 0
    assert "ease" in catalog.Catalog((filled.data / "queries",)).metrics()


def test_a_new_source_publishes_what_it_recognised_and_marks_its_guesses(filled: "Company", run: Run) -> None:
    folder = filled.data / "shop"
    folder.mkdir()
    (folder / "a.csv").write_text(
        "ID,Date,NPS,Verbatim,Member Type\n1,2026-01-05 10:00,9,good,gold\n2,2026-01-06 11:00,3,bad,new\n"
    )
    assert run("new", "source", "shop", str(folder / "a.csv"))[0] == 0
    text = (filled.data / "queries" / "sources" / "shop.sql").read_text()
    assert "'nps' as metric, -- guess" in text and text.count("-- guess") >= 5
    code, out, errors = run("publish")
    assert (code, errors) == (0, "")
    _, out, _ = run("query", "overview/kpi", "--format", "json", "--from", "2026-01-05", "--to", "2026-01-07")
    assert [(row["metric"], row["value"], row["n"]) for row in json.loads(out)] == [("nps", 0, 2)]


def proposed(filled: "Company", run: Run, files: dict[str, str | bytes]) -> tuple[str, str]:
    """The source that is proposed for some files, and what was said about it."""
    folder = filled.data / "given"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    code, out, errors = run("new", "source", "given", *(str(folder / name) for name in sorted(files)))
    assert code == 0, errors
    return (filled.data / "queries" / "sources" / "given.sql").read_text("utf-8"), out


FORMS = """No,Submitted,Recommend,Coffee,Service,Wait,Why,Email
1,03/10/2025 09:12,10,5,4,3,"Best flat white in town, again",a@b.c
2,13/10/2025 17:40,6,3,9,4,"Long queue, nobody at the till",b@b.c
3,14/10/2025 08:05,99,4,5,5,,c@b.c
"""


def test_a_wide_survey_is_turned_long_and_codes_for_no_answer_are_dropped(filled: "Company", run: Run) -> None:
    text, out = proposed(filled, run, {"a.csv": FORMS})
    assert "unpivot forms on nps, coffee, service, wait" in text
    assert "nullif(Recommend, '99')" in text and "99 means no answer" in text
    assert "about persons: Email" in text
    assert "10 of 10 rows would be published" in out and "2025-10-14 08:05" in out
    assert run("publish")[0] == 0
    _, rows, _ = run("query", "overview/kpi", "--format", "json", "--from", "2025-10-01", "--to", "2025-11-01")
    assert {row["metric"]: row["n"] for row in json.loads(rows)} == {"nps": 2, "csat": 8}
    (filled.data / "queries" / "custom").mkdir()
    question = "-- title: A\n-- grain: one row\nselect count(comment) as comments from responses\n"
    (filled.data / "queries" / "custom" / "written.sql").write_text(question)
    _, counted, _ = run("query", "custom/written", "--format", "json", "--from", "2025-10-01", "--to", "2025-11-01")
    assert json.loads(counted) == [{"comments": 2}]


def test_a_korean_file_in_its_own_encoding_is_told_so_in_the_header(filled: "Company", run: Run) -> None:
    survey = "번호;응답일;추천;의견;이메일\n1;2025-01-05;9;직원이 정말 친절해요;a@b\n2;2025-01-06;3;너무 느려서 실망했어요;c@d\n"
    text, out = proposed(filled, run, {"설문.csv": survey.encode("cp949")})
    assert "-- encoding: cp949\n" in text and '-- delimiter: ";"\n' in text
    assert '"번호" as response_id' in text and '"의견" as comment' in text and "이메일" in text.partition("select")[0]
    assert "2 of 2 rows would be published" in out


def test_headers_that_differ_between_files_are_named_and_taken_for_the_same_column(filled: "Company", run: Run) -> None:
    text, out = proposed(
        filled,
        run,
        {
            "2024.csv": "id,Q7_STAFF,NPS,Club\n1,4,9,gold\n2,5,3,gold\n3,4,3,gold\n",
            "2025.csv": "id,Q8A_STAFF,NPS,WAIT\n1,4,10,2\n2,5,4,2\n3,5,4,2\n",
        },
    )
    assert "coalesce(Q7_STAFF, Q8A_STAFF)" in text and "Q8A_STAFF of other files is “Q7_STAFF” of the first" in text
    assert '"Q8A_STAFF"' in text and '"Q7_STAFF"' in text.partition("description")[0]
    assert "by the file's name" in text and "2024-07-01" in out
    assert out.count("3 of 3 rows would be published") == 2


def test_reviews_without_a_brand_take_it_from_what_differs_between_the_files_names(filled: "Company", run: Run) -> None:
    rows = "id,date,rating,text\n1,2025-01-05,5,very good indeed\n2,2025-01-06,1,very bad indeed\n"
    text, out = proposed(filled, run, {"reviews_kakao.csv": rows, "reviews_toss.csv": rows})
    assert "'reviews_([^/]+)\\.csv$'" in text
    assert "kakao | kakao" in out


def test_korean_app_reviews_of_several_brands_are_recognised_by_what_their_headers_end_with(
    filled: "Company", run: Run
) -> None:
    head = "앱 이름,스토어,작성자,별점,리뷰 내용,작성일시,앱 버전,답변\n"
    rows = "새벽,Google Play,가나,5,차트가 편하고 좋아요,2025.01.05 08:30,5.1.2,\n" * 2
    rows += "나무,App Store,다라,1,자꾸 튕기고 느려요,2025.01.06 21:10,5.1.3,죄송합니다\n" * 2
    text, out = proposed(filled, run, {"앱리뷰.csv": (head + rows).encode("cp949")})
    assert "-- table: reviews\n" in text and "-- encoding: cp949\n" in text
    for mapping in (
        'coalesce((try_strptime("작성일시", \'%Y.%m.%d %H:%M\'))::varchar, "작성일시") as reviewed_at',
        '"별점" as rating',
        '"앱 이름" as brand',
        '"스토어" as source',
        '"앱 버전" as version',
        '"리뷰 내용" as body',
    ):
        assert mapping in text, mapping
    assert "about persons: 작성자" in text
    assert "4 of 4 rows would be published" in out and "새벽 | 새벽 | 나무" in out


def test_a_score_beside_columns_that_only_reviews_have_is_their_stars(filled: "Company", run: Run) -> None:
    head = "reviewId,userName,content,score,thumbsUpCount,reviewCreatedVersion,at,repliedAt,appVersion\n"
    rows = "".join(
        f"r{n},Kim,too slow and it crashes,{1 + n % 5},0,5.1.2,2026-01-05 08:30:00,,5.1.2\n" for n in range(6)
    )
    text, out = proposed(filled, run, {"reviews.csv": head + rows})
    assert "-- table: reviews\n" in text and "score as rating" in text and "appVersion as version" in text
    assert "about persons: userName" in text and "6 of 6 rows would be published" in out


def test_yes_or_no_beside_stars_is_no_survey(filled: "Company", run: Run) -> None:
    head = "airline_name,author,author_country,date,content,overall_rating,recommended\n"
    rows = "".join(f"park-air,Kim,Korea,2015-0{n}-11,the seats are quite hard,{n},{n % 2}\n" for n in range(1, 9))
    text, _ = proposed(filled, run, {"seats.csv": head + rows})
    assert "-- table: reviews\n" in text and "overall_rating as rating" in text
    assert "author_country as country" in text and "about persons: author." in text


def test_steps_of_a_shorter_scale_are_no_recommendation_from_0_to_10(filled: "Company", run: Run) -> None:
    rows = "".join(f"{n},2026-01-0{n},{1 + n % 5}\n" for n in range(1, 10))
    text, _ = proposed(filled, run, {"조사.csv": "번호,응답일,추천의향\n" + rows})
    assert "'nps' as metric" not in text


def test_headers_of_another_language_keyboard_and_year_are_one_column(filled: "Company", run: Run) -> None:
    first = "Data da compra;Loja;Satisfação geral (1-5);Recomendaria? (0-10);Comentário\n"
    first += "25/01/2025;Belém;5;10;ótimo\n26/01/2025;Belém;4;9;\n27/01/2025;Belém;1;0;\n28/01/2025;Belém;3;5;\n"
    second = "Data;Loja;Satisfacao geral (1-5);Recomendaria (0-10);Comentario\n"
    second += "25/01/2026;Belém;2;3;\n26/01/2026;Belém;4;8;péssimo\n27/01/2026;Belém;5;10;\n28/01/2026;Belém;1;0;\n"
    text, out = proposed(filled, run, {"2025.csv": first.encode("latin-1"), "2026.csv": second.encode("latin-1")})
    assert "unpivot forms on nps, csat" in text
    assert 'coalesce("Data da compra", Data)' in text and 'coalesce("Comentário", Comentario) as comment' in text
    assert out.count("8 of 8 rows would be published") == 2


FRENCH = """N° réponse;Date de réponse;Magasin;Région;Recommandation (0-10);Satisfaction;Commentaire
1;03/11/2025;Lyon;Sud;9;4,5;Très bon accueil au magasin
2;13/11/2025;Lyon;Sud;3;3,0;Trop d'attente à la caisse
3;14/11/2025;Lille;Nord;10;5,0;
4;15/11/2025;Lille;Nord;7;2,5;Rien à dire
"""


def test_headers_and_decimal_commas_of_a_retail_survey_are_read_in_five_languages(filled: "Company", run: Run) -> None:
    heads = {
        "es": "Nº respuesta;Fecha;Tienda;Región;Recomendación (0-10);Satisfacción;Comentario",
        "de": "Antwort-Nr.;Datum;Filiale;Region;Weiterempfehlung (0-10);Zufriedenheit;Kommentar",
        "it": "ID risposta;Data;Negozio;Regione;Raccomandazione (0-10);Soddisfazione;Commento",
        "pt": "ID resposta;Data;Loja;Região;Recomendação (0-10);Satisfação;Comentário",
    }
    rows = FRENCH.partition("\n")[2]
    for language, text in (("fr", FRENCH), *((key, f"{head}\n{rows}") for key, head in heads.items())):
        proposal, seen = scaffold.proposed("shop", {"a.csv": text.encode("latin-1")}, known(filled))
        for role in ("response_id", "responded_at", "unit_id", "nps", "csat", "comment", "region"):
            assert f" as {role}" in proposal, (language, role)
        assert "filename ||" not in proposal, language
        assert [file.kept for file in seen.files] == [8], language
        assert "replace(" in proposal and "no answer" not in proposal, language


def test_headers_that_mean_the_same_in_another_year_are_one_column(filled: "Company", run: Run) -> None:
    first = "ID réponse;Date;Magasin;Recommanderiez-vous ? (0-10);Satisfaction globale;Verbatim\n"
    first += "91;03.11.2024;Lyon;9;4;Très bon accueil au magasin\n92;13.11.2024;Lyon;3;3;Trop d'attente\n"
    first += "93;14.11.2024;Lille;10;5;\n"
    text, out = proposed(filled, run, {"2024.csv": first.encode("latin-1"), "2025.csv": FRENCH.encode("latin-1")})
    for pair in (
        'coalesce("ID réponse", "N° réponse") as response_id',
        "coalesce(Verbatim, Commentaire) as comment",
        "replace(coalesce(\"Satisfaction globale\", Satisfaction), ',', '.')",
        'coalesce("Recommanderiez-vous ? (0-10)", "Recommandation (0-10)")',
    ):
        assert pair in text, pair
    assert "6 of 6 rows would be published" in out and "8 of 8 rows would be published" in out


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    """A spreadsheet of some sheets."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return stream.getvalue()


def quarter(month: int) -> list[list[Any]]:
    """Nine answers of a month, under their header."""
    return [["No", "Date", "NPS"], *([10 * month + n, f"2025-{month:02}-0{n}", n] for n in range(1, 10))]


def test_sheets_of_one_header_are_read_as_one_and_the_others_are_named(filled: "Company", run: Run) -> None:
    sheets = {"표지": [["만족도 조사"]], "2025년 1분기": quarter(1), "2025년 2분기": quarter(4)}
    text, out = proposed(filled, run, {"a.xlsx": workbook(sheets)})
    assert '-- sheet: "*년 *분기"\n' in text and "18 of 18 rows would be published" in out
    assert "the sheets “2025년 1분기”, “2025년 2분기” have the same header" in text
    assert "not read, as their header is another: “표지”" in text


def test_where_all_sheets_have_one_header_the_pattern_is_for_any(filled: "Company", run: Run) -> None:
    text, out = proposed(filled, run, {"a.xlsx": workbook({"North": quarter(1), "South": quarter(2)})})
    assert '-- sheet: "*"\n' in text and "18 of 18 rows would be published" in out


def test_the_only_sheet_that_fits_is_named_beside_those_that_are_not_read(filled: "Company", run: Run) -> None:
    text, out = proposed(filled, run, {"a.xlsx": workbook({"Notes": [["by hand"]], "Answers": quarter(1)})})
    assert '-- sheet: "Answers"\n' in text and "9 of 9 rows would be published" in out
    assert "only the sheet “Answers” is read; not read, as their header is another: “Notes”" in text


def test_what_merged_cells_left_empty_is_filled_down_and_said_so(filled: "Company", run: Run) -> None:
    rows = [
        [("Seoul", "Busan", "Daegu")[n // 4] if n % 4 == 0 else "", n, f"2025-10-{n + 1:02}", n % 11] for n in range(12)
    ]
    text, out = proposed(filled, run, {"a.xlsx": workbook({"Answers": [["City", "No", "Date", "NPS"], *rows]})})
    assert "City is nearly empty: merged cells?" in text and "12 of 12 rows would be published" in out
    assert run("publish")[0] == 0
    (filled.data / "queries" / "custom").mkdir()
    question = "-- title: A\n-- grain: a city\nselect city, count(*) as n from responses group by city order by city\n"
    (filled.data / "queries" / "custom" / "cities.sql").write_text(question)
    _, told, _ = run("query", "custom/cities", "--format", "json", "--from", "2025-10-01", "--to", "2025-11-01")
    assert json.loads(told) == [{"city": city, "n": 4} for city in ("Busan", "Daegu", "Seoul")]


def test_a_column_that_few_answered_is_not_filled_down(filled: "Company", run: Run) -> None:
    rows = [["gold" if n in (0, 1, 5, 6) else "", n, f"2025-10-{n + 1:02}", n % 11] for n in range(12)]
    text, _ = proposed(filled, run, {"a.xlsx": workbook({"Answers": [["Club", "No", "Date", "NPS"], *rows]})})
    assert "merged cells" not in text and "last_value" not in text


def test_a_comment_stands_beside_the_main_metric(filled: "Company", run: Run) -> None:
    rows = "".join(f"{n},2025-10-0{n},{n},{1 + n % 5},{n % 8},the queue was far too long\n" for n in range(1, 10))
    text, _ = proposed(filled, run, {"a.csv": "id,date,recommend,satisfaction,effort,comment\n" + rows})
    assert "order by metric = 'nps' desc, metric)" in text
    assert run("publish")[0] == 0
    (filled.data / "queries" / "custom").mkdir()
    question = "-- title: A\n-- grain: one row\nselect distinct metric from responses where comment is not null\n"
    (filled.data / "queries" / "custom" / "written.sql").write_text(question)
    _, told, _ = run("query", "custom/written", "--format", "json", "--from", "2025-10-01", "--to", "2025-11-01")
    assert json.loads(told) == [{"metric": "nps"}]


def test_decimal_commas_that_only_a_later_file_has_are_read_too(filled: "Company", run: Run) -> None:
    head = "id;date;Satisfaction\n"
    first = head + "".join(f"{n};2025-01-0{n};{1 + n % 5}\n" for n in range(1, 8))
    second = head + "".join(f"{n + 90};2026-01-0{n};{1 + n % 4},5\n" for n in range(1, 8))
    text, out = proposed(filled, run, {"2025.csv": first, "2026.csv": second})
    assert "replace(Satisfaction, ',', '.') as score" in text
    assert out.count("7 of 7 rows would be published") == 2


def test_of_several_columns_of_satisfaction_the_one_about_the_whole_is_the_metric(filled: "Company", run: Run) -> None:
    head = "번호,응답일,직원 만족도,시설 만족도,청결 만족도,전반적 만족도,추천의향(0~10)\n"
    rows = "".join(
        f"{n},2026-01-0{n},{1 + n % 5},{1 + (n + 1) % 5},{5 - n % 4},{1 + n % 5},{n}\n" for n in range(1, 10)
    )
    text, _ = proposed(filled, run, {"조사.csv": head + rows})
    assert '"전반적 만족도" as csat' in text and '"추천의향(0~10)" as nps' in text
    assert text.count("-- guess: a touchpoint") == 3


def test_words_for_the_steps_of_a_scale_become_numbers(filled: "Company", run: Run) -> None:
    text, _ = proposed(filled, run, {"a.csv": "id,date,만족도\n1,2025-01-05,매우 만족\n2,2025-01-06,불만족\n"})
    assert "when '매우 만족' then '5'" in text and "when '불만족' then '2'" in text and "'csat' as metric" in text


def test_each_sheet_that_is_called_after_a_brand_holds_that_brands_reviews(filled: "Company", run: Run) -> None:
    rows = [
        ["작성일", "별점", "리뷰내용"],
        ["2025. 3. 5. 오후 3:04", 5, "좋아요"],
        ["2025. 3. 6. 오전 9:10", 1, "별로예요"],
    ]
    text, out = proposed(filled, run, {"리뷰.xlsx": workbook({"가나몰": rows, "다라몰": rows})})
    assert "sheet as brand, -- guess" in text and "4 of 4 rows would be published" in out
    assert "    sheet, --" not in text
    months, _ = scaffold.proposed("shop", {"리뷰.xlsx": workbook({"1월": rows, "2월": rows})}, known(filled))
    assert "sheet as brand" not in months


def test_the_files_of_one_brand_in_several_months_are_one_brands(filled: "Company", run: Run) -> None:
    rows = "id,date,rating,text\n1,2025-01-05,5,very good indeed\n2,2025-01-06,1,very bad indeed\n"
    files = {f"{brand}_2025-0{month}.csv": rows for brand in ("나라몰", "가나") for month in (4, 5)}
    text, out = proposed(filled, run, files)
    assert "regexp_replace(filename" in text and "  brand        가나 | 가나" in out


def test_a_single_file_called_after_another_brand_is_not_taken_for_our_own(filled: "Company", run: Run) -> None:
    rows = "id,date,rating,text\n1,2025-01-05,5,very good indeed\n2,2025-01-06,1,very bad indeed\n"
    text, _ = proposed(filled, run, {"한빛증권 앱 리뷰 2025 상반기.csv": rows})
    assert "then '한빛증권' end as brand" in text
    plain, _ = scaffold.proposed("shop", {"google_play_reviews.csv": rows.encode()}, known(filled))
    assert "google" not in plain.partition("as brand")[0].rpartition("\n")[2]


def test_times_that_count_from_1970_are_instants_and_numbers_of_that_size_are_none(filled: "Company", run: Run) -> None:
    rows = "".join(
        json.dumps({"id": f"a{n}", "created_at": 1_767_225_600_000 + n * 3_600_000, "no": 1_767_225_600_000, "nps": n})
        + "\n"
        for n in range(9)
    )
    text, out = proposed(filled, run, {"a.jsonl": rows})
    assert "to_timestamp(try_cast(created_at as double) / 1000))::varchar, created_at) as responded_at" in text
    assert "2026-01-01" in out and "-- zone" not in text and "counts milliseconds since 1970" in text
    given = b"id,answered_at,nps\n1,1767225600,9\n2,1767229200,3\n"
    seconds, seen = scaffold.proposed("shop", {"b.csv": given}, known(filled))
    assert "to_timestamp(try_cast(answered_at as double)))::varchar, answered_at) as responded_at" in seconds
    assert [row[seen.columns.index("responded_at")].timestamp() for row in seen.rows] == [1_767_225_600, 1_767_229_200]


def test_days_that_a_spreadsheet_counts_are_days_beside_those_it_writes(filled: "Company", run: Run) -> None:
    rows = [["번호", "응답일", "추천"], [1, 45_667, 9], [2, "2025-01-11", 3], [3, 45_669, 10]]
    _, out = proposed(filled, run, {"조사.xlsx": workbook({"a": rows})})
    assert "2025-01-10" in out and "2025-01-11" in out and "2025-01-12" in out and "3 of 3 rows" in out


def test_a_last_row_that_sums_up_the_others_is_no_answer(filled: "Company", run: Run) -> None:
    rows = "번호,응답일,NPS\n1,2025-01-05,9\n2,2025-01-06,3\n합 계,2025-01-06,12\n"
    text, out = proposed(filled, run, {"조사.csv": rows})
    assert "where coalesce(\"번호\", '') not in ('합 계')" in text and "2 of 2 rows would be published" in out


@pytest.mark.parametrize(
    ("written", "amounts"),
    [
        (("1,234.50", "980", "12,000"), "1234.5 | 980 | 12000"),
        (("1.234,50", "980", "12.000"), "1234.5 | 980 | 12000"),
        (("1.234", "980", "12.000"), "1234 | 980 | 12000"),
        (("₩1,234", "₩980", "₩12,000"), "1234 | 980 | 12000"),
        (("1.25", "980", "12.5"), "1.25 | 980 | 12.5"),
        (("0,873", "1,234", "1,500"), "0.873 | 1.234 | 1.5"),
    ],
)
def test_thousands_are_told_from_decimals(
    filled: "Company", run: Run, written: tuple[str, str, str], amounts: str
) -> None:
    rows = "".join(f"O{n};C{n};2025-01-05;{amount}\n" for n, amount in enumerate(written))
    text, out = proposed(filled, run, {"orders.csv": "order_no;customer;order_date;amount\n" + rows})
    assert "table: events" in text and amounts in out


def test_percent_cells_in_five_steps_are_a_scale_and_other_parts_of_a_whole_no_answer(
    filled: "Company", run: Run
) -> None:
    head = "id,date,satisfaction,comment\n"
    steps = "".join(f"{n},2025-01-0{1 + n},{n / 4},fine\n" for n in range(5))
    text, out = proposed(filled, run, {"a.csv": head + steps})
    assert "coalesce((1 + 4 * try_cast(satisfaction as double))::varchar, satisfaction) as score" in text
    assert "'csat' as metric" in text
    assert "1 | 2 | 3 | 4 | 5" in out
    other = head + "1,2025-01-01,0.87,fine\n2,2025-01-02,0.91,well\n"
    means, _ = scaffold.proposed("shop", {"b.csv": other.encode()}, known(filled))
    assert "Left out, because parts of a whole" in means and "as score" not in means


def test_ratings_of_several_things_side_by_side_are_touchpoints_where_none_is_the_whole(
    filled: "Company", run: Run
) -> None:
    head = "번호,응답일,직원 만족도,시설 만족도,청결 만족도\n"
    rows = "".join(f"{n},2026-01-0{n},{1 + n % 5},{1 + (n + 1) % 5},{5 - n % 4}\n" for n in range(1, 10))
    text, _ = proposed(filled, run, {"조사.csv": head + rows})
    assert text.count("-- guess: a touchpoint") == 3 and "as csat" not in text


def test_a_renamed_identifier_weight_and_language_are_one_column(filled: "Company", run: Run) -> None:
    first = "Lfd. Nr.;Datum;Gesamtzufriedenheit;Sprache;Gewichtung\n1;03.11.2024;4;de;0,873\n2;04.11.2024;3;fr;1,204\n"
    later = "id réponse;Date de l'enquête;Satisfaction générale;Langue;Pondération\n1001;03.11.2025;5;de;1,100\n"
    later += "1002;04.11.2025;2;fr;0,950\n"
    text, out = proposed(filled, run, {"2024.csv": first.encode("latin-1"), "2025.csv": later.encode("latin-1")})
    assert 'coalesce("Lfd. Nr.", "id réponse") as response_id' in text
    assert "replace(coalesce(Gewichtung, \"Pondération\"), ',', '.') as weight" in text
    assert "coalesce(Sprache, Langue) as language" in text and "1.1 | 0.95" in out.replace(
        "0.873 | 1.204", "1.1 | 0.95"
    )
    assert out.count("2 of 2 rows would be published") == 2


def test_rows_of_files_that_lack_the_identifier_are_numbered_and_not_set_aside(filled: "Company", run: Run) -> None:
    first = "date,nps,answer_id\n2025-01-05,9,a1\n2025-01-06,3,a2\n"
    text, out = proposed(filled, run, {"a.csv": first, "b.csv": "date,nps\n2025-02-05,9\n2025-02-06,9\n"})
    assert "coalesce(answer_id, filename || '-' || row_number) as response_id" in text
    assert out.count("2 of 2 rows would be published") == 2


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (("★★★★☆", "★☆☆☆☆", "★★★★★"), "4 | 1 | 5"),
        (("4점", "1점", "5점"), "4 | 1 | 5"),
        (("4/5", "1/5", "5/5"), "4 | 1 | 5"),
        (("4 - good", "1 - awful", "5 - great"), "4 | 1 | 5"),
    ],
)
def test_stars_that_are_drawn_or_said_are_numbers(
    filled: "Company", run: Run, written: tuple[str, str, str], read: str
) -> None:
    days = ("2025-01-05 (일) 09:30", "2025-01-06 (월) 10:00", "2025-01-07 (화) 11:00")
    rows = "".join(f"{day},{stars},배송이 늦고 포장도 별로예요\n" for day, stars in zip(days, written, strict=True))
    text, out = proposed(filled, run, {"후기.csv": "날짜,평점,후기\n" + rows})
    assert "-- table: reviews\n" in text and f"  rating       {read}" in out
    assert "2025-01-05 09:30 | 2025-01-06 10:00 | 2025-01-07 11:00" in out


@pytest.mark.parametrize(
    ("written", "day"),
    [("20250313", "2025-03-13"), ("3/13/25 2:05 PM", "2025-03-13 14:05"), ("Mar 13, 2025", "2025-03-13")],
)
def test_further_spellings_of_times_are_read(filled: "Company", run: Run, written: str, day: str) -> None:
    _, out = proposed(filled, run, {"a.csv": f'id,submitted,nps\n1,"{written}",9\n2,"{written}",3\n'})
    assert day in out and "2 of 2 rows would be published" in out


def test_times_that_nothing_reads_are_named_beside_the_day_that_stands_for_them(filled: "Company", run: Run) -> None:
    text, _ = proposed(filled, run, {"a.csv": "id,submitted,nps\n1,last Monday,9\n2,on Friday,3\n"})
    assert "as nothing here reads the times of submitted: mend it" in text


def test_no_answer_among_words_for_a_scale_is_left_out(filled: "Company", run: Run) -> None:
    rows = "1,2025-01-05,9,Very satisfied\n2,2025-01-06,3,N/A\n3,2025-01-07,10,Dissatisfied\n"
    text, out = proposed(filled, run, {"a.csv": "id,date,nps,satisfaction\n" + rows})
    assert "when 'very satisfied' then '5'" in text and "as csat" in text and "5 of 5 rows would be published" in out


def test_a_satisfaction_of_1_to_10_is_no_recommendation(filled: "Company", run: Run) -> None:
    rows = "".join(f"{n},2025-01-{n:02},{n}\n" for n in range(1, 11))
    text, out = proposed(filled, run, {"a.csv": "번호,응답일,만족도(10점)\n" + rows})
    assert "'csat' as metric" in text and "the answers of 1 to 10 brought to 1 to 5" in text
    assert "1 | 1.44444 | 1.88889" in out


def test_order_lines_are_proposed_as_events(filled: "Company", run: Run) -> None:
    lines = (
        "InvoiceNo,InvoiceDate,CustomerID,Quantity,UnitPrice\nA1,2025-01-05,17850,6,2.5\nA2,2025-01-06,17850,-1,2.5\n"
    )
    text, out = proposed(filled, run, {"orders.csv": lines})
    assert "table: events" in text and "Quantity" in text and "purchase | return" in out


def test_native_exports_of_survey_tools_are_recognised(filled: "Company", run: Run) -> None:
    text, out = proposed(
        filled,
        run,
        {
            "q.csv": "EndDate,ResponseId,Status,NPS\nEnd,Response ID,Status,How likely?\n"
            '"{""ImportId"":""endDate""}","{""ImportId"":""_recordId""}","{""ImportId"":""s""}","{""ImportId"":""Q""}"\n'
            "2025-01-05 10:00:00,R_1,0,9\n2025-01-06 10:00:00,R_2,1,10\n"
        },
    )
    assert "-- reader: qualtrics\n" in text and "Survey Preview" in text
    assert "1 of 1 row would be published" in out


def known(filled: "Company") -> scaffold.Known:
    folders = settings.query_folders(filled.data)
    return scaffold.Known(filled.data.resolve(), catalog.Catalog(folders), settings.load(filled.data), None)


@pytest.mark.parametrize("day", ["03/11/2026", "2026.11.03", "2026/11/03", "2026-11-03", "2026-11-03 00:00:00"])
def test_a_date_without_a_time_of_day_stays_that_day_in_every_zone(filled: "Company", run: Run, day: str) -> None:
    text, out = proposed(filled, run, {"a.csv": f"id,Date,NPS\n1,{day},9\n2,{day.replace('03', '13')},3\n"})
    assert "-- zone:" not in text and "each date is that day in the reporting zone" in text
    assert "2 of 2 rows would be published" in out
    (filled.data / "cx.toml").write_text('time_zone = "America/New_York"\n')
    assert run("publish")[0] == 0
    _, rows, _ = run("query", "overview/kpi", "--format", "json", "--from", "2026-11-03", "--to", "2026-11-04")
    assert {row["metric"]: row["n"] for row in json.loads(rows)} == {"nps": 1}


def test_times_of_day_keep_their_zone(filled: "Company", run: Run) -> None:
    text, _ = proposed(filled, run, {"a.csv": "id,Date,NPS\n1,03/11/2026 00:00,9\n2,13/11/2026 09:30,3\n"})
    assert "-- zone: " in text and "::date" not in text


def test_an_uploaded_file_is_looked_at_without_a_trace_and_taken_by_a_click(filled: "Company", run: Run) -> None:
    before = sorted(filled.data.rglob("*"))
    text, seen = scaffold.proposed("shop", {"2025-10.csv": FORMS.encode()}, known(filled))
    assert [file.kept for file in seen.files] == [10] and sorted(filled.data.rglob("*")) == before
    assert "-- files: shop/*.csv\n" in text
    scaffold.taken("shop", text, {"2025-10.csv": FORMS.encode()}, known(filled))
    assert (filled.data / "shop" / "2025-10.csv").read_text() == FORMS
    assert run("publish")[0] == 0
    with pytest.raises(QueryError, match="already"):
        scaffold.taken("shop", text, {"2025-11.csv": FORMS.encode()}, known(filled))


@pytest.mark.parametrize("name", ["../out", "responses", "queries", "a/b", ""])
def test_an_upload_of_a_name_that_leads_elsewhere_is_refused(filled: "Company", name: str) -> None:
    before = sorted(filled.data.rglob("*"))
    text, _ = scaffold.proposed("shop", {"a.csv": FORMS.encode()}, known(filled))
    with pytest.raises(QueryError, match="cannot be the name"):
        scaffold.taken(name, text, {"a.csv": FORMS.encode()}, known(filled))
    assert sorted(filled.data.rglob("*")) == before


@pytest.mark.parametrize("file", ["../../evil.csv", "..\\..\\evil.csv", "/etc/evil.csv"])
def test_an_uploaded_files_name_is_only_the_last_part_of_a_path(filled: "Company", file: str) -> None:
    text, _ = scaffold.proposed("shop", {"evil.csv": FORMS.encode()}, known(filled))
    scaffold.taken("shop", text, {file: FORMS.encode()}, known(filled))
    assert [path.name for path in (filled.data / "shop").iterdir()] == ["evil.csv"]


@pytest.mark.parametrize("file", [".hidden.csv", "_x.csv", "a.exe"])
def test_an_uploaded_file_that_would_never_be_read_is_refused(filled: "Company", file: str) -> None:
    with pytest.raises(CxError):
        scaffold.proposed("shop", {file: FORMS.encode()}, known(filled))


def test_nothing_is_ever_overwritten(filled: "Company", run: Run) -> None:
    run("new", "question", "mine")
    file = filled.data / "queries" / "custom" / "mine.sql"
    file.write_text("precious")
    code, _, errors = run("new", "question", "mine")
    assert code == 1 and "already" in errors and file.read_text() == "precious"


@pytest.mark.parametrize("name", ["../out", "a/b/c", "9lives", "a b", ""])
def test_a_name_that_is_no_name_is_refused(filled: "Company", run: Run, name: str) -> None:
    code, _, errors = run("new", "question", name)
    assert code == 1 and "cannot be the name" in errors
    assert not (filled.data / "queries").exists()


def test_a_file_outside_the_data_folder_is_no_source(filled: "Company", run: Run, tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_text("a,b\n1,2\n")
    code, _, errors = run("new", "source", "mine", str(tmp_path / "outside.csv"))
    assert code == 1 and "no file inside" in errors


def test_the_schema_lists_tables_metrics_and_segments_but_no_single_answer(run: Run) -> None:
    code, out, _ = run("schema", "--json")
    told: dict[str, Any] = json.loads(out)
    assert code == 0
    assert {"scores", "responses", "crossings"} <= set(told["tables"])
    assert told["segments"]["region"] == {"values": 2, "examples": ["north", "south"]}
    assert "nps" in told["metrics"]
    assert told["tables"]["responses"]["response_id"] == "varchar"


def test_the_header_reference_names_every_key(run: Run) -> None:
    _, out, _ = run("schema", "header")
    _, korean, _ = run("schema", "header", "--lang", "ko")
    assert "카드 제목" in korean
    for key in (*reference.QUESTION_KEYS, *reference.CHART_KEYS, *reference.METRIC_KEYS, *reference.PAGE_KEYS):
        assert f"  {key}: " in out


def test_an_unknown_topic_names_the_nearest_table(run: Run) -> None:
    code, _, errors = run("schema", "scors")
    assert code == 1 and "“scores”" in errors


def test_korean_afternoons_are_read_and_a_number_of_visits_tells_rows_apart(filled: "Company", run: Run) -> None:
    rows = [
        f"V{number:04},2026.11.{1 + number:02} {'오전' if number % 2 else '오후'} {2 + number}:15,0{number}0-1,{number % 5 + 1}"
        for number in range(9)
    ]
    text = "\n".join(["방문번호,방문일시,전화번호,만족도", *rows, ""])
    source, _ = proposed(filled, run, {"visits.csv": text.encode("cp949")})
    assert '"방문번호" as response_id' in source
    assert "'%Y.%m.%d %p %I:%M'))::varchar, " in source
    filled.current()
    published = dict(filled.published("responses", "response_id", "responded_at"))
    assert published["V0000"] == datetime(2026, 11, 1, 14, 15, tzinfo=ZoneInfo("Asia/Seoul"))
    assert published["V0001"] == datetime(2026, 11, 2, 3, 15, tzinfo=ZoneInfo("Asia/Seoul"))


def test_check_runs_the_rows_that_a_test_gives(filled: "Company", run: Run) -> None:
    own = filled.data / "queries" / "custom"
    own.mkdir(parents=True)
    text = """-- title: A
-- grain: one row per channel
-- tests:
--   - given: {scores: [{metric: nps, channel: app, x: 1}, {metric: nps, channel: app, x: -1}]}
--     expect: [{channel: app, value: VALUE, n: 2}]
select channel, tally(n, w, w2, wx, wx2) as figure from scores where metric = 'nps' group by channel
"""
    (own / "right.sql").write_text(text.replace("VALUE", "0"))
    (own / "wrong.sql").write_text(text.replace("VALUE", "50"))
    assert run("check", "custom/right")[0] == 0
    code, out, _ = run("check", "custom/wrong", "--json")
    assert code == 1
    assert "a row with channel app, value 50, n 2 was expected" in json.loads(out)["problems"][0]["message"]


def test_check_marks_the_place_of_an_error(filled: "Company", run: Run) -> None:
    own = filled.data / "queries" / "custom"
    own.mkdir(parents=True)
    (own / "bad.sql").write_text("-- title: A\n-- grain: one row\nselect regoin\nfrom responses\n")
    code, out, _ = run("check", "custom/bad")
    assert code == 1 and "    3 | select regoin\n               ^" in out


def test_every_scaffold_is_written_as_the_house_writes_sql(filled: "Company", run: Run) -> None:
    for chart in scaffold.SHAPES:
        assert run("new", "question", f"by_region_{chart}", "--by", "region", "--chart", chart)[0] == 0
    (filled.data / "shop").mkdir()
    (filled.data / "shop" / "a.csv").write_text("ID,Date,NPS,Verbatim,Member Type\n1,2026-01-05 10:00,9,good,gold\n")
    assert run("new", "page", "follow_up")[0] == 0
    assert run("new", "metric", "easy")[0] == 0
    assert run("new", "source", "shop", str(filled.data / "shop" / "a.csv"))[0] == 0
    own = filled.data / "queries"
    assert len(list(own.rglob("*.sql"))) == len(scaffold.SHAPES) + 3
    command = [
        sys.executable,
        "-m",
        "sqlfluff",
        "lint",
        "--disable-progress-bar",
        "--config",
        "pyproject.toml",
        str(own),
    ]
    linted = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout


def test_every_kind_has_a_template() -> None:
    assert scaffold.KINDS == ("question", "metric", "source", "page")


def test_files_of_the_folder_that_were_not_given_are_said_not_to_have_been_looked_at(
    filled: "Company", run: Run
) -> None:
    for month in ("09", "10"):
        filled.text(f"shop/2026-{month}.csv", f"id,day,nps\n1,2026-{month}-05,9\n2,2026-{month}-06,3\n")
    path = str(filled.data / "shop" / "2026-10.csv")
    code, out, _ = run("new", "source", "shop", path)
    assert code == 0 and "1 more file lies beside, such as 2026-09.csv, not looked at" in out
