"""Watches one call of a client library, from its request to the end of its answer."""

from __future__ import annotations

import copy
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from llmtop.emit.answer import get
from llmtop.emit.asked import Asked
from llmtop.emit.call import Call
from llmtop.emit.emitter import failed

_RETRIES = "x-stainless-retry-count"


class Watch:
    """Ends the call of a request exactly once, however its answer ends.

    It never holds the stream that it watches, so that one that is dropped is known to be.
    """

    def __init__(self, call: Call, asked: Asked, options: Any, *, hides_usage: bool) -> None:
        self.call = call
        self.options = options
        self.reading = False
        """Whether a piece is being waited for: a connection that closes then closes by itself."""
        self._pieces = asked.endpoint.pieces()
        self._hides_usage = hides_usage
        self.call.start()

    def tried(self, attempts: int) -> None:
        """Note how often the request was sent."""
        self.call.set_response(attempts=attempts)

    def answered(self, response: Any) -> None:
        """End with a whole answer."""
        self.call.set_response(response)
        self.call.end()

    def failed(self, error: BaseException) -> None:
        """End with an exception: of the server, the network, a timeout, or a cancelled task."""
        self._tell_pieces()
        try:
            request = getattr(getattr(error, "response", None), "request", None)
            headers = getattr(request or getattr(error, "request", None), "headers", None)
            retries = None if headers is None else headers.get(_RETRIES)
            if retries is not None and str(retries).isdigit():
                self.tried(int(retries) + 1)
            code = getattr(error, "status_code", None)
            if isinstance(code, int):
                self.call.set_attribute("http.response.status_code", code)
        except Exception as fault:
            failed(fault)
        self.call.set_error(error)
        self.call.end()

    # -- streams

    def take(self, piece: Any) -> bool:
        """Take a piece of a stream; whether the program is to see it."""
        try:
            self._pieces.take(piece)
            if self._pieces.begun:
                self.call.first_token()
            # The program did not ask for the usage, and may not expect a piece without choices.
            return not (
                self._hides_usage and not get(piece, "choices") and get(piece, "usage") is not None
            )
        except Exception as error:
            failed(error)
            return True

    def _tell_pieces(self) -> dict[str, Any]:
        try:
            told = self._pieces.told()
        except Exception as fault:
            failed(fault)
            return {}
        if told:
            self.call.set_response(**told)
        return told

    def finished(self) -> None:
        """End with the end of a stream; without a reason to finish, it was cut off."""
        told = self._tell_pieces()
        if not self._pieces.finished and "prompt_tokens" not in told:
            self.call.set_error("the stream ended before the answer was complete", "StreamCut")
        self.call.end()

    def closed(self) -> None:
        """The connection was closed, perhaps by the program before the answer's end."""
        if not self.reading:
            self._broken_off("the stream was closed before its end", "closed")

    def dropped(self) -> None:
        """The stream is gone; nobody read it to its end."""
        self._broken_off("the stream was dropped before its end", "dropped")

    def _broken_off(self, why: str, kind: str) -> None:
        if self.call.ended:
            return
        self._tell_pieces()
        if self._pieces.finished:
            self.call.end()
            return
        self.call.set_error(why, kind)
        self.call.end("cancelled")


class _Proxy:
    """Stands for an iterator that cannot be watched in its place, and is taken for it."""

    def __init__(self, pieces: Any, watch: Watch) -> None:
        self._pieces = pieces
        self._watch = watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pieces, name)

    @property  # type: ignore[misc]  # read-only, so that `isinstance` says what it said before
    def __class__(self) -> type:
        return type(self._pieces)


class _Pieces(_Proxy):
    """The iterator within a stream, watched."""

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        watch = self._watch
        watch.reading = True
        try:
            while True:
                piece = next(self._pieces)
                if watch.take(piece):
                    return piece
        except StopIteration:
            watch.finished()
            raise
        except BaseException as error:
            watch.failed(error)
            raise
        finally:
            watch.reading = False

    def __enter__(self) -> Any:
        self._pieces.__enter__()
        return self

    def __exit__(self, *told: Any) -> Any:
        try:
            return self._pieces.__exit__(*told)
        finally:
            self._watch.closed()

    def close(self) -> None:
        """Close the iterator within."""
        self._pieces.close()
        self._watch.closed()


class _AsyncPieces(_Proxy):
    """The asynchronous iterator within a stream, watched."""

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        watch = self._watch
        watch.reading = True
        try:
            while True:
                piece = await anext(self._pieces)
                if watch.take(piece):
                    return piece
        except StopAsyncIteration:
            watch.finished()
            raise
        except BaseException as error:
            watch.failed(error)
            raise
        finally:
            watch.reading = False

    async def __aenter__(self) -> Any:
        await self._pieces.__aenter__()
        return self

    async def __aexit__(self, *told: Any) -> Any:
        try:
            return await self._pieces.__aexit__(*told)
        finally:
            self._watch.closed()

    async def aclose(self) -> None:
        """Close the iterator within."""
        await self._pieces.aclose()
        self._watch.closed()


def watch_result(result: Any, watch: Watch, *, stream: bool) -> Any:
    """Watch what a client library gave for a request; it stays the object that it is."""
    if hasattr(type(result), "parse") and "http_response" in _own(result):
        from llmtop.emit.watch_raw import watch_raw

        watch_raw(result, watch, stream=stream)
    elif is_stream(result):
        watch_stream(result, watch)
    elif stream and hasattr(type(result), "__anext__"):
        return _until_dropped(_AsyncPieces(result, watch), watch)
    elif stream and hasattr(type(result), "__next__"):
        return _until_dropped(_Pieces(result, watch), watch)
    else:
        watch.answered(result)
    return result


def _until_dropped(held: Any, watch: Watch) -> Any:
    weakref.finalize(held, watch.dropped).atexit = False
    return held


def is_stream(result: Any) -> bool:
    """Whether an object is a stream of OpenAI's or Anthropic's library."""
    kind = type(result)
    return "_iterator" in _own(result) and (hasattr(kind, "__next__") or hasattr(kind, "__anext__"))


def _own(result: Any) -> Any:
    """What an object holds itself: a mock, which programs test with, has any attribute."""
    return getattr(result, "__dict__", ())


def watch_stream(stream: Any, watch: Watch) -> None:
    """Watch a stream in its place."""
    pieces = _detached(stream)
    stream._iterator = (
        _AsyncPieces(pieces, watch) if hasattr(stream, "__anext__") else _Pieces(pieces, watch)
    )
    watch_closing(getattr(stream, "response", None), watch.closed)
    _until_dropped(stream, watch)


def _detached(stream: Any) -> Any:
    """A stream's pieces, read by a twin: a stream whose iterator holds itself is freed late."""
    if not hasattr(stream, "__stream__"):
        return stream._iterator
    twin = copy.copy(stream)
    twin._iterator = None
    return twin.__stream__()


def watch_closing(response: Any, closed: Callable[[], None]) -> None:
    """Notice when a connection is closed."""
    if response is None:
        return
    kind = type(response)
    if hasattr(kind, "close"):

        def close() -> None:
            try:
                kind.close(response)
            finally:
                closed()

        response.close = close
    if hasattr(kind, "aclose"):

        async def aclose() -> None:
            try:
                await kind.aclose(response)
            finally:
                closed()

        response.aclose = aclose
