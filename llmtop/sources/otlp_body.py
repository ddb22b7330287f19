"""The body of an OTLP request: received and inflated within a bound, whatever it claims to be."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

MOST_BYTES = 20 * 1024 * 1024
"""The largest body that is taken, after inflating."""
MOST_RECEIVING_BYTES = 128 * 1024 * 1024
"""Bytes of bodies that are received at the same time, by all connections."""
_MOST_DISCARDED = 256 * 1024 * 1024
"""A refused body is read to its end, so that the sender gets to read the answer."""
_STEP = 256 * 1024
ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})


class TooLargeError(Exception):
    """The body is larger than is taken."""


class DamagedError(Exception):
    """The body is not compressed as it claims, said in a phrase."""


class OverloadedError(Exception):
    """Too many bodies are received at once."""


class Inflater:
    """Inflates a stream a step at a time, and stops as soon as it grows too large."""

    def __init__(self, encoding: str, most: int = MOST_BYTES) -> None:
        self._encoding = encoding.removeprefix("x-")
        self._most = most
        self._parts: list[bytes] = []
        self.size = 0
        self._stream: zlib._Decompress | None = None
        self._started = False

    def feed(self, data: bytes) -> None:
        """Add some received bytes. Raises TooLargeError, DamagedError."""
        if self._encoding in ("", "identity"):
            self._keep(data)
            return
        try:
            self._inflate(data)
        except zlib.error as error:
            raise DamagedError(f"it is not {self._encoding}: {error}") from error

    def _inflate(self, data: bytes) -> None:
        while data:
            if self._stream is None:
                if self._started and self._encoding == "gzip" and not data.strip(b"\0"):
                    return  # padding behind the last member
                self._stream = zlib.decompressobj(self._window(data))
                self._started = True
            self._keep(self._stream.decompress(data, _STEP))
            data = self._stream.unconsumed_tail
            if self._stream.eof:
                # Gzip may go on with another member.
                data = self._stream.unused_data
                self._stream = None

    def _window(self, data: bytes) -> int:
        if self._encoding == "gzip":
            return 16 + zlib.MAX_WBITS
        # `deflate` means zlib's format, but some senders leave its header out.
        headed = data[0] & 0x0F == 8 and (len(data) < 2 or (data[0] << 8 | data[1]) % 31 == 0)
        return zlib.MAX_WBITS if headed else -zlib.MAX_WBITS

    def _keep(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self._most:
            raise TooLargeError
        self._parts.append(data)

    def finish(self) -> bytes:
        """All of it. Raises DamagedError when the end is missing."""
        if self._stream is not None:
            try:
                self._keep(self._stream.flush())
            except zlib.error as error:
                raise DamagedError(f"it is not {self._encoding}: {error}") from error
            if not self._stream.eof:
                raise DamagedError(f"the {self._encoding} ends too early")
        return b"".join(self._parts)


class Bodies:
    """Receives bodies one beside the other; together they stay below a bound."""

    def __init__(self, most_at_once: int = MOST_RECEIVING_BYTES) -> None:
        self._most_at_once = most_at_once
        self._receiving = 0

    async def receive(self, stream: AsyncIterator[bytes], encoding: str) -> bytes:
        """The whole body, inflated. Raises TooLargeError, DamagedError, OverloadedError."""
        inflater = Inflater(encoding)
        held = 0
        try:
            async for data in stream:
                inflater.feed(data)
                self._receiving += inflater.size - held
                held = inflater.size
                if self._receiving > self._most_at_once and self._receiving > held:
                    raise OverloadedError
            return inflater.finish()
        except (TooLargeError, DamagedError, OverloadedError):
            await discard(stream)
            raise
        finally:
            self._receiving -= held


async def discard(stream: AsyncIterator[bytes]) -> None:
    """Read what still comes, and forget it."""
    discarded = 0
    async for data in stream:
        discarded += len(data)
        if discarded > _MOST_DISCARDED:
            return
