"""Personal data in texts is masked however it is written, what only looks like it stays, and nothing unmasked is kept."""

import hashlib
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cx import masking, settings, snapshot
from cx.errors import SettingsError
from cx.quoting import literal

if TYPE_CHECKING:
    from conftest import Company

BENCHMARK = runpy.run_path(str(Path(__file__).resolve().parent.parent / "benchmarks" / "masking.py"))
CASES = [case for name in ("personal", "personal_unseen") for case in BENCHMARK["cases"](name)]
KINDS = sorted({kind for kind, _, _ in CASES} - {"-"})
PHONE = "010-1234-5678"


def masked(text: str, *names: str) -> str:
    return masking.masked([text], names)[0]


# --- what is found -----------------------------------------------------------------------------------------------


def test_the_labelled_set_is_as_large_as_it_was_asked_to_be() -> None:
    assert sum(len(places) for _, _, places in CASES) >= 300
    assert sum(kind == "-" for kind, _, _ in CASES) >= 100
    assert set(KINDS) == set(masking.MARKS) - {"name"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_labelled_number_is_masked_whole_and_nothing_beside_it(kind: str) -> None:
    for own, text, places in CASES:
        if own == kind:
            found = masking.found(text)
            assert [name for _, _, name in found] == [kind] * len(places), text
            for (start, past, _), (first, end) in zip(found, places, strict=True):
                assert start <= first and past >= end, text
                assert not re.search(r"\w", text[start:first] + text[end:past]), text


def test_numbers_of_orders_parcels_prices_days_versions_and_businesses_stay() -> None:
    texts = [text for kind, text, _ in CASES if kind == "-"]
    assert masking.masked(texts) == texts


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"연락처는 {PHONE}이에요, 메일은 hong@naver.com으로", "연락처는 [phone]이에요, 메일은 [email]으로"),
        ("두 번호 010-1234-5678 010-8765-4321", "두 번호 [phone] [phone]"),
        ("4111 1111 1111 1111, 카드 4111 1111 1111 1112", "[card], 카드 [card]"),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
        ("주민번호 900230-1234567", "주민번호 900230-1234567"),
        ("900101-1234568 / 901301-1234568", "[resident-no] / 901301-1234568"),
        ("999999-1234567", "999999-1234567"),
        ("여권 M12345678, 모델 M12345678", "여권 [passport], 모델 M12345678"),
        ("", ""),
    ],
)
def test_a_mark_stands_where_the_number_stood_and_the_rest_stays(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_a_resident_number_of_today_needs_no_checksum_and_one_of_tomorrow_is_none() -> None:
    assert masked("231105-3234567") == "[resident-no]"
    assert masked("991105-3234567") == "991105-3234567"


def test_names_on_the_list_are_masked_with_their_particles_left() -> None:
    assert masked("김민지님은 친절했고 김민지가 최고", "김민지") == "[name]님은 친절했고 [name]가 최고"
    assert masked("Kim은 좋고 Kimchi도 좋다, (Kim)", "Kim") == "[name]은 좋고 Kimchi도 좋다, ([name])"
    assert masked(f"박서준 {PHONE}", "박서준") == "[name] [phone]"
    assert masked("a.c abc", "a.c") == "[name] abc", "a name is no pattern"


def test_masking_twice_is_masking_once() -> None:
    once = masking.masked([text for _, text, _ in CASES])
    assert masking.masked(once) == once


def test_a_phone_in_pairs_and_the_beginning_of_a_resident_number_are_masked_and_an_item_number_stays() -> None:
    asked = ["010 12 34 56 78 요", "주민번호 900131-1 까지 보임", "900131-1 번 상품 품절"]
    assert masking.masked(asked) == ["[phone] 요", "주민번호 [resident-no] 까지 보임", "900131-1 번 상품 품절"]


def test_a_measure_and_the_registration_of_goods_are_nobodys_number() -> None:
    stay = ["규격 010.12.34.56.78", "등록번호 201231-3 제품", "제품의 등록번호 201231-3"]
    assert masking.masked(stay) == stay
    asked = ["가격 010.12.34.56.78", "등록번호 201231-3 까지 나와요", "주민번호 201231-3 제품 상담"]
    assert [text.count("[") for text in masking.masked(asked)] == [1, 1, 1]


def test_whoever_changes_what_is_masked_raises_the_version() -> None:
    """Parts that an older masker wrote are made anew only then. Raise VERSION and put the new digest here."""
    digest = hashlib.sha256("\n".join(masking.masked([text for _, text, _ in CASES])).encode()).hexdigest()[:12]
    assert (masking.VERSION, digest) == (4, "52ae3284975b")


# --- the pattern that is asked in SQL ----------------------------------------------------------------------------

SIGNS = st.text(
    st.sampled_from(
        [*"0123456789", *"공영일이삼사오육칠팔구에다시", *" -.,_()\n\u200b\u00a0", *"０９①٣", *"aAtT@zerone닷골뱅"]
    )
    | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=60,
)
PARTS = st.lists(
    SIGNS | st.sampled_from([text for _, text, _ in CASES]) | st.sampled_from(["zero ", "one ", "at ", " dot com"]),
    max_size=6,
).map("".join)


@pytest.fixture(scope="module")
def sql() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@given(st.lists(PARTS, min_size=20, max_size=40))
@hypothesis_settings(max_examples=60, deadline=None)
def test_sql_lets_every_text_through_that_would_be_masked_and_no_other_than_python_would(
    sql: duckdb.DuckDBPyConnection, texts: list[str]
) -> None:
    statement = f"select regexp_matches(text, {literal(masking.suspicion())}) from (select unnest($texts) as text)"
    let_through = [row[0] for row in sql.execute(statement, {"texts": texts}).fetchall()]
    python = [re.search(masking.suspicion(), text) is not None for text in texts]
    for text, shown, in_sql, in_python in zip(texts, masking.masked(texts), let_through, python, strict=True):
        assert in_sql == in_python, text
        assert in_sql or shown == text, text


def test_names_on_the_list_go_through_whatever_signs_they_have(sql: duckdb.DuckDBPyConnection) -> None:
    names = ["김 민지", "O'Neil", "a.c (x)", "Zoë"]
    pattern = "|".join(masking.plainly(names))
    for name in names:
        found = sql.execute(f"select regexp_matches($text, {literal(pattern)})", {"text": f"x {name} y"}).fetchone()
        assert found == (True,) and masked(f"x {name} y", *names) == "x [name] y"


# --- the whole way -----------------------------------------------------------------------------------------------


def everything(data: Path) -> str:
    """Every text in every published file."""
    found = []
    for path in sorted(snapshot.published(data).rglob("*")):
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                for (name,) in connection.execute("select name from (show tables)").fetchall():
                    found += [repr(row) for row in connection.execute(f'from "{name}"').fetchall()]
                    found += [repr(row) for row in connection.execute(f'describe "{name}"').fetchall()]
        elif path.suffix == ".parquet":
            found += [repr(row) for row in pq.read_table(path).to_pylist()]
        elif path.is_file():
            found.append(path.read_text(encoding="utf-8"))
    return "\n".join(found)


def fill(company: "Company") -> None:
    company.answers(
        [
            {"score": 1, "comment": f"전화 {PHONE} 주세요", "touchpoint": "shop", "customer_id": "c1", "desk": "2층"},
            {
                "score": 2,
                "comment": "좋아요",
                "touchpoint": f"call {PHONE}",
                "customer_id": "c2",
                "desk": f"desk {PHONE}",
            },
            {"score": 77, "comment": f"x {PHONE}", "touchpoint": "shop", "customer_id": "c3", "desk": "2층"},
        ]
    )
    company.write(
        "reviews/a.parquet",
        [
            {
                "review_id": "v1",
                "reviewed_at": "2026-03-02T12:00:00+09:00",
                "brand": "A",
                "rating": f"call me at {PHONE}",
                "title": f"{PHONE}",
                "body": "hong골뱅이naver닷컴",
            },
            {
                "review_id": "v2",
                "reviewed_at": "2026-03-02T12:00:00+09:00",
                "brand": "A",
                "rating": "5",
                "title": "영 일 공 2 3 4 5",
                "body": "hong@naver.com",
            },
        ],
    )


def test_nothing_unmasked_is_in_any_published_file(company: "Company") -> None:
    fill(company)
    company.publish()
    assert company.published("responses", "comment", "touchpoint", "desk") == [
        ("전화 [phone] 주세요", "shop", "2층"),
        ("좋아요", "call [phone]", "desk [phone]"),
    ]
    assert company.published("reviews", "title", "body") == [("영 일 공 2 3 4 5", "[email]")]
    held = company.current()
    assert "desk [phone]" in held.values["desk"] and "call [phone]" in held.values["touchpoint"]
    assert company.file("reviews/a.parquet")["problems"][0]["value"] == "call me at [phone]"
    text = everything(company.data)
    assert "[phone]" in text and "1234" not in text and "naver" not in text


def test_masking_can_be_switched_off_and_on_again(company: "Company") -> None:
    fill(company)
    company.text("cx.toml", "[privacy]\nmask = false\n")
    company.publish()
    assert company.published("responses", "comment") == ["전화 010-1234-5678 주세요", "좋아요"]
    company.text("cx.toml", "")
    company.publish()
    assert company.published("responses", "comment") == ["전화 [phone] 주세요", "좋아요"]
    assert "1234" not in everything(company.data), "nor is it in what was published before"


def test_a_better_masker_publishes_everything_anew(company: "Company", monkeypatch: pytest.MonkeyPatch) -> None:
    fill(company)
    first = company.publish()
    assert not company.publish().changed
    monkeypatch.setattr(masking, "VERSION", 99)
    again = company.publish()
    assert again.changed and again.rebuilt == 2, "answers and reviews"
    assert again.snapshot.lineage != first.snapshot.lineage
    assert not company.publish().changed


def test_the_rows_of_a_damaged_file_are_masked_as_they_are_carried_on(company: "Company") -> None:
    fill(company)
    company.text("cx.toml", "[privacy]\nmask = false\n")
    company.publish()
    company.text("responses/a.parquet", b"PAR1 broken")
    company.text("cx.toml", '[privacy]\nnames = ["좋아"]\n')
    company.publish()
    assert company.file("responses/a.parquet")["state"] == "kept"
    assert company.published("responses", "comment", "desk") == [
        ("[name]요", "desk [phone]"),
        ("전화 [phone] 주세요", "2층"),
    ]
    assert "1234" not in everything(company.data)


def test_ids_are_what_rows_are_joined_by_and_stay(company: "Company") -> None:
    company.answers([{"score": 9, "customer_id": "01012345678", "unit_id": "02-123-4567"}])
    assert company.published("responses", "customer_id", "unit_id") == [("01012345678", "02-123-4567")]


def test_many_values_that_need_masking_are_masked_row_by_row(company: "Company") -> None:
    rows = [{"score": 9, "touchpoint": f"step 010-1234-{number:04}"} for number in range(300)]
    company.answers(rows)
    assert set(company.published("responses", "touchpoint")) == {"step [phone]"}


@pytest.mark.parametrize(("setting", "said"), [("mask = 1", "privacy.mask"), ('names = ["김"]', "privacy.names")])
def test_a_wrong_setting_is_named(company: "Company", setting: str, said: str) -> None:
    company.text("cx.toml", f"[privacy]\n{setting}\n")
    with pytest.raises(SettingsError, match=said):
        settings.load(company.data)


def test_a_company_that_names_its_staff_masks_them(company: "Company") -> None:
    company.text("cx.toml", '[privacy]\nnames = ["김민지", "Lee"]\n')
    company.answers([{"score": 9, "comment": "김민지님과 Lee가 친절"}])
    assert company.published("responses", "comment") == ["[name]님과 [name]가 친절"]
