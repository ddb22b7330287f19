"""Protobuf requests become what OTLP has in JSON; protobuf's own converter is the judge."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from llmtop.sources import otlp_export, otlp_protobuf
from llmtop.sources.otlp_export import BadExportError

VALUES = st.recursive(
    st.one_of(
        st.builds(lambda it: {"stringValue": it}, st.text(max_size=20)),
        st.builds(lambda it: {"intValue": str(it)}, st.integers(-(2**63), 2**63 - 1)),
        st.builds(lambda it: {"doubleValue": it}, st.floats(allow_nan=False, allow_infinity=False)),
        st.builds(lambda it: {"boolValue": it}, st.booleans()),
        st.builds(lambda it: {"bytesValue": base64.b64encode(it).decode()}, st.binary(max_size=9)),
        st.just({}),
    ),
    lambda inner: st.one_of(
        st.builds(lambda them: {"arrayValue": {"values": them}}, st.lists(inner, max_size=3)),
        st.builds(
            lambda them: {
                "kvlistValue": {"values": [{"key": f"k{at}", "value": it} for at, it in them]}
            },
            st.lists(st.tuples(st.integers(0, 9), inner), max_size=3),
        ),
    ),
    max_leaves=6,
)
ATTRIBUTES = st.lists(
    st.builds(lambda key, value: {"key": key, "value": value}, st.text(max_size=8), VALUES),
    max_size=4,
)
IDS = st.binary(min_size=16, max_size=16)
SPANS = st.fixed_dictionaries(
    {
        "name": st.text(max_size=10),
        "kind": st.integers(0, 5),
        "startTimeUnixNano": st.integers(0, 2**64 - 1).map(str),
        "endTimeUnixNano": st.integers(0, 2**64 - 1).map(str),
        "attributes": ATTRIBUTES,
    },
    optional={
        "status": st.fixed_dictionaries(
            {"code": st.integers(0, 2)}, optional={"message": st.text(min_size=1, max_size=9)}
        ),
        "events": st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.text(max_size=9),
                    "timeUnixNano": st.integers(0, 2**64 - 1).map(str),
                    "attributes": ATTRIBUTES,
                }
            ),
            min_size=1,
            max_size=2,
        ),
    },
)


@given(span=SPANS, trace_id=IDS, parent=st.booleans())
def test_a_span_is_told_whole(span: dict[str, Any], trace_id: bytes, parent: bool) -> None:
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    scope.scope.name = "instrumentation"
    message = json_format.ParseDict(span, scope.spans.add())
    message.trace_id, message.span_id = trace_id, trace_id[:8]
    expected = {**span, "traceId": trace_id.hex(), "spanId": trace_id[:8].hex()}
    if parent:
        message.parent_span_id = trace_id[8:]
        expected["parentSpanId"] = trace_id[8:].hex()
    told = otlp_protobuf.traces(request.SerializeToString())
    (group,) = told["resourceSpans"][0]["scopeSpans"]
    assert group["scope"] == {"name": "instrumentation"}
    assert group["spans"] == [expected]


@given(ATTRIBUTES)
def test_what_protobuf_itself_reads_back_is_the_same(attributes: list[dict[str, Any]]) -> None:
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    json_format.ParseDict({"attributes": attributes}, resource.resource)
    told = otlp_protobuf.traces(request.SerializeToString())
    again = json_format.Parse(json.dumps(told), ExportTraceServiceRequest())
    assert again == request


@pytest.mark.parametrize(
    ("number", "name"), [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")]
)
def test_numbers_that_json_has_not_are_named(number: float, name: str) -> None:
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add().resource
    resource.attributes.add(key="top_p").value.double_value = number
    told = otlp_protobuf.traces(request.SerializeToString())
    attribute = told["resourceSpans"][0]["resource"]["attributes"][0]
    assert attribute == {"key": "top_p", "value": {"doubleValue": name}}


def test_a_log_record_is_told_with_its_body_event_and_span() -> None:
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add()
    record.time_unix_nano = 7
    record.trace_id, record.span_id = b"\x01" * 16, b"\x02" * 8
    record.event_name = "gen_ai.user.message"
    record.body.kvlist_value.values.add(key="content").value.string_value = "hello"
    export = otlp_export.logs(otlp_protobuf.logs(request.SerializeToString()))
    assert export.log_records == 1
    (line,) = export.lines
    (told,) = json.loads(line)["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    assert told["eventName"] == "gen_ai.user.message"
    assert (told["traceId"], told["spanId"]) == ("01" * 16, "02" * 8)
    assert told["timeUnixNano"] == "7"
    (pair,) = told["body"]["kvlistValue"]["values"]
    assert pair == {"key": "content", "value": {"stringValue": "hello"}}


def test_data_points_of_every_kind_of_metric_are_counted() -> None:
    request = ExportMetricsServiceRequest()
    metrics = request.resource_metrics.add().scope_metrics.add().metrics
    metrics.add(name="a").gauge.data_points.add()
    metrics.add(name="b").sum.data_points.add()
    metrics.add(name="c").histogram.data_points.extend(
        [metrics[0].histogram.data_points.add() for _ in range(0)]
    )
    metrics[2].histogram.data_points.add()
    metrics[2].histogram.data_points.add()
    metrics.add(name="nothing")
    export = otlp_export.metrics(otlp_protobuf.metrics(request.SerializeToString()))
    assert export.data_points == 4


@pytest.mark.parametrize("read", [otlp_protobuf.traces, otlp_protobuf.logs, otlp_protobuf.metrics])
@given(body=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_sentence(read: Any, body: bytes) -> None:
    try:
        assert isinstance(read(body), dict)
    except BadExportError as error:
        sentence = str(error)
        assert sentence.startswith("The body is not OTLP in protobuf")
