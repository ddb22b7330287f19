"""An app of one pane: the app's answers, a real `Live`, and what the pane tells the app."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from msgspec import structs
from textual import on
from textual.app import App, ComposeResult
from textual.message import Message as Heard
from textual.pilot import Pilot

import llmtop.tui
from llmtop.filter import parse
from llmtop.live.live import Live
from llmtop.live.view import Group, Query, SortKey, TraceView, View
from llmtop.payload import Message, Payload
from llmtop.span import Fragment, Span
from llmtop.tui import messages, themes
from llmtop.tui.marked import Marked
from llmtop.tui.pane import Pane
from tests.live.fragments import NOON, live


class OnePane(App[None]):
    """Shows one pane without a border, and keeps what it tells."""

    CSS_PATH = Path(llmtop.tui.__file__).parent / "layout.tcss"
    CSS = "Pane, Pane:focus { border: none; padding: 0; }"

    def __init__(self, pane: Pane, *fragments: Fragment, now: float = NOON + 10.0) -> None:
        super().__init__()
        self.pane = pane
        self.live: Live = live(*fragments, now=now)
        self.asked = Query(window="all")
        self.keys: dict[str, str] = {}
        self.now = now
        self.view: View | None = None
        self.time_format = "utc"
        self.loading = False
        self.progress = (0, 0)
        self.selected: Span | None = None
        self.marked = Marked()
        self.critical = False
        self.looking = self.not_looked = 0
        self.asks: dict[str, str] = {}
        """What the calls of some ids were asked; the others were asked nothing."""
        self.told: list[Heard] = []
        self.said: list[str] = []
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.DARK.name

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.pane.focus()
        self.renew()

    def renew(self, *fragments: Fragment, now: float | None = None) -> None:
        """Take in what came, and show a view of it."""
        self.now = self.now if now is None else now
        if fragments:
            self.live.apply(fragments, self.now)
        self.view = self.live.view(self.asked, self.now)
        self.pane.show(self.view)

    def set_sort(self, key: SortKey, reverse: bool) -> None:
        self.asked = structs.replace(self.asked, sort=key, reverse=reverse)
        self.renew()

    def set_group(self, group: Group) -> None:
        self.asked = structs.replace(self.asked, group=group)
        self.renew()

    def set_filter(self, text: str) -> None:
        self.asked = structs.replace(self.asked, filter=parse(text) if text else None)
        self.renew()

    def trace_of(self, span: Span) -> str:
        return self.live.trace_of(span)

    def trace(self, trace_id: str) -> TraceView | None:
        return self.live.trace(trace_id, self.now)

    def payload(self, span: Span) -> Payload:
        asked = self.asks.get(span.span_id)
        return Payload() if asked is None else Payload(input=(Message("user", asked),))

    def payload_weight(self, span: Span) -> int:
        del span
        return 1

    def notify(self, message: str, **_: object) -> None:
        self.said.append(message)

    @on(messages.SpanSelected)
    @on(messages.TraceSpanSelected)
    @on(messages.SpanOpened)
    @on(messages.TraceOpened)
    @on(messages.LatencyRangeSelected)
    @on(messages.FilterRequested)
    def hear(self, message: Heard) -> None:
        self.told.append(message)

    @property
    def lines(self) -> list[str]:
        """What the pane shows."""
        return [strip.text for strip in self.pane.drawn]


PATIENCE_S = 30.0
Told = TypeVar("Told", bound=Heard)


def heard(app: OnePane, kind: type[Told]) -> Sequence[Told]:
    """What the pane told of a kind."""
    return [message for message in app.told if isinstance(message, kind)]


async def resized(pilot: Pilot[None], width: int, height: int) -> None:
    """Resize the terminal, and wait until the pane is drawn in its new size."""
    assert isinstance(pilot.app, OnePane)
    pane = pilot.app.pane
    await pilot.resize_terminal(width, height)
    deadline = time.monotonic() + PATIENCE_S
    while not pane.drawn or pane.size != (width, height) or pane.drawn[0].cell_length != width:
        assert time.monotonic() < deadline, f"never drawn at {width}x{height}"
        await pilot.pause()


def title(pane: Pane) -> str:
    """The pane's border title as it is read."""
    return pane.render_str(pane.border_title or "").plain
