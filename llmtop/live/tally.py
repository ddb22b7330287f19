"""A tally: what some calls of one series add up to, with every call able to be taken back."""

from __future__ import annotations

from collections.abc import Iterable
from math import log

from llmtop.live.sketch import OFFSET, PER_NATURAL_LOG, Counts, bucket, quantiles, value
from llmtop.live.view import Figures, Quantiles
from llmtop.span import Cache, Flag, Span

PICO = 10**12
"""Cost is summed in whole picodollars: adding and taking back in any order is exact."""

_ENDED = int(Flag.ENDED)
_LOST = int(Flag.LOST)
_NO_LATENCY = int(Flag.BAD_CLOCK | Flag.NO_LATENCY)
_BAD_CLOCK = int(Flag.BAD_CLOCK)
_LOWER_BOUND = int(Flag.LOWER_BOUND)


Measures = tuple[int, int | None, int | None, int]
"""Of one call: cost in picodollars, the buckets of its latency and of its time to the first token
(`None`: unknown), and the microseconds for which it wrote its answer (0: not to be averaged)."""


def measured(span: Span) -> Measures:
    """What several tallies that count the same call would each have to work out."""
    cost, end, ttft, flags = span.cost, span.end, span.ttft, span.flags
    picodollars = round(cost * PICO) if cost else 0
    if not flags & _ENDED:
        return picodollars, None, None, 0
    started = None
    if ttft is not None:
        started = int(log(ttft) * PER_NATURAL_LOG + OFFSET) if ttft > 1e-8 else 0
    if end is None or flags & _NO_LATENCY:
        return picodollars, None, started, 0
    latency = end - span.start
    number = int(log(latency) * PER_NATURAL_LOG + OFFSET) if latency > 1e-8 else 0
    writing = latency
    if ttft is not None and 0.0 <= ttft < latency:
        writing -= ttft
    if writing <= 0.0 or span.status == "error":
        return picodollars, number, started, 0
    return picodollars, number, started, round(writing * 1e6)


def unmeasured(span: Span) -> Measures:
    """The same for sums that tell no durations."""
    return round(span.cost * PICO) if span.cost else 0, None, None, 0


class Tally:
    """Sums over calls; `add` with sign -1 takes a call back, exactly as it was added."""

    __slots__ = (
        "bad_clocks",
        "cache_read",
        "cache_read_told",
        "cache_write",
        "cache_write_told",
        "calls",
        "cancelled",
        "errors",
        "errors_by_type",
        "generation_time",
        "generation_tokens",
        "in_flight",
        "input_tokens",
        "input_told",
        "latency",
        "latency_failed",
        "longest",
        "lost",
        "lower_bounds",
        "output_tokens",
        "output_told",
        "picodollars",
        "priced",
        "reasoning",
        "reasoning_told",
        "slowest_start",
        "ttft",
        "unpriced",
        "without_usage",
    )

    def __init__(self) -> None:
        self.calls = self.errors = self.cancelled = self.in_flight = self.lost = 0
        self.input_tokens = self.input_told = self.output_tokens = self.output_told = 0
        self.cache_read = self.cache_read_told = self.cache_write = self.cache_write_told = 0
        self.reasoning = self.reasoning_told = 0
        self.picodollars = self.priced = self.unpriced = self.without_usage = 0
        self.lower_bounds = self.bad_clocks = 0
        self.generation_tokens = 0
        self.generation_time = 0
        self.latency: Counts = {}
        self.latency_failed: Counts = {}
        self.ttft: Counts = {}
        self.longest = self.slowest_start = 0.0
        self.errors_by_type: dict[str, int] | None = None

    def add(self, span: Span, sign: int = 1) -> None:
        """Count a call, or with sign -1 take back one that was counted in the very same state."""
        self.enter(span, sign, measured(span))

    def enter(self, span: Span, sign: int, measures: Measures) -> None:
        """Count a call like `add`, when its measures are known already."""
        picodollars, latency, ttft, writing = measures
        flags = span.flags
        status = span.status
        failed = status == "error"
        self.calls += sign
        told = False
        tokens = span.input_tokens
        if tokens is not None:
            self.input_tokens += sign * tokens
            self.input_told += sign
            told = True
        tokens = span.output_tokens
        if tokens is not None:
            self.output_tokens += sign * tokens
            self.output_told += sign
            told = True
        if span.cache is not None:
            self.add_cache(span.cache, sign)
        if not flags & _ENDED:
            if flags & _LOST:
                self.lost += sign
            else:
                self.in_flight += sign
            return
        if failed:
            self._add_error(span, sign)
        elif status == "cancelled":
            self.cancelled += sign
        if span.cost is not None:
            self.picodollars += sign * picodollars
            self.priced += sign
        elif told:
            self.unpriced += sign
        if not told and not failed:
            self.without_usage += sign
        if flags & _LOWER_BOUND:
            self.lower_bounds += sign
        if latency is not None:
            self._add_latency(span, latency, failed, sign)
            if writing and span.output_tokens:
                self.generation_tokens += sign * span.output_tokens
                self.generation_time += sign * writing
        elif flags & _BAD_CLOCK:
            self.bad_clocks += sign
        if ttft is not None:
            self._add_ttft(span, ttft, sign)

    def add_cache(self, cache: Cache, sign: int) -> None:
        """Count the rarer parts of a call's usage, or with `sign` -1 take them back."""
        if cache.read is not None:
            self.cache_read += sign * cache.read
            self.cache_read_told += sign
        if cache.write is not None:
            self.cache_write += sign * cache.write
            self.cache_write_told += sign
        if cache.reasoning is not None:
            self.reasoning += sign * cache.reasoning
            self.reasoning_told += sign

    def _add_latency(self, span: Span, number: int, failed: bool, sign: int) -> None:
        shift(self.latency_failed if failed else self.latency, number, sign)
        latency = (span.end or 0.0) - span.start
        if sign > 0:
            if latency > self.longest:
                self.longest = latency
        elif latency >= self.longest:
            self._find_longest()

    def _add_ttft(self, span: Span, number: int, sign: int) -> None:
        shift(self.ttft, number, sign)
        ttft = span.ttft or 0.0
        if sign > 0:
            if ttft > self.slowest_start:
                self.slowest_start = ttft
        elif ttft >= self.slowest_start:
            self._find_slowest_start()

    def _find_longest(self) -> None:
        """The longest call was taken back; if others are in its bucket, its value still stands."""
        top = bucket(self.longest)
        if top not in self.latency and top not in self.latency_failed:
            self.longest = max(map(value, (*self.latency, *self.latency_failed)), default=0.0)

    def _find_slowest_start(self) -> None:
        if bucket(self.slowest_start) not in self.ttft:
            self.slowest_start = max(map(value, self.ttft), default=0.0)

    def _add_error(self, span: Span, sign: int) -> None:
        self.errors += sign
        kind = span.failure.type if span.failure else "error"
        types = self.errors_by_type
        if types is None:
            types = self.errors_by_type = {}
        count = types.get(kind, 0) + sign
        if count:
            types[kind] = count
        else:
            types.pop(kind, None)

    def merge(self, other: Tally, sign: int = 1) -> None:
        """Add all of another tally, or take it back."""
        for name in _SUMS:
            amount = getattr(other, name)
            if amount:
                setattr(self, name, getattr(self, name) + sign * amount)
        shift_all(self.latency, other.latency, sign)
        shift_all(self.latency_failed, other.latency_failed, sign)
        shift_all(self.ttft, other.ttft, sign)
        if sign > 0:
            self.longest = max(self.longest, other.longest)
            self.slowest_start = max(self.slowest_start, other.slowest_start)
        else:
            if other.longest >= self.longest:
                self._find_longest()
            if other.slowest_start >= self.slowest_start:
                self._find_slowest_start()
        if other.errors_by_type:
            types = self.errors_by_type = self.errors_by_type or {}
            for kind, count in other.errors_by_type.items():
                left = types.get(kind, 0) + sign * count
                if left:
                    types[kind] = left
                else:
                    types.pop(kind, None)

    def figures(self) -> Figures:
        """The tally as plain figures."""
        return Figures(
            calls=self.calls,
            errors=self.errors,
            cancelled=self.cancelled,
            in_flight=self.in_flight,
            lost=self.lost,
            input_tokens=self.input_tokens if self.input_told else None,
            output_tokens=self.output_tokens if self.output_told else None,
            cache_read_tokens=self.cache_read if self.cache_read_told else None,
            cache_write_tokens=self.cache_write if self.cache_write_told else None,
            reasoning_tokens=self.reasoning if self.reasoning_told else None,
            cost=self.picodollars / PICO if self.priced else None,
            priced_calls=self.priced,
            unpriced_calls=self.unpriced,
            calls_without_usage=self.without_usage,
            lower_bound=self.lower_bounds > 0,
            latency=_quantiles(total_counts(self), self.longest),
            ttft=_quantiles(self.ttft, self.slowest_start),
            output_tokens_per_second=(
                self.generation_tokens * 1e6 / self.generation_time
                if self.generation_time > 0
                else None
            ),
            errors_by_type=dict(self.errors_by_type or {}),
        )


_SUMS = tuple(
    name
    for name in Tally.__slots__
    if name
    not in {"latency", "latency_failed", "ttft", "longest", "slowest_start", "errors_by_type"}
)


def shift(counts: Counts, number: int, amount: int) -> None:
    """Change the count of a bucket; a bucket that holds nothing is left out."""
    count = counts.get(number, 0) + amount
    if count:
        counts[number] = count
    else:
        counts.pop(number, None)


def shift_all(counts: Counts, others: Counts, sign: int) -> None:
    """Add the counts of all buckets of others, or take them back."""
    if sign > 0 and not counts:
        counts.update(others)
        return
    count_of = counts.get
    for number, amount in others.items():
        count = count_of(number, 0) + sign * amount
        if count:
            counts[number] = count
        else:
            counts.pop(number, None)


def total_counts(tally: Tally) -> Counts:
    """The latency counts of all calls of a tally, failed ones included."""
    if not tally.latency_failed:
        return tally.latency
    counts = dict(tally.latency)
    shift_all(counts, tally.latency_failed, 1)
    return counts


def sum_of(tallies: Iterable[Tally]) -> Tally:
    """One tally that holds what all of them hold."""
    total = Tally()
    for tally in tallies:
        total.merge(tally)
    return total


def _quantiles(counts: Counts, longest: float) -> Quantiles | None:
    if not counts:
        return None
    p50, p90, p95, p99 = (
        min(found, longest) for found in quantiles(counts, (0.5, 0.9, 0.95, 0.99))
    )
    return Quantiles(count=sum(counts.values()), p50=p50, p90=p90, p95=p95, p99=p99, max=longest)
