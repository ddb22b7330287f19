"""How much memory a retained call takes, with and without the text of its ids.

Run: python tests/bench/bench_memory.py [--calls N]
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import corpus

from llmtop.decode.decoder import Decoder
from llmtop.live.live import Live
from llmtop.live.view import Query
from llmtop.sources.chunk import Chunk

BATCH = 500


def resident() -> int:
    """Bytes of memory that this process holds (Linux)."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096


def lines(calls: int) -> Iterator[bytes]:
    """Requests and their responses, each call in a trace of its own."""
    chance = random.Random(1)
    now = time.time()
    for _ in range(calls):
        request, trace = f"{chance.getrandbits(64):016x}", f"{chance.getrandbits(128):032x}"
        asked = now - chance.random() * 600
        yield (
            f'{{"type":"request","request_id":"{request}","timestamp":{asked},"model":"gpt-4o",'
            f'"provider":"openai","trace_id":"{trace}","messages":[]}}\n'
            f'{{"type":"response","request_id":"{request}","timestamp":{asked + 1},'
            f'"prompt_tokens":{chance.randint(10, 9000)},"completion_tokens":200,"content":"",'
            f'"latency_ms":{chance.random() * 4000},"finish_reason":"stop"}}\n'
        ).encode()


def fill(live: Live, calls: int, decoder: Decoder) -> None:
    waiting: list[bytes] = []
    number = 0
    for line in lines(calls):
        waiting.append(line)
        if len(waiting) == BATCH:
            live.apply(decoder.decode(Chunk(number, 0, b"".join(waiting))), time.time())
            number += 1
            waiting.clear()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200_000)
    options = parser.parse_args()
    calls = options.calls // BATCH * BATCH
    decoder = Decoder()
    fill(Live(corpus.FlatRates()), BATCH * 4, decoder)  # what is loaded on first use
    live = Live(corpus.FlatRates(), max_calls=calls * 2)
    gc.collect()
    before = resident()
    fill(live, calls, decoder)
    gc.collect()
    held = resident() - before
    ids = calls * (sys.getsizeof("0" * 32) + sys.getsizeof("0" * 16))
    spans = live.view(Query(window="all"), time.time(), None).spans
    print(f"{spans} calls retained, {held / 1e6:.0f} MB")
    print(f"{held / calls:.0f} bytes a call, of which {ids / calls:.0f} are its ids' strings")
    print(f"{(held - ids) / calls:.0f} bytes a call plus its strings")


if __name__ == "__main__":
    main()
