"""Standard input as a source: read as it comes, never waited for."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator

from llmtop.sources.chunk import CHUNK_BYTES, Chunk
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.gzip_stream import DamagedError, GzipStream
from llmtop.sources.line_cutter import LineCutter
from llmtop.sources.spool import Spool
from llmtop.sources.status import SourceError, SourceStatus
from llmtop.sources.whole_document import (
    LARGEST_BYTES,
    SNIFFED_BYTES,
    TOO_LARGE,
    opens_document,
)

_FIRST_LINES = 2
"""Lines that tell whether they are records or a document's beginning."""


class StandardInput:
    """Whole lines from a pipe; the terminal, if there is one, is left to the screen."""

    def __init__(
        self,
        chunk_index: ChunkIndex,
        source: int,
        spool: Spool,
        descriptor: int | None = None,
        *,
        to_end: bool = False,
    ) -> None:
        """With `to_end`, whoever reads waits for its end: a document laid out over lines is read.

        Raises SourceError where nothing is piped in.
        """
        self.status = SourceStatus(label="standard input", kind="stdin", state="waiting")
        if descriptor is None:
            descriptor = standard_input()
        # A descriptor of its own: the screen takes the terminal as standard input.
        self._descriptor = os.dup(descriptor)
        self._chunk_index = chunk_index
        self._source = source
        self._spool = spool
        self._reader = chunk_index.reader(spool.read)
        self._stream = GzipStream()
        self._unread: Iterator[bytes] | None = None
        self._lines = LineCutter()
        self._held: list[bytes] | None = [] if to_end else None
        """What may be a document, or is one."""
        self._is_document = False
        self._ended = False

    def poll(self, now: float, budget: int) -> list[Chunk]:
        """What has come, decompressed if need be, as whole lines."""
        del now
        found: list[Chunk] = []
        try:
            while not self._ended and budget > 0:
                if self._unread is None and not (self._is_ready() and self._read()):
                    break
                piece = next(self._unread or iter(()), None)
                if piece is None:
                    self._unread = None
                else:
                    budget -= len(piece)
                    found.extend(self._take(piece))
        except BlockingIOError:
            pass  # another one reads from the same pipe
        except OSError as error:
            self._fail(f"{error.strerror or error}.")
        except DamagedError as error:
            self._fail(str(error))
        if self._ended:
            found.extend(self._last())
        return found

    def _take(self, piece: bytes) -> list[Chunk]:
        if self._held is None:
            return self._enter(self._lines.feed(piece))
        self._held.append(piece)
        if self._is_document:
            if sum(map(len, self._held)) > LARGEST_BYTES:
                self._held = None
                self._fail(TOO_LARGE)
            return []
        start = b"".join(self._held)
        if start.lstrip().count(b"\n") < _FIRST_LINES and len(start) < SNIFFED_BYTES:
            return []
        self._is_document = opens_document(start)
        if self._is_document:
            return []
        self._held = None
        return self._enter(self._lines.feed(start))

    def _last(self) -> list[Chunk]:
        held, self._held = self._held, None
        data = b"".join(held or ())
        if not (self._is_document or opens_document(data)):
            return self._enter([*self._lines.feed(data), *self._lines.finish()])
        if not data:
            return []
        place = self._spool.append(data)
        number = self._chunk_index.enter(self._reader, place, len(data), whole=True)
        return [Chunk(number, self._source, data, whole=True)]

    def _read(self) -> bool:
        """Read some of what has come; false at its end."""
        data = os.read(self._descriptor, CHUNK_BYTES)
        self.status.bytes_read += len(data)
        self.status.bytes_total = self.status.bytes_read
        if data:
            self.status.state = "following"
            self._unread = self._stream.feed(data)
            return True
        rest = self._stream.finish()
        self._lines.feed(rest)
        self._ended = True
        self.status.state = "read"
        return False

    def _fail(self, sentence: str) -> None:
        self._ended = True
        self.status.state, self.status.detail = "failed", sentence

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
        return not self._ended and (self._unread is not None or self._is_ready())

    @property
    def ended(self) -> bool:
        """Whether the other end was closed."""
        return self._ended


def standard_input() -> int:
    """The descriptor of standard input. Raises SourceError where nothing is piped in."""
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
