"""Attributes of every convention, and the field that each one tells."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llmtop.decode import attributes
from llmtop.span import Flag, Fragment


def apply(given: dict[str, Any], **known: Any) -> Fragment:
    fragment = Fragment(**known)
    attributes.apply(fragment, given)
    return fragment


CONVENTIONS = {
    "OTel GenAI 1.37": {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 10, "gen_ai.usage.cache_read.input_tokens": 40,
        "gen_ai.conversation.id": "s", "user.id": "u",
    },
    "OTel GenAI 1.27": {
        "gen_ai.operation.name": "chat", "gen_ai.system": "openai", "gen_ai.request.model": "m",
        "gen_ai.usage.prompt_tokens": 100, "gen_ai.usage.completion_tokens": 10,
        "gen_ai.usage.cache_read_input_tokens": 40, "session.id": "s", "enduser.id": "u",
    },
    "OpenInference": {
        "openinference.span.kind": "LLM", "llm.provider": "openai", "llm.model_name": "m",
        "llm.token_count.prompt": 100, "llm.token_count.completion": 10,
        "llm.token_count.prompt_details.cache_read": 40, "session.id": "s", "user.id": "u",
    },
    "OpenLLMetry": {
        "llm.request.type": "chat", "gen_ai.system": "OpenAI", "gen_ai.request.model": "m",
        "gen_ai.usage.prompt_tokens": "100", "gen_ai.usage.completion_tokens": "10",
        "gen_ai.usage.cache_read_input_tokens": "40",
        "traceloop.association.properties.session_id": "s",
        "traceloop.association.properties.user_id": "u",
    },
    "Langfuse": {
        "langfuse.observation.type": "generation", "langfuse.observation.model.name": "m",
        "gen_ai.system": "openai",
        "langfuse.observation.usage_details": json.dumps(
            {"prompt_tokens": 100, "completion_tokens": 10,
             "prompt_tokens_details": {"cached_tokens": 40}}),
        "session.id": "s", "user.id": "u",
    },
    "Vercel": {
        "ai.operationId": "ai.generateText.doGenerate", "ai.model.provider": "openai.chat",
        "ai.model.id": "m", "ai.usage.inputTokens": 100, "ai.usage.outputTokens": 10,
        "ai.usage.cachedInputTokens": 40, "session.id": "s", "user.id": "u",
    },
    "LiteLLM": {
        "gen_ai.operation.name": "acompletion", "gen_ai.system": "openai",
        "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 10, "gen_ai.usage.cache_read.input_tokens": 40,
        "gen_ai.conversation.id": "s", "llm.user": "u",
    },
    "the logging guide": {
        "llm.operation": "chat", "llm.provider": "openai", "llm.model": "m",
        "llm.prompt_tokens": 100, "llm.completion_tokens": 10, "llm.cache_read_tokens": 40,
        "session_id": "s", "user_id": "u",
    },
}  # fmt: skip


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_every_convention_tells_the_same_call(convention: str) -> None:
    found = apply(CONVENTIONS[convention])
    assert (found.operation, found.provider, found.model) == ("chat", "openai", "m")
    assert (found.input_tokens, found.output_tokens, found.cache_read_tokens) == (100, 10, 40)
    assert (found.session_id, found.user_id) == ("s", "u")


@pytest.mark.parametrize(
    ("name", "told", "operation"),
    [
        ("gen_ai.operation.name", "embeddings", "embeddings"),
        ("gen_ai.operation.name", "execute_tool", "execute_tool"),
        ("gen_ai.operation.name", "search_memory", "memory"),
        ("gen_ai.operation.name", "aembedding", "embeddings"),
        ("gen_ai.operation.name", "something new", "other"),
        ("openinference.span.kind", "RETRIEVER", "retrieval"),
        ("openinference.span.kind", "RERANKER", "rerank"),
        ("openinference.span.kind", "GUARDRAIL", "guardrail"),
        ("traceloop.span.kind", "workflow", "invoke_workflow"),
        ("langfuse.observation.type", "span", "other"),
        ("ai.operationId", "ai.generateText", "chain"),
        ("ai.operationId", "ai.embed.doEmbed", "embeddings"),
        ("ai.operationId", "ai.toolCall", "execute_tool"),
        ("chain.step", "rank", "chain"),
        ("retrieval.source", "wiki", "retrieval"),
        ("db.vector.query.top_k", 5, "retrieval"),
    ],
)
def test_operations_are_named_in_one_set_of_words(name: str, told: object, operation: str) -> None:
    assert apply({name: told}).operation == operation


def test_the_better_name_wins_whatever_the_order() -> None:
    both = {"gen_ai.usage.prompt_tokens": 1, "gen_ai.usage.input_tokens": 2}
    assert apply(both).input_tokens == 2
    assert apply(dict(reversed(both.items()))).input_tokens == 2


def test_input_tokens_include_cached_ones_where_they_cannot_yet() -> None:
    raw = {"gen_ai.usage.input_tokens": 5, "gen_ai.usage.cache_read.input_tokens": 100,
           "gen_ai.usage.cache_creation.input_tokens": 20}  # fmt: skip
    assert apply(raw).input_tokens == 125
    assert apply({**raw, "gen_ai.usage.input_tokens": 125}).input_tokens == 125


def test_usage_of_an_agent_is_not_a_calls_usage() -> None:
    found = apply(
        {"gen_ai.operation.name": "invoke_agent", "gen_ai.aggregated_usage.input_tokens": 900}
    )
    assert (found.operation, found.input_tokens) == ("invoke_agent", None)


@pytest.mark.parametrize(
    ("given", "provider"),
    [("Azure", "azure.ai.openai"), ("aws", "aws.bedrock"), ("Google", "gcp.gemini"),
     ("vertexai", "gcp.vertex_ai"), ("MistralAI", "mistral_ai"), ("xai", "x_ai"),
     ("openai.chat", "openai"), ("Anthropic", "anthropic")],
)  # fmt: skip
def test_providers_have_one_name(given: str, provider: str) -> None:
    assert apply({"gen_ai.system": given}).provider == provider


@pytest.mark.parametrize(
    ("name", "address", "local"),
    [
        ("server.address", "127.0.0.1", True),
        ("server.address", "localhost", True),
        ("gen_ai.openai.api_base", "http://localhost:8000/v1", True),
        ("server.address", "api.openai.com", False),
        ("server.address", "localhost.example.com", False),
    ],
)
def test_a_server_on_the_users_own_machine_costs_nothing(
    name: str, address: str, local: bool
) -> None:
    assert bool(apply({name: address}).flags & Flag.LOCAL) is local


@pytest.mark.parametrize(
    ("model", "provider", "local"),
    [
        ("gpt-4o", "openai", False),
        ("anthropic/claude-sonnet-4-5", None, False),
        ("gpt-oss-20b", "openai", True),
        ("Qwen/Qwen3-8B", "openai", True),
        ("gpt-4o", "vllm", True),
    ],
)
def test_a_proxy_on_this_machine_makes_no_model_free_that_its_maker_alone_serves(
    model: str, provider: str | None, local: bool
) -> None:
    told = {"gen_ai.request.model": model, "server.address": "localhost", "server.port": 4000}
    if provider is not None:
        told["gen_ai.system"] = provider
    assert bool(apply(told).flags & Flag.LOCAL) is local


def test_times_to_the_first_token_are_seconds() -> None:
    assert apply({"gen_ai.response.time_to_first_chunk": 0.25}).ttft == 0.25
    assert apply({"ai.response.msToFirstChunk": 250}).ttft == 0.25
    began = json.dumps("2026-01-02T03:04:05.500Z")
    start = 1767323045.0
    given = {"langfuse.observation.completion_start_time": began,
             "langfuse.observation.level": "DEFAULT"}  # fmt: skip
    assert apply(given, start=start).ttft == pytest.approx(0.5)


@pytest.mark.parametrize(
    "answer",
    ['{"id":"msg_0123456","content":[]}', '{\n "id": "msg_0123456" }', '{\\"id\\":\\"msg_0123456'],
)
def test_an_answers_id_is_read_from_an_answer_written_out(answer: str) -> None:
    given = {"openinference.span.kind": "LLM", "output.value": answer}
    assert apply(given).response_id == "msg_0123456"
    assert apply({**given, "openinference.span.kind": "CHAIN"}).response_id is None


def test_costs_reported_by_an_sdk_are_taken() -> None:
    assert apply({"gen_ai.cost.total_cost": 0.5}).cost == 0.5
    details = json.dumps({"total": 0.25})
    given = {"langfuse.observation.cost_details": details, "langfuse.observation.level": "DEFAULT"}
    assert apply(given).cost == 0.25


def test_a_tool_and_an_agent_are_known_by_their_own_names() -> None:
    tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"}
    assert apply(tool, name="execute_tool search").name == "search"
    agent = {"gen_ai.operation.name": "invoke_agent"}
    assert apply(agent, name="planner").agent == "planner"


def test_values_of_the_wrong_kind_are_not_told() -> None:
    found = apply({"gen_ai.usage.input_tokens": "many", "gen_ai.request.model": {"a": 1}})
    assert (found.input_tokens, found.model) == (None, None)
