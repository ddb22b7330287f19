"""Spans in memory are written to a new file: whole, private, and never over another one."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmtop.history.export_spans import MOST_IN_DOCUMENT, export
from llmtop.history.record import FIELDS
from llmtop.history.scan import Scan
from llmtop.payload import Message, Payload
from llmtop.span import Span
from tests.live.fragments import NOON, live, request, response, span


def payload(of: Span) -> Payload:
    return Payload(
        input=(Message("user", f"question of {of.span_id}"),),
        output=(Message("assistant", "=1+1, an answer"),),
    )


@pytest.fixture
def spans() -> list[Span]:
    state = live(
        *(
            each
            for number in range(3)
            for each in (
                request(f"r{number}", NOON + number),
                response(f"r{number}", NOON + number + 1, input_tokens=100 + number),
            )
        )
    )
    return sorted(state.index, key=lambda each: each.start)


def written(steps: Iterator[int]) -> Path:
    """The file, once all is written."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Path = end.value
            return found


def test_json_lines_hold_what_export_writes(tmp_path: Path, spans: list[Span]) -> None:
    path = written(export(payload, tmp_path, spans, "jsonl", "calls"))
    assert path == tmp_path / "calls.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [row["request_id"] for row in rows] == ["r0", "r1", "r2"]
    assert [row["prompt_tokens"] for row in rows] == [100, 101, 102]
    assert rows[1]["messages"][0]["content"] == f"question of {spans[1].span_id}"


def test_a_table_has_a_line_a_span_and_runs_no_formula(tmp_path: Path, spans: list[Span]) -> None:
    path = written(export(payload, tmp_path, spans, "csv", "calls"))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(FIELDS)
    assert [row["latency_ms"] for row in rows] == ["1000.0"] * 3
    assert rows[0]["content"] == "'=1+1, an answer"


def test_opentelemetry_is_read_back_with_the_same_figures(
    tmp_path: Path, spans: list[Span]
) -> None:
    path = written(export(payload, tmp_path, spans, "otlp", "trace"))
    assert path.name == "trace.otlp.json"
    json.loads(path.read_text("utf-8"))
    again = sorted(Scan([path]), key=lambda each: each.start)
    assert [each.input_tokens for each in again] == [100, 101, 102]
    assert [each.latency for each in again] == pytest.approx([1.0] * 3)


def test_markdown_tells_what_was_said(tmp_path: Path, spans: list[Span]) -> None:
    path = written(export(payload, tmp_path, spans[:1], "markdown", "call"))
    told = path.read_text("utf-8")
    assert "question of" in told
    assert "an answer" in told


def test_too_long_a_document_is_refused_in_a_sentence(tmp_path: Path, spans: list[Span]) -> None:
    many = spans[:1] * (MOST_IN_DOCUMENT + 1)
    with pytest.raises(ValueError, match="2,001 spans are too many"):
        written(export(payload, tmp_path, many, "markdown", "trace"))
    assert not list(tmp_path.iterdir())


def test_what_still_runs_is_written_as_far_as_it_is_known(tmp_path: Path) -> None:
    state = live(span("going", NOON, None))
    path = written(export(payload, tmp_path, list(state.index), "jsonl", "calls"))
    assert json.loads(path.read_text("utf-8"))["end_time"] is None


def test_no_file_is_ever_replaced(tmp_path: Path, spans: list[Span]) -> None:
    (tmp_path / "calls.csv").write_text("mine")
    (tmp_path / "calls-2.csv").symlink_to(tmp_path / "nowhere")
    path = written(export(payload, tmp_path, spans, "csv", "calls"))
    assert path.name == "calls-3.csv"
    assert (tmp_path / "calls.csv").read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_only_the_owner_may_read_it(tmp_path: Path, spans: list[Span]) -> None:
    path = written(export(payload, tmp_path, spans, "jsonl", "calls"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("stem", ["../../up", "a/b\x1b[2J", "x" * 500, "\u202egnp.exe"])
def test_ids_of_logs_lead_nowhere_else(tmp_path: Path, spans: list[Span], stem: str) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    path = written(export(payload, folder, spans, "jsonl", f"llmtop-call-{stem}"))
    assert path.parent == folder
    assert list(folder.iterdir()) == [path]
    assert path.name.isascii()
    assert path.name.isprintable()


def test_writing_that_is_given_up_leaves_nothing(tmp_path: Path, spans: list[Span]) -> None:
    steps = export(payload, tmp_path, spans, "jsonl", "calls")
    assert next(steps) == 1
    steps.close()
    assert not list(tmp_path.iterdir())
