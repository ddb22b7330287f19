"""Cuts bytes into documents: lines, or JSON values that are laid out over several lines."""

from __future__ import annotations

from json import JSONDecodeError, JSONDecoder
from typing import Any

_decoder = JSONDecoder(strict=False)


def lines_of(data: bytes) -> list[bytes]:
    """The lines that are not blank, without their ends."""
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    return [line for line in data.split(b"\n") if line and not line.isspace()]


def values_of(data: bytes) -> tuple[list[Any], str | None]:
    """The JSON values that stand one after the other, and a reason if the rest is none.

    Arrays are opened: their elements are the values.
    """
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
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
