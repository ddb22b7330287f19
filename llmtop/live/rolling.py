"""Rolling sums: what the calls of the last stretch of time add up to, for all or for each group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite

from llmtop.filter import Filter
from llmtop.live.groups import OF, OTHERS
from llmtop.live.tally import Tally
from llmtop.live.watcher import Watcher
from llmtop.span import Flag, Span

MOST_GROUPS = 500
"""Groups with sums of their own; the calls of others are summed together."""
_ALL = ""
_STEPS = 60
"""A stretch of time moves on in this many steps, or in seconds if it is short."""
_CALENDAR_STEP_S = 900
"""Days begin at a multiple of this in every time zone."""
_SPARE_SLOTS = 4000
"""Slots that are kept beyond those of the stretch until somebody lets time pass."""

_ENDED = int(Flag.ENDED)


def _all(span: Span) -> str | None:
    """All calls are one group."""
    del span
    return _ALL


class Rolling(Watcher):
    """Sums by group over a stretch that moves on with time; calls of no group are left out."""

    def __init__(
        self,
        length: float | None,
        *,
        matches: Filter | None = None,
        per: str | None = None,
        lost_after: float = 0.0,
        calendar: bool = False,
    ) -> None:
        """Sum over `length` seconds (None: over everything).

        A `calendar` stretch begins at a given moment instead. A lost call counts at the moment
        when it was given up, `lost_after` seconds from its start.
        """
        super().__init__(matches)
        self.group = _all if per is None else OF[per]
        self.sums: dict[str, Tally] = {}
        self._grouped = per is not None
        self._length = length
        self._lost_after = lost_after
        self._step = _CALENDAR_STEP_S if calendar else max(1, int((length or 0.0) // _STEPS))
        self._slots: dict[int, dict[str, Tally]] = {}
        self._bounds: tuple[int, int] | None = None
        self._known: set[str] = set()

    def count(self, span: Span, sign: int) -> None:
        """Count a call, or take it back."""
        group = self.group(span)
        if group is None:
            return
        if self._length is None:
            self._add(self.sums, self._name(group, self.sums), span, sign)
            return
        if span.flags & _ENDED and span.end is not None:
            moment = span.end
        else:
            moment = span.start + self._lost_after
        if not isfinite(moment):
            return
        at = int(moment) // self._step
        if self._bounds is not None and at < self._bounds[0]:
            return
        slot = self._slots.setdefault(at, {})
        name = self._name(group, slot)
        self._add(slot, name, span, sign)
        if self._bounds is not None and at <= self._bounds[1]:
            self._add(self.sums, name, span, sign)
        if len(self._slots) > 2 * _SPARE_SLOTS:
            self._drop(sorted(self._slots)[:-_SPARE_SLOTS])

    def _name(self, group: str, sums: Mapping[str, Tally]) -> str:
        """The group itself, unless there are too many."""
        if not self._grouped or group in sums or group in self._known:
            return group
        if len(self._known) >= MOST_GROUPS:
            return OTHERS
        self._known.add(group)
        return group

    def _add(self, sums: dict[str, Tally], name: str, span: Span, sign: int) -> None:
        tally = sums.get(name)
        if tally is None:
            tally = sums[name] = Tally()
        tally.add(span, sign)

    def look_at(self, end: float, begin: float | None = None) -> None:
        """Make the sums those of the stretch up to `end`, or from `begin` (seconds, epoch)."""
        if self._length is None:
            return
        last = int(end) // self._step
        if begin is not None:
            first = int(begin) // self._step
        else:
            first = last - max(1, round(self._length / self._step)) + 1
        bounds = self._bounds
        if bounds == (first, last):
            return
        self._bounds = (first, last)
        if bounds is None or not bounds[0] <= first <= last or last < bounds[1]:
            self.sums = {}
            self._take(range(first, last + 1), 1)
        else:
            self._take(range(bounds[0], min(first, bounds[1] + 1)), -1)
            self._take(range(max(first, bounds[1] + 1), last + 1), 1)
        self._drop([at for at in self._slots if at < first])

    def _take(self, slots: Iterable[int], sign: int) -> None:
        for at in slots:
            for name, tally in self._slots.get(at, {}).items():
                sums = self.sums.get(name)
                if sums is None:
                    sums = self.sums[name] = Tally()
                sums.merge(tally, sign)

    def _drop(self, slots: Iterable[int]) -> None:
        for at in slots:
            del self._slots[at]
        for name in [name for name, tally in self.sums.items() if not tally.calls]:
            del self.sums[name]
        if len(self._known) >= MOST_GROUPS:
            self._known = {name for slot in self._slots.values() for name in slot} - {OTHERS}
