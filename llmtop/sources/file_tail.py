"""One file that grows: its newest lines first, then what is appended, then the older part."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

from llmtop.sources.chunk import CHUNK_BYTES, Chunk
from llmtop.sources.ledger import Ledger
from llmtop.sources.status import SourceStatus

TAIL_BYTES = 8 * 1024 * 1024
"""This much of a large file's end is read before anything else."""
BACK_BYTES = 1024 * 1024
HEAD_BYTES = 1024
"""The beginning of a file by which it is known again."""
TRUSTED_HEAD = 64
"""A shorter beginning is too little to know a file by."""
LONGEST_LINE = 256 * 1024 * 1024
SETTLED_S = 1.0
"""A last line without a newline is taken as whole after standing still for so long (seconds)."""

Identity = tuple[int, int]
"""Device and inode."""


class FileTail:
    """Reads a file in whole lines and survives truncation; `path` may change under it."""

    def __init__(
        self,
        path: Path,
        identity: Identity,
        ledger: Ledger,
        source: int,
        *,
        follow: bool,
        start_at: int | None = None,
        tail_lines: int | None = None,
    ) -> None:
        self.path = path
        self.identity = identity
        self.status = SourceStatus(label=str(path), kind="file", state="reading")
        self.head = b""
        self.position = 0
        """Everything before this, from the start of the tail on, was delivered."""
        self.active_at = 0.0
        """When the file last gave something (seconds since the epoch)."""
        self.skipped_lines = 0
        """Lines too long to read."""
        self._back_end = 0
        self._scanned = 0
        self._grown_at = 0.0
        self._source = source
        self._ledger = ledger
        self._reader = ledger.reader(self.read_back)
        self._follow = follow
        self._start_at = start_at
        self._tail_lines = tail_lines
        self._opened = False
        self._file: FileIO | None = None

    def _handle(self) -> FileIO | None:
        if self._file is None:
            try:
                self._file = FileIO(self.path, "r")
            except OSError as error:
                self._fail(error)
                return None
            known = os.fstat(self._file.fileno())
            if (known.st_dev, known.st_ino) != self.identity:
                self._file.close()
                self._file = None
        return self._file

    def _fail(self, error: OSError) -> None:
        gone = isinstance(error, FileNotFoundError)
        self.status.state = "gone" if gone else "failed"
        self.status.detail = None if gone else f"{error.strerror or error}."

    def release(self) -> None:
        """Close the file until it is needed again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def is_open(self) -> bool:
        """Whether the file is held open."""
        return self._file is not None

    def poll(self, now: float, budget: int) -> list[Chunk]:
        """What was appended, as whole lines."""
        file = self._handle()
        if file is None:
            return []
        try:
            size = os.fstat(file.fileno()).st_size
            if not self._opened:
                self._open(file, size)
            elif size < max(self.position, self._scanned) or not self._has_same_head(file):
                self._restart(file)
            chunk = self._forward(file, size, now, budget)
        except OSError as error:
            self._fail(error)
            self.release()
            return []
        self.status.bytes_total = size
        self._tell_state()
        if chunk is None:
            return []
        self.active_at = now
        return [chunk]

    def _tell_state(self) -> None:
        if self._back_end > 0 or self.position < self.status.bytes_total - LONGEST_LINE:
            self.status.state = "reading"
        elif self._follow:
            self.status.state = "following"
        else:
            self.status.state = "read"
        self.status.detail = None
        self.status.bytes_read = max(0, self.position - self._back_end)

    def _open(self, file: FileIO, size: int) -> None:
        self._opened = True
        self.head = os.pread(file.fileno(), HEAD_BYTES, 0)
        if self._start_at is not None:
            self.position = self._scanned = min(self._start_at, size)
        elif self._tail_lines is not None:
            self.position = self._scanned = _start_of_last(file, size, self._tail_lines)
        elif size > TAIL_BYTES + BACK_BYTES:
            start = _next_line(file, size - TAIL_BYTES, size)
            if start is not None:
                self.position = self._scanned = self._back_end = start

    def _has_same_head(self, file: FileIO) -> bool:
        head = os.pread(file.fileno(), HEAD_BYTES, 0)
        same = head.startswith(self.head)
        if same:
            self.head = head
        return same

    def _restart(self, file: FileIO) -> None:
        """The file was truncated, perhaps written anew since: what it holds now is new."""
        self.head = os.pread(file.fileno(), HEAD_BYTES, 0)
        self.position = self._scanned = self._back_end = 0

    def _forward(self, file: FileIO, size: int, now: float, budget: int) -> Chunk | None:
        if size <= self._scanned:
            return self._settled(file, size, now)
        self._grown_at = now
        number = file.fileno()
        wanted = min(size - self._scanned, max(budget, CHUNK_BYTES))
        data = os.pread(number, wanted, self._scanned)
        cut = data.rfind(b"\n") + 1
        if cut == 0:
            self._scanned += len(data)
            if self._scanned - self.position > LONGEST_LINE:
                # What is left of the line when it ends is rejected as no JSON, and so counted.
                self.position = self._scanned
                self.skipped_lines += 1
            if not self._follow and self._scanned >= size:
                return self._deliver(number, self._scanned)
            return None
        end = self._scanned + cut
        if self._scanned == self.position:
            return self._enter(data[:cut], end)
        return self._deliver(number, end)

    def _settled(self, file: FileIO, size: int, now: float) -> Chunk | None:
        """The last line, if it has no newline and nothing was added to it for a while."""
        if self.position >= size or size != self._scanned:
            return None
        if self._follow and now - self._grown_at < SETTLED_S:
            return None
        data = os.pread(file.fileno(), min(size - self.position, LONGEST_LINE), self.position)
        if self._follow and not data.rstrip().endswith((b"}", b"]")):
            return None
        return self._deliver(file.fileno(), size)

    def _deliver(self, number: int, end: int) -> Chunk:
        parts = []
        at = self.position
        while at < end:
            part = os.pread(number, min(end - at, 16 * 1024 * 1024), at)
            if not part:
                break
            parts.append(part)
            at += len(part)
        return self._enter(b"".join(parts), end)

    def _enter(self, data: bytes, end: int) -> Chunk:
        chunk = self._ledger.enter(self._reader, self.position, len(data))
        self.position = self._scanned = end
        return Chunk(chunk, self._source, data)

    @property
    def pending(self) -> bool:
        """Whether an older part is still to be read."""
        return self._back_end > 0 or not self._opened

    @property
    def waiting(self) -> bool:
        """Whether bytes that were seen to be there are still to be read."""
        return self.status.bytes_total > self._scanned

    def backfill(self, now: float) -> list[Chunk]:
        """The next older slice of a large file, newest to oldest."""
        file = self._handle()
        if file is None or self._back_end <= 0:
            self._back_end = 0
            return []
        try:
            data, start = self._slice_before(file.fileno())
        except OSError as error:
            self._fail(error)
            self._back_end = 0
            return []
        end = self._back_end
        self._back_end = start
        self._tell_state()
        self.active_at = now
        chunk = self._ledger.enter(self._reader, start, end - start)
        return [Chunk(chunk, self._source, data)] if data else []

    def _slice_before(self, number: int) -> tuple[bytes, int]:
        """Whole lines that end where the part already read begins, and where they begin."""
        length = BACK_BYTES
        while True:
            start = max(0, self._back_end - length)
            data = os.pread(number, self._back_end - start, start)
            if start == 0:
                return data, 0
            cut = data.find(b"\n", 0, len(data) - 1) + 1
            if cut:
                return data[cut:], start + cut
            if length > LONGEST_LINE:
                self.skipped_lines += 1
                return b"", start
            length *= 2

    def read_back(self, offset: int, length: int) -> bytes | None:
        """Bytes that were delivered before, if they are still the same file's."""
        try:
            with FileIO(self.path, "r") as file:
                known = os.fstat(file.fileno())
                if (known.st_dev, known.st_ino) != self.identity:
                    if self._file is None:
                        return None
                    return os.pread(self._file.fileno(), length, offset)
                return os.pread(file.fileno(), length, offset)
        except OSError:
            if self._file is None:
                return None
            return os.pread(self._file.fileno(), length, offset)


def _next_line(file: FileIO, offset: int, size: int) -> int | None:
    """Where the first line begins at or after an offset."""
    while offset < size:
        data = os.pread(file.fileno(), CHUNK_BYTES, offset)
        if not data:
            return None
        cut = data.find(b"\n")
        if cut >= 0:
            return offset + cut + 1
        offset += len(data)
    return None


def _start_of_last(file: FileIO, size: int, lines: int) -> int:
    """Where the last so many lines begin."""
    if lines <= 0:
        return size
    end = size
    found = 0
    while end > 0:
        start = max(0, end - CHUNK_BYTES)
        data = os.pread(file.fileno(), end - start, start)
        at = len(data)
        while (at := data.rfind(b"\n", 0, at)) >= 0:
            if start + at + 1 < size:
                found += 1
                if found == lines:
                    return start + at + 1
        end = start
    return 0
