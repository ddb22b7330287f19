"""Durations whose names tell no unit: what the numbers of one log say of it."""

from __future__ import annotations

from llmtop.decode.generic_values import Written

_MILLISECONDS_FROM = 100
"""From here on a number counts milliseconds, unless its log was seen to count seconds: few calls
take minutes, and few take less than a tenth of a second."""
_SURELY_MILLISECONDS = 1000
_NANOSECONDS_FROM = 1e7
_SECONDS_BELOW = 10.0
"""A fraction below this counts seconds: no call takes so few milliseconds."""


class Units:
    """Remembers of each name in a log the unit that a number once told by its size."""

    def __init__(self) -> None:
        self._known: dict[str, float] = {}
        self._guessed: set[str] = set()
        """Names whose numbers were likelier milliseconds; small ones of the same log are too."""

    def seconds(self, name: str, told: float) -> float:
        """A duration (seconds) from the number that a log tells under a name."""
        if type(told) is Written:
            return float(told)
        if told >= _NANOSECONDS_FROM:
            self._known[name] = 1e-9
        elif told >= _SURELY_MILLISECONDS:
            self._known.setdefault(name, 1e-3)
        elif type(told) is float and 0 < told < _SECONDS_BELOW and not told.is_integer():
            self._known.setdefault(name, 1.0)
        unit = self._known.get(name)
        if unit is not None and (unit != 1.0 or told < _SURELY_MILLISECONDS):
            return told * unit
        if told >= _MILLISECONDS_FROM:
            self._guessed.add(name)
        return told * (1e-3 if name in self._guessed else 1.0)

    def said(self, name: str) -> str:
        """The unit in words, for explaining."""
        guess = 1e-3 if name in self._guessed else 0.0
        unit = _WORDS.get(self._known.get(name, guess))
        return "the unit by the size" if unit is None else f"{unit} by the size"


_WORDS = {1e-9: "nanoseconds", 1e-3: "milliseconds", 1.0: "seconds"}
