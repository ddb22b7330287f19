"""Who is let in: names, origins and tokens."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.serve.service import Service, call, service

PATHS = [
    "/v1/logs", "/v1/traces", "/v1/traces/t1", "/v1/sessions", "/v1/metrics", "/metrics",
    "/v1/metrics/prometheus", "/v1/stream", "/v1/alerts",
]  # fmt: skip


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:8428", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8428", 200),
        ("192.168.1.5:8428", 200),
        ("evil.example", 403),
        ("evil.example:8428", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("[::1", 403),
        ("", 403),
    ],
)
def test_a_strangers_name_for_this_machine_is_refused(
    host: str, status: int, served: Service
) -> None:
    for path in ("/v1/logs", "/health", "/docs"):
        assert served.client.get(path, headers={"Host": host}).status_code == status


def test_a_name_can_be_allowed(tmp_path: Path) -> None:
    with service(tmp_path, hosts=["llm.internal"]) as served:
        asked = {"Host": "LLM.internal:8428"}
        assert served.client.get("/v1/logs", headers=asked).status_code == 200


def test_pages_of_elsewhere_may_not_ask(served: Service) -> None:
    answer = served.client.get("/v1/logs", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    own = served.client.get("/v1/logs", headers={"Origin": served.url})
    assert own.status_code == 200
    assert "access-control-allow-origin" not in own.headers


def test_pages_that_are_named_may_ask(tmp_path: Path) -> None:
    origin = "https://grafana.example"
    with service(tmp_path, origins=[origin], token="secret") as served:
        asked = {"Origin": origin, "Authorization": "Bearer secret"}
        answer = served.client.get("/v1/logs", headers=asked)
        assert answer.headers["access-control-allow-origin"] == origin
        preflight = served.client.options(
            "/v1/logs",
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": "authorization, last-event-id",
            },
        )
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == origin
        other = served.client.get("/v1/logs", headers={**asked, "Origin": "https://b.example"})
        assert other.status_code == 403


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", "secret", "Basic secret", "Bearer sécret"]
)
def test_without_the_token_nothing_is_told(
    path: str, authorization: str | None, guarded: Service
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization.encode("latin-1")}
    answer = guarded.client.get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["error"].startswith("A token is needed")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> object:
    with service(tmp_path_factory.mktemp("guarded"), token="secret") as served:
        yield served


def test_with_the_token_all_is_told(guarded: Service) -> None:
    asked = {"Authorization": "Bearer secret"}
    assert guarded.client.get("/v1/logs", headers=asked).status_code == 200
    assert guarded.client.get("/metrics", headers=asked).status_code == 200


def test_a_token_may_be_of_any_letters_and_its_scheme_of_any_case(tmp_path: Path) -> None:
    with service(tmp_path, token="sécret") as served:
        for told, status in (
            ("Bearer sécret", 200),
            ("bearer  sécret", 200),
            ("Bearer secret", 401),
            ("Basic sécret", 401),
        ):
            asked = {b"Authorization": told.encode()}
            assert served.client.get("/v1/logs", headers=asked).status_code == status, told


def otlp(trace_id: str) -> dict[str, object]:
    now = time.time_ns()
    return {
        "resourceSpans": [
            {
                "scopeSpans": [
                    {
                        "spans": [
                            {
                                "traceId": trace_id,
                                "spanId": "b" * 16,
                                "name": "chat gpt-4o",
                                "startTimeUnixNano": str(now - 10**9),
                                "endTimeUnixNano": str(now),
                                "attributes": [
                                    {"key": "gen_ai.operation.name",
                                     "value": {"stringValue": "chat"}},
                                    {"key": "gen_ai.request.model",
                                     "value": {"stringValue": "gpt-4o"}},
                                ],
                            }
                        ]
                    }
                ]
            }
        ]
    }  # fmt: skip


def test_spans_are_taken_by_otlp_at_the_same_addresses(served: Service) -> None:
    trace_id = "a" * 32
    answer = served.client.post("/v1/traces", json=otlp(trace_id))
    assert answer.status_code == 200
    served.wait_for_lines(({},))
    assert served.get(f"/v1/traces/{trace_id}")["calls"] == 1
    assert served.get("/v1/logs")["logs"][0]["model"] == "gpt-4o"


def test_otlp_needs_the_token_too(guarded: Service) -> None:
    body = json.dumps(otlp("c" * 32))
    kind = {"Content-Type": "application/json"}
    assert guarded.client.post("/v1/traces", content=body, headers=kind).status_code == 401
    asked = {**kind, "Authorization": "Bearer secret"}
    assert guarded.client.post("/v1/traces", content=body, headers=asked).status_code == 200


def test_the_access_log_tells_no_query_and_nothing_a_terminal_obeys(tmp_path: Path) -> None:
    lines: list[str] = []
    with service(tmp_path, access_log=lines.append) as served:
        served.write(*call(1))
        served.get("/v1/logs", q="my-secret-prompt")
        served.client.get("/v1/traces/%1b]0;x%07")
    assert lines[0].startswith("GET /v1/logs 200 ")
    assert lines[1].startswith("GET /v1/traces/�]0;x� 404 ")
    assert "secret" not in "".join(lines)
