"""Bars of block characters, exact to an eighth of a cell where a character allows it."""

from __future__ import annotations

from typing import NamedTuple

FULL = "█"
_ACROSS = " ▏▎▍▌▋▊▉█"
_UP = " ▁▂▃▄▅▆▇█"


class Brush(NamedTuple):
    """The characters that a bar along a line is drawn with."""

    full: str
    start: str
    """A cell whose right half is covered."""
    ends: tuple[str, ...]
    """Cells covered from the left, from the least to nearly all, at equal steps."""


SOLID = Brush(FULL, "▐", tuple(_ACROSS[1:8]))
LINE = Brush("━", "╺", ("╸",))
LOW = Brush("▄", "▗", ("▖",))
SHADE = Brush("▒", "▒", ("▒",))
THIN = "─"


def across(share: float, width: int) -> str:
    """A bar from the left over a share (0 to 1) of `width` cells, filled up with blanks."""
    eighths = round(max(0.0, min(share, 1.0)) * width * 8)
    if share > 0 and not eighths:
        eighths = 1
    whole, part = divmod(eighths, 8)
    return (FULL * whole + (_ACROSS[part] if part else "")).ljust(width)


def upright(eighths: int, height: int) -> str:
    """A bar of so many eighths of a cell in a column of `height` cells, from the top down."""
    eighths = max(0, min(eighths, height * 8))
    return "".join(_UP[max(0, min(8, eighths - 8 * row))] for row in range(height - 1, -1, -1))


def stroke(begin: float, end: float, width: int, brush: Brush) -> tuple[int, str]:
    """A bar from `begin` to `end` (cells) on a line of `width` cells: its first cell, its text.

    Whatever its length, a bar is at least one character long.
    """
    begin = max(0.0, min(begin, width - 0.01))
    end = max(begin, min(end, float(width)))
    first, past = int(begin), int(end)
    if past == first or (past == first + 1 and end == past):
        return first, _within(begin - first, end - first, brush)
    head = begin - first
    opening = brush.full if head < 0.25 else brush.start if head < 0.75 else ""
    if not opening:
        first += 1
    tail = _end(end - past, brush)
    text = opening + brush.full * (past - int(begin) - 1) + tail
    return first, text or brush.ends[0]


def _within(begin: float, end: float, brush: Brush) -> str:
    """A bar inside one cell."""
    if begin < 0.25 and end > 0.95:
        return brush.full
    if begin >= 0.4:
        return brush.start
    return _end(end, brush) or brush.ends[0]


def _end(share: float, brush: Brush) -> str:
    """The last character of a bar that covers a share of its last cell."""
    steps = len(brush.ends) + 1
    step = round(share * steps)
    if step == 0:
        return ""
    return brush.full if step == steps else brush.ends[step - 1]
