"""The frozen snapshot that the panes show: plain values, computed once, never changed after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from llmtop.filter import Filter
from llmtop.span import Span

WINDOWS: Mapping[str, float | None] = {
    "1m": 60.0,
    "5m": 300.0,
    "15m": 900.0,
    "1h": 3600.0,
    "all": None,
}
"""The windows by name, in seconds; `all` has no bound."""

DRAWN_DEPTH = 64
"""Levels of a trace whose branches are drawn; deeper spans stand at the same indentation."""

Group = Literal["model", "provider", "operation", "session", "user", "agent", "name"]
"""What costs can be summed up by."""
SortKey = Literal["time", "latency", "cost", "tokens", "ttft", "model", "status"]


class Query(Struct, frozen=True):
    """What the user looks at: every figure and row of a view obeys it."""

    window: str = "5m"
    filter: Filter | None = None
    group: Group = "model"
    """What `View.groups` are; `View.models` are there whatever it is."""
    sort: SortKey = "time"
    reverse: bool = False
    """The natural order is newest, slowest, dearest first; `reverse` turns it round."""


class Quantiles(Struct, frozen=True):
    """Quantiles of durations, in seconds, each within 1 % of the truth."""

    count: int
    p50: float
    p90: float
    p95: float
    p99: float
    max: float


class Figures(Struct, frozen=True):
    """What some calls add up to; a figure nobody reported is `None`, not zero."""

    calls: int = 0
    """All calls: ended, in flight and lost."""
    errors: int = 0
    cancelled: int = 0
    """Ended by the caller before their end: neither well nor in error."""
    in_flight: int = 0
    lost: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost: float | None = None
    """US dollars over the priced calls; `None` when not one call is priced."""
    priced_calls: int = 0
    unpriced_calls: int = 0
    """Ended calls with usage and no known price."""
    calls_without_usage: int = 0
    """Ended calls without an error that told no token counts."""
    lower_bound: bool = False
    """Some output counts are lower bounds (shown with ≥)."""
    latency: Quantiles | None = None
    ttft: Quantiles | None = None
    output_tokens_per_second: float | None = None
    """Output tokens over the time they took to write, of the calls that tell both."""
    errors_by_type: Mapping[str, int] = {}


class ModelFigures(Struct, frozen=True):
    """The figures of one (provider, model)."""

    provider: str | None
    model: str | None
    figures: Figures


class GroupFigures(Struct, frozen=True):
    """The figures, but for durations, of one session, user or whatever calls are grouped by."""

    name: str | None
    """`None`: of the calls that tell none."""
    figures: Figures


class Histogram(Struct, frozen=True):
    """How long calls took: counts in log-spaced bins of equal ratio."""

    edges: tuple[float, ...]
    """Seconds; one more than there are bins. Empty when there is no call with a latency."""
    ok: tuple[int, ...]
    errors: tuple[int, ...]


class EmitterState(Struct, frozen=True):
    """One program that sends datagrams, since the first of them that was heard."""

    name: str
    """What the emitter calls itself: random, new for each process."""
    sent: int
    """By the numbers in its datagrams; what was received and what was lost together."""
    received: int
    lost: int
    duplicates: int
    left: bool
    """Whether it has said goodbye."""


class SourceState(Struct, frozen=True):
    """One source, as the header and the honest strip tell of it."""

    label: str
    kind: str
    """`file`, `folder`, `stdin`, `udp`, `otlp`."""
    format: str | None
    state: str
    """One word: `following`, `read`, `reading`, `waiting`, `listening`, `gone`, `failed`."""
    detail: str | None = None
    """A sentence, when the state needs one."""
    lines: int = 0
    fragments: int = 0
    rejected: int = 0
    bytes_read: int = 0
    bytes_total: int = 0
    datagrams: int = 0
    lost: int = 0
    """Datagrams known to be lost (gaps in the senders' numbering)."""
    emitters: tuple[EmitterState, ...] = ()
    """Who sends datagrams, most recently heard of first."""
    received: Mapping[str, int] = {}
    """What came by OTLP: `requests`, `spans`, `log records`, `metric data points`."""


class Honest(Struct, frozen=True):
    """The figures that say how far the others can be trusted."""

    lines: int = 0
    rejected: int = 0
    duplicates: int = 0
    """Records that told nothing new about a span already known."""
    datagrams_lost: int = 0
    unpriced_calls: int = 0
    calls_without_usage: int = 0
    spans_evicted: int = 0
    bad_clocks: int = 0
    nested_calls: int = 0
    """Calls that other spans tell too, around them or beside: shown, not counted."""


class Bin(Struct, frozen=True):
    """One stretch of time of a series over time: the calls that ended in it."""

    start: float
    calls: int
    errors: int
    cost: float


class View(Struct, frozen=True):
    """Everything on the dashboard at one instant, for one query."""

    version: int
    now: float
    query: Query
    window_end: float
    """Seconds since the epoch."""
    ends_now: bool
    """Whether the window ends now; otherwise it ends at the newest event of an old log."""
    figures: Figures
    """Of the window, under the filter; calls in flight are in every window."""
    total: Figures
    """Of all time, under the filter."""
    models: tuple[ModelFigures, ...]
    """Of the window, under the filter; dearest first, then most calls."""
    groups: tuple[GroupFigures, ...]
    """Of the window, under the filter, in the same order; empty while models are asked for."""
    histogram: Histogram
    """Of the window, under the filter."""
    pulse: tuple[int, ...]
    """Calls begun in each of the last 60 seconds before the window's end, oldest first."""
    bins: tuple[Bin, ...]
    """The window (for `all`: all of time) cut into at most 60 equal stretches, oldest first."""
    calls_per_second: float | None
    """Over the last 10 seconds of the window's end."""
    cost_per_hour: float | None
    """Burn rate: the window's cost over its length, or over the time covered if that is less."""
    calls: Sequence[Span]
    """The calls kept, under the filter (not the window), in the query's order. Do not change."""
    spans: int
    traces: int
    first_event: float | None
    last_event: float | None
    honest: Honest
    partial: bool = False
    """The filter's figures cover only the calls still kept: some older ones were evicted."""
    groups_partial: bool = False
    """The same of the groups' figures."""


class TraceRow(Struct, frozen=True):
    """One line of a trace's tree, depth first."""

    span: Span
    depth: int
    children: int
    """How many direct children it has."""
    last: bool
    """Whether it is its parent's last child."""
    ancestors_last: tuple[bool, ...]
    """For each level above, down to `DRAWN_DEPTH`: whether that ancestor was a last child."""
    orphan: bool
    """Its parent is named but was never seen."""
    cost: float | None
    """Rolled up: of the counted calls at and below it."""
    input_tokens: int | None
    output_tokens: int | None
    errors: int
    """Failed spans at and below it."""
    at_least: bool = False
    """Its cost is a lower bound: a call at or below it is not priced, or only in part."""


class TraceView(Struct, frozen=True):
    """One trace as a tree, with its time axis."""

    trace_id: str
    rows: tuple[TraceRow, ...]
    start: float
    end: float
    """The latest end; `now` while something runs."""
    running: int
    cost: float | None
    input_tokens: int | None
    output_tokens: int | None
    calls: int
    errors: int
    spans: int
    omitted: int
    """Spans of the trace that are not kept (see the cap per trace)."""
    at_least: bool = False
    """The cost is a lower bound: a call is not priced, or only in part."""
