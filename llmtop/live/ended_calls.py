"""The calls that have just ended, each told once, for those who want to hear of them."""

from __future__ import annotations

from collections.abc import Iterable

from llmtop.live.watcher import Watcher
from llmtop.span import Flag, Span

_ENDED = int(Flag.ENDED)
_REMEMBERED = 100_000


class EndedCalls(Watcher):
    """Gathers calls as they end; one that had ended before is not told when it changes."""

    def __init__(self) -> None:
        super().__init__()
        self._fresh: list[Span] = []
        self._told: set[str] = set()

    def count(self, span: Span, sign: int) -> None:
        """Note a call that is over."""
        if not span.flags & _ENDED:
            return
        if sign < 0:
            if len(self._told) >= _REMEMBERED:
                self._told.clear()
            self._told.add(span.span_id)
        elif span.span_id in self._told:
            self._told.discard(span.span_id)
        else:
            self._fresh.append(span)

    def fill(self, spans: Iterable[Span]) -> None:
        """What had ended before anybody listened is not told."""

    def take(self) -> list[Span]:
        """The calls that ended since the last time."""
        fresh, self._fresh = self._fresh, []
        return fresh
