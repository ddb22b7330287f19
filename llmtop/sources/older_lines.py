"""The older part of a large file: stretches from newest to oldest, each of them read forward."""

from __future__ import annotations

from llmtop.sources.chunk import CHUNK_BYTES
from llmtop.sources.line_cutter import LONGEST_LINE, SAMPLE_BYTES
from llmtop.sources.line_search import next_line, read_exactly

STRETCH_BYTES = 8 * 1024 * 1024
"""Within a stretch an answer comes after its request, as it was written: that is less work."""


class OlderLines:
    """Everything before an offset at which a line begins."""

    def __init__(self, end: int) -> None:
        self._begin = end
        """Where what was given, or is being given, begins."""
        self._next = end
        self._limit = end
        self._dropping = False

    @property
    def unread(self) -> int:
        """Bytes that were not given yet."""
        return self._begin + self._limit - self._next

    def slice(self, number: int) -> tuple[bytes, int]:
        """The next whole lines of an open file, and where they begin.

        There may be none in a slice: the rest of a line that is too long is left out, except for
        its beginning.
        """
        if self._next >= self._limit and not self._find_stretch(number):
            data, self._begin = self._before(number)
            self._next = self._limit = self._begin
            return data, self._begin
        start = self._next
        data = self._forward(number)
        self._next = start + len(data) if data else self._limit
        return data, start

    def _find_stretch(self, number: int) -> bool:
        """Begin the stretch before the last one; whether lines can be told apart in it."""
        limit = self._begin
        start = max(0, limit - STRETCH_BYTES)
        if self._dropping:
            return False
        if start > 0:
            line = next_line(number, start, limit)
            if line is None or line >= limit:
                return False
            start = line
        self._begin = self._next = start
        self._limit = limit
        return True

    def _forward(self, number: int) -> bytes:
        length = CHUNK_BYTES
        while True:
            end = min(self._next + length, self._limit)
            data = read_exactly(number, self._next, end - self._next)
            if end == self._limit or not data:
                return data
            cut = data.rfind(b"\n") + 1
            if cut:
                return data[:cut]
            length *= 2

    def _before(self, number: int) -> tuple[bytes, int]:
        """Whole lines that end where the last ones began: for lines as long as a stretch."""
        end = self._begin
        length = CHUNK_BYTES
        while True:
            start = max(0, end - length)
            data = read_exactly(number, start, end - start)
            if self._dropping:
                last = data.rfind(b"\n") + 1
                if last == 0 and start > 0:
                    return b"", start
                data = data[:last] + read_exactly(number, start + last, SAMPLE_BYTES)
                self._dropping = False
            if start == 0:
                return data, 0
            cut = data.find(b"\n", 0, len(data) - 1) + 1
            if cut:
                return data[cut:], start + cut
            if length >= LONGEST_LINE:
                self._dropping = True
                return b"", start
            length *= 2
