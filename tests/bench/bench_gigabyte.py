"""How soon a large log shows its first figures and its complete totals.

Run: python tests/bench/bench_gigabyte.py [--bytes N] [--keep PATH]
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import corpus

from llmtop.decode.decoder import Decoder
from llmtop.live.live import Live
from llmtop.live.view import Query
from llmtop.pump import Pump
from llmtop.sources.open import Sources


def follow(path: Path) -> tuple[float, float, float, int]:
    """Seconds to the first view with calls, to complete totals, the longest step, and calls."""
    began = time.perf_counter()
    live = Live(corpus.FlatRates(), follow=True)
    pump = Pump(Sources([str(path)], follow=True), Decoder(), live)
    first = longest = 0.0
    query = Query(window="all")
    more = True
    while more:
        stepped = time.perf_counter()
        more = pump.step(0.008)
        longest = max(longest, time.perf_counter() - stepped)
        if not first and live.view(query, time.time(), pump.honest()).total.calls:
            first = time.perf_counter() - began
    complete = time.perf_counter() - began
    calls = live.view(query, time.time(), pump.honest()).total.calls
    pump.close()
    return first, complete, longest, calls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=int, default=1 << 30)
    parser.add_argument("--keep", type=Path, help="write the log here and keep it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.keep or Path(folder) / "llm_logs.jsonl"
        if not path.exists():
            corpus.write_bytes(path, options.bytes)
        size = path.stat().st_size
        began = time.perf_counter()
        for chunk in corpus.chunks(path):
            chunk.split(b"\n")
        split = time.perf_counter() - began
        first, complete, longest, calls = follow(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_mb = peak / (1e6 if sys.platform == "darwin" else 1e3)
    print(f"{size / 1e6:.0f} MB, {calls} calls")
    print(f"reading and splitting lines   {split:8.2f} s")
    print(f"first figures                 {first:8.3f} s")
    print(f"complete totals               {complete:8.2f} s = {complete / split:.1f} x that")
    print(f"longest step on the screen's thread {longest * 1000:.1f} ms; peak {peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
