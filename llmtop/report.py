"""The figures as the JSON object that scripts read: of `summary --json` and of the HTTP service."""

from __future__ import annotations

from typing import Any

from msgspec import json

from llmtop.decode.timestamps import iso
from llmtop.emit.encode import encode
from llmtop.live.view import ModelFigures, Quantiles, SourceState, View


def document(view: View, sources: tuple[SourceState, ...]) -> dict[str, Any]:
    """The figures as the JSON object that scripts read; `None` where nothing is known."""
    figures = view.figures
    return {
        "calls": figures.calls,
        "errors": figures.errors,
        "in_flight": figures.in_flight + figures.lost,
        "spans": view.spans,
        "traces": view.traces,
        "input_tokens": figures.input_tokens,
        "output_tokens": figures.output_tokens,
        "cache_read_tokens": figures.cache_read_tokens,
        "cache_write_tokens": figures.cache_write_tokens,
        "reasoning_tokens": figures.reasoning_tokens,
        "cost_usd": figures.cost,
        "unpriced_calls": figures.unpriced_calls,
        "calls_without_usage": figures.calls_without_usage,
        "first_event": None if view.first_event is None else iso(view.first_event),
        "last_event": None if view.last_event is None else iso(view.last_event),
        "latency_ms": milliseconds(figures.latency),
        "ttft_ms": milliseconds(figures.ttft),
        "models": [_model(row) for row in view.models],
        "errors_by_type": dict(figures.errors_by_type),
        "sources": [
            {
                "source": source.label,
                "format": source.format,
                "lines": source.lines,
                "fragments": source.fragments,
                "rejected": source.rejected,
                "bytes": source.bytes_read,
            }
            for source in sources
        ],
    }


def laid_out(told: dict[str, Any]) -> str:
    """Figures as JSON laid out for reading, whatever the names are in them."""
    return json.format(encode(told), indent=2).decode()


def milliseconds(quantiles: Quantiles | None) -> dict[str, float | None]:
    """Quantiles as milliseconds; `None` where nothing is known."""
    names = ("p50", "p90", "p95", "p99", "max")
    return {
        name: None if quantiles is None else round(getattr(quantiles, name) * 1000.0, 3)
        for name in names
    }


def _model(row: ModelFigures) -> dict[str, Any]:
    figures = row.figures
    return {
        "provider": row.provider,
        "model": row.model,
        "calls": figures.calls,
        "errors": figures.errors,
        "input_tokens": figures.input_tokens,
        "output_tokens": figures.output_tokens,
        "cache_read_tokens": figures.cache_read_tokens,
        "cost_usd": figures.cost,
        "latency_ms": milliseconds(figures.latency),
    }
