"""The text of a proposed source: its header, and its SELECT with every guess marked."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from cx import contract, surveys
from cx.catalog import Metric, Reading
from cx.proposal.brands import day_of_file, last_day
from cx.proposal.columns import Columns, Mapped, Seen, are_timed, column_sql, turned, zone_named
from cx.proposal.files import Look, file_pattern, looked_at, reader_of, sheets_alike, take_in_later
from cx.proposal.identity import shared, told_apart
from cx.proposal.scores import (
    ANOTHER_SCALE,
    VERSION,
    Long,
    about_answers,
    about_blanks,
    is_text,
    metric_columns,
    score_sql,
    touchpoints,
    version_of,
)
from cx.proposal.spelling import listing, sql_name, yaml_plain, yaml_text
from cx.proposal.tables import (
    Kept,
    are_customers,
    are_events,
    are_invitations,
    map_customers,
    map_events,
    map_invitations,
    map_responses,
    map_reviews,
    map_segments,
    rating_column,
)
from cx.proposal.times import CALLED_TIME, FILE_DAY, SINCE_1970, day_first
from cx.proposal.vocabulary import MAIN, NO_ANSWER
from cx.quoting import literal
from cx.settings import Settings

STATUS = ("1", "8", "Survey Preview", "Spam")
"""What Qualtrics says of rows that no respondent gave."""


MOSTLY_ANSWERED = 0.8
"""Where no more of all rows have a score, those without one are what the export is like, and no mistake."""


def source_text(files: Sequence[Path], data: Path, settings: Settings, metrics: Mapping[str, Metric]) -> str:
    """The text of a source for some files of one shape."""
    pattern, shown = file_pattern(files, data)
    look = looked_at(files[0], shown[0], reader_of(files, shown))
    if look.reader == "xlsx" and (sheets := sheets_alike(files)):
        header_row = look.raw.found.get("header_row")
        look = replace(looked_at(files[0], shown[0], look.reader, sheet=sheets.pattern), sheets=sheets)
        look.raw.found.pop("header_row", None)
        look.raw.found["sheet"] = yaml_text(sheets.pattern)
        if header_row and sheets.header_alike:
            look.raw.found["header_row"] = header_row
    early = {one.name.lower() for one in look.seen}
    lacking = take_in_later(look, files[1:], shown[1:])
    whole = [one for one in look.seen if one.time or not one.rounded]
    columns = Columns(_days_settled(whole, look.raw.found, settings))
    asked = {name: metric for name, metric in metrics.items() if metric.table == "responses"}
    rating, body = rating_column(columns, shown[0]), columns.named("body", lambda one: one.words)
    folder = _common_folder(shown) or files[0].resolve().parent.name
    long, chosen = Long({}, [], (1, 5), "csat"), Kept()
    if rating and body and look.reader not in surveys.HEADERS and not metric_columns(columns, asked):
        table, mapped = "reviews", map_reviews(columns, settings, folder, shown, look.sheets)
    elif are_invitations(columns, asked):
        table = "invitations"
        mapped, chosen = map_invitations(columns)
    elif are_events(columns, asked):
        table, mapped = "events", map_events(columns)
    elif are_customers(columns, asked):
        table = "customers"
        mapped, chosen = map_customers(columns)
    else:
        table = "responses"
        mapped, long = map_responses(columns, asked, shown[0])
    when = next(column.name for column in contract.TABLES[table].columns if column.type == "timestamp")
    if table != "customers" and not any(one.name == when for one in mapped):
        unread = [one.name for one in columns.left() if one.filled and CALLED_TIME.search(one.plain)]
        mapped.insert(1, day_of_file(files[0], shown, when, settings, unread))
    upsert = False
    identity = next((one for one in columns.used if one.sql == mapped[0].expression), None)
    if identity and len(files) > 1 and table != "customers":
        reading = Reading(reader=look.reader, sheet=look.sheets.pattern if look.sheets else "")
        brand = next((one.expression for one in mapped if one.name == "brand" and "filename" in one.expression), "")
        found = shared(files, shown, reading, identity)
        mapped[0] = told_apart(mapped[0], found, shown, brand)
        # Who edits a review is often given its new day.
        few = sum(path.stat().st_size for path in files) <= MOST_UPSERTED
        upsert = table == "reviews" and few and bool(found.again) and all(found.again.values())
    day, why = last_day(files[0], shown, settings)
    mapped = [
        replace(one, expression=one.expression.replace(FILE_DAY, day), guess=f"{one.guess}; days ago from {why}")
        if FILE_DAY in one.expression
        else one
        for one in mapped
    ]
    if mapped[0].expression.lower().strip('"') in lacking:
        # Rows without an identifier would be set aside.
        either = f"coalesce({mapped[0].expression}, filename || '-' || row_number)"
        mapped[0] = replace(mapped[0], expression=either, guess="it tells rows apart where a file has it")
    mapped += map_segments(columns, table)
    told = WORDS[table]
    lines = [
        f"table: {table}",
        f"files: {yaml_plain(pattern)}",
        f"reader: {look.reader}",
        *(f"{key}: {value}" for key, value in look.raw.found.items()),
    ]
    if are_timed(columns):
        lines.append(f"zone: {zone_named(columns) or settings.export_time_zone or settings.time_zone}")
    if upsert:
        lines.append("upsert: true")
    named = [name for one in columns.used for name in (one.name, *one.elsewhere) if name.lower() in lacking]
    if named:
        lines.append(f"columns: [{', '.join(yaml_text(name) for name in dict.fromkeys(named))}]")
    words = f"en: {yaml_text(f'{told[0]} of {folder}.')}, ko: {yaml_text(f'{folder}의 {told[1]}입니다.')}"
    lines.append(f"description: {{{words}}}")
    header = "".join(f"-- {line}\n" for line in lines)
    apart = _asked_apart(long, lacking, early)
    return header + "\n" + _body(columns, table, mapped, long, look, early, chosen, apart)


def _common_folder(shown: Sequence[str]) -> str:
    """What the innermost folder with all files in it is called, those of a data warehouse's partitions aside."""
    levels = [set(names) for names in zip(*(Path(one).parent.parts for one in shown), strict=False)]
    common = [names.copy().pop() for names in takewhile(lambda names: len(names) == 1, levels)]
    return next((name for name in reversed(common) if "=" not in name), "")


MOST_UPSERTED = 100_000_000
"""Bytes of files up to which all their months may be made anew with each further one."""
MONTH_FIRST, DAY_FIRST = "America/", ("Europe/", "Africa/", "Australia/")
"""Zones of systems that write the month before the day, and of those that write it after."""


def _days_settled(seen: Sequence[Seen], found: Mapping[str, str], settings: Settings) -> list[Seen]:
    """The columns with days read as other columns say, else as the place does where the days themselves say nothing."""
    sure = [(one.name, day_first(one.spelling)) for one in seen if one.spelling and not one.order]
    told = next(((way, f", as {listing([name])} is written") for name, way in sure if way is not None), None)
    zone = settings.export_time_zone or settings.time_zone
    place: tuple[bool, str] | None = None
    if zone.startswith((MONTH_FIRST, *DAY_FIRST)):
        place = (zone.startswith(DAY_FIRST), f", as is usual in {zone}")
    elif found.get("delimiter") == '";"':
        place = (True, ", as is usual where cells end with a semicolon")
    settled = []
    for one in seen:
        way = one.order and (told or (place if one.order.monthly else None))
        if one.order and one.spelling and way:
            same = day_first(one.spelling) == way[0]
            one = replace(one, order=replace(one.order, why=way[1])) if same else turned(one, way[1])
        settled.append(one)
    return settled


WORDS = {
    "reviews": ("Reviews", "리뷰", "public reviews"),
    "responses": ("Answers", "응답", "answers to a survey"),
    "customers": ("Customers", "고객", "customers"),
    "invitations": ("Invitations", "설문 발송", "surveys that were sent"),
    "events": ("Orders", "주문", "things that customers did"),
}
"""What a source's rows are called: in both languages of its description, and in the sentence about the guess."""


def _asked_apart(long: Long, lacking: Set[str], early: Set[str]) -> str:
    """What to say where the first file rates other things than the later ones: perhaps the same in another language."""
    some = [one for one in long.battery if one.name.lower() in lacking and not one.elsewhere]
    first = [one for one in some if one.name.lower() in early]
    later = [one for one in some if one.name.lower() not in early]
    if not first or not later:
        return ""
    return (
        f"-- guess: only some files rate {listing([one.name for one in first])}, and only others "
        f"{listing([one.name for one in later])}: these stay touchpoints of their own. Where two of them ask the same, "
        f"make them one, such as coalesce({first[0].sql}, {later[0].sql}) as {sql_name(first[0].plain)}."
    )


def _body(
    columns: Columns,
    table: str,
    mapped: Sequence[Mapped],
    long: Long,
    look: Look,
    early: Set[str],
    chosen: Kept,
    apart: str = "",
) -> str:
    """The SELECT with the comments before it; `early` are the columns of the first file (lower case)."""
    lines = [
        f"-- guess: these are {WORDS[table][2]}, so they fill the table {table}.",
        _about_zone(columns),
    ]
    detected = [key for key in look.raw.found if key != "sheet" or not look.sheets]
    if detected:
        lines.append(f"-- guess: {', '.join(detected)} as detected in the first file.")
    if look.varied:
        lines.append(f"-- guess: {', '.join(look.varied)} not the same in all files, so detected in each.")
    if look.sheets:
        lines.append(look.sheets.told())
    lines += dict.fromkeys(
        f"-- guess: {listing(one.elsewhere)} of other files is “{one.name}” of the first."
        for one in columns.used
        if one.elsewhere
    )
    lines += [
        f"-- guess: {listing([one.name])} is nearly empty: merged cells? Each of its values is filled down to the next."
        for one in columns.used
        if one.merged
    ]
    lines += [one.order.told(listing([one.name]), one.spelling) for one in columns.used if one.order and one.spelling]
    if rounded := [one for one in look.seen if one.rounded]:
        lines += [
            f"-- guess: a spreadsheet rounded {listing([one.name])} to {one.values[0]}"
            + (
                ", so its times are some minutes or hours off"
                if one.time
                else ", so it tells nothing apart and is left out"
            )
            + ": export it again as text."
            for one in rounded
        ]
    if apart:
        lines.append(apart)
    personal = [one.name for one in columns.left() if one.personal]
    if personal:
        lines.append(f"-- Left out, because about persons: {listing(personal)}.")
    shares = [one.name for one in columns.left() if one.share and not one.personal]
    if shares:
        lines.append(f"-- Left out, because parts of a whole (0.75 for 75 %) and no answers: {listing(shares)}.")
    left = [one.name for one in columns.left() if not one.personal and not one.share]
    if left:
        lines.append(f"-- Left out, because no segment and nothing of the contract: {listing(left)}.")
    status = next((one for one in look.seen if one.plain == "status" and look.reader == "qualtrics"), None)
    kept = [f"coalesce({status.sql}, '') not in {STATUS!r}"] if status else []
    for column, said in look.totals.items():
        said = list(dict.fromkeys(said))
        words = ", ".join(map(literal, said))
        kept.append(f"coalesce({column_sql(look.seen, column)}, '') not in ({words})")
        lines.append(
            f"-- guess: rows that begin so sum up others and are no answers, so they are left out: {listing(said)}."
        )
    if table == "responses" and not long.wide and not long.battery and (answered := _answered(columns, mapped, early)):
        kept.append(answered)
        lines.append("-- Left out, because nobody answered: rows with neither a score nor a comment.")
    kept += chosen.conditions
    lines += [f"-- guess: {why}." for why in chosen.why]
    rows = ["from raw", *([f"where {' and '.join(kept)}"] if kept else [])]
    rows += [f"qualify {chosen.one_each}"] if chosen.one_each else []
    if not long.wide and not long.battery:
        if " over (" in mapped[0].expression:
            # What is set aside is named by its row, so rows stay in the file's order.
            rows.append("order by row_number")
        return "\n".join([*lines, "select", *(one.line("    ") for one in mapped), *rows, ""])
    others = {*long.wide, *(one.name.strip('"').lower() for one in mapped)}
    answers = [
        Mapped(score_sql(one, scale), sql_name(metric), about_answers(one, "one column per metric", metric, scale))
        for metric, (one, scale) in long.wide.items()
    ] + [
        Mapped(score_sql(one, long.scale), sql_name(name), about_blanks(one, "a touchpoint", long.scale))
        for one, name in zip(long.battery, touchpoints(long.battery, others), strict=True)
    ]
    if long.battery and long.metric in long.wide:
        whole = long.wide[long.metric][0].name
        lines.append(
            f"-- guess: the figure of {long.metric} counts “{whole}” and the touchpoints; without their lines it is "
            "that question's alone."
        )
    scored = [*(one for one, _ in long.wide.values()), *long.battery]
    if len({is_text(one) or one.labelled for one in scored}) > 1:
        # Columns that become rows have one type.
        answers = [replace(one, expression=f"({one.expression})::varchar") for one in answers]
    names = [one.name for one in answers]
    metrics = ", ".join(literal(metric) for metric in long.wide)
    item = "item" if long.battery else "metric"
    commented = any(one.name == "comment" for one in mapped)
    versions = [
        Mapped(version, sql_name(f"{metric}_scale"), ANOTHER_SCALE)
        for metric, (one, _) in long.wide.items()
        if (version := version_of(one)) and not any(one.name == VERSION for one in mapped)
    ]
    dropped = [
        *(["item"] if long.battery else []),
        *(["comment"] if commented else []),
        *(one.name for one in versions),
    ]
    outcome = ["select", f"    * exclude ({', '.join(dropped)})," if dropped else "    *,"]
    if commented:
        # Otherwise what somebody wrote once would be counted with each of the scores.
        main = next((metric for metric in MAIN if metric in long.wide), next(iter(long.wide), ""))
        order = f"{item} = {literal(main)} desc, {item}" if main else item
        first = f"row_number() over (partition by response_id order by {order}) = 1"
        outcome.append(f"    case when {first} then comment end as comment,")
    if versions:
        whens = " ".join(f"when '{one.name.removesuffix('_scale')}' then {one.name}" for one in versions)
        outcome.append(f"    case {item} {whens} end as {VERSION},")
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
            *(one.line("        ") for one in (*mapped, *versions, *answers)),
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


def _answered(columns: Columns, mapped: Sequence[Mapped], early: Set[str]) -> str:
    """SQL that tells whether somebody answered, empty where nearly everybody in the first file did: exports of help
    desks hold all whom they might have asked."""
    by_name = {one.name: one.expression for one in mapped}
    score = next((one for one in columns.used if by_name.get("score") and one.given in by_name["score"]), None)
    if not score:
        return ""
    there = score.unmerged or score
    answered = there.filled - sum(count for value, count in there.counts.items() if value.lower() in NO_ANSWER)
    # A few are set aside one by one, so that more of them are noticed.
    if answered > MOSTLY_ANSWERED * max(one.filled for one in columns.seen if one.name.lower() in early):
        return ""
    # A name of the file's own would be meant before that of the outcome.
    own = {one.name.lower() for one in columns.seen}
    filled = [by_name[name] if name in own else name for name in ("score", "comment") if name in by_name]
    told = " or ".join(f"{text} is not null" for text in filled)
    return f"({told})" if len(filled) > 1 else told


def _unpivoted(names: Sequence[str], item: str) -> list[str]:
    """The lines that turn columns into rows: on one line where they are few."""
    line = f"    unpivot forms on {', '.join(names)} into name {item} value score"
    if len(line) <= 100:
        return [line]
    listed = [f"        {name}," for name in names]
    return ["    unpivot forms on", *listed[:-1], listed[-1].rstrip(","), f"    into name {item} value score"]


def _about_zone(columns: Columns) -> str:
    """What is guessed about the zone of its times."""
    if are_timed(columns) and zone_named(columns):
        return "-- guess: zone as the name of its times says."
    if are_timed(columns):
        return "-- guess: zone is the company's own; it should be that of the system that wrote the times."
    counted = next((one for one in columns.used if one.spelling in SINCE_1970), None)
    if counted:
        return f"-- guess: {listing([counted.name])} counts {counted.spelling}, the same instant in every zone."
    return "-- guess: no column has a time of day, so each date is that day in the reporting zone, without a `zone`."
