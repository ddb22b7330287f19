"""Native records of plain calls: decoded as far as their figures need, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import DecodeError, Raw, Struct, ValidationError, field, json

from llmtop.decode import attributes, errors, operations
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping
from llmtop.sources.chunk import Chunk
from llmtop.span import CALL_OPERATIONS, MAX_DURATION_S, Cache, Failure, Fragment

_NOTHING = Raw(b"")
_MORE = (b"model", b".kind", b".type", b"request_data", b"operationId", b"llm.operation")
"""Attributes without any of these, in a key or elsewhere, tell of a call only by `_Operation`."""


class OutOfTheOrdinary(Exception):  # noqa: N818 - it is a verdict on a log, not a fault
    """A log that is not plain."""


class Half(Struct, gc=False):
    """A native record, as far as a plain call needs it."""

    type: str | None = None
    request_id: str | None = None
    span_id: str | None = None
    parent_id: str | None = None
    timestamp: str | float | None = None
    model: str | None = None
    provider: str | None = None
    operation: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    agent_name: str | None = None
    stream: bool | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    reasoning_tokens: int | None = None
    estimated_cost: float | None = None
    latency_ms: float | None = None
    ttft_ms: float | None = None
    status: str | None = None
    error: Any = None
    error_type: str | None = None
    response_id: Raw = _NOTHING
    otel_scope: Raw = _NOTHING
    attributes: Raw = _NOTHING


class _Operation(Struct, gc=False):
    """The one attribute that most spans tell what they do by."""

    operation: str | None = field(default=None, name="gen_ai.operation.name")


_operations = json.Decoder(_Operation, strict=False)
_halves = json.Decoder(Half, strict=False)


def read(chunk: Chunk) -> Sequence[Half]:
    """The records of a chunk, if each line is one. Raises OutOfTheOrdinary."""
    data = chunk.data
    if chunk.whole:
        raise OutOfTheOrdinary
    try:
        halves = _halves.decode_lines(data)
    except (DecodeError, ValidationError, UnicodeDecodeError, RecursionError):
        raise OutOfTheOrdinary from None
    if len(halves) != data.count(b"\n") + (not data.endswith(b"\n")):
        raise OutOfTheOrdinary
    return halves


def _is_told(raw: Raw) -> bool:
    return raw is not _NOTHING and bytes(raw) != b"null"


def tells_more(half: Half) -> bool:
    """Whether a record tells of a call in ways that are not plain."""
    more = _is_told(half.response_id) or _is_told(half.otel_scope)
    if _is_told(half.attributes):
        more = more or not attributes.WANTED.isdisjoint(mapping(json.decode(half.attributes)))
    # What is undecoded holds on to the whole chunk.
    half.attributes = half.response_id = half.otel_scope = _NOTHING
    return more


def tells_outcome(half: Half) -> bool:
    """Whether a request tells what only a response should."""
    return (
        half.error is not None
        or half.error_type is not None
        or half.status is not None
        or half.prompt_tokens is not None
        or half.completion_tokens is not None
        or half.cache_read_tokens is not None
        or half.cache_write_tokens is not None
        or half.reasoning_tokens is not None
        or half.estimated_cost is not None
        or half.latency_ms is not None
        or half.ttft_ms is not None
    )


def operation_of_span(half: Half) -> str:
    """What a span does that calls no model. Raises OutOfTheOrdinary for one that does."""
    if half.model is not None:
        raise OutOfTheOrdinary
    told = None
    raw = half.attributes
    if raw is not _NOTHING:
        text = bytes(raw)
        if (
            _MORE[0] in text
            or _MORE[1] in text
            or _MORE[2] in text
            or _MORE[3] in text
            or _MORE[4] in text
            or _MORE[5] in text
        ):
            extra = Fragment()
            attributes.apply(extra, mapping(json.decode(raw)))
            if extra.model is not None or extra.response_model is not None:
                raise OutOfTheOrdinary
            told = extra.operation
        elif b"gen_ai.operation.name" in text:
            try:
                told = operations.operation(_operations.decode(raw).operation)
            except (DecodeError, ValidationError):
                raise OutOfTheOrdinary from None
    # A record's own word goes before its attributes.
    operation = operations.operation(half.operation) if half.operation is not None else told
    if operation in CALL_OPERATIONS or told in CALL_OPERATIONS:
        raise OutOfTheOrdinary
    return operation or "other"


def latency_of(half: Half, start: float) -> float:
    """Seconds that a response says, or implies, that its call took. Raises OutOfTheOrdinary."""
    end = parse_time(half.timestamp)
    if end is not None and end < start:
        raise OutOfTheOrdinary
    if half.latency_ms is not None:
        latency = half.latency_ms / 1000.0
    elif end is not None:
        latency = end - start
    else:
        raise OutOfTheOrdinary
    if not 0.0 <= latency <= MAX_DURATION_S or (half.ttft_ms is not None and half.ttft_ms < 0):
        raise OutOfTheOrdinary
    return latency


def outcome_of(half: Half) -> tuple[str, Failure | None]:
    """How a call ended, and why it failed."""
    error = half.error
    if error is not None and error is not False and error != "":
        kind, message = errors.told(error)
        status = "cancelled" if half.status == "cancelled" else "error"
        return status, Failure(half.error_type or kind or "error", message)
    if half.error_type is not None:
        return "error", Failure(half.error_type)
    status = errors.status(half.status) or "ok"
    return status, Failure("error") if status == "error" else None


def cache_of(half: Half) -> Cache | None:
    """The rarer parts of a call's usage."""
    read, write, reasoning = half.cache_read_tokens, half.cache_write_tokens, half.reasoning_tokens
    if read is None and write is None and reasoning is None:
        return None
    return Cache(read, write, half.cache_write_1h_tokens, reasoning)
