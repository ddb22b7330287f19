"""Sets the app up on real files under a clock that stands still, and reads what it shows."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

from textual.events import Key
from textual.pilot import Pilot

from llmtop.decode.decoder import Decoder
from llmtop.demo.trace import Record
from llmtop.demo.traffic import stamped, steps
from llmtop.history.export_spans import export
from llmtop.live.live import Live
from llmtop.pricing import Prices
from llmtop.pump import Pump
from llmtop.sources.open import Sources
from llmtop.tui.app import LlmTop
from tests.waiting import PATIENCE_S

NOON = 1_780_315_200.0
"""2026-06-01 12:00:00 UTC."""
SIZES = ((80, 24), (120, 36), (200, 60))


class Stage:
    """A folder that is followed, a clock, and the app on them."""

    def __init__(self, folder: Path, *, now: float = NOON) -> None:
        self.folder = folder
        self.exported = folder.parent / "exported"
        """Where exports go."""
        self.now = now

    def write(self, records: Iterable[Mapping[str, Any] | str], name: str = "app.jsonl") -> None:
        """Append records, or lines as they are."""
        lines = [each if isinstance(each, str) else json.dumps(each) for each in records]
        with (self.folder / name).open("a", encoding="utf-8", errors="surrogatepass") as log:
            log.writelines(line + "\n" for line in lines)

    def write_demo(self, *, seed: int = 3, seconds: float = 150.0, rate: float = 5.0) -> None:
        """Write the demo's traffic of the last seconds before now."""
        traffic = steps(seed=seed, rate=rate, scenario="all")
        past = takewhile(lambda step: step.due <= seconds, traffic)
        self.write(stamped(step.record, self.now - seconds) for step in past)

    def pump(self, **limits: Any) -> Pump:
        """What moves the files' bytes, at the stage's own time."""
        prices = Prices()
        prices.load()
        sources = Sources([str(self.folder)], poll=True)
        return Pump(sources, Decoder(), Live(prices, **limits), clock=lambda: self.now)

    @asynccontextmanager
    async def app(
        self, size: tuple[int, int] = (120, 36), **settings: Any
    ) -> AsyncIterator[Pilot[None]]:
        """The app, once it has read what there is."""
        pump = self.pump()
        usual = {
            "window": "5m",
            "time_format": "utc",
            "export": partial(export, pump.payload, self.exported),
        }
        app = LlmTop(pump, **{**usual, **settings})
        try:
            async with app.run_test(size=size, notifications=True) as pilot:
                await read_all(pilot)
                yield pilot
        finally:
            pump.close()


def the_app(pilot: Pilot[None]) -> LlmTop:
    """The app by its own type."""
    assert isinstance(pilot.app, LlmTop)
    return pilot.app


async def read_all(pilot: Pilot[None]) -> None:
    """Let the app read what there is to read, and draw it."""
    app = the_app(pilot)
    while app.pump.step(0.1):
        await pilot.pause()
    app.pump.tick()
    await drawn(pilot)


async def drawn(pilot: Pilot[None]) -> None:
    """Let the app draw what is true now."""
    app = the_app(pilot)
    app.look()
    await pilot.pause()
    await pilot.pause()


def frame(pilot: Pilot[None]) -> str:
    """The screen as plain text."""
    # The compositor is what the terminal's writer reads; Textual has no public name for it.
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


async def in_one_breath(pilot: Pilot[None], *keys: str) -> None:
    """Press keys that arrive together, as over a slow line."""
    for key in keys:
        name = {"/": "slash", ":": "colon"}.get(key, key)
        pilot.app.post_message(Key(name, key if len(key) == 1 else None))
    await drawn(pilot)


async def until(pilot: Pilot[None], shows: Callable[[str], object], what: str) -> str:
    """Wait until the screen shows what is awaited; fails with the screen otherwise."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        await drawn(pilot)
        if shows(text := frame(pilot)):
            return text
    raise AssertionError(f"never saw {what}; the screen:\n{frame(pilot)}")


def call(number: int, *, at: float = NOON, **told: Any) -> list[Record]:
    """A request and its response, ended `at` seconds since the epoch."""
    answer = {"latency_ms": 500.0, "content": f"answer {number}", "finish_reason": "stop"}
    usage = {"prompt_tokens": 100, "completion_tokens": 10}
    asked = {key: told.pop(key) for key in list(told) if key in _OF_REQUESTS}
    ended = {**answer, **usage, **told}
    request = {
        "type": "request",
        "request_id": f"r{number}",
        "timestamp": at - float(ended["latency_ms"]) / 1000,
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": f"question {number}"}],
        **asked,
    }
    return [request, {"type": "response", "request_id": f"r{number}", "timestamp": at, **ended}]


_OF_REQUESTS = {"model", "messages", "user_id", "session_id", "trace_id", "span_id", "provider"}
