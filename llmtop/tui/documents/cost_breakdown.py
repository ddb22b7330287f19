"""Token usage and cost of one call as a table: each part, its rate and what it comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from llmtop.pricing import FREE, MILLION, Card
from llmtop.span import Flag, Span
from llmtop.tui import numbers
from llmtop.tui.documents.document import Parts
from llmtop.tui.safe_text import cell, wrapped

_SAME = 1e-9
"""US dollars by which a cost may differ from the sum of its parts, by rounding."""
_LEAST = 0.0000005
"""US dollars that six decimals can tell from nothing."""


class Line(NamedTuple):
    """One part of the usage."""

    label: str
    tokens: int | None
    rate: float | None = None
    """US dollars per million tokens."""
    meaning: str = ""

    @property
    def cost(self) -> float | None:
        """US dollars."""
        if self.tokens is None or self.rate is None:
            return None
        return self.tokens * self.rate / MILLION


def lines(span: Span, card: Card | None) -> list[Line]:
    """The parts of a call's usage, with their rates where a card is given."""
    return [*_input(span, card), *_output(span, card)]


def _input(span: Span, card: Card | None) -> Iterator[Line]:
    cache = span.cache
    read = None if cache is None else cache.read
    write = None if cache is None else cache.write
    hour = None if cache is None else cache.write_1h
    if span.input_tokens is None or not (read or write):
        yield Line("input", span.input_tokens, None if card is None else card.input)
        return
    fresh = max(0, span.input_tokens - (read or 0) - (write or 0))
    yield Line("input", span.input_tokens)
    yield Line("  uncached", fresh, None if card is None else card.input)
    if read is not None:
        yield Line("  cache read", read, None if card is None else card.cache_read, "cached")
    if write is not None:
        short = max(0, write - (hour or 0))
        yield Line("  cache written", short, None if card is None else card.cache_write)
    if hour:
        yield Line("  written for 1h", hour, None if card is None else card.cache_write_1h)


def _output(span: Span, card: Card | None) -> Iterator[Line]:
    yield Line("output", span.output_tokens, None if card is None else card.output)
    if span.cache is not None and span.cache.reasoning is not None:
        yield Line("  reasoning", span.cache.reasoning, meaning="dim")


def explained(span: Span, card: Card | None) -> Card | None:
    """The card, if it is what a span's cost was worked out by."""
    if card is None or span.cost is None or span.flags & Flag.COST_REPORTED:
        return None
    total = sum(line.cost or 0.0 for line in lines(span, card))
    return card if abs(total - span.cost) <= _SAME + span.cost * 1e-6 else None


def origin(span: Span, card: Card | None, *, loaded: bool) -> str:
    """Where a call's cost comes from, in a sentence."""
    if span.flags & Flag.COST_REPORTED and span.cost is not None:
        return "The record told the cost itself; it is believed."
    if span.cost is None:
        if span.running:
            return "It is known when the call has ended."
        if span.input_tokens is None and span.output_tokens is None:
            return "The records told no token counts, so there is no cost."
        if not loaded:
            return "The price table is being loaded."
        model = span.series.price_model or "no model"
        return f"No price is known for {model}: [prices] in the configuration adds one."
    if card is FREE:
        return (
            "Served on this machine, so it is free; [prices] in the configuration can set a price."
        )
    if card is None:
        return "Worked out from a price table."
    return f"Rates in US dollars per million tokens, from {card.origin}."


class UsageTable:
    """The table as a block of a document."""

    def __init__(self, span: Span, card: Card | None, *, loaded: bool = True) -> None:
        self._span = span
        self._card = explained(span, card)
        self._lines = lines(span, self._card)
        self._origin = origin(span, self._card, loaded=loaded)
        self.size = 400

    def rows(self, width: int) -> Sequence[Parts]:
        """Head, parts, total and where the cost comes from."""
        label = min(18, max(8, width - 28))
        found = [_row(("Usage and cost", "tokens", "$/M", "cost $"), "head", label)]
        for line in self._lines:
            told = numbers.count(line.tokens)
            if line.label == "output" and line.tokens is not None:
                least = self._span.flags & Flag.LOWER_BOUND
                told = f"≥{told}" if least else told
            rate = "" if line.rate is None else f"{line.rate:,.4g}"
            cost = "" if line.cost is None else _dollars(line.cost)
            found.append(_row((line.label, told, rate, cost), line.meaning, label))
        found.append(self._total(label))
        return [*found, *(((text, "dim"),) for text in wrapped(self._origin, width))]

    def _total(self, label: int) -> Parts:
        span = self._span
        tokens = None
        if span.input_tokens is not None or span.output_tokens is not None:
            tokens = (span.input_tokens or 0) + (span.output_tokens or 0)
        cost = numbers.UNKNOWN if span.cost is None else _dollars(span.cost)
        if span.cost and span.flags & Flag.LOWER_BOUND:
            cost = f"≥{cost}"
        return _row(("total", numbers.count(tokens), "", cost), "strong", label)


def _dollars(cost: float) -> str:
    return "<0.000001" if 0 < cost < _LEAST else f"{cost:,.6f}"


def _row(cells: tuple[str, str, str, str], meaning: str, label: int) -> Parts:
    name, tokens, rate, cost = cells
    text = f"{cell(name, label)}{tokens:>10}{rate:>7}{cost:>11}"
    return ((text, meaning),)
