"""`/v1/stream`: calls as they end, to each listener what it asked for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from llmtop.live.live import Live
from llmtop.serve import event_stream, streams
from llmtop.span import Flag, Fragment
from tests.rates import PerMillion
from tests.serve.service import Service, call, service
from tests.waiting import wait_until


class Told:
    """The events of a stream, and the id of the last one, as a browser keeps it."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.id = ""

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return self

    def __next__(self) -> tuple[str, Any]:
        block: dict[str, str] = {}
        for line in self._lines:
            name, _, value = line.partition(": ")
            block[name] = value
            if not line:
                self.id = block.get("id", self.id)
                if "data" in block:
                    return block["event"], json.loads(block["data"])
                block.clear()
        raise StopIteration

    def ids(self, count: int) -> list[str]:
        """The requests of the next calls, all of which must be calls."""
        told = [next(self) for _ in range(count)]
        assert {name for name, _ in told} <= {"call"}
        return [call["request_id"] for _, call in told]


@contextmanager
def listening(served: Service, last: str | None = None, **asked: Any) -> Iterator[Told]:
    """The events of a stream, once it listens."""
    wait_until(lambda: served.monitor.streams._ended is not None)
    headers = {} if last is None else {"Last-Event-ID": last}
    with served.client.stream("GET", "/v1/stream", params=asked, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        told = Told(lines)
        assert next(lines) == ": calls as they end"
        assert next(lines) == "retry: 2000"
        told.id = next(lines).removeprefix("id: ")
        yield told


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


def test_there_are_not_more_streams_than_there_can_be(
    served: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_LISTENERS", 1)
    with listening(served):
        assert served.refused("/v1/stream")[0] == 503


def test_who_comes_back_gets_what_ended_meanwhile_and_nothing_twice(served: Service) -> None:
    with listening(served) as told:
        served.write(*call(1), *call(2))
        assert told.ids(1) == ["r1"]
        last = told.id
    served.write(*call(3))
    with listening(served, last) as told:
        assert told.ids(2) == ["r2", "r3"]
        served.write(*call(4))
        assert told.ids(1) == ["r4"]
    with listening(served, last_event_id=told.id) as told:
        served.write(*call(5))
        assert told.ids(1) == ["r5"]


def test_who_left_before_anything_was_told_can_come_back_as_well(served: Service) -> None:
    with listening(served) as told:
        last = told.id
    served.write(*call(1), *call(2, error="Timeout"), *call(3))
    with listening(served, last, q="status:error") as told:
        assert told.ids(1) == ["r2"]


def test_the_id_of_the_header_is_newer_than_that_of_the_address(served: Service) -> None:
    with listening(served) as told:
        first = told.id
        served.write(*call(1))
        assert told.ids(1) == ["r1"]
        last = told.id
    served.write(*call(2))
    with listening(served, last, last_event_id=first) as told:
        assert told.ids(1) == ["r2"]


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that remembers three calls."""
    monkeypatch.setattr(streams, "REMEMBERED", 3)


@pytest.mark.usefixtures("forgetful")
def test_who_was_away_too_long_is_told_how_many_calls_are_not_remembered(
    tmp_path: Path,
) -> None:
    with service(tmp_path) as served:
        with listening(served) as told:
            served.write(*call(0))
            assert told.ids(1) == ["r0"]
            last = told.id
        served.write(*[record for number in range(1, 8) for record in call(number)])
        with listening(served, last) as told:
            name, said = next(told)
            assert (name, said["calls"]) == ("left_out", 4)
            assert "ended before those that are remembered" in said["reason"]
            # Who is cut off here is not told it once more.
            behind = told.id
            assert told.ids(3) == ["r5", "r6", "r7"]
        with listening(served, behind) as told:
            assert told.ids(3) == ["r5", "r6", "r7"]


@pytest.mark.parametrize("last", ["0badcafe-3", "nonsense", "{run}-9999", "{run}--1", "{run}-²"])
def test_an_id_of_another_run_is_said_to_be_one(last: str, served: Service) -> None:
    served.write(*call(1))
    last = last.replace("{run}", served.monitor.streams._run)
    with listening(served, last_event_id=last) as told:
        name, said = next(told)
        assert (name, said["calls"]) == ("left_out", None)
        assert said["reason"].startswith("The id is of another run of the service")


def test_a_slow_listener_loses_the_oldest_calls_and_is_told_how_many() -> None:
    asyncio.run(a_slow_listener())


async def a_slow_listener() -> None:
    live = Live(PerMillion())
    several = streams.Streams()
    several.attach(live)
    listener = several.open(None)
    assert listener is not None
    beyond = 2
    for number in range(streams.REMEMBERED + beyond):
        live.apply([ended(number)], 1000.0)
        several.pass_on(live)
    told = several.take(listener)
    assert told is not None
    first, second = told.decode().split("\n\n")[:2]
    assert data(first)["calls"] == beyond
    assert data(second)["request_id"] == f"r{beyond}"
    count = told.count(b"event: call")
    while (more := several.take(listener)) is not None:
        count += more.count(b"event: call")
    assert count == streams.REMEMBERED


def data(event: str) -> Any:
    return json.loads(event.partition("data: ")[2].partition("\n")[0])


def ended(number: int) -> Fragment:
    return Fragment(
        request_id=f"r{number}", operation="chat", start=900.0, end=901.0, flags=int(Flag.ENDED)
    )


def test_what_is_told_of_a_call_is_what_it_was_when_it_ended() -> None:
    asyncio.run(a_call_that_changes())


async def a_call_that_changes() -> None:
    live = Live(PerMillion())
    several = streams.Streams()
    several.attach(live)
    listener = several.open(None)
    assert listener is not None
    live.apply([ended(1)], 1000.0)
    several.pass_on(live)
    late = ended(1)
    late.user_id = "ada"
    live.apply([late], 1000.0)
    several.pass_on(live)
    told = several.take(listener)
    assert told is not None
    assert data(told.decode())["user_id"] is None
    assert several.take(listener) is None


def test_a_silent_stream_is_kept_alive_and_says_how_far_it_is(
    served: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_S", 0.01)
    with listening(served, q="status:error") as told:
        first = told.id
        served.write(*call(1))
        for line in told._lines:
            if line.startswith("id: ") and line != f"id: {first}":
                break
            assert line in {"", ": nothing new", f"id: {first}"}
        last = line.removeprefix("id: ")
    served.write(*call(2))
    with listening(served, last) as told:
        assert told.ids(1) == ["r2"]


def test_what_the_logs_held_before_is_not_told(tmp_path: Path) -> None:
    records = [record for number in range(50) for record in call(number)]
    (tmp_path / "old.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    with service(tmp_path) as served:
        served.wait_for_lines(tuple(records))
        with listening(served, last_event_id="0badcafe-1") as told:
            assert next(told)[0] == "left_out"
            served.write(*call(1000))
            assert told.ids(1) == ["r1000"]


def test_a_stream_ends_when_the_service_does(served: Service) -> None:
    with listening(served) as told:
        served.monitor.streams.close()
        assert list(told) == []
