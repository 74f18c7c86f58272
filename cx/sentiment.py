"""Sentiment: how a text judges, from -1 (bad) to 1 (good), and what kind of text it is.

A linear model: every piece of a text (one to four signs, a word, two words) has a weight, learnt from rated reviews by
`benchmarks/sentiment.py`; a text's polarity comes from the weights of its pieces. What stands under a negation
(안 좋다, 좋지 않다, not good) counts the other way round. Nothing is loaded but one small file beside this one, and all
texts are worked on together as one array of signs.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

BITS = 18
"""Pieces share 2^18 weights: their names are hashes."""

FILE = Path(__file__).with_name("sentiment.npy")
"""Four bytes of scale, then one byte per weight (docs/sentiment.md has its licence)."""

RULES = b"3"
"""Changes whenever the same weights would judge a text otherwise."""

UNDECIDED = 0.1
"""A polarity nearer to zero than this is neither good nor bad."""

LONGEST_PIECE = 4
FEWEST_PIECES = 6
NEGATED = -0.6
"""What a piece under a negation counts: “not good” is bad, but not as bad as “bad”."""

SIGNS_AT_ONCE = 200_000
"""Texts are worked on in chunks of about so many signs, which bounds the memory."""

LONGEST = 4_000
"""A text of more signs is judged by so many of its first."""

BASE = 0x9E3779B97F4A7C15
INVERSE = pow(BASE, -1, 1 << 64)
MIXER = 0xD6E8FEB86659FD93
DELETED = 0x110000


def polarity(texts: Sequence[str]) -> np.ndarray:
    """How each text judges: -1 is bad, 1 is good, near 0 (`UNDECIDED`) is neither; an empty text is 0."""
    found = np.zeros(len(texts))
    for first, chunk in _chunks(texts):
        pieces = _Pieces(chunk)
        sums = np.zeros(len(pieces.signs) + 1, np.float32)
        for starts, buckets, tones in pieces.each():
            sums[starts] += weights()[buckets] * tones
        whole = np.add.reduceat(sums, pieces.first)
        found[first : first + len(chunk)] = np.tanh(whole * pieces.shrink())
    return found


def judged(polarities: np.ndarray) -> np.ndarray:
    """Polarities as -1 (bad), 0 (neither) or 1 (good)."""
    return np.where(np.abs(polarities) < UNDECIDED, 0, np.sign(polarities)).astype(np.int8)


def rated(ratings: np.ndarray, most: np.ndarray | float) -> np.ndarray:
    """The polarity that a rating itself says, which goes before that of the text; NaN where there is no rating.

    Up to two fifths of the scale are bad (1 and 2 of 5, 1 to 4 of 10), from four fifths on it is good (4 and 5 of 5,
    8 to 10 of 10), between them neither.
    """
    share = np.asarray(ratings, float) / most
    # A hair's breadth: 0.6 * 5 and the like are not exact.
    found = np.where(share <= 0.4 + 1e-9, -1.0, np.where(share >= 0.8 - 1e-9, 1.0, 0.0))
    return np.where(np.isnan(share), np.nan, found)


@cache
def weights() -> np.ndarray:
    """The weight of every piece."""
    stored = np.load(FILE, allow_pickle=False)
    scale = stored[:4].view(np.float32)[0]
    found: np.ndarray = stored[4:].astype(np.float32) * scale
    return found


@cache
def version() -> str:
    """A digest of rules and weights: what was judged by others has to be judged again."""
    return hashlib.sha256(RULES + FILE.read_bytes()).hexdigest()[:12]


def features(texts: Sequence[str]) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For learning: per chunk of texts the text, the bucket and the value of every piece, as `polarity` sums them."""
    for first, chunk in _chunks(texts):
        pieces = _Pieces(chunk)
        shrink = pieces.shrink()
        of = pieces.text_of_sign
        for starts, buckets, tones in pieces.each():
            yield of[starts] + first, buckets, tones * shrink[of[starts]]


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    first, held, size = 0, [], 0
    for place, text in enumerate(texts):
        held.append(text[:LONGEST] if len(text) > LONGEST else text)
        size += len(held[-1]) + 3
        if size >= SIGNS_AT_ONCE:
            yield first, held
            first, held, size = place + 1, [], 0
    if held:
        yield first, held


@cache
def _folding() -> np.ndarray:
    """What each sign stands for: small letters, 0 for digits, a blank for every blank; apostrophes are left out."""
    table = np.arange(DELETED + 1, dtype=np.uint32)
    for code in [*range(1, 0x3001), *range(0xFF01, 0xFF5F)]:
        sign = unicodedata.normalize("NFKC", chr(code)) if code > 0xFF00 else chr(code)
        folded = sign.lower()
        if sign.isspace() or unicodedata.category(sign[0]) == "Cc":
            folded = " "
        elif sign.isdigit():
            folded = "0"
        table[code] = ord(folded) if len(folded) == 1 else code
    for sign in "'’‘`\u200b\u200c\u200d\u2060\ufeff\ufe0f":
        table[ord(sign)] = DELETED
    return table


@cache
def _powers() -> tuple[np.ndarray, np.ndarray]:
    length = 3 * (SIGNS_AT_ONCE + LONGEST)  # composing signs can make a text longer
    steps = np.full((2, length), [[BASE], [INVERSE]], np.uint64)
    steps[:, 0] = 1
    up, down = np.cumprod(steps, axis=1, dtype=np.uint64)
    return up, down


def _word_signs(signs: np.ndarray) -> np.ndarray:
    """Which signs are part of a word: letters of any script, digits; no blanks, no punctuation."""
    ascii_word = ((signs >= 97) & (signs <= 122)) | (signs == 48)
    other = (signs >= 0xAA) & ~((signs >= 0x2000) & (signs < 0x2070)) & ~((signs >= 0x3000) & (signs < 0x3040))
    word: np.ndarray = ascii_word | other
    return word


NOT_NEXT = tuple(
    """
    안 못 not never no cannot without hardly nothing nor isnt wasnt dont doesnt didnt cant couldnt wont wouldnt arent
    werent hasnt havent hadnt
    """.split()
)
"""What denies the word after it, or in English the three words after it."""
ONCE = tuple(
    "예전엔 예전에는 처음엔 처음에는 초반엔 초반에는 초기엔 초기에는 전에는 한때는 원래는 옛날엔 옛날에는".split()
)
"""What says of the words up to a turn (예전엔 좋았는데) that they are so no more."""
TURN_WITHIN = 5
"""So many words after it the turn is looked for."""


@dataclass(frozen=True)
class _Words:
    """Where the words of all texts begin and end."""

    first: np.ndarray
    past: np.ndarray


class _Pieces:
    """The pieces of some texts, told by where they begin, by their hash and by how they count."""

    def __init__(self, texts: Sequence[str]) -> None:
        joined = " \0 ".join(texts)
        if joined.count("\0") != len(texts) - 1:
            joined = " \0 ".join(text.replace("\0", " ") for text in texts)
        joined = f"\0 {joined} "
        if not unicodedata.is_normalized("NFC", joined):
            joined = unicodedata.normalize("NFC", joined)
        signs = _folding()[np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)]
        signs = signs[signs != DELETED]
        same = np.concatenate(([False], signs[1:] == signs[:-1]))
        # ㅋㅋㅋㅋㅋ says no more than ㅋㅋ, and two blanks no more than one.
        signs = signs[~(same & ((signs == 32) | np.concatenate(([False], same[:-1]))))]
        self.signs = signs
        self.first = np.flatnonzero(signs == 0)
        self.text_of_sign = np.cumsum(signs == 0) - 1
        up, down = _powers()
        self.before = np.concatenate(
            (np.zeros(1, np.uint64), np.cumsum((signs.astype(np.uint64) + 1) * up[: len(signs)]))
        )
        self.down = down
        self.words = self._find_words()
        self.tones = self._find_tones()
        self._count = np.zeros(len(texts))
        self._all = self._gather()

    def shrink(self) -> np.ndarray:
        """By what a text's sum is shrunk: long ones say the same more often, and very short ones say little."""
        shrunk: np.ndarray = 1 / np.sqrt(self._count + FEWEST_PIECES)
        return shrunk

    def each(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Starts, buckets and tones of the pieces, one kind of piece after the other."""
        return self._all

    def _gather(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        found = []
        blank = (self.signs == 32) | (self.signs == 0)
        seen = np.concatenate(([0], np.cumsum(self.signs == 0)))
        for length in range(1, LONGEST_PIECE + 1):
            starts = np.arange(len(self.signs) - length + 1)
            whole = seen[length:] == seen[: len(starts)]
            if length <= 2:
                whole &= ~blank[: len(starts)] if length == 1 else ~(blank[:-1] & blank[1:])
            starts = starts[whole]
            found.append(self._piece(starts, starts + length))
        words = self.words
        found.append(self._piece(words.first, words.past))
        together = self.text_of_sign[words.first[:-1]] == self.text_of_sign[words.first[1:]]
        found.append(self._piece(words.first[:-1][together], words.past[1:][together]))
        return found

    def _piece(self, starts: np.ndarray, past: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        hashes = (self.before[past] - self.before[starts]) * self.down[starts]
        hashes ^= hashes >> np.uint64(29)
        buckets = ((hashes * np.uint64(MIXER)) >> np.uint64(64 - BITS)).astype(np.int32)
        tones = np.where(self.tones[starts] == self.tones[past - 1], self.tones[starts], np.float32(1))
        self._count += np.bincount(self.text_of_sign[starts], minlength=len(self._count))
        return starts, buckets, tones

    def _find_words(self) -> _Words:
        inside = _word_signs(self.signs).astype(np.int8)
        steps = np.diff(np.concatenate((inside, [0])), prepend=0)
        return _Words(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1))

    def _find_tones(self) -> np.ndarray:
        """What each sign counts: less than nothing where it stands under a negation."""
        tones = np.ones(len(self.signs), np.float32)
        first, past = self.words.first, self.words.past
        self._attached(tones)
        if len(first) < 2:
            return tones
        signs = self.signs
        second = np.minimum(first + 1, len(signs) - 1)
        last, before_last = signs[past - 1], signs[np.maximum(past - 2, 0)]
        denies = self._is(NOT_NEXT)
        korean = denies & (signs[first] >= 0xAC00)
        sentence = np.cumsum(np.isin(signs, _codes(".!?,;\0")))[first]

        def near(reach: int) -> np.ndarray:
            """Whether words so far apart stand in one sentence: no negation reaches further."""
            same: np.ndarray = sentence[reach:] == sentence[:-reach]
            return same

        # 좋지 않다, 좋지는 않다, 좋진 않다
        stem = np.isin(last, _codes("지진질")) | ((before_last == ord("지")) & np.isin(last, _codes("는도를만")))
        nothing = (signs[first] == ord("없")) | (
            (signs[first] == ord("아")) & (past - first > 1) & np.isin(signs[second], _codes("니닌닙님"))
        )
        denied = np.zeros(len(first), bool)
        denied[:-1] |= ((stem[:-1] & np.isin(signs[first[1:]], _codes("않못말"))) | nothing[1:]) & near(1)
        denied[1:] |= korean[:-1] & near(1)
        for reach in (1, 2, 3):
            denied[reach:] |= (denies & ~korean)[:-reach] & near(reach)
        turns = np.isin(last, _codes("데만니")) & (past - first > 2)
        for once in np.flatnonzero(self._is(ONCE)).tolist():
            following = slice(once + 1, once + 1 + TURN_WITHIN)
            turn = np.flatnonzero(turns[following] & (sentence[following] == sentence[once]))
            denied[once + 1 : once + 2 + turn[0] if len(turn) else once] = True
        marks = np.zeros(len(signs) + 1, np.int32)
        np.add.at(marks, first[denied], 1)
        np.add.at(marks, past[denied], -1)
        tones[np.cumsum(marks[:-1]) > 0] = NEGATED
        return tones

    def _attached(self, tones: np.ndarray) -> None:
        """좋지않다: the stem before 지않 is denied within one word."""
        signs = self.signs
        places = np.flatnonzero((signs[:-1] == ord("지")) & np.isin(signs[1:], _codes("않못")))
        if len(places):
            word = np.searchsorted(self.words.first, places, side="right") - 1
            for start, past in zip(self.words.first[word].tolist(), places.tolist(), strict=True):
                tones[start:past] = NEGATED

    def _is(self, names: Sequence[str]) -> np.ndarray:
        """Which words are one of these."""
        hashes = (self.before[self.words.past] - self.before[self.words.first]) * self.down[self.words.first]
        return np.isin(hashes, _hashes(tuple(names)))


@cache
def _codes(signs: str) -> np.ndarray:
    return np.array([ord(sign) for sign in signs], np.uint32)


@cache
def _hashes(names: tuple[str, ...]) -> np.ndarray:
    up, _ = _powers()
    return np.array(
        [sum((ord(sign) + 1) * int(up[place]) for place, sign in enumerate(name)) % (1 << 64) for name in names],
        np.uint64,
    )


# --- kinds ------------------------------------------------------------------------------------------------------

KINDS = ("complaint", "praise", "wish", "question")
FEW_SENTENCES = 3
"""A longer text is a wish or a question only where its last sentence is."""
TELLING = 0.4
"""What judges so clearly in other sentences only asks for effect."""
END = r"(?=[\W_ㅠㅜㅋㅎㅡㅇ]*$)"
"""Nothing but signs, laughter and tears follow."""
TAIL = r"[\W_ㅠㅜㅋㅎㅡㅇ]*$"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


GIVE = (
    rf"(?:주세[요용여염욤]|주십시[오요]|주시[길기]|주셨으[면]|주셨음|주시면|주심\s*(?:좋|감사)|주실\s*(?:수|순|래)|줘[요용여]?{END}"
    r"|줬으면|줬음|주면\s*(?:좋|안|고맙))"
)
MORE = r"\s*(?:더\s*|정말\s*|참\s*|더욱\s*)*"
BETTER = r"(?:개선|수정|보완|추가|시정|확대|도입|지원|최적화|업데이트|업뎃|패치)(?:\s|이|을|를|좀|도)*"
KIND = r"(?:친절하?게|꼼꼼하?게|쉽게|정성껏|잘|자세[히하]게?)"
ASKING = (
    "(?:있|없|되|하|오|되는|가능하|주시|주|맞|보이|었|았|였|했|됐|겠|않|같|걸리|받|쓰|사|나오|팔|열|나가|들어가)나요"
)
LASTING = r"\s?(?:째|동안|만에)"
ASKED = (
    r"(?:언제(?!나|든|부턴)|어디(?!서나|든|에도)|어떻게(?!든)|얼마(?!나|\s?전|\s?안)"
    rf"|몇(?!\s?(?:년|달|개월|주|일|시간|분){LASTING})|며칠(?!{LASTING}))"
)
"""What asks when, where, how or how much: not what tells of any time (언제나) or of a time that lasted (몇 년째)."""
KOREAN_WISH = _any(
    # 있으면 좋겠어요, 됐으면 합니다, 나왔으면
    rf"(?:면|[있없했됐었았였]음){MORE}(?:좋겠|좋겟|조켔|조케|하네요|합니다|해요|한다|함{END}|하는\s*바람)",
    rf"(?:(?<![보가])면|[있없했됐었았였]음){MORE}좋을\s*(?:것|거|듯|텐데|꺼)",
    rf"[했됐갔왔렸졌였셨겼꿨췄뒀줬났었]으면{END}",
    # 고쳐 주세요, 늘려줘, 해주시길
    rf"[해게어아여려겨춰꿔내써쳐빼켜놔둬혀져궈애워꺼눠봐와떼]\s?{GIVE}",
    # 쿠폰 더 주세요
    rf"(?:더|좀|많이|빨리)\s*{GIVE}",
    # 위젯 추가 좀, 알림 끄게 좀요, 제발 고쳐요
    rf"(?:추가|개선|수정|지원|도입|확대|적용|부활|인하)\s*좀(?:요|여|용)?{END}|게\s*좀(?:요|여|용)?(?:\s*제발)?{END}",
    # 부탁드려요, 개선 요망, 빠른 처리 바랍니다
    rf"부탁\s*(?:드|해|합|할|이|좀|{END})|바랍니다|바래요|바라요|바라겠|[길기]\s*(?:를\s*)?바라[며고]?{END}",
    r"(?<![응기])원(?:해요|합니다)|요청\s*(?:드|합|해)",
    rf"{BETTER}(?:요망|바람|부탁|시급|절실|하라(?!더니|고|는|해)|했으|됐으|되었으|필요해|해\s?라)",
)
KOREAN_THANKS = _any(
    # 빨리 보내주셔서 감사합니다, 항상 친절하게 대해 주세요: honorifics that tell what others do for us
    r"주셔서|줘서|주셨(?:어요|습니다|네요|고|는데)|감사(?:합|드|해|했)|고맙|오래오래|번창",
    rf"{KIND}\s*\S{{0,8}}\s*(?:주세요|주십니다|주시[고는])",
    r"(?:항상|늘|언제나|매번)\s+(?:\S+\s+){0,3}\S{0,6}주세요",
)
KOREAN_QUESTION = _any(
    # It is the end that asks, and politely: 냐? and 지? ask nobody.
    r"(?:요|니까|죠|은지|는지|여|용)\s*[?？]" + TAIL,
    # 아시는 분?, 몇 시까지임? 며칠 걸려요
    rf"(?:아시|계시|있으시|쓰시)는\s*분{TAIL}|{ASKED}[^.!?？]{{0,20}}(?:[음임함됨냐]\s*[?？]|[죠요]{END})",
    r"(?:언제|어디|어떻게|얼마|몇\s?\S)[^.!?？]{0,16}[?？]\W*$",
    rf"(?:[인은는한던건운른쁜큰린된진란]가요|{ASKING}|까요|습니까|[입됩합옵갑립]니까|[은는인]지요){END}",
    rf"(?:[은는인을]지\s*(?:궁금|알고\s*싶|문의)|궁금|문의\s*(?:드|합)|알고\s*싶|(?:뭔|언젠|어딘)가요)\S*{END}",
    rf"어떻게\s*(?:하|되|해야|쓰|바꾸|확인)\S*{END}",
)
KOREAN_EFFECT = _any(
    # 이게 말이 됩니까?
    r"말이\s*(?:되|돼|됩)|말도\s*안|장난\s*(?:하|치|합|이|인)|제정신|뭐\s*하(?:는|자)|실화|어이|[이그저]따위|이래도",
    r"너무\s*(?:한|하)\S*\s*(?:아닌|아니|않)|왜\s*(?:이\s*(?:렇|래|러|모양|따|럽)|맨날|자꾸|매번|항상|계속)|도대체|대체",
    r"이럴\s*거면|누가\s*(?:사|쓰|믿|시|이|하)|누가[^.!?？]{0,12}겠|이런\s*식이?(?:면|라면)|몇\s*번(?:째|을|이나)|양심|사기|호구|보상은|보상\s*(?:언제|안|없)|책임(?:은|지)|어쩌라|어쩌자|하긴\s*하|있긴|맞긴",
    r"하기는|알기나|생각\S?\s*있|무슨\s*생각|심보|배짱|이걸\s*돈|이게\s*(?:뭐|뭡|무슨|맞|말|정상|서비스|앱)|아까",
)
VERBS = "add|fix|make|bring|include|improve|provide|give|let|allow|consider|change|update|offer|keep|stop|support|open"
ENGLISH_WISH = _any(
    rf"\bplease\s+(?:do\s+|also\s+|just\s+)*(?:{VERBS}|put|show|enable|remove|extend|reduce|lower|send|create|return)\b",
    r"(?:\bwould|'d)\s+(?:really\s+|also\s+|absolutely\s+)*(?:like|love|prefer|appreciate)\b"
    r"(?!\s+to\s+(?:thank|commend|praise|compliment|recommend|say))",
    r"\b(?:would|might)\s+be\s+(?:so\s+|even\s+|really\s+|much\s+)*"
    r"(?:nice|great|better|helpful|good|useful|handy|perfect|awesome)(?:\s+(?:if|to|with|had)\b|\W*$)",
    r"\b(?:i|we)\s+(?:really\s+|just\s+|do\s+)*(?:wish|hope)\s+"
    r"(?!(?:i|we)\s+(?:had|hadn|never|did)|it\s+was|you\s+all|(?:for\s+)?the\s+last)",
    r"\b(?:i|we)\s+(?:really\s+|just\s+)*(?:want|need)\s+(?:more|to\s+see|an?\s+option|you)\b",
    r"\b(?:you|they)\s+(?:really\s+)?(?:should|ought\s+to)\s+(?:also\s+|really\s+)?"
    r"(?:have\s+an?|consider|add|offer|provide|improve|fix)\b",
    r"\bthere\s+should\s+be\b|\bthey\s+need\s+to\s+(?:add|fix|change|improve|make|update)\b|\bsuggestion:",
    r"\b(?:it|app|font|site|page|menu|search)\s+needs\s+",
    r"\b(?:can|could|will|would)\s+you\s+(?:please|add|fix|make|bring)\b|\bhow\s+about\s+(?:adding|making)\b",
    r"(?:^|\.\s*)(?:hope|wish)\s+(?:you|they|there|for|to\s+see)\b",
)
ENGLISH_QUESTION = _any(
    r"(?:^|[.!]\s+)(?:how|what|when|where|which|who|can|could|will|is|are|do|does|did|may|anyone|any\s+idea)\b"
    r"[^?]*\?\W*$",
    r"(?:^|[.!]\s+)why\s+(?:was|were|is\s+(?:my|it)|did|does)\s[^?]*\?\W*$",
    r"^\W*(?:how\s+(?:do|does|can|long|much|many)\s+(?:i|you|it|a|the|does)|when\s+(?:will|is|do|does|can)"
    r"|where\s+(?:is|can|do|are)|can\s+(?:i|we)|(?:is|are)\s+there|do(?:es)?\s+(?:you|anyone)|anyone\s+knows?)\b[^.]*$",
)
ENGLISH_EFFECT = _any(
    r"are\s+you\s+(?:kidding|serious|joking)|seriously\s*\?|really\s*\?|what\s+(?:the|kind\s+of|a)\b|what\s+is\s+wrong",
    r"how\s+(?:hard|difficult|dare)|how\s+(?:can|could|is)\s+(?:this|you|they|it|that)\b|too\s+much\s+to\s+ask|\ba\s+joke",
    r"who\s+(?:thought|would|designed|in\s+their)|do\s+you\s+(?:even|people)",
    r"why\s+(?:on\s+earth|would|bother|even|can'?t\s+you|do\s+you\s+(?:keep|always|even))",
)
SENTENCE = re.compile(r"(?<=[.!?？\n])\s+")
LATIN_WORD = re.compile("[A-Za-z]{3}")


def kinds(texts: Sequence[str], polarity: np.ndarray) -> list[str]:
    """What each text is, one of KINDS or empty: who wants something wishes, whoever feels it is missing or not.

    A wish goes before a question and both go before the judgement; who asks without expecting an answer
    (말이 됩니까?) complains.
    """
    return [_kind(text, said) for text, said in zip(texts, polarity.tolist(), strict=True)]


def _kind(text: str, said: float) -> str:
    text = text[:LONGEST].strip()
    sentences = SENTENCE.split(text)
    last = text if len(sentences) <= FEW_SENTENCES else sentences[-1]
    asks = False
    if not last.isascii():
        if KOREAN_WISH.search(last) and not (said > -UNDECIDED and KOREAN_THANKS.search(last)):
            return "wish"
        asks = KOREAN_QUESTION.search(last) is not None
        if asks and KOREAN_EFFECT.search(last):
            return "complaint"
    if LATIN_WORD.search(last):
        lower = last.lower()
        if ENGLISH_WISH.search(lower):
            return "wish"
        if ENGLISH_QUESTION.search(lower):
            asks = True
            if ENGLISH_EFFECT.search(lower):
                return "complaint"
    if asks and (len(sentences) == 1 or abs(said) < TELLING):
        return "question"
    return "" if abs(said) < UNDECIDED else "praise" if said > 0 else "complaint"
