"""Keys do their work in the order in which they were typed, however quickly they follow."""

from __future__ import annotations

from collections import deque
from typing import Any

from textual.app import App
from textual.dom import DOMNode
from textual.events import Event, Key
from textual.message import Message
from textual.widgets import Input


class KeyDone(Message):
    """All that a key made its pane say has come to the app, for this was said last."""


class KeysInOrder(App[None]):
    """Looks at a key only when the one before has opened what it opens.

    By itself Textual hands a key to the widget that is focused as it arrives, and carries out a
    binding when the key comes back: several keys in one breath (a slow line, a paste, a script)
    overtake each other, and act on the screen that the first of them was to leave.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._keys: deque[Key] = deque()
        """Keys that wait for the one before."""
        self._acting: DOMNode | None = None
        """Who carries out the key before; nobody if that is done."""

    async def on_event(self, event: Event) -> None:
        """Keys that have not been to a widget yet take their turn; all else goes its way."""
        if not isinstance(event, Key) or event.is_forwarded:
            await super().on_event(event)
        elif self._acting is not None and self._acting.is_attached:
            self._keys.append(event)
        else:
            self._keys.append(event)
            await self._act_on_keys()

    async def on_key_done(self) -> None:
        """Go on with the keys that waited."""
        await self._act_on_keys()

    async def _act_on_keys(self) -> None:
        self._acting = None
        while self._keys and self._acting is None:
            await self._act_on(self._keys.popleft())

    async def _act_on(self, key: Key) -> None:
        # What an input is given it takes in its own order: see `TypedLine`.
        bound = None
        if not isinstance(self.focused, Input):
            bound = self.screen.active_bindings.get(key.key)
        if bound is None or not bound.enabled:
            await super().on_event(key)
            return
        if await self.run_action(bound.binding.action, bound.node) and bound.node is not self:
            done = KeyDone()
            self._acting = bound.node if bound.node.post_message(done) else None
