"""A span beside its trace's tree: figures, error, how its messages begin, attributes, events."""

from __future__ import annotations

from llmtop.payload import Message, Payload
from llmtop.span import Span
from llmtop.tui import span_facts, span_text
from llmtop.tui.blocks import prose
from llmtop.tui.cost_breakdown import UsageTable
from llmtop.tui.document import Document, Part

EXCERPT = 700
"""Characters of a message that are shown; its own screen shows all of it."""
LAST_INPUTS = 2
"""Messages that are shown of the input: the last ones are what the answer is to."""


def document(span: Span, payload: Payload, table: UsageTable, form: str, now: float) -> Document:
    """Everything worth knowing about one span of a trace."""
    builder = span_text.Builder()
    builder.parts.append(Part("facts", "", 0))
    builder.blocks.extend(span_facts.blocks(span, payload, table, form, now))
    shortened = Payload(
        input=tuple(_excerpt(message) for message in payload.input[-LAST_INPUTS:]),
        output=tuple(_excerpt(message) for message in payload.output),
        attributes=payload.attributes,
        raw=payload.raw[:1],
        missing=payload.missing,
    )
    if span.is_call or payload.input or payload.output or payload.missing:
        span_text.add_messages(builder, span, shortened)
        left = len(payload.input) - len(shortened.input)
        if left or _is_cut(payload, shortened):
            earlier = f"{left:,} earlier messages and " if left > 1 else ""
            earlier = "An earlier message and " if left == 1 else earlier
            said = f"{earlier}all of the text: enter"
            builder.blocks.extend(prose(said[:1].upper() + said[1:], meaning="dim"))
    span_text.add_attributes(builder, span, payload)
    return Document(builder.blocks, builder.parts)


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


def _is_cut(payload: Payload, shortened: Payload) -> bool:
    whole = (*payload.input[-LAST_INPUTS:], *payload.output)
    return whole != (*shortened.input, *shortened.output)
