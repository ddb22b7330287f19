"""Numbers as the screen writes them: short, of bounded width, and a dash where nothing is known."""

from __future__ import annotations

from datetime import UTC, datetime

UNKNOWN = "–"


def duration(seconds: float | None) -> str:
    """A length of time in at most 6 cells: `340ms`, `1.23s`, `12.3s`, `2m05s`, `3h20m`, `4d2h`."""
    if seconds is None:
        return UNKNOWN
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if seconds < 0.0005:
        return "<1ms" if seconds > 0 else "0ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f}ms"
    if seconds < 9.995:
        return f"{seconds:.2f}s"
    if seconds < 99.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    minutes = whole // 60
    if minutes < 24 * 60:
        return f"{minutes // 60}h{minutes % 60:02}m"
    hours = minutes // 60
    return f"{hours // 24}d{hours % 24}h"


def money(dollars: float | None) -> str:
    """US dollars in at most 8 cells; what is not nothing is never written as nothing."""
    if dollars is None:
        return UNKNOWN
    if dollars == 0:
        return "$0"
    if dollars < 0.00005:
        return "<$0.0001"
    if dollars < 0.01:
        return f"${dollars:.4f}"
    if dollars < 1:
        return f"${dollars:.3f}"
    if dollars < 1000:
        return f"${dollars:.2f}"
    if dollars < 999_500:
        return f"${dollars / 1000:.1f}k"
    return f"${dollars / 1e6:.2f}M"


def tokens(number: float | None) -> str:
    """A count in at most 5 cells: `999`, `1.2k`, `345k`, `1.2M`."""
    if number is None:
        return UNKNOWN
    if number < 1000:
        return f"{number:.0f}"
    for unit, size in (("k", 1e3), ("M", 1e6), ("G", 1e9)):
        if number < 9.95 * size:
            return f"{number / size:.1f}{unit}"
        if number < 999.5 * size:
            return f"{number / size:.0f}{unit}"
    return f"{number / 1e12:.1f}T"


def count(number: int | None) -> str:
    """A count in full, with thousands apart."""
    return UNKNOWN if number is None else f"{number:,}"


def rate(per_second: float | None) -> str:
    """So many a second, in at most 6 cells without the unit."""
    if per_second is None:
        return UNKNOWN
    if per_second < 9.95:
        return f"{per_second:.1f}"
    return tokens(per_second)


def percent(part: float, whole: float) -> str:
    """A share, in at most 5 cells."""
    if not whole:
        return UNKNOWN
    share = 100 * part / whole
    if 0 < share < 0.05:
        return "<0.1%"
    return f"{share:.1f}%" if share < 99.95 and share != 0 else f"{share:.0f}%"


TIME_FORMATS = ("relative", "local", "utc")
CLOCK_WIDTH = 8


def clock(moment: float | None, form: str, now: float) -> str:
    """A moment in at most 8 cells: `12s ago`, `14:03:21`, or the day once it is long ago."""
    if moment is None:
        return UNKNOWN
    if form == "relative":
        return f"{_age(now - moment)} ago" if moment <= now else "soon"
    zone = UTC if form == "utc" else None
    told = datetime.fromtimestamp(moment, zone)
    if abs(now - moment) > 18 * 3600:
        return told.strftime("%m-%d") if told.year != _year(now, zone) else told.strftime("%b %d")
    return told.strftime("%H:%M:%S")


def _year(now: float, zone: object) -> int:
    return datetime.fromtimestamp(now, UTC if zone is UTC else None).year


def _age(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f}s"
    if seconds < 6000:
        return f"{seconds / 60:.0f}m"
    if seconds < 360_000:
        return f"{seconds / 3600:.0f}h"
    return f"{seconds / 86400:.0f}d"


def moment(seconds: float | None, form: str) -> str:
    """A moment in full, to the millisecond."""
    if seconds is None:
        return UNKNOWN
    zone = UTC if form == "utc" else None
    told = datetime.fromtimestamp(seconds, zone)
    return (
        told.strftime("%Y-%m-%d %H:%M:%S.")
        + f"{told.microsecond // 1000:03}"
        + (" UTC" if zone is UTC else "")
    )
