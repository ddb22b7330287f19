"""The tracer: makes spans for steps of chains, agents, retrieval and for calls to models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar, overload

from llmtop.emit.call import Call
from llmtop.emit.context import SpanContext
from llmtop.emit.decorate import decorated
from llmtop.emit.host_values import mapping_of, text_of
from llmtop.emit.span import Span

P = ParamSpec("P")
R = TypeVar("R")
Parent = Span | SpanContext | None


class Tracer:
    """Each of its methods gives a span: use it with `with`, `async with`, or as a decorator.

    `parent=` puts a span below another than the current one. `user_id` and `session_id` hold for
    the spans below as well.
    """

    def __init__(self, *, user_id: str | None = None, session_id: str | None = None) -> None:
        self._user_id = user_id
        self._session_id = session_id

    def _made(
        self,
        name: str,
        operation: str | None,
        parent: Parent,
        attributes: Mapping[str, Any] | None,
        *,
        root: bool = False,
        user_id: str | None = None,
        session_id: str | None = None,
        agent_name: str | None = None,
    ) -> Span:
        return Span(
            text_of(name),
            operation,
            parent=parent,
            root=root,
            attributes=attributes,
            user_id=self._user_id if user_id is None else user_id,
            session_id=self._session_id if session_id is None else session_id,
            agent_name=agent_name,
        )

    @overload
    def span(
        self,
        name: str,
        /,
        *,
        parent: Parent = None,
        operation: str | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Span: ...

    @overload
    def span(self, function: Callable[P, R], /) -> Callable[P, R]: ...

    def span(
        self,
        name: str | Callable[P, R],
        /,
        *,
        parent: Parent = None,
        operation: str | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Span | Callable[P, R]:
        """Any step; as a bare decorator, `@tracer.span`, it is named after the function."""
        if callable(name):
            named = getattr(name, "__qualname__", None) or text_of(name)
            return decorated(self._made(named, operation, parent, attributes), name)
        return self._made(name, operation, parent, attributes)

    def trace(
        self,
        name: str,
        *,
        user_id: str | None = None,
        session_id: str | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Span:
        """A trace of its own, whatever is current: one turn of a conversation, one job."""
        return self._made(
            name,
            "invoke_workflow",
            None,
            attributes,
            root=True,
            user_id=user_id,
            session_id=session_id,
        )

    def chain_step(
        self, name: str, *, parent: Parent = None, attributes: Mapping[str, Any] | None = None
    ) -> Span:
        """A step of a chain."""
        return self._made(name, "chain", parent, {"chain.step": name, **mapping_of(attributes)})

    def retrieval(
        self,
        source: str,
        *,
        query: str | None = None,
        parent: Parent = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Span:
        """A search in a source of knowledge; `set_output` tells what was found."""
        told = {"retrieval.source": source, **mapping_of(attributes)}
        if query is not None:
            told["gen_ai.retrieval.query.text"] = query
        return self._made(f"retrieval {text_of(source)}", "retrieval", parent, told)

    def tool(
        self,
        name: str,
        *,
        arguments: Any = None,
        parent: Parent = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Span:
        """The run of a tool; `set_output` tells what it gave."""
        told = {"gen_ai.tool.name": name, **mapping_of(attributes)}
        if arguments is not None:
            told["gen_ai.tool.call.arguments"] = arguments
        return self._made(name, "execute_tool", parent, told)

    def agent(
        self, name: str, *, parent: Parent = None, attributes: Mapping[str, Any] | None = None
    ) -> Span:
        """The run of an agent; its name holds for the spans below as well."""
        return self._made(name, "invoke_agent", parent, attributes, agent_name=name)

    def llm_call(
        self,
        model: str,
        *,
        operation: str = "chat",
        messages: Any = None,
        provider: str | None = None,
        stream: bool | None = None,
        parent: Parent = None,
        attributes: Mapping[str, Any] | None = None,
        **request: Any,
    ) -> Call:
        """A call to a model that no instrumented client makes; more fields of the request go along.

        `operation` is `chat`, `text_completion`, `embeddings`, `rerank`, …
        """
        return Call(
            model,
            operation,
            messages=messages,
            provider=provider,
            stream=stream,
            parent=parent,
            attributes=attributes,
            user_id=self._user_id,
            session_id=self._session_id,
            **request,
        )


tracer = Tracer()
"""The tracer that most programs need."""
