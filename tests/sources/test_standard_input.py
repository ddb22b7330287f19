"""Standard input is read as it comes, in whole lines, to its end."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmtop.sources import standard_input
from llmtop.sources.chunk import Chunk, place
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.spool import Spool
from llmtop.sources.standard_input import StandardInput
from tests.sources.following import lines_of, numbered, text


class Piped:
    """A pipe into standard input."""

    def __init__(self) -> None:
        read, self.write_end = os.pipe()
        self.chunk_index = ChunkIndex()
        self.spool = Spool()
        self.source = StandardInput(self.chunk_index, 0, self.spool, read)
        os.close(read)
        self.places: list[int] = []

    def write(self, data: bytes) -> None:
        os.write(self.write_end, data)

    def end(self) -> None:
        os.close(self.write_end)
        self.write_end = -1

    def poll(self, budget: int = 1 << 18) -> list[bytes]:
        chunks = self.source.poll(0.0, budget)
        for chunk in chunks:
            self.places += [place(chunk.number, at) for at in range(len(lines_of([chunk])))]
        return lines_of(chunks)


@pytest.fixture
def piped() -> Iterator[Piped]:
    found = Piped()
    yield found
    found.source.close()
    found.spool.close()
    if found.write_end >= 0:
        found.end()


def test_lines_come_as_they_are_written_and_are_found_again(piped: Piped) -> None:
    assert piped.poll() == []
    assert piped.source.status.state == "waiting"
    piped.write(text(numbered(0, 3)) + b'{"half')
    assert piped.poll() == numbered(0, 3)
    assert not piped.source.pending()
    piped.write(b'":1}\n')
    assert piped.poll() == [b'{"half":1}']
    assert [piped.chunk_index.read(at) for at in piped.places] == [*numbered(0, 3), b'{"half":1}']
    assert piped.source.status.state == "following"


def test_the_last_line_needs_no_newline_and_the_end_is_said(piped: Piped) -> None:
    piped.write(b"\n".join(numbered(0, 2)))
    assert piped.poll() == numbered(0, 1)
    piped.end()
    assert piped.poll() == numbered(1, 2)
    assert piped.source.ended
    assert piped.source.status.state == "read"
    assert piped.poll() == []


def test_no_more_is_taken_at_once_than_asked_for(piped: Piped) -> None:
    lines = numbered(0, 600)
    piped.write(text(lines))
    first = piped.poll(budget=1)
    piped.end()
    assert first + piped.poll() + piped.poll() == lines


def test_blank_lines_alone_are_nothing(piped: Piped) -> None:
    piped.write(b"\n  \n\r\n")
    assert piped.poll() == []


def test_closing_twice_harms_nothing(piped: Piped) -> None:
    piped.source.close()
    piped.source.close()
    assert piped.poll() == []


def test_an_input_that_is_closed_is_said_in_a_sentence(tmp_path: Path) -> None:
    program = (
        "from llmtop.sources.open import Sources\n"
        "from llmtop.sources.status import SourceError\n"
        "try:\n    Sources(['-'])\nexcept SourceError as error:\n    print(error)\n"
    )
    script = tmp_path / "program.py"
    script.write_text(program)
    done = subprocess.run(
        f'exec "{sys.executable}" "{script}" <&-',
        shell=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        check=False,
    )
    assert done.stdout == "Standard input is closed: there is nothing to read with `-`.\n"
    assert done.stderr == ""


def test_compressed_input_is_read_as_it_was_before(piped: Piped) -> None:
    data = gzip.compress(text(numbered(0, 3))) + gzip.compress(text(numbered(3, 5)))
    piped.write(data[:1])
    assert piped.poll() == []
    piped.write(data[1:])
    assert piped.poll() == numbered(0, 5)
    piped.end()
    assert piped.poll() == []
    assert piped.source.status.state == "read"
    records = [piped.chunk_index.read(each) for each in piped.places]
    assert records == numbered(0, 5)


def test_a_little_that_becomes_much_is_read_in_slices(piped: Piped) -> None:
    lines = numbered(0, 100_000)
    piped.write(gzip.compress(text(lines), 9)[:60_000])
    first = piped.poll(1)
    assert 0 < len(first) < 30_000
    assert piped.source.pending()
    found = list(first)
    while piped.source.pending():
        found += piped.poll(1)
    assert len(found) > len(first)
    assert found == lines[: len(found)]


def test_damaged_input_is_said_and_what_stood_before_it_is_read(piped: Piped) -> None:
    piped.write(gzip.compress(text(numbered(0, 3)))[:-3])
    assert piped.poll() == numbered(0, 3)
    piped.end()
    assert piped.poll() == []
    assert piped.source.ended
    status = piped.source.status
    assert (status.state, status.detail) == ("failed", "The compressed input ends too early.")


def read_to_its_end(data: bytes, tmp_path: Path) -> list[Chunk]:
    path = tmp_path / "input"
    path.write_bytes(data)
    spool = Spool()
    with path.open("rb") as file:
        source = StandardInput(ChunkIndex(), 0, spool, file.fileno(), to_end=True)
    chunks = []
    while not source.ended:
        chunks += source.poll(0.0, 1)
    assert source.poll(0.0, 1) == []
    source.close()
    spool.close()
    return chunks


def test_a_document_laid_out_over_lines_is_one_where_the_end_is_waited_for(tmp_path: Path) -> None:
    data = json.dumps([{"n": number} for number in range(50_000)], indent=2).encode()
    (chunk,) = read_to_its_end(data, tmp_path)
    assert (chunk.data, chunk.whole) == (data, True)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10_000])
def test_lines_are_lines_where_the_end_is_waited_for(count: int, tmp_path: Path) -> None:
    lines = numbered(0, count)
    chunks = read_to_its_end(text(lines).rstrip(b"\n"), tmp_path)
    assert lines_of(chunks) == lines
    assert not any(chunk.whole for chunk in chunks)


def test_a_document_that_is_too_large_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standard_input, "LARGEST_BYTES", 1000)
    path = tmp_path / "input"
    path.write_text(json.dumps(list(range(300_000)), indent=2))
    spool = Spool()
    with path.open("rb") as file:
        source = StandardInput(ChunkIndex(), 0, spool, file.fileno(), to_end=True)
    while not source.ended:
        assert source.poll(0.0, 1) == []
    assert (source.status.state, source.status.detail) == ("failed", standard_input.TOO_LARGE)
    source.close()
    spool.close()
