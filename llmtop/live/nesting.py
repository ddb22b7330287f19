"""Calls within calls: of a model call inside another's span only the inner one counts."""

from __future__ import annotations

from collections.abc import Callable

from llmtop.live.span_index import SpanIndex
from llmtop.span import Flag, Span

_CALL_BELOW = int(Flag.CALL_BELOW)
_NESTED = int(Flag.NESTED)
_BOUNDARIES = frozenset({"execute_tool", "invoke_agent", "turn"})
"""A call made by a tool or an agent is a call of its own, not the inside of the one around it."""
_MOST_WAITING = 50_000
_MOST_AROUND = 16
"""How far up a call is looked for that stands around another."""


class Nesting:
    """Marks each ancestor of a call, whatever the order in which they come.

    `uncount` and `count` are called around each change to a span's flags that sums depend on,
    `found` after a call was found to stand around another.
    """

    def __init__(
        self,
        index: SpanIndex,
        uncount: Callable[[Span], None],
        count: Callable[[Span], None],
        found: Callable[[Span], None],
    ) -> None:
        self._index = index
        self._uncount = uncount
        self._count = count
        self._found = found
        self._waiting: set[str] = set()
        self.nested = 0

    def note(self, span: Span) -> None:
        """Look at a span that is new, or whose parent or operation has just become known."""
        if span.span_id in self._waiting:
            self._waiting.discard(span.span_id)
            if self._mark(span):
                return
        elif not (span.series.is_call or span.flags & _CALL_BELOW):
            return
        self._climb(span)

    def around(self, span: Span) -> list[Span]:
        """The calls whose inside a call is, the nearest first."""
        found: list[Span] = []
        for _ in range(_MOST_AROUND):
            if span.parent_id is None or span.series.operation in _BOUNDARIES:
                break
            parent = self._index.get(span.parent_id)
            if parent is None:
                break
            if parent.flags & _NESTED:
                found.append(parent)
            span = parent
        return found

    def _climb(self, span: Span) -> None:
        while span.parent_id is not None and span.series.operation not in _BOUNDARIES:
            parent = self._index.get(span.parent_id)
            if parent is None:
                if len(self._waiting) >= _MOST_WAITING:
                    self._waiting.clear()
                self._waiting.add(span.parent_id)
                return
            if self._mark(parent):
                return
            span = parent

    def _mark(self, span: Span) -> bool:
        """Note that a call is below; whether that was known already."""
        if span.flags & _CALL_BELOW:
            return True
        nests = span.series.is_call
        if nests:
            self._uncount(span)
            self.nested += 1
        span.flags |= _CALL_BELOW | (_NESTED if nests else 0)
        if nests:
            self._count(span)
            self._found(span)
        return False
