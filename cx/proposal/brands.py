"""What names of files tell: the brand, and the day."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cx import packed
from cx.proposal.columns import Mapped
from cx.proposal.spelling import listing, shared_start
from cx.quoting import literal
from cx.settings import Settings
from cx.tokens import HANGUL

NAMED_DAYS = (
    (r"(20\d\d)[-_. ]?(0[1-9]|1[0-2])[-_. ]?([0-2]\d|3[01])", r"\1-\2-\3"),
    (r"(20\d\d)[-_. ]?(0[1-9]|1[0-2])", r"\1-\2-15"),
    (r"(20\d\d)년[-_ ]?(1[0-2])월", r"\1-\2-15"),
    (r"(20\d\d)년[-_ ]?0?(\d)월", r"\1-0\2-15"),
    (r"(20\d\d)", r"\1-07-01"),
)
"""How a file's name tells a day, a month or a year, and the day that is taken for it."""
LAST = r"(?:[^/]*[^0-9/])?"
FIRST = r"(?:[^/]*?[^0-9/])??"
"""What stands before the last and before the first of several periods in a file's name."""
ENDED = r"(?:[^0-9/][^/]*)?"
"""What stands after one: eight digits that go on are no day, six no month."""


def day_of_file(path: Path, shown: Sequence[str], when: str, settings: Settings, unread: Sequence[str] = ()) -> Mapped:
    """The day of rows that carry none: the one in the files' names, else the one on which the file was written."""
    named = [(pattern, day, _named_day(shown, pattern, day)) for pattern, day in NAMED_DAYS]
    # The day of a download is the same in the names of all years.
    named.sort(key=lambda way: not _tells_apart(shown, way[0], way[1]))
    for _, _, expression in named:
        if expression:
            return Mapped(expression, when, f"{_unread(unread) or 'no column of times'}; by the file's name")
    why = "no column of times; the day the file was written"
    if unread:
        why = f"all rows on the day the file was written, as {_unread(unread)}: mend it"
    return Mapped(literal(_written(path, settings)), when, why)


def last_day(path: Path, shown: Sequence[str], settings: Settings) -> tuple[str, str]:
    """SQL for the day on which a file was written, from which 3일 전 is counted, and whence it is."""
    if expression := _named_day(shown, *NAMED_DAYS[0]):
        return f"{expression}::date", "the day in the file's name"
    return f"date {literal(_written(path, settings))}", "the day the first file was written, so look at it"


def _named_day(shown: Sequence[str], pattern: str, day: str) -> str:
    """SQL for a day that all names of files tell in one way, an empty text where they do not."""
    ways = [(way, {named_period(one, way, day) for one in shown}) for way in (LAST + pattern, FIRST + pattern)]
    fitting = sorted((way for way in ways if "" not in way[1]), key=lambda way: len(way[1]) < 2)
    if not fitting:
        return ""
    return f"regexp_replace(filename, {literal(f'^(?:.*/)?{fitting[0][0]}{ENDED}$')}, {literal(day)})"


def named_period(shown: str, pattern: str, day: str) -> str:
    """The period that a file's name tells, an empty text where it tells none."""
    found = re.fullmatch(pattern + ENDED, Path(shown).name)
    return found.expand(day) if found else ""


def without_period(shown: str) -> str:
    """A file's path without what tells its period."""
    return re.sub(DATED, "", shown)


def _tells_apart(shown: Sequence[str], pattern: str, day: str) -> bool:
    """Whether the names of several files tell several periods in one way."""
    every = [{named_period(one, way + pattern, day) for one in shown} for way in (LAST, FIRST)]
    return any(len(periods) > 1 and "" not in periods for periods in every)


def _unread(names: Sequence[str]) -> str:
    return f"nothing here reads the times of {listing(names)}" if names else ""


def _written(path: Path, settings: Settings) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, settings.zone).date().isoformat()


DATED = (
    r"[-_. (]*(20\d\d([-_. ]?(0[1-9]|1[0-2])([-_. ]?[0-3]\d)?)?(년)?|[ _]?\d{1,2}월|[1-4]분기|상반기|하반기"
    r"|[qQhH][1-4])\)?"
)
"""A period in a file's name, with what sets it apart."""
LATER = r"[-_. (]*20[0-4]\d([-_. ]?(0[1-9]|1[0-2])([-_. ]?[0-3]\d([-_T ]?\d{4,6})?)?)?(년)?\)?|[ _]?\(\d+\)"
"""What a later file's name may have beside the first ones': a period, or the number of a copy."""
GENERIC = frozenset(
    (
        "review reviews rating ratings stars survey feedback comments responses results customer customers export "
        "exports download data raw list file sheet report csv xlsx all final new copy app apps store shop google play "
        "bewertung bewertungen rezensionen umfrage befragung avis resenas opiniones encuesta recensioni "
        "apple ios android gp appstore playstore googleplay the of and page pages part rss feed crawl crawled scraped "
        "리뷰 후기 평점 별점 상품평 앱리뷰 리뷰모음 고객 의견 설문 응답 데이터 목록 전체 최종 시트 수집 원본 다운로드 "
        "스마트스토어 smartstore 톡스토어 오픈마켓 "
        "앱 구글 플레이 스토어 앱스토어 쇼핑 쇼핑앱 배달앱 증권앱 은행앱 월 년 주 일"
    ).split()
)
"""Words in the names of files and sheets that name no brand."""


def called_after(name: str) -> str:
    """What a file or sheet is called after, without periods and without words that say what it holds."""
    words = re.split(r"[-_.()\[\]\s]+", re.sub(DATED, " ", unicodedata.normalize("NFC", name)))
    kept = [word for word in words if re.search(r"[^\W\d_]", word) and word.lower().strip("0123456789") not in GENERIC]
    return " ".join(kept)


def brand_of_file(shown: Sequence[str], settings: Settings, folder: str) -> Mapped:
    """The brand of reviews that name none: what differs between the files' folders or names, else the company's own.

    Periods do not tell brands apart: a brand's files of two months are the same brand's.
    """
    if of_folders := _brand_of_folders(shown):
        return of_folders
    ending = packed.ending(shown[0])
    names = [Path(one).name.removesuffix(ending) for one in shown]
    dated = any(re.search(DATED, one) for one in names)
    stems = sorted({re.sub(DATED, "", one) if dated else one for one in names})
    if len(stems) > 1:
        before, after = _shared(stems)
        differing = [stem[len(before) : len(stem) - len(after)] for stem in stems]
        # Pages of one list are no brands.
        several = len({re.sub(r"\d+", "", one) for one in differing}) > 1
        if several and all(re.search(r"[^\W\d_]", one) for one in differing):
            # Next month's file may name its month first: `2026-12_…`.
            start = re.escape(before) if dated or before else "(?:^|/)[-_. ]*"
            pattern = f"{start}([^/]+){re.escape(after)}{re.escape(ending)}$"
            name = f"regexp_replace(filename, {literal(DATED if dated else LATER)}, '', 'g')"
            return Mapped(f"regexp_extract({name}, {literal(pattern)}, 1)", "brand", "by the file's name")
    named = {called_after(re.sub(r"\d+$", "", stem)) for stem in stems}
    called = named.pop() if len(named) == 1 else ""
    # Brands are written in Korean or with a capital; other names of files say what is in them.
    sure = called and (called[0].isupper() or HANGUL.search(called))
    if called and (sure or called == settings.brand or (not settings.brand and not called_after(folder))):
        why = "no column of brands; what the file is called after, so look at it"
        if called in stems[0]:
            # The next file of the folder may be another brand's.
            pattern = literal(f"{re.escape(called)}[^/]*$")
            only = f"case when regexp_matches(filename, {pattern}) then {literal(called)} end"
            return Mapped(only, "brand", f"{why}; files called otherwise are set aside")
        return Mapped(literal(called), "brand", why)
    whose = "the company's own" if settings.brand else "the folder's name"
    return Mapped(literal(settings.brand or folder), "brand", f"no column of brands; {whose}")


def _brand_of_folders(shown: Sequence[str]) -> Mapped | None:
    """The brand where each has a folder of its own."""
    folders = [Path(one).parent.parts for one in shown]
    for depth in range(min(map(len, folders))):
        names = {parts[depth] for parts in folders}
        # A data warehouse calls its folders after a column and its value: `month=2026-01`.
        if len(names) > 1 and all(called_after(name.rpartition("=")[2]) for name in names):
            pattern = f"^{'[^/]+/' * depth}(?:[^/=]+=)?([^/]+)/"
            return Mapped(f"regexp_extract(filename, {literal(pattern)}, 1)", "brand", "by the file's folder")
    return None


def _shared(stems: Sequence[str]) -> tuple[str, str]:
    """What names have in common at their start and at their end, up to a sign that sets words apart.

    키움증권 and 토스증권 end alike and are two names all the same.
    """
    start = shared_start(stems)
    before = re.sub(r"[^-_. ()\[\]]*$", "", stems[0][:start])
    end = shared_start([stem[len(before) :][::-1] for stem in stems])
    after = stems[0][len(stems[0]) - end :] if end else ""
    return before, re.sub(r"^[^-_. ()\[\]]*", "", after)
