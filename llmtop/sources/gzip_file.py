"""A compressed log: read once, from its beginning to its end, in bounded memory."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

from llmtop.sources.chunk import CHUNK_BYTES, Chunk
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.folder_walk import Identity
from llmtop.sources.line_cutter import LineCutter
from llmtop.sources.status import SourceStatus, label_of

STILL_S = 1.0
"""A file that changed within so many seconds may still be being written."""


class GzipFile:
    """Reads a `.gz` file a slice at a time; what a damaged one holds before the damage is kept."""

    def __init__(
        self,
        path: Path,
        identity: Identity,
        chunk_index: ChunkIndex,
        source: int,
        *,
        follow: bool,
        read_before: Callable[[Path], int] | None = None,
    ) -> None:
        self.path = path
        self.identity = identity
        self.status = SourceStatus(label=label_of(path), kind="file", state="reading")
        self._chunk_index = chunk_index
        self._source = source
        self._reader = chunk_index.reader(self.read_back, from_start=True)
        self._follow = follow
        self._read_before = read_before
        self._start_at = 0
        self._file: gzip.GzipFile | None = None
        self._lines = LineCutter()
        self._done = False

    @property
    def pending(self) -> bool:
        """Whether there is more to read at once."""
        return not self._done and (self._file is not None or not self._follow)

    def is_restless(self, now: float) -> bool:
        """Whether it is to be polled though nobody told of a change."""
        del now
        return not self._done

    def poll(self, now: float, budget: int) -> list[Chunk]:
        """The next slice, as whole lines."""
        del budget
        if self._done:
            return []
        try:
            if self._file is None:
                told = self.path.stat()
                if self._follow and abs(now - told.st_mtime) < STILL_S:
                    return []
                self.status.bytes_total = told.st_size
                self._file = gzip.open(self.path, "rb")  # noqa: SIM115 - closed when all is read
                if self._read_before is not None:
                    self._start_at = self._read_before(self.path)
                self._file.seek(self._start_at)
            data = self._file.read(CHUNK_BYTES)
            self.status.bytes_read = min(self._compressed_offset(), self.status.bytes_total)
        except (OSError, EOFError, zlib.error) as error:
            return self._finish("failed", f"The file is damaged or cannot be read: {error}.")
        if not data:
            return self._finish("read", None)
        return self._enter(self._lines.feed(data))

    def _compressed_offset(self) -> int:
        raw = getattr(self._file, "fileobj", None)
        return raw.tell() if raw is not None else 0

    def _enter(self, pieces: list[tuple[int, bytes]]) -> list[Chunk]:
        return [
            Chunk(
                self._chunk_index.enter(self._reader, self._start_at + offset, len(data)),
                self._source,
                data,
            )
            for offset, data in pieces
        ]

    def _finish(self, state: str, detail: str | None) -> list[Chunk]:
        self.release()
        self._done = True
        self.status.state, self.status.detail = state, detail
        if state == "read":
            self.status.bytes_read = self.status.bytes_total
        return self._enter(self._lines.finish())

    def read_back(self, offset: int, length: int) -> bytes | None:
        """Decompress up to a chunk that was delivered before."""
        try:
            with gzip.open(self.path, "rb") as file:
                file.seek(offset)
                return file.read(length)
        except (OSError, EOFError, zlib.error):
            return None

    def release(self) -> None:
        """Close the file; what was not read of it is not read any more."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self._done = True
