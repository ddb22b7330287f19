"""The request logger: a request and its response told by the program itself, by their id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.emit import ids
from llmtop.emit.call import Call
from llmtop.emit.context import SpanContext, current_place
from llmtop.emit.emitter import failed
from llmtop.emit.privacy import Mask, Privacy

MOST_WAITING = 10_000
"""Requests that are remembered while their response is awaited."""


class RequestLogger:
    """Logs calls to models. What is redacted is said to be so, and how long it was.

    `mask` is `"pii"` or a function from text to text; what `configure` says of masking and
    redaction holds in any case.
    """

    def __init__(
        self,
        *,
        log_prompts: bool = True,
        log_responses: bool = True,
        mask: Mask | None = None,
        provider: str | None = None,
        user_id: str | None = None,
        session_id: str | None = None,
    ) -> None:
        privacy = Privacy(log_prompts=log_prompts, log_responses=log_responses, mask=mask)
        self._privacy = None if privacy.changes_nothing else privacy
        self._provider = provider
        self._user_id = user_id
        self._session_id = session_id
        self._waiting: dict[str, Call] = {}

    def log_request(
        self,
        model: str,
        messages: Any = None,
        *,
        user_id: str | None = None,
        session_id: str | None = None,
        trace_id: str | None = None,
        request_id: str | None = None,
        operation: str = "chat",
        provider: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stream: bool | None = None,
        attributes: Mapping[str, Any] | None = None,
        **parameters: Any,
    ) -> str:
        """Tell that a call begins; the id that is returned is what `log_response` asks for.

        Without a `trace_id` the call belongs to the current span. More parameters of the request
        (`top_p`, `tools`, …) are told as they are.
        """
        request_id = request_id or f"req_{ids.span_id()}"
        try:
            call = Call(
                model,
                operation,
                messages=messages,
                provider=provider or self._provider,
                stream=stream,
                parent=_within(trace_id),
                attributes=attributes,
                user_id=user_id or self._user_id,
                session_id=session_id or self._session_id,
                request_id=request_id,
                privacy=self._privacy,
                temperature=temperature,
                max_tokens=max_tokens,
                **_told_apart(parameters),
            ).start()
            while len(self._waiting) >= MOST_WAITING:
                self._waiting.pop(next(iter(self._waiting)), None)
            self._waiting[request_id] = call
        except Exception as error:
            failed(error)
        return request_id

    def log_response(
        self,
        request_id: str,
        response: Any = None,
        *,
        content: Any = None,
        model: str | None = None,
        finish_reason: str | None = None,
        prompt_tokens: int | None = None,
        completion_tokens: int | None = None,
        cache_read_tokens: int | None = None,
        cache_write_tokens: int | None = None,
        reasoning_tokens: int | None = None,
        estimated_cost: float | None = None,
        tool_calls: Any = None,
        latency_ms: float | None = None,
        ttft_ms: float | None = None,
        error: BaseException | str | None = None,
        error_type: str | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        """Tell how a call went: by the client library's `response`, by fields, or by its `error`.

        A `response` that is a text is the content. Fields win over what the response tells.
        """
        try:
            call = self._waiting.pop(request_id, None)
            if call is None:
                # Its request was logged elsewhere, or long ago: the end alone is told.
                call = _Unopened(request_id, self._privacy)
            if attributes:
                call.set_attributes(attributes)
            if isinstance(response, str):
                content, response = (content if content is not None else response), None
            call.set_response(
                response,
                content=content,
                model=model,
                finish_reason=finish_reason,
                prompt_tokens=prompt_tokens,
                completion_tokens=completion_tokens,
                cache_read_tokens=cache_read_tokens,
                cache_write_tokens=cache_write_tokens,
                reasoning_tokens=reasoning_tokens,
                estimated_cost=estimated_cost,
                tool_calls=tool_calls,
                ttft_ms=ttft_ms,
            )
            if latency_ms is not None:
                call.set_latency(latency_ms)
            if error is not None:
                call.set_error(error, error_type)
            call.end()
        except Exception as fault:
            failed(fault)


class _Unopened(Call):
    """A call of which this process tells only the end."""

    __slots__ = ()

    def __init__(self, request_id: str, privacy: Privacy | None) -> None:
        super().__init__(None, request_id=request_id, privacy=privacy)

    def _tell(self, record: dict[str, Any]) -> None:
        if record["type"] == "response":
            for name in ("span_id", "trace_id", "parent_id", "operation"):
                del record[name]
            if self._latency_ms is None:
                del record["latency_ms"]
            super()._tell(record)


def _within(trace_id: str | None) -> SpanContext | None:
    if trace_id is None:
        return None
    place = current_place()
    if place is not None and place.trace_id == trace_id:
        return None
    return SpanContext(str(trace_id), "")


_FIELDS = frozenset({"top_p", "tools", "tool_choice", "parameters"})


def _told_apart(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters under the fields that records have for them, the others together."""
    told = {name: value for name, value in parameters.items() if name in _FIELDS}
    others = {name: value for name, value in parameters.items() if name not in _FIELDS}
    if others:
        told["parameters"] = {**(told.get("parameters") or {}), **others}
    return told
