"""Unknown names: what `cx.toml` names that nothing published bears, and values named like the label of another."""

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from cx import contract, scope
from cx.catalog import Catalog
from cx.errors import SettingsError, nearest
from cx.quoting import literal, quoted
from cx.settings import Settings

FILE = "cx.toml"
NUMBERS = re.compile(r"\d+")
ALIKE = 0.85
"""How alike two names are of which one is the other misspelt: a letter in seven."""


def found(
    about: Settings,
    values: Mapping[str, Collection[str]],
    catalog: Catalog,
    text: str = "",
    standing: Callable[[str, str], str] = lambda column, value: "",
) -> Iterator[SettingsError]:
    """What is to be said of the settings; `values` are those published of each column, `text` is that of `cx.toml`.

    `standing` says in which export file a value of a column stands.
    """
    brands = values.get("brand", ())
    if about.brand and 0 < len(brands) < scope.MOST_VALUES and about.brand not in brands:
        message = f"The own brand “{about.brand}” of cx.toml has no review."
        yield SettingsError(message, nearest(about.brand, brands), file=FILE, line=_line(text, "brand"))
    # Those that hold without being written down are no mistake where a company has metrics of its own.
    written = about.kpis if about.kpis != Settings.kpis else ()
    named = dict.fromkeys(written, "kpis") | dict.fromkeys(about.targets, "targets")
    broken = {name.removeprefix("metrics/") for name in catalog.problems if name.startswith("metrics/")}
    metrics = {*catalog.metrics(unusable=True)} | broken
    for name, key in named.items():
        if name not in metrics:
            message = f"The metric “{name}” that cx.toml names in {key} has no file."
            yield SettingsError(message, nearest(name, metrics), file=FILE, line=_line(text, name, key))
    yield from _columns(about, values, text)
    yield from _surveys(about, values.get("survey", ()), text)
    yield from _misspelt(about, values, text)
    for column, labels in about.value_labels.items():
        there = set(values.get(column, ()))
        shown = {word: value for value, words in labels.items() for word in words.values() if value in there}
        for value in sorted(there & {*shown} - {*labels}):
            message = f"The {column} “{value}” was published beside “{shown[value]}”, which cx.toml shows by that name."
            file = standing(column, value)
            remedy = f"Write “{shown[value]}” in the source or the export."
            remedy = f"It stands in {file}: write “{shown[value]}” there, or in the source." if file else remedy
            yield SettingsError(message, remedy, file=FILE, line=_line(text, shown[value], column))


def _columns(about: Settings, values: Mapping[str, Collection[str]], text: str) -> Iterator[SettingsError]:
    """Columns of the filter bar that it cannot offer."""
    there = {column for column, published in values.items() if published}
    of_contract = {column.name for table in contract.TABLES.values() for column in table.columns}
    named = (("order", about.segment_order), ("hidden", about.segments_hidden), ("known", about.segments_known))
    for key, columns in named:
        for column in columns:
            if column not in there | of_contract:
                message = f"Nothing published can be filtered by “{column}”, which cx.toml names in segments.{key}."
                yield SettingsError(message, nearest(column, there), file=FILE, line=_line(text, column, key))


def _surveys(about: Settings, surveys: Collection[str], text: str) -> Iterator[SettingsError]:
    """Surveys whose privacy minimum protects no answer."""
    for name in about.privacy.surveys:
        if name not in surveys and len(surveys) < scope.MOST_VALUES:
            message = f"No answer is of the survey “{name}”, whose minimum cx.toml sets in privacy.surveys."
            yield SettingsError(message, nearest(name, surveys), file=FILE, line=_line(text, name, "surveys"))


def _misspelt(about: Settings, values: Mapping[str, Collection[str]], text: str) -> Iterator[SettingsError]:
    """Labels, steps and aliases of names that are published in a slightly other spelling, and nowhere in theirs."""
    there = [column for column, published in values.items() if published and len(published) < scope.MOST_VALUES]
    labelled = {*about.column_labels, *about.value_labels}
    named = [("labels", "", labelled)]
    named += [(f"labels.{column}.values", column, {*labels}) for column, labels in about.value_labels.items()]
    named.append(("journey", "touchpoint", {step.touchpoint for step in about.journey}))
    named.append(("aliases", "brand", {*about.aliases}))
    for key, column, names in named:
        published = {*values.get(column, ())} if column else {*there}
        for name in sorted(names - published):
            meant = next((one for one in sorted(published - names) if _alike(name, one)), "")
            if meant:
                message = f"cx.toml names “{name}” in {key}, and “{meant}” is published."
                yield SettingsError(message, f"Write “{meant}”.", file=FILE, line=_line(text, name, column))


def _alike(one: str, other: str) -> bool:
    """Whether two names are one but for its spelling; numbers in them tell names apart."""
    if NUMBERS.findall(one) != NUMBERS.findall(other):
        return False
    first, second = ("".join(sign for sign in name.casefold() if sign.isalnum()) for name in (one, other))
    return first == second or difflib.SequenceMatcher(None, first, second).ratio() >= ALIKE


def notes(
    about: Settings, values: Mapping[str, Collection[str]], catalog: Catalog, standing: Callable[[str, str], str]
) -> list[str]:
    """The same as sentences that a snapshot keeps."""
    return [f"{error.message} {error.hint}" for error in found(about, values, catalog, standing=standing)]


def standing_in(parts: Sequence[Path]) -> Callable[[str, str], str]:
    """Says in which export file a value of a column stands, by the parts that were written: the newest first."""

    def standing(column: str, value: str) -> str:
        with duckdb.connect() as connection:
            for path in reversed(parts):
                connection.execute(f"attach {literal(str(path))} as part (read_only)")
                # What a part counts is looked at first: its rows may be millions.
                wanted = {"column": column, "value": value}
                counted = "select 1 from part.counts where name = $column and value = $value"
                if connection.execute(counted, wanted).fetchone():
                    row = connection.execute(
                        f"select cx_file::varchar from part.rows where {quoted(column)} = $value limit 1",
                        {"value": value},
                    ).fetchone()
                    return str(row[0]) if row else ""
                connection.execute("detach part")
        return ""

    return standing


def _line(text: str, *names: str) -> int:
    """The first line that gives the first of these names that any line gives, or mentions it; 0 where none does."""
    lines = text.splitlines()
    for name in names:
        word = rf"[\"']?{re.escape(name)}[\"']?"
        for pattern in (rf"\s*{word}\s*=", rf"\s*\[.*\b{word}\s*\]", rf".*[\"']{re.escape(name)}[\"']"):
            for number, line in enumerate(lines, 1):
                if re.match(pattern, line):
                    return number
    return 0
