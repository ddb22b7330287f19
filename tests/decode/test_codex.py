"""Codex's rollouts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.reading import Reading, read, said

SESSION = "019a0000-0000-7000-8000-000000000001"


def line(kind: str, second: float, payload: dict[str, Any]) -> dict[str, Any]:
    return {"timestamp": f"2026-01-02T03:04:{second:06.3f}Z", "type": kind, "payload": payload}


def meta(session: str = SESSION, **told: Any) -> dict[str, Any]:
    return line("session_meta", 0, {"id": session, "model_provider": "openai", **told})


def event(second: float, kind: str, **told: Any) -> dict[str, Any]:
    return line("event_msg", second, {"type": kind, **told})


def item(second: float, kind: str, **told: Any) -> dict[str, Any]:
    return line("response_item", second, {"type": kind, **told})


def usage(sent: int, output: int, cached: int = 0, reasoning: int = 0) -> dict[str, int]:
    return {
        "input_tokens": sent,
        "cached_input_tokens": cached,
        "output_tokens": output,
        "reasoning_output_tokens": reasoning,
        "total_tokens": sent + output,
    }


def counted(second: float, total: dict[str, int], last: dict[str, int]) -> dict[str, Any]:
    info = {"total_token_usage": total, "last_token_usage": last}
    return event(second, "token_count", info=info)


MODEL = line("turn_context", 0, {"model": "gpt-5.5"})
FIRST = counted(3, usage(100, 10, 60, 4), usage(100, 10, 60, 4))
SECOND = counted(6, usage(250, 30, 160, 4), usage(150, 20, 100))

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


@pytest.mark.parametrize(
    ("output", "failed"),
    [
        ('{"output":"no","metadata":{"exit_code":2}}', True),
        ('{"output":"yes","metadata":{"exit_code":0}}', False),
        ('{"output":"' + "long " * 500 + '","metadata":{"exit_code":1}}', True),
        ({"content": "no", "success": False}, True),
        ("Exit code: 1\nWall time: 0.1 seconds\nOutput:\nno", True),
        ("Exit code: 0\nWall time: 0.1 seconds\nOutput:\nyes", False),
        ("the exit is to the left", False),
    ],
)
def test_a_tool_with_an_exit_code_failed(output: object, failed: bool) -> None:
    told = read(*SESSION_LINES[:5], item(5, "function_call_output", call_id="c1", output=output))
    assert told.of("execute_tool")[0].failed is failed


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


def test_the_stream_of_codex_exec_tells_a_call_a_turn() -> None:
    told = read(
        {"type": "thread.started", "thread_id": "t"},
        {"type": "turn.started"},
        {"type": "item.completed", "item": {"type": "agent_message", "text": "hi"}},
        {"type": "turn.completed", "usage": usage(40, 6, 10)},
    )
    assert (told.figures.calls, told.figures.input_tokens) == (1, 40)
    assert told.figures.cache_read_tokens == 10


def test_a_message_without_a_type_is_known_by_its_role() -> None:
    asked = line("response_item", 1, {"role": "user", "content": [{"text": "Do it"}]})
    told = read(meta(), MODEL, asked, FIRST)
    assert said(told.payload(told.call).input) == [("user", "Do it")]


def test_the_call_screen_shows_what_codex_exec_tells_of_a_turn() -> None:
    command = {"id": "i1", "type": "command_execution", "command": "ls", "aggregated_output": "a"}
    told = read(
        {"type": "thread.started", "thread_id": "t"},
        {"type": "turn.started"},
        {"type": "item.completed", "item": command},
        {"type": "item.completed", "item": {"id": "i2", "type": "agent_message", "text": "One."}},
        {"type": "turn.completed", "usage": {"input_tokens": 100, "output_tokens": 7}},
    )
    payload = told.payload(told.call)
    assert said(payload.input) == [("tool", "a")]
    assert [each.text for each in payload.output] == ["", "One."]
    assert payload.output[0].tool_calls[0].arguments == "ls"
