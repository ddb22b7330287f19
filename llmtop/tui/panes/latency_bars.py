"""The histogram's bins as bars: neighbours are added up until all of them fit."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, exp, log
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
    bins = [
        Bar(*each)
        for each in zip(
            histogram.edges, histogram.edges[1:], histogram.ok, histogram.errors, strict=False
        )
    ]
    step = -(-len(bins) // width)
    bars = _merged(bins, step)
    while len(bars) > width:
        step += 1
        bars = _merged(bins, step)
    cells = max(1, width // max(len(bars), FEWEST_BARS))
    return Bars(tuple(_padded(bars, width // cells)), cells)


def _merged(bins: list[Bar], step: int) -> list[Bar]:
    """Groups of `step` bins as one bar, cut at the same latencies whatever the first bin is."""
    ratio = log(bins[0].high / bins[0].low)
    first = ceil(log(bins[0].low / _SHORTEST) / ratio - 1e-6)
    skipped = max(0, first) % step
    bins = [*_empty(bins[0].low, ratio, range(-skipped, 0)), *bins]
    bins += _empty(bins[-1].high, ratio, range(-len(bins) % step))
    return [
        Bar(
            bins[at].low,
            bins[at + step - 1].high,
            sum(each.ok for each in bins[at : at + step]),
            sum(each.errors for each in bins[at : at + step]),
        )
        for at in range(0, len(bins), step)
    ]


def _padded(bars: list[Bar], count: int) -> list[Bar]:
    """The bars, with empty ones at both sides so that there are `count`."""
    missing = max(0, count - len(bars))
    ratio = log(bars[0].high / bars[0].low)
    before = _empty(bars[0].low, ratio, range(-(missing // 2), 0))
    after = _empty(bars[-1].high, ratio, range(missing - missing // 2))
    return [*before, *bars, *after]


def _empty(edge: float, ratio: float, numbers: range) -> list[Bar]:
    """Empty bars by their distance from an edge (seconds), each a factor of e^ratio long."""
    edges = [edge * exp(ratio * number) for number in (*numbers, numbers.stop)]
    return [Bar(low, high, 0, 0) for low, high in pairwise(edges)]


def asked_for(bar: Bar) -> tuple[float, float]:
    """The range of seconds to filter for: the lowest bar holds all shorter calls as well."""
    return (0.0 if bar.low <= _SHORTEST else bar.low), bar.high
