"""OpenTelemetry's GenAI conventions, 1.27 to semconv-genai 0.1: spans, events, log records."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.decode.one_span import one
from tests.decode.otlp import event, export, logs, record, span, value
from tests.decode.reading import Reading, read, said

CONVERSATION = [
    ("system", "Be brief"),
    ("user", "Weather in Paris?"),
    ("assistant", ""),
    ("tool", "rainy"),
]
ASKED = [
    {"role": "user", "parts": [{"type": "text", "content": "Weather in Paris?"}]},
    {"role": "assistant", "parts": [
        {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Paris"}}]},
    {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "rainy"}]},
]  # fmt: skip
ANSWERED = [{"role": "assistant", "finish_reason": "stop",
             "parts": [{"type": "reasoning", "content": "It rains."},
                       {"type": "text", "content": "Take a coat."}]}]  # fmt: skip
CALL = {
    "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o", "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20,
}  # fmt: skip


def shown(told: Reading) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    payload = told.payload(told.call)
    return said(payload.input), said(payload.output)


@pytest.mark.parametrize(
    ("version", "attributes"),
    [
        ("1.27", {"gen_ai.system": "openai", "gen_ai.usage.prompt_tokens": 100,
                  "gen_ai.usage.completion_tokens": 20}),
        ("1.36", {"gen_ai.system": "openai", "gen_ai.usage.input_tokens": 100,
                  "gen_ai.usage.output_tokens": 20}),
        ("1.37", {"gen_ai.provider.name": "openai", "gen_ai.usage.input_tokens": 100,
                  "gen_ai.usage.output_tokens": 20}),
        ("1.37 beside 1.36", {"gen_ai.provider.name": "openai", "gen_ai.system": "OpenAI",
                              "gen_ai.usage.input_tokens": 100, "gen_ai.usage.prompt_tokens": 1,
                              "gen_ai.usage.output_tokens": 20}),
    ],
)  # fmt: skip
def test_every_version_tells_the_same_call(version: str, attributes: dict[str, Any]) -> None:
    told = one({"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", **attributes})
    assert told.figures.calls == 1, version
    call = told.call
    assert (call.series.provider, call.series.model) == ("openai", "gpt-4o")
    assert (call.input_tokens, call.output_tokens) == (100, 20)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("1.40", "gen_ai.usage.cache_creation.input_tokens"),
        ("semconv-genai 0.1", "gen_ai.usage.cache_write.input_tokens"),
    ],
)
def test_cached_and_reasoning_tokens_are_part_of_input_and_output(written: str, name: str) -> None:
    told = one({**CALL, "gen_ai.usage.cache_read.input_tokens": 60, name: 30,
                "gen_ai.usage.reasoning.output_tokens": 15})  # fmt: skip
    figures = told.figures
    assert (figures.input_tokens, figures.output_tokens) == (100, 20), written
    assert (figures.cache_read_tokens, figures.cache_write_tokens) == (60, 30)
    assert figures.reasoning_tokens == 15


@pytest.mark.parametrize(
    ("operation", "shown_as", "counts"),
    [
        ("chat", "chat", True),
        ("text_completion", "text_completion", True),
        ("generate_content", "generate_content", True),
        ("embeddings", "embeddings", True),
        ("execute_tool", "execute_tool", False),
        ("invoke_agent", "invoke_agent", False),
        ("create_agent", "create_agent", False),
        ("invoke_workflow", "invoke_workflow", False),
        ("retrieval", "retrieval", False),
        ("plan", "chain", False),
        ("update_memory", "memory", False),
    ],
)
def test_only_calls_to_models_count(operation: str, shown_as: str, counts: bool) -> None:
    told = one({**CALL, "gen_ai.operation.name": operation})
    assert told.spans[0].series.operation == shown_as
    assert told.figures.calls == int(counts)
    assert told.figures.input_tokens == (100 if counts else None)


def test_a_session_an_agent_and_a_user_are_told() -> None:
    call = one({**CALL, "gen_ai.conversation.id": "c", "gen_ai.agent.name": "planner",
                "enduser.id": "ann", "gen_ai.response.time_to_first_chunk": 0.25}).call  # fmt: skip
    assert (call.session_id, call.agent, call.user_id, call.ttft) == ("c", "planner", "ann", 0.25)


def test_messages_of_a_span_are_a_conversation_with_tools_and_reasoning() -> None:
    told = one({**CALL, "gen_ai.input.messages": json.dumps(ASKED),
                "gen_ai.output.messages": json.dumps(ANSWERED),
                "gen_ai.system_instructions": json.dumps(
                    [{"type": "text", "content": "Be brief"}])})  # fmt: skip
    inputs, outputs = shown(told)
    assert inputs == CONVERSATION
    assert outputs == [("assistant", "[reasoning] It rains.\nTake a coat.")]
    asked = told.payload(told.call).input
    assert (asked[2].tool_calls[0].name, asked[2].tool_calls[0].id) == ("weather", "c1")
    assert asked[2].tool_calls[0].arguments == '{"city":"Paris"}'
    assert asked[3].tool_call_id == "c1"


def test_media_and_tools_of_the_server_are_named() -> None:
    parts = [
        {"type": "text", "content": "Look:"},
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "aGk="},
        {"type": "uri", "modality": "video", "uri": "https://example.com/a.mp4"},
        {"type": "file", "modality": "audio", "file_id": "file-7"},
    ]
    server = [
        {"type": "server_tool_call", "name": "web_search", "id": "s1",
         "server_tool_call": {"type": "web_search", "query": "rain"}},
        {"type": "server_tool_call_response", "id": "s1",
         "server_tool_call_response": {"type": "web_search", "hits": 3}},
    ]  # fmt: skip
    told = one({**CALL, "gen_ai.input.messages": json.dumps([{"role": "user", "parts": parts}]),
                "gen_ai.output.messages": json.dumps(
                    [{"role": "assistant", "parts": server}])})  # fmt: skip
    payload = told.payload(told.call)
    assert payload.input[0].text == (
        "Look:\n[image]\n[video https://example.com/a.mp4]\n[audio file-7]"
    )
    (call,) = payload.output[0].tool_calls
    assert call.name == "web_search"
    assert "rain" in (call.arguments or "")


EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("gen_ai.system.message", {"content": "Be brief"}),
    ("gen_ai.user.message", {"content": "Weather in Paris?"}),
    ("gen_ai.assistant.message", {"tool_calls": [
        {"id": "c1", "type": "function",
         "function": {"name": "weather", "arguments": '{"city":"Paris"}'}}]}),
    ("gen_ai.tool.message", {"content": "rainy", "id": "c1"}),
    ("gen_ai.choice", {"index": 0, "finish_reason": "stop",
                       "message": {"role": "assistant", "content": "Take a coat."}}),
]  # fmt: skip


def as_span_events() -> Reading:
    return one(CALL, *(event(name, body) for name, body in EVENTS))


def as_azure_writes_them() -> Reading:
    return one(CALL, *(event(name, {"gen_ai.event.content": json.dumps(body)})
                       for name, body in EVENTS))  # fmt: skip


def as_log_records() -> Reading:
    spoken = [record({"gen_ai.system": "openai"}, number=1, eventName=name, body=value(body))
              for name, body in EVENTS]  # fmt: skip
    return read(logs(*spoken), export(span(1, CALL)))


def as_records_of_json() -> Reading:
    spoken = [record({"event.name": name}, number=1, body={"stringValue": json.dumps(body)})
              for name, body in EVENTS]  # fmt: skip
    return read(export(span(1, CALL)), logs(*spoken))


@pytest.mark.parametrize(
    "told",
    [as_span_events, as_azure_writes_them, as_log_records, as_records_of_json],
    ids=["events of the span (1.36)", "Azure AI Inference", "log records (1.36)",
         "Semantic Kernel and Microsoft.Extensions.AI"],
)  # fmt: skip
def test_events_tell_the_same_conversation(told: Any) -> None:
    found = told()
    assert (found.figures.calls, found.figures.input_tokens) == (1, 100)
    inputs, outputs = shown(found)
    assert inputs == CONVERSATION
    assert outputs == [("assistant", "Take a coat.")]
    assert found.payload(found.call).input[2].tool_calls[0].name == "weather"
    assert found.call.finish_reason == "stop"
    assert found.call.latency == pytest.approx(1.0)


def test_a_choice_that_tells_its_tool_calls_beside_the_message_keeps_them() -> None:
    body = {"index": 0, "finish_reason": "tool_calls", "message": {"content": None},
            "tool_calls": [{"id": "c1", "function": {"name": "weather"}}]}  # fmt: skip
    choice = record({}, number=1, eventName="gen_ai.choice", body=value({**body, "message": {}}))
    told = read(export(span(1, CALL)), logs(choice))
    assert told.payload(told.call).output[0].tool_calls[0].name == "weather"


DETAILS = {**CALL, "gen_ai.input.messages": ASKED[:1], "gen_ai.output.messages": ANSWERED}


def test_the_event_of_all_details_repeats_its_span_and_counts_nothing() -> None:
    repeated = record(DETAILS, number=1, eventName="gen_ai.client.inference.operation.details")
    content = {"gen_ai.input.messages": json.dumps(ASKED[:1]),
               "gen_ai.output.messages": json.dumps(ANSWERED)}  # fmt: skip
    for attributes in (CALL, {**CALL, **content}):
        told = read(export(span(1, attributes)), logs(repeated))
        assert (told.figures.calls, told.figures.output_tokens) == (1, 20)
        inputs, outputs = shown(told)
        assert (len(inputs), len(outputs)) == (1, 1), "content in the span and in the event, once"


def test_where_only_log_records_are_exported_the_event_of_all_details_is_the_call() -> None:
    repeated = record(DETAILS, eventName="gen_ai.client.inference.operation.details")
    other = record({**DETAILS, "gen_ai.response.id": "chatcmpl-2"},
                   eventName="gen_ai.client.inference.operation.details")  # fmt: skip
    told = read(logs(repeated, other), logs(repeated))
    assert (told.figures.calls, told.figures.input_tokens) == (2, 200)
    payload = told.payload(told.calls[0])
    assert (len(payload.input), len(payload.output)) == (1, 1)


def test_content_told_late_does_not_make_a_call_longer() -> None:
    late = {"timeUnixNano": str(1_750_000_000_000_000_000 + 9_000_000_000)}
    rated = {"event.name": "gen_ai.evaluation.result", "gen_ai.evaluation.name": "relevance",
             "gen_ai.evaluation.score.value": 0.9, "gen_ai.response.id": "chatcmpl-1"}  # fmt: skip
    for name in ("gen_ai.choice", "gen_ai.evaluation.result"):
        spoken = record({**rated, "event.name": name}, number=1) | late
        for order in ((export(span(1, CALL)), logs(spoken)), (logs(spoken), export(span(1, CALL)))):
            told = read(*order)
            assert told.figures.calls == 1
            assert told.call.latency == pytest.approx(1.0)


def test_a_tools_arguments_and_result_are_shown() -> None:
    told = one({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "weather",
                "gen_ai.tool.call.id": "c1", "gen_ai.tool.call.arguments": '{"city":"Paris"}',
                "gen_ai.tool.call.result": '{"sky":"grey"}'},
               name="execute_tool weather")  # fmt: skip
    (tool,) = told.spans
    assert (tool.series.operation, tool.name) == ("execute_tool", "weather")
    payload = told.payload(tool)
    assert payload.input[0].text == '{"city":"Paris"}'
    assert payload.output[0].text == '{"sky":"grey"}'


def test_retrieved_documents_are_shown() -> None:
    documents = [{"id": "d1", "score": 0.9, "content": "It rains in Paris."},
                 {"id": "d2", "score": 0.5}]  # fmt: skip
    told = one({"gen_ai.operation.name": "retrieval", "gen_ai.retrieval.query.text": "Paris",
                "gen_ai.data_source.id": "wiki",
                "gen_ai.retrieval.documents": json.dumps(documents)})  # fmt: skip
    payload = told.payload(told.spans[0])
    assert payload.input[0].text == "Paris"
    assert [each.text for each in payload.output] == [
        "It rains in Paris.", '{"id":"d2","score":0.5}',
    ]  # fmt: skip


def test_an_agents_usage_is_that_of_its_calls_and_counts_once() -> None:
    told = read(
        export(
            span(1, {**CALL, "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "a",
                     "gen_ai.usage.input_tokens": 300}, ms=4000),
            *(span(number, {**CALL, "gen_ai.response.id": f"r{number}"}, parent=1,
                   start_ms=number * 1000, ms=900) for number in (2, 3, 4)),
        )
    )  # fmt: skip
    assert (told.figures.calls, told.figures.input_tokens) == (3, 300)


def test_an_error_has_its_type() -> None:
    told = one({**CALL, "error.type": "429"}, status={"code": 2, "message": "slow down"})
    assert told.figures.errors_by_type == {"429": 1}


@pytest.mark.parametrize("body", [
    {"input": {"messages": [{"role": "user", "content": "Hi"}]},
     "output": {"messages": [{"role": "assistant", "content": "Hello"}]}},
    {"input": {"messages": [{"role": "user", "content": {"content": "Hi"}}]},
     "output": {"messages": [{"role": "assistant", "content": {"message": "Hello"}}]}},
])  # fmt: skip
def test_content_that_adot_moves_to_a_log_record_is_shown_with_its_span(
    body: dict[str, Any],
) -> None:
    moved = record({"event.name": "strands.telemetry.tracer"}, number=1, body=value(body))
    told = read(export(span(1, CALL)), logs(moved))
    assert told.figures.calls == 1
    assert shown(told) == ([("user", "Hi")], [("assistant", "Hello")])
