"""A process writes, rotates and truncates its logs while they are followed: the totals agree."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from llmtop.decode.decoder import Decoder
from llmtop.live.live import Live
from llmtop.live.view import Figures, Query
from llmtop.pump import Pump
from llmtop.sources.open import Sources
from tests.rates import PerMillion
from tests.waiting import PATIENCE_S

WRITER = r"""
import json, os, random, shutil, sys, time
from pathlib import Path

folder, how, calls = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
path = folder / "app.jsonl"
chance = random.Random(5)
file = path.open("ab", buffering=0)
tokens = rotations = 0


def put(record):
    line = (json.dumps(record) + "\n").encode()
    if chance.random() < 0.1:  # a line that arrives in two halves
        cut = len(line) // 2
        file.write(line[:cut])
        time.sleep(0.002)
        file.write(line[cut:])
    else:
        file.write(line)


for number in range(calls):
    now = time.time()
    put({"type": "request", "request_id": f"r{number}", "timestamp": now, "model": "gpt-4o",
         "messages": [{"role": "user", "content": "hello " * chance.randint(1, 50)}]})
    used = chance.randint(1, 500)
    tokens += used
    put({"type": "response", "request_id": f"r{number}", "timestamp": now + 0.5,
         "content": "hi", "prompt_tokens": used, "completion_tokens": 1, "latency_ms": 500,
         "error": "boom" if number % 10 == 0 else None})
    if number % 7 == 0:
        time.sleep(0.002)
    if number % 400 == 399:
        rotations += 1
        kept = folder / f"app.jsonl.{rotations}"
        if how == "rename":
            os.rename(path, kept)
            file.close()
            file = path.open("ab", buffering=0)
        elif how == "copytruncate":
            shutil.copyfile(path, kept)
            os.truncate(path, 0)
        time.sleep(0.4)
print(json.dumps({"calls": calls, "tokens": tokens}))
"""


def totals(pump: Pump) -> Figures:
    return pump.live.view(Query(window="all"), time.time(), pump.honest()).total


@pytest.mark.parametrize("how", ["append", "rename", "copytruncate"])
def test_totals_equal_what_another_process_wrote(tmp_path: Path, how: str) -> None:
    calls = 2000
    (tmp_path / "app.jsonl").touch()
    live = Live(PerMillion(), follow=True)
    pump = Pump(Sources([str(tmp_path)], follow=True), Decoder(), live)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path), how, str(calls)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            busy = pump.step(0.008)
            if writer.poll() is not None and totals(pump).calls >= calls:
                break
            if not busy:
                time.sleep(min(0.02, pump.interval()))
        written = json.loads(writer.communicate(timeout=PATIENCE_S)[0])
        for _ in range(20):  # what would be counted twice comes now
            pump.step(0.008)
            time.sleep(0.02)
        seen = totals(pump)
    finally:
        writer.kill()
        writer.wait()
        pump.close()
    assert (seen.calls, seen.input_tokens) == (written["calls"], written["tokens"])
    assert seen.errors == calls // 10
    assert seen.in_flight == 0
    assert pump.honest().rejected == 0
