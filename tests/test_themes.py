"""Theme files are read, checked with their own sentences, and found in the clauses that carry them."""

from pathlib import Path

import pytest

from cx import settings, themes
from cx.errors import QueryFileError
from cx.themes import Matcher
from cx.tokens import Tokeniser

QUERIES = settings.PROJECT / "queries"
SHIPPED = themes.load((QUERIES,))


def written(text: str) -> themes.Theme:
    return themes.theme("delivery", text, "queries/themes/delivery.yaml")


def matcher(*texts: str) -> Matcher:
    """A matcher over themes named a, b, c …"""
    named = zip("abc", texts, strict=False)
    return Matcher([themes.theme(name, f"label: {name}\n{text}", f"{name}.yaml") for name, text in named], Tokeniser())


def carried(text: str, *files: str) -> set[str]:
    found = matcher(*files)
    return set().union(*(found.carried(words) for words, _ in next(found.tokeniser.clauses([text]))), set())


@pytest.fixture
def kiwi() -> None:
    pytest.importorskip("kiwipiepy")


# --- files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", SHIPPED.working, ids=lambda one: one.name)
def test_every_shipped_theme_has_both_languages_and_sentences_of_both_outcomes(one: themes.Theme) -> None:
    assert set(one.label) == {"en", "ko"} and one.label["en"] != one.label["ko"]
    assert {sentence.carries for sentence in one.tests} == {True, False}
    assert {bool(themes.HANGUL.search(sentence.text)) for sentence in one.tests} == {True, False}


def test_every_shipped_theme_is_in_order() -> None:
    assert not SHIPPED.problems and len(SHIPPED.working) >= 20


@pytest.fixture(scope="module")
def shipped() -> Matcher:
    pytest.importorskip("kiwipiepy")
    pytest.importorskip("snowballstemmer")
    return Matcher(SHIPPED.working, Tokeniser())


@pytest.mark.parametrize("one", SHIPPED.working, ids=lambda one: one.name)
def test_every_shipped_theme_keeps_what_its_sentences_say(one: themes.Theme, shipped: Matcher) -> None:
    text = (QUERIES / "themes" / f"{one.name}.yaml").read_text("utf-8")
    assert not [str(error) for error in themes.failures(one, shipped, text)]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("words: [a]", 1, "label"),
        ("label: A\nword: [a]", 2, "words"),
        ("label: A", 1, "neither words nor phrases"),
        ("label: A\nwords: [a, b, a]", 2, "twice"),
        ("label: A\nwords: {a: b}", 2, "list"),
        ("label: A\nwords: 선물포장, gift-wrapped", 2, "Write a list: `words: [선물포장, gift-wrapped]`"),
        ("label: A\nwords: [a]\ntests: [{text: b, carry: true}]", 3, "{text: b, carry: true} is no sentence"),
        ("label: A\nwords: [a]\ntests: [{text: b}]", 3, "sentence"),
        ("label: A\nwords: [a]\ntests:\n  - {text: b, carries: maybe}", 4, "maybe"),
        ("label: A\nwords: [a", 3, "YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_remedy(text: str, line: int, told: str) -> None:
    with pytest.raises(QueryFileError) as caught:
        written(text)
    assert told in f"{caught.value.message} {caught.value.hint}" and caught.value.hint
    assert caught.value.line == line or told == "YAML"


def test_a_broken_file_harms_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "queries" / "themes"
    folder.mkdir(parents=True)
    (folder / "good.yaml").write_text("label: A\nwords: [a]", "utf-8")
    (folder / "bad.yaml").write_text("label: A", "utf-8")
    found = themes.load((tmp_path / "queries",))
    assert [one.name for one in found.working] == ["good"]
    assert found.problems["bad"].file == "queries/themes/bad.yaml"


def test_a_theme_of_another_ending_is_said_not_to_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "queries" / "themes"
    folder.mkdir(parents=True)
    (folder / "gift.yml").write_text("label: A\nwords: [a]", "utf-8")
    found = themes.load((tmp_path / "queries",))
    assert not found.working and found.problems["gift.yml"].hint == "Name it gift.yaml."


def test_a_companys_own_file_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    folder = tmp_path / "own" / "themes"
    folder.mkdir(parents=True)
    before = themes.digest((QUERIES,))
    (folder / "delivery.yaml").write_text("label: Ours\nwords: [drone]", "utf-8")
    found = {one.name: one for one in themes.load((QUERIES, tmp_path / "own")).working}
    assert found["delivery"].label["en"] == "Ours" and len(found) == len(SHIPPED.working)
    assert themes.digest((QUERIES, tmp_path / "own")) != before


def test_a_sentence_that_is_read_otherwise_is_a_failure_with_its_line() -> None:
    text = "label: A\nwords: [late]\ntests:\n  - {text: on time, carries: true}"
    one = themes.theme("a", text, "a.yaml")
    (error,) = themes.failures(one, Matcher([one], Tokeniser()), text)
    assert error.line == 4 and "on time" in error.message and "time" in error.hint


# --- finding ------------------------------------------------------------------------------------------------


def test_a_word_finds_its_theme_and_an_exclusion_takes_it_back() -> None:
    assert carried("parcel late", "words: [parcel]") == {"a"}
    assert carried("parcel fee", "words: [parcel]\nexclusions: [parcel fee]") == set()


def test_an_exclusion_counts_in_its_own_clause_only() -> None:
    assert carried("parcel fee. parcel late", "words: [parcel]\nexclusions: [parcel fee]") == {"a"}


def test_a_phrase_needs_its_words_in_order_and_near_each_other() -> None:
    assert carried("customer friendly service", "phrases: [customer service]") == {"a"}
    assert carried("service customer", "phrases: [customer service]") == set()
    assert carried("customer one two three four service", "phrases: [customer service]") == set()


def test_a_word_written_as_one_or_as_two_is_the_same() -> None:
    assert carried("고객 센터", "words: [고객센터]") == {"a"}
    assert carried("고객센터", "phrases: [고객 센터]") == {"a"}


def test_a_text_carries_several_themes_each_with_the_tone_of_its_clauses() -> None:
    found = matcher("words: [app]", "words: [parcel]")
    assert found.mentions([("app", "good"), ("parcel", "late")], [0.8, -0.6]) == {"a": 0.8, "b": -0.6}


def test_the_tone_of_a_theme_named_twice_is_the_mean() -> None:
    assert matcher("words: [app]").mentions([("app",), ("app",)], [0.8, -0.4]) == {"a": pytest.approx(0.2)}


def test_where_a_clause_says_nothing_the_next_one_without_a_theme_speaks() -> None:
    found = matcher("words: [parcel]", "words: [app]")
    assert found.mentions([("parcel", "came"), ("too", "late")], [0.0, -0.7]) == {"a": -0.7}
    assert found.mentions([("parcel", "came"), ("app", "good")], [0.0, 0.7]) == {"a": None, "b": 0.7}


@pytest.mark.usefixtures("kiwi")
def test_a_korean_word_finds_all_its_forms() -> None:
    assert carried("배송은 빨랐어요", "words: [배송]") == {"a"}
    assert carried("너무 늦었네요", "words: [늦다]") == {"a"}
    assert carried("아직도 물건이 안 왔어요", "phrases: [물건 안 오다]") == {"a"}


@pytest.mark.usefixtures("kiwi")
@pytest.mark.parametrize(
    ("word", "text"),
    [("첫구매", "지난주에 구매했어요"), ("집화", "집에 두고 갔어요"), ("짱짱하다", "전화하라 하고 끊었어요")],
)
def test_a_word_that_alone_is_read_as_less_than_it_is_does_not_stand_for_that(word: str, text: str) -> None:
    assert carried(text, f"words: [{word}]") == set()


def test_what_stands_in_a_brands_name_is_no_word_about_a_theme() -> None:
    pytest.importorskip("kiwipiepy")
    found = Matcher(
        [themes.theme("a", "label: a\nwords: [배달, delivery]", "a.yaml")], Tokeniser(), ["배달세상", "Delivery Hero"]
    )
    told = {
        text: any(found.carried(words) for words, _ in next(found.tokeniser.clauses([text])))
        for text in (
            "배달세상 최고",
            "배달 세상 앱 좋아요",
            "배달세상 배달이 늦어요",
            "Delivery Hero is late",
            "delivery is late",
        )
    }
    assert list(told.values()) == [False, False, True, False, True]
