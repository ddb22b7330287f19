"""Spans of plain calls, as all the rules would make them of a request and its response."""

from __future__ import annotations

from llmtop.decode import operations, providers
from llmtop.history.plain_records import (
    OutOfTheOrdinary,
    Request,
    Response,
    cache_of,
    is_call,
    outcome_of,
)
from llmtop.live.rates import Rates, price
from llmtop.live.series import SeriesTable
from llmtop.span import Flag, Fragment, Series, Span

MOST_KINDS = 300
"""All the rules keep some series of each kind apart, and fold what is beyond a thousand."""
_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_LOCAL = int(Flag.LOCAL)
_STREAM = int(Flag.STREAM)
_COST_REPORTED = int(Flag.COST_REPORTED)
_DURATION_TOLD = int(Flag.DURATION_TOLD)

Kind = tuple[str | None, str | None, str | None, str | None, str | None]
"""The provider, model and operation of a request, the provider and model of its response."""


class PlainSpans:
    """Makes spans, and interns what they have in common."""

    def __init__(self, prices: Rates) -> None:
        self.kinds: dict[Kind, Series] = {}
        self.prices = prices
        self._table = SeriesTable()

    def answered(self, request: Request, response: Response, start: float, latency: float) -> Span:
        """A call that ended; `start` is seconds since the epoch, `latency` is seconds."""
        series = self.series(request, response)
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
            start + latency,
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
            price(span, self.prices)
        return span

    def unanswered(self, request: Request, start: float) -> Span:
        """A call that has not ended."""
        return Span(
            request.span_id or request.request_id,
            None,
            request.parent_id,
            request.request_id,
            None,
            self.series(request, None),
            start,
            None,
            _OPENED,
            None,
            session_id=request.session_id,
            user_id=request.user_id,
            agent=request.agent_name,
        )

    def series(self, request: Request, response: Response | None) -> Series:
        """The series of a call. Raises OutOfTheOrdinary for what is no call, or one too many."""
        kind = kind_of(request, response)
        series = self.kinds.get(kind)
        if series is None:
            if not is_call(request.operation):
                raise OutOfTheOrdinary
            told = [providers.provider(each) for each in (kind[0], kind[3])]
            local = any(providers.is_local_provider(each) for each in told)
            series = self.kinds[kind] = self._table.of(
                Fragment(
                    request_id=request.request_id,
                    provider=told[0] or told[1],
                    model=request.model,
                    response_model=kind[4],
                    operation=operations.operation(request.operation),
                    flags=_LOCAL if local else 0,
                )
            )
            if len(self.kinds) > MOST_KINDS:
                raise OutOfTheOrdinary
        return series


def kind_of(request: Request, response: Response | None) -> Kind:
    """What calls of one series have in common."""
    provider, model = (None, None) if response is None else (response.provider, response.model)
    return request.provider, request.model, request.operation, provider, model
