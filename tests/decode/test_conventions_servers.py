"""What servers, gateways, editors and services tell: vLLM, Cloudflare, Copilot, LangSmith."""

from __future__ import annotations

import json

import pytest

from tests.decode.one_span import one, shown
from tests.decode.otlp import export, logs, record, span
from tests.decode.reading import read

ASKED, ANSWERED = [("user", "Hi")], [("assistant", "Hello")]


RUN = {
    "langsmith.span.kind": "llm", "gen_ai.operation.name": "chat", "gen_ai.system": "langchain",
    "gen_ai.request.model": "claude-sonnet-4-5", "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 20, "gen_ai.usage.total_tokens": 120,
    "gen_ai.usage.input_token_details": '{"cache_read":60,"cache_creation":30}',
    "gen_ai.usage.output_token_details": '{"reasoning":8}',
    "langsmith.metadata.thread_id": "s", "langsmith.trace.session_id": "a project",
    "gen_ai.prompt": json.dumps({"messages": [[{"lc": 1, "type": "constructor", "kwargs": {
        "content": "Hi", "type": "human"}}]]}),
    "gen_ai.completion": json.dumps({"generations": [[{"text": "Hello", "message": {
        "lc": 1, "type": "constructor", "kwargs": {"content": "Hello", "type": "ai"}}}]]}),
}  # fmt: skip


def test_langsmiths_runs_are_known_by_their_kind_and_not_by_what_it_makes_of_it() -> None:
    told = one(RUN)
    figures, call = told.figures, told.call
    assert (figures.input_tokens, figures.output_tokens) == (100, 20)
    assert (figures.cache_read_tokens, figures.reasoning_tokens) == (60, 8)
    assert (call.series.provider, call.session_id) == ("anthropic", "s")
    assert shown(told) == (ASKED, ANSWERED)
    kinds = {"retriever": "embeddings", "prompt": "chat", "chain": "chain", "parser": "parser"}
    for kind, written in kinds.items():
        other = one({**RUN, "langsmith.span.kind": kind, "gen_ai.operation.name": written})
        assert other.figures.calls == 0, kind


def test_what_langchain_told_langsmith_of_a_cache_is_read_where_nothing_else_tells_it() -> None:
    told = {name: value for name, value in RUN.items() if not name.endswith("_details")}
    kept = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120,
            "input_token_details": {"cache_read": 60, "cache_creation": 30},
            "output_token_details": {"reasoning": 8}}  # fmt: skip
    figures = one({**told, "langsmith.metadata.usage_metadata": json.dumps(kept)}).figures
    assert (figures.input_tokens, figures.output_tokens) == (100, 20)
    assert (figures.cache_read_tokens, figures.reasoning_tokens) == (60, 8)
    assert figures.cache_write_tokens == 30


def test_litellms_usage_that_python_wrote_out_tells_what_was_cached() -> None:
    told = {"gen_ai.system": "anthropic", "gen_ai.request.model": "claude-sonnet-4-5",
            "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 204,
            "gen_ai.usage.output_tokens": 16, "gen_ai.usage.total_tokens": 220}  # fmt: skip
    written = {
        "completion_tokens": 16, "prompt_tokens": 204, "total_tokens": 220,
        "completion_tokens_details": {"reasoning_tokens": 3, "audio_tokens": None},
        "prompt_tokens_details": {"audio_tokens": None, "cached_tokens": 26, "text_tokens": 142},
        "cache_creation_input_tokens": 36, "cache_read_input_tokens": 26, "speed": None,
    }  # fmt: skip
    figures = one({**told, "metadata.usage_object": str(written)}).figures
    assert (figures.input_tokens, figures.output_tokens) == (204, 16)
    assert (figures.cache_read_tokens, figures.cache_write_tokens) == (26, 36)
    assert figures.reasoning_tokens == 3
    assert one({**told, "metadata.usage_object": "None"}).figures.cache_read_tokens is None


def test_cloudflares_gateway_tells_provider_cost_and_content() -> None:
    told = one({"gen_ai.request.model": "gpt-4o", "gen_ai.model.provider": "openai",
                "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20,
                "gen_ai.usage.cost": 0.25,
                "gen_ai.prompt_json": '[{"role":"user","content":"Hi"}]',
                "gen_ai.completion_json": '{"role":"assistant","content":"Hello"}'})  # fmt: skip
    assert (told.call.series.provider, told.call.cost) == ("openai", 0.25)
    assert shown(told) == (ASKED, ANSWERED)


def test_a_cost_of_nothing_is_one_that_the_instrumentation_has_no_price_for() -> None:
    usage = {"gen_ai.request.model": "mystery", "gen_ai.usage.input_tokens": 100}
    assert one({**usage, "gen_ai.usage.cost": 0.0}).call.cost is None
    assert one({**usage, "gen_ai.cost.total_cost": 0.0}).call.cost == 0.0, "LiteLLM's cache"


def test_copilots_sessions_and_first_tokens_are_told() -> None:
    call = one({"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o",
                "copilot_chat.time_to_first_token": 450, "gen_ai.provider.name": "github",
                "copilot_chat.chat_session_id": "s"}).call  # fmt: skip
    assert call.ttft == pytest.approx(0.45)
    assert call.session_id == "s"


def test_a_servers_own_span_leaves_the_call_to_the_client_that_names_the_model() -> None:
    client = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "our-model",
              "gen_ai.provider.name": "vllm", "gen_ai.usage.input_tokens": 100,
              "gen_ai.usage.output_tokens": 20}  # fmt: skip
    server = {"gen_ai.request.id": "cmpl-1", "gen_ai.usage.prompt_tokens": 100,
              "gen_ai.usage.completion_tokens": 20, "gen_ai.latency.e2e": 0.9,
              "gen_ai.latency.time_to_first_token": 0.05}  # fmt: skip
    told = read(export(span(1, client)), export(span(2, server, parent=1, name="llm_request")))
    assert (told.figures.calls, told.figures.input_tokens) == (1, 100)
    assert told.call.series.model == "our-model"


@pytest.mark.parametrize("written", ["none", "None", ""])
def test_a_model_that_is_called_none_is_not_known(written: str) -> None:
    told = {"gen_ai.request.model": "gpt-4o", "gen_ai.response.model": written}
    call = one({**told, "gen_ai.usage.input_tokens": "none"}).call
    assert (call.series.model, call.series.answered, call.input_tokens) == ("gpt-4o", None, None)


@pytest.mark.parametrize("written", [["stop"], '["stop"]', "['stop']", "('stop',)", "stop"])
def test_a_reason_is_read_however_the_list_is_written(written: object) -> None:
    told = {"gen_ai.request.model": "gpt-4o", "gen_ai.response.finish_reasons": written}
    assert one(told).call.finish_reason == "stop"


def test_semantic_kernels_older_names_are_known() -> None:
    call = one({"gen_ai.operation.name": "chat.streaming_completions", "gen_ai.system": "openai",
                "gen_ai.request.model": "gpt-4o", "gen_ai.response.prompt_tokens": 100,
                "gen_ai.response.completion_tokens": 20}).call  # fmt: skip
    assert (call.series.operation, call.input_tokens, call.output_tokens) == ("chat", 100, 20)


def test_what_qwen_counts_as_thought_is_part_of_the_output_if_the_total_says_so() -> None:
    told = {"event.name": "qwen-code.api_response", "model": "qwen3-coder", "session.id": "s",
            "input_token_count": 100, "output_token_count": 20,
            "thoughts_token_count": 8}  # fmt: skip
    for total, answered in ((120, 20), (128, 28)):
        figures = read(logs(record({**told, "total_token_count": total}))).figures
        assert (figures.output_tokens, figures.reasoning_tokens) == (answered, 8)
