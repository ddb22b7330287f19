"""Values and texts of logs for reading: JSON is laid out, everything else stays as it is."""

from __future__ import annotations

from typing import Any

from msgspec import DecodeError, json

LONGEST_LAID_OUT = 64_000_000
"""Characters of a text that are still looked at for being JSON."""


def pretty(text: str) -> str | None:
    """A text laid out, if it is a JSON object or array; otherwise `None`."""
    start = text.lstrip()[:1]
    if start not in {"{", "["} or len(text) > LONGEST_LAID_OUT:
        return None
    try:
        return _laid_out(json.decode(text.encode("utf-8", "surrogatepass")))
    except (DecodeError, UnicodeError, RecursionError):
        return None


def value_text(value: Any) -> str:
    """Any value as text: texts as they are (an empty one quoted), the rest as JSON laid out."""
    if isinstance(value, str):
        return value or '""'
    if isinstance(value, dict | list) and value:
        try:
            return _laid_out(value)
        except (TypeError, UnicodeError, RecursionError):
            return repr(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _laid_out(value: Any) -> str:
    return json.format(json.encode(value), indent=2).decode("utf-8", "replace")
