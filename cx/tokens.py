"""Tokens: a text as clauses of stems, so that 배송이, 배송은 and 배송을 are one word.

Korean is taken apart by Kiwi, English by Snowball's stemmer; both are optional. Without Kiwi a Korean word only loses
the particle at its end, without Snowball an English one keeps its ending. A clause is what one judgement is about: it
ends with a sentence, and where a connective ending (좋은데, 빠르고) or a conjunction (but, although) turns elsewhere.
"""

import html
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from importlib import metadata
from threading import Lock
from typing import Any

from cx.masking import MARKS

Clause = tuple[tuple[str, ...], str]
"""The stems of a clause, and its text."""

RULES = "6"
"""Changes whenever the same text would come out otherwise."""
MOST_SIGNS = 3_000
"""So much of a text is looked at: what a customer means is said by then."""
SHORT = 40
"""Texts of so many signs are remembered as they were taken apart."""
MOST_SHORT = 20_000
"""So many of them are kept at most before all are forgotten."""
LONGEST_WORD = 40
MOST_CLAUSES = 200
_LOADING = Lock()
REMEMBERED = 200_000
"""English stems kept in memory."""

INVISIBLE = re.compile("[\u0000-\u0008\u000e-\u001f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
WRITTEN_OUT = re.compile(r"\\u20(?:2[a-e]|6[6-9])")
"""Signs that turn the direction of writing, as publishing writes them out."""
LINE_BREAK = re.compile(r"</?(?:br|div|h[1-6]|hr|li|ol|p|table|td|tr|ul)\b[^<>]{0,200}>", re.IGNORECASE)
NO_WORD = re.compile(r"</?(?:a|b|em|font|i|img|span|strong|u)\b[^<>]{0,200}>|(?:https?://|www\.)\S+", re.IGNORECASE)
"""What pages that reviews were taken from leave in them, and addresses: none of it is a customer's word."""
MASKED = re.compile("|".join(map(re.escape, MARKS.values())))
"""What stands in place of personal data is no customer's word either."""
REPEATED = re.compile(r"(.)\1{3,}", re.DOTALL)
ENDLESS = re.compile(r"(\S{60})(?=\S)")
HANGUL = re.compile("[가-힣]")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[a-z]+\d[\w]*", re.IGNORECASE)
LATIN = re.compile(r"[a-z]", re.IGNORECASE)
SENTENCE = re.compile(
    r"[.!?;…\n]+|,\s|\s(?=(?:but|however|although|though|yet|whereas|except|despite)\b)|(?<=다)\s|(?<=요)\s",
    re.IGNORECASE,
)
PARTICLE = re.compile(
    "(?<=[가-힣]{2})(?:에서는|에서|에게|으로|부터|까지|처럼|보다|이랑|은|는|이|가|을|를|에|의|도|로|과|와|만)$"
)

NAMED = frozenset(("NNG", "NNP", "XR", "SL", "SH", "W_HASHTAG"))
TURNS = ("데", "지만", "으나", "며", "더니", "거니와", "ᆯ뿐더러")
"""Connective endings after which something else is judged; causes (늦어서, 느리니까) belong to what follows."""

STOP = frozenset(
    """
    a an the and or of to in on at by for from with as is am are was were be been being it its it's this that these
    those i i'm i've me my mine we our us you your he his him she her they their them there here do does did doing have
    has had having will would shall should can could may might must so than then too very just also about into over
    after before which who whom what when where how if because while during each any some such only own same s t
    """.split()
)

OTHERS = frozenset(
    """
    le la les des une et est très trop pas avec pour dans sur je j'ai vous nous mais aux du qui que était ils elle c'est
    bien merci ne el los las una muy con para pero por del mi se está todo gracias más buena bueno lo der das und ist
    sehr nicht mit ein eine zu auf für wir ich es zum im bei alles gut aber auch den dem keine il che è molto per non
    sono della di anche più gli o os muito não com uma em é da na het een niet van voor zijn
    """.split()
)
"""Small words of French, Spanish, German, Italian, Portuguese and Dutch."""
ENGLISH = STOP | frozenset("good great bad nice love best not no never very more well app all".split())
ACCENTED = re.compile("[àâäçèéêëìîïñòóôöùúûüÿßãõ¿¡]", re.IGNORECASE)
OTHER_SCRIPT = re.compile("[\u3040-\u30ff\u4e00-\u9fff\u0400-\u04ff\u0600-\u06ff\u0e00-\u0e7f]")


def other_language(text: str) -> bool:
    """Whether a text is probably written in a language other than Korean and English, which nothing here reads."""
    text = text[:MOST_SIGNS]
    if HANGUL.search(text):
        return False
    if len(OTHER_SCRIPT.findall(text)) > 3:
        return True
    words = [word.lower().replace("’", "'") for word in WORD.findall(text)]
    foreign = sum(word in OTHERS for word in words) + (ACCENTED.search(text) is not None)
    return foreign > sum(word in ENGLISH for word in words)


class Tokeniser:
    """Takes texts apart. The Korean model is loaded when the first Korean text comes, and takes half a gigabyte."""

    def __init__(self) -> None:
        kiwi, snowball = _installed("kiwipiepy"), _installed("snowballstemmer")
        self.korean = bool(kiwi)
        """Whether Korean words are taken apart, or only lose the particle at their end."""
        self.version = f"{RULES}:{kiwi or 'plain'}:{snowball or 'plain'}"
        self._stem: Callable[[str], str] | None = None
        self._stems: dict[str, str] = {}
        self._short: dict[str, list[Clause]] = {}
        """Short texts as they were taken apart: many people write the same few words, month after month."""

    def clauses(self, texts: Iterable[str]) -> Iterator[list[Clause]]:
        """Take each text apart, in order; a text of no words has no clauses."""
        if len(self._short) > MOST_SHORT:
            self._short = {}
        looked_at = [_looked_at(text) for text in texts]
        known = self._short
        different = [text for text in dict.fromkeys(looked_at) if text not in known]
        hangul = {text for text in different if self.korean and HANGUL.search(text)}
        analysed = self._analysed([text for text in different if text in hangul])
        found = {
            text: self._korean(next(analysed), text) if text in hangul else self._plain(text) for text in different
        }
        known.update((text, clauses) for text, clauses in found.items() if len(text) <= SHORT)
        for text in looked_at:
            yield found[text] if text in found else known[text]

    def stems(self, texts: Iterable[str]) -> list[tuple[str, ...]]:
        """The stems of each word or phrase."""
        return [tuple(stem for words, _ in clauses for stem in words) for clauses in self.clauses(texts)]

    def _analysed(self, texts: Sequence[str]) -> Iterator[Any]:
        if not texts:
            return iter(())
        kiwi = _kiwi()
        # Several texts are spread over the workers, which takes longer than one text alone.
        return iter(kiwi.tokenize(iter(texts)) if len(texts) > 1 else [kiwi.tokenize(texts[0])])

    def _korean(self, tokens: Sequence[Any], text: str) -> list[Clause]:
        found: list[Clause] = []
        words: list[str] = []
        start = end = 0
        prefix = ""
        named_until = -1
        before = ""
        for place, token in enumerate(tokens):
            form, tag = token.form, token.tag
            begin = token.start
            if begin > end and words and "\n" in text[end:begin]:
                found.append((tuple(words), text[start:end].strip()))
                words, start = [], begin
            end = max(end, begin + token.len)
            ends = False
            if tag in NAMED:
                word = self._english(form) if tag == "SL" else form
                if prefix:
                    word, prefix = prefix + word, ""
                if len(form) == 1 and tag[0] == "N" and begin == named_until and words:
                    words[-1] += form
                elif word:
                    words.append(word[:LONGEST_WORD])
                named_until = end
            elif tag[:2] in ("VV", "VA"):
                words.append(form + "다")
            elif tag == "MAG":
                words.append(form)
            elif tag == "XPN":
                prefix = form
            elif tag in ("EF", "SF"):
                ends = True
            elif tag == "EC":
                following = tokens[place + 1].tag if place + 1 < len(tokens) else ""
                ends = following[:2] != "VX" and (form == "고" or form.endswith(TURNS))
            elif tag == "NNB":
                # 좋은데 may be read as 좋은 and the noun 데.
                ends = form == "데" and before == "ETM"
            before = tag
            if ends and words:
                found.append((tuple(words), text[start:end].strip()))
                words, start = [], end
        if words:
            found.append((tuple(words), text[start:end].strip()))
        return found[:MOST_CLAUSES]

    def _plain(self, text: str) -> list[Clause]:
        found: list[Clause] = []
        for piece in SENTENCE.split(text):
            words = [
                stem
                for word in WORD.findall(piece)
                if (stem := self._english(word) if LATIN.match(word) else PARTICLE.sub("", word)[:LONGEST_WORD])
            ]
            if words:
                found.append((tuple(words), piece.strip()))
        return found[:MOST_CLAUSES]

    def _english(self, word: str) -> str:
        """The stem of an English word; nothing for one that only joins others."""
        known = self._stems.get(word)
        if known is not None:
            return known
        plain = word.lower().replace("’", "'")[:LONGEST_WORD]
        stem = "" if plain in STOP else self._stemmer(plain)
        if len(self._stems) < REMEMBERED:
            self._stems[word] = stem
        return stem

    @property
    def _stemmer(self) -> Callable[[str], str]:
        if self._stem is None:
            self._stem = _unstemmed
            if not self.version.endswith("plain"):
                import snowballstemmer

                self._stem = snowballstemmer.stemmer("english").stemWord
        return self._stem


SOUGHT = re.compile(r"[^\W_]|(?<=\d)\.(?=\d)")
"""Signs of a word that is looked for; a point between digits is a version's."""
DONE = re.compile("(?<=[가-힣]{2})(?:하|해|했|합|함|한|할|되|돼|됐|됩|됨|된|될)[가-힣]*$")
"""Forms of 하다 and 되다 behind a noun, which is the stem: 친절하네요, 유출됐대요."""

DENIED = re.compile("[안못](?=[되돼됐됨됩된와왔옴해했함합])")
"""What denies a verb that is often written onto it."""


def sought(text: str) -> tuple[str, ...]:
    """What a reader looks for, word by word: the stems that each may stand for, separated by `|`.

    The web process has no Korean model: particles are cut off by rule, and of a verb's form the likeliest dictionary
    forms are made, which is enough to find a stem that is there.
    """
    tokeniser = Tokeniser()
    found = []
    for word in text[:200].split():
        signs = "".join(SOUGHT.findall(word.lower()))
        if not signs:
            continue
        said = signs
        if denial := DENIED.match(signs):
            # 안돼요 is two words, however it is written.
            found.append(f"{denial[0]}|{signs}")
            said = signs[denial.end() :]
        stems = [tokeniser._english(said) if LATIN.match(said) else PARTICLE.sub("", said)]
        if HANGUL.match(said):
            stems += [f"{stem}다" for stem in _dictionary_forms(said)]
            stems += [noun for noun in [DONE.sub("", said)] if noun != said]
        # The word as it was written comes last: it is looked for in the text itself.
        found.append("|".join([*dict.fromkeys(filter(None, stems)), signs]))
    return tuple(found)


ENDINGS = (
    *(
        "요",
        "어요",
        "아요",
        "여요",
        "네요",
        "는데요",
        "은데요",
        "는데",
        "은데",
        "지만",
        "고",
        "서",
        "어서",
        "아서",
        "면",
        "으면",
    ),
    *(
        "습니다",
        "니다",
        "어",
        "아",
        "었어요",
        "았어요",
        "어",
        "았다",
        "었다",
        "다",
        "음",
        "기",
        "던",
        "는",
        "은",
        "지",
        "게",
        "자",
    ),
)
FINALS = (20, 17, 4, 16, 8)
"""Final consonants that belong to an ending: ㅆ, ㅂ, ㄴ, ㅁ, ㄹ."""
CONTRACTED = {6: 20, 14: 13, 9: 8, 1: 0, 4: 18, 0: 18, 10: 11}
"""Vowels that hold an ending (ㅕ, ㅝ, ㅘ, ㅐ, ㅓ, ㅏ, ㅙ) with those of the stem (ㅣ, ㅜ, ㅗ, ㅏ, ㅡ, ㅡ, ㅚ)."""
NOMINAL = 16
"""The final consonant ㅁ, which makes a noun of a stem: 느림, 비쌈."""


def _dictionary_forms(word: str) -> list[str]:
    """Stems whose form a Korean word may be: 느려요 is 느리다, 늦었어요 is 늦다, 느림 is 느리다."""
    found = []
    last = ord(word[-1]) - 0xAC00
    if 0 <= last < 11_172 and last % 28 == NOMINAL:
        found.append(word[:-1] + chr(0xAC00 + last - NOMINAL))
    for ending in ENDINGS:
        stem = word.removesuffix(ending)
        code = ord(stem[-1]) - 0xAC00 if stem and stem != word else -1
        if not 0 <= code < 11_172:
            continue
        found.append(stem)
        vowel, final = code // 28 % 21, code % 28
        if final in FINALS:
            found.append(stem[:-1] + chr(0xAC00 + code - final))
        if vowel in CONTRACTED and final in (0, *FINALS):
            found.append(stem[:-1] + chr(0xAC00 + code - final + (CONTRACTED[vowel] - vowel) * 28))
        found += _irregular(stem, code - final)
    return list(dict.fromkeys(found))


def _irregular(stem: str, last: int) -> list[str]:
    """Stems that change before a vowel: 빨라 is 빠르, 어려워 is 어렵; `last` is the last syllable without its final."""
    if len(stem) < 2 or not 0 <= (before := ord(stem[-2]) - 0xAC00) < 11_172:
        return []
    sign, final = chr(0xAC00 + last), before % 28
    if sign in "라러" and final == FINALS[-1]:
        return [stem[:-2] + chr(0xAC00 + before - final) + "르"]
    if sign in "워와" and not final:
        return [stem[:-2] + chr(0xAC00 + before + FINALS[1])]
    return []


def load_ahead() -> None:
    """Load the Korean model, where there is one, before the first text comes."""
    if _installed("kiwipiepy"):
        # What it leaves for its first text is half of its start.
        _kiwi().tokenize("글")


def _kiwi() -> Any:
    """The Korean model: loaded once, when the first Korean text comes."""
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> Any:
    from kiwipiepy import Kiwi

    # Names of several words, most of them of works and places, take two of the four seconds that it needs to start.
    return Kiwi(num_workers=max(2, os.cpu_count() or 2), load_multi_dict=False)


def _unstemmed(word: str) -> str:
    return word


def _looked_at(text: str) -> str:
    """What is read of a text: no signs that nobody sees, no markup, nothing endless."""
    seen = text[: 4 * MOST_SIGNS]
    # First of all, since what is written as &#8203; is such a sign as well.
    seen = html.unescape(seen) if "&" in seen else seen
    seen = WRITTEN_OUT.sub("", INVISIBLE.sub("", seen))
    seen = MASKED.sub(" ", NO_WORD.sub("", LINE_BREAK.sub("\n", seen)))
    seen = REPEATED.sub(r"\1\1\1", seen)[:MOST_SIGNS]
    return ENDLESS.sub(r"\1 ", seen)


@cache
def _installed(package: str) -> str:
    """The installed version of a package, or an empty text."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
