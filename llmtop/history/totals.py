"""Calls summed up by model, provider, user, session, operation or day, as `summary` sums them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from llmtop.history.groups import plus
from llmtop.history.record import milliseconds
from llmtop.live.groups import OF, OTHERS
from llmtop.live.tally import Tally
from llmtop.span import Span

MOST_GROUPS = 100_000
"""The calls of further ones are summed up together, as `OTHERS`."""

BY: Mapping[str, Callable[[Span], str | None]] = {
    **{name: OF[name] for name in ("model", "provider", "operation", "user", "session", "agent")},
    "status": lambda span: span.status,
    "day": lambda span: time.strftime("%Y-%m-%d", time.gmtime(span.start)),
}
"""What calls can be summed up by."""
TOTAL_FIELDS = (
    "calls", "errors", "prompt_tokens", "completion_tokens", "total_tokens", "cache_read_tokens",
    "cache_write_tokens", "reasoning_tokens", "estimated_cost", "unpriced_calls",
    "p50_latency_ms", "p95_latency_ms", "p99_latency_ms", "p50_ttft_ms",
)  # fmt: skip


Found = dict[str | None, Tally]
"""What the calls of each group add up to; `None` stands for calls that tell no such thing."""


def tally_of(found: Found, name: str | None) -> Tally:
    """The tally of a group, or that of the others when there are too many groups."""
    tally = found.get(name)
    if tally is None:
        if len(found) >= MOST_GROUPS:
            name = OTHERS
        tally = found.setdefault(name, Tally())
    return tally


def merge(found: Found, others: Found) -> None:
    """Add what other calls add up to."""
    for name, tally in others.items():
        tally_of(found, name).merge(tally)


def totals(calls: Iterable[Span], by: str) -> Iterator[dict[str, Any]]:
    """One row a group, the dearest first."""
    key = BY[by]
    found: Found = {}
    for span in calls:
        tally_of(found, key(span)).add(span)
    return rows_of(found, by)


def rows_of(found: Found, by: str) -> Iterator[dict[str, Any]]:
    """One row a group, the dearest first."""
    rows = [_row(by, name, tally) for name, tally in found.items()]
    if by == "day":
        rows.sort(key=lambda row: str(row[by]))
    else:
        rows.sort(key=lambda row: (-(row["estimated_cost"] or 0.0), -row["calls"], str(row[by])))
    return iter(rows)


def _row(by: str, name: str | None, tally: Tally) -> dict[str, Any]:
    figures = tally.figures()
    latency, ttft = figures.latency, figures.ttft
    return {
        by: name,
        "calls": figures.calls,
        "errors": figures.errors,
        "prompt_tokens": figures.input_tokens,
        "completion_tokens": figures.output_tokens,
        "total_tokens": plus(figures.input_tokens, figures.output_tokens),
        "cache_read_tokens": figures.cache_read_tokens,
        "cache_write_tokens": figures.cache_write_tokens,
        "reasoning_tokens": figures.reasoning_tokens,
        "estimated_cost": figures.cost,
        "unpriced_calls": figures.unpriced_calls,
        "p50_latency_ms": milliseconds(latency.p50 if latency else None),
        "p95_latency_ms": milliseconds(latency.p95 if latency else None),
        "p99_latency_ms": milliseconds(latency.p99 if latency else None),
        "p50_ttft_ms": milliseconds(ttft.p50 if ttft else None),
    }
