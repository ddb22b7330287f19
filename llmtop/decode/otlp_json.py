"""OpenTelemetry's OTLP in JSON: spans, and the log records that bear content and usage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmtop.decode import agent_events, attribute_payload, otlp_lines, otlp_log_lines
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.otlp_logs import event_of, is_of_convention, record_fragment, span_of
from llmtop.decode.otlp_span import events_of, span_fragment
from llmtop.decode.otlp_values import attributes_of, either, objects
from llmtop.decode.values import laid_out, mapping, text
from llmtop.payload import Payload
from llmtop.span import Fragment, Span

_SIGNALS = (
    "resourceSpans",
    "resource_spans",
    "resourceLogs",
    "resource_logs",
    "resourceMetrics",
    "resource_metrics",
)
_MEMBERS = ("scopeSpans", "scope_spans", "scopeLogs", "scope_logs", "scopeMetrics")

_Told = tuple[Mapping[str, Any], Mapping[str, Any], str | None]
"""A span or a log record, the attributes of its resource, and the name of its scope."""


class OtlpJson(Format):
    """Exports of OpenTelemetry SDKs and collectors, whatever convention their attributes follow."""

    name = "OTLP JSON"
    beginnings = tuple(f'{{"{name}":'.encode() for name in _SIGNALS)

    def __init__(self) -> None:
        self._metrics = 0
        self._others = 0

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the names of its outermost lists."""
        return any(name in document for name in _SIGNALS) or (
            any(name in document for name in _MEMBERS)
        )

    @property
    def note(self) -> str | None:
        """Said where only metrics come: they count calls, and do not tell of any."""
        if self._metrics and not self._others:
            return "Only metrics: they tell of no single call. Export traces or logs as well."
        return None

    def read_line(self, line: bytes, place: int) -> Sequence[Fragment] | None:
        """An export of spans, or of log records, in good order."""
        logs = line.startswith(otlp_log_lines.BEGINNING)
        read = otlp_log_lines.fragments_of if logs else otlp_lines.fragments_of
        found = read(line, place)
        if found is not None:
            self._others += 1
        return found

    def read_lines(self, data: bytes, lines: int, place: int) -> Sequence[Fragment] | None:
        """All exports at once, if each is one of spans, or each one of log records."""
        logs = data.startswith(otlp_log_lines.BEGINNING)
        read = otlp_log_lines.fragments_of_lines if logs else otlp_lines.fragments_of_lines
        found = read(data, lines, place)
        if found is not None:
            self._others += lines
        return found

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """Every span of an export, and every log record that tells of one."""
        if any(name in document for name in ("resourceMetrics", "resource_metrics")):
            self._metrics += 1
        found = [
            span_fragment(span, attributes_of(span), resource, scope, place)
            for span, resource, scope in _spans(document)
        ]
        for record, resource, _ in _records(document):
            self._others += 1
            fragment = record_fragment(record, resource, place)
            if fragment is not None:
                found.append(fragment)
        self._others += len(found)
        return found

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Attributes and events of one span among those of an export."""
        for told, resource, scope in _spans(document):
            fragment = span_fragment(told, attributes_of(told), resource, scope, span.opened_at)
            if tells_of(fragment, span):
                attribute_payload.fill(payload, attributes_of(told), events_of(told))
                for name, value in resource.items():
                    payload.attributes.setdefault(name, value)
                payload.raw += (laid_out({"resource": resource, "scope": scope, "span": told}),)
                break
        records = []
        for record, resource, scope in _records(document):
            spoken = record_fragment(record, resource, span.opened_at)
            if spoken is not None and tells_of(spoken, span):
                payload.raw += (
                    laid_out({"resource": resource, "scope": scope, "logRecord": record}),
                )
                if spoken.span_id == span_of(record) or is_of_convention(record):
                    records.append(event_of(record))
                else:
                    agent_events.fill(payload, attributes_of(record))
        if records:
            attribute_payload.fill(payload, {}, tuple(records))


def _spans(document: Mapping[str, Any]) -> Iterator[_Told]:
    resources = either(document, "resourceSpans", "resource_spans")
    if resources is None and ("scopeSpans" in document or "scope_spans" in document):
        resources = [document]
    yield from _scoped(resources, ("scopeSpans", "scope_spans"), ("spans", "spans"))


def _records(document: Mapping[str, Any]) -> Iterator[_Told]:
    resources = either(document, "resourceLogs", "resource_logs")
    if resources is None and ("scopeLogs" in document or "scope_logs" in document):
        resources = [document]
    yield from _scoped(resources, ("scopeLogs", "scope_logs"), ("logRecords", "log_records"))


def _scoped(
    resources: object, scopes: tuple[str, str], members: tuple[str, str]
) -> Iterator[_Told]:
    for resource in objects(resources):
        shared = attributes_of(mapping(resource.get("resource")))
        groups = either(resource, *scopes) or resource.get("instrumentationLibrarySpans")
        for group in objects(groups):
            scope = text(
                mapping(group.get("scope") or group.get("instrumentationLibrary")).get("name")
            )
            for member in objects(either(group, *members)):
                yield member, shared, scope
