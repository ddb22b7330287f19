"""A span's own text as blocks: its messages, its attributes, its events and its records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmtop.payload import Event, Payload
from llmtop.span import Span
from llmtop.tui import numbers
from llmtop.tui.documents import conversation, missing_content
from llmtop.tui.documents.blocks import BLANK, Fact, Facts, Heading, Lines, prose
from llmtop.tui.documents.document import Block, Document, Part
from llmtop.tui.documents.json_text import pretty, value_text

SHORT_PARAMETER = 60
"""Characters of a parameter that may stand among the facts."""
LONGEST_FACT = 400
"""Characters of a value that may stand beside its name; longer ones stand below it."""


class Builder:
    """Collects blocks, and where the parts of the document begin."""

    def __init__(self, head: Block | None = None) -> None:
        self.blocks: list[Block] = [] if head is None else [head]
        self.parts: list[Part] = [] if head is None else [Part("facts", "", 0)]

    def document(self) -> Document:
        """What was collected."""
        return Document(self.blocks, self.parts)

    def part(self, name: str, title: str, note: str = "") -> None:
        """Begin a part that can be gone to, below an empty line."""
        if self.blocks and self.blocks[-1] is not BLANK:
            self.blocks.append(BLANK)
        self.parts.append(Part(name, title, len(self.blocks)))
        self.blocks.append(Heading(title, note))


def add(builder: Builder, span: Span, payload: Payload) -> None:
    """All of a span's text: input, output, attributes, events, records."""
    add_messages(builder, span, payload)
    add_attributes(builder, span, payload)
    builder.part("raw", "Raw", _counted(len(payload.raw), "record"))
    if not payload.raw:
        builder.blocks.append(_said("No record of it could be read."))
    for number, text in enumerate(payload.raw):
        if number:
            builder.blocks.append(BLANK)
        builder.blocks.extend(prose(text, keys=True))


def add_messages(builder: Builder, span: Span, payload: Payload, note: str = "") -> None:
    """What was asked and what was answered, or why they are not there."""
    blocks = builder.blocks
    said = list(missing_content.sentences(span, payload))
    builder.part("input", "Input", note or _counted(len(payload.input), "message"))
    for sentence in said:
        blocks.extend(prose(sentence, meaning="slow"))
        blocks.append(BLANK)
    blocks.extend(conversation.blocks(payload.input))
    if not payload.input and not said:
        blocks.append(_said("None was told."))
    builder.part("output", "Output", (span.finish_reason or "") if payload.output else "")
    blocks.extend(conversation.blocks(payload.output))
    if not payload.output:
        blocks.append(_said(_no_output(span)))


def _no_output(span: Span) -> str:
    if span.running:
        return "Still running: the answer appears here when it ends."
    if span.failed:
        return "It failed: there is no answer."
    return "None was told."


def add_attributes(builder: Builder, span: Span, payload: Payload) -> None:
    """What else the records say, and what happened meanwhile."""
    blocks = builder.blocks
    told = {name: value for name, value in payload.parameters.items() if not is_short(value)}
    told |= payload.attributes
    builder.part("attributes", "Attributes", _counted(len(told), "attribute"))
    blocks.extend(attributes(told))
    if not told:
        blocks.append(_said("The records say nothing else."))
    if payload.events:
        builder.part("events", "Events", _counted(len(payload.events), "event"))
        for event in payload.events:
            blocks.extend(_event(event, span.start))


def is_short(value: object) -> bool:
    """Whether a parameter is told beside its name, and not among the attributes."""
    return not (isinstance(value, dict | list) and value) and len(str(value)) <= SHORT_PARAMETER


def attributes(values: Mapping[str, Any]) -> Iterator[Block]:
    """Names and values: short ones in two columns, long ones below their names, empty ones last."""
    short: list[Fact] = []
    long: list[tuple[str, str]] = []
    empty = sorted(name for name, value in values.items() if value in (None, "", [], {}))
    for name in sorted(values.keys() - empty):
        text = value_text(values[name])
        if isinstance(values[name], str):
            text = pretty(text) or text
        if len(text) <= LONGEST_FACT and text.count("\n") < 2:
            short.append(Fact(name, text))
        else:
            long.append((name, text))
    if short:
        yield Facts("", short)
    for number, (name, text) in enumerate(long):
        if number or short:
            yield BLANK
        yield from prose(name, meaning="dim")
        yield from prose(text, margin=(("  ", ""),), keys=text[:1] in {"{", "["})
    if empty:
        if short or long:
            yield BLANK
        yield from prose(f"empty: {', '.join(empty)}", meaning="dim")


def _event(event: Event, start: float) -> Iterator[Block]:
    """When an event happened, counted from the span's start, and what it says."""
    offset = "" if event.time is None else _offset(event.time - start)
    yield from prose(event.name, margin=((f"{offset:>9} ", "accent"),), meaning="strong")
    for block in attributes(event.attributes):
        yield Indented(block, " " * 10)


def _offset(seconds: float) -> str:
    return numbers.duration(seconds) if seconds < 0 else f"+{numbers.duration(seconds)}"


class Indented:
    """A block further to the right."""

    def __init__(self, block: Block, margin: str) -> None:
        self._block = block
        self._margin = margin
        self.size = block.size

    def rows(self, width: int) -> list[tuple[tuple[str, str], ...]]:
        """The block's lines behind the margin, as far as that leaves room for them."""
        margin = self._margin[: width // 3]
        rows = self._block.rows(width - len(margin))
        return [((margin, ""), *row) for row in rows]


def _said(sentence: str) -> Lines:
    return Lines(((sentence, "dim"),))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else ""
