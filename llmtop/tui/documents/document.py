"""A long text in blocks that are broken into lines only when they come into sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

Parts = tuple[tuple[str, str], ...]
"""One line: pairs of text that is safe to show and the name of its meaning (or `""`)."""

MOST_BROKEN = 500
"""Blocks whose lines are kept; how high the others are is remembered all the same."""
MEASURED_AT_ONCE = 300_000
"""Characters up to which a document is measured as a whole, so that its length is exact."""


class Block(Protocol):
    """Some lines that are broken together."""

    @property
    def size(self) -> int:
        """About how many characters it shows."""

    def rows(self, width: int) -> Sequence[Parts]:
        """Its lines, each at most `width` cells."""


class Place(NamedTuple):
    """A line of a document: the block, and the line within it."""

    block: int = 0
    row: int = 0


class Part(NamedTuple):
    """A stretch of a document that can be gone to."""

    name: str
    title: str
    block: int
    """The first block of it."""


class Length(NamedTuple):
    """How many lines a document has."""

    lines: int
    exact: bool
    """Whether every block has been broken; otherwise some of the lines are guessed."""


class Document:
    """Blocks one below the other; at any width, only those in sight are broken into lines."""

    def __init__(self, blocks: Sequence[Block], parts: Sequence[Part] = ()) -> None:
        self.blocks = list(blocks)
        self.parts = tuple(parts)
        self._width = 0
        self._rows: dict[int, Sequence[Parts]] = {}
        self._heights: dict[int, int] = {}
        self._size = sum(block.size for block in self.blocks)

    def replace(self, block: int, newer: Block) -> None:
        """Put another block in the place of one; the others stay broken as they are."""
        self._size += newer.size - self.blocks[block].size
        self.blocks[block] = newer
        self._rows.pop(block, None)
        self._heights.pop(block, None)

    def rows(self, block: int, width: int) -> Sequence[Parts]:
        """The lines of a block."""
        if width != self._width:
            self._width = width
            self._rows.clear()
            self._heights.clear()
        found = self._rows.get(block)
        if found is None:
            if len(self._rows) >= MOST_BROKEN:
                self._rows.clear()
            found = self._rows[block] = self.blocks[block].rows(width)
            self._heights[block] = len(found)
        return found

    def height(self, block: int, width: int) -> int:
        """How many lines a block has."""
        if width == self._width and block in self._heights:
            return self._heights[block]
        return len(self.rows(block, width))

    def shown(self, place: Place, width: int, height: int) -> list[Parts]:
        """The lines from a place on, as many as there is room for."""
        found: list[Parts] = []
        block, row = place
        while block < len(self.blocks) and len(found) < height:
            found.extend(self.rows(block, width)[row : row + height - len(found)])
            block, row = block + 1, 0
        return found

    def moved(self, place: Place, by: int, width: int, height: int) -> Place:
        """The place some lines below (or above), so that the screen is as full as it can be."""
        block, row = place.block, place.row + by
        while row < 0 and block > 0:
            block -= 1
            row += self.height(block, width)
        while block < len(self.blocks) and row >= self.height(block, width):
            row -= self.height(block, width)
            block += 1
        return min(Place(block, max(0, row)), self.last(width, height))

    def last(self, width: int, height: int) -> Place:
        """The place from which the end is in sight, at the bottom of the screen."""
        room = height
        for block in range(len(self.blocks) - 1, -1, -1):
            room -= self.height(block, width)
            if room <= 0:
                return Place(block, -room)
        return Place()

    def part(self, name: str) -> Part | None:
        """A part by its name."""
        return next((part for part in self.parts if part.name == name), None)

    def part_at(self, place: Place) -> Part | None:
        """The part that a place lies in."""
        return next((part for part in reversed(self.parts) if part.block <= place.block), None)

    def carried(self, place: Place, newer: Document) -> Place:
        """The same place in a newer state of this document: as far into the same part."""
        if place == Place():
            return place
        part = self.part_at(place)
        before = 0 if part is None else part.block
        then = None if part is None else newer.part(part.name)
        begin = before if then is None else then.block
        return Place(max(0, min(begin + place.block - before, len(newer.blocks) - 1)), place.row)

    def distance(self, place: Place, block: int, width: int) -> int:
        """How many lines below a place a block begins; negative where it began above."""
        if block <= place.block:
            return -place.row if block == place.block else -1
        between = range(place.block, block)
        return sum(self.height(each, width) for each in between) - place.row

    def above(self, place: Place, width: int) -> int:
        """About how many lines there are above a place."""
        return sum(self._about(block, width) for block in range(place.block)) + place.row

    def length(self, width: int) -> Length:
        """How many lines there are; all are counted unless the document is very long."""
        if self._size <= MEASURED_AT_ONCE:
            lines = sum(self.height(block, width) for block in range(len(self.blocks)))
            return Length(lines, exact=True)
        lines = sum(self._about(block, width) for block in range(len(self.blocks)))
        return Length(lines, exact=len(self._heights) == len(self.blocks))

    def _about(self, block: int, width: int) -> int:
        if width == self._width and block in self._heights:
            return self._heights[block]
        return max(1, self.blocks[block].size // max(1, width))
