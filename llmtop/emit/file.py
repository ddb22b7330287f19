"""The file sink: one `write` a record to a daily file, safe for several processes at once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llmtop.emit.encode import encode
from llmtop.emit.sink_stats import SinkStats

DAY_S = 86_400


def file_name(moment: float) -> str:
    """The file that a moment (seconds since the epoch) belongs to: days are those of UTC."""
    return time.strftime("llm_logs_%Y-%m-%d.jsonl", time.gmtime(moment))


class FileSink:
    """Appends to `llm_logs_YYYY-MM-DD.jsonl` (UTC days), readable by its owner alone.

    A file that was moved away or deleted is begun anew within a second.
    """

    def __init__(self, folder: str) -> None:
        self.sent = 0
        self.bytes = 0
        self.dropped: dict[str, int] = {}
        # The program may change its working directory before the first record.
        self._folder = Path(folder).expanduser().absolute()
        self._descriptor = -1
        self._day = -1
        self._second = 0
        self._process = 0
        self._torn = False
        self._locks: dict[int, threading.RLock] = {}
        self._lock = threading.RLock()

    def send(self, record: Mapping[str, Any]) -> None:
        """Append one record."""
        line = encode(record) + b"\n"
        try:
            now = int(time.time())
            if self._process != os.getpid():
                self._take_over()
            with self._lock:
                if now != self._second:
                    self._look(now)
                self._write(line)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self.dropped[reason] = self.dropped.get(reason, 0) + 1

    def _take_over(self) -> None:
        """Begin in a process of its own: a lock that was forked may be held for ever."""
        process = os.getpid()
        if self._process:
            self.sent, self.bytes, self.dropped = 0, 0, {}
        self._lock = self._locks.setdefault(process, threading.RLock())
        self._process = process

    def _write(self, line: bytes) -> None:
        if self._torn:
            line = b"\n" + line
        written = os.write(self._descriptor, line)
        try:
            while written < len(line):
                # The disk is nearly full, or the line very long: what is begun is finished.
                written += os.write(self._descriptor, line[written:])
        except OSError:
            self._torn = True
            raise
        self._torn = False
        self.sent += 1
        self.bytes += len(line)

    def _look(self, now: int) -> None:
        """Once a second: whether the day is still the same, and the file still in its place."""
        day = now // DAY_S
        if day != self._day or not self._is_in_place():
            self._open(day)
        self._second = now

    def _path(self, day: int) -> Path:
        return self._folder / file_name(day * DAY_S)

    def _is_in_place(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._descriptor), self._path(self._day).stat())
        except OSError:
            return False

    def _open(self, day: int) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        opened = os.open(self._path(day), flags, 0o600)
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor, self._day = opened, day

    def flush(self) -> None:
        """Nothing waits: each record was written as it came."""

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1
                self._day = -1
                self._second = 0

    def stats(self) -> dict[str, SinkStats]:
        """What became of the records of this process."""
        mine = self._process in (0, os.getpid())
        return {
            f"file:{self._folder}": SinkStats(self.sent, self.bytes, dict(self.dropped))
            if mine
            else SinkStats(0, 0, {})
        }
