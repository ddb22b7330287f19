"""The older part of a large file, given in slices of whole lines from newest to oldest."""

from __future__ import annotations

from llmtop.sources.chunk import CHUNK_BYTES
from llmtop.sources.line_cutter import LONGEST_LINE, SAMPLE_BYTES
from llmtop.sources.line_search import read_exactly


class OlderLines:
    """Everything before an offset at which a line begins."""

    def __init__(self, end: int) -> None:
        self.end = end
        """What is before this was not given yet."""
        self._dropping = False

    def slice(self, number: int) -> tuple[bytes, int]:
        """Whole lines of an open file that end where the last slice began, and where they begin.

        There may be none in a slice: the rest of a line that is too long is left out, except for
        its beginning.
        """
        data, self.end = self._before(number)
        return data, self.end

    def _before(self, number: int) -> tuple[bytes, int]:
        length = CHUNK_BYTES
        while True:
            start = max(0, self.end - length)
            data = read_exactly(number, start, self.end - start)
            if self._dropping:
                end = data.rfind(b"\n") + 1
                if end == 0 and start > 0:
                    return b"", start
                data = data[:end] + read_exactly(number, start + end, SAMPLE_BYTES)
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
