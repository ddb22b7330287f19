"""Rows as JSON, JSON lines and CSV, written while they come."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import IO, Any

from llmtop.emit.encode import encode

Row = dict[str, Any]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula, full-width signs too."""


def write_jsonl(rows: Iterable[Row], out: IO[bytes], fields: Sequence[str]) -> int:
    """One object a line; returns how many."""
    del fields
    count = 0
    for row in rows:
        out.write(encode(row) + b"\n")
        count += 1
    return count


def write_json(rows: Iterable[Row], out: IO[bytes], fields: Sequence[str]) -> int:
    """One array of objects; returns how many."""
    del fields
    count = 0
    for row in rows:
        out.write((b",\n" if count else b"[\n") + encode(row))
        count += 1
    out.write(b"\n]\n" if count else b"[]\n")
    return count


def write_csv(rows: Iterable[Row], out: IO[bytes], fields: Sequence[str]) -> int:
    """A line of names, then one line a row; what is nested is JSON in a cell."""
    text = io.TextIOWrapper(out, "utf-8", errors="replace", newline="", write_through=True)
    try:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(fields)
        count = 0
        for row in rows:
            writer.writerow([cell(row[field]) for field in fields])
            count += 1
        return count
    finally:
        # Who opened the file closes it.
        text.detach()


def cell(value: Any) -> Any:
    """A value as a cell: no text runs as a formula, and what is unknown is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str):
        value = encode(value).decode("utf-8", "replace")
    # A lone carriage return would be the end of a row to some readers.
    value = value.replace("\0", "�").replace("\r\n", "\n").replace("\r", "\n")
    return "'" + value if value.startswith(_FORMULA) else value
