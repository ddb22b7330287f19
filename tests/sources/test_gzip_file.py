"""Compressed logs are read once, in bounded memory; of a damaged one what is before the damage."""

from __future__ import annotations

import gzip
import time
import tracemalloc
from pathlib import Path

import pytest

from llmtop.sources import gzip_file
from llmtop.sources.chunk import Chunk, place
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.folder_walk import identity_of
from llmtop.sources.gzip_file import STILL_S, GzipFile
from tests.sources.following import lines_of, numbered, text


def packed(path: Path, chunk_index: ChunkIndex | None = None, *, follow: bool = False) -> GzipFile:
    return GzipFile(path, identity_of(path.stat()), chunk_index or ChunkIndex(), 0, follow=follow)


def read_all(file: GzipFile) -> list[Chunk]:
    found = []
    while file.pending:
        found += file.poll(time.time(), 1 << 18)
    return found


def test_every_line_comes_once_and_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl.gz"
    lines = numbered(0, 20_000)
    path.write_bytes(gzip.compress(text(lines[:9000])) + gzip.compress(text(lines[9000:])))
    chunk_index = ChunkIndex()
    file = packed(path, chunk_index)
    chunks = read_all(file)
    assert lines_of(chunks) == lines
    assert len(chunks) > 3
    assert chunk_index.read(place(chunks[-1].number, 0)) == lines_of(chunks[-1:])[0]
    assert file.status.state == "read"
    assert file.status.bytes_read == file.status.bytes_total == path.stat().st_size
    assert file.poll(0.0, 1) == []


def test_a_last_line_without_newline_comes(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n".join(numbered(0, 3))))
    assert lines_of(read_all(packed(path))) == numbered(0, 3)


def test_of_a_damaged_file_what_is_before_the_damage_comes_and_the_damage_is_said(
    tmp_path: Path,
) -> None:
    path = tmp_path / "old.jsonl.gz"
    lines = [b"%064x" % (number * 0x9E3779B97F4A7C15 % 2**256) for number in range(40_000)]
    whole = gzip.compress(text(lines))
    path.write_bytes(whole[: len(whole) // 2])
    file = packed(path)
    found = lines_of(read_all(file))
    assert 1000 < len(found) < len(lines)
    assert found[:-1] == lines[: len(found) - 1]
    assert file.status.state == "failed"
    assert file.status.detail is not None
    assert "damaged" in file.status.detail


@pytest.mark.parametrize("content", [b"", b"no gzip at all", b"\x1f\x8b\x08"])
def test_what_is_no_gzip_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "old.jsonl.gz"
    path.write_bytes(content)
    file = packed(path)
    assert lines_of(read_all(file)) == []
    assert file.status.state == ("failed" if content else "read")


def test_a_file_that_was_just_written_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl.gz"
    path.write_bytes(gzip.compress(text(numbered(0, 3)))[:40])
    file = packed(path, follow=True)
    assert file.poll(time.time(), 1) == []
    assert file.status.state == "reading"
    assert file.is_restless(0.0)
    assert not file.pending
    path.write_bytes(gzip.compress(text(numbered(0, 3))))
    later = time.time() + STILL_S + 1
    assert lines_of(file.poll(later, 1) + file.poll(later, 1)) == numbered(0, 3)


def test_a_bomb_of_one_line_is_held_only_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gzip_file, "LineCutter", lambda: _cutter(2_000_000))
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(b"x" * 100_000_000 + b"\n" + text(numbered(0, 2)), 1))
    tracemalloc.start()
    try:
        found = lines_of(read_all(packed(path)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found[1:] == numbered(0, 2)
    assert len(found[0]) <= 1024
    assert peak < 8_000_000


def _cutter(longest: int) -> gzip_file.LineCutter:
    from llmtop.sources.line_cutter import LineCutter

    return LineCutter(longest)
