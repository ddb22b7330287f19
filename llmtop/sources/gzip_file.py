"""A compressed log: read once, from its beginning to its end, in bounded memory."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from llmtop.sources.chunk import CHUNK_BYTES, Chunk
from llmtop.sources.file_tail import LONGEST_LINE, Identity
from llmtop.sources.ledger import Ledger
from llmtop.sources.status import SourceStatus


class GzipFile:
    """Reads a `.gz` file a slice at a time; what a damaged one holds before the damage is kept."""

    def __init__(self, path: Path, identity: Identity, ledger: Ledger, source: int) -> None:
        self.path = path
        self.identity = identity
        self.status = SourceStatus(label=str(path), kind="file", state="reading")
        self._ledger = ledger
        self._source = source
        self._reader = ledger.reader(self.read_back)
        self._file: gzip.GzipFile | None = None
        self._carried = b""
        self._offset = 0
        self._done = False

    @property
    def pending(self) -> bool:
        """Whether there is more to read."""
        return not self._done

    def poll(self, now: float, budget: int) -> list[Chunk]:
        """The next slice, as whole lines."""
        del now, budget
        if self._done:
            return []
        try:
            if self._file is None:
                self.status.bytes_total = self.path.stat().st_size
                self._file = gzip.open(self.path, "rb")  # noqa: SIM115 - closed when all is read
            data = self._file.read(CHUNK_BYTES)
            self.status.bytes_read = min(self._compressed_offset(), self.status.bytes_total)
        except (OSError, EOFError, zlib.error) as error:
            return self._finish("failed", f"The file is damaged or cannot be read: {error}.")
        if not data:
            return self._finish("read", None)
        cut = data.rfind(b"\n") + 1
        if cut == 0 and len(self._carried) < LONGEST_LINE:
            self._carried += data
            return []
        whole = self._carried + data[:cut]
        self._carried = data[cut:]
        return self._enter(whole)

    def _compressed_offset(self) -> int:
        raw = getattr(self._file, "fileobj", None)
        return raw.tell() if raw is not None else 0

    def _enter(self, data: bytes) -> list[Chunk]:
        chunk = self._ledger.enter(self._reader, self._offset, len(data))
        self._offset += len(data)
        return [Chunk(chunk, self._source, data)]

    def _finish(self, state: str, detail: str | None) -> list[Chunk]:
        self._done = True
        self.status.state, self.status.detail = state, detail
        if state == "read":
            self.status.bytes_read = self.status.bytes_total
        if self._file is not None:
            self._file.close()
            self._file = None
        rest, self._carried = self._carried, b""
        return self._enter(rest) if rest.strip() else []

    def read_back(self, offset: int, length: int) -> bytes | None:
        """Decompress up to a chunk that was delivered before."""
        try:
            with gzip.open(self.path, "rb") as file:
                file.seek(offset)
                return file.read(length)
        except (OSError, EOFError, zlib.error):
            return None

    def release(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self._done = True
