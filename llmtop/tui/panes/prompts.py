"""What the calls in sight were asked, a line each: read a few at a time, so that no key waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from llmtop.payload import Payload
from llmtop.span import Span

BUDGET_S = 0.004
"""Reading stops after so long, and goes on at another drawing."""
REST = 10.0
"""Reading rests for so many times as long as it took."""
HEAVIEST_BYTES = 2_000_000
"""A prompt that lies in more than this is left for the call's own screen."""
KEPT = 2000
LONGEST = 300
_TOOLS = frozenset({"tool", "function"})


class _Told(NamedTuple):
    places: tuple[int, int]
    """Where the records stood when they were read: more of them may come."""
    text: str


class Prompts:
    """Remembers the last message that each call was sent; reads it when it is asked for."""

    def __init__(
        self,
        read: Callable[[Span], Payload],
        weight: Callable[[Span], int],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._read = read
        self._weight = weight
        self._clock = clock
        self._known: dict[str, _Told] = {}
        self._spent = 0.0
        self._rest_until = 0.0
        self.behind = False
        """Whether a prompt was asked for since `begin` that was not read."""

    def begin(self) -> None:
        """Another drawing begins: some more may be read."""
        self._spent, self.behind = 0.0, False

    @property
    def rest(self) -> float:
        """Seconds until reading may go on."""
        return max(0.0, self._rest_until - self._clock())

    def of(self, span: Span) -> str | None:
        """The line of a call: empty if it has none, `None` while it is not read."""
        told = self._known.get(span.span_id)
        places = (span.opened_at, span.ended_at)
        if told is not None and (told.text or told.places == places):
            return told.text
        began = self._clock()
        if self._spent >= BUDGET_S or began < self._rest_until:
            self.behind = True
            return None if told is None else told.text
        if len(self._known) >= KEPT:
            self._known.clear()
        text = "" if self._weight(span) > HEAVIEST_BYTES else line_of(self._read(span))
        self._known[span.span_id] = _Told(places, text)
        self._spent += self._clock() - began
        if self._spent >= BUDGET_S:
            self._rest_until = self._clock() + REST * self._spent
        return text


def line_of(payload: Payload) -> str:
    """The beginning of the last message with words in it, as one line."""
    for message in reversed(payload.input):
        words = " ".join(message.text[: 4 * LONGEST].split())[:LONGEST]
        if words:
            return f"↳ {words}" if message.role.lower() in _TOOLS else words
    return ""
