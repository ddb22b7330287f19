"""The app as far as it watches: moves what arrives between two keys, and shows views of it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence

from llmtop.filter import Filter, FilterError, parse
from llmtop.live.alerts import Alert
from llmtop.live.view import Group, Query, SortKey, SourceState, TraceView, View
from llmtop.payload import Payload
from llmtop.pump import Pump
from llmtop.span import Span
from llmtop.tui.keys_in_order import KeysInOrder
from llmtop.tui.pace import Pace
from llmtop.tui.rejected import RejectedLine
from llmtop.tui.screens.base import ViewScreen
from llmtop.tui.watch import Watch

BREATH_S = 0.002
"""Keys and drawing get so long between two slices of reading."""
NAP_S = 0.25
"""The longest that the app sleeps before it looks again."""


class WatchingApp(KeysInOrder):
    """Answers what panes and screens ask, and hands the topmost screen a view when one is due."""

    def __init__(self, pump: Pump, asked: Query, refresh_hz: float) -> None:
        # Without this Textual paints the terminal's own colours black on black under NO_COLOR.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.pump = pump
        self._watch = Watch(pump, asked)
        self._pace = Pace(refresh_hz)
        self._pumped_s = 0.0
        self._painted_at = time.thread_time()

    def on_mount(self) -> None:
        """Begin to watch."""
        self.run_worker(self._go_on(), name="watch", exit_on_error=True)

    # What panes and screens may ask

    @property
    def view(self) -> View | None:
        """What is shown; nothing in the first instant."""
        return self._watch.view

    @property
    def asked(self) -> Query:
        """What every view is for: window, filter, order."""
        return self._watch.asked

    @property
    def now(self) -> float:
        """The moment that clocks show, in seconds since the epoch; it stands still when frozen."""
        return self._watch.now

    @property
    def frozen(self) -> bool:
        """Whether the view is held while reading goes on."""
        return self._watch.frozen

    @property
    def waiting(self) -> int:
        """Lines that came since the freeze."""
        return self._watch.waiting

    @property
    def loading(self) -> bool:
        """Whether a log is being read that takes a while."""
        return self._watch.loading

    @property
    def progress(self) -> tuple[int, int]:
        """Bytes read, and bytes there are."""
        return self._watch.progress

    @property
    def sources(self) -> tuple[SourceState, ...]:
        """Every source and its state."""
        return tuple(self._watch.sources)

    @property
    def rejects(self) -> Sequence[RejectedLine]:
        """The last lines that could not be read, oldest first."""
        return self.pump.rejects

    @property
    def alerts(self) -> Sequence[Alert]:
        """How every rule stands, what fires first."""
        return () if self.pump.alerts is None else self.pump.alerts.alerts()

    @property
    def firing(self) -> Sequence[Alert]:
        """The alerts that fire, the newest first."""
        return () if self.pump.alerts is None else self.pump.alerts.firing()

    @property
    def calls(self) -> Sequence[Span]:
        """The calls in the order they stand on screen."""
        return () if self.view is None else self.view.calls

    def trace_of(self, span: Span) -> str:
        """The id of a span's trace."""
        return self.pump.live.trace_of(span)

    def trace(self, trace_id: str) -> TraceView | None:
        """A trace as a tree, or `None` when nothing of it is kept."""
        return self.pump.live.trace(trace_id, self.now)

    def find(self, span_id: str) -> Span | None:
        """The kept span of an id or a request id."""
        return self.pump.live.find(span_id)

    def payload(self, span: Span) -> Payload:
        """The heavy part of a span, read from where it lies."""
        return self.pump.payload(span)

    @property
    def looking(self) -> int:
        """Calls that a filter is still to look into."""
        return self.pump.contents.waiting

    @property
    def not_looked(self) -> int:
        """Calls that a filter cannot look into: too deep in compressed files."""
        return self.pump.contents.too_deep

    def payload_weight(self, span: Span) -> int:
        """Bytes that are gone through to read a span's payload."""
        return self.pump.payload_weight(span)

    # Watching

    async def _go_on(self) -> None:
        """Read, draw, sleep."""
        while True:  # noqa: ASYNC110 - looking is cheaper than being told of every record
            await asyncio.sleep(self.beat())

    def beat(self) -> float:
        """One slice of reading, and a drawing if one is due; seconds until the next beat."""
        began = time.thread_time()
        more = self._watch.move(time.monotonic())
        self._pumped_s += time.thread_time() - began
        at = time.monotonic()
        wait = self._pace.wait(at)
        if wait <= 0.0:
            self._settle_cost()
            if self._watch.look(at):
                self.show()
                self._pace.drawn(at)
            wait = NAP_S
        if more:
            return BREATH_S
        return max(BREATH_S, min(self.pump.interval(), wait))

    def _settle_cost(self) -> None:
        """Tell the pace what drawing has cost since it was asked last."""
        spent = time.thread_time()
        self._pace.cost(max(0.0, spent - self._painted_at - self._pumped_s))
        self._painted_at, self._pumped_s = spent, 0.0

    def look(self) -> None:
        """Show what is true now, whenever something was drawn last."""
        self._watch.look(time.monotonic())
        self.show()

    def show(self) -> None:
        """Hand the view to the topmost screen that shows one."""
        view = self.view
        if view is None:
            return
        for screen in reversed(self.screen_stack):
            if isinstance(screen, ViewScreen):
                if screen.is_mounted:
                    screen.show(view)
                return

    def _ask(self, **changes: object) -> None:
        self._watch.ask_with(**changes)
        self.look()
        self.refresh_bindings()

    def set_sort(self, key: SortKey, reverse: bool) -> None:
        """Order the calls."""
        self._ask(sort=key, reverse=reverse)

    def set_group(self, group: Group) -> None:
        """Choose what costs are summed up by."""
        self._ask(group=group)

    def set_window(self, name: str) -> None:
        """Change the stretch of time that figures cover."""
        self._ask(window=name)

    def understood(self, text: str) -> Filter:
        """A filter that may look into prompts and answers. Raises FilterError."""
        return parse(text, self.pump.contents)

    def set_filter(self, text: str) -> None:
        """Filter every pane; an empty text shows every call. A mistake is said."""
        found: Filter | None = None
        if text.strip():
            try:
                found = self.understood(text)
            except FilterError as error:
                self.notify(f"{error.message}.", severity="error", markup=False)
                return
        if found != self.asked.filter:
            self._ask(filter=found)
