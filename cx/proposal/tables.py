"""What fills the tables of the contract: reviews, responses or events."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from cx import contract, intake
from cx.catalog import Metric
from cx.errors import QueryError
from cx.proposal.brands import brand_of_file, called_after
from cx.proposal.columns import FEW_VALUES, LONG, Columns, Mapped, Seen, mapped_as, moment_sql, number_sql, says_metric
from cx.proposal.files import Sheets
from cx.proposal.numerals import NEARLY_ALL, currencies
from cx.proposal.scores import (
    ANOTHER_SCALE,
    VERSION,
    Long,
    about_answers,
    battery_of,
    blanks_of,
    brought,
    fits_a_scale,
    in_quarters,
    is_answer,
    metric_by_scale,
    metric_columns,
    off_scale,
    score_sql,
    several_scales,
    steps_of,
    stretched_metric,
    version_of,
)
from cx.proposal.spelling import listing, sql_name
from cx.proposal.times import CALLED_TIME
from cx.proposal.vocabulary import (
    ABOUT_REVIEWS,
    ANSWERED,
    ANSWERED_AT,
    ANSWERED_WHEN,
    ASKED,
    CAME_BACK,
    CAME_OR_LEFT,
    EARLIER,
    LATEST,
    METRIC_STEMS,
    NO_ANSWER,
    NO_SEGMENT,
    OUR_OWN,
    REPLIES,
    SAYS_REVIEWS,
    TOOLS_OWN,
    UNDELIVERED,
    UNDONE,
    YES,
    YES_OR_NO,
)
from cx.quoting import literal
from cx.settings import Settings

MOST_SEGMENTS = 20
NAMED, SHORTEST = "_name", 3
"""What is put behind a segment's name that the product uses itself, where the name is longer than a sign for a sum."""
NO_IDENTITY = "filename || '-' || row_number"
"""What tells rows apart where no column does."""
USUAL_TOPS = (5, 7, 10, 100)
"""Where scales of reviews usually end."""
STARS = 5
HARDLY_ANY = 0.05
"""Fewer of all ratings may be of a longer scale than the others."""
NUMBER = re.compile(r"\d{1,3}(\.\d+)?")


def map_responses(columns: Columns, metrics: Mapping[str, Metric], shown: str) -> tuple[list[Mapped], Long]:
    """What fills `responses`, and the score columns where each answers a metric or rates a touchpoint of its own."""
    known = {metric.answers: metric for metric in metrics.values()}
    named = columns.take(columns.named("metric", lambda one: _names_metrics(one, known)) or _of_several(columns, known))
    wide = {} if named else metric_columns(columns, metrics)
    score = next(iter(wide.values()), None)
    if not wide:
        score = columns.named("score", lambda one: one.number and (not one.share or in_quarters(one)))
    taken = [*wide.values(), *([score] if score and not wide else [])]
    battery = [] if named else [one for one in battery_of(columns, beside=bool(wide)) if one not in taken]
    mapped = _common(columns, "responses", "comment", taken=[*taken, *battery])
    if named and mapped[0].expression == NO_IDENTITY:
        # A questionnaire whose answers have a row each is numbered, and each of its metrics is answered once.
        several = columns.take(
            columns.like(
                lambda one: (
                    one.numbers_rows and not one.time and one.different * named.different >= NEARLY_ALL * one.filled
                )
            )
        )
        mapped[0] = mapped_as(several, "response_id", "with its metric it tells rows apart") if several else mapped[0]
    if not score and not battery:
        score = columns.like(is_answer) or columns.like(_in_percent_of_steps)
    if not score and not battery and not any(one.name == "comment" for one in mapped):
        raise QueryError(
            f"{shown} has no column that looks like an answer, neither scores nor comments.", _by_hand(columns)
        )
    for one in [*wide.values(), *battery]:
        columns.take(one)
    if len(wide) > 1 or battery:
        if score and not wide:
            wide = {metric_by_scale(score, metrics): score}
            columns.take(score)
        answers = metric_by_scale(battery[0], metrics) if battery else ""
        return mapped, Long({name: (one, known[name].scale) for name, one in wide.items()}, battery, (1, 5), answers)
    stretched = stretched_metric(score, known) if score and not named and not wide else None
    if stretched:
        metric = Mapped(literal(stretched.answers), "metric", f"by the name {score.name if score else ''}")
    elif named:
        metric = _metric_named(named, known)
    elif wide:
        metric = Mapped(literal(next(iter(wide))), "metric", f"by the name {score.name if score else ''}")
    else:
        answers = metric_by_scale(score, metrics) if score else next(iter(known), "nps")
        why = "by the scale" if score else "nothing here is understood to be a score, so only what was said comes in"
        called = next(
            (one for one in metrics if score and answers != one and says_metric(score.plain.split("_"), one)), ""
        )
        why = f"{why}, on which the {called} of its name is not asked" if called else why
        metric = Mapped(literal(answers), "metric", why)
    mapped.insert(2, metric)
    if score:
        columns.take(score)
        answered = known.get(metric.expression.strip("'"))
        scale = answered.scale if answered and not named else None
        answers = answered.answers if answered else ""
        if stretched and stretched.scale and (own := steps_of(score)):
            low, high = stretched.scale
            why = f"the answers of {own[0]} to {own[1]} brought to {low:g} to {high:g}"
            mapped.insert(3, Mapped(brought(score, own, stretched.scale), "score", why))
        elif (
            (several_scales(score) and scale)
            or off_scale(score, scale)
            or score.turned
            or score.labelled
            or score.share
            or blanks_of(score, scale)
        ):
            why = about_answers(score, "the answer", answers, scale)
            mapped.insert(3, Mapped(score_sql(score, scale), "score", why))
            if (version := version_of(score)) and not any(one.name == VERSION for one in mapped):
                mapped.append(Mapped(version, VERSION, ANOTHER_SCALE))
        else:
            why = about_answers(score, "the answer as given", answers, scale)
            mapped.insert(3, Mapped(score.sql, "score", "" if score.name == "score" else why))
    return mapped, Long({}, [], (1, 5), "")


def _in_percent_of_steps(one: Seen) -> bool:
    """Whether a column holds the five steps of a scale in percent, of a metric by its name."""
    return one.share and in_quarters(one) and any(says_metric(one.plain.split("_"), metric) for metric in METRIC_STEMS)


def _names_metrics(one: Seen, known: Mapping[str, Metric]) -> bool:
    """Whether a column's values are names of metrics, each of another one, in capitals or other words perhaps."""
    told = {_metric_told(value, known) for value in one.values}
    return 0 < one.different <= FEW_VALUES and "" not in told and len(told) == len(one.values)


def _metric_told(value: str, known: Mapping[str, Metric]) -> str:
    """The metric that a text names, an empty text where it names none or several."""
    words = intake.column_name(value).split("_")
    told = [value.lower()] if value.lower() in known else [one for one in known if says_metric(words, one)]
    return told[0] if len(told) == 1 else ""


def _metric_named(one: Seen, known: Mapping[str, Metric]) -> Mapped:
    """A column that names the metric of each row, as publishing knows the metrics."""
    if known.keys() >= set(one.values):
        return Mapped(one.sql, "metric")
    if known.keys() >= {value.lower() for value in one.values}:
        return Mapped(f"lower({one.sql})", "metric", f"by {one.name}")
    cases = " ".join(f"when {literal(value)} then {literal(_metric_told(value, known))}" for value in one.values)
    return Mapped(f"case {one.sql} {cases} else {one.sql} end", "metric", f"by {one.name}")


def _of_several(columns: Columns, known: Mapping[str, Metric]) -> Seen | None:
    """The column that tells the metric of each row where they are about several, whatever it is called."""
    return columns.like(lambda one: one.words and one.different > 1 and _names_metrics(one, known))


def _by_hand(columns: Columns) -> str:
    """How to write the source of a file whose answers are not found."""
    lists = [one for one in columns.left() if one.kind.endswith("[]")]
    asked = next((one for one in columns.left() if ASKED.fullmatch(one.plain) and one.repeats), None)
    answered = next((one for one in columns.left() if ANSWERED.fullmatch(one.plain) and one.words), None)
    if asked and answered:
        case = f"case {asked.sql} when {literal(asked.values[0])} then … end"
        return (
            f"Each answer seems to have a row of its own, what was asked in “{asked.name}” and the answer in "
            f"“{answered.name}”: write this source by hand, with `{case} as metric` and, of scores, "
            f"`try_cast({answered.sql} as double) as score`. docs/sources.md goes through it."
        )
    if lists:
        told = f"They may lie in the list “{lists[0].name}”: write this source by hand, with "
        return f"{told}`unnest({lists[0].sql}) as answer`, as examples/templates/queries/sources/typeform.sql does."
    if mixed := next((one for one in columns.left() if len(currencies(one.values)) > 1), None):
        return (
            f"“{mixed.name}” holds money of several currencies, which nothing here adds up: write this source by hand "
            f"and bring them to one, such as `case when {mixed.sql} like '%$%' then … end as amount`."
        )
    return "Write this source by hand: docs/sources.md goes through it, examples/surveymonkey maps answers in words."


def are_events(columns: Columns, metrics: Mapping[str, Metric]) -> bool:
    """Whether the rows are orders, their lines or other things that happened: a customer, a time and money or a kind,
    and nothing that was answered or said."""
    money = columns.named("amount", lambda one: one.number)
    customer = columns.named("customer_id", lambda one: one.filled > 0)
    answered = metric_columns(columns, metrics) or columns.named("score", lambda one: one.number and fits_a_scale(one))
    # A survey has a type too, and complaints have a kind.
    kind = columns.named("kind", lambda one: one.words and one.repeats and one.plain != "type")
    said = columns.named("comment", lambda one: one.words)
    happened = money or (kind and not said)
    return bool(happened and customer and not answered and columns.like(lambda one: one.time))


@dataclass(frozen=True)
class Kept:
    """Which rows of a file are taken in."""

    conditions: Sequence[str] = ()
    """SQL that is true of them."""
    one_each: str = ""
    """SQL that is true of one row of each identifier, where several have the same."""
    why: Sequence[str] = ()


def are_customers(columns: Columns, metrics: Mapping[str, Metric]) -> bool:
    """Whether the rows are customers, each with the day of coming or leaving, and nothing that was answered."""
    numbered = columns.like(lambda one: one.one_each and one.numbers_rows)
    several = (
        not numbered
        and not columns.named("comment", lambda one: one.words)
        and columns.like(lambda one: one.time and bool(CAME_OR_LEFT.search(one.plain)))
    )
    customer = columns.named("customer_id", lambda one: one.one_each or (bool(several) and one.filled > 0))
    when = columns.named("joined_at", lambda one: one.time) or columns.named("churned_at", lambda one: one.time)
    answered = metric_columns(columns, metrics) or battery_of(columns) or columns.named("score", lambda one: one.number)
    return bool(customer and when and not answered)


def map_customers(columns: Columns) -> tuple[list[Mapped], Kept]:
    """What fills `customers`: of several rows of a customer the latest."""
    mapped = _common(columns, "customers", "", taken=[])
    customer = columns.used[0]
    if customer.one_each:
        return mapped, Kept()
    since = columns.like(lambda one: one.time and bool(LATEST.search(one.plain)))
    order = f"{moment_sql(since)} desc nulls last, " if since else ""
    told = f"the one with the latest {listing([since.name])}" if since else "the last one"
    return mapped, Kept(
        one_each=f"row_number() over (partition by {customer.sql} order by {order}row_number desc) = 1",
        why=[f"a customer has several rows here, of which {told} counts"],
    )


def are_invitations(columns: Columns, metrics: Mapping[str, Metric]) -> bool:
    """Whether the rows are surveys that were sent, with what tells which were answered but not the answers."""
    sent = columns.named("sent_at", lambda one: one.time)
    answered = metric_columns(columns, metrics) or battery_of(columns) or columns.named("score", lambda one: one.number)
    said = columns.named("comment", lambda one: one.words)
    return bool(sent and _came_back(columns, "") and not answered and not said)


def map_invitations(columns: Columns) -> tuple[list[Mapped], Kept]:
    """What fills `invitations`: a row for each, however often it was reminded of."""
    mapped = _common(columns, "invitations", "", taken=[])
    sent = next(one.expression for one in mapped if one.name == "sent_at")
    invitation = mapped[0].expression
    if not any(one.name == "response_id" for one in mapped):
        response, why = _came_back(columns, invitation) or ("null", "nothing says what was answered")
        mapped.append(Mapped(response, "response_id", why))
    conditions, whys = [], []
    for one in columns.left():
        if CAME_BACK.search(one.plain):
            # Of several rows the first knows nothing of the answer.
            columns.take(one)
        if lost := [value for value in one.counts if UNDELIVERED.search(value)]:
            conditions.append(f"coalesce({one.sql}, '') not in ({', '.join(map(literal, lost))})")
            whys.append(f"what could not be delivered is left out: {listing(lost)}")
    identity = next((one for one in columns.used if one.sql == invitation), None)
    if identity is None or identity.one_each:
        return mapped, Kept(conditions, why=whys)
    again = f"over (partition by {invitation})"
    mapped = [
        Mapped(f"max({one.expression}) {again}", one.name, f"{one.guess or 'as it is'}; whichever reminder brought it")
        if one.name == "response_id"
        else one
        for one in mapped
    ]
    whys.append("an invitation has several rows here: the first is when it was sent, the others are reminders of it")
    order = f"row_number() over (partition by {invitation} order by {sent}, row_number) = 1"
    return mapped, Kept(conditions, order, whys)


def _came_back(columns: Columns, invitation: str) -> tuple[str, str] | None:
    """SQL of what an invitation brought, and by what it is told: by its number, else the invitation's own stands for
    it."""
    if number := columns.named("response_id", lambda one: one.filled > 0 and "response" in one.plain):
        return number.sql, "by its name"
    for one in columns.left():
        called = bool(CAME_BACK.search(one.plain))
        if called and one.counts and {value.lower() for value in one.counts} <= YES_OR_NO:
            yes = ", ".join(literal(value) for value in sorted(YES_OR_NO & YES))
            return f"case when lower({one.sql}::varchar) in ({yes}) then {invitation} end", f"by {one.name}"
        if called and one.time:
            return f"case when {one.sql} is not null then {invitation} end", f"by {one.name}"
    for one in columns.left():
        came = [value for value in one.counts if CAME_BACK.search(value)]
        if one.words and one.repeats and came:
            values = ", ".join(map(literal, came))
            return f"case when {one.sql} in ({values}) then {invitation} end", f"by {one.name}"
    return None


def map_events(columns: Columns) -> list[Mapped]:
    """What fills `events`."""
    amount = columns.named("amount", lambda one: one.number)
    count = next((one for one in columns.left() if one.plain in ("quantity", "qty", "수량") and one.number), None)
    kind = columns.take(columns.named("kind", lambda one: one.words and one.repeats))
    mapped = _common(columns, "events", "", taken=[amount] if amount else [])
    if kind:
        mapped.insert(2, Mapped(kind.sql, "kind"))
    elif status := columns.take(next((one for one in columns.left() if _tells_returns(one)), None)):
        cases = [
            f"when {status.sql} in ({', '.join(map(literal, found))}) then '{kind}'" for kind, found in _told(status)
        ]
        mapped.insert(2, Mapped(f"case {' '.join(cases)} else 'purchase' end", "kind", f"by {status.name}"))
    elif count:
        sent_back = f"case when {number_sql(count)} < 0 then 'return' else 'purchase' end"
        mapped.insert(2, Mapped(sent_back, "kind", "a negative quantity is a return"))
        columns.take(count)
    else:
        mapped.insert(2, Mapped("'purchase'", "kind", "nothing says what happened"))
    if amount:
        columns.take(amount)
        priced = "price" in amount.plain or "단가" in amount.plain
        product = _product(count, amount) if count and priced else amount.sql
        mapped.append(Mapped(product, "amount", "money"))
    return mapped


def _product(count: Seen, price: Seen) -> str:
    """What was paid; where one of the two is no number, it as it is written, to be set aside with its value."""
    product = f"{number_sql(count)} * {number_sql(price)}"
    texts = [one.sql for one in (price, count) if one.kind == "VARCHAR"]
    odd = " ".join(f"when try_cast({text} as double) is null then {text}" for text in texts)
    return f"case {odd} else ({product})::varchar end" if texts else product


def _told(status: Seen) -> list[tuple[str, list[str]]]:
    """What a column of orders tells of what became of them, by kind: purchases are not named."""
    found = [(kind, [value for value in status.values if words.search(value)]) for kind, words in UNDONE.items()]
    return [(kind, values) for kind, values in found if values]


def _tells_returns(one: Seen) -> bool:
    """Whether some of a column's few values say that an order was cancelled or sent back."""
    return one.words and one.repeats and one.length < LONG and bool(_told(one))


def rating_column(columns: Columns, place: str) -> Seen | None:
    """The stars of reviews: called so, or a score in a file called after reviews or beside columns of theirs only."""
    if found := columns.named("rating", lambda one: one.number):
        return found
    beside = any(ABOUT_REVIEWS.search(one.plain.replace("_", "")) for one in columns.left())
    about_reviews = beside or SAYS_REVIEWS.search(place)
    return columns.named("score", lambda one: one.number and fits_a_scale(one)) if about_reviews else None


def map_reviews(
    columns: Columns, settings: Settings, folder: str, shown: Sequence[str], sheets: Sheets | None
) -> list[Mapped]:
    """What fills `reviews`."""
    rating = columns.take(rating_column(columns, shown[0]))
    assert rating is not None and rating.high is not None
    mapped = _common(columns, "reviews", "body", taken=[])
    # Nobody gives fewer than one of five stars.
    unrated = ("0", "0.0") if rating.whole and rating.high == STARS else ()
    none = [value for value in rating.counts if value.lower() in NO_ANSWER or value in unrated]
    stars = f"case when {rating.sql} not in ({', '.join(map(literal, none))}) then {rating.sql} end"
    why = f"the stars given; {listing(none)} {'means' if len(none) == 1 else 'mean'} no answer" if none else ""
    given = why or ("" if rating.name == "rating" else "the stars given")
    mapped.insert(2, Mapped(stars if none else rating.sql, "rating", given))
    names = {one.name for one in mapped}
    if "rating_max" not in names and rating.share:
        mapped.insert(3, Mapped("1", "rating_max", "ratings are parts of a whole"))
    elif "rating_max" not in names and _of_two_scales(rating):
        either = f"case when {number_sql(rating)} > {STARS} then {2 * STARS} else {STARS} end"
        mapped.insert(3, Mapped(either, "rating_max", f"hardly any is above {STARS}, and those are of {2 * STARS}"))
    elif "rating_max" not in names and rating.high > STARS:
        top = next((top for top in USUAL_TOPS if rating.high <= top), ceil(rating.high))
        mapped.insert(3, Mapped(str(top), "rating_max", "by the highest ratings"))
    if "replied_at" not in names and (within := _reply_within(columns)):
        mapped.append(within)
    if "brand" not in names:
        sheet = next((one for one in columns.left() if one.name == "sheet"), None)
        called = [called_after(name) for name in sheets.read] if sheets and sheet else []
        if len(called) > 1 and all(called):
            columns.take(sheet)
            mapped.insert(2, Mapped("sheet", "brand", "no column of brands; each sheet is called after one"))
        else:
            mapped.insert(2, brand_of_file(shown, settings, folder))
    if mapped[0].expression == NO_IDENTITY:
        mapped[0] = _by_what_it_says(columns, mapped)
    return mapped


def _of_two_scales(rating: Seen) -> bool:
    """Whether a few ratings of a longer scale stand among stars: hardly any above five, where many are five."""
    numbers = {float(value): count for value, count in rating.counts.items() if NUMBER.fullmatch(value)}
    above = sum(count for number, count in numbers.items() if STARS < number <= 2 * STARS)
    return 0 < above < HARDLY_ANY * rating.filled and 3 * above < numbers.get(STARS, 0)


def _reply_within(columns: Columns) -> Mapped | None:
    """When the company answered, where that stands within an answer that is written as an object."""
    for one in columns.left():
        told = [value for value in one.values if re.search(ANSWERED_AT, value)]
        if one.words and REPLIES.search(one.plain) and len(told) >= NEARLY_ALL * len(one.values):
            columns.take(one)
            found = f"nullif(regexp_extract({one.sql}, {literal(ANSWERED_AT)}), '')"
            return Mapped(found, "replied_at", "the time that stands within it")
    return None


def _by_what_it_says(columns: Columns, mapped: Sequence[Mapped]) -> Mapped:
    """An identifier for reviews that have none: whoever collects them comes upon the same ones again next month."""
    author = [one.sql for one in columns.left() if one.personal and one.words]
    said = [one.expression for one in mapped if one.name in ("reviewed_at", "product", "title", "body")]
    if len(said) < 2:
        return mapped[0]
    # A time is compared as it is written: reading it would only make the line longer.
    when = [one.sql for one in columns.used if one.time][:1]
    texts = [one.expression for one in mapped if one.name in ("brand", "product", "title", "body")]
    texts = [text for text in texts if not text.startswith("'")]
    apart = ", ".join(dict.fromkeys([*when, *author, *texts]))
    expression = f"md5(concat_ws('|', {apart})) || '-' || row_number() over (partition by {apart} order by row_number)"
    why = "no column tells rows apart, but what they say does; the same in another file is the same review"
    return Mapped(expression, mapped[0].name, why)


def _common(columns: Columns, table: str, words: str, *, taken: Sequence[Seen]) -> list[Mapped]:
    """The contract's columns but for scores: identifier and time first, then the others by their names."""
    definition = contract.TABLES[table]
    identifier = definition.names[0]
    when = next(column.name for column in definition.columns if column.type == "timestamp")
    for one in taken:
        columns.take(one)
    mapped: list[Mapped] = []
    identity = columns.take(
        columns.named(
            identifier,
            lambda one: (
                one.one_each or (one.filled > 0 and (one.plain == identifier or table in ("invitations", "customers")))
            ),
        )
        or columns.like(lambda one: one.one_each and one.numbers_rows)
        or columns.named(identifier, lambda one: _nearly_each(one, identifier))
    )
    if identity:
        twice = not identity.one_each and _nearly_each(identity, identifier)
        mapped.append(
            mapped_as(
                identity,
                identifier,
                "it tells rows apart" + ("; of rows with the same the newest counts" if twice else ""),
            )
        )
    else:
        mapped.append(
            Mapped(
                NO_IDENTITY,
                identifier,
                "no column tells rows apart; rows may only be added at the end",
            )
        )
    moment = columns.named(when, lambda one: one.time)
    if not moment and when in definition.required:
        moment = _told_moment(columns, table)
    columns.take(moment)
    if moment:
        why = "by how its times are spelled" if moment.spelling else "" if moment.name == when else "by its times"
        mapped.append(Mapped(moment_sql(moment), when, why))
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
            mapped.append(Mapped(moment_sql(found), column.name, "by how its times are spelled"))
        elif found:
            mapped.append(mapped_as(found, column.name, "by its name"))
        elif later := columns.take(columns.named(column.name, lambda one: not one.filled and one.kind == "VARCHAR")):
            # A shop that answers nobody yet may begin to: its replies would be missed without a word.
            mapped.append(Mapped(later.sql, column.name, "by its name; nothing stands in it so far"))
    own = columns.named(words, lambda one: one.words and not one.labelled) if words else None
    if words and not own:
        own = columns.like(
            lambda one: (
                one.words
                and one.length >= LONG
                and not one.repeats
                and not one.personal
                and not CALLED_TIME.search(one.plain)
                and not OUR_OWN.search(one.plain)
            )
        )
    columns.take(own)
    if own:
        mapped.append(mapped_as(own, words, "the customer's own words"))
    for one in taken:
        columns.used.remove(one)
    return mapped


def _told_moment(columns: Columns, table: str) -> Seen | None:
    """The time of a row where no column has its usual name: of answers rather when they were given than when the stay
    or visit was that they are about."""
    asked = table == "responses"
    return (
        columns.like(lambda one: asked and _is_moment(one) and bool(ANSWERED_WHEN.search(one.plain)))
        or columns.like(lambda one: asked and _is_moment(one))
        or columns.like(lambda one: one.time and not one.personal)
    )


def _is_moment(one: Seen) -> bool:
    """Whether a column holds times of what its row is about, by its name."""
    return one.time and not one.personal and not EARLIER.search(one.plain)


def _nearly_each(one: Seen, identifier: str) -> bool:
    """Whether an identifier stands twice in a few rows, as crawlers write what they come upon again."""
    called = one.plain.replace("_", "") in (identifier.replace("_", ""), "id", "uuid")
    return called and not one.time and one.different >= NEARLY_ALL * one.filled > 0


def map_segments(columns: Columns, table: str) -> list[Mapped]:
    """The other columns whose values are few and repeat."""
    found: dict[str, Mapped] = {}
    for one in columns.left():
        name = one.plain
        if name in intake.RESERVED and len(name) > SHORTEST and not contract.TABLES[table].column(name + NAMED):
            name += NAMED
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
            or OUR_OWN.search(name)
            # What surrounds the values of a document is the same in each of its records.
            or (one.different == 1 and (one.name == "sheet" or "." in one.name))
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
                why = "a segment" if name == one.plain else f"a segment; {one.plain} is a name of the product's own"
                text = one.sql
                if one.words and len({value.upper() for value in one.values}) < len(one.values):
                    text, why = f"upper({one.sql})", f"{why}; its values differ in capitals, so all are written in them"
                found[name] = Mapped(text, sql_name(name), why)
            columns.take(one)
    return list(found.values())
