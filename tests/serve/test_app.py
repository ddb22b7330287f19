"""The application: errors are sentences, and the documentation needs no internet."""

from __future__ import annotations

import re

import pytest

from llmtop.serve.answer import encode
from tests.serve.service import Service


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/", 404),
        ("DELETE", "/v1/logs", 405),
        ("PUT", "/v1/traces", 405),
        ("GET", "/v1/logs/x", 404),
        ("GET", "/v1/logs?limit=many", 422),
        ("GET", "/health?x=1", 422),
        ("GET", "/v1/sessions?status=ok", 422),
        ("GET", "/v1/logs?limit=1&limit=2000", 422),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_sentence(
    method: str, path: str, status: int, served: Service
) -> None:
    answer = served.client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert told["status"] == status
    assert re.fullmatch(r"[A-Za-z].*[.?]", told["error"])
    if status == 405:
        assert method in told["error"]
        assert "GET" in told["error"]


def test_a_failure_of_our_own_is_said_without_its_innards(
    served: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("innards")

    monkeypatch.setattr(served.monitor, "sources", fail)
    status, said = served.refused("/v1/metrics")
    assert status == 500
    assert "innards" not in said


def test_the_document_describes_every_route_and_answer(served: Service) -> None:
    told = served.get("/openapi.json")
    assert set(told["paths"]) == {
        "/v1/logs", "/v1/stream", "/v1/traces", "/v1/traces/{trace_id}", "/v1/sessions",
        "/v1/metrics", "/v1/metrics/prometheus", "/metrics", "/v1/alerts", "/health",
    }  # fmt: skip
    schemas = told["components"]["schemas"]
    for path, methods in told["paths"].items():
        assert methods["get"]["description"], path
        for answer in methods["get"]["responses"].values():
            reference = answer.get("content", {}).get("application/json", {}).get("schema", {})
            name = reference.get("$ref", "").rpartition("/")[2]
            assert not name or name in schemas, (path, name)
    names = {each["name"] for each in told["paths"]["/v1/logs"]["get"]["parameters"]}
    assert names == {
        "start_time", "end_time", "model", "user_id", "session_id", "trace_id", "status", "q",
        "limit", "cursor", "payload",
    }  # fmt: skip


def test_the_documentation_loads_nothing_from_elsewhere(served: Service) -> None:
    answer = served.client.get("/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "https://" not in answer.text
    assert "http://" not in answer.text
    assert not re.search(r"<(?:script|link|img)[^>]*\b(?:src|href)=", answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_half_characters_are_encoded_as_a_replacement() -> None:
    assert encode({"a\ud800": ["\udfff", 1, None]}) == '{"a\ufffd":["\ufffd",1,null]}'.encode()
    assert encode({"a": "é"}) == '{"a":"é"}'.encode()


@pytest.mark.parametrize(
    "path",
    [
        "/v1/logs", "/v1/traces", "/v1/sessions", "/v1/metrics?window=1h", "/v1/alerts",
        "/docs", "/openapi.json", "/v1/traces/none", "/v1/logs?limit=many", "/nowhere",
    ],
)  # fmt: skip
def test_head_has_the_headers_of_get_and_no_body(path: str, served: Service) -> None:
    got, head = served.client.get(path), served.client.head(path)
    assert head.status_code == got.status_code
    assert head.content == b""
    of_get, of_head = dict(got.headers), dict(head.headers)
    if "sources" not in got.text:  # which say how many bytes they have read
        assert of_head.pop("content-length") == of_get.pop("content-length")
    told = ("content-type", "content-security-policy", "x-content-type-options")
    assert [of_head.get(name) for name in told] == [of_get.get(name) for name in told]


def test_head_of_what_is_measured_has_its_type(served: Service) -> None:
    for path in ("/health", "/metrics", "/v1/metrics/prometheus"):
        got, head = served.client.get(path), served.client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == got.headers["content-type"]


def test_head_of_the_stream_ends(served: Service) -> None:
    head = served.client.head("/v1/stream?q=status:error")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")
    assert head.headers["cache-control"] == "no-store"
    assert "content-length" not in head.headers
    assert not served.monitor.streams._listeners
    assert served.client.head("/v1/stream?q=latency:>x").status_code == 422


def test_an_address_says_which_methods_it_takes(served: Service) -> None:
    assert served.client.delete("/v1/logs").headers["allow"] == "GET, HEAD"
