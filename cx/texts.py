"""Texts: what customers wrote, taken apart once, at publishing.

Every part of answers or reviews that holds texts gets a file of its own. Its table `comments` has a row per
text: what is known of its answer, its stems, its kind and its sentiment; its table `mentions` has the same rows once for
each theme that the text carries, with the sentiment of the clauses that carry it. Texts are only taken apart again when
they are new or the tokeniser is another; a changed theme file reads the stems that are kept.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cx import naming, sentiment, themes
from cx.catalog import Metric
from cx.cursors import AT_ONCE, Cursors
from cx.quoting import literal, quoted
from cx.rollups import durable
from cx.settings import Settings
from cx.snapshot import FORMAT, Part, Snapshot, Texts
from cx.tokens import HANGUL, Tokeniser, other_language

RULES = "4"
"""Changes whenever the same stems would make another file."""
TEXTS: Mapping[str, tuple[str, ...]] = {"responses": ("comment",), "reviews": ("title", "body")}
"""The tables that hold texts, and the columns that are them."""
LEFT_OUT = frozenset(
    "response_id responded_at experienced_at question comment review_id reviewed_at title body rating".split()
)
"""Columns of an answer or review that its comment has under another name, or not at all."""
OWN = frozenset(
    "row comment_id origin own metric score weight w x kind sentiment tone tones breaks words text theme "
    "names_other_brand".split()
)
"""Columns that every comment has: a segment of the same name gives way."""
NEITHER = 0.25
"""The shipped questions take a theme's sentiment nearer to zero than this for neither complaint nor praise."""
BATCH = 20_000
"""So many texts are in memory at a time."""
LOOKED_AT = 2_000
"""So many texts are looked into for the language of all."""

READ = pa.schema(
    {
        "row": pa.int64(),
        "words": pa.string(),
        "breaks": pa.list_(pa.uint16()),
        "tones": pa.list_(pa.float32()),
        "tone": pa.float32(),
        "kind": pa.string(),
        "other": pa.bool_(),
    }
)
"""A text as it was read: its stems, how many of them each clause has, the tone of each clause and of the whole, its
kind, and whether it is in a language that nothing here reads."""
MENTIONED = pa.schema({"row": pa.int64(), "theme": pa.string(), "tone": pa.float32()})

Place = tuple[int, int]
"""The how-manieth of how many parts."""
Telling = Callable[[str, int, int], None]
"""What is being read, and the how-manieth of how many it is."""


class Builder:
    """Makes the files of texts of one snapshot, as far as the snapshot before has not made them already."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        draft: Snapshot,
        previous: Snapshot | None,
        metrics: Mapping[str, Metric],
        folders: Sequence[Path],
        about: Settings,
        *,
        work: Path,
        tell: Telling,
    ) -> None:
        self._cursors = Cursors(connection)
        self.draft = draft
        self.known = {one.name: one for one in previous.texts} if previous else {}
        self.metrics = metrics
        self.folders = folders
        self.brand = about.brand
        self.names = naming.names(draft, about)
        self.naming = naming.digest(self.names, about.brand)
        self.sought = naming.sought(self.names, connection)
        self.work = work
        self.tell = tell
        self.tokeniser = Tokeniser()
        self.labels: dict[str, Any] = {}
        """The labels of all themes by name, once they were needed."""
        self.problems: list[str] = []
        """The theme files that could not be used."""
        self._matcher: themes.Matcher | None = None
        self._reading = Lock()
        """Held while texts are taken apart, which uses all cores by itself; others are written meanwhile."""

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection of this thread."""
        return self._cursors.own

    def texts(self) -> tuple[Texts, ...]:
        """The file of texts of every part that has any, made where it is not there yet."""
        wanted = [
            (table, part)
            for table in TEXTS
            for part in self.draft.parts.get(table, ())
            if part.columns.keys() & set(TEXTS[table])
        ]
        if wanted:
            self._read_themes()
        places = [(number, len(wanted)) for number in range(1, len(wanted) + 1)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return tuple(pool.map(lambda asked, place: self._found(asked[0], asked[1], place), wanted, places))

    def _found(self, table: str, part: Part, place: Place) -> Texts:
        """The file of one part's texts, made where it is not there yet."""
        name = self._name(table, part)
        made = self.known.get(name)
        if made is None or (made.rows and not self._file(name).exists()):
            made = self._make(table, part, name, place)
        return made

    def _file(self, name: str) -> Path:
        return self.draft.parts_folder / f"{name}.duckdb"

    def _name(self, table: str, part: Part) -> str:
        depends = [
            FORMAT,
            RULES,
            self._reading_of(table),
            themes.digest(self.folders),
            [(metric.name, metric.digest) for metric in self.metrics.values() if metric.table == table],
            self.naming,
        ]
        return f"texts-{part.name}-{hashlib.sha256(json.dumps(depends).encode()).hexdigest()[:10]}"

    def _read_themes(self) -> None:
        found = themes.load(self.folders)
        self.labels = themes.told(found)
        self.problems = [f"{error.place}: {error.message} {error.hint}" for error in found.problems.values()]

    @property
    def matcher(self) -> themes.Matcher:
        """Tells the themes of a text; made when the first text needs it."""
        if self._matcher is None:
            names = [name for called in self.names.values() for name in called if len(name) >= naming.SHORTEST]
            self._matcher = themes.Matcher(themes.load(self.folders).working, self.tokeniser, names)
        return self._matcher

    def _reading_of(self, table: str) -> str:
        """Names how texts are read: stems, tones and kinds of another reading do not fit."""
        mood = hashlib.sha256(self._mood(table).encode()).hexdigest()[:6]
        return f"{self.tokeniser.version}:{sentiment.version()}:{mood}"

    def _make(self, table: str, part: Part, name: str, place: Place) -> Texts:
        """Write the file of one part's texts."""
        self._answer(table, part)
        reading = self._reading_of(table)
        total = self._count("answered")
        if not total:
            return Texts(name, part.name, part.first, part.last, {}, 0, 0, reading, self.naming)
        with self._reading:
            self.tell(f"{table} {part.month}", *place)
            unread = self._read(table, part, total, reading, place)
            self._mention(part)
        partial = self.work / f"{name}.duckdb"
        partial.unlink(missing_ok=True)
        written = quoted(f"unfinished {name}")
        self.connection.execute(f"attach {literal(str(partial))} as {written}")
        try:
            self.connection.execute(self._comments(table, part, written))
            self.connection.execute(
                f"create table {written}.mentions as select comments.* exclude (row, text, words, breaks, tones, tone, "
                f"sentiment), mentioned.theme, {of_theme()} as sentiment "
                f"from {written}.comments as comments inner join mentioned on comments.row = mentioned.row order by day"
            )
            rows, mentions = (self._count(f"{written}.{one}") for one in ("comments", "mentions"))
            found = self.connection.execute(f"describe {written}.comments").fetchall()
        finally:
            self.connection.execute(f"detach {written}")
        durable(partial, self._file(name))
        kinds = {row[0]: "ENUM" if row[1].startswith("ENUM") else row[1] for row in found}
        return Texts(name, part.name, part.first, part.last, kinds, rows, mentions, reading, self.naming, unread)

    def _answer(self, table: str, part: Part) -> None:
        """Make `answered`: the rows of a part that hold a text, read from it once."""
        self._attach(part.name)
        there = [column for column in TEXTS[table] if column in part.columns]
        joined = there[0] if len(there) == 1 else f"concat_ws(chr(10), {', '.join(there)})"
        text = f"nullif(trim({joined}), '')"
        # Most answers hold none: these are left out before anything else of them is read.
        some = " or ".join(f"{column} is not null" for column in there)
        self.connection.execute(
            f"create or replace temp table answered as select rowid as cx_row, {text} as cx_text, * "
            f"from {quoted(part.name)}.rows where ({some}) and {text} is not null"
        )

    def _moods(self, table: str, part: Part) -> str:
        """SQL of the texts: row, text, and the mood that its score tells."""
        lacking = sorted({"score", "rating", "rating_max", "metric"} - part.columns.keys())
        columns = ", ".join(["*", *(f"null as {column}" for column in lacking)])
        return (
            f"select cx_row as row, cx_text as text, {self._mood(table)} as mood from (select {columns} from answered)"
        )

    def _count(self, table: str) -> int:
        counted = self.connection.execute(f"select count(*) from {table}").fetchone()
        return counted[0] if counted else 0

    def _attach(self, name: str) -> None:
        self.connection.execute(f"attach if not exists {literal(str(self._file(name)))} as {quoted(name)} (read_only)")

    # --- what a text says ----------------------------------------------------------------------------

    def _read(self, table: str, part: Part, total: int, reading: str, place: Place) -> int:
        """Make `apart`: what an earlier file says of the same texts, or what each different one says now.

        Returns how many of them are in a language that nothing here reads.
        """
        for one in self.known.values():
            if one.part == part.name and one.reading == reading and one.rows and self._file(one.name).exists():
                self._attach(one.name)
                self.connection.execute(
                    "create or replace temp table apart as select row, words, breaks, tones, tone, kind "
                    f"from {quoted(one.name)}.comments"
                )
                return one.unread
        self.connection.execute(
            "create or replace temp table different as select row_number() over () as number, text, mood "
            f"from (select distinct text, mood from ({self._moods(table, part)}))"
        )
        different = self._count("different")
        path = self.work / f"apart {part.name}.parquet"
        with pq.ParquetWriter(path, READ) as writer:
            done = 0
            for batch in self._batches("select number, text, mood from different order by number"):
                writer.write_table(pa.Table.from_pylist(list(read(batch, self.tokeniser)), READ))
                done += len(batch)
                self.tell(f"{part.month}: {done * total // different:,} / {total:,}", *place)
        self.connection.execute(
            "create or replace temp table apart as select texts.row, found.* exclude (row) "
            f"from ({self._moods(table, part)}) as texts inner join different "
            "on texts.text = different.text and texts.mood is not distinct from different.mood "
            f"inner join read_parquet({literal(str(path))}) as found on found.row = different.number"
        )
        return self._count("apart where other")

    def _mention(self, part: Part) -> None:
        """Make `mentioned`: the themes of each text."""
        self.connection.execute(
            "create or replace temp table said as select row_number() over () as number, words, breaks, tones "
            "from (select distinct words, breaks, tones from apart)"
        )
        path = self.work / f"mentioned {part.name}.parquet"
        with pq.ParquetWriter(path, MENTIONED) as writer:
            for batch in self._batches("select number, words, breaks, tones from said"):
                writer.write_table(pa.Table.from_pylist(list(mentioned(batch, self.matcher)), MENTIONED))
        self.connection.execute(
            "create or replace temp table mentioned as select apart.row, found.theme, found.tone from apart inner join "
            "said on apart.words = said.words and apart.breaks = said.breaks and apart.tones = said.tones "
            f"inner join read_parquet({literal(str(path))}) as found on found.row = said.number"
        )

    def _batches(self, statement: str) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a statement; nothing else may be asked on this thread's connection until they are read."""
        answer = self.connection.execute(statement)
        while batch := answer.fetchmany(BATCH):
            yield batch

    # --- what is known of its answer -----------------------------------------------------------------

    def _comments(self, table: str, part: Part, written: str) -> str:
        """SQL that writes the table of comments."""
        key = "response_id" if table == "responses" else "review_id"
        own = {*LEFT_OUT, *OWN, "day"}
        kept = [column for column in part.columns if column not in own and not column.startswith("cx_")]
        metric = self._of_reviews()
        named = "answers.metric" if table == "responses" else f"{literal(metric.name) if metric else 'null'}::varchar"
        score = "answers.score" if table == "responses" else "answers.rating"
        score = score if score.rpartition(".")[2] in part.columns else "null"
        weight = "coalesce(answers.weight, 1)" if "weight" in part.columns else "1"
        shown = "".join(f"answers.{quoted(column)}, " for column in kept)
        about = "answers.brand::varchar" if "brand" in part.columns else literal(self.brand)
        return (
            f"create table {written}.comments as "
            f"select apart.row, answers.{key} || coalesce('#' || nullif(row_number() over (partition by answers.{key} "
            f"order by apart.row), 1), '') as comment_id, {literal(table)} as origin, answers.day, {named} as metric, "
            f"{shown}{score}::double as score, {weight}::double as w, valued.x::double as x, apart.kind, "
            "coalesce(moods.mood, apart.tone)::float as sentiment, apart.tone, "
            f"{naming.told(self.sought, 'answers.cx_text', about)} as {naming.COLUMN}, "
            "apart.words, apart.breaks, apart.tones, answers.cx_text as text "
            f"from answered as answers inner join apart on answers.cx_row = apart.row "
            f"inner join ({self._moods(table, part)}) as moods on answers.cx_row = moods.row "
            f"left join ({self._valued(table, part)}) as valued on answers.cx_row = valued.cx_row order by answers.day"
        )

    def _of_reviews(self) -> Metric | None:
        """The metric that a review's stars are shown by."""
        return next((metric for metric in self.metrics.values() if metric.table == "reviews"), None)

    def _of_answers(self, table: str) -> dict[str, Metric]:
        """The metric by which each answered question is shown, by how the export names it."""
        found: dict[str, Metric] = {}
        for metric in self.metrics.values():
            if metric.table == table == "responses":
                found.setdefault(metric.answers, metric)
        return found

    def _valued(self, table: str, part: Part) -> str:
        """SQL of the value x that each scored answer has by its metric."""
        columns = [
            f"{quoted(name)}::varchar as {quoted(name)}" if kind == "ENUM" else quoted(name)
            for name, kind in part.columns.items()
            if name not in ("weight", "rating_max")
        ]
        weight = "coalesce(weight, 1)::double" if "weight" in part.columns else "1::double"
        chosen = ", ".join(["cx_row", *columns, f"{weight} as weight"])
        pieces = []
        if table == "reviews":
            metric = self._of_reviews()
            most = "coalesce(rating_max, 5)" if "rating_max" in part.columns else "5"
            if metric is not None and "rating" in part.columns:
                answers = (
                    f"select {chosen}, rating as score, {most}::double as rating_max from answered "
                    "where rating is not null"
                )
                pieces.append(f"select cx_row, x from (with answers as ({answers})\n{metric.text}\n)")
        elif "score" in part.columns:
            for name, metric in self._of_answers(table).items():
                answers = (
                    f"select * from (select {chosen} from answered) "
                    f"where metric = {literal(name)} and score is not null and comment is not null"
                )
                pieces.append(f"select cx_row, x from (with answers as ({answers})\n{metric.text}\n)")
        return " union all ".join(pieces) or "select null::bigint as cx_row, null::double as x where false"

    def _mood(self, table: str) -> str:
        """SQL of what a score itself says, -1, 0 or 1, by its metric's groups or its place on the scale."""
        if table == "reviews":
            return _bounded("rating / coalesce(rating_max, 5)", 0.4, 0.8)
        cases = []
        for name, metric in self._of_answers(table).items():
            if len(metric.groups) == 3:
                bad, middle, _ = (group.to for group in metric.groups)
                mood = f"case when score <= {bad} then -1 when score <= {middle} then 0 else 1 end"
            elif metric.scale:
                low, high = metric.scale
                share = f"(score - {low}) / {high - low}"
                mood = _bounded(f"1 - {share}" if metric.direction == "lower" else share, 0.4, 0.75)
            else:
                continue
            cases.append(f"when metric::varchar = {literal(name)} and score is not null then {mood}")
        return f"case {' '.join(cases)} end" if cases else "null"


def of_theme() -> str:
    """SQL of a theme's sentiment in a text: its clauses', where they judge clearly, else the text's.

    Who gave a good or bad score meant it where a clause hardly judges, unless the clause leans to the other side; without
    a score a clause that hardly judges means what the whole text says more clearly in the same direction.
    """
    scored = f"abs(comments.sentiment) = 1 and abs(mentioned.tone) < {NEITHER}"
    leaning = f"if(comments.sentiment * mentioned.tone > -{themes.WEAK}, comments.sentiment, 0)"
    clearer = f"abs(mentioned.tone) < {NEITHER} and comments.sentiment * mentioned.tone > power(mentioned.tone, 2)"
    return (
        f"(case when {scored} then {leaning} when {clearer} then comments.sentiment "
        "else coalesce(mentioned.tone, comments.sentiment) end)::float"
    )


def _bounded(share: str, bad: float, good: float) -> str:
    """SQL of a mood by the place on a scale from 0 to 1."""
    return f"case when {share} <= {bad} + 1e-9 then -1 when {share} >= {good} - 1e-9 then 1 when {share} is not null then 0 end"


def some_korean(connection: duckdb.DuckDBPyConnection, held: Snapshot) -> bool:
    """Whether there are Korean words in the latest texts of a snapshot, as far as a look into them tells."""
    latest = max((one for one in held.texts if one.rows), key=lambda one: one.last or date.min, default=None)
    if latest is None:
        return False
    file = held.parts_folder / f"{latest.name}.duckdb"
    if not file.exists():
        return False
    connection.execute(f"attach if not exists {literal(str(file))} as {quoted(latest.name)} (read_only)")
    looked_at = f"(select words from {quoted(latest.name)}.comments limit {LOOKED_AT})"
    told = connection.execute(f"select bool_or(regexp_matches(words, '{HANGUL.pattern}')) from {looked_at}").fetchone()
    return bool(told and told[0])


def read(batch: Sequence[tuple[Any, ...]], tokeniser: Tokeniser) -> Iterator[dict[str, Any]]:
    """Each (row, text, mood) taken apart; the same text is looked at once."""
    different = list(dict.fromkeys(text for _, text, _ in batch))
    clauses = list(tokeniser.clauses(different))
    parts = [[text for _, text in found] if len(found) > 1 else [] for found in clauses]
    judged = sentiment.polarity([*different, *(text for found in parts for text in found)]).tolist()
    tones = iter(judged[len(different) :])
    others = {text for text in different if other_language(text)}
    known = {
        text: {
            "words": " ".join(word for words, _ in found for word in words),
            "breaks": [len(words) for words, _ in found],
            # What is said in a language that nothing here reads would be judged by chance.
            "tones": [0.0 if text in others else one for one in islice(tones, len(more))],
            "tone": 0.0 if text in others else tone,
            "other": text in others,
        }
        for text, found, more, tone in zip(different, clauses, parts, judged, strict=False)
    }
    # Who gave a score said himself how he judges.
    said = np.array([known[text]["tone"] if mood is None else mood for _, text, mood in batch], float)
    kinds = sentiment.kinds([text for _, text, _ in batch], said)
    for (row, text, _), kind in zip(batch, kinds, strict=True):
        told = kind if text not in others or kind in ("complaint", "praise") else ""
        yield {"row": row, "kind": told or None, **known[text]}


def mentioned(batch: Iterable[tuple[Any, ...]], matcher: themes.Matcher) -> Iterator[dict[str, Any]]:
    """The themes of each (row, words, breaks, tones), with their tone where single clauses have one."""
    for row, words, breaks, tones in batch:
        pieces = iter(words.split(" "))
        clauses = [tuple(islice(pieces, size)) for size in breaks]
        found = matcher.mentions(clauses, tones or [0.0] * len(clauses))
        for name, tone in sorted(found.items()):
            yield {"row": row, "theme": name, "tone": tone}


def entries(texts: Iterable[Texts]) -> list[dict[str, Any]]:
    """What the manifest keeps of them."""
    return [
        {
            "name": one.name,
            "part": one.part,
            "first": str(one.first or ""),
            "last": str(one.last or ""),
            "columns": dict(one.columns),
            "rows": one.rows,
            "mentions": one.mentions,
            "reading": one.reading,
            "naming": one.naming,
            "unread": one.unread,
        }
        for one in texts
    ]
