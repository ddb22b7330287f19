"""The marks of p50, p95 and p99 under the histogram's axis."""

from __future__ import annotations

from itertools import product

from llmtop.live.view import Quantiles
from llmtop.tui import numbers
from llmtop.tui.panes.latency_bars import Bars

_MARK = "▲"


def line(quantiles: Quantiles | None, bars: Bars, *, values: bool) -> str:
    """The marks at their places, with their names and, if wanted and possible, their values."""
    if quantiles is None:
        return ""
    told = (("p50", quantiles.p50), ("p95", quantiles.p95), ("p99", quantiles.p99))
    places = [bars.cell_of(value) for _, value in told]
    names = [name for name, _ in told]
    ways = [names, [name[1:] for name in names]]
    if values:
        ways.insert(0, [f"{name} {numbers.duration(value)}" for name, value in told])
    for way in ways:
        found = _beside(places, way, bars.width)
        if found is not None:
            return found
    return _crowded(places, names, bars.width)


def _beside(places: list[int], names: list[str], width: int) -> str | None:
    """Each name at the right or the left of its mark, so that none touches another."""
    if len(set(places)) < len(places):
        return None
    for sides in product((True, False), repeat=len(places)):
        line = [" "] * width
        if all(
            _put(line, place, name, right=right)
            for place, name, right in zip(places, names, sides, strict=True)
        ):
            return "".join(line)
    return None


def _put(line: list[str], place: int, name: str, *, right: bool) -> bool:
    text = _MARK + name if right else name + _MARK
    begin = place if right else place - len(name)
    end = begin + len(text)
    if begin < 0 or end > len(line):
        return False
    behind = line[end] if right and end < len(line) else " "
    before = line[begin - 1] if begin and not right else " "
    if any(cell != " " for cell in (before, *line[begin:end], behind)):
        return False
    line[begin:end] = text
    return True


def _crowded(places: list[int], names: list[str], width: int) -> str:
    """Marks that stand too close: those of one place share their names."""
    line = [" "] * width
    shared: dict[int, str] = {}
    for place, name in zip(places, names, strict=True):
        shared[place] = f"{shared[place]}/{name}" if place in shared else name
    for place in shared:
        line[place] = _MARK
    for place, name in sorted(shared.items(), reverse=True):
        line[place] = " "
        if not any(_put(line, place, name, right=right) for right in (True, False)):
            line[place] = _MARK
    return "".join(line)
