"""The search line: what is typed is found at once; enter keeps it, esc takes it back."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from llmtop.tui.bars.typed_line import TypedLine


class SearchBar(Horizontal):
    """An input below a text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "take back"),
        Binding("tab,shift+tab", "nothing", show=False),
    ]

    class Typed(Message):
        """Other words are looked for."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    def __init__(self) -> None:
        super().__init__()
        self._before = ""
        self._from: Widget | None = None

    def compose(self) -> ComposeResult:
        """The input."""
        yield Static("/ ", id="slash")
        yield TypedLine(placeholder="words to find in this text")

    @property
    def is_open(self) -> bool:
        """Whether it has the keys."""
        return self.has_class("open")

    def open(self, words: str) -> None:
        """Take the keys, with the words that were looked for last to begin with."""
        self._before = words
        self._from = self.screen.focused
        self.add_class("open")
        field = self.query_one(Input)
        field.value = words
        field.action_select_all()
        # At once, so that the keys that follow are not taken for keys of the screen.
        self.screen.set_focus(field)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(event.value))

    def action_keep(self) -> None:
        """Go on with what is typed."""
        self.post_message(self.Typed(self.query_one(Input).value))
        self._close()

    def action_cancel(self) -> None:
        """Look for what was looked for before."""
        self.post_message(self.Typed(self._before))
        self._close()

    def action_nothing(self) -> None:
        """Keep the keys in the bar."""

    def _close(self) -> None:
        self.remove_class("open")
        if self._from is not None and self._from.is_attached:
            self.screen.set_focus(self._from)
