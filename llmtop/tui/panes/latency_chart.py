"""The histogram drawn: bars upright, failed calls at their feet, the axis below."""

from __future__ import annotations

from collections.abc import Iterable

from llmtop.tui.panes import axis
from llmtop.tui.panes.block_bars import SHADE, upright
from llmtop.tui.panes.latency_bars import Bar, Bars

FAILED = "✗"

Part = tuple[str, str]


def chart(bars: Bars, height: int, selected: int) -> list[list[Part]]:
    """The bars, `height` lines high, from the top down."""
    columns = [
        _column(bar, bars.most, height, chosen=index == selected)
        for index, bar in enumerate(bars.bars)
    ]
    wide = bars.cells
    gap = wide > 2
    return [
        _joined(_widened(column[row], wide, gap=gap) for column in columns) for row in range(height)
    ]


def _joined(parts: Iterable[Part]) -> list[Part]:
    """Neighbours of one meaning as one; a blank goes with any."""
    found: list[Part] = []
    for text, meaning in parts:
        if found and (meaning == found[-1][1] or not meaning):
            found[-1] = (found[-1][0] + text, found[-1][1])
        else:
            found.append((text, meaning))
    return found


def _widened(part: Part, cells: int, *, gap: bool) -> Part:
    text, meaning = part
    return (text * (cells - 1) + " " if gap else text * cells), meaning


def _column(bar: Bar, most: int, height: int, *, chosen: bool) -> list[Part]:
    """A bar one cell wide, from the top down; the part that failed is shaded, to whole cells."""
    if not bar.calls:
        return [(" ", "")] * height
    eighths = max(1, round(bar.calls * height * 8 / most))
    failed = eighths if not bar.ok else round(eighths * bar.errors / bar.calls / 8) * 8
    column = []
    for row, text in enumerate(upright(eighths, height)):
        in_failed = (height - 1 - row) * 8 < failed
        if in_failed:
            column.append((SHADE.full if text == "█" else text, "bar-error"))
        else:
            column.append((text, "mark" if chosen else "bar"))
    return column


def failure_line(bars: Bars) -> list[Part]:
    """A cross under each bar that has failed calls, with their number where there is room."""
    text = ""
    for bar in bars.bars:
        if not bar.errors:
            text += " " * bars.cells
            continue
        counted = f"{FAILED}{bar.errors}"
        text += (counted if len(counted) <= bars.cells else FAILED).ljust(bars.cells)
    return [(text, "error")]


def axis_line(bars: Bars, selected: int) -> list[Part]:
    """The axis, with its ticks; under the selected bar it is doubled."""
    line = ["─"] * bars.width
    for tick in axis.log_ticks(bars.bars[0].low, bars.bars[-1].high, bars.width):
        line[min(int(tick.at), bars.width - 1)] = "┬"
    if selected < 0:
        return [("".join(line), "dim")]
    begin = selected * bars.cells
    end = begin + bars.cells
    return [
        ("".join(line[:begin]), "dim"),
        ("═" * bars.cells, "mark"),
        ("".join(line[end:]), "dim"),
    ]
