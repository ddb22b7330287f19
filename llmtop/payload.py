"""The heavy part of a span, read again from where it lies: messages, answers, arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct


class ToolCall(Struct, frozen=True):
    """One tool that a model asked for."""

    name: str | None
    arguments: str | None
    """As the model wrote it: usually JSON."""
    id: str | None = None


class Message(Struct, frozen=True):
    """One message of a conversation; parts that are not text are said in brackets (`[image]`)."""

    role: str
    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    name: str | None = None


class Event(Struct, frozen=True):
    """Something that happened at one moment of a span."""

    name: str
    time: float | None
    """Seconds since the epoch."""
    attributes: dict[str, Any] = {}


class Payload(Struct):
    """Everything about a span that is not kept in memory."""

    input: tuple[Message, ...] = ()
    output: tuple[Message, ...] = ()
    parameters: dict[str, Any] = {}
    """Temperature, max_tokens and their like."""
    attributes: dict[str, Any] = {}
    """What else the records say, flat, by the names they use."""
    events: tuple[Event, ...] = ()
    raw: tuple[str, ...] = ()
    """The records themselves, as they lie in the source, one text a record."""
    error: str | None = None
    """What the records say of the error, in full; the span itself keeps its beginning."""
    missing: str | None = None
    """A sentence saying why something cannot be shown, or `None`."""

    @property
    def is_silent(self) -> bool:
        """Whether nothing is told of what went in and what came out."""
        return not self.input and not self.output

    def fill_in(self, others: Iterable[Payload], *, answered: bool) -> None:
        """Where nothing was said, take over what the first other telling of the call says.

        Its answer is taken only if there was one: an attempt that failed had none.
        """
        if not self.is_silent:
            return
        other = next((each for each in others if not each.is_silent), None)
        if other is not None:
            self.input = other.input
            self.output = other.output if answered else ()
            self.parameters = {**other.parameters, **self.parameters}
            self.raw += tuple(raw for raw in other.raw if raw not in self.raw)

    def texts(self) -> Iterator[str]:
        """What was said: of prompt and answer, and in the arguments of tools."""
        for message in (*self.input, *self.output):
            yield message.text
            for call in message.tool_calls:
                yield f"{call.name or ''} {call.arguments or ''}"
