"""A lens: the calls that a filter lets through, with their sums, kept up as calls change."""

from __future__ import annotations

from collections.abc import Iterable

from llmtop.filter import Filter
from llmtop.live.call_list import CallList
from llmtop.live.ledger import Ledger
from llmtop.span import Flag, Span

_OVER = int(Flag.ENDED | Flag.LOST)
_HIDDEN = int(Flag.NESTED | Flag.SYNTHETIC | Flag.DOUBLE)


class Lens:
    """Before a span changes it is taken out, after that it is put in again.

    Calls in flight are in the list and not in the ledger: a view adds them up itself, so that
    a call costs one entry in the sums and not three.
    """

    def __init__(self, matches: Filter | None = None) -> None:
        self.filter = matches
        self.ledger = Ledger()
        self.calls = CallList()
        self._matches = matches.matches if matches is not None else None

    def sees(self, span: Span) -> bool:
        """Whether the span, as it is now, is a call that counts and passes the filter."""
        return (
            span.series.is_call
            and not span.flags & _HIDDEN
            and (self._matches is None or self._matches(span))
        )

    def enter(self, span: Span) -> None:
        """Count a new span."""
        if self.sees(span):
            self.calls.add(span)
            self.ledger.begin(span.start, 1)
            if span.flags & _OVER:
                self.ledger.add(span)

    def leave(self, span: Span) -> bool:
        """Take a span's figures back before it changes; whether it was seen."""
        seen = self.sees(span)
        if seen and span.flags & _OVER:
            self.ledger.remove(span)
        return seen

    def reenter(self, span: Span, was_seen: bool, old_start: float) -> None:
        """Count a span again after it changed."""
        if self.sees(span):
            if span.flags & _OVER:
                self.ledger.add(span)
            if not was_seen:
                self.calls.add(span)
                self.ledger.begin(span.start, 1)
            elif span.start != old_start:
                self.calls.moved()
                self.ledger.begin(old_start, -1)
                self.ledger.begin(span.start, 1)
        elif was_seen:
            self.drop(span, old_start)

    def drop(self, span: Span, start: float) -> None:
        """Leave out a span that was seen, and whose figures have been taken back."""
        self.calls.remove(span)
        self.ledger.begin(start, -1)

    def fill(self, spans: Iterable[Span]) -> None:
        """Count spans that were there before the lens was."""
        for span in spans:
            self.enter(span)
