"""How fast lines of little content are decoded, as a ratio to `json.loads` on the same bytes.

Run: python tests/bench/bench_short_lines.py [--rounds N] [FILE ...]

Spans as instrumentations write them by default, without content, are made up. The files, or where
none are given the sample logs of the folder LLMTOP_CORPUS, are read as they are, line by line, and
repeated until they are some hundred KB. What is told is the least time of all rounds.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import bench_decode
import corpus

from llmtop.decode.decoder import Decoder
from llmtop.sources.chunk import Chunk
from tests.decode import otlp

_LEAST_BYTES = 400_000
_FEW_FRAGMENTS = 0.2
"""Of lines of which fewer tell of a span, those of logs of another kind, the ratio says little."""


def attributes(number: int) -> dict[str, Any]:
    """What an instrumentation tells of a call when it is not asked for content."""
    return {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini", "server.address": "api.openai.com",
        "server.port": 443, "gen_ai.request.temperature": 0.5,
        "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.response.id": f"chatcmpl-{number:024x}",
        "gen_ai.usage.input_tokens": number % 900, "gen_ai.usage.output_tokens": number % 90,
    }  # fmt: skip


def otlp_export(number: int) -> Any:
    """A batch of spans."""
    spans = [
        otlp.span(at + 1, attributes(at), name="chat gpt-4o-mini", parent=at + 7)
        for at in range(number * 8, number * 8 + 8)
    ]
    return otlp.export(*spans, scope="opentelemetry.instrumentation.openai_v2")


def printed_span(number: int) -> Any:
    """A span as the console exporter prints it."""
    stamp = f"2026-01-02T03:{number // 60 % 60:02}:{number % 60:02}"
    return {
        "name": "chat gpt-4o-mini",
        "context": {"trace_id": f"0x{number // 3 + 1:032x}", "span_id": f"0x{number + 1:016x}",
                    "trace_state": "[]"},
        "kind": "SpanKind.CLIENT", "parent_id": f"0x{number + 7:016x}",
        "start_time": f"{stamp}.125000Z", "end_time": f"{stamp}.750000Z",
        "status": {"status_code": "UNSET"}, "attributes": attributes(number), "events": [],
        "links": [], "resource": {"attributes": {
            "telemetry.sdk.language": "python", "telemetry.sdk.name": "opentelemetry",
            "telemetry.sdk.version": "1.40.0", "service.name": "app"}, "schema_url": ""},
    }  # fmt: skip


def measure(name: str, lines: list[bytes], rounds: int) -> None:
    """Print the ratio of some lines."""
    repeated = lines * (_LEAST_BYTES // sum(map(len, lines)) + 1)
    chunks = bench_decode.chunked(repeated)
    found = decoded(chunks)
    if found < len(repeated) * _FEW_FRAGMENTS:
        return
    times = {"json": 1e9, "llmtop": 1e9}
    for _ in range(rounds):
        times["json"] = min(times["json"], corpus.cpu_seconds(lambda: bench_decode.load(chunks)))
        times["llmtop"] = min(times["llmtop"], corpus.cpu_seconds(lambda: decoded(chunks)))
    size, took = sum(map(len, repeated)) // found, times["llmtop"] / found * 1e6
    ratio = times["json"] / times["llmtop"]
    print(f"{name:<84}{size:6} bytes a span{took:7.1f} µs{ratio:7.2f} times json.loads")


def decoded(chunks: list[bytes]) -> int:
    """How many fragments the chunks tell."""
    decoder = Decoder()
    return sum(len(decoder.decode(Chunk(at, 0, data))) for at, data in enumerate(chunks))


def json_lines(path: Path) -> list[bytes]:
    """The lines of a file, none if it is not one of JSON in lines."""
    lines = [line + b"\n" for line in path.read_bytes().splitlines() if line.strip()]
    try:
        for line in lines:
            json.loads(line)
    except ValueError:
        return []
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    for name, record, count in (("OTLP JSON", otlp_export, 50), ("console", printed_span, 400)):
        made = [json.dumps(record(number)).encode() + b"\n" for number in range(count)]
        measure(f"{name}, made up", made, options.rounds)
    folder = os.environ.get("LLMTOP_CORPUS")
    samples = sorted(Path(folder).rglob("*.jsonl")) if folder else []
    for path in options.files or samples:
        lines = json_lines(path)
        if lines:
            name = str(path.relative_to(folder) if folder and path in samples else path)
            measure(name, lines, options.rounds)


if __name__ == "__main__":
    main()
