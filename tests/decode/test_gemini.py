"""Gemini CLI: sessions as documents and as lines, streams, telemetry."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llmtop.span import Flag
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
    assert [json.loads(each)["id"] for each in payload.raw] == ["q", "a"], "not the whole session"


def test_a_total_that_leaves_no_room_for_thoughts_has_them_in_the_output() -> None:
    inside = {**TOKENS, "total": 110}
    told = Reading().document({**HEAD, "messages": [{**MESSAGES[1], "tokens": inside}]})
    assert told.call.output_tokens == 10


def test_a_tool_runs_from_the_answer_that_asked_for_it_until_its_own_time() -> None:
    told = Reading().document(SESSION)
    assert told.of("execute_tool")[0].latency == pytest.approx(1.0)
    assert told.of("turn")[0].latency == pytest.approx(5.0), "a turn lasts as long as its tools"


def test_waiting_for_a_tool_is_not_the_next_calls_latency() -> None:
    approved = {**TOOL, "timestamp": "2026-01-02T03:04:50.000Z"}
    answer = {**MESSAGES[1], "toolCalls": [approved]}
    after = message(52, "gemini", "b", "Done.", model="gemini-3-pro", tokens=TOKENS)
    told = Reading().document({**HEAD, "messages": [MESSAGES[0], answer, after]})
    assert [call.latency for call in told.calls] == [pytest.approx(4.0), pytest.approx(2.0)]


def test_how_long_a_tool_took_is_not_known_if_its_answer_was_written_down_after_it() -> None:
    silent = message(6, "gemini", "a", "", model="m", tokens=TOKENS, toolCalls=[TOOL])
    (tool,) = Reading().document({**HEAD, "messages": [MESSAGES[0], silent]}).of("execute_tool")
    assert tool.latency is None
    assert not tool.running


@pytest.mark.parametrize(
    ("status", "shown"),
    [("success", "ok"), ("error", "error"), ("cancelled", "cancelled"), ("executing", None)],
)
def test_a_tool_ends_as_it_says(status: str, shown: str | None) -> None:
    run = {**TOOL, "status": status, "resultDisplay": "denied"}
    told = Reading().document({**HEAD, "messages": [{**MESSAGES[1], "toolCalls": [run]}]})
    (tool,) = told.of("execute_tool")
    assert tool.status == shown
    assert tool.running == (shown is None)
    assert (tool.failure is not None and tool.failure.message == "denied") == (shown == "error")


def test_tools_without_an_id_are_told_apart() -> None:
    nameless = {name: value for name, value in TOOL.items() if name != "id"}
    tools = [nameless, {**nameless, "args": {"path": "src"}}]
    told = Reading().document({**HEAD, "messages": [{**MESSAGES[1], "toolCalls": tools}]})
    shown = [told.payload(tool).input[0].text for tool in told.of("execute_tool")]
    assert shown == ['{"path":"."}', '{"path":"src"}']


def test_the_answers_of_forks_are_calls_whatever_they_call_themselves() -> None:
    forked = {**SESSION, "messages": [MESSAGES[0], {**MESSAGES[1], "type": "qwen"}]}
    assert Reading().document(forked).figures == Reading().document(SESSION).figures


def test_an_answer_without_tokens_is_no_call() -> None:
    told = Reading().document({**HEAD, "messages": [{**MESSAGES[1], "tokens": None}]})
    assert told.calls == []


def test_a_cancelled_turn_says_so_and_an_error_is_one() -> None:
    stopped = message(6, "info", "i", "Request cancelled.")
    failed = message(7, "error", "e", "[API Error: 429 quota exceeded]")
    told = Reading().document({**HEAD, "messages": [MESSAGES[0], stopped, failed]})
    assert told.of("turn")[0].status == "cancelled"
    (error,) = told.of("other")
    assert error.failure is not None
    assert error.failure.type == "429"


RESULTS = message(7, "user", "r", "")
RESULTS["content"] = [{"functionResponse": {"id": "tool-1", "response": {"output": "a.txt"}}}]


def test_what_compression_and_rewinding_leave_out_was_called_all_the_same() -> None:
    rewritten = [message(8, "user", "sum", "Summary so far"), MESSAGES[1], RESULTS]
    told = read(
        {**HEAD, "messages": []}, *MESSAGES, {"$rewindTo": "q"}, {"$set": {"messages": rewritten}},
        message(9, "gemini", "b", "More.", model="gemini-3-flash", tokens=TOKENS),
    )  # fmt: skip
    assert told.figures.calls == 2
    assert told.counts().rejected == 0
    assert told.tree("s") == [
        "turn What is here?",
        "  chat",
        "  execute_tool list_directory",
        "turn Summary so far",
        "  chat",
    ]
    assert [call.series.model for call in told.calls] == ["gemini-3-pro", "gemini-3-flash"]


def test_lines_show_question_results_and_answer_once_however_often_they_are_told() -> None:
    done = {**TOOL, "result": [{"functionResponse": {"response": {"output": "a.txt"}}}]}
    grown = {
        **MESSAGES[1],
        "toolCalls": [done],
        "thoughts": [{"subject": "Look", "description": "first"}],
    }
    told = read(
        HEAD, MESSAGES[0], {**MESSAGES[1], "toolCalls": []}, MESSAGES[1], grown,
        {"$set": {"lastUpdated": "2026-01-02T03:04:06.000Z"}},
        message(9, "gemini", "b", "One file.", model="gemini-3-pro", tokens=TOKENS),
    )  # fmt: skip
    first, second = (told.payload(call) for call in told.calls)
    assert said(first.input) == [("user", "What is here?")]
    assert said(first.output) == [("assistant", "[reasoning] Look: first\nFiles.")]
    assert said(second.input) == [("tool", "a.txt")]
    assert said(second.output) == [("assistant", "One file.")]


def test_a_subagents_session_is_below_the_subagent() -> None:
    told = Reading().document({**SESSION, "kind": "subagent"})
    assert told.tree("s") == [
        "invoke_agent subagent s",
        "  turn What is here?",
        "    chat",
        "    execute_tool list_directory",
    ]


def test_lines_of_other_programs_are_not_taken_for_messages() -> None:
    for other in (
        {**message(1, "error", "e", "disk full"), "logger": "app"},
        {"$set": {"a": 1}, "collection": "users"},
    ):
        assert read(other).counts().format is None


def test_the_list_of_typed_prompts_is_no_session() -> None:
    typed = {"sessionId": "s", "messageId": 0, "type": "user", "message": "Hi",
             "timestamp": "2026-01-02T03:04:01.000Z"}  # fmt: skip
    told = Reading().document([typed])
    assert (told.spans, told.counts().format, told.counts().rejected) == ([], "Gemini CLI", 0)


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


def test_the_json_output_tells_of_one_request_how_long_it_took() -> None:
    api = {"totalRequests": 1, "totalErrors": 0, "totalLatencyMs": 1500}
    tokens = {"prompt": 10, "candidates": 4, "total": 14}
    model = {"api": api, "tokens": tokens}
    told = Reading().document({"response": "Hi", "stats": {"models": {"gemini-x": model}}})
    assert told.call.latency == pytest.approx(1.5)


def test_a_stream_whose_total_counts_more_tells_at_least_its_output() -> None:
    stats = {"total_tokens": 190, "input_tokens": 110, "output_tokens": 20}
    told = read(INIT, {"type": "result", "status": "success", "stats": stats})
    assert told.call.output_tokens == 20
    assert told.call.flags & Flag.LOWER_BOUND


def test_a_stream_tells_each_model_where_it_does() -> None:
    used = {"total_tokens": 30, "input_tokens": 20, "output_tokens": 10}
    stats = {**used, "models": {"a": used, "b": {**used, "input_tokens": 21}}}
    told = read(INIT, {"type": "result", "status": "success", "stats": stats})
    assert {call.series.model: call.input_tokens for call in told.calls} == {"a": 20, "b": 21}


INIT = {"type": "init", "timestamp": "2026-01-02T03:04:00Z", "session_id": "s", "model": "m"}
FAILURE = {"type": "FatalAuthenticationError", "message": "no key", "code": 41}


def test_a_run_that_failed_before_its_first_call_is_an_error_and_no_call() -> None:
    nothing = {"total_tokens": 0, "input_tokens": 0, "output_tokens": 0}
    told = read(INIT, {"type": "result", "status": "error", "error": FAILURE, "stats": nothing})
    assert told.calls == []
    (turn,) = told.of("turn")
    assert turn.failure is not None
    assert turn.failure.type == "FatalAuthenticationError"
    told = Reading().document({"session_id": "s", "error": FAILURE})
    assert told.of("turn")[0].failed


def test_a_warning_is_no_error() -> None:
    told = read(INIT, {"type": "error", "severity": "warning", "message": "loop detected"})
    assert not any(span.failed for span in told.spans)


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


def test_telemetry_of_a_fork_that_counts_thoughts_as_output_is_not_counted_twice() -> None:
    told = Reading().document(
        event("qwen-code.api_response", input_token_count=100, output_token_count=30,
              thoughts_token_count=10, total_token_count=130)
    )  # fmt: skip
    assert told.call.output_tokens == 30
