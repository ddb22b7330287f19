"""The heavy part of a span, from the records that tell of it, read again where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmtop.decode.documents import values_of
from llmtop.decode.format import Format, tells_of, with_plain_type
from llmtop.decode.values import laid_out
from llmtop.decode.wrapped import MOST_WRAPPERS, objects_of, record_in_text, records_in
from llmtop.payload import Payload
from llmtop.sources.chunk import split_place
from llmtop.span import Span


def payload_of(
    formats: Sequence[type[Format]], records: Sequence[tuple[int, bytes]], span: Span
) -> Payload:
    """The heavy part of a span, from the places and bytes of the records that tell of it."""
    payload = Payload()
    for at, data in records:
        values, _ = values_of(data)
        if not any(isinstance(value, dict | list) for value in values):
            inner = record_in_text(data)
            values = [] if inner is None else [inner]
        if span.span_id.startswith("@"):
            values = _the_one(values, span.span_id, at)
        own = at in (span.opened_at, span.ended_at)
        for value in values:
            if isinstance(value, dict):
                _describe(formats, value, span, payload, own=own and len(values) == 1)
    if records and not payload.raw:
        payload.missing = "The records of this call could not be read again."
    return payload


def _describe(
    formats: Sequence[type[Format]],
    value: dict[str, Any],
    span: Span,
    payload: Payload,
    *,
    own: bool,
    wrappers: int = 0,
) -> None:
    value = with_plain_type(value)
    for kind in formats:
        if kind.recognises(value):
            before = (payload.input, payload.output, len(payload.attributes))
            records = len(payload.raw)
            try:
                if span.failed:
                    payload.error = _error_of(kind(), value, span) or payload.error
                kind().describe(value, span, payload)
            except Exception:  # noqa: S112 - what cannot be shown of a record is left out
                continue
            told = before != (payload.input, payload.output, len(payload.attributes))
            if len(payload.raw) == records and (own or told):
                payload.raw += (laid_out(value),)
            return
    if wrappers < MOST_WRAPPERS:
        carried = list(records_in(value))
        for each in carried:
            only = own and len(carried) == 1
            _describe(formats, each, span, payload, own=only, wrappers=wrappers + 1)


def _error_of(reader: Format, value: dict[str, Any], span: Span) -> str | None:
    """The message of a span's error as its record has it, whatever its length."""
    told = (each for each in reader.read(value, span.opened_at) or () if tells_of(each, span))
    return next((each.error_message for each in told if each.error_message), None)


def _the_one(values: list[Any], span_id: str, at: int) -> list[Any]:
    """The one of several records that a span without an id of its own came from."""
    _, point, number = span_id.partition(".")
    if point and number.isdigit():
        index = int(number)
        records = list(objects_of(values))
        if len(records) == 1:
            records = list(records_in(records[0])) or records
        return records[index : index + 1]
    if len(values) == 1:
        return values
    index = split_place(at)[1]
    return values[index : index + 1]
