"""The footer: the keys that do something here and now; a click on one does it as well."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len
from textual import events
from textual.dom import DOMNode
from textual.strip import Strip

from llmtop.live.view import View
from llmtop.tui.actions import key_name
from llmtop.tui.pane import Pane
from llmtop.tui.panes.cost import CostPane

_ALWAYS = ("help", "leave", "back")
"""Actions whose keys are told even where there is no room for all."""
_FIRST = ("next_match",)
"""Actions whose keys come before all others: they go on with what was just begun."""
_LAST = ("step(1)", "group(1)")
"""Actions whose keys stand behind all others, and are the first to find no room."""
_GAP = 2


class _Told(NamedTuple):
    """A key, what it does, and where."""

    key: str
    label: str
    action: str
    node: DOMNode

    @property
    def width(self) -> int:
        return cell_len(self.key) + 1 + cell_len(self.label)


class FooterBar(Pane, can_focus=False):
    """One row; the keys of the focused pane come first."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[_Told] = []

    def on_mount(self) -> None:
        """Follow what the focus and the screens bring."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.repaint())

    def visible_lines(self, width: int, height: int) -> list[Strip]:
        """The keys need no view."""
        del height
        self._shown = _fitting(self._told(), width)
        parts: list[tuple[str, str]] = []
        for told in self._shown:
            parts += [(told.key, "accent"), (f" {told.label}{' ' * _GAP}", "dim")]
        return [self.line(*parts, width=width)]

    def _told(self) -> list[_Told]:
        """The keys of the screen that has them: a menu lies above its own."""
        root = len(self.app.screen_stack) == 1
        told = [
            _Told(key_name(binding.key), binding.description, binding.action, node)
            for node, binding, enabled, _ in self.app.screen.active_bindings.values()
            # At the root nothing is left but the app; elsewhere `back` says it.
            if binding.show and enabled and (binding.action != "leave" or root)
            if binding.action != "compare" or self.llmtop.marked
        ]
        return sorted(told, key=self._rank)

    def _rank(self, told: _Told) -> int:
        """Where a key stands: the way out last, what sums up costs further on while in them."""
        if told.action in _ALWAYS:
            return 3
        if told.action == "group(1)" and isinstance(self.screen.focused, CostPane):
            return 1
        return 0 if told.action in _FIRST else 2 if told.action in _LAST else 1

    def show(self, view: View) -> None:
        """A new view changes no key."""
        del view

    def on_click(self, event: events.Click) -> None:
        """Do what the key does that was clicked."""
        offset = event.get_content_offset(self)
        at = 0
        for told in self._shown:
            if offset is not None and at <= offset.x < at + told.width:
                self.call_later(self.app.run_action, told.action, told.node)
                return
            at += told.width + _GAP


def _fitting(told: list[_Told], width: int) -> list[_Told]:
    """The keys there is room for; the way out and the help are never left out for others."""
    needed = sum(each.width + _GAP for each in told if each.action in _ALWAYS)
    room = width - needed + _GAP
    kept = []
    for each in told:
        if each.action not in _ALWAYS:
            room -= each.width + _GAP
            if room < 0:
                continue
        kept.append(each)
    return kept
