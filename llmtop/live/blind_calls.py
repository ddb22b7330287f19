"""Blind calls: they tell no usage, and the call around them, which is not counted, tells it."""

from __future__ import annotations

from collections.abc import Callable

from llmtop.live.nesting import Nesting
from llmtop.live.span_index import SpanIndex
from llmtop.span import Flag, Span

_ENDED = int(Flag.ENDED)
_NESTED = int(Flag.NESTED)
_LOWER_BOUND = int(Flag.LOWER_BOUND)
_HIDDEN = int(Flag.NESTED | Flag.DOUBLE | Flag.SYNTHETIC | Flag.EVICTED)
_MOST_SPANS = 200
"""In a larger trace nobody looks for who could tell a call's usage."""
_MOST_LENT = 10_000


class BlindCalls:
    """Lends calls the usage of the one around them, if they are all that there is in it."""

    def __init__(self, index: SpanIndex, nesting: Nesting, price: Callable[[Span], None]) -> None:
        self._index = index
        self._nesting = nesting
        self._price = price
        self.lent: dict[str, Span] = {}
        """The calls that were lent usage, by the ids of those that told it."""
        self._lenders: dict[int, str] = {}

    def look(self, span: Span) -> list[Span]:
        """Look at a call before it is counted; others that are to be counted once more."""
        if span.flags & _NESTED:
            return [] if _is_silent(span) else self._blind_within(span)
        again = [] if span.flags & _HIDDEN else self._take_back(span)
        if _is_blind(span):
            lender = self._lender(span)
            if lender is not None:
                self._lend(lender, span)
        return again

    def forget(self, span: Span) -> None:
        """Take back what a call that is not counted was lent: it may tell its own usage now."""
        lender = self._lenders.pop(id(span), None)
        if lender is not None and self.lent.pop(lender, None) is span:
            self.clear(span)

    def clear(self, span: Span) -> None:
        """Take lent usage back, once the call that has it is not counted."""
        span.input_tokens = span.output_tokens = span.cache = span.cost = None
        span.flags &= ~_LOWER_BOUND

    def _lender(self, span: Span) -> Span | None:
        for outer in self._nesting.around(span):
            if not _is_silent(outer):
                return outer if _is_same(outer, span) and self._is_alone(span, outer) else None
        return None

    def _lend(self, lender: Span, span: Span) -> None:
        if len(self.lent) >= _MOST_LENT:
            self.lent.clear()
            self._lenders.clear()
        self.lent[lender.span_id] = span
        self._lenders[id(span)] = lender.span_id
        span.input_tokens, span.output_tokens = lender.input_tokens, lender.output_tokens
        span.cache = lender.cache
        span.flags |= lender.flags & _LOWER_BOUND
        self._price(span)

    def _take_back(self, span: Span) -> list[Span]:
        """The calls that were lent what, as is seen now, is not theirs alone."""
        if not self.lent or span.parent_id is None:
            return []
        lenders = [each.span_id for each in self._nesting.around(span)]
        lent = [
            self.lent.pop(name)
            for name in lenders
            if name in self.lent and self.lent[name] is not span
        ]
        return [each for each in lent if not each.flags & _HIDDEN]

    def _blind_within(self, outer: Span) -> list[Span]:
        return [
            each
            for each in self._spans_beside(outer)
            if _is_blind(each) and outer in self._nesting.around(each)
        ]

    def _is_alone(self, span: Span, outer: Span) -> bool:
        """Whether no other call that counts stands inside the one around."""
        spans = self._spans_beside(span)
        return bool(spans) and not any(
            each is not span
            and each.series.is_call
            and not each.flags & _HIDDEN
            and outer in self._nesting.around(each)
            for each in spans
        )

    def _spans_beside(self, span: Span) -> list[Span]:
        trace = None if span.trace_id is None else self._index.traces.get(span.trace_id)
        spans = [] if trace is None else trace.spans()
        return spans if len(spans) <= _MOST_SPANS else []


def _is_silent(span: Span) -> bool:
    return span.input_tokens is None and span.output_tokens is None


def _is_blind(span: Span) -> bool:
    """Whether a call that ended well and counts tells no usage."""
    return (
        _is_silent(span)
        and span.series.is_call
        and bool(span.flags & _ENDED)
        and not span.flags & _HIDDEN
        and span.status != "error"
    )


def _is_same(outer: Span, inner: Span) -> bool:
    one, other = outer.series, inner.series
    return one.operation == other.operation and (
        one.model == other.model or one.model is None or other.model is None
    )
