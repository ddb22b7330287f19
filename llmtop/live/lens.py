"""A lens: the calls that a filter lets through, with their sums, kept up as calls change."""

from __future__ import annotations

from llmtop.filter import Filter
from llmtop.live.call_list import CallList
from llmtop.live.ledger import Ledger
from llmtop.live.watcher import OVER, Watcher
from llmtop.span import Span


class Lens(Watcher):
    """Calls in flight are in the list and not in the ledger: a view adds them up itself.

    So a call costs one entry in the sums and not three.
    """

    def __init__(self, matches: Filter | None = None) -> None:
        super().__init__(matches)
        self.ledger = Ledger()
        self.calls = CallList()

    def count(self, span: Span, sign: int) -> None:
        """Count a call that is over, or take it back."""
        if sign > 0:
            self.ledger.add(span)
        else:
            self.ledger.remove(span)

    def enter(self, span: Span) -> None:
        """List a call, and count it if it is over."""
        if self.sees(span):
            self.calls.add(span)
            self.ledger.begin(span.start, 1)
            if span.flags & OVER:
                self.ledger.add(span)

    def leave(self, span: Span) -> None:
        """Take a call off the list and out of the sums."""
        if self.sees(span):
            self.calls.remove(span)
            self.ledger.begin(span.start, -1)
            if span.flags & OVER:
                self.ledger.remove(span)

    def settled(self) -> None:
        """Put new calls in their places, if there are many."""
        self.calls.settled()

    def evicted(self, span: Span) -> None:
        """Let the list know: the call leaves it when enough of them have."""
        if self.sees(span):
            self.calls.evicted()

    def forget_before(self, newest: float) -> None:
        """Drop what is too old for windows that end at `newest` (seconds since the epoch)."""
        self.ledger.forget_before(newest)


class Lenses:
    """All that is kept up: the lens that sees all, the screen's lens, and other watchers."""

    def __init__(self) -> None:
        self.all = Lens()
        self.current = self.all
        """The lens that views are for."""
        self.every: tuple[Watcher, ...] = (self.all,)
        self._watching: list[Watcher] = []

    def look_through(self, lens: Lens) -> None:
        """Make a lens, already filled, the one that views are for."""
        self.current = lens
        self._arrange()

    def add(self, watcher: Watcher) -> None:
        """Keep a watcher up."""
        self._watching.append(watcher)
        self._arrange()

    def remove(self, watcher: Watcher) -> None:
        """Keep a watcher up no more."""
        self._watching.remove(watcher)
        self._arrange()

    def _arrange(self) -> None:
        shown = () if self.current is self.all else (self.current,)
        self.every = (self.all, *shown, *self._watching)
