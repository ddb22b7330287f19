"""The trace screen: the whole waterfall of a trace, and beside it the span under the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from llmtop.live.view import View
from llmtop.span import Span
from llmtop.tui import messages, span_words
from llmtop.tui.actions import bindings
from llmtop.tui.documents import span_detail
from llmtop.tui.documents.document_pane import DocumentPane
from llmtop.tui.documents.span_reading import SpanReading
from llmtop.tui.panes.trace_tree import TraceTreePane
from llmtop.tui.safe_text import safe
from llmtop.tui.screens.searched import SearchedScreen

TITLE_CELLS = 40


class TraceScreen(SearchedScreen):
    """Shows a trace, with the cursor on a span of it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("trace"), *bindings("search")]

    def __init__(self, trace_id: str, span: Span | None = None) -> None:
        super().__init__()
        self.trace_id = trace_id
        self.span = span
        """The span under the cursor."""
        self._tree = TraceTreePane(wide=True, in_screen=True)
        self._detail = DocumentPane("Span", id="detail")
        self._reading = SpanReading(self.llmtop)
        self._shown = ""
        """The id of the span that the detail shows."""

    @property
    def searched(self) -> DocumentPane:
        """The span beside the tree."""
        return self._detail

    @property
    def chosen(self) -> Span | None:
        """The span under the cursor."""
        row = self._tree.selected
        return self.span if row is None else row.span

    def compose_body(self) -> ComposeResult:
        """The tree and the detail; on narrow screens one above the other."""
        with Container(id="trace-body"):
            yield self._tree
            yield self._detail

    def on_mount(self) -> None:
        """Begin in the tree, on the span that was asked for."""
        self.set_focus(self._tree)
        self._show_trace()
        if self.span is not None:
            self._tree.move_to_key(self.span.span_id)
        self._show_detail()

    def show(self, view: View) -> None:
        """Show the trace as it stands now."""
        super().show(view)
        self._show_trace()
        self._show_detail()

    def _show_trace(self) -> None:
        self._tree.show_trace(self.llmtop.trace(self.trace_id))
        row = self._tree.selected
        if row is not None and (self.span is None or self.span.span_id == row.span.span_id):
            self.span = row.span

    @on(messages.TraceSpanSelected)
    def _selected(self, message: messages.TraceSpanSelected) -> None:
        self.span = message.span
        self._show_detail()

    def _show_detail(self) -> None:
        span, reading, detail = self.span, self._reading, self._detail
        if span is None:
            return
        anew = reading.follow(span)
        if not reading.changed() and not anew:
            return
        facts = reading.facts()
        if span.span_id != self._shown:
            self._shown = span.span_id
            detail.begin(span_detail.document(facts, span, reading.payload))
        elif anew:
            detail.show_document(span_detail.document(facts, span, reading.payload))
        else:
            detail.show_head(facts)
        detail.title = f"Span {span_words.sign(span)} {safe(span_words.title(span))[:TITLE_CELLS]}"
        detail.repaint()

    # Acting

    def action_open(self) -> None:
        """Show the span under the cursor in full."""
        if self.span is not None:
            self.post_message(messages.SpanOpened(self.span))

    def action_part(self, name: str) -> None:
        """Show a part of the span beside the tree."""
        self._detail.go_to(name)

    def action_critical(self) -> None:
        """Show what the trace waited for, or the bars as they are."""
        self._tree.action_critical()

    def action_next_error(self) -> None:
        """To the next failed span."""
        self._tree.action_next_error()

    def action_previous_error(self) -> None:
        """To the failed span before it."""
        self._tree.action_previous_error()

    def action_step(self, by: int) -> None:
        """The next trace, or the one before, in the order in which calls stand in the list."""
        traces = self._traces()
        found = _next(traces, self.trace_id) if by > 0 else _previous(traces, self.trace_id)
        if found is None:
            side = "last" if by > 0 else "first"
            self.notify(f"That was the {side} trace of the list.", timeout=2, markup=False)
            return
        self.trace_id, self.span = found
        self._show_trace()
        self._tree.move_to_key(self.span.span_id)
        self._show_detail()

    def _traces(self) -> Iterator[tuple[str, Span]]:
        """The traces of the list, each with the call that stands first."""
        app = self.llmtop
        seen: set[str] = set()
        for call in app.calls:
            trace_id = app.trace_of(call)
            if trace_id not in seen:
                seen.add(trace_id)
                yield trace_id, call


def _next(traces: Iterable[tuple[str, Span]], trace_id: str) -> tuple[str, Span] | None:
    """The trace after one; the first of all if that one is not in the list."""
    first: tuple[str, Span] | None = None
    passed = False
    for each in traces:
        if passed:
            return each
        first = first or each
        passed = each[0] == trace_id
    return None if passed else first


def _previous(traces: Iterable[tuple[str, Span]], trace_id: str) -> tuple[str, Span] | None:
    """The trace before one; none if that one is not in the list."""
    before: tuple[str, Span] | None = None
    for each in traces:
        if each[0] == trace_id:
            return before
        before = each
    return None
