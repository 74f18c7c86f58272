"""The one error family: what happened, where, and what to do about it.

Driver and library errors are turned into these where they occur; `cx.ui` and the command line are
the only places that show them.
"""

import difflib
import logging
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Self


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

    def told(self) -> dict[str, Any]:
        """The error as plain values."""
        keys = ("file", "line", "column", "message", "hint", "excerpt")
        return {key: getattr(self, key) for key in keys}

    @classmethod
    def from_told(cls, told: Mapping[str, Any]) -> Self:
        """The error that `told` gave."""
        error = cls(told["message"], told["hint"], file=told["file"], line=told["line"])
        error.column, error.excerpt = told["column"], told["excerpt"]
        return error

    def __str__(self) -> str:
        head = f"{self.place}: {self.message}" if self.place else self.message
        return f"{head}\n  → {self.hint}" if self.hint else head


def counted(number: int, noun: str, several: str = "") -> str:
    """A number of things: 1 row, 2 rows."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


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


MISTYPED = {
    **dict.fromkeys("‘’‚‛′", "'"),
    **dict.fromkeys("“”„″", '"'),
    **{chr(ord(sign) + 0xFEE0): sign for sign in "!%()*+,-./:;<=>|"},
    "−": "-",
    "、": ",",
}
"""Signs that word processors and other keyboards make, and those of SQL that are meant."""
PARAMETERS = r"\{\{|\$\{|(?<!:):[a-z_]|(?<!@)@[a-z_]"
"""How other databases and tools write a parameter."""
OF_OTHERS = {
    PARAMETERS: "A parameter is written `$name`, and declared under `params`.",
    r"\bselect\s+top\s+\d": "Write `limit 10` at the end, after an `order by`.",
}
"""What other databases and tools write, and what is written here."""


def mistyped(text: str) -> str:
    """A remedy where a line of SQL holds such a sign or words of another database outside of a quoted text, else
    nothing."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|--.*", "", text)
    sign = next((sign for sign in bare if sign in MISTYPED), "")
    if sign:
        return f"{sign} is no sign of SQL: write {MISTYPED[sign]} instead."
    return next((remedy for pattern, remedy in OF_OTHERS.items() if re.search(pattern, bare, re.IGNORECASE)), "")


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


def unreadable(error: OSError | UnicodeDecodeError, file: str) -> QueryFileError:
    """What is said of a file under `queries/` that cannot be read, or not as text."""
    if isinstance(error, OSError):
        told = f"The file cannot be read: {error.strerror or error}."
        return QueryFileError(told, "Correct the file's rights.", file=file)
    likely = "utf-16" if error.object.startswith((b"\xff\xfe", b"\xfe\xff")) else "cp949"
    with suppress(UnicodeDecodeError):
        error.object.decode(likely)
        likely = f"; by its letters it is {likely}"
        return QueryFileError(NOT_UTF_8 + likely + ".", AS_UTF_8, file=file, line=_line_of(error))
    return QueryFileError(f"{NOT_UTF_8}.", AS_UTF_8, file=file, line=_line_of(error))


def _line_of(error: UnicodeDecodeError) -> int:
    return error.object[: error.start].count(b"\n") + 1


NOT_UTF_8 = "The file is not written in UTF-8"
AS_UTF_8 = "Save it as UTF-8 text: an editor offers the encoding where it saves under a name."


def misnamed(file: str, right: str) -> QueryFileError:
    """What is said of a file that nothing reads, because it would have to be named otherwise."""
    return QueryFileError("A file of this name is not read.", f"Name it {right}.", file=file)


class QueryError(CxError):
    """A question could not be answered: its SQL failed, took too long or was asked wrongly."""


class Defect(CxError):
    """Something in the product itself failed: neither the reader's mistake nor that of a file."""


def defect(doing: str, error: Exception) -> Defect:
    """An error of ours as a calm sentence; the operator's log has the rest, which may name values of single rows."""
    logging.getLogger("cx").error("A defect while %s", doing, exc_info=error)
    return Defect(
        f"The product itself failed while {doing} ({type(error).__name__}).",
        "Neither the file nor the filters are to blame. Tell whoever looks after the dashboard: its log says more.",
    )


MOST_KNOWN, SURELY = 20, 0.75
"""So many known words are listed; from here on a word that is alike is surely meant."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A remedy that names the known words nearest to `name`, or lists them when none is near."""
    words = sorted(set(known))
    # A capital too many is no other word.
    folded: dict[str, str] = {}
    for word in words:
        folded.setdefault(word.casefold(), word)
    near = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)
    close = [folded[word] for word in near]
    meant = "Did you mean " + " or ".join(f"“{word}”" for word in close) + "?" if close else ""
    # A word that is only somewhat alike may be another one: where there are few, all are named.
    if near and (len(words) > MOST_KNOWN or _alike(name, near[0]) >= SURELY):
        return meant
    if not words:
        return "There is nothing to choose from here."
    shown = ", ".join(words[:MOST_KNOWN])
    return " ".join(filter(None, (meant, f"Known here: {shown}{' …' if len(words) > MOST_KNOWN else ''}.")))


def nearest_text(text: str, known: Iterable[str]) -> str:
    """The same of a text that SQL compares with, which may be meant as a parameter."""
    if PLACEHOLDER.fullmatch(text):
        return "A parameter stands without quotes: `$name`, declared under `params`."
    return nearest(text, known)


PLACEHOLDER = re.compile(r"\$\{?\w+\}?|\{\{.*\}\}|[:@]\w+")
"""How parameters are written here and elsewhere."""


def _alike(one: str, other: str) -> float:
    """How alike two words are, from 0 to 1."""
    return difflib.SequenceMatcher(None, one.casefold(), other).ratio()


MORE_ROWS = "More than one row returned by a subquery"


def quoted_name(text: str, line: int, column: int, columns: Iterable[str]) -> str:
    """The column that a quoted text at a place of a file is named like; nothing where it is like none."""
    lines = text.splitlines()
    if not (0 < line <= len(lines) and column):
        return ""
    found = re.match(r"'(\w+)'", lines[line - 1][column - 1 :])
    return found[1] if found and found[1].lower() in {name.lower() for name in columns} else ""


REMEDIES: Mapping[str, str] = {
    "must appear in the GROUP BY": "Group by it too, as `group by all` does, or aggregate it: `sum(n)`.",
    "QUALIFY with GROUP BY ALL": "Name the columns after GROUP BY, or filter in a step after this one.",
    "Ambiguous reference": "Write its table before it, as in the brackets.",
    "WHERE clause cannot contain aggregates": "Ask it of the groups: `having …` after `group by`.",
    MORE_ROWS: "Aggregate within the brackets, such as `max(…)`, or join the rows.",
    "calls cannot be nested": "Aggregate in a step first: `with step as (…) select …`.",
    "same number of result columns": "Return the same columns in each part, or write `union all by name`.",
    "could not allocate": "Ask for fewer rows or columns at once; a join without `on` makes a row of every pair.",
    "argument types '@(": OF_OTHERS[PARAMETERS],
    "Could not find key": "In SQL a figure has n, w, w2, wx and wx2; value and interval are worked out afterwards.",
}
"""What to do, by what DuckDB says."""
WORKED_OUT = frozenset(("value", "low", "high", "previous", "change", "verdict"))
"""What a figure has in the answer only."""


def explain(
    driver: str, statement: str, *, file: str, text: str, columns: Iterable[str], lines: Mapping[str, int] | None = None
) -> QueryFileError:
    """DuckDB's message about a statement that holds a file's text, as one about the author's own file and line.

    `columns` are those that exist there; `lines` tells where the text names a column first.
    """
    head = driver.split("\n", 1)[0]
    body = statement.find(text)
    before = statement[:body].count("\n") if body >= 0 else 0
    found = re.search(r"LINE (\d+):", driver)
    line = max(int(found.group(1)) - before, 1) if found else 0
    column = pointed_at(driver, text, line)

    def placed(message: str, hint: str, line: int) -> QueryFileError:
        error = QueryFileError(message, hint, file=file, line=line)
        error.column = column
        marked(error, text)
        return error

    missing = re.search(r'Referenced column "([^"]+)" (?:was )?not found', driver) or re.search(
        r'does not have a column named "([^"]+)"', driver
    )
    if missing:
        line = line or (lines or {}).get(missing.group(1).lower(), 0)
        name, hint = missing.group(1), nearest(missing.group(1), columns)
        bare = name.strip("“”„″")
        if bare != name and bare.lower() not in {known.lower() for known in columns}:
            hint = f"{name[0]} is no sign of SQL, and a text stands in single quotes: '{bare}'."
        elif sign := mistyped(name):
            hint = sign
        elif name in WORKED_OUT and "tally(" in text.replace(" ", ""):
            hint = REMEDIES["Could not find key"]
        elif f'"{name}"' in text and "Did you mean" not in hint:
            hint = f"Double quotes name a column; a text stands in single ones: '{name}'."
        return placed(f"There is no column “{name}” here.", hint, line)
    told = re.sub(r"^[A-Za-z ]*(Error|Exception): ", "", head)
    hint = {
        "Conversion": "A value does not have the type it is turned into; use try_cast, and write days as '2026-11-22'.",
        "Binder": "Look at the names and types in that line.",
        "Out of Memory": "Ask for fewer rows or columns at once.",
    }.get(head.split(" Error")[0], "Correct the SQL; the next run of the page reads the file again.")
    hint = next((remedy for said, remedy in REMEDIES.items() if said in head), hint)
    if re.search(r"types '[-+*/%]\(.*VARCHAR", head):
        hint = "A text is no number to reckon with: write `try_cast(… as double)`."
    if head.startswith("Conversion") and (name := quoted_name(text, line, column, columns)):
        hint = f"'{name}' in quotes is a text; the column stands without them: {name}."
    # Values of single answers must not reach a viewer through an error's text: only what is said of the SQL itself is.
    if MORE_ROWS in told:
        told = f"{MORE_ROWS[0].lower()}{MORE_ROWS[1:]} that stands for one value"
    elif not head.startswith(("Binder", "Catalog", "Parser", "Out of Memory")):
        told = "a value cannot be turned into what is wanted of it"
    return placed(f"DuckDB says: {told}", hint, line)
