"""The latency pane: how long calls took, as a histogram on a logarithmic axis."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.strip import Strip

from llmtop.live.view import View
from llmtop.tui import numbers
from llmtop.tui.actions import bindings
from llmtop.tui.messages import LatencyRangeSelected
from llmtop.tui.pane import Pane
from llmtop.tui.panes import axis, latency_chart, quantile_marks, quantile_table
from llmtop.tui.panes.emptiness import notice
from llmtop.tui.panes.latency_bars import Bar, Bars, asked_for, bars_of

_TABLE_FROM = 11
"""Lines that the pane must have for the table of quantiles below the chart."""
_LEAST_CHART = 2
_GAP = 3
_BESIDE_FROM = 40 + _GAP + quantile_table.UPRIGHT_WIDTH
"""Cells that the pane must have for the table beside the chart."""

Part = tuple[str, str]


class LatencyPane(Pane):
    """The calls of the window by how long they took; failed ones apart."""

    NUMBER: ClassVar[str] = "3"
    TITLE: ClassVar[str] = "Latency"
    BINDINGS = bindings("latency")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.at: float | None = None
        """A latency (seconds) in the selected bar: bars come and go, it stays."""

    def show(self, view: View) -> None:
        """Show a view; the title says which stretch of time it is."""
        super().show(view)
        self.retitle(f"· {view.query.window}")

    def compose_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """What is selected, the bars, their axis, and the quantiles below."""
        beside = _has_table_beside(width, height)
        bars = bars_of(view.histogram, _chart_width(width, height))
        if bars is None:
            return notice(self, view, "calls with a latency", width, height)
        selected = self._selected(bars) if self.has_focus else -1
        below = height >= _TABLE_FROM and not beside
        table = quantile_table.across(view.figures, width) if below else []
        quantiles = None if height < _LEAST_CHART + 5 else view.figures.latency
        marks = quantile_marks.line(quantiles, bars, values=not beside and not below)
        drawn = self._drawn(bars, selected, marks, height - 1 - len(table))
        if beside:
            drawn = _side_by_side(drawn, quantile_table.upright(view.figures), width)
        lines = [self._about(bars, selected, width), *drawn, *table]
        return [
            self.line(*(part if part[1] else part[0] for part in parts), width=width)
            for parts in lines[:height]
        ]

    def _drawn(self, bars: Bars, selected: int, marks: str, height: int) -> list[list[Part]]:
        """The bars with all that stands below them, in `height` lines."""
        ticks = axis.log_ticks(bars.bars[0].low, bars.bars[-1].high, bars.width)
        below: list[list[Part]] = []
        if any(bar.errors for bar in bars.bars):
            below.append(latency_chart.failure_line(bars))
        below.append(latency_chart.axis_line(bars, selected))
        below.append([(axis.labels(ticks, bars.width, centred=True), "dim")])
        if marks:
            below.append([(marks, "mark")])
        room = max(_LEAST_CHART, height - len(below))
        return [*latency_chart.chart(bars, room, selected), *below]

    def _about(self, bars: Bars, selected: int, width: int) -> list[Part]:
        """The first line: the selected bar, or all of them."""
        if selected >= 0:
            return self._about_bar(bars.bars[selected], bars, width)
        calls = sum(bar.calls for bar in bars.bars)
        failed = sum(bar.errors for bar in bars.bars)
        parts = _counted([], calls, failed, width)
        return _with_end(parts, f"peak {bars.most:,}", width)

    def _about_bar(self, bar: Bar, bars: Bars, width: int) -> list[Part]:
        low, high = asked_for(bar)
        shown = f"{_length(low)}–{_length(high)}"
        calls = sum(each.calls for each in bars.bars)
        parts = _counted([(f"{shown}  ", "mark")], bar.calls, bar.errors, width)
        return _with_end(parts, numbers.percent(bar.calls, calls), width)

    # Acting

    def _selected(self, bars: Bars) -> int:
        """The bar under the cursor; the highest one to begin with."""
        if self.at is None:
            highest = max(range(len(bars.bars)), key=lambda index: bars.bars[index].calls)
            self._stand_on(bars.bars[highest])
        return bars.index_of(self.at or 0.0)

    def _stand_on(self, bar: Bar) -> None:
        self.at = (bar.low * bar.high) ** 0.5

    def _bars(self) -> Bars | None:
        if self.view is None:
            return None
        return bars_of(self.view.histogram, _chart_width(*self.content_size))

    def action_select(self, by: int) -> None:
        """Select the next bar to the left or to the right that holds a call."""
        bars = self._bars()
        if bars is None:
            return
        index = self._selected(bars) + by
        while 0 <= index < len(bars.bars):
            if bars.bars[index].calls:
                self._stand_on(bars.bars[index])
                break
            index += by
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        """A click selects a bar; a double click asks for its calls."""
        offset = event.get_content_offset(self)
        bars = self._bars()
        if offset is None or bars is None or offset.x >= bars.width:
            return
        self._stand_on(bars.bars[offset.x // bars.cells])
        self.repaint()
        if event.chain == 2:
            self.action_open()

    def action_open(self) -> None:
        """Ask for the calls of the selected bar."""
        bars = self._bars()
        if bars is not None:
            self.post_message(LatencyRangeSelected(*asked_for(bars.bars[self._selected(bars)])))


def _has_table_beside(width: int, height: int) -> bool:
    return width >= _BESIDE_FROM and height > quantile_table.UPRIGHT_HEIGHT


def _chart_width(width: int, height: int) -> int:
    """The cells that the bars may take."""
    if _has_table_beside(width, height):
        return width - quantile_table.UPRIGHT_WIDTH - _GAP
    return width


def _side_by_side(left: list[list[Part]], right: list[list[Part]], width: int) -> list[list[Part]]:
    """Lines with others at their right end, the others at the top."""
    room = width - quantile_table.UPRIGHT_WIDTH
    found = []
    for number, parts in enumerate(left):
        if number < len(right):
            blank = room - sum(len(text) for text, _ in parts)
            found.append([*parts, (" " * blank, ""), *right[number]])
        else:
            found.append(parts)
    return found


def _length(seconds: float) -> str:
    """An edge of a bar; bars of a few milliseconds would otherwise seem to have but one."""
    return f"{seconds * 1000:.3g}ms" if seconds < 0.01 else numbers.duration(seconds)


def _counted(parts: list[Part], calls: int, failed: int, width: int) -> list[Part]:
    """How many calls, and how many of them failed, in as many words as there is room for."""
    parts = [*parts, (f"{calls:,}", "strong"), (" call" if calls == 1 else " calls", "dim")]
    room = width - sum(len(text) for text, _ in parts)
    for text in (f"  ▒ {failed:,} failed", f"  ▒ {failed:,}"):
        if failed and len(text) <= room:
            return [*parts, (text, "error")]
    return parts


def _with_end(parts: list[Part], end: str, width: int) -> list[Part]:
    """A line with a word at its right end, if there is room for it."""
    room = width - sum(len(text) for text, _ in parts)
    if room < len(end) + 2:
        return parts
    return [*parts, (end.rjust(room), "dim")]
