"""The critical path of a trace: which spans its duration is made of, from its end back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from llmtop.live.view import TraceRow, TraceView

ROUNDING_S = 0.001
"""A step may end so much after the next one begins: many records tell whole milliseconds."""


class Section(Struct, frozen=True):
    """A stretch of the trace's time, and the span that it was spent in."""

    start: float
    """Seconds since the epoch."""
    end: float
    row: int
    """Index of the span's row in the trace; -1 where nothing that is known went on."""


class CriticalPath(Struct, frozen=True):
    """The sections cover the trace from start to end, one after the other."""

    sections: tuple[Section, ...]
    self_times: Mapping[int, float]
    """For every row on the path: seconds of the path spent in the span itself, not below it."""
    length: float
    """Seconds; the trace's duration."""
    unknown: float
    """Seconds of the path in which nothing that is known went on."""

    def of(self, row: int) -> Sequence[Section]:
        """The sections of a row."""
        return [section for section in self.sections if section.row == row]


class _Node(Struct):
    """A span and all below it, as a stretch of time; children may begin before it or outlive it."""

    row: int
    start: float
    end: float
    """Of the span itself."""
    begin: float
    last: float
    """Of the span and everything below it."""
    children: list[_Node] = []


class _Walk(Struct):
    """How far back a span has been walked."""

    node: _Node
    at: float
    """What is later is on the path already."""


def critical_path(trace: TraceView) -> CriticalPath:
    """Walk back from the trace's end, as Jaeger does.

    A span waits for the child that ends last; before that one began, for the one that had ended
    last by then; what is left is its own. A child that outlives its parent still holds up the
    trace. Running spans end at the trace's end; of spans with wrong clocks only the start counts.
    """
    root = _tree(trace)
    sections: list[Section] = []
    self_times: dict[int, float] = {}
    walks = [_Walk(root, root.last)]
    while walks:
        walk = walks[-1]
        node = walk.node
        self_times.setdefault(node.row, 0.0)
        child = _waited_for(node, walk.at)
        begin = node.begin if child is None else min(child.last, walk.at)
        for section in _own(node, begin, walk.at):
            sections.append(section)
            time = section.end - section.start
            self_times[section.row] = self_times.get(section.row, 0.0) + time
        if child is None:
            walks.pop()
        else:
            walk.at = child.begin
            walks.append(_Walk(child, begin))
    unknown = self_times.pop(-1, 0.0)
    return CriticalPath(tuple(reversed(sections)), self_times, root.last - root.begin, unknown)


def _tree(trace: TraceView) -> _Node:
    """The trace's rows as nodes below one that is the trace itself, and is nothing of its own."""
    root = _Node(-1, trace.start, trace.start, trace.start, trace.start)
    root.last = max(trace.end, trace.start)
    nodes = [_node(number, row, trace.end) for number, row in enumerate(trace.rows)]
    path = [root]
    for node, row in zip(nodes, trace.rows, strict=True):
        del path[row.depth + 1 :]
        path[-1].children.append(node)
        path.append(node)
    parents = {id(child): node for node in nodes for child in node.children}
    for node in reversed(nodes):
        parent = parents.get(id(node), root)
        parent.begin = min(parent.begin, node.begin)
        parent.last = max(parent.last, node.last)
    for node in (root, *nodes):
        node.children.sort(key=_last)
    return root


def _node(number: int, row: TraceRow, trace_end: float) -> _Node:
    span = row.span
    end = span.start
    if span.running:
        end = max(span.start, trace_end)
    elif span.latency is not None:
        end = span.start + max(0.0, span.latency)
    return _Node(number, span.start, end, span.start, end)


def _last(node: _Node) -> float:
    return node.last


def _waited_for(node: _Node, at: float) -> _Node | None:
    """The child that had ended last by a moment; those that end later are done with."""
    children = node.children
    while children:
        child = children.pop()
        if child.last <= at + ROUNDING_S and child.begin < min(child.last, at):
            return child
    return None


def _own(node: _Node, begin: float, end: float) -> Sequence[Section]:
    """A stretch that no child takes, the latest part first: the span's own where it went on."""
    start, past = max(begin, node.start), min(end, node.end)
    if node.row < 0 or start >= past:
        parts = [(begin, end, -1)]
    else:
        parts = [(past, end, -1), (start, past, node.row), (begin, start, -1)]
    return [Section(first, last, row) for first, last, row in parts if first < last]
