"""The base of every pane: lines computed once a view, and only the changed ones drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from llmtop.live.view import View

if TYPE_CHECKING:
    from llmtop.tui.app import LlmTop


class Pane(Widget, can_focus=True):
    """Shows a part of a view. A pane overrides `compose_lines`, and gives `TITLE` and `NUMBER`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "row--head",
        "row--error",
        "row--slow",
        "row--cached",
        "row--running",
        "row--ok",
        "row--dim",
        "row--cursor",
        "row--cursor-away",
        "row--strong",
        "row--money",
        "row--accent",
        "row--bar",
        "row--bar-error",
        "row--bar-tool",
        "row--grid",
        "row--mark",
        "row--match",
        "row--found",
    }
    TITLE: ClassVar[str] = ""
    NUMBER: ClassVar[str] = ""
    """The digit that focuses the pane on the dashboard."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.view: View | None = None
        self.number = self.NUMBER
        """What the title begins with; empty where no digit focuses the pane."""
        self.top = 0
        """How many of the lines are scrolled away above."""
        self.drawn: list[Strip] = []
        """The lines on screen."""
        self._title = ""
        self._meanings: dict[str, Style] = {}
        self._length = 0

    @property
    def llmtop(self) -> LlmTop:
        """The app, by its own type."""
        return cast("LlmTop", self.app)

    def on_mount(self) -> None:
        """Say the pane's number and name in its border."""
        self.retitle()

    def retitle(self, note: str = "") -> None:
        """Write the border's title: digit, name, and what the pane wants to add."""
        words = [word for word in (self.number, self.TITLE, note) if word]
        title = " ".join(words).replace("[", r"\[")
        if title != self._title:
            self._title = self.border_title = title

    def show(self, view: View) -> None:
        """Show a view from now on."""
        self.view = view
        self.repaint()

    def compose_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """All lines of the pane, each `width` cells; more than `height` of them scroll."""
        raise NotImplementedError

    def meaning(self, name: str) -> Style:
        """The style of a meaning: `error` is that of the component class `row--error`."""
        style = self._meanings.get(name)
        if style is None:
            style = self.get_component_rich_style(f"row--{name}", partial=True)
            self._meanings[name] = style
        return style

    def line(self, *parts: tuple[str, str] | str, width: int) -> Strip:
        """A line of (text, meaning) pairs, cut or filled to `width`; text must be safe already."""
        segments = [
            Segment(part) if isinstance(part, str) else Segment(part[0], self.meaning(part[1]))
            for part in parts
        ]
        return Strip(segments).adjust_cell_length(width)

    def repaint(self) -> None:
        """Compute the lines anew, and have those that changed drawn."""
        width, height = self.content_size
        if not self.is_mounted or width <= 0 or height <= 0:
            return
        self._draw(self.visible_lines(width, height))

    def visible_lines(self, width: int, height: int) -> list[Strip]:
        """The lines that the pane's place shows, scrolled by `top`."""
        if self.view is None:
            return []
        lines = self.compose_lines(self.view, width, height)
        self._length = len(lines)
        self.top = max(0, min(self.top, len(lines) - height))
        return lines[self.top : self.top + height]

    def _draw(self, lines: list[Strip]) -> None:
        before, self.drawn = self.drawn, lines
        width = self.content_size.width
        longest = max(len(before), len(lines))
        changed = [
            Region(0, y, width, 1)
            for y in range(longest)
            if y >= len(before) or y >= len(lines) or before[y] != lines[y]
        ]
        if len(changed) == longest:
            self.refresh()
        elif changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """One line, already computed."""
        if y < len(self.drawn):
            return self.drawn[y].apply_style(self.rich_style)
        return Strip.blank(self.content_size.width, self.rich_style)

    def scroll_lines(self, by: int) -> None:
        """Scroll a pane that has more lines than it has room for."""
        before = self.top
        self.top = max(0, min(self.top + by, self._length - self.content_size.height))
        if self.top != before:
            self.repaint()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll with the wheel."""
        event.stop()
        self.scroll_lines(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll with the wheel."""
        event.stop()
        self.scroll_lines(-3)

    def on_resize(self) -> None:
        """Fit the lines into the new place."""
        self.drawn = []
        self.repaint()

    def on_focus(self) -> None:
        """Show what has the keys."""
        self.repaint()

    def on_blur(self) -> None:
        """Show what has lost the keys."""
        self.repaint()

    def notify_style_update(self) -> None:
        """Forget styles of an older theme."""
        super().notify_style_update()
        self._meanings.clear()
        self.drawn = []
        self.repaint()
