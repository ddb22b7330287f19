"""What came by pipe or socket is found again, until there is too much of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.sources import spool as spool_module
from llmtop.sources.spool import Spool


@pytest.fixture
def spool() -> Iterator[Spool]:
    found = Spool(half_bytes=1000)
    yield found
    found.close()


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=30))
def test_what_was_kept_is_found_unless_it_is_old(pieces: list[bytes]) -> None:
    spool = Spool(half_bytes=1000)
    kept = [(spool.append(piece), piece) for piece in pieces]
    newer = 0
    for offset, piece in reversed(kept):
        found = spool.read(offset, len(piece))
        assert found in (piece, None)
        if newer + len(piece) <= 1000:
            assert found == piece
        newer += len(piece)
    spool.close()


def test_it_takes_a_bounded_amount_of_the_disk(spool: Spool) -> None:
    for _ in range(100):
        spool.append(b"x" * 100)
    assert sum(os.fstat(file.fileno()).st_size for _, file in spool._halves) <= 2000


def test_it_has_no_name_and_is_only_this_users(spool: Spool) -> None:
    spool.append(b"secret")
    ((_, file),) = spool._halves
    told = os.fstat(file.fileno())
    assert told.st_nlink == 0
    assert stat.S_IMODE(told.st_mode) == 0o600


def test_a_full_disk_costs_payloads_and_nothing_else(spool: Spool) -> None:
    before = spool.append(b"before")

    class Full:
        def __init__(self, inner: object) -> None:
            self._inner = inner

        def write(self, data: bytes) -> int:
            if len(data) <= 3:
                raise OSError(28, "No space left on device")
            return self._inner.write(data[:3])  # type: ignore[attr-defined,no-any-return]  # a file

        def __getattr__(self, name: str) -> object:
            return getattr(self._inner, name)

    ((start, file),) = spool._halves
    spool._halves[0] = (start, Full(file))  # type: ignore[assignment]  # as good as a file
    lost = spool.append(b"does not fit")
    assert spool.read(lost, 12) is None
    spool._halves[0] = (start, file)
    after = spool.append(b"after")
    assert spool.read(before, 6) == b"before"
    assert spool.read(after, 5) == b"after"


def test_without_a_place_for_it_nothing_is_found_and_nothing_breaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(**named: object) -> tuple[int, str]:
        assert named
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(spool_module.tempfile, "mkstemp", refuse)
    spool = Spool()
    offset = spool.append(b"something")
    assert spool.read(offset, 9) is None
    spool.close()
