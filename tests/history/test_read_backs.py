"""Stored files are read again at any place, compressed ones without going through all each time."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from llmtop.history import read_backs
from llmtop.history.read_backs import ReadBacks

DATA = random.Random(1).randbytes(300_000)


def files(tmp_path: Path) -> list[Path]:
    plain, packed = tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"
    plain.write_bytes(DATA)
    packed.write_bytes(gzip.compress(DATA))
    return [plain, packed]


def test_whatever_is_asked_for_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_backs, "MOST_KEPT_BYTES", 50_000)
    several = ReadBacks()
    places = random.Random(2)
    for path in files(tmp_path) * 20:
        offset, length = places.randrange(290_000), places.randrange(1, 10_000)
        assert several.of(path)(offset, length) == DATA[offset : offset + length]
    assert several._kept_bytes <= 50_000
    assert several._kept_bytes == sum(map(len, several._kept.values()))


def test_a_compressed_file_is_gone_through_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    real = gzip.open

    def noting(path: Path, mode: str) -> object:
        opened.append(path)
        return real(path, mode)

    monkeypatch.setattr(read_backs.gzip, "open", noting)
    read = ReadBacks().of(files(tmp_path)[1])
    for offset in range(290_000, 0, -10_000):
        assert read(offset, 5) == DATA[offset : offset + 5]
    assert len(opened) == 1


def test_not_too_many_files_are_unpacked_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_backs, "MOST_UNPACKED", 2)
    several = ReadBacks()
    paths = [tmp_path / f"{number}.gz" for number in range(5)]
    for number, path in enumerate(paths):
        path.write_bytes(gzip.compress(b"%d" % number * 10))
    for offset in (0, 5):
        for number, path in enumerate(paths):
            assert several.of(path)(offset, 3) == b"%d" % number * 3
            assert len(several._unpacked) <= 2


def test_what_is_gone_or_damaged_is_none_and_what_stood_before_is_there(tmp_path: Path) -> None:
    plain, packed = files(tmp_path)
    several = ReadBacks()
    assert several.of(plain)(299_999, 10) is None
    plain.unlink()
    assert several.of(plain)(0, 10) is None
    packed.write_bytes(packed.read_bytes()[:200_000])
    assert several.of(packed)(1000, 10) == DATA[1000:1010]
    assert several.of(packed)(299_000, 10) is None


def test_without_a_place_to_unpack_to_it_is_read_slowly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = files(tmp_path)[1]
    monkeypatch.setattr(read_backs.tempfile, "tempdir", str(tmp_path / "no such folder"))
    assert ReadBacks().of(packed)(1000, 10) == DATA[1000:1010]
