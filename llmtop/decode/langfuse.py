"""Langfuse's exports: traces with their observations, and observations by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmtop.decode import export_shapes, langfuse_observation
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.values import mapping
from llmtop.payload import Payload
from llmtop.span import Fragment, Span

Told = Mapping[str, Any]


class Langfuse(Format):
    """A trace with its observations, an observation a line, or a page of what the API lists."""

    name = "Langfuse export"
    shape = export_shapes.LANGFUSE

    @property
    def note(self) -> str | None:
        """Rows of traces and scores hold no calls."""
        if self._observed or not self._traces:
            return None
        return "These are rows of traces without their observations, so there are no calls in them."

    def __init__(self) -> None:
        self._traces = 0
        self._observed = False

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by observations beside a trace, by one observation, or by a page of either.

        Rows of traces and scores are known too, so that a folder of all exports can be read.
        """
        if _is_known(document):
            return True
        page = document.get("data")
        return (
            "meta" in document
            and isinstance(page, list)
            and bool(page)
            and isinstance(page[0], dict)
            and _is_known(page[0])
        )

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """A span an observation."""
        found = [
            langfuse_observation.observation(told, trace, place=place)
            for told, trace in _observations(document)
        ]
        if found:
            self._observed = True
        else:
            self._traces += 1
        return found

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Input, output, parameters and metadata of one observation."""
        for told, trace in _observations(document):
            if tells_of(langfuse_observation.observation(told, trace, place=span.opened_at), span):
                langfuse_observation.show(told, payload)
                return


def _is_known(document: Document) -> bool:
    if _is_observation(document) or _is_trace(document) or _is_score(document):
        return True
    return isinstance(document.get("observations"), list) and (
        "trace" in document or "projectId" in document or "id" in document
    )


def _is_observation(document: Document) -> bool:
    return (
        "type" in document
        and ("parentObservationId" in document or "parent_observation_id" in document)
        and ("traceId" in document or "trace_id" in document)
    )


def _is_trace(document: Document) -> bool:
    return "bookmarked" in document and "tags" in document and "public" in document


def _is_score(document: Document) -> bool:
    return ("observation_id" in document and "data_type" in document) or (
        "observationId" in document and "dataType" in document
    )


def _observations(document: Document) -> Iterator[tuple[Told, Told]]:
    """Each observation, and the trace that stands beside it."""
    page = document.get("data")
    for each in page if isinstance(page, list) else (document,):
        if not isinstance(each, dict):
            continue
        trace = mapping(each.get("trace")) or each
        listed = each.get("observations", trace.get("observations"))
        if isinstance(listed, list):
            for told in listed:
                if isinstance(told, dict):
                    yield told, trace
        elif _is_observation(each):
            yield each, trace
