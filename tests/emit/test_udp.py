"""The UDP sink against the monitor's own port: numbers, parts, loss, forks, and nobody there."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from llmtop.emit.udp import FULL, MOST_IN_DATAGRAM, NOBODY, UNREACHABLE, UdpSink
from llmtop.sources.datagram import Joiner
from tests.emit.monitor import Monitor, monitoring


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    with monitoring() as monitor:
        yield monitor


@pytest.fixture
def sink(monitor: Monitor) -> Iterator[UdpSink]:
    made = UdpSink("127.0.0.1", monitor.pump.udp_port or 0)
    yield made
    made.close()


def joiner(monitor: Monitor) -> Joiner:
    assert monitor.sources.udp is not None
    return monitor.sources.udp.joiner


def span(number: int, **more: Any) -> dict[str, Any]:
    moment = 1_700_000_000.0 + number
    return {
        "type": "span",
        "span_id": f"{number:016x}",
        "start_time": moment,
        "end_time": moment + 1,
        **more,
    }


def test_records_arrive_and_are_counted_on_both_sides(monitor: Monitor, sink: UdpSink) -> None:
    for number in range(100):
        sink.send(span(number))
    sink.close()
    monitor.wait(lambda: len(monitor.spans()) == 100)
    (emitter,) = joiner(monitor).emitters.values()
    monitor.wait(lambda: emitter.left)
    assert (emitter.received, emitter.lost, len(emitter.missing)) == (101, 0, 0)
    (stats,) = sink.stats().values()
    assert (stats.sent, stats.dropped) == (100, {})
    # Each record is a line, whose end is the receiver's.
    assert stats.bytes == monitor.pump.progress()[0]


def test_goodbye_tells_of_a_loss_at_the_end(monitor: Monitor, sink: UdpSink) -> None:
    sink.send(span(1))
    line = sink._line
    assert line is not None
    line.number += 3
    sink.close()
    monitor.wait(lambda: joiner(monitor).lost == 3)


def test_a_large_record_arrives_whole_in_parts(monitor: Monitor, sink: UdpSink) -> None:
    text = "".join(f"{number:06d}" for number in range(500_000))
    sink.send(span(1, name="large", attributes={"input.value": text}))
    monitor.wait(lambda: len(monitor.spans()) == 1)
    payload = monitor.payload(monitor.named("large"))
    assert payload.input[0].text == text
    assert sink.stats()[f"udp://127.0.0.1:{monitor.pump.udp_port}"].sent == 1


def test_a_record_beyond_the_cap_is_cut_and_keeps_its_figures(monitor: Monitor) -> None:
    sink = UdpSink("127.0.0.1", monitor.pump.udp_port or 0, most_bytes=200_000)
    response = {"type": "response", "request_id": "r", "prompt_tokens": 7, "latency_ms": 1.0}
    sink.send({**response, "content": "x" * 1_000_000})
    sink.close()
    monitor.wait(lambda: len(monitor.spans()) == 1)
    (call,) = monitor.spans()
    assert call.input_tokens == 7
    assert "characters cut" in monitor.payload(call).output[0].text


def test_where_datagrams_must_be_small_records_go_in_smaller_parts(
    monitor: Monitor, sink: UdpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.send(span(0))
    line = sink._line
    assert line is not None
    real = line.send

    def small_only(datagram: bytes) -> int:
        if len(datagram) > 9_216:
            raise OSError(90, "Message too long")
        return real(datagram)

    monkeypatch.setattr(line, "send", small_only)
    sink.send(span(1, name="middle" + "x" * 20_000))
    sink.send(span(2, name="large" + "x" * 200_000))
    sink.send(span(3))
    sink.close()
    monitor.wait(lambda: len(monitor.spans()) == 4)
    assert joiner(monitor).lost == 0
    assert sink.dropped == {}


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port that nobody hears on and nobody else gets: its socket listens to a peer alone."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(("127.0.0.1", 0))
        held.connect(("127.0.0.1", 9))
        yield held.getsockname()[1]


def test_what_nobody_hears_is_not_counted_as_sent(deaf_port: int) -> None:
    sink = UdpSink("127.0.0.1", deaf_port)
    for number in range(1000):
        sink.send(span(number))
    # The last one may be under way: nothing tells yet that nobody hears it.
    assert sink.sent <= 1
    assert sink.dropped[NOBODY] >= 999
    assert sink.sent + sink.dropped[NOBODY] == 1000
    sink.close()


@pytest.mark.parametrize("unheard", [10, 1000])
def test_a_monitor_that_comes_later_is_found(deaf_port: int, unheard: int) -> None:
    sink = UdpSink("127.0.0.1", deaf_port)
    for number in range(unheard):
        sink.send(span(number))
    with closing(sink), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as late:
        late.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        late.bind(("127.0.0.1", deaf_port))
        late.settimeout(10)
        # In a burst that nobody heard, one may be spared before the next one is heard.
        sink.send(span(1, name="first"))
        sink.send(span(2, name="second"))
        assert b"name" in late.recv(65536)


def test_a_full_buffer_drops_and_counts_and_does_not_wait(
    monitor: Monitor, sink: UdpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.send(span(0))

    def full(_: bytes) -> int:
        raise BlockingIOError

    monkeypatch.setattr(sink._line, "send", full)
    sink.send(span(1))
    monkeypatch.undo()
    sink.close()
    assert sink.dropped == {FULL: 1}
    monitor.wait(lambda: joiner(monitor).lost == 1)


def test_a_host_that_there_is_none_of_is_counted_and_not_looked_up_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def unknown(*told: Any, **_: Any) -> Any:
        asked.append(told)
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    sink = UdpSink("nowhere.invalid", 8127)
    for number in range(5):
        sink.send(span(number))
    assert sink.dropped == {"Name or service not known": 1, UNREACHABLE: 4}
    assert len(asked) == 1


def test_threads_share_one_name_and_lose_nothing(monitor: Monitor, sink: UdpSink) -> None:
    start = threading.Barrier(8)

    def work(first: int) -> None:
        start.wait()
        for number in range(first, first + 250):
            sink.send(span(number))

    threads = [threading.Thread(target=work, args=(at * 250,)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sink.close()
    monitor.wait(lambda: len(monitor.spans()) == 2000)
    (emitter,) = joiner(monitor).emitters.values()
    monitor.wait(lambda: emitter.left)
    assert (emitter.received, emitter.duplicates, joiner(monitor).lost) == (2001, 0, 0)


def test_a_signal_handler_may_send_in_the_middle_of_a_send(monitor: Monitor, sink: UdpSink) -> None:
    sink.send(span(0))
    handled = []

    def handler(*_: object) -> None:
        handled.append(1)
        sink.send(span(1000 + len(handled)))

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        number = 0
        while len(handled) < 20:
            number += 1
            sink.send(span(2000 + number))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    sent = sink.sent
    sink.close()
    monitor.wait(lambda: len(monitor.spans()) == sent)
    assert joiner(monitor).lost == 0


def test_a_forked_child_goes_on_under_a_name_of_its_own(monitor: Monitor, sink: UdpSink) -> None:
    sink.send(span(0))
    line = sink._line
    assert line is not None
    with line.lock:
        # The lock is held while the process forks: the child must not wait for it.
        child = os.fork()
        if child == 0:
            for number in range(1, 51):
                sink.send(span(number))
            sink.close()
            os._exit(0 if sink.sent == 50 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    sink.send(span(51))
    sink.close()
    monitor.wait(lambda: len(monitor.spans()) == 52)
    emitters = joiner(monitor).emitters
    assert sorted(each.received for each in emitters.values()) == [3, 51]
    assert joiner(monitor).lost == 0


def test_a_datagram_holds_no_more_than_the_system_takes() -> None:
    assert MOST_IN_DATAGRAM + 100 < 65_507


FLOOD = """
import sys
from llmtop.emit.udp import UdpSink
sink = UdpSink("127.0.0.1", int(sys.argv[1]))
for number in range(20_000):
    sink.send({"type": "span", "span_id": "%016x" % number, "start_time": 1.0})
sink.close()
print(sink.sent)
"""


def test_what_a_receiver_with_no_room_loses_is_counted_exactly() -> None:
    joiner = Joiner()
    received = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as small:
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        small.bind(("127.0.0.1", 0))
        small.settimeout(0.5)
        port = str(small.getsockname()[1])
        with subprocess.Popen(
            [sys.executable, "-c", FLOOD, port], stdout=subprocess.PIPE, text=True
        ) as sender:
            while not any(emitter.left for emitter in joiner.emitters.values()):
                try:
                    received += bool(joiner.join(small.recv(65536), 0.0))
                except TimeoutError:
                    assert sender.poll() is None, "its goodbye never came"
            assert sender.stdout is not None
            sent = int(sender.stdout.read())
    assert sent == 20_000
    assert joiner.lost > 0, "there was room after all"
    assert received + joiner.lost == sent
    assert [emitter.duplicates for emitter in joiner.emitters.values()] == [0]
