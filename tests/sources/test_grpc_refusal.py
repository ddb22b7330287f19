"""A gRPC client gets an answer in its own protocol, however its bytes are cut."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from llmtop.sources.grpc_refusal import PREFACE, SENTENCE, GrpcRefusal

HEADERS, DATA, SETTINGS, PING = 1, 0, 4, 6
ACK = 1


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return (
        len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload
    )


def frames(data: bytes) -> list[tuple[int, int, int, bytes]]:
    found = []
    while data:
        length = int.from_bytes(data[:3], "big")
        found.append((data[3], data[4], int.from_bytes(data[5:9], "big"), data[9 : 9 + length]))
        assert len(data) >= 9 + length
        data = data[9 + length :]
    return found


CALL = (
    PREFACE
    + frame(SETTINGS, 0, 0, bytes(6) * 30)
    + frame(PING, 0, 0, b"12345678")
    + frame(HEADERS, 4, 1, b"h" * 500)
    + frame(DATA, 1, 1, b"d" * 3000)
    + frame(SETTINGS, ACK, 0)
    + frame(HEADERS, 4, 3, b"h" * 5)
)


@given(st.lists(st.integers(1, len(CALL)), max_size=12))
def test_each_call_is_refused_with_the_variable_to_set(cuts: list[int]) -> None:
    refusal = GrpcRefusal()
    places = [0, *sorted(set(cuts)), len(CALL)]
    answer = b"".join(refusal.receive(CALL[start:end]) for start, end in pairwise(places))
    told = frames(answer)
    assert told[0][:3] == (SETTINGS, 0, 0)
    assert (SETTINGS, ACK, 0, b"") in told
    assert (PING, ACK, 0, b"12345678") in told
    refused = [each for each in told if each[0] == HEADERS]
    assert [stream for _, _, stream, _ in refused] == [1, 3]
    for _, flags, _, block in refused:
        assert flags == 1 | 4
        assert block.startswith(b"\x88")
        assert SENTENCE.encode() in block
        assert b"grpc-status\x0212" in block
    assert "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf" in SENTENCE


@given(st.lists(st.binary(max_size=100), max_size=10))
def test_any_bytes_are_answered_or_ignored(parts: list[bytes]) -> None:
    refusal = GrpcRefusal()
    for part in parts:
        assert isinstance(refusal.receive(part), bytes)
