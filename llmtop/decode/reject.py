"""A line that could not be read, and why: what the honest strip shows of it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

SHOWN_BYTES = 300
"""How much of a rejected line is kept."""
UNKNOWN = "JSON, but not a record of a format that llmtop knows"
"""The reason for rejecting what no format knows."""


class Reject(Struct, frozen=True):
    """One rejected line or document."""

    source: int
    place: int
    reason: str
    """A sentence without a full stop."""
    start: str
    """The beginning of the line, undecodable bytes replaced."""


def beginning(line: bytes) -> str:
    """The start of a line as text, for showing."""
    return line[:SHOWN_BYTES].decode("utf-8", "replace")


_TELLING = ("usage", "prompt_tokens", "completion_tokens", "input_tokens", "output_tokens")


def looks_like_a_call(document: dict[str, Any]) -> bool:
    """Whether leaving a record out could lose a call: then it is rejected, and said."""
    return any(name in document for name in _TELLING)
