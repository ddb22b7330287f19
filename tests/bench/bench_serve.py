"""Eight clients ask the service while 5 000 records a second arrive: how long answers take.

    python -m tests.bench.bench_serve [--seconds 20] [--rate 5000] [--clients 8]

The service is the installed command on a log that is written to meanwhile. At the end each record
must have been read, and no answer may have been an error.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

import httpx

ROUTES = (
    "/v1/logs?limit=100",
    "/v1/logs?limit=100&payload=false&q=status:error",
    "/v1/metrics?window=5m",
    "/v1/metrics?window=5m&q=model:gpt-4o",
    "/v1/traces?limit=50",
    "/v1/sessions?limit=50",
    "/metrics",
    "/health",
)
MODELS = ("gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5", "o3")


def main() -> None:
    """Measure, and print a table."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=float, default=20.0)
    arguments.add_argument("--rate", type=int, default=5000)
    arguments.add_argument("--clients", type=int, default=8)
    told = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "app.jsonl"
        log.touch()
        served, url = serve(log)
        try:
            took, statuses, written = ask_while_writing(
                url, log, told.seconds, told.rate, told.clients
            )
            read, waited = all_read(url, written // 2)
            used, memory = usage(served.pid)
        finally:
            served.terminate()
            served.wait(30)
    print(f"{written:,} records in {told.seconds:.0f} s, {told.clients} clients")
    print(f"{'route':50} {'answers':>8} {'p50 ms':>8} {'p95 ms':>8} {'max ms':>8}")
    for route, times in took.items():
        times.sort()
        p50, p95 = (times[int(len(times) * share)] for share in (0.5, 0.95))
        figures = "".join(f" {seconds * 1000:8.1f}" for seconds in (p50, p95, times[-1]))
        print(f"{route:50} {len(times):8}{figures}")
    print(f"answers by status: {dict(statuses)}")
    print(f"calls written {written // 2:,}, read {read:,}, the last {waited:.1f} s after the end")
    print(f"the service used {used:.1f} s of a core and {memory:.0f} MB")
    assert set(statuses) == {200}
    assert read == written // 2


def serve(log: Path) -> tuple[subprocess.Popen[str], str]:
    """The installed command on a free port."""
    program = "from llmtop.cli.main import main; main()"
    command = [sys.executable, "-c", program, "serve", str(log), "--no-udp", "--port", "0"]
    served = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert served.stderr is not None
    for line in served.stderr:
        address = re.search(r"http://[\d.:]+", line)
        if address:
            return served, address[0]
    raise RuntimeError("the service did not start")


def ask_while_writing(
    url: str, log: Path, seconds: float, rate: int, clients: int
) -> tuple[dict[str, list[float]], dict[int, int], int]:
    """Times and statuses of the answers by route, and how many records were written."""
    took: dict[str, list[float]] = defaultdict(list)
    statuses: dict[int, int] = defaultdict(int)
    over = threading.Event()

    def ask(first: int) -> None:
        with httpx.Client(base_url=url, timeout=60.0, trust_env=False) as client:
            number = first
            while not over.is_set():
                route = ROUTES[number % len(ROUTES)]
                began = time.perf_counter()
                answer = client.get(route)
                took[route].append(time.perf_counter() - began)
                statuses[answer.status_code] += 1
                number += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    written = write(log, seconds, rate)
    over.set()
    for thread in threads:
        thread.join()
    return took, statuses, written


def write(log: Path, seconds: float, rate: int) -> int:
    """Append requests and responses at a rate; how many records."""
    text = "word " * 60
    began = time.monotonic()
    written = 0
    with log.open("ab", buffering=0) as file:
        while (at := time.monotonic() - began) < seconds:
            lines = []
            while written < at * rate:
                number = written // 2
                lines.append(record(number, text))
                written += 2
            file.write(b"".join(lines))
            time.sleep(0.01)
    return written


def record(number: int, text: str) -> bytes:
    """Both lines of one call."""
    now = time.time()
    request = {
        "type": "request", "request_id": f"r{number}", "timestamp": now - 0.8,
        "model": MODELS[number % 4], "messages": [{"role": "user", "content": text}],
        "user_id": f"u{number % 40}", "session_id": f"s{number % 200}",
        "trace_id": f"t{number // 3}",
    }  # fmt: skip
    response = {
        "type": "response", "request_id": f"r{number}", "timestamp": now, "content": text,
        "prompt_tokens": 500, "completion_tokens": 80,
        "error": "Timeout" if number % 25 == 0 else None,
    }  # fmt: skip
    return json.dumps(request).encode() + b"\n" + json.dumps(response).encode() + b"\n"


def all_read(url: str, calls: int) -> tuple[int, float]:
    """How many calls were read in the end, and how long it took from now."""
    began = time.monotonic()
    while True:
        figures = httpx.get(f"{url}/v1/metrics?window=all", timeout=60.0, trust_env=False).json()
        read = figures["total_requests"] - figures["in_flight"]
        waited = time.monotonic() - began
        if read >= calls or waited > 60.0:
            return read, waited
        time.sleep(0.05)


def usage(pid: int) -> tuple[float, float]:
    """Seconds of a core and megabytes (the most there were) of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    peak = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return ticks / os.sysconf("SC_CLK_TCK"), int(peak[1]) / 1024 if peak else 0.0


if __name__ == "__main__":
    main()
