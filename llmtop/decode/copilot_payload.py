"""The content of GitHub Copilot CLI's events: prompts, answers, tools and their results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode.format import Document
from llmtop.decode.messages import conversation, message
from llmtop.decode.values import mapping, shown, text
from llmtop.payload import Message, Payload
from llmtop.span import Span


def agent_of(document: Document) -> str | None:
    """The subagent that an event is of; `None` for the main agent."""
    told = document.get("agentId") or mapping(document.get("data")).get("parentToolCallId")
    return text(told)


def key_of(document: Document) -> str | None:
    """What an answer's call is known by; an answer in several phases is one call."""
    data = mapping(document.get("data"))
    return text(data.get("requestId") or data.get("messageId") or document.get("id"))


def fill(document: Document, span: Span, payload: Payload) -> None:
    """Add what one event tells of a span."""
    kind = document.get("type")
    data = mapping(document.get("data"))
    if span.series.operation == "execute_tool":
        if text(data.get("toolCallId")) == span.span_id:
            if kind == "tool.execution_start":
                payload.input += conversation(shown(data.get("arguments")), "tool")
            elif kind == "tool.execution_complete":
                payload.output += _result(data)
    elif kind == "user.message":
        if span.is_call or text(document.get("id")) == span.span_id:
            payload.input += conversation(data.get("content"))
    elif not span.is_call or agent_of(document) != span.agent:
        return
    elif kind == "tool.execution_complete":
        payload.input += _result(data)
    elif kind == "assistant.message":
        payload.output += (_answer(data),)
    elif kind == "assistant.usage":
        payload.attributes.update(data)


def _answer(data: Mapping[str, Any]) -> Message:
    listed = data.get("toolRequests")
    calls = [
        {"id": each.get("toolCallId"), "name": each.get("name"), "arguments": each.get("arguments")}
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict)
    ]
    return message(
        {
            "role": "assistant",
            "content": data.get("content"),
            "reasoning_content": data.get("reasoningText"),
            "tool_calls": calls,
        }
    )


def _result(data: Mapping[str, Any]) -> tuple[Message, ...]:
    said = mapping(data.get("result")).get("content")
    if said is None:
        said = mapping(data.get("error")).get("message")
    return conversation(said, "tool")
