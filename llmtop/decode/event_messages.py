"""Messages that events tell: those of a span, log records, and lists of events in an attribute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from llmtop.decode import attribute_names
from llmtop.decode.messages import conversation, message
from llmtop.decode.values import mapping, parsed, text
from llmtop.payload import Event, Message

_ROLES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
    "gen_ai.tools.message": "tool",
}
CHOICE = "gen_ai.choice"
"""The event that tells an answer."""
_DETAILS = "gen_ai.client.inference.operation.details"
_CONTENT = "gen_ai.event.content"
"""Where Azure's SDKs write the body of an event."""
BODIES = frozenset({"body", _CONTENT})
"""Attributes of an event that hold all that it tells."""
_SIDES = {"gen_ai.content.prompt": "user", "gen_ai.content.completion": "assistant"}
_ROWS = {
    "db.query.result": "db.query.result.document",
    "db.search.result": "db.search.result.entity",
}
_LISTS = {
    "gen_ai.system.instructions": "system",
    "gen_ai.system_instructions": "system",
    "gen_ai.input.messages": "user",
    "gen_ai.output.messages": "assistant",
}
"""Events of Azure's newer SDKs, each of all messages of one side."""
_TOOL_OUTPUT = ("output", "content", "diff")

Sides = tuple[tuple[Message, ...], tuple[Message, ...]]
"""What went in, and what came out."""


def sides_of(events: Iterable[Event]) -> Sides:
    """The messages of a conversation that events tell."""
    inputs: list[Message] = []
    outputs: list[Message] = []
    for event in events:
        told = event.attributes
        name = text(told.get("event.name") or told.get("event_name")) or event.name
        body = mapping(told.get("body")) or mapping(told.get(_CONTENT)) or told
        if name in _ROLES:
            inputs.append(message(body, _ROLES[name]))
        elif name == CHOICE:
            outputs.extend(_choice(body))
        elif name == _DETAILS:
            inputs.extend(conversation(told.get("gen_ai.system_instructions"), "system"))
            inputs.extend(conversation(told.get("gen_ai.input.messages")))
            outputs.extend(conversation(told.get("gen_ai.output.messages"), "assistant"))
        elif name in _SIDES:
            side = inputs if _SIDES[name] == "user" else outputs
            side.extend(_content(told, body, _SIDES[name]))
        elif name in _LISTS:
            side = outputs if _LISTS[name] == "assistant" else inputs
            side.extend(conversation(told.get(_CONTENT, told.get("body")), _LISTS[name]))
        elif name in _ROWS:
            outputs.extend(conversation(told.get(_ROWS[name]), "tool"))
        elif name == "tool.output":
            said = next((told[key] for key in _TOOL_OUTPUT if told.get(key)), None)
            outputs.extend(conversation(said, "tool"))
        else:
            inputs.extend(conversation(_messages_in(body, "input")))
            outputs.extend(conversation(_messages_in(body, "output"), "assistant"))
    return tuple(inputs), tuple(outputs)


def _choice(body: Mapping[str, Any]) -> tuple[Message, ...]:
    said = body.get("message")
    if isinstance(said, dict) and body.get("tool_calls") and not said.get("tool_calls"):
        said = {**said, "tool_calls": body["tool_calls"]}
    return conversation(said or body, "assistant")


def _content(told: Mapping[str, Any], body: Mapping[str, Any], role: str) -> tuple[Message, ...]:
    content = told.get("gen_ai.prompt", told.get("gen_ai.completion"))
    if content is None and body is not told:
        # LiteLLM's record of a message is the message itself, that of an answer a choice.
        return _choice(body) if "message" in body else (message(body, role),)
    return conversation(content, role)


def _messages_in(body: Mapping[str, Any], side: str) -> object:
    """Messages in a log record to which AWS's distribution moved the content of a span."""
    told = mapping(body.get(side)).get("messages")
    return [_opened(each) for each in told] if isinstance(told, list) else None


def _opened(told: object) -> object:
    """A message whose content is all that the span's event told, and not only what was said."""
    content = told.get("content") if isinstance(told, dict) else None
    if not isinstance(content, dict):
        return told
    return {**mapping(told), "content": content.get("content", content.get("message", content))}


def finish_reason(told: Mapping[str, Any]) -> str | None:
    """Why an answer ended, as the event says that tells the answer."""
    body = mapping(told.get("body")) or mapping(told.get(_CONTENT)) or told
    return attribute_names.finish_reason(body.get("finish_reason"))


def bears_content(body: object) -> bool:
    """Whether the body of a log record is such a content."""
    told = mapping(body)
    return any(isinstance(_messages_in(told, side), list) for side in ("input", "output"))


def written_out(value: object) -> list[Event]:
    """Events that pydantic-ai and Logfire write as an attribute of a span."""
    listed = parsed(value)
    found = []
    for each in listed if isinstance(listed, list) else ():
        name = _name_of(each) if isinstance(each, dict) else None
        if name is not None:
            found.append(Event(name=name, time=None, attributes=each))
    return found


def _name_of(event: Mapping[str, Any]) -> str | None:
    """The name of an event; some versions leave it out, and its shape tells."""
    told = text(event.get("event.name"))
    if told is not None:
        return told
    if isinstance(event.get("message"), dict):
        return CHOICE
    role = text(event.get("role"))
    return None if role is None else f"gen_ai.{role}.message"
