"""Passes over lines that are of another time than the one that is asked for, without reading them.

Only native records are passed over, and only where all lines of a chunk are: they tell their
moments in fields of their own, and nothing of a call is told before it began.
"""

from __future__ import annotations

import re

from msgspec import DecodeError, Struct, ValidationError, json

from llmtop.decode.timestamps import parse_time
from llmtop.history.files import AFTERWARDS_S

BEFORE_S = 3600.0
"""Records of so long before the range are read: they tell that a call began before it."""
_TYPES = frozenset({"request", "response", "span"})


class _Moments(Struct, gc=False):
    type: str | None = None
    timestamp: str | float | None = None
    start_time: str | float | None = None
    end_time: str | float | None = None


_moments = json.Decoder(_Moments, strict=False)


class RangeSift:
    """Says whether some lines can tell of calls that began in a range (seconds since the epoch)."""

    def __init__(self, since: float | None, until: float | None) -> None:
        self._first = float("-inf") if since is None else since - BEFORE_S
        self._last = float("inf") if until is None else until + AFTERWARDS_S
        self._is_wanted = since is not None or until is not None

    def __call__(self, data: bytes) -> bool:
        """Whether the lines have to be read."""
        if not self._is_wanted:
            return True
        try:
            lines = _moments.decode_lines(data)
        except (DecodeError, ValidationError, UnicodeDecodeError, RecursionError):
            return True
        told = [line.end_time or line.timestamp or line.start_time for line in lines]
        if None in told or not {line.type for line in lines} <= _TYPES:
            return True
        if self._last == float("inf"):
            told = _latest(told)
        return any(self._may_be(moment) for moment in told)

    def _may_be(self, told: str | float | None) -> bool:
        moment = parse_time(told)
        return moment is None or self._first <= moment <= self._last


def _latest(told: list[str | float | None]) -> list[str | float | None]:
    """The latest of the moments, where they are texts of one form; else all of them."""
    texts = [each for each in told if isinstance(each, str)]
    if len(texts) == len(told) and all(_IN_UTC(each) for each in texts):
        return [max(texts)]
    return told


_IN_UTC = re.compile(r"2\d\d\d-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)").fullmatch
