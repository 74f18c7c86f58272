"""The Data page: what was published, what was set aside and why."""

import pandas as pd
import streamlit as st

from cx import words
from cx.errors import DataError
from cx.ui.cards import csv
from cx.ui.view import View, error_card, heading
from cx.words import say


def draw_published(view: View) -> None:
    """Tables, files, what was set aside and broken questions of the snapshot being served."""
    held, language = view.held, view.language
    when = held.created_at.astimezone(view.about.zone)
    st.caption(
        heading(
            say("data.published", language, day=words.day(when.date(), language), time=f"{when:%H:%M}"),
            language,
        )
        + f" `{held.id}`"
    )
    if view.watch.error and not view.watch.running:
        message, _, hint = view.watch.error.partition("\n")
        error_card(DataError(message, hint.strip().removeprefix("→ ")), language)
    _section(
        view,
        "data.tables",
        pd.DataFrame(
            [
                {
                    say("data.table", language): table,
                    say("data.rows", language): held.rows(table),
                    say("data.parts", language): len(parts),
                    say("data.first", language): str((held.days(table) or ("", ""))[0]),
                    say("data.last", language): str((held.days(table) or ("", ""))[1]),
                    say("data.replaced", language): held.replaced.get(table, 0),
                }
                for table, parts in sorted(held.parts.items())
            ]
        ),
    )
    aside = [
        {
            say("data.file", language): file["file"],
            say("data.rows", language): problem["rows"],
            say("data.reason", language): f"{problem['column']}: {problem['rule']}",
            say("data.example", language): problem["value"],
            say("data.remedy", language): problem["hint"],
        }
        for file in held.files
        for problem in file["problems"]
    ] + [
        {
            say("data.file", language): file["file"],
            say("data.rows", language): file["read"],
            say("data.reason", language): file["reason"],
            say("data.example", language): "",
            say("data.remedy", language): file["hint"],
        }
        for file in held.files
        if file["reason"]
    ]
    if aside:
        _section(view, "data.aside", pd.DataFrame(aside))
    else:
        st.markdown(f"##### {heading(say('data.aside', language), language)}")
        st.caption(heading(say("data.aside.none", language), language))
    notes = [*held.notes, *(f"{file['file']}: {note}" for file in held.files for note in file["notes"])]
    if notes:
        _section(view, "data.notes", pd.DataFrame({say("data.notes", language): notes}))
    problems = view.engine.catalog.problems
    if problems:
        st.markdown(f"##### {heading(say('data.questions', language), language)}")
        for name, error in sorted(problems.items()):
            with st.container(border=True):
                error_card(error, language, name)
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
                }
                for file in held.files
            ]
        ),
    )


def _section(view: View, title: str, table: pd.DataFrame) -> None:
    st.markdown(f"##### {heading(say(title, view.language), view.language)}")
    st.dataframe(table, hide_index=True, height=min(36 * (len(table) + 1) + 2, 420))
    st.download_button(
        say("card.download", view.language),
        csv(table),
        file_name=f"{title.replace('.', '-')}.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"csv {title}",
        type="tertiary",
    )
