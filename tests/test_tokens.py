"""Texts are taken apart into clauses of stems: one word is one word, whatever particle or ending it carries."""

import pytest

from cx import tokens
from cx.tokens import Tokeniser, other_language


def words(text: str, tokeniser: Tokeniser | None = None) -> list[str]:
    """The clauses of a text, their stems joined."""
    return [" ".join(stems) for stems, _ in next((tokeniser or Tokeniser()).clauses([text]))]


@pytest.fixture
def korean() -> Tokeniser:
    pytest.importorskip("kiwipiepy")
    return Tokeniser()


@pytest.fixture
def english() -> Tokeniser:
    pytest.importorskip("snowballstemmer")
    return Tokeniser()


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Tokeniser:
    """A tokeniser where neither library is installed."""
    monkeypatch.setattr(tokens, "_installed", lambda package: "")
    return Tokeniser()


# --- Korean -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["배송이", "배송은", "배송을", "배송", "배송에서"])
def test_a_korean_word_is_one_word_with_every_particle(korean: Tokeniser, text: str) -> None:
    assert words(text, korean) == ["배송"]


@pytest.mark.parametrize("text", ["늦어요", "늦었습니다", "늦네요", "늦다"])
def test_a_korean_verb_is_one_word_with_every_ending(korean: Tokeniser, text: str) -> None:
    assert words(text, korean) == ["늦다"]


def test_a_short_text_that_many_write_is_taken_apart_once_and_a_long_one_is_not_kept(
    korean: Tokeniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST_SHORT", 3)
    long = "배송이 늦어요, " * 10
    asked: list[str] = []
    analysed = korean._analysed
    monkeypatch.setattr(korean, "_analysed", lambda texts: asked.extend(texts) or analysed(texts))
    first = list(korean.clauses(["좋아요", long, "good app", "좋아요", "!!"]))
    assert list(korean.clauses(["!!", long, "좋아요", "good app"])) == [first[place] for place in (4, 1, 0, 2)]
    assert asked == ["좋아요", long, long]
    for text in ("최고", "좋아요"):
        list(korean.clauses([text]))
    assert asked[3:] == ["최고", "좋아요"], "more than may be kept were forgotten"


def test_an_ending_that_turns_begins_a_new_clause(korean: Tokeniser) -> None:
    assert words("앱은 좋은데 배송이 늦어요", korean) == ["앱 좋다", "배송 늦다"]
    assert words("배송은 빨랐지만 포장이 엉망이고 직원은 친절해요", korean)[1:] == ["포장 엉망", "직원 친절"]


def test_a_cause_stays_with_what_it_caused(korean: Tokeniser) -> None:
    assert len(words("배송이 늦어서 짜증나요", korean)) == 1


def test_an_ending_before_a_helping_verb_is_no_turn(korean: Tokeniser) -> None:
    assert words("기다리고 있어요", korean) == ["기다리다"]


def test_clauses_carry_their_own_text(korean: Tokeniser) -> None:
    found = next(korean.clauses(["앱은 좋은데 배송이 늦어요"]))
    assert [text for _, text in found] == ["앱은 좋은데", "배송이 늦어요"]


def test_texts_of_several_languages_keep_their_order(korean: Tokeniser) -> None:
    found = [len(clauses) for clauses in korean.clauses(["배송이 늦어요", "", "late", "앱은 좋은데 배송이 늦어요"])]
    assert found == [1, 0, 1, 2]


# --- English ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["delivered", "Delivering", "delivers"])
def test_an_english_word_is_one_word_with_every_ending(english: Tokeniser, text: str) -> None:
    assert words(text, english) == words("deliver", english)


def test_english_clauses_end_at_sentences_commas_and_but(english: Tokeniser) -> None:
    assert words("The app is great, but delivery was late. Staff rude", english) == [
        "app great",
        "but deliveri late",
        "staff rude",
    ]


def test_negations_are_words(english: Tokeniser) -> None:
    assert words("not good, never again", english) == ["not good", "never again"]


# --- without the libraries ----------------------------------------------------------------------------------


def test_without_kiwi_a_korean_word_loses_its_particle_and_nothing_else(plain: Tokeniser) -> None:
    assert not plain.korean
    assert words("배송이 늦어요", plain) == ["배송 늦어요"]
    assert "plain" in plain.version


def test_without_snowball_an_english_word_is_only_in_small_letters(plain: Tokeniser) -> None:
    assert words("The Parcels arrived", plain) == ["parcels arrived"]


# --- hostile texts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "ㅋ" * 100_000,
        "가" * 100_000,
        "배송이늦어요" * 20_000,
        "a" * 100_000,
        "<script>alert(1)</script>" * 5_000,
        "=SUM(A1:A9)\u202e" * 5_000,
        "\u200b" * 100_000,
        "🙂" * 100_000,
        "a, " * 100_000,
    ],
)
def test_an_endless_text_is_cut(text: str) -> None:
    found = next(Tokeniser().clauses([text]))
    assert len(found) <= tokens.MOST_CLAUSES
    assert sum(len(stems) for stems, _ in found) <= tokens.MOST_SIGNS
    assert all(len(word) <= 3 * tokens.LONGEST_WORD for stems, _ in found for word in stems)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("배송 늦음<br>환불 &quot;거부&quot;", [("배송", "늦음"), ("환불", "거부")]),
        ("앱 <b>오류</b>가 <span class='x'>잦음", [("앱", "오류", "잦음")]),
        ("쿠폰 https://example.com/a?b=c 안됨 www.example.com", [("쿠폰", "안됨")]),
        ("용량 1 < 2 이고 A&B 매장", [("용량", "이고", "b", "매장")]),
    ],
)
def test_markup_and_addresses_are_no_words(plain: Tokeniser, text: str, words: list[tuple[str, ...]]) -> None:
    (clauses,) = plain.clauses([text])
    assert [stems for stems, _ in clauses] == words


def test_markup_in_capitals_is_markup_and_what_only_begins_like_it_is_a_word(plain: Tokeniser) -> None:
    (clauses,) = plain.clauses(["배송 늦음<BR>환불 <primo> 거부"])
    assert [stems for stems, _ in clauses] == [("배송", "늦음"), ("환불", "primo", "거부")]


def test_signs_that_nobody_sees_do_not_part_a_word(plain: Tokeniser) -> None:
    assert words("배\u200b송이", plain) == ["배송"]


@pytest.mark.parametrize("text", ["배&#8203;송이", "배&shy;송이", "배&#x202E;송이"])
def test_signs_that_nobody_sees_do_not_part_a_word_however_a_page_spelled_them(plain: Tokeniser, text: str) -> None:
    assert words(text, plain) == ["배송"]


@pytest.mark.parametrize("text", ["[phone] 배송", "배송 [account]", "[email][resident-no] 배송"])
def test_what_stands_in_place_of_personal_data_is_no_word(plain: Tokeniser, text: str) -> None:
    assert words(text, plain) == ["배송"]


# --- what a reader looks for --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "stem"),
    [
        ("배송이", "배송"),
        ("개인정보가", "개인정보"),
        ("늦어요", "늦다"),
        ("늦었어요", "늦다"),
        ("느려요", "느리다"),
        ("비싸요", "비싸다"),
        ("튕깁니다", "튕기다"),
        ("느림", "느리다"),
        ("비쌈", "비싸다"),
        ("빨라요", "빠르다"),
        ("어려워요", "어렵다"),
        ("예뻐요", "예쁘다"),
        ("나빠요", "나쁘다"),
        ("돼요", "되다"),
        ("친절하세요", "친절"),
        ("유출됐대요", "유출"),
        ("5.2", "5.2"),
        ("v5.2.1,", "v5.2.1"),
    ],
)
def test_a_korean_word_is_looked_for_by_its_stem(asked: str, stem: str) -> None:
    assert stem in tokens.sought(asked)[0].split("|")


def test_a_denied_verb_written_as_one_is_looked_for_as_two() -> None:
    denial, verb = (term.split("|") for term in tokens.sought("안돼요"))
    assert denial == ["안", "안돼요"] and "되다" in verb and verb[-1] == "안돼요"
    assert len(tokens.sought("안내가 못난이")) == 2


def test_an_english_word_is_looked_for_by_its_stem() -> None:
    pytest.importorskip("snowballstemmer")
    assert tokens.sought("parcels late") == ("parcel|parcels", "late|late")


def test_a_search_keeps_the_word_as_written_last_and_leaves_signs_out() -> None:
    assert tokens.sought("배송이? %'_|") == ("배송|배송이",)
    assert tokens.sought("  ") == ()


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Trop d'attente à la caisse", True),
        ("Muy buena atención", True),
        ("Die Schlange war zu lang", True),
        ("配送がとても遅いです", True),
        ("The café was great", False),
        ("Delivery was late again", False),
        ("배송이 너무 늦어요", False),
        ("앱이 très bien 해요", False),
        ("ok", False),
    ],
)
def test_a_text_in_a_language_that_nothing_reads_is_known_as_one(text: str, other: bool) -> None:
    assert other_language(text) == other
