"""The files that are followed: found in folders, known by identity through every rotation."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from llmtop.sources.chunk import Chunk
from llmtop.sources.file_tail import TRUSTED_HEAD, FileTail, Identity
from llmtop.sources.gzip_file import GzipFile
from llmtop.sources.ledger import Ledger
from llmtop.sources.notifier import Notifier
from llmtop.sources.status import SourceStatus
from llmtop.sources.whole_document import WholeDocument, is_laid_out

SUFFIXES = (".jsonl", ".ndjson", ".log", ".json")
RESCAN_S = 2.0
"""Every folder is looked through again after so many seconds, whatever the system tells."""
ACTIVE_S = 10.0
"""A file that grew within so many seconds is looked at in every poll."""
LINGER_S = 3.0
"""A file that was renamed or deleted is read for so long after its last line."""
MOST_OPEN = 200

Member = FileTail | GzipFile | WholeDocument


_There = dict[Identity, tuple[Path, os.stat_result]]
"""The files that there are."""


class _Known(Struct, eq=False):
    """What is remembered of a file beside its reader."""

    member: Member
    missing_since: float | None = None
    was: tuple[bytes, int] | None = None
    """Head and position before the file was last truncated."""


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
        self._specs = list(specs)
        self._ledger = ledger
        self._statuses = statuses
        self._follow = follow
        self._tail_lines = tail_lines
        self._since = since
        self._notifier = notifier
        self._known: dict[Identity, _Known] = {}
        self._scanned_at = float("-inf")
        self._first_scan = True
        self._started = 0.0
        self._turn = 0

    def poll(self, now: float, budget: int) -> list[Chunk]:
        """What is new in any file; older parts of large files when nothing is new."""
        notified = self._notifier is not None and self._notifier.take()
        rescan = notified or now - self._scanned_at >= RESCAN_S
        if rescan and (self._follow or self._first_scan):
            self._scan(now)
        found: list[Chunk] = []
        members = self._turned(now, all_of_them=rescan)
        for count, known in enumerate(members, 1):
            chunks = self._poll_one(known, now, budget)
            found.extend(chunks)
            budget -= sum(len(chunk.data) for chunk in chunks)
            if budget <= 0:
                self._turn += count
                break
        return found or self._backfill(now)

    def _poll_one(self, known: _Known, now: float, budget: int) -> list[Chunk]:
        member = known.member
        if not isinstance(member, FileTail):
            return member.poll(now, budget)
        head, position = member.head, member.position
        chunks = member.poll(now, budget)
        if member.position < position and len(head) >= TRUSTED_HEAD:
            known.was = (head, position)
        return chunks

    def _turned(self, now: float, *, all_of_them: bool) -> list[_Known]:
        members = [
            known
            for known in self._known.values()
            if all_of_them or known.missing_since is not None or _is_active(known.member, now)
        ]
        turn = self._turn % len(members) if members else 0
        return members[turn:] + members[:turn]

    def _backfill(self, now: float) -> list[Chunk]:
        for known in self._known.values():
            member = known.member
            if isinstance(member, FileTail) and member.pending:
                chunks = member.backfill(now)
                if chunks:
                    return chunks
        return []

    def pending(self) -> bool:
        """Whether more is known to be there than was read."""
        return self._first_scan or any(
            known.member.pending or (isinstance(known.member, FileTail) and known.member.waiting)
            for known in self._known.values()
            if known.missing_since is None and known.member.status.state not in {"failed", "gone"}
        )

    def is_active(self, now: float) -> bool:
        """Whether any file grew lately."""
        return any(
            isinstance(known.member, FileTail) and now - known.member.active_at < ACTIVE_S
            for known in self._known.values()
        )

    def _scan(self, now: float) -> None:
        self._scanned_at = now
        if self._first_scan:
            self._first_scan = False
            self._started = now
        there: _There = {}
        for path in self._paths():
            try:
                told = path.stat()
            except OSError:
                continue
            if stat.S_ISREG(told.st_mode):
                there.setdefault((told.st_dev, told.st_ino), (path, told))
        there.update(self._rotated(there))
        self._miss(there, now)
        newest_first = sorted(there.items(), key=lambda item: -item[1][1].st_mtime)
        for identity, (path, told) in newest_first:
            known = self._known.get(identity)
            if known is not None:
                known.missing_since = None
                if known.member.path != path:
                    known.member.path = path
                    known.member.status.label = str(path)
            elif told.st_size > 0 and not self._is_too_old(told.st_mtime):
                self._begin(path, identity)
        self._close_surplus()

    def _is_too_old(self, changed: float) -> bool:
        return self._since is not None and changed < self._since

    def _paths(self) -> Iterator[Path]:
        for spec in self._specs:
            if spec.is_dir():
                yield from _files_in(spec)
            else:
                yield spec

    def _rotated(self, there: _There) -> _There:
        """Files beside those followed that they were renamed to, or that came between two looks."""
        found: _There = {}
        stems: dict[Path, set[str]] = {}
        for known in self._known.values():
            path = known.member.path
            if isinstance(known.member, FileTail) and known.member.status.state != "gone":
                stems.setdefault(path.parent, set()).add(path.name.removesuffix(path.suffix))
        for folder, names in stems.items():
            try:
                entries = list(os.scandir(folder))
            except OSError:
                continue
            for entry in entries:
                try:
                    told = entry.stat()
                except OSError:
                    continue
                identity = (told.st_dev, told.st_ino)
                if identity in there or not stat.S_ISREG(told.st_mode):
                    continue
                # A rename changes the inode's time: one from before the start is an old rotation.
                new = told.st_ctime >= self._started and not entry.name.endswith(".gz")
                if identity in self._known or (new and entry.name.startswith(tuple(names))):
                    found[identity] = (Path(entry.path), told)
        return found

    def _miss(self, there: _There, now: float) -> None:
        for identity, known in self._known.items():
            if identity in there:
                continue
            if known.missing_since is None:
                known.missing_since = now
            member = known.member
            grew = isinstance(member, FileTail) and now - member.active_at < LINGER_S
            if now - known.missing_since >= LINGER_S and not grew:
                member.release()
                if member.status.state != "gone":
                    member.status.state = "gone"

    def _begin(self, path: Path, identity: Identity) -> None:
        source = len(self._statuses)
        member: Member
        if path.suffix == ".gz":
            member = GzipFile(path, identity, self._ledger, source)
        elif is_laid_out(path):
            member = WholeDocument(path, identity, self._ledger, source, follow=self._follow)
        else:
            member = FileTail(
                path,
                identity,
                self._ledger,
                source,
                follow=self._follow,
                start_at=self._already_read(path),
                tail_lines=self._tail_lines if not self._known_before(path) else None,
            )
        self._statuses.append(member.status)
        self._known[identity] = _Known(member)

    def _known_before(self, path: Path) -> bool:
        return any(known.member.path == path for known in self._known.values())

    def _already_read(self, path: Path) -> int | None:
        """How much of a new file was read before, if it is the copy of a copy-and-truncate."""
        try:
            with path.open("rb") as file:
                head = file.read(1024)
        except OSError:
            return None
        for known in self._known.values():
            member = known.member
            if not isinstance(member, FileTail) or member.path.parent != path.parent:
                continue
            told = known.was or (member.head, member.position)
            for old_head, position in (told, (member.head, member.position)):
                if len(old_head) >= TRUSTED_HEAD and head.startswith(old_head):
                    return position
        return None

    def _close_surplus(self) -> None:
        tails = [
            known.member
            for known in self._known.values()
            if isinstance(known.member, FileTail) and known.member.is_open
        ]
        if len(tails) > MOST_OPEN:
            tails.sort(key=lambda tail: tail.active_at)
            for tail in tails[: len(tails) - MOST_OPEN]:
                tail.release()

    def close(self) -> None:
        """Close every file."""
        for known in self._known.values():
            known.member.release()
        if self._notifier is not None:
            self._notifier.close()


def _is_active(member: Member, now: float) -> bool:
    if not isinstance(member, FileTail):
        return member.pending
    return member.pending or member.waiting or now - member.active_at < ACTIVE_S


def _files_in(folder: Path) -> Iterator[Path]:
    """Logs below a folder, through links, each folder once."""
    seen: set[Identity] = set()
    for root, folders, names in os.walk(folder, followlinks=True, onerror=None):
        try:
            told = Path(root).stat()
        except OSError:
            folders.clear()
            continue
        identity = (told.st_dev, told.st_ino)
        if identity in seen:
            folders.clear()
            continue
        seen.add(identity)
        for name in names:
            if name.removesuffix(".gz").endswith(SUFFIXES) and not name.startswith("."):
                yield Path(root, name)
