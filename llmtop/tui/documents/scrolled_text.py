"""A pane of lines longer than the screen: it scrolls by line, by screen and to its ends."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from llmtop.live.view import View
from llmtop.tui.actions import bindings
from llmtop.tui.pane import Pane


class ScrolledText(Pane):
    """A pane overrides `compose_lines`; the keys of a list scroll it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("text")

    def _page(self) -> int:
        return max(1, self.content_size.height - 1)

    def show(self, view: View) -> None:
        """Show a view, and where in the text one is."""
        super().show(view)
        self._say_place()

    def scroll_lines(self, by: int) -> None:
        """Scroll, and say where one is."""
        super().scroll_lines(by)
        self._say_place()

    def _say_place(self) -> None:
        height = self.content_size.height
        more = self._length > height > 0
        last = min(self._length, self.top + height)
        self.border_subtitle = f"{self.top + 1}–{last} of {self._length}" if more else ""

    def action_scroll_by(self, lines: int) -> None:
        """Some lines down, or up."""
        self.scroll_lines(lines)

    def action_scroll_page(self, pages: int) -> None:
        """Some screens down, or up."""
        self.scroll_lines(pages * self._page())

    def action_first(self) -> None:
        """To the beginning."""
        self.scroll_lines(-self._length)

    def action_last(self) -> None:
        """To the end."""
        self.scroll_lines(self._length)
