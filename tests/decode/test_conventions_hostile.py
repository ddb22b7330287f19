"""Attributes of every convention, of any value: nothing raises, nothing absurd is told."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from llmtop.decode import attribute_payload, attributes
from llmtop.payload import Event, Payload
from llmtop.span import OPERATIONS, Fragment
from tests.decode.otlp import export, logs, record, span, value
from tests.decode.reading import read
from tests.decode.test_values import anything

CONTENT = (
    "ai.prompt.messages", "ai.response.toolCalls", "all_messages_events", "events",
    "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.prompt", "gen_ai.prompt.0.content",
    "gen_ai.prompt.0.tool_calls.0.name", "gen_ai.system_instructions", "genkit:input", "input",
    "input.value", "llm.input_messages.0.message.contents.0.message_content.text",
    "llm.input_messages.0.message.tool_calls.0.tool_call.function.name", "llm.prompts.0.prompt",
    "mlflow.spanInputs", "output.value", "request_data", "retrieval.documents.0.document",
)  # fmt: skip
KEYS = ("role", "content", "parts", "type", "text", "tool_calls", "toolUse", "functionCall", "lc",
        "kwargs", "data", "message", "messages", "body", "input", "output", "usage", "anthropic",
        "total", "system", "config", "value", "arguments")  # fmt: skip
WORDS = ("user", "ai", "tool_use", "tool_result", "reasoning", "json", "LLM", "chat", "span",
         "llm_request", '{"input": 5, "total": 9}', '[{"role": "user"}]', "['stop']")  # fmt: skip
NESTED = st.recursive(
    anything | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
TOLD = st.dictionaries(st.sampled_from(sorted(attributes.READ | set(CONTENT))), NESTED, max_size=8)
COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "reasoning_tokens")


@given(TOLD, st.sampled_from([None, "claude_code.llm_request", "chat"]))
@settings(max_examples=150)
def test_whatever_is_told_makes_a_sensible_fragment(told: dict[str, Any], name: str | None) -> None:
    fragment = Fragment(name=name, start=1.0)
    attributes.apply(fragment, told)
    assert fragment.operation in OPERATIONS | {None}
    for field in COUNTS:
        count = getattr(fragment, field)
        assert count is None or (type(count) is int and count >= 0)
    for field in ("provider", "model", "session_id", "agent", "finish_reason", "name"):
        assert isinstance(getattr(fragment, field), str | None)


@given(TOLD, st.lists(st.tuples(
    st.sampled_from(["gen_ai.choice", "gen_ai.user.message", "tool.output", "db.query.result",
                     "gen_ai.client.inference.operation.details", "anything"]),
    st.dictionaries(st.sampled_from(["body", "content", "message", "gen_ai.event.content",
                                     "gen_ai.input.messages", "finish_reason"]), NESTED,
                    max_size=3)), max_size=4))  # fmt: skip
@settings(max_examples=150)
def test_whatever_is_told_can_be_shown(
    told: dict[str, Any], events: list[tuple[str, dict[str, Any]]]
) -> None:
    payload = Payload()
    happened = tuple(Event(name, None, attributes=each) for name, each in events)
    attribute_payload.fill(payload, told, happened)
    for message in (*payload.input, *payload.output):
        assert isinstance(message.role, str)
        assert isinstance(message.text, str)
        assert isinstance(message.tool_call_id, str | None)
        for call in message.tool_calls:
            assert isinstance(call.name, str | None)
            assert isinstance(call.arguments, str | None)


@given(TOLD, NESTED)
@settings(max_examples=100)
def test_whatever_a_span_and_its_log_records_tell_is_read_and_shown(
    told: dict[str, Any], body: Any
) -> None:
    found = read(
        export(span(1, told)),
        logs(record({"event.name": "gen_ai.choice", "gen_ai.event.content": body}, number=1,
                    body=value(body)),
             record({"event.name": "api_request", "model": "m", "input_tokens": body})),
    )  # fmt: skip
    assert found.counts().rejected == 0
    for each in found.spans:
        assert found.payload(each).missing is None


def test_messages_within_messages_without_end_are_shown_as_they_are() -> None:
    deep: Any = "end"
    for _ in range(200):
        deep = {"type": "tool_result", "content": [deep]}
    payload = Payload()
    attribute_payload.fill(payload, {"input.value": [{"role": "user", "content": [deep]}]})
    assert "end" in payload.input[0].text
