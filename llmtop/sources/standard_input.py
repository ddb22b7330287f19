"""Standard input as a source: read as it comes, never waited for."""

from __future__ import annotations

import os
import select
import sys

from llmtop.sources.chunk import CHUNK_BYTES, Chunk
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.line_cutter import LineCutter
from llmtop.sources.spool import Spool
from llmtop.sources.status import SourceError, SourceStatus


class StandardInput:
    """Whole lines from a pipe; the terminal, if there is one, is left to the screen."""

    def __init__(
        self, chunk_index: ChunkIndex, source: int, spool: Spool, descriptor: int | None = None
    ) -> None:
        self.status = SourceStatus(label="standard input", kind="stdin", state="waiting")
        if descriptor is None:
            descriptor = _standard_input()
        # A descriptor of its own: the screen takes the terminal as standard input.
        self._descriptor = os.dup(descriptor)
        self._chunk_index = chunk_index
        self._source = source
        self._spool = spool
        self._reader = chunk_index.reader(spool.read)
        self._lines = LineCutter()
        self._ended = False

    def poll(self, now: float, budget: int) -> list[Chunk]:
        """What has come, as whole lines."""
        del now
        found = []
        while not self._ended and budget > 0 and self._is_ready():
            try:
                data = os.read(self._descriptor, CHUNK_BYTES)
            except BlockingIOError:
                break
            except OSError as error:
                self._ended = True
                self.status.state, self.status.detail = "failed", f"{error.strerror or error}."
                break
            budget -= len(data)
            self.status.bytes_read += len(data)
            self.status.bytes_total = self.status.bytes_read
            self.status.state = "following"
            if not data:
                self._ended = True
                self.status.state = "read"
                found.extend(self._enter(self._lines.finish()))
            else:
                found.extend(self._enter(self._lines.feed(data)))
        return found

    def _is_ready(self) -> bool:
        try:
            return bool(select.select([self._descriptor], [], [], 0)[0])
        except (OSError, ValueError):
            self._ended = True
            return False

    def _enter(self, pieces: list[tuple[int, bytes]]) -> list[Chunk]:
        found = []
        for _, data in pieces:
            if data.strip():
                number = self._chunk_index.enter(self._reader, self._spool.append(data), len(data))
                found.append(Chunk(number, self._source, data))
        return found

    def close(self) -> None:
        """Read no more."""
        self._ended = True
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def pending(self) -> bool:
        """Whether something waits to be read."""
        return not self._ended and self._is_ready()

    @property
    def ended(self) -> bool:
        """Whether the other end was closed."""
        return self._ended


def _standard_input() -> int:
    try:
        # Python has no object for an input that was closed before it began.
        found = sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):
        raise SourceError("Standard input is closed: there is nothing to read with `-`.") from None
    if os.isatty(found):
        raise SourceError(
            "Nothing is piped in: `-` reads standard input, as in `my-app 2>&1 | llmtop -`."
        )
    return found
