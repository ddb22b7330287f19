"""Spans in good order as the console exporter prints them in lines, decoded typed.

Attributes that tell nothing stay undecoded; what is spelled in a rarer way is refused, and read
leniently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import DecodeError, Meta, Raw, Struct, ValidationError, json

from llmtop.decode import attributes
from llmtop.decode.attribute_plan import Plan, follow, plan_of
from llmtop.decode.otlp_span import flags_of, fragment_of
from llmtop.decode.otlp_values import identifier, trace_identifier
from llmtop.decode.special_attributes import ANSWER, ANSWER_BEGINNING
from llmtop.decode.undecoded import Undecoded
from llmtop.decode.values import MOST_TOKENS, count, text
from llmtop.span import Fragment

_Raws = dict[str, Raw]
_Time = Annotated[datetime, Meta(tz=True)]


class _Context(Struct, gc=False):
    span_id: str
    trace_id: str | None = None


class _Status(Struct, gc=False):
    status_code: str | None = None
    description: str | None = None


class _Event(Struct, gc=False):
    name: str | None = None
    timestamp: _Time | None = None
    raws: _Raws | None = msgspec.field(default=None, name="attributes")

    @property
    def time(self) -> float | None:
        """When it happened, in seconds since the epoch."""
        return _seconds(self.timestamp)

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The attributes as plain values."""
        return Undecoded(self.raws or {}, _told)


class _Scope(Struct, gc=False):
    name: str | None = None


class _Span(Struct, gc=False):
    context: _Context
    attributes: _Raws
    name: str | None = None
    parent_id: str | None = None
    start_time: _Time | None = None
    end_time: _Time | None = None
    status: _Status | None = None
    events: list[_Event] | None = None
    instrumentation_scope: _Scope | None = None


_spans = json.Decoder(_Span)
_plain = json.Decoder().decode

_Errors = (DecodeError, ValidationError, UnicodeDecodeError, RecursionError, OverflowError)


def fragments_of(line: bytes, place: int) -> list[Fragment] | None:
    """What a span tells, or `None` if it has to be read leniently."""
    try:
        return [_fragment(_spans.decode(line), place)]
    except _Errors:
        return None


def fragments_of_lines(data: bytes, lines: int, place: int) -> list[Fragment] | None:
    """What the spans of so many lines tell, or `None` if any has to be read leniently."""
    try:
        spans = _spans.decode_lines(data)
        if len(spans) != lines:
            return None
        return [_fragment(span, at) for at, span in enumerate(spans, place)]
    except _Errors:
        return None


def _fragment(span: _Span, place: int) -> Fragment:
    context = span.context
    start, end = _seconds(span.start_time), _seconds(span.end_time)
    scope = span.instrumentation_scope
    fragment = Fragment(
        identifier(context.span_id, 16),
        trace_identifier(context.trace_id),
        None if span.parent_id is None else identifier(span.parent_id, 16),
        None,
        span.name or None,
        start=start,
        end=end,
        scope=scope_named(span.name or "") if scope is None or not scope.name else scope.name,
        flags=flags_of(end),
        place=place,
    )
    raws = list(span.attributes.values())
    plan = plan_of(tuple(span.attributes))
    follow(plan, fragment, raws, _plain)
    _follow_plain(plan, fragment, raws)
    told: Mapping[str, Any] = (
        Undecoded({name: raws[at] for at, name in plan.beside}, _told) if plan.beside else {}
    )
    attributes.complete(fragment, told, plan.special)
    status = span.status
    code, message = (None, None) if status is None else (status.status_code, status.description)
    return fragment_of(fragment, told, code, message, span.events or ())


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _seconds(time: datetime | None) -> float | None:
    return None if time is None else (time - _EPOCH).total_seconds()


def _follow_plain(plan: Plan, fragment: Fragment, raws: Sequence[Raw]) -> None:
    """Put counts and texts into the fragment."""
    for at, field in plan.counts:
        found = _plain(raws[at])
        if type(found) is not int or not 0 <= found <= MOST_TOKENS:
            found = count(found)
        if found is not None:
            setattr(fragment, field, found)
    for at, field in plan.texts:
        said = text(_plain(raws[at]))
        if said is not None:
            setattr(fragment, field, said)


def _told(name: str, raw: Raw) -> Any:
    if name == ANSWER and len(raw) > ANSWER_BEGINNING:
        return (b"" + raw)[:ANSWER_BEGINNING].decode("utf-8", "replace")
    return _plain(raw)


@lru_cache(maxsize=1024)
def scope_named(name: str) -> str | None:
    """Which instrumentation wrote a span; the exporter leaves it out, so its way of naming tells.

    Two spans of one call that are named alike are two calls of one instrumentation.
    """
    words = [word for word in name.split() if not any(each.isdigit() for each in word)]
    return f"spans named {' '.join(words)}" if words else None
