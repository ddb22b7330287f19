"""The dashboard's share of a core at 500 records a second and at rest, in a pseudo-terminal.

Run: python tests/bench/bench_dashboard.py [--records-per-second N] [--seconds N]   (Linux)
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

import pexpect

from llmtop.demo.trace import Record
from llmtop.demo.traffic import send, steps
from llmtop.emit.sink import open_sink

RECORDS_PER_CALL = 3.9
"""Of the demo's traffic: a request, a response, and its share of spans told twice."""

LONGEST_TRACE_S = 75.0


class CountingSink:
    """Passes records on to the monitor and counts them."""

    def __init__(self, port: int) -> None:
        self._sink = open_sink(f"udp://127.0.0.1:{port}")
        self._open: set[str] = set()
        self.sent = 0
        self.ending = False
        """Once set, nothing new begins: only what is open is ended."""

    def send(self, record: Record) -> None:
        """One record on its way."""
        key = record.get("request_id") or record["span_id"]
        opens = record["type"] == "request" or (
            record["type"] == "span" and record["end_time"] is None
        )
        if opens and not self.ending:
            self._open.add(key)
        elif opens or key not in self._open:
            return
        else:
            self._open.discard(key)
        self.sent += 1
        self._sink.send(record)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    """CPU seconds that a process has used, by the kernel's count."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Monitor:
    """llmtop in a pseudo-terminal whose output is read as quickly as it comes."""

    def __init__(self, port: int, folder: str) -> None:
        command = Path(sys.executable).absolute().with_name("llmtop")
        program = str(command) if command.exists() else shutil.which("llmtop")
        self._child = pexpect.spawn(
            str(program),
            ["--udp", f"127.0.0.1:{port}"],
            cwd=folder,
            dimensions=(50, 160),
            env={**os.environ, "TERM": "xterm-256color"},
        )
        self.written = 0
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()

    def _drain(self) -> None:
        while True:
            try:
                self.written += len(self._child.read_nonblocking(1 << 16, timeout=None))
            except pexpect.EOF:
                return

    def share(self, seconds: float) -> tuple[float, float]:
        """Share of a core over some seconds, and bytes a second written to the terminal."""
        cpu, clock, written = cpu_seconds(self._child.pid), time.monotonic(), self.written
        time.sleep(seconds)
        took = time.monotonic() - clock
        return (cpu_seconds(self._child.pid) - cpu) / took, (self.written - written) / took

    def leave(self) -> None:
        """Press q."""
        self._child.send("q")
        self._reader.join(10)
        self._child.close(force=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records-per-second", type=float, default=500)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        monitor = Monitor(port, folder)
        time.sleep(6)
        share, written = monitor.share(options.seconds)
        print(f"at rest, nothing seen yet: {share:6.1%} of a core, {written / 1e3:.1f} kB/s drawn")

        sink = CountingSink(port)
        rate = options.records_per_second / RECORDS_PER_CALL
        traffic = steps(seed=1, rate=rate, scenario="all")
        feeder = threading.Thread(
            target=lambda: send(sink, traffic, history=0, duration=None), daemon=True
        )
        feeder.start()
        time.sleep(8)
        before, clock = sink.sent, time.monotonic()
        share, written = monitor.share(options.seconds)
        arrived = (sink.sent - before) / (time.monotonic() - clock)
        print(
            f"at {arrived:.0f} records/s:       {share:6.1%} of a core, "
            f"{written / 1e3:.1f} kB/s drawn"
        )

        sink.ending = True
        time.sleep(LONGEST_TRACE_S)
        share, written = monitor.share(options.seconds)
        print(f"at rest, after traffic:    {share:6.1%} of a core, {written / 1e3:.1f} kB/s drawn")
        monitor.leave()


if __name__ == "__main__":
    main()
