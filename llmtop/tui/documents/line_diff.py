"""Which lines two texts have in common, within bounds: prompts may be megabytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

MOST_CHARACTERS = 500_000
"""Of each text, from where they differ; what comes after is not looked at."""
MOST_LINES = 2_000
"""Of each text, from the first that differs to the last: what they share is not found quickly."""
LONG_LINE = 300
"""Characters of a line from which its sentences are compared one by one."""
CONTEXT = 2
"""Lines shown before and after what differs."""
_SENTENCE = re.compile(
    rf".{{1,{LONG_LINE}}}?(?:[.!?;](?:\s+|\Z)|[\u3002\uff01\uff1f])"
    rf"|.{{1,{LONG_LINE}}}(?:\s+|\Z)|.{{1,{LONG_LINE}}}"
)


class Row(NamedTuple):
    """A line of one text beside that of the other; `None` where one of them has none."""

    left: str | None
    right: str | None
    skipped: int = 0
    """So many lines that are the same stand here, and are not shown."""

    @property
    def is_same(self) -> bool:
        """Whether both texts have it."""
        return self.left == self.right


class Difference(NamedTuple):
    """How two texts differ."""

    rows: tuple[Row, ...]
    changed: int
    """Rows that are not the same in both."""
    note: str
    """A sentence where not all of the texts was compared."""


def difference(left: str, right: str) -> Difference:
    """Compare two texts line by line; what both begin with costs next to nothing."""
    if left == right:
        lines = _lines(left[:MOST_CHARACTERS])
        return Difference(tuple(_shortened([Row(line, line) for line in lines])), 0, "")
    start = _same_lines(left, right)
    before = left.count("\n", 0, start)
    note = ""
    if max(len(left), len(right)) - start > MOST_CHARACTERS:
        note = f"Only {MOST_CHARACTERS:,} characters of each are compared, from where they differ."
    one = _lines(left[start : start + MOST_CHARACTERS])
    other = _lines(right[start : start + MOST_CHARACTERS])
    begin = _alike(one, other)
    end = _alike(one[begin:][::-1], other[begin:][::-1])
    middle_one, middle_other = one[begin : len(one) - end], other[begin : len(other) - end]
    if max(len(middle_one), len(middle_other)) > MOST_LINES:
        note = f"Only {MOST_LINES:,} lines of each are compared, from where they differ."
        end = 0
        middle_one, middle_other = middle_one[:MOST_LINES], middle_other[:MOST_LINES]
    rows = [Row(line, line) for line in one[:begin]]
    rows += _compared(middle_one, middle_other)
    rows += [Row(line, line) for line in one[len(one) - end :]]
    changed = sum(not row.is_same for row in rows)
    return Difference(tuple(_after(before, list(_shortened(rows)))), changed, note)


def _same_lines(left: str, right: str) -> int:
    """Where the lines begin that are compared: some before that in which two texts differ first."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    differ = low
    for _ in range(CONTEXT + 1):
        low = max(0, left.rfind("\n", 0, low))
    if differ - low > MOST_CHARACTERS // 2:
        return differ - 2 * LONG_LINE
    return low + 1 if low else 0


def _after(before: int, rows: list[Row]) -> list[Row]:
    """The rows below so many lines that are the same."""
    if before and rows and rows[0].skipped:
        return [rows[0]._replace(skipped=rows[0].skipped + before), *rows[1:]]
    return [Row(None, None, before), *rows] if before else rows


def _lines(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines():
        if len(line) <= LONG_LINE:
            lines.append(line)
        else:
            lines += [found.group().rstrip() for found in _SENTENCE.finditer(line)]
    return lines


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    for number, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return number
    return min(len(one), len(other))


def _compared(one: Sequence[str], other: Sequence[str]) -> Iterator[Row]:
    for kind, a, b, c, d in SequenceMatcher(None, one, other).get_opcodes():
        if kind == "equal":
            yield from (Row(line, line) for line in one[a:b])
        else:
            yield from (Row(left, right) for left, right in zip_longest(one[a:b], other[c:d]))


def _shortened(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows without those that are the same and far from what differs."""
    at = 0
    while at < len(rows):
        past = at
        while past < len(rows) and rows[past].is_same:
            past += 1
        before = CONTEXT if at else 0
        after = CONTEXT if past < len(rows) else 0
        hidden = past - at - before - after
        if hidden > 1:
            yield from rows[at : at + before]
            yield Row(None, None, hidden)
            yield from rows[past - after : past]
        else:
            yield from rows[at:past]
        at = past
        while at < len(rows) and not rows[at].is_same:
            yield rows[at]
            at += 1
