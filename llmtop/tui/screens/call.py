"""The call screen: one call in full, from its ids to its prompt, its answer and its records."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from llmtop.span import Span
from llmtop.tui.actions import bindings
from llmtop.tui.messages import TraceOpened
from llmtop.tui.screens.base import ViewScreen


class CallScreen(ViewScreen):
    """Shows a span; `part` is where to begin: `""`, `input`, `output`, `attributes` or `raw`."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("call")

    def __init__(self, span: Span, part: str = "") -> None:
        super().__init__()
        self.span = span
        self.part = part

    def compose_body(self) -> ComposeResult:
        """Nothing yet."""
        yield from ()

    def action_trace(self) -> None:
        """Show the trace it belongs to."""
        self.post_message(TraceOpened(self.llmtop.trace_of(self.span), self.span))
