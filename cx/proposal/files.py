"""The files that a source is for: which they are, which sheets of them, and what they have in common."""

import fnmatch
import glob
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from cx import contract, intake, packed, readers, snapshot, surveys
from cx.catalog import Reading
from cx.errors import DataError, QueryError
from cx.proposal.columns import Seen, turned
from cx.proposal.numerals import cleaning_of
from cx.proposal.sample import SAMPLE, filled_down, seen_in_sample, text_of, totals_of
from cx.proposal.scores import FEWEST_ON_A_SCALE, scale_of
from cx.proposal.spelling import listing, shared_start, without_accents
from cx.proposal.times import AND, CALLED_TIME, OWN, SERIAL, SINCE_1970, turned_spelling
from cx.quoting import literal, quoted

MOST_AGAIN = 12
"""In so many of the later files it is looked whether a column's scale or spelling changed."""


def file_pattern(files: Sequence[Path], data: Path) -> tuple[str, list[str]]:
    """The glob of a source for these files, and each file's path inside the data folder."""
    if not files:
        raise QueryError("A source needs a file to look at.", "Write `python -m cx new source NAME FILE…`.")
    shown = []
    for path in files:
        inside = path.resolve()
        if not inside.is_file() or not inside.is_relative_to(data):
            raise QueryError(f"{path} is no file inside {data}.", "Copy the files into a folder of their own there.")
        first = inside.relative_to(data).parts[0]
        if first in (*contract.TABLES, snapshot.FOLDER, "queries"):
            raise QueryError(
                f"{path} lies in {first}/, which is read without a source.", "Move it into a folder of another name."
            )
        shown.append(inside.relative_to(data).as_posix())
    if len(files) == 1:
        folder, suffix = Path(shown[0]).parent, Path(shown[0]).suffix
        beside = [path for path in files[0].resolve().parent.glob(f"*{suffix}") if not readers.ignored(path)]
        # In a folder of its own the file is the first of many, such as one a month.
        if len(beside) > 1 or folder == Path("."):
            return glob.escape(shown[0]), shown
    if len({Path(one).suffix for one in shown}) > 1:
        raise QueryError("The files end differently.", "Write a source for each kind.")
    folders = [Path(one).parent.parts for one in shown]
    if len(set(folders)) == 1:
        place = glob.escape("/".join(folders[0]))
    elif len(set(map(len, folders))) == 1:
        levels = [set(names) for names in zip(*folders, strict=True)]
        place = "/".join(glob.escape(names.pop()) if len(names) == 1 else "*" for names in levels)
    else:
        shared = [names.pop() for names in map(set, zip(*folders, strict=False)) if len(names) == 1]
        place = "/".join([*map(glob.escape, shared), "**"])
    pattern = f"{place}/*{Path(shown[0]).suffix}" if place else f"*{Path(shown[0]).suffix}"
    given = {path.resolve() for path in files}
    if "*" in place and any(path.resolve() not in given and not readers.ignored(path) for path in data.glob(pattern)):
        raise QueryError(
            f"The files lie in folders beside which {pattern} finds others too.",
            "Put their folders into one of their own, or name all of them.",
        )
    return pattern, shown


@dataclass(frozen=True)
class Sheets:
    """Which sheets of some workbooks are read."""

    pattern: str
    read: tuple[str, ...]
    unread: tuple[str, ...]
    header_alike: bool
    """Whether all of them name their columns in the same row."""

    def told(self) -> str:
        """It as a guess."""
        named, others = (listing([f"“{name}”" for name in names]) for names in (self.read, self.unread))
        also = f"; not read, as their header is another: {others}" if others else ""
        if len(self.read) == 1:
            return f"-- guess: only the sheet {named} is read{also}."
        return f"-- guess: the sheets {named} have the same header and are read as one{also}."


def sheets_alike(files: Sequence[Path]) -> Sheets | None:
    """The sheets with the header of each workbook's fullest one; None where no workbook has several."""
    read: dict[str, int] = {}
    unread: dict[str, int] = {}
    several = False
    for number, path in enumerate(files):
        try:
            with _first_inside(path) as inside:
                headers = readers.sheet_headers(inside)
        except DataError as error:
            error.file = path.name
            raise
        several = several or len(headers) > 1
        fullest = max(headers, key=lambda name: headers[name].filled)
        if number == 0:
            first = fullest
        for name, header in headers.items():
            alike = header.names == headers[fullest].names
            (read if alike else unread)[name] = header.at
    if not several:
        return None
    pattern = _sheet_pattern(list(read), list(unread))
    if not pattern:
        unread |= {name: at for name, at in read.items() if name != first}
        pattern, read = glob.escape(first), {first: read[first]}
    return Sheets(pattern, tuple(read), tuple(unread), len(set(read.values())) == 1)


def _sheet_pattern(read: Sequence[str], unread: Sequence[str]) -> str:
    """A pattern for some sheets and for none of the others, empty where there is none."""
    escaped = [glob.escape(name) for name in read]
    numbered = {re.sub(r"\d+", "*", name) for name in escaped}
    start = shared_start(read)
    end = shared_start([name[start:][::-1] for name in read])
    around = f"{glob.escape(read[0][:start])}*{glob.escape(read[0][len(read[0]) - end :] if end else '')}"
    # The next workbook may name its sheets after another year.
    candidates = escaped if len(read) == 1 else ["*", *(numbered if len(numbered) == 1 else ()), around]
    return next(
        (
            one
            for one in candidates
            if all(fnmatch.fnmatchcase(name, one) for name in read)
            and not any(fnmatch.fnmatchcase(name, one) for name in unread)
        ),
        "",
    )


@dataclass(frozen=True)
class Look:
    """What a look at a file told."""

    seen: list[Seen]
    reader: str
    raw: readers.Raw
    cleaned: Mapping[str, str] = field(default_factory=dict)
    """The columns (lower case) whose numbers need cleaning, and which, those known already too: only one year may have
    been typed so."""
    sheets: Sheets | None = None
    """Which sheets of a workbook it is about, where there are several."""
    totals: dict[str, list[str]] = field(default_factory=dict)
    """By column (lower case), what its last rows say that only sum up the others."""
    varied: list[str] = field(default_factory=list)
    """What was detected of how the first file is written that another file is not: left to be detected in each."""


@contextmanager
def _first_inside(path: Path) -> Iterator[Path]:
    """A file, or the first of those that are packed in it."""
    if not packed.is_packed(path):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        yield packed.unpacked(path, Path(folder), readers.PACKABLE, [])[0].path


def _reader(path: Path) -> str:
    """What reads a file: the survey tool that wrote it, else what reads files of its ending."""
    kind = readers.kind_of(path)
    if kind == "packed":
        with _first_inside(path) as inside:
            return _reader(inside)
    if kind == "xlsx" and readers.is_text(path):
        kind = "csv"
    tool = surveys.recognised(readers.first_rows(path, Reading())) if kind in ("csv", "xlsx") else ""
    return tool or kind


def reader_of(files: Sequence[Path], shown: Sequence[str]) -> str:
    """What reads all of some files: the survey tool that wrote them, else what reads files of their ending."""
    found = []
    for path, name in zip(files, shown, strict=True):
        try:
            found.append(_reader(path))
        except DataError as error:
            error.file = name
            raise
    # Of a survey with one header row a table of any origin is told by its first column only.
    plain = next((reader for reader in found if reader not in surveys.HEADERS), found[0])
    return plain if "surveymonkey" in found else found[0]


@contextmanager
def opened(path: Path, shown: str, reading: Reading) -> Iterator[tuple[duckdb.DuckDBPyConnection, readers.Raw]]:
    """The file as the relation `raw`, and what it holds."""
    # The reader takes a path for a glob, so the file is read under a name without such signs.
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        link = Path(folder) / f"file{packed.ending(path.name)}"
        link.symlink_to(path.resolve())
        try:
            yield connection, readers.open_raw(connection, link, shown, reading, work=Path(folder))
        except DataError as error:
            error.file = shown
            raise


def take_in_later(look: Look, files: Sequence[Path], shown: Sequence[str]) -> set[str]:
    """Add to a look at the first file what only later files have; returns the names (lower case) that some file lacks.

    A column that is called nearly the same elsewhere is noted as the same one, and what only the first file is written
    like is no longer declared.
    """
    every = [{one.name.lower() for one in look.seen}]
    news: dict[str, Seen] = {}
    first = tuple(look.seen)
    fresh: list[list[Seen]] = []
    # Another year may have another scale or spell its times in another way under the same header.
    changing = {one.name.lower() for one in first if one.time or CALLED_TIME.search(one.plain) or scale_of(one)}
    expected = {one.name.lower(): one.spelling for one in first if one.spelling}
    step = -(-len(files) // MOST_AGAIN) or 1
    for place, (path, name) in enumerate(zip(files, shown, strict=True)):
        known = frozenset().union(*every)
        unseen = known - changing if place % step == 0 else known
        sheet = look.sheets.pattern if look.sheets else ""
        later = looked_at(path, name, look.reader, unseen, sheet, expected)
        for key in [
            key for key in look.raw.found if key != "sheet" and look.raw.found[key] != later.raw.found.get(key)
        ]:
            del look.raw.found[key]
            look.varied.append(key)
        again = {one.name.lower(): one for one in later.seen if one.name.lower() in known}
        later.seen[:] = [one for one in later.seen if one.name.lower() not in again]
        for one in look.seen:
            if one.name.lower() in again:
                _refuse_other_way_round(one, again[one.name.lower()], shown[0], name)
        look.seen[:] = [_changed(one, again.get(one.name.lower()), name) for one in look.seen]
        every.append({column.lower() for column in later.raw.columns})
        for column, said in later.totals.items():
            look.totals[column] = list(dict.fromkeys([*look.totals.get(column, ()), *said]))
        fresh.append(later.seen)
        look.seen[:] = [
            replace(one, cleaning=later.cleaned[one.name.lower()])
            if one.number and not one.cleaning and one.name.lower() in later.cleaned
            else one
            for one in look.seen
        ]
        news.update({one.name.lower(): one for one in later.seen})
    lacking = {name for held in every for name in frozenset().union(*every) - held}
    timed = {one.name.lower() for one in (*look.seen, *news.values()) if one.time}
    # Where each file has one time only, it is the same one, whatever it is called and however it is spelled.
    only_times = all(len(held & timed) == 1 for held in every)
    for place, one in enumerate(look.seen):
        without = [held for held in every if one.name.lower() not in held]
        same = [
            name
            for name, other in news.items()
            if (
                _alike(one.name, other.name)
                or (one.time and other.time and (one.spelling == other.spelling or only_times))
                or _same_meaning(one, other, first, fresh)
            )
            and not any(name in held for held in every if held not in without)
        ]
        if without and same:
            look.seen[place] = _merged(one, [news[name] for name in same])
            for name in same:
                del news[name]
    look.seen.extend(news.values())
    return lacking


def _refuse_other_way_round(one: Seen, there: Seen, first: str, shown: str) -> None:
    """Refuse files of which some write the day first and others the month, or some begin a scale with the best step:
    one SELECT would read those of the others the wrong way round."""
    told = ""
    other = turned_spelling(there.spelling or "")
    if not one.order and not there.order and other and other in (one.spelling or "").split(AND):
        told = "its days"
    elif one.number and there.number and one.turned != there.turned and (one.cleaning and there.cleaning):
        told = "its steps"
    if told:
        raise QueryError(
            f"“{one.name}” has {told} the other way round in {shown} than in {first} or the files after it.",
            "Put files of one kind into a folder of their own, and write a source for each folder.",
        )


def _changed(one: Seen, there: Seen | None, shown: str) -> Seen:
    """A column with what is different about it in another file that calls it the same."""
    if there is None or not there.filled:
        return one
    if one.order and there.time and not there.order and there.spelling in (one.spelling, one.order.other):
        # A day above the twelfth in any file says which number is the month.
        return replace(one if there.spelling == one.spelling else turned(one), order=None)
    if there.time and one.spelling != there.spelling:
        if not one.filled or not one.time:
            return there if not one.filled else one
        spellings = [part for spelling in (one.spelling, there.spelling) for part in (spelling or OWN).split(AND)]
        if not {SERIAL, *SINCE_1970} & set(spellings):
            together = AND.join(dict.fromkeys(spellings))
            return replace(one, spelling=together, daily=one.daily and there.daily, iso=False)
    ours, theirs = scale_of(one), scale_of(there)
    if ours and theirs and ours[1] != theirs[1] and min(one.filled, there.filled) >= FEWEST_ON_A_SCALE:
        return replace(one, rescaled=(*one.rescaled, (shown, there)))
    return one


def _same_meaning(one: Seen, other: Seen, first: Sequence[Seen], later: Sequence[Sequence[Seen]]) -> bool:
    """Whether two columns of one type mean the same by their names, and no further column of theirs does too."""
    if (one.number, one.time) != (other.number, other.time):
        return False
    # Several columns of satisfaction ask about several things.
    return any(
        all(sum(role in each.meanings for each in file) <= 1 for file in (first, *later))
        for role in one.meanings & other.meanings
    )


def _merged(one: Seen, others: Sequence[Seen]) -> Seen:
    """A column with what the other files say about it."""
    every = (one, *others)
    counts: dict[str, int] = {}
    for each in every:
        for value, count in each.counts.items():
            counts[value] = counts.get(value, 0) + count
    lows = [each.low for each in every if each.low is not None]
    highs = [each.high for each in every if each.high is not None]
    return replace(
        one,
        others=tuple(others),
        unmerged=one,
        counts=counts if all(each.counts for each in every) else {},
        low=min(lows) if one.number else None,
        high=max(highs) if one.number else None,
        whole=all(each.whole for each in every),
    )


def _alike(one: str, other: str) -> bool:
    """Whether two headers probably name the same: alike but for signs and case, or but for the question's number."""
    first, second = (without_accents(intake.column_name(name)) for name in (one, other))
    if first.replace("_", "") == second.replace("_", ""):
        return True
    numbered = r"^(?:q|문항|문)?\d+[a-z]?_?"
    bare = [re.sub(numbered, "", name).replace("_", "") for name in (first, second)]
    return bare[0] == bare[1] and len(bare[0]) >= 3


def looked_at(
    path: Path,
    shown: str,
    reader: str = "",
    known: frozenset[str] = frozenset(),
    sheet: str = "",
    expected: Mapping[str, str] | None = None,
) -> Look:
    """What a sample of a file says about each of its columns but those known already (lower case)."""
    try:
        reader = reader or _reader(path)
    except DataError as error:
        error.file = shown
        raise
    with opened(path, shown, Reading(reader=reader, sheet=sheet)) as (connection, raw):
        try:
            totals = totals_of(connection, raw, reader)
            summed = [f"trim({quoted(name)}) = {literal(cell)}" for name, cells in totals.items() for cell in cells]
            rows = f"from raw where not coalesce({' or '.join(summed) or 'false'}, false)"
            connection.execute(f"create temp table sample as {rows} limit {SAMPLE}")
            names = [name for name in raw.columns if name.lower() not in known]
            spelled = expected or {}
            found = [seen_in_sample(connection, name, raw.columns[name], spelled.get(name.lower())) for name in names]
            if reader == "xlsx":
                found = [filled_down(connection, one) for one in found]
            cleaned = {one.name.lower(): one.cleaning for one in found if one.cleaning and not one.turned}
            for name in raw.columns.keys() - set(names):
                if raw.columns[name] == "VARCHAR" and (how := cleaning_of(connection, name, text_of(name))):
                    cleaned[name.lower()] = how
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise DataError(f"It cannot be read: {first}.", "Save it as UTF-8 text or Parquet.", file=shown) from error
    return Look(found, reader, raw, cleaned, totals=totals)
