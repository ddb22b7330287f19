"""The turns of Codex's sessions, and how their usage grows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.codex_records import MODEL, SESSION, counted, event, item, line, meta, usage
from tests.decode.reading import Reading, read, said

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


PARENT = [
    *BEGINNING,
    counted(2, usage(100, 10), usage(100, 10)),
    counted(3, usage(250, 30), usage(150, 20)),
]


def spawned(second: float, session: str, *lines: dict[str, Any]) -> list[dict[str, Any]]:
    """A subagent's file, which began at a moment."""
    source = {"subagent": {"thread_spawn": {"parent_thread_id": SESSION, "depth": 1}}}
    payload = {"id": session, "session_id": SESSION, "source": source}
    return [line("session_meta", second, payload), MODEL, *lines]


def test_a_subagent_that_begins_with_its_parents_lines_counts_only_its_own() -> None:
    own = [
        event(12, "task_started", turn_id="own"),
        event(12, "user_message", message="Scout"),
        counted(15, usage(330, 35), usage(80, 5)),
    ]
    as_they_were = spawned(10, "child", *PARENT[2:], *own)
    made_anew = [{**each, "timestamp": "2026-01-02T03:04:10.100Z"} for each in PARENT[2:]]
    for child in (as_they_were, spawned(10, "child", *made_anew, *own)):
        for first, second in ((PARENT, child), (child, PARENT)):
            told = Reading().lines(*first).lines(*second, source=1)
            assert (told.figures.calls, told.figures.input_tokens) == (3, 330)
            tree = told.tree(SESSION)
            at = tree.index("invoke_agent subagent child")
            assert tree[at + 1 : at + 3] == ["  turn Scout", "    chat"]


def test_subagents_whose_calls_are_alike_are_told_apart() -> None:
    alike = counted(15, usage(100, 10), usage(100, 10))
    told = Reading().lines(*PARENT)
    told.lines(*spawned(10, "one", alike), source=1).lines(*spawned(10, "two", alike), source=2)
    assert told.figures.calls == 4


def test_subagents_of_subagents_stand_in_the_trace_of_the_first_session() -> None:
    source = {"subagent": {"thread_spawn": {"parent_thread_id": "child", "depth": 2}}}
    payload = {"id": "grandchild", "session_id": SESSION, "source": source}
    told = read(line("session_meta", 1, payload), MODEL, counted(5, usage(9, 1), usage(9, 1)))
    assert told.call.trace_id == SESSION


def recorded(second: float, response: str, used: dict[str, int], **told: Any) -> dict[str, Any]:
    payload = {"thread_id": SESSION, "response_id": response, "usage": used, **told}
    return line("token_usage_record", second, payload)


def test_records_of_usage_are_calls() -> None:
    told = read(*BEGINNING, *(recorded(n, f"resp_{n}", usage(90, 9, 60)) for n in (2, 3, 3)))
    assert (told.figures.calls, told.figures.input_tokens) == (2, 180)
    assert told.figures.cache_read_tokens == 120


def test_a_call_that_both_a_record_and_a_total_tell_counts_once() -> None:
    first, second = usage(100, 10), usage(150, 20)
    totals = [counted(2, first, first), counted(3, usage(250, 30), second)]
    plain = [recorded(2, "r1", first), recorded(3, "r2", second)]
    summed = [
        recorded(2, "r1", first, thread_token_usage=first),
        recorded(3, "r2", second, thread_token_usage=usage(250, 30)),
    ]
    for records in (plain, summed):
        for pairs in (zip(records, totals, strict=True), zip(totals, records, strict=True)):
            told = read(*BEGINNING, *(each for pair in pairs for each in pair))
            assert (told.figures.calls, told.figures.input_tokens) == (2, 250)


def test_turns_and_tools_of_the_newest_versions_are_told_by_completed_items() -> None:
    def completed(second: float, kind: str, **told: Any) -> dict[str, Any]:
        return event(
            second, "item_completed", item={"type": kind, **told},
            started_at_ms=1767323043000, completed_at_ms=1767323045500,
        )  # fmt: skip

    content = [{"type": "input_text", "text": "Run the tests"}]
    told = read(
        meta(),
        MODEL,
        event(1, "task_started", turn_id="t1"),
        item(1, "message", role="user", content=content),
        completed(1, "UserMessage", id="u1", content=[{"type": "text", "text": "Run the tests"}]),
        item(2, "function_call", name="exec_command", call_id="c1", arguments="{}"),
        item(5, "function_call_output", call_id="c1", output="1 failing"),
        completed(
            5, "CommandExecution", id="c1", command=["npm", "test"], status="failed", exit_code=1,
            aggregated_output="1 failing",
        ),
        completed(6, "McpToolCall", id="c2", server="docs", tool="find", status="completed"),
        recorded(7, "r1", usage(90, 9)),
        event(8, "task_complete", turn_id="t1", last_agent_message="One fails."),
    )  # fmt: skip
    assert told.tree(SESSION) == [
        "turn Run the tests",
        "  execute_tool exec_command",
        "  execute_tool docs.find",
        "  chat",
    ]
    command = told.of("execute_tool")[0]
    assert command.latency == pytest.approx(2.5)
    assert command.failure is not None
    assert command.failure.message == "exit code 1"
    assert said(told.payload(command).output) == [("tool", "1 failing")]
    (turn,) = told.of("turn")
    assert said(told.payload(turn).input) == [("user", "Run the tests")]


def test_what_another_agent_says_is_the_prompt_of_a_turn_that_has_none() -> None:
    content = [{"type": "input_text", "text": "Look around"}]
    told = read(
        *spawned(0, "child"),
        event(2, "task_started", turn_id="t1"),
        item(2, "agent_message", author="/root", content=content),
        counted(5, usage(9, 1), usage(9, 1)),
        event(6, "task_complete", turn_id="t1"),
        line("inter_agent_communication", 7, {"author": "/root", "content": "And there"}),
        event(8, "task_started", turn_id="t2"),
        counted(9, usage(20, 2), usage(11, 1)),
    )
    assert [turn.name for turn in told.of("turn")] == ["Look around", "And there"]
    assert said(told.payload(told.calls[0]).input) == [("user", "Look around")]
