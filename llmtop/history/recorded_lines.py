"""Lines of stored logs in the order of their moments: how recorded traffic came."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from llmtop.decode.decoder import Decoder
from llmtop.decode.documents import lines_of, values_of
from llmtop.emit.encode import encode
from llmtop.history import files
from llmtop.history.chunks import Chunks
from llmtop.sources.chunk import Chunk, split_place
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.span import Flag, Fragment

READ_AHEAD_S = 60.0
"""A line is held until lines so much later were read: logs are not quite in order."""
MOST_HELD_BYTES = 64 * 1024 * 1024
_ENDED = int(Flag.ENDED)


class Line(NamedTuple):
    """One record, and when it was told."""

    moment: float
    """Seconds since the epoch."""
    number: int
    data: bytes
    """Without a newline."""


class RecordedLines:
    """Iterates once over what was recorded, from a moment on; what tells no call is left out."""

    def __init__(self, paths: Sequence[Path], since: float | None = None) -> None:
        self.files = [log for log in files.find(paths) if log.may_hold(since, None)]
        self._since = since
        self._chunks = Chunks(self.files, ChunkIndex(), lambda _: True)
        self._decoder = Decoder()

    @property
    def bytes_read(self) -> int:
        """How far the files were read, of `bytes_total`."""
        return self._chunks.bytes_read

    @property
    def bytes_total(self) -> int:
        """Bytes that there are."""
        return self._chunks.bytes_total

    @property
    def rejected(self) -> int:
        """Lines that could not be read."""
        return self._decoder.rejected

    def __iter__(self) -> Iterator[Line]:
        held: list[Line] = []
        size = 0
        newest = float("-inf")
        number = 0
        for chunk in self._chunks:
            for moment, data in self._timed(chunk):
                number += 1
                newest = max(newest, moment)
                if self._since is None or moment >= self._since:
                    heapq.heappush(held, Line(moment, number, data))
                    size += len(data)
            while held and (held[0].moment < newest - READ_AHEAD_S or size > MOST_HELD_BYTES):
                line = heapq.heappop(held)
                size -= len(line.data)
                yield line
        while held:
            yield heapq.heappop(held)

    def _timed(self, chunk: Chunk) -> Iterator[tuple[float, bytes]]:
        """The records of a chunk that tell of spans, each with the moment at which it did."""
        moments: dict[int, float] = {}
        for fragment in self._decoder.decode(chunk):
            moment = _moment(fragment)
            if moment is not None:
                index = split_place(fragment.place)[1]
                moments[index] = max(moments.get(index, moment), moment)
        if chunk.whole:
            lines = [encode(value) for value in values_of(chunk.data)[0]]
        else:
            lines = lines_of(chunk.data)
        for index, moment in moments.items():
            if index < len(lines):
                yield moment, lines[index]


def _moment(fragment: Fragment) -> float | None:
    """When a record was told: at the end of what it says is over, else at its beginning."""
    if not fragment.flags & _ENDED:
        return fragment.start
    if fragment.end is not None:
        return fragment.end
    if fragment.start is not None:
        return fragment.start + max(fragment.duration or 0.0, 0.0)
    return None
