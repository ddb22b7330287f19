"""Which columns of a table there is room for, and how wide each one is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

GAP = 1
"""Cells between two columns."""


class Column(NamedTuple):
    """A column that a table may have."""

    name: str
    title: str
    least: int
    """Cells that it needs."""
    worth: int
    """The column with the smallest number comes first when there is not room for all."""
    likes: int = 0
    """Cells that it gets first of what is left once the columns are chosen."""
    wants: int = 0
    """Cells that it gets before a column of less worth gets any."""
    most: int = 0
    """Cells that it can make use of."""
    right: bool = False
    """Whether its text stands at the right, as numbers do."""


class Placed(NamedTuple):
    """A column that has got its place."""

    column: Column
    width: int


def place(columns: Sequence[Column], width: int) -> tuple[Placed, ...]:
    """The columns that fit into `width` cells, in their order, grown to fill it.

    What is left is shared out in the order of worth; the last cells go to the last column.
    """
    chosen: list[Column] = []
    left = width + GAP
    wanted = 0
    for column in sorted(columns, key=lambda column: column.worth):
        if left - wanted < column.least + GAP:
            break
        left -= column.least + GAP
        wanted += max(0, column.wants - column.least)
        chosen.append(column)
    if not chosen:
        return (Placed(min(columns, key=lambda column: column.worth), width),)
    widths = {column.name: column.least for column in chosen}
    for room in ("likes", "wants", "most"):
        for column in chosen:
            more = min(left, max(0, getattr(column, room) - widths[column.name]))
            widths[column.name] += more
            left -= more
    placed = [Placed(column, widths[column.name]) for column in columns if column in chosen]
    last, last_width = placed[-1]
    return (*placed[:-1], Placed(last, last_width + left))
