"""Masking: personal data in free texts, each replaced by a mark that says what stood there.

Phone numbers, e-mail addresses, numbers of cards, residents, passports, driving licences and accounts are found however
they are written: full-width or circled digits, spelled in Korean or English, split by blanks, dots or invisible signs.
What only looks like them (orders, parcels, prices, days, versions, businesses) stays. A text is first folded into plain
signs of which each remembers where it stood; patterns, checksums and the words before a number then judge it.

Nothing is looked for where `suspicion()` finds nothing. It is written in what RE2 and Python's `re` have in common, so
that publishing can ask it in SQL and send through Python only the texts that may hold something.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache

VERSION = 4
"""Raised with every change of what is masked: what an older masker published is then made anew. A test holds it."""

MARKS = {
    "resident": "[resident-no]",
    "card": "[card]",
    "passport": "[passport]",
    "licence": "[licence-no]",
    "email": "[email]",
    "phone": "[phone]",
    "account": "[account]",
    "name": "[name]",
}
"""What stands in place of personal data, in every language the same; where two kinds would fit, the earlier one."""

# --- signs ------------------------------------------------------------------------------------------------------

SPELLED = dict(zip("공영빵일이삼사오육륙칠팔구", "0001234566789", strict=True))
WORDS = dict(zip("zero oh one two three four five six seven eight nine".split(), "00123456789", strict=True))
DASHES = "-‐‑‒–—―−﹣－ㅡーㅣ~〜～"
DOTS = ".·・•․。｡．ㆍ‧∙⋅⸱"
FILLERS = "\u115f\u1160\u3164\uffa0\u2800"


@cache
def _folded_sign(sign: str) -> str:
    """The plain sign that a sign stands for; nothing for an invisible one."""
    if sign.isascii():
        return "-" if sign == "~" else sign if sign >= " " else " " if sign.isspace() else ""
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    if sign in DASHES:
        return "-"
    if sign in DOTS:
        return "."
    if sign in FILLERS or unicodedata.category(sign) in ("Cf", "Mn", "Me", "Cc"):
        return ""
    if sign.isspace():
        return " "
    plain = unicodedata.normalize("NFKC", sign)
    return plain if len(plain) == 1 and plain.isascii() else sign


class _Folded:
    """A text in plain signs, each of which remembers where it stood."""

    def __init__(self, text: str) -> None:
        self.signs: list[str] = []
        self.first: list[int] = []
        self.past: list[int] = []
        for place, sign in enumerate(text):
            plain = _folded_sign(sign)
            if plain:
                self.signs.append(plain)
                self.first.append(place)
                self.past.append(place + 1)
        self.text = "".join(self.signs)
        if SPOKEN.search(self.text):
            self._count_words()

    def _count_words(self) -> None:
        """Put one digit in the place of each number word of a row of them, and nothing between them."""
        for run in reversed(list(SPOKEN.finditer(self.text))):
            words = list(WORD.finditer(self.text, *run.span()))
            self.first[slice(*run.span())] = [self.first[word.start()] for word in words]
            self.past[slice(*run.span())] = [self.past[word.end() - 1] for word in words]
            self.signs[slice(*run.span())] = [WORDS.get(word.group().lower(), word.group()) for word in words]
        self.text = "".join(self.signs)

    def span(self, start: int, past: int) -> tuple[int, int]:
        """Where a piece of the folded text stands in the text itself."""
        return self.first[start], self.past[past - 1]


_WORD = "|".join(WORDS)
WORD = re.compile(rf"{_WORD}|[0-9]", re.IGNORECASE)
SPOKEN = re.compile(
    rf"(?<![A-Za-z])(?:{_WORD})(?:[ ,.\-]{{1,3}}(?:{_WORD}|[0-9])(?![A-Za-z])){{5,}}",
    re.IGNORECASE,
)

# --- what may hold something ------------------------------------------------------------------------------------

FEWEST = 7
"""Nothing with fewer digits is looked for: 900101-1 is the shortest."""
GAP = 8
"""So many signs may stand between two digits of one number, invisible ones included."""


@cache
def suspicion() -> str:
    """A pattern that matches every text in which something may be masked, for SQL as well as for Python."""
    digits = [chr(code) for code in range(0x20000) if unicodedata.digit(chr(code), None) is not None]
    digit = f"[{_ranges([*digits, *SPELLED])}]"
    between = "[^0-9A-Za-z가-힣]"
    joined = f"(?:{between}{{0,{GAP}}}|{between}{{0,2}}(?:에|다시|의|하이픈|대시|점){between}{{0,2}})"
    word = "|".join("".join(f"[{sign.upper()}{sign}]" for sign in name) for name in WORDS)
    return "|".join(
        (
            f"{digit}(?:{joined}{digit}){{{FEWEST - 1}}}",
            f"(?:{word})(?:{between}{{1,4}}(?:{word}|{digit})){{5}}",
            "[@＠﹫]|골[ \u200b]{0,2}뱅[ \u200b]{0,2}이|앳",
            "[aA][tT][^A-Za-z0-9]{1,4}[A-Za-z0-9-]{2,30}[^A-Za-z0-9]{1,4}(?:[dD][oO][tT]|[cC][oO]|[nN][eE][tT]|닷|점)",
            "[A-Za-z][0-9]{3}[A-Za-z][0-9]{4}",
        )
    )


def _ranges(signs: Iterable[str]) -> str:
    """The inside of a class of signs."""
    codes = sorted({ord(sign) for sign in signs})
    parts, start = [], 0
    for place, code in enumerate(codes):
        if place + 1 == len(codes) or codes[place + 1] != code + 1:
            parts.append(chr(codes[start]) if codes[start] == code else f"{chr(codes[start])}-{chr(code)}")
            start = place + 1
    return "".join(parts)


@cache
def _suspicious() -> re.Pattern[str]:
    return re.compile(suspicion())


# --- what is looked for -----------------------------------------------------------------------------------------

N = f"[0-9{''.join(SPELLED)}]"
"""A digit, written or spelled."""
OPEN = r"(?<![0-9])(?<![0-9]-)"
"""A number does not begin within another one …"""
CLOSED = r"(?![0-9])(?!-[0-9])"
"""… nor end there; a spelled digit after it may as well be a particle (010-1234-5678이에요)."""
JOINT = r"(?:[ .\-_/()*,:|=]{0,4}| ?(?:에|다시|의|하이픈|대시) ?)"
TIGHT = r"[ .\-_/*,]{1,3}"


def _one(digits: str) -> str:
    """A class of some digits, written or spelled."""
    return "[" + digits + "".join(sign for sign, digit in SPELLED.items() if digit in digits) + "]"


ZERO = _one("0")[:-1] + "OoㅇㅇOo○〇]"
ONE = _one("1")[:-1] + "lI|]"
LAST = _one("016789")[:-1] + "OoㅇO○〇]"
AREA = _one("0") + "(?:{}|{}{}|{}{}|{}{}|{}{}|{}{}|{}{}{})".format(
    *map(_one, "2 3 123 4 1234 5 12345 6 1234 7 0 5 0 2345678".split())
)
"""02, 031 … 064, 070, 0502 … 0508."""
APART = r"(?:\) ?|[ .\-/]{1,3}| ?(?:에|다시|의) ?)"

PHONES = (
    # 010-1234-5678, 공일공 일이삼사 오육칠팔
    re.compile(rf"{OPEN}\(?{ZERO}{ONE}{LAST}{JOINT}{N}{{3,4}}{JOINT}{N}{{4}}{CLOSED}"),
    # 0 1 0 1 2 3 4 5 6 7 8
    re.compile(rf"{OPEN}{ZERO}{TIGHT}{ONE}{TIGHT}{LAST}{TIGHT}(?:{N}{TIGHT}){{6,7}}{N}{CLOSED}"),
    # 010 12 34 56 78, 010-1234-56 78
    re.compile(
        rf"{OPEN}{ZERO}{ONE}{LAST}{TIGHT}{N}{{2}}(?:{TIGHT})?{N}{{2}}{TIGHT}{N}{{2}}(?:{TIGHT})?{N}{{2}}{CLOSED}"
    ),
    # +82 10 1234 5678, 82-10-…, +82-2-…, (+82)10…
    re.compile(
        r"(?<![0-9])\(?(?:\+|00)?82\)?[ .\-()]{0,3}(?:\(?0\)?)?[ .\-]{0,2}1[016789]"
        rf"[ .\-)]{{0,2}}{N}{{3,4}}[ .\-]{{0,2}}{N}{{4}}{CLOSED}"
    ),
    # 02-123-4567, (031) 123-4567, 공이 일이삼 사오육칠
    re.compile(rf"{OPEN}(?<![0-9]\.)\(?{AREA}{APART}{N}{{3,4}}{APART}{N}{{4}}{CLOSED}"),
    # 07012345678 needs no joints; no order begins so
    re.compile(rf"{OPEN}(?<![0-9]\.)(?:070|050[2-8])[0-9]{{7,8}}{CLOSED}"),
    # +1 415 555 2671, +44 (0)20 7946 0958, 00 49 …
    re.compile(r"(?<![0-9A-Za-z])(?:\+ ?|00[ \-])[1-9](?:[ .\-()/]{0,3}[0-9]){7,14}(?![0-9])(?!,[0-9])(?!-[0-9])"),
    # (415) 555-2671, 415-555-2671
    re.compile(
        rf"{OPEN}(?:1[ .\-])?(?:\([2-9][0-9]{{2}}\) ?|[2-9][0-9]{{2}}[.\-])[2-9][0-9]{{2}}[.\-][0-9]{{4}}{CLOSED}"
    ),
    # 020 7946 0958, 07911 123456
    re.compile(rf"{OPEN}(?<![0-9]\.)0[1-9][0-9]{{1,3}} (?:[0-9]{{6}}|[0-9]{{3,4}} [0-9]{{3,4}}){CLOSED}"),
)
AREA_PLAIN = re.compile(rf"{OPEN}(?:02|0[3-6][1-5])[0-9]{{7,8}}{CLOSED}")
UNUSUAL = PHONES[1:3]
"""A version or a measure may be written so as well; a price never begins with 0."""
MEASURES = re.compile(
    r"(?:수량|점수|치수|규격|좌표|size|\bip)(?:은|는|이|가|을|를|도| is)? ?[:=]? ?$",
    re.IGNORECASE,
)
"""What says right before a number that it counts or measures something."""
CALLS = re.compile(r"전화|연락|번호는|폰|휴대|핸드|tel|call|phone|mobile|contact|문자|☎|📞|Tel|TEL", re.IGNORECASE)

PROVIDERS = (
    "naver|gmail|daum|hanmail|nate|kakao|hotmail|outlook|yahoo|icloud|네이버|지메일|다음|한메일|네이트|카카오|핫메일"
)
ENDS = "com|net|org|co|kr|io|me|info|biz|edu|jp|uk|컴|콤|넷|케이알"
SNAIL = r"골 ?뱅 ?이"
AT_SIGN = rf"(?: {{0,2}}@ {{0,2}}| {{0,2}}[\[({{<] ?(?:at|앳|{SNAIL}|@) ?[\])}}>] {{0,2}}| ?{SNAIL} ?| ?앳 ?)"
DOT = r"(?: ?\. ?| ?[\[({<] ?(?:dot|닷|점|\.) ?[\])}>] ?| dot | ?(?:닷|쩜|점) ?)"
LOCAL = r"[A-Za-z0-9][A-Za-z0-9._%+\-]{1,63}"
EMAILS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[A-Za-z0-9가-힣][A-Za-z0-9가-힣._%+\-]{0,63}@(?:[A-Za-z0-9가-힣\-]{1,40}\.){1,4}[A-Za-z]{2,24}",
        # hong 골뱅이 naver 닷컴, hong(at)naver.com, hong @ naver . com
        rf"[A-Za-z0-9가-힣][A-Za-z0-9가-힣._%+\-]{{0,63}}{AT_SIGN}[A-Za-z0-9가-힣\-]{{2,30}}{DOT}(?:{ENDS})"
        rf"(?:{DOT}(?:{ENDS}))?(?![A-Za-z])",
        # hong at gmail.com, hong at example dot com; what follows “looked at” is rarely a provider of mail
        rf"{LOCAL} at (?:(?:{PROVIDERS}){DOT}|[A-Za-z0-9\-]{{2,30}} ?[\[(]?\bdot\b[\])]? ?)(?:{ENDS})\b",
        # hong@naver, hong 골뱅이 네이버
        rf"{LOCAL}(?: {{0,2}}@ {{0,2}}| ?{SNAIL} ?| ?앳 ?)(?:{PROVIDERS})(?:,(?:{ENDS}))?(?![A-Za-z])",
    )
)


def _either(pattern: str) -> str:
    """A pattern of digits D that are all written or all spelled: a particle after a number is no digit of it."""
    spelled = "[" + "".join(SPELLED) + "]"
    return f"(?:{pattern.replace('D', '[0-9]')}|{pattern.replace('D', spelled)})"


RESIDENT = re.compile(
    rf"{OPEN}(?P<birth>{N}{{6}})(?P<joint>[ .\-_/*]{{0,3}})(?P<rest>{_one('12345678')}[ \-]?(?:{N}{{6}}|[*xX●○•]{{6}}))"
    rf"{CLOSED}|{OPEN}(?<![0-9] )(?P<spaced>(?:[0-9][ .\-_]{{1,3}}){{12}}[0-9]){CLOSED}(?![ .][0-9])"
)
BIRTH = re.compile(rf"{OPEN}(?P<birth>[0-9]{{6}}) ?- ?(?P<sex>[1-8])(?![0-9*xX●○•\-])")
"""The beginning of a resident number, 900101-1, where the words around it say that it is one."""
_FOURS = "D{4}" + "[ .\\-_/*,]{1,3}D{4}" * 3
CARD = re.compile(
    OPEN
    + _either(
        rf"(?:D{{13,19}}|{_FOURS}(?:[ .\-]{{1,3}}D{{3}})?"
        r"|D{4}[ .\-/]{1,3}D{6}[ .\-/]{1,3}D{5}|(?:D[ .\-]{1,3}){15}D)"
    )
    + CLOSED
)
LICENCE = re.compile(
    r"(?<![0-9])(?<![0-9]-)(?:1[1-9]|2[0-8]|서울|부산|경기|강원|충북|충남|전북|전남|경북|경남|제주|대구|인천|광주|대전|울산)"
    r"[ .\-]{1,3}[0-9]{2}[ .\-]{1,3}[0-9]{6}[ .\-]{1,3}[0-9]{2}(?![0-9])(?!-[0-9])"
)
PASSPORT = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z]{1,2} ?-?[0-9]{7,8}|[A-Za-z][0-9]{3}[A-Za-z][0-9]{4}|[0-9]{9})(?![A-Za-z0-9])"
)
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])")
ACCOUNT = re.compile(OPEN + _either(r"D(?:[ \-._]{0,3}D){9,15}") + CLOSED)
SHAPES = frozenset(
    ((3, 3, 6), (4, 2, 7), (6, 2, 6), (4, 3, 6), (3, 4, 4, 2), (3, 6, 5), (3, 6, 2, 3), (3, 2, 6), (3, 2, 6, 1))
)
"""How banks write accounts between dashes: 신한 3-3-6, 카카오뱅크 4-2-7, 국민 6-2-6, 우리 4-3-6, 농협 3-4-4-2."""

BANKS = "은행|뱅크|카뱅|농협|새마을금고|우체국|수협|신협|제일|씨티|(?:국민|신한|우리|하나|기업|토스|케뱅) ?$"
ACCOUNTS = re.compile(rf"계좌|통장|입금|송금|예금주|{BANKS}|account|acct|a/c|iban|sort code|bank", re.IGNORECASE)
PASSPORTS = re.compile(r"여권|passport", re.IGNORECASE)
CARDS = re.compile(r"카드|card|visa|비자|마스터|amex|아멕스", re.IGNORECASE)
RESIDENTS = re.compile(r"주민|외국인|(?<!법인)(?<!사업자)등록번호|생년월일|resident|rrn|민증|신분증", re.IGNORECASE)
OF_GOODS = "제품|상품|물품|품목|모델|기기|기계|장비|차량|자동차|특허|상표|디자인|허가|업체|시설|건물"
GOODS_BEFORE = re.compile(rf"(?:{OF_GOODS})(?:의|에)? ?등록번호[^0-9]*$")
GOODS_AFTER = re.compile(rf"^ ?(?:인|이|의|번|번의)? ?(?:{OF_GOODS})")
"""Goods and firms are registered too, and their numbers begin as those of residents do."""
PEOPLE = re.compile(r"주민|외국인|생년월일|민증|신분증|resident|rrn", re.IGNORECASE)
OTHERS = re.compile(
    r"주문|오더|송장|운송|택배|등기|접수|예약|사업자|법인(?:등록번호)?|모델|품번|상품|제품|시리얼|일련|바코드|쿠폰|승인|거래번호|문의번호"
    r"|티켓|영수증|참조|관리번호|고객번호|회원번호|버전|order|track|parcel|invoice|booking|model|serial|sku|ean|barcode"
    r"|ticket|reference|ref\b|case|coupon|receipt|version|s/n|p/n|isbn|imei",
    re.IGNORECASE,
)
"""What says that a number belongs to a thing and to nobody."""


def masked(texts: Sequence[str], names: Sequence[str] = ()) -> list[str]:
    """The texts with marks in place of personal data and of these names (of staff, say)."""
    listed = _names(tuple(names)) if names else None
    return [_masked(text, listed) for text in texts]


def found(text: str, names: Sequence[str] = ()) -> list[tuple[int, int, str]]:
    """What would be masked: where it begins, where it ends, what it is; in order, nothing within another."""
    return _found(text, _names(tuple(names)) if names else None)


def _masked(text: str, listed: re.Pattern[str] | None) -> str:
    spans = _found(text, listed)
    if not spans:
        return text
    pieces, place = [], 0
    for start, past, kind in spans:
        pieces += [text[place:start], MARKS[kind]]
        place = past
    return "".join([*pieces, text[place:]])


def _found(text: str, listed: re.Pattern[str] | None) -> list[tuple[int, int, str]]:
    suspicious = _suspicious().search(text) is not None
    if not suspicious and not (listed and listed.search(text)):
        return []
    folded = _Folded(text)
    taken: list[tuple[int, int, str]] = []
    for kind, search in _SEARCHES.items() if suspicious else ():
        for start, past in search(folded.text):
            if all(past <= other or start >= end for other, end, _ in taken):
                taken.append((start, past, kind))
    spans = [(*folded.span(start, past), kind) for start, past, kind in taken]
    for name in listed.finditer(text) if listed else ():
        if all(name.end() <= other or name.start() >= end for other, end, _ in spans):
            spans.append((*name.span(), "name"))
    return sorted(spans)


@cache
def _names(names: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern of names as they are written; a Latin one is a whole word, a Korean one may carry a particle."""
    whole = r"(?<![A-Za-z0-9]){}(?![A-Za-z0-9])"
    longest = sorted(names, key=len, reverse=True)
    return re.compile(
        "|".join(whole.format(re.escape(name)) if name.isascii() else re.escape(name) for name in longest)
    )


def plainly(names: Sequence[str]) -> list[str]:
    """Patterns for SQL that match every text in which one of the names may be masked."""
    return [re.escape(name) for name in names]


def rules(names: Sequence[str]) -> str:
    """What names a way of masking: another one masks anew."""
    return hashlib.sha256(repr((VERSION, sorted(names))).encode()).hexdigest()[:8]


def _digits(text: str) -> str:
    """The digits of a piece, written plainly."""
    return "".join(digit for sign in text if (digit := SPELLED.get(sign, sign)).isdigit())


def _called(text: str, start: int, past: int, wanted: re.Pattern[str], *, after: int = 8) -> bool:
    """Whether the word nearest to a number says that it is what is wanted; the one before goes before the one after."""
    before = text[max(0, start - 24) : start]
    own = max((word.end() for word in wanted.finditer(before)), default=-1)
    other = max((word.end() for word in OTHERS.finditer(before)), default=-1)
    if own >= 0 or other >= 0:
        return own >= other
    return wanted.search(text[past : past + after]) is not None


def _of_a_thing(text: str, start: int) -> bool:
    """Whether the words before a number say that it is an order's, a parcel's or the like."""
    return OTHERS.search(text[max(0, start - 24) : start]) is not None


def _residents(text: str) -> Iterator[tuple[int, int]]:
    for match in RESIDENT.finditer(text):
        start, past = match.span()
        if match["spaced"]:
            number, joined = _digits(match["spaced"]), True
        else:
            number = _digits(match["birth"] + match["rest"])
            joined = bool(match["joint"])
        born = _born(number)
        if born is None:
            continue
        proven = len(number) == 13 and _checked(number) and not _article(number)
        likely = joined or len(number) == 7 or born >= LOTTERY
        if _called(text, start, past, RESIDENTS) or proven or (likely and not _of_a_thing(text, start)):
            yield start, past
    for match in BIRTH.finditer(text):
        start, past = match.span()
        of_goods = GOODS_BEFORE.search(text[max(0, start - 24) : start]) or (
            not PEOPLE.search(text[max(0, start - 24) : start]) and GOODS_AFTER.search(text[past : past + 8])
        )
        if _born(match["birth"] + match["sex"]) is not None and _called(text, start, past, RESIDENTS) and not of_goods:
            yield start, past


LOTTERY = date(2020, 10, 1)
"""Since then the digits after the birthday are drawn by lot: a checksum proves nothing."""


def _born(number: str) -> date | None:
    """The birthday that a resident number begins with, or None where there is no such day."""
    century = 1900 if number[6] in "1256" else 2000
    try:
        born = date(century + int(number[:2]), int(number[2:4]), int(number[4:6]))
    except ValueError:
        return None
    return born if born <= date.today() + timedelta(days=1) else None


def _checked(number: str) -> bool:
    """Whether the last digit proves the others."""
    total = sum(
        int(digit) * weight for digit, weight in zip(number, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=False)
    )
    last = (11 - total % 11) % 10
    return int(number[12]) in ((last, (last + 2) % 10) if number[6] in "5678" else (last,))


def _article(number: str) -> bool:
    """Whether it is the barcode of a Korean article: those begin with 880 and have a check digit of their own."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(number[:12]))
    return number.startswith("880") and (10 - total % 10) % 10 == int(number[12])


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for match in CARD.finditer(text):
        start, past = match.span()
        number = _digits(match.group())
        if not 13 <= len(number) <= 19 or len(set(number)) == 1:
            continue
        issued = number[0] in ("4" if len(number) == 13 else "34569") or (
            number[0] == "2" and 2221 <= int(number[:4]) <= 2720
        )
        proven = issued and _luhn(number)
        if _called(text, start, past, CARDS):
            proven = proven or len(number) in (15, 16)
        elif _of_a_thing(text, start):
            continue
        if proven:
            yield start, past


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0


def _passports(text: str) -> Iterator[tuple[int, int]]:
    if PASSPORTS.search(text):
        for match in PASSPORT.finditer(text):
            if _called(text, *match.span(), PASSPORTS, after=12):
                yield match.span()


def _licences(text: str) -> Iterator[tuple[int, int]]:
    for match in LICENCE.finditer(text):
        if not _of_a_thing(text, match.start()):
            yield match.span()


def _emails(text: str) -> Iterator[tuple[int, int]]:
    if any(sign in text for sign in ("@", "뱅", "앳", "at", "AT", "At")):
        for pattern in EMAILS:
            yield from (match.span() for match in pattern.finditer(text))


def _phones(text: str) -> Iterator[tuple[int, int]]:
    for pattern in PHONES:
        for match in pattern.finditer(text):
            start, past = match.span()
            measured = pattern in UNUSUAL and MEASURES.search(text[max(0, start - 24) : start])
            if not _spread(match.group()) and not measured:
                yield start, past
    for match in AREA_PLAIN.finditer(text):
        if _called(text, *match.span(), CALLS):
            yield match.span()


def _spread(piece: str) -> bool:
    """Whether a piece is rather a column of numbers: its digits stand in more groups than any phone's, and unevenly."""
    groups = re.findall(f"{N}+", piece)
    return len(groups) > 5 and len({len(group) for group in groups}) > 2


def _accounts(text: str) -> Iterator[tuple[int, int]]:
    for match in IBAN.finditer(text):
        letters = "".join(match.group().split())
        turned = "".join(str(int(sign, 36)) for sign in letters[4:] + letters[:4])
        if int(turned) % 97 == 1:
            yield match.span()
    for match in ACCOUNT.finditer(text):
        start, past = match.span()
        number = match.group()
        groups = tuple(len(group) for group in re.split("[-.]", number))
        if not 10 <= len(_digits(number)) <= 16 or groups == (3, 2, 5) or _dated(number):
            continue
        if _called(text, start, past, ACCOUNTS) or (groups in SHAPES and not _of_a_thing(text, start)):
            yield start, past


def _dated(number: str) -> bool:
    """Whether a number is a day and perhaps a time: 2026-11-22 10:30, 20261122103000."""
    return DAY.match(number) is not None


DAY = re.compile(
    r"(?:19|20)[0-9]{2}[ .\-]?(?:0[1-9]|1[0-2])[ .\-]?(?:0[1-9]|[12][0-9]|3[01])(?:[ .\-]|$|[0-2][0-9][0-5][0-9])"
)

_SEARCHES: dict[str, Callable[[str], Iterator[tuple[int, int]]]] = {
    "resident": _residents,
    "card": _cards,
    "passport": _passports,
    "licence": _licences,
    "email": _emails,
    "phone": _phones,
    "account": _accounts,
}
