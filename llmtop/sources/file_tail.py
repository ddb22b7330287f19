"""One file that grows: its newest lines first, then what is appended, then the older part."""

from __future__ import annotations

import os
from collections import deque
from io import FileIO
from pathlib import Path

from msgspec import DecodeError, json

from llmtop.sources.chunk import CHUNK_BYTES, Chunk
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.folder_walk import Identity
from llmtop.sources.line_cutter import LONGEST_LINE, SAMPLE_BYTES
from llmtop.sources.line_search import next_line, read_exactly, start_of_last
from llmtop.sources.older_lines import OlderLines
from llmtop.sources.rotation import FOOT_BYTES, HEAD_BYTES, Fingerprint, open_same
from llmtop.sources.status import SourceStatus, label_of

TAIL_BYTES = 8 * 1024 * 1024
"""This much of a large file's end is read before anything else."""
SESSIONS = (
    b'"session_meta"',
    b'"sessionId"',
    b'"leafUuid"',
    b'"file-history-snapshot"',
    b'"type":"session"',
    b'"session.start"',
)
"""How the transcripts of agents begin: their lines lean on earlier ones, and are read in order."""
SETTLED_S = 1.0
"""A last line without a newline is taken as whole after standing still for so long (seconds)."""
ACTIVE_S = 10.0
"""A file that grew within so many seconds is looked at in every poll."""
NAMELESS = "It was deleted or moved away; what is still written to it is read."
_MOST_REMEMBERED = 8
_END_BYTES = 64


class FileTail:
    """Reads a file in whole lines and survives truncation; `path` may change under it."""

    def __init__(
        self,
        path: Path,
        identity: Identity,
        chunk_index: ChunkIndex,
        source: int,
        *,
        follow: bool,
        start_at: int | None = None,
        tail_lines: int | None = None,
    ) -> None:
        self.path = path
        self.identity = identity
        self.status = SourceStatus(label=label_of(path), kind="file", state="reading")
        self.position = 0
        """Everything before this, from the start of the tail on, was delivered."""
        self.active_at = 0.0
        """When the file last grew after it had been read to its end (seconds since the epoch)."""
        self.before_truncation: deque[Fingerprint] = deque(maxlen=_MOST_REMEMBERED)
        """What the file was before it was truncated: copies of that may turn up."""
        self.nameless = False
        """Whether the file is not where it was: it is read for as long as it may be written to."""
        self.ending = False
        """Whether nothing more will be written: a half-written last line is all there is of it."""
        self._head = b""
        self._foot = b""
        self._seen = (-1, -1)
        self._older: OlderLines | None = None
        self._scanned = 0
        self._grown_at = 0.0
        self._judged_at = -1
        self._dropping = False
        self._caught_up = False
        self._source = source
        self._chunk_index = chunk_index
        self._generation = 0
        self._reader = self._new_reader()
        self._follow = follow
        self._start_at = start_at
        self._tail_lines = tail_lines
        self._opened = False
        self._file: FileIO | None = None

    @property
    def fingerprint(self) -> Fingerprint:
        """What the file can be known by elsewhere."""
        return Fingerprint(self._head, self._foot, self.position)

    def _handle(self) -> int | None:
        if self._file is None:
            try:
                self._file = open_same(self.path, self.identity)
            except OSError as error:
                self._fail(error)
        return None if self._file is None else self._file.fileno()

    def _fail(self, error: OSError) -> None:
        gone = isinstance(error, FileNotFoundError)
        self.status.state = "gone" if gone else "failed"
        self.status.detail = None if gone else f"{error.strerror or error}."
        self.release()

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
        number = self._handle()
        if number is None:
            return []
        try:
            told = os.fstat(number)
            size = told.st_size
            if not self._opened:
                self._open(number, size)
            elif (size, told.st_mtime_ns) != self._seen:
                self._find_truncation(number, size)
            self._seen = (size, told.st_mtime_ns)
            chunk = self._forward(number, size, now, budget)
            if len(self._head) < min(HEAD_BYTES, self.position):
                self._head = os.pread(number, min(HEAD_BYTES, self.position), 0)
        except OSError as error:
            self._fail(error)
            return []
        self.status.bytes_total = size
        self._tell_state()
        if self._caught_up and chunk is not None:
            self.active_at = now
        self._caught_up = self._caught_up or self._scanned >= size
        return [] if chunk is None else [chunk]

    def _tell_state(self) -> None:
        self.status.detail = None
        if self.nameless:
            self.status.state, self.status.detail = "ending", NAMELESS
        elif self.pending:
            self.status.state = "reading"
        else:
            self.status.state = "following" if self._follow else "read"
        unread = self._older.unread if self._older is not None else 0
        self.status.bytes_read = max(0, self.position - unread)

    def _open(self, number: int, size: int) -> None:
        self._opened = True
        if self._start_at is not None:
            self.position = min(self._start_at, size)
        elif self._tail_lines is not None:
            self.position = start_of_last(number, size, self._tail_lines)
        elif size > TAIL_BYTES + CHUNK_BYTES and not _is_session(number):
            start = next_line(number, size - TAIL_BYTES, size)
            if start is not None:
                self.position = start
                self._older = OlderLines(start)
        self._scanned = self.position
        length = min(FOOT_BYTES, self.position)
        self._foot = os.pread(number, length, self.position - length)

    def _find_truncation(self, number: int, size: int) -> None:
        """Begin anew if the file was truncated, also if it has grown again since."""
        known = self.fingerprint
        if size < self.position or not known.is_in(number):
            if known.is_trusted:
                self.before_truncation.append(known)
            self._head = self._foot = b""
            self._reader = self._new_reader()
            self._dropping = False
            self.position = self._scanned = 0
            self._older = None
        elif size < self._scanned:
            self._scanned = self.position  # a half-written line was taken back

    def _forward(self, number: int, size: int, now: float, budget: int) -> Chunk | None:
        if size <= self._scanned:
            return self._settled(number, size, now)
        self._grown_at = now
        wanted = min(size - self._scanned, max(budget, CHUNK_BYTES))
        data = os.pread(number, wanted, self._scanned)
        if self._dropping:
            self._drop(data)
            return None
        cut = data.rfind(b"\n") + 1
        if cut == 0:
            self._scanned += len(data)
            if self._scanned - self.position > LONGEST_LINE:
                return self._give_line_up(number)
            if not self._follow and self._scanned >= size:
                return self._deliver(number, self._scanned)
            return None
        end = self._scanned + cut
        if self._scanned == self.position:
            return self._enter(data[:cut], end)
        return self._deliver(number, end)

    def _give_line_up(self, number: int) -> Chunk:
        """Give the beginning of a line that is too long, and drop the rest."""
        chunk = self._enter(read_exactly(number, self.position, SAMPLE_BYTES), self._scanned)
        self._foot = b""
        self._dropping = True
        return chunk

    def _drop(self, data: bytes) -> None:
        cut = data.find(b"\n") + 1
        self._dropping = cut == 0
        self._scanned += cut or len(data)
        self.position = self._scanned
        self._foot = b""

    def _settled(self, number: int, size: int, now: float) -> Chunk | None:
        """The last line, if it has no newline and nothing was added to it for a while."""
        if self.position >= size or size != self._scanned or self._judged_at == size:
            return None
        if self._follow and not self.ending:
            if now - self._grown_at < SETTLED_S:
                return None
            self._judged_at = size
            end = os.pread(number, _END_BYTES, max(self.position, size - _END_BYTES))
            if not end.rstrip().endswith((b"}", b"]")):
                return None
            if not _is_json(read_exactly(number, self.position, size - self.position)):
                return None
        return self._deliver(number, size)

    def _deliver(self, number: int, end: int) -> Chunk:
        return self._enter(read_exactly(number, self.position, end - self.position), end)

    def _enter(self, data: bytes, end: int) -> Chunk:
        chunk = self._chunk_index.enter(self._reader, self.position, len(data))
        self.position = self._scanned = end
        self._foot = data[-FOOT_BYTES:]
        return Chunk(chunk, self._source, data)

    @property
    def pending(self) -> bool:
        """Whether more is known to be there than was read."""
        return not self._opened or self.has_older or self.status.bytes_total > self._scanned

    @property
    def has_older(self) -> bool:
        """Whether an older part is still to be read."""
        return self._older is not None

    def is_restless(self, now: float) -> bool:
        """Whether it is to be polled though nobody told of a change."""
        return self.pending or self._has_half_line() or now - self.active_at < ACTIVE_S

    def _has_half_line(self) -> bool:
        return self.position < self._scanned and self._judged_at != self._scanned

    def backfill(self, now: float) -> list[Chunk]:
        """The next slice of a large file's older part."""
        del now
        number = self._handle()
        if number is None or self._older is None:
            self._older = None
            return []
        try:
            data, start = self._older.slice(number)
        except OSError as error:
            self._fail(error)
            self._older = None
            return []
        if self._older.unread == 0:
            self._older = None
        self._tell_state()
        if not data:
            return []
        chunk = self._chunk_index.enter(self._reader, start, len(data))
        return [Chunk(chunk, self._source, data)]

    def _new_reader(self) -> int:
        """A reader of what is delivered from now on, until the file is truncated."""
        self._generation += 1
        generation = self._generation

        def read(offset: int, length: int) -> bytes | None:
            return self.read_back(offset, length) if generation == self._generation else None

        return self._chunk_index.reader(read)

    def read_back(self, offset: int, length: int) -> bytes | None:
        """Bytes of the file, if it is still the same one."""
        try:
            file = open_same(self.path, self.identity)
        except OSError:
            file = None
        try:
            if file is not None:
                with file:
                    return read_exactly(file.fileno(), offset, length)
            # It may be open still, without a name.
            return None if self._file is None else os.pread(self._file.fileno(), length, offset)
        except OSError:
            return None


def _is_json(line: bytes) -> bool:
    try:
        json.decode(line)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _is_session(number: int) -> bool:
    """Whether a file's beginning shows that its lines make sense only in their order."""
    head = os.pread(number, HEAD_BYTES, 0)
    return any(mark in head for mark in SESSIONS)
