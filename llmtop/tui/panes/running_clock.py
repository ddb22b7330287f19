"""The moment that running clocks count to."""

from __future__ import annotations

from llmtop.live.view import View


def running_clock(view: View | None, now: float) -> float:
    """Now (seconds since the epoch), or an old log's newest event: nothing runs on after it."""
    if view is None or view.ends_now or view.last_event is None:
        return now
    return min(now, view.last_event)
