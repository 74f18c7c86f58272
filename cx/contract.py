"""The contract: which tables exports may fill, with the type, range and meaning of each column.

This is the one place that says what an export holds. Publishing checks against it, the catalog
learns the columns of a question's tables from it, and the documentation is held to it by a test.
"""

from dataclasses import dataclass
from typing import Literal

from cx.errors import DataError, nearest

Type = Literal["text", "number", "integer", "timestamp", "date", "boolean"]

SQL_TYPES: dict[Type, str] = {
    "text": "varchar",
    "number": "double",
    "integer": "bigint",
    "timestamp": "timestamptz",
    "date": "date",
    "boolean": "boolean",
}

ADDRESS = frozenset(
    (
        "period",
        "compare",
        "from",
        "to",
        "lang",
        "view",
        "grain",
        "metric",
        "by",
        "by2",
        "brand",
        "voice_of",
        "reviews_of",
        "search",
    )
)
"""What the address of a page says besides its filters: a column of such a name can be none."""


@dataclass(frozen=True)
class Column:
    """One column of a contract table; `low` and `high` bound its numbers, both ends allowed."""

    name: str
    type: Type
    meaning: str
    required: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Table:
    """One table that exports may fill.

    `key` identifies a row among re-exports of it (the newest wins). `time` is the column that puts a
    row into a month part; a table without one is kept whole. `either` names columns of which at
    least one must hold something. `open` tables turn further columns of few values into segments.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    time: str = ""
    either: tuple[str, ...] = ()
    open: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The contract's column names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Columns that a file must have and a row must fill (`either` columns may be empty)."""
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column | None:
        """The column of that name, or None when the contract does not know it."""
        return next((column for column in self.columns if column.name == name), None)


def _text(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "text", meaning, required)


def _time(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "timestamp", meaning, required)


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "responses",
            "one answered survey question",
            (
                _text("response_id", "what the survey tool calls this answer", True),
                _time("responded_at", "when it was answered", True),
                _text("metric", "which metric it answers: nps, csat, ces or one of your own", True),
                Column("score", "number", "the answer as given; may be empty beside a comment", True),
                _text("customer_id", "who answered"),
                _time("experienced_at", "when the experience asked about took place"),
                _text("survey", "which survey it belongs to"),
                _text("question", "the question as asked"),
                _text("wording_version", "changes when the wording or the scale changed"),
                _text("touchpoint", "the step of the journey asked about"),
                _text("channel", "app, web, store, phone …"),
                _text("unit_id", "the branch, team or site responsible"),
                Column("weight", "number", "survey weight; 1 where absent", low=0),
                _text("comment", "the customer's own words"),
                _text("language", "language of the comment"),
            ),
            key=("response_id", "metric", "touchpoint", "question"),
            time="responded_at",
            either=("score", "comment"),
            open=True,
        ),
        Table(
            "reviews",
            "one public review",
            (
                _text("review_id", "what the platform calls this review", True),
                _time("reviewed_at", "when it was written", True),
                _text("brand", "the brand reviewed", True),
                Column("rating", "number", "stars given; may be empty beside a text", True, low=0),
                Column("rating_max", "number", "the most stars possible; 5 where absent", low=1),
                _text("source", "the platform"),
                _text("title", "headline"),
                _text("body", "text"),
                _text("language", "language of the text"),
                _text("country", "country of the reviewer or the shop"),
                _text("product", "product or service reviewed"),
                _text("version", "product or app version"),
                Column("verified", "boolean", "a confirmed purchase"),
                Column("incentivised", "boolean", "written for a reward"),
                _time("replied_at", "when the brand replied"),
            ),
            key=("review_id", "brand", "source"),
            time="reviewed_at",
            either=("rating", "title", "body"),
            open=True,
        ),
        Table(
            "customers",
            "one customer",
            (
                _text("customer_id", "the customer", True),
                _time("joined_at", "when the customer came"),
                _time("churned_at", "when the customer left"),
            ),
            key=("customer_id",),
            open=True,
        ),
        Table(
            "events",
            "one thing a customer did or that was done for them",
            (
                _text("event_id", "the event", True),
                _text("customer_id", "whose", True),
                _time("occurred_at", "when", True),
                _text("kind", "visit, cart, purchase, return, contact, message, chatbot …", True),
                _text("order_id", "the order concerned"),
                _time("promised_at", "when it was promised for"),
                _time("finished_at", "when it was done"),
                _text("touchpoint", "the step of the journey"),
                _text("channel", "app, web, store, phone …"),
                _text("department", "who handled it"),
                _text("unit_id", "the branch, team or site"),
                Column("amount", "number", "money, in the company's currency"),
                Column("resolved", "boolean", "the matter was settled"),
                Column("transferred", "boolean", "the customer was passed on"),
                Column("wait_seconds", "number", "seconds waited", low=0),
                Column("handling_seconds", "number", "seconds of handling", low=0),
                _text("treatment", "how the customer was treated, for tests of actions"),
            ),
            key=("event_id",),
            time="occurred_at",
            open=True,
        ),
        Table(
            "invitations",
            "one survey sent",
            (
                _text("invitation_id", "the invitation", True),
                _time("sent_at", "when it was sent", True),
                _text("customer_id", "to whom"),
                _text("touchpoint", "after which step"),
                _text("channel", "how it was sent"),
                _text("response_id", "the answer that came back"),
            ),
            key=("invitation_id",),
            time="sent_at",
            open=True,
        ),
        Table(
            "touchpoints",
            "one step of the journey",
            (
                _text("touchpoint", "the step, as responses name it", True),
                Column("position", "number", "its place in the journey, from 1", True),
                _text("stage", "the stage it belongs to"),
                _text("owner", "who answers for it"),
                _text("label_en", "its name in English"),
                _text("label_ko", "its name in Korean"),
            ),
            key=("touchpoint",),
        ),
        Table(
            "units",
            "one branch, team or site (본부 → 지점)",
            (
                _text("unit_id", "the unit, as responses name it", True),
                _text("parent_id", "the unit above it"),
                Column("valid_from", "date", "first day of this place in the tree"),
                Column("valid_to", "date", "last day of it; empty while it lasts"),
                _text("label_en", "its name in English"),
                _text("label_ko", "its name in Korean"),
            ),
            key=("unit_id", "valid_from"),
        ),
        Table(
            "targets",
            "one goal",
            (
                _text("metric", "the metric", True),
                Column("value", "number", "the figure to reach", True),
                Column("from", "date", "first day it holds"),
                Column("to", "date", "last day it holds"),
            ),
            key=("metric", "from"),
            open=True,
        ),
        Table(
            "benchmarks",
            "one published index value (NCSI, KCSI, KS-CQI …)",
            (
                _text("source", "the index", True),
                Column("year", "integer", "its year", True),
                _text("company", "the company", True),
                Column("value", "number", "the value as published", True),
            ),
            key=("source", "year", "company"),
        ),
        Table(
            "actions",
            "one thing done about it",
            (
                _text("action_id", "the action", True),
                _text("title", "what was done", True),
                _text("title_en", "what was done, in English"),
                _time("started_at", "when it began", True),
                _text("owner", "who answers for it"),
                _time("raised_at", "when the need was raised"),
                _time("answered_at", "when it was answered"),
                _time("finished_at", "when it was done"),
                _text("touchpoint", "the step it mends"),
                _text("theme", "the theme it answers"),
                _text("metric", "the metric it should move"),
            ),
            key=("action_id",),
            open=True,
        ),
        Table(
            "calendar",
            "one thing that happened",
            (
                Column("day", "date", "when", True),
                _text("label", "what", True),
                _text("label_en", "what, in English"),
                _text("kind", "release, campaign, holiday or outage"),
            ),
            key=("day", "label"),
        ),
    )
}


def table(name: str) -> Table:
    """The contract table of that name; DataError names the nearest when there is none."""
    if name not in TABLES:
        raise DataError(f"There is no contract table “{name}”.", nearest(name, TABLES))
    return TABLES[name]
