"""Numbers of a column: one unit all the way down, and as many decimals as fit."""

from __future__ import annotations

from llmtop.tui import numbers

SECONDS_WIDTH = 7
DOLLARS_WIDTH = 9
AT_LEAST = "≥"


def seconds(value: float | None, width: int = SECONDS_WIDTH, decimals: int = 2) -> str:
    """A length of time in seconds: `0.34s`, `12.30s`; what is not nothing is not shown as such."""
    if value is None:
        return numbers.UNKNOWN
    if 0 < value < 0.5 / 10**decimals:
        return f"<{1 / 10**decimals:.{decimals}f}s"
    for fewer in range(decimals, -1, -1):
        text = f"{value:.{fewer}f}s"
        if len(text) <= width:
            return text
    return f"{value / 86400:.0f}d"


def dollars(
    value: float | None, width: int = DOLLARS_WIDTH, decimals: int = 5, *, at_least: bool = False
) -> str:
    """US dollars, with fewer decimals where all do not fit: `$0.00123`, `≥$12.3457`, `$12346`."""
    if value is None:
        return numbers.UNKNOWN
    sign = AT_LEAST if at_least else ""
    if 0 < value < 0.5 / 10**decimals and not at_least:
        return f"<${1 / 10**decimals:.{decimals}f}"
    for fewer in range(decimals, -1, -1):
        text = f"{sign}${value:.{fewer}f}"
        if len(text) <= width:
            return text
    return sign + numbers.money(value)


def whole(value: float | None, width: int) -> str:
    """A count in full while that fits, and in thousands or millions beyond."""
    if value is None:
        return numbers.UNKNOWN
    text = f"{value:.0f}"
    return text if len(text) <= width else numbers.tokens(value)
