"""`/v1/traces` and `/v1/sessions`: trees, lists, and what is said when there is nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.serve.service import Service, call, service, span


def test_a_trace_has_its_spans_with_attributes_and_events(served: Service) -> None:
    at = time.time() - 50.0
    event = {"name": "chunk", "timestamp": at + 0.5, "attributes": {"n": 1}}
    served.write(
        span("child", at=at + 1.0, parent_id="root", attributes={"retrieval.source": "wiki"},
             status="error", error="no index"),
        span("root", at=at, took=4.0, events=[event]),
    )  # fmt: skip
    trace = served.get("/v1/traces/t1")
    assert trace["trace_id"] == "t1"
    assert trace["span_count"] == 2
    root, child = trace["spans"]
    assert (root["span_id"], root["parent_id"], child["parent_id"]) == ("root", None, "root")
    assert root["duration_ms"] == pytest.approx(4000.0, abs=0.1)
    assert root["start_time"] < child["start_time"] < child["end_time"] < root["end_time"]
    assert root["events"][0]["name"] == "chunk"
    assert child["attributes"]["retrieval.source"] == "wiki"
    assert (root["status"], child["status"]) == ("ok", "error")
    assert (root["error"], child["error"]) == (None, "no index")
    assert trace["errors"] == 1


def test_an_id_may_be_anything_that_an_address_can_quote(served: Service) -> None:
    served.write(span("root", at=time.time() - 50.0, trace_id="a/b c?d#é"))
    answer = served.client.get("/v1/traces/a%2Fb%20c%3Fd%23%C3%A9")
    assert answer.json()["trace_id"] == "a/b c?d#é"


def test_a_running_span_has_no_end(served: Service) -> None:
    served.write(span("root", at=time.time() - 5.0, took=None, status=None))
    trace = served.get("/v1/traces/t1")
    assert trace["end_time"] is None
    assert trace["spans"][0]["end_time"] is None
    assert trace["spans"][0]["duration_ms"] is None
    assert trace["spans"][0]["status"] == "running"


def test_a_trace_nobody_told_of_is_404_with_a_sentence(served: Service) -> None:
    status, said = served.refused("/v1/traces/none")
    assert status == 404
    assert said == "There is no trace of this id, in memory or in the store."


def test_a_long_trace_is_cut_and_says_how_long_it_is(served: Service) -> None:
    at = time.time() - 500.0
    served.write(*[span(f"s{number}", at=at + number) for number in range(30)])
    trace = served.get("/v1/traces/t1", limit=10)
    assert len(trace["spans"]) == 10
    assert trace["span_count"] == 30
    assert served.refused("/v1/traces/t1", limit=5001)[0] == 422


def test_a_trace_that_memory_has_forgotten_comes_from_the_logs(tmp_path: Path) -> None:
    at = time.time() - 900.0
    with service(tmp_path, max_calls=5) as served:
        served.write(
            span("root", at=at, took=2.0, attributes={"chain.step": "first"}),
            span("leaf", at=at + 1.0, parent_id="root"),
            *[span(f"s{n}", at=at + 60.0 * n, trace_id=f"other{n}") for n in range(1, 12)],
        )
        assert served.monitor.trace("t1") is None
        trace = served.get("/v1/traces/t1")
        assert [each["span_id"] for each in trace["spans"]] == ["root", "leaf"]
        assert trace["spans"][0]["attributes"]["chain.step"] == "first"


def test_traces_are_listed_the_newest_first_in_pages(served: Service) -> None:
    at = time.time() - 500.0
    for number in range(5):
        served.write(
            span(f"root{number}", at=at + number, trace_id=f"t{number}", name=f"chain {number}"),
            *call(number, at=at + number + 0.1, took=0.5, trace_id=f"t{number}",
                  parent_id=f"root{number}", error="Timeout" if number == 2 else None),
        )  # fmt: skip
    first = served.get("/v1/traces", limit=2)
    assert [each["trace_id"] for each in first["traces"]] == ["t4", "t3"]
    assert first["count"] == 2
    line = first["traces"][0]
    assert (line["name"], line["span_count"], line["calls"], line["errors"]) == (
        "chain 4",
        2,
        1,
        0,
    )
    assert line["cost"] == pytest.approx(0.0014)
    rest = served.get("/v1/traces", limit=100, cursor=first["next"])
    assert [each["trace_id"] for each in rest["traces"]] == ["t2", "t1", "t0"]
    assert rest["next"] is None
    failed = served.get("/v1/traces", q="status:error")
    assert [each["trace_id"] for each in failed["traces"]] == ["t2"]
    assert served.get("/v1/traces", start_time="1m")["traces"] == []


def test_sessions_add_up_their_calls(served: Service) -> None:
    at = time.time() - 500.0
    served.write(
        *call(1, at=at, session_id="a", user_id="ada"),
        *call(2, at=at + 10, session_id="a", model="o3", error="Timeout"),
        *call(3, at=at + 20, session_id="b"),
        *call(4, at=at + 30),
    )
    page = served.get("/v1/sessions")
    assert [each["session_id"] for each in page["sessions"]] == ["b", "a"]
    assert page["count"] == 2
    line = page["sessions"][1]
    assert (line["calls"], line["errors"], line["user_id"]) == (2, 1, "ada")
    assert line["input_tokens"] == 2000
    assert sorted(line["models"]) == ["gpt-4o", "o3"]
    assert line["start_time"] < line["last_time"]
    first = served.get("/v1/sessions", limit=1)
    rest = served.get("/v1/sessions", limit=1, cursor=first["next"])
    assert [each["session_id"] for each in rest["sessions"]] == ["a"]
    assert served.get("/v1/sessions", q="model:o3")["sessions"][0]["calls"] == 1
