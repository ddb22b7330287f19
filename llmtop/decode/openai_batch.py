"""OpenAI's Batch files: requests and answers, joined by `custom_id`; a batch has no latency."""

from __future__ import annotations

from collections.abc import Sequence

from llmtop.decode import errors, shapes, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation
from llmtop.decode.values import mapping, number, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)


class OpenAiBatch(Format):
    """Lines of an input file, which open calls, and of an output or error file, which end them."""

    name = "OpenAI Batch"
    shape = shapes.BATCH

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the id of the user's own beside a request's body or a response."""
        return "custom_id" in document and (
            ("response" in document and "error" in document)
            or ("body" in document and "url" in document)
        )

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """One half of a call."""
        request = text(document.get("custom_id"))
        if "body" in document:
            body = mapping(document.get("body"))
            return (
                Fragment(
                    request_id=request,
                    operation=_operation(document.get("url")),
                    model=text(body.get("model")),
                    flags=_OPENED,
                    place=place,
                ),
            )
        response = mapping(document.get("response"))
        body = mapping(response.get("body"))
        code = number(response.get("status_code"))
        error = document.get("error") or body.get("error")
        fragment = Fragment(
            request_id=request,
            operation="embeddings" if body.get("object") == "list" else None,
            response_model=text(body.get("model")),
            end=number(body.get("created") or body.get("created_at")),
            flags=_ENDED,
            status="ok",
            place=place,
        )
        usage.read(fragment, mapping(body.get("usage")), exclusive=False)
        choices = body.get("choices")
        if isinstance(choices, list) and choices:
            fragment.finish_reason = text(mapping(choices[0]).get("finish_reason"))
        if error or (code is not None and code >= 400):
            fragment.status = "error"
            fragment.error_type, fragment.error_message = errors.told(error)
            fragment.error_type = fragment.error_type or (str(int(code)) if code else None)
        return (fragment,)

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The messages of the request, the answer of the response."""
        if not any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
            return
        body = dict(mapping(document.get("body")))
        payload.input += conversation(body.pop("messages", body.pop("input", None)))
        body.pop("model", None)
        payload.parameters.update(body)
        payload.output += conversation(mapping(document.get("response")).get("body"), "assistant")


def _operation(url: object) -> str:
    path = text(url) or ""
    if "embeddings" in path:
        return "embeddings"
    return "chat"
