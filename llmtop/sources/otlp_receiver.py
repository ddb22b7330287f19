"""What OTLP requests brought, waiting to be read: filled on a server's thread, emptied by polls."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from msgspec import Struct

from llmtop.sources.chunk import CHUNK_BYTES, MAX_DOCUMENTS, Chunk
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.spool import Spool
from llmtop.sources.status import SourceStatus

MOST_WAITING_BYTES = 64 * 1024 * 1024
"""More than this is not taken until it was read: the sender is asked to come again."""

_ONLY_METRICS = (
    "Only metrics arrived, and no calls are in them: "
    "let the program send traces too (OTEL_TRACES_EXPORTER=otlp)."
)


class Export(Struct):
    """One OTLP request, sorted: what is kept of it, and how much it was."""

    lines: Sequence[bytes] = ()
    """OTLP JSON, each a line with its newline and a few spans or log records."""
    spans: int = 0
    log_records: int = 0
    data_points: int = 0
    """Of metrics: counted, and not kept."""
    rejected: int = 0
    reason: str | None = None
    """Why some were rejected: a sentence."""


class Receiver:
    """A queue between threads whose bytes are never dropped once `offer` has taken them."""

    def __init__(self, label: str, chunk_index: ChunkIndex, source: int, spool: Spool) -> None:
        self.status = SourceStatus(label=label, kind="otlp", state="listening")
        self._chunk_index = chunk_index
        self._source = source
        self._spool = spool
        self._reader = chunk_index.reader(spool.read)
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._total = Export()
        self._requests = 0
        self._note: str | None = None
        self._closed = False

    def offer(self, export: Export) -> bool:
        """Take all of an export, or nothing of it: then too much waits, or no more is taken."""
        size = sum(map(len, export.lines))
        with self._lock:
            if self._closed or (
                self._waiting_bytes and self._waiting_bytes + size > MOST_WAITING_BYTES
            ):
                return False
            # What is acknowledged is recorded, however this process ends.
            self._spool.record(b"".join(export.lines))
            self._waiting.extend(export.lines)
            self._waiting_bytes += size
            self._requests += 1
            total = self._total
            total.spans += export.spans
            total.log_records += export.log_records
            total.data_points += export.data_points
            total.rejected += export.rejected
            total.reason = export.reason or total.reason
            return True

    def is_behind(self) -> bool:
        """Whether a request need not be read, since its spans would not be taken."""
        with self._lock:
            return self._closed or self._waiting_bytes >= MOST_WAITING_BYTES

    def refuse_more(self) -> None:
        """Take nothing from now on; what was taken is still given to polls."""
        with self._lock:
            self._closed = True

    def note(self, sentence: str) -> None:
        """Something that the user should know about who sends here."""
        with self._lock:
            self._note = sentence

    def fail(self, sentence: str) -> None:
        """The port can not be listened on."""
        with self._lock:
            self.status.state, self.status.detail = "failed", sentence
            self._closed = True

    def poll(self, now: float, budget: int) -> list[Chunk]:
        """What was taken since the last poll, gathered into one chunk of about `budget` bytes."""
        del now
        lines: list[bytes] = []
        size = 0
        wanted = max(budget, CHUNK_BYTES)
        with self._lock:
            while self._waiting and size < wanted and len(lines) < MAX_DOCUMENTS:
                line = self._waiting.popleft()
                lines.append(line)
                size += len(line)
            self._waiting_bytes -= size
            self._tell()
        if not lines:
            return []
        data = b"".join(lines)
        self.status.bytes_read += size
        self.status.bytes_total = self.status.bytes_read
        number = self._chunk_index.enter(self._reader, self._spool.keep(data), size)
        return [Chunk(number, self._source, data)]

    def _tell(self) -> None:
        total = self._total
        self.status.rejected = total.rejected
        self.status.received = {
            "requests": self._requests,
            "spans": total.spans,
            "log records": total.log_records,
            "metric data points": total.data_points,
        }
        if self.status.state == "failed":
            return
        if self._note is None and total.data_points and not total.spans + total.log_records:
            self.status.detail = _ONLY_METRICS
        else:
            self.status.detail = self._note or total.reason

    def pending(self) -> bool:
        """Whether something taken was not yet given to a poll."""
        return bool(self._waiting)
