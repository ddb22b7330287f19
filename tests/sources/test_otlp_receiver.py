"""What a receiver has taken comes out of it once; what it has not taken it says."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from llmtop.sources.chunk import Chunk, place
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.otlp_receiver import MOST_WAITING_BYTES, Export, Receiver
from llmtop.sources.spool import Spool


@pytest.fixture
def chunk_index() -> ChunkIndex:
    return ChunkIndex()


@pytest.fixture
def source(chunk_index: ChunkIndex) -> Iterator[Receiver]:
    spool = Spool()
    yield Receiver("otlp 127.0.0.1:4318", chunk_index, 0, spool)
    spool.close()


def drained(source: Receiver) -> list[Chunk]:
    found = []
    while source.pending():
        found.extend(source.poll(0.0, 1))
    source.poll(0.0, 1)
    return found


def test_lines_come_out_in_their_order_and_are_found_again_by_their_place(
    chunk_index: ChunkIndex, source: Receiver
) -> None:
    lines = [b'{"number":%d}\n' % number for number in range(50_000)]
    assert source.offer(Export(lines=lines, spans=len(lines)))
    chunks = drained(source)
    assert b"".join(chunk.data for chunk in chunks) == b"".join(lines)
    assert len(chunks) > 1
    last = chunks[-1]
    assert chunk_index.read(place(last.number, last.data.count(b"\n") - 1)) == lines[-1].rstrip()
    assert source.status.received["spans"] == 50_000


def test_when_too_much_waits_nothing_of_an_export_is_taken_until_it_was_read(
    source: Receiver,
) -> None:
    half = Export(lines=[b"x" * (MOST_WAITING_BYTES // 2 + 1)], spans=1)
    assert source.offer(half)
    assert not source.is_behind()
    assert not source.offer(half)
    assert source.status.received.get("spans", 0) <= 1
    assert len(drained(source)) == 1
    assert source.offer(half)
    assert len(drained(source)) == 1
    assert source.status.received["spans"] == 2


def test_an_export_that_alone_is_larger_than_the_bound_is_taken_when_nothing_waits(
    source: Receiver,
) -> None:
    assert source.offer(Export(lines=[b"x" * (MOST_WAITING_BYTES + 1)]))
    assert source.is_behind()
    drained(source)
    assert not source.is_behind()


def test_after_the_last_nothing_is_taken_and_what_was_taken_still_comes_out(
    source: Receiver,
) -> None:
    assert source.offer(Export(lines=[b"{}\n"], spans=1))
    source.refuse_more()
    assert source.is_behind()
    assert not source.offer(Export(lines=[b"{}\n"], spans=1))
    assert [chunk.data for chunk in drained(source)] == [b"{}\n"]


def test_threads_that_offer_at_once_lose_nothing(source: Receiver) -> None:
    taken: list[bytes] = []

    def offer(name: int) -> None:
        for number in range(300):
            line = b"%d.%d\n" % (name, number)
            assert source.offer(Export(lines=[line], spans=1))

    threads = [threading.Thread(target=offer, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) or source.pending():
        for chunk in source.poll(0.0, 1):
            taken.extend(chunk.data.splitlines(keepends=True))
    assert sorted(taken) == sorted(
        b"%d.%d\n" % (name, number) for name in range(4) for number in range(300)
    )
    source.poll(0.0, 1)
    assert source.status.received["spans"] == 1200


def test_metrics_alone_are_said_to_hold_no_calls_until_spans_come(source: Receiver) -> None:
    source.offer(Export(data_points=3))
    source.poll(0.0, 1)
    assert source.status.detail is not None
    assert "OTEL_TRACES_EXPORTER" in source.status.detail
    source.offer(Export(lines=[b"{}\n"], spans=1))
    source.poll(0.0, 1)
    assert source.status.detail is None
    assert source.status.received["metric data points"] == 3


def test_what_is_rejected_is_counted_with_the_reason(source: Receiver) -> None:
    source.offer(Export(rejected=2, reason="No ids."))
    source.offer(Export(rejected=1))
    source.poll(0.0, 1)
    assert (source.status.rejected, source.status.detail) == (3, "No ids.")
