"""OpenAI's asynchronous client: awaited, streamed, cancelled."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import openai
import pytest
from openai.resources.chat.completions import AsyncCompletions

from tests.emit.asking_openai import MODEL, an_async_client, say
from tests.emit.model_server import (
    ANSWER,
    COMPLETION_TOKENS,
    ModelServer,
)
from tests.emit.monitor import Monitor


def test_async_calls_stay_coroutines_and_are_seen(
    model_server: ModelServer, monitor: Monitor
) -> None:
    async def ask() -> str | None:
        async with an_async_client(model_server) as client:
            create: Any = client.chat.completions.create
            assert create.__func__ is AsyncCompletions.create, "the method itself is untouched"
            assert inspect.iscoroutinefunction(client.request)
            answer = await client.chat.completions.create(model=MODEL, messages=say("hello"))
            return answer.choices[0].message.content

    assert asyncio.run(ask()) == ANSWER
    assert monitor.call().output_tokens == COMPLETION_TOKENS


def test_an_async_stream_is_seen(model_server: ModelServer, monitor: Monitor) -> None:
    async def ask() -> str:
        async with an_async_client(model_server) as client:
            stream = await client.chat.completions.create(
                model=MODEL, messages=say("hello"), stream=True
            )
            assert type(stream) is openai.AsyncStream
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert asyncio.run(ask()) == ANSWER
    span = monitor.call()
    assert span.output_tokens == COMPLETION_TOKENS
    assert span.ttft is not None


def test_an_async_stream_whose_task_is_cancelled_is_cancelled(
    model_server: ModelServer, monitor: Monitor
) -> None:
    async def ask() -> None:
        async with an_async_client(model_server) as client:
            begun = asyncio.Event()

            async def read() -> None:
                stream = await client.chat.completions.create(
                    model=MODEL, messages=say("PAUSE"), stream=True
                )
                async for _ in stream:
                    begun.set()

            task = asyncio.create_task(read())
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(ask())
    span = monitor.call()
    assert span.status == "cancelled"


def test_a_request_whose_task_is_cancelled_is_cancelled(
    model_server: ModelServer, monitor: Monitor
) -> None:
    async def ask() -> None:
        async with an_async_client(model_server) as client:
            request = client.chat.completions.create(model=MODEL, messages=say("HANG"))
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(request, 0.2)

    asyncio.run(ask())
    span = monitor.call()
    assert span.status == "cancelled"
    assert span.failure is not None
    assert span.failure.type == "CancelledError"


def test_async_helpers_are_seen(model_server: ModelServer, monitor: Monitor) -> None:
    async def ask() -> None:
        async with an_async_client(model_server) as client:
            async with client.chat.completions.stream(model=MODEL, messages=say("a")) as stream:
                await stream.get_final_completion()
            async with client.responses.stream(model=MODEL, input="b") as responses:
                await responses.get_final_response()
            raw = await client.chat.completions.with_raw_response.create(
                model=MODEL, messages=say("c")
            )
            assert raw.parse().choices[0].message.content == ANSWER
            async with client.chat.completions.with_streaming_response.create(
                model=MODEL, messages=say("d"), stream=True
            ) as response:
                assert [chunk async for chunk in await response.parse()]

    asyncio.run(ask())
    monitor.wait(lambda: len(monitor.calls()) == 4 and not monitor.live.running)
    assert {call.output_tokens for call in monitor.calls()} == {COMPLETION_TOKENS}
    assert {call.status for call in monitor.calls()} == {"ok"}
