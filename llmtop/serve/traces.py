"""`/v1/traces/{trace_id}`: one trace with all that is known of its spans."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from msgspec import Struct, structs

from llmtop.decode.timestamps import iso
from llmtop.filter import status_of
from llmtop.history.groups import trace_of
from llmtop.history.record import milliseconds
from llmtop.live import trace_tree
from llmtop.live.span_index import Trace
from llmtop.live.view import TraceView
from llmtop.payload import Payload
from llmtop.serve.monitor import Monitor
from llmtop.serve.store import Payloads, Store, beyond
from llmtop.span import Span

MOST_SPANS = 5_000
"""Spans of one trace in an answer."""
LONGEST_S = 86_400.0
"""What is missing of a trace is looked for so long (seconds) before what is known of it."""
MOST_READ = 20_000
"""Spans of one trace that are taken from the store; more are counted."""


class SpanAnswer(Struct, frozen=True):
    """One span; what nobody told is `None`. Costs and tokens are of the span alone."""

    span_id: str
    parent_id: str | None
    name: str | None
    operation: str
    start_time: str
    end_time: str | None
    duration_ms: float | None
    status: str
    """`ok`, `error`, `cancelled`, `running` or `lost`."""
    error: str | None
    error_type: str | None
    provider: str | None
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost: float | None
    """US dollars."""
    ttft_ms: float | None
    user_id: str | None
    session_id: str | None
    attributes: dict[str, Any]
    events: list[dict[str, Any]]


class TraceAnswer(Struct, frozen=True):
    """One trace, its spans in the order of its tree."""

    trace_id: str
    start_time: str
    end_time: str | None
    """`None` while something runs."""
    duration_ms: float | None
    calls: int
    errors: int
    input_tokens: int | None
    output_tokens: int | None
    cost: float | None
    span_count: int
    """All spans of the trace, also those that are left out here."""
    spans: list[SpanAnswer]


def one(monitor: Monitor, store: Store, trace_id: str, limit: int) -> TraceAnswer | None:
    """A trace from memory, and from the store what memory has not, or not any more, of it."""
    tree = monitor.trace(trace_id)
    reach = store.reach(monitor, None if tree is None or _has_gaps(tree) else tree.start)
    if reach is None:
        return None if tree is None else _answer(monitor, tree, limit, monitor.payloads)
    held = [] if tree is None else [row.span for row in tree.rows]
    # One of which nothing is known may lie anywhere.
    begin = None if tree is None else tree.start - LONGEST_S
    with store.scan(lambda span: trace_of(span) == trace_id, begin=begin, kind="spans") as scan:
        spans = beyond(monitor, held, scan)
        stored = list(islice(spans, MOST_READ))
        if stored:
            beside = sum(1 for _ in spans)
            trace = Trace(trace_id, stored[0], [*stored[1:], *held], beside)
            tree = trace_tree.build(trace, monitor.now())
        if tree is None:
            return None
        return _answer(monitor, tree, limit, Payloads(monitor, scan, stored))


def _has_gaps(tree: TraceView) -> bool:
    return any(row.orphan for row in tree.rows)


def _answer(
    monitor: Monitor,
    tree: TraceView,
    limit: int,
    payloads: Callable[[list[Span]], list[Payload]],
) -> TraceAnswer:
    shown = [row.span for row in tree.rows[:limit]]
    answers = map(_span, shown, payloads(shown))
    return TraceAnswer(
        trace_id=tree.trace_id,
        start_time=iso(tree.start),
        end_time=None if tree.running else iso(tree.end),
        duration_ms=milliseconds(tree.end - tree.start),
        calls=tree.calls,
        errors=tree.errors,
        input_tokens=tree.input_tokens,
        output_tokens=tree.output_tokens,
        cost=tree.cost,
        span_count=tree.spans + tree.omitted,
        spans=[SpanAnswer(**monitor.shown(structs.asdict(each))) for each in answers],
    )


def _span(span: Span, payload: Payload) -> SpanAnswer:
    failure, series = span.failure, span.series
    return SpanAnswer(
        span_id=span.span_id,
        parent_id=span.parent_id,
        name=span.name,
        operation=series.operation,
        start_time=iso(span.start),
        end_time=None if span.end is None else iso(span.end),
        duration_ms=milliseconds(span.latency),
        status=status_of(span),
        error=(failure.message or failure.type) if failure is not None else None,
        error_type=failure.type if failure is not None else None,
        provider=series.provider,
        model=series.model,
        input_tokens=span.input_tokens,
        output_tokens=span.output_tokens,
        cost=span.cost,
        ttft_ms=milliseconds(span.ttft),
        user_id=span.user_id,
        session_id=span.session_id,
        attributes=payload.attributes,
        events=[
            {
                "name": event.name,
                "time": None if event.time is None else iso(event.time),
                "attributes": event.attributes,
            }
            for event in payload.events
        ],
    )
