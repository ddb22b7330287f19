"""Files that were found and are not read yet: what reads each of them, and from where on."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from msgspec import Struct

from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.file_tail import FileTail
from llmtop.sources.folder_walk import Identity
from llmtop.sources.gzip_file import GzipFile
from llmtop.sources.rotation import Copies
from llmtop.sources.status import SourceStatus
from llmtop.sources.whole_document import WholeDocument, is_laid_out

COPYING_S = 1.0
"""A new file that begins like another may be a copy that is being made: it waits so long."""

Member = FileTail | GzipFile | WholeDocument


class Known(Struct, eq=False):
    """What is remembered of a file beside its reader."""

    member: Member
    seen: tuple[int, int]
    """Its size and time of change at the last look."""
    missing_since: float | None = None


class Newcomers:
    """A queue of new files, newest first, so that thousands of them do not stall the screen."""

    def __init__(
        self,
        chunk_index: ChunkIndex,
        statuses: list[SourceStatus],
        copies: Callable[[], Copies],
        *,
        follow: bool,
        tail_lines: int | None,
        since: float | None,
    ) -> None:
        self._chunk_index = chunk_index
        self._statuses = statuses
        self._current_copies = copies
        self._follow = follow
        self._tail_lines = tail_lines
        self._since = since
        self._waiting: deque[tuple[Identity, str, os.stat_result]] = deque()
        self._copies = Copies(())
        self._begun: set[str] = set()
        self._copying: dict[Identity, float] = {}
        """Files that may still be being copied, and when they were first seen."""

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, found: Iterable[tuple[Identity, tuple[str, os.stat_result]]]) -> None:
        """The files that a look found new: all of them, also those found before."""
        self._waiting = deque(
            (identity, path, told)
            for identity, (path, told) in sorted(found, key=lambda each: -each[1][1].st_mtime)
            if told.st_size > 0 and (self._since is None or told.st_mtime >= self._since)
        )
        if self._waiting:
            self._copies = self._current_copies()

    def take(
        self, most: int, documents: dict[Path, Known], now: float
    ) -> Iterator[tuple[Identity, Known, Identity | None]]:
        """Begin with some of them; the last is who was replaced under the same name.

        `documents` are those whose file is no more, by path.
        """
        for identity, path, told in islice(self._drained(), most):
            at = Path(path)
            # A document is often written anew each time, under the same name.
            known_before = documents.pop(at, None)
            replaced: Identity | None = None
            if known_before is not None:
                member: Member | None = known_before.member
                replaced = known_before.member.identity
            else:
                member = self._member(at, identity, told, now)
            if member is not None:
                member.identity = identity
                yield identity, Known(member, (told.st_size, told.st_mtime_ns)), replaced

    def _drained(self) -> Iterator[tuple[Identity, str, os.stat_result]]:
        while self._waiting:
            yield self._waiting.popleft()

    def _member(
        self, path: Path, identity: Identity, told: os.stat_result, now: float
    ) -> Member | None:
        """What reads a new file; `None` where that is to be seen in a moment."""
        source = len(self._statuses)
        member: Member
        if path.suffix == ".gz":
            member = GzipFile(
                path,
                identity,
                self._chunk_index,
                source,
                follow=self._follow,
                read_before=lambda path: self._current_copies().read_of_compressed(path),
            )
        elif is_laid_out(path):
            member = WholeDocument(path, identity, self._chunk_index, source, follow=self._follow)
        else:
            start, final = self._copies.read_of(path) or (0, True)
            if not final and now - self._copying.setdefault(identity, now) < COPYING_S:
                return None
            self._copying.pop(identity, None)
            if start > told.st_size:
                start = 0  # it only begins like another file
            # What a rotation left behind is new in all its lines.
            tail_lines = None if str(path) in self._begun else self._tail_lines
            self._begun.add(str(path))
            member = FileTail(
                path,
                identity,
                self._chunk_index,
                source,
                follow=self._follow,
                start_at=start or None,
                tail_lines=tail_lines,
            )
        self._statuses.append(member.status)
        return member
