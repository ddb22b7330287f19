"""Finds words in a document as it is shown, across the ends of lines, and sets them apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from llmtop.tui.documents.document import Block, Document, Parts, Place

_BREAK = r"(?:\n[│ ]*)?"
"""A line may end anywhere within what is looked for; a margin may stand before it goes on."""


_SIGNS = re.compile("[\u2400-\u2426\u23ce\ufffd]")
"""What control characters are shown as: a text itself does not hold them."""


class Stretch(NamedTuple):
    """Some characters of a line of a block."""

    row: int
    start: int
    end: int


Match = tuple[Stretch, ...]
"""One place where the words stand; on several lines if they are broken."""


class Hit(NamedTuple):
    """One match of a document."""

    block: int
    number: int
    """Which one of the block's."""


class TextSearch:
    """Words that are looked for; capitals and how many blanks there are do not matter."""

    def __init__(self, words: str) -> None:
        self.words = words
        characters = [r"[ \n│]+" if part.isspace() else re.escape(part) for part in _units(words)]
        self._shown = re.compile(_BREAK.join(characters), re.IGNORECASE)
        loose = "".join(r"\s+" if part.isspace() else re.escape(part) for part in _units(words))
        self._is_of_signs = not words.isascii() and bool(_SIGNS.search(words))
        self._told = re.compile(loose, re.IGNORECASE)
        self._known: dict[int, tuple[Block, int, Sequence[Match]]] = {}

    def matches(self, document: Document, block: int, width: int) -> Sequence[Match]:
        """Where the words stand in a block that is broken to a width."""
        found = document.blocks[block]
        known = self._known.get(block)
        if known is not None and known[0] is found and known[1] == width:
            return known[2]
        text = getattr(found, "text", None)
        matches: Sequence[Match] = ()
        if text is None or self._is_of_signs or self._told.search(text):
            matches = self._in_rows(document.rows(block, width))
        self._known[block] = (found, width, matches)
        return matches

    def _in_rows(self, rows: Sequence[Parts]) -> Sequence[Match]:
        lines = ["".join(text for text, _ in row) for row in rows]
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        found = []
        row = 0
        for match in self._shown.finditer("\n".join(lines)):
            while starts[row + 1] <= match.start():
                row += 1
            found.append(tuple(_stretches(match.start(), match.end(), row, starts, lines)))
        return found

    def first(self, document: Document, place: Place, width: int) -> Hit | None:
        """The first match at a place or below it, or the first of all."""
        for number, match in enumerate(self._at(document, place.block, width)):
            if match[0].row >= place.row:
                return Hit(place.block, number)
        return self.step(document, Hit(place.block, 1 << 60), 1, width)

    def step(self, document: Document, hit: Hit, by: int, width: int) -> Hit | None:
        """The match after another (`by` 1) or before it (-1), round the ends of the document."""
        here = len(self._at(document, hit.block, width))
        if 0 <= hit.number + by < here:
            return hit._replace(number=hit.number + by)
        blocks = len(document.blocks)
        for further in range(1, blocks + 1):
            block = (hit.block + by * further) % blocks
            many = len(self.matches(document, block, width))
            if many:
                return Hit(block, 0 if by > 0 else many - 1)
        return None

    def _at(self, document: Document, block: int, width: int) -> Sequence[Match]:
        return self.matches(document, block, width) if block < len(document.blocks) else ()

    def count(self, document: Document, hit: Hit, width: int) -> tuple[int, int]:
        """Which match of the document that is, counted from one, and how many there are."""
        many = [len(self.matches(document, block, width)) for block in range(len(document.blocks))]
        return sum(many[: hit.block]) + hit.number + 1, sum(many)


def _units(words: str) -> Iterator[str]:
    return (found.group() for found in re.finditer(r"\s+|\S", words))


def _stretches(
    start: int, end: int, row: int, starts: Sequence[int], lines: Sequence[str]
) -> Iterator[Stretch]:
    """A match line by line, without the margins."""
    while start < end:
        past = min(end, starts[row + 1] - 1)
        if past > start:
            yield Stretch(row, start - starts[row], past - starts[row])
        row += 1
        start = starts[row]
        if start < end:
            start += len(lines[row]) - len(lines[row].lstrip("│ "))


def highlighted(row: Parts, stretches: Sequence[tuple[int, int, str]]) -> Parts:
    """A line with some of its characters in other meanings: start, end, meaning."""
    found: list[tuple[str, str]] = []
    begin = 0
    for text, meaning in row:
        at = begin
        begin += len(text)
        for start, end, other in stretches:
            first, past = max(start, at), min(end, begin)
            if first >= past:
                continue
            if first > at:
                found.append((text[at - begin + len(text) : first - begin + len(text)], meaning))
            found.append((text[first - begin + len(text) : past - begin + len(text)], other))
            at = past
        if at < begin:
            found.append((text[at - begin + len(text) :], meaning))
    return tuple(found)
