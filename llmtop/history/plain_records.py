"""Native records of plain calls: decoded as far as their figures need, or refused.

What a plain record may not tell has the type `None` here, so that the decoder itself refuses it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import DecodeError, Struct, ValidationError, defstruct, field, json

from llmtop.decode import attributes, errors, operations
from llmtop.decode.documents import lines_of
from llmtop.decode.native import Count, Dollars
from llmtop.sources.chunk import Chunk
from llmtop.span import CALL_OPERATIONS, Cache, Failure

_OF_CALLS = {"operation", "model", "response_model"}
_BOUNDARIES = frozenset({"execute_tool", "invoke_agent", "turn"})
"""A call made by a tool or an agent is a call of its own, not the inside of the one around it."""


Place = str | bool
"""Where a span stands: the id of its parent, "" at the root, `False` for a boundary, below which
it does not matter what is above it; `True` is a call."""


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
    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    estimated_cost: Dollars | None = None
    latency_ms: float | None = None
    ttft_ms: float | None = None
    cache_read_tokens: Count | None = None
    cache_write_tokens: Count | None = None
    cache_write_1h_tokens: Count | None = None
    reasoning_tokens: Count | None = None
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


class Records(NamedTuple):
    """What some lines tell."""

    spans: list[SpanRecord]
    requests: list[Request]
    responses: list[Response]


_Told = Request | Response | SpanRecord
_record = json.Decoder(_Told, strict=False)
_records = json.Decoder(list[_Told | None], strict=False)


def read(chunk: Chunk) -> Records:
    """The records of a chunk, if each line is a plain one. Raises OutOfTheOrdinary."""
    if chunk.whole:
        raise OutOfTheOrdinary
    lines = chunk.data
    # As one array, for then what is laid out over lines, and is no line, is no JSON either.
    end = b"null]" if lines.endswith(b"\n") else b",null]"
    try:
        records = _records.decode(b"".join((b"[", lines.replace(b"\n", b","), end)))
    except _UNREADABLE:
        return _read_singly(lines)
    records.pop()
    return _sorted(records)


_UNREADABLE = (DecodeError, ValidationError, UnicodeDecodeError, RecursionError)


def _read_singly(lines: bytes) -> Records:
    """The records of lines of which some are blank."""
    try:
        return _sorted([_record.decode(line) for line in lines_of(lines)])
    except _UNREADABLE:
        raise OutOfTheOrdinary from None


def _sorted(records: Iterable[_Told | None]) -> Records:
    found = Records([], [], [])
    spans, requests, responses = found
    for record in records:
        kind = type(record)
        if kind is SpanRecord:
            spans.append(record)  # type: ignore[arg-type]  # it is one
        elif kind is Request:
            requests.append(record)  # type: ignore[arg-type]  # it is one
        elif kind is Response:
            responses.append(record)  # type: ignore[arg-type]  # it is one
        else:
            raise OutOfTheOrdinary
    return found


def places(spans: Iterable[SpanRecord]) -> dict[str, Place]:
    """Where spans stand, by their ids. Raises OutOfTheOrdinary for calls, and where they moved."""
    found: dict[str, Place] = {}
    for span in spans:
        told = span.attributes
        place: Place
        if span.operation is None and (told is None or told.operation is None):
            place = span.parent_id or ""
        else:
            place = _place(span)
        if found.setdefault(span.span_id, place) != place:
            raise OutOfTheOrdinary
    return found


def _place(span: SpanRecord) -> Place:
    told = None if span.attributes is None else _kind(span.attributes.operation)
    own = told if span.operation is None else _kind(span.operation)
    if own is _CALL or told is _CALL:
        raise OutOfTheOrdinary
    return False if own is _BOUNDARY else span.parent_id or ""


def has_failed(response: Response) -> bool:
    """Whether an error is told."""
    error = response.error
    return response.error_type is not None or (
        error is not None and error is not False and error != ""
    )


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
