"""LiteLLM's StandardLoggingPayload."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.reading import Reading, read, said


def payload(name: str = "a", **told: Any) -> dict[str, Any]:
    return {
        "id": name,
        "trace_id": "t",
        "call_type": "acompletion",
        "stream": False,
        "status": "success",
        "response_cost": 0.25,
        "startTime": 1767323045.0,
        "endTime": 1767323047.0,
        "completionStartTime": 1767323045.5,
        "response_time": 0.5,
        "model": "openai/gpt-4o",
        "custom_llm_provider": "openai",
        "prompt_tokens": 100,
        "completion_tokens": 7,
        "end_user": "u",
        "messages": [{"role": "user", "content": "Hi"}],
        "response": {"id": "chatcmpl-1", "choices": [
            {"finish_reason": "stop", "message": {"role": "assistant", "content": "Hello"}}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 7,
                      "prompt_tokens_details": {"cached_tokens": 40}}},
        "model_parameters": {"temperature": 0.5},
        **told,
    }  # fmt: skip


def test_a_payload_is_a_whole_call() -> None:
    call = read(payload()).call
    assert (call.input_tokens, call.output_tokens, call.cost) == (100, 7, 0.25)
    assert call.cache is not None
    assert call.cache.read == 40
    assert (call.series.provider, call.user_id, call.finish_reason) == ("openai", "u", "stop")


def test_response_time_of_a_stream_is_not_its_latency() -> None:
    call = read(payload(stream=True)).call
    assert call.latency == pytest.approx(2.0)
    assert call.ttft == pytest.approx(0.5)
    assert read(payload()).call.ttft is None


def test_times_written_out_are_read() -> None:
    told = read(payload(startTime="2026-01-02 03:04:05", endTime="2026-01-02 03:04:07"))
    assert told.call.latency == pytest.approx(2.0)


def test_a_failure_has_no_tokens_and_says_why() -> None:
    failed = payload(
        status="failure", prompt_tokens=0, completion_tokens=0, response={}, response_cost=0,
        error_str="litellm.RateLimitError: slow down",
        error_information={"error_class": "RateLimitError", "error_code": "429"},
    )  # fmt: skip
    told = read(failed)
    assert told.figures.errors_by_type == {"RateLimitError": 1}
    assert told.call.input_tokens is None


def test_lines_and_arrays_tell_the_same() -> None:
    both = [payload("a"), payload("b", call_type="aembedding")]
    assert read(*both).figures == Reading().document(both).figures == read(both).figures


def test_the_call_screen_shows_messages_and_parameters() -> None:
    told = read(payload())
    shown = told.payload(told.call)
    assert said(shown.input) == [("user", "Hi")]
    assert said(shown.output) == [("assistant", "Hello")]
    assert shown.parameters == {"temperature": 0.5}


def test_an_answer_from_the_cache_is_a_call_of_its_own_though_it_bears_the_same_id() -> None:
    answer = {"id": "chatcmpl-1"}
    again = payload("b", response=answer, cache_hit=True, response_cost=0.0)
    assert read(payload("a", response=answer), again).figures.calls == 2
