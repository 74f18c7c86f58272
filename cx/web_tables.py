"""Tables of web pages: what many systems save when they say that they save a spreadsheet."""

from html.parser import HTMLParser
from pathlib import Path

from cx import encodings
from cx.errors import DataError

ROW = ("tr", "row")
CELL = ("td", "th", "cell")
"""What rows and cells are called in web pages, and in the XML that spreadsheet programs of 2003 wrote."""
WIDEST = 1_500
"""Columns that a cell may span at most."""


def tables(path: Path) -> dict[str, list[list[str]]]:
    """The tables of a page by name, as rows of texts; of a cell that spans several, the first holds its text."""
    reader = _Reader()
    with encodings.opened(path, encodings.told_by(path)) as stream:
        while block := stream.read(encodings.BLOCK):
            reader.feed(block)
    reader.close()
    found = [_squared(rows) for rows in reader.tables if rows]
    if not found:
        raise DataError(
            "It is a web page by its content, without a table.",
            "Export it again: what was saved is probably a login page.",
        )
    return {f"table {place}": rows for place, rows in enumerate(found, 1)}


def _squared(rows: list[list[str]]) -> list[list[str]]:
    width = max(map(len, rows))
    return [[*row, *[""] * (width - len(row))] for row in rows]


class _Reader(HTMLParser):
    """Collects the cells of every table."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.cell: list[str] | None = None
        self.span = 1
        self.down = 1
        self.below: dict[int, int] = {}
        """For how many more rows a column stays open below a cell that spans them."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        if tag == "table":
            self._end()
            self.tables.append([])
            self.below = {}
        elif tag in ROW and self.tables:
            self._end()
            self.tables[-1].append([])
            self._pass_over()
        elif tag in CELL and self.tables and self.tables[-1]:
            self._end()
            given = dict(attrs)
            row = self.tables[-1][-1]
            row += [""] * (_number(given.get("ss:index")) - 1 - len(row))
            self.span, self.down = (_number(given.get(name)) for name in ("colspan", "rowspan"))
            self.cell = []
        elif tag == "br" and self.cell is not None:
            self.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a cell."""
        if tag in (*CELL, *ROW, "table"):
            self._end()

    def handle_data(self, data: str) -> None:
        """Collect what stands in a cell."""
        if self.cell is not None:
            self.cell.append(data)

    def _end(self) -> None:
        if self.cell is None:
            return
        row = self.tables[-1][-1]
        text = "\n".join(" ".join(line.split()) for line in "".join(self.cell).split("\n")).strip()
        for place in range(len(row), len(row) + self.span):
            if self.down > 1:
                self.below[place] = self.down
        row += [text, *[""] * (self.span - 1)]
        self.cell = None
        self._pass_over()

    def _pass_over(self) -> None:
        """Leave cells empty into which one of a row above reaches."""
        row = self.tables[-1][-1]
        while self.below.get(len(row), 0) > 1:
            self.below[len(row)] -= 1
            row.append("")


def _number(given: str | None) -> int:
    return min(max(int(given), 1), WIDEST) if given and given.strip().isdigit() else 1
