"""What is known of a span: times, speed, ids, notes, and errors in full."""

from __future__ import annotations

from typing import Any

import pytest

from llmtop.payload import Payload
from llmtop.span import Flag
from llmtop.tui.documents import span_facts
from llmtop.tui.documents.cost_breakdown import UsageTable
from tests.tui.spans import BEGAN, span

ENDED = Flag.OPENED | Flag.ENDED


def shown(
    payload: Payload | None = None, form: str = "utc", now: float = BEGAN + 60, **told: Any
) -> str:
    call = span(**told)
    block = span_facts.facts(call, payload or Payload(), UsageTable(call, None), form, now)
    return "\n".join("".join(text for text, _ in row) for row in block.rows(80))


def test_a_call_is_told_in_full() -> None:
    text = shown(
        request_id="req_1",
        trace_id="t" * 32,
        parent_id="p1",
        session_id="chat-7",
        user_id="ann",
        agent="planner",
        provider="openai",
        response_model="gpt-4o-mini-2024-07-18",
        finish_reason="length",
        ttft=0.5,
        output_tokens=30,
    )
    for label, value in (
        ("started", "2026-06-01 12:00:00.000 UTC"),
        ("ended", "2026-06-01 12:00:02.000 UTC"),
        ("latency", "2.00s (2,000 ms)"),
        ("first token", "500ms"),
        ("speed", "20.0 tokens/s after the first"),
        ("asked for", "gpt-4o-mini"),
        ("answered by", "gpt-4o-mini-2024-07-18"),
        ("provider", "openai"),
        ("agent", "planner"),
        ("finish", "length"),
        ("request", "req_1"),
        ("parent", "p1"),
        ("trace", "t" * 32),
        ("session", "chat-7"),
        ("user", "ann"),
    ):
        assert f"{label:<11} {value}" in text, label


@pytest.mark.parametrize(
    ("told", "speed"),
    [
        ({"output_tokens": 30}, "15.0 tokens/s over all"),
        ({"output_tokens": 30, "ttft": 2.0}, "15.0 tokens/s over all"),
        (
            {"output_tokens": 30, "ttft": 0.5, "flags": int(ENDED | Flag.LOWER_BOUND)},
            "≥20.0 tokens",
        ),
        ({}, "–"),
        ({"output_tokens": 30, "end": BEGAN - 5}, "–"),
    ],
)
def test_speed_is_told_as_far_as_the_times_allow(told: dict[str, Any], speed: str) -> None:
    assert f"speed       {speed}" in shown(**told)


def test_a_running_call_has_a_clock_and_no_end() -> None:
    text = shown(now=BEGAN + 3, end=None, flags=int(Flag.OPENED))
    assert "running for 3.00s" in text
    assert "still running" in text
    assert "speed" not in text


def test_a_lost_call_has_no_end_and_says_why() -> None:
    text = shown(end=None, flags=int(Flag.OPENED | Flag.LOST))
    assert "ended       –" in text
    assert "given up as lost" in text


def test_times_can_be_relative() -> None:
    assert "started     60s ago (12:00:00.000)" in shown(form="relative")
    later = shown(form="relative", now=BEGAN + 86400 * 5)
    assert "started     5d ago (2026-06-01 12:00:00.000)" in later


def test_an_error_is_told_in_full_from_its_record() -> None:
    message = "word " * 300
    text = shown(
        Payload(error=message.strip()),
        status="error",
        error_type="RateLimitError",
        error_message=message[:50],
    )
    assert text.startswith("✗ error  RateLimitError")
    assert text.count("word") == 300


def test_parameters_and_retries_are_told() -> None:
    tools = [{"name": "look"}, {"name": "buy"}]
    asked = {"temperature": 0.2, "seed": "", "tools": tools, "prefix": "x" * 99}
    text = shown(Payload(parameters=asked, attributes={"attempts": 3}))
    assert 'seed        ""' in text
    assert "tools       2 items, among the attributes" in text
    assert "prefix      long, among the attributes" in text
    assert "temperature 0.2" in text
    assert "attempts    3" in text


def test_what_is_no_call_is_not_told_as_one() -> None:
    text = shown(operation="retrieval", name="find pages", model=None)
    assert "find pages" in text
    assert "retrieval" in text
    assert "Usage" not in text
    assert "asked for" not in text


def test_what_is_to_be_known_about_the_figures_is_said() -> None:
    assert "least what is shown" in shown(flags=int(ENDED | Flag.LOWER_BOUND), output_tokens=3)
    evicted = span()
    evicted.flags |= Flag.EVICTED
    block = span_facts.facts(evicted, Payload(), UsageTable(evicted, None), "utc", BEGAN)
    text = "\n".join("".join(part for part, _ in row) for row in block.rows(200))
    assert "no longer kept in memory" in text


def test_the_figures_at_a_glance() -> None:
    call = span(input_tokens=2900, output_tokens=41, ttft=0.5)
    told = span_facts.summary(call, BEGAN)
    assert told == "2.00s · first token 500ms · 2.9k → 41 tokens · unpriced"
