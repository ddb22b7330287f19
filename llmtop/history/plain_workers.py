"""Sums of large plain logs by several processes at once, each of which reads parts of them."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess

from msgspec import Struct

from llmtop.history.chunks import Chunks
from llmtop.history.files import LogFile
from llmtop.history.plain_records import OutOfTheOrdinary
from llmtop.history.plain_spans import PlainSpans
from llmtop.history.plain_totals import Part, PlainTotals
from llmtop.history.range_sift import RangeSift
from llmtop.history.totals import Found
from llmtop.live.rates import Rates
from llmtop.sources.chunk import Chunk
from llmtop.sources.chunk_index import ChunkIndex

_TELL_BYTES = 4 * 1024 * 1024
"""A worker tells how far it is as often as it has read so much."""
_AHEAD = 4
"""Parts a worker that may be read before their turn: they wait in memory to be put in order."""

Progress = Callable[[int, int], None]
_Message = int | Part | None
"""From a worker: bytes that it has read, a part, or that the log is not plain."""


class Work(Struct):
    """What each worker has to know."""

    parts: list[list[LogFile]]
    by: str
    prices: Rates
    since: float | None
    until: float | None


def summed(work: Work, workers: int, progress: Progress | None = None) -> Found:
    """The sums of all parts. Raises OutOfTheOrdinary for a log that is not plain."""
    spans = PlainSpans(work.prices)
    sums = PlainTotals(work.by, spans, work.since, work.until)
    for part in _in_order(work, workers, progress):
        sums.follow(part)
    return sums.finish()


def _in_order(work: Work, workers: int, progress: Progress | None) -> Iterator[Part]:
    """Each part when it and all before it were read."""
    total = sum(log.size for part in work.parts for log in part)
    read = 0
    done: dict[int, Part] = {}
    given: dict[Connection, int] = {}
    upcoming = 0
    turn = 0
    with _started(work, workers) as idle:
        while turn < len(work.parts):
            while idle and upcoming < min(len(work.parts), turn + _AHEAD * workers):
                connection = idle.pop()
                _hand(connection, upcoming)
                given[connection] = upcoming
                upcoming += 1
            for connection, told in _heard(list(given)):
                if isinstance(told, int):
                    read += told
                else:
                    done[given.pop(connection)] = told
                    idle.append(connection)
            if progress is not None:
                progress(read, total)
            while turn in done:
                yield done.pop(turn)
                turn += 1


def _hand(connection: Connection, number: int) -> None:
    try:
        connection.send(number)
    except OSError:
        raise OutOfTheOrdinary from None


def _heard(connections: Sequence[Connection]) -> Iterator[tuple[Connection, int | Part]]:
    """What workers say now. Raises OutOfTheOrdinary if one met something odd, or has died."""
    speaking = set(wait(connections))
    for connection in connections:
        if connection not in speaking:
            continue
        try:
            told: _Message = connection.recv()
        except (EOFError, OSError):
            told = None
        if told is None:
            raise OutOfTheOrdinary
        yield connection, told


@contextmanager
def _started(work: Work, workers: int) -> Iterator[list[Connection]]:
    """The connections to workers that run no longer than this context."""
    context = _context()
    processes: list[BaseProcess] = []
    connections: list[Connection] = []
    # A key press that interrupts is meant for this process, which then ends the workers.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        try:
            for _ in range(min(workers, len(work.parts))):
                ours, theirs = context.Pipe()
                connections.append(ours)
                # A copy of this process has copies of our ends, and would never miss us.
                copied = connections if context.get_start_method() == "fork" else []
                arguments = (theirs, work, copied)
                process: BaseProcess = context.Process(target=_run, args=arguments, daemon=True)
                try:
                    process.start()
                except OSError:
                    connections.pop().close()
                    break  # those that there are do it all
                finally:
                    theirs.close()
                processes.append(process)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if not connections:
            raise OutOfTheOrdinary
        yield list(connections)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()
        for connection in connections:
            connection.close()


def _context() -> ForkContext | SpawnContext:
    """Copies of this process start at once, but must not be made of one with several threads."""
    if sys.platform == "linux" and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")


def _run(connection: Connection, work: Work, copied: Sequence[Connection] = ()) -> None:
    """In a worker: read the parts whose numbers come, until nobody is there to hear of them."""
    for other in copied:
        other.close()
    spans = PlainSpans(work.prices)
    gc.disable()  # nothing that is made here stands in a cycle, and looking for one takes time
    try:
        while True:
            part = work.parts[connection.recv()]
            connection.send(_read(part, work, spans, connection))
    except (EOFError, OSError):
        gc.enable()


def _read(
    part: list[LogFile], work: Work, spans: PlainSpans, connection: Connection
) -> Part | None:
    chunks = Chunks(part, ChunkIndex(), RangeSift(work.since, work.until))
    sums = PlainTotals(work.by, spans, work.since, work.until, is_part=True)
    try:
        sums.read(_told(chunks, connection))
    except OutOfTheOrdinary:
        return None
    return None if chunks.problems else sums.part()


def _told(chunks: Chunks, connection: Connection) -> Iterator[Chunk]:
    """The chunks, of which the main process learns how far they are."""
    told = 0
    for chunk in chunks:
        yield chunk
        if chunks.bytes_read - told >= _TELL_BYTES:
            connection.send(chunks.bytes_read - told)
            told = chunks.bytes_read
    connection.send(chunks.bytes_read - told)
