"""Texts are taken apart once, at publishing, and questions find them as comments and mentions."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from cx import texts, themes
from cx.engine import Engine
from cx.figures import Answer
from cx.periods import Period
from cx.snapshot import open_snapshot

if TYPE_CHECKING:
    from conftest import Company

COMMENTS = "select comment_id, origin, brand, own, metric, score, w, x, kind, sentiment, words, text from comments"
Rows = Callable[..., list[dict[str, Any]]]
PARCEL = "label: Parcels\nwords: [parcel]\n"


def theme(company: "Company", name: str, text: str) -> Path:
    path = company.queries / "themes" / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def rows(company: "Company", ask: Callable[..., Answer]) -> Callable[..., list[dict[str, Any]]]:
    """Publishes what is there now, and answers a question over 2026 as rows."""

    def found(sql: str, **options: Any) -> list[dict[str, Any]]:
        company.current()
        return ask(sql, **options).rows()

    return found


def test_every_comment_of_an_answer_and_every_review_is_one_row(company: "Company", rows: Rows) -> None:
    company.answers([{"score": 9, "comment": "Parcel came"}, {"score": 2}, {"score": None, "comment": "Hello"}])
    company.write(
        "reviews/a.parquet",
        [
            {
                "review_id": "v",
                "reviewed_at": "2026-03-03T12:00:00+09:00",
                "brand": "B",
                "rating": 1.0,
                "title": "Bad",
                "body": "late",
            },
            {
                "review_id": "u",
                "reviewed_at": "2026-03-03T12:00:00+09:00",
                "brand": "B",
                "rating": 5.0,
                "title": None,
                "body": None,
            },
        ],
    )
    found = {row["comment_id"]: row for row in rows(COMMENTS)}
    assert set(found) == {"r0", "r2", "v"}
    assert found["r0"]["text"] == "Parcel came" and found["v"]["text"] == "Bad\nlate"
    assert (found["r0"]["origin"], found["v"]["origin"]) == ("responses", "reviews")
    assert (found["r0"]["metric"], found["v"]["metric"]) == ("nps", "rating")
    assert (found["r0"]["x"], found["v"]["x"]) == (1, 1)
    assert (found["r0"]["sentiment"], found["v"]["sentiment"]) == (1, -1)
    assert found["r0"]["w"] == 1 and found["v"]["brand"] == "B"


def test_a_company_without_texts_publishes_no_file_of_them_and_answers_no_row(company: "Company", rows: Rows) -> None:
    company.scores(9, 2)
    held = company.current()
    assert held.texts == () and not held.has("comments")
    assert rows("select count(*) as n from comments")[0]["n"] == 0


def test_a_part_whose_comments_are_all_empty_is_looked_at_once_and_has_no_file(company: "Company") -> None:
    company.answers([{"score": 9, "comment": None}, {"score": 2, "comment": None}], comment=pa.string())
    held = company.current()
    assert [one.rows for one in held.texts] == [0] and not held.has("comments")
    assert not list(held.parts_folder.glob("texts-*"))


def test_own_comments_are_those_of_answers_and_of_the_own_brands_reviews(company: "Company", rows: Rows) -> None:
    company.text("cx.toml", 'brand = "Ours"')
    company.answers([{"score": 9, "comment": "fine"}])
    company.write(
        "reviews/a.parquet",
        [
            {
                "review_id": name,
                "reviewed_at": "2026-03-03T12:00:00+09:00",
                "brand": brand,
                "rating": 3.0,
                "body": "so so",
            }
            for name, brand in (("v", "Ours"), ("u", "Theirs"))
        ],
    )
    found = {row["comment_id"]: (row["own"], row["brand"]) for row in rows(COMMENTS)}
    assert found == {"r0": (True, "Ours"), "v": (True, "Ours"), "u": (False, "Theirs")}


def test_mentions_are_the_comments_once_for_each_theme(company: "Company", rows: Rows) -> None:
    theme(company, "parcels", PARCEL)
    theme(company, "staff", "label: Staff\nwords: [staff]\n")
    company.answers(
        [{"score": 2, "comment": "Parcel late. Staff fine", "channel": "app"}, {"score": 9, "comment": "Nothing"}]
    )
    found = rows("select comment_id, theme, channel, score, x from mentions order by theme")
    assert found == [
        {"comment_id": "r0", "theme": "parcels", "channel": "app", "score": 2, "x": -1},
        {"comment_id": "r0", "theme": "staff", "channel": "app", "score": 2, "x": -1},
    ]


def test_comments_keep_to_period_filters_and_twins(company: "Company", rows: Rows) -> None:
    march, april = Period(date(2026, 3, 1), date(2026, 4, 1)), Period(date(2026, 4, 1), date(2026, 5, 1))
    company.answers(
        [
            {"score": 9, "comment": "one", "channel": "app"},
            {"score": 9, "comment": "two", "channel": "web"},
            {"score": 9, "comment": "three", "channel": "app", "responded_at": "2026-04-02T12:00:00+09:00"},
        ]
    )
    sql = "select (select string_agg(text, ' ') from comments) as now, (select string_agg(text, ' ') from comments_before) as earlier"
    assert rows(sql, period=april, before=march, where={"channel": ["app"]}) == [{"now": "three", "earlier": "one"}]


def test_segments_of_customers_are_columns_of_their_comments(company: "Company", rows: Rows) -> None:
    company.answers(
        [{"score": 9, "comment": "one", "customer_id": "c"}, {"score": 9, "comment": "two", "customer_id": "d"}]
    )
    company.write("customers/a.parquet", [{"customer_id": "c", "tier": "gold"}, {"customer_id": "d", "tier": "basic"}])
    found = rows("select text, tier from comments order by text")
    assert found == [{"text": "one", "tier": "gold"}, {"text": "two", "tier": "basic"}]


def test_a_segment_named_like_a_column_of_comments_gives_way(company: "Company", rows: Rows) -> None:
    theme(company, "parcels", PARCEL)
    company.answers([{"score": 9, "comment": "Parcel came", "kind": "b2b", "theme": "dark", "words": "x", "tone": "y"}])
    assert rows("select words, kind from comments") == [
        {"words": rows("select words from comments")[0]["words"], "kind": "praise"}
    ]
    assert [row["theme"] for row in rows("select theme from mentions")] == ["parcels"]


def test_two_comments_of_one_answer_have_different_names(company: "Company", rows: Rows) -> None:
    company.answers(
        [{"response_id": "r", "score": 9, "comment": f"text {step}", "touchpoint": step} for step in ("pay", "deliver")]
    )
    assert {row["comment_id"] for row in rows(COMMENTS)} == {"r", "r#2"}


def test_new_exports_leave_the_texts_of_other_months_alone(company: "Company", monkeypatch: pytest.MonkeyPatch) -> None:
    company.answers([{"score": 9, "comment": "one"}])
    before = company.current()
    read: list[str] = []
    real = texts.read

    def counted(batch: Any, tokeniser: Any) -> Any:
        read.extend(text for _, text, _ in batch)
        return real(batch, tokeniser)

    monkeypatch.setattr(texts, "read", counted)
    company.answers(
        [{"response_id": "s", "score": 9, "comment": "two", "responded_at": "2026-04-02T12:00:00+09:00"}],
        "responses/b.parquet",
    )
    held = company.current()
    assert read == ["two"] and before.texts[0] in held.texts and len(held.texts) == 2


def test_a_changed_theme_tags_again_without_taking_apart_again(
    company: "Company", rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.answers([{"score": 9, "comment": "Parcel late"}])
    before = company.current()
    monkeypatch.setattr(texts, "read", lambda *_: pytest.fail("a text was taken apart again"))
    theme(company, "parcels", PARCEL)
    held = company.current()
    assert held.id != before.id and held.labels["theme"] == {"parcels": {"en": "Parcels", "ko": "Parcels"}}
    assert [row["theme"] for row in rows("select theme from mentions")] == ["parcels"]


def test_a_broken_theme_file_is_named_in_the_notes(company: "Company") -> None:
    theme(company, "parcels", "label: A\n")
    company.answers([{"score": 9, "comment": "Parcel late"}])
    assert any("parcels.yaml" in note for note in company.current().notes)


def test_a_manifest_without_texts_is_still_read(company: "Company") -> None:
    company.answers([{"score": 9, "comment": "one"}])
    held = company.current()
    file = held.folder / "manifest.json"
    manifest = json.loads(file.read_text("utf-8"))
    del manifest["texts"]
    file.write_text(json.dumps(manifest), "utf-8")
    assert open_snapshot(company.data, held.id).texts == ()


def test_files_of_texts_are_pruned_with_their_parts(company: "Company") -> None:
    for number in range(6):
        company.answers([{"score": 9, "comment": f"text {number}"}])
        held = company.publish().snapshot
    kept = {path.stem for path in held.parts_folder.glob("texts-*")}
    assert {one.name for one in held.texts} <= kept and len(kept) <= 4


def test_comments_of_fewer_people_than_the_minimum_are_not_shown(company: "Company", rows: Rows) -> None:
    company.text("cx.toml", "[privacy]\ncomments = 3")
    company.answers([{"score": 9, "comment": "one"}, {"score": 9, "comment": "two"}])
    sql = "select text, count(*) over () as base from comments order by text"
    shown = rows(sql)
    assert len(shown) == 2 and not any(isinstance(row["text"], str) for row in shown)
    company.answers([{"score": 9, "comment": text} for text in ("one", "two", "three")])
    assert [row["text"] for row in rows(sql)] == ["one", "three", "two"]


def test_signs_that_turn_the_writing_are_written_out_and_part_no_word(company: "Company", rows: Rows) -> None:
    company.answers([{"score": 9, "comment": "\u202eparcel"}])
    (row,) = rows("select text, words from comments")
    assert row == {"text": "\\u202eparcel", "words": "parcel"}


def test_an_erased_customers_texts_are_in_no_kept_snapshot(company: "Company", rows: Rows) -> None:
    said = {"c": "secret parcel", "d": "other"}
    company.answers([{"score": 9, "comment": text, "customer_id": name} for name, text in said.items()])
    company.current()
    company.text("erasures.csv", "customer_id\nc\n")
    assert [row["text"] for row in rows("select text from comments")] == ["other"]
    kept = company.current().parts_folder.glob("*.duckdb")
    assert not [path.name for path in kept if b"secret" in path.read_bytes()]


@pytest.mark.parametrize(
    "text", ["<b>x</b><script>alert(1)</script>", "=1+1", "'; drop table x; --", "{{x}}", "\\", '"']
)
def test_hostile_texts_come_out_as_they_are(company: "Company", rows: Rows, text: str) -> None:
    company.answers([{"score": 9, "comment": text}])
    assert rows("select text from comments") == [{"text": text}]


def test_a_cell_of_ten_megabytes_is_cut_and_read(company: "Company", rows: Rows) -> None:
    company.answers([{"score": 9, "comment": "배송이 늦어요 " * 500_000}])
    (row,) = rows("select length(text) as signs, length(words) as read from comments")
    assert row["signs"] <= 10_000 and 0 < row["read"] <= 6_000


# --- the tone of a theme --------------------------------------------------------------------------------------


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


def test_each_theme_of_a_text_has_its_own_sentiment(
    company: "Company", rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "sentiment", Judge)
    theme(company, "parcels", PARCEL)
    theme(company, "app", "label: App\nwords: [app]\n")
    company.answers([{"score": None, "comment": "App good, but parcel late"}])
    found = {row["theme"]: row["sentiment"] for row in rows("select theme, sentiment from mentions")}
    assert found == {"app": pytest.approx(0.9), "parcels": pytest.approx(-0.9)}


def test_a_score_says_more_than_the_text_where_one_clause_is_all_there_is(
    company: "Company", rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "sentiment", Judge)
    theme(company, "parcels", PARCEL)
    company.answers([{"score": 0, "comment": "Parcel good"}])
    (row,) = rows("select sentiment, kind from mentions")
    assert row["sentiment"] == -1 and row["kind"] == "complaint"


def test_a_score_speaks_for_a_clause_that_hardly_judges_and_not_against_one_that_leans_the_other_way(
    company: "Company", rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaning = {"App here": -0.2, "parcel there": 0.2, "App good": 0.9}
    told = staticmethod(
        lambda found: np.array([leaning.get(text.strip(" ,").removeprefix("but "), 0.0) for text in found])
    )
    monkeypatch.setattr(Judge, "polarity", told)
    monkeypatch.setattr(texts, "sentiment", Judge)
    theme(company, "parcels", PARCEL)
    theme(company, "app", "label: App\nwords: [app]\n")
    texts_of = ("App here, but parcel there", "App good, but parcel there")
    company.answers([{"score": score, "comment": text} for text in texts_of for score in (0, 10, None)])
    found = rows("select comment_id, theme, round(sentiment::double, 1) as tone from mentions")
    tones = {(row["comment_id"], row["theme"]): row["tone"] for row in found}
    assert [tones[f"r{number}", "app"] for number in range(6)] == [-1, 0, -0.2, 0.9, 0.9, 0.9]
    assert [tones[f"r{number}", "parcels"] for number in range(3)] == [0, 1, 0.2]


def test_without_a_score_a_clause_that_hardly_judges_means_what_the_text_says_more_clearly_in_its_direction(
    company: "Company", rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaning = {"App here, but parcel there": -0.6, "App here": -0.2, "parcel there": 0.2}
    told = staticmethod(
        lambda found: np.array([leaning.get(text.strip(" ,").removeprefix("but "), 0.0) for text in found])
    )
    monkeypatch.setattr(Judge, "polarity", told)
    monkeypatch.setattr(texts, "sentiment", Judge)
    theme(company, "parcels", PARCEL)
    theme(company, "app", "label: App\nwords: [app]\n")
    company.answers([{"score": None, "comment": "App here, but parcel there"}])
    found = {row["theme"]: row["sentiment"] for row in rows("select theme, sentiment from mentions")}
    assert found == {"app": pytest.approx(-0.6), "parcels": pytest.approx(0.2)}


def test_the_themes_of_shipped_files_are_read_with_the_shipped_queries(demo_engine: Engine) -> None:
    held = demo_engine.snapshot()
    assert held.has("comments") and set(held.labels["theme"]) == {
        one.name for one in themes.load(demo_engine.queries).working
    }


def test_a_brands_own_name_or_alias_in_a_review_carries_no_theme(company: "Company", rows: Rows) -> None:
    company.text("cx.toml", '[aliases]\n"Parcelworld" = ["Parcel Pals"]')
    theme(company, "parcels", PARCEL)
    company.write(
        "reviews/a.parquet",
        [
            {
                "review_id": name,
                "reviewed_at": "2026-03-03T12:00:00+09:00",
                "brand": "Parcelworld",
                "rating": 5.0,
                "body": body,
            }
            for name, body in (("a", "parcel pals is great"), ("b", "my parcel is great"))
        ],
    )
    assert [row["comment_id"] for row in rows("select comment_id from mentions")] == ["b"]


def test_texts_in_other_languages_are_counted_and_said_as_not_read(company: "Company", rows: Rows) -> None:
    company.answers(
        [{"score": 3, "comment": text} for text in ("Trop d'attente à la caisse", "slow delivery", "좋아요")]
    )
    rows("select * from comments")
    held = company.current()
    assert [one.unread for one in held.texts] == [1]
    assert any(
        note.endswith("Korean and English: 1 of 3. Their themes are not read, and only a score tells how they judge.")
        for note in held.notes
    )


def test_a_text_in_another_language_is_judged_by_its_score_alone(company: "Company", rows: Rows) -> None:
    company.answers([{"score": score, "comment": "Trop d'attente à la caisse, très bien"} for score in (None, 1, 10)])
    found = rows("select coalesce(kind, '') as kind, sentiment from comments order by score nulls first")
    assert [(row["kind"], row["sentiment"]) for row in found] == [("", 0), ("complaint", -1), ("praise", 1)]


def test_a_filter_by_the_own_brand_keeps_what_its_customers_wrote_in_surveys(company: "Company", rows: Rows) -> None:
    company.text("cx.toml", 'brand = "ours"\ntime_zone = "Asia/Seoul"\n')
    company.answers([{"score": 9, "comment": "Parcel came"}])
    company.write(
        "reviews/a.parquet",
        [
            {"review_id": brand, "reviewed_at": "2026-03-02T12:00:00Z", "brand": brand, "rating": 5, "body": "Good"}
            for brand in ("ours", "theirs")
        ],
    )
    sql = "select origin, brand, own from comments order by all"
    kept = [{"origin": origin, "brand": "ours", "own": True} for origin in ("responses", "reviews")]
    assert rows(sql, where={"brand": ["ours"]}) == kept
    assert rows(sql, where={"brand": ["theirs"]}) == [{"origin": "reviews", "brand": "theirs", "own": True}]
