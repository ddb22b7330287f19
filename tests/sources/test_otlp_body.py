"""Bodies are inflated whatever way they are cut, and never beyond the bound."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.sources.otlp_body import (
    MOST_BYTES,
    Bodies,
    DamagedError,
    Inflater,
    OverloadedError,
    TooLargeError,
)


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "plain": ("", bytes),
    "gzip": ("gzip", gzip.compress),
    "gzip of two members": ("gzip", lambda data: gzip.compress(data[:3]) + gzip.compress(data[3:])),
    "deflate": ("deflate", zlib.compress),
    "deflate without a header": ("deflate", raw_deflate),
}


def inflated(encoding: str, parts: Sequence[bytes], most: int = MOST_BYTES) -> bytes:
    inflater = Inflater(encoding, most)
    for part in parts:
        inflater.feed(part)
    return inflater.finish()


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


async def coming(parts: Sequence[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@pytest.mark.parametrize("how", PACKERS)
@given(data=st.binary(max_size=3000), size=st.integers(1, 400))
def test_a_body_comes_out_as_it_was_however_it_is_packed_and_cut(
    how: str, data: bytes, size: int
) -> None:
    encoding, pack = PACKERS[how]
    # One byte of a zlib header cannot be told from a body without one.
    size = max(size, 2) if how.startswith("deflate") else size
    assert inflated(encoding, cut(pack(data), size)) == data


@given(data=st.binary(max_size=400), encoding=st.sampled_from(["gzip", "deflate"]))
def test_any_bytes_are_inflated_or_said_to_be_damaged(data: bytes, encoding: str) -> None:
    with contextlib.suppress(DamagedError):
        assert isinstance(inflated(encoding, cut(data, 50)), bytes)


@pytest.mark.parametrize("how", [how for how in PACKERS if how != "plain"])
def test_a_body_that_ends_too_early_is_damaged(how: str) -> None:
    encoding, pack = PACKERS[how]
    packed = pack(bytes(range(256)) * 40)
    with pytest.raises(DamagedError, match="ends too early"):
        inflated(encoding, [packed[:-9]])


def test_a_bomb_is_given_up_as_soon_as_it_is_too_large() -> None:
    bomb = gzip.compress(bytes(300 * 1024 * 1024), 1)
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            inflated("gzip", cut(bomb, 65536))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * MOST_BYTES


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_body_of_just_the_bound_is_taken_and_a_byte_more_is_not(encoding: str) -> None:
    pack = gzip.compress if encoding else bytes
    assert len(inflated(encoding, [pack(bytes(1000))], most=1000)) == 1000
    with pytest.raises(TooLargeError):
        inflated(encoding, [pack(bytes(1001))], most=1000)


def test_a_refused_body_is_read_to_its_end_so_that_the_sender_reads_the_answer() -> None:
    left = [b"x" * 100] * 30

    async def draining() -> AsyncIterator[bytes]:
        while left:
            yield left.pop()

    async def receive() -> None:
        with pytest.raises(DamagedError):
            await Bodies().receive(draining(), "gzip")

    asyncio.run(receive())
    assert left == []


def test_bodies_that_together_are_too_much_are_refused_and_their_room_is_given_back() -> None:
    bodies = Bodies(most_at_once=1000)

    async def nested() -> AsyncIterator[bytes]:
        yield b"x" * 600
        with pytest.raises(OverloadedError):
            await bodies.receive(coming([b"y" * 500, b"y"]), "")
        yield b"x"

    async def receive() -> None:
        assert len(await bodies.receive(nested(), "")) == 601
        assert len(await bodies.receive(coming([b"z" * 900]), "")) == 900

    asyncio.run(receive())
