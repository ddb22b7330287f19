"""Those who listen to calls as they end, each with a filter and a queue that cannot grow."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from llmtop.filter import Filter
from llmtop.history.record import record_of
from llmtop.live.ended_calls import EndedCalls
from llmtop.live.live import Live
from llmtop.serve.answer import encode

Record = dict[str, Any]
Shown = Callable[[Record], Record]

MOST_LISTENERS = 64
MOST_WAITING = 1_000
"""Calls that wait for a slow listener; older ones are left out, and counted."""


class Listener:
    """One open stream; its queue is filled by the mover and emptied by the event loop."""

    def __init__(self, matches: Filter | None) -> None:
        self.matches = matches
        self.waiting: deque[bytes] = deque()
        self.left_out = 0
        self.closed = False
        self._loop = asyncio.get_running_loop()
        self._told = asyncio.Event()

    def offer(self, told: bytes) -> None:
        """Put something into the queue."""
        self.waiting.append(told)
        if len(self.waiting) > MOST_WAITING:
            self.waiting.popleft()
            self.left_out += 1

    def wake(self) -> None:
        """Let the event loop know, from whatever thread."""
        try:
            self._loop.call_soon_threadsafe(self._told.set)
        except RuntimeError:
            self.closed = True  # the loop has ended, and nobody listens

    async def wait(self, seconds: float) -> None:
        """Until something was told, or for so long."""
        try:
            await asyncio.wait_for(self._told.wait(), seconds)
        except TimeoutError:
            pass
        self._told.clear()


class Streams:
    """All listeners; while there is none, calls cost nothing."""

    def __init__(self, shown: Shown = dict) -> None:
        """`shown` is what is told of a record: all of it, or masked."""
        self._shown = shown
        self._listeners: list[Listener] = []
        self._ended: EndedCalls | None = None
        self._lock = threading.Lock()
        self._closed = False

    def open(self, matches: Filter | None) -> Listener | None:
        """A new listener, or `None` when there are too many."""
        with self._lock:
            if self._closed or len(self._listeners) >= MOST_LISTENERS:
                return None
            listener = Listener(matches)
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

    def attach(self, live: Live) -> tuple[Listener, ...]:
        """Watch the calls if anybody listens, and else do not; in a turn of the mover's lock."""
        with self._lock:
            listeners = tuple(self._listeners)
        if listeners and self._ended is None:
            self._ended = EndedCalls()
            live.watch(self._ended)
        elif not listeners and self._ended is not None:
            live.unwatch(self._ended)
            self._ended = None
        return listeners

    def pass_on(self, live: Live) -> None:
        """Tell the calls that ended since the last time; in a turn of the mover's lock."""
        listeners = self.attach(live)
        if self._ended is None:
            return
        live.settle()
        told: set[int] = set()
        for span in self._ended.take():
            text: bytes | None = None
            for number, listener in enumerate(listeners):
                if listener.matches is None or listener.matches.matches(span):
                    text = encode(self._shown(record_of(span))) if text is None else text
                    listener.offer(text)
                    told.add(number)
        for number in told:
            listeners[number].wake()
