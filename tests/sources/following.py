"""Files followed by a clock that the test turns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from llmtop.sources.chunk import Chunk, place
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.file_set import RESCAN_S, FileSet
from llmtop.sources.status import SourceStatus

BUDGET = 256 * 1024


class Following:
    """What was given so far, as lines."""

    def __init__(
        self, *specs: Path, follow: bool = True, began_after: float = 0.0, **options: Any
    ) -> None:
        self.chunk_index = ChunkIndex()
        self.statuses: list[SourceStatus] = []
        self.chunks: list[Chunk] = []
        self.now = time.time() + began_after
        self.files = FileSet(specs, self.chunk_index, self.statuses, follow=follow, **options)
        self.look(0.0)

    def look(self, after: float = RESCAN_S) -> list[bytes]:
        """Let time pass, look through the folders, and read all there is; the new lines."""
        self.now += after
        seen = len(self.chunks)
        while True:
            chunks = self.files.poll(self.now, BUDGET)
            self.chunks.extend(chunks)
            if not chunks and not self.files.pending():
                return lines_of(self.chunks[seen:])

    def wait(self, seconds: float) -> list[bytes]:
        """Let so much time pass, a look at a time; the new lines."""
        found = []
        for _ in range(round(seconds / RESCAN_S)):
            found += self.look()
        return found

    @property
    def lines(self) -> list[bytes]:
        return lines_of(self.chunks)

    def status(self, path: Path) -> SourceStatus:
        """The last status with this path."""
        return [each for each in self.statuses if each.label == str(path)][-1]

    def read_again(self) -> list[bytes]:
        """Every line, read back by its place."""
        found = []
        for chunk in self.chunks:
            for index in range(len(lines_of([chunk]))):
                line = self.chunk_index.read(place(chunk.number, index))
                assert line is not None
                found.append(line)
        return found


def lines_of(chunks: list[Chunk]) -> list[bytes]:
    return [
        line for chunk in chunks for line in chunk.data.split(b"\n") if line and not line.isspace()
    ]


@contextmanager
def following(*specs: Path, **options: Any) -> Iterator[Following]:
    """Follow until the block is left."""
    found = Following(*specs, **options)
    try:
        yield found
    finally:
        found.files.close()


def numbered(first: int, last: int, name: str = "r") -> list[bytes]:
    """Records that differ, long enough to know a file by."""
    return [
        b'{"request_id":"%s%d","model":"gpt-4o","padding":"%s"}'
        % (name.encode(), number, b"x" * 40)
        for number in range(first, last)
    ]


def text(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def append(path: Path, lines: list[bytes]) -> None:
    with path.open("ab") as file:
        file.write(text(lines))
