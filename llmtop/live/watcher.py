"""A watcher: sees each call before and after it changes, and sums up those that are over."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from llmtop.filter import Filter
from llmtop.span import Flag, Span

OVER = int(Flag.ENDED | Flag.LOST)
_HIDDEN = int(Flag.NESTED | Flag.SYNTHETIC | Flag.DOUBLE)


class Watcher(ABC):
    """A call enters when it settles, leaves before it changes, and enters again after that.

    See `Live.watch`.
    """

    def __init__(self, matches: Filter | None = None) -> None:
        self.filter = matches
        self._matches = matches.matches if matches is not None else None

    def sees(self, span: Span) -> bool:
        """Whether the span, as it is now, is a call that counts and passes the filter."""
        return (
            span.series.is_call
            and not span.flags & _HIDDEN
            and (self._matches is None or self._matches(span))
        )

    @abstractmethod
    def count(self, span: Span, sign: int) -> None:
        """Count a call that is over, or with sign -1 take it back in the very same state."""

    def enter(self, span: Span) -> None:
        """Count a span."""
        if span.flags & OVER and self.sees(span):
            self.count(span, 1)

    def leave(self, span: Span) -> None:
        """Take a span's figures back before it changes, in the state in which it entered."""
        if span.flags & OVER and self.sees(span):
            self.count(span, -1)

    def settled(self) -> None:  # noqa: B027 - most watchers put nothing off
        """Note that every span that was left has entered again, as it is now."""

    def evicted(self, span: Span) -> None:  # noqa: B027 - most watchers keep no spans
        """Note that a span is not kept any more; its figures stay in the sums."""

    def forget_before(self, newest: float) -> None:  # noqa: B027 - most keep no slots of time
        """Drop what is too old for windows that end at `newest` (seconds since the epoch)."""

    def fill(self, spans: Iterable[Span]) -> None:
        """Count spans that were there before the watcher was."""
        for span in spans:
            self.enter(span)
