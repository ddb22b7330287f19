"""One span as a flat record: the fields of query, export and the HTTP service alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import to_builtins

from llmtop.decode.timestamps import iso
from llmtop.filter import status_of
from llmtop.payload import Message, Payload
from llmtop.span import Cache, Flag, Span

_STREAM = int(Flag.STREAM)
_UNTIMED = int(Flag.UNTIMED)

PAYLOAD_FIELDS = ("messages", "content", "tool_calls", "parameters", "attributes", "events")
"""What is read again from the logs; `None` where nobody asks for it."""
FIELDS = (
    "request_id", "timestamp", "end_time", "model", "response_model", "provider", "operation",
    "name", "agent", "user_id", "session_id", "trace_id", "span_id", "parent_id", "status",
    "error", "error_type", "prompt_tokens", "completion_tokens", "total_tokens",
    "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "latency_ms", "ttft_ms",
    "estimated_cost", "finish_reason", "stream", *PAYLOAD_FIELDS,
)  # fmt: skip
"""Every field, in the order of columns."""


def record_of(span: Span, payload: Payload | None = None) -> dict[str, Any]:
    """A span as a flat dict that JSON can say, named as in its records; unknown is `None`.

    `timestamp` and `end_time` are ISO 8601 in UTC, latencies milliseconds, costs US dollars.
    Prompt tokens include cached ones.
    """
    series = span.series
    cache = span.cache or _NO_CACHE
    known = not span.flags & _UNTIMED
    total = None
    if span.input_tokens is not None or span.output_tokens is not None:
        total = (span.input_tokens or 0) + (span.output_tokens or 0)
    return {
        "request_id": span.request_id or (span.span_id if series.is_call else None),
        "timestamp": iso(span.start) if known else None,
        "end_time": iso(span.end) if known and span.end is not None else None,
        "model": series.model,
        "response_model": series.answered,
        "provider": series.provider,
        "operation": series.operation,
        "name": span.name,
        "agent": span.agent,
        "user_id": span.user_id,
        "session_id": span.session_id,
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "parent_id": span.parent_id,
        "status": status_of(span),
        "error": (span.failure.message or span.failure.type) if span.failure else None,
        "error_type": span.failure.type if span.failure else None,
        "prompt_tokens": span.input_tokens,
        "completion_tokens": span.output_tokens,
        "total_tokens": total,
        "cache_read_tokens": cache.read,
        "cache_write_tokens": cache.write,
        "reasoning_tokens": cache.reasoning,
        "latency_ms": milliseconds(span.latency),
        "ttft_ms": milliseconds(span.ttft),
        "estimated_cost": span.cost,
        "finish_reason": span.finish_reason,
        "stream": True if span.flags & _STREAM else None,
        **(_heavy(payload) if payload is not None else _NOTHING),
    }


_NO_CACHE = Cache()
_NOTHING: Mapping[str, Any] = dict.fromkeys(PAYLOAD_FIELDS)


def milliseconds(seconds: float | None) -> float | None:
    """A length of time as it stands in rows, to the microsecond; `None` if it is not known."""
    return None if seconds is None else round(seconds * 1000.0, 3)


def _heavy(payload: Payload) -> dict[str, Any]:
    output = payload.output
    calls = [to_builtins(call) for message in output for call in message.tool_calls]
    said = "\n".join(message.text for message in output if message.text)
    return {
        "messages": [_message(each) for each in payload.input] or None,
        "content": said or None,
        "tool_calls": calls or None,
        "parameters": payload.parameters or None,
        "attributes": payload.attributes or None,
        "events": to_builtins(payload.events) or None,
    }


def _message(told: Message) -> dict[str, Any]:
    found: dict[str, Any] = {"role": told.role, "content": told.text}
    if told.tool_calls:
        found["tool_calls"] = [to_builtins(call) for call in told.tool_calls]
    if told.tool_call_id is not None:
        found["tool_call_id"] = told.tool_call_id
    if told.name is not None:
        found["name"] = told.name
    return found
