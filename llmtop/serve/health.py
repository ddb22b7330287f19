"""`/health`: whether all works, and what does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from llmtop.live.view import SourceState
from llmtop.serve.monitor import Monitor
from llmtop.serve.store import Store
from llmtop.sources.status import label_of

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


def health(monitor: Monitor, store: Store, *, trusted: bool) -> Health:
    """How all stands; who gave no token, where one is asked for, learns only whether it is well."""
    sources = monitor.sources()
    reasons = (*monitor.dead(), *_deleted(monitor, store, sources))
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
            for state in sources[:MOST_SOURCES]
        ),
    )


def _deleted(monitor: Monitor, store: Store, sources: Iterable[SourceState]) -> Iterator[str]:
    """Sentences on what was named to be followed and is there no more.

    A file that was renamed may be created anew when there is something to tell: that is no fault.
    """
    gone = {state.label for state in sources if state.state == "gone"}
    folders = monitor.look(lambda pump: pump.folders)
    for path in store.followed:
        label = label_of(path)
        if (label in gone or str(path) in folders) and not path.exists():
            yield f"{label}: it was deleted, and nothing has taken its place."
