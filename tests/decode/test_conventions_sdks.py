"""SDKs' own instrumentations: Vercel AI, Genkit, Mastra, VoltAgent, Spring AI, Azure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.decode.one_span import one, shown
from tests.decode.otlp import event, export, logs, record, span, value
from tests.decode.reading import read, said

ASKED, ANSWERED = [("user", "Hi")], [("assistant", "Hello")]


VERCEL = {
    "ai.operationId": "ai.streamText.doStream", "ai.model.provider": "openai.responses",
    "ai.model.id": "gpt-4o", "ai.prompt.messages": json.dumps([
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        {"role": "assistant", "content": [
            {"type": "reasoning", "text": "Hm"},
            {"type": "tool-call", "toolCallId": "c1", "toolName": "now", "input": {"at": 1}}]},
        {"role": "tool", "content": [
            {"type": "tool-result", "toolCallId": "c1", "toolName": "now",
             "output": {"type": "text", "value": "noon"}}]}]),
    "ai.response.text": "Hello", "ai.response.finishReason": "stop", "ai.response.id": "resp_1",
    "ai.response.model": "gpt-4o-2024-08-06", "ai.response.msToFirstChunk": 250,
    "ai.telemetry.metadata.userId": "ann", "ai.telemetry.metadata.sessionId": "s",
    "gen_ai.system": "openai.responses", "gen_ai.request.model": "gpt-4o",
}  # fmt: skip


class TestVercel:
    @pytest.mark.parametrize(
        "usage",
        [
            {"ai.usage.promptTokens": 100, "ai.usage.completionTokens": 20},
            {"ai.usage.inputTokens": 100, "ai.usage.outputTokens": 20,
             "ai.usage.totalTokens": 120, "ai.usage.cachedInputTokens": 60,
             "ai.usage.reasoningTokens": 8},
            {"ai.usage.inputTokens": 100, "ai.usage.outputTokens": 20,
             "ai.usage.inputTokenDetails.noCacheTokens": 40,
             "ai.usage.inputTokenDetails.cacheReadTokens": 60,
             "ai.usage.outputTokenDetails.reasoningTokens": 8},
        ],
        ids=["version 4", "version 5", "version 6"],
    )  # fmt: skip
    def test_every_version_tells_the_same_call(self, usage: dict[str, Any]) -> None:
        call = one({**VERCEL, **usage}).call
        assert (call.series.provider, call.series.model) == ("openai", "gpt-4o")
        assert (call.input_tokens, call.output_tokens, call.ttft) == (100, 20, 0.25)
        assert (call.session_id, call.user_id, call.finish_reason) == ("s", "ann", "stop")

    def test_a_stream_of_an_object_tells_its_first_chunk_and_the_object(self) -> None:
        told = one({**VERCEL, "ai.operationId": "ai.streamObject.doStream",
                    "ai.response.text": "", "ai.response.object": '{"sky":"grey"}',
                    "ai.response.msToFirstChunk": "", "ai.stream.msToFirstChunk": 400},
                   event("ai.stream.firstChunk", {"ai.stream.msToFirstChunk": 400}, ms=410),
                   )  # fmt: skip
        assert told.call.ttft == pytest.approx(0.4)
        assert shown(told)[1] == [("assistant", '{"sky":"grey"}')]

    def test_messages_tools_and_reasoning_are_a_conversation(self) -> None:
        told = one({**VERCEL, "ai.response.reasoning": "Hm.", "ai.response.toolCalls": json.dumps(
            [{"toolCallId": "c2", "toolName": "bow", "input": {"deep": True}}])})  # fmt: skip
        payload = told.payload(told.call)
        assert said(payload.input) == [
            ("system", "Be brief"), ("user", "Hi"), ("assistant", "[reasoning] Hm"),
            ("tool", "noon"),
        ]  # fmt: skip
        assert payload.input[2].tool_calls[0].arguments == '{"at":1}'
        assert said(payload.output) == [
            ("assistant", "[reasoning] Hm."), ("assistant", "Hello"), ("assistant", ""),
        ]  # fmt: skip
        assert payload.output[2].tool_calls[0].name == "bow"

    @pytest.mark.parametrize(
        ("version", "usage", "metadata"),
        [
            ("4", {"ai.usage.promptTokens": 100, "ai.usage.completionTokens": 20},
             {"cacheReadInputTokens": 60, "cacheCreationInputTokens": 30}),
            ("5", {"ai.usage.inputTokens": 100, "ai.usage.outputTokens": 20,
                   "ai.usage.totalTokens": 120, "ai.usage.cachedInputTokens": 60},
             {"usage": {"input_tokens": 100, "cache_read_input_tokens": 60,
                        "cache_creation_input_tokens": 30}, "cacheCreationInputTokens": 30}),
            ("6", {"ai.usage.inputTokens": 190, "ai.usage.outputTokens": 20,
                   "ai.usage.inputTokenDetails.noCacheTokens": 100,
                   "ai.usage.inputTokenDetails.cacheReadTokens": 60,
                   "ai.usage.inputTokenDetails.cacheWriteTokens": 30},
             {"usage": {"input_tokens": 100, "cache_read_input_tokens": 60,
                        "cache_creation_input_tokens": 30}}),
            ("6, of an object", {"ai.usage.inputTokens": 190, "ai.usage.outputTokens": 20,
                                 "ai.usage.cachedInputTokens": 60},
             {"usage": {"input_tokens": 100, "cache_read_input_tokens": 60,
                        "cache_creation_input_tokens": 30}}),
        ],
    )  # fmt: skip
    def test_anthropics_input_tokens_are_made_to_include_cached_ones_once(
        self, version: str, usage: dict[str, Any], metadata: dict[str, Any]
    ) -> None:
        told = json.dumps({"anthropic": metadata})
        figures = one({**VERCEL, **usage, "ai.response.providerMetadata": told}).figures
        assert figures.input_tokens == 190, version
        assert (figures.cache_read_tokens, figures.cache_write_tokens) == (60, 30)

    def test_the_spans_around_calls_count_nothing(self) -> None:
        usage = {"ai.usage.inputTokens": 100, "ai.usage.outputTokens": 20}
        outer = {**VERCEL, **usage, "ai.operationId": "ai.streamText",
                 "ai.usage.inputTokens": 200, "ai.usage.outputTokens": 40,
                 "ai.prompt": '{"system":"Be brief","prompt":"Hi"}'}  # fmt: skip
        outer.pop("ai.prompt.messages")
        told = read(export(
            span(1, outer, name="ai.streamText", ms=5000),
            span(2, {**VERCEL, **usage}, parent=1, name="ai.streamText.doStream"),
            span(3, {"ai.operationId": "ai.toolCall", "ai.toolCall.name": "now",
                     "ai.toolCall.id": "c1", "ai.toolCall.args": '{"at":1}',
                     "ai.toolCall.result": '"noon"'}, parent=1, name="ai.toolCall"),
            span(4, {**VERCEL, **usage, "ai.response.id": "resp_2"}, parent=1, start_ms=2000),
        ))  # fmt: skip
        assert (told.figures.calls, told.figures.input_tokens) == (2, 200)
        assert said(told.payload(told.spans[0]).input) == [("system", "Be brief"), ("user", "Hi")]
        (tool,) = told.of("execute_tool")
        payload = told.payload(tool)
        assert tool.name == "now"
        assert (payload.input[0].text, payload.output[0].text) == ('{"at":1}', "noon")

    @pytest.mark.parametrize(
        ("operation", "shown_as"),
        [("ai.embed.doEmbed", "embeddings"), ("ai.embedMany.doEmbed", "embeddings"),
         ("ai.rerank.doRerank", "rerank"), ("ai.generateObject.doGenerate", "chat")],
    )  # fmt: skip
    def test_embeddings_and_reranking_count(self, operation: str, shown_as: str) -> None:
        told = one({"ai.operationId": operation, "ai.model.id": "embed-3", "ai.usage.tokens": 9,
                    "ai.values": ['"cats"', '"dogs"'],
                    "ai.embeddings": ["[0.1,0.2]"]})  # fmt: skip
        assert told.call.series.operation == shown_as
        assert told.call.input_tokens == 9
        assert shown(told)[0] == [("user", "cats"), ("user", "dogs")]


class TestGenkit:
    def test_a_models_action_is_a_call_and_the_actions_around_it_are_not(self) -> None:
        asked = {"messages": [{"role": "system", "content": [{"text": "Be brief"}]},
                              {"role": "user", "content": [{"text": "Hi"}]}]}  # fmt: skip
        answer = {
            "message": {"role": "model", "content": [
                {"text": "Hello"}, {"toolRequest": {"name": "now", "ref": "c1", "input": {}}}]},
            "finishReason": "stop",
            "usage": {"inputTokens": 100, "outputTokens": 12, "thoughtsTokens": 8,
                      "cachedContentTokens": 60, "totalTokens": 120},
        }  # fmt: skip
        told = read(export(
            span(1, {"genkit:type": "action", "genkit:metadata:subtype": "flow",
                     "genkit:name": "plan"}, name="plan", ms=3000),
            span(2, {"genkit:type": "util", "genkit:metadata:subtype": "util",
                     "genkit:name": "generate"}, parent=1, name="generate", ms=2000),
            span(3, {"genkit:type": "action", "genkit:metadata:subtype": "model",
                     "genkit:name": "googleai/gemini-2.5-flash", "genkit:state": "success",
                     "genkit:input": json.dumps(asked), "genkit:output": json.dumps(answer)},
                 parent=2, name="googleai/gemini-2.5-flash"),
            span(4, {"genkit:type": "action", "genkit:metadata:subtype": "tool",
                     "genkit:name": "now", "genkit:input": "{}", "genkit:output": '"noon"'},
                 parent=2, name="now"),
        ))  # fmt: skip
        call = told.call
        assert (call.series.provider, call.series.model) == ("gcp.gemini", "gemini-2.5-flash")
        assert (call.input_tokens, call.output_tokens, call.finish_reason) == (100, 20, "stop")
        payload = told.payload(call)
        assert said(payload.input) == [("system", "Be brief"), ("user", "Hi")]
        assert said(payload.output) == ANSWERED
        assert payload.output[0].tool_calls[0].id == "c1"
        assert [each.series.operation for each in told.spans] == [
            "invoke_workflow", "chain", "chat", "execute_tool",
        ]  # fmt: skip


def test_voltagent_names_its_spans_by_their_type() -> None:
    shared = {"entity.type": "agent", "entity.name": "helper", "voltagent.conversation_id": "s"}
    told = read(export(
        span(1, {**shared, "usage.prompt_tokens": 100, "usage.completion_tokens": 20},
             name="helper", ms=3000),
        span(2, {**shared, "span.type": "llm", "llm.model": "openai/gpt-4o",
                 "llm.usage.prompt_tokens": 100, "llm.usage.completion_tokens": 20,
                 "llm.messages": '[{"role":"user","content":"Hi"}]', "output": "Hello"},
             parent=1, name="llm:streamText"),
        span(3, {**shared, "span.type": "tool", "tool.name": "now", "input": "{}",
                 "output": "noon"}, parent=1),
    ))  # fmt: skip
    assert (told.figures.calls, told.figures.input_tokens) == (1, 100)
    assert [each.series.operation for each in told.spans] == [
        "invoke_agent", "chat", "execute_tool",
    ]  # fmt: skip
    payload = told.payload(told.call)
    assert (said(payload.input), said(payload.output)) == (ASKED, ANSWERED)
    assert told.call.session_id == "s"


def test_spring_ai_tells_its_client_its_model_and_its_tools_apart() -> None:
    told = read(export(
        span(1, {"gen_ai.operation.name": "framework", "gen_ai.system": "spring_ai",
                 "spring.ai.kind": "chat_client"}, name="spring_ai chat_client", ms=3000),
        span(2, {"gen_ai.operation.name": "chat", "gen_ai.system": "openai",
                 "gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": "100",
                 "gen_ai.usage.output_tokens": "20", "gen_ai.usage.total_tokens": "120",
                 "gen_ai.response.finish_reasons": '["STOP"]'}, parent=1, name="chat gpt-4o",
             events=[event("gen_ai.content.prompt", {"gen_ai.prompt": ["Hi"]}),
                     event("gen_ai.content.completion", {"gen_ai.completion": ["Hello"]})]),
        span(3, {"gen_ai.operation.name": "framework", "gen_ai.system": "spring_ai",
                 "spring.ai.kind": "tool_call", "spring.ai.tool.definition.name": "now",
                 "spring.ai.tool.call.arguments": "{}", "spring.ai.tool.call.result": "noon"},
             parent=1),
    ))  # fmt: skip
    assert [each.series.operation for each in told.spans] == ["chain", "chat", "execute_tool"]
    assert told.call.input_tokens == 100
    payload = told.payload(told.call)
    assert (said(payload.input), said(payload.output)) == (ASKED, ANSWERED)
    assert told.spans[2].name == "now"
    assert said(told.payload(told.spans[2]).output) == [("assistant", "noon")]


def test_azures_models_and_agents_are_known() -> None:
    call = one({"az.namespace": "Microsoft.CognitiveServices", "gen_ai.system": "az.ai.inference",
                "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o",
                "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20},
               event("gen_ai.user.message", {"gen_ai.event.content": '{"content":"Hi"}'}),
               event("gen_ai.choice", {"gen_ai.event.content": json.dumps(
                   {"index": 0, "message": {"content": "Hello"}})}))  # fmt: skip
    assert call.call.series.provider == "azure.ai.inference"
    assert shown(call) == (ASKED, ANSWERED)
    run = one({"gen_ai.operation.name": "invoke_agent", "gen_ai.system": "az.ai.agents",
               "gen_ai.thread.id": "thread_1", "gen_ai.usage.input_tokens": 900})  # fmt: skip
    assert (run.spans[0].session_id, run.figures.calls) == ("thread_1", 0)


def test_azures_newer_events_tell_all_messages_of_a_side() -> None:
    told = one({"gen_ai.operation.name": "chat", "gen_ai.provider.name": "azure.ai.openai",
                "gen_ai.request.model": "gpt-4o"},
               *(event(f"gen_ai.{side}.messages", {"gen_ai.event.content": json.dumps(
                   [{"role": role, "parts": [{"type": "text", "content": text}]}])})
                 for side, role, text in (("input", "user", "Hi"),
                                          ("output", "assistant", "Hello"))))  # fmt: skip
    assert shown(told) == (ASKED, ANSWERED)


def test_googles_events_tell_contents_of_parts() -> None:
    hi = {"role": "user", "parts": [{"text": "Hi"}]}
    hello = {"role": "model", "parts": [{"text": "Hello"}]}
    told = read(
        export(span(1, {"gen_ai.operation.name": "generate_content", "gen_ai.system": "gemini",
                        "gen_ai.request.model": "gemini-2.5-flash"})),
        logs(record({"event.name": "gen_ai.user.message"}, number=1, body=value({"content": hi})),
             record({"event.name": "gen_ai.choice"}, number=1,
                    body=value({"index": 0, "content": hello, "finish_reason": "STOP"}))),
    )  # fmt: skip
    assert shown(told) == (ASKED, ANSWERED)
    assert told.call.finish_reason == "STOP"


def test_promptflow_tells_its_calls() -> None:
    told = one({"framework": "promptflow", "span_type": "LLM", "llm.response.model": "gpt-4o",
                "llm.usage.prompt_tokens": 100, "llm.usage.completion_tokens": 20,
                "inputs": '{"messages":[{"role":"user","content":"Hi"}]}',
                "output": '{"choices":[{"message":{"role":"assistant","content":"Hello"}}]}',
                })  # fmt: skip
    assert (told.call.input_tokens, told.call.output_tokens) == (100, 20)
    assert shown(told) == (ASKED, ANSWERED)


def test_mastras_spans_follow_the_conventions_and_its_steps_count_nothing() -> None:
    told = read(export(
        span(1, {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "helper",
                 "gen_ai.system_instructions": "Be brief"}, ms=3000),
        span(2, {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o",
                 "gen_ai.provider.name": "openai", "gen_ai.usage.input_tokens": 100,
                 "gen_ai.usage.output_tokens": 20,
                 "gen_ai.response.finish_reasons": '["stop"]'}, parent=1),
        span(3, {"gen_ai.operation.name": "model_step"}, parent=2),
    ))  # fmt: skip
    assert (told.figures.calls, told.call.input_tokens) == (1, 100)
    assert said(told.payload(told.spans[0]).input) == [("system", "Be brief")]
