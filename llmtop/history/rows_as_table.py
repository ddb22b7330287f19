"""Rows as a table for people, written while they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO, Any
from unicodedata import combining, east_asian_width

from llmtop.plain_text import plain
from llmtop.written_figures import UNKNOWN, dollars

Row = dict[str, Any]

MEASURED = 200
"""So many rows say how wide the columns are."""
WIDEST = 40


def write_table(rows: Iterable[Row], out: IO[bytes], fields: Sequence[str]) -> int:
    """A heading, then one line a row; returns how many. Nothing in it can move a cursor."""
    coming = iter(rows)
    first = list(islice(coming, MEASURED))
    if not first:
        return 0
    right = [_is_figure(field) for field in fields]
    cells = [[shown(field, row[field]) for field in fields] for row in first]
    widths = [
        min(WIDEST, max(width(name), *(width(line[at]) for line in cells)))
        for at, name in enumerate(fields)
    ]
    lines: Iterator[list[str]] = chain(
        [list(fields)], cells, ([shown(field, row[field]) for field in fields] for row in coming)
    )
    count = -1
    for line in lines:
        padded = (_fitted(text, widths[at], to_the_right=right[at]) for at, text in enumerate(line))
        out.write("  ".join(padded).rstrip().encode("utf-8", "replace") + b"\n")
        count += 1
    return count


_FIGURES = ("_ms", "tokens", "cost", "calls", "errors", "spans")


def _is_figure(field: str) -> bool:
    return field.endswith(_FIGURES)


def shown(field: str, value: Any) -> str:
    """A value as people read it; unknown is a dash."""
    if value is None:
        return UNKNOWN
    if isinstance(value, float) and field.endswith("cost"):
        return dollars(value)
    if isinstance(value, float) and field.endswith("_ms"):
        return f"{value:,.0f}" if value >= 10 else f"{value:.3g}"
    if isinstance(value, int) and _is_figure(field):
        return f"{value:,}"
    if field in {"timestamp", "end_time"}:
        return str(value)[:19].replace("T", " ")
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = ", ".join(value)
    return plain(str(value))


def width(text: str) -> int:
    """The columns of a terminal that a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text
    )


def _fitted(text: str, most: int, *, to_the_right: bool) -> str:
    if width(text) > most:
        while text and width(text) >= most:
            text = text[: max(len(text) - 1 - (width(text) - most) // 2, 0)]
        text += "…"
    space = " " * (most - width(text))
    return space + text if to_the_right else text + space
