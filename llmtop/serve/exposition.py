"""Prometheus metrics: what is true now, as counters that never go back under few labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

from llmtop.live.sketch import Counts, value
from llmtop.live.tally import PICO, Tally, total_counts
from llmtop.plain_text import plain
from llmtop.pump import Pump
from llmtop.serve.monitor import Monitor

MOST_MODELS = 100
MOST_ERROR_TYPES = 50
OTHER = "other"
"""The label of what came after there were as many as that."""
_MOST_LABEL = 120

LATENCY_EDGES_S = (
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
    163.84, 327.68,
)  # fmt: skip
"""As OpenTelemetry advises for the duration of GenAI operations, and two more for agents."""
TTFT_EDGES_S = (
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
)  # fmt: skip
"""As OpenTelemetry advises for the time to the first token."""

Labels = tuple[str, ...]


class _Names:
    """Gives a label to the first names that come, and one to all others: for ever the same."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[str, str] = {}

    def label(self, name: str | None) -> str:
        """The label of a name."""
        if name is None:
            return "unknown"
        found = self._known.get(name)
        if found is None:
            if len(self._known) >= self._most:
                return OTHER
            text = plain(name[:_MOST_LABEL])
            found = self._known[name] = text.encode("utf-8", "replace").decode()
        return found


class _Sums:
    """Counters by labels. A call that turns out to be another's is taken back; counters wait."""

    def __init__(self) -> None:
        self._highest: dict[Labels, float] = {}

    def settle(self, sums: Mapping[Labels, float]) -> Mapping[Labels, float]:
        """The counters now: none is lower than it was; one that is no more has ended."""
        before = self._highest
        self._highest = {
            labels: max(amount, before.get(labels, amount)) for labels, amount in sums.items()
        }
        return self._highest


class LlmCollector(Collector):
    """Collects when it is scraped."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._models = _Names(MOST_MODELS)
        self._error_types = _Names(MOST_ERROR_TYPES)
        self._sums: dict[str, _Sums] = {}

    def collect(self) -> Iterable[Metric]:
        """All metrics, of one moment."""
        return self._monitor.look(self._collected)

    def _collected(self, pump: Pump) -> list[Metric]:
        live, honest = pump.live, pump.honest()
        tallies: dict[str, Tally] = {}
        for series, tally in live.totals():
            if tally.calls:
                tallies.setdefault(self._models.label(series.model), Tally()).merge(tally)
        running: dict[str, int] = dict.fromkeys(tallies, 0)
        for span in live.running.values():
            if span.counted:
                label = self._models.label(span.series.model)
                running[label] = running.get(label, 0) + 1
        in_flight = GaugeMetricFamily(
            "llm_requests_in_flight", "Calls that have begun and not ended.", labels=["model"]
        )
        for model, count in running.items():
            in_flight.add_metric([model], count)
        return [
            self._counter(
                "llm_requests", "Calls that are over, by how they ended.",
                ("model", "status"), _requests(tallies),
            ),
            self._counter(
                "llm_tokens", "Tokens; input includes cached ones, output reasoning.",
                ("model", "type"), _tokens(tallies),
            ),
            self._counter(
                "llm_errors", "Calls that failed.", ("model", "error_type"), self._errors(tallies)
            ),
            self._counter(
                "llm_cost_dollars", "US dollars, of the calls that have a price.", ("model",),
                {(model,): tally.picodollars / PICO for model, tally in tallies.items()},
            ),
            self._counter(
                "llm_unpriced_requests", "Calls with usage and no known price.", ("model",),
                {(model,): tally.unpriced for model, tally in tallies.items()},
            ),
            self._histogram(
                "llm_request_latency_seconds", "From start to end.", LATENCY_EDGES_S,
                {model: total_counts(tally) for model, tally in tallies.items()},
            ),
            self._histogram(
                "llm_time_to_first_token_seconds", "From start to the first token.", TTFT_EDGES_S,
                {model: tally.ttft for model, tally in tallies.items()},
            ),
            in_flight,
            self._counter(
                "llmtop_datagrams_lost", "Datagrams known to be lost.", (),
                {(): honest.datagrams_lost},
            ),
            self._counter("llmtop_lines_read", "Lines read.", (), {(): honest.lines}),
            self._counter(
                "llmtop_lines_rejected", "Lines that could not be read.", (),
                {(): honest.rejected},
            ),
        ]  # fmt: skip

    def _errors(self, tallies: Mapping[str, Tally]) -> dict[Labels, float]:
        sums: dict[Labels, float] = {}
        for model, tally in tallies.items():
            for kind, count in (tally.errors_by_type or {}).items():
                labels = (model, self._error_types.label(kind))
                sums[labels] = sums.get(labels, 0) + count
        return sums

    def _counter(
        self, name: str, meaning: str, labels: Labels, sums: Mapping[Labels, float]
    ) -> Metric:
        family = CounterMetricFamily(name, meaning, labels=labels)
        for values, amount in self._sums.setdefault(name, _Sums()).settle(sums).items():
            family.add_metric(values, amount)
        return family

    def _histogram(
        self, name: str, meaning: str, edges: tuple[float, ...], counts: Mapping[str, Counts]
    ) -> Metric:
        family = HistogramMetricFamily(name, meaning, labels=["model"])
        told: dict[Labels, float] = {}
        for model, of_model in counts.items():
            for edge, amount in _cumulative(of_model, edges):
                told[model, edge] = amount
            told[model, "sum"] = sum(value(number) * count for number, count in of_model.items())
        highest = self._sums.setdefault(name, _Sums()).settle(told)
        for model in dict.fromkeys(model for model, _ in highest):
            buckets = [(edge, highest[model, edge]) for edge in (*map(str, edges), "+Inf")]
            if buckets[-1][1]:
                family.add_metric([model], buckets, highest[model, "sum"])
        return family


def _requests(tallies: Mapping[str, Tally]) -> dict[Labels, float]:
    return {
        (model, status): count
        for model, tally in tallies.items()
        for status, count in (
            ("ok", tally.calls - tally.errors - tally.cancelled - tally.lost),
            ("error", tally.errors),
            ("cancelled", tally.cancelled),
            ("lost", tally.lost),
        )
    }


def _tokens(tallies: Mapping[str, Tally]) -> dict[Labels, float]:
    return {
        (model, kind): count
        for model, tally in tallies.items()
        for kind, count, told in (
            ("input", tally.input_tokens, tally.input_told),
            ("output", tally.output_tokens, tally.output_told),
            ("cache_read", tally.cache_read, tally.cache_read_told),
            ("cache_write", tally.cache_write, tally.cache_write_told),
            ("reasoning", tally.reasoning, tally.reasoning_told),
        )
        if told
    }


def _cumulative(counts: Counts, edges: tuple[float, ...]) -> Iterator[tuple[str, float]]:
    """How many lie below each edge: a sketch's bucket does if the value that stands for it does."""
    ordered = sorted(counts.items())
    seen, at = 0, 0
    for edge in edges:
        while at < len(ordered) and value(ordered[at][0]) <= edge:
            seen += ordered[at][1]
            at += 1
        yield str(edge), seen
    yield "+Inf", sum(counts.values())


class Exposition:
    """Writes the metrics as whoever asks can read them."""

    def __init__(self, monitor: Monitor) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(LlmCollector(monitor))

    def write(self, accept: str | None) -> tuple[bytes, str]:
        """The body and its content type: OpenMetrics if it is asked for, else Prometheus text."""
        encoder, kind = choose_encoder(accept or "")
        return encoder(self._registry), kind
