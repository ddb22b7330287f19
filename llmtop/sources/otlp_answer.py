"""Answers to OTLP requests, in the content type of the request."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import json
from starlette.responses import Response

PROTOBUF = "application/x-protobuf"
JSON = "application/json"

_REJECTED = {
    "traces": "rejectedSpans",
    "logs": "rejectedLogRecords",
    "metrics": "rejectedDataPoints",
}
_RPC_CODES = {400: 3, 403: 7, 404: 5, 405: 12, 413: 8, 415: 3, 429: 8, 503: 14}
"""The codes of `google.rpc.Status` that say the same as those of HTTP."""


def accepted(signal: str, content_type: str, rejected: int, reason: str | None) -> Response:
    """All or part of a request was taken."""
    if content_type == PROTOBUF:
        partial = _number(1, rejected) + _text(2, reason or "") if rejected else b""
        return Response(_bytes(1, partial) if partial else b"", media_type=PROTOBUF)
    told: dict[str, object] = {}
    if rejected:
        told["partialSuccess"] = {_REJECTED[signal]: str(rejected), "errorMessage": reason or ""}
    return Response(json.encode(told), media_type=JSON)


def refused(
    status: int, sentence: str, content_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Nothing was taken, and why: a `google.rpc.Status`."""
    code = _RPC_CODES.get(status, 2)
    if content_type == PROTOBUF:
        body, media_type = _number(1, code) + _text(2, sentence), PROTOBUF
    else:
        body, media_type = json.encode({"code": code, "message": sentence}), JSON
    return Response(body, status, headers=headers, media_type=media_type)


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())
