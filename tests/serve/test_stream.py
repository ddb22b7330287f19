"""`/v1/stream`: calls as they end, to each listener what it asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from llmtop.serve import streams
from tests.serve.service import Service, call
from tests.waiting import wait_until


@contextmanager
def listening(served: Service, **asked: Any) -> Iterator[Iterator[tuple[str, Any]]]:
    """The events of a stream, once it listens."""
    with served.client.stream("GET", "/v1/stream", params=asked) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines) == ": calls as they end"
        yield events(lines)


def events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def test_each_call_is_told_once_when_it_ends(served: Service) -> None:
    request, response = call(1)
    served.write(*call(0))
    with listening(served) as told:
        served.write(request)
        served.write(response)
        served.write({**response, "completion_tokens": 101})
        served.write(*call(2))
        name, first = next(told)
        assert (name, first["request_id"]) == ("call", "r1")
        assert first["completion_tokens"] == 100
        assert first["messages"] is None
        assert next(told)[1]["request_id"] == "r2"


def test_a_filter_chooses_what_is_told(served: Service) -> None:
    with listening(served, q="status:error") as told:
        served.write(*call(1), *call(2, error="Timeout"), *call(3), *call(4, error="Timeout"))
        assert [next(told)[1]["request_id"] for _ in range(2)] == ["r2", "r4"]


def test_a_filter_that_is_none_is_refused(served: Service) -> None:
    assert served.refused("/v1/stream", q="latency:>x")[0] == 422


def test_a_listener_that_leaves_is_forgotten(served: Service) -> None:
    with listening(served):
        assert len(served.monitor.streams._listeners) == 1
    wait_until(lambda: not served.monitor.streams._listeners)
    wait_until(lambda: served.monitor.streams._ended is None)


def test_there_are_not_more_streams_than_there_can_be(
    served: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_LISTENERS", 1)
    with listening(served):
        assert served.refused("/v1/stream")[0] == 503


def test_a_slow_listener_loses_the_oldest_calls_and_is_told_how_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "MOST_WAITING", 3)
    monkeypatch.setattr(streams.asyncio, "get_running_loop", lambda: None)
    listener = streams.Listener(None)
    for number in range(5):
        listener.offer(b"%d" % number)
    assert list(listener.waiting) == [b"2", b"3", b"4"]
    assert listener.left_out == 2


def test_a_stream_ends_when_the_service_does(served: Service) -> None:
    with listening(served) as told:
        served.monitor.streams.close()
        assert list(told) == []
