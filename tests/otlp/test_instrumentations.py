"""A program with an OpenAI instrumentation of each family sends to llmtop: each call is there once.

The programs run in processes of their own, since an instrumentation patches what it finds.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from llmtop.span import Flag, Span
from tests.otlp.model_server import (
    ANSWER,
    ANSWERED_BY,
    CACHED_TOKENS,
    COMPLETION_TOKENS,
    PROMPT_TOKENS,
    model_server,
)
from tests.otlp.monitor import Monitor, monitor
from tests.waiting import PATIENCE_S

CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
LATEST = {"OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental"}
FAMILIES: dict[str, tuple[str, Mapping[str, str]]] = {
    "official GenAI": ("opentelemetry.instrumentation.openai_v2", {}),
    "official GenAI, messages in spans": (
        "opentelemetry.instrumentation.openai_v2",
        {CAPTURE: "SPAN_ONLY"},
    ),
    "official GenAI, messages in events": (
        "opentelemetry.instrumentation.openai_v2",
        {CAPTURE: "EVENT_ONLY"},
    ),
    "official GenAI, latest convention": (
        "opentelemetry.instrumentation.openai_v2",
        {**LATEST, CAPTURE: "SPAN_AND_EVENT"},
    ),
    "OpenInference": ("openinference.instrumentation.openai", {}),
    "OpenLLMetry": ("opentelemetry.instrumentation.openai", {}),
}
"""Each family's module, and the variables that make it send messages."""

PROGRAM = """
import sys
from importlib import import_module

from opentelemetry import _logs, trace
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

tracing, logging = TracerProvider(), LoggerProvider()
tracing.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
logging.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
trace.set_tracer_provider(tracing)
_logs.set_logger_provider(logging)
import_module(sys.argv[1]).OpenAIInstrumentor().instrument()

import openai

client = openai.OpenAI(base_url=sys.argv[2], api_key="none", max_retries=0)


def ask(text, **more):
    messages = [{"role": "user", "content": text}]
    return client.chat.completions.create(model="gpt-4o", messages=messages, **more)


ask("How is the weather?")
for _ in ask("And there?", stream=True, stream_options={"include_usage": True}):
    pass
try:
    ask("fail")
except openai.RateLimitError:
    pass
tracing.shutdown()
logging.shutdown()
"""


def run(family: str, to: Monitor, model: str) -> None:
    instrumentation, settings = FAMILIES[family]
    program = [sys.executable, "-c", PROGRAM, instrumentation, model]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run(
        program,
        env={**ours, "OTEL_EXPORTER_OTLP_ENDPOINT": to.url, **settings},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def instrumented(family: str, to: Monitor) -> list[Span]:
    """The calls that llmtop saw, in the order in which they began."""
    with model_server() as model:
        run(family, to, model)
    to.until(lambda totals: totals.calls >= 3)
    to.move()
    return sorted(to.calls(), key=lambda call: call.start)


@pytest.mark.parametrize("family", FAMILIES)
def test_each_call_is_there_once_with_its_tokens_model_and_status(family: str) -> None:
    with monitor() as running:
        calls = instrumented(family, running)
        assert running.pump.honest().rejected == 0
        assert [call.failed for call in calls] == [False, False, True]
        for call in calls:
            assert call.series.provider == "openai"
            assert call.series.model == "gpt-4o"
            assert call.latency is not None
            assert call.latency > 0
        for call in calls[:2]:
            assert call.series.price_model == ANSWERED_BY
            assert (call.input_tokens, call.output_tokens) == (PROMPT_TOKENS, COMPLETION_TOKENS)
            assert call.finish_reason in (None, "stop")
        failure = calls[2].failure
        assert failure is not None
        assert "RateLimit" in failure.type or "429" in failure.type
        assert calls[2].input_tokens is None
        totals = running.totals()
        assert (totals.calls, totals.errors, totals.in_flight) == (3, 1, 0)
        assert totals.input_tokens == 2 * PROMPT_TOKENS


@pytest.mark.parametrize("family", [family for family in FAMILIES if family != "official GenAI"])
def test_messages_are_read_back_where_the_program_sends_them(family: str) -> None:
    with monitor() as running:
        call = instrumented(family, running)[0]
        payload = running.pump.payload(call)
        assert "How is the weather?" in [message.text for message in payload.input]
        assert ANSWER in [message.text for message in payload.output]


def test_cached_tokens_are_told_where_the_instrumentation_tells_them() -> None:
    with monitor() as running:
        calls = instrumented("OpenInference", running)
        cache = calls[0].cache
        assert cache is not None
        assert cache.read == CACHED_TOKENS


def test_a_stream_is_known_as_one() -> None:
    with monitor() as running:
        calls = instrumented("OpenLLMetry", running)
        assert calls[1].flags & Flag.STREAM
