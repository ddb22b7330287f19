"""OTLP as native records: how spans of OpenTelemetry are stored beside those of the emitter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import DecodeError, json

from llmtop.decode.otlp_span import span_fragment
from llmtop.decode.otlp_values import attributes_of, either, moment, objects
from llmtop.decode.timestamps import iso
from llmtop.decode.values import mapping, text
from llmtop.emit.encode import encode
from llmtop.span import Flag, Fragment

_SPANS = b'{"resourceSpans":'
_ENDED = int(Flag.ENDED)
_STREAM = int(Flag.STREAM)

_SAME = (
    "span_id", "trace_id", "parent_id", "request_id", "name", "operation", "provider", "model",
    "status", "error_type", "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens",
    "reasoning_tokens", "finish_reason", "user_id", "session_id", "response_id",
)  # fmt: skip
_RENAMED = {
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "cost": "estimated_cost",
    "agent": "agent_name",
    "scope": "otel_scope",
}


def native(data: bytes) -> bytes:
    """Lines with their OTLP spans as native records; all others as they are."""
    if _SPANS not in data:
        return data
    found: list[bytes] = []
    for line in data.splitlines(keepends=True):
        if line.startswith(_SPANS):
            found.extend(_converted(line))
        else:
            found.append(line)
    return b"".join(found)


def _converted(line: bytes) -> Iterator[bytes]:
    try:
        document = json.decode(line)
        records = [record for record in records_of(document) if record["span_id"] is not None]
    except (DecodeError, UnicodeDecodeError, RecursionError):
        yield line
        return
    for record in records:
        yield encode(record) + b"\n"


def records_of(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The spans of an OTLP export, each as a native record."""
    for resource in objects(either(document, "resourceSpans", "resource_spans")):
        shared = attributes_of(mapping(resource.get("resource")))
        for group in objects(either(resource, "scopeSpans", "scope_spans")):
            scope = text(mapping(group.get("scope")).get("name"))
            for span in objects(group.get("spans")):
                yield _record(span, shared, scope)


def _record(
    span: Mapping[str, Any], resource: Mapping[str, Any], scope: str | None
) -> dict[str, Any]:
    attributes = attributes_of(span)
    fragment = span_fragment(span, attributes, resource, scope, -1)
    record: dict[str, Any] = {"type": "span"}
    record.update({name: getattr(fragment, name) for name in _SAME})
    record.update({native: getattr(fragment, name) for name, native in _RENAMED.items()})
    _tell_times(record, fragment)
    if fragment.error_message is not None:
        record["error"] = {"type": fragment.error_type, "message": fragment.error_message}
    if fragment.flags & _STREAM:
        record["stream"] = True
    record["attributes"] = attributes or None
    record["resource"] = dict(resource) or None
    record["events"] = [
        {
            "name": text(event.get("name")),
            "timestamp": _iso(moment(either(event, "timeUnixNano", "time_unix_nano"))),
            "attributes": attributes_of(event),
        }
        for event in objects(span.get("events"))
    ] or None
    return {name: value for name, value in record.items() if value is not None or name == "span_id"}


def _tell_times(record: dict[str, Any], fragment: Fragment) -> None:
    """Times of day to the microsecond, and the latency exactly."""
    start, end = fragment.start, fragment.end
    record["start_time"] = _iso(start)
    if fragment.flags & _ENDED:
        record["end_time"] = _iso(end)
        if fragment.duration is not None:
            record["latency_ms"] = fragment.duration * 1000.0
        elif start is not None and end is not None:
            record["latency_ms"] = (end - start) * 1000.0
    if fragment.ttft is not None:
        record["ttft_ms"] = fragment.ttft * 1000.0


def _iso(moment_: float | None) -> str | None:
    try:
        return None if moment_ is None else iso(moment_)
    except (ValueError, OverflowError, OSError):
        return None
