"""The words and signs for what a span is and how it stands, readable without colour."""

from __future__ import annotations

from llmtop.filter import status_of
from llmtop.span import Flag, Span
from llmtop.tui import numbers

STATUS_SIGNS = {
    "ok": "✓",
    "error": "✗",
    "running": "●",
    "lost": "?",
    "cancelled": "⊘",
}
OPERATION_WORDS = {
    "chat": "chat",
    "text_completion": "text",
    "generate_content": "gen",
    "embeddings": "embed",
    "rerank": "rerank",
    "image_generation": "image",
    "retrieval": "search",
    "execute_tool": "tool",
    "invoke_agent": "agent",
    "create_agent": "agent",
    "invoke_workflow": "flow",
    "chain": "chain",
    "guardrail": "guard",
    "evaluator": "eval",
    "memory": "memory",
    "turn": "turn",
    "other": "span",
}
OPERATION_WIDTH = 6

_ESTIMATED = int(Flag.ESTIMATED)
_LOWER_BOUND = int(Flag.LOWER_BOUND)
_BAD_CLOCK = int(Flag.BAD_CLOCK)
_NESTED = int(Flag.NESTED | Flag.DOUBLE)
_LOCAL = int(Flag.LOCAL)
_UNTIMED = int(Flag.UNTIMED)


def sign(span: Span) -> str:
    """One cell that says how a span stands."""
    return STATUS_SIGNS.get(status_of(span), "✓")


def meaning(span: Span) -> str:
    """The name of the colour that says how a span stands."""
    status = status_of(span)
    return {"error": "error", "running": "running", "ok": "ok"}.get(status, "dim")


def outcome(span: Span) -> str:
    """How a span ended, in words: the error's first ones, or the finish reason."""
    status = status_of(span)
    if span.failure is not None and status == "error":
        said = span.failure.message
        return f"{span.failure.type}: {said}" if said else span.failure.type
    if status == "ok":
        return span.finish_reason or "ok"
    return status


def operation(span: Span) -> str:
    """A span's operation in a word."""
    return OPERATION_WORDS.get(span.series.operation, span.series.operation)


def title(span: Span) -> str:
    """What a span is called in a tree: a call by its model, the rest by name."""
    if span.is_call:
        return span.series.model or span.name or "unknown model"
    return span.name or span.agent or operation(span)


def tokens_in(span: Span) -> str:
    """Input tokens, with a mark where some of them were cached."""
    told = numbers.tokens(span.input_tokens)
    return f"{told}◦" if span.cache is not None and span.cache.read else told


def tokens_out(span: Span) -> str:
    """Output tokens, with a mark where they are estimated or the least there can be."""
    told = numbers.tokens(span.output_tokens)
    if span.output_tokens is None:
        return told
    if span.flags & _LOWER_BOUND:
        return f"≥{told}"
    return f"~{told}" if span.flags & _ESTIMATED else told


def cost(span: Span) -> str:
    """What a call cost; `unpriced` where it has usage and no known price."""
    if span.cost is not None:
        shown = numbers.money(span.cost)
        return f"≥{shown}" if span.flags & _LOWER_BOUND and span.cost else shown
    told = span.input_tokens is not None or span.output_tokens is not None
    return "unpriced" if told and span.is_call and not span.running else numbers.UNKNOWN


def began(span: Span) -> float | None:
    """When a span began, in seconds since the epoch; `None` where no record told any time."""
    return None if span.flags & _UNTIMED else span.start


def latency(span: Span, now: float) -> str:
    """How long a span took, or has been running."""
    if span.running:
        return numbers.duration(max(0.0, now - span.start))
    return "clock?" if span.flags & _BAD_CLOCK else numbers.duration(span.latency)


def notes(span: Span) -> list[str]:
    """What is to be known about a span's figures."""
    found = []
    if span.flags & Flag.NESTED:
        found.append("around another call: shown, not counted")
    if span.flags & Flag.DOUBLE:
        found.append("another instrumentation told of the same call: shown, not counted")
    if span.flags & _LOWER_BOUND:
        found.append("its output tokens are at least what is shown")
    if span.flags & _ESTIMATED:
        found.append("its usage was estimated by who wrote the record")
    if span.flags & _BAD_CLOCK:
        found.append("its times make no sense; no latency is shown or averaged")
    if span.flags & Flag.UNTIMED:
        found.append("no record told when it was; it stands where it was read")
    elif span.flags & Flag.ESTIMATED_START:
        found.append("its start is worked out from its end and its latency")
    if span.flags & Flag.LOST:
        found.append("it never ended: given up as lost")
    if span.flags & Flag.LOOP:
        found.append("its chain of parents leads back to itself")
    if span.flags & _LOCAL:
        found.append("served on this machine: costs nothing")
    if span.flags & Flag.COST_REPORTED:
        found.append("its cost was told by the record")
    return found


def is_counted(span: Span) -> bool:
    """Whether totals count this call."""
    return not span.flags & _NESTED
