"""Where lines begin in an open file, found without reading all of it."""

from __future__ import annotations

import os

from llmtop.sources.chunk import CHUNK_BYTES


def next_line(number: int, offset: int, size: int) -> int | None:
    """Where the first line begins behind an offset."""
    while offset < size:
        data = os.pread(number, CHUNK_BYTES, offset)
        if not data:
            return None
        cut = data.find(b"\n")
        if cut >= 0:
            return offset + cut + 1
        offset += len(data)
    return None


def start_of_last(number: int, size: int, lines: int) -> int:
    """Where the last so many lines begin."""
    if lines <= 0:
        return size
    end = size
    found = 0
    while end > 0:
        start = max(0, end - CHUNK_BYTES)
        data = os.pread(number, end - start, start)
        at = len(data)
        while (at := data.rfind(b"\n", 0, at)) >= 0:
            if start + at + 1 < size:
                found += 1
                if found == lines:
                    return start + at + 1
        end = start
    return 0


def read_exactly(number: int, offset: int, length: int) -> bytes:
    """So many bytes, or fewer at the end of the file."""
    data = os.pread(number, length, offset)
    if len(data) == length or not data:
        return data
    parts = [data]
    done = len(data)
    while done < length and (data := os.pread(number, length - done, offset + done)):
        parts.append(data)
        done += len(data)
    return b"".join(parts)
