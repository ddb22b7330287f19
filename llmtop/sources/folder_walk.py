"""Finds the files that are followed: those named, and the logs below folders, through links."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence

SUFFIXES = (".jsonl", ".ndjson", ".log", ".json")
"""What is read of a folder; also with `.gz` behind."""

Identity = tuple[int, int]
"""Device and inode."""
There = dict[Identity, tuple[str, os.stat_result]]
"""The files that there are."""


def identity_of(told: os.stat_result) -> Identity:
    """What a file is known by, whatever its name."""
    return told.st_dev, told.st_ino


def files_of(specs: Sequence[str], unlisted: dict[str, str]) -> There:
    """Every regular file that is meant, once; why a folder cannot be listed goes to `unlisted`."""
    there: There = {}
    seen: set[Identity] = set()
    for spec in specs:
        told = _stat(spec)
        if told is None:
            continue
        if stat.S_ISDIR(told.st_mode):
            for path, each in _files_below(spec, told, seen, unlisted):
                there.setdefault(identity_of(each), (path, each))
        elif stat.S_ISREG(told.st_mode):
            there.setdefault(identity_of(told), (spec, told))
    return there


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - thousands of files are looked at
    except OSError:
        return None


def _files_below(
    folder: str, told: os.stat_result, seen: set[Identity], unlisted: dict[str, str]
) -> Iterator[tuple[str, os.stat_result]]:
    waiting = [(folder, told)]
    while waiting:
        at, about = waiting.pop()
        # A link may lead back to a folder above it.
        if identity_of(about) in seen:
            continue
        seen.add(identity_of(about))
        try:
            entries = list(os.scandir(at))
        except OSError as error:
            unlisted[at] = f"The folder cannot be listed: {error.strerror or error}."
            continue
        for entry in entries:
            if entry.is_symlink() or entry.is_dir(follow_symlinks=False):
                each = _stat(entry.path)
                if each is not None and stat.S_ISDIR(each.st_mode):
                    waiting.append((entry.path, each))
                    continue
            if entry.name.startswith(".") or not is_log(entry.name):
                continue
            each = _stat(entry.path)
            if each is not None and stat.S_ISREG(each.st_mode):
                yield entry.path, each


def is_log(name: str) -> bool:
    """Whether a file of a folder is read, by its name."""
    return name.removesuffix(".gz").endswith(SUFFIXES)
