"""Lets go of stored days by age and by size and compresses older ones; touches nothing else."""

from __future__ import annotations

import gzip
import os
import shutil
import stat
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Literal

from msgspec import Struct

from llmtop.emit.file import DAY_S
from llmtop.history.days import stored_day
from llmtop.history.new_file import new_file

_BLOCK = 1024 * 1024


class Policy(Struct, frozen=True):
    """What is kept."""

    keep: float | None = None
    """Days older than so many seconds leave."""
    max_size: int | None = None
    """The oldest days leave until all files together have no more bytes than this."""
    compress: float | None = None
    """Days older than so many seconds are compressed."""


class Deed(Struct, frozen=True):
    """What was done, or would be, to one file."""

    kind: Literal["delete", "compress"]
    name: str
    size: int
    """Bytes before."""
    reason: str
    left: int | None = None
    """Bytes after; `None` if that was not found out."""
    problem: str | None = None
    """A sentence, if it could not be done."""


class _Stored(Struct):
    path: Path
    day: date
    size: int

    def age(self, now: float) -> float:
        """Seconds since the day was over."""
        end = datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC).timestamp()
        return now - (end + DAY_S)


def prune(folder: Path, policy: Policy, now: float, *, dry_run: bool = False) -> list[Deed]:
    """Apply a policy to the store in a folder; `now` is seconds since the epoch.

    Only regular files named as those of the store are looked at, and never today's. Raises
    OSError if the folder cannot be listed.
    """
    stored = _stored(folder)
    deeds: list[Deed] = []
    kept: list[_Stored] = []
    for log in stored:
        if policy.keep is not None and log.age(now) > policy.keep:
            deeds.append(_delete(log, "older than what is kept", dry_run=dry_run))
        else:
            kept.append(log)
    if policy.compress is not None:
        deeds.extend(
            _compress(log, dry_run=dry_run)
            for log in kept
            if log.path.suffix != ".gz" and log.age(now) > policy.compress
        )
    if policy.max_size is not None:
        deeds.extend(_shrink(kept, policy.max_size, now, dry_run=dry_run))
    return deeds


def _stored(folder: Path) -> list[_Stored]:
    """The files of the store, the oldest day first."""
    found = []
    for entry in os.scandir(folder):
        day = stored_day(entry.name)
        told = entry.stat(follow_symlinks=False)
        if day is not None and stat.S_ISREG(told.st_mode):
            found.append(_Stored(Path(entry.path), day, told.st_size))
    return sorted(found, key=lambda log: (log.day, log.path.name))


def _shrink(kept: Sequence[_Stored], max_size: int, now: float, *, dry_run: bool) -> list[Deed]:
    total = sum(log.size for log in kept)
    deeds = []
    for log in kept:
        # Today's file is being written to.
        if total <= max_size or log.age(now) <= 0:
            break
        deed = _delete(log, "all files together are too large", dry_run=dry_run)
        deeds.append(deed)
        if deed.problem is None:
            total -= log.size
    return deeds


def _delete(log: _Stored, reason: str, *, dry_run: bool) -> Deed:
    problem = None
    if not dry_run:
        try:
            log.path.unlink()
        except FileNotFoundError:
            pass  # another one prunes the same folder
        except OSError as error:
            problem = f"{log.path} cannot be deleted: {error.strerror or error}."
    return Deed("delete", log.path.name, log.size, reason, 0, problem)


def _compress(log: _Stored, *, dry_run: bool) -> Deed:
    reason = "older than what stays as it is"
    if dry_run:
        return Deed("compress", log.path.name, log.size, reason)
    packed = log.path.with_name(f"{log.path.name}.gz")
    try:
        with log.path.open("rb") as file:
            before = os.fstat(file.fileno())
            if not _is_copy(packed, file):
                _pack(file, packed)
            now_there = log.path.stat()
        if (before.st_size, before.st_mtime_ns) != (now_there.st_size, now_there.st_mtime_ns):
            return Deed("compress", log.path.name, log.size, reason, None, _GREW.format(log.path))
        left = packed.stat().st_size
        log.path.unlink()
    except FileNotFoundError:
        return Deed("compress", log.path.name, log.size, reason, 0)
    except (OSError, EOFError) as error:
        told = error.strerror if isinstance(error, OSError) else None
        problem = f"{log.path} cannot be compressed: {told or error}."
        return Deed("compress", log.path.name, log.size, reason, None, problem)
    deed = Deed("compress", log.path.name, log.size, reason, left)
    log.path, log.size = packed, left
    return deed


_GREW = "{} was written to meanwhile, and is compressed the next time."


def _is_copy(packed: Path, file: IO[bytes]) -> bool:
    """Whether a compressed file that is there already holds all of it: one was killed here."""
    if not packed.exists():
        return False
    try:
        with gzip.open(packed, "rb") as there:
            while block := file.read(_BLOCK):
                if there.read(len(block)) != block:
                    return False
            return not there.read(1)
    except (OSError, EOFError):
        return False
    finally:
        file.seek(0)


def _pack(file: IO[bytes], packed: Path) -> None:
    """Compress a file beside it, behind what is compressed of its day already."""
    with new_file(packed, force=True) as out:
        if packed.exists():
            # Gzip files one after the other are one.
            with packed.open("rb") as earlier:
                shutil.copyfileobj(earlier, out, _BLOCK)
        with gzip.GzipFile(filename="", mode="wb", fileobj=out, compresslevel=6) as into:
            shutil.copyfileobj(file, into, _BLOCK)
