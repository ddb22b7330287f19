"""Values of loosely typed records, read leniently: what is not of the kind wanted is not told."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from msgspec import DecodeError, json

MOST_TOKENS = 10**12
"""More tokens than this in one call are a broken record."""


def text(value: object) -> str | None:
    """A text that says something; numbers are written out."""
    if type(value) is str:
        return value or None
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return str(value)
    return None


def number(value: object) -> float | None:
    """A finite number, also where it is written as text."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = float(value)  # type: ignore[arg-type]  # the errors are caught
    except (TypeError, ValueError, OverflowError):
        return None
    return found if isfinite(found) else None


def count(value: object) -> int | None:
    """A count of tokens: a whole number that is not negative."""
    if type(value) is int:
        return value if 0 <= value <= MOST_TOKENS else None
    found = number(value)
    if found is None or not 0 <= found <= MOST_TOKENS:
        return None
    return int(found)


def mapping(value: object) -> Mapping[str, Any]:
    """An object, also where it is JSON in a text; empty if it is neither."""
    if isinstance(value, dict):
        return value
    if type(value) is str and value[:1] == "{":
        try:
            found = json.decode(value)
        except (DecodeError, UnicodeError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}
    return {}


def parsed(value: object) -> Any:
    """A value, decoded where it is JSON in a text."""
    if type(value) is str and value[:1] in {"{", "[", '"'}:
        try:
            return json.decode(value)
        except (DecodeError, UnicodeError, RecursionError):
            return value
    return value


def shown(value: object) -> str:
    """Any value as text: texts as they are, the rest as JSON."""
    if isinstance(value, str):
        return value
    try:
        return json.encode(value).decode()
    except (TypeError, UnicodeError, RecursionError):
        return repr(value)


def laid_out(value: object) -> str:
    """Any value as JSON laid out for reading."""
    try:
        return json.format(json.encode(value), indent=2).decode("utf-8", "replace")
    except (TypeError, UnicodeError, RecursionError):
        return repr(value)
