"""Replays recorded traffic: a source that gives each line when its moment has come."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from llmtop.history.masked import masked_lines
from llmtop.history.native_lines import native
from llmtop.history.recorded_lines import Line, RecordedLines
from llmtop.sources.chunk import CHUNK_BYTES, MAX_DOCUMENTS, Chunk
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.otlp_receiver import Receiver
from llmtop.sources.spool import Spool
from llmtop.sources.status import SourceStatus

AFTERWARDS_S = 1.0
"""The clock stands still so long (seconds of the recording) after the last line."""


class ReplayClock:
    """The time of the recording: it begins with it, and runs `speed` times as fast as time does.

    A speed of `None` is as fast as the lines can be read.
    """

    def __init__(
        self,
        lines: RecordedLines,
        speed: float | None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lines = iter(lines)
        self._speed = speed
        self._steady = steady
        self._next = next(self._lines, None)
        self._began = steady()
        self._first = self._next.moment if self._next is not None else time.time()
        self._last = self._first

    def __call__(self) -> float:
        """The moment of the recording, in seconds since the epoch."""
        if self._speed is None:
            return self._last
        now = self._first + (self._steady() - self._began) * self._speed
        return now if self._next is not None else min(now, self._last + AFTERWARDS_S)

    def take(self) -> Line | None:
        """The next line, if its moment has come."""
        line = self._next
        if line is None or (self._speed is not None and line.moment > self()):
            return None
        self._last = max(self._last, line.moment)
        self._next = next(self._lines, None)
        return line

    @property
    def is_over(self) -> bool:
        """Whether every line was given."""
        return self._next is None

    def wait(self) -> float:
        """Seconds, as people's clocks go, until the next line's moment; zero if it has come."""
        if self._next is None or self._speed is None:
            return 0.0
        return max(self._next.moment - self(), 0.0) / self._speed


class ReplaySource:
    """The recording as what a pump reads from, in place of files and ports."""

    udp_port: int | None = None
    otlp_port: int | None = None
    receiver: Receiver | None = None
    folders: tuple[str, ...] = ()
    open_ended = False

    def __init__(self, lines: RecordedLines, clock: ReplayClock, *, mask: bool = False) -> None:
        names = [log.path.name for log in lines.files]
        label = names[0] if len(names) == 1 else f"{len(names)} files"
        self._status = SourceStatus(label=f"replay of {label}", kind="replay", state="following")
        self._status.bytes_total = lines.bytes_total
        self._lines = lines
        self._clock = clock
        self._mask = mask
        self.chunk_index = ChunkIndex()
        self._spool = Spool()
        self._reader = self.chunk_index.reader(self._spool.read)

    def poll(self, now: float, budget: int) -> list[Chunk]:
        """The lines whose moments have come, at most about `budget` bytes of them."""
        del now
        found: list[bytes] = []
        size = 0
        wanted = max(budget, CHUNK_BYTES)
        while size < wanted and len(found) < MAX_DOCUMENTS:
            line = self._clock.take()
            if line is None:
                break
            data = told(line, mask=self._mask)
            found.append(data)
            size += len(data)
        self._status.bytes_read = self._lines.bytes_read
        self._status.bytes_total = self._lines.bytes_total
        if self._clock.is_over:
            self._status.state = "read"
        if not size:
            return []
        data = b"".join(found)
        number = self.chunk_index.enter(self._reader, self._spool.keep(data), len(data))
        return [Chunk(number, 0, data)]

    def pending(self) -> bool:
        """Whether a line's moment has come."""
        return not self._clock.is_over and self._clock.wait() <= 0.0

    def progress(self) -> tuple[int, int]:
        """Bytes read and bytes there are."""
        return self._status.bytes_read, self._status.bytes_total

    def states(self) -> Sequence[SourceStatus]:
        """The recording is the one source."""
        return [self._status]

    def read(self, place: int) -> bytes | None:
        """The record of a place."""
        return self.chunk_index.read(place)

    def interval(self, now: float) -> float:
        """Seconds until a poll is worthwhile."""
        del now
        return min(max(self._clock.wait(), 0.005), 0.2)

    def last(self, now: float) -> list[Chunk]:
        """Nobody sends here."""
        del now
        return []

    def close(self) -> None:
        """Let go of what was kept."""
        self._spool.close()


def told(line: Line, *, mask: bool) -> bytes:
    """A line as it is passed on, with its newline; masked, it may be none."""
    data = line.data + b"\n"
    return masked_lines(native(data)) if mask else data
