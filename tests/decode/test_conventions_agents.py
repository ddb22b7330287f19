"""Agents' instrumentations: pydantic-ai, Strands, Google ADK, Agent Framework, LiveKit, Pipecat."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.decode.one_span import one, shown
from tests.decode.otlp import event, export, logs, record, span, value
from tests.decode.reading import read, said

ASKED, ANSWERED = [("user", "Hi")], [("assistant", "Hello")]


PYDANTIC = {
    "gen_ai.operation.name": "chat", "gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06", "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 20, "gen_ai.usage.details.cached_tokens": 60,
    "gen_ai.usage.details.reasoning_tokens": 8, "operation.cost": 0.25,
    "model_request_parameters": "{}",
}  # fmt: skip
SAID: list[dict[str, Any]] = [
    {"content": "Be brief", "role": "system", "gen_ai.system": "openai"},
    {"content": "Hi", "role": "user", "gen_ai.message.index": 0, "gen_ai.system": "openai"},
    {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "gen_ai.system": "openai"},
]
NAMES = ("gen_ai.system.message", "gen_ai.user.message", "gen_ai.choice")
TEXTS = {name: json.dumps([{"role": role, "parts": [{"type": "text", "content": said}]}])
         for name, role, said in (("gen_ai.input.messages", "user", "Hi"),
                                  ("gen_ai.output.messages", "assistant", "Hello"))}  # fmt: skip


class TestPydanticAi:
    @pytest.mark.parametrize(
        "content",
        [
            {"events": json.dumps(SAID)},
            {"events": json.dumps([{**each, "event.name": name}
                                   for each, name in zip(SAID, NAMES, strict=True)])},
            {**TEXTS, "gen_ai.system_instructions": '[{"type":"text","content":"Be brief"}]'},
        ],
        ids=["version 1, events without names", "version 1", "version 2 and later"],
    )  # fmt: skip
    def test_every_version_of_its_settings_tells_the_same_call(
        self, content: dict[str, Any]
    ) -> None:
        told = one({**PYDANTIC, **content})
        figures = told.figures
        assert (figures.calls, figures.input_tokens, figures.output_tokens) == (1, 100, 20)
        assert (figures.cache_read_tokens, figures.reasoning_tokens) == (60, 8)
        assert told.call.cost == 0.25
        assert shown(told) == ([("system", "Be brief"), *ASKED], ANSWERED)

    def test_a_run_of_an_agent_and_its_tools_count_nothing(self) -> None:
        told = read(export(
            span(1, {"agent_name": "helper", "model_name": "gpt-4o", "logfire.msg": "agent run",
                     "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20,
                     "all_messages_events": json.dumps(SAID), "final_result": "Hello",
                     "logfire.span_type": "span"}, name="agent run", ms=3000),
            span(2, PYDANTIC, parent=1, name="chat gpt-4o"),
            span(3, {"gen_ai.tool.name": "now", "gen_ai.tool.call.id": "c1",
                     "tool_arguments": "{}", "tool_response": "noon"}, parent=1,
                 name="running tool"),
            span(4, {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "other",
                     "gen_ai.aggregated_usage.input_tokens": 900, "model_name": "gpt-4o"},
                 parent=1),
        ), )  # fmt: skip
        assert (told.figures.calls, told.figures.input_tokens) == (1, 100)
        assert [each.series.operation for each in told.spans] == [
            "invoke_agent", "chat", "execute_tool", "invoke_agent",
        ]  # fmt: skip
        assert told.spans[0].agent == "helper"
        assert shown(told)[1] == ANSWERED
        assert shown(told, 2) == ([("user", "{}")], [("assistant", "noon")])


STRANDS = {
    "gen_ai.operation.name": "chat", "gen_ai.system": "strands-agents",
    "gen_ai.request.model": "us.anthropic.claude-sonnet-4-20250514-v1:0",
    "gen_ai.event.start_time": "2026-01-02T03:04:05+00:00",
    "gen_ai.usage.prompt_tokens": 100, "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.completion_tokens": 20, "gen_ai.usage.output_tokens": 20,
    "gen_ai.usage.total_tokens": 210, "gen_ai.usage.cache_read_input_tokens": 60,
    "gen_ai.usage.cache_write_input_tokens": 30, "gen_ai.server.time_to_first_token": 350,
    "gen_ai.server.request.duration": 900,
}  # fmt: skip
BLOCKS = [{"text": "Let me see."},
          {"toolUse": {"toolUseId": "c1", "name": "now", "input": {"at": 1}}}]  # fmt: skip
RESULT = [{"toolResult": {"toolUseId": "c1", "status": "success", "content": [{"text": "noon"}]}}]


class TestStrands:
    def test_a_call_tells_bedrocks_usage_which_leaves_out_cached_tokens(self) -> None:
        told = one(STRANDS)
        figures = told.figures
        assert (figures.input_tokens, figures.output_tokens) == (190, 20)
        assert (figures.cache_read_tokens, figures.cache_write_tokens) == (60, 30)
        assert told.call.series.provider == "aws.bedrock"
        assert told.call.ttft == pytest.approx(0.35)

    def test_bedrocks_blocks_in_events_are_a_conversation(self) -> None:
        told = one(
            STRANDS,
            event("gen_ai.user.message", {"content": json.dumps([{"text": "Hi"}])}),
            event("gen_ai.assistant.message", {"content": json.dumps(BLOCKS)}),
            event("gen_ai.tool.message", {"content": json.dumps(RESULT)}),
            event("gen_ai.choice", {"finish_reason": "end_turn", "message": json.dumps(
                [{"reasoningContent": {"reasoningText": {"text": "Hm"}}}, {"text": "Hello"}])}),
        )  # fmt: skip
        payload = told.payload(told.call)
        assert said(payload.input) == [
            ("user", "Hi"), ("assistant", "Let me see."), ("tool", "noon"),
        ]  # fmt: skip
        assert payload.input[1].tool_calls[0].arguments == '{"at":1}'
        assert payload.input[2].tool_call_id == "c1"
        assert said(payload.output) == [("assistant", "[reasoning] Hm\nHello")]

    def test_the_newest_conventions_in_events_are_a_conversation_too(self) -> None:
        details = "gen_ai.client.inference.operation.details"
        told = one({**STRANDS, "gen_ai.provider.name": "strands-agents"},
                   *(event(details, {name: content}) for name, content in TEXTS.items()),
                   )  # fmt: skip
        assert shown(told) == (ASKED, ANSWERED)

    def test_agents_cycles_and_tools_count_nothing(self) -> None:
        told = read(export(
            span(1, {**STRANDS, "gen_ai.operation.name": "invoke_agent",
                     "gen_ai.agent.name": "helper"}, ms=4000),
            span(2, {"event_loop.cycle_id": "1"}, parent=1, name="execute_event_loop_cycle",
                 ms=3000),
            span(3, STRANDS, parent=2, name="chat"),
            span(4, {"gen_ai.operation.name": "execute_tool", "gen_ai.system": "strands-agents",
                     "gen_ai.tool.name": "now", "gen_ai.tool.call.id": "c1"}, parent=2,
                 name="execute_tool now",
                 events=[event("gen_ai.tool.message", {"role": "tool", "content": '{"at": 1}'}),
                         event("gen_ai.choice", {"message": '[{"text": "noon"}]'})]),
        ))  # fmt: skip
        assert (told.figures.calls, told.figures.input_tokens) == (1, 190)
        payload = told.payload(told.spans[3])
        assert payload.input[0].text == '{"at": 1}'
        assert payload.output[0].text == "noon"


class TestGoogleAdk:
    REQUEST = json.dumps({
        "model": "gemini-2.5-flash", "config": {"system_instruction": "Be brief"},
        "contents": [
            {"role": "user", "parts": [{"text": "Hi"}]},
            {"role": "model", "parts": [{"function_call": {
                "id": "c1", "name": "now", "args": {"at": 1}}}]},
            {"role": "user", "parts": [{"function_response": {
                "id": "c1", "name": "now", "response": {"result": "noon"}}}]}]})  # fmt: skip
    RESPONSE = json.dumps({
        "content": {"role": "model", "parts": [{"text": "Hm", "thought": True},
                                               {"text": "Hello"}]},
        "finish_reason": "STOP", "usage_metadata": {"prompt_token_count": 100}})  # fmt: skip

    def test_a_call_is_told_without_the_name_of_its_operation(self) -> None:
        told = one({
            "gen_ai.system": "gcp.vertex.agent", "gen_ai.request.model": "gemini-2.5-flash",
            "gcp.vertex.agent.session_id": "s", "gcp.vertex.agent.llm_request": self.REQUEST,
            "gcp.vertex.agent.llm_response": self.RESPONSE, "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.output_tokens": 7,
            "gen_ai.usage.experimental.reasoning_tokens": 13,
            "gen_ai.response.finish_reasons": ["stop"]}, name="call_llm")  # fmt: skip
        call = told.call
        assert (call.series.operation, call.series.provider) == ("chat", "gcp.gemini")
        assert (call.input_tokens, call.output_tokens, call.session_id) == (100, 20, "s")
        payload = told.payload(call)
        assert said(payload.input) == [
            ("system", "Be brief"), ("user", "Hi"), ("assistant", ""),
            ("tool", '{"result":"noon"}'),
        ]  # fmt: skip
        assert payload.input[2].tool_calls[0].arguments == '{"at":1}'
        assert said(payload.output) == [("assistant", "[reasoning] Hm\nHello")]

    def test_a_tools_empty_request_and_response_are_not_its_content(self) -> None:
        told = one({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "now",
                    "gcp.vertex.agent.llm_request": "{}", "gcp.vertex.agent.llm_response": "{}",
                    "gcp.vertex.agent.tool_call_args": '{"at":1}',
                    "gcp.vertex.agent.tool_response": '{"result":"noon"}'})  # fmt: skip
        assert shown(told) == ([("user", '{"at":1}')], [("assistant", '{"result":"noon"}')])

    def test_the_client_librarys_span_within_counts_and_the_frameworks_does_not(self) -> None:
        told = read(export(
            span(1, {"gen_ai.operation.name": "invoke_agent"}, ms=4000),
            span(2, {"gen_ai.system": "gcp.vertex.agent", "gen_ai.request.model": "gemini-2.5-pro",
                     "gen_ai.usage.input_tokens": 100}, parent=1, name="call_llm", ms=3000),
            span(3, {"gen_ai.operation.name": "generate_content", "gen_ai.system": "gemini",
                     "gen_ai.request.model": "gemini-2.5-pro", "gen_ai.usage.input_tokens": 100,
                     "gen_ai.usage.output_tokens": 20}, parent=2, name="generate_content"),
        ))  # fmt: skip
        assert (told.figures.calls, told.figures.input_tokens) == (1, 100)
        assert told.call.span_id.endswith("3")


def test_microsofts_agent_framework_tells_content_in_its_spans_and_in_its_log_once() -> None:
    chat = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.output_tokens": 20, **TEXTS,
            "gen_ai.response.finish_reasons": '["stop"]'}  # fmt: skip
    spoken = [record({"event.name": name, "gen_ai.provider.name": "openai"}, number=2,
                     body=value({"role": role, "parts": [{"type": "text", "content": text}]}))
              for name, role, text in (("gen_ai.user.message", "user", "Hi"),
                                       ("gen_ai.choice", "assistant", "Hello"))]  # fmt: skip
    told = read(
        export(span(1, {**chat, "gen_ai.operation.name": "invoke_agent"}, ms=3000),
               span(2, chat, parent=1)),
        logs(*spoken),
    )  # fmt: skip
    assert (told.figures.calls, told.figures.input_tokens) == (1, 100)
    assert shown(told, 1) == (ASKED, ANSWERED)


def test_voice_agents_tell_their_calls() -> None:
    livekit = one({"gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 100,
                   "gen_ai.usage.output_tokens": 20, "lk.response.ttft": 0.25,
                   "lk.chat_ctx": '{"items":[]}', "lk.response.text": "Hello"},
                  name="llm_request")  # fmt: skip
    assert (livekit.call.input_tokens, livekit.call.ttft) == (100, 0.25)
    assert shown(livekit)[1] == ANSWERED
    pipecat = one({"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o",
                   "gen_ai.provider.name": "openai", "metrics.ttfb": 0.25, "conversation.id": "s",
                   "input": '[{"role":"user","content":"Hi"}]', "output": "Hello"})  # fmt: skip
    assert (pipecat.call.session_id, pipecat.call.ttft) == ("s", 0.25)
    assert shown(pipecat) == (ASKED, ANSWERED)
