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

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder)
        self._hands_on = False

    @property
    def _bar(self) -> Bar | None:
        return next((node for node in self.ancestors if isinstance(node, Bar)), None)

    async def _on_key(self, event: Key) -> None:
        bar = self._bar
        if bar is not None and (self._hands_on or not bar.is_open):
            event.stop()
            event.prevent_default()
            self._hand_on(event)
            return
        bound = self.screen.active_bindings.get(event.key)
        if bound is None or not bound.enabled or bound.node not in (self, bar):
            return
        event.stop()
        event.prevent_default()
        await self.app.run_action(bound.binding.action, bound.node)

    def _hand_on(self, event: Key) -> None:
        """Give back a key that was typed for what has the keys by now.

        Keys that are here already follow it, though one of them may open the bar again.
        """
        if not self._hands_on:
            self._hands_on = True
            self.call_later(self._stop_handing_on)
        self.app.post_message(Key(event.key, event.character))

    def _stop_handing_on(self) -> None:
        self._hands_on = False

    async def action_submit(self) -> None:
        """Keep what is typed."""
        if (bar := self._bar) is not None:
            bar.action_keep()
