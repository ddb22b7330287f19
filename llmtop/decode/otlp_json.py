"""OpenTelemetry's OTLP in JSON: spans, and the log records that bear content and usage."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmtop.decode import attribute_payload, attributes, errors, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, number, text
from llmtop.payload import Event, Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_FIRST_TOKEN_EVENTS = frozenset(
    {
        "First Token Stream Event",
        "llm.content.completion.chunk",
        "gen_ai.content.completion.chunk",
        "gen_ai.content.chunk",
        "ai.stream.firstChunk",
        "first_token",
        "llm.first_token",
    }
)


class OtlpJson(Format):
    """Exports of OpenTelemetry SDKs and collectors, whatever convention their attributes follow."""

    name = "OTLP JSON"

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the names of its outermost lists."""
        return any(name in document for name in _SIGNALS) or (
            ("scopeSpans" in document or "scope_spans" in document) and "resource" in document
        )

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """Every span of an export, and every log record that tells of one."""
        found = [
            span_fragment(span, attributes_of(span), resource, scope, place)
            for span, resource, scope in _spans(document)
        ]
        for record, resource, _ in _records(document):
            fragment = record_fragment(record, resource, place)
            if fragment is not None:
                found.append(fragment)
        return found

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Attributes and events of one span among those of an export."""
        for told, resource, scope in _spans(document):
            fragment = span_fragment(told, attributes_of(told), resource, scope, span.opened_at)
            if tells_of(fragment, span):
                attribute_payload.fill(payload, attributes_of(told), _events(told))
                for name, value in resource.items():
                    payload.attributes.setdefault(name, value)
                return
        for record, resource, _ in _records(document):
            spoken = record_fragment(record, resource, span.opened_at)
            if spoken is not None and tells_of(spoken, span):
                attribute_payload.fill(payload, {}, (_record_event(record),))


_SIGNALS = (
    "resourceSpans",
    "resource_spans",
    "resourceLogs",
    "resource_logs",
    "resourceMetrics",
    "resource_metrics",
)


def _either(told: Mapping[str, Any], camel: str, snake: str) -> Any:
    value = told.get(camel)
    return told.get(snake) if value is None else value


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for each in value:
            if isinstance(each, dict):
                yield each


_Told = tuple[Mapping[str, Any], Mapping[str, Any], str | None]
"""A span or a log record, the attributes of its resource, and the name of its scope."""


def _spans(document: Document) -> Iterator[_Told]:
    resources = _either(document, "resourceSpans", "resource_spans")
    if resources is None and ("scopeSpans" in document or "scope_spans" in document):
        resources = [document]
    yield from _scoped(resources, ("scopeSpans", "scope_spans"), ("spans", "spans"))


def _records(document: Document) -> Iterator[_Told]:
    yield from _scoped(
        _either(document, "resourceLogs", "resource_logs"),
        ("scopeLogs", "scope_logs"),
        ("logRecords", "log_records"),
    )


def _scoped(
    resources: object, scopes: tuple[str, str], members: tuple[str, str]
) -> Iterator[_Told]:
    for resource in _objects(resources):
        shared = attributes_of(mapping(resource.get("resource")))
        groups = _either(resource, *scopes) or resource.get("instrumentationLibrarySpans")
        for group in _objects(groups):
            scope = text(mapping(group.get("scope")).get("name"))
            for member in _objects(_either(group, *members)):
                yield member, shared, scope


def attributes_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as a flat mapping; some exporters write them as one already."""
    listed = told.get("attributes")
    if isinstance(listed, dict):
        return listed
    return {
        str(pair.get("key")): any_value(pair.get("value"))
        for pair in _objects(listed)
        if pair.get("key") is not None
    }


def any_value(value: object) -> Any:
    """A value of OTLP's AnyValue union as a plain one."""
    if not isinstance(value, dict):
        return value
    for name, inner in value.items():
        match name:
            case "stringValue" | "string_value" | "boolValue" | "bool_value":
                return inner
            case "intValue" | "int_value":
                found = number(inner)
                return int(inner) if isinstance(inner, int) else _integer(inner, found)
            case "doubleValue" | "double_value":
                return number(inner)
            case "arrayValue" | "array_value":
                return [any_value(each) for each in mapping(inner).get("values") or ()]
            case "kvlistValue" | "kvlist_value":
                return {
                    str(pair.get("key")): any_value(pair.get("value"))
                    for pair in _objects(mapping(inner).get("values"))
                }
            case "bytesValue" | "bytes_value":
                return "[bytes]"
    return None


def _integer(told: object, found: float | None) -> int | None:
    try:
        return int(str(told))
    except ValueError:
        return None if found is None else int(found)


_HEX = re.compile(r"[0-9a-fA-F]+\Z")


def identifier(value: object, length: int) -> str | None:
    """An id of so many hexadecimal characters, also where an exporter wrote it in base64."""
    told = text(value)
    if told is None:
        return None
    if told.startswith("0x"):
        told = told[2:]
    if len(told) == length and _HEX.match(told):
        return None if told.strip("0") == "" else told.lower()
    if len(told) in (length // 2 * 4 // 3 + 3, (length // 2 + 2) // 3 * 4):
        try:
            raw = base64.b64decode(told, validate=True)
        except (binascii.Error, ValueError):
            return told
        if len(raw) * 2 == length:
            return raw.hex()
    return told


def moment(value: object) -> float | None:
    """Nanoseconds since the epoch, as seconds; texts may also be ISO 8601."""
    if isinstance(value, str) and not value.isdigit():
        return parse_time(value)
    try:
        nanoseconds = int(value)  # type: ignore[call-overload]  # the errors are caught
    except (TypeError, ValueError, OverflowError):
        return None
    return nanoseconds / 1e9 if nanoseconds > 0 else None


def span_fragment(
    span: Mapping[str, Any],
    told: Mapping[str, Any],
    resource: Mapping[str, Any],
    scope: str | None,
    place: int,
) -> Fragment:
    """What one OTLP span tells."""
    start = moment(_either(span, "startTimeUnixNano", "start_time_unix_nano"))
    end = moment(_either(span, "endTimeUnixNano", "end_time_unix_nano"))
    fragment = Fragment(
        span_id=identifier(_either(span, "spanId", "span_id"), 16),
        trace_id=identifier(_either(span, "traceId", "trace_id"), 32),
        parent_id=identifier(_either(span, "parentSpanId", "parent_span_id"), 16),
        name=text(span.get("name")),
        start=start,
        end=end,
        flags=_OPENED | (_ENDED if end is not None else 0),
        place=place,
        scope=scope,
    )
    attributes.apply(fragment, told)
    if told.get("logfire.span_type") == "pending_span":
        _pending(fragment, told)
    fragment.name = text(told.get("logfire.msg")) or fragment.name
    fragment.session_id = fragment.session_id or text(resource.get("session.id"))
    _status(fragment, mapping(span.get("status")), span)
    if fragment.ttft is None and start is not None:
        for event in _objects(span.get("events")):
            if event.get("name") in _FIRST_TOKEN_EVENTS:
                first = moment(_either(event, "timeUnixNano", "time_unix_nano"))
                if first is not None and first >= start:
                    fragment.ttft = first - start
                break
    return fragment


def _pending(fragment: Fragment, told: Mapping[str, Any]) -> None:
    """Logfire tells of a span that runs by a child of it, which bears its place in the trace."""
    fragment.span_id = fragment.parent_id
    fragment.parent_id = identifier(told.get("logfire.pending_parent_id"), 16)
    fragment.end = None
    fragment.flags = _OPENED


def _status(fragment: Fragment, status: Mapping[str, Any], span: Mapping[str, Any]) -> None:
    code = status.get("code")
    said = "ok" if code in (None, 0, "STATUS_CODE_UNSET") else errors.status(str(code))
    for event in _objects(span.get("events")):
        if event.get("name") == "exception":
            raised = attributes_of(event)
            fragment.error_type = fragment.error_type or text(raised.get("exception.type"))
            fragment.error_message = fragment.error_message or text(raised.get("exception.message"))
    if fragment.flags & _ENDED:
        if said == "error" or fragment.status == "error":
            fragment.status = "error"
            message_told = text(status.get("message"))
            fragment.error_message = message_told or fragment.error_message
            fragment.error_type = fragment.error_type or errors.kind_of(fragment.error_message)
        else:
            fragment.status = said or "ok"
            fragment.error_type = fragment.error_message = None
    else:
        fragment.error_type = fragment.error_message = None


def _events(span: Mapping[str, Any]) -> tuple[Event, ...]:
    return tuple(
        Event(
            name=text(event.get("name")) or "event",
            time=moment(_either(event, "timeUnixNano", "time_unix_nano")),
            attributes=attributes_of(event),
        )
        for event in _objects(span.get("events"))
    )


_API_REQUESTS = ("api_request", "api_response", "api_error", "sse_event")


def record_fragment(
    record: Mapping[str, Any], resource: Mapping[str, Any], place: int
) -> Fragment | None:
    """What a log record tells of a call: usage of a coding agent, or content of a span."""
    told = attributes_of(record)
    name = event_name(record, told)
    if name is None:
        return None
    at = moment(_either(record, "timeUnixNano", "time_unix_nano")) or moment(
        _either(record, "observedTimeUnixNano", "observed_time_unix_nano")
    )
    if name.rpartition(".")[2] in _API_REQUESTS and (
        "model" in told or "input_token_count" in told or "input_tokens" in told
    ):
        return _agent_call(name, told, at, resource, place)
    span_id = identifier(_either(record, "spanId", "span_id"), 16)
    if span_id is None or not name.startswith("gen_ai."):
        return None
    fragment = Fragment(
        span_id=span_id,
        trace_id=identifier(_either(record, "traceId", "trace_id"), 32),
        place=-1,
    )
    attributes.apply(fragment, told)
    if fragment.operation is None and fragment.model is None:
        fragment.operation = "chat"
    # The same usage stands in the span; only what the span may lack is taken.
    fragment.error_type = fragment.error_message = fragment.status = None
    return fragment


def _agent_call(
    name: str,
    told: Mapping[str, Any],
    at: float | None,
    resource: Mapping[str, Any],
    place: int,
) -> Fragment | None:
    """A call that a coding agent (Claude Code, Codex, Gemini CLI) logged by its telemetry."""
    kind = name.rpartition(".")[2]
    if kind == "sse_event" and told.get("event.kind") != "response.completed":
        return None
    duration = attributes.milliseconds(told.get("duration_ms"))
    moment_told = parse_time(told.get("event.timestamp")) or at
    fragment = Fragment(
        request_id=text(told.get("request_id") or told.get("prompt_id"))
        if kind != "api_response"
        else None,
        operation="chat",
        model=text(told.get("model")),
        end=moment_told,
        duration=duration,
        flags=_OPENED | _ENDED,
        place=place,
        status="ok",
        session_id=text(
            told.get("session.id") or told.get("conversation.id") or resource.get("session.id")
        ),
        user_id=text(told.get("user.id")),
        cost=number(told.get("cost_usd")),
    )
    exclusive = "cache_read_tokens" in told or "cache_creation_tokens" in told
    usage.read(
        fragment,
        {
            **told,
            "reasoning_tokens": told.get("thoughts_token_count")
            or told.get("reasoning_token_count"),
            "cached_tokens": told.get("cached_token_count"),
        },
        exclusive=exclusive,
    )
    if fragment.request_id is not None:
        fragment.request_id = f"{fragment.request_id}"
    error = told.get("error")
    if kind == "api_error" or error not in (None, ""):
        fragment.status = "error"
        fragment.error_type = text(told.get("status_code") or told.get("error_type"))
        fragment.error_message = text(error)
        fragment.error_type = fragment.error_type or errors.kind_of(fragment.error_message)
    fragment.output_tokens = fragment.output_tokens or count(told.get("output_token_count"))
    return fragment


def event_name(record: Mapping[str, Any], told: Mapping[str, Any]) -> str | None:
    """The name of an event, from the record's own field or its attribute or body."""
    body = record.get("body")
    return (
        text(_either(record, "eventName", "event_name"))
        or text(told.get("event.name"))
        or text(any_value(body) if isinstance(body, dict) else body)
    )


def _record_event(record: Mapping[str, Any]) -> Event:
    told = attributes_of(record)
    body = any_value(record.get("body"))
    if isinstance(body, dict):
        told = {**told, "body": body}
    return Event(
        name=event_name(record, told) or "event",
        time=moment(_either(record, "timeUnixNano", "time_unix_nano")),
        attributes=told,
    )


def spoken(body: object) -> str:
    """The text of a log record's body."""
    return message({"content": body}).text
