"""The dashboard: requests, the selected call's trace, latency and cost, all of one filter."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal

from llmtop.live.view import WINDOWS, View
from llmtop.tui import messages
from llmtop.tui.actions import bindings
from llmtop.tui.filter_bar import FilterBar
from llmtop.tui.pane import Pane
from llmtop.tui.panes.cost import CostPane
from llmtop.tui.panes.latency import LatencyPane
from llmtop.tui.panes.requests import RequestsPane
from llmtop.tui.panes.trace_tree import TraceTreePane
from llmtop.tui.screens.base import ViewScreen
from llmtop.tui.welcome import Welcome

PANES: dict[str, type[Pane]] = {
    "requests": RequestsPane,
    "trace": TraceTreePane,
    "latency": LatencyPane,
    "cost": CostPane,
}
"""The panes by the words of the actions, in the order of tab."""


class DashboardScreen(ViewScreen):
    """Four panes; on a narrow screen the requests and one other, on a tiny one the focused one."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("dashboard")

    def __init__(self) -> None:
        super().__init__()
        self.zoomed = ""
        """The pane that has the whole screen, by its word; empty if none has."""

    def compose_body(self) -> ComposeResult:
        """The filter bar, and the panes, or what stands there until something comes."""
        yield FilterBar()
        yield Welcome()
        with Horizontal(id="body"):
            with Container(id="left"):
                yield RequestsPane()
                yield TraceTreePane()
            with Container(id="right"):
                yield LatencyPane()
                yield CostPane()

    def on_mount(self) -> None:
        """Begin in the requests."""
        self.add_class("nothing-yet", "other-trace", "at-requests")
        self.query_one(RequestsPane).focus()

    def show(self, view: View) -> None:
        """Show a view, and the trace of the call that is selected in it."""
        nothing = not view.spans and not self.llmtop.loading
        self.set_class(nothing, "nothing-yet")
        super().show(view)
        self._show_trace()

    def _show_trace(self) -> None:
        app = self.llmtop
        span = self.query_one(RequestsPane).selected
        trace = None if span is None else app.trace(app.trace_of(span))
        self.query_one(TraceTreePane).show_trace(trace)

    @on(messages.SpanSelected)
    def _selected(self) -> None:
        self._show_trace()

    # Panes

    @property
    def place(self) -> str:
        """The word of the focused pane, or an empty one."""
        focused = self.focused
        return next((word for word, kind in PANES.items() if isinstance(focused, kind)), "")

    def on_descendant_focus(self) -> None:
        """A zoomed screen, and a small one, show the pane that has the keys."""
        word = self.place
        if not word:
            return
        for other in PANES:
            self.set_class(other == word, f"at-{other}")
            if word != "requests":
                self.set_class(other == word, f"other-{other}")
        if self.zoomed and self.zoomed != word:
            self._zoom(word)

    def action_pane(self, word: str) -> None:
        """Go to a pane, by its word."""
        pane = self.query_one(PANES[word])
        if word != "requests":
            for other in PANES:
                self.set_class(other == word, f"other-{other}")
        for other in PANES:
            self.set_class(other == word, f"at-{other}")
        if self.zoomed:
            self._zoom(word)
        pane.focus()

    def action_next_pane(self) -> None:
        """Go round the panes."""
        self._step(1)

    def action_previous_pane(self) -> None:
        """Go round the panes the other way."""
        self._step(-1)

    def _step(self, by: int) -> None:
        words = list(PANES)
        at = words.index(self.place) + by if self.place else 0
        self.action_pane(words[at % len(words)])

    def action_zoom(self) -> None:
        """Give the focused pane the whole screen, or take it back."""
        self._zoom("" if self.zoomed else self.place or "requests")

    def _zoom(self, word: str) -> None:
        self.zoomed = word
        for other in PANES:
            self.set_class(other == word, f"zoom-{other}")
        self.refresh_bindings()

    def leave_zoom(self) -> bool:
        """Show all panes again; whether one had the whole screen."""
        if not self.zoomed:
            return False
        self._zoom("")
        return True

    # What is asked

    def action_filter(self) -> None:
        """Open the filter bar."""
        self.query_one(FilterBar).open()

    def action_clear_filter(self) -> None:
        """Show every call again."""
        self.llmtop.set_filter("")

    def action_window(self) -> None:
        """The next longer window."""
        self._window(1)

    def action_window_back(self) -> None:
        """The next shorter window."""
        self._window(-1)

    def _window(self, by: int) -> None:
        names = list(WINDOWS)
        at = names.index(self.llmtop.asked.window)
        self.llmtop.set_window(names[(at + by) % len(names)])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done now: a filter that is not there cannot be cleared."""
        del parameters
        return not (action == "clear_filter" and self.llmtop.asked.filter is None)
