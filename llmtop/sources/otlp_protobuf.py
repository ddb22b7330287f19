"""OTLP in protobuf, read into the form that OTLP has in JSON; and answers written in it."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable
from typing import Any

from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from llmtop.sources.otlp_export import BadExportError, Document


def traces(body: bytes) -> Document:
    """A request of traces. Raises BadExportError."""
    request = ExportTraceServiceRequest()
    _parse(request, body)
    return {
        "resourceSpans": [
            {
                "resource": _resource(each.resource),
                "scopeSpans": [
                    {"scope": _scope(scope.scope), "spans": [_span(span) for span in scope.spans]}
                    for scope in each.scope_spans
                ],
            }
            for each in request.resource_spans
        ]
    }


def logs(body: bytes) -> Document:
    """A request of logs. Raises BadExportError."""
    request = ExportLogsServiceRequest()
    _parse(request, body)
    return {
        "resourceLogs": [
            {
                "resource": _resource(each.resource),
                "scopeLogs": [
                    {
                        "scope": _scope(scope.scope),
                        "logRecords": [_record(record) for record in scope.log_records],
                    }
                    for scope in each.scope_logs
                ],
            }
            for each in request.resource_logs
        ]
    }


def metrics(body: bytes) -> Document:
    """A request of metrics: only how many data points it holds. Raises BadExportError."""
    request = ExportMetricsServiceRequest()
    _parse(request, body)
    return {
        "resourceMetrics": [
            {
                "scopeMetrics": [
                    {"metrics": [_metric(metric) for metric in scope.metrics]}
                    for scope in each.scope_metrics
                ]
            }
            for each in request.resource_metrics
        ]
    }


def _parse(request: Message, body: bytes) -> None:
    try:
        request.ParseFromString(body)
    except (DecodeError, UnicodeDecodeError) as error:
        raise BadExportError(f"The body is not OTLP in protobuf: {error}.") from error


def _metric(metric: Any) -> Document:
    kind = metric.WhichOneof("data")
    if kind is None:
        return {}
    return {"data": {"dataPoints": [None] * len(getattr(metric, kind).data_points)}}


def _span(span: Span) -> Document:
    told: Document = {
        "traceId": span.trace_id.hex(),
        "spanId": span.span_id.hex(),
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": str(span.start_time_unix_nano),
        "endTimeUnixNano": str(span.end_time_unix_nano),
        "attributes": _attributes(span.attributes),
    }
    if span.parent_span_id:
        told["parentSpanId"] = span.parent_span_id.hex()
    if span.trace_state:
        told["traceState"] = span.trace_state
    if span.events:
        told["events"] = [
            {
                "name": event.name,
                "timeUnixNano": str(event.time_unix_nano),
                "attributes": _attributes(event.attributes),
            }
            for event in span.events
        ]
    if span.links:
        told["links"] = [
            {
                "traceId": link.trace_id.hex(),
                "spanId": link.span_id.hex(),
                "attributes": _attributes(link.attributes),
            }
            for link in span.links
        ]
    if span.HasField("status"):
        told["status"] = {"code": span.status.code}
        if span.status.message:
            told["status"]["message"] = span.status.message
    return told


def _record(record: LogRecord) -> Document:
    told: Document = {
        "timeUnixNano": str(record.time_unix_nano),
        "observedTimeUnixNano": str(record.observed_time_unix_nano),
        "severityNumber": record.severity_number,
        "attributes": _attributes(record.attributes),
    }
    if record.HasField("body"):
        told["body"] = _value(record.body)
    if record.severity_text:
        told["severityText"] = record.severity_text
    if record.trace_id:
        told["traceId"] = record.trace_id.hex()
    if record.span_id:
        told["spanId"] = record.span_id.hex()
    event_name = getattr(record, "event_name", "")  # not in the oldest versions of the protocol
    if event_name:
        told["eventName"] = event_name
    return told


def _resource(resource: Resource) -> Document:
    return {"attributes": _attributes(resource.attributes)}


def _scope(scope: InstrumentationScope) -> Document:
    told: Document = {"name": scope.name}
    if scope.version:
        told["version"] = scope.version
    if scope.attributes:
        told["attributes"] = _attributes(scope.attributes)
    return told


def _attributes(attributes: Iterable[KeyValue]) -> list[Document]:
    return [{"key": each.key, "value": _value(each.value)} for each in attributes]


def _value(value: AnyValue) -> Document:
    kind = value.WhichOneof("value")
    match kind:
        case "string_value":
            return {"stringValue": value.string_value}
        case "int_value":
            return {"intValue": str(value.int_value)}
        case "double_value":
            number = value.double_value
            return {"doubleValue": number if math.isfinite(number) else _not_finite(number)}
        case "bool_value":
            return {"boolValue": value.bool_value}
        case "array_value":
            return {"arrayValue": {"values": [_value(each) for each in value.array_value.values]}}
        case "kvlist_value":
            return {"kvlistValue": {"values": _attributes(value.kvlist_value.values)}}
        case "bytes_value":
            return {"bytesValue": base64.b64encode(value.bytes_value).decode()}
    return {}


def _not_finite(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"
