"""The honest-numbers strip: how far the figures above it can be trusted."""

from __future__ import annotations

from textual.strip import Strip

from llmtop.live.view import View
from llmtop.tui.actions import bindings
from llmtop.tui.pane import Pane


class HonestStrip(Pane):
    """One row that is always there; enter or a click explains it."""

    BINDINGS = bindings("strip")

    def on_mount(self) -> None:
        """A strip has no border, so it has no title."""

    def compose_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """The figures; what is not zero and takes trust away is coloured."""
        del height
        honest = view.honest
        figures = [
            ("lines", honest.lines, "dim"),
            ("rejected", honest.rejected, "error"),
            ("duplicates", honest.duplicates, "dim"),
            ("lost", honest.datagrams_lost, "error"),
            ("unpriced", honest.unpriced_calls, "slow"),
            ("no usage", honest.calls_without_usage, "slow"),
            ("evicted", honest.spans_evicted, "dim"),
        ]
        gap = "  " if width >= 100 else " "
        parts: list[tuple[str, str]] = []
        for name, count, meaning in figures:
            parts.append((f"{name} ", "dim"))
            parts.append((f"{_short(count)}{gap}", meaning if count else "dim"))
        return [self.line(*parts, width=width)]

    def on_click(self) -> None:
        """Explain the figures."""
        self.llmtop.action_honest()


def _short(count: int) -> str:
    if count < 100_000:
        return str(count)
    return f"{count / 1e3:.0f}k" if count < 10_000_000 else f"{count / 1e6:.0f}M"
