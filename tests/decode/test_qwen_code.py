"""Qwen Code's sessions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.reading import Reading, read, said


def record(second: float, name: str, kind: str, **told: Any) -> dict[str, Any]:
    return {
        "uuid": name,
        "parentUuid": None,
        "sessionId": "s",
        "timestamp": f"2026-01-02T03:04:{second:06.3f}Z",
        "type": kind,
        "cwd": "/tmp",
        "version": "0.6.0",
        **told,
    }


def user(second: float, name: str, asked: str, **told: Any) -> dict[str, Any]:
    return record(
        second, name, "user", message={"role": "user", "parts": [{"text": asked}]}, **told
    )


def answer(second: float, name: str, *parts: dict[str, Any], **told: Any) -> dict[str, Any]:
    usage = {"promptTokenCount": 100, "candidatesTokenCount": 30, "thoughtsTokenCount": 10,
             "cachedContentTokenCount": 40, "totalTokenCount": 130}  # fmt: skip
    return record(
        second, name, "assistant", model="qwen3-coder-plus", usageMetadata=usage,
        message={"role": "model", "parts": list(parts)}, **told,
    )  # fmt: skip


THOUGHT = {"text": "Look first", "thought": True}
ASKS = {"functionCall": {"id": "c", "name": "list_directory", "args": {"path": "."}}}
GIVES = {"functionResponse": {"id": "c", "name": "list_directory", "response": {"output": "a.txt"}}}
RESULT = record(6, "r", "tool_result", message={"role": "user", "parts": [GIVES]},
                toolCallResult={"callId": "c", "status": "success"})  # fmt: skip
QWEN = [
    user(1, "q", "List files"),
    answer(5, "a", THOUGHT, {"text": "Looking"}, ASKS),
    RESULT,
    answer(9, "b", {"text": "One file."}),
]


def telemetry(second: float, kind: str, **told: Any) -> dict[str, Any]:
    event = {"event.name": f"qwen-code.{kind}", "model": "qwen3-coder-plus", **told}
    return record(
        second, f"e{second}", "system", subtype="ui_telemetry", systemPayload={"uiEvent": event}
    )


def test_an_answer_is_a_call_whose_thoughts_are_in_its_output() -> None:
    told = read(*QWEN)
    first, second = told.calls
    assert (first.input_tokens, first.output_tokens) == (100, 30)
    assert first.cache is not None
    assert (first.cache.read, first.cache.reasoning) == (40, 10)
    assert [first.latency, second.latency] == [pytest.approx(4.0), pytest.approx(3.0)]
    assert (told.counts().format, told.counts().rejected) == ("Qwen Code", 0)


def test_a_session_is_a_tree() -> None:
    assert read(*QWEN).tree("s") == [
        "turn List files",
        "  chat",
        "  execute_tool list_directory",
        "  chat",
    ]


def test_the_call_screen_shows_question_answer_and_tools() -> None:
    told = read(*QWEN)
    first, second = (told.payload(call) for call in told.calls)
    assert said(first.input) == [("user", "List files")]
    assert said(first.output) == [("assistant", "[reasoning] Look first\nLooking")]
    assert first.output[0].tool_calls[0].name == "list_directory"
    assert said(second.input)[0][0] == "tool"
    (tool,) = told.of("execute_tool")
    assert said(told.payload(tool).input) == [("tool", '{"path":"."}')]
    assert said(told.payload(tool).output) == [("tool", "a.txt")]


def test_telemetry_tells_how_long_a_call_took_and_counts_it_no_second_time() -> None:
    counts = {"input": 100, "output": 30, "thoughts": 10, "total": 130}
    told_counts = {f"{name}_token_count": count for name, count in counts.items()}
    event = telemetry(4.9, "api_response", duration_ms=1500, **told_counts)
    told = read(QWEN[0], event, *QWEN[1:])
    assert told.figures.calls == 2
    assert told.calls[0].latency == pytest.approx(1.5)


def test_telemetry_tells_calls_that_failed() -> None:
    failed = telemetry(3, "api_error", error_message="429 quota", status_code=429, duration_ms=80)
    told = read(QWEN[0], failed, *QWEN[1:])
    assert told.figures.errors_by_type == {"429": 1}
    assert told.figures.calls == 3


@pytest.mark.parametrize(("status", "shown"), [("error", "error"), ("cancelled", "cancelled")])
def test_a_tool_ends_as_it_says(status: str, shown: str) -> None:
    result = {"callId": "c", "status": status, "resultDisplay": "denied", "error": {},
              "errorType": "file_not_found"}  # fmt: skip
    (tool,) = read(*QWEN[:2], {**RESULT, "toolCallResult": result}).of("execute_tool")
    assert tool.status == shown
    if status == "error":
        assert tool.failure is not None
        assert (tool.failure.type, tool.failure.message) == ("file_not_found", "denied")


def test_a_branch_counts_what_it_did_not_copy() -> None:
    branch = [
        {**each, "sessionId": "f", "forkedFrom": {"sessionId": "s", "messageUuid": each["uuid"]}}
        for each in QWEN
    ]
    own = [{**user(20, "q2", "And now?"), "sessionId": "f"},
           {**answer(25, "d", {"text": "Done."}), "sessionId": "f"}]  # fmt: skip
    assert read(*branch, *own).figures.calls == 3
    for first, second in ((QWEN, [*branch, *own]), ([*branch, *own], QWEN)):
        told = Reading().lines(*first, source=0).lines(*second, source=1)
        assert told.figures.calls == 3
        assert told.tree("f") == ["turn And now?", "  chat"]
        assert len(told.tree("s")) == 4


def test_a_session_is_not_taken_for_claude_codes() -> None:
    for each in QWEN:
        assert read(each).counts().format == "Qwen Code"
    other = record(1, "c", "user", message={"role": "user", "content": "Hi"})
    assert read(other).counts().format == "Claude Code"
