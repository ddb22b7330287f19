"""The waterfall: bars of spans on a time axis that all rows of a trace share."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len

from llmtop.live.view import TraceView
from llmtop.span import Flag, Span
from llmtop.tui import span_words
from llmtop.tui.panes import axis
from llmtop.tui.panes.block_bars import LINE, LOW, SHADE, SOLID, Brush, stroke
from llmtop.tui.panes.path_shares import Share, thinned
from llmtop.tui.safe_text import cell

_LOST = int(Flag.LOST)
_UNTIMED = int(Flag.BAD_CLOCK | Flag.NO_LATENCY)
_GRID = "┊"
_CONTAINERS = frozenset(
    {"chain", "invoke_agent", "create_agent", "invoke_workflow", "turn", "other"}
)
_ROOM_FOR_WORDS = 8
"""Words beside a bar need so many cells."""

LEGEND = "█ call  ▒ before its first token  ▄ tool  ━ chain, agent  ▶ running"
PATH_LEGEND = "█▄━ what the trace waited for, and how long  ─ what it did not wait for"

Part = tuple[str, str]


class Waterfall(NamedTuple):
    """A stretch of time on a line of `width` cells."""

    start: float
    """Seconds since the epoch."""
    length: float
    """Seconds."""
    width: int
    grid: tuple[int, ...]
    """Cells in which a tick stands, the first one left out."""

    def cells(self, moment: float) -> float:
        """Where a moment lies, in cells from the left."""
        return (moment - self.start) * self.width / self.length

    def ticks(self) -> str:
        """The line of ticks, each with its label beside it."""
        found = axis.time_ticks(self.length, self.width)
        return axis.labels([self._marked(tick) for tick in found], self.width)

    def _marked(self, tick: axis.Tick) -> axis.Tick:
        size = cell_len(tick.label)
        if int(tick.at) + size < self.width:
            return tick._replace(label=f"╷{tick.label}")
        return axis.Tick(int(tick.at) - size, f"{tick.label}╷")

    def bar(self, span: Span, now: float, words: Part, share: Share | None = None) -> list[Part]:
        """A span's bar, with words beside it where there is room; `width` cells.

        With a share of the critical path, all that is not on the path is drawn thin.
        """
        if self.width <= 0:
            return []
        pieces = _pieces(self, span, now)
        if share is not None:
            pieces = thinned(pieces, [self._covered(*stretch) for stretch in share.stretches])
        first, text = pieces[0][0], "".join(text for _, text, _ in pieces)
        bar = [(text, meaning) for _, text, meaning in pieces]
        left, right = first, self.width - first - len(text)
        said, meaning = words
        size = cell_len(said)
        if size and max(left, right) > min(size, _ROOM_FOR_WORDS):
            if right > min(size, _ROOM_FOR_WORDS):
                size = min(size, right - 1)
                after = self._blank(first + len(text) + 1 + size, self.width)
                shown = (cell(said, size), meaning)
                return [*self._blank(0, left), *bar, (" ", ""), shown, *after]
            size = min(size, left - 1)
            after = self._blank(first + len(text), self.width)
            shown = (cell(said, size), meaning)
            return [*self._blank(0, left - 1 - size), shown, (" ", ""), *bar, *after]
        if share is not None and said.isascii() and len(text) >= size + 4:
            bar = _written_over(bar, words)
        return [*self._blank(0, left), *bar, *self._blank(left + len(text), self.width)]

    def _covered(self, start: float, end: float) -> tuple[float, float]:
        """The cells of a stretch of time, however short: at least the half of one."""
        begin = max(0.0, min(self.cells(start), self.width - 0.75))
        return begin, max(self.cells(end), begin + 0.5)

    def _blank(self, begin: int, end: int) -> list[Part]:
        """Empty cells, with the ticks drawn through."""
        if begin >= end:
            return []
        return [("".join(_GRID if at in self.grid else " " for at in range(begin, end)), "grid")]


def _written_over(bar: list[Part], words: Part) -> list[Part]:
    """A bar with words near its beginning; they are of one cell a character."""
    said, meaning = words
    if not said:
        return bar
    cells = [(character, colour) for text, colour in bar for character in text]
    return [*cells[:1], (f" {said} ", meaning), *cells[3 + len(said) :]]


def waterfall(trace: TraceView, width: int) -> Waterfall:
    """The time axis of a trace; while it runs its end moves on in steps, not all the time."""
    length = max(trace.end - trace.start, 1e-6)
    if trace.running:
        length = _roomy(length)
    grid = tuple(int(tick.at) for tick in axis.time_ticks(length, width))[1:]
    return Waterfall(trace.start, length, width, grid)


def _roomy(length: float) -> float:
    """A little more than a length, so that what runs has room to grow."""
    step = axis.nice_step(length / 8)
    return step * (length // step + 1)


def _pieces(axis_: Waterfall, span: Span, now: float) -> list[tuple[int, str, str]]:
    """The parts of a span's bar from left to right: first cell, text, meaning."""
    begin = axis_.cells(span.start)
    if span.running or span.flags & _LOST:
        return [_open_ended(axis_, span, begin, axis_.cells(now))]
    if span.end is None or span.flags & _UNTIMED:
        first = max(0, min(int(begin), axis_.width - 1))
        return [(first, "·", span_words.meaning(span))]
    end = axis_.cells(span.end)
    meaning = "bar-error" if span.failed else _meaning(span)
    brush = _brush(span)
    first, text = stroke(begin, end, axis_.width, brush)
    waiting = _waiting(axis_, span, first, len(text))
    if brush is SOLID and waiting:
        return [
            (first, SHADE.full * waiting, meaning),
            (first + waiting, text[waiting:], meaning),
        ]
    return [(first, text, meaning)]


def _waiting(axis_: Waterfall, span: Span, first: int, length: int) -> int:
    """The bar's cells that passed before the first token."""
    if span.ttft is None:
        return 0
    cells = round(axis_.cells(span.start + span.ttft) - first)
    return max(0, min(cells, length - 1))


def _open_ended(axis_: Waterfall, span: Span, begin: float, end: float) -> tuple[int, str, str]:
    """The bar of a span that goes on, or whose end was never told."""
    lost = bool(span.flags & _LOST)
    first = max(0, min(int(begin), axis_.width - 1))
    past = axis_.width - 1 if lost else max(first, min(int(end), axis_.width - 1))
    full, head = ("╌", "?") if lost else (_brush(span).full, "▶")
    return first, full * (past - first) + head, "dim" if lost else "running"


def _brush(span: Span) -> Brush:
    if span.is_call:
        return SOLID
    return LINE if span.series.operation in _CONTAINERS else LOW


def _meaning(span: Span) -> str:
    if span.is_call:
        return "bar" if span_words.is_counted(span) else "dim"
    return "dim" if span.series.operation in _CONTAINERS else "bar-tool"
