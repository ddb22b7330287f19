"""The store behind memory: the logs that are read or recorded, for what is older."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from llmtop.filter import Filter
from llmtop.history.scan import Kind, Scan
from llmtop.live.rates import Rates
from llmtop.serve.monitor import Monitor
from llmtop.span import Span

MOST_AT_ONCE = 2
"""Readings of the store at a time; further requests wait for their turn."""


class Store:
    """Logs on disk; where there are none, everything that is known is in memory."""

    def __init__(
        self,
        paths: Sequence[Path] = (),
        *,
        record: Path | None = None,
        since: float | None = None,
        prices: Rates | None = None,
    ) -> None:
        """`paths` are followed from `since` on (all of them if `None`), `record` is written to."""
        self._paths = [*paths, *([record] if record is not None else [])]
        self._recorded = record is not None
        self._since = since
        self._prices = prices
        self._readers = threading.BoundedSemaphore(MOST_AT_ONCE)

    def reach(self, monitor: Monitor) -> float | None:
        """The latest start of a call that may be here alone; `None` if memory has every call."""
        if not self._paths:
            return None
        told = [monitor.newest_evicted(), self._since, monitor.began if self._recorded else None]
        return max((each for each in told if each is not None), default=None)

    @contextmanager
    def scan(
        self,
        wanted: Callable[[Span], bool],
        *,
        begin: float | None = None,
        until: float | None = None,
        kind: Kind = "calls",
    ) -> Iterator[Scan]:
        """A reading of the calls that are wanted and began in a range, and of their payloads."""
        with self._readers:
            yield Scan(
                self._paths,
                matches=Filter("", wanted),
                since=begin,
                until=until,
                kind=kind,
                prices=self._prices,
            )
