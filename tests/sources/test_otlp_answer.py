"""Answers are in the content type of the request, as the protocol's own classes read them."""

from __future__ import annotations

import json

import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from llmtop.sources.otlp_answer import JSON, PROTOBUF, accepted, refused

SENTENCE = "Some spans have no id, said a very long sentence – " * 9


@pytest.mark.parametrize("rejected", [0, 1, 300, 2**40])
def test_rejected_members_are_told_in_protobuf(rejected: int) -> None:
    answers = {
        "traces": ExportTraceServiceResponse(),
        "logs": ExportLogsServiceResponse(),
        "metrics": ExportMetricsServiceResponse(),
    }
    counts = {}
    for signal, answer in answers.items():
        response = accepted(signal, PROTOBUF, rejected, SENTENCE if rejected else None)
        assert (response.status_code, response.headers["content-type"]) == (200, PROTOBUF)
        answer.ParseFromString(bytes(response.body))
        assert answer.HasField("partial_success") == bool(rejected)
        assert answer.partial_success.error_message == (SENTENCE if rejected else "")
        counts[signal] = answer.partial_success.ListFields()
    told = answers["traces"].partial_success.rejected_spans
    assert told == answers["logs"].partial_success.rejected_log_records == rejected
    assert answers["metrics"].partial_success.rejected_data_points == rejected


def test_rejected_members_are_told_in_json() -> None:
    response = accepted("traces", JSON, 3, "Why.")
    assert json.loads(bytes(response.body)) == {
        "partialSuccess": {"rejectedSpans": "3", "errorMessage": "Why."}
    }
    assert response.headers["content-type"] == JSON
    assert bytes(accepted("traces", JSON, 0, None).body) == b"{}"


def test_a_refusal_is_a_status_with_a_sentence_in_protobuf() -> None:
    response = refused(400, SENTENCE, PROTOBUF)
    assert (response.status_code, response.headers["content-type"]) == (400, PROTOBUF)
    status = Status.FromString(bytes(response.body))
    assert (status.code, status.message) == (3, SENTENCE)


def test_a_refusal_is_a_status_with_a_sentence_in_json_also_to_other_content_types() -> None:
    for content_type in (JSON, "text/plain", ""):
        response = refused(415, SENTENCE, content_type, {"Accept-Encoding": "gzip"})
        assert response.headers["content-type"] == JSON
        assert response.headers["accept-encoding"] == "gzip"
        assert json.loads(bytes(response.body)) == {"code": 3, "message": SENTENCE}
