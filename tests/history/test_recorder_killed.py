"""A recorder that is killed under load has kept every span that it acknowledged, once."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

KILLS = 4
SPANS_A_POST = 20


@contextmanager
def recorder(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A service that records, and where it is."""
    program = "from llmtop.cli.main import main; main()"
    asked = ["serve", "--no-udp", "--port", "0", "--record", str(folder)]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *asked], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield process, found.group(0)
                break
        else:
            pytest.fail("the service did not start")
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def export(first: int) -> dict[str, object]:
    spans = [
        {
            "traceId": f"{number + 1:032x}",
            "spanId": f"{number + 1:016x}",
            "name": "chat",
            "startTimeUnixNano": "1764000000000000000",
            "endTimeUnixNano": "1764000001000000000",
            "attributes": [
                {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o"}},
                {"key": "gen_ai.input.messages", "value": {"stringValue": "x" * (number % 4000)}},
            ],
        }
        for number in range(first, first + SPANS_A_POST)
    ]
    return {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}


def post_until_it_dies(
    address: str, first: int, acknowledged: list[int], enough: threading.Event
) -> None:
    with httpx.Client() as client:
        while True:
            try:
                answer = client.post(f"{address}/v1/traces", json=export(first), timeout=10)
            except httpx.TransportError:
                return
            assert answer.status_code == 200, answer.text
            acknowledged.extend(range(first, first + SPANS_A_POST))
            first += SPANS_A_POST
            if len(acknowledged) >= 40 * SPANS_A_POST:
                enough.set()


def test_what_was_acknowledged_is_on_disk_once_however_often_it_is_killed(tmp_path: Path) -> None:
    kept: list[int] = []
    for kill in range(KILLS):
        acknowledged: list[int] = []
        enough = threading.Event()
        with recorder(tmp_path) as (process, address):
            first = 1_000_000 * kill
            sender = threading.Thread(
                target=post_until_it_dies, args=(address, first, acknowledged, enough)
            )
            sender.start()
            assert enough.wait(60)
            process.send_signal(signal.SIGKILL)
            sender.join(60)
        kept += acknowledged
    data = b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))
    whole = data[: data.rfind(b"\n") + 1]
    found = [int(json.loads(line)["span_id"], 16) - 1 for line in whole.splitlines()]
    assert len(found) == len(set(found))
    assert set(kept) <= set(found)
    # What lies there beyond that was on its way when the recorder was killed.
    assert len(found) - len(kept) <= KILLS * SPANS_A_POST
