"""Messages of a call as plain text, role by role, for comparing them."""

from __future__ import annotations

from collections.abc import Sequence

from llmtop.payload import Message
from llmtop.tui.documents.json_text import pretty


def conversation_text(messages: Sequence[Message]) -> str:
    """Each message under its role, with the tools that it calls; JSON is laid out."""
    parts = []
    for message in messages:
        lines = [f"{message.role}:"]
        if message.text:
            lines.append(pretty(message.text) or message.text)
        for call in message.tool_calls:
            arguments = call.arguments or ""
            lines += [f"calls {call.name or 'a tool'}", pretty(arguments) or arguments]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
