"""Native exports of survey tools: which of their first rows are headers, and what their columns are called.

Qualtrics writes two header rows (Legacy) or three (Insights), SurveyMonkey one or two. Each row that is no answer is
taken off here, so that a source sees one row per respondent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cx.errors import DataError

MOST_HEADERS = 3
PLAIN_ANSWERS = ("", "response", "open-ended response", "응답", "주관식 응답")
"""What SurveyMonkey writes below a question that has one column only."""
RESPONDENT = ("respondent id", "respondentid", "응답자 id", "응답자id")


@dataclass(frozen=True)
class Header:
    """The columns of an export: their names, the wording under each, and how many rows were taken for it."""

    names: tuple[str, ...]
    wordings: tuple[str, ...]
    rows: int


def plain(text: str) -> str:
    """A name or a wording on one line, without tags and without blanks around it."""
    return " ".join(re.sub(r"<[^<>]{1,40}>", " ", text).split())


def qualtrics(rows: Sequence[Sequence[str]]) -> Header:
    """The header of a Qualtrics export: short names, wordings and, in Insights, a row of import identifiers."""
    insights = len(rows) > 2 and any("ImportId" in cell for cell in rows[2])
    # A first row that names it proves nothing: what stands below may already be an answer.
    below = {plain(cell).lower().replace(" ", "") for cell in rows[1]} if len(rows) > 1 else set()
    if "responseid" not in below and not (insights and any("_recordId" in cell for cell in rows[2])):
        raise DataError(
            "It does not begin as exports of Qualtrics do: no ResponseId in its second row.",
            "Export it as CSV under Data & Analysis, or leave `reader: qualtrics` out.",
        )
    first, second = rows[0], rows[1]
    # Legacy calls the tool's own columns V1 … V10; what they are stands below.
    names = tuple(
        plain(below) if re.fullmatch(r"V\d+", name.strip()) and plain(below) else plain(name)
        for name, below in zip(first, _padded(second, len(first)), strict=True)
    )
    return Header(names, tuple(plain(cell) for cell in _padded(second, len(first))), 3 if insights else 2)


def surveymonkey(rows: Sequence[Sequence[str]]) -> Header:
    """The header of a SurveyMonkey export: questions, and answer choices below those that have many columns."""
    if not rows or plain(rows[0][0]).lower() not in RESPONDENT:
        raise DataError(
            "It does not begin as exports of SurveyMonkey do: its first column is not Respondent ID.",
            "Export all responses with their original columns, or leave `reader: surveymonkey` out.",
        )
    first = [plain(cell) for cell in rows[0]]
    if len(rows) < 2 or plain(rows[1][0]) or not any(plain(cell) for cell in rows[1]):
        return Header(tuple(first), tuple(first), 1)
    names, wordings, question = [], [], ""
    for name, below in zip(first, (plain(cell) for cell in _padded(rows[1], len(first))), strict=True):
        question = name or question
        alone = bool(name) and below.lower() in PLAIN_ANSWERS
        names.append(question if alone or not below else f"{question}: {below}")
        wordings.append(question)
    return Header(tuple(names), tuple(wordings), 2)


HEADERS = {"qualtrics": qualtrics, "surveymonkey": surveymonkey}
"""What finds the header of each tool's exports."""


def recognised(rows: Sequence[Sequence[str]]) -> str:
    """The tool whose export begins with these rows, or an empty text."""
    for tool, header in HEADERS.items():
        try:
            header(rows)
        except DataError:
            continue
        return tool
    return ""


def _padded(row: Sequence[str], width: int) -> list[str]:
    return [*row[:width], *[""] * (width - len(row))]
