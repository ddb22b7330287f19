"""An accepted span is never lost: many senders at once, a monitor that is behind, a restart."""

from __future__ import annotations

import threading
import time

import httpx
import pytest

from tests.otlp.exports import body, call_span
from tests.otlp.monitor import Monitor, monitor
from tests.waiting import PATIENCE_S

SENDERS = 6
POSTS = 40
SPANS_A_POST = 25


class Sender(threading.Thread):
    """Posts batches as an SDK does: again until they are accepted."""

    def __init__(self, number: int, port: int) -> None:
        super().__init__()
        self.accepted: list[str] = []
        self.asked_to_wait = 0
        self._number = number
        self._url = f"http://127.0.0.1:{port}/v1/traces"

    def run(self) -> None:
        with httpx.Client(headers={"content-type": "application/json"}) as client:
            for post in range(POSTS):
                first = (self._number * POSTS + post) * SPANS_A_POST
                spans = [call_span(first + each) for each in range(SPANS_A_POST)]
                self._send(client, body(*spans))
                self.accepted.extend(span["spanId"] for span in spans)

    def _send(self, client: httpx.Client, told: bytes) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                answer = client.post(self._url, content=told)
            except httpx.TransportError:
                time.sleep(0.02)  # nobody listens: the monitor is being started anew
                continue
            if answer.status_code == 200:
                return
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "1"
            self.asked_to_wait += 1
            time.sleep(0.02)
        raise AssertionError("never accepted")


def started(port: int) -> list[Sender]:
    senders = [Sender(number, port) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    return senders


def seen_by(running: Monitor) -> set[str]:
    return {call.span_id for call in running.calls()}


def test_spans_of_many_senders_at_once_are_all_there_once() -> None:
    with monitor() as running:
        senders = started(running.port)
        while any(sender.is_alive() for sender in senders):
            running.move()
            time.sleep(0.005)
        for sender in senders:
            sender.join()
        running.until(lambda totals: totals.calls >= SENDERS * POSTS * SPANS_A_POST)
        accepted = [span for sender in senders for span in sender.accepted]
        assert sorted(call.span_id for call in running.calls()) == sorted(accepted)
        assert running.pump.honest().duplicates == 0


def test_a_monitor_that_is_behind_asks_to_wait_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("llmtop.sources.otlp_receiver.MOST_WAITING_BYTES", 50_000)
    with monitor() as running:
        senders = started(running.port)
        while not any(sender.asked_to_wait for sender in senders):
            time.sleep(0.01)  # nothing is moved until somebody had to wait
        while any(sender.is_alive() for sender in senders):
            running.move()
            time.sleep(0.005)
        accepted = {span for sender in senders for span in sender.accepted}
        assert len(accepted) == SENDERS * POSTS * SPANS_A_POST
        running.until(lambda totals: totals.calls >= len(accepted))
        assert seen_by(running) == accepted


def test_a_restart_loses_nothing_that_was_accepted_before_or_after() -> None:
    first = Monitor()
    senders = started(first.port)
    seen: set[str] = set()
    try:
        while not first.totals().calls:
            first.move()
        # From here on only what closing moves is moved.
        while sum(len(sender.accepted) for sender in senders) < 10 * SPANS_A_POST:
            time.sleep(0.005)
    finally:
        first.pump.close()
    seen |= seen_by(first)
    assert seen
    with monitor(first.port) as second:
        while any(sender.is_alive() for sender in senders):
            second.move()
            time.sleep(0.005)
        second.move()
        seen |= seen_by(second)
    accepted = {span for sender in senders for span in sender.accepted}
    assert len(accepted) == SENDERS * POSTS * SPANS_A_POST
    assert seen == accepted
