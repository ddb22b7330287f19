"""What is true now: applies fragments to spans, keeps every sum right, and hands out views."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import structs

from llmtop.filter import Filter
from llmtop.live import merge, reuse, trace_tree, view_builder
from llmtop.live.blind_calls import BlindCalls
from llmtop.live.doubles import Doubles
from llmtop.live.groups import Grouping
from llmtop.live.lens import Lens, Lenses
from llmtop.live.nesting import Nesting
from llmtop.live.rates import Rates, price
from llmtop.live.series import SeriesTable
from llmtop.live.span_index import SpanIndex, Trace
from llmtop.live.tally import Tally
from llmtop.live.view import Honest, Query, TraceView, View
from llmtop.live.watcher import Watcher
from llmtop.span import Flag, Fragment, Series, Span

_ENDED = int(Flag.ENDED)
_LOST = int(Flag.LOST)
_OVER = _ENDED | _LOST
_BAD_CLOCK = int(Flag.BAD_CLOCK)
_SETTLED = int(Flag.SETTLED)
_NESTED = int(Flag.NESTED)
_EVICTED = int(Flag.EVICTED)
_UNTIMED = int(Flag.UNTIMED)

MOST_UNSETTLED = 1_000
"""Spans that may wait to be counted: more would make the next view wait."""
BYTES_PER_SPAN = 900
"""A kept span with its strings and its places in the index, measured on agents' traces."""
CLOCK_SKEW_S = 60.0
"""An event further in the future than this does not move the newest event."""


class Live:
    """The one writer is `apply`; time is handed in, and nothing here waits, reads or draws."""

    def __init__(
        self,
        prices: Rates,
        *,
        max_calls: int = 200_000,
        max_memory: int | None = None,
        lost_after: float = 600.0,
        follow: bool = True,
        since: float | None = None,
    ) -> None:
        most = max(1, max_calls)
        if max_memory is not None:
            most = min(most, max(100, max_memory // BYTES_PER_SPAN))
        self.version = 0
        self.lost_after = lost_after
        self.follow = follow
        self.since = since
        self.duplicates = 0
        self.too_old = 0
        """Fragments that `since` left out."""
        self.bad_clocks = 0
        self.spans_seen = 0
        self.first_event: float | None = None
        self.last_event: float | None = None
        self.running: dict[str, Span] = {}
        self.index = SpanIndex(most, self._forgotten)
        self.series = SeriesTable()
        self.prices = prices
        self._priced = prices.ready
        self._lenses = Lenses()
        self._doubles = Doubles(self._unsettle, self.index.changed)
        self._nesting = Nesting(
            self.index, self._unsettle, self.index.changed, self._doubles.release
        )
        self._blind = BlindCalls(self.index, self._nesting, lambda span: price(span, prices))
        self._grouping = Grouping(self.watch, self.unwatch)
        self._unsettled: list[Span] = []
        self._flags: dict[int, int] = {}
        self._anonymous = 0
        self._saw_now = False
        self._arranged: tuple[tuple[object, ...], Sequence[Span]] = ((), ())
        self._view: tuple[tuple[object, ...], View] | None = None
        self._tree: tuple[tuple[object, ...], TraceView] | None = None

    @property
    def nested_calls(self) -> int:
        """Calls that other spans tell too, around them or beside: shown, not counted."""
        return self._nesting.nested + self._doubles.hidden

    def apply(self, fragments: Sequence[Fragment], now: float) -> None:
        """Take in what arrived; `now` is seconds since the epoch."""
        find = self.index.find
        for fragment in fragments:
            if self.since is not None and self._before_since(fragment):
                continue
            key = fragment.span_id or fragment.request_id or self._anonymous_key(fragment)
            span = find(fragment, key)
            if span is None:
                if self.index.evicted and self.index.was_evicted(key, fragment.request_id):
                    # The opening of a call whose end was read, and let go, before it is no copy.
                    self.duplicates += bool(fragment.flags & _ENDED)
                    continue
                self._begin(fragment, self.index.free_key(fragment, key), now)
            elif fragment.span_id is not None or reuse.plainly(span, fragment):
                self._change(span, fragment, now)
            else:
                self._change_one_of(span, fragment, key, now)
        if fragments:
            self.version += 1
            full = self.index.surplus > 0
            if full or len(self._unsettled) > MOST_UNSETTLED:
                self.settle()
            if full:
                self.index.evict()

    def settle(self) -> None:
        """Count the spans that are new or have changed, each once however often it did."""
        waiting, self._unsettled = self._unsettled, []
        every = self._lenses.every
        blind, again = self._blind, []
        for span in waiting:
            flags = span.flags
            if not flags & (_SETTLED | _EVICTED):
                if flags & _NESTED or blind.lent or span.input_tokens is None:
                    again += blind.look(span)
                    flags = span.flags
                flags |= _SETTLED
                # Many spans share the same flags, and one number for them.
                span.flags = self._flags.setdefault(flags, flags)
                if span.series.is_call:
                    for lens in every:
                        lens.enter(span)
        for span in again:
            self._unsettle(span)
            blind.clear(span)
        if again:
            self.settle()
            return
        for lens in every:
            lens.settled()

    def _unsettle(self, span: Span) -> None:
        """Take a span's figures back before it changes; they are counted anew when it settles."""
        if span.flags & _SETTLED:
            if span.series.is_call:
                for lens in self._lenses.every:
                    lens.leave(span)
            span.flags &= ~_SETTLED
            self._unsettled.append(span)

    def reconsider(self, span: Span, change: Callable[[], None]) -> None:
        """Let a filter change its mind about a span, in `change`: sums follow."""
        self._unsettle(span)
        change()
        self.version += 1

    def _anonymous_key(self, fragment: Fragment) -> str:
        if fragment.place >= 0:
            return f"@{fragment.place}"
        self._anonymous += 1
        return f"?{self._anonymous}"

    def _before_since(self, fragment: Fragment) -> bool:
        moment = fragment.end if fragment.end is not None else fragment.start
        if moment is None or self.since is None or moment >= self.since:
            return False
        self.too_old += 1
        return True

    def _change_one_of(self, span: Span, fragment: Fragment, key: str, now: float) -> None:
        """Change the call that a record tells of by an id that several calls may bear."""
        calls = self.index.bearing(key, span)
        chosen = reuse.choose(calls, fragment)
        if chosen is not None:
            self._change(chosen, fragment, now)
        else:
            self._begin(fragment, self.index.another_key(key, span), now)

    def _begin(self, fragment: Fragment, key: str, now: float) -> None:
        series = self.series.of(fragment)
        span = merge.first(fragment, key, series, now)
        if series.is_call:
            price(span, self.prices)
        self.spans_seen += 1
        self.index.add(span)
        flags = span.flags
        if not flags & _ENDED:
            self.running[key] = span
        if flags & _BAD_CLOCK:
            self.bad_clocks += 1
        self._unsettled.append(span)
        self._nesting.note(span)
        if fragment.scope is not None or fragment.response_id is not None:
            self._doubles.note(span, fragment)
        self._note_time(span, now)

    def _change(self, span: Span, fragment: Fragment, now: float) -> None:
        request = fragment.request_id
        if request is not None:
            if fragment.span_id not in (None, span.span_id) and span.span_id == request:
                self.running.pop(span.span_id, None)
                self.index.rename(span, str(fragment.span_id))
                if span.running:
                    self.running[span.span_id] = span
                self._nesting.note(span)
            twin = self.index.twin(span, request)
            if twin is not None:
                self._absorb(span, twin, now)
        old_series, old_parent = span.series, span.parent_id
        had_request, had_trace, had_flags = span.request_id, span.trace_id, span.flags
        if had_flags & _SETTLED:
            self._unsettle(span)
        if self._blind.lent:
            self._blind.forget(span)
        told_at_once = span.opened_at == span.ended_at >= 0
        if not merge.merge(span, fragment, self.series, now):
            # The first word of a span that comes after its last one is late, and no copy.
            self.duplicates += not told_at_once or bool(fragment.flags & _ENDED)
            return
        price(span, self.prices)
        if span.flags & _OVER:
            self.running.pop(span.span_id, None)
        if span.flags & _BAD_CLOCK and not had_flags & _BAD_CLOCK:
            self.bad_clocks += 1
        self.index.learned(span, had_request, had_trace)
        if span.series is not old_series or span.parent_id != old_parent:
            self._nesting.note(span)
        if fragment.scope is not None or fragment.response_id is not None:
            self._doubles.note(span, fragment)
        self._note_time(span, now)

    def _absorb(self, span: Span, twin: Span, now: float) -> None:
        """Join the two halves of one call that came under different ids."""
        self._take_out(twin)
        fragment = merge.as_fragment(twin)
        fragment.request_id = twin.request_id or twin.span_id
        self._change(span, fragment, now)

    def _take_out(self, span: Span) -> None:
        self._unsettle(span)
        self.running.pop(span.span_id, None)
        self.index.remove(span)
        self.spans_seen -= 1

    def _note_time(self, span: Span, now: float) -> None:
        if span.flags & _UNTIMED:
            return
        moment = span.start if span.end is None else span.end
        if moment > now + CLOCK_SKEW_S:
            return
        if self.last_event is None or moment > self.last_event:
            self.last_event = moment
        if self.first_event is None or span.start < self.first_event:
            self.first_event = span.start
        if moment > now - CLOCK_SKEW_S:
            self._saw_now = True

    def _forgotten(self, span: Span) -> None:
        every = self._lenses.every
        if self.running.pop(span.span_id, None) is not None:
            for lens in every:
                lens.leave(span)
            span.flags |= _LOST
            for lens in every:
                lens.enter(span)
        for lens in every:
            lens.evicted(span)

    def tick(self, now: float) -> None:
        """Let time pass: old calls in flight become lost, prices that were awaited are put in."""
        if not self._priced and self.prices.ready:
            self._priced = True
            self._reprice()
        limit = self.clock(now) - self.lost_after
        for span in [span for span in self.running.values() if span.start < limit]:
            self._unsettle(span)
            span.flags |= _LOST
            del self.running[span.span_id]
            self.index.changed(span)
            self.version += 1
        newest = self.last_event
        if newest is not None:
            self.settle()
            for lens in self._lenses.every:
                lens.forget_before(min(newest, now))

    def _reprice(self) -> None:
        for span in self.index:
            if span.cost is None and span.series.is_call:
                self._unsettle(span)
                price(span, self.prices)
                self.index.changed(span)
        self.version += 1

    @property
    def ends_now(self) -> bool:
        """Whether windows end now: something is followed and has told of the present."""
        return self.follow and (self._saw_now or self.last_event is None)

    def clock(self, now: float) -> float:
        """The moment at which windows end: now, or the newest event of an old log."""
        if self.ends_now or self.last_event is None:
            return now
        return self.last_event

    def look_through(self, matches: Filter | None) -> None:
        """Make a filter the one that views are for; its sums are built from the calls kept."""
        self.settle()
        if matches is None:
            self._lenses.look_through(self._lenses.all)
        elif self._lenses.current.filter != matches:
            lens = Lens(matches)
            lens.fill(self.index)
            self._lenses.look_through(lens)

    def watch(self, watcher: Watcher) -> None:
        """Keep a watcher up to date, beside the lens that views are for."""
        self.settle()
        watcher.fill(self.index)
        self._lenses.add(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """Let go of a watcher."""
        self._lenses.remove(watcher)

    def calls(self) -> list[Span]:
        """The calls that are kept, by their start, the oldest first: a list of its own."""
        self.settle()
        return list(self._lenses.all.calls.ordered())

    def totals(self) -> list[tuple[Series, Tally]]:
        """The sums of all ended and lost calls by series, as they stand. Not to be changed."""
        self.settle()
        sums = self._lenses.all.ledger.totals
        return [(self.series.by_number[number], tally) for number, tally in sums.items()]

    def view(self, query: Query, now: float, honest: Honest | None = None) -> View:
        """The snapshot for a query; `honest` brings the figures of what was read."""
        self.look_through(query.filter)
        key = (self.version, query, int(now), honest)
        if self._view is not None and self._view[0] == key:
            return structs.replace(self._view[1], now=now)
        groups = self._grouping.by(query.group, query.filter, evicted=self.index.evicted > 0)
        view = view_builder.build(
            self, self._lenses.current, query, now, self._rows(query), honest or Honest(), groups
        )
        self._view = (key, view)
        return view

    def _rows(self, query: Query) -> Sequence[Span]:
        key = (self.version, query.filter, query.sort, query.reverse)
        if self._arranged[0] != key:
            lens = self._lenses.current
            running = self.running_through(lens)
            self._arranged = (key, lens.calls.arranged(running, query.sort, query.reverse))
        return self._arranged[1]

    def running_through(self, lens: Lens) -> list[Span]:
        """The calls in flight that a lens sees."""
        return [span for span in self.running.values() if lens.sees(span)]

    def find(self, span_id: str) -> Span | None:
        """The kept span of an id or a request id."""
        return self.index.get(span_id)

    def retellings(self, span: Span) -> list[Span]:
        """Other kept spans that tell the call of this one: beside it, and around it."""
        return [*self._doubles.of(span), *self._nesting.around(span)]

    def trace_of(self, span: Span) -> str:
        """The id of a span's trace; a span without one is a trace of its own."""
        return span.trace_id or span.span_id

    def trace(self, trace_id: str, now: float) -> TraceView | None:
        """A trace as a tree, or `None` when nothing of it is kept."""
        trace = self.index.traces.get(trace_id)
        if trace is not None:
            key: tuple[object, ...] = (trace_id, id(trace.first), trace.version)
        else:
            span = self.index.get(trace_id)
            if span is None or span.trace_id is not None:
                return None
            trace = Trace(trace_id, span)
            key = (trace_id, id(span), self.version)
        now = self.clock(now)
        if self._tree is not None and self._tree[0] == key:
            tree = self._tree[1]
            return structs.replace(tree, end=max(tree.end, now)) if tree.running else tree
        tree = trace_tree.build(trace, now)
        self._tree = (key, tree)
        return tree

    def spans_of(self, trace_id: str) -> list[Span]:
        """The kept spans of a trace, in the order they came."""
        trace = self.index.traces.get(trace_id)
        return trace.spans() if trace is not None else []
