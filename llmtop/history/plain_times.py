"""Times of plain calls: when they began and how long they took, or a refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from llmtop.decode.timestamps import parse_time
from llmtop.history.plain_records import OutOfTheOrdinary, Request, Response
from llmtop.live.merge import EARLIEST, LATEST
from llmtop.span import MAX_DURATION_S

_iso: Callable[[Any], datetime] = datetime.fromisoformat


def start_of(request: Request) -> float:
    """Seconds since the epoch. Raises OutOfTheOrdinary for what is no time."""
    start = parse_time(request.timestamp)
    if start is None or not EARLIEST < start < LATEST:
        raise OutOfTheOrdinary
    return start


def times_of(request: Request, response: Response) -> tuple[float, float]:
    """When a call began (seconds since the epoch), and how long it took (seconds).

    Raises OutOfTheOrdinary where a clock is wrong.
    """
    asked: Any = request.timestamp
    told: Any = response.timestamp
    latency_ms = response.latency_ms
    try:
        # Nearly all are told so, and then it need not be known when exactly the call ended.
        began = _iso(asked)
        is_usual = began.tzinfo is not None and began <= _iso(told) and asked[4] == "-" == told[4]
    except (TypeError, ValueError):
        is_usual = False
    if is_usual and latency_ms is not None:
        start, latency = began.timestamp(), latency_ms / 1000.0
    else:
        start, latency = _worked_out(request, response)
    if not (0.0 <= latency <= MAX_DURATION_S and EARLIEST < start < LATEST):
        raise OutOfTheOrdinary
    if response.ttft_ms is not None and response.ttft_ms < 0:
        raise OutOfTheOrdinary
    return start, latency


def _worked_out(request: Request, response: Response) -> tuple[float, float]:
    start, end = start_of(request), parse_time(response.timestamp)
    if end is not None and end < start:
        raise OutOfTheOrdinary
    if response.latency_ms is not None:
        return start, response.latency_ms / 1000.0
    if end is None:
        raise OutOfTheOrdinary
    return start, end - start
