"""`/v1/traces`: one trace with all that is known of its spans, and the list of traces."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import nlargest
from typing import Any

from msgspec import Struct, structs

from llmtop.decode.timestamps import iso
from llmtop.filter import Filter, status_of
from llmtop.live import trace_tree
from llmtop.live.span_index import Trace
from llmtop.live.view import TraceRow, TraceView
from llmtop.payload import Payload
from llmtop.serve.cursor import Cursor
from llmtop.serve.logs import Range
from llmtop.serve.monitor import Monitor
from llmtop.serve.store import Store
from llmtop.span import Span

MOST_SPANS = 5_000
"""Spans of one trace in an answer."""


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
    duration_ms: float
    calls: int
    errors: int
    input_tokens: int | None
    output_tokens: int | None
    cost: float | None
    span_count: int
    """All spans of the trace, also those that are left out here."""
    spans: list[SpanAnswer]


class TraceLine(Struct, frozen=True):
    """One trace of the list."""

    trace_id: str
    name: str | None
    """Of its first root."""
    start_time: str
    end_time: str | None
    duration_ms: float
    span_count: int
    calls: int
    errors: int
    input_tokens: int | None
    output_tokens: int | None
    cost: float | None


class TracePage(Struct, frozen=True):
    """Some traces, the newest first."""

    traces: list[TraceLine]
    count: int
    next: str | None


def one(monitor: Monitor, store: Store, trace_id: str, limit: int) -> TraceAnswer | None:
    """A trace from memory, or from the store where memory has nothing of it."""
    tree = monitor.trace(trace_id)
    if tree is not None:
        return _answer(monitor, tree, limit, monitor.payloads)
    if store.reach(monitor) is None:
        return None
    with store.scan(lambda span: span.trace_id == trace_id, kind="spans") as scan:
        tree = _tree(trace_id, scan, monitor.now())
        if tree is None:
            return None
        return _answer(monitor, tree, limit, lambda spans: [*map(scan.payload, spans)])


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
        duration_ms=_ms(tree.end - tree.start),
        calls=tree.calls,
        errors=tree.errors,
        input_tokens=tree.input_tokens,
        output_tokens=tree.output_tokens,
        cost=tree.cost,
        span_count=tree.spans + tree.omitted,
        spans=[SpanAnswer(**monitor.shown(structs.asdict(each))) for each in answers],
    )


def _tree(trace_id: str, spans: Iterable[Span], now: float) -> TraceView | None:
    found = list(spans)
    if not found:
        return None
    return trace_tree.build(Trace(trace_id, found[0], found[1:] or None), now)


def _span(span: Span, payload: Payload) -> SpanAnswer:
    failure, series = span.failure, span.series
    return SpanAnswer(
        span_id=span.span_id,
        parent_id=span.parent_id,
        name=span.name,
        operation=series.operation,
        start_time=iso(span.start),
        end_time=None if span.end is None else iso(span.end),
        duration_ms=None if span.latency is None else _ms(span.latency),
        status=status_of(span),
        error=(failure.message or failure.type) if failure is not None else None,
        error_type=failure.type if failure is not None else None,
        provider=series.provider,
        model=series.model,
        input_tokens=span.input_tokens,
        output_tokens=span.output_tokens,
        cost=span.cost,
        ttft_ms=None if span.ttft is None else _ms(span.ttft),
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


def _ms(seconds: float) -> float:
    return round(seconds * 1000.0, 3)


def page(monitor: Monitor, asked: Range, matches: Filter | None, limit: int) -> TracePage:
    """One page of the traces in memory, by the start of the span that was told first."""
    traces = monitor.look(lambda pump: list(pump.live.index.traces.values()))

    def wanted(trace: Trace) -> bool:
        place = _order(trace)
        return (
            (asked.begin is None or place.moment >= asked.begin)
            and (asked.end is None or place.moment <= asked.end)
            and (asked.after is None or place < asked.after)
            and (matches is None or any(matches.matches(span) for span in trace.spans()))
        )

    found = nlargest(limit + 1, monitor.through(traces, wanted), key=_order)
    trees = monitor.traces([trace.trace_id for trace in found[:limit]])
    lines = [_line(tree) for tree in trees]
    more = _order(found[limit - 1]).written() if len(found) > limit else None
    return TracePage(lines, len(lines), more)


def _order(trace: Trace) -> Cursor:
    return Cursor(trace.first.start, trace.trace_id)


def _line(tree: TraceView) -> TraceLine:
    root: TraceRow = tree.rows[0]
    return TraceLine(
        trace_id=tree.trace_id,
        name=root.span.name or root.span.series.model,
        start_time=iso(tree.start),
        end_time=None if tree.running else iso(tree.end),
        duration_ms=_ms(tree.end - tree.start),
        span_count=tree.spans + tree.omitted,
        calls=tree.calls,
        errors=tree.errors,
        input_tokens=tree.input_tokens,
        output_tokens=tree.output_tokens,
        cost=tree.cost,
    )
