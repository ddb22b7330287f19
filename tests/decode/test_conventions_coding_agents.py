"""Telemetry of coding agents: spans and events of Claude Code, events of Codex, Gemini and Qwen."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tests.decode.otlp import event, export, logs, record, span
from tests.decode.reading import Reading, read, said

REQUEST = {
    "session.id": "s", "user.id": "ann", "span.type": "llm_request", "model": "claude-opus-4-5",
    "gen_ai.system": "anthropic", "gen_ai.request.model": "claude-opus-4-5",
    "input_tokens": 500, "output_tokens": 20, "cache_read_tokens": 300,
    "cache_creation_tokens": 100, "ttft_ms": 250, "duration_ms": 1000, "success": True,
    "stop_reason": "tool_use", "request_id": "req_1", "gen_ai.response.id": "msg_1", "attempt": 1,
}  # fmt: skip
LOGGED = {
    "event.name": "api_request", "event.timestamp": "2025-06-15T15:06:41.000Z",
    "event.sequence": 3, "session.id": "s", "model": "claude-opus-4-5", "request_id": "req_1",
    "input_tokens": "500", "output_tokens": "20", "cache_read_tokens": "300",
    "cache_creation_tokens": "100", "cost_usd": "0.25", "duration_ms": "1000",
}  # fmt: skip


def spans(**changed: Any) -> dict[str, Any]:
    return export(
        span(1, {"span.type": "interaction", "session.id": "s", "user_prompt": "List files\nnow"},
             name="claude_code.interaction", ms=5000),
        span(2, {**REQUEST, **changed}, parent=1, name="claude_code.llm_request"),
        span(3, {"span.type": "tool", "tool_name": "Bash", "tool_use_id": "t1",
                 "gen_ai.tool.call.id": "t1", "tool_input": '{"command":"ls"}'}, parent=1,
             name="claude_code.tool", start_ms=1100,
             events=[event("tool.output", {"content": "a.txt"})]),
        span(4, {"span.type": "tool.execution", "success": True}, parent=3,
             name="claude_code.tool.execution", start_ms=1200, ms=500),
        scope="com.anthropic.claude_code.tracing",
    )  # fmt: skip


def logged(**changed: Any) -> dict[str, Any]:
    return logs(record({**LOGGED, **changed}), **{"service.name": "claude-code"})


class TestClaudeCodesSpans:
    def test_a_request_is_a_call_whose_input_includes_cached_tokens(self) -> None:
        told = read(spans())
        figures, call = told.figures, told.call
        assert (figures.calls, figures.input_tokens, figures.output_tokens) == (1, 900, 20)
        assert (figures.cache_read_tokens, figures.cache_write_tokens) == (300, 100)
        assert (call.series.provider, call.series.model) == ("anthropic", "claude-opus-4-5")
        assert (call.ttft, call.finish_reason) == (0.25, "tool_use")
        assert (call.session_id, call.user_id) == ("s", "ann")

    def test_a_turn_is_named_by_its_prompt_and_a_tool_by_its_name(self) -> None:
        told = read(spans())
        assert told.tree(told.spans[0].trace_id or "") == [
            "turn List files",
            "  chat claude_code.llm_request",
            "  execute_tool Bash",
            "    chain claude_code.tool.execution",
        ]
        (tool,) = told.of("execute_tool")
        payload = told.payload(tool)
        assert said(payload.input) == [("user", '{"command":"ls"}')]
        assert said(payload.output) == [("tool", "a.txt")]

    def test_a_type_with_the_agents_name_before_it_is_the_same(self) -> None:
        assert read(spans(**{"span.type": "claude_code.llm_request"})).call.input_tokens == 900

    def test_a_refused_request_is_an_error(self) -> None:
        told = read(spans(success=False, error="529 overloaded", input_tokens=0, output_tokens=0))
        assert told.figures.errors_by_type == {"529": 1}

    def test_such_names_mean_nothing_in_the_spans_of_others(self) -> None:
        told = read(export(span(1, {"span.type": "llm_request", "model": "m", "input_tokens": 5})))
        assert told.figures.calls == 0

    def test_spans_and_events_of_one_request_are_one_call_whatever_comes_first(self) -> None:
        for order in permutations((spans(), logged())):
            told = read(*order)
            assert (told.figures.calls, told.figures.input_tokens) == (1, 900)
            assert told.call.parent_id is not None, "the one that has its place in the trace"
        other = logged(request_id="req_2", **{"event.timestamp": "2025-06-15T15:06:50.000Z"})
        assert read(spans(), logged(), other).figures.calls == 2

    def test_content_that_was_kept_back_is_not_shown_as_content(self) -> None:
        told = read(spans(new_context="<REDACTED>"))
        assert told.payload(told.call).input == ()
        told = read(spans(new_context="[USER]\nHi", **{"response.model_output": "Hello"}))
        payload = told.payload(told.call)
        assert said(payload.input) == [("user", "[USER]\nHi")]
        assert said(payload.output) == [("assistant", "Hello")]


def test_an_agents_answer_is_shown_whether_or_not_its_event_is_within_a_span() -> None:
    for within in (None, 7):
        told = read(logs(record(GEMINI, number=within), **{"service.name": "gemini-cli"}))
        assert said(told.payload(told.call).output) == [("assistant", "Hello")]


def test_claudes_events_are_known_by_their_body_and_tell_costs_in_millionths_too() -> None:
    told = {**LOGGED, "cost_usd_micros": 250_000}
    del told["event.name"], told["cost_usd"]
    call = read(logs(record(told, body={"stringValue": "claude_code.api_request"}))).call
    assert (call.cost, call.input_tokens) == (0.25, 900)


GEMINI = {
    "event.name": "gemini_cli.api_response", "event.timestamp": "2025-06-15T15:06:41.000Z",
    "session.id": "s", "model": "gemini-2.5-pro", "duration_ms": 1000, "status_code": 200,
    "input_token_count": 100, "output_token_count": 12, "cached_content_token_count": 60,
    "thoughts_token_count": 8, "tool_token_count": 0, "total_token_count": 120,
    "prompt_id": "p1", "response_text": "Hello",
}  # fmt: skip
RETOLD = {
    "event.name": "gen_ai.client.inference.operation.details", "gen_ai.provider.name": "gcp.gemini",
    "gen_ai.operation.name": "generate_content", "gen_ai.request.model": "gemini-2.5-pro",
    "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 12,
}  # fmt: skip


@pytest.mark.parametrize("agent", ["gemini-cli", "qwen-code"])
@pytest.mark.parametrize("within", [None, 7])
def test_a_response_that_is_told_once_more_by_the_convention_is_one_call(
    agent: str, within: int | None
) -> None:
    name = f"{agent.replace('-cli', '_cli')}.api_response"
    told = read(logs(record({**GEMINI, "event.name": name}, number=within),
                     record(RETOLD, number=within), **{"service.name": agent}))  # fmt: skip
    assert (told.figures.calls, told.figures.input_tokens) == (1, 100)
    assert (told.figures.output_tokens, told.figures.reasoning_tokens) == (20, 8)
    assert told.call.session_id == "s"


def test_geminis_spans_of_development_name_their_operations_their_own_way() -> None:
    told = read(export(
        span(1, {"gen_ai.operation.name": "user_prompt", "gen_ai.agent.name": "gemini-cli"}),
        span(2, {"gen_ai.operation.name": "agent_call"}, parent=1),
        span(3, {"gen_ai.operation.name": "llm_call", "gen_ai.request.model": "gemini-2.5-pro",
                 "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20}, parent=2),
        span(4, {"gen_ai.operation.name": "tool_call", "gen_ai.tool.name": "ls"}, parent=2),
    ))  # fmt: skip
    assert [each.series.operation for each in told.spans] == [
        "other", "invoke_agent", "chat", "execute_tool",
    ]  # fmt: skip
    assert told.figures.calls == 1


def test_codex_tells_a_failed_request_and_a_failed_stream() -> None:
    base = {"conversation.id": "c", "model": "gpt-5", "event.timestamp": "2025-06-15T15:06:41Z"}
    refused = record({**base, "event.name": "codex.api_request", "attempt": 1,
                      "http.response.status_code": "429",
                      "error.message": "slow down"})  # fmt: skip
    broken = record({**base, "event.name": "codex.sse_event", "event.kind": "response.failed",
                     "event.timestamp": "2025-06-15T15:06:44Z",
                     "error.message": "stream disconnected: connection reset"})  # fmt: skip
    told: Reading = read(logs(refused, broken, **{"service.name": "codex_cli_rs"}))
    assert told.figures.errors_by_type == {"429": 1, "connection": 1}
