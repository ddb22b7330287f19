"""Knows a file again that was renamed, copied or written anew: by its name and by its bytes."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import FileIO
from pathlib import Path

from msgspec import Struct

from llmtop.sources.folder_walk import Identity, There, identity_of

HEAD_BYTES = 1024
"""The beginning of a file by which it is known again."""
FOOT_BYTES = 256
"""What stands before the place up to which it was read, likewise."""
TRUSTED_HEAD = 64
"""A shorter beginning is too little to know a file by."""

_BEHIND_NAME = re.compile(r"[.\-_~]")
_BEHIND_STEM = re.compile(r"[.\-_]\d")
_CLOCK_STEP_S = 0.05
"""File systems take the time from a coarser clock."""


class Fingerprint(Struct, frozen=True):
    """A file as far as it was read."""

    head: bytes
    foot: bytes
    position: int
    """How much of it was read."""

    @property
    def is_trusted(self) -> bool:
        """Whether it is enough to know another file by."""
        return len(self.head) >= TRUSTED_HEAD

    def is_in(self, number: int) -> bool:
        """Whether an open file begins with what was read of this one."""
        return self.begins(number) and (
            os.pread(number, len(self.foot), self.position - len(self.foot)) == self.foot
        )

    def begins(self, number: int) -> bool:
        """Whether an open file has the same head."""
        return os.pread(number, len(self.head), 0) == self.head


def open_same(path: Path, identity: Identity) -> FileIO | None:
    """Open a path, if it still names the file it did. Raises OSError."""
    file = FileIO(path, "r")
    if identity_of(os.fstat(file.fileno())) == identity:
        return file
    file.close()
    return None


def rotated(
    followed: Iterable[tuple[str, str]],
    known: Mapping[Identity, object],
    there: There,
    since: float,
) -> There:
    """Files beside the followed ones (folder, name) that they were renamed or copied to."""
    names: dict[str, set[str]] = {}
    for folder, name in followed:
        names.setdefault(folder, set()).add(name)
    met = {path for path, _ in there.values()}
    found: There = {}
    for folder, wanted in names.items():
        for path, name, told in _others(folder, met):
            identity = identity_of(told)
            if identity in there or not told.st_size:
                continue
            # A rename changes the inode's time: one from before the start is an old rotation.
            new = told.st_ctime >= since - _CLOCK_STEP_S and is_rotation(name, wanted)
            if identity in known or new:
                found[identity] = (path, told)
    return found


def _others(folder: str, met: set[str]) -> Iterator[tuple[str, str, os.stat_result]]:
    try:
        entries = list(os.scandir(folder or "."))
    except OSError:
        return
    for entry in entries:
        path = os.path.join(folder, entry.name)  # noqa: PTH118 - thousands of files are looked at
        try:
            if path not in met and entry.is_file(follow_symlinks=False):
                yield path, entry.name, entry.stat(follow_symlinks=False)
        except OSError:
            continue


def is_rotation(name: str, wanted: Iterable[str]) -> bool:
    """Whether a name is what a followed file is called after a rotation: `app.jsonl.1`."""
    if name.endswith(".gz"):
        return False
    for each in wanted:
        stem = os.path.splitext(each)[0]  # noqa: PTH122 - thousands of files are looked at
        if name.startswith(each) and _BEHIND_NAME.match(name, len(each)):
            return True
        if name.startswith(stem) and _BEHIND_STEM.match(name, len(stem)):
            return True
    return False


class Copies:
    """What was read of the files of each folder, to know copies and compressed ones by."""

    def __init__(self, read: Iterable[tuple[str, Fingerprint, bool]]) -> None:
        self._by_head: dict[tuple[str, bytes], list[tuple[Fingerprint, bool]]] = {}
        for folder, each, truncated in read:
            if each.is_trusted:
                key = folder, each.head[:TRUSTED_HEAD]
                self._by_head.setdefault(key, []).append((each, truncated))

    def read_of(self, path: Path) -> tuple[int, bool] | None:
        """How much of a new file was read before under another name, and whether that is final.

        It is not while the other file is still there and may be read further. It is more than
        the new file holds where that may be a copy which is not yet complete.
        """
        try:
            with path.open("rb") as file:
                number = file.fileno()
                size = os.fstat(number).st_size
                for each, final in self._candidates(path, os.pread(number, TRUSTED_HEAD, 0)):
                    short = size < each.position and not final
                    if each.begins(number) and (short or each.is_in(number)):
                        return each.position, final
        except OSError:
            pass  # it is said when the file itself is read
        return None

    def read_of_compressed(self, path: Path) -> int:
        """How much of a file was read before it was compressed."""
        if not self._by_head:
            return 0
        try:
            with gzip.open(path, "rb") as file:
                head = file.read(HEAD_BYTES)
        except (OSError, EOFError, zlib.error):
            return 0
        for each, _ in self._candidates(path, head[:TRUSTED_HEAD]):
            if head.startswith(each.head):
                return each.position
        return 0

    def _candidates(self, path: Path, head: bytes) -> Sequence[tuple[Fingerprint, bool]]:
        return self._by_head.get((str(path.parent), head), ())
