"""Records within what carried them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode.wrapped import record_in_text, records_in
from llmtop.span import Fragment
from tests.decode.reading import Reading, lines, read, said

AT = "2026-01-02T03:04:05Z"
MOMENT = 1767323045.0
CALL = {"model": "gpt-4o", "prompt_tokens": 9, "completion_tokens": 3, "prompt": "Hi"}
WRITTEN = json.dumps(CALL)


@pytest.mark.parametrize(
    "line",
    [
        {"log": f"{WRITTEN}\n", "stream": "stdout", "time": AT},
        {"MESSAGE": WRITTEN, "__REALTIME_TIMESTAMP": "1767323045000000", "_PID": "7"},
        {"timestamp": AT, "level": "INFO", "message": WRITTEN},
        {"timestamp": AT, "level": "INFO", "message": f"model answered: {WRITTEN}"},
        {"@timestamp": AT, "@message": WRITTEN},
        {"line": WRITTEN, "timestamp": "1767323045000000000", "fields": {}},
        {"textPayload": WRITTEN, "timestamp": AT, "severity": "INFO"},
        {"_index": "logs", "_source": {**CALL, "@timestamp": AT}},
        f"2026-01-02T03:04:05Z stdout F {WRITTEN}",
        f"2026-01-02 03:04:05,000+0000 INFO app: {WRITTEN}",
        f"[2026-01-02T03:04:05Z] [INFO] {WRITTEN}",
    ],
    ids=["Docker", "journald", "message", "message with words", "CloudWatch", "Loki", "Google",
         "Elasticsearch", "Kubernetes", "logging", "brackets"],
)  # fmt: skip
def test_the_line_is_read_and_when_it_was_is_told_by_what_carried_it(line: Any) -> None:
    told = read(line)
    assert (told.call.input_tokens, told.call.output_tokens) == (9, 3)
    assert told.call.start == pytest.approx(MOMENT)
    assert told.counts().rejected == 0
    assert said(told.payload(told.call).input) == [("user", "Hi")]


def test_a_record_that_tells_its_own_time_keeps_it() -> None:
    own = json.dumps({**CALL, "ts": MOMENT - 60})
    assert read({"log": own, "time": AT}).call.start == pytest.approx(MOMENT - 60)


def test_records_of_any_format_are_known_within() -> None:
    native = {"type": "request", "request_id": "r", "timestamp": AT, "model": "m",
              "messages": [{"role": "user", "content": "Hi"}]}  # fmt: skip
    told = read({"log": json.dumps(native), "time": AT})
    assert told.counts().format == "native"
    assert told.figures.in_flight == 1


@pytest.mark.parametrize(
    "prefix", ["INFO:root:LLM_{}: ", "2026-01-02 03:04:05,000 - app - INFO - LLM_{} ", "LLM_{}="]
)
def test_the_guides_messages_are_known_in_lines_of_text(prefix: str) -> None:
    request = {"request_id": "r", "model": "gpt-4o", "timestamp": MOMENT}
    response = {"request_id": "r", "completion_tokens": 3, "latency_ms": 1500.0}
    told = read(
        prefix.format("REQUEST") + json.dumps(request),
        prefix.format("RESPONSE") + json.dumps(response),
    )
    assert told.call.latency == pytest.approx(1.5)
    assert (told.call.series.model, told.call.output_tokens) == ("gpt-4o", 3)


def test_a_line_at_the_level_of_errors_tells_of_a_failure() -> None:
    told = read('2026-01-02 03:04:05 ERROR app: {"model": "gpt-4o", "latency_ms": 5}')
    assert told.figures.errors == 1


EXPORTS: dict[str, Any] = {
    "in an answer of an API": {"result": [CALL, CALL], "success": True},
    "search hits": {"hits": {"total": 2, "hits": [{"_source": CALL}, {"_source": CALL}]}},
    "results in results": {"version": 3, "results": {"results": [CALL, CALL]}},
    "events with text": {"events": [{"message": WRITTEN}, {"message": WRITTEN}, {"message": "-"}]},
}


@pytest.mark.parametrize("name", EXPORTS)
def test_records_of_an_exports_list_are_calls_of_their_own(name: str) -> None:
    for told in (Reading().document(EXPORTS[name]), read(EXPORTS[name])):
        assert (told.figures.calls, told.figures.input_tokens) == (2, 18)
        for call in told.calls:
            assert said(told.payload(call).input) == [("user", "Hi")]


@pytest.mark.parametrize(
    "line",
    [
        {"message": "Loaded {config}", "level": "INFO"},
        {"data": [{"a": 1}, {"b": 2}]},
        {"log": "plain text\n", "stream": "stdout", "time": AT},
        'INFO settings are {"port": 8000}',
        '   "usage": {"input_tokens": 9, "model": "gpt-4o"}',
        '  "usage": {"input_tokens": 9, "model": "gpt-4o"},',
        '["a", {"model": "gpt-4o", "prompt_tokens": 9}',
        'half a record {"model": "gpt-4o", "prompt_tokens": 9',
    ],
)
def test_what_carries_no_record_is_rejected_once(line: Any) -> None:
    told = read(line)
    assert told.spans == []
    assert told.counts().rejected == 1


NATIVE = {"type": "response", "request_id": "r", "timestamp": AT, "completion_tokens": 3}
TIMELESS = {"type": "span", "span_id": "s", "trace_id": "t", "name": "n", "operation": "chat"}
CARRIED = [
    WRITTEN,
    json.dumps({**CALL, "ts": MOMENT - 5}),
    json.dumps(NATIVE),
    json.dumps(TIMELESS),
    "plain text",
    '{"half": ',
    "said {not JSON}",
    '{"level": "info", "msg": "other"}',
]


@given(st.lists(st.sampled_from(CARRIED), min_size=1, max_size=8))
def test_a_carried_line_tells_the_same_whatever_came_before_it(texts: list[str]) -> None:
    carrying = [{"log": f"{text}\n", "stream": "stdout", "time": AT} for text in texts]
    together = Reading()
    found = together.feed(lines(*carrying))
    alone = [each for line in carrying for each in Reading().feed(lines(line))]
    assert [_told(each) for each in found] == [_told(each) for each in alone]


def _told(fragment: Fragment) -> tuple[Any, ...]:
    return (
        fragment.request_id, fragment.span_id, fragment.model, fragment.input_tokens,
        fragment.output_tokens, fragment.start, fragment.end, fragment.flags, fragment.status,
    )  # fmt: skip


@given(st.text(max_size=60), st.binary(max_size=60))
def test_no_text_is_too_odd(text: str, data: bytes) -> None:
    for line in (text, data, f"{text}{{{text}}}", text.encode("utf-8", "replace") + b"{}"):
        found = record_in_text(line)
        assert found is None or isinstance(found, dict)
    assert list(records_in({"log": text, "data": [text]})) in ([], [{}])
