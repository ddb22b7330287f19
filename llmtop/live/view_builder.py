"""Builds the view: everything the panes show at one instant, for one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import structs

from llmtop.live.groups import Groups
from llmtop.live.ledger import Sums
from llmtop.live.lens import Lens
from llmtop.live.sketch import Counts, bucket, lower_edge
from llmtop.live.tally import Tally, sum_of
from llmtop.live.view import (
    WINDOWS,
    Figures,
    GroupFigures,
    Histogram,
    Honest,
    ModelFigures,
    Query,
    View,
)
from llmtop.span import Span

if TYPE_CHECKING:
    from llmtop.live.live import Live

BUCKETS_PER_BIN = 6
"""Sketch buckets in one bin of the histogram: each bin's edge is an eighth above the last."""
_SHORTEST = bucket(1e-4)
"""Shorter calls (seconds) share the histogram's first bin."""
_RATE_S = 10
"""The rate of calls is taken over this many seconds."""
_SHORTEST_BURN_S = 10.0
"""A burn rate is never worked out from less time than this, however young the log."""


def build(
    live: Live,
    lens: Lens,
    query: Query,
    now: float,
    rows: Sequence[Span],
    honest: Honest,
    groups: Groups | None = None,
) -> View:
    """The snapshot of what a lens sees; `now` is seconds since the epoch."""
    ends_now = live.ends_now
    # An old log's last event lies in the last second of its windows.
    end = now if ends_now or live.last_event is None else live.last_event + 1.0
    length = WINDOWS[query.window]
    ledger = lens.ledger
    ledger.look_at(length, end)
    flying = live.running_through(lens)
    running = _by_series(flying)
    in_flight = sum_of(running.values())
    tally = ledger.in_window()
    everything = ledger.total() if length is not None else tally
    everything.merge(in_flight)
    total = everything.figures()
    if everything is not tally:
        tally.merge(in_flight)
    figures = tally.figures() if everything is not tally else total
    pulse = ledger.pulse(end)
    return View(
        version=live.version,
        now=now,
        query=query,
        window_end=end,
        ends_now=ends_now,
        figures=figures,
        total=total,
        models=_models(live, chain(ledger.window.items(), running.items())),
        groups=() if groups is None else _groups(groups, flying, length, end),
        histogram=_histogram(tally),
        pulse=pulse,
        bins=ledger.bins(length, end),
        calls_per_second=sum(pulse[-_RATE_S:]) / _RATE_S if live.spans_seen else None,
        cost_per_hour=_burn(figures, length, end, live.first_event),
        calls=rows,
        spans=live.spans_seen,
        traces=live.index.traces_seen,
        first_event=live.first_event,
        last_event=live.last_event,
        honest=structs.replace(
            honest,
            duplicates=live.duplicates,
            unpriced_calls=total.unpriced_calls,
            calls_without_usage=total.calls_without_usage,
            spans_evicted=live.index.evicted,
            bad_clocks=live.bad_clocks,
            nested_calls=live.nested_calls,
        ),
        partial=query.filter is not None and live.index.evicted > 0,
        groups_partial=groups is not None and groups.fell_short,
    )


def _by_series(spans: Iterable[Span]) -> Sums:
    found: Sums = defaultdict(Tally)
    for span in spans:
        found[span.series.number].add(span)
    return found


def _burn(
    figures: Figures, length: float | None, end: float, first_event: float | None
) -> float | None:
    """Dollars an hour over the window, or over as much of it as there has been anything."""
    if figures.cost is None or first_event is None:
        return None
    covered = max(end - first_event, _SHORTEST_BURN_S)
    return figures.cost * 3600.0 / (covered if length is None else min(length, covered))


def _models(live: Live, sums: Iterable[tuple[int, Tally]]) -> tuple[ModelFigures, ...]:
    rows: dict[tuple[str | None, str | None], Tally] = defaultdict(Tally)
    for number, tally in sums:
        if tally.calls:
            series = live.series.by_number[number]
            rows[series.provider, series.model].merge(tally)
    models = [
        ModelFigures(provider, model, tally.figures()) for (provider, model), tally in rows.items()
    ]
    models.sort(key=lambda row: (*_dearest(row.figures), row.model or "", row.provider or ""))
    return tuple(models)


def _dearest(figures: Figures) -> tuple[float, int]:
    return -(figures.cost or 0.0), -figures.calls


def _groups(
    groups: Groups, running: Iterable[Span], length: float | None, end: float
) -> tuple[GroupFigures, ...]:
    groups.ledger.look_at(length, end)
    sums = dict(groups.ledger.window)
    flying: Sums = defaultdict(Tally)
    for span in running:
        flying[groups.number(span)].add(span)
    for number, tally in flying.items():
        if number in sums:
            tally.merge(sums[number])
        sums[number] = tally
    found = [
        GroupFigures(groups.names[number], tally.figures())
        for number, tally in sums.items()
        if tally.calls
    ]
    found.sort(key=lambda row: (*_dearest(row.figures), row.name or ""))
    return tuple(found)


def _histogram(tally: Tally) -> Histogram:
    numbers = {
        max(number, _SHORTEST)
        for counts in (tally.latency, tally.latency_failed)
        for number in counts
    }
    if not numbers:
        return Histogram((), (), ())
    first = min(numbers) // BUCKETS_PER_BIN
    count = max(numbers) // BUCKETS_PER_BIN - first + 1
    return Histogram(
        tuple(lower_edge((first + index) * BUCKETS_PER_BIN) for index in range(count + 1)),
        _binned(tally.latency, first, count),
        _binned(tally.latency_failed, first, count),
    )


def _binned(counts: Counts, first: int, count: int) -> tuple[int, ...]:
    bins = [0] * count
    for number, calls in counts.items():
        bins[max(number, _SHORTEST) // BUCKETS_PER_BIN - first] += calls
    return tuple(bins)
