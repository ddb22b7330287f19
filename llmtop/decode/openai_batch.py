"""OpenAI's Batch files: requests and answers, joined by `custom_id`; a batch has no latency.

Azure, Groq, Mistral, Together, Fireworks and vLLM write the same files, more or less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import batch_shapes, errors, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, number, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BATCH = int(Flag.BATCH)

_OPERATIONS = {"list": "embeddings", "text_completion": "text_completion"}
"""By the kind of object that was answered."""
_PATHS = (
    ("embeddings", "embeddings"),
    ("images", "image_generation"),
    ("rerank", "rerank"),
    ("chat/completions", "chat"),
    ("completions", "text_completion"),
)


class OpenAiBatch(Format):
    """Lines of an input file, which open calls, and of an output or error file, which end them."""

    name = "OpenAI Batch"
    shape = batch_shapes.OPENAI

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the id of the user's own beside a request's body or a response."""
        if "custom_id" not in document:
            return _is_sum(document)
        return (
            "response" in document
            or isinstance(document.get("body"), dict)
            or (bool(document.get("error")) and "result" not in document)
        )

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """One half of a call; the batch itself has the sums of its calls, and is none."""
        if _is_sum(document):
            return ()
        request = text(document.get("custom_id"))
        if "body" in document and "response" not in document:
            return (
                Fragment(
                    request_id=request,
                    operation=_operation(document.get("url")),
                    model=text(mapping(document.get("body")).get("model")),
                    flags=_OPENED | _BATCH,
                    place=place,
                ),
            )
        response = mapping(document.get("response"))
        body = _body(response)
        fragment = Fragment(
            request_id=request,
            operation=_OPERATIONS.get(text(body.get("object")) or ""),
            response_model=text(body.get("model")),
            response_id=text(body.get("id")),
            end=parse_time(body.get("created") or body.get("created_at")),
            flags=_ENDED | _BATCH,
            status="ok",
            finish_reason=_finish_reason(body),
            place=place,
        )
        usage.read(fragment, mapping(body.get("usage")), exclusive=False)
        _fail(fragment, document.get("error") or body.get("error"), response, body)
        return (fragment,)

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The messages of the request, the answer of the response."""
        if not any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
            return
        asked = dict(mapping(document.get("body")))
        for name in ("instructions", "messages", "input", "prompt"):
            role = "system" if name == "instructions" else "user"
            payload.input += conversation(asked.pop(name, None), role)
        asked.pop("model", None)
        payload.parameters.update(asked)
        answered = _body(mapping(document.get("response")))
        if _OPERATIONS.get(text(answered.get("object")) or "") != "embeddings":
            payload.output += conversation(answered or None, "assistant")


def _is_sum(document: Document) -> bool:
    return document.get("object") == "batch" and "request_counts" in document


def _body(response: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a model answered; some servers leave out the HTTP response around it."""
    body = mapping(response.get("body"))
    return body or (response if "usage" in response or "choices" in response else body)


def _operation(url: object) -> str:
    path = text(url) or ""
    return next((operation for part, operation in _PATHS if part in path), "chat")


def _finish_reason(body: Mapping[str, Any]) -> str | None:
    choices = body.get("choices")
    if isinstance(choices, list) and choices:
        return text(mapping(choices[0]).get("finish_reason"))
    return text(mapping(body.get("incomplete_details")).get("reason"))


def _fail(
    fragment: Fragment, error: object, response: Mapping[str, Any], body: Mapping[str, Any]
) -> None:
    code = number(response.get("status_code"))
    if not error and (code is None or code < 400) and body.get("status") != "failed":
        return
    fragment.status = "error"
    fragment.error_type, fragment.error_message = errors.told(error)
    fragment.error_type = fragment.error_type or (str(int(code)) if code else None)
    if fragment.error_type in {"batch_cancelled", "batch_canceled"}:
        fragment.status = "cancelled"
