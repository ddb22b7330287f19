"""Sums of plain calls of one kind, in a third of the steps that their spans would take."""

from __future__ import annotations

from math import log

from llmtop.history.plain_records import Response, has_failed
from llmtop.live.rates import Rates
from llmtop.live.sketch import OFFSET, PER_NATURAL_LOG
from llmtop.live.tally import PICO, Tally
from llmtop.pricing import Card
from llmtop.span import Cache, Series

_HOUR_S = 3600.0
"""Prices that change do so at a full hour."""
_SHORTEST_S = 1e-8


class OfKind:
    """Adds calls of one kind to a tally, as far as rows of totals tell of them."""

    __slots__ = ("_card", "_from", "_prices", "_series", "_tally", "_until")

    def __init__(self, series: Series, tally: Tally, prices: Rates) -> None:
        self._series = series
        self._tally = tally
        self._prices = prices
        self._card: Card | None = None
        self._from = self._until = 0.0

    def add(self, response: Response, start: float, latency: float) -> None:
        """Add what the span of a call would that tells no status.

        `start` is in seconds since the epoch, `latency` in seconds.
        """
        tally = self._tally
        tokens, written = response.prompt_tokens, response.completion_tokens
        ttft_ms = response.ttft_ms
        failed = response.error is not None or response.error_type is not None
        if failed:
            failed = has_failed(response)
        tally.calls += 1
        if failed:
            tally.errors += 1
        if tokens is not None:
            tally.input_tokens += tokens
            tally.input_told += 1
        if written is not None:
            tally.output_tokens += written
            tally.output_told += 1
        read, write = response.cache_read_tokens, response.cache_write_tokens
        if read is not None or write is not None or response.reasoning_tokens is not None:
            tally.add_cache(Cache(read, write, None, response.reasoning_tokens), 1)
        cost = response.estimated_cost
        if cost is None and not (tokens is None and written is None):
            cost = self._cost(response, start)
        if cost is not None:
            tally.picodollars += round(cost * PICO)
            tally.priced += 1
        elif tokens is not None or written is not None:
            tally.unpriced += 1
        # `bucket` of the sketch, without a call.
        number = int(log(latency) * PER_NATURAL_LOG + OFFSET) if latency > _SHORTEST_S else 0
        counts = tally.latency_failed if failed else tally.latency
        counts[number] = counts.get(number, 0) + 1
        if latency > tally.longest:
            tally.longest = latency
        if ttft_ms is not None:
            ttft = ttft_ms / 1000.0
            number = int(log(ttft) * PER_NATURAL_LOG + OFFSET) if ttft > _SHORTEST_S else 0
            counts = tally.ttft
            counts[number] = counts.get(number, 0) + 1
            if ttft > tally.slowest_start:
                tally.slowest_start = ttft

    def _cost(self, response: Response, start: float) -> float | None:
        if not self._from <= start < self._until:
            self._from = start // _HOUR_S * _HOUR_S
            self._until = self._from + _HOUR_S
            self._card = self._prices.rates(self._series, 0, start)
        card = self._card
        if card is None:
            return None
        tokens = response.prompt_tokens or 0
        if card.tier_start is not None and tokens >= card.tier_start:
            card = self._prices.rates(self._series, tokens, start) or card
        return card.cost(
            tokens,
            response.completion_tokens or 0,
            response.cache_read_tokens or 0,
            response.cache_write_tokens or 0,
            response.cache_write_1h_tokens or 0,
        )
