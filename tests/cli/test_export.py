"""`llmtop export` writes files that other programs read, whole or not at all."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from pyarrow import parquet

from tests.cli.run import run
from tests.history.logs import NOON, call, write

Capsys = pytest.CaptureFixture[str]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CORPUS = os.environ.get("LLMTOP_CORPUS")
FIGURES = (
    "calls", "errors", "in_flight", "input_tokens", "output_tokens", "cache_read_tokens",
    "cache_write_tokens", "reasoning_tokens", "cost_usd", "unpriced_calls",
    "calls_without_usage", "latency_ms", "ttft_ms", "models", "errors_by_type", "spans", "traces",
)  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> Path:
    span = {
        "type": "span",
        "span_id": "00f067aa0ba902b7",
        "trace_id": TRACE,
        "name": "answer",
        "start_time": NOON,
        "end_time": NOON + 5,
        "attributes": {"app.page": "/ask"},
    }
    return write(
        tmp_path / "logs" / "a.jsonl",
        span,
        *call(
            "a",
            NOON + 1,
            trace_id=TRACE,
            parent_id="00f067aa0ba902b7",
            estimated_cost=0.25,
            user_id="=cmd|' /C calc'!A0",
            messages=[{"role": "user", "content": "why? ```x```"}],
        ),
        *call("b", NOON + 9, trace_id="short", error="boom\x1b[2J", error_type="timeout"),
    )


def summary(capsys: Capsys, path: Path) -> dict[str, Any]:
    done = run(capsys, "summary", path, "--json")
    told = json.loads(done.out) if done.code == 0 else {}
    return {name: told.get(name) for name in FIGURES}


def test_each_format_by_the_name_of_the_file(capsys: Capsys, log: Path, tmp_path: Path) -> None:
    for name in ("x.json", "x.jsonl", "x.csv", "x.parquet", "x.otlp.json"):
        done = run(capsys, "export", log, "--output", tmp_path / name)
        assert done.code == 0, done.err
        assert f"written to {tmp_path / name}" in done.err
    found = json.loads((tmp_path / "x.json").read_text())
    assert [row["request_id"] for row in found] == ["a", "b"]
    lines = (tmp_path / "x.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == found
    table = parquet.read_table(tmp_path / "x.parquet").to_pylist()
    assert [row["request_id"] for row in table] == ["a", "b"]
    assert table[0]["prompt_tokens"] == 100
    assert table[0]["timestamp"].timestamp() == NOON + 1
    assert json.loads(table[0]["messages"]) == found[0]["messages"]
    done = run(capsys, "export", log, "--output", tmp_path / "x.unknown")
    assert done.code == 2
    assert "--format" in done.err


def test_no_cell_is_a_formula(capsys: Capsys, log: Path, tmp_path: Path) -> None:
    run(capsys, "export", log, "--output", tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(newline="") as file:
        first, _ = csv.DictReader(file)
    assert first["user_id"] == "'=cmd|' /C calc'!A0"
    assert first["estimated_cost"] == "0.25"


def test_otlp_is_read_by_opentelemetrys_own_definitions(
    capsys: Capsys, log: Path, tmp_path: Path
) -> None:
    target = tmp_path / "x.otlp.json"
    run(capsys, "export", log, "--output", target)
    read = json_format.Parse(target.read_text(), TracesData())
    spans = {
        span.name: span
        for resource in read.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    }
    assert spans.keys() == {"answer", "chat gpt-4o"}
    told = {pair.key: pair.value for pair in spans["chat gpt-4o"].attributes}
    assert told["gen_ai.usage.input_tokens"].int_value == 100
    assert spans["answer"].start_time_unix_nano == int(NOON * 1e9)
    assert summary(capsys, target) == summary(capsys, log)


def test_otlp_is_of_whole_traces(capsys: Capsys, log: Path) -> None:
    done = run(capsys, "export", log, "id:a", "--format", "otlp")
    document = json.loads(done.out)
    spans = [
        span["spanId"]
        for resource in document["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]
    assert len(spans) == 2
    assert "00f067aa0ba902b7" in spans


@pytest.mark.skipif(CORPUS is None, reason="LLMTOP_CORPUS names the folder of real logs")
@pytest.mark.parametrize(
    "path",
    sorted(
        path
        for path in (Path(CORPUS or ".") / "otlp").rglob("*")
        if path.is_file()
        and path.suffix in {".json", ".jsonl"}
        and b'"resourceSpans"' in path.read_bytes()
    ),
    ids=lambda path: "/".join(path.parts[-3:]),
)
def test_a_round_trip_by_otlp_gives_the_same_figures(
    capsys: Capsys, tmp_path: Path, path: Path
) -> None:
    target = tmp_path / "x.otlp.jsonl"
    assert run(capsys, "export", path, "--output", target).code == 0
    for line in target.read_text().splitlines():
        json_format.Parse(line, TracesData())
    before, after = summary(capsys, path), summary(capsys, target)
    assert before["spans"]
    _assert_close(before, after)


def _assert_close(before: Any, after: Any) -> None:
    if isinstance(before, dict) and isinstance(after, dict):
        assert before.keys() == after.keys()
        for name, value in before.items():
            _assert_close(value, after[name])
    elif isinstance(before, list) and isinstance(after, list):
        for one, other in zip(before, after, strict=True):
            _assert_close(one, other)
    elif isinstance(before, float):
        # Times go through whole nanoseconds, as OTLP has them.
        assert after == pytest.approx(before, rel=1e-9, abs=1e-3)
    else:
        assert before == after


def test_markdown_is_one_trace_as_a_document(capsys: Capsys, log: Path) -> None:
    done = run(capsys, "export", log, f"trace:{TRACE}", "--format", "markdown")
    assert done.code == 0
    assert done.out.startswith("# answer\n")
    assert "- **cost**: $0.25" in done.out
    assert "| &nbsp;&nbsp;&nbsp;&nbsp;chat | gpt-4o | 1.00 s | 100 → 20 | $0.25 | ok |" in done.out
    # The prompt's own fence does not end the fence around it.
    assert "````text\nwhy? ```x```\n````" in done.out
    assert "answer a" in done.out
    done = run(capsys, "export", log, "--format", "markdown")
    assert done.code == 2
    assert "More than one trace matches" in done.err
    assert f"trace:{TRACE}" in done.err
    done = run(capsys, "export", log, "trace:short", "--format", "markdown")
    assert "\x1b" not in done.out
    assert "timeout" in done.out


def test_masked_exports_tell_nothing_personal(capsys: Capsys, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        *call(
            "a",
            content="mail ada@example.org",
            error="to ada@example.org",
            trace_id=TRACE,
            messages=[{"role": "user", "content": "ada@example.org"}],
        ),
    )
    for format_ in ("jsonl", "csv", "json", "otlp", "markdown"):
        plain = run(capsys, "export", path, "--format", format_).out
        assert "ada@example.org" in plain
        masked = run(capsys, "export", path, "--format", format_, "--mask").out
        assert "ada@" not in masked
        assert "EMAIL" in masked


def test_nothing_is_left_of_an_export_that_failed(
    capsys: Capsys, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()

    def full(descriptor: int) -> None:
        del descriptor
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = run(capsys, "export", log, "--output", tmp_path / "out" / "x.csv")
    assert (done.code, "No space left" in done.err) == (1, True)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_cancelled_call_is_one_after_a_round_trip_by_otlp(capsys: Capsys, tmp_path: Path) -> None:
    log, out = tmp_path / "a.jsonl", tmp_path / "b.otlp.json"
    write(
        log,
        *call("well", NOON, trace_id="t1"),
        *call("stopped", NOON + 1, trace_id="t1", status="cancelled"),
        *call("why", NOON + 2, trace_id="t1", status="cancelled", error="the user has left"),
        *call("failed", NOON + 3, trace_id="t1", error="boom"),
    )
    assert run(capsys, "export", log, "--output", out).code == 0
    for path in (log, out):
        done = run(capsys, "query", path, "--fields", "status", "--format", "csv")
        assert done.out.split() == ["status", "ok", "cancelled", "cancelled", "error"]
