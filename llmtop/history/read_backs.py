"""Parts of stored files read again: what was read lately is kept, and compressed files unpacked."""

from __future__ import annotations

import gzip
import os
import tempfile
import weakref
import zlib
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from io import FileIO
from pathlib import Path

MOST_KEPT_BYTES = 16 * 1024 * 1024
MOST_UNPACKED = 16
"""Compressed files that are unpacked beside each other: into files without a name."""
_PIECE = 256 * 1024


class ReadBacks:
    """Reads what was read before, from whatever place: records of one call may lie far apart."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Path, int, int], bytes] = OrderedDict()
        self._kept_bytes = 0
        self._unpacked: OrderedDict[Path, FileIO] = OrderedDict()
        weakref.finalize(self, _close_all, self._unpacked)

    def of(self, path: Path) -> Callable[[int, int], bytes | None]:
        """What reads a file: bytes at an offset, or `None` when they are gone."""
        return partial(self._read, path)

    def _read(self, path: Path, offset: int, length: int) -> bytes | None:
        key = path, offset, length
        data = self._kept.get(key)
        if data is not None:
            self._kept.move_to_end(key)
            return data
        try:
            data = self._read_anew(path, offset, length)
        except (OSError, EOFError, zlib.error):
            return None
        if len(data) != length:
            return None
        self._keep(key, data)
        return data

    def _keep(self, key: tuple[Path, int, int], data: bytes) -> None:
        self._kept[key] = data
        self._kept_bytes += len(data)
        while self._kept_bytes > MOST_KEPT_BYTES:
            self._kept_bytes -= len(self._kept.popitem(last=False)[1])

    def _read_anew(self, path: Path, offset: int, length: int) -> bytes:
        if path.suffix != ".gz":
            with FileIO(path, "r") as file:
                return os.pread(file.fileno(), length, offset)
        try:
            unpacked = self._unpacked.get(path) or self._unpack(path)
        except OSError:
            # There is no place for it: slowly, then.
            with gzip.open(path, "rb") as packed:
                packed.seek(offset)
                return packed.read(length)
        self._unpacked.move_to_end(path)
        return os.pread(unpacked.fileno(), length, offset)

    def _unpack(self, path: Path) -> FileIO:
        """A compressed file up to where it is damaged: for each record anew, it would take ages."""
        handle, name = tempfile.mkstemp(prefix="llmtop-", suffix=".unpacked")
        # Without a name, the file is gone with the process, however it ends.
        os.unlink(name)  # noqa: PTH108 - mkstemp gives a text
        unpacked = FileIO(handle, "r+")
        try:
            with gzip.open(path, "rb") as packed, open(handle, "wb", closefd=False) as out:
                # Not by whole blocks, of which one that ends in damage would be lost.
                while piece := packed.read1(_PIECE):
                    out.write(piece)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            pass  # what stands before the damage was read, and is read again
        except OSError:
            unpacked.close()
            raise
        self._unpacked[path] = unpacked
        if len(self._unpacked) > MOST_UNPACKED:
            self._unpacked.popitem(last=False)[1].close()
        return unpacked


def _close_all(files: OrderedDict[Path, FileIO]) -> None:
    for file in files.values():
        file.close()
