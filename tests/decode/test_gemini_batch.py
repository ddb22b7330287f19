"""Batches of Gemini, on Vertex AI and of the Gemini API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.decode.reading import Reading, read

REQUEST = {
    "contents": [{"role": "user", "parts": [{"text": "Hi"}, {"fileData": {"fileUri": "gs://x"}}]}],
    "systemInstruction": {"parts": [{"text": "Be brief"}]},
    "generationConfig": {"temperature": 0.5},
}
RESPONSE = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "Hello"}]},
                    "finishReason": "STOP"}],
    "modelVersion": "gemini-2.0-flash-001@default", "responseId": "r1",
    "createTime": "2026-01-02T03:04:07.000000Z",
    "usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 7, "thoughtsTokenCount": 3,
                      "cachedContentTokenCount": 40, "totalTokenCount": 110},
}  # fmt: skip


def vertex(**told: Any) -> dict[str, Any]:
    return {"status": "", "processed_time": "2026-01-02T03:04:07.123+00:00", "request": REQUEST,
            "response": RESPONSE, **told}  # fmt: skip


def test_a_line_of_vertex_is_a_whole_call() -> None:
    told = read(vertex())
    call = told.call
    assert (call.series.provider, call.series.model) == ("gcp.vertex_ai", "gemini-2.0-flash-001")
    assert (call.input_tokens, call.output_tokens, call.finish_reason) == (100, 10, "STOP")
    assert call.cache is not None
    assert (call.cache.read, call.cache.reasoning) == (40, 3)
    assert (call.end, call.latency) == (pytest.approx(1767323047.123), None)
    payload = told.payload(call)
    assert [each.role for each in payload.input] == ["system", "user"]
    assert payload.input[1].text.startswith("Hi")
    assert [each.text for each in payload.output] == ["Hello"]
    assert payload.parameters["temperature"] == 0.5


def test_a_status_that_says_something_is_an_error() -> None:
    told = read(vertex(status="Bad Request: code 400", response={}))
    assert told.figures.errors_by_type == {"400": 1}


def test_the_answer_within_a_status_is_read() -> None:
    error = '{"error": {"code": 400, "message": "no such role", "status": "INVALID_ARGUMENT"}}'
    failed = vertex(status=f"Bad Request: {error}")
    del failed["response"]
    told = read(failed)
    assert told.figures.errors_by_type == {"INVALID_ARGUMENT": 1}
    assert told.call.failure is not None
    assert told.call.failure.message == "no such role"
    assert told.figures.in_flight == 0


def test_lines_of_vertex_are_calls_of_their_own() -> None:
    failed = vertex(status="Internal error: 500", response={})
    told = read(vertex(), vertex(response={**RESPONSE, "responseId": "r2"}), failed, failed)
    assert (told.figures.calls, told.figures.errors) == (4, 2)


def test_the_apis_lines_are_joined_by_their_key_in_any_order() -> None:
    asked = {"key": "k", "request": {**REQUEST, "model": "models/gemini-2.5-flash"}}
    answered = {"key": "k", "response": RESPONSE}
    for first, second in ((asked, answered), (answered, asked)):
        told = Reading().lines(first).lines(second, source=1)
        assert (told.figures.calls, told.figures.in_flight) == (1, 0)
        assert told.call.series.provider == "gcp.gemini"
        assert told.call.series.requested == "gemini-2.5-flash"
        payload = told.payload(told.call)
        assert payload.input[1].text.startswith("Hi")
        assert [each.text for each in payload.output] == ["Hello"]


def test_a_refusal_of_the_api_is_an_error() -> None:
    asked = {"key": "k", "request": REQUEST}
    told = read(asked, {"key": "k", "request": REQUEST, "error": {"code": 8, "message": "no"}})
    assert told.figures.errors_by_type == {"8": 1}
    assert told.figures.in_flight == 0


def test_tables_have_requests_and_responses_as_texts() -> None:
    row = vertex(request=json.dumps(REQUEST), response=json.dumps(RESPONSE), document_id=7)
    told = read(row)
    assert (told.call.input_tokens, told.call.series.provider) == (100, "gcp.vertex_ai")
    assert [each.text for each in told.payload(told.call).output] == ["Hello"]


def test_a_programs_own_log_of_a_call_is_no_batch() -> None:
    own = {"request": REQUEST, "response": RESPONSE, "status": "ok", "latency_ms": 900}
    assert "Gemini batch" not in (read(own).counts().format or "")
    assert "Gemini batch" not in (read({**own, "key": "k"}).counts().format or "")


def test_names_in_snake_case_are_read() -> None:
    usage = {"prompt_token_count": 100, "candidates_token_count": 7}
    response = {"usage_metadata": usage, "model_version": "gemini-2.5-flash", "candidates": []}
    call = read({"key": "k", "response": response}).call
    assert (call.series.model, call.input_tokens) == ("gemini-2.5-flash", 100)
