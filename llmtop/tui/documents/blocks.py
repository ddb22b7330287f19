"""What documents are made of: headings, facts with labels, and running text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from llmtop.tui.documents.document import Block, Parts
from llmtop.tui.safe_text import cell, safe, wrapped

PIECE = 16_000
"""Characters of running text that are broken at once: a fraction of a millisecond's work."""
TAB = 4
_KEY = re.compile(r'"(?:[^"\\]|\\.)*"(?=: )')
_WIDEST_LABEL = 30


class Heading:
    """A line that begins a part: its name, what is to be said of it, and a rule."""

    def __init__(self, title: str, note: str = "") -> None:
        self.title = title
        self.note = note
        self.size = 1

    def rows(self, width: int) -> Sequence[Parts]:
        """The heading."""
        note = f" · {safe(self.note)} " if self.note else " "
        room = width - 3 - len(self.title) - cell_len(note)
        if room < 0:
            note, room = " ", max(0, width - 4 - len(self.title))
        return ((("── ", "grid"), (self.title, "head"), (note, "dim"), ("─" * room, "grid")),)


class Lines:
    """Lines that are the same at any width, such as an empty one."""

    def __init__(self, *lines: Parts) -> None:
        self._lines = lines
        self.size = len(lines)

    def rows(self, width: int) -> Sequence[Parts]:
        """The lines as they are."""
        del width
        return self._lines


BLANK = Lines(())


class Stack:
    """Blocks that are shown, and replaced, as one."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self.size = sum(block.size for block in blocks)

    def rows(self, width: int) -> Sequence[Parts]:
        """The lines of all of them."""
        return [row for block in self._blocks for row in block.rows(width)]


class Fact(NamedTuple):
    """A label and its value; the value goes on below itself where it is long."""

    label: str
    value: str
    meaning: str = ""


class Facts:
    """Facts under a small title, their values in one column."""

    def __init__(self, title: str, facts: Sequence[Fact]) -> None:
        self.title = title
        self.facts = facts
        self.size = sum(len(fact.label) + len(fact.value) for fact in facts)

    def rows(self, width: int) -> Sequence[Parts]:
        """Title and facts."""
        found: list[Parts] = [((self.title, "head"),)] if self.title else []
        column = self._column(width)
        for fact in self.facts:
            found.extend(_fact_rows(fact, column, width))
        return found

    def _column(self, width: int) -> int:
        widest = max((cell_len(safe(fact.label)) for fact in self.facts), default=0)
        return min(max(widest, 11), _WIDEST_LABEL, max(4, width // 2))


def _fact_rows(fact: Fact, column: int, width: int) -> Iterator[Parts]:
    label = safe(fact.label)
    room = max(1, width - column - 1)
    values = wrapped(fact.value.expandtabs(TAB), room)
    if cell_len(label) > column:
        for row in wrapped(label, width):
            yield ((row, "dim"),)
        label = ""
    for number, value in enumerate(values):
        yield ((cell("" if number else label, column) + " ", "dim"), (value, fact.meaning))


class Prose:
    """Running text behind a margin; leading blanks of its lines are kept where they go on."""

    def __init__(
        self,
        text: str,
        *,
        margin: Parts = (),
        meaning: str = "",
        keys: bool = False,
    ) -> None:
        self.text = text
        self.margin = margin
        self.meaning = meaning
        self.keys = keys
        """Whether the names of a JSON text are set apart."""
        self.size = len(text) + text.count("\n") * 20

    def rows(self, width: int) -> Sequence[Parts]:
        """The text, broken at spaces where there are some."""
        room = max(1, width - sum(cell_len(text) for text, _ in self.margin))
        return [
            (*self.margin, *self._parts(row))
            for line in self.text.split("\n")
            for row in _indented(line, room)
        ]

    def _parts(self, row: str) -> Parts:
        key = _KEY.search(row) if self.keys else None
        if key is None or row[: key.start()].strip():
            return ((row, self.meaning),)
        return (
            (row[: key.start()], self.meaning),
            (key.group(), "accent"),
            (row[key.end() :], self.meaning),
        )


def _indented(line: str, width: int) -> list[str]:
    """A line broken so that what goes on stands below its beginning."""
    line = line.expandtabs(TAB)
    told = line.lstrip(" ")
    blanks = min(len(line) - len(told), width // 2)
    if not blanks:
        return wrapped(line, width)
    return [" " * blanks + row for row in wrapped(told, width - blanks)]


def prose(
    text: str, *, margin: Parts = (), meaning: str = "", keys: bool = False
) -> Iterator[Prose]:
    """A text of any length as blocks; they are cut between lines, or between words."""
    for piece in pieces(text):
        yield Prose(piece, margin=margin, meaning=meaning, keys=keys)


def pieces(text: str, size: int = PIECE) -> Iterator[str]:
    """A text in pieces of about a size, each of which ends where a line or a word does."""
    at = 0
    text = text.replace("\r\n", "\n") if "\r" in text else text
    while len(text) - at > size:
        end = at + size
        cut = text.rfind("\n", at + 1, end)
        if cut < 0:
            cut = text.rfind(" ", at + size // 2, end)
        if cut < 0:
            yield text[at:end]
            at = end
        else:
            yield text[at:cut]
            at = cut + 1
    yield text[at:]
