"""Ticks of an axis: round numbers at even distances, with labels that never touch."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, floor, log10
from typing import NamedTuple

_STEPS = (1.0, 2.0, 5.0)
_DAY_S = 86400.0
_CLOCK_STEPS = (
    10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0,
    3600.0, 7200.0, 10800.0, 21600.0, 43200.0, _DAY_S,
)  # fmt: skip


class Tick(NamedTuple):
    """A round number on an axis."""

    at: float
    """Cells from the axis's begin."""
    label: str


def nice_ceiling(length: float) -> float:
    """The least of 1, 2 or 5 times a power of ten that is not less than `length` (above 0)."""
    power = 10.0 ** floor(log10(length))
    return next((step * power for step in _STEPS if step * power >= length), 10.0 * power)


def time_ticks(length: float, width: int, spacing: int = 9) -> tuple[Tick, ...]:
    """Ticks for a stretch of `length` seconds on `width` cells, from 0, in one unit."""
    if length <= 0 or width <= 0:
        return ()
    step = nice_step(length * spacing / width)
    unit, size = _unit(max(step, length / 2))
    count = floor(length / step * (1 + 1e-9))
    return tuple(
        Tick(number * step * width / length, _label(number * step / size, unit))
        for number in range(count + 1)
    )


def nice_step(least: float) -> float:
    """A distance between ticks that people count in: 1 2 5 up to seconds, then as on a clock."""
    if least <= 5:
        return nice_ceiling(least)
    for step in _CLOCK_STEPS:
        if step >= least:
            return step
    return _DAY_S * nice_ceiling(least / _DAY_S)


def _unit(length: float) -> tuple[str, float]:
    if length < 1.0:
        return "ms", 0.001
    if length < 120.0:
        return "s", 1.0
    if length < 7200.0:
        return "m", 60.0
    return ("h", 3600.0) if length < 2 * _DAY_S else ("d", _DAY_S)


def _label(value: float, unit: str) -> str:
    return "0" if value == 0 else f"{value:.6g}{unit}"


def log_ticks(low: float, high: float, width: int) -> tuple[Tick, ...]:
    """Ticks for durations (seconds, above 0) on a logarithmic axis of `width` cells."""
    if not 0 < low < high or width <= 0:
        return ()
    per_decade = width / (log10(high) - log10(low))
    steps = _STEPS if per_decade >= 21 else (1.0, 3.0) if per_decade >= 14 else (1.0,)
    found = []
    for power in range(floor(log10(low)), ceil(log10(high)) + 1):
        for step in steps:
            value = step * 10.0**power
            if low <= value <= high:
                at = (log10(value) - log10(low)) * per_decade
                found.append(Tick(at, _duration(value)))
    return tuple(found)


def _duration(value: float) -> str:
    return f"{value * 1000:.6g}ms" if value < 0.9995 else f"{value:.6g}s"


def labels(ticks: Iterable[Tick], width: int, *, centred: bool = False) -> str:
    """The ticks' labels on a line of `width` cells; one that would touch another is left out."""
    line = [" "] * width
    free = 0
    for tick in ticks:
        length = len(tick.label)
        at = int(tick.at) - (length // 2 if centred else 0)
        at = max(0, min(at, width - length)) if centred else at
        if at < free or at + length > width:
            continue
        line[at : at + length] = tick.label
        free = at + length + 1
    return "".join(line)
