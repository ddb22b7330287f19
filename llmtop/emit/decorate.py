"""Spans around functions of every kind: plain, async, generators and async generators."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from llmtop.emit.context import active
from llmtop.emit.emitter import is_off

if TYPE_CHECKING:
    from llmtop.emit.span import Span

P = ParamSpec("P")
R = TypeVar("R")


def decorated(like: Span, function: Callable[P, R]) -> Callable[P, R]:
    """The function, each call of it in a new span like the one given; of the same kind as before.

    With `LLMTOP=0` it is the function itself.
    """
    if is_off():
        return function
    kind: Callable[[Span, Callable[..., Any]], Callable[..., Any]]
    if inspect.isasyncgenfunction(function):
        kind = _async_generator
    elif inspect.isgeneratorfunction(function):
        kind = _generator
    elif inspect.iscoroutinefunction(function):
        kind = _coroutine
    else:
        kind = _plain
    return cast(Callable[P, R], functools.wraps(function)(kind(like, function)))


def _plain(like: Span, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        with like.again():
            return function(*args, **kwargs)

    return call


def _coroutine(like: Span, function: Callable[..., Any]) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> Any:
        with like.again():
            return await function(*args, **kwargs)

    return call


@contextmanager
def _current(span: Span) -> Iterator[None]:
    """Make a span current while a generator runs; between its items its consumer runs."""
    before = active.get()
    if not span.ended:
        active.set(span)
    try:
        yield
    finally:
        active.set(before)


def _generator(like: Span, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        span = like.again().start()
        generator: Generator[Any, Any, Any] = function(*args, **kwargs)
        step: Callable[[], Any] = functools.partial(next, generator)
        try:
            while True:
                with _current(span):
                    item = step()
                try:
                    sent = yield item
                except GeneratorExit:
                    with _current(span):
                        generator.close()
                    raise
                except BaseException as error:
                    step = functools.partial(generator.throw, error)
                else:
                    step = functools.partial(generator.send, sent)
        except StopIteration as stop:
            return stop.value
        except BaseException as error:
            span.set_error(error)
            raise
        finally:
            span.end()

    return call


def _async_generator(like: Span, function: Callable[..., Any]) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        span = like.again().start()
        generator: AsyncGenerator[Any, Any] = function(*args, **kwargs)
        step: Callable[[], Any] = generator.__anext__
        try:
            while True:
                with _current(span):
                    item = await step()
                try:
                    sent = yield item
                except GeneratorExit:
                    with _current(span):
                        await generator.aclose()
                    raise
                except BaseException as error:
                    step = functools.partial(generator.athrow, error)
                else:
                    step = functools.partial(generator.asend, sent)
        except StopAsyncIteration:
            return
        except BaseException as error:
            span.set_error(error)
            raise
        finally:
            span.end()

    return call
