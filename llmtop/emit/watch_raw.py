"""Watches raw responses: those whose body the program reads or parses itself."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable
from typing import Any

from llmtop.emit.watch import Watch, is_stream, watch_closing, watch_stream


def _watch_reading(response: Any, watch: Watch) -> None:
    """Notice when the program reads the whole body of a response."""
    kind = type(response)

    def read() -> Any:
        watch.reading = True
        try:
            content = kind.read(response)
        finally:
            watch.reading = False
        watch.answered(_body(response))
        return content

    async def aread() -> Any:
        watch.reading = True
        try:
            content = await kind.aread(response)
        finally:
            watch.reading = False
        watch.answered(_body(response))
        return content

    response.read, response.aread = read, aread


def watch_raw(raw: Any, watch: Watch, *, stream: bool) -> None:
    """Watch a raw response: one whose body the program reads or parses itself."""
    response = raw.http_response
    if not stream and _body(response) is not None:
        watch.answered(_body(response))
        return

    def parsed(result: Any) -> Any:
        if is_stream(result):
            watch_stream(result, watch)
        return result

    _watch_parse(raw, parsed)
    if stream:
        watch_closing(response, watch.closed)
    else:
        _watch_reading(response, watch)
        # Read piece by piece, or not at all: how it went is known, what it said is not.
        watch_closing(response, lambda: None if watch.reading else watch.call.end())
    # Of the response, which the raw one and a stream parsed from it hold.
    weakref.finalize(response, watch.dropped).atexit = False


def _body(response: Any) -> dict[str, Any] | None:
    """The decoded body of a response that was read, or `None`."""
    content = getattr(response, "_content", None)
    if not isinstance(content, bytes):
        return None
    import json

    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _watch_parse(raw: Any, parsed: Callable[[Any], Any]) -> None:
    kind = type(raw)
    if inspect.iscoroutinefunction(kind.parse):

        async def parse_async(*args: Any, **kwargs: Any) -> Any:
            return parsed(await kind.parse(raw, *args, **kwargs))

        raw.parse = parse_async
    else:

        def parse(*args: Any, **kwargs: Any) -> Any:
            return parsed(kind.parse(raw, *args, **kwargs))

        raw.parse = parse
