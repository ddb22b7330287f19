"""Spans as they stand once their fragments were merged, for tests of what is shown of them."""

from __future__ import annotations

from typing import Any

from llmtop.live.live import Live
from llmtop.pricing import Override, Prices
from llmtop.span import Flag, Fragment, Span

BEGAN = 1_780_315_200.0
"""2026-06-01 12:00:00 UTC."""


def prices(*overrides: Override) -> Prices:
    """A price table of one's own alone."""
    return Prices(overrides)


def span(table: Prices | None = None, **told: Any) -> Span:
    """A call that took two seconds, unless other things are told of it."""
    usual = {
        "span_id": "s1",
        "operation": "chat",
        "model": "gpt-4o-mini",
        "start": BEGAN,
        "end": BEGAN + 2.0,
        "flags": int(Flag.OPENED | Flag.ENDED),
    }
    live = Live(table or prices())
    live.apply([Fragment(**{**usual, **told})], BEGAN + 60)
    found = live.find(str(told.get("span_id", "s1")))
    assert found is not None
    return found
