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

_COUNTED = frozenset(
    {
        "input_tokens",
        "output_tokens",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "cache_creation",
        "output_tokens_details",
    }
)
"""Parts of the usage that are among the call's figures, where input includes cached tokens."""

_AGENTS = ("agent:", "toolu_", "call_")
"""Beginnings of the ids of agents, and of tools that started one: turns have others."""


def fill(document: Document, span: Span, payload: Payload) -> None:
    """Add what one line tells of a span; lines of other spans add nothing.

    Of a call the lines between the first one to the model since the call before and the last part
    of the answer are read: the user lines before the answer are what was asked.
    """
    kind = document.get("type")
    told = mapping(document.get("message"))
    request = text(document.get("requestId"))
    if kind == "progress":
        inner = mapping(mapping(document.get("data")).get("message"))
        told, kind = mapping(inner.get("message")), inner.get("type")
        request = text(inner.get("requestId"))
    name = _name_of(span)
    for part in _parts(told):
        if part.get("id") == name and str(part.get("type")).endswith("tool_use"):
            payload.input += conversation(shown(part.get("input")), "tool")
            return
        if part.get("tool_use_id") == name:
            payload.output += conversation(part.get("content"), "tool")
            return
    if span.is_call:
        if kind == "user":
            if not payload.output and _same_conversation(document, span):
                payload.input += (message(told),)
            return
        if not _is_call_of(told, request, document, span):
            return
        said = message({**told, "role": "assistant"})
        if said.text or said.tool_calls:
            payload.output += (said,)
        used = mapping(told.get("usage"))
        payload.attributes.update({name: used[name] for name in used if name not in _COUNTED})
    elif _begins_agent(document, span) or _own_name(document) == name:
        side = message({"role": "user" if kind == "user" else "assistant", **told})
        if kind == "user":
            payload.input += (side,)
        elif side.text:
            payload.output += (side,)
    else:
        return
    for name in _CONTEXT:
        if document.get(name):
            payload.attributes[name] = document[name]


def _name_of(span: Span) -> str:
    return span.span_id.removeprefix(f"{span.trace_id}/")


def _own_name(document: Document) -> str | None:
    """The id of a line; one that was copied from another session has that one's."""
    return text(mapping(document.get("forkedFrom")).get("messageUuid") or document.get("uuid"))


def _begins_agent(document: Document, span: Span) -> bool:
    """Whether a line is the prompt of a subagent."""
    if span.series.operation != "invoke_agent" or document.get("type") != "user":
        return False
    name = _name_of(span).removeprefix("agent:")
    return name in (text(document.get("agentId")), text(document.get("uuid")))


def _same_conversation(document: Document, span: Span) -> bool:
    """Whether a line is of the same session, and said to the same agent or to none."""
    origin = mapping(document.get("forkedFrom")).get("sessionId")
    session = text(origin or document.get("sessionId") or document.get("session_id"))
    if session is not None and session != span.session_id:
        return False
    data = mapping(document.get("data"))
    above = (span.parent_id or "").removeprefix(f"{span.trace_id}/")
    agent = text(document.get("agentId") or data.get("agentId"))
    if agent is not None:
        return above == f"agent:{agent}"
    tool = text(document.get("parent_tool_use_id") or document.get("parentToolUseID"))
    if tool is not None:
        return above == tool
    if document.get("isSidechain"):
        # Of several nameless subagents at work only their prompts can be told apart.
        results = _parts(mapping(document.get("message")))
        answered = bool(results) and results[0].get("type") == "tool_result"
        return above.startswith("agent:") and (answered or above == f"agent:{document.get('uuid')}")
    return not above.startswith(_AGENTS)


def _is_call_of(
    told: Mapping[str, Any], request: str | None, document: Document, span: Span
) -> bool:
    message_id = text(told.get("id"))
    names = (f"{message_id}:{request}", message_id, request, text(document.get("uuid")))
    return _name_of(span) in names


def _parts(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = told.get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
