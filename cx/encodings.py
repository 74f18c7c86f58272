"""Text files as they come: in which encoding, with which delimiter, and in which line the columns are named."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TextIO

from cx.errors import DataError

BLOCK = 1 << 20
LOOKED_AT = 200
"""Records of a file from which its delimiter and its header are told."""
FEWEST_LETTERS = 20
"""A file is no text where more than one byte of so many is zero."""
STRETCH = bytes(512)
"""What a copy that went wrong leaves where letters were: a sector of a disk. Programs that fill cells up use less."""
SAMPLE = 200_000
"""Bytes beyond ASCII, with their lines, from which an encoding is told."""

MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
CANDIDATES = ["cp949", "cp1252"]
"""Encodings to choose among where a file is neither UTF-8 nor UTF-16. Others have to be told: the more there
are to choose among, the more often a file of few letters is taken for the wrong one."""
DELIMITERS = (",", ";", "\t", "|")
NUMERIC = re.compile(r"[-+]?[\d.,:/% -]+")
"""What no column is called: a number or a time."""
WIDE_ENOUGH = 0.6
"""Share of the widest record's cells from which a record names columns rather than being a title above them."""


@dataclass(frozen=True)
class Text:
    """How a text file is written."""

    encoding: str
    newline: str = "\n"
    """What ends a line; empty where lines end in more than one way."""
    told: bool = False
    nuls: int = 0
    """Bytes of zero in it, which are no letters; not counted in UTF-16, where letters hold them."""
    first_nul: int = 0
    """The line of the first of them."""

    @property
    def utf_8(self) -> bool:
        """Whether its bytes are what DuckDB reads."""
        return self.encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig", "ascii")


def told_by(path: Path, encoding: str = "") -> Text:
    """The encoding and the line ends of a file: as declared, else by its mark, its validity as UTF-8 or its letters.

    Raises DataError for a file that is no text, or damaged.
    """
    text = _told_by(path, encoding)
    if _is_wide(text.encoding):
        return text
    nuls, first = _nuls(path)
    if nuls * FEWEST_LETTERS > path.stat().st_size:
        raise DataError("It is no text: it holds bytes that are no letters.", "Name its reader, or export it as CSV.")
    return replace(text, nuls=nuls, first_nul=first)


def without_nuls(text: str) -> str:
    """A text without what no letter is written as and some programs leave between letters."""
    return text.replace("\x00", "")


def _nuls(path: Path) -> tuple[int, int]:
    """How many bytes of a file are zero, and the line of the first; a long stretch of them refuses it as damaged."""
    number = first = 0
    line = 1
    end = b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            found = block.count(0)
            if found and not first:
                first = line + block.count(b"\n", 0, block.index(0))
            number += found
            if found and STRETCH in end + block:
                raise DataError(
                    f"It is damaged: stretches of it from line {first:,} on hold nothing.",
                    "Export it again; see that the copy is complete.",
                )
            line += block.count(b"\n")
            end = block[-len(STRETCH) :]
    return number, first


def _told_by(path: Path, encoding: str) -> Text:
    with path.open("rb") as stream:
        start = stream.read(4096)
    if encoding and not (encoding.lower().replace("_", "-") in ("utf-8", "utf8") and start.startswith(MARKS[0][0])):
        return Text(encoding, _line_ends(path, encoding), told=True)
    for mark, name in MARKS:
        if start.startswith(mark):
            if name == "utf-8-sig":
                _refuse_damaged(path)
            return Text(name, _line_ends(path, name))
    pairs = len(start) // 2
    for name, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        if pairs and zeros.count(0) > 0.2 * pairs:
            return Text(name, _line_ends(path, name))
    odd = _beyond_ascii(path)
    if odd is None:
        return Text("utf-8", _line_ends(path, "utf-8"))
    # Loaded only where it is needed: the workers import this module too and have to start in a moment.
    from charset_normalizer import from_bytes

    best = from_bytes(odd, cp_isolation=CANDIDATES).best()
    name = best.encoding if best else "cp1252"
    return Text(name, _line_ends(path, name))


def _refuse_damaged(path: Path) -> None:
    if _beyond_ascii(path) is not None:
        raise DataError("It is marked as UTF-8 and is not.", "Export it again; see that the copy is complete.")


def _beyond_ascii(path: Path) -> bytes | None:
    """The lines of a file that hold other letters than ASCII, up to a size; None where all of it is UTF-8.

    A file most of whose such lines are UTF-8 is a damaged one rather than one of another encoding.
    """
    lines: list[bytes] = []
    held = good = bad = first = 0
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad, first = bad + 1, first or number
            if held < SAMPLE:
                lines.append(line.replace(b"\x00", b""))
                held += len(line)
    if not bad:
        return None
    if good > bad:
        raise DataError(
            f"It is UTF-8 text, but line {first:,} is damaged (such lines: {bad:,}).",
            "Export it again; see that the copy is complete, or name its `encoding` in the source.",
        )
    return b"".join(lines)


def _is_wide(encoding: str) -> bool:
    """Whether an encoding writes plain letters with bytes of zero beside them."""
    return encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32"))


def _line_ends(path: Path, encoding: str) -> str:
    """What ends the lines of a file; an empty text where it is not always the same."""
    if _is_wide(encoding):
        return ""  # rewritten in any case
    both = line = back = 0
    last = b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            both += (last + block).count(b"\r\n")
            line += block.count(b"\n")
            back += block.count(b"\r")
            last = block[-1:] if block.endswith(b"\r") else b""
    if back == 0:
        return "\n"
    if both == line == back:
        return "\r\n"
    return "\r" if line == 0 else ""


def _as_it_seems(path: Path) -> str:
    """What to write where another encoding was declared than a file has."""
    with suppress(DataError):
        name = _told_by(path, "").encoding
        return f"By its letters it is {name}: write `encoding: {name}` in the source."
    return "Name its `encoding` in the source, or save it as UTF-8."


@contextmanager
def opened(path: Path, text: Text, newline: str | None = "") -> Iterator[TextIO]:
    """The file as text without its mark; a byte that its encoding has not refuses the file."""
    try:
        with path.open(encoding=text.encoding, newline=newline) as stream:
            if text.encoding.replace("_", "-") in ("utf-16-le", "utf-16-be") and stream.read(1) != "\ufeff":
                stream.seek(0)
            yield stream
    except UnicodeDecodeError as error:
        raise DataError(
            f"It is not written in {text.encoding}: {error.reason} at byte {error.start:,}.",
            _as_it_seems(path) if text.told else "Name its `encoding` in the source, or save it as UTF-8.",
        ) from error
    except LookupError as error:
        raise DataError(
            f"There is no encoding “{text.encoding}”.",
            "Write utf-8, utf-16, cp949, cp1252 or another that Python knows.",
        ) from error


def lines(stream: TextIO, quote: str) -> Iterator[tuple[str, str]]:
    """The lines of a delimited file, each with what ends its record; within a quoted cell a line stays whole."""
    inside = False
    for line in stream:
        inside ^= line.count(quote) % 2 == 1
        bare = line.rstrip("\r\n")
        yield (line, "") if inside else (bare, line[len(bare) :])


def one_end(path: Path, text: Text, quote: str) -> bool:
    """Whether all records of a file end in the same way, whatever their cells hold."""
    if text.newline:
        return True
    with opened(path, text) as stream:
        return len({end for _, end in lines(stream, quote) if end}) <= 1


# --- Delimiters and headers --------------------------------------------------------------------------


@dataclass(frozen=True)
class Dialect:
    """How the cells of a text file are set apart, and where its columns are named."""

    delimiter: str
    quote: str
    escape: str
    header: tuple[str, ...]
    """The cells that name the columns."""
    record: int
    """Which record of the file names them, from 1."""
    lines: int
    """After how many lines the records begin."""
    two: bool = False
    """Whether the record below names columns too."""


def dialect(path: Path, text: Text, delimiter: str, quote: str, escape: str, header_row: int) -> Dialect:
    """How a delimited file is written; what is not declared is told from its first records."""
    with opened(path, text) as stream:
        head = without_nuls("".join(_first_lines(stream)))
    if not head.strip():
        raise DataError("It is empty.", "Export it again; see that the copy is complete.")
    if not quote:
        quote = "'" if '"' not in head and _wrapped(head) else '"'
    if not delimiter:
        delimiter = max(DELIMITERS, key=lambda sign: _regular(_records(head, sign, quote, escape)))
    records = _records(head, delimiter, quote, escape)
    at = header_at([cells for cells, _ in records], header_row)
    cells, lines = records[at]
    below = header_below([cells for cells, _ in records], at)
    if below:
        cells, lines = below, records[at + 1][1]
    return Dialect(delimiter, quote, escape, tuple(cells), at + 1, lines, below is not None)


def refuse_cut_off(path: Path, how: Dialect) -> None:
    """Refuse a UTF-8 file that ends within a row or a quoted cell: DuckDB fills up the one and leaves out the other."""
    _refuse_short_end(path, how)
    quotes = 0
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            quotes += block.count(how.quote.encode())
    if quotes % 2 == 0 and not how.escape:
        return
    with path.open(encoding="utf-8-sig", newline="") as text:
        records = csv.reader(
            text,
            delimiter=how.delimiter,
            quotechar=how.quote,
            escapechar=how.escape or None,
            doublequote=not how.escape,
            strict=True,
        )
        line = ended = 0
        while not ended:
            try:
                ended = next(records, None) is None
                line = records.line_num
            except csv.Error as error:
                if "unexpected end" in str(error):
                    raise DataError(
                        f"It ends within a quoted cell that begins after line {line:,}.",
                        "It was probably cut off while it was copied: export it again.",
                    ) from error


def _refuse_short_end(path: Path, how: Dialect) -> None:
    """Refuse a file whose last line has no end, and fewer cells than the header and than the line before it."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - BLOCK))
        *before, last = stream.read().decode("utf-8", "ignore").split("\n")
    if not last.strip() or len(before) < 2 or how.quote in last:
        return
    width = len(how.header)
    found, usual = last.count(how.delimiter) + 1, before[-1].count(how.delimiter) + 1
    if found < min(width, usual):
        raise DataError(
            f"It ends within a row: its last line has {found} of {width} cells and no end.",
            "It was probably cut off while it was copied: export it again. If it is whole, end it with a line break.",
        )


MOST_PATTERNS = 4
"""Numbers, times and codes are written in no more ways than these within a column; texts in more."""
MOST_WORDS = 50
"""So many different words, each in several rows, are the names of groups rather than somebody's own words."""
AMONG_NUMBERS = 0.2
"""A column with so few texts beside its numbers is one of numbers: those are a total or stand for “no answer”."""
LONGEST_NUMBER = 4
"""A number holds no more cells than these, 1,234,567,890; nor does the name of a group."""
MOST_SURPLUS = 100
"""A row with more delimiters to spare is not taken apart."""
NUMBER_PATTERN = "9"


@lru_cache(maxsize=100_000)
def pattern_of(cell: str) -> str:
    """How a cell is written: 9 for a number, a for letters, other signs as they are."""
    return LETTERS.sub("a", NUMBERS.sub("9", cell.removeprefix("-").removeprefix("+")))


NUMBERS, LETTERS = re.compile(r"[0-9]+(?:[.][0-9]+)*"), re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Shape:
    """What the cells of a column look like in the rows that can be read."""

    patterns: Mapping[str, tuple[int, int]]
    """How the cells with digits are written, each with the lengths of the shortest and the longest of them."""
    words: frozenset[str]
    """The cells without digits, where they are the names of groups."""
    free: bool
    """Whether any text may stand in it."""

    def fits(self, cell: str, delimiter: str) -> bool:
        """Whether a cell, or several put together by the delimiter, may stand in this column."""
        if self.free or not cell or cell in self.words:
            return True
        # Within a number the delimiter sets thousands or decimals apart.
        whole = (
            re.sub(rf"(?<=[0-9]){re.escape(delimiter)}(?=[0-9])", "", cell) if delimiter and delimiter in cell else cell
        )
        pattern = pattern_of(whole)
        if pattern not in self.patterns:
            return False
        shortest, longest = self.patterns[pattern]
        # A number may be longer than any before, while days and most codes are all of one length.
        return pattern == NUMBER_PATTERN or shortest < longest or len(cell) == longest


def shape_of(patterns: Mapping[str, tuple[int, int]], numbers: int, words: Mapping[str, int]) -> Shape:
    """The shape of a column by how its cells with digits are written, how many they are, and its other cells with
    their numbers."""
    several_words = any(re.search("a .*a", pattern) for pattern in patterns)
    others = sum(words.values())
    names = len(words) <= MOST_WORDS and (len(words) <= 0.7 * others or others <= AMONG_NUMBERS * numbers)
    return Shape(patterns, frozenset(words), several_words or len(patterns) > MOST_PATTERNS or not names)


def shape_of_cells(cells: Iterable[str]) -> Shape:
    """The shape of a column by its cells."""
    patterns: dict[str, tuple[int, int]] = {}
    words: Counter[str] = Counter()
    numbers = 0
    for cell in filter(None, cells):
        if re.search("[0-9]", cell):
            numbers += 1
            pattern = pattern_of(cell)
            shortest, longest = patterns.get(pattern, (len(cell), len(cell)))
            patterns[pattern] = (min(shortest, len(cell)), max(longest, len(cell)))
        else:
            words[cell] += 1
    return shape_of(patterns, numbers, words)


def never_plain(shapes: Sequence[Shape]) -> bool:
    """Whether a delimiter to spare may always stand in two texts side by side, or there is no text for it."""
    beside = any(one.free and other.free for one, other in pairwise(shapes))
    return beside or not any(shape.free for shape in shapes)


def put_together(line: str, how: Dialect, shapes: Sequence[Shape]) -> tuple[str, tuple[int, ...]]:
    """A line of too many cells with its surplus delimiters in quotes, and the columns (from 0) that hold them.

    Empty where they could belong to another column too, or to none: a number would end up in the wrong place unseen.
    """
    cells = line.split(how.delimiter)
    surplus = len(cells) - len(shapes)
    if how.quote in line or not 0 < surplus <= MOST_SURPLUS:
        return "", ()
    # For each number of cells that may stand before a column, how they are put together; None for in several ways.
    ways: dict[int, tuple[str, ...] | None] = {0: ()}
    for place, shape in enumerate(shapes):
        longer: dict[int, tuple[str, ...] | None] = {}
        for start, before in ways.items():
            most = place + 1 + surplus if shape.free else min(place + 1 + surplus, start + LONGEST_NUMBER)
            for end in range(start + 1, most + 1):
                piece = how.delimiter.join(cells[start:end])
                if shape.fits(piece, how.delimiter):
                    longer[end] = None if end in longer or before is None else (*before, piece)
        ways = longer
    only = ways.get(len(cells))
    if only is None:
        return "", ()
    places = tuple(place for place, piece in enumerate(only) if how.delimiter in piece)
    # 1,200 may be a thousand or a decimal number.
    if not all(shapes[place].free for place in places):
        return "", ()
    quoted = (f"{how.quote}{piece}{how.quote}" if place in places else piece for place, piece in enumerate(only))
    return how.delimiter.join(quoted), places


def _first_lines(stream: TextIO) -> Iterator[str]:
    size = 0
    for number, line in enumerate(stream):
        yield line
        size += len(line)
        if number >= LOOKED_AT * 5 or size > BLOCK:
            return


def _wrapped(head: str) -> bool:
    """Whether the first line's cells stand in single quotes."""
    first = head.lstrip("\r\n").splitlines()[0].strip()
    return len(first) > 2 and first.startswith("'") and first.endswith("'")


def _records(head: str, delimiter: str, quote: str, escape: str) -> list[tuple[list[str], int]]:
    """The first records, each with the number of lines up to its end."""
    reader = csv.reader(
        io.StringIO(head, newline=""),
        delimiter=delimiter,
        quotechar=quote,
        escapechar=escape or None,
        doublequote=not escape,
    )
    csv.field_size_limit(BLOCK * 16)
    found: list[tuple[list[str], int]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((cells, reader.line_num))
            if len(found) >= LOOKED_AT:
                break
    except csv.Error as error:
        raise DataError(f"It cannot be read as delimited text: {error}.", "Export it again as CSV.") from error
    return found


def _regular(records: Sequence[tuple[list[str], int]]) -> tuple[float, int]:
    """How well a delimiter cuts the records into equally many cells, more than one each."""
    widths = Counter(len(cells) for cells, _ in records)
    if not widths:
        return (0.0, 0)
    width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1] * min(item[0], 3)))
    return (count / len(records) if width > 1 else 0.0, width)


def header_at(records: Sequence[Sequence[str]], declared: int = 0) -> int:
    """Which of the first records names the columns, from 0: the declared one, else the first that is wide enough."""
    if declared:
        if declared > len(records):
            raise DataError(f"It has no row {declared}, which should name the columns.", "Correct `header_row`.")
        return declared - 1
    filled = [sum(1 for cell in record if str(cell).strip()) for record in records]
    wide = WIDE_ENOUGH * max(filled, default=0)
    return next(
        (
            place
            for place, count in enumerate(filled)
            if count >= wide or sum(1 for name in header_below(records, place) or () if name) >= wide
        ),
        0,
    )


def header_below(records: Sequence[Sequence[str]], at: int) -> list[str] | None:
    """The names of columns over which merged cells stand in two rows; None where the row below holds no names.

    Every cell has to be named once: either the upper row names it alone, or the lower one does under a name that the
    upper row gives to several. A row of answers hardly ever falls into that.
    """
    if at + 1 >= len(records):
        return None
    width = max(len(records[at]), len(records[at + 1]))
    upper, lower = ([*map(str.strip, row), *[""] * (width - len(row))] for row in records[at : at + 2])
    names: list[str] = []
    spans: list[list[str]] = []
    for place in range(width):
        over, under = upper[place], lower[place]
        shared = not over or (place + 1 < width and not upper[place + 1] and bool(lower[place + 1]))
        if not shared:
            if under:
                return None
            names.append(over)
            continue
        if not over and not under:
            names.append("")
            continue
        if not under or NUMERIC.fullmatch(under) or (not over and not spans):
            return None
        if over:
            spans.append([over])
        spans[-1].append(under)
        names.append(f"{spans[-1][0]} {under}")
    distinct = spans and all(len(set(span)) == len(span) > 2 for span in spans)
    # A title stands over all columns, and a row of answers may happen to fill what two nameless columns leave open.
    alone = sum(1 for over, under in zip(upper, lower, strict=True) if over and not under)
    return names if distinct and alone and alone + len(spans) > 2 else None
