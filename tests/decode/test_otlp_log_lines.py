"""Log records decoded typed tell what they tell when they are read leniently."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode import otlp_log_lines
from llmtop.decode.otlp_json import OtlpJson
from llmtop.span import Fragment
from tests.decode.otlp import logs, record, span_id, value
from tests.decode.reading import read
from tests.decode.test_otlp_lines import NAMES, VALUES

EVENTS = (
    "claude_code.api_request", "api_request", "api_error", "claude_code.tool_result", "log",
    "codex.sse_event", "gemini_cli.api_response", "gen_ai.choice", "gen_ai.user.message",
    "gen_ai.client.inference.operation.details", "gen_ai.evaluation.result", "user_prompt", "", 5,
)  # fmt: skip
TOLD = {
    "model": "claude-sonnet-4-5", "input_tokens": "5", "output_tokens": 9, "cost_usd": "0.25",
    "duration_ms": "1500", "session.id": "s", "event.kind": "response.completed",
    "error": "overloaded", "status_code": 529, "event.timestamp": "2026-01-02T03:04:05.000Z",
}  # fmt: skip
BODIES: tuple[Any, ...] = (
    "claude_code.api_request", "said", {"content": "Hi"}, {"finish_reason": "length"}, 7,
    {"input": {"messages": [{"role": "user", "content": "Hi"}]}},
    '{"output": {"messages": [{"role": "assistant", "content": "Yo"}]}}',
)  # fmt: skip


def any_record(random: Random) -> dict[str, Any]:
    """A record of an agent, of the convention, or of something else."""
    told = {key: TOLD[key] for key in TOLD if random.random() < 0.7}
    told |= {random.choice(NAMES): random.choice(VALUES) for _ in range(random.randrange(3))}
    more: dict[str, Any] = {}
    named = random.choice(("event.name", "event_name", "eventName", None))
    if named == "eventName":
        more[named] = str(random.choice(EVENTS))
    elif named is not None:
        told[named] = random.choice(EVENTS)
    if random.random() < 0.6:
        more["body"] = value(random.choice(BODIES))
    if random.random() < 0.3:
        more["observedTimeUnixNano"], more["timeUnixNano"] = "1750000000500000000", "0"
    number = random.choice((None, random.randrange(1, 99)))
    return record(told, number=number, **more)


def both_ways(document: dict[str, Any]) -> tuple[list[Fragment] | None, Any]:
    """What the typed and the lenient way find."""
    line = json.dumps(document).encode()
    return otlp_log_lines.fragments_of(line, 3), OtlpJson().read(json.loads(line), 3)


@given(st.integers(0, 2**32))
def test_both_ways_tell_the_same(seed: int) -> None:
    random = Random(seed)
    service = random.choice(("claude-code", "codex_cli_rs", "gemini_cli", "app"))
    session = random.choice(({}, {"session.id": "r"}))
    records = [any_record(random) for _ in range(4)]
    typed, lenient = both_ways(logs(*records, **{"service.name": service}, **session))
    assert typed == lenient


@pytest.mark.parametrize(
    "change",
    [
        {"timeUnixNano": "2026-01-02T03:04:05Z"},
        {"attributes": {"event.name": "api_request"}},
        {"spanId": 5},
        {"eventName": []},
    ],
)
def test_what_is_spelled_in_a_rarer_way_is_read_leniently(change: dict[str, Any]) -> None:
    assert both_ways(logs({**record({"event.name": "log"}), **change}))[0] is None


def test_lines_of_records_and_of_spans_may_stand_in_one_file() -> None:
    told = {"event.name": "gen_ai.client.inference.operation.details", "gen_ai.request.model": "m"}
    spans = {"resourceSpans": [{"scopeSpans": [{"spans": [{"spanId": span_id(2), "name": "a"}]}]}]}
    for order in ((logs(record(told, number=1)), spans), (spans, logs(record(told, number=1)))):
        assert {each.span_id for each in read(*order).spans} == {span_id(1), span_id(2)}
