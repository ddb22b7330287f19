"""Langfuse's exports of traces, with the observations in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmtop.decode import errors, operations, shapes, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, number, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)


class Langfuse(Format):
    """A document a trace: `{trace, observations}`, or the API's trace with its observations."""

    name = "Langfuse export"
    shape = shapes.LANGFUSE

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by observations beside a trace, or by one observation."""
        if isinstance(document.get("observations"), list):
            return "trace" in document or "projectId" in document or "id" in document
        return "traceId" in document and "parentObservationId" in document and "type" in document

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """A span an observation."""
        trace = mapping(document.get("trace")) or document
        return [_span(told, trace, place) for told in _observations(document)]

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Input, output, parameters and metadata of one observation."""
        trace = mapping(document.get("trace")) or document
        for told in _observations(document):
            if tells_of(_span(told, trace, span.opened_at), span):
                payload.input += conversation(told.get("input"))
                payload.output += conversation(told.get("output"), "assistant")
                payload.parameters.update(mapping(told.get("modelParameters")))
                payload.attributes.update(mapping(told.get("metadata")))
                return


def _observations(document: Document) -> Iterator[Mapping[str, Any]]:
    listed = document.get("observations")
    for told in listed if isinstance(listed, list) else [document]:
        if isinstance(told, dict):
            yield told


def _span(told: Mapping[str, Any], trace: Mapping[str, Any], place: int) -> Fragment:
    start = parse_time(told.get("startTime"))
    end = parse_time(told.get("endTime"))
    failed = told.get("level") == "ERROR"
    said = text(told.get("statusMessage"))
    first = number(told.get("timeToFirstToken"))
    fragment = Fragment(
        span_id=text(told.get("id")),
        trace_id=text(told.get("traceId")) or text(trace.get("id")),
        parent_id=text(told.get("parentObservationId")),
        name=text(told.get("name")),
        operation=operations.operation(told.get("type")),
        model=text(told.get("model")),
        start=start,
        end=end,
        ttft=first,
        flags=_OPENED | (_ENDED if end is not None or told.get("type") == "EVENT" else 0),
        status="error" if failed else "ok" if end is not None else None,
        error_type=(errors.kind_of(said) or "error") if failed else None,
        error_message=said if failed else None,
        session_id=text(trace.get("sessionId")),
        user_id=text(trace.get("userId")),
        place=place,
    )
    used = mapping(told.get("usageDetails")) or mapping(told.get("usage"))
    usage.read(fragment, used)
    costs = mapping(told.get("costDetails"))
    fragment.cost = number(costs.get("total")) if costs else None
    return fragment
