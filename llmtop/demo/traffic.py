"""Sends the demo's traffic at its own pace to a sink, or writes it to files at once."""

from __future__ import annotations

import argparse
import heapq
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NoReturn

from llmtop.demo.scenarios import MIXES, SCENARIOS
from llmtop.demo.trace import Record, Step
from llmtop.demo.weather import Weather
from llmtop.emit.sink import open_sink

DEFAULT_RATE = 5.0
"""Calls a second."""
HISTORY_S = 150.0
"""How much of the past a live demo begins with, so that no pane is empty."""
BURST = 50
"""Records of the past that are sent before the receiver gets a moment to read them."""
_WARM_UP_S = 60.0


def steps(*, seed: int, rate: float, scenario: str) -> Iterator[Step]:
    """All records in the order of their seconds, without end; the same for the same arguments.

    `rate` is calls a second on average. Traffic begins in full flow: conversations that started
    before second zero are in it with their later turns.
    """
    chance = random.Random(seed)
    weather = Weather(seed, scenario)
    sessions, weights = zip(*MIXES[scenario], strict=True)
    waiting: list[tuple[float, int, Record]] = []
    number = 0
    arrival = -_WARM_UP_S
    while True:
        session = chance.choices(sessions, weights)[0](chance, weather, arrival)
        for trace in session:
            if trace.start >= 0:
                for due, record in trace.steps:
                    heapq.heappush(waiting, (due, number, record))
                    number += 1
        calls = sum(trace.calls for trace in session)
        arrival += chance.expovariate(rate / max(calls, 1))
        while waiting and waiting[0][0] <= arrival:
            due, _, record = heapq.heappop(waiting)
            yield Step(due, record)


def stamped(record: Record, began: float) -> Record:
    """The record with real times (ISO 8601, UTC) instead of seconds since `began` (an epoch)."""
    told = dict(record)
    for field in ("timestamp", "start_time", "end_time"):
        if (offset := told.get(field)) is not None:
            told[field] = _iso(began + offset)
    if told.get("events"):
        told["events"] = [
            {**event, "timestamp": _iso(began + event["timestamp"])} for event in told["events"]
        ]
    return told


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")


def send(sink: Any, traffic: Iterator[Step], *, history: float, duration: float | None) -> None:
    """Send at real pace, beginning `history` seconds in the past, for `duration` seconds.

    Ends by itself when the process that started it is gone.
    """
    parent = os.getppid()
    now = time.time()
    began = now - history
    until = None if duration is None else now + duration
    for sent, (due, record) in enumerate(traffic):
        moment = began + due
        if until is not None and moment > until:
            return
        while (ahead := moment - time.time()) > 0:
            if os.getppid() != parent:
                return
            time.sleep(min(ahead, 0.5))
        if sent % BURST == 0:
            time.sleep(0.004)
        sink.send(stamped(record, began))


def write(sink: Any, traffic: Iterator[Step], *, duration: float) -> int:
    """Write the last `duration` seconds at once; returns how many records that are."""
    began = time.time() - duration
    written = 0
    for due, record in traffic:
        if due > duration:
            break
        sink.send(stamped(record, began))
        written += 1
    return written


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line of `python -m llmtop.demo.traffic`."""
    parser = argparse.ArgumentParser(prog="llmtop.demo.traffic", description=__doc__)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--to", default="udp://127.0.0.1:8127", help="a sink: udp://…, file:DIR")
    where.add_argument("--write", metavar="DIR", help="write the past as JSONL at once and end")
    parser.add_argument("--rate", type=float, default=DEFAULT_RATE, help="calls a second")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same traffic")
    parser.add_argument("--scenario", choices=SCENARIOS, default="all")
    parser.add_argument("--duration", type=float, help="seconds (for --write 3600 by default)")
    options = parser.parse_args(arguments)
    if not 0 < options.rate <= 10_000:
        parser.error("--rate must be above 0 and at most 10000")
    return options


def _leave(*_: object) -> NoReturn:
    raise SystemExit(0)


def main(arguments: list[str] | None = None) -> None:
    """Run the generator as the command line says."""
    options = parse(arguments)
    traffic = steps(seed=options.seed, rate=options.rate, scenario=options.scenario)
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    sink = open_sink(f"file:{options.write}" if options.write else options.to)
    try:
        if options.write:
            duration = 3600.0 if options.duration is None else options.duration
            count = write(sink, traffic, duration=duration)
            sys.stdout.write(f"{count} records written to {options.write}\n")
        else:
            send(sink, traffic, history=HISTORY_S, duration=options.duration)
    finally:
        sink.flush()
        sink.close()


if __name__ == "__main__":
    main()
