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
from llmtop.serve.store import Store
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

    def until(self) -> float | None:
        """The latest start that can still be on the page."""
        told = [each for each in (self.end, self.after and self.after.moment) if each is not None]
        return min(told, default=None)

    def holds(self, span: Span) -> bool:
        """Whether a call lies in the range, and behind the page before."""
        if self.begin is not None and span.start < self.begin:
            return False
        if self.end is not None and span.start > self.end:
            return False
        return self.after is None or order(span) < self.after


def order(span: Span) -> Cursor:
    """The place of a call: pages go backwards through this order."""
    return Cursor(span.start, span.span_id)


def page(
    monitor: Monitor, store: Store, asked: Range, wanted: Wanted, limit: int, *, payloads: bool
) -> LogPage:
    """One page, from memory and, where memory does not reach, from the store."""

    def both(span: Span) -> bool:
        return asked.holds(span) and wanted(span)

    found = _page_of(monitor.newest_calls(both, begin=asked.begin, until=asked.until()), limit + 1)
    reach = store.reach(monitor)
    if reach is None or (len(found) > limit and found[limit].start > reach):
        return _answer(monitor, found, limit, monitor.payloads if payloads else _nothing)
    known = {_likeness(span) for span in found}

    def only_stored(span: Span) -> bool:
        nameless = span.span_id.startswith("@")
        return not monitor.knows(span.span_id) and not (nameless and _likeness(span) in known)

    with store.scan(both, begin=asked.begin, until=_earlier(asked.until(), reach)) as scan:
        older = nlargest(limit + 1, filter(only_stored, scan), key=order)
        stored = {id(span) for span in older}

        def read(spans: list[Span]) -> list[Payload]:
            kept = iter(monitor.payloads([span for span in spans if id(span) not in stored]))
            return [scan.payload(span) if id(span) in stored else next(kept) for span in spans]

        together = nlargest(limit + 1, [*found, *older], key=order)
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


def _likeness(span: Span) -> tuple[object, ...]:
    """Tells calls apart whose records give no id: theirs is only where they were read."""
    return (span.start, span.end, span.series.model, span.input_tokens, span.output_tokens)


def _page_of(calls: Iterator[Span], most: int) -> list[Span]:
    """The first calls, and all that began at the very moment of the last: ids decide there."""
    found: list[Span] = []
    for span in calls:
        if len(found) >= most and span.start < found[-1].start:
            break
        found.append(span)
    return nlargest(most, found, key=order)


def _earlier(one: float | None, other: float) -> float:
    return other if one is None else min(one, other)
