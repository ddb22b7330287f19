"""The server: serves until it is told to end, and ends open streams then."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from llmtop.sources.quiet_uvicorn import quiet

GRACE_S = 3
"""Requests that are being answered when the service ends may go on for so long (seconds)."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Server(uvicorn.Server):
    """Uvicorn, without a word to the terminal, and ending in order."""

    def __init__(self, application: ASGIApp, ending: Callable[[], None]) -> None:
        """`ending` is called when the service is told to end, perhaps in a signal handler."""
        super().__init__(quiet(application, http="h11", grace_s=GRACE_S))
        self._ending = ending

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End in order on a signal, and leave it at that: uvicorn would raise it again."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Let streams end, then the rest."""
        self._ending()
        super().handle_exit(sig, frame)
