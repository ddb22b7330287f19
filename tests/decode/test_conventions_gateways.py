"""OpenLLMetry, LiteLLM's callback, OpenLIT, Sentry, Laminar, Langfuse's SDK, MLflow over OTLP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llmtop.span import Flag
from tests.decode.one_span import one, shown
from tests.decode.otlp import event, export, logs, record, span, value
from tests.decode.reading import read, said

ASKED, ANSWERED = [("user", "Hi")], [("assistant", "Hello")]


TRACELOOP_OLD = {
    "llm.vendor": "OpenAI", "llm.request.type": "chat", "llm.request.model": "gpt-4o",
    "llm.response.model": "gpt-4o-2024-08-06", "llm.usage.prompt_tokens": 100,
    "llm.usage.completion_tokens": 20, "llm.usage.total_tokens": 120,
    "llm.prompts.0.role": "user", "llm.prompts.0.content": "Hi",
    "llm.completions.0.role": "assistant", "llm.completions.0.content": "Hello",
}  # fmt: skip
TRACELOOP_MIDDLE = {
    "gen_ai.system": "OpenAI", "llm.request.type": "chat", "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06", "gen_ai.usage.prompt_tokens": 100,
    "gen_ai.usage.completion_tokens": 20, "llm.usage.total_tokens": 120,
    "gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": "Hi",
    "gen_ai.completion.0.role": "assistant", "gen_ai.completion.0.content": "Hello",
    "gen_ai.completion.0.finish_reason": "stop",
}  # fmt: skip
TRACELOOP_NEW = {
    "gen_ai.provider.name": "openai", "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "gpt-4o", "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20,
    "gen_ai.usage.total_tokens": 120,
    "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]',
    "gen_ai.output.messages": json.dumps(
        [{"role": "assistant", "parts": [{"type": "text", "content": "Hello"}]}]),
}  # fmt: skip


class TestOpenLlmetry:
    """Versions before 0.16 have names of their own, later ones those of the conventions."""

    @pytest.mark.parametrize(
        "attributes", [TRACELOOP_OLD, TRACELOOP_MIDDLE, TRACELOOP_NEW], ids=["0.15", "0.40", "0.50"]
    )
    def test_every_version_tells_the_same_call(self, attributes: dict[str, Any]) -> None:
        told = one(attributes)
        assert told.figures.calls == 1
        assert (told.call.series.provider, told.call.series.model) == ("openai", "gpt-4o")
        assert (told.call.input_tokens, told.call.output_tokens) == (100, 20)
        assert shown(told) == (ASKED, ANSWERED)

    def test_workflows_tasks_agents_and_tools_are_told_apart(self) -> None:
        kinds = {"workflow": "invoke_workflow", "task": "chain", "agent": "invoke_agent",
                 "tool": "execute_tool"}  # fmt: skip
        for kind, operation in kinds.items():
            told = one({"traceloop.span.kind": kind, "traceloop.entity.name": "plan",
                        "traceloop.entity.input": '{"args":[1]}',
                        "traceloop.entity.output": '"done"'}, name=f"plan.{kind}")  # fmt: skip
            assert told.spans[0].series.operation == operation
            assert shown(told)[1] == [("assistant", "done")]
            assert told.figures.calls == 0

    def test_association_properties_tell_session_and_user(self) -> None:
        prefix = "traceloop.association.properties"
        call = one({**TRACELOOP_NEW, f"{prefix}.session_id": "s", f"{prefix}.user_id": "ann"}).call
        assert (call.session_id, call.user_id) == ("s", "ann")

    def test_the_first_chunk_tells_the_time_to_the_first_token(self) -> None:
        told = one({**TRACELOOP_MIDDLE, "llm.is_streaming": True},
                   event("llm.content.completion.chunk", ms=300),
                   event("llm.content.completion.chunk", ms=400))  # fmt: skip
        assert told.call.ttft == pytest.approx(0.3)
        assert told.call.flags & Flag.STREAM

    def test_bedrocks_raw_usage_leaves_out_cached_tokens_as_its_total_shows(self) -> None:
        told = one({"gen_ai.system": "AWS", "gen_ai.operation.name": "chat",
                    "gen_ai.request.model": "anthropic.claude-sonnet-4-20250514-v1:0",
                    "gen_ai.usage.input_tokens": 500, "gen_ai.usage.output_tokens": 20,
                    "gen_ai.usage.cache_read_input_tokens": 400,
                    "gen_ai.usage.total_tokens": 920})  # fmt: skip
        assert (told.call.input_tokens, told.call.output_tokens) == (900, 20)

    def test_what_a_vector_store_found_is_shown(self) -> None:
        told = one({"db.system": "chroma", "db.vector.query.top_k": 2},
                   event("db.query.result", {"db.query.result.document": "Cats purr."}),
                   event("db.query.result", {"db.query.result.document": "Dogs bark."}),
                   )  # fmt: skip
        assert told.spans[0].series.operation == "retrieval"
        assert shown(told)[1] == [("tool", "Cats purr."), ("tool", "Dogs bark.")]


LITELLM = {
    "gen_ai.request.model": "gpt-4o", "llm.request.type": "acompletion",
    "gen_ai.system": "openai", "llm.is_streaming": "True", "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.response.model": "gpt-4o-2024-08-06", "gen_ai.usage.total_tokens": 120,
    "gen_ai.usage.output_tokens": 20, "gen_ai.usage.input_tokens": 100,
    "gen_ai.cost.total_cost": 0.25, "gen_ai.cost.input_cost": 0.2, "llm.user": "ann",
    "gen_ai.response.finish_reasons": '["stop"]', "hidden_params": "{}",
}  # fmt: skip


class TestLiteLlm:
    def test_a_request_is_a_call_with_its_cost(self) -> None:
        call = one(LITELLM).call
        assert (call.series.operation, call.cost, call.user_id) == ("chat", 0.25, "ann")
        assert (call.input_tokens, call.output_tokens, call.finish_reason) == (100, 20, "stop")
        assert call.flags & Flag.STREAM

    def test_its_keys_tell_the_user_where_there_is_one(self) -> None:
        untold = {name: told for name, told in LITELLM.items() if name != "llm.user"}
        for user, known in (("ann", "ann"), ("default_user_id", None), ("", None)):
            assert one({**untold, "metadata.user_api_key_user_id": user}).call.user_id == known

    @pytest.mark.parametrize(
        ("call_type", "operation"),
        [("completion", "chat"), ("atext_completion", "text_completion"), ("aresponses", "chat"),
         ("anthropic_messages", "chat"), ("aembedding", "embeddings"), ("arerank", "rerank"),
         ("agenerate_content_stream", "generate_content"), ("pass_through_endpoint", "chat"),
         ("aimage_generation", "image_generation"), ("aspeech", "other")],
    )  # fmt: skip
    def test_every_type_of_call_is_known(self, call_type: str, operation: str) -> None:
        for name in ("llm.request.type", "gen_ai.operation.name"):
            told = one({**LITELLM, name: call_type})
            assert told.spans[0].series.operation == operation

    def test_the_proxys_span_and_the_raw_request_count_nothing(self) -> None:
        told = read(export(
            span(1, LITELLM, name="Received Proxy Server Request", ms=3000),
            span(2, LITELLM, parent=1, name="litellm_request", ms=2000),
            span(3, {"llm.openai.model": "gpt-4o", "llm.openai.messages": "[]"}, parent=2,
                 name="raw_gen_ai_request"),
            span(4, {"openinference.span.kind": "GUARDRAIL", "guardrail_name": "pii"}, parent=2,
                 name="guardrail"),
        ))  # fmt: skip
        assert (told.figures.calls, told.figures.input_tokens) == (1, 100)
        assert [each.series.operation for each in told.spans[2:]] == ["other", "guardrail"]

    def test_its_log_records_of_messages_are_shown_with_the_span(self) -> None:
        told = read(
            export(span(1, LITELLM)),
            logs(
                record({"event_name": "gen_ai.content.prompt", "gen_ai.system": "openai",
                        "gen_ai.prompt": "Hi"}, number=1,
                       body=value({"role": "user", "content": "Hi"})),
                record({"event_name": "gen_ai.content.completion", "index": 0,
                        "finish_reason": "stop"}, number=1,
                       body=value({"index": 0, "message": {
                           "role": "assistant", "content": "Hello"}})),
            ),
        )  # fmt: skip
        assert told.figures.calls == 1
        assert shown(told) == (ASKED, ANSWERED)


def test_openlit_tells_cost_streaming_and_content_in_events() -> None:
    told = one({"gen_ai.operation.name": "chat", "gen_ai.system": "openai",
                "gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 100,
                "gen_ai.usage.output_tokens": 20, "gen_ai.usage.cost": 0.25,
                "gen_ai.request.is_stream": True, "gen_ai.request.user": "ann",
                "gen_ai.server.time_to_first_token": 0.5},
               event("gen_ai.content.prompt", {"gen_ai.prompt": "user: Hi"}),
               event("gen_ai.content.completion", {"gen_ai.completion": "Hello"}))  # fmt: skip
    assert (told.call.cost, told.call.ttft, told.call.user_id) == (0.25, 0.5, "ann")
    assert told.call.flags & Flag.STREAM
    assert shown(told) == ([("user", "user: Hi")], ANSWERED)


def test_openlits_input_of_anthropic_is_what_was_not_cached() -> None:
    told = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "claude-sonnet-4-5",
            "gen_ai.usage.output_tokens": 18, "gen_ai.usage.cache_read.input_tokens": 28,
            "gen_ai.usage.cache_creation.input_tokens": 38}  # fmt: skip
    for sent, whole in ((156, 222), (40, 106)):
        usage = {"gen_ai.usage.input_tokens": sent, "gen_ai.client.token.usage": sent + 18}
        anthropic = {**told, **usage, "gen_ai.provider.name": "anthropic"}
        assert one(anthropic).figures.input_tokens == whole
    openai = {**told, **usage, "gen_ai.usage.input_tokens": 156, "gen_ai.provider.name": "openai"}
    assert one(openai).figures.input_tokens == 156


def test_sentrys_names_are_known() -> None:
    told = one({"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5",
                "gen_ai.request.messages": '[{"role":"user","content":"Hi"}]',
                "gen_ai.response.text": '["Hello"]',
                "gen_ai.response.tool_calls": '[{"id":"c1","name":"now","arguments":"{}"}]',
                "gen_ai.usage.input_tokens": 100, "gen_ai.usage.input_tokens.cached": 60,
                "gen_ai.usage.output_tokens": 20, "gen_ai.usage.output_tokens.reasoning": 8,
                "gen_ai.usage.total_tokens": 120, "gen_ai.response.streaming": True})  # fmt: skip
    figures = told.figures
    assert (figures.input_tokens, figures.output_tokens) == (100, 20)
    assert (figures.cache_read_tokens, figures.reasoning_tokens) == (60, 8)
    payload = told.payload(told.call)
    assert said(payload.input) == ASKED
    assert said(payload.output)[0] == ("assistant", "Hello")
    assert payload.output[1].tool_calls[0].name == "now"
    assert "messages" not in payload.parameters
    tool = one({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "now",
                "gen_ai.tool.input": "{}", "gen_ai.tool.output": "noon"})  # fmt: skip
    assert shown(tool) == ([("user", "{}")], [("assistant", "noon")])


def test_laminars_spans_are_known_by_their_type() -> None:
    told = one({"lmnr.span.type": "LLM", "gen_ai.request.model": "gpt-4o",
                "lmnr.span.input": '[{"role":"user","content":"Hi"}]',
                "lmnr.span.output": '[{"role":"assistant","content":"Hello"}]',
                "lmnr.association.properties.session_id": "s"})  # fmt: skip
    assert told.call.session_id == "s"
    assert shown(told) == (ASKED, ANSWERED)
    assert one({"lmnr.span.type": "TOOL"}).spans[0].series.operation == "execute_tool"


GENERATION = {
    "langfuse.observation.type": "generation", "langfuse.observation.model.name": "gpt-4o",
    "langfuse.observation.input": '[{"role":"user","content":"Hi"}]',
    "langfuse.observation.output": '{"role":"assistant","content":"Hello"}',
    "langfuse.observation.model.parameters": '{"temperature":0.5}',
    "session.id": "s", "user.id": "ann",
}  # fmt: skip


class TestLangfuse:
    @pytest.mark.parametrize(
        ("usage", "sent", "answered"),
        [
            ({"input": 100, "output": 20, "total": 120, "input_cached_tokens": 60}, 100, 20),
            ({"input": 40, "output": 20, "total": 120, "input_cache_read": 60}, 100, 20),
            ({"input": 40, "output": 12, "total": 120, "input_cache_read": 60,
              "output_reasoning": 8}, 100, 20),
            ({"input": 100, "output": 12, "total": 120, "output_reasoning": 8}, 100, 20),
            ({"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
              "completion_tokens_details": {"reasoning_tokens": 8}}, 100, 20),
            ({"input_tokens": 40, "output_tokens": 20, "cache_read_input_tokens": 60}, 100, 20),
        ],
        ids=["cached within", "LangChain: cached beside", "both beside", "reasoning beside",
             "OpenAI's own", "Anthropic's own"],
    )  # fmt: skip
    def test_usage_is_whole_whatever_its_parts_are_called(
        self, usage: dict[str, Any], sent: int, answered: int
    ) -> None:
        call = one({**GENERATION, "langfuse.observation.usage_details": json.dumps(usage)}).call
        assert (call.input_tokens, call.output_tokens) == (sent, answered)

    def test_cost_level_content_and_parameters_are_told(self) -> None:
        told = one({**GENERATION, "langfuse.observation.cost_details": '{"total":0.25}',
                    "langfuse.observation.level": "ERROR",
                    "langfuse.observation.status_message": "429 slow down"})  # fmt: skip
        call = told.call
        assert (call.cost, call.session_id, call.user_id) == (0.25, "s", "ann")
        assert told.figures.errors_by_type == {"429": 1}
        assert shown(told) == (ASKED, ANSWERED)
        assert told.payload(call).parameters == {"temperature": 0.5}

    def test_only_generations_and_embeddings_count(self) -> None:
        for kind in ("span", "event", "agent", "tool", "chain", "retriever", "guardrail"):
            assert one({**GENERATION, "langfuse.observation.type": kind}).figures.calls == 0
        assert one({**GENERATION, "langfuse.observation.type": "embedding"}).figures.calls == 1


def test_mlflows_spans_over_otlp_tell_what_their_json_says() -> None:
    told = one({"mlflow.spanType": '"CHAT_MODEL"', "mlflow.llm.model": '"gpt-4o"',
                "mlflow.llm.provider": '"openai"', "mlflow.llm.cost": '{"total_cost":0.25}',
                "mlflow.chat.tokenUsage": json.dumps(
                    {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120,
                     "cache_read_input_tokens": 60}),
                "mlflow.spanInputs": '{"messages":[{"role":"user","content":"Hi"}]}',
                "mlflow.spanOutputs": json.dumps({"choices": [
                    {"message": {"role": "assistant", "content": "Hello"}}]})})  # fmt: skip
    call = told.call
    assert (call.series.provider, call.series.model, call.cost) == ("openai", "gpt-4o", 0.25)
    assert (call.input_tokens, call.output_tokens) == (100, 20)
    assert shown(told) == (ASKED, ANSWERED)
    for kind in ("AGENT", "TOOL", "CHAIN", "RETRIEVER", "PARSER", "UNKNOWN"):
        assert one({"mlflow.spanType": json.dumps(kind)}).figures.calls == 0
