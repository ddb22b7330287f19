"""Sums of the calls of plain logs, quickly: most calls are added up without a span being made."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from llmtop.history import totals
from llmtop.history.plain_calls import Pair, PlainCalls
from llmtop.history.plain_records import (
    OutOfTheOrdinary,
    read,
)
from llmtop.history.plain_spans import MOST_KINDS, Kind, PlainSpans
from llmtop.history.plain_sums import OfKind
from llmtop.history.plain_times import start_of, times_of
from llmtop.sources.chunk import Chunk
from llmtop.span import Span

_BY_KIND = frozenset({"model", "provider", "operation"})
"""What is the same for all calls of one kind."""


class Part(Struct):
    """The sums of a part of a log, and what the parts after it have to know."""

    found: totals.Found
    told: bytes
    kinds: list[Kind]


class PlainTotals:
    """Sums of plain calls that began in a range; OutOfTheOrdinary for a log that is not plain."""

    def __init__(
        self,
        by: str,
        spans: PlainSpans,
        since: float | None = None,
        until: float | None = None,
        *,
        is_part: bool = False,
    ) -> None:
        self._key = totals.BY[by]
        self._is_by_kind = by in _BY_KIND
        self._spans = spans
        self._first = float("-inf") if since is None else since
        self._last = float("inf") if until is None else until
        self._calls = PlainCalls(is_part=is_part)
        self._found: totals.Found = {}
        self._of_kinds: dict[Kind, OfKind] = {}
        self._kinds: set[Kind] = set()

    def read(self, chunks: Iterable[Chunk]) -> None:
        """Add up the calls that end in some chunks."""
        for chunk in chunks:
            self._add(self._calls.pairs(read(chunk)))

    def part(self) -> Part:
        """What was added up, as a part of a longer log."""
        return Part(self._found, self._calls.told(), list(self._spans.kinds))

    def follow(self, part: Part) -> None:
        """Add the sums of the part of the log that comes next."""
        self._kinds.update(part.kinds)
        if len(self._kinds) > MOST_KINDS:
            raise OutOfTheOrdinary
        totals.merge(self._found, part.found)
        self._add(self._calls.follow(part.told))

    def finish(self) -> totals.Found:
        """The sums, with the calls that were never answered."""
        for request in self._calls.unanswered():
            start = start_of(request)
            if self._first <= start <= self._last:
                self._add_span(self._spans.unanswered(request, start))
        return self._found

    def _add(self, pairs: Iterable[Pair]) -> None:
        known = self._of_kinds
        for request, response in pairs:
            start, latency = times_of(request, response)
            if not self._first <= start <= self._last:
                continue
            if not self._is_by_kind or response.status is not None:
                self._add_span(self._spans.answered(request, response, start, latency))
                continue
            kind = (
                request.provider,
                request.model,
                request.operation,
                response.provider,
                response.model,
            )
            of_kind = known.get(kind)
            if of_kind is None:
                span = self._spans.answered(request, response, start, latency)
                tally = totals.tally_of(self._found, self._key(span))
                of_kind = known[kind] = OfKind(span.series, tally, self._spans.prices)
            # As exact as the difference between the times that a span would have.
            of_kind.add(response, start, start + latency - start)

    def _add_span(self, span: Span) -> None:
        totals.tally_of(self._found, self._key(span)).add(span)
