"""The app: what the user looks at, what its keys do, and the screens in between."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from textual import on
from textual.app import App
from textual.binding import BindingType
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widgets import Input

from llmtop.alert_actions import sentences
from llmtop.filter import Filter, FilterError, parse
from llmtop.live.alerts import Alert, Change
from llmtop.live.view import Query, SortKey, SourceState, TraceView, View
from llmtop.payload import Payload
from llmtop.pump import Pump
from llmtop.span import Span
from llmtop.tui import clipboard, copy_menu, keymap, messages, narrowing, themes
from llmtop.tui.actions import bindings
from llmtop.tui.numbers import TIME_FORMATS
from llmtop.tui.pace import Pace
from llmtop.tui.palette import ActionProvider
from llmtop.tui.rejected import RejectedLine
from llmtop.tui.row_list import RowList
from llmtop.tui.safe_text import safe
from llmtop.tui.screens.base import ViewScreen
from llmtop.tui.screens.dashboard import DashboardScreen
from llmtop.tui.watch import Watch

BREATH_S = 0.002
"""Keys and drawing get so long between two slices of reading."""
NAP_S = 0.25
"""The longest that the app sleeps before it looks again."""


class LlmTop(App[None]):
    """Moves what arrives between two keys, and shows a view of it a few times a second."""

    TITLE = "llmtop"
    CSS_PATH = "layout.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings("app")
    COMMANDS: ClassVar[set[Any]] = {ActionProvider}  # Textual's own type names a private one

    def __init__(
        self,
        pump: Pump,
        *,
        window: str = "5m",
        filter_text: str = "",
        theme: str | None = None,
        keys: Mapping[str, str] | None = None,
        time_format: str = "local",
        refresh_hz: float = 10.0,
        label: str | None = None,
    ) -> None:
        super().__init__()
        self.pump = pump
        self.keys = dict(keys or {})
        """The user's own keys, by the identity of the action."""
        self.label = label
        """What is watched, in a word, where it is not the user's own."""
        self.time_format = time_format
        self.selected: Span | None = None
        """The span under the cursor of the list that was moved in last."""
        first = Query(window=window, filter=parse(filter_text) if filter_text.strip() else None)
        self._watch = Watch(pump, first)
        self._changes: list[Change] = []
        self._pace = Pace(refresh_hz)
        self._pumped_s = 0.0
        self._painted_at = time.thread_time()
        for each in themes.THEMES:
            self.register_theme(each)
        self.theme = theme or themes.DARK.name
        self.set_keymap(keymap.textual_keymap(self.keys))

    def get_default_screen(self) -> Screen[None]:
        """The dashboard lies under all other screens."""
        return DashboardScreen()

    def on_mount(self) -> None:
        """Begin to watch."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            with suppress(NotImplementedError, ValueError):  # not on this platform, or thread
                asyncio.get_running_loop().add_signal_handler(number, self.exit)
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

    def set_window(self, name: str) -> None:
        """Change the stretch of time that figures cover."""
        self._ask(window=name)

    def set_filter(self, text: str) -> None:
        """Filter every pane; an empty text shows every call. A mistake is said."""
        found: Filter | None = None
        if text.strip():
            try:
                found = parse(text)
            except FilterError as error:
                self.notify(f"{error.message}.", severity="error", markup=False)
                return
        if found != self.asked.filter:
            self._ask(filter=found)

    # What panes and screens tell

    @on(messages.SpanOpened)
    def _span_opened(self, message: messages.SpanOpened) -> None:
        from llmtop.tui.screens.call import CallScreen

        self.push_screen(CallScreen(message.span, message.part))

    @on(messages.TraceOpened)
    def _trace_opened(self, message: messages.TraceOpened) -> None:
        from llmtop.tui.screens.trace import TraceScreen

        self.push_screen(TraceScreen(message.trace_id, message.span))

    @on(messages.LatencyRangeSelected)
    def _range_selected(self, message: messages.LatencyRangeSelected) -> None:
        self._narrow(narrowing.seconds(message.low, message.high))

    @on(messages.FilterRequested)
    def _filter_requested(self, message: messages.FilterRequested) -> None:
        self._narrow(message.text)

    @on(messages.AlertOpened)
    def _alert_opened(self, message: messages.AlertOpened) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.set_filter(message.text)

    def _narrow(self, term: str) -> None:
        asked = self.asked.filter
        self.set_filter(narrowing.toggled("" if asked is None else asked.text, term))

    # What keys do everywhere

    def action_freeze(self) -> None:
        """Hold the view, or let it go on."""
        if self._watch.frozen:
            self._watch.thaw()
        else:
            self._watch.freeze()
        self.look()

    def action_time_format(self) -> None:
        """The next way to write moments."""
        at = TIME_FORMATS.index(self.time_format) + 1
        self.time_format = TIME_FORMATS[at % len(TIME_FORMATS)]
        for rows in self.screen.query(RowList):
            rows.forget_strips()
        self.show()

    def action_copy(self) -> None:
        """Offer what there is to copy."""
        from llmtop.tui.screens.call import CallScreen

        span = self.screen.span if isinstance(self.screen, CallScreen) else self.selected
        offered = copy_menu.choices(span, self.asked.filter, self.payload)
        if not offered:
            self.notify("There is nothing to copy yet: select a call.", markup=False)
            return
        self.push_screen(copy_menu.CopyMenu(offered), self._copy_chosen)

    def _copy_chosen(self, choice: copy_menu.Choice | None) -> None:
        if choice is not None:
            self.copy(choice.text(), choice.what)

    def copy(self, text: str, what: str) -> None:
        """Send a text to the terminal's clipboard, and say what became of it."""
        text = clipboard.fit(text)
        said, sent = clipboard.report(what, text, os.environ)
        if sent:
            self.copy_to_clipboard(text)
        self.notify(said, severity="information" if sent else "warning", markup=False)

    def action_honest(self) -> None:
        """Explain the figures."""
        from llmtop.tui.screens.honest import HonestScreen

        self.push_screen(HonestScreen())

    def alert_changed(self, change: Change) -> None:
        """Ring once when an alert fires, and say so; say also that it has cleared."""
        self._changes.append(change)
        if len(self._changes) == 1:
            self.call_later(self._say_changes)

    def _say_changes(self) -> None:
        changes, self._changes = self._changes, []
        fired = [change for change in changes if change.fires]
        if fired:
            self.bell()
        for shown in (fired, [change for change in changes if not change.fires]):
            if shown:
                severity: SeverityLevel = "error" if shown[0].fires else "information"
                self.notify(safe(sentences(shown)), severity=severity, markup=False)
        self.show()

    def action_alerts(self) -> None:
        """Show the alerts."""
        from llmtop.tui.screens.alerts import AlertsScreen

        if not isinstance(self.screen, AlertsScreen):
            self.push_screen(AlertsScreen())

    def action_help(self) -> None:
        """Show all keys."""
        from llmtop.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen())

    def action_palette(self) -> None:
        """Find an action by its name."""
        self.action_command_palette()

    async def action_back(self) -> None:
        """Leave a zoomed pane or a screen; never the app."""
        screen = self.screen
        if isinstance(screen, DashboardScreen):
            screen.leave_zoom()
        elif len(self.screen_stack) > 1:
            self.pop_screen()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done now: text is typed where it is asked for, `back` leads somewhere."""
        del parameters
        if action in ("copy", "palette") and self.screen_stack and isinstance(self.focused, Input):
            return False
        if action != "back" or not self.screen_stack:
            return True
        zoomed = isinstance(self.screen, DashboardScreen) and bool(self.screen.zoomed)
        return zoomed or len(self.screen_stack) > 1

    def action_leave(self) -> None:
        """Leave the screen; the last one: leave the app."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.exit()
