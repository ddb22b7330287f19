"""How often the screen is drawn: at most so many times a second, and within a share of a core."""

from __future__ import annotations

CORE_SHARE = 0.1
"""Drawing slows down rather than take more of a core than this."""
SLOWEST_S = 1.0
_MEMORY = 0.7
"""How much of the last estimate stays in the next one."""


class Pace:
    """Says when the next drawing is due, from what the last ones cost."""

    def __init__(self, most_per_second: float) -> None:
        self._shortest_s = 1.0 / most_per_second
        self._cost_s = 0.0
        self._last: float | None = None

    def wait(self, at: float) -> float:
        """Seconds until the next drawing is due; `at` is a steady clock's reading."""
        if self._last is None:
            return 0.0
        gap = max(self._shortest_s, min(SLOWEST_S, self._cost_s / CORE_SHARE))
        return max(0.0, self._last + gap - at)

    def drawn(self, at: float) -> None:
        """A drawing was made."""
        self._last = at

    def cost(self, cpu_s: float) -> None:
        """What the last drawing, and painting it, took: CPU seconds."""
        self._cost_s = _MEMORY * self._cost_s + (1.0 - _MEMORY) * cpu_s
