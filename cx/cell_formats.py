"""What a workbook says of its cells beside their values: numbers that are names rather than quantities are shown with
leading zeros, which their values lack, and a formula that failed has no value at all.
"""

import posixpath
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

LEADING_ZEROS = re.compile(r"(0{2,})(?:;.*)?")
"""A format that fills a number up with zeros and does nothing else, perhaps with one for negative numbers after it."""
LARGEST = 20_000_000
"""Bytes of a workbook's lists of sheets and formats that are looked at; each takes some kilobytes."""
BLOCK = 1 << 20
LONGEST_CELL = 200
"""Bytes that the beginning of a cell takes at most: its place, its format and its type."""
LONGEST_FORMULA = 50_000
"""Bytes between the beginning of a cell and its value at most: a formula of 8,192 signs, some of them spelled out."""
UNREADABLE = (OSError, KeyError, ValueError, zipfile.BadZipFile, ElementTree.ParseError)
FAILED = re.compile(
    rb'<(?:\w+:)?c(?=\s[^>]*\bt="e")\s[^>]*\br="([A-Z]{1,3})(\d+)"[^>]*>'
    rb".{0,%d}?<(?:\w+:)?v>([^<]*)<" % LONGEST_FORMULA,
    re.DOTALL,
)
"""A cell whose formula failed: its column, its row and what stands in it instead."""


def leading_zeros(path: Path) -> dict[str, dict[int, int]]:
    """By sheet, the columns (from 0) whose numbers are shown with leading zeros, each with its number of digits.

    Empty for what is no workbook of this kind (.xlsx, .xlsm) and for one that cannot be read, which others refuse.
    """
    with suppress(*UNREADABLE), zipfile.ZipFile(path) as book:
        digits = _formats(book)
        if digits:
            return {name: _columns(book, place, digits) for name, place in _sheets(book).items()}
    return {}


def failed(path: Path) -> dict[str, dict[int, dict[int, str]]]:
    """By sheet, column and row (from 0), what stands in the cells whose formulas failed, such as #N/A.

    Empty for what is no workbook of this kind and for one that cannot be read, as above.
    """
    with suppress(*UNREADABLE), zipfile.ZipFile(path) as book:
        return {name: _failed(book, place) for name, place in _sheets(book).items()}
    return {}


def _tree(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if book.getinfo(name).file_size > LARGEST:
        raise ValueError(name)
    content = book.read(name)
    # Only a declaration of its own can make a small document a large one, and no workbook has any.
    if b"<!" in content.replace(b"<!--", b""):
        raise ValueError(name)
    return ElementTree.fromstring(content)  # noqa: S314 - bounded, and without declarations


def _formats(book: zipfile.ZipFile) -> dict[bytes, int]:
    """The formats with leading zeros, as cells name them, each with its number of digits."""
    styles = _tree(book, "xl/styles.xml")
    written = {
        one.get("numFmtId"): len(found.group(1))
        for one in styles.iterfind("{*}numFmts/{*}numFmt")
        if (found := LEADING_ZEROS.fullmatch(one.get("formatCode", "")))
    }
    cells = enumerate(styles.iterfind("{*}cellXfs/{*}xf"))
    return {str(at).encode(): written[one.get("numFmtId")] for at, one in cells if one.get("numFmtId") in written}


def _sheets(book: zipfile.ZipFile) -> dict[str, str]:
    """Where in the workbook each sheet lies, by its name."""
    linked = {
        one.get("Id", ""): posixpath.normpath(posixpath.join("/xl", one.get("Target", "")))[1:]
        for one in _tree(book, "xl/_rels/workbook.xml.rels")
    }
    found = {}
    for sheet in _tree(book, "xl/workbook.xml").iterfind("{*}sheets/{*}sheet"):
        link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
        if link in linked:
            found[sheet.get("name", "")] = linked[link]
    return found


def _columns(book: zipfile.ZipFile, place: str, digits: Mapping[bytes, int]) -> dict[int, int]:
    """The columns of a sheet in which such formats stand."""
    styles = b"|".join(digits)
    cell = re.compile(rb'<(?:\w+:)?c(?=\s[^>]*\bs="(' + styles + rb')")\s[^>]*\br="([A-Z]{1,3})\d+"')
    counts: dict[bytes, Counter[int]] = {}
    for found in _cells(book, place, cell, b's="', LONGEST_CELL):
        counts.setdefault(found.group(2), Counter())[digits[found.group(1)]] += 1
    return {_number(letters): widths.most_common(1)[0][0] for letters, widths in counts.items()}


def _failed(book: zipfile.ZipFile, place: str) -> dict[int, dict[int, str]]:
    """What stands instead of a value in the cells of a sheet whose formulas failed, by column and row, from 0."""
    columns: dict[int, dict[int, str]] = {}
    for found in _cells(book, place, FAILED, b't="e"', LONGEST_FORMULA):
        letters, row, shown = found.groups()
        columns.setdefault(_number(letters), {})[int(row) - 1] = sys.intern(shown.decode("utf-8", "replace"))
    return columns


def _cells(
    book: zipfile.ZipFile, place: str, cell: re.Pattern[bytes], sign: bytes, longest: int
) -> Iterator[re.Match[bytes]]:
    """The cells of a sheet that fit a pattern, which begins with so many bytes at most and holds a sign that is quickly
    looked for: there are too many of them for a tree."""
    kept = b""
    with book.open(place) as stream:
        while block := stream.read(BLOCK):
            text = kept + block
            end = 0
            for found in cell.finditer(text) if sign in text else ():
                yield found
                end = found.end()
            # A cell may begin in one block and end in the next.
            kept = text[max(end, len(text) - longest) :]


def _number(letters: bytes) -> int:
    """The place of a column, from 0: A, B … Z, AA."""
    place = 0
    for letter in letters:
        place = 26 * place + letter - ord("A") + 1
    return place - 1
