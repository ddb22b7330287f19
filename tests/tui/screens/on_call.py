"""Opens the call screen from the dashboard, as a user does."""

from __future__ import annotations

from textual.pilot import Pilot

from llmtop.tui.screens.call import CallScreen
from tests.tui.stage import until

WIDE = (200, 60)


async def opened(pilot: Pilot[None], *keys: str) -> CallScreen:
    """Press keys on the dashboard until a call is shown."""
    await pilot.press(*(keys or ("enter",)))
    await until(pilot, lambda _: isinstance(pilot.app.screen, CallScreen), "the call")
    screen = pilot.app.screen
    assert isinstance(screen, CallScreen)
    return screen
