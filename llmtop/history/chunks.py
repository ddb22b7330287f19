"""Reads files of a stored log from beginning to end, in whole lines and in bounded memory."""

from __future__ import annotations

import gzip
import heapq
import zlib
from collections.abc import Callable, Iterator, Sequence
from io import FileIO
from pathlib import Path

from llmtop.history.files import LogFile, by_day
from llmtop.history.read_backs import ReadBacks
from llmtop.sources.chunk import CHUNK_BYTES, Chunk
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.line_cutter import LineCutter
from llmtop.sources.whole_document import LARGEST_BYTES, is_laid_out

MOST_OPEN = 64
"""Files of one day that are read side by side."""

_Bytes = FileIO | gzip.GzipFile

Wanted = Callable[[bytes], bool]
"""Whether some lines can be of interest at all."""


class Chunks:
    """Chunks of all files; those of one day alternate, so that what belongs together comes so."""

    def __init__(self, files: Sequence[LogFile], chunk_index: ChunkIndex, wanted: Wanted) -> None:
        self.bytes_read = 0
        self.bytes_total = sum(log.size for log in files)
        self.problems: list[str] = []
        """Sentences about what could not be read."""
        self._files = files
        self._chunk_index = chunk_index
        self._read_backs = ReadBacks()
        self._wanted = wanted
        self._sources = 0

    def __iter__(self) -> Iterator[Chunk]:
        for group in by_day(self._files, MOST_OPEN):
            yield from self._side_by_side(group)

    def _side_by_side(self, group: list[LogFile]) -> Iterator[Chunk]:
        """Each file is as far as the others, in proportion to its length."""
        heap: list[tuple[float, int, Iterator[tuple[float, Chunk | None]]]] = [
            (0.0, number, self._read(log)) for number, log in enumerate(group)
        ]
        while heap:
            _, number, chunks = heap[0]
            try:
                position, chunk = next(chunks)
            except StopIteration:
                heapq.heappop(heap)
                continue
            heapq.heapreplace(heap, (position, number, chunks))
            if chunk is not None:
                yield chunk

    def _read(self, log: LogFile) -> Iterator[tuple[float, Chunk | None]]:
        """Chunks of one file, each with how much of the file was read with it, from 0 to 1."""
        source, self._sources = self._sources, self._sources + 1
        done = log.first
        try:
            with _opened(log.path) as file:
                if is_laid_out(log.path) and log.size <= LARGEST_BYTES:
                    yield 1.0, self._whole(log, file, source)
                else:
                    raw = getattr(file, "fileobj", file)
                    reader = self._chunk_index.reader(self._read_backs.of(log.path))
                    for offset, data in _pieces(file, log):
                        now_done = raw.tell()
                        self.bytes_read += now_done - done
                        done = now_done
                        position = (done - log.first) / log.size
                        yield position, self._chunk(reader, source, offset, data)
        except (OSError, EOFError, zlib.error) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            self.problems.append(f"{log.path} cannot be read to its end: {reason}.")
        self.bytes_read += max(log.first + log.size - done, 0)

    def _chunk(self, reader: int, source: int, offset: int, data: bytes) -> Chunk | None:
        if not self._wanted(data):
            return None
        return Chunk(self._chunk_index.enter(reader, offset, len(data)), source, data)

    def _whole(self, log: LogFile, file: _Bytes, source: int) -> Chunk:
        data = file.read(LARGEST_BYTES)
        reader = self._chunk_index.reader(self._read_backs.of(log.path))
        number = self._chunk_index.enter(reader, 0, len(data), whole=True)
        return Chunk(number, source, data, whole=True)


def _opened(path: Path) -> _Bytes:
    if path.suffix == ".gz":
        return gzip.open(path, "rb")
    return FileIO(path, "r")


def _pieces(file: _Bytes, log: LogFile) -> Iterator[tuple[int, bytes]]:
    cutter = LineCutter()
    if log.first:
        file.seek(log.first)
    left = None if log.end is None else log.end - log.first
    while data := file.read(CHUNK_BYTES if left is None else min(left, CHUNK_BYTES)):
        if left is not None:
            left -= len(data)
        for offset, lines in cutter.feed(data):
            yield log.first + offset, lines
    for offset, lines in cutter.finish():
        yield log.first + offset, lines
