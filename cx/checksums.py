"""Parquet files looked at before they are read: is every page what was written, and how large is it unpacked.

DuckDB reads pages without verifying their checksums, and unpacks whatever a file says. Here the footer and the headers
of all pages are read, which costs a few bytes per page; where a header holds a checksum, the page's bytes are run
through CRC-32. What no checksum covers, headers and footer, has to agree with itself. All of it is plain Python: on
some damaged footers the library that would tell the same ends the process.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cx.errors import DataError

LARGEST_PAGE = 512 << 20
"""Bytes of a page unpacked, which have to fit into memory at once."""
LARGEST_GROUP = 4 << 30
"""Bytes of a row group unpacked."""
BLOCK = 1 << 20
SHORT, LONG = 4096, 16 << 20
"""Bytes in which a page's header is looked for: first few, then as many as a long statistic may take."""
DATA_PAGE, DATA_PAGE_V2 = 0, 3
REPEATED = 2
AGAIN = "Export it again; see that the copy is complete."


@dataclass(frozen=True)
class Chunk:
    """One column in one row group, as the footer tells."""

    name: str
    flat: bool
    """Whether it has one value a row."""
    group: int
    rows: int
    values: int
    start: int
    end: int


@dataclass(frozen=True)
class Footer:
    """What the end of a Parquet file says of it."""

    columns: tuple[str, ...]
    rows: int
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True)
class Page:
    """One page as its header tells."""

    kind: int
    values: int
    unpacked: int
    start: int
    """Where its bytes begin in the file."""
    size: int
    checksum: int | None
    """CRC-32 of those bytes, where the header holds one."""


def footer(path: Path) -> Footer:
    """What the end of a file says of it; DataError where that cannot be read."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(size - 8, 0))
        tail = stream.read(8)
        stream.seek(0)
        head = stream.read(4)
        if b"PARE" in (head, tail[4:]):
            raise DataError("It is encrypted.", "Export it without encryption.")
        if size < 12 or head != b"PAR1" or tail[4:] != b"PAR1":
            raise DataError("It is no whole Parquet file: its first or last bytes are of another kind.", AGAIN)
        length = int.from_bytes(tail[:4], "little")
        if length > size - 12:
            raise DataError("It is no whole Parquet file: its end is longer than the file.", AGAIN)
        stream.seek(size - 8 - length)
        compact = _Compact(stream.read(length))
    try:
        told = compact.struct()
        if 8 in told:
            raise DataError("It is encrypted.", "Export it without encryption.")
        columns, leaves = _schema(told[2])
        return Footer(columns, _whole(told[3]), tuple(_chunks(told.get(4, []), leaves)))
    except (IndexError, KeyError, ValueError, AttributeError, TypeError) as error:
        raise DataError("The description at the end of it is damaged.", AGAIN) from error


def _schema(elements: list[dict[int, Any]]) -> tuple[tuple[str, ...], list[tuple[list[bytes], Any, bool]]]:
    """The names of the columns, and per column of values its path, its type and whether it has one value a row."""
    remaining = iter(elements[1:])
    leaves: list[tuple[list[bytes], Any, bool]] = []

    def walk(outer: list[bytes], flat: bool, depth: int) -> str:
        element = next(remaining)
        path = [*outer, element[4]]
        flat = flat and element.get(3) != REPEATED
        if depth > _Compact.DEEPEST:
            raise ValueError("nested too deeply")
        if not element.get(5):
            leaves.append((path, element.get(1), flat))
        for _ in range(element.get(5) or 0):
            walk(path, flat, depth + 1)
        return str(element[4], "utf-8", "replace")

    try:
        return tuple(walk([], True, 1) for _ in range(elements[0].get(5, 0))), leaves
    except (StopIteration, RuntimeError) as error:
        raise ValueError("fewer columns than said") from error


def _chunks(groups: list[dict[int, Any]], leaves: list[tuple[list[bytes], Any, bool]]) -> Iterator[Chunk]:
    for number, group in enumerate(groups, 1):
        if len(group[1]) != len(leaves):
            raise ValueError("another number of columns")
        for (path, kind, flat), column in zip(leaves, group[1], strict=True):
            if 8 in column or 3 not in column:
                raise DataError("It is encrypted.", "Export it without encryption.")
            told = column[3]
            if (told[3], told[1]) != (path, kind):
                raise ValueError("a column of another name or type than the schema's")
            name = b".".join(path).decode("utf-8", "replace")
            start, dictionary = _whole(told[9]), _whole(told.get(11, 0))
            if 0 < dictionary < start:
                start = dictionary
            yield Chunk(name, flat, number, _whole(group[3]), _whole(told[5]), start, start + _whole(told[7]))


def _whole(value: Any) -> int:
    """A number that may be anything else in a damaged file."""
    if isinstance(value, int):
        return value
    raise ValueError(value)


def verify(path: Path) -> bool:
    """Verify a Parquet file and return whether all of its pages hold checksums. DataError where it is damaged."""
    told = footer(path)
    size = path.stat().st_size
    unpacked: dict[int, int] = {}
    rows = {chunk.group: chunk.rows for chunk in told.chunks}
    if told.chunks and sum(rows.values()) != told.rows:
        raise DataError(f"Its row groups hold {sum(rows.values()):,} rows, its end says {told.rows:,}.", AGAIN)
    covered = True
    with path.open("rb", buffering=0) as stream:
        for chunk in told.chunks:
            if chunk.rows == chunk.values == 0:
                continue
            values = 0
            for page in _pages(stream, chunk, size):
                unpacked[chunk.group] = unpacked.get(chunk.group, 0) + page.unpacked
                if page.unpacked > LARGEST_PAGE or unpacked[chunk.group] > LARGEST_GROUP:
                    raise DataError(
                        f"Its row group {chunk.group} takes more than {LARGEST_GROUP >> 30} GB unpacked, "
                        f"or a page of it more than {LARGEST_PAGE >> 20} MB.",
                        "Export it in smaller row groups, or in several files.",
                    )
                if page.kind in (DATA_PAGE, DATA_PAGE_V2):
                    values += page.values
                if page.checksum is None:
                    covered = False
                elif _checksum(stream, page) != page.checksum:
                    raise _damaged(chunk, "its checksum differs")
            if values != chunk.values or (chunk.flat and values != chunk.rows):
                raise _damaged(chunk, f"its pages hold {values:,} values, where {chunk.values:,} are said")
    return covered and bool(told.chunks)


def _damaged(chunk: Chunk, what: str) -> DataError:
    return DataError(f"The column “{chunk.name}” is damaged in row group {chunk.group}: {what}.", AGAIN)


def _pages(stream: IO[bytes], chunk: Chunk, size: int) -> Iterator[Page]:
    """The pages of one column in one row group."""
    at = chunk.start
    if not 0 < at <= chunk.end <= size:
        raise _damaged(chunk, "it lies outside of the file")
    while at < chunk.end:
        page = _page(stream, at)
        at = page.start + page.size
        if page.size < 0 or page.unpacked < 0 or page.values < 0 or at > chunk.end:
            raise _damaged(chunk, "a page lies outside of it")
        yield page


def _page(stream: IO[bytes], at: int) -> Page:
    for length in (SHORT, LONG):
        stream.seek(at)
        compact = _Compact(stream.read(length))
        try:
            told = compact.struct()
            inner = told.get(5) or told.get(8) or told.get(7) or {}
            return Page(
                kind=_whole(told[1]),
                values=_whole(inner.get(1, 0)),
                unpacked=_whole(told[2]),
                start=at + compact.at,
                size=_whole(told[3]),
                checksum=_whole(told[4]) & 0xFFFFFFFF if 4 in told else None,
            )
        except IndexError:
            continue  # the header is longer
        except (KeyError, ValueError, AttributeError, TypeError) as error:
            raise DataError(f"It has no page at byte {at:,}, where one should be.", AGAIN) from error
    raise DataError(f"The page at byte {at:,} has no end.", AGAIN)


def _checksum(stream: IO[bytes], page: Page) -> int:
    stream.seek(page.start)
    left, found = page.size, 0
    while left > 0 and (block := stream.read(min(left, BLOCK))):
        found = zlib.crc32(block, found)
        left -= len(block)
    return found if left == 0 else -1


class _Compact:
    """Thrift's compact encoding, as far as Parquet uses it: structs as fields by number, lists, numbers, bytes."""

    DEEPEST = 16

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0

    def struct(self, depth: int = 1) -> dict[int, Any]:
        """The fields of a struct by number."""
        if depth > self.DEEPEST:
            raise ValueError("nested too deeply")
        found: dict[int, Any] = {}
        field = 0
        while sign := self._byte():
            field = field + (sign >> 4) if sign >> 4 else self._number()
            kind = sign & 15
            found[field] = kind == 1 if kind in (1, 2) else self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (4, 5, 6):
            return self._number()
        if kind == 8:
            length = self._varint()
            self.at += length
            if self.at > len(self.content):
                raise IndexError(self.at)
            return self.content[self.at - length : self.at]
        if kind == 12:
            return self.struct(depth + 1)
        if kind == 9:
            sign = self._byte()
            count = sign >> 4 if sign >> 4 < 15 else self._varint()
            if count > len(self.content) - self.at:
                raise IndexError(count)
            return [self._value(sign & 15, depth) for _ in range(count)]
        if kind in (1, 2, 3):
            return self._byte()
        if kind == 7:
            self.at += 8
            return None
        raise ValueError(kind)

    def _byte(self) -> int:
        found = self.content[self.at]
        self.at += 1
        return found

    def _varint(self) -> int:
        found = shift = 0
        while shift < 64:
            byte = self._byte()
            found |= (byte & 0x7F) << shift
            if not byte & 0x80:
                return found
            shift += 7
        raise ValueError("too long a number")

    def _number(self) -> int:
        found = self._varint()
        return (found >> 1) ^ -(found & 1)
