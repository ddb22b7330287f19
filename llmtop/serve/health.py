"""`/health`: whether all works, and what does not."""

from __future__ import annotations

from msgspec import Struct

from llmtop.serve.monitor import Monitor

MOST_SOURCES = 500
"""Sources that are told, in the order in which they were opened."""


class SourceHealth(Struct, frozen=True):
    """One source."""

    source: str
    kind: str
    state: str
    detail: str | None
    lines: int
    rejected: int
    lost: int


class Health(Struct, frozen=True):
    """`healthy`, or `unhealthy` with the reasons."""

    status: str
    reasons: tuple[str, ...] = ()
    sources: tuple[SourceHealth, ...] = ()


def health(monitor: Monitor, *, trusted: bool) -> Health:
    """How all stands; who gave no token, where one is asked for, learns only whether it is well."""
    reasons = monitor.dead()
    status = "unhealthy" if reasons else "healthy"
    if not trusted:
        return Health(status)
    return Health(
        status,
        reasons,
        tuple(
            SourceHealth(
                state.label,
                state.kind,
                state.state,
                state.detail,
                state.lines,
                state.rejected,
                state.lost,
            )
            for state in monitor.sources()[:MOST_SOURCES]
        ),
    )
