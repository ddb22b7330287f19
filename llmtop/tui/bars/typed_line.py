"""An input whose keys do their work in the order in which they were typed."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

from textual.binding import Binding, BindingType
from textual.events import Key
from textual.widgets import Input


@runtime_checkable
class Bar(Protocol):
    """What a line stands in: it has the keys while it is open."""

    @property
    def is_open(self) -> bool:
        """Whether it has the keys."""

    def action_keep(self) -> None:
        """Close, and go on with what is typed."""


class TypedLine(Input):
    """Deletes, moves and ends where the key stands among the others.

    By itself an input is given all keys that have come, and only then do those come back to it
    that are bound to something: `backspace` would delete what was typed after it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "keep")]

    @property
    def _bar(self) -> Bar | None:
        return next((node for node in self.ancestors if isinstance(node, Bar)), None)

    async def _on_key(self, event: Key) -> None:
        bar = self._bar
        if bar is not None and not bar.is_open:
            # It was typed for what has the keys by now.
            event.stop()
            event.prevent_default()
            self.app.post_message(Key(event.key, event.character))
            return
        bound = self.screen.active_bindings.get(event.key)
        if bound is None or not bound.enabled or bound.node not in (self, bar):
            return
        event.stop()
        event.prevent_default()
        await self.app.run_action(bound.binding.action, bound.node)

    async def action_submit(self) -> None:
        """Keep what is typed."""
        if (bar := self._bar) is not None:
            bar.action_keep()
