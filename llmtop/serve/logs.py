"""`/v1/logs`: calls, the newest first, in pages that what arrives meanwhile does not shift."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import nlargest
from typing import Any

from msgspec import Struct

from llmtop.history.record import record_of
from llmtop.payload import Payload
from llmtop.serve.cursor import Cursor
from llmtop.serve.monitor import Monitor
from llmtop.serve.store import Payloads, Store, beyond
from llmtop.span import Span

Wanted = Callable[[Span], bool]


class LogPage(Struct, frozen=True):
    """Some calls, each with the fields of its request and of its response."""

    logs: list[dict[str, Any]]
    count: int
    """How many are on this page."""
    next: str | None
    """The `cursor` of the next page, or `None` on the last one."""


class Range(Struct, frozen=True):
    """Which calls are asked for, by their start (seconds since the epoch)."""

    begin: float | None = None
    end: float | None = None
    after: Cursor | None = None
    """The last call of the page before."""

    def until(self, reach: float | None = None) -> float | None:
        """The latest start that can still be on the page, and not behind `reach`."""
        told = (self.end, self.after and self.after.moment, reach)
        return min((each for each in told if each is not None), default=None)

    def holds(self, place: Cursor) -> bool:
        """Whether something lies in the range, and behind the page before."""
        if self.begin is not None and place.moment < self.begin:
            return False
        if self.end is not None and place.moment > self.end:
            return False
        return self.after is None or place < self.after


def order(span: Span) -> Cursor:
    """The place of a call: pages go backwards through this order."""
    return Cursor(span.start, span.span_id)


def page(
    monitor: Monitor, store: Store, asked: Range, wanted: Wanted, limit: int, *, payloads: bool
) -> LogPage:
    """One page, from memory and, where memory does not reach, from the store."""

    def both(span: Span) -> bool:
        return asked.holds(order(span)) and wanted(span)

    found = _page_of(monitor.newest_calls(both, begin=asked.begin, until=asked.until()), limit + 1)
    reach = store.reach(monitor, asked.begin)
    if reach is None or (len(found) > limit and found[limit].start > reach):
        return _answer(monitor, found, limit, monitor.payloads if payloads else _nothing)
    with store.scan(both, begin=asked.begin, until=asked.until(reach)) as scan:
        older = nlargest(limit + 1, beyond(monitor, found, scan), key=order)
        together = nlargest(limit + 1, [*found, *older], key=order)
        read = Payloads(monitor, scan, older)
        return _answer(monitor, together, limit, read if payloads else _nothing)


def _answer(
    monitor: Monitor,
    found: list[Span],
    limit: int,
    payloads: Callable[[list[Span]], Sequence[Payload | None]],
) -> LogPage:
    shown = found[:limit]
    logs = [
        monitor.shown(record_of(span, payload))
        for span, payload in zip(shown, payloads(shown), strict=True)
    ]
    more = order(shown[-1]).written() if len(found) > limit else None
    return LogPage(logs, len(logs), more)


def _nothing(spans: list[Span]) -> list[None]:
    """Texts are not asked for."""
    return [None] * len(spans)


def _page_of(calls: Iterator[Span], most: int) -> list[Span]:
    """The first calls, and all that began at the very moment of the last: ids decide there."""
    found: list[Span] = []
    for span in calls:
        if len(found) >= most and span.start < found[-1].start:
            break
        found.append(span)
    return nlargest(most, found, key=order)
