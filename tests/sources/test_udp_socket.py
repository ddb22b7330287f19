"""The UDP port takes what emitters send, from several processes, and counts what it lost."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from llmtop.emit.udp import MOST_IN_DATAGRAM, UdpSink
from llmtop.sources.chunk import place
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.spool import Spool
from llmtop.sources.status import EmitterStatus, SourceError
from llmtop.sources.udp_socket import UdpSocket
from tests.waiting import PATIENCE_S, wait_until


class Listening:
    """A port, and the lines that came."""

    def __init__(self) -> None:
        self.chunk_index = ChunkIndex()
        self.spool = Spool()
        self.udp = UdpSocket("127.0.0.1", 0, self.chunk_index, 0, self.spool, required=True)
        self.lines: list[bytes] = []
        self.places: list[int] = []

    def poll(self) -> None:
        for chunk in self.udp.poll(time.time(), 1 << 18):
            lines = chunk.data.splitlines()
            self.lines.extend(lines)
            self.places.extend(place(chunk.number, index) for index in range(len(lines)))

    def until(self, condition: Callable[[], bool]) -> None:
        wait_until(condition, between=self.poll, told=lambda: self.udp.status)

    def emitters(self) -> tuple[EmitterStatus, ...]:
        return self.udp.status.emitters


@pytest.fixture
def listening() -> Iterator[Listening]:
    found = Listening()
    yield found
    found.udp.close()
    found.spool.close()


def test_records_arrive_and_are_found_again_by_their_place(listening: Listening) -> None:
    sink = UdpSink("127.0.0.1", listening.udp.port)
    for number in range(50):
        sink.send({"type": "request", "request_id": f"r{number}"})
    sink.close()
    listening.until(lambda: len(listening.lines) == 50)
    assert [listening.chunk_index.read(at) for at in listening.places] == listening.lines
    assert json.loads(listening.lines[49])["request_id"] == "r49"


def test_a_record_larger_than_a_datagram_arrives_whole(listening: Listening) -> None:
    sink = UdpSink("127.0.0.1", listening.udp.port)
    content = "x" * (5 * MOST_IN_DATAGRAM)
    sink.send({"type": "response", "request_id": "r", "content": content})
    sink.close()
    listening.until(lambda: bool(listening.lines))
    (line,) = listening.lines
    assert json.loads(line)["content"] == content


FLOOD = """
import sys, time
from llmtop.emit.udp import UdpSink

sink = UdpSink("127.0.0.1", int(sys.argv[1]))
began = time.perf_counter()
for number in range(int(sys.argv[2])):
    sink.send({"type": "request", "request_id": f"{sys.argv[3]}-{number}", "model": "gpt-4o"})
    while time.perf_counter() - began < number / 25_000:
        pass
sink.close()
"""


def test_fifty_thousand_records_a_second_from_two_processes_are_there_or_counted(
    listening: Listening,
) -> None:
    count = 25_000
    senders = [
        subprocess.Popen([sys.executable, "-c", FLOOD, str(listening.udp.port), str(count), name])
        for name in ("a", "b")
    ]
    listening.until(
        lambda: len(listening.emitters()) == 2 and all(each.left for each in listening.emitters())
    )
    assert [sender.wait(PATIENCE_S) for sender in senders] == [0, 0]
    for each in listening.emitters():
        # Each record is a datagram of its own, and so is the goodbye.
        assert each.sent == each.received + each.lost == count + 1
    assert len(listening.lines) + listening.udp.status.lost == 2 * count
    assert len(set(listening.lines)) == len(listening.lines)


def test_what_is_lost_while_nobody_reads_is_counted(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmtop.sources.udp_socket.MOST_WAITING", 10)
    sink = UdpSink("127.0.0.1", listening.udp.port)
    for number in range(100):
        sink.send({"request_id": f"r{number}"})
    plain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    plain.sendto(b'{"without":"a number"}', ("127.0.0.1", listening.udp.port))
    listening.until(lambda: len(listening.udp._waiting) == 0 and len(listening.lines) >= 10)
    monkeypatch.undo()
    sink.close()
    plain.close()
    listening.until(lambda: any(each.left for each in listening.emitters()))
    (emitter,) = listening.emitters()
    assert emitter.sent == 101  # the goodbye too
    records = [line for line in listening.lines if b"request_id" in line]
    assert emitter.lost == 100 - len(records)
    unnumbered = 1 - len([line for line in listening.lines if b"without" in line])
    assert listening.udp.status.lost == emitter.lost + unnumbered


def test_what_the_system_has_taken_is_still_given_after_closing(listening: Listening) -> None:
    sink = UdpSink("127.0.0.1", listening.udp.port)
    for number in range(200):
        sink.send({"request_id": f"r{number}"})
    sink.close()
    listening.udp.close()
    while listening.udp.pending():
        listening.poll()
    assert len(listening.lines) == 200


def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        spool = Spool()
        with pytest.raises(SourceError, match=f"{port} is taken.*--udp {port + 1}"):
            UdpSocket("127.0.0.1", port, ChunkIndex(), 0, spool, required=True)
        failed = UdpSocket("127.0.0.1", port, ChunkIndex(), 0, spool, required=False)
        assert failed.status.state == "failed"
        assert failed.poll(0.0, 1) == []
        failed.close()
        spool.close()


def test_a_host_that_is_none_is_said() -> None:
    with pytest.raises(SourceError, match="no host named"):
        UdpSocket("no.such.host.invalid", 1, ChunkIndex(), 0, Spool(), required=True)
