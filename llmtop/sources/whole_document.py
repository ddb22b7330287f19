"""A file whose JSON is laid out over lines: one document, an array, or documents in a row."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import DecodeError, json

from llmtop.sources.chunk import Chunk
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.folder_walk import Identity
from llmtop.sources.status import SourceStatus, label_of

LARGEST_BYTES = 64 * 1024 * 1024
SNIFFED_BYTES = 1024 * 1024
TOO_LARGE = "A document laid out over lines is read up to 64 MiB; this is more."
_STILL_S = 0.25
"""A file is read when it has stood still for so long (seconds): it is rewritten in place."""


def is_laid_out(path: Path) -> bool:
    """Whether the first line opens a JSON value that it does not close."""
    try:
        with path.open("rb") as file:
            return opens_document(file.read(SNIFFED_BYTES))
    except OSError:
        return False


def opens_document(start: bytes) -> bool:
    """Whether that is how a document begins that is laid out over lines."""
    lines = start.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 2)
    if len(lines) < 2 or lines[0][:1] not in (b"{", b"["):
        return False
    try:
        json.decode(lines[0])
    except DecodeError:
        pass
    except (UnicodeDecodeError, RecursionError):
        return False
    else:
        return False
    # A broken line at the top of a file of lines is followed by a line that is whole.
    try:
        json.decode(lines[1])
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return True
    return lines[1].strip() in (b"{}", b"[]", b"", b"{") or lines[1].strip()[:1] not in (b"{", b"[")


class WholeDocument:
    """Reads the file anew when it was rewritten, and only what is new when it was appended to."""

    def __init__(
        self, path: Path, identity: Identity, chunk_index: ChunkIndex, source: int, *, follow: bool
    ) -> None:
        self.path = path
        self.identity = identity
        self.status = SourceStatus(label=label_of(path), kind="file", state="reading")
        self._chunk_index = chunk_index
        self._source = source
        self._reader = chunk_index.reader(self.read_back)
        self._follow = follow
        self._first_chunk: int | None = None
        self._seen: tuple[int, int] = (-1, -1)
        self._seen_at = 0.0
        self._delivered: tuple[int, int] = (-1, -1)
        self._end = 0
        self._boundary = b""

    @property
    def pending(self) -> bool:
        """Whether the file was never read."""
        return self._delivered[0] < 0 and self.status.state == "reading"

    def is_restless(self, now: float) -> bool:
        """Whether it is to be polled though nobody told of a change: it changed and moves still."""
        del now
        return self.pending or (self._seen != self._delivered and self.status.state != "failed")

    def poll(self, now: float, budget: int) -> list[Chunk]:
        """The whole file, or what was appended to it, once it stands still."""
        del budget
        try:
            told = self.path.stat()
        except OSError as error:
            self.status.state = "gone" if isinstance(error, FileNotFoundError) else "failed"
            return []
        state = (told.st_size, told.st_mtime_ns)
        if state != self._seen:
            self._seen, self._seen_at = state, now
        if state == self._delivered or told.st_size == 0:
            return []
        first = self._delivered[0] < 0
        if self._follow and not first and now - self._seen_at < _STILL_S:
            return []
        return self._read(state)

    def _read(self, state: tuple[int, int]) -> list[Chunk]:
        size = state[0]
        self.status.bytes_total = size
        self._delivered = state
        if size > LARGEST_BYTES:
            self.status.state = "failed"
            self.status.detail = TOO_LARGE
            return []
        try:
            data = self.path.read_bytes()
        except OSError as error:
            self._delivered = (-1, -1)
            self.status.state, self.status.detail = "failed", f"{error.strerror or error}."
            return []
        self.status.detail = None
        self.status.state = "following" if self._follow else "read"
        self.status.bytes_read = len(data)
        grown = 0 < self._end < len(data) and data[: self._end].endswith(self._boundary)
        start = self._end if grown and data[self._end :].lstrip()[:1] == b"{" else 0
        self._end = len(data)
        self._boundary = data[-256:]
        part = data[start:]
        if start == 0 and self._first_chunk is not None:
            # The same number again: what has no id of its own keeps its place as its name.
            number = self._first_chunk
            self._chunk_index.move(number, 0, len(part))
        else:
            number = self._chunk_index.enter(self._reader, start, len(part), whole=True)
            if start == 0:
                self._first_chunk = number
        return [Chunk(number, self._source, part, whole=True)]

    def read_back(self, offset: int, length: int) -> bytes | None:
        """The bytes of a part that was delivered before."""
        try:
            with self.path.open("rb") as file:
                return os.pread(file.fileno(), length, offset)
        except OSError:
            return None

    def release(self) -> None:
        """Nothing is held open."""
