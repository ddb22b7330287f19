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


def test_a_failure_in_the_middle_of_a_stream_is_paid_for() -> None:
    call = read(payload(status="failure", response={}, response_cost=0.125)).call
    assert (call.input_tokens, call.output_tokens, call.cost) == (100, 7, 0.125)
    assert read(payload(status="failure", prompt_tokens=0, completion_tokens=0)).call.failed


def test_a_cost_of_zero_for_a_model_without_a_price_is_looked_up() -> None:
    unknown: dict[str, Any] = {"model_map_key": "x", "model_map_value": None}
    for why in ({"model_map_information": unknown},
                {"metadata": {"model_map_information": unknown}},
                {"response_cost_failure_debug_info": {"error_str": "no price"}}):  # fmt: skip
        assert read(payload(response_cost=0.0, **why)).call.cost
    free = {"model_map_key": "x", "model_map_value": {"input_cost_per_token": 0.0}}
    assert read(payload(response_cost=0.0, model_map_information=free)).call.cost == 0.0


@pytest.mark.parametrize(
    ("call_type", "operation"),
    [("acompletion", "chat"), ("aembedding", "embeddings"), ("arerank", "rerank"),
     ("atext_completion", "text_completion"), ("aresponses", "chat"), ("", "chat"),
     ("anthropic_messages", "chat"), ("agenerate_content_stream", "generate_content"),
     ("pass_through_endpoint", "chat"), ("aimage_generation", "image_generation"),
     ("call_mcp_tool", "execute_tool"), ("acreate_file", "other"), ("alist_batches", "other"),
     ("avector_store_search", "retrieval")],
)  # fmt: skip
def test_kinds_of_calls(call_type: str, operation: str) -> None:
    nothing = {"prompt_tokens": 0, "completion_tokens": 0, "response_cost": 0.0, "response": {}}
    (span,) = read(payload(call_type=call_type, **nothing)).spans
    assert span.series.operation == operation


def test_a_batch_that_was_fetched_is_a_call_once_it_was_paid_for() -> None:
    assert read(payload(call_type="aretrieve_batch")).figures.calls == 1


def test_a_callback_may_write_down_all_that_it_is_handed() -> None:
    told = read({"model": "gpt-4o", "user": "x", "standard_logging_object": payload()})
    assert (told.call.input_tokens, told.call.cost, told.call.user_id) == (100, 0.25, "u")
    assert said(told.payload(told.call).output) == [("assistant", "Hello")]


def spent(name: str = "chatcmpl-1", **told: Any) -> dict[str, Any]:
    """A row of the proxy's table of spending."""
    return {
        "request_id": name, "call_type": "acompletion", "api_key": "88dc", "spend": 0.25,
        "total_tokens": 107, "prompt_tokens": 100, "completion_tokens": 7,
        "startTime": "2026-01-02T03:04:05.000", "endTime": "2026-01-02 03:04:07",
        "completionStartTime": "2026-01-02T03:04:05.500Z", "model": "gpt-4o",
        "model_group": "chat", "custom_llm_provider": "openai", "user": "u", "end_user": "",
        "metadata": {"status": "success", "additional_usage_values": {
            "prompt_tokens_details": {"cached_tokens": 40}}},
        "cache_hit": "False", "session_id": "s", "messages": {}, "response": {},
        "status": "success", **told,
    }  # fmt: skip


class TestSpending:
    def test_a_row_is_a_call_and_its_times_are_in_utc(self) -> None:
        call = read(spent()).call
        assert (call.input_tokens, call.output_tokens, call.cost) == (100, 7, 0.25)
        assert (call.start, call.latency, call.ttft) == (1767323045.0, 2.0, 0.5)
        assert (call.user_id, call.session_id, call.series.provider) == ("u", "s", "openai")
        assert call.cache is not None
        assert call.cache.read == 40

    def test_columns_of_json_may_be_texts(self) -> None:
        metadata = (
            '{"status": "failure", "error_information": {"error_class": "RateLimitError",'
            ' "error_message": "slow down"}}'
        )
        nothing = {"prompt_tokens": 0, "completion_tokens": 0, "spend": 0.0, "status": None}
        told = read(spent(metadata=metadata, messages="{}", response="{}", **nothing))
        assert told.figures.errors_by_type == {"RateLimitError": 1}
        assert told.call.cost is None
        assert told.payload(told.call).output == ()

    def test_pages_of_rows_are_read(self) -> None:
        page = {"data": [spent("a"), spent("b", cache_hit="True", spend=0.0)], "total": 2}
        told = Reading().document(page)
        assert (told.figures.calls, told.figures.cost) == (2, 0.25)

    def test_the_call_screen_shows_the_request_that_was_kept(self) -> None:
        request = {"model": "chat", "messages": [{"role": "user", "content": "Hi"}], "seed": 1}
        answer = {"choices": [{"message": {"role": "assistant", "content": "Hello"}}]}
        told = read(spent(proxy_server_request=request, response=answer))
        shown = told.payload(told.call)
        assert said(shown.input) == [("user", "Hi")]
        assert said(shown.output) == [("assistant", "Hello")]
        assert shown.parameters == {"seed": 1}

    def test_a_call_told_by_the_log_and_by_the_table_counts_once(self) -> None:
        assert read(payload("chatcmpl-1"), spent(session_id="t")).figures.calls == 1
