"""OTLP in JSON: every spelling of an export, and what its log records add."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from llmtop.span import Flag
from tests.decode.otlp import START, TRACE, export, logs, pairs, record, span, span_id
from tests.decode.reading import Reading, read, said

CALL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 7,
    "gen_ai.response.finish_reasons": ["stop"],
}


def the_call(told: Reading) -> tuple[Any, ...]:
    call = told.call
    return (
        call.trace_id,
        call.span_id,
        call.parent_id,
        call.series.provider,
        call.series.model,
        call.input_tokens,
        call.output_tokens,
        call.latency,
        call.finish_reason,
        call.status,
    )


EXPECTED = (TRACE, span_id(2), span_id(1), "openai", "gpt-4o", 100, 7, 1.0, "stop", "ok")
PLAIN = export(span(2, CALL, parent=1))


def snake(value: Any) -> Any:
    """The same export in the spelling of the protobuf definition."""
    names = {
        "resourceSpans": "resource_spans", "scopeSpans": "scope_spans", "traceId": "trace_id",
        "spanId": "span_id", "parentSpanId": "parent_span_id", "stringValue": "string_value",
        "startTimeUnixNano": "start_time_unix_nano", "endTimeUnixNano": "end_time_unix_nano",
        "intValue": "int_value", "arrayValue": "array_value",
    }  # fmt: skip
    if isinstance(value, dict):
        return {names.get(key, key): snake(each) for key, each in value.items()}
    return [snake(each) for each in value] if isinstance(value, list) else value


def changed(**told: Any) -> dict[str, Any]:
    made = span(2, CALL, parent=1)
    made.update(told)
    return export(made)


def in_base64(text: str) -> str:
    return base64.b64encode(bytes.fromhex(text)).decode()


@pytest.mark.parametrize(
    "document",
    [
        PLAIN,
        snake(PLAIN),
        PLAIN["resourceSpans"][0],
        changed(
            traceId=in_base64(TRACE), spanId=in_base64(span_id(2)),
            parentSpanId=in_base64(span_id(1)),
        ),
        changed(traceId=TRACE.upper()),
        changed(startTimeUnixNano=START, endTimeUnixNano=START + 1_000_000_000),
        changed(kind="SPAN_KIND_CLIENT", status={"code": "STATUS_CODE_OK"}),
        changed(status={"code": 1}, unknown={"future": True}),
        {**PLAIN, "resourceMetrics": []},
    ],
    ids=["plain", "snake case", "bare", "base64", "upper case", "numbers", "enum names", "unknown",
         "mixed"],
)  # fmt: skip
def test_every_spelling_tells_the_same_call(document: dict[str, Any]) -> None:
    assert the_call(read(document)) == EXPECTED
    assert the_call(Reading().document(document)) == EXPECTED


def test_documents_laid_out_one_after_the_other_and_arrays_are_read() -> None:
    other = export(span(3, CALL))
    text = "\n".join(json.dumps(each, indent=2) for each in (PLAIN, other))
    told = Reading()
    told.feed(text.encode(), whole=True)
    assert told.figures.calls == 2
    told = Reading()
    told.feed(json.dumps([PLAIN, other], indent=1).encode(), whole=True)
    assert told.figures.calls == 2


def test_a_span_without_an_end_is_in_flight_and_ends_when_it_comes_again() -> None:
    told = read(export(span(2, CALL, ms=None)))
    assert told.figures.in_flight == 1
    told.lines(export(span(2, CALL)))
    assert (told.figures.in_flight, told.figures.calls) == (0, 1)


def test_a_child_may_come_before_its_parent() -> None:
    told = read(export(span(2, CALL, parent=1)))
    told.lines(export(span(1, {}, name="handler", ms=2000)))
    assert told.tree(TRACE) == ["other handler", "  chat chat"]


def test_an_error_is_told_by_status_and_exception() -> None:
    raised = {
        "name": "exception",
        "timeUnixNano": str(START),
        "attributes": [
            {"key": "exception.type", "value": {"stringValue": "RateLimitError"}},
            {"key": "exception.message", "value": {"stringValue": "slow down"}},
        ],
    }
    for code in (2, "STATUS_CODE_ERROR"):
        told = read(changed(status={"code": code}, events=[raised]))
        assert told.figures.errors == 1
        failure = told.call.failure
        assert failure is not None
        assert (failure.type, failure.message) == ("RateLimitError", "slow down")


def test_the_time_to_the_first_token_is_that_of_its_event() -> None:
    event = {"name": "First Token Stream Event", "timeUnixNano": str(START + 250_000_000)}
    assert read(changed(events=[event])).call.ttft == pytest.approx(0.25)


def test_logfires_pending_span_shows_the_call_running() -> None:
    pending = span(
        9, {**CALL, "logfire.span_type": "pending_span", "logfire.pending_parent_id": span_id(1)},
        parent=2, ms=0,
    )  # fmt: skip
    told = read(export(pending))
    assert told.call.span_id == span_id(2)
    assert told.call.parent_id == span_id(1)
    assert told.figures.in_flight == 1
    told.lines(export(span(2, {**CALL, "logfire.span_type": "span"}, parent=1)))
    assert (told.figures.in_flight, told.figures.calls) == (0, 1)


def test_content_in_the_log_records_of_a_span_is_shown_with_it_and_counts_nothing() -> None:
    spoken = logs(
        record({"event.name": "gen_ai.user.message", "gen_ai.system": "openai"}, number=2,
               body={"kvlistValue": {"values": [
                   {"key": "content", "value": {"stringValue": "Hi"}}]}}),
        record({"event.name": "gen_ai.choice", "gen_ai.system": "openai"}, number=2,
               body={"kvlistValue": {"values": [
                   {"key": "message", "value": {"kvlistValue": {"values": [
                       {"key": "content", "value": {"stringValue": "Hello"}}]}}}]}}),
    )  # fmt: skip
    for order in ((PLAIN, spoken), (spoken, PLAIN)):
        told = read(*order)
        assert (told.figures.calls, told.figures.input_tokens) == (1, 100)
        assert told.call.latency == pytest.approx(1.0)
        payload = told.payload(told.call)
        assert said(payload.input) == [("user", "Hi")]
        assert said(payload.output) == [("assistant", "Hello")]


def test_an_event_that_repeats_the_usage_of_its_span_is_that_call() -> None:
    details = {**CALL, "event.name": "gen_ai.client.inference.operation.details"}
    told = read(PLAIN, logs(record(details, number=2)))
    assert (told.figures.calls, told.figures.output_tokens) == (1, 7)
    alone = read(logs(record(details, number=2)))
    assert (alone.figures.calls, alone.figures.output_tokens) == (1, 7)
    assert alone.figures.in_flight == 0


CLAUDE = {
    "event.name": "api_request",
    "event.timestamp": "2026-01-02T03:04:05.000Z",
    "session.id": "s",
    "model": "claude-sonnet-4-5",
    "input_tokens": "5",
    "output_tokens": "9",
    "cache_read_tokens": "100",
    "cache_creation_tokens": "20",
    "cost_usd": "0.25",
    "duration_ms": "1500",
}


def test_coding_agents_tell_their_calls_by_events() -> None:
    told = read(logs(record(CLAUDE), **{"service.name": "claude-code"}))
    assert (told.call.input_tokens, told.call.output_tokens) == (125, 9)
    assert told.call.cost == pytest.approx(0.25)
    assert told.call.latency == pytest.approx(1.5)
    assert told.call.session_id == "s"
    told.lines(logs(record(CLAUDE), **{"service.name": "claude-code"}))
    assert told.figures.calls == 1, "the same event delivered again is the same call"


def test_several_events_in_one_export_are_several_calls() -> None:
    other = {**CLAUDE, "event.timestamp": "2026-01-02T03:04:09.000Z"}
    failed = {"event.name": "claude_code.api_error", "model": "claude-sonnet-4-5",
              "session.id": "s", "error": "overloaded", "status_code": "529",
              "event.timestamp": "2026-01-02T03:04:10.000Z"}  # fmt: skip
    told = read(logs(record(CLAUDE), record(other), record(failed)))
    assert (told.figures.calls, told.figures.errors) == (3, 1)
    assert told.figures.errors_by_type == {"529": 1}


def test_codex_tells_a_call_by_the_end_of_its_stream() -> None:
    base = {"model": "gpt-5.5", "conversation.id": "c", "event.timestamp": "2026-01-02T03:04:05Z"}
    request = {**base, "event.name": "codex.api_request", "duration_ms": "700",
               "http.response.status_code": "200"}  # fmt: skip
    done = {**base, "event.name": "codex.sse_event", "event.kind": "response.completed",
            "input_token_count": "100", "output_token_count": "20",
            "cached_token_count": "60", "reasoning_token_count": "8"}  # fmt: skip
    delta = {**base, "event.name": "codex.sse_event", "event.kind": "response.output_text.delta"}
    told = read(logs(record(request), record(delta), record(done)))
    assert told.figures.calls == 1
    assert (told.call.input_tokens, told.call.output_tokens) == (100, 20)
    assert told.figures.reasoning_tokens == 8


def test_metrics_alone_are_said_to_tell_no_calls() -> None:
    told = read({"resourceMetrics": [{"scopeMetrics": []}]})
    assert told.counts().rejected == 0
    assert "metrics" in (told.counts().note or "")
    told.lines(PLAIN)
    assert told.counts().note is None


def test_the_quick_way_and_the_lenient_way_tell_the_same() -> None:
    attributes = {**CALL, "gen_ai.request.stream": True, "gen_ai.response.time_to_first_chunk": 0.5,
                  "output.value": '{"id":"chatcmpl-1","choices":[]}'}  # fmt: skip
    document = export(span(2, attributes, parent=1), **{"session.id": "s"})
    quick, lenient = read(document), Reading().document(document)
    assert the_call(quick) == the_call(lenient)
    assert quick.call.flags & Flag.STREAM
    assert quick.call.ttft == lenient.call.ttft == 0.5
    assert quick.call.session_id == lenient.call.session_id == "s"


def test_the_call_screen_shows_messages_parameters_and_the_resource() -> None:
    messages = [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]
    tool = {"type": "tool_call", "id": "1", "name": "now", "arguments": {"zone": "UTC"}}
    answer = [{"role": "assistant", "parts": [tool]}]
    told = read(
        export(
            span(2, {**CALL, "gen_ai.request.temperature": 0.5,
                     "gen_ai.input.messages": json.dumps(messages),
                     "gen_ai.output.messages": json.dumps(answer),
                     "gen_ai.system_instructions": json.dumps(
                         [{"type": "text", "content": "Be brief"}])})
        )
    )  # fmt: skip
    payload = told.payload(told.call)
    assert said(payload.input) == [("system", "Be brief"), ("user", "Hi")]
    assert payload.output[0].tool_calls[0].name == "now"
    assert payload.parameters["temperature"] == 0.5
    assert payload.attributes["service.name"] == "app"


def test_logfires_log_of_a_stream_is_the_call_whose_stream_it_was() -> None:
    asked = {"logfire.span_type": "span", "gen_ai.operation.name": "chat",
             "gen_ai.request.model": "gpt-4o"}  # fmt: skip
    stream = {**asked, "logfire.span_type": "log", "duration": 1.5,
              "gen_ai.usage.input_tokens": 11, "gen_ai.usage.output_tokens": 15}  # fmt: skip
    told = read(
        export(span(1, asked, ms=500), scope="logfire.openai"),
        export(span(2, stream, start_ms=2001, ms=0, trace="2" * 32), scope="logfire.openai"),
    )
    assert (told.figures.calls, told.figures.output_tokens) == (1, 15)
    assert told.call.latency == pytest.approx(1.5)


def test_a_time_to_the_first_token_longer_than_the_span_is_in_milliseconds() -> None:
    attributes = {**CALL, "gen_ai.server.time_to_first_token": 350}
    assert read(changed(attributes=pairs(attributes))).call.ttft == pytest.approx(0.35)
