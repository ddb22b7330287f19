"""Times as logs write them, as seconds since the epoch."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from math import isfinite

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - it is subtracted from times in UTC without a zone
_EARLIEST = 0.0
_LATEST = 253402300799.0
"""The year 9999, in seconds since the epoch."""
_LOOSE = re.compile(
    r"(\d{4})[-/](\d\d?)[-/](\d\d?)[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?"
    r"\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?(?:\s+[A-Z]{3,4})?\Z",
    re.IGNORECASE,
)
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_IN_ENGLISH = re.compile(
    r"(?:[a-z]{3},\s+)?(\d\d?)[ /-]([a-z]{3})[ /-](\d{4})[ :](\d\d:\d\d:\d\d)"
    r"\s*(Z|UTC|GMT|[+-]\d{4})?\Z",
    re.IGNORECASE,
)
"""As mail, HTTP and web servers write it: `Fri, 02 Jan 2026 03:04:05 GMT`."""


def parse_time(value: object) -> float | None:
    """Seconds since the epoch, or `None` for what is not a time.

    Text is ISO 8601 or nearly so, and local time where it names no zone; numbers are seconds,
    milliseconds, microseconds or nanoseconds since the epoch, by their size. Decoded moments are
    taken too.
    """
    if type(value) is str:
        if value[4:5] == "-":
            # Nearly all texts are ISO 8601, and not numbers of which it would make a date too.
            try:
                return datetime.fromisoformat(value).timestamp()
            except (ValueError, OverflowError, OSError):
                return _other(value)
        return _other(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _moment(value) if isinstance(value, datetime) else None
    return from_number(value)


def _moment(value: datetime) -> float | None:
    try:
        return value.timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def utc_time(value: object) -> float | None:
    """The same for records whose texts are in UTC where they name no zone, as databases' are."""
    if type(value) is str and value[4:5] == "-":
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                return (moment - _EPOCH).total_seconds()
            return moment.timestamp()
        except (ValueError, OverflowError, OSError):
            match = _LOOSE.match(value.strip())
            return _other(value if match is None or match[8] else f"{value.strip()}Z")
    return parse_time(value)


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
    return minute_start + seconds


def _last_try(text: str) -> float | None:
    match = _IN_ENGLISH.match(text)
    if match is not None:
        day, name, year, clock, zone = match.groups()
        month, rest = divmod(_MONTHS.find(name.lower()), 3)
        if rest == 0:
            suffix = "+00:00" if (zone or "").upper() in {"Z", "UTC", "GMT"} else zone or ""
            text = f"{year}-{month + 1:02}-{int(day):02}T{clock}{suffix}"
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def iso(moment: float) -> str:
    """A moment as ISO 8601 in UTC, to the microsecond."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")
