"""The monitor behind the service: the pump on one thread, and looks at it in between."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from llmtop.filter import Filter
from llmtop.live import view_builder
from llmtop.live.lens import Lens
from llmtop.live.view import WINDOWS, Query, SourceState, TraceView, View
from llmtop.payload import Payload
from llmtop.pump import Pump
from llmtop.serve.streams import Shown, Streams
from llmtop.serve.turns import Turns
from llmtop.span import Flag, Span

SLICE_S = 0.004
"""Seconds that the mover works before it lets others look."""
LOOK = 250
"""Spans that are looked at between two looks at the clock."""
LOOK_S = 0.002
"""Seconds that a turn takes in which many things are looked at."""
TICK_S = 1.0
MOST_UNREAD_S = 60.0
"""What ends is told after so long (seconds), though there are older logs still to be read."""
_EVICTED = int(Flag.EVICTED)
_DEAD = frozenset({"failed"})

Result = TypeVar("Result")
Thing = TypeVar("Thing")


class Monitor:
    """One thread moves; every other one takes a turn, and never a long one."""

    def __init__(self, pump: Pump, shown: Shown = dict) -> None:
        """Watch what `pump` moves; `shown` is what is told of a call's record or of a span."""
        self.shown = shown
        self.streams = Streams(shown)
        self.began = pump.now()
        """When the monitor began, in seconds since the epoch."""
        self._pump = pump
        self._turns = Turns()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._move, name="llmtop-mover", daemon=True)
        self._failure: str | None = None

    def start(self) -> None:
        """Begin to move what arrives."""
        self._thread.start()

    def close(self) -> None:
        """Move what has arrived, and let go of everything."""
        self._stopping.set()
        self.streams.close()
        if self._thread.is_alive():
            self._thread.join(10.0)
        self._pump.close()

    def _move(self) -> None:
        try:
            ticked = float("-inf")
            while not self._stopping.is_set():
                with self._turns:
                    more = self._pump.step(SLICE_S)
                    if not more or self.now() - self.began > MOST_UNREAD_S:
                        # What is in the logs already is history, and does not end now.
                        self.streams.attach(self._pump.live)
                    self.streams.pass_on(self._pump.live)
                    if time.monotonic() - ticked >= TICK_S:
                        ticked = time.monotonic()
                        self._pump.tick()
                    pause = 0.0 if more else self._pump.interval()
                if pause:
                    self._stopping.wait(min(pause, TICK_S))
        except Exception as error:
            # The service stays up to say that it is not: see `dead`.
            self._failure = f"What arrives is not read any more: {type(error).__name__}: {error}."

    def dead(self) -> tuple[str, ...]:
        """Sentences on what does not work, none if all does."""
        found = [
            f"{state.label}: {state.detail or state.state}"
            for state in self.sources()
            if state.state in _DEAD
        ]
        if self._failure is not None:
            found.insert(0, self._failure)
        elif not self._thread.is_alive() and not self._stopping.is_set():
            found.insert(0, "What arrives is not read.")
        return tuple(found)

    def now(self) -> float:
        """The present, in seconds since the epoch."""
        return self._pump.now()

    def look(self, at: Callable[[Pump], Result]) -> Result:
        """Take one turn; `at` must be short."""
        with self._turns:
            return at(self._pump)

    def sources(self) -> tuple[SourceState, ...]:
        """How each source stands."""
        return self.look(lambda pump: pump.source_states())

    def each(self, many: Sequence[Thing], told: Callable[[Pump, Thing], Result]) -> list[Result]:
        """What is told of each of many, as much of it in one turn as there is time for."""
        found: list[Result] = []

        def some(pump: Pump) -> None:
            deadline = time.perf_counter() + LOOK_S
            for thing in many[len(found) :]:
                found.append(told(pump, thing))
                if time.perf_counter() > deadline:
                    return

        while len(found) < len(many):
            self.look(some)
        return found

    def payloads(self, spans: Sequence[Span]) -> list[Payload]:
        """The heavy parts of spans."""
        return self.each(spans, lambda pump, span: pump.payload(span))

    def traces(self, trace_ids: Sequence[str]) -> list[TraceView]:
        """Traces as trees, those of which something is in memory."""
        now = self.now()
        found = self.each(trace_ids, lambda pump, trace_id: pump.live.trace(trace_id, now))
        return [tree for tree in found if tree is not None]

    def trace(self, trace_id: str) -> TraceView | None:
        """A trace as a tree, or `None` when nothing of it is in memory."""
        return self.look(lambda pump: pump.live.trace(trace_id, pump.now()))

    def unknown(self, spans: Sequence[Span]) -> list[Span]:
        """Those of some spans, not many, that are not in memory; ids made up of places are none."""
        return self.look(
            lambda pump: [
                span
                for span in spans
                if span.span_id.startswith("@") or pump.live.find(span.span_id) is None
            ]
        )

    def spans_of(self, trace_id: str) -> list[Span]:
        """The spans of a trace that are in memory."""
        return self.look(lambda pump: pump.live.spans_of(trace_id))

    def newest_evicted(self) -> float | None:
        """The latest start of a span that is not in memory any more."""
        return self.look(lambda pump: pump.live.index.newest_evicted)

    def through(self, many: Sequence[Thing], wanted: Callable[[Thing], bool]) -> Iterator[Thing]:
        """Those of many that are wanted, looked at some in each turn, so that none changes."""
        found: list[Thing] = []
        at = 0

        def some(pump: Pump) -> None:
            nonlocal at
            del pump
            deadline = time.perf_counter() + LOOK_S
            while at < len(many) and time.perf_counter() < deadline:
                found.extend(filter(wanted, many[at : at + LOOK]))
                at += LOOK

        while at < len(many):
            self.look(some)
            yield from found
            found.clear()

    def newest_calls(
        self,
        wanted: Callable[[Span], bool],
        *,
        begin: float | None = None,
        until: float | None = None,
    ) -> Iterator[Span]:
        """The kept calls that are wanted and began in a range, the newest first."""
        calls = self.look(lambda pump: pump.live.calls())
        if until is not None:
            del calls[bisect_right(calls, until, key=_begun) :]
        if begin is not None:
            del calls[: bisect_right(calls, begin, key=_before)]
        calls.reverse()
        return self.through(calls, lambda span: not span.flags & _EVICTED and wanted(span))

    def view(self, window: str, matches: Filter | None, seconds: float | None) -> View:
        """The figures of a window, by name or of so many seconds, under a filter."""
        if matches is None and window in WINDOWS:
            return self.look(
                lambda pump: pump.live.view(Query(window=window), pump.now(), pump.honest())
            )
        # The lens of a filter is filled in turns: to do so at once would hold up the mover.
        lens = Lens(matches)
        end = self.look(lambda pump: pump.live.clock(pump.now()))
        calls = self.look(lambda pump: pump.live.calls())
        begin = float("-inf") if seconds is None else end - seconds

        def enter(span: Span) -> bool:
            if not span.flags & _EVICTED and (span.end or span.start) >= begin:
                lens.enter(span)
            return False

        for _ in self.through(calls, enter):
            pass
        return self.look(
            lambda pump: view_builder.build(
                pump.live, lens, Query("all", matches), pump.now(), (), pump.honest()
            )
        )


def _begun(span: Span) -> float:
    return span.start


def _before(span: Span) -> float:
    """For a bisection that keeps the spans that begin at the very moment."""
    return float(span.start + 1e-9)
