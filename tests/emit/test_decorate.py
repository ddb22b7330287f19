"""Decorators: functions of every kind stay what they are, and each call of them is a span."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Generator, Iterator

import pytest

import llmtop
from llmtop import tracer
from tests.emit.monitor import Monitor


def ended(monitor: Monitor, count: int) -> None:
    monitor.wait(lambda: len(monitor.spans()) == count and not monitor.live.running)


def below(monitor: Monitor, inner: str, outer: str) -> bool:
    return monitor.named(inner).parent_id == monitor.named(outer).span_id


def test_a_plain_function(monitor: Monitor) -> None:
    @tracer.chain_step("outer")
    def outer(number: int, *, more: int = 0) -> int:
        """Adds."""
        with tracer.span("inner"):
            return number + more

    assert outer(1, more=2) == 3
    assert (outer.__name__, outer.__doc__) == ("outer", "Adds.")
    ended(monitor, 2)
    assert below(monitor, "inner", "outer")
    outer(1)
    ended(monitor, 4)


def test_a_bare_decorator_names_the_span_after_the_function(monitor: Monitor) -> None:
    @tracer.span
    def step() -> None: ...

    step()
    ended(monitor, 1)
    assert (monitor.spans()[0].name or "").endswith("step")


def test_a_coroutine_function(monitor: Monitor) -> None:
    @tracer.agent("outer")
    async def outer() -> int:
        await asyncio.sleep(0)
        with tracer.span("inner"):
            return 1

    assert inspect.iscoroutinefunction(outer)
    assert asyncio.run(outer()) == 1
    ended(monitor, 2)
    assert below(monitor, "inner", "outer")


def test_a_generator_is_current_within_and_not_between_its_items(monitor: Monitor) -> None:
    @tracer.tool("outer")
    def outer(count: int) -> Generator[int, str, str]:
        said = []
        for number in range(count):
            with tracer.span(f"inner {number}"):
                pass
            said.append((yield number))
        return ",".join(said)

    assert inspect.isgeneratorfunction(outer)
    generator = outer(2)
    assert next(generator) == 0
    assert llmtop.current_span() is None
    with tracer.span("consumer"):
        assert generator.send("a") == 1
    with pytest.raises(StopIteration) as stop:
        generator.send("b")
    assert stop.value.value == "a,b"
    ended(monitor, 4)
    assert below(monitor, "inner 0", "outer")
    assert below(monitor, "inner 1", "outer")
    assert monitor.named("consumer").parent_id is None
    assert monitor.named("outer").status == "ok"


def test_a_generator_that_is_left_is_cancelled_and_cleans_up(monitor: Monitor) -> None:
    cleaned = []

    @tracer.span("outer")
    def outer() -> Iterator[int]:
        try:
            yield 1
            yield 2
        finally:
            with tracer.span("inner"):
                cleaned.append(True)

    for _ in outer():
        break
    assert cleaned == [True]
    ended(monitor, 2)
    assert monitor.named("outer").status == "cancelled"
    assert below(monitor, "inner", "outer")


def test_an_exception_thrown_into_a_generator_arrives(monitor: Monitor) -> None:
    @tracer.span("outer")
    def outer() -> Iterator[str]:
        try:
            yield "waiting"
        except KeyError:
            yield "caught"
        raise ValueError("at the end")

    generator = outer()
    next(generator)
    assert isinstance(generator, Generator)
    assert generator.throw(KeyError()) == "caught"
    with pytest.raises(ValueError, match="at the end"):
        next(generator)
    ended(monitor, 1)
    assert monitor.named("outer").status == "error"


def test_an_async_generator(monitor: Monitor) -> None:
    @tracer.span("outer")
    async def outer() -> AsyncIterator[int]:
        for number in range(2):
            await asyncio.sleep(0)
            with tracer.span(f"inner {number}"):
                pass
            yield number

    async def consume() -> list[int]:
        found = []
        async for number in outer():
            assert llmtop.current_span() is None
            found.append(number)
        return found

    assert inspect.isasyncgenfunction(outer)
    assert asyncio.run(consume()) == [0, 1]
    ended(monitor, 3)
    assert below(monitor, "inner 0", "outer")
    assert below(monitor, "inner 1", "outer")
    assert monitor.named("outer").status == "ok"


def test_an_async_generator_that_is_closed_is_cancelled(monitor: Monitor) -> None:
    cleaned = []

    @tracer.span("outer")
    async def outer() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            cleaned.append(True)

    async def consume() -> None:
        generator = outer()
        await anext(generator)
        await generator.aclose()  # type: ignore[attr-defined]  # it is a generator, if typed as iterator

    asyncio.run(consume())
    assert cleaned == [True]
    ended(monitor, 1)
    assert monitor.named("outer").status == "cancelled"


def test_methods_keep_their_self(monitor: Monitor) -> None:
    class Bot:
        name = "bot"

        @tracer.chain_step("reply")
        def reply(self, text: str) -> str:
            return f"{self.name}: {text}"

    assert Bot().reply("hi") == "bot: hi"
    ended(monitor, 1)


def test_a_decorated_call_to_a_model_is_a_call_each_time(monitor: Monitor) -> None:
    @tracer.llm_call("gpt-4o")
    def ask() -> None:
        call = llmtop.current_span()
        assert isinstance(call, llmtop.Call)
        call.set_usage(prompt_tokens=3)

    ask()
    ask()
    ended(monitor, 2)
    assert [call.input_tokens for call in monitor.calls()] == [3, 3]
