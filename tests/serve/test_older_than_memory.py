"""Traces and sessions that memory has forgotten, wholly or in part, come from the logs."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from llmtop.serve.monitor import Monitor
from llmtop.serve.store import Store
from tests.serve.service import Service, call, service, span

TRACES = 60
APART_S = 40.0


def traced(number: int, at: float, **told: Any) -> list[dict[str, Any]]:
    """A trace of a chain and a call below it."""
    trace = f"t{number:02}"
    return [
        span(f"root{number}", at=at, took=2.0, trace_id=trace, name=f"chain {number}"),
        *call(number, at=at + 0.5, trace_id=trace, parent_id=f"root{number}", **told),
    ]


def pages(served: Service, path: str, name: str, **asked: Any) -> list[dict[str, Any]]:
    """What stands on all pages."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = served.get(path, **asked, **({"cursor": cursor} if cursor else {}))
        assert page["count"] == len(page[name]) <= asked.get("limit", 100)
        found += page[name]
        cursor = page["next"]
        if cursor is None:
            return found


def many_traces(served: Service, **told: Any) -> float:
    """Traces of which memory keeps but a few; when the first began."""
    at = time.time() - 3000.0
    served.write(
        *[
            record
            for number in range(TRACES)
            for record in traced(number, at + APART_S * number, **told)
        ]
    )
    assert served.monitor.newest_evicted() is not None
    return at


@pytest.mark.parametrize("limit", [7, 100])
def test_every_trace_is_listed_once_the_newest_first(limit: int, tmp_path: Path) -> None:
    with service(tmp_path, max_calls=20) as served:
        many_traces(served)
        found = pages(served, "/v1/traces", "traces", limit=limit)
        assert [line["trace_id"] for line in found] == [f"t{n:02}" for n in reversed(range(TRACES))]
        in_memory, in_store = found[0], found[-1]
        assert in_store["start_time"] < in_memory["start_time"]
        assert (in_store["name"], in_memory["name"]) == ("chain 0", f"chain {TRACES - 1}")
        for line in (in_memory, in_store):
            line.pop("name"), line.pop("trace_id"), line.pop("start_time"), line.pop("end_time")
        assert in_memory == in_store
        assert (in_store["span_count"], in_store["calls"], in_store["input_tokens"]) == (2, 1, 1000)
        assert in_store["duration_ms"] == pytest.approx(2000.0, abs=0.1)
        assert in_store["cost"] == pytest.approx(0.0014)


def test_a_range_of_traces_is_by_their_first_start(tmp_path: Path) -> None:
    with service(tmp_path, max_calls=20) as served:
        at = many_traces(served)
        # The call of trace 5 began after the range does, and its root before.
        asked = {"start_time": str(at + 5 * APART_S + 0.2), "end_time": str(at + 8 * APART_S)}
        found = served.get("/v1/traces", **asked)["traces"]
        assert [line["trace_id"] for line in found] == ["t08", "t07", "t06"]


def test_a_filter_chooses_traces_of_the_store_that_are_told_whole(tmp_path: Path) -> None:
    with service(tmp_path, max_calls=20) as served:
        at = time.time() - 9000.0
        records: list[dict[str, Any]] = []
        for number in range(TRACES):
            failed = {"error": "Timeout"} if number % 20 == 3 else {}
            records += traced(number, at + 100.0 * number, **failed)
        served.write(*records)
        found = pages(served, "/v1/traces", "traces", q="status:error", limit=2)
        assert [line["trace_id"] for line in found] == ["t43", "t23", "t03"]
        assert {(line["span_count"], line["errors"]) for line in found} == {(2, 1)}


def test_a_trace_that_is_in_memory_in_part_is_told_whole(tmp_path: Path) -> None:
    with service(tmp_path, max_calls=20) as served:
        at = many_traces(served)
        late = call(1000, at=at + TRACES * APART_S, trace_id="t01", parent_id="root1")
        served.write(*late)
        assert len(served.monitor.spans_of("t01")) == 1
        trace = served.get("/v1/traces/t01")
        assert [each["span_id"] for each in trace["spans"]] == ["root1", "r1", "r1000"]
        assert trace["spans"][1]["parent_id"] == "root1"
        assert (trace["calls"], trace["span_count"]) == (2, 3)
        listed = {
            line["trace_id"]: line for line in pages(served, "/v1/traces", "traces", limit=100)
        }
        assert len(listed) == TRACES
        assert (listed["t01"]["calls"], listed["t01"]["name"]) == (2, "chain 1")


def test_a_call_without_a_trace_is_one_of_its_own_in_the_store_as_in_memory(
    tmp_path: Path,
) -> None:
    with service(tmp_path, max_calls=20) as served:
        at = time.time() - 9000.0
        served.write(*[record for n in range(60) for record in call(n, at=at + 100.0 * n)])
        for name in ("r59", "r0"):
            assert [each["span_id"] for each in served.get(f"/v1/traces/{name}")["spans"]] == [name]


def many_sessions(served: Service) -> float:
    """Thirty sessions that take turns, four calls each; when the first call began."""
    at = time.time() - 9000.0
    records: list[dict[str, Any]] = []
    for number in range(120):
        session = f"s{number % 30:02}"
        records += call(number, at=at + 50.0 * number, session_id=session, trace_id=f"t{number}")
    served.write(*records)
    assert served.monitor.newest_evicted() is not None
    return at


def test_sessions_are_summed_up_over_memory_and_the_store(tmp_path: Path) -> None:
    with service(tmp_path, max_calls=20) as served:
        many_sessions(served)
        for limit in (7, 100):
            found = pages(served, "/v1/sessions", "sessions", limit=limit, start_time="1d")
            assert [line["session_id"] for line in found] == [
                f"s{number:02}" for number in reversed(range(30))
            ]
            assert {line["calls"] for line in found} == {4}
        assert found[0]["input_tokens"] == 4000
        assert found[0]["cost"] == pytest.approx(4 * 0.0014)
        assert sorted(found[0]["traces"]) == sorted(["t29", "t59", "t89", "t119"])
        assert found[0]["start_time"] < found[0]["last_time"]


def test_sessions_of_a_range_have_the_calls_of_that_range(tmp_path: Path) -> None:
    with service(tmp_path, max_calls=20) as served:
        at = many_sessions(served)
        asked = {"start_time": str(at + 49.0), "end_time": str(at + 50.0 * 31 + 1.0)}
        page = served.get("/v1/sessions", **asked)
        assert {line["session_id"]: line["calls"] for line in page["sessions"]} == {
            f"s{number:02}": 2 if number == 1 else 1 for number in range(30)
        }
        assert page["since"] is None


def test_sessions_that_fill_a_page_from_memory_say_since_when_they_count(tmp_path: Path) -> None:
    with service(tmp_path, max_calls=20) as served:
        many_sessions(served)
        page = served.get("/v1/sessions", limit=3)
        assert [line["calls"] for line in page["sessions"]] == [1, 1, 1]
        assert page["since"] < min(line["start_time"] for line in page["sessions"])
        found = pages(served, "/v1/sessions", "sessions", limit=3)
        assert sorted(line["session_id"] for line in found) == [f"s{n:02}" for n in range(30)]
        # Those that memory does not have are summed up over the store.
        assert found[-1]["calls"] == 4


def test_sessions_that_memory_knows_whole_are_not_looked_for_elsewhere(served: Service) -> None:
    served.write(*call(1, session_id="a"), *call(2, session_id="a"))
    page = served.get("/v1/sessions")
    assert (page["since"], page["next"], page["sessions"][0]["calls"]) == (None, None, 2)


def test_a_session_whose_calls_have_no_times_has_none(served: Service) -> None:
    record = {"model": "m", "session_id": "a", "prompt_tokens": 3, "completion_tokens": 1,
              "prompt": "x", "response": "y"}  # fmt: skip
    served.write(record)
    (line,) = served.get("/v1/sessions")["sessions"]
    assert (line["session_id"], line["start_time"], line["last_time"]) == ("a", None, None)


def test_what_is_asked_for_within_memory_is_not_looked_for_in_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: Any, **__: Any) -> None:
        raise AssertionError

    with service(tmp_path, max_calls=20) as served:
        many_traces(served, session_id="a")
        monkeypatch.setattr(Store, "scan", read)
        now = time.time()
        served.write(*traced(100, now - 5.0, session_id="a"))
        for path, name in (("logs", "logs"), ("traces", "traces"), ("sessions", "sessions")):
            assert len(served.get(f"/v1/{path}", start_time="1m")[name]) == 1
        assert len(served.get("/v1/traces/t100")["spans"]) == 2


def test_what_was_recorded_before_the_service_began_is_there(tmp_path: Path) -> None:
    logs, store = tmp_path / "logs", tmp_path / "store"
    logs.mkdir()
    store.mkdir()
    at = time.time() - 500.0
    day = time.strftime("%Y-%m-%d", time.gmtime(at))
    records = [record for n in range(3) for record in traced(n, at + n, session_id="a")]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (store / f"llm_logs_{day}.jsonl").write_text(lines)
    with service(logs, store=store) as served:
        found = served.get("/v1/traces")["traces"]
        assert [line["trace_id"] for line in found] == ["t02", "t01", "t00"]
        assert served.get("/v1/sessions")["sessions"][0]["calls"] == 3
        assert served.get("/v1/traces/t01")["calls"] == 1


def test_calls_without_ids_are_told_apart_though_they_lie_at_the_same_place(
    tmp_path: Path,
) -> None:
    at = time.time() - 900.0

    def nameless(number: int) -> dict[str, Any]:
        return {"timestamp": at + number, "model": "m", "latency_ms": 10, "session_id": "s",
                "prompt_tokens": number, "completion_tokens": 1}  # fmt: skip

    with service(tmp_path, max_calls=20) as served:
        for number in range(60):
            # Each in a file of its own: all are the first line of something.
            served.write(nameless(number), name=f"{number:02}.jsonl")
        logs = served.get("/v1/logs", limit=100)["logs"]
        assert [log["prompt_tokens"] for log in logs] == list(reversed(range(60)))
        assert served.get("/v1/sessions", start_time="1d")["sessions"][0]["calls"] == 60


def test_memory_is_asked_about_few_spans_at_a_time(tmp_path: Path) -> None:
    with service(tmp_path, max_calls=20) as served:
        many_traces(served)
        sizes: list[int] = []
        unknown = Monitor.unknown

        def counted(monitor: Monitor, spans: Any) -> Any:
            sizes.append(len(spans))
            return unknown(monitor, spans)

        Monitor.unknown = counted  # type: ignore[method-assign]  # for this test
        try:
            served.get("/v1/traces", limit=1000)
        finally:
            Monitor.unknown = unknown  # type: ignore[method-assign]  # as it was
        assert sum(sizes) > TRACES
        assert len(sizes) < TRACES
        assert max(sizes) <= 250
