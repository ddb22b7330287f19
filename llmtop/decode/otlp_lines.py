"""Exports of spans in good order, decoded typed: attributes that tell nothing stay undecoded.

What is spelled in a rarer way is refused, and read leniently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct, json

from llmtop.decode import attributes
from llmtop.decode.attribute_plan import Plan, follow, plan_of
from llmtop.decode.long_texts import without_long_texts
from llmtop.decode.otlp_pairs import (
    NOTHING,
    Nanoseconds,
    Pair,
    Refusals,
    decoded,
    plain,
    undecoded,
    value_of,
)
from llmtop.decode.otlp_span import fragment_of
from llmtop.decode.otlp_values import identifier, trace_identifier
from llmtop.decode.undecoded import Undecoded
from llmtop.decode.values import MOST_TOKENS, count, text
from llmtop.span import Flag, Fragment

_OPENED = int(Flag.OPENED)
_BOTH = int(Flag.OPENED | Flag.ENDED)


class _Event(Struct, gc=False, rename="camel"):
    name: str | None = None
    time_unix_nano: Nanoseconds | None = None
    pairs: list[Pair] | None = msgspec.field(default=None, name="attributes")

    @property
    def time(self) -> float | None:
        """When it happened, in seconds since the epoch."""
        return self.time_unix_nano / 1e9 if self.time_unix_nano else None

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The attributes as plain values."""
        return undecoded(self.pairs or ())


class _Status(Struct, gc=False):
    code: int | str | None = None
    message: str | None = None


class _Span(Struct, gc=False, rename="camel"):
    span_id: str
    trace_id: str | None = None
    parent_span_id: str | None = None
    name: str | None = None
    start_time_unix_nano: Nanoseconds | None = None
    end_time_unix_nano: Nanoseconds | None = None
    attributes: list[Pair] | None = None
    status: _Status | None = None
    events: list[_Event] | None = None


class _Scope(Struct, gc=False):
    name: str | None = None


class _ScopeSpans(Struct, gc=False):
    spans: list[_Span]
    scope: _Scope | None = None


class _Resource(Struct, gc=False):
    attributes: list[Pair] | None = None


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
        return _fragments(_exports.decode(without_long_texts(line)), place)
    except Refusals:
        return None


def fragments_of_lines(data: bytes, lines: int, place: int) -> list[Fragment] | None:
    """What the exports of so many lines tell, or `None` if any has to be read leniently."""
    found: list[Fragment] = []
    at, first = 0, place
    try:
        while at < len(data):
            end = data.find(b"\n", at + _BLOCK) + 1 or len(data)
            for export in _exports.decode_lines(without_long_texts(data[at:end])):
                fragments = _fragments(export, place)
                if fragments is None:
                    return None
                found += fragments
                place += 1
            at = end
    except Refusals:
        return None
    return found if place - first == lines else None


_BLOCK = 64 * 1024
"""Bytes that are decoded at once: few enough that all of it is still in the processor's cache."""


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
    start, end = span.start_time_unix_nano, span.end_time_unix_nano
    fragment = Fragment(
        identifier(span.span_id, 16),
        trace_identifier(span.trace_id),
        identifier(parent, 16) if parent else None,
        None,
        span.name or None,
        start=start / 1e9 if start else None,
        end=end / 1e9 if end else None,
        session_id=session,
        scope=scope,
        flags=_BOTH if end else _OPENED,
        place=place,
    )
    pairs = span.attributes or ()
    plan = plan_of(tuple([pair.key for pair in pairs]))
    raws = [pair.value for pair in pairs]
    follow(plan, fragment, raws, plain)
    _follow_plain(plan, fragment, raws)
    told: Mapping[str, Any] = (
        Undecoded({name: raws[at] for at, name in plan.beside}, decoded)
        if plan.beside
        else _NOTHING_BESIDE
    )
    attributes.complete(fragment, told, plan.special)
    status = span.status
    code, message = (None, None) if status is None else (status.code, status.message)
    return fragment_of(fragment, told, code, message, span.events or ())


_NOTHING_BESIDE: Mapping[str, Any] = {}


def _follow_plain(plan: Plan, fragment: Fragment, raws: Sequence[Raw]) -> None:
    """Put counts and texts into the fragment."""
    for at, field in plan.counts:
        found = value_of(raws[at]).int_value
        if found is None or not 0 <= found <= MOST_TOKENS:
            found = count(plain(raws[at]))
        if found is not None:
            setattr(fragment, field, found)
    for at, field in plan.texts:
        said = value_of(raws[at]).string_value or text(plain(raws[at]))
        if said is not None:
            setattr(fragment, field, said)


def _session(resource: _Resource | None) -> str | None:
    if resource is not None:
        for pair in resource.attributes or ():
            if pair.key == "session.id":
                return text(plain(pair.value))
    return None
