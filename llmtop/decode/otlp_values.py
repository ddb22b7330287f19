"""The values of OTLP's JSON: ids, moments, attributes; lenient with what exporters get wrong."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, number, text

_USUAL_DIGITS = 19
"""Digits of nanoseconds since the epoch, from 2001 to 2286."""
_NO_IDS = frozenset({"0" * 16, "0" * 32, "0x" + "0" * 16, "0x" + "0" * 32})
"""What stands where there is no id."""


def either(told: Mapping[str, Any], camel: str, snake: str) -> Any:
    """A field in the spelling of OTLP's JSON or in that of its protobuf definition."""
    value = told.get(camel)
    return told.get(snake) if value is None else value


def objects(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a list."""
    if isinstance(value, list):
        for each in value:
            if isinstance(each, dict):
                yield each


def attributes_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as a flat mapping; some exporters write them as one already."""
    listed = told.get("attributes")
    if isinstance(listed, dict):
        return listed
    return {
        str(pair.get("key")): any_value(pair.get("value"))
        for pair in objects(listed)
        if pair.get("key") is not None
    }


def any_value(value: object) -> Any:
    """A value of OTLP's AnyValue union as a plain one."""
    if not isinstance(value, dict):
        return value
    for name, inner in value.items():
        if inner is None:
            continue  # some writers name all members
        match name:
            case "stringValue" | "string_value" | "boolValue" | "bool_value":
                return inner
            case "intValue" | "int_value":
                return inner if isinstance(inner, int) else _integer(inner)
            case "doubleValue" | "double_value":
                return number(inner)
            case "arrayValue" | "array_value":
                return _list_of(mapping(inner).get("values"))
            case "kvlistValue" | "kvlist_value":
                return {
                    str(pair.get("key")): any_value(pair.get("value"))
                    for pair in objects(mapping(inner).get("values"))
                }
            case "bytesValue" | "bytes_value":
                return "[bytes]"
            case "values":
                # A list whose wrapper an exporter left out.
                return _list_of(inner)
    return None


def _list_of(values: object) -> list[Any]:
    return [any_value(each) for each in values] if isinstance(values, list) else []


def _integer(told: object) -> int | None:
    try:
        return int(str(told))
    except ValueError:
        found = number(told)
        return None if found is None else int(found)


def identifier(value: object, length: int) -> str | None:
    """An id of so many hexadecimal characters, also where an exporter wrote it in base64."""
    if type(value) is str:
        digits = value if len(value) == length else value.removeprefix("0x")
        if len(digits) == length:
            try:
                binascii.unhexlify(digits)
            except ValueError:
                pass  # it is of another make
            else:
                return None if digits in _NO_IDS else digits.lower()
    told = text(value)
    if told is None or told in _NO_IDS:
        return None
    if told.startswith("0x"):
        return told[2:].lower()
    if len(told) in (length // 2 * 4 // 3 + 3, (length // 2 + 2) // 3 * 4):
        try:
            raw = base64.b64decode(told, validate=True)
        except (binascii.Error, ValueError):
            return told
        if len(raw) * 2 == length:
            return raw.hex() if any(raw) else None
    return told


_MOST_TRACES = 512
_traces: dict[str, str] = {}


def trace_identifier(value: str | None) -> str | None:
    """The id of a trace; most spans are of one that was seen just before."""
    if value is None:
        return None
    found = _traces.get(value)
    if found is None:
        found = identifier(value, 32)
        if found is not None:
            if len(_traces) >= _MOST_TRACES:
                _traces.clear()
            _traces[value] = found
    return found


def moment(value: object) -> float | None:
    """Nanoseconds since the epoch, as seconds; texts may also be ISO 8601."""
    if type(value) is str:
        if not value.isdecimal():
            return parse_time(value)
        if len(value) == _USUAL_DIGITS:
            return int(value) / 1e9
    try:
        nanoseconds = int(value)  # type: ignore[call-overload]  # the errors are caught
    except (TypeError, ValueError, OverflowError):
        return None
    return nanoseconds / 1e9 if nanoseconds > 0 else None
