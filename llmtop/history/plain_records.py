"""Native records of plain calls: decoded as far as their figures need, or refused.

What a plain record may not tell has the type `None` here, so that the decoder itself refuses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import DecodeError, Struct, ValidationError, defstruct, field, json

from llmtop.decode import attributes, errors, operations
from llmtop.decode.documents import line_count
from llmtop.decode.timestamps import parse_time
from llmtop.sources.chunk import Chunk
from llmtop.span import CALL_OPERATIONS, MAX_DURATION_S, Cache, Failure

_OF_CALLS = {"operation", "model", "response_model"}
_BOUNDARIES = frozenset({"execute_tool", "invoke_agent", "turn"})
"""A call made by a tool or an agent is a call of its own, not the inside of the one around it."""


class OutOfTheOrdinary(Exception):  # noqa: N818 - it is a verdict on a log, not a fault
    """A log that is not plain."""


def _untold(keys: set[str]) -> list[Any]:
    return [
        (f"untold_{number}", None, field(default=None, name=key))
        for number, key in enumerate(sorted(keys))
    ]


if TYPE_CHECKING:

    class Harmless(Struct):
        """Attributes that tell nothing of a call's figures."""

    class SpanAttributes(Struct):
        """Attributes of a span that calls no model."""

        operation: str | None = None

else:
    Harmless = defstruct("Harmless", _untold(set(attributes.WANTED)), gc=False)
    SpanAttributes = defstruct(
        "SpanAttributes",
        [
            ("operation", str | None, field(default=None, name="gen_ai.operation.name")),
            *_untold(
                {key for key, rule in attributes.RULES.items() if rule[0] in _OF_CALLS}
                - {"gen_ai.operation.name"}
                | {"ai.operationId", "request_data"}
            ),
        ],
        gc=False,
    )


class Request(Struct, tag_field="type", tag="request", gc=False):
    """What is asked of a model."""

    request_id: str
    timestamp: str | float
    provider: str | None = None
    model: str | None = None
    operation: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    span_id: str | None = None
    parent_id: str | None = None
    stream: bool | None = None
    agent_name: str | None = None
    attributes: Harmless | None = None
    prompt_tokens: None = None
    completion_tokens: None = None
    cache_read_tokens: None = None
    cache_write_tokens: None = None
    cache_write_1h_tokens: None = None
    reasoning_tokens: None = None
    estimated_cost: None = None
    latency_ms: None = None
    ttft_ms: None = None
    status: None = None
    error: None = None
    error_type: None = None
    response_id: None = None
    otel_scope: None = None


class Response(Struct, tag_field="type", tag="response", gc=False):
    """What a model answered, or why it did not."""

    request_id: str
    timestamp: str | float | None = None
    model: str | None = None
    error: Any = None
    error_type: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    estimated_cost: float | None = None
    latency_ms: float | None = None
    ttft_ms: float | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    reasoning_tokens: int | None = None
    status: str | None = None
    response_id: str | None = None
    provider: str | None = None
    span_id: str | None = None
    parent_id: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    agent_name: str | None = None
    attributes: Harmless | None = None
    operation: None = None
    otel_scope: None = None


class SpanRecord(Struct, tag_field="type", tag="span", gc=False):
    """A span that calls no model."""

    span_id: str
    parent_id: str | None = None
    operation: str | None = None
    attributes: SpanAttributes | None = None
    model: None = None
    request_id: None = None

    @property
    def is_boundary(self) -> bool:
        """Whether what is below is no part of what is above. Raises OutOfTheOrdinary for a call."""
        told = None if self.attributes is None else _kind(self.attributes.operation)
        own = told if self.operation is None else _kind(self.operation)
        if own is _CALL or told is _CALL:
            raise OutOfTheOrdinary
        return own is _BOUNDARY


_CALL = "call"
_BOUNDARY = "boundary"
_kinds: dict[str | None, str | None] = {None: None}


def _kind(operation: str | None) -> str | None:
    try:
        return _kinds[operation]
    except KeyError:
        name = operations.operation(operation)
        kind = _CALL if name in CALL_OPERATIONS else _BOUNDARY if name in _BOUNDARIES else None
        if len(_kinds) < 1000:
            _kinds[operation] = kind
        return kind


def is_call(operation: str | None) -> bool:
    """Whether an operation, as a request tells it, calls a model; untold, it does."""
    return operation is None or _kind(operation) is _CALL


Told = Request | Response | SpanRecord
_records = json.Decoder(Told, strict=False)


def read(chunk: Chunk) -> Sequence[Told]:
    """The records of a chunk, if each line is a plain one. Raises OutOfTheOrdinary."""
    data = chunk.data
    if chunk.whole:
        raise OutOfTheOrdinary
    try:
        records = _records.decode_lines(data)
    except (DecodeError, ValidationError, UnicodeDecodeError, RecursionError):
        raise OutOfTheOrdinary from None
    if len(records) != line_count(data):
        raise OutOfTheOrdinary
    return records


def latency_of(response: Response, start: float) -> float:
    """Seconds that a response says, or implies, that its call took. Raises OutOfTheOrdinary."""
    end = parse_time(response.timestamp)
    if end is not None and end < start:
        raise OutOfTheOrdinary
    if response.latency_ms is not None:
        latency = response.latency_ms / 1000.0
    elif end is not None:
        latency = end - start
    else:
        raise OutOfTheOrdinary
    if not 0.0 <= latency <= MAX_DURATION_S:
        raise OutOfTheOrdinary
    if response.ttft_ms is not None and response.ttft_ms < 0:
        raise OutOfTheOrdinary
    return latency


def outcome_of(response: Response) -> tuple[str, Failure | None]:
    """How a call ended, and why it failed."""
    error = response.error
    if error is not None and error is not False and error != "":
        kind, message = errors.told(error)
        status = "cancelled" if response.status == "cancelled" else "error"
        return status, Failure(response.error_type or kind or "error", message)
    if response.error_type is not None:
        return "error", Failure(response.error_type)
    if response.status is None:
        return "ok", None
    status = errors.status(response.status) or "ok"
    return status, Failure("error") if status == "error" else None


def cache_of(response: Response) -> Cache | None:
    """The rarer parts of a call's usage."""
    read_, write = response.cache_read_tokens, response.cache_write_tokens
    reasoning = response.reasoning_tokens
    if read_ is None and write is None and reasoning is None:
        return None
    return Cache(read_, write, response.cache_write_1h_tokens, reasoning)
