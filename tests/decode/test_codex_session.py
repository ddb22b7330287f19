"""The turns of Codex's sessions, and how their usage grows."""

from __future__ import annotations

import pytest

from tests.decode.codex_records import MODEL, SESSION, counted, event, item, meta, usage
from tests.decode.reading import read, said

BEGINNING = [meta(), MODEL, event(1, "user_message", message="List the files")]


def test_a_turn_with_a_name_of_its_own_is_one_however_often_something_is_said_in_it() -> None:
    told = read(
        meta(),
        MODEL,
        event(1, "task_started", turn_id="t1"),
        event(1, "user_message", message="Begin"),
        counted(2, usage(10, 1), usage(10, 1)),
        event(3, "user_message", message="And quickly"),
        counted(4, usage(30, 2), usage(20, 1)),
        event(5, "task_complete", turn_id="t1", duration_ms=4000, last_agent_message="Done."),
    )
    (turn,) = told.of("turn")
    assert turn.name == "Begin"
    assert turn.latency == pytest.approx(4.0)
    payload = told.payload(turn)
    assert said(payload.input) == [("user", "Begin"), ("user", "And quickly")]
    assert said(payload.output) == [("assistant", "Done.")]


def test_a_prompt_that_no_event_tells_begins_a_turn_and_what_the_client_adds_does_not() -> None:
    def spoken(second: float, text: str) -> dict[str, object]:
        return item(second, "message", role="user", content=[{"type": "input_text", "text": text}])

    told = read(
        meta(),
        MODEL,
        spoken(1, "<environment_context>…</environment_context>"),
        spoken(2, "# AGENTS.md instructions for /w"),
        spoken(3, "First"),
        counted(4, usage(10, 1), usage(10, 1)),
        spoken(5, "Second"),
        counted(6, usage(30, 2), usage(20, 1)),
    )
    assert told.tree(SESSION) == ["turn First", "  chat", "turn Second", "  chat"]


def test_what_the_client_says_as_the_user_is_no_turn() -> None:
    told = read(meta(), event(1, "user_message", message="…", kind="environment_context"))
    assert told.of("turn") == []


def test_a_turn_that_failed_says_why() -> None:
    failed = event(5, "task_complete", error={"message": "upstream failed"})
    (turn,) = read(*BEGINNING, failed).of("turn")
    assert turn.failure is not None
    assert turn.failure.message == "upstream failed"


def test_estimates_of_the_contexts_size_are_no_calls() -> None:
    estimate = {**usage(0, 0), "total_tokens": 9000}
    full = event(
        9, "token_count", info={"total_token_usage": estimate, "last_token_usage": estimate}
    )
    total, last = usage(250, 30), usage(150, 20)
    told = read(*BEGINNING, counted(2, total, last), counted(8, total, estimate), full)
    assert told.figures.calls == 1


def test_a_call_whose_own_usage_is_not_told_is_the_growth_of_the_total() -> None:
    totals = [
        event(second, "token_count", info={"total_token_usage": total})
        for second, total in ((2, usage(100, 10, 60)), (4, usage(250, 30, 160)), (6, usage(40, 4)))
    ]
    calls = read(meta(), MODEL, *totals).calls
    assert [(call.input_tokens, call.output_tokens) for call in calls] == [
        (100, 10),
        (150, 20),
        (40, 4),
    ]
    assert calls[1].cache is not None
    assert calls[1].cache.read == 100
