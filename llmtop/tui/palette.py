"""The palette: the actions that can be done here and now, and the themes, found by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode

from llmtop.tui.actions import ACTIONS, PLACES, Action, identity, key_name
from llmtop.tui.pane import Pane

_LEFT_OUT = {"palette", "back", "cursor_up", "cursor_down", "page_up", "page_down", "move",
             "select", "scroll_by", "scroll_page"}  # fmt: skip
"""What is no use by name: moving about, and leaving what closes by itself."""


class ActionProvider(Provider):
    """Commands out of the table of actions."""

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for name, help_, run in self._commands():
            yield DiscoveryHit(name, run, help=help_)

    async def search(self, query: str) -> Hits:
        """What fits the words typed."""
        matcher = self.matcher(query)
        for name, help_, run in self._commands():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, help=help_)

    def _commands(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        seen: set[Action] = set()
        for node in (self.app, self.screen, *self.screen.query(Pane)):
            for action in _carried_out_by(node):
                name = action.name.partition("(")[0]
                allowed = node.check_action(name, ()) is not False
                if action not in seen and name not in _LEFT_OUT and allowed:
                    seen.add(action)
                    keys = " ".join(key_name(key) for key in action.keys)
                    run = partial(self._run, node, action.name)
                    yield action.help, f"{PLACES[action.where]} · {keys}", run
        for theme in sorted(self.app.available_themes):
            yield f"Theme {theme}", "Colours until you leave", partial(self._wear, theme)

    async def _run(self, node: DOMNode, name: str) -> None:
        if isinstance(node, Pane) and node.focusable:
            node.focus()
        await self.app.run_action(name, node)

    def _wear(self, theme: str) -> None:
        self.app.theme = theme


def _carried_out_by(node: DOMNode) -> Iterator[Action]:
    """The actions that a node's classes bind."""
    ids = {
        binding.id
        for kind in type(node).__mro__
        for binding in kind.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding)
    }
    return (action for action in ACTIONS if identity(action) in ids)
