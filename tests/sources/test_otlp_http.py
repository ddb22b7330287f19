"""The OTLP port answers as the protocol says: content types, limits, refusals, browsers, gRPC."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
import zlib
from collections.abc import Iterator

import httpx
import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from llmtop.sources import otlp_http
from llmtop.sources.grpc_refusal import PREFACE, SENTENCE
from llmtop.sources.open import Sources
from llmtop.sources.otlp_body import MOST_BYTES
from llmtop.sources.status import SourceError
from tests.otlp.exports import body, call_span, protobuf
from tests.otlp.monitor import Monitor, monitor
from tests.waiting import PATIENCE_S

PROTOBUF = "application/x-protobuf"
JSON = "application/json"


@pytest.fixture
def running() -> Iterator[Monitor]:
    with monitor() as found:
        yield found


@pytest.mark.parametrize("kind", [PROTOBUF, JSON, f"{JSON}; charset=utf-8"])
@pytest.mark.parametrize("encoding", ["identity", "gzip", "deflate"])
def test_spans_are_taken_in_every_form_and_answered_in_the_same(
    running: Monitor, kind: str, encoding: str
) -> None:
    spans = [call_span(number) for number in range(3)]
    told = protobuf(*spans) if kind == PROTOBUF else body(*spans)
    packed = {"identity": bytes, "gzip": gzip.compress, "deflate": zlib.compress}[encoding](told)
    answer = running.post("/v1/traces", packed, kind, content_encoding=encoding)
    assert (answer.status_code, answer.content) == (200, b"" if kind == PROTOBUF else b"{}")
    assert answer.headers["content-type"] == kind.partition(";")[0]
    seen = running.until(lambda totals: totals.calls == 3)
    assert (seen.input_tokens, seen.output_tokens) == (30, 9)


def test_a_chunked_body_is_taken(running: Monitor) -> None:
    told = body(call_span(0))
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=PATIENCE_S)
    connection.request(
        "POST",
        "/v1/traces",
        iter([told[:10], told[10:50], told[50:]]),
        {"Content-Type": JSON},
        encode_chunked=True,
    )
    assert connection.getresponse().status == 200
    connection.close()
    running.until(lambda totals: totals.calls == 1)


def test_spans_without_ids_are_counted_in_the_answer_and_on_the_screen(running: Monitor) -> None:
    told = (call_span(0), call_span(1, spanId="0" * 16), call_span(2, traceId="0" * 32))
    answer = running.post("/v1/traces", body(*told)).json()
    assert answer["partialSuccess"]["rejectedSpans"] == "2"
    assert "traceId" in answer["partialSuccess"]["errorMessage"]
    answer = running.post("/v1/traces", protobuf(*told), PROTOBUF)
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert partial.rejected_spans == 2
    running.until(lambda totals: totals.calls == 1)
    assert running.port_state.rejected == 4
    assert running.pump.honest().rejected == 4


def test_logs_and_metrics_are_taken_and_counted(running: Monitor) -> None:
    logs = ExportLogsServiceRequest()
    logs.resource_logs.add().scope_logs.add().log_records.add().time_unix_nano = 1
    metrics = ExportMetricsServiceRequest()
    metrics.resource_metrics.add().scope_metrics.add().metrics.add().gauge.data_points.add()
    for path, message in (("/v1/logs", logs), ("/v1/metrics", metrics)):
        answer = running.post(path, message.SerializeToString(), PROTOBUF)
        assert (answer.status_code, answer.content) == (200, b"")
    running.move()
    assert running.port_state.received == {
        "requests": 2,
        "spans": 0,
        "log records": 1,
        "metric data points": 1,
    }


def test_what_is_no_export_is_answered_with_the_reason(running: Monitor) -> None:
    answer = running.post("/v1/traces", b"{not json")
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert "not JSON" in answer.json()["message"]
    answer = running.post("/v1/traces", b"\xff\xff\xff", PROTOBUF)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == PROTOBUF
    assert "not OTLP" in Status.FromString(answer.content).message
    answer = running.post("/v1/traces", b"no gzip", content_encoding="gzip")
    assert answer.status_code == 400
    assert "gzip" in answer.json()["message"]


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_body_that_is_too_large_after_inflating_is_refused(
    running: Monitor, encoding: str
) -> None:
    told = b'{"resourceSpans":[]}' + b" " * MOST_BYTES
    packed = gzip.compress(told, 1) if encoding == "gzip" else told
    answer = running.post("/v1/traces", packed, content_encoding=encoding)
    assert answer.status_code == 413
    assert "20 MiB" in answer.json()["message"]
    assert running.post("/v1/traces", told[: MOST_BYTES // 2]).status_code == 200


def test_other_content_types_and_encodings_are_refused_naming_the_right_ones(
    running: Monitor,
) -> None:
    answer = running.post("/v1/traces", b"hello", "text/plain")
    assert answer.status_code == 415
    assert PROTOBUF in answer.json()["message"]
    answer = running.post("/v1/traces", b"hello", content_encoding="br")
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "gzip, deflate")


def test_other_paths_and_methods_are_refused_with_a_sentence(running: Monitor) -> None:
    answer = running.post("/", body(call_span(0)))
    assert answer.status_code == 404
    assert "/v1/traces" in answer.json()["message"]
    answer = httpx.get(f"{running.url}/v1/traces")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")


def test_when_too_much_waits_the_sender_is_asked_to_come_again(
    running: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmtop.sources.otlp_receiver.MOST_WAITING_BYTES", 1000)
    taken = 0
    for number in range(20):
        answer = running.post("/v1/traces", body(call_span(number)))
        if answer.status_code == 503:
            break
        taken += 1
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    running.until(lambda totals: totals.calls == taken)
    assert running.post("/v1/traces", body(call_span(99))).status_code == 200
    running.until(lambda totals: totals.calls == taken + 1)


def test_a_page_of_this_machine_may_send_after_asking(running: Monitor) -> None:
    origin = {"Origin": "http://localhost:5173"}
    asking = {
        **origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-api-key",
    }
    answer = httpx.options(f"{running.url}/v1/traces", headers=asking)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == origin["Origin"]
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "content-type,x-api-key"
    answer = running.post("/v1/traces", body(call_span(0)), **origin)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == origin["Origin"]


@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
def test_a_page_from_elsewhere_may_not_send(running: Monitor, method: str) -> None:
    headers = {"Origin": "https://evil.example", "Content-Type": JSON}
    answer = httpx.request(
        method, f"{running.url}/v1/traces", content=body(call_span(0)), headers=headers
    )
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    running.move()
    assert running.totals().calls == 0


def test_a_name_that_was_made_to_mean_this_machine_is_refused(running: Monitor) -> None:
    answer = running.post("/v1/traces", body(call_span(0)), Host=f"evil.example:{running.port}")
    assert answer.status_code == 403
    running.move()
    assert running.totals().calls == 0


def test_grpc_is_refused_and_the_screen_says_what_to_set(running: Monitor) -> None:
    headers = b"\0\0\x05\x01\x04\0\0\0\x01" + b"block"
    with socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE_S) as sender:
        sender.sendall(PREFACE + headers)
        answer = b""
        while SENTENCE.encode() not in answer:
            more = sender.recv(4096)
            assert more, answer
            answer += more
    running.move()
    detail = running.port_state.detail
    assert detail is not None
    assert "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf" in detail


def test_a_sender_that_leaves_in_the_middle_harms_nobody(running: Monitor) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE_S) as sender:
        head = f"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JSON}\r\n"
        sender.sendall(head.encode() + b"Content-Length: 1000\r\n\r\n{")
    assert running.post("/v1/traces", body(call_span(0))).status_code == 200
    running.until(lambda totals: totals.calls == 1)


def test_a_payload_is_read_back_from_what_came(running: Monitor) -> None:
    text = {"key": "gen_ai.input.messages", "value": {"stringValue": json.dumps(MESSAGES)}}
    spans = [call_span(number) for number in range(40)]
    spans[37]["attributes"].append(text)
    running.post("/v1/traces", protobuf(*spans), PROTOBUF)
    running.until(lambda totals: totals.calls == 40)
    (asked,) = [call for call in running.calls() if call.span_id == spans[37]["spanId"]]
    payload = running.pump.payload(asked)
    assert [message.text for message in payload.input] == ["what is asked"]


MESSAGES = [{"role": "user", "parts": [{"type": "text", "content": "what is asked"}]}]


def test_a_port_that_is_taken_is_an_error_where_it_was_asked_for_and_said_otherwise() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SourceError, match=rf"{port} is taken.*--otlp {port + 1}"):
            Sources([], otlp=("127.0.0.1", port), otlp_required=True)
        sources = Sources([], otlp=("127.0.0.1", port))
        (status,) = sources.states()
        assert status.state == "failed"
        assert status.detail is not None
        assert f"{port} is taken" in status.detail
        assert sources.poll(0.0, 1) == []
        sources.close()


def test_a_host_that_is_none_is_said() -> None:
    with pytest.raises(SourceError, match=r"no host named no\.such\.host\.invalid"):
        Sources([], otlp=("no.such.host.invalid", 4318), otlp_required=True)


def test_a_missing_package_is_said_in_a_sentence_that_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(otlp_http, "_NEEDED", ("uvicorn", "opentelemetry.no_such_package"))
    with pytest.raises(SourceError, match=r"pip install 'llmtop-monitor\[otlp\]'"):
        Sources([], otlp=("127.0.0.1", 0), otlp_required=True)


def test_the_port_and_its_thread_are_gone_after_closing_however_soon() -> None:
    for _ in range(3):
        sources = Sources([], otlp=("127.0.0.1", 0), otlp_required=True)
        port = sources.otlp_port
        sources.close()
        assert not [thread for thread in threading.enumerate() if thread.name == "llmtop-otlp"]
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port or 0), timeout=1.0)


def test_closing_does_not_wait_for_a_sender_that_is_silent() -> None:
    head = (
        f"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JSON}\r\n"
        "Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
    )
    with monitor() as running:
        sender = socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE_S)
        sender.sendall(head.encode())
        assert b"100" in sender.recv(100)  # now it is waited for
        sender.sendall(b"{")
    # It did end, although the request never will.
    assert not [thread for thread in threading.enumerate() if thread.name == "llmtop-otlp"]
    sender.close()
