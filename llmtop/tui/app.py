"""The app: what the user looks at, what its keys do, and the screens in between."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widgets import Input

from llmtop.alert_actions import sentences
from llmtop.filter import parse
from llmtop.live.alerts import Change
from llmtop.live.view import Query
from llmtop.pump import Pump
from llmtop.span import Span
from llmtop.tui import (
    clipboard,
    copy_menu,
    export_menu,
    exporting,
    keymap,
    messages,
    narrowing,
    themes,
)
from llmtop.tui.actions import bindings, first_key, key_name
from llmtop.tui.export_menu import Export
from llmtop.tui.marked import Marked
from llmtop.tui.menu import Menu
from llmtop.tui.numbers import TIME_FORMATS
from llmtop.tui.palette import ActionProvider
from llmtop.tui.row_list import RowList
from llmtop.tui.safe_text import safe
from llmtop.tui.screens.base import ViewScreen
from llmtop.tui.screens.dashboard import DashboardScreen
from llmtop.tui.watching_app import WatchingApp

_NEED_CALLS = ("copy", "freeze", "mark", "compare", "export")
"""What is of no use before there is anything on the screen."""


class LlmTop(WatchingApp):
    """Opens the screens, and does what keys do everywhere."""

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
        export: Export | None = None,
    ) -> None:
        narrowed = parse(filter_text, pump.contents) if filter_text.strip() else None
        super().__init__(pump, Query(window=window, filter=narrowed), refresh_hz)
        self.keys = dict(keys or {})
        """The user's own keys, by the identity of the action."""
        self.label = label
        """What is watched, in a word, where it is not the user's own."""
        self.time_format = time_format
        self.selected: Span | None = None
        """The span under the cursor of the list that was moved in last."""
        self._export = export
        self.marked = Marked()
        self.critical = False
        """Whether traces show what they waited for."""
        self._changes: list[Change] = []
        for each in themes.THEMES:
            self.register_theme(each)
        self.theme = theme or themes.DARK.name
        self.set_keymap(keymap.textual_keymap(self.keys))

    def get_default_screen(self) -> Screen[None]:
        """The dashboard lies under all other screens."""
        return DashboardScreen()

    def on_mount(self) -> None:
        """Leave well when told to."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            with suppress(NotImplementedError, ValueError):  # not on this platform, or thread
                asyncio.get_running_loop().add_signal_handler(number, self.exit)

    # What panes and screens tell

    @on(messages.SpanOpened)
    async def _span_opened(self, message: messages.SpanOpened) -> None:
        from llmtop.tui.screens.call import CallScreen

        await self.push_screen(CallScreen(message.span, message.part))

    @on(messages.TraceOpened)
    async def _trace_opened(self, message: messages.TraceOpened) -> None:
        from llmtop.tui.screens.trace import TraceScreen

        await self.push_screen(TraceScreen(message.trace_id, message.span))

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

    async def action_copy(self) -> None:
        """Offer what there is to copy."""
        offered = copy_menu.choices(self.chosen or self.selected, self.asked.filter, self.payload)
        if not offered:
            self.notify("There is nothing to copy yet: select a call.", markup=False)
            return
        key = first_key("app.copy", self.keys)
        await self.push_screen(Menu("Copy", offered, key), self._copy_chosen)

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

    @property
    def chosen(self) -> Span | None:
        """The span that keys act upon; `None` where the screen is not about spans."""
        return self.screen.chosen if isinstance(self.screen, ViewScreen) else None

    def action_mark(self) -> None:
        """Mark the selected span, or take its mark away."""
        span = self.chosen
        if span is None:
            self.notify("There is nothing to mark yet: select a call.", markup=False)
            return
        self.marked.toggle(span)
        self._marks_changed()

    def action_unmark_all(self) -> None:
        """Take every mark away."""
        self.marked.clear()
        self._marks_changed()

    def _marks_changed(self) -> None:
        self.show()
        self.refresh_bindings()

    async def action_compare(self) -> None:
        """Compare the two spans marked last, or the marked one and the selected one."""
        from llmtop.tui.screens.compare import CompareScreen

        pair = self.marked.pair(self.chosen)
        if pair is None:
            mark = key_name(first_key("app.mark", self.keys))
            compare = key_name(first_key("app.compare", self.keys))
            said = (
                f"Only this one is marked: select another one, then {compare} compares them."
                if self.marked
                else f"Mark a call with {mark}, select another one, then {compare} compares them."
            )
            self.notify(said, markup=False)
            return
        if len(self.marked) > 2:
            self.notify(f"{len(self.marked)} are marked: these are the last two.", markup=False)
        await self.push_screen(CompareScreen(*pair))

    async def action_export(self) -> None:
        """Offer what there is to write to a file."""
        span = self.chosen
        trace = None if span is None else self.trace(self.trace_of(span))
        offered = export_menu.choices(span, trace, self.calls, self.now, self.time_format)
        if not offered or self._export is None:
            self.notify("There is nothing to export yet.", markup=False)
            return
        key = first_key("app.export", self.keys)
        await self.push_screen(Menu("Export to a file here", offered, key), self._export_chosen)

    def _export_chosen(self, choice: export_menu.Choice | None) -> None:
        if choice is not None and self._export is not None:
            self.run_worker(exporting.write(choice, self._export, self._say), group="export")

    def _say(self, sentence: str, well: bool) -> None:
        severity: SeverityLevel = "information" if well else "error"
        self.notify(sentence, severity=severity, markup=False)

    async def action_honest(self) -> None:
        """Explain the figures."""
        from llmtop.tui.screens.honest import HonestScreen

        await self.push_screen(HonestScreen())

    def alert_changed(self, change: Change) -> None:
        """Ring once when an alert fires, and say so; say also that it has cleared."""
        self._changes.append(change)
        if len(self._changes) == 1:
            self.call_later(self._say_changes)

    def alert_action_failed(self, said: str) -> None:
        """Say that an alert's command or URL did not work out; from whatever thread."""
        self.call_later(self.notify, safe(said), severity="warning", markup=False)

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

    async def action_alerts(self) -> None:
        """Show the alerts."""
        from llmtop.tui.screens.alerts import AlertsScreen

        if not isinstance(self.screen, AlertsScreen):
            await self.push_screen(AlertsScreen())

    async def action_help(self) -> None:
        """Show all keys."""
        from llmtop.tui.screens.help import HelpScreen

        await self.push_screen(HelpScreen())

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
        if (
            action in ("copy", "export", "palette")
            and self.screen_stack
            and isinstance(self.focused, Input)
        ):
            return False
        if action in _NEED_CALLS and self.screen_stack and self.screen.has_class("nothing-yet"):
            return False
        if action in ("copy", "mark", "compare", "export") and self.screen_stack:
            return isinstance(self.screen, DashboardScreen) or self.chosen is not None
        if action == "unmark_all":
            return bool(self.marked)
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
