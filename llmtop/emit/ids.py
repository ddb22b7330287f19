"""Ids of traces and spans: random, cheap, and different in a forked child."""

from __future__ import annotations

import os

_BATCH = 512
_waiting: list[str] = []
"""Ids drawn ahead: taking one is a `pop`, which no other thread can come between."""


def span_id() -> str:
    """16 hexadecimal characters."""
    try:
        return _waiting.pop()
    except IndexError:
        digits = os.urandom(8 * _BATCH).hex()
        drawn = [digits[at : at + 16] for at in range(0, len(digits), 16)]
        first = drawn.pop()
        _waiting.extend(drawn)
        return first


def trace_id() -> str:
    """32 hexadecimal characters."""
    return span_id() + span_id()


os.register_at_fork(after_in_child=_waiting.clear)
