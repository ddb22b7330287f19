"""What is known of a span, as blocks of a document: how it stands, times, model, ids, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmtop.filter import status_of
from llmtop.payload import Payload
from llmtop.span import Flag, Span
from llmtop.tui import numbers, span_words
from llmtop.tui.documents.blocks import BLANK, Fact, Facts, Lines, Stack, prose
from llmtop.tui.documents.cost_breakdown import UsageTable
from llmtop.tui.documents.document import Block
from llmtop.tui.documents.json_text import pretty, value_text
from llmtop.tui.documents.span_text import is_short
from llmtop.tui.safe_text import safe

RETRIES = ("attempts", "retries", "retry_count", "num_retries", "http.request.resend_count")
"""Attributes that tell how often a call was tried."""
_SHORTEST_WRITING_S = 0.001


def facts(span: Span, payload: Payload, table: UsageTable, form: str, now: float) -> Block:
    """All that is known of a span but its messages and its other attributes."""
    found: list[Block] = [
        Lines(headline(span)),
        *_error(span, payload),
        *prose(summary(span, now), meaning="dim"),
    ]
    for group in _groups(span, payload, table, form, now):
        found += [BLANK, group]
    return Stack(found)


def _groups(
    span: Span, payload: Payload, table: UsageTable, form: str, now: float
) -> Iterator[Block]:
    yield Facts("Timing", list(_timing(span, form, now)))
    if span.is_call:
        yield Facts("Model", list(_model(span, payload)))
    else:
        yield Facts("Operation", list(_operation(span)))
    if payload.parameters:
        yield Facts("Parameters", list(_parameters(payload.parameters)))
    if span.is_call:
        yield table
    yield Facts("Ids", list(_ids(span)))
    notes = [*span_words.notes(span), *_places(span)]
    if notes:
        yield Facts("Notes", [Fact("·", note, "slow") for note in notes])


def headline(span: Span) -> tuple[tuple[str, str], ...]:
    """How a span stands: sign, status, and how it ended."""
    status = status_of(span)
    said = span.finish_reason if status == "ok" else None
    if status == "error" and span.failure is not None:
        said = span.failure.type
    parts = [(f"{span_words.sign(span)} {status}", span_words.meaning(span))]
    if said and said != status:
        parts.append((f"  {safe(said)}", "strong" if status == "error" else "dim"))
    return tuple(parts)


def summary(span: Span, now: float) -> str:
    """A span's figures in a line: as much as one wants to know at a glance."""
    told = [span_words.latency(span, now) + (" so far" if span.running else "")]
    if span.ttft is not None:
        told.append(f"first token {numbers.duration(span.ttft)}")
    if span.input_tokens is not None or span.output_tokens is not None:
        told.append(f"{span_words.tokens_in(span)} → {span_words.tokens_out(span)} tokens")
    if span.is_call and (cost := span_words.cost(span)) != numbers.UNKNOWN:
        told.append(cost)
    return " · ".join(told)


def _error(span: Span, payload: Payload) -> Iterator[Block]:
    told = payload.error or (span.failure.message if span.failure is not None else None)
    if told and status_of(span) == "error":
        yield from prose(pretty(told) or told, margin=(("│ ", "error"),))


def _timing(span: Span, form: str, now: float) -> Iterator[Fact]:
    began = span_words.began(span)
    yield Fact("started", _moment(began, form, now))
    if span.running:
        yield Fact("ended", "still running", "running")
    else:
        ended = span.end if began is not None and not span.flags & Flag.LOST else None
        yield Fact("ended", _moment(ended, form, now))
    label = "running for" if span.running else "latency"
    yield Fact(label, _latency(span, now), "running" if span.running else "strong")
    if span.is_call:
        if span.ttft is not None or (span.flags & Flag.STREAM and not span.running):
            yield Fact("first token", numbers.duration(span.ttft))
        if not span.running:
            yield Fact("speed", speed(span))


def _moment(moment: float | None, form: str, now: float) -> str:
    if moment is None:
        return numbers.UNKNOWN
    told = numbers.moment(moment, form)
    if form != "relative":
        return told
    date, _, time = told.partition(" ")
    today = numbers.moment(now, form).startswith(date)
    return f"{numbers.clock(moment, form, now)} ({time if today else told})"


def _latency(span: Span, now: float) -> str:
    told = span_words.latency(span, now)
    exact = span.latency
    if exact is None or exact < 1:
        return told
    return f"{told} ({exact * 1000:,.0f} ms)"


def speed(span: Span) -> str:
    """Output tokens per second: of the time they took to write, where the first one is timed."""
    latency = span.latency
    if span.output_tokens is None or latency is None or latency <= 0:
        return numbers.UNKNOWN
    least = "≥" if span.flags & Flag.LOWER_BOUND else ""
    if span.ttft is not None and latency - span.ttft > _SHORTEST_WRITING_S:
        rate = span.output_tokens / (latency - span.ttft)
        return f"{least}{rate:,.1f} tokens/s after the first"
    return f"{least}{span.output_tokens / latency:,.1f} tokens/s over all"


def _model(span: Span, payload: Payload) -> Iterator[Fact]:
    series = span.series
    asked, answered = series.requested, series.answered
    yield Fact("asked for", asked or numbers.UNKNOWN, "strong")
    if answered is not None and answered != asked:
        yield Fact("answered by", answered)
    yield Fact("provider", series.provider or numbers.UNKNOWN)
    yield from _operation(span)
    yield Fact("streamed", "yes" if span.flags & Flag.STREAM else "no, or not told")
    if not span.running:
        yield Fact("finish", span.finish_reason or numbers.UNKNOWN)
    for name in RETRIES:
        if payload.attributes.get(name) is not None:
            yield Fact(name.rpartition(".")[2], value_text(payload.attributes[name]))


def _operation(span: Span) -> Iterator[Fact]:
    yield Fact("operation", span.series.operation)
    if span.name and span.name != span.series.model:
        yield Fact("name", span.name)
    if span.agent:
        yield Fact("agent", span.agent)


def _parameters(values: Mapping[str, Any]) -> Iterator[Fact]:
    """Parameters; what is too long to stand here (tools, schemas) stands among the attributes."""
    for name, value in values.items():
        if is_short(value):
            yield Fact(name, value_text(value))
        elif isinstance(value, dict | list):
            noun = "item" if isinstance(value, list) else "field"
            many = "" if len(value) == 1 else "s"
            yield Fact(name, f"{len(value):,} {noun}{many}, among the attributes", "dim")
        else:
            yield Fact(name, "long, among the attributes", "dim")


def _ids(span: Span) -> Iterator[Fact]:
    pairs = (
        ("request", span.request_id),
        ("span", span.span_id),
        ("parent", span.parent_id),
        ("trace", span.trace_id),
        ("session", span.session_id),
        ("user", span.user_id),
    )
    for label, value in pairs:
        if value is not None and not (label == "span" and value == span.request_id):
            yield Fact(label, value)


def _places(span: Span) -> Iterator[str]:
    if span.flags & Flag.EVICTED:
        yield (
            "no longer kept in memory, only in the totals (--max-calls, --max-memory); "
            "what is shown is what this screen remembers"
        )
