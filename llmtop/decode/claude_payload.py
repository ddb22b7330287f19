"""The content of a Claude Code session's spans: prompts, answers, tools' arguments and results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode.format import Document
from llmtop.decode.messages import conversation, message
from llmtop.decode.values import mapping, shown, text
from llmtop.payload import Payload
from llmtop.span import Span

_CONTEXT = ("version", "cwd", "gitBranch", "userType", "entrypoint", "model", "permissionMode")


def fill(document: Document, span: Span, payload: Payload) -> None:
    """Add what one line tells of a span; lines of other spans add nothing.

    Of a call the lines between the question and the last part of the answer are read: the last
    user line before the answer is what was asked.
    """
    kind = document.get("type")
    told = mapping(document.get("message"))
    request = text(document.get("requestId"))
    if kind == "progress":
        inner = mapping(mapping(document.get("data")).get("message"))
        told, kind = mapping(inner.get("message")), inner.get("type")
        request = text(inner.get("requestId"))
    for part in _parts(told):
        if part.get("type") == "tool_use" and part.get("id") == span.span_id:
            payload.input += conversation(shown(part.get("input")), "tool")
            return
        if part.get("tool_use_id") == span.span_id:
            payload.output += conversation(part.get("content"), "tool")
            return
    if span.is_call:
        if kind == "user":
            if not payload.output and _same_session(document, span):
                payload.input = (message(told),)
            return
        if not _is_call_of(told, request, document, span):
            return
        said = message({**told, "role": "assistant"})
        if said.text or said.tool_calls:
            payload.output += (said,)
        payload.attributes.update(mapping(told.get("usage")))
    elif text(document.get("uuid")) == span.span_id:
        side = (message({"role": "user" if kind == "user" else "assistant", **told}),)
        if kind == "user":
            payload.input += side
        else:
            payload.output += side
    else:
        return
    for name in _CONTEXT:
        if document.get(name):
            payload.attributes[name] = document[name]


def _same_session(document: Document, span: Span) -> bool:
    session = text(document.get("sessionId") or document.get("session_id"))
    return session is None or session == span.session_id


def _is_call_of(
    told: Mapping[str, Any], request: str | None, document: Document, span: Span
) -> bool:
    message_id = text(told.get("id"))
    names = (f"{message_id}:{request}", message_id, request, text(document.get("uuid")))
    return span.span_id in names


def _parts(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = told.get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
