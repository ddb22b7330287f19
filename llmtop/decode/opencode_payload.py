"""The content of opencode's messages: what was typed, said, thought, and given back by tools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from llmtop.decode.format import Document
from llmtop.decode.messages import conversation, message
from llmtop.decode.values import laid_out, mapping, shown, text
from llmtop.payload import Message, Payload
from llmtop.span import Span

_APART = "opencode keeps what was said in files of their own (part/)."


def messages_of(document: Document) -> list[Mapping[str, Any]]:
    """The messages of an export, or the one that stands with its parts; none in other documents."""
    listed = document.get("messages")
    if isinstance(listed, list) and "info" in document:
        return [each for each in listed if isinstance(each, dict)]
    if isinstance(document.get("info"), dict) and isinstance(document.get("parts"), list):
        return [document]
    return []


def typed(parts: Iterable[Mapping[str, Any]]) -> str:
    """What a user typed; other texts were put in by the program."""
    texts = (
        text(part.get("text"))
        for part in parts
        if part.get("type") == "text" and not part.get("synthetic")
    )
    return "\n".join(filter(None, texts))


def fill(document: Document, span: Span, payload: Payload) -> None:
    """Add what a document tells of a span."""
    listed = messages_of(document)
    if listed:
        _fill_from_messages(listed, span, payload)
        return
    told = mapping(document.get("properties")) or document
    info = mapping(told.get("info"))
    part = mapping(told.get("part")) or (document if "messageID" in document else {})
    if part:
        _fill_part(part, "assistant", span, payload)
    elif text((info or document).get("id")) == span.span_id:
        payload.attributes.update(info or document)
        payload.missing = None if payload.output else _APART


def _fill_from_messages(listed: Sequence[Mapping[str, Any]], span: Span, payload: Payload) -> None:
    for at, told in enumerate(listed):
        info = mapping(told.get("info"))
        parts = _objects(told.get("parts"))
        role = "user" if info.get("role") == "user" else "assistant"
        if text(info.get("id")) == span.span_id:
            payload.attributes.update(info)
            if len(listed) > 1:
                payload.raw += (laid_out(told),)
            if span.is_call:
                payload.input += _asked(listed[:at])
        for part in parts:
            _fill_part(part, role, span, payload)


def _asked(before: Sequence[Mapping[str, Any]]) -> tuple[Message, ...]:
    """What a call answers: all since the answer before it, and what its tools gave back."""
    found: list[Message] = []
    for told in reversed(before):
        parts = _objects(told.get("parts"))
        if mapping(told.get("info")).get("role") != "user":
            found[:0] = [said for part in parts for said in _result(part)]
            break
        found[:0] = [said for part in parts if (said := _said(part, "user")) is not None]
    return tuple(found)


def _objects(listed: object) -> list[Mapping[str, Any]]:
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _fill_part(part: Mapping[str, Any], role: str, span: Span, payload: Payload) -> None:
    own = text(part.get("callID") or part.get("id"))
    if part.get("type") == "tool" and own == span.span_id:
        payload.input += conversation(shown(mapping(part.get("state")).get("input")), "tool")
        payload.output += _result(part)
    elif text(part.get("messageID")) == span.span_id.partition("/")[0]:
        said = _said(part, role)
        if said is not None and role == "user":
            payload.input += (said,)
        elif said is not None:
            payload.output += (said,)


def _said(part: Mapping[str, Any], role: str) -> Message | None:
    kind = part.get("type")
    if kind == "tool":
        arguments = shown(mapping(part.get("state")).get("input"))
        call = {"id": part.get("callID"), "name": part.get("tool"), "arguments": arguments}
        return message({"role": role, "tool_calls": [call]})
    said = text(part.get("text"))
    if said is None or kind not in {"text", "reasoning"}:
        return None
    return Message(role, f"[reasoning] {said}" if kind == "reasoning" else said)


def _result(part: Mapping[str, Any]) -> tuple[Message, ...]:
    state = mapping(part.get("state"))
    if part.get("type") != "tool":
        return ()
    return conversation(state.get("output", state.get("error")), "tool")
