"""Logfire's instrumentations of OpenAI and Anthropic: requests, responses, streams."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.decode.one_span import shown
from tests.decode.otlp import export, span
from tests.decode.reading import Reading, read

ASKED, ANSWERED = [("user", "Hi")], [("assistant", "Hello")]


def one(attributes: dict[str, Any]) -> Reading:
    return read(export(span(1, attributes), scope="logfire.anthropic"))


def test_a_request_and_its_response_are_the_conversation() -> None:
    told = one({
        "request_data": json.dumps({"model": "gpt-4o", "temperature": 0.5, "messages": [
            {"role": "user", "content": "Hi"}]}),
        "response_data": json.dumps({"message": {"role": "assistant", "content": "Hello"}}),
        "gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20,
        "operation.cost": 0.25, "logfire.msg": "Chat Completion with 'gpt-4o'",
        "logfire.span_type": "span", "logfire.level_num": 9})  # fmt: skip
    assert (told.call.cost, told.call.name) == (0.25, "Chat Completion with 'gpt-4o'")
    assert shown(told) == (ASKED, ANSWERED)


def test_a_list_of_events_is_the_conversation() -> None:
    events = [{"event.name": "gen_ai.user.message", "role": "user", "content": "Hi"},
              {"event.name": "gen_ai.choice", "index": 0,
               "message": {"role": "assistant", "content": "Hello"}}]  # fmt: skip
    told = one({"gen_ai.request.model": "gpt-5", "gen_ai.operation.name": "chat",
                "events": json.dumps(events)})  # fmt: skip
    assert shown(told) == (ASKED, ANSWERED)


ANTHROPIC = {
    "gen_ai.system": "anthropic", "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "claude-sonnet-4-5", "gen_ai.response.id": "msg_1",
    "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20,
    "logfire.span_type": "span", "operation.cost": 0.25,
}  # fmt: skip
RAW = {"input_tokens": 100, "output_tokens": 20, "cache_read_input_tokens": 60,
       "cache_creation_input_tokens": 30, "service_tier": "standard",
       "cache_creation": {"ephemeral_1h_input_tokens": 10}}  # fmt: skip
RESPONSE = {"message": {"role": "assistant", "content": "Hello"}, "usage": RAW}


@pytest.mark.parametrize(
    "told",
    [{"response_data": json.dumps(RESPONSE)}, {"gen_ai.usage.raw": json.dumps(RAW)},
     {"response_data": json.dumps(RESPONSE), "gen_ai.usage.raw": json.dumps(RAW)}],
    ids=["response", "raw usage", "both"],
)  # fmt: skip
def test_anthropics_cached_tokens_are_told_by_its_own_usage_alone(told: dict[str, Any]) -> None:
    figures = one({**ANTHROPIC, **told}).figures
    assert (figures.input_tokens, figures.output_tokens) == (190, 20)
    assert (figures.cache_read_tokens, figures.cache_write_tokens) == (60, 30)


def test_openais_own_usage_counts_cached_tokens_among_the_others() -> None:
    raw = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
           "prompt_tokens_details": {"cached_tokens": 60},
           "completion_tokens_details": {"reasoning_tokens": 8}}  # fmt: skip
    figures = one({**ANTHROPIC, "gen_ai.usage.raw": json.dumps(raw)}).figures
    assert (figures.input_tokens, figures.output_tokens) == (100, 20)
    assert (figures.cache_read_tokens, figures.reasoning_tokens) == (60, 8)


def test_an_answer_that_was_streamed_is_shown_as_text() -> None:
    told = {"response_data": json.dumps({"combined_chunk_content": "Hello", "chunk_count": 2})}
    assert shown(one({**ANTHROPIC, **told}))[1] == ANSWERED
