"""OpenInference of Python, JavaScript and Java, as Phoenix, smolagents, DSPy and others send it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.decode.otlp import event, export, span
from tests.decode.reading import Reading, read, said

LLM = {
    "openinference.span.kind": "LLM", "llm.system": "openai", "llm.provider": "azure",
    "llm.model_name": "gpt-4o-2024-08-06", "llm.token_count.prompt": 100,
    "llm.token_count.completion": 20, "llm.token_count.total": 120,
    "llm.invocation_parameters": '{"model":"gpt-4o","temperature":0.5}',
}  # fmt: skip


def one(attributes: dict[str, Any], *events: dict[str, Any], **told: Any) -> Reading:
    return read(export(span(1, attributes, events=list(events), **told), scope="openinference"))


def test_a_call_tells_model_provider_usage_and_cost() -> None:
    call = one({**LLM, "llm.cost.prompt": 0.01, "llm.cost.completion": 0.02,
                "llm.cost.total": 0.03, "llm.finish_reason": "stop",
                "session.id": "s", "user.id": "ann"},
               event("First Token Stream Event", ms=250)).call  # fmt: skip
    assert (call.series.provider, call.series.requested) == ("azure.ai.openai", "gpt-4o")
    assert call.series.answered == "gpt-4o-2024-08-06"
    assert (call.input_tokens, call.output_tokens, call.cost) == (100, 20, 0.03)
    assert (call.session_id, call.user_id, call.finish_reason) == ("s", "ann", "stop")
    assert call.ttft == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("what", "prompt", "completion", "total", "sent", "answered"),
    [
        ("cached and reasoning tokens are parts", 100, 20, 120, 100, 20),
        ("Anthropic's prompt leaves out cached tokens", 10, 20, 120, 100, 20),
        ("more is cached than was sent", 10, 20, None, 100, 20),
        ("Gemini's completion leaves out thoughts", 100, 12, 120, 100, 20),
        ("both leave out", 10, 12, 120, 100, 20),
        ("more was thought than answered", 100, 5, None, 100, 13),
    ],
)
def test_input_includes_cached_and_output_reasoning_tokens_whatever_the_sdk_counts(
    what: str, prompt: int, completion: int, total: int | None, sent: int, answered: int
) -> None:
    usage = {"llm.token_count.prompt": prompt, "llm.token_count.completion": completion,
             "llm.token_count.prompt_details.cache_read": 60,
             "llm.token_count.prompt_details.cache_write": 30,
             "llm.token_count.completion_details.reasoning": 8}  # fmt: skip
    told = {"openinference.span.kind": "LLM", "llm.model_name": "m", **usage}
    if total is not None:
        told["llm.token_count.total"] = total
    figures = one(told).figures
    assert (figures.input_tokens, figures.output_tokens) == (sent, answered), what
    assert (figures.cache_read_tokens, figures.cache_write_tokens) == (60, 30)


@pytest.mark.parametrize(
    ("kind", "operation", "counts"),
    [("LLM", "chat", True), ("EMBEDDING", "embeddings", True), ("RERANKER", "rerank", True),
     ("DECISION", "generate_content", True), ("CHAIN", "chain", False),
     ("RETRIEVER", "retrieval", False), ("TOOL", "execute_tool", False),
     ("AGENT", "invoke_agent", False), ("GUARDRAIL", "guardrail", False),
     ("EVALUATOR", "evaluator", False), ("PROMPT", "other", False), ("UNKNOWN", "other", False)],
)  # fmt: skip
def test_every_kind_of_span_is_known(kind: str, operation: str, counts: bool) -> None:
    told = one({**LLM, "openinference.span.kind": kind})
    assert told.spans[0].series.operation == operation
    assert told.figures.calls == int(counts)


def test_messages_spread_over_attributes_are_a_conversation() -> None:
    i, o = "llm.input_messages", "llm.output_messages"
    told = one({
        **LLM,
        f"{i}.0.message.role": "system", f"{i}.0.message.content": "Be brief",
        f"{i}.1.message.role": "user",
        f"{i}.1.message.contents.0.message_content.type": "text",
        f"{i}.1.message.contents.0.message_content.text": "What is this?",
        f"{i}.1.message.contents.1.message_content.type": "image",
        f"{i}.1.message.contents.1.message_content.image.image.url": "data:image/png;base64,aGk=",
        f"{i}.2.message.role": "assistant",
        f"{i}.2.message.tool_calls.0.tool_call.id": "c1",
        f"{i}.2.message.tool_calls.0.tool_call.function.name": "look",
        f"{i}.2.message.tool_calls.0.tool_call.function.arguments": '{"at":1}',
        f"{i}.3.message.role": "tool", f"{i}.3.message.tool_call_id": "c1",
        f"{i}.3.message.content": "a cat",
        f"{i}.10.message.role": "user", f"{i}.10.message.content": "So?",
        f"{o}.0.message.role": "assistant", f"{o}.0.message.content": "A cat.",
        f"{o}.0.message.function_call_name": "purr",
        f"{o}.0.message.function_call_arguments_json": "{}",
        "input.value": '{"messages":[]}', "input.mime_type": "application/json",
    })  # fmt: skip
    payload = told.payload(told.call)
    assert said(payload.input) == [
        ("system", "Be brief"), ("user", "What is this?\n[image]"), ("assistant", ""),
        ("tool", "a cat"), ("user", "So?"),
    ]  # fmt: skip
    assert (payload.input[2].tool_calls[0].name, payload.input[3].tool_call_id) == ("look", "c1")
    assert payload.output[0].text == "A cat."
    assert payload.output[0].tool_calls[0].name == "purr"
    assert payload.parameters == {"temperature": 0.5}


def test_prompts_and_choices_of_completions_are_shown() -> None:
    told = one({**LLM, "llm.prompts.0.prompt.text": "Once", "llm.prompts.1.prompt.text": "Twice",
                "llm.choices.0.completion.text": "upon a time"})  # fmt: skip
    payload = told.payload(told.call)
    assert [each.text for each in payload.input] == ["Once", "Twice"]
    assert [each.text for each in payload.output] == ["upon a time"]


def test_retrieved_and_reranked_documents_are_shown_and_not_the_json_beside_them() -> None:
    found = one({"openinference.span.kind": "RETRIEVER", "input.value": "cats",
                 "retrieval.documents.0.document.content": "Cats purr.",
                 "retrieval.documents.0.document.score": 0.9,
                 "retrieval.documents.1.document.content": "Dogs bark.",
                 "output.value": '{"documents":[]}'})  # fmt: skip
    payload = found.payload(found.spans[0])
    assert said(payload.input) == [("user", "cats")]
    assert said(payload.output) == [("tool", "Cats purr."), ("tool", "Dogs bark.")]
    ranked = one({"openinference.span.kind": "RERANKER", "reranker.model_name": "rerank-3",
                  "reranker.query": "cats",
                  "reranker.input_documents.0.document.content": "Dogs bark.",
                  "reranker.output_documents.0.document.content": "Cats purr."})  # fmt: skip
    assert ranked.call.series.model == "rerank-3"
    payload = ranked.payload(ranked.call)
    assert said(payload.input) == [("user", "cats")]
    assert said(payload.output) == [("tool", "Cats purr.")]


def test_vectors_of_embeddings_are_counted_and_not_written_out() -> None:
    told = one({"openinference.span.kind": "EMBEDDING", "embedding.model_name": "embed-3",
                "embedding.embeddings.0.embedding.text": "cats",
                "embedding.embeddings.0.embedding.vector": [0.5] * 1000,
                "input.value": '{"model":"embed-3","input":["cats"]}',
                "output.value": '{"data":[{"embedding":[0.5]}]}'})  # fmt: skip
    payload = told.payload(told.call)
    assert payload.output == ()
    assert told.call.series.model == "embed-3"
    assert said(payload.input) == [("user", "cats")]
    assert payload.attributes["embedding.embeddings.0.embedding.vector"] == "[1000 numbers]"


def test_a_tool_tells_its_arguments_and_its_result() -> None:
    told = one({"openinference.span.kind": "TOOL", "tool.name": "look", "input.value": '{"at":1}',
                "tool.parameters": "{}", "output.value": "a cat"})  # fmt: skip
    payload = told.payload(told.spans[0])
    assert told.spans[0].name == "look"
    assert (payload.input[0].text, payload.output[0].text) == ('{"at":1}', "a cat")


LANGCHAIN = {"messages": [[
    {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "SystemMessage"],
     "kwargs": {"content": "Be brief", "type": "system"}},
    {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "HumanMessage"],
     "kwargs": {"content": "Hi", "type": "human"}},
]]}  # fmt: skip
ANSWER = {"generations": [[{"text": "Hello", "type": "ChatGeneration", "message": {
    "lc": 1, "type": "constructor", "kwargs": {
        "content": "Hello", "type": "ai",
        "tool_calls": [{"name": "wave", "args": {"hand": "left"}, "id": "c1"}]}}}]]}  # fmt: skip


def test_langchains_own_messages_are_a_conversation() -> None:
    told = one({**LLM, "input.value": json.dumps(LANGCHAIN), "output.value": json.dumps(ANSWER)})
    payload = told.payload(told.call)
    assert said(payload.input) == [("system", "Be brief"), ("user", "Hi")]
    assert said(payload.output) == [("assistant", "Hello")]
    assert payload.output[0].tool_calls[0].arguments == '{"hand":"left"}'


@pytest.mark.parametrize("told", [
    {"type": "ai", "data": {"content": "Hello", "type": "ai", "additional_kwargs": {}}},
    {"type": "ai", "content": "Hello", "response_metadata": {}},
    {"messages": [{"type": "ai", "content": [{"type": "text", "text": "Hello"}]}]},
])  # fmt: skip
def test_a_message_of_langchain_written_out_in_any_way_is_a_message(told: dict[str, Any]) -> None:
    read_back = one({"openinference.span.kind": "CHAIN", "input.value": json.dumps(told)})
    assert said(read_back.payload(read_back.spans[0]).input) == [("assistant", "Hello")]


def test_an_answer_of_the_responses_api_is_a_conversation() -> None:
    request = {"model": "gpt-5", "instructions": "Be brief", "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
        {"type": "function_call", "call_id": "c1", "name": "now", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "noon"}]}  # fmt: skip
    answer = {"id": "resp_123456", "object": "response", "output": [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "It is noon."}]},
        {"type": "message", "role": "assistant",
         "content": [{"type": "output_text", "text": "Noon."}]}]}  # fmt: skip
    told = one({**LLM, "input.value": json.dumps(request), "output.value": json.dumps(answer)})
    payload = told.payload(told.call)
    assert said(payload.input) == [
        ("system", "Be brief"), ("user", "Hi"), ("assistant", ""), ("tool", "noon"),
    ]  # fmt: skip
    assert payload.input[2].tool_calls[0].name == "now"
    assert said(payload.output) == [
        ("assistant", "[reasoning] It is noon."), ("assistant", "Noon."),
    ]  # fmt: skip


def test_a_decision_is_a_call_with_names_of_its_own() -> None:
    call = one({"openinference.span.kind": "DECISION", "decision.provider": "typesafe",
                "decision.model_name": "d1", "decision.token_count.input": 30,
                "decision.token_count.output": 2}).call  # fmt: skip
    assert (call.series.provider, call.series.model) == ("typesafe", "d1")
    assert (call.input_tokens, call.output_tokens) == (30, 2)


def test_a_chain_around_a_call_counts_nothing_though_it_repeats_the_usage() -> None:
    told = read(export(
        span(1, {**LLM, "openinference.span.kind": "AGENT", "agent.name": "helper"}, ms=3000),
        span(2, {**LLM, "openinference.span.kind": "CHAIN"}, parent=1, ms=2000),
        span(3, LLM, parent=2),
    ))  # fmt: skip
    assert (told.figures.calls, told.figures.input_tokens) == (1, 100)
    assert told.call.span_id.endswith("3")
