"""`claude --output-format stream-json`: the totals of its result replace what its lines told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.reading import Reading, read


def answer(message_id: str, sent: int, output: int, **told: Any) -> dict[str, Any]:
    return {
        "type": "assistant",
        "session_id": "s",
        "uuid": f"{message_id}-{output}",
        "parent_tool_use_id": None,
        "message": {
            "id": message_id,
            "model": told.pop("model", "glm"),
            "content": [{"type": "text", "text": "…"}],
            "usage": {"input_tokens": sent, "output_tokens": output},
        },
        **told,
    }


def result(**models: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "result",
        "subtype": "success",
        "session_id": "s",
        "uuid": "end",
        "duration_ms": 4200,
        "modelUsage": models,
    }


def totals(sent: int, output: int, cost: float, cached: int = 0) -> dict[str, Any]:
    return {
        "inputTokens": sent,
        "outputTokens": output,
        "cacheReadInputTokens": cached,
        "cacheCreationInputTokens": 0,
        "costUSD": cost,
    }


INIT = {"type": "system", "subtype": "init", "session_id": "s", "uuid": "i", "model": "glm"}


def test_a_result_replaces_and_never_adds() -> None:
    told = read(INIT, answer("a", 100, 7), answer("b", 0, 0), result(glm=totals(350, 30, 0.5, 50)))
    assert told.figures.calls == 2
    assert told.figures.input_tokens == 400
    assert told.figures.output_tokens == 30
    assert told.figures.cost == pytest.approx(0.5)
    told.lines(result(glm=totals(350, 30, 0.5, 50)))
    assert told.figures.input_tokens == 400
    assert told.figures.cost == pytest.approx(0.5)


def test_calls_that_told_nothing_get_what_the_others_did_not_use() -> None:
    told = read(INIT, answer("a", 100, 7), answer("b", 0, 0), result(glm=totals(350, 30, 0.5)))
    assert [call.input_tokens for call in told.calls] == [100, 250]
    assert [call.output_tokens for call in told.calls] == [7, 23]


def test_the_totals_of_a_further_turn_are_of_the_whole_session() -> None:
    told = read(INIT, answer("a", 100, 7), result(glm=totals(100, 20, 0.1)))
    told.lines(INIT, answer("b", 50, 2), result(glm=totals(150, 25, 0.3)))
    assert (told.figures.input_tokens, told.figures.output_tokens) == (150, 25)
    assert told.figures.cost == pytest.approx(0.3)


def test_a_model_of_which_no_line_was_seen_is_there_too() -> None:
    told = read(INIT, answer("a", 10, 1), result(glm=totals(10, 1, 0.1), haiku=totals(5, 2, 0.01)))
    assert {call.series.model: call.input_tokens for call in told.calls} == {"glm": 10, "haiku": 5}
    assert told.figures.cost == pytest.approx(0.11)


def test_a_subagents_call_stands_below_its_tool() -> None:
    start = answer("a", 10, 1)
    start["message"]["content"] = [{"type": "tool_use", "id": "t", "name": "Task", "input": {}}]
    told = read(INIT, start, answer("b", 20, 2, parent_tool_use_id="t"))
    assert told.tree("s") == ["turn claude run", "  chat", "  execute_tool Task", "    chat"]


def test_retries_are_errors_and_no_calls() -> None:
    retry = {
        "type": "system", "subtype": "api_retry", "attempt": 2, "error_status": 429,
        "error": "rate_limit", "session_id": "s", "uuid": "r",
    }  # fmt: skip
    told = read(INIT, retry, answer("a", 10, 1))
    assert told.figures.calls == 1
    (error,) = told.of("other")
    assert error.failure is not None
    assert error.failure.type == "rate_limit"


def test_the_turn_lasts_as_long_as_the_result_says() -> None:
    told = read(INIT, answer("a", 10, 1), result(glm=totals(10, 1, 0.1)))
    (turn,) = told.of("turn")
    assert turn.latency == pytest.approx(4.2)


def test_calls_without_a_time_have_no_latency() -> None:
    assert Reading().lines(INIT, answer("a", 10, 1)).call.latency is None
