"""The chart of the cost pane: what calls cost over time, in upright bars."""

from __future__ import annotations

from collections.abc import Sequence

from llmtop.live.view import Bin, View
from llmtop.tui import numbers
from llmtop.tui.panes.block_bars import upright

LEAST_HEIGHT = 3
MOST_HEIGHT = 12
_WIDEST_BAR = 4

Part = tuple[str, str]


def lines(view: View, width: int, height: int) -> list[list[Part]]:
    """Bars in `height` - 1 lines, and below them when they begin and end."""
    groups = _grouped(view.bins, width)
    costs = [sum(bin_.cost for bin_ in group) for group in groups]
    most = max(costs, default=0.0)
    if most <= 0 or height < LEAST_HEIGHT:
        return []
    cells = max(1, min(width // len(groups), _WIDEST_BAR))
    rows = height - 1
    columns = [upright(_eighths(cost, most, rows), rows) for cost in costs]
    drawn = [
        [("".join(_widened(column[row], cells) for column in columns), "bar")]
        for row in range(rows)
    ]
    peak = f" peak {numbers.money(most)}"
    used = cells * len(groups)
    if width - used > len(peak):
        drawn[0].append((peak, "dim"))
        return [*drawn, [(_dates(view, groups, used), "dim")]]
    return [*drawn, [(_dates(view, groups, max(used, min(width, 24)), peak), "dim")]]


def _widened(char: str, cells: int) -> str:
    return char * (cells - 1) + " " if cells > 2 else char * cells


def _eighths(cost: float, most: float, rows: int) -> int:
    return max(1, round(cost / most * rows * 8)) if cost > 0 else 0


def _grouped(bins: Sequence[Bin], width: int) -> list[Sequence[Bin]]:
    """Neighbouring bins together, so that no more than `width` are left; the newest are whole."""
    if not bins:
        return []
    size = -(-len(bins) // max(1, width))
    first = len(bins) % size
    groups = [bins[:first]] if first else []
    return groups + [bins[at : at + size] for at in range(first, len(bins), size)]


def _dates(view: View, groups: Sequence[Sequence[Bin]], width: int, between: str = "") -> str:
    """How long ago the first bar begins, and where the last one ends."""
    ago = numbers.duration(max(0.0, view.window_end - groups[0][0].start))
    begin, end = f"{ago} ago", "now" if view.ends_now else "newest"
    middle = max(0, width - len(begin) - len(end))
    return begin + (between.center(middle) if len(between) <= middle else " " * middle) + end
