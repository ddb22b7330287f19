"""The files that are followed: found in folders, known by identity through every rotation."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from llmtop.sources.chunk import Chunk
from llmtop.sources.file_tail import ACTIVE_S, FileTail
from llmtop.sources.folder_walk import Identity, There, files_of
from llmtop.sources.gzip_file import GzipFile
from llmtop.sources.ledger import Ledger
from llmtop.sources.notifier import Notifier
from llmtop.sources.rotation import Copies, rotated
from llmtop.sources.status import SourceStatus
from llmtop.sources.unlisted import UnlistedFolders
from llmtop.sources.whole_document import WholeDocument, is_laid_out

RESCAN_S = 2.0
"""Every folder is looked through again after so many seconds, whatever the system tells."""
SOONEST_S = 0.05
"""Changes that the system tells of are not looked for more often than this (seconds)."""
SCAN_SHARE = 20
"""A look through many folders is followed by a pause of so many times its length."""
LINGER_S = 3.0
"""A file that was renamed or deleted is read for so long after its last line."""
COPYING_S = 1.0
"""A new file that begins like another may be a copy that is being made: it waits so long."""
MOST_OPEN = 200

Member = FileTail | GzipFile | WholeDocument


class _Known(Struct, eq=False):
    """What is remembered of a file beside its reader."""

    member: Member
    seen: tuple[int, int]
    """Its size and time of change at the last look."""
    missing_since: float | None = None


class FileSet:
    """Files and folders as one source of chunks; each file has a status of its own."""

    def __init__(
        self,
        specs: Sequence[Path],
        ledger: Ledger,
        statuses: list[SourceStatus],
        *,
        follow: bool,
        tail_lines: int | None = None,
        since: float | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        self._specs = [str(spec) for spec in specs]
        self._ledger = ledger
        self._statuses = statuses
        self._follow = follow
        self._tail_lines = tail_lines
        self._since = since
        self._notifier = notifier
        self._known: dict[Identity, _Known] = {}
        self._restless: dict[Identity, _Known] = {}
        """Those that are to be polled though nobody tells of a change."""
        self._older: deque[FileTail] = deque()
        """Those whose older part is still to be read."""
        self._unlisted = UnlistedFolders()
        self._copying: dict[Identity, float] = {}
        """Files that may still be being copied, and when they were first seen."""
        self._begun: set[str] = set()
        self._open: dict[Identity, FileTail] = {}
        """Those held open, the longest unused first."""
        self._notified = False
        self._scanned_at = float("-inf")
        self._pause = 0.0
        self._first_scan = True
        self._started = 0.0

    def poll(self, now: float, budget: int) -> list[Chunk]:
        """What is new in any file; older parts of large files when nothing is new."""
        if self._is_scan_due(now):
            self._scan(now)
        found: list[Chunk] = []
        for identity, known in list(self._restless.items()):
            member = known.member
            chunks = member.poll(now, budget)
            found.extend(chunks)
            budget -= sum(len(chunk.data) for chunk in chunks)
            if isinstance(member, FileTail):
                self._hold(identity, member)
            if known.missing_since is None and not _is_restless(member, now):
                del self._restless[identity]
            elif chunks:
                # Whoever gave something is asked again after the others.
                self._restless[identity] = self._restless.pop(identity)
            if budget <= 0:
                break
        return found or self._backfill(now)

    def _hold(self, identity: Identity, member: FileTail) -> None:
        """Keep a file open, and its older part in mind; close those longest unused."""
        if member.has_older and member not in self._older:
            self._older.append(member)
        self._open.pop(identity, None)
        if member.is_open:
            self._open[identity] = member
        if len(self._open) > MOST_OPEN:
            self._open.pop(next(iter(self._open))).release()

    def _is_scan_due(self, now: float) -> bool:
        if self._first_scan:
            return True
        if not self._follow:
            return False
        if self._notifier is not None and self._notifier.take():
            self._notified = True
        since = now - self._scanned_at
        wanted = SOONEST_S if self._notified else RESCAN_S
        return since < 0 or since >= max(wanted, self._pause)

    def _backfill(self, now: float) -> list[Chunk]:
        while self._older:
            chunks = self._older[0].backfill(now)
            if not self._older[0].has_older:
                self._older.popleft()
            if chunks:
                return chunks
        return []

    def pending(self) -> bool:
        """Whether more is known to be there than was read."""
        return (
            self._first_scan
            or bool(self._older)
            or any(
                known.member.pending and known.member.status.state not in {"failed", "gone"}
                for known in self._restless.values()
                if known.missing_since is None
            )
        )

    def is_active(self, now: float) -> bool:
        """Whether any file grew lately."""
        return any(
            isinstance(known.member, FileTail) and now - known.member.active_at < ACTIVE_S
            for known in self._restless.values()
        )

    def _scan(self, now: float) -> None:
        began = time.perf_counter()
        self._scanned_at = now
        self._notified = False
        if self._first_scan:
            self._first_scan = False
            self._started = now
        there = files_of(self._specs, self._unlisted.begin())
        self._unlisted.tell(self._statuses)
        there.update(rotated(self._followed_names(), self._known, there, self._started))
        self._miss(there, now)
        new = [each for each in there.items() if not self._meet(*each)]
        self._pause = (time.perf_counter() - began) * SCAN_SHARE
        if new:
            self._begin_all(new, there, now)

    def _begin_all(
        self, new: list[tuple[Identity, tuple[str, os.stat_result]]], there: There, now: float
    ) -> None:
        """Begin to read new files, newest first."""
        copies = self._copies()
        documents = {
            known.member.path: identity
            for identity, known in self._known.items()
            if isinstance(known.member, WholeDocument) and identity not in there
        }
        for identity, (path, told) in sorted(new, key=lambda each: -each[1][1].st_mtime):
            at = Path(path)
            if told.st_size == 0 or self._is_too_old(told.st_mtime):
                continue
            if at in documents:
                # A document that is written anew each time, under the same name.
                member: Member | None = self._known.pop(documents[at]).member
                self._restless.pop(documents[at], None)
            else:
                member = self._member(at, identity, told, copies, now)
            if member is not None:
                member.identity = identity
                seen = (told.st_size, told.st_mtime_ns)
                self._known[identity] = self._restless[identity] = _Known(member, seen)

    def _copies(self) -> Copies:
        return Copies(
            (str(known.member.path.parent), fingerprint, truncated)
            for known in self._known.values()
            if isinstance(known.member, FileTail)
            for fingerprint, truncated in (
                *((before, True) for before in known.member.before_truncation),
                (known.member.fingerprint, False),
            )
        )

    def _is_too_old(self, changed: float) -> bool:
        return self._since is not None and changed < self._since

    def _followed_names(self) -> list[tuple[str, str]]:
        return [
            os.path.split(known.member.path)
            for known in self._known.values()
            if isinstance(known.member, FileTail) and known.member.status.state != "gone"
        ]

    def _meet(self, identity: Identity, found: tuple[str, os.stat_result]) -> bool:
        """Note how a known file is now; whether it is known."""
        known = self._known.get(identity)
        if known is None:
            return False
        path, told = found
        seen = (told.st_size, told.st_mtime_ns)
        renamed = str(known.member.path) != path
        if renamed and seen != known.seen and not isinstance(known.member, FileTail):
            # Another file, which was given the number of one that is no more.
            del self._known[identity]
            self._restless.pop(identity, None)
            return False
        returned = known.missing_since is not None
        known.missing_since = None
        if isinstance(known.member, FileTail):
            known.member.ending = False
        if renamed:
            known.member.path = Path(path)
            known.member.status.label = os.fsencode(path).decode("utf-8", "replace")
        if seen != known.seen or returned or known.member.status.state == "failed":
            known.seen = seen
            self._restless[identity] = known
        return True

    def _miss(self, there: There, now: float) -> None:
        for identity, known in self._known.items():
            member = known.member
            if identity in there:
                continue
            if member.status.state == "gone":
                self._restless.pop(identity, None)
                continue
            if known.missing_since is None:
                known.missing_since = now
                self._restless[identity] = known
            if now - known.missing_since < LINGER_S:
                continue
            if isinstance(member, FileTail):
                unread = member.is_open and member.pending
                if unread or now - member.active_at < LINGER_S:
                    continue
                if not member.ending:
                    member.ending = True  # once more, for a last line without its end
                    continue
            member.release()
            member.status.state = "gone"
            self._restless.pop(identity, None)

    def _member(
        self,
        path: Path,
        identity: Identity,
        told: os.stat_result,
        copies: Copies,
        now: float,
    ) -> Member | None:
        """What reads a new file; `None` where that is to be seen in a moment."""
        source = len(self._statuses)
        member: Member
        if path.suffix == ".gz":
            member = GzipFile(
                path,
                identity,
                self._ledger,
                source,
                follow=self._follow,
                read_before=lambda path: self._copies().read_of_compressed(path),
            )
        elif is_laid_out(path):
            member = WholeDocument(path, identity, self._ledger, source, follow=self._follow)
        else:
            start, final = copies.read_of(path) or (0, True)
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
                self._ledger,
                source,
                follow=self._follow,
                start_at=start or None,
                tail_lines=tail_lines,
            )
        self._statuses.append(member.status)
        return member

    def close(self) -> None:
        """Close every file."""
        for known in self._known.values():
            known.member.release()
        if self._notifier is not None:
            self._notifier.close()


def _is_restless(member: Member, now: float) -> bool:
    return member.status.state not in {"failed", "gone"} and member.is_restless(now)
