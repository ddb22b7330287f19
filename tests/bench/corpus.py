"""Logs for the benchmarks: the demo's traffic, and what the benchmarks share to read and report."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from llmtop.decode.decoder import Decoder
from llmtop.demo.traffic import stamped, steps
from llmtop.live.live import Live
from llmtop.pricing import Card
from llmtop.pump import Pump
from llmtop.sources.open import Sources
from llmtop.span import Series

RATE = 200.0
"""Calls a second of the made-up log."""
CHUNK = 256 * 1024


class FlatRates:
    """One price for every model, so that the price list's own loading is not measured."""

    ready = True

    def cost(
        self,
        series: Series,
        input_tokens: int | None,
        output_tokens: int | None,
        *others: object,
    ) -> float | None:
        """A millionth of a dollar a token."""
        del series, others
        return ((input_tokens or 0) + (output_tokens or 0)) * 1e-6

    def rates(self, series: Series, input_tokens: int | None, when: float | None) -> Card:
        """The same rates for every call."""
        del series, input_tokens, when
        return Card(1.0, 1.0, 1.0, 1.0, 1.0, "the benchmark")


def records(seed: int = 1) -> Iterator[bytes]:
    """Lines of the demo's traffic without end, as the emitter writes them."""
    encode = msgspec.json.Encoder().encode
    began = time.time() - 3600
    for step in steps(seed=seed, rate=RATE, scenario="all"):
        yield encode(stamped(step.record, began)) + b"\n"


def write_lines(path: Path, lines: int) -> int:
    """Write so many lines; returns the bytes."""
    with path.open("wb") as file:
        file.writelines(itertools.islice(records(), lines))
    return path.stat().st_size


def write_bytes(path: Path, size: int) -> int:
    """Write lines until the file has `size` bytes; returns how many lines."""
    count = 0
    with path.open("wb", buffering=1 << 20) as file:
        for line in records():
            file.write(line)
            count += 1
            if file.tell() >= size:
                return count
    return count


def chunks(path: Path) -> Iterator[bytes]:
    """The file in blocks that end with whole lines."""
    rest = b""
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            whole, newline, tail = block.rpartition(b"\n")
            yield rest + whole + newline
            rest = tail
    if rest:
        yield rest


def ingest(path: Path, *, follow: bool = False, max_calls: int = 200_000) -> Live:
    """Read a file as the monitor does, to the end."""
    live = Live(FlatRates(), max_calls=max_calls, follow=follow)
    pump = Pump(Sources([str(path)], follow=follow), Decoder(), live)
    pump.drain()
    pump.close()
    return live


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of this process that a piece of work takes."""
    began = time.process_time()
    work()
    return time.process_time() - began


def interleaved(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median CPU seconds of each work; rounds alternate, so that a noisy moment hits all alike."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(cpu_seconds(work))
    return {name: statistics.median(times) for name, times in taken.items()}
