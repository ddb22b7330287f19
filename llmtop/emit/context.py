"""The current span: found across awaits and tasks, carried into threads and over HTTP headers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar, cast

from llmtop.emit import emitter

if TYPE_CHECKING:
    from llmtop.emit.span import Span

P = ParamSpec("P")
R = TypeVar("R")


class SpanContext(NamedTuple):
    """Where a span is: as much of it as another process needs to put spans below it."""

    trace_id: str
    """32 hexadecimal characters."""
    span_id: str
    """16 hexadecimal characters."""


active: ContextVar[Span | SpanContext | None] = ContextVar("llmtop_span", default=None)


def current_span() -> Span | None:
    """The span of this process that is open here, or `None`."""
    found = open_place(active.get())
    return None if isinstance(found, SpanContext) else found


def current_place() -> Span | SpanContext | None:
    """What a span that begins here is put below.

    Of a span that ended, that is its nearest open parent; without one it is the span itself: a
    task that goes on after the span it was started in still belongs to its trace.
    """
    found = active.get()
    return open_place(found) or found


def open_place(place: Span | SpanContext | None) -> Span | SpanContext | None:
    """A place, or the nearest one above it that has not ended."""
    while place is not None and not isinstance(place, SpanContext) and place.ended:
        place = place.before
    return place


def wrap(function: Callable[P, R]) -> Callable[P, R]:
    """The function, so that it runs below the span that is current now: for threads, executors."""
    if emitter.is_off():
        return function
    import inspect

    if inspect.iscoroutinefunction(function):
        place = current_place()

        @functools.wraps(function)
        async def in_task(*args: P.args, **kwargs: P.kwargs) -> Any:
            before = active.get()
            active.set(place)
            try:
                return await function(*args, **kwargs)
            finally:
                active.set(before)

        return cast(Callable[P, R], in_task)
    context = copy_context()

    @functools.wraps(function)
    def in_thread(*args: P.args, **kwargs: P.kwargs) -> R:
        # A context can be entered once at a time, and several threads may run the function.
        return context.copy().run(function, *args, **kwargs)

    return in_thread


def inject(headers: MutableMapping[str, str] | None = None) -> MutableMapping[str, str]:
    """Put the current span into the headers of a request, as W3C `traceparent`; returns them."""
    headers = {} if headers is None else headers
    place = current_place()
    if place is not None and place.trace_id:
        try:
            headers["traceparent"] = f"00-{place.trace_id}-{place.span_id}-01"
        except Exception as error:  # headers of whatever client
            emitter.failed(error)
    return headers


def extract(headers: Mapping[Any, Any] | Iterable[tuple[Any, Any]] | None) -> SpanContext | None:
    """The span that a request was sent from, for `parent=`; `None` without a valid one."""
    if headers is None:
        return None
    try:
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        for name, value in pairs:
            if _text(name).lower() in {"traceparent", "http_traceparent"}:
                return _parsed(_text(value))
    except Exception as error:  # headers of whatever framework
        emitter.failed(error)
    return None


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, list | tuple) and value:
        return _text(value[0])
    return str(value)


_HEX = frozenset("0123456789abcdef")


def _parsed(header: str) -> SpanContext | None:
    parts = header.strip().lower().split("-")
    if len(parts) < 4 or [len(part) for part in parts[:4]] != [2, 32, 16, 2]:
        return None
    version, trace_id, span_id, _ = parts[:4]
    if not all(_HEX.issuperset(part) for part in parts[:4]) or version == "ff":
        return None
    if version == "00" and len(parts) != 4:
        return None
    if trace_id.strip("0") == "" or span_id.strip("0") == "":
        return None
    return SpanContext(trace_id, span_id)
