"""The calls that are kept, in the order of the user's choice."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable

from llmtop.live.view import SortKey
from llmtop.span import Flag, Span

_EVICTED = int(Flag.EVICTED)
_OVER = int(Flag.ENDED | Flag.LOST)
_FEW = 200


def _begun(span: Span) -> float:
    return span.start


class CallList:
    """Calls sorted by their start; new ones are put in their place when somebody looks."""

    def __init__(self) -> None:
        self._ordered: list[Span] = []
        self._fresh: list[Span] = []
        self._left: dict[int, float] = {}
        self._evicted = 0
        self._disorder = False

    def add(self, span: Span) -> None:
        """Take in a call."""
        started = self._left.pop(id(span), None)
        if started is None:
            self._fresh.append(span)
        elif started != span.start:
            self._disorder = True

    def remove(self, span: Span) -> None:
        """Leave out a call that does not belong to the list any more, or is about to change."""
        self._left[id(span)] = span.start

    def evicted(self) -> None:
        """Note that a call of the list was evicted: it leaves when enough of them have."""
        self._evicted += 1

    def ordered(self) -> list[Span]:
        """All calls, oldest first. Not to be changed, and valid until the next call of this."""
        ordered = self._ordered
        fresh = self._fresh
        if self._disorder or len(fresh) > _FEW:
            ordered.extend(fresh)
            ordered.sort(key=_begun)
            self._disorder = False
        else:
            for span in fresh:
                if not ordered or span.start >= ordered[-1].start:
                    ordered.append(span)
                else:
                    insort(ordered, span, key=_begun)
        fresh.clear()
        if self._left:
            left = self._left
            self._ordered = ordered = [span for span in ordered if id(span) not in left]
            left.clear()
        if self._evicted > 1000 or self._evicted * 10 > len(ordered):
            self._ordered = ordered = [span for span in ordered if not span.flags & _EVICTED]
            self._evicted = 0
        return ordered

    def arranged(self, running: int, sort: SortKey, reverse: bool) -> list[Span]:
        """The calls as rows: newest, slowest or dearest first unless reversed.

        Sorted by time, the `running` calls in flight stand above the others; a call without the
        figure that rows are sorted by is always below those that have it.
        """
        shown = self.ordered()[::-1]
        if sort == "time":
            if reverse:
                shown.reverse()
            return _running_first(shown, running) if running else shown
        figure = FIGURES[sort]
        figures = [figure(span) for span in shown]
        told = [at for at, told in enumerate(figures) if told is not None]
        told.sort(
            key=figures.__getitem__,  # type: ignore[arg-type]  # none of these is None
            reverse=(sort in _DESCENDING) != reverse,
        )
        untold = [span for span, told in zip(shown, figures, strict=True) if told is None]
        return [shown[at] for at in told] + untold


def _running_first(shown: list[Span], running: int) -> list[Span]:
    top = []
    depth = 0
    for span in shown:
        depth += 1
        if not span.flags & _OVER:
            top.append(span)
            if len(top) == running:
                break
    return top + [span for span in shown[:depth] if span.flags & _OVER] + shown[depth:]


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
