"""The voice: themes, kinds and words as figures, what is new in them, and the comments themselves."""

import math
import random
import shutil
from collections.abc import Callable, Sequence
from datetime import date
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cx import analyses, findings, naming, settings, texts
from cx.engine import Engine
from cx.estimates import Sums
from cx.figures import Answer
from cx.periods import Period
from cx.scope import Filters

if TYPE_CHECKING:
    from conftest import Company

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
YEAR_END = Period(date(2026, 12, 1), date(2027, 1, 1))
SEPTEMBER = Period(date(2026, 9, 1), date(2026, 10, 1))
USUAL = (
    "배송 포장 가격 쿠폰 친절 화면 로그인 품질 색상 사이즈 결제 환불 검색 추천 직원 상자 문의 답변 광고 알림".split()
)


class Judge:
    """A sentiment that knows two words."""

    @staticmethod
    def polarity(found: Sequence[str]) -> Any:
        return np.array([0.9 * ("good" in text) - 0.9 * ("late" in text) for text in found])

    @staticmethod
    def kinds(found: Sequence[str], said: Any) -> list[str]:
        return ["complaint" if tone < 0 else "praise" if tone > 0 else "" for tone in said]

    @staticmethod
    def version() -> str:
        return "judge"


@pytest.fixture
def voice(company: "Company", engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """Publishes, and asks a shipped question of the voice about October 2026."""
    monkeypatch.setattr(texts, "sentiment", Judge)
    for folder in ("voice", "themes", "competitors"):
        shutil.copytree(settings.PROJECT / "queries" / folder, company.queries / folder)

    def asked(
        name: str, period: Period = OCTOBER, before: Period | None = SEPTEMBER, by: str = "", **params: Any
    ) -> Answer:
        company.current()
        return engine.answer(name if "/" in name else f"voice/{name}", Filters(period, before, by=by), params)

    return asked


def at(month: int, day: int = 2) -> str:
    return f"2026-{month:02}-{day:02}T12:00:00+09:00"


def wrote(company: "Company", *rows: tuple[str, str], channel: str = "app", file: str = "responses/a.parquet") -> None:
    """Comments without a score, each with the time it was written."""
    company.answers(
        [
            {"response_id": f"{file}{number}", "score": None, "comment": text, "responded_at": when, "channel": channel}
            for number, (text, when) in enumerate(rows)
        ],
        file,
    )


def reviewed(company: "Company", rows: Sequence[tuple[str, str, str]], rating: float | None = 3.0) -> None:
    """Reviews by brand, time and text, all with one rating."""
    company.write(
        "reviews/a.parquet",
        [
            {"review_id": f"v{number}", "reviewed_at": when, "brand": brand, "rating": rating, "body": text}
            for number, (brand, when, text) in enumerate(rows)
        ],
    )


# --- themes and kinds ---------------------------------------------------------------------------------------


def test_a_themes_figure_is_the_share_of_all_comments_that_complain_about_it(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    wrote(
        company,
        ("delivery late", at(10)),
        ("delivery good", at(10)),
        ("delivery late, staff good", at(10)),
        ("nothing", at(10)),
        ("delivery late", at(9)),
        ("staff good", at(9)),
    )
    complaints = {row["theme"]: row for row in voice("complaints").rows()}
    assert complaints["delivery"]["value"] == 50 and complaints["delivery"]["n"] == 4
    assert complaints["delivery"]["previous"] == 50 and complaints["delivery"]["mentioned"] == 75
    assert complaints["staff"]["value"] == 0 and complaints["staff"]["mentioned"] == 25
    praise = {row["theme"]: row["value"] for row in voice("praise").rows()}
    assert praise == {"delivery": 25, "staff": 25}


def test_kinds_are_shares_of_all_comments_of_their_period(company: "Company", voice: Callable[..., Answer]) -> None:
    wrote(company, ("late", at(10)), ("good", at(10)), ("so so", at(10)), ("late", at(10)))
    found = {row["kind"]: (row["value"], row["n"]) for row in voice("kinds_over_time").rows()}
    assert found == {"complaint": (50, 4), "praise": (25, 4)}


def test_a_rivals_reviews_are_not_our_voice(company: "Company", voice: Callable[..., Answer]) -> None:
    company.text("cx.toml", 'brand = "Ours"')
    reviewed(company, [("Ours", at(10), "delivery good"), *[("Theirs", at(10), "delivery late")] * 2], rating=None)
    (row,) = voice("complaints").rows()
    assert (row["theme"], row["n"], row["mentioned"], row["value"]) == ("delivery", 1, 100, 0)
    brands = {row["brand"]: (row["n"], row["value"]) for row in voice("competitors/complaints").rows()}
    assert brands == {"Ours": (1, 0), "Theirs": (2, 100)}


@pytest.mark.parametrize("question", ["complaints", "praise", "theme_sentiment"])
def test_among_many_brands_those_of_few_reviews_take_no_column_but_the_largest(
    company: "Company", voice: Callable[..., Answer], question: str
) -> None:
    many = [("A", at(10), "delivery late, price good") for _ in range(40)]
    few = [(brand, at(10), "delivery late, price good") for brand in "BCCDDDEFGHIJ"]
    reviewed(company, [*many, *few])
    # By hand: A has enough, D and C are the next largest, and of those with one review B is the first.
    assert {row["brand"] for row in voice(f"competitors/{question}").rows()} == {"A", "B", "C", "D"}
    reviewed(company, [*many, *few[:4]])
    assert {row["brand"] for row in voice(f"competitors/{question}").rows()} == {"A", "B", "C", "D"}


@pytest.mark.parametrize(
    ("leaked_at", "told"),
    [
        ("B", "B: Complaints about security rose 25.0 pp to 25.0%."),
        ("A", ""),  # the own brand's is told as what is complained about of ourselves
        ("", ""),  # late deliveries everywhere are the season's
    ],
)
def test_a_rivals_sudden_complaint_is_a_finding_and_what_rises_everywhere_is_not(
    company: "Company", voice: Callable[..., Answer], leaked_at: str, told: str
) -> None:
    company.text("cx.toml", 'brand = "A"')
    usual = [(brand, at(month), "fine") for brand in "ABC" for month in (9, 10) for _ in range(40)]
    season = [(brand, at(10), "delivery late") for brand in "ABC" for _ in range(20)]
    leak = [(leaked_at, at(10), "hacked, late") for _ in range(20) if leaked_at]
    reviewed(company, [*usual, *season, *leak], rating=None)
    answer = voice("competitors/newly_blamed")
    found = findings.rival_blamed(answer, "en", lambda column, value: str(value), "A")
    assert (found.sentence.replace("\u00a0", " ") if found else "") == told
    assert not found or (found.brand, found.value) == ("B", "security")


@pytest.mark.parametrize(("reviews", "before", "brands"), [(30, 30, {"A", "B"}), (29, 30, {"A"}), (30, 29, {"A"})])
def test_of_a_brand_with_few_reviews_in_either_window_no_complaint_has_grown(
    company: "Company", voice: Callable[..., Answer], reviews: int, before: int, brands: set[str]
) -> None:
    counts = [("A", 10, 30), ("A", 9, 30), ("B", 10, reviews), ("B", 9, before)]
    reviewed(
        company, [(brand, at(month), "delivery late") for brand, month, count in counts for _ in range(count)], None
    )
    assert {row["brand"] for row in voice("competitors/newly_blamed").rows()} == brands


def test_a_complaint_that_is_new_or_gone_has_a_change_and_praise_has_none(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    reviewed(
        company,
        [
            *[("B", at(10), "delivery late, price good")] * 30,
            *[("B", at(9), "staff late, price good")] * 10,
            *[("B", at(9), "fine")] * 20,
        ],
        rating=None,
    )
    found = {row["theme"]: (row["value"], round(row["change"], 1)) for row in voice("competitors/newly_blamed").rows()}
    assert found == {"delivery": (100, 100), "staff": (0, -33.3)}


def test_who_filters_by_a_brand_reads_its_texts_as_others_read_their_own(
    company: "Company", engine: Engine, voice: Callable[..., Answer]
) -> None:
    company.text("cx.toml", 'brand = "Ours"')
    wrote(company, ("staff good", at(10)))
    reviewed(company, [("Ours", at(10), "delivery good"), *[("Theirs", at(10), "delivery late")] * 2], rating=None)
    company.current()
    theirs = Filters(OCTOBER, SEPTEMBER, where=(("brand", ("Theirs",)),))
    (row,) = engine.answer("voice/complaints", theirs).rows()
    assert (row["theme"], row["n"], row["value"]) == ("delivery", 2, 100), "neither our review nor our survey"
    assert [one["text"] for one in engine.answer("voice/comments", theirs).rows()] == ["delivery late"] * 2


def test_texts_that_name_another_brand_are_told_when_published_and_names_given_later_are_found_all_the_same(
    company: "Company", engine: Engine, voice: Callable[..., Answer]
) -> None:
    company.text("cx.toml", 'brand = "Ours"\n[aliases]\nTheirs = ["They.co"]')
    reviewed(
        company,
        [
            ("Ours", at(10), "I moved to theirs"),
            ("Ours", at(10), "THEY.CO was cheaper"),
            ("Ours", at(10), "Theyxco is a word of its own, ours is good"),
            ("Theirs", at(10), "theirs is late"),
            ("Theirs", at(10), "better than ours"),
            ("Theirs", at(10), "Nickname is what all say"),
        ],
    )
    company.question(
        "custom/told",
        "select comment_id, names_other_brand, count(*) over () as base from comments order by comment_id",
    )

    def told() -> list[Any]:
        return [row["names_other_brand"] for row in voice("custom/told", before=None).rows()]

    def found() -> dict[str, str]:
        return {row["comment_id"]: row["named"] for row in voice("competitors/named").rows()}

    by_now = {"v0": "Theirs", "v1": "Theirs", "v4": "Ours"}
    assert found() == by_now and told() == [True, True, False, False, True, False]
    company.text("cx.toml", 'brand = "Ours"\n[aliases]\nTheirs = ["They.co"]\nOurs = ["Nickname"]')
    assert found() == by_now | {"v5": "Ours"} and told() == [True, True, False, False, True, True]
    company.text("cx.toml", 'brand = "Ours"')
    held = engine.snapshot()
    answer = engine.answer("competitors/named", Filters(OCTOBER, None), held=held)
    assert {row["comment_id"] for row in answer.rows()} == {"v0", "v4"}


def test_brands_of_more_names_than_can_be_looked_for_are_found_when_asked(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    named = [(f"Brand {number:03}", at(10), "good") for number in range(naming.MOST)]
    reviewed(company, [*named, ("Other", at(10), "I switched from brand 007 last month")])
    company.question("custom/told", "select names_other_brand, count(*) as base from comments group by all")
    assert [row["names_other_brand"] for row in voice("custom/told", before=None).rows()] == [None]
    (row,) = voice("competitors/named").rows()
    assert (row["brand"], row["named"], row["direction"]) == ("Other", "Brand 007", "came")


def test_promoters_of_stars_are_those_of_the_highest_fifth_of_any_scale(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    company.text("cx.toml", 'brand = "Ours"')
    company.write(
        "reviews/a.parquet",
        [
            {
                "review_id": f"v{stars}{most}",
                "reviewed_at": at(10),
                "brand": "Ours",
                "rating": stars,
                "rating_max": most,
            }
            | {"body": "delivery good"}
            for stars, most in ((5.0, 5.0), (4.0, 5.0), (3.0, 5.0), (9.0, 10.0), (5.0, 10.0))
        ],
    )
    (row,) = voice("promoters", metric="rating", score_from=4.0).rows()
    assert (row["theme"], row["n"], row["value"]) == ("delivery", 3, 100)


def test_behind_shares_are_the_same_comments_and_behind_judgements_each_themes_own(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    company.text("cx.toml", 'brand = "Ours"')
    texts_of_ours = ["delivery good", "delivery late", "staff good", "nothing"]
    reviewed(company, [("Ours", at(10), text) for text in texts_of_ours], rating=None)
    assert voice("competitors/complaints").n == 4
    judged = voice("competitors/theme_sentiment")
    assert {row["theme"]: row["n"] for row in judged.rows()} == {"delivery": 2, "staff": 1} and judged.n == 3


def test_letters_name_the_group_that_complains_more(company: "Company", voice: Callable[..., Answer]) -> None:
    wrote(company, *[("delivery late", at(10))] * 40, *[("nothing", at(10))] * 10, channel="app")
    wrote(
        company,
        *[("delivery late", at(10))] * 5,
        *[("nothing", at(10))] * 45,
        channel="web",
        file="responses/b.parquet",
    )
    found = {row["segment"]: row for row in voice("themes_by_segment").rows() if row["theme"] == "delivery"}
    assert found["app"]["value"] == 80 and found["web"]["value"] == 10
    assert found["app"]["above"] == found["web"]["letter"] and not found["web"]["above"]


# --- what is new --------------------------------------------------------------------------------------------


def usual_reviews(seed: int = 7) -> list[tuple[str, str, str]]:
    """A year of reviews of two brands, made of the same words in every month."""
    chance = random.Random(seed)
    return [
        (brand, at(month, chance.randint(1, 28)), " ".join(chance.sample(USUAL, 4)))
        for brand in ("A", "B")
        for month in range(1, 13)
        for _ in range(60)
    ]


def test_a_leak_of_personal_data_surfaces_by_itself_as_new_of_that_brand(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    leak = [("B", at(7, 3 + number % 20), f"개인정보 유출 {USUAL[number % 20]} 실망") for number in range(20)]
    reviewed(company, [*usual_reviews(), *leak])
    (row,) = voice("emerging", YEAR_END).rows()
    assert (row["brand"], str(row["period"])[:7], row["verdict"]) == ("B", "2026-07", "real")
    assert row["theme"] == "security" and "유출" in row["related"].split(", ")
    assert row["value"] == 25 and row["n"] == 80 and math.isnan(row["times"]), "said for the first time"
    assert "유출" in row["comment"] and row["complaining"] == 0, "an example text; three stars are no complaint"


@pytest.mark.parametrize(("theme", "said"), [("security", True), ("facilities", False)])
def test_a_few_who_tell_of_a_leak_are_no_chance_among_many_themes_as_so_few_of_another_are(
    company: "Company", voice: Callable[..., Answer], theme: str, said: bool
) -> None:
    """Three of 43 and none of 480 before are by chance once in 1,800 times: enough for one theme's months, not for all."""
    usual = (
        "the delivery was late",
        "it is too expensive",
        "the app crashes",
        "the parcel was damaged",
        "the staff was rude",
        "no refund came",
        "i cannot log in",
        "the coupon was missing",
    )
    months = [(2025, month) for month in range(7, 13)] + [(2026, month) for month in range(1, 8)]
    rows = [
        (brand, f"{year}-{month:02}-{1 + number % 28:02}T12:00:00+09:00", usual[number % 8])
        for brand in ("A", "B", "C")
        for year, month in months
        for number in range(40)
    ]
    told = {"security": "my personal data was leaked", "facilities": "the restroom was dirty"}[theme]
    reviewed(company, [*rows, *(("B", at(7, day), told) for day in (2, 12, 22))])
    found = [(row["brand"], row["theme"], row["said"]) for row in voice("emerging", YEAR_END).rows()]
    assert found == ([("B", theme, 3)] if said else [])


def test_where_nothing_happened_nothing_is_listed_and_the_title_says_so(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    reviewed(company, usual_reviews())
    answer = voice("emerging", YEAR_END)
    assert answer.rows() == [] and findings.title(answer, "en", lambda column, value: str(value)) == (
        "Nothing new stands out"
    )


def test_words_that_rise_in_the_same_texts_are_one_topic_and_others_of_that_month_another(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    told = ("moldy fridge", "moldy smell", "fridge smell moldy")
    moldy = [("B", at(7, 3 + number), f"{told[number % 3]} {USUAL[number]}") for number in range(18)]
    parade = [("B", at(7, 3 + number), f"parade {USUAL[number]}") for number in range(10)]
    reviewed(company, [*usual_reviews(), *moldy, *parade])
    first, second = voice("emerging", YEAR_END).rows()
    # By hand: all 18 say moldy, 12 of them fridge and 12 smell.
    assert (first["word"], first["said"], set(first["related"].split(", "))) == ("moldi", 18, {"fridg", "smell"})
    assert (second["word"], second["said"]) == ("parad", 10) and not isinstance(second["related"], str)


def test_what_half_of_a_small_brands_texts_say_is_one_topic(company: "Company", voice: Callable[..., Answer]) -> None:
    small = [("C", when, text) for brand, when, text in usual_reviews()[::6] if brand == "A"]
    moldy = [("C", at(7, 3 + number), f"moldy fridge {USUAL[number]}") for number in range(12)]
    reviewed(company, [*usual_reviews(), *small, *moldy])
    (row,) = voice("emerging", YEAR_END).rows()
    assert (row["brand"], row["word"], row["said"], row["n"]) == ("C", "moldi fridg", 12, 22)


def test_what_is_said_of_all_brands_at_once_is_the_seasons_and_comes_after_one_brands_complaint(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    festive = [(brand, at(9, 1 + number), f"chuseok {USUAL[number]}") for brand in "AB" for number in range(15)]
    broken = [("B", at(7, 3 + number), f"moldy late {USUAL[number]}") for number in range(8)]
    reviewed(company, [*usual_reviews(), *festive, *broken], rating=None)
    rows = voice("emerging", YEAR_END).rows()
    assert (rows[0]["brand"], rows[0]["word"]) == ("B", "moldi late")
    assert [row["word"] for row in rows].count("chuseok") == 1, "told once, not of each brand"
    season = next(row for row in rows if row["word"] == "chuseok")
    assert season["said"] == 15 and season["elsewhere"] == 20 and season["elsewhere_before"] == 0


def test_a_theme_gathers_a_complaint_whose_words_are_each_too_seldom(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    told = ("hacked", "phishing", "privacy", "breach", "identity theft")
    reviewed(company, [*usual_reviews(), *[("B", at(7, 3 + number), told[number]) for number in range(5)]])
    (row,) = voice("emerging", YEAR_END).rows()
    assert (row["brand"], row["theme"], row["said"]) == ("B", "security", 5) and not isinstance(row["word"], str)


def test_a_failure_is_told_by_its_theme_where_that_is_spoken_of_all_year(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    praised = [
        ("B", at(month, 1 + number), f"login good {USUAL[number]}") for month in range(1, 13) for number in range(9)
    ]
    failed = [("B", at(7, 3 + number), f"login late {USUAL[number]}") for number in range(14)]
    reviewed(company, [*usual_reviews(), *praised, *failed], rating=None)
    (row,) = voice("emerging", YEAR_END).rows()
    assert (row["brand"], str(row["period"])[:7], row["said"]) == ("B", "2026-07", 14)
    assert (row["theme"], row["tone"], row["complaining"]) == ("sign_in", "complaint", 100)
    assert row["comment"].startswith("login late") and "late" in row["related"]
    title = findings.title(voice("emerging", YEAR_END), "en", lambda column, value: str(value))
    assert "“complaints about sign_in”" in title


def test_behind_a_topic_that_is_a_theme_stand_the_texts_that_complain_about_it(
    company: "Company", engine: Engine, voice: Callable[..., Answer]
) -> None:
    praised = [
        ("B", at(month, 1 + number), f"login good {USUAL[number]}") for month in range(1, 13) for number in (0, 1)
    ]
    failed = [("B", at(7, 3 + number), f"login late {USUAL[number]}") for number in range(14)]
    reviewed(company, [*usual_reviews(), *praised, *failed], rating=None)
    (row,) = voice("emerging", YEAR_END).rows()
    assert (row["theme"], row["tone"]) == ("sign_in", "complaint") and not isinstance(row["word"], str)
    found = engine.behind("voice/emerging", Filters(YEAR_END, None), None, row, take=50)
    assert found is not None
    behind, drawn = found
    assert not behind.whole and (drawn.facts["base"], drawn.facts["found"]) == (row["n"], 14)
    assert len(drawn.frame) == 14 and drawn.frame["comment"].str.startswith("login late").all()


def test_of_a_season_of_complaints_few_topics_are_told_of_all_brands_together(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    told = ("chuseok parcel", "holiday gift", "rite fruit", "train home")
    festive = [
        (brand, at(9, 1 + number), f"{told[number % 4]} late {USUAL[number]}") for brand in "AB" for number in range(20)
    ]
    reviewed(company, [*usual_reviews(), *festive], rating=None)
    seasons = voice("emerging", YEAR_END).rows()
    assert 1 <= len(seasons) <= 2 and all(row["complaining"] == 100 for row in seasons)


def test_what_is_new_of_one_brand_is_told_from_the_season_by_the_others(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    festive = [(brand, at(9, 1 + number), f"chuseok {USUAL[number]}") for brand in "AB" for number in range(15)]
    moldy = [("A", at(7, 3 + number), f"moldy {USUAL[number]}") for number in range(12)]
    reviewed(company, [*usual_reviews(), *festive, *moldy])
    (row,) = voice("emerging", YEAR_END, brand="A").rows()[:1]
    assert row["brand"] == "A" and row["word"] == "moldi"
    season = next(row for row in voice("emerging", YEAR_END, brand="B").rows() if row["word"] == "chuseok")
    assert season["brand"] == "B" and season["elsewhere"] == 20


def test_words_that_tell_nothing_are_no_topic_alone_or_in_pairs() -> None:
    columns = {"word": ["안 하다", "너무", "유출 안", "이후", "이번 자꾸"], "tested": [5] * 5}
    counts = np.full(5, 100.0)
    now, before = (
        Sums(np.array([counts, counts, counts, counts / 2, counts / 2])),
        Sums(np.array([counts] * 3 + [counts / 100] * 2)),
    )
    added, shown = analyses.emerging(columns, now, before)
    assert shown.tolist() == [2] and added["verdict"] == ["noise", "noise", "real", "noise", "noise"]


def test_two_things_that_rise_everywhere_at_once_are_two_topics(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    festive = [(brand, at(9, 1 + number), f"chuseok {USUAL[number]}") for brand in "AB" for number in range(15)]
    stormy = [(brand, at(9, 1 + number), f"typhoon {USUAL[number]}") for brand in "AB" for number in range(15)]
    reviewed(company, [*usual_reviews(), *festive, *stormy])
    assert {row["word"] for row in voice("emerging", YEAR_END).rows()} == {"chuseok", "typhoon"}


def test_an_answer_and_a_review_of_the_same_number_are_two_texts(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    usual = [(when, text) for brand, when, text in usual_reviews() if brand == "A"]
    reviewed(company, [("A", at(7, 1 + number), f"parade {USUAL[number]}") for number in range(20)] + usual_reviews())
    company.answers(
        [
            {"response_id": f"v{number}", "score": 8, "comment": text, "responded_at": when}
            for number, (when, text) in enumerate(
                [*((at(7, 1 + number), f"moldy {USUAL[number]}") for number in range(20)), *usual]
            )
        ]
    )
    examples = {row["word"]: row["comment"] for row in voice("emerging", YEAR_END).rows()}
    assert examples["parad"].startswith("parade") and examples["moldi"].startswith("moldy")


def test_of_very_many_texts_a_part_by_lot_is_read_and_a_small_brand_whole(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    file = company.queries / "voice" / "emerging.sql"
    sql = file.read_text("utf-8")
    assert sql.count("500000") == sql.count("20000)") == 1
    file.write_text(sql.replace("500000", "600").replace("20000)", "10)"), "utf-8")
    usual = usual_reviews()
    small = [("C", when, text) for brand, when, text in usual[::12] if brand == "A"]
    leak = [("B", at(7, 3 + number % 20), f"moldy {USUAL[number % 20]}") for number in range(90)]
    parade = [("C", at(7, 3 + number), f"parade {USUAL[number]}") for number in range(8)]
    reviewed(company, [*usual, *small, *leak, *parade])
    found = {row["word"]: row for row in voice("emerging", YEAR_END).rows()}
    # By hand: 600 texts are 200 for each of three brands, so that of 810 about B every fifth is read and C has fewer.
    assert found["parad"]["said"] == 8
    assert 8 <= found["moldi"]["said"] <= 32 and 12 <= found["moldi"]["n"] <= 60


def test_what_stands_in_place_of_personal_data_is_never_new(company: "Company", voice: Callable[..., Answer]) -> None:
    numbers = [("B", at(7, 1 + number), f"{USUAL[number]} 010-1234-{5000 + number}") for number in range(15)]
    reviewed(company, [*usual_reviews(), *numbers])
    assert voice("emerging", YEAR_END).rows() == []


def test_many_new_words_leave_a_theme_its_place(company: "Company", voice: Callable[..., Answer]) -> None:
    words = " ".join(f"w{chr(97 + one)}{chr(97 + two)}" for one in range(20) for two in range(20))
    told = ("hacked", "phishing", "privacy", "breach", "identity theft")
    loud = [("B", at(7, 10 + number), words) for number in range(6)]
    reviewed(company, [*usual_reviews(), *loud, *[("B", at(7, 3 + number), told[number]) for number in range(5)]])
    assert "security" in [row["theme"] for row in voice("emerging", YEAR_END).rows()]


def test_a_rare_word_joins_the_topic_of_a_frequent_one_in_whose_texts_it_stands() -> None:
    chance = random.Random(7)
    lots = [chance.randrange(2**64) for _ in range(10_000)]
    # By hand: the smallest 500 of 10,000 reach up to a twentieth of all lots, and so do some 20 of 400 among them.
    columns = {
        "carriers": [sorted(lots)[:500], sorted(lots[:400]), sorted(chance.randrange(2**64) for _ in range(400))],
        "brand": ["A", "A", "A"],
        "word": ["leak", "letter", "parade"],
        "theme": [None, None, None],
        "first_day": [date(2026, 7, 1)] * 3,
        "last_day": [date(2026, 7, 31)] * 3,
        "period": [date(2026, 7, 1)] * 3,
        "strength": [3.0, 2.0, 1.0],
    }
    said, base = np.array([10_000.0, 400.0, 400.0]), np.full(3, 100_000.0)
    now = np.array([base, base, base, said, said])
    before = np.array([10 * base, 10 * base, 10 * base, said / 10, said / 10])
    added, shown = analyses.emerging(columns, Sums(now), Sums(before))
    assert shown.tolist() == [0, 2] and added["related"][0] == "letter"


@pytest.mark.parametrize(("usually", "topics"), [(0.1, [0]), (0.3, [0, 1])])
def test_what_fills_most_of_a_weeks_texts_is_one_topic_unless_it_is_spoken_of_all_year(
    usually: float, topics: list[int]
) -> None:
    # By hand: of 100 texts 55 say the one and 45 the other, 27 both: 60 %, where chance gives 55 %.
    chance = random.Random(7)
    lots = [chance.randrange(2**64) for _ in range(100)]
    columns = {
        "carriers": [sorted(lots[:55]), sorted(lots[28:73])],
        "brand": ["A", "A"],
        "word": ["sell", "crash"],
        "theme": [None, None],
        "first_day": [date(2026, 5, 11)] * 2,
        "last_day": [date(2026, 5, 17)] * 2,
        "period": [date(2026, 5, 11)] * 2,
        "strength": [2.0, 1.0],
    }
    said, base, base_before = np.array([55.0, 45.0]), np.full(2, 100.0), np.full(2, 10_000.0)
    now = np.array([base, base, base, said, said])
    before = np.array([base_before] * 3 + [usually * base_before] * 2)
    assert analyses.emerging(columns, Sums(now), Sums(before))[1].tolist() == topics


@pytest.mark.parametrize(
    ("both", "usually"),
    [
        (27, (0.3, 0.1)),  # the louder one is spoken of all year
        (27, (0.1, 0.3)),
        (18, (0.1, 0.1)),  # 18 of 45 are not most of them
    ],
)
def test_two_loud_events_of_a_week_are_two_topics_where_one_is_usual_or_they_share_less_than_half(
    both: int, usually: tuple[float, float]
) -> None:
    chance = random.Random(7)
    lots = [chance.randrange(2**64) for _ in range(100)]
    columns = {
        "carriers": [sorted(lots[:55]), sorted(lots[55 - both : 100 - both])],
        "brand": ["A", "A"],
        "word": ["sell", "crash"],
        "theme": [None, None],
        "first_day": [date(2026, 5, 11)] * 2,
        "last_day": [date(2026, 5, 17)] * 2,
        "period": [date(2026, 5, 11)] * 2,
        "strength": [2.0, 1.0],
    }
    base, base_before = np.full(2, 100.0), np.full(2, 10_000.0)
    now = np.array([base, base, base, *[[55.0, 45.0]] * 2])
    before = np.array([base_before] * 3 + [np.array(usually) * base_before] * 2)
    assert analyses.emerging(columns, Sums(now), Sums(before))[1].tolist() == [0, 1]


def test_what_is_said_more_and_less_has_a_verdict_each(company: "Company", voice: Callable[..., Answer]) -> None:
    wrote(
        company,
        *[("refund pending", at(10))] * 40,
        *[("nothing new", at(10))] * 60,
        *[("refund pending", at(9))] * 3,
        *[("nothing old", at(9))] * 97,
    )
    found = {row["word"]: row for row in voice("more_and_less").rows()}
    assert found["refund"]["verdict"] == "real" and found["refund"]["change"] == 37
    assert found["old"]["verdict"] == "real" and found["old"]["change"] == -97


def test_what_a_month_says_in_varied_words_is_new_although_no_week_of_it_stands_out(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    told = ("유출 사고 실망", "유출 통지 문자", "유출 보상 없음", "고객정보 유출 탈퇴")
    leak = [("B", at(7, 2 + 2 * number), told[number % 4]) for number in range(14)]
    reviewed(company, [*usual_reviews(), *leak])
    found = voice("emerging", YEAR_END).rows()
    assert [(row["theme"], row["related"], row["unit"]) for row in found] == [("security", "유출", "month")]
    week, year = (
        voice("emerging", Period(first, date(2027, 1, 1))) for first in (date(2026, 12, 25), date(2026, 1, 1))
    )
    assert week.frame.equals(year.frame), "what is new does not hang on how long the chosen period is"


def test_words_are_corrected_among_all_that_were_looked_at() -> None:
    now = Sums(np.array([[100.0], [100.0], [100.0], [14.0], [14.0]]))
    before = Sums(np.array([[1000.0], [1000.0], [1000.0], [50.0], [50.0]]))
    few, _ = analyses.emerging({"tested": [10]}, now, before)
    many, _ = analyses.emerging({"tested": [10_000]}, now, before)
    # 14 and more of 64, each of the later period with chance 100 / 1,100, twice: counted out with whole numbers.
    exactly = sum(comb(64, said) * 10 ** (64 - said) for said in range(14, 65)) / 11**64
    assert few["change_p"][0] == pytest.approx(2 * exactly, rel=1e-9)
    assert (few["verdict"], many["verdict"]) == (["real"], ["noise"])


# --- the comments themselves --------------------------------------------------------------------------------


def test_a_search_finds_a_word_in_all_its_forms_and_all_words_have_to_be_there(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    pytest.importorskip("kiwipiepy")
    wrote(company, ("배송이 늦었어요", at(10)), ("배송은 빨라요", at(10)), ("포장이 늦네요", at(10)))

    def found(search: str) -> set[str]:
        return {row["text"] for row in voice("comments", search=search).rows()}

    assert found("배송을") == {"배송이 늦었어요", "배송은 빨라요"}
    assert found("늦어요") == {"배송이 늦었어요", "포장이 늦네요"}
    assert found("배송 늦다") == {"배송이 늦었어요"}
    assert len(found("")) == 3 and not found("환불")


def test_a_search_finds_a_word_of_several_whether_it_is_written_as_one_or_not(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    pytest.importorskip("kiwipiepy")
    wrote(company, ("배송 지연 심해요", at(10)), ("배송이 지연돼요", at(10)), ("2차 인증이 없네요", at(10)))

    def found(search: str) -> set[str]:
        return {row["text"] for row in voice("comments", search=search).rows()}

    assert found("배송지연") == found("배송 지연") == {"배송 지연 심해요", "배송이 지연돼요"}
    assert found("2차인증") == {"2차 인증이 없네요"}
    wrote(company, ("환불이 안 돼요", at(10)), ("환불 동안 잘 돼요", at(10)))
    assert found("환불 안돼요") == {"환불이 안 돼요"}
    wrote(company, ("배송 지연 심해요", at(10)))
    assert found("배송지연심해요") == {"배송 지연 심해요"}


def test_a_search_finds_a_version_and_not_its_digits_alone(company: "Company", voice: Callable[..., Answer]) -> None:
    wrote(company, ("5.2 update is late", at(10)), ("52 minutes late", at(10)))
    assert [row["text"] for row in voice("comments", search="5.2").rows()] == ["5.2 update is late"]


def test_reviews_of_every_brand_or_of_one_are_read_and_searched(
    company: "Company", voice: Callable[..., Answer]
) -> None:
    wrote(company, ("parcel of a survey", at(10)))
    reviewed(company, [("Us", at(10), "late parcel"), ("Beta", at(10), "parcel in time"), ("Beta", at(10), "cheap")])

    def found(**asked: str) -> set[tuple[str, str]]:
        return {(row["brand"], row["text"]) for row in voice("competitors/reviews", **asked).rows()}

    assert found(search="parcels") == {("Us", "late parcel"), ("Beta", "parcel in time")}
    assert found(brand="Beta") == {("Beta", "parcel in time"), ("Beta", "cheap")}
    assert found(brand="Beta", search="late") == set()


def test_a_search_without_kiwi_finds_the_word_as_written(company: "Company", voice: Callable[..., Answer]) -> None:
    wrote(company, ("Delivery late", at(10)), ("staff good", at(10)))
    assert [row["text"] for row in voice("comments", search="LATE").rows()] == ["Delivery late"]


@pytest.mark.parametrize("search", ["%", "'", "|", "\\", "배송|", "*", "a" * 5_000])
def test_a_search_of_odd_signs_harms_nothing(company: "Company", voice: Callable[..., Answer], search: str) -> None:
    wrote(company, ("delivery late", at(10)))
    assert len(voice("comments", search=search).rows()) <= 1
