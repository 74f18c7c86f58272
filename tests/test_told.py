"""What publishing says in English has its Korean."""

import ast
import re

import pytest

from cx import intake, readers, settings
from cx.told import SENTENCES, in_korean

MODULES = ("intake", "readers", "encodings", "web_tables", "publish/drift", "publish/listing", "publish/derivation")
SAYING = ("DataError", "rule")
HANGUL = re.compile("[가-힣]")
VARIED = {"{} header {}, {} columns.", "{} no column “{}”, which {} must have."}
"""Sentences whose wording differs by what is put in."""


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""


def sentences() -> list[str]:
    """Every sentence and rule that a module of publishing says of files and rows, `{}` for what is put in."""
    found = set()
    for module in MODULES:
        for node in ast.walk(ast.parse((settings.PROJECT / "cx" / f"{module}.py").read_text("utf-8"))):
            said: list[ast.AST] = []
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in SAYING:
                    said = [*node.args[: 1 if called == "rule" else 2]]
                elif called.endswith(("notes.append", "said.append")):
                    said = [*node.args[:1]]
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith((".hint", ".reason")):
                said = [node.value]
            found |= {text for one in said if (text := _text(one))}
    return sorted(found - VARIED - {"A theme file is not used: {}"})


@pytest.mark.parametrize("sentence", sentences())
def test_every_sentence_of_publishing_has_its_korean(sentence: str) -> None:
    told = in_korean(sentence.replace("{}", "7"))
    assert HANGUL.search(told) and not re.search(r"\{\w*\}", told), sentence


@pytest.mark.parametrize("rule", [*readers.UNREADABLE, *readers.UNREADABLE.values()])
def test_rows_that_cannot_be_cut_into_columns_are_named_in_korean(rule: str) -> None:
    assert HANGUL.search(in_korean(rule))


@pytest.mark.parametrize("rule", ["empty", "not a number", "outside the scale 0–10 of nps", "below 1"])
def test_every_remedy_has_its_korean(rule: str) -> None:
    assert HANGUL.search(in_korean(intake._remedy(rule, "score")))


def test_what_differs_stands_in_the_korean_sentence() -> None:
    assert in_korean("outside the scale 0–10 of nps") == "nps 척도 0–10 밖"
    told = in_korean("The column “a “b”” is empty in 75% of its rows, 14% in the files before it.")
    assert told.startswith("“a “b”” 열이 행의 75%에서") and "14%" in told


def test_what_is_not_known_stays_as_it_was_said() -> None:
    assert in_korean("Something new.") == "Something new."


def test_both_languages_name_the_same_places() -> None:
    for english, korean in SENTENCES.items():
        assert set(re.findall(r"\{\w+\}", english)) >= set(re.findall(r"\{\w+\}", korean)), english
