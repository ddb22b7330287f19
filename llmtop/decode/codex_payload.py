"""The content of a Codex session's spans: prompts, answers, tools' arguments and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode.codex_lines import CALLS, OUTPUTS
from llmtop.decode.format import Document
from llmtop.decode.messages import conversation, message
from llmtop.decode.values import mapping, shown, text
from llmtop.payload import Message, Payload
from llmtop.span import Span

_ASKED = ("arguments", "input", "action", "command", "invocation", "changes", "query", "prompt")
"""Names of what a tool was told to do, by the kinds of tools."""
_ANSWERED = ("output", "aggregated_output", "formatted_output", "stdout", "result", "error")
"""Names of what a tool answered; of several the first that says something."""


_PROMPTS = frozenset({"UserMessage", "inter_agent_communication", "agent_message"})


def fill(document: Document, span: Span, payload: Payload) -> None:
    """Add what one line tells of a span.

    Usage is written apart from messages: what stands between two counts is the second's call.
    """
    told = _told(document)
    kind = text(told.get("type"))
    operation = span.series.operation
    if operation == "execute_tool":
        if _is_tool(document, told, span):
            _fill_tool(told, payload)
    elif span.is_call:
        if "item" in document:
            _fill_item(told, payload)
        else:
            _fill_call(told, payload)
    elif operation == "turn":
        if kind == "user_message":
            _say(payload, "user", text(told.get("message")), asked=True)
        elif kind in _PROMPTS or (kind == "message" and told.get("role") == "user"):
            _say(payload, "user", message(told).text, asked=True)
        elif kind in ("task_complete", "turn_complete"):
            _say(payload, "assistant", text(told.get("last_agent_message")), asked=False)
    else:
        payload.attributes.update(told)


def _told(document: Document) -> Mapping[str, Any]:
    """What a line carries: its payload, the payload's message, an item, or the line itself."""
    told = mapping(document.get("payload")) or mapping(document.get("item")) or document
    told = mapping(told.get("msg")) or told
    if told.get("type") == "item_completed":
        told = mapping(told.get("item"))
    if told.get("type") is None and "role" in told:
        return {**told, "type": "message"}
    return told


def _is_tool(document: Document, told: Mapping[str, Any], span: Span) -> bool:
    name = text(told.get("call_id") or told.get("id"))
    if name is None:
        return told.get("type") in CALLS and span.span_id.startswith("@")
    if "item" in document:
        return span.span_id.endswith(f":{name}")
    return name == span.span_id.removeprefix(f"{span.trace_id}/")


def _fill_tool(told: Mapping[str, Any], payload: Payload) -> None:
    """The arguments and the output of a tool, each once: several lines may tell it."""
    asked = _shown_first(told, _ASKED)
    if asked is not None and not payload.input:
        payload.input = (Message("tool", asked),)
    if not payload.output and told.get("status") != "in_progress":
        payload.output = conversation(_answer(told), "tool")
    for name in ("exit_code", "status", "cwd", "process_id", "success"):
        if told.get(name) is not None:
            payload.attributes[name] = told[name]


def _first(told: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((told[name] for name in names if told.get(name) not in (None, "", [], {})), None)


def _answer(told: Mapping[str, Any]) -> Any:
    """What a tool answered; the client wraps answers of servers by how the call went."""
    found = _first(told, _ANSWERED)
    result = mapping(found)
    if len(result) == 1 and ("Ok" in result or "Err" in result):
        found = result.get("Ok", result.get("Err"))
    return mapping(found).get("content") or found


def _shown_first(told: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    found = _first(told, names)
    if isinstance(found, list) and all(isinstance(each, str) for each in found):
        return " ".join(found)
    return None if found is None else shown(found)


def _say(payload: Payload, role: str, said: str | None, *, asked: bool) -> None:
    """Add a message, unless the line before told it: events repeat what items tell."""
    if not said:
        return
    known = payload.input if asked else payload.output
    if any(each.role == role and each.text == said for each in known):
        return
    if asked:
        payload.input += (Message(role, said),)
    else:
        payload.output += (Message(role, said),)


def _fill_call(told: Mapping[str, Any], payload: Payload) -> None:
    kind = text(told.get("type"))
    if kind == "token_count":
        info = mapping(told.get("info"))
        payload.attributes.update(mapping(info.get("last_token_usage")))
    elif kind == "turn.completed":
        payload.attributes.update(mapping(told.get("usage")))
    elif kind in CALLS:
        call = {
            "id": told.get("call_id"),
            "name": told.get("name") or (kind or "").removesuffix("_call"),
            "arguments": _shown_first(told, _ASKED),
        }
        payload.output += (message({"role": "assistant", "tool_calls": [call]}),)
    elif kind in OUTPUTS:
        payload.input += (message({"role": "tool", "content": shown(told.get("output"))}),)
    elif kind == "message":
        asked = told.get("role") != "assistant"
        said = message(told)
        _say(payload, said.role, said.text, asked=asked)
    elif kind == "user_message":
        _say(payload, "user", text(told.get("message")), asked=True)
    elif kind == "agent_message" and "content" in told:
        _say(payload, "user", message(told).text, asked=True)  # of another agent
    elif kind == "agent_message":
        _say(payload, "assistant", text(told.get("message")), asked=False)
    elif kind in ("reasoning", "agent_reasoning"):
        content = told.get("summary") or told.get("content") or told.get("text")
        said_so = message({"content": content}).text
        _say(payload, "assistant", f"[reasoning] {said_so}" if said_so else None, asked=False)


def _fill_item(told: Mapping[str, Any], payload: Payload) -> None:
    """What `codex exec --json` tells: answers, thoughts, tools with their outputs."""
    kind = text(told.get("type"))
    if told.get("status") == "in_progress":
        return  # the item is told again when it is over
    said = text(told.get("text"))
    if kind in ("agent_message", "plan"):
        _say(payload, "assistant", said, asked=False)
    elif kind == "reasoning":
        _say(payload, "assistant", f"[reasoning] {said}" if said else None, asked=False)
    elif kind not in (None, "todo_list", "error"):
        name = text(told.get("tool")) or ("shell" if kind == "command_execution" else kind)
        call = {"id": told.get("id"), "name": name, "arguments": _shown_first(told, _ASKED)}
        payload.output += (message({"role": "assistant", "tool_calls": [call]}),)
        answer = _answer(told)
        if answer is not None:
            payload.input += (message({"role": "tool", "content": shown(answer)}),)
