"""Fragments for the tests of what is true now."""

from __future__ import annotations

from typing import Any

from llmtop.live.live import Live
from llmtop.span import Flag, Fragment
from tests.rates import PerMillion

OPENED = int(Flag.OPENED)
ENDED = int(Flag.ENDED)
NOON = 1_750_000_000.0
"""Some moment, in seconds since the epoch."""


def request(request_id: str, at: float = NOON, **told: Any) -> Fragment:
    """The opening of a call, as a request record tells it."""
    told.setdefault("model", "gpt-4o")
    told.setdefault("operation", "chat")
    return Fragment(request_id=request_id, start=at, flags=OPENED, **told)


def response(request_id: str, at: float = NOON + 2.0, **told: Any) -> Fragment:
    """The end of a call, as a response record tells it."""
    told.setdefault("status", "error" if told.get("error_type") else "ok")
    return Fragment(request_id=request_id, end=at, flags=ENDED, **told)


def span(span_id: str, start: float = NOON, end: float | None = None, **told: Any) -> Fragment:
    """A whole span, or a running one if it has no end."""
    told.setdefault("trace_id", "trace")
    flags = OPENED if end is None else OPENED | ENDED
    return Fragment(span_id=span_id, start=start, end=end, flags=flags, **told)


def live(*fragments: Fragment, now: float = NOON + 10.0, **settings: Any) -> Live:
    """What is true after some fragments came, one at a time."""
    settings.setdefault("prices", PerMillion())
    found = Live(**settings)
    for fragment in fragments:
        found.apply([fragment], now)
    return found
