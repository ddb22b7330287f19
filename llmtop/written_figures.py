"""Figures as people read them in plain output: of any width, and a dash where nothing is known."""

from __future__ import annotations

from math import floor, log10

UNKNOWN = "–"


def count(number: int | None) -> str:
    """A count in full, with thousands apart."""
    return UNKNOWN if number is None else f"{number:,}"


def seconds(length: float | None) -> str:
    """A length of time (seconds): `340 ms`, `12.34 s`."""
    if length is None:
        return UNKNOWN
    return f"{length * 1000:.0f} ms" if length < 1 else f"{length:.2f} s"


def dollars(cost: float | None) -> str:
    """US dollars to the cent, less than one of them to three digits: `$12.30`, `$0.00123`."""
    if cost is None:
        return UNKNOWN
    if cost >= 1 or cost == 0:
        return f"${cost:,.2f}"
    decimals = 2 - floor(log10(abs(cost)))
    return f"${f'{cost:.{decimals}f}'.rstrip('0').rstrip('.')}"


def size(number: int) -> str:
    """Bytes: `512 bytes`, `34.5 kB`, `1.2 GB`."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}"
    return f"{number} bytes"
