"""What OpenTelemetry's Python console exporter prints: a span a document, laid out or in a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Raw, json

from llmtop.decode import attribute_payload, attributes, errors, shapes
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.otlp_span import take_first_token
from llmtop.decode.otlp_values import identifier
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, text
from llmtop.payload import Event, Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)


class ConsoleExporter(Format):
    """Spans with plain attributes, ids that begin with `0x`, and times in ISO 8601."""

    name = "OTel console exporter"
    shape = shapes.CONSOLE

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the context that bears the ids."""
        context = document.get("context")
        return isinstance(context, dict) and "span_id" in context and "attributes" in document

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """The whole span."""
        context = mapping(document.get("context"))
        status = mapping(document.get("status"))
        end = parse_time(document.get("end_time"))
        fragment = Fragment(
            span_id=identifier(context.get("span_id"), 16),
            trace_id=identifier(context.get("trace_id"), 32),
            parent_id=identifier(document.get("parent_id"), 16),
            name=text(document.get("name")),
            start=parse_time(document.get("start_time")),
            end=end,
            flags=_OPENED | (_ENDED if end is not None else 0),
            place=place,
            scope=_scope(document),
        )
        attributes.apply(fragment, _wanted(document))
        failed = errors.status(status.get("status_code")) == "error"
        events = _events(document)
        take_first_token(fragment, events)
        for event in events:
            if event.name == "exception" and failed:
                fragment.error_type = fragment.error_type or text(
                    event.attributes.get("exception.type")
                )
                fragment.error_message = text(event.attributes.get("exception.message"))
        if failed:
            fragment.status = "error"
            said = text(status.get("description")) or fragment.error_message
            fragment.error_message = said
            fragment.error_type = fragment.error_type or errors.kind_of(said)
        else:
            fragment.status = "ok" if end is not None else None
            fragment.error_type = fragment.error_message = None
        return (fragment,)

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Attributes and events."""
        if any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
            attribute_payload.fill(payload, mapping(document.get("attributes")), _events(document))


def _wanted(document: Document) -> Mapping[str, Any]:
    """The attributes that tell of a call's figures, decoded where they are not yet."""
    return {
        name: json.decode(value) if type(value) is Raw else value
        for name, value in mapping(document.get("attributes")).items()
        if name in attributes.READ
    }


def _scope(document: Document) -> str | None:
    """Which instrumentation wrote a span; the exporter leaves it out, so its way of naming tells.

    Two spans of one call that are named alike are two calls of one instrumentation.
    """
    told = text(mapping(document.get("instrumentation_scope")).get("name"))
    if told is not None:
        return told
    return _named(text(document.get("name")) or "")


@lru_cache(maxsize=1024)
def _named(name: str) -> str | None:
    words = [word for word in name.split() if not any(each.isdigit() for each in word)]
    return f"spans named {' '.join(words)}" if words else None


def _events(document: Document) -> tuple[Event, ...]:
    listed = document.get("events")
    return tuple(
        Event(
            name=text(event.get("name")) or "event",
            time=parse_time(event.get("timestamp")),
            attributes=dict(mapping(event.get("attributes"))),
        )
        for event in (listed if isinstance(listed, list) else ())
        if isinstance(event, dict)
    )
