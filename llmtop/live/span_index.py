"""The span index: every span that is kept, by id, by request and by trace, oldest first out."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator

from msgspec import Struct

from llmtop.span import Flag, Fragment, Span

MOST_SPANS_PER_TRACE = 20_000
"""Spans of one trace that are kept; beyond it the oldest ended ones leave."""
_AGE_S = 30
_EVICTED = int(Flag.EVICTED)
_OPENED = int(Flag.OPENED)
_RUNNING = int(Flag.ENDED | Flag.LOST)
_REMEMBERED = 100_000
"""How many evicted ids are remembered, twice, so that what comes late is not counted again."""


class Trace(Struct, gc=False, eq=False):
    """The spans of one trace id that are kept."""

    trace_id: str
    first: Span
    """The first span that came: most traces of plain logs have no other."""
    rest: list[Span] | None = None
    omitted: int = 0
    """Spans that were seen and are not kept."""
    version: int = 0

    def spans(self) -> list[Span]:
        """All spans kept, in the order they came."""
        return [self.first, *self.rest] if self.rest else [self.first]


class SpanIndex:
    """Finds spans and bounds how many there are; `forget` is told of each one that leaves."""

    def __init__(self, most_spans: int, forget: Callable[[Span], None]) -> None:
        self.most_spans = most_spans
        self.evicted = 0
        self.newest_evicted: float | None = None
        """The latest start (seconds since the epoch) of a span that left."""
        self.traces: dict[str, Trace] = {}
        self.traces_seen = 0
        self._forget = forget
        self._by_id: dict[str, Span] = {}
        self._by_request: dict[str, Span] = {}
        self._ages: dict[int, list[Span | Trace]] = {}
        self._age_heap: list[int] = []
        self._unopened: deque[Span] = deque()
        self._most_unopened = most_spans // 64
        self._reused: dict[str, list[str]] = {}
        self._gone: set[int] = set()
        self._gone_before: set[int] = set()

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Span]:
        return iter(self._by_id.values())

    def get(self, key: str) -> Span | None:
        """The span of an id (or of a request id, where that is all that is known)."""
        return self._by_id.get(key) or self._by_request.get(key)

    def find(self, fragment: Fragment, key: str) -> Span | None:
        """The span that a fragment tells about, or `None` when it is the first to do so."""
        span = self._by_id.get(key)
        if span is None:
            request = fragment.request_id
            if request is None:
                return None
            span = self._by_request.get(request)
            if span is None and request != key:
                span = self._by_id.get(request)
            return span
        trace_id = fragment.trace_id
        if trace_id is not None and span.trace_id is not None and span.trace_id != trace_id:
            return self._by_id.get(f"{trace_id}/{key}")
        return span

    def free_key(self, fragment: Fragment, key: str) -> str:
        """The id under which a new span is kept: its own, unless another trace's span has it."""
        if key not in self._by_id:
            return key
        return f"{fragment.trace_id}/{key}"

    def another_key(self, key: str, first: Span) -> str:
        """A new id for a call whose request id another call bears too."""
        keys = self._reused.setdefault(key, [first.span_id])
        keys.append(f"{key}#{len(keys) + 1}")
        return keys[-1]

    def bearing(self, key: str, first: Span) -> list[Span]:
        """The kept calls that bear one request id."""
        keys = self._reused.get(key)
        if keys is None:
            return [first]
        return [self._by_id[each] for each in keys if each in self._by_id]

    def twin(self, span: Span, request_id: str) -> Span | None:
        """Another span that holds the other half of the call with this request id."""
        if request_id in self._reused:
            return None
        other = self._by_request.get(request_id) or self._by_id.get(request_id)
        return None if other is span else other

    def rename(self, span: Span, span_id: str) -> None:
        """Keep a span, so far known by its request id alone, under its own id."""
        del self._by_id[span.span_id]
        span.request_id = span.span_id
        span.span_id = span_id
        self._by_id[span_id] = span
        self._by_request[span.request_id] = span

    def was_evicted(self, key: str, request_id: str | None) -> bool:
        """Whether a span with one of these ids was kept once, as far as that is remembered."""
        return self._left(key) or (request_id is not None and self._left(request_id))

    def _left(self, name: str | tuple[str, str]) -> bool:
        known = hash(name)
        return known in self._gone or known in self._gone_before

    def _remember(self, name: str | tuple[str, str]) -> None:
        if len(self._gone) >= _REMEMBERED:
            self._gone_before, self._gone = self._gone, set()
        self._gone.add(hash(name))

    def add(self, span: Span) -> None:
        """Keep a new span."""
        self._by_id[span.span_id] = span
        if span.request_id is not None and span.request_id != span.span_id:
            self._by_request[span.request_id] = span
        trace_id = span.trace_id
        if trace_id is None:
            self._age(span, span.start)
        else:
            self._join_trace(span, trace_id)

    def learned(self, span: Span, had_request: str | None, had_trace: str | None) -> None:
        """Note the ids that a merge told of a span for the first time."""
        if had_request is None and span.request_id not in (None, span.span_id):
            self._by_request[str(span.request_id)] = span
        if span.trace_id is not None:
            if had_trace is None:
                self._join_trace(span, span.trace_id)
            else:
                self.changed(span)

    def changed(self, span: Span) -> None:
        """Note that a span is not what its trace's last picture showed."""
        trace = self.traces.get(span.trace_id) if span.trace_id is not None else None
        if trace is not None:
            trace.version += 1

    def _join_trace(self, span: Span, trace_id: str) -> None:
        trace = self.traces.get(trace_id)
        if trace is None:
            trace = self.traces[trace_id] = Trace(trace_id, span)
            if not (self.evicted and self._left(("trace", trace_id))):
                self.traces_seen += 1
            self._age(trace, span.start)
            return
        trace.version += 1
        span.trace_id = trace.trace_id
        rest = trace.rest
        if rest is None:
            trace.rest = [span]
            return
        rest.append(span)
        if len(rest) > MOST_SPANS_PER_TRACE + MOST_SPANS_PER_TRACE // 10:
            self._thin(trace, rest)

    def _thin(self, trace: Trace, rest: list[Span]) -> None:
        surplus = len(rest) - MOST_SPANS_PER_TRACE
        kept = []
        for span in rest:
            if surplus > 0 and span.flags & _RUNNING:
                surplus -= 1
                trace.omitted += 1
                self._drop(span)
            else:
                kept.append(span)
        if surplus > 0:
            for span in kept[:surplus]:
                trace.omitted += 1
                self._drop(span)
            del kept[:surplus]
        trace.rest = kept

    def remove(self, span: Span) -> None:
        """Take a span out that turned out to be the same as another."""
        self._by_id.pop(span.span_id, None)
        if span.request_id is not None and self._by_request.get(span.request_id) is span:
            del self._by_request[span.request_id]
        span.flags |= _EVICTED
        trace = self.traces.get(span.trace_id) if span.trace_id else None
        if trace is None:
            return
        trace.version += 1
        left = [other for other in trace.spans() if other is not span]
        if left:
            trace.first, trace.rest = left[0], left[1:] or None
        else:
            del self.traces[trace.trace_id]

    @property
    def surplus(self) -> int:
        """How many spans there are above the bound, once they are enough to let some go."""
        surplus = len(self._by_id) - self.most_spans
        return surplus if surplus > self.most_spans // 256 else 0

    def evict(self) -> None:
        """Let the oldest ended traces go until the bound holds; running ones only if they must."""
        surplus = self.surplus
        while surplus > 0 and self._age_heap:
            age = heapq.heappop(self._age_heap)
            entries = self._ages.pop(age)
            last = not self._age_heap
            most = 2 * surplus if last else len(entries)
            held, surplus = self._leave_some(entries, age, surplus, most)
            if surplus > 0 and last:
                # As good as all have to stay, but not all can.
                _, surplus = self._leave_some(held, age, surplus, 0, forced=True)
            if entries:
                self._put(age, entries)
            if held:
                self._put(max(self._ages, default=age), held)

    def _leave_some(
        self,
        entries: list[Span | Trace],
        age: int,
        surplus: int,
        most: int,
        *,
        forced: bool = False,
    ) -> tuple[list[Span | Trace], int]:
        """Let entries go, what came first first; gives those that stay, and what is left to do.

        What was looked at is no more among the entries; when `most` have to stay, it is given up.
        """
        held: list[Span | Trace] = []
        entries.reverse()
        while entries and surplus > 0 and len(held) <= most:
            entry = entries.pop()
            left = self._leave(entry, age, forced)
            if left is None:
                held.append(entry)
            else:
                surplus -= left
        entries.reverse()
        return held, surplus

    def _leave(self, entry: Span | Trace, age: int, forced: bool) -> int | None:
        """How many spans left with an entry, or `None` when it has to stay for now."""
        if isinstance(entry, Span):
            if entry.flags & _EVICTED or entry.trace_id is not None:
                return 0
            if not forced and not entry.flags & _RUNNING:
                return None
            if not entry.flags & _OPENED and not forced:
                return self._spare(entry)
            self._drop(entry)
            return 1
        if self.traces.get(entry.trace_id) is not entry:
            return 0
        spans = entry.spans()
        if not forced and any(
            not span.flags & _RUNNING or int(span.start) // _AGE_S > age for span in spans
        ):
            return None
        del self.traces[entry.trace_id]
        self._remember(("trace", entry.trace_id))
        for span in spans:
            self._drop(span)
        return len(spans)

    def _spare(self, span: Span) -> int:
        """Keep an end whose opening may still come; how many that waited longer left for it.

        A log that is read backwards, block by block, tells many an end before its opening.
        """
        self._unopened.append(span)
        if len(self._unopened) <= self._most_unopened:
            return 0
        longest = self._unopened.popleft()
        if longest.flags & _EVICTED or longest.trace_id is not None:
            return 0
        self._drop(longest)
        return 1

    def _drop(self, span: Span) -> None:
        self.evicted += 1
        if self.newest_evicted is None or span.start > self.newest_evicted:
            self.newest_evicted = span.start
        span.flags |= _EVICTED
        self._by_id.pop(span.span_id, None)
        request = span.request_id
        if request is not None and self._by_request.get(request) is span:
            del self._by_request[request]
        self._remember(span.span_id)
        if request is not None and request != span.span_id:
            # The other half of the call may bear this id alone.
            self._remember(request)
        self._forget(span)

    def _age(self, entry: Span | Trace, start: float) -> None:
        age = int(start) // _AGE_S
        entries = self._ages.get(age)
        if entries is None:
            self._put(age, [entry])
        else:
            entries.append(entry)

    def _put(self, age: int, entries: list[Span | Trace]) -> None:
        waiting = self._ages.get(age)
        if waiting is None:
            self._ages[age] = entries
            heapq.heappush(self._age_heap, age)
        else:
            waiting.extend(entries)
