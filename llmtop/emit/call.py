"""A call to a model: a span whose beginning is a request record and whose end is a response."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Self

from llmtop.emit.context import SpanContext
from llmtop.emit.emitter import emit, failed
from llmtop.emit.host_values import text_of
from llmtop.emit.privacy import Privacy
from llmtop.emit.span import Span

USAGE = frozenset(
    {
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "cache_write_1h_tokens",
        "reasoning_tokens",
        "estimated_cost",
    }
)
"""What `set_usage` takes: tokens (`prompt_tokens` include cached ones), and US dollars."""


class Call(Span):
    """One call. `first_token`, `set_usage` and `set_response` tell how it went."""

    __slots__ = ("_answer", "_first", "_latency_ms", "_privacy", "_request", "model", "request_id")

    def __init__(
        self,
        model: str | None,
        operation: str = "chat",
        *,
        messages: Any = None,
        provider: str | None = None,
        stream: bool | None = None,
        parent: Span | SpanContext | None = None,
        root: bool = False,
        attributes: Mapping[str, Any] | None = None,
        user_id: str | None = None,
        session_id: str | None = None,
        request_id: str | None = None,
        privacy: Privacy | None = None,
        **request: Any,
    ) -> None:
        operation = text_of(operation)
        model = None if model is None else text_of(model)
        super().__init__(
            f"{operation} {model}" if model else operation,
            operation,
            parent=parent,
            root=root,
            attributes=attributes,
            user_id=user_id,
            session_id=session_id,
        )
        self.model = model
        self.request_id = request_id
        self._privacy = privacy
        self._request = {
            "provider": provider,
            "messages": messages,
            "stream": stream,
            **request,
        }
        self._answer: dict[str, Any] | None = None
        self._first: float | None = None
        self._latency_ms: float | None = None

    def first_token(self) -> Self:
        """Note that the answer begins to come, the first time it is said."""
        if self._first is None and not self.ended:
            self._first = time.perf_counter()
        return self

    def set_usage(self, **usage: float | None) -> Self:
        """Tell the usage in the words of `USAGE`; what is `None` stays unknown."""
        unknown = usage.keys() - USAGE
        if unknown:
            failed(TypeError(f"set_usage takes no {', '.join(sorted(unknown))}"))
        return self.set_response(**{name: usage[name] for name in usage.keys() & USAGE})

    def set_response(self, response: Any = None, **told: Any) -> Self:
        """Tell the answer: an object of a client library, or `content=`, `model=` and so on.

        Known are `content`, `model`, `finish_reason`, `tool_calls`, `response_id`, `ttft_ms` and
        the words of `set_usage`.
        """
        try:
            if self._answer is None:
                self._answer = {}
            if response is not None:
                from llmtop.emit.answer import told_by

                self._answer.update(told_by(response))
            self._answer.update((name, each) for name, each in told.items() if each is not None)
        except Exception as error:
            failed(error)
        return self

    def set_latency(self, milliseconds: float | None) -> Self:
        """Tell how long it took, where the program measured it better."""
        self._latency_ms = milliseconds
        return self

    @property
    def answer(self) -> Mapping[str, Any]:
        """What was told of the answer so far."""
        return self._answer or {}

    def again(self) -> Self:
        """A new call like this one."""
        other = super().again()
        other._answer = other._first = other.request_id = None
        return other

    def _opening(self) -> dict[str, Any]:
        if self.request_id is None:
            self.request_id = self.span_id
        record: dict[str, Any] = {
            "type": "request",
            "request_id": self.request_id,
            "span_id": self.span_id,
            "trace_id": self.trace_id,
            "parent_id": self.parent_id,
            "timestamp": self._start,
            "model": self.model,
            "operation": self.operation,
        }
        record.update((name, value) for name, value in self._request.items() if value is not None)
        self._add_circumstances(record)
        return record

    def _closing(self, took: float) -> dict[str, Any]:
        record: dict[str, Any] = {
            "type": "response",
            "request_id": self.request_id,
            "span_id": self.span_id,
            "trace_id": self.trace_id,
            "parent_id": self.parent_id,
            "timestamp": self._start + took,
            "operation": self.operation,
            "latency_ms": took * 1000.0 if self._latency_ms is None else self._latency_ms,
        }
        if self._first is not None:
            record["ttft_ms"] = (self._first - self._began) * 1000.0
        if self._attributes:
            record["attributes"] = self._attributes
        self._add_outcome(record)
        if self._answer is not None:
            record.update(self._answer)
        if "model" not in record:
            record["model"] = self.model
        return record

    def _tell(self, record: dict[str, Any]) -> None:
        emit(record, self._privacy)
