"""`/v1/logs`: which calls, in which order, and pages that stay true while calls arrive."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.serve.service import Service, call, service


def ids(page: dict[str, Any]) -> list[str]:
    assert page["count"] == len(page["logs"])
    return [log["request_id"] for log in page["logs"]]


def test_a_log_has_the_fields_of_its_request_and_of_its_response(served: Service) -> None:
    at = time.time() - 60.0
    served.write(
        *call(1, at=at, took=2.5, user_id="ada", session_id="s1", trace_id="t1", ttft_ms=300.0)
    )
    (log,) = served.get("/v1/logs")["logs"]
    assert log["request_id"] == "r1"
    assert datetime.fromisoformat(log["timestamp"]).timestamp() == pytest.approx(at, abs=1e-5)
    assert log["model"] == "gpt-4o"
    assert (log["user_id"], log["session_id"], log["trace_id"]) == ("ada", "s1", "t1")
    assert log["messages"] == [{"role": "user", "content": "question 1"}]
    assert log["parameters"]["temperature"] == 0.5
    assert log["content"] == "answer 1"
    assert (log["prompt_tokens"], log["completion_tokens"], log["total_tokens"]) == (
        1000,
        100,
        1100,
    )
    assert log["latency_ms"] == pytest.approx(2500.0, abs=0.1)
    assert log["ttft_ms"] == 300.0
    assert log["estimated_cost"] == pytest.approx(0.0014)
    assert (log["status"], log["error"]) == ("ok", None)


def test_texts_can_be_left_out(served: Service) -> None:
    served.write(*call(1))
    (log,) = served.get("/v1/logs", payload="false")["logs"]
    assert log["messages"] is None
    assert log["content"] is None
    assert log["prompt_tokens"] == 1000


def test_calls_in_flight_are_there_and_the_newest_is_first(served: Service) -> None:
    served.write(*call(1), *call(3), call(2)[0])
    page = served.get("/v1/logs")
    assert ids(page) == ["r3", "r2", "r1"]
    assert page["logs"][1]["status"] == "running"
    assert page["logs"][1]["completion_tokens"] is None
    assert page["next"] is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"model": "o3"}, ["r2"]),
        ({"model": "O3"}, ["r2"]),
        ({"model": "gpt"}, []),
        ({"user_id": "ada"}, ["r1"]),
        ({"user_id": "ad"}, []),
        ({"session_id": "s2"}, ["r2"]),
        ({"trace_id": "t3"}, ["r3"]),
        ({"status": "error"}, ["r3"]),
        ({"status": "running"}, ["r4"]),
        ({"q": "status:error or model:o3"}, ["r3", "r2"]),
        ({"q": "latency:>2s", "status": "ok"}, ["r1"]),
        ({"model": "gpt-4o", "q": "-status:error", "limit": 2}, ["r4", "r1"]),
    ],
)
def test_calls_are_chosen_by_what_is_known_of_them(
    asked: dict[str, Any], found: list[str], served: Service
) -> None:
    served.write(
        *call(1, user_id="ada", session_id="s1", took=5.0),
        *call(2, model="o3", user_id="adam", session_id="s2"),
        *call(3, trace_id="t3", error="Timeout"),
        call(4)[0],
    )
    assert ids(served.get("/v1/logs", **asked)) == found


def test_times_are_iso_8601_or_relative(served: Service) -> None:
    now = time.time()
    for number, ago in enumerate((10_000, 4000, 100)):
        served.write(*call(number, at=now - ago))

    def iso(ago: float) -> str:
        return datetime.fromtimestamp(now - ago, UTC).isoformat()

    assert ids(served.get("/v1/logs", start_time="2h")) == ["r2", "r1"]
    assert ids(served.get("/v1/logs", start_time="2h ago", end_time="30m")) == ["r1"]
    assert ids(served.get("/v1/logs", end_time=iso(3000))) == ["r1", "r0"]
    assert ids(served.get("/v1/logs", start_time=str(now - 200), end_time="now")) == ["r2"]
    # The + of a zone that was not escaped comes as a space.
    path = f"/v1/logs?start_time={iso(200)}"
    assert "+00:00" in path
    assert ids(served.client.get(path).json()) == ["r2"]


def test_pages_show_each_call_once_while_calls_arrive(served: Service) -> None:
    served.write(*[record for number in range(50) for record in call(number)])
    seen: list[str] = []
    cursor = None
    for turn in range(20):
        page = served.get("/v1/logs", limit=7, **({"cursor": cursor} if cursor else {}))
        seen += ids(page)
        cursor = page["next"]
        if cursor is None:
            break
        served.write(*call(1000 + turn, at=time.time()))
    assert seen == [f"r{number}" for number in reversed(range(50))]


def test_calls_of_one_moment_are_not_lost_between_pages(served: Service) -> None:
    at = time.time() - 50.0
    served.write(*[record for number in range(10) for record in call(number, at=at)])
    seen: list[str] = []
    cursor = None
    while True:
        page = served.get("/v1/logs", limit=3, **({"cursor": cursor} if cursor else {}))
        seen += ids(page)
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(f"r{number}" for number in range(10))


def test_what_memory_has_forgotten_comes_from_the_logs(tmp_path: Path) -> None:
    with service(tmp_path, max_calls=20) as served:
        served.write(*[record for number in range(200) for record in call(number)])
        assert served.monitor.newest_evicted() is not None
        seen: list[str] = []
        cursor = None
        while True:
            page = served.get("/v1/logs", limit=30, **({"cursor": cursor} if cursor else {}))
            seen += ids(page)
            assert all(log["content"] for log in page["logs"])
            cursor = page["next"]
            if cursor is None:
                break
        assert seen == [f"r{number}" for number in reversed(range(200))]


def test_calls_without_ids_come_once_from_memory_or_the_logs(tmp_path: Path) -> None:
    with service(tmp_path, max_calls=20) as served:
        at = time.time() - 500.0
        records = [
            {
                "timestamp": at + number,
                "model": "m",
                "latency_ms": 10 + number,
                "prompt_tokens": number,
                "completion_tokens": 1,
            }
            for number in range(60)
        ]
        served.write(*records)
        logs = served.get("/v1/logs", limit=100)["logs"]
        assert [log["prompt_tokens"] for log in logs] == list(reversed(range(60)))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"limit": 0}, "limit: input should be greater"),
        ({"limit": 1001}, "limit: input should be less"),
        ({"limit": "x"}, "limit: input should be a valid integer"),
        ({"status": "broken"}, "status: input should be 'ok'"),
        ({"start_time": "yesterday"}, "start_time: 'yesterday' is not a time"),
        ({"start_time": "1h", "end_time": "2h"}, "start_time lies after end_time"),
        ({"q": "latency:>soon"}, "q: `soon` is not an amount"),
        ({"q": "x" * 2001}, "q: string should have at most 2000 characters"),
        ({"cursor": "nonsense"}, "The cursor is not one"),
        ({"cursor": "bmFuIHg"}, "The cursor is not one"),
        ({"modle": "gpt-4o"}, "There is no parameter modle. Did you mean model?"),
    ],
)
def test_bad_parameters_are_said_in_a_sentence(
    asked: dict[str, Any], said: str, served: Service
) -> None:
    status, sentence = served.refused("/v1/logs", **asked)
    assert status == 422
    assert said in sentence
    assert sentence.endswith((".", "?"))


def test_hostile_text_comes_through_as_json(served: Service) -> None:
    text = "\x1b]0;x\x07 [/bold] \u202e \ud800"
    served.write(*call(1, content=text, user_id=text))
    (log,) = served.get("/v1/logs")["logs"]
    assert log["content"].startswith("\x1b]0;x\x07 [/bold] \u202e ")
