"""Bedrock's batch inference: each line has the model's input and, once done, its output.

The files name no model; some models name themselves in what they answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import batch_shapes, errors, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation
from llmtop.decode.values import count, mapping, text
from llmtop.payload import Message, Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BATCH = int(Flag.BATCH)


class BedrockBatch(Format):
    """Lines of an input file, which open calls, and of an output file, which tell them whole."""

    name = "Bedrock batch"
    shape = batch_shapes.BEDROCK

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the input for a model beside an id, an output or an error."""
        return isinstance(document.get("modelInput"), dict) and (
            "recordId" in document or "modelOutput" in document or "error" in document
        )

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """The call, or its opening."""
        asked, answer = mapping(document.get("modelInput")), mapping(document.get("modelOutput"))
        error = document.get("error")
        over = bool(answer or error)
        fragment = Fragment(
            request_id=text(document.get("recordId")),
            operation="embeddings" if _embeds(answer) else "chat",
            provider="aws.bedrock",
            model=text(asked.get("modelId")),
            response_model=text(answer.get("model")),
            response_id=text(answer.get("id")),
            finish_reason=_finish_reason(answer),
            flags=_OPENED | _BATCH | (_ENDED if over else 0),
            status="ok" if over else None,
            place=place,
        )
        count_tokens(fragment, answer)
        if error:
            fragment.status = "error"
            told = mapping(error)
            fragment.error_message = text(told.get("errorMessage")) or errors.told(error)[1]
            fragment.error_type = (
                errors.kind_of(fragment.error_message)
                or text(told.get("errorCode"))
                or errors.told(error)[0]
            )
        return (fragment,)

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """What the model was given and what it answered, in the words of the model's maker."""
        if not any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
            return
        asked = dict(mapping(document.get("modelInput")))
        for name, role in _ASKED:
            payload.input += conversation(asked.pop(name, None), role)
        for name in ("inferenceConfig", "textGenerationConfig"):
            payload.parameters.update(mapping(asked.pop(name, None)))
        payload.parameters.update(asked)
        answer = mapping(document.get("modelOutput"))
        if answer and not _embeds(answer):
            payload.output += _said(answer)


_ASKED = (
    ("system", "system"),
    ("messages", "user"),
    ("prompt", "user"),
    ("inputText", "user"),
    ("texts", "user"),
)


def _embeds(answer: Mapping[str, Any]) -> bool:
    return "embedding" in answer or "embeddings" in answer


def count_tokens(fragment: Fragment, answer: Mapping[str, Any]) -> None:
    """Put in the tokens that a model's answer tells, in the words of the model's maker."""
    used = mapping(answer.get("usage"))
    if used:
        # Anthropic's models and the Converse interface leave cached tokens out of the input.
        usage.read(
            fragment,
            {_CONVERSE.get(name, name): value for name, value in used.items()},
            exclusive="input_tokens" in used or "inputTokens" in used,
        )
        return
    fragment.input_tokens = count(answer.get("prompt_token_count"))
    fragment.output_tokens = count(answer.get("generation_token_count"))
    if fragment.input_tokens is None:
        fragment.input_tokens = count(answer.get("inputTextTokenCount"))
        results = answer.get("results")
        if isinstance(results, list) and results:
            told = [count(mapping(each).get("tokenCount")) for each in results]
            fragment.output_tokens = sum(filter(None, told))


_CONVERSE = {
    "cacheReadInputTokenCount": "cacheReadInputTokens",
    "cacheWriteInputTokenCount": "cache_creation_input_tokens",
    "cacheWriteInputTokens": "cache_creation_input_tokens",
}


def _finish_reason(answer: Mapping[str, Any]) -> str | None:
    told = answer.get("stop_reason") or answer.get("stopReason") or answer.get("finish_reason")
    for name in ("choices", "results"):
        listed = answer.get(name)
        if told is None and isinstance(listed, list) and listed:
            first = mapping(listed[0])
            told = first.get("finish_reason") or first.get("completionReason")
    return text(told)


def _said(answer: Mapping[str, Any]) -> tuple[Message, ...]:
    for name in ("generation", "completion"):
        if isinstance(answer.get(name), str):
            return conversation(answer[name], "assistant")
    for name in ("results", "outputs", "generations"):
        listed = answer.get(name)
        if isinstance(listed, list):
            texts = [
                mapping(each).get("outputText") or mapping(each).get("text") for each in listed
            ]
            return tuple(message for said in texts for message in conversation(said, "assistant"))
    output = mapping(answer.get("output"))
    return conversation(output.get("message") or dict(answer), "assistant")
