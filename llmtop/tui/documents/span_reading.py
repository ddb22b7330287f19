"""What a screen knows of the span that it shows; read again only when the span has changed."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from llmtop.payload import Payload
from llmtop.pricing import in_batch
from llmtop.span import Flag, Span
from llmtop.tui.documents import span_facts
from llmtop.tui.documents.cost_breakdown import UsageTable
from llmtop.tui.documents.document import Block

if TYPE_CHECKING:
    from llmtop.tui.app import LlmTop

CLOCK_HZ = 10
"""How often a running clock is written anew, at most."""


class SpanReading:
    """Holds a span's payload, and tells when what is shown of the span is out of date."""

    def __init__(self, app: LlmTop) -> None:
        self._app = app
        self.span: Span | None = None
        self.payload = Payload()
        self._read: Hashable = None
        self._told: Hashable = None

    def follow(self, span: Span) -> bool:
        """Look at a span as it is now; whether its records had to be read (again)."""
        self.span = span
        read = (span.span_id, span.opened_at, span.ended_at, span.flags)
        if read == self._read:
            return False
        self._read, self._told = read, None
        self.payload = self._app.payload(span)
        return True

    def changed(self) -> bool:
        """Whether the facts are others than when this was asked last; clocks are facts."""
        span, app = self.span, self._app
        if span is None:
            return False
        rate = CLOCK_HZ if span.running else 1 if app.time_format == "relative" else 0
        told = (
            int(app.now * rate),
            app.time_format,
            span.cost,
            span.status,
            span.start,
            span.end,
            span.input_tokens,
            span.output_tokens,
            span.cache,
            app.pump.live.prices.ready,
        )
        if told == self._told:
            return False
        self._told = told
        return True

    def facts(self) -> Block:
        """What is known of the span but its messages; call `follow` first."""
        span, app = self.span, self._app
        if span is None:
            raise LookupError("no span is followed")
        prices = app.pump.live.prices
        card = prices.rates(span.series, span.input_tokens, span.start)
        if card is not None and span.flags & Flag.BATCH:
            card = in_batch(card)
        table = UsageTable(span, card, loaded=prices.ready)
        return span_facts.facts(span, self.payload, table, app.time_format, app.now)
