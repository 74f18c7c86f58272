"""The Data page: how fresh the data are, what is missing, changed, set aside, closed or erased, and why."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from cx import charts, closing, contract, erasure, progress, snapshot, words
from cx.catalog import Chart
from cx.errors import CxError, DataError
from cx.periods import ONE_DAY
from cx.translation import translated
from cx.ui.cards import picture
from cx.ui.view import Memory, View, closed_months, csv, error_card, plain, restated
from cx.words import Language, say

MONTHS_SHOWN = 12
RELEASES = "--release"
"""What a file that is set aside says where it can be published all the same."""
MOST_FILES = 500
"""So many files, the latest, can be looked at one by one."""
_MEMORY = Memory(20)


def draw_published(view: View) -> None:
    """Everything about the snapshot being served, the most asked first."""
    held, language = view.held, view.language
    when = held.created_at.astimezone(view.about.zone)
    st.caption(
        plain(
            say("data.published", language, day=words.day(when.date(), language), time=f"{when:%H:%M}"),
        )
        + f" `{held.id}`"
    )
    _progress(view.engine.data, held.id, language)
    if view.watch.error and not view.watch.running:
        message, _, hint = view.watch.error.partition("\n")
        error_card(DataError(message, hint.strip().removeprefix("→ ")), language)
    counts = _MEMORY.get("days", (held,), lambda: snapshot.day_counts(held).to_pandas())
    _draw_tables(view, counts)
    _draw_half_days(view)
    _draw_days(view, counts)
    _draw_aside(view)
    _draw_changes(view)
    _draw_quality(view)
    _draw_closed(view)
    _draw_erasures(view)
    notes = [translated(note, language) for note in held.notes]
    notes += [f"{file['file']}: {translated(note, language)}" for file in held.files for note in file["notes"]]
    if notes:
        _section(view, "data.notes", pd.DataFrame({say("data.notes", language): notes}))
    problems = view.engine.catalog.problems
    if problems:
        _title("data.questions", language)
        for name, error in sorted(problems.items()):
            with st.container(border=True):
                error_card(error, language, name)
    _draw_files(view, counts)


# --- progress -----------------------------------------------------------------------------------------------


@st.fragment(run_every=2)
def _progress(data: Path, shown: str, language: Language) -> None:
    """How far publishing is, while someone publishes; the page follows by itself when it is over."""
    draw_progress(data, language)
    if snapshot.current_id(data) != shown:
        st.rerun()


def draw_progress(data: Path, language: Language) -> bool:
    """A bar with what is being done and how much remains; False where nobody publishes."""
    step = progress.under_way(data)
    if step is None:
        return False
    st.progress(step.share, f"{plain(say('progress', language))} {plain(step.told(language))}")
    return True


# --- days that are held ---------------------------------------------------------------------------------------


def _draw_half_days(view: View) -> None:
    """The days that seem half exported, and for analysts a button that publishes them all the same."""
    held, language = view.held.held, view.language
    if not held:
        return
    rows = [
        {
            say("data.table", language): one["table"],
            say("data.source", language): one["source"],
            say("data.half.day", language): words.day(date.fromisoformat(one["day"]), language),
            say("data.half.rows", language): one["rows"],
            say("data.half.usual", language): one["usual"],
        }
        for one in held
    ]
    _section(view, "data.half", pd.DataFrame(rows))
    st.caption(plain(say("data.half.about", language)))
    _draw_release(view, "release")


def _draw_release(view: View, key: str) -> None:
    """For analysts a button that publishes what is held."""
    if view.about.analysts:
        st.button(
            say("data.half.release", view.language), icon=":material/publish:", on_click=view.watch.release, key=key
        )


# --- how fresh, and where there are gaps ----------------------------------------------------------------------


def _draw_tables(view: View, counts: pd.DataFrame) -> None:
    held, language = view.held, view.language
    today = datetime.now(view.about.zone).date()
    rows = []
    for table, parts in sorted(held.parts.items()):
        first, last = held.days(table) or (None, None)
        there = set(counts.loc[counts["table"] == table, "day"])
        rows.append(
            {
                say("data.table", language): table,
                say("data.rows", language): held.rows(table),
                say("data.last", language): str(last or ""),
                say("data.age", language): max((today - last).days, 0) if last else None,
                say("data.gaps", language): len(snapshot.missing(there)) if last else None,
                say("data.first", language): str(first or ""),
                say("data.parts", language): len({part.month for part in parts}),
                say("data.replaced", language): held.replaced.get(table, 0),
            }
        )
    _section(
        view,
        "data.tables",
        pd.DataFrame(rows).astype({say("data.age", language): "Int64", say("data.gaps", language): "Int64"}),
    )


def _draw_days(view: View, counts: pd.DataFrame) -> None:
    """Rows per day of a table, or of one of its files."""
    language = view.language
    tables = [table for table in contract.TABLES if (counts["table"] == table).any()]
    if not tables:
        return
    _title("data.days", language)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        table = st.selectbox(say("data.table", language), tables, key="data table", width=180)
        own = counts[counts["table"] == (table or tables[0])]
        latest = own.groupby("file")["day"].max().sort_values(ascending=False, kind="stable")
        files = ["", *latest.index[:MOST_FILES]]
        file = st.selectbox(
            say("data.file", language),
            files,
            key=f"data file {table}",
            format_func=lambda name: name or say("data.every_file", language),
            width=300,
        )
        own = own[own["file"] == file] if file else own
        days = own.groupby("day")["rows"].sum().to_dict()
        years = ["", *map(str, sorted({day.year for day in days}, reverse=True))]
        year = st.selectbox(
            say("data.months", language),
            years,
            key=f"data year {table} {file}",
            format_func=lambda name: name or say("data.last_months", language, n=MONTHS_SHOWN),
            width=160,
        )
    months = _months(max(days), int(year) if year else 0)
    style = charts.Style(language, view.dark, width=charts.PHONE, names={"n": say("data.rows", language)})
    gaps = [day for day in snapshot.missing(days.keys()) if day.replace(day=1) in months]
    told = say("data.gaps.none" if not gaps else "data.gaps.some", language, n=words.number(len(gaps), language))
    if gaps:
        told += " " + say("data.gaps.last", language, day=words.day(gaps[-1], language))
    st.caption(plain(told))
    picture(charts.calendar(days, months, style), "calendar", f"{say('data.days', language)}. {told}")


def _months(last: date, year: int) -> list[date]:
    """The first days of the months of a year, or of the last twelve."""
    end = date(year, 12, 1) if year else last.replace(day=1)
    found = [end]
    while len(found) < MONTHS_SHOWN:
        found.append((found[-1] - ONE_DAY).replace(day=1))
    return [month for month in found if month <= last]


# --- what changed --------------------------------------------------------------------------------------------


def _draw_changes(view: View) -> None:
    held, language = view.held, view.language
    _title("data.changes", language)
    if not held.changes:
        st.caption(plain(say("data.changes.none", language)))
    else:
        _table(
            view,
            "data.changes",
            pd.DataFrame(
                [
                    {
                        say("data.table", language): change["table"],
                        say("data.month", language): "" if change["month"] == "all" else change["month"],
                        say("data.added", language): change["added"],
                        say("data.restated", language): change["restated"],
                        say("data.removed", language): change["removed"],
                    }
                    for change in reversed(held.changes)
                ]
            ),
        )
    for found in held.drift:
        for kind in ("new", "lost"):
            if found[kind]:
                where = found["source"] or found["table"]
                st.caption(plain(say(f"data.drift.{kind}", language, where=where, columns=", ".join(found[kind]))))


def _draw_quality(view: View) -> None:
    """The share of rows set aside over the publications, and what each of them brought."""
    held, language = view.held, view.language
    if len(held.history) < 2:
        return
    _title("data.quality", language)
    rows = []
    for entry in held.history:
        when = datetime.fromisoformat(entry["at"]).astimezone(view.about.zone)
        share = 100 * entry["aside"] / entry["read"] if entry["read"] else 0.0
        rows.append({"day": when.date(), "when": f"{when:%Y-%m-%d %H:%M}", "share": share, **entry})
    frame = pd.DataFrame(rows)
    by_day = frame.drop_duplicates("day", keep="last")
    if len(by_day) > 1:
        style = charts.Style(
            language,
            view.dark,
            decimals=2,
            unit="%",
            domain=(0, 100),
            grain="day",
            width=charts.PHONE,
            names={"value": say("data.share", language), "n": "n", "empty": say("state.empty", language)},
        )
        figure = charts.draw(by_day, Chart("line", x="day", y="share", unit="%", decimals=2), style)
        picture(figure, "quality", say("data.quality", language))
    _table(
        view,
        "data.quality",
        pd.DataFrame(
            {
                say("data.when", language): frame["when"],
                say("data.files", language): frame["files"],
                say("data.refused", language): frame["refused"],
                say("data.read", language): frame["read"],
                say("data.aside.rows", language): frame["aside"],
                say("data.share", language): frame["share"].round(3),
                say("data.added", language): frame["added"],
                say("data.restated", language): frame["restated"],
                say("data.seconds", language): frame["seconds"],
            }
        ).iloc[::-1],
    )


def _draw_aside(view: View) -> None:
    """What was set aside, by file and rule; the download has every row that is listed."""
    held, language = view.held, view.language
    _title("data.aside", language)
    found = [
        {
            say("data.file", language): file["file"],
            say("data.rows", language): file["read"],
            say("data.reason", language): translated(file["reason"], language),
            say("data.example", language): "",
            say("data.remedy", language): translated(file["hint"], language),
        }
        for file in held.files
        if file["reason"]
    ] + [
        {
            say("data.file", language): file["file"],
            say("data.rows", language): problem["rows"],
            say("data.reason", language): ": ".join(
                filter(None, (problem["column"], translated(problem["rule"], language)))
            ),
            say("data.example", language): problem["value"],
            say("data.remedy", language): translated(problem["hint"], language),
        }
        for file in held.files
        for problem in file["problems"]
    ]
    if found:
        listed = [
            {
                say("data.file", language): one.file,
                say("data.row", language): one.row or None,
                say("data.column", language): one.column,
                say("data.value", language): one.value,
                say("data.reason", language): translated(one.rule, language),
                say("data.remedy", language): translated(one.remedy, language),
            }
            for one in snapshot.set_aside(held)
        ]
        _table(
            view, "data.aside", pd.DataFrame(found), pd.DataFrame(listed).astype({say("data.row", language): "Int64"})
        )
        if any(RELEASES in file["hint"] for file in held.files):
            _draw_release(view, "release files")
    else:
        st.caption(plain(say("data.aside.none", language)))


# --- closed months and erasure ---------------------------------------------------------------------------------


def _draw_closed(view: View) -> None:
    language = view.language
    try:
        months = closed_months(view)
        found = {one.month: restated(view, one) for one in months}
    except CxError as error:
        _title("data.closed", language)
        error_card(error, language)
        return
    if not months:
        return
    _title("data.closed", language)
    st.caption(plain(say("data.closed.about", language)))
    closed = []
    for one in reversed(months):
        parts = found[one.month]
        when = one.closed_at.astimezone(view.about.zone)
        closed.append(
            {
                say("data.month", language): one.month,
                say("data.closed.at", language): f"{when:%Y-%m-%d %H:%M}",
                say("data.closed.by", language): one.closed_by,
                say("data.closed.note", language): one.note,
                say("data.closed.metrics", language): len(closing.whole(parts)),
                say("data.closed.parts", language): len(parts) - len(closing.whole(parts)),
            }
        )
    _show(pd.DataFrame(closed))
    rows = [row for month in sorted(found, reverse=True) for row in _reported(view, month, found[month])]
    if rows:
        st.markdown(f"**{plain(say('data.closed.changed', language))}**")
        _table(view, "data.closed", pd.DataFrame(rows))
    else:
        st.caption(plain(say("data.closed.same", language)))


def _reported(view: View, month: str, found: Sequence[closing.Difference]) -> list[dict[str, Any]]:
    language, rows = view.language, []
    for one in found:
        metric, dimension, value = one.place
        known = view.engine.catalog.metrics().get(metric)
        decimals = known.decimals if known else 2
        then, now = one.then, one.now
        moved = then and now and then.value is not None and now.value is not None
        rows.append(
            {
                say("data.month", language): month,
                say("data.metric", language): view.label("metric", metric),
                say("data.where", language): f"{view.column(dimension)}: {view.label(dimension, value)}"
                if dimension
                else say("filter.all", language),
                say("data.then", language): _told(then, decimals, language),
                say("data.now", language): _told(now, decimals, language),
                say("data.moved", language): words.signed(now.value - then.value, language, decimals)  # type: ignore[operator, union-attr]
                if moved
                else "",
                say("data.closed.why", language): say("data.closed.redefined", language) if one.redefined else "",
            }
        )
    return rows


def _told(figure: closing.Reported | None, decimals: int, language: Language) -> str:
    """A figure with its interval and its answers."""
    if figure is None:
        return words.NO_VALUE
    low_high = ""
    if figure.low is not None and figure.high is not None:
        low_high = f" [{words.number(figure.low, language, decimals)}, {words.number(figure.high, language, decimals)}]"
    return f"{words.number(figure.value, language, decimals)}{low_high} (n {words.number(figure.n, language)})"


def _draw_erasures(view: View) -> None:
    """How many customers were erased, and whose rows the law still wants kept."""
    language = view.language
    try:
        listed = erasure.entries(view.engine.data)
    except CxError as error:
        _title("data.erased", language)
        error_card(error, language)
        return
    if not listed:
        return
    today = erasure.today()
    gone = erasure.due(listed, today)
    _title("data.erased", language)
    st.caption(plain(say("data.erased.count", language, n=words.number(len(gone), language))))
    held = [entry for entry in listed if entry.held(today)]
    if held:
        rows = [
            {
                say("data.customer", language): _masked(entry.customer_id),
                say("data.asked", language): str(entry.asked_on or ""),
                say("data.held_until", language): str(entry.held_until or ""),
                say("data.hold_reason", language): entry.reason,
            }
            for entry in held
        ]
        st.markdown(f"**{plain(say('data.held', language))}**")
        _show(pd.DataFrame(rows))


def _masked(customer: str) -> str:
    """A customer's name as those know it who have the list; the page is seen by more people than that."""
    return f"…{customer[-3:]}" if len(customer) > 5 else "…"


# --- files ---------------------------------------------------------------------------------------------------


def _draw_files(view: View, counts: pd.DataFrame) -> None:
    language = view.language
    gaps: dict[tuple[str, str], int] = {}
    if len(counts):
        spans = counts.groupby(["source", "file"])["day"].agg(["min", "max", "nunique"])
        for key, (first, last, there) in zip(spans.index, spans.itertuples(index=False), strict=True):
            gaps[key] = (last - first).days + 1 - there
    _section(
        view,
        "data.files",
        pd.DataFrame(
            [
                {
                    say("data.file", language): file["file"],
                    say("data.table", language): file["table"],
                    say("data.source", language): file["source"],
                    say("data.state", language): say(f"data.state.{file['state']}", language),
                    say("data.read", language): file["read"],
                    say("data.kept", language): file["kept"],
                    say("data.first", language): file["first"],
                    say("data.last", language): file["last"],
                    say("data.gaps", language): gaps.get((file["source"], file["file"]), 0),
                }
                for file in view.held.files
            ]
        ),
    )


def _title(title: str, language: Language) -> None:
    st.markdown(f"##### {plain(say(title, language))}")


def _section(view: View, title: str, table: pd.DataFrame) -> None:
    _title(title, view.language)
    _table(view, title, table)


def _table(view: View, title: str, table: pd.DataFrame, whole: pd.DataFrame | None = None) -> None:
    """A table, and its download; `whole` is what the download has where that is more."""
    _show(table)
    st.download_button(
        say("card.download" if whole is None else f"{title}.download", view.language),
        csv(table if whole is None else whole),
        file_name=f"{title.replace('.', '-')}.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"csv {title}",
        type="tertiary",
    )


def _show(table: pd.DataFrame) -> None:
    numbers = {name: st.column_config.NumberColumn(format="localized") for name in table.select_dtypes("number")}
    height = min(36 * (len(table) + 1) + 2, 420)
    st.dataframe(table, hide_index=True, height=height, column_config=numbers, placeholder=words.NO_VALUE)
