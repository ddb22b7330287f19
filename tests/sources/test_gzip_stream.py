"""Compressed bytes from a pipe, however they are cut, are what they were before."""

from __future__ import annotations

import gzip
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.sources.chunk import CHUNK_BYTES
from llmtop.sources.gzip_stream import DamagedError, GzipStream


def through(parts: list[bytes]) -> list[bytes]:
    stream = GzipStream()
    pieces = [piece for part in parts for piece in stream.feed(part)]
    return [*pieces, stream.finish()]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({min(place, len(data)) for place in places} | {0, len(data)})
    return [data[begin:end] for begin, end in pairwise(ends)]


@given(
    st.lists(st.binary(max_size=200), max_size=3),
    st.lists(st.integers(0, 400), max_size=8),
    st.booleans(),
)
def test_whatever_was_compressed_comes_back(
    members: list[bytes], places: list[int], padded: bool
) -> None:
    data = b"".join(map(gzip.compress, members)) + bytes(7 if padded and members else 0)
    assert b"".join(through(cut(data, places))) == b"".join(members)


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=8))
def test_whatever_was_not_compressed_passes(data: bytes, places: list[int]) -> None:
    if not data.startswith(b"\x1f\x8b"):
        assert b"".join(through(cut(data, places))) == data


def test_few_bytes_that_become_many_come_in_pieces() -> None:
    pieces = through([gzip.compress(bytes(50 * CHUNK_BYTES))])
    assert sum(map(len, pieces)) == 50 * CHUNK_BYTES
    assert max(map(len, pieces)) <= CHUNK_BYTES


def test_what_is_damaged_is_given_up_to_the_damage_and_said() -> None:
    data = gzip.compress(b"one line\n" * 5)
    stream = GzipStream()
    assert b"".join(stream.feed(data[:-4])) == b"one line\n" * 5
    with pytest.raises(DamagedError, match="ends too early"):
        stream.finish()
    with pytest.raises(DamagedError, match="damaged"):
        through([gzip.compress(b"x\n") + b"no gzip"])
