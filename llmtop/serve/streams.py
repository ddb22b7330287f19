"""The calls that ended last, remembered for those who listen, each at a place of its own."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from copy import copy
from itertools import islice
from typing import Any

from llmtop.filter import Filter
from llmtop.history.record import record_of
from llmtop.live.ended_calls import EndedCalls
from llmtop.live.live import Live
from llmtop.serve.answer import encode
from llmtop.span import Span

Record = dict[str, Any]
Shown = Callable[[Record], Record]

MOST_LISTENERS = 64
REMEMBERED = 10_000
"""Calls that are remembered for who is slow, or was away."""
MOST_AT_ONCE = 50
"""Calls that are looked at for a listener before others have their turn."""
WAKE_S = 0.05
"""Listeners are not told more often than this (seconds) that there is something."""

_FORGOTTEN = "These calls, counted without the filter, ended before those that are remembered."
_UNKNOWN = "The id is of another run of the service: what ended before this one is not remembered."


class _Call:
    """A call as it was when it ended, and as it is told, once anybody wants to hear of it."""

    __slots__ = ("span", "text")

    def __init__(self, span: Span) -> None:
        self.span = span
        self.text: bytes | None = None


class Listener:
    """One open stream."""

    def __init__(self, matches: Filter | None, place: int, *, is_known: bool) -> None:
        self.matches = matches
        self.place = place
        """How many calls had ended when the last one ended that it was told of."""
        self.is_known = is_known
        """Whether it came at a place that this run of the service gave it."""
        self.closed = False
        self._loop = asyncio.get_running_loop()
        self._told = asyncio.Event()

    def wake(self) -> None:
        """Let the event loop know, from whatever thread."""
        try:
            self._loop.call_soon_threadsafe(self._told.set)
        except RuntimeError:
            self.closed = True  # the loop has ended, and nobody listens

    async def wait(self, seconds: float) -> None:
        """Until there may be something to tell, or for so long."""
        try:
            await asyncio.wait_for(self._told.wait(), seconds)
        except TimeoutError:
            pass
        self._told.clear()


class Streams:
    """Remembers the last calls that ended, and all who listen."""

    def __init__(self, shown: Shown = dict) -> None:
        """`shown` is what is told of a record: all of it, or masked."""
        self._shown = shown
        self._run = secrets.token_hex(4)
        self._calls: deque[_Call] = deque(maxlen=REMEMBERED)
        self._count = 0
        self._ended: EndedCalls | None = None
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()
        self._closed = False
        self._woken = 0.0
        self._is_untold = False

    def open(self, matches: Filter | None, last: str | None = None) -> Listener | None:
        """A new listener, behind the event `last` if it names one; `None` if there are too many."""
        with self._lock:
            if self._closed or len(self._listeners) >= MOST_LISTENERS:
                return None
            place = self._count if last is None else self._place(last)
            if place is None:
                listener = Listener(matches, self._oldest, is_known=False)
            else:
                listener = Listener(matches, place, is_known=True)
            self._listeners.append(listener)
            return listener

    def leave(self, listener: Listener) -> None:
        """Somebody listens no more."""
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)

    def close(self) -> None:
        """End all streams."""
        with self._lock:
            self._closed = True
            for listener in self._listeners:
                listener.closed = True
                listener.wake()

    @property
    def _oldest(self) -> int:
        """How many calls had ended before the oldest one that is remembered."""
        return self._count - len(self._calls)

    def _place(self, event_id: str) -> int | None:
        run, _, number = event_id.strip().partition("-")
        if run != self._run or not (number.isascii() and number.isdigit()) or len(number) > 15:
            return None
        return int(number) if int(number) <= self._count else None

    def id_of(self, listener: Listener) -> bytes:
        """The id of the event that a listener was told last, as a line."""
        return b"id: %s-%d\n" % (self._run.encode(), listener.place)

    def take(self, listener: Listener) -> bytes | None:
        """The next events for a listener, perhaps none of many calls; `None` when it has all."""
        with self._lock:
            left_out = max(self._oldest - listener.place, 0)
            listener.place += left_out
            begin = listener.place - self._oldest
            calls = list(islice(self._calls, begin, begin + MOST_AT_ONCE))
        told = []
        if not listener.is_known:
            listener.is_known = True
            told.append(self._left_out(listener, None, _UNKNOWN))
        elif left_out:
            told.append(self._left_out(listener, left_out, _FORGOTTEN))
        elif not calls:
            return None
        for call in calls:
            listener.place += 1
            if listener.matches is None or listener.matches.matches(call.span):
                if call.text is None:
                    call.text = encode(self._shown(record_of(call.span)))
                told.append(self._event(b"call", call.text, listener))
        return b"".join(told)

    def _left_out(self, listener: Listener, count: int | None, reason: str) -> bytes:
        return self._event(b"left_out", encode({"calls": count, "reason": reason}), listener)

    def _event(self, name: bytes, data: bytes, listener: Listener) -> bytes:
        # The id comes last: who reads line by line, and is cut here, is rather told twice.
        return b"event: %s\ndata: %s\n%s\n" % (name, data, self.id_of(listener))

    def attach(self, live: Live) -> None:
        """Remember the calls that end from now on; in a turn of the mover's lock."""
        if self._ended is None:
            self._ended = EndedCalls()
            live.watch(self._ended)

    def pass_on(self, live: Live) -> None:
        """Remember the calls that ended since the last time; in a turn of the mover's lock."""
        if self._ended is None:
            return
        live.settle()
        # They may change yet, but what was told of them does not.
        calls = [_Call(copy(span)) for span in self._ended.take()]
        if not calls and not self._is_untold:
            return
        now = time.monotonic()
        with self._lock:
            self._calls.extend(calls)
            self._count += len(calls)
            self._is_untold = now - self._woken < WAKE_S
            if not self._is_untold:
                self._woken = now
                for listener in self._listeners:
                    listener.wake()
