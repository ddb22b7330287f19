"""Spans in memory as a new file, written span by span, so that a screen can go on meanwhile."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import IO

from llmtop.history.new_file import new_file
from llmtop.history.otlp_spans import Origin
from llmtop.history.record import FIELDS, record_of
from llmtop.history.rows_as_text import cell, write_jsonl
from llmtop.history.spans_as_otlp import LINE_BYTES, Told, write_otlp
from llmtop.history.trace_as_markdown import write_markdown
from llmtop.payload import Payload
from llmtop.span import Span

SUFFIXES = {"jsonl": ".jsonl", "csv": ".csv", "otlp": ".otlp.json", "markdown": ".md"}
"""The formats, and how the names of their files end."""
MOST_IN_DOCUMENT = 2_000
"""Spans that a Markdown document may be about."""
MOST_ON_LINE = 1_000
"""Spans that are gathered for a line of OTLP, if they do not fill it before."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")
LONGEST_STEM = 80

Read = Callable[[Span], Payload]
_Steps = Iterator[int]
"""After each span, how many were taken."""


def export(
    read: Read, folder: Path, spans: Sequence[Span], format_: str, stem: str
) -> Generator[int, None, Path]:
    """Write spans to a new file of the folder that only its owner may read.

    Yields after each span how many were taken, and returns where they are; the file is there once
    that is all. Raises OSError where it cannot be written, and ValueError, with a sentence, where
    the format cannot hold so much.
    """
    write = _WRITERS[format_]
    if format_ == "markdown" and len(spans) > MOST_IN_DOCUMENT:
        raise ValueError(f"{len(spans):,} spans are too many for a document; take OTLP")
    path = _free(folder, _NOT_IN_NAMES.sub("_", stem)[:LONGEST_STEM], SUFFIXES[format_])
    with new_file(path, force=False) as out:
        yield from write(read, spans, out)
    return path


def _free(folder: Path, stem: str, suffix: str) -> Path:
    """A name that no file has."""
    names = (f"{stem}{f'-{number}' if number > 1 else ''}{suffix}" for number in count(1))
    return next(folder / name for name in names if not os.path.lexists(folder / name))


def _jsonl(read: Read, spans: Iterable[Span], out: IO[bytes]) -> _Steps:
    for number, span in enumerate(spans, 1):
        write_jsonl([record_of(span, read(span))], out, FIELDS)
        yield number


def _csv(read: Read, spans: Iterable[Span], out: IO[bytes]) -> _Steps:
    text = io.TextIOWrapper(out, "utf-8", errors="replace", newline="", write_through=True)
    try:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(FIELDS)
        for number, span in enumerate(spans, 1):
            row = record_of(span, read(span))
            writer.writerow([cell(row[field]) for field in FIELDS])
            yield number
    finally:
        # Who opened the file closes it.
        text.detach()


def _otlp(read: Read, spans: Iterable[Span], out: IO[bytes]) -> _Steps:
    gathered: list[Told] = []
    size = 0
    for number, span in enumerate(spans, 1):
        payload = read(span)
        gathered.append((span, payload, Origin()))
        size += sum(len(record) for record in payload.raw)
        if size >= LINE_BYTES or len(gathered) >= MOST_ON_LINE:
            write_otlp(gathered, out)
            gathered, size = [], 0
        yield number
    if gathered:
        write_otlp(gathered, out)


def _markdown(read: Read, spans: Sequence[Span], out: IO[bytes]) -> _Steps:
    write_markdown(spans, read, out)
    yield len(spans)


_WRITERS: dict[str, Callable[[Read, Sequence[Span], IO[bytes]], _Steps]] = {
    "jsonl": _jsonl,
    "csv": _csv,
    "otlp": _otlp,
    "markdown": _markdown,
}
