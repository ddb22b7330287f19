"""The list of `/v1/traces`: traces, the newest first, from memory and from the store."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nlargest
from itertools import chain

from msgspec import Struct

from llmtop.decode.timestamps import iso
from llmtop.filter import Filter
from llmtop.history.groups import Group, grouped
from llmtop.history.record import milliseconds
from llmtop.live.span_index import Trace
from llmtop.live.view import TraceRow, TraceView
from llmtop.serve.cursor import Cursor
from llmtop.serve.logs import Range
from llmtop.serve.monitor import Monitor
from llmtop.serve.store import Store, beyond
from llmtop.span import Span

AROUND_S = 3600.0
"""What began so long (seconds) before or after what is asked for may be a part of it."""


class TraceLine(Struct, frozen=True):
    """One trace of the list."""

    trace_id: str
    name: str | None
    """Of its first root."""
    start_time: str
    end_time: str | None
    """`None` while something runs."""
    duration_ms: float | None
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


def page(
    monitor: Monitor, store: Store, asked: Range, matches: Filter | None, limit: int
) -> TracePage:
    """One page, by the first start of a trace; from the store where memory does not reach."""
    traces = monitor.look(lambda pump: list(pump.live.index.traces.values()))

    def wanted(trace: Trace) -> bool:
        return asked.holds(_order(trace)) and (
            matches is None or any(matches.matches(span) for span in trace.spans())
        )

    found = nlargest(limit + 1, monitor.through(traces, wanted), key=_order)
    reach = store.reach(monitor, asked.begin)
    if reach is not None and not (len(found) > limit and _order(found[limit]).moment > reach):
        return _from_both(monitor, store, traces, asked, matches, limit, reach)
    trees = monitor.traces([trace.trace_id for trace in found[:limit]])
    lines = [_line(tree) for tree in trees]
    more = _order(found[limit - 1]).written() if len(found) > limit else None
    return TracePage(lines, len(lines), more)


def _order(trace: Trace) -> Cursor:
    return Cursor(min(span.start for span in trace.spans()), trace.trace_id)


def _from_both(
    monitor: Monitor,
    store: Store,
    traces: list[Trace],
    asked: Range,
    matches: Filter | None,
    limit: int,
    reach: float,
) -> TracePage:
    kept = list(chain.from_iterable(monitor.each(traces, lambda _, trace: trace.spans())))
    starts = {trace.trace_id: _order(trace).moment for trace in traces}

    def place(group: Group) -> Cursor:
        told = (group.start, starts.get(group.key))
        return Cursor(min(each for each in told if each is not None), group.key)

    last = asked.until(reach)
    with store.scan(
        _is_in_trace,
        begin=None if asked.begin is None else asked.begin - AROUND_S,
        until=None if last is None else last + AROUND_S,
        kind="spans",
    ) as scan:
        spans: Iterable[Span] = chain(kept, beyond(monitor, kept, scan))
        groups = grouped(spans, _trace_of, matches)
        found = nlargest(
            limit + 1, (group for group in groups if asked.holds(place(group))), key=place
        )
    lines = [_line_of(monitor, group, place(group).moment) for group in found[:limit]]
    more = place(found[limit - 1]).written() if len(found) > limit else None
    return TracePage(lines, len(lines), more)


def _is_in_trace(span: Span) -> bool:
    return span.trace_id is not None


def _trace_of(span: Span) -> str | None:
    return span.trace_id


def _line_of(monitor: Monitor, group: Group, start: float) -> TraceLine:
    tree = monitor.trace(group.key)
    if tree is not None and tree.spans == group.spans:
        return _line(tree)
    end = start if group.end is None else group.end
    return TraceLine(
        trace_id=group.key,
        name=group.name or next(iter(group.models), None),
        start_time=iso(start),
        end_time=None if group.running else iso(end),
        duration_ms=milliseconds((max(end, monitor.now()) if group.running else end) - start),
        span_count=group.spans,
        calls=group.calls,
        errors=group.errors,
        input_tokens=group.input_tokens,
        output_tokens=group.output_tokens,
        cost=group.cost,
    )


def _line(tree: TraceView) -> TraceLine:
    root: TraceRow = tree.rows[0]
    return TraceLine(
        trace_id=tree.trace_id,
        name=root.span.name or root.span.series.model,
        start_time=iso(tree.start),
        end_time=None if tree.running else iso(tree.end),
        duration_ms=milliseconds(tree.end - tree.start),
        span_count=tree.spans + tree.omitted,
        calls=tree.calls,
        errors=tree.errors,
        input_tokens=tree.input_tokens,
        output_tokens=tree.output_tokens,
        cost=tree.cost,
    )
