"""How fast a log becomes figures, against decoding it only and against `json.loads`.

Run: python tests/bench/bench_ingest.py [--lines N] [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import corpus
import msgspec

from llmtop.decode.native import Record


def split_only(path: Path) -> None:
    for chunk in corpus.chunks(path):
        chunk.split(b"\n")


def decode_only(path: Path) -> None:
    decoder = msgspec.json.Decoder(Record, strict=False)
    for chunk in corpus.chunks(path):
        decoder.decode_lines(chunk)


def json_loads(path: Path) -> None:
    for chunk in corpus.chunks(path):
        for line in chunk.splitlines():
            json.loads(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "llm_logs.jsonl"
        size = corpus.write_lines(path, options.lines)
        print(f"{options.lines} lines, {size / 1e6:.0f} MB, {size // options.lines} bytes a line")
        took = corpus.interleaved(
            {
                "read and split": lambda: split_only(path),
                "msgspec decode only": lambda: decode_only(path),
                "json.loads": lambda: json_loads(path),
                "full ingest": lambda: corpus.ingest(path),
            },
            options.rounds,
        )
    for name, seconds in took.items():
        each = seconds / options.lines * 1e6
        print(f"{name:<22}{each:8.2f} µs a line {options.lines / seconds / 1e3:9.0f}k lines/s")
    full = took["full ingest"]
    print(f"full ingest runs at {took['msgspec decode only'] / full:.2f} of decode-only speed")
    print(f"full ingest is {took['json.loads'] / full:.2f} times as fast as json.loads alone")


if __name__ == "__main__":
    main()
