"""Logs from standard input are asked for as stored ones are, and leave nothing behind."""

from __future__ import annotations

import gzip
import json
import os
import pty
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from llmtop.cli import piped_logs
from tests.cli.run import Ran, run
from tests.history.logs import NOON, call, write

Piped = Callable[..., Ran]
_PROGRAM = "from llmtop.cli.main import main; main()"


@pytest.fixture
def log(tmp_path: Path) -> bytes:
    path = tmp_path / "a.jsonl"
    write(
        path,
        *call("fast", NOON, latency_ms=100.0, trace_id="t1", session_id="s1"),
        *call("slow", NOON + 10, latency_ms=9000.0, trace_id="t1"),
        *call("bad", NOON + 20, error="boom", error_type="timeout", trace_id="t2"),
    )
    return path.read_bytes()


@pytest.fixture
def piped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Piped:
    """Runs a command with bytes on its standard input; its temporary files are seen."""
    kept = tmp_path / "kept"
    kept.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(kept))

    def ran(data: bytes, *arguments: object) -> Ran:
        path = tmp_path / "input"
        path.write_bytes(data)
        with path.open() as file:
            monkeypatch.setattr(sys, "stdin", file)
            done = run(capsys, *arguments)
        assert list(kept.iterdir()) == []
        return done

    return ran


def ids(done: Ran) -> list[str]:
    assert done.code == 0, done.err
    return [json.loads(line)["request_id"] for line in done.out.splitlines()]


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("has_files_of_processes", [False, True])
def test_query_reads_standard_input(
    compressed: bool, has_files_of_processes: bool, log: bytes, piped: Piped,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    if not has_files_of_processes:
        monkeypatch.setattr(piped_logs.Path, "samefile", lambda *_: False)
    data = gzip.compress(log) if compressed else log
    assert ids(piped(data, "query", "-", "--format", "jsonl")) == ["fast", "slow", "bad"]
    assert ids(piped(data, "query", "-", "status:error", "--format", "jsonl")) == ["bad"]
    assert ids(piped(data, "query", "-", "-status:error", "--format", "jsonl")) == ["fast", "slow"]


def test_the_texts_of_what_is_piped_are_there(log: bytes, piped: Piped) -> None:
    done = piped(log, "query", "-", "latency:>5s", "--format", "jsonl", "--mask")
    assert json.loads(done.out)["content"]


def test_figures_of_traces_of_sessions_and_of_models_are_there_too(
    log: bytes, piped: Piped
) -> None:
    traces = piped(log, "query", "-", "--traces", "--format", "json")
    assert [(row["trace_id"], row["calls"]) for row in json.loads(traces.out)] == [
        ("t1", 2), ("t2", 1),
    ]  # fmt: skip
    sums = piped(log, "query", "-", "--by", "model", "--format", "json")
    assert json.loads(sums.out)[0]["calls"] == 3


def test_a_pipe_may_stand_among_paths(log: bytes, piped: Piped, tmp_path: Path) -> None:
    write(tmp_path / "more" / "b.jsonl", *call("later", NOON + 900))
    for order in (("-", tmp_path / "more"), (tmp_path / "more", "-")):
        done = piped(log, "query", *order, "--sort", "time", "--format", "jsonl")
        assert ids(done) == ["later", "bad", "slow", "fast"]


def test_a_document_that_is_laid_out_is_read(log: bytes, piped: Piped) -> None:
    records = [json.loads(line) for line in log.splitlines()]
    done = piped(json.dumps(records, indent=2).encode(), "query", "-", "--format", "jsonl")
    assert sorted(ids(done)) == ["bad", "fast", "slow"]
    summed = piped(json.dumps(records, indent=2).encode(), "summary", "-", "--json")
    assert json.loads(summed.out)["calls"] == 3


def test_export_reads_standard_input_also_what_it_needs_twice(
    log: bytes, piped: Piped, tmp_path: Path
) -> None:
    out = tmp_path / "out.otlp.json"
    assert piped(log, "export", "-", "trace:t1", "-o", out).code == 0
    spans = [
        span
        for line in out.read_text().splitlines()
        for resource in json.loads(line)["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]
    assert len(spans) == 2
    document = piped(log, "export", "-", "trace:t2", "--format", "markdown")
    assert "boom" in document.out


@pytest.mark.parametrize("command", ["query", "export", "summary"])
def test_a_pipe_that_gives_nothing_is_said_in_a_sentence(command: str, piped: Piped) -> None:
    done = piped(b"", command, "-")
    assert (done.code, done.out) == (1, "")
    assert "there is nothing to read" in done.err


def test_what_cannot_be_read_is_said(log: bytes, piped: Piped) -> None:
    done = piped(gzip.compress(log)[:-5], "query", "-", "--format", "jsonl")
    assert ids(done) == ["fast", "slow", "bad"]
    assert "standard input: The compressed input ends too early." in done.err
    assert "none of 1 lines could be read" in piped(b"no json\n", "query", "-").err


@pytest.mark.parametrize("compressed", [False, True])
def test_summary_and_check_read_standard_input(compressed: bool, log: bytes, piped: Piped) -> None:
    data = gzip.compress(log) if compressed else log
    assert json.loads(piped(data, "summary", "-", "--json").out)["calls"] == 3
    assert piped(data, "check", "-", "--alert", "errors > 0").code == 1
    assert piped(data, "check", "-", "--alert", "errors > 1").code == 0


@pytest.mark.parametrize(
    "command",
    [("query",), ("export",), ("summary",), ("check", "--alert", "errors > 0")],
    ids=lambda command: str(command[0]),
)
def test_a_terminal_is_not_waited_for(command: tuple[str, ...]) -> None:
    leader, follower = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM, *command, "-"],
            stdin=follower, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(leader)
        os.close(follower)
    assert done.returncode == 2
    assert "Nothing is piped in" in done.stderr
    assert "Traceback" not in done.stderr
