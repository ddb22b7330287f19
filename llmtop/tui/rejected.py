"""What the screen asks of a line that could not be read."""

from __future__ import annotations

from typing import Protocol


class RejectedLine(Protocol):
    """A rejected line, as the decoder keeps it."""

    @property
    def source(self) -> int:
        """The number of its source."""

    @property
    def reason(self) -> str:
        """Why, as a sentence without a full stop."""

    @property
    def start(self) -> str:
        """The beginning of the line."""
