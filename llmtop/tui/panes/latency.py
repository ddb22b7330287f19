"""The latency pane: how long calls took, as a histogram on a logarithmic axis."""

from __future__ import annotations

from typing import ClassVar

from textual.strip import Strip

from llmtop.live.view import View
from llmtop.tui import numbers
from llmtop.tui.actions import bindings
from llmtop.tui.pane import Pane


class LatencyPane(Pane):
    """The calls of the window by how long they took."""

    NUMBER: ClassVar[str] = "3"
    TITLE: ClassVar[str] = "Latency"
    BINDINGS = bindings("latency")

    def compose_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """One line a bin."""
        found = view.histogram
        most = max((a + b for a, b in zip(found.ok, found.errors, strict=True)), default=1) or 1
        return [
            self.line(
                (f"{numbers.duration(low):>6} ", "dim"),
                ("█" * (ok * (width - 8) // most), "bar"),
                ("▒" * (bad * (width - 8) // most), "bar-error"),
                width=width,
            )
            for low, ok, bad in zip(found.edges, found.ok, found.errors, strict=False)
        ]
