"""Spans summed up by trace or by session, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Struct, msgpack, to_builtins

from llmtop.decode.timestamps import iso
from llmtop.emit.encode import plain
from llmtop.filter import Filter
from llmtop.history.sorted_rows import Key, sorted_rows
from llmtop.span import Flag, Span

MOST_GROUPS = 50_000
"""Groups that are summed up in memory at a time."""
_MOST_NAMED = 20
"""Models, and traces of a session, that are named."""
_UNTIMED = int(Flag.UNTIMED)


class Group(Struct):
    """What some spans of one trace or session add up to; unknown figures are `None`."""

    key: str
    start: float | None = None
    """Seconds since the epoch, as is `end`."""
    end: float | None = None
    spans: int = 0
    calls: int = 0
    errors: int = 0
    running: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None
    models: list[str] = []
    traces: list[str] = []
    """Of a session."""
    name: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    rooted: float | None = None
    """When the span began that gave the name."""
    matched: bool = False
    """Whether a span of the group passed the filter."""

    def add(self, span: Span, matched: bool) -> None:
        """Count a span."""
        self.spans += 1
        self.matched = self.matched or matched
        if not span.flags & _UNTIMED:
            self._cover(span.start, span.end)
        if span.failed:
            self.errors += 1
        if span.running:
            self.running += 1
        if span.parent_id is None and (self.rooted is None or span.start < self.rooted):
            self.name, self.rooted = span.name, span.start
        self.user_id = self.user_id or span.user_id
        self.session_id = self.session_id or span.session_id
        if span.trace_id is not None and span.trace_id != self.key:
            _note(self.traces, (span.trace_id,))
        if span.counted:
            self.calls += 1
            self.input_tokens = plus(self.input_tokens, span.input_tokens)
            self.output_tokens = plus(self.output_tokens, span.output_tokens)
            self.cost = plus(self.cost, span.cost)
            _note(self.models, (span.series.model,) if span.series.model else ())

    def merge(self, other: Group) -> None:
        """Add what other spans of the same group add up to."""
        self.spans += other.spans
        self.calls += other.calls
        self.errors += other.errors
        self.running += other.running
        self.matched = self.matched or other.matched
        self.input_tokens = plus(self.input_tokens, other.input_tokens)
        self.output_tokens = plus(self.output_tokens, other.output_tokens)
        self.cost = plus(self.cost, other.cost)
        if other.start is not None:
            self._cover(other.start, other.end)
        if other.rooted is not None and (self.rooted is None or other.rooted < self.rooted):
            self.name, self.rooted = other.name, other.rooted
        self.user_id = self.user_id or other.user_id
        self.session_id = self.session_id or other.session_id
        _note(self.models, other.models)
        _note(self.traces, other.traces)

    def _cover(self, start: float, end: float | None) -> None:
        self.start = start if self.start is None else min(self.start, start)
        last = start if end is None else end
        self.end = last if self.end is None else max(self.end, last)


def _note(names: list[str], others: Iterable[str]) -> None:
    for name in others:
        if name not in names and len(names) < _MOST_NAMED:
            names.append(name)


def plus(one: Any, other: Any) -> Any:
    """A sum of figures of which either may be unknown."""
    if one is None:
        return other
    return one if other is None else one + other


def grouped(
    spans: Iterable[Span],
    key: Callable[[Span], str | None],
    matches: Filter | None = None,
    most: int = MOST_GROUPS,
) -> Iterator[Group]:
    """The groups in which a span passes the filter, each summed up over all its spans."""

    def runs() -> Iterator[tuple[Key, bytes]]:
        held: dict[str, Group] = {}
        for span in spans:
            name = key(span)
            if name is None:
                continue
            group = held.get(name)
            if group is None:
                if len(held) >= most:
                    yield from _encoded(held)
                    held = {}
                group = held[name] = Group(name)
            group.add(span, matches is None or matches.matches(span))
        yield from _encoded(held)

    current: Group | None = None
    for row in sorted_rows(runs(), descending=False):
        group = msgpack.decode(row, type=Group)
        if current is not None and current.key == group.key:
            current.merge(group)
            continue
        if current is not None and current.matched:
            yield current
        current = group
    if current is not None and current.matched:
        yield current


def _encoded(groups: dict[str, Group]) -> Iterator[tuple[Key, bytes]]:
    for name, group in groups.items():
        try:
            encoded = msgpack.encode(group)
        except UnicodeEncodeError:
            # Logs hold halves of characters, and files cannot.
            encoded = msgpack.encode(plain(to_builtins(group)))
        yield (True, name.encode("utf-8", "replace")), encoded


def trace_of(span: Span) -> str:
    """The trace of a span; one without is a trace of its own."""
    return span.trace_id or span.span_id


def session_of(span: Span) -> str | None:
    """The session of a span, if any is told."""
    return span.session_id


TRACE_FIELDS = (
    "trace_id", "timestamp", "end_time", "name", "status", "spans", "calls", "errors", "models",
    "latency_ms", "prompt_tokens", "completion_tokens", "total_tokens", "estimated_cost",
    "session_id", "user_id",
)  # fmt: skip
SESSION_FIELDS = (
    "session_id", "timestamp", "end_time", "user_id", "calls", "errors", "models",
    "prompt_tokens", "completion_tokens", "total_tokens", "estimated_cost",
)  # fmt: skip


def row_of(group: Group, fields: tuple[str, ...]) -> dict[str, Any]:
    """A group as a flat record, with figures named as those of calls."""
    lasted = None
    if group.start is not None and group.end is not None:
        lasted = round((group.end - group.start) * 1000.0, 3)
    total = plus(group.input_tokens, group.output_tokens)
    told = {
        "trace_id": group.key,
        "session_id": group.session_id,
        "timestamp": None if group.start is None else iso(group.start),
        "end_time": None if group.end is None else iso(group.end),
        "name": group.name,
        "status": "error" if group.errors else "running" if group.running else "ok",
        "spans": group.spans,
        "calls": group.calls,
        "errors": group.errors,
        "models": group.models,
        "latency_ms": lasted,
        "prompt_tokens": group.input_tokens,
        "completion_tokens": group.output_tokens,
        "total_tokens": total,
        "estimated_cost": group.cost,
        "user_id": group.user_id,
    }
    return {field: told[field] for field in fields}
