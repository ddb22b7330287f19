"""The files that are followed: found in folders, known by identity through every rotation."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from llmtop.sources.chunk import Chunk
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.file_tail import ACTIVE_S, FileTail
from llmtop.sources.folder_walk import Identity, There, files_of
from llmtop.sources.newcomers import Known, Member, Newcomers
from llmtop.sources.notifier import Notifier
from llmtop.sources.rotation import Copies, rotated
from llmtop.sources.status import SourceStatus
from llmtop.sources.unlisted import UnlistedFolders
from llmtop.sources.whole_document import WholeDocument

RESCAN_S = 2.0
"""Every folder is looked through again after so many seconds, whatever the system tells."""
SOONEST_S = 0.05
"""Changes that the system tells of are not looked for more often than this (seconds)."""
PAUSES = {True: 20, False: 50}
"""A look is followed by a pause of so many times its length: if a change was told, and if not."""
LINGER_S = 3.0
"""A file that was renamed or deleted is read for so long after its last line."""
LONGEST_PAUSE_S = 10.0
MOST_AT_ONCE = 32
"""So many files are begun, or polled with something found, before the screen has its turn."""
MOST_OPEN = 200


class FileSet:
    """Files and folders as one source of chunks; each file has a status of its own."""

    def __init__(
        self,
        specs: Sequence[Path],
        chunk_index: ChunkIndex,
        statuses: list[SourceStatus],
        *,
        follow: bool,
        tail_lines: int | None = None,
        since: float | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        self._specs = [str(spec) for spec in specs]
        self._statuses = statuses
        self._follow = follow
        self._newcomers = Newcomers(
            chunk_index, statuses, self._copies, follow=follow, tail_lines=tail_lines, since=since
        )
        self._replaceable: dict[Path, Known] = {}
        self._empty: list[str] = []
        self._notifier = notifier
        self._known: dict[Identity, Known] = {}
        self._restless: dict[Identity, Known] = {}
        """Those that are to be polled though nobody tells of a change."""
        self._older: deque[FileTail] = deque()
        """Those whose older part is still to be read."""
        self._unlisted = UnlistedFolders()
        self._open: dict[Identity, FileTail] = {}
        """Those held open, the longest unused first."""
        self._notified = False
        self._scanned_at = float("-inf")
        self._scan_took = 0.0
        self._first_scan = True
        self._started = 0.0

    def poll(self, now: float, budget: int) -> list[Chunk]:
        """What is new in any file; older parts of large files when nothing is new."""
        if self._is_scan_due(now):
            self._scan(now)
        if self._newcomers:
            self._begin(now)
        found: list[Chunk] = []
        for looked in range(len(self._restless)):
            if budget <= 0 or (found and looked >= MOST_AT_ONCE):
                break
            chunks = self._poll_next(now, budget)
            budget -= sum(len(chunk.data) for chunk in chunks)
            found.extend(chunks)
        return found or self._backfill(now)

    def _poll_next(self, now: float, budget: int) -> list[Chunk]:
        """Poll the file that was longest not polled."""
        identity, known = next(iter(self._restless.items()))
        del self._restless[identity]
        member = known.member
        chunks = member.poll(now, budget)
        if isinstance(member, FileTail):
            self._hold(identity, member)
        if known.missing_since is not None or _is_restless(member, now):
            self._restless[identity] = known
        return chunks

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
        pause = min(self._scan_took * PAUSES[self._notified], LONGEST_PAUSE_S)
        return since < 0 or since >= max(wanted, pause)

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
            or bool(self._newcomers)
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
        self._empty = [path for path, told in there.values() if not told.st_size]
        self._miss(there, now)
        new = [each for each in there.items() if not self._meet(*each)]
        self._scan_took = time.perf_counter() - began
        self._newcomers.put(new)
        self._replaceable = self._take_replaceable(there) if new else {}

    def _begin(self, now: float) -> None:
        """Begin to read some of the new files."""
        begun = self._newcomers.take(MOST_AT_ONCE, self._replaceable, now)
        for identity, known, replaced in begun:
            if replaced is not None:
                self._known.pop(replaced, None)
                self._restless.pop(replaced, None)
            self._known[identity] = self._restless[identity] = known

    def _take_replaceable(self, there: There) -> dict[Path, Known]:
        """Documents whose file is no more, by path: another may have taken its place."""
        return {
            known.member.path: known
            for identity, known in self._known.items()
            if isinstance(known.member, WholeDocument) and identity not in there
        }

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

    def _followed_names(self) -> list[tuple[str, str]]:
        """Folder and name of what may be rotated: also of files that are still empty."""
        paths = [
            str(known.member.path)
            for known in self._known.values()
            if isinstance(known.member, FileTail) and known.member.status.state != "gone"
        ]
        paths += [spec for spec in self._specs if not Path(spec).is_dir()]
        return [os.path.split(path) for path in (*paths, *self._empty)]

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
            known.member.ending = known.member.nameless = False
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
                if isinstance(member, FileTail):
                    member.nameless = True
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
            member.status.state, member.status.detail = "gone", None
            self._restless.pop(identity, None)

    def close(self) -> None:
        """Close every file."""
        for known in self._known.values():
            known.member.release()
        if self._notifier is not None:
            self._notifier.close()


def _is_restless(member: Member, now: float) -> bool:
    return member.status.state not in {"failed", "gone"} and member.is_restless(now)
