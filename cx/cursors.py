"""One database asked from several threads at once: publishing reads files and writes parts side by side."""

import threading

import duckdb

AT_ONCE = 2
"""So many files are read, and parts written, at the same time: one alone does not keep two cores busy."""


class Cursors:
    """Connections to one database, one for each thread that asks."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._of_thread = threading.local()
        self._of_thread.connection = connection
        self._connection = connection

    @property
    def own(self) -> duckdb.DuckDBPyConnection:
        """The connection of this thread."""
        if not hasattr(self._of_thread, "connection"):
            self._of_thread.connection = self._connection.cursor()
        connection: duckdb.DuckDBPyConnection = self._of_thread.connection
        return connection
