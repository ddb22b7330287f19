"""What `llm logs --json` prints: an array of responses, each a whole call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmtop.decode import attributes, export_shapes, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import message
from llmtop.decode.timestamps import utc_time
from llmtop.decode.values import count, mapping, parsed, shown, text
from llmtop.payload import Message, Payload
from llmtop.span import Flag, Fragment, Span

_BOTH = int(Flag.OPENED | Flag.ENDED)
_COLUMNS = ("input_tokens", "output_tokens")


class LlmCli(Format):
    """Responses of the `llm` command line tool; calls that failed are not logged by it."""

    name = "llm logs"
    shape = export_shapes.LLM

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the names of three columns, two of which the first versions called otherwise."""
        return (
            "duration_ms" in document
            and ("datetime_utc" in document or "timestamp_utc" in document)
            and ("conversation_id" in document or "chat_id" in document)
        )

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """The whole call."""
        answer = mapping(document.get("response_json"))
        fragment = Fragment(
            span_id=text(document.get("id")),
            operation="chat",
            model=text(document.get("model")),
            response_model=text(document.get("resolved_model")),
            start=utc_time(document.get("datetime_utc") or document.get("timestamp_utc")),
            duration=attributes.milliseconds(document.get("duration_ms")),
            flags=_BOTH,
            status="ok",
            session_id=text(document.get("conversation_id") or document.get("chat_id")),
            finish_reason=_finish_reason(answer),
            place=place,
        )
        # The words of the details tell whether the tool's own columns leave out cached tokens.
        details = mapping(document.get("token_details")) or mapping(answer.get("usage"))
        if details:
            columns = {name: document[name] for name in _COLUMNS if document.get(name) is not None}
            usage.read(fragment, {**details, **columns})
        else:
            fragment.input_tokens = count(document.get("input_tokens"))
            fragment.output_tokens = count(document.get("output_tokens"))
        return (fragment,)

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """System prompt and prompt with their fragments, tools, the answer."""
        if not any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
            return
        payload.input += tuple(_asked(document))
        said = {"role": "assistant", "content": document.get("response") or ""}
        calls = [mapping(call) for call in _list(document.get("tool_calls"))]
        answer = message(
            {**said, "tool_calls": calls, "reasoning_content": document.get("reasoning")}
        )
        if answer.text or answer.tool_calls:
            payload.output += (answer,)
        payload.parameters.update(mapping(document.get("options_json")))
        for name in ("schema_json", "tools", "attachments", "conversation_name"):
            if document.get(name):
                payload.attributes[name] = document[name]


def _finish_reason(answer: Mapping[str, Any]) -> str | None:
    told = answer.get("finish_reason") or answer.get("stop_reason")
    choices = answer.get("choices")
    if told is None and isinstance(choices, list) and choices:
        told = mapping(choices[0]).get("finish_reason")
    return text(told)


def _list(value: object) -> list[Any]:
    value = parsed(value)
    return value if isinstance(value, list) else []


def _asked(document: Document) -> Iterator[Message]:
    for role, name in (("system", "system"), ("user", "prompt")):
        texts = [
            shown(mapping(fragment).get("content", fragment))
            for fragment in _list(document.get(f"{name}_fragments"))
        ]
        if document.get(name):
            texts.append(shown(document[name]))
        parts = [f"[{_kind(each)}]" for each in _list(document.get("attachments"))]
        if role == "user" and parts:
            texts += parts
        if texts:
            yield message({"role": role, "content": "\n".join(texts)})
    for each in _list(document.get("tool_results")):
        result = mapping(each)
        yield message(
            {
                "role": "tool",
                "name": result.get("name"),
                "tool_call_id": result.get("tool_call_id"),
                "content": shown(result.get("exception") or result.get("output") or ""),
            }
        )


def _kind(attachment: object) -> str:
    told = mapping(attachment)
    where = text(told.get("path")) or text(told.get("url"))
    kind = text(told.get("type")) or "attachment"
    return kind if where is None else f"{kind} {where}"
