"""What a record costs the program, against an OpenTelemetry span and `logging` with `json`.

Run: python tests/bench/bench_emit.py [--records N] [--rounds N] [--imports N] [--seconds S]
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
from llmtop.decode.decoder import Decoder
from llmtop.emit.emitter import configure, current, emit
from llmtop.emit.encode import encode
from llmtop.emit.sink import Sink, open_sink
from llmtop.live.live import Live
from llmtop.pricing import Prices
from llmtop.pump import Pump
from llmtop.sources.open import Sources

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


Taken = dict[str, list[tuple[float, float]]]
"""Of each round, microseconds a record on the processor and on the clock."""


def microseconds(work: dict[str, Callable[[], None]], records: int, rounds: int) -> Taken:
    """Each work's time per record, its rounds taken in turn with the others'."""
    taken: Taken = {name: [] for name in work}
    for _ in range(rounds):
        for name, once in work.items():
            began, worked = time.perf_counter(), time.process_time()
            for _ in range(records):
                once()
            worked, took = time.process_time() - worked, time.perf_counter() - began
            taken[name].append((worked / records * 1e6, took / records * 1e6))
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


FLOOD = """
import sys, time, llmtop
from llmtop.emit.emitter import emit
rate, seconds = int(sys.argv[1]), float(sys.argv[2])
count = int(rate * seconds)
began = time.perf_counter()
for number in range(count):
    emit({"type": "span", "span_id": "%016x" % number, "name": "step", "start_time": 1.0,
          "trace_id": "0123456789abcdef0123456789abcdef", "attributes": {"number": number}})
    if number % 100 == 0:
        ahead = number / rate - (time.perf_counter() - began)
        if ahead > 0:
            time.sleep(ahead)
took = time.perf_counter() - began
print(llmtop.stats().sent, took)
"""


def flood(seconds: float) -> None:
    """Two processes that send 25 000 records a second each to a monitor that reads."""
    sources = Sources((), udp=("127.0.0.1", 0), udp_required=True)
    told = {**os.environ, "LLMTOP_SINK": f"udp://127.0.0.1:{sources.udp_port}"}
    pump = Pump(sources, Decoder(), Live(Prices()))
    senders = [
        subprocess.Popen(
            [sys.executable, "-c", FLOOD, "25000", str(seconds)],
            stdout=subprocess.PIPE,
            text=True,
            env=told,
        )
        for _ in range(2)
    ]
    while any(sender.poll() is None for sender in senders):
        if not pump.step(0.008):
            time.sleep(0.002)
    sent, slowest = 0, 0.0
    for sender in senders:
        out, _ = sender.communicate()
        count, took = out.split()
        sent, slowest = sent + int(count), max(slowest, float(took))
    patience = time.monotonic() + 2.0
    while pump.step(0.05) or time.monotonic() < patience:
        if all(emitter.left for emitter in pump.source_states()[0].emitters):
            break
    (state,) = pump.source_states()
    print(
        f"\nflood: {sent} records sent at {sent / slowest:.0f} a second, {state.lines} received, "
        f"{state.lost} counted as lost, {sent - state.lines - state.lost} unaccounted for"
    )
    for emitter in state.emitters:
        print(
            f"  {emitter.name}: sent {emitter.sent}, received {emitter.received}, "
            f"lost {emitter.lost}, goodbye {'heard' if emitter.left else 'not heard'}"
        )
    pump.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--imports", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=10.0, help="of the flood")
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
    print(f"a record of {len(encode(RECORD))} bytes; medians of {options.rounds} rounds")
    span = statistics.median(worked for worked, _ in taken["OpenTelemetry span"])
    for name, measured in taken.items():
        worked, took = (statistics.median(each) for each in zip(*measured, strict=True))
        print(
            f"{name:<32}{worked:7.1f} µs of processor{took:7.1f} µs"
            f"  {worked / span:5.2f} of an OpenTelemetry span"
        )
    if options.seconds:
        flood(options.seconds)
    if options.imports:
        print(f"\nimport, least of {options.imports} fresh interpreters")
        least = import_milliseconds(options.imports)
        for name, each in least.items():
            print(f"{name:<32}{each - least['nothing']:7.1f} ms over a bare interpreter")


if __name__ == "__main__":
    main()
