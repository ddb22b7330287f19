"""Sorts more rows than fit in memory: sorted runs on disk, merged in the end."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

from msgspec import msgpack

MOST_BYTES = 64 * 1024 * 1024
"""Rows in memory, encoded; a row in memory as objects takes a few times that."""
_LENGTH = 4

Key = tuple[bool, Any]
"""Whether the figure is known, and the figure; unknown ones come last."""
Keyed = tuple[Key, bytes]


def key_of(figure: float | str | None) -> Key:
    """The key of a row: descending order puts the largest first and the unknown last."""
    return (figure is not None, 0 if figure is None else figure)


def sorted_rows(
    rows: Iterable[tuple[Key, bytes]], *, descending: bool = True, most_bytes: int = MOST_BYTES
) -> Iterator[bytes]:
    """Encoded rows in the order of their keys; equal keys stay in the order they came in."""
    runs: list[IO[bytes]] = []
    held: list[Keyed] = []
    size = 0
    try:
        for keyed in rows:
            held.append(keyed)
            size += len(keyed[1]) + 100
            if size >= most_bytes:
                held.sort(key=_key, reverse=descending)
                runs.append(_written(held))
                held, size = [], 0
        held.sort(key=_key, reverse=descending)
        merged: Iterable[Keyed] = held
        if runs:
            merged = heapq.merge(*map(_read, runs), held, key=_key, reverse=descending)
        for _, row in merged:
            yield row
    finally:
        for run in runs:
            run.close()


def _key(keyed: Keyed) -> Key:
    return keyed[0]


def _written(rows: list[Keyed]) -> IO[bytes]:
    run = tempfile.TemporaryFile(prefix="llmtop-sort-")  # noqa: SIM115 - closed when all is merged
    for keyed in rows:
        data = msgpack.encode(keyed)
        run.write(len(data).to_bytes(_LENGTH, "big") + data)
    run.seek(0)
    return run


def _read(run: IO[bytes]) -> Iterator[Keyed]:
    while length := run.read(_LENGTH):
        yield msgpack.decode(run.read(int.from_bytes(length, "big")), type=Keyed)
