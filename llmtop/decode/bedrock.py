"""Amazon Bedrock's model invocation logs, as they lie in S3 and CloudWatch: one object a call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation, message
from llmtop.decode.shapes import Shape
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, number, parsed, text
from llmtop.payload import Message, Payload
from llmtop.span import Flag, Fragment, Span

_BOTH = int(Flag.OPENED | Flag.ENDED)
_STREAM = int(Flag.STREAM)
_NAMED = frozenset({"modelId", "requestId", "operation", "input"})
_METRICS = "amazon-bedrock-invocationMetrics"
_IMAGES = re.compile(r"stability\.|titan-image|nova-canvas|nova-reel")
_REASONS = ("stopReason", "stop_reason", "completionReason", "finish_reason", "finishReason")
_SAID = ("outputText", "generation", "completion", "text")
"""How families of models call what they answer."""


class _Asked(TypedDict, total=False):
    inputTokenCount: Any
    cacheReadInputTokenCount: Any
    cacheWriteInputTokenCount: Any


class _Log(TypedDict, total=False):
    schemaType: Any
    timestamp: Any
    identity: Any
    requestId: Any
    operation: Any
    modelId: Any
    errorCode: Any
    errorMessage: Any
    input: _Asked | None
    output: Any


class Bedrock(Format):
    """Records of `ModelInvocationLog`: Converse and InvokeModel, streamed or not."""

    name = "Bedrock invocation log"
    shape = Shape(_Log)

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by its schema's name, or by the names that every invocation has."""
        if document.get("schemaType") == "ModelInvocationLog":
            return "modelId" in document
        return _NAMED.issubset(document) and ("output" in document or "errorCode" in document)

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """The whole call; its moment is that of the request, to the second."""
        asked, answered = mapping(document.get("input")), mapping(document.get("output"))
        body = parsed(answered.get("outputBodyJson"))
        told = text(document.get("operation")) or ""
        model = _model(document.get("modelId"))
        fragment = Fragment(
            span_id=text(document.get("requestId")),
            request_id=text(document.get("requestId")),
            operation=_operation(model),
            provider="aws.bedrock",
            model=model,
            start=parse_time(document.get("timestamp")),
            user_id=_person(mapping(document.get("identity")).get("arn")),
            input_tokens=count(asked.get("inputTokenCount")),
            output_tokens=count(answered.get("outputTokenCount")),
            cache_read_tokens=count(asked.get("cacheReadInputTokenCount")),
            cache_write_tokens=count(asked.get("cacheWriteInputTokenCount")),
            flags=_BOTH | (_STREAM if "Stream" in told else 0),
            place=place,
        )
        for part in _parts(body):
            _take(fragment, part)
        cached = (fragment.cache_read_tokens or 0) + (fragment.cache_write_tokens or 0)
        if fragment.input_tokens is not None:
            fragment.input_tokens += cached
        code = text(document.get("errorCode"))
        fragment.status = "ok" if code is None else "error"
        fragment.error_type = code
        fragment.error_message = text(document.get("errorMessage"))
        return (fragment,)

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Question and answer from the bodies, where the log keeps them."""
        if not any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
            return
        asked = dict(mapping(mapping(document.get("input")).get("inputBodyJson")))
        for name in ("system", "messages", "prompt", "inputText", "message", "texts"):
            said = asked.pop(name, None)
            payload.input += conversation(said, "system" if name == "system" else "user")
        payload.parameters.update(asked)
        body = parsed(mapping(document.get("output")).get("outputBodyJson"))
        payload.output += tuple(_answer(body))
        for name in ("region", "inferenceRegion", "operation", "requestMetadata", "identity"):
            if document.get(name):
                payload.attributes[name] = document[name]


def _model(told: object) -> str | None:
    """The model's or the profile's id; ARNs end with it."""
    name = text(told)
    return None if name is None else name.rsplit("/", 1)[-1]


def _operation(model: str | None) -> str:
    name = model or ""
    if "embed" in name:
        return "embeddings"
    if "rerank" in name:
        return "rerank"
    return "image_generation" if _IMAGES.search(name) else "chat"


def _person(arn: object) -> str | None:
    """Who called: the name of the user or of the role's session."""
    told = text(arn)
    return None if told is None else told.rsplit("/", 1)[-1]


def _parts(body: object) -> Iterator[Mapping[str, Any]]:
    """The answer, or the events of a streamed one, and what is within them."""
    for part in body if isinstance(body, list) else (body,):
        if isinstance(part, dict):
            yield part
            for name in ("message", "delta", "metadata", "messageStop", _METRICS):
                inner = part.get(name)
                if isinstance(inner, dict):
                    yield inner
            results = part.get("results") or part.get("choices") or part.get("outputs")
            if isinstance(results, list) and results and isinstance(results[0], dict):
                yield results[0]


def _take(fragment: Fragment, part: Mapping[str, Any]) -> None:
    """What a part of the answer tells beside what the log's own fields do."""
    for name in _REASONS:
        reason = text(part.get(name))
        if reason is not None:
            fragment.finish_reason = reason
    if part.get("type") == "message":
        fragment.response_id = text(part.get("id"))
        fragment.response_model = text(part.get("model"))
    latency = number(mapping(part.get("metrics")).get("latencyMs"))
    if latency is None:
        latency = number(part.get("invocationLatency"))
    if latency is not None:
        fragment.duration = latency / 1000.0
    first = number(part.get("firstByteLatency"))
    if first is not None:
        fragment.ttft = first / 1000.0
    used = mapping(part.get("usage"))
    if used:
        _count(fragment, used)


def _count(fragment: Fragment, used: Mapping[str, Any]) -> None:
    """The body's usage, where the log's fields do not count."""
    for field, names in _USAGE.items():
        if getattr(fragment, field) is None:
            told = (count(used.get(name)) for name in names)
            setattr(fragment, field, next((each for each in told if each is not None), None))
    hour = count(mapping(used.get("cache_creation")).get("ephemeral_1h_input_tokens"))
    if hour:
        fragment.cache_write_1h_tokens = hour


_USAGE = {
    "input_tokens": ("inputTokens", "input_tokens", "prompt_tokens"),
    "output_tokens": ("outputTokens", "output_tokens", "completion_tokens"),
    "cache_read_tokens": ("cacheReadInputTokens", "cache_read_input_tokens"),
    "cache_write_tokens": ("cacheWriteInputTokens", "cache_creation_input_tokens"),
}


def _answer(body: object) -> Iterator[Message]:
    if isinstance(body, list):
        streamed = "".join(filter(None, map(_words, body)))
        if streamed:
            yield message({"role": "assistant", "content": streamed}, "assistant")
        return
    told = mapping(body)
    inner = mapping(told.get("output")).get("message") or told.get("content")
    if inner is not None:
        yield from conversation(inner, "assistant")
    elif (said := _words(told)) is not None:
        yield message({"role": "assistant", "content": said}, "assistant")
    elif told:
        yield from conversation(told, "assistant")


def _words(part: object) -> str | None:
    """What a part of an answer says, in the words of any family of models."""
    told = mapping(part)
    delta = mapping(told.get("delta"))
    for inner in (told, delta, mapping(mapping(told.get("contentBlockDelta")).get("delta"))):
        for name in _SAID:
            if isinstance(inner.get(name), str):
                return str(inner[name])
    results = told.get("results")
    return _words(results[0]) if isinstance(results, list) and results else None
