"""Anthropic's Message Batches: requests and results, joined by `custom_id`; neither has a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmtop.decode import batch_shapes, errors, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation
from llmtop.decode.values import mapping, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BATCH = int(Flag.BATCH)


class AnthropicBatch(Format):
    """Lines of results, which end calls, and requests in lines or in a list, which open them."""

    name = "Anthropic batch"
    shape = batch_shapes.ANTHROPIC

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the id of the user's own beside a result with a type, or beside parameters."""
        if "custom_id" in document:
            result = document.get("result")
            if isinstance(result, dict):
                return "type" in result
            return isinstance(document.get("params"), dict)
        return any(True for _ in _listed(document))

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """One half of a call, or the opening halves of many."""
        if "custom_id" in document:
            return (_fragment(document, place),)
        return [_fragment(each, place) for each in _listed(document)]

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The messages of the request, the message of the result."""
        for told in (document,) if "custom_id" in document else _listed(document):
            if tells_of(_fragment(told, span.opened_at), span):
                asked = dict(mapping(told.get("params")))
                payload.input += conversation(asked.pop("system", None), "system")
                payload.input += conversation(asked.pop("messages", None))
                asked.pop("model", None)
                payload.parameters.update(asked)
                answered = mapping(mapping(told.get("result")).get("message"))
                payload.output += conversation(answered or None, "assistant")
                return


def _listed(document: Document) -> Iterator[Mapping[str, Any]]:
    """The requests in the body of the call that creates a batch."""
    listed = document.get("requests")
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and "custom_id" in each and isinstance(each.get("params"), dict):
            yield each


def _fragment(told: Mapping[str, Any], place: int) -> Fragment:
    fragment = Fragment(
        request_id=text(told.get("custom_id")),
        operation="chat",
        provider="anthropic",
        place=place,
    )
    result = told.get("result")
    if result is None:
        fragment.flags = _OPENED | _BATCH
        fragment.model = text(mapping(told.get("params")).get("model"))
        return fragment
    result = mapping(result)
    message = mapping(result.get("message"))
    fragment.flags = _ENDED | _BATCH
    fragment.response_model = text(message.get("model"))
    fragment.response_id = text(message.get("id"))
    fragment.finish_reason = text(message.get("stop_reason"))
    usage.read(fragment, mapping(message.get("usage")), exclusive=True)
    match result.get("type"):
        case "succeeded":
            fragment.status = "ok"
        case "canceled" | "cancelled":
            fragment.status = "cancelled"
        case outcome:
            fragment.status = "error"
            kind, fragment.error_message = errors.told(result.get("error"))
            fragment.error_type = kind or text(outcome)
    return fragment
