"""A lock that is handed over in turns, so that the mover cannot keep those out who only look."""

from __future__ import annotations

import threading
from types import TracebackType


class Turns:
    """`with turns:` holds the lock; who waits is let in before the last holder comes again."""

    def __init__(self) -> None:
        self._held = threading.Lock()
        self._next = threading.Lock()

    def __enter__(self) -> None:
        # A holder that wants its next turn at once finds `_next` taken by the one who waits.
        with self._next:
            self._held.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._held.release()
