"""How fast a folder of daily logs answers, against jq and DuckDB: errors of one model, and costs.

Run: python tests/bench/bench_query.py [--bytes N] [--days N] [--rounds N] [--keep DIR]

DuckDB is no dependency: pip install duckdb. All of them read the same files; jq and DuckDB look
at single lines, llmtop merges what belongs to one call. DuckDB and llmtop use all processors.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from llmtop.demo.traffic import stamped, steps

MODEL = "gpt-4o"
BYTES_A_CALL = 2_000
"""Of the demo's traffic, spans around calls included."""
encode = msgspec.json.Encoder().encode
_SUMS = """
import duckdb, sys
print(duckdb.sql(f"select model, sum(prompt_tokens), sum(completion_tokens), count(*)"
    f" from read_json({sys.argv[1]!r}, format='newline_delimited', ignore_errors=true,"
    f" union_by_name=true) where type = 'response' group by model").fetchall())
"""
_ERRORS = """
import duckdb, sys
print(len(duckdb.sql(f"select request_id, error from read_json({sys.argv[1]!r},"
    f" format='newline_delimited', ignore_errors=true, union_by_name=true)"
    f" where type = 'response' and error is not null and timestamp >= '{sys.argv[2]}'").fetchall()))
"""


def write_folder(folder: Path, size: int, days: int) -> None:
    """Daily files up to now, each as large as the others."""
    now = datetime.now(UTC)
    for days_ago in range(days):
        began = now.replace(hour=0, minute=0, second=0) - timedelta(days=days_ago)
        lasted = min((now - began).total_seconds(), 86_400.0)
        rate = size / days / BYTES_A_CALL / lasted
        path = folder / f"llm_logs_{began:%Y-%m-%d}.jsonl"
        with path.open("wb", buffering=1 << 20) as file:
            for step in steps(seed=days_ago, rate=rate, scenario="all"):
                if step.due >= lasted:
                    break
                file.write(encode(stamped(step.record, began.timestamp())) + b"\n")


def timed(command: Sequence[str], rounds: int) -> tuple[float, float]:
    """Median seconds of a command, and the most memory it took with its processes, in MB."""
    taken = []
    peak = 0.0
    for _ in range(rounds):
        began = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            memory = Memory(process.pid)
            memory.start()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        taken.append(time.perf_counter() - began)
        memory.ended.set()
        memory.join()
        of_one = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
        peak = max(peak, of_one, memory.peak)
        if process.returncode:
            raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return statistics.median(taken), peak


class Memory(threading.Thread):
    """Looks now and then how much memory a process and those that it started take together."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self.ended = threading.Event()
        self.peak = 0.0
        """MB; what several of them share counts once. Zero where the system does not tell."""
        self._pid = pid

    def run(self) -> None:
        while not self.ended.wait(0.1):
            children = _text(f"/proc/{self._pid}/task/{self._pid}/children").split()
            self.peak = max(self.peak, sum(map(_megabytes, [self._pid, *children])))


def _megabytes(pid: int | str) -> float:
    told = re.search(r"^Pss: +(\d+) kB", _text(f"/proc/{pid}/smaps_rollup"), re.MULTILINE)
    return 0.0 if told is None else int(told[1]) / 1e3


def _text(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except OSError:
        return ""


def commands(folder: Path, hour: str) -> Mapping[str, Mapping[str, Sequence[str]]]:
    files = [str(path) for path in sorted(folder.iterdir())]
    llmtop = [str(Path(sys.executable).with_name("llmtop"))]
    python = sys.executable
    jq_errors = (
        'select(.type == "response" and .error != null and .timestamp >= $hour) '
        "| [.request_id, .error]"
    )
    jq_sums = (
        'reduce (inputs | select(.type == "response")) as $r ({}; '
        '.[$r.model // "?"] += ($r.prompt_tokens // 0) + ($r.completion_tokens // 0))'
    )
    return {
        f"errors of {MODEL} in the last hour": {
            "llmtop": [
                *llmtop, "query", str(folder), f"model:{MODEL}", "status:error",
                "--since", "1h", "--format", "jsonl", "--fields", "request_id,error",
            ],
            "jq": ["jq", "-c", "--arg", "hour", hour, jq_errors, *files],
            "duckdb": [python, "-c", _ERRORS, str(folder / "*.jsonl"), hour],
        },
        "cost by model": {
            "llmtop": [*llmtop, "query", str(folder), "--by", "model", "--format", "jsonl"],
            "jq": ["jq", "-n", jq_sums, *files],
            "duckdb": [python, "-c", _SUMS, str(folder / "*.jsonl")],
        },
    }  # fmt: skip


def report(folder: Path, rounds: int) -> None:
    hour = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M:%S}"
    there = {
        "llmtop": True,
        "jq": shutil.which("jq") is not None,
        "duckdb": importlib.util.find_spec("duckdb") is not None,
    }
    for name, is_there in there.items():
        if not is_there:
            print(f"{name} is not installed, and left out.")
    for question, asked in commands(folder, hour).items():
        print(question)
        ours = 0.0
        for name, command in asked.items():
            if not there[name]:
                continue
            seconds, peak = timed(command, rounds)
            ours = ours or seconds
            print(f"  {name:<8}{seconds:8.2f} s  {seconds / ours:6.2f} x  {peak:7.0f} MB at most")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=int, default=1 << 30)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="write the logs here and keep them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.iterdir()):
            write_folder(folder, options.bytes, options.days)
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(f"{size / 1e6:.0f} MB in {len(list(folder.iterdir()))} files")
        report(folder, options.rounds)


if __name__ == "__main__":
    main()
