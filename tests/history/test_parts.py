"""A log is cut into parts of whole lines, none of which is left out or told twice."""

from __future__ import annotations

import gzip
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmtop.history import files
from llmtop.history.chunks import Chunks
from llmtop.history.parts import parts
from llmtop.sources.chunk_index import ChunkIndex
from tests.history.logs import call, text, write


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.integers(0, 300).map(lambda length: b"x" * length), max_size=60),
    size=st.integers(1, 1000),
    is_ended=st.booleans(),
)
def test_the_parts_are_the_log(
    tmp_path: Path, lines: list[bytes], size: int, is_ended: bool
) -> None:
    data = b"\n".join(lines) + (b"\n" if is_ended else b"")
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    read = []
    for part in parts(files.find([path]), size):
        index = ChunkIndex()
        chunks = Chunks(part, index, lambda _: True)
        for chunk in chunks:
            read.append(chunk.data)
            assert chunk.data.endswith(b"\n") or data.endswith(chunk.data)
        assert chunks.bytes_read == chunks.bytes_total
    assert b"".join(read).strip(b"\n") == data.strip(b"\n")


def test_a_large_file_makes_many_parts_of_about_one_size(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *(each for n in range(500) for each in call(f"r{n}")))
    found = [log for part in parts(files.find([path]), 10_000) for log in part]
    assert len(found) >= 10
    assert sum(log.size for log in found) == path.stat().st_size
    assert all(log.size <= 21_000 for log in found)


def test_a_line_of_a_part_is_read_again_from_its_place(tmp_path: Path) -> None:
    lines = text(each for n in range(50) for each in call(f"r{n}")).splitlines()
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    *_, last = parts(files.find([path]), 2_000)
    index = ChunkIndex()
    (chunk,) = Chunks(last, index, lambda _: True)
    assert index.read(chunk.number << 17) == chunk.data.split(b"\n")[0]


def test_files_of_one_day_and_compressed_ones_are_not_cut(tmp_path: Path) -> None:
    records = text(each for n in range(100) for each in call(f"r{n}"))
    for name in ("llm_logs_2025-11-24.jsonl", "llm_logs_2025-11-24.1.jsonl"):
        (tmp_path / name).write_bytes(records)
    (tmp_path / "llm_logs_2025-11-25.jsonl.gz").write_bytes(gzip.compress(records))
    found = list(parts(files.find([tmp_path]), 1_000))
    assert [len(part) for part in found] == [2, 1]
    assert all(log.first == 0 and log.end is None for part in found for log in part)
