"""What makes a value of a field: of each kind of value the spellings that logs have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from llmtop.decode.attribute_names import finish_reason
from llmtop.decode.duration_names import UNTOLD
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import MOST_TOKENS, count, number

Kind = Callable[[Any, float], Any]
"""Makes a value of a field from what a log has and the unit of its name; `None` if it is none."""

_OLDEST = 1.4e9
"""Seconds since the epoch (2014): no log of calls is older, and a smaller number is no moment."""

COUNTS = frozenset(
    {
        "input_tokens",
        "output_tokens",
        "total_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "cache_write_1h_tokens",
        "reasoning_tokens",
    }
)


def _count(value: Any, unit: float) -> int | None:
    del unit
    if type(value) is int:
        return value if 0 <= value <= MOST_TOKENS else None
    if type(value) is str:
        value = value.replace(",", "")
    return None if isinstance(value, dict | list) else count(value)


def _moment(value: Any, unit: float) -> float | None:
    del unit
    moment = parse_time(value)
    return moment if moment is not None and moment > _OLDEST else None


def _anything(value: Any, unit: float) -> Any:
    del unit
    return value


def _content(value: Any, unit: float) -> Any:
    del unit
    return value if isinstance(value, str | list | dict) else None


def _only_text(value: Any, unit: float) -> str | None:
    del unit
    return value if type(value) is str and value else None


_COST = re.compile(r"\s*(?:US)?\$?\s*(\d[\d,]*(?:\.\d+)?(?:e-?\d+)?)\s*(?:\$|USD)?\s*\Z", re.I)


def _cost(value: Any, unit: float) -> float | None:
    if type(value) is str:
        written = _COST.match(value)
        if written is None:
            return None
        value = written.group(1).replace(",", "")
    told = None if isinstance(value, dict | list) else number(value)
    if told is None or told < 0:
        return None
    return told if unit == UNTOLD else told * unit


def _name(value: Any, unit: float) -> str | None:
    del unit
    if type(value) is str:
        return value or None
    return str(value) if type(value) is int else None


def _reason(value: Any, unit: float) -> str | None:
    del unit
    if type(value) is str and value[:1] != "[":
        return value or None
    return finish_reason(value)


_WRITTEN = re.compile(
    r"\s*(\d+(?:\.\d+)?(?:e-?\d+)?)\s*(ns|us|µs|μs|ms|milliseconds?|s|secs?|seconds?)?\s*\Z",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\s*(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s*\Z")
_IN_PARTS = re.compile(
    r"\s*(?:PT)?(?=\d)(?:(\d+)\s*h)?\s*(?:(\d+)\s*m)?\s*(?:(\d+(?:\.\d+)?)\s*s)?\s*\Z",
    re.IGNORECASE,
)
_LETTERS = {"n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "s": 1.0}


def _seconds(value: Any, unit: float) -> float | None:
    if type(value) is float:
        return value * unit
    if type(value) is str:
        told = written_seconds(value)
        if told is not None:
            return told
    told = number(value)
    return None if told is None else told * unit


def written_seconds(value: str) -> float | None:
    """A duration in a text that tells its unit itself: `1.5s`, `350 ms`, `0:00:01.5`, `PT2M`."""
    written = _WRITTEN.match(value)
    if written is not None:
        letter = written.group(2)
        return float(written.group(1)) * _LETTERS[letter[0].lower()] if letter else None
    clock = _CLOCK.match(value)
    parts = clock or _IN_PARTS.match(value)
    if parts is None:
        return None
    hours, minutes, seconds = parts.groups()
    return int(hours or 0) * 3600.0 + int(minutes or 0) * 60.0 + float(seconds or 0)


class Written(float):
    """Seconds that a text told with their unit, where others of its name tell none."""


def _untold(value: Any, unit: float) -> float | int | None:
    """A duration as it is, a whole number as such: its size tells the unit later."""
    del unit
    if type(value) is float or type(value) is int:
        return value
    if type(value) is str:
        told = written_seconds(value)
        if told is not None:
            return Written(told)
        plain = number(value)
        return int(plain) if plain is not None and value.strip().isdigit() else plain
    return None


KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(COUNTS, _count),
    **dict.fromkeys(("time", "start", "end"), _moment),
    **dict.fromkeys(("duration", "ttft"), _seconds),
    **dict.fromkeys(("duration_untold", "ttft_untold"), _untold),
    **dict.fromkeys(("error", "status", "stream", "failed"), _anything),
    **dict.fromkeys(("input", "output"), _content),
    **dict.fromkeys(("model", "response_model", "provider", "name", "operation"), _only_text),
    "cost": _cost,
    "finish_reason": _reason,
}
"""For each field what makes a value of it; other fields are names."""


def kind_of(field: str) -> Kind:
    """What makes a value of a field."""
    return KINDS.get(field, _name)


def plain_type(kind: Kind) -> type | None:
    """The type of values that are of this kind as they are, unless they are empty or zero."""
    if kind in {_only_text, _name}:
        return str
    return int if kind is _count else None


_GRAVE = frozenset(
    spelled
    for level in ("error", "err", "critical", "fatal", "alert", "emergency", "panic")
    for spelled in (level, level.upper(), level.capitalize())
)
_PINO_ERROR = 50


def is_grave(level: Any) -> bool:
    """Whether a logger's level says that something failed.

    pino and bunyan write numbers, loguru an object.
    """
    if type(level) is dict:
        level = level.get("name")
    if type(level) is str:
        return level in _GRAVE
    return type(level) is int and level >= _PINO_ERROR
