"""Bytes from a pipe as they were before they were compressed, if they were."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from llmtop.sources.chunk import CHUNK_BYTES

MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS


class DamagedError(Exception):
    """Compressed bytes that cannot be read further, said in a sentence."""


class GzipStream:
    """Looks at the first bytes, and decompresses in pieces of bounded size, or passes on."""

    def __init__(self) -> None:
        self._head = b""
        self._is_plain = False
        self._inflater: zlib._Decompress | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that some bytes make, to be taken before more are fed. Raises DamagedError."""
        if not self._is_plain and self._inflater is None:
            data = self._head + data
            self._head = b""
            if len(data) < len(MAGIC) and MAGIC.startswith(data):
                self._head = data
                return
            if data.startswith(MAGIC):
                self._inflater = zlib.decompressobj(_GZIP)
            else:
                self._is_plain = True
        if self._is_plain:
            yield data
        else:
            yield from self._inflated(data)

    def _inflated(self, data: bytes) -> Iterator[bytes]:
        while data:
            inflater = self._inflater
            if inflater is None or inflater.eof:
                # Gzip files one after the other are one; they may be padded with zeros.
                data = data.lstrip(b"\0")
                if not data:
                    return
                inflater = self._inflater = zlib.decompressobj(_GZIP)
            try:
                piece = inflater.decompress(data, CHUNK_BYTES)
            except zlib.error as error:
                raise DamagedError(f"The compressed input is damaged: {error}.") from error
            data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> bytes:
        """What was held back, once all was fed. Raises DamagedError where the end is missing."""
        if self._inflater is not None and not self._inflater.eof:
            raise DamagedError("The compressed input ends too early.")
        return self._head
