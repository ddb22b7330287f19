"""The trace screen: the whole waterfall of a trace."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from llmtop.live.view import View
from llmtop.span import Span
from llmtop.tui.actions import bindings
from llmtop.tui.panes.trace_tree import TraceTreePane
from llmtop.tui.screens.base import ViewScreen


class TraceScreen(ViewScreen):
    """Shows a trace, with the cursor on a span of it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("trace")

    def __init__(self, trace_id: str, span: Span | None = None) -> None:
        super().__init__()
        self.trace_id = trace_id
        self.span = span

    def compose_body(self) -> ComposeResult:
        """The tree."""
        yield TraceTreePane(wide=True, in_screen=True)

    def show(self, view: View) -> None:
        """Show the trace as it stands now."""
        super().show(view)
        self.query_one(TraceTreePane).show_trace(self.llmtop.trace(self.trace_id), self.span)
