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
    OutOfTheOrdinary,
    Request,
    Response,
    SpanRecord,
    cache_of,
    is_call,
    latency_of,
    outcome_of,
    read,
)
from llmtop.live import merge
from llmtop.live.rates import Rates, price
from llmtop.live.series import SeriesTable
from llmtop.sources.chunk import Chunk
from llmtop.span import Flag, Fragment, Series, Span

MOST_REMEMBERED = 100_000
"""Ids of calls, and of spans, that are remembered, twice: as many as the screen remembers."""
_MOST_SERIES = 1000
_HIGHEST = 1000
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
        self._asked: dict[str, tuple[Request, float]] = {}
        self._answered = _Recent()
        self._answers = _Recent()
        self._spans = _Recent()
        self._awaited: set[str] = set()

    def calls(self, chunks: Iterable[Chunk]) -> Iterator[Span]:
        """Every call, in the order of the answers, then those that were never answered."""
        for chunk in chunks:
            for record in read(chunk):
                kind = type(record)
                if kind is SpanRecord:
                    self._note_span(record)  # type: ignore[arg-type]  # it is one
                elif kind is Request:
                    self._begin(record)  # type: ignore[arg-type]  # it is one
                else:
                    yield self._end(record)  # type: ignore[arg-type]  # it is one
        for request, start in self._asked.values():
            yield self._unanswered(request, start)

    def _begin(self, request: Request) -> None:
        name = request.request_id
        start = parse_time(request.timestamp)
        if start is None or not merge.EARLIEST < start < merge.LATEST:
            raise OutOfTheOrdinary
        if name in self._asked or self._answered.get(name) or len(self._asked) > MOST_REMEMBERED:
            raise OutOfTheOrdinary
        if not is_call(request.operation):
            raise OutOfTheOrdinary
        own = request.span_id or name
        if own in self._awaited or name in self._awaited or self._spans.get(own) is not None:
            raise OutOfTheOrdinary
        self._spans.put(own, _A_CALL)
        if request.parent_id is not None:
            self._climb(request.parent_id)
        self._asked[name] = request, start

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

    def _note_span(self, record: SpanRecord) -> None:
        """Note where a span stands that is no call: a call may be above or below it."""
        name = record.span_id
        told = record.parent_id, record.is_boundary
        known = self._spans.get(name)
        if known is not None:
            if known != told:
                raise OutOfTheOrdinary
            return
        self._spans.put(name, told)
        if name in self._awaited:
            self._awaited.discard(name)
            if not told[1]:
                self._climb(record.parent_id)

    def _end(self, response: Response) -> Span:
        asked = self._asked.pop(response.request_id, None)
        if asked is None:
            raise OutOfTheOrdinary
        request, start = asked
        if response.span_id not in (None, request.span_id):
            raise OutOfTheOrdinary
        if response.parent_id not in (None, request.parent_id):
            raise OutOfTheOrdinary
        if response.response_id is not None:
            if self._answers.get(response.response_id):
                raise OutOfTheOrdinary
            self._answers.put(response.response_id, value=True)
        self._answered.put(response.request_id, value=True)
        return self._answered_call(request, response, start)

    def _answered_call(self, request: Request, response: Response, start: float) -> Span:
        series = self._series_of(request, response.provider, response.model)
        status, failure = outcome_of(response)
        flags = _OPENED | _ENDED
        if response.latency_ms is not None:
            flags |= _DURATION_TOLD
        if request.stream:
            flags |= _STREAM
        if series.local:
            flags |= _LOCAL
        cost = response.estimated_cost
        span = Span(
            request.span_id or request.request_id,
            None,
            request.parent_id,
            request.request_id,
            None,
            series,
            start,
            start + latency_of(response, start),
            flags if cost is None else flags | _COST_REPORTED,
            status,
            response.prompt_tokens,
            response.completion_tokens,
            cache_of(response),
            cost,
            None if response.ttft_ms is None else response.ttft_ms / 1000.0,
            failure,
            None,
            request.session_id or response.session_id,
            request.user_id or response.user_id,
            request.agent_name or response.agent_name,
        )
        if cost is None:
            price(span, self._prices)
        return span

    def _unanswered(self, request: Request, start: float) -> Span:
        return Span(
            request.span_id or request.request_id,
            None,
            request.parent_id,
            request.request_id,
            None,
            self._series_of(request, None, None),
            start,
            None,
            _OPENED,
            None,
            session_id=request.session_id,
            user_id=request.user_id,
            agent=request.agent_name,
        )

    def _series_of(self, request: Request, provider: str | None, answered: str | None) -> Series:
        key = (request.provider, request.model, answered, request.operation, provider)
        series = self._series.get(key)
        if series is None:
            told = [providers.provider(each) for each in (request.provider, provider)]
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
