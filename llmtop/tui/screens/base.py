"""The base of the screens that show views: header above, honest numbers and keys below."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.screen import Screen

from llmtop.live.view import View
from llmtop.span import Span
from llmtop.tui import messages
from llmtop.tui.bars.footer import FooterBar
from llmtop.tui.bars.header import HeaderBar
from llmtop.tui.bars.honest_strip import HonestStrip
from llmtop.tui.pane import Pane

if TYPE_CHECKING:
    from llmtop.tui.app import LlmTop

NARROW = 110
"""Columns; below, panes lie one under the other."""
TINY, SHORT = 12, 20
"""Rows; below, only a pane is left, or there is less of the header and of the panes."""


class ViewScreen(Screen[None]):
    """A screen overrides `compose_body`; every pane on it is shown the view."""

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual declares it
        (0, "-narrow"),
        (NARROW, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual declares it
        (0, "-tiny"),
        (TINY, "-short"),
        (SHORT, "-tall"),
    ]

    @property
    def llmtop(self) -> LlmTop:
        """The app, by its own type."""
        return cast("LlmTop", self.app)

    @property
    def chosen(self) -> Span | None:
        """The span that keys act upon; `None` on screens that are not about spans."""
        return None

    def compose(self) -> ComposeResult:
        """Header, body, honest numbers, keys."""
        yield HeaderBar()
        yield from self.compose_body()
        yield HonestStrip()
        yield FooterBar()

    def compose_body(self) -> ComposeResult:
        """What stands between the header and the strip."""
        raise NotImplementedError

    def show(self, view: View) -> None:
        """Hand a view to every pane."""
        for pane in self.query(Pane):
            pane.show(view)

    def on_mount(self) -> None:
        """Show what the app shows."""
        self.show_present()

    def on_screen_resume(self) -> None:
        """Catch up with what went on while another screen stood above."""
        self.show_present()

    @on(messages.SpanSelected)
    @on(messages.TraceSpanSelected)
    def _note_selected(self, message: messages.SpanSelected | messages.TraceSpanSelected) -> None:
        # The app cannot hear this itself: it is what moves the cursor when it shows a view, and
        # Textual lets no message reach who caused it.
        self.llmtop.selected = message.span

    def show_present(self) -> None:
        """Show the app's view, if there is one yet."""
        view = self.llmtop.view
        if view is not None:
            self.show(view)
