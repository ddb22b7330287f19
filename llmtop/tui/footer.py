"""The footer: the keys that do something here and now."""

from __future__ import annotations

from rich.cells import cell_len
from textual.strip import Strip

from llmtop.live.view import View
from llmtop.tui.actions import key_name
from llmtop.tui.pane import Pane


class FooterBar(Pane, can_focus=False):
    """One row; the keys of the focused pane come first."""

    def on_mount(self) -> None:
        """Follow what the focus and the screens bring."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.repaint())

    def visible_lines(self, width: int, height: int) -> list[Strip]:
        """The keys need no view."""
        del height
        parts: list[tuple[str, str]] = []
        used = 0
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if not binding.show or not enabled:
                continue
            key = key_name(binding.key)
            size = cell_len(key) + cell_len(binding.description) + 3
            if used + size > width:
                break
            used += size
            parts += [(key, "accent"), (f" {binding.description}  ", "dim")]
        return [self.line(*parts, width=width)]

    def show(self, view: View) -> None:
        """A new view changes no key."""
        del view
