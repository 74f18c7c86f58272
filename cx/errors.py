"""The one error family: what happened, where, and what to do about it.

Driver and library errors are turned into these where they occur; `cx.ui` and the command line are
the only places that show them.
"""

import difflib
from collections.abc import Iterable


class CxError(Exception):
    """Something a person can mend. `message` says what is wrong, `hint` what to do."""

    column = 0
    """The 1-based place in that line, or 0 where it is not known."""
    excerpt = ""
    """The author's own lines around the problem, with a mark beneath it."""

    def __init__(self, message: str, hint: str = "", *, file: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.file = file
        self.line = line

    @property
    def place(self) -> str:
        """`file:line` where the problem stands, or an empty text when it has no file."""
        return f"{self.file}:{self.line}" if self.file and self.line else self.file

    def __str__(self) -> str:
        head = f"{self.place}: {self.message}" if self.place else self.message
        return f"{head}\n  → {self.hint}" if self.hint else head


def marked(error: CxError, text: str) -> CxError:
    """The error with the lines of `text` before and at its line, and a mark under its column."""
    lines = text.splitlines()
    if not 0 < error.line <= len(lines):
        return error
    width = len(str(error.line))
    shown = [f"{number:>{width}} | {lines[number - 1]}" for number in range(max(1, error.line - 1), error.line + 1)]
    if error.column:
        shown.append(" " * (width + 3 + error.column - 1) + "^")
    error.excerpt = "\n".join(shown)
    return error


def pointed_at(driver: str, text: str, line: int) -> int:
    """Where in the author's line DuckDB's caret points; 0 where that cannot be told."""
    shown = driver.split("\n")
    place = next((number for number, part in enumerate(shown) if part.startswith("LINE ")), -1)
    lines = text.splitlines()
    if place < 0 or place + 1 >= len(shown) or "^" not in shown[place + 1] or not 0 < line <= len(lines):
        return 0
    caret, start = shown[place + 1].index("^"), shown[place].index(": ") + 2
    before = shown[place][start:caret].removeprefix("...")
    fragment = shown[place][caret:].removesuffix("...").rstrip()
    if not fragment:
        return 0
    # A long line is shown in part, and a line of wide letters with its caret somewhat off.
    whole = lines[line - 1].find(before + fragment)
    return whole + len(before) + 1 if whole >= 0 else lines[line - 1].find(fragment) + 1


class SettingsError(CxError):
    """`cx.toml` or an option says something the product cannot follow."""


class DataError(CxError):
    """An export, or the published snapshot, cannot be used."""


class QueryFileError(CxError):
    """A file under `queries/` breaks a rule of its kind."""


class QueryError(CxError):
    """A question could not be answered: its SQL failed, took too long or was asked wrongly."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A remedy that names the known words nearest to `name`, or lists them when none is near."""
    words = sorted(set(known))
    close = difflib.get_close_matches(name, words, n=3, cutoff=0.6)
    if close:
        return "Did you mean " + " or ".join(f"“{word}”" for word in close) + "?"
    if not words:
        return "There is nothing to choose from here."
    shown = ", ".join(words[:20])
    return f"Known here: {shown}{' …' if len(words) > 20 else ''}."
