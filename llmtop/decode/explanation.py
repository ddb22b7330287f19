"""How a source is understood: its format, how sure that is, and which field was taken for what."""

from __future__ import annotations

from msgspec import Struct


class Explanation(Struct, frozen=True):
    """One format that was found in a source."""

    format: str
    confidence: str
    """Begins with `certain`, `likely` or `a guess`, and says why."""
    fields: tuple[tuple[str, str], ...] = ()
    """Fields of a call, and the paths of the values that were taken for them."""
