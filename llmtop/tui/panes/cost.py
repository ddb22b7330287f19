"""The cost pane: what each model was used for, and what it cost."""

from __future__ import annotations

from typing import ClassVar

from textual.strip import Strip

from llmtop.live.view import View
from llmtop.tui import numbers
from llmtop.tui.actions import bindings
from llmtop.tui.pane import Pane
from llmtop.tui.safe_text import cell


class CostPane(Pane):
    """The models of the window, dearest first."""

    NUMBER: ClassVar[str] = "4"
    TITLE: ClassVar[str] = "Cost"
    BINDINGS = bindings("cost")

    def compose_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """One line a model."""
        return [
            self.line(
                f"{cell(row.model, max(1, width - 18))} {row.figures.calls:>7} ",
                (f"{numbers.money(row.figures.cost):>9}", "money"),
                width=width,
            )
            for row in view.models
        ]
