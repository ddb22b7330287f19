"""OTLP requests made by hand: spans of calls, as JSON documents and as protobuf."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

NOON_NS = 1_750_000_000_000_000_000


def call_span(number: int, **changed: Any) -> dict[str, Any]:
    """A span of a call that took a second, with ids made from a number."""
    return {
        "traceId": f"{number + 1:032x}",
        "spanId": f"{number + 1:016x}",
        "name": "chat gpt-4o",
        "kind": 3,
        "startTimeUnixNano": str(NOON_NS + number * 1_000_000),
        "endTimeUnixNano": str(NOON_NS + number * 1_000_000 + 1_000_000_000),
        "attributes": [
            {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
            {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o"}},
            {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "10"}},
            {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "3"}},
        ],
        **changed,
    }


def document(*spans: Any) -> dict[str, Any]:
    """A request of traces with these spans."""
    service = {"key": "service.name", "value": {"stringValue": "shop"}}
    scope = {"scope": {"name": "made.by.hand"}, "spans": list(spans)}
    return {"resourceSpans": [{"resource": {"attributes": [service]}, "scopeSpans": [scope]}]}


def body(*spans: Any) -> bytes:
    """The same in JSON."""
    return json.dumps(document(*spans)).encode()


def protobuf(*spans: dict[str, Any]) -> bytes:
    """The same in protobuf."""
    # Protobuf's own JSON has ids in base64; OTLP's has them in hexadecimal.
    request = json_format.ParseDict({}, ExportTraceServiceRequest())
    scope = request.resource_spans.add().scope_spans.add()
    for span in spans:
        plain = {name: value for name, value in span.items() if not name.endswith("Id")}
        made = json_format.ParseDict(plain, scope.spans.add())
        made.trace_id = bytes.fromhex(span["traceId"])
        made.span_id = bytes.fromhex(span["spanId"])
    return request.SerializeToString()
