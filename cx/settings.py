"""What a company says about itself in `cx.toml`: name, brand, zone, labels, targets, journey.

The file is optional; every key has a default. Unknown keys and wrong types are errors that name the
nearest right one, so that a misspelt setting is never silently ignored.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from cx.errors import SettingsError, nearest

PROJECT = Path(__file__).resolve().parent.parent
SHORT_ZONES: dict[str, str] = {
    **dict.fromkeys(
        ("kst", "korea", "korea standard time", "gmt+9", "utc+9", "gmt+09:00", "utc+09:00", "+09:00", "+9", "+0900"),
        "Asia/Seoul",
    ),
    "jst": "Asia/Tokyo",
    "bst": "Europe/London",
    "cest": "Europe/Berlin",
    **dict.fromkeys(("edt", "eastern"), "America/New_York"),
    **dict.fromkeys(("cdt", "central"), "America/Chicago"),
    **dict.fromkeys(("pst", "pdt", "pacific"), "America/Los_Angeles"),
    "z": "UTC",
}
"""What people write for a zone, and one that has it."""
CLOSED = "closed"
"""The folder inside the data folder that keeps what was reported of closed months."""

KEYS: dict[str, str] = {
    "company": "The company's name, one text or {en, ko}.",
    "brand": "The own brand, as the reviews export names it.",
    "time_zone": "The reporting time zone: which day and month an instant belongs to.",
    "export_time_zone": "The zone of timestamps in exports that carry none; without it such files are set aside.",
    "language": "The language shown first: ko or en.",
    "kpis": "The metrics on the Overview's cards, in order.",
    "currency": "The currency of money amounts, such as KRW or USD.",
    "targets": "A table of metric = figure to reach; rows of the targets export override it.",
    "segments": "`order` of the filter bar; `hidden`: columns not offered; `known`: columns of labelled values only.",
    "labels": "A table per column: its name `ko`/`en`, and `values` with the names of its values.",
    "analysts": "Whether its readers work on the SQL files: full error cards, live cards and the workbench on Explore.",
    "privacy": "Fewest answers behind a figure (`scores`) or a comment (`comments`), `surveys`: those of one survey; "
    "`mask`: whether personal data in texts is masked; `names`: names that are masked too.",
    "aliases": "A table of brand = other names by which people call it in what they write.",
    "journey": "A list of steps (touchpoint, stage, owner, ko, en), when no touchpoints export is there.",
}

Words = Mapping[str, str]
_T = TypeVar("_T")


@dataclass(frozen=True)
class Step:
    """One step of the journey as `cx.toml` declares it."""

    touchpoint: str
    stage: str = ""
    owner: str = ""
    ko: str = ""
    en: str = ""


@dataclass(frozen=True)
class Minimum:
    """Fewest answers that a figure, and fewest that a shown comment, may stand on; 0 hides nothing."""

    scores: int = 0
    comments: int = 0


@dataclass(frozen=True)
class Privacy:
    """The privacy minimums, one for every survey and those of single surveys, and what is masked in texts."""

    every: Minimum = Minimum()
    surveys: Mapping[str, Minimum] = field(default_factory=dict)
    mask: bool = True
    """Whether phone numbers, addresses and the like are masked when texts are published."""
    names: tuple[str, ...] = ()
    """Names, of staff for instance, that are masked with them."""

    def minimum(self, surveys: Iterable[str], *, others: bool = True) -> Minimum:
        """The strictest minimum of the surveys that may be in an answer (`others`: also any not named)."""
        named = [self.surveys.get(survey, self.every) for survey in surveys]
        possible = [*named, *([self.every] if others or not named else [])]
        return Minimum(max(one.scores for one in possible), max(one.comments for one in possible))


@dataclass(frozen=True)
class Settings:
    """The checked content of one `cx.toml`."""

    company: Words = field(default_factory=dict)
    brand: str = ""
    time_zone: str = "Asia/Seoul"
    export_time_zone: str = ""
    language: str = "ko"
    kpis: tuple[str, ...] = ("nps", "csat", "ces", "rating")
    currency: str = "KRW"
    targets: Mapping[str, float] = field(default_factory=dict)
    segment_order: tuple[str, ...] = ()
    segments_hidden: tuple[str, ...] = ()
    segments_known: tuple[str, ...] = ()
    """Columns of which only the values that `labels` name are shown under their own name."""
    column_labels: Mapping[str, Words] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)
    journey: tuple[Step, ...] = ()
    privacy: Privacy = Privacy()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    analysts: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The reporting time zone."""
        return ZoneInfo(self.time_zone)


def data_folder(given: str | Path | None = None) -> Path:
    """The data folder: the one given, else `CX_DATA`, else the project's own `data/`."""
    folder = Path(given or os.environ.get("CX_DATA") or PROJECT / "data").expanduser().resolve()
    if not folder.is_dir():
        raise SettingsError(
            f"The data folder {folder} does not exist.",
            "Create it, or name another with --data or the CX_DATA environment variable.",
        )
    return folder


def query_folders(data: Path, given: str | Path | None = None) -> tuple[Path, ...]:
    """The folders of question files, later ones on top.

    The shipped `queries/` (or the one named by `given` or `CX_QUERIES` in its place), then the data
    folder's own `queries/`.
    """
    named = given or os.environ.get("CX_QUERIES")
    base = Path(named).expanduser().resolve() if named else PROJECT / "queries"
    if not base.is_dir():
        raise SettingsError(
            f"The folder of questions {base} does not exist.",
            "Create it, or correct --queries or the CX_QUERIES environment variable.",
        )
    own = data / "queries"
    return (base, own) if own.is_dir() and own != base else (base,)


def load(data: Path) -> Settings:
    """Read `cx.toml` in the data folder; a missing file means the defaults."""
    file = data / "cx.toml"
    if not file.exists():
        return Settings()
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"cx.toml is not valid TOML: {error}", "Correct that line; texts stand in quotes.", file="cx.toml"
        ) from error
    _known(raw, KEYS, "")
    labels = _table(raw, "labels")
    return Settings(
        company=_words(raw.get("company", {}), "company"),
        brand=_typed(raw.get("brand", ""), str, "brand"),
        time_zone=_zone(raw.get("time_zone", "Asia/Seoul"), "time_zone"),
        export_time_zone=_zone(raw["export_time_zone"], "export_time_zone") if "export_time_zone" in raw else "",
        language=_choice(raw.get("language", "ko"), ("ko", "en"), "language"),
        kpis=_names(raw.get("kpis", list(Settings.kpis)), "kpis"),
        currency=_typed(raw.get("currency", "KRW"), str, "currency"),
        targets={metric: _figure(value, f"targets.{metric}") for metric, value in _table(raw, "targets").items()},
        segment_order=_names(_segments(raw).get("order", []), "segments.order"),
        segments_hidden=_names(_segments(raw).get("hidden", []), "segments.hidden"),
        segments_known=_known_columns(_names(_segments(raw).get("known", []), "segments.known"), labels),
        column_labels={column: _label(entry, f"labels.{column}") for column, entry in labels.items()},
        value_labels={column: _values(entry, f"labels.{column}") for column, entry in labels.items()},
        journey=tuple(_step(entry, position) for position, entry in enumerate(_list(raw, "journey"), 1)),
        analysts=_typed(raw.get("analysts", False), bool, "analysts"),
        privacy=_privacy(_table(raw, "privacy")),
        aliases={brand: _names(names, f"aliases.{brand}") for brand, names in _table(raw, "aliases").items()},
    )


def _privacy(raw: Mapping[str, Any]) -> Privacy:
    _known(raw, ("scores", "comments", "surveys", "mask", "names"), "privacy.")
    surveys = _table(raw, "surveys")
    every = _minimum(raw, "privacy", Minimum())
    found = {}
    for name, entry in surveys.items():
        if not isinstance(entry, dict):
            raise _wrong(f"privacy.surveys.{name}", entry, "a table, such as { scores = 5, comments = 8 }")
        _known(entry, ("scores", "comments"), f"privacy.surveys.{name}.")
        found[name] = _minimum(entry, f"privacy.surveys.{name}", every)
    mask = _typed(raw.get("mask", True), bool, "privacy.mask")
    return Privacy(every, found, mask, _listed(raw.get("names", []), "privacy.names"))


def _listed(value: Any, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) and len(name.strip()) > 1 for name in value):
        raise _wrong(key, value, 'a list of names of at least two signs, such as ["김민지"]')
    return tuple(name.strip() for name in value)


def _minimum(raw: Mapping[str, Any], where: str, default: Minimum) -> Minimum:
    numbers = {}
    for key in ("scores", "comments"):
        value = raw.get(key, getattr(default, key))
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000:
            raise _wrong(f"{where}.{key}", value, "a whole number from 0 (nothing is hidden) to 1000")
        numbers[key] = value
    return Minimum(**numbers)


def _written(value: object) -> str:
    """A value as it stands in the file."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _wrong(key: str, value: object, wanted: str) -> SettingsError:
    return SettingsError(f"“{key}” is {_written(value)}.", f"It should be {wanted}.", file="cx.toml")


def _known(raw: Mapping[str, Any], keys: Mapping[str, str] | tuple[str, ...], where: str) -> None:
    for key in raw:
        if key not in keys:
            raise SettingsError(f"“{where}{key}” is not a setting.", nearest(key, keys), file="cx.toml")


def _typed(value: Any, kind: type[_T], key: str) -> _T:
    if not isinstance(value, kind):
        raise _wrong(key, value, f"a {'text' if kind is str else kind.__name__}")
    return value


def _table(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = raw.get(key, {})
    if not isinstance(value, dict):
        raise _wrong(key, value, f"a table, such as [{key}]")
    return value


def _list(raw: Mapping[str, Any], key: str) -> list[Any]:
    value = raw.get(key, [])
    if not isinstance(value, list):
        raise _wrong(key, value, f"a list, such as [[{key}]]")
    return value


def _segments(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    segments = _table(raw, "segments")
    _known(segments, ("order", "hidden", "known"), "segments.")
    return segments


def _names(value: Any, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _wrong(key, value, 'a list of names, such as ["nps", "csat"]')
    return tuple(value)


def _known_columns(columns: tuple[str, ...], labels: Mapping[str, Any]) -> tuple[str, ...]:
    for column in columns:
        if not isinstance(labels.get(column), dict) or not labels[column].get("values"):
            raise SettingsError(
                f"“segments.known” names “{column}”, of which no values are named.",
                f"Name them in [labels.{column}.values], or take it off the list.",
                file="cx.toml",
            )
    return columns


def _figure(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise _wrong(key, value, "a number")
    return float(value)


def _choice(value: Any, choices: tuple[str, ...], key: str) -> str:
    if value not in choices:
        raise _wrong(key, value, " or ".join(choices))
    return str(value)


@cache
def zones() -> frozenset[str]:
    """The names of all time zones: telling them goes through a folder of files."""
    return frozenset(available_timezones())


def nearest_zone(text: str) -> str:
    """What to write instead of a word that is no time zone: an abbreviation or a city is often meant as one."""
    word = text.strip().casefold()
    if word in SHORT_ZONES:
        return f"Write {SHORT_ZONES[word]}."
    parts = {part for part in re.split(r"[/\s,]+", word) if part}
    cities = sorted(zone for zone in zones() if "/" in zone and zone.rpartition("/")[2].casefold() in parts)
    if cities:
        return f"Did you mean {' or '.join(f'“{zone}”' for zone in cities[:3])}?"
    close = nearest(text, zones())
    return close if close.startswith("Did you mean") else "Write it as region and city, such as Asia/Seoul, or UTC."


def _zone(value: Any, key: str) -> str:
    if not isinstance(value, str) or value not in zones():
        raise SettingsError(
            f"“{key}” is {_written(value)}, which is no time zone.",
            nearest_zone(str(value)),
            file="cx.toml",
        )
    return str(value)


def _words(value: Any, key: str) -> Words:
    if isinstance(value, str):
        return {"ko": value, "en": value}
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise _wrong(key, value, 'a text or {en = "…", ko = "…"}')
    _known(value, ("ko", "en"), f"{key}.")
    return dict(value)


def _label(entry: Any, key: str) -> Words:
    if isinstance(entry, str):
        return {"ko": entry, "en": entry}
    if not isinstance(entry, dict):
        raise _wrong(key, entry, 'a table with en, ko and values, such as en = "Region"')
    _known(entry, ("ko", "en", "values"), f"{key}.")
    return {
        language: _typed(entry[language], str, f"{key}.{language}") for language in ("ko", "en") if language in entry
    }


def _values(entry: Any, key: str) -> Mapping[str, Words]:
    if isinstance(entry, str):
        return {}
    values = _table(entry, "values")
    return {value: _words(words, f"{key}.values.{value}") for value, words in values.items()}


def _step(entry: Any, position: int) -> Step:
    where = f"journey step {position}"
    if isinstance(entry, str):
        return Step(entry)
    if not isinstance(entry, dict) or "touchpoint" not in entry:
        raise _wrong(where, entry, 'a table with at least touchpoint = "…"')
    _known(entry, ("touchpoint", "stage", "owner", "ko", "en"), f"{where}: ")
    return Step(**{key: _typed(value, str, f"{where}: {key}") for key, value in entry.items()})
