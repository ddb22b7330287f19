"""The ledger: calls of each series summed over all time, per 10 seconds, and over one window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isfinite

from llmtop.live.tally import PICO, Measures, Tally, measured, sum_of
from llmtop.live.timeline import Timeline
from llmtop.live.view import Bin
from llmtop.span import Flag, Span

SLOT_S = 10
"""Seconds in a slot: windows move on in steps of this."""
KEPT_SLOTS = 420
"""Slots kept apart: an hour and ten minutes, a little more than the longest bounded window."""

_ENDED = int(Flag.ENDED)

Sums = dict[int, Tally]
"""Tallies by number: that of a series, or of a group."""


class Ledger:
    """Sums of calls: `add` counts one, `remove` takes it back in the state it was counted in.

    A call lies in the slot of its end, or of its start if it was lost. Only the newest slots are
    kept apart; older ones live on in the totals and in the coarse timeline.
    """

    def __init__(
        self,
        number: Callable[[Span], int] | None = None,
        measures: Callable[[Span], Measures] = measured,
    ) -> None:
        """Sum up by the number that `number` tells of a call, or by its series."""
        self._number = number
        self._measures = measures
        self.totals: Sums = {}
        self.timeline = Timeline()
        self.window: Sums = self.totals
        self._slots: dict[int, Sums] = {}
        self._oldest_slot = 0
        self._window_slots: tuple[int, int] | None = None
        self._seconds: dict[int, int] = {}
        self._newest_second = 0

    def add(self, span: Span) -> None:
        """Count a call."""
        self._enter(span, 1)

    def remove(self, span: Span) -> None:
        """Take back a call that was added, before it changes."""
        self._enter(span, -1)

    def _enter(self, span: Span, sign: int) -> None:
        measures = self._measures(span)
        number = span.series.number if self._number is None else self._number(span)
        tally = self.totals.get(number)
        if tally is None:
            tally = self.totals[number] = Tally()
        tally.enter(span, sign, measures)
        ended = span.flags & _ENDED
        moment = span.end if ended and span.end is not None else span.start
        slot = int(moment) // SLOT_S
        if slot >= self._oldest_slot:
            sums = self._slots.get(slot)
            if sums is None:
                sums = self._slots[slot] = {}
            tally = sums.get(number)
            if tally is None:
                tally = sums[number] = Tally()
            tally.enter(span, sign, measures)
            bounds = self._window_slots
            if bounds is not None and bounds[0] <= slot <= bounds[1]:
                tally = self.window.get(number)
                if tally is None:
                    tally = self.window[number] = Tally()
                tally.enter(span, sign, measures)
        self.timeline.add(
            moment,
            sign,
            sign if ended and span.status == "error" else 0,
            sign * measures[0],
        )

    def begin(self, start: float, sign: int) -> None:
        """Note for the pulse that a call began (seconds since the epoch), or that it did not."""
        second = int(start)
        if second > self._newest_second - 130:
            count = self._seconds.get(second, 0) + sign
            if count > 0:
                self._seconds[second] = count
            else:
                self._seconds.pop(second, None)
            if sign > 0 and second > self._newest_second:
                self._newest_second = second

    def look_at(self, length: float | None, end: float) -> None:
        """Make `window` hold the slots of the last `length` seconds before `end` (None: all)."""
        if length is None:
            self.window = self.totals
            self._window_slots = None
            return
        last = int(end) // SLOT_S
        first = last - int(length) // SLOT_S + 1
        bounds = self._window_slots
        if bounds == (first, last):
            return
        self._window_slots = (first, last)
        if bounds is None or not (bounds[0] <= first <= bounds[1] + 1 and last >= bounds[1]):
            self.window = {}
            self._take(range(first, last + 1), 1)
            return
        if bounds[1] - bounds[0] > last - first:
            self.window = {}
            self._take(range(first, last + 1), 1)
            return
        self._take(range(bounds[0], first), -1)
        self._take(range(bounds[1] + 1, last + 1), 1)

    def _take(self, slots: Iterable[int], sign: int) -> None:
        for slot in slots:
            for number, tally in self._slots.get(slot, _NOTHING).items():
                sums = self.window.get(number)
                if sums is None:
                    sums = self.window[number] = Tally()
                sums.merge(tally, sign)
                if sign < 0 and not sums.calls:
                    del self.window[number]

    def forget_before(self, newest: float) -> None:
        """Drop the slots too old for any window that ends at `newest` or later."""
        if not isfinite(newest):
            return
        oldest = int(newest) // SLOT_S - KEPT_SLOTS
        if oldest > self._oldest_slot:
            self._oldest_slot = oldest
            for slot in [slot for slot in self._slots if slot < oldest]:
                del self._slots[slot]
        stale = self._newest_second - 125
        if len(self._seconds) > 200:
            self._seconds = {at: count for at, count in self._seconds.items() if at >= stale}

    def total(self) -> Tally:
        """Everything, in one tally."""
        return sum_of(self.totals.values())

    def in_window(self) -> Tally:
        """The window, in one tally."""
        return sum_of(self.window.values())

    def pulse(self, end: float, seconds: int = 60) -> tuple[int, ...]:
        """Calls begun in each of the last whole seconds before `end`, oldest first."""
        last = int(end)
        return tuple(self._seconds.get(at, 0) for at in range(last - seconds, last))

    def bins(self, length: float | None, end: float, most: int = 60) -> tuple[Bin, ...]:
        """The window cut into at most `most` equal stretches, oldest first."""
        if length is None:
            return self.timeline.bins(most)
        last = int(end) // SLOT_S
        count = int(length) // SLOT_S
        per_bin = -(-count // most)
        first = last - count + 1
        found = []
        for start in range(first, last + 1, per_bin):
            calls = errors = picodollars = 0
            for slot in range(start, min(start + per_bin, last + 1)):
                for tally in self._slots.get(slot, _NOTHING).values():
                    calls += tally.calls
                    errors += tally.errors
                    picodollars += tally.picodollars
            found.append(Bin(start * SLOT_S, calls, errors, picodollars / PICO))
        return tuple(found)


_NOTHING: Mapping[int, Tally] = {}
