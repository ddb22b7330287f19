"""Masks what was logged unmasked: the same patterns as in the emitter, on what leaves here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import DecodeError, convert, json, structs, to_builtins

from llmtop.emit.privacy import Privacy
from llmtop.payload import Payload
from llmtop.span import Failure, Span

_privacy = Privacy(mask="pii")


def masked_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A flat record without what is personal or secret in its texts; figures and ids stay."""
    told = _privacy.apply(row)
    told.pop("masked", None)
    return told


def masked_payload(payload: Payload) -> Payload:
    """The heavy part of a span, masked."""
    told = _privacy.apply(
        {
            "input": to_builtins(payload.input),
            "output": to_builtins(payload.output),
            "parameters": to_builtins(payload.parameters, enc_hook=str),
            "attributes": to_builtins(payload.attributes, enc_hook=str),
            "events": to_builtins(payload.events, enc_hook=str),
            "raw": list(payload.raw),
            "missing": payload.missing,
        }
    )
    told.pop("masked", None)
    return convert(told, Payload)


def masked_span(span: Span) -> Span:
    """A copy of a span whose texts are masked."""
    told = _privacy.apply({"error": span.failure.message if span.failure else None})
    failure = span.failure
    if failure is not None:
        failure = Failure(failure.type, told["error"])
    return structs.replace(span, failure=failure)


def masked_lines(data: bytes) -> bytes:
    """Lines of JSON, each masked; what cannot be read is left out, unvouched for."""
    found = []
    for line in data.splitlines():
        try:
            value = json.decode(line)
        except (DecodeError, UnicodeDecodeError, RecursionError):
            continue
        if isinstance(value, dict):
            told = _privacy.apply(value)
            found.append(json.encode(told) + b"\n")
    return b"".join(found)
