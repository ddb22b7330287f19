"""Codex's rollouts."""

from __future__ import annotations

import pytest

from tests.decode.codex_records import (
    MODEL,
    SESSION,
    counted,
    event,
    item,
    line,
    meta,
    old,
    usage,
)
from tests.decode.reading import Reading, read, said

FIRST = counted(3, usage(100, 10, 60, 4), usage(100, 10, 60, 4))
SECOND_TOTAL = usage(250, 30, 160, 4)
SECOND = counted(6, SECOND_TOTAL, usage(150, 20, 100))

SESSION_LINES = [
    meta(),
    MODEL,
    event(1, "user_message", message="List the files"),
    item(2, "function_call", name="shell", call_id="c1", arguments='{"command":["ls"]}'),
    FIRST,
    item(4, "function_call_output", call_id="c1", output='{"output":"a.txt","metadata":{}}'),
    item(5, "message", role="assistant", content=[{"type": "output_text", "text": "a.txt"}]),
    SECOND,
    event(7, "task_complete", duration_ms=6000, time_to_first_token_ms=800),
]


def test_each_growth_of_the_total_is_a_call() -> None:
    told = read(*SESSION_LINES)
    assert told.figures.calls == 2
    assert (told.figures.input_tokens, told.figures.output_tokens) == (250, 30)
    assert told.figures.cache_read_tokens == 160
    assert told.figures.reasoning_tokens == 4
    assert {call.series.model for call in told.calls} == {"gpt-5.5"}


def test_a_total_told_again_is_no_call() -> None:
    again = [event(8, "token_count", info=None, rate_limits={}), SECOND, SECOND]
    assert read(*SESSION_LINES, *again).figures.calls == 2


def test_a_fork_copies_its_parents_calls_which_count_once() -> None:
    told = Reading().lines(*SESSION_LINES)
    fork = "019a0000-0000-7000-8000-000000000002"
    third = counted(30, usage(300, 35), usage(50, 5))
    later = [dict(each, timestamp="2026-01-02T05:00:00.000Z") for each in SESSION_LINES[1:]]
    told.lines(meta(fork, forked_from_id=SESSION), *later, third, source=1)
    assert told.figures.calls == 3
    assert told.figures.input_tokens == 300


def test_a_fork_of_a_fork_is_known_by_the_lines_it_copied() -> None:
    told = Reading().lines(*SESSION_LINES)
    child, grandchild = f"{SESSION}-child", f"{SESSION}-grandchild"
    copied = [meta(child, forked_from_id=SESSION), *SESSION_LINES]
    told.lines(*copied, source=1)
    told.lines(meta(grandchild, forked_from_id=child), *copied, source=2)
    assert told.figures.calls == 2


def test_calls_have_no_latency_and_turns_have() -> None:
    told = read(*SESSION_LINES)
    assert told.figures.latency is None
    (turn,) = told.of("turn")
    assert turn.latency == pytest.approx(6.0)
    assert turn.ttft == pytest.approx(0.8)


def test_a_session_is_a_tree_of_turns_with_their_calls_and_tools() -> None:
    assert sorted(read(*SESSION_LINES).tree(SESSION)) == sorted(
        ["turn List the files", "  execute_tool shell", "  chat", "  chat"]
    )


def test_the_call_screen_shows_the_lines_before_the_count() -> None:
    told = read(*SESSION_LINES)
    first, second = (told.payload(call) for call in told.calls)
    assert first.output[0].tool_calls[0].name == "shell"
    assert said(second.input) == [("tool", '{"output":"a.txt","metadata":{}}')]
    assert said(second.output) == [("assistant", "a.txt")]
    assert second.attributes["input_tokens"] == 150


def test_a_tool_shows_its_arguments_and_its_output() -> None:
    told = read(*SESSION_LINES)
    (tool,) = told.of("execute_tool")
    assert tool.latency == pytest.approx(2.0)
    payload = told.payload(tool)
    assert "ls" in payload.input[0].text
    assert "a.txt" in payload.output[0].text


def test_a_subagents_session_stands_in_its_parents_trace() -> None:
    told = Reading().lines(*SESSION_LINES)
    spawned = {"thread_spawn": {"parent_thread_id": SESSION, "agent_nickname": "scout"}}
    told.lines(
        meta("child", source={"subagent": spawned}),
        MODEL,
        event(3, "user_message", message="Look around"),
        counted(4, usage(9, 1), usage(9, 1)),
        source=1,
    )
    assert told.figures.calls == 3
    tree = told.tree(SESSION)
    agent = tree.index("invoke_agent subagent scout")
    assert tree[agent + 1 : agent + 3] == ["  turn Look around", "    chat"]


def test_errors_and_abandoned_turns_are_shown() -> None:
    told = read(*SESSION_LINES[:5], event(9, "error", message="stream disconnected"))
    (error,) = told.of("other")
    assert error.failed
    assert error.latency is None
    told = read(*SESSION_LINES[:5], event(9, "turn_aborted", reason="interrupted"))
    assert told.of("turn")[0].status == "cancelled"


def test_the_first_versions_lines_are_known_and_have_no_times() -> None:
    told = read(
        {"id": SESSION, "timestamp": "2025-09-01T10:00:00Z", "instructions": None, "git": {}},
        {"record_type": "state"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
        {"type": "function_call", "call_id": "c", "name": "shell", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "{}"},
    )
    assert told.counts().rejected == 0
    assert told.calls == []
    assert told.of("turn")[0].name == "Hi"
    assert told.of("execute_tool")[0].latency is None


def test_a_message_without_a_type_is_known_by_its_role() -> None:
    asked = line("response_item", 1, {"role": "user", "content": [{"text": "Do it"}]})
    told = read(meta(), MODEL, asked, FIRST)
    assert said(told.payload(told.call).input) == [("user", "Do it")]


def test_a_subagents_session_stands_below_the_tool_that_started_it() -> None:
    started = event(3, "sub_agent_activity", event_id="c9", agent_thread_id="child", kind="started")
    spawn = item(2, "function_call", name="spawn_agent", call_id="c9", arguments="{}")
    child = [
        meta("child", parent_thread_id=SESSION, agent_nickname="scout"),
        MODEL,
        event(4, "user_message", message="Look around"),
        counted(5, usage(9, 1), usage(9, 1)),
    ]
    parent = [*SESSION_LINES[:3], spawn, started, *SESSION_LINES[3:]]
    for first, second in ((parent, child), (child, parent)):
        tree = Reading().lines(*first).lines(*second, source=1).tree(SESSION)
        at = tree.index("  execute_tool spawn_agent")
        assert tree[at + 1 : at + 4] == [
            "    invoke_agent subagent scout",
            "      turn Look around",
            "        chat",
        ]


def test_errors_name_their_kind() -> None:
    info = {"http_connection_failed": {"http_status_code": 503}}
    told = read(meta(), event(1, "error", message="No answer", codex_error_info=info))
    (error,) = told.of("other")
    assert error.failure is not None
    assert error.failure.type == "http_connection_failed"


def test_answers_that_both_an_event_and_an_item_tell_are_shown_once() -> None:
    content = [{"type": "output_text", "text": "a.txt"}]
    told = read(
        *SESSION_LINES[:6],
        event(4.5, "agent_reasoning", text="One file."),
        item(4.5, "reasoning", summary=[{"type": "summary_text", "text": "One file."}]),
        event(5, "agent_message", message="a.txt"),
        item(5, "message", role="assistant", content=content),
        SECOND,
    )
    answer = [("assistant", "[reasoning] One file."), ("assistant", "a.txt")]
    assert said(told.payload(told.calls[1]).output) == answer


def test_answers_that_only_events_tell_are_shown() -> None:
    told = read(*SESSION_LINES[:6], event(5, "agent_message", message="a.txt"), SECOND)
    assert said(told.payload(told.calls[1]).output) == [("assistant", "a.txt")]


def test_events_within_a_record_of_another_layer_are_read_too() -> None:
    def recorded(second: float, kind: str, **told: object) -> dict[str, object]:
        message = {"type": kind, **told}
        return line("event", second, {"id": "1", "event_seq": 3, "order": None, "msg": message})

    info = {"total_token_usage": usage(100, 10), "last_token_usage": usage(100, 10)}
    told = read(
        meta(),
        MODEL,
        recorded(1, "user_message", message="Go"),
        recorded(2, "token_count", info=info),
    )
    assert told.tree(SESSION) == ["turn Go", "  chat"]
    assert told.call.input_tokens == 100


def test_the_first_exec_stream_is_read() -> None:
    info = {"total_token_usage": usage(100, 10, 60), "last_token_usage": usage(100, 10, 60)}
    told = read(
        {"workdir": "/w", "model": "gpt-5", "provider": "openai", "sandbox": "read-only"},
        old("task_started", model_context_window=1000),
        old("exec_command_begin", call_id="c", command=["bash", "-lc", "ls"]),
        old("exec_command_end", call_id="c", exit_code=0, duration={"secs": 2, "nanos": 0}),
        old("agent_message", message="Done."),
        old("token_count", info=info),
        old("task_complete", last_agent_message="Done."),
    )
    assert (told.call.series.model, told.call.input_tokens) == ("gpt-5", 100)
    assert said(told.payload(told.call).output) == [("assistant", "Done.")]
    (tool,) = told.of("execute_tool")
    assert tool.name == "shell"
    assert tool.latency == pytest.approx(2.0)
    assert told.counts().rejected == 0


def test_the_first_counts_tell_each_call_alone_and_two_runs_share_none() -> None:
    run = [old("token_count", input_tokens=100, output_tokens=20)]
    told = Reading().lines(*run, *run).lines(*run, source=1)
    assert (told.figures.calls, told.figures.input_tokens) == (3, 300)


def test_a_record_with_values_of_the_wrong_kind_still_tells_the_rest() -> None:
    odd = counted(3, usage(100, 10), usage(100, 10))
    odd["payload"]["info"]["total_token_usage"]["output_tokens"] = "many"
    odd["payload"]["turn_id"] = {"a": 1}
    assert read(meta(), MODEL, odd).call.input_tokens == 100


def test_the_same_lines_tell_the_same_one_by_one_and_at_once() -> None:
    one_by_one = Reading()
    for record in SESSION_LINES:
        one_by_one.lines(record)
    documents = Reading()
    for record in SESSION_LINES:
        documents.document(record)
    at_once = read(*SESSION_LINES)
    for other in (one_by_one, documents):
        assert other.figures == at_once.figures
        assert sorted(other.tree(SESSION)) == sorted(at_once.tree(SESSION))
