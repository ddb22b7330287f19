"""What is a call to a language model, and what only looks like one."""

from __future__ import annotations

from typing import Any

import pytest

from llmtop.decode.generic_evidence import OF_SEVERAL, UNANSWERED, UNSURE
from tests.decode.reading import read

AT = "2026-01-02T03:04:05Z"


@pytest.mark.parametrize(
    "line",
    [
        {"model": "gpt-4o", "latency_ms": 5},
        {"model": "my-model-7b", "latency_ms": 5},
        {"model": "org/Some-Model", "elapsed": 0.5},
        {"model": "Claude 3.5 Sonnet", "duration": 2.5},
        {"model": "anything", "prompt": "Hi", "response": "Hello"},
        {"model": "anything", "messages": [{"role": "user", "content": "Hi"}]},
        {"model": "anything", "event": "llm_call", "duration": 1.5},
        {"model": "anything", "input_tokens": 5},
        {"model": "anything", "latency": 0.5},
        {"method": "POST", "path": "/v1/chat/completions", "model": "gpt-4o", "status": 200,
         "duration_ms": 812},
        {"event": "llm_call_failed", "model": "gpt-4o", "status": 500},
    ],
    ids=str,
)  # fmt: skip
def test_calls(line: dict[str, Any]) -> None:
    assert read(line).figures.calls == 1


@pytest.mark.parametrize(
    "line",
    [
        {"model": "auth.user", "pk": 1, "fields": {"name": "x", "content": "hello"}},
        {"model": "Model 3", "price": 40000, "year": 2020},
        {"model": "iPhone14,2", "os": "ios", "duration": 3.5},
        {"device": {"model": "gpt-4o"}, "duration": 3.5},
        {"model": "resnet50", "epoch": 3, "loss": 0.5, "duration": 33.5},
        {"model": "user", "action": "saved", "elapsed_ms": 5, "table": "users"},
        {"model": "thermo-2", "temperature": 21, "status": "ok"},
        {"method": "GET", "path": "/users", "status": 200, "duration": 0.5, "request_id": "r"},
        {"status": "ok", "model": "gpt-4o", "uptime": 5},
        {"message": "Model loaded", "model": "llama-3-8b", "duration": 33.5},
        {"event": "llm_config", "model": "gpt-4o", "temperature": 0.5, "max_tokens": 100},
        {"event": "tool_call", "tool": "search", "duration_ms": 12},
        {"request_id": "r", "price": 30, "status": "ok"},
        {"request_id": "r", "model": "User", "event": "saved"},
    ],
    ids=str,
)
def test_other_things_that_have_a_model_or_a_duration_are_no_calls(line: dict[str, Any]) -> None:
    told = read({**line, "timestamp": AT})
    assert told.spans == []
    assert told.counts().format is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"event": "saved", "model": "User", "duration": 0.5}, UNSURE),
        ({"model": "gpt-4o", "calls": 12, "total_tokens": 12000, "total_cost": 1.5}, OF_SEVERAL),
        ({"model": "gpt-4o", "stats": {"llm_calls": 3}, "input_tokens": 900}, OF_SEVERAL),
        ({"event": "llm_start", "model": "gpt-4o", "prompt": "Hi", "timestamp": AT}, UNANSWERED),
    ],
    ids=["a table", "sums", "sums within", "an opening without an id"],
)
def test_what_might_be_taken_for_a_call_is_rejected_with_the_reason(
    line: dict[str, Any], reason: str
) -> None:
    told = read(line)
    assert told.spans == []
    assert [each.reason for each in told.decoder.rejects] == [reason]


def test_one_call_is_no_sum() -> None:
    assert read({"model": "gpt-4o", "llm_calls": 1, "input_tokens": 9}).figures.calls == 1


def test_an_opening_and_an_end_without_an_id_are_one_call() -> None:
    told = read(
        {"event": "llm_start", "model": "gpt-4o", "prompt": "Hi", "timestamp": AT},
        {"event": "llm_end", "model": "gpt-4o", "output_tokens": 3, "timestamp": AT},
    )
    assert told.figures.calls == 1
