"""One growing file: newest lines first, every line once, whatever the bytes and however cut."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmtop.decode.decoder import Decoder
from llmtop.sources import file_tail, line_cutter, older_lines
from llmtop.sources.chunk import MAX_DOCUMENTS, Chunk, place
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.file_tail import ACTIVE_S, SETTLED_S, FileTail
from llmtop.sources.folder_walk import identity_of
from llmtop.sources.line_cutter import SAMPLE_BYTES
from tests.sources.following import lines_of, numbered, text

BUDGET = 1 << 18


def tail_of(path: Path, *, follow: bool = True, tail_lines: int | None = None) -> FileTail:
    return FileTail(
        path, identity_of(path.stat()), ChunkIndex(), 0, follow=follow, tail_lines=tail_lines
    )


def read_all(tail: FileTail, now: float = 0.0) -> list[Chunk]:
    found = []
    while True:
        chunks = tail.poll(now, BUDGET) or tail.backfill(now)
        found += chunks
        if not chunks and not tail.pending:
            return found


@pytest.mark.parametrize("follow", [True, False])
def test_a_byte_order_mark_carriage_returns_and_broken_text_cost_no_line(
    tmp_path: Path, follow: bool
) -> None:
    path = tmp_path / "app.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"request_id":"a","model":"m","messages":[]}\r\n'
        b'{"request_id":"b","model":"m\xff\xfe","messages":[]}\r\n'
        b"\r\n\n"
        b'{"request_id":"c","model":"m","messages":[]}\n'
    )
    tail = tail_of(path, follow=follow)
    decoder = Decoder()
    found = [each for chunk in read_all(tail) for each in decoder.decode(chunk)]
    tail.release()
    assert [each.request_id for each in found if each.request_id] == ["a", "b", "c"]


def test_a_half_written_line_waits_for_its_other_half(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    (line,) = numbered(0, 1)
    path.write_bytes(line[:20])
    tail = tail_of(path)
    assert tail.poll(0.0, BUDGET) == []
    assert tail.poll(100.0, BUDGET) == []  # however long it stands still: it is no JSON
    assert not tail.is_restless(100.0)
    path.write_bytes(line + b"\n")
    assert lines_of(tail.poll(101.0, BUDGET)) == [line]
    tail.release()


def test_a_last_line_without_newline_is_taken_once_it_stands_still(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    lines = numbered(0, 3)
    path.write_bytes(b"\n".join(lines))
    tail = tail_of(path)
    assert lines_of(tail.poll(0.0, BUDGET)) == lines[:2]
    assert tail.poll(0.0, BUDGET) == []
    assert tail.is_restless(ACTIVE_S + 1)
    assert tail.poll(SETTLED_S / 2, BUDGET) == []
    assert lines_of(tail.poll(SETTLED_S, BUDGET)) == lines[2:]
    with path.open("ab") as file:
        file.write(b"\n" + text(numbered(3, 4)))
    assert lines_of(tail.poll(5.0, BUDGET)) == numbered(3, 4)
    tail.release()


def test_a_line_that_only_looks_complete_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    path.write_bytes(b'{"model":"m","usage":{"input":1}')
    tail = tail_of(path)
    assert tail.poll(0.0, BUDGET) == []
    assert tail.poll(50.0, BUDGET) == []
    with path.open("ab") as file:
        file.write(b',"id":1}\n')
    assert lines_of(tail.poll(51.0, BUDGET)) == [b'{"model":"m","usage":{"input":1},"id":1}']
    tail.release()


def test_a_large_file_gives_its_end_first_and_then_the_rest_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_tail, "TAIL_BYTES", 20_000)
    monkeypatch.setattr(file_tail, "CHUNK_BYTES", 2_000)
    monkeypatch.setattr(older_lines, "CHUNK_BYTES", 2_000)
    path = tmp_path / "app.jsonl"
    lines = numbered(0, 3000)
    path.write_bytes(text(lines))
    tail = tail_of(path)
    first = tail.poll(0.0, 2_000)
    assert lines_of(first)[0] not in lines[:2500]
    assert tail.status.state == "reading"
    assert 0 < tail.status.bytes_read < tail.status.bytes_total
    with path.open("ab") as file:
        file.write(text(numbered(3000, 3002)))
    found = lines_of(first + read_all(tail))
    assert sorted(found) == sorted(numbered(0, 3002))
    assert tail.status.state == "following"
    assert tail.status.bytes_read == tail.status.bytes_total
    tail.release()


@pytest.mark.parametrize(
    "head",
    [
        b'{"type":"session","version":3,"id":"s","timestamp":"2026-01-02T03:04:05.000Z"}\n',
        b'{"type":"session.start","data":{"id":"s"},"parentId":null}\n',
        b'{"sessionId":"s","projectHash":"p"}\n',
    ],
)
def test_a_large_transcript_is_read_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    monkeypatch.setattr(file_tail, "TAIL_BYTES", 1000)
    monkeypatch.setattr(file_tail, "CHUNK_BYTES", 1000)
    path = tmp_path / "session.jsonl"
    path.write_bytes(head + b'{"type":"message"}\n' * 1000)
    tail = tail_of(path)
    data = b"".join(chunk.data for chunk in read_all(tail))
    tail.release()
    assert data == path.read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    lengths=st.lists(st.integers(1, 400) | st.integers(1, 9000), min_size=1, max_size=60),
    tail_bytes=st.integers(1, 5000),
)
def test_every_line_of_a_large_file_comes_once_or_as_the_sample_of_one_that_is_too_long(
    tmp_path: Path,
    lengths: list[int],
    tail_bytes: int,
) -> None:
    longest = 4000
    with pytest.MonkeyPatch.context() as patch:
        for module in (file_tail, older_lines):
            patch.setattr(module, "LONGEST_LINE", longest)
            patch.setattr(module, "CHUNK_BYTES", 500)
        patch.setattr(file_tail, "TAIL_BYTES", tail_bytes)
        path = tmp_path / "app.jsonl"
        lines = [(b"%d:" % at).ljust(length, b"x") + b"!" for at, length in enumerate(lengths)]
        path.write_bytes(text(lines))
        tail = tail_of(path, follow=False)
        chunks = []
        while True:
            given_out = tail.poll(0.0, 500) or tail.backfill(0.0)
            chunks += given_out
            if not given_out and not tail.pending:
                break
        tail.release()
    found_lines = lines_of(chunks)
    by_number = {int(line.partition(b":")[0]): line for line in found_lines}
    assert len(found_lines) == len(lines)
    for number, line in enumerate(lines):
        found = by_number[number]
        if len(line) < longest:
            assert found == line
        else:
            # Once only, so that it is counted once: whole, or the beginning of it.
            assert found in (line, line[:SAMPLE_BYTES])


def test_a_line_of_a_hundred_megabytes_is_read_whole_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    before, after = numbered(0, 1), numbered(1, 2)
    long = b'{"content":"' + b"x" * 100_000_000 + b'"}'
    path.write_bytes(text([*before, long, *after]))
    chunk_index = ChunkIndex()
    tail = FileTail(path, identity_of(path.stat()), chunk_index, 0, follow=False)
    tracemalloc.start()
    try:
        seen = []
        while not seen or tail.pending:
            seen += [
                (len(line), line[:20])
                for line in lines_of(tail.poll(0.0, BUDGET) or tail.backfill(0.0))
            ]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    tail.release()
    assert sorted(seen) == sorted((len(line), line[:20]) for line in [*before, long, *after])
    assert peak < 4 * len(long)


@pytest.mark.parametrize("tail_first", [True, False])
def test_a_line_that_is_too_long_is_counted_once_and_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tail_first: bool
) -> None:
    longest = 1_000_000
    for module in (file_tail, older_lines, line_cutter):
        monkeypatch.setattr(module, "LONGEST_LINE", longest)
    monkeypatch.setattr(file_tail, "TAIL_BYTES", 1000 if tail_first else 1 << 40)
    path = tmp_path / "app.jsonl"
    long = b'{"request_id":"long","model":"m","content":"' + b"x" * 30_000_000 + b'"}'
    path.write_bytes(text([*numbered(0, 50), long, *numbered(50, 100)]))
    tail = tail_of(path)
    decoder = Decoder()
    tracemalloc.start()
    try:
        found = []
        for _ in range(2000):
            for chunk in tail.poll(0.0, BUDGET) or tail.backfill(0.0):
                found += [each.request_id for each in decoder.decode(chunk)]
            if not tail.pending:
                break
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    tail.release()
    assert sorted(each for each in found if each) == sorted(f"r{at}" for at in range(100))
    assert decoder.rejected == 1
    assert decoder.rejects[0].start.startswith('{"request_id":"long"')
    assert peak < 8 * longest + 4 * SAMPLE_BYTES


@pytest.mark.parametrize("lines", [0, 1, 7, 1000])
def test_the_last_lines_are_found_from_the_end(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "app.jsonl"
    path.write_bytes(text(numbered(0, 100)))
    tail = tail_of(path, tail_lines=lines)
    assert lines_of(read_all(tail)) == numbered(max(0, 100 - lines), 100)
    tail.release()


def test_the_last_lines_count_one_without_newline(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    path.write_bytes(b"\n".join(numbered(0, 10)))
    tail = tail_of(path, tail_lines=2, follow=False)
    assert lines_of(read_all(tail)) == numbered(8, 10)
    tail.release()


def test_chunks_hold_fewer_lines_than_places_can_tell_apart(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    path.write_bytes(b"1\n" * 6_000_000)
    tail = tail_of(path)
    chunks = read_all(tail)
    tail.release()
    assert sum(chunk.data.count(b"\n") for chunk in chunks) == 6_000_000
    assert max(chunk.data.count(b"\n") for chunk in chunks) <= MAX_DOCUMENTS


def test_what_was_truncated_away_is_gone_and_not_taken_for_what_came_since(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    path.write_bytes(text(numbered(0, 2)))
    chunk_index = ChunkIndex()
    tail = FileTail(path, identity_of(path.stat()), chunk_index, 0, follow=True)
    (before,) = read_all(tail)
    path.write_bytes(text(numbered(0, 2, "s")))
    (after,) = read_all(tail)
    tail.release()
    assert chunk_index.read(place(before.number, 0)) is None
    assert chunk_index.read(place(after.number, 0)) == numbered(0, 1, "s")[0]


def test_a_file_that_is_another_now_is_not_read_back(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    path.write_bytes(text(numbered(0, 2)))
    tail = tail_of(path)
    read_all(tail)
    tail.release()
    assert tail.read_back(0, 10) == numbered(0, 1)[0][:10]
    other = tmp_path / "other"
    other.write_bytes(b"something else entirely")
    other.rename(path)
    assert tail.read_back(0, 10) is None
    path.unlink()
    assert tail.read_back(0, 10) is None
