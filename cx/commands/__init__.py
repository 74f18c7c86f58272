"""What each command of the command line does; a command loads what it needs, so that publishing waits for no chart."""

import getpass
from contextlib import suppress
from datetime import date

from cx.errors import QueryError


def day_of(text: str, option: str) -> date:
    """The day that an option names."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise QueryError(f"{option} is “{text}”, which is no date.", "Write it as 2026-11-22.") from error


def person(given: str) -> str:
    """Who does it: the one named, else who is logged in."""
    if given:
        return given
    with suppress(OSError, KeyError):
        return getpass.getuser()
    return ""
