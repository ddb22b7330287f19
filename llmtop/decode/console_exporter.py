"""What OpenTelemetry's Python console exporter prints: a span a document, laid out or in a line."""

from __future__ import annotations

from collections.abc import Sequence

from llmtop.decode import attribute_payload, attributes, console_lines
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.otlp_span import flags_of, fragment_of
from llmtop.decode.otlp_values import identifier
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, text
from llmtop.payload import Event, Payload
from llmtop.span import Fragment, Span


class ConsoleExporter(Format):
    """Spans with plain attributes, ids that begin with `0x`, and times in ISO 8601."""

    name = "OTel console exporter"

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the context that bears the ids."""
        context = document.get("context")
        return isinstance(context, dict) and "span_id" in context and "attributes" in document

    def read_line(self, line: bytes, place: int) -> Sequence[Fragment] | None:
        """A span in good order."""
        return console_lines.fragments_of(line, place)

    def read_lines(self, data: bytes, lines: int, place: int) -> Sequence[Fragment] | None:
        """All spans at once, if each is in good order."""
        return console_lines.fragments_of_lines(data, lines, place)

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """The whole span."""
        context = mapping(document.get("context"))
        status = mapping(document.get("status"))
        scope = text(mapping(document.get("instrumentation_scope")).get("name"))
        name, end = text(document.get("name")), parse_time(document.get("end_time"))
        fragment = Fragment(
            span_id=identifier(context.get("span_id"), 16),
            trace_id=identifier(context.get("trace_id"), 32),
            parent_id=identifier(document.get("parent_id"), 16),
            name=name,
            start=parse_time(document.get("start_time")),
            end=end,
            flags=flags_of(end),
            place=place,
            scope=scope or console_lines.scope_named(name or ""),
        )
        told = mapping(document.get("attributes"))
        attributes.apply(fragment, told)
        code, message = status.get("status_code"), status.get("description")
        return (fragment_of(fragment, told, code, message, _events(document)),)

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Attributes and events."""
        if any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
            attribute_payload.fill(payload, mapping(document.get("attributes")), _events(document))


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
