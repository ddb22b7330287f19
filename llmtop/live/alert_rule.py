"""An alert's rule: which figure, over which time and calls, beyond which limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from msgspec import Struct

from llmtop.filter import Filter

DEFAULT_OVER_S = 300.0
"""Seconds that a rule looks back over if it does not say."""
HYSTERESIS = 0.1
"""A firing alert clears when its figure is this share of the limit on the good side of it."""
GROUPS = ("model", "user", "session")
"""What a rule may look at one by one."""


class Kind(NamedTuple):
    """A figure that rules may be about."""

    unit: str
    """`share`, `time`, `money` or `count`."""
    meaning: str
    behind: str = ""
    """The filter for the calls behind it; `{limit}` stands for the limit."""


FIGURES: Mapping[str, Kind] = {
    "error_rate": Kind("share", "failed calls among those that are over", "status:error"),
    "errors": Kind("count", "failed calls", "status:error"),
    "calls": Kind("count", "calls, ended or in flight"),
    "calls_per_minute": Kind("count", "calls a minute"),
    "cost": Kind("money", "US dollars, of the calls that have a price"),
    "p50": Kind("time", "median latency", "latency:>{limit}"),
    "p90": Kind("time", "90th percentile of latency", "latency:>{limit}"),
    "p95": Kind("time", "95th percentile of latency", "latency:>{limit}"),
    "p99": Kind("time", "99th percentile of latency", "latency:>{limit}"),
    "max": Kind("time", "the longest call", "latency:>{limit}"),
    "ttft_p50": Kind("time", "median time to the first token", "ttft:>{limit}"),
    "ttft_p90": Kind("time", "90th percentile of the time to the first token", "ttft:>{limit}"),
    "ttft_p95": Kind("time", "95th percentile of the time to the first token", "ttft:>{limit}"),
    "ttft_p99": Kind("time", "99th percentile of the time to the first token", "ttft:>{limit}"),
    "in_flight": Kind("count", "calls in flight", "status:running"),
    "lost": Kind("count", "calls given up as lost", "status:lost"),
    "tokens": Kind("count", "input and output tokens"),
    "input_tokens": Kind("count", "input tokens, cached ones included"),
    "output_tokens": Kind("count", "output tokens"),
    "unpriced": Kind("count", "calls with usage and no known price"),
    "datagrams_lost": Kind("count", "datagrams that did not arrive"),
    "rejected": Kind("count", "lines that could not be read"),
}
"""The figures by name. The last two are of the sources: no filter and no group applies."""

OF_SOURCES = frozenset({"datagrams_lost", "rejected"})
ALIASES: Mapping[str, str] = {
    "error%": "error_rate",
    "latency_p50": "p50",
    "latency_p95": "p95",
    "latency_p99": "p99",
    "latency": "p95",
    "ttft": "ttft_p95",
    "budget": "cost",
    "spend": "cost",
    "requests": "calls",
    "inflight": "in_flight",
}


class Rule(Struct, frozen=True):
    """One rule. Times are seconds; the limit is a share, seconds, US dollars or a count."""

    name: str
    figure: str
    sign: str
    """`>`, `>=`, `<` or `<=`."""
    limit: float
    over: float | None = None
    """How far back it looks; `None` for the default: see `DEFAULT_OVER_S`."""
    period: str | None = None
    """`day`, `week` or `month`: since the last one began in local time, instead of `over`."""
    hold: float = 0.0
    """How long the figure must be beyond the limit before the alert fires."""
    filter: Filter | None = None
    per: str | None = None
    """One of `GROUPS`: each model, user or session has an alert of its own."""
    at_least: int = 0
    """Calls without which the figure says nothing."""
    command: str | None = None
    url: str | None = None

    @property
    def unit(self) -> str:
        """What the limit counts."""
        return FIGURES[self.figure].unit

    def beyond(self, value: float | None) -> bool:
        """Whether a value is on the bad side of the limit; an unknown one never is."""
        return value is not None and _COMPARE[self.sign](value, self.limit)

    def cleared(self, value: float | None) -> bool:
        """Whether a value is so far on the good side that a firing alert may clear."""
        if value is None:
            return True
        margin = abs(self.limit) * HYSTERESIS
        edge = self.limit - margin if self.sign[0] == ">" else self.limit + margin
        return not _COMPARE[self.sign](value, edge)

    def written(self, value: float | None) -> str:
        """A value of the rule's figure, as people write it; unknown is a dash."""
        if value is None:
            return "–"
        if self.unit == "share":
            return f"{value * 100:.3g} %"
        if self.unit == "money":
            return f"${value:,.2f}" if value >= 0.1 or not value else f"${value:.2g}"
        if self.unit == "time":
            return f"{value * 1000:.3g} ms" if 0 < value < 1 else f"{value:,.4g} s"
        return f"{value:,.0f}" if value == int(value) else f"{value:,.3g}"

    def stretch(self, default: str = "5m") -> str:
        """Over which time the rule looks, in a word or two."""
        if self.figure == "in_flight":
            return "now"
        if self.period is not None:
            return f"this {self.period}"
        if self.over is None:
            return default
        for unit, seconds in (("d", 86400.0), ("h", 3600.0), ("m", 60.0)):
            if self.over >= seconds and self.over % seconds == 0:
                return f"{self.over / seconds:.0f}{unit}"
        return f"{self.over:g}s"

    def calls_behind(self, group: str | None) -> str:
        """The filter, as text, that shows the calls behind an alert of this rule."""
        limit = f"{self.limit * 1000:.15g}ms" if self.unit == "time" else f"{self.limit:g}"
        own = FIGURES[self.figure].behind.format(limit=limit) if self.sign[0] == ">" else ""
        told = self.filter.text if self.filter is not None else ""
        if " or " in f" {told.lower()} " or "|" in told:
            told = f"({told})"
        named = f"{self.per}:{_exactly(group)}" if self.per and group is not None else ""
        return " ".join(part for part in (told, named, own) if part)


_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
}


def _exactly(value: str) -> str:
    """A value as the filter language writes it, nothing more and nothing less than it."""
    if '"' in value:
        return '"' + value.replace('"', "?").replace(",", "?") + '"'
    return f'"={value}"' if re.search(r"[\s()|]", value) else f"={value}"
