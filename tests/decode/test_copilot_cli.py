"""GitHub Copilot CLI: the events of a session, kept and streamed."""

from __future__ import annotations

from typing import Any

import pytest

from llmtop.span import Flag
from tests.decode.reading import read, said


def event(second: float, kind: str, name: str, agent: str | None = None, **data: Any) -> Any:
    told = {"type": kind, "id": name, "parentId": None, "data": data,
            "timestamp": f"2026-01-02T03:04:{second:06.3f}Z"}  # fmt: skip
    return told if agent is None else {**told, "agentId": agent}


HEAD = event(0, "session.start", "s0", sessionId="s", producer="copilot-agent", version=1,
             selectedModel="gpt-5")  # fmt: skip
ASKED = event(1, "user.message", "u", content="List files", interactionId="i")
REQUEST = {"toolCallId": "t", "name": "bash", "arguments": {"command": "ls"}}
KEPT = [
    HEAD,
    ASKED,
    event(2, "assistant.turn_start", "ts", turnId="0"),
    event(5, "assistant.message", "a1", messageId="m1", content="Looking", outputTokens=20,
          toolRequests=[REQUEST]),
    event(5.5, "tool.execution_start", "x1", toolCallId="t", toolName="bash",
          arguments={"command": "ls"}),
    event(6, "tool.execution_complete", "x2", toolCallId="t", success=True,
          result={"content": "a.txt"}),
    event(9, "assistant.message", "a2", messageId="m2", content="One file.", outputTokens=10),
    event(9, "assistant.turn_end", "te", turnId="0"),
]  # fmt: skip
TOTALS = {"inputTokens": 300, "outputTokens": 30, "cacheReadTokens": 200, "cacheWriteTokens": 0}
SHUTDOWN = event(20, "session.shutdown", "end", shutdownType="routine",
                 modelMetrics={"gpt-5": {"requests": {"count": 2}, "usage": TOTALS,
                                         "totalNanoAiu": 25_000_000_000}})  # fmt: skip


def test_an_answer_is_a_call_that_tells_its_output_alone() -> None:
    told = read(*KEPT)
    assert [call.output_tokens for call in told.calls] == [20, 10]
    assert {call.input_tokens for call in told.calls} == {None}
    assert [call.latency for call in told.calls] == [pytest.approx(3.0), pytest.approx(3.0)]
    assert {call.series.model for call in told.calls} == {"gpt-5"}
    assert (told.counts().format, told.counts().rejected) == ("GitHub Copilot CLI", 0)


def test_the_totals_of_the_end_replace_what_was_told_and_are_shared_out() -> None:
    told = read(*KEPT, SHUTDOWN)
    assert (told.figures.calls, told.figures.input_tokens) == (2, 300)
    assert (told.figures.output_tokens, told.figures.cache_read_tokens) == (30, 200)
    assert sum(call.cost or 0.0 for call in told.calls) == pytest.approx(0.25)
    assert all(call.flags & Flag.ESTIMATED for call in told.calls)


def test_a_session_is_a_tree() -> None:
    assert read(*KEPT).tree("s") == ["turn List files", "  chat", "  execute_tool bash", "  chat"]


def test_the_call_screen_shows_question_answer_and_tools() -> None:
    told = read(*KEPT)
    first, second = (told.payload(call) for call in told.calls)
    assert said(first.input) == [("user", "List files")]
    assert first.output[0].text == "Looking"
    assert first.output[0].tool_calls[0].name == "bash"
    assert said(second.input) == [("tool", "a.txt")]
    (tool,) = told.of("execute_tool")
    assert said(told.payload(tool).input) == [("tool", '{"command":"ls"}')]
    assert said(told.payload(tool).output) == [("tool", "a.txt")]


USED = event(5, "assistant.usage", "use", model="gpt-5-mini", inputTokens=100, outputTokens=20,
             cacheReadTokens=40, duration=2500, ttftMs=400, cost=1,
             copilotUsage={"totalNanoAiu": 1_000_000_000})  # fmt: skip


@pytest.mark.parametrize("first", [True, False])
def test_a_streams_usage_is_its_answers_whichever_comes_first(first: bool) -> None:
    pair = [USED, KEPT[3]] if first else [KEPT[3], USED]
    told = read(*KEPT[:3], *pair, *KEPT[4:])
    call = told.calls[0]
    assert told.figures.calls == 2
    assert (call.input_tokens, call.output_tokens, call.cost) == (100, 20, 0.01)
    assert (call.latency, call.ttft) == (pytest.approx(2.5), pytest.approx(0.4))
    assert said(told.payload(call).input) == [("user", "List files")]


def test_a_usage_without_an_answer_is_a_call_too() -> None:
    assert read(*KEPT[:3], USED, {**USED, "id": "use2"}, KEPT[3]).figures.calls == 2


def test_a_subagent_stands_below_its_tool() -> None:
    told = read(
        *KEPT[:5],
        event(5.6, "subagent.started", "g1", "t", toolCallId="t", agentName="explore",
              model="haiku"),
        event(5.8, "assistant.message", "ga", "t", messageId="gm", content="Inner",
              outputTokens=5),
        event(5.9, "subagent.completed", "g2", "t", toolCallId="t", agentName="explore"),
        *KEPT[5:],
    )  # fmt: skip
    assert told.tree("s") == [
        "turn List files",
        "  chat",
        "  execute_tool bash",
        "    invoke_agent subagent explore",
        "      chat",
        "  chat",
    ]
    inner = next(call for call in told.calls if call.agent == "t")
    assert inner.series.model == "haiku"
    assert [each.text for each in told.payload(told.calls[2]).output] == ["One file."]


def test_what_failed_is_an_error_and_what_was_stopped_is_cancelled() -> None:
    told = read(
        *KEPT[:3],
        event(3, "model.call_failure", "f", model="gpt-5", statusCode=429, durationMs=80),
        event(4, "session.error", "e", errorType="quota", message="no requests left"),
        event(5.5, "tool.execution_start", "x1", toolCallId="t", toolName="bash"),
        event(6, "tool.execution_complete", "x2", toolCallId="t", success=False,
              error={"code": "denied", "message": "not allowed"}),
        event(7, "abort", "stop", reason="user initiated"),
    )  # fmt: skip
    assert told.figures.errors_by_type == {"429": 1}
    assert {span.failure.type for span in told.spans if span.failure} == {"429", "quota", "denied"}
    assert told.of("turn")[0].status == "cancelled"
