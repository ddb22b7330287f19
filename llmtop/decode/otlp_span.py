"""What one span of OTLP tells, whatever convention its attributes follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from llmtop.decode import attributes, errors, event_messages
from llmtop.decode.otlp_values import attributes_of, either, identifier, moment, objects
from llmtop.decode.values import mapping, number, text
from llmtop.payload import Event
from llmtop.span import CALL_OPERATIONS, STREAM_SCOPE, Flag, Fragment

_OPENED = int(Flag.OPENED)
_BOTH = int(Flag.OPENED | Flag.ENDED)
_ENDED = int(Flag.ENDED)
_ERROR_LEVEL = 17
"""Logfire's level numbers from here on are errors."""

FIRST_TOKEN_EVENTS = frozenset(
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


class Moment(Protocol):
    """An event of a span: what it tells is decoded only where that is asked for."""

    @property
    def name(self) -> str | None:
        """What happened."""

    @property
    def time(self) -> float | None:
        """When, in seconds since the epoch."""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The attributes as plain values."""


class _Moment(Struct, gc=False):
    name: str | None
    time: float | None
    attributes: Mapping[str, Any]


def flags_of(end: float | None) -> int:
    """Flags of a span that ended at a moment, or that did not end yet."""
    return _OPENED if end is None else _BOTH


def fragment_of(
    fragment: Fragment,
    told: Mapping[str, Any],
    code: object,
    message: object,
    events: Sequence[Moment],
) -> Fragment:
    """Complete a fragment by status and events, once its attributes were applied.

    Of `told` those attributes are looked at that no rule of the conventions reads.
    """
    if told:
        if "logfire.span_type" in told:
            _logfire(fragment, told)
        if told.get("llmtop.latency") == "unknown":
            # An export of llmtop's own: OTLP has no way to leave out when a span ended.
            fragment.end = None
    if not fragment.flags & _ENDED:
        fragment.status = fragment.error_type = fragment.error_message = None
    elif told and told.get("llmtop.status") == "cancelled":
        fragment.status = "cancelled"  # which OTLP has no word for
    elif fragment.status == "error" or (code not in _FINE and _says_failed(code)):
        _fail(fragment, message, events)
    else:
        fragment.status = "ok"
        fragment.error_type = fragment.error_message = None
    if fragment.ttft is not None and fragment.start is not None and fragment.end is not None:
        lasted = fragment.end - fragment.start
        if fragment.ttft > lasted >= fragment.ttft / 1000.0:
            # Some write milliseconds where the convention has seconds.
            fragment.ttft /= 1000.0
    if events:
        take_first_token(fragment, events)
        take_finish_reason(fragment, events)
    return fragment


def take_first_token(fragment: Fragment, events: Sequence[Moment]) -> None:
    """The time to the first token, from the event that tells it, where no attribute told it."""
    if fragment.ttft is not None or fragment.start is None:
        return
    for event in events:
        if event.name in FIRST_TOKEN_EVENTS:
            at = event.time
            if at is not None and at >= fragment.start:
                fragment.ttft = at - fragment.start
            return


def take_finish_reason(fragment: Fragment, events: Sequence[Moment]) -> None:
    """Why the answer ended, from the event that tells the answer, where no attribute told it."""
    if fragment.finish_reason is None and fragment.operation in CALL_OPERATIONS:
        for event in events:
            if event.name == event_messages.CHOICE:
                fragment.finish_reason = event_messages.finish_reason(event.attributes)
                return


def span_fragment(
    span: Mapping[str, Any],
    told: Mapping[str, Any],
    resource: Mapping[str, Any],
    scope: str | None,
    place: int,
) -> Fragment:
    """What a span as a plain object tells."""
    status = mapping(span.get("status"))
    end = moment(either(span, "endTimeUnixNano", "end_time_unix_nano"))
    fragment = Fragment(
        span_id=identifier(either(span, "spanId", "span_id"), 16),
        trace_id=identifier(either(span, "traceId", "trace_id"), 32),
        parent_id=identifier(either(span, "parentSpanId", "parent_span_id"), 16),
        name=text(span.get("name")),
        start=moment(either(span, "startTimeUnixNano", "start_time_unix_nano")),
        end=end,
        flags=flags_of(end),
        session_id=text(resource.get("session.id")),
        place=place,
        scope=scope,
    )
    events = [
        _Moment(
            text(event.get("name")),
            moment(either(event, "timeUnixNano", "time_unix_nano")),
            attributes_of(event),
        )
        for event in objects(span.get("events"))
    ]
    attributes.apply(fragment, told)
    return fragment_of(fragment, told, status.get("code"), status.get("message"), events)


def _logfire(fragment: Fragment, told: Mapping[str, Any]) -> None:
    fragment.name = text(told.get("logfire.msg")) or fragment.name
    if told["logfire.span_type"] == "pending_span":
        # It tells of a span that runs by a child of it, which bears its place in the trace.
        fragment.span_id = fragment.parent_id
        fragment.parent_id = identifier(told.get("logfire.pending_parent_id"), 16)
        fragment.end = None
        fragment.flags &= ~_ENDED
        return
    level = number(told.get("logfire.level_num"))
    if level is not None and level >= _ERROR_LEVEL:
        fragment.status = "error"
    lasted = number(told.get("duration"))
    if told["logfire.span_type"] == "log" and lasted is not None and lasted > 0.0:
        # The stream of an answer is told when it is over, by a log of no length.
        fragment.start, fragment.duration = None, lasted
        if fragment.operation in CALL_OPERATIONS:
            fragment.scope = f"{fragment.scope}{STREAM_SCOPE}"


_FINE = (None, 0, 1, "UNSET", "OK", "STATUS_CODE_UNSET", "STATUS_CODE_OK")
_FAILED = (2, "ERROR", "STATUS_CODE_ERROR")


def _says_failed(code: object) -> bool:
    return code in _FAILED or errors.status(str(code)) == "error"


def _fail(fragment: Fragment, message: object, events: Sequence[Moment]) -> None:
    for event in events:
        if event.name == "exception":
            raised = event.attributes
            fragment.error_type = fragment.error_type or text(raised.get("exception.type"))
            fragment.error_message = fragment.error_message or text(raised.get("exception.message"))
    fragment.status = "error"
    fragment.error_message = text(message) or fragment.error_message
    fragment.error_type = fragment.error_type or errors.kind_of(fragment.error_message)


def events_of(span: Mapping[str, Any]) -> tuple[Event, ...]:
    """The events of a span, for showing."""
    return tuple(
        Event(
            name=text(event.get("name")) or "event",
            time=moment(either(event, "timeUnixNano", "time_unix_nano")),
            attributes=attributes_of(event),
        )
        for event in objects(span.get("events"))
    )
