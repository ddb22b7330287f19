"""Sessions of pi: entries, forks, older versions, its JSON mode."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.reading import Reading, read, said


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

    def test_an_answer_that_tells_nothing_of_a_call_is_none(self) -> None:
        answer = entry(5, "a", role="assistant", content=[{"type": "text", "text": "Hello"}])
        assert read(PI[0], PI[2], answer).calls == []


PI_USED = {"input": 3, "output": 4, "cacheRead": 11, "cacheWrite": 0, "cost": {"total": 0.01}}
