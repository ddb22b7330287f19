"""Where two texts differ, as blocks: side by side, or one below the other on narrow screens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len

from llmtop.tui.documents.blocks import Lines
from llmtop.tui.documents.document import Block, Parts
from llmtop.tui.documents.line_diff import Difference, Row
from llmtop.tui.safe_text import wrapped

SIDE_BY_SIDE = 80
"""Cells of a line from which two texts stand beside each other."""
ROWS_AT_ONCE = 50
"""Rows of a block: so many are broken into lines together."""
REMOVED, ADDED = "-", "+"
_BETWEEN: Parts = ((" │ ", "grid"),)
TAB = 4


def blocks(difference: Difference) -> Iterator[Block]:
    """The rows of a difference, and a sentence if not all of the texts was compared."""
    if difference.note:
        yield Lines(((difference.note, "slow"),))
    for first in range(0, len(difference.rows), ROWS_AT_ONCE):
        yield DiffBlock(difference.rows[first : first + ROWS_AT_ONCE])


class DiffBlock:
    """Some rows of a difference. Lines that one text alone has bear `-` or `+`."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self.size = sum(len(row.left or "") + len(row.right or "") + 20 for row in rows)

    def rows(self, width: int) -> Sequence[Parts]:
        """The lines."""
        if width >= SIDE_BY_SIDE:
            return [line for row in self._rows for line in _beside(row, (width - 3) // 2)]
        return list(_below(self._rows, width))


def _skipped(row: Row) -> Parts:
    lines = "line that is the same" if row.skipped == 1 else "lines that are the same"
    return ((f"  ⋯ {row.skipped:,} {lines}", "dim"),)


def _beside(row: Row, width: int) -> Iterator[Parts]:
    if row.skipped:
        yield _skipped(row)
        return
    left = _half(row.left, "" if row.is_same else REMOVED, width)
    right = _half(row.right, "" if row.is_same else ADDED, width)
    blank: Parts = ((" " * width, ""),)
    for one, other in zip_longest(left, right, fillvalue=blank):
        yield (*one, *_BETWEEN, *other)


def _half(line: str | None, sign: str, width: int) -> list[Parts]:
    if line is None:
        return []
    found = _signed(line, sign, width)
    return [
        (*parts, (" " * (width - sum(cell_len(text) for text, _ in parts)), "")) for parts in found
    ]


def _below(rows: Sequence[Row], width: int) -> Iterator[Parts]:
    """First what a stretch has lost, then what it has gained."""
    gained: list[str] = []
    for row in rows:
        if not row.is_same:
            if row.left is not None:
                yield from _signed(row.left, REMOVED, width)
            if row.right is not None:
                gained.append(row.right)
            continue
        for line in gained:
            yield from _signed(line, ADDED, width)
        gained.clear()
        if row.skipped:
            yield _skipped(row)
        else:
            yield from _signed(row.left or "", "", width)
    for line in gained:
        yield from _signed(line, ADDED, width)


def _signed(line: str, sign: str, width: int) -> list[Parts]:
    """A line behind its sign, broken where it is too long."""
    meaning = {REMOVED: "error", ADDED: "ok"}.get(sign, "dim")
    lead = f"{sign:1} "
    return [
        ((lead if not number else "  ", meaning), (text, meaning))
        for number, text in enumerate(wrapped(line.expandtabs(TAB), max(1, width - 2)))
    ]
