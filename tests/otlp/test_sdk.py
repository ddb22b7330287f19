"""OpenTelemetry's own SDK sends over HTTP, and writes files: every span is there once."""

from __future__ import annotations

from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.json.file.trace_exporter import FileSpanExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SimpleSpanProcessor,
)
from opentelemetry.trace import StatusCode

from llmtop.decode.decoder import Decoder
from llmtop.live.live import Live
from llmtop.live.view import Query
from llmtop.pump import Pump
from llmtop.sources.open import Sources
from tests.otlp.monitor import monitor
from tests.rates import PerMillion

CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 7,
}
TRACES = 300


def trace_some(provider: TracerProvider) -> None:
    """Make traces of an agent that calls a model twice; the second call fails now and then."""
    tracer = provider.get_tracer("app")
    for number in range(TRACES):
        with tracer.start_as_current_span(
            "invoke_agent", attributes={"gen_ai.operation.name": "invoke_agent"}
        ):
            for again in range(2):
                with tracer.start_as_current_span("chat gpt-4o", attributes=CHAT) as span:
                    if again and number % 10 == 0:
                        span.set_attribute("error.type", "RateLimitError")
                        span.set_status(StatusCode.ERROR, "Slow down.")


@pytest.mark.parametrize("compression", list(Compression), ids=lambda each: each.value)
def test_every_span_of_the_sdk_arrives_once(compression: Compression) -> None:
    with monitor() as running:
        exporter = OTLPSpanExporter(endpoint=f"{running.url}/v1/traces", compression=compression)
        provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
        provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=10_000))
        trace_some(provider)
        provider.shutdown()
        seen = running.until(lambda totals: totals.calls >= 2 * TRACES)
        assert (seen.calls, seen.errors) == (2 * TRACES, TRACES // 10)
        assert (seen.input_tokens, seen.output_tokens) == (200 * TRACES, 14 * TRACES)
        state = running.port_state
        assert (state.format, state.fragments, state.rejected) == ("OTLP JSON", 3 * TRACES, 0)
        assert state.received["spans"] == 3 * TRACES


def test_logs_and_metrics_of_the_sdk_are_taken() -> None:
    with monitor() as running:
        logging = LoggerProvider()
        exporter = OTLPLogExporter(endpoint=f"{running.url}/v1/logs")
        logging.add_log_record_processor(SimpleLogRecordProcessor(exporter))
        logging.get_logger("app").emit(body="a line of an application", severity_text="INFO")
        logging.shutdown()
        metrics = MeterProvider(
            [PeriodicExportingMetricReader(OTLPMetricExporter(f"{running.url}/v1/metrics"))]
        )
        metrics.get_meter("app").create_counter("tokens").add(5)
        metrics.shutdown()
        running.move()
        state = running.port_state
        assert state.received["log records"] == 1
        assert state.received["metric data points"] == 1
        assert running.totals().calls == 0
        assert running.pump.honest().rejected == 0


@pytest.mark.parametrize("processor", [BatchSpanProcessor, SimpleSpanProcessor])
def test_a_file_of_otlp_json_tells_the_same(
    tmp_path: Path, processor: type[BatchSpanProcessor | SimpleSpanProcessor]
) -> None:
    path = tmp_path / "traces.jsonl"
    provider = TracerProvider()
    provider.add_span_processor(processor(FileSpanExporter(path)))
    trace_some(provider)
    provider.shutdown()
    pump = Pump(Sources([str(path)], follow=False), Decoder(), Live(PerMillion(), follow=False))
    pump.drain()
    seen = pump.live.view(Query(window="all"), 0.0, pump.honest()).total
    pump.close()
    assert (seen.calls, seen.errors) == (2 * TRACES, TRACES // 10)
    assert (seen.input_tokens, seen.output_tokens) == (200 * TRACES, 14 * TRACES)
    assert pump.honest().rejected == 0
