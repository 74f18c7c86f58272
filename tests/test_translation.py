"""What publishing says of exports stands on the Data page in the reader's language."""

import ast
import re
from pathlib import Path

import pytest

from cx import intake, readers, settings
from cx.translation import SENTENCES, translated

CX = settings.PROJECT / "cx"
SAYING = [
    *sorted((CX / "publish").glob("*.py")),
    *(
        CX / f"{name}.py"
        for name in (
            "intake",
            "readers",
            "encodings",
            "packed",
            "web_tables",
            "cell_formats",
            "checksums",
            "surveys",
            "exports",
        )
    ),
]


def sentences(tree: ast.Module) -> list[str]:
    """The sentences that a module says, with `{}` for what is put into them."""
    described = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    within = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    found = []
    for node in ast.walk(tree):
        if id(node) in described | within:
            continue
        text = ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        text = re.sub(r"\{\w+\}", "{}", text).strip()
        if re.fullmatch(r"[A-Z“{].* .*[.:]( \{\})?", text, re.DOTALL):
            found.append(text)
    return found


@pytest.mark.parametrize("path", SAYING, ids=lambda path: path.stem)
def test_every_sentence_that_publishing_says_has_its_korean(path: Path) -> None:
    said = [text.replace("{}", "7") for text in sentences(ast.parse(path.read_text("utf-8")))]
    assert [text for text in said if translated(text, "ko") == text] == []


@pytest.mark.parametrize(
    "said",
    [
        "Of numbers with more than 15 digits a spreadsheet keeps the first 15: such stand in “a”. "
        "Where they tell rows apart, export the column as text.",
        "The column “x” is no segment because of its type. Make it a text or a whole number in a source.",
        "Cells whose formula failed, such as “#N/A” in row 5 of “a”, are read as empty: “a” (2). "
        "Mend the formulas and export the file again where values belong there.",
        "In a.xlsx: The column “x” is no segment because of its type. Make it a text or a whole number in a source.",
    ],
)
def test_a_sentence_that_ends_with_what_differs_leaves_the_next_one_whole(said: str) -> None:
    *_, last = re.split(r"(?<=\.) (?=[A-Z])", said)
    korean = translated(said, "ko")
    assert korean.endswith(translated(last, "ko")) and translated(last, "ko") != last
    assert not re.search(r"[a-z]{4}", korean.removeprefix("a.xlsx"))


def test_a_name_that_holds_two_sentences_is_one_name() -> None:
    assert translated("The column “Why. Tell us” is empty in all of its rows.", "ko").startswith("“Why. Tell us” 열이")


def test_korean_sentences_hold_whatever_the_english_ones_do() -> None:
    for english, korean in SENTENCES.items():
        places = [str(place) for place in range(english.count("{}"))]
        assert sorted(re.findall(r"\{(\d)\}", korean)) == places, english
        assert re.search("[가-힣]", korean) or korean == "PDF", english


@pytest.mark.parametrize(
    ("said", "korean"),
    [
        ("outside the scale 0–10 of nps", "nps의 척도 0–10을 벗어남"),
        ("It is a picture by its content.", "내용은 그림입니다."),
        (
            "The column “a “b” c” is no segment because of its type.",
            "“a “b” c” 열은 자료형 때문에 세그먼트가 되지 않습니다.",
        ),
        ("The column “empty” is empty in all of its rows.", "“empty” 열이 모든 행에서 비어 있습니다."),
        ("It is encrypted. Export it without encryption.", "암호화되어 있습니다. 암호화하지 않고 내보내세요."),
        (
            "Source s: no file matches x/*.csv. There is nothing to choose from here.",
            "소스 s: x/*.csv에 맞는 파일이 없습니다. 여기서 고를 수 있는 것이 없습니다.",
        ),
        ("Something nobody has translated.", "Something nobody has translated."),
    ],
)
def test_names_and_numbers_keep_their_places_in_korean(said: str, korean: str) -> None:
    assert translated(said, "ko") == korean
    assert translated(said, "en") == said


@pytest.mark.parametrize(
    "rule", [*readers.UNREADABLE, "empty", "not a number", "outside the scale 0–10 of nps", "below 1"]
)
def test_every_rule_and_its_remedy_have_their_korean(rule: str) -> None:
    remedy = readers.UNREADABLE.get(rule) or intake._remedy(rule, "score")
    assert all(re.search("[가-힣]", translated(text, "ko")) for text in (rule, remedy))
