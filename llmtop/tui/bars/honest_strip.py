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
        kept = _fitting(figures, width)
        gap = "  " if _length(kept) + len(kept) <= width else " "
        parts: list[tuple[str, str]] = []
        for name, count, meaning in kept:
            parts.append((f"{name} ", "dim"))
            parts.append((f"{_short(count)}{gap}", meaning if count else "dim"))
        return [self.line(*parts, width=width)]

    def on_click(self) -> None:
        """Explain the figures."""
        self.llmtop.call_later(self.llmtop.action_honest)


def _length(figures: list[tuple[str, int, str]]) -> int:
    return sum(len(name) + len(_short(count)) + 2 for name, count, _ in figures)


def _fitting(figures: list[tuple[str, int, str]], width: int) -> list[tuple[str, int, str]]:
    """What there is room for: figures that are zero give way first, then those at the end."""
    kept = list(figures)
    while len(kept) > 1 and _length(kept) > width:
        zeros = [figure for figure in kept if not figure[1]]
        kept.remove(zeros[-1] if zeros else kept[-1])
    return kept


def _short(count: int) -> str:
    if count < 100_000:
        return str(count)
    return f"{count / 1e3:.0f}k" if count < 10_000_000 else f"{count / 1e6:.0f}M"
