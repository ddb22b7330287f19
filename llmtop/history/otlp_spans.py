"""Spans as OTLP: what llmtop knows of a span in OpenTelemetry's GenAI attributes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, to_builtins

from llmtop.decode.attributes import WANTED
from llmtop.decode.providers import is_local_provider
from llmtop.emit.encode import encode
from llmtop.filter import status_of
from llmtop.payload import Message, Payload
from llmtop.span import CALL_OPERATIONS, Cache, Flag, Span

_SYNTHETIC = int(Flag.SYNTHETIC)
_STREAM = int(Flag.STREAM)
_ENDED = int(Flag.ENDED)
_BAD_CLOCK = int(Flag.BAD_CLOCK)
_NO_LATENCY = int(Flag.NO_LATENCY)
_CLIENT = 3
_INTERNAL = 1
_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_SPAN_ID = re.compile(r"[0-9a-f]{16}")
_OF_RESOURCES = (
    "service.", "telemetry.", "host.", "process.", "os.", "deployment.", "k8s.", "container.",
    "cloud.",
)  # fmt: skip
_NO_CACHE = Cache()


class Origin(Struct, frozen=True):
    """What only the records of a span tell: which instrumentation wrote it, and of which answer."""

    scope: str | None = None
    response_id: str | None = None


def trace_id(told: str) -> str:
    """A trace's id of 16 bytes: its own, or one made from it."""
    return told if _TRACE_ID.fullmatch(told) else _made(told, 16)


def span_id(told: str, trace: str | None) -> str:
    """A span's id of 8 bytes: its own, or one made from it."""
    if trace is not None:
        told = told.removeprefix(f"{trace}/")
    return told if _SPAN_ID.fullmatch(told) else _made(told, 8)


def _made(told: str, size: int) -> str:
    return hashlib.sha256(told.encode("utf-8", "replace")).digest()[:size].hex()


def otlp_span(span: Span, payload: Payload, origin: Origin) -> dict[str, Any]:
    """A span in OTLP's JSON."""
    told: dict[str, Any] = {
        "traceId": trace_id(span.trace_id or span.span_id),
        "spanId": span_id(span.span_id, span.trace_id),
        "name": span.name or f"{span.series.operation} {span.series.model or ''}".strip(),
        "kind": _CLIENT if span.is_call else _INTERNAL,
    }
    if span.parent_id is not None:
        told["parentSpanId"] = span_id(span.parent_id, None)
    told.update(_times(span))
    told["attributes"] = pairs({**_rest(payload), **_figures(span, origin), **_content(payload)})
    if payload.events:
        told["events"] = [
            {
                "name": event.name,
                **({"timeUnixNano": nanoseconds(event.time)} if event.time else {}),
                "attributes": pairs(event.attributes),
            }
            for event in payload.events
        ]
    if span.failed:
        message = span.failure.message if span.failure else None
        told["status"] = {"code": 2, **({"message": message} if message else {})}
    elif span.status == "ok":
        told["status"] = {"code": 1}
    return told


def resource_of(payload: Payload) -> dict[str, Any]:
    """The attributes that tell of the program, not of the span."""
    return {
        name: value for name, value in payload.attributes.items() if name.startswith(_OF_RESOURCES)
    }


def nanoseconds(moment: float) -> str:
    """A moment as OTLP's JSON writes it."""
    return str(round(moment * 1e9))


def _times(span: Span) -> dict[str, str]:
    told = {"startTimeUnixNano": nanoseconds(span.start)}
    if span.end is not None and span.flags & _ENDED:
        # An end before the start says that the clock was wrong, as it does inside llmtop.
        end = span.end - 1e-3 if span.flags & _BAD_CLOCK else span.end
        told["endTimeUnixNano"] = nanoseconds(end)
    return told


def _figures(span: Span, origin: Origin) -> dict[str, Any]:
    series = span.series
    cache = span.cache or _NO_CACHE
    operation = series.operation
    if span.flags & _SYNTHETIC and operation in CALL_OPERATIONS:
        operation = "other"
    local = series.local and not is_local_provider(series.provider)
    failure = span.failure
    told = {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": series.provider,
        "gen_ai.request.model": series.requested,
        "gen_ai.response.model": series.answered,
        "gen_ai.response.id": origin.response_id,
        "gen_ai.usage.input_tokens": span.input_tokens,
        "gen_ai.usage.output_tokens": span.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": cache.read,
        "gen_ai.usage.cache_creation.input_tokens": cache.write,
        "gen_ai.usage.reasoning.output_tokens": cache.reasoning,
        "gen_ai.response.finish_reasons": [span.finish_reason] if span.finish_reason else None,
        "gen_ai.response.time_to_first_chunk": span.ttft,
        "gen_ai.request.stream": True if span.flags & _STREAM else None,
        "gen_ai.conversation.id": span.session_id,
        "gen_ai.agent.name": span.agent,
        "gen_ai.tool.name": span.name if operation == "execute_tool" else None,
        "user.id": span.user_id,
        "llm.cost.total": span.cost if span.is_call else None,
        "error.type": failure.type if failure else None,
        "server.address": "localhost" if local else None,
        "llmtop.status": status_of(span) if span.status not in {"ok", "error"} else None,
        "llmtop.request_id": span.request_id,
        "llmtop.latency": "unknown" if span.flags & _NO_LATENCY else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _rest(payload: Payload) -> dict[str, Any]:
    """What the records said beside figures: those are told anew, in one convention's names."""
    told = {
        name: value
        for name, value in payload.attributes.items()
        if name not in WANTED and not name.startswith((*_OF_RESOURCES, "logfire.", "langfuse."))
    }
    for name, value in payload.parameters.items():
        if value is not None and f"gen_ai.request.{name}" not in WANTED:
            told[f"gen_ai.request.{name}"] = value
    return told


def _content(payload: Payload) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if payload.input:
        told["gen_ai.input.messages"] = messages(payload.input)
    if payload.output:
        told["gen_ai.output.messages"] = messages(payload.output)
    return told


def messages(conversation: tuple[Message, ...]) -> str:
    """A conversation as OpenTelemetry's conventions write it: JSON in a text."""
    return encode([_message(each) for each in conversation]).decode("utf-8", "replace")  # type: ignore[arg-type]  # a list is as good


def _message(message: Message) -> dict[str, Any]:
    if message.role == "tool":
        part = {"type": "tool_call_response", "id": message.tool_call_id, "response": message.text}
        return {"role": "tool", "parts": [part]}
    parts: list[dict[str, Any]] = []
    if message.text or not message.tool_calls:
        parts.append({"type": "text", "content": message.text})
    parts.extend(
        {"type": "tool_call", "id": call.id, "name": call.name, "arguments": call.arguments}
        for call in message.tool_calls
    )
    return {"role": message.role, "parts": parts}


def pairs(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Attributes as OTLP's JSON writes them; what is unknown is left out."""
    return [
        {"key": name, "value": value_of(value)}
        for name, value in attributes.items()
        if value is not None
    ]


def value_of(value: Any) -> dict[str, Any]:
    """A value as one of OTLP's AnyValue union."""
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        if -(2**63) <= value < 2**63:
            return {"intValue": str(value)}
        return {"stringValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list | tuple):
        return {"arrayValue": {"values": [value_of(each) for each in value if each is not None]}}
    if isinstance(value, Mapping):
        return {"kvlistValue": {"values": pairs({str(key): each for key, each in value.items()})}}
    if value is None:
        return {}
    return {"stringValue": str(to_builtins(value, enc_hook=str))}
