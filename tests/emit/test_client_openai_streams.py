"""OpenAI's streams: first token, usage, and every way in which they may end."""

from __future__ import annotations

import gc
from typing import Any

import openai
import pytest
from openai import OpenAI

from tests.emit.asking_openai import MODEL, TOOLS, say
from tests.emit.model_server import (
    ANSWER,
    ARGUMENTS,
    COMPLETION_TOKENS,
    PROMPT_TOKENS,
)
from tests.emit.monitor import Monitor


def test_a_stream_tells_its_first_token_and_usage_and_stays_a_stream(
    client: OpenAI, monitor: Monitor
) -> None:
    stream = client.chat.completions.create(model=MODEL, messages=say("hello"), stream=True)
    assert isinstance(stream, openai.Stream)
    assert type(stream) is openai.Stream
    chunks = list(stream)
    assert all(chunk.choices for chunk in chunks), "the usage was not asked for by the program"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == ANSWER
    span = monitor.call()
    assert (span.input_tokens, span.output_tokens) == (PROMPT_TOKENS, COMPLETION_TOKENS)
    assert span.ttft is not None
    assert span.latency is not None
    assert 0 < span.ttft <= span.latency
    assert span.status == "ok"
    assert monitor.payload(span).output[0].text == ANSWER


def test_streamed_tool_calls_are_put_together(client: OpenAI, monitor: Monitor) -> None:
    list(
        client.chat.completions.create(model=MODEL, messages=say("TOOL"), tools=TOOLS, stream=True)
    )
    (call,) = monitor.payload(monitor.call()).output[0].tool_calls
    assert (call.id, call.name, call.arguments) == ("call_1", "weather", ARGUMENTS)


def test_a_stream_that_is_cut_is_an_error_with_what_came(client: OpenAI, monitor: Monitor) -> None:
    stream = client.chat.completions.create(model=MODEL, messages=say("CUT"), stream=True)
    with pytest.raises(openai.APIConnectionError):
        list(stream)
    span = monitor.call()
    assert span.status == "error"
    assert monitor.payload(span).output[0].text.startswith("The capital")


def test_a_stream_that_ends_without_its_end_is_an_error(client: OpenAI, monitor: Monitor) -> None:
    list(client.chat.completions.create(model=MODEL, messages=say("SHORT"), stream=True))
    span = monitor.call()
    assert span.failure is not None
    assert span.failure.type == "StreamCut"


def test_a_stream_that_is_left_in_a_loop_is_cancelled(client: OpenAI, monitor: Monitor) -> None:
    def first_word() -> str:
        for chunk in client.chat.completions.create(
            model=MODEL, messages=say("PAUSE"), stream=True
        ):
            if chunk.choices[0].delta.content:
                return chunk.choices[0].delta.content
        return ""

    gc.disable()
    try:
        assert first_word() == "The "
        span = monitor.call()
    finally:
        gc.enable()
    assert span.status == "cancelled"
    assert span.ttft is not None


def test_a_stream_that_nobody_reads_is_ended_when_it_is_dropped(
    client: OpenAI, monitor: Monitor
) -> None:
    stream = client.chat.completions.create(model=MODEL, messages=say("hello"), stream=True)
    stream.response.close()
    del stream
    assert monitor.call().status == "cancelled"


def test_a_closed_stream_is_cancelled(client: OpenAI, monitor: Monitor) -> None:
    with client.chat.completions.create(model=MODEL, messages=say("PAUSE"), stream=True) as stream:
        next(stream)
    assert monitor.call().status == "cancelled"


def test_the_stream_helper_works_and_is_seen(client: OpenAI, monitor: Monitor) -> None:
    with client.chat.completions.stream(model=MODEL, messages=say("hello")) as stream:
        texts = [event.delta for event in stream if event.type == "content.delta"]
        final = stream.get_final_completion()
    assert "".join(texts) == ANSWER
    assert final.choices[0].message.content == ANSWER
    assert monitor.call().output_tokens == COMPLETION_TOKENS


def test_the_stream_helper_left_early_is_cancelled(client: OpenAI, monitor: Monitor) -> None:
    with client.chat.completions.stream(model=MODEL, messages=say("PAUSE")) as stream:
        next(iter(stream))
    assert monitor.call().status == "cancelled"


def test_streamed_responses_are_seen(client: OpenAI, monitor: Monitor) -> None:
    events = list(client.responses.create(model=MODEL, input="hello", stream=True))
    assert events[-1].type == "response.completed"
    span = monitor.call()
    assert span.output_tokens == COMPLETION_TOKENS
    assert span.ttft is not None
    assert monitor.payload(span).output[0].text == ANSWER


def test_the_responses_stream_helper_is_seen(client: OpenAI, monitor: Monitor) -> None:
    with client.responses.stream(model=MODEL, input="hello") as stream:
        assert stream.get_final_response().output_text == ANSWER
    assert monitor.call().output_tokens == COMPLETION_TOKENS


def test_a_responses_stream_that_is_cut_is_an_error(client: OpenAI, monitor: Monitor) -> None:
    with pytest.raises(openai.APIConnectionError):
        list(client.responses.create(model=MODEL, input="CUT", stream=True))
    assert monitor.call().status == "error"


def test_a_stream_parsed_from_a_raw_response_outlives_it(client: OpenAI, monitor: Monitor) -> None:
    stream: openai.Stream[Any] = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=say("hello"), stream=True
    ).parse()
    gc.collect()
    assert len(list(stream)) > len(ANSWER.split())
    span = monitor.call()
    assert (span.status, span.output_tokens) == ("ok", COMPLETION_TOKENS)


def test_closing_the_response_of_a_stream_closes_it(client: OpenAI, monitor: Monitor) -> None:
    create: Any = client.chat.completions.create
    response = create(model=MODEL, messages=say("PAUSE"), stream=True).response
    response.close()
    assert response.is_closed
    assert monitor.call().status == "cancelled"
