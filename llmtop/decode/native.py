"""The native records: request, response and span, one JSON object a line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from msgspec import DecodeError, Meta, Raw, ValidationError, field, json

from llmtop.decode import errors, native_payload, operations, providers, record_attributes
from llmtop.decode.format import Document, Format, Unreadable, tells_of
from llmtop.decode.native_payload import FIELDS
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import MOST_TOKENS, count, mapping, number, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_STREAM = int(Flag.STREAM)
_LOCAL = int(Flag.LOCAL)

_NOTHING = Raw(b"")


Count = Annotated[int, Meta(ge=0, le=MOST_TOKENS)]
Dollars = Annotated[float, Meta(ge=0)]


class Record(Fragment, gc=False):
    """A record, decoded straight into the fragment that it tells; payload fields stay undecoded.

    Fields that are not told under the fragment's own name are given the record's, or one that no
    record has.
    """

    type: str | None = None
    input_tokens: Count | None = field(default=None, name="prompt_tokens")
    output_tokens: Count | None = field(default=None, name="completion_tokens")
    duration: float | None = field(default=None, name="latency_ms")
    ttft: float | None = field(default=None, name="ttft_ms")
    cost: Dollars | None = field(default=None, name="estimated_cost")
    start: float | None = field(default=None, name="(start)")
    end: float | None = field(default=None, name="(end)")
    response_model: str | None = field(default=None, name="(response_model)")
    agent: str | None = field(default=None, name="agent_name")
    flags: int = field(default=0, name="(flags)")
    place: int = field(default=-1, name="(place)")
    error_message: str | None = field(default=None, name="(error_message)")
    scope: str | None = field(default=None, name="otel_scope")
    timestamp: Any = None
    messages: Raw = _NOTHING
    content: Raw = _NOTHING
    stream: bool | None = None
    start_time: Any = None
    end_time: Any = None
    error: Any = None
    attributes: Any = None


class InOrder(Record, gc=False):
    """A record whose times are ISO 8601 in full or numbers: the decoder reads these quickest."""

    timestamp: datetime | float | None = None
    start_time: datetime | float | None = None
    end_time: datetime | float | None = None


_in_order = json.Decoder(InOrder, strict=False)
_records = json.Decoder(Record, strict=False)
_ERRORS = (DecodeError, ValidationError, UnicodeDecodeError, RecursionError)

_TYPES = frozenset({"request", "response", "span"})


class Native(Format):
    """The records of the logging guide and of llmtop's own emitter."""

    name = "native"

    def __init__(self) -> None:
        self._decoder: json.Decoder[Any] = _in_order

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by its type, or by nothing but the guide's fields around an id."""
        kind = document.get("type")
        if kind in _TYPES:
            return "request_id" in document or "span_id" in document
        if kind is not None or not FIELDS.issuperset(document):
            return False
        if "request_id" in document:
            return "timestamp" in document and len(document) > 2
        return "span_id" in document and "start_time" in document

    def read_lines(self, data: bytes, lines: int, place: int) -> Sequence[Fragment] | None:
        """All lines at once, if each is a native record in good order."""
        records = self._decoded(data)
        if records is None or len(records) != lines:
            return None
        for at, record in enumerate(records, place):
            if not finish(record, at):
                return None
        return records

    def _decoded(self, data: bytes) -> list[Record] | None:
        try:
            records: list[Record] = self._decoder.decode_lines(data)
        except ValidationError:
            if self._decoder is _records:
                return None
            # Writers of other times write them in every line.
            self._decoder = _records
            return self._decoded(data)
        except _ERRORS:
            return None
        return records

    def read_line(self, line: bytes, place: int) -> Sequence[Fragment] | None:
        """One line in good order."""
        try:
            record = _records.decode(line)
        except _ERRORS:
            return None
        return (record,) if finish(record, place) else None

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """Any record, also one with values of the wrong kind: those are left out."""
        if not self.recognises(document):
            return None
        record = lenient(document)
        if not finish(record, place):
            raise Unreadable("a native record without request_id and span_id")
        return (record,)

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Messages, answers and attributes of the records of a span."""
        fragments = self.read(document, span.opened_at) or ()
        if any(tells_of(fragment, span) for fragment in fragments):
            native_payload.describe(document, payload)


def finish(record: Record, place: int) -> bool:
    """Work out what a decoded record tells; whether it is a native record at all."""
    kind = record.type
    if kind is None:
        kind = _kind_of(record)
    if kind == "request":
        if record.request_id is None:
            return False
        record.start = _moment(record.timestamp)
        record.flags = _OPENED | _STREAM if record.stream else _OPENED
    elif kind == "response":
        if record.request_id is None:
            return False
        record.end = _moment(record.timestamp)
        record.flags = _ENDED
        record.response_model, record.model = record.model, None
        _finish_outcome(record)
    elif kind == "both":
        record.end = _moment(record.timestamp)
        record.flags = _OPENED | _ENDED
        _finish_outcome(record)
    elif kind == "span":
        if record.span_id is None:
            return False
        _finish_span(record)
    else:
        return False
    record.place = place
    if record.attributes is not None:
        told = mapping(record.attributes)
        if told:
            record_attributes.fill_in(record, told)
    if record.operation is not None and kind != "span":
        record.operation = operations.operation(record.operation)
    if record.provider is not None:
        record.provider = providers.provider(record.provider)
        if providers.is_local_provider(record.provider):
            record.flags |= _LOCAL
    # What is undecoded holds on to the whole chunk.
    record.messages = record.content = _NOTHING
    record.attributes = None
    return True


def _moment(told: Any) -> float | None:
    if type(told) is not datetime:
        return parse_time(told)
    try:
        return told.timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _kind_of(record: Record) -> str | None:
    if record.span_id is not None and record.start_time is not None:
        return "span"
    if record.request_id is None:
        return None
    answered = (
        record.duration is not None
        or _is_told(record.content)
        or record.output_tokens is not None
        or record.finish_reason is not None
        or record.error is not None
    )
    if _is_told(record.messages):
        return "both" if answered else "request"
    return "response" if answered or record.model is None else "request"


def _is_told(value: Raw) -> bool:
    return value is not _NOTHING and bytes(value) != b"null"


def _finish_outcome(record: Record) -> None:
    if record.duration is not None:
        record.duration /= 1000.0
    if record.ttft is not None:
        record.ttft /= 1000.0
    error = record.error
    if error is not None and error is not False and error != "":
        record.status = "cancelled" if record.status == "cancelled" else "error"
        kind, record.error_message = errors.told(error)
        record.error_type = record.error_type or kind
    elif record.error_type is not None:
        record.status = "error"
    else:
        told = record.status
        record.status = "ok" if told is None or told == "ok" else errors.status(told) or "ok"


def _finish_span(record: Record) -> None:
    record.start = _moment(record.start_time)
    record.flags = _OPENED | _STREAM if record.stream else _OPENED
    if record.operation is not None:
        record.operation = operations.operation(record.operation)
    if record.end_time is not None or (record.duration is not None and record.duration >= 0):
        record.end = _moment(record.end_time)
        record.flags |= _ENDED
        _finish_outcome(record)


def lenient(document: Document) -> Record:
    """A record from an object whose values may be of any kind."""
    record = Record()
    for name in _TEXTS:
        setattr(record, name, text(document.get(name)))
    record.input_tokens = count(document.get("prompt_tokens"))
    record.output_tokens = count(document.get("completion_tokens"))
    for name in _COUNTS:
        setattr(record, name, count(document.get(name)))
    record.scope = text(document.get("otel_scope"))
    record.duration = number(document.get("latency_ms"))
    record.ttft = number(document.get("ttft_ms"))
    cost = number(document.get("estimated_cost"))
    record.cost = None if cost is None or cost < 0 else cost
    record.agent = text(document.get("agent_name"))
    for name in ("timestamp", "start_time", "end_time", "error", "attributes"):
        setattr(record, name, document.get(name))
    for name in ("messages", "content"):
        if document.get(name) is not None:
            setattr(record, name, Raw(b"{}"))
    record.stream = document.get("stream") in (True, "true", 1)
    return record


_TEXTS = (
    "type",
    "request_id",
    "span_id",
    "trace_id",
    "parent_id",
    "model",
    "provider",
    "operation",
    "name",
    "user_id",
    "session_id",
    "finish_reason",
    "status",
    "error_type",
    "response_id",
)
_COUNTS = ("cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens", "reasoning_tokens")
