"""What the screen watches: moves what arrives, and takes a view when there is something new."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

from msgspec import structs

from llmtop.live.view import Query, SourceState, View
from llmtop.pump import Pump

SLICE_S = 0.008
"""Reading goes on for so long before keys and drawing get their turn."""
TICK_S = 1.0
STATES_S = 0.25
"""The states of the sources are looked at so often."""
BUSY_S = 0.3
"""Reading that takes longer than this is said on screen."""
CLOCKS_S = 0.25
"""Running clocks are drawn so often."""
YOUNG_S = 100.0
"""Clocks that show older calls than this show whole seconds."""


class Watch:
    """The pump, the question asked of it and the last answer; `at` is a steady clock's reading."""

    def __init__(self, pump: Pump, asked: Query) -> None:
        self.pump = pump
        self.asked = asked
        self.view: View | None = None
        self.frozen = False
        self.waiting = 0
        """Lines that came since the freeze."""
        self.loading = False
        self.progress = (0, 0)
        """Bytes read, and bytes there are."""
        self.sources: Sequence[SourceState] = ()
        self._shown: object = None
        self._lines_at_freeze = self._found_at_freeze = 0
        self._ticked = self._looked = float("-inf")
        self._busy_since: float | None = None

    @property
    def now(self) -> float:
        """The moment that clocks show: it stands still in a frozen view."""
        return self.pump.now() if self.view is None else self.view.now

    def move(self, at: float) -> bool:
        """Move a slice of what waits; whether more waits."""
        more = self.pump.step(SLICE_S)
        if at - self._ticked >= TICK_S:
            self._ticked = at
            self.pump.tick()
        if not more:
            self._busy_since = None
        elif self._busy_since is None:
            self._busy_since = at
        self.loading = self._busy_since is not None and at - self._busy_since > BUSY_S
        return self.pump.contents.step(SLICE_S) or more

    def look(self, at: float) -> bool:
        """Take a view, if something on screen would be new in it; whether there is something."""
        if at - self._looked >= STATES_S:
            self._looked = at
            self.sources = self.pump.source_states()
            self.progress = self.pump.progress()
        honest = self.pump.honest()
        now = self.pump.now()
        looking, found = self.pump.contents.waiting, self.pump.contents.found
        if self.frozen:
            if found != self._found_at_freeze:
                self.freeze()
            self.waiting = honest.lines - self._lines_at_freeze
            shown: object = (self.waiting, self.sources, self.loading, looking, found)
        else:
            read = self.progress if self.loading else None
            version = self.pump.live.version
            shown = (version, self.asked, int(now), honest, self.sources, read, looking)
        if shown == self._shown and not self._clocks_run(now):
            return False
        self._shown = shown
        if not self.frozen or self.view is None:
            self.view = self.pump.live.view(self.asked, now, honest)
        return True

    def _clocks_run(self, now: float) -> bool:
        """Whether a running clock shows another number by now."""
        if self.frozen or self.view is None or now - self.view.now < CLOCKS_S:
            return False
        return any(now - span.start < YOUNG_S for span in self.pump.live.running.values())

    def ask(self, asked: Query) -> None:
        """Ask something else; a frozen view is taken anew, or it could not answer."""
        self.asked = asked
        if self.frozen:
            self.freeze()

    def freeze(self) -> None:
        """Hold the view as it is now; what arrives waits behind it."""
        honest = self.pump.honest()
        view = self.pump.live.view(self.asked, self.pump.now(), honest)
        # Calls in flight go on changing; their rows must not.
        still = [copy(span) if span.running else span for span in view.calls]
        self.view = structs.replace(view, calls=still)
        self.frozen = True
        self.waiting = 0
        self._lines_at_freeze = honest.lines
        self._found_at_freeze = self.pump.contents.found
        self._shown = None

    def thaw(self) -> None:
        """Go on."""
        self.frozen = False
        self.waiting = 0
        self._shown = None

    def ask_with(self, **changes: object) -> None:
        """Ask the same with other words: `window`, `filter`, `sort`, `reverse`."""
        self.ask(structs.replace(self.asked, **changes))
