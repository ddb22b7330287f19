"""Messages of a call as a conversation: who speaks stands above what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llmtop.payload import Message, ToolCall
from llmtop.tui.documents.blocks import BLANK, Lines, prose
from llmtop.tui.documents.document import Block, Parts
from llmtop.tui.documents.json_text import pretty
from llmtop.tui.safe_text import safe

ROLES: dict[str, tuple[str, str]] = {
    "system": ("▪", "dim"),
    "developer": ("▪", "dim"),
    "user": ("▸", "accent"),
    "assistant": ("◂", "ok"),
    "model": ("◂", "ok"),
    "tool": ("↳", "slow"),
    "function": ("↳", "slow"),
}
"""A sign before each role, and the meaning of its margin."""
LONGEST_LABEL = 60


def blocks(messages: Sequence[Message]) -> Iterator[Block]:
    """All messages, each under its role."""
    for message in messages:
        yield from _message(message)


def _message(message: Message) -> Iterator[Block]:
    sign, meaning = ROLES.get(message.role.lower(), ("·", "accent"))
    head = [(f"{sign} {safe(message.role)[:LONGEST_LABEL]}", _strong(meaning))]
    labels = [label for label in (message.name, message.tool_call_id) if label]
    head += [(f" · {safe(label)[:LONGEST_LABEL]}", "dim") for label in labels]
    yield Lines(tuple(head))
    margin: Parts = (("│ ", meaning),)
    if message.text.strip():
        laid_out = pretty(message.text)
        yield from prose(laid_out or message.text, margin=margin, keys=laid_out is not None)
    elif not message.tool_calls:
        yield Lines((*margin, ("(empty)", "dim")))
    for call in message.tool_calls:
        yield from tool_call(call, margin)
    yield BLANK


def _strong(meaning: str) -> str:
    return "strong" if meaning == "dim" else meaning


def tool_call(call: ToolCall, margin: Parts) -> Iterator[Block]:
    """A tool that a model asked for, and with what."""
    head = [*margin, ("→ calls ", "dim"), (safe(call.name or "a tool")[:LONGEST_LABEL], "strong")]
    if call.id:
        head.append((f" · {safe(call.id)[:LONGEST_LABEL]}", "dim"))
    yield Lines(tuple(head))
    if call.arguments and call.arguments.strip():
        laid_out = pretty(call.arguments)
        yield from prose(
            laid_out or call.arguments,
            margin=(*margin, ("  ", "")),
            keys=laid_out is not None,
        )
