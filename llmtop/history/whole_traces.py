"""Spans of whole traces: all of every trace in which something is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from llmtop.filter import Filter
from llmtop.history.groups import trace_of
from llmtop.history.scan import Progress, Scan
from llmtop.history.stored_filter import look_into
from llmtop.live.rates import Rates


class WholeTraces:
    """Reads twice where something narrows the answer: first which traces, then all of them."""

    def __init__(
        self,
        paths: tuple[Path, ...],
        *,
        matches: Filter | None = None,
        since: float | None = None,
        until: float | None = None,
        progress: Progress | None = None,
        prices: Rates | None = None,
    ) -> None:
        self._progress = progress
        self._prices = prices
        self._paths = paths
        self._narrow: Scan | None = None
        if matches is not None or since is not None or until is not None:
            self._narrow = self._scan(matches=matches, since=since, until=until)
            look_into(matches, self._narrow.records)
        self.wanted: set[str] | None = None
        """The traces, once they are known; `None` for all."""

    def _scan(
        self,
        matches: Filter | None = None,
        since: float | None = None,
        until: float | None = None,
    ) -> Scan:
        return Scan(
            self._paths,
            matches=matches,
            since=since,
            until=until,
            kind="spans",
            progress=self._progress,
            prices=self._prices,
            origins=True,
        )

    def find(self) -> set[str] | None:
        """Which traces are wanted; `None` for all of them."""
        if self._narrow is not None and self.wanted is None:
            self.wanted = {trace_of(span) for span in self._narrow}
        return self.wanted

    def scan(self) -> Scan:
        """A reading of all spans of the wanted traces."""
        wanted = self.find()
        if wanted is None:
            return self._scan()
        return self._scan(matches=Filter("", lambda span: trace_of(span) in wanted))

    def traces(self) -> Iterator[str]:
        """The ids of the wanted traces, each once."""
        wanted = self.find()
        if wanted is not None:
            yield from sorted(wanted)
            return
        seen: set[str] = set()
        for span in self._scan():
            trace = trace_of(span)
            if trace not in seen:
                seen.add(trace)
                yield trace
