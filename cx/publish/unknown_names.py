"""Unknown names: what `cx.toml` names that nothing published bears, and values named like the label of another."""

import re
from collections.abc import Collection, Iterator, Mapping

from cx import scope
from cx.catalog import Catalog
from cx.errors import SettingsError, nearest
from cx.settings import Settings

FILE = "cx.toml"


def found(
    about: Settings, values: Mapping[str, Collection[str]], catalog: Catalog, text: str = ""
) -> Iterator[SettingsError]:
    """What is to be said of the settings; `values` are those published of each column, `text` is that of `cx.toml`."""
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
    for column, labels in about.value_labels.items():
        there = set(values.get(column, ()))
        shown = {word: value for value, words in labels.items() for word in words.values() if value in there}
        for value in sorted(there & {*shown} - {*labels}):
            message = f"The {column} “{value}” was published beside “{shown[value]}”, which cx.toml shows by that name."
            remedy = f"Write “{shown[value]}” in the source or the export."
            yield SettingsError(message, remedy, file=FILE, line=_line(text, shown[value], column))


def notes(about: Settings, values: Mapping[str, Collection[str]], catalog: Catalog) -> list[str]:
    """The same as sentences that a snapshot keeps."""
    return [f"{error.message} {error.hint}" for error in found(about, values, catalog)]


def _line(text: str, *names: str) -> int:
    """The first line that gives the first of these names that any line gives, or mentions it; 0 where none does."""
    lines = text.splitlines()
    for name in names:
        for pattern in (rf"\s*[\"']?{re.escape(name)}[\"']?\s*=", rf".*[\"']{re.escape(name)}[\"']"):
            for number, line in enumerate(lines, 1):
                if re.match(pattern, line):
                    return number
    return 0
