"""Clients of OpenAI, Anthropic and their like, instrumented where all their requests pass.

Those libraries send every request, of whatever method and helper, through one method of a common
base class. Wrapping that one leaves all that a program sees as it was: coroutine functions, streams
and answers keep their types.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from llmtop.emit.asked import METHODS, Asked, asked
from llmtop.emit.call import Call
from llmtop.emit.emitter import current, failed, is_off
from llmtop.emit.provider import server_of
from llmtop.emit.watch import Watch, watch_result

C = TypeVar("C")
_BASES = frozenset({"SyncAPIClient", "AsyncAPIClient"})
_COPIES = ("copy", "with_options")
_MARK = "_llmtop_instrumented"
_watching: ContextVar[Watch | None] = ContextVar("llmtop_watch", default=None)


def instrument_client(client: C, *, include_usage: bool | None = None) -> C:
    """Instrument one client; again does nothing."""
    if is_off() or getattr(client, "__dict__", {}).get(_MARK):
        return client
    try:
        if _has_one_door(type(client)):
            _instrument_door(client, include_usage)
        elif not _instrument_methods(client, include_usage):
            raise TypeError(
                f"{type(client).__name__} is not a client that llmtop knows: it has neither "
                "chat.completions nor messages"
            )
    except Exception as error:
        failed(error)
    return client


def uninstrument_client(client: C) -> C:
    """Undo `instrument_client`."""
    try:
        held = getattr(client, "__dict__", {})
        for owner, name, before in held.pop(_MARK, ()):
            if before is None:
                owner.__dict__.pop(name, None)
            else:
                owner.__dict__[name] = before
    except Exception as error:
        failed(error)
    return client


def _has_one_door(kind: type) -> bool:
    return any(base.__name__ in _BASES for base in kind.__mro__)


def _instrument_door(client: Any, include_usage: bool | None) -> None:
    request, process, *_ = wrappers(
        client.request, client._process_response, bound=client, include_usage=include_usage
    )
    changed: list[_Change] = []
    _put(client, "request", request, changed)
    _put(client, "_process_response", process, changed)
    for name in _COPIES:
        copy = getattr(client, name, None)
        if callable(copy):
            _put(client, name, _instrumenting(copy, include_usage), changed)
    client.__dict__[_MARK] = changed


_Change = tuple[Any, str, Any]
"""An object, the name of its attribute, and what the attribute was if it was the object's own."""


def _put(owner: Any, name: str, wrapper: Any, changed: list[_Change]) -> None:
    changed.append((owner, name, owner.__dict__.get(name)))
    setattr(owner, name, wrapper)


def _instrumenting(copy: Callable[..., Any], include_usage: bool | None) -> Callable[..., Any]:
    @functools.wraps(copy)
    def copy_and_instrument(*args: Any, **kwargs: Any) -> Any:
        return instrument_client(copy(*args, **kwargs), include_usage=include_usage)

    return copy_and_instrument


def wrappers(
    request: Callable[..., Any],
    process: Callable[..., Any],
    *,
    bound: Any = None,
    include_usage: bool | None = None,
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """`request` and `_process_response` of a client (`bound`) or of a class of them, watched."""
    make = _async_wrappers if inspect.iscoroutinefunction(request) else _sync_wrappers
    watched, noted = make(request, process, bound, include_usage)
    return functools.wraps(request)(watched), functools.wraps(process)(noted)


Pair = tuple[Callable[..., Any], Callable[..., Any]]


def _sync_wrappers(
    request: Callable[..., Any], process: Callable[..., Any], bound: Any, usage: bool | None
) -> Pair:
    def watched(*args: Any, **kwargs: Any) -> Any:
        watch = _begin(args, kwargs, bound, usage)
        if watch is None:
            return request(*args, **kwargs)
        token = _watching.set(watch)
        try:
            result = request(*args, **kwargs)
        except BaseException as error:
            watch.failed(error)
            raise
        finally:
            _watching.reset(token)
        return _settled(result, watch, kwargs)

    def noted(*args: Any, **kwargs: Any) -> Any:
        _note(kwargs)
        return process(*args, **kwargs)

    return watched, noted


def _async_wrappers(
    request: Callable[..., Any], process: Callable[..., Any], bound: Any, usage: bool | None
) -> Pair:
    async def watched(*args: Any, **kwargs: Any) -> Any:
        watch = _begin(args, kwargs, bound, usage)
        if watch is None:
            return await request(*args, **kwargs)
        token = _watching.set(watch)
        try:
            result = await request(*args, **kwargs)
        except BaseException as error:
            watch.failed(error)
            raise
        finally:
            _watching.reset(token)
        return _settled(result, watch, kwargs)

    async def noted(*args: Any, **kwargs: Any) -> Any:
        _note(kwargs)
        return await process(*args, **kwargs)

    return watched, noted


def _note(kwargs: dict[str, Any]) -> None:
    """How often the request was sent is told to the method that reads the response."""
    watch = _watching.get()
    retries = kwargs.get("retries_taken")
    if watch is not None and isinstance(retries, int):
        watch.tried(retries + 1)


def _settled(result: Any, watch: Watch, kwargs: dict[str, Any]) -> Any:
    try:
        return watch_result(result, watch, stream=bool(kwargs.get("stream")))
    except Exception as error:
        watch.call.end()
        failed(error)
        return result


def _begin(
    args: tuple[Any, ...], kwargs: dict[str, Any], bound: Any, usage: bool | None
) -> Watch | None:
    """Begin to watch a request, if it is one to a model and is not watched already."""
    try:
        if bound is None:
            client, *args_ = args
        else:
            client, args_ = bound, list(args)
        options = kwargs["options"] if "options" in kwargs else args_[1]
        watched = _watching.get()
        if watched is not None and watched.options is options:
            return None
        body = options.json_data
        if str(options.method).lower() != "post" or not isinstance(body, dict):
            return None
        request = asked(options.url, {**body, **(options.extra_json or {})})
        if request is None or current().off:
            return None
        if _include_usage(client, request, usage):
            options.json_data = {**body, "stream_options": {"include_usage": True}}
            return _watch(client, request, options, hides_usage=True)
        return _watch(client, request, options)
    except Exception as error:
        failed(error)
        return None


def _include_usage(client: Any, request: Asked, usage: bool | None) -> bool:
    """Whether a stream is to be asked for its usage, which the program did not ask for."""
    if not request.stream or not request.endpoint.can_include_usage:
        return False
    if "stream_options" in request.fields.get("parameters", ()):
        return False
    wanted = usage if usage is not None else current().include_usage
    return wanted if wanted is not None else server_of(client).includes_usage


def _watch(client: Any, request: Asked, options: Any, *, hides_usage: bool = False) -> Watch:
    server = server_of(client)
    attributes: dict[str, Any] = {}
    if server.host is not None:
        attributes["server.address"] = server.host
        attributes["llm.api_base"] = server.base_url
    call = Call(
        request.model,
        request.endpoint.operation,
        messages=request.messages,
        provider=server.provider,
        stream=request.stream or None,
        attributes=attributes,
        user_id=request.user_id,
        **request.fields,
    )
    return Watch(call, request, options, hides_usage=hides_usage)


def _instrument_methods(client: Any, include_usage: bool | None) -> bool:
    """Instrument the `create` methods of a client that is only like the known ones."""
    changed: list[_Change] = []
    for path, url in METHODS.items():
        owner: Any = client
        for name in path.split("."):
            owner = getattr(owner, name, None)
        create = getattr(owner, "create", None)
        if owner is None or not callable(create) or not hasattr(owner, "__dict__"):
            continue
        _put(owner, "create", _watched_method(client, create, url, include_usage), changed)
    if changed:
        client.__dict__[_MARK] = changed
    return bool(changed)


def _watched_method(
    client: Any, create: Callable[..., Any], url: str, include_usage: bool | None
) -> Callable[..., Any]:
    def begin(kwargs: dict[str, Any]) -> Watch | None:
        try:
            request = asked(url, kwargs)
            if request is None or current().off:
                return None
            if include_usage and _include_usage(client, request, include_usage):
                kwargs["stream_options"] = {"include_usage": True}
                return _watch(client, request, None, hides_usage=True)
            return _watch(client, request, None)
        except Exception as error:
            failed(error)
            return None

    if inspect.iscoroutinefunction(create):

        async def create_async(*args: Any, **kwargs: Any) -> Any:
            watch = begin(kwargs)
            try:
                result = await create(*args, **kwargs)
            except BaseException as error:
                if watch is not None:
                    watch.failed(error)
                raise
            return result if watch is None else _settled(result, watch, kwargs)

        return functools.wraps(create)(create_async)

    def create_sync(*args: Any, **kwargs: Any) -> Any:
        watch = begin(kwargs)
        try:
            result = create(*args, **kwargs)
        except BaseException as error:
            if watch is not None:
                watch.failed(error)
            raise
        return result if watch is None else _settled(result, watch, kwargs)

    return functools.wraps(create)(create_sync)
