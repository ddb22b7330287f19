"""The content of a Codex session's spans: prompts, answers, tools' arguments and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode.format import Document
from llmtop.decode.messages import conversation, message
from llmtop.decode.values import mapping, shown, text
from llmtop.payload import Payload
from llmtop.span import Span

CALLS = frozenset({"function_call", "custom_tool_call", "local_shell_call"})
OUTPUTS = frozenset({"function_call_output", "custom_tool_call_output"})


def fill(document: Document, span: Span, payload: Payload) -> None:
    """Add what one line tells of a span.

    Usage is written apart from messages: what stands between two counts is the second's call.
    """
    told = mapping(document.get("payload")) or mapping(document.get("item")) or document
    kind = text(told.get("type"))
    if kind is None and "role" in told:
        kind = "message"
        told = {**told, "type": kind}
    if document.get("type") == "item.completed":
        if span.is_call:
            _fill_item(told, payload)
    elif span.is_call:
        _fill_call(told, payload)
    elif kind in CALLS:
        if _call_id(told) == span.span_id:
            arguments = told.get("arguments", told.get("input", told.get("action")))
            payload.input += conversation(shown(arguments), "tool")
    elif kind in OUTPUTS:
        if _call_id(told) == span.span_id:
            payload.output += conversation(told.get("output"), "tool")
    elif kind == "user_message":
        payload.input += (message({"content": told.get("message")}),)
    elif kind == "message" and told.get("role") == "user":
        payload.input += (message(told),)
    else:
        payload.attributes.update(told)


def _fill_call(told: Mapping[str, Any], payload: Payload) -> None:
    kind = text(told.get("type"))
    if kind == "token_count":
        payload.attributes.update(mapping(mapping(told.get("info")).get("last_token_usage")))
    elif kind == "turn.completed":
        payload.attributes.update(mapping(told.get("usage")))
    elif kind in CALLS:
        call = {
            "id": told.get("call_id"),
            "name": told.get("name") or "shell",
            "arguments": shown(told.get("arguments", told.get("input", told.get("action")))),
        }
        payload.output += (message({"role": "assistant", "tool_calls": [call]}),)
    elif kind in OUTPUTS:
        payload.input += (message({"role": "tool", "content": shown(told.get("output"))}),)
    elif kind == "message":
        if told.get("role") == "assistant":
            payload.output += (message(told),)
        else:
            payload.input += (message(told),)
    elif kind == "reasoning":
        said = message({"content": told.get("summary") or told.get("content")}).text
        if said:
            payload.output += (message({"role": "assistant", "content": f"[reasoning] {said}"}),)


def _fill_item(told: Mapping[str, Any], payload: Payload) -> None:
    """What `codex exec --json` tells: answers, thoughts, commands with their output."""
    said, command = text(told.get("text")), text(told.get("command"))
    if told.get("type") == "reasoning" and said:
        said = f"[reasoning] {said}"
    calls = [{"id": told.get("id"), "name": "shell", "arguments": command}] if command else []
    if said or calls:
        answer = {"role": "assistant", "content": said, "tool_calls": calls}
        payload.output += (message(answer),)
    if command:
        payload.input += (message({"role": "tool", "content": told.get("aggregated_output")}),)


def _call_id(told: Mapping[str, Any]) -> str | None:
    return text(told.get("call_id") or told.get("id"))


def text_of(told: Mapping[str, Any]) -> str:
    """What a message says."""
    return message(told).text
