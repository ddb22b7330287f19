"""Reads stored logs through: every call or span once, merged by the rules of the live screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from llmtop.filter import Filter
from llmtop.history import files
from llmtop.history.chunks import Chunks
from llmtop.history.otlp_spans import Origin
from llmtop.history.parts import parts
from llmtop.history.plain_records import OutOfTheOrdinary
from llmtop.history.plain_spans import PlainSpans
from llmtop.history.plain_totals import PlainTotals
from llmtop.history.range_sift import RangeSift
from llmtop.history.totals import Found
from llmtop.live.rates import Rates
from llmtop.live.watcher import Watcher
from llmtop.payload import Payload
from llmtop.pricing import Prices
from llmtop.record_words import Records
from llmtop.sources.chunk import Chunk
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.span import Flag, Fragment, Span

if TYPE_CHECKING:
    from llmtop.decode.decoder import Decoder
    from llmtop.live.live import Live

MOST_SPANS = 50_000
"""Spans that are held while their other halves, and what surrounds them, may still come."""
WORTH_SHARING = 64 * 1024 * 1024
"""Bytes from which on sharing the reading out to processes is quicker than reading."""
_UNTIMED = int(Flag.UNTIMED)

Kind = Literal["calls", "spans"]
Progress = Callable[[int, int], None]
"""Told how many bytes were read, and how many there are."""


class _Leaving(Watcher):
    """Gathers the spans that are held no more."""

    def __init__(self) -> None:
        super().__init__()
        self.spans: list[Span] = []

    def count(self, span: Span, sign: int) -> None:
        """Nothing is summed up."""

    def enter(self, span: Span) -> None:
        """Nothing is summed up."""

    def leave(self, span: Span) -> None:
        """Nothing is summed up."""

    def evicted(self, span: Span) -> None:
        """Keep a span that will not change any more."""
        self.spans.append(span)


class Scan:
    """One reading of stored logs; iterate over it once.

    Spans come about in the order of time. Those that began in the range and that the filter
    lets through are given. Memory is bounded, whatever the size of the logs.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        matches: Filter | None = None,
        since: float | None = None,
        until: float | None = None,
        kind: Kind = "calls",
        progress: Progress | None = None,
        prices: Rates | None = None,
        most_spans: int = MOST_SPANS,
        origins: bool = False,
    ) -> None:
        """With `origins`, `origin` tells where a span comes from, while it is iterated over."""
        found = files.find(paths)
        self.files = [log for log in found if log.may_hold(since, until)]
        """What is read."""
        self.left_out = len(found) - len(self.files)
        """Files of other days."""
        self._matches = matches.matches if matches is not None else None
        self._since = since
        self._until = until
        self._kind = kind
        self._progress = progress
        self._most_spans = most_spans
        self._is_ruled = False
        self._chunk_index = ChunkIndex()
        self._chunks = Chunks(self.files, self._chunk_index, RangeSift(since, until))
        self._prices = prices or _loaded()
        self._origins: dict[str, Origin] | None = {} if origins else None
        self._leaving = _Leaving()

    # All the rules and formats take longer to load than many a plain log to be summed up.
    @cached_property
    def _decoder(self) -> Decoder:
        from llmtop.decode.decoder import Decoder

        return Decoder()

    @cached_property
    def _live(self) -> Live:
        from llmtop.live.live import Live

        live = Live(_own(self._prices), max_calls=self._most_spans, follow=False)
        live.watch(self._leaving)
        return live

    def __iter__(self) -> Iterator[Span]:
        self._is_ruled = True
        leaving = self._leaving
        for chunk in self._chunks:
            fragments = self._decoder.decode(chunk)
            if self._origins is not None:
                _note(self._origins, fragments)
            self._live.apply(fragments, time.time())
            if self._progress is not None:
                self._progress(self._chunks.bytes_read, self._chunks.bytes_total)
            if leaving.spans:
                ready, leaving.spans = leaving.spans, []
                yield from self._wanted(ready)
        self._live.tick(time.time())
        if self._progress is not None:
            self._progress(self._chunks.bytes_total, self._chunks.bytes_total)
        yield from self._wanted(sorted(self._live.index, key=_begun))

    def plain_totals(self, by: str, workers: int = 1) -> Found:
        """The sums of the calls of plain logs, more quickly than from what is iterated over.

        Large logs are read by so many processes at once. Raises OutOfTheOrdinary, perhaps late,
        for logs that have to be read by all the rules.
        """
        since, until = self._since, self._until
        if workers > 1 and sum(log.size for log in self.files) >= WORTH_SHARING:
            from llmtop.history import plain_workers

            work = plain_workers.Work(list(parts(self.files)), by, _own(self._prices), since, until)
            return plain_workers.summed(work, workers, self._progress)
        chunks = Chunks(self.files, ChunkIndex(), RangeSift(since, until))
        sums = PlainTotals(by, PlainSpans(_own(self._prices)), since, until)
        sums.read(self._watched(chunks))
        return sums.finish()

    def _watched(self, chunks: Chunks) -> Iterator[Chunk]:
        for chunk in chunks:
            yield chunk
            if self._progress is not None:
                self._progress(chunks.bytes_read, chunks.bytes_total)
        if chunks.problems:
            raise OutOfTheOrdinary

    def _wanted(self, spans: Iterable[Span]) -> Iterator[Span]:
        for span in spans:
            if (
                (self._kind == "spans" or span.counted)
                and self._is_in_range(span)
                and (self._matches is None or self._matches(span))
            ):
                yield span

    def _is_in_range(self, span: Span) -> bool:
        if self._since is None and self._until is None:
            return True
        if span.flags & _UNTIMED:
            return False
        return (self._since is None or span.start >= self._since) and (
            self._until is None or span.start <= self._until
        )

    def payload(self, span: Span) -> Payload:
        """The heavy part of a span, read again from where it lies; else what its twins tell."""
        payload = self._own_payload(span)
        if span.counted:
            others = (self._own_payload(each) for each in self._live.retellings(span))
            payload.fill_in(others, answered=not span.failed)
        return payload

    @property
    def records(self) -> Records:
        """Where payloads are read from."""
        return Records(self._chunk_index, self._places, self.payload)

    def _places(self, span: Span) -> list[int]:
        others = self._live.retellings(span) if span.counted else ()
        return [place for each in (span, *others) for place in _own_places(each)]

    def _own_payload(self, span: Span) -> Payload:
        places = _own_places(span)
        records = [(at, data) for at in places if (data := self._chunk_index.read(at)) is not None]
        payload = self._decoder.payload(records[:1], span)
        for record in records[1:]:
            _complete(payload, self._decoder.payload([record], span))
        if len(records) < len(places) and payload.missing is None:
            payload.missing = "A record of this call is gone from its file (rotated or deleted)."
        return payload

    def origin(self, span: Span) -> Origin:
        """Where the span that was given last comes from; asked once."""
        if self._origins is None:
            return _UNKNOWN
        key = span.span_id.removeprefix(f"{span.trace_id}/")
        found = self._origins.pop(key, None)
        if found is None and span.request_id is not None:
            found = self._origins.pop(span.request_id, None)
        return found or _UNKNOWN

    @property
    def lines(self) -> int:
        """Lines read so far."""
        return self._decoder.lines if self._is_ruled else 0

    @property
    def rejected(self) -> int:
        """Lines that could not be read."""
        return self._decoder.rejected if self._is_ruled else 0

    @property
    def problems(self) -> Sequence[str]:
        """Sentences about files that could not be read to their end."""
        return self._chunks.problems


_UNKNOWN = Origin()


def _note(origins: dict[str, Origin], fragments: Sequence[Fragment]) -> None:
    for fragment in fragments:
        if fragment.scope is not None or fragment.response_id is not None:
            key = fragment.span_id or fragment.request_id
            if key is not None:
                known = origins.get(key, _UNKNOWN)
                origins[key] = Origin(
                    known.scope or fragment.scope, known.response_id or fragment.response_id
                )


def _complete(payload: Payload, other: Payload) -> None:
    """Add what another record of the span tells; a copy of the first one tells nothing new."""
    payload.input = payload.input or other.input
    payload.output = payload.output or other.output
    payload.parameters = {**other.parameters, **payload.parameters}
    payload.attributes = {**other.attributes, **payload.attributes}
    payload.events += tuple(event for event in other.events if event not in payload.events)
    payload.raw += tuple(raw for raw in other.raw if raw not in payload.raw)


def _own_places(span: Span) -> list[int]:
    return [at for at in dict.fromkeys((span.opened_at, span.ended_at)) if at >= 0]


def _begun(span: Span) -> float:
    return span.start


def _own(prices: Rates) -> Rates:
    """Prices that no other reading has used: they belong to one table of series."""
    return prices.afresh() if isinstance(prices, Prices) else prices


def _loaded() -> Prices:
    prices = Prices()
    prices.load()
    return prices
