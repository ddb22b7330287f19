"""The store behind memory: the logs that are read or recorded, for what is older."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from llmtop.filter import Filter
from llmtop.history.scan import Kind, Scan
from llmtop.live.rates import Rates
from llmtop.payload import Payload
from llmtop.serve.monitor import Monitor
from llmtop.span import Span

MOST_AT_ONCE = 2
"""Readings of the store at a time; further requests wait for their turn."""
_BATCH = 250
"""Spans that are looked up in memory in one turn."""


class Store:
    """Logs on disk; where there are none, everything that is known is in memory."""

    def __init__(
        self,
        paths: Sequence[Path] = (),
        *,
        record: Path | None = None,
        since: float | None = None,
        prices: Rates | None = None,
    ) -> None:
        """`paths` are followed from `since` on (all of them if `None`), `record` is written to."""
        self.followed = tuple(paths)
        self._paths = [*paths, *([record] if record is not None else [])]
        self._recorded = record is not None
        self._since = since
        self._prices = prices
        self._readers = threading.BoundedSemaphore(MOST_AT_ONCE)

    def reach(self, monitor: Monitor, begin: float | None = None) -> float | None:
        """The latest start of a call from `begin` on that may be here alone.

        `None` if memory has every call.
        """
        if not self._paths:
            return None
        told = [monitor.newest_evicted(), self._since, monitor.began if self._recorded else None]
        latest = max((each for each in told if each is not None), default=None)
        return None if latest is None or (begin is not None and begin > latest) else latest

    @contextmanager
    def scan(
        self,
        wanted: Callable[[Span], bool],
        *,
        begin: float | None = None,
        until: float | None = None,
        kind: Kind = "calls",
    ) -> Iterator[Scan]:
        """A reading of the calls that are wanted and began in a range, and of their payloads."""
        with self._readers:
            yield Scan(
                self._paths,
                matches=Filter("", wanted),
                since=begin,
                until=until,
                kind=kind,
                prices=self._prices,
            )


def beyond(monitor: Monitor, held: Iterable[Span], scan: Iterable[Span]) -> Iterator[Span]:
    """What a reading gives and memory does not have; `held` is what was found in memory before."""
    names: set[str] = set()
    alike: set[_Likeness] = set()
    for span in held:
        if _is_nameless(span):
            alike.add(_likeness(span))
        else:
            names.add(span.span_id)

    def is_new(span: Span) -> bool:
        return _likeness(span) not in alike if _is_nameless(span) else span.span_id not in names

    fresh = filter(is_new, scan)
    while batch := list(islice(fresh, _BATCH)):
        yield from monitor.unknown(batch)


_Likeness = tuple[object, ...]


def _is_nameless(span: Span) -> bool:
    return span.span_id.startswith("@")


def _likeness(span: Span) -> _Likeness:
    """Tells calls apart whose records give no id: theirs is only where they were read."""
    return (span.start, span.end, span.series.model, span.input_tokens, span.output_tokens)


class Payloads:
    """Reads the payloads of spans of which some are in memory, and some came from a reading."""

    def __init__(self, monitor: Monitor, scan: Scan, stored: Iterable[Span]) -> None:
        self._monitor = monitor
        self._scan = scan
        self._stored = {id(span) for span in stored}

    def __call__(self, spans: Sequence[Span]) -> list[Payload]:
        """The payloads, in the order of the spans."""
        inside = [span for span in spans if id(span) not in self._stored]
        kept = iter(self._monitor.payloads(inside))
        return [
            self._scan.payload(span) if id(span) in self._stored else next(kept) for span in spans
        ]
