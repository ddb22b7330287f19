"""Leaves long texts out of lines of OTLP before they are decoded.

A decoder looks at each byte of a text to find its end, and a prompt that carries the conversation
so far is nearly all of a line. In OTLP a text is the only member of its value, so it ends where a
brace stands behind a quotation mark that is no part of it; braces are few in prose, and found many
times as quickly.
"""

from __future__ import annotations

import re

from llmtop.decode import event_messages
from llmtop.decode.attributes import READ

_QUOTE, _BACKSLASH, _SPACE = b'"\\ '
_LONG = 1000
"""Bytes from which on a text is left out."""
_FAR = 1000
"""Bytes within which an attribute's text begins, behind the end of the text before."""
_SPARSE = 300
"""Bytes between braces, on average, from which on looking for them is quicker than decoding."""
_SAMPLE, _STRIDE = 1024, 16384
_READ = frozenset(name.encode() for name in (*READ, *event_messages.BODIES))
_TEXT = re.compile(
    rb'"key"\s*+:\s*+"([^"\\]*+)"\s*+,\s*+"value"\s*+:\s*+\{\s*+"stringValue"\s*+:\s*+"'
)
"""The beginning of an attribute that is a text."""
_SHORT_TEXT = re.compile(rb'\{\s*+"stringValue"\s*+:\s*+"[^"\\]*+"\s*+(.)', re.DOTALL)


def without_long_texts(data: bytes) -> bytes:
    """The lines, with long texts left out of attributes that tell nothing of figures."""
    if not _is_sparse(data):
        return data
    kept: list[bytes] = []
    start = end = 0
    plain, find = _Plain(data), data.find
    at = find(b"}")
    while at >= 0:
        last = data[at - 1]
        if last == _QUOTE:
            if data[at - 2] != _BACKSLASH or (data[at - 3] == _BACKSLASH and _ends(data, at)):
                if at - end > _LONG:
                    text = _text_between(data, end, at, plain)
                    if text:
                        kept.append(data[start:text])
                        start = at - 1
                end = at
        elif last <= _SPACE and _ends(data, at):
            end = at
        at = find(b"}", at + 1)
    return b"".join((*kept, data[start:])) if kept else data


def _is_sparse(data: bytes) -> bool:
    """Whether braces are few, as far as samples tell."""
    places = range(min(len(data), _STRIDE) // 2, len(data), _STRIDE)
    braces = sum(data.count(b"}", at, at + _SAMPLE) for at in places)
    return len(data) > _LONG and braces * _SPARSE < len(places) * _SAMPLE


def _ends(data: bytes, brace: int) -> bool:
    """Whether a text ends before a brace, perhaps with blanks between."""
    end = _before(data, brace, b" \t\r\n")
    return data[end - 1] == _QUOTE and (end - 1 - _before(data, end - 1, b"\\")) % 2 == 0


def _before(data: bytes, at: int, these: bytes) -> int:
    """Where the run of these bytes begins that ends at a place."""
    while at > 0:
        begin = max(0, at - _SAMPLE)
        rest = data[begin:at].rstrip(these)
        if rest:
            return begin + len(rest)
        at = begin
    return 0


def _text_between(data: bytes, end: int, brace: int, plain: _Plain) -> int:
    """Where the text begins that ends before a brace, if it can be left out; or 0.

    `end` is the brace behind the text before.
    """
    found = _TEXT.search(data, end, min(brace, end + _FAR))
    if found is None or brace - found.end() < _LONG or found.group(1) in _READ:
        return 0
    return found.end() if plain.at(found.start()) else 0


class _Plain:
    """Which lines are written plainly: some writers name all members of a value, empty or not."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._begin = self._end = 0
        self._is = False

    def at(self, place: int) -> bool:
        """Whether the line of this place is; places are asked for in their order."""
        if place >= self._end:
            while place >= self._end:
                self._begin = self._end
                self._end = self._data.find(b"\n", self._begin) + 1 or len(self._data)
            first = _SHORT_TEXT.search(self._data, self._begin, place)
            self._is = first is not None and first.group(1) == b"}"
        return self._is
