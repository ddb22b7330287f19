"""Exports decoded typed tell what they tell when they are read leniently."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode import otlp_lines
from llmtop.decode.attributes import READ, RULES
from llmtop.decode.otlp_json import OtlpJson
from llmtop.span import Fragment
from tests.decode.otlp import START, export, pairs, span, span_id

NAMES = [*sorted(READ), *["input.value"] * 9, "other", ""]
RIVALS = [name for name, (field, _, _) in RULES.items() if field in {"model", "input_tokens"}]
TEXTS = (
    "", "chat", "LLM", "openai", "Ollama", "langchain", "gpt-4o", "localhost", "ERROR", "stop",
    "pending_span", "log", "unknown", "7", "0.5", "true", "NaN", "[1, 2]", "a \U0001f600 \"x\"",
    "ai.generateText.doGenerate", "2026-01-02T03:04:05Z", "claude_code.llm_request",
    '{"model": "m", "input": 5, "cache_read_input_tokens": 9, "total": 0.25}',
    '{"id":"chatcmpl-123","choices":[' + "9," * 400 + "9]}", "so far " * 500,
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    *TEXTS, 0, 1, 7, 40, -3, 10**13, 0.25, 1e300, True, False, ["stop", "length"], [], {"a": 1},
)  # fmt: skip
EVENTS = (
    {"name": "exception", "timeUnixNano": str(START),
     "attributes": pairs({"exception.type": "TimeoutError", "exception.message": "late"})},
    {"name": "First Token Stream Event", "timeUnixNano": str(START + 250_000_000)},
    {"name": "other"},
    {"name": "gen_ai.choice", "attributes": pairs({"gen_ai.event.content": json.dumps(
        {"finish_reason": "length", "message": {"content": "so far " * 500}})})},
)  # fmt: skip
STATUSES: tuple[Any, ...] = (
    None, {}, {"code": 1}, {"code": 2, "message": "no"}, {"code": "STATUS_CODE_OK"},
)  # fmt: skip


def any_span(random: Random) -> dict[str, Any]:
    """A span with some of all the attributes that are looked at."""
    names = random.choice((NAMES, RIVALS))
    told = {random.choice(names): random.choice(VALUES) for _ in range(random.randrange(9))}
    return span(
        random.randrange(1, 2**60),
        told,
        parent=random.choice((None, random.randrange(1, 9))),
        name=random.choice(("", "chat gpt-4o", "claude_code.llm_request")),
        ms=random.choice((None, 0, 1500)),
        status=random.choice(STATUSES),
        events=random.sample(EVENTS, random.randrange(3)),
    )


def both_ways(document: dict[str, Any], **style: Any) -> tuple[list[Fragment] | None, Any]:
    """What the typed and the lenient way find."""
    line = json.dumps(document, **style).encode()
    return otlp_lines.fragments_of(line, 3), OtlpJson().read(json.loads(line), 3)


@given(st.integers(0, 2**32))
def test_both_ways_tell_the_same(seed: int) -> None:
    random = Random(seed)
    document = export(
        *(any_span(random) for _ in range(3)),
        **random.choice(({}, {"session.id": "s"}, {"session.id": 5})),
    )
    typed, lenient = both_ways(document, separators=random.choice(((",", ":"), (", ", ": "))))
    assert typed == lenient


@pytest.mark.parametrize(
    "change",
    [
        {"startTimeUnixNano": "2026-01-02T03:04:05Z"},
        {"startTimeUnixNano": -5},
        {"attributes": {"gen_ai.request.model": "m"}},
        {"attributes": [{"key": "gen_ai.request.model", "value": "m"}]},
        {"attributes": [{"key": "gen_ai.request.model"}]},
        {"attributes": [{"key": "gen_ai.usage.input_tokens", "value": {"intValue": "many"}}]},
        {"spanId": None},
        {"events": {}},
        {"status": 2},
    ],
)
def test_what_is_spelled_in_a_rarer_way_is_read_leniently(change: dict[str, Any]) -> None:
    assert both_ways(export({**span(1, {}), **change}))[0] is None


def test_spellings_that_many_exporters_use_are_read_typed() -> None:
    told = span(1, {"gen_ai.request.model": "m"}, parent=2)
    for change in (
        {"startTimeUnixNano": START},
        {"kind": "SPAN_KIND_CLIENT", "status": {"code": "STATUS_CODE_ERROR"}},
        {"parentSpanId": ""},
        {"traceId": "0AF7651916CD43DD8448EB211C80319C", "flags": 257, "links": []},
        {"attributes": [{"key": "n", "value": {}}, {"key": "m"}]},
    ):
        typed, lenient = both_ways(export({**told, **change}))
        assert typed is not None
        assert typed == lenient
        assert typed[0].span_id == span_id(1)
