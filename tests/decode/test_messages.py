"""Messages in the shapes that SDKs and conventions write them in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode.messages import conversation, indexed, message, unfolded
from tests.decode.test_values import anything

TOOL = ("now", '{"zone":"UTC"}')


@pytest.mark.parametrize(
    "told",
    [
        [{"role": "user", "content": "Hi"}],
        {"messages": [{"role": "user", "content": "Hi"}]},
        '[{"role": "user", "content": "Hi"}]',
        [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}],
        {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]},
        "Hi",
        [{"message": {"role": "user", "content": "Hi"}}],
        [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}],
    ],
)
def test_one_question_in_many_shapes(told: Any) -> None:
    (found,) = conversation(told)
    assert (found.role, found.text) == ("user", "Hi")


@pytest.mark.parametrize(
    "told",
    [
        {"tool_calls": [{"id": "1", "function": {"name": "now", "arguments": '{"zone":"UTC"}'}}]},
        {"content": [{"type": "tool_use", "id": "1", "name": "now", "input": {"zone": "UTC"}}]},
        {"parts": [{"type": "tool_call", "id": "1", "name": "now", "arguments": {"zone": "UTC"}}]},
        {"parts": [{"functionCall": {"name": "now", "args": {"zone": "UTC"}}}]},
        {"function_call": {"name": "now", "arguments": '{"zone":"UTC"}'}},
        {"content": [{"type": "tool-call", "toolCallId": "1", "toolName": "now",
                      "args": {"zone": "UTC"}}]},
        {"type": "function_call", "call_id": "1", "name": "now", "arguments": '{"zone":"UTC"}'},
    ],
)  # fmt: skip
def test_one_tool_call_in_many_shapes(told: dict[str, Any]) -> None:
    (call,) = message(told, "assistant").tool_calls
    assert (call.name, call.arguments) == TOOL


@pytest.mark.parametrize(
    "told",
    [
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1",
                                      "content": [{"type": "text", "text": "noon"}]}]},
        {"role": "tool", "tool_call_id": "1", "content": "noon"},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "1", "response": "noon"}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "1", "result": "noon"}]},
        {"type": "function_call_output", "call_id": "1", "output": "noon"},
    ],
)  # fmt: skip
def test_one_result_of_a_tool_in_many_shapes(told: dict[str, Any]) -> None:
    found = message(told)
    assert (found.role, found.text) == ("tool", "noon")


def test_what_is_not_text_is_said_in_brackets() -> None:
    parts = [{"type": "text", "text": "Look:"}, {"type": "image_url", "image_url": {"url": "x"}},
             {"type": "blob", "modality": "audio"}]  # fmt: skip
    assert message({"content": parts}).text == "Look:\n[image_url]\n[audio]"


def test_reasoning_is_told_apart_and_refusals_are_shown() -> None:
    assert message({"content": [{"type": "thinking", "thinking": "Hm"}]}).text == "[reasoning] Hm"
    assert message({"content": "Yes", "reasoning_content": "Hm"}).text == "[reasoning] Hm\nYes"
    assert message({"content": None, "refusal": "No"}).text == "No"


def test_an_object_that_is_no_message_is_shown_as_it_is() -> None:
    (found,) = conversation({"city": "Paris"}, "tool")
    assert (found.role, found.text) == ("tool", '{"city":"Paris"}')


def test_messages_spread_over_attributes_are_put_together() -> None:
    openinference = {
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.contents.0.message_content.type": "text",
        "llm.input_messages.0.message.contents.0.message_content.text": "Hi",
        "llm.input_messages.1.message.role": "assistant",
        "llm.input_messages.1.message.tool_calls.0.tool_call.function.name": "now",
        "llm.input_messages.1.message.tool_calls.0.tool_call.function.arguments": '{"zone":"UTC"}',
        "llm.input_messages.10.message.content": "last",
    }
    rows = [message(unfolded(row)) for row in indexed(openinference, "llm.input_messages")]
    assert [row.text for row in rows] == ["Hi", "", "last"]
    assert (rows[1].tool_calls[0].name, rows[1].tool_calls[0].arguments) == TOOL
    traceloop = {
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": "Hello",
        "gen_ai.completion.0.tool_calls.0.name": "now",
        "gen_ai.completion.0.tool_calls.0.arguments": '{"zone":"UTC"}',
    }
    (row,) = indexed(traceloop, "gen_ai.completion")
    found = message(row)
    assert found.text == "Hello"
    assert (found.tool_calls[0].name, found.tool_calls[0].arguments) == TOOL


@given(anything | st.lists(st.dictionaries(
    st.sampled_from(["role", "content", "type", "parts", "text", "tool_calls", "function"]),
    anything, max_size=4), max_size=3))  # fmt: skip
def test_nothing_raises(told: Any) -> None:
    for found in conversation(told):
        assert isinstance(found.text, str)
        assert isinstance(found.role, str)


def test_parts_written_out_as_a_text_are_parts_and_other_json_is_what_was_said() -> None:
    (parts,) = conversation([{"role": "user", "content": '[{"text": "Hi"}]'}])
    (other,) = conversation([{"role": "user", "content": '[{"a": 1}]'}])
    assert (parts.text, other.text) == ("Hi", '[{"a": 1}]')
