"""Gemini CLI: sessions as documents and as lines, streams, telemetry."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.reading import Reading, read, said


def message(second: int, kind: str, name: str, content: str, **told: Any) -> dict[str, Any]:
    return {
        "id": name,
        "timestamp": f"2026-01-02T03:04:{second:02}.000Z",
        "type": kind,
        "content": content,
        **told,
    }


TOKENS = {"input": 100, "output": 10, "cached": 40, "thoughts": 5, "tool": 0, "total": 115}
TOOL = {
    "id": "tool-1",
    "name": "list_directory",
    "args": {"path": "."},
    "status": "success",
    "timestamp": "2026-01-02T03:04:06.000Z",
}
MESSAGES = [
    message(1, "user", "q", "What is here?"),
    message(5, "gemini", "a", "Files.", model="gemini-3-pro", tokens=TOKENS, toolCalls=[TOOL]),
]
HEAD = {"sessionId": "s", "projectHash": "p", "startTime": "2026-01-02T03:04:00.000Z"}
SESSION = {**HEAD, "messages": MESSAGES}


def test_thoughts_are_output_and_cached_tokens_are_input() -> None:
    call = Reading().document(SESSION).call
    assert (call.input_tokens, call.output_tokens) == (100, 15)
    assert call.cache is not None
    assert (call.cache.read, call.cache.reasoning) == (40, 5)


def test_a_document_that_is_rewritten_counts_what_is_new() -> None:
    told = Reading().document(SESSION)
    more = message(9, "gemini", "b", "More.", model="gemini-3-pro", tokens=TOKENS)
    told.document({**SESSION, "messages": [*MESSAGES, more]})
    assert told.figures.calls == 2
    assert told.figures.input_tokens == 200


def test_a_call_takes_the_gap_to_the_message_before_it() -> None:
    assert Reading().document(SESSION).call.latency == pytest.approx(4.0)


def test_the_lines_tell_what_the_document_tells_however_often_a_message_is_told() -> None:
    growing = {**MESSAGES[1], "tokens": None}
    told = read(HEAD, MESSAGES[0], growing, MESSAGES[1], MESSAGES[1], {"$set": {"summary": "x"}})
    assert told.figures == Reading().document(SESSION).figures
    assert told.counts().rejected == 0


def test_a_session_is_a_turn_with_its_call_and_tool() -> None:
    told = Reading().document(SESSION)
    assert sorted(told.tree("s")) == [
        "  chat",
        "  execute_tool list_directory",
        "turn What is here?",
    ]


def test_the_call_screen_shows_question_answer_and_tools() -> None:
    told = Reading().document(SESSION)
    payload = told.payload(told.call)
    assert said(payload.input) == [("user", "What is here?")]
    assert payload.output[0].text == "Files."
    assert payload.output[0].tool_calls[0].name == "list_directory"


def test_a_stream_tells_the_usage_of_the_run_once() -> None:
    stats = {"total_tokens": 130, "input_tokens": 110, "output_tokens": 20, "cached": 30,
             "duration_ms": 5000}  # fmt: skip
    told = read(
        {"type": "init", "timestamp": "2026-01-02T03:04:00Z", "session_id": "s",
         "model": "gemini-x"},
        {"type": "message", "role": "user", "content": "Hi", "timestamp": "2026-01-02T03:04:01Z"},
        {"type": "tool_use", "tool_name": "ls", "tool_id": "t", "parameters": {"path": "."},
         "timestamp": "2026-01-02T03:04:02Z"},
        {"type": "tool_result", "tool_id": "t", "status": "error", "output": "denied",
         "timestamp": "2026-01-02T03:04:03Z"},
        {"type": "message", "role": "assistant", "content": "Hello", "delta": True,
         "timestamp": "2026-01-02T03:04:04Z"},
        {"type": "result", "status": "success", "stats": stats,
         "timestamp": "2026-01-02T03:04:05Z"},
    )  # fmt: skip
    assert (told.figures.calls, told.figures.input_tokens) == (1, 110)
    assert told.of("turn")[0].latency == pytest.approx(5.0)
    assert told.of("execute_tool")[0].failed
    payload = told.payload(told.call)
    assert said(payload.input) == [("user", "Hi")]
    assert payload.output[-1].text == "Hello"


def test_the_json_output_tells_a_call_a_model() -> None:
    tokens = {"prompt": 10, "candidates": 4, "cached": 2, "thoughts": 1}
    told = Reading().document(
        {"session_id": "s", "response": "Hi", "stats": {"models": {"gemini-x": {"tokens": tokens}}}}
    )
    assert (told.call.input_tokens, told.call.output_tokens) == (10, 5)


def event(name: str, **told: Any) -> dict[str, Any]:
    attributes = {"event.name": name, "event.timestamp": "2026-01-02T03:04:05Z",
                  "session.id": "s", "model": "gemini-x", **told}  # fmt: skip
    return {"hrTime": [1767323045, 0], "attributes": attributes}


def test_telemetry_tells_calls_by_their_responses() -> None:
    told = Reading()
    told.document(event("gemini_cli.api_request", request_text="Hi"))
    told.document(
        event("gemini_cli.api_response", input_token_count=100, output_token_count=10,
              cached_content_token_count=40, thoughts_token_count=5, duration_ms=1200)
    )  # fmt: skip
    told.document(event("gemini_cli.api_error", error="quota", status_code=429, duration_ms=80))
    ok, failed = told.calls
    assert (ok.input_tokens, ok.output_tokens) == (100, 15)
    assert ok.latency == pytest.approx(1.2)
    assert failed.failure is not None
    assert failed.failure.type == "429"
