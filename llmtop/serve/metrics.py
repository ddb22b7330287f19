"""`/v1/metrics`: the figures of a window, as `summary --json` gives them, with totals on top."""

from __future__ import annotations

from typing import Any

from llmtop.filter import Filter
from llmtop.live.view import WINDOWS
from llmtop.report import document
from llmtop.serve.monitor import Monitor


def _is_partial(
    monitor: Monitor, window: str, seconds: float | None, matches: Filter | None
) -> bool:
    """Whether calls are missing that are not in memory any more: only some sums outlive them."""
    if matches is None and window in WINDOWS:
        return False
    evicted = monitor.newest_evicted()
    if evicted is None:
        return False
    end = monitor.look(lambda pump: pump.live.clock(pump.now()))
    return seconds is None or evicted >= end - seconds


def figures(
    monitor: Monitor, window: str, seconds: float | None, matches: Filter | None
) -> dict[str, Any]:
    """The figures; latencies are milliseconds, the cost US dollars, unknown ones `None`."""
    view = monitor.view(window, matches, seconds)
    found = document(view, monitor.sources())
    tokens = (view.figures.input_tokens, view.figures.output_tokens)
    return {
        "window": window,
        "filter": None if matches is None else matches.text,
        "total_requests": view.figures.calls,
        "total_tokens": None if tokens == (None, None) else sum(part or 0 for part in tokens),
        "total_errors": view.figures.errors,
        "total_cancelled": view.figures.cancelled,
        "total_cost": view.figures.cost,
        "p50_latency": found["latency_ms"]["p50"],
        "p95_latency": found["latency_ms"]["p95"],
        "p99_latency": found["latency_ms"]["p99"],
        "partial": _is_partial(monitor, window, seconds, matches),
        **found,
    }
