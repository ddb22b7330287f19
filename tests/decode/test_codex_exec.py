"""The stream of `codex exec --json`."""

from __future__ import annotations

from typing import Any

from tests.decode.codex_records import ran, usage
from tests.decode.reading import Reading, read, said

THREAD = {"type": "thread.started", "thread_id": "t"}
TURN = {"type": "turn.started"}


def completed(sent: int, output: int, cached: int = 0) -> dict[str, Any]:
    return {"type": "turn.completed", "usage": usage(sent, output, cached)}


def test_the_stream_of_codex_exec_tells_a_call_a_turn() -> None:
    told = read(
        {"type": "thread.started", "thread_id": "t"},
        {"type": "turn.started"},
        {"type": "item.completed", "item": {"type": "agent_message", "text": "hi"}},
        {"type": "turn.completed", "usage": usage(40, 6, 10)},
    )
    assert (told.figures.calls, told.figures.input_tokens) == (1, 40)
    assert told.figures.cache_read_tokens == 10


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


def test_commands_are_tools_with_their_outcome() -> None:
    command: dict[str, Any] = {"command": "ls", "aggregated_output": "", "exit_code": None}
    told = read(
        THREAD,
        TURN,
        ran("started", "command_execution", **command, status="in_progress"),
        ran(
            "completed", "command_execution", command="ls", aggregated_output="no",
            exit_code=2, status="failed",
        ),
        ran("started", "command_execution", 2, **command, status="in_progress"),
        completed(10, 1),
    )  # fmt: skip
    failed, running = told.of("execute_tool")
    assert (failed.name, failed.status, failed.running) == ("shell", "error", False)
    assert failed.failure is not None
    assert failed.failure.message == "exit code 2"
    assert running.running
    payload = told.payload(failed)
    assert said(payload.input) == [("tool", "ls")]
    assert said(payload.output) == [("tool", "no")]
    assert payload.attributes["exit_code"] == 2


def test_other_items_are_tools_too_and_thoughts_are_none() -> None:
    told = read(
        THREAD,
        TURN,
        ran("completed", "reasoning", 0, text="Hm"),
        ran("completed", "todo_list", 1, items=[]),
        ran(
            "completed", "mcp_tool_call", 2, server="docs", tool="search", arguments={},
            result=None, error={"message": "boom"}, status="failed",
        ),
        ran("completed", "file_change", 3, changes=[{"path": "a", "kind": "add"}]),
        ran("completed", "web_search", 4, query="x"),
        completed(10, 1),
    )  # fmt: skip
    tools = told.of("execute_tool")
    assert [tool.name for tool in tools] == ["docs.search", "apply_patch", "web_search"]
    assert tools[0].failure is not None
    assert tools[0].failure.message == "boom"
    assert {tool.parent_id for tool in tools} == {told.of("turn")[0].span_id}


def test_the_usage_of_a_later_turn_is_what_the_thread_used_since() -> None:
    told = read(THREAD, TURN, completed(1000, 50, 800), THREAD, TURN, completed(2300, 90, 1900))
    assert [call.input_tokens for call in told.calls] == [1000, 1300]
    assert told.figures.output_tokens == 90
    assert told.figures.cache_read_tokens == 1900


def test_another_thread_counts_from_zero() -> None:
    other = {"type": "thread.started", "thread_id": "other"}
    told = read(THREAD, TURN, completed(1000, 50), other, TURN, completed(2300, 90))
    assert told.figures.input_tokens == 3300
    assert {call.trace_id for call in told.calls} == {"t", "other"}


def test_items_are_numbered_from_zero_in_each_run() -> None:
    ls = ran("completed", "command_execution", 0, command="ls", exit_code=0)
    told = read(THREAD, TURN, ls, completed(10, 1), THREAD, TURN, ls, completed(20, 2))
    assert len(told.of("execute_tool")) == 2


def test_a_turn_that_failed_says_why_and_errors_are_shown() -> None:
    told = read(
        THREAD,
        TURN,
        {"type": "error", "message": "Reconnecting… 1/5"},
        {"type": "turn.failed", "error": {"message": "stream disconnected: 503"}},
    )
    assert told.counts().rejected == 0
    (turn,) = told.of("turn")
    assert turn.failure is not None
    assert turn.failure.message == "stream disconnected: 503"
    errors = told.of("other")
    assert [error.failure and error.failure.message for error in errors] == [
        "Reconnecting… 1/5",
        "stream disconnected: 503",
    ]


def test_an_error_of_another_format_is_not_taken_for_codexs() -> None:
    told = Reading().lines({"type": "error", "message": "x", "model": "m"})
    assert told.counts().format is None
