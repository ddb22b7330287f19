"""Anthropic's real library against a loopback server: each call is seen once, with its figures."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic
from anthropic.resources.messages import AsyncMessages

import llmtop
from tests.emit.model_server import (
    ANSWER,
    ARGUMENTS,
    CACHED_TOKENS,
    COMPLETION_TOKENS,
    PROMPT_TOKENS,
    ModelServer,
)
from tests.emit.monitor import Monitor

MODEL = "claude-sonnet-4-5"
TOOLS: Any = [{"name": "weather", "input_schema": {"type": "object"}}]


def asking(text: str, **more: Any) -> Any:
    return {
        "model": MODEL,
        "max_tokens": 100,
        "messages": [{"role": "user", "content": text}],
        **more,
    }


@pytest.fixture
def client(model_server: ModelServer) -> Iterator[Anthropic]:
    with Anthropic(api_key="k", base_url=model_server.url, max_retries=2) as made:
        yield llmtop.instrument(made)


def an_async_client(model_server: ModelServer) -> AsyncAnthropic:
    return llmtop.instrument(AsyncAnthropic(api_key="k", base_url=model_server.url, max_retries=0))


def test_a_plain_message_is_seen_whole_with_cached_tokens_in_its_input(
    client: Anthropic, monitor: Monitor
) -> None:
    answer = client.messages.create(
        **asking("CACHED hello", system="Be brief.", metadata={"user_id": "u1"})
    )
    assert isinstance(answer, anthropic.types.Message)
    span = monitor.call()
    assert (span.series.provider, span.series.requested) == ("anthropic", MODEL)
    assert (span.input_tokens, span.output_tokens) == (PROMPT_TOKENS, COMPLETION_TOKENS)
    assert span.cache is not None
    assert span.cache.read == CACHED_TOKENS
    assert (span.status, span.finish_reason, span.user_id) == ("ok", "end_turn", "u1")
    payload = monitor.payload(span)
    assert [message.role for message in payload.input] == ["system", "user"]
    assert payload.output[0].text == ANSWER
    assert payload.parameters["max_tokens"] == 100


def test_a_stream_tells_its_first_token_and_usage_and_stays_a_stream(
    client: Anthropic, monitor: Monitor
) -> None:
    stream = client.messages.create(**asking("CACHED", stream=True))
    assert type(stream) is anthropic.Stream
    assert [event.type for event in stream][-1] == "message_stop"
    span = monitor.call()
    assert (span.input_tokens, span.output_tokens) == (PROMPT_TOKENS, COMPLETION_TOKENS)
    assert span.ttft is not None
    assert monitor.payload(span).output[0].text == ANSWER


def test_the_stream_helper_works_and_is_seen(client: Anthropic, monitor: Monitor) -> None:
    with client.messages.stream(**asking("hello")) as stream:
        assert "".join(stream.text_stream) == ANSWER
        assert stream.get_final_message().usage.output_tokens == COMPLETION_TOKENS
    assert monitor.call().output_tokens == COMPLETION_TOKENS


def test_the_stream_helper_left_early_is_cancelled(client: Anthropic, monitor: Monitor) -> None:
    with client.messages.stream(**asking("PAUSE")) as stream:
        next(iter(stream.text_stream))
    span = monitor.call()
    assert span.status == "cancelled"
    assert monitor.payload(span).output[0].text.startswith("The ")


@pytest.mark.parametrize("stream", [False, True])
def test_tool_calls_are_told(client: Anthropic, monitor: Monitor, stream: bool) -> None:
    answer = client.messages.create(**asking("TOOL", tools=TOOLS, stream=stream))
    if stream:
        list(answer)
    span = monitor.call()
    assert span.finish_reason == "tool_use"
    (call,) = monitor.payload(span).output[0].tool_calls
    assert (call.id, call.name) == ("toolu_1", "weather")
    assert (call.arguments or "").replace(" ", "") == ARGUMENTS.replace(" ", "")


def test_retries_are_one_call_with_its_attempts(client: Anthropic, monitor: Monitor) -> None:
    client.messages.create(**asking("FLAKY anthropic"))
    assert monitor.payload(monitor.call()).attributes["attempts"] == 3


def test_errors_are_told(client: Anthropic, monitor: Monitor) -> None:
    with pytest.raises(anthropic.RateLimitError):
        client.messages.create(**asking("FAIL429"))
    span = monitor.call()
    assert span.failure is not None
    assert span.failure.type == "RateLimitError"
    assert monitor.payload(span).attributes["attempts"] == 3


def test_a_timeout_is_told(client: Anthropic, monitor: Monitor) -> None:
    with pytest.raises(anthropic.APITimeoutError):
        client.with_options(max_retries=0, timeout=0.2).messages.create(**asking("HANG"))
    span = monitor.call()
    assert span.failure is not None
    assert span.failure.type == "APITimeoutError"


def test_a_stream_that_is_cut_is_an_error(client: Anthropic, monitor: Monitor) -> None:
    with pytest.raises(Exception, match="peer closed"):
        list(client.messages.create(**asking("CUT", stream=True)))
    assert monitor.call().status == "error"


def test_a_raw_response_is_seen(client: Anthropic, monitor: Monitor) -> None:
    raw = client.messages.with_raw_response.create(**asking("hello"))
    assert raw.parse().content[0].type == "text"
    assert monitor.call().output_tokens == COMPLETION_TOKENS


def test_a_streaming_response_is_seen(client: Anthropic, monitor: Monitor) -> None:
    with client.messages.with_streaming_response.create(**asking("hello")) as response:
        assert response.parse().stop_reason == "end_turn"
    assert monitor.call().output_tokens == COMPLETION_TOKENS


def test_async_calls_stay_coroutines_and_are_seen(
    model_server: ModelServer, monitor: Monitor
) -> None:
    async def ask() -> None:
        async with an_async_client(model_server) as client:
            create: Any = client.messages.create
            assert create.__func__ is AsyncMessages.create, "the method itself is untouched"
            assert inspect.iscoroutinefunction(client.request)
            await client.messages.create(**asking("a"))
            stream = await client.messages.create(**asking("b", stream=True))
            assert type(stream) is anthropic.AsyncStream
            assert [event async for event in stream]
            async with client.messages.stream(**asking("c")) as helper:
                assert await helper.get_final_text() == ANSWER

    asyncio.run(ask())
    monitor.wait(lambda: len(monitor.calls()) == 3 and not monitor.live.running)
    assert {call.output_tokens for call in monitor.calls()} == {COMPLETION_TOKENS}


def test_an_async_stream_whose_task_is_cancelled_is_cancelled(
    model_server: ModelServer, monitor: Monitor
) -> None:
    async def ask() -> None:
        async with an_async_client(model_server) as client:
            begun = asyncio.Event()

            async def read() -> None:
                async with client.messages.stream(**asking("PAUSE")) as stream:
                    async for _ in stream.text_stream:
                        begun.set()

            task = asyncio.create_task(read())
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(ask())
    assert monitor.call().status == "cancelled"


def test_both_libraries_are_seen_after_instrument_without_a_client(
    model_server: ModelServer, monitor: Monitor
) -> None:
    llmtop.instrument()
    with Anthropic(api_key="k", base_url=model_server.url) as client:
        client.messages.create(**asking("hello"))
    assert monitor.call().output_tokens == COMPLETION_TOKENS
