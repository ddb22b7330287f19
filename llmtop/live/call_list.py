"""The calls that are kept, in the order of the user's choice."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection
from operator import attrgetter

from llmtop.live.view import SortKey
from llmtop.span import Flag, Span

_EVICTED = int(Flag.EVICTED)
_MOST_FRESH = 4096
"""So many new calls, and an eighth of those in their places, may wait for somebody to look."""
_NEAR = 8
"""Places around its old one where a call is looked for whose start has changed."""
_begun: Callable[[Span], float] = attrgetter("start")


class CallList:
    """Calls sorted by their start; new ones are put in their place when somebody looks."""

    def __init__(self) -> None:
        self._ordered: list[Span] = []
        self._fresh: dict[int, Span] = {}
        self._left: dict[int, float] = {}
        self._evicted = 0
        self._disorder = False

    def add(self, span: Span) -> None:
        """Take in a call."""
        started = self._left.pop(id(span), None)
        if started is None:
            self._fresh[id(span)] = span
        elif started != span.start and id(span) not in self._fresh:
            self._move(span, started)

    def remove(self, span: Span) -> None:
        """Leave out a call that does not belong to the list any more, or is about to change."""
        self._left[id(span)] = span.start

    def _move(self, span: Span, started: float) -> None:
        """Take a call, whose start has changed, out of its place, to be put in again."""
        ordered = self._ordered
        at = bisect_left(ordered, started, key=_begun)
        for place in range(max(0, at - _NEAR), min(len(ordered), at + _NEAR)):
            if ordered[place] is span:
                del ordered[place]
                self._fresh[id(span)] = span
                return
        self._disorder = True

    def evicted(self) -> None:
        """Note that a call of the list was evicted: it leaves when enough of them have."""
        self._evicted += 1

    def ordered(self) -> list[Span]:
        """All calls, oldest first. Not to be changed, and valid until the next call of this."""
        self._place_fresh()
        if self._disorder:
            self._ordered.sort(key=_begun)
            self._disorder = False
        if self._left:
            left = self._left
            self._ordered = [span for span in self._ordered if id(span) not in left]
            left.clear()
        if self._evicted:
            self._let_go()
        return self._ordered

    def settled(self) -> None:
        """Keep few waiting: no call of the list changes now, and nobody waits for a view."""
        if len(self._fresh) > _MOST_FRESH + len(self._ordered) // 8:
            self._place_fresh()

    def _place_fresh(self) -> None:
        if self._fresh:
            self._take_in(list(self._fresh.values()))
            self._fresh.clear()

    def _take_in(self, fresh: list[Span]) -> None:
        """Put calls in their places: among those, if any, that began at the same time."""
        ordered = self._ordered
        fresh.sort(key=_begun)
        first = bisect_left(ordered, fresh[0].start, key=_begun)
        last = bisect_right(ordered, fresh[-1].start, lo=first, key=_begun)
        if first < last:
            fresh = ordered[first:last] + fresh
            fresh.sort(key=_begun)
        ordered[first:last] = fresh

    def _let_go(self) -> None:
        """Drop evicted calls from the front, where most of them are, or all of them."""
        ordered = self._ordered
        gone = 0
        while gone < len(ordered) and ordered[gone].flags & _EVICTED:
            gone += 1
        del ordered[:gone]
        self._evicted = max(0, self._evicted - gone)
        if self._evicted > 1000 + len(ordered) // 20 or self._evicted * 10 > len(ordered):
            self._ordered = [span for span in ordered if not span.flags & _EVICTED]
            self._evicted = 0

    def arranged(self, running: Collection[Span], sort: SortKey, reverse: bool) -> list[Span]:
        """The calls as rows: newest, slowest or dearest first unless reversed.

        Sorted by time, the `running` calls in flight stand above the others; a call without the
        figure that rows are sorted by is always below those that have it.
        """
        if sort == "time":
            ordered = self.ordered()
            if reverse:
                return ordered.copy()
            return _running_first(ordered, running) if running else ordered[::-1]
        shown = self.ordered()[::-1]
        figure = FIGURES[sort]
        figures = [figure(span) for span in shown]
        told = [at for at, told in enumerate(figures) if told is not None]
        told.sort(
            key=figures.__getitem__,  # type: ignore[arg-type]  # none of these is None
            reverse=(sort in _DESCENDING) != reverse,
        )
        untold = [span for span, told in zip(shown, figures, strict=True) if told is None]
        return [shown[at] for at in told] + untold


def _running_first(ordered: list[Span], running: Collection[Span]) -> list[Span]:
    """Newest first, those in flight above the others; each is looked up where its start is."""
    places = []
    for span in running:
        at = bisect_left(ordered, span.start, key=_begun)
        while at < len(ordered) and ordered[at] is not span and ordered[at].start == span.start:
            at += 1
        if at < len(ordered) and ordered[at] is span:
            places.append(at)
    places.sort(reverse=True)
    rows = [ordered[at] for at in places]
    end = len(ordered)
    for at in places:
        rows.extend(reversed(ordered[at + 1 : end]))
        end = at
    rows.extend(reversed(ordered[:end]))
    return rows


def _tokens(span: Span) -> int | None:
    if span.input_tokens is None and span.output_tokens is None:
        return None
    return (span.input_tokens or 0) + (span.output_tokens or 0)


# The values of one column compare with each other; no common type says so.
_Figure = Callable[[Span], "float | str | tuple[bool, str] | None"]
FIGURES: dict[SortKey, _Figure] = {
    "latency": lambda span: span.latency,
    "cost": lambda span: span.cost,
    "tokens": _tokens,
    "ttft": lambda span: span.ttft,
    "model": lambda span: span.series.model,
    "status": lambda span: None if span.status is None else (span.status != "error", span.status),
}
_DESCENDING = frozenset({"latency", "cost", "tokens", "ttft"})
