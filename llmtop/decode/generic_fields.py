"""What is taken for what in an object of unknown make, and where each value was found."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from llmtop.decode.generic_names import (
    HOLDERS,
    INDEX,
    NAMES,
    SHORT_TOKENS,
    TOKEN_HOLDERS,
    UNTOLD,
    canonical,
)
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, number

_DEEPEST = 4
_MOST_KEYS = 400
"""Keys that are looked at in one record."""
_OLDEST = 1e8
"""A smaller number (seconds since the epoch) is not a moment that a log tells."""
_MILLISECONDS_FROM = 100
"""A whole number of this size, without a unit, counts milliseconds; a fraction from 1000 on."""
_NANOSECONDS_FROM = 1e7

COUNTS = frozenset(
    {
        "input_tokens",
        "output_tokens",
        "total_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "reasoning_tokens",
    }
)
_ANYTHING = frozenset({"error", "status", "stream", "finish_reason"})
_TIMES = frozenset({"time", "start", "end"})
_TEXT_IN = frozenset({"input", "output"})

Mapped = Mapping[str, tuple[str, ...]]
"""The user's own names: for each field, paths such as `stats.in`, tried before all others."""
UNITS = {"_ms": 1e-3, "_s": 1.0, "_us": 1e-6, "_ns": 1e-9}


class Taken(Struct):
    """The values of a record by the fields they tell, and the path of each."""

    values: dict[str, Any]
    paths: dict[str, str]
    ranks: dict[str, int]

    def put(self, field: str, value: object, path: str, rank: int) -> None:
        """Take a value for a field, unless a better name told it already."""
        known = self.ranks.get(field)
        if known is not None and known <= rank:
            return
        self.values[field] = value
        self.paths[field] = path
        self.ranks[field] = rank


def taken(document: Mapping[str, Any], mapped: Mapped | None = None) -> Taken:
    """Find the values of a record; outer ones go before inner ones, likelier names before others.

    `duration` and `ttft` come out in seconds.
    """
    found = Taken({}, {}, {})
    if mapped:
        _take_mapped(document, mapped, found)
    _take(document, "", 0, found, [_MOST_KEYS])
    return found


def _take(
    holder: Mapping[str, Any], path: str, depth: int, found: Taken, keys_left: list[int]
) -> None:
    inner: list[tuple[str, str, Mapping[str, Any]]] = []
    for key, value in holder.items():
        keys_left[0] -= 1
        if keys_left[0] < 0:
            return
        if value is None or type(key) is not str:
            continue
        name = canonical(key)
        hit = INDEX.get(name)
        if hit is not None:
            field, rank, unit = hit
            fit = _fit(field, value, unit)
            if fit is not None:
                found.put(field, fit, f"{path}{key}", depth * 1000 + rank)
        if name in HOLDERS and isinstance(value, dict):
            inner.append((name, f"{path}{key}.", value))
    if depth >= _DEEPEST:
        return
    for name, below, value in inner:
        if name in TOKEN_HOLDERS:
            _take_tokens(value, below, depth, found)
        if name == "record" and isinstance(value.get("time"), dict):
            # loguru writes its moment as an object
            moment = parse_time(value["time"].get("timestamp"))
            if moment is not None:
                found.put("time", moment, f"{below}time.timestamp", depth * 1000)
        _take(value, below, depth + 1, found, keys_left)
        if name == "extra":
            for key, deeper in value.items():
                if isinstance(deeper, dict) and canonical(key) not in HOLDERS:
                    _take(deeper, f"{below}{key}.", depth + 2, found, keys_left)


def _take_tokens(holder: Mapping[str, Any], path: str, depth: int, found: Taken) -> None:
    for key, value in holder.items():
        field = SHORT_TOKENS.get(canonical(key))
        told = count(value) if field is not None and not isinstance(value, dict) else None
        if field is not None and told is not None:
            found.put(field, told, f"{path}{key}", depth * 1000 + 500)


def _take_mapped(document: Mapping[str, Any], mapped: Mapped, found: Taken) -> None:
    for field, paths in mapped.items():
        plain, unit = _with_unit(field)
        for path in paths:
            value = at_path(document, path)
            fit = None if value is None else _fit(plain, value, unit)
            if fit is not None:
                found.put(plain, fit, path, -1)
                break


def _with_unit(field: str) -> tuple[str, float]:
    for suffix, unit in UNITS.items():
        plain = field.removesuffix(suffix)
        if plain != field and plain in {"duration", "ttft"}:
            return plain, unit
    return field, UNTOLD


def at_path(document: Mapping[str, Any], path: str) -> Any:
    """The value at a path of names with points between them; a name may have points itself."""
    if path in document:
        return document[path]
    name, point, rest = path.partition(".")
    while point:
        inner = document.get(name)
        if isinstance(inner, dict):
            found = at_path(inner, rest)
            if found is not None:
                return found
        more, point, rest = rest.partition(".")
        name = f"{name}.{more}"
    return None


def is_field(name: str) -> bool:
    """Whether a field can be mapped."""
    return name in NAMES or _with_unit(name)[0] in {"duration", "ttft"}


FIELDS = (*NAMES, *(f"{name}{unit}" for name in ("duration", "ttft") for unit in ("", *UNITS)))
"""The fields that a mapping may name."""


def _fit(field: str, value: object, unit: float) -> Any:
    """A value of the kind that a field has, or `None`."""
    if field in COUNTS:
        return None if isinstance(value, dict | list) else count(value)
    if field in {"duration", "ttft"}:
        return _seconds(value, unit)
    if field in _TIMES:
        moment = parse_time(value)
        return moment if moment is not None and moment > _OLDEST else None
    if field in _ANYTHING or _KINDS.get(field, _is_name)(value):
        return value
    return None


def _is_name(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


_KINDS: Mapping[str, Callable[[object], bool]] = {
    **dict.fromkeys(_TEXT_IN, lambda value: isinstance(value, str | list | dict)),
    **dict.fromkeys(("model", "provider", "name"), lambda value: isinstance(value, str)),
    "cost": lambda value: not isinstance(value, dict | list) and number(value) is not None,
}

_WRITTEN = re.compile(
    r"\s*(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|milliseconds?|s|secs?|seconds?)?\s*\Z", re.IGNORECASE
)
_CLOCK = re.compile(r"\s*(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s*\Z")
_LETTERS = {"n": 1e-9, "u": 1e-6, "µ": 1e-6, "m": 1e-3, "s": 1.0}


def _seconds(value: object, unit: float) -> float | None:
    if isinstance(value, str):
        written = _WRITTEN.match(value)
        if written is not None:
            if written.group(2):
                return float(written.group(1)) * _LETTERS[written.group(2)[0].lower()]
            value = float(written.group(1)) if "." in value else int(written.group(1))
        else:
            clock = _CLOCK.match(value)
            if clock is None:
                return None
            hours, minutes, seconds = clock.groups()
            return int(hours or 0) * 3600.0 + int(minutes) * 60.0 + float(seconds)
    told = number(value)
    if told is None:
        return None
    return told * (unit if unit != UNTOLD else _unit_of(told, whole=isinstance(value, int)))


def _unit_of(size: float, *, whole: bool) -> float:
    """The likely unit of a duration without one: few calls take minutes, none take hours."""
    if size >= _NANOSECONDS_FROM:
        return 1e-9
    if size >= (_MILLISECONDS_FROM if whole else 10 * _MILLISECONDS_FROM):
        return 1e-3
    return 1.0
