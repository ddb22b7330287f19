"""A latency sketch: log-spaced counts that merge, subtract, and give quantiles within 1 %."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, floor, log

ACCURACY = 0.0099
"""The relative error of a quantile is at most this (as in DDSketch, arXiv:1908.10693)."""
_GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
PER_NATURAL_LOG = 1 / log(_GAMMA)
"""Buckets per factor e; `int(log(seconds) * PER_NATURAL_LOG + OFFSET)` is a duration's bucket."""
OFFSET = 1000
"""Keeps bucket numbers positive down to a few nanoseconds, so that `int` rounds down."""
_SHORTEST = 1e-8

Counts = dict[int, int]


def bucket(seconds: float) -> int:
    """The bucket of a duration; durations of zero share the lowest one."""
    return int(log(seconds) * PER_NATURAL_LOG + OFFSET) if seconds > _SHORTEST else 0


def lower_edge(number: int) -> float:
    """The shortest duration (seconds) of a bucket."""
    return exp((number - OFFSET) / PER_NATURAL_LOG)


def value(number: int) -> float:
    """The duration (seconds) that stands for all of a bucket, at most 1 % from each of them."""
    if number == 0:
        return 0.0
    low = lower_edge(number)
    return low * 2 * _GAMMA / (1 + _GAMMA)


def quantiles(counts: Mapping[int, int], wanted: tuple[float, ...]) -> tuple[float, ...]:
    """Estimate quantiles (0 to 1, ascending), interpolating between ranks as numpy does.

    Raises IndexError for an empty sketch.
    """
    ordered = sorted(counts.items())
    last_rank = sum(counts.values()) - 1
    if last_rank < 0:
        raise IndexError("an empty sketch has no quantiles")
    found = []
    position = 0
    seen = ordered[0][1]
    for share in wanted:
        rank = share * last_rank
        while seen <= floor(rank):
            position += 1
            seen += ordered[position][1]
        low = value(ordered[position][0])
        fraction = rank - floor(rank)
        if fraction and floor(rank) + 1 >= seen and position + 1 < len(ordered):
            low += (value(ordered[position + 1][0]) - low) * fraction
        found.append(low)
    return tuple(found)
