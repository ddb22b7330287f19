"""What `live` asks of a price table, and what a span's cost is by it."""

from __future__ import annotations

from typing import Protocol

from llmtop.pricing import BATCH_SHARE, Card
from llmtop.span import Flag, Series, Span

_COST_REPORTED = int(Flag.COST_REPORTED)
_BATCH = int(Flag.BATCH)


class Rates(Protocol):
    """What `live` asks of a price table."""

    @property
    def ready(self) -> bool:
        """Whether prices are loaded; until then every cost is unknown."""

    def cost(
        self,
        series: Series,
        input_tokens: int | None,
        output_tokens: int | None,
        cache_read: int | None,
        cache_write: int | None,
        cache_write_1h: int | None,
        when: float | None,
    ) -> float | None:
        """US dollars, or `None` for an unknown price."""

    def rates(self, series: Series, input_tokens: int | None, when: float | None) -> Card | None:
        """The rates of one call, by its size and its time (seconds since the epoch)."""


def price(span: Span, rates: Rates) -> None:
    """Put in what a call costs, unless its record told that itself, or it told no usage."""
    if (
        (span.output_tokens is None and span.input_tokens is None)
        or span.flags & _COST_REPORTED
        or not span.series.is_call
    ):
        return
    cache = span.cache
    read = write = write_1h = None
    if cache is not None:
        read, write, write_1h = cache.read, cache.write, cache.write_1h
    span.cost = rates.cost(
        span.series,
        span.input_tokens,
        span.output_tokens,
        read,
        write,
        write_1h,
        span.start,
    )
    if span.flags & _BATCH and span.cost:
        span.cost *= BATCH_SHARE
