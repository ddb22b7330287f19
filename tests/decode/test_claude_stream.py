"""`claude --output-format stream-json`: partial messages, prompts, and how a run ended."""

from __future__ import annotations

from typing import Any

import pytest

from llmtop.span import Flag
from tests.decode.claude_records import partial, result, streamed, text, tool, used
from tests.decode.reading import read, said

INIT = streamed("system", subtype="init", uuid="i", model="claude-x")


def begun(message_id: str, **told: Any) -> dict[str, Any]:
    message = {"id": message_id, "model": "claude-x", "usage": used(1)}
    return {**partial("message_start", message=message), **told}


def over(output: int) -> dict[str, Any]:
    usage = {"output_tokens": output}
    return partial("message_delta", delta={"stop_reason": "end_turn"}, usage=usage)


def answered(message_id: str, *parts: dict[str, Any], output: int = 1) -> dict[str, Any]:
    message = {"id": message_id, "model": "claude-x", "content": [*parts], "usage": used(output)}
    return streamed("assistant", uuid=f"{message_id}-{output}", message=message)


def ended(**told: Any) -> dict[str, Any]:
    return streamed("result", uuid="end", **{"subtype": "success", "duration_ms": 5000, **told})


def test_a_call_is_running_from_its_first_event_on() -> None:
    told = read(INIT, begun("m1", ttft_ms=700))
    (call,) = told.calls
    assert call.running
    assert call.ttft == pytest.approx(0.7)
    told.lines(answered("m1", text("hey")), over(55))
    (call,) = told.calls
    assert not call.running
    assert (call.output_tokens, call.finish_reason) == (55, "end_turn")


def test_partial_messages_tell_the_whole_output() -> None:
    told = read(INIT, begun("m1"), answered("m1", text("hey")), over(55))
    assert not told.call.flags & Flag.LOWER_BOUND
    assert read(INIT, answered("m1", text("hey"))).call.flags & Flag.LOWER_BOUND


def test_deltas_of_content_tell_nothing() -> None:
    delta = partial("content_block_delta", index=0, delta={"type": "text_delta", "text": "he"})
    told = read(INIT, begun("m1"), delta, partial("message_stop"))
    assert told.figures.calls == 1
    assert told.counts().rejected == 0


def test_a_call_that_was_cut_off_by_the_end_of_the_run_is_cancelled() -> None:
    told = read(INIT, begun("m1"), ended())
    assert told.call.status == "cancelled"
    assert not told.call.running


def test_a_prompt_that_is_replayed_is_the_turn() -> None:
    prompt = streamed("user", uuid="p", message={"role": "user", "content": [text("Do it")]})
    for records in ([INIT, prompt], [prompt, INIT]):
        told = read(*records, answered("m1", text("x")))
        assert told.tree("s") == ["turn Do it", "  chat"]


def test_a_run_that_failed_says_so_in_its_turn() -> None:
    limit = ended(subtype="error_max_turns", is_error=True, errors=["Reached the limit (2)"])
    (turn,) = read(INIT, answered("m1", text("x")), limit).of("turn")
    assert turn.failure is not None
    assert (turn.failure.type, turn.failure.message) == (
        "error_max_turns",
        "Reached the limit (2)",
    )
    refused = ended(is_error=True, result="API Error: 529 overloaded")
    (turn,) = read(INIT, refused).of("turn")
    assert turn.failure is not None
    assert turn.failure.type == "529"


def test_a_tool_that_was_not_allowed_is_an_error() -> None:
    denial = {"tool_name": "Bash", "tool_use_id": "t", "tool_input": {}}
    told = read(INIT, answered("m1", tool("Bash", "t")), ended(permission_denials=[denial]))
    (span,) = told.of("execute_tool")
    assert span.failure is not None
    assert span.failure.type == "permission_denied"


def test_totals_of_older_versions_are_not_by_model() -> None:
    usage = {"input_tokens": 5, "output_tokens": 40, "cache_read_input_tokens": 100}
    calls = [answered("m1", text("x")), answered("m2", text("y"))]
    told = read(INIT, *calls, ended(usage=usage, total_cost_usd=0.5))
    assert (told.figures.calls, told.figures.output_tokens) == (2, 40)
    assert told.figures.cost == pytest.approx(0.5)
    assert told.figures.input_tokens == 250, "the totals are never added"
    told.lines(ended(usage=usage, total_cost_usd=0.5))
    assert told.figures.cost == pytest.approx(0.5)
    assert read(INIT, *calls, ended(cost_usd=0.5)).figures.cost == pytest.approx(0.5)


def test_a_result_alone_tells_of_all_calls() -> None:
    by_model = {"claude-opus-4-5[1m]": {"inputTokens": 5, "outputTokens": 30, "costUSD": 0.03}}
    told = read(ended(modelUsage=by_model))
    assert told.call.series.model == "claude-opus-4-5"
    assert (told.call.output_tokens, told.call.cost) == (30, 0.03)
    (turn,) = told.of("turn")
    assert turn.latency == pytest.approx(5.0)
    plain = read(ended(usage={"input_tokens": 5, "output_tokens": 7}, total_cost_usd=0.5))
    assert (plain.call.output_tokens, plain.call.cost) == (7, 0.5)


def test_a_tool_result_that_names_an_agent_in_the_streams_words_is_known() -> None:
    told = read(
        INIT,
        answered("m1", tool("Task", "t")),
        streamed(
            "user", uuid="r", message={"role": "user", "content": [result("t", "found")]},
            tool_use_result={"agentId": "a7", "totalDurationMs": 10},
        ),
    )  # fmt: skip
    assert told.tree("s")[-1].strip() == "invoke_agent subagent a7"
    (span,) = told.of("execute_tool")
    assert said(told.payload(span).output) == [("tool", "found")]
