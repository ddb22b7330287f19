"""OTLP requests are sorted into what is kept, cut into lines, and what is rejected."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.sources.otlp_export import (
    SPANS_A_LINE,
    BadExportError,
    from_json,
    logs,
    metrics,
    traces,
)
from llmtop.sources.otlp_receiver import Export
from tests.otlp.exports import body, call_span, document


def spans_of(export: Export) -> list[dict[str, Any]]:
    return [
        span
        for line in export.lines
        for resource in json.loads(line)["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["resourceSpans", "scopeSpans", "spans", "resourceLogs", "scopeLogs", "metrics"]
            )
            | st.text(max_size=4),
            inner,
            max_size=3,
        )
    ),
    max_leaves=20,
)


def test_every_span_is_in_one_line_with_its_resource_and_scope() -> None:
    spans = [call_span(number) for number in range(2 * SPANS_A_LINE + 5)]
    export = traces(document(*spans))
    assert (export.spans, export.rejected) == (len(spans), 0)
    assert spans_of(export) == spans
    assert len(export.lines) == 3
    for line in export.lines:
        assert line.count(b"\n") == 1
        assert line.endswith(b"\n")
        (resource,) = json.loads(line)["resourceSpans"]
        assert resource["resource"]["attributes"][0]["key"] == "service.name"
        assert resource["scopeSpans"][0]["scope"] == {"name": "made.by.hand"}


def test_a_body_laid_out_over_lines_becomes_single_lines() -> None:
    laid_out = json.dumps(document(call_span(1, name="two\nlines")), indent=2).encode()
    (line,) = traces(from_json(laid_out)).lines
    assert line.count(b"\n") == 1
    assert spans_of(traces(from_json(laid_out)))[0]["name"] == "two\nlines"


@pytest.mark.parametrize(
    "broken",
    [
        call_span(1, traceId="0" * 32),
        call_span(1, traceId="abc"),
        call_span(1, traceId=None),
        call_span(1, spanId="0" * 16),
        call_span(1, spanId="not hexadecimal!"),
        call_span(1, spanId=7),
        call_span(1, traceId="A" * 22 + "=="),
        "no span",
        None,
    ],
    ids=str,
)
def test_a_span_without_valid_ids_is_rejected_and_the_others_are_kept(broken: Any) -> None:
    export = traces(document(call_span(0), broken, call_span(2)))
    assert (export.spans, export.rejected) == (2, 1)
    assert export.reason is not None
    assert [span["spanId"] for span in spans_of(export)] == [f"{1:016x}", f"{3:016x}"]


@pytest.mark.parametrize(
    ("trace_id", "span_id"),
    [
        ("0AF7651916CD43DD8448EB211C80319C", "B7AD6B7169203331"),
        ("CvdlGRbNQ92ESOshHIAxnA==", "t61rcWkgMzE="),
    ],
    ids=["capitals", "base64"],
)
def test_ids_in_capitals_or_in_base64_are_valid(trace_id: str, span_id: str) -> None:
    export = traces(document(call_span(0, traceId=trace_id, spanId=span_id)))
    assert (export.spans, export.rejected) == (1, 0)


def test_names_in_snake_case_are_understood() -> None:
    span = {"trace_id": "1" * 32, "span_id": "2" * 16}
    export = traces({"resource_spans": [{"scope_spans": [{"spans": [span]}]}]})
    assert spans_of(export) == [span]
    export = logs({"resource_logs": [{"scope_logs": [{"log_records": [{"body": {}}]}]}]})
    assert export.log_records == 1


def test_data_points_of_metrics_are_counted_and_not_kept() -> None:
    points = {"name": "tokens", "sum": {"dataPoints": [{}, {}, {}], "isMonotonic": True}}
    told = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [points, {"gauge": {}}]}]}]}
    export = metrics(told)
    assert (export.data_points, list(export.lines)) == (3, [])


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (b'{"resourceSpans":', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "not an object"),
        (b"7", "not an object"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"resourceSpans": 3}', "not a list"),
        (b'{"resourceSpans": [3]}', "not an object"),
    ],
    ids=["cut off", "no UTF-8", "array", "number", "deep", "no list", "no object"],
)
def test_a_body_that_is_no_export_is_refused_with_a_sentence(broken: bytes, sentence: str) -> None:
    with pytest.raises(BadExportError, match=sentence):
        traces(from_json(broken))


def test_half_a_surrogate_pair_as_javascript_writes_it_loses_no_span() -> None:
    told = body(call_span(0, name="cut off emoji \ud83d"), call_span(1))
    export = traces(from_json(told))
    assert export.spans == 2
    assert spans_of(export)[0]["name"] == "cut off emoji ?"


def test_a_number_that_is_none_loses_no_span() -> None:
    told = {"key": "temperature", "value": {"doubleValue": float("nan")}}
    export = traces(from_json(body(call_span(0, attributes=[told]))))
    assert spans_of(export)[0]["attributes"][0]["value"] == {"doubleValue": "NaN"}


def test_an_empty_body_is_an_empty_export() -> None:
    assert traces(from_json(b"")).spans == 0


@given(ANYTHING)
def test_any_json_is_sorted_or_refused_with_a_sentence(told: Any) -> None:
    for sort in (traces, logs, metrics):
        with contextlib.suppress(BadExportError):
            export = sort(from_json(json.dumps(told).encode()))
            assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in export.lines)


@given(st.lists(st.just(None) | st.integers(0, 9), max_size=100))
def test_what_is_kept_and_what_is_rejected_is_all_there_was(numbers: list[int | None]) -> None:
    export = traces(document(*(call_span(n) if n is not None else None for n in numbers)))
    assert export.spans == len([number for number in numbers if number is not None])
    assert export.spans + export.rejected == len(numbers)
    assert len(spans_of(export)) == export.spans
