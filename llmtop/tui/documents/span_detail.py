"""A span beside its trace's tree: its figures, how its messages begin, attributes and events."""

from __future__ import annotations

from llmtop.payload import Message, Payload
from llmtop.span import Span
from llmtop.tui.documents import span_text
from llmtop.tui.documents.document import Block, Document

EXCERPT = 700
"""Characters of a message that are shown; its own screen shows all of it."""
LAST_INPUTS = 2
"""Messages that are shown of the input: the last ones are what the answer is to."""


def document(facts: Block, span: Span, payload: Payload) -> Document:
    """Everything worth knowing about one span of a trace, below the facts of it."""
    builder = span_text.Builder(facts)
    shortened = Payload(
        input=tuple(_excerpt(message) for message in payload.input[-LAST_INPUTS:]),
        output=tuple(_excerpt(message) for message in payload.output),
        attributes=payload.attributes,
        events=payload.events,
        raw=payload.raw[:1],
        missing=payload.missing,
    )
    if span.is_call or payload.input or payload.output or payload.missing:
        span_text.add_messages(builder, span, shortened, _note(payload, shortened))
    span_text.add_attributes(builder, span, payload)
    return builder.document()


def _note(payload: Payload, shortened: Payload) -> str:
    """What is left out, and how to see it."""
    there, shown = len(payload.input), len(shortened.input)
    if there > shown:
        return f"the last {shown} of {there:,} messages, enter opens all"
    whole = (*payload.input, *payload.output)
    return "shortened, enter opens all" if whole != (*shortened.input, *shortened.output) else ""


def _excerpt(message: Message) -> Message:
    if len(message.text) <= EXCERPT:
        return message
    return Message(
        role=message.role,
        text=f"{message.text[:EXCERPT]}…",
        tool_calls=message.tool_calls,
        tool_call_id=message.tool_call_id,
        name=message.name,
    )
