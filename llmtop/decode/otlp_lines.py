"""Exports of spans in good order, decoded typed: attributes that tell nothing stay undecoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import DecodeError, Raw, Struct, ValidationError, json

from llmtop.decode import attributes
from llmtop.decode.otlp_span import Moment, fragment_of
from llmtop.decode.otlp_values import any_value, identifier, moment
from llmtop.span import Fragment

NOTHING = Raw(b"")
_Number = str | int | float | None


class _Pair(Struct, gc=False):
    key: str
    value: Raw = NOTHING


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


_Errors = (DecodeError, ValidationError, UnicodeDecodeError, RecursionError)


def fragments_of(line: bytes, place: int) -> list[Fragment] | None:
    """What the spans of one export tell, or `None` if it has to be read leniently."""
    try:
        export = _exports.decode(line)
    except _Errors:
        return None
    return _fragments(export, place)


def fragments_of_lines(data: bytes, lines: int, place: int) -> list[Fragment] | None:
    """What the exports of so many lines tell, or `None` if any has to be read leniently."""
    try:
        exports = _exports.decode_lines(data)
    except _Errors:
        return None
    if len(exports) != lines:
        return None
    found: list[Fragment] = []
    for at, export in enumerate(exports, place):
        fragments = _fragments(export, at)
        if fragments is None:
            return None
        found += fragments
    return found


def _fragments(export: _Export, place: int) -> list[Fragment] | None:
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
    told = _attributes(fragment, span.attributes or ())
    attributes.complete(fragment, told, special=bool(told))
    status = span.status
    code, message = (None, None) if status is None else (status.code, status.message)
    events = (
        [Moment(event.name, event.time_unix_nano, _all(event.attributes)) for event in span.events]
        if span.events
        else []
    )
    return fragment_of(fragment, told, code, message, events)


_MOST_KNOWN = 2048
_REPEATED = frozenset({"operation", "provider", "model", "response_model", "finish_reason"})
"""Fields whose values come again and again: each is worked out once."""
_Step = tuple[str, int, Callable[[object], Any], dict[bytes, Any] | None]
"""The field of an attribute, its rank, its conversion, and what is known of its values."""
_STEPS: Mapping[str, _Step] = {
    name: (field, rank, convert, {} if field in _REPEATED else None)
    for name, (field, rank, convert) in attributes.RULES.items()
}


def _attributes(fragment: Fragment, pairs: Sequence[_Pair]) -> dict[str, Any]:
    """Put what rules tell into the fragment; the attributes that have no rule."""
    told: dict[str, Any] = {}
    ranks: dict[str, int] = {}
    step_of, beside = _STEPS.get, attributes.BESIDE
    for pair in pairs:
        step = step_of(pair.key)
        if step is None:
            if pair.key in beside:
                told[pair.key] = _beginning(pair) if pair.key == _ANSWER else _plain(pair.value)
            continue
        field, rank, convert, known = step
        if field in ranks and ranks[field] <= rank:
            continue
        if known is None:
            converted = convert(_plain(pair.value))
        else:
            data = bytes(pair.value)
            converted = known.get(data)
            if converted is None:
                if len(known) >= _MOST_KNOWN:
                    known.clear()
                converted = known[data] = convert(_plain(pair.value))
        if converted is not None:
            ranks[field] = rank
            setattr(fragment, field, converted)
    return told


def _session(resource: _Resource | None) -> str | None:
    if resource is not None:
        for pair in resource.attributes or ():
            if pair.key == "session.id":
                told = _plain(pair.value)
                return told if isinstance(told, str) else None
    return None


_INTEGER = b'{"intValue":"'
_ANSWER = "output.value"
_BEGINNING = 512
"""Of a whole answer that is written out only the id is looked for, at its beginning."""


def _plain(raw: Raw) -> Any:
    data = bytes(raw)
    if data.startswith(_INTEGER):
        try:
            return int(data[13:-2])
        except ValueError:
            return None
    return any_value(json.decode(data)) if data else None


def _beginning(pair: _Pair) -> Any:
    raw = memoryview(pair.value)
    if len(raw) <= _BEGINNING:
        return _plain(pair.value)
    return bytes(raw[:_BEGINNING]).partition(b'":"')[2].decode("utf-8", "replace")


def _all(pairs: list[_Pair] | None) -> dict[str, Any]:
    return {pair.key: _plain(pair.value) for pair in pairs or ()}
