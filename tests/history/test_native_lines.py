"""OTLP that is stored as native records gives the figures that it gave as OTLP."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from llmtop.history.native_lines import native
from llmtop.history.record import record_of
from llmtop.history.scan import Scan
from tests.rates import PerMillion

CORPUS = os.environ.get("LLMTOP_CORPUS")


def told(path: Path) -> list[dict[str, object]]:
    rows = [record_of(span) for span in Scan([path], kind="spans", prices=PerMillion())]
    for row in rows:
        # Times of day are stored to the microsecond; latencies are exact.
        row["timestamp"] = row["end_time"] = None
    return sorted(rows, key=lambda row: str(row["span_id"]))


def export(*spans: dict[str, object]) -> bytes:
    scope = {"scope": {"name": "test"}, "spans": list(spans)}
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    document = {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


HELLO = '[{"role":"user","parts":[{"type":"text","content":"hello"}]}]'
SPAN: dict[str, object] = {
    "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
    "spanId": "00f067aa0ba902b7",
    "name": "chat gpt-4o",
    "startTimeUnixNano": "1764000000000000001",
    "endTimeUnixNano": "1764000001500000001",
    "attributes": [
        {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
        {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o"}},
        {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "7"}},
        {"key": "gen_ai.input.messages", "value": {"stringValue": HELLO}},
    ],
    "status": {"code": 2, "message": "it was too late"},
    "events": [{"name": "exception", "timeUnixNano": "1764000001000000000", "attributes": [
        {"key": "exception.type", "value": {"stringValue": "TimeoutError"}}]}],
}  # fmt: skip


def test_a_span_becomes_one_native_line(tmp_path: Path) -> None:
    (line,) = native(export(SPAN)).splitlines()
    record = json.loads(line)
    assert (record["type"], record["model"], record["prompt_tokens"]) == ("span", "gpt-4o", 7)
    assert record["latency_ms"] == pytest.approx(1500.0)
    assert record["resource"] == {"service.name": "shop"}
    (tmp_path / "a.jsonl").write_bytes(line + b"\n")
    (tmp_path / "b.jsonl").write_bytes(export(SPAN))
    assert told(tmp_path / "a.jsonl") == told(tmp_path / "b.jsonl")
    found = Scan([tmp_path / "a.jsonl"], prices=PerMillion())
    (span,) = found
    row = record_of(span, found.payload(span))
    assert row["messages"] == [{"role": "user", "content": "hello"}]
    assert (row["status"], row["error_type"]) == ("error", "TimeoutError")
    assert row["attributes"]["service.name"] == "shop"
    assert row["events"][0]["name"] == "exception"


def test_lines_that_are_no_spans_stay_as_they_are() -> None:
    lines = b'{"type":"request","request_id":"a"}\nnot json\n{"resourceLogs":[]}\n'
    assert native(lines) == lines
    assert native(b'{"resourceSpans":broken}\n' + lines) == b'{"resourceSpans":broken}\n' + lines


@pytest.mark.skipif(CORPUS is None, reason="LLMTOP_CORPUS names the folder of real logs")
@pytest.mark.parametrize(
    "path",
    sorted((Path(CORPUS or ".") / "otlp").rglob("otlp_file_exporter.jsonl")),
    ids=lambda path: path.parent.name,
)
def test_real_exports_give_the_same_calls(path: Path, tmp_path: Path) -> None:
    (tmp_path / "native.jsonl").write_bytes(native(path.read_bytes()))
    assert b"resourceSpans" not in (tmp_path / "native.jsonl").read_bytes()
    assert told(tmp_path / "native.jsonl") == told(path)
