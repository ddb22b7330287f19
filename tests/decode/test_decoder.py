"""Whatever the bytes: nothing is raised, every rejected line is counted and has a reason."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from llmtop.decode.decoder import Decoder
from llmtop.decode.registry import FORMATS
from llmtop.sources.chunk import Chunk
from tests.decode.otlp import export, logs, record, span
from tests.decode.reading import Reading, lines, read

WORDS = [
    "type", "model", "usage", "message", "content", "sessionId", "timestamp", "payload", "uuid",
    "request_id", "span_id", "attributes", "resourceSpans", "scopeSpans", "spans", "resourceLogs",
    "scopeLogs", "logRecords", "traceId", "spanId", "call_type", "response_cost", "startTime",
    "context", "observations", "trace", "post", "patch", "dotted_order", "run_type", "custom_id",
    "response", "error", "body", "url", "conversation_id", "duration_ms", "datetime_utc", "info",
    "data", "sessionID", "role", "id", "messages", "projectHash", "stats", "event", "record",
    "extra", "llm_log", "tokens", "input_tokens", "output", "input", "choices", "llm.model_name",
]  # fmt: skip
KINDS = ["user", "assistant", "result", "system", "progress", "message", "session", "event_msg",
         "session_meta", "response_item", "turn_context", "gemini", "init", "step_finish",
         "request", "response", "span", "span.model_request_end", "user.message",
         "gen_ai.choice", "token_count", "GENERATION"]  # fmt: skip
plain = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(KINDS) | st.sampled_from(["2026-01-02T03:04:05Z", "1e400", "-1"])
)  # fmt: skip
values = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6)
    ),
    max_leaves=20,
)
documents = st.dictionaries(st.sampled_from(WORDS), values, min_size=1, max_size=8)


@settings(max_examples=300)
@given(st.binary(max_size=200))
@example(b"\xff\xfe{}\n")
@example(b"[" * 5000)
@example(b'{"a":' * 3000 + b"1" + b"}" * 3000)
@example(b'{"type":"request","request_id":"\xed\xa0\x80"}')
@example(b'\x00\x00\n\r\n{}\n[]\n[[]]\n[1]\nnull\n"x"\n')
def test_no_bytes_make_the_decoder_raise(data: bytes) -> None:
    for whole in (False, True):
        told = Reading()
        told.feed(data, whole=whole)
        counts = told.counts()
        assert counts.rejected <= counts.lines + data.count(b",")
        assert len(told.decoder.rejects) == min(counts.rejected, 200)
        assert all(each.reason for each in told.decoder.rejects)


@settings(max_examples=150)
@given(st.lists(documents, min_size=1, max_size=3))
def test_no_document_of_known_names_is_too_odd(records: list[dict[str, Any]]) -> None:
    told = Reading()
    told.feed(lines(*(json.dumps(each) for each in records)))
    assert told.counts().lines == len(records)
    for each in told.spans:
        told.payload(each)
    told.feed(json.dumps(records).encode(), whole=True)
    for reject in told.decoder.rejects:
        assert "not understood" not in reject.reason, (reject.reason, reject.start)


@settings(max_examples=200)
@given(st.sampled_from(FORMATS), documents)
def test_every_format_looks_at_any_document(kind: Any, document: dict[str, Any]) -> None:
    assert kind.recognises({**document, "type": None}) in (True, False)


SAMPLE = lines(
    {"type": "request", "request_id": "a", "timestamp": "2026-01-02T03:04:05Z", "model": "m"},
    export(span(1, {"gen_ai.request.model": "m"})),
    logs(record({"event.name": "api_request", "model": "m"})),
    {"model": "m", "input_tokens": 1, "timestamp": "2026-01-02T03:04:05Z"},
)


@settings(max_examples=200)
@given(st.integers(0, len(SAMPLE)), st.binary(max_size=4), st.integers(0, len(SAMPLE)))
def test_damaged_records_are_counted(at: int, junk: bytes, until: int) -> None:
    damaged = SAMPLE[:at] + junk + SAMPLE[until:]
    told = Reading()
    told.feed(damaged)
    alive = [line for line in damaged.split(b"\n") if line and not line.isspace()]
    assert told.counts().lines == len(alive)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"plain text\n", "not JSON: a line of text"),
        (b'{"half": \n', "not JSON: Input data was truncated"),
        (b"7\n", "JSON, but not an object"),
        (b'{"a": 1}\n', "JSON, but not a record of a format that llmtop knows"),
        (b"[1, 2]\n", "JSON, but not an object"),
    ],
)
def test_a_rejected_line_has_a_reason_and_its_beginning(line: bytes, reason: str) -> None:
    told = Reading()
    told.feed(line)
    (reject,) = told.decoder.rejects
    assert reject.reason == reason
    assert line.decode().strip()[:1] in reject.start


def test_formats_are_found_line_by_line_where_a_file_is_mixed() -> None:
    told = Reading()
    told.feed(SAMPLE)
    assert told.figures.calls == 4
    assert told.counts().rejected == 0
    assert set((told.counts().format or "").split(", ")) == {
        "native", "OTLP JSON", "generic JSON lines",
    }  # fmt: skip


def test_lines_that_tell_nothing_are_no_rejects_once_the_format_is_known() -> None:
    record_of = {"type": "request", "request_id": "a", "timestamp": "2026-01-02T03:04:05Z",
                 "model": "m"}  # fmt: skip
    told = read(record_of, {"level": "info", "message": "started"})
    assert (told.counts().rejected, told.counts().skipped) == (0, 1)
    told = read(record_of, {"level": "info", "usage": {"total": 1}})
    assert told.counts().rejected == 1, "leaving it out could lose a call"


def test_records_of_an_array_are_records_of_their_own() -> None:
    records = [{"model": "m", "input_tokens": each} for each in (1, 2, 3)]
    for told in (read(records), Reading().document(records)):
        assert (told.figures.calls, told.figures.input_tokens) == (3, 6)
        second = told.calls[1]
        assert len(told.payload(second).raw) == 1
        assert '"input_tokens": 2' in told.payload(second).raw[0]


def test_labels_beside_records_are_passed_over() -> None:
    told = read(["client.create", {"model": "m", "input_tokens": 4}])
    assert told.figures.input_tokens == 4
    assert told.counts().rejected == 0


def test_utf16_and_a_byte_order_mark_are_no_obstacle() -> None:
    told = Reading()
    told.feed(b"\xef\xbb\xbf" + lines({"model": "m", "input_tokens": 4}))
    assert told.figures.input_tokens == 4


def test_surrogates_and_control_characters_come_through() -> None:
    told = Reading()
    told.feed(b'{"model":"m\\u0007\\ud800[/foo]","input_tokens":4,"prompt":"\\ud800"}\n')
    assert told.figures.calls == 1
    assert told.payload(told.call).input


class _Work:
    """Counts the calls of Python functions: a measure of work that no busy machine changes."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, frame: Any, event: str, arg: Any) -> None:
        del frame, arg
        if event in ("call", "c_call"):
            self.calls += 1


def work_of(records: list[Any], *, whole: bool = False) -> int:
    """How much work it is to read some records."""
    data = json.dumps(records).encode() if whole else lines(*records)
    decoder, work = Decoder(), _Work()
    before = sys.getprofile()
    sys.setprofile(work)
    try:
        decoder.decode(Chunk(0, 0, data, whole))
    finally:
        sys.setprofile(before)
    return work.calls


Make = Callable[[int], Any]

SAMPLES: dict[str, Make] = {
    "native": lambda number: {
        "type": "request", "request_id": f"r{number}", "timestamp": 1.7e9 + number, "model": "m"},
    "OTLP": lambda number: export(span(number + 1, {"gen_ai.request.model": "m"})),
    "logs": lambda number: logs(record({"event.name": "api_request", "model": f"m{number % 2}"})),
    "Claude Code": lambda number: {
        "type": "assistant", "sessionId": "s", "uuid": f"u{number}", "parentUuid": f"u{number - 1}",
        "message": {"id": f"m{number // 3}", "model": "m", "usage": {"input_tokens": number}}},
    "Codex": lambda number: {
        "type": "event_msg", "payload": {"type": "token_count", "info": {
            "total_token_usage": {"total_tokens": number + 1}}}},
    "generic": lambda number: {"model": "m", "input_tokens": number},
    "unknown": lambda number: {"a": number},
    "nested": lambda number: {"model": {"usage": {"usage": {"usage": {"usage": number}}}}},
}  # fmt: skip
"""The `number`-th of many records of a kind."""


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("whole", [False, True])
def test_work_grows_with_the_number_of_records(name: str, whole: bool) -> None:
    make = SAMPLES[name]
    few, many = (work_of([make(number) for number in range(count)], whole=whole)
                 for count in (200, 1600))  # fmt: skip
    assert many <= 9 * few, name


def test_work_grows_with_the_number_of_spans_in_an_export() -> None:
    few, many = (
        work_of([export(*(span(number + 1, {"gen_ai.request.model": "m"}) for number in range(n)))])
        for n in (100, 800)
    )
    assert many <= 9 * few


def test_a_record_with_very_many_keys_is_not_looked_at_for_long() -> None:
    wide = {f"key{number}": {"usage": {"a": 1}} for number in range(20_000)}
    assert work_of([{**wide, "model": "m", "input_tokens": 1}]) < 100_000
