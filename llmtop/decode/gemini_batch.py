"""Batches of Gemini: Vertex AI writes requests beside responses, the Gemini API joins by `key`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import batch_shapes, errors, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BATCH = int(Flag.BATCH)
_OWN = frozenset({"error", "key", "metadata", "request", "response"})
"""All that stands in a line of the Gemini API; what logs of other programs add tells those."""
_ANSWERED = frozenset({"candidates", "usageMetadata", "usage_metadata", "promptFeedback"})


class GeminiBatch(Format):
    """A line is a request, a response, or both."""

    name = "Gemini batch"
    shape = batch_shapes.GEMINI

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by Gemini's words in a response or a request, beside a key or the other one."""
        if "processed_time" not in document and not (
            "key" in document and _OWN.issuperset(document)
        ):
            return False
        return "contents" in mapping(document.get("request")) or not _ANSWERED.isdisjoint(
            mapping(document.get("response"))
        )

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """The call, or one half of it."""
        request, response = mapping(document.get("request")), mapping(document.get("response"))
        error = document.get("error") or response.get("error") or text(document.get("status"))
        key = text(document.get("key"))
        answer_id = text(_either(response, "responseId", "response_id"))
        vertex = "processed_time" in document
        over = bool(response or error) or "processed_time" in document
        fragment = Fragment(
            span_id=answer_id if key is None else None,
            request_id=key,
            operation="generate_content",
            provider="gcp.vertex_ai" if vertex else "gcp.gemini",
            model=_model(request.get("model")),
            response_model=_model(_either(response, "modelVersion", "model_version")),
            response_id=answer_id,
            end=parse_time(
                document.get("processed_time") or _either(response, "createTime", "create_time")
            ),
            finish_reason=_finish_reason(response),
            flags=_BATCH | (_OPENED if request or key is None else 0) | (_ENDED if over else 0),
            place=place,
        )
        if over:
            fragment.status = "ok"
        usage.read(fragment, mapping(_either(response, "usageMetadata", "usage_metadata")))
        if error:
            _fail(fragment, error)
        return (fragment,)

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The contents of the request, the candidates of the response."""
        if not any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
            return
        asked = dict(mapping(document.get("request")))
        system = asked.pop("systemInstruction", asked.pop("system_instruction", None))
        payload.input += conversation(system, "system")
        payload.input += conversation(asked.pop("contents", None))
        for name in ("generationConfig", "generation_config"):
            payload.parameters.update(mapping(asked.pop(name, None)))
        asked.pop("model", None)
        payload.parameters.update(asked)
        candidates = mapping(document.get("response")).get("candidates")
        for candidate in candidates if isinstance(candidates, list) else ():
            payload.output += conversation(mapping(candidate).get("content"), "assistant")


def _fail(fragment: Fragment, error: object) -> None:
    """Vertex AI writes the answer of its interface, which is JSON, behind a word or two."""
    fragment.status = "error"
    if isinstance(error, str):
        error = mapping(error[error.find("{") :]) or error
    inner = mapping(error)
    inner = mapping(inner.get("error")) or inner
    kind, fragment.error_message = errors.told(error)
    fragment.error_type = text(inner.get("status")) or kind


def _either(told: Mapping[str, Any], camel: str, snake: str) -> Any:
    value = told.get(camel)
    return told.get(snake) if value is None else value


def _model(told: object) -> str | None:
    """A model's name without where it stands and which deployment of it this is."""
    name = text(told)
    return None if name is None else name.rpartition("models/")[2].partition("@")[0] or None


def _finish_reason(response: Mapping[str, Any]) -> str | None:
    candidates = response.get("candidates")
    if not isinstance(candidates, list) or not candidates:
        return text(mapping(response.get("promptFeedback")).get("blockReason"))
    return text(_either(mapping(candidates[0]), "finishReason", "finish_reason"))
