"""What sources ask of a recording: that it keeps what it is told, and says how it stands."""

from __future__ import annotations

from typing import Protocol

from llmtop.sources.status import SourceStatus


class Recorder(Protocol):
    """Keeps what arrives; called from several threads, and never raises."""

    status: SourceStatus
    """How the recording stands: a line in the list of sources, of which no chunk comes."""

    def append(self, data: bytes) -> None:
        """Keep some whole lines."""

    def close(self) -> None:
        """Keep no more."""
