"""The dashboard: requests, the selected call's trace, latency and cost, all of one filter."""

from __future__ import annotations

from typing import ClassVar, get_args

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.geometry import Size

from llmtop.live.view import WINDOWS, Group, View
from llmtop.span import Span
from llmtop.tui import messages
from llmtop.tui.actions import bindings, first_key, key_name
from llmtop.tui.bars.filter_bar import FilterBar
from llmtop.tui.pane import Pane
from llmtop.tui.panes.cost import CostPane
from llmtop.tui.panes.latency import LatencyPane
from llmtop.tui.panes.requests import RequestsPane
from llmtop.tui.panes.trace_tree import TraceTreePane
from llmtop.tui.screens.base import NARROW, SHORT, TINY, ViewScreen
from llmtop.tui.welcome import Welcome

PANES: dict[str, type[Pane]] = {
    "requests": RequestsPane,
    "trace": TraceTreePane,
    "latency": LatencyPane,
    "cost": CostPane,
}
"""The panes by the words of the actions, in the order of tab."""
HIGH = 44
"""Rows from which a narrow screen shows all four panes, one below the other."""


def panes_shown(size: Size, zoomed: str, at: str, other: str) -> set[str]:
    """The panes, by their words, that a screen of this size has room for."""
    if zoomed:
        return {zoomed}
    narrow, short = size.width < NARROW, size.height < SHORT
    if size.height < TINY or (narrow and short):
        return {at}
    if short or (narrow and size.height < HIGH):
        return {"requests", other}
    return set(PANES)


GROUPS: tuple[Group, ...] = get_args(Group)


class DashboardScreen(ViewScreen):
    """Four panes; on a narrow screen the requests and one other, on a tiny one the focused one."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("dashboard")

    def __init__(self) -> None:
        super().__init__()
        self.zoomed = ""
        """The pane that has the whole screen, by its word; empty if none has."""
        self.at = "requests"
        """The pane that had the keys last."""
        self.other = "trace"
        """The pane that a small screen shows beside the requests."""

    @property
    def chosen(self) -> Span | None:
        """The span under the cursor: of the tree while that has the keys, else of the requests."""
        if not self.query(TraceTreePane):
            return None
        tree = self.query_one(TraceTreePane)
        row = tree.selected if tree.has_focus else None
        return self.query_one(RequestsPane).selected if row is None else row.span

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
        self._set_nothing_yet(True)

    def show(self, view: View) -> None:
        """Show a view, and the trace of the call that is selected in it."""
        nothing = not view.spans and not self.llmtop.loading
        if nothing != self.has_class("nothing-yet"):
            self._set_nothing_yet(nothing)
        super().show(view)
        self._show_trace()

    def _set_nothing_yet(self, nothing: bool) -> None:
        """Show how to feed llmtop in place of empty panes, and give it the keys."""
        self.set_class(nothing, "nothing-yet")
        self.set_focus(self.query_one(Welcome if nothing else PANES[self.at]))
        self.refresh_bindings()

    def _show_trace(self) -> None:
        app = self.llmtop
        span = self.query_one(RequestsPane).selected
        tree = self.query_one(TraceTreePane)
        trace = None
        if span is not None:
            shown, wanted = tree.trace, app.trace_of(span)
            still = app.frozen and shown is not None and shown.trace_id == wanted
            trace = shown if still else app.trace(wanted)
        tree.show_trace(trace, span)

    def on_screen_resume(self) -> None:
        """Other screens have moved on: select again what the cursor stands on here."""
        self._select()

    def _select(self) -> None:
        if (span := self.chosen) is not None:
            self.llmtop.selected = span

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
        if self.place:
            self._go_to(self.place)
            self._select()

    def on_resize(self) -> None:
        """Show as many panes as there is room for."""
        self._arrange()

    def action_pane(self, word: str) -> None:
        """Go to a pane, by its word."""
        self._go_to(word)
        # At once, so that the keys that follow are the pane's.
        self.set_focus(self.query_one(PANES[word]))

    def _go_to(self, word: str) -> None:
        self.at = word
        if word != "requests":
            self.other = word
        if self.zoomed:
            self.zoomed = word
        self._arrange()

    @property
    def _shown(self) -> set[str]:
        return panes_shown(self.app.size, self.zoomed, self.at, self.other)

    def _arrange(self) -> None:
        shown = self._shown
        for word, kind in PANES.items():
            self.query_one(kind).display = word in shown
        self.query_one("#left").display = "requests" in shown or "trace" in shown
        self.query_one("#right").display = "latency" in shown or "cost" in shown

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
        self.zoomed = "" if self.zoomed else self.at
        self._arrange()
        self.refresh_bindings()

    def leave_zoom(self) -> bool:
        """Show all panes again; whether one had the whole screen."""
        if not self.zoomed:
            return False
        self.action_zoom()
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

    def action_group(self, by: int) -> None:
        """Sum costs up by something else, where that can be seen or else is said."""
        at = GROUPS.index(self.llmtop.asked.group)
        group = GROUPS[(at + by) % len(GROUPS)]
        self.llmtop.set_group(group)
        if "cost" in self._shown:
            return
        if len(self._shown) == 1:
            key = key_name(first_key("dashboard.pane_cost", self.llmtop.keys))
            self.notify(f"Costs are summed up by {group}: {key} shows them.", timeout=2)
        elif self.at == "requests":
            self.other = "cost"
            self._arrange()
        else:
            self.action_pane("cost")

    def action_window_back(self) -> None:
        """The next shorter window."""
        self._window(-1)

    def _window(self, by: int) -> None:
        names = list(WINDOWS)
        at = names.index(self.llmtop.asked.window)
        self.llmtop.set_window(names[(at + by) % len(names)])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done now: nothing while there is nothing, no clearing of no filter."""
        del parameters
        if self.has_class("nothing-yet"):
            return False
        if action == "filter":
            return not any(bar.is_open for bar in self.query(FilterBar))
        return not (action == "clear_filter" and self.llmtop.asked.filter is None)
