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


_MOST_SHAPES = 256
_Step = tuple[str, str, str | None, float, Callable[[object, float], Any]]
"""A field, the key it was taken from, the key within that one's object, its unit, its kind."""


class Shapes:
    """Remembers of records with the same keys where their fields are.

    Programs write few kinds of lines: the names of each are looked up once.
    """

    def __init__(self, mapped: Mapped | None) -> None:
        self._mapped = mapped
        self._known: dict[object, tuple[list[_Step], Taken] | None] = {}

    def taken(self, document: Mapping[str, Any]) -> Taken:
        """What `taken` finds."""
        if self._mapped:
            return taken(document, self._mapped)
        shape = _shape(document)
        if shape in self._known:
            known = self._known[shape]
            if known is not None:
                found = _by_steps(document, *known)
                if found is not None:
                    return found
            return taken(document)
        found = taken(document)
        if len(self._known) >= _MOST_SHAPES:
            self._known.clear()
        steps = _steps(document, found)
        self._known[shape] = None if steps is None else (steps, found)
        return found


def _shape(document: Mapping[str, Any]) -> object:
    """The keys of a record and the kinds of their values, and the same of the objects in it."""
    kinds = tuple(map(type, document.values()))
    if dict not in kinds:
        return tuple(document), kinds
    inner = [
        (tuple(value), tuple(map(type, value.values())))
        for value in document.values()
        if type(value) is dict
    ]
    return tuple(document), kinds, *inner


def _steps(document: Mapping[str, Any], found: Taken) -> list[_Step] | None:
    """Where the fields were found, if no object below the second level could tell of any."""
    for value in document.values():
        if type(value) is dict and any(type(inner) is dict for inner in value.values()):
            return None
    steps: list[_Step] = []
    for field, path in found.paths.items():
        key: str = path
        inner: str | None = None
        if path not in document:
            key, _, inner = path.partition(".")
            if type(document.get(key)) is not dict or inner not in document[key]:
                return None
        hit = INDEX.get(canonical(inner or key))
        if hit is not None and hit[0] == field:
            unit = hit[2]
        elif field in COUNTS:
            unit = UNTOLD
        else:
            return None
        steps.append((field, key, inner, unit, _FITS.get(field, _name)))
    return steps


def _by_steps(document: Mapping[str, Any], steps: list[_Step], known: Taken) -> Taken | None:
    values: dict[str, Any] = {}
    for field, key, inner, unit, kind in steps:
        value = document[key]
        fit = kind(value if inner is None else value[inner], unit)
        if fit is None:
            return None
        values[field] = fit
    return Taken(values, known.paths, known.ranks)


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
    return _FITS.get(field, _name)(value, unit)


def _count(value: object, unit: float) -> int | None:
    del unit
    return None if isinstance(value, dict | list) else count(value)


def _moment(value: object, unit: float) -> float | None:
    del unit
    moment = parse_time(value)
    return moment if moment is not None and moment > _OLDEST else None


def _anything(value: object, unit: float) -> object:
    del unit
    return value


def _content(value: object, unit: float) -> object:
    del unit
    return value if isinstance(value, str | list | dict) else None


def _only_text(value: object, unit: float) -> str | None:
    del unit
    return value if isinstance(value, str) else None


def _cost(value: object, unit: float) -> float | None:
    del unit
    return None if isinstance(value, dict | list) else number(value)


def _name(value: object, unit: float) -> object:
    del unit
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


_WRITTEN = re.compile(
    r"\s*(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|milliseconds?|s|secs?|seconds?)?\s*\Z", re.IGNORECASE
)
_CLOCK = re.compile(r"\s*(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s*\Z")
_LETTERS = {"n": 1e-9, "u": 1e-6, "µ": 1e-6, "m": 1e-3, "s": 1.0}


def _seconds(value: object, unit: float) -> float | None:
    if type(value) is float and unit != UNTOLD:
        return value * unit
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


_FITS: Mapping[str, Callable[[object, float], Any]] = {
    **dict.fromkeys(COUNTS, _count),
    **dict.fromkeys(("time", "start", "end"), _moment),
    **dict.fromkeys(("duration", "ttft"), _seconds),
    **dict.fromkeys(("error", "status", "stream", "finish_reason"), _anything),
    **dict.fromkeys(("input", "output"), _content),
    **dict.fromkeys(("model", "provider", "name"), _only_text),
    "cost": _cost,
}
"""For each field what makes a value of it; other fields are names."""
