"""Cuts bytes into documents: lines, or JSON values that are laid out over several lines."""

from __future__ import annotations

from json import JSONDecodeError, JSONDecoder
from typing import Any

from msgspec import DecodeError, json

_decoder = JSONDecoder(strict=False)


_LONG_LINE = 500
"""Lines from this length (bytes) on are found quicker one by one than by looking at each byte."""
_SAMPLE = 16 * 1024
"""Bytes of which the usual length of the lines is judged: the first line alone is often short."""


def lines_of(data: bytes) -> list[bytes]:
    """The lines that are not blank, without their ends."""
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    lines = _long_lines(data) if _is_long(data) else data.split(b"\n")
    return [line for line in lines if line and not line.isspace()]


def line_count(data: bytes) -> int:
    """How many lines there are, blank ones included."""
    if not _is_long(data):
        return data.count(b"\n") + (not data.endswith(b"\n"))
    count, at = 0, data.find(b"\n")
    while at >= 0:
        count += 1
        at = data.find(b"\n", at + 1)
    return count + (not data.endswith(b"\n"))


def _is_long(data: bytes) -> bool:
    sample = min(len(data), _SAMPLE)
    return data.count(b"\n", 0, sample) * _LONG_LINE < sample


def _long_lines(data: bytes) -> list[bytes]:
    lines, start = [], 0
    end = data.find(b"\n")
    while end >= 0:
        lines.append(data[start:end])
        start = end + 1
        end = data.find(b"\n", start)
    return [*lines, data[start:]]


def values_of(data: bytes) -> tuple[list[Any], str | None]:
    """The JSON values that stand one after the other, and a reason if the rest is none.

    Arrays are opened: their elements are the values.
    """
    try:
        whole = json.decode(data)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return _values_in(data.decode("utf-8", "replace").removeprefix("\ufeff"))
    return (whole if isinstance(whole, list) else [whole]), None


def _values_in(text: str) -> tuple[list[Any], str | None]:
    found: list[Any] = []
    at = 0
    while True:
        while at < len(text) and (text[at].isspace() or text[at] in ",\0"):
            at += 1
        if at >= len(text):
            return found, None
        try:
            value, at = _decoder.raw_decode(text, at)
        except (JSONDecodeError, RecursionError) as error:
            reason = error.msg if isinstance(error, JSONDecodeError) else "nested too deeply"
            return found, f"not JSON: {reason}"
        if isinstance(value, list):
            found.extend(value)
        else:
            found.append(value)
