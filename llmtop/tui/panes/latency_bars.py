"""The histogram's bins as bars: neighbours are added up until all of them fit."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log
from typing import NamedTuple

from llmtop.live.view import Histogram

FEWEST_BARS = 20
"""Few bins get empty ones around them: the axis spans a factor of ten at least, if it can."""
_SHORTEST = 1e-4
"""The bin of this many seconds holds all shorter calls as well."""


class Bar(NamedTuple):
    """The calls whose latency lies in a range of seconds."""

    low: float
    high: float
    ok: int
    errors: int

    @property
    def calls(self) -> int:
        """All of them."""
        return self.ok + self.errors


class Bars(NamedTuple):
    """Bars side by side, each `cells` wide, on a logarithmic axis."""

    bars: tuple[Bar, ...]
    cells: int

    @property
    def width(self) -> int:
        """Cells that all bars take."""
        return len(self.bars) * self.cells

    @property
    def most(self) -> int:
        """Calls of the highest bar."""
        return max((bar.calls for bar in self.bars), default=0)

    def cell_of(self, seconds: float) -> int:
        """The cell in which a latency lies."""
        low, high = self.bars[0].low, self.bars[-1].high
        share = log(max(seconds, low) / low) / log(high / low)
        return max(0, min(int(share * self.width), self.width - 1))

    def index_of(self, seconds: float) -> int:
        """The bar that a latency lies in, or the nearest one."""
        return self.cell_of(seconds) // self.cells


def bars_of(histogram: Histogram, width: int) -> Bars | None:
    """The bars for `width` cells; `None` when no call has a latency."""
    if not histogram.ok or width <= 0:
        return None
    count = len(histogram.ok)
    step = -(-count // width)
    if step > 1:
        merged = _merged(_padded(histogram, count), step)
        if len(merged) > width:
            merged = _merged(_padded(histogram, count), step + 1)
        return Bars(tuple(merged), max(1, width // len(merged)))
    cells = max(1, width // max(count, FEWEST_BARS))
    return Bars(tuple(_padded(histogram, width // cells)), cells)


def _padded(histogram: Histogram, fewest: int) -> list[Bar]:
    """The bins, with empty ones at both sides if there are fewer than wanted."""
    edges = list(histogram.edges)
    ok, errors = list(histogram.ok), list(histogram.errors)
    missing = max(0, fewest - len(ok))
    before = missing // 2
    after = missing - before
    ratio = edges[1] / edges[0]
    edges = (
        [edges[0] * ratio**-number for number in range(before, 0, -1)]
        + edges
        + [edges[-1] * ratio**number for number in range(1, after + 1)]
    )
    ok = [0] * before + ok + [0] * after
    errors = [0] * before + errors + [0] * after
    return [
        Bar(low, high, fine, failed)
        for low, high, fine, failed in zip(edges, edges[1:], ok, errors, strict=False)
    ]


def _merged(bins: Sequence[Bar], step: int) -> list[Bar]:
    """Groups of `step` bins as one bar, cut at the same latencies whatever the first bin is."""
    ratio = log(bins[0].high / bins[0].low)
    skipped = round(log(bins[0].low) / ratio) % step
    first = bins[0].low * exp(-ratio * skipped)
    found = []
    for begin in range(-skipped, len(bins), step):
        group = bins[max(0, begin) : begin + step]
        low = first if begin < 0 else group[0].low
        last = begin + step - len(bins)
        high = group[-1].high * (exp(ratio * last) if last > 0 else 1.0)
        ok, errors = sum(bar.ok for bar in group), sum(bar.errors for bar in group)
        found.append(Bar(low, high, ok, errors))
    return found


def asked_for(bar: Bar) -> tuple[float, float]:
    """The range of seconds to filter for: the lowest bar holds all shorter calls as well."""
    return (0.0 if bar.low <= _SHORTEST else bar.low), bar.high
