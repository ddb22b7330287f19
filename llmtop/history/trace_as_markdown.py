"""One trace as a document: its tree, its prompts and answers, its costs, for a pull request."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import IO

from llmtop.decode.timestamps import iso
from llmtop.decode.values import shown
from llmtop.filter import status_of
from llmtop.live import trace_tree
from llmtop.live.span_index import Trace
from llmtop.live.view import TraceRow, TraceView
from llmtop.payload import Message, Payload
from llmtop.plain_text import on_one_line, plain
from llmtop.span import Span
from llmtop.written_figures import UNKNOWN, dollars, seconds

_LONGEST = 20_000
"""Characters of one text that are shown."""
_DEEPEST = 20


def write_markdown(
    spans: Sequence[Span], payload: Callable[[Span], Payload], out: IO[bytes]
) -> None:
    """Write the trace that the spans make up."""
    trace_id = spans[0].trace_id or spans[0].span_id
    last = max(span.end or span.start for span in spans)
    tree = trace_tree.build(Trace(trace_id, spans[0], list(spans[1:])), last)

    def tell(*lines: str) -> None:
        out.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))

    first = tree.rows[0].span
    tell(f"# {_escaped(first.name or first.series.operation)}", "", *_summary(tree), "")
    tell("## Spans", "", "| span | model | took | tokens | cost | status |")
    tell("|---|---|---:|---:|---:|---|")
    for row in tree.rows:
        tell(_row(row))
    for number, row in enumerate(tree.rows, 1):
        part = _part(number, row.span, payload(row.span))
        if part:
            tell("", *part)


def _summary(tree: TraceView) -> list[str]:
    tokens = None
    if tree.input_tokens is not None or tree.output_tokens is not None:
        tokens = f"{tree.input_tokens or 0:,} in, {tree.output_tokens or 0:,} out"
    facts = [
        ("trace", _code(tree.trace_id)),
        ("began", iso(tree.start)),
        ("took", seconds(tree.end - tree.start)),
        ("spans", f"{tree.spans:,}, of which {tree.calls:,} model calls"),
        ("errors", f"{tree.errors:,}"),
        ("tokens", tokens or UNKNOWN),
        ("cost", dollars(tree.cost)),
    ]
    return [f"- **{name}**: {value}" for name, value in facts]


def _row(row: TraceRow) -> str:
    span = row.span
    indent = "&nbsp;" * (4 * min(row.depth, _DEEPEST))
    tokens = None
    if span.input_tokens is not None or span.output_tokens is not None:
        tokens = f"{span.input_tokens or 0:,} → {span.output_tokens or 0:,}"
    cells = (
        f"{indent}{_escaped(span.name or span.series.operation)}",
        _escaped(span.series.model or UNKNOWN),
        seconds(span.latency),
        tokens or UNKNOWN,
        dollars(span.cost),
        status_of(span),
    )
    return f"| {' | '.join(cells)} |"


def _part(number: int, span: Span, payload: Payload) -> list[str]:
    """What was said in one span, if anything was."""
    told: list[str] = []
    if span.failed and span.failure is not None:
        told += ["", f"**Error**: {_code(span.failure.type)}", ""]
        if span.failure.message:
            told += _fenced(span.failure.message)
    if payload.parameters:
        told += ["", f"Parameters: {_code(shown(payload.parameters))}"]
    for heading, messages in (("Input", payload.input), ("Output", payload.output)):
        for message in messages:
            told += ["", f"**{heading}, {_escaped(message.role)}**", "", *_said(message)]
    if payload.missing:
        told += ["", f"*{_escaped(payload.missing)}*"]
    if not told:
        return []
    model = f" · {_escaped(span.series.model)}" if span.series.model else ""
    return [f"## {number}. {_escaped(span.name or span.series.operation)}{model}", *told]


def _said(message: Message) -> list[str]:
    told = _fenced(message.text) if message.text else []
    for call in message.tool_calls:
        told += ["", f"Calls {_code(call.name or 'a tool')}:", "", *_fenced(call.arguments or "")]
    return told


def _fenced(text: str) -> list[str]:
    """A text in a fence that nothing within it can close."""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}\n… {len(text) - _LONGEST:,} characters more"
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return [f"{fence}text", plain(text, keep="\n\t"), fence]


def _escaped(text: str) -> str:
    """A text on one line that is nothing but text in Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>()#|!~&])", r"\\\1", on_one_line(text))


def _code(text: str) -> str:
    line = on_one_line(text)
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    space = " " if "`" in line else ""
    return f"{fence}{space}{line}{space}{fence}"
