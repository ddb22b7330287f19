"""The figures that every sink keeps."""

from __future__ import annotations

from typing import NamedTuple


class SinkStats(NamedTuple):
    """What became of the records that a sink was given."""

    sent: int
    """Records that left the process."""
    bytes: int
    """Bytes of them."""
    dropped: dict[str, int]
    """Records that did not leave, by reason."""
