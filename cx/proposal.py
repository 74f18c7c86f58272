"""A proposed source: what a foreign file's columns probably are, each guess marked as one.

It looks at a sample through the same reader as publishing does, matches names and values with the contract,
and writes the SELECT that a person then corrects.
"""

import fnmatch
import glob
import json
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, cached_property
from math import ceil
from pathlib import Path

import duckdb

from cx import catalog, contract, intake, readers, snapshot, surveys
from cx.catalog import Metric, Reading
from cx.errors import DataError, QueryError
from cx.quoting import literal, quoted
from cx.settings import Settings
from cx.tokens import HANGUL

SAMPLE = 20_000
"""Rows of a file that a proposal looks at."""
FEW_VALUES = 50
MOST_SEGMENTS = 20
FIRST_ROWS = 5
"""Rows that a preview shows."""
MOST_FILES = 20
"""Files that a preview reads."""
NEARLY_ALL = 0.95
"""Share of a column's values that has to be of a type, so that codes for “no answer” do not hide it."""
LONG = 20
"""Mean length from which a text is somebody's own words."""

COMMENTS = ("comments", "comentario", "comentarios", "commentaire", "commentaires", "kommentar", "open_comment")
WRITTEN_ON = ("작성일시", "작성일자", "작성일", "등록일시", "등록일자", "등록일")
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "response_id": (
        "responseid",
        "answer_id",
        "id",
        "record_id",
        "respondent_id",
        "respondent",
        "ticket",
        "no",
        "응답자id",
        "번호",
        "nº",
    ),
    "responded_at": (
        "recordeddate",
        "enddate",
        "submitted_at",
        "submitted",
        "answered_at",
        "timestamp",
        "date",
        "day",
        "응답일시",
        "응답일",
        *WRITTEN_ON,
    ),
    "score": ("rating", "likelihood", "satisfaction", "stars", "value", "answer", "점수", "만족도"),
    "customer_id": ("customer", "customerid", "user_id", "member_id", "client_id", "고객id", "고객번호", "회원번호"),
    "touchpoint": ("step", "stage"),
    "channel": ("medium", "채널"),
    "unit_id": ("unit", "store", "branch", "site", "지점", "매장"),
    "weight": ("wt", "gewichtung", "gewicht", "ponderation", "poids", "ponderacion", "peso", "가중치"),
    "comment": (
        "text",
        "body",
        "content",
        "feedback",
        "review",
        "verbatim",
        "note",
        "why",
        "의견",
        "내용",
        "사유",
        "이유",
        *COMMENTS,
    ),
    "review_id": ("id", "reviewid", "no", "번호"),
    "reviewed_at": ("date", "timestamp", "written_at", "submitted_at", "created_at", "at", *WRITTEN_ON, "날짜"),
    "brand": (
        *("company", "app", "airline_name", "shop", "app_name", "브랜드", "브랜드명", "앱", "앱이름", "앱명", "회사"),
        *("회사명", "업체", "업체명", "상호", "상호명", "쇼핑몰", "증권사", "은행", "매장명", "식당명"),
    ),
    "rating": ("stars", "star_rating", "overall_rating", "별점", "평점"),
    "rating_max": ("max_rating", "stars_max"),
    "source": ("platform", "store", "market", "스토어", "마켓", "플랫폼", "출처"),
    "title": ("headline", "summary", "제목"),
    "body": (
        *("text", "content", "review", "review_text", "comment", "document", "내용", "본문", "리뷰", "후기", "상품평"),
        *("한줄평", "댓글"),
    ),
    "language": ("lang", "sprache", "langue", "idioma", "lingua", "언어"),
    "country": ("author_country", "reviewer_country", "국가", "나라"),
    "product": ("product_name", "상품명", "상품", "제품명", "제품"),
    "version": ("app_version", "review_created_version", "버전"),
    "verified": ("verified_purchase", "구매확인", "구매인증"),
    "incentivised": ("incentivized", "체험단"),
    "replied_at": ("reply_date", "reply_time", "답변일시", "답변일자", "답변일"),
    "event_id": ("id", "line_id", "event"),
    "occurred_at": ("invoicedate", "order_date", "ordered_at", "date", "timestamp", "주문일", "주문일시"),
    "kind": ("type", "event_type"),
    "order_id": ("order", "order_no", "orderid", "invoiceno", "invoice_no", "invoice", "주문번호"),
    "amount": ("total", "revenue", "sales", "unitprice", "unit_price", "price", "금액", "결제금액", "단가"),
}
"""Names that a column of the contract goes by in other systems, the likeliest first."""

NUMBERED = r"(?:id|n[ro]?|nº|num|numero|nummer|number|code|codigo|codice)"
MEANINGS: Mapping[str, re.Pattern[str]] = {
    "response_id": re.compile(
        rf"{NUMBERED}_+(?:\w{{2,3}}_+)*(?:reponses?|respuestas?|antwort|rispost[ae]|respostas?)"
        rf"|(?:reponse|respuesta|antwort|risposta|resposta)_*{NUMBERED}"
    ),
    "customer_id": re.compile(
        rf"{NUMBERED}_+(?:\w{{2,3}}_+)*(?:clientes?|clients?|kunden?)"
        rf"|(?:client|cliente|kunden?)_*{NUMBERED}|client|cliente|kunde"
    ),
    "responded_at": re.compile(r"(?:date|fecha|datum|data)(?:_.*)?"),
    "comment": re.compile(
        r"(?:.*_)?(?:comment|comentario|kommentar|verbatim|avis(?:_|$)|bemerkung|anmerkung|osservazion).*"
    ),
    "unit_id": re.compile(r"(?:magasin|boutique|tienda|sucursal|filiale|negozio|loja|store|branch)s?"),
    "region": re.compile(r"(?:region|regione|regiao)"),
    "language": re.compile(r"(?:language|sprache|langue|idioma|lingua)"),
    "weight": re.compile(r"(?:weight|gewichtung|gewicht|ponderation|poids|ponderacion|peso)"),
}
"""What a column's name says in French, Spanish, German, Italian and Portuguese, without accents."""
SAME_MEANING = {"reviewed_at": "responded_at", "occurred_at": "responded_at", "body": "comment"}
"""Columns of other tables that such a name may stand for too."""

HEADS = (
    *("내용", "본문", "제목", "점수", "별점", "평점", "의견", "후기", "리뷰", "상품평", "한줄평", "버전"),
    *("작성일", "작성일시", "등록일", "등록일시", "답변일", "답변일시"),
)
"""Korean words that say what a column holds when its name ends with them: 리뷰 내용, 앱 버전."""
ABOUT_REVIEWS = re.compile(r"^(review|리뷰|상품평|후기|별점|평점|thumbsup|appversion|앱버전|storefront)")
"""How names of columns begin that only reviews have."""

USUAL_TOPS = (5, 7, 10, 100)
"""Where scales of reviews usually end."""

METRIC_STEMS = {
    "nps": ("recom", "raccom", "consigli", "likelihood", "empfehl", "weiterempf", "추천", "netpro"),
    "csat": ("satisf", "zufrieden", "gesamtzufrieden", "kundenzufrieden", "soddisf", "만족"),
    "ces": ("effort", "easy", "ease", "esfuerzo", "esforco", "sforzo", "aufwand", "facilit", "수월", "노력"),
}
"""How words in a column's name begin that tell which of the shipped metrics it answers."""
MAIN = ("nps", "csat", "ces")
"""The metrics that a comment is told beside, the likeliest first."""
OVERALL = re.compile(r"overall|general|geral|global|gesamt|전반|종합|전체")
"""What the column among several is called that asks about the whole."""

SPELLINGS = (
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%Y.%m.%d %H:%M",
    "%Y.%m.%d",
    "%y.%m.%d",
    "%y-%m-%d",
    "%y/%m/%d",
    "%Y년 %m월 %d일",
    "%Y. %m. %d.",
    "%Y.%m.%d %p %I:%M:%S",
    "%Y.%m.%d %p %I:%M",
    "%Y. %m. %d. %p %I:%M:%S",
    "%Y. %m. %d. %p %I:%M",
    "%Y-%m-%d %p %I:%M:%S",
    "%Y-%m-%d %p %I:%M",
    "%Y/%m/%d %p %I:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%y %I:%M %p",
    "%m/%d/%y %H:%M",
    "%m/%d/%y",
    "%Y년 %m월 %d일 %H:%M",
    "%Y년 %m월 %d일 %p %I:%M",
    "%a, %d %b %Y %H:%M:%S",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d, %Y %I:%M %p",
    "요일 %Y-%m-%d %H:%M:%S",
    "요일 %Y-%m-%d %H:%M",
    "요일 %Y-%m-%d",
    "요일 %Y.%m.%d %H:%M",
    "요일 %Y.%m.%d",
    "요일 %Y년 %m월 %d일",
)
"""Spellings of a time that publishing does not read by itself; 오전 and 오후 are read as AM and PM, and after 요일 a
day of the week is passed over."""
COMPACT = {"%Y%m%d": 8, "%Y%m%d%H%M": 12, "%Y%m%d%H%M%S": 14}
"""Times without a sign between their numbers, and their length."""
SINCE_1970 = {"seconds since 1970": (1, 9e8, 2.1e9), "milliseconds since 1970": (1000, 9e11, 2.1e12)}
"""Times as numbers: what divides them into seconds, the lowest and the highest that are taken for one."""
SERIAL = "days since 1900"
"""Times as spreadsheets count them, some of them perhaps written as days."""
CALLED_TIME = re.compile(
    r"time|date|datum|fecha|stamp|epoch|created|updated|submitted|(?:^|_)(?:at|on|ts|day|data)$|일시|일자|날짜|시각|일$"
)
"""What columns of times are called: other numbers of that size are no times."""
NUMBERS_ROWS = re.compile(r"(?:^|_)(?:id|uuid|no|nr|num|number|key)$|(?:번호|코드)$")
NUMBERS_PEOPLE = re.compile(
    r"customer|user|member|client|account|card|passport|ssn|고객|회원|사용자|계정|계좌|카드|주민|여권|면허"
)
"""What a column is called whose every value is another one: what numbers rows, and what numbers people."""


PERSONAL = re.compile(
    r"mail|phone|mobile|ip_?address|latitude|longitude|first_?name|last_?name|full_?name|user_?name|birth|"
    r"nick_?name|(?:author|reviewer)(?:_name)?$|이메일|메일|전화|휴대폰|연락처|주소|성명|고객명|생년월일|아이피|작성자|닉네임|아이디|"
    r"(?<!앱)(?<!앱_)(?<!상품)(?<!상품_)(?<!제품)(?<!제품_)(?<!매장)(?<!매장_)(?<!지점)(?<!지점_)(?<!드)(?<!드_)이름"
)
"""What columns about a person are called."""

SCALES = ((1, 5), (1, 7), (0, 10), (1, 10))
"""Scales of survey answers, the narrowest first."""
BLANKS = frozenset((-1, 0, 6, 8, 9, 11, 77, 88, 97, 98, 99, 999))
"""Numbers that survey tools write where nothing was answered, wherever they lie outside the scale."""
BATTERY = 3
"""As many columns of one scale and of like names are ratings of as many touchpoints."""

TOTALS = frozenset(
    (
        "합계 총계 총합 총합계 소계 계 누계 평균 전체평균 전체합계 total totals subtotal grandtotal sum average mean "
        "summe gesamt gesamtsumme durchschnitt mittelwert totalgénéral moyenne somme totalgeneral promedio suma totale "
        "media"
    ).split()
)
"""What the first cell of a last row says that sums up those above it, without blanks."""

YES_OR_NO = frozenset(("true", "false", "yes", "no", "y", "n", "1", "0", "t", "f"))

LABELS: Mapping[str, int] = {
    **dict.fromkeys(("very satisfied", "extremely satisfied", "excellent", "strongly agree"), 5),
    **dict.fromkeys(("매우 만족", "매우만족", "아주 만족", "매우 그렇다"), 5),
    **dict.fromkeys(("satisfied", "somewhat satisfied", "good", "agree", "만족", "그렇다"), 4),
    **dict.fromkeys(("neither satisfied nor dissatisfied", "neutral", "fair", "보통", "보통이다"), 3),
    **dict.fromkeys(("neither agree nor disagree",), 3),
    **dict.fromkeys(("dissatisfied", "somewhat dissatisfied", "poor", "disagree", "불만족", "불만", "그렇지 않다"), 2),
    **dict.fromkeys(("very dissatisfied", "extremely dissatisfied", "very poor", "strongly disagree"), 1),
    **dict.fromkeys(("매우 불만족", "매우불만족", "매우 불만", "전혀 그렇지 않다"), 1),
}
"""What the steps of a scale from 1 to 5 are called where answers come as words."""

NO_ANSWER = frozenset(
    (
        "n/a",
        "na",
        "-",
        "none",
        "not applicable",
        "don't know",
        "prefer not to say",
        "해당없음",
        "해당 없음",
        "무응답",
        "모름",
        "잘 모름",
        "잘모름",
        "keine angabe",
        "weiß nicht",
        "sans réponse",
        "no contesta",
    )
)
"""Words for “no answer” among those for the steps of a scale."""

NO_SEGMENT = re.compile(r"count$|cnt$|url|image|length$|[^점]수$|reply|response$|답변$|답글$")
"""What columns are called that count something, lead somewhere or are our own words: no segments."""

TOOLS_OWN = frozenset(
    "finished progress status responseset duration__in_seconds recordeddate startdate enddate externaldatareference "
    "externalreference collectorid collector_id locationaccuracy userlanguage".split()
)
"""Columns of survey tools that are about the answering itself."""

STATUS = ("1", "8", "Survey Preview", "Spam")
"""What Qualtrics says of rows that no respondent gave."""


@dataclass(frozen=True)
class Seen:
    """What a sample says about one column of a foreign file."""

    name: str
    kind: str
    filled: int
    different: int
    length: float
    """Mean length of its values as texts."""
    values: tuple[str, ...]
    """Some of its different values: all of them where they are few."""
    low: float | None = None
    """Nearly the lowest and the highest of its numbers, where it holds numbers."""
    high: float | None = None
    whole: bool = False
    spelling: str | None = None
    """How its times are spelled, an empty text where publishing reads them; None where it holds no times."""
    daily: bool = False
    """Whether its times are days without a time of day."""
    iso: bool = False
    """Whether publishing reads its days as such, because they are written like 2026-11-03."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How often each value occurs, where they are few."""
    cleaning: str = ""
    """SQL that makes numbers of its values where they are written as people write them, with `{}` for a value."""
    merged: bool = False
    """Whether merged cells left only the first row of each block filled."""
    others: tuple["Seen", ...] = ()
    """The same column as other files have it."""

    @property
    def elsewhere(self) -> tuple[str, ...]:
        """What other files call it."""
        return tuple(one.name for one in self.others)

    @property
    def labelled(self) -> bool:
        """Whether its values are words for the steps of a scale."""
        said = [value.lower() for value in self.counts if value.lower() not in NO_ANSWER]
        return self.words and len(said) > 1 and all(value in LABELS for value in said)

    @property
    def sql(self) -> str:
        """It as SQL: under whichever name a file has it."""
        every = (self, *self.others)
        names = [sql_name(one.name) for one in every]
        either = names[0] if len(names) == 1 else f"coalesce({', '.join(names)})"
        either = next((one.cleaning for one in every if one.cleaning), "{}").replace("{}", either)
        if any(one.merged for one in every):
            return f"last_value({either} ignore nulls) over (partition by filename, sheet order by row_number)"
        return either

    @property
    def personal(self) -> bool:
        """Whether it probably says who somebody is or where somebody lives, which no dashboard needs."""
        return bool(PERSONAL.search(self.plain))

    @property
    def plain(self) -> str:
        """Its name as names of different systems are compared: lower case, `_` for other signs."""
        return _bare(intake.column_name(self.name))

    @cached_property
    def meanings(self) -> frozenset[str]:
        """What a column's name says in any of the languages, of what its values may be."""
        name = self.plain.strip("_")
        found = {role for role, words in MEANINGS.items() if words.fullmatch(name)}
        if not self.time:
            found.discard("responded_at")
        if not self.number:
            found.discard("weight")
        if self.one_each and self.numbers_rows:
            found.add("response_id")
        if "comment" in found and (not self.words or (self.repeats and self.length < LONG)):
            found.discard("comment")
        # Without a word for its number a column of few values is a kind of customer rather than one.
        if "customer_id" in found and self.repeats and not re.search(rf"(?:^|_){NUMBERED}(?:_|$)", name):
            found.discard("customer_id")
        if self.number:
            words = [word for word in name.split("_") if word]
            found |= {metric for metric, stems in METRIC_STEMS.items() if any(word.startswith(stems) for word in words)}
        return frozenset(found)

    @property
    def number(self) -> bool:
        """Whether it holds numbers."""
        return self.low is not None

    @property
    def time(self) -> bool:
        """Whether it holds times."""
        return self.spelling is not None

    @property
    def share(self) -> bool:
        """Whether its numbers are parts of a whole, as percent cells of a spreadsheet are: 0.75 for 75 %."""
        return self.low is not None and self.high is not None and not self.whole and self.low >= 0 and self.high <= 1

    @property
    def words(self) -> bool:
        """Whether it holds texts."""
        return self.filled > 0 and not self.number and not self.time

    @property
    def numbers_rows(self) -> bool:
        """Whether it is called what numbers rows, and no people."""
        return bool(NUMBERS_ROWS.search(self.plain)) and not self.personal and not NUMBERS_PEOPLE.search(self.plain)

    @property
    def one_each(self) -> bool:
        """Whether each row has a value of its own, as an identifier does."""
        return 0 < self.filled == self.different and not self.time

    @property
    def repeats(self) -> bool:
        """Whether its values stand for groups rather than for single answers."""
        return 0 < self.different <= min(FEW_VALUES, 0.7 * self.filled)


@dataclass(frozen=True)
class Mapped:
    """One column of the proposed SELECT."""

    expression: str
    name: str
    guess: str = ""

    def line(self, indent: str) -> str:
        """It as a line of SQL."""
        named = self.expression if self.expression == self.name else f"{self.expression} as {self.name}"
        return f"{indent}{named}," + (f" -- guess: {self.guess}" if self.guess else "")


class _Columns:
    """The columns of a file, each of which is put to one use at most."""

    def __init__(self, seen: Sequence[Seen]) -> None:
        self.seen = seen
        self.used: list[Seen] = []

    def take(self, one: Seen | None) -> Seen | None:
        """Put a column to use."""
        if one:
            self.used.append(one)
        return one

    def left(self) -> list[Seen]:
        """The columns without a use so far."""
        # By identity: comparing all that is known of each takes seconds in a wide survey.
        used = {id(one) for one in self.used}
        return [one for one in self.seen if id(one) not in used]

    def named(self, role: str, fits: Callable[[Seen], bool]) -> Seen | None:
        """The column that is called what the contract or another system calls this, if its values fit."""
        called = (role, *SYNONYMS.get(role, ()))
        same: tuple[Callable[[str, str], bool], ...] = (
            lambda plain, name: plain == name,
            lambda plain, name: plain.replace("_", "") == name.replace("_", ""),
            lambda plain, name: name in HEADS and plain.endswith(name),
        )
        for alike in same:
            for name in called:
                for one in self.left():
                    if alike(one.plain, name) and fits(one):
                        return one
        meant = SAME_MEANING.get(role, role)
        return next((one for one in self.left() if meant in one.meanings and fits(one)), None)

    def like(self, fits: Callable[[Seen], bool]) -> Seen | None:
        """The first column whose values fit, whatever it is called."""
        return next((one for one in self.left() if fits(one)), None)


def source_text(files: Sequence[Path], data: Path, settings: Settings, metrics: Mapping[str, Metric]) -> str:
    """The text of a source for some files of one shape."""
    pattern, shown = _pattern(files, data)
    look = _looked_at(files[0], shown[0])
    if look.reader == "xlsx" and (sheets := _sheets(files)):
        header_row = look.raw.found.get("header_row")
        look = replace(_looked_at(files[0], shown[0], look.reader, sheet=sheets.pattern), sheets=sheets)
        look.raw.found.pop("header_row", None)
        look.raw.found["sheet"] = yaml_text(sheets.pattern)
        if header_row and sheets.header_alike:
            look.raw.found["header_row"] = header_row
    lacking = _drift(look, files[1:], shown[1:])
    columns = _Columns(look.seen)
    asked = {name: metric for name, metric in metrics.items() if metric.table == "responses"}
    rating, body = _rating(columns), columns.named("body", lambda one: one.words)
    folder = files[0].resolve().parent.name
    long = Long({}, [], (1, 5), "csat")
    if rating and body and look.reader not in surveys.HEADERS and not _metric_columns(columns, asked):
        table, mapped = "reviews", _reviews(columns, settings, folder, shown, look.sheets)
    elif _orders(columns, asked):
        table, mapped = "events", _events(columns)
    else:
        table = "responses"
        mapped, long = _responses(columns, asked, shown[0])
    when = next(column.name for column in contract.TABLES[table].columns if column.type == "timestamp")
    if not any(one.name == when for one in mapped):
        unread = [one.name for one in columns.left() if one.filled and CALLED_TIME.search(one.plain)]
        mapped.insert(1, _day_of_file(files[0], shown, when, settings, unread))
    if mapped[0].expression.lower().strip('"') in lacking:
        # Rows without an identifier would be set aside.
        either = f"coalesce({mapped[0].expression}, filename || '-' || row_number)"
        mapped[0] = replace(mapped[0], expression=either, guess="it tells rows apart where a file has it")
    mapped += _segments(columns, table)
    told = WORDS[table]
    lines = [
        f"table: {table}",
        f"files: {yaml_plain(pattern)}",
        f"reader: {look.reader}",
        *(f"{key}: {value}" for key, value in look.raw.found.items()),
    ]
    if _timed(columns):
        lines.append(f"zone: {settings.export_time_zone or settings.time_zone}")
    named = [name for one in columns.used for name in (one.name, *one.elsewhere) if name.lower() in lacking]
    if named:
        lines.append(f"columns: [{', '.join(yaml_text(name) for name in dict.fromkeys(named))}]")
    words = f"en: {yaml_text(f'{told[0]} of {folder}.')}, ko: {yaml_text(f'{folder}의 {told[1]}입니다.')}"
    lines.append(f"description: {{{words}}}")
    header = "".join(f"-- {line}\n" for line in lines)
    return header + "\n" + _body(columns, table, mapped, long, look)


WORDS = {
    "reviews": ("Reviews", "리뷰", "public reviews"),
    "responses": ("Answers", "응답", "answers to a survey"),
    "events": ("Orders", "주문", "things that customers did"),
}
"""What a source's rows are called: in both languages of its description, and in the sentence about the guess."""


@dataclass(frozen=True)
class Long:
    """Score columns side by side that become a row each."""

    wide: Mapping[str, tuple[Seen, tuple[float, float] | None]]
    """By metric, the column that answers it and the metric's scale."""
    battery: Sequence[Seen]
    """Columns that each rate a touchpoint."""
    scale: tuple[int, int]
    metric: str
    """What the battery answers."""


def _body(columns: _Columns, table: str, mapped: Sequence[Mapped], long: Long, look: "Look") -> str:
    """The SELECT with the comments before it."""
    lines = [
        f"-- guess: these are {WORDS[table][2]}, so they fill the table {table}.",
        _about_zone(columns),
    ]
    detected = [key for key in look.raw.found if key != "sheet" or not look.sheets]
    if detected:
        lines.append(f"-- guess: {', '.join(detected)} as detected in the first file.")
    if look.sheets:
        lines.append(look.sheets.told())
    lines += [
        f"-- guess: {_listed(one.elsewhere)} of other files is “{one.name}” of the first."
        for one in columns.used
        if one.elsewhere
    ]
    lines += [
        f"-- guess: {_listed([one.name])} is nearly empty: merged cells? Each of its values is filled down to the next."
        for one in columns.used
        if one.merged
    ]
    personal = [one.name for one in columns.left() if one.personal]
    if personal:
        lines.append(f"-- Left out, because about persons: {_listed(personal)}.")
    shares = [one.name for one in columns.left() if one.share and not one.personal]
    if shares:
        lines.append(f"-- Left out, because parts of a whole (0.75 for 75 %) and no answers: {_listed(shares)}.")
    left = [one.name for one in columns.left() if not one.personal and not one.share]
    if left:
        lines.append(f"-- Left out, because no segment and nothing of the contract: {_listed(left)}.")
    status = next((one for one in look.seen if one.plain == "status" and look.reader == "qualtrics"), None)
    kept = [f"coalesce({status.sql}, '') not in {STATUS!r}"] if status else []
    for column, said in look.totals.items():
        words = ", ".join(literal(word) for word in dict.fromkeys(said))
        kept.append(f"coalesce({_column(look.seen, column)}, '') not in ({words})")
        lines.append(f"-- guess: the last row is no answer but sums up the others, so it is left out: {_listed(said)}.")
    rows = ["from raw", *([f"where {' and '.join(kept)}"] if kept else [])]
    if not long.wide and not long.battery:
        return "\n".join([*lines, "select", *(one.line("    ") for one in mapped), *rows, ""])
    answers = [
        Mapped(_score(one, scale), sql_name(metric), _about_blanks(one, "one column per metric", scale))
        for metric, (one, scale) in long.wide.items()
    ] + [
        Mapped(_score(one, long.scale), sql_name(one.plain), _about_blanks(one, "a touchpoint", long.scale))
        for one in long.battery
    ]
    names = [one.name for one in answers]
    metrics = ", ".join(literal(metric) for metric in long.wide)
    item = "item" if long.battery else "metric"
    commented = any(one.name == "comment" for one in mapped)
    dropped = [*(["item"] if long.battery else []), *(["comment"] if commented else [])]
    outcome = ["select", f"    * exclude ({', '.join(dropped)})," if dropped else "    *,"]
    if commented:
        # Otherwise what somebody wrote once would be counted with each of the scores.
        main = next((metric for metric in MAIN if metric in long.wide), next(iter(long.wide), ""))
        order = f"{item} = {literal(main)} desc, {item}" if main else item
        first = f"row_number() over (partition by response_id order by {order}) = 1"
        outcome.append(f"    case when {first} then comment end as comment,")
    if long.battery and metrics:
        outcome += [
            f"    case when item in ({metrics}) then item else {literal(long.metric)} end as metric,",
            f"    case when item not in ({metrics}) then item end as touchpoint,",
        ]
    elif long.battery:
        outcome += [f"    {literal(long.metric)} as metric, -- guess: by the scale", "    item as touchpoint,"]
    return "\n".join(
        [
            *lines,
            "with forms as (",
            "    select",
            *(one.line("        ") for one in (*mapped, *answers)),
            *(f"    {row}" for row in rows),
            "),",
            "",
            "answered as (",
            *_unpivoted(names, item),
            ")",
            "",
            *outcome,
            "from answered",
            "",
        ]
    )


def _column(seen: Sequence[Seen], name: str) -> str:
    """A column (lower case) as SQL, under whichever name a file has it."""
    for one in seen:
        if name in (one.name.lower(), *(other.lower() for other in one.elsewhere)):
            names = [sql_name(each) for each in (one.name, *one.elsewhere)]
            return names[0] if len(names) == 1 else f"coalesce({', '.join(names)})"
    return quoted(name)


def _unpivoted(names: Sequence[str], item: str) -> list[str]:
    """The lines that turn columns into rows: on one line where they are few."""
    line = f"    unpivot forms on {', '.join(names)} into name {item} value score"
    if len(line) <= 100:
        return [line]
    listed = [f"        {name}," for name in names]
    return ["    unpivot forms on", *listed[:-1], listed[-1].rstrip(","), f"    into name {item} value score"]


def _listed(names: Sequence[str], most: int = 12) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(" ".join(name.split())[:60] for name in names[:most]) + more


def _day_of_file(path: Path, shown: Sequence[str], when: str, settings: Settings, unread: Sequence[str] = ()) -> Mapped:
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
        why = f"all rows on the day the file was written, as nothing here reads the times of {_listed(unread)}: mend it"
    return Mapped(literal(day.isoformat()), when, why)


# --- Scores ------------------------------------------------------------------------------------------


def _scale(one: Seen) -> tuple[int, int] | None:
    """The narrowest scale that holds most of a column's answers and all but codes for “no answer”."""
    if one.labelled:
        return SCALES[0]
    if not one.number or one.plain in TOOLS_OWN:
        return None
    values = {int(float(value)): count for value, count in one.counts.items() if _whole(value)}
    if len(values) < 3 or sum(values.values()) < NEARLY_ALL * one.filled:
        return None
    for low, high in SCALES:
        inside = {value: count for value, count in values.items() if low <= value <= high}
        outside = values.keys() - inside.keys()
        reached = any(value >= high - 1 for value in inside)
        if reached and outside <= BLANKS and 2 * sum(inside.values()) >= sum(values.values()):
            return (low, high)
    return None


def _whole(value: str) -> bool:
    return bool(re.fullmatch(r"-?\d{1,9}(\.0+)?", value))


def _numeric(value: str) -> bool:
    return bool(re.fullmatch(r"-?\d{1,9}(\.\d+)?", value))


def _blanks(one: Seen, scale: tuple[float, float] | None) -> list[str]:
    """The values of a column that stand for “no answer”: what lies outside its scale, words among numbers."""
    if scale is None or one.labelled or one.share:
        return []
    low, high = scale
    return [value for value in one.counts if not (_numeric(value) and low <= float(value) <= high)]


def _score(one: Seen, scale: tuple[float, float] | None) -> str:
    """A column of answers as a number, without its codes for “no answer”."""
    expression = one.sql
    if one.labelled:
        steps = " ".join(
            f"when {literal(value.lower())} then {LABELS[value.lower()]}"
            for value in one.counts
            if value.lower() in LABELS
        )
        return f"case lower({expression}) {steps} end"
    if one.share:
        return f"1 + 4 * try_cast({expression} as double)"
    blanks = _blanks(one, scale)
    if len(blanks) == 1:
        expression = f"nullif({expression}, {literal(blanks[0])})"
    elif blanks and scale:
        number = f"try_cast({expression} as double)"
        return f"case when {number} between {scale[0]:g} and {scale[1]:g} then {number} end"
    return f"try_cast({expression} as double)"


def _in_quarters(one: Seen) -> bool:
    """Whether the parts of a whole are the five steps of a scale: 0, 25, 50, 75 and 100 %."""
    return bool(one.counts) and all(_numeric(value) and 4 * float(value) in range(5) for value in one.counts)


def _about_blanks(one: Seen, why: str, scale: tuple[float, float] | None) -> str:
    if one.share:
        return f"{why}; 0 to 100 % in five steps are 1 to 5"
    blanks = _blanks(one, scale)
    return f"{why}; {_listed(blanks)} {'means' if len(blanks) == 1 else 'mean'} no answer" if blanks else why


def _battery(columns: _Columns) -> list[Seen]:
    """Columns of the scale 1–5 that stand side by side or have like names: ratings of touchpoints."""
    rated = [one for one in columns.left() if _scale(one) == (1, 5) and not one.personal]
    groups: dict[str, list[Seen]] = {}
    for place, one in enumerate(columns.seen):
        if one in rated:
            start = re.match(r"[^\W\d_]+\d+", one.plain)
            groups.setdefault(start.group() if start else "", []).append(one)
            before = columns.seen[place - 1] if place else None
            run = groups.get("beside " + before.name, []) if before in rated and before else []
            run.append(one)
            groups["beside " + one.name] = run
    found = {one.name for group in groups.values() if len(group) >= BATTERY for one in group}
    return [one for one in rated if one.name in found]


# --- What the columns are ----------------------------------------------------------------------------


def _metric_columns(columns: _Columns, metrics: Mapping[str, Metric]) -> dict[str, Seen]:
    """Columns of numbers whose names tell which metric they answer, by what exports call the metric."""
    found: dict[str, Seen] = {}
    for metric in metrics.values():
        named, stems = {metric.name, metric.answers}, METRIC_STEMS.get(metric.name, ())
        free = [
            one
            for one in columns.left()
            if (one.number or one.labelled) and not one.share and one not in found.values()
        ]
        fitting = [
            one
            for one in free
            if named & {one.plain, *one.plain.split("_")}
            or (any(word.startswith(stems) for word in one.plain.split("_")) and _holds(metric, one))
        ]
        overall = any(OVERALL.search(one.plain) for one in fitting)
        beside = _battery(columns) if len(fitting) >= BATTERY and not overall else []
        # Several things of which each is rated are touchpoints: the first of them is not the whole.
        if fitting and not all(one in beside for one in fitting):
            found[metric.answers] = next((one for one in fitting if OVERALL.search(one.plain)), fitting[0])
    return found


def _holds(metric: Metric, one: Seen) -> bool:
    """Whether a column's values may be answers on a metric's scale: yes or no and steps up to its half are none."""
    if metric.scale is None or one.high is None:
        return True
    low, high = _scale(one) or metric.scale
    return metric.scale[0] <= low and high <= metric.scale[1] and one.high > metric.scale[1] / 2


def _by_scale(one: Seen, metrics: Mapping[str, Metric]) -> str:
    """The metric with the narrowest scale that holds a column's values; the first one where none does."""
    scale = SCALES[0] if one.share else _scale(one) or (one.low, one.high)
    low, high = (bound if bound is not None else 0 for bound in scale)
    fitting = [
        metric for metric in metrics.values() if metric.scale and metric.scale[0] <= low and high <= metric.scale[1]
    ]
    fitting.sort(key=lambda metric: metric.scale[1] - metric.scale[0] if metric.scale else 0)
    return next((metric.answers for metric in [*fitting, *metrics.values()]), "nps")


def _responses(columns: _Columns, metrics: Mapping[str, Metric], shown: str) -> tuple[list[Mapped], Long]:
    """What fills `responses`, and the score columns where each answers a metric or rates a touchpoint of its own."""
    known = {metric.answers: metric for metric in metrics.values()}
    named = columns.take(
        columns.named("metric", lambda one: 0 < one.different <= FEW_VALUES and set(known) >= set(one.values))
    )
    wide = {} if named else _metric_columns(columns, metrics)
    score = next(iter(wide.values()), None)
    if not wide:
        score = columns.named("score", lambda one: one.number and (not one.share or _in_quarters(one)))
    taken = [*wide.values(), *([score] if score and not wide else [])]
    battery = [] if named else [one for one in _battery(columns) if one not in taken]
    mapped = _common(columns, "responses", "comment", taken=[*taken, *battery])
    if not score and not battery:
        score = columns.like(_answers)
    if not score and not battery and not any(one.name == "comment" for one in mapped):
        raise QueryError(
            f"{shown} has no column that looks like an answer, neither scores nor comments.",
            "Write this source by hand: docs/sources.md goes through it, examples/surveymonkey maps answers in words.",
        )
    for one in [*wide.values(), *battery]:
        columns.take(one)
    if len(wide) > 1 or battery:
        if score and not wide:
            wide = {_by_scale(score, metrics): score}
            columns.take(score)
        answers = _by_scale(battery[0], metrics) if battery else ""
        return mapped, Long({name: (one, known[name].scale) for name, one in wide.items()}, battery, (1, 5), answers)
    stretched = _stretched(score, known) if score and not named and not wide else None
    if stretched:
        metric = Mapped(literal(stretched.answers), "metric", f"by the name {score.name if score else ''}")
    elif named:
        metric = Mapped(named.sql, "metric")
    elif wide:
        metric = Mapped(literal(next(iter(wide))), "metric", f"by the name {score.name if score else ''}")
    else:
        metric = Mapped(
            literal(_by_scale(score, metrics) if score else next(iter(known), "nps")), "metric", "by the scale"
        )
    mapped.insert(2, metric)
    if score:
        columns.take(score)
        answered = known.get(metric.expression.strip("'"))
        scale = answered.scale if answered and not named else None
        if stretched and stretched.scale and (own := _scale(score)):
            low, high = stretched.scale
            # Where nobody answered 0 the answers are 1 to 10.
            own = (1, own[1]) if own[0] == 0 and "0" not in score.counts else own
            expression = f"{low:g} + {high - low:g} * ({_score(score, own)} - {own[0]}) / {own[1] - own[0]}"
            why = f"the answers of {own[0]} to {own[1]} brought to {low:g} to {high:g}"
            mapped.insert(3, Mapped(expression, "score", why))
        elif score.labelled or score.share or _blanks(score, scale):
            mapped.insert(3, Mapped(_score(score, scale), "score", _about_blanks(score, "the answer", scale)))
        else:
            mapped.insert(3, Mapped(score.sql, "score", "" if score.name == "score" else "the answer as given"))
    return mapped, Long({}, [], (1, 5), "")


def _stretched(score: Seen, known: Mapping[str, Metric]) -> Metric | None:
    """The metric that a score's name tells and whose scale is shorter than the score's: 10 of 10 for a metric of 1–5.

    By its scale alone a satisfaction of 1 to 10 would be taken for a recommendation.
    """
    scale = _scale(score)
    for metric in known.values():
        stems = METRIC_STEMS.get(metric.name, ())
        if stems and metric.scale and scale and any(word.startswith(stems) for word in score.plain.split("_")):
            return metric if scale[1] > metric.scale[1] else None
    return None


def _answers(one: Seen) -> bool:
    """Whether its values look like answers, whatever it is called."""
    if one.plain in TOOLS_OWN or one.personal:
        return False
    return _scale(one) is not None or (one.whole and one.repeats and one.different > 2 and _short(one))


def _short(one: Seen) -> bool:
    """Whether its numbers could lie on a scale of answers."""
    return 0 <= (one.low or 0) <= (one.high or 0) <= 10


def _orders(columns: _Columns, metrics: Mapping[str, Metric]) -> bool:
    """Whether the rows are orders or their lines: a customer, a time and money, and nothing that was answered."""
    money = columns.named("amount", lambda one: one.number)
    customer = columns.named("customer_id", lambda one: one.filled > 0)
    answered = _metric_columns(columns, metrics) or columns.named("score", lambda one: one.number and _short(one))
    return bool(money and customer and not answered and columns.like(lambda one: one.time))


def _events(columns: _Columns) -> list[Mapped]:
    """What fills `events`."""
    amount = columns.named("amount", lambda one: one.number)
    count = next((one for one in columns.left() if one.plain in ("quantity", "qty", "수량") and one.number), None)
    kind = columns.take(columns.named("kind", lambda one: one.words and one.repeats))
    mapped = _common(columns, "events", "", taken=[amount] if amount else [])
    if kind:
        mapped.insert(2, Mapped(kind.sql, "kind"))
    elif count:
        sent_back = f"case when {_as_number(count)} < 0 then 'return' else 'purchase' end"
        mapped.insert(2, Mapped(sent_back, "kind", "a negative quantity is a return"))
        columns.take(count)
    else:
        mapped.insert(2, Mapped("'purchase'", "kind", "nothing says what happened"))
    if amount:
        columns.take(amount)
        priced = "price" in amount.plain or "단가" in amount.plain
        product = f"{_as_number(count)} * {_as_number(amount)}" if count and priced else amount.sql
        mapped.append(Mapped(product, "amount", "money"))
    return mapped


def _as_number(one: Seen) -> str:
    return f"try_cast({one.sql} as double)" if one.kind == "VARCHAR" else one.sql


def _rating(columns: _Columns) -> Seen | None:
    """The stars of reviews: called so, or a score beside columns that only reviews have."""
    if found := columns.named("rating", lambda one: one.number):
        return found
    about_reviews = any(ABOUT_REVIEWS.search(one.plain.replace("_", "")) for one in columns.left())
    return columns.named("score", lambda one: one.number and _short(one)) if about_reviews else None


def _reviews(
    columns: _Columns, settings: Settings, folder: str, shown: Sequence[str], sheets: "Sheets | None"
) -> list[Mapped]:
    """What fills `reviews`."""
    rating = columns.take(_rating(columns))
    assert rating is not None and rating.high is not None
    mapped = _common(columns, "reviews", "body", taken=[])
    mapped.insert(2, Mapped(rating.sql, "rating", "" if rating.name == "rating" else "the stars given"))
    names = {one.name for one in mapped}
    if "rating_max" not in names and rating.share:
        mapped.insert(3, Mapped("1", "rating_max", "ratings are parts of a whole"))
    elif "rating_max" not in names and rating.high > 5:
        top = next((top for top in USUAL_TOPS if rating.high <= top), ceil(rating.high))
        mapped.insert(3, Mapped(str(top), "rating_max", "by the highest ratings"))
    if "brand" not in names:
        sheet = next((one for one in columns.left() if one.name == "sheet"), None)
        called = [_called(name) for name in sheets.read] if sheets and sheet else []
        if len(called) > 1 and all(called):
            columns.take(sheet)
            mapped.insert(2, Mapped("sheet", "brand", "no column of brands; each sheet is called after one"))
        else:
            mapped.insert(2, _brand_of_file(shown, settings, folder))
    return mapped


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


def _called(name: str) -> str:
    """What a file or sheet is called after, without periods and without words that say what it holds."""
    words = re.split(r"[-_.()\[\]\s]+", re.sub(DATED, " ", unicodedata.normalize("NFC", name)))
    kept = [word for word in words if re.search(r"[^\W\d_]", word) and word.lower().strip("0123456789") not in GENERIC]
    return " ".join(kept)


def _brand_of_file(shown: Sequence[str], settings: Settings, folder: str) -> Mapped:
    """The brand of reviews that name none: what differs between the files' names, else the company's own.

    Periods do not tell brands apart: a brand's files of two months are the same brand's.
    """
    ending = Path(shown[0]).suffix
    dated = any(re.search(DATED, Path(one).stem) for one in shown)
    stems = sorted({re.sub(DATED, "", Path(one).stem) if dated else Path(one).stem for one in shown})
    if len(stems) > 1:
        start = _alike_from_the_start(stems)
        end = _alike_from_the_start([stem[start:][::-1] for stem in stems])
        end = min(end, min(map(len, stems)) - start)
        before, after = stems[0][:start], stems[0][len(stems[0]) - end :] if end else ""
        differing = [stem[start : len(stem) - end] for stem in stems]
        if all(re.search(r"[^\W\d_]", one) for one in differing):
            pattern = f"{re.escape(before)}([^/]+){re.escape(after)}{re.escape(ending)}$"
            name = f"regexp_replace(filename, {literal(DATED)}, '', 'g')" if dated else "filename"
            return Mapped(f"regexp_extract({name}, {literal(pattern)}, 1)", "brand", "by the file's name")
    called = _called(stems[0]) if len(stems) == 1 else ""
    # Brands are written in Korean or with a capital; other names of files say what is in them.
    if called and (called[0].isupper() or HANGUL.search(called)) and called != settings.brand:
        return Mapped(literal(called), "brand", "no column of brands; what the file is called after, so look at it")
    whose = "the company's own" if settings.brand else "the folder's name"
    return Mapped(literal(settings.brand or folder), "brand", f"no column of brands; {whose}")


def _alike_from_the_start(names: Sequence[str]) -> int:
    """How many signs some names share at their start."""
    first, last = min(names), max(names)
    return next((at for at, sign in enumerate(first) if sign != last[at]), len(first))


def _common(columns: _Columns, table: str, words: str, *, taken: Sequence[Seen]) -> list[Mapped]:
    """The contract's columns but for scores: identifier and time first, then the others by their names."""
    definition = contract.TABLES[table]
    identifier = definition.names[0]
    when = next(column.name for column in definition.columns if column.type == "timestamp")
    for one in taken:
        columns.take(one)
    mapped: list[Mapped] = []
    identity = columns.take(
        columns.named(identifier, lambda one: one.one_each or (one.plain == identifier and one.filled > 0))
        or columns.like(lambda one: one.one_each and one.numbers_rows)
    )
    if identity:
        mapped.append(_as(identity, identifier, "it tells rows apart"))
    else:
        mapped.append(
            Mapped(
                "filename || '-' || row_number",
                identifier,
                "no column tells rows apart; rows may only be added at the end",
            )
        )
    moment = columns.take(columns.named(when, lambda one: one.time) or columns.like(lambda one: one.time))
    if moment:
        why = "by how its times are spelled" if moment.spelling else "" if moment.name == when else "by its times"
        mapped.append(Mapped(_moment(moment), when, why))
    for column in definition.columns[1:]:
        if column.name in (when, "metric", "score", "rating", "kind", "amount", words):
            continue
        fits: Callable[[Seen], bool] = {
            "number": lambda one: one.number,
            "timestamp": lambda one: one.time,
            "boolean": lambda one: one.kind == "BOOLEAN" or set(map(str.lower, one.values)) <= YES_OR_NO,
        }.get(column.type, lambda one: one.filled > 0 and not one.time)
        found = columns.take(columns.named(column.name, fits))
        if found and found.time:
            mapped.append(Mapped(_moment(found), column.name, "by how its times are spelled"))
        elif found:
            mapped.append(_as(found, column.name, "by its name"))
    own = columns.named(words, lambda one: one.words) if words else None
    if words and not own:
        own = columns.like(lambda one: one.words and one.length >= LONG and not one.repeats and not one.personal)
    columns.take(own)
    if own:
        mapped.append(_as(own, words, "the customer's own words"))
    for one in taken:
        columns.used.remove(one)
    return mapped


def _timed(columns: _Columns) -> bool:
    """Whether a used column has times of day, which only a zone makes an instant."""
    return any(one.time and not one.daily and one.spelling not in SINCE_1970 for one in columns.used)


def _about_zone(columns: _Columns) -> str:
    """What is guessed about the zone of its times."""
    if _timed(columns):
        return "-- guess: zone is the company's own; it should be that of the system that wrote the times."
    counted = next((one for one in columns.used if one.spelling in SINCE_1970), None)
    if counted:
        return f"-- guess: {_listed([counted.name])} counts {counted.spelling}, the same instant in every zone."
    return "-- guess: no column has a time of day, so each date is that day in the reporting zone, without a `zone`."


def _moment(one: Seen) -> str:
    """A column of times as SQL that publishing reads: days as days, which no zone may shift."""
    if any((other.spelling, other.daily) != (one.spelling, one.daily) for other in one.others):
        kind = "date" if one.daily and all(other.daily for other in one.others) else "timestamp"
        if any(each.spelling in SINCE_1970 for each in (one, *one.others)):
            kind = "timestamptz"
        each = [_moment(replace(single, others=())) for single in (one, *one.others)]
        return f"coalesce({', '.join(f'try_cast({moment} as {kind})' for moment in each)})"
    if one.spelling:
        return _parsed(one.sql, one.spelling) + ("::date" if one.daily else "")
    return f"try_cast({one.sql} as date)" if one.daily and not one.iso else one.sql


def _parsed(value: str, spelling: str) -> str:
    """SQL of a time that is spelled in a way of its own."""
    if spelling in SINCE_1970:
        per_second = SINCE_1970[spelling][0]
        return f"to_timestamp(try_cast({value} as double){f' / {per_second}' if per_second > 1 else ''})"
    if spelling == SERIAL:
        counted = f"timestamp '1899-12-30' + to_seconds(round(86400 * try_cast({value} as double))::bigint)"
        return f"coalesce({counted}, try_cast({value} as timestamp))"
    if spelling.startswith("요일 "):
        day_of_week = r"\s*\([월화수목금토일]\)\s*|\s+[월화수목금토일]요일\s*"
        value, spelling = f"trim(regexp_replace({value}, '{day_of_week}', ' '))", spelling.removeprefix("요일 ")
    if "%p" in spelling:
        value = f"replace(replace({value}, '오전', 'AM'), '오후', 'PM')"
    return f"try_strptime({value}, {literal(spelling)})"


def _as(one: Seen, name: str, why: str) -> Mapped:
    # An identifier that was kept as a decimal number is written without its point.
    whole = one.whole and one.kind in ("DOUBLE", "FLOAT") and name.endswith("_id")
    return Mapped(f"{one.sql}::bigint" if whole else one.sql, name, "" if one.name == name else why)


def _segments(columns: _Columns, table: str) -> list[Mapped]:
    """The other columns whose values are few and repeat."""
    found: dict[str, Mapped] = {}
    for one in columns.left():
        name = one.plain
        own = (
            not name
            or one.personal
            or name in intake.RESERVED
            or name.startswith("cx_")
            or contract.TABLES[table].column(name)
        )
        plain = (one.kind.startswith(("VARCHAR", "BOOLEAN", "ENUM")) or "INT" in one.kind) and one.kind[-1] != "]"
        if (
            own
            or not plain
            or one.time
            or one.plain in TOOLS_OWN
            or NO_SEGMENT.search(name)
            or (one.number and not one.whole)
            or not one.repeats
            or one.length > LONG * 2
        ):
            continue
        if name not in found and name not in ("filename", "row_number") and len(found) < MOST_SEGMENTS:
            if "region" in one.meanings and not any(other.plain == "region" for other in columns.seen):
                found[name] = Mapped(one.sql, "region", "a segment, called so in another language")
            else:
                found[name] = Mapped(one.sql, sql_name(name), "a segment")
            columns.take(one)
    return list(found.values())


# --- Looking at files --------------------------------------------------------------------------------


def _pattern(files: Sequence[Path], data: Path) -> tuple[str, list[str]]:
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
    places = {(Path(one).parent, Path(one).suffix) for one in shown}
    if len(places) > 1:
        raise QueryError("The files lie in different folders or end differently.", "Write a source for each kind.")
    ((folder, suffix),) = places
    return (Path(glob.escape(folder.as_posix())) / f"*{suffix}").as_posix(), shown


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
        named, others = (_listed([f"“{name}”" for name in names]) for names in (self.read, self.unread))
        also = f"; not read, as their header is another: {others}" if others else ""
        if len(self.read) == 1:
            return f"-- guess: only the sheet {named} is read{also}."
        return f"-- guess: the sheets {named} have the same header and are read as one{also}."


def _sheets(files: Sequence[Path]) -> Sheets | None:
    """The sheets with the header of each workbook's fullest one; None where no workbook has several."""
    read: dict[str, int] = {}
    unread: dict[str, int] = {}
    several = False
    for number, path in enumerate(files):
        try:
            headers = readers.sheet_headers(path)
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
    start = _alike_from_the_start(read)
    end = _alike_from_the_start([name[start:][::-1] for name in read])
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


def _reader(path: Path) -> str:
    """What reads a file: the survey tool that wrote it, else what reads files of its ending."""
    kind = readers.kind_of(path)
    if kind == "xlsx" and readers.is_text(path):
        kind = "csv"
    tool = surveys.recognised(readers.first_rows(path, Reading())) if kind in ("csv", "xlsx") else ""
    return tool or kind


@contextmanager
def _opened(path: Path, shown: str, reading: Reading) -> Iterator[tuple[duckdb.DuckDBPyConnection, readers.Raw]]:
    """The file as the relation `raw`, and what it holds."""
    # The reader takes a path for a glob, so the file is read under a name without such signs.
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        link = Path(folder) / f"file{path.suffix}"
        link.symlink_to(path.resolve())
        try:
            yield connection, readers.open_raw(connection, link, shown, reading, work=Path(folder))
        except DataError as error:
            error.file = shown
            raise


def _drift(look: Look, files: Sequence[Path], shown: Sequence[str]) -> set[str]:
    """Add to a look at the first file what only later files have; returns the names (lower case) that some file lacks.

    A column that is called nearly the same elsewhere is noted as the same one.
    """
    every = [{one.name.lower() for one in look.seen}]
    news: dict[str, Seen] = {}
    first = tuple(look.seen)
    fresh: list[list[Seen]] = []
    for path, name in zip(files, shown, strict=True):
        known = frozenset().union(*every)
        later = _looked_at(path, name, look.reader, known, look.sheets.pattern if look.sheets else "")
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
    for place, one in enumerate(look.seen):
        without = [held for held in every if one.name.lower() not in held]
        same = [
            name
            for name, other in news.items()
            if (
                _alike(one.name, other.name)
                or (one.spelling is not None and other.spelling == one.spelling)
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
        counts=counts if all(each.counts for each in every) else {},
        low=min(lows) if one.number else None,
        high=max(highs) if one.number else None,
        whole=all(each.whole for each in every),
    )


def _bare(name: str) -> str:
    """A name without accents: what was typed on another keyboard is the same name."""
    signs = unicodedata.normalize("NFD", name)
    return unicodedata.normalize("NFC", "".join(sign for sign in signs if not unicodedata.combining(sign)))


def _alike(one: str, other: str) -> bool:
    """Whether two headers probably name the same: alike but for signs and case, or but for the question's number."""
    first, second = (_bare(intake.column_name(name)) for name in (one, other))
    if first.replace("_", "") == second.replace("_", ""):
        return True
    numbered = r"^(?:q|문항|문)?\d+[a-z]?_?"
    bare = [re.sub(numbered, "", name).replace("_", "") for name in (first, second)]
    return bare[0] == bare[1] and len(bare[0]) >= 3


def _looked_at(path: Path, shown: str, reader: str = "", known: frozenset[str] = frozenset(), sheet: str = "") -> Look:
    """What a sample of a file says about each of its columns but those known already (lower case)."""
    reader = reader or _reader(path)
    with _opened(path, shown, Reading(reader=reader, sheet=sheet)) as (connection, raw):
        try:
            connection.execute(f"create temp table sample as from raw limit {SAMPLE}")
            names = [name for name in raw.columns if name.lower() not in known]
            found = [_seen(connection, name, raw.columns[name]) for name in names]
            if reader == "xlsx":
                found = [_filled_down(connection, one) for one in found]
            cleaned = {one.name.lower(): one.cleaning for one in found if one.cleaning}
            for name in raw.columns.keys() - set(names):
                if raw.columns[name] == "VARCHAR" and (how := _cleaning(connection, name, _text(name))):
                    cleaned[name.lower()] = how
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise DataError(f"It cannot be read: {first}.", "Save it as UTF-8 text or Parquet.", file=shown) from error
        totals = _totals(connection, raw, reader)
    return Look(found, reader, raw, cleaned, totals=totals)


def _totals(connection: duckdb.DuckDBPyConnection, raw: readers.Raw, reader: str) -> dict[str, list[str]]:
    """Where and how the last row of a file or of a sheet says that it is a total."""
    if reader not in ("csv", "xlsx"):
        return {}
    names = list(raw.columns)
    chosen = ", ".join(quoted(name) for name in names)
    last = "qualify row_number() over (partition by sheet order by row_number desc) <= 2"
    if reader == "csv":
        last = "order by row_number desc limit 2"
    found: dict[str, list[str]] = {}
    for row in connection.execute(f"select {chosen} from raw {last}").fetchall():
        name, cell = next(((name, cell.strip()) for name, cell in zip(names, row, strict=True) if cell), ("", ""))
        if "".join(cell.rstrip(":").split()).lower() in TOTALS:
            found.setdefault(name.lower(), []).append(cell)
    return found


def _text(name: str) -> str:
    """A column's filled values as texts."""
    return f"nullif(trim({quoted(name)}::varchar), '')"


def _seen(connection: duckdb.DuckDBPyConnection, name: str, kind: str) -> Seen:
    value = _text(name)
    cleaning = _cleaning(connection, name, value) if kind == "VARCHAR" else ""
    if cleaning:
        value = cleaning.replace("{}", value)
    number = f"try_cast({value} as double)"
    measures = (
        f"count({value})",
        f"count(distinct {value})",
        f"coalesce(avg(length({value})), 0)",
        f"count({number})",
        f"quantile_disc({number}, 0.02)",
        f"quantile_disc({number}, 0.98)",
        f"coalesce(bool_and({number} = floor({number})), false)",
        f"count(try_cast({value} as timestamptz))",
    )
    row = connection.execute(f"select {', '.join(measures)} from sample").fetchone()
    assert row is not None
    filled, different, length, numbers, low, high, whole, times = row
    enough = max(1, ceil(NEARLY_ALL * filled))
    is_number = numbers >= enough and kind != "BOOLEAN"
    spelling = None
    if CALLED_TIME.search(_bare(intake.column_name(name))) and (
        spelling := _counted_time(connection, value, is_number, enough)
    ):
        is_number = False
    elif not is_number and times >= enough:
        spelling = ""
    elif not is_number and 0 < length < 2 * LONG:
        counted = ", ".join(
            f"coalesce(count_if(year({_parsed(value, spelled)}) between 1970 and 2100"
            # A version such as 5.1.2 is no day of a short year.
            f"{f' and length({value}) = 8' if spelled.startswith('%y') else ''}), 0)"
            for spelled in SPELLINGS
        )
        counts = connection.execute(f"select {counted} from sample").fetchone() or ()
        spelling = next((spelled for spelled, n in zip(SPELLINGS, counts, strict=True) if n >= enough), None)
    daily, iso = _days(connection, value, kind, spelling) if spelling is not None else (False, False)
    values = connection.execute(
        f"select {value}, count(*) from sample where {value} is not null group by 1 order by 1 limit {FEW_VALUES + 1}"
    ).fetchall()
    return Seen(
        name=name,
        kind=kind,
        filled=filled,
        different=different,
        length=length,
        values=tuple(one for one, _ in values),
        low=low if is_number else None,
        high=high if is_number else None,
        whole=bool(whole) and is_number,
        spelling=spelling,
        cleaning=cleaning,
        daily=daily,
        iso=iso,
        counts=dict(values) if different <= FEW_VALUES else {},
    )


def _counted_time(connection: duckdb.DuckDBPyConnection, value: str, numbers: bool, enough: int) -> str | None:
    """How a column counts its times; None where it does not."""
    number = f"try_cast({value} as double)"
    compact = ", ".join(
        f"coalesce(count_if(length({value}) = {length} and "
        f"year(try_strptime({value}, {literal(spelled)})) between 1970 and 2100), 0)"
        for spelled, length in COMPACT.items()
    )
    dense = connection.execute(f"select {compact} from sample").fetchone() or ()
    for spelled, count in zip(COMPACT, dense, strict=False):
        if count >= enough:
            return spelled
    counted = [f"count_if({number} between {low} and {high})" for _, low, high in SINCE_1970.values()]
    serial = f"count_if({number} between 30000 and 60000)"
    spelled = f"count_if({number} between 30000 and 60000 or try_cast({value} as timestamp) is not null)"
    row = connection.execute(f"select {', '.join([*counted, serial, spelled])} from sample").fetchone() or ()
    for found, count in zip(SINCE_1970, row, strict=False):
        if numbers and count >= enough:
            return found
    return SERIAL if row and row[-2] and row[-1] >= enough else None


def _filled_down(connection: duckdb.DuckDBPyConnection, one: Seen) -> Seen:
    """A column of a spreadsheet, marked and counted as filled down where merged cells seem to have left it empty.

    Of a block of merged cells only the first has a value, so hardly any two filled ones follow each other.
    """
    rare = not one.number and one.filled >= 2 and one.length < LONG
    if not rare or "comment" in one.meanings or one.plain in SYNONYMS["comment"]:
        return one
    row = connection.execute(
        f"""
        with rows as (
            select {_text(one.name)} as value, sheet, row_number as place,
                row_number() over (partition by sheet order by row_number) as number
            from sample
        ), cells as (
            select *, lag(value) over (partition by sheet order by place) as above from rows
        ), blocks as (
            select value, lag(value) over (partition by sheet order by place) as before from cells
            where value is not null
        )
        select
            (select count(*) from cells),
            (select count_if(number = 1 and value is null) from cells),
            (select count_if(value is not null and above is not null) from cells),
            (select count_if(value = before) from blocks)
        """
    ).fetchone()
    if row is None:
        return one
    rows, headless, beside, again = row
    few = 2 * one.filled <= rows and not headless
    return replace(one, merged=True, filled=rows) if few and 10 * max(beside, again) <= one.filled else one


CURRENCY = "[₩￦€$£¥원\\s]"
"""Signs of money beside a number."""


ANSWERED = re.compile(
    r"별점|평점|점수|만족|추천|rating|stars?|score|satisf|recom|likel|nps|csat|ces|effort|zufried|empfehl|note"
)
"""What columns of answers are called: elsewhere a number before words is no answer."""


def _as_answered(connection: duckdb.DuckDBPyConnection, value: str) -> str:
    """SQL that makes numbers of answers that are drawn (★★★☆☆) or said (4점, 4/5, 10 - very likely)."""
    number = r"\s*(\d{1,3}([.]\d+)?)"
    drawn = f"regexp_full_match({value}, '[★☆⭐✩✭\\s]+')"
    words_after = r"(점|개|stars?|/\s*\d+|out of.*|[-–:]\s*\D.*|[(].*|\.\s+\D.*)?"
    said = f"regexp_full_match({value}, '{number}\\s*{words_after}')"
    plain = f"try_cast({value} as double) is not null"
    row = connection.execute(
        f"select count({value}), count_if({drawn}), count_if({said}), count_if({plain}) from sample"
    ).fetchone()
    if not row or not row[0]:
        return ""
    total, stars, words, numbers = row
    enough = ceil(NEARLY_ALL * total)
    if stars >= enough:
        return "length(regexp_replace({}, '[^★⭐]', '', 'g'))::varchar"
    if words >= enough > numbers:
        return f"regexp_extract({{}}, '^{number}', 1)"
    return ""


def _cleaning(connection: duckdb.DuckDBPyConnection, name: str, value: str) -> str:
    """SQL that makes numbers of values as people write them: decimal commas, thousands set apart, signs of money."""
    if ANSWERED.search(_bare(intake.column_name(name))) and (how := _as_answered(connection, value)):
        return how
    bare = f"regexp_replace({value}, '{CURRENCY}', '', 'g')"
    row = connection.execute(f"select count({value}), count_if({bare} <> {value}) from sample").fetchone()
    if not row or not row[0]:
        return ""
    signs = 2 * row[1] > row[0]
    written = _written(connection, bare if signs else value)
    if written is None or not (written or signs):
        return ""
    return (
        written.replace("{}", f"regexp_replace({{}}, '{CURRENCY}', '', 'g')")
        if signs and written
        else (written or f"regexp_replace({{}}, '{CURRENCY}', '', 'g')")
    )


def _written(connection: duckdb.DuckDBPyConnection, value: str) -> str | None:
    """How numbers are written: SQL that makes them plain, empty where they are; None where they are none.

    Three digits after a comma are thousands unless other values say that it is the decimal one.
    """
    patterns = (
        r"-?\d+(,\d+)?",
        r"-?\d+,(\d{1,2}|\d{4,})|-?0,\d+",
        r"-?\d+(\.\d+)?|-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?",
        r"-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?",
        r"-?\d+(,\d+)?|-?[1-9]\d{0,2}(\.\d{3})+(,\d+)?",
        r"-?[1-9]\d{0,2}(\.\d{3})+(,\d+)?",
        r"-?[1-9]\d{0,2}(\.\d{3})+,\d+|-?[1-9]\d{0,2}(\.\d{3}){2,}|-?\d{3}",
        r"-?\d+(\.\d+)?",
    )
    counted = ", ".join(f"count_if(regexp_full_match({value}, '{pattern}'))" for pattern in patterns)
    row = connection.execute(f"select count({value}), {counted} from sample").fetchone()
    if not row or not row[0]:
        return None
    total, comma, decimal, english, grouped, continental, dotted, sure, plain = row
    enough = ceil(NEARLY_ALL * total)
    if decimal and comma >= enough:
        return "replace({}, ',', '.')"
    if grouped and english >= enough:
        return "replace({}, ',', '')"
    # 1.234 alone may be either; beside 980 or 1.234,50 it is a thousand.
    if dotted and sure and continental >= enough:
        return "replace(replace({}, '.', ''), ',', '.')"
    return "" if plain >= enough else None


def _days(connection: duckdb.DuckDBPyConnection, value: str, kind: str, spelling: str | None) -> tuple[bool, bool]:
    """Whether times are days, midnight throughout, and whether all of them are written like 2026-11-03."""
    if kind == "DATE":
        return True, True
    if spelling in SINCE_1970:
        return False, False
    if kind.startswith("TIMESTAMP WITH") or kind == "TIMESTAMPTZ":
        return False, False
    moment = _parsed(value, spelling) if spelling else f"try_cast({value} as timestamp)"
    # A text that names its zone is an instant, even at midnight.
    zoned = f"({value} like '%:%' and regexp_matches({value}, '([zZ]|[+-]\\d{{2}}(:?\\d{{2}})?)$'))"
    midnight = f"bool_and({moment} = date_trunc('day', {moment}) and not {zoned}) filter ({moment} is not null)"
    written = f"bool_and(regexp_full_match({value}, '\\d{{4}}-\\d{{1,2}}-\\d{{1,2}}'))"
    row = connection.execute(f"select coalesce({midnight}, false), coalesce({written}, false) from sample").fetchone()
    return (bool(row[0]), bool(row[1])) if row else (False, False)


# --- What would be published -------------------------------------------------------------------------


@dataclass(frozen=True)
class Preview:
    """What publishing would make of a source's files."""

    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]
    """The first rows that would be published."""
    files: list[intake.File]
    """Each file with what was read, kept and set aside of it, and why."""
    others: int = 0
    """Further files, which were not read for it."""


def preview(
    text: str, name: str, files: Sequence[Path], data: Path, settings: Settings, metrics: Mapping[str, Metric]
) -> Preview:
    """Read files as publishing would with this source, without publishing anything."""
    source = catalog.source(name, text, f"{name}.sql")
    columns: tuple[str, ...] = ()
    rows: list[tuple[object, ...]] = []
    checked = []
    with tempfile.TemporaryDirectory() as work, duckdb.connect() as connection:
        connection.execute(f"set timezone = {literal(settings.time_zone)}")
        judge = intake.Intake(connection, settings, metrics, Path(work))
        for order, path in enumerate(files[:MOST_FILES]):
            shown = path.resolve().relative_to(data).as_posix()
            file = intake.File(path.resolve(), shown, source.table, source, order=order)
            judge.check(file)
            checked.append(file)
            if file.kept and not rows:
                columns = file.columns
                chosen = ", ".join(quoted(column) for column in columns)
                rows = connection.execute(
                    f"select {chosen} from {file.relation} where cx_problem is null limit {FIRST_ROWS}"
                ).fetchall()
    return Preview(columns, rows, checked, len(files) - len(checked))


def told(seen: Preview) -> str:
    """A preview as lines of text: the first rows a column a line, and what happens to each file."""
    lines = []
    if seen.rows:
        lines.append("The first rows it would publish, a column a line:")
        width = max(len(column) for column in seen.columns)
        for column, *values in zip(seen.columns, *seen.rows, strict=True):
            shown = " | ".join(short(value) for value in values)
            lines.append(f"  {column:{width}}  {shown}")
    for file in seen.files:
        lines.append(f"{file.shown}: {file.kept:,} of {file.read:,} rows would be published.")
        if file.reason:
            lines.append(f"  set aside: {file.reason} → {file.hint}")
        for problem in file.problems:
            example = f"row {problem['row']}" + (f": {problem['value']!r}" if problem["value"] else "")
            lines.append(f"  set aside: {problem['rows']:,} rows, “{problem['column']}” {problem['rule']} ({example})")
        lines += [f"  note: {note}" for note in file.notes]
    if seen.others:
        lines.append(f"{seen.others:,} more files were looked at for their columns only.")
    return "\n".join(lines)


def short(value: object) -> str:
    """A value of a preview in a few signs."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    text = "" if value is None else " ".join(f"{value:g}".split() if isinstance(value, float) else str(value).split())
    return text if len(text) <= 24 else text[:23] + "…"


# --- Spelling ----------------------------------------------------------------------------------------


def yaml_text(text: str) -> str:
    """A text as a quoted YAML scalar on one line."""
    return json.dumps(text, ensure_ascii=False)


def yaml_plain(text: str) -> str:
    """A text as a YAML scalar, in quotes only where it has to be."""
    return text if re.fullmatch(r"\w[\w./*-]*", text) else yaml_text(text)


def sql_name(column: str) -> str:
    """A column's name as SQL writes it: in quotes only where it has to be."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", column) and column.lower() not in _keywords()
    return column if plain else quoted(column)


@cache
def _keywords() -> frozenset[str]:
    """The words that DuckDB keeps for itself."""
    with duckdb.connect() as connection:
        found = connection.execute("from duckdb_keywords()").fetchall()
    return frozenset(word for word, kind in found if kind != "unreserved")
