"""Writes the store: what arrives is appended to the day's file, whole lines, as it arrives."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from llmtop.emit.file import DAY_S, file_name
from llmtop.history.native_lines import native
from llmtop.sources.status import SourceStatus

_LOOKED_BACK = 1024 * 1024


class StoreError(ValueError):
    """A folder that cannot be recorded to, said in a sentence."""


class StoreWriter:
    """Appends to `llm_logs_YYYY-MM-DD.jsonl` (days of UTC), readable by its owner alone.

    Several processes may write to one folder: each writes whole lines at once to the end. What a
    killed writer left unfinished is taken away by the next one, or ended by it. When nothing can
    be written, that is said and tried again each second; what came meanwhile is counted.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        """Raises StoreError."""
        self.status = SourceStatus(label=f"record {folder}", kind="store", state="recording")
        self.dropped_bytes = 0
        """What could not be written."""
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._descriptor = -1
        self._day = -1
        self._second = -1
        try:
            self._open(int(clock()))
        except OSError as error:
            raise StoreError(f"{folder} cannot be recorded to: {_reason(error)}.") from error

    def append(self, data: bytes) -> None:
        """Keep some lines; OTLP becomes native records. Never raises."""
        lines = native(data)
        with self._lock:
            try:
                now = int(self._clock())
                if now != self._second:
                    self._look(now)
                self._write(lines if lines.endswith(b"\n") else lines + b"\n")
            except OSError as error:
                self.dropped_bytes += len(lines)
                self.status.state = "failed"
                self.status.detail = (
                    f"{self.dropped_bytes:,} bytes were not recorded: {_reason(error)}."
                )

    def _write(self, lines: bytes) -> None:
        if self._descriptor < 0:
            raise OSError("the recording was closed")
        if _is_torn(self._descriptor):
            # Another writer was killed, or the disk was full: its line stays a line of its own.
            lines = b"\n" + lines
        written = 0
        while written < len(lines):
            written += os.write(self._descriptor, memoryview(lines)[written:])
        self.status.bytes_read += len(lines)
        self.status.bytes_total = self.status.bytes_read
        self.status.state = "recording"

    def _look(self, now: int) -> None:
        """Once a second: whether the day is still the same, and the file still in its place."""
        if now // DAY_S != self._day or not self._is_in_place():
            self._open(now)
        self._second = now

    def _is_in_place(self) -> bool:
        try:
            path = self._folder / file_name(self._day * DAY_S)
            return os.path.samestat(os.fstat(self._descriptor), path.stat())
        except OSError:
            return False

    def _open(self, now: int) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        opened = os.open(self._folder / file_name(now), flags, 0o600)
        _mend(opened)
        self.close()
        self._descriptor, self._day = opened, now // DAY_S

    def close(self) -> None:
        """Keep no more."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = self._day = -1


def _is_torn(descriptor: int) -> bool:
    """Whether the last line has no end."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _mend(descriptor: int) -> None:
    """Take away the line that a killed writer left unfinished, if nobody else writes."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _cut_rest(descriptor)
    except OSError:
        pass  # others write: what is torn gets its own line
    try:
        # Shared with the other writers until this one ends, however it does.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        pass  # another one mends just now, and finds whole lines


def _cut_rest(descriptor: int) -> None:
    """Cut off what stands behind the last newline."""
    if not _is_torn(descriptor):
        return
    size = end = os.fstat(descriptor).st_size
    while end > 0:
        start = max(0, end - _LOOKED_BACK)
        cut = os.pread(descriptor, end - start, start).rfind(b"\n") + 1
        if cut or not start:
            if os.fstat(descriptor).st_size == size:
                os.ftruncate(descriptor, start + cut)
            return
        end = start


def _reason(error: OSError) -> str:
    return (error.strerror or str(error) or type(error).__name__).lower()
