"""The index of chunks: where each one lies, so that a line can be read again."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator

from llmtop.sources.chunk import split_place

Reader = Callable[[int, int], bytes | None]
"""Reads so many bytes from an offset, or says that they are gone."""


class ChunkIndex:
    """Numbers chunks and remembers their place, 25 bytes a chunk."""

    def __init__(self) -> None:
        self._readers: list[Reader] = []
        self._reader_of = array("i")
        self._offset_of = array("q")
        self._length_of = array("q")
        self._whole = bytearray()
        self._from_start: set[int] = set()

    def reader(self, read: Reader, *, from_start: bool = False) -> int:
        """Make a place to read from known; its number goes with each chunk that lies there.

        Args:
            read: Gives the bytes.
            from_start: Whether all that lies before a chunk is gone through to come to it.
        """
        self._readers.append(read)
        if from_start:
            self._from_start.add(len(self._readers) - 1)
        return len(self._readers) - 1

    def enter(self, reader: int, offset: int, length: int, *, whole: bool = False) -> int:
        """Note where a chunk lies; its number."""
        self._reader_of.append(reader)
        self._offset_of.append(offset)
        self._length_of.append(length)
        self._whole.append(whole)
        return len(self._reader_of) - 1

    def move(self, number: int, offset: int, length: int) -> None:
        """Note that a chunk was read anew, from a file that is rewritten in place."""
        self._offset_of[number] = offset
        self._length_of[number] = length

    def weight(self, places: Iterable[int]) -> int:
        """Bytes that are gone through to read the lines of some places."""
        total = 0
        for number in {split_place(place)[0] for place in places}:
            if 0 <= number < len(self._reader_of):
                total += self._length_of[number]
                if self._reader_of[number] in self._from_start:
                    total += self._offset_of[number]
        return total

    def read(self, place: int) -> bytes | None:
        """The line of a place, or all of a chunk whose documents are laid out over lines."""
        number, index = split_place(place)
        if not 0 <= number < len(self._reader_of):
            return None
        data = self._readers[self._reader_of[number]](
            self._offset_of[number], self._length_of[number]
        )
        if data is None or self._whole[number]:
            return data
        for line in _lines(data):
            if index == 0:
                return line
            index -= 1
        return None

    def matching(self, number: int, pattern: re.Pattern[bytes]) -> frozenset[int] | None:
        """Which lines of a chunk a pattern is found in, by their index; `None` if it is gone.

        Of a chunk whose documents are laid out over lines: index 0, if it is found at all.
        """
        if not 0 <= number < len(self._reader_of):
            return None
        data = self._readers[self._reader_of[number]](
            self._offset_of[number], self._length_of[number]
        )
        if data is None:
            return None
        if pattern.search(data) is None:
            return frozenset()
        if self._whole[number]:
            return frozenset({0})
        return frozenset(at for at, line in enumerate(_lines(data)) if pattern.search(line))

    def is_whole(self, number: int) -> bool:
        """Whether a chunk's documents are laid out over several lines."""
        return 0 <= number < len(self._whole) and bool(self._whole[number])


def _lines(data: bytes) -> Iterator[bytes]:
    """The lines of a chunk that are not blank, which are those that are counted."""
    for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if line and not line.isspace():
            yield line
