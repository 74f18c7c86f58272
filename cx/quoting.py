"""Names and texts as SQL; a module of its own, since the question worker starts sooner with nothing else to load."""


def quoted(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a SQL literal, for the few places where DuckDB binds no parameter."""
    return "'" + text.replace("'", "''") + "'"
