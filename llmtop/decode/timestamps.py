"""Times as logs write them, as seconds since the epoch."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from math import isfinite

_EARLIEST = 0.0
_LATEST = 253402300799.0
"""The year 9999, in seconds since the epoch."""
_minutes: dict[str, float] = {}
_minutes_utc: dict[str, float] = {}
_MOST_MINUTES = 4096
_LOOSE = re.compile(
    r"(\d{4})[-/](\d\d?)[-/](\d\d?)[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?"
    r"\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?\Z",
    re.IGNORECASE,
)


def parse_time(value: object) -> float | None:
    """Seconds since the epoch, or `None` for what is not a time.

    Text is ISO 8601 or nearly so, and local time where it names no zone; numbers are seconds,
    milliseconds, microseconds or nanoseconds since the epoch, by their size.
    """
    if type(value) is str:
        text: str = value
        # Most records write 2026-01-02T03:04:05.123456 and a zone, or end in a Z: each minute of
        # a zone is worked out once. Other texts have no known minute, or no number as seconds.
        if text[-1:] == "Z":
            minute, told = _minutes_utc.get(text[:17]), text[17:-1]
        else:
            minute, told = _minutes.get(text[:17] + text[26:]), text[17:26]
        if minute is not None:
            try:
                seconds = float(told)
            except ValueError:
                return _other(text)
            if 0.0 <= seconds < 61.0:
                return minute + seconds
        return _other(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return from_number(value)


def from_number(value: float) -> float | None:
    """Seconds since the epoch, from a number whose unit is told by its size."""
    if not isfinite(value) or value <= 0:
        return None
    for unit in (1.0, 1e3, 1e6, 1e9):
        if value < 1e11 * unit:
            moment = value / unit
            return moment if _EARLIEST < moment < _LATEST else None
    return None


def _other(text: str) -> float | None:
    text = text.strip().strip('"')
    match = _LOOSE.match(text)
    if match is None:
        try:
            number = float(text)
        except ValueError:
            return _last_try(text)
        return from_number(number)
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    suffix = ""
    if zone:
        suffix = "+00:00" if zone.upper() in {"Z", "UTC", "GMT"} else zone
    try:
        minute_start = datetime.fromisoformat(
            f"{year}-{int(month):02}-{int(day):02}T{int(hour):02}:{minute}:00{suffix}"
        ).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    seconds = float(f"{second or 0}.{fraction or 0}")
    if seconds >= 61.0:
        return None
    if text[16:17] == ":":
        if text[-1:] == "Z":
            _remember(_minutes_utc, text[:17], minute_start)
        elif len(text) >= 26 and fraction is not None and len(fraction) == 6:
            _remember(_minutes, text[:17] + text[26:], minute_start)
    return minute_start + seconds


def _remember(minutes: dict[str, float], minute: str, start: float) -> None:
    if len(minutes) >= _MOST_MINUTES:
        minutes.clear()
    minutes[minute] = start


def _last_try(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def iso(moment: float) -> str:
    """A moment as ISO 8601 in UTC, to the microsecond."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")
