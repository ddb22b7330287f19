"""`/v1/stream`: calls as they end, as server-sent events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from llmtop.serve.streams import Listener, Streams

MEDIA_TYPE = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
HEARTBEAT_S = 15.0
"""A comment is sent when there was nothing to tell for so long: proxies drop silent connections."""


async def events(streams: Streams, listener: Listener) -> AsyncIterator[bytes]:
    """The stream: a comment to begin with, then an event `call` for each call.

    Whatever is sent bears the id of how far the listener is told, so that it can go on there.
    """
    try:
        yield b": calls as they end\nretry: 2000\n%s\n" % streams.id_of(listener)
        sent_at = time.monotonic()
        while not listener.closed:
            told = streams.take(listener)
            if told is None:
                await listener.wait(sent_at + HEARTBEAT_S - time.monotonic())
            else:
                await asyncio.sleep(0)  # others have their turn, also where all is sent at once
            if not told and time.monotonic() - sent_at >= HEARTBEAT_S:
                told = b": nothing new\n%s\n" % streams.id_of(listener)
            if told:
                yield told
                sent_at = time.monotonic()
    finally:
        streams.leave(listener)
