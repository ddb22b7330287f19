"""What a call costs: rate cards by provider and model, from `genai-prices` and the user's own.

The price library is imported only by `load`, off the screen's thread: it takes a quarter of a
second. A rate card is resolved once; after that a price is a few multiplications.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from llmtop.span import Series

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo

MILLION = 1e6
BATCH_SHARE = 0.5
"""What a batch costs of the usual price: OpenAI, Anthropic, Google, AWS and Mistral agree on it."""
_HOUR_S = 3600.0


class Card(Struct, frozen=True):
    """What a model costs, in US dollars per million tokens."""

    input: float
    output: float
    cache_read: float
    cache_write: float
    cache_write_1h: float
    origin: str
    """Where the rates come from, for people."""
    tier_start: int | None = None
    """Calls with more input tokens than this have other rates."""

    def cost(
        self, input_tokens: int, output_tokens: int, read: int, write: int, hour: int
    ) -> float:
        """US dollars; `input_tokens` include what was read from and written to the cache."""
        if not (read or write or hour):
            # Most calls touch no cache, and this is asked for each of them.
            return (max(input_tokens, 0) * self.input + output_tokens * self.output) / MILLION
        fresh = max(input_tokens - read - write, 0)
        return (
            fresh * self.input
            + output_tokens * self.output
            + read * self.cache_read
            + max(write - hour, 0) * self.cache_write
            + hour * self.cache_write_1h
        ) / MILLION


def in_batch(card: Card) -> Card:
    """The rates of calls that are sent in a batch."""
    if card is FREE:
        return card
    return structs.replace(
        card,
        input=card.input * BATCH_SHARE,
        output=card.output * BATCH_SHARE,
        cache_read=card.cache_read * BATCH_SHARE,
        cache_write=card.cache_write * BATCH_SHARE,
        cache_write_1h=card.cache_write_1h * BATCH_SHARE,
        origin=f"{card.origin}, at half price in a batch",
    )


class Override(Struct, frozen=True):
    """A price of the user's own; `*` in the model's name stands for anything."""

    model: str
    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None
    provider: str | None = None

    def card(self) -> Card:
        """The rate card: cached tokens cost what fresh ones do, unless said otherwise."""
        written = self.input if self.cache_write is None else self.cache_write
        read = self.input if self.cache_read is None else self.cache_read
        return Card(self.input, self.output, read, written, written, "your configuration")


FREE = Card(0.0, 0.0, 0.0, 0.0, 0.0, "served locally")

_LIBRARY_NAMES = {
    "x_ai": "x-ai",
    "mistral_ai": "mistral",
    "gcp.gen_ai": "google",
    "gcp.gemini": "google",
    "gcp.vertex_ai": "google",
    "aws.bedrock": "aws",
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "together_ai": "together",
    "fireworks_ai": "fireworks",
    "moonshot": "moonshotai",
}


class Prices:
    """Prices of calls; unknown until loaded, and `None` for what no table knows."""

    def __init__(self, overrides: Sequence[Override] = ()) -> None:
        self._overrides = tuple(overrides)
        self._snapshot: DataSnapshot | None = None
        self._cards: dict[tuple[int, int], Card | None] = {}
        self._dated: set[int] = set()
        self._thread: threading.Thread | None = None

    @property
    def ready(self) -> bool:
        """Whether the price table is loaded."""
        return self._snapshot is not None

    def load(self) -> None:
        """Load the price table, on the calling thread."""
        from genai_prices import data_snapshot

        self._snapshot = data_snapshot.get_snapshot()

    def load_in_background(self) -> None:
        """Load the price table on a thread of its own; `ready` tells when it is done."""
        self._thread = threading.Thread(target=self.load, name="llmtop-prices", daemon=True)
        self._thread.start()

    def afresh(self) -> Prices:
        """The same prices for another table of series: rate cards are remembered by its numbers."""
        if self._thread is not None:
            self._thread.join()
        other = Prices(self._overrides)
        other._snapshot = self._snapshot
        return other

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
        """US dollars, or `None` if there is no usage or no known price."""
        if input_tokens is None and output_tokens is None:
            return None
        card = self.rates(series, input_tokens, when)
        if card is None:
            return None
        return card.cost(
            input_tokens or 0,
            output_tokens or 0,
            cache_read or 0,
            cache_write or 0,
            cache_write_1h or 0,
        )

    def rates(self, series: Series, input_tokens: int | None, when: float | None) -> Card | None:
        """The rates of one call, by its size and its time (seconds since the epoch)."""
        card = self.card(series, when)
        if card is None or card.tier_start is None or (input_tokens or 0) < card.tier_start:
            return card
        return self._tier(series, input_tokens or 0, when) or card

    def card(self, series: Series, when: float | None = None) -> Card | None:
        """The rates of a series at a time (seconds since the epoch), or `None` if unknown."""
        hour = int(when // _HOUR_S) if when is not None and series.number in self._dated else -1
        key = (series.number, hour)
        try:
            return self._cards[key]
        except KeyError:
            pass
        if self._snapshot is None:
            return self._local_or_own(series)
        card = self._local_or_own(series) or self._look_up(series, when, 0)
        if series.number in self._dated and when is not None:
            key = (series.number, int(when // _HOUR_S))
            if len(self._cards) > 50_000:
                self._cards.clear()
        self._cards[key] = card
        return card

    def _local_or_own(self, series: Series) -> Card | None:
        names = [name for name in (series.answered, series.requested, series.model) if name]
        for override in self._overrides:
            if override.provider is not None and override.provider != series.provider:
                continue
            if any(fnmatchcase(name.lower(), override.model.lower()) for name in names):
                return override.card()
        return FREE if series.local else None

    def _tier(self, series: Series, input_tokens: int, when: float | None) -> Card | None:
        return self._look_up(series, when, input_tokens)

    def _look_up(self, series: Series, when: float | None, input_tokens: int) -> Card | None:
        for name in (series.answered, series.requested):
            if name:
                found = self._find(name, series.provider)
                if found is not None:
                    provider, model = found
                    if isinstance(model.prices, list):
                        self._dated.add(series.number)
                    return _card(provider, model, when, input_tokens)
        return None

    def _find(self, name: str, provider: str | None) -> tuple[str, ModelInfo] | None:
        hint = None if provider is None else _LIBRARY_NAMES.get(provider, provider)
        attempts: list[tuple[str, str | None]] = [(name, hint)]
        if hint == "azure":
            attempts.append((name, "openai"))
        unknown = hint is not None and self._is_unknown_provider(hint)
        if "/" in name and (unknown or hint in {None, "litellm"}):
            attempts.append((name, "litellm"))
        elif "/" in name:
            # Routers write the provider before the model, some clients `models/`.
            attempts.append((name.rpartition("/")[2], hint))
        if hint is None and name.startswith(("ft:", "text-embedding-")):
            attempts.append((name, "openai"))
        if unknown:
            attempts.append((name, None))
        for model, of in attempts:
            try:
                found, info = self._snapshot.find_provider_model(  # type: ignore[union-attr]  # it is loaded
                    model, None, of, None
                )
            except (LookupError, ValueError):
                continue
            return found.id, info
        return None

    def _is_unknown_provider(self, hint: str) -> bool:
        snapshot = self._snapshot
        return snapshot is not None and all(known.id != hint for known in snapshot.providers)


def _card(provider: str, model: ModelInfo, when: float | None, input_tokens: int) -> Card | None:
    moment = datetime.fromtimestamp(when, UTC) if when is not None else datetime.now(UTC)
    rates = model.get_prices(moment)
    fresh, starts = _rate(rates.input_mtok, input_tokens)
    if fresh is None:
        return None
    output, more = _rate(rates.output_mtok, input_tokens)
    read, _ = _rate(getattr(rates, "cache_read_mtok", None), input_tokens)
    write, _ = _rate(getattr(rates, "cache_write_mtok", None), input_tokens)
    hour, _ = _rate(getattr(rates, "cache_write_1h_mtok", None), input_tokens)
    written = fresh if write is None else write
    tiers = [start for start in (*starts, *more) if start > input_tokens]
    return Card(
        fresh,
        output or 0.0,
        fresh if read is None else read,
        written,
        written if hour is None else hour,
        f"genai-prices: {provider} {model.id}",
        min(tiers) if tiers else None,
    )


def _rate(price: Any, input_tokens: int) -> tuple[float | None, list[int]]:
    """Dollars per million tokens for a call of this size, and where other rates begin."""
    if price is None:
        return None, []
    tiers = getattr(price, "tiers", None)
    if tiers is None:
        return float(price), []
    rate = price.base
    for tier in sorted(tiers, key=lambda each: each.start):
        if input_tokens > tier.start:
            rate = tier.price
    return float(rate), [tier.start + 1 for tier in tiers]
