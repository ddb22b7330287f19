"""What providers' APIs stream, as it came: the chunks and events of an answer, one a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import errors, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BEGUN = int(Flag.OPENED | Flag.STREAM)
_OVER = _BEGUN | _ENDED
_CHUNKS = frozenset({"chat.completion.chunk", "text_completion.chunk"})
_ANTHROPICS = frozenset({"message_start", "message_delta", "message_stop", "content_block_start",
                         "content_block_delta", "content_block_stop"})  # fmt: skip
_LAST = frozenset({"completed", "failed", "incomplete", "cancelled"})


class StreamChunks(Format):
    """Streams of OpenAI, Anthropic, Gemini and Ollama: the parts of an answer are one call."""

    name = "streamed answers"

    def __init__(self) -> None:
        self._message: str | None = None
        """The last answer that was begun: of Anthropic's events only the first one names it."""

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by names that only a part of a streamed answer has."""
        kind = document.get("type")
        if kind is None:
            return (
                text(document.get("object")) in _CHUNKS
                or ("usageMetadata" in document and "responseId" in document)
                or (document.get("done") is False and "model" in document)
            )
        if kind in _ANTHROPICS:
            if kind == "message_start":
                return mapping(document.get("message")).get("type") == "message"
            return "index" in document or "delta" in document or len(document) <= _FEW
        return str(kind).startswith("response.") and (
            "sequence_number" in document or "usage" in mapping(document.get("response"))
        )

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """The part of a call that a chunk tells; empty for those that only carry content."""
        fragment: Fragment | None
        if "object" in document:
            fragment = _openai_chunk(document)
        elif "usageMetadata" in document:
            fragment = _gemini_chunk(document)
        elif isinstance(document.get("response"), dict):
            fragment = _openai_event(document["response"])
        else:
            fragment = self._anthropic_event(document)
        if fragment is None or fragment.span_id is None:
            return ()
        if fragment.span_id == self._message and not fragment.flags & _ENDED:
            fragment.flags &= ~_OPENED
        self._message = fragment.span_id
        fragment.operation = "chat"
        fragment.response_id = fragment.span_id
        fragment.place = place
        return (fragment,)

    def _anthropic_event(self, document: Document) -> Fragment | None:
        told = mapping(document.get("message"))
        if told:
            fragment = Fragment(span_id=text(told.get("id")), flags=_BEGUN)
            fragment.response_model = text(told.get("model"))
        elif document.get("type") == "message_delta":
            told = document
            reason = text(mapping(document.get("delta")).get("stop_reason"))
            fragment = Fragment(span_id=self._message, finish_reason=reason, flags=_OVER)
            fragment.status = "ok"
        else:
            return None
        fragment.provider = "anthropic"
        _count(fragment, told.get("usage"))
        return fragment

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The answer, where one event has all of it, or what a chunk adds to it."""
        fragments = self.read(document, span.opened_at) or ()
        if not any(tells_of(each, span) for each in fragments):
            return
        said = _said(document)
        if said and payload.output:
            last = payload.output[-1]
            said = f"{last.text}{said}"
        if said:
            payload.output = (message({"role": "assistant", "content": said}),)


_FEW = 3


def _count(fragment: Fragment, told: object) -> None:
    used = mapping(told)
    if used:
        usage.read(fragment, used)


def _openai_chunk(document: Document) -> Fragment:
    choices = document.get("choices")
    first = mapping(choices[0]) if isinstance(choices, list) and choices else {}
    reason = text(first.get("finish_reason"))
    fragment = Fragment(
        span_id=text(document.get("id")),
        response_model=text(document.get("model")),
        start=parse_time(document.get("created")),
        finish_reason=reason,
        flags=_BEGUN,
    )
    if reason is not None or document.get("usage"):
        fragment.flags, fragment.status = _OVER, "ok"
    _count(fragment, document.get("usage"))
    return fragment


def _openai_event(told: Mapping[str, Any]) -> Fragment:
    status = text(told.get("status"))
    fragment = Fragment(
        span_id=text(told.get("id")),
        response_model=text(told.get("model")),
        start=parse_time(told.get("created_at")),
        end=parse_time(told.get("completed_at")),
        flags=_OVER if status in _LAST else _BEGUN,
    )
    if status in _LAST:
        fragment.status = {"failed": "error", "cancelled": "cancelled"}.get(status, "ok")
        fragment.finish_reason = text(mapping(told.get("incomplete_details")).get("reason"))
    if told.get("error"):
        fragment.error_type, fragment.error_message = errors.told(told["error"])
    _count(fragment, told.get("usage"))
    return fragment


def _gemini_chunk(document: Document) -> Fragment:
    candidates = document.get("candidates")
    first = mapping(candidates[0]) if isinstance(candidates, list) and candidates else {}
    reason = text(first.get("finishReason"))
    blocked = text(mapping(document.get("promptFeedback")).get("blockReason"))
    fragment = Fragment(
        span_id=text(document.get("responseId")),
        provider="gcp.gemini",
        response_model=text(document.get("modelVersion")),
        start=parse_time(document.get("createTime")),
        finish_reason=reason or blocked,
        flags=_BEGUN,
    )
    if fragment.finish_reason is not None:
        fragment.flags, fragment.status = _OVER, "ok"
    _count(fragment, document.get("usageMetadata"))
    return fragment


def _said(document: Document) -> str | None:
    """The text that a chunk carries."""
    for name in ("choices", "candidates"):
        parts = document.get(name)
        if isinstance(parts, list) and parts:
            first = mapping(parts[0])
            delta = mapping(first.get("delta")) or mapping(first.get("content"))
            inner = delta.get("parts")
            if isinstance(inner, list):
                return "".join(text(mapping(part).get("text")) or "" for part in inner)
            return text(delta.get("content")) or text(first.get("text"))
    output = mapping(document.get("response")).get("output")
    if isinstance(output, list):
        contents = (mapping(item).get("content") for item in output)
        parts = (part for each in contents if isinstance(each, list) for part in each)
        return "".join(text(mapping(part).get("text")) or "" for part in parts)
    return None
