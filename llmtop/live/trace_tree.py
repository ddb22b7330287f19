"""Builds the tree of one trace: depth first, children by start, sums rolled up to every row."""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct

from llmtop.live.span_index import Trace
from llmtop.live.view import DRAWN_DEPTH, TraceRow, TraceView
from llmtop.span import Flag, Span

Number = TypeVar("Number", int, float)
_LOWER_BOUND = int(Flag.LOWER_BOUND)


class _Node(Struct, gc=False):
    """A row while its sums are being added up."""

    span: Span
    above: int
    """Index of the parent's node, or -1 for a root."""
    depth: int
    children: int
    last: bool
    ancestors_last: tuple[bool, ...]
    orphan: bool
    cost: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    errors: int = 0
    at_least: bool = False


def build(trace: Trace, now: float) -> TraceView:
    """The tree as it stands at `now` (seconds since the epoch)."""
    spans = trace.spans()
    parents = _parents(trace.trace_id, spans)
    children: dict[int, list[Span]] = {}
    roots: list[Span] = []
    for span in spans:
        parent = parents.get(id(span))
        (roots if parent is None else children.setdefault(id(parent), [])).append(span)
    for siblings in children.values():
        siblings.sort(key=_begun)
    roots.sort(key=_begun)
    nodes: list[_Node] = []
    seen: set[int] = set()
    _descend(roots, children, parents, nodes, seen)
    if len(nodes) < len(spans):
        _open_loops(spans, children, parents, nodes, seen)
    _roll_up(nodes)
    return _view(trace, nodes, now)


def _begun(span: Span) -> float:
    return span.start


def _parents(trace_id: str, spans: list[Span]) -> dict[int, Span]:
    """The parent of each span that has one among the others, by the child's identity."""
    prefix = f"{trace_id}/"
    named: dict[str, Span] = {}
    for span in spans:
        named.setdefault(span.span_id.removeprefix(prefix), span)
    for span in spans:
        if span.request_id is not None:
            named.setdefault(span.request_id, span)
    found: dict[int, Span] = {}
    for span in spans:
        if span.parent_id is not None:
            parent = named.get(span.parent_id)
            if parent is not None and parent is not span:
                found[id(span)] = parent
    return found


def _descend(
    roots: list[Span],
    children: dict[int, list[Span]],
    parents: dict[int, Span],
    nodes: list[_Node],
    seen: set[int],
) -> None:
    """Append the nodes below some roots; a stack of its own, since traces can be very deep."""
    waiting: list[tuple[Span, int, bool]] = [
        (root, -1, root is roots[-1]) for root in reversed(roots)
    ]
    while waiting:
        span, above, last = waiting.pop()
        if id(span) in seen:
            continue
        seen.add(id(span))
        below = children.get(id(span), [])
        parent = nodes[above] if above >= 0 else None
        ancestors: tuple[bool, ...] = ()
        if parent is not None:
            ancestors = parent.ancestors_last
            if len(ancestors) < DRAWN_DEPTH:
                ancestors = (*ancestors, parent.last)
        orphan = parent is None and span.parent_id is not None and id(span) not in parents
        depth = 0 if parent is None else parent.depth + 1
        nodes.append(_Node(span, above, depth, len(below), last, ancestors, orphan))
        here = len(nodes) - 1
        waiting.extend((child, here, child is below[-1]) for child in reversed(below))


def _open_loops(
    spans: list[Span],
    children: dict[int, list[Span]],
    parents: dict[int, Span],
    nodes: list[_Node],
    seen: set[int],
) -> None:
    """Show spans whose parents lead back to themselves: the earliest of a loop is its root."""
    for span in sorted(spans, key=_begun):
        if id(span) not in seen:
            on_way: set[int] = set()
            member = span
            while id(member) not in on_way:
                on_way.add(id(member))
                member = parents[id(member)]
            loop = [member]
            while parents[id(loop[-1])] is not member:
                loop.append(parents[id(loop[-1])])
            root = min(loop, key=_begun)
            root.flags |= Flag.LOOP
            _descend([root], children, parents, nodes, seen)


def _roll_up(nodes: list[_Node]) -> None:
    for node in reversed(nodes):
        span = node.span
        node.errors += span.failed
        if span.counted:
            node.cost = plus(node.cost, span.cost)
            node.input_tokens = plus(node.input_tokens, span.input_tokens)
            node.output_tokens = plus(node.output_tokens, span.output_tokens)
            node.at_least = node.at_least or _priced_in_part(span)
        if node.above >= 0:
            parent = nodes[node.above]
            parent.errors += node.errors
            parent.cost = plus(parent.cost, node.cost)
            parent.input_tokens = plus(parent.input_tokens, node.input_tokens)
            parent.output_tokens = plus(parent.output_tokens, node.output_tokens)
            parent.at_least = parent.at_least or node.at_least


def _priced_in_part(span: Span) -> bool:
    """Whether a counted call costs more than its span says, or may do so."""
    if span.flags & _LOWER_BOUND:
        return True
    told = span.input_tokens is not None or span.output_tokens is not None
    return told and span.cost is None and not span.running


def plus(one: Number | None, other: Number | None) -> Number | None:
    """The sum of what is known of two figures."""
    if one is None:
        return other
    return one if other is None else one + other


def _view(trace: Trace, nodes: list[_Node], now: float) -> TraceView:
    roots = [node for node in nodes if node.above < 0]
    running = sum(node.span.running for node in nodes)
    cost: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    for root in roots:
        cost = plus(cost, root.cost)
        input_tokens = plus(input_tokens, root.input_tokens)
        output_tokens = plus(output_tokens, root.output_tokens)
    start = min(node.span.start for node in nodes)
    end = max(
        node.span.start if node.span.end is None else max(node.span.start, node.span.end)
        for node in nodes
    )
    return TraceView(
        trace_id=trace.trace_id,
        rows=tuple(
            TraceRow(
                node.span,
                node.depth,
                node.children,
                node.last,
                node.ancestors_last,
                node.orphan,
                node.cost,
                node.input_tokens,
                node.output_tokens,
                node.errors,
                node.at_least,
            )
            for node in nodes
        ),
        start=start,
        end=max(end, now) if running else end,
        running=running,
        cost=cost,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        calls=sum(node.span.counted for node in nodes),
        errors=sum(root.errors for root in roots),
        spans=len(nodes),
        omitted=trace.omitted,
        at_least=any(root.at_least for root in roots),
    )
