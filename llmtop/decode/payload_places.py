"""Where the content of a span lies: in the lines that opened and ended it, and between them."""

from __future__ import annotations

from llmtop.sources.chunk import split_place
from llmtop.span import Span

MOST_LINES = 200
"""Lines that are read for one span."""
_EDGE = 40
"""Lines after the first and before the last, where they were read at different times."""


def places_of(span: Span) -> list[int]:
    """The places to read for a span's payload, in order.

    A transcript's call stands on all lines from the question to the last part of the answer; of a
    request and its response, which name the call themselves, only these two.
    """
    first, last = span.opened_at, span.ended_at
    told = [place for place in dict.fromkeys((first, last)) if place >= 0]
    if len(told) < 2 or span.request_id is not None or first > last:
        return told
    if split_place(first)[0] == split_place(last)[0]:
        between = list(range(first, last + 1))
    else:
        index = split_place(last)[1]
        between = [*range(first, first + _EDGE), *range(last - min(index, _EDGE), last + 1)]
    if len(between) > MOST_LINES:
        between = [*between[: MOST_LINES // 2], *between[-MOST_LINES // 2 :]]
    return between
