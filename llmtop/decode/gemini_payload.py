"""The content of Gemini CLI's messages: prompts, answers, thoughts, tools and their results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode.format import Document
from llmtop.decode.messages import conversation, message
from llmtop.decode.shapes import opened
from llmtop.decode.values import laid_out, mapping, shown, text
from llmtop.payload import Message, Payload
from llmtop.span import Span

_SETTING = ("<session_context>", "This is the Gemini CLI. We are setting up")
"""How the message begins that tells the model where it runs: nobody typed it."""


def objects(listed: object) -> list[Mapping[str, Any]]:
    """The objects of a list, or none."""
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def said(told: Mapping[str, Any]) -> str:
    """The text of a message."""
    content = opened(told.get("content"))
    plain = _plain(content)
    return message({"content": content}).text if plain is None else plain


def _plain(content: object) -> str | None:
    """The text that most messages are: alone, or the only part."""
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict):
        content = content[0].get("text")
    return content if isinstance(content, str) else None


def tools_of(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The tools that one message of the model asked for."""
    return objects(told.get("toolCalls"))


def question(told: Mapping[str, Any]) -> str | None:
    """What a user's message asks; `None` if it only hands tools' results to the model."""
    content = opened(told.get("content"))
    asked = _plain(content)
    if asked is None:
        parts = objects(content)
        if parts and all("functionResponse" in part for part in parts):
            return None
        asked = message({"content": content}).text
    return None if asked.startswith(_SETTING) else asked


def error_of(call: Mapping[str, Any]) -> str | None:
    """What a tool says of its failure."""
    for told in _responses(call):
        problem = text(told.get("error"))
        if problem is not None:
            return problem
    return text(opened(call.get("resultDisplay")))


def _responses(call: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        mapping(mapping(part.get("functionResponse")).get("response"))
        for part in objects(opened(call.get("result")))
    ]


def fill(document: Document, span: Span, payload: Payload) -> None:
    """Add what a session, or one line of it, tells of a span; a message told again replaces."""
    told = mapping(document.get("$set")) or document
    messages = told.get("messages")
    if not isinstance(messages, list):
        _fill_one(document, span, payload)
        return
    listed = objects(messages)
    own = next((at for at, each in enumerate(listed) if _is_of(each, span)), None)
    if own is not None:
        for each in listed[_asked(listed, own) : own + 1]:
            _fill_one(each, span, payload)
            # Of a session that is one document, only what is of the call is worth looking at.
            payload.raw += (laid_out(each),)
    elif "$set" in document and span.is_call and not payload.output:
        for each in listed[_asked(listed, len(listed)) :]:
            _fill_one(each, span, payload)


def _is_of(told: Mapping[str, Any], span: Span) -> bool:
    name = text(told.get("id"))
    if span.series.operation == "execute_tool":
        return any(_is_run(call, name, at, span) for at, call in enumerate(tools_of(told)))
    return name == span.span_id


def _is_run(call: Mapping[str, Any], name: str | None, at: int, span: Span) -> bool:
    return (text(call.get("id")) or f"{name}:tool:{at}") == span.span_id


def _asked(listed: Sequence[Mapping[str, Any]], end: int) -> int:
    """Where the messages begin that the one at `end` answers: after or at the answer before."""
    for at in range(end - 1, -1, -1):
        if listed[at].get("type") == "gemini":
            return at
    return 0


def _fill_one(told: Mapping[str, Any], span: Span, payload: Payload) -> None:
    kind = told.get("type")
    if span.series.operation == "execute_tool":
        for at, call in enumerate(tools_of(told)):
            if _is_run(call, text(told.get("id")), at, span):
                payload.input = conversation(shown(call.get("args")), "tool")
                payload.output = _result(call)
    elif _is_of(told, span):
        if kind == "gemini":
            payload.output = (_answer(told),)
        else:
            payload.input = (message({**told, "role": "user"}),)
    elif span.is_call and kind == "user":
        payload.input += (message({**told, "role": "user"}),)
    elif span.is_call and kind == "gemini" and not payload.output:
        payload.input = tuple(each for call in tools_of(told) for each in _result(call))


def _answer(told: Mapping[str, Any]) -> Message:
    calls = [
        {"id": call.get("id"), "name": call.get("name"), "arguments": shown(call.get("args"))}
        for call in tools_of(told)
    ]
    thoughts = [
        ": ".join(filter(None, (text(each.get("subject")), text(each.get("description")))))
        for each in objects(told.get("thoughts"))
    ]
    answer = message({"role": "assistant", "content": told.get("content"), "tool_calls": calls})
    if not thoughts:
        return answer
    lines = [f"[reasoning] {thought}" for thought in thoughts]
    return Message(answer.role, "\n".join((*lines, answer.text)), answer.tool_calls)


def _result(call: Mapping[str, Any]) -> tuple[Message, ...]:
    """What a tool gave back; nothing while it runs."""
    texts = [text(told.get("output")) or text(told.get("error")) for told in _responses(call)]
    given = "\n".join(filter(None, texts))
    if given:
        return (Message("tool", given, tool_call_id=text(call.get("id"))),)
    result = call.get("result")
    if result is None:
        result = call.get("resultDisplay")
    if result is None:
        return ()
    return (message({"role": "tool", "content": result, "tool_call_id": call.get("id")}),)
