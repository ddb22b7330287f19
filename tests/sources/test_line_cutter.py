"""Streams are cut into whole lines, however they come; a line too long is one sample."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from llmtop.sources.line_cutter import SAMPLE_BYTES, LineCutter


def pieces_of(cutter: LineCutter, data: bytes, cuts: list[int]) -> list[tuple[int, bytes]]:
    found = []
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in pairwise(places):
        found += cutter.feed(data[start:end])
    return found


@given(
    lines=st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line), max_size=20),
    rest=st.binary(max_size=10).filter(lambda line: b"\n" not in line),
    cuts=st.lists(st.integers(0, 1000), max_size=10),
)
def test_all_bytes_come_once_at_their_offsets_in_whole_lines(
    lines: list[bytes], rest: bytes, cuts: list[int]
) -> None:
    data = b"".join(line + b"\n" for line in lines) + rest
    cutter = LineCutter()
    pieces = pieces_of(cutter, data, cuts)
    assert all(piece.endswith(b"\n") for _, piece in pieces)
    pieces += cutter.finish()
    assert b"".join(piece for _, piece in pieces).rstrip() == data.rstrip()
    for offset, piece in pieces:
        assert data[offset : offset + len(piece)] == piece


@given(
    before=st.integers(0, 3),
    length=st.integers(3000, 20_000),
    after=st.integers(0, 3),
    cuts=st.lists(st.integers(0, 30_000), max_size=40),
)
def test_of_a_line_that_is_too_long_its_beginning_comes_and_the_others_whole(
    before: int, length: int, after: int, cuts: list[int]
) -> None:
    long = b'{"long":"' + b"x" * length
    data = b"first\n" * before + long + b"\n" + b"last\n" * after
    cutter = LineCutter(longest=2000)
    every = [piece for _, piece in pieces_of(cutter, data, cuts)]
    every += [piece for _, piece in cutter.finish()]
    lines = [line for piece in every for line in piece.split(b"\n") if line]
    assert lines[:before] == [b"first"] * before
    assert lines[len(lines) - after :] == [b"last"] * after
    # Either it came in one piece, or only its beginning is kept.
    (kept,) = lines[before : len(lines) - after]
    assert kept == long or (long.startswith(kept) and len(kept) <= SAMPLE_BYTES)


def test_little_is_held_of_a_line_without_end() -> None:
    cutter = LineCutter(longest=10_000)
    given_out = []
    for _ in range(1000):
        given_out += cutter.feed(b"x" * 1000)
    assert [len(piece) for _, piece in given_out] == [SAMPLE_BYTES]
    assert cutter.finish() == []
    assert cutter.feed(b"end\nnext\n") == [(1_000_004, b"next\n")]
