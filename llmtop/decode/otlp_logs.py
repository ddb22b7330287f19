"""OTLP's log records: the content of a span's messages, and calls that only events tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode import agent_events, attributes, event_messages
from llmtop.decode.otlp_values import any_value, attributes_of, either, identifier, moment
from llmtop.decode.values import mapping, text
from llmtop.payload import Event
from llmtop.span import Flag, Fragment

_BOTH = int(Flag.OPENED | Flag.ENDED)
CONVENTION = "gen_ai."
"""Beginning of the names of events that the convention defines."""
_WHOLE = frozenset({"gen_ai.client.inference.operation.details"})
"""Events that tell all of a call: model, usage, messages."""
_AFTERWARDS = frozenset({"gen_ai.evaluation.result"})
"""Events of a call that is long over."""
_RETELLING = frozenset({"gemini_cli", "qwen_code"})
"""Agents whose own events tell each call, before they tell it once more by the convention."""


def record_fragment(
    record: Mapping[str, Any], resource: Mapping[str, Any], place: int
) -> Fragment | None:
    """What a log record tells of a call; most records tell of none.

    A record that repeats a span's usage is a fragment of that span, so that nothing counts twice.
    """
    told = attributes_of(record)
    name = event_name(record, told)
    if name is None:
        return None
    at = moment(either(record, "timeUnixNano", "time_unix_nano")) or moment(
        either(record, "observedTimeUnixNano", "observed_time_unix_nano")
    )
    if "session.id" in resource and "session.id" not in told:
        told = {**told, "session.id": resource["session.id"]}
    call = agent_events.fragment_of(_in_full(name, resource), told, at, place)
    if call is not None:
        return call
    whole = name in _WHOLE and _service(resource) not in _RETELLING
    span_id = span_of(record)
    if span_id is None and whole:
        span_id = _identity(told, at)
    if span_id is None or not (name.startswith(CONVENTION) or _bears_content(record)):
        return None
    fragment = Fragment(
        span_id=span_id,
        trace_id=identifier(either(record, "traceId", "trace_id"), 32),
        start=None if whole or name in _AFTERWARDS else at,
        end=at if whole else None,
        flags=_BOTH,
        place=place,
    )
    attributes.apply(fragment, told)
    if whole:
        fragment.operation = fragment.operation or "chat"
        fragment.status = "error" if fragment.error_type is not None else "ok"
    else:
        # The span tells what it does and how it ends; these tell what was said.
        fragment.operation = fragment.model = fragment.status = None
        fragment.error_type = fragment.error_message = None
        if name == event_messages.CHOICE:
            fragment.finish_reason = event_messages.finish_reason(event_of(record).attributes)
    return fragment


def span_of(record: Mapping[str, Any]) -> str | None:
    """The id of the span that a record belongs to."""
    return identifier(either(record, "spanId", "span_id"), 16)


def is_of_convention(record: Mapping[str, Any]) -> bool:
    """Whether the convention tells what a record's attributes mean, and not the agent."""
    return (event_name(record, attributes_of(record)) or "").startswith(CONVENTION)


def _identity(told: Mapping[str, Any], at: float | None) -> str | None:
    """What a call is known by that is told without a span; delivered twice, it is one."""
    answer = text(told.get("gen_ai.response.id"))
    if answer is None and at is not None:
        answer = f"{text(told.get('gen_ai.conversation.id')) or ''} {at}"
    return answer


def _bears_content(record: Mapping[str, Any]) -> bool:
    return event_messages.bears_content(any_value(record.get("body")))


def _service(resource: Mapping[str, Any]) -> str:
    """The name of the program that tells, in the words of its events."""
    service = (text(resource.get("service.name")) or "").replace("-", "_")
    return _SERVICES.get(service, service)


def _in_full(name: str, resource: Mapping[str, Any]) -> str:
    """An agent's event with the agent's name before it, where only the resource tells it."""
    if "." in name:
        return name
    return f"{_service(resource)}.{name}"


_SERVICES = {"codex_cli_rs": "codex", "codex_exec": "codex", "claude_code": "claude_code"}


def event_name(record: Mapping[str, Any], told: Mapping[str, Any]) -> str | None:
    """The name of an event, from the record's own field or its attribute or body."""
    body = record.get("body")
    return (
        text(either(record, "eventName", "event_name"))
        or text(told.get("event.name"))
        or text(told.get("event_name"))
        or text(any_value(body) if isinstance(body, dict) else body)
    )


def event_of(record: Mapping[str, Any]) -> Event:
    """A log record as an event of a span, for showing."""
    told = attributes_of(record)
    body = mapping(any_value(record.get("body")))  # some write it out as JSON
    if body:
        told = {**told, "body": body}
    return Event(
        name=event_name(record, told) or "event",
        time=moment(either(record, "timeUnixNano", "time_unix_nano")),
        attributes=told,
    )
