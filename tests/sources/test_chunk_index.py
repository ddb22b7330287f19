"""Each line is found again by the place it was given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode.documents import lines_of
from llmtop.sources.chunk import MAX_DOCUMENTS, place, split_place
from llmtop.sources.chunk_index import ChunkIndex

LINES = st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line), max_size=20)


@given(st.lists(st.tuples(LINES, st.booleans()), max_size=6))
def test_the_line_at_a_place_is_the_one_that_decoding_counted(
    chunks: list[tuple[list[bytes], bool]],
) -> None:
    chunk_index = ChunkIndex()
    content = bytearray()
    reader = chunk_index.reader(lambda offset, length: bytes(content[offset : offset + length]))
    told = []
    for lines, marked in chunks:
        data = (b"\xef\xbb\xbf" if marked else b"") + b"\n".join(lines)
        number = chunk_index.enter(reader, len(content), len(data))
        content += data
        told.append((number, data))
    for number, data in told:
        lines = lines_of(data)
        for index, line in enumerate(lines):
            assert chunk_index.read(place(number, index)) == line
        assert chunk_index.read(place(number, len(lines))) is None


@given(st.integers(0, 2**40), st.integers(0, MAX_DOCUMENTS - 1))
def test_a_place_tells_its_chunk_and_index(number: int, index: int) -> None:
    assert split_place(place(number, index)) == (number, index)


def test_a_place_that_was_never_given_or_is_gone_is_none() -> None:
    chunk_index = ChunkIndex()
    assert chunk_index.read(place(7, 0)) is None
    assert chunk_index.read(-1) is None
    number = chunk_index.enter(chunk_index.reader(lambda *asked: None if asked else b""), 0, 10)
    assert chunk_index.read(place(number, 0)) is None


def test_a_document_laid_out_over_lines_is_found_whole_also_after_it_moved() -> None:
    chunk_index = ChunkIndex()
    content = b'{\n "a": 1\n}xx{\n "b": 2\n}'
    reader = chunk_index.reader(lambda offset, length: content[offset : offset + length])
    number = chunk_index.enter(reader, 0, 11, whole=True)
    assert chunk_index.read(place(number, 5)) == b'{\n "a": 1\n}'
    chunk_index.move(number, 13, 11)
    assert chunk_index.read(place(number, 0)) == b'{\n "b": 2\n}'


def test_reading_weighs_as_much_as_the_chunks_that_it_goes_through() -> None:
    chunk_index = ChunkIndex()
    plain = chunk_index.reader(_gone)
    packed = chunk_index.reader(_gone, from_start=True)
    first = chunk_index.enter(plain, 5_000, 100)
    second = chunk_index.enter(packed, 5_000, 100)
    assert chunk_index.weight([place(first, 0), place(first, 7)]) == 100
    assert chunk_index.weight([place(first, 0), place(second, 0)]) == 5_200
    assert chunk_index.weight([-1, place(99, 0)]) == 0


def _gone(offset: int, length: int) -> None:
    del offset, length
