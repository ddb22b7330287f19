"""The copy menu: what of a call goes to the clipboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from llmtop.filter import Filter
from llmtop.payload import Message, Payload
from llmtop.span import Span


class Choice(NamedTuple):
    """One line of the menu."""

    key: str
    what: str
    """What is copied, as in "Sent the prompt"."""
    text: Callable[[], str]
    """Called when it is chosen: it may have to be read from a file."""
    hint: str = ""
    """What is shown of it beforehand."""


def choices(
    span: Span | None, filter_: Filter | None, payload: Callable[[Span], Payload]
) -> list[Choice]:
    """What there is to copy of a call and of the filter that is on."""
    found: list[Choice] = []
    if span is not None:
        chosen = span
        name, trace = span.request_id or span.span_id, span.trace_id
        found.append(Choice("i", "id", lambda: name, name))
        if trace is not None:
            found.append(Choice("t", "trace id", lambda: trace, trace))
        if span.is_call:
            found.append(Choice("p", "prompt", lambda: _text(payload(chosen).input)))
            found.append(Choice("a", "answer", lambda: _text(payload(chosen).output)))
        found.append(Choice("r", "record", lambda: "\n".join(payload(chosen).raw)))
    if filter_ is not None:
        text = filter_.text
        found.append(Choice("f", "filter", lambda: text, text))
    return found


def _text(messages: Sequence[Message]) -> str:
    """One message as it is; several with their roles."""
    if len(messages) == 1 and not messages[0].tool_calls:
        return messages[0].text
    parts = []
    for message in messages:
        calls = [f"{call.name or 'tool'}({call.arguments or ''})" for call in message.tool_calls]
        parts.append("\n".join([f"{message.role}:", *filter(None, [message.text, *calls])]))
    return "\n\n".join(parts)
