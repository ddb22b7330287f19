"""What Langfuse's SDKs send: events that create an observation, and others that add to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmtop.decode import export_shapes, langfuse_observation
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.values import mapping, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_MOST_TRACES = 10_000
"""Traces whose owners are remembered, so that the calls in them can be told whose they are."""
_KINDS = frozenset(
    {
        "agent",
        "chain",
        "embedding",
        "evaluator",
        "event",
        "generation",
        "guardrail",
        "observation",
        "retriever",
        "span",
        "tool",
    }
)

Event = Mapping[str, Any]


class LangfuseEvents(Format):
    """Batches as they are sent to `/api/public/ingestion`, and events as they are kept of them."""

    name = "Langfuse events"
    shape = export_shapes.LANGFUSE_EVENTS

    def __init__(self) -> None:
        self._owners: dict[str, Event] = {}

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the type of an event beside its body, or by a batch of such events."""
        listed = document.get("batch")
        if isinstance(listed, list):
            return any(map(_is_event, listed))
        return _is_event(document)

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """A fragment an event of an observation; events of traces tell whose those are."""
        found = []
        for event in _events(document):
            kind, _, change = str(event["type"]).partition("-")
            body = mapping(event.get("body"))
            if kind == "trace":
                self._own(body)
            elif kind in _KINDS:
                owner = self._owners.get(text(body.get("traceId")) or "", body)
                found.append(_fragment(kind, change, body, owner, place))
        return found

    def _own(self, body: Event) -> None:
        name = text(body.get("id"))
        if name is None or not ("sessionId" in body or "userId" in body):
            return
        if len(self._owners) >= _MOST_TRACES:
            self._owners.clear()
        self._owners[name] = {**self._owners.get(name, {}), **_whose(body)}

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Input, output and parameters, each as the last event that has it says it."""
        for event in _events(document):
            kind, _, change = str(event["type"]).partition("-")
            body = mapping(event.get("body"))
            if kind in _KINDS and tells_of(_fragment(kind, change, body, body, 0), span):
                if body.get("input") is not None:
                    payload.input = ()
                if body.get("output") is not None:
                    payload.output = ()
                langfuse_observation.show(body, payload)


def _is_event(event: object) -> bool:
    if not isinstance(event, dict) or not isinstance(event.get("body"), dict):
        return False
    kind, dash, change = str(event.get("type")).partition("-")
    if kind == "trace":
        return change == "create"
    return kind in _KINDS and dash == "-" and change in {"create", "update"}


def _events(document: Document) -> Iterator[Event]:
    listed = document.get("batch")
    yield from filter(_is_event, listed if isinstance(listed, list) else (document,))


def _whose(body: Event) -> dict[str, Any]:
    return {name: body[name] for name in ("sessionId", "userId") if body.get(name) is not None}


def _fragment(kind: str, change: str, body: Event, owner: Event, place: int) -> Fragment:
    told = body if kind == "observation" else {**body, "type": kind.upper()}
    fragment = langfuse_observation.observation(told, owner, place=place)
    if change == "update" and fragment.start is None:
        fragment.flags &= ~_OPENED
    return fragment
