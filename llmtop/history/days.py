"""Days of the store: the names of its files, and the time that a file with such a name covers."""

from __future__ import annotations

import re
import time
from calendar import timegm
from datetime import date

from llmtop.emit.file import DAY_S

_STORED = re.compile(r"llm_logs_(20\d\d-\d\d-\d\d)\.jsonl(\.gz)?")
_DATED = re.compile(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)(?!\d)")


def stored_day(name: str) -> date | None:
    """The day of a file of the store, or `None` for any other file."""
    match = _STORED.fullmatch(name)
    try:
        return date.fromisoformat(match[1]) if match is not None else None
    except ValueError:
        return None


def told_day(name: str) -> date | None:
    """The day that any log's name tells, if it tells exactly one."""
    days = set()
    for year, month, day in _DATED.findall(name):
        try:
            days.add(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return days.pop() if len(days) == 1 else None


def covered(day: date) -> tuple[float, float]:
    """First and last moment (seconds since the epoch) of a day, in UTC or in local time."""
    utc = float(timegm(day.timetuple()))
    local = time.mktime((day.year, day.month, day.day, 0, 0, 0, 0, 0, -1))
    return min(utc, local), max(utc, local) + DAY_S
