"""Standard input as a source: read as it comes, never waited for."""

from __future__ import annotations

import os
import select
import sys

from llmtop.sources.chunk import CHUNK_BYTES, Chunk
from llmtop.sources.file_tail import LONGEST_LINE
from llmtop.sources.ledger import Ledger
from llmtop.sources.spool import Spool
from llmtop.sources.status import SourceStatus


class StandardInput:
    """Whole lines from a pipe; the terminal, if there is one, is left to the screen."""

    def __init__(
        self, ledger: Ledger, source: int, spool: Spool, descriptor: int | None = None
    ) -> None:
        self.status = SourceStatus(label="standard input", kind="stdin", state="waiting")
        # A descriptor of its own: the screen takes the terminal as standard input.
        self._descriptor = os.dup(sys.stdin.fileno() if descriptor is None else descriptor)
        self._ledger = ledger
        self._source = source
        self._spool = spool
        self._reader = ledger.reader(spool.read)
        self._carried: list[bytes] = []
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
                found.extend(self._take(b"", last=True))
            else:
                found.extend(self._take(data))
        return found

    def _is_ready(self) -> bool:
        try:
            return bool(select.select([self._descriptor], [], [], 0)[0])
        except (OSError, ValueError):
            self._ended = True
            return False

    def _take(self, data: bytes, *, last: bool = False) -> list[Chunk]:
        cut = len(data) if last else data.rfind(b"\n") + 1
        if cut == 0 and not last:
            if sum(map(len, self._carried)) < LONGEST_LINE:
                self._carried.append(data)
            return []
        whole = b"".join([*self._carried, data[:cut]])
        self._carried = [data[cut:]] if data[cut:] else []
        if not whole.strip():
            return []
        offset = self._spool.append(whole)
        return [Chunk(self._ledger.enter(self._reader, offset, len(whole)), self._source, whole)]

    def close(self) -> None:
        """Read no more."""
        self._ended = True
        os.close(self._descriptor)

    def pending(self) -> bool:
        """Whether something waits to be read."""
        return not self._ended and self._is_ready()

    @property
    def ended(self) -> bool:
        """Whether the other end was closed."""
        return self._ended
