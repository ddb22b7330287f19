"""Wakes the tail when the system tells of a change in what is followed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path


class Notifier:
    """A thread of `watchfiles` that does nothing but raise a flag."""

    def __init__(self, paths: Sequence[Path], *, poll: bool = False) -> None:
        self._paths = [path for path in paths if path.exists()]
        self._poll = poll
        self._changed = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="llmtop-notify", daemon=True)
        if self._paths:
            self._thread.start()

    def _watch(self) -> None:
        from watchfiles import watch  # imported late: it is native code that summaries never need

        try:
            for _ in watch(
                *self._paths,
                stop_event=self._stop,
                debounce=50,
                step=20,
                rust_timeout=500,
                force_polling=self._poll,
                poll_delay_ms=500,
                raise_interrupt=False,
                watch_filter=None,
            ):
                self._changed.set()
        except Exception:
            pass

    def take(self) -> bool:
        """Whether something changed since the last time this was asked."""
        if self._changed.is_set():
            self._changed.clear()
            return True
        return False

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2.0)
