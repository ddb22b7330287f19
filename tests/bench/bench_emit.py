"""What a record costs the program, against an OpenTelemetry span and `logging` with `json`.

Run: python tests/bench/bench_emit.py [--records N] [--rounds N] [--imports N]
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

import llmtop
from llmtop.emit.emitter import configure, current, emit
from llmtop.emit.encode import encode
from llmtop.emit.sink import Sink, open_sink

RECORD = {
    "type": "response",
    "request_id": "req_0123456789abcdef",
    "span_id": "0123456789abcdef",
    "trace_id": "0123456789abcdef0123456789abcdef",
    "timestamp": 1_700_000_000.123,
    "model": "gpt-4o-mini",
    "content": "The capital of France is Paris.",
    "finish_reason": "stop",
    "prompt_tokens": 20,
    "completion_tokens": 7,
    "latency_ms": 812.5,
}
ATTRIBUTES = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.usage.input_tokens": 20,
    "gen_ai.usage.output_tokens": 7,
    "gen_ai.response.finish_reasons": ("stop",),
}
IMPORTS = {
    "nothing": "pass",
    "json, socket, contextvars": "import json, socket, contextvars",
    "the same and msgspec": "import json, socket, contextvars; from msgspec import json",
    "llmtop": "import llmtop",
    "llmtop, and a first record": (
        "import llmtop; llmtop.configure('udp://127.0.0.1:9');"
        "llmtop.tracer.span('first').start().end()"
    ),
    "opentelemetry.sdk.trace": (
        "from opentelemetry.sdk.trace import TracerProvider;"
        "from opentelemetry.sdk.trace.export import BatchSpanProcessor"
    ),
}


class NoExporter(SpanExporter):
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        del spans
        return SpanExportResult.SUCCESS


LISTEN = """
import socket
port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
port.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
port.bind(("127.0.0.1", 0))
print(port.getsockname()[1], flush=True)
while True:
    port.recv(65536)
"""


@contextmanager
def listening() -> Iterator[str]:
    """The address of a port that another process reads, as a monitor does."""
    with subprocess.Popen([sys.executable, "-c", LISTEN], stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        yield f"udp://127.0.0.1:{int(reader.stdout.readline())}"
        reader.kill()


def sending(sink: Sink) -> Callable[[], None]:
    """The whole way of a record, with the sink given."""

    def send() -> None:
        current().sink = sink
        emit(RECORD)

    return send


def spanning(sink: Sink) -> Callable[[], None]:
    """A span: a record when it begins, and one when it ends."""
    span = llmtop.tracer.span

    def send() -> None:
        current().sink = sink
        with span("chat gpt-4o-mini", attributes=ATTRIBUTES):
            pass

    return send


def opentelemetry_span(provider: TracerProvider) -> Callable[[], None]:
    tracer = provider.get_tracer("bench")

    def send() -> None:
        with tracer.start_as_current_span("chat gpt-4o-mini", attributes=ATTRIBUTES):
            pass

    return send


def logged(path: Path) -> Callable[[], None]:
    logger = logging.getLogger("bench")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.addHandler(logging.FileHandler(path))
    return lambda: logger.info(json.dumps(RECORD))


def microseconds(
    work: dict[str, Callable[[], None]], records: int, rounds: int
) -> dict[str, list[float]]:
    """Each work's time per record, its rounds taken in turn with the others'."""
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, once in work.items():
            began = time.perf_counter()
            for _ in range(records):
                once()
            taken[name].append((time.perf_counter() - began) / records * 1e6)
    return taken


def import_milliseconds(times: int) -> dict[str, float]:
    """The least that a fresh interpreter takes for each import, taken in turn."""
    taken: dict[str, list[float]] = {name: [] for name in IMPORTS}
    with tempfile.TemporaryDirectory() as cache:
        # Compiled once, as it is in any installation.
        told = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        told.pop("PYTHONDONTWRITEBYTECODE", None)
        for _ in range(times + 1):
            for name, program in IMPORTS.items():
                began = time.perf_counter()
                subprocess.run([sys.executable, "-c", program], check=True, env=told)
                taken[name].append((time.perf_counter() - began) * 1e3)
    return {name: min(each[1:]) for name, each in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--imports", type=int, default=10)
    options = parser.parse_args()
    configure("none")
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(NoExporter()))
    with tempfile.TemporaryDirectory() as folder, listening() as address:
        heard, unheard = open_sink(address), open_sink("udp://127.0.0.1:9")
        file = open_sink(f"file:{folder}")
        taken = microseconds(
            {
                "OpenTelemetry span": opentelemetry_span(provider),
                "logging and json": logged(Path(folder) / "app.log"),
                "record by UDP": sending(heard),
                "record by UDP, nobody listens": sending(unheard),
                "record to a file": sending(file),
                "span by UDP (two records)": spanning(heard),
                "span by UDP, nobody listens": spanning(unheard),
                "span to a file (two records)": spanning(file),
            },
            options.records,
            options.rounds,
        )
        for sink in (heard, unheard, file):
            sink.close()
    provider.shutdown()
    print(f"a record of {len(encode(RECORD))} bytes; median and range of {options.rounds} rounds")
    span = statistics.median(taken["OpenTelemetry span"])
    for name, rounds in taken.items():
        median = statistics.median(rounds)
        print(
            f"{name:<32}{median:7.1f} µs  [{min(rounds):5.1f}–{max(rounds):5.1f}]"
            f"  {median / span:5.2f} of an OpenTelemetry span"
        )
    if options.imports:
        print(f"\nimport, least of {options.imports} fresh interpreters")
        least = import_milliseconds(options.imports)
        for name, each in least.items():
            print(f"{name:<32}{each - least['nothing']:7.1f} ms over a bare interpreter")


if __name__ == "__main__":
    main()
