"""The heavy part that a native record tells: messages, answers, parameters, attributes."""

from __future__ import annotations

from collections.abc import Mapping

from llmtop.decode import attribute_payload
from llmtop.decode.format import Document
from llmtop.decode.messages import conversation, message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, text
from llmtop.payload import Event, Payload

FIELDS = frozenset(
    {
        "type", "request_id", "timestamp", "model", "messages", "temperature", "max_tokens",
        "user_id", "session_id", "trace_id", "span_id", "parent_id", "provider", "operation",
        "stream", "attributes", "content", "finish_reason", "prompt_tokens", "completion_tokens",
        "total_tokens", "latency_ms", "estimated_cost", "error", "error_type",
        "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens", "reasoning_tokens",
        "ttft_ms", "tool_calls", "name", "start_time", "end_time", "events", "status",
        "response_id", "top_p", "tools", "parameters", "masked", "redacted", "attempts",
        "agent_name", "otel_scope", "resource",
    }
)  # fmt: skip
"""The names of a record's own fields; others are attributes that a program added."""


def describe(document: Document, payload: Payload) -> None:
    """Add what one native record tells of the heavy part."""
    payload.input += conversation(document.get("messages"))
    told = document.get("content")
    calls = document.get("tool_calls")
    if told is not None or calls:
        payload.output += (message({"role": "assistant", "content": told, "tool_calls": calls}),)
    for name in ("temperature", "max_tokens", "top_p", "stream"):
        if document.get(name) is not None:
            payload.parameters[name] = document[name]
    payload.parameters.update(mapping(document.get("parameters")))
    attribute_payload.fill(
        payload, mapping(document.get("attributes")), _events(document.get("events"))
    )
    for name, value in mapping(document.get("resource")).items():
        payload.attributes.setdefault(name, value)
    for name, value in document.items():
        if name not in FIELDS:
            payload.attributes[name] = value
    for name in ("masked", "redacted", "attempts"):
        if document.get(name):
            payload.attributes[name] = document[name]


def _events(value: object) -> tuple[Event, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(
        Event(
            name=text(event.get("name")) or "event",
            time=parse_time(event.get("timestamp", event.get("time"))),
            attributes=dict(mapping(event.get("attributes"))),
        )
        for event in value
        if isinstance(event, Mapping)
    )
