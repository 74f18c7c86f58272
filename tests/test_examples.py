"""The examples give the known truths of real data sets, counted here once more without DuckDB where they can be.

The files are not part of the project: CX_SHARED_DATA names the folder that holds `sfo_customer_survey`, `skytrax_reviews`
and the others (../shared/data beside the project where it is not set); without them these tests are skipped.
"""

import csv
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any, cast

import duckdb
import pytest

from cx import settings, snapshot
from cx.__main__ import main
from cx.catalog import Catalog
from cx.contract import TABLES
from cx.engine import Engine
from cx.periods import Period
from cx.reference import SOURCE_KEYS
from cx.scope import Filters

pytestmark = pytest.mark.xdist_group("examples")
"""One process publishes them all: others would only wait for it."""

Rows = list[dict[str, Any]]
Ask = Callable[..., Rows]

PROJECT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("CX_SHARED_DATA") or PROJECT.parent / "shared" / "data")
EXPORTS = {
    "sfo": "sfo_customer_survey",
    "skytrax": "skytrax_reviews",
    "nsmc": "nsmc",
    "online_retail": "online_retail",
    "qualtrics": "native_qualtrics",
    "surveymonkey": "native_surveymonkey",
}
YEARS = range(2010, 2018)

RATINGS = {  # the headers of each year's touchpoint ratings, by their pattern
    2010: r"Q6[A-N]|Q8[A-F]",
    2011: r"Q8[A-N]|Q10[A-F]",
    2012: r"Q8[A-N]_.+|Q10[A-F]_CLN.+",
    2013: r"Q7[A-O]_.+|Q9[A-F]_CLN.+",
    **dict.fromkeys(range(2014, 2018), r"Q7[A-Z]+|Q9(?!COM)[A-Z]+"),
}


def exports(example: str) -> Path:
    folder = SHARED / EXPORTS[example]
    if not folder.is_dir():
        pytest.skip(
            f"the real files of examples/{example} are not here: no folder {folder} (CX_SHARED_DATA names another)"
        )
    return folder


def published(example: str, data: Path) -> None:
    """Publish a copy of the example with its exports (a link to them would be refused)."""
    shutil.copytree(
        PROJECT / "examples" / example, data, ignore=shutil.ignore_patterns(EXPORTS[example], snapshot.FOLDER)
    )
    shutil.copytree(SHARED / EXPORTS[example], data / EXPORTS[example])
    for path in data.joinpath(EXPORTS[example]).rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    data.joinpath(EXPORTS[example]).chmod(0o755)
    assert main(["publish", "--quiet", "--data", str(data)]) == 0


@pytest.fixture(scope="session")
def company_of(once: Callable[[str, Callable[[Path], None]], Path]) -> Callable[[str], Path]:
    """The published data folder of an example, by its name."""

    def found(example: str) -> Path:
        exports(example)
        return once(example, partial(published, example))

    return found


@pytest.fixture(scope="session")
def sfo(company_of: Callable[[str], Path]) -> Path:
    return company_of("sfo")


@pytest.fixture(scope="session")
def skytrax(company_of: Callable[[str], Path]) -> Path:
    return company_of("skytrax")


@pytest.fixture(scope="session")
def nsmc(company_of: Callable[[str], Path]) -> Path:
    return company_of("nsmc")


@pytest.fixture(scope="session")
def online_retail(company_of: Callable[[str], Path]) -> Path:
    return company_of("online_retail")


@pytest.fixture(scope="session")
def qualtrics(company_of: Callable[[str], Path]) -> Path:
    return company_of("qualtrics")


@pytest.fixture(scope="session")
def surveymonkey(company_of: Callable[[str], Path]) -> Path:
    return company_of("surveymonkey")


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Ask one question of a data folder, over all its years where none are named, with `column=value` filters."""
    engines: dict[Path, Engine] = {}

    def ask(
        data: Path, name: str, *where: str, years: tuple[int, int] = (2006, 2018), by: str = "", **params: str
    ) -> Rows:
        engine = engines.setdefault(data, Engine(data, settings.query_folders(data)))
        period = Period(date(years[0], 1, 1), date(years[1], 1, 1))
        chosen = tuple((column, (value,)) for column, _, value in (text.partition("=") for text in where))
        frame = engine.answer(name, Filters(period, where=chosen, by=by), params).frame
        return cast("Rows", frame.to_dict("records"))

    yield ask
    for engine in engines.values():
        engine.close()


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def survey(year: int) -> list[dict[str, str]]:
    return rows(next(exports("sfo").glob(f"{year}_*.csv")))


def ratings(year: int) -> dict[str, Counter[str]]:
    """How often each of 1–5 was given, per rating column of that year."""
    passengers = survey(year)
    columns = [name for name in passengers[0] if re.fullmatch(RATINGS[year], name)]
    return {
        name: Counter(row[name] for row in passengers if row[name] in {"1", "2", "3", "4", "5"}) for name in columns
    }


def top_two(counted: Counter[str]) -> float:
    return 100 * (counted["4"] + counted["5"]) / counted.total()


def reviews(kind: str) -> list[dict[str, str]]:
    return rows(exports("skytrax") / f"{kind}.csv")


def snapshot_of(data: Path) -> snapshot.Snapshot:
    held = snapshot.current(data)
    assert held is not None
    return held


# --- both --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", EXPORTS)
def test_an_example_has_a_readme_settings_and_files_without_problems(example: str) -> None:
    folder = PROJECT / "examples" / example
    assert settings.load(folder).company["en"]
    catalog = Catalog(settings.query_folders(folder))
    own = {
        path.relative_to(folder / "queries").with_suffix("").as_posix() for path in (folder / "queries").rglob("*.sql")
    }
    assert own and own <= set(catalog.entries)
    readme = (folder / "README.md").read_text("utf-8")
    assert "python -m cx publish" in readme and f"{EXPORTS[example]}/" in readme


@pytest.mark.parametrize("example", EXPORTS)
def test_an_example_never_commits_its_exports_or_what_is_published(example: str) -> None:
    ignored = (PROJECT / "examples" / example / ".gitignore").read_text("utf-8").splitlines()
    assert f"{EXPORTS[example]}/" in ignored and f"{snapshot.FOLDER}/" in ignored


@pytest.mark.parametrize("example", EXPORTS)
def test_every_value_an_example_labels_and_every_step_it_names_occurs(
    example: str, request: pytest.FixtureRequest
) -> None:
    data = request.getfixturevalue(example)
    held, declared = snapshot_of(data), settings.load(data)
    for column, values in declared.value_labels.items():
        assert set(values) <= set(held.values[column]), column
    if declared.journey:
        assert {step.touchpoint for step in declared.journey} == set(held.values["touchpoint"])


# --- San Francisco Airport ---------------------------------------------------------------------------


def test_the_nps_of_2017_is_the_published_one(sfo: Path, ask: Ask) -> None:
    (row,) = [row for row in ask(sfo, "overview/kpi", years=(2017, 2018)) if row["metric"] == "nps"]
    assert (round(row["value"], 2), row["n"]) == (39.84, 2746)


def test_the_command_line_prints_the_same_nps_for_2017(sfo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    period = ("--from", "2017-01-01", "--to", "2018-01-01")
    assert (
        main(
            [
                "query",
                "overview/kpi",
                "--data",
                str(sfo),
                *period,
                "--where",
                "metric=nps",
                "--format",
                "json",
            ]
        )
        == 0
    )
    (row,) = json.loads(capsys.readouterr().out)
    assert (round(row["value"], 2), row["n"]) == (39.84, 2746)


def test_the_groups_behind_the_nps_are_promoters_passives_and_detractors_as_counted(sfo: Path, ask: Ask) -> None:
    answers = ask(sfo, "trends/distribution", "metric=nps")
    given = Counter({int(row["score"]): row["answers"] for row in answers})
    groups = (sum(given[s] for s in (9, 10)), sum(given[s] for s in (7, 8)), sum(given[s] for s in range(7)))
    assert groups == (1436, 968, 342)
    expected = Counter(int(row["NETPRO"]) for row in survey(2017) if row["NETPRO"] not in {"", "11"})
    assert given == expected


def test_the_nps_of_every_boarding_area_is_the_published_one(sfo: Path, ask: Ask) -> None:
    found = ask(sfo, "segments/breakdown", "metric=nps", by="boarding_area")
    assert {row["segment"]: round(row["value"], 2) for row in found} == {
        "A": 39.92, "B": 43.37, "C": 46.90, "D": 43.52, "E": 46.86, "F": 38.51, "G": 32.96,
    }  # fmt: skip


def test_every_year_has_as_many_satisfaction_ratings_as_its_file(sfo: Path, ask: Ask) -> None:
    found = ask(sfo, "trends/over_time", "metric=csat", grain="year")
    counted = {year: sum((column.total() for column in ratings(year).values()), 0) for year in YEARS}
    assert {row["period"].year: row["n"] for row in found} == counted
    assert counted == dict(zip(YEARS, (40896, 48946, 44746, 49618, 41398, 43851, 46455, 42903), strict=True))


def test_every_year_fills_each_touchpoint_from_exactly_one_column(sfo: Path, ask: Ask) -> None:
    found = ask(sfo, "custom/touchpoints_by_year")
    for year in YEARS:
        mapped = sorted((row["n"], round(row["value"], 6)) for row in found if row["year"].year == year)
        assert mapped == sorted((column.total(), round(top_two(column), 6)) for column in ratings(year).values()), year


@pytest.mark.parametrize(
    ("touchpoint", "columns"),
    [
        ("airport_overall", ["Q6N", "Q8N", "Q8N_WHOLE", "Q7O_WHOLE", *["Q7ALL"] * 4]),
        ("clean_restrooms", ["Q8F", "Q10F", "Q10F_CLNBATH", "Q9E_CLNBATH", *["Q9RESTROOM"] * 4]),
        ("screens", ["Q6F", "Q8F", "Q8F_SCREENS", "Q7F_SCREENS", *["Q7SCREENS"] * 4]),
        ("airtrain", ["Q6K", "Q8K", "Q8K_AIRTRAIN", "Q7L_AIRTRAIN", *["Q7AIRTRAIN"] * 4]),
    ],
)
def test_a_touchpoint_is_the_same_question_in_every_year(
    sfo: Path, ask: Ask, touchpoint: str, columns: list[str]
) -> None:
    found = ask(sfo, "custom/touchpoints_by_year")
    shares = {row["year"].year: round(row["value"], 2) for row in found if row["touchpoint"] == touchpoint}
    assert shares == {
        year: round(top_two(ratings(year)[column]), 2) for year, column in zip(YEARS, columns, strict=True)
    }


def test_touchpoints_stand_in_journey_order_with_their_stage(sfo: Path, ask: Ask) -> None:
    found = ask(sfo, "journey/touchpoints", years=(2017, 2018))
    positions = [row["position"] for row in found]
    assert positions == sorted(positions) and len(found) == 21
    assert (found[0]["touchpoint"], found[0]["stage"]) == ("roadway_signs", "Getting there")


def test_the_terminal_taken_from_the_gate_agrees_with_the_boarding_area(sfo: Path, ask: Ask) -> None:
    lies_in = {
        "A": "International",
        "G": "International",
        "B": "Terminal 1",
        "C": "Terminal 1",
        "D": "Terminal 2",
    }
    lies_in |= {"E": "Terminal 3", "F": "Terminal 3"}
    for area, terminal in lies_in.items():
        found = ask(sfo, "segments/breakdown", "metric=csat", f"boarding_area={area}", by="terminal")
        assert [row["segment"] for row in found] == [terminal]


def test_nothing_of_the_airport_survey_is_set_aside(sfo: Path) -> None:
    held = snapshot_of(sfo)
    assert [file for file in held.files if file["state"] != "published" or file["problems"]] == []
    assert held.rows("responses") == 358_813 + 2_746


# --- Skytrax -----------------------------------------------------------------------------------------


def test_lounge_ratings_of_every_airline_are_averaged_as_stored(skytrax: Path, ask: Ask) -> None:
    found = {
        row["brand"]: (round(row["value"], 4), row["n"]) for row in ask(skytrax, "competitors/rating", "source=lounge")
    }
    assert found["british-airways"] == (3.3278, 241)
    assert found["qatar-airways"] == (4.2658, 79)
    assert found["united-airlines"] == (2.3383, 133)
    given: dict[str, list[float]] = {}
    for row in reviews("lounge"):
        if row["overall_rating"]:
            given.setdefault(row["airline_name"], []).append(float(row["overall_rating"]))
    assert found == {brand: (round(mean(values), 4), len(values)) for brand, values in given.items()}


def test_the_command_line_prints_the_same_lounge_ratings(skytrax: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--from", "2006-01-01", "--to", "2016-01-01", "--where", "source=lounge", "--format", "json"]
    assert main(["query", "competitors/rating", "--data", str(skytrax), *asked]) == 0
    found = {row["brand"]: round(row["value"], 2) for row in json.loads(capsys.readouterr().out)}
    assert (found["british-airways"], found["qatar-airways"], found["united-airlines"]) == (3.33, 4.27, 2.34)


def test_the_mean_of_all_lounges_is_the_known_one(skytrax: Path, ask: Ask) -> None:
    (row,) = ask(skytrax, "custom/lounge_mean")
    assert (round(row["value"], 4), row["n"], row["airlines"]) == (3.3656, 2259, 97)


def test_every_review_counts_with_its_recommendation_even_without_a_rating(skytrax: Path, ask: Ask) -> None:
    found = {
        row["airline"]: (round(row["value"], 2), row["n"])
        for row in ask(skytrax, "custom/recommended", "source=lounge")
    }
    assert found["british-airways"] == (38.43, 242)
    written = Counter(row["airline_name"] for row in reviews("lounge"))
    recommended = Counter(row["airline_name"] for row in reviews("lounge") if row["recommended"] == "1")
    assert found == {airline: (round(100 * recommended[airline] / n, 2), n) for airline, n in written.items()}


def test_the_overview_of_the_own_brand_gives_its_rating_and_recommendation(skytrax: Path, ask: Ask) -> None:
    found = ask(skytrax, "overview/kpi", "source=lounge", "airline=british-airways")
    figures = {row["metric"]: round(row["value"], 2) for row in found}
    assert (figures["rating"], figures["recommend"]) == (3.33, 38.43)


def test_a_touchpoint_that_was_not_rated_does_not_count_as_zero(skytrax: Path, ask: Ask) -> None:
    found = {row["touchpoint"]: row for row in ask(skytrax, "journey/touchpoints", "source=lounge")}
    given = Counter(str(int(float(row["washrooms_rating"]))) for row in reviews("lounge") if row["washrooms_rating"])
    del given["0"]
    washrooms = found["lounge_washrooms"]
    assert (round(washrooms["value"], 4), washrooms["n"]) == (round(top_two(given), 4), given.total())


def test_reviews_dated_1970_are_set_aside_with_their_reason(skytrax: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problems = {
        (file["table"], problem["column"]): problem
        for file in snapshot_of(skytrax).files
        for problem in file["problems"]
    }
    assert set(problems) == {("reviews", "reviewed_at"), ("responses", "responded_at")}
    assert (problems["reviews", "reviewed_at"]["rows"], problems["reviews", "reviewed_at"]["value"]) == (
        26,
        "1970-01-01",
    )
    assert snapshot_of(skytrax).rows("reviews") == len(reviews("lounge")) + len(reviews("seat")) - 26
    assert main(["publish", "--data", str(skytrax)]) == 0
    assert "seat.csv: 26 rows, “reviewed_at” before 1990 (row " in capsys.readouterr().err


def test_newlines_and_quotes_in_review_texts_survive_publishing(skytrax: Path) -> None:
    held = snapshot_of(skytrax)
    kept: set[str] = set()
    for part in held.parts["reviews"]:
        with duckdb.connect(str(held.folder.parent / "parts" / f"{part.name}.duckdb"), read_only=True) as connection:
            kept.update(
                body for (body,) in connection.execute("select body from rows where source = 'lounge'").fetchall()
            )
    written = {row["content"].strip() for row in reviews("lounge")}
    assert any("\n" in text for text in written) and any('"' in text for text in written)
    assert {text.strip() for text in kept} == {text[:10_000] for text in written}


# --- NSMC, Online Retail, Qualtrics, SurveyMonkey ----------------------------------------------------


def test_korean_film_reviews_have_the_known_mean_of_all_and_of_each_year(nsmc: Path, ask: Ask) -> None:
    given: dict[int, list[int]] = {}
    for path in exports("nsmc").glob("raw/*.json"):
        for review in json.loads(path.read_text("utf-8")):
            given.setdefault(2000 + int(review["date"][:2]), []).append(int(review["rating"]))
    found = {
        row["year"].year: (round(row["value"], 4), row["n"])
        for row in ask(nsmc, "custom/all_films", years=(2003, 2018))
    }
    assert found == {year: (round(mean(ratings), 4), len(ratings)) for year, ratings in given.items()}
    assert (found[2013], found[2014]) == ((7.7845, 4103), (7.7554, 4800))
    every = [rating for ratings in given.values() for rating in ratings]
    assert (round(mean(every), 4), len(every)) == (7.9723, 17_401)
    assert sum(n for _, n in found.values()) == len(every)
    assert snapshot_of(nsmc).days("reviews") == (date(2003, 12, 3), date(2015, 8, 27))


def test_korean_words_are_found_in_the_texts(nsmc: Path, ask: Ask) -> None:
    assert ask(nsmc, "custom/mentions", years=(2003, 2018)) == [{"mentions": 728, "reviews": 17_401}]


def test_customers_of_order_lines_come_back_as_known(online_retail: Path, ask: Ask) -> None:
    assert snapshot_of(online_retail).rows("customers") == 4_339
    found = ask(online_retail, "custom/cohorts", years=(2010, 2012))
    first = [
        row["customers"] for row in found if row["cohort"] == date(2010, 12, 1) or str(row["cohort"])[:7] == "2010-12"
    ]
    assert first[:12] == [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445]


def test_order_lines_give_the_known_revenue_and_every_line_counts_once(online_retail: Path, ask: Ask) -> None:
    found = {
        str(row["month"])[:7]: round(row["revenue"], 2)
        for row in ask(online_retail, "custom/revenue", years=(2010, 2012))
    }
    assert (found["2010-12"], found["2011-11"]) == (572_713.89, 1_161_817.38)
    held = snapshot_of(online_retail)
    assert (held.rows("responses"), held.rows("events")) == (541_909, 541_909 - 135_080)


def test_every_native_export_of_qualtrics_has_its_answers(qualtrics: Path, ask: Ask) -> None:
    found = {row["survey"]: row["n"] for row in ask(qualtrics, "custom/respondents")}
    assert found == {
        "qt_Better_Sample_Survey": 10,
        "qt_Long_Exhaustive_Sample_Survey": 31,
        "qt_Sample_Survey": 5,
        "qt_SidebySide_Questions_(Insights)": 25,
        "qt_SidebySide_Questions_(Legacy)": 25,
        "ropensci_sample": 1,
        "ropensci_sample_legacy": 1,
    }


def test_every_native_export_of_surveymonkey_has_its_answers(surveymonkey: Path, ask: Ask) -> None:
    found = {row["survey"]: row["n"] for row in ask(surveymonkey, "custom/respondents")}
    assert found == {"comma-survey": 1129, "flying-etiquette": 1040, "steak-risk-survey": 550}


def test_questions_of_surveymonkey_turned_long_give_the_published_share(surveymonkey: Path, ask: Ask) -> None:
    found = {row["touchpoint"]: (row["value"], row["n"]) for row in ask(surveymonkey, "custom/rude")}
    flyers = rows(exports("surveymonkey") / "538_flying-etiquette.csv")
    answers = [row["Is itrude to recline your seat on a plane?"] for row in flyers]
    rude = sum(answer.startswith("Yes") for answer in answers)
    given = sum(answer != "" for answer in answers)
    assert found["reclining"] == (pytest.approx(100 * rude / given), given) and round(100 * rude / given) == 41
    assert len(found) == 9


@pytest.mark.parametrize("example", ["nsmc", "online_retail", "qualtrics", "surveymonkey"])
def test_nothing_of_these_examples_is_set_aside(example: str, request: pytest.FixtureRequest) -> None:
    held = snapshot_of(request.getfixturevalue(example))
    assert [file for file in held.files if file["state"] != "published" or file["problems"]] == []


# --- templates ---------------------------------------------------------------------------------------

TEMPLATES = PROJECT / "examples" / "templates" / "queries" / "sources"
PLAY = (
    "Package Name,App Version Code,App Version Name,Reviewer Language,Device,Review Submit Date and Time,"
    "Review Submit Millis Since Epoch,Review Last Update Date and Time,Review Last Update Millis Since Epoch,Star Rating,"
    "Review Title,Review Text,Developer Reply Date and Time,Developer Reply Millis Since Epoch,Developer Reply Text,Review Link\n"
    'com.example.app,52,5.2,ko,phone,2026-01-05T01:00:00Z,1767574800000,2026-01-05T01:00:00Z,1767574800000,2,,"느려요, 자꾸",,,,x\n'
    "com.example.app,52,5.2,en,phone,2026-01-06T01:00:00Z,1767661200000,2026-01-06T01:00:00Z,1767661200000,5,,,,,,y\n"
)
PAGES: dict[str, dict[str, Any]] = {
    "app_store": {
        "data": [
            {
                "type": "customerReviews",
                "id": "0001",
                "attributes": {
                    "rating": 5,
                    "title": "Good",
                    "body": "Fine",
                    "createdDate": "2026-01-05T08:10:34-08:00",
                    "territory": "KOR",
                },
            }
        ],
        "links": {"self": "…"},
        "meta": {"paging": {"total": 1}},
    },
    "zendesk": {
        "satisfaction_ratings": [
            {"id": 1, "score": "good", "created_at": "2026-01-05T01:00:00Z", "requester_id": 7, "comment": "thanks"},
            {"id": 2, "score": "bad", "created_at": "2026-01-05T02:00:00Z", "requester_id": 8, "comment": None},
            {"id": 3, "score": "offered", "created_at": "2026-01-05T02:00:00Z", "requester_id": 9, "comment": None},
        ],
        "next_page": None,
        "count": 3,
    },
    "typeform": {
        "total_items": 1,
        "page_count": 1,
        "items": [
            {
                "token": "t1",
                "landed_at": "2026-01-05T01:00:00Z",
                "submitted_at": "2026-01-05T01:02:00Z",
                "answers": [
                    {"field": {"id": "a", "ref": "likely", "type": "opinion_scale"}, "type": "number", "number": 9},
                    {"field": {"id": "b", "ref": "why", "type": "long_text"}, "type": "text", "text": "quick"},
                ],
            }
        ],
    },
}
KEPT = {
    "google_play": ("reviews", 2),
    "app_store": ("reviews", 1),
    "zendesk": ("responses", 2),
    "typeform": ("responses", 1),
}


@pytest.mark.parametrize("template", sorted(path.stem for path in TEMPLATES.glob("*.sql")))
def test_a_template_reads_a_file_of_the_documented_shape_and_says_it_met_no_real_one(
    template: str, tmp_path: Path
) -> None:
    text = (TEMPLATES / f"{template}.sql").read_text("utf-8")
    assert "A template that has not met a real file." in text
    (tmp_path / "queries" / "sources").mkdir(parents=True)
    (tmp_path / "queries" / "sources" / f"{template}.sql").write_text(text, "utf-8")
    (tmp_path / template).mkdir()
    if template == "google_play":
        (tmp_path / template / "a.csv").write_bytes(PLAY.encode("utf-16"))
    else:
        (tmp_path / template / "page.json").write_text(json.dumps(PAGES[template]), "utf-8")
    assert main(["publish", "--quiet", "--data", str(tmp_path)]) == 0
    held = snapshot_of(tmp_path)
    assert [file["problems"] for file in held.files] == [[]]
    table, rows_kept = KEPT[template]
    assert held.rows(table) == rows_kept
    assert f"`{template}.sql`" in (TEMPLATES.parent.parent / "README.md").read_text("utf-8")


# --- the guide ---------------------------------------------------------------------------------------


def test_the_worked_example_of_the_guide_gives_what_the_guide_says(tmp_path: Path, ask: Ask) -> None:
    guide = (PROJECT / "docs" / "sources.md").read_text("utf-8")
    places = {"csv": "shop_survey/2026-10.csv", "toml": "cx.toml", "sql": "queries/sources/shop_survey.sql"}
    for kind, place in places.items():
        (block,) = re.findall(rf"^```{kind}\n(.*?)^```$", guide, flags=re.DOTALL | re.MULTILINE)
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(block, "utf-8")
    assert main(["publish", "--quiet", "--data", str(tmp_path)]) == 0
    found = {
        row["metric"]: (round(row["value"], 1), row["n"]) for row in ask(tmp_path, "overview/kpi", years=(2026, 2027))
    }
    assert found == {"nps": (33.3, 3), "csat": (83.3, 6)}
    assert snapshot_of(tmp_path).segments["responses"] == {"branch": 2}


def test_the_guide_has_a_row_for_every_source_key_setting_table_and_column() -> None:
    guide = (PROJECT / "docs" / "sources.md").read_text("utf-8")
    for key in [*SOURCE_KEYS, *settings.KEYS]:
        assert re.search(rf"^\| `{key}` \| .{{10}}", guide, flags=re.MULTILINE), key
    for table in TABLES.values():
        section = guide.partition(f"### {table.name}\n")[2].partition("\n### ")[0]
        assert f"One row is {table.meaning}." in section, table.name
        for column in table.columns:
            name = f"**`{column.name}`**" if column.required else f"`{column.name}`"
            assert f"| {name} | {column.type} | {column.meaning}" in section, f"{table.name}.{column.name}"
