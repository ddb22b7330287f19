"""Looks for words in prompts and answers, which lie in the sources: newest first, bit by bit."""

from __future__ import annotations

import time
from collections.abc import Callable
from operator import attrgetter
from typing import NamedTuple
from weakref import WeakSet

from llmtop.filter_terms import Predicate
from llmtop.record_words import Records, RecordWords
from llmtop.span import Flag, Span

DEEPEST_BYTES = 64_000_000
"""A record behind so much compressed text is not looked into: keys would wait for it."""
_EVICTED = int(Flag.EVICTED)
_FEW = 10_000
_begun: Callable[[Span], float] = attrgetter("start")

Reconsider = Callable[[Span, Callable[[], None]], None]
"""Takes a span out of all sums, lets its answer change, and has it counted anew."""


class _Looked(NamedTuple):
    span: Span
    """Held, so that no other span gets its number."""
    opened_at: int
    ended_at: int


class _Asked:
    """A question, and what is known of its answers: the predicate that a filter asks."""

    def __init__(self, words: RecordWords) -> None:
        self.words = words
        self.waiting: list[Span] = []
        self._disordered = 0
        self.found: dict[int, Span] = {}
        self.too_deep = 0
        self._looked: dict[int, _Looked] = {}
        self._many = _FEW

    def matches(self, span: Span) -> bool:
        """Whether the words were found; a call that has more to tell now waits to be looked into.

        The answer changes only while the span is reconsidered.
        """
        key = id(span)
        if key in self.found:
            return True
        state = _Looked(span, span.opened_at, span.ended_at)
        if self._looked.get(key) != state:
            self._looked[key] = state
            self.waiting.append(span)
            self._disordered += 1
        return False

    def next(self) -> Span:
        """The newest of the calls that wait; a few that came last may go before it."""
        if self._disordered * 8 > len(self.waiting):
            self.waiting.sort(key=_begun)
            self._disordered = 0
        return self.waiting.pop()

    def forget_evicted(self) -> None:
        """Let go of calls that are not kept any more, whenever there may be many of them."""
        if len(self._looked) < self._many:
            return
        self._looked = {
            key: looked for key, looked in self._looked.items() if not looked.span.flags & _EVICTED
        }
        self.found = {key: span for key, span in self.found.items() if not span.flags & _EVICTED}
        self._many = max(_FEW, 2 * len(self._looked))


class ContentSearch:
    """The contents that filters look into; looking goes on as long as somebody holds the filter."""

    def __init__(
        self,
        records: Records,
        reconsider: Reconsider,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._records = records
        self._reconsider = reconsider
        self._clock = clock
        self._asked: WeakSet[_Asked] = WeakSet()
        self.found = 0
        """Calls in which words were found, so far."""

    def holding(self, words: str) -> Predicate:
        """Whether a call's texts hold some words; `False` as long as it was not looked into."""
        asked = _Asked(RecordWords(words, self._records))
        self._asked.add(asked)
        return asked.matches

    @property
    def waiting(self) -> int:
        """Calls that are still to be looked into."""
        return sum(len(asked.waiting) for asked in self._asked)

    @property
    def too_deep(self) -> int:
        """Calls that lie too deep in compressed files to be looked into."""
        return sum(asked.too_deep for asked in self._asked)

    def step(self, budget_s: float) -> bool:
        """Look into what waits for at most about `budget_s` seconds; whether more waits."""
        deadline = self._clock() + budget_s
        for asked in list(self._asked):
            asked.forget_evicted()
            while asked.waiting:
                self._look_into(asked.next(), asked)
                if self._clock() >= deadline:
                    return self.waiting > 0
        return False

    def _look_into(self, span: Span, asked: _Asked) -> None:
        if span.flags & _EVICTED:
            return
        if self._records.chunks.weight(self._records.places(span)) > DEEPEST_BYTES:
            asked.too_deep += 1
        elif asked.words.stand_in(span):
            self.found += 1
            self._reconsider(span, lambda: asked.found.__setitem__(id(span), span))
