"""Themes: what texts are about, as files that an analyst edits, and which clauses carry which.

`queries/themes/NAME.yaml` (and a company's own, on top) names words and phrases in any form, in Korean and English:
they are taken apart like the texts, so that 배송 finds 배송이 and deliver finds delivered. A clause that holds one of
the exclusions does not carry the theme.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cx import errors
from cx.errors import CxError, QueryFileError, marked, nearest
from cx.header import Header, Words, shown
from cx.reference import THEME_KEYS
from cx.tokens import HANGUL, Tokeniser

FOLDER = "themes"
GAP = 2
"""So many words may stand between two words of a phrase."""
COMPOUND = 3
"""Up to so many words that follow each other may be one word of a file: 고객 센터 and 고객센터."""

LONGEST_NAME = 4
"""A brand's name may be so many stems."""
NAMED = "\x00"
"""Stands for a brand's name, so that the words around it do not become one."""

WEAK = 0.1
"""A clause that is no clearer than this says nothing of what it is about: what follows it, or the whole text, does."""


@dataclass(frozen=True)
class Sentence:
    """A sentence of a file's tests, and whether it carries the theme."""

    text: str
    carries: bool


@dataclass(frozen=True)
class Theme:
    """One checked theme file."""

    name: str
    file: str
    label: Words
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    tests: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Themes:
    """The working theme files by name, and what is wrong with the others."""

    working: tuple[Theme, ...]
    problems: dict[str, CxError] = field(default_factory=dict)


def files(folders: Iterable[Path]) -> dict[str, Path]:
    """The theme files by name, later folders on top."""
    return {path.stem: path for folder in folders for path in sorted((folder / FOLDER).glob("*.yaml"))}


def misnamed(folders: Iterable[Path]) -> dict[str, Path]:
    """Files that are meant as themes and not read, by the names that they have: `NAME.yml` instead of `NAME.yaml`."""
    found = (path for folder in folders for path in sorted((folder / FOLDER).glob("*.*")))
    return {path.name: path for path in found if path.suffix.lower() in (".yaml", ".yml") and path.suffix != ".yaml"}


def digest(folders: Iterable[Path]) -> str:
    """A digest of all theme files as they are."""
    seen = hashlib.sha256()
    for name, path in sorted(files(folders).items()):
        try:
            seen.update(name.encode() + b"\x00" + path.read_bytes() + b"\x00")
        except OSError:
            continue
    return seen.hexdigest()[:10]


def load(folders: Sequence[Path]) -> Themes:
    """Read and check all theme files; a broken one harms no other."""
    working: list[Theme] = []
    problems: dict[str, CxError] = {}
    for name, path in misnamed(folders).items():
        problems[name] = errors.misnamed(_shown(path, folders), f"{path.stem}.yaml")
    for name, path in sorted(files(folders).items()):
        file, text = _shown(path, folders), ""
        try:
            text = path.read_text(encoding="utf-8-sig")
            working.append(theme(name, text, file))
        except CxError as error:
            problems[name] = marked(error, text)
        except (OSError, UnicodeDecodeError) as error:
            problems[name] = errors.unreadable(error, file)
    return Themes(tuple(working), problems)


def _shown(path: Path, folders: Iterable[Path]) -> str:
    """A file's path as people see it: from `queries/` on."""
    return next(f"{folder.name}/{path.relative_to(folder).as_posix()}" for folder in folders if folder in path.parents)


def theme(name: str, text: str, file: str) -> Theme:
    """Check one theme file."""
    header = Header(text, file, THEME_KEYS, yaml_file=True)
    header.required("label")
    found = Theme(
        name=name,
        file=file,
        label=header.words("label"),
        words=header.names("words"),
        phrases=header.names("phrases"),
        exclusions=header.names("exclusions"),
        tests=_sentences(header),
    )
    if not found.words and not found.phrases:
        raise header.wrong("words", "The theme has neither words nor phrases.", "Write `words: [배송, delivery]`.")
    for key in ("words", "phrases", "exclusions"):
        given: Sequence[str] = getattr(found, key)
        twice = next((word for place, word in enumerate(given) if word in given[:place]), "")
        if twice:
            raise header.wrong(key, f"“{twice}” stands twice under {key}.", "Remove one of them.")
    return found


def _sentences(header: Header) -> tuple[Sentence, ...]:
    raw = header.values.get("tests", [])
    found = []
    for test in raw if isinstance(raw, list) else [raw]:
        if not isinstance(test, dict) or set(test) != {"text", "carries"} or not isinstance(test["text"], str):
            hint = 'Write `- {text: "배송이 늦어요", carries: true}`.'
            raise header.wrong("tests", f"{shown(test)} is no sentence to test with.", hint)
        if test["carries"] not in ("true", "false"):
            raise header.wrong(
                "carries", f"“carries” is “{test['carries']}”.", nearest(test["carries"], ("true", "false"))
            )
        found.append(Sentence(test["text"], test["carries"] == "true"))
    return tuple(found)


class Matcher:
    """Tells which themes a clause carries."""

    def __init__(self, themes: Sequence[Theme], tokeniser: Tokeniser, names: Iterable[str] = ()) -> None:
        self.themes = themes
        self.tokeniser = tokeniser
        self.names = {key for name in names for key in _run_together(name, tokeniser)}
        """Names of brands: what stands in one (배달세상, Delivery Hero) is no word about a theme."""
        self.initials = {name[0] for name in self.names}
        self.words: dict[str, set[str]] = {}
        self.phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self.no_words: dict[str, set[str]] = {}
        self.no_phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self.useless: dict[str, set[str]] = {}
        """Per theme, the words and phrases of which too little is left to find anything by."""
        given = [(text, one.name, True) for one in themes for text in (*one.words, *one.phrases)]
        given += [(text, one.name, False) for one in themes for text in one.exclusions]
        for (text, name, wanted), stems in zip(given, tokeniser.stems(text for text, _, _ in given), strict=True):
            several = len(text.split()) > 1
            if len(stems) < 1 + several:
                self.useless.setdefault(name, set()).add(text)
                continue
            keys = {"".join(stems)}
            if not several:
                written = text.strip().lower()
                keys = {written} if _misread(written, stems) else {"".join(stems), written}
            for key in keys if len(stems) <= COMPOUND else ():
                (self.words if wanted else self.no_words).setdefault(key, set()).add(name)
            if several:
                (self.phrases if wanted else self.no_phrases).setdefault(stems[0], []).append((stems, name))
        self.first = {*self.phrases, *self.no_phrases}

    def carried(self, words: Sequence[str]) -> set[str]:
        """The themes of a clause of these stems."""
        found: set[str] = set()
        excluded: set[str] = set()
        known, unwanted = self.words, self.no_words
        if self.names:
            words = self._without_names(words)
        for place, word in enumerate(words):
            key = word
            for following in (*words[place + 1 : place + COMPOUND], None):
                if key in known:
                    found |= known[key]
                if key in unwanted:
                    excluded |= unwanted[key]
                if following is not None:
                    key += following
            if word in self.first:
                found |= _following(self.phrases.get(word, ()), words, place)
                excluded |= _following(self.no_phrases.get(word, ()), words, place)
        return found - excluded

    def _without_names(self, words: Sequence[str]) -> Sequence[str]:
        """The stems of a clause with nothing where a brand is named."""
        kept = list(words)
        for place, word in enumerate(words):
            if word[:1] not in self.initials or kept[place] == NAMED:
                continue
            for past in range(min(len(words), place + LONGEST_NAME), place, -1):
                if "".join(words[place:past]) in self.names:
                    kept[place:past] = [NAMED] * (past - place)
                    break
        return kept

    def mentions(self, clauses: Sequence[Sequence[str]], tones: Sequence[float]) -> dict[str, float | None]:
        """The themes of a text's clauses, each with the mean tone of those that carry it; None where they have none.

        A clause without a theme of its own that follows (배송은 받았는데 | 너무 늦었어요) speaks where the one that
        carries the theme says nothing.
        """
        carried = [self.carried(words) for words in clauses]
        heard: dict[str, list[float]] = {}
        for place, names in enumerate(carried):
            tone: float | None = tones[place]
            if abs(tones[place]) < WEAK:
                follows = place + 1 < len(carried) and not carried[place + 1]
                tone = tones[place + 1] if follows and abs(tones[place + 1]) >= WEAK else None
            for name in names:
                heard.setdefault(name, [])
                if tone is not None:
                    heard[name].append(tone)
        return {name: sum(found) / len(found) if found else None for name, found in heard.items()}


def _run_together(name: str, tokeniser: Tokeniser) -> set[str]:
    """A brand's name as its stems and as it is written, without blanks."""
    (stems,) = tokeniser.stems([name])
    return {"".join(stems), "".join(name.lower().split())} - {""}


def _misread(written: str, stems: Sequence[str]) -> bool:
    """Whether what was written is meant rather than its stems.

    A noun alone may be read as a verb (알림 as 알리다, 하자 as 하다), any word as less than it is (첫구매 as 구매, 집화
    as 집, 짱짱하다 as 하다).
    """
    if not HANGUL.search(written):
        return False
    length = sum(map(len, stems))
    if length < len(written) and (length == 1 or not written.startswith(stems[0])):
        return True
    return stems[-1].endswith("다") and not written.endswith("다")


def _following(phrases: Iterable[tuple[tuple[str, ...], str]], words: Sequence[str], place: int) -> set[str]:
    """The themes whose phrase begins here, its words in order and close to each other."""
    found = set()
    for stems, name in phrases:
        at = place
        for stem in stems[1:]:
            near = words[at + 1 : at + 2 + GAP]
            if stem not in near:
                break
            at += 1 + list(near).index(stem)
        else:
            found.add(name)
    return found


def failures(one: Theme, matcher: Matcher, text: str) -> list[CxError]:
    """Which sentences of a file's tests are not as it says; Korean ones need Kiwi."""
    found: list[CxError] = []
    lines = text.splitlines()
    for useless in sorted(matcher.useless.get(one.name, ())):
        line = next((number for number, written in enumerate(lines, 1) if useless in written), 1)
        (stems,) = matcher.tokeniser.stems([useless])
        left = f"only “{' '.join(stems)}” is left" if stems else "nothing is left"
        found.append(
            QueryFileError(
                f"Of “{useless}” {left} without the words that only join others, so it is not used.",
                "Write a word or phrase that says more, or remove it.",
                file=one.file,
                line=line,
            )
        )
    for sentence in one.tests:
        if HANGUL.search(sentence.text) and not matcher.tokeniser.korean:
            continue
        clauses = next(matcher.tokeniser.clauses([sentence.text]))
        if any(one.name in matcher.carried(words) for words, _ in clauses) == sentence.carries:
            continue
        line = next((number for number, written in enumerate(lines, 1) if sentence.text in written), 1)
        shown = " | ".join(" ".join(words) for words, _ in clauses)
        told = "does not carry" if sentence.carries else "carries"
        error = QueryFileError(
            f"“{sentence.text}” {told} {one.name}.",
            f"It is read as: {shown}. Add a word of it, or an exclusion.",
            file=one.file,
            line=line,
        )
        found.append(marked(error, text))
    return found


def told(themes: Themes) -> dict[str, Any]:
    """The labels of all themes, as the manifest keeps them."""
    return {one.name: dict(one.label) for one in themes.working}
