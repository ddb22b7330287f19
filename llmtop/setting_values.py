"""Values of settings and options as people write them: lengths of time, sizes and addresses."""

from __future__ import annotations

import re

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d|w)?\Z", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


def seconds(text: str) -> float:
    """Seconds, from `90`, `10m`, `1.5h`, `2d`. Raises ValueError with a phrase."""
    match = _DURATION.match(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a length of time, such as 30s, 10m, 1h or 2d")
    return float(match.group(1)) * _SECONDS[(match.group(2) or "s").lower()]


_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?\Z", re.IGNORECASE)


def size(text: str) -> int:
    """Bytes, from `500MB`, `2G`, `1000000`. Raises ValueError with a phrase."""
    match = _SIZE.match(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a size, such as 500MB or 2GB")
    power = " kmgt".index(match.group(2).lower() or " ")
    return int(float(match.group(1)) * 1000**power)


def address(text: str) -> tuple[str, int] | None:
    """Host and port, from `8127`, `127.0.0.1:8127`, `[::1]:8127`; `off` is none.

    Raises ValueError with a phrase.
    """
    if text.strip().lower() in {"off", "none", "no", ""}:
        return None
    host, _, port = text.strip().rpartition(":")
    if not port.isdigit() or not 0 <= int(port) < 65536:
        raise ValueError(f"{text!r} is not a port, or a host and a port, such as 127.0.0.1:8127")
    return host.strip("[]") or "127.0.0.1", int(port)
