"""The timeline: calls, errors and cost over all of time, in stretches that widen with it."""

from __future__ import annotations

from llmtop.live.tally import PICO
from llmtop.live.view import Bin

_MOST_STRETCHES = 2048


class Timeline:
    """Counts per stretch of time; when there are too many stretches, pairs are joined."""

    def __init__(self, stretch: int = 10) -> None:
        self.stretch = stretch
        """Seconds in a stretch."""
        self._counts: dict[int, list[int]] = {}

    def add(self, moment: float, calls: int, errors: int, picodollars: int) -> None:
        """Count at a moment (seconds since the epoch); negative amounts take back."""
        at = int(moment) // self.stretch
        counts = self._counts.get(at)
        if counts is None:
            self._counts[at] = [calls, errors, picodollars]
            if len(self._counts) > _MOST_STRETCHES:
                self._widen()
            return
        counts[0] += calls
        counts[1] += errors
        counts[2] += picodollars
        if not counts[0]:
            del self._counts[at]

    def _widen(self) -> None:
        while len(self._counts) > _MOST_STRETCHES // 2:
            self.stretch *= 2
            joined: dict[int, list[int]] = {}
            for at, counts in self._counts.items():
                pair = joined.setdefault(at // 2, [0, 0, 0])
                for index, amount in enumerate(counts):
                    pair[index] += amount
            self._counts = joined

    def bins(self, most: int) -> tuple[Bin, ...]:
        """All of time cut into at most `most` equal stretches, oldest first."""
        if not self._counts:
            return ()
        first, last = min(self._counts), max(self._counts)
        width = -(-(last - first + 1) // most)
        sums = [[0, 0, 0] for _ in range((last - first) // width + 1)]
        for at, counts in self._counts.items():
            target = sums[(at - first) // width]
            for index, amount in enumerate(counts):
                target[index] += amount
        return tuple(
            Bin((first + index * width) * self.stretch, calls, errors, picodollars / PICO)
            for index, (calls, errors, picodollars) in enumerate(sums)
        )
