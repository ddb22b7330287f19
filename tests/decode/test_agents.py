"""Sessions of other agents: Anthropic's managed agents, pi, opencode."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.reading import Reading, read, said


def event(second: float, kind: str, identity: str, **told: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "id": identity,
        "processed_at": f"2026-01-02T03:04:{second:06.3f}Z",
        **told,
    }


USED = {"input_tokens": 2, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 8,
        "output_tokens": 30}  # fmt: skip
MANAGED = [
    event(1, "user.message", "q", content=[{"type": "text", "text": "What time is it?"}]),
    event(2, "span.model_request_start", "call"),
    event(3, "agent.tool_use", "tool", name="bash", input={"command": "date"}),
    event(3.5, "span.model_request_end", "end", model_request_start_id="call", model_usage=USED,
          is_error=False),
    event(5, "agent.tool_result", "r", tool_use_id="tool", is_error=False,
          content=[{"type": "text", "text": "noon"}]),
]  # fmt: skip


class TestManagedAgents:
    def test_a_request_is_a_pair_of_events(self) -> None:
        told = read(*MANAGED)
        call = told.call
        assert (call.input_tokens, call.output_tokens) == (110, 30)
        assert call.latency == pytest.approx(1.5)
        assert call.series.model is None, "events do not tell it"

    def test_a_request_without_its_end_is_in_flight(self) -> None:
        assert read(*MANAGED[:3]).figures.in_flight == 1

    def test_events_within_something_else_are_found(self) -> None:
        for wrap in (lambda each: {"raw": each}, lambda each: ["stream", each]):
            assert read(*(wrap(each) for each in MANAGED)).figures.calls == 1

    def test_the_session_tells_the_model(self) -> None:
        session = {"type": "session", "id": "sesn_1", "environment_id": "env",
                   "agent": {"name": "helper", "model": {"id": "claude-x"}}}  # fmt: skip
        told = read(session, *MANAGED)
        assert told.call.series.model == "claude-x"
        assert told.tree("sesn_1") == [
            "turn What time is it?",
            "  chat",
            "  execute_tool bash",
        ]

    def test_the_call_screen_shows_what_lies_between_the_events(self) -> None:
        told = read(*MANAGED)
        payload = told.payload(told.call)
        assert said(payload.input) == [("user", "What time is it?")]
        assert payload.output[0].tool_calls[0].name == "bash"
        (tool,) = told.of("execute_tool")
        assert told.payload(tool).output[0].text == "noon"

    def test_a_failed_request_is_an_error(self) -> None:
        told_error = {"type": "overloaded_error", "message": "busy"}
        failed = event(
            3, "span.model_request_end", "end", model_request_start_id="call", is_error=True,
            error=told_error,
        )  # fmt: skip
        told = read(*MANAGED[:2], failed)
        assert told.figures.errors_by_type == {"overloaded_error": 1}


def entry(second: int, name: str, **message: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "id": name,
        "parentId": None,
        "timestamp": f"2026-01-02T03:04:{second:02}.000Z",
        "message": message,
    }


PI = [
    {"type": "session", "version": 3, "id": "s", "timestamp": "2026-01-02T03:04:00.000Z",
     "cwd": "/tmp"},
    {"type": "model_change", "id": "m", "provider": "anthropic", "modelId": "claude-x"},
    entry(1, "q", role="user", content=[{"type": "text", "text": "List files"}]),
    entry(5, "a", role="assistant", provider="anthropic", model="claude-x", stopReason="toolUse",
          timestamp=1767323042000,
          content=[{"type": "text", "text": "Looking"},
                   {"type": "toolCall", "id": "t", "name": "bash", "arguments": {"c": "ls"}}],
          usage={"input": 5, "output": 7, "cacheRead": 100, "cacheWrite": 20,
                 "cost": {"total": 0.25}}),
    entry(6, "r", role="toolResult", toolCallId="t", toolName="bash", isError=False,
          content=[{"type": "text", "text": "a.txt"}]),
    entry(8, "b", role="assistant", provider="anthropic", model="claude-x", stopReason="error",
          errorMessage="529 overloaded", content=[], usage={"input": 0, "output": 0}),
]  # fmt: skip


class TestPi:
    def test_an_assistants_message_is_a_call(self) -> None:
        told = read(*PI)
        first, second = told.calls
        assert (first.input_tokens, first.output_tokens, first.cost) == (125, 7, 0.25)
        assert first.latency == pytest.approx(3.0)
        assert second.failed
        assert second.input_tokens is None
        assert told.counts().rejected == 0

    def test_a_session_is_a_tree(self) -> None:
        assert read(*PI).tree("s") == [
            "turn List files",
            "  chat",
            "  execute_tool bash",
            "  chat",
        ]

    def test_the_call_screen_shows_question_answer_and_tools(self) -> None:
        told = read(*PI)
        payload = told.payload(told.calls[0])
        assert said(payload.input) == [("user", "List files")]
        assert payload.output[0].tool_calls[0].name == "bash"
        (tool,) = told.of("execute_tool")
        assert told.payload(tool).input[0].text == '{"c":"ls"}'
        assert told.payload(tool).output[0].text == "a.txt"

    def test_a_fork_counts_what_its_parent_did_not(self) -> None:
        head = {"type": "session", "version": 3, "id": "f", "cwd": "/", "parentSession": "s.jsonl",
                "timestamp": "2026-01-02T03:04:10.000Z"}  # fmt: skip
        own = entry(12, "c", role="assistant", model="claude-x", content=[], usage=PI_USED)
        fork = [head, *PI[2:], own]
        assert read(*fork).figures.calls == 3, "the parent may not be there"
        for first, second in ((PI, fork), (fork, PI)):
            told = Reading().lines(*first, source=0).lines(*second, source=1)
            assert told.figures.calls == 3
            assert told.figures.input_tokens == 125 + 14
            assert len(told.of("turn")) == 1
            assert len(told.tree("s")) == 4

    def test_an_entry_of_the_first_version_has_no_id(self) -> None:
        nameless = [
            {name: value for name, value in each.items() if name != "id"} for each in PI[2:]
        ]
        head = {"type": "session", "id": "s", "cwd": "/tmp", "modelId": "claude-old"}
        told = read(head, {"type": "model_change", "timestamp": "2026-01-02T03:04:00.000Z",
                           "provider": "anthropic", "modelId": "claude-y"}, *nameless)  # fmt: skip
        assert told.counts().rejected == 0
        assert told.tree("s")[1:] == ["  chat", "  execute_tool bash", "  chat"]
        payload = told.payload(told.calls[0])
        assert said(payload.input) == [("user", "List files")]

    def test_a_message_without_a_model_is_of_the_model_last_chosen(self) -> None:
        change = {"type": "model_change", "id": "m2", "model": "openrouter/z"}
        told = read(PI[0], PI[1], change, entry(5, "a", role="assistant", usage=PI_USED))
        assert told.call.series.model == "openrouter/z"

    def test_reasoning_is_within_the_output(self) -> None:
        used = {**PI_USED, "reasoning": 3}
        told = read(PI[0], entry(5, "a", role="assistant", model="m", usage=used))
        assert told.call.output_tokens == 4
        assert told.call.cache is not None
        assert told.call.cache.reasoning == 3

    def test_parallel_tools_are_all_what_the_next_call_was_asked(self) -> None:
        results = [
            entry(6 + at, f"r{at}", role="toolResult", toolCallId=f"t{at}", toolName="read",
                  isError=at == 1, content=[{"type": "text", "text": f"file {at}"}])
            for at in range(3)
        ]  # fmt: skip
        told = read(PI[0], PI[2], PI[3], *results,
                    entry(10, "b", role="assistant", model="m", usage=PI_USED))  # fmt: skip
        payload = told.payload(told.calls[1])
        assert said(payload.input) == [("tool", f"file {at}") for at in range(3)]
        (failed,) = [tool for tool in told.of("execute_tool") if tool.failed]
        assert failed.failure is not None
        assert failed.failure.message == "file 1"

    def test_the_json_mode_tells_each_message_once(self) -> None:
        asked = {"role": "user", "content": "Hi", "timestamp": 1767323041000}
        answer = {"role": "assistant", "model": "m", "provider": "openai", "usage": PI_USED,
                  "timestamp": 1767323042000, "stopReason": "stop",
                  "content": [{"type": "text", "text": "Hello"}]}  # fmt: skip
        told = read(
            PI[0], {"type": "agent_start"}, {"type": "turn_start"},
            {"type": "message_start", "message": asked}, {"type": "message_end", "message": asked},
            {"type": "message_update", "message": answer, "assistantMessageEvent": {}},
            {"type": "message_end", "message": answer},
            {"type": "turn_end", "message": answer, "toolResults": []},
            {"type": "agent_end", "messages": [asked, answer]},
        )  # fmt: skip
        assert (told.figures.calls, told.figures.input_tokens) == (1, 14)
        assert told.call.latency is None
        assert told.tree("s") == ["turn Hi", "  chat"]
        assert told.counts().rejected == 0


PI_USED = {"input": 3, "output": 4, "cacheRead": 11, "cacheWrite": 0, "cost": {"total": 0.01}}

TOKENS = {"input": 5, "output": 7, "reasoning": 2, "cache": {"read": 100, "write": 20}}
INFO = {
    "id": "msg_2", "sessionID": "ses_1", "role": "assistant", "parentID": "msg_1",
    "modelID": "claude-x", "providerID": "anthropic", "mode": "build", "cost": 0.25,
    "tokens": TOKENS, "time": {"created": 1767323045000, "completed": 1767323047000},
}  # fmt: skip
ASKED = {"id": "msg_1", "sessionID": "ses_1", "role": "user", "time": {"created": 1767323044000}}
PART = {"id": "prt_1", "sessionID": "ses_1", "messageID": "msg_2"}
TOOL = {
    **PART, "id": "prt_2", "type": "tool", "callID": "c", "tool": "bash",
    "state": {"status": "completed", "input": {"command": "ls"}, "output": "a.txt",
              "time": {"start": 1767323045500, "end": 1767323046000}},
}  # fmt: skip


class TestOpenCode:
    def test_stored_messages_and_parts_are_read(self) -> None:
        told = read(ASKED, INFO, TOOL, {**PART, "type": "step-finish", "tokens": TOKENS})
        call = told.call
        assert (call.input_tokens, call.output_tokens, call.cost) == (125, 7, 0.25)
        assert call.latency == pytest.approx(2.0)
        assert told.tree("ses_1") == ["turn turn", "  chat", "    execute_tool bash"]

    def test_an_export_tells_all_of_a_session(self) -> None:
        export = {
            "info": {"id": "ses_1"},
            "messages": [
                {"info": ASKED, "parts": [{**PART, "messageID": "msg_1", "type": "text",
                                           "text": "List files"}]},
                {"info": INFO, "parts": [{**PART, "type": "text", "text": "a.txt"}, TOOL]},
            ],
        }  # fmt: skip
        told = Reading().document(export)
        payload = told.payload(told.call)
        assert payload.output[0].text == "a.txt"
        assert payload.output[1].tool_calls[0].name == "bash"
        (tool,) = told.of("execute_tool")
        assert told.payload(tool).output[0].text == "a.txt"

    def test_events_of_a_run_tell_each_step(self) -> None:
        told = read(
            {"type": "step_start", "timestamp": 1767323045000, "sessionID": "ses_1",
             "part": {**PART, "type": "step-start"}},
            {"type": "tool_use", "timestamp": 1767323046000, "sessionID": "ses_1", "part": TOOL},
            {"type": "step_finish", "timestamp": 1767323047000, "sessionID": "ses_1",
             "part": {**PART, "type": "step-finish", "reason": "stop", "tokens": TOKENS,
                      "cost": 0.25}},
        )  # fmt: skip
        assert (told.call.input_tokens, told.call.cost) == (125, 0.25)
        assert told.call.latency == pytest.approx(2.0)

    def test_failures_are_errors(self) -> None:
        error = {"name": "ProviderAuthError", "data": {"message": "no key"}}
        told = read({**INFO, "error": error, "tokens": None, "cost": 0})
        assert told.figures.errors_by_type == {"ProviderAuthError": 1}
