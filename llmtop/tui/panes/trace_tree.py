"""The trace pane: the spans of a trace as a tree, each with its bar on a time axis."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from textual.strip import Strip

from llmtop.live.view import TraceRow, TraceView, View
from llmtop.tui import marks, numbers
from llmtop.tui.actions import bindings
from llmtop.tui.messages import SpanOpened, TraceOpened, TraceSpanSelected
from llmtop.tui.row_list import RowList
from llmtop.tui.safe_text import cell, safe


class TraceTreePane(RowList[TraceRow]):
    """The tree of one trace."""

    NUMBER: ClassVar[str] = "2"
    TITLE: ClassVar[str] = "Trace"
    BINDINGS = bindings("trace tree")
    FOLLOWS: ClassVar[bool] = False

    def __init__(self, *, wide: bool = False, in_screen: bool = False, **settings: Any) -> None:
        super().__init__(**settings)
        self.wide = wide
        self.in_screen = in_screen
        self.trace: TraceView | None = None

    def show_trace(self, trace: TraceView | None) -> None:
        """Show a trace from now on."""
        self.trace = trace
        self.set_rows(() if trace is None else trace.rows)
        self.retitle("" if trace is None else safe(trace.trace_id)[:12])

    def rows_of(self, view: View) -> Sequence[TraceRow]:
        """The spans of the trace shown."""
        return () if self.trace is None else self.trace.rows

    def key_of(self, row: TraceRow) -> Hashable:
        """A span stays the same span by its id."""
        return row.span.span_id

    def version_of(self, row: TraceRow) -> Hashable:
        """All that the row shows."""
        return self._text(row, 200)

    def _text(self, row: TraceRow, width: int) -> str:
        duration = f"{marks.latency(row.span, self.llmtop.now):>7}"
        name = "  " * min(row.depth, 20) + f"{marks.sign(row.span)} {marks.title(row.span)}"
        figures = f"{duration} {numbers.money(row.cost):>9}"
        return cell(name, max(0, width - len(figures) - 1)) + " " + figures

    def format_row(self, row: TraceRow, width: int) -> Strip:
        """The span in one line."""
        return self.line((self._text(row, width), marks.meaning(row.span)), width=width)

    def on_cursor(self, row: TraceRow) -> None:
        """Tell which span the cursor stands on."""
        if self.in_screen or self.has_focus:
            self.post_message(TraceSpanSelected(row.span))

    def open_row(self, row: TraceRow) -> None:
        """Show the trace in full, or in the trace's own screen the span."""
        if self.in_screen:
            self.post_message(SpanOpened(row.span))
        elif self.trace is not None:
            self.post_message(TraceOpened(self.trace.trace_id, row.span))
