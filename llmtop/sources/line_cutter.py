"""Cuts a stream into whole lines; of a line that is too long, only its beginning is kept."""

from __future__ import annotations

LONGEST_LINE = 128 * 1024 * 1024
"""Bytes of the longest line that is read whole."""
SAMPLE_BYTES = 1024
"""So much of a longer line is given, which is then rejected, counted, and can be looked at."""


class LineCutter:
    """Holds back what comes after the last newline, within a bound."""

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._carried: list[bytes] = []
        self._size = 0
        self._offset = 0
        self._dropping = False

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The pieces that are whole with these bytes, each with its offset in the stream."""
        if self._dropping:
            data = self._drop(data)
        found = []
        cut = data.rfind(b"\n") + 1
        if cut:
            found.append(self._take(data[:cut]))
            data = data[cut:]
        if data:
            self._carried.append(data)
            self._size += len(data)
        if self._size > self._longest:
            found.append((self._offset, b"".join(self._carried[:2])[:SAMPLE_BYTES]))
            self._offset += self._size
            self._carried, self._size = [], 0
            self._dropping = True
        return found

    def _drop(self, data: bytes) -> bytes:
        """Forget the rest of a line that is too long."""
        cut = data.find(b"\n") + 1
        dropped = cut or len(data)
        self._offset += dropped
        self._dropping = cut == 0
        return data[dropped:]

    def _take(self, data: bytes) -> tuple[int, bytes]:
        piece = self._offset, b"".join([*self._carried, data])
        self._offset += len(piece[1])
        self._carried, self._size = [], 0
        return piece

    def finish(self) -> list[tuple[int, bytes]]:
        """The last line, if it has no newline."""
        piece = self._take(b"")
        return [piece] if piece[1].strip() else []
