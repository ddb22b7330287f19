"""The native records: request, response and span."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmtop.decode.native import Native
from llmtop.span import Flag
from tests.decode.reading import Reading, lines, read, said

REQUEST: dict[str, Any] = {
    "type": "request",
    "request_id": "r1",
    "timestamp": "2026-01-02T03:04:05+00:00",
    "model": "gpt-4o",
    "messages": [{"role": "user", "content": "Hi"}],
    "temperature": 0.5,
    "max_tokens": 100,
    "user_id": "u",
    "session_id": "s",
    "trace_id": "t",
    "provider": "openai",
}
RESPONSE: dict[str, Any] = {
    "type": "response",
    "request_id": "r1",
    "timestamp": "2026-01-02T03:04:07+00:00",
    "content": "Hello",
    "finish_reason": "stop",
    "prompt_tokens": 100,
    "completion_tokens": 7,
    "total_tokens": 107,
    "cache_read_tokens": 40,
    "reasoning_tokens": 3,
    "latency_ms": 1900,
    "ttft_ms": 300,
    "estimated_cost": 0.25,
    "error": None,
}
SPAN: dict[str, Any] = {
    "type": "span",
    "span_id": "sp1",
    "trace_id": "t",
    "parent_id": None,
    "name": "rank",
    "start_time": "2026-01-02T03:04:04+00:00",
    "end_time": "2026-01-02T03:04:08+00:00",
    "attributes": {"chain.step": "rank"},
    "events": [],
    "status": "ok",
    "error": None,
}


def facts(told: Reading) -> tuple[Any, ...]:
    call = told.call
    cache = call.cache
    return (
        call.series.model, call.series.provider, call.input_tokens, call.output_tokens,
        cache and cache.read, cache and cache.reasoning, round(call.latency or 0, 6), call.ttft,
        call.cost,
        call.finish_reason, call.user_id, call.session_id, call.trace_id, call.status,
    )  # fmt: skip


EXPECTED = ("gpt-4o", "openai", 100, 7, 40, 3, 1.9, 0.3, 0.25, "stop", "u", "s", "t", "ok")


def test_request_and_response_are_one_call_in_any_order_and_twice() -> None:
    for records in ((REQUEST, RESPONSE), (RESPONSE, REQUEST), (RESPONSE, REQUEST, RESPONSE)):
        assert facts(read(*records)) == EXPECTED


def without_type(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "type"}


def test_records_without_a_type_are_known_by_their_fields() -> None:
    told = read(*(without_type(each) for each in (REQUEST, RESPONSE, SPAN)))
    assert facts(told) == EXPECTED
    assert told.of("chain")[0].name == "rank"
    assert told.counts().format == "native"


def test_the_order_of_keys_does_not_matter() -> None:
    turned = [dict(reversed(list(each.items()))) for each in (REQUEST, RESPONSE)]
    assert facts(read(*turned)) == EXPECTED


def test_numbers_given_as_texts_are_numbers() -> None:
    texts = {
        name: str(value) if isinstance(value, int | float) and value is not None else value
        for name, value in RESPONSE.items()
    }
    assert facts(read(REQUEST, texts)) == EXPECTED


def test_naive_timestamps_are_local_time() -> None:
    naive = [{**each, "timestamp": each["timestamp"][:19]} for each in (REQUEST, RESPONSE)]
    call, other = read(*naive).call, read(REQUEST, RESPONSE).call
    assert call.start == pytest.approx(datetime(2026, 1, 2, 3, 4, 5).timestamp())  # noqa: DTZ001 - local time is what is checked
    assert call.latency == pytest.approx(other.latency)


def wrapped(record: dict[str, Any], how: str) -> dict[str, Any]:
    kind = f"LLM_{record['type'].upper()}"
    inner = without_type(record)
    return {
        "python-json-logger": {"asctime": "x", "levelname": "INFO", "message": kind,
                               "llm_log": inner},
        "structlog": {"event": kind, "level": "info", "llm_log": inner},
        "loguru": {"text": kind, "record": {"message": kind, "extra": {"llm_log": inner}}},
        "extra": {"message": kind, "extra": inner},
        "flat": {"message": kind, "levelname": "INFO", **inner},
    }[how]  # fmt: skip


@pytest.mark.parametrize("how", ["python-json-logger", "structlog", "loguru", "extra", "flat"])
def test_records_within_lines_of_loggers_are_read(how: str) -> None:
    told = read(wrapped(REQUEST, how), wrapped(RESPONSE, how))
    assert facts(told) == EXPECTED
    assert said(told.payload(told.call).input) == [("user", "Hi")]


def test_a_call_that_is_logged_and_traced_counts_once() -> None:
    attributes = {"llm.model": "gpt-4o", "llm.operation": "chat", "llm.prompt_tokens": 100,
                  "llm.completion_tokens": 7}  # fmt: skip
    traced = {**SPAN, "attributes": attributes}
    records = [{**REQUEST, "span_id": "sp1"}, RESPONSE, traced]
    for order in permutations(records):
        told = read(*order)
        assert (told.figures.calls, told.figures.input_tokens) == (1, 100)


def test_attributes_of_a_span_in_both_conventions_are_understood() -> None:
    guide = {"llm.model": "m", "llm.operation": "embeddings", "llm.prompt_tokens": 4}
    otel = {"gen_ai.request.model": "m", "gen_ai.operation.name": "embeddings",
            "gen_ai.usage.input_tokens": 4}  # fmt: skip
    for attributes in (guide, otel):
        call = read({**SPAN, "attributes": attributes}).call
        assert (call.series.model, call.series.operation, call.input_tokens) == (
            "m",
            "embeddings",
            4,
        )


def test_a_running_span_has_no_end() -> None:
    told = read({**SPAN, "end_time": None, "attributes": {"llm.model": "m"}})
    assert told.figures.in_flight == 1
    told.lines({**SPAN, "attributes": {"llm.model": "m"}})
    assert (told.figures.in_flight, told.figures.calls) == (0, 1)


@pytest.mark.parametrize("latency", [-5, 1e12])
def test_an_absurd_duration_is_flagged_and_not_averaged(latency: float) -> None:
    told = read(REQUEST, {**RESPONSE, "latency_ms": latency})
    assert told.call.flags & Flag.BAD_CLOCK
    assert told.figures.latency is None


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("RateLimitError: slow down", "RateLimitError"),
        ({"type": "overloaded_error", "message": "busy"}, "overloaded_error"),
        ({"error": {"code": "context_length_exceeded", "message": "too long"}},
         "context_length_exceeded"),
        ("HTTP 503 from upstream", "503"),
        ("the request timed out", "timeout"),
        (True, "error"),
    ],
)  # fmt: skip
def test_errors_of_any_make_have_a_type(error: object, kind: str) -> None:
    told = read(REQUEST, {**RESPONSE, "error": error})
    assert told.figures.errors_by_type == {kind: 1}


def test_a_record_of_the_format_without_an_id_is_rejected_with_a_reason() -> None:
    told = read(REQUEST, {"type": "request", "span_id": "x", "model": "m"})
    assert told.counts().rejected == 1
    assert "request_id" in told.decoder.rejects[0].reason


def test_the_call_screen_shows_messages_answer_tools_and_parameters() -> None:
    tool = {"id": "1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    told = read(REQUEST, {**RESPONSE, "tool_calls": [tool], "masked": True})
    payload = told.payload(told.call)
    assert said(payload.input) == [("user", "Hi")]
    assert payload.output[0].text == "Hello"
    assert payload.output[0].tool_calls[0].name == "now"
    assert payload.parameters == {"temperature": 0.5, "max_tokens": 100}
    assert payload.attributes["masked"] is True
    assert len(payload.raw) == 2


@pytest.mark.parametrize("odd", [-50, -0.5, 10**23, "-7"])
def test_impossible_counts_and_costs_are_unknown(odd: float | str) -> None:
    told = {"request_id": "r", "timestamp": 1767225600.0, "model": "my-own", "content": "x"}
    for name, field in (
        ("prompt_tokens", "input_tokens"),
        ("completion_tokens", "output_tokens"),
        ("estimated_cost", "cost"),
    ):
        if field == "cost" and odd == 10**23:
            continue
        call = read({"type": "response", **told, name: odd, "agent_name": "planner"}).call
        assert getattr(call, field) is None
        assert call.agent == "planner"


def test_odd_values_are_left_out_and_the_rest_is_kept() -> None:
    odd = {**RESPONSE, "prompt_tokens": [], "finish_reason": 7, "latency_ms": "soon"}
    call = read({**REQUEST, "user_id": 12}, odd).call
    assert (call.input_tokens, call.output_tokens) == (None, 7)
    assert (call.user_id, call.finish_reason) == ("12", "7")


@given(st.lists(st.sampled_from([REQUEST, RESPONSE, SPAN, {"odd": [1]}, "half {"]), max_size=30))
def test_a_chunk_tells_what_its_lines_tell(records: list[Any]) -> None:
    at_once, one_by_one = Reading(), Reading()
    at_once.feed(lines(REQUEST, *records))
    for record in (REQUEST, *records):
        one_by_one.feed(lines(record))
    assert at_once.figures == one_by_one.figures
    assert at_once.counts().rejected == one_by_one.counts().rejected
    assert at_once.counts().lines == one_by_one.counts().lines == len(records) + 1


@given(st.dictionaries(st.sampled_from(list({**REQUEST, **RESPONSE, **SPAN})),
                       st.recursive(st.none() | st.booleans() | st.integers() | st.floats()
                                    | st.text(max_size=5),
                                    lambda inner: st.lists(inner, max_size=2)
                                    | st.dictionaries(st.text(max_size=3), inner, max_size=2),
                                    max_leaves=4)))  # fmt: skip
def test_no_value_of_a_field_is_too_odd(record: dict[str, Any]) -> None:
    told = Reading()
    told.feed(json.dumps({"type": "response", **record}).encode() + b"\n")
    assert told.counts().lines == 1
    for span in told.spans:
        told.payload(span)


def test_a_record_that_is_itself_the_message_of_a_logger_is_read() -> None:
    sent = {"type": "request", "request_id": "r", "model": "gpt-4o", "timestamp": 1767323045}
    answered = {"request_id": "r", "model": "gpt-4o", "content": "Yo", "prompt_tokens": 10,
                "completion_tokens": 2, "latency_ms": 1000}  # fmt: skip
    told = read(
        {"levelname": "INFO", "asctime": "2026-01-02 03:04:05", "message": json.dumps(sent)},
        {"record": {"message": f"LLM_RESPONSE: {json.dumps(answered)}", "extra": {}}},
        {"event": {**sent, "request_id": "other"}, "level": "info"},
    )
    assert (told.figures.calls, told.figures.in_flight) == (2, 1)
    call = next(each for each in told.calls if each.request_id == "r")
    assert call.input_tokens == 10
    assert call.latency == pytest.approx(1.0)
    assert [each.text for each in told.payload(call).output] == ["Yo"]


TIMES = [
    None, "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.25+01:00", "2026-01-02T03:04:05",
    "2026-01-02 03:04:05,250", "2026-01-02T03:04:05.123456789Z", "2026-01-02", "20260102T030405Z",
    1767323045, 1767323045.25, 1767323045250, "1767323045250", "soon", "", -1, 0,
    "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00",
]  # fmt: skip


@settings(max_examples=200)
@given(st.sampled_from(TIMES), st.sampled_from(TIMES), st.booleans())
def test_times_are_the_same_in_chunks_as_in_single_lines(
    first: Any, second: Any, whole: bool
) -> None:
    """Chunks are decoded with typed times; a text that is no ISO 8601 in full sends them back."""
    records = [
        {**REQUEST, "timestamp": first},
        {**RESPONSE, "timestamp": second},
        {**SPAN, "start_time": first, "end_time": second},
    ]
    data = b"".join(json.dumps(each).encode() + b"\n" for each in records)
    reader = Native()
    if whole:
        # A source whose times were of another kind before.
        reader.read_lines(json.dumps({**REQUEST, "timestamp": "2026/01/02 03:04"}).encode(), 1, 0)
    chunk = reader.read_lines(data, 3, 0)
    assert chunk is not None
    for fragment, record in zip(chunk, records, strict=True):
        (single,) = Native().read(record, 0) or ()
        assert fragment.start == pytest.approx(single.start, abs=2e-6)
        assert fragment.end == pytest.approx(single.end, abs=2e-6)
