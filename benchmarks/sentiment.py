"""How well texts are judged and told apart: NSMC and Skytrax by time, and sentences of other fields.

    python -m cx bench sentiment --real DIR [--write] [--without skytrax]

`DIR` holds `nsmc/raw/*.json` (300 films) and `skytrax_reviews/*.csv`. Of each, the model learns from the earlier four
fifths and is asked about the later fifth; ratings up to 4 and from 8 of 10 (NSMC) and `recommended` (Skytrax) are the
labels. A second table asks the weights that are shipped about sentences that no model learnt from: those of
`labelled/opinions.tsv` and the demo company's own. `--write` learns from everything and writes the shipped weights.
"""

import argparse
import csv
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags

from cx import demo, sentiment

LABELLED = Path(__file__).with_name("labelled")
EARLIER = 0.8
SMOOTHING = 0.3
"""How strongly weights are kept small."""
STEPS = 80
"""So many steps are enough: more of them change no figure."""
PRIOR = 0.1
"""Of each piece so much is taken to have been seen in good and in bad texts alike."""
PHRASE = 5.0
"""How much a phrase of labelled/phrases.tsv counts beside a review."""
STRETCH = 4.0
"""Learnt weights are so much steeper than polarity, which should tell degrees apart rather than always say ±1."""
SLANG = ("slang", "slang_unseen", "store_unseen")
"""Sentences of short reviews: those that phrases and rules were mended by, and those written afterwards."""
DENIALS = tuple("지 않아요|지 않네요|지 않습니다|지않아요|지않네요|지않음|지 않고|지는 않아요|지도 않아요".split("|"))


@dataclass(frozen=True)
class Rated:
    """Texts with what they judge (1 good, -1 bad) and their day."""

    name: str
    texts: list[str]
    labels: np.ndarray
    days: list[date]

    def split(self) -> tuple["Rated", "Rated"]:
        """The earlier and the later texts; those of one day stay together."""
        order = sorted(range(len(self.days)), key=lambda place: self.days[place])
        border = self.days[order[int(len(order) * EARLIER)]]
        return self._only([day < border for day in self.days]), self._only([day >= border for day in self.days])

    def _only(self, chosen: Sequence[bool]) -> "Rated":
        kept = [place for place, one in enumerate(chosen) if one]
        texts, days = [self.texts[place] for place in kept], [self.days[place] for place in kept]
        return Rated(self.name, texts, self.labels[kept], days)


def nsmc(folder: Path) -> Rated:
    """The Korean film reviews whose rating says something."""
    texts, labels, days = [], [], []
    for file in sorted((folder / "nsmc" / "raw").glob("*.json")):
        for row in json.loads(file.read_text(encoding="utf-8")):
            rating = int(row["rating"])
            if rating <= 4 or rating >= 8:
                year, month, day = map(int, row["date"].split("."))
                texts.append(row["review"])
                labels.append(1 if rating >= 8 else -1)
                days.append(date(2000 + year, month, day))
    return Rated("NSMC", texts, np.array(labels), days)


def skytrax(folder: Path) -> Rated:
    """The English reviews of lounges and seats."""
    texts, labels, days = [], [], []
    for file in sorted((folder / "skytrax_reviews").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                day = date.fromisoformat(row["date"])
                if row["recommended"] in ("0", "1") and day.year > 1970 and row["content"].strip():
                    texts.append(row["content"])
                    labels.append(1 if row["recommended"] == "1" else -1)
                    days.append(day)
    return Rated("Skytrax", texts, np.array(labels), days)


def rows(name: str) -> Iterator[list[str]]:
    """The rows of a labelled file, without its head."""
    for line in (LABELLED / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def phrases() -> tuple[list[str], np.ndarray]:
    """The phrases of other fields than films and flights, Korean stems with their denials.

    What says nothing is learnt as good and as bad.
    """
    texts, labels = [], []
    for _, sign, forms in rows("phrases"):
        label = 1 if sign == "+" else -1
        for form in forms.split("|"):
            if sign == "0":
                texts += [form, form]
                labels += [1, -1]
            elif form.endswith("-"):
                texts += [form[:-1] + denial for denial in DENIALS]
                labels += [-label] * len(DENIALS)
            else:
                texts.append(form)
                labels.append(label)
    return texts, np.array(labels)


def learn(texts: Sequence[str], labels: np.ndarray, importance: np.ndarray) -> np.ndarray:
    """Weights of all pieces: logistic regression over pieces that count as much as they alone tell good from bad
    (Wang and Manning's naive Bayes features), small weights preferred."""
    of, buckets, values = (np.concatenate(parts) for parts in zip(*sentiment.features(texts), strict=True))
    pieces = csr_matrix((values, (of, buckets)), shape=(len(texts), 1 << sentiment.BITS), dtype=np.float64)
    pieces.sum_duplicates()
    known = [np.maximum((labels == one) * importance @ pieces, 0) + PRIOR for one in (-1, 1)]
    telling = np.abs(np.log(known[0] / known[0].sum()) - np.log(known[1] / known[1].sum()))
    pieces = csr_matrix(pieces @ diags(telling))
    turned = csr_matrix(pieces.T)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        margins = labels * (pieces @ weights)
        slopes = -labels * importance / (1 + np.exp(np.clip(margins, -50, 50)))
        total = float((importance * np.logaddexp(0, -margins)).sum() + SMOOTHING / 2 * weights @ weights)
        return total, turned @ slopes + SMOOTHING * weights

    found = minimize(loss, np.zeros(1 << sentiment.BITS), jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    weights: np.ndarray = found.x * telling
    return weights


def balanced(labels: np.ndarray) -> np.ndarray:
    """Importance by which both classes weigh the same: what most reviewers say must not decide unclear texts."""
    counts = {label: (labels == label).sum() for label in (-1, 1)}
    return np.array([len(labels) / 2 / counts[label] for label in labels])


def taught(corpora: Sequence[Rated], *, with_phrases: bool = True) -> np.ndarray:
    """Weights learnt from some rated texts and the phrases."""
    texts = [text for corpus in corpora for text in corpus.texts]
    labels = [corpus.labels for corpus in corpora]
    importance = [balanced(corpus.labels) for corpus in corpora]
    if with_phrases:
        own, signs = phrases()
        texts += own
        labels.append(signs)
        importance.append(PHRASE * balanced(signs))
    return learn(texts, np.concatenate(labels), np.concatenate(importance))


def write(weights: np.ndarray, file: Path) -> None:
    """Write weights as one byte each, with their scale before them."""
    shrunk = weights / STRETCH
    scale = np.float32(np.percentile(np.abs(shrunk[shrunk != 0]), 99.9) / 127)
    bytes_ = np.clip(np.rint(shrunk / scale), -127, 127).astype(np.int8)
    np.save(file, np.concatenate((np.array([scale], np.float32).view(np.int8), bytes_)))


@contextmanager
def using(weights: np.ndarray | None) -> Iterator[None]:
    """Let `cx.sentiment` judge by other weights than the shipped ones."""
    shipped = sentiment.weights
    if weights is not None:
        held = (weights / STRETCH).astype(np.float32)
        sentiment.weights = lambda: held  # type: ignore[assignment]
    try:
        yield
    finally:
        sentiment.weights = shipped


def quality(name: str, labels: np.ndarray, found: np.ndarray, classes: Sequence[int] = (-1, 1)) -> None:
    """Print accuracy, precision and recall of each class, and what always saying the most frequent class gets."""
    majority = max((labels == one).mean() for one in classes)
    right = np.mean([(found[labels == one] == one).mean() for one in classes])
    line = f"{name:34} n {len(labels):6,}  accuracy {(found == labels).mean():6.1%}  majority {majority:6.1%}"
    line += f"  mean recall {right:6.1%}"
    for one in classes:
        said, true = found == one, labels == one
        both = (said & true).sum()
        line += f"  {one:+d}: p {both / max(said.sum(), 1):6.1%} r {both / max(true.sum(), 1):6.1%} ({true.sum():,})"
    print(line)


def opinions(name: str = "opinions") -> list[tuple[str, str, str, str, str]]:
    """The sentences nobody learnt from: language, field, judgement, kind, text."""
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows(name)]


def demo_sentences() -> tuple[list[str], list[str], np.ndarray]:
    """Language, text and judgement of the demo company's comments."""
    found: list[tuple[str, str, int]] = []
    for language, said, sentences in re.findall(r"^(ko|en) \S+ ([+-]) (.*)$", demo.PHRASES, re.MULTILINE):
        found += [(language, sentence, 1 if said == "+" else -1) for sentence in sentences.split("|")]
    languages, texts, labels = zip(*found, strict=True)
    return list(languages), list(texts), np.array(labels)


def told_apart(sentences: Sequence[tuple[str, str, str, str, str]]) -> None:
    """Print the precision and recall of each kind."""
    texts = [text for *_, text in sentences]
    found = sentiment.kinds(texts, sentiment.polarity(texts))
    for language in ("ko", "en"):
        mine = [(said, true[3]) for said, true in zip(found, sentences, strict=True) if true[0] == language]
        if not mine:
            continue
        line = f"kinds, {language}: n {len(mine)}"
        for kind in sentiment.KINDS:
            said = sum(one == kind for one, _ in mine)
            true = sum(one == kind for _, one in mine)
            both = sum(one == kind == other for one, other in mine)
            line += f"  {kind} p {both / max(said, 1):.1%} r {both / max(true, 1):.1%} ({true})"
        print(line)


def speed(name: str, texts: Sequence[str], work: Callable[[Sequence[str]], object]) -> None:
    """Print how many texts a second are worked on."""
    many = (list(texts) * (40_000 // len(texts) + 1))[:40_000]
    work(many[:100])
    started = time.perf_counter()
    work(many)
    seconds = time.perf_counter() - started
    print(f"{name}: {len(many) / seconds:,.0f} texts/s ({sum(map(len, many)) / len(many):.0f} signs each)")


def shipped() -> None:
    """What the shipped weights make of sentences that nothing was learnt from."""
    sentences = opinions()
    signs = {"+": 1, "-": -1, "0": 0}
    for language in ("ko", "en"):
        for field in ("", "shopping", "delivery", "brokerage"):
            mine = [row for row in sentences if row[0] == language and row[2] in signs and row[1].startswith(field)]
            labels = np.array([signs[row[2]] for row in mine])
            found = sentiment.polarity([row[4] for row in mine])
            clear = labels != 0
            quality(f"{language} {field or 'all'}, good or bad", labels[clear], np.where(found[clear] < 0, -1, 1))
            if not field:
                quality(f"{language} {field or 'all'}, or neither", labels, sentiment.judged(found), (-1, 0, 1))
    for name in SLANG:
        short = [row for row in opinions(name) if row[2] in "+-"]
        labels = np.array([signs[row[2]] for row in short])
        quality(f"ko {name}", labels, np.where(sentiment.polarity([row[4] for row in short]) < 0, -1, 1))
    languages, texts, labels = demo_sentences()
    found = np.where(sentiment.polarity(texts) < 0, -1, 1)
    for language in ("ko", "en"):
        mine = np.array([one == language for one in languages])
        quality(f"{language} demo company", labels[mine], found[mine])
    told_apart(sentences)
    for name in SLANG:
        print(f"{name}:")
        told_apart(opinions(name))
    speed("polarity", [row[4] for row in sentences], sentiment.polarity)
    texts = [row[4] for row in sentences]
    speed("kinds", texts, lambda many: sentiment.kinds(many, np.zeros(len(many))))


def _borders(earlier: Sequence[Rated]) -> dict[str, float]:
    """Where bad ends so that most is called rightly, told by the last fifth of the earlier texts alone."""
    halves = [corpus.split() for corpus in earlier]
    found = {}
    with using(taught([before for before, _ in halves])):
        for _, after in halves:
            said = sentiment.polarity(after.texts)
            tried = np.quantile(said, np.linspace(0, 0.6, 121))
            right = [(np.where(said < border, -1, 1) == after.labels).mean() for border in tried]
            found[after.name] = float(tried[int(np.argmax(right))])
    return found


def main() -> None:
    """Print both tables, or write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--real", type=Path, help="the folder of NSMC and Skytrax; without it, only the shipped weights"
    )
    parser.add_argument("--write", action="store_true", help="learn from everything and write the shipped weights")
    parser.add_argument("--without", choices=("nsmc", "skytrax"), help="leave one of them out")
    options = parser.parse_args()
    readers = [read for read in (nsmc, skytrax) if read.__name__ != options.without]
    corpora = [read(options.real) for read in readers] if options.real else []
    if options.write:
        write(taught(corpora), sentiment.FILE)
        sentiment.weights.cache_clear()
        shipped()
        return
    if corpora:
        halves = [corpus.split() for corpus in corpora]
        borders = _borders([earlier for earlier, _ in halves])
        started = time.perf_counter()
        weights = taught([earlier for earlier, _ in halves])
        print(f"learnt in {time.perf_counter() - started:.0f} s")
        with using(weights):
            for earlier, later in halves:
                said = sentiment.polarity(later.texts)
                name = f"{later.name} {min(later.days)}–{max(later.days)}"
                print(f"{name}: learnt from {len(earlier.texts):,} before that")
                quality(f"{later.name}, bad below 0", later.labels, np.where(said < 0, -1, 1))
                # Where nearly all is good, a text must be worse to be called bad: as many as were bad before.
                border = np.quantile(said, (earlier.labels < 0).mean())
                quality(f"{later.name}, bad as often as before", later.labels, np.where(said < border, -1, 1))
                border = borders[later.name]
                quality(f"{later.name}, bad below {border:+.2f}", later.labels, np.where(said < border, -1, 1))
    shipped()


if __name__ == "__main__":
    main()
