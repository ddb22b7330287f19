"""The pump moves what arrives, in slices, and tells how far it can be trusted."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from llmtop.decode.decoder import Decoder
from llmtop.emit.udp import UdpSink
from llmtop.live.live import Live
from llmtop.live.view import Figures, Query
from llmtop.pump import Pump
from llmtop.sources.open import Sources
from llmtop.sources.otlp_receiver import Export
from tests.otlp.exports import body, call_span
from tests.rates import PerMillion
from tests.waiting import wait_until


def pump_on(sources: Sources) -> Pump:
    return Pump(sources, Decoder(), Live(PerMillion(), follow=True))


def totals(pump: Pump) -> Figures:
    return pump.live.view(Query(window="all"), time.time(), pump.honest()).total


def write(path: Path, calls: int) -> None:
    with path.open("w") as file:
        for number in range(calls):
            call = {
                "type": "response",
                "request_id": f"r{number}",
                "timestamp": 1_750_000_000 + number,
                "model": "gpt-4o",
                "content": f"answer {number}",
                "prompt_tokens": 10,
                "completion_tokens": 2,
                "latency_ms": 100,
            }
            file.write(json.dumps(call) + "\n")


def test_a_step_moves_a_slice_and_says_that_more_waits(tmp_path: Path) -> None:
    write(tmp_path / "app.jsonl", 5000)
    pump = pump_on(Sources([str(tmp_path)], follow=False))
    assert pump.step(budget_s=0.0)
    assert pump.interval() == 0.0
    steps = 1
    while pump.step(budget_s=0.0):
        steps += 1
    assert steps > 20
    assert totals(pump).calls == 5000
    read, there = pump.progress()
    assert read == there == (tmp_path / "app.jsonl").stat().st_size
    assert pump.interval() > 0.0
    pump.close()


def test_payloads_are_read_again_and_one_that_is_gone_is_said(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    write(path, 30)
    pump = pump_on(Sources([str(tmp_path)], follow=False))
    pump.drain()
    view = pump.live.view(Query(window="all"), time.time(), pump.honest())
    (wanted,) = [call for call in view.calls if call.request_id == "r17"]
    assert [message.text for message in pump.payload(wanted).output] == ["answer 17"]
    pump.close()
    path.unlink()
    assert pump.payload(wanted).missing


def test_what_was_taken_before_the_end_is_moved_at_the_end() -> None:
    sources = Sources([], udp=("127.0.0.1", 0), otlp_mounted=True)
    pump = pump_on(sources)
    assert sources.udp_port
    assert sources.receiver is not None
    sink = UdpSink("127.0.0.1", sources.udp_port)
    for number in range(50):
        sink.send({"type": "response", "request_id": f"r{number}", "model": "m"})
    sink.close()
    assert sources.receiver.offer(Export(lines=[body(call_span(0)) + b"\n"], spans=1))
    pump.close()
    assert totals(pump).calls == 51
    pump.close()


def test_each_emitter_is_told_with_what_it_sent_and_what_came() -> None:
    sources = Sources([], udp=("127.0.0.1", 0))
    pump = pump_on(sources)
    assert sources.udp_port
    sinks = [UdpSink("127.0.0.1", sources.udp_port) for _ in range(2)]
    for count, sink in enumerate(sinks, 3):
        for number in range(count):
            sink.send({"type": "response", "request_id": f"{count}.{number}", "model": "m"})
        sink.close()
    wait_until(lambda: totals(pump).calls >= 7, between=pump.step)
    wait_until(
        lambda: all(each.left for each in pump.source_states()[0].emitters), between=pump.step
    )
    (state,) = pump.source_states()
    # Each says goodbye with a datagram more.
    assert sorted((each.sent, each.received, each.lost) for each in state.emitters) == [
        (4, 4, 0),
        (5, 5, 0),
    ]
    assert state.lost == 0
    pump.close()


@pytest.mark.parametrize("line", [b"\xff\xfe\x00", b"{" * 5000, b"not json", b'{"a":1e999}'])
def test_what_cannot_be_read_is_counted_with_its_source(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "app.jsonl"
    write(path, 3)
    with path.open("ab") as file:
        file.write(line + b"\n")
    pump = pump_on(Sources([str(path)], follow=False))
    pump.drain()
    (state,) = pump.source_states()
    assert (state.lines, state.fragments) == (4, 3)
    assert state.rejected == pump.honest().rejected == len(pump.rejects)
    pump.close()
