"""What was worked out once and is kept for all who ask for the same, also while it is still being worked out."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """So many values by key, the longest unasked ones forgotten first; safe between threads.

    All together they have at most so many rows, as `rows` counts those of one; the newest is kept whatever it has.
    """

    def __init__(self, most: int, rows: Callable[[Value], int], most_rows: int) -> None:
        self._most = most
        self._rows = rows
        self._most_rows = most_rows
        self._held: dict[Hashable, int] = {}
        """How many rows each value that is there already has."""
        self._kept: OrderedDict[Hashable, Future[Value]] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key; the first who asks makes it, and whoever asks meanwhile waits for that one.

        An error reaches all who wait, and is not kept.
        """
        with self._guard:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
            else:
                future: Future[Value] = Future()
                self._kept[key] = future
                while len(self._kept) > self._most:
                    self._forget_oldest()
        if known is not None:
            return known.result()
        try:
            made = make()
        except BaseException as error:
            with self._guard:
                self._kept.pop(key, None)
            future.set_exception(error)
            raise
        future.set_result(made)
        with self._guard:
            if self._kept.get(key) is future:
                self._held[key] = self._rows(made)
            while sum(self._held.values()) > self._most_rows and len(self._kept) > 1:
                self._forget_oldest()
        return made

    def _forget_oldest(self) -> None:
        key, _ = self._kept.popitem(last=False)
        self._held.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._guard:
            self._kept.clear()
            self._held.clear()
