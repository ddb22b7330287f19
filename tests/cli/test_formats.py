"""`llmtop formats`: how a log is understood, and how to put it right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import run


def write(path: Path, *records: object) -> Path:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), "utf-8")
    return path


ODD = {
    "engine": "m-1",
    "stats": {"sent": 9, "got": 3},
    "wall": 1500,
    "when": "2026-01-02T03:04:05Z",
}
MAPPING = """
[formats.generic]
model = "engine"
input_tokens = ["stats.in", "stats.sent"]
output_tokens = "stats.got"
duration_ms = "wall"
time = "when"
"""


def test_a_known_format_is_certain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = {"type": "request", "request_id": "r", "timestamp": 1767323045, "model": "m"}
    told = run(capsys, "formats", write(tmp_path / "a.jsonl", record))
    assert "format: native (certain" in told.out
    assert "formats.generic" not in told.out


def test_of_an_unknown_log_it_is_said_what_was_taken_for_what(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {"model": "m", "usage": {"prompt_tokens": 9}, "took_ms": 5, "ts": 1767323045}
    told = run(capsys, "formats", write(tmp_path / "a.jsonl", record))
    assert "generic JSON lines (likely" in told.out
    assert "input_tokens: from usage.prompt_tokens" in told.out
    assert "duration: from took_ms" in told.out
    assert "[formats.generic]" in told.out


def test_it_is_said_in_what_records_were_carried_and_what_told_their_unit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = json.dumps({"model": "gpt-4o", "prompt_tokens": 9, "latency": 1500})
    log = write(tmp_path / "a.jsonl", {"log": record, "time": "2026-01-02T03:04:05Z"})
    told = run(capsys, "formats", log).out
    assert "count tokens, in the text under log)" in told
    assert "duration: from latency, milliseconds by the size" in told
    assert "time: from timestamp" in told


def test_a_sum_and_a_mere_model_are_no_calls_and_it_is_said_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    summed = {"model": "gpt-4o", "calls": 12, "total_tokens": 12000}
    table = {"model": "User", "duration": 0.5, "event": "saved"}
    told = run(capsys, "formats", write(tmp_path / "a.jsonl", summed, table)).out
    assert "format: none that llmtop knows" in told
    assert "rejected 1: the sum of several calls, and not a call" in told
    assert "rejected 1: names a model and nothing that only" in told


def test_rejected_lines_are_shown_by_reason_with_samples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.jsonl", {"odd": 1}, {"odd": 2}, {"odd": 3})
    with path.open("a") as file:
        file.write("plain \x1b[31mtext\n")
    told = run(capsys, "formats", path)
    assert "format: none that llmtop knows" in told.out
    assert "rejected 3: JSON, but not a record of a format that llmtop knows" in told.out
    assert '{"odd": 3}' in told.out
    assert "rejected 1: not JSON: a line of text" in told.out
    assert "\x1b" not in told.out


def test_a_mapping_in_the_configuration_makes_an_odd_log_readable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write(tmp_path / "a.jsonl", ODD, ODD)
    settings = tmp_path / "config.toml"
    settings.write_text(MAPPING, "utf-8")
    assert "none that llmtop knows" in run(capsys, "formats", log).out
    explained = run(capsys, "formats", log, "--config", settings).out
    assert "input_tokens: from stats.sent" in explained
    told = json.loads(run(capsys, "summary", log, "--json", "--config", settings).out)
    assert (told["calls"], told["input_tokens"], told["output_tokens"]) == (2, 18, 6)
    assert told["latency_ms"]["max"] == pytest.approx(1500, rel=0.01)


def test_a_mistake_in_a_mapping_names_the_nearest_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text('[formats.generic]\ninput_token = "a"\n', "utf-8")
    told = run(capsys, "formats", write(tmp_path / "a.jsonl", ODD), "--config", settings)
    assert told.code == 2
    assert "Did you mean input_tokens?" in told.err


def test_where_there_are_only_metrics_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write(tmp_path / "a.jsonl", {"resourceMetrics": [{"scopeMetrics": []}]})
    assert "Only metrics" in run(capsys, "formats", log).out
