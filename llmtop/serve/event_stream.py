"""`/v1/stream`: calls as they end, as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool

from llmtop.filter import Filter
from llmtop.serve.monitor import Monitor
from llmtop.serve.streams import Listener

HEARTBEAT_S = 15.0
"""A comment is sent when there was nothing to tell for so long: proxies drop silent connections."""


async def listen(monitor: Monitor, matches: Filter | None) -> Listener | None:
    """A listener that hears every call that ends from now on; `None` when there are too many."""
    listener = monitor.streams.open(matches)
    if listener is not None:
        await run_in_threadpool(monitor.listening)
    return listener


async def events(monitor: Monitor, listener: Listener) -> AsyncIterator[bytes]:
    """The stream: a comment to begin with, then an event `call` for each call."""
    try:
        yield b": calls as they end\nretry: 2000\n\n"
        while not listener.closed:
            await listener.wait(HEARTBEAT_S)
            if listener.left_out:
                yield b'event: left_out\ndata: {"calls":%d}\n\n' % listener.left_out
                listener.left_out = 0
            if not listener.waiting:
                yield b": nothing new\n\n"
            while listener.waiting and not listener.closed:
                yield b"event: call\ndata: " + listener.waiting.popleft() + b"\n\n"
    finally:
        monitor.streams.leave(listener)
