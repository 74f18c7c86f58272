"""What names of files tell: the brand, and the day."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cx.proposal.columns import Mapped
from cx.proposal.spelling import listing, shared_start
from cx.readers import literal
from cx.settings import Settings
from cx.tokens import HANGUL


def day_of_file(path: Path, shown: Sequence[str], when: str, settings: Settings, unread: Sequence[str] = ()) -> Mapped:
    """The day of rows that carry none: the one in the files' names, else the one on which the file was written."""
    names = [Path(one).name for one in shown]
    for pattern, expression in (
        (r"20\d\d-[01]\d-[0-3]\d", "regexp_extract(filename, '(20[0-9]{2}-[0-9]{2}-[0-9]{2})[^/]*$', 1)"),
        (r"20\d\d-[01]\d", "regexp_extract(filename, '(20[0-9]{2}-[0-9]{2})[^/]*$', 1) || '-15'"),
        (r"20\d\d", "regexp_extract(filename, '(20[0-9]{2})[^/]*$', 1) || '-07-01'"),
    ):
        if all(re.search(pattern, name) for name in names):
            return Mapped(expression, when, "no column of times; by the file's name")
    day = datetime.fromtimestamp(path.stat().st_mtime, settings.zone).date()
    why = "no column of times; the day the file was written"
    if unread:
        why = f"all rows on the day the file was written, as nothing here reads the times of {listing(unread)}: mend it"
    return Mapped(literal(day.isoformat()), when, why)


DATED = (
    r"[-_. (]*(20\d\d([-_. ]?(0[1-9]|1[0-2])([-_. ]?[0-3]\d)?)?(년)?|[ _]?\d{1,2}월|[1-4]분기|상반기|하반기"
    r"|[qQhH][1-4])\)?"
)
"""A period in a file's name, with what sets it apart."""
GENERIC = frozenset(
    (
        "review reviews rating ratings stars survey feedback comments responses results customer customers export "
        "exports download data raw list file sheet report csv xlsx all final new copy app apps store shop google play "
        "apple ios android gp the of and "
        "리뷰 후기 평점 별점 상품평 앱리뷰 리뷰모음 고객 의견 설문 응답 데이터 목록 전체 최종 시트 수집 원본 다운로드 "
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
    """The brand of reviews that name none: what differs between the files' names, else the company's own.

    Periods do not tell brands apart: a brand's files of two months are the same brand's.
    """
    ending = Path(shown[0]).suffix
    dated = any(re.search(DATED, Path(one).stem) for one in shown)
    stems = sorted({re.sub(DATED, "", Path(one).stem) if dated else Path(one).stem for one in shown})
    if len(stems) > 1:
        start = shared_start(stems)
        end = shared_start([stem[start:][::-1] for stem in stems])
        end = min(end, min(map(len, stems)) - start)
        before, after = stems[0][:start], stems[0][len(stems[0]) - end :] if end else ""
        differing = [stem[start : len(stem) - end] for stem in stems]
        if all(re.search(r"[^\W\d_]", one) for one in differing):
            pattern = f"{re.escape(before)}([^/]+){re.escape(after)}{re.escape(ending)}$"
            name = f"regexp_replace(filename, {literal(DATED)}, '', 'g')" if dated else "filename"
            return Mapped(f"regexp_extract({name}, {literal(pattern)}, 1)", "brand", "by the file's name")
    called = called_after(stems[0]) if len(stems) == 1 else ""
    # Brands are written in Korean or with a capital; other names of files say what is in them.
    if called and (called[0].isupper() or HANGUL.search(called)) and called != settings.brand:
        return Mapped(literal(called), "brand", "no column of brands; what the file is called after, so look at it")
    whose = "the company's own" if settings.brand else "the folder's name"
    return Mapped(literal(settings.brand or folder), "brand", f"no column of brands; {whose}")
