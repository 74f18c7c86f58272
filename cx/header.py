"""Headers: the leading `--` lines of a file as YAML in which every scalar is a text.

A misspelt or repeated key, or a value of the wrong kind, is an error that names file, line and the
nearest right word.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from copy import deepcopy
from functools import lru_cache
from typing import Any

import yaml

from cx.errors import QueryFileError, nearest

TWICE = " is given twice"
Words = Mapping[str, str]
"""A text in both languages, by `en` and `ko`."""


MOST_SIGNS_AT_ONCE = 4_000
"""Of a longer text libyaml is kept away: it goes as deep as brackets do, and ends the process where the stack does."""


class Texts(yaml.SafeLoader):
    """YAML in which every scalar is a text and a repeated key is an error."""


class FastTexts(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same by libyaml where PyYAML was built with it: a tenth of the time, and poorer words for a mistake."""


def _mapping(loader: Texts | FastTexts, node: yaml.MappingNode) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        if key in result:
            raise yaml.constructor.ConstructorError(None, None, f"“{key}”{TWICE}", key_node.start_mark)
        result[key] = loader.construct_object(value_node, deep=True)
    return result


for _loader in (Texts, FastTexts):
    _loader.yaml_implicit_resolvers = {}
    _loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def shown(value: Any) -> str:
    """A value as its author writes it: a text in quotation marks, lists and mappings as YAML in one line."""
    return f"“{value}”" if isinstance(value, str) else _in_one_line(value)


def _in_one_line(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_in_one_line(one)}" if one else str(key) for key, one in value.items()) + "}"
    return "[" + ", ".join(map(_in_one_line, value)) + "]" if isinstance(value, list | tuple) else str(value)


def place_of_key(key: str, line: str) -> int:
    """The 1-based place of a key, or of a parameter, in a line; 0 where it is not. A key alone has no colon."""
    alone = re.escape(key)
    found = re.search(alone if key.startswith("$") else rf"\b{alone}:|,\s*{alone}(?=\s*[,}}\]])", line)
    return found.start() + 1 if found else 0


def right_key(key: str, keys: Iterable[str]) -> str:
    """What to write instead of an unknown key; a number is one where a comma stands before its decimals."""
    if key.isdecimal():
        return f"A comma ends a value: write decimals with a point, such as 0.{key}."
    return nearest(key, keys)


def split_header(text: str, file: str) -> dict[str, Any]:
    """The header of a file: its leading `--` lines as YAML, every scalar a text."""
    lines = []
    for line in text.removeprefix("\ufeff").splitlines():
        if not line.startswith("--"):
            break
        lines.append(line[3:] if line.startswith("-- ") else line[2:])
    header = _loaded("\n".join(lines), file)
    if not isinstance(header, dict):
        late = not lines and text.lstrip("\ufeff \t\r\n").startswith("--")
        raise QueryFileError(
            "The file has no header.",
            "It begins in the first line: remove what stands before it."
            if late
            else "Begin it with lines such as `-- title: {en: …, ko: …}`.",
            file=file,
            line=1,
        )
    return header


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Any:
    """A YAML text as it was parsed the first time: catalogs are made often, and most of their time went into YAML."""
    # libyaml takes tabs for blanks, which move a key to another depth without anybody seeing it.
    if len(text) <= MOST_SIGNS_AT_ONCE and "\t" not in text:
        with suppress(yaml.YAMLError):
            return yaml.load(text, Loader=FastTexts)  # noqa: S506 - a SafeLoader that only makes texts
    return yaml.load(text, Loader=Texts)  # noqa: S506 - the same, for what it says of the mistake


def _loaded(text: str, file: str, *, yaml_file: bool = False) -> Any:
    try:
        return deepcopy(_parsed(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        hint = (
            f"Write `{'' if yaml_file else '-- '}key: value`; put texts with colons, braces or percent signs in quotes."
        )
        if problem.endswith(TWICE):
            hint = "Remove one of them."
        elif "expected ':'" in problem and not yaml_file:
            hint += " A remark of your own stands below an empty line."
        raise QueryFileError(
            f"The {'file' if yaml_file else 'header'} is not valid YAML: {problem}.",
            "Write blanks instead of tabs." if "\t" in text else hint,
            file=file,
            line=mark.line + 1 if mark else 1,
        ) from error


class Header:
    """Typed access to one header, with errors that name file, line and the nearest right word."""

    def __init__(self, text: str, file: str, keys: Mapping[str, Any], *, yaml_file: bool = False) -> None:
        self.values = (_loaded(text, file, yaml_file=True) or {}) if yaml_file else split_header(text, file)
        self.file, self.keys = file, keys
        self.lead = "" if yaml_file else "-- "
        """What stands before a key."""
        self.lines = text.splitlines()
        if not isinstance(self.values, dict):
            raise QueryFileError("The file is no YAML mapping.", "Write lines such as `title: …`.", file=file, line=1)
        for key in self.values:
            if key not in keys:
                told = f"“{key}” is not a {'key of this file' if yaml_file else 'header key'}."
                raise self.wrong(key, told, right_key(key, keys))

    def wrong(self, key: str, message: str, hint: str, value: str = "") -> QueryFileError:
        """An error at the line of a key, or of a value that stands below it."""
        # A parameter that is not declared has no line in the header: it is shown where it is used.
        places = ((number, place_of_key(key, line)) for number, line in enumerate(self.lines, 1))
        error = QueryFileError(message, hint, file=self.file, line=1)
        error.line, error.column = next(((line, column) for line, column in places if column), (1, 0))
        word = re.compile(rf"(?<![\w/]){re.escape(value)}(?![\w/:])") if value else None
        for number, line in enumerate(self.lines[error.line - 1 :] if word else (), error.line):
            if word and (found := word.search(line)):
                error.line, error.column = number, found.start() + 1
                break
        return error

    def text(self, key: str, default: str = "") -> str:
        """A key's text."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, f"“{key}” is not a text.", f"Write `{self.lead}{key}: …`.")
        return value

    def required(self, key: str, line: str = "", without: str = "") -> None:
        """Refuse a header without the key: which line it lacks, by an example, and what is the case without."""
        if key not in self.values:
            told = f"The {'header' if self.lead else 'file'} has no “{key}”."
            hint = (
                f"Add a line to {self.file}, such as `{self.lead}{line or self.keys[key].example}`. {without}".strip()
            )
            raise QueryFileError(told, hint, file=self.file, line=1)

    def choice(self, key: str, choices: Iterable[str], default: str) -> str:
        """A key's text, which must be one of some."""
        value = self.text(key, default)
        if value and value not in choices:
            raise self.wrong(key, f"“{key}” is “{value}”.", nearest(value, choices))
        return value

    def flag(self, key: str) -> bool:
        """Whether a key is true; it is not where it is left out."""
        value = str(self.values.get(key, "false")).lower()
        if value not in ("true", "false"):
            raise self.wrong(
                key, f"“{key}” is {shown(value)}.", f"Write `{self.lead}{key}: true`, or leave the line out."
            )
        return value == "true"

    def words(self, key: str) -> Words:
        """A key's text in both languages."""
        return words(self.values.get(key), lambda message, hint: self.wrong(key, message, hint))

    def number(self, key: str, default: float) -> float:
        """A key's number."""
        try:
            return float(self.values.get(key, default))
        except (TypeError, ValueError) as error:
            raise self.wrong(key, f"“{key}” is {shown(self.values[key])}, not a number.", "Write a number.") from error

    def pair(self, key: str) -> tuple[float, float] | None:
        """A key's two numbers, the lower one first; None without the key."""
        value = self.values.get(key)
        if value is None:
            return None
        try:
            low, high = (float(part) for part in value)
        except (TypeError, ValueError) as error:
            raise self.wrong(key, f"“{key}” is {shown(value)}.", "Write two numbers, such as [0, 10].") from error
        if low >= high:
            raise self.wrong(key, f"“{key}” begins at {low:g} and ends at {high:g}.", "Write the lower number first.")
        return low, high

    def names(self, key: str) -> tuple[str, ...]:
        """A key's list of texts; one text is a list of one."""
        value = self.values.get(key, [])
        if isinstance(value, str) and "," in value:
            several = ", ".join(one.strip() for one in value.split(","))
            raise self.wrong(key, f"“{key}” is one text with a comma in it.", f"Write a list: `{key}: [{several}]`.")
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise self.wrong(key, f"“{key}” is {shown(value)}.", "Write a list, such as [first, second].")
        return tuple(value)

    def mapping(self, key: str, keys: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """A key's mapping, whose own keys must be known where they are given."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"“{key}” is {shown(value)}.", f"Write `{self.lead}{key}: {{name: value}}`.")
        for name in value:
            if keys is not None and name not in keys:
                raise self.wrong(name, f"“{key}” has no key “{name}”.", right_key(name, keys))
        return value


def words(value: Any, wrong: Any) -> Words:
    """A text for both languages, or {en, ko}."""
    if value is None:
        return {}
    if isinstance(value, str):
        return {"en": value, "ko": value}
    if not isinstance(value, dict) or not value:
        raise wrong(f"{shown(value)} is not a text in one or two languages.", "Write a text or {en: …, ko: …}.")
    unknown, missing = [*value.keys() - {"en", "ko"}], [*{"en", "ko"} - value.keys()]
    if unknown:
        remedy = f"Did you mean “{missing[0]}”?" if len(unknown) == len(missing) == 1 else "Write {en: …, ko: …}."
        raise wrong(f"{shown(value)} has the key “{sorted(unknown)[0]}”, which is no language shown here.", remedy)
    one = str(next(iter(value.values())))
    return {"en": value.get("en", one), "ko": value.get("ko", one)}
