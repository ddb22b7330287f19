"""The file sink: one `write` a record to a daily file, safe for several processes at once."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llmtop.emit.encode import encode

_DAY_S = 86400


class FileSink:
    """Appends to `llm_logs_YYYY-MM-DD.jsonl` (UTC days), readable by its owner alone."""

    def __init__(self, folder: str) -> None:
        self.sent = 0
        self.bytes = 0
        self.dropped: dict[str, int] = {}
        self._folder = Path(folder)
        self._descriptor = -1
        self._day = -1

    def send(self, record: Mapping[str, Any]) -> None:
        """Append one record."""
        try:
            line = encode(record) + b"\n"
            day = int(time.time()) // _DAY_S
            if day != self._day:
                self._open(day)
            written = os.write(self._descriptor, line)
            while written < len(line):
                # The disk is nearly full, or the line very long: what is begun is finished.
                written += os.write(self._descriptor, line[written:])
            self.sent += 1
            self.bytes += len(line)
        except Exception as error:
            reason = type(error).__name__
            self.dropped[reason] = self.dropped.get(reason, 0) + 1

    def _open(self, day: int) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        name = time.strftime("llm_logs_%Y-%m-%d.jsonl", time.gmtime(day * _DAY_S))
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        opened = os.open(self._folder / name, flags, 0o600)
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor, self._day = opened, day

    def flush(self) -> None:
        """Nothing waits: each record was written as it came."""

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
            self._day = -1
