"""Calls of plain logs, quickly: a request, then its response, and nothing out of the ordinary.

What is out of the ordinary (records that came twice or in another order, calls within calls,
attributes that tell of usage, other formats) is refused, so that it is read by the rules that
know all of that. Whatever is given here is what those rules would give.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from llmtop.decode import operations, providers
from llmtop.decode.timestamps import parse_time
from llmtop.history.plain_records import (
    Half,
    OutOfTheOrdinary,
    cache_of,
    latency_of,
    operation_of_span,
    outcome_of,
    read,
    tells_more,
    tells_outcome,
)
from llmtop.live import merge
from llmtop.live.rates import Rates, price
from llmtop.live.series import SeriesTable
from llmtop.sources.chunk import Chunk
from llmtop.span import (
    CALL_OPERATIONS,
    Flag,
    Fragment,
    Series,
    Span,
)

MOST_REMEMBERED = 100_000
"""Ids of calls, and of spans, that are remembered, twice: as many as the screen remembers."""
_BOUNDARIES = frozenset({"execute_tool", "invoke_agent", "turn"})
_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_LOCAL = int(Flag.LOCAL)
_STREAM = int(Flag.STREAM)
_COST_REPORTED = int(Flag.COST_REPORTED)
_DURATION_TOLD = int(Flag.DURATION_TOLD)


class _Recent:
    """Remembers the last so many keys, and what they stand for."""

    def __init__(self) -> None:
        self._now: dict[str, Any] = {}
        self._before: dict[str, Any] = {}

    def put(self, key: str, value: Any) -> None:
        """Remember a key."""
        if len(self._now) >= MOST_REMEMBERED:
            self._before, self._now = self._now, {}
        self._now[key] = value

    def get(self, key: str) -> Any:
        """What a key stands for, or `None`."""
        found = self._now.get(key)
        return self._before.get(key) if found is None else found


class PlainCalls:
    """Pairs requests with responses; raises OutOfTheOrdinary for a log that is not plain."""

    def __init__(self, prices: Rates) -> None:
        self._prices = prices
        self._table = SeriesTable()
        self._series: dict[tuple[str | None, ...], Series] = {}
        self._asked: dict[str, tuple[Half, float]] = {}
        self._answered = _Recent()
        self._spans = _Recent()
        self._awaited: set[str] = set()

    def calls(self, chunks: Iterable[Chunk]) -> Iterator[Span]:
        """Every call, in the order of the answers, then those that were never answered."""
        for chunk in chunks:
            for half in read(chunk):
                kind = half.type
                if kind == "response":
                    yield self._end(half)
                elif kind == "request":
                    self._begin(half)
                elif kind == "span":
                    self._note_span(half)
                else:
                    raise OutOfTheOrdinary
        for half, start in self._asked.values():
            yield self._span(half, half, start, None)

    def _begin(self, half: Half) -> None:
        name = half.request_id
        start = parse_time(half.timestamp)
        if name is None or start is None or not merge.EARLIEST < start < merge.LATEST:
            raise OutOfTheOrdinary
        if name in self._asked or self._answered.get(name) or len(self._asked) > MOST_REMEMBERED:
            raise OutOfTheOrdinary
        if tells_more(half) or tells_outcome(half):
            raise OutOfTheOrdinary
        if half.operation and operations.operation(half.operation) not in CALL_OPERATIONS:
            raise OutOfTheOrdinary
        own = half.span_id or name
        if own in self._awaited or name in self._awaited or self._spans.get(own) is not None:
            raise OutOfTheOrdinary
        self._spans.put(own, _A_CALL)
        if half.parent_id is not None:
            self._climb(half.parent_id)
        self._asked[name] = half, start

    def _climb(self, parent: str | None) -> None:
        """Look whether a call stands above, as far as its ancestors are known."""
        for _ in range(_HIGHEST):
            if parent is None:
                return
            above = self._spans.get(parent)
            if above is None:
                if parent in self._asked or self._answered.get(parent):
                    raise OutOfTheOrdinary
                if len(self._awaited) >= MOST_REMEMBERED:
                    raise OutOfTheOrdinary
                self._awaited.add(parent)
                return
            if above is _A_CALL:
                raise OutOfTheOrdinary
            parent, is_boundary = above
            if is_boundary:
                return
        raise OutOfTheOrdinary

    def _note_span(self, half: Half) -> None:
        """Note where a span stands that is no call: a call may be above or below it."""
        name = half.span_id
        if name is None or half.request_id is not None:
            raise OutOfTheOrdinary
        known = self._spans.get(name)
        told = half.parent_id, operation_of_span(half) in _BOUNDARIES
        if known is not None:
            if known != told:
                raise OutOfTheOrdinary
            return
        self._spans.put(name, told)
        if name in self._awaited:
            self._awaited.discard(name)
            if not told[1]:
                self._climb(half.parent_id)

    def _end(self, half: Half) -> Span:
        name = half.request_id
        asked = self._asked.pop(name, None) if name is not None else None
        if name is None or asked is None or tells_more(half) or half.operation is not None:
            raise OutOfTheOrdinary
        request, start = asked
        if half.span_id not in (None, request.span_id) or half.parent_id not in (
            None,
            request.parent_id,
        ):
            raise OutOfTheOrdinary
        self._answered.put(name, value=True)
        return self._span(request, half, start, latency_of(half, start))

    def _span(self, request: Half, half: Half, start: float, latency: float | None) -> Span:
        flags = _OPENED if latency is None else _OPENED | _ENDED
        if half.latency_ms is not None:
            flags |= _DURATION_TOLD
        answered = half.model if latency is not None else None
        series = self._series_of(request, half, answered)
        status, failure = (None, None) if latency is None else outcome_of(half)
        span = Span(
            request.span_id or request.request_id or "",
            None,
            request.parent_id,
            request.request_id,
            None,
            series,
            start,
            None if latency is None else start + latency,
            flags | (_STREAM if request.stream else 0) | (_LOCAL if series.local else 0),
            status,
            half.prompt_tokens,
            half.completion_tokens,
            cache_of(half),
            half.estimated_cost,
            None if half.ttft_ms is None else half.ttft_ms / 1000.0,
            failure,
            None,
            request.session_id or half.session_id,
            request.user_id or half.user_id,
            request.agent_name or half.agent_name,
        )
        if half.estimated_cost is None:
            price(span, self._prices)
        else:
            span.flags |= _COST_REPORTED
        return span

    def _series_of(self, request: Half, half: Half, answered: str | None) -> Series:
        key = (request.provider, request.model, answered, request.operation, half.provider)
        series = self._series.get(key)
        if series is None:
            told = [providers.provider(each) for each in (request.provider, half.provider)]
            local = any(providers.is_local_provider(each) for each in told)
            series = self._series[key] = self._table.of(
                Fragment(
                    request_id=request.request_id,
                    provider=told[0] or told[1],
                    model=request.model,
                    response_model=answered,
                    operation=operations.operation(request.operation),
                    flags=_LOCAL if local else 0,
                )
            )
            if len(self._series) > _MOST_SERIES:
                raise OutOfTheOrdinary
        return series


_A_CALL = object()
_HIGHEST = 1000
_MOST_SERIES = 1000
