"""Folders that cannot be listed: told as sources, so that nobody misses their files."""

from __future__ import annotations

from pathlib import Path

from llmtop.sources.status import SourceStatus, label_of


class UnlistedFolders:
    """What each look through the folders found to be closed, and whether it still is."""

    def __init__(self) -> None:
        self._statuses: dict[str, SourceStatus] = {}
        self._found: dict[str, str] = {}

    def begin(self) -> dict[str, str]:
        """A new look: where folders that cannot be listed are put, each with a sentence."""
        self._found = {}
        return self._found

    def tell(self, statuses: list[SourceStatus]) -> None:
        """Bring the statuses up to date; a folder not met before gets one."""
        for folder, sentence in self._found.items():
            status = self._statuses.get(folder)
            if status is None:
                status = self._statuses[folder] = SourceStatus(label_of(Path(folder)), "folder")
                statuses.append(status)
            status.state, status.detail = "failed", sentence
        for folder, status in self._statuses.items():
            if folder not in self._found:
                status.state, status.detail = "following", None
