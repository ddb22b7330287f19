"""A chunk: some whole lines from one source, and the number by which each line is found again."""

from __future__ import annotations

from msgspec import Struct

INDEX_BITS = 17
"""A place is `chunk number << INDEX_BITS | index of the document in the chunk`."""
MAX_DOCUMENTS = 1 << INDEX_BITS
"""No chunk holds more documents than this; 256 KiB of the shortest JSON lines (`{}`) stay below."""
CHUNK_BYTES = 256 * 1024
"""The usual size of a chunk; a single longer line makes a longer chunk."""


class Chunk(Struct, gc=False):
    """Whole lines (or whole datagrams, newline-separated) of one source, in order."""

    number: int
    """Unique in the process; `sources.chunk_index` knows where it lies."""
    source: int
    """Which source: an index into the sources' states."""
    data: bytes
    """Ends with a newline, or at the end of what the source will ever give."""
    whole: bool = False
    """Whether it holds documents laid out over several lines, and all of them at once."""


def place(chunk_number: int, index: int) -> int:
    """The place of the `index`-th document (blank lines do not count) of a chunk."""
    return chunk_number << INDEX_BITS | index


def split_place(place: int) -> tuple[int, int]:
    """The chunk number and the index within it."""
    return place >> INDEX_BITS, place & (MAX_DOCUMENTS - 1)
