"""Exports of spans in good order, decoded typed: attributes that tell nothing stay undecoded."""

from __future__ import annotations

from typing import Any

from msgspec import DecodeError, Raw, Struct, ValidationError, json

from llmtop.decode.attributes import WANTED
from llmtop.decode.otlp_span import Moment, fragment_of
from llmtop.decode.otlp_values import any_value, identifier, moment
from llmtop.span import Fragment

NOTHING = Raw(b"")
_Number = str | int | float | None


class _Value(Struct, gc=False, rename="camel"):
    string_value: Raw = NOTHING
    int_value: int | None = None
    double_value: float | None = None
    bool_value: bool | None = None
    array_value: Raw = NOTHING
    kvlist_value: Raw = NOTHING


class _Pair(Struct, gc=False):
    key: str
    value: _Value | None = None


class _Event(Struct, gc=False, rename="camel"):
    name: str | None = None
    time_unix_nano: _Number = None
    attributes: list[_Pair] | None = None


class _Status(Struct, gc=False):
    code: int | str | None = None
    message: str | None = None


class _Span(Struct, gc=False, rename="camel"):
    span_id: str
    trace_id: str | None = None
    parent_span_id: str | None = None
    name: str | None = None
    start_time_unix_nano: _Number = None
    end_time_unix_nano: _Number = None
    attributes: list[_Pair] | None = None
    status: _Status | None = None
    events: list[_Event] | None = None


class _Scope(Struct, gc=False):
    name: str | None = None


class _ScopeSpans(Struct, gc=False):
    spans: list[_Span]
    scope: _Scope | None = None


class _Resource(Struct, gc=False):
    attributes: list[_Pair] | None = None


class _ResourceSpans(Struct, gc=False, rename="camel"):
    scope_spans: list[_ScopeSpans]
    resource: _Resource | None = None


class _Export(Struct, gc=False, rename="camel"):
    resource_spans: list[_ResourceSpans]
    resource_logs: Raw = NOTHING
    resource_metrics: Raw = NOTHING


_exports = json.Decoder(_Export, strict=False)


def fragments_of(line: bytes, place: int) -> list[Fragment] | None:
    """What the spans of one export tell, or `None` if it has to be read leniently."""
    try:
        export = _exports.decode(line)
    except (DecodeError, ValidationError, UnicodeDecodeError, RecursionError):
        return None
    if export.resource_logs is not NOTHING or export.resource_metrics is not NOTHING:
        return None
    found: list[Fragment] = []
    for resource in export.resource_spans:
        session = _session(resource.resource)
        for group in resource.scope_spans:
            scope = group.scope.name if group.scope is not None else None
            found += [_fragment(span, scope, session, place) for span in group.spans]
    return found


def _fragment(span: _Span, scope: str | None, session: str | None, place: int) -> Fragment:
    parent = span.parent_span_id
    fragment = Fragment(
        identifier(span.span_id, 16),
        identifier(span.trace_id, 32),
        identifier(parent, 16) if parent else None,
        None,
        span.name or None,
        start=moment(span.start_time_unix_nano),
        end=moment(span.end_time_unix_nano),
        session_id=session,
        scope=scope,
        place=place,
    )
    wanted = WANTED
    told = {
        pair.key: _plain(pair.value)
        for pair in span.attributes or ()
        if pair.key in wanted and pair.value is not None
    }
    status = span.status
    code, message = (None, None) if status is None else (status.code, status.message)
    events = (
        [Moment(event.name, event.time_unix_nano, _all(event.attributes)) for event in span.events]
        if span.events
        else []
    )
    return fragment_of(fragment, told, code, message, events)


def _session(resource: _Resource | None) -> str | None:
    if resource is not None:
        for pair in resource.attributes or ():
            if pair.key == "session.id" and pair.value is not None:
                told = _plain(pair.value)
                return told if isinstance(told, str) else None
    return None


def _plain(value: _Value) -> Any:
    if value.string_value is not NOTHING:
        return _text(value.string_value)
    if value.int_value is not None:
        return value.int_value
    if value.bool_value is not None:
        return value.bool_value
    if value.array_value is not NOTHING:
        return any_value({"arrayValue": json.decode(value.array_value)})
    if value.kvlist_value is not NOTHING:
        return any_value({"kvlistValue": json.decode(value.kvlist_value)})
    return value.double_value


_LONG = 512
"""Of longer texts only the beginning is looked at; content is read when it is shown."""


def _text(raw: Raw) -> Any:
    told = bytes(raw) if len(memoryview(raw)) <= _LONG else None
    if told is None:
        # Only a whole answer that is written out is so long: its id stands at its beginning.
        return bytes(memoryview(raw)[1:_LONG]).decode("utf-8", "replace")
    if b"\\" in told:
        return json.decode(told)
    return told[1:-1].decode()


def _all(pairs: list[_Pair] | None) -> dict[str, Any]:
    return {pair.key: _plain(pair.value) for pair in pairs or () if pair.value is not None}
