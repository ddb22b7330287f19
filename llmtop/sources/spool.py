"""The spool: what came by pipe or socket, kept in a file so that it can be read again."""

from __future__ import annotations

import os
import tempfile
from io import FileIO

from llmtop.sources.recorder import Recorder

HALF_BYTES = 512 * 1024 * 1024
"""The spool is two files of this size, used in turn: the older half is given up."""


class Spool:
    """Appends bytes to an unnamed file that only this user can read, bounded in size."""

    def __init__(self, half_bytes: int = HALF_BYTES, recorder: Recorder | None = None) -> None:
        self._half_bytes = half_bytes
        self._halves: list[tuple[int, FileIO]] = []
        self._end = 0
        self._recorder = recorder

    def append(self, data: bytes) -> int:
        """Record some bytes and keep them; the offset they are found at."""
        self.record(data)
        return self.keep(data)

    def record(self, data: bytes) -> None:
        """Hand bytes to the recording, if there is one."""
        if self._recorder is not None:
            self._recorder.append(data)

    def keep(self, data: bytes) -> int:
        """Keep bytes that are recorded already; the offset they are found at."""
        if not self._halves or self._end - self._halves[-1][0] >= self._half_bytes:
            self._turn()
        offset = self._end
        if not self._halves or not _write(self._halves[-1][1], data):
            return -1
        self._end += len(data)
        return offset

    def _turn(self) -> None:
        try:
            handle, path = tempfile.mkstemp(prefix="llmtop-", suffix=".spool")
        except OSError:
            return
        # Without a name, the file is gone with the process, however it ends.
        os.unlink(path)  # noqa: PTH108 - mkstemp gives a text
        self._halves.append((self._end, FileIO(handle, "r+")))
        if len(self._halves) > 2:
            self._halves.pop(0)[1].close()

    def read(self, offset: int, length: int) -> bytes | None:
        """Bytes kept before, or `None` if they were given up."""
        for start, file in reversed(self._halves):
            if offset >= start:
                data = os.pread(file.fileno(), length, offset - start)
                return data if len(data) == length else None
        return None

    def close(self) -> None:
        """Give up all of it."""
        for _, file in self._halves:
            file.close()
        self._halves.clear()
        if self._recorder is not None:
            self._recorder.close()


def _write(file: FileIO, data: bytes) -> bool:
    """Write all of it, or, when the disk is full, nothing of it."""
    before = file.tell()
    done = 0
    try:
        while done < len(data):
            done += file.write(memoryview(data)[done:]) or 0
    except OSError:
        try:
            os.ftruncate(file.fileno(), before)
            file.seek(before)
        except OSError:
            pass  # nothing that is written from now on will be found, and it is not looked for
        return False
    return True
